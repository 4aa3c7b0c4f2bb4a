//! Source text as rows: which lines of a file are shown, and how much of a line.

use crate::report::record::{Slice, TripleLine};
use serde::Serialize;
use std::collections::BTreeSet;

/// Characters of a line, and of a prompt or reply.
const WIDEST: usize = 400;
pub const MOST_TEXT: usize = 100_000;
/// A file of up to this many lines is shown whole, of a longer one what the slices show with some lines around.
const WHOLE: usize = 300;
const AROUND: u32 = 4;
/// Rows of a slice.
const MOST_ROWS: usize = 3000;

/// A line of a listing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Row {
    /// 1-based; 0 for a line that the file doesn't have, or for a gap.
    pub line: u32,
    pub text: String,
    /// How many lines are left out here.
    pub gap: u32,
    /// In the slice that is shown at first.
    pub kept: bool,
    /// Q stands here.
    pub post: bool,
}

/// The lines of a triple's file.
pub fn excerpt(source: &str, line: &TripleLine, slice: Option<usize>) -> Vec<Row> {
    let triple = &line.triple;
    let lines: Vec<&str> = source.lines().collect();
    let last = lines.len() as u32;
    let shown: BTreeSet<u32> = if lines.len() <= WHOLE {
        (1..=last).collect()
    } else {
        let ranges = triple.slices.iter().flat_map(|s| s.kept.iter().copied());
        let graph = line.graph.nodes.iter().filter_map(|n| n.span).map(|s| (s.0, s.0));
        let points = [(triple.post.line, triple.post.line), (triple.entry.line, triple.entry.line)];
        let all = ranges.chain(graph).chain(points).filter(|(a, b)| *a > 0 && a <= b);
        all.flat_map(|(a, b)| a.saturating_sub(AROUND).max(1)..=b.saturating_add(AROUND).min(last)).collect()
    };
    let kept = |n: u32| {
        let slice = slice.and_then(|i| triple.slices.get(i));
        slice.is_some_and(|s| s.kept.iter().any(|(a, b)| *a <= n && n <= *b))
    };
    let mut rows = Vec::new();
    let mut next = 1;
    for n in shown {
        if n > next {
            rows.push(Row { gap: n - next, ..Row::default() });
        }
        let text = narrow(lines[n as usize - 1]);
        rows.push(Row { line: n, text, gap: 0, kept: kept(n), post: n == triple.post.line });
        next = n + 1;
    }
    if !rows.is_empty() && next <= last {
        rows.push(Row { gap: last + 1 - next, ..Row::default() });
    }
    rows
}

/// The lines of a slice, each with that of the file it is from.
pub fn listing(slice: &Slice) -> Vec<Row> {
    let mut rows: Vec<Row> = (slice.text.lines().take(MOST_ROWS).enumerate())
        .map(|(i, text)| Row {
            line: slice.lines.get(i).copied().flatten().unwrap_or(0),
            text: narrow(text),
            ..Row::default()
        })
        .collect();
    let more = slice.text.lines().count().saturating_sub(MOST_ROWS) as u32;
    if more > 0 {
        rows.push(Row { gap: more, ..Row::default() });
    }
    rows
}

/// A line that a page can hold; what is cut off is said.
fn narrow(text: &str) -> String {
    match text.char_indices().nth(WIDEST) {
        Some((at, _)) => format!("{}… ({} characters in all)", &text[..at], text.chars().count()),
        None => text.to_owned(),
    }
}

/// A prompt or a reply; what is cut off is said.
pub fn clipped(text: &str) -> String {
    match text.char_indices().nth(MOST_TEXT) {
        Some((at, _)) => format!("{}…\n({} characters in all)", &text[..at], text.chars().count()),
        None => text.to_owned(),
    }
}
