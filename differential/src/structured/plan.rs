//! What a body must know of its module: what it may call, read and write.

use crate::value::Sequence;
use wasm_encoder::ValType;
use wasm_encoder::ValType::{F32, F64, I32, I64, V128};

/// The type of a function or of a block.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Signature {
    pub(super) params: Vec<ValType>,
    pub(super) results: Vec<ValType>,
}

/// A function that bodies may call.
#[derive(Clone, Debug)]
pub(super) struct Callee {
    /// Position in [`Plan::types`].
    pub(super) ty: u32,
    /// Whether it is a function of the host, which sees the bits of its arguments.
    pub(super) host: bool,
}

/// Elements of the first table that can be called with one type: any index from the first on, up to a
/// number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) ty: u32,
    pub(super) first: u32,
    pub(super) len: u32,
}

/// A module before its bodies.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Grows while bodies are made: blocks have types too.
    pub(super) types: Vec<Signature>,
    /// Imported ones first. Entries are not among those that are called.
    pub(super) funcs: Vec<Callee>,
    /// How many of them are imported.
    pub(super) imported: u32,
    /// How many of them other bodies may call.
    pub(super) callable: u32,
    pub(super) globals: Vec<(ValType, bool)>,
    /// The global that counts fuel. It is never used otherwise.
    pub(super) fuel: u32,
    pub(super) memories: u32,
    pub(super) runs: Vec<Run>,
    /// Number of tables. The first one has the functions that are called, the second one anything, the third
    /// one host values.
    pub(super) tables: u32,
    pub(super) data_segments: u32,
    pub(super) element_segments: u32,
    pub(super) vectors: bool,
    pub(super) tail_calls: bool,
    /// One in so many chances to trap is taken; 0 for none.
    pub(super) hazard: u64,
    /// What the bodies have.
    pub(super) features: u32,
}

/// Elements of each table at first.
pub(super) const TABLE: u32 = 40;
/// Elements that a table may have at most.
pub(super) const TABLE_LIMIT: u32 = 48;
/// Bytes of each passive data segment.
pub(super) const SEGMENT: u32 = 64;

impl Plan {
    /// The position of a type, which is added if it is new.
    pub(super) fn intern(&mut self, signature: Signature) -> u32 {
        let known = self.types.iter().position(|known| *known == signature);
        let at = known.unwrap_or_else(|| {
            self.types.push(signature);
            self.types.len() - 1
        });
        at as u32
    }

    pub(super) fn signature_of(&self, func: u32) -> &Signature {
        &self.types[self.funcs[func as usize].ty as usize]
    }

    /// Notes that a body has a feature.
    pub(super) fn note(&mut self, feature: super::Feature) {
        self.features |= 1 << feature as u32;
    }
}

/// A type for a number below 32: mostly numbers, sometimes vectors and references.
pub(super) fn type_of(number: u64, vectors: bool) -> ValType {
    match number {
        0..=8 => I32,
        9..=15 => I64,
        16..=19 => F32,
        20..=24 => F64,
        25 => ValType::FUNCREF,
        26 => ValType::EXTERNREF,
        _ if vectors => V128,
        27..=29 => F64,
        _ => I64,
    }
}

/// Signatures that fill the registers for parameters and results, and go beyond them.
pub(super) fn signatures(sequence: &mut Sequence, vectors: bool) -> Vec<Signature> {
    let mut below = |limit: u64| (sequence.number() >> 16) % limit;
    let mut list = |short: bool| -> Vec<ValType> {
        let count = match below(8) {
            0..=3 => below(4),
            4 if !short => 10 + below(20),
            _ if short => below(2),
            _ => 4 + below(9),
        };
        let kind = below(5);
        (0..count)
            .map(|_| match kind {
                0 => [I32, I64][below(2) as usize],
                1 => [F32, F64][below(2) as usize],
                _ => type_of(below(32), vectors),
            })
            .collect()
    };
    let mut made = vec![
        Signature::default(),
        Signature {
            params: vec![I32],
            results: vec![I32],
        },
    ];
    for number in 0..5 {
        let params = list(false);
        let results = list(number % 2 == 0);
        made.push(Signature { params, results });
    }
    made
}
