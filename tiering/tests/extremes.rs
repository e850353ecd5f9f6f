//! Bodies at the limits of the format: none may take more than a moment, nor Rust's stack.

mod modules;

use engine::ids::DefinedFunc;
use lazywasm_tiering::Scratch;
use lazywasm_tiering::compiled::CompileSettings;
use modules::{Compiler, Part, compile, module};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Generous for a loaded machine and an unoptimised build, far below what quadratic work takes.
const MOMENT: Duration = Duration::from_secs(60);

fn compiles(text: &str) {
    let module = module(text.as_bytes());
    let settings = CompileSettings {
        budgets: true,
        feedback: true,
        interruption: false,
    };
    for compiler in [
        lazywasm_tiering::baseline::compile as Compiler,
        lazywasm_tiering::optimise::compile,
    ] {
        let start = Instant::now();
        let body = compile(
            compiler,
            &module,
            &Part::whole(DefinedFunc(0)),
            &settings,
            &mut Scratch::default(),
        );
        assert!(!body.code.is_empty());
        assert!(start.elapsed() < MOMENT, "it took {:?}", start.elapsed());
    }
}

#[test]
fn fifty_thousand_locals() {
    let locals = "(local i32 i64 f64 f32 funcref)".repeat(9_999);
    compiles(&format!(
        "(module (func (result i32) {locals} (local.get 49990)))"
    ));
}

#[test]
fn blocks_nested_ten_thousand_deep() {
    let open = "block ".repeat(10_000);
    let close = "end ".repeat(10_000);
    compiles(&format!(
        "(module (func (param i32) {open} local.get 0 br_if 9999 {close}))"
    ));
}

#[test]
fn conditionals_nested_with_operands_below() {
    let open = "i32.const 1 local.get 0 if (result i32) ".repeat(500);
    let close = "else i32.const 3 end i32.add ".repeat(500);
    compiles(&format!(
        "(module (func (param i32) (result i32) {open} i32.const 2 {close}))"
    ));
}

#[test]
fn a_branch_table_of_fifty_thousand_labels() {
    let mut labels = String::new();
    for at in 0..50_000 {
        write!(labels, "{} ", at % 3).unwrap();
    }
    compiles(&format!(
        "(module (func (param i32) block block block local.get 0 br_table {labels} end end end))"
    ));
}

/// What goes along is written down once for each label, not for each entry of the table.
#[test]
fn a_branch_table_with_many_operands() {
    let results = "i32 ".repeat(500);
    let values = "i32.const 1 ".repeat(500);
    let labels = "0 1 ".repeat(10_000);
    let text = format!(
        "(module (type $many (func (result {results})))
           (func (param i32) (result {results})
             (block (type $many) (block (type $many) {values} local.get 0 br_table {labels} 0))))"
    );
    compiles(&text);
    let module = module(text.as_bytes());
    let settings = CompileSettings::default();
    let compiler = lazywasm_tiering::optimise::compile;
    let scratch = &mut Scratch::default();
    let body = compile(
        compiler,
        &module,
        &Part::whole(DefinedFunc(0)),
        &settings,
        scratch,
    );
    assert!(body.code.len() < 1 << 18, "{} bytes", body.code.len());
}

#[test]
fn a_deep_stack_over_many_calls() {
    let push = "i32.const 1 ".repeat(5_000);
    let calls = "call 0 ".repeat(2_000);
    let drop = "drop ".repeat(5_000);
    compiles(&format!("(module (func {push} {calls} {drop}))"));
}
