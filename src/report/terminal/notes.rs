//! Diagnostics, one line each, as compilers write them: `file:line: warning: message`.

use super::{BAD, BOLD, Detail, NAME, OPEN, paint, safe};
use crate::pipeline::{FileAnalysis, Note};
use crate::report::wire::severity_tag;
use crate::syntax::ast::Severity;
use std::fmt::Write;

/// What is to be said of a file and its triples, each once, in the order of lines: errors only when quiet, notes of the
/// lowest severity only when verbose.
pub fn file(file: &FileAnalysis, detail: Detail) -> String {
    let least = match detail {
        Detail::Quiet => Severity::Error,
        Detail::Normal => Severity::Warning,
        Detail::Verbose => Severity::Info,
    };
    let all = file.diagnostics.iter().chain(file.triples.iter().flat_map(|t| &t.diagnostics));
    let mut shown: Vec<&Note> = Vec::new();
    for note in all.filter(|n| n.severity >= least) {
        if !shown.contains(&note) {
            shown.push(note);
        }
    }
    shown.sort_by_key(|n| n.line);
    let placed = |n: &&Note| {
        let (path, number) = file.place(n.line);
        line(path, &Note { line: number, ..(*n).clone() })
    };
    shown.iter().map(placed).collect()
}

/// One diagnostic.
pub fn line(path: &str, note: &Note) -> String {
    let style = match note.severity {
        Severity::Info => NAME,
        Severity::Warning => OPEN,
        Severity::Error => BAD,
    };
    let mut place = safe(path);
    if note.line > 0 {
        let _ = write!(place, ":{}", note.line);
    }
    format!("{}: {}: {}\n", paint(BOLD, place), paint(style, severity_tag(note.severity)), safe(&note.message))
}

/// An error that has no line: `error: message`.
pub fn error(message: &str) -> String {
    format!("{}: {}\n", paint(BAD, "error"), safe(message))
}
