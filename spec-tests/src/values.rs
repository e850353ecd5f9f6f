//! Arguments from scripts, and the comparison of results with what scripts expect.
//!
//! Floats are compared as bits, so that the sign of zero and the payload of a NaN count, except
//! where the script gives a pattern: a canonical NaN has only the highest bit of its fraction set, an
//! arithmetic NaN has at least that one.

use anyhow::{Result, bail};
use lazywasm::{ExternRef, V128, Val};
use wast::WastArg;
use wast::WastRet;
use wast::core::{
    AbstractHeapType, HeapType, NanPattern, V128Const, V128Pattern, WastArgCore, WastRetCore,
};
use wast::token::{F32, F64};

/// The value of an argument in a script.
///
/// # Errors
/// If the engine has no such value. The error names it.
pub(crate) fn argument(arg: &WastArg<'_>) -> Result<Val> {
    let WastArg::Core(arg) = arg else {
        bail!("arguments of components are not supported")
    };
    Ok(match arg {
        WastArgCore::I32(value) => Val::I32(*value),
        WastArgCore::I64(value) => Val::I64(*value),
        WastArgCore::F32(value) => Val::F32(value.bits),
        WastArgCore::F64(value) => Val::F64(value.bits),
        WastArgCore::V128(value) => Val::V128(vector(value)),
        WastArgCore::RefNull(heap) => null(heap)?,
        WastArgCore::RefExtern(number) => Val::ExternRef(Some(ExternRef::new(*number))),
        WastArgCore::RefHost(_) => bail!("the argument (ref.host ...) is not supported"),
    })
}

fn null(heap: &HeapType<'_>) -> Result<Val> {
    match heap {
        HeapType::Abstract {
            shared: false,
            ty: AbstractHeapType::Func,
        } => Ok(Val::FuncRef(None)),
        HeapType::Abstract {
            shared: false,
            ty: AbstractHeapType::Extern,
        } => Ok(Val::ExternRef(None)),
        other => bail!("the argument (ref.null {other:?}) is not supported"),
    }
}

fn vector(value: &V128Const) -> V128 {
    V128::from(u128::from_le_bytes(value.to_le_bytes()))
}

/// Compares a result with what is expected; the error describes how they differ.
pub(crate) fn matches(got: &Val, expected: &WastRet<'_>) -> Result<(), String> {
    match expected {
        WastRet::Core(expected) => matches_core(got, expected),
        _ => Err("results of components are not supported".to_string()),
    }
}

fn matches_core(got: &Val, expected: &WastRetCore<'_>) -> Result<(), String> {
    let fits = match (got, expected) {
        (_, WastRetCore::Either(choices)) => choices
            .iter()
            .any(|choice| matches_core(got, choice).is_ok()),
        (Val::I32(got), WastRetCore::I32(wanted)) => got == wanted,
        (Val::I64(got), WastRetCore::I64(wanted)) => got == wanted,
        (Val::F32(got), WastRetCore::F32(wanted)) => f32_matches(*got, wanted),
        (Val::F64(got), WastRetCore::F64(wanted)) => f64_matches(*got, wanted),
        (Val::V128(got), WastRetCore::V128(wanted)) => v128_matches(got.as_u128(), wanted),
        (Val::FuncRef(None) | Val::ExternRef(None), WastRetCore::RefNull(None)) => true,
        (Val::FuncRef(None), WastRetCore::RefNull(Some(heap))) => {
            matches!(
                heap,
                HeapType::Abstract {
                    ty: AbstractHeapType::Func | AbstractHeapType::NoFunc,
                    ..
                }
            )
        }
        (Val::ExternRef(None), WastRetCore::RefNull(Some(heap))) => {
            matches!(
                heap,
                HeapType::Abstract {
                    ty: AbstractHeapType::Extern | AbstractHeapType::NoExtern,
                    ..
                }
            )
        }
        // Which function a reference is cannot be asked, so any will do for one with a number.
        (Val::FuncRef(Some(_)), WastRetCore::RefFunc(_)) => true,
        (Val::ExternRef(Some(_)), WastRetCore::RefExtern(None)) => true,
        (Val::ExternRef(Some(reference)), WastRetCore::RefExtern(Some(wanted))) => {
            reference.data().downcast_ref::<u32>() == Some(wanted)
        }
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "expected {}, got {}",
            wanted_text(expected),
            text(got)
        ))
    }
}

const F32_CANONICAL: u32 = 0x7fc0_0000;
const F64_CANONICAL: u64 = 0x7ff8_0000_0000_0000;

fn f32_matches(got: u32, wanted: &NanPattern<F32>) -> bool {
    match wanted {
        NanPattern::CanonicalNan => got & 0x7fff_ffff == F32_CANONICAL,
        NanPattern::ArithmeticNan => got & F32_CANONICAL == F32_CANONICAL,
        NanPattern::Value(wanted) => got == wanted.bits,
    }
}

fn f64_matches(got: u64, wanted: &NanPattern<F64>) -> bool {
    match wanted {
        NanPattern::CanonicalNan => got & 0x7fff_ffff_ffff_ffff == F64_CANONICAL,
        NanPattern::ArithmeticNan => got & F64_CANONICAL == F64_CANONICAL,
        NanPattern::Value(wanted) => got == wanted.bits,
    }
}

/// Lane `index` of a vector whose lanes have `bits` bits.
fn lane(vector: u128, index: usize, bits: u32) -> u64 {
    let shifted = (vector >> (index as u32 * bits)) as u64;
    if bits == 64 {
        shifted
    } else {
        shifted & ((1 << bits) - 1)
    }
}

fn v128_matches(got: u128, wanted: &V128Pattern) -> bool {
    match wanted {
        V128Pattern::I8x16(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(at, wanted)| lane(got, at, 8) as i8 == *wanted),
        V128Pattern::I16x8(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(at, wanted)| lane(got, at, 16) as i16 == *wanted),
        V128Pattern::I32x4(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(at, wanted)| lane(got, at, 32) as i32 == *wanted),
        V128Pattern::I64x2(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(at, wanted)| lane(got, at, 64) as i64 == *wanted),
        V128Pattern::F32x4(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(at, wanted)| f32_matches(lane(got, at, 32) as u32, wanted)),
        V128Pattern::F64x2(lanes) => lanes
            .iter()
            .enumerate()
            .all(|(at, wanted)| f64_matches(lane(got, at, 64), wanted)),
    }
}

/// A value for messages: floats with their bits, which is what was compared.
pub(crate) fn text(value: &Val) -> String {
    match value {
        Val::I32(value) => format!("i32 {value} ({value:#x})"),
        Val::I64(value) => format!("i64 {value} ({value:#x})"),
        Val::F32(bits) => format!("f32 {} ({bits:#010x})", f32::from_bits(*bits)),
        Val::F64(bits) => format!("f64 {} ({bits:#018x})", f64::from_bits(*bits)),
        Val::V128(value) => format!("v128 {:#034x}", value.as_u128()),
        Val::FuncRef(None) => "a null function reference".to_string(),
        Val::FuncRef(Some(_)) => "a function reference".to_string(),
        Val::ExternRef(None) => "a null host reference".to_string(),
        Val::ExternRef(Some(_)) => "a host reference".to_string(),
    }
}

fn wanted_text(wanted: &WastRetCore<'_>) -> String {
    match wanted {
        WastRetCore::I32(value) => text(&Val::I32(*value)),
        WastRetCore::I64(value) => text(&Val::I64(*value)),
        WastRetCore::F32(NanPattern::Value(value)) => text(&Val::F32(value.bits)),
        WastRetCore::F64(NanPattern::Value(value)) => text(&Val::F64(value.bits)),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_patterns_look_at_the_right_bits() {
        assert!(f32_matches(0x7fc0_0000, &NanPattern::CanonicalNan));
        assert!(f32_matches(0xffc0_0000, &NanPattern::CanonicalNan));
        assert!(!f32_matches(0x7fc0_0001, &NanPattern::CanonicalNan));
        assert!(f32_matches(0x7fc0_0001, &NanPattern::ArithmeticNan));
        assert!(!f32_matches(0x7fa0_0000, &NanPattern::ArithmeticNan));
        assert!(f64_matches(
            0xfff8_0000_0000_0000,
            &NanPattern::CanonicalNan
        ));
        assert!(!f64_matches(
            0x7ff4_0000_0000_0000,
            &NanPattern::ArithmeticNan
        ));
    }

    #[test]
    fn lanes_are_counted_from_the_low_end() {
        let vector = 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100_u128;
        assert_eq!(lane(vector, 0, 8), 0);
        assert_eq!(lane(vector, 15, 8), 0x0f);
        assert_eq!(lane(vector, 1, 16), 0x0302);
        assert_eq!(lane(vector, 3, 32), 0x0f0e_0d0c);
        assert_eq!(lane(vector, 1, 64), 0x0f0e_0d0c_0b0a_0908);
        assert!(v128_matches(
            vector,
            &V128Pattern::I64x2([0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908])
        ));
        assert!(!v128_matches(vector, &V128Pattern::I32x4([0, 0, 0, 0])));
    }
}
