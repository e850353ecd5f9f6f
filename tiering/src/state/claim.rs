//! A claim: the right of one thread to change what a function is.
//!
//! Every claim ends in a state of the same generation or in the next generation. If it is dropped without
//! that, which is a bug, it ends in a state in which no thread waits for the function.

use super::states::{State, States, Status};
use engine::ids::DefinedFunc;
use stubs::{CodeSpace, EntryId};

/// A claimed function. The threads that wait for it are woken when the claim ends.
#[derive(Debug)]
#[must_use]
pub(crate) struct Claim<'a> {
    states: &'a States,
    func: DefinedFunc,
    generation: u32,
}

impl<'a> Claim<'a> {
    pub(super) fn new(states: &'a States, func: DefinedFunc, generation: u32) -> Claim<'a> {
        Claim {
            states,
            func,
            generation,
        }
    }

    /// The claimed function.
    pub(crate) fn func(&self) -> DefinedFunc {
        self.func
    }

    /// The generation for which code is compiled.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// Ends the claim in this state: the function has its code now.
    pub(crate) fn finish(self, state: State) {
        let generation = self.generation;
        self.end(Status { state, generation });
    }

    /// Ends the claim with a refusal: calls of the function fail from now on.
    pub(crate) fn refuse(self, reason: String) {
        self.states.note_refusal(self.func, reason);
        self.finish(State::Refused);
    }

    /// Ends the claim without code: withdraws what the function's entry points to, if it is not the stub. The
    /// next call is the first of a new generation.
    pub(crate) fn reset(self, space: &CodeSpace, entry: EntryId) {
        // Before any thread can claim the function again: it would withdraw the code of that thread.
        if !space.is_lazy(entry) {
            space.reset_to_stub(entry);
        }
        self.begin_generation();
    }

    fn begin_generation(self) {
        self.states.forget_compilations(self.func);
        let generation = self.generation + 1;
        self.end(Status {
            state: State::Cold,
            generation,
        });
    }

    fn end(self, status: Status) {
        self.states.end_claim(self.func, status);
        std::mem::forget(self);
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let reason = "a bug of lazywasm: its compilation ended without a result";
        self.states.note_refusal(self.func, reason.to_string());
        let (state, generation) = (State::Refused, self.generation);
        self.states
            .end_claim(self.func, Status { state, generation });
    }
}

/// A function that is being optimised. It has baseline code, so no thread waits for it, and it may be
/// withdrawn meanwhile. If this is dropped, the function keeps its baseline code.
#[derive(Debug)]
#[must_use]
pub(crate) struct OptimiserClaim<'a> {
    states: &'a States,
    func: DefinedFunc,
    generation: u32,
}

impl<'a> OptimiserClaim<'a> {
    pub(super) fn new(
        states: &'a States,
        func: DefinedFunc,
        generation: u32,
    ) -> OptimiserClaim<'a> {
        OptimiserClaim {
            states,
            func,
            generation,
        }
    }

    /// The generation for which code is compiled.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// Ends the claim with optimised code. Returns false if the function was withdrawn meanwhile.
    pub(crate) fn finish(self) -> bool {
        let optimised = self.end(State::Optimised);
        std::mem::forget(self);
        optimised
    }

    /// Ends the claim without code; the function may be promoted again. Returns false.
    pub(crate) fn give_up(self) -> bool {
        self.end(State::Baseline);
        std::mem::forget(self);
        false
    }

    fn end(&self, state: State) -> bool {
        let (from, generation) = (State::Optimising, self.generation);
        let from = Status {
            state: from,
            generation,
        };
        self.states.advance(self.func, from, state)
    }
}

impl Drop for OptimiserClaim<'_> {
    fn drop(&mut self) {
        self.end(State::Kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::states::tests::states;
    use stubs::Tier;

    const FUNC: DefinedFunc = DefinedFunc(0);

    #[test]
    fn a_function_that_is_reset_begins_the_next_generation() {
        let states = states(1);
        let claim = states.claim(FUNC, states.of(FUNC)).unwrap();
        assert!(states.note_compilation(FUNC, Tier::BASELINE));
        assert!(!states.note_compilation(FUNC, Tier::BASELINE));
        claim.begin_generation();
        let status = states.of(FUNC);
        assert_eq!((status.state, status.generation), (State::Cold, 1));
        assert!(states.note_compilation(FUNC, Tier::BASELINE));
    }

    #[test]
    fn a_refused_function_has_its_reason() {
        let states = states(1);
        let claim = states.claim(FUNC, states.of(FUNC)).unwrap();
        claim.refuse("too large".to_string());
        assert_eq!(states.of(FUNC).state, State::Refused);
        assert_eq!(states.refusal(FUNC), "too large");
    }

    #[test]
    fn a_dropped_claim_leaves_nobody_waiting() {
        let states = states(1);
        let claim = states.claim(FUNC, states.of(FUNC)).unwrap();
        std::thread::scope(|scope| {
            let (woken, wait) = std::sync::mpsc::channel();
            let (states, parked) = (&states, || states.is_waited_for(FUNC));
            scope.spawn(move || {
                states.wait(FUNC);
                woken.send(()).unwrap();
            });
            while !parked() {
                std::thread::yield_now();
            }
            drop(claim);
            // A thread that is not woken would wait for ever.
            let long = std::time::Duration::from_secs(60);
            if wait.recv_timeout(long).is_err() {
                eprintln!("the waiting thread was not woken");
                std::process::abort();
            }
        });
        assert_eq!(states.of(FUNC).state, State::Refused);
        assert!(states.refusal(FUNC).contains("bug"));
    }

    #[test]
    fn the_optimiser_ends_in_vain_if_the_function_is_claimed_meanwhile() {
        let states = states(1);
        states
            .claim(FUNC, states.of(FUNC))
            .unwrap()
            .finish(State::Baseline);
        for finishes in [true, false] {
            assert!(states.advance(FUNC, states.of(FUNC), State::Queued));
            let optimiser = states.claim_queued(FUNC).unwrap();
            let claim = states.claim(FUNC, states.of(FUNC)).unwrap();
            claim.begin_generation();
            let claim = states.claim(FUNC, states.of(FUNC)).unwrap();
            claim.finish(State::Baseline);
            let status = states.of(FUNC);
            match finishes {
                true => assert!(!optimiser.finish()),
                false => drop(optimiser),
            }
            assert_eq!(states.of(FUNC), status);
        }
    }

    #[test]
    fn a_function_whose_optimisation_was_dropped_keeps_its_baseline_code() {
        let states = states(1);
        let claim = states.claim(FUNC, states.of(FUNC)).unwrap();
        claim.finish(State::Baseline);
        assert!(states.advance(FUNC, states.of(FUNC), State::Queued));
        drop(states.claim_queued(FUNC).unwrap());
        assert_eq!(states.of(FUNC).state, State::Kept);
    }
}
