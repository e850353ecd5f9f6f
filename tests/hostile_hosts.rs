//! Uses of the safe API that must not break anything: each of these once caused undefined behaviour, an
//! abort, or a wrong result.

use lazywasm::{Caller, Config, Engine, Func, Instance, Linker, Module, Store, Trap, Val, ValType};
use std::cell::RefCell;
use std::sync::mpsc::{Sender, channel};

fn instance(engine: &Engine, wat: &str) -> (Store<()>, Instance) {
    let module = Module::new(engine, wat).unwrap();
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

fn call(
    store: &mut Store<()>,
    instance: Instance,
    name: &str,
    args: &[Val],
    count: usize,
) -> String {
    let func = instance.get_func(&mut *store, name).unwrap();
    let mut results = vec![Val::I32(0); count];
    func.call(store, args, &mut results).unwrap();
    format!("{results:?}")
}

/// A pointer to memory for results has the same machine type as a parameter, so functions of two types may
/// have the same machine signature.
#[test]
fn functions_with_results_in_memory_are_distinguished_from_those_with_a_parameter() {
    let nine = "i64 ".repeat(9);
    let consts: String = (0..9).map(|n| format!("(i64.const {n})")).collect();
    let eight = "i64 ".repeat(8);
    let gets = "(local.get 0)".repeat(8);
    let wat = format!(
        r#"(module (func (export "a") (result {nine}) {consts})
             (func (export "b") (param i64) (result {eight}) {gets}))"#
    );
    for order in [["a", "b"], ["b", "a"]] {
        let (mut store, instance) = instance(&Engine::default(), &wat);
        for name in order {
            let (args, count): (&[Val], usize) = match name {
                "a" => (&[], 9),
                _ => (&[Val::I64(5)], 8),
            };
            let got = call(&mut store, instance, name, args, count);
            let expected: Vec<Val> = match name {
                "a" => (0..9).map(Val::I64).collect(),
                _ => vec![Val::I64(5); 8],
            };
            assert_eq!(got, format!("{expected:?}"), "{name} of {order:?}");
        }
    }
}

/// The callee runs on the stack of the thread that calls back, and is limited by it.
#[test]
fn a_host_function_calls_back_from_another_thread() {
    let engine = Engine::default();
    let wat = r#"(module (import "" "back" (func $back))
        (func $deep (export "deep") (param i32) (result i32)
          (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1)))))
        (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
        (func (export "start") call $back))"#;
    let module = Module::new(&engine, wat).unwrap();
    for inner_stack in [128 << 10, 1 << 20, 64 << 20] {
        let mut linker: Linker<u32> = Linker::new(&engine);
        let back = move |mut caller: Caller<'_, u32>| {
            let work = || {
                let get = |caller: &mut Caller<'_, u32>, name| -> Func {
                    caller.get_export(name).unwrap().into_func().unwrap()
                };
                let deep = get(&mut caller, "deep");
                let deep = deep.typed::<i32, i32>(&caller).unwrap();
                let ended = deep.call(&mut caller, 0).unwrap_err();
                assert_eq!(
                    ended.downcast_ref(),
                    Some(&Trap::StackOverflow),
                    "{ended:?}"
                );
                let add = get(&mut caller, "add");
                let add = add.typed::<i32, i32>(&caller).unwrap();
                *caller.data_mut() = add.call(&mut caller, 41).unwrap() as u32;
            };
            let thread = std::thread::Builder::new().stack_size((1 << 20) + inner_stack);
            std::thread::scope(|scope| thread.spawn_scoped(scope, work).unwrap().join().unwrap());
        };
        linker.func_wrap("", "back", back).unwrap();
        let mut store = Store::new(&engine, 0);
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let start = instance
            .get_typed_func::<(), ()>(&mut store, "start")
            .unwrap();
        start.call(&mut store, ()).unwrap();
        assert_eq!(*store.data(), 42);
    }
}

/// Thread-local values are dropped in the reverse order of their first use. So if there was a call before,
/// the thread-local values of lazywasm are gone when `Late` is dropped; otherwise they do not exist yet.
#[test]
fn a_call_while_the_thread_ends_is_an_error_at_worst() {
    /// Part of the error that the late call returns.
    const WHILE_ENDING: &str = "functions cannot be called while a thread ends";
    type LateCall = (Store<()>, Func, Sender<lazywasm::Result<()>>);
    struct Late(RefCell<Option<LateCall>>);
    impl Drop for Late {
        fn drop(&mut self) {
            if let Some((mut store, func, outcome)) = self.0.take() {
                let _ = outcome.send(func.call(&mut store, &[], &mut []));
            }
        }
    }
    thread_local!(static LATE: Late = const { Late(RefCell::new(None)) });
    for call_before in [false, true] {
        let (outcome, outcomes) = channel();
        let thread = std::thread::spawn(move || {
            let (mut store, instance) =
                instance(&Engine::default(), r#"(module (func (export "f")))"#);
            let func = instance.get_func(&mut store, "f").unwrap();
            // The first use of the value.
            LATE.with(|_| ());
            if call_before {
                func.call(&mut store, &[], &mut []).unwrap();
            }
            LATE.with(|late| *late.0.borrow_mut() = Some((store, func, outcome)));
        });
        thread.join().unwrap();
        let late = outcomes
            .recv()
            .expect("the call was made while the thread ended");
        match (call_before, late) {
            (false, Ok(())) => {}
            (true, Err(error)) if format!("{error:#}").contains(WHILE_ENDING) => {}
            (_, late) => panic!("call before: {call_before}, late call: {late:?}"),
        }
    }
}

#[test]
fn stacks_without_a_limit_of_their_own() {
    let mut config = Config::new();
    config.max_wasm_stack(usize::MAX);
    let engine = Engine::new(&config).unwrap();
    let (mut store, instance) = instance(
        &engine,
        r#"(module (func (export "f") (result i32) (i32.const 3)))"#,
    );
    assert_eq!(call(&mut store, instance, "f", &[], 1), "[I32(3)]");
}

#[test]
#[should_panic(expected = "at most 1000 parameters")]
fn function_types_have_the_limits_of_modules() {
    let engine = Engine::default();
    let _ = lazywasm::FuncType::new(&engine, [ValType::I64; 1001], []);
}
