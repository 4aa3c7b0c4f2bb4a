//! `weiser.toml`: where it is looked for and what may stand in it. An unknown key is an error, because a misspelt
//! setting that is silently ignored changes what a run means.

use super::addresses;
use crate::oracle::Secret;
use crate::oracle::price::Price;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;
use toml::de::DeTable;

pub const FILE_NAME: &str = "weiser.toml";

/// Settings from one source: flags, the environment or the file. `None`: not said there.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Layer {
    pub oracle: Option<String>,
    /// Further oracles that vote beside it. Not a key of the file.
    #[serde(skip)]
    pub others: Vec<String>,
    pub votes: Option<u64>,
    pub escalate: Option<String>,
    pub probe: Option<bool>,
    pub budget_tokens: Option<u64>,
    pub budget_usd: Option<f64>,
    #[serde(deserialize_with = "time")]
    pub budget_time: Option<Duration>,
    pub cache: Option<bool>,
    /// Bytes, or a text such as `1GB`.
    #[serde(deserialize_with = "bytes")]
    pub cache_size: Option<u64>,
    /// Dollars for a million tokens, by `provider:model`.
    pub prices: Option<BTreeMap<String, Price>>,
    /// Not a key of the file: one that came with somebody's code could bring answers with it.
    #[serde(skip)]
    pub cache_dir: Option<PathBuf>,
    #[serde(skip)]
    pub refresh: bool,
    pub base_url: Option<String>,
    /// Addresses that flags give, some with whose they are. Not a key of the file, which has `servers`.
    #[serde(skip)]
    pub addresses: Vec<String>,
    /// By oracle or provider.
    pub servers: Option<BTreeMap<String, ServerEntry>>,
    /// Name of the environment variable that holds the API key.
    pub api_key_env: Option<String>,
    /// A file that holds the API key and nothing else; relative to the configuration file.
    pub api_key_file: Option<PathBuf>,
    pub jobs: Option<u64>,
    pub all: Option<bool>,
    #[serde(deserialize_with = "time")]
    pub timeout: Option<Duration>,
    pub seed: Option<u64>,
    pub num_ctx: Option<u64>,
    pub max_partitions: Option<u64>,
    pub call_depth: Option<u64>,
    pub slicing: Option<Slicing>,
    pub comments: Option<Comments>,
    pub strict: Option<bool>,
    pub confirm: Option<bool>,
    pub trust: Option<Trust>,
    pub reasoning: Option<Reasoning>,
    pub answer_tokens: Option<u64>,
    /// Certificates of authorities, as PEM; relative to the configuration file.
    pub ca_file: Option<PathBuf>,
    /// Sent with every request.
    pub headers: Option<BTreeMap<String, Secret>>,
    #[serde(deserialize_with = "time")]
    pub connect_timeout: Option<Duration>,
    #[serde(deserialize_with = "time")]
    pub first_byte_timeout: Option<Duration>,
    #[serde(deserialize_with = "time")]
    pub stall_timeout: Option<Duration>,
    pub requests_per_minute: Option<u64>,
    pub tokens_per_minute: Option<u64>,
    /// Programs may be run where the machine can't keep them from the user's files. Not a key of the file: one that came with
    /// somebody's code must not be able to say so.
    #[serde(skip)]
    pub unprotected: Option<bool>,
}

/// Where one oracle is asked, and with which key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerEntry {
    pub base_url: Option<String>,
    pub api_key_env: Option<String>,
    /// Relative to the configuration file.
    pub api_key_file: Option<PathBuf>,
}

impl Layer {
    /// Names an address, and names where a key is found.
    pub fn addresses_and_keys(&self) -> (bool, bool) {
        let servers = || self.servers.iter().flatten().map(|(_, server)| server);
        let address = self.base_url.is_some() || servers().any(|s| s.base_url.is_some());
        let key = |env: &Option<String>, file: &Option<PathBuf>| env.is_some() || file.is_some();
        let keys = key(&self.api_key_env, &self.api_key_file);
        (address, keys || servers().any(|s| key(&s.api_key_env, &s.api_key_file)))
    }

    /// Paths become relative to a folder.
    fn within(&mut self, folder: &Path) {
        let servers = self.servers.iter_mut().flatten().map(|(_, server)| &mut server.api_key_file);
        for path in servers.chain([&mut self.api_key_file, &mut self.ca_file]).flatten() {
            *path = folder.join(&path);
        }
    }

    /// Whatever this says, and the rest as `below` says it.
    pub fn over(self, below: Layer) -> Layer {
        macro_rules! first {
            ($($field:ident),*) => {
                Layer {
                    others: if self.others.is_empty() { below.others } else { self.others },
                    addresses: if self.addresses.is_empty() { below.addresses } else { self.addresses },
                    refresh: self.refresh || below.refresh,
                    $($field: self.$field.or(below.$field),)*
                }
            };
        }
        first!(
            oracle,
            votes,
            escalate,
            probe,
            budget_tokens,
            budget_usd,
            budget_time,
            cache,
            cache_size,
            prices,
            cache_dir,
            base_url,
            servers,
            api_key_env,
            api_key_file,
            jobs,
            all,
            timeout,
            seed,
            num_ctx,
            max_partitions,
            call_depth,
            slicing,
            comments,
            strict,
            confirm,
            trust,
            reasoning,
            answer_tokens,
            ca_file,
            headers,
            connect_timeout,
            first_byte_timeout,
            stall_timeout,
            requests_per_minute,
            tokens_per_minute,
            unprotected
        )
    }
}

/// The fields of [`Layer`].
pub const KEYS: [&str; 35] = [
    "oracle",
    "votes",
    "escalate",
    "probe",
    "budget_tokens",
    "budget_usd",
    "budget_time",
    "cache",
    "cache_size",
    "prices",
    "base_url",
    "servers",
    "api_key_env",
    "api_key_file",
    "jobs",
    "all",
    "timeout",
    "seed",
    "num_ctx",
    "max_partitions",
    "call_depth",
    "slicing",
    "comments",
    "strict",
    "confirm",
    "trust",
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

/// What becomes of the comments of kept lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Comments {
    Keep,
    Strip,
}

/// What a slice keeps of the branches that decide whether Q is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Slicing {
    /// All of them: a run that a slice accepts is a run of the program
    Exact,
    /// Only those that share data with the post-condition: shorter, and less certain
    Lean,
}

/// How a model comes to its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Reasoning {
    /// By what the model can: native where it thinks by itself, else in two phases
    Auto,
    /// Free text first, then a short question that turns it into the answer
    TwoPhase,
    /// The answer at once, without thinking
    OnePhase,
    /// The answer at once, after the model's own thinking
    Native,
}

/// What it takes for a claimed failure to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// The oracle's word
    Claimed,
    /// A run that shows it, where the condition can be run
    Confirmed,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: cannot be read: {error}")]
    Unreadable { path: String, error: std::io::Error },
    #[error("{path}:{line}: {message}")]
    Syntax { path: String, line: usize, message: String },
    #[error("{path}:{line}: unknown key `{key}`; {hint}")]
    UnknownKey { path: String, line: usize, key: String, hint: String },
    #[error(
        "{path}: names both an address and where a key is found; such a file is only taken where --config or WEISER_CONFIG \
         names it, since one that came with somebody's code could send your keys anywhere"
    )]
    KeyAndAddress { path: String },
    #[error("--base-url: {0}")]
    Address(String),
    #[error("{variable}: {message}")]
    Environment { variable: &'static str, message: String },
}

/// The nearest `weiser.toml` in `folder` or above it.
pub fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|f| f.join(FILE_NAME)).find(|f| f.is_file())
}

/// Reads a configuration file, called `name` in messages. Relative paths in it become relative to its folder.
pub fn read(path: &Path, name: &str) -> Result<Layer, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable { path: name.to_owned(), error })?;
    let mut layer = parse(name, &text)?;
    if let Some(folder) = path.parent() {
        layer.within(folder);
    }
    Ok(layer)
}

fn parse(path: &str, text: &str) -> Result<Layer, ConfigError> {
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let syntax = |error: toml::de::Error| ConfigError::Syntax {
        path: path.to_owned(),
        line: line(error.span().map_or(0, |s| s.start)),
        message: error.message().lines().next().unwrap_or("not TOML").to_owned(),
    };
    let table = toml::de::DeTable::parse(text).map_err(syntax)?;
    let unknown = table.get_ref().keys().filter(|k| !KEYS.contains(&k.get_ref().as_ref()));
    if let Some(key) = unknown.min_by_key(|k| k.span().start) {
        let name = key.get_ref().to_string();
        return Err(ConfigError::UnknownKey {
            path: path.to_owned(),
            line: line(key.span().start),
            hint: hint(&name, &KEYS),
            key: name,
        });
    }
    let layer: Layer = toml::from_str(text).map_err(syntax)?;
    let nobody = layer.servers.iter().flatten().map(|(name, _)| name).find(|name| !addresses::is_one(name));
    if let Some(name) = nobody {
        let at = table.get_ref().keys().find(|k| k.get_ref().as_ref() == "servers").map_or(0, |k| k.span().start);
        let message = format!("servers: `{name}` is neither an oracle, such as openai:MODEL, nor a provider");
        return Err(ConfigError::Syntax { path: path.to_owned(), line: line(at), message });
    }
    let unsound = layer.prices.iter().flatten().find(|(_, price)| !price.is_sound()).map(|(model, _)| model);
    let message = match (unsound, layer.budget_usd) {
        (Some(model), _) => format!("the price of `{model}` is no amount of dollars"),
        (_, Some(usd)) if !(usd.is_finite() && usd >= 0.0) => "budget_usd is no amount of dollars".into(),
        _ => return Ok(layer),
    };
    let key = if unsound.is_some() { "prices" } else { "budget_usd" };
    let at = table.get_ref().keys().find(|k| k.get_ref().as_ref() == key).map_or(0, |k| k.span().start);
    Err(ConfigError::Syntax { path: path.to_owned(), line: line(at), message })
}

/// Reads the keys of `weiser.toml` in a table of another file. `known`: those that may stand there; `others`: keys that are
/// somebody else's. Relative paths become relative to the file's folder.
pub fn section(
    path: &Path,
    name: &str,
    text: &str,
    table: &DeTable,
    known: &[&str],
    others: &[&str],
) -> Result<Layer, ConfigError> {
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let mut own = table.clone();
    others.iter().for_each(|key| drop(own.remove(*key)));
    let unknown = own.keys().filter(|k| !known.contains(&k.get_ref().as_ref()));
    if let Some(key) = unknown.min_by_key(|k| k.span().start) {
        let name_of_key = key.get_ref().to_string();
        return Err(ConfigError::UnknownKey {
            path: name.to_owned(),
            line: line(key.span().start),
            hint: hint(&name_of_key, known),
            key: name_of_key,
        });
    }
    let start = own.keys().map(|k| k.span().start).min().unwrap_or(0);
    let whole = Spanned::new(start..start, own);
    let mut layer = Layer::deserialize(toml::de::Deserializer::from(whole)).map_err(|error| ConfigError::Syntax {
        path: name.to_owned(),
        line: line(error.span().map_or(start, |s| s.start)),
        message: error.message().lines().next().unwrap_or("not TOML").to_owned(),
    })?;
    if let Some(folder) = path.parent() {
        layer.within(folder);
    }
    Ok(layer)
}

/// The nearest known key if one is near, else all of them.
fn hint(key: &str, known: &[&str]) -> String {
    let key = key.to_lowercase().replace('-', "_");
    let nearest = known.iter().map(|k| (strsim::damerau_levenshtein(k, &key), k)).min();
    match nearest {
        Some((distance, nearest)) if distance <= 1 + nearest.len() / 3 => format!("is `{nearest}` meant?"),
        _ => format!("known are {}", known.join(", ")),
    }
}

/// A number of seconds, or a text with a unit.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a time is a number of seconds or a text such as \"5m\"")]
    enum Time {
        Seconds(u64),
        Text(String),
    }
    let text = match Time::deserialize(deserializer)? {
        Time::Seconds(seconds) => seconds.to_string(),
        Time::Text(text) => text,
    };
    super::values::duration(&text).map(Some).map_err(serde::de::Error::custom)
}

/// A number of bytes, or a text with a unit.
fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a size is a number of bytes or a text such as \"1GB\"")]
    enum Size {
        Bytes(u64),
        Text(String),
    }
    match Size::deserialize(deserializer)? {
        Size::Bytes(bytes) => Ok(Some(bytes)),
        Size::Text(text) => super::values::size(&text).map(Some).map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse("weiser.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn every_key_is_read() {
        let values = [
            "\"ollama:m\"",
            "3",
            "\"openai:n\"",
            "true",
            "1000",
            "2.5",
            "\"1h\"",
            "false",
            "\"1GB\"",
            "{ \"openai:n\" = { input = 1.0, output = 2.0 } }",
            "\"http://h\"",
            "{ \"openai:n\" = { base_url = \"http://n\", api_key_env = \"N_KEY\" } }",
            "\"MY_KEY\"",
            "\"key.txt\"",
            "2",
            "true",
            "\"2m\"",
            "7",
            "8192",
            "16",
            "3",
            "\"lean\"",
            "\"strip\"",
            "true",
            "true",
            "\"claimed\"",
            "\"one-phase\"",
            "2048",
            "\"ca.pem\"",
            "{ X-Team = \"blue\" }",
            "5",
            "\"4m\"",
            "90",
            "60",
            "100000",
        ];
        let text: String = KEYS.iter().zip(values).map(|(key, value)| format!("{key} = {value}\n")).collect();
        let expected = Layer {
            oracle: Some("ollama:m".into()),
            others: vec![],
            votes: Some(3),
            escalate: Some("openai:n".into()),
            probe: Some(true),
            budget_tokens: Some(1000),
            budget_usd: Some(2.5),
            budget_time: Some(Duration::from_secs(3600)),
            cache: Some(false),
            cache_size: Some(1_000_000_000),
            prices: Some([("openai:n".to_string(), Price { input: 1.0, output: 2.0 })].into()),
            cache_dir: None,
            refresh: false,
            base_url: Some("http://h".into()),
            addresses: vec![],
            servers: Some(
                [(
                    "openai:n".to_string(),
                    ServerEntry {
                        base_url: Some("http://n".into()),
                        api_key_env: Some("N_KEY".into()),
                        api_key_file: None,
                    },
                )]
                .into(),
            ),
            api_key_env: Some("MY_KEY".into()),
            api_key_file: Some("key.txt".into()),
            jobs: Some(2),
            all: Some(true),
            timeout: Some(Duration::from_secs(120)),
            seed: Some(7),
            num_ctx: Some(8192),
            max_partitions: Some(16),
            call_depth: Some(3),
            slicing: Some(Slicing::Lean),
            comments: Some(Comments::Strip),
            strict: Some(true),
            confirm: Some(true),
            trust: Some(Trust::Claimed),
            reasoning: Some(Reasoning::OnePhase),
            answer_tokens: Some(2048),
            ca_file: Some("ca.pem".into()),
            headers: Some([("X-Team".to_string(), Secret::new("blue").unwrap())].into()),
            connect_timeout: Some(Duration::from_secs(5)),
            first_byte_timeout: Some(Duration::from_secs(240)),
            stall_timeout: Some(Duration::from_secs(90)),
            requests_per_minute: Some(60),
            tokens_per_minute: Some(100_000),
            unprotected: None,
        };
        assert_eq!(parse("weiser.toml", &text).unwrap(), expected);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest() {
        assert_eq!(error("seed = 1\n\njob = 2\n"), "weiser.toml:3: unknown key `job`; is `jobs` meant?");
        assert_eq!(
            error("max-partitions = 2\n"),
            "weiser.toml:1: unknown key `max-partitions`; is `max_partitions` meant?"
        );
        assert!(
            error("[ollama]\nbase_url = 'x'\n").starts_with("weiser.toml:1: unknown key `ollama`; known are oracle,")
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_its_line() {
        assert!(error("seed = 1\njobs = 'two'\n").starts_with("weiser.toml:2: invalid type"));
        assert!(error("timeout = 'soon'\n").starts_with("weiser.toml:1: `soon` is no time"));
        assert!(error("timeout = 1.5\n").starts_with("weiser.toml:1: a time is a number of seconds"));
        assert!(error("comments = 'drop'\n").starts_with("weiser.toml:1: unknown variant"));
        assert!(error("cache_size = 'big'\n").starts_with("weiser.toml:1: `big` is no size"));
        assert!(error("\nbudget_usd = -1.0\n").starts_with("weiser.toml:2: budget_usd is no amount"));
        let price = error("jobs = 1\n[prices]\n'openai:m' = { input = -1.0, output = 1.0 }\n");
        assert!(price.starts_with("weiser.toml:2: the price of `openai:m`"), "{price}");
        assert!(error("jobs 2\n").starts_with("weiser.toml:1: "));
        assert!(
            error("\n[servers.'gpu']\nbase_url = 'http://h'\n").starts_with("weiser.toml:2: servers: `gpu` is neither")
        );
        let field = error("[servers.ollama]\nurl = 'http://h'\n");
        assert!(field.starts_with("weiser.toml:2: unknown field `url`"), "{field}");
    }

    #[test]
    fn the_nearest_file_above_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "api_key_file = 'key'\n").unwrap();
        let found = find(&inner).unwrap();
        assert_eq!(found, folder.path().join(FILE_NAME));
        assert_eq!(read(&found, "x").unwrap().api_key_file, Some(folder.path().join("key")));
        std::fs::write(inner.join(FILE_NAME), "").unwrap();
        assert_eq!(find(&inner).unwrap(), inner.join(FILE_NAME));
    }
}
