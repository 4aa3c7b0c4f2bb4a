//! The machine formats `weiser.slices/1` and `weiser.check/1`, and `weiser.fidelity/1` in [`fidelity`], and `weiser.index/1` in [`index`]: types of their own, so that an internal struct can change
//! without changing a format. Within a version fields may be added, none renamed or dropped. The schemas in
//! [`super::schema`] say the same for readers; a test holds both to each other.

pub mod fidelity;
pub mod index;
pub mod models;

use super::estimate::Estimate;
use super::{InputError, OracleChoice, code};
use crate::oracle::budget::Spent;
use crate::pipeline::{FileAnalysis, Note, SliceAnalysis, Slicing, TripleAnalysis, TripleVerdict};
use crate::render::{Rendered, SliceKind};
use crate::spec::{Condition, ConditionKind};
use crate::syntax::ast::Severity;
use crate::text::Part;
use crate::verdict::{self, Answer, AnswerKind, Confidence, Outcome};
use serde::Serialize;
use std::collections::BTreeMap;

pub const SLICES: &str = "weiser.slices/1";
pub const CHECK: &str = "weiser.check/1";

/// `weiser slices --format json`, without its files.
pub fn slices(tokenizer: &str, errors: &[InputError], estimate: Option<&Estimate>) -> Document {
    Document {
        schema: SLICES,
        weiser: env!("CARGO_PKG_VERSION"),
        tokenizer: tokenizer.into(),
        run: None,
        spent: None,
        estimate: estimate.map(estimated),
        files: [],
        errors: errors.iter().map(error).collect(),
    }
}

/// `weiser check --format json`, without its files. `outcome`: of all triples together.
pub fn check(
    tokenizer: &str,
    oracle: &OracleChoice,
    outcome: Outcome,
    errors: &[InputError],
    spent: Option<Spent>,
) -> Document {
    Document {
        schema: CHECK,
        weiser: env!("CARGO_PKG_VERSION"),
        tokenizer: tokenizer.into(),
        run: Some(Run {
            oracle: Oracle { spec: oracle.spec.clone(), about: oracle.about.clone(), why: oracle.why.clone() },
            outcome: outcome_tag(outcome),
        }),
        spent: spent.map(|s| SpentWire {
            questions: s.questions,
            tokens_in: s.tokens_in,
            tokens_out: s.tokens_out,
            usd: dollars(s.usd),
            refused: s.refused,
        }),
        estimate: None,
        files: [],
        errors: errors.iter().map(error).collect(),
    }
}

/// A file of a document, as it stands there; with its verdicts for `check`.
pub fn file_text(of: &FileAnalysis, verdicts: Option<&[TripleVerdict]>) -> String {
    let text = serde_json::to_string_pretty(&file(of, verdicts)).expect("wire types have string keys only");
    // No string of JSON has a line break in it.
    format!("    {}", text.replace('\n', "\n    "))
}

#[derive(Debug, Serialize)]
pub struct Document {
    schema: &'static str,
    weiser: &'static str,
    tokenizer: String,
    /// `check` only.
    #[serde(flatten)]
    run: Option<Run>,
    /// `check` only, where it was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    spent: Option<SpentWire>,
    /// `slices --estimate` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<EstimateWire>,
    files: [File; 0],
    /// Inputs that gave no analysis; a run with any is not a clean one.
    errors: Vec<Error>,
}

impl Document {
    /// What stands before its files and behind them; together the document without any, with a final line break.
    pub fn around(&self) -> (String, String) {
        const FILES: &str = "\n  \"files\": [";
        let text = pretty(self);
        // Only a key of the document itself stands so far to the left.
        let at = text.find(FILES).map_or(text.len(), |at| at + FILES.len());
        (text[..at].to_owned(), text[at..].to_owned())
    }
}

pub(super) fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("wire types have string keys only");
    text.push('\n');
    text
}

#[derive(Debug, Serialize)]
struct Run {
    oracle: Oracle,
    /// Of all triples together.
    outcome: &'static str,
}

#[derive(Debug, Serialize)]
struct Oracle {
    spec: String,
    about: String,
    why: String,
}

#[derive(Debug, Serialize)]
struct SpentWire {
    questions: u64,
    tokens_in: u64,
    tokens_out: u64,
    usd: f64,
    refused: u64,
}

#[derive(Debug, Serialize)]
struct EstimateWire {
    questions: u64,
    tokens_in: u64,
    tokens_out: u64,
    answer_tokens: u64,
    models: Vec<CostWire>,
}

#[derive(Debug, Serialize)]
struct CostWire {
    model: String,
    usd: Option<f64>,
    source: String,
}

/// To a millionth of a dollar.
fn dollars(usd: f64) -> f64 {
    (usd * 1e6).round() / 1e6
}

fn estimated(estimate: &Estimate) -> EstimateWire {
    let model = |m: &super::estimate::Cost| CostWire {
        model: m.model.clone(),
        usd: m.usd.map(dollars),
        source: m.source.clone(),
    };
    EstimateWire {
        questions: estimate.questions,
        tokens_in: estimate.tokens_in,
        tokens_out: estimate.tokens_out,
        answer_tokens: estimate.answer_tokens,
        models: estimate.models.iter().map(model).collect(),
    }
}

#[derive(Debug, Serialize)]
struct Error {
    path: String,
    message: String,
}

#[derive(Debug, Serialize)]
struct File {
    path: String,
    language: String,
    diagnostics: Vec<Diagnostic>,
    triples: Vec<Triple>,
}

#[derive(Debug, Serialize)]
struct Diagnostic {
    severity: &'static str,
    line: u32,
    message: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Triple {
    id: String,
    entry: Entry,
    pre: Vec<Pre>,
    post: Post,
    criterion: Vec<String>,
    whole: bool,
    vacuous: bool,
    limits: Vec<String>,
    slicing: &'static str,
    program_tokens: u64,
    baseline_prompt_tokens: u64,
    classes: Classes,
    slices: Vec<Slice>,
    diagnostics: Vec<Diagnostic>,
    /// Where lines are of other files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Part>,
    /// `check` only.
    #[serde(flatten)]
    verdict: Option<Verdict>,
}

#[derive(Debug, Serialize)]
struct Entry {
    function: String,
    line: u32,
    params: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Pre {
    text: String,
    kind: &'static str,
    line: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

#[derive(Debug, Serialize)]
struct Post {
    text: String,
    kind: &'static str,
    line: u32,
    at: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

#[derive(Debug, Serialize)]
struct Classes {
    asked: u64,
    total: Option<u64>,
    complete: bool,
}

#[derive(Debug, Serialize)]
struct Slice {
    id: String,
    kind: &'static str,
    classes: u64,
    tokens: u64,
    prompt_tokens: u64,
    text: String,
    lines: Vec<Option<u32>>,
    kept: Vec<(u32, u32)>,
    assumptions: Vec<Assumption>,
}

#[derive(Debug, Serialize)]
struct Assumption {
    line: u32,
    text: String,
}

#[derive(Debug, Serialize)]
struct Verdict {
    outcome: &'static str,
    confidence: Option<&'static str>,
    least_failing: Option<String>,
    answers: Vec<AnswerWire>,
    cost: Cost,
}

#[derive(Debug, Serialize)]
struct AnswerWire {
    slice: String,
    /// `lean`, where the slice is, or what was asked about instead of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    slicing: Option<&'static str>,
    /// What was asked about instead, where the slice was too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    leaner: Option<Slice>,
    answer: &'static str,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    counterexample: BTreeMap<String, serde_json::Value>,
    origin: Origin,
    votes: Votes,
    /// The share of the votes that are for the answer; where there was more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    agreement: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ballots: Vec<BallotWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probe: Option<BallotWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    overruled: Option<BallotWire>,
    asked: u32,
    tokens_in: u64,
    tokens_out: u64,
    ms: u64,
    cached: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<ReplayWire>,
}

/// A claimed counter-example, run.
#[derive(Debug, Serialize)]
struct ReplayWire {
    confirmed: bool,
    code: String,
    observed: String,
}

/// One of several answers to a slice.
#[derive(Debug, Serialize)]
struct BallotWire {
    answer: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    code: String,
    reason: String,
    /// `lean`, where it is about the leaner slice.
    #[serde(skip_serializing_if = "Option::is_none")]
    slicing: Option<&'static str>,
    origin: Origin,
}

#[derive(Debug, Serialize)]
struct Origin {
    oracle: String,
    model: String,
    digest: String,
}

#[derive(Debug, Serialize)]
struct Votes {
    pass: u32,
    fail: u32,
    unknown: u32,
}

#[derive(Debug, Serialize)]
struct Cost {
    questions: u64,
    tokens_in: u64,
    tokens_out: u64,
    baseline_tokens_in: u64,
}

fn error(error: &InputError) -> Error {
    Error { path: error.path.clone(), message: error.message.clone() }
}

fn file(file: &FileAnalysis, verdicts: Option<&[TripleVerdict]>) -> File {
    File {
        path: file.path.clone(),
        language: file.language.clone(),
        diagnostics: file.diagnostics.iter().map(diagnostic).collect(),
        triples: file.triples.iter().enumerate().map(|(i, t)| triple(t, verdicts.and_then(|v| v.get(i)))).collect(),
    }
}

fn diagnostic(note: &Note) -> Diagnostic {
    Diagnostic { severity: severity_tag(note.severity), line: note.line, message: note.message.clone() }
}

pub(super) fn triple(triple: &TripleAnalysis, verdict: Option<&TripleVerdict>) -> Triple {
    Triple {
        id: triple.id.clone(),
        entry: Entry { function: triple.function.clone(), line: triple.line, params: triple.params.clone() },
        pre: triple
            .pre
            .iter()
            .map(|(c, line)| {
                let (text, kind, note) = condition(c);
                Pre { text, kind, line: *line, note }
            })
            .collect(),
        post: post(triple),
        criterion: triple.criterion.clone(),
        whole: triple.whole,
        vacuous: triple.vacuous,
        limits: triple.limits.clone(),
        slicing: slicing_tag(triple.slicing),
        program_tokens: triple.program_tokens,
        baseline_prompt_tokens: triple.baseline_prompt_tokens,
        classes: Classes {
            asked: triple.asked,
            total: triple.total,
            complete: triple.total.is_some_and(|total| triple.asked >= total),
        },
        slices: triple.slices.iter().map(slice).collect(),
        diagnostics: triple.diagnostics.iter().map(diagnostic).collect(),
        parts: triple.parts.clone(),
        verdict: verdict.map(|v| judged(v, triple)),
    }
}

fn post(triple: &TripleAnalysis) -> Post {
    let (text, kind, note) = condition(&triple.post);
    Post { text, kind, line: triple.post_line, at: if triple.at_exit { "exit" } else { "point" }, note }
}

fn condition(condition: &Condition) -> (String, &'static str, String) {
    let kind = match condition.kind {
        ConditionKind::Code => "code",
        ConditionKind::Text => "text",
    };
    (condition.text.clone(), kind, condition.note.clone())
}

fn slice(slice: &SliceAnalysis) -> Slice {
    cut(&slice.id, &slice.rendered, slice.classes, slice.tokens, slice.prompt_tokens)
}

fn cut(id: &str, rendered: &Rendered, classes: u64, tokens: u64, prompt_tokens: u64) -> Slice {
    let kind = match rendered.kind {
        SliceKind::Class => "class",
        SliceKind::Remainder => "remainder",
        SliceKind::Program => "program",
    };
    let assumption = |a: &crate::render::Assumption| Assumption { line: a.line, text: a.text.clone() };
    Slice {
        id: id.to_owned(),
        kind,
        classes,
        tokens,
        prompt_tokens,
        text: rendered.text.clone(),
        lines: rendered.lines.clone(),
        kept: rendered.kept.clone(),
        assumptions: rendered.assumptions.iter().map(assumption).collect(),
    }
}

fn judged(verdict: &TripleVerdict, triple: &TripleAnalysis) -> Verdict {
    Verdict {
        outcome: outcome_tag(verdict.outcome),
        confidence: verdict.confidence.map(confidence_tag),
        least_failing: verdict.least_failing.clone(),
        answers: verdict.answers.iter().map(|a| answer(a, triple)).collect(),
        cost: Cost {
            questions: verdict.questions,
            tokens_in: verdict.tokens_in,
            tokens_out: verdict.tokens_out,
            baseline_tokens_in: triple.baseline_prompt_tokens,
        },
    }
}

fn answer(answer: &Answer, triple: &TripleAnalysis) -> AnswerWire {
    let lean = triple.slicing == Slicing::Lean || answer.leaner.is_some();
    // It stands for the paths of the slice.
    let classes = || triple.slices.iter().find(|s| s.id == answer.slice).map_or(1, |s| s.classes);
    AnswerWire {
        slice: answer.slice.clone(),
        slicing: lean.then(|| slicing_tag(Slicing::Lean)),
        leaner: answer.leaner.as_ref().map(|l| cut(&l.id, &l.rendered, classes(), l.tokens, l.prompt_tokens)),
        answer: answer_tag(answer.answer),
        reason: answer.reason.clone(),
        code: code(answer).map(str::to_owned),
        counterexample: answer.counterexample.clone(),
        origin: origin(&answer.origin),
        votes: Votes { pass: answer.votes.pass, fail: answer.votes.fail, unknown: answer.votes.unknown },
        agreement: answer.agreement(),
        ballots: answer.ballots.iter().map(ballot).collect(),
        probe: answer.probe.as_ref().map(ballot),
        overruled: answer.overruled.as_ref().map(ballot),
        asked: answer.asked,
        tokens_in: answer.tokens_in,
        tokens_out: answer.tokens_out,
        ms: answer.ms,
        cached: answer.cached,
        raw: answer.raw.clone(),
        replay: answer.replay.as_ref().map(|r| ReplayWire {
            confirmed: r.confirmed,
            code: r.code.clone(),
            observed: r.observed.clone(),
        }),
    }
}

fn origin(origin: &verdict::Origin) -> Origin {
    Origin { oracle: origin.oracle.clone(), model: origin.model.clone(), digest: origin.digest.clone() }
}

fn ballot(ballot: &verdict::Ballot) -> BallotWire {
    BallotWire {
        answer: answer_tag(ballot.answer),
        code: ballot.code.clone(),
        reason: ballot.reason.clone(),
        slicing: ballot.lean.then(|| slicing_tag(Slicing::Lean)),
        origin: origin(&ballot.origin),
    }
}

fn slicing_tag(slicing: Slicing) -> &'static str {
    match slicing {
        Slicing::Exact => "exact",
        Slicing::Lean => "lean",
    }
}

pub(super) fn severity_tag(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

pub(super) fn outcome_tag(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "holds",
        Outcome::Violated => "violated",
        Outcome::Undecided => "undecided",
    }
}

pub(super) fn confidence_tag(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Claimed => "claimed",
        Confidence::Proved => "proved",
        Confidence::Confirmed => "confirmed",
    }
}

pub(super) fn answer_tag(answer: AnswerKind) -> &'static str {
    match answer {
        AnswerKind::Pass => "pass",
        AnswerKind::Fail => "fail",
        AnswerKind::FailUnconfirmed => "fail-unconfirmed",
        AnswerKind::Unknown => "unknown",
        AnswerKind::Infeasible => "infeasible",
        AnswerKind::Error => "error",
    }
}
