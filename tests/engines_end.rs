//! Engines that end while their own threads are at work.
//!
//! The last reference to an engine may be dropped on any thread, also on the optimiser's or the storm's,
//! while jobs are queued and other threads still run code. Nothing may hang, and no thread may be left. This
//! is the only test of its binary, because it counts the threads of the process.

use lazywasm::{Config, Engine, Linker, Mode, Module, Store};
use std::fmt::Write;
use std::time::{Duration, Instant};

fn threads_of_engines() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux has this folder");
    let names = tasks
        .flatten()
        .map(|task| std::fs::read_to_string(task.path().join("comm")));
    let names = names.flatten().map(|name| name.trim().to_string());
    names
        .filter(|name| ["compile", "storm"].contains(&name.as_str()))
        .collect()
}

/// A chain of functions, so that one call makes many hot.
fn chain(length: u32) -> String {
    let mut wat = String::from("(module\n");
    for at in 0..length {
        writeln!(
            wat,
            "(func $f{at} (param i32) (result i32) (i32.add (i32.const {at}) (call $f{} (local.get 0))))",
            at + 1
        )
        .expect("writing to a string");
    }
    writeln!(
        wat,
        "(func $f{length} (param i32) (result i32) (local.get 0))"
    )
    .expect("writing to a string");
    wat.push_str("(func (export \"run\") (param i32) (result i32) (call $f0 (local.get 0))))");
    wat
}

#[test]
fn an_engine_may_end_at_any_time_and_on_any_thread() {
    let wat = chain(30);
    for mode in [Mode::Tiered, Mode::RelinkStorm] {
        for round in 0..60 {
            let mut config = Config::new();
            config.mode(mode).threshold(1);
            let engine = Engine::new(&config).unwrap();
            let module = Module::new(&engine, &wat).unwrap();
            let mut store = Store::new(&engine, ());
            let instance = Linker::new(&engine)
                .instantiate(&mut store, &module)
                .unwrap();
            let run = instance
                .get_typed_func::<i32, i32>(&mut store, "run")
                .unwrap();
            // More calls let the optimiser do more of the queue before the end.
            for _ in 0..=round {
                assert_eq!(run.call(&mut store, round).unwrap(), 29 * 30 / 2 + round);
            }
        }
    }
    let started = Instant::now();
    while !threads_of_engines().is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "threads that stayed: {:?}",
            threads_of_engines()
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}
