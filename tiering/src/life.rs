//! The life of functions: who compiles what, once.
//!
//! Each function of a linkage has one word of state:
//!
//! ```text
//!         first call          done            budget spent          taken                done
//! COLD ---------------> CLAIMED ----> BASELINE -----------> QUEUED ------> OPTIMISING ------> OPTIMISED
//!                          |    (mode Optimise: OPTIMISED)                     |
//!                          | refused                                           | refused
//!                          v                                                   v
//!                       REFUSED (every call fails by name)                    KEPT (stays baseline)
//!
//! BASELINE, QUEUED, KEPT --no room for code--> CLAIMED --> COLD, of the next generation
//! ```
//! The upper bits count generations: a function that is led back to its stub begins a new one. Claims
//! are compare-and-swap; nobody holds a lock while compiling. A second caller of a claimed function
//! waits for that function alone.
//!
//! Beside the states, and not derived from them, stands a byte for each function that tells which tiers
//! compiled it in this generation. It is what proves that no function is compiled twice.

use crate::loops::LoopCodes;
use engine::ids::DefinedFunc;
use engine::layout::Feedback;
use engine::linkage::Linkage;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use stubs::{CodeSpace, GroupId, Tier};

/// Where a function is in its life.
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
}

const STATE_MASK: u32 = 0xF;
const GENERATION_SHIFT: u32 = 4;

/// A state together with its generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub state: State,
    pub generation: u32,
}

impl Life {
    fn of(word: u32) -> Life {
        Life {
            state: State::of(word),
            generation: word >> GENERATION_SHIFT,
        }
    }

    fn word(self) -> u32 {
        self.generation << GENERATION_SHIFT | self.state as u32
    }
}

/// What is kept with a linkage. Seven bytes of zeros for each function until it is used.
#[derive(Debug)]
pub(crate) struct LinkageCode {
    lives: Box<[AtomicU32]>,
    /// A bit for each tier that compiled the function in its present generation.
    compiled: Box<[AtomicU8]>,
    /// How often the function spent its budget; no more than fits is counted.
    spent: Box<[AtomicU16]>,
    space: Arc<CodeSpace>,
    groups: [OnceLock<GroupId>; Tier::COUNT],
    refusals: Mutex<HashMap<DefinedFunc, String>>,
    /// Code that starts at loops.
    pub loops: LoopCodes,
    /// What indirect calls saw. Baseline code writes there, so nothing is taken out while the linkage lives.
    feedback: Mutex<HashMap<DefinedFunc, Arc<FuncFeedback>>>,
}

/// What the indirect calls of a function saw.
#[derive(Debug)]
pub(crate) struct FuncFeedback {
    /// Offsets of the calls, in order.
    offsets: Box<[u32]>,
    /// For each.
    pub calls: Box<[Feedback]>,
}

impl FuncFeedback {
    /// What the indirect call at this offset saw.
    pub(crate) fn at(&self, offset: u32) -> Option<&Feedback> {
        let at = self.offsets.binary_search(&offset).ok()?;
        Some(&self.calls[at])
    }
}

impl LinkageCode {
    pub(crate) fn new(linkage: &Linkage, space: Arc<CodeSpace>) -> LinkageCode {
        let count = linkage.data().counts().defined_funcs as usize;
        // SAFETY: zero is a valid atomic; asked for zeroed so that untouched pages cost nothing.
        let (lives, compiled, spent) = unsafe {
            (
                Box::<[AtomicU32]>::new_zeroed_slice(count).assume_init(),
                Box::<[AtomicU8]>::new_zeroed_slice(count).assume_init(),
                Box::<[AtomicU16]>::new_zeroed_slice(count).assume_init(),
            )
        };
        LinkageCode {
            lives,
            compiled,
            spent,
            space,
            groups: Default::default(),
            refusals: Mutex::default(),
            loops: LoopCodes::default(),
            feedback: Mutex::default(),
        }
    }

    /// What this crate keeps with a linkage.
    pub(crate) fn of(linkage: &Linkage) -> &LinkageCode {
        linkage
            .code()
            .downcast_ref()
            .expect("attached by this crate")
    }

    /// Where the linkage's code is published.
    pub(crate) fn space(&self) -> &Arc<CodeSpace> {
        &self.space
    }

    pub(crate) fn life(&self, func: DefinedFunc) -> Life {
        Life::of(self.lives[func.index()].load(Ordering::Acquire))
    }

    /// Goes from one state to another; false if it was another state or generation by now.
    pub(crate) fn advance(&self, func: DefinedFunc, from: Life, to: State) -> bool {
        let new = Life { state: to, ..from };
        let word = &self.lives[func.index()];
        word.compare_exchange(from.word(), new.word(), Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Notes that a tier compiles a function; false if it did so before in this generation.
    pub(crate) fn note_compilation(&self, func: DefinedFunc, tier: Tier) -> bool {
        let bit = 1 << tier.0;
        self.compiled[func.index()].fetch_or(bit, Ordering::AcqRel) & bit == 0
    }

    /// Counts one more budget spent, and gives how many that makes.
    pub(crate) fn count_spent(&self, func: DefinedFunc) -> u16 {
        // Two threads that count at once may lose one: it is a profile.
        let spent = self.spent[func.index()]
            .load(Ordering::Relaxed)
            .saturating_add(1);
        self.spent[func.index()].store(spent, Ordering::Relaxed);
        spent
    }

    /// Ends a claim by beginning the next generation, in which nothing is compiled yet.
    pub(crate) fn begin_generation(&self, func: DefinedFunc, claimed: Life) {
        self.compiled[func.index()].store(0, Ordering::Release);
        self.finish(
            func,
            Life {
                state: State::Cold,
                generation: claimed.generation + 1,
            },
        );
    }

    /// Ends a claim and wakes who waits for it.
    pub(crate) fn finish(&self, func: DefinedFunc, life: Life) {
        self.lives[func.index()].store(life.word(), Ordering::Release);
        let parking = parking_of(self, func);
        // The lock orders the store above before a waiter's last look.
        drop(parking.lock.lock().unwrap_or_else(PoisonError::into_inner));
        parking.changed.notify_all();
    }

    /// Waits until a function is not claimed any more.
    pub(crate) fn wait(&self, func: DefinedFunc) {
        let parking = parking_of(self, func);
        let mut guard = parking.lock.lock().unwrap_or_else(PoisonError::into_inner);
        while self.life(func).state == State::Claimed {
            guard = parking
                .changed
                .wait(guard)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The group that the linkage's bodies of a tier are kept in, made at the first.
    pub(crate) fn group(&self, tier: Tier) -> GroupId {
        *self.groups[usize::from(tier.0)].get_or_init(|| self.space.new_group())
    }

    /// Gives the groups back.
    pub(crate) fn drop_groups(&self) {
        for group in self.groups.iter().filter_map(OnceLock::get) {
            self.space.drop_group(*group);
        }
    }

    /// Where the indirect calls at these offsets of a function note whom they call.
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

    /// What the indirect calls of a function saw, if it has had code that notes it.
    pub(crate) fn feedback(&self, func: DefinedFunc) -> Option<Arc<FuncFeedback>> {
        let feedback = self.feedback.lock().unwrap_or_else(PoisonError::into_inner);
        feedback.get(&func).cloned()
    }

    /// How often a function spent its budget.
    pub(crate) fn spent(&self, func: DefinedFunc) -> u16 {
        self.spent[func.index()].load(Ordering::Relaxed)
    }

    pub(crate) fn refuse(&self, func: DefinedFunc, reason: String) {
        self.refusals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(func, reason);
    }

    pub(crate) fn refusal(&self, func: DefinedFunc) -> String {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.get(&func).cloned().unwrap_or_default()
    }
}

/// Where threads wait. A few places are shared by all functions; a wake-up that was meant for another
/// function costs a look at the state.
struct Parking {
    lock: Mutex<()>,
    changed: Condvar,
}

fn parking_of(code: &LinkageCode, func: DefinedFunc) -> &'static Parking {
    static PLACES: [Parking; 16] = [const {
        Parking {
            lock: Mutex::new(()),
            changed: Condvar::new(),
        }
    }; 16];
    let word = std::ptr::from_ref(&code.lives[func.index()]) as usize;
    &PLACES[word / size_of::<AtomicU32>() % PLACES.len()]
}
