//! A process with one core: what is optimised in the background takes little of it.

use lazywasm::{Config, Engine, Instance, Module, Store};
use rustix::process::{Pid, getpriority_process};
use rustix::thread::{CpuSet, gettid, sched_getaffinity, sched_setaffinity};
use std::time::{Duration, Instant};

/// Functions that call each other, often.
const PROGRAM: &str = r#"(module
    (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
    (func (export "run") (param i32) (result i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (call $leaf (local.get 0))))
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get $sum)))"#;

/// The nice value of the thread of this process with that name.
fn nice_of(name: &str) -> Option<i32> {
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        let path = task.unwrap().path();
        if std::fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.trim() == name) {
            let id = path.file_name().unwrap().to_str().unwrap().parse();
            return getpriority_process(Pid::from_raw(id.unwrap())).ok();
        }
    }
    None
}

#[test]
fn the_background_thread_gives_way_to_the_program() {
    let all = sched_getaffinity(None).unwrap();
    let mut one = CpuSet::new();
    let first = (0..CpuSet::MAX_CPU).find(|cpu| all.is_set(*cpu));
    one.set(first.unwrap());
    sched_setaffinity(None, &one).unwrap();

    let engine = Engine::new(&Config::new()).unwrap();
    let module = Module::new(&engine, PROGRAM).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let run = instance
        .get_typed_func::<i32, i32>(&mut store, "run")
        .unwrap();
    let end = Instant::now() + Duration::from_secs(120);
    while engine.stats().optimised_compiled == 0 {
        run.call(&mut store, 100_000).unwrap();
        assert!(Instant::now() < end, "nothing was optimised");
    }
    let own = getpriority_process(Some(gettid())).unwrap();
    assert_eq!(nice_of("compile"), Some((own + 10).min(19)));
}
