//! Which files, and what they need of each other.

use crate::project::Options;
use clap::Args;
use std::path::PathBuf;

/// Which files of a folder.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Files of a folder")]
pub struct SearchArgs {
    /// Only files that match one of these globs, written as in .gitignore
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// No files or folders that match one of these globs
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Also files that .gitignore and .ignore leave out
    #[arg(long)]
    pub no_ignore: bool,
}

impl SearchArgs {
    pub fn options(&self) -> Options {
        Options {
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            no_ignore: self.no_ignore,
            ..Options::default()
        }
    }
}

/// What files need of each other.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Several files")]
pub struct LinkingArgs {
    /// Follow calls, types and macros into the other files of this folder (default: of the folder that is searched)
    #[arg(long, value_name = "DIR", conflicts_with = "no_project")]
    pub project: Option<PathBuf>,
    /// Take each file of a folder by itself
    #[arg(long)]
    pub no_project: bool,
    /// Where included files are looked for, before compile_commands.json says
    #[arg(short = 'I', long, value_name = "DIR")]
    pub include_path: Vec<PathBuf>,
    /// Keep no index on disk, and use none
    #[arg(long)]
    pub no_index_cache: bool,
}
