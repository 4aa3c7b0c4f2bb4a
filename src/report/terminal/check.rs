//! `weiser check`: a headline for each triple, and for one that fails the least slice on which it does.

use super::{
    BAD, BOLD, DIM, Detail, GOOD, NAME, OPEN, conditions, count, indented, listing, number, paint, percent, place,
};
use super::{safe, short, words};
use crate::pipeline::{Slicing, TripleAnalysis, TripleVerdict};
use crate::render::Rendered;
use crate::report::wire::{answer_tag, confidence_tag, outcome_tag};
use crate::report::{CheckedFile, OracleChoice, code};
use crate::verdict::{Answer, AnswerKind, Confidence, Origin, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

pub const LEAN: &str = "branches that share no data with the post-condition are left out (--slicing exact keeps them)";
/// What is to be said of so many slices that were too long.
pub fn leaner(slices: u64) -> String {
    let which = if slices == 1 { "a slice is".to_owned() } else { format!("{slices} slices are") };
    format!(
        "{which} too long for the model, which was asked without branches that share no data with the post-condition"
    )
}

pub const VACUOUS: &str = "no path leads to the post-condition, so nothing is judged";

/// Messages shown of one cause; the others differ from them only in small things.
const MESSAGES: usize = 3;

/// Who answers and why: the first line of a run.
pub fn oracle(choice: &OracleChoice) -> String {
    let who = if choice.about.is_empty() { &choice.spec } else { &choice.about };
    format!("{} {} ({})\n", paint(BOLD, "oracle:"), safe(who), safe(&choice.why))
}

/// One triple and what came of it.
pub fn triple(path: &str, triple: &TripleAnalysis, verdict: &TripleVerdict, detail: Detail) -> String {
    let mut out = headline(path, triple, verdict);
    if detail == Detail::Quiet {
        return out;
    }
    let settled = verdict.outcome == Outcome::Holds && !triple.vacuous;
    if !settled || detail == Detail::Verbose {
        out.push_str(&conditions(triple));
    }
    if triple.vacuous {
        vacuous(&mut out, verdict);
    }
    match verdict.outcome {
        Outcome::Violated => violation(&mut out, triple, verdict),
        Outcome::Undecided => open(&mut out, triple, verdict),
        Outcome::Holds => {}
    }
    if detail == Detail::Verbose {
        answers(&mut out, triple, verdict);
    }
    costs(&mut out, triple, verdict);
    out
}

/// `violated  f.py:17  f  claimed by ollama:llama3.1:8b`
fn headline(path: &str, triple: &TripleAnalysis, verdict: &TripleVerdict) -> String {
    let style = match verdict.outcome {
        Outcome::Holds if triple.vacuous => OPEN,
        Outcome::Holds => GOOD,
        Outcome::Violated => BAD,
        Outcome::Undecided => OPEN,
    };
    let outcome = outcome_tag(verdict.outcome);
    let outcome = if triple.vacuous && verdict.outcome == Outcome::Holds {
        format!("{outcome} vacuously")
    } else {
        outcome.to_owned()
    };
    let mut out = format!(
        "{}  {}  {}",
        paint(style, outcome),
        paint(BOLD, place(path, triple)),
        paint(NAME, safe(&triple.function))
    );
    if let Some(confidence) = verdict.confidence {
        let _ = write!(out, "  {}", paint(DIM, format!("{} by {}", confidence_tag(confidence), who(verdict))));
    }
    out.push('\n');
    out
}

/// Who stands behind the outcome: whoever answered the least failing slice, or all who let slices pass.
fn who(verdict: &TripleVerdict) -> String {
    let counts = |a: &&Answer| match &verdict.least_failing {
        Some(id) => a.slice == *id,
        None => matches!(a.answer, AnswerKind::Pass | AnswerKind::Infeasible),
    };
    let names: BTreeSet<String> =
        verdict.answers.iter().filter(counts).map(origin).filter(|name| !name.is_empty()).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    match verdict.confidence {
        _ if names.is_empty() => "weiser".into(),
        Some(Confidence::Confirmed) if names != RUN => format!("running what {names} claimed"),
        _ => names,
    }
}

/// The oracle whose every failure is a run.
const RUN: &str = "run";

fn origin(answer: &Answer) -> String {
    named(&answer.origin)
}

fn named(origin: &Origin) -> String {
    if origin.model.is_empty() { safe(&origin.oracle) } else { safe(&format!("{}:{}", origin.oracle, origin.model)) }
}

fn vacuous(out: &mut String, verdict: &TripleVerdict) {
    let next = match verdict.outcome {
        Outcome::Undecided => "undecided because of --strict",
        _ => "--strict makes this undecided",
    };
    let _ = writeln!(out, "  {}: {VACUOUS} ({next})", paint(OPEN, "vacuous"));
}

fn violation(out: &mut String, triple: &TripleAnalysis, verdict: &TripleVerdict) {
    let failing = |a: &&Answer| Some(&a.slice) == verdict.least_failing.as_ref();
    let Some(answer) = verdict.answers.iter().find(failing) else { return };
    if let Some((id, rendered, tokens)) = asked(triple, answer) {
        let share = percent(tokens, triple.program_tokens);
        let lean = if answer.leaner.is_some() { ", lean" } else { "" };
        let _ = writeln!(
            out,
            "\n  {} {}, {}{lean} ({share} of the program)",
            paint(BOLD, "least failing slice"),
            paint(NAME, short(id)),
            count(tokens, "token"),
        );
        out.push_str(&listing(rendered, &triple.parts));
        if answer.leaner.is_some() {
            let _ = writeln!(out, "  {}: {}", paint(OPEN, "lean slice"), leaner(1));
        }
        if !rendered.assumptions.is_empty() {
            let _ = writeln!(out, "\n  {}", paint(BOLD, "on the paths where"));
            for assumption in &rendered.assumptions {
                let _ = writeln!(out, "    {}", words::assumption(assumption, &triple.parts));
            }
        }
    }
    let _ = writeln!(out, "\n  {}\n    {}", paint(BOLD, "because"), indented(&answer.reason, 4));
    votes(out, answer, "\n  ");
    counterexample(out, triple, answer);
    if let Some(replay) = answer.replay.as_ref().filter(|_| answer.origin.oracle != RUN) {
        let title = if replay.confirmed { "confirmed: running it showed" } else { "not confirmed" };
        let _ = writeln!(out, "\n  {}\n    {}", paint(BOLD, title), indented(&replay.observed, 4));
    }
    let smaller = verdict.answers.iter().take_while(|a| a.slice != answer.slice);
    let unsettled = smaller.filter(|a| code(a).is_some() && a.answer != AnswerKind::Infeasible).count() as u64;
    if unsettled > 0 {
        let _ = writeln!(
            out,
            "\n  {} before it got no answer, so a smaller one may fail too (-v lists them)",
            count(unsettled, "slice")
        );
    }
    out.push('\n');
}

/// `4 of 5 votes agree`, and what was said besides; nothing where one voice alone was heard.
fn votes(out: &mut String, answer: &Answer, gap: &str) {
    let all = answer.ballots.len();
    if let Some(agreement) = answer.agreement() {
        let agree = (agreement * all as f64).round() as u64;
        let _ = writeln!(out, "{gap}{}", paint(DIM, format!("{agree} of {} agree", count(all as u64, "vote"))));
    }
    for (what, ballot) in [("without comments and with other names", &answer.probe), ("before it", &answer.overruled)] {
        let Some(ballot) = ballot else { continue };
        let said = if ballot.code.is_empty() { answer_tag(ballot.answer) } else { &ballot.code };
        let _ = writeln!(out, "{gap}{}", paint(DIM, format!("{what}: {} by {}", safe(said), named(&ballot.origin))));
    }
}

/// Inputs in the order of the parameters, then whatever else was given.
fn counterexample(out: &mut String, triple: &TripleAnalysis, answer: &Answer) {
    if answer.counterexample.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  {}", paint(BOLD, "counter-example"));
    let params = triple.params.iter().filter_map(|p| answer.counterexample.get_key_value(p));
    let others = answer.counterexample.iter().filter(|(name, _)| !triple.params.contains(name));
    for (name, value) in params.chain(others) {
        let _ = writeln!(out, "    {} = {}", safe(name), safe(&value.to_string()));
    }
}

/// Why a triple is undecided: causes with how often, what was said, what to do.
fn open(out: &mut String, triple: &TripleAnalysis, verdict: &TripleVerdict) {
    let mut causes: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for answer in verdict.answers.iter().filter(|a| a.answer != AnswerKind::Infeasible) {
        if let Some(code) = code(answer) {
            causes.entry(code).or_default().push(answer);
        }
    }
    let settled =
        verdict.answers.iter().filter(|a| matches!(a.answer, AnswerKind::Pass | AnswerKind::Infeasible)).count();
    let slices = count(triple.slices.len() as u64, "slice");
    if !triple.slices.is_empty() {
        let _ = writeln!(out, "  {settled} of {slices} settled");
    }
    for (code, answers) in causes {
        let _ = writeln!(out, "  {} {}", paint(OPEN, safe(code)), paint(DIM, format!("x {}", answers.len())));
        let messages: BTreeSet<&str> = answers.iter().map(|a| a.reason.trim()).filter(|m| !m.is_empty()).collect();
        for message in messages.iter().take(MESSAGES) {
            let _ = writeln!(out, "    {}", indented(message, 4));
        }
        if messages.len() > MESSAGES {
            let _ = writeln!(out, "    and {} more", messages.len() - MESSAGES);
        }
        if let Some(advice) = words::advice(code) {
            let _ = writeln!(out, "    {} {advice}", paint(BOLD, "help:"));
        }
    }
    limits(out, triple);
    if triple.slicing == Slicing::Lean {
        let _ = writeln!(out, "  {}: {LEAN}", paint(OPEN, "lean slices"));
    }
    let lean = verdict.answers.iter().filter(|a| a.leaner.is_some()).count() as u64;
    if lean > 0 {
        let _ = writeln!(out, "  {}: {}", paint(OPEN, "lean slices"), leaner(lean));
    }
    let unasked = triple.slices.len().saturating_sub(verdict.answers.len()) as u64;
    if unasked > 0 {
        let _ = writeln!(out, "  {} not asked", count(unasked, "slice"));
    }
}

/// What no answer can settle.
fn limits(out: &mut String, triple: &TripleAnalysis) {
    for limit in &triple.limits {
        let _ = writeln!(out, "  {}: {}", paint(OPEN, "cannot be said to hold"), indented(limit, 4));
    }
}

/// Every answer, a line each.
fn answers(out: &mut String, triple: &TripleAnalysis, verdict: &TripleVerdict) {
    if verdict.answers.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {}", paint(BOLD, "answers"));
    for answer in &verdict.answers {
        let style = match answer.answer {
            AnswerKind::Pass | AnswerKind::Infeasible => GOOD,
            AnswerKind::Fail => BAD,
            AnswerKind::FailUnconfirmed | AnswerKind::Unknown | AnswerKind::Error => OPEN,
        };
        let tokens = asked(triple, answer).map_or(String::new(), |(.., tokens)| count(tokens, "token"));
        let code = code(answer).map_or(String::new(), |code| format!(" ({})", safe(code)));
        let lean = triple.slicing == Slicing::Lean || answer.leaner.is_some();
        let cached = match (answer.cached, lean) {
            (false, false) => "",
            (true, false) => ", cached",
            (false, true) => ", lean",
            (true, true) => ", lean, cached",
        };
        let _ = write!(
            out,
            "    {}  {}{code}  {}",
            paint(NAME, short(&answer.slice)),
            paint(style, answer_tag(answer.answer)),
            paint(DIM, format!("{tokens}{cached}")),
        );
        if !answer.reason.is_empty() {
            let _ = write!(out, "  {}", indented(&answer.reason, 6));
        }
        out.push('\n');
        votes(out, answer, "      ");
        for ballot in &answer.ballots {
            let code = if ballot.code.is_empty() { String::new() } else { format!(" ({})", safe(&ballot.code)) };
            let lean = if ballot.lean { ", lean" } else { "" };
            let line = format!("vote: {}{code}{lean}  {}", answer_tag(ballot.answer), named(&ballot.origin));
            let _ = writeln!(out, "      {}", paint(DIM, line));
        }
        if let Some(raw) = &answer.raw {
            let _ = writeln!(out, "      {} {}", paint(DIM, "reply:"), indented(raw, 6));
        }
    }
}

fn costs(out: &mut String, triple: &TripleAnalysis, verdict: &TripleVerdict) {
    if verdict.questions == 0 {
        return;
    }
    let cached = verdict.answers.iter().filter(|a| a.cached).count();
    let cached = if cached > 0 { format!(" ({cached} from the cache)") } else { String::new() };
    let text = format!(
        "  {}{cached}, {} in, {} out; the whole program in one prompt: {}",
        count(verdict.questions, "question"),
        count(verdict.tokens_in, "token"),
        number(verdict.tokens_out),
        number(triple.baseline_prompt_tokens),
    );
    let _ = writeln!(out, "{}", paint(DIM, text));
}

/// The slice that an answer is about, with its tokens.
fn asked<'a>(triple: &'a TripleAnalysis, answer: &'a Answer) -> Option<(&'a str, &'a Rendered, u64)> {
    match &answer.leaner {
        Some(leaner) => Some((&leaner.id, &leaner.rendered, leaner.tokens)),
        None => {
            let slice = triple.slices.iter().find(|s| s.id == answer.slice)?;
            Some((&slice.id, &slice.rendered, slice.tokens))
        }
    }
}

/// The last line of a run over several triples; empty for a single one, whose headline said it all.
pub fn summary(files: &[CheckedFile]) -> String {
    let verdicts: Vec<&TripleVerdict> = files.iter().flat_map(|f| &f.verdicts).collect();
    if verdicts.len() < 2 {
        return String::new();
    }
    let mut parts = Vec::new();
    for (outcome, style) in [(Outcome::Violated, BAD), (Outcome::Undecided, OPEN), (Outcome::Holds, GOOD)] {
        let n = verdicts.iter().filter(|v| v.outcome == outcome).count();
        if n > 0 {
            parts.push(format!("{n} {}", paint(style, outcome_tag(outcome))));
        }
    }
    format!(
        "{}: {}; {}, {} in, {} out\n",
        paint(BOLD, count(verdicts.len() as u64, "triple")),
        parts.join(", "),
        count(verdicts.iter().map(|v| v.questions).sum(), "question"),
        count(verdicts.iter().map(|v| v.tokens_in).sum(), "token"),
        number(verdicts.iter().map(|v| v.tokens_out).sum()),
    )
}
