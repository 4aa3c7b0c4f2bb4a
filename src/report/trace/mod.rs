//! Traces of a recorded run, `weiser.trace/1`: one for each answer about a path class, for study and for training.
//!
//! A trace tells one class of paths as steps in the order in which control first comes to them, with the branches that make it that
//! class, the slice that was asked about, the answer, who gave it, and how sure it is. Only steps that Q may depend on are
//! told. Everything comes from the record (`report/record`); nothing is asked or run.
//!
//! | file | holds |
//! |---|---|
//! | `path` | the covered part of the graph in order |
//! | `story` | a trace as text |
//! | `overlap` | keys by which programs are known again, whatever their names and layout |

mod overlap;
mod path;
mod story;
#[cfg(test)]
mod tests;

pub use overlap::{Overlap, overlap, program};

use super::record::{Answer, Condition, Record, Slice, TripleLine, hash};
use crate::text::Part;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub const TRACE: &str = "weiser.trace/1";

/// One trace. Lines and columns are 1-based, ends exclusive.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// [`TRACE`].
    pub schema: &'static str,
    /// Hash of language, conditions, slice and answer: the same for traces that say the same.
    pub id: String,
    pub source: Source,
    pub property: String,
    pub entry: Entry,
    pub pre: Vec<Condition>,
    pub post: Condition,
    /// Where lines are of other files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// `class`: one class of paths; `remainder`: all that were not asked one by one; `program`: the whole program.
    pub kind: String,
    pub steps: Vec<Step>,
    pub branches: Vec<Branch>,
    /// What holds on the path, as the class assumes it.
    pub path_condition: Vec<super::record::Assumption>,
    pub slice: String,
    /// `pass`, `fail`, ...
    pub answer: String,
    /// Why nothing is settled, for machines; absent for `pass` and `fail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub reason: String,
    /// `claimed`, `proved`, `confirmed`; absent where nothing is settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<String>,
    pub origin: super::record::Origin,
    pub votes: super::record::Votes,
    /// Inputs by name, as the answer gave them.
    pub witness: BTreeMap<String, Value>,
    /// What running them showed; empty where they were not run.
    pub observed: String,
    pub completeness: Completeness,
    /// The trace as text.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    pub path: String,
    pub language: String,
    /// SHA-256 of the text.
    pub sha256: String,
    /// Empty where they aren't known.
    pub licence: String,
    pub origin: String,
    /// The task of a data set; empty outside of one.
    pub task: String,
    pub overlap: Overlap,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    pub function: String,
    pub line: u32,
}

/// `[line, column, end line, end column]`.
pub type Span = (u32, u32, u32, u32);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub span: Option<Span>,
    /// `pre`, `post`, `condition`, `call`, `statement`.
    pub kind: String,
    pub text: String,
    /// Names that it reads, and that it may change.
    pub reads: Vec<String>,
    pub writes: Vec<String>,
    /// The side that is taken, of a condition.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub side: String,
    /// It may be executed several times.
    pub repeats: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    pub span: Option<Span>,
    pub guard: String,
    /// `true`, `false`, `case 1`, ...; `any` where the class has several.
    pub side: String,
    /// `class`: the class assumes this side; `reach`: no other leads to Q; `program`: the slice leaves it open.
    pub decided: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// All classes of the triple were asked about one by one.
    pub classes: bool,
    /// Steps that Q can't depend on, left out.
    pub left_out: usize,
    /// Why there are no steps; empty where there are.
    pub omitted: String,
    /// Why the triple can't be said to hold, whatever the answers are.
    pub limits: Vec<String>,
    /// The run came to its end.
    pub run_ended: bool,
}

/// What is known of a program besides the record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    pub licence: String,
    pub origin: String,
    pub task: String,
    pub property: String,
}

/// Which traces are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only violations that were seen to happen.
    pub confirmed: bool,
    /// Also those that say the same as one before.
    pub duplicates: bool,
    /// Keys of programs and functions that are kept out.
    pub excluded: BTreeSet<String>,
}

/// Traces, and what was left out.
#[derive(Debug, Clone, Default)]
pub struct Traces {
    pub traces: Vec<Trace>,
    pub unwanted: usize,
    pub duplicates: usize,
    pub excluded: usize,
    /// Texts that the record lacks, so that nothing says whether they are to be kept out.
    pub unknown: usize,
}

/// The traces of a run, in the order of its record. `known`: by the hash of a program's text.
pub fn traces(record: &Record, known: &BTreeMap<String, Known>, wanted: &Wanted) -> Traces {
    let mut out = Traces::default();
    let mut told = BTreeSet::new();
    for line in &record.triples {
        let text = record.source(line);
        let keys = overlap(text, &line.language, &line.triple.entry.function);
        for answer in &line.triple.answers {
            let confirmed = answer.answer == "fail" && answer.replay.as_ref().is_some_and(|r| r.confirmed);
            if wanted.confirmed && !confirmed {
                out.unwanted += 1;
                continue;
            }
            if !wanted.excluded.is_empty() && text.is_empty() {
                out.unknown += 1;
                continue;
            }
            if wanted.excluded.contains(&keys.program) || wanted.excluded.contains(&keys.function) {
                out.excluded += 1;
                continue;
            }
            let about = known.get(&line.source).cloned().unwrap_or_default();
            let trace = trace(record, line, answer, &about, keys.clone());
            if !told.insert(trace.id.clone()) && !wanted.duplicates {
                out.duplicates += 1;
                continue;
            }
            out.traces.push(trace);
        }
    }
    out
}

fn trace(record: &Record, line: &TripleLine, answer: &Answer, known: &Known, overlap: Overlap) -> Trace {
    let triple = &line.triple;
    let number = triple.slices.iter().position(|s| s.id == answer.slice);
    // An answer may be about the whole program.
    let slice: Option<&Slice> = triple.asked(answer);
    let assumptions = slice.map_or(&[][..], |s| &s.assumptions);
    let mut path = path::path(&line.graph, number.map(|n| n as u32), assumptions);
    for step in &mut path.steps {
        // The graph only numbers conditions that are no statements.
        let number = step.text.strip_prefix("PRE ").and_then(|n| n.parse::<usize>().ok());
        match (step.kind.as_str(), number.and_then(|n| triple.pre.get(n.checked_sub(1)?))) {
            ("pre", Some(pre)) => step.text.clone_from(&pre.text),
            ("post", _) => step.text.clone_from(&triple.post.text),
            _ => {}
        }
    }
    let text = slice.map_or_else(|| record.source(line).to_owned(), |s| s.text.clone());
    let settled = matches!(answer.answer.as_str(), "pass" | "fail");
    let confirmed = answer.replay.as_ref().is_some_and(|r| r.confirmed);
    let confidence = match (settled, confirmed && answer.answer == "fail") {
        (false, _) => None,
        (true, true) => Some("confirmed".to_owned()),
        (true, false) => Some(triple.confidence.clone().filter(|c| c != "confirmed").unwrap_or("claimed".into())),
    };
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut said = vec![line.language.clone(), flat(&text), triple.post.text.clone(), answer.answer.clone()];
    said.extend(triple.pre.iter().map(|p| p.text.clone()));
    let property = match (known.property.as_str(), line.about.get("property")) {
        ("", Some(property)) => property.clone(),
        ("", None) => "assertion".into(),
        (property, _) => property.to_owned(),
    };
    let mut trace = Trace {
        schema: TRACE,
        id: hash(&said.join("\u{0}"))[..32].to_owned(),
        source: Source {
            path: line.path.clone(),
            language: line.language.clone(),
            sha256: line.source.clone(),
            licence: known.licence.clone(),
            origin: known.origin.clone(),
            task: known.task.clone(),
            overlap,
        },
        property,
        entry: Entry { function: triple.entry.function.clone(), line: triple.entry.line },
        pre: triple.pre.clone(),
        post: triple.post.clone(),
        parts: triple.parts.clone(),
        kind: slice.map_or("program", |s| s.kind.as_str()).to_owned(),
        steps: path.steps,
        branches: path.branches,
        path_condition: assumptions.to_vec(),
        slice: text,
        answer: answer.answer.clone(),
        code: answer.code.clone().filter(|_| !settled),
        reason: answer.reason.clone(),
        confidence,
        origin: answer.origin.clone(),
        votes: answer.votes,
        witness: answer.counterexample.clone(),
        observed: answer.replay.as_ref().map_or(String::new(), |r| r.observed.clone()),
        completeness: Completeness {
            classes: triple.classes.complete,
            left_out: path.left_out,
            omitted: path.omitted,
            limits: triple.limits.clone(),
            run_ended: record.end.is_some(),
        },
        text: String::new(),
    };
    trace.text = story::told(&trace);
    trace
}

impl Trace {
    /// One line, with its line break.
    pub fn to_jsonl(&self) -> String {
        // Maps with text keys can always be written.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}
