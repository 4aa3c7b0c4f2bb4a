//! A whole file as one question, for comparison: the text as it is, and where Q doesn't stand in it, a comment that says where
//! it must hold, as a slice has one.

use crate::render::{Rendered, SliceKind};
use crate::spec::{Anchor, Triple};
use crate::syntax::Parsed;
use crate::syntax::ast::FunctionId;

pub fn program(parsed: &Parsed, triple: &Triple) -> Rendered {
    let source = &parsed.source;
    let lines: Vec<&str> = source.text.lines().collect();
    let note = note(parsed, triple);
    let mut text = String::with_capacity(source.text.len() + 100);
    let mut numbers = Vec::with_capacity(lines.len() + 1);
    for (i, line) in lines.iter().enumerate() {
        let number = i as u32 + 1;
        if let Some((_, said)) = note.as_ref().filter(|(at, _)| *at == number) {
            let indent = &line[..line.len() - line.trim_start().len()];
            said.lines().for_each(|said| text.push_str(&format!("{indent}{said}\n")));
            numbers.extend(said.lines().map(|_| None));
        }
        text.push_str(line);
        text.push('\n');
        numbers.push(Some(number));
    }
    if let Some((_, said)) = note.as_ref().filter(|(at, _)| *at as usize > lines.len()) {
        text.push_str(&format!("{said}\n"));
        numbers.extend(said.lines().map(|_| None));
    }
    let last = lines.len() as u32;
    let kept = if last > 0 { vec![(1, last)] } else { Vec::new() };
    Rendered { kind: SliceKind::Program, text, lines: numbers, kept, assumptions: Vec::new() }
}

/// What is to be said of Q, and before which line; `None` where the text says it.
fn note(parsed: &Parsed, triple: &Triple) -> Option<(u32, String)> {
    let post = &triple.post;
    if post.condition.span.is_some() {
        return None;
    }
    let source = &parsed.source;
    let name = &parsed.ast.function(triple.entry).name;
    let comment = &parsed.language.layout.comment;
    let said = |what: &str| {
        // A condition of several lines stays a comment.
        post.condition.text.lines().map(|line| format!("{comment} {what}: {line}")).collect::<Vec<_>>().join("\n")
    };
    let line = |at: u32| source.line(at);
    Some(match post.anchor {
        Anchor::Exit => {
            let start = parsed.ast.function(triple.entry).span.start;
            (line(start), said(&format!("POST, whenever {name} returns")))
        }
        Anchor::Entry => (line(body_start(parsed, triple.entry)), said("POST")),
        Anchor::Before(stmt) | Anchor::At(stmt) => (line(parsed.ast.stmt(stmt).span.start), said("POST")),
        Anchor::After(stmt) => (line(parsed.ast.stmt(stmt).span.end.saturating_sub(1)) + 1, said("POST")),
    })
}

fn body_start(parsed: &Parsed, function: FunctionId) -> u32 {
    let function = parsed.ast.function(function);
    function.body.stmts.first().map_or(function.body.span.start, |s| parsed.ast.stmt(*s).span.start)
}
