//! Engines in forked children. Code is not inherited, so a call is an error, and nothing hangs or ends the
//! child, even if other threads, which the child does not have, held locks. An engine that the child makes
//! works. These tests have their own file, so that no other test forks meanwhile.

use lazywasm::{Config, Engine, Func, Instance, Module, Store};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

const WAT: &str = r#"(module (import "" "" (func $host (result i32)))
    (func (export "f") (param i32) (result i32) (local i32)
        (loop $l (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 20))))
        (if (result i32) (local.get 0) (then (call $host)) (else (i32.const 7)))))"#;

fn instance(engine: &Engine, module: &Module, host: fn() -> i32) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let host = Func::wrap(&mut store, host);
    let instance = Instance::new(&mut store, module, &[host.into()]).unwrap();
    (store, instance)
}

fn call(store: &mut Store<()>, instance: Instance, argument: i32) -> lazywasm::Result<i32> {
    let func = instance.get_typed_func::<i32, i32>(&mut *store, "f")?;
    func.call(&mut *store, argument)
}

fn is_forked<R>(result: lazywasm::Result<R>) -> bool {
    result.is_err_and(|error| format!("{error:#}").contains("made before the process was forked"))
}

/// Forks. In the child the function must return true, and the child must end by itself.
fn in_child(child: impl FnOnce() -> bool) {
    // SAFETY: the child ends by `_exit`; what it calls before is what is tested here.
    unsafe {
        let pid = libc::fork();
        assert!(pid >= 0);
        if pid == 0 {
            // The signal ends a child that hangs.
            libc::alarm(60);
            std::panic::set_hook(Box::new(|_| ()));
            let answer = catch_unwind(AssertUnwindSafe(child));
            libc::_exit(i32::from(!matches!(answer, Ok(true))));
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(pid, &mut status, 0), pid);
        assert_eq!(status, 0, "the child's wait status");
    }
}

fn fork_in_the_host() -> i32 {
    // SAFETY: the child continues in the host function and then in `in_compiled_code`, which ends it.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let _ = std::hint::black_box(std::backtrace::Backtrace::force_capture());
    }
    pid
}

/// A child that a host function forked cannot return to the compiled code, but can walk its frames.
fn in_compiled_code(engine: &Engine, module: &Module) {
    let (mut store, instance) = instance(engine, module, fork_in_the_host);
    let result = call(&mut store, instance, 1);
    match result {
        Ok(pid) => {
            let mut status = 0;
            // SAFETY: the child of the call above.
            unsafe { assert_eq!(libc::waitpid(pid, &mut status, 0), pid) };
            assert_eq!(status, 0, "the child's wait status");
        }
        error => {
            let code = i32::from(!is_forked(error));
            // SAFETY: ends the child.
            unsafe { libc::_exit(code) }
        }
    }
}

struct AtTheEnd<'a>(&'a AtomicBool);

impl Drop for AtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn children_get_errors_and_may_make_engines_of_their_own() {
    let engine = Engine::new(Config::new().threshold(1)).unwrap();
    let module = Module::new(&engine, WAT).unwrap();
    let plain = Module::new(&engine, "(module (func))").unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // A failed assertion must end the threads too.
        let _at_the_end = AtTheEnd(&stop);
        // Other threads, so that locks are held at the moment of the fork.
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let fresh = Module::new(&engine, WAT).unwrap();
                    let (mut store, instance) = instance(&engine, &fresh, || 0);
                    (0..5).for_each(|_| assert_eq!(call(&mut store, instance, 0).unwrap(), 7));
                }
            });
        }
        for round in 0..40 {
            let mut inherited = Some(instance(&engine, &module, || 3));
            let (engine, module, plain) = (&engine, &module, &plain);
            in_child(|| {
                let (mut store, instance) = inherited.take().unwrap();
                let refused = is_forked(engine.verify_links())
                    && is_forked(call(&mut store, instance, 0))
                    && is_forked(Module::new(engine, WAT))
                    && is_forked(Instance::new(&mut store, plain, &[]))
                    && catch_unwind(AssertUnwindSafe(|| Func::wrap(&mut store, || ()))).is_err();
                drop(store);
                if round % 4 > 0 {
                    return refused;
                }
                let own = Engine::new(Config::new().threshold(1)).unwrap();
                let module = Module::new(&own, WAT).unwrap();
                let (mut store, instance) = self::instance(&own, &module, || 4);
                refused && (0..50).all(|_| call(&mut store, instance, 1).unwrap() == 4)
            });
            in_compiled_code(engine, module);
        }
    });
    // The last reference to an engine is dropped in a child.
    let engine = Engine::new(Config::new().threshold(1)).unwrap();
    let module = Module::new(&engine, WAT).unwrap();
    let (mut store, instance) = instance(&engine, &module, || 0);
    (0..50).for_each(|_| assert_eq!(call(&mut store, instance, 0).unwrap(), 7));
    let mut all = Some((engine, module, store));
    in_child(|| {
        drop(all.take());
        true
    });
    assert_eq!(call(&mut all.as_mut().unwrap().2, instance, 0).unwrap(), 7);
}
