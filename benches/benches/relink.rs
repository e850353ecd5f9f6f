//! Publishing another body for a function that has many call sites.
//!
//! It uses only a code space, with callers of two instructions, so that only relinking is measured: no
//! compiler, no engine.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::sync::Arc;
use stubs::{
    CodeSpace, CodeSpaceConfig, EntryId, FirstCall, GroupId, NewBody, PlacedReloc, PublishedBody,
    RelocKind, RelocValue, SideTables, Tier,
};

extern "sysv64" fn never(_: *const (), entry: u32, _: *mut u8, _: *const u8) {
    unreachable!("entry {entry}: nothing is called here")
}

fn new_body<'a>(
    entry: EntryId,
    group: GroupId,
    code: &'a [u8],
    relocs: &'a [PlacedReloc],
) -> NewBody<'a> {
    NewBody {
        entry,
        group,
        tier: Tier::BASELINE,
        generation: 0,
        code,
        align: 16,
        relocs,
        side: SideTables::default(),
        keeps: None,
    }
}

/// `ret`
const CALLEE: [u8; 1] = [0xC3];

/// `call callee; ret`
const CALLER: [u8; 6] = [0xE8, 0, 0, 0, 0, 0xC3];

fn called_from(sites: u32) -> (CodeSpace, EntryId, GroupId) {
    let space = CodeSpace::new(CodeSpaceConfig {
        reserve: 256 << 20,
        cap: 256 << 20,
        patch_sites: true,
        first_call: FirstCall {
            handler: never,
            data: std::ptr::null(),
        },
        listener: None,
    })
    .expect("memory for code");
    let entries = space.alloc_entries(sites + 1).expect("room for entries");
    let group = space.new_group();
    let callee = entries.first;
    let site = [PlacedReloc {
        offset: 1,
        kind: RelocKind::CallRel4,
        value: RelocValue::Entry(callee),
        addend: -4,
        weight: 1,
    }];
    for caller in 1..=sites {
        let caller = EntryId(callee.0 + caller);
        space
            .publish(new_body(caller, group, &CALLER, &site))
            .expect("room for code");
    }
    (space, callee, group)
}

fn relink(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("relink");
    for sites in [1, 100, 10_000] {
        let (space, callee, code_group) = called_from(sites);
        group.throughput(Throughput::Elements(u64::from(sites)));

        // From one existing body to another: the entry and every site.
        let first = space
            .publish(new_body(callee, code_group, &CALLEE, &[]))
            .expect("room for code");
        space.pin(&first);
        let second = space
            .publish_aside(new_body(callee, code_group, &CALLEE, &[]))
            .expect("room for code");
        let bodies: [Arc<PublishedBody>; 2] = [first, second];
        let mut turn = 0;
        group.bench_function(BenchmarkId::new("switch, sites", sites), |bencher| {
            bencher.iter(|| {
                turn += 1;
                assert!(space.switch(&bodies[turn % 2]));
            });
        });

        // A whole replacement: publish, relink, retire, and free what was replaced, barrier included.
        space.reset_to_stub(callee);
        space.reclaim();
        group.bench_function(
            BenchmarkId::new("replace and free, sites", sites),
            |bencher| {
                bencher.iter(|| {
                    space
                        .publish(new_body(callee, code_group, &CALLEE, &[]))
                        .expect("room for code");
                    space.reclaim()
                });
            },
        );
        space.verify().expect("every link is right");
    }
    group.finish();
}

criterion_group!(benches, relink);
criterion_main!(benches);
