//! The calling convention of wasm code, as Cranelift signatures (docs/calling-convention.md).
//!
//! Every wasm function has Cranelift's `Tail` convention and these parameters:
//!
//! ```text
//! ctx: i64, [results: i64,] the wasm parameters
//! ```
//!
//! `results` is present only if the results do not all fit into registers (eight for integers and
//! references, eight for floats and vectors). It points to memory of the caller, 16-byte aligned, with 16
//! bytes for each result that does not fit into a register, in order. Callers, callees and the trampolines
//! all take this layout from here.

use cranelift_codegen::ir::{AbiParam, ArgumentPurpose, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use engine::libcalls::{Libcall, Word};
use engine::{FuncType, ValType};

/// Registers for integer and reference results.
const INTEGER_RESULTS: usize = 8;
/// Registers for float and vector results.
const VECTOR_RESULTS: usize = 8;
/// Bytes for each result that does not fit into a register.
pub const OVERFLOW_SLOT: u32 = 16;

/// Where a result is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultPlace {
    /// In a register; the position among the signature's returns.
    Register(usize),
    /// In memory, this many bytes after the results pointer.
    Memory(u32),
}

/// The signature of a wasm function, and where its results are returned.
#[derive(Clone, Debug)]
pub struct WasmSignature {
    /// The signature in Cranelift's form.
    pub signature: Signature,
    /// Where each result is returned, in order.
    pub results: Vec<ResultPlace>,
    /// Bytes after the results pointer; 0 if there is no such parameter.
    pub overflow: u32,
}

impl WasmSignature {
    /// Position of the first wasm parameter among the signature's parameters.
    pub fn first_param(&self) -> usize {
        if self.overflow == 0 { 1 } else { 2 }
    }

    /// The signature of OSR code: the same results, no wasm parameters.
    pub fn without_params(&self) -> Signature {
        let mut signature = self.signature.clone();
        signature.params.truncate(self.first_param());
        signature
    }
}

/// Cranelift's type for a wasm value. References are words, null is 0.
pub fn clif_type(ty: ValType) -> Type {
    match ty {
        ValType::I32 => types::I32,
        ValType::I64 | ValType::Ref(_) => types::I64,
        ValType::F32 => types::F32,
        ValType::F64 => types::F64,
        ValType::V128 => types::I8X16,
    }
}

/// The signature of wasm functions of this type.
pub fn wasm_signature(ty: &FuncType) -> WasmSignature {
    let mut signature = Signature::new(CallConv::Tail);
    let (mut integers, mut vectors, mut overflow) = (0, 0, 0);
    let results = ty
        .results()
        .map(|result| {
            let clif = clif_type(result);
            let (used, limit) = if clif.is_int() {
                (&mut integers, INTEGER_RESULTS)
            } else {
                (&mut vectors, VECTOR_RESULTS)
            };
            if *used < limit {
                *used += 1;
                signature.returns.push(AbiParam::new(clif));
                ResultPlace::Register(signature.returns.len() - 1)
            } else {
                overflow += OVERFLOW_SLOT;
                ResultPlace::Memory(overflow - OVERFLOW_SLOT)
            }
        })
        .collect();
    signature
        .params
        .push(AbiParam::special(types::I64, ArgumentPurpose::VMContext));
    if overflow > 0 {
        signature.params.push(AbiParam::new(types::I64));
    }
    signature
        .params
        .extend(ty.params().map(|param| AbiParam::new(clif_type(param))));
    WasmSignature {
        signature,
        results,
        overflow,
    }
}

/// The signature of a helper: the context first, C convention.
pub fn libcall_signature(libcall: Libcall) -> Signature {
    let word = |word: &Word| {
        AbiParam::new(match word {
            Word::I32 => types::I32,
            Word::I64 => types::I64,
            Word::F32 => types::F32,
            Word::F64 => types::F64,
        })
    };
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params.push(AbiParam::new(types::I64));
    signature.params.extend(libcall.params().iter().map(word));
    signature.returns.extend(libcall.result().iter().map(word));
    signature
}
