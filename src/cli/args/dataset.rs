//! Flags of data sets and traces.

use super::{Color, CommonArgs};
use crate::cli::help;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct DatasetArgs {
    #[command(subcommand)]
    pub action: DatasetAction,
}

#[derive(Debug, Subcommand)]
pub enum DatasetAction {
    /// Read data sets and say what is wrong with them, each mistake with file and line
    #[command(after_long_help = help::AFTER_DATASET, mut_args(of_dataset))]
    Validate(ValidateArgs),
    /// Prove the labels of a data set by running its programs, and keep what proved them in witnesses.json
    #[command(after_long_help = help::AFTER_DATASET, mut_args(of_dataset))]
    Prove(ProveArgs),
    /// Count questions and tokens of a data set's slices, for each group; nothing is asked
    #[command(after_long_help = help::AFTER_DATASET, mut_args(of_dataset))]
    Tokens(TokensArgs),
}

impl DatasetArgs {
    pub fn common(&self) -> &CommonArgs {
        match &self.action {
            DatasetAction::Validate(args) => &args.common,
            DatasetAction::Prove(args) => &args.common,
            DatasetAction::Tokens(args) => &args.common,
        }
    }
}

#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Manifests, folders with one, or folders in a published layout
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub common: CommonArgs,
}

#[derive(Debug, Args)]
pub struct ProveArgs {
    /// A manifest, or a folder with one
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Only subjects whose id has this in it
    #[arg(long, value_name = "TEXT")]
    pub only: Vec<String>,
    /// Only subjects that have no proof yet, or have changed since
    #[arg(long)]
    pub stale: bool,
    /// Compare with witnesses.json, and leave it as it is
    #[arg(long)]
    pub dry_run: bool,
    /// Inputs of a bounded domain at most
    #[arg(long, value_name = "N", default_value_t = 4000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub domain: u32,
    /// Generated inputs that P allows
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    pub inputs: u32,
    /// Seed for the inputs that are made up
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Run programs also where this machine can't keep them from your files and network
    #[arg(long)]
    pub unprotected: bool,
    #[command(flatten)]
    pub common: CommonArgs,
}

#[derive(Debug, Args)]
pub struct TokensArgs {
    /// A manifest, a folder with one, or a folder in a published layout
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Figures of another tool, as CSV with the columns file, status, distinct, file_tokens, slice_tokens_total and
    /// slice_tokens_min: both are counted over the files that both have
    #[arg(long, value_name = "CSV")]
    pub beside: Option<PathBuf>,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Flags that have no use here, or are said in other words.
fn of_dataset(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "verbose" => arg.help("Say more: each subject"),
        "quiet" => arg.help("Say less: mistakes only"),
        "config" | "format" | "no_progress" => arg.hide(true),
        _ => arg,
    }
}

#[derive(Debug, Args)]
pub struct TraceArgs {
    /// The record of a run: the folder that `weiser check --save` or `weiser eval` wrote
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// A line of JSON for each trace (`weiser schema trace`), or text
    #[arg(long, value_enum, default_value_t = TraceName::Jsonl)]
    pub format: TraceName,
    /// Only violations that were seen to happen
    #[arg(long, value_enum)]
    pub only: Option<Which>,
    /// Also traces that say the same as one before
    #[arg(long)]
    pub duplicates: bool,
    /// Leave out programs of this data set, and functions of its programs, also where they were renamed
    #[arg(long, value_name = "DATASET")]
    pub exclude: Vec<PathBuf>,
    /// Take licence, origin, task and property of programs from this data set
    #[arg(long, value_name = "DATASET")]
    pub dataset: Vec<PathBuf>,
    /// Write the traces to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TraceName {
    Jsonl,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Which {
    Confirmed,
}
