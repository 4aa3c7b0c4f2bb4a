//! The lowering tables: the `[syntax]` part of `grammars/<lang>/language.toml`.
//!
//! Tables of statements, expressions, declarators, parameters, types and declaring nodes map node kinds to rules (see
//! `rules`); the lowering code knows roles only. Loading checks every kind, field and token against the grammar; unknown
//! keys and roles are errors too.

use super::language::Language;
use super::outline::rules::OutlineRule;
use super::rules::{DeclaratorRule, DeclaresRule, ExprRule, ParamRule, Part, Pick, StmtRule, Tokens, TypeRule, Words};
use super::running::Running;
use serde::Deserialize;
use std::collections::BTreeMap;
use tree_sitter::Node;

/// Why a table was rejected.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TableError {
    #[error("language table is not valid: {0}")]
    Shape(String),
    #[error("[syntax.{section}]: the grammar has no node kind or token `{name}`; correct the name")]
    Kind { section: String, name: String },
    #[error("[syntax.{section}]: the grammar has no field `{name}`; correct the name, or write a kind as <kind>")]
    Field { section: String, name: String },
}

/// What to put around a text to see whether it is one expression.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    pub before: String,
    pub after: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: Language,
    syntax: Syntax,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Syntax {
    tokens: Tokens,
    #[serde(default)]
    words: Words,
    frame: Frame,
    statement: BTreeMap<String, StmtRule>,
    expression: BTreeMap<String, ExprRule>,
    #[serde(default)]
    declarator: BTreeMap<String, DeclaratorRule>,
    #[serde(default)]
    parameter: BTreeMap<String, ParamRule>,
    #[serde(default, rename = "type")]
    ty: BTreeMap<String, TypeRule>,
    #[serde(default)]
    declares: BTreeMap<String, DeclaresRule>,
    #[serde(default)]
    outline: BTreeMap<String, OutlineRule>,
}

/// Rules by node kind.
pub struct Table<R>(Vec<Option<R>>);

impl<R> Table<R> {
    fn new(rules: BTreeMap<String, R>, grammar: &tree_sitter::Language) -> Table<R> {
        let mut table: Vec<Option<R>> = (0..grammar.node_kind_count()).map(|_| None).collect();
        for (kind, rule) in rules {
            table[kind_id(grammar, &kind) as usize] = Some(rule);
        }
        Table(table)
    }

    #[cfg(test)]
    pub fn has(&self, kind: u16) -> bool {
        self.0[kind as usize].is_some()
    }

    pub fn get(&self, node: Node) -> Option<&R> {
        self.0.get(node.kind_id() as usize)?.as_ref()
    }
}

/// A language's facts, its grammar and its tables.
pub struct Grammar {
    pub language: Language,
    pub grammar: tree_sitter::Language,
    pub tokens: Tokens,
    pub words: Words,
    pub frame: Frame,
    pub statement: Table<StmtRule>,
    pub expression: Table<ExprRule>,
    pub declarator: Table<DeclaratorRule>,
    pub parameter: Table<ParamRule>,
    pub ty: Table<TypeRule>,
    pub declares: Table<DeclaresRule>,
    pub outline: Table<OutlineRule>,
}

impl Grammar {
    pub fn load(text: &str, grammar: tree_sitter::Language) -> Result<Grammar, TableError> {
        Grammar::from_table(text.parse().map_err(|e: toml::de::Error| TableError::Shape(e.to_string()))?, grammar)
    }

    /// With the facts of `run.toml` and the files of the harness.
    pub fn running(mut self, text: &str, files: &[(&'static str, &'static str)]) -> Result<Grammar, TableError> {
        let running: Running = toml::from_str(text).map_err(|e| TableError::Shape(e.to_string()))?;
        self.language.running = Running { files: files.to_vec(), ..running };
        Ok(self)
    }

    pub fn from_table(raw: toml::Table, grammar: tree_sitter::Language) -> Result<Grammar, TableError> {
        check(&raw, &grammar)?;
        let file: File = raw.try_into().map_err(|e| TableError::Shape(e.to_string()))?;
        let s = file.syntax;
        Ok(Grammar {
            language: file.language,
            tokens: s.tokens,
            words: s.words,
            frame: s.frame,
            statement: Table::new(s.statement, &grammar),
            expression: Table::new(s.expression, &grammar),
            declarator: Table::new(s.declarator, &grammar),
            parameter: Table::new(s.parameter, &grammar),
            ty: Table::new(s.ty, &grammar),
            declares: Table::new(s.declares, &grammar),
            outline: Table::new(s.outline, &grammar),
            grammar,
        })
    }
}

/// Sections of `[syntax]` whose keys are node kinds.
const SECTIONS: [&str; 7] = ["statement", "expression", "declarator", "parameter", "type", "declares", "outline"];
/// Keys of a rule whose strings are not parts.
const PLAIN: [&str; 4] = ["role", "kind", "literal", "named"];

fn kind_id(grammar: &tree_sitter::Language, kind: &str) -> u16 {
    match grammar.id_for_node_kind(kind, true) {
        0 => grammar.id_for_node_kind(kind, false),
        id => id,
    }
}

/// Whether every name in the tables is one of the grammar's. Works on the raw file, so that no rule can be forgotten.
fn check(raw: &toml::Table, grammar: &tree_sitter::Language) -> Result<(), TableError> {
    // What is missing or of the wrong shape is left to the typed reading that follows.
    let Some(syntax) = raw.get("syntax").and_then(|s| s.as_table()) else { return Ok(()) };
    let kind = |section: &str, name: &str| match kind_id(grammar, name) {
        0 => Err(TableError::Kind { section: section.into(), name: name.into() }),
        _ => Ok(()),
    };
    for list in ["comments", "identifiers", "raw", "strings", "variadic", "optional", "uncounted"] {
        for name in syntax.get("tokens").and_then(|t| t.get(list)).and_then(|l| l.as_array()).into_iter().flatten() {
            kind("tokens", name.as_str().unwrap_or_default())?;
        }
    }
    for section in SECTIONS {
        for (node, rule) in syntax.get(section).and_then(|s| s.as_table()).into_iter().flatten() {
            kind(section, node)?;
            let at = format!("{section}.{node}");
            for (key, value) in rule.as_table().into_iter().flatten() {
                for operator in value.as_array().into_iter().flatten() {
                    kind(&at, operator.as_str().unwrap_or_default())?;
                }
                let Some(text) = value.as_str().filter(|_| !PLAIN.contains(&key.as_str())) else { continue };
                for pick in Part::parse(text).0 {
                    match pick {
                        Pick::Field(name) if grammar.field_id_for_name(&name).is_none() => {
                            return Err(TableError::Field { section: at, name });
                        }
                        Pick::Kind(name) if grammar.id_for_node_kind(&name, true) == 0 => {
                            return Err(TableError::Kind { section: at, name });
                        }
                        Pick::Token(name) if grammar.id_for_node_kind(&name, false) == 0 => {
                            return Err(TableError::Kind { section: at, name });
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    Ok(())
}
