//! How long publishing takes. Not a test of anything: it prints, and is run by hand, see benches/README.md.

mod assembled;

use assembled::*;
use lazywasm_stubs::{CodeSpace, EntryBlock, NewBody};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Rounds, of which the best counts. Each has a code space of its own.
const ROUNDS: usize = 15;
/// Those with cold caches.
const COLD_ROUNDS: usize = 3;

/// The page faults of this process up to now, and its resident bytes of files, which is the memory of code.
fn faults_and_shared() -> (u64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let faults = stat.rsplit(')').next().unwrap().split(' ').nth(8).unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let shared = status.lines().find(|line| line.starts_with("RssShmem"));
    let shared = shared.unwrap().split_whitespace().nth(1).unwrap();
    (faults.parse().unwrap(), shared.parse().unwrap())
}

#[inline(never)]
fn publish_one(space: &CodeSpace, body: NewBody<'_>) {
    space.publish(body).unwrap();
}

/// Publishes `count` bodies of about `len` bytes with so many call sites, each of which calls a body before
/// or after it. `cold`: something else fills the caches between two bodies, as programs do.
fn measure(count: u32, len: usize, sites: usize, cold: bool) {
    let code = |at: u32, entries: EntryBlock| -> Assembled {
        let nops = (len / (sites + 1)).saturating_sub(16);
        let mut code = Assembled::default();
        for site in 0..sites as u32 {
            // Most callees are near, as in real programs; some are published later.
            let callee = (at + 97 * site).wrapping_sub(500) % count;
            code = code.nops(nops);
            // As the baseline compiler does it: no displacement crosses a word.
            while (code.code.len() + 5) % 8 > 4 {
                code = code.nops(1);
            }
            code = code.call(nth(entries, callee));
        }
        code.nops(nops).ret()
    };
    let mut filler = vec![1u64; if cold { 1 << 19 } else { 0 }];
    let (mut best, mut faults, mut shared) = (f64::MAX, 0, 0);
    for _ in 0..if cold { COLD_ROUNDS } else { ROUNDS } {
        let space = space();
        let entries = space.alloc_entries(count).unwrap();
        let group = space.new_group();
        let codes: Vec<Assembled> = (0..count).map(|at| code(at, entries)).collect();
        let before = faults_and_shared();
        let mut took = Duration::ZERO;
        for (at, code) in codes.iter().enumerate() {
            filler.iter_mut().step_by(8).for_each(|word| *word += 1);
            // What a compiler has just written is in the caches.
            black_box((code.code.clone(), code.relocs.clone()));
            let start = Instant::now();
            let body = NewBody {
                align: 16,
                ..new_body(nth(entries, at as u32), group, code)
            };
            publish_one(&space, body);
            took += start.elapsed();
        }
        let after = faults_and_shared();
        let took = took.as_secs_f64() * 1e6 / f64::from(count);
        if took < best {
            best = took;
            faults = after.0 - before.0;
            shared = after.1 - before.1;
        }
        space.verify().unwrap();
    }
    let faults = faults as f64 / f64::from(count);
    let cold = if cold { ", cold caches" } else { "" };
    println!(
        "{count} bodies of {len} bytes, {sites} sites{cold}: {best:.2} us, {faults:.3} faults each; \
         {shared} KB of shared memory"
    );
}

#[test]
#[ignore = "prints times"]
fn bodies_of_32_bytes() {
    measure(20_000, 32, 1, false);
    measure(20_000, 32, 1, true);
}

#[test]
#[ignore = "prints times"]
fn bodies_of_500_bytes() {
    measure(2_000, 500, 4, false);
    measure(2_000, 500, 4, true);
}

#[test]
#[ignore = "prints times"]
fn bodies_of_1800_bytes() {
    measure(2_000, 1800, 12, false);
    measure(2_000, 1800, 12, true);
}
