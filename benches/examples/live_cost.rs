//! What it costs that functions may be replaced: the kernels, and a program of two modules, in a live
//! instance and in another one, alternating, in tiered mode. Prints the best time of each and the ratio.

use lazywasm::{Linker, Mode, Module, Result, Store, TypedFunc};
use lazywasm_benches::{KERNELS, engine, split};
use std::time::{Duration, Instant};

/// Calls before the first that counts.
const WARM: usize = 60;
/// Calls that count.
const CALLS: usize = 60;

/// A program that is ready to run.
struct Ready {
    store: Store<()>,
    run: TypedFunc<i32, i32>,
    best: Duration,
}

/// The program of these modules, each of which may import from the one before it, named `library`.
fn ready(texts: &[&str], live: bool) -> Result<Ready> {
    let engine = engine(Mode::Tiered);
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let mut last = None;
    for text in texts {
        if let Some(library) = last {
            linker.instance(&mut store, "library", library)?;
        }
        let module = Module::new(&engine, text)?;
        last = Some(match live {
            true => linker.instantiate_live(&mut store, &module)?,
            false => linker.instantiate(&mut store, &module)?,
        });
    }
    let instance = last.expect("a program has a module");
    Ok(Ready {
        run: instance.get_typed_func(&mut store, "run")?,
        store,
        best: Duration::MAX,
    })
}

fn compare(name: &str, texts: &[&str], size: i32) -> Result<f64> {
    let mut both = [ready(texts, false)?, ready(texts, true)?];
    for call in 0..WARM + CALLS {
        for program in &mut both {
            let begun = Instant::now();
            program.run.call(&mut program.store, size)?;
            if call >= WARM {
                program.best = program.best.min(begun.elapsed());
            }
        }
    }
    let [plain, live] = both.map(|program| program.best.as_secs_f64() * 1e3);
    println!("| {name} | {plain:.2} | {live:.2} | {:.2} |", live / plain);
    Ok(live / plain)
}

fn main() -> Result<()> {
    println!("| program | ordinary, ms | live, ms | ratio |\n| --- | --- | --- | --- |");
    let mut ratios = Vec::new();
    for kernel in KERNELS {
        ratios.push(compare(kernel.name, &[kernel.wat], kernel.size)?);
    }
    let split = split();
    ratios.push(compare(
        "two modules",
        &[split.library, split.main],
        1_000_000,
    )?);
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    println!("geometric mean {:.3}", (sum / ratios.len() as f64).exp());
    Ok(())
}
