//! The states of functions. They ensure that each function is compiled once, by one thread.
//!
//! Each function of a linkage has one word of state:
//!
//! ```text
//!        first call         compiled             promoted        taken             published
//!  COLD -----------> CLAIMED ---------> BASELINE ---------> QUEUED -----> OPTIMISING ---------> OPTIMISED
//!   ^                 | |  |               ^                 |                |
//!   |  no room, or    | |  | in the modes  +-----------------+                | refused
//!   |  withdrawn      | |  | optimise,           job abandoned                v
//!   +-----------------+ |  | storm                                           KEPT (keeps baseline code)
//!     next generation   |  +---> OPTIMISED, KEPT
//!                       |
//!                       +---> REFUSED (every call fails with the reason)
//!
//!  withdrawn:  BASELINE, QUEUED, KEPT, when the code space is full  --> CLAIMED
//!              OPTIMISED, when a module is dropped whose code it has inlined, or in a storm  --> CLAIMED
//!              any other state, when the function is replaced; OPTIMISING and OPTIMISED, when a
//!              function is replaced that it has inlined  --> CLAIMED
//! ```
//!
//! A function that has inlined one that was replaced before it was published becomes BASELINE again.
//!
//! The upper bits count generations: a function that is reset to its stub begins a new one. A claim
//! (`claim`) is taken by compare-and-swap; no thread holds a lock while compiling. A second caller of a
//! claimed function waits for that function only.
//!
//! A separate byte per function records which tiers compiled it in this generation. It is not derived from
//! the state, so it can prove that no function is compiled twice.

use super::claim::{Claim, OptimiserClaim};
use engine::ids::DefinedFunc;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use stubs::Tier;

/// The state of a function, see the picture above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum State {
    Cold = 0,
    Claimed = 1,
    Baseline = 2,
    Queued = 3,
    Optimised = 4,
    Kept = 5,
    Refused = 6,
    Optimising = 7,
}

impl State {
    fn of(word: u32) -> State {
        match word & STATE_MASK {
            0 => State::Cold,
            1 => State::Claimed,
            2 => State::Baseline,
            3 => State::Queued,
            4 => State::Optimised,
            5 => State::Kept,
            7 => State::Optimising,
            _ => State::Refused,
        }
    }

    /// Whether the picture has an arrow from this state to `to`.
    fn can_become(self, to: State) -> bool {
        use State as S;
        match self {
            S::Cold => matches!(to, S::Claimed),
            S::Claimed => !matches!(to, S::Claimed | S::Queued | S::Optimising),
            S::Baseline => matches!(to, S::Queued | S::Claimed),
            S::Queued => matches!(to, S::Baseline | S::Optimising | S::Claimed),
            S::Optimising => matches!(to, S::Optimised | S::Kept | S::Baseline | S::Claimed),
            S::Optimised | S::Kept | S::Refused => matches!(to, S::Claimed),
        }
    }
}

/// Set in the record of a function's compilations if it got code ahead of its first call, until it is called.
const AHEAD: u8 = 1 << 7;

const STATE_MASK: u32 = 7;
/// Set in the word of a claimed function that threads wait for.
const WAITED_FOR: u32 = 8;
const GENERATION_SHIFT: u32 = 4;

/// A state together with its generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub state: State,
    pub generation: u32,
}

impl Status {
    fn of(word: u32) -> Status {
        Status {
            state: State::of(word),
            generation: word >> GENERATION_SHIFT,
        }
    }

    fn word(self) -> u32 {
        self.generation << GENERATION_SHIFT | self.state as u32
    }
}

/// The states of all functions of a linkage.
#[derive(Debug)]
pub(crate) struct States {
    words: Box<[AtomicU32]>,
    /// A bit for each tier that compiled the function in its present generation.
    compiled: Box<[AtomicU8]>,
    refusals: Mutex<HashMap<DefinedFunc, String>>,
}

impl States {
    /// States made of zeroed words, one for each function: all functions are cold.
    pub(super) fn new(words: Box<[AtomicU32]>, compiled: Box<[AtomicU8]>) -> States {
        States {
            words,
            compiled,
            refusals: Mutex::default(),
        }
    }

    pub(crate) fn of(&self, func: DefinedFunc) -> Status {
        Status::of(self.words[func.index()].load(Ordering::Acquire))
    }

    /// Changes the state. Returns false if the state or generation is no longer `from`.
    pub(crate) fn advance(&self, func: DefinedFunc, from: Status, to: State) -> bool {
        debug_assert!(from.state.can_become(to), "{from:?} to {to:?}");
        let new = Status { state: to, ..from };
        let word = &self.words[func.index()];
        word.compare_exchange(from.word(), new.word(), Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Claims a function. Returns `None` if its state or generation is no longer `from`.
    pub(crate) fn claim(&self, func: DefinedFunc, from: Status) -> Option<Claim<'_>> {
        let claimed = self.advance(func, from, State::Claimed);
        claimed.then(|| Claim::new(self, func, from.generation))
    }

    /// Like `claim`, for the optimiser: calls of the function do not wait, since it has code. If the function
    /// is withdrawn meanwhile, the work was in vain.
    pub(crate) fn claim_queued(&self, func: DefinedFunc) -> Option<OptimiserClaim<'_>> {
        let from = self.of(func);
        let claimed = from.state == State::Queued && self.advance(func, from, State::Optimising);
        claimed.then(|| OptimiserClaim::new(self, func, from.generation))
    }

    /// Records that a tier compiles a function. Returns false if it did so before in this generation.
    pub(crate) fn note_compilation(&self, func: DefinedFunc, tier: Tier) -> bool {
        let bit = 1 << tier.0;
        self.compiled[func.index()].fetch_or(bit, Ordering::AcqRel) & bit == 0
    }

    /// Records that a function is compiled ahead of its first call.
    pub(crate) fn note_ahead(&self, func: DefinedFunc) {
        self.compiled[func.index()].fetch_or(AHEAD, Ordering::AcqRel);
    }

    /// Whether a function was compiled ahead of its first call, which this is.
    pub(crate) fn take_ahead(&self, func: DefinedFunc) -> bool {
        let compiled = &self.compiled[func.index()];
        compiled.load(Ordering::Relaxed) & AHEAD != 0
            && compiled.fetch_and(!AHEAD, Ordering::AcqRel) & AHEAD != 0
    }

    /// Forgets which tiers compiled a function.
    pub(super) fn forget_compilations(&self, func: DefinedFunc) {
        self.compiled[func.index()].store(0, Ordering::Release);
    }

    /// Ends a claim, and wakes the threads that wait for the function. No other thread changes the state of
    /// a claimed function.
    pub(super) fn end_claim(&self, func: DefinedFunc, status: Status) {
        debug_assert!(State::Claimed.can_become(status.state), "{status:?}");
        let old = self.words[func.index()].swap(status.word(), Ordering::AcqRel);
        // Waking costs a system call, and hardly ever does anybody wait.
        if old & WAITED_FOR == 0 {
            return;
        }
        let parking = self.parking_of(func);
        // A waiter holds the lock from when it sets the bit until it sleeps.
        drop(parking.lock.lock().unwrap_or_else(PoisonError::into_inner));
        parking.changed.notify_all();
    }

    /// Waits until a function is not claimed any more.
    pub(crate) fn wait(&self, func: DefinedFunc) {
        let parking = self.parking_of(func);
        let mut guard = parking.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let word = &self.words[func.index()];
        let wait_for = |word: u32| {
            let claimed = State::of(word) == State::Claimed;
            claimed.then_some(word | WAITED_FOR)
        };
        while word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, wait_for)
            .is_ok()
        {
            guard = parking
                .changed
                .wait(guard)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether a thread waits for a function.
    #[cfg(test)]
    pub(super) fn is_waited_for(&self, func: DefinedFunc) -> bool {
        self.words[func.index()].load(Ordering::Acquire) & WAITED_FOR != 0
    }

    /// Records why calls of a function fail.
    pub(super) fn note_refusal(&self, func: DefinedFunc, reason: String) {
        self.refusals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(func, reason);
    }

    /// Why calls of a refused function fail.
    pub(crate) fn refusal(&self, func: DefinedFunc) -> String {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.get(&func).cloned().unwrap_or_default()
    }

    fn parking_of(&self, func: DefinedFunc) -> &'static Parking {
        static PLACES: [Parking; 16] = [const {
            Parking {
                lock: Mutex::new(()),
                changed: Condvar::new(),
            }
        }; 16];
        let word = std::ptr::from_ref(&self.words[func.index()]) as usize;
        &PLACES[word / size_of::<AtomicU32>() % PLACES.len()]
    }
}

/// Where threads wait. All functions share a few of these; a wake-up that was meant for another function
/// costs one check of the state.
struct Parking {
    lock: Mutex<()>,
    changed: Condvar,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::state) fn states(functions: usize) -> States {
        let words = (0..functions).map(|_| AtomicU32::new(0)).collect();
        let compiled = (0..functions).map(|_| AtomicU8::new(0)).collect();
        States::new(words, compiled)
    }

    #[test]
    fn every_state_is_read_as_it_was_written() {
        use State as S;
        for state in [
            S::Cold,
            S::Claimed,
            S::Baseline,
            S::Queued,
            S::Optimised,
            S::Kept,
            S::Refused,
            S::Optimising,
        ] {
            let status = Status {
                state,
                generation: 77,
            };
            assert_eq!(Status::of(status.word()), status);
        }
    }

    #[test]
    fn a_state_is_changed_only_from_what_it_is() {
        let states = states(2);
        let func = DefinedFunc(1);
        let cold = states.of(func);
        let claim = states.claim(func, cold).expect("it is cold");
        assert!(states.claim(func, cold).is_none(), "it is claimed");
        claim.finish(State::Baseline);
        let baseline = states.of(func);
        assert_eq!(baseline.state, State::Baseline);
        assert!(states.claim_queued(func).is_none(), "it is not queued");
        assert!(states.advance(func, baseline, State::Queued));
        assert!(!states.advance(func, baseline, State::Queued));
        assert_eq!(states.of(DefinedFunc(0)), cold, "the other one");
    }

    #[test]
    fn threads_that_wait_are_woken() {
        let states = states(1);
        let func = DefinedFunc(0);
        for _ in 0..500 {
            let claim = states.claim(func, states.of(func)).unwrap();
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| states.wait(func));
                }
                std::thread::yield_now();
                claim.finish(State::Baseline);
            });
        }
    }
}
