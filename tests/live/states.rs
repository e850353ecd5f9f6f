//! What is refused, and what the engine says of a function.

use lazywasm::live::{CallSite, FuncTier};
use lazywasm::{
    Caller, Config, Engine, Func, FuncType, Instance, Linker, Module, Store, Trap, ValType,
    WasmBacktrace,
};

const PROGRAM: &str = r#"(module $program
    (import "host" "imported" (func $imported))
    (func $f (export "f") (export "also") (param i32) (result i32) (local.get 0))
    (func $g (export "g") (param i32) (result i32) (call $f (local.get 0)))
    (func $trap (export "trap") (param i32) (result i32) (unreachable))
    (func $calls_trap (export "calls_trap") (param i32) (result i32) (call $trap (local.get 0)))
    (func $private)
    (memory (export "memory") 1)
    (export "again" (func $imported)))"#;

fn linker(engine: &Engine) -> Linker<u32> {
    let mut linker = Linker::new(engine);
    let count = |mut caller: Caller<'_, u32>| *caller.data_mut() += 1;
    linker.func_wrap("host", "imported", count).unwrap();
    linker
}

fn program(config: &Config) -> (Engine, Store<u32>, Instance) {
    let engine = Engine::new(config).unwrap();
    let module = Module::new(&engine, PROGRAM).unwrap();
    let mut store = Store::new(&engine, 0);
    let instance = linker(&engine)
        .instantiate_live(&mut store, &module)
        .unwrap();
    (engine, store, instance)
}

#[test]
fn what_cannot_be_replaced_is_refused_in_words() {
    let (engine, mut store, instance) = program(&Config::new());
    let same = Func::wrap(&mut store, |x: i32| x);
    let refused = |store: &mut Store<u32>, name: &str, with: Func| {
        let error = instance.replace_func(store, name, with).unwrap_err();
        format!("{error:#}")
    };
    assert_eq!(
        refused(&mut store, "no\nsuch", same),
        "cannot replace the function no\\nsuch: module \"program\" has no function of that name"
    );
    assert_eq!(
        refused(&mut store, "memory", same),
        "cannot replace the function memory: module \"program\" has no function of that name"
    );
    let unit = Func::wrap(&mut store, || ());
    assert_eq!(
        refused(&mut store, "again", unit),
        "cannot replace the function again: module \"program\" imports it: it is replaced where it is defined"
    );
    let ty = FuncType::new(&engine, [ValType::I32], [ValType::I64]);
    let other = Func::new(&mut store, ty, |_, _, _| Ok(()));
    assert_eq!(
        refused(&mut store, "f", other),
        "cannot replace the function f: it has the type (i32) -> (i32), and the new function has the type (i32) -> (i64)"
    );
    let f = instance.get_func(&mut store, "f").unwrap();
    assert_eq!(
        refused(&mut store, "f", f),
        "cannot replace the function f: the new function is the function itself"
    );
    let g = instance.get_func(&mut store, "g").unwrap();
    instance.replace_func(&mut store, "f", g).unwrap();
    assert_eq!(
        refused(&mut store, "g", f),
        "cannot replace the function g: the new function was replaced by it: f would call itself"
    );
    let mut second = Store::new(&engine, 0);
    let foreign = Func::wrap(&mut second, |x: i32| x);
    assert_eq!(
        refused(&mut store, "f", foreign),
        "cannot replace the function f: the new function belongs to another store"
    );
    let module = Module::new(&engine, PROGRAM).unwrap();
    let fixed = linker(&engine).instantiate(&mut store, &module).unwrap();
    let error = fixed.replace_func(&mut store, "f", same).unwrap_err();
    assert!(
        format!("{error:#}").contains("is not live: Linker::instantiate_live makes one"),
        "{error:#}"
    );
    // Nothing has changed but what was accepted, by which f calls g and g calls f.
    assert_eq!(instance.func_state(&store, "f").unwrap().generation, 1);
    assert_eq!(instance.func_state(&store, "g").unwrap().generation, 0);
}

#[test]
fn bodies_are_validated_in_the_place_of_the_function() {
    let (_, mut store, instance) = program(&Config::new());
    let refused = |store: &mut Store<u32>, body: &[u8]| {
        let error = instance.replace_body(store, "f", body).unwrap_err();
        format!("{error:#}")
    };
    let cannot = "cannot replace the body of the function f: ";
    for (body, why) in [
        (&[][..], "unexpected end-of-file (at offset 0x0)"),
        (&[0], "unexpected end-of-file (at offset 0x0)"),
        // It ends without its result.
        (
            &[0, 0x0B],
            "type mismatch: expected i32 but nothing on stack (at offset 0x1)",
        ),
        // i64.const 0
        (
            &[0, 0x42, 0, 0x0B],
            "type mismatch: expected i32, found i64 (at offset 0x3)",
        ),
        // call 9
        (
            &[0, 0x10, 9, 0x0B],
            "unknown function 9: function index out of bounds (at offset 0x1)",
        ),
        // Something is left over.
        (
            &[0, 0x20, 0, 0x0B, 1],
            "operators remaining after end of function body or expression (at offset 0x4)",
        ),
        // 4294967295 locals
        (
            &[1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x7F, 0x20, 0, 0x0B],
            "too many locals: locals exceed maximum (at offset 0x1)",
        ),
        // A size that is not that of the rest is the number of groups of locals.
        (&[9, 0, 0x20, 0, 0x0B], "invalid value type (at offset 0x2)"),
    ] {
        assert_eq!(
            refused(&mut store, body),
            format!("{cannot}{why}"),
            "{body:x?}"
        );
    }
    let large = vec![0; 7_654_322];
    assert_eq!(
        refused(&mut store, &large),
        format!("{cannot}it has 7654322 bytes; a body has at most 7654321")
    );
    assert_eq!(instance.func_state(&store, "f").unwrap().generation, 0);
    // With and without its size, and with locals of its own; it calls another function of the module.
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .unwrap();
    let thirty: &[u8] = &[0, 0x41, 30, 0x0B];
    let with_size: &[u8] = &[4, 0, 0x41, 31, 0x0B];
    let with_local: &[u8] = &[1, 1, 0x7F, 0x41, 32, 0x22, 1, 0x0B];
    for (body, result) in [(thirty, 30), (with_size, 31), (with_local, 32)] {
        instance.replace_body(&mut store, "f", body).unwrap();
        assert_eq!(f.call(&mut store, 1).unwrap(), result);
    }
    let state = instance.func_state(&store, "f").unwrap();
    assert_eq!((state.tier, state.generation), (FuncTier::Baseline, 3));
    // A function of the host, and a body again.
    let host = Func::wrap(&mut store, |x: i32| x + 1);
    instance.replace_func(&mut store, "f", host).unwrap();
    assert_eq!(f.call(&mut store, 1).unwrap(), 2);
    instance.replace_body(&mut store, "f", thirty).unwrap();
    assert_eq!(f.call(&mut store, 1).unwrap(), 30);
}

/// Traps of a given body have its offsets; it has no place in the file.
#[test]
fn a_given_body_traps_at_its_own_place() {
    let (_, mut store, instance) = program(&Config::new());
    // nop, unreachable
    instance
        .replace_body(&mut store, "trap", &[0, 1, 0, 0x0B])
        .unwrap();
    let func = instance
        .get_typed_func::<i32, i32>(&mut store, "calls_trap")
        .unwrap();
    let error = func.call(&mut store, 1).unwrap_err();
    let trace = error.downcast_ref::<WasmBacktrace>().unwrap();
    let [trap, caller] = trace.frames() else {
        panic!("{trace:?}")
    };
    assert_eq!(
        (trap.func_name(), trap.func_offset(), trap.module_offset()),
        (Some("trap"), Some(2), None)
    );
    assert_eq!(
        (caller.func_name(), caller.func_offset()),
        (Some("calls_trap"), Some(3))
    );
    assert!(caller.module_offset().is_some());
}

#[test]
fn private_functions_are_replaced_by_their_names() {
    let (_, mut store, instance) = program(&Config::new());
    let unit = Func::wrap(&mut store, || ());
    instance.replace_func(&mut store, "private", unit).unwrap();
    let state = instance.func_state(&store, "private").unwrap();
    assert_eq!((state.tier, state.generation), (FuncTier::Host, 1));
}

#[test]
fn the_state_of_a_function_names_its_callers() {
    let mut config = Config::new();
    config.threshold(2).parallel_compilation(false);
    let (_, mut store, instance) = program(&config);
    let state = |store: &Store<u32>| instance.func_state(store, "f").unwrap();
    let before = state(&store);
    assert_eq!((before.tier, before.generation), (FuncTier::Stub, 0));
    assert_eq!((before.name.as_str(), before.code), ("f", None));
    assert_eq!(before.ty.to_string(), "(i32) -> (i32)");
    assert_eq!(before.defined_in, "program");

    let g = instance
        .get_typed_func::<i32, i32>(&mut store, "g")
        .unwrap();
    g.call(&mut store, 1).unwrap();
    let called = state(&store);
    assert_eq!(called.tier, FuncTier::Baseline);
    assert!(!called.code.unwrap().is_empty());
    let site = CallSite {
        module: "program".to_string(),
        function: "g".to_string(),
        offset: 3,
        direct: true,
    };
    assert_eq!(called.callers, [site]);
    assert_eq!(called.inlined_into, []);

    for _ in 0..20 {
        g.call(&mut store, 1).unwrap();
    }
    let hot = state(&store);
    let inliner = ("program".to_string(), "g".to_string());
    assert_eq!(hot.inlined_into, [inliner]);
    // The call is still there, for when the function is replaced.
    assert_eq!(hot.callers.len(), 1);

    let f = Func::wrap(&mut store, |x: i32| x * 2);
    instance.replace_func(&mut store, "also", f).unwrap();
    let replaced = state(&store);
    assert_eq!((replaced.tier, replaced.generation), (FuncTier::Host, 1));
    assert_eq!(
        (replaced.defined_in.as_str(), replaced.code),
        ("host", None)
    );
    // What had inlined it starts again.
    assert_eq!((replaced.inlined_into, replaced.callers), (vec![], vec![]));
    assert_eq!(g.call(&mut store, 21).unwrap(), 42);
}

/// A host function that replaces a function has the function's instance as its caller, and backtraces name
/// the functions that called it.
#[test]
fn a_host_function_is_called_by_the_instance() {
    let (_, mut store, instance) = program(&Config::new());
    let grows = Func::wrap(&mut store, |mut caller: Caller<'_, u32>, x: i32| {
        let memory = caller.get_export("memory").unwrap().into_memory().unwrap();
        memory.data_mut(&mut caller)[0] = x as u8;
        x
    });
    instance.replace_func(&mut store, "f", grows).unwrap();
    let g = instance
        .get_typed_func::<i32, i32>(&mut store, "g")
        .unwrap();
    g.call(&mut store, 77).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert_eq!(memory.data(&store)[0], 77);

    let fails = Func::wrap(&mut store, |_: i32| -> lazywasm::Result<i32> {
        Err(lazywasm::Error::msg("not today"))
    });
    instance.replace_func(&mut store, "f", fails).unwrap();
    let error = g.call(&mut store, 1).unwrap_err();
    assert_eq!(error.root_cause().to_string(), "not today");
    let names = |error: &lazywasm::Error| {
        let trace = error.downcast_ref::<WasmBacktrace>().unwrap();
        let names = trace
            .frames()
            .iter()
            .map(|frame| frame.func_name().unwrap().to_string());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&error), ["g"]);

    let trap = instance.get_func(&mut store, "trap").unwrap();
    instance.replace_func(&mut store, "f", trap).unwrap();
    let error = g.call(&mut store, 1).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Trap::UnreachableCodeReached));
    assert_eq!(names(&error), ["trap", "g"]);
}
