//! One text from many files: a file, and behind it the definitions of its project that its triples need.
//!
//! The engine reads one text. [`link`] puts together the one that it has to read for a file: the file's own lines, which keep
//! their numbers, and whole definitions of other files, each with its place ([`Linkage`](crate::text::Linkage)). What becomes of them is decided
//! further down as if they had stood in one file: they are followed, cut and shown like the file's own.
//!
//! # What is linked
//! From the functions that hold conditions, along calls, at most `depth` calls away: functions, and the types, macros, variables
//! and declarations that they name. A name is followed only where the index is certain what it means, and only where it means
//! the same in the text put together as in its own file: two `static int count` of two files can't both stand in one text, so a
//! function that needs the second one stays outside, as a call without source. That is said where it happens.
//!
//! # What it can't do
//! What a module does when it is imported is not run; macros that make definitions are not seen; a definition that the
//! preprocessor chooses among several is not linked.
//!
//! | file | holds |
//! |---|---|
//! | `names` | the names that a stretch of a file uses |
//! | `meanings` | what a name means from a file |
//! | `closure` | which definitions are needed, and whether they fit |
//! | `assemble` | the text |

mod assemble;
mod closure;
mod meanings;
mod names;

use crate::project::{FileId, Project, SourceError};
use crate::spec::Request;
use crate::syntax::ast::Severity;
use crate::text::SourceFile;

/// A file with what it needs of others.
#[derive(Debug, Clone)]
pub struct Linked {
    pub source: SourceFile,
    /// What could not be linked, by the line of the file's own text that is concerned (0: none).
    pub notes: Vec<Note>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    pub line: u32,
    pub severity: Severity,
    pub message: String,
}

/// Puts a text together. `shown`: the file's path as the user knows it. `depth`: how many calls away a function may be.
///
/// Cost: parses the files that it takes something of; linear in what is taken.
pub fn link(
    project: &Project,
    file: FileId,
    shown: &str,
    request: &Request,
    depth: usize,
) -> Result<Linked, SourceError> {
    let closure = closure::of(project, file, request, depth)?;
    assemble::assemble(project, file, shown, closure)
}
