//! `weiser models`: what the servers at hand offer.

use super::Failure;
use super::addresses::Own;
use super::args::{Format, ModelsArgs};
use super::config::Layer;
use super::exit::Exit;
use super::live::oracle_settings;
use super::output::Console;
use super::run::OpenError;
use super::settings::{AUTO, Environment, Settings, provider};
use crate::oracle::{self, Offered, OracleError, Provider};
use crate::report::models::{AskedServer, OfferedModel, ServerError};
use crate::report::{terminal, wire};
use tokio::runtime::Builder;

pub fn models(args: &ModelsArgs, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
    let flags = Layer {
        oracle: args.oracle.clone(),
        base_url: args.base_url.clone(),
        timeout: args.timeout,
        ..Layer::default()
    };
    let settings = Settings::resolve(flags, &args.common, environment)?;
    let wanted = oracle_settings(&settings, None, &first(&settings), 0).map_err(|error| match error {
        OpenError::Usage(message) | OpenError::Failed { message, .. } => Failure::Usage(message),
    })?;
    let providers = asked(&settings, &wanted)?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Usage(format!("cannot start asking: {error}")))?;
    let servers: Vec<AskedServer> = providers
        .into_iter()
        .map(|provider| {
            let models = runtime.block_on(oracle::models(provider, &wanted));
            let address = oracle::shown(provider.address(&wanted));
            let models = models.map(|models| models.into_iter().map(offered).collect()).map_err(failed);
            AskedServer { provider: provider.name().to_string(), address, models }
        })
        .collect();
    if let Some(path) = &args.common.output {
        console.redirect(path)?;
    }
    console.print(&match args.common.format {
        Format::Human => terminal::models::servers(&servers),
        Format::Json => wire::models::document(&servers).to_json(),
    })?;
    let any = servers.iter().any(|server| server.models.is_ok());
    Ok(if any { Exit::Holds } else { Exit::Undecided })
}

/// What was given for the one server; where none is named, keys are for whoever they fit.
fn first(settings: &Settings) -> Own {
    Own { first: true, ..settings.own.first().cloned().unwrap_or_default() }
}

/// The one that is named, else the configured one, else all that can be asked: Ollama needs no key.
fn asked(settings: &Settings, wanted: &oracle::Settings) -> Result<Vec<Provider>, Failure> {
    let named = settings.asked();
    match provider(named) {
        Some(provider) => Ok(vec![provider]),
        None if named != AUTO => {
            Err(Failure::Usage(format!("--oracle: `{named}` has no models; expected ollama, openai or anthropic")))
        }
        None if settings.base_url.is_some() => Err(Failure::Usage(
            "whose address is it? Say --oracle ollama, --oracle openai or --oracle anthropic besides".into(),
        )),
        None => {
            let at_hand = |provider: &Provider| *provider == Provider::Ollama || provider.has_key(wanted);
            Ok(Provider::ALL.into_iter().filter(at_hand).collect())
        }
    }
}

fn offered(model: Offered) -> OfferedModel {
    let Offered { spec, context, loaded, thinks, bytes } = model;
    OfferedModel { spec, context, loaded, thinks, bytes }
}

fn failed(error: OracleError) -> ServerError {
    ServerError { code: error.code().to_string(), message: error.to_string() }
}
