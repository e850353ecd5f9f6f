//! A function that would take too long to optimise runs in baseline code, in every mode, with an event that
//! says why. The functions beside it are optimised.

use lazywasm::{Config, Engine, Event, Instance, Mode, Module, Store, TierName};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The sum of the results of thousands of calls: all the results are live across all the calls.
fn module(engine: &Engine) -> Module {
    const CALLS: usize = 8_000;
    let calls = "(call $id (local.get 0))".repeat(CALLS);
    let adds = "i32.add ".repeat(CALLS - 1);
    let text = format!(
        r#"(module
            (func $id (param i32) (result i32) (local.get 0))
            (func $sum (export "sum") (param i32) (result i32) {calls} {adds})
            (func $small (export "small") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))"#
    );
    Module::new(engine, text).unwrap()
}

#[test]
fn it_stays_in_baseline_code_and_says_why() {
    let tiered = |config: &mut Config| {
        config.threshold(1);
    };
    let in_place = |config: &mut Config| {
        config.threshold(1).parallel_compilation(false);
    };
    let optimise = |config: &mut Config| {
        config.mode(Mode::Optimise);
    };
    let storm = |config: &mut Config| {
        config.mode(Mode::RelinkStorm);
    };
    let modes: [&dyn Fn(&mut Config); 4] = [&tiered, &in_place, &optimise, &storm];
    for (at, mode) in modes.into_iter().enumerate() {
        let refused = Arc::new(Mutex::new(Vec::new()));
        let heard = refused.clone();
        let mut config = Config::new();
        mode(&mut config);
        config.on_event(move |event: &Event<'_>| {
            if let Event::Refused { func, tier, reason } = event {
                let refusal = (func.name.to_string(), *tier, reason.to_string());
                heard.lock().unwrap().push(refusal);
            }
        });
        let engine = Engine::new(&config).unwrap();
        let module = module(&engine);
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let sum = instance
            .get_typed_func::<i32, i32>(&mut store, "sum")
            .unwrap();
        let small = instance
            .get_typed_func::<i32, i32>(&mut store, "small")
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while refused.lock().unwrap().is_empty() || engine.stats().optimised_compiled < 2 {
            assert_eq!(sum.call(&mut store, 3).unwrap(), 24_000);
            assert_eq!(small.call(&mut store, 3).unwrap(), 4);
            assert!(Instant::now() < deadline, "mode {at}: {:?}", engine.stats());
        }
        assert_eq!(sum.call(&mut store, 5).unwrap(), 40_000);
        let refused = refused.lock().unwrap();
        let [(name, tier, reason)] = &refused[..] else {
            panic!("mode {at}: {refused:?}");
        };
        assert_eq!((name.as_str(), *tier), ("sum", TierName::Optimised));
        assert!(
            reason.contains("optimising would take too long"),
            "{reason}"
        );
    }
}
