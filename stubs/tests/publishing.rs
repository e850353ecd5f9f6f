//! Publishing, linking and first calls, with bodies assembled by hand and really called.

mod assembled;

use assembled::*;
use lazywasm_stubs::{
    CallerSites, CodeError, CodeSpace, CodeSpaceConfig, EntryId, FirstCall, GroupId, NewBody,
    RelocKind, RelocValue,
};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Both forms of a code space.
fn both() -> [CodeSpace; 2] {
    let sealed = CodeSpace::new_sealed(config(NO_FIRST_CALL)).expect("memory for code");
    [space(), sealed]
}

#[test]
fn callers_follow_their_callee_in_both_forms() {
    for (space, patched) in both().into_iter().zip([1, 0]) {
        let entries = space.alloc_entries(2).unwrap();
        let group = space.new_group();
        let (callee, caller) = (nth(entries, 0), nth(entries, 1));
        publish(&space, callee, group, &constant(40));
        publish(&space, caller, group, &calling(callee, 0, 2));
        assert_eq!(call(&space, caller), 42);
        publish(&space, callee, group, &constant(50));
        assert_eq!(call(&space, caller), 52);
        assert_eq!(space.verify().unwrap().sites, 1);
        let stats = space.stats();
        assert_eq!(
            (stats.sites, stats.sites_direct, stats.pending),
            (1, patched, 1)
        );
        assert_eq!(space.reclaim().freed.len(), 1);
        assert_eq!(call(&space, caller), 52);
        space.verify().unwrap();
    }
}

#[test]
fn a_caller_published_first_is_linked_when_its_callee_comes() {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let (callee, caller) = (nth(entries, 0), nth(entries, 1));
    let tail = assembled::Assembled::default().jump(callee);
    publish(&space, caller, group, &tail);
    assert_eq!(space.stats().sites_lazy, 1);
    space.verify().unwrap();
    publish(&space, callee, group, &constant(7));
    let stats = space.stats();
    assert_eq!((stats.sites_lazy, stats.sites_direct), (0, 1));
    assert_eq!((stats.patches, stats.relinks), (1, 2));
    assert_eq!(call(&space, caller), 7);
    space.verify().unwrap();
}

#[test]
fn bodies_published_together_call_each_other() {
    for (space, patched) in both().into_iter().zip([3, 0]) {
        let entries = space.alloc_entries(4).unwrap();
        let group = space.new_group();
        let caller = calling(nth(entries, 0), 3, 1);
        publish(&space, nth(entries, 3), group, &caller);
        // The first calls the second, which calls the third.
        let codes = [
            calling(nth(entries, 1), 3, 10),
            calling(nth(entries, 2), 3, 20),
            constant(30),
        ];
        let bodies = codes.iter().zip(entries.first.0..);
        let bodies: Vec<NewBody<'_>> = bodies
            .map(|(code, entry)| new_body(EntryId(entry), group, code))
            .collect();
        let published = space.publish_all(&bodies).unwrap();
        for (body, new) in published.iter().zip(&bodies) {
            assert_eq!((body.entry(), body.len()), (new.entry, new.code.len()));
        }
        let stats = space.stats();
        assert_eq!((stats.sites, stats.sites_direct), (3, patched));
        assert_eq!(call(&space, nth(entries, 3)), 61);
        space.verify().unwrap();
    }
}

#[test]
fn of_two_bodies_of_one_function_the_last_is_current() {
    let space = space();
    let entry = space.alloc_entries(1).unwrap().first;
    let group = space.new_group();
    let codes = [constant(1), constant(2)];
    let bodies = codes.each_ref().map(|code| new_body(entry, group, code));
    space.publish_all(&bodies).unwrap();
    assert_eq!(call(&space, entry), 2);
    assert_eq!(space.stats().pending, 1);
    space.verify().unwrap();
    assert_eq!(space.reclaim().freed.len(), 1);
    assert_eq!(space.publish_all(&[]).unwrap().len(), 0);
}

#[test]
fn of_bodies_that_do_not_all_fit_none_is_published() {
    let config = CodeSpaceConfig {
        cap: 1000,
        ..config(NO_FIRST_CALL)
    };
    let space = CodeSpace::new(config).unwrap();
    let entries = space.alloc_entries(4).unwrap();
    let group = space.new_group();
    let first = publish(&space, nth(entries, 0), group, &constant(7));
    let codes = [
        calling(nth(entries, 0), 3, 1).nops(300),
        calling(nth(entries, 1), 3, 1).nops(300),
        calling(nth(entries, 2), 3, 1).nops(300),
        constant(8).nops(300),
    ];
    let bodies = codes.iter().zip([1, 2, 3, 0]);
    let bodies: Vec<NewBody<'_>> = bodies
        .map(|(code, at)| new_body(nth(entries, at), group, code))
        .collect();
    for _ in 0..3 {
        let refused = space.publish_all(&bodies);
        assert!(matches!(refused, Err(CodeError::Cap { .. })));
        assert!((1..4).all(|at| space.is_lazy(nth(entries, at))));
        assert_eq!(call(&space, nth(entries, 0)), 7);
        assert_eq!(space.callers_of(nth(entries, 0)), CallerSites::default());
        let checked = space.verify().unwrap();
        assert_eq!((checked.bodies, checked.sites), (1, 0));
        let stats = space.stats();
        assert_eq!((stats.published[0], stats.retired, stats.freed), (1, 0, 0));
        assert_eq!((stats.pending, space.pending_bytes()), (0, 0));
    }
    assert_eq!(space.target(nth(entries, 0)), first.start());
    // As much as the cap allows still fits.
    space.publish_all(&bodies[..2]).unwrap();
    assert_eq!(call(&space, nth(entries, 2)), 9);
    space.verify().unwrap();
}

#[test]
fn a_site_that_crosses_stays_on_the_stub() {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let (callee, caller) = (nth(entries, 0), nth(entries, 1));
    publish(&space, callee, group, &constant(1));
    // Offset 5 of a body that is aligned to 16 crosses; with a free choice of the start it need not.
    let code = calling(callee, 0, 1);
    let aligned = NewBody {
        align: 16,
        ..new_body(caller, group, &code)
    };
    space.publish(aligned).unwrap();
    assert_eq!(space.stats().sites_crossing, 1);
    assert_eq!(call(&space, caller), 2);
    publish(&space, callee, group, &constant(5));
    assert_eq!(call(&space, caller), 6);
    space.verify().unwrap();
    publish(&space, caller, group, &code);
    let stats = space.stats();
    assert_eq!((stats.sites_crossing, stats.sites_direct), (0, 1));
    assert_eq!(call(&space, caller), 6);
    space.verify().unwrap();
}

#[test]
fn a_recursive_body_calls_itself_and_one_aside_calls_the_current_one() {
    let space = space();
    let entries = space.alloc_entries(1).unwrap();
    let group = space.new_group();
    let entry = entries.first;
    let down = |step: u8| {
        assembled::Assembled::default()
            .bytes(&[0x31, 0xC0, 0x85, 0xFF, 0x74, 0x12]) // xor eax, eax; test edi, edi; jz to ret
            .bytes(&[0xFF, 0xCF]) // dec edi
            .call(entry)
            .add(step)
            .ret()
    };
    let run = |start: usize, depth: u32| {
        let stack = assembled::stack();
        let before = stack.enter_wasm();
        // SAFETY: the body is a C function that takes and returns 32-bit numbers.
        let result = unsafe {
            let code: extern "sysv64" fn(u32) -> u32 = std::mem::transmute(start);
            code(depth)
        };
        stack.leave_wasm(before);
        result
    };
    let first = publish(&space, entry, group, &down(1));
    assert!(space.pin(&first));
    assert_eq!(space.stats().sites_direct, 1);
    assert_eq!(run(space.stub_address(entry), 10), 10);
    let code = down(3);
    let aside = space.publish_aside(new_body(entry, group, &code)).unwrap();
    space.verify().unwrap();
    // The first step is that of the body aside, the others are those of the current body.
    assert_eq!(run(aside.start(), 10), 3 + 9);
    assert!(space.switch(&aside));
    space.verify().unwrap();
    assert_eq!(run(first.start(), 10), 1 + 9 * 3);
    assert_eq!(run(space.stub_address(entry), 10), 30);
}

#[test]
fn relocations_give_the_addresses_they_name() {
    for space in both() {
        let entries = space.alloc_entries(4).unwrap();
        let group = space.new_group();
        let named = nth(entries, 3);
        let run = |at: u32, code: &assembled::Assembled| {
            publish(&space, nth(entries, at), group, code);
            // SAFETY: the body returns a 64-bit number.
            let code: extern "sysv64" fn() -> usize =
                unsafe { std::mem::transmute(space.target(nth(entries, at))) };
            code()
        };
        let new = assembled::Assembled::default;
        let absolute = new()
            .bytes(&[0x48, 0xB8]) // mov rax, imm64
            .reloc(RelocKind::Abs8, RelocValue::Entry(named));
        assert_eq!(run(0, &absolute.ret()), space.stub_address(named));
        let relative = new()
            .bytes(&[0x48, 0x8D, 0x05]) // lea rax, [rip + rel32]
            .reloc(RelocKind::PcRel4, RelocValue::Entry(named));
        assert_eq!(run(1, &relative.ret()), space.stub_address(named));
        let word = new()
            .bytes(&[0x48, 0x8B, 0x05]) // mov rax, [rip + rel32]
            .reloc(RelocKind::PcRel4, RelocValue::EntryWord(named));
        assert_eq!(run(2, &word.ret()), space.target(named));
        assert!(space.is_lazy(named));
        assert_eq!(space.stats().sites, 0, "none of them is a call site");
    }
}

/// A code space whose first calls publish something.
struct Lazy {
    space: OnceLock<CodeSpace>,
    group: OnceLock<GroupId>,
    calls: AtomicU32,
    /// How many of the first calls find their function reset to its stub before they return.
    resets: AtomicU32,
    code: fn(u32) -> assembled::Assembled,
}

extern "sysv64" fn compile(data: *const (), entry: u32, ctx: *mut u8, frame: *const u8) {
    // SAFETY: the tests pass a value of this type, and it outlives the call.
    let lazy = unsafe { &*data.cast::<Lazy>() };
    in_host(|| {
        lazy.calls.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the path keeps the caller's frame pointer and the return address in its frame.
        let return_address = unsafe { frame.cast::<usize>().add(1).read() };
        assert!(return_address != 0 && frame.addr().is_multiple_of(16) && !ctx.is_null());
        let (space, group) = (lazy.space.get().unwrap(), *lazy.group.get().unwrap());
        publish(space, EntryId(entry), group, &(lazy.code)(entry));
        // Uses many registers, vector ones among them.
        let text = format!("{:?} {}", (entry, 1.5f64), f64::from(entry).sqrt());
        assert!(!text.is_empty());
        let more = |left: u32| left.checked_sub(1);
        if lazy
            .resets
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_ok()
        {
            space.reset_to_stub(EntryId(entry));
            space.reclaim();
        }
    });
}

fn lazy(code: fn(u32) -> assembled::Assembled) -> (&'static Lazy, &'static CodeSpace) {
    let lazy: &'static Lazy = Box::leak(Box::new(Lazy {
        space: OnceLock::new(),
        group: OnceLock::new(),
        calls: AtomicU32::new(0),
        resets: AtomicU32::new(0),
        code,
    }));
    let first_call = FirstCall {
        handler: compile,
        data: std::ptr::from_ref(lazy).cast(),
    };
    let space = CodeSpace::new(config(first_call)).unwrap();
    let space = lazy.space.get_or_init(|| space);
    lazy.group.set(space.new_group()).unwrap();
    (lazy, space)
}

/// Calls with every argument register of the convention: the sum, each weighted by its position.
fn call_with_arguments(space: &CodeSpace, entry: EntryId) -> u64 {
    let stack = assembled::stack();
    let before = stack.enter_wasm();
    type Wide = extern "sysv64" fn(
        *const u8,
        u64,
        u64,
        u64,
        u64,
        u64,
        f64,
        f64,
        f64,
        f64,
        f64,
        f64,
        f64,
        f64,
    ) -> u64;
    // SAFETY: the code of `weighted_sum` takes these parameters.
    let code: Wide = unsafe { std::mem::transmute(space.stub_address(entry)) };
    let one = std::ptr::without_provenance(1);
    let sum = code(one, 2, 3, 4, 5, 6, 7.0, 8.0, 9.0, 1.0, 2.0, 3.0, 4.0, 5.0);
    stack.leave_wasm(before);
    sum
}

/// rax = rdi, then rax = 3 * rax + r for each other argument register.
fn weighted_sum(_: u32) -> assembled::Assembled {
    let mut code = assembled::Assembled::default().bytes(&[0x48, 0x89, 0xF8]); // mov rax, rdi
    let triple = [0x48, 0x6B, 0xC0, 3]; // imul rax, rax, 3
    let integers = [
        [0x48, 0x01, 0xF0], // add rax, rsi
        [0x48, 0x01, 0xD0], // add rax, rdx
        [0x48, 0x01, 0xC8], // add rax, rcx
        [0x4C, 0x01, 0xC0], // add rax, r8
        [0x4C, 0x01, 0xC8], // add rax, r9
    ];
    for add in integers {
        code = code.bytes(&triple).bytes(&add);
    }
    for register in 0..8u8 {
        // cvttsd2si r10, xmm; add rax, r10
        code = code.bytes(&triple);
        code = code.bytes(&[0xF2, 0x4C, 0x0F, 0x2C, 0xD0 | register, 0x4C, 0x01, 0xD0]);
    }
    code.ret()
}

#[test]
fn a_first_call_keeps_all_arguments() {
    let (lazy, space) = lazy(weighted_sum);
    let entries = space.alloc_entries(2).unwrap();
    let expected = [2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5]
        .iter()
        .fold(1, |sum: u64, argument| 3 * sum + argument);
    assert_eq!(call_with_arguments(space, entries.first), expected);
    assert_eq!(call_with_arguments(space, entries.first), expected);
    assert_eq!(lazy.calls.load(Ordering::Relaxed), 1);
}

#[test]
fn code_that_is_withdrawn_during_its_first_call_is_compiled_again() {
    let (lazy, space) = lazy(weighted_sum);
    let entries = space.alloc_entries(2).unwrap();
    publish(
        space,
        nth(entries, 1),
        *lazy.group.get().unwrap(),
        &weighted_sum(0),
    );
    let expected = call_with_arguments(space, nth(entries, 1));
    lazy.resets.store(3, Ordering::Relaxed);
    assert_eq!(call_with_arguments(space, entries.first), expected);
    assert_eq!(lazy.calls.load(Ordering::Relaxed), 4);
    assert_eq!(space.stats().freed, 3, "nothing on the stack held them");
    space.verify().unwrap();
}

#[test]
fn pinned_bodies_are_switched_and_unpinned_ones_retired() {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let (callee, caller) = (nth(entries, 0), nth(entries, 1));
    let first = publish(&space, callee, group, &constant(1));
    assert!(space.pin(&first));
    let code = constant(2);
    let second = space.publish_aside(new_body(callee, group, &code)).unwrap();
    let unpinned = publish(&space, caller, group, &calling(callee, 3, 0));
    assert!(!space.switch(&unpinned));
    for _ in 0..10 {
        assert_eq!(call(&space, caller), 1);
        assert!(space.switch(&second));
        assert_eq!(call(&space, caller), 2);
        assert!(space.switch(&first));
        space.verify().unwrap();
    }
    assert_eq!(space.reclaim().freed.len(), 0);
    space.unpin(&second);
    assert!(
        !space.pin(&second) && !space.switch(&second),
        "it is retired"
    );
    assert_eq!(space.reclaim().freed.len(), 1);
    assert!(!space.pin(&second) && !space.switch(&second), "it is freed");
    assert_eq!(call(&space, caller), 1);
    space.reset_to_stub(callee);
    assert!(space.is_lazy(callee));
    space.verify().unwrap();
}

#[test]
fn the_cap_is_named_and_freed_code_does_not_count() {
    let space = CodeSpace::new(lazywasm_stubs::CodeSpaceConfig {
        cap: 10,
        ..config(NO_FIRST_CALL)
    })
    .unwrap();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    publish(&space, nth(entries, 0), group, &constant(1));
    let code = constant(2);
    let second = || space.publish(new_body(nth(entries, 1), group, &code));
    let error = second().unwrap_err();
    assert_eq!(error, CodeError::Cap { cap: 10, wanted: 6 });
    space.reset_to_stub(nth(entries, 0));
    assert_eq!(second().unwrap_err(), error, "retired code counts");
    space.reclaim();
    second().unwrap();
}

#[test]
fn a_full_space_is_an_error_until_something_is_freed() {
    let space = CodeSpace::new(lazywasm_stubs::CodeSpaceConfig {
        reserve: 0,
        ..config(NO_FIRST_CALL)
    })
    .unwrap();
    let entries = space.alloc_entries(4).unwrap();
    let group = space.new_group();
    let large = constant(1).nops(500 << 10);
    publish(&space, nth(entries, 0), group, &large);
    publish(&space, nth(entries, 1), group, &large);
    let third = || space.publish(new_body(nth(entries, 2), group, &large));
    assert_eq!(third().unwrap_err(), CodeError::Full(large.code.len()));
    space.verify().unwrap();
    space.reset_to_stub(nth(entries, 0));
    space.reclaim();
    third().unwrap();
    space.verify().unwrap();
}

#[test]
fn the_checker_sees_a_corrupted_site() {
    let space = space();
    let entries = space.alloc_entries(2).unwrap();
    let group = space.new_group();
    let caller = publish(
        &space,
        entries.first,
        group,
        &calling(nth(entries, 1), 0, 2),
    );
    space.verify().unwrap();
    // SAFETY: the body is current, and nothing calls it after this.
    unsafe { space.corrupt_site_for_test(&caller, 0, 0x1234) };
    let faults = space.verify().unwrap_err();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].entry, entries.first);
    assert!(
        faults[0].to_string().contains("instead of"),
        "{}",
        faults[0]
    );
}

#[test]
fn the_checker_sees_a_wrong_entry_word() {
    let space = space();
    let entries = space.alloc_entries(1000).unwrap();
    space.verify().unwrap();
    for (at, value) in [(0, 0), (999, space.target(entries.first))] {
        // SAFETY: nothing calls this entry.
        let word = unsafe { &*space.entry_word(nth(entries, at)) };
        let before = word.swap(value, Ordering::Relaxed);
        assert_eq!(space.verify().unwrap_err()[0].entry, nth(entries, at));
        word.store(before, Ordering::Relaxed);
    }
    space.verify().unwrap();
}

#[test]
fn bodies_are_found_by_address() {
    let space = space();
    let entries = space.alloc_entries(300).unwrap();
    let group = space.new_group();
    let bodies: Vec<_> = (0..300)
        .map(|at| {
            publish(
                &space,
                nth(entries, at),
                group,
                &constant(at).nops(at as usize),
            )
        })
        .collect();
    for body in &bodies {
        for address in body.start()..body.start() + body.len() {
            // SAFETY: all these bodies are current.
            let found = unsafe { space.lookup(address) }.unwrap();
            assert_eq!(found.entry(), body.entry());
        }
    }
    for address in [0, usize::MAX, space.stub_address(entries.first)] {
        // SAFETY: the address is not in a body.
        assert!(unsafe { space.lookup(address) }.is_none());
    }
}

/// Trampolines stay, in both forms, are not found by address, and do not count towards the cap.
#[test]
fn trampolines_are_placed_at_the_cap_too() {
    let small = || CodeSpaceConfig {
        cap: 64,
        ..config(NO_FIRST_CALL)
    };
    let spaces = [
        CodeSpace::new(small()).unwrap(),
        CodeSpace::new_sealed(small()).unwrap(),
    ];
    for space in spaces {
        let entry = space.alloc_entries(1).unwrap().first;
        let group = space.new_group();
        let large = constant(1).bytes(&[0xCC; 100]);
        let refused = space.publish(new_body(entry, group, &large));
        assert!(matches!(refused, Err(CodeError::Cap { .. })));
        let placed: Vec<usize> = (0..20)
            .map(|value| {
                space
                    .place_trampoline(&constant(value).code, 16, None)
                    .unwrap()
            })
            .collect();
        space.reclaim();
        for (value, at) in placed.into_iter().enumerate() {
            assert_eq!(at % 16, 0);
            // SAFETY: trampolines are not freed.
            assert!(unsafe { space.lookup(at) }.is_none());
            // SAFETY: assembled code, which follows the C convention.
            let code: extern "sysv64" fn() -> u32 = unsafe { std::mem::transmute(at) };
            assert_eq!(code(), value as u32);
        }
        assert_eq!(space.verify().unwrap().bodies, 0);
    }
}
