//! Promotion: a function that has spent its budget often enough is compiled by the optimiser, on a
//! background thread.

use super::ahead;
use super::replace_frame;
use super::worker::{Job, Work, Worker};
use crate::counters::count;
use crate::pipeline::Compilers;
use crate::policy::{Mode, RECLAIM_AT};
use crate::state::loops::Step;
use crate::state::{LinkageCode, State};
use anyhow::Error;
use engine::ids::DefinedFunc;
use engine::layout::Budget;
use engine::linkage::Linkage;
use std::sync::Arc;
use stubs::Tier;

/// Promotes functions, and replaces frames that are in their loops.
pub(crate) struct Promotion {
    compilers: Arc<Compilers>,
    worker: Worker,
}

impl Promotion {
    pub(crate) fn new(compilers: Arc<Compilers>) -> Promotion {
        Promotion {
            compilers,
            worker: Worker::default(),
        }
    }

    /// A function has spent its budget of entries, or its budget has not been set yet.
    pub(crate) fn budget_spent(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        budget: &mut Budget,
    ) {
        let full = self.compilers.tuning.budget();
        if !budget.is_set() {
            *budget = full;
            if ahead::entered_first(&self.compilers, linkage, func) {
                self.queue(linkage, func, Work::Callees);
            }
            if budget.count_entry() {
                return;
            }
        }
        budget.entries = full.entries;
        self.spent(linkage, func);
    }

    /// A frame that goes back to the header of the loop at `offset` has spent its function's budget of trips.
    /// Returns the address of code in which the frame must resume, if there is any. `generation` is that of
    /// the code that the frame runs, if it may be of an earlier definition.
    pub(crate) fn loop_budget_spent(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        offset: u32,
        generation: Option<u32>,
        budget: &mut Budget,
    ) -> Option<usize> {
        let tuning = &self.compilers.tuning;
        budget.trips = tuning.budget().trips;
        let code = LinkageCode::of(linkage);
        if generation.is_some_and(|running| running != code.states.of(func).generation) {
            return None;
        }
        self.spent(linkage, func);
        // There is no OSR code before the function is optimised, and few frames need it afterwards: most
        // loops have ended.
        let status = code.states.of(func);
        if tuning.mode != Mode::Tiered || status.state != State::Optimised {
            return None;
        }
        let current = || code.states.of(func) == status;
        let definition = linkage.definition(func);
        let body = definition.body();
        let patience = tuning.loop_patience();
        let mut step = code.loops.step(func, body, offset, patience, current);
        if let Step::Compile(offset) = step {
            self.queue(linkage, func, Work::Loop(offset));
        }
        if matches!(step, Step::Compile(_)) && !tuning.parallel {
            // The job was done at once.
            step = code.loops.step(func, body, offset, patience, current);
        }
        let start = match step {
            Step::Enter(start) => start,
            Step::AskNext => {
                budget.trips = Budget::LAST;
                return None;
            }
            Step::Compile(_) | Step::Continue => return None,
        };
        count(&self.compilers.counters.loops_entered, 1);
        self.compilers.reporter.loop_entered(linkage, func, offset);
        Some(start)
    }

    /// Ends the background threads.
    pub(crate) fn stop(&self) {
        self.worker.stop();
    }

    /// A function has spent one of its budgets.
    fn spent(&self, linkage: &Arc<Linkage>, func: DefinedFunc) {
        let Compilers {
            tuning,
            counters,
            reporter,
            ..
        } = &*self.compilers;
        count(&counters.budgets_spent, 1);
        if tuning.mode != Mode::Tiered {
            return;
        }
        let code = LinkageCode::of(linkage);
        let status = code.states.of(func);
        if matches!(status.state, State::Queued | State::Optimised) {
            // Another thread takes over the queue if a job takes long.
            abandon(self.worker.ensure_thread(|| self.thread()));
        }
        let bytes = linkage.definition(func).body().len();
        let spent = code.profile.count_spent(func);
        if status.state != State::Baseline
            || !tuning.promotes(spent, bytes)
            || !code.states.advance(func, status, State::Queued)
        {
            return;
        }
        count(&counters.promotions, 1);
        reporter.promoted(linkage, func);
        self.queue(linkage, func, Work::Optimise);
    }

    /// Gives a job to the background thread, or does it at once if the configuration has no background
    /// thread.
    fn queue(&self, linkage: &Arc<Linkage>, func: DefinedFunc, work: Work) {
        let job = Job {
            linkage: Arc::downgrade(linkage),
            func,
            work,
            size: linkage.definition(func).body().len(),
            spent: LinkageCode::of(linkage).profile.spent_counts(),
        };
        if self.compilers.tuning.parallel {
            abandon(self.worker.push(job, || self.thread()));
        } else {
            do_job(&self.compilers, &job);
        }
    }

    /// What a background thread does with a job, and what it does when there is none.
    fn thread(&self) -> (impl Fn(Job) + Send + 'static, impl Fn() + Send + 'static) {
        let (busy, idle) = (self.compilers.clone(), self.compilers.clone());
        (move |job: Job| do_job(&busy, &job), move || idle.reclaim(1))
    }
}

/// Does a job. The linkage may have been dropped.
fn do_job(compilers: &Compilers, job: &Job) {
    let Some(linkage) = job.linkage.upgrade() else {
        return;
    };
    match job.work {
        Work::Callees => ahead::compile_callees(compilers, &linkage, job.func),
        Work::Optimise => optimise(compilers, &linkage, job.func),
        Work::Loop(offset) => replace_frame::compile(compilers, &linkage, job.func, offset),
    }
}

/// Compiles a promoted function, unless it has been reset to its stub since.
fn optimise(compilers: &Compilers, linkage: &Arc<Linkage>, func: DefinedFunc) {
    let states = &LinkageCode::of(linkage).states;
    let Some(claim) = states.claim_queued(func) else {
        return;
    };
    let generation = claim.generation();
    // What is refused stays as it is, unless it was withdrawn meanwhile.
    let kept = || states.of(func).state == State::Kept && states.of(func).generation == generation;
    if let Err(refusal) = compilers.publish_optimised(linkage, func, claim)
        && kept()
    {
        compilers.note_refusal(linkage, func, Tier::OPTIMISED, &Error::from(refusal));
    }
    compilers.reclaim_from(RECLAIM_AT);
}

/// Gives up jobs that no thread will do: their functions may be promoted again.
fn abandon(jobs: Vec<Job>) {
    for job in jobs {
        let Some(linkage) = job.linkage.upgrade() else {
            continue;
        };
        let code = LinkageCode::of(&linkage);
        let status = code.states.of(job.func);
        match job.work {
            Work::Optimise if status.state == State::Queued => {
                code.states.advance(job.func, status, State::Baseline);
            }
            Work::Optimise | Work::Callees => {}
            Work::Loop(offset) => {
                let current =
                    || code.states.of(job.func) == status && status.state == State::Optimised;
                code.loops.set(job.func, offset, None, current);
            }
        }
    }
}
