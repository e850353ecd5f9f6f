//! Reports events to the listener, if there is one. All events are created here.

use crate::events::{Event, EventFunc, LeftCallee, Listener};
use crate::inlining::plan::{Callee, Plan};
use crate::records::tier_name;
use crate::state::LinkageCode;
use anyhow::Error;
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use stubs::{PublishedBody, Reclaimed, Tier};

/// Reports to a listener.
pub(crate) struct Reporter {
    listener: Option<Arc<Listener>>,
}

impl Reporter {
    /// Reports to `listener`. A panic of the listener, which the panic hook has reported, goes no further:
    /// it must not end an optimiser thread, nor leave a change incomplete.
    pub(crate) fn new(listener: Option<Arc<Listener>>) -> Reporter {
        let listener = listener.map(|listener| -> Arc<Listener> {
            Arc::new(move |event: &Event<'_>| {
                let _ = catch_unwind(AssertUnwindSafe(|| listener(event)));
            })
        });
        Reporter { listener }
    }

    /// Whether there is a listener.
    pub(crate) fn has_listener(&self) -> bool {
        self.listener.is_some()
    }

    /// The beginning of something whose duration is reported. Without a listener the clock is not read.
    pub(crate) fn start(&self) -> Started {
        Started(self.has_listener().then(Instant::now))
    }

    fn report(
        &self,
        linkage: &Linkage,
        func: DefinedFunc,
        report: impl FnOnce(EventFunc<'_>, &Listener),
    ) {
        if let Some(listener) = &self.listener {
            report(Named::new(linkage, func).get(), &**listener);
        }
    }

    /// A function was queued for the optimiser.
    pub(crate) fn promoted(&self, linkage: &Linkage, func: DefinedFunc) {
        self.report(linkage, func, |func, listener| {
            listener(&Event::Promoted { func });
        });
    }

    /// A function has new code, and its callers call it.
    pub(crate) fn published(
        &self,
        linkage: &Linkage,
        func: DefinedFunc,
        body: &PublishedBody,
        wasm_bytes: usize,
        started: Started,
    ) {
        self.report(linkage, func, |func, listener| {
            let tier = tier_name(body.tier());
            listener(&Event::Compiled {
                func,
                tier,
                wasm_bytes,
                code_bytes: body.len(),
                sites: body.call_sites(),
                address: body.start(),
                took: started.elapsed(),
            });
            let callers = LinkageCode::of(linkage).space().callers_of(body.entry());
            listener(&Event::Linked {
                func,
                tier,
                callers: callers.bodies,
                sites: callers.sites,
                direct: callers.direct,
            });
        });
    }

    /// OSR code was published.
    pub(crate) fn loop_published(
        &self,
        linkage: &Linkage,
        func: DefinedFunc,
        offset: u32,
        body: &PublishedBody,
        started: Started,
    ) {
        self.report(linkage, func, |func, listener| {
            listener(&Event::LoopCompiled {
                func,
                offset,
                code_bytes: body.len(),
                took: started.elapsed(),
            });
        });
    }

    /// A frame resumes in OSR code.
    pub(crate) fn loop_entered(&self, linkage: &Linkage, func: DefinedFunc, offset: u32) {
        self.report(linkage, func, |func, listener| {
            listener(&Event::LoopEntered { func, offset });
        });
    }

    /// A compiler refused a function.
    pub(crate) fn refused(&self, linkage: &Linkage, func: DefinedFunc, tier: Tier, error: &Error) {
        self.report(linkage, func, |func, listener| {
            listener(&Event::Refused {
                func,
                tier: tier_name(tier),
                reason: &format!("{error:#}"),
            });
        });
    }

    /// Retired code was freed.
    pub(crate) fn reclaimed(&self, done: &Reclaimed) {
        if let Some(listener) = &self.listener {
            listener(&Event::Reclaimed {
                bodies: done.freed.len(),
                bytes: done.bytes,
                pending: done.pending,
            });
        }
    }

    /// Reports what was inlined into a function, and what was not.
    pub(crate) fn inlined(&self, func: DefinedFunc, plan: &Plan) {
        let Some(listener) = &self.listener else {
            return;
        };
        let Plan {
            scopes,
            calls,
            callees,
            seen,
            not_inlined,
            ..
        } = plan;
        // Indexed by the number of the node.
        let mut names = vec![Named::new(&scopes[0], func)];
        for ((call, function), seen) in calls.iter().zip(callees).zip(seen) {
            let scope = &scopes[call.scope.index()];
            let callee = Named::new(scope, call.func);
            listener(&Event::Inlined {
                func: names[0].get(),
                caller: names[call.parent.number() as usize].get(),
                part: names.len() as u32,
                parent: call.parent.number(),
                offset: call.offset,
                callee: callee.get(),
                wasm_bytes: function.size(),
                seen: *seen,
            });
            names.push(callee);
        }
        for call in not_inlined {
            let caller = match call.parent.position() {
                None => &scopes[0],
                Some(at) => &scopes[calls[at].scope.index()],
            };
            let (named, import);
            let callee = match &call.callee {
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
                caller: names[call.parent.number() as usize].get(),
                parent: call.parent.number(),
                offset: call.offset,
                callee,
                reason: call.reason,
            });
        }
    }
}

/// See [`Reporter::start`].
#[derive(Clone, Copy)]
pub(crate) struct Started(Option<Instant>);

impl Started {
    fn elapsed(self) -> Duration {
        self.0.map_or(Duration::ZERO, |started| started.elapsed())
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
        let definition = linkage.definition(func);
        Named {
            module: definition.module.display_name().unwrap_or_default(),
            name: definition.name(),
            index: definition.func_index().0,
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
