//! `weiser slices`: what would be asked.

use super::Failure;
use super::analysis::{self, Analysis};
use super::args::{self, Format, SlicesArgs};
use super::exit::Exit;
use super::output::Console;
use super::run::{Engine, GraphFormat};
use super::settings::{Environment, Settings};
use crate::pipeline::FileAnalysis;
use crate::report::InputError;
use crate::report::estimate::{Estimate, Tally};
use crate::report::files::Files;
use crate::report::terminal::{self, Detail};
use crate::report::wire;

pub fn slices(
    args: &SlicesArgs,
    environment: &Environment,
    engine: &dyn Engine,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let settings = Settings::resolve(args::layer(&args.program, &args.asking, &args.cost), &args.common, environment)?;
    let graphs = match (args.dot, args.mermaid) {
        (true, _) => Some(GraphFormat::Dot),
        (_, true) => Some(GraphFormat::Mermaid),
        _ => None,
    };
    if graphs.is_some() {
        let Analysis { files, errors, .. } =
            analysis::analyze(&args.program, &args.common, graphs, &settings, engine, console)?;
        redirect(args, console)?;
        files.iter().flat_map(|f| &f.graphs).try_for_each(|graph| console.print(graph))?;
        return Ok(exit(&errors));
    }
    let json = args.common.format == Format::Json;
    let mut document = if json { Some(Files::new()?) } else { None };
    let detail = args.common.detail();
    let listing = !json && !args.estimate;
    let mut tally = Tally::default();
    let mut take = |file: FileAnalysis, console: &mut Console| -> Result<(), Failure> {
        if tally.files == 0 {
            redirect(args, console)?;
        }
        tally.add(&file);
        match &mut document {
            Some(document) => document.push(&file, None)?,
            None if listing => console.print(&terminal::slices::file(&file, detail))?,
            None => {}
        }
        Ok(())
    };
    let survey = analysis::each(&args.program, &args.common, &settings, engine, console, &mut take)?;
    if tally.files == 0 {
        redirect(args, console)?;
    }
    let estimate = args.estimate.then(|| estimate(&tally, &settings));
    match (document, &estimate) {
        (Some(files), _) => {
            let document = wire::slices(&engine.tokenizer(), &survey.errors, estimate.as_ref());
            files.finish(&document, |piece| console.print(piece))?;
        }
        (None, Some(estimate)) => console.print(&estimate.told())?,
        (None, None) if detail != Detail::Quiet && tally.files > 0 => {
            console.print(&terminal::slices::summary(&tally))?
        }
        (None, None) => {}
    }
    Ok(exit(&survey.errors))
}

fn redirect(args: &SlicesArgs, console: &mut Console) -> Result<(), Failure> {
    args.common.output.as_ref().map_or(Ok(()), |path| console.redirect(path))
}

fn exit(errors: &[InputError]) -> Exit {
    if errors.is_empty() { Exit::Holds } else { Exit::Usage }
}

/// What asking about these files would take, for every model that the user named or priced.
fn estimate(tally: &Tally, settings: &Settings) -> Estimate {
    let named = [settings.asked()].into_iter().chain(settings.others.iter().map(String::as_str));
    let mut models: Vec<(String, String)> = Vec::new();
    let priced = settings.prices.0.keys().map(String::as_str);
    for spec in named.chain(settings.escalate.as_deref()).chain(priced) {
        // What records a model costs what the model does.
        let asked = spec.strip_prefix("record:").and_then(|rest| rest.split_once('=')).map_or(spec, |(_, inner)| inner);
        if let Some((provider @ ("ollama" | "openai" | "anthropic"), model)) = asked.split_once(':')
            && !models.iter().any(|(p, m)| p == provider && m == model)
        {
            models.push((provider.into(), model.into()));
        }
    }
    let votes = u64::from(settings.votes) * (1 + settings.others.len() as u64) * if settings.probe { 2 } else { 1 };
    Estimate::of(tally, votes, &models, &settings.prices)
}
