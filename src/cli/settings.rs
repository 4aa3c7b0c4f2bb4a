//! What a run is to do: flags over environment over file over defaults, with a word on where the oracle came from.

use super::addresses::{self, Given, Own};
use super::args::CommonArgs;
use super::config::{self, Comments, ConfigError, Layer, Reasoning, Slicing};
use super::server::{self, Server};
use super::values;
use crate::cfg::joined::CALL_DEPTH;
use crate::oracle::Provider;
use crate::oracle::budget::Limits;
use crate::oracle::price::Prices;
use crate::pipeline::Trust;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub const AUTO: &str = "auto";

/// Variables of others that say something to us.
const ELSEWHERE: [&str; 4] = ["OLLAMA_HOST", "XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"];

/// The process's surroundings as a value, so that a test can give others.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    pub variables: BTreeMap<String, String>,
    /// Where `weiser.toml` is looked for.
    pub folder: Option<PathBuf>,
}

impl Environment {
    pub fn of_process() -> Environment {
        // Only ours: a variable that is not Unicode and not ours is none of our business.
        let known = |name: &str| name.starts_with("WEISER_") || ELSEWHERE.contains(&name);
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())));
        Environment {
            variables: variables.filter(|(name, _)| known(name)).collect(),
            folder: std::env::current_dir().ok(),
        }
    }

    /// Where indices are kept: `WEISER_INDEX_CACHE`, else [`Environment::cache_folder`]. `None`: nowhere.
    pub fn index_cache(&self) -> Option<PathBuf> {
        match self.get("WEISER_INDEX_CACHE") {
            Some(folder) => (folder != "off").then(|| PathBuf::from(folder)),
            None => self.cache_folder(),
        }
    }

    /// `weiser` in the folder that the system gives a user's programs for what can be made again.
    pub fn cache_folder(&self) -> Option<PathBuf> {
        // An XDG path must be absolute to count.
        let folder = |name| self.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = |below: &str| folder("HOME").map(|home| home.join(below));
        let base = match std::env::consts::OS {
            "windows" => folder("LOCALAPPDATA"),
            "macos" => folder("XDG_CACHE_HOME").or_else(|| home("Library/Caches")),
            _ => folder("XDG_CACHE_HOME").or_else(|| home(".cache")),
        };
        base.map(|base| base.join("weiser"))
    }

    /// A variable; an empty one is the same as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// As after `--oracle`.
    pub oracle: String,
    /// A clause that says where `oracle` was named.
    pub oracle_why: String,
    /// What `auto` stands for.
    pub configured: Option<String>,
    /// Further oracles that vote.
    pub others: Vec<String>,
    /// Of each oracle on each slice.
    pub votes: u32,
    pub escalate: Option<String>,
    pub probe: bool,
    pub limits: Limits,
    pub prices: Prices,
    pub cache: Cache,
    /// Where indices of projects are kept; `None`: nowhere.
    pub index_cache: Option<PathBuf>,
    /// Address of the first oracle's server; `None`: the provider's own.
    pub base_url: Option<String>,
    /// What was given for each oracle that votes, and for the stronger one.
    pub own: Vec<Own>,
    pub own_higher: Own,
    /// Where Ollama listens, as the environment says, for oracles of another provider than the first.
    pub ollama_url: Option<String>,
    /// The user chose the address: it isn't that of a file which was found.
    pub trusted_address: bool,
    pub api_key_env: Option<String>,
    pub api_key_file: Option<PathBuf>,
    pub jobs: usize,
    pub all: bool,
    pub timeout: Duration,
    pub seed: u64,
    pub num_ctx: Option<u64>,
    pub max_partitions: usize,
    pub call_depth: usize,
    pub slicing: Slicing,
    pub comments: Comments,
    pub strict: bool,
    /// Claimed counter-examples are run.
    pub confirm: bool,
    pub trust: Trust,
    pub unprotected: bool,
    pub reasoning: Reasoning,
    pub server: Server,
    /// How often -v was said.
    pub verbose: u8,
    /// The configuration file that was read, as it is shown.
    pub file: Option<String>,
}

/// Where answers are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    pub on: bool,
    pub refresh: bool,
    /// `None`: the environment names no folder for it.
    pub folder: Option<PathBuf>,
    /// Bytes.
    pub size: u64,
}

/// Most votes on a slice: more tell nothing, and a slip of the finger costs.
const MOST_VOTES: u64 = 99;
const CACHE_SIZE: u64 = 512_000_000;

/// Defaults that `--help` names.
const TIMEOUT: Duration = Duration::from_secs(300);
const MAX_PARTITIONS: u64 = 64;
/// Ollama works on one question at a time unless told otherwise, and time spent waiting in its queue counts.
const JOBS_OLLAMA: u64 = 1;
const JOBS: u64 = 8;

impl Settings {
    /// Who is asked in the end: what `auto` stands for, where that is known.
    pub fn asked(&self) -> &str {
        match &self.configured {
            Some(configured) if self.oracle == AUTO => configured,
            _ => &self.oracle,
        }
    }

    /// Who votes, the first of them first.
    pub fn voting(&self) -> Vec<&str> {
        [self.asked()].into_iter().chain(self.others.iter().map(String::as_str)).collect()
    }

    pub fn resolve(flags: Layer, common: &CommonArgs, environment: &Environment) -> Result<Settings, ConfigError> {
        let named = common.config.clone().or_else(|| environment.get("WEISER_CONFIG").map(PathBuf::from));
        let found_by_us = named.is_none();
        let path = named.or_else(|| environment.folder.as_deref().and_then(config::find));
        let name = path.as_deref().map(|p| shown(p, environment.folder.as_deref()));
        let file = match (&path, &name) {
            (Some(path), Some(name)) => config::read(path, name)?,
            _ => Layer::default(),
        };
        if found_by_us && file.addresses_and_keys() == (true, true) {
            return Err(ConfigError::KeyAndAddress { path: name.unwrap_or_default() });
        }
        let variables = variables(environment)?;
        let folder = environment.cache_folder();
        let addresses = flags.addresses.clone();
        let settings = layered(flags, variables, file, name, environment.get("OLLAMA_HOST"));
        let folder = settings.cache.folder.clone().or(folder);
        addresses::checked(&addresses, &settings.voting(), settings.escalate.as_deref())?;
        let trusted_address = settings.trusted_address || !found_by_us;
        let trusted = |own: Own| Own { untrusted: own.untrusted && found_by_us, ..own };
        let (own, own_higher) = (settings.own.into_iter().map(trusted).collect(), trusted(settings.own_higher));
        let cache = Cache { folder, ..settings.cache };
        let index_cache = environment.index_cache();
        Ok(Settings { cache, index_cache, own, own_higher, verbose: common.verbose, trusted_address, ..settings })
    }
}

fn layered(
    mut flags: Layer,
    variables: Layer,
    file: Layer,
    name: Option<String>,
    ollama_host: Option<&str>,
) -> Settings {
    let named = [(&flags.oracle, "named by --oracle"), (&variables.oracle, "named by WEISER_ORACLE")];
    let explicit = named.into_iter().find_map(|(oracle, why)| oracle.clone().map(|o| (o, why.to_owned())));
    let (oracle, oracle_why) = explicit.unwrap_or_else(|| match (&file.oracle, &name) {
        (Some(_), Some(name)) => (AUTO.into(), format!("configured in {name}")),
        _ => (AUTO.into(), "the default".into()),
    });
    let configured = [&variables.oracle, &file.oracle].into_iter().flatten().find(|o| *o != AUTO).cloned();
    let asked = if oracle == AUTO { configured.as_deref() } else { Some(oracle.as_str()) };
    let provider = asked.and_then(provider);
    // An address in the file belongs to the oracle in the file: another provider's server would not understand us.
    let file_provider = file.oracle.as_deref().and_then(self::provider);
    let file_url = file.base_url.clone().filter(|_| file_provider.is_none() || file_provider == provider);
    let ollama_url = ollama_host.map(ollama_url);
    let ollama_host = ollama_url.clone().filter(|_| provider == Some(Provider::Ollama));
    let default_jobs = if provider == Some(Provider::Ollama) { JOBS_OLLAMA } else { JOBS };
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let addresses = std::mem::take(&mut flags.addresses);
    let whole = flags.base_url.take().or_else(|| addresses::plain(&addresses)).or(variables.base_url.clone());
    let servers = file.servers.clone().unwrap_or_default();
    let given = Given { addresses: &addresses, whole: whole.is_some(), servers: &servers, first: provider };
    let escalate = flags.escalate.take().or(variables.escalate.clone()).or(file.escalate.clone());
    let voting: Vec<&str> =
        [asked.unwrap_or(AUTO)].into_iter().chain(flags.others.iter().map(String::as_str)).collect();
    let (own, own_higher) = given.all(&voting, escalate.as_deref());
    let chosen = whole.or(ollama_host);
    let trusted_address = chosen.is_some() || file_url.is_none();
    let server = Server::layered(&variables, &file);
    let reasoning = flags.reasoning.or(variables.reasoning).or(file.reasoning).unwrap_or(Reasoning::Auto);
    Settings {
        index_cache: None,
        reasoning,
        oracle,
        oracle_why,
        configured,
        others: flags.others,
        votes: flags.votes.or(variables.votes).or(file.votes).unwrap_or(1).clamp(1, MOST_VOTES) as u32,
        escalate,
        probe: flags.probe.or(variables.probe).or(file.probe).unwrap_or(false),
        limits: Limits {
            tokens: flags.budget_tokens.or(variables.budget_tokens).or(file.budget_tokens),
            usd: flags.budget_usd.or(variables.budget_usd).or(file.budget_usd),
            time: flags.budget_time.or(variables.budget_time).or(file.budget_time),
        },
        prices: Prices(file.prices.clone().unwrap_or_default()),
        cache: Cache {
            on: flags.cache.or(variables.cache).or(file.cache).unwrap_or(true),
            refresh: flags.refresh,
            folder: flags.cache_dir.or(variables.cache_dir),
            size: variables.cache_size.or(file.cache_size).unwrap_or(CACHE_SIZE),
        },
        own,
        own_higher,
        ollama_url,
        base_url: chosen.or(file_url),
        trusted_address,
        api_key_env: file.api_key_env.clone(),
        api_key_file: file.api_key_file.clone(),
        jobs: count(flags.jobs.or(variables.jobs).or(file.jobs).unwrap_or(default_jobs).max(1)),
        all: flags.all.or(variables.all).or(file.all).unwrap_or(false),
        timeout: flags.timeout.or(variables.timeout).or(file.timeout).unwrap_or(TIMEOUT),
        seed: flags.seed.or(variables.seed).or(file.seed).unwrap_or(0),
        num_ctx: flags.num_ctx.or(variables.num_ctx).or(file.num_ctx),
        max_partitions: count(
            flags.max_partitions.or(variables.max_partitions).or(file.max_partitions).unwrap_or(MAX_PARTITIONS),
        ),
        call_depth: count(flags.call_depth.or(variables.call_depth).or(file.call_depth).unwrap_or(CALL_DEPTH as u64)),
        slicing: flags.slicing.or(variables.slicing).or(file.slicing).unwrap_or(Slicing::Exact),
        comments: flags.comments.or(variables.comments).or(file.comments).unwrap_or(Comments::Keep),
        strict: flags.strict.or(variables.strict).or(file.strict).unwrap_or(false),
        confirm: flags.confirm.or(variables.confirm).or(file.confirm).unwrap_or(false),
        trust: match flags.trust.or(variables.trust).or(file.trust) {
            Some(config::Trust::Claimed) => Trust::Claimed,
            Some(config::Trust::Confirmed) | None => Trust::Confirmed,
        },
        unprotected: flags.unprotected.unwrap_or(false),
        server,
        verbose: 0,
        file: name,
    }
}

/// The provider that an oracle asks in the end: the one it names, or the one whose answers it records.
pub fn provider(oracle: &str) -> Option<Provider> {
    let asked = match oracle.strip_prefix("record:") {
        Some(rest) => rest.split('=').skip(1).find(|part| part.contains(':')).unwrap_or(""),
        None => oracle,
    };
    match asked.split(':').next() {
        Some("ollama") => Some(Provider::Ollama),
        Some("openai") => Some(Provider::OpenAi),
        Some("anthropic") => Some(Provider::Anthropic),
        _ => None,
    }
}

/// `OLLAMA_HOST` as an address: it may lack the scheme and the port, and 0.0.0.0 is where the server listens, not where
/// it is reached.
fn ollama_url(host: &str) -> String {
    let (scheme, rest) = host.split_once("://").unwrap_or(("http", host));
    let rest = rest.trim_end_matches('/').replacen("0.0.0.0", "127.0.0.1", 1);
    let has_port = rest.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let port = if has_port || host.contains("://") { "" } else { ":11434" };
    let rest = if rest.starts_with(':') { format!("127.0.0.1{rest}") } else { rest };
    format!("{scheme}://{rest}{port}")
}

fn variables(environment: &Environment) -> Result<Layer, ConfigError> {
    let text = |name| environment.get(name).map(str::to_owned);
    let mut layer = Layer {
        oracle: text("WEISER_ORACLE"),
        votes: read(environment, "WEISER_VOTES", number)?,
        escalate: text("WEISER_ESCALATE"),
        probe: read(environment, "WEISER_PROBE", truth)?,
        budget_tokens: read(environment, "WEISER_BUDGET_TOKENS", number)?,
        budget_usd: read(environment, "WEISER_BUDGET_USD", values::dollars)?,
        budget_time: read(environment, "WEISER_BUDGET_TIME", values::duration)?,
        cache: read(environment, "WEISER_CACHE", truth)?,
        cache_size: read(environment, "WEISER_CACHE_SIZE", values::size)?,
        cache_dir: text("WEISER_CACHE_DIR").map(PathBuf::from),
        base_url: text("WEISER_BASE_URL"),
        jobs: read(environment, "WEISER_JOBS", number)?,
        all: read(environment, "WEISER_ALL", truth)?,
        timeout: read(environment, "WEISER_TIMEOUT", values::duration)?,
        seed: read(environment, "WEISER_SEED", number)?,
        num_ctx: read(environment, "WEISER_NUM_CTX", number)?,
        max_partitions: read(environment, "WEISER_MAX_PARTITIONS", number)?,
        call_depth: read(environment, "WEISER_CALL_DEPTH", number)?,
        slicing: read(environment, "WEISER_SLICING", |text| clap::ValueEnum::from_str(text, true))?,
        comments: read(environment, "WEISER_COMMENTS", |text| clap::ValueEnum::from_str(text, true))?,
        strict: read(environment, "WEISER_STRICT", truth)?,
        confirm: read(environment, "WEISER_CONFIRM", truth)?,
        trust: read(environment, "WEISER_TRUST", |text| clap::ValueEnum::from_str(text, true))?,
        ..Layer::default()
    };
    server::variables(environment, &mut layer)?;
    Ok(layer)
}

pub fn read<T>(
    environment: &Environment,
    variable: &'static str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, ConfigError> {
    let value = environment.get(variable).map(parse).transpose();
    value.map_err(|message| ConfigError::Environment { variable, message })
}

pub fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

fn truth(text: &str) -> Result<bool, String> {
    match text {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(format!("`{text}` is neither true nor false")),
    }
}

/// A path as the user would write it: relative to `folder` where it lies in it.
fn shown(path: &Path, folder: Option<&Path>) -> String {
    folder.and_then(|f| path.strip_prefix(f).ok()).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(oracle: &str, base_url: Option<&str>) -> Layer {
        let oracle = (!oracle.is_empty()).then(|| oracle.to_owned());
        Layer { oracle, base_url: base_url.map(str::to_owned), ..Layer::default() }
    }

    fn of(flags: Layer, variables: Layer, file: Layer) -> Settings {
        layered(flags, variables, file, Some("weiser.toml".into()), Some("gpu"))
    }

    #[test]
    fn flags_win_over_environment_over_file() {
        let seed = |seed| Layer { seed: Some(seed), ..Layer::default() };
        let none = Layer::default();
        assert_eq!(of(seed(1), seed(2), seed(3)).seed, 1);
        assert_eq!(of(none.clone(), seed(2), seed(3)).seed, 2);
        assert_eq!(of(none.clone(), none.clone(), seed(3)).seed, 3);
        assert_eq!(of(none.clone(), none.clone(), none).seed, 0);
        let strict = |strict| Layer { strict: Some(strict), ..Layer::default() };
        assert!(!of(strict(false), Layer::default(), strict(true)).strict);
    }

    #[test]
    fn where_the_oracle_came_from() {
        let why = |flags, variables, file| {
            let settings = of(layer(flags, None), layer(variables, None), layer(file, None));
            format!("{} ({}), {:?}", settings.oracle, settings.oracle_why, settings.configured)
        };
        assert_eq!(why("replay:r", "ollama:e", ""), "replay:r (named by --oracle), Some(\"ollama:e\")");
        assert_eq!(why("", "ollama:e", "ollama:f"), "ollama:e (named by WEISER_ORACLE), Some(\"ollama:e\")");
        assert_eq!(why("", "", "ollama:f"), "auto (configured in weiser.toml), Some(\"ollama:f\")");
        assert_eq!(why("auto", "", "ollama:f"), "auto (named by --oracle), Some(\"ollama:f\")");
        assert_eq!(why("", "", ""), "auto (the default), None");
    }

    #[test]
    fn an_address_reaches_its_own_provider_only() {
        let url = |flags: Layer, file: Layer| of(flags, Layer::default(), file).base_url;
        let file = || layer("openai:m", Some("https://hosted/v1"));
        assert_eq!(url(Layer::default(), file()), Some("https://hosted/v1".into()));
        assert_eq!(url(layer("openai:other", None), file()), Some("https://hosted/v1".into()));
        assert_eq!(url(layer("ollama:m", None), file()), Some("http://gpu:11434".into()));
        assert_eq!(url(layer("record:a=ollama:m", None), file()), Some("http://gpu:11434".into()));
        assert_eq!(url(layer("ollama:m", Some("http://mine")), file()), Some("http://mine".into()));
        assert_eq!(url(layer("openai:m", None), layer("", Some("http://any"))), Some("http://any".into()));
    }

    #[test]
    fn ollama_works_on_one_question_at_a_time() {
        let jobs = |oracle| of(layer(oracle, None), Layer::default(), Layer::default()).jobs;
        assert_eq!((jobs("ollama:m"), jobs("openai:m"), jobs("record:x=y=ollama:m")), (1, 8, 1));
        assert_eq!(of(Layer { jobs: Some(0), ..Layer::default() }, Layer::default(), Layer::default()).jobs, 1);
    }

    #[test]
    fn ollama_host_as_ollama_reads_it() {
        assert_eq!(ollama_url("gpu"), "http://gpu:11434");
        assert_eq!(ollama_url("0.0.0.0"), "http://127.0.0.1:11434");
        assert_eq!(ollama_url("0.0.0.0:99"), "http://127.0.0.1:99");
        assert_eq!(ollama_url(":99"), "http://127.0.0.1:99");
        assert_eq!(ollama_url("https://gpu.example/"), "https://gpu.example");
        assert_eq!(ollama_url("http://gpu:80"), "http://gpu:80");
    }

    #[test]
    fn variables_are_checked() {
        let environment = |name: &str, value: &str| Environment {
            variables: [(name.to_owned(), value.to_owned())].into(),
            folder: None,
        };
        assert_eq!(variables(&environment("WEISER_JOBS", " 3 ")).unwrap().jobs, Some(3));
        assert_eq!(variables(&environment("WEISER_JOBS", "")).unwrap().jobs, None);
        assert_eq!(variables(&environment("WEISER_COMMENTS", "strip")).unwrap().comments, Some(Comments::Strip));
        let error = |name, value| variables(&environment(name, value)).unwrap_err().to_string();
        assert_eq!(error("WEISER_JOBS", "many"), "WEISER_JOBS: `many` is no number");
        assert_eq!(error("WEISER_ALL", "maybe"), "WEISER_ALL: `maybe` is neither true nor false");
        assert!(error("WEISER_TIMEOUT", "soon").starts_with("WEISER_TIMEOUT: `soon` is no time"));
        assert!(error("WEISER_COMMENTS", "drop").starts_with("WEISER_COMMENTS: "));
    }
}
