//! What is set of the way to a model's server: addresses, certificates, times, rates.

use super::config::{ConfigError, Layer, Reasoning};
use super::settings::{Environment, number, read};
use crate::oracle::{self, Rates, Secret};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// As [`oracle::Settings`] has them; `None`: as is the default there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    pub ca_file: Option<PathBuf>,
    pub headers: BTreeMap<String, Secret>,
    /// They are the environment's.
    pub own_headers: bool,
    pub connect_timeout: Option<Duration>,
    pub first_byte_timeout: Option<Duration>,
    pub stall_timeout: Option<Duration>,
    pub answer_tokens: Option<u64>,
    pub rates: Rates,
}

impl Server {
    pub fn layered(variables: &Layer, file: &Layer) -> Server {
        Server {
            ca_file: variables.ca_file.clone().or(file.ca_file.clone()),
            own_headers: variables.headers.is_some(),
            headers: variables.headers.clone().or(file.headers.clone()).unwrap_or_default(),
            connect_timeout: file.connect_timeout,
            first_byte_timeout: file.first_byte_timeout,
            stall_timeout: file.stall_timeout,
            answer_tokens: variables.answer_tokens.or(file.answer_tokens).map(|tokens| tokens.max(1)),
            rates: Rates {
                requests: variables.requests_per_minute.or(file.requests_per_minute),
                tokens: variables.tokens_per_minute.or(file.tokens_per_minute),
            },
        }
    }

    /// Puts what is set into an oracle's settings.
    pub fn apply(&self, settings: &mut oracle::Settings) {
        settings.ca_file = self.ca_file.clone();
        settings.headers = self.headers.clone().into_iter().collect();
        settings.connect_timeout = self.connect_timeout.unwrap_or(settings.connect_timeout);
        settings.first_byte = self.first_byte_timeout.or(settings.first_byte);
        settings.stall = self.stall_timeout.unwrap_or(settings.stall);
        settings.answer_tokens = self.answer_tokens.unwrap_or(settings.answer_tokens);
        settings.rates = self.rates;
    }
}

/// What the environment sets of it.
pub fn variables(environment: &Environment, layer: &mut Layer) -> Result<(), ConfigError> {
    layer.ca_file = environment.get("WEISER_CA_FILE").map(PathBuf::from);
    layer.headers = read(environment, "WEISER_HEADERS", headers)?;
    layer.answer_tokens = read(environment, "WEISER_ANSWER_TOKENS", number)?;
    layer.requests_per_minute = read(environment, "WEISER_REQUESTS_PER_MINUTE", number)?;
    layer.tokens_per_minute = read(environment, "WEISER_TOKENS_PER_MINUTE", number)?;
    layer.reasoning =
        read(environment, "WEISER_REASONING", |text| <Reasoning as clap::ValueEnum>::from_str(text, true))?;
    Ok(())
}

/// `Name: value`, one a line. A message never repeats a value.
fn headers(text: &str) -> Result<BTreeMap<String, Secret>, String> {
    let mut headers = BTreeMap::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = || format!("line {} is no header; expected `Name: value`", at + 1);
        let (name, value) = line.split_once(':').ok_or_else(wrong)?;
        headers.insert(name.trim().to_string(), Secret::new(value).ok_or_else(wrong)?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_stand_one_a_line() {
        let value = Secret::new("a: b").unwrap();
        assert_eq!(headers("X-Team: a: b\n\n").unwrap(), [("X-Team".to_string(), value)].into());
        for wrong in ["sk-123456", "X-Team:", "X-Team: a\nsk-123456"] {
            let error = headers(wrong).unwrap_err();
            assert!(error.contains("is no header") && !error.contains("sk-123456"), "{error}");
        }
    }

    #[test]
    fn what_is_not_set_stays_as_it_was() {
        let mut settings = oracle::Settings::default();
        Server::layered(&Layer::default(), &Layer::default()).apply(&mut settings);
        assert_eq!(format!("{settings:?}"), format!("{:?}", oracle::Settings::default()));
        let file =
            Layer { stall_timeout: Some(Duration::from_secs(9)), tokens_per_minute: Some(7), ..Layer::default() };
        let variables = Layer { tokens_per_minute: Some(8), ..Layer::default() };
        Server::layered(&variables, &file).apply(&mut settings);
        assert_eq!((settings.stall, settings.rates.tokens), (Duration::from_secs(9), Some(8)));
    }
}
