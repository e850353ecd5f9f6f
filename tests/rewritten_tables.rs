//! Inlined callees of indirect calls, in code that compares the table's index: after any write to the table,
//! the call finds what was written.

use lazywasm::{
    Config, Engine, Extern, Instance, Mode, Module, Ref, RefType, Store, Table, TableType, Trap,
    Val,
};

const PROGRAM: &str = r#"(module
  (type $f (func (param i32) (result i32)))
  (table $t (export "t") 4 8 funcref)
  (table $other 2 funcref)
  (elem (table $t) (i32.const 0) func $one $two)
  (elem (table $other) (i32.const 0) func $three $three)
  (elem $passive func $three)
  (func $one (type $f) (i32.add (local.get 0) (i32.const 1)))
  (func $two (type $f) (i32.add (local.get 0) (i32.const 2)))
  (func $three (export "three") (type $f) (i32.add (local.get 0) (i32.const 3)))
  (func (export "run") (param $x i32) (result i32) (local $i i32)
    (loop $again
      (local.set $x (call_indirect $t (type $f) (local.get $x) (i32.and (local.get $i) (i32.const 1))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 50))))
    (local.get $x))
  (func (export "twice") (param $x i32) (result i32)
    (call_indirect $other (type $f)
      (call_indirect $other (type $f) (local.get $x) (i32.const 0)) (i32.const 1)))
  (func (export "set") (table.set $t (i32.const 0) (ref.func $three)))
  (func (export "fill") (table.fill $t (i32.const 1) (ref.null func) (i32.const 1)))
  (func (export "copy") (table.copy $t $other (i32.const 0) (i32.const 1) (i32.const 1)))
  (func (export "init") (table.init $t $passive (i32.const 1) (i32.const 0) (i32.const 1)))
  (func (export "grow") (drop (table.grow $t (ref.null func) (i32.const 3)))))"#;

/// Replaces a function in the program's table by one of its own.
const INTRUDER: &str = r#"(module (import "" "t" (table 4 funcref))
  (func $mine (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (elem (i32.const 1) func $mine))"#;

/// Fails in the middle if its table has three elements: what was written before stays, and its own table
/// differs from its segments.
const HALF: &str = r#"(module
  (type $f (func (param i32) (result i32)))
  (import "" "t" (table $theirs 3 funcref))
  (table $own 2 funcref)
  (elem (table $theirs) (i32.const 2) func $run)
  (elem (table $own) (i32.const 0) func $one)
  (elem (table $theirs) (i32.const 3) func $run)
  (elem (table $own) (i32.const 1) func $two)
  (func $one (type $f) (i32.const 1))
  (func $two (type $f) (i32.const 2))
  (func $run (type $f) (call_indirect $own (type $f) (local.get 0) (local.get 0))))"#;

/// An engine that optimises on the running thread, as soon as it may.
fn in_place() -> Engine {
    let mut config = Config::new();
    config
        .mode(Mode::Tiered)
        .threshold(2)
        .parallel_compilation(false);
    Engine::new(&config).unwrap()
}

fn call(store: &mut Store<()>, instance: Instance, name: &str, number: i32) -> String {
    let func = instance.get_func(&mut *store, name).unwrap();
    let arguments = vec![Val::I32(number); func.ty(&*store).params().len()];
    let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
    match func.call(&mut *store, &arguments, &mut results) {
        Ok(()) => format!("{results:?}"),
        Err(error) => format!("{error:#}")
            .lines()
            .next()
            .unwrap_or_default()
            .to_string(),
    }
}

fn table_of(store: &mut Store<()>, instance: Instance) -> Table {
    let table = instance.get_export(&mut *store, "t").unwrap();
    table.into_table().unwrap()
}

/// The results of the program before and after each way of writing to its table, each in its own instance.
fn results(engine: &Engine) -> Vec<String> {
    let program = Module::new(engine, PROGRAM).unwrap();
    let intruder = Module::new(engine, INTRUDER).unwrap();
    // Kept, so that all instances share the code that is optimised here.
    let mut keeper = Store::new(engine, ());
    let kept = Instance::new(&mut keeper, &program, &[]).unwrap();
    let mut seen = Vec::new();
    for number in 0..20 {
        seen.push(call(&mut keeper, kept, "run", number));
        seen.push(call(&mut keeper, kept, "twice", number));
    }
    for way in [
        "",
        "set",
        "fill",
        "copy",
        "init",
        "grow",
        "host",
        "host grow",
        "intruder",
    ] {
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &program, &[]).unwrap();
        seen.push(format!("{way}: {}", call(&mut store, instance, "run", 1)));
        let table = table_of(&mut store, instance);
        match way {
            "" => {}
            "host" => {
                let three = instance.get_func(&mut store, "three");
                table.set(&mut store, 1, Ref::Func(three)).unwrap();
            }
            "host grow" => {
                table.grow(&mut store, 2, Ref::Func(None)).unwrap();
            }
            "intruder" => {
                Instance::new(&mut store, &intruder, &[Extern::Table(table)]).unwrap();
            }
            export => seen.push(call(&mut store, instance, export, 0)),
        }
        for _ in 0..4 {
            seen.push(call(&mut store, instance, "run", 7));
        }
    }
    seen
}

/// Calls the function that a table has at 2, after trying to instantiate the module that puts it there.
fn after_an_attempt(
    engine: &Engine,
    module: &Module,
    len: u32,
    store: &mut Store<()>,
) -> Vec<String> {
    let ty = TableType::new(RefType::FUNCREF, len, None);
    let table = Table::new(&mut *store, ty, Ref::Func(None)).unwrap();
    let made = Instance::new(&mut *store, module, &[Extern::Table(table)]);
    let mut seen = vec![format!("{}", made.is_ok())];
    let Some(Ref::Func(Some(run))) = table.get(&mut *store, 2) else {
        panic!("what came before a failure stays");
    };
    for number in (0..20).map(|number| number % 2) {
        let mut result = [Val::I32(0)];
        let outcome = run.call(&mut *store, &[Val::I32(number)], &mut result);
        seen.push(format!("{} {result:?}", outcome.is_ok()));
    }
    engine.verify_links().unwrap();
    seen
}

#[test]
fn a_table_that_was_filled_half_way_is_not_what_its_module_says() {
    let results = |engine: &Engine| {
        let module = Module::new(engine, HALF).unwrap();
        let (mut keeper, mut store) = (Store::new(engine, ()), Store::new(engine, ()));
        let whole = after_an_attempt(engine, &module, 4, &mut keeper);
        let half = after_an_attempt(engine, &module, 3, &mut store);
        assert!(whole[0] == "true" && half[0] == "false");
        (whole, half)
    };
    let mut config = Config::new();
    config.mode(Mode::Baseline);
    let expected = results(&Engine::new(&config).unwrap());
    let tiered = in_place();
    assert_eq!(expected, results(&tiered));
    assert!(tiered.stats().inlined_guarded > 0, "{:?}", tiered.stats());
}

#[test]
fn what_is_written_to_a_table_is_what_is_called() {
    let mut config = Config::new();
    config.mode(Mode::Baseline);
    let expected = results(&Engine::new(&config).unwrap());
    let tiered = in_place();
    assert_eq!(expected, results(&tiered));
    assert!(tiered.stats().inlined_guarded >= 2, "{:?}", tiered.stats());
    tiered.verify_links().unwrap();
}

/// A call of a function of another type traps, and that function is not inlined, however often it was seen.
#[test]
fn a_callee_of_another_type_is_not_inlined() {
    let mut config = Config::new();
    config.threshold(500).parallel_compilation(false);
    let engine = Engine::new(&config).unwrap();
    let wat = r#"(module
      (type $number (func (param i64) (result i64)))
      (type $reference (func (param externref) (result externref)))
      (table 2 2 funcref)
      (func $add (type $number) (i64.add (local.get 0) (i64.const 1)))
      (func $same (type $reference) (local.get 0))
      (elem declare func $add $same)
      (func (export "set") (table.set (i32.const 0) (ref.func $add)) (table.set (i32.const 1) (ref.func $same)))
      (func (export "run") (param i64 i32) (result i64)
        (call_indirect (type $number) (local.get 0) (local.get 1))))"#;
    let module = Module::new(&engine, wat).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let set = instance
        .get_typed_func::<(), ()>(&mut store, "set")
        .unwrap();
    set.call(&mut store, ()).unwrap();
    let run = instance
        .get_typed_func::<(i64, i32), i64>(&mut store, "run")
        .unwrap();
    for number in 0..3_000 {
        let error = run.call(&mut store, (number, 1)).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::BadSignature), "{number}");
        if number % 4 == 0 {
            assert_eq!(run.call(&mut store, (number, 0)).unwrap(), number + 1);
        }
    }
    let stats = engine.stats();
    assert!(
        stats.optimised_compiled > 0 && stats.inlined_guarded == 1,
        "{stats:?}"
    );
}

#[test]
fn growing_a_rewritten_table_does_not_make_it_its_modules_again() {
    let engine = in_place();
    let module = Module::new(&engine, PROGRAM).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let expected = |first: i32| format!("[I32({})]", 7 + 25 * first + 25 * 2);
    for _ in 0..10 {
        assert_eq!(call(&mut store, instance, "run", 7), expected(1));
    }
    assert!(engine.stats().inlined_guarded > 0);
    call(&mut store, instance, "set", 0);
    assert_eq!(call(&mut store, instance, "run", 7), expected(3));
    call(&mut store, instance, "grow", 0);
    assert_eq!(call(&mut store, instance, "run", 7), expected(3));
}

/// The table may move, although it has a maximum.
#[test]
fn a_table_with_a_maximum_grows_while_it_is_called_through() {
    for mode in [
        Mode::Baseline,
        Mode::Reference,
        Mode::Optimise,
        Mode::Tiered,
    ] {
        let mut config = Config::new();
        config.mode(mode).threshold(2).parallel_compilation(false);
        let engine = Engine::new(&config).unwrap();
        let wat = r#"(module
          (type $f (func (result i32)))
          (table $t 1 1000 funcref)
          (elem (i32.const 0) $seven)
          (func $seven (type $f) (i32.const 7))
          (func (export "run") (result i32) (local $i i32) (local $sum i32)
            (loop $again
              (drop (table.grow $t (ref.func $seven) (i32.const 1)))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (local.set $sum (i32.add (local.get $sum) (call_indirect $t (type $f) (local.get $i))))
              (br_if $again (i32.lt_u (local.get $i) (i32.const 900))))
            (local.get $sum)))"#;
        let module = Module::new(&engine, wat).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let run = instance
            .get_typed_func::<(), i32>(&mut store, "run")
            .unwrap();
        assert_eq!(run.call(&mut store, ()).unwrap(), 6300, "{mode:?}");
    }
}
