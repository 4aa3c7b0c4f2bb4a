//! Files to entries: what has not changed is taken over, the rest is read in parallel.

use super::cache::{self, Cache};
use super::index::{FileEntry, Index, Trouble};
use super::scan::{self, Found};
use super::{Opened, Options, Project, ProjectError, commands, resolve, source};
use crate::syntax::language::Language;
use crate::syntax::outline::{Outline, outline};
use crate::text::{self, SourceFile};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Instant, UNIX_EPOCH};

/// Most bytes of a file. Longer ones are not source text that somebody wrote.
pub const LARGEST: u64 = 16 << 20;

/// A file system may count time in steps; what was changed in the last of them can't be told by its time.
const STEP: u64 = 2_000_000_000;

type Source = Found<&'static Language>;

/// A file after reading: words stand beside it until they have numbers.
enum Became {
    Kept(FileEntry),
    Read(FileEntry, Vec<String>),
}

pub fn open(
    root: &Path,
    options: &Options,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<(Project, Opened), ProjectError> {
    let started = Instant::now();
    let root = root.canonicalize().map_err(|error| ProjectError::Root { path: root.into(), error })?;
    if !root.is_dir() {
        return Err(ProjectError::NoFolder { path: root });
    }
    let (found, unsearched) = scan::scan(&root, options, crate::syntax::for_path)?;
    let unsearched = unsearched.into_iter().map(|(path, why)| format!("{}: {why}", path.display())).collect();
    let place = options.cache.as_deref().map(|folder| cache::place(folder, &root, options));
    let (cached, mut state) = cache::load(place.as_deref(), &root);
    let Cache { written, words, files } = cached;
    let known = files.len();
    let earlier: HashMap<String, FileEntry> = files.into_iter().map(|f| (f.path.clone(), f)).collect();
    let done = AtomicUsize::new(0);
    let total = found.len();
    let became: Vec<Became> = found
        .par_iter()
        .map(|file| {
            let became = one(file, earlier.get(&file.relative), written);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            became
        })
        .collect();
    let kept = became.iter().filter(|b| matches!(b, Became::Kept(_))).count();
    let read = total - kept;
    let (files, words) = if read == 0 && kept == known {
        let files = became.into_iter().map(|b| match b {
            Became::Kept(entry) | Became::Read(entry, _) => entry,
        });
        (files.collect::<Vec<_>>(), words)
    } else {
        let (files, words) = numbered(became, &words);
        cache::save(place.as_deref(), &root, &files, &words, &mut state);
        (files, words)
    };
    let index = Index::new(files, &words);
    let (commands, wrong) = commands::find(&root);
    let resolved = resolve::Resolved::new(&index, &root, options, commands);
    let opened = Opened { kept, read, cache: state, unsearched, commands: wrong, took: started.elapsed() };
    let project = Project { root, index, resolved, members: OnceLock::new(), sources: source::Sources::default() };
    Ok((project, opened))
}

fn one(file: &Source, earlier: Option<&FileEntry>, written: u64) -> Became {
    let meta = std::fs::metadata(&file.path);
    let earlier = earlier.filter(|e| e.language == file.language.name);
    let (size, modified) = meta.as_ref().map_or((0, 0), |m| (m.len(), time(m)));
    if let Some(entry) = earlier
        && (entry.size, entry.modified) == (size, modified)
        && modified.saturating_add(STEP) < written
        && !matches!(entry.trouble, Some(Trouble::Unreadable(_)))
    {
        return Became::Kept(entry.clone());
    }
    let bytes = match meta.and_then(|_| bounded(&file.path)) {
        Ok(bytes) => bytes,
        Err(error) => return Became::Read(lost(file, size, modified, Trouble::Unreadable(text::said(&error))), vec![]),
    };
    if bytes.len() as u64 > LARGEST {
        return Became::Read(lost(file, size, modified, Trouble::TooLarge), vec![]);
    }
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    if let Some(entry) = earlier.filter(|e| e.hash == hash && e.size == bytes.len() as u64) {
        return Became::Kept(FileEntry { modified, ..entry.clone() });
    }
    let size = bytes.len() as u64;
    let (text, bad) = text::decode(bytes);
    let source = SourceFile::new(file.relative.as_str(), text);
    let entry = FileEntry {
        path: file.relative.clone(),
        language: file.language.name.clone(),
        size,
        modified,
        hash,
        lines: source.text.lines().count() as u32,
        outline: outline(&source, file.language),
        words: Vec::new(),
        trouble: bad.map(|b| Trouble::BadBytes(b.count)),
    };
    let words: HashSet<&str> = crate::syntax::words(&source.text).map(|(_, word)| word).collect();
    let mut words: Vec<String> = words.into_iter().map(str::to_string).collect();
    words.sort_unstable();
    Became::Read(entry, words)
}

/// A file that gives nothing.
fn lost(file: &Source, size: u64, modified: u64, trouble: Trouble) -> FileEntry {
    FileEntry {
        path: file.relative.clone(),
        language: file.language.name.clone(),
        size,
        modified,
        hash: [0; 32],
        lines: 0,
        outline: Outline::default(),
        words: Vec::new(),
        trouble: Some(trouble),
    }
}

fn time(meta: &Metadata) -> u64 {
    let since = meta.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |d| d.as_nanos() as u64)
}

/// All bytes, or one more than [`LARGEST`].
pub fn bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Gives the words of all files numbers, in the order of the words, so that the same files give the same bytes.
fn numbered(became: Vec<Became>, old: &[String]) -> (Vec<FileEntry>, Vec<String>) {
    let mut words: BTreeMap<&str, u32> = BTreeMap::new();
    for file in &became {
        match file {
            Became::Kept(entry) => {
                words.extend(entry.words.iter().filter_map(|w| Some((old.get(*w as usize)?.as_str(), 0))))
            }
            Became::Read(_, new) => words.extend(new.iter().map(|w| (w.as_str(), 0))),
        }
    }
    words.values_mut().enumerate().for_each(|(i, number)| *number = i as u32);
    let mut numbers: Vec<Vec<u32>> = Vec::with_capacity(became.len());
    for file in &became {
        let mut of_file: Vec<u32> = match file {
            Became::Kept(entry) => {
                entry.words.iter().filter_map(|w| words.get(old.get(*w as usize)?.as_str()).copied()).collect()
            }
            Became::Read(_, new) => new.iter().filter_map(|w| words.get(w.as_str()).copied()).collect(),
        };
        of_file.sort_unstable();
        numbers.push(of_file);
    }
    let table = words.into_keys().map(str::to_string).collect();
    let entries = became.into_iter().zip(numbers).map(|(file, words)| match file {
        Became::Kept(entry) | Became::Read(entry, _) => FileEntry { words, ..entry },
    });
    (entries.collect(), table)
}
