//! The profile that baseline code records: how often functions spent their budgets, and the callees of
//! their indirect calls.

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
    /// How often each function spent its budget. The count saturates.
    spent: SpentCounts,
    /// The callees of indirect calls. The code that writes to a function's records keeps them too.
    feedback: Mutex<HashMap<DefinedFunc, Arc<FuncFeedback>>>,
}

/// How often each function of a linkage spent its budget. Jobs that wait share it.
pub(crate) type SpentCounts = Arc<[AtomicU16]>;

/// The callees of the indirect calls of a function.
#[derive(Debug)]
pub(crate) struct FuncFeedback {
    /// Offsets of the calls, in order.
    offsets: Box<[u32]>,
    /// The record of each call.
    pub calls: Box<[Feedback]>,
}

impl FuncFeedback {
    /// The record of the indirect call at this offset.
    pub(crate) fn at(&self, offset: u32) -> Option<&Feedback> {
        let at = self.offsets.binary_search(&offset).ok()?;
        Some(&self.calls[at])
    }
}

impl Profile {
    /// A profile made of zeroed words, one for each function.
    pub(super) fn new(spent: SpentCounts) -> Profile {
        Profile {
            spent,
            feedback: Mutex::default(),
        }
    }

    /// Counts one more budget that a function spent, and returns the new count.
    pub(crate) fn count_spent(&self, func: DefinedFunc) -> u16 {
        // If two threads count at the same time, one count may be lost, which is acceptable in a profile.
        let spent = self.spent(func).saturating_add(1);
        self.spent[func.index()].store(spent, Ordering::Relaxed);
        spent
    }

    /// The counts of all functions, which go on to count.
    pub(crate) fn spent_counts(&self) -> SpentCounts {
        self.spent.clone()
    }

    /// How often a function spent its budget.
    pub(crate) fn spent(&self, func: DefinedFunc) -> u16 {
        self.spent[func.index()].load(Ordering::Relaxed)
    }

    /// The records of the indirect calls at these offsets of a function, created if there are none.
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

    /// Forgets what is known of a function.
    pub(super) fn forget(&self, func: DefinedFunc) {
        self.spent[func.index()].store(0, Ordering::Relaxed);
        let mut feedback = self.feedback.lock().unwrap_or_else(PoisonError::into_inner);
        feedback.remove(&func);
    }

    /// The records of the indirect calls of a function, if it has had code that writes them.
    pub(crate) fn feedback(&self, func: DefinedFunc) -> Option<Arc<FuncFeedback>> {
        let feedback = self.feedback.lock().unwrap_or_else(PoisonError::into_inner);
        feedback.get(&func).cloned()
    }
}

/// Clears the records of callees whose linkages were dropped, so that the indirect calls of a function can
/// record new callees there. A count that another thread adds at the same time may be lost.
///
/// Returns the linkages that were found alive. One of these may have become the last reference, and the
/// thread that has claimed the function must not drop it before the claim has ended: dropping a linkage may
/// need to claim the same function.
#[must_use]
pub(super) fn forget_dropped_callees(linkage: &Linkage, func: DefinedFunc) -> Vec<Arc<Linkage>> {
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
