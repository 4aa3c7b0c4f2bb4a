//! Oracles that answer: from settings to connections, and a runtime to wait in.

use super::addresses::Own;
use super::cache;
use super::check::unanswered;
use super::config::Reasoning;
use super::run::{Asker, OpenError};
use super::runner::{RUN, permitted};
use super::settings::{self, Settings};
use crate::oracle::budget::{Budget, Spent};
use crate::oracle::spec::Spec;
use crate::oracle::store::Store;
use crate::oracle::{self, Connected, Keeping, Level, Log, Oracle, OracleError, Provider, Secret};
use crate::pipeline::{self, Confirmer, FileAnalysis, TripleVerdict, Trust};
use crate::prompt::{PromptOptions, Style};
use crate::report::OracleChoice;
use crate::report::terminal::safe;
use crate::run::sandbox::protections;
use crate::syntax;
use crate::verdict::ask::{AskOptions, Session, Stop};
use crate::verdict::panel::Voting;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::{Builder, Runtime};

pub struct Live {
    /// Who votes, at least one, in the order in which they were named.
    connected: Vec<Connected>,
    escalate: Option<Connected>,
    votes: u32,
    probe: bool,
    budget: Arc<Budget>,
    store: Option<Arc<Store>>,
    warnings: Vec<String>,
    /// A used-up budget is told once.
    stopped: Mutex<bool>,
    choice: OracleChoice,
    options: AskOptions,
    reasoning: Reasoning,
    stop: Stop,
    /// What made every further question useless, from the first triple that met it.
    dead: Mutex<Option<OracleError>>,
    /// Claimed failures are run, and what it takes for one to count.
    confirm: Option<Trust>,
    runtime: Runtime,
}

/// What several oracles of a run share.
#[derive(Clone)]
pub struct Shared {
    pub budget: Arc<Budget>,
    pub stop: Stop,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
    pub fn open(settings: &Settings, largest_prompt: u64) -> Result<Live, OpenError> {
        Live::with(settings, largest_prompt, None)
    }

    /// With a budget and an end in common with other oracles.
    pub fn with(settings: &Settings, largest_prompt: u64, shared: Option<&Shared>) -> Result<Live, OpenError> {
        if settings.confirm {
            permitted(settings)?;
        }
        let parsed = |flag: &str, text: &str| -> Result<Spec, OpenError> {
            if text == RUN {
                let message = format!("{flag}: `run` asks no model; --confirm runs what models claim to fail");
                return Err(OpenError::Usage(message));
            }
            text.parse().map_err(|error| OpenError::Usage(format!("{flag}: {error}")))
        };
        let named = [settings.asked()].into_iter().chain(settings.others.iter().map(String::as_str));
        let specs = named.map(|text| parsed("--oracle", text)).collect::<Result<Vec<_>, _>>()?;
        let higher = settings.escalate.as_deref().map(|text| parsed("--escalate", text)).transpose()?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| failed("runtime", &format!("cannot start asking: {error}")))?;

        let mut warnings = Vec::new();
        let live = specs.iter().chain(&higher).any(Spec::asks_a_model);
        let store = if live { store(settings, &mut warnings) } else { None };
        let budget = shared.map_or_else(|| Budget::new(settings.limits), |shared| shared.budget.clone());
        let nothing = Own::default();
        let connect = |spec: &Spec, own: &Own| -> Result<Connected, OpenError> {
            let mut wanted = oracle_settings(settings, settings::provider(&spec.to_string()), own, largest_prompt)?;
            wanted.keeping = store.clone().map(|store| Keeping { store, refresh: settings.cache.refresh });
            wanted.budget = Some(budget.clone());
            let connected = runtime.block_on(oracle::connect(spec, &wanted)).map_err(|error| match error {
                OracleError::Usage { .. } | OracleError::Recording { .. } => OpenError::Usage(error.to_string()),
                _ => failed(error.code(), &error.to_string()),
            })?;
            priced(settings, spec, connected.oracle.as_ref())?;
            Ok(connected)
        };
        let own = settings.own.iter().chain(std::iter::repeat(&nothing));
        let connected = specs.iter().zip(own).map(|(spec, own)| connect(spec, own)).collect::<Result<Vec<_>, _>>()?;
        let escalate = higher.as_ref().map(|spec| connect(spec, &settings.own_higher)).transpose()?;
        if settings.reasoning == Reasoning::Native {
            warnings.extend(connected.iter().chain(&escalate).filter_map(unthinking));
        }
        warnings.extend(connected.iter().chain(&escalate).flat_map(|c| c.warnings.clone()));
        let stop = shared.map_or_else(
            || {
                let _inside = runtime.enter();
                Stop::on_ctrl_c()
            },
            |shared| shared.stop.clone(),
        );
        let choice = OracleChoice {
            spec: specs.iter().map(Spec::to_string).collect::<Vec<_>>().join(", "),
            about: about(settings, &connected, escalate.as_ref()),
            why: settings.oracle_why.clone(),
        };
        let options =
            AskOptions { jobs: settings.jobs, all: settings.all, seed: settings.seed, ..AskOptions::default() };
        let reasoning = settings.reasoning;
        let confirm = settings.confirm.then_some(settings.trust);
        let (votes, probe) = (settings.votes, settings.probe);
        let (dead, stopped) = (Mutex::new(None), Mutex::new(false));
        Ok(Live {
            connected,
            escalate,
            votes,
            probe,
            budget,
            store,
            warnings,
            stopped,
            choice,
            options,
            reasoning,
            stop,
            dead,
            confirm,
            runtime,
        })
    }

    /// Who votes; `None` where one oracle is asked once.
    fn voting(&self, votes: u32) -> Option<Voting<'_>> {
        let alone = votes == 1 && self.connected.len() == 1 && self.escalate.is_none() && !self.probe;
        (!alone).then(|| Voting {
            oracles: self.connected.iter().map(|c| (c.oracle.as_ref(), self.style(c.oracle.as_ref()))).collect(),
            votes,
            escalate: self.escalate.as_ref().map(|c| (c.oracle.as_ref(), self.style(c.oracle.as_ref()))),
        })
    }

    fn style(&self, oracle: &dyn Oracle) -> Style {
        style(self.reasoning, oracle)
    }

    /// What is to be told of the cache since the last call.
    pub fn store_remarks(&self) -> Vec<String> {
        self.store.as_ref().map(|store| store.remarks()).unwrap_or_default()
    }

    /// Judges a triple with so many votes of each oracle.
    pub fn judge(
        &self,
        file: &FileAnalysis,
        number: usize,
        votes: u32,
        answered: &mut dyn FnMut(u64),
    ) -> TripleVerdict {
        let triple = &file.triples[number];
        if let Some(error) = &*locked(&self.dead) {
            return unanswered(triple, error.code(), &error.to_string());
        }
        let Some(language) = syntax::by_name(&file.language) else {
            return unanswered(triple, "language", "the language of this file is not known");
        };
        let oracle = self.connected[0].oracle.as_ref();
        let prompt = PromptOptions { style: self.style(oracle), seed: self.options.seed };
        let confirmer = self.confirm.map(|trust| Confirmer::new(file, number, trust, self.options.seed));
        let confirm = |answer| match &confirmer {
            Some(confirmer) => confirmer.confirm(answer),
            None => answer,
        };
        let mut session = Session::new(oracle, self.options, self.stop.clone());
        if let Some(voting) = self.voting(votes) {
            session = session.voting(&voting);
        }
        if confirmer.is_some() {
            session = session.confirming(&confirm);
        }
        let verdict = self.runtime.block_on(pipeline::check(file, number, language, &session, &prompt, answered));
        // Another triple may have met it meanwhile.
        if let Some(error) = session.dead() {
            *locked(&self.dead) = Some(error);
        }
        verdict
    }
}

/// How a model is led to its verdict.
pub fn style(reasoning: Reasoning, oracle: &dyn Oracle) -> Style {
    match reasoning {
        Reasoning::Auto if !oracle.about().thinks => Style::TwoPhase,
        Reasoning::TwoPhase => Style::TwoPhase,
        Reasoning::Auto | Reasoning::OnePhase | Reasoning::Native => Style::OnePhase,
    }
}

fn unthinking(connected: &Connected) -> Option<String> {
    let about = connected.oracle.about();
    let warning = || {
        let (oracle, model) = (&about.oracle, &about.model);
        format!("the server doesn't say that {oracle}:{model} can think by itself; it is asked in one phase")
    };
    (!about.thinks).then(warning)
}

/// The first line of a run: who answers, and how their answers are put together.
fn about(settings: &Settings, connected: &[Connected], escalate: Option<&Connected>) -> String {
    let mut about = connected.iter().map(|c| c.note.as_str()).collect::<Vec<_>>().join(" and ");
    match (settings.votes, connected.len()) {
        (1, 1) => {}
        (1, _) => about.push_str("; they vote"),
        (votes, 1) => about.push_str(&format!("; {votes} votes on each slice")),
        (votes, _) => about.push_str(&format!("; {votes} votes of each on each slice")),
    }
    if settings.probe {
        about.push_str("; verdicts are probed with other names");
    }
    if let Some(higher) = escalate {
        about.push_str(&format!("; fails and splits go to {}", higher.note));
    }
    if settings.confirm {
        about.push_str(&format!("; what is claimed is run on the program, in a sandbox ({})", protections()));
    }
    about
}

/// The cache, unless it is off or can't be used; a run goes on without it, and that is said.
fn store(settings: &Settings, warnings: &mut Vec<String>) -> Option<Arc<Store>> {
    if !settings.cache.on {
        return None;
    }
    let Some(place) = cache::place(&settings.cache) else {
        warnings.push(format!("answers are not kept: {}", cache::NO_FOLDER));
        return None;
    };
    match Store::open(&place) {
        Ok(store) => {
            warnings.extend(store.remarks());
            Some(Arc::new(store))
        }
        Err(error) => {
            warnings.push(format!("answers are not kept: {error}"));
            None
        }
    }
}

/// A budget in dollars needs a price for everybody who is asked.
fn priced(settings: &Settings, spec: &Spec, oracle: &dyn Oracle) -> Result<(), OpenError> {
    let about = oracle.about();
    if settings.limits.usd.is_none()
        || !spec.asks_a_model()
        || settings.prices.find(&about.oracle, &about.model).is_some()
    {
        return Ok(());
    }
    let (provider, model) = (&about.oracle, &about.model);
    Err(OpenError::Usage(format!(
        "--budget-usd: no price of {provider}:{model} is known; write it in weiser.toml, in dollars for a million tokens:\n  \
         [prices]\n  \"{provider}:{model}\" = {{ input = 0.0, output = 0.0 }}"
    )))
}

fn failed(code: &str, message: &str) -> OpenError {
    OpenError::Failed { code: code.into(), message: message.into() }
}

/// What an oracle of a provider is told, with what was given for it alone. What was given for the whole run is for the first
/// oracle's provider (`provider` is `None` where there is but one); another one's server is asked where it usually is, with its
/// own key.
pub fn oracle_settings(
    settings: &Settings,
    provider: Option<Provider>,
    own: &Own,
    largest_prompt: u64,
) -> Result<oracle::Settings, OpenError> {
    let usage = |error: OracleError| OpenError::Usage(error.to_string());
    let key = |path: Option<&PathBuf>| path.map(|path| Secret::from_file(path).map_err(usage)).transpose();
    let mut wanted = oracle::Settings {
        timeout: settings.timeout,
        context: settings.num_ctx,
        largest_prompt: Some(largest_prompt),
        key_variable: settings.api_key_env.clone(),
        key: key(settings.api_key_file.as_ref())?,
        configured: settings.configured.clone(),
        trusted_address: settings.trusted_address,
        log: log(settings.verbose),
        native_thinking: matches!(settings.reasoning, Reasoning::Auto | Reasoning::Native),
        prices: settings.prices.clone(),
        ..oracle::Settings::default()
    };
    settings.server.apply(&mut wanted);
    let first = settings::provider(settings.asked());
    let foreign = provider != first && provider.is_some() && first.is_some();
    if foreign || !own.first {
        wanted.key_variable = None;
        wanted.key = None;
        wanted.own_key = true;
        wanted.headers = Vec::new();
    }
    if own.key_env.is_some() || own.key_file.is_some() {
        wanted.key_variable = own.key_env.clone();
        wanted.key = key(own.key_file.as_ref())?;
        wanted.own_key = false;
    }
    let url = match (&own.url, foreign) {
        (Some(url), _) => Some(url),
        (None, false) => settings.base_url.as_ref(),
        (None, true) => settings.ollama_url.as_ref().filter(|_| provider == Some(Provider::Ollama)),
    };
    wanted.trusted_address = match own.url {
        Some(_) => !own.untrusted,
        None => foreign || settings.trusted_address,
    };
    if !wanted.trusted_address && settings.server.own_headers && !url.is_some_and(|url| oracle::on_this_machine(url)) {
        // They may hold what a key does.
        wanted.headers = Vec::new();
    }
    if let Some(url) = url {
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
        self.warnings.clone()
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.store_remarks();
        let mut stopped = locked(&self.stopped);
        if !*stopped && let Some(told) = self.budget.told() {
            *stopped = true;
            remarks.push(told);
        }
        remarks
    }

    fn spent(&self) -> Option<Spent> {
        Some(self.budget.spent()).filter(|spent| spent.questions + spent.refused > 0)
    }

    fn prompting(&self) -> Option<PromptOptions> {
        let style = self.style(self.connected[0].oracle.as_ref());
        Some(PromptOptions { style, seed: self.options.seed })
    }

    fn check(&self, file: &FileAnalysis, number: usize, answered: &mut dyn FnMut(u64)) -> TripleVerdict {
        self.judge(file, number, self.votes, answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{self, Cli, Command};
    use crate::cli::settings::Environment;
    use clap::Parser;

    fn settings(flags: &[&str], environment: &[(&str, &str)]) -> Settings {
        let line = ["weiser", "check", "a.c"].iter().chain(flags);
        let Command::Check(args) = Cli::parse_from(line).command else { panic!("it is a check") };
        let variables = environment.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let layer = args::layer(&args.program, &args.asking, &args.cost);
        Settings::resolve(layer, &args.common, &Environment { variables, folder: None }).unwrap()
    }

    #[test]
    fn what_was_given_for_one_server_goes_to_no_other() {
        let variables = [("WEISER_HEADERS", "X-Team: blue"), ("OLLAMA_HOST", "gpu")];
        let flags = ["--oracle", "openai:m", "--oracle", "ollama:n", "--base-url", "http://mine/v1"];
        let settings = settings(&flags, &variables);
        let of = |number: usize, provider| {
            let own = settings.own.get(number).cloned().unwrap_or_default();
            oracle_settings(&settings, provider, &own, 0).unwrap()
        };
        let first = of(0, Some(Provider::OpenAi));
        assert_eq!((first.openai_url.as_str(), first.headers.len(), first.own_key), ("http://mine/v1", 1, false));
        let second = of(1, Some(Provider::Ollama));
        assert_eq!((second.ollama_url.as_str(), second.headers.len(), second.own_key), ("http://gpu:11434", 0, true));
        let third = of(2, Some(Provider::Anthropic));
        assert_eq!((third.anthropic_url.as_str(), third.headers.len()), (oracle::ANTHROPIC_URL, 0));
        assert_eq!(of(0, None).anthropic_url, "http://mine/v1");
    }
}
