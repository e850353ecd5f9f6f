//! `--invoke`: parses arguments by the types of the parameters, and prints results.
//!
//! Numbers are decimal or hexadecimal with `0x`, floats as in `0x1.8p-3`. A sign may precede a number, and an
//! integer may be given as signed or as unsigned. Floats are printed with as many digits as it takes to read
//! the same value back.

use crate::errors::UsageError;
use anyhow::Result;
use lazywasm::{FuncType, Val, ValType, shown_name, shown_text};
use std::ffi::OsString;
use std::num::IntErrorKind;

/// The arguments for a function of this type.
///
/// # Errors
/// A [`UsageError`] if their number or one of them does not fit.
pub fn arguments(name: &str, ty: &FuncType, given: &[OsString]) -> Result<Vec<Val>> {
    if given.len() != ty.params().len() {
        return Err(wrong_number(name, ty, given.len()).into());
    }
    ty.params()
        .zip(given)
        .enumerate()
        .map(|(at, (param, text))| {
            value(param, &text.to_string_lossy()).map_err(|why| {
                let name = shown_name(name);
                UsageError(format!("argument {} of `{name}` ({param}): {why}", at + 1)).into()
            })
        })
        .collect()
}

/// The error for a number of arguments that the function does not take.
pub fn wrong_number(name: &str, ty: &FuncType, given: usize) -> UsageError {
    let wanted = ty.params().len();
    let plural = if wanted == 1 { "argument" } else { "arguments" };
    let name = shown_name(name);
    UsageError(format!(
        "`{name}` takes {wanted} {plural}, {given} given; its type is {ty}"
    ))
}

fn value(ty: ValType, text: &str) -> Result<Val, String> {
    let not_a = |what: &str| format!("expected {what}, found `{}`", shown_text(text));
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
        ValType::F32 => hex_float(text, f32::MANTISSA_DIGITS, -149)
            .map(|number| number as f32)
            .or_else(|| text.parse().ok())
            .map(|number| Val::F32(number.to_bits()))
            .ok_or_else(|| not_a("a number")),
        ValType::F64 => hex_float(text, f64::MANTISSA_DIGITS, -1074)
            .or_else(|| text.parse().ok())
            .map(|number| Val::F64(number.to_bits()))
            .ok_or_else(|| not_a("a number")),
        ValType::V128 => hex_digits(text)
            .and_then(|digits| u128::from_str_radix(digits, 16).ok())
            .map(|bits| Val::V128(bits.into()))
            .ok_or_else(|| not_a("128 bits in hexadecimal, as in 0x1f")),
        ValType::Ref(_) => Err("references cannot be given on the command line".to_string()),
    }
}

/// Returns whether a number is negative, and what follows its sign. The standard parsers accept a sign too,
/// so a second sign is refused here.
fn sign(text: &str) -> Option<(bool, &str)> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    (!digits.starts_with(['+', '-'])).then_some((text.starts_with('-'), digits))
}

/// What follows `0x`, unless it is a sign.
fn hex_digits(text: &str) -> Option<&str> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    digits.filter(|digits| !digits.starts_with(['+', '-']))
}

/// An integer, in a type that holds every 64-bit integer, signed or unsigned.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = sign(text)?;
    let magnitude = match hex_digits(digits) {
        Some(hex) => i128::from_str_radix(hex, 16),
        None => digits.parse(),
    }
    .ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

/// A number as in `0x1.8p-3`, rounded to the nearest float with this many binary digits, ties to even. The
/// last digit has the value 2 to the power of `lowest` or more.
fn hex_float(text: &str, digits: u32, lowest: i32) -> Option<f64> {
    let (negative, magnitude) = sign(text)?;
    let hex = hex_digits(magnitude)?;
    let (hex, power) = hex.split_once(['p', 'P']).unwrap_or((hex, "0"));
    let (whole, fraction) = hex.split_once('.').unwrap_or((hex, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    sign(power)?;
    // Far beyond every exponent of a float, and small enough that sums of such numbers do not overflow.
    const FAR: i64 = 1 << 40;
    let mut exponent = match power.parse::<i64>() {
        Ok(power) => power.clamp(-FAR, FAR),
        Err(error) => match error.kind() {
            IntErrorKind::PosOverflow => FAR,
            IntErrorKind::NegOverflow => -FAR,
            _ => return None,
        },
    };
    exponent -= 4 * fraction.len() as i64;
    let mut mantissa: u128 = 0;
    for digit in whole.chars().chain(fraction.chars()) {
        let digit = u128::from(digit.to_digit(16)?);
        if mantissa >> 120 == 0 {
            mantissa = mantissa << 4 | digit;
        } else {
            // The last bit records whether anything but zeros follows, so that a tie differs from more than a
            // tie.
            mantissa |= u128::from(digit != 0);
            exponent += 4;
        }
    }
    let bits = 128 - i64::from(mantissa.leading_zeros());
    let excess = (bits - i64::from(digits)).max(i64::from(lowest) - exponent);
    if excess > 0 {
        // With more excess bits than the mantissa has, the number is less than half of the last digit: it
        // rounds to 0.
        let excess_bits = u32::try_from(excess).ok().filter(|bits| *bits < 127);
        mantissa = excess_bits.map_or(0, |bits| {
            let half = 1 << (bits - 1);
            let (kept, rest) = (mantissa >> bits, mantissa & ((1 << bits) - 1));
            kept + u128::from(rest > half || (rest == half && kept & 1 == 1))
        });
        exponent += excess;
    }
    // Exact. In two steps, because `powi` computes a negative power as an inverse, and 2 to the 1074
    // overflows.
    let exponent = exponent.clamp(-2000, 2000) as i32;
    let half = exponent / 2;
    let number = mantissa as f64 * 2f64.powi(half) * 2f64.powi(exponent - half);
    Some(if negative { -number } else { number })
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
        for (text, wanted) in [("+5", 5), ("0X10", 16), ("-0x10", -16), ("+0x10", 16)] {
            let read = value(ValType::I32, text);
            assert!(
                matches!(read, Ok(Val::I32(number)) if number == wanted),
                "{text}"
            );
        }
        for wrong in [
            "",
            "-",
            "+",
            "--1",
            "+-1",
            "++1",
            "0x",
            "0x-1",
            "0x+1",
            "0Xx1",
            "1.5",
            "ten",
            "4294967296",
        ] {
            assert!(value(ValType::I32, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn floats_are_read_in_hexadecimal() {
        for (text, wanted) in [
            ("0x1.8p-3", 0.1875),
            ("-0X.8", -0.5),
            ("+0x10", 16.0),
            ("0x1.921fb54442d18p+1", std::f64::consts::PI),
            ("0x0.0000000000001p-1022", f64::from_bits(1)),
            ("0x1p-1075", 0.0),
            (
                "0x1.00000000000000000000000000000000001p-1075",
                f64::from_bits(1),
            ),
            ("0x1.fffffffffffffp1023", f64::MAX),
            ("0x1p1024", f64::INFINITY),
            ("0x1p99999999999999999999", f64::INFINITY),
            ("0x1p-99999999999999999999", 0.0),
            ("0x0p99999999999999999999", 0.0),
            // A tie rounds to even, and a little more than a tie rounds up.
            ("0x1.00000000000008p0", 1.0),
            (
                "0x1.000000000000080000000000000000000001p0",
                1.0 + f64::EPSILON,
            ),
            ("0x1.00000000000018p0", 1.0 + 2.0 * f64::EPSILON),
        ] {
            let Ok(Val::F64(bits)) = value(ValType::F64, text) else {
                panic!("{text}")
            };
            assert_eq!(f64::from_bits(bits), wanted, "{text}");
        }
        for (text, wanted) in [
            ("0x1.fffffep127", f32::MAX),
            ("0x1.ffffffp127", f32::INFINITY),
            ("0x1p-149", f32::from_bits(1)),
            ("0x1p-150", 0.0),
            ("0x1.000001p0", 1.0),
            ("0x1.0000010000000001p0", 1.0 + f32::EPSILON),
        ] {
            let Ok(Val::F32(bits)) = value(ValType::F32, text) else {
                panic!("{text}")
            };
            assert_eq!(f32::from_bits(bits), wanted, "{text}");
        }
        for wrong in [
            "0x", "0x.", "0xp1", "0x1p", "0x1p+-1", "0x1p1.5", "0x1g", "--0x1", "0x-1",
        ] {
            assert!(value(ValType::F64, wrong).is_err(), "{wrong}");
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
