//! Values that engines can be compared by, and the deterministic source of arguments.
//!
//! References are compared only by what both engines report: whether it is null, and for a host value which
//! one it is. Floats are compared as bits.

use std::fmt;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the specification")]
pub enum Kind {
    I32,
    I64,
    F32,
    F64,
    V128,
    FuncRef,
    ExternRef,
}

/// A value as it is seen from outside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// 32-bit integer.
    I32(u32),
    /// 64-bit integer.
    I64(u64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// A vector, lane 0 in the low bits.
    V128(u128),
    /// A function reference: null or not.
    Func {
        /// Whether it is null.
        null: bool,
    },
    /// A host value by its number, or null.
    Extern(Option<u32>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::I32(v) => write!(f, "i32 {v:#x}"),
            Value::I64(v) => write!(f, "i64 {v:#x}"),
            Value::F32(bits) => write!(f, "f32 {bits:#x} ({:?})", f32::from_bits(*bits)),
            Value::F64(bits) => write!(f, "f64 {bits:#x} ({:?})", f64::from_bits(*bits)),
            Value::V128(v) => write!(f, "v128 {v:#034x}"),
            Value::Func { null: true } | Value::Extern(None) => f.write_str("null"),
            Value::Func { null: false } => f.write_str("a function"),
            Value::Extern(Some(number)) => write!(f, "host value {number}"),
        }
    }
}

/// Integers at which code is often wrong.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFFFF,
    0x1_0000,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    0x1_0000_0000,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    0xFFFF_FFFF_FFFF_FFFE,
    0xFFFF_FFFF_FFFF_FFFF,
    0x0123_4567_89AB_CDEF,
];

/// Floats at which code is often wrong. Both widths have all of them.
const FLOATS: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.5,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    2147483647.0,
    -2147483649.0,
    4294967296.0,
    9223372036854775808.0,
    1e-42,
    1e300,
];

/// A fixed sequence of numbers (splitmix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Sequence(u64);

impl Sequence {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Sequence {
        Sequence(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// `len` bytes.
    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(len + 8);
        while bytes.len() < len {
            bytes.extend_from_slice(&self.number().to_le_bytes());
        }
        bytes.truncate(len);
        bytes
    }

    fn word(&mut self) -> u64 {
        let number = self.number();
        let any = self.number();
        match number % 4 {
            0 => EDGES[(number >> 8) as usize % EDGES.len()],
            // Small numbers are indices and addresses that exist.
            1 => any % 64,
            2 => any % (1 << 17),
            _ => any,
        }
    }

    fn float(&mut self) -> f64 {
        let number = self.number();
        match number % 3 {
            0 => f64::from((number >> 32) as i32) / 16.0,
            _ => FLOATS[(number >> 8) as usize % FLOATS.len()],
        }
    }

    /// The next value of this type.
    pub fn value(&mut self, kind: Kind) -> Value {
        match kind {
            Kind::I32 => Value::I32(self.word() as u32),
            Kind::I64 => Value::I64(self.word()),
            Kind::F32 => Value::F32((self.float() as f32).to_bits()),
            Kind::F64 => Value::F64(self.float().to_bits()),
            Kind::V128 => Value::V128(u128::from(self.word()) << 64 | u128::from(self.word())),
            Kind::FuncRef => Value::Func { null: true },
            Kind::ExternRef => {
                let number = self.number() as u32 % 8;
                Value::Extern(number.checked_sub(1))
            }
        }
    }

    /// Values of these types.
    pub fn values(&mut self, kinds: &[Kind]) -> Vec<Value> {
        kinds.iter().map(|kind| self.value(*kind)).collect()
    }
}

/// A number for a slice of bytes (FNV-1a, 64 bits).
pub fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3)
    })
}
