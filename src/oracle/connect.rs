//! From an `--oracle` string to an oracle that was seen to answer.

use super::anthropic::Anthropic;
use super::budget::Metered;
use super::cached::Cached;
use super::ollama::Ollama;
use super::openai::OpenAi;
use super::price::Price;
use super::recording::{Record, Replay};
use super::spec::Spec;
use super::{Oracle, OracleError, Settings};
use futures_util::future::BoxFuture;

/// An oracle that is ready.
pub struct Connected {
    pub oracle: Box<dyn Oracle>,
    /// Who answers and why, for the first line printed.
    pub note: String,
    /// What the user should know besides.
    pub warnings: Vec<String>,
}

/// Opens the oracle. Asks the server what it is (twice at most, each within [`Settings::timeout`]), so that a missing server,
/// model or key is told before any slice is asked.
pub fn connect<'a>(spec: &'a Spec, settings: &'a Settings) -> BoxFuture<'a, Result<Connected, OracleError>> {
    Box::pin(async move {
        match spec {
            Spec::Ollama { model } => {
                let ollama = Ollama::connect(model, settings).await?;
                let warnings = clamped(settings, &ollama);
                Ok(named(Box::new(ollama), &settings.ollama_url, settings, warnings))
            }
            Spec::OpenAi { model } => {
                let openai = OpenAi::connect(model, settings).await?;
                Ok(named(Box::new(openai), &settings.openai_url, settings, Vec::new()))
            }
            Spec::Anthropic { model } => {
                let anthropic = Anthropic::connect(model, settings).await?;
                Ok(named(Box::new(anthropic), &settings.anthropic_url, settings, Vec::new()))
            }
            Spec::Replay { path } => {
                let (replay, torn) = Replay::open(path)?;
                let about = replay.about();
                let note = format!(
                    "{} answers of {}:{} from the recording {}",
                    replay.len(),
                    about.oracle,
                    about.model,
                    path.display()
                );
                Ok(Connected { oracle: Box::new(replay), note, warnings: torn.into_iter().collect() })
            }
            Spec::Record { path, inner } => {
                let inner = connect(inner, settings).await?;
                let (record, torn) = Record::open(path, inner.oracle)?;
                let note = format!("{}, recorded in {}", inner.note, path.display());
                let warnings = inner.warnings.into_iter().chain(torn).collect();
                Ok(Connected { oracle: Box::new(record), note, warnings })
            }
            Spec::Auto => {
                let configured = configured(settings)?;
                let connected = connect(&configured, settings).await?;
                Ok(Connected { note: format!("{} (configured)", connected.note), ..connected })
            }
        }
    })
}

/// A model that answers: paid from the budget if there is one, behind the store if there is one.
fn named(oracle: Box<dyn Oracle>, address: &str, settings: &Settings, warnings: Vec<String>) -> Connected {
    let oracle: Box<dyn Oracle> = match &settings.budget {
        Some(budget) => {
            let about = oracle.about();
            let price = settings.prices.find(&about.oracle, &about.model).map_or(Price::FREE, |(price, _)| price);
            Box::new(Metered::new(oracle, budget.clone(), price))
        }
        None => oracle,
    };
    let oracle: Box<dyn Oracle> = match &settings.keeping {
        Some(keeping) => Box::new(Cached::new(oracle, address, settings.native_thinking, keeping)),
        None => oracle,
    };
    let about = oracle.about();
    let at = super::shown(address);
    let context = about.context.map(|context| format!(", context {context}")).unwrap_or_default();
    let note = format!("{}:{} at {at}{context}", about.oracle, about.model);
    Connected { oracle, note, warnings }
}

fn clamped(settings: &Settings, oracle: &dyn Oracle) -> Vec<String> {
    match (settings.context, oracle.about().context) {
        (Some(asked), Some(given)) if given < asked => {
            vec![format!("{} holds {given} tokens of context, not {asked}", oracle.about().model)]
        }
        _ => Vec::new(),
    }
}

fn configured(settings: &Settings) -> Result<Spec, OracleError> {
    let usage = |message: String| OracleError::Usage { message };
    let text = settings.configured.as_deref().ok_or_else(|| {
        usage(
            "no oracle is configured: pass --oracle ollama:MODEL, openai:MODEL or anthropic:MODEL, or set it in weiser.toml".to_string(),
        )
    })?;
    match text.parse::<Spec>() {
        Ok(Spec::Auto) => {
            Err(usage("the configured oracle is `auto`, which stands for the configured oracle".to_string()))
        }
        Ok(spec) => Ok(spec),
        Err(error) => Err(usage(format!("the configured oracle: {error}"))),
    }
}
