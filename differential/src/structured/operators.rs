//! The operators that only move values between the stack, registers and memory, by their shapes.
//!
//! They are given as opcodes, because those of one shape have opcodes in a row. What each family of the
//! compilers does with an operator depends on its operands, so bodies choose the operands, not this table.

use wasm_encoder::ValType;
use wasm_encoder::ValType::{F32, F64, I32, I64};

/// The operators of one number type that take and return only that type, and its comparisons.
pub(super) struct Numeric {
    pub(super) unary: &'static [u8],
    pub(super) binary: &'static [u8],
    /// Shifts and rotations: their second operand is most often a constant.
    pub(super) shifts: &'static [u8],
    /// Those that trap for a second operand of zero.
    pub(super) divisions: &'static [u8],
    /// They return an i32.
    pub(super) compares: (u8, u8),
}

const INT32: Numeric = Numeric {
    unary: &[0x67, 0x68, 0x69, 0xC0, 0xC1, 0x45],
    binary: &[0x6A, 0x6B, 0x6C, 0x71, 0x72, 0x73],
    shifts: &[0x74, 0x75, 0x76, 0x77, 0x78],
    divisions: &[0x6D, 0x6E, 0x6F, 0x70],
    compares: (0x46, 0x4F),
};
const INT64: Numeric = Numeric {
    unary: &[0x79, 0x7A, 0x7B, 0xC2, 0xC3, 0xC4],
    binary: &[0x7C, 0x7D, 0x7E, 0x83, 0x84, 0x85],
    shifts: &[0x86, 0x87, 0x88, 0x89, 0x8A],
    divisions: &[0x7F, 0x80, 0x81, 0x82],
    compares: (0x51, 0x5A),
};
const FLOAT32: Numeric = Numeric {
    unary: &[0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x91],
    binary: &[0x92, 0x93, 0x94, 0x95, 0x96, 0x97],
    shifts: &[],
    divisions: &[],
    compares: (0x5B, 0x60),
};
const FLOAT64: Numeric = Numeric {
    unary: &[0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F],
    binary: &[0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5],
    shifts: &[],
    divisions: &[],
    compares: (0x61, 0x66),
};

/// The operators of a number type.
pub(super) fn numeric(ty: ValType) -> &'static Numeric {
    match ty {
        I32 => &INT32,
        I64 => &INT64,
        F32 => &FLOAT32,
        F64 => &FLOAT64,
        other => unreachable!("{other:?} is no number type"),
    }
}

/// `copysign`, which shows the sign of a NaN that is its second operand.
pub(super) fn copysign(ty: ValType) -> u8 {
    if ty == F32 { 0x98 } else { 0xA6 }
}

/// An operator from one number type to another.
pub(super) struct Conversion {
    pub(super) from: ValType,
    pub(super) to: ValType,
    pub(super) code: &'static [u8],
    /// Whether it traps for floats that are no integer of the type.
    pub(super) traps: bool,
    /// Whether the bits of a NaN can be seen in the result.
    pub(super) shows_bits: bool,
}

const fn plain(from: ValType, to: ValType, code: &'static [u8]) -> Conversion {
    Conversion {
        from,
        to,
        code,
        traps: false,
        shows_bits: false,
    }
}

const fn trapping(from: ValType, to: ValType, code: &'static [u8]) -> Conversion {
    Conversion {
        traps: true,
        ..plain(from, to, code)
    }
}

const fn bits(from: ValType, to: ValType, code: &'static [u8]) -> Conversion {
    Conversion {
        shows_bits: true,
        ..plain(from, to, code)
    }
}

pub(super) const CONVERSIONS: &[Conversion] = &[
    plain(I64, I32, &[0xA7]),
    trapping(F32, I32, &[0xA8]),
    trapping(F32, I32, &[0xA9]),
    trapping(F64, I32, &[0xAA]),
    trapping(F64, I32, &[0xAB]),
    plain(I32, I64, &[0xAC]),
    plain(I32, I64, &[0xAD]),
    trapping(F32, I64, &[0xAE]),
    trapping(F32, I64, &[0xAF]),
    trapping(F64, I64, &[0xB0]),
    trapping(F64, I64, &[0xB1]),
    plain(I32, F32, &[0xB2]),
    plain(I32, F32, &[0xB3]),
    plain(I64, F32, &[0xB4]),
    plain(I64, F32, &[0xB5]),
    plain(F64, F32, &[0xB6]),
    plain(I32, F64, &[0xB7]),
    plain(I32, F64, &[0xB8]),
    plain(I64, F64, &[0xB9]),
    plain(I64, F64, &[0xBA]),
    plain(F32, F64, &[0xBB]),
    bits(F32, I32, &[0xBC]),
    bits(F64, I64, &[0xBD]),
    plain(I32, F32, &[0xBE]),
    plain(I64, F64, &[0xBF]),
    plain(F32, I32, &[0xFC, 0]),
    plain(F32, I32, &[0xFC, 1]),
    plain(F64, I32, &[0xFC, 2]),
    plain(F64, I32, &[0xFC, 3]),
    plain(F32, I64, &[0xFC, 4]),
    plain(F32, I64, &[0xFC, 5]),
    plain(F64, I64, &[0xFC, 6]),
    plain(F64, I64, &[0xFC, 7]),
];

/// Loads and stores: type, opcode, and the width in bytes as a power of two.
pub(super) type Access = (ValType, u8, u32);

pub(super) const LOADS: &[Access] = &[
    (I32, 0x28, 2),
    (I64, 0x29, 3),
    (F32, 0x2A, 2),
    (F64, 0x2B, 3),
    (I32, 0x2C, 0),
    (I32, 0x2D, 0),
    (I32, 0x2E, 1),
    (I32, 0x2F, 1),
    (I64, 0x30, 0),
    (I64, 0x31, 0),
    (I64, 0x32, 1),
    (I64, 0x33, 1),
    (I64, 0x34, 2),
    (I64, 0x35, 2),
];

pub(super) const STORES: &[Access] = &[
    (I32, 0x36, 2),
    (I64, 0x37, 3),
    (F32, 0x38, 2),
    (F64, 0x39, 3),
    (I32, 0x3A, 0),
    (I32, 0x3B, 1),
    (I64, 0x3C, 0),
    (I64, 0x3D, 1),
    (I64, 0x3E, 2),
];

/// The shape of a vector operator, which has the prefix 0xFD.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Vector {
    Unary,
    Binary,
    /// A vector and an i32.
    Shift,
    /// Computes floats of 32 bits, which may be NaNs.
    Unary32,
    Binary32,
    /// Computes floats of 64 bits, which may be NaNs.
    Unary64,
    Binary64,
    /// A vector to an i32.
    Test,
    /// A memory operand, and how wide it is as a power of two.
    Load(u32),
    /// An operand in memory for one lane: width, and so the number of lanes.
    LoadLane(u32),
    StoreLane(u32),
    Store,
    /// A number to a vector.
    Splat(ValType),
    /// A lane to a number; how many lanes there are.
    Extract(ValType, u8),
    /// A vector and a number.
    Replace(ValType, u8),
    Bitselect,
    Shuffle,
}

/// Ranges of opcodes, both ends included, with the shape of all in the range.
pub(super) const VECTORS: &[(u32, u32, Vector)] = &[
    (0x00, 0x00, Vector::Load(4)),
    (0x01, 0x06, Vector::Load(3)),
    (0x07, 0x07, Vector::Load(0)),
    (0x08, 0x08, Vector::Load(1)),
    (0x09, 0x09, Vector::Load(2)),
    (0x0A, 0x0A, Vector::Load(3)),
    (0x0B, 0x0B, Vector::Store),
    (0x0D, 0x0D, Vector::Shuffle),
    (0x0E, 0x0E, Vector::Binary),
    (0x0F, 0x11, Vector::Splat(I32)),
    (0x12, 0x12, Vector::Splat(I64)),
    (0x13, 0x13, Vector::Splat(F32)),
    (0x14, 0x14, Vector::Splat(F64)),
    (0x15, 0x16, Vector::Extract(I32, 16)),
    (0x17, 0x17, Vector::Replace(I32, 16)),
    (0x18, 0x19, Vector::Extract(I32, 8)),
    (0x1A, 0x1A, Vector::Replace(I32, 8)),
    (0x1B, 0x1B, Vector::Extract(I32, 4)),
    (0x1C, 0x1C, Vector::Replace(I32, 4)),
    (0x1D, 0x1D, Vector::Extract(I64, 2)),
    (0x1E, 0x1E, Vector::Replace(I64, 2)),
    (0x1F, 0x1F, Vector::Extract(F32, 4)),
    (0x20, 0x20, Vector::Replace(F32, 4)),
    (0x21, 0x21, Vector::Extract(F64, 2)),
    (0x22, 0x22, Vector::Replace(F64, 2)),
    (0x23, 0x4C, Vector::Binary),
    (0x4D, 0x4D, Vector::Unary),
    (0x4E, 0x51, Vector::Binary),
    (0x52, 0x52, Vector::Bitselect),
    (0x53, 0x53, Vector::Test),
    (0x54, 0x54, Vector::LoadLane(0)),
    (0x55, 0x55, Vector::LoadLane(1)),
    (0x56, 0x56, Vector::LoadLane(2)),
    (0x57, 0x57, Vector::LoadLane(3)),
    (0x58, 0x58, Vector::StoreLane(0)),
    (0x59, 0x59, Vector::StoreLane(1)),
    (0x5A, 0x5A, Vector::StoreLane(2)),
    (0x5B, 0x5B, Vector::StoreLane(3)),
    (0x5C, 0x5C, Vector::Load(2)),
    (0x5D, 0x5D, Vector::Load(3)),
    (0x5E, 0x5E, Vector::Unary32),
    (0x5F, 0x5F, Vector::Unary64),
    (0x60, 0x62, Vector::Unary),
    (0x63, 0x64, Vector::Test),
    (0x65, 0x66, Vector::Binary),
    (0x67, 0x6A, Vector::Unary32),
    (0x6B, 0x6D, Vector::Shift),
    (0x6E, 0x73, Vector::Binary),
    (0x74, 0x75, Vector::Unary64),
    (0x76, 0x79, Vector::Binary),
    (0x7A, 0x7A, Vector::Unary64),
    (0x7B, 0x7B, Vector::Binary),
    (0x7C, 0x81, Vector::Unary),
    (0x82, 0x82, Vector::Binary),
    (0x83, 0x84, Vector::Test),
    (0x85, 0x86, Vector::Binary),
    (0x87, 0x8A, Vector::Unary),
    (0x8B, 0x8D, Vector::Shift),
    (0x8E, 0x93, Vector::Binary),
    (0x94, 0x94, Vector::Unary64),
    (0x95, 0x99, Vector::Binary),
    (0x9B, 0x9F, Vector::Binary),
    (0xA0, 0xA1, Vector::Unary),
    (0xA3, 0xA4, Vector::Test),
    (0xA7, 0xAA, Vector::Unary),
    (0xAB, 0xAD, Vector::Shift),
    (0xAE, 0xAE, Vector::Binary),
    (0xB1, 0xB1, Vector::Binary),
    (0xB5, 0xBA, Vector::Binary),
    (0xBC, 0xBF, Vector::Binary),
    (0xC0, 0xC1, Vector::Unary),
    (0xC3, 0xC4, Vector::Test),
    (0xC7, 0xCA, Vector::Unary),
    (0xCB, 0xCD, Vector::Shift),
    (0xCE, 0xCE, Vector::Binary),
    (0xD1, 0xD1, Vector::Binary),
    (0xD5, 0xDF, Vector::Binary),
    (0xE0, 0xE1, Vector::Unary),
    (0xE3, 0xE3, Vector::Unary32),
    (0xE4, 0xE9, Vector::Binary32),
    (0xEA, 0xEB, Vector::Binary),
    (0xEC, 0xED, Vector::Unary),
    (0xEF, 0xEF, Vector::Unary64),
    (0xF0, 0xF5, Vector::Binary64),
    (0xF6, 0xF7, Vector::Binary),
    (0xF8, 0xFF, Vector::Unary),
];
