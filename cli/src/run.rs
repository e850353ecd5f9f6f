//! `lazywasm run`: loads a program and the modules it is linked with, runs it, and reports.
//!
//! On a thread whose stack is sized for wasm:
//!
//! 1. `load` decodes and validates every file.
//! 2. `check_imports` tells of all that is missing, before anything runs.
//! 3. `Task::start` instantiates and calls.
//!
//! On the main thread, `watch` waits for it and stops it when its time is over; then the outcome becomes a status.

use crate::errors::{TimedOut, UsageError};
use crate::explain::Explanation;
use crate::observe::{EventFile, Observers, SubjectName};
use crate::stats::{Format, Told};
use crate::{invoke, units};
use anyhow::{Context, Error, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use lazywasm::{
    Config, Engine, ExternType, FuncType, Instance, InterruptHandle, Linker, Mode, Module, Store,
    Trap, Val, shown_name, shown_text,
};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use wasi_shim::types::Abi;
use wasi_shim::{I32Exit, WasiCtx, WasiCtxBuilder};

/// Stack for wasm code. The same as the engine's own limit, which keeps its reserve on top.
const WASM_STACK: usize = 8 << 20;
/// Stack for the host's own frames below wasm, and for compiling at the deepest call.
const HOST_STACK: usize = 2 << 20;
/// How long a program may take to notice that its time is over.
const GRACE: Duration = Duration::from_millis(500);

#[derive(Args)]
#[command(after_help = crate::errors::EXIT_STATUS)]
pub struct Options {
    /// Give the program a directory, under the name GUEST; `:ro` at the end makes it read-only
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro]")]
    dirs: Vec<OsString>,

    /// Give the program a directory read-only
    #[arg(long = "dir-ro", value_name = "HOST[::GUEST]")]
    read_only_dirs: Vec<OsString>,

    /// Set an environment variable, or with NAME alone pass on the caller's
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<OsString>,

    /// What the program is told is its own name, instead of FILE
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    argv0: Option<OsString>,

    /// Give the program a socket that listens on this address
    #[arg(long = "tcplisten", value_name = "ADDRESS")]
    listen: Vec<String>,

    /// Call this export with the arguments after the file, as many as it takes, and print its results; the program is
    /// given the arguments after those
    #[arg(long, value_name = "FUNCTION")]
    invoke: Option<String>,

    /// Instantiate another module first and offer its exports as module NAME
    #[arg(long = "preload", value_name = "NAME=FILE")]
    preloads: Vec<OsString>,

    /// How functions are compiled
    #[arg(long, value_enum, default_value_t = ModeName::Tiered)]
    mode: ModeName,

    /// How much work a function does before it is compiled again, with optimisation, in calls; large functions
    /// need more [default: 3000]
    #[arg(long, value_name = "N")]
    threshold: Option<u32>,

    /// The most linear memory the program may have, as in 64M or 2G
    #[arg(long, value_name = "SIZE", value_parser = units::parse_size)]
    max_memory: Option<u64>,

    /// Stop the program after this time, as in 500ms or 2s
    #[arg(long, value_name = "DURATION", value_parser = units::parse_duration)]
    timeout: Option<Duration>,

    /// Tell on stderr what the engine did, as text or as a line of JSON
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    stats: Option<Format>,

    /// Tell on stderr when functions change state, when call sites are relinked, what is inlined, and where running
    /// loops go on in optimised code
    #[arg(long, value_enum, value_delimiter = ',', require_equals = true)]
    trace: Vec<SubjectName>,

    /// Write all of that to a file that Perfetto and Chrome open
    #[arg(long, value_name = "FILE")]
    trace_events: Option<PathBuf>,

    /// The program, .wasm or .wat; everything after it belongs to the program. `--` before it, if its name begins with
    /// a dash
    // One list and not two: the parser must stop looking for options at the file, not at the first
    // argument after it.
    #[arg(
        value_name = "FILE [ARGUMENTS]",
        required = true,
        num_args = 1..,
        trailing_var_arg = true
    )]
    command_line: Vec<OsString>,
}

impl Options {
    /// The file and its arguments.
    fn program(&self) -> (&Path, &[OsString]) {
        let (file, arguments) = self
            .command_line
            .split_first()
            .expect("the parser requires one");
        (Path::new(file), arguments)
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeName {
    /// Quick code at the first call, optimised code for what is hot
    Tiered,
    /// Quick code only
    Baseline,
    /// Optimised code at the first call
    Optimise,
    /// Tiered, while call sites are relinked back and forth; for tests
    RelinkStorm,
}

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
    let wasi = wasi(options, file, &arguments)?;
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

/// What is told at the end, however it comes.
struct Report {
    observers: Observers,
    stats: Option<Format>,
    engine: Engine,
    /// When code of the program could run, counted from the start.
    first_instruction: OnceLock<Duration>,
    /// Whether it was told. Locked while it is.
    told: Mutex<bool>,
}

impl Report {
    /// Tells, unless it was told before.
    ///
    /// # Errors
    /// If there is a file to be written, which cannot be.
    fn tell(&self) -> Result<()> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *told, true) {
            return Ok(());
        }
        if let Some(format) = self.stats {
            let first_instruction = self.first_instruction.get().copied();
            Told::new(&self.engine.stats(), first_instruction).tell(format);
        }
        self.observers.finish()
    }

    /// As `tell`, where the status says something else already.
    fn write_or_report_error(&self) {
        if let Err(error) = self.tell() {
            crate::errors::report(&format!("{error:#}"));
        }
    }

    /// Sees to it that a signal that ends the program does not take the report with it.
    ///
    /// # Errors
    /// If the system allows no handler.
    fn tell_if_killed(self: &Arc<Report>) -> Result<()> {
        if self.stats.is_none() && !self.observers.report_at_the_end() {
            return Ok(());
        }
        let cannot = "cannot wait for signals";
        let mut signals = Signals::new([SIGINT, SIGTERM]).context(cannot)?;
        let report = Arc::clone(self);
        let wait = move || {
            for signal in &mut signals {
                report.write_or_report_error();
                // Ends the process as the signal would have done.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        };
        let thread = thread::Builder::new().name("signals".to_string());
        if let Err(error) = thread.spawn(wait) {
            let lost = "a signal will end the program without its report: no thread can be started";
            crate::errors::report(&format!("{lost}: {error}"));
        }
        Ok(())
    }
}

fn config(options: &Options, observers: &Observers) -> Config {
    let mut config = Config::new();
    config.mode(match options.mode {
        ModeName::Tiered => Mode::Tiered,
        ModeName::Baseline => Mode::Baseline,
        ModeName::Optimise => Mode::Optimise,
        ModeName::RelinkStorm => Mode::RelinkStorm,
    });
    if let Some(threshold) = options.threshold {
        config.threshold(threshold);
    }
    config.max_wasm_stack(WASM_STACK);
    config.max_memory(options.max_memory);
    config.interruption(options.timeout.is_some());
    if observers.any() {
        let observers = observers.clone();
        config.on_event(move |event| observers.tell(event));
    }
    config
}

/// A module and what it is called: the name it is imported by, and the file it came from.
struct Loaded {
    name: Option<String>,
    file: PathBuf,
    module: Module,
}

impl Loaded {
    /// Whether it can ask for the arguments of the program.
    fn reads_arguments(&self) -> bool {
        let mut imports = self.module.imports();
        imports.any(|import| {
            let of_wasi = [Abi::Preview1, Abi::Unstable].map(Abi::module_name);
            of_wasi.contains(&import.module())
                && matches!(import.name(), "args_get" | "args_sizes_get")
        })
    }
}

/// Decodes and validates the preloaded modules, in order, and at last the program.
fn load(engine: &Engine, options: &Options, program: &Path) -> Result<Vec<Loaded>> {
    let mut loaded = Vec::new();
    for preload in &options.preloads {
        let (name, file) = split_once(preload, "=")
            .and_then(|(name, file)| Some((name.to_str()?, file)))
            .filter(|(name, file)| !name.is_empty() && !file.is_empty())
            .ok_or_else(|| {
                let found = shown_os(preload);
                UsageError(format!("--preload expects NAME=FILE, found `{found}`"))
            })?;
        if loaded
            .iter()
            .any(|loaded: &Loaded| loaded.name.as_deref() == Some(name))
        {
            let name = shown_name(name);
            return Err(UsageError(format!("--preload names two modules `{name}`")).into());
        }
        let file = PathBuf::from(file);
        let module = Module::from_file(engine, &file)?;
        loaded.push(Loaded {
            name: Some(name.to_string()),
            file,
            module,
        });
    }
    let module = Module::from_file(engine, program)?;
    loaded.push(Loaded {
        name: None,
        file: program.to_path_buf(),
        module,
    });
    Ok(loaded)
}

/// The arguments after the file.
struct Arguments<'a> {
    /// Those of the function of `--invoke`: as many as it takes, if there are so many.
    functions: &'a [OsString],
    /// Those of the program.
    programs: &'a [OsString],
}

impl Arguments<'_> {
    /// Parts `given` by the type of the function that is to be called, if it is one.
    fn of<'a>(loaded: &[Loaded], options: &Options, given: &'a [OsString]) -> Arguments<'a> {
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

fn wasi(options: &Options, program: &Path, arguments: &Arguments<'_>) -> Result<WasiCtx> {
    let mut builder = WasiCtxBuilder::new();
    builder.inherit_stdio();
    builder.arg(options.argv0.as_deref().unwrap_or(program.as_os_str()));
    builder.args(arguments.programs);
    for variable in &options.env {
        match split_once(variable, "=") {
            Some((name, _)) if name.is_empty() => {
                let found = shown_os(variable);
                return Err(
                    UsageError(format!("--env expects NAME=VALUE, found `{found}`")).into(),
                );
            }
            Some((name, value)) => {
                builder.env(name, value);
            }
            None => {
                let value = std::env::var_os(variable).ok_or_else(|| {
                    UsageError(format!(
                        "--env {} passes on a variable, but none of that name is set",
                        shown_os(variable)
                    ))
                })?;
                builder.env(variable, value);
            }
        }
    }
    for (text, read_only) in (options.dirs.iter().map(|dir| (dir, false)))
        .chain(options.read_only_dirs.iter().map(|dir| (dir, true)))
    {
        let (host, guest, marked) = directory(text);
        if host.is_empty() || guest.is_empty() {
            let found = shown_os(text);
            return Err(UsageError(format!("--dir expects HOST[::GUEST], found `{found}`")).into());
        }
        builder.preopened_dir(host, guest, read_only || marked);
    }
    for address in &options.listen {
        let listener = TcpListener::bind(address)
            .with_context(|| format!("cannot listen on {} (--tcplisten)", shown_os(address)))?;
        builder.preopened_socket(listener);
    }
    builder.build()
}

/// Host path, guest path, and whether it is marked read-only.
fn directory(text: &OsStr) -> (&OsStr, &OsStr, bool) {
    let (names, read_only) = match text.as_bytes().strip_suffix(b":ro") {
        Some(names) => (OsStr::from_bytes(names), true),
        None => (text, false),
    };
    let (host, guest) = split_once(names, "::").unwrap_or((names, names));
    (host, guest, read_only)
}

/// What stands before and after the first `by`; names of the system need not be UTF-8.
fn split_once<'a>(text: &'a OsStr, by: &str) -> Option<(&'a OsStr, &'a OsStr)> {
    let bytes = text.as_bytes();
    let mut windows = bytes.windows(by.len());
    let at = windows.position(|window| window == by.as_bytes())?;
    let (before, after) = (&bytes[..at], &bytes[at + by.len()..]);
    Some((OsStr::from_bytes(before), OsStr::from_bytes(after)))
}

/// A name of the system as messages show it.
fn shown_os(text: impl AsRef<OsStr>) -> String {
    shown_text(&text.as_ref().to_string_lossy())
}

/// Checks that every import of every module has a definition: in WASI, or in a module preloaded
/// before it.
///
/// # Errors
/// One error that names everything that is missing.
fn check_imports(
    loaded: &[Loaded],
    linker: &Linker<WasiCtx>,
    store: &mut Store<WasiCtx>,
) -> Result<()> {
    let mut offered: HashMap<(String, String), ExternType> = HashMap::new();
    let (mut missing, mut unfit) = (Vec::new(), Vec::new());
    for Loaded { name, file, module } in loaded {
        for import in module.imports() {
            let key = (import.module().to_string(), import.name().to_string());
            let whose = match loaded.len() {
                1 => String::new(),
                _ => format!(", needed by {}", shown_os(file)),
            };
            let own = |store: &mut Store<WasiCtx>| {
                let found = linker.get(&mut *store, import.module(), import.name())?;
                Some(found.ty(&*store))
            };
            let found = offered.get(&key).cloned().or_else(|| own(store));
            let (from, what) = (shown_name(import.module()), shown_name(import.name()));
            let ty = import.ty();
            if let Some(found) = found {
                if !may_fit(&found, &ty) {
                    unfit.push(format!(
                        "\n  {from}.{what}: expected {ty}, found {found}{whose}"
                    ));
                }
            } else {
                missing.push(format!("\n  {from}.{what}: {ty}{whose}"));
            }
        }
        if let Some(name) = name {
            offered.extend(
                module
                    .exports()
                    .map(|item| ((name.clone(), item.name().to_string()), item.ty())),
            );
        }
    }
    if missing.is_empty() && unfit.is_empty() {
        return Ok(());
    }
    let program = loaded.last().expect("the program itself is loaded");
    let program = shown_os(&program.file);
    if missing.is_empty() {
        bail!(
            "cannot run {program}: incompatible import types:{}",
            told(&unfit)
        );
    }
    bail!(
        "cannot run {program}: {} {} not defined by WASI or by a module of --preload:{}",
        missing.len(),
        if missing.len() == 1 {
            "import is"
        } else {
            "imports are"
        },
        told(&missing)
    )
}

/// Whether what is given can be of use as what is wanted, as far as that can be told before anything runs: sizes of
/// memories and tables may still change.
fn may_fit(given: &ExternType, wanted: &ExternType) -> bool {
    match (given, wanted) {
        (ExternType::Func(given), ExternType::Func(wanted)) => given == wanted,
        (ExternType::Global(given), ExternType::Global(wanted)) => given == wanted,
        (ExternType::Table(given), ExternType::Table(wanted)) => {
            given.element() == wanted.element()
        }
        (ExternType::Memory(_), ExternType::Memory(_)) => true,
        _ => false,
    }
}

/// The first of many lines, and how many more there are.
fn told(lines: &[String]) -> String {
    /// A program built for another system misses dozens; nobody reads on after that.
    const TOLD: usize = 100;
    let mut text = lines[..lines.len().min(TOLD)].concat();
    if lines.len() > TOLD {
        text += &format!("\n  and {} more", lines.len() - TOLD);
    }
    text
}

/// What to do once everything is there: checked as far as it can be without running anything.
struct Task {
    loaded: Vec<Loaded>,
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
    fn new(loaded: Vec<Loaded>, options: &Options, given: &Arguments<'_>) -> Result<Task> {
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
    fn start(self, mut linker: Linker<WasiCtx>, store: &mut Store<WasiCtx>) -> Result<i32> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_taken_apart() {
        for (text, host, guest, read_only) in [
            ("a", "a", "a", false),
            ("a::b", "a", "b", false),
            ("a:ro", "a", "a", true),
            ("/x/y::/usr:ro", "/x/y", "/usr", true),
        ] {
            let wanted = (OsStr::new(host), OsStr::new(guest), read_only);
            assert_eq!(directory(OsStr::new(text)), wanted);
        }
    }
}
