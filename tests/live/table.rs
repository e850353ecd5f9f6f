//! The table: for each way to reach a function, each kind of replacement and each mode, the right function is
//! called before and after, and an activation that is running ends in the old function.

use super::body_of;
use lazywasm::{
    Caller, Config, Engine, Func, Instance, Linker, Mode, Module, Ref, Result, Store, Val,
};

/// The live module. `f` is the function that is replaced: it adds 1 to its argument. `slow` is replaced by
/// the host function that it calls.
const TARGET: &str = r#"(module $target
    (import "host" "swap" (func $swap (param i32)))
    (type $fun (func (param i32) (result i32)))
    (table (export "table") 4 funcref)
    (elem (i32.const 1) $f)
    (global (export "ref") (mut funcref) (ref.func $f))
    (func $f (export "f") (type $fun) (i32.add (local.get 0) (i32.const 1)))
    (func (export "direct") (type $fun) (call $f (local.get 0)))
    (func (export "tail") (type $fun) (return_call $f (local.get 0)))
    (func (export "by_table") (type $fun) (call_indirect (type $fun) (local.get 0) (i32.const 1)))
    (func (export "by_ref") (type $fun)
      (table.set (i32.const 2) (ref.func $f))
      (call_indirect (type $fun) (local.get 0) (i32.const 2)))
    (func (export "hot") (type $fun) (local $n i32)
      (loop $l
        (local.set 0 (call $f (local.get 0)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
      (local.get 0))
    ;; In the middle of the loop the host may replace the function.
    (func (export "spin") (type $fun) (local $n i32) (local $sum i32)
      (local.set $n (local.get 0))
      (loop $l
        (local.set $sum (i32.add (local.get $sum) (call $f (i32.const 0))))
        (if (i32.eq (local.get $n) (i32.div_u (local.get 0) (i32.const 2)))
          (then (call $swap (i32.const 0))))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $sum))
    (func $slow (export "slow") (type $fun)
      (call $swap (i32.const 1))
      (i32.add (local.get 0) (i32.const 1)))
    (func (export "calls_slow") (type $fun)
      (i32.add (call $slow (local.get 0)) (i32.mul (i32.const 10000) (call $slow (local.get 0))))))"#;

/// A module that imports the function, and the table.
const OTHER: &str = r#"(module $other
    (import "target" "f" (func $f (param i32) (result i32)))
    (import "target" "table" (table 4 funcref))
    (type $fun (func (param i32) (result i32)))
    (func (export "import") (type $fun) (call $f (local.get 0)))
    (func (export "import_hot") (type $fun) (local $n i32)
      (loop $l
        (local.set 0 (call $f (local.get 0)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
      (local.get 0))
    (func (export "table_hot") (type $fun) (local $n i32)
      (loop $l
        (local.set 0 (call_indirect (type $fun) (local.get 0) (i32.const 1)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
      (local.get 0)))"#;

/// A module whose function replaces another one. It has a state of its own, which a wrong context would not
/// find.
const REPLACEMENT: &str = r#"(module $replacement
    (global $added i32 (i32.const 200))
    (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (global.get $added))))"#;

pub const MODES: [Mode; 5] = [
    Mode::Baseline,
    Mode::Reference,
    Mode::Optimise,
    Mode::Tiered,
    Mode::RelinkStorm,
];

/// What a function is replaced by.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    HostFunction,
    OtherInstance,
    Body,
}

const KINDS: [By; 3] = [By::HostFunction, By::OtherInstance, By::Body];

/// No locals; local.get 0, i32.const 50, i32.add, end.
const BODY: &[u8] = &[0, 0x20, 0, 0x41, 50, 0x6A, 0x0B];

impl By {
    /// What the replacement adds to its argument.
    fn adds(self) -> i32 {
        match self {
            By::HostFunction => 100,
            By::OtherInstance => 200,
            By::Body => 50,
        }
    }
}

/// What the host does when it is called with 0 and with 1: which function it replaces.
#[derive(Default)]
struct Host {
    by: Option<By>,
    target: Option<Instance>,
    replacement: Option<Instance>,
}

struct World {
    engine: Engine,
    store: Store<Host>,
    target: Instance,
    other: Instance,
}

impl World {
    fn new(mode: Mode) -> World {
        let mut config = Config::new();
        config.mode(mode).threshold(2).parallel_compilation(false);
        let engine = Engine::new(&config).unwrap();
        let mut store = Store::new(&engine, Host::default());
        let mut linker: Linker<Host> = Linker::new(&engine);
        let swap = |mut caller: Caller<'_, Host>, which: i32| -> Result<()> {
            let Some(by) = caller.data().by else {
                return Ok(());
            };
            replace(&mut caller, ["f", "slow"][which as usize], by)
        };
        linker.func_wrap("host", "swap", swap).unwrap();
        let live = |linker: &Linker<Host>, store: &mut Store<Host>, text: &str| {
            let module = Module::new(&engine, text).unwrap();
            linker.instantiate_live(store, &module).unwrap()
        };
        let target = live(&linker, &mut store, TARGET);
        let replacement = live(&linker, &mut store, REPLACEMENT);
        linker.instance(&mut store, "target", target).unwrap();
        let other = Module::new(&engine, OTHER).unwrap();
        let other = linker.instantiate(&mut store, &other).unwrap();
        store.data_mut().target = Some(target);
        store.data_mut().replacement = Some(replacement);
        World {
            engine,
            store,
            target,
            other,
        }
    }

    fn call(&mut self, instance: Instance, name: &str, argument: i32) -> i32 {
        let func = instance.get_typed_func::<i32, i32>(&mut self.store, name);
        func.unwrap().call(&mut self.store, argument).unwrap()
    }

    fn replace(&mut self, name: &str, by: By) {
        replace(&mut self.store, name, by).unwrap();
        self.engine.verify_links().unwrap();
    }
}

fn replace(mut store: impl lazywasm::AsContextMut<Data = Host>, name: &str, by: By) -> Result<()> {
    let mut store = store.as_context_mut();
    let (target, replacement) = (store.data().target, store.data().replacement);
    let with = match by {
        By::HostFunction => Func::wrap(&mut store, |x: i32| x + 100),
        By::OtherInstance => replacement.unwrap().get_func(&mut store, "f").unwrap(),
        By::Body => return target.unwrap().replace_body(&mut store, name, BODY),
    };
    target.unwrap().replace_func(&mut store, name, with)
}

/// A way to reach `f`: calls it with 1000, so many times that its code becomes hot, and returns the result.
type Way = (&'static str, fn(&mut World) -> i32);

/// The sum of 100 calls, of which each has the result of the one before, is 100 times what one adds.
fn of_100(result: i32) -> i32 {
    assert_eq!((result - 1000) % 100, 0, "{result}");
    1000 + (result - 1000) / 100
}

const WAYS: &[Way] = &[
    ("called from the host", |world| {
        world.call(world.target, "f", 1000)
    }),
    ("called from the host by a handle made before", |world| {
        // The handle of a table's element is that of the first instance.
        let table = world.target.get_table(&mut world.store, "table").unwrap();
        let element = table.get(&mut world.store, 1).unwrap();
        let Ref::Func(Some(func)) = element else {
            panic!("{element:?}")
        };
        let mut results = [Val::I32(0)];
        func.call(&mut world.store, &[Val::I32(1000)], &mut results)
            .unwrap();
        results[0].unwrap_i32()
    }),
    ("direct call", |world| {
        world.call(world.target, "direct", 1000)
    }),
    ("tail call", |world| world.call(world.target, "tail", 1000)),
    ("other module", |world| {
        world.call(world.other, "import", 1000)
    }),
    ("table", |world| world.call(world.target, "by_table", 1000)),
    ("funcref", |world| world.call(world.target, "by_ref", 1000)),
    ("funcref of a global", |world| {
        let global = world.target.get_global(&mut world.store, "ref").unwrap();
        let Val::FuncRef(Some(func)) = global.get(&mut world.store) else {
            panic!("a function")
        };
        let mut results = [Val::I32(0)];
        func.call(&mut world.store, &[Val::I32(1000)], &mut results)
            .unwrap();
        results[0].unwrap_i32()
    }),
    ("inlined", |world| {
        of_100(world.call(world.target, "hot", 1000))
    }),
    ("inlined into another module", |world| {
        of_100(world.call(world.other, "import_hot", 1000))
    }),
    ("inlined behind a guard", |world| {
        of_100(world.call(world.other, "table_hot", 1000))
    }),
];

/// Calls often enough that all code is optimised, where the mode does that.
const OFTEN: usize = 40;

#[test]
fn every_call_reaches_the_new_function() {
    for mode in MODES {
        for by in KINDS {
            for (way, call) in WAYS {
                let mut world = World::new(mode);
                let shown = format!("{way}, by {by:?}, {mode:?}");
                for _ in 0..OFTEN {
                    assert_eq!(call(&mut world), 1001, "before: {shown}");
                }
                let inlines = match mode {
                    Mode::Tiered => way.contains("inlined"),
                    // It has no profile, so that it knows no callees of tables.
                    Mode::RelinkStorm => way.contains("inlined") && !way.contains("guard"),
                    _ => false,
                };
                assert!(!inlines || world.engine.stats().inlined > 0, "{shown}");
                world.replace("f", by);
                for _ in 0..OFTEN {
                    assert_eq!(call(&mut world), 1000 + by.adds(), "after: {shown}");
                }
                // And once more, by the other kind.
                let again =
                    KINDS[(KINDS.iter().position(|kind| *kind == by).unwrap() + 1) % KINDS.len()];
                world.replace("f", again);
                for _ in 0..OFTEN {
                    assert_eq!(call(&mut world), 1000 + again.adds(), "after both: {shown}");
                }
            }
        }
    }
}

#[test]
fn a_function_is_replaced_before_its_first_call() {
    for mode in MODES {
        for by in KINDS {
            for (way, call) in WAYS {
                let mut world = World::new(mode);
                world.replace("f", by);
                for _ in 0..OFTEN {
                    assert_eq!(
                        call(&mut world),
                        1000 + by.adds(),
                        "{way}, by {by:?}, {mode:?}"
                    );
                }
            }
        }
    }
}

/// The loop runs in optimised code, with a copy of the function, when that is replaced, and never leaves.
#[test]
fn a_running_loop_calls_the_new_function() {
    const TRIPS: i32 = 200_000;
    for mode in MODES {
        for by in KINDS {
            let mut world = World::new(mode);
            if mode != Mode::Tiered {
                // The loop is entered in optimised code at once, or never.
                assert_eq!(world.call(world.target, "spin", 10), 10);
            }
            world.store.data_mut().by = Some(by);
            // The trip in which it is replaced has called the old one already.
            let before = TRIPS / 2 + 1;
            let expected = before + (TRIPS - before) * by.adds();
            let result = world.call(world.target, "spin", TRIPS);
            assert_eq!(result, expected, "by {by:?}, {mode:?}");
            let stats = world.engine.stats();
            assert_eq!(stats.loops_entered > 0, mode == Mode::Tiered, "{stats:?}");
            world.engine.verify_links().unwrap();
        }
    }
}

#[test]
fn an_activation_that_is_running_ends_in_the_old_function() {
    for mode in MODES {
        for by in KINDS {
            for caller in ["slow", "calls_slow"] {
                let mut world = World::new(mode);
                for _ in 0..OFTEN {
                    world.call(world.target, caller, 7);
                }
                world.store.data_mut().by = Some(by);
                let (old, new) = (8, 7 + by.adds());
                let (first, later) = match caller {
                    "slow" => (old, new),
                    _ => (old + 10000 * new, new + 10000 * new),
                };
                assert_eq!(
                    world.call(world.target, caller, 7),
                    first,
                    "{caller}, {by:?}, {mode:?}"
                );
                for _ in 0..OFTEN {
                    assert_eq!(
                        world.call(world.target, caller, 7),
                        later,
                        "{caller}, {by:?}, {mode:?}"
                    );
                }
            }
        }
    }
}

/// A frame of the old body is in a loop when the body is replaced. It must not go on in code of the new body,
/// which has a loop at the same place.
#[test]
fn a_loop_of_the_old_body_goes_on_in_the_old_body() {
    // The function adds 1 in each trip; the host replaces it in the first, when it runs
    // baseline code, by one that adds 2.
    let text = |adds: u8| {
        format!(
            r#"(module (import "host" "swap" (func $swap (param i32)))
              (func (export "f") (param i32) (result i32) (local $sum i32)
                (loop $l
                  (local.set $sum (i32.add (local.get $sum) (i32.const {adds})))
                  (if (i32.eq (local.get $sum) (i32.const 1)) (then (call $swap (i32.const 0))))
                  (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                (local.get $sum)))"#
        )
    };
    for mode in MODES {
        let mut config = Config::new();
        config.mode(mode).threshold(2).parallel_compilation(false);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, text(1)).unwrap();
        let mut store = Store::new(&engine, None::<Instance>);
        let mut linker: Linker<Option<Instance>> = Linker::new(&engine);
        let body = body_of(&text(2));
        let swap = move |mut caller: Caller<'_, Option<Instance>>, _: i32| -> Result<()> {
            let instance = caller.data_mut().take();
            let Some(instance) = instance else {
                return Ok(());
            };
            instance.replace_body(&mut caller, "f", &body)?;
            // The new body becomes hot, and has code for its loop.
            let f = instance.get_typed_func::<i32, i32>(&mut caller, "f")?;
            for _ in 0..2 {
                assert_eq!(f.call(&mut caller, 200_000)?, 400_000);
            }
            Ok(())
        };
        linker.func_wrap("host", "swap", swap).unwrap();
        let instance = linker.instantiate_live(&mut store, &module).unwrap();
        let f = instance
            .get_typed_func::<i32, i32>(&mut store, "f")
            .unwrap();
        *store.data_mut() = Some(instance);
        assert_eq!(f.call(&mut store, 200_000).unwrap(), 200_000, "{mode:?}");
        assert_eq!(f.call(&mut store, 200_000).unwrap(), 400_000, "{mode:?}");
        assert_eq!(engine.stats().failures, 0);
    }
}
