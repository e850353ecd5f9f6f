//! Integer constants and arithmetic.
//!
//! Two constants make a constant; one becomes an immediate. An operand that owns its register is overwritten,
//! else the result gets a register of its own: of a sum by `lea`, of a product with a constant by `imul`, of
//! a shift by BMI2 where the processor has it. Division has its operands and results in rax and rdx.
//! Dividing by zero faults, which is the trap; only the quotient that overflows is looked for.

use super::Compiler;
use super::asm::{Alu, Alu1, Bits, Cond, Gpr, Mem, Reg, RegSet, Scale, Shift, ShiftX, Size};
use super::compare::{int_ty, size_of};
use super::machine::SCRATCH;
use super::values::{At, Ty, Value};
use crate::bytecode::operators::{Int, IntBinary, IntDivide, IntShift, IntUnary, Sign};
use engine::Trap;

fn bits_of(ty: Int) -> u32 {
    match ty {
        Int::I32 => 32,
        Int::I64 => 64,
    }
}

/// The bits of a value of a type.
fn truncated(ty: Int, bits: u64) -> u64 {
    match ty {
        Int::I32 => u64::from(bits as u32),
        Int::I64 => bits,
    }
}

impl Compiler<'_> {
    pub(super) fn i32_const(&mut self, value: i32) {
        self.push_const(Ty::I32, u64::from(value as u32));
    }

    pub(super) fn i64_const(&mut self, value: i64) {
        self.push_const(Ty::I64, value as u64);
    }

    /// Pushes a register in which an instruction has put a value of this type, with its upper half zero if it
    /// is an i32.
    pub(super) fn push_int(&mut self, ty: Int, reg: Gpr) {
        self.unknown -= RegSet::gpr(reg);
        self.push_gpr(int_ty(ty), reg);
    }

    pub(super) fn int_binary(&mut self, ty: Int, operation: IntBinary) {
        let mut b = self.pop();
        let mut a = self.pop();
        if let (At::Const(a), At::Const(b)) = (a.at, b.at) {
            let bits = match operation {
                IntBinary::Add => a.wrapping_add(b),
                IntBinary::Sub => a.wrapping_sub(b),
                IntBinary::Mul => a.wrapping_mul(b),
                IntBinary::And => a & b,
                IntBinary::Or => a | b,
                IntBinary::Xor => a ^ b,
            };
            return self.push_const(int_ty(ty), truncated(ty, bits));
        }
        // The first operand is the one that is overwritten, and a constant is the second.
        let commutes = operation != IntBinary::Sub;
        let second_is_better = matches!(a.at, At::Const(_))
            || !matches!(a.at, At::Own(_))
                && (matches!(b.at, At::Own(_)) || matches!(a.at, At::Slot(_)))
                && !matches!(b.at, At::Const(_));
        if commutes && second_is_better {
            (a, b) = (b, a);
        }
        let size = size_of(ty);
        let op = match operation {
            IntBinary::Add => return self.int_add(ty, a, b),
            IntBinary::Mul => return self.int_mul(ty, a, b),
            IntBinary::Sub => match b.imm32() {
                Some(imm) if imm != i32::MIN => {
                    let negated = truncated(ty, (-i64::from(imm)) as u64);
                    return self.int_add(ty, a, Value::constant(b.ty, negated));
                }
                _ => Alu::Sub,
            },
            IntBinary::And => Alu::And,
            IntBinary::Or => Alu::Or,
            IntBinary::Xor => Alu::Xor,
        };
        if b.imm32().is_none() && matches!(b.at, At::Const(_)) {
            b.at = At::Own(self.value_mut(b));
            // The constant's register takes the result, unless the other operand's can.
            if commutes && !matches!(a.at, At::Own(_)) {
                (a, b) = (b, a);
            }
        }
        let result = self.gpr_mut(a);
        match b.at {
            At::Const(bits) => self.asm.alu_imm(op, size, result, bits as i32),
            At::Own(b) | At::Shared(b) => self.asm.alu(op, size, result, b.gpr()),
            At::Slot(offset) => {
                let b = self.slot(offset, b.ty);
                self.asm.alu(op, size, result, b);
            }
        }
        self.push_int(ty, result);
    }

    fn int_add(&mut self, ty: Int, a: Value, b: Value) {
        let size = size_of(ty);
        if matches!(a.at, At::Shared(_)) {
            let base = self.gpr(a);
            let sum = match b.at {
                At::Const(_) => b.imm32().map(|imm| Mem::at(base, imm)),
                At::Own(b) | At::Shared(b) => Some(Mem::indexed(base, b.gpr(), Scale::One, 0)),
                At::Slot(_) => None,
            };
            if let Some(sum) = sum {
                let result = self.alloc_gpr();
                self.asm.lea(size, result, sum);
                return self.push_int(ty, result);
            }
        }
        let result = self.gpr_mut(a);
        match b.at {
            At::Const(bits) => match b.imm32() {
                Some(imm) => self.asm.alu_imm(Alu::Add, size, result, imm),
                None => {
                    self.asm.mov_imm(SCRATCH, bits);
                    self.asm.alu(Alu::Add, size, result, SCRATCH);
                }
            },
            At::Own(b) | At::Shared(b) => self.asm.alu(Alu::Add, size, result, b.gpr()),
            At::Slot(offset) => {
                let b = self.slot(offset, b.ty);
                self.asm.alu(Alu::Add, size, result, b);
            }
        }
        self.push_int(ty, result);
    }

    fn int_mul(&mut self, ty: Int, a: Value, b: Value) {
        let size = size_of(ty);
        match b.at {
            At::Const(bits) if bits.is_power_of_two() => {
                let result = self.gpr_mut(a);
                let count = bits.trailing_zeros() as u8;
                self.asm.shift_imm(Shift::Shl, size, result, count);
                self.push_int(ty, result);
            }
            At::Const(bits) => match b.imm32() {
                Some(imm) => {
                    let from = self.gpr(a);
                    let result = match a.at {
                        At::Shared(_) => self.alloc_gpr(),
                        _ => from,
                    };
                    self.asm.imul_imm(size, result, from, imm);
                    self.push_int(ty, result);
                }
                None => {
                    let result = self.gpr_mut(a);
                    self.asm.mov_imm(SCRATCH, bits);
                    self.asm.imul(size, result, SCRATCH);
                    self.push_int(ty, result);
                }
            },
            At::Own(b) | At::Shared(b) => {
                let result = self.gpr_mut(a);
                self.asm.imul(size, result, b.gpr());
                self.push_int(ty, result);
            }
            At::Slot(offset) => {
                let result = self.gpr_mut(a);
                let b = self.slot(offset, b.ty);
                self.asm.imul(size, result, b);
                self.push_int(ty, result);
            }
        }
    }

    pub(super) fn int_shift(&mut self, ty: Int, operation: IntShift) {
        let size = size_of(ty);
        let count = self.pop();
        if let At::Const(count) = count.at {
            let count = (count as u32 & (bits_of(ty) - 1)) as u8;
            let value = self.pop();
            let rotation = match operation {
                IntShift::Rotl => Some((bits_of(ty) as u8 - count) & (bits_of(ty) - 1) as u8),
                IntShift::Rotr => Some(count),
                _ => None,
            };
            if let (Some(right), true, At::Shared(from)) = (rotation, self.cpu.bmi2, value.at) {
                let result = self.alloc_gpr();
                self.asm.rorx(size, result, from.gpr(), right);
                return self.push_int(ty, result);
            }
            let result = self.gpr_mut(value);
            self.asm.shift_imm(legacy(operation), size, result, count);
            return self.push_int(ty, result);
        }
        let x = match operation {
            IntShift::Shl => Some(ShiftX::Shlx),
            IntShift::ShrS => Some(ShiftX::Sarx),
            IntShift::ShrU => Some(ShiftX::Shrx),
            IntShift::Rotl | IntShift::Rotr => None,
        };
        if let (Some(op), true) = (x, self.cpu.bmi2) {
            let count = self.gpr(count);
            let value = self.pop();
            let from = self.gpr(value);
            let result = match value.at {
                At::Shared(_) => self.alloc_gpr(),
                _ => from,
            };
            self.asm.shift_x(op, size, result, from, count);
            return self.push_int(ty, result);
        }
        // The count has to be in cl. What is shifted must not be there.
        let mut value = self.pop();
        let rcx = Reg::of_gpr(Gpr::RCX);
        if value.reg() == Some(rcx) {
            let other = self.alloc(value.ty);
            self.move_reg(value.ty, other, rcx);
            value.at = At::Own(other);
        }
        if count.reg() != Some(rcx) {
            self.claim(rcx);
            self.load_value(count, rcx);
        }
        self.pinned |= RegSet::of(rcx);
        let result = self.gpr_mut(value);
        self.asm.shift_cl(legacy(operation), size, result);
        self.push_int(ty, result);
    }

    pub(super) fn int_unary(&mut self, ty: Int, operation: IntUnary) {
        let size = size_of(ty);
        let value = self.pop();
        let from = self.gpr(value);
        let result = match value.at {
            At::Shared(_) => self.alloc_gpr(),
            _ => from,
        };
        match operation {
            IntUnary::Extend8S => self.asm.movsx(Size::S8, size, result, from),
            IntUnary::Extend16S => self.asm.movsx(Size::S16, size, result, from),
            IntUnary::Extend32S => self.asm.movsx(Size::S32, Size::S64, result, from),
            IntUnary::Popcnt => self.asm.bits(Bits::Popcnt, size, result, from),
            IntUnary::Clz if self.cpu.lzcnt => self.asm.bits(Bits::Lzcnt, size, result, from),
            IntUnary::Ctz if self.cpu.bmi1 => self.asm.bits(Bits::Tzcnt, size, result, from),
            IntUnary::Clz => {
                // Without a bit, the index of the highest one counts as -1.
                self.asm.mov_imm(SCRATCH, u64::MAX);
                self.asm.bits(Bits::Bsr, size, result, from);
                self.asm.cmovcc(Cond::E, size, result, SCRATCH);
                self.asm.alu1(Alu1::Neg, size, result);
                let last = bits_of(ty) as i32 - 1;
                self.asm.alu_imm(Alu::Add, size, result, last);
            }
            IntUnary::Ctz => {
                self.asm.mov_imm(SCRATCH, u64::from(bits_of(ty)));
                self.asm.bits(Bits::Bsf, size, result, from);
                self.asm.cmovcc(Cond::E, size, result, SCRATCH);
            }
        }
        self.push_int(ty, result);
    }

    pub(super) fn int_divide(&mut self, ty: Int, operation: IntDivide) {
        let size = size_of(ty);
        let divisor = self.pop();
        let dividend = self.pop();
        if self.divide_by_power(ty, operation, dividend, divisor) {
            return;
        }
        let (rax, rdx) = (Reg::of_gpr(Gpr::RAX), Reg::of_gpr(Gpr::RDX));
        let constant = match divisor.at {
            At::Const(bits) => Some(bits),
            _ => None,
        };
        // The divisor must be neither in rax nor in rdx.
        let by = match divisor.reg() {
            Some(reg) if reg != rax && reg != rdx => reg.gpr(),
            _ => {
                self.load_value(divisor, Reg::of_gpr(SCRATCH));
                SCRATCH
            }
        };
        // What moves out of one must not move into the other.
        self.pinned |= RegSet::of(rax) | RegSet::of(rdx);
        self.claim_beside(rdx, dividend);
        self.claim_beside(rax, dividend);
        self.load_dividend(dividend);
        let signed = matches!(operation, IntDivide::DivS | IntDivide::RemS);
        let remainder = matches!(operation, IntDivide::RemS | IntDivide::RemU);
        let minus_one = truncated(ty, u64::MAX);
        let mut done = None;
        if signed && constant.is_none_or(|constant| constant == minus_one) {
            // The lowest number divided by -1 is not representable; its remainder is 0.
            let over = self.asm.new_label();
            self.asm.alu_imm(Alu::Cmp, size, by, -1);
            self.asm.jcc(Cond::Ne, over);
            if remainder {
                self.asm.alu(Alu::Xor, Size::S32, Gpr::RDX, Gpr::RDX);
            } else {
                self.asm.alu1(Alu1::Neg, size, Gpr::RAX);
                self.trap_if(Cond::O, Trap::IntegerOverflow);
            }
            let end = self.asm.new_label();
            self.asm.jmp(end);
            self.asm.bind(over);
            done = Some(end);
        }
        if signed {
            match ty {
                Int::I32 => self.asm.cdq(),
                Int::I64 => self.asm.cqo(),
            }
        } else {
            self.asm.alu(Alu::Xor, Size::S32, Gpr::RDX, Gpr::RDX);
        }
        self.may_trap(Trap::IntegerDivisionByZero);
        let op = if signed { Alu1::Idiv } else { Alu1::Div };
        self.asm.alu1(op, size, by);
        if let Some(done) = done {
            self.asm.bind(done);
        }
        let result = if remainder { Gpr::RDX } else { Gpr::RAX };
        self.push_int(ty, result);
    }

    /// Claims a register unless the value is in it and owns it.
    fn claim_beside(&mut self, reg: Reg, value: Value) {
        if value.at != At::Own(reg) {
            self.claim(reg);
        }
    }

    /// Puts the dividend into rax, which has been claimed. It may be in rdx.
    fn load_dividend(&mut self, dividend: Value) {
        self.load_value(dividend, Reg::of_gpr(Gpr::RAX));
    }

    /// Divides by a constant power of two without a division, if that is one.
    fn divide_by_power(
        &mut self,
        ty: Int,
        operation: IntDivide,
        dividend: Value,
        divisor: Value,
    ) -> bool {
        let At::Const(bits) = divisor.at else {
            return false;
        };
        if !bits.is_power_of_two() {
            return false;
        }
        let size = size_of(ty);
        match operation {
            IntDivide::DivU => {
                let result = self.gpr_mut(dividend);
                let count = bits.trailing_zeros() as u8;
                self.asm.shift_imm(Shift::Shr, size, result, count);
                self.push_int(ty, result);
            }
            IntDivide::RemU => {
                let mask = Value::constant(divisor.ty, bits - 1);
                let Some(imm) = mask.imm32() else {
                    return false;
                };
                let result = self.gpr_mut(dividend);
                self.asm.alu_imm(Alu::And, size, result, imm);
                self.push_int(ty, result);
            }
            IntDivide::DivS | IntDivide::RemS => return false,
        }
        true
    }

    pub(super) fn int_wrap(&mut self) {
        let value = self.pop();
        if let At::Const(bits) = value.at {
            return self.push_const(Ty::I32, u64::from(bits as u32));
        }
        match value.at {
            At::Own(reg) => {
                self.unknown |= RegSet::of(reg);
                self.push_reg(Ty::I32, reg);
            }
            _ => {
                let result = self.alloc_gpr();
                let narrow = Value {
                    ty: Ty::I32,
                    at: value.at,
                };
                self.load_wrapped(narrow, result);
                self.push_int(Int::I32, result);
            }
        }
    }

    /// Loads the lower half of an i64.
    fn load_wrapped(&mut self, value: Value, to: Gpr) {
        match value.at {
            // The lower half is first in the slot of an i64, which is as large as that of an i32.
            At::Slot(offset) => {
                let from = self.slot(offset, Ty::I64);
                self.asm.mov(Size::S32, to, from);
            }
            At::Own(reg) | At::Shared(reg) => self.asm.mov(Size::S32, to, reg.gpr()),
            At::Const(_) => unreachable!("constants are wrapped at once"),
        }
    }

    pub(super) fn int_extend(&mut self, sign: Sign) {
        let value = self.pop();
        if let At::Const(bits) = value.at {
            let bits = match sign {
                Sign::Signed => i64::from(bits as i32) as u64,
                Sign::Unsigned => bits,
            };
            return self.push_const(Ty::I64, bits);
        }
        match (sign, value.at) {
            (Sign::Unsigned, At::Own(_)) => {
                let reg = self.index_reg(value);
                self.push_int(Int::I64, reg);
            }
            (Sign::Unsigned, _) => {
                let result = self.alloc_gpr();
                match value.at {
                    At::Slot(_) => self.load_value(value, Reg::of_gpr(result)),
                    _ => {
                        let from = self.gpr(value);
                        self.asm.mov(Size::S32, result, from);
                    }
                }
                self.push_int(Int::I64, result);
            }
            (Sign::Signed, At::Slot(offset)) => {
                let result = self.alloc_gpr();
                let from = self.slot(offset, Ty::I32);
                self.asm.movsx(Size::S32, Size::S64, result, from);
                self.push_int(Int::I64, result);
            }
            (Sign::Signed, _) => {
                let from = self.gpr(value);
                let result = match value.at {
                    At::Shared(_) => self.alloc_gpr(),
                    _ => from,
                };
                self.asm.movsx(Size::S32, Size::S64, result, from);
                self.push_int(Int::I64, result);
            }
        }
    }
}

fn legacy(operation: IntShift) -> Shift {
    match operation {
        IntShift::Shl => Shift::Shl,
        IntShift::ShrS => Shift::Sar,
        IntShift::ShrU => Shift::Shr,
        IntShift::Rotl => Shift::Rol,
        IntShift::Rotr => Shift::Ror,
    }
}
