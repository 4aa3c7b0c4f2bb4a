//! Exit status: what a script learns without reading the output.

use crate::verdict::Outcome;
use std::process::ExitCode;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Every triple holds. Also: a command that judges nothing did its work.
    Holds = 0,
    /// One triple is violated.
    Violated = 1,
    /// Wrong usage, or an input that could not be read.
    Usage = 2,
    /// Unknown, cut short, or the oracle failed.
    Undecided = 3,
}

impl Exit {
    /// The status of a run: an input that was not judged outweighs what was said of the others, a violation outweighs what
    /// is undecided.
    pub fn of(outcome: Outcome, unreadable: bool) -> Exit {
        match outcome {
            _ if unreadable => Exit::Usage,
            Outcome::Violated => Exit::Violated,
            Outcome::Undecided => Exit::Undecided,
            Outcome::Holds => Exit::Holds,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
