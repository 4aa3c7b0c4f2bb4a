//! Many files: who defines what, and which of several definitions a name means.
//!
//! [`Project::open`] finds the source files of a folder, takes from an index kept on disk what has not changed, reads the
//! rest in parallel, and gives an [`Index`]. [`Project::find`] resolves a name as seen from a file, [`Project::parsed`]
//! gives a file as lowered text.
//!
//! # Terms
//! - **Root**: the folder of the project. Paths in the index are relative to it, written with `/`.
//! - **Definition** and **declaration**: both are [`Definition`]s; a declaration has `declared_only`. A struct, a macro, a
//!   variable without `extern` are definitions.
//! - **Candidate**: a definition that a name may mean, with a [`Reason`]. Reasons are ordered, closest first.
//! - **Certain**: see [`Certainty`]. Nothing that rests on a guess is called certain.
//!
//! # Example
//! `main.c` calls `area(w, h)`, includes `shape.h` (a prototype), and `shape.c` defines `int area(int, int)`; another
//! program in the tree has a `static int area(int)`. The lookup gives one candidate, `shape.c`, [`Reason::Declared`],
//! [`Certainty::Certain`]: the static one can't be meant.
//!
//! # What it can't see
//! Text that macros make, functions of libraries that are not in the tree, `#if` (both sides count), names that a program
//! makes while it runs, Python's `sys.path` and `__all__`. A name that a function binds itself hides the project's: who asks
//! must have looked there first.
//!
//! | file | holds |
//! |---|---|
//! | `scan` | which files: ignore files, globs |
//! | `build`, `cache` | files to entries, in parallel; the entries on disk |
//! | `index` | entries, definitions by name |
//! | `commands` | `compile_commands.json` |
//! | `resolve` | imports to files |
//! | `lookup`, `search` | names to candidates |
//! | `members` | members of classes, and how those are built on each other |
//! | `source` | lowered files on demand |

mod build;
mod cache;
mod commands;
mod index;
mod lookup;
mod members;
mod resolve;
mod scan;
mod search;
mod source;

pub use crate::syntax::outline::{Arity, Damage, Definition, Import, ImportForm, Kind, Visibility};
pub use cache::{CacheFound, CacheSaved, CacheState};
pub use commands::CommandsError;
pub use index::{Counts, DefinitionId, FileEntry, FileId, Index, Trouble};
pub use lookup::{Candidate, Certainty, Lookup, Query, Reason, Wanted};
pub use scan::{Found, scan};
pub use source::{Loaded, SourceError};

use crate::text::SourceFile;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// What a project is made of.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Globs that a file must match one of (none: all files match), and globs that it must not match; as in `.gitignore`,
    /// relative to the root.
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    /// Where `#include <...>` and the like look, in this order: `-I`. Relative ones are relative to the current folder.
    pub include_paths: Vec<PathBuf>,
    /// Where indices are kept; `None`: nowhere.
    pub cache: Option<PathBuf>,
    /// Read files that ignore files name, too.
    pub no_ignore: bool,
}

/// How opening went.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Files taken from the cache, and files that were read.
    pub kept: usize,
    pub read: usize,
    pub cache: CacheState,
    /// Places that could not be searched, as `path: why`.
    pub unsearched: Vec<String>,
    /// A compilation database that was found but could not be read.
    pub commands: Option<CommandsError>,
    pub took: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("{}: {error}", path.display())]
    Root { path: PathBuf, error: std::io::Error },
    #[error("{}: is no folder; a project is one", path.display())]
    NoFolder { path: PathBuf },
    #[error("`{glob}` is no glob: {why}")]
    Glob { glob: String, why: String },
}

/// A folder with its index. Cheap to share between threads; nothing in it changes but what [`Project::parsed`] keeps.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    index: Index,
    resolved: resolve::Resolved,
    members: OnceLock<members::Members>,
    sources: source::Sources,
}

impl Project {
    /// Reads a folder. `progress` is called with (files done, files in all), from several threads.
    ///
    /// Cost: without cache linear in the text, on all cores of the current rayon pool; with it linear in the number of files
    /// (a file whose size and time are as they were is not opened).
    pub fn open(
        root: &Path,
        options: &Options,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<(Project, Opened), ProjectError> {
        build::open(root, options, progress)
    }

    /// The folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The file at a path: absolute, or relative to the current folder or to the root.
    pub fn file_at(&self, path: &Path) -> Option<FileId> {
        self.index.by_path(&self.relative(path)?)
    }

    /// A path as the index writes it; `None` if it lies outside.
    fn relative(&self, path: &Path) -> Option<String> {
        let from_here = path.canonicalize().ok();
        let inside = from_here.as_deref().and_then(|p| p.strip_prefix(&self.root).ok());
        let inside = inside.map(Path::to_path_buf).or_else(|| path.is_relative().then(|| path.to_path_buf()))?;
        Some(scan::slashed(&inside))
    }

    /// What a name may mean, closest first. See [`Query`].
    ///
    /// Cost: linear in the definitions of that name.
    pub fn find(&self, query: &Query) -> Lookup {
        search::find(self, query)
    }

    /// Files in whose text a word occurs, in order of paths: whoever calls a function is among them.
    pub fn mentions(&self, word: &str) -> &[FileId] {
        self.index.mentions(word)
    }

    /// Files that an import of a file stands for; for one that names a member of a module, the module's file. Empty where
    /// none is in the project.
    pub fn imported(&self, file: FileId, import: usize) -> &[FileId] {
        self.resolved.import(file, import)
    }

    /// Files whose text a file includes, itself first, then in the order of inclusion, transitively.
    pub fn included(&self, file: FileId) -> Vec<FileId> {
        self.resolved.reach(file)
    }

    /// Files that include a file's text, transitively, in order of paths.
    pub fn includers(&self, file: FileId) -> Vec<FileId> {
        self.resolved.includers(file)
    }

    /// The members of a class or struct, in source order, without inherited ones.
    pub fn members(&self, class: DefinitionId) -> Vec<DefinitionId> {
        self.inheritance().of(class)
    }

    /// The classes that a class is built on, directly, as far as they are in the project; `false` if one is not.
    pub fn bases(&self, class: DefinitionId) -> (Vec<DefinitionId>, bool) {
        self.inheritance().bases(class)
    }

    /// Classes built on a class, directly or not, in order.
    pub fn derived(&self, class: DefinitionId) -> Vec<DefinitionId> {
        self.inheritance().derived(class)
    }

    /// Last names of what classes of the project are built on, as written.
    pub fn built_on(&self) -> &std::collections::BTreeSet<String> {
        self.inheritance().built_on()
    }

    /// Names of members of classes that are built on others.
    pub fn replaced(&self) -> std::collections::BTreeSet<String> {
        let members = self.inheritance();
        let all = members.with_bases().flat_map(|class| members.of(class));
        all.map(|member| self.index.definition(member).name.clone()).collect()
    }

    /// Made when it is first needed.
    fn inheritance(&self) -> &members::Members {
        self.members.get_or_init(|| members::Members::new(self))
    }

    /// A file, parsed and lowered. Kept for the next time while there is room.
    ///
    /// Fails if the file has changed since it was indexed: the spans of the index would lie.
    pub fn parsed(&self, file: FileId) -> Result<Loaded, SourceError> {
        self.sources.get(self, file)
    }

    /// The text of a file, as it was indexed.
    pub fn text(&self, file: FileId) -> Result<SourceFile, SourceError> {
        source::text(self, file)
    }

    /// The lowered function of a definition, in the file that [`Project::parsed`] gave for it.
    pub fn function(&self, id: DefinitionId, parsed: &crate::syntax::Parsed) -> Option<crate::syntax::ast::FunctionId> {
        source::function(self.index.definition(id), parsed)
    }
}

/// A region may be built from several threads.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Project>();
};
