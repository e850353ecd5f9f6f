//! Withdrawing a function's code. This is the only way in which a function is reset to its stub.
//!
//! It happens when a module is dropped whose code others have inlined (here), when the code space is full
//! (`pipeline::eviction`), and in the relink storm (`transitions::storm`).

use super::profile::forget_dropped_callees;
use super::{Claim, LinkageCode, State};
use crate::counters::{Counters, count};
use engine::linkage::Linkage;

/// Resets a function to its stub, and its callers with it. Its bodies are retired and the next call is the
/// first of a new generation.
pub(crate) fn withdraw(linkage: &Linkage, claim: Claim<'_>) {
    let (code, func) = (LinkageCode::of(linkage), claim.func());
    code.loops.forget(func);
    claim.reset(code.space(), linkage.entry(func));
}

/// Withdraws functions that have inlined code of a linkage, which is being dropped: other linkages may have
/// inlined its code at calls through a table. Its entries stay in quarantine until that code is freed, so
/// that no guard mistakes another function for one of them.
pub(crate) fn withdraw_inliners(linkage: &Linkage, counters: &Counters) {
    let engine = linkage.engine();
    let space = LinkageCode::of(linkage).space();
    for entry in space.inliners_of(linkage.entries()) {
        let Some(inliner) = engine.linkage_of_entry(entry) else {
            continue;
        };
        let func = inliner
            .func_of_entry(entry)
            .expect("the linkage of this entry");
        let states = &LinkageCode::of(&inliner).states;
        loop {
            let status = states.of(func);
            match status.state {
                State::Optimised => {
                    if let Some(claim) = states.claim(func, status) {
                        let alive = forget_dropped_callees(&inliner, func);
                        withdraw(&inliner, claim);
                        drop(alive);
                        count(&counters.uninlined, 1);
                        break;
                    }
                }
                State::Claimed => states.wait(func),
                // That code was withdrawn already.
                _ => break,
            }
        }
    }
}
