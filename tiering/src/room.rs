//! What happens when the code space is full.
//!
//! Code that waits to be freed is freed. If that is not enough, all functions in baseline code that
//! nobody has found hot go back to their stubs: the next call compiles them again, in a new
//! generation. Only if there is still no room is it an error, which names the cap.

use crate::counters::{Counters, count};
use crate::life::{LinkageCode, State};
use engine::Engine;
use stubs::{CodeError, Tier};

/// Calls `place` until it finds room, with less and less code around it.
///
/// # Errors
/// That of the last attempt.
pub(crate) fn find<R>(
    engine: &Engine,
    counters: &Counters,
    mut place: impl FnMut() -> Result<R, CodeError>,
) -> Result<R, CodeError> {
    let code = engine.code();
    place()
        .or_else(|_| {
            code.reclaim();
            place()
        })
        .or_else(|_| {
            send_baseline_back(engine, counters);
            code.reclaim();
            place()
        })
}

fn send_baseline_back(engine: &Engine, counters: &Counters) {
    for entry in engine.code().entries_in(Tier::BASELINE) {
        let Some(linkage) = engine.linkage_of_entry(entry) else {
            continue;
        };
        let Some(func) = linkage.func_of_entry(entry) else {
            continue;
        };
        let code = LinkageCode::of(&linkage);
        let life = code.life(func);
        if life.state == State::Baseline && code.advance(func, life, State::Claimed) {
            engine.code().reset_to_stub(entry);
            code.begin_generation(func, life);
            count(&counters.sent_back, 1);
        }
    }
}
