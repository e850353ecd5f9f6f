//! The engine alone: modules are decoded, linked and instantiated without any compiler, and a call is an
//! error.

use lazywasm_engine::code_source::Refusing;
use lazywasm_engine::{
    Config, Engine, Func, Global, GlobalType, Linker, Module, Mutability, Ref, Result, Store, Val,
    ValType, WasmBacktrace,
};

fn engine() -> Engine {
    Engine::with_code_source(&Config::new(), Box::new(Refusing)).unwrap()
}

const PROGRAM: &str = r#"(module
    (import "host" "twice" (func $twice (param i32) (result i32)))
    (import "host" "base" (global $base i32))
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global (export "next") i32 (i32.add (global.get $base) (i32.const 1)))
    (func (export "run") (param i32) (result i32) (call $twice (local.get 0)))
    (elem (i32.const 1) func $twice)
    (data (global.get $base) "hello"))"#;

fn instantiate(store: &mut Store<()>) -> Result<lazywasm_engine::Instance> {
    let engine = store.engine().clone();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "twice", |x: i32| 2 * x)?;
    let ty = GlobalType::new(ValType::I32, Mutability::Const);
    let base = Global::new(&mut *store, ty, Val::I32(16))?;
    linker.define(&mut *store, "host", "base", base)?;
    linker.instantiate(store, &Module::new(&engine, PROGRAM)?)
}

#[test]
fn what_instantiation_makes_is_there() {
    let mut store = Store::new(&engine(), ());
    let instance = instantiate(&mut store).unwrap();
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    assert_eq!(&memory.data(&store)[16..21], b"hello");
    let next = instance.get_global(&mut store, "next").unwrap();
    assert_eq!(next.get(&mut store).i32(), Some(17));
    let table = instance.get_table(&mut store, "table").unwrap();
    let elements: Vec<bool> = (0..4)
        .map(|at| table.get(&mut store, at).unwrap().is_null())
        .collect();
    assert_eq!(elements, [true, false, true, true]);
    assert_eq!(memory.grow(&mut store, 2).unwrap(), 1);
    assert_eq!(memory.data_size(&store), 3 << 16);
    assert_eq!(table.grow(&mut store, 1, Ref::Func(None)).unwrap(), 4);
}

#[test]
fn a_call_is_an_error_and_leaves_the_store_usable() {
    let mut store = Store::new(&engine(), ());
    let instance = instantiate(&mut store).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run");
    let run = run.unwrap();
    let host = Func::wrap(&mut store, || 7i32).typed::<(), i32>(&store);
    let host = host.unwrap();
    for _ in 0..2 {
        let error = run.call(&mut store, 1).unwrap_err();
        assert_eq!(error.to_string(), "nothing is compiled here");
        assert!(error.downcast_ref::<WasmBacktrace>().is_none());
        assert!(host.call(&mut store, ()).is_err());
    }
    assert!(instantiate(&mut store).is_ok());
}

#[test]
fn instances_that_bind_alike_share_a_linkage() {
    let engine = engine();
    let bound = |engine: &Engine| engine.link_stats().entries;
    let mut store = Store::new(&engine, ());
    assert_eq!(bound(&engine), 0);
    let module = Module::new(&engine, r#"(module (func) (func (export "f")))"#).unwrap();
    let linker = Linker::new(&engine);
    let first = linker.instantiate(&mut store, &module).unwrap();
    let second = linker.instantiate(&mut store, &module).unwrap();
    assert_eq!(bound(&engine), 2);
    let functions = [first, second].map(|instance| instance.get_func(&mut store, "f").unwrap());
    assert!(functions[0] != functions[1]);
    drop((store, module));
    assert_eq!(bound(&engine), 0);
}
