//! What goes over the wire.

use crate::oracle::Finish;
use crate::prompt::schema::ReplySchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Serialize)]
pub(super) struct Request<'a> {
    pub(super) model: &'a str,
    pub(super) messages: [Message<'a>; 2],
    pub(super) stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_format: Option<Format>,
}

#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) role: &'static str,
    pub(super) content: &'a str,
}

#[derive(Serialize)]
pub(super) struct StreamOptions {
    pub(super) include_usage: bool,
}

#[derive(Serialize)]
pub(super) struct Format {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) json_schema: Named,
}

#[derive(Serialize)]
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) strict: bool,
    pub(super) schema: ReplySchema,
}

/// A whole answer, or a chunk of a streamed one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Response {
    pub(super) model: Option<String>,
    pub(super) choices: Option<Vec<Choice>>,
    pub(super) usage: Option<Usage>,
    pub(super) error: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Choice {
    #[serde(alias = "delta")]
    pub(super) message: Option<Piece>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Piece {
    /// A text, or a list of parts with one each.
    pub(super) content: Option<Value>,
    pub(super) refusal: Option<String>,
    /// The thinking trace of DeepSeek, vLLM and llama.cpp; others call it `reasoning`.
    pub(super) reasoning_content: Option<String>,
    pub(super) reasoning: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Usage {
    pub(super) prompt_tokens: Option<u64>,
    pub(super) completion_tokens: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Models {
    #[serde(default)]
    pub(super) data: Vec<Model>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Model {
    pub(super) id: String,
    /// vLLM's name for the context.
    pub(super) max_model_len: Option<u64>,
    /// OpenRouter's.
    pub(super) context_length: Option<u64>,
    /// LM Studio's: what the model can hold, and what it is loaded with.
    pub(super) max_context_length: Option<u64>,
    pub(super) loaded_context_length: Option<u64>,
    /// llama.cpp's.
    pub(super) meta: Option<Meta>,
    /// OpenRouter's list of what a request may hold.
    pub(super) supported_parameters: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Meta {
    pub(super) n_ctx: Option<u64>,
    pub(super) n_ctx_train: Option<u64>,
    pub(super) size: Option<u64>,
}

/// What a request may take up, gathered from an answer's chunks.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) text: String,
    pub(super) thinking: String,
    pub(super) refusal: String,
    pub(super) finish: Option<String>,
    pub(super) model: String,
    pub(super) usage: Usage,
    /// Some choice was there.
    pub(super) any: bool,
}

impl Gathered {
    pub(super) fn add(&mut self, response: Response) {
        if let Some(model) = response.model.filter(|model| !model.is_empty()) {
            self.model = model;
        }
        if let Some(usage) = response.usage {
            self.usage = usage;
        }
        let Some(choice) = response.choices.unwrap_or_default().into_iter().next() else { return };
        self.any = true;
        if let Some(piece) = choice.message {
            self.text += &text_of(piece.content);
            self.refusal += piece.refusal.as_deref().unwrap_or_default();
            match piece.reasoning_content {
                Some(thinking) => self.thinking += &thinking,
                None => self.thinking += &text_of(piece.reasoning),
            }
        }
        self.finish = choice.finish_reason.or(self.finish.take());
    }

    /// Why it ended; an answer without a word isn't told apart.
    pub(super) fn finish(&self) -> Finish {
        match self.finish.as_deref() {
            _ if !self.refusal.is_empty() => Finish::Refused(self.refusal.clone()),
            Some("content_filter") => Finish::Refused("the server's content filter".to_string()),
            Some("length") => Finish::Length,
            _ => Finish::Stop,
        }
    }
}

fn text_of(content: Option<Value>) -> String {
    match content {
        Some(Value::String(text)) => text,
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

impl Model {
    /// What a question may take up now.
    pub(super) fn usable(&self) -> Option<u64> {
        let meta = self.meta.as_ref().and_then(|meta| meta.n_ctx);
        self.loaded_context_length.or(meta).or(self.max_model_len).or(self.context_length).or(self.max_context_length)
    }

    pub(super) fn largest(&self) -> Option<u64> {
        let meta = self.meta.as_ref().and_then(|meta| meta.n_ctx_train.or(meta.n_ctx));
        self.max_context_length.or(meta).or(self.max_model_len).or(self.context_length)
    }

    pub(super) fn thinks(&self) -> bool {
        self.supported_parameters.iter().any(|parameter| parameter == "reasoning")
    }
}
