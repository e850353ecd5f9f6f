//! Compiling ahead of calls: when a function is entered for the first time, the functions that it calls get
//! baseline code on the background thread, if a processor core may be idle.
//!
//! What is called is known from the recorded call sites of the function's code. Each function tells when it
//! is entered for the first time, because its budget has not been set then; so it is known, too, how much of
//! what was compiled ahead has been called. The program's thread never waits for a function that is only
//! queued: it claims and compiles it.

use super::{first_call, worker};
use crate::counters::{Counters, count};
use crate::pipeline::Compilers;
use crate::policy::{Mode, ahead as policy};
use crate::state::{LinkageCode, State};
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Notes that a function is entered for the first time. Returns whether its callees should get code.
pub(super) fn entered_first(compilers: &Compilers, linkage: &Linkage, func: DefinedFunc) -> bool {
    let Compilers {
        tuning, counters, ..
    } = compilers;
    if tuning.mode != Mode::Tiered || !tuning.parallel {
        return false;
    }
    if LinkageCode::of(linkage).states.take_ahead(func) {
        let bytes = linkage.definition(func).body().len() as u64;
        count(&counters.ahead_called, 1);
        count(&counters.ahead_called_wasm_bytes, bytes);
    }
    counters.first_calls.load(Ordering::Relaxed) >= policy::AFTER_FIRST_CALLS
        && is_used(counters)
        && worker::has_cores()
}

/// Whether enough of what was compiled ahead has been called, so that more of it is worth it.
fn is_used(counters: &Counters) -> bool {
    let compiled = counters.ahead_wasm_bytes.load(Ordering::Relaxed);
    let called = counters.ahead_called_wasm_bytes.load(Ordering::Relaxed);
    // Code for which other functions lose theirs is never worth it.
    let no_room = counters.sent_back.load(Ordering::Relaxed) > 0;
    (compiled < policy::ON_TRUST || called * policy::CALLED_ONE_IN >= compiled) && !no_room
}

/// Gives baseline code to the functions without code that a function calls.
pub(super) fn compile_callees(compilers: &Compilers, linkage: &Arc<Linkage>, func: DefinedFunc) {
    let space = LinkageCode::of(linkage).space();
    let callees = space.callees_without_code(linkage.entry(func));
    for entry in callees.into_iter().take(policy::CALLEES) {
        if !is_used(&compilers.counters) {
            return;
        }
        // The callee's linkage is dropped after its claim has ended: dropping one may wait for claims.
        let Some(callee) = linkage.engine().linkage_of_entry(entry) else {
            continue;
        };
        if let Some(func) = callee.func_of_entry(entry) {
            compile(compilers, &callee, func);
        }
    }
}

fn compile(compilers: &Compilers, linkage: &Arc<Linkage>, func: DefinedFunc) {
    if linkage.is_unresolved(func) {
        return;
    }
    let states = &LinkageCode::of(linkage).states;
    let bytes = linkage.definition(func).body().len();
    let status = states.of(func);
    if status.state != State::Cold || bytes > policy::LARGEST {
        return;
    }
    let Some(claim) = states.claim(func, status) else {
        return;
    };
    if linkage.is_removed() {
        return claim.reset(LinkageCode::of(linkage).space(), linkage.entry(func));
    }
    states.note_ahead(func);
    count(&compilers.counters.ahead_compiled, 1);
    count(&compilers.counters.ahead_wasm_bytes, bytes as u64);
    // Nobody has called it: an error is one of its first call, which finds it refused or tries again.
    let _ = first_call::compile(compilers, linkage, claim, |func, generation| {
        compilers.publish_baseline(linkage, func, generation)
    });
}
