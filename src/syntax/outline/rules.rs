//! The vocabulary of `[syntax.outline]`: which kinds of node define a name for others, and which ask for one. Functions are
//! known from `[syntax.statement]`.

use super::Kind;
use crate::syntax::rules::Part;
use serde::Deserialize;

/// What a kind of node is to an outline.
#[derive(Debug, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
pub enum OutlineRule {
    /// A type with members. Without `body` it is only a mention.
    Type {
        kind: TypeKind,
        name: Part,
        body: Part,
        bases: Option<Part>,
        /// Types and constants inside belong to the scope around it; only fields are its own.
        #[serde(default)]
        open: bool,
    },
    /// A second name for a type.
    Alias {
        names: Part,
        #[serde(rename = "type")]
        ty: Part,
    },
    /// Variables, fields, prototypes. Inside functions they are passed over.
    Variable {
        names: Part,
        #[serde(rename = "type")]
        ty: Part,
    },
    Constant {
        name: Part,
    },
    Macro {
        name: Part,
        params: Option<Part>,
    },
    /// The text of a file.
    Include {
        path: Part,
    },
    /// Modules or their names: `names` of `path`, or `names` by themselves; each may be a node with `inner` name and `alias`.
    /// `all`: every name. `member`: what is named last is a member of what is named before it. `last`: known by its last
    /// part.
    Import {
        path: Option<Part>,
        names: Part,
        inner: Option<Part>,
        alias: Option<Part>,
        all: Option<Part>,
        member: Option<Part>,
        #[serde(default)]
        last: bool,
    },
    Package {
        name: Part,
    },
    /// What is defined inside has no name that others could use.
    Hidden,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeKind {
    Struct,
    Union,
    Enum,
    Class,
    Interface,
}

impl From<TypeKind> for Kind {
    fn from(kind: TypeKind) -> Kind {
        match kind {
            TypeKind::Struct => Kind::Struct,
            TypeKind::Union => Kind::Union,
            TypeKind::Enum => Kind::Enum,
            TypeKind::Class => Kind::Class,
            TypeKind::Interface => Kind::Interface,
        }
    }
}
