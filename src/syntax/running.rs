//! How programs of a language are run, as data: `grammars/<lang>/run.toml` and the harness beside it. What the words mean is
//! said in `grammars/HARNESS.md`; only the `run` room uses them.

use super::test_form::TestForm;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The facts that `run` needs of a language.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Running {
    /// Programs of the machine by the names that commands use, each with the names it may have on the search path.
    pub tools: BTreeMap<String, Vec<String>>,
    /// Commands that print where a tool really is, for those that are found as a script which looks for it.
    #[serde(default)]
    pub resolve: BTreeMap<String, Vec<String>>,
    /// A command that prints, a line each, the folders that the tools must be able to read besides the system's.
    #[serde(default)]
    pub folders: Vec<String>,
    /// A command that prints what the tools are, for people; its first line is shown.
    pub version: Vec<String>,
    /// The file of program number `{i}`.
    pub program: String,
    /// One process holds all programs; otherwise each has its own.
    pub together: bool,
    /// The harness may start processes: it runs each input in one, and forbids the program to.
    pub forks: bool,
    /// Sets of flags for `{variant}`, of which the first is taken with which `prepare` succeeds, with what it gives up.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// Commands run once for all programs.
    #[serde(default)]
    pub prepare: Vec<Vec<String>>,
    /// Commands run for each program. What they print is the reason why it can't be run.
    #[serde(default)]
    pub build: Vec<Vec<String>>,
    /// Starts the harness. `{many}` is 1 where one process may run a program on many inputs, see [`Many`].
    pub start: Vec<String>,
    #[serde(default)]
    pub many: Many,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Address space in MiB, where the language's runtime can be held to one.
    #[serde(default)]
    pub address_space: Option<u64>,
    pub probes: Probes,
    #[serde(default)]
    pub shapes: Shapes,
    /// How arguments are read and the entry is called, for harnesses that are compiled with the program.
    #[serde(default)]
    pub call: Option<Call>,
    /// How a regression test is written.
    #[serde(default)]
    pub test: Option<TestForm>,
    /// The harness's files: name and text.
    #[serde(skip)]
    pub files: Vec<(&'static str, &'static str)>,
}

/// Which programs leave nothing behind that the next run could see, once their variables are set back. Empty where the harness
/// needs no such promise.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Many {
    /// What they may call besides what they define, and words that look like a call.
    pub calls: Vec<String>,
    /// Words that may not stand in them.
    pub never: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    pub flags: Vec<String>,
    /// What isn't noticed with these flags; empty if nothing.
    #[serde(default)]
    pub without: String,
}

/// Calls that are put into a program. `{e}` is the condition, `{names}` what `name` makes of each name, `{value}` a returned
/// value, `{type}` its type, `{k}` the number of a condition.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Probes {
    pub pre: String,
    pub post: String,
    pub observe: String,
    /// For each name `{n}`, which people know as `{label}`.
    pub name: String,
    /// The same for names beside a returned value; `name` where it is empty.
    pub name_at_return: String,
    /// What has been printed, as if it were a name.
    pub output: String,
    /// Replaces `return {value}`.
    pub returned: String,
    pub returned_observed: String,
    /// Replaces a return without value, and stands at the end of the function; `{return}` is the return or nothing.
    pub left: String,
    pub left_observed: String,
    /// What `result` is called in a condition at the return.
    pub result: String,
    /// Replaces a slice's assumption.
    pub assume: String,
    /// Replaces the thrown value.
    pub thrown: String,
    /// Replaces a call that ends the program; empty if the harness sees it by itself.
    pub exit: String,
    /// Behind the last statement of a function that must return something and may not.
    pub missing_return: String,
    /// A statement behind one that never ends normally is an error.
    pub unreachable_is_error: bool,
    /// Put around a single statement that becomes several: `{ {s} }`.
    pub block: String,
}

/// What type names mean for input values.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Shapes {
    /// Type name → kind: `i32`, `u8`, `int`, `f64`, `f32`, `bool`, `char`, `text`, `bytes`, `list`, `tuple`, `set`, `map`,
    /// `optional`, `any`, `none`.
    pub names: BTreeMap<String, String>,
    /// Words of a type that don't matter: `const`.
    #[serde(default)]
    pub qualifiers: Vec<String>,
    /// Arrays and texts are pointers whose length another parameter tells.
    #[serde(default)]
    pub lengths: bool,
    /// Characters are the elements of texts: a pointer to one is a text.
    #[serde(default)]
    pub text_of: String,
    /// Kind → what speaks for it where a signature says nothing: members used, `f()` called on it, `for` over it, `[]`, and
    /// words of the name as `name n`.
    #[serde(default)]
    pub hints: BTreeMap<String, Vec<String>>,
    /// Types that programs are often shown without, by name: their declarations.
    #[serde(default)]
    pub known: BTreeMap<String, String>,
    /// Names of receivers, which get no value of their own.
    #[serde(default)]
    pub receivers: Vec<String>,
    /// `{n}` as a module whose members stand in the program itself.
    #[serde(default)]
    pub module: String,
}

/// Text of the call, for harnesses that are compiled with the program: `{to}` is where a value goes, `{type}` its type, `{d}`
/// the depth, `{inner}` the reading of parts.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The files written beside each program: name → text with `{reads}`, `{call}`, `{pool}`, `{characters}`.
    pub files: BTreeMap<String, String>,
    pub declare: String,
    pub int: String,
    pub float: String,
    pub bool: String,
    pub text: String,
    pub list: String,
    pub pointer: String,
    pub fields: String,
    /// One field `{name}` of a structure.
    pub field: String,
    /// `{f}({arguments})`.
    pub call: String,
}
