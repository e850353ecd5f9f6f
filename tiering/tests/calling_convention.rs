//! Tests docs/calling-convention.md, with one test for each row that a listing can show.

mod modules;

use engine::ids::DefinedFunc;
use lazywasm_tiering::compiled::CompileSettings;
use lazywasm_tiering::compilers::Scratch;
use modules::{Part, compile, module};

/// The optimised code of a function, which must contain each of the texts.
fn shows(function: &str, texts: &[&str]) {
    let module = module(format!("(module {function})").as_bytes());
    let mut scratch = Scratch::default();
    scratch.keep_listing(true);
    let settings = CompileSettings::default();
    compile(
        lazywasm_tiering::compilers::optimise,
        &module,
        &Part::whole(DefinedFunc(0)),
        &settings,
        &mut scratch,
    );
    let listing = scratch.listing().expect("a listing was kept");
    for text in texts {
        assert!(listing.contains(text), "{text} is not in\n{listing}");
    }
}

#[test]
fn integers_follow_the_context() {
    shows(
        "(func (param i64) (result i64) local.get 0)",
        &["movq %rsi, %rax"],
    );
    shows(
        "(func (param i64 i64 i64 i64 i64) (result i64) local.get 4)",
        &["movq %r9, %rax"],
    );
}

#[test]
fn floats_have_registers_of_their_own() {
    shows(
        "(func (param i32 f64 i32 f64) (result f64) local.get 3)",
        &["%xmm1, %xmm0"],
    );
}

#[test]
fn the_callee_pops_stack_parameters() {
    shows(
        "(func (param i64 i64 i64 i64 i64 i64) (result i64) local.get 5)",
        &["<offset:0>+-0x10(%rbp), %rax", "retq $0x10"],
    );
}

#[test]
fn eight_integer_results_have_registers() {
    let registers = [
        "%eax", "%ecx", "%edx", "%esi", "%edi", "%r8d", "%r9d", "%r10d",
    ];
    let texts: Vec<String> = (1..=8)
        .map(|n| format!("movl ${n:#x}, {}", registers[n - 1]))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let consts: String = (1..=8).map(|n| format!("i32.const {n} ")).collect();
    shows(
        &format!("(func (result{}) {consts})", " i32".repeat(8)),
        &texts,
    );
}

#[test]
fn further_results_lie_behind_the_pointer() {
    let consts: String = (1..=10).map(|n| format!("i32.const {n} ")).collect();
    shows(
        &format!("(func (result{}) {consts})", " i32".repeat(10)),
        &["movl $0x9, (%rsi)", "movl $0xa, 0x10(%rsi)"],
    );
}
