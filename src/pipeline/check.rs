//! The slices of a triple → answers → verdict.

use super::leaner::{Leaners, OfSlice};
use super::question::{About, Question};
use super::{FileAnalysis, SliceAnalysis, TripleAnalysis, TripleVerdict};
use crate::prompt::{Prompt, PromptOptions};
use crate::syntax::language::Language;
use crate::verdict::ask::{Item, Leaning, Session};
use crate::verdict::{Leaner, outcome};

/// Asks about the slices of a file's triple, in their order. `answered` is told how many of them have an answer. Never fails: what went
/// wrong with a question is its answer. A slice whose question is too long for the model is asked about in its lean form.
///
/// The costs are those of the answers that are reported. Answers to larger slices that came in before a failure cost too, but
/// which do depends on timing, and a replay must give the same bytes.
pub async fn check(
    file: &FileAnalysis,
    index: usize,
    language: &Language,
    session: &Session<'_>,
    options: &PromptOptions,
    answered: &mut dyn FnMut(u64),
) -> TripleVerdict {
    let triple = &file.triples[index];
    let prompts = prompts(triple, language, options);
    let leaners = Leaners::new(file, index, language, *options);
    let leaning: Vec<OfSlice> =
        leaners.iter().flat_map(|of| (0..triple.slices.len()).map(|number| OfSlice { of, number })).collect();
    let items: Vec<Item> = (triple.slices.iter().zip(&prompts).enumerate())
        .map(|(i, (slice, (prompt, probe)))| Item {
            slice: &slice.id,
            prompt,
            probe: probe.as_ref(),
            leaning: leaning.get(i).map(|one| one as &dyn Leaning),
        })
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
    let question = question_of(triple, language);
    let prompts = |s: &SliceAnalysis| {
        let about = About::of(s.rendered.kind);
        let probe = s.probe.as_ref().map(|probe| question.probe(probe, about, options));
        (question.prompt(&s.rendered.text, about, options), probe)
    };
    triple.slices.iter().map(prompts).collect()
}

/// The same for a leaner slice that was asked about instead of one of them.
pub fn leaner_prompt(triple: &TripleAnalysis, leaner: &Leaner, language: &Language, options: &PromptOptions) -> Prompt {
    question_of(triple, language).prompt(&leaner.rendered.text, About::of(leaner.rendered.kind), options)
}

/// What is the same in every question about a triple.
pub(super) fn question_of<'a>(triple: &'a TripleAnalysis, language: &'a Language) -> Question<'a> {
    let pre = triple.pre.iter().map(|(condition, _)| condition);
    Question::new(language, pre, &triple.post, triple.at_exit, &triple.params)
}
