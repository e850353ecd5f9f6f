//! Inlined functions of other modules behave as if they were called. Every program consists of modules that
//! import each other. The results of its function `run` for a series of numbers, including traps and their
//! backtraces, are the same in every mode, with and without inlining, before and after it happens.

use lazywasm::{
    Caller, Config, Engine, Event, Instance, Linker, Mode, Module, Store, Val, WasmBacktrace,
};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

/// Modules by name, the last with the function `run: i32 -> i32`.
type Program<'a> = &'a [(&'a str, &'a str)];

fn config(mode: Mode, inlining: bool) -> Config {
    let mut config = Config::new();
    config.mode(mode).threshold(20).compiler_inlining(inlining);
    config
}

/// Stores whose data counts calls of the host.
fn linked(engine: &Engine, modules: Program<'_>) -> (Store<u32>, Instance) {
    let mut linker: Linker<u32> = Linker::new(engine);
    let add = |mut caller: Caller<'_, u32>, value: i32| -> i32 {
        *caller.data_mut() += 1;
        // The memory shows which module called.
        let memory = caller
            .get_export("memory")
            .and_then(|export| export.into_memory());
        let memory = memory.expect("every caller has a memory");
        let byte = memory.data(&caller)[8];
        value + i32::from(byte)
    };
    linker.func_wrap("host", "add", add).unwrap();
    let mut store = Store::new(engine, 0);
    let mut last = None;
    for (name, wat) in modules {
        let module = Module::new(engine, wat).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        linker.instance(&mut store, name, instance).unwrap();
        last = Some(instance);
    }
    (store, last.expect("a program has modules"))
}

fn call(store: &mut Store<u32>, instance: Instance, number: i32) -> String {
    let run = instance.get_func(&mut *store, "run").unwrap();
    let mut results = [Val::I32(0)];
    match run.call(&mut *store, &[Val::I32(number)], &mut results) {
        Ok(()) => format!("{:?}", results[0]),
        Err(error) => {
            let backtrace = error.downcast_ref::<WasmBacktrace>().unwrap();
            let frames = backtrace.frames().iter();
            let frames = frames.map(|frame| {
                format!(
                    "{}!{}+{:x}",
                    frame.module_name().unwrap_or("?"),
                    frame.func_name().unwrap_or("?"),
                    frame.func_offset().unwrap_or(0)
                )
            });
            format!("{:#} at {:?}", error, frames.collect::<Vec<_>>())
        }
    }
}

const SERIES: std::ops::Range<i32> = 0..40;

fn series(store: &mut Store<u32>, instance: Instance) -> Vec<String> {
    SERIES.map(|number| call(store, instance, number)).collect()
}

/// Calls until the engine has optimised something and is idle.
fn settle(engine: &Engine, mut work: impl FnMut()) {
    let started = Instant::now();
    let mut before = 0;
    loop {
        work();
        std::thread::sleep(Duration::from_millis(2));
        let stats = engine.stats();
        let done = stats.optimised_compiled;
        if done > 0 && done == before && done == stats.promotions {
            return;
        }
        before = done;
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "nothing is hot"
        );
    }
}

/// Checks that a program has the same results in every mode as in baseline code. Returns the engine whose
/// code has inlined all that the policy wanted.
fn check(modules: Program<'_>) -> Engine {
    let plain = Engine::new(&config(Mode::Baseline, false)).unwrap();
    let (mut store, instance) = linked(&plain, modules);
    let rounds: Vec<_> = (0..4).map(|_| series(&mut store, instance)).collect();
    for (mode, inlining) in [
        (Mode::Reference, false),
        (Mode::Optimise, true),
        (Mode::Optimise, false),
        (Mode::RelinkStorm, true),
        (Mode::Tiered, false),
    ] {
        let engine = Engine::new(&config(mode, inlining)).unwrap();
        let (mut store, instance) = linked(&engine, modules);
        for expected in &rounds {
            assert_eq!(
                *expected,
                series(&mut store, instance),
                "{mode:?} {inlining}"
            );
        }
        engine.verify_links().unwrap();
        assert!(inlining || engine.stats().inlined == 0);
    }
    let engine = Engine::new(&config(Mode::Tiered, true)).unwrap();
    let (mut store, instance) = linked(&engine, modules);
    settle(&engine, || {
        series(&mut store, instance);
    });
    // A new store, for programs with state; their code is optimised from the start.
    let (mut store, instance) = linked(&engine, modules);
    for expected in &rounds {
        assert_eq!(*expected, series(&mut store, instance), "tiered, settled");
    }
    engine.verify_links().unwrap();
    let stats = engine.stats();
    assert!(stats.inlined > 0, "nothing was inlined: {stats:?}");
    assert_eq!((stats.doubled, stats.failures), (0, 0));
    engine
}

fn check_foreign(modules: Program<'_>) {
    let engine = check(modules);
    assert!(engine.stats().inlined_foreign > 0, "{:?}", engine.stats());
}

fn check_guarded(modules: Program<'_>) {
    let engine = check(modules);
    assert!(engine.stats().inlined_guarded > 0, "{:?}", engine.stats());
}

const LIB: &str = r#"(module $lib
  (memory (export "memory") 1)
  (global $g (export "g") (mut i32) (i32.const 100))
  (data (i32.const 8) "\07")
  (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "bump") (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 3))) (global.get $g)))"#;

#[test]
fn memories_and_globals_are_the_callee_s() {
    check_foreign(&[
        ("lib", LIB),
        (
            "main",
            r#"(module $main
          (import "lib" "load" (func $load (param i32) (result i32)))
          (import "lib" "store" (func $store (param i32 i32)))
          (import "lib" "bump" (func $bump (result i32)))
          (memory (export "memory") 1)
          (global $g (mut i32) (i32.const 1))
          (data (i32.const 8) "\09")
          (func (export "run") (param i32) (result i32) (local $i i32) (local $x i32)
            (loop $l
              (i32.store8 (local.get $i) (i32.const 77))
              (call $store (i32.add (local.get $i) (i32.const 16)) (local.get 0))
              (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31))
                (i32.add (call $load (local.get $i)) (i32.load8_u (i32.const 8)))))
              (global.set $g (i32.add (global.get $g) (i32.const 1)))
              (local.set $x (i32.add (local.get $x) (i32.sub (call $bump) (global.get $g))))
              (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30))))
            (local.get $x)))"#,
        ),
    ]);
}

/// One global and one memory under two names; neither module may keep a stale value.
#[test]
fn what_two_modules_share_stays_one() {
    check_foreign(&[
        (
            "lib",
            r#"(module $lib
          (memory (export "memory") 1 20) (global $g (export "g") (mut i32) (i32.const 5))
          (func (export "twice") (global.set $g (i32.mul (global.get $g) (i32.const 2))))
          (func (export "poke") (param i32) (i32.store (i32.const 16) (local.get 0)))
          (func (export "grow") (result i32) (memory.grow (i32.const 1))))"#,
        ),
        (
            "main",
            r#"(module $main
          (import "lib" "memory" (memory 1 20)) (import "lib" "g" (global $g (mut i32)))
          (import "lib" "twice" (func $twice)) (import "lib" "poke" (func $poke (param i32)))
          (import "lib" "grow" (func $grow (result i32)))
          (export "memory" (memory 0))
          (func (export "run") (param i32) (result i32) (local $i i32) (local $x i32)
            (global.set $g (local.get 0))
            (loop $l
              (global.set $g (i32.add (global.get $g) (i32.const 1)))
              (call $twice)
              (i32.store (i32.const 16) (i32.const 1))
              (call $poke (global.get $g))
              (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 3)) (i32.load (i32.const 16))))
              (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
            (local.set $x (i32.add (local.get $x) (memory.size)))
            (if (i32.eq (local.get 0) (i32.const 3)) (then (drop (call $grow))))
            (i32.add (i32.mul (memory.size) (i32.const 1000)) (local.get $x))))"#,
        ),
    ]);
}

#[test]
fn host_calls_are_the_inlined_instance_s() {
    check_foreign(&[
        (
            "lib",
            r#"(module $lib (import "host" "add" (func $add (param i32) (result i32)))
          (memory (export "memory") 1) (data (i32.const 8) "\07")
          (func (export "ask") (param i32) (result i32) (call $add (local.get 0))))"#,
        ),
        (
            "main",
            r#"(module $main (import "lib" "ask" (func $ask (param i32) (result i32)))
          (import "host" "add" (func $add (param i32) (result i32)))
          (memory (export "memory") 1) (data (i32.const 8) "\64")
          (func (export "run") (param i32) (result i32)
            (i32.sub (call $ask (local.get 0)) (i32.mul (call $add (i32.const 1)) (i32.const 1000)))))"#,
        ),
    ]);
}

/// A backtrace lists every call with the names of its module, whether it had a frame or was inlined.
#[test]
fn traps_in_inlined_bodies_have_the_same_backtrace() {
    check_foreign(&[
        (
            "deep",
            r#"(module $deep (memory 1)
          (func $div (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
          (func $load (export "load") (param i32) (result i32) (i32.load (local.get 0))))"#,
        ),
        (
            "lib",
            r#"(module $lib (import "deep" "div" (func $div (param i32 i32) (result i32)))
          (import "deep" "load" (func $load (param i32) (result i32)))
          (func $mid (export "mid") (param i32) (result i32)
            (i32.add (call $div (i32.const 1000) (i32.sub (local.get 0) (i32.const 7)))
              (call $load (select (i32.const 70000) (i32.const 4) (i32.eq (local.get 0) (i32.const 9)))))))"#,
        ),
        (
            "main",
            r#"(module $main (import "lib" "mid" (func $mid (param i32) (result i32)))
          (func $own (param i32) (result i32)
            (if (i32.eq (local.get 0) (i32.const 11)) (then unreachable)) (local.get 0))
          (func $run (export "run") (param i32) (result i32)
            (i32.add (call $own (local.get 0)) (call $mid (local.get 0)))))"#,
        ),
    ]);
}

/// A load that was merged into an addition with an unused sum, one that was merged with the store after it
/// into an addition in memory, and tail calls out of inlined bodies.
#[test]
fn traps_keep_their_places_where_instructions_merge() {
    check_foreign(&[
        (
            "deep",
            r#"(module $deep (memory 1)
          (func $leaf (export "leaf") (param i32) (result i64)
            (i64.and (i64.load (local.get 0)) (i64.const 255)))
          (func (export "inc") (param i32)
            (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 1))))
          (func $div (param i32) (result i32) (i32.div_s (i32.const 1000) (local.get 0)))
          (func $leave (export "leave") (param i32) (result i32) (nop) (nop) (return_call $div (local.get 0)))
          (table funcref (elem $leave $div))
          (func (export "jump") (param i32) (result i32)
            (return_call_indirect (param i32) (result i32)
              (local.get 0) (i32.and (local.get 0) (i32.const 1)))))"#,
        ),
        (
            "main",
            r#"(module $main (import "deep" "leaf" (func $leaf (param i32) (result i64)))
          (import "deep" "inc" (func $inc (param i32)))
          (import "deep" "leave" (func $leave (param i32) (result i32)))
          (import "deep" "jump" (func $jump (param i32) (result i32)))
          (func $mid (param i32) (result i64) (nop) (i64.add (call $leaf (local.get 0)) (i64.const 1)))
          (func $scan (param $from i32) (local $sum i64) (local $trips i32)
            (loop $again
              (local.set $sum (i64.add (local.get $sum) (call $mid (local.get $from))))
              (local.set $from (i32.add (local.get $from) (i32.const 1)))
              (br_if $again (i32.lt_u (local.tee $trips (i32.add (local.get $trips) (i32.const 1)))
                (i32.const 10)))))
          (func (export "run") (param i32) (result i32)
            (call $scan (select (i32.const 65520) (i32.const 0) (i32.eq (local.get 0) (i32.const 21))))
            (call $inc (select (i32.const 65533) (i32.const 0) (i32.eq (local.get 0) (i32.const 23))))
            (i32.add
              (call $leave (i32.sub (local.get 0) (i32.const 25)))
              (call $jump (i32.sub (local.get 0) (i32.const 28))))))"#,
        ),
    ]);
}

#[test]
fn recursion_goes_across_the_boundary_and_back() {
    check(&[
        (
            "lib",
            r#"(module $lib (table (export "t") 2 funcref)
          (type $f (func (param i32) (result i32)))
          (func (export "even") (param i32) (result i32)
            (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1))
              (else (call_indirect (type $f) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))))"#,
        ),
        (
            "main",
            r#"(module $main (import "lib" "t" (table 2 funcref))
          (import "lib" "even" (func $even (param i32) (result i32)))
          (func $odd (param i32) (result i32)
            (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
              (else (call $even (i32.sub (local.get 0) (i32.const 1))))))
          (elem (i32.const 0) $odd)
          (func $fib (param i32) (result i32)
            (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
              (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
          (func (export "run") (param i32) (result i32)
            (i32.add (call $even (local.get 0)) (call $fib (i32.and (local.get 0) (i32.const 7))))))"#,
        ),
    ]);
}

/// A callback through a table that another module owns: it uses the callee's own memory and globals,
/// whichever instance it is.
#[test]
fn callees_seen_in_tables_are_looked_for() {
    check_guarded(&[
        (
            "lib",
            r#"(module $lib (table (export "t") 8 funcref) (memory 1) (data (i32.const 8) "\07")
          (type $f (func (param i32) (result i32)))
          (func (export "each") (param $n i32) (result i32) (local $i i32) (local $x i32)
            (loop $l
              (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 3))
                (call_indirect (type $f) (local.get $n) (i32.rem_u (local.get $i) (i32.const 3)))))
              (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))
            (local.get $x)))"#,
        ),
        (
            "main",
            r#"(module $main (import "lib" "t" (table 8 funcref))
          (import "lib" "each" (func $each (param i32) (result i32)))
          (memory (export "memory") 1) (data (i32.const 8) "\09") (global $g (mut i32) (i32.const 1))
          (func $a (param i32) (result i32) (i32.add (i32.load8_u (i32.const 8)) (local.get 0)))
          (func $b (param i32) (result i32)
            (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))
          (func $c (param i32) (result i32) (i32.div_u (i32.const 77) (i32.sub (local.get 0) (i32.const 5))))
          (func $wrong)
          (elem (i32.const 0) $a $b $c $wrong)
          (func (export "run") (param i32) (result i32)
            (table.set (i32.const 1) (select (result funcref) (ref.func $wrong) (ref.func $b)
              (i32.eq (local.get 0) (i32.const 20))))
            (if (i32.eq (local.get 0) (i32.const 30)) (then (table.set (i32.const 2) (ref.null func))))
            (call $each (local.get 0)))
          (elem declare func $b $wrong))"#,
        ),
    ]);
}

const COUNTER: &str = r#"(module $counter (import "base" "add" (func $add (param i32) (result i32)))
  (global $g (mut i32) (i32.const 0))
  (func (export "run") (param i32) (result i32)
    (global.set $g (i32.add (global.get $g) (call $add (local.get 0)))) (global.get $g)))"#;

/// Instances with the same bindings share code, which holds nothing of a single instance; others have their
/// own code.
/// A call with many callees stays one when its function's code is evicted meanwhile.
#[test]
fn eviction_keeps_the_profile() {
    const CALLEES: usize = 40;
    const FILLERS: usize = 200;
    let mut text = String::from(
        "(module (type $t (func (param i32) (result i32))) (global (mut i32) (i32.const 0))",
    );
    let mut names = String::new();
    for at in 0..CALLEES {
        text += &format!("(func $c{at} (type $t) (i32.add (local.get 0) (i32.const {at})))");
        names += &format!("$c{at} ");
    }
    let filling = "(global.set 0 (i32.add (global.get 0) (local.get 0)))".repeat(20);
    for at in 0..FILLERS {
        text += &format!(r#"(func (export "fill{at}") (type $t) {filling} local.get 0)"#);
    }
    text += &format!(
        r#"(table funcref (elem {names}))
           (func (export "f") (type $t)
             (call_indirect (type $t) (local.get 0) (i32.rem_u (local.get 0) (i32.const {CALLEES})))))"#
    );
    let inlined = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&inlined);
    let mut config = config(Mode::Tiered, true);
    config.threshold(3000).code_cap(24 << 10);
    config.on_event(move |event: &Event<'_>| {
        if let Event::Inlined { func, .. } = event
            && func.name == "f"
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, text).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let mut call = |name: &str, argument| {
        let func = instance.get_typed_func::<i32, i32>(&mut store, name);
        func.unwrap().call(&mut store, argument).unwrap()
    };
    for argument in 0..2_800 {
        call("f", argument);
    }
    for at in 0..FILLERS {
        call(&format!("fill{at}"), 1);
    }
    assert!(engine.stats().sent_back > 0);
    for argument in 0..6_000 {
        assert_eq!(call("f", argument), argument + argument % CALLEES as i32);
    }
    assert!(engine.stats().optimised_compiled > 0);
    assert_eq!(
        inlined.load(Ordering::Relaxed),
        0,
        "each has a fortieth of the calls"
    );
}

#[test]
fn instances_with_the_same_and_with_other_bindings() {
    let base = |by: i32| {
        format!(
            r#"(module (global $by (mut i32) (i32.const {by}))
              (func (export "add") (param i32) (result i32)
                (global.set $by (i32.add (global.get $by) (i32.const 1)))
                (i32.add (local.get 0) (global.get $by))))"#
        )
    };
    let results = |engine: &Engine| {
        let counter = Module::new(engine, COUNTER).unwrap();
        let first = Module::new(engine, base(1)).unwrap();
        let second = Module::new(engine, base(1000)).unwrap();
        let mut store = Store::new(engine, 0);
        let mut users = Vec::new();
        // Two instances of one base, and one of another module.
        for module in [&first, &first, &second] {
            let base = Instance::new(&mut store, module, &[]).unwrap();
            let add = base.get_export(&mut store, "add").unwrap();
            for _ in 0..2 {
                let user = Instance::new(&mut store, &counter, std::slice::from_ref(&add));
                users.push(user.unwrap());
            }
        }
        let mut all = Vec::new();
        let work = |all: &mut Vec<String>, store: &mut Store<u32>| {
            for number in 0..60 {
                all.extend(users.iter().map(|user| call(store, *user, number)));
            }
        };
        work(&mut all, &mut store);
        std::thread::sleep(Duration::from_millis(20));
        work(&mut all, &mut store);
        all
    };
    let expected = results(&Engine::new(&config(Mode::Baseline, false)).unwrap());
    let tiered = Engine::new(&config(Mode::Tiered, true)).unwrap();
    for _ in 0..3 {
        assert_eq!(expected, results(&tiered));
    }
    assert!(tiered.stats().inlined_foreign > 0, "{:?}", tiered.stats());
    tiered.verify_links().unwrap();
}

const CALLS_BACK: &str = r#"(module $host_of_plugins (table (export "t") 1 funcref)
  (func (export "run") (param i32) (result i32)
    (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))"#;

/// A module that is used only by code that inlined it is dropped, and that code with it. Then the next module
/// in the same table is the one that is called.
#[test]
fn modules_inlined_through_a_table_can_be_dropped() {
    let engine = Engine::new(&config(Mode::Tiered, true)).unwrap();
    let caller = Module::new(&engine, CALLS_BACK).unwrap();
    let plugin = |by: i32| {
        format!(
            r#"(module (import "" "t" (table 1 funcref))
              (func $f (param i32) (result i32) (i32.add (local.get 0) (i32.const {by})))
              (elem (i32.const 0) $f))"#
        )
    };
    // A store that lives to the end keeps the caller's code.
    let mut keeper = Store::new(&engine, 0);
    let kept = Instance::new(&mut keeper, &caller, &[]).unwrap();
    let mut inlined = 0;
    for round in 0..30 {
        let module = Module::new(&engine, plugin(round)).unwrap();
        let mut store = Store::new(&engine, 0);
        let instance = Instance::new(&mut store, &caller, &[]).unwrap();
        let table = instance.get_export(&mut store, "t").unwrap();
        Instance::new(&mut store, &module, &[table]).unwrap();
        drop(module);
        let started = Instant::now();
        let mut calls = 0;
        while calls < 200 || (engine.stats().inlined_guarded == inlined && round < 8) {
            let got = call(&mut store, instance, calls);
            assert_eq!(got, format!("I32({})", calls + round));
            calls += 1;
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "nothing is inlined"
            );
        }
        inlined = engine.stats().inlined_guarded;
        drop(store);
        engine.verify_links().unwrap();
        assert!(call(&mut keeper, kept, 1).contains("uninitialized element"));
    }
    let stats = engine.stats();
    assert!(inlined > 1 && stats.uninlined > 0, "{stats:?}");
}

/// Two modules that one function has inlined are dropped at the same moment: the thread that withdraws the
/// code for one may hold the last reference to the other.
#[test]
fn inlined_modules_can_be_dropped_at_the_same_moment() {
    let mut settings = config(Mode::Tiered, true);
    settings.parallel_compilation(false);
    let engine = Engine::new(&settings).unwrap();
    // These calls have only seen the first module.
    let calls = "(drop (call_indirect (type $f) (local.get $n) (i32.const 0)))".repeat(1000);
    let caller = format!(
        r#"(module (table (export "t") 2 funcref) (type $f (func (param i32) (result i32)))
          (func (export "run") (param $n i32) (result i32) (local $x i32)
            (if (i32.eq (local.get $n) (i32.const 1)) (then {calls} (return (i32.const 0))))
            (loop $again
              (local.set $x (i32.add (local.get $x) (call_indirect (type $f) (local.get $n) (i32.const 1))))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $x)))"#
    );
    let caller = Module::new(&engine, caller).unwrap();
    let mut keeper = Store::new(&engine, 0);
    Instance::new(&mut keeper, &caller, &[]).unwrap();
    let store_with = |place: u32, by: i32| {
        let mut store = Store::new(&engine, 0);
        let instance = Instance::new(&mut store, &caller, &[]).unwrap();
        let table = instance.get_export(&mut store, "t").unwrap();
        let wat = format!(
            r#"(module (import "" "t" (table 2 funcref))
              (func $f (param i32) (result i32) (i32.add (local.get 0) (i32.const {by})))
              (elem (i32.const {place}) $f))"#
        );
        let module = Module::new(&engine, wat).unwrap();
        Instance::new(&mut store, &module, &[table]).unwrap();
        (store, instance)
    };
    for round in 0..60 {
        let (mut first, seen_often) = store_with(0, round);
        let (mut second, inlined) = store_with(1, round);
        assert_eq!(call(&mut first, seen_often, 1), "I32(0)");
        for _ in 0..100 {
            assert_eq!(
                call(&mut second, inlined, 40),
                format!("I32({})", 820 + 40 * round)
            );
        }
        let barrier = Arc::new(Barrier::new(2));
        let (done, gone) = std::sync::mpsc::channel();
        for (store, delay) in [(first, 0), (second, round as u64 * 5)] {
            let (barrier, done) = (barrier.clone(), done.clone());
            std::thread::spawn(move || {
                barrier.wait();
                let started = Instant::now();
                while started.elapsed() < Duration::from_micros(delay) {
                    std::hint::spin_loop();
                }
                drop(store);
                done.send(()).unwrap();
            });
        }
        for _ in 0..2 {
            gone.recv_timeout(Duration::from_secs(60))
                .expect("both stores are dropped");
        }
    }
    assert!(engine.stats().uninlined > 0, "{:?}", engine.stats());
    engine.verify_links().unwrap();
}

/// Threads share the code, start and end, and drop the last references to modules that the code of others has
/// inlined.
#[test]
fn threads_that_share_code_and_drop_what_is_inlined() {
    let engine = Engine::new(&config(Mode::Tiered, true)).unwrap();
    // Several callers: one of them may be optimised only after it has called so many callees that none had a
    // share worth inlining.
    let callers: Vec<Module> = (0..40)
        .map(|_| Module::new(&engine, CALLS_BACK).unwrap())
        .collect();
    let mut keeper = Store::new(&engine, 0);
    for caller in &callers {
        Instance::new(&mut keeper, caller, &[]).unwrap();
    }
    let rounds = AtomicU32::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (engine, callers, rounds) = (&engine, &callers, &rounds);
            scope.spawn(move || {
                for round in 0.. {
                    // Until a function was inlined and its module dropped, because the optimiser needs time
                    // too.
                    let late = started.elapsed() > Duration::from_secs(60);
                    if round >= 40 && (engine.stats().uninlined > 0 || late) {
                        break;
                    }
                    let by = thread * 1000 + round;
                    let wat = format!(
                        r#"(module (import "" "t" (table 1 funcref))
                          (func $f (param i32) (result i32) (i32.add (local.get 0) (i32.const {by})))
                          (elem (i32.const 0) $f))"#
                    );
                    let module = Module::new(engine, wat).unwrap();
                    let mut store = Store::new(engine, 0);
                    let caller = &callers[round as usize / 5 % callers.len()];
                    let instance = Instance::new(&mut store, caller, &[]).unwrap();
                    let table = instance.get_export(&mut store, "t").unwrap();
                    Instance::new(&mut store, &module, &[table]).unwrap();
                    for number in 0..300 {
                        let got = call(&mut store, instance, number);
                        assert_eq!(got, format!("I32({})", number + by));
                    }
                    rounds.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    engine.verify_links().unwrap();
    let stats = engine.stats();
    assert!(
        stats.inlined_guarded > 0 && stats.uninlined > 0,
        "{stats:?}"
    );
    assert_eq!((stats.doubled, stats.failures), (0, 0));
}
