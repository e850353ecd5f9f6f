//! The relink storm: a mode for tests in which links change all the time.
//!
//! Every function gets both bodies at its first call, both pinned. A storm thread, and the running threads
//! at seeded points (first calls, calls of the host), switch functions from one body to the other. Now and
//! then they reset a function to its stub, which retires both bodies and makes the next call the first of a
//! new generation. If a program computes another result in a storm, it has found a bug.
//!
//! The storm thread resets no function while a first call is in progress: of two functions that call each
//! other, one would always be reset while the other is being compiled, and the program would make only one
//! call for each compilation. The running threads reset functions at their own first calls, so this does
//! not happen with them.

use super::worker::join_unless_own;
use crate::counters::{Counters, count};
use crate::policy::{STORM_PAUSE_US, STORM_RESET_ONE_IN};
use crate::state::withdraw::withdraw;
use crate::state::{LinkageCode, State};
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;
use stubs::PublishedBody;

/// A function with its two bodies.
struct Pair {
    linkage: Weak<Linkage>,
    func: DefinedFunc,
    bodies: [Arc<PublishedBody>; 2],
    next: usize,
}

struct Pairs {
    pairs: Vec<Pair>,
    random: u64,
}

impl Default for Pairs {
    fn default() -> Pairs {
        Pairs {
            pairs: Vec::new(),
            // Any seed but 0 will do; a fixed one lets a run's sequence of choices be repeated.
            random: 0x9E37_79B9_7F4A_7C15,
        }
    }
}

#[derive(Default)]
struct Shared {
    pairs: Mutex<Pairs>,
    stopping: AtomicBool,
    /// Number of first calls in progress.
    first_calls: AtomicU32,
}

/// A first call in progress.
pub(crate) struct FirstCall<'a>(&'a Shared);

impl Drop for FirstCall<'_> {
    fn drop(&mut self) {
        self.0.first_calls.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The storm of one engine.
#[derive(Default)]
pub(crate) struct Storm {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Pairs> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a function with the bodies of which this is one.
    fn forget(&self, body: &Arc<PublishedBody>) {
        let is_of = |pair: &Pair| pair.bodies.iter().any(|other| Arc::ptr_eq(other, body));
        let mut pairs = self.lock();
        if let Some(at) = pairs.pairs.iter().position(is_of) {
            pairs.pairs.swap_remove(at);
        }
    }

    /// Changes one link. A function is reset to its stub only if `resets` is true.
    fn step(&self, resets: bool, counters: &Counters) {
        let mut pairs = self.lock();
        if pairs.pairs.is_empty() {
            return;
        }
        let random = pairs.random();
        let at = random as usize % pairs.pairs.len();
        let Some(linkage) = pairs.pairs[at].linkage.upgrade() else {
            pairs.pairs.swap_remove(at);
            return;
        };
        if random >> 32 & 0xFFFF_FFFF < (1 << 32) / STORM_RESET_ONE_IN {
            if !resets {
                return;
            }
            let pair = pairs.pairs.swap_remove(at);
            drop(pairs);
            if !reset(&linkage, pair.func, counters) {
                // The function's first call has not ended; the storm must not lose the function.
                self.lock().pairs.push(pair);
            }
        } else {
            let pair = &mut pairs.pairs[at];
            pair.next = 1 - pair.next;
            let body = pair.bodies[pair.next].clone();
            drop(pairs);
            if LinkageCode::of(&linkage).space().switch(&body) {
                count(&counters.flips, 1);
            } else {
                // It was withdrawn, when its function was replaced or another one that it has inlined.
                self.forget(&body);
            }
        }
    }
}

impl Pairs {
    /// The next number of a fixed sequence (xorshift64*, Vigna 2016).
    fn random(&mut self) -> u64 {
        let mut x = self.random;
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.random = x;
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

/// Resets a function to its stub. Returns false if it is not in the state `Optimised`. Calls that arrive in
/// the meantime wait, as for a compilation.
fn reset(linkage: &Linkage, func: DefinedFunc, counters: &Counters) -> bool {
    let states = &LinkageCode::of(linkage).states;
    let status = states.of(func);
    if status.state != State::Optimised {
        return false;
    }
    let Some(claim) = states.claim(func, status) else {
        return false;
    };
    withdraw(linkage, claim);
    count(&counters.resets, 1);
    true
}

impl Storm {
    /// Adds a function with both its bodies, which are pinned, and starts the storm thread if there is
    /// none.
    pub(crate) fn add(
        &self,
        linkage: &Arc<Linkage>,
        func: DefinedFunc,
        bodies: [Arc<PublishedBody>; 2],
        counters: &Arc<Counters>,
    ) {
        self.shared.lock().pairs.push(Pair {
            linkage: Arc::downgrade(linkage),
            func,
            bodies,
            next: 0,
        });
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let (shared, counters) = (self.shared.clone(), counters.clone());
            let run = move || {
                while !shared.stopping.load(Ordering::Relaxed) {
                    let resets = shared.first_calls.load(Ordering::Relaxed) == 0;
                    shared.step(resets, &counters);
                    std::thread::sleep(Duration::from_micros(STORM_PAUSE_US));
                }
            };
            // If the thread cannot be started, the seeded points remain.
            *thread = std::thread::Builder::new()
                .name("storm".to_string())
                .spawn(run)
                .ok();
        }
    }

    /// A seeded point on a running thread.
    pub(crate) fn point(&self, counters: &Counters) {
        self.shared.step(true, counters);
    }

    /// Marks a first call as in progress until the returned guard is dropped.
    pub(crate) fn first_call(&self) -> FirstCall<'_> {
        self.shared.first_calls.fetch_add(1, Ordering::Relaxed);
        FirstCall(&self.shared)
    }

    pub(crate) fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        join_unless_own(
            self.thread
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        self.shared.lock().pairs.clear();
    }
}
