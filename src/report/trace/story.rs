//! A trace as text: what is given, the story of the path from the entry, and the answer.

use super::{Step, Trace};
use crate::text::{Part, place_in, spot};
use std::fmt::Write;

pub fn told(trace: &Trace) -> String {
    let mut out = String::new();
    let entry = &trace.entry;
    // Writing to a string can't fail.
    let _ = writeln!(
        out,
        "Program: {} ({}), `{}` at {}",
        trace.source.path,
        trace.source.language,
        entry.function,
        spot(&trace.parts, entry.line)
    );
    for pre in &trace.pre {
        let _ = writeln!(out, "P: {}{}", pre.text, place(&trace.parts, pre.line));
    }
    let at = if trace.post.at == "exit" { ", at every return" } else { "" };
    let _ = writeln!(out, "Q: {}{}{at}", trace.post.text, place(&trace.parts, trace.post.line));
    let _ = writeln!(out, "\nSlice:\n{}", trace.slice.trim_end());
    if !trace.path_condition.is_empty() {
        out.push_str("\nThe path is the one on which\n");
        for assumption in &trace.path_condition {
            let _ = writeln!(out, "- {}: {}", spot(&trace.parts, assumption.line), assumption.text);
        }
    }
    out.push_str("\nStory:\n");
    let inputs: Vec<String> = trace.witness.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let with = if inputs.is_empty() { String::new() } else { format!(" with {}", inputs.join(", ")) };
    let _ = writeln!(out, "`{}` is entered{with}.", entry.function);
    for step in &trace.steps {
        let _ = writeln!(out, "{}", sentence(&trace.parts, step));
    }
    if !trace.completeness.omitted.is_empty() {
        let _ = writeln!(out, "(The steps are not known: {}.)", trace.completeness.omitted);
    }
    let _ = writeln!(out, "\nAnswer: {}", answer(trace));
    out
}

fn place(parts: &[Part], line: u32) -> String {
    if line == 0 { String::new() } else { format!(" ({})", spot(parts, line)) }
}

fn sentence(parts: &[Part], step: &Step) -> String {
    let place = step.span.map_or(String::new(), |(line, ..)| match place_in(parts, line) {
        (Some(path), line) => format!("{path}:{line}: "),
        (None, line) => format!("Line {line}: "),
    });
    let again = if step.repeats { ", perhaps again and again" } else { "" };
    let names = |names: &[String]| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    match step.kind.as_str() {
        "pre" => format!("{place}P holds: `{}`.", step.text),
        "post" => format!("{place}Q is judged: `{}`.", step.text),
        "condition" if step.side == "any" => format!("{place}`{}` decides how it goes on{again}.", step.text),
        "condition" => format!("{place}`{}` is {}{again}.", step.text, step.side),
        _ if step.writes.is_empty() => format!("{place}`{}`{again}.", step.text),
        _ => format!("{place}`{}` sets {}{again}.", step.text, names(&step.writes)),
    }
}

fn answer(trace: &Trace) -> String {
    let who = match (trace.origin.oracle.as_str(), trace.origin.model.as_str()) {
        ("", _) => String::new(),
        (oracle, "") => format!(" by {oracle}"),
        (oracle, model) => format!(" by {oracle}:{model}"),
    };
    let said = match (trace.answer.as_str(), trace.confidence.as_deref()) {
        ("fail", Some("confirmed")) => format!("Q is violated, confirmed: {}", trace.observed),
        ("fail", confidence) => format!("Q is violated, {}{who}: {}", confidence.unwrap_or("claimed"), trace.reason),
        ("pass", confidence) => {
            format!("Q holds on this path, {}{who}: {}", confidence.unwrap_or("claimed"), trace.reason)
        }
        (other, _) => {
            let code = trace.code.as_deref().unwrap_or("no code");
            format!("undecided ({other}, {code}){who}: {}", trace.reason)
        }
    };
    let whole = &trace.completeness;
    let mut open = Vec::new();
    if !whole.classes {
        open.push("not every class of paths was asked about by itself".to_owned());
    }
    if !whole.run_ended {
        open.push("the run was cut short".to_owned());
    }
    open.extend(whole.limits.iter().cloned());
    if open.is_empty() { said } else { format!("{said}\nTo be known: {}", open.join("; ")) }
}
