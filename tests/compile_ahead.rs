//! Functions get code on a background thread ahead of their first call, and not without end.

use lazywasm::{Config, Engine, Instance, Linker, Mode, Module, Stats, Store};
use std::fmt::Write;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// More first calls than are made before anything is compiled ahead.
const WARM: u32 = 40;

/// Functions that are exported as "warm0", "warm1" and so on.
fn warm() -> String {
    let mut wat = String::new();
    for at in 0..WARM {
        writeln!(
            wat,
            "(func (export \"warm{at}\") (result i32) (i32.const {at}))"
        )
        .unwrap();
    }
    wat
}

fn call(store: &mut Store<()>, instance: Instance, name: &str, argument: i32) -> i32 {
    let func = instance.get_typed_func::<i32, i32>(&mut *store, name);
    func.unwrap().call(store, argument).unwrap()
}

fn call_warm(store: &mut Store<()>, instance: Instance) {
    for at in 0..WARM {
        let func = instance.get_typed_func::<(), i32>(&mut *store, &format!("warm{at}"));
        assert_eq!(func.unwrap().call(&mut *store, ()).unwrap(), at as i32);
    }
}

/// An instance in a store of its own, after enough first calls.
fn warmed_up(engine: &Engine, module: &Module) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[]).unwrap();
    call_warm(&mut store, instance);
    (store, instance)
}

fn several_cores() -> bool {
    std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1)
}

/// Waits until the statistics are as wanted, and returns them.
fn wait_for(engine: &Engine, wanted: impl Fn(&Stats) -> bool) -> Stats {
    let started = Instant::now();
    loop {
        let stats = engine.stats();
        if wanted(&stats) {
            return stats;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{stats:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A caller in one module, its callees in that module and another.
fn instantiate(engine: &Engine, store: &mut Store<()>) -> Instance {
    let lib = "(module (func (export \"far\") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))";
    let main = format!(
        "(module
           (import \"lib\" \"far\" (func $far (param i32) (result i32)))
           {}
           (func $near (param i32) (result i32) (i32.add (local.get 0) (i32.const 5)))
           (func $never (param i32) (result i32) (call $after (local.get 0)))
           (func $after (param i32) (result i32) (local.get 0))
           (func (export \"run\") (param i32) (result i32)
             (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
               (else
                 (if (i32.lt_s (local.get 0) (i32.const 0)) (then (drop (call $never (i32.const 0)))))
                 (i32.add (call $near (local.get 0)) (call $far (local.get 0)))))))",
        warm()
    );
    let mut linker = Linker::new(engine);
    let lib = Module::new(engine, lib).unwrap();
    let lib = linker.instantiate(&mut *store, &lib).unwrap();
    linker.instance(&mut *store, "lib", lib).unwrap();
    let main = Module::new(engine, main).unwrap();
    linker.instantiate(store, &main).unwrap()
}

#[test]
fn callees_of_an_entered_function_get_code_and_those_that_are_called_count() {
    let engine = Engine::new(&Config::new()).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = instantiate(&engine, &mut store);
    call_warm(&mut store, instance);
    assert_eq!(call(&mut store, instance, "run", 0), 0);
    if !several_cores() {
        assert_eq!(engine.stats().ahead_compiled, 0);
        return;
    }
    // The function after the one that is never called is not called by a function that was entered.
    let stats = wait_for(&engine, |stats| stats.ahead_compiled == 3);
    assert_eq!(stats.ahead_called, 0);
    assert_eq!(call(&mut store, instance, "run", 10), 45);
    let after = wait_for(&engine, |stats| stats.ahead_called == 2);
    assert_eq!(after.ahead_compiled, 3);
    assert_eq!(after.first_calls, stats.first_calls, "both had code");
    assert_eq!(after.baseline_compiled, u64::from(WARM) + 4);
    assert!(after.ahead_called_wasm_bytes < after.ahead_wasm_bytes);
    assert_eq!(after.doubled, 0);
}

#[test]
fn nothing_is_compiled_ahead_without_a_background_thread_and_in_other_modes() {
    let mut alone = Config::new();
    alone.parallel_compilation(false);
    let mut baseline = Config::new();
    baseline.mode(Mode::Baseline);
    for config in [alone, baseline] {
        let engine = Engine::new(&config).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = instantiate(&engine, &mut store);
        call_warm(&mut store, instance);
        assert_eq!(call(&mut store, instance, "run", 0), 0);
        assert_eq!(call(&mut store, instance, "run", 10), 45);
        let stats = engine.stats();
        assert_eq!((stats.ahead_compiled, stats.ahead_called), (0, 0));
        assert_eq!(stats.baseline_compiled, u64::from(WARM) + 3);
    }
}

#[test]
fn what_is_never_called_is_not_compiled_without_end() {
    const CALLERS: u32 = 600;
    let mut wat = String::from("(module ");
    wat.push_str(&warm());
    for at in 0..CALLERS {
        let body = "(local.set 0 (i32.mul (local.get 0) (i32.const 7)))".repeat(150);
        write!(
            wat,
            "(func $never{at} (param i32) (result i32) {body} (local.get 0))
             (func (export \"caller{at}\") (param i32) (result i32)
               (if (result i32) (local.get 0) (then (call $never{at} (local.get 0))) (else (i32.const {at}))))"
        )
        .unwrap();
    }
    wat.push(')');
    let engine = Engine::new(&Config::new()).unwrap();
    let (mut store, instance) = warmed_up(&engine, &Module::new(&engine, &wat).unwrap());
    for at in 0..CALLERS {
        let name = format!("caller{at}");
        assert_eq!(call(&mut store, instance, &name, 0), at as i32);
        // Whether the background thread keeps up or not must not matter.
        if at % 10 == 0 && several_cores() {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    let stats = engine.stats();
    assert_eq!(stats.ahead_called, 0);
    assert_eq!(stats.ahead_compiled > 0, several_cores());
    // 64 KiB on trust, and what waited then: 64 functions of 1 KiB.
    assert!(stats.ahead_wasm_bytes < 200 << 10, "{stats:?}");
}

#[test]
fn one_function_with_many_callees_does_not_have_all_of_them_compiled() {
    const CALLEES: u32 = 2000;
    let mut wat = String::from("(module ");
    wat.push_str(&warm());
    let mut calls = String::new();
    for at in 0..CALLEES {
        write!(wat, "(func $f{at} (param i32) (result i32) (local.get 0))").unwrap();
        write!(calls, "(local.set 0 (call $f{at} (local.get 0)))").unwrap();
    }
    write!(
        wat,
        "(func (export \"run\") (param i32) (result i32)
           (if (local.get 0) (then {calls})) (local.get 0)))"
    )
    .unwrap();
    let engine = Engine::new(&Config::new()).unwrap();
    let (mut store, instance) = warmed_up(&engine, &Module::new(&engine, &wat).unwrap());
    assert_eq!(call(&mut store, instance, "run", 0), 0);
    if several_cores() {
        wait_for(&engine, |stats| stats.ahead_compiled == 64);
    }
    drop(store);
    let counted = engine.stats().ahead_compiled;
    assert_eq!(counted, if several_cores() { 64 } else { 0 });
}

/// Threads call the same chains at the same time, while the background thread compiles ahead of them.
#[test]
fn threads_that_meet_the_background_thread_compile_each_function_once() {
    const FUNCS: u32 = 300;
    let mut wat = String::from("(module ");
    wat.push_str(&warm());
    for at in 0..FUNCS {
        write!(
            wat,
            "(func $f{at} (param i32) (result i32) (i32.add (i32.const 1) (call $f{} (local.get 0))))",
            at + 1
        )
        .unwrap();
    }
    write!(
        wat,
        "(func $f{FUNCS} (param i32) (result i32) (local.get 0))
         (func (export \"run\") (param i32) (result i32) (call $f0 (local.get 0))))"
    )
    .unwrap();
    let mut ahead = 0;
    for _ in 0..20 {
        let engine = Engine::new(&Config::new()).unwrap();
        let module = Module::new(&engine, &wat).unwrap();
        // Code goes when no instance is left that has it, so none of them may end before the last begins.
        let all_are_there = Barrier::new(3);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let (mut store, instance) = warmed_up(&engine, &module);
                    all_are_there.wait();
                    assert_eq!(call(&mut store, instance, "run", 7), 7 + FUNCS as i32);
                });
            }
        });
        let stats = engine.stats();
        assert_eq!(stats.doubled, 0);
        assert_eq!(stats.baseline_compiled, u64::from(FUNCS + WARM) + 2);
        ahead += stats.ahead_compiled;
    }
    assert_eq!(ahead > 0, several_cores(), "{ahead}");
}
