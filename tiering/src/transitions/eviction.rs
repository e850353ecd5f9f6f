//! What happens when the code space is full.
//!
//! Code that waits to be freed is freed. If that is not enough, all functions in baseline code go back to their stubs,
//! but for those that are being optimised at this moment: the next call compiles them again, in a new
//! generation. Only if there is still no room is it an error, which names the cap.

use crate::counters::{Counters, count};
use crate::state::{LinkageCode, State};
use engine::Engine;
use engine::linkage::Linkage;
use stubs::{CodeError, CodeSpace, Tier};

/// Calls `place` until it finds room, with less and less code around it.
///
/// # Errors
/// That of the last attempt.
pub(crate) fn find<R>(
    linkage: &Linkage,
    counters: &Counters,
    mut place: impl FnMut() -> Result<R, CodeError>,
) -> Result<R, CodeError> {
    let code = LinkageCode::of(linkage).space();
    let lacks_room = |error: CodeError| match error {
        CodeError::Cap { .. } | CodeError::Full(_) => Ok(()),
        // Less code would not help.
        other => Err(other),
    };
    place()
        .or_else(|error| {
            lacks_room(error)?;
            code.reclaim();
            place()
        })
        .or_else(|error| {
            lacks_room(error)?;
            send_baseline_back(linkage.engine(), code, counters);
            code.reclaim();
            place()
        })
}

fn send_baseline_back(engine: &Engine, space: &CodeSpace, counters: &Counters) {
    for entry in space.entries_in(Tier::BASELINE) {
        let Some(linkage) = engine.linkage_of_entry(entry) else {
            continue;
        };
        let Some(func) = linkage.func_of_entry(entry) else {
            continue;
        };
        let code = LinkageCode::of(&linkage);
        let life = code.life(func);
        let in_baseline = matches!(life.state, State::Baseline | State::Queued | State::Kept);
        if in_baseline && code.advance(func, life, State::Claimed) {
            space.reset_to_stub(entry);
            code.begin_generation(func, life);
            count(&counters.sent_back, 1);
        }
    }
}
