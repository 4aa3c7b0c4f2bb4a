//! The oracles of a campaign: how each is set, and how it judges.

use super::super::Failure;
use super::super::addresses;
use super::super::args::{EvalArgs, asking_layer};
use super::super::config::{self, KEYS, Layer};
use super::super::live::{Live, Shared};
use super::super::run::{Asker, OpenError};
use super::super::runner::{self, Runner};
use super::super::settings::{self, Environment, Settings};
use crate::campaign::experiment::{Experiment, ORACLE_KEYS, Voice};
use crate::campaign::plan::RUN;
use crate::campaign::run::{Judge, Voice as Speaking};
use crate::oracle::spec::Spec;
use crate::pipeline::{FileAnalysis, TripleVerdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use toml::de::{DeTable, DeValue};

/// Keys that may differ from oracle to oracle.
const OF_AN_ORACLE: [&str; 15] = [
    "base_url",
    "api_key_env",
    "api_key_file",
    "jobs",
    "timeout",
    "num_ctx",
    "reasoning",
    "answer_tokens",
    "ca_file",
    "headers",
    "connect_timeout",
    "first_byte_timeout",
    "stall_timeout",
    "requests_per_minute",
    "tokens_per_minute",
];

/// Keys of weiser.toml that an experiment says in another way, or that would make another method of it.
const ELSEWHERE: [&str; 7] = ["servers", "oracle", "votes", "all", "escalate", "probe", "base_url"];

/// An oracle with its settings.
pub struct Speaker {
    pub voice: Voice,
    pub settings: Settings,
}

pub struct Settled {
    /// What all oracles have in common.
    pub base: Settings,
    pub speakers: Vec<Speaker>,
}

/// Flags over an oracle's table over `[settings]` over the environment over weiser.toml.
pub fn settled(
    experiment: &Experiment,
    path: &Path,
    name: &str,
    text: &str,
    args: &EvalArgs,
    environment: &Environment,
) -> Result<Settled, Failure> {
    let root = DeTable::parse(text).map_err(|error| Failure::Usage(format!("{name}: {}", error.message())))?;
    let known: Vec<&str> = KEYS.iter().copied().filter(|key| !ELSEWHERE.contains(key)).collect();
    let common = match root.get_ref().get("settings").map(|value| value.get_ref()) {
        Some(DeValue::Table(table)) => config::section(path, name, text, table, &known, &[])?,
        Some(_) => return Err(Failure::Usage(format!("{name}: `settings` must be a table, [settings]"))),
        None => Layer::default(),
    };
    let mut flags = Layer { oracle: None, others: Vec::new(), votes: None, ..asking_layer(&args.asking, &args.cost) };
    if flags.escalate.is_some() || flags.probe.is_some() || flags.all.is_some() {
        let message =
            "--escalate, --probe and --all are for `weiser check`: an experiment's oracles each judge by themselves";
        return Err(Failure::Usage(message.into()));
    }
    let tables: Vec<&DeTable> = match root.get_ref().get("oracle").map(|value| value.get_ref()) {
        Some(DeValue::Array(items)) => items
            .iter()
            .filter_map(|item| match item.get_ref() {
                DeValue::Table(table) => Some(table),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let resolve = |layer: Layer| Settings::resolve(layer, &args.common, environment);
    let given = std::mem::take(&mut flags.addresses);
    let specs: Vec<&str> = experiment.oracles.iter().map(|voice| voice.spec.as_str()).collect();
    addresses::checked(&given, &specs, None)?;
    let mut speakers = Vec::new();
    for (number, voice) in experiment.oracles.iter().enumerate() {
        let table = voice.position.and_then(|position| tables.get(position));
        let own = match table {
            Some(table) => config::section(path, name, text, table, &OF_AN_ORACLE, &ORACLE_KEYS)?,
            None => Layer::default(),
        };
        if voice.spec != RUN {
            voice.spec.parse::<Spec>().map_err(|error| Failure::Usage(format!("{name}: {error}")))?;
        }
        let base_url = addresses::of_one(&given, &voice.spec, number);
        let named = Layer { oracle: Some(voice.spec.clone()), base_url, ..Layer::default() };
        let settings = resolve(named.over(flags.clone()).over(own).over(common.clone()))?;
        if voice.spec == RUN {
            runner::permitted(&settings).map_err(usage)?;
        }
        speakers.push(Speaker { voice: voice.clone(), settings: alone(settings) });
    }
    if speakers.is_empty() {
        let message = format!("{name}: nobody judges: the experiment has no [[oracle]], and --oracle names none");
        return Err(Failure::Usage(message));
    }
    let base = resolve(flags.over(common))?;
    Ok(Settled { base: alone(base), speakers })
}

/// Each oracle judges by itself, whatever weiser.toml has for `weiser check`.
fn alone(settings: Settings) -> Settings {
    Settings { others: Vec::new(), escalate: None, probe: false, all: false, votes: 1, ..settings }
}

fn usage(error: OpenError) -> Failure {
    match error {
        OpenError::Usage(message) | OpenError::Failed { message, .. } => Failure::Usage(message),
    }
}

/// What may change an oracle's answers. No address, no keys, no headers.
pub fn said(settings: &Settings) -> BTreeMap<String, Value> {
    let mut said = BTreeMap::new();
    let mut put = |key: &str, value: Value| drop(said.insert(key.to_owned(), value));
    put("reasoning", json!(format!("{:?}", settings.reasoning).to_lowercase()));
    if let Some(context) = settings.num_ctx {
        put("num_ctx", json!(context));
    }
    if let Some(tokens) = settings.server.answer_tokens {
        put("answer_tokens", json!(tokens));
    }
    said
}

/// What of the engine's settings may change an outcome.
pub fn engine_said(base: &Settings) -> BTreeMap<String, Value> {
    let pairs = [
        ("max_partitions", json!(base.max_partitions)),
        ("call_depth", json!(base.call_depth)),
        ("slicing", json!(format!("{:?}", base.slicing).to_lowercase())),
        ("comments", json!(format!("{:?}", base.comments).to_lowercase())),
        ("seed", json!(base.seed)),
        ("strict", json!(base.strict)),
        ("confirm", json!(base.confirm)),
        ("trust", json!(format!("{:?}", base.trust).to_lowercase())),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What a speaker needs to judge. `notes` is told what the user should know.
pub fn voice<'a>(
    speaker: &'a Speaker,
    answers: PathBuf,
    largest_prompt: u64,
    shared: Shared,
    notes: &'a Mutex<Vec<String>>,
) -> Speaking<'a> {
    let settings = &speaker.settings;
    let spec = &speaker.voice.spec;
    let name = speaker.voice.name.clone();
    if *spec == RUN {
        // Each search keeps a core busy.
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let open = move || -> Result<Box<dyn Judge + 'a>, String> {
            let runner = Runner::open(settings, "named by the experiment").map_err(|error| told(&error))?;
            Ok(Box::new(Running(runner)))
        };
        return Speaking { name, server: RUN.into(), jobs: settings.jobs.min(cores), open: Box::new(open) };
    }
    let recorded = if spec.starts_with("record:") || spec.starts_with("replay:") {
        spec.clone()
    } else {
        format!("record:{}={spec}", answers.display())
    };
    let provider = settings::provider(spec);
    let own = settings.own.first().and_then(|own| own.url.as_deref());
    let server = format!("{provider:?} {}", own.or(settings.base_url.as_deref()).unwrap_or_default());
    let server = if provider.is_none() { spec.clone() } else { server };
    let open = move || -> Result<Box<dyn Judge + 'a>, String> {
        // One question at a time for each subject: subjects are judged side by side.
        let settings = Settings { oracle: recorded.clone(), jobs: 1, ..settings.clone() };
        let live = Live::with(&settings, largest_prompt, Some(&shared)).map_err(|error| told(&error))?;
        notes.lock().unwrap_or_else(PoisonError::into_inner).extend(live.warnings());
        Ok(Box::new(Asking { live, notes }))
    };
    Speaking { name, server, jobs: settings.jobs, open: Box::new(open) }
}

fn told(error: &OpenError) -> String {
    match error {
        OpenError::Usage(message) | OpenError::Failed { message, .. } => message.clone(),
    }
}

struct Asking<'a> {
    live: Live,
    notes: &'a Mutex<Vec<String>>,
}

impl Judge for Asking<'_> {
    fn judge(&self, file: &FileAnalysis, triple: usize, votes: u32) -> TripleVerdict {
        if file.triples[triple].slices.is_empty() {
            return super::super::check::unanswered(&file.triples[triple], "", "");
        }
        let verdict = self.live.judge(file, triple, votes, &mut |_| {});
        let remarks = self.live.store_remarks();
        if !remarks.is_empty() {
            self.notes.lock().unwrap_or_else(PoisonError::into_inner).extend(remarks);
        }
        verdict
    }
}

struct Running(Runner);

impl Judge for Running {
    fn judge(&self, file: &FileAnalysis, triple: usize, _votes: u32) -> TripleVerdict {
        if file.triples[triple].slices.is_empty() {
            return super::super::check::unanswered(&file.triples[triple], "", "");
        }
        self.0.check(file, triple, &mut |_| {})
    }
}
