//! Which files of a folder are source text of a language that is known: ignore files and globs respected, links not followed.

use super::{Options, ProjectError};
use ignore::WalkBuilder;
use ignore::overrides::{Override, OverrideBuilder};
use std::path::{Component, Path, PathBuf};

/// Folders that hold no sources of the user's. Hidden ones are passed over too.
const PASSED_OVER: [&str; 2] = ["target", "node_modules"];

/// Source files, and places that could not be searched, each with why.
pub type Searched<L> = (Vec<Found<L>>, Vec<(PathBuf, String)>);

/// A source file that was found.
#[derive(Debug, Clone)]
pub struct Found<L> {
    /// As it is opened: the folder searched, and the way from there.
    pub path: PathBuf,
    /// From the folder searched, with `/`.
    pub relative: String,
    pub language: L,
}

/// The source files below a folder, in the order of their relative paths, and what could not be searched: the path, and why.
/// `language` tells a file's language; what has none is passed over.
///
/// Respected: `.gitignore` here and in the folders above (in a git repository or not), `.ignore`, git's own excludes. A link
/// is taken where it leads to a file outside of the folder. Cost: linear in the entries.
pub fn scan<L>(
    root: &Path,
    options: &Options,
    language: impl Fn(&Path) -> Option<L>,
) -> Result<Searched<L>, ProjectError> {
    let globs = globs(root, options)?;
    let mut walk = WalkBuilder::new(root);
    walk.follow_links(false).require_git(false).hidden(true);
    if options.no_ignore {
        walk.ignore(false).git_ignore(false).git_global(false).git_exclude(false).parents(false);
    }
    let pruned = globs.clone();
    walk.filter_entry(move |entry| {
        let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
        let passed_over = is_folder && PASSED_OVER.iter().any(|name| entry.file_name() == *name);
        entry.depth() == 0 || !(passed_over || pruned.matched(entry.path(), is_folder).is_ignore())
    });
    let (mut found, mut unsearched) = (Vec::new(), Vec::new());
    for entry in walk.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                unsearched.push(unsearchable(&error, root));
                continue;
            }
        };
        let Some(language) = language(entry.path()) else { continue };
        let is_file = match entry.file_type() {
            Some(kind) if kind.is_symlink() => leads_outside(entry.path(), root),
            kind => kind.is_some_and(|k| k.is_file()),
        };
        if is_file && let Ok(relative) = entry.path().strip_prefix(root) {
            found.push(Found { relative: slashed(relative), path: entry.into_path(), language });
        }
    }
    found.sort_by(|a, b| a.relative.cmp(&b.relative));
    unsearched.sort();
    Ok((found, unsearched))
}

/// The place and the reason, out of what the walk says.
fn unsearchable(error: &ignore::Error, root: &Path) -> (PathBuf, String) {
    let mut path = root;
    let mut inner = error;
    loop {
        match inner {
            ignore::Error::WithPath { path: at, err } => (path, inner) = (at, err),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => inner = err,
            _ => break,
        }
    }
    let why = inner.io_error().map_or_else(|| inner.to_string(), crate::text::said);
    (path.to_path_buf(), why)
}

/// What lies inside is found by itself.
fn leads_outside(link: &Path, root: &Path) -> bool {
    let (Ok(target), Ok(root)) = (link.canonicalize(), root.canonicalize()) else { return false };
    target.is_file() && !target.starts_with(root)
}

fn globs(root: &Path, options: &Options) -> Result<Override, ProjectError> {
    let mut builder = OverrideBuilder::new(root);
    let wrong = |glob: &str, why: ignore::Error| ProjectError::Glob { glob: glob.into(), why: why.to_string() };
    for glob in &options.include {
        builder.add(glob.trim_start_matches('!')).map_err(|why| wrong(glob, why))?;
    }
    for glob in &options.exclude {
        builder.add(&format!("!{}", glob.trim_start_matches('!'))).map_err(|why| wrong(glob, why))?;
    }
    builder.build().map_err(|why| wrong("", why))
}

/// A relative path with `/` between its parts, without `.`.
pub fn slashed(path: &Path) -> String {
    let parts = path.components().filter(|c| !matches!(c, Component::CurDir));
    parts.map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
