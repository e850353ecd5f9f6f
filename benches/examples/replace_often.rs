//! Threads that replace a hot function again and again while they call it, each in a store of its own, on
//! live instances of one module: `replace_often [THREADS [REPLACEMENTS]]`. Prints the resident memory after a
//! tenth of the replacements and after all of them.

use lazywasm::{Config, Engine, Linker, Mode, Module, Result, Store};
use std::sync::Barrier;

const PROGRAM: &str = r#"(module
    (type $fun (func (param i32) (result i32)))
    (table 2 funcref)
    (elem (i32.const 1) $f)
    (func $f (export "f") (type $fun) (i32.add (local.get 0) (i32.const 1)))
    (func (export "run") (type $fun) (local $n i32)
      (loop $l
        (local.set 0 (call $f (local.get 0)))
        (local.set 0 (call_indirect (type $fun) (local.get 0) (i32.const 1)))
        (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20))))
      (local.get 0)))"#;

/// Resident memory of the process, in KiB: the heaps, and the code with its entries.
fn resident() -> [u64; 2] {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ["RssAnon:", "RssShmem:"].map(|name| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        number.unwrap_or(0)
    })
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1).map(|number| number.parse());
    let threads = args
        .next()
        .and_then(std::result::Result::ok)
        .unwrap_or(8usize);
    let replacements = args
        .next()
        .and_then(std::result::Result::ok)
        .unwrap_or(100_000usize);
    for mode in [Mode::Tiered, Mode::RelinkStorm] {
        let mut config = Config::new();
        config.mode(mode).threshold(2);
        let engine = Engine::new(&config)?;
        let module = Module::new(&engine, PROGRAM)?;
        let text = r#"(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 5))))"#;
        let other = Module::new(&engine, text)?;
        let barrier = Barrier::new(threads + 1);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut store = Store::new(&engine, ());
                    let linker = Linker::new(&engine);
                    let live = linker.instantiate_live(&mut store, &module)?;
                    let run = live.get_typed_func::<i32, i32>(&mut store, "run")?;
                    let other = linker.instantiate_live(&mut store, &other)?;
                    let other = other.get_func(&mut store, "f").expect("it is exported");
                    for round in 0..replacements {
                        if round == replacements / 10 {
                            barrier.wait();
                            barrier.wait();
                        }
                        let adds = match round % 3 {
                            0 => {
                                live.replace_func(&mut store, "f", other)?;
                                5
                            }
                            adds => {
                                let body = [0, 0x20, 0, 0x41, adds as u8, 0x6A, 0x0B];
                                live.replace_body(&mut store, "f", &body)?;
                                adds as i32
                            }
                        };
                        for _ in 0..2 {
                            assert_eq!(run.call(&mut store, 7)?, 7 + 40 * adds);
                        }
                    }
                    barrier.wait();
                    barrier.wait();
                    Result::<()>::Ok(())
                });
            }
            for when in ["a tenth", "all"] {
                barrier.wait();
                let [heaps, code] = resident();
                println!(
                    "{mode:?}: {heaps} KiB of heaps, {code} of code after {when} of {threads} x {replacements}"
                );
                barrier.wait();
            }
        });
        engine.verify_links()?;
        println!("{mode:?}: {:?}", engine.stats());
    }
    Ok(())
}
