//! Vectors of 128 bits: constants, memory, lanes and bits. The arithmetic is in `arithmetic`, comparisons in
//! `compare`, conversions in `convert`.
//!
//! What to emit is written once, for three operands: with AVX that is an instruction, without, a move and an
//! instruction (`xop` and its like). Registers of 16 bytes are read from memory only where it is aligned, as
//! the constants behind the code are.

mod arithmetic;
mod compare;
mod convert;

use super::Compiler;
use super::asm::{
    Binary, BinaryImm, Cond, Extract, FromGpr, Gpr, Insert, Load, Mask, Merge, Reg, Size, Store,
    ToGpr, Unary, UnaryImm, Xmm,
};
use super::machine::{self, XSCRATCH};
use super::values::{At, Ty, Value};
use crate::bytecode::decode::{Memarg, Next};
use crate::bytecode::operators::{Shape, Sign};
use engine::Trap;

/// Immediate of a shuffle of four lanes that moves the upper half down.
const UPPER_HALF: u8 = 0b11_10_11_10;

/// A vector of equal bytes.
pub(super) fn bytes(byte: u8) -> [u8; 16] {
    [byte; 16]
}

/// A vector of equal lanes of 16, 32 or 64 bits.
pub(super) fn words(word: u16) -> [u8; 16] {
    doublewords(u32::from(word) << 16 | u32::from(word))
}

pub(super) fn doublewords(word: u32) -> [u8; 16] {
    quadwords(u64::from(word) << 32 | u64::from(word))
}

pub(super) fn quadwords(word: u64) -> [u8; 16] {
    (u128::from(word) << 64 | u128::from(word)).to_le_bytes()
}

// Instructions with and without AVX.
impl Compiler<'_> {
    pub(super) fn xunary(&mut self, op: Unary, dst: Xmm, src: Xmm) {
        if self.cpu.avx {
            self.asm.vunary(op, dst, src);
        } else {
            self.asm.unary(op, dst, src);
        }
    }

    fn xunary_imm(&mut self, op: UnaryImm, dst: Xmm, src: Xmm, imm: u8) {
        if self.cpu.avx {
            self.asm.vunary_imm(op, dst, src, imm);
        } else {
            self.asm.unary_imm(op, dst, src, imm);
        }
    }

    /// `dst = a op b`; `dst` is not `b` unless it is also `a`.
    fn xop_imm(&mut self, op: BinaryImm, dst: Xmm, a: Xmm, b: Xmm, imm: u8) {
        if self.cpu.avx {
            return self.asm.vbinary_imm(op, dst, a, b, imm);
        }
        self.copy(dst, a);
        self.asm.binary_imm(op, dst, b, imm);
    }

    fn merge(&mut self, op: Merge, dst: Xmm, a: Xmm, b: Xmm) {
        if self.cpu.avx {
            return self.asm.vmerge(op, dst, a, b);
        }
        self.copy(dst, a);
        self.asm.merge(op, dst, b);
    }

    /// `dst = src`, if they are not the same.
    fn copy(&mut self, dst: Xmm, src: Xmm) {
        if dst != src {
            self.xunary(Unary::MOVAPS, dst, src);
        }
    }

    fn zero(&mut self, dst: Xmm) {
        machine::zero_vector(&mut self.asm, self.cpu.avx, dst);
    }

    fn ones(&mut self, dst: Xmm) {
        if self.cpu.avx {
            self.asm.vbinary(Binary::PCMPEQD, dst, dst, dst);
        } else {
            self.asm.binary(Binary::PCMPEQD, dst, dst);
        }
    }

    fn load_constant(&mut self, dst: Xmm, constant: [u8; 16]) {
        let label = self.constant(constant);
        if self.cpu.avx {
            self.asm.vunary_label(Unary::MOVAPS, dst, label);
        } else {
            self.asm.unary_label(Unary::MOVAPS, dst, label);
        }
    }

    fn move_from_gpr(&mut self, op: FromGpr, dst: Xmm, src: Gpr) {
        if self.cpu.avx {
            self.asm.vmove_from_gpr(op, dst, src);
        } else {
            self.asm.move_from_gpr(op, dst, src);
        }
    }

    fn mask_of(&mut self, op: Mask, dst: Gpr, src: Xmm) {
        if self.cpu.avx {
            self.asm.vmask(op, dst, src);
        } else {
            self.asm.mask(op, dst, src);
        }
    }

    /// Pops two vectors, and returns a register for the result as well: that of the first if it may be
    /// overwritten, never that of the second.
    fn pop_two(&mut self) -> (Xmm, Xmm, Xmm) {
        let b = self.pop_xmm();
        let (result, a) = self.pop_one();
        (result, a, b)
    }

    /// Pops a vector, and returns a register for the result as well.
    fn pop_one(&mut self) -> (Xmm, Xmm) {
        let value = self.pop();
        let a = self.xmm(value);
        match value.at {
            At::Shared(_) => (self.alloc_xmm(), a),
            _ => (a, a),
        }
    }

    fn push_vector(&mut self, reg: Xmm) {
        self.push_xmm(Ty::V128, reg);
    }
}

// Memory.
impl Compiler<'_> {
    pub(super) fn vector_load(&mut self, at: Memarg) {
        self.load_by(at, 16, Unary::MOVUPS);
    }

    /// Loads by an instruction that reads `size` bytes.
    fn load_by(&mut self, at: Memarg, size: u32, op: Unary) {
        let address = self.address(at, size);
        let result = self.alloc_xmm();
        self.may_trap(Trap::MemoryOutOfBounds);
        if self.cpu.avx {
            self.asm.vunary(op, result, address.mem);
        } else {
            self.asm.unary(op, result, address.mem);
        }
        self.push_vector(result);
    }

    pub(super) fn vector_store(&mut self, at: Memarg) {
        let value = self.pop_xmm();
        let address = self.address(at, 16);
        self.may_trap(Trap::MemoryOutOfBounds);
        let reg = Reg::of_xmm(value);
        self.store_reg(Ty::V128, address.mem, reg);
    }

    pub(super) fn vector_load_extend(&mut self, bytes: u8, sign: Sign, at: Memarg) {
        let op = match (bytes, sign) {
            (1, Sign::Signed) => Unary::PMOVSXBW,
            (1, Sign::Unsigned) => Unary::PMOVZXBW,
            (2, Sign::Signed) => Unary::PMOVSXWD,
            (2, Sign::Unsigned) => Unary::PMOVZXWD,
            (_, Sign::Signed) => Unary::PMOVSXDQ,
            (_, Sign::Unsigned) => Unary::PMOVZXDQ,
        };
        self.load_by(at, 8, op);
    }

    pub(super) fn vector_load_splat(&mut self, bytes: u8, at: Memarg) {
        match bytes {
            1 | 2 => {
                let address = self.address(at, u32::from(bytes));
                let lane = self.alloc_gpr();
                self.may_trap(Trap::MemoryOutOfBounds);
                let size = if bytes == 1 { Size::S8 } else { Size::S16 };
                self.asm.movzx(size, lane, address.mem);
                let shape = if bytes == 1 {
                    Shape::I8x16
                } else {
                    Shape::I16x8
                };
                self.splat_gpr(shape, lane);
            }
            4 => {
                self.vector_load_zero(4, at);
                let reg = self.pop_xmm_mut();
                self.xunary_imm(UnaryImm::PSHUFD, reg, reg, 0);
                self.push_vector(reg);
            }
            _ => self.load_by(at, 8, Unary::MOVDDUP),
        }
    }

    pub(super) fn vector_load_zero(&mut self, bytes: u8, at: Memarg) {
        let address = self.address(at, u32::from(bytes));
        let result = self.alloc_xmm();
        let op = if bytes == 4 { Load::MOVSS } else { Load::MOVSD };
        self.may_trap(Trap::MemoryOutOfBounds);
        if self.cpu.avx {
            self.asm.vload(op, result, address.mem);
        } else {
            self.asm.load(op, result, address.mem);
        }
        self.push_vector(result);
    }

    pub(super) fn vector_load_lane(&mut self, bytes: u8, at: Memarg, lane: u8) {
        let result = self.pop_xmm_mut();
        let address = self.address(at, u32::from(bytes));
        self.may_trap(Trap::MemoryOutOfBounds);
        let op = insert_of(bytes);
        if self.cpu.avx {
            self.asm.vinsert(op, result, result, address.mem, lane);
        } else {
            self.asm.insert(op, result, address.mem, lane);
        }
        self.push_vector(result);
    }

    pub(super) fn vector_store_lane(&mut self, bytes: u8, at: Memarg, lane: u8) {
        let value = self.pop_xmm();
        let address = self.address(at, u32::from(bytes));
        self.may_trap(Trap::MemoryOutOfBounds);
        if lane == 0 && bytes >= 4 {
            let op = if bytes == 4 {
                Store::MOVSS
            } else {
                Store::MOVSD
            };
            return match self.cpu.avx {
                true => self.asm.vstore(op, address.mem, value),
                false => self.asm.store(op, address.mem, value),
            };
        }
        let op = extract_of(bytes);
        if self.cpu.avx {
            self.asm.vextract(op, address.mem, value, lane);
        } else {
            self.asm.extract(op, address.mem, value, lane);
        }
    }
}

fn insert_of(bytes: u8) -> Insert {
    match bytes {
        1 => Insert::PINSRB,
        2 => Insert::PINSRW,
        4 => Insert::PINSRD,
        _ => Insert::PINSRQ,
    }
}

fn extract_of(bytes: u8) -> Extract {
    match bytes {
        1 => Extract::PEXTRB,
        2 => Extract::PEXTRW,
        4 => Extract::PEXTRD,
        _ => Extract::PEXTRQ,
    }
}

// Constants, lanes, bits.
impl Compiler<'_> {
    pub(super) fn vector_const(&mut self, value: [u8; 16]) {
        if value == [0; 16] {
            return self.push_const(Ty::V128, 0);
        }
        let result = self.alloc_xmm();
        self.load_constant(result, value);
        self.push_vector(result);
    }

    pub(super) fn splat(&mut self, shape: Shape) {
        match shape {
            Shape::F32x4 => {
                let (result, lane) = self.pop_one();
                self.xunary_imm(UnaryImm::PSHUFD, result, lane, 0);
                self.push_vector(result);
            }
            Shape::F64x2 => {
                let (result, lane) = self.pop_one();
                self.xunary(Unary::MOVDDUP, result, lane);
                self.push_vector(result);
            }
            _ => {
                let lane = self.pop_gpr();
                self.splat_gpr(shape, lane);
            }
        }
    }

    fn splat_gpr(&mut self, shape: Shape, lane: Gpr) {
        let result = self.alloc_xmm();
        let op = match shape {
            Shape::I64x2 => FromGpr::MOVQ,
            _ => FromGpr::MOVD,
        };
        self.move_from_gpr(op, result, lane);
        match shape {
            Shape::I8x16 => {
                self.zero(XSCRATCH);
                self.xop(Binary::PSHUFB, result, result, XSCRATCH);
            }
            Shape::I16x8 => {
                self.xunary_imm(UnaryImm::PSHUFLW, result, result, 0);
                self.xunary_imm(UnaryImm::PSHUFD, result, result, 0);
            }
            Shape::I32x4 | Shape::F32x4 => {
                self.xunary_imm(UnaryImm::PSHUFD, result, result, 0);
            }
            Shape::I64x2 | Shape::F64x2 => {
                self.xop(Binary::PUNPCKLQDQ, result, result, result);
            }
        }
        self.push_vector(result);
    }

    pub(super) fn extract_lane(&mut self, shape: Shape, sign: Sign, lane: u8) {
        let (bytes, ty) = match shape {
            Shape::I8x16 => (1, Ty::I32),
            Shape::I16x8 => (2, Ty::I32),
            Shape::I32x4 => (4, Ty::I32),
            Shape::I64x2 => (8, Ty::I64),
            Shape::F32x4 | Shape::F64x2 => return self.extract_float(shape, lane),
        };
        let vector = self.pop_xmm();
        let result = self.alloc_gpr();
        if lane == 0 && bytes >= 4 {
            let op = if bytes == 4 { ToGpr::MOVD } else { ToGpr::MOVQ };
            match self.cpu.avx {
                true => self.asm.vmove_to_gpr(op, result, vector),
                false => self.asm.move_to_gpr(op, result, vector),
            }
        } else {
            let op = extract_of(bytes);
            match self.cpu.avx {
                true => self.asm.vextract(op, result, vector, lane),
                false => self.asm.extract(op, result, vector, lane),
            }
        }
        match (bytes, sign) {
            (1, Sign::Signed) => self.asm.movsx(Size::S8, Size::S32, result, result),
            (2, Sign::Signed) => self.asm.movsx(Size::S16, Size::S32, result, result),
            _ => {}
        }
        self.push_gpr(ty, result);
    }

    /// A float may have anything above its own bits, so the first lane is the vector itself.
    fn extract_float(&mut self, shape: Shape, lane: u8) {
        let (result, vector) = self.pop_one();
        match (shape, lane) {
            (_, 0) => self.copy(result, vector),
            (Shape::F32x4, _) => self.xunary_imm(UnaryImm::PSHUFD, result, vector, lane),
            (_, _) => self.xunary_imm(UnaryImm::PSHUFD, result, vector, UPPER_HALF),
        }
        let ty = if shape == Shape::F32x4 {
            Ty::F32
        } else {
            Ty::F64
        };
        self.push_xmm(ty, result);
    }

    pub(super) fn replace_lane(&mut self, shape: Shape, lane: u8) {
        let value = self.pop();
        match shape {
            Shape::F32x4 => {
                let value = self.xmm(value);
                let (result, vector) = self.pop_one();
                self.xop_imm(BinaryImm::INSERTPS, result, vector, value, lane << 4);
                self.push_vector(result);
            }
            Shape::F64x2 => {
                let value = self.xmm(value);
                let (result, vector) = self.pop_one();
                let op = if lane == 0 {
                    Merge::MOVSD
                } else {
                    Merge::MOVLHPS
                };
                self.merge(op, result, vector, value);
                self.push_vector(result);
            }
            _ => self.replace_int(shape, lane, value),
        }
    }

    fn replace_int(&mut self, shape: Shape, lane: u8, value: Value) {
        let value = self.gpr(value);
        let (result, vector) = self.pop_one();
        let op = insert_of(match shape {
            Shape::I8x16 => 1,
            Shape::I16x8 => 2,
            Shape::I32x4 | Shape::F32x4 => 4,
            Shape::I64x2 | Shape::F64x2 => 8,
        });
        if self.cpu.avx {
            self.asm.vinsert(op, result, vector, value, lane);
        } else {
            self.copy(result, vector);
            self.asm.insert(op, result, value, lane);
        }
        self.push_vector(result);
    }

    pub(super) fn any_true(&mut self, _next: Next) {
        let vector = self.pop_xmm();
        self.push_test(vector, Cond::Ne);
    }

    pub(super) fn all_true(&mut self, shape: Shape, _next: Next) {
        let vector = self.pop_xmm();
        self.zero(XSCRATCH);
        self.xop(equal(shape), XSCRATCH, XSCRATCH, vector);
        // All lanes are true if none is equal to zero.
        self.push_test(XSCRATCH, Cond::E);
    }

    /// Pushes whether a vector is zero (`E`), or is not.
    fn push_test(&mut self, vector: Xmm, cond: Cond) {
        let result = self.alloc_gpr();
        self.load_const(Ty::I32, Reg::of_gpr(result), 0);
        self.xunary(Unary::PTEST, vector, vector);
        self.asm.setcc(cond, result);
        self.push_gpr(Ty::I32, result);
    }

    pub(super) fn bitmask(&mut self, shape: Shape) {
        let vector = self.pop_xmm();
        let result = self.alloc_gpr();
        match shape {
            Shape::I8x16 => self.mask_of(Mask::PMOVMSKB, result, vector),
            Shape::I16x8 => {
                self.xop(Binary::PACKSSWB, XSCRATCH, vector, vector);
                self.mask_of(Mask::PMOVMSKB, result, XSCRATCH);
                self.asm.movzx(Size::S8, result, result);
            }
            Shape::I32x4 | Shape::F32x4 => self.mask_of(Mask::MOVMSKPS, result, vector),
            Shape::I64x2 | Shape::F64x2 => self.mask_of(Mask::MOVMSKPD, result, vector),
        }
        self.push_gpr(Ty::I32, result);
    }

    pub(super) fn shuffle(&mut self, lanes: [u8; 16]) {
        /// Selects no byte.
        const NONE: u8 = 0x80;
        let (result, a, b) = self.pop_two();
        let of_a = lanes.map(|lane| if lane < 16 { lane } else { NONE });
        let of_b = lanes.map(|lane| if lane < 16 { NONE } else { lane - 16 });
        if a == b {
            let both = lanes.map(|lane| lane % 16);
            self.xop_constant(Binary::PSHUFB, result, a, both);
        } else if of_b == [NONE; 16] {
            self.xop_constant(Binary::PSHUFB, result, a, of_a);
        } else if of_a == [NONE; 16] {
            self.xop_constant(Binary::PSHUFB, result, b, of_b);
        } else {
            self.xop_constant(Binary::PSHUFB, XSCRATCH, b, of_b);
            self.xop_constant(Binary::PSHUFB, result, a, of_a);
            self.xop(Binary::POR, result, result, XSCRATCH);
        }
        self.push_vector(result);
    }

    pub(super) fn swizzle(&mut self) {
        let (result, a, indices) = self.pop_two();
        // An index beyond 15 gets its highest bit set, which selects zero.
        self.xop_constant(Binary::PADDUSB, XSCRATCH, indices, bytes(0x70));
        self.xop(Binary::PSHUFB, result, a, XSCRATCH);
        self.push_vector(result);
    }

    pub(super) fn bitselect(&mut self) {
        let mask = self.pop_xmm();
        let (result, b) = self.pop_one();
        let a = self.pop_xmm();
        // b ^ ((a ^ b) & mask)
        self.xop(Binary::PXOR, XSCRATCH, a, b);
        self.xop(Binary::PAND, XSCRATCH, XSCRATCH, mask);
        self.xop(Binary::PXOR, result, b, XSCRATCH);
        self.push_vector(result);
    }
}

/// The comparison of lanes for equality.
fn equal(shape: Shape) -> Binary {
    match shape {
        Shape::I8x16 => Binary::PCMPEQB,
        Shape::I16x8 => Binary::PCMPEQW,
        Shape::I32x4 | Shape::F32x4 => Binary::PCMPEQD,
        Shape::I64x2 | Shape::F64x2 => Binary::PCMPEQQ,
    }
}
