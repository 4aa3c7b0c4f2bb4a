//! Campaigns: many subjects with known answers, judged by many oracles in several ways, and what that comes to.
//!
//! A **cell** is one way of judging one data set: an oracle, a method, a number of votes. A campaign judges each subject in each
//! cell; a **verdict** is what came of one subject in one cell. Its **outcome** is right where it equals the subject's label.
//! What is undecided, could not be analysed or was not judged yet is never right and never left out.
//!
//! | file | holds |
//! |---|---|
//! | `experiment` | the experiment file |
//! | `plan` | cells and subjects of a run, and what asking would take |
//! | `folder` | a run on disk: what is to be done, what was done; goes on after any end |
//! | `run` | judges what is open, several subjects at once, a queue for each server |
//! | `scores/` | statistics, tables, published figures, plots |

pub mod experiment;
pub mod folder;
pub mod plan;
pub mod run;
pub mod scores;

use crate::verdict::{Confidence, Outcome};
use serde::{Deserialize, Serialize};

/// How much of a program a question shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// A question for each slice.
    Slices,
    /// One question about the functions that Q's paths run through.
    Functions,
    /// One question about the whole program.
    Baseline,
}

impl Method {
    pub const ALL: [Method; 3] = [Method::Slices, Method::Functions, Method::Baseline];

    pub fn name(self) -> &'static str {
        match self {
            Method::Slices => "slices",
            Method::Functions => "functions",
            Method::Baseline => "baseline",
        }
    }
}

/// One way of judging one data set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    pub dataset: String,
    /// As after `--oracle`, or the name that the experiment gives it.
    pub oracle: String,
    pub method: Method,
    pub votes: u32,
}

/// A subject as far as scores need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectRow {
    pub dataset: String,
    pub id: String,
    pub group: String,
    pub language: String,
    /// [`Outcome::Holds`] or [`Outcome::Violated`]; `None` where nobody knows.
    pub label: Option<Outcome>,
    /// Tokens of the whole file, with its conditions in it.
    pub program_tokens: u64,
    /// Why it could not be loaded or analysed; then nothing is asked about it.
    pub problem: Option<String>,
    /// Hash of its text and of what is asked about it.
    pub hash: String,
}

/// What came of one subject in one cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    #[serde(flatten)]
    pub cell: Cell,
    pub subject: String,
    pub outcome: Outcome,
    pub confidence: Option<Confidence>,
    /// The cause that most answers of an undecided subject have; empty where it was decided.
    pub cause: String,
    /// Share of the votes that stands behind the outcome: of the least failing slice, or the least share among the slices of a
    /// subject that holds. `None` without votes or outcome.
    pub share: Option<f64>,
    /// Votes behind `share`.
    pub cast: u32,
    pub slices: u64,
    pub questions: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    /// Tokens of the least slice on which Q fails.
    pub least: Option<u64>,
    /// Something could not be asked: the server failed, a budget was used up, the run was stopped. Asked again when the run
    /// goes on.
    pub open: bool,
}
