//! Values of flags: places, times, sizes, amounts.

use std::path::PathBuf;
use std::time::Duration;

/// A line, in a file that need not be named where there is only one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    pub file: Option<PathBuf>,
    pub line: u32,
}

impl std::str::FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<At, String> {
        let (file, line) = match text.rsplit_once(':') {
            Some((file, line)) => (Some(PathBuf::from(file)), line),
            None => (None, text),
        };
        let named = file.as_ref().is_none_or(|f| !f.as_os_str().is_empty());
        match line.parse() {
            Ok(line) if line > 0 && named => Ok(At { file, line }),
            _ => Err("expected a file and a line counted from 1, as in parse.c:120".into()),
        }
    }
}

/// A file, or a line of it; line 0 where none is named.
pub fn place(text: &str) -> Result<At, String> {
    match text.parse::<At>() {
        Ok(at) if at.file.is_some() => Ok(at),
        _ => Ok(At { file: Some(PathBuf::from(text)), line: 0 }),
    }
}

/// `90`, `90s`, `5m`, `1h`, `500ms`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let millis = match unit.trim() {
        "" | "s" => 1000,
        "ms" => 1,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    match digits.parse::<u64>().ok().and_then(|n| n.checked_mul(millis)) {
        Some(total) if total > 0 => Ok(Duration::from_millis(total)),
        _ => Err(format!("`{text}` is no time; write seconds, or 500ms, 90s, 5m, 1h")),
    }
}

/// `12h`, `30d`, and what [`duration`] takes.
pub fn age(text: &str) -> Result<Duration, String> {
    match text.trim().strip_suffix('d').and_then(|days| days.trim().parse::<u64>().ok()) {
        Some(days) => {
            days.checked_mul(24 * 3600).map(Duration::from_secs).ok_or_else(|| format!("`{text}` is too long"))
        }
        None => duration(text).map_err(|_| format!("`{text}` is no time; write 90s, 12h, 30d")),
    }
}

/// `100MB`, `1GB`, bytes without a unit; units of 1000.
pub fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let bytes = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => Some(1),
        "K" | "KB" => Some(1000),
        "M" | "MB" => Some(1_000_000),
        "G" | "GB" => Some(1_000_000_000),
        _ => None,
    };
    let total = bytes.and_then(|unit| digits.parse::<u64>().ok()?.checked_mul(unit));
    total.ok_or_else(|| format!("`{text}` is no size; write bytes, or 100MB, 1GB"))
}

/// An amount that isn't negative; a `$` before it is allowed.
pub fn dollars(text: &str) -> Result<f64, String> {
    let amount = text.trim().trim_start_matches('$').parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    amount.ok_or_else(|| format!("`{text}` is no amount of dollars"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        assert_eq!("12".parse(), Ok(At { file: None, line: 12 }));
        assert_eq!("a:b.c:12".parse(), Ok(At { file: Some("a:b.c".into()), line: 12 }));
        for wrong in ["", "a.c", "a.c:", ":3", "a.c:0", "a.c:-1"] {
            assert!(wrong.parse::<At>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_ages_and_amounts() {
        assert_eq!((size("5"), size("10 kb"), size("2GB")), (Ok(5), Ok(10_000), Ok(2_000_000_000)));
        assert_eq!((age("2d"), age("12h")), (Ok(Duration::from_secs(172_800)), Ok(Duration::from_secs(43_200))));
        assert_eq!((dollars("$2.50"), dollars("0")), (Ok(2.5), Ok(0.0)));
        assert!(["", "MB", "1TB", "-1", "99999999999GB"].iter().all(|wrong| size(wrong).is_err()));
        assert!(["", "d", "-1d", "1w", "99999999999999999d"].iter().all(|wrong| age(wrong).is_err()));
        assert!(["", "-1", "inf", "NaN", "two"].iter().all(|wrong| dollars(wrong).is_err()));
    }

    #[test]
    fn times() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("500 ms"), Ok(Duration::from_millis(500)));
        for wrong in ["", "0", "m", "-1", "1d", "1.5s", "99999999999999999999h", "18446744073709551615h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
