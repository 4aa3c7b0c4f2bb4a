//! A line for each finding, in the form in which compilers report errors and editors find them:
//! `file:line:column: error: message`. What holds has no line,
//! unless there is more to be said of it: that no path leads to it, or that its slices are lean.

use super::formats::{one_line, open, place, sentence};
use super::record::Record;
use std::fmt::Write;

pub fn lines(record: &Record) -> String {
    let mut out = String::new();
    for line in &record.triples {
        let severity = match (line.triple.outcome.as_str(), line.triple.confidence.as_deref()) {
            ("holds", _) if open(line).is_empty() => continue,
            ("holds", _) => "note",
            ("violated", Some("confirmed" | "proved")) => "error",
            _ => "warning",
        };
        let (path, row, column) = place(record, line);
        let path = one_line(path);
        let _ = writeln!(out, "{path}:{row}:{column}: {severity}: {}", one_line(&sentence(line)));
        if line.triple.outcome == "violated" {
            // What else is open, so that a violation doesn't hide it.
            for more in open(line) {
                let _ = writeln!(out, "{path}:{row}:{column}: note: {}", one_line(&more));
            }
        }
    }
    for error in &record.errors {
        let _ = writeln!(out, "{}:1:1: error: {}", one_line(&error.path), one_line(&error.message));
    }
    for remark in record.remarks() {
        let _ = writeln!(out, "weiser: warning: {}", one_line(&remark));
    }
    out
}
