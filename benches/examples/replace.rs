//! What replacing a function costs: one with many direct call sites, one that many functions have inlined.
//! `replace [SITES [INLINERS]]` prints the median and the worst of 101 replacements, in microseconds.

use lazywasm::{Config, Engine, Func, Instance, Linker, Mode, Module, Result, Store};
use std::time::Instant;

/// A live instance of functions that call `f` so often, each once.
fn callers(mode: Mode, count: usize, work: &str) -> Result<(Engine, Store<()>, Instance)> {
    let mut config = Config::new();
    config.mode(mode);
    let engine = Engine::new(&config)?;
    let callers: String = (0..count)
        .map(|at| format!("(func $c{at} (param i32) (result i32) {work} (call $f (local.get 0)))"))
        .collect();
    let calls: String = (0..count)
        .map(|at| format!("(drop (call $c{at} (local.get 0)))"))
        .collect();
    let text = format!(
        r#"(module
            (func $f (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
            {callers}
            (func (export "run") (param i32) {calls}))"#
    );
    let module = Module::new(&engine, text)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_live(&mut store, &module)?;
    Ok((engine, store, instance))
}

fn measure(what: &str, mode: Mode, count: usize) -> Result<()> {
    let (engine, mut store, instance) = callers(mode, count, "")?;
    let run = instance.get_typed_func::<i32, ()>(&mut store, "run")?;
    let mut took = Vec::new();
    for round in 0..101 {
        run.call(&mut store, 1)?;
        let state = instance.func_state(&store, "f")?;
        let (sites, inliners) = (state.callers.len(), state.inlined_into.len());
        let with = Func::wrap(&mut store, |x: i32| x + 2);
        let body: &[u8] = &[0, 0x20, 0, 0x41, 3, 0x6A, 0x0B];
        let begun = Instant::now();
        match round % 2 {
            0 if mode == Mode::Baseline => instance.replace_func(&mut store, "f", with)?,
            _ => instance.replace_body(&mut store, "f", body)?,
        }
        took.push((begun.elapsed(), sites, inliners));
    }
    engine.verify_links()?;
    took.sort();
    let (median, sites, inliners) = took[took.len() / 2];
    let worst = took[took.len() - 1].0;
    println!(
        "{what}: {sites} call sites, inlined into {inliners} functions: median {:.0} us, worst {:.0} us",
        median.as_secs_f64() * 1e6,
        worst.as_secs_f64() * 1e6
    );
    Ok(())
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1).map(|number| number.parse());
    let sites = args
        .next()
        .and_then(std::result::Result::ok)
        .unwrap_or(10_000);
    let inliners = args
        .next()
        .and_then(std::result::Result::ok)
        .unwrap_or(1_000);
    measure("baseline code", Mode::Baseline, sites)?;
    measure("optimised code", Mode::Optimise, inliners)
}
