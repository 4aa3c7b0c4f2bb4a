//! The tables are checked when loaded, and every entry of theirs matters.

use super::*;
use crate::syntax::table::TableError;

/// Sections of `[syntax]` with one rule per node kind.
const SECTIONS: [&str; 7] = ["statement", "expression", "declarator", "parameter", "type", "declares", "outline"];

fn raw(language: &str) -> toml::Table {
    let text = match language {
        "c" => include_str!("../../../grammars/c/language.toml"),
        "python" => include_str!("../../../grammars/python/language.toml"),
        _ => include_str!("../../../grammars/java/language.toml"),
    };
    text.parse().expect("a table")
}

fn grammar(language: &str) -> tree_sitter::Language {
    grammar_of(by_name(language).expect("a known language")).grammar.clone()
}

/// Entries that a program without errors cannot show: a role that needs a part which no later room looks at.
const EXCEPTIONS: [&str; 5] = [
    "declarator.abstract_pointer_declarator: inner without declarator",
    "declarator.abstract_array_declarator: inner without declarator",
    "declarator.abstract_array_declarator: size without size",
    "declarator.abstract_function_declarator: params without parameters",
    // Keeps errors in one arm from making the whole switch opaque.
    "statement.switch_block",
];

/// Kinds of which only the names matter, or that are not understood on purpose.
const WITHOUT_RULE: [&str; 6] = [
    "class_literal",
    "method_reference",
    "template_expression",
    "yield_statement",
    "seh_try_statement",
    "seh_leave_statement",
];

/// Variants of one rule, each with a little less in it.
fn weaker(rule: &toml::Table) -> Vec<(String, toml::Table)> {
    let mut out = Vec::new();
    let mut with = |what: String, key: &str, value: Option<toml::Value>| {
        let mut rule = rule.clone();
        match value {
            Some(value) => rule.insert(key.to_string(), value),
            None => rule.remove(key),
        };
        out.push((what, rule));
    };
    for (key, value) in rule {
        match value {
            toml::Value::String(text) if !["role", "kind", "literal", "named"].contains(&key.as_str()) => {
                let picks: Vec<&str> = text.split('|').collect();
                for pick in &picks {
                    let rest: Vec<&str> = picks.iter().copied().filter(|p| p != pick).collect();
                    let rest = if rest.is_empty() { "[99]".to_string() } else { rest.join("|") };
                    with(format!("{key} without {pick}"), key, Some(toml::Value::String(rest)));
                }
            }
            toml::Value::Array(items) => {
                for item in items {
                    let rest = items.iter().filter(|i| *i != item).cloned().collect();
                    with(format!("{key} without {item}"), key, Some(toml::Value::Array(rest)));
                }
            }
            toml::Value::Boolean(_) => with(format!("no {key}"), key, None),
            _ => {}
        }
    }
    out
}

/// A table entry that could go without the sample noticing is either dead or untested.
fn every_entry_matters(language: &str) {
    let sample = SAMPLES.iter().find(|s| s.0 == language).expect("a sample").1;
    let source = SourceFile::new("sample", sample);
    let table = raw(language);
    let full = Grammar::from_table(table.clone(), grammar(language)).expect("a valid table");
    let tree = tree(&full, sample).expect("a tree");
    let seen = |g: &Grammar| {
        format!("{:?} {:?}", lower(g, &source, &tree), crate::syntax::outline::of_tree(g, &source, &tree))
    };
    let whole = seen(&full);
    let mut idle = Vec::new();
    let mut tried = 0;
    let mut try_table = |table: toml::Table, what: String| {
        let Ok(less) = Grammar::from_table(table, grammar(language)) else { return };
        tried += 1;
        if !EXCEPTIONS.contains(&what.as_str()) && seen(&less) == whole {
            idle.push(what);
        }
    };
    for section in SECTIONS {
        let Some(rules) = table["syntax"].get(section).and_then(|s| s.as_table()) else { continue };
        for (kind, rule) in rules {
            let rule = rule.as_table().expect("a rule");
            let edit = |change: Option<toml::Table>| {
                let mut table = table.clone();
                let rules = table["syntax"][section].as_table_mut().expect("a section");
                match change {
                    Some(rule) => rules.insert(kind.clone(), toml::Value::Table(rule)),
                    None => rules.remove(kind),
                };
                table
            };
            try_table(edit(None), format!("{section}.{kind}"));
            for (what, weaker) in weaker(rule) {
                try_table(edit(Some(weaker)), format!("{section}.{kind}: {what}"));
            }
        }
    }
    assert!(tried > 100, "only {tried} entries were tried");
    assert!(idle.is_empty(), "the sample program of {language} doesn't need: {idle:#?}");
}

#[test]
fn every_entry_for_c_matters() {
    every_entry_matters("c");
}

#[test]
fn every_entry_for_python_matters() {
    every_entry_matters("python");
}

#[test]
fn every_entry_for_java_matters() {
    every_entry_matters("java");
}

/// Each kind that the grammar calls an expression or a statement has a rule.
#[test]
fn no_statement_or_expression_is_forgotten() {
    let mut forgotten = Vec::new();
    for language in languages() {
        let grammar = grammar_of(language);
        let g = &grammar.grammar;
        for id in (0..g.node_kind_count() as u16).filter(|id| g.node_kind_is_supertype(*id)) {
            let supertype = g.node_kind_for_id(id).unwrap_or_default();
            let expression = ["expression", "primary_expression", "pattern", "_literal"].contains(&supertype);
            let statement =
                ["statement", "_simple_statement", "_compound_statement", "declaration"].contains(&supertype);
            if !expression && !statement {
                continue;
            }
            for sub in g.subtypes_for_supertype(id) {
                let known = grammar.expression.has(*sub) || grammar.statement.has(*sub);
                let kind = g.node_kind_for_id(*sub).unwrap_or_default();
                if !known && !g.node_kind_is_supertype(*sub) && !WITHOUT_RULE.contains(&kind) {
                    forgotten.push(format!("{}: {kind}", language.name));
                }
            }
        }
    }
    assert_eq!(forgotten, Vec::<String>::new());
}

/// Loads C's table after a change to one rule.
fn with_rule(section: &str, kind: &str, rule: &str) -> Result<(), TableError> {
    let mut table = raw("c");
    let rule: toml::Table = format!("rule = {rule}").parse().expect("a rule");
    table["syntax"][section].as_table_mut().expect("a section").insert(kind.into(), rule["rule"].clone());
    Grammar::from_table(table, grammar("c")).map(|_| ())
}

#[test]
fn names_that_the_grammar_lacks_are_rejected() {
    let kind = |section: &str, name: &str| Err(TableError::Kind { section: section.into(), name: name.into() });
    assert_eq!(
        with_rule("statement", "unless_statement", "{ role = \"empty\" }"),
        kind("statement", "unless_statement")
    );
    assert_eq!(
        with_rule("statement", "goto_statement", "{ role = \"goto\", label = \"lable\" }"),
        Err(TableError::Field { section: "statement.goto_statement".into(), name: "lable".into() })
    );
    assert_eq!(
        with_rule("statement", "goto_statement", "{ role = \"goto\", label = \"<lable>\" }"),
        kind("statement.goto_statement", "lable")
    );
}

#[test]
fn unknown_keys_and_roles_are_rejected() {
    let goto = "goto_statement";
    for rule in [
        "{ role = \"goto\", label = \"label\", lable = \"label\" }",
        "{ role = \"gotu\", label = \"label\" }",
        "{ role = \"goto\" }",
    ] {
        let error = with_rule("statement", goto, rule);
        assert!(matches!(error, Err(TableError::Shape(_)) | Err(TableError::Field { .. })), "{rule}: {error:?}");
    }
}
