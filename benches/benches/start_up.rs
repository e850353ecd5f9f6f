//! What a program waits for before its first instruction: parsing and validating, instantiating, and
//! the first call of a function.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use lazywasm::{Mode, Module};
use lazywasm_benches::{binary, engine, instantiate, many_functions, program};

const FUNCTIONS: u32 = 5_000;

fn start_up(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start_up");
    let engine = engine(Mode::Tiered);
    let wasm = binary(&many_functions(FUNCTIONS));

    group.throughput(Throughput::Bytes(wasm.len() as u64));
    group.bench_function("parse and validate", |bencher| {
        bencher.iter(|| Module::new(&engine, &wasm).expect("valid"));
    });

    // Entries and stubs for each function; nothing is compiled. Each module is instantiated once, because a
    // second instance would share them.
    group.throughput(Throughput::Elements(u64::from(FUNCTIONS)));
    group.bench_function("instantiate", |bencher| {
        bencher.iter_batched(
            || Module::new(&engine, &wasm).expect("valid"),
            |module| instantiate(&engine, &module).expect("it imports nothing"),
            BatchSize::PerIteration,
        );
    });

    group.throughput(Throughput::Elements(1));
    let small = "(module (func (export \"run\") (param i32) (result i32)
        (i32.add (local.get 0) (i32.const 1))))";
    group.bench_function("first call of a small function", |bencher| {
        bencher.iter_batched(
            || program(&engine, small).expect("valid"),
            |(mut store, run)| {
                assert_eq!(run.call(&mut store, 1).expect("no trap"), 2);
                (store, run)
            },
            BatchSize::PerIteration,
        );
    });
    let (mut store, run) = program(&engine, small).expect("valid");
    group.bench_function("later call of the same", |bencher| {
        bencher.iter(|| run.call(&mut store, 1).expect("no trap"));
    });
    group.finish();
}

criterion_group!(benches, start_up);
criterion_main!(benches);
