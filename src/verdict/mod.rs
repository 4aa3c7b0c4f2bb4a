//! Replies → answers → outcome: `read` a reply, `ask` about all slices of a triple, let a `panel` vote on each, and what
//! the `outcome` is.

pub mod ask;
mod outcome;
pub mod panel;
pub mod read;

pub use outcome::outcome;

use crate::render::Rendered;
use crate::run::value::Input;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an oracle said of one slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    Pass,
    Fail,
    /// Claimed by an oracle, but a run didn't show it.
    FailUnconfirmed,
    Unknown,
    Infeasible,
    Error,
}

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Origin {
    /// `ollama`, `openai`, `replay`.
    pub oracle: String,
    pub model: String,
    /// The model's content digest where the server tells one; empty otherwise.
    #[serde(default)]
    pub digest: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Votes {
    pub pass: u32,
    pub fail: u32,
    pub unknown: u32,
}

/// One of several answers to a slice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    pub origin: Origin,
    pub answer: AnswerKind,
    pub code: String,
    pub reason: String,
    /// It is about the leaner slice.
    #[serde(default)]
    pub lean: bool,
}

/// What was asked about instead of a slice whose question is too long: the lean slice of the same paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaner {
    /// Content hash of the question.
    pub id: String,
    pub rendered: Rendered,
    pub tokens: u64,
    pub prompt_tokens: u64,
}

/// Something that an oracle said, word for word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub origin: Origin,
    /// To which kind of question: `reasoning`, `json`, `extract` or `repair`.
    pub phase: String,
    /// About the slice in other words.
    #[serde(default)]
    pub probe: bool,
    /// The thinking trace where the server tells it apart.
    #[serde(default)]
    pub thinking: String,
    pub text: String,
}

/// The answer to one slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Id of the slice.
    pub slice: String,
    pub answer: AnswerKind,
    /// A sentence for people.
    pub reason: String,
    /// Machine-readable cause where the answer is neither pass nor fail: `unparsable`, `timeout`, `no_server`, `no_model`,
    /// `too_long`, `leaner_passes` (the slice is too long, its leaner one passes), `out_of_tokens`, `refused`, `prompt_cut`,
    /// `contradiction`, `unsure` (the model's own verdict), `split`,
    /// `unstable` (under the probe), `budget`, `cancelled`, ... (`OracleError::code` has the rest). Empty for pass and fail.
    #[serde(default)]
    pub code: String,
    /// Inputs by parameter name.
    #[serde(default)]
    pub counterexample: BTreeMap<String, serde_json::Value>,
    pub origin: Origin,
    pub votes: Votes,
    /// The single votes, where there was more than one.
    #[serde(default)]
    pub ballots: Vec<Ballot>,
    /// What was said of the slice without comments and with other names.
    #[serde(default)]
    pub probe: Option<Ballot>,
    /// What the votes had said before a stronger model was asked.
    #[serde(default)]
    pub overruled: Option<Ballot>,
    /// How often somebody was asked; several phases of one vote count once.
    #[serde(default)]
    pub asked: u32,
    pub tokens_in: u64,
    pub tokens_out: u64,
    /// Wall time in milliseconds, as long as the oracle took for its replies.
    pub ms: u64,
    pub cached: bool,
    /// The raw reply, kept when it could not be read.
    #[serde(default)]
    pub raw: Option<String>,
    /// All that was said for it, in the order in which it was asked.
    #[serde(default)]
    pub replies: Vec<Said>,
    /// What running the counter-example on the program showed, where that was asked for.
    #[serde(default)]
    pub replay: Option<Replay>,
    /// What was really asked about, where the slice itself was too long to ask.
    #[serde(skip)]
    pub leaner: Option<Box<Leaner>>,
}

/// A claimed counter-example, run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// P was true and Q false.
    pub confirmed: bool,
    /// `confirmed`; or why not: `pre_false`, `post_true`, `not_reached`, `left`, `fault`, `timeout`, `memory`, `undecodable`,
    /// `plain_language`, `not_runnable`.
    pub code: String,
    /// What was seen, in a sentence.
    pub observed: String,
    /// The input as it was run, which says more than the counter-example's JSON; only where it was confirmed.
    #[serde(skip)]
    pub input: Option<Input>,
}

impl Answer {
    /// Nobody's answer yet, which is an error until it gets a kind.
    pub fn blank(slice: &str) -> Self {
        Answer {
            slice: slice.to_string(),
            answer: AnswerKind::Error,
            reason: String::new(),
            code: String::new(),
            counterexample: BTreeMap::new(),
            origin: Origin::default(),
            votes: Votes::default(),
            ballots: Vec::new(),
            probe: None,
            overruled: None,
            asked: 1,
            tokens_in: 0,
            tokens_out: 0,
            ms: 0,
            cached: false,
            raw: None,
            replies: Vec::new(),
            replay: None,
            leaner: None,
        }
    }

    /// With the one vote that makes it so.
    pub fn of_kind(self, answer: AnswerKind) -> Self {
        let one = |kind| u32::from(answer == kind);
        let votes =
            Votes { pass: one(AnswerKind::Pass), fail: one(AnswerKind::Fail), unknown: one(AnswerKind::Unknown) };
        Answer { answer, votes, ..self }
    }

    /// The share of the votes that are for the answer, where there was more than one.
    pub fn agreement(&self) -> Option<f64> {
        let with = |kind: AnswerKind| self.ballots.iter().filter(|b| b.answer == kind).count();
        let most = match (self.ballots.len(), self.code.as_str()) {
            (0, _) => return None,
            (_, "split") => [AnswerKind::Pass, AnswerKind::Fail].into_iter().map(with).max().unwrap_or(0),
            _ => [self.votes.pass, self.votes.fail, self.votes.unknown].into_iter().max().unwrap_or(0) as usize,
        };
        Some((most as f64 / self.ballots.len() as f64 * 1000.0).round() / 1000.0)
    }

    /// Adds what another question about the same slice took.
    fn with_cost_of(self, other: &Answer) -> Self {
        Answer { asked: self.asked.saturating_add(other.asked), ..self.with_phase_of(other) }
    }

    /// Adds what an earlier phase of the same answer took.
    fn after_phase_of(self, earlier: &Answer) -> Self {
        let replies = [earlier.replies.clone(), self.replies.clone()].concat();
        Answer { replies, ..self.with_phase_of(earlier) }
    }

    /// Adds what a later phase of the same answer took.
    fn with_phase_of(self, other: &Answer) -> Self {
        Answer {
            replies: [self.replies, other.replies.clone()].concat(),
            tokens_in: self.tokens_in.saturating_add(other.tokens_in),
            tokens_out: self.tokens_out.saturating_add(other.tokens_out),
            ms: self.ms.saturating_add(other.ms),
            cached: self.cached && other.cached,
            ..self
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Holds,
    Violated,
    Undecided,
}

/// Who stands behind an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    Claimed,
    Proved,
    Confirmed,
}
