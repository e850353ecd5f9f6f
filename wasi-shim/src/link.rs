//! The glue between the engine's linker and the functions of [`preview1`](crate::preview1).
//!
//! Owns nothing but conversions: the integers of a wasm call to those of a function, the caller's exported
//! `memory` to a [`GuestMemory`], an error number to the call's result, and the program's end to an error of
//! type [`I32Exit`]. What is registered follows from one table, so names and types are written once.

use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result as Reply};
use crate::guest::GuestMemory;
use crate::preview1::{self, I32Exit, Stop};
use crate::types::Abi;
use anyhow::{Result, bail};
use engine::{Caller, Linker};

/// Defines all functions of `wasi_snapshot_preview1`, and those of `wasi_unstable`, in a linker. `get` finds
/// the context in the data of a store.
///
/// A program that ends itself makes the call into it fail with an error whose root is an [`I32Exit`].
///
/// # Errors
/// If the linker has one of the names already.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: fn(&mut T) -> &WasiCtx,
) -> Result<()> {
    macro_rules! register {
        ($($kind:ident $(($twin:ident))? $name:ident($($ty:ident),*);)*) => {
            $(register!(@ $kind $(($twin))? $name($($ty),*));)*
        };
        (@ both $name:ident($($ty:ident),*)) => {
            register!(@@ Preview1 $name = $name($($ty),*));
            register!(@@ Unstable $name = $name($($ty),*));
        };
        (@ differs($twin:ident) $name:ident($($ty:ident),*)) => {
            register!(@@ Preview1 $name = $name($($ty),*));
            register!(@@ Unstable $name = $twin($($ty),*));
        };
        (@ newer $name:ident($($ty:ident),*)) => {
            register!(@@ Preview1 $name = $name($($ty),*));
        };
        (@@ $abi:ident $name:ident = $f:ident($($ty:ident),*)) => {
            register!(@named $abi $name $f [] [a b c d e g h i j] $($ty)*)
        };
        // Gives each type in turn the next name, for the closure's parameters.
        (@named $abi:ident $name:ident $f:ident [$($done:ident)*] [$next:ident $($left:ident)*] $ty:ident $($tys:ident)*) => {
            register!(@named $abi $name $f [$($done)* $next $ty] [$($left)*] $($tys)*)
        };
        (@named $abi:ident $name:ident $f:ident [$($arg:ident $ty:ident)*] [$($left:ident)*]) => {
            linker.func_wrap(
                Abi::$abi.module_name(),
                stringify!($name),
                move |mut caller: Caller<'_, T>, $($arg: $ty),*| -> Result<i32> {
                    answer(&mut caller, get, |ctx, memory| preview1::$f(ctx, memory $(, $arg as _)*))
                },
            )?;
        };
    }
    for_each_function!(register);

    for abi in [Abi::Preview1, Abi::Unstable] {
        let exit = move |mut caller: Caller<'_, T>, status: i32| -> Result<()> {
            Err(with_memory(&mut caller, get, |ctx, memory| {
                preview1::proc_exit(ctx, memory, status as u32)
            })
            .into())
        };
        linker.func_wrap(abi.module_name(), "proc_exit", exit)?;
        let raise = move |mut caller: Caller<'_, T>, signal: i32| -> Result<i32> {
            let raised = |ctx: &WasiCtx, memory: &mut GuestMemory<'_>| {
                preview1::proc_raise(ctx, memory, signal as u32)
            };
            match with_memory(&mut caller, get, raised) {
                Ok(()) => Ok(Errno::SUCCESS.raw().into()),
                Err(Stop::Errno(errno)) => Ok(errno.raw().into()),
                Err(Stop::Exit(exit)) => Err(exit.into()),
            }
        };
        linker.func_wrap(abi.module_name(), "proc_raise", raise)?;
    }
    Ok(())
}

/// The status a call ended with, if it failed because the program ended itself.
pub fn exit_status(error: &anyhow::Error) -> Option<i32> {
    error.downcast_ref::<I32Exit>().map(|exit| exit.0)
}

/// Calls a function on the caller's memory, or on an empty one if the caller exports none: functions that
/// need no memory work without it.
fn with_memory<T, R>(
    caller: &mut Caller<'_, T>,
    get: fn(&mut T) -> &WasiCtx,
    function: impl FnOnce(&WasiCtx, &mut GuestMemory<'_>) -> R,
) -> R {
    match caller
        .get_export("memory")
        .and_then(engine::Extern::into_memory)
    {
        Some(memory) => {
            let (bytes, data) = memory.data_and_store_mut(caller);
            function(get(data), &mut GuestMemory::new(bytes))
        }
        None => function(get(caller.data_mut()), &mut GuestMemory::new(&mut [])),
    }
}

/// The call's result: an error number, or an error for the embedder if no call of the program could ever
/// succeed.
fn answer<T>(
    caller: &mut Caller<'_, T>,
    get: fn(&mut T) -> &WasiCtx,
    function: impl FnOnce(&WasiCtx, &mut GuestMemory<'_>) -> Reply<()>,
) -> Result<i32> {
    match with_memory(caller, get, function) {
        Ok(()) => Ok(Errno::SUCCESS.raw().into()),
        Err(Errno::FAULT)
            if caller
                .get_export("memory")
                .and_then(engine::Extern::into_memory)
                .is_none() =>
        {
            bail!("the module calls WASI functions but exports no memory named \"memory\"")
        }
        Err(errno) => Ok(errno.raw().into()),
    }
}
