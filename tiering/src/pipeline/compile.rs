//! Runs a compiler on a function and publishes the result.

use super::eviction;
use super::publish::with_new_body;
use super::reclaim::Reclaimer;
use super::report::Reporter;
use crate::compiled::{CompileError, CompileInput, CompiledBody, Scope};
use crate::compilers::{self, Compiler, Scratch};
use crate::counters::{Counters, count};
use crate::events::Listener;
use crate::inlining::call_graph::Function;
use crate::inlining::plan::{self, Plan};
use crate::policy::{Mode, SCRATCH_LIMIT, Tuning};
use crate::state::{LinkageCode, OptimiserClaim, State};
use anyhow::Error;
use engine::ids::DefinedFunc;
use engine::linkage::{Binding, Forward, ForwardTarget, Linkage};
use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;
use stubs::{CodeError, NewBody, PublishedBody, Tier};

/// The compilers with their tuning, and where their work is counted and reported.
pub(crate) struct Compilers {
    pub tuning: Tuning,
    pub counters: Arc<Counters>,
    pub reporter: Reporter,
    pub reclaimer: Reclaimer,
}

/// Why a function got no code.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The compiler refused the function.
    Compiler { name: String, error: CompileError },
    /// The compiler panicked, with this text.
    Panic { name: String, text: String },
    /// The code could not be placed. There may be room the next time.
    NoRoom { name: String, error: CodeError },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Compiler { name, error } => {
                write!(f, "cannot compile function {name}: {error}")
            }
            Refusal::Panic { name, text } => {
                write!(f, "cannot compile function {name}: bug: {text}")
            }
            Refusal::NoRoom { name, .. } => {
                write!(f, "cannot place the code of function {name}")
            }
        }
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Refusal::NoRoom { error, .. } => Some(error),
            // Its text is part of the message above.
            Refusal::Compiler { .. } | Refusal::Panic { .. } => None,
        }
    }
}

/// A compiled body, with the linkages that it refers to.
struct Compiled {
    body: CompiledBody,
    plan: Plan,
    /// The loop at which the code starts, if it is OSR code.
    start_at: Option<u32>,
}

/// A published body. The linkages that it refers to are kept alive until the function's state says that it
/// has this body: when one of them is dropped, functions that have inlined its code are found by their
/// state.
pub(crate) struct Published {
    pub body: Arc<PublishedBody>,
    plan: Plan,
}

impl Published {
    /// Whether all inlined functions still have the definitions that were inlined.
    pub(crate) fn is_current(&self) -> bool {
        self.plan.is_current()
    }
}

thread_local! {
    /// Buffers that are reused by the compilations of this thread.
    static SCRATCH: RefCell<Option<Box<Scratch>>> = const { RefCell::new(None) };
}

impl Compilers {
    pub(crate) fn new(tuning: Tuning, listener: Option<Arc<Listener>>) -> Compilers {
        Compilers {
            tuning,
            counters: Arc::default(),
            reporter: Reporter::new(listener),
            reclaimer: Reclaimer::default(),
        }
    }

    /// Compiles a function and makes its entry and its callers point to the code.
    pub(crate) fn publish(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        tier: Tier,
        generation: u32,
    ) -> Result<Published, Refusal> {
        let started = self.reporter.start();
        self.note_compilation(linkage, func, tier);
        let compiled = self.compile(linkage, func, tier, None)?;
        let code = LinkageCode::of(linkage).space();
        let body = self.place(func, tier, generation, &compiled, |new| code.publish(new))?;
        let wasm_bytes = compiled.body.wasm_bytes as usize;
        self.reporter.inlined(func, &compiled.plan);
        self.reporter
            .published(linkage, func, &body, wasm_bytes, started);
        Ok(Published {
            body,
            plan: compiled.plan,
        })
    }

    /// Gives a function that is claimed its code in the baseline tier: a thunk, if the function was replaced
    /// by another one. Returns the function's new state.
    pub(crate) fn publish_baseline(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        generation: u32,
    ) -> Result<(State, Published), Refusal> {
        match linkage.forward(func) {
            Some(forward) => {
                let code = self.publish_thunk(linkage, func, generation, &forward)?;
                Ok((State::Kept, code))
            }
            None => {
                let code = self.publish(linkage, func, Tier::BASELINE, generation)?;
                Ok((State::Baseline, code))
            }
        }
    }

    fn publish_thunk(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        generation: u32,
        forward: &Forward,
    ) -> Result<Published, Refusal> {
        let to_host = matches!(forward.target(), ForwardTarget::Host);
        let compiled = Compiled {
            body: compilers::thunk(func, to_host, self.tuning.observed),
            plan: Plan::empty(Function::new(linkage.clone(), func)),
            start_at: None,
        };
        let code = LinkageCode::of(linkage).space();
        let put = |new: NewBody<'_>| code.publish(new);
        let body = self.place(func, Tier::BASELINE, generation, &compiled, put)?;
        Ok(Published {
            body,
            plan: compiled.plan,
        })
    }

    /// Compiles optimised code of a function that is promoted, and makes its entry and its callers point to
    /// the code, unless the function was withdrawn meanwhile, or a function replaced that was inlined.
    pub(crate) fn publish_optimised(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        claim: OptimiserClaim<'_>,
    ) -> Result<(), Refusal> {
        let started = self.reporter.start();
        let tier = Tier::OPTIMISED;
        let compiled = self.compile(linkage, func, tier, None)?;
        let code = LinkageCode::of(linkage).space();
        let put = |new: NewBody<'_>| code.publish_aside(new);
        let body = self.place(func, tier, claim.generation(), &compiled, put)?;
        // From now on, who replaces a function finds this body among its inliners, and ends the claim.
        let finished = match compiled.plan.is_current() {
            true => claim.finish(),
            false => claim.give_up(),
        };
        let current = finished && code.switch(&body);
        code.unpin(&body);
        if current {
            self.note_compilation(linkage, func, tier);
            let wasm_bytes = compiled.body.wasm_bytes as usize;
            self.reporter.inlined(func, &compiled.plan);
            self.reporter
                .published(linkage, func, &body, wasm_bytes, started);
        }
        Ok(())
    }

    /// Compiles optimised code of a function and publishes it pinned, without making anything point to it.
    /// With `start_at`, it is OSR code that starts at the loop at that offset.
    pub(crate) fn publish_aside(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        generation: u32,
        start_at: Option<u32>,
    ) -> Result<Published, Refusal> {
        let started = self.reporter.start();
        let tier = Tier::OPTIMISED;
        if start_at.is_none() {
            self.note_compilation(linkage, func, tier);
        }
        let compiled = self.compile(linkage, func, tier, start_at)?;
        let code = LinkageCode::of(linkage).space();
        let put = |new: NewBody<'_>| code.publish_aside(new);
        let body = self.place(func, tier, generation, &compiled, put)?;
        if let Some(offset) = start_at {
            self.reporter.inlined(func, &compiled.plan);
            self.reporter
                .loop_published(linkage, func, offset, &body, started);
        }
        Ok(Published {
            body,
            plan: compiled.plan,
        })
    }

    /// Counts and reports that a tier refused a function.
    pub(crate) fn note_refusal(
        &self,
        linkage: &Linkage,
        func: DefinedFunc,
        tier: Tier,
        error: &Error,
    ) {
        count(&self.counters.failures, 1);
        self.reporter.refused(linkage, func, tier, error);
    }

    /// Frees retired code, see [`Reclaimer::reclaim_from`].
    pub(crate) fn reclaim_from(&self, bytes: usize) {
        if let Some(done) = self.reclaimer.reclaim_from(bytes) {
            self.reporter.reclaimed(&done);
        }
    }

    /// Frees retired code, see [`Reclaimer::reclaim`].
    pub(crate) fn reclaim(&self, bytes: usize) {
        if let Some(done) = self.reclaimer.reclaim(bytes) {
            self.reporter.reclaimed(&done);
        }
    }

    /// Records that a tier compiles a function, and counts it if it did so before in this generation.
    fn note_compilation(&self, linkage: &Linkage, func: DefinedFunc, tier: Tier) {
        if !LinkageCode::of(linkage).states.note_compilation(func, tier) {
            count(&self.counters.doubled, 1);
        }
    }

    /// Plans and compiles a function.
    fn compile(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        tier: Tier,
        start_at: Option<u32>,
    ) -> Result<Compiled, Refusal> {
        let plan = self.plan(linkage, func, tier);
        let started = Instant::now();
        let body = self.run(&plan, func, tier, start_at)?;
        let took = started.elapsed().as_nanos() as u64;
        self.count_compilation(&body, tier, start_at.is_some(), took);
        count(&self.counters.inlined, plan.calls.len() as u64);
        count(&self.counters.inlined_foreign, plan.foreign() as u64);
        count(&self.counters.inlined_guarded, plan.guarded() as u64);
        Ok(Compiled {
            body,
            plan,
            start_at,
        })
    }

    /// Decides what is inlined.
    fn plan(&self, linkage: &Arc<Linkage>, func: DefinedFunc, tier: Tier) -> Plan {
        let root = Function::new(linkage.clone(), func);
        if tier != Tier::OPTIMISED || !self.tuning.inlining {
            return Plan::empty(root);
        }
        plan::plan(root, self.tuning.profiles(), self.reporter.has_listener())
    }

    /// Runs the compiler of a tier.
    fn run(
        &self,
        plan: &Plan,
        func: DefinedFunc,
        tier: Tier,
        start_at: Option<u32>,
    ) -> Result<CompiledBody, Refusal> {
        let bindings = plan
            .scopes
            .iter()
            .map(|linkage| |import| !matches!(linkage.binding(import), Binding::Host));
        let bindings: Vec<_> = bindings.collect();
        let scopes = plan.scopes.iter().zip(&bindings);
        let scopes: Vec<Scope<'_>> = scopes
            .map(|(linkage, import_is_wasm)| Scope {
                module: linkage.data(),
                import_is_wasm,
            })
            .collect();
        let (settings, compiler): (_, Compiler) = match (tier, self.tuning.mode) {
            (Tier::OPTIMISED, _) => (self.tuning.optimised(), compilers::optimise),
            (_, Mode::Reference) => (self.tuning.optimised(), compilers::reference),
            (_, _) => (self.tuning.baseline(), compilers::baseline),
        };
        let inlined_bodies: Vec<&[u8]> = plan.callees.iter().map(Function::body).collect();
        run_caught(
            &CompileInput {
                scopes: &scopes,
                func,
                body: plan.root.body(),
                inlined: &plan.calls,
                inlined_bodies: &inlined_bodies,
                start_at,
                settings: &settings,
            },
            compiler,
        )
    }

    fn count_compilation(&self, body: &CompiledBody, tier: Tier, of_loop: bool, took: u64) {
        let counters = &self.counters;
        let wasm_bytes = u64::from(body.wasm_bytes);
        if of_loop {
            count(&counters.loops_compiled, 1);
            count(&counters.optimised_compile_ns, took);
        } else if tier == Tier::OPTIMISED {
            count(&counters.optimised_compiled, 1);
            count(&counters.optimised_compile_ns, took);
            count(&counters.optimised_wasm_bytes, wasm_bytes);
        } else {
            count(&counters.baseline_compiled, 1);
            count(&counters.baseline_compile_ns, took);
            count(&counters.baseline_wasm_bytes, wasm_bytes);
        }
    }

    /// Puts a body into the code space by calling `put`. If there is no room, it makes room.
    fn place(
        &self,
        func: DefinedFunc,
        tier: Tier,
        generation: u32,
        compiled: &Compiled,
        put: impl Fn(NewBody<'_>) -> Result<Arc<PublishedBody>, CodeError>,
    ) -> Result<Arc<PublishedBody>, Refusal> {
        let Compiled {
            body,
            plan,
            start_at,
        } = compiled;
        let linkage = &plan.scopes[0];
        let placed = eviction::make_room(linkage, &self.counters, || {
            with_new_body(&plan.scopes, func, tier, generation, *start_at, body, &put)
        });
        placed.map_err(|error| Refusal::NoRoom {
            name: linkage.definition(func).name(),
            error,
        })
    }
}

/// Runs a compiler. A panic in it is a refusal.
fn run_caught(input: &CompileInput<'_>, compiler: Compiler) -> Result<CompiledBody, Refusal> {
    let result = catch_unwind(AssertUnwindSafe(|| {
        // Taken out while it is used: after a panic its contents are unknown.
        let mut scratch = SCRATCH.take().unwrap_or_default();
        let body = compiler(input, &mut scratch);
        if input.body.len() < SCRATCH_LIMIT {
            SCRATCH.set(Some(scratch));
        }
        body
    }));
    let module = input.module();
    let name = || module.func_name(module.func_index(input.func));
    match result {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => Err(Refusal::Compiler {
            name: name(),
            error,
        }),
        Err(panic) => Err(Refusal::Panic {
            name: name(),
            text: panic_text(&*panic),
        }),
    }
}

/// The text of a panic, escaped for messages.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    engine::shown_text(text.unwrap_or("a panic without a text"))
}
