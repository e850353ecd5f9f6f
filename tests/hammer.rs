//! Eight threads on one engine, while everything about its code changes.
//!
//! Each thread has a store of its own and calls functions whose results are computed in Rust too. Meanwhile
//! functions tier up, or a storm moves their callers from body to body and resets functions to stubs; modules
//! are loaded and dropped, and code is retired and freed. The link checker runs all the time. At its end each
//! test checks counters: nothing was compiled twice, nothing was lost, and every mechanism was really used.

use lazywasm::{Config, Engine, Linker, Mode, Module, Result, Stats, Store, TypedFunc};
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const THREADS: u32 = 8;

/// Functions of the main module, and of the library it imports.
const FUNCS: u32 = 60;
const SHARED: u32 = 12;

fn library() -> String {
    let mut wat = String::from("(module\n");
    for at in 0..SHARED {
        writeln!(
            wat,
            "(func $g{at} (export \"g{at}\") (param i32) (result i32) (local $i i32) (local $x i32)
               (local.set $x (local.get 0))
               (loop $again
                 (local.set $x (i32.add (i32.rotl (local.get $x) (i32.const {turn})) (i32.const {at})))
                 (local.set $i (i32.add (local.get $i) (i32.const 1)))
                 (br_if $again (i32.lt_u (local.get $i) (i32.const 5))))
               (local.get $x))",
            turn = at % 31 + 1,
        )
        .unwrap();
    }
    wat.push(')');
    wat
}

fn shared_result(at: u32, x: i32) -> i32 {
    (0..5).fold(x, |x, _| x.rotate_left(at % 31 + 1).wrapping_add(at as i32))
}

/// What function `at` of the main module calls: directly, and through the table.
fn callees(at: u32) -> (u32, u32) {
    ((at * 5 + 1) % FUNCS, (at * 7 + 3) % FUNCS)
}

/// A module whose functions call each other directly, through a table, in the library, and the host.
/// `salt` makes modules differ.
fn program(salt: u32) -> String {
    let mut wat = String::from("(module\n(type $f (func (param i32 i32) (result i32)))\n");
    wat.push_str("(import \"host\" \"add\" (func $add (param i32 i32) (result i32)))\n");
    for at in 0..SHARED {
        writeln!(
            wat,
            "(import \"library\" \"g{at}\" (func $g{at} (param i32) (result i32)))"
        )
        .unwrap();
    }
    writeln!(wat, "(table {FUNCS} funcref)\n(elem (i32.const 0)").unwrap();
    for at in 0..FUNCS {
        write!(wat, " $f{at}").unwrap();
    }
    wat.push_str(")\n");
    for at in 0..FUNCS {
        let (direct, indirect) = callees(at);
        writeln!(
            wat,
            "(func $f{at} (export \"f{at}\") (type $f)
               (if (i32.eqz (local.get 1)) (then (return
                 (call {leaf} (i32.mul (local.get 0) (i32.const {factor})) {second}))))
               (i32.xor
                 (call $f{direct} (i32.add (local.get 0) (i32.const {at}))
                   (i32.sub (local.get 1) (i32.const 1)))
                 (call_indirect (type $f) (i32.mul (local.get 0) (i32.const 3))
                   (i32.sub (local.get 1) (i32.const 1)) (i32.const {indirect}))))",
            leaf = if at % 3 == 0 {
                "$add".to_string()
            } else {
                format!("$g{}", at % SHARED)
            },
            second = if at % 3 == 0 {
                format!("(i32.const {salt})")
            } else {
                String::new()
            },
            factor = 2 * at + 1,
        )
        .unwrap();
    }
    wat.push(')');
    wat
}

fn result(salt: u32, at: u32, x: i32, depth: i32) -> i32 {
    if depth == 0 {
        let x = x.wrapping_mul((2 * at + 1) as i32);
        return if at.is_multiple_of(3) {
            x.wrapping_add(salt as i32)
        } else {
            shared_result(at % SHARED, x)
        };
    }
    let (direct, indirect) = callees(at);
    result(salt, direct, x.wrapping_add(at as i32), depth - 1)
        ^ result(salt, indirect, x.wrapping_mul(3), depth - 1)
}

type Ask = TypedFunc<(i32, i32), i32>;

struct Running {
    store: Store<u64>,
    asks: Vec<Ask>,
    salt: u32,
}

impl Running {
    fn new(engine: &Engine, library: &Module, program: &Module, salt: u32) -> Result<Running> {
        let mut linker = Linker::new(engine);
        linker.func_wrap("host", "add", |a: i32, b: i32| a.wrapping_add(b))?;
        let mut store = Store::new(engine, 0);
        let shared = linker.instantiate(&mut store, library)?;
        linker.instance(&mut store, "library", shared)?;
        let instance = linker.instantiate(&mut store, program)?;
        let asks = (0..FUNCS).map(|at| instance.get_typed_func(&mut store, &format!("f{at}")));
        let asks = asks.collect::<Result<_>>()?;
        Ok(Running { store, asks, salt })
    }

    /// Runs a tree of calls with 2^depth leaves, and compares the result.
    fn ask(&mut self, number: u32, depth: i32) -> Result<()> {
        let at = number * 13 % FUNCS;
        let x = number.wrapping_mul(0x9E37_79B9) as i32;
        let got = self.asks[at as usize].call(&mut self.store, (x, depth))?;
        assert_eq!(
            got,
            result(self.salt, at, x, depth),
            "f{at}({x}) of program {}",
            self.salt
        );
        Ok(())
    }
}

/// Sets a flag when it is dropped, so that a thread which fails ends the others too.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Some seconds are enough on an idle machine.
const LONG: Duration = Duration::from_secs(120);

/// Lets every thread run trees of calls until `enough` returns true, or [`LONG`] has passed. Checks
/// links meanwhile.
fn hammer(
    engine: &Engine,
    work: impl Fn(u32, &dyn Fn() -> bool) -> Result<()> + Sync,
    enough: impl Fn(&Stats) -> bool,
) -> Stats {
    let done = AtomicBool::new(false);
    let started = Instant::now();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (work, done) = (&work, &done);
            scope.spawn(move || {
                let _done = Done(done);
                work(thread, &|| done.load(Ordering::Relaxed)).expect("the program runs");
            });
        }
        let _done = Done(&done);
        while !done.load(Ordering::Relaxed) {
            engine.verify_links().expect("every link is right");
            if enough(&engine.stats()) || started.elapsed() > LONG {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
    });
    engine.verify_links().expect("every link is right");
    let stats = engine.stats();
    assert!(enough(&stats), "not everything happened: {stats:#?}");
    stats
}

fn engine(mode: Mode, threshold: u32) -> Engine {
    let mut config = Config::new();
    config.mode(mode).threshold(threshold).count_entries(true);
    Engine::new(&config).expect("memory for code")
}

#[test]
fn functions_tier_up_under_eight_threads() {
    let engine = engine(Mode::Tiered, 20);
    let library = Module::new(&engine, library()).unwrap();
    let program = Module::new(&engine, program(1)).unwrap();
    // Statistics of links count only code in use; this instance keeps it in use to the end.
    let _kept = Running::new(&engine, &library, &program, 1).unwrap();
    let questions = AtomicU64::new(0);
    let all = u64::from(FUNCS + SHARED);
    let stats = hammer(
        &engine,
        |thread, done| {
            let mut running = Running::new(&engine, &library, &program, 1)?;
            for number in thread.. {
                if done() {
                    break;
                }
                running.ask(number, 6)?;
                questions.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        },
        |stats| stats.optimised_compiled >= all / 2 && questions.load(Ordering::Relaxed) > 4000,
    );
    // Only leaves that are not multiples of three call the library, so a part of it may stay cold.
    let expected = u64::from(FUNCS + (0..SHARED).filter(|at| at % 3 != 0).count() as u32);
    assert_eq!(stats.baseline_compiled, expected, "each function once");
    assert!(
        stats.optimised_compiled <= expected,
        "each function at most once"
    );
    assert!(stats.optimised_compiled <= stats.promotions);
    assert_eq!((stats.doubled, stats.failures), (0, 0));
    assert_eq!(stats.functions_defined, all, "one linkage of each module");
    assert_eq!(
        stats.sites_recorded,
        stats.sites_patched + stats.sites_crossing + stats.sites_lazy + stats.sites_unpatched
    );
    assert!(stats.sites_patched > 0 && stats.patches > 0, "{stats:#?}");
}

#[test]
fn a_storm_changes_every_link_under_eight_threads() {
    let engine = engine(Mode::RelinkStorm, 1);
    let library = Module::new(&engine, library()).unwrap();
    let program = Module::new(&engine, program(2)).unwrap();
    let stats = hammer(
        &engine,
        |thread, done| {
            let mut running = Running::new(&engine, &library, &program, 2)?;
            for number in thread.. {
                if done() {
                    break;
                }
                running.ask(number, 2)?;
            }
            Ok(())
        },
        |stats| {
            let entered = [
                stats.entered_stub,
                stats.entered_baseline,
                stats.entered_optimised,
            ];
            let seen = entered.iter().all(|calls| *calls > 4);
            seen && stats.flips > 2000 && stats.resets > 200 && stats.bodies_freed > 100
        },
    );
    assert_eq!((stats.doubled, stats.failures), (0, 0));
    // Each compilation is the first one or follows a reset. After a reset without a call there is none.
    assert!(stats.baseline_compiled <= u64::from(FUNCS + SHARED) + stats.resets);
    assert_eq!(stats.baseline_compiled, stats.optimised_compiled);
}

#[test]
fn modules_come_and_go_under_eight_threads() {
    let engine = engine(Mode::Tiered, 2);
    let library = Module::new(&engine, library()).unwrap();
    let loads = AtomicU64::new(0);
    let stats = hammer(
        &engine,
        |thread, done| {
            for round in 0.. {
                if done() {
                    break;
                }
                // Some threads load the same text: their modules look alike but share nothing.
                let salt = 10 + thread / 2;
                let program = Module::new(&engine, program(salt))?;
                let mut running = Running::new(&engine, &library, &program, salt)?;
                for number in 0..8 {
                    running.ask(round + number, 6)?;
                }
                loads.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        },
        |stats| {
            loads.load(Ordering::Relaxed) >= 24
                && stats.optimised_compiled > 0
                && stats.bodies_freed > 400
        },
    );
    assert_eq!((stats.doubled, stats.failures), (0, 0));
    assert!(stats.bodies_retired >= stats.bodies_freed);
}

/// A module with nested loops that call what they import and functions in a table, and count the trips
/// through the inner one.
fn looping(salt: u32) -> String {
    format!(
        r#"(module
          (import "library" "g1" (func $g (param i32) (result i32)))
          (type $f (func (param i32) (result i32)))
          (table funcref (elem $add $xor))
          (global $inner_trips (export "inner_trips") (mut i32) (i32.const 0))
          (func $add (type $f) (i32.add (local.get 0) (i32.const {salt})))
          (func $xor (type $f) (i32.xor (local.get 0) (i32.const {salt})))
          (func (export "run") (param $x i32) (param $trips i32) (result i32) (local $i i32)
            (loop $outer
              (local.get $x)
              (local.set $i (i32.const 0))
              (loop $inner
                (local.set $x (call_indirect (type $f) (call $g (local.get $x))
                  (i32.and (local.get $i) (i32.const 1))))
                (global.set $inner_trips (i32.add (global.get $inner_trips) (i32.const 1)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $inner (i32.lt_u (local.get $i) (i32.const 100))))
              (local.set $x (i32.add (local.get $x)))
              (local.set $trips (i32.sub (local.get $trips) (i32.const 1)))
              (br_if $outer (local.get $trips)))
            (local.get $x)))"#
    )
}

fn looping_result(salt: u32, mut x: i32, trips: i32) -> i32 {
    let salt = salt as i32;
    for _ in 0..trips {
        let before = x;
        for i in 0..100 {
            let g = shared_result(1, x);
            x = if i % 2 == 0 {
                g.wrapping_add(salt)
            } else {
                g ^ salt
            };
        }
        x = x.wrapping_add(before);
    }
    x
}

/// Modules that are new to all threads at about the same time. So several frames of one function are in its
/// loops while code for these is compiled, published, entered and, when the module is dropped, freed.
#[test]
fn running_loops_are_replaced_under_eight_threads() {
    const TRIPS: i32 = 4000;
    let engine = engine(Mode::Tiered, 20);
    let library = Module::new(&engine, library()).unwrap();
    let newest: Mutex<(u32, Option<Module>)> = Mutex::new((0, None));
    let stats = hammer(
        &engine,
        |thread, done| {
            for number in 0.. {
                if done() {
                    break;
                }
                let (salt, module) = {
                    let mut newest = newest.lock().unwrap();
                    // One thread after another replaces the old module by a new one.
                    if number % THREADS == thread || newest.1.is_none() {
                        let salt = newest.0 + 1;
                        *newest = (salt, Some(Module::new(&engine, looping(salt))?));
                    }
                    (newest.0, newest.1.clone().expect("it was made"))
                };
                let mut linker: Linker<()> = Linker::new(&engine);
                let mut store = Store::new(&engine, ());
                let shared = linker.instantiate(&mut store, &library)?;
                linker.instance(&mut store, "library", shared)?;
                let instance = linker.instantiate(&mut store, &module)?;
                drop(module);
                let run: Ask = instance.get_typed_func(&mut store, "run")?;
                let x = (number * 77 + thread) as i32;
                let got = run.call(&mut store, (x, TRIPS))?;
                assert_eq!(got, looping_result(salt, x, TRIPS), "program {salt}, {x}");
                let inner_trips = instance
                    .get_global(&mut store, "inner_trips")
                    .expect("exported");
                assert_eq!(inner_trips.get(&mut store).i32(), Some(TRIPS * 100));
            }
            Ok(())
        },
        |stats| {
            stats.loops_entered >= 40
                && stats.inlined_foreign > 10
                && stats.inlined_guarded > 10
                && stats.bodies_freed > 60
        },
    );
    assert_eq!((stats.doubled, stats.failures), (0, 0));
}

#[test]
fn a_small_cap_resets_cold_functions_to_their_stubs() {
    let mut config = Config::new();
    config.mode(Mode::Baseline).code_cap(12 << 10);
    let engine = Engine::new(&config).unwrap();
    let library = Module::new(&engine, library()).unwrap();
    let program = Module::new(&engine, program(3)).unwrap();
    let mut running = Running::new(&engine, &library, &program, 3).unwrap();
    for number in 0..200 {
        running.ask(number, 6).unwrap();
    }
    let stats = engine.stats();
    assert!(stats.sent_back > 0, "{stats:#?}");
    assert!(stats.live_code_bytes <= 12 << 10);
    assert_eq!((stats.doubled, stats.failures), (0, 0));
    engine.verify_links().unwrap();
}

#[test]
fn a_cap_below_one_function_is_an_error_that_names_it() {
    let mut config = Config::new();
    config.mode(Mode::Baseline).code_cap(16);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(
        &engine,
        "(module (func $greedy (export \"run\") (param i32) (result i32)
           (i32.div_s (i32.mul (local.get 0) (local.get 0)) (local.get 0))))",
    )
    .unwrap();
    let mut store = Store::new(&engine, ());
    let linker = Linker::new(&engine);
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let run = instance
        .get_typed_func::<i32, i32>(&mut store, "run")
        .unwrap();
    for _ in 0..2 {
        let error = format!("{:#}", run.call(&mut store, 3).unwrap_err());
        assert!(error.contains("greedy") && error.contains("16"), "{error}");
    }
}
