//! How much is kept, and what goes: by size the answers that were not used for longest, by age those not used since.

use super::{Key, Store};
use rusqlite::{Connection, params};

/// Answers removed in one transaction, so that other processes never wait long.
const BATCH: u32 = 20;

/// What the file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    pub answers: u64,
    /// Of the file without its log.
    pub bytes: u64,
    /// Answers by who gave them, in the order of names.
    pub models: Vec<(String, u64)>,
    /// Seconds since 1970 at which the oldest answer was kept, and the one unused for longest was last used.
    pub oldest: Option<u64>,
    pub unused_since: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub answers: u64,
    /// By how much the file became smaller.
    pub bytes: u64,
}

/// Bytes of pages in use.
fn size(connection: &Connection) -> rusqlite::Result<u64> {
    let value = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = value("page_count")?.saturating_sub(value("freelist_count")?);
    Ok((pages.max(0) as u64).saturating_mul(value("page_size")?.max(0) as u64))
}

fn vacuum(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("PRAGMA incremental_vacuum")?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn count(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT count(*) FROM answers", [], |row| row.get::<_, i64>(0)).map(|n| n.max(0) as u64)
}

/// Down to nine tenths of `cap` where it is exceeded.
pub(super) fn to_size(connection: &Connection, cap: u64) -> rusqlite::Result<u64> {
    if size(connection)? <= cap {
        return Ok(0);
    }
    let goal = cap / 10 * 9;
    let mut removed = 0;
    while size(connection)? > goal {
        let oldest = "DELETE FROM answers WHERE key IN (SELECT key FROM answers ORDER BY used, key LIMIT ?)";
        let gone = connection.execute(oldest, params![BATCH])? as u64;
        removed += gone;
        if gone == 0 {
            break;
        }
    }
    vacuum(connection)?;
    Ok(removed)
}

fn unused_since(connection: &Connection, since: u64) -> rusqlite::Result<u64> {
    let mut removed = 0;
    loop {
        let old = "DELETE FROM answers WHERE key IN (SELECT key FROM answers WHERE used < ? LIMIT ?)";
        match connection.execute(old, params![since as i64, BATCH])? as u64 {
            0 => break,
            gone => removed += gone,
        }
    }
    vacuum(connection)?;
    Ok(removed)
}

impl Store {
    pub fn stats(&self) -> Option<Stats> {
        self.with(|connection| {
            let time = |what: &str| {
                let query = format!("SELECT min({what}) FROM answers");
                connection.query_row(&query, [], |row| row.get::<_, Option<i64>>(0)).map(|t| t.map(|t| t.max(0) as u64))
            };
            let mut models = Vec::new();
            let mut statement =
                connection.prepare("SELECT model, count(*) FROM answers GROUP BY model ORDER BY model")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                models.push((super::text(row, 0)?, row.get::<_, i64>(1)?.max(0) as u64));
            }
            Ok(Stats {
                answers: count(connection)?,
                bytes: size(connection)?,
                models,
                oldest: time("made")?,
                unused_since: time("used")?,
            })
        })
    }

    /// Every page and row looked at: damaged rows go, and a damaged file is set aside. Cost: reads the whole file.
    pub fn verify(&self) -> Option<u64> {
        self.with(|connection| {
            super::damage::whole(connection)?;
            let mut wrong: Vec<Vec<u8>> = Vec::new();
            let mut statement = connection.prepare("SELECT key, reply, sum FROM answers")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if super::checksum(&super::text(row, 1)?) != row.get::<_, Vec<u8>>(2)? {
                    wrong.push(row.get(0)?);
                }
            }
            for key in &wrong {
                connection.execute("DELETE FROM answers WHERE key = ?", params![key])?;
            }
            Ok(wrong.len() as u64)
        })
    }

    /// Removes what was not used for `age` seconds, where one is given, and then what is over `cap` bytes.
    pub fn sweep(&self, age: Option<u64>, cap: u64) -> Option<Swept> {
        let since = age.map(|age| (self.place.clock)().saturating_sub(age));
        self.with(|connection| {
            let before = size(connection)?;
            let old = since.map_or(Ok(0), |since| unused_since(connection, since))?;
            let answers = old + to_size(connection, cap)?;
            Ok(Swept { answers, bytes: before.saturating_sub(size(connection)?) })
        })
    }

    /// Removes every answer.
    pub fn clear(&self) -> Option<Swept> {
        self.with(|connection| {
            let (before, answers) = (size(connection)?, count(connection)?);
            connection.execute("DELETE FROM answers", [])?;
            vacuum(connection)?;
            Ok(Swept { answers, bytes: before.saturating_sub(size(connection)?) })
        })
    }

    /// Whether there is an answer, without using it.
    pub fn has(&self, key: Key) -> bool {
        let found = self.with(|connection| {
            connection.prepare_cached("SELECT 1 FROM answers WHERE key = ?")?.exists(params![&key.0[..]])
        });
        found == Some(true)
    }
}
