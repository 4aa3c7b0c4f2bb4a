//! The flags. Whatever `weiser.toml` and the environment can set too is optional here, so that `settings` can tell
//! whether it was given.

mod dataset;
mod eval;
mod files;
mod models;
mod stored;

pub use dataset::{DatasetAction, DatasetArgs, ProveArgs, TokensArgs, TraceArgs, TraceName, ValidateArgs};
pub use eval::EvalArgs;
pub use files::{LinkingArgs, SearchArgs};
pub use models::ModelsArgs;
pub use stored::{BatchAction, BatchArgs, CacheAction, CacheArgs, CacheOptions, ExportArgs, ImportArgs, Without};

use super::config::{Comments, Layer, Reasoning, Slicing, Trust};
use super::help;
use super::values::{At, dollars, duration, place};
use crate::report::formats::ReportFormat;
use crate::report::schema::Format as SchemaFormat;
use crate::report::terminal::Detail;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
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
    /// Judge data sets with known answers by several oracles and methods, and score them; goes on after any end
    #[command(after_long_help = help::AFTER_EVAL, mut_args(eval::in_its_words))]
    Eval(Box<EvalArgs>),
    /// Make a report of a run that was recorded: for a browser, a code host, a build server, a pull request
    #[command(after_long_help = help::AFTER_REPORT)]
    Report(ReportArgs),
    /// Tell the path classes of a recorded run as execution stories, for study and for training
    #[command(after_long_help = help::AFTER_TRACE)]
    Trace(TraceArgs),
    /// Write the questions to files for a batch service or a cluster, and take its results in
    #[command(after_long_help = help::AFTER_BATCH)]
    Batch(Box<BatchArgs>),
    /// Show, empty or trim the cache of answers
    #[command(after_long_help = help::AFTER_CACHE)]
    Cache(CacheArgs),
    /// List the models that servers offer, with how much context they hold
    #[command(after_long_help = help::AFTER_MODELS)]
    Models(Box<ModelsArgs>),
    /// Index a project, and look up what a name in it means
    #[command(after_long_help = help::AFTER_INDEX, mut_args(of_index))]
    Index(Box<IndexArgs>),
    /// Read data sets of programs with known answers, and prove their labels by running
    #[command(after_long_help = help::AFTER_DATASET)]
    Dataset(Box<DatasetArgs>),
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
    /// Write a regression test that fails today: of the first violation that was seen to happen (--oracle run, --confirm). The
    /// extension says whether it is pytest, C or JUnit 5. Replaces a file only if weiser wrote it
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub emit_test: Option<PathBuf>,
    /// Keep the record of this run in a new folder, from which `weiser report` makes every report
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub save: Option<PathBuf>,
    /// Write a report to a file as well: html, sarif, json, junit, md or gcc; several may be given
    #[arg(long, value_name = "FORMAT=FILE", value_parser = wanted, help_heading = "Output")]
    pub report: Vec<Wanted>,
    #[command(flatten)]
    pub common: CommonArgs,
}

#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The record of a run: the folder that `weiser check --save` or `weiser eval` wrote
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The form of the report
    #[arg(long, value_enum, required_unless_present = "report")]
    pub format: Option<ReportName>,
    /// Write it to a file instead of standard output
    #[arg(short, long, value_name = "FILE", requires = "format")]
    pub output: Option<PathBuf>,
    /// Write a report to a file; several may be given
    #[arg(long, value_name = "FORMAT=FILE", value_parser = wanted)]
    pub report: Vec<Wanted>,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// A report that is to be written to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub format: ReportName,
    pub path: PathBuf,
}

/// `html=out.html`.
fn wanted(text: &str) -> Result<Wanted, String> {
    let known = || ReportName::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names = || known().map(|v| v.get_name().to_owned()).collect::<Vec<_>>().join(", ");
    match text.split_once('=') {
        Some((name, path)) if !path.is_empty() => match ReportName::from_str(name, false) {
            Ok(format) => Ok(Wanted { format, path: path.into() }),
            Err(_) => Err(format!("no report is named `{name}`; known are {}", names())),
        },
        _ => Err(format!("expected a format and a file, as in html=report.html; formats are {}", names())),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportName {
    /// One file for a browser, which needs no network
    Html,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// One document with everything (`weiser.report/1`)
    Json,
    /// JUnit's XML, for build servers
    Junit,
    /// Markdown, for a comment on a pull request
    Md,
    /// `file:line:column: message`, a line each
    Gcc,
}

impl From<ReportName> for ReportFormat {
    fn from(name: ReportName) -> ReportFormat {
        match name {
            ReportName::Html => ReportFormat::Html,
            ReportName::Sarif => ReportFormat::Sarif,
            ReportName::Json => ReportFormat::Json,
            ReportName::Junit => ReportFormat::Junit,
            ReportName::Md => ReportFormat::Md,
            ReportName::Gcc => ReportFormat::Gcc,
        }
    }
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

#[derive(Debug, Args)]
pub struct IndexArgs {
    /// The project's folder
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// List what a name may mean, closest first
    #[arg(long, value_name = "NAME")]
    pub find: Option<String>,
    /// As seen from this file, or from a line of it
    #[arg(long, value_name = "FILE[:LINE]", requires = "find", value_parser = place)]
    pub from: Option<At>,
    /// What is looked for
    #[arg(long, value_enum, default_value_t = WantedName::Any, requires = "find")]
    pub kind: WantedName,
    /// The module or class that stands before the dot
    #[arg(long, value_name = "NAME", requires = "from")]
    pub receiver: Option<String>,
    /// How many arguments the call has
    #[arg(long, value_name = "N", requires = "find")]
    pub arguments: Option<usize>,
    /// Where included files are looked for, before compile_commands.json says
    #[arg(short = 'I', long, value_name = "DIR")]
    pub include_path: Vec<PathBuf>,
    /// Keep no index on disk, and use none
    #[arg(long)]
    pub no_index_cache: bool,
    #[command(flatten)]
    pub search: SearchArgs,
    #[command(flatten)]
    pub common: CommonArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WantedName {
    Callable,
    Type,
    Value,
    Macro,
    Any,
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
    /// How many calls away a callee may be to be followed: its paths count, and it is shown cut to what a slice needs.
    /// 0 shows callees whole [default: 8]
    #[arg(long, value_name = "N")]
    pub call_depth: Option<u64>,
    /// What a slice keeps of the branches that decide whether the post-condition is reached [default: exact]
    #[arg(long, value_enum)]
    pub slicing: Option<Slicing>,
    /// Show the program's comments to the model [default: keep]
    #[arg(long, value_enum)]
    pub comments: Option<Comments>,
    #[command(flatten)]
    pub search: SearchArgs,
    #[command(flatten)]
    pub linking: LinkingArgs,
}

/// Who is asked, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Asking")]
pub struct AskingArgs {
    /// Who answers: ollama:MODEL, openai:MODEL, anthropic:MODEL, run, record:PATH=SPEC, replay:PATH or auto; several vote
    /// together [default: auto]
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
    /// Address of the model's server; of several oracles, one for each in their order, or ORACLE=URL for that oracle's or
    /// provider's, such as openai:MODEL=http://gpu:8000/v1
    #[arg(long, value_name = "[ORACLE=]URL")]
    pub base_url: Vec<String>,
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
    /// How a model comes to its answer [default: auto]
    #[arg(long, value_enum)]
    pub reasoning: Option<Reasoning>,
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
    /// Say more: every answer, replies that could not be read, minor diagnostics; -vv every request, -vvv what is in it
    #[arg(short, long, conflicts_with = "quiet", action = ArgAction::Count)]
    pub verbose: u8,
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
            (_, 1..) => Detail::Verbose,
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
    Models,
    Index,
    Scores,
    Run,
    Report,
    Trace,
}

/// The text of a schema.
pub fn schema(name: SchemaName) -> &'static str {
    match name {
        SchemaName::Slices => SchemaFormat::Slices.schema(),
        SchemaName::Check => SchemaFormat::Check.schema(),
        SchemaName::Fidelity => SchemaFormat::Fidelity.schema(),
        SchemaName::Cache => SchemaFormat::Cache.schema(),
        SchemaName::Batch => SchemaFormat::Batch.schema(),
        SchemaName::Models => SchemaFormat::Models.schema(),
        SchemaName::Index => SchemaFormat::Index.schema(),
        SchemaName::Scores => SchemaFormat::Scores.schema(),
        SchemaName::Run => SchemaFormat::Run.schema(),
        SchemaName::Report => SchemaFormat::Report.schema(),
        SchemaName::Trace => SchemaFormat::Trace.schema(),
    }
}

/// Flags that `slices` accepts, so that `check` can be replaced by it in any command line, but has no use for.
fn without_asking(arg: clap::Arg) -> clap::Arg {
    const ASKING: [&str; 18] = [
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
        "reasoning",
        "strict",
        "confirm",
        "trust",
        "unprotected",
    ];
    let hidden = ASKING.contains(&arg.get_id().as_str());
    if hidden { arg.hide(true) } else { arg }
}

/// Flags that mean the same as for `check`, in words that fit.
fn of_index(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "verbose" => arg.help("Say more: every file with damage"),
        "quiet" => arg.help("Say less: only what --find finds"),
        "config" => arg.hide(true),
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
        call_depth: args.program.call_depth,
        slicing: args.program.slicing,
        comments: args.program.comments,
        ..Layer::default()
    }
}

/// What the flags set of that which a file can set too.
pub fn layer(program: &ProgramArgs, asking: &AskingArgs, cost: &CostArgs) -> Layer {
    Layer {
        max_partitions: program.max_partitions,
        call_depth: program.call_depth,
        slicing: program.slicing,
        comments: program.comments,
        ..asking_layer(asking, cost)
    }
}

/// The same without a program.
pub fn asking_layer(asking: &AskingArgs, cost: &CostArgs) -> Layer {
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
        addresses: asking.base_url.clone(),
        jobs: asking.jobs,
        all: asking.all,
        timeout: asking.timeout,
        seed: asking.seed,
        num_ctx: asking.num_ctx,
        strict: asking.strict,
        confirm: asking.confirm,
        trust: asking.trust,
        reasoning: asking.reasoning,
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
