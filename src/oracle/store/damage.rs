//! Opening the file, and setting it aside where it is damaged.
//!
//! Setting aside is a rename of the file with its log, under a lock that every opening process shares: nobody opens the old
//! file and the new log. A process that still has the old file open goes on with that; since no log is removed at closing
//! (`NO_CKPT_ON_CLOSE`), it can't take away the new one's.

use super::{FILE, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// "weis", so that another program's file isn't taken for ours.
const APPLICATION: i64 = 0x7765_6973;
/// How long a write waits for another process; each holds the file for well under a millisecond.
const PATIENCE: Duration = Duration::from_secs(10);
/// Files set aside that are kept; the oldest name is used again.
const ASIDE: u32 = 9;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS answers (
    key BLOB PRIMARY KEY, reply TEXT NOT NULL, sum BLOB NOT NULL, model TEXT NOT NULL,
    made INTEGER NOT NULL, used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_use ON answers (used);
";

pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(error, rusqlite::Error::SqliteFailure(_, Some(text)) if text.contains("malformed"))
        || matches!(error, rusqlite::Error::InvalidColumnType(..))
}

/// The file, ready for work, with what is to be told about it. `suspect`: something damaged was met in it, so every page is
/// looked at before it is used again.
pub(super) fn opened(folder: &Path, suspect: bool) -> Result<(Connection, Vec<String>), StoreError> {
    let path = folder.join(FILE);
    let unusable = |why: String| StoreError::Unusable { path: path.display().to_string(), why: why.replace('\n', " ") };
    make(folder).map_err(|error| unusable(error.to_string()))?;
    let lock = lock_file(folder).map_err(|error| unusable(error.to_string()))?;
    // A file system without locks is trusted: the lock only matters where two processes meet a damaged file.
    // A new file is made by one process alone.
    let fresh = fs::metadata(&path).map_or(true, |file| file.len() == 0);
    let _ = if fresh { lock.lock() } else { lock.lock_shared() };
    match connect(&path) {
        Ok(connection) if !suspect => return Ok((connection, Vec::new())),
        Err(error) if !is_damage(&error) => return Err(unusable(error.to_string())),
        _ => {}
    }
    let _ = lock.unlock();
    let _ = lock.lock();
    // Another process may have done it by now.
    if let Ok(connection) = connect(&path).and_then(|connection| whole(&connection).map(|()| connection)) {
        return Ok((connection, Vec::new()));
    }
    let aside = set_aside(&path).map_err(|error| unusable(format!("it is damaged and can't be renamed: {error}")))?;
    let connection = connect(&path).map_err(|error| unusable(error.to_string()))?;
    let told = format!("the cache {} was damaged; it is set aside as {}", path.display(), aside.display());
    Ok((connection, vec![told]))
}

/// The folder, for its owner only: answers quote code.
fn make(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn lock_file(folder: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(folder.join(format!("{FILE}.lock")))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Malformed pages are told as damage instead of being believed.
    connection.pragma_update(None, "cell_size_check", true)?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION {
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 {
            return Err(foreign());
        }
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    // Where the file system has no shared memory this stays another mode, which is slower and as safe.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    if application != APPLICATION {
        connection
            .execute_batch(&format!("BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION}; COMMIT;"))?;
    }
    // Both trees are there and can be entered.
    let rows = "SELECT count(*) FROM (SELECT key, sum FROM answers LIMIT 1)";
    let _: i64 = connection.query_row(rows, [], |row| row.get(0))?;
    let oldest = "SELECT count(*) FROM (SELECT used FROM answers ORDER BY used LIMIT 1)";
    let _: i64 = connection.query_row(oldest, [], |row| row.get(0))?;
    Ok(connection)
}

/// Whether every page can be read. Cost: reads the file.
pub(super) fn whole(connection: &Connection) -> rusqlite::Result<()> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(code, Some(found)))
}

fn foreign() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
    rusqlite::Error::SqliteFailure(code, Some("it is another program's".into()))
}

fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let named = |number: u32, end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!("{end}.damaged-{number}"));
        PathBuf::from(name)
    };
    let number = (1..=ASIDE).find(|n| !named(*n, "").exists()).unwrap_or(ASIDE);
    let aside = named(number, "");
    fs::rename(path, &aside)?;
    for end in ["-wal", "-shm"] {
        let mut part = path.as_os_str().to_owned();
        part.push(end);
        match fs::rename(&part, named(number, end)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}
