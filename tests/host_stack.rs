//! However deep the guest is, a host function has the promised part of the stack.

use lazywasm::{
    AsContextMut, Caller, Config, Engine, Extern, Func, FuncType, Instance, Mode, Module, Store,
    Trap, Val, ValType,
};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What [`Config::max_wasm_stack`] promises to host functions.
const PROMISED: usize = 256 << 10;

/// The most that a function can take and return.
const MOST: usize = 1000;

/// Of the thread: the program stays on it, and has a part of it that is soon used up.
const STACK: usize = 640 << 10;

/// The lowest usable address of the calling thread's stack.
fn lowest_of_stack() -> usize {
    // SAFETY: the attributes are initialised by the call, read, and destroyed.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let refused = libc::pthread_getattr_np(libc::pthread_self(), &mut attributes);
        assert_eq!(refused, 0);
        let (mut low, mut size, mut guard) = (std::ptr::null_mut(), 0, 0);
        libc::pthread_attr_getstack(&attributes, &mut low, &mut size);
        libc::pthread_attr_getguardsize(&attributes, &mut guard);
        libc::pthread_attr_destroy(&mut attributes);
        low as usize + guard
    }
}

/// A recursion by frames of some 300 bytes until the stack is used up. At each depth the host is called by a
/// function with a small frame, and by one whose frame is as large as one can be that is checked only where
/// it begins.
fn program() -> String {
    let values = "v128 ".repeat(MOST);
    let arguments = "(local.get 0) ".repeat(MOST);
    let drops = "drop ".repeat(MOST);
    let sixteen = "v128 ".repeat(16);
    let all_sixteen: String = (0..16)
        .map(|local| format!("(local.get {local}) "))
        .collect();
    let locals = 245;
    let sets: String = (1..=locals)
        .map(|local| format!("(local.set {local} (local.get 0)) "))
        .collect();
    format!(
        r#"(module
          (import "h" "takes" (func $takes (param {values})))
          (import "h" "all" (func $all (param {values}) (result {values})))
          (import "h" "calls" (func $calls))
          (func $large (param v128) (local {}) {sets} (call $takes {arguments}))
          (func $small (param v128) (call $all {arguments}) {drops})
          (func $deep (param {sixteen})
            (call $small (local.get 0))
            (call $large (local.get 0))
            (call $calls)
            (call $deep {all_sixteen}))
          (func (export "run") (local {sixteen}) (call $deep {all_sixteen})))"#,
        "v128 ".repeat(locals)
    )
}

/// Bytes of stack below a host function where it had least: called by compiled code, and by the host.
fn least_left(mode: Mode) -> [usize; 2] {
    static LEAST: [AtomicUsize; 2] = [const { AtomicUsize::new(usize::MAX) }; 2];
    for least in &LEAST {
        least.store(usize::MAX, Ordering::Relaxed);
    }
    let low = lowest_of_stack();
    let measures = move |least: &'static AtomicUsize| {
        move |_: Caller<'_, ()>, _: &[Val], _: &mut [Val]| {
            let here = 0u8;
            least.fetch_min((&raw const here).addr() - low, Ordering::Relaxed);
            Ok(())
        }
    };
    let mut config = Config::new();
    config.mode(mode).max_wasm_stack(STACK);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, program()).unwrap();
    let mut store = Store::new(&engine, ());
    let values = || vec![ValType::V128; MOST];
    let takes = FuncType::new(&engine, values(), []);
    let all = FuncType::new(&engine, values(), values());
    let from_host = Func::new(&mut store, all.clone(), measures(&LEAST[1]));
    let calls = move |mut caller: Caller<'_, ()>| {
        let arguments = vec![Val::V128(1.into()); MOST];
        let mut results = arguments.clone();
        // Where there is no room for the call, the program ends.
        from_host.call(caller.as_context_mut(), &arguments, &mut results)
    };
    let imports: [Extern; 3] = [
        Func::new(&mut store, takes, measures(&LEAST[0])).into(),
        Func::new(&mut store, all, measures(&LEAST[0])).into(),
        Func::wrap(&mut store, calls).into(),
    ];
    let instance = Instance::new(&mut store, &module, &imports).unwrap();
    let run = instance.get_func(&mut store, "run").unwrap();
    let ended = run.call(&mut store, &[], &mut []).unwrap_err();
    assert_eq!(ended.downcast_ref(), Some(&Trap::StackOverflow));
    LEAST.each_ref().map(|least| least.load(Ordering::Relaxed))
}

#[test]
fn host_functions_with_a_thousand_vectors_have_what_is_promised() {
    for mode in [Mode::Baseline, Mode::Optimise] {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let left = thread.spawn(move || least_left(mode)).unwrap();
        let left = left.join().unwrap();
        // The frames of the door are those of the host function.
        let door = 4 << 10;
        assert!(
            left.iter().all(|left| left + door >= PROMISED),
            "{mode:?}: {left:?}"
        );
        // The program did use up its part of the stack.
        assert!(
            left.iter().all(|left| *left < PROMISED + (90 << 10)),
            "{mode:?}: {left:?}"
        );
    }
}
