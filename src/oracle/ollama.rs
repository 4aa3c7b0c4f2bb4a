//! Ollama, by its native API (`/api/chat`): the compatible one can't set the context.
//!
//! The context is the same for the whole run, since a change makes the server load the model again. `truncate` and `shift`
//! are off, so a server that knows them fails instead of cutting; `context.rs` says how we notice one that doesn't.

use super::context::{self, Arrived};
use super::http::{Http, said_in};
use super::{About, Finish, Oracle, OracleError, Question, Reply, Settings};
use crate::prompt::Form;
use crate::prompt::schema::ReplySchema;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How long the model stays loaded: long enough for a user to look at one run before the next.
const KEEP_ALIVE: &str = "15m";

pub(super) struct Ollama {
    http: Http,
    about: About,
    context: u64,
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
    context_length: Option<u64>,
}

impl Ollama {
    /// Asks the server for the model: its digest, what it can, how much context it holds.
    pub(super) async fn connect(model: &str, settings: &Settings) -> Result<Self, OracleError> {
        let http = Http::new(&settings.ollama_url, None, settings)?;
        let mut ollama = Ollama { http, about: About::default(), context: 0 };
        ollama.about.oracle = "ollama".to_string();
        ollama.about.model = model.to_string();
        let shown = ollama.http.in_time(ollama.show()).await?;
        let length =
            shown.model_info.iter().find(|(name, _)| name.ends_with(".context_length")).and_then(|(_, v)| v.as_u64());
        let chosen = settings
            .context
            .unwrap_or_else(|| context::choose(settings.largest_prompt, settings.answer_tokens, length));
        ollama.context = chosen.min(length.unwrap_or(u64::MAX));
        ollama.about.context = Some(ollama.context);
        ollama.about.thinks = shown.capabilities.iter().any(|capability| capability == "thinking");
        // The digest is good to know, not needed.
        let installed = ollama.http.in_time(ollama.models("/api/tags")).await.unwrap_or_default();
        ollama.about.digest = ollama.named(&installed).map(|model| model.digest.clone()).unwrap_or_default();
        Ok(ollama)
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
        let num_predict = context::room(prompt.tokens, self.http.settings.answer_tokens, self.context)
            .map_err(|needed| OracleError::TooLong { needed, available: self.context })?;
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
            think: self.about.thinks.then_some(prompt.form == Form::Json),
            options: Options {
                num_ctx: self.context,
                num_predict,
                seed: question.server_seed(),
                temperature: question.temperature(),
            },
        };
        let response = self.http.post("/api/chat", &chat).await?;
        if !response.status().is_success() {
            return Err(self.failure(response).await);
        }
        let (text, thinking, last) = self.read(response).await?;
        let cut = match context::arrived(prompt.tokens, last.prompt_eval_count, Some(self.context)) {
            Arrived::Whole => false,
            Arrived::Cut => true,
            Arrived::Doubtful => !self.surely_allocated(prompt.tokens).await,
        };
        Ok(Reply {
            finish: if last.done_reason.as_deref() == Some("length") { Finish::Length } else { Finish::Stop },
            tokens_in: last.prompt_eval_count.unwrap_or(prompt.tokens),
            tokens_out: last.eval_count.unwrap_or_else(|| crate::prompt::tokens(&text)),
            oracle: self.about.oracle.clone(),
            model: if last.model.is_empty() { self.about.model.clone() } else { last.model },
            digest: self.about.digest.clone(),
            prompt_cut: cut,
            ms: 0,
            cached: false,
            text,
            thinking,
        })
    }

    /// Reads the stream to its last line, which has the counts.
    async fn read(&self, mut response: reqwest::Response) -> Result<(String, String, Line), OracleError> {
        let headers = response.headers().clone();
        let cut = || OracleError::CutStream { url: self.http.url.clone() };
        let (mut text, mut thinking) = (String::new(), String::new());
        let mut buffer: Vec<u8> = Vec::new();
        let mut read = 0;
        while let Some(chunk) = self.http.chunk(&mut response, read).await? {
            read += chunk.len();
            buffer.extend_from_slice(&chunk);
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let bytes: Vec<u8> = buffer.drain(..=end).collect();
                if bytes.trim_ascii().is_empty() {
                    continue;
                }
                let line = self.line(&bytes, &headers, &mut text, &mut thinking)?;
                if line.done {
                    return Ok((text, thinking, line));
                }
            }
        }
        // What is left has no line end: the last line of a server that writes none, or the beginning of one.
        if serde_json::from_slice::<serde::de::IgnoredAny>(&buffer).is_err_and(|error| error.is_eof()) {
            return Err(cut());
        }
        let line = self.line(&buffer, &headers, &mut text, &mut thinking)?;
        if line.done { Ok((text, thinking, line)) } else { Err(cut()) }
    }

    fn line(
        &self,
        bytes: &[u8],
        headers: &HeaderMap,
        text: &mut String,
        thinking: &mut String,
    ) -> Result<Line, OracleError> {
        let line: Line = self.http.json(bytes, headers)?;
        if let Some(error) = &line.error {
            let said = said_in(&serde_json::json!({ "error": error }));
            return Err(self.http.server(None, &said.message));
        }
        text.push_str(line.message.content.as_deref().unwrap_or_default());
        thinking.push_str(line.message.thinking.as_deref().unwrap_or_default());
        Ok(line)
    }

    /// Whether the server holds the model with a context in which the prompt can't have been cut.
    async fn surely_allocated(&self, tokens: u64) -> bool {
        let running = self.models("/api/ps").await.unwrap_or_default();
        let allocated = self.named(&running).and_then(|model| model.context_length);
        allocated.is_some_and(|context| context::surely_fits(tokens, context))
    }

    async fn failure(&self, response: reqwest::Response) -> OracleError {
        let status = response.status().as_u16();
        let said = self.http.said(response).await;
        let url = self.http.url.clone();
        let model = &self.about.model;
        let lower = said.message.to_lowercase();
        match status {
            401 | 403 => OracleError::Auth {
                url,
                status,
                message: said.message,
                hint: "Ollama itself asks for none: check what stands before it".to_string(),
            },
            404 if lower.contains("model") => {
                OracleError::NoModel { url, model: model.clone(), hint: format!("get it with `ollama pull {model}`") }
            }
            404 => self.http.garbage("HTTP 404 instead of Ollama's API"),
            429 => OracleError::RateLimited { url, message: said.message, wait: None },
            400 if lower.contains("context") || lower.contains("too long") => {
                OracleError::TooLongForServer { url, message: said.message }
            }
            _ => self.http.server(Some(status), &said.message),
        }
    }
}

impl Oracle for Ollama {
    fn about(&self) -> &About {
        &self.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(self.http.persist(&question.hash, move || Box::pin(self.attempt(question))))
    }
}
