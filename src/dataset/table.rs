//! TOML with places: values are taken from tables by key, and whatever is wrong is said with file, line and key.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub path: String,
    /// 1-based; 0 where it concerns the whole file.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Collects what is wrong with one file.
pub struct Problems<'a> {
    path: &'a str,
    text: &'a str,
    pub found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub fn new(path: &'a str, text: &'a str) -> Self {
        Problems { path, text, found: Vec::new() }
    }

    pub fn path(&self) -> &str {
        self.path
    }

    pub fn line(&self, at: usize) -> usize {
        self.text.as_bytes()[..at.min(self.text.len())].iter().filter(|b| **b == b'\n').count() + 1
    }

    pub fn add(&mut self, at: usize, message: impl Into<String>) {
        let line = self.line(at);
        self.found.push(Problem { path: self.path.to_owned(), line, message: message.into() });
    }
}

/// A value with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    pub value: T,
    /// Bytes.
    pub at: usize,
}

/// One table of a file.
pub struct Table<'t, 'd> {
    inner: &'t DeTable<'d>,
    /// What it is, for messages: `subject`.
    what: String,
    /// Where it starts.
    pub at: usize,
    taken: BTreeSet<String>,
}

impl<'t, 'd> Table<'t, 'd> {
    pub fn new(inner: &'t DeTable<'d>, what: impl Into<String>, at: usize) -> Self {
        Table { inner, what: what.into(), at, taken: BTreeSet::new() }
    }

    fn get(&mut self, key: &str) -> Option<(&'t DeValue<'d>, Range<usize>)> {
        self.taken.insert(key.to_owned());
        let value: &'t Spanned<DeValue<'d>> = self.inner.get(key)?;
        Some((value.get_ref(), value.span()))
    }

    /// A text, if it is there.
    pub fn text(&mut self, key: &str, problems: &mut Problems) -> Option<At<String>> {
        let (value, span) = self.get(key)?;
        match value {
            DeValue::String(text) => Some(At { value: text.to_string(), at: span.start }),
            other => {
                problems.add(span.start, format!("`{key}` is {}; it must be a text", other.type_str()));
                None
            }
        }
    }

    /// A text that must be there and not be empty.
    pub fn needed(&mut self, key: &str, problems: &mut Problems) -> Option<At<String>> {
        let before = problems.found.len();
        let found = self.text(key, problems);
        match &found {
            Some(text) if text.value.trim().is_empty() => {
                problems.add(text.at, format!("`{key}` is empty"));
                None
            }
            Some(_) => found,
            None => {
                if problems.found.len() == before {
                    problems.add(self.at, format!("{} has no `{key}`", self.what));
                }
                None
            }
        }
    }

    /// A whole number of at least one, if it is there.
    pub fn count(&mut self, key: &str, problems: &mut Problems) -> Option<At<u32>> {
        let (value, span) = self.get(key)?;
        let number = match value {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok().filter(|n| *n > 0),
            _ => None,
        };
        if number.is_none() {
            problems.add(span.start, format!("`{key}` must be a whole number, 1 or more"));
        }
        number.map(|value| At { value, at: span.start })
    }

    /// Texts: one, or a list.
    pub fn texts(&mut self, key: &str, problems: &mut Problems) -> Vec<At<String>> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        let mut out = Vec::new();
        for (item, at) in each(value, span.start) {
            match item {
                DeValue::String(text) if text.trim().is_empty() => {
                    problems.add(at, format!("`{key}` has an empty text"))
                }
                DeValue::String(text) => out.push(At { value: text.to_string(), at }),
                other => {
                    problems.add(at, format!("`{key}` has {}; it must be a text or a list of texts", other.type_str()));
                }
            }
        }
        out
    }

    /// Whole numbers of at least one: one, or a list.
    pub fn counts(&mut self, key: &str, problems: &mut Problems) -> Vec<At<u32>> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        let mut out = Vec::new();
        for (item, at) in each(value, span.start) {
            let number = match item {
                DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
                _ => None,
            };
            match number.filter(|n| *n > 0) {
                Some(value) => out.push(At { value, at }),
                None => problems.add(at, format!("`{key}` must be a whole number, 1 or more, or a list of such")),
            }
        }
        out
    }

    /// Leaves a key to somebody else.
    pub fn leave(&mut self, key: &str) {
        self.taken.insert(key.to_owned());
    }

    /// A table inside, if it is there.
    pub fn table(&mut self, key: &str, what: impl Into<String>, problems: &mut Problems) -> Option<Table<'t, 'd>> {
        let (value, span) = self.get(key)?;
        match value {
            DeValue::Table(inner) => Some(Table::new(inner, what, span.start)),
            other => {
                problems.add(span.start, format!("`{key}` is {}; it must be a table", other.type_str()));
                None
            }
        }
    }

    /// The tables of `[[key]]`.
    pub fn tables(&mut self, key: &str, problems: &mut Problems) -> Vec<Table<'t, 'd>> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value else {
            problems.add(span.start, format!("`{key}` must be written as [[{key}]]"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(inner) => out.push(Table::new(inner, key, item.span().start)),
                _ => problems.add(item.span().start, format!("`{key}` must be written as [[{key}]]")),
            }
        }
        out
    }

    /// Complains of every key that nobody asked for.
    pub fn done(self, problems: &mut Problems) {
        let mut keys: Vec<_> = self.inner.keys().filter(|k| !self.taken.contains(k.get_ref().as_ref())).collect();
        keys.sort_by_key(|k| k.span().start);
        for key in keys {
            let name = key.get_ref().as_ref();
            let known: Vec<&str> = self.taken.iter().map(String::as_str).collect();
            let hint = hint(name, &known);
            problems.add(key.span().start, format!("{} has an unknown key `{name}`; {hint}", self.what));
        }
    }
}

/// The nearest known word if one is near, else all of them.
pub fn hint(word: &str, known: &[&str]) -> String {
    let lower = word.to_lowercase().replace('-', "_");
    let nearest = known.iter().map(|k| (strsim::damerau_levenshtein(k, &lower), k)).min();
    match nearest {
        Some((distance, nearest)) if distance <= 1 + nearest.len() / 3 => format!("is `{nearest}` meant?"),
        _ => format!("known are {}", known.join(", ")),
    }
}

/// Reads a file's text; one problem where it isn't TOML.
pub fn parse<'d>(text: &'d str, problems: &mut Problems) -> Option<Spanned<DeTable<'d>>> {
    match DeTable::parse(text) {
        Ok(table) => Some(table),
        Err(error) => {
            let message = error.message().lines().next().unwrap_or("not TOML").to_owned();
            problems.add(error.span().map_or(0, |s| s.start), message);
            None
        }
    }
}

/// The items of a list, or the one value that stands for a list of it, with their places.
fn each<'v>(value: &'v DeValue<'v>, at: usize) -> Vec<(&'v DeValue<'v>, usize)> {
    match value {
        DeValue::Array(items) => items.iter().map(|i| (i.get_ref(), i.span().start)).collect(),
        one => vec![(one, at)],
    }
}
