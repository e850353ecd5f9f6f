//! Loading and dropping modules again and again must not fill the memory.
//!
//! This is the only test of its binary, because it measures the whole process. A module is loaded,
//! instantiated, called until it is optimised, and dropped. Between the 1,000th and the 10,000th load, the
//! allocated memory of the process, the code arena included, may grow by no more than 5% of the resident
//! memory.

use lazywasm::{Config, Engine, Linker, Module, Result, Store};
use std::time::{Duration, Instant};

/// Resident memory in KiB: all of it, and the part that no file on a disk backs (the heaps and the code
/// arena).
struct Resident {
    all: u64,
    allocated: u64,
}

impl Resident {
    /// Reads the kernel's figures. First returns the free memory that the allocator keeps for later: its size
    /// varies by some percent with the interleaving of threads.
    fn now() -> Resident {
        // SAFETY: only returns free memory to the system.
        unsafe { libc::malloc_trim(0) };
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux has this file");
        let kib = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let figure = line.and_then(|line| line.split_whitespace().nth(1));
            figure
                .and_then(|figure| figure.parse().ok())
                .expect("a number of KiB")
        };
        // Shared memory is the code arena. With debug assertions, pages of freed code stay resident, full of
        // breakpoints, until their addresses are used again. Then this is the most code that there ever was
        // at one time, which differs by some dozens of KiB.
        let allocated = kib("RssAnon") + kib("RssShmem");
        Resident {
            all: allocated + kib("RssFile"),
            allocated,
        }
    }
}

fn load_and_drop(engine: &Engine, wasm: &str, number: i32) -> Result<()> {
    let module = Module::new(engine, wasm)?;
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "same", |x: i32| x)?;
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
            "the optimiser does nothing"
        );
    }
    Ok(())
}

#[test]
fn memory_stays_where_it_is_over_ten_thousand_loads() {
    let wat = r#"(module
        (import "host" "same" (func $same (param i32) (result i32)))
        (memory 1)
        (data (i32.const 0) "some bytes")
        (table 4 funcref)
        (elem (i32.const 0) $double)
        (func $double (param i32) (result i32)
            (i32.add (local.get 0) (call $same (local.get 0))))
        (func (export "run") (param i32) (result i32)
            (i32.store (i32.const 16) (local.get 0))
            (i32.add (i32.const 1)
                (call_indirect (param i32) (result i32) (i32.load (i32.const 16)) (i32.const 0)))))"#;
    let mut config = Config::new();
    config.threshold(2);
    let engine = Engine::new(&config).unwrap();
    // Waits until the background thread has finished its work and no code is linked any more.
    let settled = || {
        let started = Instant::now();
        while engine.stats().live_code_bytes > 0 && started.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Resident::now()
    };
    for number in 0..1_000 {
        load_and_drop(&engine, wat, number).unwrap();
    }
    let after_1_000 = settled();
    for number in 1_000..10_000 {
        load_and_drop(&engine, wat, number).unwrap();
    }
    let after_10_000 = settled();
    // Pages of the test binary become resident when code on them first runs, which is no cost of loading
    // modules.
    let grown = after_10_000.allocated.saturating_sub(after_1_000.allocated);
    println!(
        "{} KiB resident after 1,000 loads, {} allocated; {grown} KiB more allocated after 10,000",
        after_1_000.all, after_1_000.allocated
    );
    assert!(
        grown * 100 <= after_1_000.all * 5,
        "{grown} KiB more than the {} after 1,000 loads",
        after_1_000.all
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
