//! A project for a command: its options from flags and environment, its index with a progress bar.

use super::Failure;
use super::args::{CommonArgs, SearchArgs};
use super::output::Console;
use super::progress::Bar;
use crate::project::{Opened, Options, Project};
use crate::report::terminal::index::warnings;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Opens a project and says on standard error what is wrong with it.
pub fn open(
    root: &Path,
    search: &SearchArgs,
    include_paths: &[PathBuf],
    cache: Option<PathBuf>,
    common: &CommonArgs,
    console: &mut Console,
) -> Result<(Project, Opened), Failure> {
    let options = Options { include_paths: include_paths.to_vec(), cache, ..search.options() };
    let bar = Bar::new(common, 0, "files");
    let sized = AtomicBool::new(false);
    let progress = |_: usize, total: usize| {
        if !sized.swap(true, Ordering::Relaxed) {
            bar.resize(total as u64);
        }
        bar.step();
    };
    let opened = super::analysis::in_parallel(|| Project::open(root, &options, &progress));
    drop(bar);
    let (project, opened) = opened.map_err(|error| Failure::Usage(error.to_string()))?;
    console.note(&warnings(&project, &opened, common.detail()));
    Ok((project, opened))
}
