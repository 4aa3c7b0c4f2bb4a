//! Reading a reply.
//!
//! In this order, and nothing else is ever taken for a verdict:
//! 1. the whole text is a JSON object as asked for;
//! 2. the same without the thinking block (`<think>...</think>`) before it;
//! 3. the last object of that form in the rest, in a fence or not;
//! 4. the last line is `Verdict: PASS`, `FAIL` or `UNKNOWN`.
//!
//! Where 3 and 4 both are there and differ, the reply contradicts itself and has no verdict. A word somewhere in the text
//! is never one: "unverifiable" contains "verifiable", and a model may write "it would pass if".
//!
//! The form: an object with `verdict` (one of the three words, in any case) and `reason` (a string); `counterexample` may be
//! missing, and may be an object by name instead of a list, since models that aren't held to the schema write that; other
//! members are ignored. A member given twice makes the object unreadable.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest reason and names that are kept, in characters: a model that isn't held to the schema may write any length.
const LONGEST_REASON: usize = 2000;
const LONGEST_NAME: usize = 100;
/// Bytes at the end of a reply in which an object is looked for.
const WINDOW: usize = 64 << 10;
/// Most inputs that are kept.
const MOST_INPUTS: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Fail,
    Unknown,
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub verdict: Verdict,
    /// Without control characters but line breaks and tabs, which could drive a terminal.
    pub reason: String,
    pub counterexample: BTreeMap<String, Value>,
    /// From JSON rather than from a verdict line.
    pub json: bool,
}

/// `None` where the reply has no readable verdict. Cost: linear in the text; the search for an object tries again at each
/// brace, at most 128 levels deep and only in the last `WINDOW` bytes.
pub fn read(text: &str) -> Option<Reading> {
    if let Some(reading) = object(text.trim()) {
        return Some(reading);
    }
    let rest = after_thinking(text)?.trim();
    if let Some(reading) = object(rest) {
        return Some(reading);
    }
    let line = verdict_line(rest);
    match (last_object(rest), line) {
        (Some(found), Some(line)) if found.verdict != line => None,
        (Some(found), _) => Some(found),
        (None, Some(verdict)) => Some(Reading {
            verdict,
            reason: tidy(last_words(rest), LONGEST_REASON),
            counterexample: BTreeMap::new(),
            json: false,
        }),
        (None, None) => None,
    }
}

/// `None` where thinking began and didn't end.
fn after_thinking(text: &str) -> Option<&str> {
    for (open, close) in [("<think>", "</think>"), ("<thinking>", "</thinking>")] {
        if let Some(at) = text.rfind(close) {
            return Some(&text[at + close.len()..]);
        }
        if text.trim_start().starts_with(open) {
            return None;
        }
    }
    Some(text)
}

#[derive(Deserialize)]
struct Raw {
    verdict: String,
    reason: String,
    #[serde(default)]
    counterexample: Option<Value>,
}

fn object(text: &str) -> Option<Reading> {
    if !text.starts_with('{') {
        return None;
    }
    reading(serde_json::from_str(text).ok()?)
}

fn reading(raw: Raw) -> Option<Reading> {
    let verdict = word(raw.verdict.trim())?;
    let counterexample = match raw.counterexample {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(Value::Array(inputs)) => listed(inputs)?,
        Some(Value::Object(inputs)) => {
            inputs.into_iter().take(MOST_INPUTS).map(|(name, value)| input(&name, value)).collect()
        }
        Some(_) => return None,
    };
    // Some models fill the list in whatever the verdict is; then it is no counter-example.
    let counterexample = if verdict == Verdict::Fail { counterexample } else { BTreeMap::new() };
    Some(Reading { verdict, reason: tidy(&raw.reason, LONGEST_REASON), counterexample, json: true })
}

/// The first value of a name counts.
fn listed(inputs: Vec<Value>) -> Option<BTreeMap<String, Value>> {
    let mut by_name = BTreeMap::new();
    for item in inputs.into_iter().take(MOST_INPUTS) {
        let Value::Object(mut item) = item else { return None };
        let Some(Value::String(name)) = item.remove("name") else { return None };
        let (name, value) = input(&name, item.remove("value")?);
        by_name.entry(name).or_insert(value);
    }
    Some(by_name)
}

/// Values come as JSON in a string; one that isn't JSON, or that would not survive as a number, stays the string it is.
fn input(name: &str, value: Value) -> (String, Value) {
    let value = match value {
        Value::String(text) => match serde_json::from_str::<Value>(&text) {
            Ok(decoded) if exact(&decoded) => decoded,
            _ => Value::String(tidy(&text, LONGEST_REASON)),
        },
        other => other,
    };
    (tidy(name.trim(), LONGEST_NAME), value)
}

/// Whether every number in it is one that a 64-bit integer or a double holds: 2^64 read as a double isn't what was written.
fn exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|n| n.abs() < 2_f64.powi(53))
        }
        Value::Array(items) => items.iter().all(exact),
        Value::Object(members) => members.values().all(exact),
        _ => true,
    }
}

/// The last object in the `WINDOW` at the text's end that has the form. Objects inside of others are not looked at.
fn last_object(text: &str) -> Option<Reading> {
    let mut last = None;
    let mut at = text.len().saturating_sub(WINDOW);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    while let Some(open) = text[at..].find('{') {
        let start = at + open;
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(_)) => {
                let end = start + values.byte_offset();
                last = object(&text[start..end]).or(last);
                at = end;
            }
            _ => at = start + 1,
        }
    }
    last
}

/// Reads the last line that isn't empty or the end of a fence, whatever emphasis it has.
fn verdict_line(text: &str) -> Option<Verdict> {
    let line = text.lines().rev().map(plain).find(|line| !line.is_empty())?;
    let (name, rest) = line.split_once(':')?;
    if !matches!(plain(name).to_ascii_lowercase().as_str(), "verdict" | "final verdict") {
        return None;
    }
    word(plain(rest))
}

fn plain(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | '#' | '>' | '.'))
}

fn word(text: &str) -> Option<Verdict> {
    match text.to_ascii_lowercase().as_str() {
        "pass" => Some(Verdict::Pass),
        "fail" => Some(Verdict::Fail),
        "unknown" => Some(Verdict::Unknown),
        _ => None,
    }
}

/// The paragraph before the verdict line: where reasoning ends, it usually says why.
fn last_words(text: &str) -> &str {
    let before =
        text.trim_end().rsplit_once('\n').map_or("", |(before, _)| before).trim_end_matches(['`', '\n', ' ', '\r']);
    let start = before.rfind("\n\n").map_or(0, |at| at + 2);
    before[start..].trim()
}

/// No control characters but line breaks and tabs, and no longer than `length` characters.
pub(super) fn tidy(text: &str, length: usize) -> String {
    let mut kept = text.trim().chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    let mut tidy: String = kept.by_ref().take(length).collect();
    if kept.next().is_some() {
        tidy.push('…');
    }
    tidy
}

#[cfg(test)]
mod tests;
