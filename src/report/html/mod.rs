//! The report for a browser: one file that needs no network and works from disk.
//!
//! Whatever the page writes is somebody else's word: a program's text, a model's reply. Two walls stand around it. The
//! template's formatter makes each value safe ([`safe`]: no control characters, no direction marks) and escapes it, and a
//! policy in the page lets only the one script and the one style sheet run whose hashes it names, and loads nothing.
//!
//! Without its script the page is whole; the script filters, searches, moves by keys and shows a class on source and graph.

mod layout;
mod lines;
#[cfg(test)]
mod tests;
mod view;

use super::record::Record;
use super::terminal::safe;
use crate::text::{Part, place_in, spot};
use base64::Engine;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use sha2::{Digest, Sha256};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page. Cost: linear in the record; at most about 30 MB.
pub fn page(record: &Record) -> String {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        allowed(SCRIPT),
        allowed(STYLE)
    );
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters differ"));
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => minijinja::escape_formatter(out, state, &Value::from(safe(text))),
        _ => minijinja::escape_formatter(out, state, value),
    });
    let number = |line: &Value| u32::try_from(line.clone()).unwrap_or(0);
    environment.add_filter("spot", move |line: &Value, parts: Serde<Vec<Part>>| spot(&parts.0, number(line)));
    environment.add_filter("own_line", move |line: &Value, parts: Serde<Vec<Part>>| place_in(&parts.0, number(line)).1);
    environment.add_filter("starts", move |line: &Value, parts: Serde<Vec<Part>>| {
        let part = parts.0.iter().find(|p| p.first == number(line));
        part.map_or(String::new(), |p| format!("{}, from line {}", p.path, p.line))
    });
    let values = context! {
        policy => Value::from_safe_string(policy),
        style => Value::from_safe_string(STYLE.into()),
        script => Value::from_safe_string(SCRIPT.into()),
        page => Value::from(Serde(view::page(record))),
    };
    let rendered = environment.render_str(TEMPLATE, values);
    rendered.expect("the template fits its values, which a test with every kind of record shows")
}

/// A source of the policy: exactly this text.
fn allowed(text: &str) -> String {
    format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)))
}
