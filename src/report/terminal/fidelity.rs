//! `weiser fidelity`: a headline for each triple, and for one that differs what the program and its slices did.

use super::{
    BAD, BOLD, DIM, Detail, GOOD, NAME, OPEN, conditions, count, indented, listing, number, paint, place, safe, short,
};
use crate::pipeline::{TripleAnalysis, TripleFidelity};
use crate::report::fidelity::{Agreement, TestedFile, Tool, Trial, agreement};
use crate::run::fidelity::{Fidelity, Mismatch};
use crate::run::observed::{Observed, Truth, Visit};
use crate::run::sandbox::Protections;
use crate::run::value::{Input, Stdin, Value};
use crate::spec::ConditionKind;
use std::fmt::Write;

/// Visits shown of one run; of a longer one, from where program and slice part.
const VISITS: usize = 4;
/// Slices shown of those that all miss a visit; `-v` shows every one.
const SLICES: usize = 6;

/// What will be run, by what and behind which walls: said before anything runs.
pub fn running(files: &[&str], tools: &[Tool], protections: &Protections) -> String {
    let what = match files {
        [one] => format!("{} and its slices", safe(one)),
        _ => format!("{} and their slices", count(files.len() as u64, "file")),
    };
    let versions: Vec<String> = tools.iter().map(|tool| safe(&tool.version)).collect();
    let walls = safe(&protections.to_string());
    let mut out = format!("{} {what} with {} ({walls})\n", paint(BOLD, "running"), versions.join(", "));
    for Tool { version, without } in tools.iter().filter(|tool| !tool.without.is_empty()) {
        let _ = writeln!(out, "{}", paint(DIM, format!("not noticed with {}: {}", safe(version), safe(without))));
    }
    out
}

/// One triple and what came of it.
pub fn triple(path: &str, triple: &TripleAnalysis, tested: &TripleFidelity, trial: &Trial, detail: Detail) -> String {
    let agreement = agreement(triple, tested);
    let mut out = headline(path, triple, tested, agreement);
    if detail == Detail::Quiet {
        return out;
    }
    if agreement == Agreement::Differs || detail == Detail::Verbose {
        out.push_str(&conditions(triple));
    }
    match &tested.result {
        Err(error) => {
            let _ = writeln!(out, "  {}", indented(&error.to_string(), 2));
        }
        Ok(result) => {
            remarks(&mut out, triple, tested, result, trial, detail);
            differences(&mut out, triple, tested, result, detail);
        }
    }
    out
}

/// `agrees  f.py:17  f  200 inputs (143 reach Q), 6 slices`
fn headline(path: &str, triple: &TripleAnalysis, tested: &TripleFidelity, agreement: Agreement) -> String {
    let style = match agreement {
        Agreement::Agrees => GOOD,
        Agreement::Differs => BAD,
        Agreement::Untested | Agreement::NotRun => OPEN,
    };
    let mut out = format!(
        "{}  {}  {}",
        paint(style, word(agreement)),
        paint(BOLD, place(path, triple)),
        paint(NAME, safe(&triple.function))
    );
    if let Ok(result) = &tested.result {
        let inputs = count(result.accepted as u64, "input");
        let reached = if result.reached == 1 { "1 reaches Q".into() } else { format!("{} reach Q", result.reached) };
        let slices = count(triple.slices.len() as u64, "slice");
        let _ = write!(out, "  {}", paint(DIM, format!("{inputs} ({reached}), {slices}")));
    }
    out.push('\n');
    out
}

fn word(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Agrees => "agrees",
        Agreement::Differs => "differs",
        Agreement::Untested => "untested",
        Agreement::NotRun => "not run",
    }
}

/// What the numbers of the headline rest on.
fn remarks(
    out: &mut String,
    triple: &TripleAnalysis,
    tested: &TripleFidelity,
    result: &Fidelity,
    trial: &Trial,
    detail: Detail,
) {
    let mut say = |text: String| {
        let _ = writeln!(out, "  {}", paint(DIM, text));
    };
    let tried = number(result.tried as u64);
    if result.accepted == 0 {
        say(format!("none of the {tried} inputs that were made up is one that P allows and the program takes"));
    } else if result.reached == 0 {
        say(if triple.vacuous {
            "as expected: no path leads to Q".into()
        } else {
            "no input came to Q, so nothing was compared".into()
        });
    }
    if result.accepted > 0 && result.accepted < trial.inputs {
        say(match result.tried {
            1 => "nothing can be varied: the program has no inputs".into(),
            n if n < trial.most => format!("stopped after {tried}: too many had no end, or took the process along"),
            _ => format!("{tried} were tried; the others repeat one of these, or P or the program refuses them"),
        });
    } else if detail == Detail::Verbose {
        say(format!("{tried} inputs tried, seed {}, with {}", trial.seed, safe(&tested.toolchain)));
    }
    let endless = result.accepted - (result.agree + result.missed.count + result.spurious.count).min(result.accepted);
    let failed = result.apart.saturating_sub(endless);
    if failed > 0 {
        say(format!("on {} the program failed by itself: compared up to there", count(failed as u64, "input")));
    }
    if endless > 0 {
        say(format!("on {} the program ran out of time: not compared", count(endless as u64, "input")));
    }
    if !tested.judged {
        say("Q is not evaluated here: visits are compared by the values of its names".into());
    }
    let plain = triple.pre.iter().any(|(pre, _)| pre.kind == ConditionKind::Text);
    if plain && (detail == Detail::Verbose || result.missed.count + result.spurious.count > 0) {
        say("P is in plain language: inputs that it forbids were tried too".into());
    }
}

fn differences(out: &mut String, triple: &TripleAnalysis, tested: &TripleFidelity, result: &Fidelity, detail: Detail) {
    broken(out, triple, result, detail);
    let kinds = [
        ("spurious", "a slice does what the program doesn't", &result.spurious),
        ("missed", "the program comes to Q as no slice does", &result.missed),
    ];
    for (name, meaning, mismatches) in kinds {
        if mismatches.count == 0 {
            continue;
        }
        let inputs = count(mismatches.count as u64, "input");
        let _ = writeln!(out, "\n  {} on {inputs}: {meaning}", paint(BAD, name));
        if name == "missed" && !result.broken.is_empty() && detail != Detail::Verbose {
            let _ = writeln!(
                out,
                "    {}",
                paint(DIM, "the slices that can't be run may be those that are missed; -v tells more")
            );
            continue;
        }
        let told = if detail == Detail::Verbose { mismatches.told.len() } else { 1 };
        for mismatch in mismatches.told.iter().take(told) {
            reproducer(out, triple, tested, mismatch, detail);
        }
        let more = mismatches.told.len().saturating_sub(told);
        if more > 0 {
            let _ = writeln!(out, "    {}", paint(DIM, format!("{} more with -v", count(more as u64, "reproducer"))));
        }
    }
}

/// Slices that can't be run: for each reason how many, and the smallest.
fn broken(out: &mut String, triple: &TripleAnalysis, result: &Fidelity, detail: Detail) {
    let mut reasons: Vec<(&str, Vec<usize>)> = Vec::new();
    for (slice, why) in &result.broken {
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, slices)) => slices.push(*slice),
            None => reasons.push((why, vec![*slice])),
        }
    }
    for (why, slices) in reasons {
        let number = count(slices.len() as u64, "slice");
        let _ = writeln!(out, "\n  {} {number} can't be run: {}", paint(BAD, "broken"), indented(why, 4));
        let shown = if detail == Detail::Verbose { slices.len() } else { 1 };
        for slice in slices.into_iter().take(shown) {
            let _ = writeln!(out, "    {} {}", paint(BOLD, "slice"), id(triple, slice));
            text(out, triple, slice);
        }
    }
}

/// An input, what the program did with it, and what the slices did.
fn reproducer(out: &mut String, triple: &TripleAnalysis, tested: &TripleFidelity, mismatch: &Mismatch, detail: Detail) {
    let _ = writeln!(out, "    {}", paint(BOLD, "with"));
    input(out, &tested.parameters, &mismatch.input);
    let original = &mismatch.original;
    let common = |seen: &Observed| seen.visits.iter().zip(&original.visits).take_while(|(a, b)| a == b).count();
    let alike = mismatch.slices.iter().map(common).max().unwrap_or(0);
    let _ = writeln!(out, "    {}", paint(BOLD, "the program"));
    observed(out, original, alike);
    match mismatch.slice {
        Some(slice) => {
            let _ = writeln!(out, "    {} {}", paint(BOLD, "slice"), id(triple, slice));
            mismatch.slices.iter().take(1).for_each(|seen| observed(out, seen, alike));
            text(out, triple, slice);
        }
        None => {
            // Those that come furthest first; sorting is stable.
            let mut order: Vec<(usize, &Observed)> = mismatch.slices.iter().enumerate().collect();
            order.sort_by_key(|(_, seen)| std::cmp::Reverse(common(seen)));
            let shown = if detail == Detail::Verbose { order.len() } else { SLICES };
            for (slice, seen) in order.iter().take(shown) {
                let _ = writeln!(out, "    {} {}", paint(BOLD, "slice"), id(triple, *slice));
                observed(out, seen, alike.min(common(seen)));
                if detail == Detail::Verbose {
                    text(out, triple, *slice);
                }
            }
            if order.len() > shown {
                let more = count((order.len() - shown) as u64, "slice");
                let _ = writeln!(out, "    {}", paint(DIM, format!("{more} more with -v")));
            } else if detail != Detail::Verbose && !order.is_empty() {
                let _ = writeln!(out, "    {}", paint(DIM, "-v shows the slices"));
            }
        }
    }
}

fn input(out: &mut String, parameters: &[String], input: &Input) {
    for (name, value) in parameters.iter().zip(&input.arguments) {
        let _ = writeln!(out, "      {} = {}", safe(name), safe(&shown(value)));
    }
    match &input.stdin {
        Stdin::Text(text) => {
            let text = serde_json::Value::from(text.as_str()).to_string();
            let _ = writeln!(out, "      standard input {}", safe(&text));
        }
        Stdin::Empty | Stdin::Choices(_) if input.arguments.is_empty() => {
            let _ = writeln!(out, "      no input");
        }
        Stdin::Empty | Stdin::Choices(_) => {}
    }
}

/// As JSON, but every number as a number.
fn shown(value: &Value) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
            format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        other => other.to_json().to_string(),
    }
}

/// The visits of a run from where it is told apart, and its end.
fn observed(out: &mut String, seen: &Observed, alike: usize) {
    let from = if seen.visits.len() > VISITS { alike } else { 0 };
    if from > 0 {
        let _ =
            writeln!(out, "      {}", paint(DIM, format!("{} on which they agree, then", count(from as u64, "visit"))));
    }
    for one in seen.visits.iter().skip(from).take(VISITS) {
        let _ = writeln!(out, "      {}", visit(one));
    }
    let more = seen.visits.len().saturating_sub(from + VISITS);
    if more > 0 {
        let _ = writeln!(out, "      {}", paint(DIM, format!("{more} more")));
    }
    let detail = seen.detail.trim();
    let detail = if detail.is_empty() { String::new() } else { format!(": {}", indented(detail, 8)) };
    let _ = writeln!(out, "      {}{detail}", seen.end.words());
}

/// `Q true, x=1`
fn visit(visit: &Visit) -> String {
    let truth = match visit.truth {
        Truth::True => "Q true",
        Truth::False => "Q false",
        Truth::Unjudged => "came to Q",
        Truth::Error => "Q could not be evaluated",
    };
    let names = if visit.names.is_empty() { String::new() } else { format!(", {}", indented(&visit.names, 8)) };
    format!("{truth}{names}")
}

/// The name of a slice by its number.
fn id(triple: &TripleAnalysis, slice: usize) -> String {
    let id = triple.slices.get(slice).map_or("?", |s| short(&s.id));
    paint(NAME, safe(id))
}

fn text(out: &mut String, triple: &TripleAnalysis, slice: usize) {
    if let Some(slice) = triple.slices.get(slice) {
        out.push_str(&listing(&slice.rendered, &triple.parts));
    }
}

/// The last line of a run over several triples; empty for a single one, whose headline said it all.
pub fn summary(files: &[TestedFile]) -> String {
    let all: Vec<(&TripleAnalysis, &TripleFidelity)> =
        files.iter().flat_map(|f| f.analysis.triples.iter().zip(&f.tested)).collect();
    if all.len() < 2 {
        return String::new();
    }
    let mut parts = Vec::new();
    for (wanted, style) in
        [(Agreement::Differs, BAD), (Agreement::NotRun, OPEN), (Agreement::Untested, OPEN), (Agreement::Agrees, GOOD)]
    {
        let n = all.iter().filter(|(triple, tested)| agreement(triple, tested) == wanted).count();
        if n > 0 {
            let word = match (wanted, n) {
                (Agreement::Differs, 2..) => "differ",
                (Agreement::Agrees, 2..) => "agree",
                _ => word(wanted),
            };
            parts.push(format!("{n} {}", paint(style, word)));
        }
    }
    let inputs: usize = all.iter().filter_map(|(_, t)| t.result.as_ref().ok()).map(|r| r.accepted).sum();
    let inputs = count(inputs as u64, "input");
    format!("{}: {}; {inputs}\n", paint(BOLD, count(all.len() as u64, "triple")), parts.join(", "))
}
