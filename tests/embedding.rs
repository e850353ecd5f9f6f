//! Tests of the embedding crate's API: hosts that call back, traps through several layers, objects shared by
//! instances, values of every kind, stack overflows. Each test runs in every mode.

use lazywasm::{
    Caller, Config, Engine, Extern, ExternRef, Func, FuncType, Global, GlobalType, Instance,
    Linker, Memory, MemoryType, Mode, Module, Mutability, Ref, RefType, Result, Store, Table,
    TableType, Trap, Val, ValType, WasmBacktrace,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const MODES: [(Mode, u32); 6] = [
    (Mode::Baseline, 3000),
    (Mode::Reference, 3000),
    (Mode::Optimise, 3000),
    (Mode::Tiered, 1),
    (Mode::Tiered, 3000),
    (Mode::RelinkStorm, 1),
];

fn in_every_mode(test: impl Fn(&Engine)) {
    for (mode, threshold) in MODES {
        println!("{mode:?}, threshold {threshold}");
        let mut config = Config::new();
        config.mode(mode).threshold(threshold).interruption(true);
        let engine = Engine::new(&config).unwrap();
        test(&engine);
        engine.verify_links().unwrap();
    }
}

fn instance<T: 'static>(store: &mut Store<T>, linker: &Linker<T>, wat: &str) -> Instance {
    let module = Module::new(store.engine(), wat).unwrap();
    linker.instantiate(store, &module).unwrap()
}

fn trap_of(error: &lazywasm::Error) -> Trap {
    *error
        .downcast_ref::<Trap>()
        .unwrap_or_else(|| panic!("not a trap: {error:?}"))
}

/// Names of the functions of an error's backtrace, innermost first.
fn frames_of(error: &lazywasm::Error) -> Vec<String> {
    let trace = error
        .downcast_ref::<WasmBacktrace>()
        .expect("an error of the guest has a backtrace");
    let frames = trace.frames().iter();
    frames
        .map(|frame| frame.func_name().unwrap_or("?").to_string())
        .collect()
}

#[test]
fn a_listener_that_panics_changes_nothing() {
    let events = Arc::new(AtomicU32::new(0));
    let mut config = Config::new();
    let count = events.clone();
    config.threshold(2).on_event(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        // Without the panic hook, which would print a line for each.
        std::panic::resume_unwind(Box::new("a panic of the listener"));
    });
    let engine = Engine::new(&config).unwrap();
    let mut store = Store::new(&engine, ());
    let wat = r#"(module
        (func (export "a") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
        (func (export "b") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))"#;
    let instance = instance(&mut store, &Linker::new(&engine), wat);
    let started = std::time::Instant::now();
    for (name, optimised) in [("a", 1), ("b", 2)] {
        let func = instance
            .get_typed_func::<i32, i32>(&mut store, name)
            .unwrap();
        while engine.stats().optimised_compiled < optimised {
            assert_eq!(
                func.call(&mut store, 5).unwrap(),
                if name == "a" { 6 } else { 15 }
            );
            assert!(started.elapsed() < Duration::from_secs(60), "{name}");
        }
    }
    assert!(events.load(Ordering::Relaxed) >= 6);
    engine.verify_links().unwrap();
}

const PING: &str = r#"(module
    (import "host" "back" (func $back (param i32) (result i32)))
    (func $ping (export "ping") (param i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0))
        (then (unreachable))
        (else (i32.add (i32.const 1) (call $back (i32.sub (local.get 0) (i32.const 1))))))))"#;

#[test]
fn hosts_call_back_and_traps_pass_through_all_layers() {
    in_every_mode(|engine| {
        let mut linker = Linker::<Option<Func>>::new(engine);
        let back = |mut caller: Caller<'_, Option<Func>>, depth: i32| -> Result<i32> {
            let ping = caller
                .data()
                .expect("it was set")
                .typed::<i32, i32>(&caller)?;
            if depth == 100 {
                Ok(depth)
            } else {
                ping.call(&mut caller, depth)
            }
        };
        linker.func_wrap("host", "back", back).unwrap();
        let mut store = Store::new(engine, None);
        let instance = instance(&mut store, &linker, PING);
        let ping = instance.get_func(&mut store, "ping").unwrap();
        *store.data_mut() = Some(ping);
        let ping = ping.typed::<i32, i32>(&store).unwrap();
        // 101 does not trap: the host ends it.
        assert_eq!(ping.call(&mut store, 101).unwrap(), 101);
        for depth in [0, 1, 5, 50] {
            let error = ping.call(&mut store, depth).unwrap_err();
            assert_eq!(trap_of(&error), Trap::UnreachableCodeReached);
            let frames = frames_of(&error);
            assert!(frames.len() > depth as usize, "{frames:?}");
            assert!(frames.iter().all(|name| name == "ping"), "{frames:?}");
        }
    });
}

#[test]
fn host_errors_keep_their_type_and_host_panics_continue() {
    #[derive(Debug)]
    struct OutOfTea(u32);
    impl std::fmt::Display for OutOfTea {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "out of tea, {} cups short", self.0)
        }
    }
    impl std::error::Error for OutOfTea {}

    in_every_mode(|engine| {
        let mut linker = Linker::<()>::new(engine);
        let fail = || -> Result<i32> { Err(OutOfTea(3).into()) };
        linker.func_wrap("host", "fail", fail).unwrap();
        let panic = || -> i32 { panic!("the host gave up") };
        linker.func_wrap("host", "panic", panic).unwrap();
        let mut store = Store::new(engine, ());
        let wat = r#"(module
            (import "host" "fail" (func $fail (result i32)))
            (import "host" "panic" (func $panic (result i32)))
            (func $inner (result i32) (call $fail))
            (func (export "fail") (result i32) (call $inner))
            (func (export "panic") (result i32) (call $panic))
            (func (export "fine") (result i32) (i32.const 7)))"#;
        let instance = instance(&mut store, &linker, wat);
        let mut call = |name: &str| {
            let func = instance
                .get_typed_func::<(), i32>(&mut store, name)
                .unwrap();
            func.call(&mut store, ())
        };
        let error = call("fail").unwrap_err();
        assert_eq!(error.downcast_ref::<OutOfTea>().expect("its own type").0, 3);
        assert_eq!(frames_of(&error), ["inner", "fail"]);
        let panic = catch_unwind(AssertUnwindSafe(|| call("panic"))).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"the host gave up"));
        assert_eq!(call("fine").unwrap(), 7);
    });
}

#[test]
fn instances_share_a_memory_a_table_and_a_global() {
    in_every_mode(|engine| {
        let mut store = Store::new(engine, ());
        let memory = Memory::new(&mut store, MemoryType::new(1, Some(3))).unwrap();
        let table_type = TableType::new(RefType::FUNCREF, 4, Some(8));
        let table = Table::new(&mut store, table_type, Ref::Func(None)).unwrap();
        let global_type = GlobalType::new(ValType::I64, Mutability::Var);
        let global = Global::new(&mut store, global_type, Val::I64(5)).unwrap();
        let mut linker = Linker::new(engine);
        linker.define(&store, "env", "memory", memory).unwrap();
        linker.define(&store, "env", "table", table).unwrap();
        linker.define(&store, "env", "global", global).unwrap();
        let wat = r#"(module
            (import "env" "memory" (memory 1 3))
            (import "env" "table" (table 4 8 funcref))
            (import "env" "global" (global $g (mut i64)))
            (type $t (func (result i32)))
            (func $peek (type $t) (i32.load (i32.const 65532)))
            (elem declare func $peek)
            (func (export "install") (param i32) (table.set (local.get 0) (ref.func $peek)))
            (func (export "poke") (param i32) (i32.store (i32.const 65532) (local.get 0)))
            (func (export "grow") (result i32) (memory.grow (i32.const 1)))
            (func (export "far") (param i32) (i32.store (i32.const 131068) (local.get 0)))
            (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0)))
            (func (export "add") (param i64)
              (global.set $g (i64.add (global.get $g) (local.get 0)))))"#;
        let a = instance(&mut store, &linker, wat);
        let b = instance(&mut store, &linker, wat);
        let call = |store: &mut Store<()>, of: &Instance, name: &str, argument: i32| {
            let func = of.get_typed_func::<i32, ()>(&mut *store, name).unwrap();
            func.call(store, argument)
        };
        let ask = |store: &mut Store<()>, of: &Instance, at: i32| {
            let func = of.get_typed_func::<i32, i32>(&mut *store, "call").unwrap();
            func.call(store, at)
        };
        call(&mut store, &a, "install", 2).unwrap();
        call(&mut store, &b, "poke", 77).unwrap();
        assert_eq!(ask(&mut store, &b, 2).unwrap(), 77);
        assert_eq!(
            trap_of(&ask(&mut store, &a, 3).unwrap_err()),
            Trap::IndirectCallToNull
        );
        assert_eq!(
            trap_of(&ask(&mut store, &a, 4).unwrap_err()),
            Trap::UndefinedElement
        );

        let error = call(&mut store, &b, "far", 1).unwrap_err();
        assert_eq!(trap_of(&error), Trap::MemoryOutOfBounds);
        let grow = a.get_typed_func::<(), i32>(&mut store, "grow").unwrap();
        assert_eq!(grow.call(&mut store, ()).unwrap(), 1);
        call(&mut store, &b, "far", 9).unwrap();
        assert_eq!(memory.data(&store)[131_068], 9);
        assert_eq!(memory.grow(&mut store, 1).unwrap(), 2);
        assert_eq!(
            grow.call(&mut store, ()).unwrap(),
            -1,
            "three pages are the most"
        );

        for (of, by) in [(&a, 10), (&b, 20)] {
            let add = of.get_typed_func::<i64, ()>(&mut store, "add").unwrap();
            add.call(&mut store, by).unwrap();
        }
        assert!(matches!(global.get(&mut store), Val::I64(35)));
        // The host gets the function from the table, and calls it.
        let Some(Ref::Func(Some(peek))) = table.get(&mut store, 2) else {
            panic!("the guest stored a function")
        };
        let peek = peek.typed::<(), i32>(&store).unwrap();
        assert_eq!(peek.call(&mut store, ()).unwrap(), 77);
    });
}

#[test]
fn values_of_the_host_go_through_the_guest_and_come_back() {
    in_every_mode(|engine| {
        let mut linker = Linker::<Vec<Option<String>>>::new(engine);
        let ty = FuncType::new(engine, [ValType::EXTERNREF], []);
        let note = |mut caller: Caller<'_, Vec<Option<String>>>, params: &[Val], _: &mut [Val]| {
            let Val::ExternRef(value) = &params[0] else {
                panic!("the type was checked")
            };
            let text = value
                .as_ref()
                .map(|value| value.data().downcast_ref::<String>().unwrap().clone());
            caller.data_mut().push(text);
            Ok(())
        };
        linker.func_new("host", "note", ty, note).unwrap();
        let mut store = Store::new(engine, Vec::new());
        let wat = r#"(module
            (import "host" "note" (func $note (param externref)))
            (table $t 2 externref)
            (func (export "keep") (param i32 externref)
              (table.set $t (local.get 0) (local.get 1)))
            (func (export "note_all")
              (call $note (table.get $t (i32.const 0)))
              (call $note (table.get $t (i32.const 1))))
            (func (export "same") (param externref) (result externref) (local.get 0)))"#;
        let instance = instance(&mut store, &linker, wat);
        let keep = instance.get_func(&mut store, "keep").unwrap();
        let value = ExternRef::new(String::from("from the host"));
        let args = [Val::I32(1), Val::ExternRef(Some(value.clone()))];
        keep.call(&mut store, &args, &mut []).unwrap();
        let note_all = instance.get_func(&mut store, "note_all").unwrap();
        note_all.call(&mut store, &[], &mut []).unwrap();
        assert_eq!(store.data()[..], [None, Some("from the host".to_string())]);
        let same = instance.get_func(&mut store, "same").unwrap();
        let mut results = [Val::I32(0)];
        same.call(&mut store, &args[1..], &mut results).unwrap();
        let [Val::ExternRef(Some(back))] = &results else {
            panic!("a reference comes back as one")
        };
        assert!(ExternRef::ptr_eq(back, &value));
    });
}

/// More results, of several types, than there are registers; to the host and back.
#[test]
fn many_results_of_all_kinds() {
    const KINDS: [(&str, &str); 4] = [
        ("i32", "i32.const -3"),
        ("i64", "i64.const 0x123456789abcdef"),
        ("f32", "f32.const 1.5"),
        ("f64", "f64.const -2.25"),
    ];
    let types: Vec<&str> = (0..26).map(|at| KINDS[at % 4].0).collect();
    let values: Vec<&str> = (0..26).map(|at| KINDS[at % 4].1).collect();
    let wat = format!(
        r#"(module
            (import "host" "turn" (func $turn (param {types}) (result {types})))
            (func $all (result {types}) {values})
            (func (export "run") (result {types}) (call $turn (call $all))))"#,
        types = types.join(" "),
        values = values.join(" "),
    );
    in_every_mode(|engine| {
        let kinds = || {
            let all = [ValType::I32, ValType::I64, ValType::F32, ValType::F64];
            all.into_iter().cycle().take(26)
        };
        let mut linker = Linker::<()>::new(engine);
        let ty = FuncType::new(engine, kinds(), kinds());
        let turn = |_: Caller<'_, ()>, params: &[Val], results: &mut [Val]| {
            // Each group of four is exchanged with its mirror image.
            for at in 0..24 {
                results[at] = params[(5 - at / 4) * 4 + at % 4].clone();
            }
            results[24] = Val::I32(24);
            results[25] = Val::I64(25);
            Ok(())
        };
        linker.func_new("host", "turn", ty, turn).unwrap();
        let mut store = Store::new(engine, ());
        let instance = instance(&mut store, &linker, &wat);
        let run = instance.get_func(&mut store, "run").unwrap();
        let mut results = vec![Val::I32(0); 26];
        run.call(&mut store, &[], &mut results).unwrap();
        for (at, result) in results[..24].iter().enumerate() {
            match (at % 4, result) {
                (0, Val::I32(-3)) | (1, Val::I64(0x123_4567_89ab_cdef)) => {}
                (2, Val::F32(bits)) if f32::from_bits(*bits) == 1.5 => {}
                (3, Val::F64(bits)) if f64::from_bits(*bits) == -2.25 => {}
                _ => panic!("result {at} is {result:?}"),
            }
        }
        assert!(matches!(results[24..], [Val::I32(24), Val::I64(25)]));
    });
}

#[test]
fn endless_programs_stop_when_asked() {
    in_every_mode(|engine| {
        for wat in [
            "(module (func (export \"run\") (loop (br 0))))",
            "(module (func $a (call $b)) (func $b)
               (func (export \"run\") (loop (call $a) (br 0))))",
            "(module (func $a (export \"run\") (return_call $a)))",
        ] {
            let mut store = Store::new(engine, ());
            let instance = instance(&mut store, &Linker::new(engine), wat);
            let run = instance
                .get_typed_func::<(), ()>(&mut store, "run")
                .unwrap();
            let handle = store.interrupt_handle();
            let stopper = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                handle.interrupt();
            });
            let error = run.call(&mut store, ()).unwrap_err();
            assert_eq!(trap_of(&error), Trap::Interrupt);
            stopper.join().unwrap();
        }
    });
}

/// A store that was interrupted is used again, and its functions are promoted as usual.
#[test]
fn a_stopped_store_continues_when_the_request_is_withdrawn() {
    let mut config = Config::new();
    config
        .threshold(100)
        .parallel_compilation(false)
        .interruption(true);
    let engine = Engine::new(&config).unwrap();
    let mut store = Store::new(&engine, ());
    let wat = r#"(module (func (export "run") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))"#;
    let instance = instance(&mut store, &Linker::new(&engine), wat);
    let run = instance
        .get_typed_func::<i32, i32>(&mut store, "run")
        .unwrap();
    let handle = store.interrupt_handle();
    handle.interrupt();
    let error = run.call(&mut store, 1).unwrap_err();
    assert_eq!(trap_of(&error), Trap::Interrupt);
    handle.clear();
    for number in 0..150 {
        assert_eq!(run.call(&mut store, number).unwrap(), number * 3);
    }
    assert_eq!(engine.stats().promotions, 1);
}

#[test]
fn stacks_end_in_a_trap_on_every_thread() {
    let wat = r#"(module
        (import "host" "down" (func $down (param i32)))
        (func $deep (export "deep") (param i32) (result i32)
          (i32.add (i32.const 1) (call $deep (local.get 0))))
        (func (export "wide") (param i32) (result i32) (local i64 i64 i64 i64)
          (call $down (local.get 0))
          (i32.const 0)))"#;
    in_every_mode(|engine| {
        let work = |engine: &Engine| {
            let mut linker = Linker::<Option<Func>>::new(engine);
            let down = |mut caller: Caller<'_, Option<Func>>, x: i32| -> Result<()> {
                let wide = caller
                    .data()
                    .expect("it was set")
                    .typed::<i32, i32>(&caller)?;
                wide.call(&mut caller, x).map(drop)
            };
            linker.func_wrap("host", "down", down).unwrap();
            let mut store = Store::new(engine, None);
            let instance = instance(&mut store, &linker, wat);
            let wide = instance.get_func(&mut store, "wide").unwrap();
            *store.data_mut() = Some(wide);
            for name in ["deep", "wide", "deep"] {
                let func = instance
                    .get_typed_func::<i32, i32>(&mut store, name)
                    .unwrap();
                let error = func.call(&mut store, 1).unwrap_err();
                assert_eq!(trap_of(&error), Trap::StackOverflow, "{name}");
            }
        };
        work(engine);
        for size in [600 << 10, 2 << 20] {
            let engine = engine.clone();
            std::thread::Builder::new()
                .stack_size(size)
                .spawn(move || work(&engine))
                .unwrap()
                .join()
                .unwrap();
        }
    });
}

/// A store inside a host function of another store, with traps in the inner one.
#[test]
fn stores_nest_on_one_thread() {
    in_every_mode(|engine| {
        let inner_module = Module::new(
            engine,
            r#"(module (memory 1)
                (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))"#,
        )
        .unwrap();
        let mut linker = Linker::<u32>::new(engine);
        let nest = move |mut caller: Caller<'_, u32>, at: i32| -> i32 {
            let mut store = Store::new(caller.engine(), ());
            let instance = Instance::new(&mut store, &inner_module, &[]).unwrap();
            let load = instance
                .get_typed_func::<i32, i32>(&mut store, "load")
                .unwrap();
            match load.call(&mut store, at) {
                Ok(value) => value,
                Err(error) => {
                    assert_eq!(trap_of(&error), Trap::MemoryOutOfBounds);
                    *caller.data_mut() += 1;
                    -1
                }
            }
        };
        linker.func_wrap("host", "nest", nest).unwrap();
        let mut store = Store::new(engine, 0);
        let wat = r#"(module (import "host" "nest" (func $nest (param i32) (result i32)))
            (memory 1)
            (func (export "run") (param i32) (result i32)
              (i32.store (i32.const 0) (i32.const 5))
              (drop (call $nest (local.get 0)))
              (i32.load (i32.const 0)))
            (func (export "trap") (param i32) (result i32)
              (drop (call $nest (local.get 0)))
              (i32.load (local.get 0))))"#;
        let instance = instance(&mut store, &linker, wat);
        let run = instance
            .get_typed_func::<i32, i32>(&mut store, "run")
            .unwrap();
        for at in [0, -4, 65_532, 65_533] {
            assert_eq!(run.call(&mut store, at).unwrap(), 5);
        }
        assert_eq!(*store.data(), 2);
        let trap = instance
            .get_typed_func::<i32, i32>(&mut store, "trap")
            .unwrap();
        let error = trap.call(&mut store, -4).unwrap_err();
        assert_eq!(trap_of(&error), Trap::MemoryOutOfBounds);
        assert_eq!(*store.data(), 3);
    });
}

#[test]
fn what_belongs_to_another_store_or_engine_is_refused() {
    let (one, other) = (Engine::default(), Engine::default());
    let wat = "(module (func (export \"f\")) (memory (export \"m\") 1))";
    let mut store = Store::new(&one, ());
    let here = instance(&mut store, &Linker::new(&one), wat);
    let module = Module::new(&other, wat).unwrap();
    let error = Instance::new(&mut store, &module, &[]).unwrap_err();
    assert!(error.to_string().contains("engine"), "{error}");
    let error = Linker::new(&other)
        .instantiate(&mut store, &module)
        .unwrap_err();
    assert!(error.to_string().contains("engine"), "{error}");

    let mut second = Store::new(&one, ());
    let func = here.get_func(&mut store, "f").unwrap();
    let importing = Module::new(&one, "(module (import \"a\" \"f\" (func)))").unwrap();
    let result = catch_unwind(AssertUnwindSafe(|| {
        Instance::new(&mut second, &importing, &[Extern::Func(func)])
    }));
    // As with Wasmtime, mixing stores is the embedder's error: it is reported, as an error or as a panic.
    assert!(result.is_err() || result.unwrap().is_err());
}

/// The effects of a start function before its trap stay, and its table entries can be called.
#[test]
fn functions_of_an_instance_that_failed_to_start_stay_callable() {
    in_every_mode(|engine| {
        let mut store = Store::new(engine, ());
        let table_type = TableType::new(RefType::FUNCREF, 1, None);
        let table = Table::new(&mut store, table_type, Ref::Func(None)).unwrap();
        let mut linker = Linker::new(engine);
        linker.define(&store, "env", "table", table).unwrap();
        let failing = Module::new(
            engine,
            r#"(module
                (import "env" "table" (table 1 funcref))
                (memory 1)
                (data (i32.const 8) "\2a")
                (func $answer (result i32) (i32.load8_u (i32.const 8)))
                (elem (i32.const 0) $answer)
                (func $start (unreachable))
                (start $start))"#,
        )
        .unwrap();
        let error = linker.instantiate(&mut store, &failing).unwrap_err();
        assert_eq!(trap_of(&error), Trap::UnreachableCodeReached);
        drop(failing);
        let wat = r#"(module
            (import "env" "table" (table 1 funcref))
            (type $t (func (result i32)))
            (func (export "run") (result i32) (call_indirect (type $t) (i32.const 0))))"#;
        let user = instance(&mut store, &linker, wat);
        let run = user.get_typed_func::<(), i32>(&mut store, "run").unwrap();
        for _ in 0..10 {
            assert_eq!(run.call(&mut store, ()).unwrap(), 42);
        }
    });
}

/// The caller that a host function sees is the instance that called it, however it was called.
#[test]
fn hosts_see_who_called_them() {
    in_every_mode(|engine| {
        let mut linker = Linker::<()>::new(engine);
        let who = |mut caller: Caller<'_, ()>| -> i32 {
            let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
                return -1;
            };
            i32::from(memory.data(&caller)[0])
        };
        linker.func_wrap("host", "who", who).unwrap();
        let wat = |byte: u8| {
            format!(
                r#"(module
                    (import "host" "who" (func $who (result i32)))
                    (type $t (func (result i32)))
                    (table (export "table") 1 funcref)
                    (elem (i32.const 0) $who)
                    (memory (export "memory") 1)
                    (data (i32.const 0) "\{byte:02x}")
                    (export "again" (func $who))
                    (func (export "direct") (result i32) (call $who))
                    (func (export "tail") (result i32) (return_call $who))
                    (func (export "indirect") (result i32) (call_indirect (type $t) (i32.const 0))))"#
            )
        };
        let mut store = Store::new(engine, ());
        let a = instance(&mut store, &linker, &wat(1));
        linker.instance(&mut store, "a", a).unwrap();
        let b = instance(&mut store, &linker, &wat(2));
        let c = instance(
            &mut store,
            &linker,
            r#"(module
                (import "a" "again" (func $who (result i32)))
                (import "a" "direct" (func $direct (result i32)))
                (import "a" "table" (table 1 funcref))
                (type $t (func (result i32)))
                (memory (export "memory") 1)
                (data (i32.const 0) "\03")
                (func (export "direct") (result i32) (call $who))
                (func (export "through") (result i32) (call $direct))
                (func (export "indirect") (result i32) (call_indirect (type $t) (i32.const 0))))"#,
        );
        for _ in 0..4 {
            for (instance, name, expected) in [
                (&a, "direct", 1),
                (&a, "tail", 1),
                (&a, "indirect", 1),
                (&b, "direct", 2),
                (&b, "indirect", 2),
                (&c, "direct", 3),
                (&c, "through", 1),
                (&c, "indirect", 3),
            ] {
                let func = instance
                    .get_typed_func::<(), i32>(&mut store, name)
                    .unwrap();
                assert_eq!(func.call(&mut store, ()).unwrap(), expected, "{name}");
            }
        }
    });
}

#[test]
fn host_functions_are_dropped_with_their_store() {
    struct Noted(Arc<AtomicU32>);
    impl Drop for Noted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let drops = Arc::new(AtomicU32::new(0));
    let engine = Engine::default();
    let noted = Noted(drops.clone());
    let mut store = Store::new(&engine, ());
    let func = Func::wrap(&mut store, move || noted.0.load(Ordering::SeqCst) as i32);
    let func = func.typed::<(), i32>(&store).unwrap();
    assert_eq!(func.call(&mut store, ()).unwrap(), 0);
    drop(store);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

/// A host function that calls back twice has the same caller both times.
#[test]
fn a_backtrace_after_another_call_back_names_the_right_callers() {
    let engine = Engine::default();
    let wat = r#"(module
        (import "" "back" (func $back))
        (import "" "nothing" (func $nothing))
        (func $leaf (export "leaf") (call $nothing))
        (func $middle (export "middle") (call $leaf))
        (func $trap (export "trap") unreachable)
        (func $outer (export "outer") (call $back)))"#;
    let module = Module::new(&engine, wat).unwrap();
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap("", "nothing", || ()).unwrap();
    let back = |mut caller: Caller<'_, ()>| -> lazywasm::Result<()> {
        for name in ["middle", "trap"] {
            let func = caller
                .get_export(name)
                .and_then(|export| export.into_func());
            func.expect("it is exported")
                .call(&mut caller, &[], &mut [])?;
        }
        Ok(())
    };
    linker.func_wrap("", "back", back).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let outer = instance
        .get_typed_func::<(), ()>(&mut store, "outer")
        .unwrap();
    let error = outer.call(&mut store, ()).unwrap_err();
    let backtrace = error.downcast_ref::<lazywasm::WasmBacktrace>().unwrap();
    let names: Vec<_> = backtrace
        .frames()
        .iter()
        .map(|frame| frame.func_name())
        .collect();
    assert_eq!(names, [Some("trap"), Some("outer")]);
}
