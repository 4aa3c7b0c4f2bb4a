//! The vocabulary of the lowering tables: parts, roles, tokens, words.
//!
//! A *rule* says which *role* a kind of CST node plays and which of its children play which *part* in it. A part is written
//! as one or more picks joined by `|`; a child plays the part if any pick matches it:
//!
//! | pick | matches |
//! |---|---|
//! | `name` | the child in that field |
//! | `<kind>` | named children of that kind |
//! | `'tok'` | the token `tok` |
//! | `[n]`, `[-n]` | the n-th named child, from 0; from the end, from 1 |
//! | `*` | every named child |

use super::ast::{DeclKind, LiteralKind};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;

/// Which children of a node play a part.
#[derive(Debug)]
pub struct Part(pub Vec<Pick>);

#[derive(Debug)]
pub enum Pick {
    Field(String),
    Kind(String),
    Token(String),
    Nth(i32),
    Named,
}

impl Part {
    pub fn parse(text: &str) -> Part {
        let pick = |p: &str| match p {
            "*" => Pick::Named,
            _ => {
                let inside = |open, close| p.strip_prefix(open).and_then(|p| p.strip_suffix(close));
                if let Some(kind) = inside('<', '>') {
                    Pick::Kind(kind.into())
                } else if let Some(token) = inside('\'', '\'') {
                    Pick::Token(token.into())
                } else if let Some(n) = inside('[', ']').and_then(|n| n.parse().ok()) {
                    Pick::Nth(n)
                } else {
                    Pick::Field(p.into())
                }
            }
        };
        Part(text.split('|').map(|p| pick(p.trim())).collect())
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Part::parse(&String::deserialize(deserializer)?))
    }
}

/// Roles of statements, of the clauses inside them, and of declarations at file and class level.
#[derive(Debug, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
pub enum StmtRule {
    /// A sequence of statements. `indented`: without braces.
    Block {
        #[serde(default)]
        indented: bool,
    },
    Expr {
        value: Part,
    },
    /// A statement that is a call without looking like one. `callee` is a token or a name.
    Call {
        callee: Part,
        args: Part,
    },
    Delete {
        value: Part,
    },
    /// Declares local variables; at file level, globals and prototypes.
    Decl {
        #[serde(rename = "type")]
        ty: Part,
        declarators: Part,
    },
    /// Declares variables of a class.
    Member {
        declarators: Part,
    },
    If {
        cond: Part,
        then: Part,
        #[serde(rename = "else")]
        els: Part,
    },
    /// A clause of an if that is itself an if: `elif`.
    Elif {
        cond: Part,
        then: Part,
    },
    /// The `else` clause of an if, a loop or a try.
    Else {
        body: Part,
    },
    While {
        cond: Part,
        body: Part,
        #[serde(rename = "else")]
        els: Option<Part>,
    },
    DoWhile {
        cond: Part,
        body: Part,
    },
    For {
        init: Part,
        cond: Part,
        update: Part,
        body: Part,
    },
    ForEach {
        #[serde(rename = "type")]
        ty: Option<Part>,
        target: Part,
        iter: Part,
        body: Part,
        #[serde(rename = "else")]
        els: Option<Part>,
    },
    /// `exhaustive_patterns`: if an arm binds a pattern the arms cover every value.
    Switch {
        subject: Part,
        body: Part,
        #[serde(default)]
        exhaustive_patterns: bool,
        /// A plain `break` inside belongs to the loop around it.
        #[serde(default)]
        unbreakable: bool,
        /// Arms are tried in the order in which they are written: a value may fit several.
        #[serde(default)]
        ordered: bool,
    },
    /// An arm. `labels` are label nodes (role `label`) or the values themselves. `falls`: control falls into the next
    /// arm; `constants`: the language wants integer constants as labels.
    Case {
        labels: Part,
        default: Option<Part>,
        guard: Option<Part>,
        body: Part,
        #[serde(default)]
        falls: bool,
        #[serde(default)]
        constants: bool,
    },
    Label {
        values: Part,
        default: Part,
        guard: Part,
    },
    Break {
        label: Option<Part>,
    },
    Continue {
        label: Option<Part>,
    },
    Return {
        value: Part,
    },
    Goto {
        label: Part,
    },
    Labeled {
        label: Part,
        body: Part,
    },
    Throw {
        value: Part,
        cause: Option<Part>,
    },
    Assert {
        cond: Part,
        message: Part,
    },
    Try {
        resources: Option<Part>,
        body: Part,
        handlers: Part,
        #[serde(rename = "else")]
        els: Option<Part>,
        finally: Part,
    },
    /// `holder`: the child that holds types and name, if they aren't the clause's own.
    Catch {
        holder: Option<Part>,
        types: Part,
        bind: Option<Part>,
        body: Part,
    },
    Finally {
        body: Part,
    },
    /// A resource of a try: a declarator (with `type`), or an expression.
    Resource {
        #[serde(rename = "type")]
        ty: Part,
        name: Part,
        value: Part,
    },
    With {
        items: Part,
        body: Part,
    },
    /// A preprocessor conditional, and the branches nested in it.
    Preproc {
        condition: Option<Part>,
        alternative: Option<Part>,
    },
    /// `named`: what it is called if it has no name of its own.
    Function {
        name: Option<Part>,
        /// The declarator that holds name and parameters.
        declarator: Option<Part>,
        params: Option<Part>,
        returns: Option<Part>,
        body: Part,
        /// Declarations of the parameters between head and body (before C89).
        old_params: Option<Part>,
        /// Falling off the end of one that returns something is an error.
        #[serde(default)]
        must_return: bool,
        named: Option<String>,
    },
    Class {
        name: Part,
        body: Part,
    },
    /// Members directly inside, without a scope of their own.
    Members {
        items: Part,
    },
    /// `names` are what it binds: the last identifier of each (or the first, with `first`), or its `alias`. Shown always
    /// where `always` matches or no name is bound.
    Import {
        names: Option<Part>,
        alias: Option<Part>,
        #[serde(default)]
        first: bool,
        always: Option<Part>,
    },
    /// Declares names without doing anything. `terminated`: the `;` behind it belongs to it.
    Context {
        kind: ContextKind,
        names: Option<Part>,
        #[serde(default)]
        terminated: bool,
    },
    /// A statement with decorators or attributes around it.
    Wrapper {
        inner: Part,
    },
    Empty,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContextKind {
    Macro,
    Type,
    Variable,
    Scope,
}

impl From<ContextKind> for DeclKind {
    fn from(kind: ContextKind) -> DeclKind {
        match kind {
            ContextKind::Macro => DeclKind::Macro,
            ContextKind::Type => DeclKind::Type,
            ContextKind::Variable => DeclKind::Variable,
            ContextKind::Scope => DeclKind::Scope,
        }
    }
}

/// Roles of expressions and patterns.
#[derive(Debug, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExprRule {
    Name,
    /// `comparable`: `==` compares it by value.
    Literal {
        literal: Literal,
        #[serde(default)]
        comparable: bool,
    },
    /// A string; a template if one of `parts` is more than a literal.
    String {
        parts: Part,
        #[serde(default)]
        comparable: bool,
    },
    Paren {
        inner: Part,
    },
    /// Stands for its value: `key=value`, `if cond` in a comprehension.
    Transparent {
        value: Part,
    },
    /// Its parts belong to the list it stands in: the bounds of a slice.
    Splice {
        parts: Part,
    },
    /// `through`: the token that follows a pointer; without it every object is a reference.
    Field {
        object: Part,
        name: Part,
        through: Option<Part>,
    },
    Index {
        object: Part,
        indices: Part,
    },
    /// `*p`, `&x`: the former where `deref` matches.
    Pointer {
        value: Part,
        deref: Part,
    },
    Call {
        callee: Part,
        args: Part,
    },
    /// A call whose node holds object and name side by side.
    Method {
        object: Part,
        name: Part,
        args: Part,
    },
    New {
        args: Part,
        extra: Option<Part>,
    },
    /// A compound assignment where `plain` is given and doesn't match.
    Assign {
        targets: Part,
        value: Part,
        plain: Option<Part>,
    },
    Compound {
        target: Part,
        value: Part,
    },
    Update {
        target: Part,
    },
    /// `logical` operators may not evaluate their right side; `faults` may stop the program.
    Binary {
        left: Part,
        operator: Option<Part>,
        right: Part,
        #[serde(default)]
        logical: BTreeSet<String>,
        #[serde(default)]
        faults: BTreeSet<String>,
    },
    Operator {
        operands: Part,
    },
    /// `x instanceof T t`.
    Test {
        value: Part,
        binds: Part,
    },
    Conditional {
        cond: Part,
        then: Part,
        #[serde(rename = "else")]
        els: Part,
    },
    /// `flat`: one directly inside another is the same list, as with commas.
    Sequence {
        items: Part,
        #[serde(default)]
        flat: bool,
    },
    Starred {
        value: Part,
    },
    Cast {
        #[serde(rename = "type")]
        ty: Part,
        value: Part,
    },
    Comprehension {
        value: Part,
        clauses: Part,
    },
    /// `for x in xs` inside a comprehension.
    ForIn {
        target: Part,
        iter: Part,
    },
    Lambda {
        params: Part,
        body: Part,
    },
    Suspend {
        value: Part,
    },
    /// `e as x`.
    As {
        value: Part,
        target: Part,
    },
    /// A pattern around another, or one that matches everything.
    Pattern {
        inner: Part,
        wildcard: Part,
    },
    /// A dotted name in a pattern: binds if it is one identifier.
    Capture,
    /// A pattern that binds `name`.
    Bind {
        name: Part,
    },
    /// `Point(x, y)` in a pattern.
    ClassPattern {
        class: Part,
        args: Part,
    },
    Other {
        parts: Part,
    },
    /// Not evaluated, or made of types: only its names are kept.
    Names,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Literal {
    Number,
    String,
    True,
    False,
    Null,
    Other,
}

impl From<Literal> for LiteralKind {
    fn from(literal: Literal) -> LiteralKind {
        match literal {
            Literal::Number => LiteralKind::Number,
            Literal::String => LiteralKind::String,
            Literal::True => LiteralKind::True,
            Literal::False => LiteralKind::False,
            Literal::Null => LiteralKind::Null,
            Literal::Other => LiteralKind::Other,
        }
    }
}

/// Roles inside a declarator, from the outside in.
#[derive(Debug, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeclaratorRule {
    Name,
    Pointer {
        inner: Part,
    },
    Array {
        inner: Part,
        size: Part,
    },
    Function {
        inner: Part,
        params: Part,
    },
    /// Around another, with attributes or parentheses.
    Paren {
        inner: Part,
    },
    Init {
        inner: Part,
        value: Part,
    },
    /// Name, dimensions and initialiser side by side.
    Variable {
        name: Part,
        dims: Part,
        value: Part,
    },
}

/// A parameter: `name` holds a declarator or is a pattern of names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamRule {
    pub name: Part,
    #[serde(rename = "type")]
    pub ty: Option<Part>,
    pub dims: Option<Part>,
    pub default: Option<Part>,
}

/// A type written around another: `T[]`, `const T *`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeRule {
    pub inner: Part,
    pub dims: Option<Part>,
    pub declarator: Option<Part>,
}

/// A node that makes a name known to the whole scope wherever it stands inside a declaration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaresRule {
    pub name: Part,
    /// Only where this part is there.
    pub with: Option<Part>,
}

/// Tokens by what they are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    pub comments: BTreeSet<String>,
    pub identifiers: BTreeSet<String>,
    /// Raw text, e.g. of a macro, in which every word may be a name.
    #[serde(default)]
    pub raw: BTreeSet<String>,
    /// Literals that may run over several lines.
    pub strings: BTreeSet<String>,
    /// Openings of documentation comments.
    #[serde(default)]
    pub doc_comments: Vec<String>,
    /// Parameters that take any number of arguments; parameters that need none; what stands among parameters and is none.
    #[serde(default)]
    pub variadic: BTreeSet<String>,
    #[serde(default)]
    pub optional: BTreeSet<String>,
    #[serde(default)]
    pub uncounted: BTreeSet<String>,
}

/// Words of the language that are plain text to the grammar.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// Names of assertions and assumptions written as calls.
    pub asserts: BTreeSet<String>,
    pub assumes: BTreeSet<String>,
    /// In a declaration: it lives longer than a call.
    pub persistent: BTreeSet<String>,
    /// In a declaration: its initialiser cannot be taken away.
    pub fixed: BTreeSet<String>,
    /// A type that is left to the compiler.
    pub inferred: BTreeSet<String>,
    /// The type of a function that returns nothing.
    pub void: BTreeSet<String>,
    /// In a function's head: it never returns.
    pub noreturn: BTreeSet<String>,
    /// Exception types that catch everything.
    pub catch_all: BTreeSet<String>,
    /// Modifiers: nobody outside the file (or class) may name it; everybody may.
    pub hidden: BTreeSet<String>,
    pub shown: BTreeSet<String>,
    /// Needs no object.
    pub unbound: BTreeSet<String>,
    /// The first parameter is not the receiver.
    pub without_receiver: BTreeSet<String>,
    /// Can't be replaced in a subclass.
    pub sealed: BTreeSet<String>,
    /// Defined somewhere else.
    pub elsewhere: BTreeSet<String>,
}
