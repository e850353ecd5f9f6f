//! How an instruction is put together.
//!
//! ```text
//! [66 | F2 | F3]  [REX]  [0F | 0F 38 | 0F 3A]  opcode  ModRM  [SIB]  [disp8 | disp32]  [immediate]
//! C5 xx | C4 xx xx                             opcode  ModRM  [SIB]  [disp8 | disp32]  [immediate]
//! ```
//!
//! An instruction with a register operand has at most eight bytes, because an immediate of four bytes only
//! follows opcodes of one byte: it is one word and one store. With a memory operand it is two words, before
//! and from ModRM on, and a third for the immediate. Whether REX is there is a shift of the first word, not a
//! branch, since registers are not known in advance to the predictor; the same holds for the displacement.
//!
//! Invariant: the REX prefix is absent where it is not needed, the VEX prefix has two bytes where these
//! suffice.

use super::code::Asm;
use super::regs::{Gpr, Mem, Size, Xmm};

/// An opcode with its mandatory prefix and its map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opcode {
    /// The bytes after REX, first one lowest.
    bytes: u32,
    len: u8,
    /// 0, 0x66, 0xF3 or 0xF2.
    prefix: u8,
    /// What VEX has in place of the map's bytes.
    map: u8,
    byte: u8,
    /// Whether the instruction itself, and not the size of its operands, sets W.
    wide: bool,
}

/// The maps of opcodes, with their numbers in a VEX prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Map {
    /// Opcodes of one byte, which have no VEX form.
    Primary = 0,
    M0F = 1,
    M0F38 = 2,
    M0F3A = 3,
}

impl Opcode {
    pub const fn new(prefix: u8, map: Map, byte: u8) -> Opcode {
        let (bytes, len) = match map {
            Map::Primary => (byte as u32, 1),
            Map::M0F => (0x0F | (byte as u32) << 8, 2),
            Map::M0F38 => (0x380F | (byte as u32) << 16, 3),
            Map::M0F3A => (0x3A0F | (byte as u32) << 16, 3),
        };
        Opcode {
            bytes,
            len,
            prefix,
            map: map as u8,
            byte,
            wide: false,
        }
    }

    /// The same opcode with W.
    pub const fn w1(self) -> Opcode {
        Opcode { wide: true, ..self }
    }

    pub const fn is_wide(self) -> bool {
        self.wide
    }
}

/// An opcode of one byte for operands of a size. Bit 0 of such an opcode is clear for bytes, and 66 selects
/// 16 bits.
#[inline(always)]
pub(super) const fn sized(byte: u8, size: Size) -> Opcode {
    let prefix = if matches!(size, Size::S16) { 0x66 } else { 0 };
    let wide = !matches!(size, Size::S8) as u8;
    Opcode::new(prefix, Map::Primary, byte | wide)
}

/// The immediate that ends an instruction: its value and its number of bytes.
#[derive(Clone, Copy)]
pub(super) struct Imm(pub u32, pub usize);

impl Imm {
    pub const NONE: Imm = Imm(0, 0);

    #[inline(always)]
    pub fn byte(value: u8) -> Imm {
        Imm(value as u32, 1)
    }
}

/// Whether a value is the sign extension of its lowest byte.
#[inline(always)]
pub(super) fn is_byte(value: i32) -> bool {
    value == value as i8 as i32
}

/// W of an instruction that exists for 32 and 64 bits only.
#[inline(always)]
pub(super) fn is_64(size: Size) -> bool {
    debug_assert!(matches!(size, Size::S32 | Size::S64), "no such form");
    matches!(size, Size::S64)
}

/// The operand that ModRM's `rm` field describes: a register or memory.
pub trait Rm: Copy {
    const IS_MEMORY: bool;
    /// Bits X and B of a REX prefix.
    fn extension(self) -> u32;
    /// ModRM and what belongs to it, with `reg` in its other field, and how many bytes these are.
    fn operand(self, reg: u32) -> (u64, usize);
    /// Whether it is a register whose lowest byte only REX can name.
    fn is_byte_of_rex(self) -> bool;
}

/// An operand of general-purpose instructions.
pub trait GprOrMem: Rm {}
/// An operand of vector instructions.
pub trait XmmOrMem: Rm {}

impl GprOrMem for Gpr {}
impl GprOrMem for Mem {}
impl XmmOrMem for Xmm {}
impl XmmOrMem for Mem {}

#[inline(always)]
fn register_operand(number: u8, reg: u32) -> (u64, usize) {
    (u64::from(0xC0 | reg << 3 | u32::from(number) & 7), 1)
}

impl Rm for Gpr {
    const IS_MEMORY: bool = false;
    #[inline(always)]
    fn extension(self) -> u32 {
        u32::from(self.number()) >> 3
    }
    #[inline(always)]
    fn operand(self, reg: u32) -> (u64, usize) {
        register_operand(self.number(), reg)
    }
    #[inline(always)]
    fn is_byte_of_rex(self) -> bool {
        matches!(self.number(), 4..=7)
    }
}

impl Rm for Xmm {
    const IS_MEMORY: bool = false;
    #[inline(always)]
    fn extension(self) -> u32 {
        u32::from(self.number()) >> 3
    }
    #[inline(always)]
    fn operand(self, reg: u32) -> (u64, usize) {
        register_operand(self.number(), reg)
    }
    #[inline(always)]
    fn is_byte_of_rex(self) -> bool {
        false
    }
}

impl Rm for Mem {
    const IS_MEMORY: bool = true;
    #[inline(always)]
    fn extension(self) -> u32 {
        u32::from(Mem::extension(self))
    }
    #[inline(always)]
    fn operand(self, reg: u32) -> (u64, usize) {
        let (sib, disp) = (u64::from(self.sib()), self.disp());
        let base = sib & 7;
        // Without a displacement, rbp and r13 as base mean something else.
        let is_there = u64::from((disp != 0) | (base == 5));
        let mode = if is_byte(disp) { is_there } else { 2 };
        // Modes 0, 1 and 2 have 0, 1 and 4 bytes of displacement.
        let disp_len = (mode * mode) as usize;
        let disp = u64::from(disp as u32);
        let (low, behind) = if self.has_sib() {
            (4, sib | disp << 8)
        } else {
            (base, disp)
        };
        let modrm = mode << 6 | u64::from(reg) << 3 | low;
        let len = 1 + usize::from(self.has_sib()) + disp_len;
        (modrm | behind << 8, len)
    }
    #[inline(always)]
    fn is_byte_of_rex(self) -> bool {
        false
    }
}

/// Memory relative to the next instruction, at a distance that is filled in later: the last four bytes.
#[derive(Clone, Copy)]
pub(super) struct NextPlus;

impl Rm for NextPlus {
    const IS_MEMORY: bool = true;
    #[inline(always)]
    fn extension(self) -> u32 {
        0
    }
    #[inline(always)]
    fn operand(self, reg: u32) -> (u64, usize) {
        (u64::from(reg) << 3 | 5, 5)
    }
    #[inline(always)]
    fn is_byte_of_rex(self) -> bool {
        false
    }
}
impl XmmOrMem for NextPlus {}
impl GprOrMem for NextPlus {}

/// What a legacy instruction's REX prefix depends on besides its operands.
#[derive(Clone, Copy)]
pub(super) struct Rex {
    pub wide: bool,
    /// It is there even if it says nothing, to name spl, bpl, sil or dil.
    pub forced: bool,
}

impl Rex {
    pub const NARROW: Rex = Rex {
        wide: false,
        forced: false,
    };

    #[inline(always)]
    pub fn of(size: Size) -> Rex {
        Rex {
            wide: matches!(size, Size::S64),
            forced: false,
        }
    }

    /// For an instruction that exists for 32 and 64 bits only.
    #[inline(always)]
    pub fn of_wide(size: Size) -> Rex {
        Rex {
            wide: is_64(size),
            forced: false,
        }
    }

    /// For an instruction with a register of this size besides `rm`, which has it too.
    #[inline(always)]
    pub fn of_both<R: Rm>(size: Size, reg: Gpr, rm: R) -> Rex {
        let bytes = matches!(size, Size::S8);
        Rex {
            wide: matches!(size, Size::S64),
            forced: bytes && (reg.is_byte_of_rex() || rm.is_byte_of_rex()),
        }
    }

    /// For an instruction whose only operand of this size is `rm`.
    #[inline(always)]
    pub fn of_rm<R: Rm>(size: Size, rm: R) -> Rex {
        Rex {
            wide: matches!(size, Size::S64),
            forced: matches!(size, Size::S8) && rm.is_byte_of_rex(),
        }
    }
}

impl Asm {
    /// An instruction without VEX. `reg` is the number of the register in ModRM's `reg` field, or the digit
    /// that is part of the opcode.
    #[inline(always)]
    pub(super) fn legacy<R: Rm>(&mut self, opcode: Opcode, rex: Rex, reg: u8, rm: R, imm: Imm) {
        let reg = u32::from(reg);
        let prefix = 0x40 | u32::from(rex.wide) << 3 | (reg >> 3) << 2 | rm.extension();
        let has_rex = (prefix != 0x40) | rex.forced;
        let drop = 8 * u32::from(!has_rex);
        let len = opcode.len as usize;
        let head = u64::from(prefix) | u64::from(opcode.bytes) << 8;
        let (tail, tail_len) = rm.operand(reg & 7);
        let (before, before_len) = match opcode.prefix {
            0 => (0, 0),
            prefix => (u64::from(prefix), 1),
        };
        let head_len = before_len + usize::from(has_rex) + len;
        if R::IS_MEMORY {
            let head = before | (head >> drop) << (8 * before_len);
            self.memory_form(head, head_len, tail, tail_len, imm);
        } else {
            let word = head | (tail | u64::from(imm.0) << 8) << (8 + 8 * len);
            let word = before | (word >> drop) << (8 * before_len);
            self.word(word, head_len + 1 + imm.1);
        }
    }

    /// An instruction with VEX, of 128 bits. `source` is the register that only VEX can name, or 0 if the
    /// instruction has none.
    #[inline(always)]
    pub(super) fn vex<R: Rm>(
        &mut self,
        opcode: Opcode,
        wide: bool,
        reg: u8,
        source: u8,
        rm: R,
        imm: Imm,
    ) {
        let (reg, extension) = (u32::from(reg), rm.extension());
        let pp = match opcode.prefix {
            0x66 => 1,
            0xF3 => 2,
            0xF2 => 3,
            _ => 0,
        };
        let last = u64::from((!u32::from(source) & 15) << 3 | pp);
        let no_r = u64::from(!reg >> 3 & 1) << 7;
        let (head, head_len) = if extension == 0 && opcode.map == Map::M0F as u8 && !wide {
            (0xC5 | (no_r | last) << 8 | u64::from(opcode.byte) << 16, 3)
        } else {
            let no_xb = u64::from(!extension & 3) << 5;
            let first = no_r | no_xb | u64::from(opcode.map);
            let last = u64::from(wide) << 7 | last;
            (
                0xC4 | first << 8 | last << 16 | u64::from(opcode.byte) << 24,
                4,
            )
        };
        let (tail, tail_len) = rm.operand(reg & 7);
        if R::IS_MEMORY {
            self.memory_form(head, head_len, tail, tail_len, imm);
        } else {
            let word = head | (tail | u64::from(imm.0) << 8) << (8 * head_len);
            self.word(word, head_len + 1 + imm.1);
        }
    }

    #[inline(always)]
    fn memory_form(&mut self, head: u64, head_len: usize, tail: u64, tail_len: usize, imm: Imm) {
        let window = self.window();
        window[..8].copy_from_slice(&head.to_le_bytes());
        window[head_len..head_len + 8].copy_from_slice(&tail.to_le_bytes());
        let len = head_len + tail_len;
        if imm.1 != 0 {
            window[len..len + 4].copy_from_slice(&imm.0.to_le_bytes());
        }
        self.advance(len + imm.1);
    }
}
