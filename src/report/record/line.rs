//! A triple's line. What is of `weiser.check/1` has its names; fields that an older line lacks have defaults.

use crate::text::Part;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TripleLine {
    pub path: String,
    pub language: String,
    /// SHA-256 of the file's text, which is in `sources/`.
    pub source: String,
    /// What else tells it from others of the run: `model`, `method`, `subject`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub about: BTreeMap<String, String>,
    /// Of the whole file.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
    pub triple: Triple,
    /// The instructions that open each prompt.
    #[serde(default)]
    pub system: String,
    /// What was asked first about each slice, in their order, then about leaner ones; empty where no model is asked.
    #[serde(default)]
    pub prompts: Vec<Prompt>,
    #[serde(default)]
    pub graph: Graph,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// `info`, `warning`, `error`.
    pub severity: String,
    /// 0: the whole file.
    pub line: u32,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Triple {
    pub id: String,
    pub entry: Entry,
    pub pre: Vec<Condition>,
    pub post: Condition,
    #[serde(default)]
    pub criterion: Vec<String>,
    #[serde(default)]
    pub whole: bool,
    #[serde(default)]
    pub vacuous: bool,
    #[serde(default)]
    pub limits: Vec<String>,
    /// `exact` or `lean`.
    #[serde(default = "exact")]
    pub slicing: String,
    #[serde(default)]
    pub program_tokens: u64,
    #[serde(default)]
    pub baseline_prompt_tokens: u64,
    pub classes: Classes,
    pub slices: Vec<Slice>,
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
    /// `holds`, `violated`, `undecided`.
    pub outcome: String,
    /// `claimed`, `proved`, `confirmed`.
    #[serde(default)]
    pub confidence: Option<String>,
    #[serde(default)]
    pub least_failing: Option<String>,
    pub answers: Vec<Answer>,
    pub cost: Cost,
    /// Where lines of the source are of other files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

impl Triple {
    /// The slice that an answer is about; `None` where that is the whole program.
    pub fn asked<'a>(&'a self, answer: &'a Answer) -> Option<&'a Slice> {
        answer.leaner.as_ref().or_else(|| self.slices.iter().find(|s| s.id == answer.slice))
    }
}

fn exact() -> String {
    "exact".into()
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub function: String,
    pub line: u32,
    #[serde(default)]
    pub params: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub text: String,
    /// `code` or `text`.
    pub kind: String,
    /// 0: the command line.
    pub line: u32,
    /// Of a post-condition: `point` or `exit`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classes {
    pub asked: u64,
    pub total: Option<u64>,
    pub complete: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    pub id: String,
    /// `class` or `remainder`.
    pub kind: String,
    #[serde(default)]
    pub classes: u64,
    pub tokens: u64,
    pub prompt_tokens: u64,
    pub text: String,
    /// For each line of `text`, that of the file it is from.
    #[serde(default)]
    pub lines: Vec<Option<u32>>,
    /// Ranges of the file's lines, both ends included.
    #[serde(default)]
    pub kept: Vec<(u32, u32)>,
    #[serde(default)]
    pub assumptions: Vec<Assumption>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    pub line: u32,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Id of its slice, or of the triple where the whole program was asked about.
    pub slice: String,
    /// `lean`, where the slice is, or what was asked about instead of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slicing: Option<String>,
    /// What was asked about instead, where the slice was too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaner: Option<Slice>,
    /// `pass`, `fail`, `fail-unconfirmed`, `unknown`, `infeasible`, `error`.
    pub answer: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default)]
    pub counterexample: BTreeMap<String, Value>,
    #[serde(default)]
    pub origin: Origin,
    #[serde(default)]
    pub votes: Votes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ballots: Vec<Ballot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Ballot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overruled: Option<Ballot>,
    #[serde(default)]
    pub asked: u32,
    #[serde(default)]
    pub tokens_in: u64,
    #[serde(default)]
    pub tokens_out: u64,
    #[serde(default)]
    pub ms: u64,
    #[serde(default)]
    pub cached: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    /// All that was said, word for word.
    #[serde(default)]
    pub replies: Vec<Reply>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub oracle: String,
    #[serde(default)]
    pub model: String,
    #[serde(default)]
    pub digest: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    pub pass: u32,
    pub fail: u32,
    pub unknown: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    pub answer: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    #[serde(default)]
    pub reason: String,
    /// `lean`, where it is about the leaner slice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slicing: Option<String>,
    #[serde(default)]
    pub origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    pub confirmed: bool,
    pub code: String,
    pub observed: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub origin: Origin,
    /// `reasoning`, `json`, `extract`, `repair`.
    pub phase: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub probe: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thinking: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    pub questions: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    #[serde(default)]
    pub baseline_tokens_in: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Id of the slice.
    pub slice: String,
    pub user: String,
}

/// The control-flow graph; node 0 is the entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// Why it isn't here, where it isn't.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub omitted: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its place in `nodes`.
    pub id: u32,
    /// `entry`, `exit`, `pre`, `post`, `condition`, `marker`, `call`, `statement`.
    pub kind: String,
    pub text: String,
    /// Line and column of its first byte and of the byte after its last.
    pub span: Option<(u32, u32, u32, u32)>,
    /// Q may depend on it.
    pub relevant: bool,
    /// Names that it reads, and that it may change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    pub from: u32,
    pub to: u32,
    /// `true`, `false`, `case 1`, `raises`; empty for the next statement.
    pub why: String,
    /// Which slices cover it, by their place in the triple's `slices`.
    pub slices: Vec<u32>,
}
