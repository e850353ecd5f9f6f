//! Evicting baseline code when the code space is full.
//!
//! First, retired code is freed. If that is not enough, all functions in baseline code are reset to their
//! stubs, except those that are being optimised at this moment: the next call compiles them again, in a new
//! generation. If there is still no room, an error is returned that names the cap.

use crate::counters::{Counters, count};
use crate::policy::ATTEMPTS_TO_FREE;
use crate::state::withdraw::withdraw;
use crate::state::{LinkageCode, State};
use engine::Engine;
use engine::linkage::Linkage;
use stubs::{CodeError, CodeSpace, Tier};

/// Calls `place` until it finds room, and frees more code before each further attempt.
///
/// # Errors
/// The error of the last attempt.
pub(super) fn make_room<R>(
    linkage: &Linkage,
    counters: &Counters,
    mut place: impl FnMut() -> Result<R, CodeError>,
) -> Result<R, CodeError> {
    let code = LinkageCode::of(linkage).space();
    let lacks_room = |error: CodeError| match error {
        CodeError::Cap { .. } | CodeError::Full(_) => Ok(()),
        // Freeing code would not help.
        other => Err(other),
    };
    place()
        .or_else(|error| {
            lacks_room(error)?;
            code.reclaim();
            code.wait_for_removals();
            place()
        })
        .or_else(|error| {
            lacks_room(error)?;
            evict_baseline(linkage.engine(), code, counters);
            // On a loaded machine, a thread may respond too late, and then nothing is freed.
            for _ in 0..ATTEMPTS_TO_FREE {
                if !code.reclaim().incomplete {
                    break;
                }
            }
            // Another thread may be calling the listener for what would make room.
            code.wait_for_removals();
            place()
        })
}

/// Resets all functions in baseline code to their stubs.
fn evict_baseline(engine: &Engine, space: &CodeSpace, counters: &Counters) {
    for entry in space.entries_in(Tier::BASELINE) {
        let Some(linkage) = engine.linkage_of_entry(entry) else {
            continue;
        };
        let Some(func) = linkage.func_of_entry(entry) else {
            continue;
        };
        let states = &LinkageCode::of(&linkage).states;
        let status = states.of(func);
        if matches!(status.state, State::Baseline | State::Queued | State::Kept)
            && let Some(claim) = states.claim(func, status)
        {
            withdraw(&linkage, claim);
            count(&counters.sent_back, 1);
        }
    }
}
