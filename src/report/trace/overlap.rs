//! Keys by which a program is known again, so that subjects of an evaluation can be kept out of training data: hashes of the
//! text without comments and white space, its names numbered in order of appearance. What was renamed, reformatted or commented on
//! has the same key; what was changed otherwise has not.

use crate::report::record::hash;
use crate::syntax::ast::FunctionId;
use crate::syntax::{self, Parsed};
use crate::text::Span;
use serde::Serialize;
use std::collections::BTreeMap;

/// Of a whole file and of the entry function; empty where they aren't known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Overlap {
    pub program: String,
    pub function: String,
}

/// Functions with fewer bytes that matter are too common to know anything by.
const SHORT: usize = 60;

/// The keys of a file with its entry.
pub fn overlap(text: &str, language: &str, entry: &str) -> Overlap {
    let Some(parsed) = parsed(text, language) else { return Overlap::default() };
    let of = |f: &crate::syntax::ast::Function| f.qualified == entry;
    let function = parsed.ast.functions.iter().find(|f| of(f)).map(|f| f.span);
    Overlap { program: key(&parsed, None), function: function.map_or(String::new(), |span| key(&parsed, Some(span))) }
}

/// All keys of a program: its own, and those of its functions.
pub fn program(text: &str, language: &str) -> Vec<String> {
    let Some(parsed) = parsed(text, language) else { return Vec::new() };
    let functions = (0..parsed.ast.functions.len() as u32).map(|f| parsed.ast.function(FunctionId(f)).span);
    let mut keys: Vec<String> = functions.map(|span| key(&parsed, Some(span))).collect();
    keys.push(key(&parsed, None));
    keys.retain(|k| !k.is_empty());
    keys
}

fn parsed(text: &str, language: &str) -> Option<Parsed> {
    let language = syntax::by_name(language).filter(|_| !text.is_empty())?;
    Some(syntax::parse("", text.to_owned(), language))
}

/// Empty for a function that is too short.
fn key(parsed: &Parsed, within: Option<Span>) -> String {
    let text = &parsed.source.text;
    let within = within.unwrap_or(Span { start: 0, end: text.len() as u32 });
    let mut special: Vec<(Span, bool)> = parsed.ast.comments.iter().map(|c| (c.span, false)).collect();
    special.extend(parsed.ast.identifiers.iter().map(|s| (*s, true)));
    special.retain(|(span, _)| within.contains(*span));
    special.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut flat = String::new();
    let mut plain = 0;
    let mut at = within.start;
    let mut copy = |flat: &mut String, from: u32, to: u32| {
        let part = text.get(from as usize..to as usize).unwrap_or_default();
        let before = flat.len();
        flat.extend(part.chars().filter(|c| !c.is_whitespace()));
        plain += flat.len() - before;
    };
    for (span, name) in special {
        if span.start < at {
            continue;
        }
        copy(&mut flat, at, span.start);
        if name {
            let next = numbers.len();
            let number = *numbers.entry(parsed.source.slice(span)).or_insert(next);
            flat.push_str(&format!("\u{1}{number}\u{1}"));
        }
        at = span.end;
    }
    copy(&mut flat, at, within.end);
    let whole = within.start == 0 && within.end as usize == text.len();
    if plain < SHORT && !whole { String::new() } else { hash(&flat)[..32].to_owned() }
}
