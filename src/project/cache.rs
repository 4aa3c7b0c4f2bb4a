//! The index on disk: one file for each project and set of options.
//!
//! A header with the format's version and what the entries depend on, the hash of the rest, then the entries as postcard
//! bytes. It is written beside its place and renamed, so that another process sees the old file or the new one, never half
//! of one. A file that can't be read is put aside, and the index is built anew.

use super::Options;
use super::index::FileEntry;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Raise it when entries change their meaning: what [`crate::syntax::outline`] finds, or its types.
const FORMAT: u32 = 1;
const MAGIC: &[u8; 8] = b"weiserix";

/// What became of the file on disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheState {
    /// `None`: nothing is kept.
    pub path: Option<PathBuf>,
    pub found: CacheFound,
    pub saved: CacheSaved,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CacheFound {
    /// There was none, or none was to be used.
    #[default]
    Missing,
    Good,
    /// Of another version of weiser.
    Outdated,
    /// Could not be read, and why; where it was put.
    Broken {
        why: String,
        aside: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CacheSaved {
    /// Nothing had changed, or nothing is kept.
    #[default]
    No,
    /// Its size in bytes.
    Written(u64),
    /// Why it could not be written: the next time takes as long.
    Failed(String),
}

/// What the file holds.
#[derive(Default, Serialize, Deserialize)]
pub struct Cache {
    /// When it was written, in nanoseconds since 1970.
    pub written: u64,
    pub words: Vec<String>,
    pub files: Vec<FileEntry>,
}

#[derive(Serialize)]
struct Borrowed<'a> {
    written: u64,
    words: &'a [String],
    files: &'a [FileEntry],
}

/// Where the index of a folder is kept. Options that choose files are part of the name, so that they don't undo each other.
pub fn place(folder: &Path, root: &Path, options: &Options) -> PathBuf {
    let mut hash = Sha256::new();
    let parts = [("include", &options.include), ("exclude", &options.exclude)];
    hash.update(root.as_os_str().as_encoded_bytes());
    for (what, globs) in parts {
        for glob in globs {
            hash.update(format!("\0{what}\0{glob}"));
        }
    }
    hash.update([0, u8::from(options.no_ignore)]);
    let name: String = hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect();
    folder.join("index").join(format!("{name}.idx"))
}

/// Version, tables, and which folder it is about.
fn header(root: &Path) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(FORMAT.to_le_bytes());
    hash.update(env!("CARGO_PKG_VERSION"));
    for table in crate::syntax::tables() {
        hash.update(table);
    }
    hash.update(root.as_os_str().as_encoded_bytes());
    hash.finalize().into()
}

pub fn load(place: Option<&Path>, root: &Path) -> (Cache, CacheState) {
    let mut state = CacheState { path: place.map(Path::to_path_buf), ..CacheState::default() };
    let Some(place) = place else { return (Cache::default(), state) };
    let bytes = match std::fs::read(place) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (Cache::default(), state),
        Err(error) => {
            state.found = CacheFound::Broken { why: crate::text::said(&error), aside: None };
            return (Cache::default(), state);
        }
    };
    match read(&bytes, root) {
        Ok(Some(cache)) => {
            state.found = CacheFound::Good;
            (cache, state)
        }
        Ok(None) => {
            state.found = CacheFound::Outdated;
            (Cache::default(), state)
        }
        Err(why) => {
            let aside = place.with_extension("broken");
            let moved = std::fs::rename(place, &aside).is_ok();
            state.found = CacheFound::Broken { why: why.into(), aside: moved.then_some(aside) };
            (Cache::default(), state)
        }
    }
}

/// `None`: of another version.
fn read(bytes: &[u8], root: &Path) -> Result<Option<Cache>, &'static str> {
    let rest = bytes.strip_prefix(MAGIC).ok_or("it is no index")?;
    let (version, rest) = rest.split_at_checked(32).ok_or("it is cut short")?;
    if version != header(root) {
        return Ok(None);
    }
    let (sum, rest) = rest.split_at_checked(32).ok_or("it is cut short")?;
    if sum != Sha256::digest(rest).as_slice() {
        return Err("its checksum is wrong");
    }
    postcard::from_bytes(rest).map(Some).map_err(|_| "its entries can't be read")
}

pub fn save(place: Option<&Path>, root: &Path, files: &[FileEntry], words: &[String], state: &mut CacheState) {
    let Some(place) = place else { return };
    let written = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
    state.saved = match write(place, root, &Borrowed { written, words, files }) {
        Ok(size) => CacheSaved::Written(size),
        Err(error) => CacheSaved::Failed(error.to_string()),
    };
}

fn write(place: &Path, root: &Path, cache: &Borrowed) -> std::io::Result<u64> {
    let folder = place.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let payload = postcard::to_stdvec(cache).map_err(std::io::Error::other)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(MAGIC)?;
    file.write_all(&header(root))?;
    file.write_all(&Sha256::digest(&payload))?;
    file.write_all(&payload)?;
    file.persist(place).map_err(|e| e.error)?;
    Ok(payload.len() as u64 + 72)
}
