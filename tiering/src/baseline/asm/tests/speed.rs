//! The time that an instruction takes to be encoded. It is printed, not checked:
//!
//!     cargo test --release -p lazywasm-tiering --lib asm::tests::speed -- --ignored --nocapture
//!
//! The instructions are those that baseline code is mostly made of, with registers and displacements that
//! change from one to the next. The first row is a compiler that does nothing else; in the last, a branch
//! that cannot be predicted chooses each instruction, which is the larger part of its time.

use crate::baseline::asm::code::Asm;
use crate::baseline::asm::general::Alu;
use crate::baseline::asm::regs::{Cond, Gpr, Mem, Scale, Size};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The operands of an instruction, and which one it is in a mix.
struct Step {
    kind: u64,
    a: Gpr,
    b: Gpr,
    disp: i32,
    imm: i32,
}

fn steps() -> Vec<Step> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) % below
    };
    let register = |number: u64| match Gpr::new(number as u8) {
        Gpr::RSP => Gpr::R8,
        reg => reg,
    };
    let mut step = |_| Step {
        kind: [0, 0, 1, 1, 2, 3, 4, 5, 6, 7][random(10) as usize],
        a: register(random(16)),
        b: register(random(16)),
        disp: -8 * (1 + random(40) as i32),
        imm: random(300) as i32,
    };
    (0..2000).map(&mut step).collect()
}

/// Four instructions for each step.
#[inline(never)]
fn straight(asm: &mut Asm, steps: &[Step]) -> usize {
    asm.begin(128);
    for step in steps {
        asm.reserve(64);
        asm.mov(Size::S32, step.a, Mem::at(Gpr::RBP, step.disp));
        asm.alu(Alu::Add, Size::S32, step.a, step.b);
        asm.alu_imm(Alu::Cmp, Size::S32, step.a, step.imm);
        let label = asm.new_label();
        asm.jcc(Cond::E, label);
        asm.bind(label);
    }
    asm.finish(128).len()
}

/// One instruction for each step.
#[inline(never)]
fn chosen(asm: &mut Asm, steps: &[Step]) -> usize {
    asm.begin(128);
    let mut forward = asm.new_label();
    let back = asm.label_here();
    for step in steps {
        asm.reserve(64);
        match step.kind {
            0 => asm.mov(Size::S32, step.a, Mem::at(Gpr::RBP, step.disp)),
            1 => asm.alu(Alu::Add, Size::S32, step.a, step.b),
            2 => asm.alu_imm(Alu::Cmp, Size::S32, step.a, step.imm),
            3 => asm.jcc(Cond::E, forward),
            4 => {
                asm.bind(forward);
                forward = asm.new_label();
                asm.jcc(Cond::Ne, back);
            }
            5 => asm.mov_store(Size::S64, Mem::at(Gpr::RBP, step.disp), step.b),
            6 => {
                let mem = Mem::indexed(Gpr::R15, step.b, Scale::One, step.imm);
                asm.mov(Size::S32, step.a, mem);
            }
            _ => {
                black_box(asm.call_site());
            }
        }
    }
    asm.bind(forward);
    asm.finish(128).len()
}

fn measure(name: &str, instructions: usize, mut run: impl FnMut() -> usize) {
    const RUNS: u32 = 50;
    let mut best = Duration::MAX;
    for _ in 0..40 {
        let start = Instant::now();
        for _ in 0..RUNS {
            black_box(run());
        }
        best = best.min(start.elapsed() / RUNS);
    }
    let each = best.as_secs_f64() * 1e9 / instructions as f64;
    println!("{each:5.2} ns  {name}");
}

#[test]
#[ignore = "measures; of use in a release build only"]
fn nanoseconds_for_an_instruction() {
    let (steps, mut asm) = (steps(), Asm::default());
    let name = "mov r, [rbp+x]; add; cmp r, imm; jcc, in a row";
    measure(name, 2000, || straight(&mut asm, black_box(&steps[..500])));
    let names = [
        "mov r, [rbp+x]",
        "add r, r",
        "cmp r, imm",
        "jcc forward",
        "jcc back, and a label",
        "mov [rbp+x], r",
        "mov r, [r15+r+x]",
        "call",
    ];
    for (kind, name) in (0..).zip(names) {
        let of_kind = self::steps().into_iter().filter(|step| step.kind == kind);
        let of_kind: Vec<Step> = of_kind.collect();
        measure(name, of_kind.len(), || {
            chosen(&mut asm, black_box(&of_kind))
        });
    }
    measure("all of them, at random", steps.len(), || {
        chosen(&mut asm, black_box(&steps))
    });
}
