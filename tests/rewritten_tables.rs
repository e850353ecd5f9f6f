//! Inlined callees of indirect calls, in code that compares the table's index: whoever writes to the table afterwards, the
//! call finds what was written.

use lazywasm::{
    Config, Engine, Extern, Instance, Mode, Module, Ref, RefType, Store, Table, TableType, Val,
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

/// Puts a function of its own where the program has another one.
const INTRUDER: &str = r#"(module (import "" "t" (table 4 funcref))
  (func $mine (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (elem (i32.const 1) func $mine))"#;

/// Fails half way if the table it is given has three elements: what came before stays, and its own table is not what its
/// segments say.
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

/// What the program gives before and after each way of writing to its table, each in an instance of its own.
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
