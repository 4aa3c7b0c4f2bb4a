//! `witnesses.json` beside a manifest: what was run to prove its labels. One entry for each program whose Q is code; the same task said
//! in words is the same program with the same label.

use super::{DatasetError, Label, Problem, Subject, Witness};
use crate::spec::ConditionKind;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub const FILE: &str = "witnesses.json";

const SCHEMA: &str = "weiser.witnesses/1";

/// What proves a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// An input on which Q is false.
    Witness,
    /// Every input within bounds, and generated ones.
    Exhaustive,
    /// Generated inputs only: some parameter has no bounded domain.
    Generated,
}

impl How {
    pub fn word(self) -> &'static str {
        match self {
            How::Witness => "witness",
            How::Exhaustive => "exhaustive",
            How::Generated => "generated",
        }
    }
}

/// One proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// Of program and conditions: what the proof is about.
    pub hash: String,
    pub how: How,
    /// On which Q is false.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Json>,
    /// What running them showed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub observed: String,
    /// The bounds within which every input was run.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bounds: String,
    /// Inputs that were run within those bounds, and how many of them P allows.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub exhaustive: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub exhaustive_accepted: u64,
    /// The same for generated ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generated: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generated_accepted: u64,
    /// What ran it.
    pub toolchain: String,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// All proofs of a data set, by [`key`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Proofs {
    schema: String,
    pub proofs: BTreeMap<String, Proof>,
}

/// Where the proofs of a manifest are.
pub fn place(manifest: &Path) -> PathBuf {
    manifest.with_file_name(FILE)
}

/// The program of a subject: its id without the way of saying its conditions.
pub fn key(subject: &Subject) -> &str {
    let ways = ["/code", "/text"];
    ways.iter().find_map(|way| subject.id.strip_suffix(way)).unwrap_or(&subject.id)
}

/// What a proof is about: the program's text, the entry and the conditions.
pub fn hash(subject: &Subject) -> String {
    let request = &subject.request;
    let parts = [&subject.text, request.entry.as_deref().unwrap_or("")];
    let mut all = Sha256::new();
    let at = request.at.map(|a| a.to_string()).unwrap_or_default();
    let conditions =
        request.pre.iter().chain(["--".to_owned()].iter()).chain(&request.post).cloned().collect::<Vec<_>>();
    for part in parts.into_iter().map(String::from).chain([at]).chain(conditions) {
        all.update((part.len() as u64).to_le_bytes());
        all.update(part.as_bytes());
    }
    all.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect()
}

impl Proofs {
    /// Reads the file beside a manifest; no proofs where there is none.
    pub fn read(manifest: &Path) -> Result<Proofs, DatasetError> {
        let path = place(manifest);
        if !path.is_file() {
            return Ok(Proofs::default());
        }
        let shown = path.display().to_string();
        let unreadable = |why: String| DatasetError::Unreadable { path: shown.clone(), why };
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
        let invalid =
            |line: usize, message: String| DatasetError::Invalid(vec![Problem { path: shown.clone(), line, message }]);
        let proofs: Proofs = serde_json::from_str(&text).map_err(|error| invalid(error.line(), error.to_string()))?;
        if proofs.schema != SCHEMA {
            return Err(invalid(
                0,
                format!("`schema` is `{}`; this version of weiser reads `{SCHEMA}`", proofs.schema),
            ));
        }
        Ok(proofs)
    }

    /// Its text, with a final line break.
    pub fn to_json(&self) -> String {
        let with = Proofs { schema: SCHEMA.into(), proofs: self.proofs.clone() };
        // Maps with text keys can always be written.
        serde_json::to_string_pretty(&with).unwrap_or_default() + "\n"
    }

    /// The proof of a subject's label as it is now, if there is one.
    pub fn of(&self, subject: &Subject) -> Option<&Proof> {
        let proof = self.proofs.get(key(subject))?;
        let fits = match subject.label? {
            Label::Violated => proof.how == How::Witness,
            Label::Holds => proof.how != How::Witness,
        };
        (fits && (subject.kind == ConditionKind::Text || proof.hash == hash(subject))).then_some(proof)
    }

    /// The witness of a subject, if it is violated.
    pub fn witness(&self, subject: &Subject) -> Option<Witness> {
        let proof = self.of(subject).filter(|p| p.how == How::Witness)?;
        Some(Witness { inputs: proof.inputs.clone(), observed: proof.observed.clone() })
    }
}
