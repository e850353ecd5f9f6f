//! `--invoke`: arguments from text by the types of the parameters, results as text.
//!
//! Numbers are decimal or, for integers, hexadecimal with `0x`; an integer may be given as signed or
//! as unsigned. Floats are printed with as many digits as it takes to read the same value back.

use crate::complaint::UsageError;
use anyhow::Result;
use lazywasm::{FuncType, Val, ValType};

/// The arguments for a function of this type.
///
/// # Errors
/// A [`UsageError`] if their number or one of them does not fit.
pub fn arguments(name: &str, ty: &FuncType, given: &[String]) -> Result<Vec<Val>> {
    let wanted = ty.params().len();
    if given.len() != wanted {
        let plural = if wanted == 1 { "argument" } else { "arguments" };
        return Err(UsageError(format!(
            "`{name}` takes {wanted} {plural}, {} given; its type is {ty}",
            given.len()
        ))
        .into());
    }
    ty.params()
        .zip(given)
        .enumerate()
        .map(|(at, (param, text))| {
            value(param, text).map_err(|why| {
                UsageError(format!("argument {} of `{name}` ({param}): {why}", at + 1)).into()
            })
        })
        .collect()
}

fn value(ty: ValType, text: &str) -> Result<Val, String> {
    let not_a = |what: &str| format!("expected {what}, found `{text}`");
    match ty {
        ValType::I32 => {
            let number = integer(text).ok_or_else(|| not_a("an integer"))?;
            i32::try_from(number)
                .or_else(|_| u32::try_from(number).map(|number| number as i32))
                .map(Val::I32)
                .map_err(|_| format!("{text} does not fit into 32 bits"))
        }
        ValType::I64 => {
            let number = integer(text).ok_or_else(|| not_a("an integer"))?;
            i64::try_from(number)
                .or_else(|_| u64::try_from(number).map(|number| number as i64))
                .map(Val::I64)
                .map_err(|_| format!("{text} does not fit into 64 bits"))
        }
        ValType::F32 => text
            .parse()
            .map(|number: f32| Val::F32(number.to_bits()))
            .map_err(|_| not_a("a number")),
        ValType::F64 => text
            .parse()
            .map(|number: f64| Val::F64(number.to_bits()))
            .map_err(|_| not_a("a number")),
        ValType::V128 => {
            let digits = text.strip_prefix("0x").unwrap_or("");
            u128::from_str_radix(digits, 16)
                .map(|bits| Val::V128(bits.into()))
                .map_err(|_| not_a("128 bits in hexadecimal, as in 0x1f"))
        }
        ValType::Ref(_) => Err("references cannot be given on the command line".to_string()),
    }
}

/// Wide enough for every 64-bit integer, signed or not.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    // The standard parser takes a sign of its own, which would allow two.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = match digits.strip_prefix("0x") {
        Some(hex) if !hex.starts_with(['+', '-']) => i128::from_str_radix(hex, 16),
        Some(_) => return None,
        None => digits.parse(),
    }
    .ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

/// A result as text.
pub fn show(value: &Val) -> String {
    match value {
        Val::I32(number) => number.to_string(),
        Val::I64(number) => number.to_string(),
        Val::F32(bits) => f32::from_bits(*bits).to_string(),
        Val::F64(bits) => f64::from_bits(*bits).to_string(),
        Val::V128(bits) => format!("{:#034x}", bits.as_u128()),
        Val::FuncRef(None) | Val::ExternRef(None) => "null".to_string(),
        Val::FuncRef(Some(_)) => "funcref".to_string(),
        Val::ExternRef(Some(_)) => "externref".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_signed_and_unsigned() {
        assert!(matches!(value(ValType::I32, "-1"), Ok(Val::I32(-1))));
        assert!(matches!(
            value(ValType::I32, "4294967295"),
            Ok(Val::I32(-1))
        ));
        assert!(matches!(
            value(ValType::I32, "0xffffffff"),
            Ok(Val::I32(-1))
        ));
        assert!(matches!(
            value(ValType::I64, "-9223372036854775808"),
            Ok(Val::I64(i64::MIN))
        ));
        for wrong in [
            "",
            "-",
            "--1",
            "+-1",
            "0x",
            "0x-1",
            "1.5",
            "ten",
            "4294967296",
        ] {
            assert!(value(ValType::I32, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_shown_can_be_read_back() {
        for text in ["0.1", "-0", "inf", "16777216"] {
            let Ok(read) = value(ValType::F32, text) else {
                panic!("{text}")
            };
            assert_eq!(show(&read), text);
        }
        let Ok(vector) = value(ValType::V128, "0x1f") else {
            panic!("a vector")
        };
        assert_eq!(show(&vector), "0x0000000000000000000000000000001f");
    }
}
