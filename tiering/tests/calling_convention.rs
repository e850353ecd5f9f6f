//! Tests docs/calling-convention.md, with one test for each row that a listing can show, of the code of both
//! tiers.

mod listing;
mod modules;

use engine::ids::DefinedFunc;
use lazywasm_tiering::compiled::CompileSettings;
use lazywasm_tiering::compilers::{self, Scratch};
use listing::listing_of;
use modules::{Part, compile, module};

/// Compiles a function, whose optimised code must contain each of the first texts, and whose baseline code
/// each of the others.
fn shows(function: &str, optimised: &[&str], baseline: &[&str]) {
    let module = module(format!("(module {function})").as_bytes());
    let mut scratch = Scratch::default();
    scratch.keep_listing(true);
    let settings = CompileSettings::default();
    let part = Part::whole(DefinedFunc(0));
    compile(compilers::optimise, &module, &part, &settings, &mut scratch);
    let listing = scratch.listing().expect("a listing was kept").to_string();
    contains(&listing, optimised);
    let body = compile(compilers::baseline, &module, &part, &settings, &mut scratch);
    contains(&listing_of(&body), baseline);
}

fn contains(listing: &str, texts: &[&str]) {
    for text in texts {
        assert!(listing.contains(text), "{text} is not in\n{listing}");
    }
}

#[test]
fn integers_follow_the_context() {
    shows(
        "(func (param i64) (result i64) local.get 0)",
        &["movq %rsi, %rax"],
        &["mov rax, rsi"],
    );
    shows(
        "(func (param i64 i64 i64 i64 i64) (result i64) local.get 4)",
        &["movq %r9, %rax"],
        &["mov rax, r9"],
    );
}

#[test]
fn floats_have_registers_of_their_own() {
    shows(
        "(func (param i32 f64 i32 f64) (result f64) local.get 3)",
        &["%xmm1, %xmm0"],
        &["movaps xmm0, xmm1"],
    );
}

#[test]
fn the_callee_pops_stack_parameters() {
    shows(
        "(func (param i64 i64 i64 i64 i64 i64) (result i64) local.get 5)",
        &["<offset:0>+-0x10(%rbp), %rax", "retq $0x10"],
        &["mov r11, [rbp+10h]", "ret 10h"],
    );
}

#[test]
fn eight_integer_results_have_registers() {
    let registers = ["eax", "ecx", "edx", "esi", "edi", "r8d", "r9d", "r10d"];
    let texts = |text: fn(usize, &str) -> String| -> Vec<String> {
        (1..=8).map(|n| text(n, registers[n - 1])).collect()
    };
    let optimised = texts(|n, register| format!("movl ${n:#x}, %{register}"));
    let baseline = texts(|n, register| format!("mov {register}, {n}\n"));
    let consts: String = (1..=8).map(|n| format!("i32.const {n} ")).collect();
    shows(
        &format!("(func (result{}) {consts})", " i32".repeat(8)),
        &optimised.iter().map(String::as_str).collect::<Vec<_>>(),
        &baseline.iter().map(String::as_str).collect::<Vec<_>>(),
    );
}

#[test]
fn further_results_lie_behind_the_pointer() {
    let consts: String = (1..=10).map(|n| format!("i32.const {n} ")).collect();
    shows(
        &format!("(func (result{}) {consts})", " i32".repeat(10)),
        &["movl $0x9, (%rsi)", "movl $0xa, 0x10(%rsi)"],
        &[
            "mov [rbp-8], rsi",
            "mov r11, [rbp-8]",
            "mov dword ptr [r11], 9",
            "mov dword ptr [r11+10h], 0Ah",
        ],
    );
}

#[test]
fn every_frame_has_a_frame_pointer() {
    shows(
        "(func)",
        &["pushq %rbp", "movq %rsp, %rbp", "popq %rbp"],
        &["push rbp", "mov rbp, rsp", "pop rbp"],
    );
}
