//! `weiser batch`: what was written, what came back, and what to do next.

use super::terminal::{count, safe};
use crate::oracle::batch::{Exported, Imported};
use serde_json::json;
use std::path::Path;

/// After an export, for people or as `weiser.batch/1`.
pub fn exported(exported: &Exported, folder: &Path, json: bool) -> String {
    let files: Vec<String> = exported.files.iter().map(|f| f.display().to_string()).collect();
    if json {
        let (round, questions) = (exported.round, exported.questions);
        return line(json!({"schema": "weiser.batch/1", "round": round, "questions": questions, "files": files}));
    }
    let folder = safe(&folder.display().to_string());
    if files.is_empty() {
        return format!(
            "nothing is left to ask; the verdicts: weiser check ... --oracle replay:{folder}/{}\n",
            crate::oracle::batch::ANSWERS
        );
    }
    let mut out = format!("round {}: {} in\n", exported.round, count(exported.questions, "question"));
    files.iter().for_each(|file| out.push_str(&format!("  {}\n", safe(file))));
    out.push_str(&format!("when they are answered: weiser batch import {folder} RESULTS...\n"));
    out
}

/// After an import.
pub fn imported(imported: &Imported, answers: &Path, json: bool) -> String {
    if json {
        let errors: Vec<_> =
            imported.errors.iter().map(|(id, message)| json!({"question": id, "message": message})).collect();
        return line(json!({
            "schema": "weiser.batch/1", "answers": imported.answers, "errors": errors, "duplicates": imported.duplicates,
            "strangers": imported.strangers, "unreadable": imported.unreadable, "open": imported.open,
        }));
    }
    let mut parts = vec![format!("{} taken in", count(imported.answers, "answer"))];
    for (n, what) in [
        (imported.errors.len() as u64, "error"),
        (imported.duplicates, "line that came twice"),
        (imported.strangers, "line about nothing that was asked"),
        (imported.unreadable.len() as u64, "line that can't be read"),
        (imported.open, "question still open"),
    ] {
        if n > 0 {
            parts.push(match what.split_once(' ') {
                Some((noun, rest)) => format!("{} {rest}", count(n, noun)),
                None => count(n, what),
            });
        }
    }
    format!(
        "{}\nrun the same `weiser batch export` again for what is to be asked next (the second phase, errors), or see the \
         verdicts: weiser check ... --oracle replay:{}\n",
        parts.join(", "),
        safe(&answers.display().to_string())
    )
}

fn line(value: serde_json::Value) -> String {
    format!("{value:#}\n")
}
