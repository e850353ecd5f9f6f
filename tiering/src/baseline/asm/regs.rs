//! What instructions are made of: registers, sets of them, sizes, conditions and memory operands.
//!
//! All are small values without references. Numbers of registers are those of the processor, so that an
//! encoder uses them as they are.

use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, Sub, SubAssign};

/// A general-purpose register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gpr(u8);

impl Gpr {
    pub const RAX: Gpr = Gpr(0);
    pub const RCX: Gpr = Gpr(1);
    pub const RDX: Gpr = Gpr(2);
    pub const RBX: Gpr = Gpr(3);
    pub const RSP: Gpr = Gpr(4);
    pub const RBP: Gpr = Gpr(5);
    pub const RSI: Gpr = Gpr(6);
    pub const RDI: Gpr = Gpr(7);
    pub const R8: Gpr = Gpr(8);
    pub const R9: Gpr = Gpr(9);
    pub const R10: Gpr = Gpr(10);
    pub const R11: Gpr = Gpr(11);
    pub const R12: Gpr = Gpr(12);
    pub const R13: Gpr = Gpr(13);
    pub const R14: Gpr = Gpr(14);
    pub const R15: Gpr = Gpr(15);

    /// The register of a number below 16.
    pub const fn new(number: u8) -> Gpr {
        assert!(number < 16, "there are 16 general-purpose registers");
        Gpr(number)
    }

    pub const fn number(self) -> u8 {
        self.0
    }
}

/// A vector register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Xmm(u8);

impl Xmm {
    pub const XMM0: Xmm = Xmm(0);
    pub const XMM1: Xmm = Xmm(1);
    pub const XMM2: Xmm = Xmm(2);
    pub const XMM3: Xmm = Xmm(3);
    pub const XMM4: Xmm = Xmm(4);
    pub const XMM5: Xmm = Xmm(5);
    pub const XMM6: Xmm = Xmm(6);
    pub const XMM7: Xmm = Xmm(7);
    pub const XMM8: Xmm = Xmm(8);
    pub const XMM9: Xmm = Xmm(9);
    pub const XMM10: Xmm = Xmm(10);
    pub const XMM11: Xmm = Xmm(11);
    pub const XMM12: Xmm = Xmm(12);
    pub const XMM13: Xmm = Xmm(13);
    pub const XMM14: Xmm = Xmm(14);
    pub const XMM15: Xmm = Xmm(15);

    /// The register of a number below 16.
    pub const fn new(number: u8) -> Xmm {
        assert!(number < 16, "there are 16 vector registers without AVX-512");
        Xmm(number)
    }

    pub const fn number(self) -> u8 {
        self.0
    }
}

/// A register of either kind, with its number in a [`RegSet`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reg(u8);

impl Reg {
    pub const fn of_gpr(reg: Gpr) -> Reg {
        Reg(reg.0)
    }

    pub const fn of_xmm(reg: Xmm) -> Reg {
        Reg(16 + reg.0)
    }

    pub const fn is_xmm(self) -> bool {
        self.0 >= 16
    }

    pub const fn gpr(self) -> Gpr {
        debug_assert!(!self.is_xmm());
        Gpr(self.0 & 15)
    }

    pub const fn xmm(self) -> Xmm {
        debug_assert!(self.is_xmm());
        Xmm(self.0 & 15)
    }

    /// The number: vector registers follow general-purpose ones.
    pub const fn index(self) -> usize {
        (self.0 & 31) as usize
    }
}

/// A set of registers of both kinds: general-purpose registers in the lower half, vector registers in the
/// upper, so that what holds for all registers of a function is one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RegSet(u32);

impl RegSet {
    pub const EMPTY: RegSet = RegSet(0);
    pub const ALL_GPR: RegSet = RegSet(0xFFFF);
    pub const ALL_XMM: RegSet = RegSet(0xFFFF_0000);

    pub const fn gpr(reg: Gpr) -> RegSet {
        RegSet(1 << reg.0)
    }

    pub const fn xmm(reg: Xmm) -> RegSet {
        RegSet(1 << (16 + reg.0))
    }

    /// The registers of either set; `|` in constants.
    pub const fn with(self, other: RegSet) -> RegSet {
        RegSet(self.0 | other.0)
    }

    pub const fn has(self, reg: RegSet) -> bool {
        self.0 & reg.0 == reg.0
    }

    /// The registers of this set that are not in the other; `-` in constants.
    pub const fn minus(self, other: RegSet) -> RegSet {
        RegSet(self.0 & !other.0)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub const fn of(reg: Reg) -> RegSet {
        RegSet(1 << reg.0)
    }

    /// The register with the lowest number.
    pub const fn first(self) -> Option<Reg> {
        match self.0 {
            0 => None,
            set => Some(Reg(set.trailing_zeros() as u8)),
        }
    }

    /// The registers with a higher number than this one.
    pub const fn above(self, reg: Reg) -> RegSet {
        RegSet(self.0 & (u32::MAX - 1) << reg.0)
    }

    /// The registers, lowest first.
    pub fn regs(mut self) -> impl Iterator<Item = Reg> {
        std::iter::from_fn(move || {
            let reg = self.first()?;
            self.0 &= self.0 - 1;
            Some(reg)
        })
    }

    /// The general-purpose register with the lowest number.
    pub const fn first_gpr(self) -> Option<Gpr> {
        match self.0 as u16 {
            0 => None,
            low => Some(Gpr(low.trailing_zeros() as u8)),
        }
    }

    /// The general-purpose registers, lowest first.
    pub fn gprs(mut self) -> impl Iterator<Item = Gpr> {
        std::iter::from_fn(move || {
            let reg = self.first_gpr()?;
            self -= RegSet::gpr(reg);
            Some(reg)
        })
    }
}

impl BitOrAssign for RegSet {
    fn bitor_assign(&mut self, other: RegSet) {
        self.0 |= other.0;
    }
}

impl BitAndAssign for RegSet {
    fn bitand_assign(&mut self, other: RegSet) {
        self.0 &= other.0;
    }
}

impl SubAssign for RegSet {
    fn sub_assign(&mut self, other: RegSet) {
        self.0 &= !other.0;
    }
}

impl BitOr for RegSet {
    type Output = RegSet;
    fn bitor(self, other: RegSet) -> RegSet {
        self.with(other)
    }
}

impl BitAnd for RegSet {
    type Output = RegSet;
    fn bitand(self, other: RegSet) -> RegSet {
        RegSet(self.0 & other.0)
    }
}

impl Sub for RegSet {
    type Output = RegSet;
    fn sub(self, other: RegSet) -> RegSet {
        RegSet(self.0 & !other.0)
    }
}

/// The size of an operand, in bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    S8,
    S16,
    S32,
    S64,
}

/// A condition on the flags, with its number in opcodes. The lowest bit negates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Cond {
    /// Overflow.
    O = 0,
    No = 1,
    /// Below, unsigned: a carry.
    B = 2,
    Ae = 3,
    /// Equal: zero.
    E = 4,
    Ne = 5,
    Be = 6,
    A = 7,
    /// Sign.
    S = 8,
    Ns = 9,
    /// Parity: after a comparison of floats, unordered.
    P = 10,
    Np = 11,
    /// Less, signed.
    L = 12,
    Ge = 13,
    Le = 14,
    G = 15,
}

impl Cond {
    pub const ALL: [Cond; 16] = [
        Cond::O,
        Cond::No,
        Cond::B,
        Cond::Ae,
        Cond::E,
        Cond::Ne,
        Cond::Be,
        Cond::A,
        Cond::S,
        Cond::Ns,
        Cond::P,
        Cond::Np,
        Cond::L,
        Cond::Ge,
        Cond::Le,
        Cond::G,
    ];

    /// The condition that holds exactly if this one does not.
    pub const fn negated(self) -> Cond {
        Cond::ALL[(self as usize) ^ 1]
    }
}

/// By how much an index register is multiplied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Scale {
    One = 0,
    Two = 1,
    Four = 2,
    Eight = 3,
}

/// An operand in memory: `[base + index * scale + disp]`, the index being optional.
///
/// It is kept as it will be encoded, so that what is known where it is made, such as the absence of an index,
/// costs nothing where it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mem {
    disp: i32,
    /// Scale, index and base, as a SIB byte has them; an index of rsp means none.
    sib: u8,
    /// Bits X and B of REX: the highest bits of index and base.
    extension: u8,
    /// Whether the SIB byte is needed: for an index, and for rsp and r12 as base.
    has_sib: bool,
}

impl Mem {
    /// `[base + disp]`
    #[inline]
    pub const fn at(base: Gpr, disp: i32) -> Mem {
        Mem {
            disp,
            sib: Gpr::RSP.0 << 3 | base.0 & 7,
            extension: base.0 >> 3,
            has_sib: base.0 & 7 == Gpr::RSP.0,
        }
    }

    /// What is added to the registers.
    pub const fn displacement(self) -> i32 {
        self.disp
    }

    /// `[base + index * scale + disp]`; the index is not rsp.
    #[inline]
    pub const fn indexed(base: Gpr, index: Gpr, scale: Scale, disp: i32) -> Mem {
        debug_assert!(index.0 != Gpr::RSP.0, "rsp cannot be an index");
        Mem {
            disp,
            sib: (scale as u8) << 6 | (index.0 & 7) << 3 | base.0 & 7,
            extension: index.0 >> 3 << 1 | base.0 >> 3,
            has_sib: true,
        }
    }

    #[inline]
    pub const fn disp(self) -> i32 {
        self.disp
    }

    #[inline]
    pub(super) const fn sib(self) -> u8 {
        self.sib
    }

    #[inline]
    pub(super) const fn has_sib(self) -> bool {
        self.has_sib
    }

    #[inline]
    pub(super) const fn extension(self) -> u8 {
        self.extension
    }

    /// The operand `by` bytes further on.
    #[inline]
    pub const fn plus(self, by: i32) -> Mem {
        Mem {
            disp: self.disp + by,
            ..self
        }
    }
}
