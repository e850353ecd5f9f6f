//! Disassembly tests: each `.wat` in `tests/disassembly` ends with the code that both compilers generate
//! for it.
//!
//! `BLESS=1` rewrites the expectations; read the diff then. The expected code is for processors with
//! SSE4.1, AVX and BMI1. On older ones, these tests only check that everything compiles.

mod listing;
mod modules;

use engine::ModuleData;
use engine::ids::{DefinedFunc, FuncIndex};
use lazywasm_tiering::compiled::{CompileSettings, InlinedCall, ScopeId};
use lazywasm_tiering::compilers::Scratch;
use listing::listing_of;
use modules::{Compiler, Part, compile, module};
use std::fmt::Write;
use std::path::Path;
use stubs::InlineNode;

const MARK: &str = ";;!";

/// Offsets of the `loop` instructions of a body.
fn loops_of(body: &[u8]) -> Vec<u32> {
    let body = wasmparser::FunctionBody::new(wasmparser::BinaryReader::new(body, 0));
    let operators = body.get_operators_reader().expect("a valid body");
    let operators = operators.into_iter_with_offsets();
    let loops = operators.filter_map(|operator| match operator.expect("a valid body") {
        (wasmparser::Operator::Loop { .. }, offset) => Some(offset as u32),
        _ => None,
    });
    loops.collect()
}

/// The calls of a function that are inlined in these tests: calls of functions of the module; calls of wasm
/// imports, as if they were bound to the module's first function in another instance; and indirect calls,
/// with the module's first two functions as callees or, in a function named `inlining_foreign...`, with the
/// second function of another module. In a function named `inlining_live...`, the callees may be replaced.
fn inlined_in(data: &ModuleData, func: DefinedFunc) -> Vec<InlinedCall> {
    let body = wasmparser::FunctionBody::new(wasmparser::BinaryReader::new(data.body(func), 0));
    let operators = body.get_operators_reader().expect("a valid body");
    let name = data.func_name(data.func_index(func));
    let foreign = name.starts_with("inlining_foreign");
    let generation = name.starts_with("inlining_live").then_some(3);
    let mut inlined = Vec::new();
    for operator in operators.into_iter_with_offsets() {
        let (operator, offset) = operator.expect("a valid body");
        let mut inline = |scope: usize, func| {
            inlined.push(InlinedCall {
                generation,
                through: None,
                parent: InlineNode::FUNCTION,
                offset: offset as u32,
                scope: ScopeId::new(scope),
                func,
            });
        };
        match operator {
            wasmparser::Operator::Call { function_index } => {
                match data.defined(FuncIndex(function_index)) {
                    Some(callee) => inline(0, callee),
                    None => inline(1, DefinedFunc(0)),
                }
            }
            wasmparser::Operator::CallIndirect { .. } if foreign => inline(1, DefinedFunc(1)),
            wasmparser::Operator::CallIndirect { .. } => {
                inline(0, DefinedFunc(0));
                inline(0, DefinedFunc(1));
            }
            _ => {}
        }
    }
    inlined
}

fn listing(text: &str) -> String {
    let module = module(text.as_bytes());
    let data = module.data();
    let mut scratch = Scratch::default();
    scratch.keep_listing(true);
    let counting = CompileSettings {
        budgets: true,
        feedback: true,
        ..CompileSettings::default()
    };
    let asking = CompileSettings {
        interruption: true,
        ..CompileSettings::default()
    };
    let mut out = String::new();
    for (tier, compiler, settings) in [
        (
            "baseline",
            lazywasm_tiering::compilers::baseline as Compiler,
            &counting,
        ),
        ("optimised", lazywasm_tiering::compilers::optimise, &asking),
    ] {
        for func in (0..data.counts().defined_funcs).map(DefinedFunc) {
            let loops = loops_of(data.body(func));
            let starts = [None].into_iter().chain(loops.into_iter().map(Some));
            let name = data.func_name(data.func_index(func));
            let mut inlined = Vec::new();
            if tier == "optimised" && name.starts_with("inlining") {
                inlined = inlined_in(data, func);
            }
            for start in starts.filter(|start| tier == "optimised" || start.is_none()) {
                let part = Part {
                    inlined: &inlined,
                    start_at: start,
                    ..Part::whole(func)
                };
                let body = compile(compiler, &module, &part, settings, &mut scratch);
                let start = start.map_or(String::new(), |at| format!(" from the loop at {at}"));
                writeln!(
                    out,
                    "{MARK} {tier} {name}{start}: {} bytes",
                    body.code.len()
                )
                .unwrap();
                let listing = match tier {
                    "baseline" => listing_of(&body),
                    _ => scratch.listing().expect("a listing was kept").to_string(),
                };
                for line in listing.lines() {
                    writeln!(out, "{MARK} {line}").unwrap();
                }
                // The baseline's listing has them with the instructions.
                let relocs = body.relocs.iter().filter(|_| tier != "baseline");
                for reloc in relocs {
                    writeln!(
                        out,
                        "{MARK} {:?} {:?} weight {}",
                        reloc.kind, reloc.target, reloc.weight
                    )
                    .unwrap();
                }
            }
        }
    }
    out
}

#[test]
fn code_is_as_expected() {
    // For processors without these, other instructions are generated. There it is only checked that the
    // functions compile.
    let comparable = is_x86_feature_detected!("avx") && is_x86_feature_detected!("bmi1");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disassembly");
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(folder).expect("the folder of expectations") {
        let path = file.expect("a file of the folder").path();
        let text = std::fs::read_to_string(&path).expect("a text file");
        let (source, expected) = match text.find(MARK) {
            Some(at) => text.split_at(at),
            None => (text.as_str(), ""),
        };
        let actual = listing(source);
        if bless {
            std::fs::write(&path, format!("{source}{actual}")).expect("the file can be written");
        } else if !comparable {
            assert!(actual.contains(MARK), "{} has no code", path.display());
        } else if actual != expected {
            let line = actual
                .lines()
                .zip(expected.lines())
                .find(|(now, then)| now != then);
            wrong.push(format!("{}: {line:#?}", path.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "run with BLESS=1 and read the diff:\n{}",
        wrong.join("\n")
    );
}
