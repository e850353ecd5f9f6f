//! Loading and dropping modules for ever must not fill the memory.
//!
//! The only test of its binary, since it measures the whole process. A module is loaded, instantiated, called
//! until it is optimised, and dropped; between 1,000 and 10,000 rounds, what the process has allocated may
//! grow by no more than 5% of its resident memory.

use lazywasm::{Config, Engine, Linker, Module, Result, Store};
use std::time::{Duration, Instant};

/// KiB that are resident: all, and those of them that no file on a disk backs (the heaps and the code arena).
struct Resident {
    all: u64,
    allocated: u64,
}

impl Resident {
    /// From the kernel's own account. What the allocator keeps for later is given back before: it comes and
    /// goes by some percent with the interleaving of threads.
    fn now() -> Resident {
        // SAFETY: gives free memory back, and nothing else.
        unsafe { libc::malloc_trim(0) };
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
        let kib = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let figure = line.and_then(|line| line.split_whitespace().nth(1));
            figure
                .and_then(|figure| figure.parse().ok())
                .expect("a number of KiB")
        };
        // With debug assertions, pages of freed code stay where they are, full of breakpoints.
        let code = kib("RssShmem");
        let allocated = kib("RssAnon") + if cfg!(debug_assertions) { 0 } else { code };
        Resident {
            all: kib("RssAnon") + code + kib("RssFile"),
            allocated,
        }
    }
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
    let settled = || {
        let started = Instant::now();
        while engine.stats().live_code_bytes > 0 && started.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Resident::now()
    };
    for number in 0..1_000 {
        round(&engine, wat, number).unwrap();
    }
    let after_1_000 = settled();
    for number in 1_000..10_000 {
        round(&engine, wat, number).unwrap();
    }
    let after_10_000 = settled();
    // The pages of the program itself come in whenever a line of it first runs, which tells nothing of what
    // loading costs.
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
