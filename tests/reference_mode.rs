//! The mode `reference` has code of a compiler of its own, and nothing else. If it silently used one of the
//! other compilers, comparing the modes would prove nothing.

use lazywasm::{Config, Engine, Event, Instance, Mode, Module, Store, TierName};
use std::sync::{Arc, Mutex};

/// What was compiled in a mode: name, tier and bytes of code of each function, in the order of compilation.
fn compiled_in(mode: Mode) -> Vec<(String, TierName, usize)> {
    let compiled = Arc::new(Mutex::new(Vec::new()));
    let heard = compiled.clone();
    let mut config = Config::new();
    config.mode(mode).threshold(1).parallel_compilation(false);
    config.on_event(move |event: &Event<'_>| match event {
        Event::Compiled {
            func,
            tier,
            code_bytes,
            ..
        } => {
            let function = (func.name.to_string(), *tier, *code_bytes);
            heard.lock().unwrap().push(function);
        }
        Event::LoopCompiled { .. } | Event::Promoted { .. } | Event::Refused { .. } => {
            panic!("in {mode:?}: {event}")
        }
        _ => (),
    });
    let engine = Engine::new(&config).unwrap();
    let wat = r#"(module
        (func $double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
        (func $sum (export "sum") (param $n i32) (result i32) (local $x i32)
          (loop $l
            (local.set $x (i32.add (local.get $x) (call $double (local.get $n))))
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (local.get $x)))"#;
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let sum = instance
        .get_typed_func::<i32, i32>(&mut store, "sum")
        .unwrap();
    // In tiered mode, the first call would be enough for code of the optimising compiler.
    for _ in 0..3 {
        assert_eq!(sum.call(&mut store, 1000).unwrap(), 1_001_000);
    }
    engine.verify_links().unwrap();
    drop((sum, instance, store, module, engine, config));
    Arc::into_inner(compiled).unwrap().into_inner().unwrap()
}

#[test]
fn functions_get_code_of_another_compiler_once() {
    let modes = [Mode::Baseline, Mode::Reference, Mode::Optimise];
    let [baseline, reference, optimised] = modes.map(compiled_in);
    let names = |compiled: &[(String, TierName, usize)]| {
        let names = compiled.iter().map(|(name, tier, _)| (name.clone(), *tier));
        names.collect::<Vec<_>>()
    };
    let both = ["sum", "double"].map(|name| (name.to_string(), TierName::Baseline));
    assert_eq!(names(&baseline), both);
    assert_eq!(names(&reference), both);
    for ((name, _, ours), (_, _, theirs)) in reference.iter().zip(&baseline) {
        assert_ne!(ours, theirs, "{name}");
    }
    // `double` is inlined there.
    let [(name, tier, size)] = &optimised[..] else {
        panic!("{optimised:?}");
    };
    assert_eq!((&**name, *tier), ("sum", TierName::Optimised));
    assert_ne!(*size, reference[0].2);
}
