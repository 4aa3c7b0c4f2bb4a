//! What can be wrong with a request for triples; every message says what, where, and what to do.

use std::fmt;

/// Why a file gives no triple.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error(
        "{path}: no post-condition found; write one as a comment where it must hold, `{comment} POST: result >= 0`, or \
         give one on the command line: --post \"result >= 0\" (judged where the function returns; --at {path}:LINE \
         names another point)"
    )]
    NoPost { path: String, comment: String },
    #[error("{path}: no function is named `{name}`; --entry may name {functions}")]
    NoSuchFunction { path: String, name: String, functions: Listing },
    #[error("{path}: `{name}` names several functions; write one of {functions} in full after --entry")]
    AmbiguousEntry { path: String, name: String, functions: Listing },
    #[error("{path}: which function is the post-condition about? Name one with --entry: {functions}")]
    NeedEntry { path: String, functions: Listing },
    #[error("{path}:{line}: no function encloses this line; --at needs a line inside one of {functions}")]
    NoFunctionAtLine { path: String, line: u32, functions: Listing },
    #[error(
        "{path}:{line}: neither an assert nor a POST stands on this line; name the line of one after --at, or say with \
         --post what must hold there"
    )]
    NothingAtLine { path: String, line: u32 },
    #[error(
        "{path}: `{entry}` holds no post-condition; the file's stand in {functions}: choose one of these with --entry"
    )]
    PostElsewhere { path: String, entry: String, functions: Listing },
    #[error("{path}:{line}: `{keyword}` has no condition; write it after the colon: `{keyword}: x > 0`")]
    EmptyCondition { path: String, line: u32, keyword: &'static str },
    #[error("{flag}: the condition is empty; write one, as in {flag} \"x > 0\"")]
    EmptyArgument { flag: &'static str },
    #[error("{path}: `{function}` holds more conditions than the {limit} that are handled; leave some out")]
    TooMany { path: String, function: String, limit: usize },
}

/// Functions by name and 1-based line, for messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing(pub Vec<(String, u32)>);

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More than this is no longer read; the count says that there are others.
        const SHOWN: usize = 20;
        if self.0.is_empty() {
            return write!(f, "(the file has no functions)");
        }
        for (i, (name, line)) in self.0.iter().take(SHOWN).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}` (line {line})")?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
