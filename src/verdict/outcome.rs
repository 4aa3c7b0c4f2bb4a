//! Answers → the outcome of a triple.

use super::{Answer, AnswerKind, Confidence, Outcome};

/// What the answers to a triple's slices amount to, who stands behind it, and the id of the least failing slice.
///
/// `slices` is how many the triple has; `complete`, that together they cover every path; `vacuous`, that no path leads to
/// Q, so that nothing can be wrong there (nobody's claim, so without confidence). `holds` needs every slice answered `pass` or
/// `infeasible`; a single `fail` is a violation, whatever else is open.
pub fn outcome(
    answers: &[Answer],
    slices: usize,
    complete: bool,
    vacuous: bool,
) -> (Outcome, Option<Confidence>, Option<String>) {
    if let Some(least) = answers.iter().find(|answer| answer.answer == AnswerKind::Fail) {
        return (Outcome::Violated, Some(standing(least)), Some(least.slice.clone()));
    }
    if vacuous && complete && slices == 0 {
        return (Outcome::Holds, None, None);
    }
    // What is said of a leaner slice never lets the slice itself pass, whoever says it.
    let held =
        |answer: &Answer| matches!(answer.answer, AnswerKind::Pass | AnswerKind::Infeasible) && answer.leaner.is_none();
    if complete && slices > 0 && answers.len() == slices && answers.iter().all(held) {
        let weakest = answers.iter().map(standing).min_by_key(|confidence| rank(*confidence));
        return (Outcome::Holds, weakest, None);
    }
    (Outcome::Undecided, None, None)
}

fn standing(answer: &Answer) -> Confidence {
    if answer.replay.as_ref().is_some_and(|replay| replay.confirmed) {
        return Confidence::Confirmed;
    }
    match answer.origin.oracle.as_str() {
        "run" => Confidence::Confirmed,
        "solver" => Confidence::Proved,
        _ => Confidence::Claimed,
    }
}

fn rank(confidence: Confidence) -> u8 {
    match confidence {
        Confidence::Claimed => 0,
        Confidence::Proved => 1,
        Confidence::Confirmed => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Origin;
    use proptest::prelude::*;

    fn answer(number: usize, kind: AnswerKind, oracle: &str) -> Answer {
        let origin = Origin { oracle: oracle.to_string(), ..Origin::default() };
        Answer { answer: kind, origin, ..Answer::blank(&format!("s{number}")) }
    }

    fn answers(kinds: &[AnswerKind]) -> Vec<Answer> {
        kinds.iter().enumerate().map(|(number, kind)| answer(number, *kind, "ollama")).collect()
    }

    use AnswerKind::*;

    #[test]
    fn it_holds_only_if_every_slice_was_answered_and_holds() {
        let all = answers(&[Pass, Infeasible, Pass]);
        assert_eq!(outcome(&all, 3, true, false), (Outcome::Holds, Some(Confidence::Claimed), None));
        assert_eq!(outcome(&all, 4, true, false).0, Outcome::Undecided);
        assert_eq!(outcome(&all, 3, false, false).0, Outcome::Undecided);
        assert_eq!(outcome(&[], 0, true, false).0, Outcome::Undecided);
    }

    #[test]
    fn the_first_failing_slice_is_the_least() {
        let some = answers(&[Pass, Unknown, Fail, Error, Fail]);
        assert_eq!(outcome(&some, 9, false, false), (Outcome::Violated, Some(Confidence::Claimed), Some("s2".into())));
        assert_eq!(outcome(&answers(&[Pass, FailUnconfirmed]), 2, true, false).0, Outcome::Undecided);
    }

    #[test]
    fn a_vacuous_triple_holds_by_nobody_s_claim() {
        assert_eq!(outcome(&[], 0, true, true), (Outcome::Holds, None, None));
        assert_eq!(outcome(&[], 0, false, true).0, Outcome::Undecided);
        assert_eq!(outcome(&answers(&[Unknown]), 1, true, true).0, Outcome::Undecided);
    }

    #[test]
    fn confidence_is_that_of_the_weakest() {
        let proved = [answer(0, Infeasible, "solver"), answer(1, Pass, "solver")];
        assert_eq!(outcome(&proved, 2, true, false).1, Some(Confidence::Proved));
        let mixed = [answer(0, Infeasible, "solver"), answer(1, Pass, "openai")];
        assert_eq!(outcome(&mixed, 2, true, false).1, Some(Confidence::Claimed));
        assert_eq!(outcome(&[answer(0, Fail, "run")], 1, true, false).1, Some(Confidence::Confirmed));
    }

    proptest! {
        #[test]
        fn nothing_but_pass_and_infeasible_ends_in_holds(
            kinds in proptest::collection::vec(
                prop_oneof![Just(Pass), Just(Fail), Just(FailUnconfirmed), Just(Unknown), Just(Infeasible), Just(Error)], 1..6),
            missing in 0_usize..2, complete: bool,
        ) {
            let (outcome, _, least) = outcome(&answers(&kinds), kinds.len() + missing, complete, false);
            let first = kinds.iter().position(|kind| *kind == Fail).map(|at| format!("s{at}"));
            prop_assert_eq!(outcome == Outcome::Violated, first.is_some());
            prop_assert_eq!(least, first);
            let held = kinds.iter().all(|kind| matches!(kind, Pass | Infeasible));
            prop_assert_eq!(outcome == Outcome::Holds, held && missing == 0 && complete);
        }
    }
}
