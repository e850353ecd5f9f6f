//! The code source of the engine: two compilers, and the policy between them.
//!
//! [`Tiers`] is what the engine calls (steps 4, 6 and 7 of ARCHITECTURE.md). It claims functions, runs
//! a compiler with no lock held, publishes, and keeps the books.

use crate::call_graph::{self, Function};
use crate::compiled::{CompileInput, CompiledBody, Scope};
use crate::counters::{Counters, Counts, count};
use crate::events::{Event, EventFunc, LeftCallee, Listener, TierName};
use crate::inlining::{self, Callee, Plan};
use crate::life::{Life, LinkageCode, State};
use crate::loops::{LoopCode, Step};
use crate::policy::{Mode, RECLAIM_AT, SCRATCH_LIMIT, STORM_RECLAIM_AT, Tuning};
use crate::publish::with_new_body;
use crate::storm::Storm;
use crate::trampolines::Trampolines;
use crate::translate::Scratch;
use crate::worker::{Job, Worker};
use crate::{baseline, optimise, room};
use anyhow::{Context, Error, Result, anyhow};
use engine::FuncType;
use engine::code_source::{CodeSource, EnterTrampoline, HostDoor};
use engine::ids::DefinedFunc;
use engine::layout::Budget;
use engine::linkage::{Binding, Linkage};
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;
use stubs::{CodeError, CodeSpace, NewBody, PublishedBody, Tier};

/// Two compilers and when to use which.
pub struct Tiers {
    shared: Arc<Shared>,
    worker: Worker,
    storm: Storm,
    trampolines: Trampolines,
}

/// What the background thread needs too.
struct Shared {
    tuning: Tuning,
    counters: Arc<Counters>,
    listener: Option<Arc<Listener>>,
    /// The engine's code space, known from the first linkage on.
    code: Mutex<Weak<CodeSpace>>,
    attached: AtomicBool,
    /// Bytes of retired code that stacks held when it was last tried to free them.
    held: AtomicUsize,
}

/// A compiled body, with the linkages it is about.
struct Compiled {
    body: CompiledBody,
    plan: Plan,
}

/// A body in its place. The linkages it is about are held until the function's state tells of it: when one of
/// them goes, functions that have inlined from it are looked for by their state.
struct Published {
    body: Arc<PublishedBody>,
    _plan: Plan,
}

thread_local! {
    /// Memory that compilations of this thread use again.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Tiers {
    /// A code source that works by `tuning` and tells `listener` what happens. A panic of the listener has been told by
    /// the panic hook and goes no further: it must not end the thread that optimises, nor leave a change half made.
    pub fn new(tuning: Tuning, listener: Option<Arc<Listener>>) -> Tiers {
        let listener = listener.map(|listener| -> Arc<Listener> {
            Arc::new(move |event: &Event<'_>| {
                let _ = catch_unwind(AssertUnwindSafe(|| listener(event)));
            })
        });
        let shared = Arc::new(Shared {
            tuning,
            counters: Arc::default(),
            listener,
            code: Mutex::default(),
            attached: AtomicBool::new(false),
            held: AtomicUsize::new(0),
        });
        Tiers {
            shared,
            worker: Worker::default(),
            storm: Storm::default(),
            trampolines: Trampolines::default(),
        }
    }

    /// The counters, which live on after the engine.
    pub fn counters(&self) -> Arc<Counters> {
        self.shared.counters.clone()
    }

    /// Gives a function its first code, and the state that it has with it.
    fn compile_first(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        generation: u32,
    ) -> Result<State> {
        let shared = &self.shared;
        match shared.tuning.mode {
            Mode::Baseline | Mode::Tiered => {
                shared.publish(linkage, func, Tier::BASELINE, generation)?;
                Ok(State::Baseline)
            }
            Mode::Optimise => {
                let optimised = shared.publish(linkage, func, Tier::OPTIMISED, generation);
                let Err(error) = optimised else {
                    return Ok(State::Optimised);
                };
                if error.is::<CodeError>() {
                    return Err(error);
                }
                shared.refused(linkage, func, TierName::Optimised, &error);
                shared.publish(linkage, func, Tier::BASELINE, generation)?;
                Ok(State::Kept)
            }
            Mode::RelinkStorm => {
                let first = shared
                    .publish(linkage, func, Tier::BASELINE, generation)?
                    .body;
                let code = LinkageCode::of(linkage).space();
                code.pin(&first);
                let tier = Tier::OPTIMISED;
                let second = shared.compile(linkage, func, tier, None).and_then(|body| {
                    shared.place(func, tier, generation, &body, |new| code.publish_aside(new))
                });
                match second {
                    Ok(second) => {
                        self.storm
                            .add(linkage, func, [first, second], &shared.counters);
                    }
                    Err(error) => {
                        shared.refused(linkage, func, TierName::Optimised, &error);
                        code.unpin(&first);
                        return Ok(State::Kept);
                    }
                }
                Ok(State::Optimised)
            }
        }
    }

    /// Gives the background thread a job. Does the job at once where there is to be no such thread.
    fn queue(&self, linkage: &Arc<Linkage>, func: DefinedFunc, start_at: Option<u32>) {
        let job = Job {
            linkage: Arc::downgrade(linkage),
            func,
            start_at,
        };
        if !self.shared.tuning.parallel {
            self.shared.work(&job);
            return;
        }
        give_up(self.worker.push(job, || self.thread()));
    }

    /// Another thread takes over where a job takes long.
    fn see_to_thread(&self) {
        give_up(self.worker.see_to_thread(|| self.thread()));
    }

    /// What a background thread does with a job, and what when there is none.
    fn thread(&self) -> (impl Fn(Job) + Send + 'static, impl Fn() + Send + 'static) {
        let (work, idle) = (self.shared.clone(), self.shared.clone());
        (move |job: Job| work.work(&job), move || idle.reclaim(1))
    }
}

impl Shared {
    /// Tells the listener, if there is one, of something that happened to a function.
    fn tell(
        &self,
        linkage: &Linkage,
        func: DefinedFunc,
        tell: impl FnOnce(EventFunc<'_>, &Listener),
    ) {
        if let Some(listener) = &self.listener {
            tell(Named::new(linkage, func).get(), &**listener);
        }
    }

    /// Runs a compiler. A panic in it is an error that names the function.
    fn compile(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        tier: Tier,
        start_at: Option<u32>,
    ) -> Result<Compiled> {
        if start_at.is_none() && !LinkageCode::of(linkage).note_compilation(func, tier) {
            count(&self.counters.doubled, 1);
        }
        let data = linkage.data();
        let optimised = tier == Tier::OPTIMISED;
        let (settings, plan) = if optimised && self.tuning.inlining {
            let root = Function {
                linkage: linkage.clone(),
                func,
            };
            let plan = inlining::plan(root, self.tuning.profiles(), self.listener.is_some());
            (self.tuning.optimised(), plan)
        } else if optimised {
            (self.tuning.optimised(), Plan::nothing(linkage))
        } else {
            (self.tuning.baseline(), Plan::nothing(linkage))
        };
        let bindings = plan
            .scopes
            .iter()
            .map(|linkage| |import| matches!(linkage.binding(import), Binding::Wasm { .. }));
        let bindings: Vec<_> = bindings.collect();
        let scopes = plan.scopes.iter().zip(&bindings);
        let scopes: Vec<Scope<'_>> = scopes
            .map(|(linkage, import_is_wasm)| Scope {
                module: linkage.data(),
                import_is_wasm,
            })
            .collect();
        let input = CompileInput {
            scopes: &scopes,
            func,
            inlined: &plan.calls,
            start_at,
            settings: &settings,
        };
        let started = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| {
            // Taken out while it is used: after a panic nobody knows what is in it.
            let mut scratch = SCRATCH.take();
            let body = match optimised {
                true => optimise::compile(&input, &mut scratch),
                false => baseline::compile(&input, &mut scratch),
            };
            if data.body(func).len() < SCRATCH_LIMIT {
                SCRATCH.set(scratch);
            }
            body
        }));
        let name = || data.func_name(data.func_index(func));
        let body = match result {
            Ok(result) => {
                result.map_err(|error| anyhow!("cannot compile function {}: {error}", name()))?
            }
            Err(panic) => {
                return Err(anyhow!(
                    "cannot compile function {}: bug: {}",
                    name(),
                    panic_text(&*panic)
                ));
            }
        };
        drop(scopes);
        drop(bindings);
        let took = started.elapsed().as_nanos() as u64;
        let counters = &self.counters;
        let wasm_bytes = u64::from(body.wasm_bytes);
        if start_at.is_some() {
            count(&counters.loops_compiled, 1);
            count(&counters.optimised_compile_ns, took);
        } else if optimised {
            count(&counters.optimised_compiled, 1);
            count(&counters.optimised_compile_ns, took);
            count(&counters.optimised_wasm_bytes, wasm_bytes);
        } else {
            count(&counters.baseline_compiled, 1);
            count(&counters.baseline_compile_ns, took);
            count(&counters.baseline_wasm_bytes, wasm_bytes);
        }
        count(&counters.inlined, plan.calls.len() as u64);
        count(&counters.inlined_foreign, plan.foreign() as u64);
        count(&counters.inlined_guarded, plan.guarded() as u64);
        Ok(Compiled { body, plan })
    }

    /// Compiles and publishes.
    fn publish(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        tier: Tier,
        generation: u32,
    ) -> Result<Published> {
        let started = Instant::now();
        let compiled = self.compile(linkage, func, tier, None)?;
        let code = LinkageCode::of(linkage).space();
        let published = self.place(func, tier, generation, &compiled, |new| code.publish(new))?;
        let body = &compiled.body;
        self.tell_inlined(func, &compiled);
        self.tell(linkage, func, |func, listener| {
            listener(&Event::Compiled {
                func,
                tier: name_of(tier),
                wasm_bytes: body.wasm_bytes as usize,
                code_bytes: published.len(),
                sites: published.call_sites(),
                address: published.start(),
                took: started.elapsed(),
            });
            let callers = code.callers_of(published.entry());
            listener(&Event::Linked {
                func,
                tier: name_of(tier),
                callers: callers.bodies,
                sites: callers.sites,
                direct: callers.direct,
            });
        });
        Ok(Published {
            body: published,
            _plan: compiled.plan,
        })
    }

    /// Tells the listener what was inlined and what was not.
    fn tell_inlined(&self, func: DefinedFunc, compiled: &Compiled) {
        let Some(listener) = &self.listener else {
            return;
        };
        let Plan {
            scopes,
            calls,
            seen,
            left,
        } = &compiled.plan;
        // By number of the body.
        let mut names = vec![Named::new(&scopes[0], func)];
        for (call, seen) in calls.iter().zip(seen) {
            let callee = Named::new(&scopes[call.scope as usize], call.func);
            listener(&Event::Inlined {
                func: names[0].get(),
                caller: names[call.parent as usize].get(),
                part: names.len() as u32,
                parent: call.parent,
                offset: call.offset,
                callee: callee.get(),
                wasm_bytes: scopes[call.scope as usize].data().body(call.func).len(),
                seen: *seen,
            });
            names.push(callee);
        }
        for left in left {
            let caller = match left.parent {
                0 => &scopes[0],
                parent => &scopes[calls[parent as usize - 1].scope as usize],
            };
            let (named, import);
            let callee = match &left.callee {
                Callee::Function(callee) => {
                    named = Named::new(&callee.linkage, callee.func);
                    LeftCallee::Function {
                        func: named.get(),
                        wasm_bytes: callee.size(),
                    }
                }
                Callee::Host(func) => {
                    import = caller.data().import_names(*func);
                    let (module, name) = import.expect("the host's functions are imported");
                    LeftCallee::Host { module, name }
                }
                Callee::Table(seen) => LeftCallee::Table { seen: *seen },
            };
            listener(&Event::NotInlined {
                func: names[0].get(),
                caller: names[left.parent as usize].get(),
                parent: left.parent,
                offset: left.offset,
                callee,
                reason: left.reason,
            });
        }
    }

    /// Puts a body into the code space, by `put`, making room if there is none.
    fn place(
        &self,
        func: DefinedFunc,
        tier: Tier,
        generation: u32,
        compiled: &Compiled,
        put: impl Fn(NewBody<'_>) -> Result<Arc<PublishedBody>, CodeError>,
    ) -> Result<Arc<PublishedBody>> {
        let Compiled { body, plan } = compiled;
        let linkage = &plan.scopes[0];
        let placed = room::find(linkage, &self.counters, || {
            with_new_body(&plan.scopes, func, tier, generation, body, &put)
        });
        placed.with_context(|| {
            let data = linkage.data();
            format!(
                "cannot place the code of function {}",
                data.func_name(data.func_index(func))
            )
        })
    }

    /// Keeps the books on a function without code of a tier.
    fn refused(&self, linkage: &Linkage, func: DefinedFunc, tier: TierName, error: &Error) {
        count(&self.counters.failures, 1);
        self.tell(linkage, func, |func, listener| {
            listener(&Event::Refused {
                func,
                tier,
                reason: &format!("{error:#}"),
            });
        });
    }

    /// A job of the background thread. What it is about may be gone.
    fn work(&self, job: &Job) {
        let Some(linkage) = job.linkage.upgrade() else {
            return;
        };
        match job.start_at {
            None => self.optimise(&linkage, job.func),
            Some(offset) => self.optimise_loop(&linkage, job.func, offset),
        }
    }

    /// Compiles code that starts at a loop.
    fn optimise_loop(&self, linkage: &Arc<Linkage>, func: DefinedFunc, offset: u32) {
        let code = LinkageCode::of(linkage);
        let life = code.life(func);
        let current = || code.life(func) == life;
        // A function that was withdrawn has forgotten its loops.
        if life.state != State::Optimised {
            return;
        }
        let started = Instant::now();
        let tier = Tier::OPTIMISED;
        let placed = self
            .compile(linkage, func, tier, Some(offset))
            .and_then(|compiled| {
                let body = self.place(func, tier, life.generation, &compiled, |new| {
                    code.space().publish_aside(new)
                })?;
                Ok((body, compiled))
            });
        match placed {
            // The linkages of the plan are held until the code is known to belong to the function.
            Ok((body, compiled)) => {
                self.tell_inlined(func, &compiled);
                self.tell(linkage, func, |func, listener| {
                    listener(&Event::LoopCompiled {
                        func,
                        offset,
                        code_bytes: body.len(),
                        took: started.elapsed(),
                    });
                });
                // If the function was withdrawn meanwhile, the code may hold on to what is gone.
                let ready = LoopCode::Ready(body.clone());
                if !code.loops.set(func, offset, Some(ready), current) {
                    code.space().unpin(&body);
                }
            }
            Err(error) => {
                code.loops
                    .set(func, offset, Some(LoopCode::Refused), current);
                self.refused(linkage, func, TierName::Optimised, &error);
            }
        }
    }

    fn optimise(&self, linkage: &Arc<Linkage>, func: DefinedFunc) {
        let code = LinkageCode::of(linkage);
        let life = code.life(func);
        // It may have been sent back to its stub meanwhile.
        if life.state != State::Queued || !code.advance(func, life, State::Optimising) {
            return;
        }
        let life = Life {
            state: State::Optimising,
            ..life
        };
        // Nobody else takes a function out of the state OPTIMISING.
        match self.publish(linkage, func, Tier::OPTIMISED, life.generation) {
            Ok(_published) => {
                code.advance(func, life, State::Optimised);
            }
            Err(error) => {
                code.advance(func, life, State::Kept);
                self.refused(linkage, func, TierName::Optimised, &error);
            }
        }
        self.reclaim_from(RECLAIM_AT);
    }

    /// A linkage goes: functions of others that had inlined its code, because a table had led to it, go back to their
    /// stubs. Its entries stay in quarantine until that code is freed, so that no guard takes another function
    /// for one of them.
    fn uninline(&self, linkage: &Linkage) {
        let engine = linkage.engine();
        let space = LinkageCode::of(linkage).space();
        for entry in space.inliners_of(linkage.entries()) {
            let Some(inliner) = engine.linkage_of_entry(entry) else {
                continue;
            };
            let func = inliner
                .func_of_entry(entry)
                .expect("the linkage of this entry");
            let code = LinkageCode::of(&inliner);
            loop {
                let life = code.life(func);
                match life.state {
                    State::Optimised => {
                        if code.advance(func, life, State::Claimed) {
                            code.loops.forget(func);
                            let alive = call_graph::forget_gone(&inliner, func);
                            space.reset_to_stub(entry);
                            code.begin_generation(func, life);
                            drop(alive);
                            count(&self.counters.uninlined, 1);
                            break;
                        }
                    }
                    State::Claimed => code.wait(func),
                    // Such code is gone already.
                    _ => break,
                }
            }
        }
    }

    /// Frees retired code if there are this many bytes of it, and twice as many as could not be freed the
    /// last time: a deep stack may hold much of it for long, and looking takes as long as the stack is deep.
    fn reclaim_from(&self, bytes: usize) {
        self.reclaim(bytes.max(2 * self.held.load(Ordering::Relaxed)));
    }

    /// Frees retired code if there are this many bytes of it.
    fn reclaim(&self, bytes: usize) {
        let code = self
            .code
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .upgrade();
        let Some(code) = code.filter(|code| code.pending_bytes() >= bytes) else {
            return;
        };
        let done = code.reclaim();
        self.held.store(code.pending_bytes(), Ordering::Relaxed);
        if let Some(listener) = &self.listener {
            listener(&Event::Reclaimed {
                bodies: done.freed.len(),
                bytes: done.bytes,
                pending: done.pending,
            });
        }
    }
}

/// Lets functions be asked about again whose jobs nobody will do.
fn give_up(jobs: Vec<Job>) {
    for job in jobs {
        let Some(linkage) = job.linkage.upgrade() else {
            continue;
        };
        let code = LinkageCode::of(&linkage);
        let life = code.life(job.func);
        match job.start_at {
            None if life.state == State::Queued => {
                code.advance(job.func, life, State::Baseline);
            }
            None => {}
            Some(offset) => {
                let current = || code.life(job.func) == life && life.state == State::Optimised;
                code.loops.set(job.func, offset, None, current);
            }
        }
    }
}

/// Names of a function, for an event.
struct Named {
    module: String,
    name: String,
    index: u32,
}

impl Named {
    fn new(linkage: &Linkage, func: DefinedFunc) -> Named {
        let data = linkage.data();
        let index = data.func_index(func);
        Named {
            module: data.display_name().unwrap_or_default(),
            name: data.func_name(index),
            index: index.0,
        }
    }

    fn get(&self) -> EventFunc<'_> {
        EventFunc {
            module: &self.module,
            name: &self.name,
            index: self.index,
        }
    }
}

fn name_of(tier: Tier) -> TierName {
    if tier == Tier::OPTIMISED {
        TierName::Optimised
    } else {
        TierName::Baseline
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    engine::shown_text(text.unwrap_or("a panic without a text"))
}

// SAFETY: bodies come from the two compilers, by way of `publish`; groups and bodies that are given back are those of
// `LinkageCode`; the trampolines are made for their types.
unsafe impl CodeSource for Tiers {
    fn attach(&self, linkage: &Linkage, space: &Arc<CodeSpace>) -> Box<dyn Any + Send + Sync> {
        let shared = &self.shared;
        if !shared.attached.swap(true, Ordering::Relaxed) {
            *shared.code.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(space);
        }
        count(
            &shared.counters.functions_defined,
            u64::from(linkage.data().counts().defined_funcs),
        );
        Box::new(LinkageCode::new(linkage, space.clone()))
    }

    fn detach(&self, linkage: &Linkage) {
        self.shared.uninline(linkage);
        LinkageCode::of(linkage).drop_groups();
    }

    fn released(&self) {
        self.shared.reclaim_from(RECLAIM_AT);
    }

    fn first_call(&self, linkage: &Arc<Linkage>, func: DefinedFunc) -> Result<()> {
        let counters = &self.shared.counters;
        count(&counters.first_calls, 1);
        let code = LinkageCode::of(linkage);
        let storm = self.shared.tuning.mode == Mode::RelinkStorm;
        let _under_way = storm.then(|| self.storm.first_call());
        if storm {
            self.storm.point(counters);
            self.shared.reclaim_from(STORM_RECLAIM_AT);
        }
        loop {
            let life = code.life(func);
            match life.state {
                State::Cold => {
                    if !code.advance(func, life, State::Claimed) {
                        continue;
                    }
                    // A panic in here is our bug, and must not leave others waiting for ever.
                    let compiled = catch_unwind(AssertUnwindSafe(|| {
                        self.compile_first(linkage, func, life.generation)
                    }));
                    let compiled = compiled.unwrap_or_else(|panic| {
                        Err(anyhow!("bug while publishing: {}", panic_text(&*panic)))
                    });
                    let state = match &compiled {
                        Ok(state) => *state,
                        Err(error) => {
                            self.shared
                                .refused(linkage, func, TierName::Baseline, error);
                            code.refuse(func, format!("{error:#}"));
                            State::Refused
                        }
                    };
                    match &compiled {
                        // There may be room the next time.
                        Err(error) if error.is::<CodeError>() => code.begin_generation(func, life),
                        _ => code.finish(func, Life { state, ..life }),
                    }
                    return compiled.map(|_| ());
                }
                State::Claimed => {
                    count(&counters.waits, 1);
                    code.wait(func);
                }
                State::Refused => return Err(anyhow!(code.refusal(func))),
                State::Baseline
                | State::Queued
                | State::Optimising
                | State::Optimised
                | State::Kept => {
                    if !code.space().is_lazy(linkage.entry(func)) {
                        return Ok(());
                    }
                    // The storm is leading it back to its stub; the state follows at once.
                    std::thread::yield_now();
                }
            }
        }
    }

    fn budget_spent(&self, linkage: &Arc<Linkage>, func: DefinedFunc, budget: &mut Budget) {
        let full = self.shared.tuning.budget();
        if !budget.is_set() {
            *budget = full;
            if budget.count_entry() {
                return;
            }
        }
        budget.entries = full.entries;
        self.spent(linkage, func);
    }

    fn loop_budget_spent(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        offset: u32,
        budget: &mut Budget,
    ) -> Option<usize> {
        budget.trips = self.shared.tuning.budget().trips;
        self.spent(linkage, func);
        let code = LinkageCode::of(linkage);
        // Nobody needs it before the function is optimised, and not many do afterwards: most loops have ended.
        let life = code.life(func);
        if self.shared.tuning.mode != Mode::Tiered || life.state != State::Optimised {
            return None;
        }
        let current = || code.life(func) == life;
        let body = linkage.data().body(func);
        let patience = self.shared.tuning.loop_patience();
        let mut step = code.loops.step(func, body, offset, patience, current);
        if let Step::Compile(offset) = step {
            self.queue(linkage, func, Some(offset));
        }
        if matches!(step, Step::Compile(_)) && !self.shared.tuning.parallel {
            // The job was done at once.
            step = code.loops.step(func, body, offset, patience, current);
        }
        let start = match step {
            Step::Enter(start) => start,
            Step::AskNext => {
                budget.trips = Budget::LAST;
                return None;
            }
            Step::Compile(_) | Step::GoOn => return None,
        };
        count(&self.shared.counters.loops_entered, 1);
        self.shared.tell(linkage, func, |func, listener| {
            listener(&Event::LoopEntered { func, offset });
        });
        Some(start)
    }

    fn host_called(&self) {
        if self.shared.tuning.mode == Mode::RelinkStorm {
            self.storm.point(&self.shared.counters);
        }
    }

    fn counts_entries(&self) -> bool {
        self.shared.tuning.count_entries
    }

    fn entered(&self, tier: Option<Tier>) {
        let counters = &self.shared.counters;
        match tier {
            None => count(&counters.entered_stub, 1),
            Some(Tier::BASELINE) => count(&counters.entered_baseline, 1),
            Some(_) => count(&counters.entered_optimised, 1),
        }
    }

    fn enter_trampoline(&self, ty: &FuncType, space: &CodeSpace) -> Result<EnterTrampoline> {
        self.trampolines.enter(ty, space)
    }

    fn host_trampoline(&self, ty: &FuncType, door: HostDoor, space: &CodeSpace) -> Result<usize> {
        self.trampolines.host(ty, door, space)
    }

    fn shut_down(&self) {
        self.storm.stop();
        self.worker.stop();
    }
}

impl Tiers {
    /// A function has spent one of its budgets.
    fn spent(&self, linkage: &Arc<Linkage>, func: DefinedFunc) {
        let shared = &self.shared;
        count(&shared.counters.budgets_spent, 1);
        if shared.tuning.mode != Mode::Tiered {
            return;
        }
        let code = LinkageCode::of(linkage);
        let life = code.life(func);
        if matches!(life.state, State::Queued | State::Optimised) {
            self.see_to_thread();
        }
        let bytes = linkage.data().body(func).len();
        if life.state != State::Baseline
            || !shared.tuning.promotes(code.count_spent(func), bytes)
            || !code.advance(func, life, State::Queued)
        {
            return;
        }
        count(&shared.counters.promotions, 1);
        shared.tell(linkage, func, |func, listener| {
            listener(&Event::Promoted { func })
        });
        self.queue(linkage, func, None);
    }

    /// The counts of this moment.
    pub fn counts(&self) -> Counts {
        self.shared.counters.read()
    }
}
