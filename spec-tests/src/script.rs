//! Executes the directives of one script.
//!
//! A script runs on its own thread, with its own engine, store and linker, so that scripts can run in
//! parallel and all have the same stack to exhaust. Each directive that asserts something, or that must
//! succeed for later ones to make sense, counts as one assertion; a failed one is recorded with its line, and
//! the script continues.
//!
//! A panic of the engine is a failure of the script, never of the runner.

use crate::modes::RunMode;
use crate::{spectest, values};
use anyhow::{Context, Result, anyhow, bail};
use lazywasm::{Engine, Extern, Instance, Linker, Module, Stats, Store, Trap, Val, shown_text};
use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::{Id, Span};
use wast::{QuoteWat, Wast, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

/// Stack of the thread that runs a script: the 8 MiB that programs get, and room for the host.
const STACK: usize = 10 << 20;

/// A script: its name in messages, and its text.
#[derive(Clone, Debug)]
pub struct Script {
    /// Name of the file in messages.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Script {
    /// A script from a text in memory.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Script {
        Script {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Reads a script from a file.
    ///
    /// # Errors
    /// If the file cannot be read or is not UTF-8; the message names it.
    pub fn read(path: impl AsRef<Path>) -> Result<Script> {
        let path = path.as_ref();
        let name = shown_text(&path.to_string_lossy());
        let bytes = fs::read(path).with_context(|| format!("cannot read {name}"))?;
        Script::from_bytes(name, bytes)
    }

    /// A script from bytes in memory.
    ///
    /// # Errors
    /// If they are not UTF-8; the message has the name.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Script> {
        let name = name.into();
        let text = String::from_utf8(bytes)
            .map_err(|_| anyhow!("{name} is not a script: it is not UTF-8 text"))?;
        Ok(Script::new(name, text))
    }
}

/// How to run a script.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// The mode of execution.
    pub mode: RunMode,
    /// Whether modules may have several memories: in scripts of WebAssembly 2.0 they may not.
    pub multi_memory: bool,
}

/// An assertion that did not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Name of the script.
    pub file: String,
    /// Line of the directive, from 1.
    pub line: usize,
    /// What was expected and what was found.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// The result of a script.
#[derive(Debug, Default)]
pub struct Report {
    /// Assertions that held.
    pub passed: usize,
    /// Assertions that did not, in the order of the script.
    pub failures: Vec<Failure>,
    /// What the engine did.
    pub stats: Stats,
}

/// Runs a script and returns its result. Everything that goes wrong is a [`Failure`], including a panic.
pub fn run_script(script: &Script, options: &RunOptions) -> Report {
    thread::scope(|scope| {
        let worker = thread::Builder::new()
            .name(script.name.clone())
            .stack_size(STACK)
            .spawn_scoped(scope, || run_here(script, options));
        match worker.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(report)) => report,
            Ok(Err(panic)) => lone_failure(script, 1, panic_text(panic.as_ref())),
            Err(error) => lone_failure(script, 1, format!("no thread for the script: {error}")),
        }
    })
}

fn lone_failure(script: &Script, line: usize, message: String) -> Report {
    let failures = vec![Failure {
        file: script.name.clone(),
        line,
        message,
    }];
    Report {
        failures,
        ..Report::default()
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message");
    format!("panic: {text}")
}

fn run_here(script: &Script, options: &RunOptions) -> Report {
    let mut lexer = Lexer::new(&script.text);
    // Scripts that test names contain characters that look like others, on purpose.
    lexer.allow_confusing_unicode(true);
    let line_of = |span: Span| span.linecol_in(&script.text).0 + 1;
    let syntax = |error: wast::Error| lone_failure(script, line_of(error.span()), error.message());
    let buffer = match ParseBuffer::new_with_lexer(lexer) {
        Ok(buffer) => buffer,
        Err(error) => return syntax(error),
    };
    let wast = match parser::parse::<Wast<'_>>(&buffer) {
        Ok(wast) => wast,
        Err(error) => return syntax(error),
    };

    let mut state = match State::new(options) {
        Ok(state) => state,
        Err(error) => return lone_failure(script, 1, format!("{error:#}")),
    };
    let mut report = Report::default();
    for directive in wast.directives {
        let line = line_of(directive.span());
        let mut fail = |message| {
            report.failures.push(Failure {
                file: script.name.clone(),
                line,
                message,
            });
        };
        match catch_unwind(AssertUnwindSafe(|| state.execute(directive))) {
            Ok(Ok(())) => report.passed += 1,
            Ok(Err(error)) => fail(format!("{error:#}")),
            Err(panic) => {
                // The store may be in any state; results after this would mean nothing.
                fail(panic_text(panic.as_ref()));
                break;
            }
        }
    }
    report.stats = state.engine.stats();
    if let Err(faults) = state.engine.verify_links() {
        let message = format!("links: {faults}");
        let file = script.name.clone();
        report.failures.push(Failure {
            file,
            line: 1,
            message,
        });
    }
    report
}

/// The state that the directives of a script use.
struct State {
    engine: Engine,
    store: Store<()>,
    linker: Linker<()>,
    /// The instance of directives without a name: the one made last.
    current: Option<Instance>,
    instances: HashMap<String, Instance>,
    /// Modules of `(module definition ...)`, by name; the last one also without a name.
    definitions: HashMap<Option<String>, Module>,
}

impl State {
    fn new(options: &RunOptions) -> Result<State> {
        let mut config = options.mode.config();
        config.wasm_multi_memory(options.multi_memory);
        let engine = Engine::new(&config)?;
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.allow_shadowing(true);
        spectest::define(&mut store, &mut linker)?;
        Ok(State {
            engine,
            store,
            linker,
            current: None,
            instances: HashMap::new(),
            definitions: HashMap::new(),
        })
    }

    fn execute(&mut self, directive: WastDirective<'_>) -> Result<()> {
        match directive {
            WastDirective::Module(mut module) => {
                let name = module.name();
                // If it fails, later directives must not use the previous instance.
                self.current = None;
                let module = self.module(&mut module)?;
                self.instantiate(name, &module)
            }
            WastDirective::ModuleDefinition(mut module) => {
                let name = module.name().map(|id| id.name().to_string());
                let module = self.module(&mut module)?;
                self.definitions.insert(None, module.clone());
                if name.is_some() {
                    self.definitions.insert(name, module);
                }
                Ok(())
            }
            WastDirective::ModuleInstance {
                instance, module, ..
            } => {
                self.current = None;
                let key = module.map(|id| id.name().to_string());
                let module =
                    self.definitions.get(&key).cloned().ok_or_else(|| {
                        anyhow!("no module definition {}", key.unwrap_or_default())
                    })?;
                self.instantiate(instance, &module)
            }
            WastDirective::Register { name, module, .. } => {
                let instance = self.instance(module)?;
                self.linker.instance(&mut self.store, name, instance)?;
                Ok(())
            }
            WastDirective::Invoke(invoke) => self.invoke(&invoke).map(drop),
            WastDirective::AssertReturn { exec, results, .. } => {
                let got = self.run(exec)?;
                compare(&got, &results)
            }
            WastDirective::AssertTrap { exec, message, .. } => expect_trap(self.run(exec), message),
            WastDirective::AssertExhaustion { call, message, .. } => {
                expect_trap(self.invoke(&call), message)
            }
            WastDirective::AssertInvalid {
                mut module,
                message,
                ..
            } => {
                // The text must be well-formed: this asserts validation, not parsing.
                let bytes = module.encode()?;
                let result = Module::new(&self.engine, bytes).map(drop);
                expect_rejected(result, "invalid", message)
            }
            WastDirective::AssertMalformed {
                mut module,
                message,
                ..
            } => {
                let result = self.module(&mut module).map(drop);
                expect_rejected(result, "malformed", message)
            }
            WastDirective::AssertUnlinkable {
                module, message, ..
            } => {
                let module = self.module(&mut QuoteWat::Wat(module))?;
                let result = self.linker.instantiate(&mut self.store, &module);
                if let Err(error) = &result
                    && let Some(trap) = error.downcast_ref::<Trap>()
                {
                    bail!("expected not to link ({message}), but it linked and trapped: {trap}");
                }
                expect_rejected(result.map(drop), "not linkable", message)
            }
            WastDirective::AssertException { .. } => bail!("assert_exception is not supported"),
            WastDirective::AssertSuspension { .. } => bail!("assert_suspension is not supported"),
            WastDirective::AssertInvalidCustom { .. } => {
                bail!("assert_invalid_custom is not supported")
            }
            WastDirective::AssertMalformedCustom { .. } => {
                bail!("assert_malformed_custom is not supported")
            }
            WastDirective::Thread(_) => bail!("thread is not supported"),
            WastDirective::Wait { .. } => bail!("wait is not supported"),
        }
    }

    /// Encodes a module of the script, and lets the engine decode and validate it.
    fn module(&self, module: &mut QuoteWat<'_>) -> Result<Module> {
        if matches!(
            module,
            QuoteWat::QuoteComponent(..) | QuoteWat::Wat(Wat::Component(_))
        ) {
            bail!("components are not supported");
        }
        Module::new(&self.engine, module.encode()?)
    }

    fn instantiate(&mut self, name: Option<Id<'_>>, module: &Module) -> Result<()> {
        let instance = self.linker.instantiate(&mut self.store, module)?;
        self.current = Some(instance);
        if let Some(name) = name {
            self.instances.insert(name.name().to_string(), instance);
        }
        Ok(())
    }

    fn instance(&self, name: Option<Id<'_>>) -> Result<Instance> {
        match name {
            Some(name) => self
                .instances
                .get(name.name())
                .copied()
                .ok_or_else(|| anyhow!("there is no instance ${}", name.name())),
            None => self
                .current
                .ok_or_else(|| anyhow!("there is no instance to use")),
        }
    }

    fn run(&mut self, exec: WastExecute<'_>) -> Result<Vec<Val>> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => {
                let module = self.module(&mut QuoteWat::Wat(module))?;
                self.linker.instantiate(&mut self.store, &module)?;
                Ok(Vec::new())
            }
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module)?;
                match instance.get_export(&mut self.store, global) {
                    Some(Extern::Global(global)) => Ok(vec![global.get(&mut self.store)]),
                    _ => bail!("there is no exported global {global:?}"),
                }
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Vec<Val>> {
        let instance = self.instance(invoke.module)?;
        let args = invoke
            .args
            .iter()
            .map(values::argument)
            .collect::<Result<Vec<_>>>()?;
        let func = instance
            .get_func(&mut self.store, invoke.name)
            .ok_or_else(|| anyhow!("there is no exported function {:?}", invoke.name))?;
        let mut results = vec![Val::I32(0); func.ty(&self.store).results().len()];
        func.call(&mut self.store, &args, &mut results)?;
        Ok(results)
    }
}

fn compare(got: &[Val], expected: &[WastRet<'_>]) -> Result<()> {
    if got.len() != expected.len() {
        bail!("expected {} results, got {}", expected.len(), got.len());
    }
    for (at, (got, expected)) in got.iter().zip(expected).enumerate() {
        if let Err(difference) = values::matches(got, expected) {
            bail!("result {}: {difference}", at + 1);
        }
    }
    Ok(())
}

/// A trap whose text contains what the script says, or is the beginning of it: scripts of different versions
/// describe the same trap in more or less detail ("undefined element 7", "undefined element").
fn expect_trap(result: Result<Vec<Val>>, expected: &str) -> Result<()> {
    let error = match result {
        Ok(values) => {
            let values: Vec<_> = values.iter().map(values::text).collect();
            bail!(
                "expected the trap {expected:?}, but it returned [{}]",
                values.join(", ")
            );
        }
        Err(error) => error,
    };
    let Some(trap) = error.downcast_ref::<Trap>() else {
        bail!("expected the trap {expected:?}, got another error: {error:#}");
    };
    let got = trap.to_string();
    // One text is the other followed by a detail, such as the number of an element. An empty one is the
    // beginning of all: any trap.
    if got.starts_with(expected) || expected.starts_with(&got) {
        Ok(())
    } else {
        bail!("expected the trap {expected:?}, got the trap {got:?}")
    }
}

fn expect_rejected(result: Result<()>, what: &str, message: &str) -> Result<()> {
    match result {
        Err(_) => Ok(()),
        Ok(()) => bail!("expected to be {what} ({message}), but it was accepted"),
    }
}
