//! What the verdicts of a campaign come to.
//!
//! Everything here is a pure function of subjects and verdicts, in whatever order those came: the same ones give the same
//! bytes. The denominator of every accuracy is all labelled subjects.
//!
//! `stats`: intervals and tests. `tables`: Markdown and CSV. `published`: other people's figures. `plots`: SVG.

pub mod output;
pub mod plots;
pub mod published;
pub mod stats;
pub mod table;
pub mod tables;
pub mod wire;

use super::{Cell, Method, SubjectRow, Verdict};
use crate::verdict::Outcome;
use serde::{Deserialize, Serialize};
use stats::{Rate, Spread, mcnemar};
use std::collections::{BTreeMap, BTreeSet};

/// The group that stands for all groups of a data set.
pub const ALL: &str = "all";

/// What became of a labelled subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Became {
    Holds,
    Violated,
    Undecided,
    /// It could not be loaded or analysed.
    NotAnalysed,
    /// It has no verdict yet.
    NotJudged,
}

impl Became {
    pub const ALL: [Became; 5] =
        [Became::Holds, Became::Violated, Became::Undecided, Became::NotAnalysed, Became::NotJudged];

    pub fn of(subject: &SubjectRow, verdict: Option<&Verdict>) -> Became {
        match (&subject.problem, verdict.map(|v| v.outcome)) {
            (Some(_), _) => Became::NotAnalysed,
            (None, None) => Became::NotJudged,
            (None, Some(Outcome::Holds)) => Became::Holds,
            (None, Some(Outcome::Violated)) => Became::Violated,
            (None, Some(Outcome::Undecided)) => Became::Undecided,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Became::Holds => "holds",
            Became::Violated => "violated",
            Became::Undecided => "undecided",
            Became::NotAnalysed => "not analysed",
            Became::NotJudged => "not judged",
        }
    }

    fn is(self, label: Outcome) -> bool {
        matches!((self, label), (Became::Holds, Outcome::Holds) | (Became::Violated, Outcome::Violated))
    }
}

/// One cell on one group of subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    pub cell: Cell,
    /// [`ALL`], or one of several groups.
    pub group: String,
    /// Subjects without a label: judged, but in no rate.
    pub unlabelled: u64,
    pub accuracy: Rate,
    /// Of the violated subjects, those that were found to be.
    pub found: Rate,
    /// Of the subjects that hold, those said to be violated.
    pub false_alarms: Rate,
    /// By label ([`Outcome::Holds`], then [`Outcome::Violated`]) and by what they became.
    pub confusion: [[u64; 5]; 2],
    /// Undecided subjects by cause.
    pub causes: BTreeMap<String, u64>,
    /// Tokens of the least slice with a counter-example, over subjects rightly said to be violated; and of their whole files.
    pub least: Option<Spread>,
    pub least_programs: Option<Spread>,
    /// Of each judged subject, in and out.
    pub tokens: Option<Spread>,
    pub questions: Option<Spread>,
    /// Tokens of whole files.
    pub programs: Option<Spread>,
    pub calibration: Vec<Bin>,
    /// Mean of (share - right)^2 over decided subjects that were voted upon.
    pub brier: Option<f64>,
}

/// Subjects whose outcome has so large a share of the votes behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// The shares are at least `from` and below `to`; 1 has a bin of its own.
    pub from: f64,
    pub to: f64,
    pub shares: f64,
    pub rate: Rate,
}

/// Another method against the baseline, on the same subjects.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub cell: Cell,
    pub group: String,
    pub with: Rate,
    pub baseline: Rate,
    /// Subjects that only one of them got right.
    pub only_with: u64,
    pub only_baseline: u64,
    pub p: f64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scores {
    pub scores: Vec<Score>,
    pub differences: Vec<Difference>,
    /// By cell: tokens of its judged subjects, the cheapest first, summed up from 0.
    pub cumulative: Vec<(Cell, Vec<u64>)>,
}

/// What each subject of a cell came to, in the subjects' order.
struct Judged<'a> {
    subject: &'a SubjectRow,
    verdict: Option<&'a Verdict>,
    became: Became,
}

impl Judged<'_> {
    fn right(&self) -> bool {
        self.subject.label.is_some_and(|label| self.became.is(label))
    }
}

/// The scores of all cells. `verdicts` may hold several for one subject and cell: the last counts.
pub fn scores(cells: &[Cell], subjects: &[SubjectRow], verdicts: &[Verdict]) -> Scores {
    let mut by_cell: BTreeMap<&Cell, BTreeMap<&str, &Verdict>> = BTreeMap::new();
    for verdict in verdicts {
        by_cell.entry(&verdict.cell).or_default().insert(&verdict.subject, verdict);
    }
    let none = BTreeMap::new();
    let judged = |cell: &Cell, group: &str| -> Vec<Judged> {
        let verdicts = by_cell.get(cell).unwrap_or(&none);
        let of_group = subjects.iter().filter(|s| s.dataset == cell.dataset && (group == ALL || s.group == group));
        let one = |subject| {
            let verdict = verdicts.get(subject_id(subject)).copied();
            Judged { subject, verdict, became: Became::of(subject, verdict) }
        };
        let mut all: Vec<Judged> = of_group.map(one).collect();
        all.sort_by(|a, b| a.subject.id.cmp(&b.subject.id));
        all
    };
    let mut out = Scores::default();
    for cell in cells {
        for group in groups(subjects, &cell.dataset) {
            let ours = judged(cell, &group);
            out.scores.push(score(cell, &group, &ours));
            let baseline = Cell { method: Method::Baseline, ..cell.clone() };
            if cell.method != Method::Baseline && cells.contains(&baseline) {
                out.differences.push(difference(cell, &group, &ours, &judged(&baseline, &group)));
            }
        }
        out.cumulative.push((cell.clone(), cumulative(&judged(cell, ALL))));
    }
    out
}

/// Subjects without a verdict, over all cells.
pub fn not_judged(cells: &[Cell], subjects: &[SubjectRow], verdicts: &[Verdict]) -> u64 {
    let known: BTreeSet<(&Cell, &str)> =
        verdicts.iter().filter(|v| !v.open).map(|v| (&v.cell, v.subject.as_str())).collect();
    let open = |cell: &Cell| {
        let of_set = subjects.iter().filter(|s| s.dataset == cell.dataset && s.problem.is_none());
        of_set.filter(|s| !known.contains(&(cell, s.id.as_str()))).count() as u64
    };
    cells.iter().map(open).sum()
}

fn subject_id(subject: &SubjectRow) -> &str {
    &subject.id
}

/// All subjects of a data set, then each of its groups where there is more than one.
fn groups(subjects: &[SubjectRow], dataset: &str) -> Vec<String> {
    let names: BTreeSet<&str> = subjects.iter().filter(|s| s.dataset == dataset).map(|s| s.group.as_str()).collect();
    let several = if names.len() > 1 { names } else { BTreeSet::new() };
    [ALL].into_iter().chain(several).map(str::to_owned).collect()
}

fn score(cell: &Cell, group: &str, judged: &[Judged]) -> Score {
    let mut score = Score {
        cell: cell.clone(),
        group: group.to_owned(),
        unlabelled: 0,
        accuracy: Rate::default(),
        found: Rate::default(),
        false_alarms: Rate::default(),
        confusion: [[0; 5]; 2],
        causes: BTreeMap::new(),
        least: None,
        least_programs: None,
        tokens: None,
        questions: None,
        programs: Spread::of(judged.iter().filter(|j| j.subject.program_tokens > 0).map(|j| j.subject.program_tokens)),
        calibration: Vec::new(),
        brier: None,
    };
    for one in judged {
        if let (Became::Undecided, Some(verdict)) = (one.became, one.verdict) {
            *score.causes.entry(verdict.cause.clone()).or_default() += 1;
        }
        let Some(label) = one.subject.label else {
            score.unlabelled += 1;
            continue;
        };
        score.accuracy.add(one.right());
        match label {
            Outcome::Violated => score.found.add(one.right()),
            _ => score.false_alarms.add(one.became == Became::Violated),
        }
        let row = usize::from(label == Outcome::Violated);
        let column = Became::ALL.iter().position(|b| *b == one.became).unwrap_or(0);
        score.confusion[row][column] += 1;
    }
    let verdicts = || judged.iter().filter_map(|j| Some((j, j.verdict?))).filter(|(j, _)| j.subject.problem.is_none());
    let least = || verdicts().filter(|(j, _)| j.right()).filter_map(|(j, v)| Some((j, v.least?)));
    score.least = Spread::of(least().map(|(_, tokens)| tokens));
    score.least_programs = Spread::of(least().map(|(j, _)| j.subject.program_tokens));
    score.tokens = Spread::of(verdicts().map(|(_, v)| v.tokens_in.saturating_add(v.tokens_out)));
    score.questions = Spread::of(verdicts().map(|(_, v)| v.questions));
    let votes: Vec<(f64, bool)> = verdicts()
        .filter(|(j, v)| j.subject.label.is_some() && v.outcome != Outcome::Undecided && v.cast > 1)
        .filter_map(|(j, v)| Some((v.share?, j.right())))
        .collect();
    score.calibration = calibration(&votes);
    let squares = |(share, right): &(f64, bool)| (share - f64::from(u8::from(*right))).powi(2);
    score.brier = (!votes.is_empty()).then(|| votes.iter().map(squares).sum::<f64>() / votes.len() as f64);
    score
}

/// Ends of the bins: an outcome has more than half of the votes, so they begin there.
const BINS: [f64; 6] = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

fn calibration(votes: &[(f64, bool)]) -> Vec<Bin> {
    // A share of exactly 1 has a bin of its own: most votes are unanimous.
    let mut ends: Vec<(f64, f64)> = BINS.windows(2).map(|w| (w[0], w[1])).collect();
    ends.push((1.0, 1.0));
    let mut bins = Vec::new();
    for (from, to) in ends {
        let unanimous = from == to;
        let inside =
            |share: f64| if unanimous { share >= 1.0 } else { share > from - EPSILON && share <= to - EPSILON };
        let of: Vec<_> = votes.iter().filter(|(share, _)| inside(*share)).collect();
        if of.is_empty() {
            continue;
        }
        let mut rate = Rate::default();
        of.iter().for_each(|(_, right)| rate.add(*right));
        let shares = of.iter().map(|(share, _)| share).sum::<f64>() / of.len() as f64;
        bins.push(Bin { from, to, shares, rate });
    }
    bins
}

/// Shares are kept with three digits.
const EPSILON: f64 = 1e-6;

fn difference(cell: &Cell, group: &str, with: &[Judged], baseline: &[Judged]) -> Difference {
    let mut out = Difference {
        cell: cell.clone(),
        group: group.to_owned(),
        with: Rate::default(),
        baseline: Rate::default(),
        only_with: 0,
        only_baseline: 0,
        p: 1.0,
    };
    // Both are in the subjects' order, and of the same subjects. A pair of which one has no verdict yet tells nothing.
    for (a, b) in with.iter().zip(baseline).filter(|(a, _)| a.subject.label.is_some()) {
        if [a, b].iter().any(|j| j.became == Became::NotJudged) {
            continue;
        }
        out.with.add(a.right());
        out.baseline.add(b.right());
        out.only_with += u64::from(a.right() && !b.right());
        out.only_baseline += u64::from(b.right() && !a.right());
    }
    out.p = mcnemar(out.only_with, out.only_baseline);
    out
}

fn cumulative(judged: &[Judged]) -> Vec<u64> {
    let tokens = |j: &Judged| j.verdict.map(|v| v.tokens_in.saturating_add(v.tokens_out));
    let mut all: Vec<u64> = judged.iter().filter_map(tokens).collect();
    all.sort_unstable();
    let sums = all.iter().scan(0_u64, |sum, tokens| {
        *sum = sum.saturating_add(*tokens);
        Some(*sum)
    });
    [0].into_iter().chain(sums).collect()
}

#[cfg(test)]
mod tests;
