//! Results of a batch → its recording. They may come in any order, in parts, twice, and with errors among them.

use super::super::openai::batch_reply;
use super::super::recording::{Writer, WrittenPrompt};
use super::super::{OracleError, http::said_in};
use super::{ANSWERS, about, fault, requests};
use crate::prompt;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What became of the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Replies written to the recording.
    pub answers: u64,
    /// Questions whose result is an error, by what it says; they are asked again by the next export, unless they are too long:
    /// it asks about a lean slice instead.
    pub errors: Vec<(String, String)>,
    /// Lines about a question that had its reply already.
    pub duplicates: u64,
    /// Lines about a question that this batch didn't ask.
    pub strangers: u64,
    /// Lines that can't be read: `file:line: why`.
    pub unreadable: Vec<String>,
    /// Questions of all rounds that have no reply yet and may still get one.
    pub open: u64,
}

#[derive(Deserialize)]
struct Result_ {
    custom_id: String,
    #[serde(default)]
    response: Option<Response>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    status_code: Option<u16>,
    #[serde(default)]
    body: Value,
}

#[derive(Deserialize)]
struct Request {
    custom_id: String,
    body: Body,
}

#[derive(Deserialize)]
struct Body {
    model: String,
    messages: Vec<Message>,
    #[serde(default)]
    seed: u64,
}

#[derive(Deserialize)]
struct Message {
    content: String,
}

/// Where the questions of a batch stand, so that they need no memory.
struct Asked {
    files: Vec<(PathBuf, File)>,
    /// File, start and length.
    lines: HashMap<String, (usize, u64, usize)>,
    model: String,
}

impl Asked {
    fn read(folder: &Path) -> Result<Asked, OracleError> {
        let mut asked = Asked { files: Vec::new(), lines: HashMap::new(), model: String::new() };
        for (_, path) in requests(folder)? {
            let file = File::open(&path).map_err(|error| fault(&path, error))?;
            let mut start = 0;
            for (number, line) in lines(&file).enumerate() {
                let line = line.map_err(|error| fault(&path, error))?;
                let request: Request = serde_json::from_slice(&line)
                    .map_err(|error| fault(&path, format!("line {} is no question of weiser ({error})", number + 1)))?;
                if asked.model.is_empty() {
                    asked.model = request.body.model;
                }
                asked.lines.insert(request.custom_id, (asked.files.len(), start, line.len()));
                start += line.len() as u64;
            }
            asked.files.push((path, file));
        }
        if asked.lines.is_empty() {
            return Err(fault(folder, "no questions are here; `weiser batch export` writes them"));
        }
        Ok(asked)
    }

    fn question(&mut self, place: (usize, u64, usize)) -> Result<Body, OracleError> {
        let (file, start, length) = place;
        let (path, file) = &mut self.files[file];
        let mut bytes = vec![0; length];
        file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes)).map_err(|e| fault(path, e))?;
        serde_json::from_slice::<Request>(&bytes).map(|request| request.body).map_err(|e| fault(path, e))
    }
}

/// Lines with their ends.
fn lines(file: &File) -> impl Iterator<Item = std::io::Result<Vec<u8>>> + '_ {
    let mut reader = BufReader::new(file);
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => Some(Ok(line)),
            Err(error) => Some(Err(error)),
        }
    })
}

/// Takes results into the folder's recording. Errors: the folder is no batch, or a file can't be read or written. Cost:
/// linear in the files; memory for the ids of the questions.
pub fn import(folder: &Path, results: &[PathBuf]) -> Result<(Imported, Option<String>), OracleError> {
    let mut asked = Asked::read(folder)?;
    let model = asked.model.clone();
    let (writer, note) = Writer::open(&folder.join(ANSWERS), &about(&model))?;
    let mut imported = Imported::default();
    let mut answered: HashSet<String> = asked.lines.keys().filter(|id| writer.replied(id)).cloned().collect();
    let mut too_long: HashSet<String> = asked.lines.keys().filter(|id| writer.too_long(id)).cloned().collect();
    let mut failed: HashMap<String, Failed> = HashMap::new();
    for path in results {
        let file = File::open(path).map_err(|error| fault(path, error))?;
        for (number, line) in lines(&file).enumerate() {
            let line = line.map_err(|error| fault(path, error))?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let result: Result_ = match serde_json::from_slice(&line) {
                Ok(result) => result,
                Err(error) => {
                    imported.unreadable.push(format!("{}:{}: {error}", path.display(), number + 1));
                    continue;
                }
            };
            let Some(place) = asked.lines.get(&result.custom_id).copied() else {
                imported.strangers += 1;
                continue;
            };
            if answered.contains(&result.custom_id) {
                imported.duplicates += 1;
                continue;
            }
            let body = asked.question(place)?;
            let part = |number: usize| body.messages.get(number).map_or("", |m| m.content.as_str());
            let (system, user) = (part(0), part(1));
            let reply = reply(result.response, result.error, &model, || prompt::tokens(system) + prompt::tokens(user));
            let reply = match reply {
                Ok(reply) => reply,
                Err(why) => {
                    failed.insert(result.custom_id, why);
                    continue;
                }
            };
            let written = WrittenPrompt { version: prompt::version(), system, user, seed: body.seed, vote: 0 };
            writer.keep(&result.custom_id, written, &Ok(reply))?;
            imported.answers += 1;
            failed.remove(&result.custom_id);
            too_long.remove(&result.custom_id);
            answered.insert(result.custom_id);
        }
    }
    let mut failed: Vec<(String, Failed)> = failed.into_iter().collect();
    failed.sort_by(|a, b| a.0.cmp(&b.0));
    for (id, why) in failed {
        let body = asked.lines.get(&id).copied().map(|place| asked.question(place)).transpose()?;
        let part = |number: usize| body.as_ref().and_then(|b| b.messages.get(number)).map_or("", |m| &m.content);
        let seed = body.as_ref().map_or(0, |b| b.seed);
        let written = WrittenPrompt { version: prompt::version(), system: part(0), user: part(1), seed, vote: 0 };
        let (url, message) = ("the batch".to_owned(), why.message.clone());
        let error = match why.too_long {
            true => OracleError::TooLongForServer { url, message },
            false => OracleError::Server { url, status: None, message },
        };
        writer.keep(&id, written, &Err(error))?;
        if why.too_long {
            too_long.insert(id.clone());
        }
        imported.errors.push((id, why.message));
    }
    imported.open = (asked.lines.len() - answered.union(&too_long).count()) as u64;
    Ok((imported, note))
}

/// Why a result is no reply.
struct Failed {
    message: String,
    too_long: bool,
}

impl Failed {
    fn plain(message: String) -> Failed {
        Failed { message, too_long: false }
    }
}

fn reply(
    response: Option<Response>,
    error: Option<Value>,
    model: &str,
    tokens: impl Fn() -> u64,
) -> Result<super::super::Reply, Failed> {
    if let Some(error) = error.filter(|error| !error.is_null()) {
        let said = said_in(&serde_json::json!({ "error": error }));
        return Err(Failed { message: short(&said.message), too_long: said.too_long() });
    }
    let response = response.ok_or_else(|| Failed::plain("a result without a response".into()))?;
    if let Some(status) = response.status_code.filter(|status| *status != 200) {
        let said = said_in(&response.body);
        let too_long = status == 413 || (matches!(status, 400 | 422 | 500) && said.too_long());
        return Err(Failed { message: format!("HTTP {status}: {}", short(&said.message)), too_long });
    }
    batch_reply(model, response.body, tokens()).map_err(|why| Failed::plain(short(&why)))
}

/// One line of at most 300 characters.
fn short(text: &str) -> String {
    let line: String = text.split(|c: char| c.is_control()).collect::<Vec<_>>().join(" ").chars().take(300).collect();
    if line.trim().is_empty() { "no reason given".into() } else { line }
}
