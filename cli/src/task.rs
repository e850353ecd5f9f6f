//! What to run: which function of the loaded modules is called and with which arguments. Everything that can
//! be checked before anything runs is checked when the [`Task`] is made; [`Task::start`] then instantiates
//! and calls.

use crate::errors::shown_os;
use crate::invoke;
use crate::lazy::LazyModules;
use crate::load::Loaded;
use crate::options::Options;
use crate::reactor::{check_initializer, check_plain, initialize, initializer};
use anyhow::{Context, Error, Result, anyhow, bail};
use lazywasm::{ExternType, Instance, Linker, Module, Store, Val, shown_name};
use std::ffi::OsString;
use std::io::{self, Write};
use wasi_shim::WasiCtx;

/// The arguments after the file, split between two receivers.
pub struct Arguments<'a> {
    /// Arguments of the function of `--invoke`: as many as it takes, or fewer if there are fewer.
    pub function: &'a [OsString],
    /// Arguments of the program.
    pub program: &'a [OsString],
}

impl Arguments<'_> {
    /// Splits `given` by the type of the function that will be called, if the export is a function.
    pub fn of<'a>(loaded: &[Loaded], options: &Options, given: &'a [OsString]) -> Arguments<'a> {
        let program = loaded.last().expect("the program itself is loaded");
        let invoked = options.invoke.as_ref();
        let ty = invoked.and_then(|name| program.module.get_export(name));
        let taken = match ty {
            Some(ExternType::Func(ty)) => ty.params().len().min(given.len()),
            _ => 0,
        };
        let (function, program) = given.split_at(taken);
        Arguments { function, program }
    }
}

/// What to run, checked as far as possible without running anything.
pub struct Task {
    pub loaded: Vec<Loaded>,
    /// `None` if instantiating the program is all: it is a reactor, and no function of it was asked for, or
    /// it has only a start function.
    call: Option<Call>,
}

/// A call of one of the program's exports.
struct Call {
    function: String,
    arguments: Vec<Val>,
    results: usize,
    /// Whether the results are printed: the user asked for this function.
    print: bool,
}

impl Task {
    /// Finds the function to call and parses its arguments.
    ///
    /// # Errors
    /// If there is no such function, or its type or the arguments do not fit.
    pub fn new(loaded: Vec<Loaded>, options: &Options, given: &Arguments<'_>) -> Result<Task> {
        for Loaded { file, module, .. } in &loaded {
            check_initializer(module, file)?;
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
            None if !asked && runs_when_instantiated(&program.module) => {
                return Ok(Task { loaded, call: None });
            }
            None => return Err(no_function(program, name, asked)),
        };
        let arguments = if asked {
            if !given.program.is_empty() && !loaded.iter().any(Loaded::reads_arguments) {
                let all = given.function.len() + given.program.len();
                return Err(invoke::wrong_number(name, &ty, all).into());
            }
            invoke::arguments(name, &ty, given.function)?
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

    /// Instantiates all modules in order, calls the function and prints its results; returns the exit status.
    ///
    /// # Errors
    /// If the program traps or exits, or its results cannot be printed.
    pub fn start(
        self,
        mut linker: Linker<WasiCtx>,
        lazy: Option<&LazyModules>,
        store: &mut Store<WasiCtx>,
    ) -> Result<i32> {
        let mut program: Option<Instance> = None;
        for Loaded { name, module, .. } in &self.loaded {
            if let Some(lazy) = lazy {
                lazy.offer(&linker);
            }
            let instance = linker.instantiate(&mut *store, module)?;
            let asked_for = |call: &Call| name.is_none() && call.function == "_initialize";
            if !self.call.as_ref().is_some_and(asked_for) {
                initialize(&instance, module, &mut *store)?;
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
            .ok_or_else(|| anyhow!("the export `{}` is missing", shown_name(&call.function)))?;
        let mut results = vec![Val::I32(0); call.results];
        function.call(&mut *store, &call.arguments, &mut results)?;
        if call.print {
            print(&results)?;
        }
        Ok(0)
    }
}

/// Whether a module without `_start` can be run: instantiating and initializing it is all that it does.
fn runs_when_instantiated(module: &Module) -> bool {
    module.has_start() || initializer(module).is_some()
}

/// The error for a function that the program does not export, with those that it does.
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

/// Prints results, one per line. A closed standard output is no error.
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
