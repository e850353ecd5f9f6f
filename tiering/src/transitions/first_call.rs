//! The first call of a function: one thread claims and compiles it; other callers wait for that thread.

use super::storm::Storm;
use crate::counters::count;
use crate::pipeline::{Compilers, Published, Refusal, panic_text};
use crate::policy::{Mode, STORM_RECLAIM_AT};
use crate::state::{Claim, LinkageCode, State};
use anyhow::{Error, Result, anyhow};
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use stubs::Tier;

/// Ensures that the entry of a function points to code.
///
/// # Errors
/// If a compiler refused the function, now or before, or if there is no room for the code.
pub(crate) fn first_call(
    compilers: &Compilers,
    storm: &Storm,
    linkage: &Arc<Linkage>,
    func: DefinedFunc,
) -> Result<()> {
    let counters = &compilers.counters;
    count(&counters.first_calls, 1);
    let code = LinkageCode::of(linkage);
    let in_storm = compilers.tuning.mode == Mode::RelinkStorm;
    let _under_way = in_storm.then(|| storm.first_call());
    if in_storm {
        storm.point(counters);
        compilers.reclaim_from(STORM_RECLAIM_AT);
    }
    loop {
        let status = code.states.of(func);
        match status.state {
            State::Cold => {
                if let Some(claim) = code.states.claim(func, status) {
                    return compile(compilers, linkage, claim, |func, generation| {
                        first_code(compilers, storm, linkage, func, generation)
                    });
                }
            }
            State::Claimed => code.states.wait(func),
            State::Refused => return Err(anyhow!(code.states.refusal(func))),
            State::Baseline
            | State::Queued
            | State::Optimising
            | State::Optimised
            | State::Kept => {
                if !code.space().is_lazy(linkage.entry(func)) {
                    return Ok(());
                }
                // The storm is resetting it to its stub; the state follows at once.
                std::thread::yield_now();
            }
        }
    }
}

/// Makes the first code of a claimed function by `make` and ends the claim. `make` gets the function and its
/// generation, and returns its new state and what was published, which must be held until the function has
/// that state.
///
/// # Errors
/// If there is no code. The function's calls fail from now on, unless there was no room.
pub(super) fn compile(
    compilers: &Compilers,
    linkage: &Arc<Linkage>,
    claim: Claim<'_>,
    make: impl FnOnce(DefinedFunc, u32) -> Result<(State, Published), Refusal>,
) -> Result<()> {
    let (func, generation) = (claim.func(), claim.generation());
    // A panic in here is our bug. It is reported to the function's callers.
    let compiled = catch_unwind(AssertUnwindSafe(|| make(func, generation)));
    let (error, no_room) = match compiled {
        Ok(Ok((state, _published))) => {
            claim.finish(state);
            return Ok(());
        }
        Ok(Err(refusal)) => {
            let no_room = matches!(refusal, Refusal::NoRoom { .. });
            (Error::from(refusal), no_room)
        }
        Err(panic) => {
            let text = panic_text(&*panic);
            (anyhow!("bug while publishing: {text}"), false)
        }
    };
    compilers.note_refusal(linkage, func, Tier::BASELINE, &error);
    match no_room {
        // There may be room at the next call.
        true => claim.reset(LinkageCode::of(linkage).space(), linkage.entry(func)),
        false => claim.refuse(format!("{error:#}")),
    }
    Err(error)
}

/// Compiles and publishes the first code of a function, and returns the function's new state.
fn first_code(
    compilers: &Compilers,
    storm: &Storm,
    linkage: &Arc<Linkage>,
    func: DefinedFunc,
    generation: u32,
) -> Result<(State, Published), Refusal> {
    match compilers.tuning.mode {
        _ if linkage.forward(func).is_some() => {
            compilers.publish_baseline(linkage, func, generation)
        }
        Mode::Baseline | Mode::Reference | Mode::Tiered => {
            compilers.publish_baseline(linkage, func, generation)
        }
        Mode::Optimise => {
            let refusal = match compilers.publish(linkage, func, Tier::OPTIMISED, generation) {
                Ok(code) => return Ok((State::Optimised, code)),
                Err(refusal @ Refusal::NoRoom { .. }) => return Err(refusal),
                Err(refusal) => Error::from(refusal),
            };
            compilers.note_refusal(linkage, func, Tier::OPTIMISED, &refusal);
            let code = compilers.publish(linkage, func, Tier::BASELINE, generation)?;
            Ok((State::Kept, code))
        }
        Mode::RelinkStorm => {
            let first = compilers.publish(linkage, func, Tier::BASELINE, generation)?;
            let code = LinkageCode::of(linkage).space();
            code.pin(&first.body);
            match compilers.publish_aside(linkage, func, generation, None) {
                Ok(second) => {
                    let bodies = [first.body, second.body.clone()];
                    storm.add(linkage, func, bodies, &compilers.counters);
                    Ok((State::Optimised, second))
                }
                Err(refusal) => {
                    let refusal = Error::from(refusal);
                    compilers.note_refusal(linkage, func, Tier::OPTIMISED, &refusal);
                    code.unpin(&first.body);
                    Ok((State::Kept, first))
                }
            }
        }
    }
}
