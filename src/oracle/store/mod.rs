//! The store: every answer that was ever paid for, by the hash of its question, in one file of the user's cache folder.
//!
//! SQLite in WAL mode, because several processes may ask at once: redb and its like lock their file for one process, and
//! a file of one's own for each process would have to be merged by somebody. A commit is a single write to the log, seen by
//! the others at once; a process that is killed loses the answer it was writing and nothing else. The folder must lie on a
//! local disk: WAL needs shared memory (`--cache-dir` names another one).
//!
//! What is kept: the key, the reply as JSON with a checksum, who answered, when it was kept and last used. Not kept:
//! prompts, errors, keys. A row whose checksum is wrong is thrown away, a file that SQLite can't read is set aside
//! (`damage`); both are told in [`Store::remarks`], and neither ends a run. Where nothing can be kept (a full disk, a
//! folder that can't be written) that is told once, and the run goes on without.

mod damage;
mod sweep;

pub use sweep::{Stats, Swept};

use super::Reply;
use damage::opened;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file's name carries the version of its format: another version has a file of its own.
pub const FILE: &str = "answers-1.db";
/// A use is written down at most once in this many seconds, so that reading rarely writes.
const USE_STEP: u64 = 3600;
/// Answers kept between two looks at the size.
const LOOK_EVERY: u64 = 256;

/// Where and how much is kept.
#[derive(Debug, Clone)]
pub struct Place {
    pub folder: PathBuf,
    /// Bytes of the file above which the answers that were not used for longest go.
    pub cap: u64,
    /// Seconds since 1970.
    pub clock: fn() -> u64,
}

/// What the answer to a question is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// `scope`: who answers and under which options; `question`: the hash of everything that is asked.
    pub fn of(scope: &str, question: &str) -> Key {
        let mut hash = Sha256::new();
        for part in [scope, question] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Key(hash.finalize().into())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the cache {path} can't be used: {why}")]
    Unusable { path: String, why: String },
}

/// Open in this process; any number of processes may have it open.
pub struct Store {
    place: Place,
    state: Mutex<State>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("place", &self.place).finish_non_exhaustive()
    }
}

struct State {
    /// `None` once it has failed for good.
    connection: Option<Connection>,
    kept: u64,
    remarks: Vec<String>,
}

impl Store {
    /// Opens the file, or makes it with its folder. One that is damaged is set aside first.
    pub fn open(place: &Place) -> Result<Store, StoreError> {
        let (connection, remarks) = opened(&place.folder, false)?;
        let state = State { connection: Some(connection), kept: 0, remarks };
        let store = Store { place: place.clone(), state: Mutex::new(state) };
        store.with(|connection| sweep::to_size(connection, store.place.cap));
        Ok(store)
    }

    pub fn path(&self) -> PathBuf {
        self.place.folder.join(FILE)
    }

    /// What the user should be told since the last call.
    pub fn remarks(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().remarks)
    }

    /// The reply that was kept, if it is whole.
    pub fn get(&self, key: Key) -> Option<Reply> {
        let now = (self.place.clock)();
        let found = self.with(|connection| read(connection, key, now))?;
        match found {
            Found::Reply(reply) => Some(*reply),
            Found::Nothing => None,
            Found::Damaged => {
                self.remark(format!("the cache {}: a damaged answer was thrown away", self.path().display()));
                None
            }
        }
    }

    /// Keeps a reply, in the place of an older one. The reply is on the disk when this returns, as far as this process's
    /// end is concerned.
    pub fn put(&self, key: Key, reply: &Reply) {
        let Ok(text) = serde_json::to_string(&Reply { cached: false, ..reply.clone() }) else { return };
        let now = (self.place.clock)();
        let model = format!("{}:{}", reply.oracle, reply.model);
        self.with(|connection| {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO answers (key, reply, sum, model, made, used) VALUES (?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![&key.0[..], text, checksum(&text), model, now as i64, now as i64])
                .map(|_| ())
        });
        let look = {
            let mut state = self.lock();
            state.kept += 1;
            state.kept.is_multiple_of(LOOK_EVERY)
        };
        if look {
            self.with(|connection| sweep::to_size(connection, self.place.cap));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remark(&self, text: String) {
        let mut state = self.lock();
        if !state.remarks.contains(&text) {
            state.remarks.push(text);
        }
    }

    /// Does something with the file; if that shows damage, once more with a new one. `None` where it can't be done.
    fn with<T>(&self, work: impl Fn(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let mut state = self.lock();
        let mut error = match work(state.connection.as_ref()?) {
            Ok(done) => return Some(done),
            Err(error) => error,
        };
        if damage::is_damage(&error) {
            // Closed before it is moved.
            state.connection = None;
            match opened(&self.place.folder, true) {
                Ok((connection, remarks)) => {
                    state.remarks.extend(remarks);
                    let again = work(&connection);
                    state.connection = Some(connection);
                    match again {
                        Ok(done) => return Some(done),
                        Err(other) => error = other,
                    }
                }
                Err(other) => {
                    state.remarks.push(format!("{other}; answers are not kept"));
                    return None;
                }
            }
        }
        let path = self.path().display().to_string();
        if busy(&error) {
            let text = format!("the cache {path} was kept busy by another process; an answer was not kept");
            if !state.remarks.contains(&text) {
                state.remarks.push(text);
            }
        } else {
            state.connection = None;
            state.remarks.push(format!("the cache {path} can't be used any more ({error}); answers are not kept"));
        }
        None
    }
}

fn busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

enum Found {
    Reply(Box<Reply>),
    Nothing,
    Damaged,
}

fn read(connection: &Connection, key: Key, now: u64) -> rusqlite::Result<Found> {
    type Row = (String, Vec<u8>, i64);
    let row: Option<Row> = connection
        .prepare_cached("SELECT reply, sum, used FROM answers WHERE key = ?")?
        .query_row(params![&key.0[..]], |row| Ok((text(row, 0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((text, sum, used)) = row else { return Ok(Found::Nothing) };
    let reply = if sum == checksum(&text) { serde_json::from_str::<Reply>(&text).ok() } else { None };
    let Some(reply) = reply else {
        connection.prepare_cached("DELETE FROM answers WHERE key = ?")?.execute(params![&key.0[..]])?;
        return Ok(Found::Damaged);
    };
    if now.saturating_sub(used.max(0) as u64) >= USE_STEP {
        let mut touch = connection.prepare_cached("UPDATE answers SET used = ? WHERE key = ?")?;
        match touch.execute(params![now as i64, &key.0[..]]) {
            // That it was used is no reason to wait, or to fail on a disk that can only be read.
            Err(error) if damage::is_damage(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(Found::Reply(Box::new(reply)))
}

/// Text of a column; bytes that are no UTF-8 become `?`, which the checksum notices.
fn text(row: &rusqlite::Row, column: usize) -> rusqlite::Result<String> {
    Ok(String::from_utf8_lossy(row.get_ref(column)?.as_bytes_or_null()?.unwrap_or_default()).into_owned())
}

fn checksum(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes())[..8].to_vec()
}

/// The folder's store, if there is a file.
pub fn existing(place: &Place) -> Result<Option<Store>, StoreError> {
    if Path::new(&place.folder).join(FILE).is_file() { Store::open(place).map(Some) } else { Ok(None) }
}

#[cfg(test)]
mod tests;
