//! `weiser slices`: what would be asked.

use super::Failure;
use super::analysis::{self, Analysis};
use super::args::{self, Format, SlicesArgs};
use super::exit::Exit;
use super::output::Console;
use super::run::{Engine, GraphFormat};
use super::settings::{Environment, Settings};
use crate::pipeline::FileAnalysis;
use crate::report::terminal::{self, Detail};
use crate::report::wire;

pub fn slices(
    args: &SlicesArgs,
    environment: &Environment,
    engine: &dyn Engine,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let settings = Settings::resolve(args::layer(&args.program, &args.asking), &args.common, environment)?;
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
    match args.common.format {
        Format::Json => console.print(&wire::slices(&engine.tokenizer(), &files, &errors).to_json())?,
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
