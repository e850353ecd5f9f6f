//! The largest functions that validation lets pass: the baseline compiler takes them, and its work and code
//! are in proportion to their size.
//!
//! What is quadratic at millions of elements does not end within hours, so that these tests end says most;
//! with some ten thousand elements only a large quadratic step is noticed. That twice the function has no
//! more than twice the code says the rest. Memory is not measured here (benches/README.md has figures).

#[allow(dead_code, reason = "each test file uses a part")]
mod modules;

use engine::ids::DefinedFunc;
use lazywasm_tiering::compiled::{CompileError, CompileSettings, CompiledBody};
use lazywasm_tiering::compilers::{self, Scratch};
use modules::{Part, module, try_compile};

const BLOCK: u8 = 0x02;
const LOOP: u8 = 0x03;
const IF: u8 = 0x04;
const END: u8 = 0x0B;
const BR_IF: u8 = 0x0D;
const BR_TABLE: u8 = 0x0E;
const DROP: u8 = 0x1A;
const LOCAL_GET: u8 = 0x20;
const LOCAL_SET: u8 = 0x21;
const I32_CONST: u8 = 0x41;
const I32_ADD: u8 = 0x6A;
const I32_XOR: u8 = 0x73;
/// Of a block without parameters and results.
const EMPTY: u8 = 0x40;
const I32: u8 = 0x7F;

/// A number as LEB128.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (number & 0x7F) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id], leb(content.len()).as_slice(), content].concat()
}

/// A module with one function from i32 to i32, with this many further i32 locals, and this code, which begins
/// and ends with an empty stack but for what `local.get 0` pushes at the end.
fn one_function(locals: usize, code: &[u8]) -> Vec<u8> {
    let declared = match locals {
        0 => vec![0],
        count => [vec![1], leb(count), vec![I32]].concat(),
    };
    let body = [&declared, code, &[LOCAL_GET, 0, END]].concat();
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[1, 0x60, 1, I32, 1, I32]),
        section(3, &[1, 0]),
        section(10, &[vec![1], leb(body.len()), body].concat()),
    ]
    .concat()
}

fn try_compiled(wasm: &[u8]) -> Result<CompiledBody, CompileError> {
    let settings = CompileSettings {
        budgets: true,
        feedback: true,
        ..CompileSettings::default()
    };
    let part = Part::whole(DefinedFunc(0));
    let scratch = &mut Scratch::default();
    try_compile(
        compilers::baseline,
        &module(wasm),
        &part,
        &settings,
        scratch,
    )
}

fn compiled(wasm: &[u8]) -> CompiledBody {
    try_compiled(wasm).unwrap_or_else(|error| panic!("{error}"))
}

fn is_refused(wasm: &[u8]) {
    let refused = try_compiled(wasm).map(|body| body.code.len());
    assert!(
        matches!(refused, Err(CompileError::TooLarge(_))),
        "{refused:?}"
    );
}

/// Compiles a function in two sizes, of which the second is twice the first.
fn grows_with_its_size(size: usize, wasm: impl Fn(usize) -> Vec<u8>) {
    let half = compiled(&wasm(size / 2)).code.len();
    let whole = compiled(&wasm(size)).code.len();
    assert!(whole > half, "the size counts: {half} and {whole}");
    // What does not depend on the size, and short jumps that became long.
    let more = 4096 + half / 2;
    assert!(
        whole <= 2 * half + more,
        "{half} bytes of code, then {whole}"
    );
}

#[test]
fn a_body_of_seven_megabytes() {
    let step = [LOCAL_GET, 0, I32_CONST, 3, I32_ADD, LOCAL_SET, 0];
    grows_with_its_size(1_000_000, |size| one_function(0, &step.repeat(size)));
}

#[test]
fn fifty_thousand_locals() {
    // All are read and wait on the operand stack when they are set.
    grows_with_its_size(49_990, |count| {
        let mut code = Vec::new();
        for local in 0..count {
            code.extend([vec![LOCAL_GET], leb(local)].concat());
        }
        for local in 0..count {
            code.extend([vec![I32_CONST, 1, LOCAL_SET], leb(local)].concat());
        }
        code.extend(vec![I32_XOR; count - 1]);
        code.push(DROP);
        one_function(count, &code)
    });
}

#[test]
fn a_local_that_waits_on_the_stack_and_is_set_again_and_again() {
    // The first assignment has to read all uses below it; those after it must not look at them again.
    grows_with_its_size(50_000, |count| {
        let mut code = [LOCAL_GET, 0].repeat(count);
        code.extend([LOCAL_GET, 0, I32_CONST, 3, I32_ADD, LOCAL_SET, 0].repeat(count));
        code.extend(vec![I32_XOR; count - 1]);
        code.push(DROP);
        one_function(0, &code)
    });
    // The same with a block between, at whose beginning all uses are stored.
    grows_with_its_size(50_000, |count| {
        let mut code = [LOCAL_GET, 0].repeat(count);
        let set = [
            BLOCK, EMPTY, LOCAL_GET, 0, BR_IF, 0, I32_CONST, 3, LOCAL_SET, 0, END,
        ];
        code.extend(set.repeat(count));
        code.extend(vec![I32_XOR; count - 1]);
        code.push(DROP);
        one_function(0, &code)
    });
}

#[test]
fn a_table_of_two_million_labels() {
    grows_with_its_size(2_000_000, |count| {
        let mut code = vec![BLOCK, EMPTY, LOCAL_GET, 0, BR_TABLE];
        code.extend(leb(count));
        code.extend(vec![0; count + 1]);
        code.push(END);
        one_function(0, &code)
    });
}

#[test]
fn a_table_of_different_labels() {
    grows_with_its_size(100_000, |count| {
        let mut code = [BLOCK, EMPTY].repeat(count);
        code.extend([LOCAL_GET, 0, BR_TABLE]);
        code.extend(leb(count - 1));
        (0..count).for_each(|label| code.extend(leb(label)));
        code.extend(vec![END; count]);
        one_function(0, &code)
    });
}

#[test]
fn a_million_nested_blocks() {
    // Without a branch a block has no code, so only the innermost ones are left by one.
    let blocks = |count: usize| {
        let branches = [LOCAL_GET, 0, BR_IF, 1].repeat(1000);
        let code = [[BLOCK, EMPTY].repeat(count), branches, vec![END; count]].concat();
        one_function(0, &code)
    };
    let (half, whole) = (compiled(&blocks(500_000)), compiled(&blocks(1_000_000)));
    assert_eq!(half.code, whole.code);
}

#[test]
fn a_million_nested_loops_and_conditions() {
    let loops = |count: usize| {
        let code = [[LOOP, EMPTY].repeat(count), vec![END; count]].concat();
        one_function(0, &code)
    };
    grows_with_its_size(200_000, loops);
    // What counts the trips of so many could have more code than a function may.
    is_refused(&loops(1_000_000));
    grows_with_its_size(1_000_000, |count| {
        let conditions = [LOCAL_GET, 0, IF, EMPTY].repeat(count);
        one_function(0, &[conditions, vec![END; count]].concat())
    });
}

#[test]
fn operands_under_nested_loops() {
    grows_with_its_size(200_000, |count| {
        let mut code = [I32_CONST, 1, LOOP, EMPTY].repeat(count);
        code.extend([END, DROP].repeat(count));
        one_function(0, &code)
    });
}

#[test]
fn branches_to_different_blocks() {
    grows_with_its_size(100_000, |count| {
        let mut code = [BLOCK, EMPTY].repeat(count);
        for label in 0..count {
            code.extend([LOCAL_GET, 0, BR_IF]);
            code.extend(leb(label));
        }
        code.extend(vec![END; count]);
        one_function(0, &code)
    });
}

#[test]
fn a_thousand_parameters_and_results() {
    // Calls, blocks, branches and a table that pass a thousand values of all kinds.
    let text = |count: usize| {
        let types = "i32 f64 i64 f32 v128 ".repeat(count / 5);
        let gets: String = (0..count).map(|at| format!("local.get {at} ")).collect();
        format!(
            "(module (type $many (func (param {types}) (result {types})))
               (func (type $many) {gets}
                 (block (type $many)
                   (loop (type $many)
                     call 0
                     (br_if 1 (local.get 0))
                     (if (type $many) (local.get 0) (then call 0) (else (br 1)))
                     (br_table 0 1 2 (local.get 0))))))"
        )
    };
    grows_with_its_size(1000, |count| {
        wat::parse_str(text(count)).expect("valid text")
    });
}

#[test]
fn loops_that_carry_many_locals_are_compiled_or_refused() {
    // What counts the trips of a loop stores all of them, so each loop has some 300 bytes of code.
    const LOCALS: usize = 8;
    let loops = |count: usize| {
        let mut code = Vec::new();
        for local in 1..=LOCALS as u8 {
            code.extend([I32_CONST, 5, LOCAL_SET, local]);
        }
        code.extend([LOOP, EMPTY].repeat(count));
        for local in 1..=LOCALS as u8 {
            code.extend([LOCAL_GET, local, I32_CONST, 3, I32_ADD, LOCAL_SET, local]);
        }
        code.extend(vec![END; count]);
        one_function(LOCALS, &code)
    };
    grows_with_its_size(60_000, loops);
    is_refused(&loops(2_500_000));
}

/// A function from a thousand values to a thousand values that has this code between.
fn of_a_thousand_values(code: &str) -> Vec<u8> {
    let types = "i32 ".repeat(1000);
    let gets: String = (0..1000).map(|at| format!("local.get {at} ")).collect();
    let text = format!(
        "(module (type $many (func (param {types}) (result {types})))
           (func (type $many) {gets} {code}))"
    );
    wat::parse_str(text).expect("valid text")
}

#[test]
fn a_table_of_blocks_with_a_thousand_results_is_refused_before_its_code_fills_memory() {
    // The code for all labels would have more than a gigabyte.
    const LABELS: usize = 140_000;
    let all: String = (0..LABELS).map(|label| format!("{label} ")).collect();
    let blocks = "block (type $many) ".repeat(LABELS);
    let ends = "end ".repeat(LABELS);
    is_refused(&of_a_thousand_values(&format!(
        "{blocks} (br_table {all} (local.get 0)) {ends}"
    )));
}

#[test]
fn blocks_that_pass_a_thousand_values_in_place_are_refused_when_they_are_too_many() {
    let conditions =
        |count| of_a_thousand_values(&"local.get 0 if (type $many) else end ".repeat(count));
    compiled(&conditions(1000));
    is_refused(&conditions(20_000));
}
