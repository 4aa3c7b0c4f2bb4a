//! A batch: questions written to files that a batch service, `vllm run-batch` or a cluster answers, and its results taken in.
//!
//! A batch has a folder. Each round of exporting writes `requests-ROUND-NUMBER.jsonl`, a question a line:
//!
//! ```json
//! {"custom_id":"5f0c...","method":"POST","url":"/v1/chat/completions","body":{"model":"...","messages":[...],...}}
//! ```
//!
//! Importing results writes `answers.jsonl`, a recording, from which a run is then answered offline. The questions of a
//! round are those that a run on this recording would ask next: so a second phase, or a further vote, is in the round after
//! the one that answered the first. When nothing is left to ask, the batch is done.

mod import;

pub use super::openai::Without;
pub use import::{Imported, import};

use super::openai::batch_line;
use super::recording::{Replay, TOO_LONG};
use super::{About, Oracle, OracleError, Question, Reply};
use futures_util::future::BoxFuture;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The recording in a batch's folder.
pub const ANSWERS: &str = "answers.jsonl";

/// What a batch service takes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileLimits {
    pub lines: u64,
    pub bytes: u64,
}

impl Default for FileLimits {
    fn default() -> Self {
        FileLimits { lines: 50_000, bytes: 200_000_000 }
    }
}

/// Answers from the batch's recording and writes down what it doesn't know.
pub struct Export {
    about: About,
    known: Option<Replay>,
    answer_tokens: u64,
    without: Without,
    state: Mutex<State>,
}

struct State {
    folder: PathBuf,
    round: u32,
    limits: FileLimits,
    written: HashSet<String>,
    files: Vec<PathBuf>,
    open: Option<Part>,
    /// What could not be written, after which nothing is.
    failed: Option<OracleError>,
}

struct Part {
    file: BufWriter<File>,
    lines: u64,
    bytes: u64,
}

/// What an export wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    pub questions: u64,
    /// In order; none where nothing is left to ask.
    pub files: Vec<PathBuf>,
    pub round: u32,
}

fn fault(path: &Path, why: impl std::fmt::Display) -> OracleError {
    OracleError::Recording { path: path.display().to_string(), why: why.to_string() }
}

/// The rounds of a folder with their files, in order.
fn requests(folder: &Path) -> Result<Vec<(u32, PathBuf)>, OracleError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| fault(folder, error))? {
        let path = entry.map_err(|error| fault(folder, error))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let numbers = name.strip_prefix("requests-").and_then(|rest| rest.strip_suffix(".jsonl"));
        let numbers = numbers.and_then(|numbers| numbers.split_once('-'));
        if let Some((Ok(round), Ok(number))) = numbers.map(|(r, n)| (r.parse::<u32>(), n.parse::<u32>())) {
            found.push((round, number, path));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(round, _, path)| (round, path)).collect())
}

impl Export {
    /// A new round in `folder`, which is made if it isn't there. With a note where the recording was torn.
    pub fn open(
        folder: &Path,
        model: &str,
        answer_tokens: u64,
        without: Without,
        limits: FileLimits,
    ) -> Result<(Export, Option<String>), OracleError> {
        fs::create_dir_all(folder).map_err(|error| fault(folder, error))?;
        let round = requests(folder)?.last().map_or(1, |(round, _)| round + 1);
        let answers = folder.join(ANSWERS);
        let about = about(model);
        let (known, note) = match answers.exists() {
            true => {
                let (replay, note) = Replay::open(&answers)?;
                let recorded = replay.about();
                if recorded.oracle != about.oracle || recorded.model != about.model {
                    let (oracle, model) = (&recorded.oracle, &recorded.model);
                    return Err(fault(&answers, format!("it holds answers of {oracle}:{model}; use another folder")));
                }
                (Some(replay), note)
            }
            false => (None, None),
        };
        let (folder, written, files) = (folder.to_owned(), HashSet::new(), Vec::new());
        let state = State { folder, round, limits, written, files, open: None, failed: None };
        Ok((Export { about, known, answer_tokens, without, state: Mutex::new(state) }, note))
    }

    /// Ends the round. Errors: the folder could not be written.
    pub fn finish(self) -> Result<Exported, OracleError> {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.close()?;
        match state.failed {
            Some(error) => Err(error),
            None => {
                let questions = state.written.len() as u64;
                Ok(Exported { questions, files: state.files, round: state.round })
            }
        }
    }

    fn write(&self, question: &Question) -> Result<(), OracleError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failed.is_some() || !state.written.insert(question.hash.clone()) {
            return Ok(());
        }
        let line = batch_line(&self.about.model, question, self.answer_tokens, self.without);
        let line = line.map_err(|error| fault(&state.folder, error))?;
        state.write(&line)
    }
}

fn about(model: &str) -> About {
    About { oracle: super::openai::ORACLE.into(), model: model.into(), ..About::default() }
}

impl State {
    fn write(&mut self, line: &str) -> Result<(), OracleError> {
        let length = line.len() as u64 + 1;
        let full =
            |part: &Part| part.lines >= self.limits.lines || part.bytes.saturating_add(length) > self.limits.bytes;
        if self.open.as_ref().is_some_and(full) {
            self.close()?;
        }
        if self.open.is_none() {
            let path = self.folder.join(format!("requests-{}-{:04}.jsonl", self.round, self.files.len() + 1));
            let file = File::create_new(&path).map_err(|error| fault(&path, error))?;
            self.files.push(path);
            self.open = Some(Part { file: BufWriter::new(file), lines: 0, bytes: 0 });
        }
        if let Some(part) = &mut self.open {
            part.lines += 1;
            part.bytes += length;
            let path = self.files.last().map_or(self.folder.as_path(), PathBuf::as_path);
            writeln!(part.file, "{line}").map_err(|error| fault(path, error))?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), OracleError> {
        match self.open.take() {
            Some(mut part) => part.file.flush().map_err(|error| fault(&self.folder, error)),
            None => Ok(()),
        }
    }
}

impl Oracle for Export {
    fn about(&self) -> &About {
        &self.about
    }

    /// The recorded reply, or `not_recorded`. A recorded error is asked about again, unless the question is too long.
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(async move {
            if let Some(known) = &self.known {
                match known.ask(question).await {
                    Err(OracleError::Recorded { code, .. }) if code != TOO_LONG => {}
                    Err(OracleError::NotRecorded { .. }) => {}
                    answered => return answered,
                }
            }
            let written = self.write(question);
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = written {
                state.failed.get_or_insert(error);
            }
            Err(OracleError::NotRecorded { path: state.folder.display().to_string() })
        })
    }
}

#[cfg(test)]
mod tests;
