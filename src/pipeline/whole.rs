//! A whole file as one question, for comparison: the text as it is, and conditions that don't stand in it as comments at their
//! points, as slices have them.

use crate::render::{Rendered, SliceKind};
use crate::spec::{Anchor, Placed, Triple};
use crate::syntax::Parsed;
use std::collections::BTreeMap;

pub fn program(parsed: &Parsed, triple: &Triple) -> Rendered {
    let source = &parsed.source;
    let mut notes: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let pre = triple.pre.iter().map(|p| (p, "PRE"));
    for (placed, word) in pre.chain([(&triple.post, "POST")]) {
        if placed.condition.span.is_none() {
            let comment = &parsed.language.layout.comment;
            // A condition of several lines stays a comment.
            let said = placed.condition.text.lines().map(|line| format!("{comment} {word}: {line}"));
            notes.entry(before(parsed, triple, placed)).or_default().extend(said);
        }
    }
    let lines: Vec<&str> = source.text.lines().collect();
    let last = lines.len() as u32;
    let mut text = String::with_capacity(source.text.len() + 100);
    let mut numbers = Vec::with_capacity(lines.len() + notes.len());
    let mut put = |line: &str, number: Option<u32>| {
        text.push_str(line);
        text.push('\n');
        numbers.push(number);
    };
    for (number, line) in (1..).zip(&lines) {
        let indent = &line[..line.len() - line.trim_start().len()];
        notes.remove(&number).into_iter().flatten().for_each(|said| put(&format!("{indent}{said}"), None));
        put(line, Some(number));
    }
    notes.into_values().flatten().for_each(|said| put(&said, None));
    let kept = if last > 0 { vec![(1, last)] } else { Vec::new() };
    Rendered { kind: SliceKind::Program, text, lines: numbers, kept, assumptions: Vec::new(), left_out: Vec::new() }
}

/// The line before which a condition is to be said.
fn before(parsed: &Parsed, triple: &Triple, placed: &Placed) -> u32 {
    let line = |at: u32| parsed.source.line(at);
    let span = |stmt| parsed.ast.stmt(stmt).span;
    match placed.anchor {
        Anchor::Before(stmt) | Anchor::At(stmt) => line(span(stmt).start),
        Anchor::After(stmt) => line(span(stmt).end.saturating_sub(1)) + 1,
        Anchor::Entry | Anchor::Exit => {
            let body = &parsed.ast.function(triple.entry).body;
            line(body.stmts.first().map_or(body.span.start, |first| span(*first).start))
        }
    }
}
