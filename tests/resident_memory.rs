//! Loading and dropping modules for ever must not fill the memory.
//!
//! The only test of its binary, since it measures the whole process. A module is loaded, instantiated,
//! called until it is optimised, and dropped; resident memory after 10,000 rounds is compared with
//! what it was after 1,000.

use lazywasm::{Config, Engine, Linker, Module, Result, Store};
use std::time::{Duration, Instant};

/// Pages that are resident, from the kernel's own account. What the allocator keeps for later is given back before:
/// it comes and goes by some percent with the interleaving of threads.
fn resident_pages() -> u64 {
    // SAFETY: gives free memory back, and nothing else.
    unsafe { libc::malloc_trim(0) };
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux tells");
    let resident = statm.split_whitespace().nth(1).expect("a second field");
    resident.parse().expect("a number")
}

fn round(engine: &Engine, wasm: &str, number: i32) -> Result<()> {
    let module = Module::new(engine, wasm)?;
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "tell", |x: i32| x)?;
    let mut store = Store::new(engine, ());
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<i32, i32>(&mut store, "run")?;
    let optimised = engine.stats().optimised_compiled;
    let started = Instant::now();
    for call in 0.. {
        assert_eq!(run.call(&mut store, number)?, number.wrapping_mul(2) + 1);
        // Most modules are dropped while they wait for the optimiser, some are not.
        let waits = number % 10 == 0 && engine.stats().optimised_compiled < optimised + 2;
        if call > 3 && !waits {
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the optimiser is lost"
        );
    }
    Ok(())
}

#[test]
fn memory_stays_where_it_is_over_ten_thousand_loads() {
    let wat = r#"(module
        (import "host" "tell" (func $tell (param i32) (result i32)))
        (memory 1)
        (data (i32.const 0) "some bytes")
        (table 4 funcref)
        (elem (i32.const 0) $double)
        (func $double (param i32) (result i32)
            (i32.add (local.get 0) (call $tell (local.get 0))))
        (func (export "run") (param i32) (result i32)
            (i32.store (i32.const 16) (local.get 0))
            (i32.add (i32.const 1)
                (call_indirect (param i32) (result i32) (i32.load (i32.const 16)) (i32.const 0)))))"#;
    let mut config = Config::new();
    config.threshold(2);
    let engine = Engine::new(&config).unwrap();
    // What the background thread still does ends by itself, and nothing stays linked.
    let settled_pages = || {
        let started = Instant::now();
        while engine.stats().live_code_bytes > 0 && started.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(1));
        }
        resident_pages()
    };
    let mut after_1_000 = 0;
    for number in 0..10_000 {
        round(&engine, wat, number).unwrap();
        if number == 999 {
            after_1_000 = settled_pages();
        }
    }
    let after_10_000 = settled_pages();
    println!("resident pages: {after_1_000} after 1,000 loads, {after_10_000} after 10,000");
    assert!(
        after_10_000 * 100 <= after_1_000 * 105,
        "resident pages grew from {after_1_000} to {after_10_000}"
    );

    let stats = engine.stats();
    assert_eq!(
        (stats.live_code_bytes, stats.doubled, stats.failures),
        (0, 0, 0)
    );
    assert!(
        stats.baseline_compiled == 20_000 && stats.optimised_compiled >= 2_000,
        "{stats:#?}"
    );
    assert!(
        stats.bodies_freed * 100 > stats.bodies_retired * 90,
        "{stats:#?}"
    );
}
