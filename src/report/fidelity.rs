//! What is reported of a file that was run beside its slices.

use crate::pipeline::{FileAnalysis, TripleAnalysis, TripleFidelity};
use crate::run::sandbox::Protections;
use crate::verdict::Outcome;

/// A file with one test per triple, in the triples' order.
#[derive(Debug, Clone)]
pub struct TestedFile {
    pub analysis: FileAnalysis,
    pub tested: Vec<TripleFidelity>,
}

/// How the files of one run were tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    pub seed: u64,
    /// Accepted inputs wanted for each triple.
    pub inputs: usize,
    /// Inputs tried at most.
    pub most: usize,
    pub protections: Protections,
}

/// What runs programs of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// For people: `Python 3.11.2`.
    pub version: String,
    /// What isn't noticed with it; empty for nothing.
    pub without: String,
}

/// What came of a triple.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    Agrees,
    /// A mismatch, or a slice that can't be run.
    Differs,
    /// It ran, but no input came to Q, so nothing was compared.
    Untested,
    NotRun,
}

/// A triple agrees if something was compared and all of it agreed. Where no path leads to Q, inputs that don't come there are
/// all there is to compare.
pub fn agreement(triple: &TripleAnalysis, tested: &TripleFidelity) -> Agreement {
    let Ok(result) = &tested.result else { return Agreement::NotRun };
    if result.missed.count + result.spurious.count > 0 || !result.broken.is_empty() {
        return Agreement::Differs;
    }
    let compared = if triple.vacuous { result.agree } else { result.reached };
    if compared > 0 { Agreement::Agrees } else { Agreement::Untested }
}

impl Agreement {
    /// What it comes to in the terms of an exit status.
    pub fn outcome(self) -> Outcome {
        match self {
            Agreement::Agrees => Outcome::Holds,
            Agreement::Differs => Outcome::Violated,
            Agreement::Untested | Agreement::NotRun => Outcome::Undecided,
        }
    }
}
