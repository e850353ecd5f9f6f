//! Threads that run code while it is replaced, switched, reset, released and freed under them.
//!
//! Freed code is filled with breakpoints, and each function's result is known, so if a body is freed too
//! early or a link goes to another function's code, the process or the test fails.

mod assembled;

use assembled::*;
use lazywasm_stubs::{CodeSpace, EntryBlock, EntryId, FirstCall, GroupId, PublishedBody};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

const THREADS: u32 = 8;
const FUNCTIONS: u32 = 12;

/// Function 0 returns 0, function n returns one more than function n - 1. Some call the host first.
struct Program {
    entries: EntryBlock,
    group: GroupId,
    /// Held while a function is compiled: one at a time each.
    claims: [Mutex<()>; FUNCTIONS as usize],
}

/// What first calls and host calls work on.
struct World {
    space: OnceLock<CodeSpace>,
    programs: RwLock<Vec<Arc<Program>>>,
    compiled: AtomicU64,
    host_calls: AtomicU64,
    random: AtomicU64,
}

static WORLD: World = World {
    space: OnceLock::new(),
    programs: RwLock::new(Vec::new()),
    compiled: AtomicU64::new(0),
    host_calls: AtomicU64::new(0),
    random: AtomicU64::new(1),
};

impl World {
    fn space(&self) -> &'static CodeSpace {
        WORLD.space.get_or_init(|| {
            let first_call = FirstCall {
                handler: first_call,
                data: std::ptr::null(),
            };
            CodeSpace::new(config(first_call)).unwrap()
        })
    }

    /// A number below `limit`. Which thread gets which number depends on timing.
    fn random(&self, limit: u32) -> u32 {
        let x = self
            .random
            .fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let x = (x ^ x >> 31).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((x ^ x >> 29) >> 33) as u32 % limit
    }
}

extern "sysv64" fn host_function() {
    in_host(|| {
        let calls = WORLD.host_calls.fetch_add(1, Ordering::Relaxed);
        if calls.is_multiple_of(512) {
            WORLD.space().reclaim();
        } else if calls.is_multiple_of(64) {
            std::thread::yield_now();
        }
    });
}

impl Program {
    fn new() -> Program {
        Program {
            entries: WORLD.space().alloc_entries(FUNCTIONS).unwrap(),
            group: WORLD.space().new_group(),
            claims: Default::default(),
        }
    }

    fn code(&self, at: u32) -> Assembled {
        let nops = WORLD.random(11) as usize;
        match at {
            0 => constant(0),
            _ if WORLD.random(3) == 0 => Assembled::default()
                .nops(nops)
                .host(host_function as *const () as usize)
                .call(nth(self.entries, at - 1))
                .add(1)
                .ret(),
            _ => calling(nth(self.entries, at - 1), nops, 1),
        }
    }

    fn publish(&self, at: u32) -> Arc<PublishedBody> {
        let code = self.code(at);
        publish(WORLD.space(), nth(self.entries, at), self.group, &code)
    }

    /// Publishes this function and the one that it calls, or the first and the last.
    fn publish_both(&self, at: u32) {
        let both = [at, at.checked_sub(1).unwrap_or(FUNCTIONS - 1)];
        let codes = both.map(|at| (nth(self.entries, at), self.code(at)));
        let bodies = codes
            .each_ref()
            .map(|(entry, code)| new_body(*entry, self.group, code));
        WORLD.space().publish_all(&bodies).unwrap();
    }

    fn aside(&self, at: u32) -> Arc<PublishedBody> {
        let (entry, code) = (nth(self.entries, at), self.code(at));
        let body = new_body(entry, self.group, &code);
        WORLD.space().publish_aside(body).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        WORLD.space().drop_group(self.group);
        WORLD.space().release_entries(self.entries);
    }
}

extern "sysv64" fn first_call(_: *const (), entry: u32, _: *mut u8, _: *const u8) {
    in_host(|| {
        let program = {
            let programs = WORLD.programs.read().unwrap();
            let has = |program: &&Arc<Program>| {
                let first = program.entries.first.0;
                (first..first + FUNCTIONS).contains(&entry)
            };
            programs.iter().find(has).unwrap().clone()
        };
        let at = entry - program.entries.first.0;
        let _claim = program.claims[at as usize].lock().unwrap();
        if WORLD.space().is_lazy(EntryId(entry)) {
            program.publish(at);
            WORLD.compiled.fetch_add(1, Ordering::Relaxed);
        }
    });
}

#[test]
fn eight_threads_run_code_that_others_change() {
    let space = WORLD.space();
    for _ in 0..4 {
        WORLD
            .programs
            .write()
            .unwrap()
            .push(Arc::new(Program::new()));
    }
    let stop = AtomicBool::new(false);
    let calls = AtomicU32::new(0);
    let pick = || {
        let programs = WORLD.programs.read().unwrap();
        programs[WORLD.random(programs.len() as u32) as usize].clone()
    };
    // A second thread that frees and checks, while the first one changes code.
    let tidy = || {
        while !stop.load(Ordering::Relaxed) {
            space.reclaim();
            space.verify().unwrap();
            std::thread::yield_now();
        }
    };
    let run = || {
        while !stop.load(Ordering::Relaxed) {
            // The program is kept while it runs, as an instance keeps its linkage. It also stays in the list,
            // where its first calls look for it: see `replace`.
            let programs = WORLD.programs.read().unwrap();
            let program = programs[WORLD.random(programs.len() as u32) as usize].clone();
            drop(programs);
            let at = FUNCTIONS - 1 - WORLD.random(3);
            for _ in 0..50 {
                assert_eq!(call(space, nth(program.entries, at)), at);
            }
            calls.fetch_add(50, Ordering::Relaxed);
        }
    };
    // Replaces a program that is not running by a new one.
    let replace = || {
        let mut programs = WORLD.programs.write().unwrap();
        let at = WORLD.random(programs.len() as u32) as usize;
        if Arc::strong_count(&programs[at]) == 1 {
            programs[at] = Arc::new(Program::new());
            return true;
        }
        false
    };
    let (mut replaced, mut switched) = (0, 0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(run);
        }
        scope.spawn(tidy);
        let mut round = 0;
        while round < 30_000 || calls.load(Ordering::Relaxed) < 2000 * THREADS {
            round += 1;
            let program = pick();
            let at = WORLD.random(FUNCTIONS);
            match WORLD.random(8) {
                0..=1 => drop(program.publish(at)),
                2 => program.publish_both(at),
                3..=4 => space.reset_to_stub(nth(program.entries, at)),
                5..=6 => {
                    let pair = [program.aside(at), program.aside(at)];
                    for flip in 0..8 {
                        // Another thread cannot retire it: resets come from this one.
                        assert!(space.switch(&pair[flip % 2]));
                        switched += 1;
                    }
                    pair.iter().for_each(|body| space.unpin(body));
                }
                _ => {
                    drop(program);
                    replaced += u32::from(replace());
                }
            }
            if round % 64 == 0 {
                space.verify().unwrap();
            }
            assert!(round < 10_000_000, "the threads do not get on");
        }
        stop.store(true, Ordering::Relaxed);
    });
    WORLD.programs.write().unwrap().clear();
    space.reclaim();
    space.verify().unwrap();
    let stats = space.stats();
    assert_eq!((stats.pending, stats.entries, stats.sites), (0, 0, 0));
    assert_eq!(stats.blocks_in_quarantine, 0);
    assert_eq!(stats.freed, stats.published.iter().sum::<u64>());
    assert!(switched > 1000 && replaced > 10, "{switched} {replaced}");
    let compiled = WORLD.compiled.load(Ordering::Relaxed);
    let host_calls = WORLD.host_calls.load(Ordering::Relaxed);
    assert!(
        compiled > 100 && host_calls > 1000,
        "{compiled} {host_calls}"
    );
}
