//! `lazywasm run`: loads a program and the modules it is linked with, runs it, and reports.
//!
//! On a thread whose stack is sized for wasm:
//!
//! 1. `load` decodes and validates every file.
//! 2. `check_imports` tells of all that is missing, before anything runs.
//! 3. `Task::start` instantiates and calls.
//!
//! On the main thread, `watch` waits for it and stops it when its time is over; then the outcome becomes a status.

use crate::errors::TimedOut;
use crate::explanation::Explanation;
use crate::load::{Loaded, check_imports, load};
use crate::observe::{EventFile, Observers};
use crate::options::{Options, WASM_STACK, config, wasi};
use crate::report::Report;
use crate::task::{Arguments, Task};
use crate::units;
use anyhow::{Error, Result, anyhow};
use lazywasm::{Engine, InterruptHandle, Linker, Store, Trap};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};
use wasi_shim::I32Exit;

/// Stack for the host's own frames below wasm, and for compiling at the deepest call.
const HOST_STACK: usize = 2 << 20;
/// How long a program may take to notice that its time is over.
const GRACE: Duration = Duration::from_millis(500);

/// Runs what the options say; the status to exit with.
///
/// # Errors
/// Everything that is not the program's own exit: a file that cannot be loaded, missing imports, a trap.
pub fn run(options: &Options, started: Instant) -> Result<i32> {
    run_explained(options, started, None)
}

/// As [`run`]; at the end `explanation` is written.
///
/// # Errors
/// As [`run`].
pub fn run_explained(
    options: &Options,
    started: Instant,
    explanation: Option<Explanation>,
) -> Result<i32> {
    let mut observers = Observers {
        lines: options.trace.clone(),
        events: None,
        explanation: explanation.map(Arc::new),
    };
    if let Some(path) = &options.trace_events {
        observers.events = Some(Arc::new(EventFile::new(path, started)));
    }
    wasi_shim::ignore_signals_of_writes();
    let engine = Engine::new(&config(options, &observers))?;
    let report = Arc::new(Report {
        observers,
        stats: options.stats,
        engine,
        first_instruction: OnceLock::new(),
        told: Mutex::new(false),
    });
    report.tell_if_killed()?;
    let interrupt = OnceLock::new();
    let outcome = thread::scope(|scope| {
        let (done, finished) = channel();
        let run = |done: Sender<Result<i32>>| {
            // The receiver waits until this arrives, or the process is on its way out.
            let _ = done.send(load_and_start(options, &report, &interrupt, started));
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
                let what =
                    "cannot start a thread, without which nobody keeps the time of --timeout";
                return Err(Error::new(error).context(what));
            }
            // A system that allows no threads: the program runs here, on a stack that the engine sees to.
            Err(_) => {
                run(done);
                None
            }
        };
        let outcome = watch(&finished, options, &interrupt, || {
            report.write_or_report_error()
        });
        // A panic of it is in the outcome.
        let _ = thread.map(thread::ScopedJoinHandle::join);
        outcome
    });
    let outcome = outcome.or_else(|error| match error.downcast_ref::<I32Exit>() {
        // The system carries eight bits, of which none may make a failure a success.
        Some(I32Exit(status)) if status & 0xFF == 0 && *status != 0 => Ok(255),
        Some(exit) => Ok(exit.0),
        None => Err(error),
    });
    match outcome {
        Ok(0) => report.tell().map(|()| 0),
        other => {
            report.write_or_report_error();
            other
        }
    }
}

/// Loads all that is asked for and runs it; the status to exit with.
///
/// The handle is set when the program can be interrupted: from then on all that takes long is code of the program.
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
    let wasi = wasi(options, file, arguments.programs)?;
    let mut linker = Linker::new(engine);
    wasi_shim::add_to_linker(&mut linker, |wasi| wasi)?;
    let mut store = Store::new(engine, wasi);
    check_imports(&loaded, &linker, &mut store)?;
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
    // A clock read at the last moment before code of the program can run.
    let _ = report.first_instruction.set(started.elapsed());
    let outcome = task.start(linker, &mut store);
    // Never dropped: the process need not wait for that, and statistics are about code that is still linked.
    std::mem::forget(store);
    outcome
}

/// Waits for the program, or stops it when its time is over.
///
/// A program that computes stops at its next look at the flag. One that is still being loaded, or waits in a call of the
/// host, does not look; then there is nothing but to end the process, after `parting` has told what it can.
fn watch(
    finished: &Receiver<Result<i32>>,
    options: &Options,
    interrupt: &OnceLock<InterruptHandle>,
    parting: impl FnOnce(),
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
        parting();
        crate::errors::report(&format!("{text} {busy}"));
        std::process::exit(crate::errors::TRAPPED)
    };
    let Some(interrupt) = interrupt.get() else {
        end("while it was loaded and validated");
    };
    interrupt.interrupt();
    match finished.recv_timeout(GRACE) {
        Ok(Err(error)) if error.downcast_ref::<Trap>() == Some(&Trap::Interrupt) => {
            Err(error.context(TimedOut(text)))
        }
        // It came to its own end in the last moment.
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Disconnected) => Err(gone()),
        Err(RecvTimeoutError::Timeout) => {
            end("while it waited in a call of the host or for a function to be compiled")
        }
    }
}
