//! How fast each tier compiles: bytes of function bodies per second on one core.
//!
//! The time comes from the engine's statistics, so validating, publishing and running are not part of it.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lazywasm::{Mode, Module, Stats};
use lazywasm_benches::{binary, engine, instantiate, many_functions};
use std::time::Duration;

const FUNCTIONS: u32 = 500;

/// Bytes and time of a tier.
type Read = fn(&Stats) -> (u64, u64);

fn compile_all(mode: Mode, wasm: &[u8], read: Read) -> (u64, u64) {
    let engine = engine(mode);
    let module = Module::new(&engine, wasm).expect("valid");
    let (mut store, instance) = instantiate(&engine, &module).expect("it imports nothing");
    let run = instance
        .get_typed_func::<i32, i32>(&mut store, "run")
        .expect("exported");
    run.call(&mut store, 0).expect("no trap");
    read(&engine.stats())
}

fn compile(criterion: &mut Criterion) {
    let wasm = binary(&many_functions(FUNCTIONS));
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(20);
    let tiers: [(&str, Mode, Read); 2] = [
        ("baseline", Mode::Baseline, |stats| {
            (stats.baseline_wasm_bytes, stats.baseline_compile_ns)
        }),
        ("optimised", Mode::Optimise, |stats| {
            (stats.optimised_wasm_bytes, stats.optimised_compile_ns)
        }),
    ];
    for (name, mode, read) in tiers {
        let (bytes, _) = compile_all(mode, &wasm, read);
        group.throughput(Throughput::Bytes(bytes));
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let nanoseconds = (0..times).map(|_| compile_all(mode, &wasm, read).1);
                Duration::from_nanos(nanoseconds.sum())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, compile);
criterion_main!(benches);
