//! Recordings: every question and its answer, kept in a file; and oracles that write and read one.
//!
//! One JSON object per line. The first says what the file is and who answered, each other one is a question with its reply
//! or error:
//!
//! ```json
//! {"schema":"weiser.recording/1","weiser":"0.1.0","about":{"oracle":"ollama","model":"llama3.1:8b",...}}
//! {"question":"5f0c...","prompt":{"version":"1","system":"...","user":"...","seed":0,"vote":0},"reply":{...}}
//! ```
//!
//! A line is written whole as soon as its answer is there, so a run that is killed loses at most the line it was writing.
//! Such a torn last line is left out, and cut off before more is written. Lines stand in the order in which answers came;
//! the last one for a question counts, but an error never takes the place of a reply. A recording that is continued asks only
//! what has no reply yet. In memory there is only where each answer stands, so a recording may be larger than that. Keys are in no
//! question and in no answer, so they are not in the file.

use super::{About, Oracle, OracleError, Question, Reply};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

const SCHEMA: &str = "weiser.recording/1";

#[derive(Serialize, Deserialize)]
struct Header {
    schema: String,
    weiser: String,
    about: About,
}

#[derive(Serialize)]
struct Written<'a> {
    question: &'a str,
    prompt: WrittenPrompt<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<&'a Reply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
}

/// For readers of the file; the key is the hash.
#[derive(Serialize)]
pub(super) struct WrittenPrompt<'a> {
    pub(super) version: &'a str,
    pub(super) system: &'a str,
    pub(super) user: &'a str,
    pub(super) seed: u64,
    pub(super) vote: u32,
}

#[derive(Deserialize)]
struct Line {
    question: String,
    #[serde(default)]
    reply: Option<Reply>,
    #[serde(default)]
    error: Option<Failure>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Failure {
    code: String,
    message: String,
    unknown: bool,
    ends_run: bool,
}

/// What a file holds.
struct Content {
    about: About,
    answers: HashMap<String, Place>,
    /// Bytes up to the end of the last whole line.
    whole: u64,
    torn: bool,
}

/// A line of the file.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: u64,
    length: usize,
    /// It holds a reply rather than an error.
    replied: bool,
}

fn fault(path: &Path, why: impl std::fmt::Display) -> OracleError {
    OracleError::Recording { path: path.display().to_string(), why: why.to_string() }
}

/// `None` for a file without a whole line.
fn load(path: &Path, file: &File) -> Result<Option<Content>, OracleError> {
    let mut from_start = file;
    from_start.rewind().map_err(|error| fault(path, error))?;
    let mut reader = BufReader::new(file);
    let mut content: Option<Content> = None;
    let mut whole = 0;
    let mut torn = false;
    for number in 1_u64.. {
        let mut line = Vec::new();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| fault(path, error))?;
        if read == 0 {
            break;
        }
        if line.last() != Some(&b'\n') {
            // A torn header is ours to cut off; another file of one line is not.
            if content.is_none() && !header_start(&line) {
                return Err(fault(path, "this is no recording"));
            }
            torn = true;
            break;
        }
        let start = whole;
        whole += read as u64;
        let unreadable =
            |error| fault(path, format!("line {number} can't be read ({error}); delete the line or the file"));
        match &mut content {
            None => {
                let header: Header = serde_json::from_slice(&line).map_err(|_| fault(path, "this is no recording"))?;
                if header.schema != SCHEMA {
                    return Err(fault(
                        path,
                        format!("it is in the format {}; this version reads {SCHEMA}", header.schema),
                    ));
                }
                content = Some(Content { about: header.about, answers: HashMap::new(), whole: 0, torn: false });
            }
            Some(content) => {
                let parsed: Line = serde_json::from_slice(&line).map_err(unreadable)?;
                if parsed.reply.is_none() && parsed.error.is_none() {
                    return Err(fault(path, format!("line {number} holds no reply and no error")));
                }
                let place = Place { start, length: read, replied: parsed.reply.is_some() };
                let better = |known: &Place| known.replied && !place.replied;
                if !content.answers.get(&parsed.question).is_some_and(better) {
                    content.answers.insert(parsed.question, place);
                }
            }
        }
    }
    Ok(content.map(|content| Content { whole, torn, ..content }))
}

/// Whether this is how a header begins, as far as it goes.
fn header_start(line: &[u8]) -> bool {
    let start = br#"{"schema":"weiser.recording/"#;
    let both = line.len().min(start.len());
    line[..both] == start[..both]
}

const TORN: &str = "its last line is torn (the run that wrote it was killed); that answer is left out";

/// The code of a question that no asking again makes shorter.
pub(super) const TOO_LONG: &str = "too_long";

/// Reads one answer again.
fn answer_at(path: &Path, file: &Mutex<File>, place: Place) -> Result<Result<Reply, Failure>, OracleError> {
    let mut bytes = vec![0; place.length];
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(place.start)).map_err(|error| fault(path, error))?;
    file.read_exact(&mut bytes).map_err(|error| fault(path, error))?;
    drop(file);
    let changed = |_| fault(path, "it was changed while it was being used");
    let line: Line = serde_json::from_slice(&bytes).map_err(changed)?;
    match (line.reply, line.error) {
        (Some(reply), _) => Ok(Ok(Reply { cached: false, ..reply })),
        (None, Some(error)) => Ok(Err(error)),
        (None, None) => Err(fault(path, "it was changed while it was being used")),
    }
}

/// Answers from a recording only.
pub(super) struct Replay {
    path: PathBuf,
    about: About,
    answers: HashMap<String, Place>,
    file: Mutex<File>,
}

impl Replay {
    /// With a note where something was left out.
    pub(super) fn open(path: &Path) -> Result<(Self, Option<String>), OracleError> {
        let file = File::open(path).map_err(|error| fault(path, error))?;
        let content = load(path, &file)?.ok_or_else(|| fault(path, "it is empty"))?;
        let note = content.torn.then(|| format!("recording {}: {TORN}", path.display()));
        let Content { about, answers, .. } = content;
        Ok((Replay { path: path.to_path_buf(), about, answers, file: Mutex::new(file) }, note))
    }

    pub(super) fn len(&self) -> usize {
        self.answers.len()
    }
}

impl Oracle for Replay {
    fn about(&self) -> &About {
        &self.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        let answer = match self.answers.get(&question.hash) {
            Some(place) => answer_at(&self.path, &self.file, *place).and_then(|answer| {
                answer.map_err(|failure| OracleError::Recorded {
                    code: failure.code,
                    message: failure.message,
                    unknown: failure.unknown,
                    ends_run: failure.ends_run,
                })
            }),
            None => Err(OracleError::NotRecorded { path: self.path.display().to_string() }),
        };
        Box::pin(std::future::ready(answer))
    }
}

/// A recording that is being written.
pub(super) struct Writer {
    path: PathBuf,
    known: Mutex<HashMap<String, Place>>,
    file: Mutex<File>,
}

impl Writer {
    /// Creates the file, or continues it if the same model answered there. With a note where something was left out.
    pub(super) fn open(path: &Path, about: &About) -> Result<(Self, Option<String>), OracleError> {
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).open(path).map_err(|error| fault(path, error))?;
        // Two runs writing to one file would tear each other's lines. A file system without locks is trusted.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(fault(path, "another run is writing to it"));
        }
        let content = load(path, &file)?;
        let (whole, torn) = content.as_ref().map_or((0, false), |content| (content.whole, content.torn));
        let note = torn.then(|| format!("recording {}: {TORN}", path.display()));
        let known = match content {
            None => HashMap::new(),
            Some(content) => {
                same(path, &content.about, about)?;
                content.answers
            }
        };
        if whole < file.metadata().map_err(|error| fault(path, error))?.len() {
            file.set_len(whole).map_err(|error| fault(path, error))?;
        }
        if whole == 0 {
            let weiser = env!("CARGO_PKG_VERSION").to_string();
            let _place = write(path, &mut file, &Header { schema: SCHEMA.to_string(), weiser, about: about.clone() })?;
        }
        Ok((Writer { path: path.to_path_buf(), known: Mutex::new(known), file: Mutex::new(file) }, note))
    }

    /// Whether the file holds a reply to this question.
    pub(super) fn replied(&self, hash: &str) -> bool {
        self.place(hash).is_some()
    }

    /// Whether the file says that a question is too long for who answers.
    pub(super) fn too_long(&self, hash: &str) -> bool {
        let place = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(hash).copied();
        let failed = place.filter(|place| !place.replied).map(|place| answer_at(&self.path, &self.file, place));
        matches!(failed, Some(Ok(Err(failure))) if failure.code == TOO_LONG)
    }

    /// Where the reply to a question stands.
    fn place(&self, hash: &str) -> Option<Place> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(hash).copied().filter(|place| place.replied)
    }

    fn reply(&self, hash: &str) -> Option<Result<Reply, OracleError>> {
        let place = self.place(hash)?;
        match answer_at(&self.path, &self.file, place) {
            Ok(answer) => Some(Ok(answer.ok()?)),
            Err(error) => Some(Err(error)),
        }
    }

    /// Writes down what came of a question.
    pub(super) fn keep(
        &self,
        question: &str,
        prompt: WrittenPrompt<'_>,
        answer: &Result<Reply, OracleError>,
    ) -> Result<(), OracleError> {
        let line = Written {
            question,
            prompt,
            reply: answer.as_ref().ok(),
            error: answer.as_ref().err().map(|error| Failure {
                code: error.code().to_string(),
                message: error.to_string(),
                unknown: error.is_unknown(),
                ends_run: error.ends_run(),
            }),
        };
        let place = write(&self.path, &mut self.file.lock().unwrap_or_else(PoisonError::into_inner), &line)?;
        if answer.is_ok() {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(question.to_owned(), Place { replied: true, ..place });
        }
        Ok(())
    }
}

/// Asks another oracle what the file doesn't answer yet, and writes down what it says. Whoever asks what is being asked already
/// waits for that answer: questions about different programs may be the same.
pub(super) struct Record {
    inner: Box<dyn Oracle>,
    writer: Writer,
    /// Questions that are being asked.
    asking: Mutex<HashMap<String, Weak<Turn>>>,
}

/// Held while a question is asked.
type Turn = tokio::sync::Mutex<()>;

impl Record {
    /// See [`Writer::open`].
    pub(super) fn open(path: &Path, inner: Box<dyn Oracle>) -> Result<(Self, Option<String>), OracleError> {
        let (writer, note) = Writer::open(path, inner.about())?;
        Ok((Record { writer, inner, asking: Mutex::default() }, note))
    }
}

impl Record {
    /// The turn of a question, the same for all who ask it at one time.
    fn turn(&self, hash: &str) -> Arc<Turn> {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = asking.get(hash).and_then(Weak::upgrade) {
            return turn;
        }
        asking.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Turn::default());
        asking.insert(hash.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

/// One file holds the answers of one model.
fn same(path: &Path, recorded: &About, now: &About) -> Result<(), OracleError> {
    let digests_differ = !recorded.digest.is_empty() && !now.digest.is_empty() && recorded.digest != now.digest;
    if recorded.oracle == now.oracle && recorded.model == now.model && !digests_differ {
        return Ok(());
    }
    let changed = if digests_differ { ", which has changed since" } else { "" };
    Err(fault(
        path,
        format!("it holds answers of {}:{}{changed}; record to another file", recorded.oracle, recorded.model),
    ))
}

/// Appends a line, and says where it stands.
fn write(path: &Path, file: &mut File, line: &impl Serialize) -> Result<Place, OracleError> {
    let mut bytes = serde_json::to_vec(line).map_err(|error| fault(path, error))?;
    bytes.push(b'\n');
    let start = file.seek(SeekFrom::End(0)).map_err(|error| fault(path, error))?;
    file.write_all(&bytes).and_then(|()| file.flush()).map_err(|error| fault(path, error))?;
    Ok(Place { start, length: bytes.len(), replied: false })
}

impl Oracle for Record {
    fn about(&self) -> &About {
        self.inner.about()
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(async move {
            let turn = self.turn(&question.hash);
            let _asking = turn.lock().await;
            if let Some(known) = self.writer.reply(&question.hash) {
                return known.map(|reply| Reply { cached: true, ..reply });
            }
            let answer = self.inner.ask(question).await;
            let prompt = &question.prompt;
            let written = WrittenPrompt {
                version: &prompt.version,
                system: &prompt.system,
                user: &prompt.user,
                seed: question.seed,
                vote: question.vote,
            };
            self.writer.keep(&question.hash, written, &answer)?;
            answer
        })
    }
}

#[cfg(test)]
mod tests;
