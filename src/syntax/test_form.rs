//! How a regression test is written in a language, as data: `[test]` in `grammars/<lang>/run.toml`. Only the `run` room uses it.

use super::running::Probes;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A test in the language's usual framework.
///
/// Whole files (`live`, `script`, `embedded`) are forms with `{header}`, `{body}`, `{path}` of the program as the test sees it (a
/// text literal), `{test}` the test's name, `{class}` that of its class, `{post}` the condition as a text literal, `{program}` the
/// program's text, `{package}` and `{imports}` as the program writes them, `{owner}` the class of the entry as a name and `{owner_text}`
/// as a text literal, and `{helpers}`. A line that holds nothing but empty parts is left out.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct TestForm {
    /// The program's own assertion is Q: the test calls the program where it is.
    pub live: String,
    /// Q is at the exit and speaks of what the caller sees: the test calls the program where it is, and checks Q itself. The same
    /// as `live` where it is empty.
    pub checked: String,
    /// The entry is the file itself, run as a whole; empty where there is no such thing.
    pub script: String,
    /// The program is copied into the test, with Q as an assertion in it.
    pub embedded: String,
    /// Behind the call in an embedded test: fails where a handler of the program swallowed what told the false Q.
    pub swallowed: String,
    /// What is put into an embedded program instead of the probes of a run: plain assertions.
    pub probes: Probes,
    /// Opens each line of the header.
    pub comment: String,
    /// Before the call of a program that isn't embedded.
    pub prepare: String,
    /// One argument: `{to}` or, with its type, `{declared}`, and `{value}`.
    pub argument: String,
    /// A call whose value nobody wants, and one whose value is `{to}`, with its type `{declared}`.
    pub call: String,
    pub call_with_result: String,
    pub check: String,
    /// Around `{body}`, with the text `{value}` as standard input.
    pub stdin: String,
    /// What a test needs besides if its body has a certain text in it.
    pub helpers: Vec<Helper>,
    /// The statement that runs a whole file.
    pub entry_script: String,
    /// The entry as it is called in a test that has the program beside it and in one that holds it: `{f}` its qualified name.
    pub entry: String,
    pub entry_embedded: String,
    /// A name of the program's file in a condition outside it: `{n}`; `{owner}` is the class of a member.
    pub name: String,
    /// Members are named through their class, `{owner}`, not through an object.
    pub through_class: bool,
    /// Words of a declaration that make a member one of its class rather than of an object.
    pub of_class: Vec<String>,
    /// Words of a declaration that keep others from seeing it.
    pub hidden: Vec<String>,
    /// An object of `{class}`, made without arguments, for methods that have a receiver. Of classes that have one of these in their
    /// heads nothing is known.
    pub receiver: String,
    pub receiver_unless: Vec<String>,
    /// What a constructor is called; empty: like its class.
    pub constructor: String,
    /// Entries that are called by another name: `main` of a program that a test with a `main` of its own includes.
    pub renamed: BTreeMap<String, String>,
    /// Words in the head of a function that can't simply be called.
    pub uncallable: Vec<String>,
    /// The program's classes become members of the test's: what opens each, and words that then go.
    pub member_mark: String,
    pub member_drops: Vec<String>,
    /// What programs are often shown without, which a harness has: name → the line that makes it known.
    pub missing: BTreeMap<String, String>,
    /// Names that a parameter's variable can't have.
    pub reserved: Vec<String>,
    pub values: Values,
}

#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Helper {
    pub of: String,
    pub text: String,
}

/// Values as the language writes them.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Values {
    pub none: String,
    #[serde(rename = "true")]
    pub yes: String,
    #[serde(rename = "false")]
    pub no: String,
    pub nan: String,
    pub infinity: String,
    pub minus_infinity: String,
    /// Suffixes of integers beyond 32 bits, and beyond 63.
    pub long: String,
    pub unsigned_long: String,
    /// Integers that have no literal of their own.
    pub special: BTreeMap<String, String>,
    /// `{items}`, and `{type}` of an element.
    pub list: String,
    pub empty_list: String,
    pub tuple: String,
    pub tuple_of_one: String,
    pub set: String,
    pub empty_set: String,
    pub map: String,
    /// `{k}`, `{v}`.
    pub pair: String,
    /// A pointer to one `{v}` of `{type}`.
    pub pointer: String,
    /// Fields: `{items}`, each `{n}` and `{v}`.
    pub fields: String,
    pub field: String,
    /// Characters `{t}` with escapes, of texts, bytes, single characters.
    pub text: String,
    pub bytes: String,
    pub character: String,
    /// How a character beyond ASCII is written: `byte` (three octal digits for each byte of UTF-8), `unit` (four hexadecimal digits
    /// for each unit of UTF-16), else as itself where it is a letter and by eight hexadecimal digits where not.
    pub beyond: String,
    /// Types whose values are written in another way: `{v}` is the value as written above, `{items}` those of a collection,
    /// `{types}` the type's arguments. Elements of arrays have their type as `{type}`.
    pub types: BTreeMap<String, String>,
    pub array: String,
    /// A type that isn't in the table, nor an array of one that is, has no values but none.
    pub closed: bool,
}
