//! JUnit's XML: a suite for each file, a case for each triple. Whatever isn't settled is an `<error>`, so that no build
//! takes it for a pass; a triple to which no path leads is `<skipped>`.
//!
//! XML 1.0 can't hold most control characters, not even escaped: they are written as `\u{..}`.

use super::formats::{causes, inputs, least, one_line, open, sentence};
use super::record::{Record, TripleLine};
use super::terminal::safe;
use crate::text::{place_in, spot};
use std::collections::BTreeMap;
use std::fmt::Write;

pub fn suites(record: &Record) -> String {
    let mut files: BTreeMap<&str, Vec<&TripleLine>> = BTreeMap::new();
    record.triples.iter().for_each(|line| files.entry(&line.path).or_default().push(line));
    let mut suites: Vec<(String, Vec<Case>)> =
        files.into_iter().map(|(path, lines)| (path.to_owned(), lines.into_iter().map(case).collect())).collect();
    for error in &record.errors {
        let body = element("error", "unreadable", &error.message, &error.message);
        suites.push((error.path.clone(), vec![Case { name: "input".into(), seconds: 0.0, body, kind: Kind::Error }]));
    }
    let remarks = record.remarks();
    if !remarks.is_empty() {
        let body = element("error", "incomplete", &remarks[0], &remarks.join("\n"));
        suites.push(("weiser".into(), vec![Case { name: "the run".into(), seconds: 0.0, body, kind: Kind::Error }]));
    }

    let all: Vec<&Case> = suites.iter().flat_map(|(_, cases)| cases).collect();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"weiser\" {}>", counts(&all));
    for (name, cases) in &suites {
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" {}>",
            escaped(&one_line(name)),
            counts(&cases.iter().collect::<Vec<_>>())
        );
        for case in cases {
            let (case_name, class) = (escaped(&one_line(&case.name)), escaped(&one_line(name)));
            let _ =
                write!(out, "    <testcase classname=\"{class}\" name=\"{case_name}\" time=\"{:.3}\"", case.seconds);
            match case.body.is_empty() {
                true => out.push_str("/>\n"),
                false => {
                    let _ = write!(out, ">\n{}    </testcase>\n", case.body);
                }
            }
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

struct Case {
    name: String,
    seconds: f64,
    body: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Pass,
    Failure,
    Error,
    Skipped,
}

fn counts(cases: &[&Case]) -> String {
    let of = |kind| cases.iter().filter(|c| c.kind == kind).count();
    let time: f64 = cases.iter().map(|c| c.seconds).sum();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{time:.3}\"",
        cases.len(),
        of(Kind::Failure),
        of(Kind::Error),
        of(Kind::Skipped)
    )
}

fn case(line: &TripleLine) -> Case {
    let triple = &line.triple;
    let said = sentence(line);
    let (kind, body) = match triple.outcome.as_str() {
        "holds" if triple.vacuous => (Kind::Skipped, element("skipped", "", &said, "")),
        "holds" if open(line).is_empty() => (Kind::Pass, String::new()),
        "holds" => (Kind::Pass, format!("      <system-out>{}</system-out>\n", escaped(&said))),
        "violated" => {
            let confidence = triple.confidence.as_deref().unwrap_or("violated");
            (Kind::Failure, element("failure", confidence, &said, &detail(line)))
        }
        _ => {
            let cause = causes(line).into_iter().next().map_or("undecided".to_owned(), |(code, ..)| code);
            (Kind::Error, element("error", &cause, &said, &open(line).join("\n")))
        }
    };
    let about: Vec<String> = line.about.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    let at = if triple.post.line > 0 { format!("{}: ", spot(&triple.parts, triple.post.line)) } else { String::new() };
    let name = format!("{}: {at}{}{about}", triple.entry.function, triple.post.text);
    let seconds = triple.answers.iter().map(|a| a.ms).fold(0, u64::saturating_add) as f64 / 1000.0;
    Case { name, seconds, body, kind }
}

/// The least failing slice and its inputs, and what else is open.
fn detail(line: &TripleLine) -> String {
    let mut out = String::new();
    if let Some((slice, answer)) = least(line) {
        let _ = writeln!(out, "{}", answer.reason);
        let inputs = inputs(line, answer);
        if !inputs.is_empty() {
            let _ = writeln!(out, "counter-example: {inputs}");
        }
        if let Some(slice) = slice {
            let _ = writeln!(out, "\nleast failing slice:");
            for (i, text) in slice.text.lines().enumerate() {
                let number = slice
                    .lines
                    .get(i)
                    .copied()
                    .flatten()
                    .map_or(String::new(), |n| place_in(&line.triple.parts, n).1.to_string());
                let _ = writeln!(out, "{number:>5} | {text}");
            }
        }
    }
    for more in &open(line) {
        let _ = writeln!(out, "{more}");
    }
    out
}

fn element(name: &str, kind: &str, message: &str, text: &str) -> String {
    let kind = if kind.is_empty() { String::new() } else { format!(" type=\"{}\"", escaped(&one_line(kind))) };
    let message = escaped(&one_line(message));
    match text.is_empty() {
        true => format!("      <{name} message=\"{message}\"/>\n"),
        false => format!("      <{name} message=\"{message}\"{kind}>{}</{name}>\n", escaped(text)),
    }
}

/// Text and attribute values that every XML parser reads.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
