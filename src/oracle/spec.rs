//! `--oracle` strings: `ollama:MODEL`, `openai:MODEL`, `anthropic:MODEL`, `record:PATH=SPEC`, `replay:PATH`, `auto`. The oracle `run`, which asks
//! nobody, is not one of this room.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Who is to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spec {
    Ollama {
        model: String,
    },
    OpenAi {
        model: String,
    },
    Anthropic {
        model: String,
    },
    /// Asks `inner` what the file doesn't hold yet, and writes every question and answer to it.
    Record {
        path: PathBuf,
        inner: Box<Spec>,
    },
    Replay {
        path: PathBuf,
    },
    /// The configured oracle.
    Auto,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    #[error("`{0}` names no oracle; {KNOWN}")]
    Unknown(String),
    #[error("`{0}:` needs a model: `{0}:MODEL`")]
    NoModel(&'static str),
    #[error("`{0}:` needs a file: `{0}:PATH{1}`")]
    NoPath(&'static str, &'static str),
    #[error("`{0}` doesn't say whom to record: `record:PATH=SPEC`, such as `record:run.jsonl=ollama:llama3.1:8b`")]
    NoInner(String),
    #[error("`{0}` would record a recording; record a model")]
    Nested(String),
    #[error("the oracle `{0}` is not in this version; {KNOWN}")]
    NotYet(String),
    #[error("`run` asks nobody, so there is nothing to record: the same seed gives the same inputs")]
    Run,
}

const KNOWN: &str =
    "known are ollama:MODEL, openai:MODEL, anthropic:MODEL, run, record:PATH=SPEC, replay:PATH and auto";

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let text = text.trim();
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let model = |name| if rest.is_empty() { Err(SpecError::NoModel(name)) } else { Ok(rest.to_string()) };
        match kind {
            "auto" if rest.is_empty() => Ok(Spec::Auto),
            "ollama" => Ok(Spec::Ollama { model: model("ollama")? }),
            "openai" => Ok(Spec::OpenAi { model: model("openai")? }),
            "anthropic" => Ok(Spec::Anthropic { model: model("anthropic")? }),
            "replay" if rest.is_empty() => Err(SpecError::NoPath("replay", "")),
            "replay" => Ok(Spec::Replay { path: rest.into() }),
            "record" => record(text, rest),
            "run" if rest.is_empty() => Err(SpecError::Run),
            "solver" => Err(SpecError::NotYet(text.to_string())),
            _ => Err(SpecError::Unknown(text.to_string())),
        }
    }
}

impl Spec {
    /// Questions may go to a model, rather than to a file only.
    pub fn asks_a_model(&self) -> bool {
        !matches!(self, Spec::Replay { .. })
    }
}

/// A path may hold `=`: the first one after which an oracle is named ends it.
fn record(text: &str, rest: &str) -> Result<Spec, SpecError> {
    let mut first_error = None;
    for (at, _) in rest.match_indices('=') {
        match rest[at + 1..].parse::<Spec>() {
            Ok(_) if at == 0 => return Err(SpecError::NoPath("record", "=SPEC")),
            Ok(Spec::Record { .. } | Spec::Replay { .. }) => return Err(SpecError::Nested(text.to_string())),
            Ok(inner) => return Ok(Spec::Record { path: rest[..at].into(), inner: Box::new(inner) }),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or_else(|| SpecError::NoInner(text.to_string())))
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spec::Ollama { model } => write!(f, "ollama:{model}"),
            Spec::OpenAi { model } => write!(f, "openai:{model}"),
            Spec::Anthropic { model } => write!(f, "anthropic:{model}"),
            Spec::Record { path, inner } => write!(f, "record:{}={inner}", path.display()),
            Spec::Replay { path } => write!(f, "replay:{}", path.display()),
            Spec::Auto => f.write_str("auto"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Spec {
        text.parse().unwrap()
    }

    fn error(text: &str) -> String {
        text.parse::<Spec>().unwrap_err().to_string()
    }

    #[test]
    fn every_form() {
        assert_eq!(parsed("ollama:llama3.1:8b"), Spec::Ollama { model: "llama3.1:8b".into() });
        assert_eq!(parsed(" openai:org/model "), Spec::OpenAi { model: "org/model".into() });
        assert_eq!(parsed("anthropic:claude"), Spec::Anthropic { model: "claude".into() });
        assert_eq!(parsed("replay:a=b.jsonl"), Spec::Replay { path: "a=b.jsonl".into() });
        assert_eq!(parsed("auto"), Spec::Auto);
        let inner = Box::new(Spec::Ollama { model: "m".into() });
        assert_eq!(parsed("record:a=b.jsonl=ollama:m"), Spec::Record { path: "a=b.jsonl".into(), inner });
    }

    #[test]
    fn printing_gives_the_string_back() {
        for text in [
            "ollama:llama3.1:8b",
            "openai:m",
            "anthropic:m",
            "record:x=y.jsonl=openai:m",
            "replay:p",
            "auto",
            "record:p=auto",
        ] {
            assert_eq!(parsed(text).to_string(), text);
        }
    }

    #[test]
    fn wrong_usage_says_what_is_right() {
        assert!(error("ollama").contains("`ollama:MODEL`"));
        assert!(error("gpt").contains("names no oracle"));
        assert!(error("").contains("names no oracle"));
        assert!(error("auto:x").contains("names no oracle"));
        assert!(error("record:p=run").contains("nothing to record"));
        assert!(error("solver").contains("not in this version"));
        assert!(error("record:p=solver").contains("not in this version"));
        assert!(error("anthropic:").contains("`anthropic:MODEL`"));
        assert!(error("record:run.jsonl").contains("whom to record"));
        assert!(error("record:=ollama:m").contains("needs a file"));
        assert!(error("record:a=record:b=ollama:m").contains("record a model"));
        assert!(error("replay:").contains("needs a file"));
    }
}
