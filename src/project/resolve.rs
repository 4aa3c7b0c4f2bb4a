//! Imports to files: the text that stands for an `#include`, the file that is a module, the files of a package.
//!
//! What the language's rules don't lead to is looked for by its last folders: `<X11/Xlib.h>` is `include/X11/Xlib.h` where
//! no other file ends so. Such a [`Target`] is marked as guessed.

use super::Options;
use super::commands::{Commands, plain};
use super::index::{DefinitionId, FileId, Index};
use super::scan::slashed;
use crate::syntax::by_name;
use crate::syntax::language::{Imports, Language};
use crate::syntax::outline::{Import, ImportForm};
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::OnceLock;

/// What an import leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Files of the module, class, package or included text.
    pub files: Vec<FileId>,
    /// For a member of a module: the module of that name inside it.
    pub submodule: Vec<FileId>,
    pub guessed: bool,
}

/// A file whose text is included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    pub file: FileId,
    /// An include on the way to it was guessed.
    pub guessed: bool,
}

#[derive(Debug, Default)]
pub struct Resolved {
    /// By file, by import.
    targets: Vec<Vec<Target>>,
    reach: Vec<OnceLock<Vec<Reached>>>,
    includers: OnceLock<Vec<Vec<FileId>>>,
    /// Packages as files name them; those without a name by their folder.
    packages: HashMap<String, Vec<FileId>>,
    /// Whether an import takes in the text of a file.
    textual: Vec<bool>,
}

/// The index as resolving needs it.
struct Paths<'a> {
    index: &'a Index,
    /// By the last part of the path.
    by_tail: HashMap<&'a str, Vec<FileId>>,
    /// `package.Class` → its files.
    classes: HashMap<String, Vec<FileId>>,
    packages: &'a HashMap<String, Vec<FileId>>,
    /// Folders in which includes are looked for, from the root.
    everywhere: Vec<String>,
    of_file: HashMap<FileId, Vec<String>>,
}

impl Resolved {
    /// Cost: linear in the imports, and in the files of a name where names alone decide.
    pub fn new(index: &Index, root: &Path, options: &Options, commands: Commands) -> Resolved {
        let mut packages: HashMap<String, Vec<FileId>> = HashMap::new();
        let mut classes: HashMap<String, Vec<FileId>> = HashMap::new();
        let mut by_tail: HashMap<&str, Vec<FileId>> = HashMap::new();
        let mut textual = Vec::new();
        for (id, file) in index.files() {
            by_tail.entry(file.path.rsplit('/').next().unwrap_or_default()).or_default().push(id);
            let style = by_name(&file.language).map(|l| l.modules.imports);
            textual.push(style == Some(Imports::Text));
            if style != Some(Imports::Classes) {
                continue;
            }
            packages.entry(package(index, id)).or_default().push(id);
            for class in file.outline.definitions.iter().filter(|d| d.owner.is_none() && d.kind.is_type()) {
                let name = match &file.outline.package {
                    Some(package) => format!("{package}.{}", class.name),
                    None => class.name.clone(),
                };
                classes.entry(name).or_default().push(id);
            }
        }
        let inside = |folder: &Path| folder.strip_prefix(root).ok().map(slashed);
        let here = std::env::current_dir().unwrap_or_default();
        let given = options.include_paths.iter().filter_map(|p| {
            let path = here.join(p);
            inside(&path.canonicalize().unwrap_or_else(|_| plain(&path)))
        });
        let mut everywhere: Vec<String> = given.collect();
        let named = everywhere.len();
        everywhere.extend(commands.all.iter().filter_map(|p| inside(p)));
        let of_file = commands.of_file.iter().filter_map(|(file, folders)| {
            let mut own: Vec<String> = folders.iter().filter_map(|p| inside(p)).collect();
            own.extend_from_slice(&everywhere[..named]);
            Some((index.by_path(&inside(file)?)?, own))
        });
        let of_file = of_file.collect();
        let paths = Paths { index, by_tail, classes, packages: &packages, everywhere, of_file };
        let targets = index.files().map(|(id, file)| {
            let imports = file.outline.imports.iter();
            match by_name(&file.language) {
                Some(language) => imports.map(|import| paths.target(id, language, import)).collect(),
                None => imports.map(|_| Target::default()).collect(),
            }
        });
        let targets: Vec<Vec<Target>> = targets.collect();
        let reach = targets.iter().map(|_| OnceLock::new()).collect();
        Resolved { targets, reach, includers: OnceLock::new(), packages, textual }
    }

    pub fn import(&self, file: FileId, import: usize) -> &[FileId] {
        self.targets[file.index()].get(import).map_or(&[], |t| &t.files)
    }

    /// By import.
    pub fn targets(&self, file: FileId) -> &[Target] {
        &self.targets[file.index()]
    }

    /// Files of the same package.
    pub fn package(&self, index: &Index, file: FileId) -> &[FileId] {
        self.packages.get(&package(index, file)).map_or(&[], Vec::as_slice)
    }

    /// The text that a file consists of in the end: itself first, then what it includes, nearest first.
    pub fn reached(&self, file: FileId) -> &[Reached] {
        self.reach[file.index()].get_or_init(|| {
            let mut out = vec![Reached { file, guessed: false }];
            if !self.textual[file.index()] {
                return out;
            }
            let mut at: HashMap<FileId, usize> = HashMap::from([(file, 0)]);
            let mut todo = VecDeque::from([0]);
            while let Some(next) = todo.pop_front() {
                let from = out[next];
                for target in &self.targets[from.file.index()] {
                    let guessed = from.guessed || target.guessed;
                    for &file in &target.files {
                        match at.get(&file).copied() {
                            None => {
                                at.insert(file, out.len());
                                todo.push_back(out.len());
                                out.push(Reached { file, guessed });
                            }
                            // A sure way to it was found later: what it includes is sure, too.
                            Some(known) if out[known].guessed && !guessed => {
                                out[known].guessed = false;
                                todo.push_back(known);
                            }
                            Some(_) => {}
                        }
                    }
                }
            }
            out
        })
    }

    pub fn reach(&self, file: FileId) -> Vec<FileId> {
        self.reached(file).iter().map(|r| r.file).collect()
    }

    pub fn includers(&self, file: FileId) -> Vec<FileId> {
        let direct = self.includers.get_or_init(|| {
            let mut direct = vec![Vec::new(); self.targets.len()];
            for (from, targets) in self.targets.iter().enumerate().filter(|(from, _)| self.textual[*from]) {
                for target in targets.iter().flat_map(|t| &t.files) {
                    direct[target.index()].push(FileId(from as u32));
                }
            }
            direct
        });
        let mut seen = HashSet::from([file]);
        let mut todo = vec![file];
        while let Some(next) = todo.pop() {
            todo.extend(direct[next.index()].iter().copied().filter(|f| seen.insert(*f)));
        }
        seen.remove(&file);
        let mut out: Vec<FileId> = seen.into_iter().collect();
        out.sort();
        out
    }
}

/// The name of the package a file is of; a file without one is of its folder.
fn package(index: &Index, file: FileId) -> String {
    let entry = index.file(file);
    entry.outline.package.clone().unwrap_or_else(|| format!("/{}", entry.folder()))
}

impl Paths<'_> {
    fn target(&self, from: FileId, language: &Language, import: &Import) -> Target {
        match language.modules.imports {
            Imports::Text => self.text(from, import),
            Imports::Modules => self.module(from, language, import),
            Imports::Classes => self.class(import, &language.modules.separator),
        }
    }

    fn text(&self, from: FileId, import: &Import) -> Target {
        let beside = (import.form == ImportForm::Beside).then(|| self.index.file(from).folder().to_string());
        let on_path = self.of_file.get(&from).unwrap_or(&self.everywhere);
        let mut folders = beside.iter().chain(on_path);
        if let Some(file) = folders.find_map(|folder| self.at(folder, &import.path)) {
            return Target { files: vec![file], ..Target::default() };
        }
        self.by_end(from, &import.path)
    }

    /// The file at a path that is relative to a folder.
    fn at(&self, folder: &str, path: &str) -> Option<FileId> {
        self.index.by_path(&joined(folder, path)?)
    }

    /// Files whose paths end so; of several, those nearest to the file that asks.
    fn by_end(&self, from: FileId, path: &str) -> Target {
        let Some(path) = joined("", path.trim_start_matches("../")) else { return Target::default() };
        let tail = path.rsplit('/').next().unwrap_or_default();
        let ends = |file: &&FileId| {
            let whole = &self.index.file(**file).path;
            whole.strip_suffix(path.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        let found: Vec<FileId> = self.by_tail.get(tail).into_iter().flatten().filter(ends).copied().collect();
        let near = |file: &FileId| shared(&self.index.file(*file).path, &self.index.file(from).path);
        let nearest = found.iter().map(near).max();
        let files = found.into_iter().filter(|f| Some(near(f)) == nearest).collect();
        Target { files, submodule: Vec::new(), guessed: true }
    }

    fn module(&self, from: FileId, language: &Language, import: &Import) -> Target {
        let separator = language.modules.separator.as_str();
        let (files, guessed) = self.modules(from, language, &import.path);
        let submodule = match &import.form {
            ImportForm::Member(name) => {
                let glue = if import.path.ends_with(separator) { "" } else { separator };
                self.modules(from, language, &format!("{}{glue}{name}", import.path)).0
            }
            _ => Vec::new(),
        };
        Target { files, submodule, guessed }
    }

    /// The file of a module, and whether it was guessed.
    fn modules(&self, from: FileId, language: &Language, path: &str) -> (Vec<FileId>, bool) {
        let separator = language.modules.separator.as_str();
        let own = self.index.file(from).folder();
        let inside = path.trim_start_matches(separator);
        let up = (path.len() - inside.len()) / separator.len().max(1);
        let parts = inside.replace(separator, "/");
        if up > 0 {
            let mut folder = Some(own);
            for _ in 1..up {
                folder = folder.filter(|f| !f.is_empty()).map(|f| f.rsplit_once('/').map_or("", |(above, _)| above));
            }
            let found = folder.and_then(|f| self.module_at(f, &parts, language));
            return (found.into_iter().collect(), false);
        }
        let top = self.above_packages(own, language);
        let source = joined(&top, "src").unwrap_or_default();
        for base in [top.as_str(), own, "", source.as_str(), "src"] {
            if let Some(found) = self.module_at(base, &parts, language) {
                return (vec![found], false);
            }
        }
        for tail in self.written(&parts, language) {
            let found = self.by_end(from, &tail).files;
            if !found.is_empty() && parts.contains('/') {
                return (found, true);
            }
        }
        (Vec::new(), false)
    }

    fn module_at(&self, base: &str, parts: &str, language: &Language) -> Option<FileId> {
        self.written(parts, language).into_iter().find_map(|path| self.at(base, &path))
    }

    /// How the path of a module's file may be written: as a file, as a folder.
    fn written(&self, parts: &str, language: &Language) -> Vec<String> {
        let folder_file = &language.modules.folder_file;
        let mut out = Vec::new();
        for extension in &language.extensions {
            if !folder_file.is_empty() {
                let glue = if parts.is_empty() { "" } else { "/" };
                out.push(format!("{parts}{glue}{folder_file}.{extension}"));
            }
            if !parts.is_empty() {
                out.push(format!("{parts}.{extension}"));
            }
        }
        out
    }

    /// The folder in which the outermost package around a folder lies.
    fn above_packages(&self, folder: &str, language: &Language) -> String {
        let is_package = |folder: &str| {
            let file = |e: &String| format!("{}.{e}", language.modules.folder_file);
            language.extensions.iter().any(|e| self.at(folder, &file(e)).is_some())
        };
        let mut folder = folder;
        while !folder.is_empty() && is_package(folder) {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
        folder.to_string()
    }

    fn class(&self, import: &Import, separator: &str) -> Target {
        let of_class = |path: &str| {
            // `package.Outer.Inner` is in the file of `Outer`.
            let mut path = path;
            loop {
                if let Some(files) = self.classes.get(path) {
                    return files.clone();
                }
                match path.rsplit_once(separator) {
                    Some((outer, _)) => path = outer,
                    None => return Vec::new(),
                }
            }
        };
        let files = match &import.form {
            ImportForm::All => match self.packages.get(&import.path) {
                Some(files) => files.clone(),
                None => of_class(&import.path),
            },
            _ => of_class(&import.path),
        };
        Target { files, ..Target::default() }
    }
}

/// Two relative paths as one, without `.` and `..`; `None` if it leads outside.
fn joined(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// How many folders two paths have in common at their start.
pub fn shared(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}

/// Definitions at the outermost level of files that have a name.
pub fn outermost<'a>(index: &'a Index, files: &'a [FileId], name: &'a str) -> impl Iterator<Item = DefinitionId> + 'a {
    let of_name = index.named(name).iter().copied();
    of_name.filter(move |id| index.definition(*id).owner.is_none() && files.contains(&id.file))
}
