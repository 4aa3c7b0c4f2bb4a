//! Scores as a document, `weiser.scores/1`. Shares are between 0 and 1.

use super::stats::{Rate, Spread};
use super::{Became, Difference, Score, Scores};
use crate::campaign::Cell;
use crate::campaign::folder::{Campaign, DatasetLine};
use serde::Serialize;
use std::collections::BTreeMap;

pub const SCORES: &str = "weiser.scores/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    weiser: &'a str,
    templates: &'a str,
    tokenizer: &'a str,
    name: &'a str,
    shard: &'a str,
    /// Verdicts that are still open.
    open: u64,
    datasets: &'a [DatasetLine],
    scores: Vec<Row<'a>>,
    differences: Vec<Pair<'a>>,
}

#[derive(Serialize)]
struct Which<'a> {
    dataset: &'a str,
    group: &'a str,
    oracle: &'a str,
    method: &'static str,
    votes: u32,
}

impl<'a> Which<'a> {
    fn of(cell: &'a Cell, group: &'a str) -> Which<'a> {
        Which { dataset: &cell.dataset, group, oracle: &cell.oracle, method: cell.method.name(), votes: cell.votes }
    }
}

#[derive(Serialize)]
struct Share {
    right: u64,
    of: u64,
    share: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

impl From<Rate> for Share {
    fn from(rate: Rate) -> Share {
        let (low, high) = rate.interval().unzip();
        let [share, low, high] = [rate.share(), low, high].map(|n| n.map(rounded));
        Share { right: rate.right, of: rate.of, share, low, high }
    }
}

#[derive(Serialize)]
struct Sample {
    n: u64,
    mean: f64,
    sd: f64,
    min: f64,
    max: f64,
    sum: f64,
}

impl From<Spread> for Sample {
    fn from(s: Spread) -> Sample {
        Sample { n: s.n, mean: rounded(s.mean), sd: rounded(s.sd), min: s.min, max: s.max, sum: s.sum }
    }
}

/// Six digits: the same on every machine.
fn rounded(n: f64) -> f64 {
    (n * 1e6).round() / 1e6
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    which: Which<'a>,
    unlabelled: u64,
    accuracy: Share,
    found: Share,
    false_alarms: Share,
    /// By label, then by what was said.
    confusion: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    undecided: &'a BTreeMap<String, u64>,
    least_slice: Option<Sample>,
    least_program: Option<Sample>,
    program: Option<Sample>,
    questions: Option<Sample>,
    tokens: Option<Sample>,
    calibration: Vec<Bin>,
    brier: Option<f64>,
}

#[derive(Serialize)]
struct Bin {
    from: f64,
    to: f64,
    mean_share: f64,
    right: Share,
}

#[derive(Serialize)]
struct Pair<'a> {
    #[serde(flatten)]
    which: Which<'a>,
    accuracy: Share,
    baseline: Share,
    only_this: u64,
    only_baseline: u64,
    p: f64,
}

/// The document's text.
pub fn scores(campaign: &Campaign, scores: &Scores, open: u64) -> String {
    let document = Document {
        schema: SCORES,
        weiser: &campaign.weiser,
        templates: &campaign.templates,
        tokenizer: &campaign.tokenizer,
        name: &campaign.name,
        shard: &campaign.shard,
        open,
        datasets: &campaign.datasets,
        scores: scores.scores.iter().map(row).collect(),
        differences: scores.differences.iter().map(pair).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("keys are strings");
    text.push('\n');
    text
}

fn row(score: &Score) -> Row<'_> {
    let counts = |row: &[u64; 5]| Became::ALL.iter().map(|b| b.name()).zip(row.iter().copied()).collect();
    let bin = |b: &super::Bin| Bin { from: b.from, to: b.to, mean_share: rounded(b.shares), right: b.rate.into() };
    Row {
        which: Which::of(&score.cell, &score.group),
        unlabelled: score.unlabelled,
        accuracy: score.accuracy.into(),
        found: score.found.into(),
        false_alarms: score.false_alarms.into(),
        confusion: [("holds", counts(&score.confusion[0])), ("violated", counts(&score.confusion[1]))].into(),
        undecided: &score.causes,
        least_slice: score.least.map(Sample::from),
        least_program: score.least_programs.map(Sample::from),
        program: score.programs.map(Sample::from),
        questions: score.questions.map(Sample::from),
        tokens: score.tokens.map(Sample::from),
        calibration: score.calibration.iter().map(bin).collect(),
        brier: score.brier.map(rounded),
    }
}

fn pair(d: &Difference) -> Pair<'_> {
    Pair {
        which: Which::of(&d.cell, &d.group),
        accuracy: d.with.into(),
        baseline: d.baseline.into(),
        only_this: d.only_with,
        only_baseline: d.only_baseline,
        p: d.p,
    }
}
