//! Reading a record. It may come from anywhere: nothing in it is trusted to be well-formed.

use super::{End, Failed, MANIFEST, Manifest, RUN, RecordError, SOURCES, TRIPLES, TripleLine, hash};
use crate::verdict::Outcome;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

/// A run as it was recorded.
#[derive(Debug, Clone)]
pub struct Record {
    pub manifest: Manifest,
    /// In the order in which they were judged.
    pub triples: Vec<TripleLine>,
    /// Inputs that gave no analysis.
    pub errors: Vec<Failed>,
    /// `None`: the run was cut short.
    pub end: Option<End>,
    /// What could not be read of the record itself.
    pub faults: Vec<String>,
    /// Texts by their hash, as far as they are there and are what they were.
    pub sources: BTreeMap<String, String>,
}

impl Record {
    /// Whether a folder holds a record, or the beginnings of one.
    pub fn there(folder: &Path) -> bool {
        [MANIFEST, TRIPLES].iter().any(|name| folder.join(name).exists())
    }

    /// Reads the folder of a run, whole. Errors: it is none. A line that can't be read is a fault of the record, named in it.
    pub fn open(folder: &Path) -> Result<Record, RecordError> {
        let manifest = manifest(folder)?;
        let mut record = Record {
            manifest,
            triples: Vec::new(),
            errors: Vec::new(),
            end: None,
            faults: Vec::new(),
            sources: BTreeMap::new(),
        };
        let path = folder.join(TRIPLES);
        match File::open(&path) {
            Ok(file) => record.read(BufReader::new(file)).map_err(|e| RecordError::Io(path, e))?,
            Err(error) if error.kind() == ErrorKind::NotFound => record.faults.push(format!("{TRIPLES}: missing")),
            Err(error) => return Err(RecordError::Io(path, error)),
        }
        record.read_sources(folder);
        Ok(record)
    }

    fn read(&mut self, mut lines: impl BufRead) -> io::Result<()> {
        let mut bytes = Vec::new();
        for number in 1_u64.. {
            bytes.clear();
            if lines.read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
            if bytes.last() != Some(&b'\n') {
                self.faults.push(format!("{TRIPLES}:{number}: torn, the run ended while it was written: left out"));
                self.end = None;
                break;
            }
            // Only what nothing follows is the end of the run.
            self.end = None;
            if let Err(why) = self.line(&bytes) {
                self.faults.push(format!("{TRIPLES}:{number}: left out: {why}"));
            }
        }
        Ok(())
    }

    fn line(&mut self, bytes: &[u8]) -> Result<(), serde_json::Error> {
        let mut line: Value = serde_json::from_slice(bytes)?;
        if let Some(end) = line.get_mut("end") {
            self.end = Some(serde_json::from_value(end.take())?);
        } else if let Some(error) = line.get_mut("error") {
            self.errors.push(serde_json::from_value(error.take())?);
        } else {
            self.triples.push(serde_json::from_value(line)?);
        }
        Ok(())
    }

    fn read_sources(&mut self, folder: &Path) {
        for line in &self.triples {
            let name = &line.source;
            // A record could name any file.
            let safe = name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
            if self.sources.contains_key(name) {
                continue;
            }
            let text = if safe { fs::read_to_string(folder.join(SOURCES).join(name)).ok() } else { None };
            let fault = match text {
                Some(text) if hash(&text) == *name => {
                    self.sources.insert(name.clone(), text);
                    continue;
                }
                Some(_) => format!("{SOURCES}/{name}: its text was changed: {} is shown without it", line.path),
                None => format!("{SOURCES}: the text of {} is missing", line.path),
            };
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
    }

    /// The text of a triple's file; empty where it isn't known, which is among the faults.
    pub fn source(&self, line: &TripleLine) -> &str {
        self.sources.get(&line.source).map_or("", String::as_str)
    }

    /// Why the run may say less than it seems to, for people, beside inputs that gave no analysis; nothing for one that is
    /// whole.
    pub fn remarks(&self) -> Vec<String> {
        let mut out = Vec::new();
        if self.end.is_none() {
            let planned = self.manifest.planned.map(|p| format!(" of {}", p.triples)).unwrap_or_default();
            out.push(format!("the run was cut short: {}{planned} triples were judged", self.triples.len()));
        }
        let refused = self.end.as_ref().and_then(|e| e.spent.as_ref()).map_or(0, |s| s.refused);
        if refused > 0 {
            out.push(format!("the budget was used up: {refused} questions were not asked"));
        }
        out.extend(self.faults.iter().map(|f| format!("the record of the run is damaged: {f}")));
        out
    }

    /// The run came to its end, and everything was read and recorded.
    pub fn complete(&self) -> bool {
        self.remarks().is_empty() && self.errors.is_empty()
    }

    /// What the run came to. One that was cut short, or whose record is damaged, doesn't hold.
    pub fn outcome(&self) -> Outcome {
        let open = (!self.complete()).then_some(Outcome::Undecided);
        crate::report::overall(self.triples.iter().map(|t| outcome(&t.triple.outcome)).chain(open))
    }
}

/// A word that is none of ours decides nothing.
pub(super) fn outcome(word: &str) -> Outcome {
    match word {
        "holds" => Outcome::Holds,
        "violated" => Outcome::Violated,
        _ => Outcome::Undecided,
    }
}

fn manifest(folder: &Path) -> Result<Manifest, RecordError> {
    let path = folder.join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(RecordError::None(folder.to_owned())),
        Err(error) => return Err(RecordError::Io(path, error)),
    };
    let wrong = |why: String| RecordError::Manifest(path.clone(), why);
    let manifest: Manifest = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    if manifest.schema != RUN {
        return Err(wrong(format!("it says `{}`", manifest.schema)));
    }
    Ok(manifest)
}

/// Cuts a torn last line off, so that the next begins a line of its own.
pub(super) fn mend(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let mut at = length;
    let mut block = vec![0; 64 << 10];
    while at > 0 {
        let start = at.saturating_sub(block.len() as u64);
        let part = &mut block[..(at - start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        if let Some(last) = part.iter().rposition(|b| *b == b'\n') {
            return file.set_len(start + last as u64 + 1);
        }
        at = start;
    }
    file.set_len(0)
}
