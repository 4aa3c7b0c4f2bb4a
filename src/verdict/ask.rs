//! Asking the slices of a triple: several at once, the smallest first, and the least failure wins.
//!
//! Questions start in slice order with `jobs` in flight. When one fails, larger ones are given up, and smaller ones that
//! are still in flight are waited for: one of them may fail too, and then it is the one to report. So the answers don't
//! depend on which of them arrived first.
//!
//! Small example with two jobs: slices 0 and 1 are asked, 1 fails. 2 is never asked; 0 is waited for. If 0 passes, the
//! answers are pass, fail; if it fails, they are that one failure, and 1 is counted as dropped.

mod phases;

use super::panel::{Panel, Voting};
use super::read::tidy;
use super::{Answer, AnswerKind, Leaner, Origin};
use crate::oracle::{Oracle, OracleError};
use crate::prompt::Prompt;
use futures_util::future::{AbortHandle, Aborted, abortable};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// One slice to ask about.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// Id of the slice.
    pub slice: &'a str,
    pub prompt: &'a Prompt,
    /// The same question in other words, where an answer is to be probed.
    pub probe: Option<&'a Prompt>,
    /// Where there is something to ask instead, should the question be too long.
    pub leaning: Option<&'a (dyn Leaning + 'a)>,
}

/// Cuts a slice leaner when that is first needed.
pub trait Leaning: Sync {
    /// `None` where the lean slice is no shorter.
    fn lean(&self) -> Option<&Lean>;
}

/// The question about a leaner slice of the same paths.
#[derive(Debug, Clone)]
pub struct Lean {
    pub leaner: Leaner,
    pub prompt: Prompt,
    pub probe: Option<Prompt>,
}

/// Asks an oracle for a whole run: several triples one after the other.
pub struct Session<'a> {
    oracle: &'a dyn Oracle,
    options: AskOptions,
    stop: Stop,
    /// Which vote of the oracle this is: 0 where it has one.
    vote: u32,
    /// Who answers instead of `oracle` alone.
    panel: Option<Panel<'a>>,
    /// What becomes of an answer that claims a failure.
    confirm: Option<&'a (dyn Fn(Answer) -> Answer + Sync)>,
    /// What made every further question useless.
    dead: Mutex<Option<OracleError>>,
}

#[derive(Debug, Clone, Copy)]
pub struct AskOptions {
    /// Questions in flight; at least one.
    pub jobs: usize,
    /// Ask every slice, also after a failure.
    pub all: bool,
    pub seed: u64,
    /// Further requests for a reply that can't be read.
    pub repairs: u32,
}

impl Default for AskOptions {
    fn default() -> Self {
        AskOptions { jobs: 1, all: false, seed: 0, repairs: 1 }
    }
}

/// Tells a session to stop; cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Stop(watch::Sender::new(false))
    }
}

impl Stop {
    pub fn now(&self) {
        self.0.send_replace(true);
    }

    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    async fn wait(&self) {
        // The sender is `self`, so the channel can't close before.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// Is set by Ctrl-C. Needs a tokio runtime, which from then on catches the signal.
    pub fn on_ctrl_c() -> Self {
        let stop = Stop::default();
        let set = stop.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                set.now();
            }
        });
        stop
    }
}

/// What came of asking.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// In slice order: up to the least failure, or every slice if there is none or all were to be asked.
    pub answers: Vec<Answer>,
    /// Answers to larger slices that arrived before a failure and are not reported. How many there are depends on timing.
    pub dropped: Spent,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub questions: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
}

/// After each answer.
#[derive(Debug)]
pub struct Progress<'a> {
    pub done: usize,
    pub total: usize,
    pub answer: &'a Answer,
}

impl<'a> Session<'a> {
    pub fn new(oracle: &'a dyn Oracle, options: AskOptions, stop: Stop) -> Self {
        Session { oracle, options, stop, vote: 0, panel: None, confirm: None, dead: Mutex::new(None) }
    }

    /// Has each slice voted upon, and probes where an item has a probe.
    pub fn voting(self, voting: &Voting<'a>) -> Self {
        let voter = |oracle, vote| Session { vote, ..Session::new(oracle, self.options, self.stop.clone()) };
        let panel = Some(Panel::new(voting, self.options.jobs, voter));
        Session { panel, ..self }
    }

    /// Shows each answer that claims a failure to `confirm` before it counts: one that comes back as anything else doesn't
    /// end the search.
    pub fn confirming(self, confirm: &'a (dyn Fn(Answer) -> Answer + Sync)) -> Self {
        Session { confirm: Some(confirm), ..self }
    }

    /// Why nothing is asked any more, if so.
    pub fn dead(&self) -> Option<OracleError> {
        if let Some(panel) = &self.panel {
            return panel.dead();
        }
        self.dead.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks about the slices, which come in the order of their size. Never fails: what went wrong with a question is its
    /// answer.
    pub async fn ask_all(&self, items: &[Item<'_>], progress: &mut dyn FnMut(Progress<'_>)) -> Asked {
        let mut answers: Vec<Option<Answer>> = vec![None; items.len()];
        let mut handles: Vec<(usize, AbortHandle)> = Vec::new();
        let mut flight = FuturesUnordered::new();
        let mut next = 0;
        // Slices from here on need no answer.
        let mut limit = items.len();
        let mut done = 0;
        loop {
            while flight.len() < self.options.jobs.max(1)
                && next < limit
                && !self.stop.is_set()
                && self.dead().is_none()
            {
                let index = next;
                let item = items[index];
                let (question, handle) = abortable(async move { (index, self.judged(item).await) });
                flight.push(question);
                handles.push((index, handle));
                next += 1;
            }
            let answered = tokio::select! {
                biased;
                answered = flight.next() => answered,
                () = self.stop.wait() => None,
            };
            let (index, answer) = match answered {
                None => break,
                Some(Err(Aborted)) => continue,
                Some(Ok(answered)) => answered,
            };
            done += 1;
            progress(Progress { done, total: items.len(), answer: &answer });
            if answer.answer == AnswerKind::Fail && !self.options.all && index < limit {
                limit = index + 1;
                handles.iter().filter(|(other, _)| *other > index).for_each(|(_, handle)| handle.abort());
            }
            answers[index] = Some(answer);
        }
        drop(flight);
        let cause = self.dead().unwrap_or(OracleError::Cancelled);
        let mut asked = Asked::default();
        for (index, (answer, item)) in answers.into_iter().zip(items).enumerate() {
            match answer {
                Some(answer) if index < limit => asked.answers.push(answer),
                None if index < limit => asked.answers.push(self.failed(item.slice, &cause)),
                Some(answer) => asked.dropped.add(&answer),
                None => {}
            }
        }
        asked
    }

    async fn judged(&self, item: Item<'_>) -> Answer {
        let answer = match &self.panel {
            Some(panel) => panel.answer(item).await,
            None => self.answer(item).await,
        };
        match self.confirm {
            Some(confirm) if answer.answer == AnswerKind::Fail => confirm(answer),
            _ => answer,
        }
    }

    pub(super) fn failed(&self, slice: &str, error: &OracleError) -> Answer {
        let about = self.oracle.about();
        let kind = if error.is_unknown() { AnswerKind::Unknown } else { AnswerKind::Error };
        Answer {
            reason: tidy(&error.to_string(), usize::MAX),
            code: error.code().to_string(),
            origin: Origin { oracle: about.oracle.clone(), model: about.model.clone(), digest: about.digest.clone() },
            ..Answer::blank(slice)
        }
        .of_kind(kind)
    }
}

impl Spent {
    fn add(&mut self, answer: &Answer) {
        self.questions += 1;
        self.tokens_in = self.tokens_in.saturating_add(answer.tokens_in);
        self.tokens_out = self.tokens_out.saturating_add(answer.tokens_out);
    }
}

#[cfg(test)]
mod tests;
