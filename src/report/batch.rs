//! `weiser batch`: what was written, what came back, and what to do next.

use super::terminal::{count, safe};
use super::wire::pretty;
use crate::oracle::batch::{Exported, Imported};
use serde::Serialize;
use std::path::Path;

pub const BATCH: &str = "weiser.batch/1";

#[derive(Serialize)]
struct Round {
    schema: &'static str,
    round: u32,
    questions: u64,
    files: Vec<String>,
}

#[derive(Serialize)]
struct Results<'a> {
    schema: &'static str,
    answers: u64,
    errors: Vec<Failed>,
    duplicates: u64,
    strangers: u64,
    unreadable: &'a [String],
    open: u64,
}

#[derive(Serialize)]
struct Failed {
    question: String,
    message: String,
}

/// After an export, for people or as `weiser.batch/1`.
pub fn exported(exported: &Exported, folder: &Path, json: bool) -> String {
    let files: Vec<String> = exported.files.iter().map(|f| f.display().to_string()).collect();
    if json {
        let (round, questions) = (exported.round, exported.questions);
        return pretty(&Round { schema: BATCH, round, questions, files });
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
        let error =
            |(question, message): &(String, String)| Failed { question: question.clone(), message: message.clone() };
        return pretty(&Results {
            schema: BATCH,
            answers: imported.answers,
            errors: imported.errors.iter().map(error).collect(),
            duplicates: imported.duplicates,
            strangers: imported.strangers,
            unreadable: &imported.unreadable,
            open: imported.open,
        });
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
