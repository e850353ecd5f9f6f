//! Jobs that wait for the optimiser keep nothing: neither dropped modules nor space for code.
//!
//! A listener that does not return stops the optimiser, like a function that takes long to compile. After a
//! while other threads take over, and are stopped too.

use lazywasm::{Config, Engine, Event, Func, Instance, Module, Store, TierName};
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// An engine whose optimiser stops after each compilation until the sender is dropped, and a receiver of the
/// compiled functions' names.
fn stopped_optimiser(config: &mut Config) -> (Engine, Sender<()>, Receiver<String>) {
    let (go, wait) = channel::<()>();
    let (stopped, stops) = channel();
    let gate = Mutex::new(wait);
    config.threshold(1).on_event(move |event: &Event<'_>| {
        if let Event::Compiled { func, tier, .. } = event
            && *tier == TierName::Optimised
        {
            let _ = stopped.send(func.name.to_string());
            let _ = gate.lock().unwrap().recv();
        }
    });
    (Engine::new(config).unwrap(), go, stops)
}

/// A module of functions with loops, exported as "0", "1" and so on; the first is named after `number`.
fn module(engine: &Engine, functions: usize, number: usize, data: &str) -> Module {
    let mut wat = format!("(module (memory 16) (data \"{data}\")");
    for at in 0..functions {
        let name = if at == 0 {
            format!("$f{number}")
        } else {
            String::new()
        };
        write!(
            wat,
            "(func {name} (export \"{at}\") (result i32) (local i32)
               (loop $l (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const {}))))
               (i32.const {number}))",
            10 + at
        )
        .unwrap();
    }
    wat.push(')');
    Module::new(engine, wat).unwrap()
}

/// Calls each function often enough for its promotion.
fn heat(engine: &Engine, module: &Module, functions: usize) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, module, &[]).unwrap();
    call_all(&mut store, instance, functions);
    (store, instance)
}

fn call_all(store: &mut Store<()>, instance: Instance, functions: usize) {
    for at in 0..functions {
        let func = instance.get_typed_func::<(), i32>(&mut *store, &at.to_string());
        let func = func.unwrap();
        for _ in 0..3 {
            func.call(&mut *store, ()).unwrap();
        }
    }
}

fn resident_kib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn dropped_modules_do_not_wait_for_the_optimiser() {
    let (engine, go, stops) = stopped_optimiser(&mut Config::new());
    let first = module(&engine, 1, 0, "");
    let _first = heat(&engine, &first, 1);
    stops.recv().unwrap();
    let data = "x".repeat(1 << 20);
    let make =
        |count| (0..count).for_each(|n| drop(heat(&engine, &module(&engine, 1, n, &data), 1)));
    make(10);
    let before = resident_kib();
    make(150);
    let grown = resident_kib().saturating_sub(before);
    assert!(
        grown < 50 << 10,
        "{grown} KiB for 150 dropped modules of 1 MiB"
    );
    assert_eq!(engine.stats().promotions, 161);
    drop(go);
}

#[test]
fn functions_that_wait_for_the_optimiser_can_be_evicted() {
    let mut config = Config::new();
    config.code_cap(64 << 10);
    let (engine, go, stops) = stopped_optimiser(&mut config);
    let first = module(&engine, 1, 0, "");
    let _first = heat(&engine, &first, 1);
    stops.recv().unwrap();
    // All of these stay loaded, and all their functions are hot.
    let modules: Vec<Module> = (0..40).map(|n| module(&engine, 20, n, "")).collect();
    let mut lives: Vec<_> = modules
        .iter()
        .map(|module| heat(&engine, module, 20))
        .collect();
    for (store, instance) in &mut lives {
        call_all(store, *instance, 20);
    }
    let stats = engine.stats();
    assert!(stats.sent_back > 0, "{stats:?}");
    drop(go);
    // The optimiser continues its job, and takes jobs whose functions were reset to their stubs.
    for (store, instance) in &mut lives {
        call_all(store, *instance, 20);
    }
    engine.verify_links().unwrap();
}

#[test]
fn a_full_queue_of_dropped_modules_takes_new_jobs() {
    const QUEUE: usize = 4096;
    let (engine, go, stops) = stopped_optimiser(&mut Config::new());
    let first = module(&engine, 1, 0, "");
    let _first = heat(&engine, &first, 1);
    stops.recv().unwrap();
    for number in 0..QUEUE / 512 {
        drop(heat(&engine, &module(&engine, 512, number, ""), 512));
    }
    let last = module(&engine, 1, 77, "");
    let _last = heat(&engine, &last, 1);
    drop(go);
    // It is not called again, so it is not promoted a second time.
    wait_until(|| stops.try_iter().any(|name| name == "f77"));
}

#[test]
fn a_job_that_takes_long_does_not_keep_others() {
    let (engine, go, stops) = stopped_optimiser(&mut Config::new());
    let first = module(&engine, 1, 1, "");
    let _first = heat(&engine, &first, 1);
    assert_eq!(stops.recv().unwrap(), "f1");
    let second = module(&engine, 1, 2, "");
    let (mut store, instance) = heat(&engine, &second, 1);
    // It continues in baseline code, and makes another thread take over.
    wait_until(|| {
        call_all(&mut store, instance, 1);
        engine.stats().optimised_compiled == 2
    });
    drop(go);
}

/// A frame that waits for the code of its loop also makes another thread take over. The function itself is
/// optimised already.
#[test]
fn a_job_that_takes_long_does_not_keep_loops() {
    let (go, wait) = channel::<()>();
    let (stopped, stops) = channel();
    let gate = Mutex::new((stopped, wait));
    let mut config = Config::new();
    config.threshold(1).on_event(move |event: &Event<'_>| {
        if let Event::Compiled { func, tier, .. } = event
            && *tier == TierName::Optimised
        {
            let (stopped, wait) = &*gate.lock().unwrap();
            // The test may be over.
            let _ = stopped.send(func.name.to_string());
            if func.name == "f2" {
                let _ = wait.recv();
            }
        }
    });
    let engine = Engine::new(&config).unwrap();
    let text = r#"(module (import "" "" (func $more (param i32) (result i32))) (memory 1)
        (func $f1 (export "f1") (param i32) (local i32)
          (if (local.get 0) (then (local.set 0 (call $more (i32.const 1)))))
          (loop $l
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get 1) (i32.const 100)))
            (if (local.get 0) (then
              (local.set 1 (i32.const 0))
              (br_if $l (call $more (i32.const 0)))))))
        (func $f2 (export "f2") (local i32)
          (loop $l (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1)))
            (i32.const 100))))))"#;
    let module = Module::new(&engine, text).unwrap();
    let make = |store: &mut Store<()>, more: Box<dyn Fn(i32) -> i32 + Send + Sync>| {
        let more = Func::wrap(&mut *store, more);
        Instance::new(store, &module, &[more.into()]).unwrap()
    };
    let mut other = Store::new(&engine, ());
    let instance = make(&mut other, Box::new(|_| unreachable!()));
    let f1 = instance
        .get_typed_func::<i32, ()>(&mut other, "f1")
        .unwrap();
    let f2 = instance.get_typed_func::<(), ()>(&mut other, "f2").unwrap();
    let other = Mutex::new(other);
    let deadline = Instant::now() + Duration::from_secs(60);
    let (of_engine, stops) = (engine.clone(), Mutex::new(stops));
    // While a frame is in the baseline code of the function, it is optimised, and then another job stops the
    // optimiser.
    let more = move |first: i32| {
        if first == 1 {
            let (mut other, stops) = (other.lock().unwrap(), stops.lock().unwrap());
            for (func, call) in [("f1", true), ("f2", false)] {
                loop {
                    match call {
                        true => f1.call(&mut *other, 0).unwrap(),
                        false => f2.call(&mut *other, ()).unwrap(),
                    }
                    if stops.try_iter().any(|name| name == func) {
                        break;
                    }
                    assert!(Instant::now() < deadline, "{func} is not optimised");
                }
            }
            return 1;
        }
        let entered = of_engine.stats().loops_entered > 0;
        i32::from(!entered && Instant::now() < deadline)
    };
    let mut store = Store::new(&engine, ());
    let instance = make(&mut store, Box::new(more));
    let f1 = instance
        .get_typed_func::<i32, ()>(&mut store, "f1")
        .unwrap();
    f1.call(&mut store, 1).unwrap();
    assert!(engine.stats().loops_entered > 0);
    drop(go);
}

fn wait_until(mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done() {
        std::thread::sleep(Duration::from_millis(1));
        assert!(Instant::now() < deadline, "this does not come");
    }
}
