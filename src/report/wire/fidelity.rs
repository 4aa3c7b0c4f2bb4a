//! The machine format `weiser.fidelity/1`.

use super::{Diagnostic, Entry, Error, Post, diagnostic, error, outcome_tag, post};
use crate::pipeline::{FileAnalysis, TripleAnalysis, TripleFidelity};
use crate::report::fidelity::{Agreement, TestedFile, Trial, agreement};
use crate::report::{InputError, overall};
use crate::run::fidelity::{Fidelity, Mismatches};
use crate::run::observed::{self, End, Observed, Truth};
use crate::run::value::{Input, Stdin};
use serde::Serialize;
use std::collections::BTreeMap;

pub const FIDELITY: &str = "weiser.fidelity/1";

/// `weiser fidelity --format json`.
pub fn document(trial: &Trial, files: &[TestedFile], errors: &[InputError]) -> Document {
    let outcomes = files.iter().flat_map(|f| f.analysis.triples.iter().zip(&f.tested));
    let walls = &trial.protections;
    Document {
        schema: FIDELITY,
        weiser: env!("CARGO_PKG_VERSION"),
        seed: trial.seed,
        inputs: trial.inputs,
        protections: Protections {
            complete: walls.complete(),
            landlock: walls.files.as_ref().ok().copied(),
            seccomp: walls.calls.is_ok(),
            namespaces: walls.namespaces.is_ok(),
            mounts: walls.mounts.is_ok(),
            limits: walls.limits,
            about: walls.to_string(),
        },
        outcome: outcome_tag(overall(outcomes.map(|(triple, tested)| agreement(triple, tested).outcome()))),
        files: files.iter().map(file).collect(),
        errors: errors.iter().map(error).collect(),
    }
}

#[derive(Debug, Serialize)]
pub struct Document {
    schema: &'static str,
    weiser: &'static str,
    seed: u64,
    inputs: usize,
    protections: Protections,
    outcome: &'static str,
    files: Vec<File>,
    errors: Vec<Error>,
}

impl Document {
    /// Pretty-printed, with a final line break.
    pub fn to_json(&self) -> String {
        super::pretty(self)
    }
}

#[derive(Debug, Serialize)]
struct Protections {
    complete: bool,
    landlock: Option<u32>,
    seccomp: bool,
    namespaces: bool,
    mounts: bool,
    limits: bool,
    about: String,
}

#[derive(Debug, Serialize)]
struct File {
    path: String,
    language: String,
    diagnostics: Vec<Diagnostic>,
    triples: Vec<Triple>,
}

#[derive(Debug, Serialize)]
struct Triple {
    id: String,
    entry: Entry,
    post: Post,
    slices: usize,
    vacuous: bool,
    outcome: &'static str,
    error: Option<String>,
    toolchain: String,
    without: String,
    judged: bool,
    inputs: Inputs,
    agree: usize,
    missed: Differences,
    spurious: Differences,
    broken: Vec<Broken>,
}

#[derive(Debug, Serialize)]
struct Inputs {
    tried: usize,
    accepted: usize,
    reached: usize,
    apart: usize,
}

#[derive(Debug, Serialize)]
struct Differences {
    count: usize,
    reproducers: Vec<Reproducer>,
}

#[derive(Debug, Serialize)]
struct Reproducer {
    program: String,
    input: Given,
    original: Run,
    slices: Vec<SliceRun>,
}

#[derive(Debug, Serialize)]
struct Given {
    arguments: BTreeMap<String, serde_json::Value>,
    stdin: Option<String>,
}

#[derive(Debug, Serialize)]
struct SliceRun {
    id: String,
    text: String,
    #[serde(flatten)]
    run: Run,
}

#[derive(Debug, Serialize)]
struct Run {
    visits: Vec<Visit>,
    end: &'static str,
    detail: String,
}

#[derive(Debug, Serialize)]
struct Visit {
    truth: serde_json::Value,
    names: String,
}

#[derive(Debug, Serialize)]
struct Broken {
    slice: String,
    reason: String,
}

fn file(file: &TestedFile) -> File {
    let analysis = &file.analysis;
    File {
        path: analysis.path.clone(),
        language: analysis.language.clone(),
        diagnostics: analysis.diagnostics.iter().map(diagnostic).collect(),
        triples: analysis.triples.iter().zip(&file.tested).map(|(t, tested)| triple(analysis, t, tested)).collect(),
    }
}

fn triple(file: &FileAnalysis, triple: &TripleAnalysis, tested: &TripleFidelity) -> Triple {
    let none = Fidelity::default();
    let result = tested.result.as_ref().unwrap_or(&none);
    let differences = |mismatches: &Mismatches| Differences {
        count: mismatches.count,
        reproducers: mismatches
            .told
            .iter()
            .map(|m| {
                // A spurious slice is told alone, those of a miss all together, in their order.
                let first = m.slice.unwrap_or(0);
                let slices = m.slices.iter().enumerate().map(|(i, seen)| slice_run(triple, first + i, seen));
                Reproducer {
                    program: file.path.clone(),
                    input: given(&tested.parameters, &m.input),
                    original: run(&m.original),
                    slices: slices.collect(),
                }
            })
            .collect(),
    };
    Triple {
        id: triple.id.clone(),
        entry: Entry { function: triple.function.clone(), line: triple.line, params: triple.params.clone() },
        post: post(triple),
        slices: triple.slices.len(),
        vacuous: triple.vacuous,
        outcome: agreement_tag(agreement(triple, tested)),
        error: tested.result.as_ref().err().map(ToString::to_string),
        toolchain: tested.toolchain.clone(),
        without: tested.without.clone(),
        judged: tested.judged,
        inputs: Inputs { tried: result.tried, accepted: result.accepted, reached: result.reached, apart: result.apart },
        agree: result.agree,
        missed: differences(&result.missed),
        spurious: differences(&result.spurious),
        broken: result
            .broken
            .iter()
            .map(|(i, reason)| Broken { slice: id(triple, *i), reason: reason.clone() })
            .collect(),
    }
}

fn agreement_tag(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Agrees => "agrees",
        Agreement::Differs => "differs",
        Agreement::Untested => "untested",
        Agreement::NotRun => "not-run",
    }
}

fn id(triple: &TripleAnalysis, slice: usize) -> String {
    triple.slices.get(slice).map(|s| s.id.clone()).unwrap_or_default()
}

fn given(parameters: &[String], input: &Input) -> Given {
    Given {
        arguments: parameters.iter().cloned().zip(input.arguments.iter().map(|v| v.to_json())).collect(),
        stdin: match &input.stdin {
            Stdin::Text(text) => Some(text.clone()),
            Stdin::Empty | Stdin::Choices(_) => None,
        },
    }
}

fn slice_run(triple: &TripleAnalysis, slice: usize, seen: &Observed) -> SliceRun {
    let text = triple.slices.get(slice).map(|s| s.rendered.text.clone()).unwrap_or_default();
    SliceRun { id: id(triple, slice), text, run: run(seen) }
}

fn run(seen: &Observed) -> Run {
    let visit = |visit: &observed::Visit| Visit {
        truth: match visit.truth {
            Truth::True => true.into(),
            Truth::False => false.into(),
            Truth::Unjudged => serde_json::Value::Null,
            Truth::Error => "error".into(),
        },
        names: visit.names.clone(),
    };
    Run { visits: seen.visits.iter().map(visit).collect(), end: end_tag(seen.end), detail: seen.detail.clone() }
}

fn end_tag(end: End) -> &'static str {
    match end {
        End::Ended => "ended",
        End::Violated => "violated",
        End::Pre => "pre",
        End::Assume => "assume",
        End::Left => "left",
        End::Fault => "fault",
        End::Timeout => "timeout",
        End::Memory => "memory",
        End::Output => "output",
        End::Input => "input",
        End::Skipped => "skipped",
    }
}
