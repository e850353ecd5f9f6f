//! What to do with loaded modules: which function is called with which arguments, checked before anything runs.

use crate::errors::shown_os;
use crate::invoke;
use crate::load::Loaded;
use crate::options::Options;
use anyhow::{Context, Error, Result, anyhow, bail};
use lazywasm::{ExternType, FuncType, Instance, Linker, Module, Store, Val, shown_name};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use wasi_shim::WasiCtx;

/// The arguments after the file.
pub struct Arguments<'a> {
    /// Those of the function of `--invoke`: as many as it takes, if there are so many.
    pub functions: &'a [OsString],
    /// Those of the program.
    pub programs: &'a [OsString],
}

impl Arguments<'_> {
    /// Parts `given` by the type of the function that is to be called, if it is one.
    pub fn of<'a>(loaded: &[Loaded], options: &Options, given: &'a [OsString]) -> Arguments<'a> {
        let program = loaded.last().expect("the program itself is loaded");
        let invoked = options.invoke.as_ref();
        let ty = invoked.and_then(|name| program.module.get_export(name));
        let taken = match ty {
            Some(ExternType::Func(ty)) => ty.params().len().min(given.len()),
            _ => 0,
        };
        let (functions, programs) = given.split_at(taken);
        Arguments {
            functions,
            programs,
        }
    }
}

/// What to do once everything is there: checked as far as it can be without running anything.
pub struct Task {
    pub loaded: Vec<Loaded>,
    /// None for a module that has done all when it is instantiated: a reactor that is to call nothing, or one that has
    /// a start function only.
    call: Option<Call>,
}

/// A call of one of the program's exports.
struct Call {
    function: String,
    arguments: Vec<Val>,
    results: usize,
    /// Whether the results are what the user asked for.
    print: bool,
}

impl Task {
    pub fn new(loaded: Vec<Loaded>, options: &Options, given: &Arguments<'_>) -> Result<Task> {
        for Loaded { file, module, .. } in &loaded {
            if let Some(ty) = initializer(module) {
                check_plain("_initialize", file, &ty)?;
            }
        }
        let program = loaded.last().expect("the program itself is loaded");
        let asked = options.invoke.is_some();
        let name = options.invoke.as_deref().unwrap_or("_start");
        let ty = match program.module.get_export(name) {
            Some(ExternType::Func(ty)) => ty,
            Some(other) => {
                bail!(
                    "the export `{}` of {} is not a function but a {other}",
                    shown_name(name),
                    shown_os(&program.file)
                )
            }
            None if !asked && does_all_at_start(&program.module) => {
                return Ok(Task { loaded, call: None });
            }
            None => return Err(no_function(program, name, asked)),
        };
        let arguments = if asked {
            if !given.programs.is_empty() && !loaded.iter().any(Loaded::reads_arguments) {
                let all = given.functions.len() + given.programs.len();
                return Err(invoke::wrong_number(name, &ty, all).into());
            }
            invoke::arguments(name, &ty, given.functions)?
        } else {
            check_plain(name, &program.file, &ty)?;
            Vec::new()
        };
        let call = Call {
            function: name.to_string(),
            arguments,
            results: ty.results().len(),
            print: asked,
        };
        let call = Some(call);
        Ok(Task { loaded, call })
    }

    /// Instantiates everything in order, calls, prints; the status to exit with.
    pub fn start(self, mut linker: Linker<WasiCtx>, store: &mut Store<WasiCtx>) -> Result<i32> {
        let mut program: Option<Instance> = None;
        for Loaded { name, module, .. } in &self.loaded {
            let instance = linker.instantiate(&mut *store, module)?;
            let asked_for = |call: &Call| name.is_none() && call.function == "_initialize";
            if initializer(module).is_some()
                && !self.call.as_ref().is_some_and(asked_for)
                && let Some(initialize) = instance.get_func(&mut *store, "_initialize")
            {
                initialize.call(&mut *store, &[], &mut [])?;
            }
            if let Some(name) = name {
                linker.instance(&mut *store, name, instance)?;
            }
            program = Some(instance);
        }
        let Some(call) = self.call else {
            return Ok(0);
        };
        let function = program
            .and_then(|program| program.get_func(&mut *store, &call.function))
            .ok_or_else(|| anyhow!("the export `{}` is gone", shown_name(&call.function)))?;
        let mut results = vec![Val::I32(0); call.results];
        function.call(&mut *store, &call.arguments, &mut results)?;
        if call.print {
            print(&results)?;
        }
        Ok(0)
    }
}

/// The type of a module's own start-up, to be called before anything else of it. A command's is `_start` itself.
fn initializer(module: &Module) -> Option<FuncType> {
    match (
        module.get_export("_start"),
        module.get_export("_initialize"),
    ) {
        (None, Some(ExternType::Func(ty))) => Some(ty),
        _ => None,
    }
}

/// Whether instantiating a module, and initializing it, is a program of its own.
fn does_all_at_start(module: &Module) -> bool {
    module.has_start() || initializer(module).is_some()
}

/// Checks the type of what is called without arguments and for no result.
fn check_plain(name: &str, file: &Path, ty: &FuncType) -> Result<()> {
    if ty.params().len() > 0 || ty.results().len() > 0 {
        bail!(
            "`{name}` of {} has the type {ty}; a program's takes nothing and returns nothing",
            shown_os(file)
        );
    }
    Ok(())
}

fn no_function(program: &Loaded, name: &str, asked: bool) -> Error {
    let offered: Vec<String> = program
        .module
        .exports()
        .filter(|export| matches!(export.ty(), ExternType::Func(_)))
        .map(|export| shown_name(export.name()))
        .collect();
    let (file, name) = (shown_os(&program.file), shown_name(name));
    let what = match asked {
        true => format!("{file} has no exported function `{name}`"),
        false => format!("{file} is not a program: it exports no function `_start`"),
    };
    match (offered.as_slice(), asked) {
        ([], _) => anyhow!("{what}, nor any other function"),
        (names, true) => anyhow!("{what}; it has: {}", names.join(", ")),
        (names, false) => {
            anyhow!(
                "{what}; choose a function with --invoke, of: {}",
                names.join(", ")
            )
        }
    }
}

/// Prints results, one a line. A reader that went away is no error.
fn print(results: &[Val]) -> Result<()> {
    let mut out = io::stdout().lock();
    for result in results {
        match writeln!(out, "{}", invoke::show(result)) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            other => other.context("cannot write to standard output")?,
        }
    }
    Ok(())
}
