//! One slice, one answer: the phases of a question, and what its replies amount to.
//!
//! In two phases the model reasons freely first. Where that leaves something to be read (no verdict line, or a failure
//! without inputs), a second, constrained question turns the reasoning into JSON. In one phase the JSON comes at once. A
//! reply that can't be read is followed by one request to repair it, which shows it to the model again; what can't be read
//! then stays `unparsable`, with what was said.
//!
//! A question that is too long for the model is asked about the lean slice of the same paths, if that is not. Such a slice may
//! leave out what decides whether Q is reached: what fails on it is a claim like any other, and that it passes there says nothing
//! certain about the slice, which stays unknown (`leaner_passes`).

use super::{Item, Lean, Session};
use crate::oracle::{Finish, OracleError, Question, Reply};
use crate::prompt::{Form, Prompt};
use crate::verdict::read::{Reading, Verdict, read, tidy};
use crate::verdict::{Answer, AnswerKind, Origin, Said};
use std::collections::BTreeMap;
use std::sync::PoisonError;

/// Most of a refusal that is repeated, in characters.
const LONGEST_REFUSAL: usize = 300;

/// The slice is too long to ask, and its leaner one passes.
const LEANER_PASSES: &str = "leaner_passes";
const TOO_LONG: &str = "too_long";

impl Session<'_> {
    pub(in crate::verdict) async fn answer(&self, item: Item<'_>) -> Answer {
        let error = match self.asked(item.slice, item.prompt).await {
            Ok(answer) => return answer,
            Err(error) => error,
        };
        let leaning = item.leaning.filter(|_| error.code() == TOO_LONG);
        let Some(lean) = leaning.and_then(|leaning| leaning.lean()) else {
            return self.failed(item.slice, &error);
        };
        let prompt = lean.prompt.in_form_of(item.prompt);
        match self.asked(item.slice, &prompt).await {
            Ok(answer) => of_leaner(answer, lean),
            // A recording of before there were lean questions says what it said then.
            Err(again) if again.code() == TOO_LONG || matches!(again, OracleError::NotRecorded { .. }) => {
                self.failed(item.slice, &error)
            }
            Err(other) => of_leaner(self.failed(item.slice, &other), lean),
        }
    }

    /// All phases of a question. Error: its first had no reply.
    async fn asked(&self, slice: &str, prompt: &Prompt) -> Result<Answer, OracleError> {
        let first = self.reply(prompt.clone()).await?;
        let answer = judge(slice, &first, phase(prompt));
        let spoke = !first.text.trim().is_empty();
        if prompt.form != Form::Reasoning || (answer.answer != AnswerKind::Fail && !spoke) {
            return Ok(self.repaired(slice, prompt, answer, first.text).await.0);
        }
        if !unfinished(&answer, &first) {
            return Ok(answer);
        }
        let extract = prompt.extract(&first.text);
        Ok(match self.reply(extract.clone()).await {
            Ok(second) => {
                let read = judge(slice, &second, phase(&extract));
                let (second, text) = self.repaired(slice, &extract, read, second.text).await;
                combine(answer, &first.text, second, &text)
            }
            // The verdict is there; only its inputs are missing.
            Err(_) if answer.answer == AnswerKind::Fail => answer,
            Err(error) => Answer { raw: Some(first.text), ..self.failed(slice, &error) }.after_phase_of(&answer),
        })
    }

    /// The answer, or the one that asking for a readable reply brought, with all that was said.
    async fn repaired(&self, slice: &str, prompt: &Prompt, answer: Answer, said: String) -> (Answer, String) {
        let (mut answer, mut said) = (answer, said);
        for _ in 0..self.options.repairs {
            if !matches!(answer.code.as_str(), "unparsable" | "empty") {
                break;
            }
            // Without a repair there is still what was said.
            let Ok(reply) = self.reply(prompt.repair(&said)).await else { break };
            let next = judge(slice, &reply, "repair");
            let unread = next.raw.is_some();
            let text = if unread { format!("{said}\n\n{}", reply.text) } else { reply.text };
            let raw = unread.then(|| text.clone());
            answer = Answer { raw, ..next }.after_phase_of(&answer);
            said = text;
        }
        (answer, said)
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
}

/// What an answer about the leaner slice says of the slice itself.
fn of_leaner(answer: Answer, lean: &Lean) -> Answer {
    let leaner = Some(Box::new(lean.leaner.clone()));
    if answer.answer != AnswerKind::Pass {
        return Answer { leaner, ..answer };
    }
    let said = answer.reason.trim();
    let says = if said.is_empty() { String::new() } else { format!(": {said}") };
    let reason = format!(
        "the slice's question is too long for the model; it lets the lean slice of the same paths pass, which isn't enough to let \
         the slice pass{says}"
    );
    let unknown = Answer { code: LEANER_PASSES.into(), reason, leaner, ..answer };
    unknown.of_kind(AnswerKind::Unknown)
}

fn phase(prompt: &Prompt) -> &'static str {
    match prompt.form {
        Form::Reasoning => "reasoning",
        Form::Json => "json",
        Form::Extract => "extract",
    }
}

/// What a reply amounts to.
fn judge(slice: &str, reply: &Reply, phase: &str) -> Answer {
    let origin = Origin { oracle: reply.oracle.clone(), model: reply.model.clone(), digest: reply.digest.clone() };
    let (thinking, text) = (reply.thinking.clone(), reply.text.clone());
    let said = Said { origin: origin.clone(), phase: phase.into(), probe: false, thinking, text };
    let mut answer = Answer {
        origin,
        replies: vec![said],
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
            unknown("out_of_tokens", "the model used up its tokens before its verdict; raise answer_tokens")
        }
        Finish::Empty => unknown("empty", "the model ended its answer without a word; take another model"),
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
    let unread = matches!(code.as_str(), "unparsable" | "empty" | "out_of_tokens" | "prompt_cut" | "refused");
    answer.raw = unread.then(|| reply.text.clone());
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
    Answer { raw, ..second }.after_phase_of(&first)
}
