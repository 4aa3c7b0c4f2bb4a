//! What goes over the wire.

use super::Thinking;
use crate::prompt::schema::ReplySchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Serialize)]
pub(super) struct Request<'a> {
    pub(super) model: &'a str,
    pub(super) max_tokens: u64,
    pub(super) stream: bool,
    pub(super) system: [Block<'a>; 1],
    pub(super) messages: [Message<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thinking: Option<ThinkingConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_config: Option<OutputConfig>,
}

#[derive(Serialize)]
pub(super) struct Block<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) text: &'a str,
}

#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) role: &'static str,
    pub(super) content: &'a str,
}

#[derive(Serialize)]
pub(super) struct ThinkingConfig {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) budget_tokens: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct OutputConfig {
    pub(super) format: Format,
}

#[derive(Serialize)]
pub(super) struct Format {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) schema: ReplySchema,
}

/// An event of the stream, by its `type`; a whole message has the fields of `message` itself.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Step {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: Option<Whole>,
    pub(super) delta: Delta,
    pub(super) usage: Usage,
    pub(super) error: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Delta {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) text: String,
    pub(super) thinking: String,
    pub(super) stop_reason: Option<String>,
    pub(super) stop_details: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Whole {
    pub(super) model: String,
    pub(super) content: Option<Vec<Delta>>,
    pub(super) stop_reason: Option<String>,
    pub(super) stop_details: Option<Value>,
    pub(super) usage: Usage,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(default)]
pub(super) struct Usage {
    pub(super) input_tokens: Option<u64>,
    pub(super) cache_creation_input_tokens: Option<u64>,
    pub(super) cache_read_input_tokens: Option<u64>,
    pub(super) output_tokens: Option<u64>,
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
    pub(super) max_input_tokens: Option<u64>,
    pub(super) capabilities: Value,
}

/// What an answer amounts to.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) text: String,
    pub(super) thinking: String,
    pub(super) model: String,
    pub(super) stop: Option<String>,
    pub(super) details: Option<Value>,
    pub(super) usage: Usage,
}

impl Gathered {
    pub(super) fn with(mut self, message: Whole) -> Self {
        for block in message.content.unwrap_or_default() {
            self.text += &block.text;
            self.thinking += &block.thinking;
        }
        self.model = message.model;
        self.stop = message.stop_reason.or(self.stop);
        self.details = message.stop_details.or(self.details);
        self.usage.update(message.usage);
        self
    }

    /// Takes a step of the stream in; true at the last one.
    pub(super) fn step(&mut self, step: Step) -> bool {
        match step.kind.as_str() {
            "message_start" => {
                if let Some(message) = step.message {
                    *self = std::mem::take(self).with(message);
                }
            }
            "content_block_delta" => {
                self.text += &step.delta.text;
                self.thinking += &step.delta.thinking;
            }
            "message_delta" => {
                self.stop = step.delta.stop_reason.or(self.stop.take());
                self.details = step.delta.stop_details.or(self.details.take());
                self.usage.update(step.usage);
            }
            "message_stop" => return true,
            // `ping`, the ends of blocks, and what is yet to come.
            _ => {}
        }
        false
    }
}

impl Usage {
    /// Counts of later steps are totals and stand for earlier ones.
    pub(super) fn update(&mut self, later: Usage) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.cache_creation_input_tokens = later.cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_read_input_tokens = later.cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
    }

    /// What came out of a cache was read too.
    pub(super) fn input(&self) -> Option<u64> {
        let cached = [self.cache_creation_input_tokens, self.cache_read_input_tokens].into_iter().flatten();
        self.input_tokens.map(|fresh| cached.fold(fresh, u64::saturating_add))
    }
}

impl Model {
    pub(super) fn can(&self, what: &str) -> bool {
        self.capabilities[what]["supported"].as_bool().unwrap_or(false)
    }

    pub(super) fn thinking(&self) -> Thinking {
        let kind = |kind: &str| self.capabilities["thinking"]["types"][kind]["supported"].as_bool().unwrap_or(false);
        match self.can("thinking") {
            true if kind("adaptive") => Thinking::Adaptive,
            true => Thinking::Enabled,
            false => Thinking::None,
        }
    }
}
