//! Code as text: each `.wat` in `tests/disassembly` ends with what both compilers make of it.
//!
//! `BLESS=1` writes the expectations anew; a change of them is then read in the diff. The code is
//! that of any processor with SSE4.1, AVX and BMI1, so these tests do nothing on older ones.

mod modules;

use engine::ids::DefinedFunc;
use lazywasm_tiering::Scratch;
use lazywasm_tiering::compiled::CompileSettings;
use modules::{Compiler, compile, module};
use std::fmt::Write;
use std::path::Path;

const MARK: &str = ";;!";

fn listing(text: &str) -> String {
    let module = module(text.as_bytes());
    let data = module.data();
    let mut scratch = Scratch::default();
    scratch.keep_listing(true);
    let counting = CompileSettings {
        budget_limit: Some(1000),
        entry_cost: 1,
        back_edge_cost: 2,
        interruption: false,
    };
    let asking = CompileSettings {
        interruption: true,
        ..CompileSettings::default()
    };
    let mut out = String::new();
    for (tier, compiler, settings) in [
        (
            "baseline",
            lazywasm_tiering::baseline::compile as Compiler,
            &counting,
        ),
        ("optimised", lazywasm_tiering::optimise::compile, &asking),
    ] {
        for func in (0..data.counts().defined_funcs).map(DefinedFunc) {
            let body = compile(compiler, &module, func, settings, &mut scratch);
            let name = data.func_name(data.func_index(func));
            writeln!(out, "{MARK} {tier} {name}: {} bytes", body.code.len()).unwrap();
            for line in scratch.listing().expect("a listing was asked for").lines() {
                writeln!(out, "{MARK} {line}").unwrap();
            }
            for reloc in &body.relocs {
                writeln!(
                    out,
                    "{MARK} {:?} {:?} weight {}",
                    reloc.kind, reloc.target, reloc.weight
                )
                .unwrap();
            }
        }
    }
    out
}

#[test]
fn code_is_as_expected() {
    if !(is_x86_feature_detected!("avx") && is_x86_feature_detected!("bmi1")) {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/disassembly");
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(folder).expect("the folder of expectations") {
        let path = file.expect("a file of it").path();
        let text = std::fs::read_to_string(&path).expect("a text file");
        let (source, expected) = match text.find(MARK) {
            Some(at) => text.split_at(at),
            None => (text.as_str(), ""),
        };
        let actual = listing(source);
        if bless {
            std::fs::write(&path, format!("{source}{actual}")).expect("the file can be written");
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
