//! Comparisons of scalars, and `select`.
//!
//! A comparison that a branch, an `if`, a `select` or an `eqz` uses next is not made at once: its operands
//! stay on the stack until the user takes them. Then registers are loaded and locals stored first, and the
//! comparison comes directly before the jump, so that the processor does both as one.

use super::Compiler;
use super::asm::{Alu, Cond, Label, Reg, RegSet, Size, Unary};
use super::machine::{SCRATCH, XSCRATCH};
use super::values::{At, Ty};
use crate::bytecode::decode::Next;
use crate::bytecode::operators::{Float, FloatCompare, Int, IntCompare};
use engine::ValType;

/// A comparison that has not been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// Of two operands.
    Int(Int, Cond),
    /// Of one operand with zero.
    Zero(Int, Cond),
    /// Of two operands; whether it is negated.
    Float(Float, FloatCompare, bool),
}

/// When a branch is taken, by the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Branch {
    If(Cond),
    /// Floats that are equal: neither different nor unordered.
    Equal,
    NotEqual,
}

/// A comparison whose operands have been popped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comparison {
    pub a: Reg,
    pub b: At,
    form: Form,
    pub branch: Branch,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    /// `cmp a, b`
    Int(Size),
    /// `test a, a`
    Zero(Size),
    /// `ucomis a, b`
    Float(Ty),
}

pub(super) fn size_of(ty: Int) -> Size {
    match ty {
        Int::I32 => Size::S32,
        Int::I64 => Size::S64,
    }
}

pub(super) fn int_ty(ty: Int) -> Ty {
    match ty {
        Int::I32 => Ty::I32,
        Int::I64 => Ty::I64,
    }
}

pub(super) fn float_ty(ty: Float) -> Ty {
    match ty {
        Float::F32 => Ty::F32,
        Float::F64 => Ty::F64,
    }
}

fn cond_of(operation: IntCompare) -> Cond {
    match operation {
        IntCompare::Eq => Cond::E,
        IntCompare::Ne => Cond::Ne,
        IntCompare::LtS => Cond::L,
        IntCompare::LtU => Cond::B,
        IntCompare::GtS => Cond::G,
        IntCompare::GtU => Cond::A,
        IntCompare::LeS => Cond::Le,
        IntCompare::LeU => Cond::Be,
        IntCompare::GeS => Cond::Ge,
        IntCompare::GeU => Cond::Ae,
    }
}

/// The condition for the operands in the other order.
fn swapped(cond: Cond) -> Cond {
    match cond {
        Cond::L => Cond::G,
        Cond::G => Cond::L,
        Cond::Le => Cond::Ge,
        Cond::Ge => Cond::Le,
        Cond::B => Cond::A,
        Cond::A => Cond::B,
        Cond::Be => Cond::Ae,
        Cond::Ae => Cond::Be,
        other => other,
    }
}

/// Whether the next operator makes the comparison itself.
fn is_used_by(next: Next) -> bool {
    matches!(next, Next::BR_IF | Next::IF | Next::SELECT | Next::I32_EQZ)
}

// Comparisons.
impl Compiler<'_> {
    pub(super) fn int_compare(&mut self, ty: Int, operation: IntCompare, next: Next) {
        self.test(Test::Int(ty, cond_of(operation)), next);
    }

    pub(super) fn int_eqz(&mut self, ty: Int, next: Next) {
        let test = match self.pending.take() {
            None => Test::Zero(ty, Cond::E),
            Some(Test::Int(ty, cond)) => Test::Int(ty, cond.negated()),
            Some(Test::Zero(ty, cond)) => Test::Zero(ty, cond.negated()),
            Some(Test::Float(ty, operation, negated)) => Test::Float(ty, operation, !negated),
        };
        self.test(test, next);
    }

    pub(super) fn float_compare(&mut self, ty: Float, operation: FloatCompare, next: Next) {
        self.test(Test::Float(ty, operation, false), next);
    }

    pub(super) fn ref_is_null(&mut self, next: Next) {
        self.test(Test::Zero(Int::I64, Cond::E), next);
    }

    fn test(&mut self, test: Test, next: Next) {
        self.pending = Some(test);
        if !is_used_by(next) {
            self.push_comparison();
        }
    }

    /// Makes the pending comparison, and pushes its result.
    fn push_comparison(&mut self) {
        let comparison = self.pop_comparison();
        let result = self.alloc_gpr();
        self.load_const(Ty::I32, Reg::of_gpr(result), 0);
        self.emit_comparison(&comparison);
        match comparison.branch {
            Branch::If(cond) => self.asm.setcc(cond, result),
            Branch::Equal => {
                let over = self.asm.jcc_over(Cond::P);
                self.asm.setcc(Cond::E, result);
                self.asm.land(over);
            }
            Branch::NotEqual => {
                self.asm.setcc(Cond::Ne, result);
                let over = self.asm.jcc_over(Cond::Np);
                self.asm.setcc(Cond::P, result);
                self.asm.land(over);
            }
        }
        self.push_gpr(Ty::I32, result);
    }

    /// Takes the operands of the pending comparison, or an i32 that is compared with zero, into registers.
    pub(super) fn pop_comparison(&mut self) -> Comparison {
        match self.pending.take() {
            None => self.compare_with_zero(Size::S32, Cond::Ne),
            Some(Test::Zero(ty, cond)) => self.compare_with_zero(size_of(ty), cond),
            Some(Test::Int(ty, mut cond)) => {
                let mut b = self.pop();
                let mut a = self.pop();
                if matches!(a.at, At::Const(_)) {
                    (a, b) = (b, a);
                    cond = swapped(cond);
                }
                let reg = self.value_reg(a);
                let size = size_of(ty);
                let zero = b.at == At::Const(0);
                let form = match zero && matches!(cond, Cond::E | Cond::Ne | Cond::L | Cond::Ge) {
                    true => Form::Zero(size),
                    false => Form::Int(size),
                };
                // After `test`, there is no overflow.
                let cond = match (form, cond) {
                    (Form::Zero(_), Cond::L) => Cond::S,
                    (Form::Zero(_), Cond::Ge) => Cond::Ns,
                    (_, cond) => cond,
                };
                let b = match b.at {
                    At::Const(_) if b.imm32().is_none() => At::Own(self.value_mut(b)),
                    at => at,
                };
                Comparison {
                    a: reg,
                    b,
                    form,
                    branch: Branch::If(cond),
                }
            }
            Some(Test::Float(ty, operation, negated)) => {
                let b = self.pop();
                let a = self.pop();
                let (a, b) = match operation {
                    FloatCompare::Lt | FloatCompare::Le => (b, a),
                    _ => (a, b),
                };
                let reg = self.value_reg(a);
                let b = match b.at {
                    At::Const(_) => At::Own(self.value_mut(b)),
                    at => at,
                };
                let branch = match (operation, negated) {
                    (FloatCompare::Eq, false) | (FloatCompare::Ne, true) => Branch::Equal,
                    (FloatCompare::Ne, false) | (FloatCompare::Eq, true) => Branch::NotEqual,
                    (FloatCompare::Lt | FloatCompare::Gt, false) => Branch::If(Cond::A),
                    (FloatCompare::Lt | FloatCompare::Gt, true) => Branch::If(Cond::Be),
                    (FloatCompare::Le | FloatCompare::Ge, false) => Branch::If(Cond::Ae),
                    (FloatCompare::Le | FloatCompare::Ge, true) => Branch::If(Cond::B),
                };
                Comparison {
                    a: reg,
                    b,
                    form: Form::Float(float_ty(ty)),
                    branch,
                }
            }
        }
    }

    fn compare_with_zero(&mut self, size: Size, cond: Cond) -> Comparison {
        let value = self.pop();
        let a = self.value_reg(value);
        Comparison {
            a,
            b: At::Const(0),
            form: Form::Zero(size),
            branch: Branch::If(cond),
        }
    }

    /// Emits the comparison, which only sets flags.
    pub(super) fn emit_comparison(&mut self, comparison: &Comparison) {
        let a = comparison.a;
        match comparison.form {
            Form::Zero(size) => self.asm.test(size, a.gpr(), a.gpr()),
            Form::Int(size) => match comparison.b {
                At::Const(bits) => {
                    let imm = bits as i32;
                    self.asm.alu_imm(Alu::Cmp, size, a.gpr(), imm);
                }
                At::Own(b) | At::Shared(b) => self.asm.alu(Alu::Cmp, size, a.gpr(), b.gpr()),
                At::Slot(offset) => {
                    let ty = if size == Size::S32 { Ty::I32 } else { Ty::I64 };
                    let b = self.slot(offset, ty);
                    self.asm.alu(Alu::Cmp, size, a.gpr(), b);
                }
            },
            Form::Float(ty) => {
                let op = match ty {
                    Ty::F32 => Unary::UCOMISS,
                    _ => Unary::UCOMISD,
                };
                match (comparison.b, self.cpu.avx) {
                    (At::Own(b) | At::Shared(b), true) => self.asm.vunary(op, a.xmm(), b.xmm()),
                    (At::Own(b) | At::Shared(b), false) => self.asm.unary(op, a.xmm(), b.xmm()),
                    (At::Slot(offset), true) => {
                        let b = self.slot(offset, ty);
                        self.asm.vunary(op, a.xmm(), b);
                    }
                    (At::Slot(offset), false) => {
                        let b = self.slot(offset, ty);
                        self.asm.unary(op, a.xmm(), b);
                    }
                    (At::Const(_), _) => unreachable!("constants were loaded"),
                }
            }
        }
    }

    /// Moves the comparison's operands out of a register.
    pub(super) fn leave_register(&mut self, comparison: &mut Comparison, reg: Reg) {
        let scratch = match reg.is_xmm() {
            true => Reg::of_xmm(XSCRATCH),
            false => Reg::of_gpr(SCRATCH),
        };
        let whole = if reg.is_xmm() { Ty::V128 } else { Ty::I64 };
        let is_b = matches!(comparison.b, At::Own(b) | At::Shared(b) if b == reg);
        if comparison.a == reg || is_b {
            self.move_reg(whole, scratch, reg);
        }
        if comparison.a == reg {
            comparison.a = scratch;
        }
        if is_b {
            comparison.b = At::Own(scratch);
        }
    }

    pub(super) fn jump_if(&mut self, branch: Branch, label: Label) {
        match branch {
            Branch::If(cond) => self.asm.jcc(cond, label),
            Branch::Equal => {
                let over = self.asm.jcc_over(Cond::P);
                self.asm.jcc(Cond::E, label);
                self.asm.land(over);
            }
            Branch::NotEqual => {
                self.asm.jcc(Cond::Ne, label);
                self.asm.jcc(Cond::P, label);
            }
        }
    }

    pub(super) fn jump_unless(&mut self, branch: Branch, label: Label) {
        self.jump_if(
            match branch {
                Branch::If(cond) => Branch::If(cond.negated()),
                Branch::Equal => Branch::NotEqual,
                Branch::NotEqual => Branch::Equal,
            },
            label,
        );
    }

    pub(super) fn select(&mut self, _ty: Option<ValType>) {
        let comparison = self.pop_comparison();
        let b = self.pop();
        let a = self.pop();
        if a.ty.is_vector() {
            let b = self.value_reg(b);
            let result = self.value_mut(a);
            self.emit_comparison(&comparison);
            let over = self.asm.new_label();
            self.jump_if(comparison.branch, over);
            self.move_reg(a.ty, result, b);
            self.asm.bind(over);
            self.push_reg(a.ty, result);
            return;
        }
        let size = if a.ty == Ty::I32 {
            Size::S32
        } else {
            Size::S64
        };
        let a = self.gpr(a);
        let result = self.gpr_mut(b);
        self.emit_comparison(&comparison);
        match comparison.branch {
            Branch::If(cond) => self.asm.cmovcc(cond, size, result, a),
            Branch::NotEqual => {
                self.asm.cmovcc(Cond::Ne, size, result, a);
                self.asm.cmovcc(Cond::P, size, result, a);
            }
            Branch::Equal => {
                let over = self.asm.new_label();
                self.jump_unless(Branch::Equal, over);
                self.asm.mov(size, result, a);
                self.asm.bind(over);
            }
        }
        // A conditional move of 32 bits clears the upper half in either case.
        if comparison.branch != Branch::Equal {
            self.unknown -= RegSet::gpr(result);
        }
        self.push_gpr(b.ty, result);
    }
}
