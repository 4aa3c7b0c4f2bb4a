//! `weiser slices`: what would be asked.

use super::Failure;
use super::analysis::{self, Analysis};
use super::args::{self, Format, SlicesArgs};
use super::exit::Exit;
use super::output::Console;
use super::run::{Engine, GraphFormat};
use super::settings::{Environment, Settings};
use crate::pipeline::FileAnalysis;
use crate::report::estimate::Estimate;
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
    let Analysis { files, errors, .. } =
        analysis::analyze(&args.program, &args.common, graphs, &settings, engine, console)?;
    if let Some(path) = &args.common.output {
        console.redirect(path)?;
    }
    let exit = if errors.is_empty() { Exit::Holds } else { Exit::Usage };
    if graphs.is_some() {
        for graph in files.iter().flat_map(|f| &f.graphs) {
            console.print(graph)?;
        }
        return Ok(exit);
    }
    let files: Vec<FileAnalysis> = files.into_iter().map(|f| f.file).collect();
    let estimate = args.estimate.then(|| estimate(&files, &settings));
    match args.common.format {
        Format::Json => {
            console.print(&wire::slices(&engine.tokenizer(), &files, &errors, estimate.as_ref()).to_json())?
        }
        Format::Human if estimate.is_some() => {
            console.print(&estimate.map(|e| e.told()).unwrap_or_default())?;
        }
        Format::Human => {
            let detail = args.common.detail();
            for file in &files {
                console.print(&terminal::slices::file(file, detail))?;
            }
            if detail != Detail::Quiet && !files.is_empty() {
                console.print(&terminal::slices::summary(&files))?;
            }
        }
    }
    Ok(exit)
}

/// What asking about these files would take, for every model that the user named or priced.
fn estimate(files: &[FileAnalysis], settings: &Settings) -> Estimate {
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
    Estimate::of(files, votes, &models, &settings.prices)
}
