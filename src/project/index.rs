//! What the index holds: an entry for each file, and definitions by name.

use crate::syntax::outline::{Definition, Outline};
use crate::text::Span;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Index into [`Index::files`]. Files stand in the order of their paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

impl FileId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A definition: its file, and its place in that file's outline. Ordered by path, then by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionId {
    pub file: FileId,
    pub place: u32,
}

/// Why a file gave nothing, or less than it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Could not be read.
    Unreadable(String),
    /// Larger than what is read.
    TooLarge,
    /// Bytes that are not UTF-8, read as `?`.
    BadBytes(u32),
}

/// One source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// From the root, with `/`.
    pub path: String,
    /// Name of its language.
    pub language: String,
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified: u64,
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    pub lines: u32,
    pub outline: Outline,
    /// Every word of the text that could be a name, comments and strings included; sorted. Indices into the index's words.
    pub(super) words: Vec<u32>,
    pub trouble: Option<Trouble>,
}

impl FileEntry {
    /// The folder it lies in, without slash at the end; empty for the root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The innermost function, class or struct around a byte offset.
    pub fn around(&self, offset: u32) -> Option<u32> {
        // What encloses stands before what is enclosed, so the last that contains it is the innermost.
        let holds = |d: &Definition| !d.declared_only && encloses(d) && d.span.contains_offset(offset);
        self.outline.definitions.iter().rposition(holds).map(|i| i as u32)
    }
}

/// Whether other definitions can stand in it.
fn encloses(definition: &Definition) -> bool {
    definition.kind == crate::syntax::outline::Kind::Function || definition.kind.is_type()
}

/// All files of a project.
#[derive(Debug, Default)]
pub struct Index {
    files: Vec<FileEntry>,
    by_name: HashMap<String, Vec<DefinitionId>>,
    by_path: HashMap<String, FileId>,
    words: HashMap<String, Vec<FileId>>,
}

/// Sums over an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub files: usize,
    pub lines: u64,
    pub bytes: u64,
    pub functions: usize,
    pub types: usize,
    pub macros: usize,
    pub variables: usize,
    pub members: usize,
    pub declarations: usize,
    /// Files with places that were not understood, and those places.
    pub damaged: usize,
    pub places: u64,
    /// Files that could not be read or not be parsed at all.
    pub lost: usize,
}

impl Index {
    /// `files` in the order of their paths, their words indices into `words`.
    pub(super) fn new(files: Vec<FileEntry>, words: &[String]) -> Index {
        let mut by_name: HashMap<String, Vec<DefinitionId>> = HashMap::new();
        let mut by_path = HashMap::with_capacity(files.len());
        let mut occurs: Vec<Vec<FileId>> = vec![Vec::new(); words.len()];
        for (i, entry) in files.iter().enumerate() {
            let file = FileId(i as u32);
            by_path.insert(entry.path.clone(), file);
            for (place, definition) in entry.outline.definitions.iter().enumerate() {
                let id = DefinitionId { file, place: place as u32 };
                match by_name.get_mut(definition.name.as_str()) {
                    Some(ids) => ids.push(id),
                    None => drop(by_name.insert(definition.name.clone(), vec![id])),
                }
            }
            for word in &entry.words {
                if let Some(occurs) = occurs.get_mut(*word as usize) {
                    occurs.push(file);
                }
            }
        }
        let words = words.iter().cloned().zip(occurs).collect();
        Index { files, by_name, by_path, words }
    }

    pub fn files(&self) -> impl ExactSizeIterator<Item = (FileId, &FileEntry)> {
        self.files.iter().enumerate().map(|(i, entry)| (FileId(i as u32), entry))
    }

    /// Panics if the id is of another index.
    pub fn file(&self, id: FileId) -> &FileEntry {
        &self.files[id.index()]
    }

    pub fn by_path(&self, path: &str) -> Option<FileId> {
        self.by_path.get(path).copied()
    }

    /// Panics if the id is of another index.
    pub fn definition(&self, id: DefinitionId) -> &Definition {
        &self.file(id.file).outline.definitions[id.place as usize]
    }

    /// The class, struct or function around a definition.
    pub fn owner(&self, id: DefinitionId) -> Option<DefinitionId> {
        self.definition(id).owner.map(|place| DefinitionId { file: id.file, place })
    }

    /// With what is around it: `Outer.Inner.method`.
    pub fn qualified(&self, id: DefinitionId) -> String {
        let mut parts = vec![self.definition(id).name.as_str()];
        let mut at = id;
        while let Some(owner) = self.owner(at) {
            parts.push(&self.definition(owner).name);
            at = owner;
        }
        parts.reverse();
        parts.join(".")
    }

    /// Everything of a name, wherever it is, in the order of paths and places.
    pub fn named(&self, name: &str) -> &[DefinitionId] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Names that something has, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// The definition of a file that has exactly this span; a function of the lowered file has the span of its definition.
    pub fn at_span(&self, file: FileId, name: &str, span: Span) -> Option<DefinitionId> {
        let mut of_file = self.named(name).iter().filter(|id| id.file == file);
        of_file.find(|id| self.definition(**id).span == span).copied()
    }

    /// The innermost function, class or struct around a byte offset of a file.
    pub fn around(&self, file: FileId, offset: u32) -> Option<DefinitionId> {
        self.file(file).around(offset).map(|place| DefinitionId { file, place })
    }

    /// Files in whose text a word occurs.
    pub fn mentions(&self, word: &str) -> &[FileId] {
        self.words.get(word).map_or(&[], Vec::as_slice)
    }

    pub fn counts(&self) -> Counts {
        use crate::syntax::outline::Kind as K;
        let mut counts = Counts { files: self.files.len(), ..Counts::default() };
        for entry in &self.files {
            counts.lines += u64::from(entry.lines);
            counts.bytes += entry.size;
            let damage = entry.outline.damage;
            counts.damaged += usize::from(damage.places > 0);
            counts.places += u64::from(damage.places);
            let lost = matches!(entry.trouble, Some(Trouble::Unreadable(_) | Trouble::TooLarge)) || damage.given_up;
            counts.lost += usize::from(lost);
            for definition in &entry.outline.definitions {
                match definition.kind {
                    _ if definition.declared_only => counts.declarations += 1,
                    K::Function => counts.functions += 1,
                    K::Macro => counts.macros += 1,
                    K::Variable => counts.variables += 1,
                    K::Field | K::Constant => counts.members += 1,
                    K::Struct | K::Union | K::Enum | K::Class | K::Interface | K::Alias => counts.types += 1,
                }
            }
        }
        counts
    }
}
