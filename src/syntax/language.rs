//! What a language is, as data: the part of `grammars/<lang>/language.toml` that the rooms after `syntax` may see.

use super::outline::Visibility;
use super::running::Running;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Facts about one language. Nothing outside `syntax` may ask for its name to decide what to do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// `c`, `python`, `java`: the tag in JSON and on code fences.
    pub name: String,
    /// For people: `C`, `Python`, `Java`.
    pub title: String,
    pub extensions: Vec<String>,
    pub layout: Layout,
    pub calls: Calls,
    pub types: Types,
    pub modules: Modules,
    #[serde(default)]
    pub conditionals: Conditionals,
    /// How its programs are run.
    #[serde(skip)]
    pub running: Running,
}

/// Lines that choose what is compiled, for text in which they cut through statements. Empty where a language has none.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Conditionals {
    /// What such a line begins with.
    pub mark: String,
    /// Words behind it that open a conditional, begin another branch, and close it.
    pub open: Vec<String>,
    pub other: Vec<String>,
    pub close: Vec<String>,
}

/// How a slice is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Blocks are braces (`true`) or indentation.
    pub braces: bool,
    /// Ends a simple statement: `;` or nothing.
    pub terminator: String,
    /// `{e}` is replaced: `assume({e})` (terminator not included).
    pub assume: String,
    /// `!({e})`, `not ({e})`.
    pub negate: String,
    /// Joins conditions: ` && `, ` and `.
    pub and: String,
    pub or: String,
    /// False and true as an argument of assume: `0`, `False`, `false`.
    pub false_literal: String,
    pub true_literal: String,
    /// A statement that does nothing, for an emptied body: `;`, `pass`.
    pub empty: String,
    /// Opens a line comment: `//`, `#`.
    pub comment: String,
    /// Default indentation unit.
    pub indent: String,
    /// `for ({init}; {cond}; {update})`; empty where there is no such loop.
    pub for_head: String,
    /// The default arm of a switch that was not written: `default: {s}`, `case _:`... `{s}` is a statement. Empty if none.
    pub default_arm: String,
    /// `{subject} == {label}`.
    pub equals: String,
    /// The assumption that a for-each runs no round, over `{iter}`; empty where none is valid for every iterable.
    pub no_round: String,
    /// The same where the iterable's type is known to be an array; empty if not applicable.
    pub no_round_array: String,
    /// The same where the iterable's type is known and not an array.
    pub no_round_known: String,
    /// Leaves the function without value.
    pub leave: String,
    /// `return {e}`.
    pub leave_with: String,
    /// A value of a type by its base name, for [`Layout::leave_with`], e.g. `int` → `0`.
    #[serde(default)]
    pub defaults: std::collections::BTreeMap<String, String>,
    /// For pointers, references and arrays: `0`, `null`.
    pub default_reference: String,
    /// A local must certainly be assigned before it is read: one shown without its initialiser gets a default.
    #[serde(default)]
    pub must_initialise: bool,
    /// For any other named type; `{type}` is replaced: `({type}){0}`.
    pub default_other: String,
    /// Shows a function without its body from its signature `{head}`: `{head};`, `{head} ...`.
    pub signature: String,
    /// A handler that isn't taken must stay with `assume(false)` because its exceptions are checked by the compiler.
    pub keep_handlers: bool,
}

/// What is known about library functions, by name (a method by its last name).
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// Never return: `exit`, `sys.exit`.
    pub noreturn: BTreeSet<String>,
    /// Read their arguments (and receiver) and change nothing.
    pub pure: BTreeSet<String>,
    /// Change only what is printed.
    pub output: BTreeSet<String>,
    /// Consume the program's input (or another hidden stream): their order matters.
    pub input: BTreeSet<String>,
    /// Change what their first argument reaches, and nothing else.
    pub changes_first: BTreeSet<String>,
    /// Of those: what their first argument points to is gone, and nothing that the program may still read changes.
    #[serde(default)]
    pub releases: BTreeSet<String>,
    /// Functions whose result is a fresh scalar (number, string): `len`, `abs`, `strlen`.
    pub scalar: BTreeSet<String>,
    /// Methods that change their receiver only, not their arguments: `append`, `add`, `put`. The receiver then also reaches
    /// what the arguments reach.
    pub changes_receiver: BTreeSet<String>,
    /// Context managers that let exceptions through: `open`, locks.
    #[serde(default)]
    pub passes_exceptions: BTreeSet<String>,
    /// Names of assert and assume as calls: they are not calls.
    pub assume: BTreeSet<String>,
}

/// How files find each other.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Modules {
    pub imports: Imports,
    /// Between the parts of the name of a module or package.
    pub separator: String,
    /// The file that stands for a folder, without extension: `__init__`. Empty if none does.
    #[serde(default)]
    pub folder_file: String,
    /// Who may name what carries no word about it.
    pub visibility: Visibility,
    /// Functions and variables that aren't hidden are one for all files of a program: a declaration is enough to use them.
    #[serde(default)]
    pub linked: bool,
    /// The first parameter of a method is its receiver.
    #[serde(default)]
    pub receiver_parameter: bool,
    /// Members of the classes around a place are named there without receiver.
    #[serde(default)]
    pub implicit_receiver: bool,
    /// Names of the receiver inside a method.
    #[serde(default)]
    pub receivers: BTreeSet<String>,
    /// The receiver as the class that this one is built on.
    #[serde(default)]
    pub parents: BTreeSet<String>,
    /// `f()` in a declaration says nothing about parameters.
    #[serde(default)]
    pub empty_list_takes_any: bool,
    /// What a file needs of others belongs behind its own text; otherwise before it, but behind imports of this.
    #[serde(default)]
    pub others_behind: bool,
    #[serde(default)]
    pub first_import: String,
    /// Words at the head of a definition that may stand once in a file only.
    #[serde(default)]
    pub once: BTreeSet<String>,
}

/// What an import names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Imports {
    /// Files, whose text then stands here.
    Text,
    /// Modules, which are files and folders.
    Modules,
    /// Classes and packages; a file says which package it is of.
    Classes,
}

/// What types say about sharing.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Types {
    /// Passing a value of unknown type passes a reference (Python, Java); in C it does only for pointers and arrays.
    pub references: bool,
    /// Names of types whose values hold no reference that can change.
    pub scalar: BTreeSet<String>,
    /// Compound assignment may change the object in place (`xs += [1]`) instead of rebinding.
    pub compound_in_place: bool,
    /// Literals of the language's strings are immutable scalars.
    pub immutable_strings: bool,
    /// Methods that run when an object is made, besides those named like the class.
    #[serde(default)]
    pub constructors: BTreeSet<String>,
    /// Methods that operators and subscripts call.
    #[serde(default)]
    pub operator_methods: BTreeSet<String>,
    /// Other members that the language knows by name: `toString`. One that ends in `*` stands for all that begin so.
    #[serde(default)]
    pub implicit_members: BTreeSet<String>,
    /// A context manager may swallow what is raised in its block, unless it is one of [`Calls::passes_exceptions`].
    #[serde(default)]
    pub managers_swallow: bool,
    /// Methods that a context manager's block calls.
    #[serde(default)]
    pub manager_methods: BTreeSet<String>,
    /// A call, field access, subscript, operator or name may raise: any expression but a literal.
    pub any_may_raise: bool,
    /// `a < b < c` means `a < b` and `b < c`; elsewhere it compares the truth of `a < b` with `c`.
    #[serde(default)]
    pub chained_comparisons: bool,
    /// What a method calls the object it belongs to.
    #[serde(default)]
    pub receivers: BTreeSet<String>,
    /// Types hold nothing but data: no methods, nothing that makes an object knows all members.
    #[serde(default)]
    pub only_data: bool,
    /// Words of a declaration that say that others may set the variable at any time.
    #[serde(default)]
    pub unstable_words: BTreeSet<String>,
    /// Words that open a class, as opposed to an enumeration or an interface.
    #[serde(default)]
    pub class_words: BTreeSet<String>,
    /// Functions must be declared: a call of what is declared nowhere is a macro's, whose arguments may be any text.
    #[serde(default)]
    pub undeclared_is_macro: bool,
    /// In which order operands and arguments are evaluated is not fixed.
    #[serde(default)]
    pub unordered_operands: bool,
    /// Names bound in a function are local unless declared otherwise (Python); elsewhere a declaration is needed.
    pub implicit_locals: bool,
}

impl Types {
    /// Whether the language uses a member of that name by itself.
    pub fn is_implicit(&self, member: &str) -> bool {
        let is = |known: &String| known.strip_suffix('*').map_or(known == member, |start| member.starts_with(start));
        self.implicit_members.iter().any(is)
    }
}
