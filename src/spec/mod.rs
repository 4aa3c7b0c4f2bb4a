//! Triples {P} C {Q}: where conditions come from and which program points they stand at.
//!
//! # Where a condition stands
//! - `assert(e); // POST: remark` (the comment behind the assert, or alone on the line above it): the assert itself.
//! - `x = f(); // POST: x > 0`: after that statement; behind a statement that leaves (`return`, `break`), before it; in the
//!   header of a compound statement, before the first statement of its body.
//! - a comment on lines of its own: the point between the statements around it, in the block it stands in.
//! - a PRE before a function's first statement, or above the function: its entry.
//! - a POST before a function's first statement, above the function, behind its end or behind its last return: its exit,
//!   that is every normal return. At the entry itself nothing would have been executed that could make it true or false.
//!   Two cases are about the point after all: a body that does nothing, and a file whose PREs stand in other functions only,
//!   so that the POST says what a caller must hand over.
//! - documentation (`pre:`, `@ensures`): entry and exit.
//!
//! # Code or plain language
//! A condition is code if it parses as an expression and is meant as one (see `condition`); `"in quotes"` it never is.
//!
//! | file | holds |
//! |---|---|
//! | `keyword` | the words that open a condition |
//! | `comments`, `docs` | conditions as they are written in comments and documentation |
//! | `anchor` | from a place in the text to a program point |
//! | `scope`, `condition` | code or text, and the names it speaks of |
//! | `collect` | all conditions of a file at their points |
//! | `select` | triples, from these and the command line |

mod anchor;
mod collect;
mod comments;
mod condition;
pub use condition::compared;
mod docs;
mod error;
mod keyword;
mod scope;
mod select;
#[cfg(test)]
mod tests;

pub use error::{Listing, SpecError};

use crate::syntax::Parsed;
use crate::syntax::ast::{Diagnostic, FunctionId, StmtId};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionKind {
    /// Parses as an expression of the program's language.
    Code,
    /// Plain language.
    Text,
}

/// One condition as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Without comment marks and keyword, white space at line ends trimmed; lines joined by `\n`.
    pub text: String,
    pub kind: ConditionKind,
    /// A remark that came with a code condition: `assert(k > 0); // PRE: number of test cases`. Empty if none.
    pub note: String,
    /// Where it is written; `None` for a condition from the command line.
    pub span: Option<Span>,
    /// Identifiers of the condition that are names in scope there, in order of appearance, without duplicates: the
    /// expression's identifiers for code; for text the back-quoted words that are names, else all words that are.
    pub names: Vec<String>,
}

/// A program point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Anchor {
    /// At the function's start.
    Entry,
    /// At every normal return and at the function's end.
    Exit,
    /// The statement is itself the condition: an assert or assume.
    At(StmtId),
    Before(StmtId),
    After(StmtId),
}

impl Anchor {
    /// The statement it stands at.
    pub fn stmt(self) -> Option<StmtId> {
        match self {
            Anchor::At(s) | Anchor::Before(s) | Anchor::After(s) => Some(s),
            Anchor::Entry | Anchor::Exit => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub condition: Condition,
    pub anchor: Anchor,
    /// The comment that holds it, so that rendering keeps or drops it; `None` for asserts without one and the command line.
    pub comment: Option<Span>,
    /// A text condition that speaks of what is printed, in a function that prints: the statements that print matter for it
    /// besides those that concern `names`.
    pub output: bool,
}

/// {P} C {Q} with C a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triple {
    pub entry: FunctionId,
    /// In source order; those from the command line last.
    pub pre: Vec<Placed>,
    pub post: Placed,
    /// Asserts that are conditions of other triples, annotations too: not part of the program for this one.
    pub ignored: Vec<StmtId>,
    /// The file's PREs stand in other functions than the POST: at the top of its body it would be one about that point.
    pub pre_elsewhere: bool,
}

/// What the command line says about a file's triples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `--pre`: at the entry, beside the file's own.
    pub pre: Vec<String>,
    /// `--post`: each is a triple; the file's own POSTs are then not asked about.
    pub post: Vec<String>,
    /// `--entry`: a function by its qualified or plain name.
    pub entry: Option<String>,
    /// `--at`: a 1-based line. With `post`, where it must hold; alone, which of the file's POSTs or asserts is asked about.
    pub at: Option<u32>,
    /// Calls are followed, so that a triple may start in the function that holds its PREs and end in one that is called.
    /// Otherwise PRE and POST are of the same function.
    pub across: bool,
    /// Lines whose POST is asked about from another file, where its PRE stands.
    pub elsewhere: BTreeSet<u32>,
}

/// The triples of a file, in source order of their POSTs, and what the user should know about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// At least one.
    pub triples: Vec<Triple>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Finds the triples of a file. Errors: the request doesn't fit the file, or neither of them has a post-condition.
/// Cost: linear in the file for a bounded number of conditions in each function (at most 1 000, else an error).
pub fn triples(parsed: &Parsed, request: &Request) -> Result<Found, SpecError> {
    select::triples(parsed, request)
}

/// Whether neither a text nor the request can have a post-condition: whatever could be one has one of these words in it. Said
/// without parsing, for folders where few files have any. What [`triples`] says then is [`SpecError::NoPost`].
pub fn surely_none(text: &str, request: &Request) -> bool {
    let asked = !request.post.is_empty() || !request.pre.is_empty() || request.at.is_some() || request.entry.is_some();
    !asked && ["post", "ensures", "assert"].iter().all(|word| !holds(text.as_bytes(), word.as_bytes()))
}

/// Whether a word occurs in any case.
fn holds(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|here| here.eq_ignore_ascii_case(word))
}

/// The functions from which triples of a file may start, each with the words of its conditions: those that hold some, and the
/// one that the request names. Never fails: what is wrong with them is said by [`triples`].
pub fn starts(parsed: &Parsed, request: &Request) -> BTreeMap<FunctionId, BTreeSet<String>> {
    select::starts(parsed, request)
}

/// Parameters and variables that a function binds itself.
pub fn bound(parsed: &Parsed, function: FunctionId) -> BTreeSet<&str> {
    scope::bound(parsed, function)
}

/// Whether nothing in a text or the request can start a triple, be its POST in another file. See [`surely_none`].
pub fn surely_no_start(text: &str, request: &Request) -> bool {
    let words = ["PRE:", "PRE ", "requires", "@pre", ":pre:", "precondition", "pre-condition", "pre:"];
    surely_none(text, request) && words.iter().all(|word| !holds(text.as_bytes(), word.as_bytes()))
}

/// Whether a comment states a condition. `mark` opens a line comment of the language.
pub fn is_annotation(comment: &str, mark: &str) -> bool {
    comments::contents(comment, mark).any(|line| keyword::opening(line).is_some())
}
