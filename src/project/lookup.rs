//! From a name, as seen from a place, to what it may mean: the question and its answer. How it is found: `search`.

use super::index::{DefinitionId, FileId};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// What may stand before an argument list.
    Callable,
    Type,
    /// A variable or constant.
    Value,
    Macro,
    Any,
}

/// A name at a place.
#[derive(Debug, Clone)]
pub struct Query<'q> {
    pub name: &'q str,
    pub wanted: Wanted,
    /// The file in which the name stands, and where in it: that tells the class around it.
    pub from: Option<FileId>,
    pub at: Option<u32>,
    /// What stands before the dot, where it is a module, a class, or an object whose class is known: that name. With a
    /// receiver of unknown class, `Some("")`: then any class may be meant.
    pub receiver: Option<&'q str>,
    /// The receiver is an object (or `this`), so that a subclass's method may run instead.
    pub dynamic: bool,
    /// How many arguments the call has. Definitions that can't take them stand last.
    pub arguments: Option<usize>,
}

impl<'q> Query<'q> {
    pub fn new(name: &'q str, wanted: Wanted, from: Option<FileId>) -> Query<'q> {
        Query { name, wanted, from, at: None, receiver: None, dynamic: false, arguments: None }
    }
}

/// Why a candidate is one; closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A member of the class that the receiver names or, without a receiver, of a class around the place.
    Member,
    /// A member of a class that this one is built on.
    Inherited,
    /// Stands in the same file, in a function around the place or outside of any.
    SameFile,
    /// Stands in text that the file includes.
    Included,
    /// The file imports it by name, or the module that it is qualified with.
    Imported,
    /// Of the same package.
    SamePackage,
    /// The file imports all names of the module or package it is in.
    ImportedAll,
    /// Defined in a file that is linked, and declared in this file or in text that it includes.
    Declared,
    /// A member of a class built on the receiver's: may run in its place.
    Override,
    /// In the same folder, with nothing that says that it is meant.
    SameFolder,
    /// Somewhere else.
    Elsewhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub definition: DefinitionId,
    pub reason: Reason,
    /// It can take as many arguments as the call has.
    pub fits: bool,
}

/// How much the first candidate can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// By the rules of the language the first candidate is meant and none of the others.
    Certain,
    /// The first candidate is the only one, or the only one of its reason, but it takes a guess that it is meant: no
    /// declaration leads to it, an include was found by its last folders only, the receiver's class is unknown.
    Likely,
    /// Several are as good, or none is there.
    Open,
}

/// What a name may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Definitions, closest first; within one reason those that fit first, then in the order of paths and places.
    pub candidates: Vec<Candidate>,
    /// Declarations without a definition that are visible from the place: prototypes, `extern`, abstract methods.
    pub declarations: Vec<Candidate>,
    pub certainty: Certainty,
}

impl Lookup {
    /// The one definition that is certainly meant.
    pub fn certain(&self) -> Option<DefinitionId> {
        match self.certainty {
            Certainty::Certain => self.candidates.first().map(|c| c.definition),
            _ => None,
        }
    }
}
