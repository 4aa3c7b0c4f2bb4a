//! What leaves weiser: documents for machines ([`wire`], with their JSON Schemas in [`schema`]) and text for people
//! ([`terminal`]).
//!
//! Knows nothing of the command line or networks, and of files only where a run is recorded ([`record`]): everything else is a
//! pure function from an analysis and its verdicts, or from a record, to a value or a string. Bytes are deterministic: no hash
//! order, no clock (`ms` is what the answer recorded).

pub mod batch;
pub mod cache;
pub mod estimate;
pub mod fidelity;
pub mod files;
pub mod formats;
mod gcc;
mod html;
mod junit;
mod markdown;
pub mod models;
pub mod record;
mod run_json;
mod sarif;
pub mod schema;
pub mod terminal;
pub mod trace;
pub mod wire;

use crate::pipeline::{FileAnalysis, Slicing, TripleAnalysis, TripleVerdict};
use crate::verdict::{AnswerKind, Outcome};
use serde::{Deserialize, Serialize};

/// A file with one verdict per triple, in the triples' order.
#[derive(Debug, Clone)]
pub struct CheckedFile {
    pub analysis: FileAnalysis,
    pub verdicts: Vec<TripleVerdict>,
}

/// Who answers a run and why it was chosen: the first line of every check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleChoice {
    /// As the user would write it after `--oracle`: `ollama:llama3.1:8b`.
    pub spec: String,
    /// The same for people, with what is known of it: its server, its context. May be empty.
    pub about: String,
    /// A clause for people: `named by --oracle`.
    pub why: String,
}

/// An input that gave no analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    pub path: String,
    pub message: String,
}

/// What a whole run came to: one violated triple decides it, then one undecided triple; a run without triples decided
/// nothing.
pub fn overall(verdicts: impl IntoIterator<Item = Outcome>) -> Outcome {
    let mut all = None;
    for outcome in verdicts {
        all = Some(match (all, outcome) {
            (Some(Outcome::Violated), _) | (_, Outcome::Violated) => Outcome::Violated,
            (Some(Outcome::Undecided), _) | (_, Outcome::Undecided) => Outcome::Undecided,
            (_, Outcome::Holds) => Outcome::Holds,
        });
    }
    all.unwrap_or(Outcome::Undecided)
}

/// The outcome of a triple as it is reported under `--strict`: one that holds because no path leads to it, or by lean slices
/// only, is undecided. Nothing else is changed.
pub fn strict(triple: &TripleAnalysis, mut verdict: TripleVerdict) -> TripleVerdict {
    let weak = triple.vacuous || triple.slicing == Slicing::Lean;
    if weak && verdict.outcome == Outcome::Holds {
        verdict.outcome = Outcome::Undecided;
        verdict.confidence = None;
    }
    verdict
}

/// The cause that a machine reads, for every kind of answer that settles nothing; `None` for pass and fail.
fn code(answer: &crate::verdict::Answer) -> Option<&str> {
    let fallback = match answer.answer {
        AnswerKind::Pass | AnswerKind::Fail => return None,
        AnswerKind::FailUnconfirmed => "unconfirmed",
        AnswerKind::Unknown => "unknown",
        AnswerKind::Infeasible => "infeasible",
        AnswerKind::Error => "error",
    };
    Some(if answer.code.is_empty() { fallback } else { &answer.code })
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
