//! Small kernels in steady state, in each mode. Criterion's warm-up is long enough for the tiered mode to
//! reach it.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use lazywasm::Mode;
use lazywasm_benches::{KERNELS, engine, program};

fn steady(criterion: &mut Criterion) {
    for kernel in KERNELS {
        let mut group = criterion.benchmark_group(format!("steady {}", kernel.name));
        group.sample_size(20);
        for mode in [Mode::Baseline, Mode::Optimise, Mode::Tiered] {
            let (mut store, run) = program(&engine(mode), kernel.wat).expect("valid");
            group.bench_function(
                BenchmarkId::from_parameter(format!("{mode:?}")),
                |bencher| {
                    bencher.iter(|| {
                        let got = run.call(&mut store, kernel.size).expect("no trap");
                        assert_eq!(got, kernel.checksum);
                    });
                },
            );
        }
        group.finish();
    }
}

criterion_group!(benches, steady);
criterion_main!(benches);
