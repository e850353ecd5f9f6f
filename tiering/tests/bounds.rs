//! Functions for which a compiler may need more than linear time: the baseline compiler compiles them all,
//! and the optimising compiler refuses those that would take too long, before it begins.

#[allow(dead_code, reason = "each test file uses a part")]
mod modules;

use engine::ids::DefinedFunc;
use lazywasm_tiering::compiled::{CompileError, CompileSettings, CompiledBody};
use lazywasm_tiering::compilers::{self, Scratch};

use modules::{Compiler, Part, module, try_compile};
use std::time::{Duration, Instant};

/// Long enough for a loaded machine and an unoptimised build, and far below the time of quadratic work at
/// these sizes.
const MOMENT: Duration = Duration::from_secs(60);

/// A kind of function, which can be generated in any size. Local 0 is an i32, and so are the others, of
/// which there may be as many as the size.
struct Kind {
    name: &'static str,
    text: fn(usize) -> String,
    locals: fn(usize) -> usize,
    /// A size that is optimised, and one that is refused.
    optimised: usize,
    left: usize,
    /// Part of the reason.
    reason: &'static str,
}

fn no_locals(_: usize) -> usize {
    0
}

fn as_many_locals(size: usize) -> usize {
    size
}

fn each(size: usize, text: impl Fn(usize) -> String) -> String {
    (0..size).map(text).collect()
}

const KINDS: &[Kind] = &[
    Kind {
        name: "nested loops, each with a counter",
        text: |size| {
            let open = "(loop ".repeat(size);
            let close = each(size, |at| {
                format!(
                    "(br_if 0 (i32.lt_s (local.tee {0} (i32.add (local.get {0}) (i32.const 1))) (i32.const 2))))",
                    at + 1
                )
            });
            open + &close + "(local.get 1)"
        },
        locals: as_many_locals,
        optimised: 40,
        left: 1_000,
        reason: "many locals that pass through many blocks",
    },
    Kind {
        name: "a sequence of counting loops",
        text: |size| {
            let one = "(local.set 0 (i32.const 3)) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))";
            one.repeat(size) + "(local.get 0)"
        },
        locals: no_locals,
        optimised: 500,
        left: 20_000,
        reason: "many",
    },
    Kind {
        name: "many conditions over many locals in a loop",
        text: |size| {
            let conditions = each(size, |at| {
                format!(
                    "(if (local.get 0) (then (local.set {0} (i32.add (local.get {0}) (i32.const 1)))))",
                    at + 1
                )
            });
            format!("(loop {conditions} (br_if 0 (local.get 1))) (local.get 1)")
        },
        locals: as_many_locals,
        optimised: 60,
        left: 5_000,
        reason: "many",
    },
    Kind {
        name: "many branches over many locals",
        text: |size| {
            let branches = "(br_if 0 (local.get 0))".repeat(size);
            let uses = each(size, |at| {
                format!(
                    "(local.set {0} (i32.add (local.get {0}) (i32.const 1)))",
                    at + 1
                )
            });
            format!("(block {branches}) {uses} (local.get 1)")
        },
        locals: as_many_locals,
        optimised: 200,
        left: 20_000,
        reason: "many locals",
    },
    Kind {
        name: "values that are live across calls",
        text: |size| {
            let calls = "(call $f (local.get 0))".repeat(size);
            calls + &"i32.add ".repeat(size - 1)
        },
        locals: no_locals,
        optimised: 1_000,
        left: 20_000,
        reason: "live across its calls",
    },
    Kind {
        name: "blocks with results",
        text: |size| {
            let one = "(block (param i32) (result i32) local.get 0 br_if 0 i32.const 1 i32.add)";
            format!("local.get 0 {}", one.repeat(size))
        },
        locals: no_locals,
        optimised: 500,
        left: 50_000,
        reason: "many",
    },
    Kind {
        name: "a chain of constants",
        text: |size| {
            let chain = each(size, |at| format!("i32.const {} i32.xor ", at * 7919));
            format!("local.get 0 {chain}")
        },
        locals: no_locals,
        optimised: 2_000,
        left: 50_000,
        reason: "operations with constants",
    },
    Kind {
        name: "a jump table of many blocks",
        text: |size| {
            let labels = each(size, |at| format!("{at} "));
            let close = "local.get 0 i32.const 3 i32.mul local.set 0 end ".repeat(size - 1);
            format!(
                "{}local.get 0 br_table {labels} end {close} local.get 0",
                "block ".repeat(size)
            )
        },
        locals: no_locals,
        optimised: 500,
        left: 40_000,
        reason: "many",
    },
    Kind {
        name: "many back edges to a loop that changes many locals",
        text: |size| {
            let trip = |at| {
                let set = format!("local.get {at} i32.const 1 i32.add local.set {at}");
                format!("{set} local.get 0 br_if 0 ")
            };
            format!("loop {} end local.get 0", each(size, trip))
        },
        locals: as_many_locals,
        optimised: 300,
        left: 4_000,
        reason: "it has many locals and many blocks",
    },
    Kind {
        name: "a jump table of many targets",
        text: |size| {
            format!(
                "block block local.get 0 br_table {} end end local.get 0",
                "0 1 ".repeat(size / 2)
            )
        },
        locals: no_locals,
        optimised: 50_000,
        left: 1_000_000,
        reason: "it is large",
    },
];

impl Kind {
    fn compile(&self, compiler: Compiler, size: usize) -> Result<CompiledBody, CompileError> {
        let locals = "i32 ".repeat((self.locals)(size));
        let body = (self.text)(size);
        let text = format!("(module (func $f (param i32) (result i32) (local {locals}) {body}))");
        let module = module(text.as_bytes());
        let settings = CompileSettings {
            budgets: true,
            feedback: true,
            interruption: true,
            ..CompileSettings::default()
        };
        let part = Part::whole(DefinedFunc(0));
        let start = Instant::now();
        let body = try_compile(compiler, &module, &part, &settings, &mut Scratch::default());
        let took = start.elapsed();
        assert!(took < MOMENT, "{} of {size}: {took:?}", self.name);
        body
    }
}

#[test]
fn baseline_takes_all_of_them() {
    for kind in KINDS {
        let half = kind.compile(compilers::baseline, kind.left / 2).unwrap();
        let body = kind.compile(compilers::baseline, kind.left).unwrap();
        // Twice as much bytecode makes twice as much code, side tables and frame.
        let linear = |half: usize, whole: usize| whole <= 2 * half + half / 4;
        assert!(linear(half.code.len(), body.code.len()), "{}", kind.name);
        assert!(linear(half.side.size(), body.side.size()), "{}", kind.name);
        let frame = |body: &CompiledBody| body.frame_size as usize + 64;
        assert!(linear(frame(&half), frame(&body)), "{}", kind.name);
    }
}

#[test]
fn the_optimiser_takes_what_does_not_take_long() {
    for kind in KINDS {
        let body = kind.compile(compilers::optimise, kind.optimised);
        assert!(body.is_ok(), "{}: {:?}", kind.name, body.err());
    }
}

#[test]
fn the_optimiser_refuses_what_would_take_too_long() {
    for kind in KINDS {
        match kind.compile(compilers::optimise, kind.left) {
            Err(CompileError::TooLong(reason)) => {
                assert!(reason.contains(kind.reason), "{}: {reason}", kind.name);
            }
            other => panic!("{}: {:?}", kind.name, other.map(|body| body.code.len())),
        }
    }
}

#[test]
fn what_moves_thousands_of_values_for_each_byte_is_an_error() {
    let many = "i32 ".repeat(1000);
    let gets = "local.get 0 ".repeat(1000);
    let calls = |count| {
        let text = format!(
            "(module (type $many (func (param {many}) (result {many})))
               (func (param i32) {gets} {} {})
               (func $f (type $many) unreachable))",
            "call $f ".repeat(count),
            "drop ".repeat(1000),
        );
        let module = module(text.as_bytes());
        let part = Part::whole(DefinedFunc(0));
        let settings = CompileSettings::default();
        let scratch = &mut Scratch::default();
        try_compile(compilers::baseline, &module, &part, &settings, scratch)
    };
    assert!(calls(20).is_ok());
    let error = calls(3_000).unwrap_err();
    assert!(matches!(error, CompileError::TooLarge(_)), "{error}");
    assert!(error.to_string().contains("too many values"), "{error}");
}
