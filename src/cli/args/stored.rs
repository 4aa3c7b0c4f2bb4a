//! Flags of what is kept in files: batches and the cache.

use super::{AskingArgs, CommonArgs, CostArgs, ProgramArgs};
use crate::cli::help;
use crate::cli::values::{age, size};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct BatchArgs {
    #[command(subcommand)]
    pub action: BatchAction,
}

#[derive(Debug, Subcommand)]
pub enum BatchAction {
    /// Write what is to be asked next
    #[command(after_long_help = help::AFTER_BATCH, mut_args(of_export))]
    Export(Box<ExportArgs>),
    /// Take results in: in any order, in parts, with errors among them
    #[command(after_long_help = help::AFTER_BATCH)]
    Import(ImportArgs),
}

impl BatchArgs {
    pub fn common(&self) -> &CommonArgs {
        match &self.action {
            BatchAction::Export(args) => &args.common,
            BatchAction::Import(args) => &args.common,
        }
    }
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub program: ProgramArgs,
    /// Folder of the batch: its questions, and the answers that were taken in
    #[arg(long, value_name = "DIR", help_heading = "Batch")]
    pub to: PathBuf,
    /// Most questions in a file; a file never has more than 200 MB
    #[arg(
        long,
        value_name = "N",
        default_value_t = 50_000,
        value_parser = clap::value_parser!(u64).range(1..=50_000),
        help_heading = "Batch"
    )]
    pub lines: u64,
    /// Leave a field out that the model's server doesn't take
    #[arg(long, value_enum, value_name = "FIELD", help_heading = "Batch")]
    pub without: Vec<Without>,
    #[command(flatten)]
    pub asking: AskingArgs,
    #[command(flatten)]
    pub cost: CostArgs,
    #[command(flatten)]
    pub common: CommonArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Without {
    Temperature,
    Seed,
    ResponseFormat,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Folder of the batch
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Files of results, as the service gives them
    #[arg(value_name = "RESULTS", required = true)]
    pub results: Vec<PathBuf>,
    #[command(flatten)]
    pub common: CommonArgs,
}

#[derive(Debug, Args)]
pub struct CacheArgs {
    #[command(subcommand)]
    pub action: CacheAction,
}

#[derive(Debug, Subcommand)]
pub enum CacheAction {
    /// What it holds, and where it is; every answer is checked
    Stats(CacheOptions),
    /// Remove every answer
    Clear(CacheOptions),
    /// Remove what was not used for long, and what is over the size
    Gc {
        /// Answers not used for this long go: 12h, 30d
        #[arg(long, value_name = "TIME", value_parser = age)]
        older_than: Option<Duration>,
        /// The answers unused for longest go until the file is smaller: 100MB, 1GB [default: cache_size, 512MB]
        #[arg(long, value_name = "SIZE", value_parser = size)]
        max_size: Option<u64>,
        #[command(flatten)]
        options: CacheOptions,
    },
}

#[derive(Debug, Args)]
pub struct CacheOptions {
    /// Folder of the cache [default: weiser in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    #[command(flatten)]
    pub common: CommonArgs,
}

impl CacheArgs {
    pub fn options(&self) -> &CacheOptions {
        match &self.action {
            CacheAction::Stats(options) | CacheAction::Clear(options) | CacheAction::Gc { options, .. } => options,
        }
    }
}

/// What a batch has no use for.
fn of_export(arg: clap::Arg) -> clap::Arg {
    const LIVE: [&str; 17] = [
        "base_url",
        "jobs",
        "all",
        "timeout",
        "num_ctx",
        "strict",
        "confirm",
        "trust",
        "unprotected",
        "escalate",
        "budget_tokens",
        "budget_usd",
        "budget_time",
        "no_cache",
        "refresh",
        "cache_dir",
        "no_progress",
    ];
    match arg.get_id().as_str() {
        "oracle" => arg.help("The model that the batch is for: openai:MODEL"),
        name if LIVE.contains(&name) => arg.hide(true),
        _ => arg,
    }
}
