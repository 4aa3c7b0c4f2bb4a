//! When a server that limits requests wants to be asked again.

use reqwest::header::HeaderMap;
use std::time::{Duration, SystemTime};

/// `Retry-After`, in seconds or as a date, or `retry-after-ms`.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    text(headers, "retry-after-ms")
        .and_then(|ms| seconds(ms).map(|ms| ms / 1000))
        .or_else(|| text(headers, "retry-after").and_then(|text| seconds(text).or_else(|| until_date(text))))
}

/// From the rate limit headers, where they say that nothing is left: OpenAI's tell a span of time, Anthropic's a date.
pub(super) fn spent(headers: &HeaderMap) -> Option<Duration> {
    let none_left = |name: String| text(headers, &name).is_some_and(|left| left.trim() == "0");
    let openai = ["requests", "tokens"].into_iter().filter_map(|what| {
        let spent = none_left(format!("x-ratelimit-remaining-{what}"));
        spent.then(|| text(headers, &format!("x-ratelimit-reset-{what}")).and_then(span)).flatten()
    });
    let anthropic = ["requests", "tokens", "input-tokens", "output-tokens"].into_iter().filter_map(|what| {
        let spent = none_left(format!("anthropic-ratelimit-{what}-remaining"));
        spent.then(|| text(headers, &format!("anthropic-ratelimit-{what}-reset")).and_then(until_timestamp)).flatten()
    });
    openai.chain(anthropic).max()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse::<f64>().ok().and_then(|s| Duration::try_from_secs_f64(s).ok())
}

/// `Wed, 21 Oct 2026 07:28:00 GMT`. A date that has passed is no time to wait.
fn until_date(text: &str) -> Option<Duration> {
    httpdate::parse_http_date(text.trim()).ok().map(|date| date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// `2026-10-21T07:28:00Z`.
fn until_timestamp(text: &str) -> Option<Duration> {
    let seconds = humantime::parse_rfc3339_weak(text.trim()).ok()?;
    Some(seconds.duration_since(SystemTime::now()).unwrap_or_default())
}

/// `6m0s`, `1.5s`, `20ms`, and bare seconds.
fn span(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let unit_end = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        let unit = match &rest[digits..unit_end] {
            "ms" => 0.001,
            "s" | "" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86400.0,
            _ => return None,
        };
        let number: f64 = rest[..digits].parse().ok()?;
        total = total.checked_add(Duration::try_from_secs_f64(number * unit).ok()?)?;
        rest = &rest[unit_end..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), HeaderValue::from_str(value).unwrap()));
        pairs.collect()
    }

    #[test]
    fn servers_name_times_in_many_ways() {
        let after = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs));
        let left = |pairs: &[(&'static str, &str)]| spent(&headers(pairs));
        assert_eq!(after(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
        assert_eq!(after(&[("retry-after-ms", "250"), ("retry-after", "2")]), Some(Duration::from_millis(250)));
        assert_eq!(after(&[("retry-after", "Wed, 21 Oct 1998 07:28:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(
            left(&[("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0.5s")]),
            Some(Duration::from_millis(360_500))
        );
        assert_eq!(left(&[("x-ratelimit-remaining-tokens", "5"), ("x-ratelimit-reset-tokens", "6m")]), None);
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90));
        let wait = after(&[("retry-after", &soon)]).unwrap().as_secs();
        assert!((80..=90).contains(&wait), "{wait}");
        let soon = humantime::format_rfc3339_seconds(SystemTime::now() + Duration::from_secs(90)).to_string();
        let spent = ("anthropic-ratelimit-input-tokens-remaining", "0");
        let wait = left(&[spent, ("anthropic-ratelimit-input-tokens-reset", &soon)]).unwrap().as_secs();
        assert!((80..=90).contains(&wait), "{wait}");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for wrong in ["inf", "-1", "NaN", "1e400", "Wed, 41 Oct 2026 07:28:00 GMT", "1x", "é", ""] {
            assert_eq!(retry_after(&headers(&[("retry-after", wrong)])), None, "{wrong}");
            for (left, reset) in [
                ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
                ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
            ] {
                let wait = spent(&headers(&[(left, "0"), (reset, wrong)]));
                assert!(wait.is_none_or(|wait| wait.is_zero()), "{wrong}");
            }
        }
    }
}
