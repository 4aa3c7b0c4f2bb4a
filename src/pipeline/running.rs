//! The two ways in which running a program decides something: the `run` oracle, and confirming what another oracle claims.

use super::analyze::as_asked;
use super::{FileAnalysis, TripleVerdict};
use crate::run::bench::Bench;
use crate::run::confirm::{Confirmation, confirm};
use crate::run::observed::{End, Observed};
use crate::run::regression::{self, NoTest, Setting};
use crate::run::search::{Effort, Search, Witness, search};
use crate::run::toolchain::RunError;
use crate::run::value::{Input, Stdin};
use crate::spec::{self, ConditionKind, Triple};
use crate::syntax::{self, Parsed};
use crate::verdict::{Answer, AnswerKind, Origin, Replay, outcome};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What it takes for a claimed failure to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trust {
    /// The oracle's word.
    Claimed,
    /// A run that shows it, where the condition can be run.
    #[default]
    Confirmed,
}

/// A triple of a file, read again: what was analysed is not kept as a tree.
pub(super) fn triple(file: &FileAnalysis, index: usize) -> Result<(Parsed, Triple), RunError> {
    let lost = |why: String| RunError::Program(why);
    let language = syntax::by_name(&file.language).ok_or_else(|| lost("its language is not known".into()))?;
    let parsed = syntax::parse_source(file.source(), language);
    let mut found = spec::triples(&parsed, &file.request).map_err(|error| lost(error.to_string()))?;
    if index >= found.triples.len() {
        return Err(lost("its conditions can't be found again".into()));
    }
    let slicing = file.triples.get(index).map_or(super::Slicing::Exact, |t| t.slicing);
    let triple = as_asked(&parsed, &found.triples.swap_remove(index), file.options.call_depth, slicing);
    Ok((parsed, triple))
}

/// Answers a triple by running it on generated inputs. Runs the code of the file, in the sandbox. Finds failures, and never
/// says that a slice passes.
pub fn run(
    file: &FileAnalysis,
    index: usize,
    effort: &Effort,
    all: bool,
    seed: u64,
    answered: &mut dyn FnMut(u64),
) -> TripleVerdict {
    let analysis = &file.triples[index];
    let origin = Origin { oracle: "run".into(), ..Origin::default() };
    let blank = |slice: &str| Answer { origin: origin.clone(), ..Answer::blank(slice) };
    let unknown = |slice: &str, code: &str, reason: &str| {
        let answer = Answer { code: code.into(), reason: reason.into(), ..blank(slice) };
        answer.of_kind(AnswerKind::Unknown)
    };
    let every = |code: &str, reason: &str| -> Vec<Answer> {
        analysis.slices.iter().map(|s| unknown(&s.id, code, reason)).collect()
    };
    let answers = if analysis.post.kind == ConditionKind::Text {
        every("plain_language", "the condition is in plain language, which can't be run")
    } else {
        let texts: Vec<&str> = analysis.slices.iter().map(|s| s.rendered.text.as_str()).collect();
        let searched =
            triple(file, index).and_then(|(parsed, triple)| search(&parsed, &triple, &texts, effort, all, seed));
        match searched {
            Err(error) => every("not_runnable", &error.to_string()),
            Ok(found) => answers_of(&found, file, index, &blank, &unknown),
        }
    };
    answered(answers.len() as u64);
    let complete = analysis.limits.is_empty();
    let (outcome, confidence, least_failing) = outcome(&answers, analysis.slices.len(), complete, analysis.vacuous);
    TripleVerdict { outcome, confidence, least_failing, questions: 0, tokens_in: 0, tokens_out: 0, answers }
}

fn answers_of(
    found: &Search,
    file: &FileAnalysis,
    index: usize,
    blank: &dyn Fn(&str) -> Answer,
    unknown: &dyn Fn(&str, &str, &str) -> Answer,
) -> Vec<Answer> {
    let analysis = &file.triples[index];
    let tried = &found.tried;
    let mut none = format!("no counter-example in {} inputs", tried.accepted);
    if tried.accepted < tried.inputs {
        none.push_str(&format!(" that P allows ({} were tried)", tried.inputs));
    }
    if tried.reached < tried.accepted {
        none.push_str(&format!("; {} of them came to Q", tried.reached));
    }
    if tried.apart > 0 {
        none.push_str(&format!("; on {} the program failed by itself or had no end ({})", tried.apart, tried.accident));
    }
    let mut answers: Vec<Answer> = Vec::new();
    for (number, slice) in analysis.slices.iter().enumerate() {
        let broken = found.broken.iter().find(|(n, _)| *n == number);
        answers.push(match (found.slices.get(number), broken) {
            (_, Some((_, why))) => unknown(&slice.id, "not_runnable", &format!("the slice can't be run: {why}")),
            (Some(Some(witness)), None) => failed(blank(&slice.id), witness, &found.parameters),
            // Behind the least failing slice nothing is asked.
            (None, None) if !found.slices.is_empty() => break,
            _ => unknown(&slice.id, "no_counterexample", &none),
        });
    }
    let violated = answers.iter().any(|a| a.answer == AnswerKind::Fail);
    if let (Some(witness), false) = (&found.violated, violated) {
        // The program fails and no slice does: a fault of weiser, which must not look as if nothing had been found.
        let told: Vec<String> = inputs(&witness.input, &found.parameters)
            .into_iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        let reason = format!(
            "the program violates Q with {}, but none of its slices does: please report this as a fault of weiser",
            told.join(", ")
        );
        for answer in &mut answers {
            answer.code = "slices_disagree".into();
            answer.reason.clone_from(&reason);
        }
    }
    answers
}

fn failed(blank: Answer, witness: &Witness, parameters: &[String]) -> Answer {
    let observed = witness.observed.told();
    let answer = Answer {
        reason: format!("running the program on these inputs showed: {observed}"),
        counterexample: inputs(&witness.input, parameters),
        replay: Some(Replay {
            confirmed: true,
            code: "confirmed".into(),
            observed,
            input: Some(witness.input.clone()),
        }),
        ..blank
    };
    answer.of_kind(AnswerKind::Fail)
}

/// Inputs by the names of the parameters; what the program read as `stdin`.
fn inputs(input: &Input, parameters: &[String]) -> BTreeMap<String, serde_json::Value> {
    let mut out: BTreeMap<String, serde_json::Value> =
        parameters.iter().cloned().zip(input.arguments.iter().map(|v| v.to_json())).collect();
    if let Stdin::Text(text) = &input.stdin
        && !text.is_empty()
    {
        out.insert("stdin".into(), serde_json::Value::String(text.clone()));
    }
    out
}

/// Confirms the failures that are claimed of one triple, by running its program. The program is made ready with the first
/// claim.
pub struct Confirmer<'a> {
    file: &'a FileAnalysis,
    index: usize,
    trust: Trust,
    seed: u64,
    bench: Mutex<Option<Result<Bench, RunError>>>,
}

impl<'a> Confirmer<'a> {
    pub fn new(file: &'a FileAnalysis, index: usize, trust: Trust, seed: u64) -> Self {
        Confirmer { file, index, trust, seed, bench: Mutex::new(None) }
    }

    /// A claimed failure with what running it showed. Unless the oracle's word is enough, one that was not confirmed is no
    /// failure any more.
    pub fn confirm(&self, answer: Answer) -> Answer {
        let (mut replay, stays) = self.replay(&answer);
        if replay.confirmed && self.file.triples[self.index].pre.iter().any(|(p, _)| p.kind == ConditionKind::Text) {
            replay.observed.push_str(" (P is in plain language and was not checked)");
        }
        let counts = replay.confirmed || stays || self.trust == Trust::Claimed;
        let answer = Answer { replay: Some(replay.clone()), ..answer };
        if counts {
            return answer;
        }
        Answer {
            code: replay.code,
            reason: format!("claimed: {}; but {}", answer.reason.trim_end_matches('.'), replay.observed),
            ..answer
        }
        .of_kind(AnswerKind::FailUnconfirmed)
    }

    /// What running the claim showed, and whether it stays a claim that nobody can check.
    fn replay(&self, answer: &Answer) -> (Replay, bool) {
        let unconfirmed =
            |code: &str, observed: String| Replay { confirmed: false, code: code.into(), observed, input: None };
        if self.file.triples[self.index].post.kind == ConditionKind::Text {
            return (
                unconfirmed("plain_language", "the condition is in plain language, which can't be run".into()),
                true,
            );
        }
        let mut bench = self.bench.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = bench.get_or_insert_with(|| {
            let (parsed, triple) = triple(self.file, self.index)?;
            let bench = Bench::open(&parsed, &triple, &[], self.seed)?;
            if bench.judged { Ok(bench) } else { Err(RunError::Program("the condition can't be evaluated".into())) }
        });
        let bench = match opened {
            Ok(bench) => bench,
            Err(error) => return (unconfirmed("not_runnable", error.to_string()), false),
        };
        let replay = match confirm(bench, &answer.counterexample) {
            Confirmation::Confirmed { input, observed } => {
                Replay { confirmed: true, code: "confirmed".into(), observed: observed.told(), input: Some(input) }
            }
            Confirmation::Refuted { observed, .. } => {
                unconfirmed(refuted(&observed), format!("running it showed: {}", observed.told()))
            }
            Confirmation::Undecodable(why) => unconfirmed("undecodable", format!("the inputs can't be run: {why}")),
        };
        (replay, false)
    }
}

/// The answer that a regression test can be made of: a failure of the triple that was seen to happen, the least failing slice's
/// first.
pub fn confirmed(verdict: &TripleVerdict) -> Option<&Replay> {
    let least = |a: &&Answer| Some(&a.slice) != verdict.least_failing.as_ref();
    let mut failing: Vec<&Answer> = verdict.answers.iter().filter(|a| a.answer == AnswerKind::Fail).collect();
    failing.sort_by_key(least);
    failing.into_iter().filter_map(|a| a.replay.as_ref()).find(|r| r.confirmed && r.input.is_some())
}

/// A regression test for a triple of a file (`run::regression`). Runs nothing.
pub fn regression(file: &FileAnalysis, index: usize, replay: &Replay, setting: &Setting) -> Result<String, NoTest> {
    let (parsed, triple) = triple(file, index).map_err(|error| NoTest::Program(error.to_string()))?;
    let input = replay.input.as_ref().ok_or_else(|| NoTest::Program("its input is not known".into()))?;
    let setting = Setting { observed: replay.observed.clone(), ..setting.clone() };
    regression::test(&parsed, &triple, input, &setting)
}

fn refuted(observed: &Observed) -> &'static str {
    match observed.end {
        End::Pre => "pre_false",
        End::Timeout => "timeout",
        End::Memory => "memory",
        End::Fault | End::Output => "fault",
        End::Left if observed.visits.is_empty() => "left",
        _ if observed.visits.is_empty() => "not_reached",
        _ => "post_true",
    }
}
