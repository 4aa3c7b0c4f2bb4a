//! Conditions in a function's documentation: `pre:` / `post:` lines of a docstring, `@requires` / `@ensures` of a
//! documentation comment.
//!
//! A condition goes on over the lines that are indented deeper than the line that opens it, up to a blank line or
//! another tag:
//!
//! ```text
//! """Largest prime factor.
//!
//! pre: n > 1
//! post: result divides n
//!     and is prime
//! """
//! ```

use super::keyword::{self, Role};
use crate::syntax::Parsed;
use crate::text::Span;

/// A condition in documentation.
#[derive(Debug, Clone)]
pub struct DocCondition {
    pub role: Role,
    pub lines: Vec<String>,
    /// From the opening line's first word to the last line's end.
    pub span: Span,
}

/// The conditions of the documentation at `doc` (a docstring, or a run of documentation comments).
pub fn conditions(parsed: &Parsed, doc: Span) -> Vec<DocCondition> {
    let source = &parsed.source;
    let Some(text) = source.text.get(doc.range()) else { return Vec::new() };
    let mark = parsed.language.layout.comment.as_str();
    let comment = text.starts_with("/*") || text.starts_with(mark);
    let quote = if comment { "" } else { quote(text) };
    let last = text.lines().count().saturating_sub(1);
    let mut found: Vec<DocCondition> = Vec::new();
    // Indentation of the opening line while its condition may go on.
    let mut open: Option<usize> = None;
    let mut at = doc.start as usize;
    for (i, raw) in text.split_inclusive('\n').enumerate() {
        let start = at;
        at += raw.len();
        let (indent, content) = if comment {
            let inner = strip_comment(raw, mark);
            (width(inner), inner.trim())
        } else {
            let mut body = raw.trim();
            if i == last {
                body = body.strip_suffix(quote).unwrap_or(body);
            }
            if i == 0 {
                body = body.split_once(quote).map_or(body, |(_, after)| after);
            }
            (if i == 0 { source.indent_of(doc.start).len() } else { width(raw) }, body.trim())
        };
        let span = Span::new(start + raw.len() - raw.trim_start().len(), start + raw.trim_end().len());
        if let Some(o) = keyword::doc_opening(content) {
            found.push(DocCondition { role: o.role, lines: vec![o.rest.to_string()], span });
            open = Some(indent);
        } else if open.is_some_and(|base| indent > base) && !content.is_empty() && !content.starts_with(['@', ':']) {
            if let Some(current) = found.last_mut() {
                current.lines.push(content.to_string());
                current.span = current.span.to(span);
            }
        } else {
            open = None;
        }
    }
    found
}

fn width(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A line of a documentation comment without marks; the indentation behind them stays.
fn strip_comment<'a>(line: &'a str, mark: &str) -> &'a str {
    let line = line.trim();
    let line = line.strip_suffix("*/").unwrap_or(line);
    if let Some(body) = line.strip_prefix("/*") {
        return body.trim_start_matches(['*', '!']);
    }
    if let Some(body) = line.strip_prefix(mark) {
        return body.trim_start_matches(mark.chars().last().unwrap_or('/')).trim_start_matches('!');
    }
    line.strip_prefix('*').unwrap_or(line)
}

/// What closes the docstring: the quotes it opens with, behind a prefix like `r`.
fn quote(text: &str) -> &'static str {
    let body = text.trim_start_matches(char::is_alphabetic);
    ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| body.starts_with(q)).unwrap_or("")
}
