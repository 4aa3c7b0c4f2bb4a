//! Conditions written in comments: which comment lines belong to one condition, and its text without comment marks.
//!
//! A condition starts at a line with a keyword ([`super::keyword`]) and goes on over the following lines of the same
//! block comment, or over comment lines that stand alone directly below, at the same column, until a line that starts
//! another condition:
//!
//! ```text
//! # PRE:                      PRE, over two lines
//! # the list is not empty
//! # POST: the sum is printed  POST
//! total = 0
//! ```
//!
//! Cost: linear in the file.

use super::condition::without_parentheses;
use super::keyword::{self, Form, Role};
use crate::syntax::Parsed;
use crate::text::Span;

/// One condition in comments, not yet placed.
#[derive(Debug, Clone)]
pub struct Annotation {
    pub role: Role,
    pub form: Form,
    /// The comment lines' contents: the first is what follows the keyword.
    pub lines: Vec<String>,
    /// For an assert that is itself commented out, `// assert(e); // POST`: the text of `e`.
    pub disabled: Option<String>,
    /// From the first comment that holds it to the last.
    pub span: Span,
    /// Where the first comment stands.
    pub place: Place,
    /// Line of the last comment's end, and the offset of the next byte of code after it.
    pub last_line: u32,
    pub code_after: u32,
}

/// Where a comment stands in its surroundings.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub offset: u32,
    pub line: u32,
    pub column: u32,
    /// No code stands before it on its line.
    pub alone: bool,
    /// End of the last byte of code before it, and start of the first after it.
    pub code_before: u32,
    pub code_after: u32,
}

/// All conditions in comments, in source order. Comments inside `docs` (sorted spans of documentation) are left out: they
/// are read as documentation.
pub fn annotations(parsed: &Parsed, docs: &[Span]) -> Vec<Annotation> {
    let source = &parsed.source;
    let places = places(parsed);
    let mut found: Vec<Annotation> = Vec::new();
    // Whether the last condition found may go on in the next comment.
    let mut open = false;
    for (comment, place) in parsed.ast.comments.iter().zip(&places) {
        let before = docs.partition_point(|d| d.start <= comment.span.start);
        if before > 0 && docs[before - 1].contains(comment.span) {
            open = false;
            continue;
        }
        let text = source.text.get(comment.span.range()).unwrap_or("");
        let last_line = source.line(comment.span.end.saturating_sub(1).max(comment.span.start));
        open = open
            && place.alone
            && found.last().is_some_and(|a| place.line == a.last_line + 1 && place.column == a.place.column);
        for content in contents(text, &parsed.language.layout.comment) {
            // Alone on its line, a capital POST followed by words is prose.
            let opened = open_line(content, &parsed.language.layout.comment)
                .filter(|(_, form, ..)| !(place.alone && *form == Form::Loose));
            if let Some((role, form, first, disabled)) = opened {
                found.push(Annotation {
                    role,
                    form,
                    lines: vec![first.to_string()],
                    disabled,
                    span: comment.span,
                    place: *place,
                    last_line,
                    code_after: place.code_after,
                });
                open = true;
            } else if open && let Some(current) = found.last_mut() {
                current.lines.push(content.to_string());
            }
        }
        if open && let Some(current) = found.last_mut() {
            current.span = current.span.to(comment.span);
            current.last_line = last_line;
            current.code_after = place.code_after;
        }
    }
    found
}

/// `POST: text`, or a commented-out assert with the keyword behind it.
fn open_line<'a>(content: &'a str, mark: &str) -> Option<(Role, Form, &'a str, Option<String>)> {
    if let Some(o) = keyword::opening(content) {
        return Some((o.role, o.form, o.rest, None));
    }
    let after = content.strip_prefix("assert")?;
    if after.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    after.match_indices(mark).find_map(|(at, _)| {
        let o = keyword::opening(&after[at + mark.len()..])?;
        let asserted = after[..at].trim().trim_end_matches(';').trim();
        Some((o.role, Form::Marked, o.rest, Some(without_parentheses(asserted).to_string())))
    })
}

/// The lines of a comment without its marks, trimmed. `mark` opens a line comment of the language.
pub fn contents<'a>(comment: &'a str, mark: &str) -> impl Iterator<Item = &'a str> {
    let (body, block) = match comment.strip_prefix("/*") {
        Some(body) => (body.strip_suffix("*/").unwrap_or(body), true),
        None => (comment.strip_prefix(mark).unwrap_or(comment), false),
    };
    // `///`, `//!`, `##`: a mark's last letter may be repeated.
    let again = mark.chars().last().unwrap_or('/');
    body.lines().enumerate().map(move |(i, line)| {
        let line = line.trim();
        match (block, i) {
            (true, _) => line.trim_start_matches('*').trim(),
            (false, 0) => line.trim_start_matches(again).trim_start_matches('!').trim(),
            // A line comment continued by a backslash.
            (false, _) => line,
        }
    })
}

fn places(parsed: &Parsed) -> Vec<Place> {
    let (source, comments) = (&parsed.source, &parsed.ast.comments);
    let text = source.text.as_str();
    let is_code = |c: char| !c.is_whitespace();
    let mut places = Vec::with_capacity(comments.len());
    let (mut seen, mut code_before) = (0, 0);
    for comment in comments {
        let start = comment.span.start as usize;
        let gap = text.get(seen..start).unwrap_or("");
        if let Some((at, last)) = gap.char_indices().rev().find(|(_, c)| is_code(*c)) {
            code_before = (seen + at + last.len_utf8()) as u32;
        }
        seen = seen.max(comment.span.end as usize);
        let line = source.line(comment.span.start);
        places.push(Place {
            offset: comment.span.start,
            line,
            column: source.column(comment.span.start),
            alone: code_before <= source.line_start(line),
            code_before,
            code_after: text.len() as u32,
        });
    }
    let (mut limit, mut code_after) = (text.len(), text.len());
    for (comment, place) in comments.iter().zip(&mut places).rev() {
        let end = comment.span.end as usize;
        let gap = text.get(end..limit).unwrap_or("");
        if let Some(at) = gap.find(is_code) {
            code_after = end + at;
        }
        limit = limit.min(comment.span.start as usize);
        place.code_after = code_after as u32;
    }
    places
}
