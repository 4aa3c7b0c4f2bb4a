//! OpenAI's chat completions, and the many servers that speak them (llama.cpp, vLLM, LM Studio, hosted ones).
//!
//! Answers are streamed, so that a server which fell silent is told from one that is busy. `wire` has what is sent and
//! received, `dialect` what is left out for a server that doesn't know it. `batch`: the same in files.

mod batch;
mod dialect;
mod wire;

use super::context;
use super::fault::Fault;
use super::http::{Event, Http, KeyHeader, Lines, Refusal, Said};
use super::keys::{self, Keys};
use super::models::Offered;
use super::{About, OPENAI_URL, Oracle, OracleError, Question, Reply, Settings};
use crate::prompt::Form;
pub use batch::Without;
pub(super) use batch::{batch_line, batch_reply};
use dialect::{Dialect, Schema};
use futures_util::future::BoxFuture;
use std::sync::{Mutex, PoisonError};
use wire::{Format, Gathered, Message, Model, Models, Named, Request, Response, StreamOptions};

/// How this provider is named.
pub(super) const ORACLE: &str = "openai";
pub(super) const KEYS: Keys = Keys { home: "https://api.openai.com", variable: "OPENAI_API_KEY" };

pub(super) struct OpenAi {
    http: Http,
    about: About,
    key_hint: String,
    /// Tokens of context, as the server says.
    declared: Option<u64>,
    dialect: Mutex<Dialect>,
}

impl OpenAi {
    /// Looks whether the server answers and takes the key. A server without a list of models is taken as it is.
    pub(super) async fn connect(model: &str, settings: &Settings) -> Result<Self, OracleError> {
        let mut openai = OpenAi::at(settings)?;
        openai.about.model = model.to_string();
        let listed = openai.http.in_time(openai.models()).await?.unwrap_or_default();
        let named = listed.iter().find(|listed| listed.id == model);
        openai.declared = named.and_then(Model::usable);
        if openai.declared.is_none() && !openai.hosted() {
            openai.declared = openai.http.in_time(openai.studio()).await.ok().flatten();
        }
        openai.about.thinks = named.is_some_and(Model::thinks);
        openai.about.context = [settings.context, openai.declared].into_iter().flatten().min();
        Ok(openai)
    }

    fn at(settings: &Settings) -> Result<Self, OracleError> {
        let (key, key_hint) = keys::key(settings, &KEYS, &settings.openai_url);
        let http = Http::new(&settings.openai_url, key.map(|key| (KeyHeader::Bearer, key)), settings)?;
        let about = About { oracle: ORACLE.to_string(), ..About::default() };
        let openai = OpenAi { http, about, key_hint, declared: None, dialect: Mutex::new(Dialect::full(false)) };
        let dialect = Mutex::new(Dialect::full(openai.hosted()));
        Ok(OpenAi { dialect, ..openai })
    }

    fn hosted(&self) -> bool {
        self.http.url == OPENAI_URL
    }

    /// LM Studio tells the context of its models beside the compatible API, not in it.
    async fn studio(&self) -> Result<Option<u64>, OracleError> {
        let response = self.http.get("/../api/v0/models").await?;
        if !response.status().is_success() {
            return Ok(None);
        }
        let body = self.http.body(response).await?;
        let listed = serde_json::from_slice::<Models>(&body).map(|models| models.data).unwrap_or_default();
        Ok(listed.iter().find(|listed| listed.id == self.about.model).and_then(Model::usable))
    }

    pub(super) async fn offered(settings: &Settings) -> Result<Vec<Offered>, OracleError> {
        let openai = OpenAi::at(settings)?;
        let listed = openai.http.in_time(openai.models()).await?;
        let listed = listed.ok_or_else(|| OracleError::NoApi {
            url: openai.http.url.clone(),
            why: "it has no list of models".to_string(),
            hint: ADDRESS_HINT.to_string(),
        })?;
        let offered = |model: &Model| Offered {
            spec: format!("openai:{}", model.id),
            context: model.largest(),
            loaded: model.usable().filter(|_| model.meta.is_some() || model.loaded_context_length.is_some()),
            thinks: model.thinks(),
            bytes: model.meta.as_ref().and_then(|meta| meta.size),
        };
        Ok(listed.iter().map(offered).collect())
    }

    /// `None` where there is no list.
    async fn models(&self) -> Result<Option<Vec<Model>>, OracleError> {
        let response = self.http.get("/models").await?;
        if matches!(response.status().as_u16(), 300..=399 | 401..=403) {
            return Err(self.failure(response).await);
        }
        if !response.status().is_success() {
            return Ok(None);
        }
        let body = self.http.body(response).await?;
        Ok(serde_json::from_slice::<Models>(&body).ok().map(|models| models.data))
    }

    async fn attempt(&self, question: &Question) -> Result<Reply, OracleError> {
        let limit = self.http.room(question.prompt.tokens, self.about.context)?;
        let mut dialect = *self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let answer =
                self.http.ask("/chat/completions", &request(&self.about.model, question, dialect, limit)).await?;
            let status = answer.status();
            if status.is_success() {
                let reply = self.reply(question, answer).await?;
                *self.dialect.lock().unwrap_or_else(PoisonError::into_inner) = dialect;
                return Ok(reply);
            }
            if !matches!(status.as_u16(), 400 | 422) {
                return Err(self.failure(answer.into_response()).await);
            }
            let said = self.http.said(answer.into_response()).await;
            match dialect.simpler(&said, question.prompt.form != Form::Reasoning) {
                Some(simpler) => dialect = simpler,
                None => return Err(self.refused(status.as_u16(), said)),
            }
        }
    }

    async fn reply(&self, question: &Question, answer: Lines<'_>) -> Result<Reply, OracleError> {
        let gathered = self.gather(answer).await?;
        let finish = gathered.finish();
        let Gathered { text, thinking, model, usage, .. } = gathered;
        let tokens = question.prompt.tokens;
        let cut = context::may_be_cut(tokens, usage.prompt_tokens, self.about.context, self.declared);
        Ok(Reply {
            finish: self.http.finish(finish, &text),
            tokens_in: usage.prompt_tokens.unwrap_or(tokens),
            tokens_out: usage.completion_tokens.unwrap_or_else(|| crate::prompt::tokens(&text)),
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

    /// Reads an answer to its end: the whole of it, or `[DONE]`, or the end of a stream in which a reason to finish was given.
    async fn gather(&self, mut answer: Lines<'_>) -> Result<Gathered, OracleError> {
        let mut gathered = Gathered::default();
        while let Some(event) = answer.event().await? {
            let begun = gathered.any;
            let (data, whole) = match event {
                Event::Data(data) if data.trim_ascii() == b"[DONE]" => return Ok(gathered),
                Event::Data(data) => (data, false),
                Event::Whole(body) => (body, true),
            };
            if answer.ended_within(&data) {
                break;
            }
            let response: Response = self.http.json(&data, answer.headers())?;
            let error = response.error.as_ref().filter(|error| !error.is_null());
            if let Some(error) = error.filter(|_| self.http.sees(Fault::ErrorLine)) {
                return Err(self.http.failed_midway(error));
            }
            gathered.add(response);
            if whole && !begun {
                let none = || self.http.garbage("an answer without choices");
                return if gathered.any { Ok(gathered) } else { Err(none()) };
            }
        }
        let complete = gathered.finish.is_some() || !self.http.sees(Fault::CutStream);
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
            model_hint: "`weiser models` lists what there is; the name is sent as it stands after `openai:`",
            address_hint: ADDRESS_HINT,
            key_hint: &self.key_hint,
        }
    }
}

fn request<'a>(model: &'a str, question: &'a Question, dialect: Dialect, limit: u64) -> Request<'a> {
    let prompt = &question.prompt;
    let schema = match dialect.schema {
        _ if prompt.form == Form::Reasoning => None,
        Schema::Bounded => Some(prompt.schema.clone()),
        Schema::Plain => Some(prompt.schema.without_bounds()),
        Schema::None => None,
    };
    Request {
        model,
        messages: [
            Message { role: "system", content: &prompt.system },
            Message { role: "user", content: &prompt.user },
        ],
        stream: dialect.stream,
        stream_options: (dialect.stream && dialect.usage).then_some(StreamOptions { include_usage: true }),
        max_tokens: (!dialect.new_limit).then_some(limit),
        max_completion_tokens: dialect.new_limit.then_some(limit),
        temperature: dialect.temperature.then(|| question.temperature()),
        seed: dialect.seed.then(|| question.server_seed()),
        response_format: schema
            .map(|schema| Format { kind: "json_schema", json_schema: Named { name: "verdict", strict: true, schema } }),
    }
}

const ADDRESS_HINT: &str = "the address has to end where /chat/completions begins, mostly in /v1";

impl Oracle for OpenAi {
    fn about(&self) -> &About {
        &self.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(self.http.persist(question, move || Box::pin(self.attempt(question))))
    }
}
