//! Answers as each protocol has them, whole and as a stream.

use super::{Model, Request, Says};
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Ollama,
    OpenAi,
    Anthropic,
}

impl Protocol {
    /// Whose question a path is.
    pub fn of(path: &str) -> Option<Protocol> {
        match path {
            "/api/chat" => Some(Protocol::Ollama),
            "/v1/chat/completions" => Some(Protocol::OpenAi),
            "/v1/messages" => Some(Protocol::Anthropic),
            _ => None,
        }
    }

    /// Something as a part of a stream.
    pub fn event(self, value: &Value) -> Vec<u8> {
        match self {
            Protocol::Ollama => format!("{value}\n"),
            Protocol::OpenAi => format!("data: {value}\n\n"),
            Protocol::Anthropic => format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap_or("error")),
        }
        .into_bytes()
    }

    pub fn stream_type(self) -> &'static str {
        if self == Protocol::Ollama { "application/x-ndjson" } else { "text/event-stream" }
    }

    /// An answer as a stream: what comes before its text, the text in two pieces, what comes after it.
    pub fn stream(self, says: &Says, request: &Request) -> Vec<Vec<u8>> {
        let half = (0..=says.text.len() / 2).rev().find(|at| says.text.is_char_boundary(*at)).unwrap_or(0);
        let halves = [&says.text[..half], &says.text[half..]];
        let counts = (!says.uncounted).then(|| (counted(says, request), weiser::prompt::tokens(&says.text)));
        match self {
            Protocol::Ollama => ollama(says, halves, counts),
            Protocol::OpenAi => openai(says, halves, counts),
            Protocol::Anthropic => anthropic(says, halves, counts),
        }
        .into_iter()
        .map(|value| if value == json!("[DONE]") { b"data: [DONE]\n\n".to_vec() } else { self.event(&value) })
        .collect()
    }

    /// An answer in one piece; Ollama's is a stream of one line.
    pub fn whole(self, says: &Says, request: &Request) -> Value {
        let counts = (!says.uncounted).then(|| (counted(says, request), weiser::prompt::tokens(&says.text)));
        match self {
            Protocol::Ollama => {
                let mut last = ollama(says, ["", ""], counts).pop().unwrap();
                last["message"] = json!({"role": "assistant", "content": says.text, "thinking": says.thinking});
                last
            }
            Protocol::OpenAi => {
                let mut message = json!({"role": "assistant", "content": says.text, "refusal": says.refusal});
                if let Some(thinking) = &says.thinking {
                    message["reasoning_content"] = json!(thinking);
                }
                let mut completion = json!({
                    "id": "1", "object": "chat.completion", "model": "test-model",
                    "choices": [{"index": 0, "message": message, "finish_reason": says.finish}],
                });
                if let Some((prompt, answer)) = counts {
                    completion["usage"] = json!({"prompt_tokens": prompt, "completion_tokens": answer});
                }
                completion
            }
            Protocol::Anthropic => {
                let mut content = vec![json!({"type": "text", "text": says.text})];
                if let Some(thinking) = &says.thinking {
                    content.insert(0, json!({"type": "thinking", "thinking": thinking}));
                }
                let mut message = json!({
                    "id": "1", "type": "message", "role": "assistant", "model": "test-model", "content": content,
                    "stop_reason": stop_reason(says), "stop_details": stop_details(says),
                });
                if let Some((prompt, answer)) = counts {
                    message["usage"] = json!({"input_tokens": prompt, "output_tokens": answer});
                }
                message
            }
        }
    }
}

fn counted(says: &Says, request: &Request) -> u64 {
    let own = || weiser::prompt::tokens(request.system()) + weiser::prompt::tokens(request.user()) + 12;
    says.prompt_tokens.unwrap_or_else(own)
}

fn ollama(says: &Says, halves: [&str; 2], counts: Option<(u64, u64)>) -> Vec<Value> {
    let piece = |message: Value| json!({"model": "test-model", "message": message, "done": false});
    let mut lines = vec![
        piece(json!({"role": "assistant", "content": "", "thinking": says.thinking})),
        piece(json!({"role": "assistant", "content": halves[0]})),
        piece(json!({"role": "assistant", "content": halves[1]})),
    ];
    let end = json!({"role": "assistant", "content": ""});
    let mut last = json!({"model": "test-model", "message": end, "done": true, "done_reason": says.finish});
    if let Some((prompt, answer)) = counts {
        last["prompt_eval_count"] = json!(prompt);
        last["eval_count"] = json!(answer);
    }
    lines.push(last);
    lines
}

fn openai(says: &Says, halves: [&str; 2], counts: Option<(u64, u64)>) -> Vec<Value> {
    let chunk = |delta: Value, finish: Option<&str>| {
        json!({
            "id": "1", "object": "chat.completion.chunk", "model": "test-model",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        })
    };
    let mut chunks = vec![
        chunk(json!({"role": "assistant", "content": null, "reasoning_content": says.thinking}), None),
        chunk(json!({"content": halves[0], "refusal": says.refusal}), None),
        chunk(json!({"content": halves[1]}), None),
        chunk(json!({}), Some(says.finish)),
    ];
    if let Some((prompt, answer)) = counts {
        chunks.push(json!({
            "id": "1", "object": "chat.completion.chunk", "model": "test-model", "choices": [],
            "usage": {"prompt_tokens": prompt, "completion_tokens": answer},
        }));
    }
    chunks.push(json!("[DONE]"));
    chunks
}

fn anthropic(says: &Says, halves: [&str; 2], counts: Option<(u64, u64)>) -> Vec<Value> {
    let delta = |delta: Value| json!({"type": "content_block_delta", "index": 0, "delta": delta});
    let mut message = json!({"id": "1", "type": "message", "role": "assistant", "model": "test-model", "content": []});
    let mut end = json!({
        "type": "message_delta",
        "delta": {"stop_reason": stop_reason(says), "stop_details": stop_details(says)},
    });
    if let Some((prompt, answer)) = counts {
        message["usage"] = json!({"input_tokens": prompt.min(2), "cache_read_input_tokens": prompt.saturating_sub(2), "output_tokens": 1});
        end["usage"] = json!({"output_tokens": answer});
    }
    vec![
        json!({"type": "message_start", "message": message}),
        delta(json!({"type": "thinking_delta", "thinking": says.thinking.clone().unwrap_or_default()})),
        delta(json!({"type": "text_delta", "text": halves[0]})),
        json!({"type": "ping"}),
        delta(json!({"type": "text_delta", "text": halves[1]})),
        end,
        json!({"type": "message_stop"}),
    ]
}

fn stop_reason(says: &Says) -> &'static str {
    match says.finish {
        _ if says.refusal.is_some() => "refusal",
        "stop" => "end_turn",
        "length" => "max_tokens",
        "content_filter" => "refusal",
        other => other,
    }
}

fn stop_details(says: &Says) -> Value {
    json!(says.refusal.as_ref().map(|why| json!({"type": "refusal", "explanation": why})))
}

/// What a server says of itself and its model; `None` for a path that it doesn't know.
pub fn about(request: &Request, model: &Model) -> Option<Result<Value, String>> {
    let name = request.body["model"].as_str().unwrap_or("test-model");
    let supported = |yes: bool| json!({"supported": yes});
    let capabilities = json!({
        "structured_outputs": supported(true),
        "thinking": {"supported": model.thinks, "types": {"adaptive": supported(model.thinks), "enabled": supported(false)}},
    });
    let listed = json!({
        "id": "test-model", "object": "model", "type": "model",
        "meta": {"n_ctx": model.allocated, "n_ctx_train": model.context},
        "max_input_tokens": model.context, "capabilities": capabilities,
    });
    Some(Ok(match request.path.as_str() {
        "/api/show" if !model.installed => return Some(Err(format!("model '{name}' not found"))),
        "/api/show" => json!({
            "capabilities": if model.thinks { vec!["completion", "thinking"] } else { vec!["completion"] },
            "model_info": {"general.architecture": "tiny", "tiny.context_length": model.context},
        }),
        "/api/tags" => json!({"models": [
            {"name": "other:7b", "digest": "no", "size": 4_700_000_000_u64},
            {"name": "test-model:latest", "digest": model.digest, "size": 515_328},
        ]}),
        "/api/ps" => json!({"models": [{"name": "test-model:latest", "context_length": model.allocated}]}),
        "/v1/models" | "/v1/models?limit=1000" => json!({"object": "list", "data": [listed]}),
        "/v1/models/test-model" => listed,
        "/api/v0/models" if model.studio.is_some() => json!({"object": "list", "data": [
            {"id": "test-model", "max_context_length": model.context, "loaded_context_length": model.studio},
        ]}),
        _ => return None,
    }))
}
