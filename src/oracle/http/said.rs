//! What servers say of their failures, and the error that it amounts to. The words are those of Ollama, llama.cpp, vLLM, LM
//! Studio, OpenAI, Anthropic and what stands before them; where a status is clear enough, words don't matter.

use super::{Http, location, wait};
use crate::oracle::OracleError;
use crate::oracle::fault::Fault;
use reqwest::Response;
use serde_json::Value;
use std::time::Duration;

/// What a server said went wrong.
#[derive(Debug, Default, Clone)]
pub(in crate::oracle) struct Said {
    pub(in crate::oracle) message: String,
    /// `code` and `type` of OpenAI's errors; empty where there are none.
    pub(in crate::oracle) code: String,
    pub(in crate::oracle) kind: String,
    pub(in crate::oracle) param: String,
}

/// A failure with its status.
pub(in crate::oracle) struct Refusal<'a> {
    pub(in crate::oracle) model: &'a str,
    /// What to do about a missing model, a wrong address, a rejected key.
    pub(in crate::oracle) model_hint: &'a str,
    pub(in crate::oracle) address_hint: &'a str,
    pub(in crate::oracle) key_hint: &'a str,
}

impl Said {
    fn any(&self, words: &[&str]) -> bool {
        let text = format!("{} {} {}", self.message, self.code, self.kind).to_lowercase();
        words.iter().any(|word| text.contains(word))
    }

    /// The question exceeds the model's context.
    pub(in crate::oracle) fn too_long(&self) -> bool {
        self.any(&[
            "context_length_exceeded",
            "exceed_context_size",
            "context length",
            "context size",
            "context window",
            "maximum context",
            "prompt is too long",
            "prompt too long",
            "request_too_large",
        ])
    }

    pub(in crate::oracle) fn quota(&self) -> bool {
        self.any(&[
            "insufficient_quota",
            "exceeded your current quota",
            "billing_error",
            "credit balance",
            "insufficient balance",
            "insufficient credits",
            "spend limit",
        ])
    }

    /// LM Studio drops models, llama.cpp and Ollama load them while one waits.
    fn unloaded(&self) -> bool {
        self.any(&[
            "unloaded",
            "loading model",
            "model is loading",
            "model not loaded",
            "no models loaded",
            "model is not loaded",
        ])
    }

    fn limited(&self) -> bool {
        self.any(&["rate_limit", "rate limit", "too many requests"])
    }
}

impl Http {
    /// Reads the body of a failure; a body that can't be read is an empty one.
    pub(in crate::oracle) async fn said(&self, response: Response) -> Said {
        let status = response.status();
        let body = self.body(response).await.unwrap_or_default();
        let mut said = said(&body);
        if said.message.is_empty() {
            said.message = status.canonical_reason().unwrap_or("no reason given").to_string();
        }
        said.message = self.clean(&said.message);
        said
    }

    /// A response that isn't a success, as an error.
    pub(in crate::oracle) async fn failure(&self, response: Response, refusal: &Refusal<'_>) -> OracleError {
        let status = response.status().as_u16();
        let asked = wait::retry_after(response.headers()).filter(|_| self.sees(Fault::RetryAfter));
        let wait = asked.or_else(|| wait::spent(response.headers()).filter(|_| self.sees(Fault::RateHeaders)));
        let target = self.clean(&location(response.headers()));
        let said = self.said(response).await;
        if (300..400).contains(&status) && self.sees(Fault::Redirect) {
            let why = format!("it answers HTTP {status} and points to {target}");
            return OracleError::NoApi { url: self.url.clone(), why, hint: "name that address itself".to_string() };
        }
        self.refused(status, said, wait, refusal)
    }

    /// An error by its status and words.
    pub(in crate::oracle) fn refused(
        &self,
        status: u16,
        said: Said,
        wait: Option<Duration>,
        refusal: &Refusal<'_>,
    ) -> OracleError {
        let url = self.url.clone();
        let sees = |fault| self.sees(fault);
        let client_fault = (400..500).contains(&status);
        let Said { message, .. } = said.clone();
        if client_fault && said.quota() && sees(Fault::Quota) || status == 402 && sees(Fault::Quota) {
            return OracleError::Quota { url, message };
        }
        if matches!(status, 400 | 413 | 422 | 500) && said.too_long() && sees(Fault::TooLongForServer) {
            return OracleError::TooLongForServer { url, message };
        }
        if said.unloaded() && !matches!(status, 401..=403) && sees(Fault::Unloaded) {
            return OracleError::Unloaded { url, message };
        }
        match status {
            401 | 403 if sees(Fault::Auth) => {
                OracleError::Auth { url, status, message, hint: refusal.key_hint.to_string() }
            }
            404 if said.any(&["model"]) && sees(Fault::NoModel) => {
                OracleError::NoModel { url, model: refusal.model.to_string(), hint: refusal.model_hint.to_string() }
            }
            404 | 405 | 501 if sees(Fault::NoApi) => OracleError::NoApi {
                url,
                why: format!("it answers HTTP {status}"),
                hint: refusal.address_hint.to_string(),
            },
            408 | 425 if sees(Fault::RequestTimeout) => self.server(Some(status), &message),
            413 if sees(Fault::TooLarge) => OracleError::TooLongForServer { url, message },
            429 if sees(Fault::RateLimited) => OracleError::RateLimited { url, message, wait },
            // A server that is overloaded may say when it won't be.
            503 | 529 if wait.is_some() && sees(Fault::ServerError) => OracleError::RateLimited { url, message, wait },
            500.. if sees(Fault::ServerError) => self.server(Some(status), &message),
            ..500 if !sees(Fault::Rejected) => self.server(Some(status), &message),
            _ => OracleError::Rejected { url, status, message },
        }
    }

    /// An error that came after HTTP 200, alone or in the middle of a stream.
    pub(in crate::oracle) fn failed_midway(&self, error: &Value) -> OracleError {
        let mut said = said_in(&serde_json::json!({ "error": error }));
        said.message = self.clean(&said.message);
        let url = self.url.clone();
        let Said { message, .. } = said.clone();
        if said.quota() && self.sees(Fault::Quota) {
            return OracleError::Quota { url, message };
        }
        if said.too_long() && self.sees(Fault::TooLongForServer) {
            return OracleError::TooLongForServer { url, message };
        }
        if said.unloaded() && self.sees(Fault::Unloaded) {
            return OracleError::Unloaded { url, message };
        }
        if (said.limited() || said.code == "429") && self.sees(Fault::RateLimited) {
            return OracleError::RateLimited { url, message, wait: None };
        }
        self.server(None, &message)
    }
}

/// The forms in which servers tell errors: `{"error": {"message", "code", "type"}}`, `{"error": "..."}`, `{"detail": ...}`.
fn said(body: &[u8]) -> Said {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        let text = String::from_utf8_lossy(body);
        let html = text.trim_start().starts_with('<');
        return Said { message: if html { "a web page".to_string() } else { text.into_owned() }, ..Said::default() };
    };
    said_in(&value)
}

pub(in crate::oracle) fn said_in(value: &Value) -> Said {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let error = if value["error"].is_null() { value } else { &value["error"] };
    let message = match error {
        Value::String(text) => text.clone(),
        _ => ["message", "detail", "error"]
            .iter()
            .map(|name| text(&error[*name]))
            .find(|m| !m.is_empty())
            .unwrap_or_default(),
    };
    Said { message, code: text(&error["code"]), kind: text(&error["type"]), param: text(&error["param"]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read_in_every_form() {
        assert_eq!(said(br#"{"error": "model 'x' not found"}"#).message, "model 'x' not found");
        let openai = said(br#"{"error": {"message": "m", "type": "t", "code": "c", "param": null}}"#);
        assert_eq!((openai.message.as_str(), openai.kind.as_str(), openai.code.as_str()), ("m", "t", "c"));
        let anthropic = said(br#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#);
        assert_eq!((anthropic.message.as_str(), anthropic.kind.as_str()), ("Overloaded", "overloaded_error"));
        assert_eq!(said(br#"{"detail": [{"loc": 1}]}"#).message, r#"[{"loc":1}]"#);
        assert_eq!(said(b"<html>no</html>").message, "a web page");
        assert_eq!(said(b"").message, "");
    }
}
