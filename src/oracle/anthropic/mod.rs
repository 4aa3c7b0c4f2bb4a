//! Anthropic's messages, and servers that speak them (llama.cpp, Ollama, gateways).
//!
//! The server takes no seed, so votes differ by chance alone. A JSON schema goes into `output_config`; what a model or a
//! server doesn't know is left out after HTTP 400, as with OpenAI's. With native thinking the model has half of the answer's
//! tokens to think with.

mod wire;

use super::context;
use super::fault::Fault;
use super::http::{Event, Http, KeyHeader, Lines, Refusal, Said};
use super::keys::{self, Keys};
use super::models::Offered;
use super::{About, Finish, Oracle, OracleError, Question, Reply, Settings};
use crate::prompt::Form;
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use wire::{Block, Format, Gathered, Message, Model, Models, OutputConfig, Request, Step, ThinkingConfig, Whole};

pub(super) const KEYS: Keys = Keys { home: "https://api.anthropic.com", variable: "ANTHROPIC_API_KEY" };
const VERSION: &str = "2023-06-01";
/// The least that may be given to thinking.
const LEAST_THINKING: u64 = 1024;

pub(super) struct Anthropic {
    http: Http,
    about: About,
    key_hint: String,
    declared: Option<u64>,
    dialect: Mutex<Dialect>,
}

/// How much of a request the model and its server understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dialect {
    schema: bool,
    temperature: bool,
    thinking: Thinking,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thinking {
    Adaptive,
    Enabled,
    None,
}

impl Anthropic {
    /// Asks the server what it knows of the model. A server without such knowledge is taken as it is.
    pub(super) async fn connect(model: &str, settings: &Settings) -> Result<Self, OracleError> {
        let mut anthropic = Anthropic::at(settings)?;
        anthropic.about.model = model.to_string();
        let shown = anthropic.http.in_time(anthropic.model()).await?;
        anthropic.declared = shown.max_input_tokens;
        anthropic.about.context = [settings.context, anthropic.declared].into_iter().flatten().min();
        anthropic.about.thinks = shown.can("thinking");
        let told = shown.capabilities.is_object();
        anthropic.dialect = Mutex::new(Dialect {
            schema: !told || shown.can("structured_outputs"),
            temperature: true,
            thinking: shown.thinking(),
        });
        Ok(anthropic)
    }

    fn at(settings: &Settings) -> Result<Self, OracleError> {
        let (key, key_hint) = keys::key(settings, &KEYS, &settings.anthropic_url);
        let http = Http::new(&settings.anthropic_url, key.map(|key| (KeyHeader::XApiKey, key)), settings)?
            .with_header("anthropic-version", VERSION);
        let about = About { oracle: "anthropic".to_string(), ..About::default() };
        let dialect = Mutex::new(Dialect { schema: true, temperature: true, thinking: Thinking::None });
        Ok(Anthropic { http, about, key_hint, declared: None, dialect })
    }

    pub(super) async fn offered(settings: &Settings) -> Result<Vec<Offered>, OracleError> {
        let anthropic = Anthropic::at(settings)?;
        let work = async {
            let response = anthropic.http.get("/models?limit=1000").await?;
            if !response.status().is_success() {
                return Err(anthropic.failure(response).await);
            }
            let headers = response.headers().clone();
            anthropic.http.json::<Models>(&anthropic.http.body(response).await?, &headers)
        };
        let listed = anthropic.http.in_time(work).await?.data;
        let offered = |model: &Model| Offered {
            spec: format!("anthropic:{}", model.id),
            context: model.max_input_tokens,
            loaded: None,
            thinks: model.can("thinking"),
            bytes: None,
        };
        Ok(listed.iter().map(offered).collect())
    }

    async fn model(&self) -> Result<Model, OracleError> {
        let response = self.http.get(&format!("/models/{}", self.about.model)).await?;
        let status = response.status().as_u16();
        if matches!(status, 300..=399 | 401..=403) {
            return Err(self.failure(response).await);
        }
        if !response.status().is_success() {
            let said = self.http.said(response).await;
            // The service itself says what it lacks; a gateway may just not have this path.
            let missing = status == 404 && said.kind == "not_found_error" && said.message.contains("model");
            return if missing { Err(self.refused(status, said)) } else { Ok(Model::default()) };
        }
        let body = self.http.body(response).await?;
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn attempt(&self, question: &Question) -> Result<Reply, OracleError> {
        let limit = self.http.room(question.prompt.tokens, self.about.context)?;
        let mut dialect = *self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let request = self.request(question, dialect, limit);
            let answer = self.http.ask("/messages", &request).await?;
            let status = answer.status().as_u16();
            if answer.status().is_success() {
                let reply = self.reply(question, answer).await?;
                *self.dialect.lock().unwrap_or_else(PoisonError::into_inner) = dialect;
                return Ok(reply);
            }
            if status != 400 {
                return Err(self.failure(answer.into_response()).await);
            }
            let said = self.http.said(answer.into_response()).await;
            match dialect.simpler(&said, &request) {
                Some(simpler) => dialect = simpler,
                None => return Err(self.refused(status, said)),
            }
        }
    }

    fn request<'a>(&'a self, question: &'a Question, dialect: Dialect, limit: u64) -> Request<'a> {
        let prompt = &question.prompt;
        let thinks = prompt.form == Form::Json && self.about.thinks && self.http.settings.native_thinking;
        let thinking = match dialect.thinking {
            Thinking::Adaptive if thinks => Some(ThinkingConfig { kind: "adaptive", budget_tokens: None }),
            Thinking::Enabled if thinks && limit / 2 >= LEAST_THINKING => {
                Some(ThinkingConfig { kind: "enabled", budget_tokens: Some(limit / 2) })
            }
            _ => None,
        };
        let schema = (prompt.form != Form::Reasoning && dialect.schema).then(|| prompt.schema.without_bounds());
        Request {
            model: &self.about.model,
            max_tokens: limit,
            stream: true,
            system: [Block { kind: "text", text: &prompt.system }],
            messages: [Message { role: "user", content: &prompt.user }],
            // A model that thinks takes no temperature.
            temperature: (dialect.temperature && thinking.is_none()).then(|| question.temperature()),
            thinking,
            output_config: schema.map(|schema| OutputConfig { format: Format { kind: "json_schema", schema } }),
        }
    }

    async fn reply(&self, question: &Question, answer: Lines<'_>) -> Result<Reply, OracleError> {
        let Gathered { text, thinking, model, stop, details, usage } = self.gather(answer).await?;
        let finish = match stop.as_deref() {
            Some("refusal") => Finish::Refused(explanation(details.as_ref())),
            Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
            _ => Finish::Stop,
        };
        let tokens = question.prompt.tokens;
        let counted = usage.input();
        let cut = context::may_be_cut(tokens, counted, self.about.context, self.declared);
        Ok(Reply {
            finish: self.http.finish(finish, &text),
            tokens_in: counted.unwrap_or(tokens),
            tokens_out: usage.output_tokens.unwrap_or_else(|| crate::prompt::tokens(&text)),
            oracle: self.about.oracle.clone(),
            model: if model.is_empty() { self.about.model.clone() } else { model },
            digest: String::new(),
            prompt_cut: cut && self.http.sees(Fault::PromptCut),
            ms: 0,
            cached: false,
            text,
            thinking,
        })
    }

    async fn gather(&self, mut answer: Lines<'_>) -> Result<Gathered, OracleError> {
        let mut gathered = Gathered::default();
        let mut events = 0;
        while let Some(event) = answer.event().await? {
            events += 1;
            let (data, whole) = match event {
                Event::Data(data) => (data, false),
                Event::Whole(body) => (body, true),
            };
            if answer.ended_within(&data) {
                break;
            }
            let step: Step = self.http.json(&data, answer.headers())?;
            if let Some(error) = step.error.as_ref().filter(|_| self.http.sees(Fault::ErrorLine)) {
                return Err(self.http.failed_midway(error));
            }
            if whole && events == 1 {
                let message: Whole = self.http.json(&data, answer.headers())?;
                let none = || self.http.garbage("an answer without content");
                return if message.content.is_some() { Ok(gathered.with(message)) } else { Err(none()) };
            }
            if gathered.step(step) {
                return Ok(gathered);
            }
        }
        let complete = gathered.stop.is_some() || !self.http.sees(Fault::CutStream);
        if complete { Ok(gathered) } else { Err(OracleError::CutStream { url: self.http.url.clone() }) }
    }

    async fn failure(&self, response: reqwest::Response) -> OracleError {
        self.http.failure(response, &self.refusal()).await
    }

    fn refused(&self, status: u16, said: Said) -> OracleError {
        self.http.refused(status, said, None, &self.refusal())
    }

    fn refusal(&self) -> Refusal<'_> {
        Refusal {
            model: &self.about.model,
            model_hint: "`weiser models` lists what there is; the name is sent as it stands after `anthropic:`",
            address_hint: "the address has to end where /messages begins, mostly in /v1",
            key_hint: &self.key_hint,
        }
    }
}

impl Dialect {
    /// What to try after a rejection: without what the server names, else without the schema if one was sent.
    fn simpler(self, said: &Said, sent: &Request<'_>) -> Option<Dialect> {
        if said.too_long() || said.quota() {
            return None;
        }
        let names = |field: &str| said.message.contains(field);
        if sent.temperature.is_some() && names("temperature") {
            return Some(Dialect { temperature: false, ..self });
        }
        if sent.thinking.is_some() && (names("thinking") || names("budget_tokens")) {
            let thinking = if self.thinking == Thinking::Adaptive { Thinking::Enabled } else { Thinking::None };
            return Some(Dialect { thinking, ..self });
        }
        sent.output_config.is_some().then_some(Dialect { schema: false, ..self })
    }
}

fn explanation(details: Option<&Value>) -> String {
    let words = details.and_then(|details| details["explanation"].as_str().or_else(|| details["category"].as_str()));
    words.unwrap_or("it gave no reason").to_string()
}

impl Oracle for Anthropic {
    fn about(&self) -> &About {
        &self.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(self.http.persist(question, move || Box::pin(self.attempt(question))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(message: &str) -> Said {
        Said { message: message.into(), ..Said::default() }
    }

    #[test]
    fn a_dialect_only_gets_simpler() {
        let settings = Settings { native_thinking: true, ..Settings::default() };
        let mut anthropic = Anthropic::at(&settings).unwrap();
        anthropic.about.thinks = true;
        let mut dialect = Dialect { schema: true, temperature: true, thinking: Thinking::Adaptive };
        let prompt = crate::prompt::sample("x", crate::prompt::Style::OnePhase);
        let question = Question::new(prompt, 0, 0);
        let steps = [
            "adaptive thinking is not supported on this model",
            "thinking.enabled.budget_tokens: not supported",
            "temperature: deprecated for this model",
            "output_config: extra inputs are not permitted",
        ];
        for step in steps {
            dialect = dialect.simpler(&said(step), &anthropic.request(&question, dialect, 8192)).unwrap();
        }
        assert_eq!(dialect, Dialect { schema: false, temperature: false, thinking: Thinking::None });
        assert_eq!(dialect.simpler(&said("no"), &anthropic.request(&question, dialect, 8192)), None);
    }
}
