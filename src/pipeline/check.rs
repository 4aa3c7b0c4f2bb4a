//! The slices of a triple → answers → verdict.

use super::question::{About, Question};
use super::{SliceAnalysis, TripleAnalysis, TripleVerdict};
use crate::prompt::{Prompt, PromptOptions};
use crate::syntax::language::Language;
use crate::verdict::ask::{Item, Session};
use crate::verdict::outcome;

/// Asks about a triple's slices, in their order. `answered` is told how many of them have an answer. Never fails: what went
/// wrong with a question is its answer.
///
/// The costs are those of the answers that are reported. Answers to larger slices that came in before a failure cost too, but
/// which do depends on timing, and a replay must give the same bytes.
pub async fn check(
    triple: &TripleAnalysis,
    language: &Language,
    session: &Session<'_>,
    options: &PromptOptions,
    answered: &mut dyn FnMut(u64),
) -> TripleVerdict {
    let prompts = prompts(triple, language, options);
    let items: Vec<Item> = (triple.slices.iter().zip(&prompts))
        .map(|(slice, (prompt, probe))| Item { slice: &slice.id, prompt, probe: probe.as_ref() })
        .collect();
    let asked = session.ask_all(&items, &mut |progress| answered(progress.done as u64)).await;
    let answers = asked.answers;
    let complete = triple.limits.is_empty();
    let (outcome, confidence, least_failing) = outcome(&answers, triple.slices.len(), complete, triple.vacuous);
    let dead = session.dead();
    let unasked =
        |code: &str| matches!(code, "cancelled" | "budget") || dead.as_ref().is_some_and(|error| error.code() == code);
    TripleVerdict {
        outcome,
        confidence,
        least_failing,
        questions: answers.iter().filter(|a| !unasked(&a.code)).map(|a| u64::from(a.asked)).sum(),
        tokens_in: answers.iter().map(|a| a.tokens_in).sum(),
        tokens_out: answers.iter().map(|a| a.tokens_out).sum(),
        answers,
    }
}

/// What is asked first about each slice of a triple, in their order: as it stands, and in other words where it is probed.
pub fn prompts(triple: &TripleAnalysis, language: &Language, options: &PromptOptions) -> Vec<(Prompt, Option<Prompt>)> {
    let pre = triple.pre.iter().map(|(condition, _)| condition);
    let question = Question::new(language, pre, &triple.post, triple.at_exit, &triple.params);
    let prompts = |s: &SliceAnalysis| {
        let about = About::of(s.rendered.kind);
        let probe = s.probe.as_ref().map(|probe| question.probe(probe, about, options));
        (question.prompt(&s.rendered.text, about, options), probe)
    };
    triple.slices.iter().map(prompts).collect()
}
