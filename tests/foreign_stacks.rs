//! Calls of compiled code on stacks that the engine does not know: stacks of coroutines, and small stacks of
//! threads. The code, including host functions, then runs on a spare stack.

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use lazywasm::{Caller, Config, Engine, Func, Instance, Linker, Module, Store, Trap, Val};
use lazywasm::{TypedFunc, WasmBacktrace};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

const WAT: &str = r#"(module
    (import "host" "wait" (func $wait (param i32)))
    (func $f (export "f") (param i32) (result i32) (local $i i32)
        (if (local.get 0) (then (call $wait (local.get 0))))
        (loop $l
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get $i) (i32.const 50))))
        (local.get $i))
    (func $trap (export "trap") (param i32) (result i32)
        (call $wait (local.get 0))
        (i32.div_u (i32.const 1) (i32.const 0)))
    (func $deep (export "deep") (param i32) (result i32)
        (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1))))))"#;

/// The yielder of the coroutine in which a store is used.
type Link = *const Yielder<(), i32>;

/// A store whose host function suspends the coroutine in which it is called.
fn instance(engine: &Engine, module: &Module, link: Link) -> (Store<Link>, Instance) {
    let mut linker: Linker<Link> = Linker::new(engine);
    linker
        .func_wrap("host", "wait", |caller: Caller<'_, Link>, value: i32| {
            // SAFETY: the store is used by the coroutine of this yielder only.
            unsafe { (**caller.data()).suspend(value) }
        })
        .unwrap();
    let mut store = Store::new(engine, link);
    let instance = linker.instantiate(&mut store, module).unwrap();
    (store, instance)
}

/// A coroutine that calls an export with 7, waits in the host function, and ends with the result of the call.
fn calling(
    engine: &Engine,
    module: &Module,
    export: &'static str,
) -> Coroutine<(), i32, lazywasm::Result<i32>> {
    let (engine, module) = (engine.clone(), module.clone());
    Coroutine::new(move |yielder, ()| {
        let (mut store, instance) = instance(&engine, &module, yielder);
        let func = instance.get_typed_func::<i32, i32>(&mut store, export)?;
        func.call(&mut store, 7)
    })
}

fn yielded<R>(result: CoroutineResult<i32, R>) -> i32 {
    result.as_yield().expect("it waits in the host function")
}

fn returned(result: CoroutineResult<i32, lazywasm::Result<i32>>) -> lazywasm::Result<i32> {
    result.as_return().expect("it has come to its end")
}

/// Calls `f` until it has optimised code, then frees retired code until no more can be freed.
fn replace_and_free(engine: &Engine, module: &Module) {
    let (mut store, instance) = instance(engine, module, std::ptr::null());
    let f: TypedFunc<i32, i32> = instance.get_typed_func(&mut store, "f").unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while engine.stats().optimised_compiled == 0 || engine.stats().bodies_freed == 0 {
        f.call(&mut store, 0).unwrap();
        // There must be code of dropped modules to free.
        let wat = "(module (func (export \"f\") (local i32) (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 9))))))";
        let dropped = Module::new(engine, wat).unwrap();
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &dropped, &[]).unwrap();
        let func = instance.get_typed_func::<(), ()>(&mut store, "f").unwrap();
        (0..20).for_each(|_| func.call(&mut store, ()).unwrap());
        assert!(Instant::now() < deadline, "{:?}", engine.stats());
    }
    std::thread::sleep(Duration::from_millis(100));
}

fn engine() -> Engine {
    Engine::new(Config::new().threshold(1)).unwrap()
}

#[test]
fn code_on_the_stack_of_a_waiting_coroutine_is_not_freed() {
    let engine = engine();
    let module = Module::new(&engine, WAT).unwrap();
    let mut coroutine = calling(&engine, &module, "f");
    assert_eq!(yielded(coroutine.resume(())), 7);
    // On this thread, and on others.
    replace_and_free(&engine, &module);
    std::thread::scope(|scope| {
        scope.spawn(|| replace_and_free(&engine, &module));
    });
    let stats = engine.stats();
    assert!(stats.bodies_retired > stats.bodies_freed, "{stats:?}");
    assert_eq!(returned(coroutine.resume(())).unwrap(), 50);
}

#[test]
fn coroutines_that_overlap_keep_their_activations_apart() {
    let engine = engine();
    let module = Module::new(&engine, WAT).unwrap();
    for order in [[0, 1], [1, 0]] {
        let mut both = [
            calling(&engine, &module, "trap"),
            calling(&engine, &module, "f"),
        ];
        both.iter_mut().for_each(|coroutine| {
            yielded(coroutine.resume(()));
        });
        // Meanwhile the thread itself runs code that traps.
        let (mut store, instance) = instance(&engine, &module, std::ptr::null());
        let deep = instance
            .get_typed_func::<i32, i32>(&mut store, "deep")
            .unwrap();
        let ended = deep.call(&mut store, 0).unwrap_err();
        assert_eq!(ended.downcast_ref(), Some(&Trap::StackOverflow));
        for at in order {
            let result = returned(both[at].resume(()));
            if at == 1 {
                assert_eq!(result.unwrap(), 50);
                continue;
            }
            let error = result.unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Trap::IntegerDivisionByZero));
            let backtrace: &WasmBacktrace = error.downcast_ref().unwrap();
            let names: Vec<_> = backtrace
                .frames()
                .iter()
                .map(|frame| frame.func_name())
                .collect();
            assert_eq!(names, [Some("trap")], "the coroutine's own frames alone");
        }
    }
}

#[test]
fn recursion_ends_in_a_trap_on_the_smallest_coroutine() {
    let engine = engine();
    let module = Module::new(&engine, WAT).unwrap();
    let stack = DefaultStack::new(64 << 10).unwrap();
    let (engine2, module2) = (engine.clone(), module.clone());
    let mut coroutine =
        Coroutine::<(), i32, _, _>::with_stack(stack, move |_: &Yielder<(), i32>, ()| {
            let (mut store, instance) = instance(&engine2, &module2, std::ptr::null());
            let deep = instance
                .get_typed_func::<i32, i32>(&mut store, "deep")
                .unwrap();
            let ended = deep.call(&mut store, 0).unwrap_err();
            assert_eq!(ended.downcast_ref(), Some(&Trap::StackOverflow));
            let f = instance
                .get_typed_func::<i32, i32>(&mut store, "f")
                .unwrap();
            f.call(&mut store, 0).unwrap()
        });
    assert_eq!(coroutine.resume(()).as_return(), Some(50));
}

#[test]
fn a_coroutine_that_is_dropped_unwinds_through_compiled_code() {
    let engine = engine();
    let module = Module::new(&engine, WAT).unwrap();
    let drop_some = |count| {
        for _ in 0..count {
            let mut coroutine = calling(&engine, &module, "f");
            yielded(coroutine.resume(()));
            drop(coroutine);
        }
        let maps = std::fs::read_to_string("/proc/self/maps");
        maps.unwrap().lines().count()
    };
    let before = drop_some(10);
    let after = drop_some(300);
    // A spare stack and its guard are two mappings.
    assert!(after < before + 300, "{before} mappings, then {after}");
}

#[test]
fn a_panic_of_a_host_function_crosses_the_spare_stack() {
    let engine = Engine::default();
    let wat = r#"(module (import "" "" (func $f)) (func (export "run") (call $f)))"#;
    let module = Module::new(&engine, wat).unwrap();
    let mut coroutine = Coroutine::<(), i32, i32>::new(move |_, ()| {
        let mut store = Store::new(&engine, ());
        let panics = Func::wrap(&mut store, || -> () { resume_unwind(Box::new(8)) });
        let instance = Instance::new(&mut store, &module, &[panics.into()]).unwrap();
        let run = instance
            .get_typed_func::<(), ()>(&mut store, "run")
            .unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| run.call(&mut store, ()))).unwrap_err();
        *panic.downcast::<i32>().unwrap()
    });
    assert_eq!(coroutine.resume(()).as_return(), Some(8));
}

/// A coroutine that other threads may resume.
struct Moved(Coroutine<(), i32, lazywasm::Result<i32>>);

// SAFETY: the values that the coroutines of these tests hold may be used on any thread.
unsafe impl Send for Moved {}

#[test]
fn a_coroutine_that_waits_in_the_host_is_resumed_by_another_thread() {
    let engine = engine();
    let module = Module::new(&engine, WAT).unwrap();
    for export in ["f", "trap"] {
        let mut moved = Moved(calling(&engine, &module, export));
        yielded(moved.0.resume(()));
        let result = std::thread::spawn(move || {
            let mut moved = moved;
            returned(moved.0.resume(()))
        });
        match result.join().unwrap() {
            Ok(value) => assert_eq!((export, value), ("f", 50)),
            Err(error) => {
                assert_eq!(error.downcast_ref(), Some(&Trap::IntegerDivisionByZero));
            }
        }
    }
}

/// Threads and coroutines on them, while code is replaced and freed.
#[test]
fn a_hammer_of_coroutines() {
    let engine = engine();
    let module = Module::new(&engine, WAT).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0..30 {
                    let fresh = Module::new(&engine, WAT).unwrap();
                    let mut all: Vec<_> = (0..5)
                        .map(|at| calling(&engine, if at % 2 == 0 { &module } else { &fresh }, "f"))
                        .collect();
                    for coroutine in &mut all {
                        yielded(coroutine.resume(()));
                    }
                    let (mut store, instance) = instance(&engine, &fresh, std::ptr::null());
                    let f = instance
                        .get_typed_func::<i32, i32>(&mut store, "f")
                        .unwrap();
                    for _ in 0..10 {
                        assert_eq!(f.call(&mut store, 0).unwrap(), 50);
                    }
                    if round % 2 == 0 {
                        all.reverse();
                    }
                    for coroutine in &mut all {
                        assert_eq!(returned(coroutine.resume(())).unwrap(), 50);
                    }
                }
            });
        }
    });
    engine.verify_links().unwrap();
    assert!(engine.stats().bodies_freed > 0, "{:?}", engine.stats());
}

#[test]
fn threads_with_small_stacks_run_programs() {
    let engine = Engine::default();
    let module = Module::new(&engine, WAT).unwrap();
    for stack in [64, 128, 192, 256, 400, 512, 600] {
        let (engine, module) = (engine.clone(), module.clone());
        let thread = std::thread::Builder::new().stack_size(stack << 10);
        let run = move || {
            let mut store = Store::new(&engine, 0);
            let wait = Func::wrap(&mut store, |mut caller: Caller<'_, i32>, value: i32| {
                // More than the thread's stack has.
                let mut big = [0u8; 200 << 10];
                std::hint::black_box(&mut big);
                *caller.data_mut() += value;
            });
            let instance = Instance::new(&mut store, &module, &[wait.into()]).unwrap();
            let f = instance
                .get_typed_func::<i32, i32>(&mut store, "f")
                .unwrap();
            assert_eq!(f.call(&mut store, 3).unwrap(), 50);
            let deep = instance
                .get_typed_func::<i32, i32>(&mut store, "deep")
                .unwrap();
            let ended = deep.call(&mut store, 0).unwrap_err();
            assert_eq!(ended.downcast_ref(), Some(&Trap::StackOverflow));
            assert_eq!(*store.data(), 3);
        };
        thread.spawn(run).unwrap().join().unwrap();
    }
}

/// Host functions that call host functions, without the prologue of compiled code between them.
mod without_compiled_frames {
    use super::*;

    fn overflows(error: &lazywasm::Error) {
        assert_eq!(
            error.downcast_ref(),
            Some(&Trap::StackOverflow),
            "{error:?}"
        );
    }

    #[test]
    fn a_guest_registers_the_function_that_fires() {
        let engine = Engine::default();
        let wat = r#"(module (import "h" "register" (func $register (param funcref))) (import "h" "fire" (func $fire))
            (elem declare func $fire)
            (func (export "run") (call $register (ref.func $fire)) (call $fire)))"#;
        let module = Module::new(&engine, wat).unwrap();
        let mut linker: Linker<Option<Func>> = Linker::new(&engine);
        let register = |mut caller: Caller<'_, Option<Func>>, func: Option<Func>| {
            *caller.data_mut() = func;
        };
        linker.func_wrap("h", "register", register).unwrap();
        let fire = |mut caller: Caller<'_, Option<Func>>| {
            let func = caller.data().expect("registered");
            func.call(&mut caller, &[], &mut [])
        };
        linker.func_wrap("h", "fire", fire).unwrap();
        let mut store = Store::new(&engine, None);
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let run = instance
            .get_typed_func::<(), ()>(&mut store, "run")
            .unwrap();
        overflows(&run.call(&mut store, ()).unwrap_err());
    }

    #[test]
    fn a_host_function_calls_itself() {
        let engine = Engine::default();
        let mut store: Store<Option<Func>> = Store::new(&engine, None);
        let func = Func::wrap(
            &mut store,
            |mut caller: Caller<'_, Option<Func>>, value: i32| -> lazywasm::Result<i32> {
                let func = caller.data().expect("set before the call");
                let mut results = [Val::I32(0)];
                func.call(&mut caller, &[Val::I32(value + 1)], &mut results)?;
                Ok(results[0].unwrap_i32())
            },
        );
        *store.data_mut() = Some(func);
        let error = func
            .call(&mut store, &[Val::I32(0)], &mut [Val::I32(0)])
            .unwrap_err();
        overflows(&error);
        assert!(
            error.downcast_ref::<WasmBacktrace>().is_none(),
            "no wasm was there"
        );
        assert_eq!(error.to_string(), "call stack exhausted");
    }

    #[test]
    fn a_start_function_is_the_host_function_that_instantiates() {
        let engine = Engine::default();
        let wat = r#"(module (import "" "" (func $again)) (start $again))"#;
        let module = Module::new(&engine, wat).unwrap();
        let mut store: Store<Option<Func>> = Store::new(&engine, None);
        let func = Func::wrap(
            &mut store,
            move |mut caller: Caller<'_, Option<Func>>| -> lazywasm::Result<()> {
                let func = caller.data().expect("set before the call");
                Instance::new(&mut caller, &module, &[func.into()]).map(|_| ())
            },
        );
        *store.data_mut() = Some(func);
        overflows(&func.call(&mut store, &[], &mut []).unwrap_err());
    }
}

/// A fault whose signal is blocked ends the process. A host may have blocked signals in the threads that it
/// makes.
#[test]
fn faults_are_traps_where_the_host_has_blocked_signals() {
    let thread = std::thread::spawn(|| {
        // SAFETY: the set is in this frame; the mask belongs to this thread.
        unsafe {
            let mut all = std::mem::zeroed();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_BLOCK, &all, std::ptr::null_mut());
        }
        let engine = Engine::default();
        let text = "(module (memory 1) (func (export \"f\") (param i32) (result i32) (i32.load (local.get 0))))";
        let module = Module::new(&engine, text).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let f = instance
            .get_typed_func::<i32, i32>(&mut store, "f")
            .unwrap();
        let ended = f.call(&mut store, -1).unwrap_err();
        assert_eq!(ended.downcast_ref(), Some(&Trap::MemoryOutOfBounds));
    });
    thread.join().unwrap();
}
