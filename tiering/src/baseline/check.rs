//! What debug builds check while they compile.
//!
//! - After each operator: registers and what they hold agree.
//! - Before each operator: the decoder is where wasmparser begins an operator, too. One byte more or less
//!   would make another program of the rest of the body.
//! - At the first loops: the slots of locals and operands are where code for on-stack replacement, which is
//!   compiled without looking at this code, expects them.

use super::Compiler;
use super::asm::RegSet;
use super::values::{Kind, Ty};
use crate::bytecode::decode::Next;
use crate::bytecode::{Locals, Operands, Walk};
use crate::compiled::CompileInput;

/// The same body as wasmparser reads it.
pub(super) struct Shadow<'a> {
    walk: Walk<'a>,
    operands: Operands<'a>,
    /// How many loops are still checked: comparing all slots at each takes the square of the size.
    loops: u32,
}

const CHECKED_LOOPS: u32 = 100;

impl<'a> Shadow<'a> {
    pub(super) fn of(input: &CompileInput<'a>) -> Shadow<'a> {
        let module = input.module();
        let ty = module.type_of(module.func_index(input.func));
        let body = input.body;
        let mut declared = Locals::of(body).expect("a validated body");
        let operands = Operands::at_start(module, ty, &mut declared);
        Shadow {
            walk: declared.walk().expect("a validated body"),
            operands: operands.expect("a validated body"),
            loops: CHECKED_LOOPS,
        }
    }
}

impl Compiler<'_> {
    /// Checks the place in the body and, if a loop is next, the slots.
    pub(super) fn check_place(&self, shadow: &mut Shadow<'_>, next: Next) {
        let Shadow {
            walk,
            operands,
            loops,
        } = shadow;
        // What is unreachable was skipped.
        while walk.offset() < self.offset {
            let instruction = walk.next().expect("an operator");
            operands.step(&instruction.expect("a validated body"));
        }
        assert_eq!(walk.offset(), self.offset, "where an operator begins");
        if next == Next::LOOP && *loops > 0 {
            *loops -= 1;
            assert!(operands.reachable());
            let expected = operands.operand_slots().into_iter();
            let expected = expected.map(|(ty, offset)| (Ty::of(ty), offset));
            let found = self.operands.iter();
            assert!(expected.eq(found.map(|operand| (operand.ty, operand.slot()))));
            let expected = operands.local_slots().into_iter();
            let expected = expected.map(|(ty, offset)| (Ty::of(ty), offset));
            let found = self.locals.iter();
            assert!(expected.eq(found.map(|local| (local.ty, local.slot))));
            assert_eq!(operands.end(), self.end);
        }
    }

    /// Checks that registers and what they hold agree.
    pub(super) fn check_values(&self) {
        assert!((self.local_regs & self.operand_regs).is_empty());
        assert!(self.local_regs.has(self.dirty));
        for reg in self.local_regs.regs() {
            let local = &self.locals[self.owner[reg.index()] as usize];
            assert_eq!(local.reg(), Some(reg), "a local's register");
            assert_eq!(local.ty.is_vector(), reg.is_xmm());
        }
        for reg in self.operand_regs.regs() {
            let operand = &self.operands[self.owner[reg.index()] as usize];
            assert_eq!((operand.kind, operand.reg()), (Kind::Reg, reg));
            assert_eq!(operand.ty.is_vector(), reg.is_xmm());
        }
        if let Some(settled) = (self.settled as usize).checked_sub(1) {
            let operand = &self.operands[settled];
            assert!(matches!(operand.kind, Kind::Const | Kind::Slot));
        }
        // The topmost operands are those that most likely are in registers.
        let mut in_regs = RegSet::EMPTY;
        for operand in self.operands.iter().rev().take(64) {
            if operand.kind == Kind::Reg {
                assert!(!in_regs.has(RegSet::of(operand.reg())), "one owner");
                in_regs |= RegSet::of(operand.reg());
            }
        }
        assert!(self.operand_regs.has(in_regs));
    }
}
