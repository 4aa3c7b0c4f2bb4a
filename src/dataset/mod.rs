//! Data sets: programs with conditions and, where it is known, what is true of them.
//!
//! A data set is a folder with a manifest of our own (`dataset.toml`, see `manifest`), or one in a layout that others
//! published. Whatever its layout, it is read into the same [`Subject`]s, in the same order on every machine.
//!
//! | file | holds |
//! |---|---|
//! | `manifest` | `dataset.toml` |
//! | `autoexe`, `svcomp` | published layouts |
//! | `proofs`, `prove` | `witnesses.json`; proving labels by running |
//! | `tokens` | what asking about a set would take, beside another tool's figures |
//! | `table` | TOML with places: each complaint names file, line and key |

mod autoexe;
mod manifest;
pub mod proofs;
pub mod prove;
mod svcomp;
pub mod table;
#[cfg(test)]
mod tests;
pub mod tokens;

pub use table::Problem;

use crate::spec::{ConditionKind, Request};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name of a manifest in its folder.
pub const MANIFEST: &str = "dataset.toml";

/// Subjects that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    pub name: String,
    /// A sentence for people; may be empty.
    pub about: String,
    /// The manifest, or the folder of a published layout.
    pub path: PathBuf,
    /// In the order of the manifest, or of paths.
    pub subjects: Vec<Subject>,
    /// What was left out, and why: never nothing where something was.
    pub notes: Vec<String>,
}

/// A program with one way of saying its conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Unique in its data set and stable: `running-total/python/code`, `RQ1/Mixed-Manual/task23.py`.
    pub id: String,
    /// What tables put into one row: `leetcode/python`, `RQ1/Mixed-Manual`.
    pub group: String,
    /// The same for all forms of one task (languages, code and text), so that they can be kept together or apart.
    pub task: String,
    pub language: String,
    /// Where the program was read from.
    pub path: PathBuf,
    /// The program; bytes that aren't UTF-8 are replaced.
    pub text: String,
    /// What the data set says of its conditions; those that stand in the program itself come on top.
    pub request: Request,
    pub label: Option<Label>,
    /// Whether Q is code.
    pub kind: ConditionKind,
    /// What kind of property Q is: `assertion`, `no-overflow`, `termination`, ...
    pub property: String,
    /// Where it comes from; empty if it isn't known.
    pub origin: String,
    /// SPDX expression; empty if it isn't known.
    pub licence: String,
    /// What is wrong, for people; empty if nothing is, or nobody said.
    pub mistake: String,
    /// Inputs on which Q is false.
    pub witness: Option<Witness>,
}

/// What is true of a triple.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    Holds,
    Violated,
}

impl Label {
    pub fn word(self) -> &'static str {
        match self {
            Label::Holds => "holds",
            Label::Violated => "violated",
        }
    }
}

/// Inputs on which Q is false, by the names of the parameters; what is read as `stdin`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Witness {
    pub inputs: BTreeMap<String, Json>,
    /// What was seen when they were run; may be empty.
    pub observed: String,
}

/// Why a data set can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatasetError {
    #[error("{path}: cannot be read: {why}")]
    Unreadable { path: String, why: String },
    #[error(
        "{path}: no data set; give a {MANIFEST} or a folder with one, AutoExe's folder (with RQ1, RQ2 or RQ3 in it), or \
         SV-COMP tasks (.yml)"
    )]
    Unknown { path: String },
    #[error("{}", lines(.0))]
    Invalid(Vec<Problem>),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// Reads a data set: a manifest, or a folder. Reads every program; nothing is run.
pub fn load(path: &Path) -> Result<Dataset, DatasetError> {
    if path.is_dir() {
        let inside = path.join(MANIFEST);
        if inside.is_file() {
            return manifest::load(&inside);
        }
        if autoexe::is(path) {
            return autoexe::load(path);
        }
        if svcomp::is(path) {
            return svcomp::load(path);
        }
    } else if svcomp::is(path) {
        return svcomp::load(path);
    } else if path.extension().is_some_and(|e| e == "toml") {
        return manifest::load(path);
    }
    Err(DatasetError::Unknown { path: path.display().to_string() })
}

/// The text of a file, and whether it was all UTF-8.
fn read(path: &Path) -> Result<(String, bool), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), false),
    })
}
