//! What the benchmarks run: small kernels, and a generated module of many functions.
//!
//! Everything is made from text when a benchmark begins, so that the repository holds no binary and every
//! size can be changed. benches/README.md describes how to run and compare.

use lazywasm::{Config, Engine, Instance, Linker, Mode, Module, Result, Store, TypedFunc};
use std::fmt::Write;

/// A small program that computes for a while.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// Its name in reports.
    pub name: &'static str,
    /// Its text. It exports `run`, from a size to a checksum.
    pub wat: &'static str,
    /// A size that takes some milliseconds in optimised code.
    pub size: i32,
    /// What `run` returns for that size.
    pub checksum: i32,
}

/// The kernels of the benchmark `steady`.
pub const KERNELS: &[Kernel] = &[
    Kernel {
        name: "fib",
        wat: include_str!("../kernels/fib.wat"),
        size: 25,
        checksum: 75_025,
    },
    Kernel {
        name: "sieve",
        wat: include_str!("../kernels/sieve.wat"),
        size: 500_000,
        checksum: 41_538,
    },
    Kernel {
        name: "matrix",
        wat: include_str!("../kernels/matrix.wat"),
        size: 90,
        checksum: 186_613_920,
    },
    Kernel {
        name: "dispatch",
        wat: include_str!("../kernels/dispatch.wat"),
        size: 300_000,
        checksum: -1_304_045_123,
    },
    Kernel {
        name: "methods",
        wat: include_str!("../kernels/methods.wat"),
        size: 300_000,
        checksum: -1_100_616_108,
    },
    Kernel {
        name: "compare",
        wat: include_str!("../kernels/compare.wat"),
        size: 2_000,
        checksum: 1_500_573_752,
    },
    Kernel {
        name: "handlers",
        wat: include_str!("../kernels/handlers.wat"),
        size: 300_000,
        checksum: 1_513_545_125,
    },
];

/// An engine in a mode, with the policy as shipped.
///
/// # Panics
/// If the system refuses memory for code.
pub fn engine(mode: Mode) -> Engine {
    let mut config = Config::new();
    config.mode(mode);
    Engine::new(&config).expect("memory for code")
}

/// Instantiates a module that imports nothing.
///
/// # Errors
/// If it imports something, or its start function traps.
pub fn instantiate(engine: &Engine, module: &Module) -> Result<(Store<()>, Instance)> {
    let mut store = Store::new(engine, ());
    let instance = Linker::new(engine).instantiate(&mut store, module)?;
    Ok((store, instance))
}

/// The export `run` of a module made from text.
///
/// # Errors
/// If the text is not a module with such an export.
pub fn program(engine: &Engine, wat: &str) -> Result<(Store<()>, TypedFunc<i32, i32>)> {
    let module = Module::new(engine, wat)?;
    let (mut store, instance) = instantiate(engine, &module)?;
    let run = instance.get_typed_func(&mut store, "run")?;
    Ok((store, run))
}

/// The binary form of a module given as text.
///
/// # Panics
/// If it is not one.
pub fn binary(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).expect("the benchmark's own text is right")
}

/// A module of `count` functions as compilers make them: locals, loads and stores, branches, loops,
/// calls of neighbours. `run(x)` calls each of them; with `x` 0 each returns at its first branch.
pub fn many_functions(count: u32) -> String {
    let mut wat = String::from("(module (memory 1)\n");
    for at in 0..count {
        writeln!(
            wat,
            "(func $f{at} (param i32) (result i32) (local $i i32) (local $sum i32) (local $wide i64)
               (if (i32.eqz (local.get 0)) (then (return (i32.const {at}))))
               (local.set $wide (i64.extend_i32_u (local.get 0)))
               (block $out
                 (loop $again
                   (br_if $out (i32.ge_u (local.get $i) (i32.and (local.get 0) (i32.const 63))))
                   (local.set $sum (i32.add (local.get $sum)
                     (i32.load offset={offset} (i32.shl (local.get $i) (i32.const 2)))))
                   (if (i32.and (local.get $sum) (i32.const {mask}))
                     (then (i32.store offset={offset} (i32.shl (local.get $i) (i32.const 2))
                       (i32.xor (local.get $sum) (i32.const {factor}))))
                     (else (local.set $wide (i64.mul (local.get $wide) (i64.const {factor})))))
                   (local.set $i (i32.add (local.get $i) (i32.const 1)))
                   (br $again)))
               (if (i64.gt_u (local.get $wide) (i64.const 1000)) (then
                 (local.set $sum (i32.add (local.get $sum)
                   (call $f{neighbour} (i32.shr_u (local.get 0) (i32.const 1)))))))
               (i32.add (local.get $sum) (i32.wrap_i64 (i64.shr_u (local.get $wide) (i64.const 7)))))",
            offset = at % 128 * 4,
            mask = 1 << (at % 12),
            factor = 2 * at + 3,
            neighbour = (at + 1) % count,
        )
        .expect("writing to a string");
    }
    wat.push_str("(func (export \"run\") (param i32) (result i32) (local $sum i32)\n");
    for at in 0..count {
        writeln!(
            wat,
            "(local.set $sum (i32.add (local.get $sum) (call $f{at} (local.get 0))))"
        )
        .expect("writing to a string");
    }
    wat.push_str("(local.get $sum)))");
    wat
}

/// Two modules and the same program as one: `run(n)` calls `step` n times.
#[derive(Clone, Debug)]
pub struct Split {
    /// Exports `step`.
    pub library: &'static str,
    /// Imports it from module `library`, exports `run`.
    pub main: &'static str,
    /// Both in one.
    pub whole: String,
}

/// The programs of the benchmark `cross_module`.
pub fn split() -> Split {
    let library = include_str!("../kernels/split_library.wat");
    let main = include_str!("../kernels/split_main.wat");
    let import = "(import \"library\" \"step\" (func $step (param i32 i32) (result i32)))";
    let (_, step) = library
        .split_once("(func (export \"step\")")
        .expect("the library exports step");
    let step = step.trim_end().trim_end_matches(')');
    Split {
        library,
        main,
        // The function's own three brackets: of `i32.add`, its last operand, and itself.
        whole: main.replace(import, &format!("(func $step{step})))")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODES: [Mode; 3] = [Mode::Baseline, Mode::Optimise, Mode::Tiered];

    #[test]
    fn kernels_compute_their_checksums_in_every_mode() {
        for kernel in KERNELS {
            for mode in MODES {
                let (mut store, run) = program(&engine(mode), kernel.wat).unwrap();
                let got = run.call(&mut store, kernel.size).unwrap();
                assert_eq!(got, kernel.checksum, "{} in mode {mode:?}", kernel.name);
            }
        }
    }

    #[test]
    fn one_call_reaches_each_of_many_functions() {
        let engine = engine(Mode::Baseline);
        let (mut store, run) = program(&engine, &many_functions(50)).unwrap();
        assert_eq!(run.call(&mut store, 0).unwrap(), 49 * 50 / 2);
        assert_eq!(engine.stats().baseline_compiled, 51);
        let once = run.call(&mut store, 0x1234).unwrap();
        let (mut other, again) = program(&engine, &many_functions(50)).unwrap();
        assert_eq!(again.call(&mut other, 0x1234).unwrap(), once);
    }

    #[test]
    fn two_modules_compute_what_one_does() {
        let split = split();
        assert!(!split.whole.contains("import"));
        let engine = engine(Mode::Tiered);
        let (mut store, run) = program(&engine, &split.whole).unwrap();
        let whole = run.call(&mut store, 1000).unwrap();
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let library = Module::new(&engine, split.library).unwrap();
        let library = linker.instantiate(&mut store, &library).unwrap();
        linker.instance(&mut store, "library", library).unwrap();
        let main = Module::new(&engine, split.main).unwrap();
        let main = linker.instantiate(&mut store, &main).unwrap();
        let run = main.get_typed_func::<i32, i32>(&mut store, "run").unwrap();
        assert_eq!(run.call(&mut store, 1000).unwrap(), whole);
    }
}
