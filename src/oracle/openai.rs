//! OpenAI's chat completions, and the many servers that speak them (llama.cpp, vLLM, LM Studio, hosted ones).
//!
//! They differ in what they accept. A field that a server rejects with HTTP 400 is left out or replaced and the question
//! sent again at once; what worked is kept for the rest of the run.

use super::context::{self, Arrived};
use super::http::{Http, Said, wait};
use super::{About, Finish, OPENAI_URL, Oracle, OracleError, Question, Reply, Secret, Settings};
use crate::prompt::Form;
use crate::prompt::schema::ReplySchema;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

/// How this provider is named.
pub(super) const ORACLE: &str = "openai";

pub(super) struct OpenAi {
    http: Http,
    about: About,
    hint: String,
    /// Tokens of context, as the server says.
    declared: Option<u64>,
    dialect: Mutex<Dialect>,
}

/// How much of a request a server understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dialect {
    schema: Schema,
    /// `max_completion_tokens` instead of `max_tokens`.
    new_limit: bool,
    temperature: bool,
    seed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Schema {
    Bounded,
    /// Without `maxLength` and `maxItems`.
    Plain,
    /// No `response_format`: the prompt alone says what the answer looks like.
    None,
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct Format {
    #[serde(rename = "type")]
    kind: &'static str,
    json_schema: Named,
}

#[derive(Serialize)]
struct Named {
    name: &'static str,
    strict: bool,
    schema: ReplySchema,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    message: Answer,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    /// The thinking trace of DeepSeek, vLLM and llama.cpp; others call it `reasoning`.
    #[serde(default)]
    reasoning_content: Option<String>,
    #[serde(default)]
    reasoning: Option<Value>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Models {
    #[serde(default)]
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
    /// vLLM's name for the context; llama.cpp has it in `meta`.
    #[serde(default)]
    max_model_len: Option<u64>,
    #[serde(default)]
    meta: Meta,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Meta {
    n_ctx: Option<u64>,
}

impl OpenAi {
    /// Looks whether the server answers and takes the key. A server without a list of models is taken as it is.
    pub(super) async fn connect(model: &str, settings: &Settings) -> Result<Self, OracleError> {
        let (key, hint) = key(settings);
        let http = Http::new(&settings.openai_url, key, settings)?;
        let about = About {
            oracle: ORACLE.to_string(),
            model: model.to_string(),
            context: settings.context,
            ..About::default()
        };
        let dialect = Dialect { schema: Schema::Bounded, new_limit: hosted(settings), temperature: true, seed: true };
        let mut openai = OpenAi { http, about, hint, declared: None, dialect: Mutex::new(dialect) };
        let listed = openai.http.in_time(openai.models()).await?;
        let named = listed.iter().find(|listed| listed.id == model);
        openai.declared = named.and_then(|listed| listed.max_model_len.or(listed.meta.n_ctx));
        openai.about.context = [settings.context, openai.declared].into_iter().flatten().min();
        Ok(openai)
    }

    async fn models(&self) -> Result<Vec<Model>, OracleError> {
        let response = self.http.get("/models").await?;
        let status = response.status().as_u16();
        if matches!(status, 401..=403) {
            return Err(self.failure(response).await);
        }
        if !response.status().is_success() {
            return Ok(Vec::new());
        }
        let body = self.http.body(response).await?;
        Ok(serde_json::from_slice::<Models>(&body).map(|models| models.data).unwrap_or_default())
    }

    async fn attempt(&self, question: &Question) -> Result<Reply, OracleError> {
        let prompt = &question.prompt;
        let answer = self.http.settings.answer_tokens;
        let limit = match self.about.context {
            Some(context) => context::room(prompt.tokens, answer, context)
                .map_err(|needed| OracleError::TooLong { needed, available: context })?,
            None => answer,
        };
        let mut dialect = *self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let response =
                self.http.post("/chat/completions", &request(&self.about.model, question, dialect, limit)).await?;
            let status = response.status();
            if status.is_success() {
                let reply = self.reply(question, response).await?;
                *self.dialect.lock().unwrap_or_else(PoisonError::into_inner) = dialect;
                return Ok(reply);
            }
            if !matches!(status.as_u16(), 400 | 422) {
                return Err(self.failure(response).await);
            }
            let said = self.http.said(response).await;
            match dialect.simpler(&said, prompt.form != Form::Reasoning) {
                Some(simpler) => dialect = simpler,
                None => return Err(self.told(status.as_u16(), said, None)),
            }
        }
    }

    async fn reply(&self, question: &Question, response: reqwest::Response) -> Result<Reply, OracleError> {
        let headers = response.headers().clone();
        let body = self.http.body(response).await?;
        let response: Response = self.http.json(&body, &headers)?;
        let usage = response.usage.as_ref().and_then(|usage| usage.prompt_tokens);
        let mut reply = told_by(response, question.prompt.tokens, self.about.context).map_err(|wrong| match wrong {
            Wrong::Server(message) => self.http.server(None, &message),
            Wrong::Form(why) => self.http.garbage(why),
        })?;
        // Only a missing count can be made up for.
        let fits = || self.declared.is_some_and(|context| context::surely_fits(question.prompt.tokens, context));
        reply.prompt_cut &= usage.is_some() || !fits();
        if reply.model.is_empty() {
            reply.model.clone_from(&self.about.model);
        }
        Ok(reply)
    }

    async fn failure(&self, response: reqwest::Response) -> OracleError {
        let status = response.status().as_u16();
        let wait = wait(response.headers());
        let said = self.http.said(response).await;
        self.told(status, said, wait)
    }

    fn told(&self, status: u16, said: Said, wait: Option<std::time::Duration>) -> OracleError {
        let url = self.http.url.clone();
        let Said { message, code, kind, .. } = said;
        let quota = code == "insufficient_quota" || kind == "insufficient_quota";
        match status {
            401 | 403 => OracleError::Auth { url, status, message, hint: self.hint.clone() },
            402 => OracleError::Quota { url, message },
            429 if quota => OracleError::Quota { url, message },
            429 => OracleError::RateLimited { url, message, wait },
            404 if code == "model_not_found" || message.to_lowercase().contains("model") => {
                let hint = "`weiser` sends the name as it stands after `openai:`; check the server's list of models"
                    .to_string();
                OracleError::NoModel { url, model: self.about.model.clone(), hint }
            }
            404 | 405 => self.http.garbage(&format!(
                "HTTP {status}; the address has to end where /chat/completions begins, mostly in /v1"
            )),
            400 | 413 | 422 if too_long(&code, &kind, &message) => OracleError::TooLongForServer { url, message },
            _ => self.http.server(Some(status), &message),
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
        stream: false,
        max_tokens: (!dialect.new_limit).then_some(limit),
        max_completion_tokens: dialect.new_limit.then_some(limit),
        temperature: dialect.temperature.then(|| question.temperature()),
        seed: dialect.seed.then(|| question.server_seed()),
        response_format: schema
            .map(|schema| Format { kind: "json_schema", json_schema: Named { name: "verdict", strict: true, schema } }),
    }
}

/// What is wrong with an answer that came with HTTP 200.
enum Wrong {
    Server(String),
    Form(&'static str),
}

/// An answer to a prompt of `tokens`; these servers count the whole prompt, cached or not.
fn told_by(response: Response, tokens: u64, context: Option<u64>) -> Result<Reply, Wrong> {
    if let Some(error) = response.error.filter(|error| !error.is_null()) {
        return Err(Wrong::Server(super::http::said_in(&serde_json::json!({ "error": error })).message));
    }
    let choice = response.choices.into_iter().next().ok_or(Wrong::Form("an answer without choices"))?;
    let text = choice.message.content.unwrap_or_default();
    let reasoning = choice.message.reasoning.as_ref().and_then(Value::as_str).map(str::to_string);
    let thinking = choice.message.reasoning_content.or(reasoning);
    let finish = match (choice.message.refusal.filter(|refusal| !refusal.is_empty()), choice.finish_reason.as_deref()) {
        (Some(refusal), _) => Finish::Refused(refusal),
        (None, Some("content_filter")) => Finish::Refused("the server's content filter".to_string()),
        (None, Some("length")) => Finish::Length,
        (None, _) => Finish::Stop,
    };
    let usage = response.usage.unwrap_or(Usage { prompt_tokens: None, completion_tokens: None });
    Ok(Reply {
        finish,
        tokens_in: usage.prompt_tokens.unwrap_or(tokens),
        tokens_out: usage.completion_tokens.unwrap_or_else(|| crate::prompt::tokens(&text)),
        oracle: ORACLE.to_string(),
        model: response.model.unwrap_or_default(),
        digest: String::new(),
        prompt_cut: context::arrived(tokens, usage.prompt_tokens, context) != Arrived::Whole,
        ms: 0,
        cached: false,
        text,
        thinking: thinking.unwrap_or_default(),
    })
}

/// Fields that a batch leaves out, since a server that doesn't know them can't say so in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Without {
    pub temperature: bool,
    pub seed: bool,
    /// `response_format`.
    pub schema: bool,
}

#[derive(Serialize)]
struct BatchLine<'a> {
    custom_id: &'a str,
    method: &'static str,
    url: &'static str,
    body: Request<'a>,
}

/// A question as a line of a batch file, without the line break.
pub(super) fn batch_line(
    model: &str,
    question: &Question,
    answer_tokens: u64,
    without: Without,
) -> serde_json::Result<String> {
    let schema = if without.schema { Schema::None } else { Schema::Plain };
    let dialect = Dialect { schema, new_limit: true, temperature: !without.temperature, seed: !without.seed };
    let body = request(model, question, dialect, answer_tokens);
    // Written directly: in the schema the order of properties matters.
    serde_json::to_string(&BatchLine { custom_id: &question.hash, method: "POST", url: "/v1/chat/completions", body })
}

/// The answer in a result of a batch.
pub(super) fn batch_reply(model: &str, body: Value, tokens: u64) -> Result<Reply, String> {
    let response: Response = serde_json::from_value(body).map_err(|error| error.to_string())?;
    let reply = told_by(response, tokens, None).map_err(|wrong| match wrong {
        Wrong::Server(message) => message,
        Wrong::Form(why) => why.to_string(),
    })?;
    let model = if reply.model.is_empty() { model.to_string() } else { reply.model };
    Ok(Reply { model, ..reply })
}

impl Dialect {
    /// What to try after a rejection: the field that the server names, else the schema if one was sent.
    fn simpler(self, said: &Said, with_schema: bool) -> Option<Dialect> {
        if too_long(&said.code, &said.kind, &said.message) {
            return None;
        }
        let text = format!("{} {}", said.param, said.message);
        let names = |field: &str| text.contains(field);
        if !self.new_limit && names("max_completion_tokens") {
            return Some(Dialect { new_limit: true, ..self });
        }
        if self.temperature && names("temperature") {
            return Some(Dialect { temperature: false, ..self });
        }
        if self.seed && names("seed") {
            return Some(Dialect { seed: false, ..self });
        }
        match self.schema {
            _ if !with_schema => None,
            Schema::Bounded if names("maxLength") || names("maxItems") => {
                Some(Dialect { schema: Schema::Plain, ..self })
            }
            Schema::Bounded | Schema::Plain => Some(Dialect { schema: Schema::None, ..self }),
            Schema::None => None,
        }
    }
}

fn too_long(code: &str, kind: &str, message: &str) -> bool {
    let message = message.to_lowercase();
    code == "context_length_exceeded"
        || kind == "exceed_context_size_error"
        || message.contains("context length")
        || message.contains("context size")
        || message.contains("maximum context")
}

fn hosted(settings: &Settings) -> bool {
    settings.openai_url.trim_end_matches('/') == OPENAI_URL
}

/// The key, and where it would have come from. `OPENAI_API_KEY` goes to OpenAI only: an address is easily changed, also by
/// a configuration file that came with somebody's code.
fn key(settings: &Settings) -> (Option<Secret>, String) {
    let variables: Vec<&str> = match &settings.key_variable {
        Some(name) => vec![name],
        None if hosted(settings) => vec!["WEISER_API_KEY", "OPENAI_API_KEY"],
        None => vec!["WEISER_API_KEY"],
    };
    let key = Secret::from_environment(&variables).or_else(|| settings.key.clone());
    let names = variables.join(" or ");
    let hint = if key.is_some() { format!("check the key in {names}") } else { format!("set {names}") };
    (key, hint)
}

impl Oracle for OpenAi {
    fn about(&self) -> &About {
        &self.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(self.http.persist(&question.hash, move || Box::pin(self.attempt(question))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(param: &str, message: &str) -> Said {
        Said { param: param.into(), message: message.into(), ..Said::default() }
    }

    #[test]
    fn a_dialect_only_gets_simpler() {
        let mut dialect = Dialect { schema: Schema::Bounded, new_limit: false, temperature: true, seed: true };
        for (rejection, expected) in [
            (
                said("", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
                Dialect { new_limit: true, ..dialect },
            ),
            (said("temperature", "Unsupported value"), Dialect { new_limit: true, temperature: false, ..dialect }),
            (
                said("response_format", "'maxLength' is not permitted"),
                Dialect { new_limit: true, temperature: false, schema: Schema::Plain, ..dialect },
            ),
            (said("", "bad request"), Dialect { new_limit: true, temperature: false, schema: Schema::None, ..dialect }),
        ] {
            dialect = dialect.simpler(&rejection, true).unwrap();
            assert_eq!(dialect, expected);
        }
        assert_eq!(dialect.simpler(&said("", "bad request"), true), None);
        assert_eq!(dialect.simpler(&said("", "This model's maximum context length is 8192 tokens"), true), None);
    }

    #[test]
    fn the_schema_is_not_blamed_where_none_was_sent() {
        let dialect = Dialect { schema: Schema::Bounded, new_limit: true, temperature: true, seed: true };
        assert_eq!(dialect.simpler(&said("", "bad request"), false), None);
    }

    #[test]
    fn openai_s_key_goes_nowhere_else() {
        let elsewhere = Settings { openai_url: "https://example.org/v1".into(), ..Settings::default() };
        assert!(!key(&elsewhere).1.contains("OPENAI_API_KEY"));
        assert!(key(&Settings::default()).1.contains("OPENAI_API_KEY"));
        let named = Settings { key_variable: Some("MY_KEY_THAT_IS_NOT_SET".into()), ..Settings::default() };
        assert_eq!(key(&named).1, "set MY_KEY_THAT_IS_NOT_SET");
    }
}
