//! Oracles: who answers a prompt. The only room that meets a network; knows nothing of verdicts.
//!
//! A question is stateless: nothing of one is ever in another. A provider's wire types stay inside its file.
//!
//! - `spec`: the `--oracle` strings; `connect`: from such a string to an oracle that was seen to answer.
//! - `ollama`, `openai`, `anthropic`: one provider each. `http`: what they share, `context`: whether a prompt fits and arrived
//!   whole, `limiter`: the pace at which a server is asked, `keys` and `secret`: where keys come from and go to.
//! - `fault`, `error`: what can go wrong, and how it is told. `models`: what servers offer. `log`: what is told meanwhile.
//! - `store`: answers kept for every later run, `cached`: an oracle behind it.
//! - `batch`: questions in files for a batch service, and its results.
//! - `record`, `replay`: keep every question and answer in a file; answer from such a file.

mod anthropic;
pub mod batch;
pub mod budget;
pub mod cached;
mod connect;
mod context;
mod error;
mod fault;
mod http;
mod keys;
mod limiter;
mod log;
mod models;
mod ollama;
mod openai;
pub mod price;
mod recording;
mod secret;
pub mod spec;
pub mod store;

pub use cached::Keeping;
pub use connect::{Connected, connect};
pub use error::OracleError;
pub use fault::Fault;
pub use http::{on_this_machine, shown_address as shown};
pub use limiter::Rates;
pub use log::{Level, Log};
pub use models::{Offered, Provider, models};
pub use secret::Secret;

use crate::prompt::{Form, Prompt, hex};
use budget::Budget;
use futures_util::future::BoxFuture;
use price::Prices;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// One question to an oracle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Of everything that is sent: the key of recordings, and what custom ids of batches are made of. It doesn't name the
    /// model, so a recording can be asked without one.
    pub hash: String,
    pub prompt: Prompt,
    pub seed: u64,
    /// 0 for the first vote.
    pub vote: u32,
}

impl Question {
    pub fn new(prompt: Prompt, seed: u64, vote: u32) -> Self {
        let mut hash = Sha256::new();
        let schema = match prompt.form {
            Form::Reasoning => String::new(),
            // The schema is made of strings and numbers only, which JSON can always hold.
            Form::Json | Form::Extract => serde_json::to_string(&prompt.schema).unwrap_or_default(),
        };
        for part in [&prompt.version, &prompt.system, &prompt.user, &schema] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(seed.to_le_bytes());
        hash.update(vote.to_le_bytes());
        Question { hash: hex(&hash.finalize()), prompt, seed, vote }
    }

    /// Seed for the server: votes differ, and the same vote is the same again. Kept small: some servers take 32 bits.
    fn server_seed(&self) -> u64 {
        (self.seed.wrapping_add(u64::from(self.vote))) & 0x7fff_ffff
    }

    /// The first vote is the model's likeliest answer; further ones must be able to differ from it.
    fn temperature(&self) -> f32 {
        if self.vote == 0 { 0.0 } else { 0.7 }
    }
}

/// Why a model stopped writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    Stop,
    /// Out of tokens: what there is of the text is a part.
    Length,
    /// The model or a filter refused, with what it said.
    Refused(String),
    /// It ended without a word.
    Empty,
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct About {
    /// `ollama`, `openai`, `anthropic`, `replay`.
    pub oracle: String,
    pub model: String,
    /// The model's content digest where the server tells one; else empty.
    #[serde(default)]
    pub digest: String,
    /// The model thinks before it answers, so one phase is enough.
    #[serde(default)]
    pub thinks: bool,
    /// Tokens of context that prompt and answer share, where known.
    #[serde(default)]
    pub context: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub text: String,
    /// The thinking trace where the server tells it apart.
    #[serde(default)]
    pub thinking: String,
    pub finish: Finish,
    pub tokens_in: u64,
    pub tokens_out: u64,
    /// `ollama`, `openai`, `anthropic`, and what the server calls the model that answered.
    pub oracle: String,
    pub model: String,
    #[serde(default)]
    pub digest: String,
    /// The server may have shown the model only a part of the prompt (`context.rs` has the rule).
    #[serde(default)]
    pub prompt_cut: bool,
    /// Wall time in milliseconds.
    pub ms: u64,
    /// Came out of the store, or of a recording that is being continued.
    #[serde(default)]
    pub cached: bool,
}

/// Someone who answers prompts. Implementations never panic on what a server sends, hold no more of it than
/// [`Settings::reply_bytes`], and end within [`Settings::timeout`].
pub trait Oracle: Send + Sync {
    fn about(&self) -> &About;

    /// Dropping the future gives the question up.
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>>;
}

/// What a run fixes for its oracle.
#[derive(Debug, Clone)]
pub struct Settings {
    /// For one question, retries and waiting included.
    pub timeout: Duration,
    pub connect_timeout: Duration,
    /// For the first byte of an answer, waiting in the server's queue, a model's loading and prompt processing included;
    /// `None`: what is left of `timeout`, since a slow server isn't helped by being asked anew.
    pub first_byte: Option<Duration>,
    /// For the next byte, once one came.
    pub stall: Duration,
    /// Further tries after a passing failure (503, 429, a cut stream).
    pub retries: u32,
    /// The first pause between tries; it doubles each time, up to [`Settings::backoff_cap`].
    pub backoff: Duration,
    pub backoff_cap: Duration,
    /// Most bytes of one HTTP answer.
    pub reply_bytes: usize,
    /// Most tokens of one answer, thinking included.
    pub answer_tokens: u64,
    /// Tokens of context, the same for the whole run; `None`: from `largest_prompt`.
    pub context: Option<u64>,
    /// Tokens of the run's largest prompt, where it is known beforehand.
    pub largest_prompt: Option<u64>,
    pub ollama_url: String,
    /// With the path before `/chat/completions`.
    pub openai_url: String,
    /// With the path before `/messages`.
    pub anthropic_url: String,
    /// Environment variable that holds the key; `None`: `WEISER_API_KEY`, and for a provider's own address its own variable
    /// (`OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `OLLAMA_API_KEY`).
    pub key_variable: Option<String>,
    /// The key to use where the environment holds none.
    pub key: Option<Secret>,
    /// Whether keys from the environment may go to the address; `false` where the user didn't choose it. They go to this
    /// machine in any case.
    pub trusted_address: bool,
    /// The key is in the provider's own variable and nowhere else: all others are another provider's.
    pub own_key: bool,
    /// What `auto` tries: an `--oracle` string.
    pub configured: Option<String>,
    /// Where answers of models are kept; `None`: nowhere.
    pub keeping: Option<Keeping>,
    /// From which questions are paid; `None`: nobody counts.
    pub budget: Option<Arc<Budget>>,
    pub prices: Prices,
    /// Sent with every request. Values are kept as secret as keys.
    pub headers: Vec<(String, Secret)>,
    /// Certificates of authorities (PEM) that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// How much a server is asked at most.
    pub rates: Rates,
    /// A model that can think does so before it answers in one phase.
    pub native_thinking: bool,
    /// Is told of every request.
    pub log: Option<Log>,
    /// A fault that is treated as though nobody had thought of it, for the test that each is handled.
    #[doc(hidden)]
    pub blind_to: Option<Fault>,
}

pub const OLLAMA_URL: &str = "http://127.0.0.1:11434";
pub const OPENAI_URL: &str = "https://api.openai.com/v1";
pub const ANTHROPIC_URL: &str = "https://api.anthropic.com/v1";

impl Default for Settings {
    fn default() -> Self {
        Settings {
            timeout: Duration::from_secs(300),
            connect_timeout: Duration::from_secs(10),
            first_byte: None,
            stall: Duration::from_secs(120),
            retries: 4,
            backoff: Duration::from_millis(500),
            backoff_cap: Duration::from_secs(60),
            reply_bytes: 4 << 20,
            answer_tokens: 4096,
            context: None,
            largest_prompt: None,
            ollama_url: OLLAMA_URL.to_string(),
            openai_url: OPENAI_URL.to_string(),
            anthropic_url: ANTHROPIC_URL.to_string(),
            key_variable: None,
            key: None,
            trusted_address: true,
            own_key: false,
            configured: None,
            keeping: None,
            budget: None,
            prices: Prices::default(),
            headers: Vec::new(),
            ca_file: None,
            rates: Rates::default(),
            native_thinking: true,
            log: None,
            blind_to: None,
        }
    }
}
