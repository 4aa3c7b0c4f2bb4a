//! The record of a run, `weiser.run/1`: a folder from which every report can be made, now or later.
//!
//! ```text
//! RUN/manifest.json     what was run: version, settings, who answered; the only place with a clock or a machine in it
//! RUN/triples.jsonl     a line for each triple as soon as it is judged; `{"error": ...}` for an input that gave none;
//!                       `{"end": ...}` as the last line, only if the run came to its end
//! RUN/sources/SHA256    the text of each file, named by its hash
//! ```
//!
//! A triple's line holds it as `weiser.check/1` does, with all prompts and replies and the control-flow graph. A run
//! that was killed leaves a record without its last line, perhaps with a torn one before: what is there can be read, and each
//! report says that the run was cut short.

mod line;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use line::{
    Answer, Assumption, Ballot, Classes, Condition, Cost, Diagnostic, Edge, Entry, Graph, Node, Origin, Prompt, Replay,
    Reply, Slice, Triple, TripleLine, Votes,
};
pub use read::Record;
pub use write::{Writer, triple_line};

use crate::report::OracleChoice;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

pub const RUN: &str = "weiser.run/1";
const MANIFEST: &str = "manifest.json";
const TRIPLES: &str = "triples.jsonl";
const SOURCES: &str = "sources";

/// What was run. No keys, no headers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`RUN`].
    pub schema: String,
    pub weiser: String,
    /// `check`, `eval`.
    pub command: String,
    /// The files and folders that were named.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Whatever of the settings may have changed the outcome.
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
    pub tokenizer: String,
    pub oracle: OracleChoice,
    /// How a model is asked first; `None` where none is.
    #[serde(default)]
    pub asking: Option<Asking>,
    /// How much was to be done, where it was known.
    #[serde(default)]
    pub planned: Option<Planned>,
    /// Seconds since 1970.
    #[serde(default)]
    pub started: Option<u64>,
    #[serde(default)]
    pub machine: Option<Machine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// `two-phase` or `one-phase`.
    pub style: String,
    pub seed: u64,
    /// Version of the prompts' templates.
    pub templates: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub triples: u64,
    pub slices: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    pub os: String,
    pub arch: String,
    pub cores: u64,
}

/// The last line of a run that came to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Of all triples together: `holds`, `violated`, `undecided`.
    pub outcome: String,
    pub triples: u64,
    /// What was paid for, where it was counted.
    #[serde(default)]
    pub spent: Option<Spent>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    pub questions: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    pub usd: f64,
    pub refused: u64,
}

/// An input that gave no analysis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    pub path: String,
    pub message: String,
}

#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("{} holds the record of a run already; name another folder, or remove it", .0.display())]
    Taken(PathBuf),
    #[error("{} is no record of a run: it has no {MANIFEST} (`weiser check --save DIR` writes one)", .0.display())]
    None(PathBuf),
    #[error("{}: not a manifest of {RUN}: {}", .0.display(), .1)]
    Manifest(PathBuf, String),
    #[error("{}: {}", .0.display(), crate::report::record::said(.1))]
    Io(PathBuf, io::Error),
}

/// An I/O error without its number.
fn said(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

/// SHA-256 of a text, as hex digits.
pub fn hash(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}
