//! Asking the slices of a triple: several at once, the smallest first, and the least failure wins.
//!
//! Questions start in slice order with `jobs` in flight. When one fails, larger ones are given up, and smaller ones that
//! are still in flight are waited for: one of them may fail too, and then it is the one to report. So the answers don't
//! depend on which of them arrived first.
//!
//! Small example with two jobs: slices 0 and 1 are asked, 1 fails. 2 is never asked; 0 is waited for. If 0 passes, the
//! answers are pass, fail; if it fails, they are that one failure, and 1 is counted as dropped.

use super::panel::{Panel, Voting};
use super::read::{Reading, Verdict, read, tidy};
use super::{Answer, AnswerKind, Origin};
use crate::oracle::{Finish, Oracle, OracleError, Question, Reply};
use crate::prompt::{Form, Prompt};
use futures_util::future::{AbortHandle, Aborted, abortable};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// Most of a refusal that is repeated, in characters.
const LONGEST_REFUSAL: usize = 300;

/// One slice to ask about.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Id of the slice.
    pub slice: &'a str,
    pub prompt: &'a Prompt,
    /// The same question in other words, where an answer is to be probed.
    pub probe: Option<&'a Prompt>,
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
            None => self.ask(item).await,
        };
        match self.confirm {
            Some(confirm) if answer.answer == AnswerKind::Fail => confirm(answer),
            _ => answer,
        }
    }

    pub(super) async fn ask(&self, item: Item<'_>) -> Answer {
        let first = match self.reply(item.prompt.clone()).await {
            Ok(reply) => reply,
            Err(error) => return self.failed(item.slice, &error),
        };
        let answer = judge(item.slice, &first);
        if item.prompt.form != Form::Reasoning || !unfinished(&answer, &first) {
            return answer;
        }
        match self.reply(item.prompt.extract(&first.text)).await {
            Ok(second) => combine(answer, &first.text, judge(item.slice, &second), &second.text),
            // The verdict is there; only its inputs are missing.
            Err(_) if answer.answer == AnswerKind::Fail => answer,
            Err(error) => Answer { raw: Some(first.text), ..self.failed(item.slice, &error) }.with_phase_of(&answer),
        }
    }

    async fn reply(&self, prompt: Prompt) -> Result<Reply, OracleError> {
        let answer = self.oracle.ask(&Question::new(prompt, self.options.seed, self.vote)).await;
        if let Err(error) = &answer
            && error.ends_run()
        {
            self.dead.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.clone());
        }
        answer
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

/// What a reply amounts to.
fn judge(slice: &str, reply: &Reply) -> Answer {
    let mut answer = Answer {
        origin: Origin { oracle: reply.oracle.clone(), model: reply.model.clone(), digest: reply.digest.clone() },
        tokens_in: reply.tokens_in,
        tokens_out: reply.tokens_out,
        ms: reply.ms,
        cached: reply.cached,
        ..Answer::blank(slice)
    };
    let unknown = |code: &str, reason: &str| (AnswerKind::Unknown, code.to_string(), reason.to_string());
    let (kind, code, reason) = match &reply.finish {
        _ if reply.prompt_cut => unknown(
            "prompt_cut",
            "the server may have shown the model only a part of the question; raise the context it loads the model with",
        ),
        Finish::Refused(refusal) => {
            unknown("refused", &format!("the model refused: {}", tidy(refusal, LONGEST_REFUSAL)))
        }
        Finish::Length => {
            unknown("out_of_tokens", "the model used up its tokens before its verdict; raise the answer's tokens")
        }
        Finish::Stop => match read(&reply.text) {
            None => unknown("unparsable", "the reply has no readable verdict"),
            Some(Reading { verdict: Verdict::Unknown, reason, .. }) => unknown("unsure", &reason),
            Some(Reading { verdict, reason, counterexample, .. }) => {
                answer.counterexample = counterexample;
                let failed = verdict == Verdict::Fail;
                (if failed { AnswerKind::Fail } else { AnswerKind::Pass }, String::new(), reason)
            }
        },
    };
    answer.raw = matches!(code.as_str(), "unparsable" | "out_of_tokens" | "prompt_cut").then(|| reply.text.clone());
    Answer { reason, code, ..answer }.of_kind(kind)
}

/// Whether the second phase has something to find: a failure's inputs are somewhere in the reasoning, and reasoning without
/// a readable last line may still be understood. After PASS and UNKNOWN there is nothing left to read.
fn unfinished(answer: &Answer, reply: &Reply) -> bool {
    match answer.answer {
        AnswerKind::Fail => read(&reply.text).is_some_and(|reading| !reading.json),
        _ => answer.code == "unparsable" && !reply.text.trim().is_empty(),
    }
}

/// The two phases as one answer. The second may add to a verdict, never change it.
fn combine(first: Answer, first_text: &str, second: Answer, second_text: &str) -> Answer {
    let failed = first.answer == AnswerKind::Fail;
    let unread = !second.code.is_empty() && second.code != "unsure";
    if failed && unread {
        return first.with_phase_of(&second);
    }
    if failed && second.answer != AnswerKind::Fail {
        let contradiction = Answer {
            code: "contradiction".to_string(),
            reason: "the reasoning ends in FAIL, and its summary says otherwise".to_string(),
            counterexample: BTreeMap::new(),
            raw: Some(format!("{first_text}\n\n{second_text}")),
            ..first
        };
        return contradiction.of_kind(AnswerKind::Unknown).with_phase_of(&second);
    }
    let raw = unread.then(|| format!("{first_text}\n\n{second_text}"));
    Answer { raw, ..second }.with_phase_of(&first)
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
