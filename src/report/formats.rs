//! The forms in which a recorded run can be had, and what they share: how a triple's outcome is said in few words.

use super::record::{Answer, Origin, Record, Slice, TripleLine};
use super::terminal::{check, count, safe};
use super::{gcc, html, junit, markdown, run_json, sarif};
use crate::text::place_in;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// One file for a browser.
    Html,
    /// SARIF 2.1.0.
    Sarif,
    /// `weiser.report/1`.
    Json,
    /// JUnit's XML.
    Junit,
    /// Markdown for a comment on a pull request.
    Md,
    /// A line `file:line:column: message` for each.
    Gcc,
}

/// A report of a run. Pure: the same record gives the same bytes.
pub fn report(record: &Record, format: ReportFormat) -> String {
    match format {
        ReportFormat::Html => html::page(record),
        ReportFormat::Sarif => sarif::log(record),
        ReportFormat::Json => run_json::document(record),
        ReportFormat::Junit => junit::suites(record),
        ReportFormat::Md => markdown::comment(record),
        ReportFormat::Gcc => gcc::lines(record),
    }
}

/// Characters of somebody's words where one line has to do.
const LONGEST: usize = 400;

/// One line of at most [`LONGEST`] characters, with nothing in it that could drive a terminal; what is cut off is marked.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for c in text.trim().chars() {
        if out.len() > LONGEST * 4 {
            break;
        }
        match c.is_whitespace() || c == '\u{2028}' || c == '\u{2029}' {
            true => gap = true,
            false => {
                if std::mem::take(&mut gap) {
                    out.push(' ');
                }
                out.push(c);
            }
        }
    }
    let out = safe(&out);
    match out.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &out[..at]),
        None => out,
    }
}

/// The answer that decides a violated triple, and the slice that it is about.
pub(super) fn least(line: &TripleLine) -> Option<(Option<&Slice>, &Answer)> {
    let id = line.triple.least_failing.as_ref()?;
    let answer = line.triple.answers.iter().find(|a| a.slice == *id)?;
    Some((line.triple.asked(answer), answer))
}

/// Where Q stands: file, 1-based line and column, of the entry where Q has no place. The column counts characters.
pub(super) fn place<'l>(record: &Record, line: &'l TripleLine) -> (&'l str, u32, u32) {
    let at = [line.triple.post.line, line.triple.entry.line, 1].into_iter().find(|l| *l > 0).unwrap_or(1);
    let text = record.source(line).lines().nth(at as usize - 1).unwrap_or("");
    let blank = text.chars().take_while(|c| c.is_whitespace()).count() as u32;
    let blank = if text.trim().is_empty() { 0 } else { blank };
    let (other, row) = place_in(&line.triple.parts, at);
    (other.unwrap_or(&line.path), row, blank + 1)
}

pub(super) fn named(origin: &Origin) -> String {
    match (origin.oracle.as_str(), origin.model.as_str()) {
        ("", "") => String::new(),
        (oracle, "") => oracle.to_owned(),
        (oracle, model) => format!("{oracle}:{model}"),
    }
}

/// `claimed by ollama:m`; empty where nobody stands behind the outcome.
pub(super) fn standing(line: &TripleLine) -> String {
    let Some(confidence) = &line.triple.confidence else { return String::new() };
    let counts = |a: &&Answer| match &line.triple.least_failing {
        Some(id) => a.slice == *id,
        None => matches!(a.answer.as_str(), "pass" | "infeasible"),
    };
    let names: BTreeSet<String> = line.triple.answers.iter().filter(counts).map(|a| named(&a.origin)).collect();
    let names: Vec<String> = names.into_iter().filter(|n| !n.is_empty()).collect();
    match (confidence.as_str(), names.join(", ")) {
        (word, names) if names.is_empty() => word.to_owned(),
        ("confirmed", names) if names != "run" => format!("confirmed by running what {names} claimed"),
        (word, names) => format!("{word} by {names}"),
    }
}

/// `x = 1, y = "a"`, parameters first; empty for no counter-example.
pub(super) fn inputs(line: &TripleLine, answer: &Answer) -> String {
    let all = &answer.counterexample;
    let params = &line.triple.entry.params;
    let first = params.iter().filter_map(|p| all.get_key_value(p));
    let others = all.iter().filter(|(name, _)| !params.contains(name));
    first.chain(others).map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

/// Why answers settle nothing: each cause with how many slices it has and what was said first.
pub(super) fn causes(line: &TripleLine) -> Vec<(String, u64, String)> {
    let mut causes: BTreeMap<String, (u64, String)> = BTreeMap::new();
    for answer in line.triple.answers.iter().filter(|a| !matches!(a.answer.as_str(), "pass" | "fail" | "infeasible")) {
        let code = answer.code.clone().unwrap_or_else(|| answer.answer.clone());
        let cause = causes.entry(code).or_insert((0, answer.reason.clone()));
        cause.0 += 1;
    }
    causes.into_iter().map(|(code, (n, reason))| (code, n, reason)).collect()
}

/// Everything that keeps a triple from being settled, a sentence each.
pub(super) fn open(line: &TripleLine) -> Vec<String> {
    let triple = &line.triple;
    let mut out: Vec<String> = causes(line)
        .into_iter()
        .map(|(code, n, reason)| match reason.trim() {
            "" => format!("{code} ({})", count(n, "slice")),
            reason => format!("{code} ({}): {reason}", count(n, "slice")),
        })
        .collect();
    out.extend(triple.limits.iter().map(|limit| format!("cannot be said to hold: {limit}")));
    let unasked = triple.slices.len().saturating_sub(triple.answers.len()) as u64;
    if unasked > 0 && triple.outcome != "violated" {
        out.push(format!("{} not asked", count(unasked, "slice")));
    }
    if triple.vacuous {
        out.push(check::VACUOUS.to_owned());
    }
    if triple.slicing == "lean" {
        out.push(format!("lean slices: {}", check::LEAN));
    }
    let leaner = triple.answers.iter().filter(|a| a.leaner.is_some()).count() as u64;
    if leaner > 0 {
        out.push(format!("lean {}: {}", if leaner == 1 { "slice" } else { "slices" }, check::leaner(leaner)));
    }
    out
}

/// What came of a triple, in a sentence without its place: "`x > 0` is violated (claimed by ...): ...; x = 1".
pub(super) fn sentence(line: &TripleLine) -> String {
    let triple = &line.triple;
    // Plain language has back quotes of its own.
    let quote = if triple.post.kind == "text" { '"' } else { '`' };
    let post = format!("{quote}{}{quote}", triple.post.text);
    let vacuously = if triple.vacuous && triple.outcome == "holds" { " vacuously" } else { "" };
    let verb = match triple.outcome.as_str() {
        "violated" => "is violated",
        "holds" => "holds",
        _ => "is undecided",
    };
    let at = if triple.post.at == "exit" { format!(" where {} returns", triple.entry.function) } else { String::new() };
    let mut out = format!("post-condition {post} {verb}{vacuously}{at}");
    out.extend(line.about.iter().map(|(name, value)| format!(" [{name}: {value}]")));
    let standing = standing(line);
    if !standing.is_empty() {
        out.push_str(&format!(" ({standing})"));
    }
    match least(line) {
        Some((_, answer)) => {
            if !answer.reason.is_empty() {
                out.push_str(&format!(": {}", answer.reason));
            }
            let inputs = inputs(line, answer);
            if !inputs.is_empty() {
                out.push_str(&format!(" [{inputs}]"));
            }
        }
        None => {
            let open = open(line);
            if !open.is_empty() {
                out.push_str(&format!(": {}", open.join("; ")));
            }
        }
    }
    out
}
