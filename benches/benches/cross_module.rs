//! Calls across two modules that are linked at run time, against the same program as one module.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lazywasm::{Linker, Mode, Module, Store};
use lazywasm_benches::{engine, program, split};

const CALLS: i32 = 1_000_000;

fn cross_module(criterion: &mut Criterion) {
    let split = split();
    for mode in [Mode::Baseline, Mode::Tiered] {
        let mut group = criterion.benchmark_group(format!("cross_module {mode:?}"));
        group.throughput(Throughput::Elements(CALLS as u64));
        group.sample_size(20);
        let engine = engine(mode);

        let (mut store, run) = program(&engine, &split.whole).expect("valid");
        let expected = run.call(&mut store, CALLS).expect("no trap");
        group.bench_function("one module", |bencher| {
            bencher.iter(|| run.call(&mut store, CALLS).expect("no trap"));
        });

        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let library = Module::new(&engine, split.library).expect("valid");
        let library = linker
            .instantiate(&mut store, &library)
            .expect("it imports nothing");
        linker
            .instance(&mut store, "library", library)
            .expect("a new name");
        let main = Module::new(&engine, split.main).expect("valid");
        let main = linker.instantiate(&mut store, &main).expect("it links");
        let run = main
            .get_typed_func::<i32, i32>(&mut store, "run")
            .expect("exported");
        group.bench_function("two modules", |bencher| {
            bencher.iter(|| {
                assert_eq!(run.call(&mut store, CALLS).expect("no trap"), expected);
            });
        });
        group.finish();
    }
}

criterion_group!(benches, cross_module);
criterion_main!(benches);
