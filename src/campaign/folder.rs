//! A campaign on disk. Whatever ends it, what was judged stays and the rest can be judged later.
//!
//! ```text
//! RUN/campaign.json     what is judged, by whom and how; a run goes on only if this is still the same
//! RUN/subjects.jsonl    a line for each subject
//! RUN/verdicts.jsonl    a line for each subject in each cell, as soon as it is judged; of several for one, the last counts
//! RUN/answers/*.jsonl   every question and answer of a model, as recordings
//! RUN/manifest.json, RUN/triples.jsonl, RUN/sources/   the record (`report::record`), from which reports are made
//! RUN/tables/           scores; made anew from the above
//! ```
//!
//! A triple goes into the record before its subject's verdict is written. So when a run goes on, triples without a final verdict
//! are taken out of the record again: they will be judged anew, from the answers that are there.

use super::{Cell, SubjectRow, Verdict};
use crate::report::InputError;
use crate::report::record::{Manifest, RecordError, Writer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

pub const CAMPAIGN: &str = "weiser.campaign/1";

const CAMPAIGN_FILE: &str = "campaign.json";
const SUBJECTS: &str = "subjects.jsonl";
const VERDICTS: &str = "verdicts.jsonl";

/// What a run is. No clock, no machine, no keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// [`CAMPAIGN`].
    pub schema: String,
    pub weiser: String,
    /// Version of the prompts' templates.
    pub templates: String,
    pub tokenizer: String,
    pub name: String,
    #[serde(default)]
    pub about: String,
    pub datasets: Vec<DatasetLine>,
    pub oracles: Vec<OracleLine>,
    pub cells: Vec<Cell>,
    /// `2/5`; empty for a whole run.
    #[serde(default)]
    pub shard: String,
    /// Whatever of the settings may change an outcome.
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetLine {
    pub name: String,
    pub path: String,
    pub subjects: u64,
    /// Of all subjects' texts, conditions and labels.
    pub hash: String,
    #[serde(default)]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleLine {
    pub name: String,
    pub spec: String,
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
}

#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{path}: {why}")]
    Io { path: String, why: String },
    #[error("{path}:{line}: can't be read ({why}); delete the line, and what it says is judged again")]
    Line { path: String, line: usize, why: String },
    #[error("{path} holds another run ({differs}); name another folder with --to, or remove it")]
    Other { path: String, differs: String },
    #[error("{path} is no part of the same run as the first folder ({differs})")]
    Apart { path: String, differs: String },
    #[error("{path} holds no campaign (`weiser eval EXPERIMENT.toml --to DIR` makes one)")]
    None { path: String },
    #[error("{path}: another process is working on this run")]
    Busy { path: String },
    #[error(transparent)]
    Record(#[from] RecordError),
}

fn io(path: &Path, why: impl std::fmt::Display) -> FolderError {
    FolderError::Io { path: path.display().to_string(), why: why.to_string() }
}

/// What a folder holds.
#[derive(Debug, Clone)]
pub struct Held {
    pub campaign: Campaign,
    pub subjects: Vec<SubjectRow>,
    pub verdicts: Vec<Verdict>,
    /// A last line was torn, and is left out.
    pub torn: bool,
}

impl Held {
    /// Reads a run, whether it came to its end or not. Changes nothing.
    pub fn read(folder: &Path) -> Result<Held, FolderError> {
        let path = folder.join(CAMPAIGN_FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(FolderError::None { path: folder.display().to_string() });
            }
            Err(error) => return Err(io(&path, error)),
        };
        let campaign: Campaign = serde_json::from_str(&text).map_err(|e| io(&path, format!("no campaign: {e}")))?;
        if campaign.schema != CAMPAIGN {
            return Err(io(&path, format!("it is in the format {}; this version reads {CAMPAIGN}", campaign.schema)));
        }
        let (subjects, _, torn_subjects) = lines::<SubjectRow>(&folder.join(SUBJECTS))?;
        if torn_subjects {
            return Err(io(&folder.join(SUBJECTS), "it is not whole; start the run again to have it written anew"));
        }
        let (verdicts, _, torn) = lines(&folder.join(VERDICTS))?;
        Ok(Held { campaign, subjects, verdicts, torn })
    }
}

/// The lines of a file, how many bytes the whole ones have, and whether a last one was torn. None of a file that isn't there.
fn lines<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<(Vec<T>, u64, bool), FolderError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0, false)),
        Err(error) => return Err(io(path, error)),
    };
    let mut reader = BufReader::new(file);
    let (mut found, mut whole) = (Vec::new(), 0);
    for number in 1.. {
        let mut line = Vec::new();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| io(path, error))?;
        if read == 0 {
            break;
        }
        if line.last() != Some(&b'\n') {
            return Ok((found, whole, true));
        }
        let unreadable =
            |why| FolderError::Line { path: path.display().to_string(), line: number, why: format!("{why}") };
        found.push(serde_json::from_slice(&line).map_err(unreadable)?);
        whole += read as u64;
    }
    Ok((found, whole, false))
}

/// A subject in a cell.
pub type Key = (Cell, String);

/// A run that is being worked on, by this process alone.
pub struct Folder {
    pub path: PathBuf,
    verdicts: File,
    record: Option<Writer>,
    /// What has its final verdict.
    pub done: BTreeSet<Key>,
    /// A torn line was cut off.
    pub mended: bool,
}

impl Folder {
    /// Begins a run, or goes on with one that is the same. `manifest` is written only at its beginning.
    pub fn open(
        path: &Path,
        campaign: &Campaign,
        subjects: &[SubjectRow],
        manifest: &Manifest,
    ) -> Result<Folder, FolderError> {
        fs::create_dir_all(path).map_err(|error| io(path, error))?;
        let verdicts_path = path.join(VERDICTS);
        let opened = OpenOptions::new().create(true).append(true).read(true).open(&verdicts_path);
        let verdicts = opened.map_err(|error| io(&verdicts_path, error))?;
        // A file system without locks is trusted.
        if let Err(TryLockError::WouldBlock) = verdicts.try_lock() {
            return Err(FolderError::Busy { path: path.display().to_string() });
        }
        match Held::read(path) {
            Ok(held) => {
                if let Some(differs) = difference(&held.campaign, campaign) {
                    return Err(FolderError::Other { path: path.display().to_string(), differs });
                }
            }
            Err(FolderError::None { .. }) => {
                let text = serde_json::to_string_pretty(campaign).expect("keys are strings");
                replace(&path.join(CAMPAIGN_FILE), format!("{text}\n").as_bytes())?;
            }
            // Written anew below.
            Err(FolderError::Io { path: at, .. }) if at.ends_with(SUBJECTS) => {}
            Err(error) => return Err(error),
        }
        let rows: Vec<u8> = subjects.iter().flat_map(line).collect();
        replace(&path.join(SUBJECTS), &rows)?;
        let (known, whole, mended) = lines::<Verdict>(&verdicts_path)?;
        verdicts.set_len(whole).map_err(|error| io(&verdicts_path, error))?;
        let mut last: BTreeMap<Key, bool> = BTreeMap::new();
        last.extend(known.into_iter().map(|v| ((v.cell, v.subject), v.open)));
        let done: BTreeSet<Key> = last.into_iter().filter(|(_, open)| !open).map(|(key, _)| key).collect();
        let record = record(path, manifest, subjects, &done)?;
        Ok(Folder { path: path.to_owned(), verdicts, record: Some(record), done, mended })
    }

    /// Where the questions and answers of an oracle are kept.
    pub fn answers(&self, oracle: &str) -> Result<PathBuf, FolderError> {
        let folder = self.path.join("answers");
        fs::create_dir_all(&folder).map_err(|error| io(&folder, error))?;
        Ok(folder.join(format!("{}.jsonl", file_name(oracle))))
    }

    pub fn record(&mut self) -> Option<&mut Writer> {
        self.record.as_mut()
    }

    /// Writes down a verdict, in one write.
    pub fn keep(&mut self, verdict: &Verdict) -> Result<(), FolderError> {
        let path = self.path.join(VERDICTS);
        self.verdicts.write_all(&line(verdict)).and_then(|()| self.verdicts.flush()).map_err(|e| io(&path, e))?;
        if !verdict.open {
            self.done.insert((verdict.cell.clone(), verdict.subject.clone()));
        }
        Ok(())
    }

    /// Says in the record that all is done.
    pub fn end(&mut self, spent: Option<crate::oracle::budget::Spent>) -> Result<(), FolderError> {
        match self.record.take() {
            Some(record) => Ok(record.end(spent)?),
            None => Ok(()),
        }
    }

    /// Puts a file into `tables/`, in the place of an older one.
    pub fn table(&self, name: &str, content: &str) -> Result<(), FolderError> {
        table(&self.path, name, content)
    }
}

/// Puts a file into a folder's `tables/`.
pub fn table(run: &Path, name: &str, content: &str) -> Result<(), FolderError> {
    let folder = run.join("tables");
    fs::create_dir_all(&folder).map_err(|error| io(&folder, error))?;
    replace(&folder.join(name), content.as_bytes())
}

fn line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).expect("keys are strings");
    bytes.push(b'\n');
    bytes
}

/// Writes a file whole or not at all.
fn replace(path: &Path, content: &[u8]) -> Result<(), FolderError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    fs::write(&beside, content).and_then(|()| fs::rename(&beside, path)).map_err(|error| io(path, error))
}

/// What a run of the same name has otherwise; `None` if nothing.
pub fn difference(held: &Campaign, now: &Campaign) -> Option<String> {
    let fields = |c: &Campaign| match serde_json::to_value(c) {
        Ok(Value::Object(fields)) => fields,
        _ => Default::default(),
    };
    let (held, now) = (fields(held), fields(now));
    let names: BTreeSet<&String> = held.keys().chain(now.keys()).collect();
    let differ: Vec<String> = names.into_iter().filter(|n| held.get(*n) != now.get(*n)).cloned().collect();
    (!differ.is_empty()).then(|| format!("{} differ", differ.join(", ")))
}

/// An oracle's name as the name of a file; names that would be the same by that keep apart by a hash.
fn file_name(oracle: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '-' };
    let name: String = oracle.chars().map(plain).collect();
    if name == oracle { name } else { format!("{name}-{}", &crate::prompt::content_id(&[oracle])[..6]) }
}

/// Parts of one run as one. Errors: they are of different runs.
pub fn merged(paths: &[PathBuf], parts: Vec<Held>) -> Result<Held, FolderError> {
    let whole = |held: &Held| Campaign { shard: String::new(), ..held.campaign.clone() };
    let mut parts = paths.iter().zip(parts);
    let Some((_, first)) = parts.next() else { return Err(FolderError::None { path: String::new() }) };
    let mut all = Held { campaign: whole(&first), ..first };
    for (path, part) in parts {
        let differs = difference(&all.campaign, &whole(&part));
        let differs = differs.or_else(|| (all.subjects != part.subjects).then(|| "subjects differ".into()));
        if let Some(differs) = differs {
            return Err(FolderError::Apart { path: path.display().to_string(), differs });
        }
        all.verdicts.extend(part.verdicts);
        all.torn |= part.torn;
    }
    Ok(all)
}

/// What tells a line of the record from others.
pub fn about(cell: &Cell, subject: &str) -> BTreeMap<String, String> {
    let method = cell.method.name();
    let of = [
        ("dataset", cell.dataset.as_str()),
        ("subject", subject),
        ("model", &cell.oracle),
        ("method", method),
        ("votes", &cell.votes.to_string()),
    ];
    of.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// The record: begun, or continued without what is to be judged again and without its end.
fn record(
    path: &Path,
    manifest: &Manifest,
    subjects: &[SubjectRow],
    done: &BTreeSet<Key>,
) -> Result<Writer, FolderError> {
    const MANIFEST: &str = "manifest.json";
    const TRIPLES: &str = "triples.jsonl";
    let triples = path.join(TRIPLES);
    let begun = fs::metadata(&triples).is_ok_and(|m| m.len() > 0);
    if !begun {
        // A manifest without triples may be torn.
        for name in [MANIFEST, TRIPLES] {
            match fs::remove_file(path.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(&path.join(name), error)),
                _ => {}
            }
        }
        let mut writer = Writer::create(path, manifest)?;
        for (row, problem) in subjects.iter().filter_map(|s| Some((s, s.problem.as_ref()?))) {
            let path = format!("{} {}", row.dataset, row.id);
            writer.error(&InputError { path, message: problem.clone() })?;
        }
        return Ok(writer);
    }
    // It says what was run, which is known; a torn one must not keep the rest from being read.
    if fs::read(path.join(MANIFEST)).ok().and_then(|text| serde_json::from_slice::<Manifest>(&text).ok()).is_none() {
        let text = serde_json::to_string_pretty(manifest).expect("keys are strings");
        replace(&path.join(MANIFEST), format!("{text}\n").as_bytes())?;
    }
    let final_ones: BTreeSet<BTreeMap<String, String>> = done.iter().map(|(cell, s)| about(cell, s)).collect();
    let mut reader = BufReader::new(File::open(&triples).map_err(|error| io(&triples, error))?);
    let mut beside = triples.as_os_str().to_owned();
    beside.push(".new");
    let mut kept = std::io::BufWriter::new(File::create(&beside).map_err(|error| io(&triples, error))?);
    #[derive(Deserialize)]
    struct Line {
        about: Option<BTreeMap<String, String>>,
        end: Option<Value>,
    }
    let mut text = Vec::new();
    while reader.read_until(b'\n', &mut text).map_err(|error| io(&triples, error))? > 0 {
        // What can't be read is left where it is, for the record's reader to name; but a torn last line can't be continued.
        let keep = match serde_json::from_slice::<Line>(&text) {
            Ok(line) => line.end.is_none() && line.about.is_none_or(|about| final_ones.contains(&about)),
            Err(_) => text.last() == Some(&b'\n'),
        };
        if keep {
            kept.write_all(&text).map_err(|error| io(&triples, error))?;
        }
        text.clear();
    }
    kept.flush().and_then(|()| fs::rename(&beside, &triples)).map_err(|error| io(&triples, error))?;
    drop(kept);
    Ok(Writer::resume(path)?.0)
}

#[cfg(test)]
mod tests;
