//! Sizes and durations as people write them on a command line.

use std::time::Duration;

/// Bytes from `4096`, `64K`, `16M` or `2G`; the units are powers of 1024, and `KiB` and so on mean the
/// same.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let given = &text[digits.len()..];
    let unit: u64 = match given.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => {
            return Err(format!(
                "`{given}` is not a unit of size; use K, M or G, as in 64M"
            ));
        }
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| "expected a whole number with K, M or G after it, as in 64M".to_string())?;
    number
        .checked_mul(unit)
        .ok_or_else(|| "larger than any memory".to_string())
}

/// A duration from `500ms`, `2s`, `1.5s`, `3m` or `1h`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "" => return Err("a duration needs a unit, as in 500ms or 2s".to_string()),
        other => {
            return Err(format!(
                "`{other}` is not a unit of time; use us, ms, s, m or h, as in 500ms"
            ));
        }
    };
    let number: f64 = digits
        .parse()
        .map_err(|_| "expected a number and a unit, as in 500ms".to_string())?;
    Duration::try_from_secs_f64(number * unit)
        .map_err(|_| "expected a time that can be waited for, as in 500ms".to_string())
}

/// A duration for people, with two or three significant digits.
pub fn show_duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 10.0 {
        format!("{seconds:.1} s")
    } else if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 1e-3 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{:.0} us", seconds * 1e6)
    }
}

/// A number of bytes for people.
pub fn show_size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    for (name, unit) in UNITS {
        if bytes >= unit {
            return format!("{:.1} {name}", bytes as f64 / unit as f64);
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("4096"), Ok(4096));
        assert_eq!(parse_size("64K"), Ok(64 << 10));
        assert_eq!(parse_size("16MiB"), Ok(16 << 20));
        assert_eq!(parse_size("2g"), Ok(2 << 30));
        for wrong in ["", "M", "-1M", "1.5G", "3T", "99999999999G"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "5", "s", "-1s", "1d", "1e400s", "nans", "infs"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shown() {
        assert_eq!(show_duration(Duration::from_micros(1500)), "1.5 ms");
        assert_eq!(show_duration(Duration::from_millis(2340)), "2.34 s");
        assert_eq!(show_size(20 << 20), "20.0 MiB");
        assert_eq!(show_size(12), "12 bytes");
    }
}
