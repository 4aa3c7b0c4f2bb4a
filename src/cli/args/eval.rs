//! The flags of `weiser eval`.

use super::{AskingArgs, CommonArgs, CostArgs};
use crate::campaign::Method;
use crate::campaign::experiment::method;
use crate::campaign::plan::Shard;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct EvalArgs {
    /// What is judged, by whom and how (`weiser eval --help` says what it holds)
    #[arg(value_name = "EXPERIMENT.toml", required_unless_present = "merge")]
    pub experiment: Option<PathBuf>,
    /// The run's folder; a run that is there goes on [default: runs/ and the experiment's name]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Say what asking would take, and ask nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Judge one of several parts, for as many machines: 2/5
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Put the parts of a run together and score them; with --to, in a folder. One folder: score it again
    #[arg(long, value_name = "DIR", num_args = 1.., conflicts_with_all = ["experiment", "shard", "dry_run"])]
    pub merge: Vec<PathBuf>,
    /// Only this method of the experiment, or another: slices, functions, baseline
    #[arg(long, value_name = "NAME", value_parser = method)]
    pub method: Vec<Method>,
    /// Only so many tasks of each data set, the same on every machine
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub tasks: Option<u32>,
    #[command(flatten)]
    pub asking: AskingArgs,
    #[command(flatten)]
    pub cost: CostArgs,
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Flags that mean the same as for `check`, in words that fit.
pub fn in_its_words(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "oracle" => arg.help("Who judges, instead of the experiment's oracles: each by itself"),
        "votes" => arg.help("Votes on each slice, instead of the experiment's"),
        "jobs" => arg.help("Subjects at a time for each server [default: 1 for ollama, else 8]"),
        "num_ctx" => {
            arg.help("Tokens of context that ollama gives prompt and answer together [default: what the largest needs]")
        }
        "format" => arg.help("Tables for people, or the scores as a document for machines"),
        "verbose" => {
            arg.help("Say more: all tables, what was left out of data sets; -vv every request, -vvv what is in it")
        }
        "quiet" => arg.help("Say less: errors only"),
        // Larger slices behind a failure, and who judges instead, would make another method of it.
        "all" | "escalate" | "probe" => arg.hide(true),
        _ => arg,
    }
}
