//! Compiles every function of a module with one of the compilers and prints how fast that was:
//! `compile_all baseline|optimise|reference FILE`. It does so five times and prints the best. If the index of
//! a function follows (imported functions are not counted), only that function is compiled, and its machine
//! code is written to the standard output, for a disassembler: `objdump -D -b binary -m i386:x86-64 FILE`.
//! Nothing is run.

use engine::code_source::Refusing;
use engine::ids::DefinedFunc;
use engine::{Config, Engine, Module, Result};
use lazywasm_tiering::compiled::{CompileError, CompileInput, CompileSettings, Scope};
use lazywasm_tiering::compilers::{self, Compiler, Scratch};
use lazywasm_tiering::policy::Tuning;
use std::io::Write;
use std::time::{Duration, Instant};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(tier), Some(file)) = (args.next(), args.next()) else {
        return Err(engine::Error::msg(
            "usage: compile_all baseline|optimise|reference FILE [FUNCTION]",
        ));
    };
    let optimise = tier != "baseline";
    let compiler: Compiler = match tier.as_str() {
        "baseline" => compilers::baseline,
        "reference" => compilers::reference,
        _ => compilers::optimise,
    };
    let engine = Engine::with_code_source(&Config::default(), Box::new(Refusing))?;
    let module = Module::from_file(&engine, &file)?;
    let tuning = Tuning::default();
    let settings = if optimise {
        tuning.optimised()
    } else {
        tuning.baseline()
    };
    let scopes = [Scope {
        module: module.data(),
        import_is_wasm: &|_| false,
    }];
    let mut scratch = Scratch::default();
    if let Some(func) = args.next() {
        let func = func.parse()?;
        let count = module.data().counts().defined_funcs;
        if func >= count {
            let error =
                format!("the module defines {count} functions, there is no function {func}");
            return Err(engine::Error::msg(error));
        }
        let input = CompileInput {
            scopes: &scopes,
            func: DefinedFunc(func),
            body: module.data().body(DefinedFunc(func)),
            inlined: &[],
            inlined_bodies: &[],
            start_at: None,
            settings: &settings,
        };
        std::io::stdout().write_all(&compiler(&input, &mut scratch)?.code)?;
        return Ok(());
    }
    let mut best: Option<Round> = None;
    for _ in 0..ROUNDS {
        let round = Round::run(&module, &scopes, &settings, compiler, &mut scratch)?;
        if best.as_ref().is_none_or(|best| round.took < best.took) {
            best = Some(round);
        }
    }
    let Some(Round {
        wasm,
        code,
        side,
        slowest,
        took,
    }) = best
    else {
        unreachable!("there is a round")
    };
    let seconds = took.as_secs_f64();
    println!(
        "{tier}: {:.2} MB of wasm in {seconds:.2} s: {:.2} MB/s; code {:.2} x, side tables {:.2} x; \
         slowest {:?} of {} bytes: {:.1} ms",
        wasm as f64 / 1e6,
        wasm as f64 / 1e6 / seconds,
        code as f64 / wasm as f64,
        side as f64 / wasm as f64,
        slowest.1,
        module.data().body(slowest.1).len(),
        slowest.0.as_secs_f64() * 1e3,
    );
    Ok(())
}

/// How often all is compiled.
const ROUNDS: usize = 5;

/// All functions compiled once: bytes of bytecode, code and side tables, and the slowest function.
struct Round {
    wasm: u64,
    code: u64,
    side: u64,
    slowest: (Duration, DefinedFunc),
    took: Duration,
}

impl Round {
    fn run(
        module: &Module,
        scopes: &[Scope<'_>],
        settings: &CompileSettings,
        compiler: Compiler,
        scratch: &mut Scratch,
    ) -> Result<Round> {
        let (mut wasm, mut code, mut side) = (0u64, 0u64, 0u64);
        let mut slowest = (Duration::ZERO, DefinedFunc(0));
        let start = Instant::now();
        for func in 0..module.data().counts().defined_funcs {
            let func = DefinedFunc(func);
            let input = CompileInput {
                scopes,
                func,
                body: module.data().body(func),
                inlined: &[],
                inlined_bodies: &[],
                start_at: None,
                settings,
            };
            let begun = Instant::now();
            let body = match compiler(&input, scratch) {
                Err(error @ CompileError::TooLong(_)) => {
                    let bytes = module.data().body(func).len();
                    println!("{func:?} of {bytes} bytes was refused: {error}");
                    continue;
                }
                body => body?,
            };
            slowest = slowest.max((begun.elapsed(), func));
            wasm += u64::from(body.wasm_bytes);
            code += body.code.len() as u64;
            side += body.side.size() as u64;
        }
        Ok(Round {
            wasm,
            code,
            side,
            slowest,
            took: start.elapsed(),
        })
    }
}
