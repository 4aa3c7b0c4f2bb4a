//! The oracle that needs no model: programs are run on generated inputs.

use super::run::{Asker, OpenError};
use super::settings::Settings;
use crate::pipeline::{self, FileAnalysis, TripleVerdict};
use crate::report::OracleChoice;
use crate::run::sandbox::protections;
use crate::run::search::Effort;

/// As after `--oracle`.
pub const RUN: &str = "run";

pub struct Runner {
    choice: OracleChoice,
    effort: Effort,
    all: bool,
    seed: u64,
}

impl Runner {
    /// Programs are run only where the machine can hold them, unless the user takes that upon himself.
    pub fn open(settings: &Settings, why: &str) -> Result<Runner, OpenError> {
        permitted(settings)?;
        let about = format!("run: the programs are run on generated inputs, in a sandbox ({})", protections());
        let choice = OracleChoice { spec: RUN.into(), about, why: why.into() };
        Ok(Runner { choice, effort: Effort::default(), all: settings.all, seed: settings.seed })
    }
}

/// Whether code may be run here.
pub fn permitted(settings: &Settings) -> Result<(), OpenError> {
    if protections().complete() || settings.unprotected {
        return Ok(());
    }
    let message = format!(
        "programs are not run here, since this machine can't keep them from your files ({}); name a model with --oracle, or pass \
         --unprotected to run them all the same",
        protections()
    );
    Err(OpenError::Usage(message))
}

impl Asker for Runner {
    fn choice(&self) -> OracleChoice {
        self.choice.clone()
    }

    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    fn check(&self, file: &FileAnalysis, triple: usize, answered: &mut dyn FnMut(u64)) -> TripleVerdict {
        pipeline::run(file, triple, &self.effort, self.all, self.seed, answered)
    }
}
