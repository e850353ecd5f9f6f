//! Withdrawing a function's code. This is the only way in which a function is reset to its stub.
//!
//! It happens when a function is replaced, and when a module is dropped or a function replaced whose code
//! others have inlined (here), when the code space is full (`pipeline::eviction`), and in the relink storm
//! (`transitions::storm`).

use super::profile::forget_dropped_callees;
use super::{Claim, LinkageCode, State};
use crate::counters::{Counters, count};
use engine::Engine;
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use stubs::EntryId;

/// Resets a function to its stub, and its callers with it. Its bodies are retired and the next call is the
/// first of a new generation.
pub(crate) fn withdraw(linkage: &Linkage, claim: Claim<'_>) {
    let (code, func) = (LinkageCode::of(linkage), claim.func());
    code.loops.forget(func);
    claim.reset(code.space(), linkage.entry(func));
}

/// Makes a function start again with another definition, which `change` gives it while it is claimed. The
/// optimiser's work on it is in vain. If a thread is making its first code, this waits for it.
pub(crate) fn start_again(linkage: &Linkage, func: DefinedFunc, change: &mut dyn FnMut()) {
    let code = LinkageCode::of(linkage);
    loop {
        let status = code.states.of(func);
        if status.state == State::Claimed {
            code.states.wait(func);
        } else if let Some(claim) = code.states.claim(func, status) {
            change();
            code.profile.forget(func);
            return withdraw(linkage, claim);
        }
    }
}

/// Withdraws the functions that have inlined a function, which has another definition now. What is being
/// optimised is dropped; what is optimised from now on has the new definition.
pub(crate) fn withdraw_inliners_of(linkage: &Linkage, func: DefinedFunc, counters: &Counters) {
    let space = LinkageCode::of(linkage).space();
    for entry in space.inliners_of_function(linkage.entry(func)) {
        withdraw_inliner(linkage.engine(), entry, counters, |_, _| ());
    }
}

/// Withdraws functions that have inlined code of a linkage, which is being dropped: other linkages may have
/// inlined its code at calls through a table. Its entries stay in quarantine until that code is freed, so
/// that no guard mistakes another function for one of them.
pub(crate) fn withdraw_inliners(linkage: &Linkage, counters: &Counters) {
    let engine = linkage.engine();
    let space = LinkageCode::of(linkage).space();
    for entry in space.inliners_of(linkage.entries()) {
        withdraw_inliner(engine, entry, counters, forget_dropped_callees);
    }
}

/// Withdraws a function with inlined code. `forget` is called while it is claimed; what it returns is dropped
/// after that.
fn withdraw_inliner<R>(
    engine: &Engine,
    entry: EntryId,
    counters: &Counters,
    forget: impl Fn(&Linkage, DefinedFunc) -> R,
) {
    let Some(inliner) = engine.linkage_of_entry(entry) else {
        return;
    };
    let func = inliner.func_of_entry(entry);
    let func = func.expect("the linkage of this entry");
    let states = &LinkageCode::of(&inliner).states;
    loop {
        let status = states.of(func);
        match status.state {
            // Code that is being optimised may have been placed already.
            State::Optimised | State::Optimising => {
                if let Some(claim) = states.claim(func, status) {
                    let kept = forget(&inliner, func);
                    withdraw(&inliner, claim);
                    drop(kept);
                    count(&counters.uninlined, 1);
                    return;
                }
            }
            State::Claimed => states.wait(func),
            // That code was withdrawn already.
            _ => return,
        }
    }
}
