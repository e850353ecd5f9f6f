//! Instructions on general-purpose registers.
//!
//! Families of instructions that differ in an opcode or a digit are enumerations, each with what its encoding
//! needs. A size is a parameter: where it is a constant, as mostly, all that depends on it is folded.
//!
//! A destination in memory is `..._store`; otherwise a generic operand may be memory. Operations on 8 and 16
//! bits leave the rest of a register as it was, so loads of these sizes are `movzx` and `movsx`.

use super::code::{Asm, Label};
use super::form::{GprOrMem, Imm, Map, NextPlus, Opcode, Rex, is_64, is_byte, sized};
use super::regs::{Cond, Gpr, Mem, Size};

/// Arithmetic on two operands, with the number in opcodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Alu {
    Add = 0,
    Or = 1,
    Adc = 2,
    Sbb = 3,
    And = 4,
    Sub = 5,
    Xor = 6,
    /// Changes only the flags.
    Cmp = 7,
}

/// Arithmetic on one operand: the last four take rax, and rdx above it, as the other operand and result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Alu1 {
    Not = 2,
    Neg = 3,
    Mul = 4,
    /// The signed product of 128 bits.
    Imul = 5,
    Div = 6,
    Idiv = 7,
}

/// Shifts and rotations, with the digit in opcodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Shift {
    Rol = 0,
    Ror = 1,
    Shl = 4,
    Shr = 5,
    Sar = 7,
}

/// Shifts of BMI2, by a count in any register, which leave the flags alone. The value is the prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ShiftX {
    Shlx = 0x66,
    Sarx = 0xF3,
    Shrx = 0xF2,
}

/// Counting bits: the prefix and the opcode in the map 0F.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Bits {
    /// The lowest set bit; the result is undefined without one.
    Bsf = 0x00BC,
    /// The highest set bit, likewise.
    Bsr = 0x00BD,
    Popcnt = 0xF3B8,
    Tzcnt = 0xF3BC,
    Lzcnt = 0xF3BD,
}

/// The immediate of an operation of this size where it is not the sign extension of a byte.
#[inline(always)]
fn full_immediate(size: Size, imm: i32) -> Imm {
    match size {
        Size::S8 => Imm(imm as u32, 1),
        Size::S16 => Imm(imm as u32, 2),
        Size::S32 | Size::S64 => Imm(imm as u32, 4),
    }
}

/// An opcode in the map 0F for operands of 16 bits or more.
#[inline(always)]
fn opcode_0f(byte: u8, size: Size) -> Opcode {
    debug_assert!(!matches!(size, Size::S8), "no such form");
    let prefix = if matches!(size, Size::S16) { 0x66 } else { 0 };
    Opcode::new(prefix, Map::M0F, byte)
}

impl Asm {
    /// `dst op= src`
    #[inline]
    pub fn alu<S: GprOrMem>(&mut self, op: Alu, size: Size, dst: Gpr, src: S) {
        let opcode = sized((op as u8) << 3 | 2, size);
        let rex = Rex::of_both(size, dst, src);
        self.legacy(opcode, rex, dst.number(), src, Imm::NONE);
    }

    /// `[dst] op= src`
    #[inline]
    pub fn alu_store(&mut self, op: Alu, size: Size, dst: Mem, src: Gpr) {
        let rex = Rex::of_both(size, src, dst);
        self.legacy(
            sized((op as u8) << 3, size),
            rex,
            src.number(),
            dst,
            Imm::NONE,
        );
    }

    /// `dst op= imm`, the immediate being extended by its sign. With memory and `Sub`, this spends a budget.
    #[inline]
    pub fn alu_imm<D: GprOrMem>(&mut self, op: Alu, size: Size, dst: D, imm: i32) {
        let rex = Rex::of_rm(size, dst);
        if is_byte(imm) && !matches!(size, Size::S8) {
            let imm = Imm::byte(imm as u8);
            self.legacy(sized(0x83, size), rex, op as u8, dst, imm);
        } else {
            let imm = full_immediate(size, imm);
            self.legacy(sized(0x80, size), rex, op as u8, dst, imm);
        }
    }

    /// The flags of `a & b`.
    #[inline]
    pub fn test<A: GprOrMem>(&mut self, size: Size, a: A, b: Gpr) {
        let rex = Rex::of_both(size, b, a);
        self.legacy(sized(0x84, size), rex, b.number(), a, Imm::NONE);
    }

    /// The flags of `a & imm`.
    #[inline]
    pub fn test_imm<A: GprOrMem>(&mut self, size: Size, a: A, imm: i32) {
        let imm = full_immediate(size, imm);
        self.legacy(sized(0xF6, size), Rex::of_rm(size, a), 0, a, imm);
    }

    /// `dst = src`; with 32 bits, the upper half becomes 0.
    #[inline]
    pub fn mov<S: GprOrMem>(&mut self, size: Size, dst: Gpr, src: S) {
        let rex = Rex::of_both(size, dst, src);
        self.legacy(sized(0x8A, size), rex, dst.number(), src, Imm::NONE);
    }

    /// `[dst] = src`
    #[inline]
    pub fn mov_store(&mut self, size: Size, dst: Mem, src: Gpr) {
        let rex = Rex::of_both(size, src, dst);
        self.legacy(sized(0x88, size), rex, src.number(), dst, Imm::NONE);
    }

    /// `dst = value` in 5, 7 or 10 bytes, without changing the flags; `alu` with `Xor` makes 0 in fewer.
    #[inline]
    pub fn mov_imm(&mut self, dst: Gpr, value: u64) {
        let (low, high) = (u64::from(dst.number() & 7), u64::from(dst.number() >> 3));
        if value <= u64::from(u32::MAX) {
            let word = 0xB8 | low | value << 8;
            let rex = word << 8 | 0x41;
            self.word(if high == 0 { word } else { rex }, 5 + high as usize);
        } else if value as i64 == i64::from(value as i32) {
            let opcode = Opcode::new(0, Map::Primary, 0xC7);
            self.legacy(opcode, Rex::of(Size::S64), 0, dst, Imm(value as u32, 4));
        } else {
            let window = self.window();
            let head = (0x48 | high | (0xB8 | low) << 8) as u16;
            window[..2].copy_from_slice(&head.to_le_bytes());
            window[2..10].copy_from_slice(&value.to_le_bytes());
            self.advance(10);
        }
    }

    /// `[dst] = imm`, extended by its sign to 64 bits.
    #[inline]
    pub fn mov_store_imm(&mut self, size: Size, dst: Mem, imm: i32) {
        let imm = full_immediate(size, imm);
        self.legacy(sized(0xC6, size), Rex::of(size), 0, dst, imm);
    }

    /// `dst = src`, of 8 or 16 bits, extended by zeros to all 64.
    #[inline]
    pub fn movzx<S: GprOrMem>(&mut self, from: Size, dst: Gpr, src: S) {
        debug_assert!(matches!(from, Size::S8 | Size::S16), "mov extends 32 bits");
        let byte = 0xB6 | u8::from(from == Size::S16);
        let opcode = Opcode::new(0, Map::M0F, byte);
        let rex = Rex {
            wide: false,
            ..Rex::of_rm(from, src)
        };
        self.legacy(opcode, rex, dst.number(), src, Imm::NONE);
    }

    /// `dst = src`, of size `from`, extended by its sign to 32 or 64 bits. From 32 bits, this is `movsxd`.
    #[inline]
    pub fn movsx<S: GprOrMem>(&mut self, from: Size, to: Size, dst: Gpr, src: S) {
        debug_assert!(matches!(to, Size::S32 | Size::S64) && from != to);
        let opcode = match from {
            Size::S8 => Opcode::new(0, Map::M0F, 0xBE),
            Size::S16 => Opcode::new(0, Map::M0F, 0xBF),
            Size::S32 | Size::S64 => Opcode::new(0, Map::Primary, 0x63),
        };
        let rex = Rex {
            wide: matches!(to, Size::S64),
            ..Rex::of_rm(from, src)
        };
        self.legacy(opcode, rex, dst.number(), src, Imm::NONE);
    }

    /// `dst` = the address of `src`, of which 32 bits may be taken.
    #[inline]
    pub fn lea(&mut self, size: Size, dst: Gpr, src: Mem) {
        let opcode = Opcode::new(0, Map::Primary, 0x8D);
        self.legacy(opcode, Rex::of_wide(size), dst.number(), src, Imm::NONE);
    }

    /// `dst` = the address of a label, such as that of a jump table.
    pub fn lea_label(&mut self, dst: Gpr, label: Label) {
        let opcode = Opcode::new(0, Map::Primary, 0x8D);
        let (rex, reg) = (Rex::of(Size::S64), dst.number());
        self.legacy(opcode, rex, reg, NextPlus, Imm::NONE);
        self.refer_before(label);
    }

    /// `dst *= src`, for 16 bits or more, as all forms of imul here.
    #[inline]
    pub fn imul<S: GprOrMem>(&mut self, size: Size, dst: Gpr, src: S) {
        let opcode = opcode_0f(0xAF, size);
        self.legacy(opcode, Rex::of(size), dst.number(), src, Imm::NONE);
    }

    /// `dst = src * imm`
    #[inline]
    pub fn imul_imm<S: GprOrMem>(&mut self, size: Size, dst: Gpr, src: S, imm: i32) {
        debug_assert!(!matches!(size, Size::S8), "no such form");
        let (rex, reg) = (Rex::of(size), dst.number());
        if is_byte(imm) {
            self.legacy(sized(0x6B, size), rex, reg, src, Imm::byte(imm as u8));
        } else {
            let imm = full_immediate(size, imm);
            self.legacy(sized(0x69, size), rex, reg, src, imm);
        }
    }

    #[inline]
    pub fn alu1<R: GprOrMem>(&mut self, op: Alu1, size: Size, rm: R) {
        let rex = Rex::of_rm(size, rm);
        self.legacy(sized(0xF6, size), rex, op as u8, rm, Imm::NONE);
    }

    /// `rm += 1`. The carry stays as it is.
    #[inline]
    pub fn inc<R: GprOrMem>(&mut self, size: Size, rm: R) {
        let rex = Rex::of_rm(size, rm);
        self.legacy(sized(0xFE, size), rex, 0, rm, Imm::NONE);
    }

    /// `rm -= 1`. The carry stays as it is.
    #[inline]
    pub fn dec<R: GprOrMem>(&mut self, size: Size, rm: R) {
        let rex = Rex::of_rm(size, rm);
        self.legacy(sized(0xFE, size), rex, 1, rm, Imm::NONE);
    }

    /// edx = the sign of eax, before `Idiv`.
    #[inline]
    pub fn cdq(&mut self) {
        self.word(0x99, 1);
    }

    /// rdx = the sign of rax, before `Idiv`.
    #[inline]
    pub fn cqo(&mut self) {
        self.word(0x9948, 2);
    }

    /// A shift by a constant, which is taken modulo the size.
    #[inline]
    pub fn shift_imm<R: GprOrMem>(&mut self, op: Shift, size: Size, rm: R, count: u8) {
        let rex = Rex::of_rm(size, rm);
        if count == 1 {
            self.legacy(sized(0xD0, size), rex, op as u8, rm, Imm::NONE);
        } else {
            self.legacy(sized(0xC0, size), rex, op as u8, rm, Imm::byte(count));
        }
    }

    /// A shift by cl, modulo the size.
    #[inline]
    pub fn shift_cl<R: GprOrMem>(&mut self, op: Shift, size: Size, rm: R) {
        let rex = Rex::of_rm(size, rm);
        self.legacy(sized(0xD2, size), rex, op as u8, rm, Imm::NONE);
    }

    /// `dst` = `src` shifted by `count`, of 32 or 64 bits. Needs BMI2.
    #[inline]
    pub fn shift_x<S: GprOrMem>(&mut self, op: ShiftX, size: Size, dst: Gpr, src: S, count: Gpr) {
        let opcode = Opcode::new(op as u8, Map::M0F38, 0xF7);
        let (reg, wide) = (dst.number(), is_64(size));
        self.vex(opcode, wide, reg, count.number(), src, Imm::NONE);
    }

    /// `dst` = `src` rotated to the right, of 32 or 64 bits. Needs BMI2.
    #[inline]
    pub fn rorx<S: GprOrMem>(&mut self, size: Size, dst: Gpr, src: S, count: u8) {
        let opcode = Opcode::new(0xF2, Map::M0F3A, 0xF0);
        let (reg, wide) = (dst.number(), is_64(size));
        self.vex(opcode, wide, reg, 0, src, Imm::byte(count));
    }

    /// `dst` = what is counted in `src`, of 32 or 64 bits.
    #[inline]
    pub fn bits<S: GprOrMem>(&mut self, op: Bits, size: Size, dst: Gpr, src: S) {
        let opcode = Opcode::new((op as u16 >> 8) as u8, Map::M0F, op as u8);
        self.legacy(opcode, Rex::of_wide(size), dst.number(), src, Imm::NONE);
    }

    /// The byte `dst` = 1 if the condition holds, else 0. The rest of a register stays as it is.
    #[inline]
    pub fn setcc<D: GprOrMem>(&mut self, cond: Cond, dst: D) {
        let opcode = Opcode::new(0, Map::M0F, 0x90 | cond as u8);
        self.legacy(opcode, Rex::of_rm(Size::S8, dst), 0, dst, Imm::NONE);
    }

    /// `dst = src` if the condition holds. Memory is read in either case, and with 32 bits the upper half of
    /// `dst` becomes 0.
    #[inline]
    pub fn cmovcc<S: GprOrMem>(&mut self, cond: Cond, size: Size, dst: Gpr, src: S) {
        let opcode = opcode_0f(0x40 | cond as u8, size);
        self.legacy(opcode, Rex::of(size), dst.number(), src, Imm::NONE);
    }

    /// Exchanges the operands. With memory, this is atomic and slow.
    #[inline]
    pub fn xchg<A: GprOrMem>(&mut self, size: Size, a: A, b: Gpr) {
        let rex = Rex::of_both(size, b, a);
        self.legacy(sized(0x86, size), rex, b.number(), a, Imm::NONE);
    }

    /// Stores rax rcx times, from rdi upwards.
    #[inline]
    pub fn rep_stosq(&mut self) {
        self.word(0xAB_48F3, 3);
    }

    #[inline]
    pub fn push(&mut self, reg: Gpr) {
        self.short_form(0x50, reg);
    }

    #[inline]
    pub fn pop(&mut self, reg: Gpr) {
        self.short_form(0x58, reg);
    }

    pub fn push_mem(&mut self, mem: Mem) {
        let opcode = Opcode::new(0, Map::Primary, 0xFF);
        self.legacy(opcode, Rex::NARROW, 6, mem, Imm::NONE);
    }

    pub fn pop_mem(&mut self, mem: Mem) {
        let opcode = Opcode::new(0, Map::Primary, 0x8F);
        self.legacy(opcode, Rex::NARROW, 0, mem, Imm::NONE);
    }

    /// Pushes a constant, extended by its sign to 64 bits.
    pub fn push_imm(&mut self, imm: i32) {
        let bits = u64::from(imm as u32) << 8;
        if is_byte(imm) {
            self.word(0x6A | bits, 2);
        } else {
            self.word(0x68 | bits, 5);
        }
    }

    /// An opcode of one byte whose lowest bits are a register.
    #[inline(always)]
    fn short_form(&mut self, opcode: u64, reg: Gpr) {
        let (low, high) = (u64::from(reg.number() & 7), reg.number() >> 3);
        let word = opcode | low;
        let with_rex = word << 8 | 0x41;
        self.word(if high == 0 { word } else { with_rex }, 1 + high as usize);
    }
}
