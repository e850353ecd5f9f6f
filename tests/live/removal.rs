//! Instances that are removed: whoever still reaches their functions traps, with the function's name.

use super::table::MODES;
use lazywasm::live::FuncTier;
use lazywasm::{
    Caller, Config, Engine, Error, Func, Instance, Linker, Mode, Module, Ref, Result, Store, Trap,
    Val,
};

const LIBRARY: &str = r#"(module $library
    (import "host" "remove" (func $remove))
    (memory (export "memory") 1)
    (table (export "table") 2 funcref)
    (global (export "global") (mut i32) (i32.const 7))
    (global (export "ref") funcref (ref.func $f))
    (elem (i32.const 1) $f)
    (func $f (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    ;; It ends after its instance was removed.
    (func (export "ends") (param i32) (result i32)
      (call $remove)
      (i32.add (local.get 0) (i32.load (i32.const 0))))
    ;; It calls another function after that.
    (func (export "goes_on") (param i32) (result i32)
      (call $remove)
      (call $f (local.get 0))))"#;

const USER: &str = r#"(module $user
    (import "library" "f" (func $f (param i32) (result i32)))
    (import "library" "table" (table 2 funcref))
    (import "library" "memory" (memory 1))
    (import "library" "global" (global $global (mut i32)))
    (import "host" "remove" (func $remove))
    (type $fun (func (param i32) (result i32)))
    (func (export "import") (type $fun) (call $f (local.get 0)))
    (func (export "tail") (type $fun) (return_call $f (local.get 0)))
    (func (export "table") (type $fun) (call_indirect (type $fun) (local.get 0) (i32.const 1)))
    (func (export "hot") (type $fun) (local $n i32)
      (loop $l
        (local.set 0 (call $f (local.get 0)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
      (local.get 0))
    (func (export "table_hot") (type $fun) (local $n i32)
      (loop $l
        (local.set 0 (call_indirect (type $fun) (local.get 0) (i32.const 1)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
      (local.get 0))
    ;; The function is removed in the middle of the loop; what was done until then is in the memory.
    (func (export "spin") (type $fun)
      (loop $l
        (i32.store (i32.const 8) (call $f (i32.load (i32.const 8))))
        (if (i32.eq (i32.load (i32.const 8)) (i32.const 50000)) (then (call $remove)))
        (br $l))
      (unreachable))
    (func (export "state") (type $fun)
      (i32.add (global.get $global) (i32.load (i32.const 0)))))"#;

struct World {
    engine: Engine,
    linker: Linker<Option<Instance>>,
    store: Store<Option<Instance>>,
    library: Instance,
    user: Instance,
}

fn world(mode: Mode) -> World {
    let mut config = Config::new();
    config.mode(mode).threshold(2).parallel_compilation(false);
    let engine = Engine::new(&config).unwrap();
    let mut store = Store::new(&engine, None);
    let mut linker: Linker<Option<Instance>> = Linker::new(&engine);
    let remove = |mut caller: Caller<'_, Option<Instance>>| -> Result<()> {
        let instance = caller.data_mut().take();
        instance.map_or(Ok(()), |instance| instance.remove(&mut caller))
    };
    linker.func_wrap("host", "remove", remove).unwrap();
    let library = Module::new(&engine, LIBRARY).unwrap();
    let library = linker.instantiate_live(&mut store, &library).unwrap();
    linker.instance(&mut store, "library", library).unwrap();
    let user = Module::new(&engine, USER).unwrap();
    let user = linker.instantiate(&mut store, &user).unwrap();
    World {
        engine,
        linker,
        store,
        library,
        user,
    }
}

impl World {
    fn call(&mut self, instance: Instance, name: &str, argument: i32) -> Result<i32> {
        let func = instance.get_typed_func::<i32, i32>(&mut self.store, name)?;
        func.call(&mut self.store, argument)
    }
}

fn is_removed(error: &Error, function: &str) {
    assert_eq!(
        error.downcast_ref(),
        Some(&Trap::RemovedFunction),
        "{error:?}"
    );
    let text = format!("the function {function} of module \"library\" was removed");
    assert!(
        error.chain().any(|cause| cause.to_string() == text),
        "{error:?}"
    );
}

#[test]
fn every_call_of_a_removed_function_traps() {
    for mode in MODES {
        for often in [0, 40] {
            let mut world = world(mode);
            let ways = ["import", "tail", "table", "hot", "table_hot"];
            for way in ways {
                for _ in 0..often {
                    let adds = if way.contains("hot") { 100 } else { 1 };
                    assert_eq!(world.call(world.user, way, 7).unwrap(), 7 + adds);
                }
            }
            let handle = world.library.get_func(&mut world.store, "f").unwrap();
            let global = world.library.get_global(&mut world.store, "ref").unwrap();
            let table = world.library.get_table(&mut world.store, "table").unwrap();
            world.library.remove(&mut world.store).unwrap();
            world.engine.verify_links().unwrap();
            for way in ways {
                for _ in 0..3 {
                    let result = world.call(world.user, way, 7);
                    let error = result.expect_err(&format!("{way}, {mode:?}, {often}"));
                    is_removed(&error, "f");
                }
            }
            let Val::FuncRef(Some(of_global)) = global.get(&mut world.store) else {
                panic!("a function")
            };
            let Some(Ref::Func(Some(of_table))) = table.get(&mut world.store, 1) else {
                panic!("a function")
            };
            for func in [handle, of_global, of_table] {
                let mut results = [Val::I32(0)];
                let error = func
                    .call(&mut world.store, &[Val::I32(1)], &mut results)
                    .unwrap_err();
                is_removed(&error, "f");
            }
            // What others import lives on.
            assert_eq!(world.call(world.user, "state", 0).unwrap(), 7);
            assert_eq!(world.engine.stats().failures, 0);
        }
    }
}

#[test]
fn a_running_loop_traps_when_the_function_is_removed() {
    for mode in MODES {
        let mut world = world(mode);
        *world.store.data_mut() = Some(world.library);
        let error = world.call(world.user, "spin", 0).unwrap_err();
        is_removed(&error, "f");
        let memory = world
            .linker
            .get(&mut world.store, "library", "memory")
            .unwrap();
        let memory = memory.into_memory().unwrap();
        let sum = &memory.data(&world.store)[8..12];
        assert_eq!(
            i32::from_le_bytes(sum.try_into().unwrap()),
            50_000,
            "{mode:?}"
        );
    }
}

#[test]
fn an_activation_that_is_running_ends() {
    for mode in MODES {
        for often in [0, 40] {
            for name in ["ends", "goes_on"] {
                let mut world = world(mode);
                for _ in 0..often {
                    world.call(world.library, name, 7).unwrap();
                }
                *world.store.data_mut() = Some(world.library);
                let result = world.call(world.library, name, 7);
                match name {
                    "ends" => assert_eq!(result.unwrap(), 7, "{mode:?}"),
                    _ => is_removed(&result.unwrap_err(), "f"),
                }
            }
        }
    }
}

#[test]
fn a_removed_instance_has_no_exports_and_gives_its_names_up() {
    let mut world = world(Mode::Tiered);
    let library = world.library;
    let f = library.get_func(&mut world.store, "f").unwrap();
    library.remove(&mut world.store).unwrap();
    assert!(library.get_export(&mut world.store, "f").is_none());
    assert_eq!(library.exports(&mut world.store).len(), 0);
    assert_eq!(
        library.func_state(&world.store, "f").unwrap().tier,
        FuncTier::Removed
    );
    let why = "the instance of module \"library\" was removed";
    let error = library.remove(&mut world.store).unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        format!("cannot remove the instance: {why}")
    );
    let same = Func::wrap(&mut world.store, |x: i32| x);
    let error = library
        .replace_func(&mut world.store, "f", same)
        .unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        format!("cannot replace the function f: {why}")
    );
    // A module without functions can be removed too.
    let empty = Module::new(&world.engine, "(module (memory (export \"m\") 1))").unwrap();
    let empty = world
        .linker
        .instantiate_live(&mut world.store, &empty)
        .unwrap();
    empty.remove(&mut world.store).unwrap();
    assert!(empty.get_export(&mut world.store, "m").is_none());
    let error = world.user.remove(&mut world.store).unwrap_err();
    assert!(format!("{error:#}").contains("is not live"), "{error:#}");
    // It cannot be imported, nor take the place of another function's.
    let text = r#"(module (import "library" "f" (func (param i32) (result i32))))"#;
    let module = Module::new(&world.engine, text).unwrap();
    let error = world
        .linker
        .instantiate(&mut world.store, &module)
        .unwrap_err();
    assert!(
        format!("{error:#}").contains("the import library.f was removed with its instance"),
        "{error:#}"
    );
    // The name may be defined again.
    world
        .linker
        .define(&mut world.store, "library", "f", same)
        .unwrap();
    world.linker.instantiate(&mut world.store, &module).unwrap();
    let error = world
        .linker
        .define(&mut world.store, "library", "f", f)
        .map(drop)
        .unwrap_err();
    assert!(error.to_string().contains("is defined already"), "{error}");
}

/// What took the place of a function is removed.
#[test]
fn a_function_that_was_replaced_by_a_removed_one_traps() {
    let mut world = world(Mode::Tiered);
    let text = r#"(module (func (export "f") (param i32) (result i32) (local.get 0)))"#;
    let module = Module::new(&world.engine, text).unwrap();
    let other = world
        .linker
        .instantiate_live(&mut world.store, &module)
        .unwrap();
    let f = world.library.get_func(&mut world.store, "f").unwrap();
    other.replace_func(&mut world.store, "f", f).unwrap();
    for _ in 0..20 {
        assert_eq!(world.call(other, "f", 7).unwrap(), 8);
    }
    world.library.remove(&mut world.store).unwrap();
    is_removed(&world.call(other, "f", 7).unwrap_err(), "f");
    let error = other.replace_func(&mut world.store, "f", f).unwrap_err();
    assert_eq!(
        format!("{error:#}"),
        "cannot replace the function f: the new function was removed with its instance"
    );
}

/// The code of removed instances is freed, and so are the copies in other code.
#[test]
fn the_code_of_a_removed_instance_is_freed() {
    let mut world = world(Mode::Tiered);
    let text = r#"(module (import "m" "f" (func $f (param i32) (result i32)))
        (func (export "hot") (param i32) (result i32) (local $n i32)
          (loop $l
            (local.set 0 (call $f (local.get 0)))
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
          (local.get 0)))"#;
    let library = Module::new(&world.engine, LIBRARY).unwrap();
    let user = Module::new(&world.engine, text).unwrap();
    let mut bytes = Vec::new();
    for _ in 0..20 {
        let library = world
            .linker
            .instantiate_live(&mut world.store, &library)
            .unwrap();
        let f = library.get_func(&mut world.store, "f").unwrap();
        let user = Instance::new(&mut world.store, &user, &[f.into()]).unwrap();
        for _ in 0..20 {
            assert_eq!(world.call(user, "hot", 1).unwrap(), 101);
        }
        library.remove(&mut world.store).unwrap();
        let stats = world.engine.link_stats();
        bytes.push(stats.live_bytes.iter().sum::<u64>() + stats.pending_bytes);
    }
    // What is left is the code that calls it, once for each round.
    let grows: Vec<u64> = bytes.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(grows.iter().all(|more| *more < 1000), "{grows:?}");
}
