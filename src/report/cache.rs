//! `weiser cache`: what is kept, and what went.

use super::terminal::{count, number};
use crate::oracle::store::{Stats, Swept};
use serde_json::json;
use std::fmt::Write;

/// What the cache holds, for people or as `weiser.cache/1`.
pub fn stats(path: &str, stats: &Stats, cap: u64, json: bool) -> String {
    if json {
        let models: Vec<_> = stats.models.iter().map(|(model, n)| json!({"model": model, "answers": n})).collect();
        return line(json!({
            "schema": "weiser.cache/1", "path": path, "answers": stats.answers, "bytes": stats.bytes, "max_bytes": cap,
            "oldest": stats.oldest, "unused_since": stats.unused_since, "models": models,
        }));
    }
    let mut out = format!("{path}\n");
    let _ = writeln!(out, "{} in {} of at most {}", count(stats.answers, "answer"), size(stats.bytes), size(cap));
    for (model, answers) in &stats.models {
        let _ = writeln!(out, "  {}  {}", number(*answers), super::terminal::safe(model));
    }
    out
}

/// What was removed.
pub fn swept(path: &str, swept: Swept, json: bool) -> String {
    if json {
        let bytes = swept.bytes;
        return line(
            json!({"schema": "weiser.cache/1", "path": path, "removed": {"answers": swept.answers, "bytes": bytes}}),
        );
    }
    format!("{} removed, {}\n", count(swept.answers, "answer"), size(swept.bytes))
}

fn line(value: serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// `512 MB`, `1.5 kB`.
fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) if bytes < 10 * unit => format!("{:.1} {name}", bytes as f64 / unit as f64),
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} bytes"),
    }
}
