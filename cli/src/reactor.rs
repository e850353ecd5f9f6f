//! Reactors: modules without `_start`, whose `_initialize` is called before their other functions.

use crate::errors::shown_os;
use anyhow::{Result, bail};
use lazywasm::{AsContextMut, ExternType, FuncType, Instance, Module};
use std::path::Path;

/// The type of a reactor's `_initialize`, which must be called before its other functions. A command has
/// none: its `_start` initializes it.
pub fn initializer(module: &Module) -> Option<FuncType> {
    match (
        module.get_export("_start"),
        module.get_export("_initialize"),
    ) {
        (None, Some(ExternType::Func(ty))) => Some(ty),
        _ => None,
    }
}

/// Checks that a reactor's `_initialize` can be called.
///
/// # Errors
/// If it takes or returns something.
pub fn check_initializer(module: &Module, file: &Path) -> Result<()> {
    initializer(module).map_or(Ok(()), |ty| check_plain("_initialize", file, &ty))
}

/// Calls a reactor's `_initialize`.
///
/// # Errors
/// If it traps or exits.
pub fn initialize(
    instance: &Instance,
    module: &Module,
    mut store: impl AsContextMut,
) -> Result<()> {
    if initializer(module).is_some()
        && let Some(initialize) = instance.get_func(&mut store, "_initialize")
    {
        initialize.call(&mut store, &[], &mut [])?;
    }
    Ok(())
}

/// Checks that a function takes nothing and returns nothing.
///
/// # Errors
/// If it has another type.
pub fn check_plain(name: &str, file: &Path, ty: &FuncType) -> Result<()> {
    if ty.params().len() > 0 || ty.results().len() > 0 {
        bail!(
            "`{name}` of {} has the type {ty}; a program's takes nothing and returns nothing",
            shown_os(file)
        );
    }
    Ok(())
}
