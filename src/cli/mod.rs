//! The command line: flags, configuration, inputs, exit status. The only room that names clap, reads the environment and
//! prints. What it prints comes from `report`; what it prints about comes through the one seam in [`run`].
//!
//! | file | holds |
//! |---|---|
//! | `args`, `values`, `help` | the flags and what `--help` says |
//! | `config`, `settings`, `server`, `addresses` | `weiser.toml`; flags over environment over file |
//! | `inputs` | files and folders to source text |
//! | `run`, `live` | the engine as this room sees it; oracles that answer |
//! | `linking` | files with what they need of their project |
//! | `analysis` | all inputs through the engine, in order |
//! | `project` | a project's index |
//! | `check`, `slices`, `fidelity`, `batch`, `cache`, `models`, `index`, `dataset` | the commands |
//! | `eval` | campaigns |
//! | `emit` | `--emit-test` |
//! | `recording`, `report` | `--save` and `--report`; `weiser report` |
//! | `output`, `progress` | where text goes |
//! | `exit` | exit status |

mod addresses;
mod analysis;
mod args;
mod batch;
mod cache;
mod check;
mod config;
mod dataset;
mod emit;
mod eval;
mod exit;
mod fidelity;
mod help;
mod index;
mod inputs;
mod linking;
mod live;
mod models;
mod output;
mod progress;
mod project;
mod recording;
mod report;
pub mod run;
mod runner;
mod server;
mod settings;
mod slices;
#[cfg(test)]
mod tests;
mod trace;
mod values;

use args::{Cli, Color, Command};
use clap::{CommandFactory, Parser};
use exit::Exit;
use output::Console;
use run::Engine;
use settings::Environment;
use std::ffi::OsString;
use std::process::ExitCode;

/// The whole program.
pub fn main() -> ExitCode {
    let exit = run_from(std::env::args_os(), &Environment::of_process(), &run::Pipeline, Console::standard);
    run::clear();
    exit.into()
}

/// The program on given arguments; `open` gives it its outputs.
fn run_from(
    args: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    engine: &dyn Engine,
    open: impl FnOnce(Color) -> Console,
) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing can be said where the output is closed.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Holds };
        }
    };
    let mut console = open(match &cli.command {
        Command::Check(args) => args.common.color,
        Command::Slices(args) => args.common.color,
        Command::Fidelity(args) => args.common.color,
        Command::Eval(args) => args.common.color,
        Command::Batch(args) => args.common().color,
        Command::Report(args) => args.color,
        Command::Trace(args) => args.color,
        Command::Cache(args) => args.options().common.color,
        Command::Models(args) => args.common.color,
        Command::Index(args) => args.common.color,
        Command::Dataset(args) => args.common().color,
        Command::Schema { .. } | Command::Completions { .. } => Color::Auto,
    });
    let done = match cli.command {
        Command::Check(args) => check::check(&args, environment, engine, &mut console),
        Command::Slices(args) => slices::slices(&args, environment, engine, &mut console),
        Command::Fidelity(args) => fidelity::fidelity(&args, environment, engine, &mut console),
        Command::Eval(args) => eval::eval(&args, environment, &mut console),
        Command::Batch(args) => batch::batch(&args, environment, engine, &mut console),
        Command::Report(args) => report::report(&args, &mut console),
        Command::Trace(args) => trace::trace(&args, &mut console),
        Command::Cache(args) => cache::cache(&args, environment, &mut console),
        Command::Models(args) => models::models(&args, environment, &mut console),
        Command::Index(args) => index::index(&args, environment, &mut console),
        Command::Dataset(args) => dataset::dataset(&args, engine, &mut console),
        Command::Schema { format } => console.print(args::schema(format)).map(|()| Exit::Holds),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "weiser", &mut script);
            console.print(&String::from_utf8_lossy(&script)).map(|()| Exit::Holds)
        }
    };
    done.unwrap_or_else(|failure| {
        console.error(&failure.to_string());
        Exit::Usage
    })
}

/// Why a command could not do its work at all.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    #[error(transparent)]
    Record(#[from] crate::report::record::RecordError),
    #[error(transparent)]
    NotKept(#[from] crate::report::files::NotKept),
    #[error("cannot write to {place}: {error}")]
    Write { place: String, error: std::io::Error },
}
