//! The flags. Whatever `weiser.toml` and the environment can set too is optional here, so that `settings` can tell
//! whether it was given.

use super::config::{Comments, Layer, Trust};
use super::help;
use super::values::{At, age, dollars, duration, size};
use crate::report::schema::Format as SchemaFormat;
use crate::report::terminal::Detail;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Parser)]
#[command(
    name = "weiser",
    version,
    about = help::ABOUT,
    long_about = help::LONG_ABOUT,
    after_long_help = help::AFTER,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge post-conditions: cut each program into slices and ask about them, smallest first
    #[command(after_long_help = help::AFTER_CHECK)]
    Check(Box<CheckArgs>),
    /// Show what would be asked, without asking: slices, tokens, cost
    #[command(after_long_help = help::AFTER_SLICES, mut_args(without_asking))]
    Slices(Box<SlicesArgs>),
    /// Run programs beside their slices, in a sandbox, and report where they part
    #[command(after_long_help = help::AFTER_FIDELITY, mut_args(of_fidelity))]
    Fidelity(Box<FidelityArgs>),
    /// Write the questions to files for a batch service or a cluster, and take its results in
    #[command(after_long_help = help::AFTER_BATCH)]
    Batch(Box<BatchArgs>),
    /// Show, empty or trim the cache of answers
    #[command(after_long_help = help::AFTER_CACHE)]
    Cache(CacheArgs),
    /// Print the JSON Schema of a machine format
    Schema {
        #[arg(value_enum)]
        format: SchemaName,
    },
    /// Print a completion script
    #[command(after_long_help = help::AFTER_COMPLETIONS)]
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub program: ProgramArgs,
    #[command(flatten)]
    pub asking: AskingArgs,
    #[command(flatten)]
    pub cost: CostArgs,
    #[command(flatten)]
    pub common: CommonArgs,
}

#[derive(Debug, Args)]
pub struct SlicesArgs {
    #[command(flatten)]
    pub program: ProgramArgs,
    /// Print the control flow graph of each triple for GraphViz instead
    #[arg(long, conflicts_with_all = ["mermaid", "format"])]
    pub dot: bool,
    /// Print the control flow graph of each triple as a Mermaid flowchart instead
    #[arg(long, conflicts_with = "format")]
    pub mermaid: bool,
    /// Say what asking would take: questions, tokens in and out, cost for each model named or priced in weiser.toml
    #[arg(long, conflicts_with_all = ["dot", "mermaid"])]
    pub estimate: bool,
    #[command(flatten)]
    pub asking: AskingArgs,
    #[command(flatten)]
    pub cost: CostArgs,
    #[command(flatten)]
    pub common: CommonArgs,
}

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

#[derive(Debug, Args)]
pub struct FidelityArgs {
    #[command(flatten)]
    pub program: ProgramArgs,
    /// Inputs that P allows, for each triple
    #[arg(
        long = "inputs",
        value_name = "N",
        default_value_t = 200,
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Running"
    )]
    pub wanted: u32,
    /// Seed for the inputs that are made up [default: 0]
    #[arg(long, value_name = "N", help_heading = "Running")]
    pub seed: Option<u64>,
    /// Run programs also where this machine can't keep them from your files and network
    #[arg(long, help_heading = "Running")]
    pub unprotected: bool,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// What is judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Program and conditions")]
pub struct ProgramArgs {
    /// Source files, folders to search for them, or `-` for standard input
    #[arg(value_name = "FILE|DIR", required_unless_present = "at", help_heading = None)]
    pub inputs: Vec<PathBuf>,
    /// Start in this function (default: the one that holds the post-condition)
    #[arg(long, value_name = "FUNCTION")]
    pub entry: Option<String>,
    /// What may be relied on at the entry, as code or in plain language; adds to what the file says
    #[arg(long, value_name = "CONDITION")]
    pub pre: Vec<String>,
    /// What must hold where the entry returns (`result` is the returned value), or at --at; replaces the file's
    #[arg(long, value_name = "CONDITION")]
    pub post: Vec<String>,
    /// The line at which --post must hold; without --post, the file's condition to judge. FILE may be left out where only
    /// one is named
    #[arg(long, value_name = "FILE:LINE")]
    pub at: Option<At>,
    /// The language of standard input and of files whose extension doesn't tell; in folders, of the files searched for
    #[arg(long, value_name = "NAME")]
    pub language: Option<String>,
    /// Most classes of paths asked one by one; all others are asked together as one remainder [default: 64]
    #[arg(long, value_name = "N")]
    pub max_partitions: Option<u64>,
    /// Show the program's comments to the model [default: keep]
    #[arg(long, value_enum)]
    pub comments: Option<Comments>,
}

/// Who is asked, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Asking")]
pub struct AskingArgs {
    /// Who answers: ollama:MODEL, openai:MODEL, run, record:PATH=SPEC, replay:PATH or auto; several vote together
    /// [default: auto]
    #[arg(long, value_name = "SPEC")]
    pub oracle: Vec<String>,
    /// Ask each oracle so often about a slice, with different seeds; the majority counts [default: 1]
    #[arg(long, value_name = "N")]
    pub votes: Option<u64>,
    /// Ask this stronger oracle about slices that fail or are split; its word counts
    #[arg(long, value_name = "SPEC")]
    pub escalate: Option<String>,
    /// Ask again without comments and with other names: a verdict that changes is undecided
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub probe: Option<bool>,
    /// Address of the model's server
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Questions in flight [default: 1 for ollama, else 8]
    #[arg(long, value_name = "N")]
    pub jobs: Option<u64>,
    /// Ask about every slice, also after one has failed
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub all: Option<bool>,
    /// Longest wait for one answer, retries included: 90, 90s, 5m [default: 5m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Seed for the model's sampling [default: 0]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Tokens of context that ollama gives prompt and answer together [default: what the largest slice needs]
    #[arg(long, value_name = "N")]
    pub num_ctx: Option<u64>,
    /// Run each counter-example that is claimed on the program itself, in a sandbox: only one that is seen to fail counts
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub confirm: Option<bool>,
    /// With --confirm, what it takes for a claimed failure to count; plain-language conditions can't be run and stay claimed
    /// [default: confirmed]
    #[arg(long, value_enum)]
    pub trust: Option<Trust>,
    /// Run programs also where this machine can't keep them from your files
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub unprotected: Option<bool>,
    /// Take a condition that no path leads to as undecided instead of holding vacuously
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub strict: Option<bool>,
}

/// What asking may cost, and what becomes of the answers.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cost and cache")]
pub struct CostArgs {
    /// Stop asking before more tokens than this are used, in and out together
    #[arg(long, value_name = "N")]
    pub budget_tokens: Option<u64>,
    /// Stop asking before more than this is spent, by the prices of [prices] in weiser.toml and those weiser knows
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    pub budget_usd: Option<f64>,
    /// Stop asking after this time: 90s, 5m, 2h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub budget_time: Option<Duration>,
    /// Neither use nor keep answers in the cache
    #[arg(long)]
    pub no_cache: bool,
    /// Ask again what the cache knows, and keep the new answers
    #[arg(long, conflicts_with = "no_cache")]
    pub refresh: bool,
    /// Folder of the cache, on a local disk [default: weiser in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}

/// What is printed, and where.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct CommonArgs {
    /// For people, or a document for machines (`weiser schema` describes it)
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Write the report to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Take settings from this file instead of the nearest weiser.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Say more: every answer, replies that could not be read, minor diagnostics
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say less: one line for each triple, errors only
    #[arg(short, long)]
    pub quiet: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Show no progress bar (there is none unless standard error is a terminal)
    #[arg(long)]
    pub no_progress: bool,
}

impl CommonArgs {
    pub fn detail(&self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    Slices,
    Check,
    Fidelity,
    Cache,
    Batch,
}

/// The text of a schema.
pub fn schema(name: SchemaName) -> &'static str {
    match name {
        SchemaName::Slices => SchemaFormat::Slices.schema(),
        SchemaName::Check => SchemaFormat::Check.schema(),
        SchemaName::Fidelity => SchemaFormat::Fidelity.schema(),
        SchemaName::Cache => SchemaFormat::Cache.schema(),
        SchemaName::Batch => SchemaFormat::Batch.schema(),
    }
}

/// Flags that `slices` accepts, so that `check` can be replaced by it in any command line, but has no use for.
fn without_asking(arg: clap::Arg) -> clap::Arg {
    const ASKING: [&str; 17] = [
        "escalate",
        "budget_tokens",
        "budget_usd",
        "budget_time",
        "no_cache",
        "refresh",
        "cache_dir",
        "base_url",
        "jobs",
        "all",
        "timeout",
        "seed",
        "num_ctx",
        "strict",
        "confirm",
        "trust",
        "unprotected",
    ];
    let hidden = ASKING.contains(&arg.get_id().as_str());
    if hidden { arg.hide(true) } else { arg }
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

/// Flags that mean the same as for `check`, in words that fit.
fn of_fidelity(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "max_partitions" => {
            arg.help("Most classes of paths with a slice of their own; all others share one remainder [default: 64]")
        }
        "comments" => arg.help("Keep the program's comments in the slices [default: keep]"),
        "verbose" => {
            arg.help("Say more: conditions of every triple, every reproducer with all slices, minor diagnostics")
        }
        _ => arg,
    }
}

/// What the flags of `fidelity` set of that which a file can set too.
pub fn testing_layer(args: &FidelityArgs) -> Layer {
    Layer {
        seed: args.seed,
        max_partitions: args.program.max_partitions,
        comments: args.program.comments,
        ..Layer::default()
    }
}

/// What the flags set of that which a file can set too.
pub fn layer(program: &ProgramArgs, asking: &AskingArgs, cost: &CostArgs) -> Layer {
    Layer {
        oracle: asking.oracle.first().cloned(),
        others: asking.oracle.iter().skip(1).cloned().collect(),
        votes: asking.votes,
        escalate: asking.escalate.clone(),
        probe: asking.probe,
        budget_tokens: cost.budget_tokens,
        budget_usd: cost.budget_usd,
        budget_time: cost.budget_time,
        cache: cost.no_cache.then_some(false),
        refresh: cost.refresh,
        cache_dir: cost.cache_dir.clone(),
        base_url: asking.base_url.clone(),
        jobs: asking.jobs,
        all: asking.all,
        timeout: asking.timeout,
        seed: asking.seed,
        num_ctx: asking.num_ctx,
        max_partitions: program.max_partitions,
        comments: program.comments,
        strict: asking.strict,
        confirm: asking.confirm,
        trust: asking.trust,
        unprotected: asking.unprotected,
        ..Layer::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_fit_together() {
        Cli::command().debug_assert();
    }
}
