//! Ollama, by its native API (`/api/chat`): the compatible one can't set the context.
//!
//! The context is the same for the whole run, since a change makes the server load the model again. `truncate` and `shift`
//! are off, so a server that knows them fails instead of cutting; `context.rs` says how we notice one that doesn't.

use super::context::{self, Arrived};
use super::fault::Fault;
use super::http::{Http, KeyHeader, Lines, Refusal};
use super::keys::{self, Keys};
use super::models::Offered;
use super::{About, Finish, Oracle, OracleError, Question, Reply, Settings};
use crate::prompt::Form;
use crate::prompt::schema::ReplySchema;
use futures_util::future::BoxFuture;
use reqwest::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How long the model stays loaded: long enough for a user to look at one run before the next.
const KEEP_ALIVE: &str = "15m";
/// Ollama on one's own machine takes no key; its hosted service and gateways before it do.
pub(super) const KEYS: Keys = Keys { home: "https://ollama.com", variable: "OLLAMA_API_KEY" };

pub(super) struct Ollama {
    http: Http,
    about: About,
    context: u64,
    key_hint: String,
}

#[derive(Serialize)]
struct Chat<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    stream: bool,
    truncate: bool,
    shift: bool,
    keep_alive: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a ReplySchema>,
    #[serde(skip_serializing_if = "Option::is_none")]
    think: Option<bool>,
    options: Options,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct Options {
    num_ctx: u64,
    num_predict: u64,
    seed: u64,
    temperature: f32,
}

/// One line of the streamed answer.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Line {
    message: Piece,
    model: String,
    done: bool,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    error: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Piece {
    content: Option<String>,
    thinking: Option<String>,
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    capabilities: Vec<String>,
    #[serde(default)]
    model_info: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct Models {
    #[serde(default)]
    models: Vec<Model>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Model {
    name: String,
    digest: String,
    size: Option<u64>,
    context_length: Option<u64>,
}

impl Ollama {
    /// Asks the server for the model: its digest, what it can, how much context it holds.
    pub(super) async fn connect(model: &str, settings: &Settings) -> Result<Self, OracleError> {
        let mut ollama = Ollama::at(settings)?;
        ollama.about.model = model.to_string();
        let shown = ollama.http.in_time(ollama.show()).await?;
        let length = shown.context();
        let chosen = settings
            .context
            .unwrap_or_else(|| context::choose(settings.largest_prompt, settings.answer_tokens, length));
        ollama.context = chosen.min(length.unwrap_or(u64::MAX));
        ollama.about.context = Some(ollama.context);
        ollama.about.thinks = shown.thinks();
        // The digest is good to know, not needed.
        let installed = ollama.http.in_time(ollama.models("/api/tags")).await.unwrap_or_default();
        ollama.about.digest = ollama.named(&installed).map(|model| model.digest.clone()).unwrap_or_default();
        Ok(ollama)
    }

    fn at(settings: &Settings) -> Result<Self, OracleError> {
        let (key, key_hint) = keys::key(settings, &KEYS, &settings.ollama_url);
        let http = Http::new(&settings.ollama_url, key.map(|key| (KeyHeader::Bearer, key)), settings)?;
        let about = About { oracle: "ollama".to_string(), ..About::default() };
        Ok(Ollama { http, about, context: 0, key_hint })
    }

    /// What the server has installed, and how much context each model holds.
    pub(super) async fn offered(settings: &Settings) -> Result<Vec<Offered>, OracleError> {
        let mut ollama = Ollama::at(settings)?;
        let installed = ollama.http.in_time(ollama.models("/api/tags")).await?;
        let running = ollama.http.in_time(ollama.models("/api/ps")).await.unwrap_or_default();
        let mut offered = Vec::new();
        for model in installed {
            ollama.about.model = model.name.clone();
            let shown = ollama.http.in_time(ollama.show()).await.ok();
            let loaded = running.iter().find(|running| running.name == model.name);
            offered.push(Offered {
                spec: format!("ollama:{}", model.name),
                context: shown.as_ref().and_then(Shown::context),
                loaded: loaded.and_then(|model| model.context_length),
                thinks: shown.as_ref().is_some_and(Shown::thinks),
                bytes: model.size,
            });
        }
        Ok(offered)
    }

    async fn show(&self) -> Result<Shown, OracleError> {
        #[derive(Serialize)]
        struct Show<'a> {
            model: &'a str,
        }
        let response = self.http.post("/api/show", &Show { model: &self.about.model }).await?;
        if !response.status().is_success() {
            return Err(self.failure(response).await);
        }
        let headers = response.headers().clone();
        self.http.json(&self.http.body(response).await?, &headers)
    }

    async fn models(&self, path: &str) -> Result<Vec<Model>, OracleError> {
        let response = self.http.get(path).await?;
        if !response.status().is_success() {
            return Err(self.failure(response).await);
        }
        let headers = response.headers().clone();
        Ok(self.http.json::<Models>(&self.http.body(response).await?, &headers)?.models)
    }

    fn named<'a>(&self, models: &'a [Model]) -> Option<&'a Model> {
        let name = &self.about.model;
        let tagged = format!("{name}:latest");
        models.iter().find(|model| model.name == *name).or_else(|| models.iter().find(|model| model.name == tagged))
    }

    async fn attempt(&self, question: &Question) -> Result<Reply, OracleError> {
        let prompt = &question.prompt;
        let num_predict = self.http.room(prompt.tokens, Some(self.context))?;
        let chat = Chat {
            model: &self.about.model,
            messages: [
                Message { role: "system", content: &prompt.system },
                Message { role: "user", content: &prompt.user },
            ],
            stream: true,
            truncate: false,
            shift: false,
            keep_alive: KEEP_ALIVE,
            format: (prompt.form != Form::Reasoning).then_some(&prompt.schema),
            think: self.about.thinks.then_some(prompt.form == Form::Json && self.http.settings.native_thinking),
            options: Options {
                num_ctx: self.context,
                num_predict,
                seed: question.server_seed(),
                temperature: question.temperature(),
            },
        };
        let answer = self.http.ask("/api/chat", &chat).await?;
        if !answer.status().is_success() {
            return Err(self.failure(answer.into_response()).await);
        }
        let (text, thinking, last) = self.read(answer).await?;
        let cut = match context::arrived(prompt.tokens, last.prompt_eval_count, Some(self.context)) {
            Arrived::Whole => false,
            Arrived::Cut => true,
            Arrived::Doubtful => !self.surely_allocated(prompt.tokens).await,
        };
        // A model that was dropped in the middle, or only loaded, has said nothing.
        if matches!(last.done_reason.as_deref(), Some("load" | "unload")) && self.http.sees(Fault::Unloaded) {
            let message = "it ended the answer when the model was loaded or dropped".to_string();
            return Err(OracleError::Unloaded { url: self.http.url.clone(), message });
        }
        let finish = if last.done_reason.as_deref() == Some("length") { Finish::Length } else { Finish::Stop };
        Ok(Reply {
            finish: self.http.finish(finish, &text),
            tokens_in: last.prompt_eval_count.unwrap_or(prompt.tokens),
            tokens_out: last.eval_count.unwrap_or_else(|| crate::prompt::tokens(&text)),
            oracle: self.about.oracle.clone(),
            model: if last.model.is_empty() { self.about.model.clone() } else { last.model },
            digest: self.about.digest.clone(),
            prompt_cut: cut && self.http.sees(Fault::PromptCut),
            ms: 0,
            cached: false,
            text,
            thinking,
        })
    }

    /// Reads the stream to its last line, which has the counts.
    async fn read(&self, mut answer: Lines<'_>) -> Result<(String, String, Line), OracleError> {
        let cut = || OracleError::CutStream { url: self.http.url.clone() };
        let (mut text, mut thinking) = (String::new(), String::new());
        while let Some(bytes) = answer.line().await? {
            if answer.ended_within(&bytes) {
                break;
            }
            let line: Line = self.http.json(&bytes, answer.headers())?;
            if let Some(error) = line.error.as_ref().filter(|_| self.http.sees(Fault::ErrorLine)) {
                return Err(self.http.failed_midway(error));
            }
            text.push_str(line.message.content.as_deref().unwrap_or_default());
            thinking.push_str(line.message.thinking.as_deref().unwrap_or_default());
            if line.done {
                return Ok((text, thinking, line));
            }
        }
        if self.http.sees(Fault::CutStream) { Err(cut()) } else { Ok((text, thinking, Line::default())) }
    }

    /// Whether the server holds the model with a context in which the prompt can't have been cut.
    async fn surely_allocated(&self, tokens: u64) -> bool {
        let running = self.models("/api/ps").await.unwrap_or_default();
        let allocated = self.named(&running).and_then(|model| model.context_length);
        allocated.is_some_and(|context| context::surely_fits(tokens, context))
    }

    async fn failure(&self, response: Response) -> OracleError {
        let model = &self.about.model;
        let refusal = Refusal {
            model,
            model_hint: &format!("get it with `ollama pull {model}`"),
            address_hint: "Ollama's address has no path, mostly http://127.0.0.1:11434",
            key_hint: &format!("Ollama itself asks for none; for what stands before it, {}", self.key_hint),
        };
        self.http.failure(response, &refusal).await
    }
}

impl Shown {
    fn context(&self) -> Option<u64> {
        self.model_info.iter().find(|(name, _)| name.ends_with(".context_length")).and_then(|(_, value)| value.as_u64())
    }

    fn thinks(&self) -> bool {
        self.capabilities.iter().any(|capability| capability == "thinking")
    }
}

impl Oracle for Ollama {
    fn about(&self) -> &About {
        &self.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(self.http.persist(question, move || Box::pin(self.attempt(question))))
    }
}
