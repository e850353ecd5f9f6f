//! Publishing, relinking and freeing, with bodies assembled by hand and really called.

use lazywasm_stubs::stacks;
use lazywasm_stubs::{
    CodeError, CodeSpace, CodeSpaceConfig, EntryId, FirstCall, GroupId, NewBody, PlacedReloc,
    PublishedBody, RelocKind, RelocValue, SideTables, Tier,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

extern "sysv64" fn refuse(_: *const (), entry: u32, _: *mut u8, _: *const u8) -> usize {
    panic!("entry {entry} was called before it was published")
}

fn space_with(handler: FirstCall, cap: usize) -> CodeSpace {
    let config = CodeSpaceConfig {
        reserve: 128 << 20,
        cap,
        patch_sites: true,
        first_call: handler,
    };
    CodeSpace::new(config).expect("memory for code")
}

fn space() -> CodeSpace {
    space_with(
        FirstCall {
            handler: refuse,
            data: std::ptr::null(),
        },
        64 << 20,
    )
}

/// `mov eax, value; ret`
fn constant(value: u32) -> Vec<u8> {
    let mut code = vec![0xB8];
    code.extend(value.to_le_bytes());
    code.push(0xC3);
    code
}

/// `nop`s, then `sub rsp, 8; call callee; add rsp, 8; add eax, more; ret`
fn calling(nops: usize, more: u8) -> (Vec<u8>, u32) {
    let mut code = vec![0x90; nops];
    code.extend([
        0x48, 0x83, 0xEC, 8, 0xE8, 0, 0, 0, 0, 0x48, 0x83, 0xC4, 8, 0x83, 0xC0, more, 0xC3,
    ]);
    (code, nops as u32 + 5)
}

fn site(offset: u32, callee: EntryId) -> PlacedReloc {
    PlacedReloc {
        offset,
        kind: RelocKind::CallRel4,
        value: RelocValue::Entry(callee),
        addend: -4,
        weight: 0,
    }
}

fn body<'a>(
    entry: EntryId,
    group: GroupId,
    code: &'a [u8],
    align: u32,
    relocs: &'a [PlacedReloc],
) -> NewBody<'a> {
    let side = SideTables::default();
    NewBody {
        entry,
        group,
        tier: Tier::BASELINE,
        generation: 0,
        code,
        align,
        relocs,
        side,
    }
}

fn publish(
    space: &CodeSpace,
    entry: EntryId,
    group: GroupId,
    code: &[u8],
    relocs: &[PlacedReloc],
) -> Arc<PublishedBody> {
    space
        .publish(body(entry, group, code, 1, relocs))
        .expect("room")
}

fn call(space: &CodeSpace, entry: EntryId) -> u32 {
    let stack = stacks::current();
    let before = stack.enter_wasm();
    // SAFETY: the stub leads to code of this file, which follows the C convention.
    let result = unsafe {
        let code: extern "sysv64" fn() -> u32 = std::mem::transmute(space.stub_address(entry));
        code()
    };
    stack.leave_wasm(before);
    result
}

#[test]
fn callers_follow_their_callee() {
    let space = space();
    let entries = space.alloc_entries(3).unwrap();
    let group = space.new_group(Tier::BASELINE);
    let (callee, caller) = (entries.first, EntryId(entries.first.0 + 1));
    publish(&space, callee, group, &constant(40), &[]);
    let (code, offset) = calling(0, 2);
    publish(&space, caller, group, &code, &[site(offset, callee)]);
    assert_eq!(call(&space, caller), 42);
    publish(&space, callee, group, &constant(50), &[]);
    assert_eq!(call(&space, caller), 52);
    assert_eq!(space.verify().unwrap().sites, 1);
    let stats = space.stats();
    assert_eq!((stats.sites, stats.sites_direct, stats.pending), (1, 1, 1));
    assert_eq!(space.reclaim().bodies, 1);
    assert_eq!(call(&space, caller), 52);
    space.verify().unwrap();
}

#[test]
fn a_site_that_crosses_stays_on_the_stub() {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group(Tier::BASELINE);
    let (callee, caller) = (entries.first, EntryId(entries.first.0 + 1));
    publish(&space, callee, group, &constant(1), &[]);
    // Offset 5 of a body that is aligned to 16 crosses; with a free choice of the start it need not.
    let (code, offset) = calling(0, 1);
    let relocs = [site(offset, callee)];
    space
        .publish(body(caller, group, &code, 16, &relocs))
        .unwrap();
    assert_eq!(space.stats().sites_crossing, 1);
    assert_eq!(call(&space, caller), 2);
    space.verify().unwrap();
    publish(&space, caller, group, &code, &relocs);
    assert_eq!(
        (space.stats().sites_crossing, space.stats().sites_direct),
        (0, 1)
    );
    assert_eq!(call(&space, caller), 2);
    space.verify().unwrap();
}

struct Lazy {
    space: std::sync::OnceLock<CodeSpace>,
    group: std::sync::OnceLock<GroupId>,
    calls: AtomicU32,
}

extern "sysv64" fn compile(data: *const (), entry: u32, _: *mut u8, _: *const u8) -> usize {
    // SAFETY: the test passes this type and keeps it.
    let lazy = unsafe { &*data.cast::<Lazy>() };
    lazy.calls.fetch_add(1, Ordering::Relaxed);
    let space = lazy.space.get().unwrap();
    publish(
        space,
        EntryId(entry),
        *lazy.group.get().unwrap(),
        &constant(1000 + entry),
        &[],
    )
    .start()
}

#[test]
fn the_first_call_compiles_and_keeps_its_arguments() {
    let lazy: &'static Lazy = Box::leak(Box::new(Lazy {
        space: Default::default(),
        group: Default::default(),
        calls: AtomicU32::new(0),
    }));
    let data = std::ptr::from_ref(lazy).cast();
    let space = lazy.space.get_or_init(|| {
        space_with(
            FirstCall {
                handler: compile,
                data,
            },
            1 << 20,
        )
    });
    lazy.group.set(space.new_group(Tier::BASELINE)).unwrap();
    let entries = space.alloc_entries(100).unwrap();
    for round in 0..3 {
        for entry in 0..100 {
            let entry = EntryId(entries.first.0 + entry);
            assert_eq!(space.is_lazy(entry), round == 0);
            assert_eq!(call(space, entry), 1000 + entry.0);
        }
    }
    assert_eq!(lazy.calls.load(Ordering::Relaxed), 100);
    space.reset_to_stub(entries.first);
    assert_eq!(call(space, entries.first), 1000 + entries.first.0);
    assert_eq!(lazy.calls.load(Ordering::Relaxed), 101);
    space.verify().unwrap();
}

#[test]
fn pinned_bodies_are_switched_and_unpinned_ones_retired() {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group(Tier::BASELINE);
    let (callee, caller) = (entries.first, EntryId(entries.first.0 + 1));
    let first = publish(&space, callee, group, &constant(1), &[]);
    space.pin(&first);
    let code = constant(2);
    let second = space
        .publish_aside(body(callee, group, &code, 1, &[]))
        .unwrap();
    let (code, offset) = calling(3, 0);
    publish(&space, caller, group, &code, &[site(offset, callee)]);
    for _ in 0..10 {
        assert_eq!(call(&space, caller), 1);
        assert!(space.switch(&second));
        assert_eq!(call(&space, caller), 2);
        assert!(space.switch(&first));
        space.verify().unwrap();
    }
    assert_eq!(space.reclaim().bodies, 0);
    space.unpin(&second);
    assert_eq!(space.reclaim().bodies, 1);
    assert!(!space.switch(&second));
}

#[test]
fn the_cap_is_named() {
    let space = space_with(
        FirstCall {
            handler: refuse,
            data: std::ptr::null(),
        },
        10,
    );
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group(Tier::BASELINE);
    publish(&space, entries.first, group, &constant(1), &[]);
    let code = constant(2);
    let error = space
        .publish(body(EntryId(entries.first.0 + 1), group, &code, 1, &[]))
        .unwrap_err();
    assert_eq!(error, CodeError::Cap { cap: 10, wanted: 6 });
}

#[test]
fn the_checker_sees_a_corrupted_site() {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group(Tier::BASELINE);
    let (code, offset) = calling(0, 2);
    let caller = publish(
        &space,
        entries.first,
        group,
        &code,
        &[site(offset, EntryId(entries.first.0 + 1))],
    );
    space.verify().unwrap();
    space.corrupt_site_for_test(&caller, 0, 0x1234);
    assert_eq!(space.verify().unwrap_err().len(), 1);
}

#[test]
fn memory_and_entries_are_used_again() {
    let space = space();
    let mut highest = 0;
    for round in 0..10_000 {
        let entries = space.alloc_entries(5).unwrap();
        let group = space.new_group(Tier::BASELINE);
        for entry in 0..5 {
            let published = publish(
                &space,
                EntryId(entries.first.0 + entry),
                group,
                &constant(entry),
                &[],
            );
            if round > 10 {
                assert!(published.start() <= highest, "address space is used again");
            } else {
                highest = highest.max(published.start());
            }
        }
        assert_eq!(call(&space, EntryId(entries.first.0 + 3)), 3);
        space.drop_group(group);
        space.release_entries(entries);
        assert_eq!(space.reclaim().bodies, 5);
        assert_eq!(entries.first.0, 0, "entries are used again");
    }
}

/// Eight threads call through a chain of functions while another replaces, resets and frees them. Freed
/// code is filled with breakpoints, so a body freed too early ends the process.
#[test]
fn hammer() {
    const FUNCTIONS: u32 = 12;
    let space: &'static CodeSpace = Box::leak(Box::new(space()));
    let entries = space.alloc_entries(FUNCTIONS).unwrap();
    let group = space.new_group(Tier::BASELINE);
    let entry = move |at: u32| EntryId(entries.first.0 + at);
    let publish_function = move |at: u32, nops: usize| {
        if at == 0 {
            publish(space, entry(0), group, &constant(0), &[]);
        } else {
            let (code, offset) = calling(nops, 1);
            publish(
                space,
                entry(at),
                group,
                &code,
                &[site(offset, entry(at - 1))],
            );
        }
    };
    (0..FUNCTIONS).for_each(|at| publish_function(at, 0));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let calls = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    for _ in 0..200 {
                        assert_eq!(call(space, entry(FUNCTIONS - 1)), FUNCTIONS - 1);
                    }
                    calls.fetch_add(200, Ordering::Relaxed);
                    std::thread::yield_now();
                }
            });
        }
        let mut freed = 0;
        for round in 0..3000u32 {
            publish_function(round * 7 % FUNCTIONS, round as usize % 11);
            if round % 16 == 0 {
                freed += space.reclaim().bodies;
            }
            if round % 64 == 0 {
                space.verify().unwrap();
            }
        }
        while calls.load(Ordering::Relaxed) < 8 * 2000 {
            std::thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        assert!(freed > 2000, "only {freed} bodies were freed");
    });
    space.reclaim();
    assert_eq!(space.stats().pending, 0);
    space.verify().unwrap();
}
