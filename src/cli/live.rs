//! An oracle that answers: from settings to a connection, and a runtime to wait in.

use super::check::unanswered;
use super::config::Reasoning;
use super::run::{Asker, OpenError};
use super::runner::permitted;
use super::settings::Settings;
use crate::oracle::spec::Spec;
use crate::oracle::{self, Connected, Level, Log, OracleError, Secret};
use crate::pipeline::{self, Confirmer, FileAnalysis, TripleVerdict, Trust};
use crate::prompt::{PromptOptions, Style};
use crate::report::OracleChoice;
use crate::report::terminal::safe;
use crate::run::sandbox::protections;
use crate::syntax;
use crate::verdict::ask::{AskOptions, Session, Stop};
use std::cell::RefCell;
use tokio::runtime::{Builder, Runtime};

pub struct Live {
    connected: Connected,
    choice: OracleChoice,
    options: AskOptions,
    reasoning: Reasoning,
    stop: Stop,
    /// What made every further question useless, from the first triple that met it.
    dead: RefCell<Option<OracleError>>,
    /// Claimed failures are run, and what it takes for one to count.
    confirm: Option<Trust>,
    runtime: Runtime,
}

impl Live {
    pub fn open(settings: &Settings, largest_prompt: u64) -> Result<Live, OpenError> {
        let asked = settings.asked();
        if settings.confirm {
            permitted(settings)?;
        }
        let spec: Spec = asked.parse().map_err(|error| OpenError::Usage(format!("--oracle: {error}")))?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| failed("runtime", &format!("cannot start asking: {error}")))?;
        let wanted = oracle_settings(settings, largest_prompt)?;
        let connected = runtime.block_on(oracle::connect(&spec, &wanted)).map_err(|error| match error {
            OracleError::Usage { .. } | OracleError::Recording { .. } => OpenError::Usage(error.to_string()),
            _ => failed(error.code(), &error.to_string()),
        })?;
        let mut connected = connected;
        if settings.reasoning == Reasoning::Native && !connected.oracle.about().thinks {
            let warning = "the server doesn't say that this model can think by itself; it is asked in one phase";
            connected.warnings.push(warning.to_string());
        }
        let stop = {
            let _inside = runtime.enter();
            Stop::on_ctrl_c()
        };
        let mut about = connected.note.clone();
        if settings.confirm {
            about.push_str(&format!("; what it claims is run on the program, in a sandbox ({})", protections()));
        }
        let choice = OracleChoice { spec: spec.to_string(), about, why: settings.oracle_why.clone() };
        let options =
            AskOptions { jobs: settings.jobs, all: settings.all, seed: settings.seed, ..AskOptions::default() };
        let confirm = settings.confirm.then_some(settings.trust);
        let reasoning = settings.reasoning;
        Ok(Live { connected, choice, options, reasoning, stop, dead: RefCell::new(None), confirm, runtime })
    }
}

fn failed(code: &str, message: &str) -> OpenError {
    OpenError::Failed { code: code.into(), message: message.into() }
}

/// What `oracle` is told: an address goes to every provider, of which a run has one.
pub fn oracle_settings(settings: &Settings, largest_prompt: u64) -> Result<oracle::Settings, OpenError> {
    let usage = |error: OracleError| OpenError::Usage(error.to_string());
    let key = settings.api_key_file.as_ref().map(|path| Secret::from_file(path).map_err(usage)).transpose()?;
    let mut wanted = oracle::Settings {
        timeout: settings.timeout,
        context: settings.num_ctx,
        largest_prompt: Some(largest_prompt),
        key_variable: settings.api_key_env.clone(),
        key,
        configured: settings.configured.clone(),
        trusted_address: settings.trusted_address,
        log: log(settings.verbose),
        native_thinking: matches!(settings.reasoning, Reasoning::Auto | Reasoning::Native),
        ..oracle::Settings::default()
    };
    settings.server.apply(&mut wanted);
    if let Some(url) = &settings.base_url {
        wanted.ollama_url = url.clone();
        wanted.openai_url = url.clone();
        wanted.anthropic_url = url.clone();
    }
    Ok(wanted)
}

/// Requests on standard error, for -vv and -vvv. What a server says can't drive the terminal.
fn log(verbose: u8) -> Option<Log> {
    let level = match verbose {
        0 | 1 => return None,
        2 => Level::Requests,
        _ => Level::Bodies,
    };
    Some(Log::new(level, |line| anstream::eprintln!("{}", safe(line.trim_end()))))
}

impl Asker for Live {
    fn choice(&self) -> OracleChoice {
        self.choice.clone()
    }

    fn warnings(&self) -> Vec<String> {
        self.connected.warnings.clone()
    }

    fn check(&self, file: &FileAnalysis, number: usize, answered: &mut dyn FnMut(u64)) -> TripleVerdict {
        let triple = &file.triples[number];
        if let Some(error) = &*self.dead.borrow() {
            return unanswered(triple, error.code(), &error.to_string());
        }
        let Some(language) = syntax::by_name(&file.language) else {
            return unanswered(triple, "language", "the language of this file is not known");
        };
        let oracle = &*self.connected.oracle;
        let style = match self.reasoning {
            Reasoning::Auto if !oracle.about().thinks => Style::TwoPhase,
            Reasoning::TwoPhase => Style::TwoPhase,
            Reasoning::Auto | Reasoning::OnePhase | Reasoning::Native => Style::OnePhase,
        };
        let prompt = PromptOptions { style, seed: self.options.seed };
        let confirmer = self.confirm.map(|trust| Confirmer::new(file, number, trust, self.options.seed));
        let confirm = |answer| match &confirmer {
            Some(confirmer) => confirmer.confirm(answer),
            None => answer,
        };
        let mut session = Session::new(oracle, self.options, self.stop.clone());
        if confirmer.is_some() {
            session = session.confirming(&confirm);
        }
        let verdict = self.runtime.block_on(pipeline::check(triple, language, &session, &prompt, answered));
        *self.dead.borrow_mut() = session.dead();
        verdict
    }
}
