//! `weiser cache`: what is kept, and what went.

use super::terminal::{count, number};
use super::wire::pretty;
use crate::oracle::store::{Stats, Swept};
use serde::Serialize;
use std::fmt::Write;

pub const CACHE: &str = "weiser.cache/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    path: &'a str,
    #[serde(flatten)]
    what: What,
}

#[derive(Serialize)]
#[serde(untagged)]
enum What {
    Holds {
        answers: u64,
        bytes: u64,
        max_bytes: u64,
        oldest: Option<u64>,
        unused_since: Option<u64>,
        models: Vec<Model>,
    },
    Went {
        removed: Removed,
    },
}

#[derive(Serialize)]
struct Model {
    model: String,
    answers: u64,
}

#[derive(Serialize)]
struct Removed {
    answers: u64,
    bytes: u64,
}

/// What the cache holds, for people or as `weiser.cache/1`.
pub fn stats(path: &str, stats: &Stats, cap: u64, json: bool) -> String {
    if json {
        let model = |(model, answers): &(String, u64)| Model { model: model.clone(), answers: *answers };
        return pretty(&Document {
            schema: CACHE,
            path,
            what: What::Holds {
                answers: stats.answers,
                bytes: stats.bytes,
                max_bytes: cap,
                oldest: stats.oldest,
                unused_since: stats.unused_since,
                models: stats.models.iter().map(model).collect(),
            },
        });
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
        let removed = Removed { answers: swept.answers, bytes: swept.bytes };
        return pretty(&Document { schema: CACHE, path, what: What::Went { removed } });
    }
    format!("{} removed, {}\n", count(swept.answers, "answer"), size(swept.bytes))
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
