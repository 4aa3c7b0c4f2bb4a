//! Several votes on a slice: of one model with different seeds, of several models, and of a stronger one on what is claimed
//! to fail or stays split.
//!
//! **Majority**: more than half of all votes that were to be cast. What is no verdict (unknown, an error) counts as a
//! vote for neither. No majority is `unknown(split)`. Votes are asked in rounds of as many as the leading verdict still
//! lacks, so none is asked once the majority is settled, or once there can't be one; which are asked never depends on
//! timing. All models cast their first vote before any casts its second.
//!
//! Small example, five votes: three are asked and say pass, fail, pass. One more could settle it: it says fail. The
//! fifth decides.
//!
//! **Probe**: the same votes on the same slice without comments and with other names; a verdict that changes was not about
//! the program's meaning and is `unknown(unstable)`.
//!
//! **Escalation**: what fails or is split goes to the stronger model, whose word then counts, also where it can't tell. It is
//! probed like any other.
//!
//! **Leaner slices** (`ask/phases`): each voter for which the slice is too long is asked about its lean slice instead, so votes may be
//! about either. A failure that rests on one about a lean slice is told as such; a probe is of what the answer is about.

use super::ask::{Item, Session};
use super::{Answer, AnswerKind, Ballot, Votes};
use crate::oracle::Oracle;
use crate::prompt::Style;
use futures_util::future::join_all;
use std::collections::BTreeSet;
use tokio::sync::Semaphore;

/// Who votes on each slice.
#[derive(Clone)]
pub struct Voting<'a> {
    /// Each with how it is led to its verdict.
    pub oracles: Vec<(&'a dyn Oracle, Style)>,
    /// Of each oracle; at least one.
    pub votes: u32,
    /// Asked about fails and splits.
    pub escalate: Option<(&'a dyn Oracle, Style)>,
}

pub(super) struct Panel<'a> {
    voters: Vec<Voter<'a>>,
    higher: Option<Box<Voter<'a>>>,
    /// Votes in flight, over all slices.
    gate: Semaphore,
}

pub(super) struct Voter<'a> {
    pub(super) session: Session<'a>,
    style: Style,
}

impl<'a> Panel<'a> {
    /// `voter`: a session for one vote of an oracle.
    pub(super) fn new(voting: &Voting<'a>, jobs: usize, voter: impl Fn(&'a dyn Oracle, u32) -> Session<'a>) -> Self {
        let mut voters = Vec::new();
        for vote in 0..voting.votes.max(1) {
            voters.extend(voting.oracles.iter().map(|(o, style)| Voter { session: voter(*o, vote), style: *style }));
        }
        let higher = voting.escalate.map(|(o, style)| Box::new(Voter { session: voter(o, 0), style }));
        Panel { voters, higher, gate: Semaphore::new(jobs.max(1)) }
    }

    /// Why no slice can have a majority any more, if so.
    pub(super) fn dead(&self) -> Option<crate::oracle::OracleError> {
        let dead: Vec<_> = self.voters.iter().filter_map(|v| v.session.dead()).collect();
        let alive = self.voters.len() - dead.len();
        if alive < self.voters.len() / 2 + 1 { dead.into_iter().next() } else { None }
    }

    /// The panel's answer to a slice.
    pub(super) async fn answer(&self, item: Item<'_>) -> Answer {
        let answer = stable(item, |item| self.poll(item)).await;
        match &self.higher {
            Some(higher) if answer.answer == AnswerKind::Fail || answer.code == SPLIT => {
                escalated(answer, stable(item, |item| higher.vote(item, &self.gate)).await)
            }
            _ => answer,
        }
    }

    async fn poll(&self, item: Item<'_>) -> Answer {
        let majority = self.voters.len() / 2 + 1;
        let mut cast: Vec<Answer> = Vec::new();
        loop {
            let best = Side::ALL.iter().map(|side| count(&cast, *side)).max().unwrap_or(0);
            let left = self.voters.len() - cast.len();
            if best >= majority || best + left < majority {
                return combined(cast, self.voters.len());
            }
            let round = &self.voters[cast.len()..][..majority - best];
            cast.extend(join_all(round.iter().map(|voter| voter.vote(item, &self.gate))).await);
        }
    }
}

impl Voter<'_> {
    async fn vote(&self, item: Item<'_>, gate: &Semaphore) -> Answer {
        // The gate is never closed.
        let _permit = gate.acquire().await;
        if let Some(error) = self.session.dead() {
            return self.session.failed(item.slice, &error);
        }
        let prompt = item.prompt.styled(self.style);
        self.session.answer(Item { prompt: &prompt, ..item }).await
    }
}

const SPLIT: &str = "split";

/// What a vote is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Pass,
    Fail,
    Neither,
}

impl Side {
    const ALL: [Side; 3] = [Side::Pass, Side::Fail, Side::Neither];

    fn of(answer: &Answer) -> Side {
        match answer.answer {
            AnswerKind::Pass => Side::Pass,
            AnswerKind::Fail => Side::Fail,
            AnswerKind::FailUnconfirmed | AnswerKind::Unknown | AnswerKind::Infeasible | AnswerKind::Error => {
                Side::Neither
            }
        }
    }
}

fn count(cast: &[Answer], side: Side) -> usize {
    cast.iter().filter(|answer| Side::of(answer) == side).count()
}

/// The votes as one answer; `voters`: how many there could have been.
fn combined(cast: Vec<Answer>, voters: usize) -> Answer {
    let settled = Side::ALL.into_iter().find(|side| count(&cast, *side) > voters / 2);
    let speaks = |side| {
        let of_side = || cast.iter().filter(move |answer| Side::of(answer) == side);
        // What rests on a leaner slice is told with that. A counter-example that can be looked at is worth more than the first
        // word.
        let worth = |answer: &&Answer| (answer.leaner.is_none(), answer.counterexample.is_empty());
        of_side().min_by_key(worth).cloned()
    };
    let one = settled.and_then(speaks);
    let votes = Votes {
        pass: count(&cast, Side::Pass) as u32,
        fail: count(&cast, Side::Fail) as u32,
        unknown: count(&cast, Side::Neither) as u32,
    };
    let answer = one.unwrap_or_else(|| split(&cast, voters));
    if cast.len() < 2 {
        return answer;
    }
    let mut sum = Answer { tokens_in: 0, tokens_out: 0, ms: 0, asked: 0, cached: true, replies: Vec::new(), ..answer };
    for vote in &cast {
        sum = sum.with_cost_of(vote);
    }
    Answer { votes, ballots: cast.iter().map(ballot).collect(), ..sum }
}

fn split(cast: &[Answer], voters: usize) -> Answer {
    let says: Vec<String> = Side::ALL
        .iter()
        .filter_map(|side| {
            let names: BTreeSet<String> =
                cast.iter().filter(|a| Side::of(a) == *side).map(|a| name(&a.origin)).collect();
            let word = match side {
                Side::Pass => "pass",
                Side::Fail => "fail",
                Side::Neither => "neither",
            };
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            (!names.is_empty()).then(|| format!("{} for {word} ({names})", count(cast, *side)))
        })
        .collect();
    let first = cast.first().cloned().unwrap_or_else(|| Answer::blank(""));
    Answer {
        code: SPLIT.into(),
        reason: format!("no majority among {voters} votes: {}", says.join(", ")),
        counterexample: Default::default(),
        raw: None,
        leaner: cast.iter().find_map(|answer| answer.leaner.clone()),
        ..first
    }
    .of_kind(AnswerKind::Unknown)
}

fn name(origin: &super::Origin) -> String {
    if origin.model.is_empty() { origin.oracle.clone() } else { format!("{}:{}", origin.oracle, origin.model) }
}

fn ballot(answer: &Answer) -> Ballot {
    Ballot {
        origin: answer.origin.clone(),
        answer: answer.answer,
        code: answer.code.clone(),
        reason: answer.reason.clone(),
        lean: answer.leaner.is_some(),
    }
}

/// What `asked` says of a slice, and of its probe where there is one and the first answer is a verdict.
async fn stable<'i, F: Future<Output = Answer>>(item: Item<'i>, asked: impl Fn(Item<'i>) -> F) -> Answer {
    let answer = asked(item).await;
    let probe = match &answer.leaner {
        None => item.probe,
        Some(_) => item.leaning.and_then(|leaning| leaning.lean()).and_then(|lean| lean.probe.as_ref()),
    };
    match probe {
        Some(probe) if matches!(answer.answer, AnswerKind::Pass | AnswerKind::Fail) => {
            let second = asked(Item { prompt: probe, probe: None, leaning: None, ..item }).await;
            let leaner = answer.leaner.clone();
            probed(answer, Answer { leaner, ..second })
        }
        _ => answer,
    }
}

/// A verdict after the probe's. The probe's own counter-example names what the program doesn't, so it is dropped.
fn probed(answer: Answer, mut probe: Answer) -> Answer {
    probe.replies.iter_mut().for_each(|said| said.probe = true);
    let same = probe.answer == answer.answer;
    if same {
        return Answer { probe: Some(ballot(&probe)), ..answer }.with_cost_of(&probe);
    }
    let word = |answer: &Answer| match answer.answer {
        AnswerKind::Pass => "pass",
        AnswerKind::Fail => "fail",
        _ => "no verdict",
    };
    let reason = format!(
        "{} as it stands, {} without comments and with other names: the verdict was about words; it said: {}",
        word(&answer),
        word(&probe),
        answer.reason.trim_end_matches('.')
    );
    // A question that could not be asked says nothing about the first answer.
    let code = if probe.answer == AnswerKind::Error || matches!(probe.code.as_str(), "budget" | "too_long") {
        probe.code.clone()
    } else {
        "unstable".into()
    };
    let unstable = Answer {
        code,
        reason,
        counterexample: Default::default(),
        probe: Some(ballot(&probe)),
        votes: answer.votes,
        ..answer
    };
    let votes = unstable.votes;
    Answer { votes, ..unstable.of_kind(AnswerKind::Unknown) }.with_cost_of(&probe)
}

/// The stronger model's answer in the place of the first.
fn escalated(first: Answer, higher: Answer) -> Answer {
    let overruled = Some(ballot(&first));
    let probe = higher.probe.clone().or_else(|| first.probe.clone());
    let replies = [first.replies.clone(), higher.replies.clone()].concat();
    let answer = Answer { overruled, votes: first.votes, ballots: first.ballots.clone(), probe, ..higher };
    Answer { replies, ..answer.with_cost_of(&first) }
}

#[cfg(test)]
mod tests;
