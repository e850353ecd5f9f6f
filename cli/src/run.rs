//! `lazywasm run`: loads a program and the modules it is linked with, runs it, and writes the reports asked
//! for.
//!
//! On a thread whose stack is sized for wasm:
//!
//! 1. `load` decodes and validates every file.
//! 2. `check_imports` lists all imports that are missing, before anything runs.
//! 3. `Task::start` instantiates and calls.
//!
//! Meanwhile `watch`, on the main thread, waits for the outcome, and stops the program at its time limit.
//! Then the outcome becomes an exit status.

use crate::errors::{self, TimedOut};
use crate::explanation::Explanation;
use crate::lazy::LazyModules;
use crate::load::{Loaded, check_imports, load};
use crate::observe::{EventFile, Observers};
use crate::options::{Options, WASM_STACK, config, wasi};
use crate::report::Report;
use crate::task::{Arguments, Task};
use crate::units;
use anyhow::{Error, Result, anyhow};
use lazywasm::{Engine, InterruptHandle, Linker, Store, Trap};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};
use wasi_shim::I32Exit;

/// Stack for the host's own frames below wasm, and for compiling at the deepest call.
const HOST_STACK: usize = 2 << 20;
/// How long a program may take to stop after its time limit.
const GRACE: Duration = Duration::from_millis(500);

/// Runs the program that the options name; returns the exit status.
///
/// # Errors
/// Everything but the program's own exit: a file that cannot be loaded, missing imports, a trap.
pub fn run(options: &Options, started: Instant) -> Result<i32> {
    run_explained(options, started, None)
}

/// Like [`run`]; at the end `explanation` is written.
///
/// # Errors
/// As for [`run`].
pub fn run_explained(
    options: &Options,
    started: Instant,
    explanation: Option<Explanation>,
) -> Result<i32> {
    let trace_file = options.trace_events.as_ref();
    let observers = Observers {
        lines: options.trace.clone(),
        events: trace_file.map(|path| Arc::new(EventFile::new(path, started))),
        explanation: explanation.map(Arc::new),
    };
    wasi_shim::ignore_signals_of_writes();
    let engine = Engine::new(&config(options, &observers)?)?;
    let report = Arc::new(Report::new(engine, observers, options.stats));
    report.write_on_signals()?;
    let outcome = run_on_thread(options, &report, started);
    match outcome.or_else(exit_status) {
        Ok(0) => report.write().map(|()| 0),
        other => {
            report.write_or_print_error();
            other
        }
    }
}

/// Loads and runs the program on a thread of its own while this one watches it; returns the exit status.
///
/// # Errors
/// As for [`load_and_start`] and [`watch`]; also if no thread can be started, but `--timeout` needs one.
fn run_on_thread(options: &Options, report: &Report, started: Instant) -> Result<i32> {
    let interrupt = OnceLock::new();
    thread::scope(|scope| {
        let (done, finished) = channel();
        let run = |done: Sender<Result<i32>>| {
            // The receiver waits until this arrives, or the process is about to end.
            let _ = done.send(load_and_start(options, report, &interrupt, started));
        };
        let of_thread = done.clone();
        let thread = thread::Builder::new()
            .name("wasm".to_string())
            .stack_size(WASM_STACK + HOST_STACK)
            .spawn_scoped(scope, move || run(of_thread));
        let thread = match thread {
            Ok(thread) => {
                drop(done);
                Some(thread)
            }
            Err(error) if options.timeout.is_some() => {
                let what = "cannot start a thread, which --timeout needs";
                return Err(Error::new(error).context(what));
            }
            // A system that allows no threads: the program runs here, and the engine provides a stack if this
            // one is small.
            Err(_) => {
                run(done);
                None
            }
        };
        let outcome = watch(&finished, options, &interrupt, || {
            report.write_or_print_error()
        });
        // A panic of the thread is part of the outcome.
        let _ = thread.map(thread::ScopedJoinHandle::join);
        outcome
    })
}

/// The exit status of a program that ended by exiting, which WASI reports as an error.
///
/// # Errors
/// Every other error.
fn exit_status(error: Error) -> Result<i32> {
    match error.downcast_ref::<I32Exit>() {
        // The system keeps only the low eight bits. They must not turn a failure into a success.
        Some(I32Exit(status)) if status & 0xFF == 0 && *status != 0 => Ok(255),
        Some(exit) => Ok(exit.0),
        None => Err(error),
    }
}

/// Loads all modules and runs the program; returns the exit status.
///
/// Sets `interrupt` when the program can be interrupted: from then on only code of the program takes long.
fn load_and_start(
    options: &Options,
    report: &Report,
    interrupt: &OnceLock<InterruptHandle>,
    started: Instant,
) -> Result<i32> {
    let (file, arguments) = options.program();
    let (engine, observers) = (&report.engine, &report.observers);
    let loaded = load(engine, options, file)?;
    let arguments = Arguments::of(&loaded, options, arguments);
    let wasi = wasi(options, file, arguments.program)?;
    let mut linker = Linker::new(engine);
    wasi_shim::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(engine, wasi);
    let lazy = LazyModules::of(options, observers.explanation.clone())?;
    check_imports(&loaded, &linker, lazy.as_deref(), &mut store)?;
    if let Some(lazy) = &lazy {
        lazy.add_to(&mut linker);
    }
    if let Some(explanation) = &observers.explanation {
        for Loaded { module, .. } in &loaded {
            explanation.look_in(module);
        }
    }
    let task = Task::new(loaded, options, &arguments)?;
    if let Some(events) = &observers.events {
        events.begin(task.loaded.iter().map(|loaded| &*loaded.file))?;
    }
    let _ = interrupt.set(store.interrupt_handle());
    // The last moment before code of the program can run.
    let _ = report.first_instruction.set(started.elapsed());
    let outcome = task.start(linker, lazy.as_deref(), &mut store);
    // Never dropped: the process need not wait for that, and the statistics count code that is still linked.
    std::mem::forget(store);
    outcome
}

/// Waits for the program, or stops it at its time limit.
///
/// A program that computes stops at its next check of the interrupt flag. One that is still being loaded, or
/// waits in a call of the host, does not check; then `write_report` writes the report, and the process ends.
fn watch(
    finished: &Receiver<Result<i32>>,
    options: &Options,
    interrupt: &OnceLock<InterruptHandle>,
    write_report: impl FnOnce(),
) -> Result<i32> {
    let gone = || anyhow!("the thread of the program panicked; this is a bug of lazywasm");
    let Some(timeout) = options.timeout else {
        return finished.recv().map_err(|_| gone())?;
    };
    match finished.recv_timeout(timeout) {
        Ok(outcome) => return outcome,
        Err(RecvTimeoutError::Disconnected) => return Err(gone()),
        Err(RecvTimeoutError::Timeout) => (),
    }
    let text = format!(
        "the program was stopped after {} (--timeout)",
        units::show_duration(timeout)
    );
    let end = |busy: &str| -> ! {
        write_report();
        errors::print(&format!("{text} {busy}"));
        std::process::exit(errors::TRAPPED)
    };
    let Some(interrupt) = interrupt.get() else {
        end("while it was loaded and validated");
    };
    interrupt.interrupt();
    match finished.recv_timeout(GRACE) {
        Ok(Err(error)) if error.downcast_ref::<Trap>() == Some(&Trap::Interrupt) => {
            Err(error.context(TimedOut(text)))
        }
        // The program ended by itself in the last moment.
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Disconnected) => Err(gone()),
        Err(RecvTimeoutError::Timeout) => end(
            "while it waited in a call of the host, for a function to be compiled, or for one long instruction",
        ),
    }
}
