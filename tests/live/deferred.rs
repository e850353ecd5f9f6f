//! Imports that are resolved when they are called.

use super::table::MODES;
use lazywasm::live::FuncTier;
use lazywasm::{
    Caller, Config, Engine, Error, Func, ImportType, Instance, Linker, Mode, Module, Result, Store,
    Val, WasmBacktrace,
};

/// What the host was asked for, and the instance that asks.
#[derive(Default)]
struct Host {
    asked: Vec<String>,
    caller: Option<Instance>,
}

const CALLER: &str = r#"(module $caller
    (import "lib" "add" (func $add (param i32) (result i32)))
    (import "lib" "never" (func $never))
    (import "lib" "wrong" (func $wrong (param i64)))
    (import "lib" "missing" (func $missing (param i32) (result i32)))
    (import "lib" "itself" (func $itself (param i32) (result i32)))
    (import "lib" "calls" (func $calls (param i32) (result i32)))
    (import "lib" "panics" (func $panics))
    (import "lib" "traps" (func $traps))
    (import "lib" "host" (func $host (param i32) (result i32)))
    (import "lib" "many" (func $many
      (param i32 i64 f32 f64 v128 i32 i32 i32 i32 i32 i64) (result i64 i32 f64 v128)))
    (type $fun (func (param i32) (result i32)))
    (table (export "table") 2 funcref)
    (elem (i32.const 1) $add)
    (memory (export "memory") 1)
    (export "add_again" (func $add))
    (func (export "add") (type $fun) (call $add (local.get 0)))
    (func (export "tail") (type $fun) (return_call $add (local.get 0)))
    (func (export "by_table") (type $fun) (call_indirect (type $fun) (local.get 0) (i32.const 1)))
    (func (export "by_ref") (type $fun)
      (table.set (i32.const 0) (ref.func $add))
      (call_indirect (type $fun) (local.get 0) (i32.const 0)))
    (func (export "hot") (type $fun) (local $n i32)
      (loop $l
        (local.set 0 (call $add (local.get 0)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
      (local.get 0))
    (func (export "spin") (type $fun) (local $n i32) (local $sum i32)
      (local.set $n (local.get 0))
      (loop $l
        (if (i32.le_u (local.get $n) (i32.div_u (local.get 0) (i32.const 2)))
          (then (local.set $sum (call $add (local.get $sum)))))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $sum))
    (func (export "wrong") (call $wrong (i64.const 1)))
    (func (export "missing") (type $fun) (call $missing (local.get 0)))
    (func (export "itself") (type $fun) (call $itself (local.get 0)))
    (func (export "calls") (type $fun) (call $calls (local.get 0)))
    (func (export "panics") (call $panics))
    (func (export "traps") (call $traps))
    (func (export "host") (type $fun) (call $host (local.get 0)))
    (func (export "many") (result i64 i32 f64 i64)
      (call $many (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4) (v128.const i64x2 5 6)
        (i32.const 7) (i32.const 8) (i32.const 9) (i32.const 10) (i32.const 11) (i64.const 12))
      (i64x2.extract_lane 1)))"#;

/// A module whose functions use their own instance.
const LIBRARY: &str = r#"(module $library
    (global $one (mut i32) (i32.const 1))
    (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (global.get $one)))
    (func (export "wrong") (param i32))
    (func (export "traps") (unreachable))
    (func (export "many") (param i32 i64 f32 f64 v128 i32 i32 i32 i32 i32 i64) (result i64 i32 f64 v128)
      (i64.add (local.get 1) (local.get 10))
      (i32.add (local.get 0) (i32.add (local.get 8) (local.get 9)))
      (f64.add (local.get 3) (f64.promote_f32 (local.get 2)))
      (local.get 4)))"#;

struct World {
    engine: Engine,
    store: Store<Host>,
    caller: Instance,
}

fn resolve(mut caller: Caller<'_, Host>, import: &ImportType<'_>) -> Result<Func> {
    assert_eq!(import.module(), "lib");
    caller.data_mut().asked.push(import.name().to_string());
    let engine = caller.engine().clone();
    match import.name() {
        "missing" => Err(Error::msg("there is none").context("the library is broken")),
        "itself" => {
            let instance = caller.data().caller.unwrap();
            let itself = instance.get_typed_func::<i32, i32>(&mut caller, "itself")?;
            itself.call(&mut caller, 1)?;
            unreachable!("the call fails")
        }
        // A function of the caller, which is not the import that is being resolved.
        "calls" => {
            let func = caller.get_export("add_again").unwrap().into_func().unwrap();
            let mut results = [Val::I32(0)];
            func.call(&mut caller, &[Val::I32(70)], &mut results)?;
            assert_eq!(results[0].unwrap_i32(), 71);
            Ok(func)
        }
        "panics" => panic!("the resolver panics"),
        "host" => Ok(Func::wrap(
            &mut caller,
            |mut caller: Caller<'_, Host>, x: i32| {
                let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
                memory.data_mut(&mut caller)[0] = x as u8;
                x + 5
            },
        )),
        name => {
            let module = Module::new(&engine, LIBRARY)?;
            let instance = Instance::new(&mut caller, &module, &[])?;
            let func = instance.get_func(&mut caller, name);
            func.ok_or_else(|| Error::msg("it is not exported"))
        }
    }
}

fn world(mode: Mode) -> World {
    let mut config = Config::new();
    config.mode(mode).threshold(2).parallel_compilation(false);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, CALLER).unwrap();
    let mut store = Store::new(&engine, Host::default());
    let mut linker = Linker::new(&engine);
    linker.resolve_on_call(resolve);
    let caller = linker.instantiate(&mut store, &module).unwrap();
    store.data_mut().caller = Some(caller);
    World {
        engine,
        store,
        caller,
    }
}

impl World {
    fn call(&mut self, name: &str, argument: i32) -> Result<i32> {
        let func = self
            .caller
            .get_typed_func::<i32, i32>(&mut self.store, name)?;
        func.call(&mut self.store, argument)
    }

    fn fails(&mut self, name: &str) -> String {
        let func = self.caller.get_func(&mut self.store, name).unwrap();
        let params = vec![Val::I32(1); func.ty(&self.store).params().len()];
        let mut results = vec![Val::I32(0); func.ty(&self.store).results().len()];
        let error = func
            .call(&mut self.store, &params, &mut results)
            .unwrap_err();
        // The backtrace is the outermost context.
        let texts = error
            .chain()
            .map(ToString::to_string)
            .filter(|text| !text.contains("backtrace"));
        texts.collect::<Vec<_>>().join(": ")
    }
}

#[test]
fn an_import_is_resolved_once_at_its_first_call() {
    for mode in MODES {
        let ways = ["add", "tail", "by_table", "by_ref", "hot", "add_again"];
        for first in ways {
            let mut world = world(mode);
            assert_eq!(world.store.data().asked, [""; 0]);
            for way in [&[first][..], &ways].concat() {
                for _ in 0..20 {
                    let adds = if way == "hot" { 100 } else { 1 };
                    let result = world.call(way, 7).unwrap();
                    assert_eq!(result, 7 + adds, "{way} after {first}, {mode:?}");
                }
            }
            assert_eq!(world.store.data().asked, ["add"], "{first}, {mode:?}");
            world.engine.verify_links().unwrap();
            let stats = world.engine.stats();
            assert_eq!(stats.failures, 0);
            // What was resolved is inlined like any other import.
            if mode == Mode::Tiered {
                let state = world.caller.func_state(&world.store, "add_again").unwrap();
                let inlined = state.inlined_into.iter().map(|(_, name)| name.as_str());
                assert!(inlined.clone().any(|name| name == "hot"), "{state:?}");
            }
        }
    }
}

/// The loop runs in optimised code when its first call of the import comes.
#[test]
fn a_running_loop_resolves_an_import() {
    for mode in MODES {
        let mut world = world(mode);
        assert_eq!(world.call("spin", 100_000).unwrap(), 50_000, "{mode:?}");
        assert_eq!(world.store.data().asked, ["add"]);
    }
}

#[test]
fn arguments_and_results_of_all_kinds_pass() {
    for mode in MODES {
        let mut world = world(mode);
        let many = world.caller.get_func(&mut world.store, "many").unwrap();
        for _ in 0..20 {
            let mut results = vec![Val::I32(0); 4];
            many.call(&mut world.store, &[], &mut results).unwrap();
            let results = results.iter().map(|value| format!("{value:?}"));
            let expected = [
                Val::I64(14),
                Val::I32(22),
                Val::F64(7f64.to_bits()),
                Val::I64(6),
            ];
            let expected = expected.iter().map(|value| format!("{value:?}"));
            assert_eq!(
                results.collect::<Vec<_>>(),
                expected.collect::<Vec<_>>(),
                "{mode:?}"
            );
        }
        assert_eq!(world.store.data().asked, ["many"]);
    }
}

#[test]
fn an_error_is_that_of_the_call_and_is_not_remembered() {
    let mut world = world(Mode::Tiered);
    for _ in 0..2 {
        assert_eq!(
            world.fails("missing"),
            "cannot resolve the import lib.missing of module \"caller\": the library is broken: there is none"
        );
    }
    assert_eq!(world.store.data().asked, ["missing", "missing"]);
    assert_eq!(
        world.fails("wrong"),
        "cannot resolve the import lib.wrong of module \"caller\": it has the type (i64) -> (), and the function that was found has the type (i32) -> ()"
    );
    // The resolver calls what it is to resolve.
    let error = world.fails("itself");
    let inner =
        "cannot resolve the import lib.itself of module \"caller\": its resolver has called it";
    assert!(error.ends_with(inner), "{error}");
    assert!(
        error.starts_with("cannot resolve the import lib.itself"),
        "{error}"
    );
    // What was resolved on the way stays.
    world.store.data_mut().asked.clear();
    assert_eq!(world.call("calls", 1).unwrap(), 2);
    assert_eq!(world.call("add", 1).unwrap(), 2);
    assert_eq!(world.store.data().asked, ["calls", "add"]);
}

#[test]
fn a_trap_and_a_panic_are_those_of_the_call() {
    let mut world = world(Mode::Tiered);
    let traps = world.caller.get_func(&mut world.store, "traps").unwrap();
    let error = traps.call(&mut world.store, &[], &mut []).unwrap_err();
    let trace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let names: Vec<_> = trace
        .frames()
        .iter()
        .map(|frame| frame.func_name())
        .collect();
    assert_eq!(names, [Some("traps"), Some("traps")]);
    let panics = world.caller.get_func(&mut world.store, "panics").unwrap();
    for _ in 0..2 {
        let call = std::panic::AssertUnwindSafe(|| panics.call(&mut world.store, &[], &mut []));
        let panic = std::panic::catch_unwind(call).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"the resolver panics"));
    }
    assert_eq!(world.call("add", 1).unwrap(), 2);
}

#[test]
fn a_function_of_the_host_has_the_importing_instance_as_its_caller() {
    let mut world = world(Mode::Tiered);
    for value in 1..20 {
        assert_eq!(world.call("host", value).unwrap(), value + 5);
        let memory = world.caller.get_memory(&mut world.store, "memory").unwrap();
        assert_eq!(i32::from(memory.data(&world.store)[0]), value);
    }
}

#[test]
fn the_state_of_an_import_says_what_it_is() {
    let mut world = world(Mode::Tiered);
    let state = |world: &World| {
        let state = world.caller.func_state(&world.store, "add_again").unwrap();
        (state.tier, state.defined_in, state.generation)
    };
    assert_eq!(
        state(&world),
        (FuncTier::Stub, "not resolved".to_string(), 0)
    );
    world.call("add", 1).unwrap();
    assert_eq!(
        state(&world),
        (FuncTier::Baseline, "library".to_string(), 0)
    );
}

/// Two modules that import each other's functions: one of the imports is deferred.
#[test]
fn modules_may_import_each_other() {
    let engine = Engine::default();
    for _ in 0..50 {
        let mut store = Store::new(&engine, None::<Instance>);
        let mut linker: Linker<Option<Instance>> = Linker::new(&engine);
        linker.resolve_on_call(|mut caller, _| {
            let first = caller.data().unwrap();
            let text = r#"(module
                (import "a" "even" (func $even (param i32) (result i32)))
                (func (export "odd") (param i32) (result i32)
                  (if (result i32) (local.get 0)
                    (then (call $even (i32.sub (local.get 0) (i32.const 1))))
                    (else (i32.const 0)))))"#;
            let module = Module::new(caller.engine(), text)?;
            let even = first.get_export(&mut caller, "even").unwrap();
            let second = Instance::new(&mut caller, &module, &[even])?;
            Ok(second.get_func(&mut caller, "odd").unwrap())
        });
        let text = r#"(module
            (import "b" "odd" (func $odd (param i32) (result i32)))
            (func (export "even") (param i32) (result i32)
              (if (result i32) (local.get 0)
                (then (call $odd (i32.sub (local.get 0) (i32.const 1))))
                (else (i32.const 1)))))"#;
        let module = Module::new(&engine, text).unwrap();
        let first = linker.instantiate(&mut store, &module).unwrap();
        *store.data_mut() = Some(first);
        let even = first
            .get_typed_func::<i32, i32>(&mut store, "even")
            .unwrap();
        assert_eq!(even.call(&mut store, 1000).unwrap(), 1);
        assert_eq!(even.call(&mut store, 1001).unwrap(), 0);
    }
    // Nothing keeps the other alive when the stores are gone.
    assert_eq!(engine.link_stats().entries, 0);
}

#[test]
fn other_imports_must_be_there() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.resolve_on_call(|_, _| Err(Error::msg("never called")));
    let text = r#"(module (import "a" "f" (func)) (import "a" "m" (memory 1)))"#;
    let module = Module::new(&engine, text).unwrap();
    let error = linker
        .instantiate(&mut store, &module)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("unknown import: module needs a.m"),
        "{error}"
    );
}
