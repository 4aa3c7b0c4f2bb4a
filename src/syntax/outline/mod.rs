//! What a file makes known to others and what it asks of them, without lowering any body: the input of the project index.
//!
//! Spans and heads of functions are those that lowering gives them, so that a [`Definition`] and the [`Function`] of the
//! lowered file can be told to be the same by [`Definition::span`].
//!
//! [`Function`]: super::ast::Function

mod parts;
pub(super) mod rules;
mod walk;

#[cfg(test)]
pub(super) use walk::of_tree;
pub use walk::outline;

use crate::text::Span;
use serde::{Deserialize, Serialize};

/// One file, seen from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// As the file says; `None` where it doesn't or where the language has no such statement.
    pub package: Option<String>,
    /// In source order.
    pub imports: Vec<Import>,
    /// In source order; what encloses stands before what is enclosed.
    pub definitions: Vec<Definition>,
    pub damage: Damage,
}

/// How much of a file the parser did not understand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// Places that the grammar stumbled over. Names in or near them may be missing from the outline.
    pub places: u32,
    /// Nothing of the file was understood.
    pub given_up: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Function,
    /// `struct`, `class` with values, record.
    Struct,
    Union,
    Enum,
    Class,
    Interface,
    /// A second name for a type.
    Alias,
    Macro,
    /// A variable that outlives calls: global, or static of a file.
    Variable,
    /// A variable of a struct or class.
    Field,
    /// A constant of an enumeration.
    Constant,
}

impl Kind {
    pub fn is_type(self) -> bool {
        matches!(self, Kind::Struct | Kind::Union | Kind::Enum | Kind::Class | Kind::Interface | Kind::Alias)
    }

    /// May stand before an argument list: functions, macros, and classes that are called to make an object.
    pub fn is_callable(self) -> bool {
        matches!(self, Kind::Function | Kind::Macro | Kind::Class | Kind::Struct | Kind::Enum)
    }
}

/// Who may name a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Its file, and files that include the text of it.
    File,
    /// Its package.
    Package,
    Everywhere,
}

/// How many arguments a call may give. A receiver that stands before the dot is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arity {
    pub least: u16,
    /// `None`: any number more.
    pub most: Option<u16>,
}

impl Arity {
    pub fn takes(self, arguments: usize) -> bool {
        arguments >= self.least as usize && self.most.is_none_or(|most| arguments <= most as usize)
    }
}

/// Something with a name. Variables inside functions are not here; functions and types inside functions are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    pub name: String,
    pub kind: Kind,
    /// Only says that it exists: a prototype, `extern`, `struct s;`, an abstract method.
    pub declared_only: bool,
    pub visibility: Visibility,
    /// Everything, decorators and terminator included; without the comment above it.
    pub span: Span,
    /// Up to the body: the signature. The whole span where there is no body.
    pub head: Span,
    /// Index of the class, struct or function around it in [`Outline::definitions`].
    pub owner: Option<u32>,
    /// Functions and macros that take arguments.
    pub arity: Option<Arity>,
    /// Needs no object though it stands in a class.
    pub is_static: bool,
    /// No subclass can replace it.
    pub is_final: bool,
    /// Base name of its type: of a variable or field, of what a function returns, of what an alias stands for. Empty where
    /// none is written.
    pub ty: String,
    /// Types that a class or interface is built on, as written, without arguments.
    pub bases: Vec<String>,
    /// Its line is one of several alternatives that the preprocessor chooses from.
    pub conditional: bool,
}

/// Something that a file asks of others. One for each name: `import a, b` are two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub span: Span,
    /// As written: `lib/a.h`, `..pkg.mod`, `java.util.List`. Without quotes.
    pub path: String,
    pub form: ImportForm,
    /// By what name this file knows it, where that is one name. For `import a.b` in Python it is `a.b`.
    pub alias: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportForm {
    /// The text of a file, looked for beside this one first: `#include "a.h"`.
    Beside,
    /// The text of a file of the include path: `#include <a.h>`.
    OnPath,
    /// A module or class as a whole: `import a.b`.
    Whole,
    /// One name of it: `from a import b`.
    Member(String),
    /// All names of it: `from a import *`, `import a.*`.
    All,
}
