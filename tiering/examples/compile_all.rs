//! Compiles every function of a module with one of the compilers and says how fast that was:
//! `compile_all baseline|optimise FILE`. With the index of a function behind it, the imported ones not counted,
//! that function alone is compiled and its machine code written to the standard output, for a disassembler:
//! `objdump -D -b binary -m i386:x86-64 FILE`. Nothing is run.

use engine::code_source::{CodeSource, EnterTrampoline, HostDoor};
use engine::ids::DefinedFunc;
use engine::linkage::Linkage;
use engine::{Config, Engine, FuncType, Module, Result};
use lazywasm_tiering::Scratch;
use lazywasm_tiering::compiled::{CompileError, CompileInput, Scope};
use lazywasm_tiering::policy::Tuning;
use std::any::Any;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Refusing;

// SAFETY: nothing is published.
unsafe impl CodeSource for Refusing {
    fn attach(&self, _: &Linkage, _: &Arc<engine::CodeSpace>) -> Box<dyn Any + Send + Sync> {
        Box::new(())
    }
    fn detach(&self, _: &Linkage) {}
    fn first_call(&self, _: &Arc<Linkage>, _: DefinedFunc) -> Result<()> {
        Err(engine::Error::msg("nothing is run here"))
    }
    fn budget_spent(&self, _: &Arc<Linkage>, _: DefinedFunc, _: &mut engine::layout::Budget) {}
    fn host_called(&self) {}
    fn enter_trampoline(&self, _: &FuncType, _: &engine::CodeSpace) -> Result<EnterTrampoline> {
        Err(engine::Error::msg("nothing is run here"))
    }
    fn host_trampoline(&self, _: &FuncType, _: HostDoor, _: &engine::CodeSpace) -> Result<usize> {
        Err(engine::Error::msg("nothing is run here"))
    }
    fn shut_down(&self) {}
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (Some(tier), Some(file)) = (args.next(), args.next()) else {
        return Err(engine::Error::msg(
            "usage: compile_all baseline|optimise FILE [FUNCTION]",
        ));
    };
    let optimise = tier == "optimise";
    let compiler = if optimise {
        lazywasm_tiering::optimise::compile
    } else {
        lazywasm_tiering::baseline::compile
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
        let input = CompileInput {
            scopes: &scopes,
            func: DefinedFunc(func.parse()?),
            inlined: &[],
            start_at: None,
            settings: &settings,
        };
        std::io::stdout().write_all(&compiler(&input, &mut scratch)?.code)?;
        return Ok(());
    }
    let (mut wasm, mut code, mut side) = (0u64, 0u64, 0u64);
    let mut slowest = (Duration::ZERO, DefinedFunc(0));
    let start = Instant::now();
    for func in 0..module.data().counts().defined_funcs {
        let func = DefinedFunc(func);
        let input = CompileInput {
            scopes: &scopes,
            func,
            inlined: &[],
            start_at: None,
            settings: &settings,
        };
        let begun = Instant::now();
        let body = match compiler(&input, &mut scratch) {
            Err(error @ CompileError::TooLong(_)) => {
                let bytes = module.data().body(func).len();
                println!("{func:?} of {bytes} bytes is left: {error}");
                continue;
            }
            body => body?,
        };
        slowest = slowest.max((begun.elapsed(), func));
        wasm += u64::from(body.wasm_bytes);
        code += body.code.len() as u64;
        side += 8 * (body.positions.len() + body.locations.len() + body.traps.len()) as u64;
    }
    let seconds = start.elapsed().as_secs_f64();
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
