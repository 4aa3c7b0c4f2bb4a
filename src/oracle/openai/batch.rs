//! Questions and answers as lines of a batch.

use super::dialect::{Dialect, Schema};
use super::wire::{Gathered, Request, Response};
use super::{ORACLE, request};
use crate::oracle::context::{self, Arrived};
use crate::oracle::http::said_in;
use crate::oracle::{Finish, Question, Reply};
use serde::Serialize;
use serde_json::Value;

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
pub(in crate::oracle) fn batch_line(
    model: &str,
    question: &Question,
    answer_tokens: u64,
    without: Without,
) -> serde_json::Result<String> {
    let dialect = Dialect {
        schema: if without.schema { Schema::None } else { Schema::Plain },
        new_limit: true,
        temperature: !without.temperature,
        seed: !without.seed,
        stream: false,
        usage: false,
    };
    let body = request(model, question, dialect, answer_tokens);
    // Written directly: in the schema the order of properties matters.
    serde_json::to_string(&BatchLine { custom_id: &question.hash, method: "POST", url: "/v1/chat/completions", body })
}

/// The answer to a prompt of `tokens`, in a result of a batch. Errors: what the service says went wrong, or why it is no
/// answer.
pub(in crate::oracle) fn batch_reply(model: &str, body: Value, tokens: u64) -> Result<Reply, String> {
    let mut response: Response = serde_json::from_value(body).map_err(|error| error.to_string())?;
    if let Some(error) = response.error.take().filter(|error| !error.is_null()) {
        return Err(said_in(&serde_json::json!({ "error": error })).message);
    }
    let mut gathered = Gathered::default();
    gathered.add(response);
    if !gathered.any {
        return Err("an answer without choices".to_string());
    }
    let finish = match gathered.finish() {
        Finish::Stop if gathered.text.trim().is_empty() => Finish::Empty,
        told => told,
    };
    let Gathered { text, thinking, model: told, usage, .. } = gathered;
    Ok(Reply {
        finish,
        tokens_in: usage.prompt_tokens.unwrap_or(tokens),
        tokens_out: usage.completion_tokens.unwrap_or_else(|| crate::prompt::tokens(&text)),
        oracle: ORACLE.to_string(),
        model: if told.is_empty() { model.to_string() } else { told },
        digest: String::new(),
        prompt_cut: context::arrived(tokens, usage.prompt_tokens, None) != Arrived::Whole,
        ms: 0,
        cached: false,
        text,
        thinking,
    })
}
