//! What servers offer.

use super::anthropic::{self, Anthropic};
use super::keys;
use super::ollama::{self, Ollama};
use super::openai::{self, OpenAi};
use super::{OracleError, Settings};

/// A model that can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// What to say to `--oracle`.
    pub spec: String,
    /// Most tokens of context that the model holds, where the server says.
    pub context: Option<u64>,
    /// Tokens of context it is loaded with now, where the server says.
    pub loaded: Option<u64>,
    /// It can think before it answers.
    pub thinks: bool,
    /// Of its weights.
    pub bytes: Option<u64>,
}

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    Ollama,
    OpenAi,
    Anthropic,
}

impl Provider {
    pub const ALL: [Provider; 3] = [Provider::Ollama, Provider::OpenAi, Provider::Anthropic];

    /// As in `--oracle`.
    pub fn name(self) -> &'static str {
        match self {
            Provider::Ollama => "ollama",
            Provider::OpenAi => "openai",
            Provider::Anthropic => "anthropic",
        }
    }

    /// Whether there is a key for it.
    pub fn has_key(self, settings: &Settings) -> bool {
        let keys = match self {
            Provider::Ollama => &ollama::KEYS,
            Provider::OpenAi => &openai::KEYS,
            Provider::Anthropic => &anthropic::KEYS,
        };
        keys::key(settings, keys, self.address(settings)).0.is_some()
    }

    /// Where it is asked.
    pub fn address(self, settings: &Settings) -> &str {
        match self {
            Provider::Ollama => &settings.ollama_url,
            Provider::OpenAi => &settings.openai_url,
            Provider::Anthropic => &settings.anthropic_url,
        }
    }
}

/// The models of a server, in its order. Cost: a request or two, for Ollama one more for each model; each within
/// [`Settings::timeout`].
pub async fn models(provider: Provider, settings: &Settings) -> Result<Vec<Offered>, OracleError> {
    match provider {
        Provider::Ollama => Ollama::offered(settings).await,
        Provider::OpenAi => OpenAi::offered(settings).await,
        Provider::Anthropic => Anthropic::offered(settings).await,
    }
}
