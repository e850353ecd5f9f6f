//! What baseline code noted: how often functions spent their budgets, and whom their indirect calls called.

use super::LinkageCode;
use engine::ids::DefinedFunc;
use engine::layout::Feedback;
use engine::linkage::Linkage;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The profile of a linkage.
#[derive(Debug)]
pub(crate) struct Profile {
    /// How often each function spent its budget; no more than fits is counted.
    spent: Box<[AtomicU16]>,
    /// What indirect calls saw. Baseline code writes there, so nothing is taken out while the linkage lives.
    feedback: Mutex<HashMap<DefinedFunc, Arc<FuncFeedback>>>,
}

/// What the indirect calls of a function saw.
#[derive(Debug)]
pub(crate) struct FuncFeedback {
    /// Offsets of the calls, in order.
    offsets: Box<[u32]>,
    /// For each.
    pub calls: Box<[Feedback]>,
}

impl FuncFeedback {
    /// What the indirect call at this offset saw.
    pub(crate) fn at(&self, offset: u32) -> Option<&Feedback> {
        let at = self.offsets.binary_search(&offset).ok()?;
        Some(&self.calls[at])
    }
}

impl Profile {
    /// From words of zeros, one for each function.
    pub(super) fn new(spent: Box<[AtomicU16]>) -> Profile {
        Profile {
            spent,
            feedback: Mutex::default(),
        }
    }

    /// Counts one more budget that a function spent, and returns how many that makes.
    pub(crate) fn count_spent(&self, func: DefinedFunc) -> u16 {
        // Two threads that count at once may lose one: it is a profile.
        let spent = self.spent(func).saturating_add(1);
        self.spent[func.index()].store(spent, Ordering::Relaxed);
        spent
    }

    /// How often a function spent its budget.
    pub(crate) fn spent(&self, func: DefinedFunc) -> u16 {
        self.spent[func.index()].load(Ordering::Relaxed)
    }

    /// Where the indirect calls at these offsets of a function note whom they call.
    pub(crate) fn make_feedback(&self, func: DefinedFunc, offsets: &[u32]) -> Arc<FuncFeedback> {
        let mut feedback = self.feedback.lock().unwrap_or_else(PoisonError::into_inner);
        let made = feedback.entry(func).or_insert_with(|| {
            Arc::new(FuncFeedback {
                offsets: offsets.into(),
                calls: offsets.iter().map(|_| Feedback::default()).collect(),
            })
        });
        made.clone()
    }

    /// What the indirect calls of a function saw, if it has had code that notes it.
    pub(crate) fn feedback(&self, func: DefinedFunc) -> Option<Arc<FuncFeedback>> {
        let feedback = self.feedback.lock().unwrap_or_else(PoisonError::into_inner);
        feedback.get(&func).cloned()
    }
}

/// Makes room for callees to come where the indirect calls of a function have seen some whose linkages are gone. A count that
/// another thread adds meanwhile may be lost.
///
/// Returns the linkages that were found alive. The last reference may have become one of these, and the thread that has
/// claimed the function must not drop it before the claim has ended: a linkage that is dropped wants the claim itself.
#[must_use]
pub(super) fn forget_gone(linkage: &Linkage, func: DefinedFunc) -> Vec<Arc<Linkage>> {
    let (engine, code) = (linkage.engine(), LinkageCode::of(linkage));
    let mut alive = Vec::new();
    let Some(feedback) = code.profile.feedback(func) else {
        return alive;
    };
    for calls in &feedback.calls {
        for place in &calls.seen {
            let entry = code
                .space()
                .entry_of_word(place.entry.load(Ordering::Relaxed));
            match entry.and_then(|entry| engine.linkage_of_entry(entry)) {
                Some(linkage) => alive.push(linkage),
                None => {
                    place.entry.store(0, Ordering::Relaxed);
                    place.count.store(0, Ordering::Relaxed);
                }
            }
        }
        calls.others.store(0, Ordering::Relaxed);
    }
    alive
}
