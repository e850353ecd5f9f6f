//! The code source that the engine calls. Each call is forwarded to the file that implements it.

use crate::clif::trampolines::Trampolines;
use crate::counters::{Counters, count};
use crate::events::Listener;
use crate::pipeline::Compilers;
use crate::policy::{Mode, RECLAIM_AT, Tuning};
use crate::records::{CodeListener, Recorder};
use crate::state::{LinkageCode, withdraw};
use crate::transitions::first_call;
use crate::transitions::promote::Promotion;
use crate::transitions::storm::Storm;
use anyhow::Result;
use engine::FuncType;
use engine::code_source::{CodeSource, EnterTrampoline, HostDoor};
use engine::ids::DefinedFunc;
use engine::layout::Budget;
use engine::linkage::Linkage;
use std::any::Any;
use std::sync::Arc;
use stubs::{CodeSpace, Tier};

/// The code source of the engine: two compilers, and the policy between them.
pub struct Tiers {
    compilers: Arc<Compilers>,
    promotion: Promotion,
    storm: Storm,
    trampolines: Trampolines,
    code_listener: Option<Arc<dyn CodeListener>>,
}

impl Tiers {
    /// A code source that works by `tuning` and reports events to `listener`, and code to `code_listener`. A
    /// panic of a listener is reported by the panic hook and goes no further.
    pub fn new(
        mut tuning: Tuning,
        listener: Option<Arc<Listener>>,
        code_listener: Option<Arc<dyn CodeListener>>,
    ) -> Tiers {
        tuning.observed = code_listener.is_some();
        let compilers = Arc::new(Compilers::new(tuning, listener));
        Tiers {
            promotion: Promotion::new(compilers.clone()),
            compilers,
            storm: Storm::default(),
            trampolines: Trampolines::new(tuning.observed),
            code_listener,
        }
    }

    /// The counters. They outlive the engine.
    pub fn counters(&self) -> Arc<Counters> {
        self.compilers.counters.clone()
    }
}

// SAFETY: published bodies come from the compilers, through `pipeline`; only groups and bodies of
// `LinkageCode` are returned; the trampolines are compiled for their types.
unsafe impl CodeSource for Tiers {
    fn code_listener(&self) -> Option<Arc<dyn stubs::CodeListener>> {
        let listener = self.code_listener.clone()?;
        Some(Arc::new(Recorder::new(listener)))
    }

    fn attach(&self, linkage: &Linkage, space: &Arc<CodeSpace>) -> Box<dyn Any + Send + Sync> {
        self.compilers.reclaimer.attach(space);
        let functions = u64::from(linkage.data().counts().defined_funcs);
        count(&self.compilers.counters.functions_defined, functions);
        Box::new(LinkageCode::new(linkage, space.clone()))
    }

    fn detach(&self, linkage: &Linkage) {
        withdraw::withdraw_inliners(linkage, &self.compilers.counters);
        LinkageCode::of(linkage).drop_groups();
    }

    fn released(&self) {
        self.compilers.reclaim_from(RECLAIM_AT);
    }

    fn first_call(&self, linkage: &Arc<Linkage>, func: DefinedFunc) -> Result<()> {
        first_call::first_call(&self.compilers, &self.storm, linkage, func)
    }

    fn redefine(&self, linkage: &Arc<Linkage>, func: DefinedFunc, change: &mut dyn FnMut()) {
        withdraw::start_again(linkage, func, change);
        withdraw::withdraw_inliners_of(linkage, func, &self.compilers.counters);
        self.compilers.reclaim_from(RECLAIM_AT);
    }

    fn remove(&self, linkage: &Arc<Linkage>) {
        for func in (0..linkage.func_count()).map(DefinedFunc) {
            withdraw::start_again(linkage, func, &mut || ());
        }
        withdraw::withdraw_inliners(linkage, &self.compilers.counters);
        self.compilers.reclaim(1);
    }

    fn budget_spent(&self, linkage: &Arc<Linkage>, func: DefinedFunc, budget: &mut Budget) {
        self.promotion.budget_spent(linkage, func, budget);
    }

    fn loop_budget_spent(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        offset: u32,
        generation: Option<u32>,
        budget: &mut Budget,
    ) -> Option<usize> {
        self.promotion
            .loop_budget_spent(linkage, func, offset, generation, budget)
    }

    fn host_called(&self) {
        if self.compilers.tuning.mode == Mode::RelinkStorm {
            self.storm.point(&self.compilers.counters);
        }
    }

    fn counts_entries(&self) -> bool {
        self.compilers.tuning.count_entries
    }

    fn entered(&self, tier: Option<Tier>) {
        let counters = &self.compilers.counters;
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
        self.promotion.stop();
    }
}
