//! Scores of made-up verdicts whose figures can be counted by hand.

use super::*;

fn cell(method: Method) -> Cell {
    Cell { dataset: "d".into(), oracle: "ollama:m".into(), method, votes: 5 }
}

fn subject(id: &str, group: &str, label: Option<Outcome>) -> SubjectRow {
    SubjectRow {
        dataset: "d".into(),
        id: id.into(),
        group: group.into(),
        language: "c".into(),
        label,
        program_tokens: 100,
        problem: None,
        hash: String::new(),
    }
}

fn verdict(method: Method, subject: &str, outcome: Outcome) -> Verdict {
    Verdict {
        cell: cell(method),
        subject: subject.into(),
        outcome,
        confidence: None,
        cause: if outcome == Outcome::Undecided { "split".into() } else { String::new() },
        share: Some(0.6),
        cast: 5,
        slices: 2,
        questions: 10,
        tokens_in: 90,
        tokens_out: 10,
        least: (outcome == Outcome::Violated).then_some(40),
        open: false,
    }
}

use Outcome::{Holds, Undecided, Violated};

/// Six labelled subjects in two groups, one of which couldn't be analysed and one not judged yet, and one without a label.
fn subjects() -> Vec<SubjectRow> {
    let broken = SubjectRow { problem: Some("no function".into()), ..subject("e", "y", Some(Violated)) };
    vec![
        subject("a", "x", Some(Holds)),
        subject("b", "x", Some(Holds)),
        subject("c", "x", Some(Violated)),
        subject("d", "y", Some(Violated)),
        broken,
        subject("f", "y", Some(Holds)),
        subject("g", "y", None),
    ]
}

fn verdicts() -> Vec<Verdict> {
    let of = |method, all: &[(&str, Outcome)]| all.iter().map(|(s, o)| verdict(method, s, *o)).collect::<Vec<_>>();
    let slices = [("a", Holds), ("b", Violated), ("c", Violated), ("d", Undecided), ("g", Holds)];
    let baseline = [("a", Violated), ("b", Violated), ("c", Holds), ("d", Violated), ("f", Holds)];
    [of(Method::Slices, &slices), of(Method::Baseline, &baseline)].concat()
}

fn cells() -> Vec<Cell> {
    vec![cell(Method::Slices), cell(Method::Baseline)]
}

#[test]
fn every_labelled_subject_counts_and_undecided_is_never_right() {
    let scores = scores(&cells(), &subjects(), &verdicts());
    let all = &scores.scores[0];
    assert_eq!((all.group.as_str(), all.accuracy, all.unlabelled), (ALL, Rate { right: 2, of: 6 }, 1));
    assert_eq!((all.found, all.false_alarms), (Rate { right: 1, of: 3 }, Rate { right: 1, of: 3 }));
    // holds, violated, undecided, not analysed, not judged
    assert_eq!(all.confusion, [[1, 1, 0, 0, 1], [0, 1, 1, 1, 0]]);
    assert_eq!(all.causes, [("split".to_owned(), 1)].into());
    let groups: Vec<(&str, Rate)> = scores.scores[..3].iter().map(|s| (s.group.as_str(), s.accuracy)).collect();
    assert_eq!(
        groups,
        [(ALL, Rate { right: 2, of: 6 }), ("x", Rate { right: 2, of: 3 }), ("y", Rate { right: 0, of: 3 })]
    );
}

#[test]
fn pairs_without_both_verdicts_are_in_no_test() {
    let scores = scores(&cells(), &subjects(), &verdicts());
    let all = &scores.differences[0];
    // f has no verdict by slices yet. e is wrong in both.
    assert_eq!((all.with, all.baseline), (Rate { right: 2, of: 5 }, Rate { right: 1, of: 5 }));
    assert_eq!((all.only_with, all.only_baseline, all.p), (2, 1, 1.0));
    assert_eq!(scores.differences.len(), 3, "the baseline isn't compared with itself");
}

#[test]
fn tokens_are_those_of_right_counter_examples() {
    let scores = scores(&cells(), &subjects(), &verdicts());
    let all = &scores.scores[0];
    assert_eq!(all.least, Spread::of([40]), "b's is a false alarm");
    assert_eq!(all.tokens, Spread::of([100; 5]));
    assert_eq!(scores.cumulative[0].1, [0, 100, 200, 300, 400, 500]);
}

#[test]
fn the_order_of_verdicts_and_subjects_does_not_matter_but_the_last_of_two_counts() {
    let (mut all, mut verdicts) = (subjects(), verdicts());
    let expected = scores(&cells(), &all, &verdicts);
    all.reverse();
    verdicts.reverse();
    assert_eq!(scores(&cells(), &all, &verdicts), expected);
    verdicts.push(verdict(Method::Slices, "d", Violated));
    assert_eq!(scores(&cells(), &all, &verdicts).scores[0].accuracy.right, 3);
}

#[test]
fn shares_of_votes_fall_into_bins_by_their_upper_end() {
    let votes = [(0.6, true), (0.667, true), (0.8, false), (1.0, true), (1.0, false), (0.999, true)];
    let bins = calibration(&votes);
    let seen: Vec<(f64, f64, Rate)> = bins.iter().map(|b| (b.from, b.to, b.rate)).collect();
    let rate = |right, of| Rate { right, of };
    assert_eq!(seen, [(0.6, 0.7, rate(2, 2)), (0.8, 0.9, rate(0, 1)), (0.9, 1.0, rate(1, 1)), (1.0, 1.0, rate(1, 2))]);
    let scores = scores(&cells(), &subjects(), &verdicts());
    // a right, b wrong, c right, each with 0.6.
    assert_eq!(scores.scores[0].calibration, [Bin { from: 0.6, to: 0.7, shares: 0.6, rate: rate(2, 3) }]);
    assert!((scores.scores[0].brier.unwrap() - (0.16 + 0.36 + 0.16) / 3.0).abs() < 1e-9);
}
