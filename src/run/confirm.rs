//! A claimed counter-example, run on the original program.

use super::bench::Bench;
use super::observed::{End, Observed, Truth};
use super::shape::{Parameter, Shape};
use super::value::{Input, Stdin, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What running it showed.
#[derive(Debug, Clone, PartialEq)]
pub enum Confirmation {
    /// P is true and Q false.
    Confirmed { input: Input, observed: Observed },
    /// The run showed something else.
    Refuted { input: Input, observed: Observed },
    /// The inputs can't be given to the program.
    Undecodable(String),
}

/// Names under which a claim may tell the standard input.
const STDIN: [&str; 4] = ["stdin", "input", "STDIN", "standard input"];

/// Runs a claim.
pub fn confirm(bench: &mut Bench, claim: &BTreeMap<String, Json>) -> Confirmation {
    let input = match decode(bench, claim) {
        Ok(input) => input,
        Err(why) => return Confirmation::Undecodable(why),
    };
    let Some(observed) = bench.run(0, std::slice::from_ref(&input)).pop() else {
        return Confirmation::Undecodable("the program wasn't run".into());
    };
    match observed.end {
        End::Violated => Confirmation::Confirmed { input, observed },
        End::Input => Confirmation::Undecodable(format!("the program doesn't take them: {}", observed.detail)),
        _ => Confirmation::Refuted { input, observed },
    }
}

impl Observed {
    /// What was seen, in a sentence.
    pub fn told(&self) -> String {
        let visit = |v: &super::observed::Visit| {
            let truth = match v.truth {
                Truth::True => "Q is true",
                Truth::False => "Q is false",
                Truth::Unjudged => "Q is reached",
                Truth::Error => "Q can't be evaluated",
            };
            if v.names.is_empty() { truth.to_owned() } else { format!("{truth} with {}", v.names) }
        };
        let end = match (self.end, self.detail.as_str()) {
            (End::Violated, _) => None,
            (end, "") => Some(format!("the program {}", end.words())),
            (end, detail) => Some(format!("the program {} ({detail})", end.words())),
        };
        let visits = match (self.visits.len(), self.visits.last()) {
            (0, _) => (self.end == End::Ended).then(|| "Q is not reached".to_owned()),
            (1, Some(last)) => Some(visit(last)),
            (n, Some(last)) => Some(format!("at visit {n}, {}", visit(last))),
            (_, None) => None,
        };
        visits.into_iter().chain(end).collect::<Vec<_>>().join("; ")
    }
}

fn decode(bench: &Bench, claim: &BTreeMap<String, Json>) -> Result<Input, String> {
    let mut arguments = Vec::new();
    for parameter in &bench.parameters {
        let value = match (claim.get(&parameter.name), &parameter.shape) {
            (Some(json), shape) => value(json, &whole(shape))
                .ok_or_else(|| format!("`{}` = {json} is no value of the parameter's type", parameter.name))?,
            (None, Shape::Length(_)) => Value::None,
            (None, _) => return Err(format!("no value is given for the parameter `{}`", parameter.name)),
        };
        arguments.push(value);
    }
    fill_lengths(&bench.parameters, &mut arguments);
    let stdin = STDIN.iter().find_map(|name| claim.get(*name)).filter(|_| bench.reads());
    let stdin = match stdin {
        Some(Json::String(text)) => Stdin::Text(text.clone()),
        Some(other) => Stdin::Text(other.to_string()),
        None if bench.reads() && bench.parameters.is_empty() => {
            return Err("the program reads its standard input, and the claim gives none (as `stdin`)".into());
        }
        None => Stdin::Empty,
    };
    Ok(Input { arguments, stdin })
}

/// A length that is told may differ from that of the array; one that isn't is computed.
fn whole(shape: &Shape) -> Shape {
    match shape {
        Shape::Length(_) => Shape::Int { min: i128::from(i64::MIN), max: i128::from(i64::MAX) },
        other => other.clone(),
    }
}

fn fill_lengths(parameters: &[Parameter], arguments: &mut [Value]) {
    for at in 0..arguments.len() {
        if let (Shape::Length(of), Value::None) = (&parameters[at].shape, &arguments[at]) {
            arguments[at] = Value::Int(super::inputs::length(&arguments[*of]));
        }
    }
}

/// A JSON value as a value of a shape. Models write numbers as texts, and values as their language prints them.
fn value(json: &Json, shape: &Shape) -> Option<Value> {
    if let (Json::String(text), false) = (json, matches!(shape, Shape::Text | Shape::Char | Shape::Bytes | Shape::Any))
    {
        let read = literal(text)?;
        return if read.is_string() { None } else { value(&read, shape) };
    }
    let all = |items: &[Json], shape: &Shape| items.iter().map(|i| value(i, shape)).collect::<Option<Vec<_>>>();
    Some(match (shape, json) {
        (Shape::Optional(_) | Shape::Pointer(_) | Shape::Any | Shape::None, Json::Null) => Value::None,
        (Shape::Optional(some) | Shape::Pointer(some), json) => value(json, some)?,
        (Shape::Either(some), json) => some.iter().find_map(|s| value(json, s))?,
        (Shape::Bool, Json::Bool(b)) => Value::Bool(*b),
        (Shape::Bool, Json::Number(n)) => Value::Bool(n.as_i64()? != 0),
        (Shape::Int { min, max }, Json::Number(n)) => {
            let int = n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from));
            let int = int.or_else(|| n.as_f64().filter(|f| f.fract() == 0.0).map(|f| f as i128))?;
            (*min..=*max).contains(&int).then_some(Value::Int(int))?
        }
        (Shape::Int { .. }, Json::Bool(b)) => Value::Int(i128::from(*b)),
        (Shape::Float { .. }, Json::Number(n)) => Value::Float(n.as_f64()?),
        (Shape::Text, Json::String(t)) => Value::Text(unquoted(t).to_owned()),
        (Shape::Char, Json::String(t)) => {
            let inner = unquoted(t);
            (inner.chars().count() == 1).then(|| Value::Text(inner.to_owned()))?
        }
        (Shape::Char, Json::Number(n)) => Value::Text(char::from_u32(u32::try_from(n.as_u64()?).ok()?)?.to_string()),
        (Shape::Bytes, Json::String(t)) => Value::Bytes(t.clone().into_bytes()),
        (Shape::List(element), Json::Array(items)) => Value::List(all(items, element)?),
        (Shape::Set(element), Json::Array(items)) => Value::Set(all(items, element)?),
        (Shape::Tuple(parts), Json::Array(items)) if parts.len() == items.len() => {
            Value::Tuple(parts.iter().zip(items).map(|(p, i)| value(i, p)).collect::<Option<_>>()?)
        }
        (Shape::Map(key, inner), Json::Object(pairs)) => {
            let pair = |(k, v): (&String, &Json)| Some((value(&Json::String(k.clone()), key)?, value(v, inner)?));
            Value::Map(pairs.iter().map(pair).collect::<Option<_>>()?)
        }
        (Shape::Fields(fields), Json::Object(given)) => {
            let field =
                |(name, shape, _): &(String, Shape, String)| Some((name.clone(), value(given.get(name)?, shape)?));
            Value::Fields(fields.iter().map(field).collect::<Option<_>>()?)
        }
        (Shape::Any, json) => natural(json)?,
        _ => return None,
    })
}

/// A value of a parameter of which nothing is known.
fn natural(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::None,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => match n.as_i64() {
            Some(int) => Value::Int(i128::from(int)),
            None => Value::Float(n.as_f64()?),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(natural).collect::<Option<_>>()?),
        Json::Object(pairs) => {
            let pair = |(k, v): (&String, &Json)| Some((Value::Text(k.clone()), natural(v)?));
            Value::Map(pairs.iter().map(pair).collect::<Option<_>>()?)
        }
    })
}

/// `"abc"` with its quotes in the text is the text without them.
fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// A value as a language prints it: `[1, 2]`, `(1, 'a')`, `None`, `{1, 2, 3}`, `new int[]{1, 2}`.
fn literal(text: &str) -> Option<Json> {
    let text = text.trim();
    if let Ok(json) = serde_json::from_str(text) {
        return Some(json);
    }
    let inner = match (text.find('{'), text.starts_with("new ")) {
        (Some(at), true) => &text[at..],
        _ => text,
    };
    let mut out = String::with_capacity(inner.len());
    let pairs = inner.contains(':');
    let mut quote = None;
    for c in inner.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => {
                out.push('"');
                quote = None;
            }
            (Some(_), '"') => out.push_str("\\\""),
            (Some(_), c) => out.push(c),
            (None, '"' | '\'') => {
                out.push('"');
                quote = Some(c);
            }
            (None, '(') => out.push('['),
            (None, ')') => out.push(']'),
            (None, '{') if !pairs => out.push('['),
            (None, '}') if !pairs => out.push(']'),
            (None, c) => out.push(c),
        }
    }
    for (word, json) in [("None", "null"), ("NULL", "null"), ("True", "true"), ("False", "false")] {
        if out == word {
            return serde_json::from_str(json).ok();
        }
        out = out.replace(&format!(" {word}"), &format!(" {json}")).replace(&format!("[{word}"), &format!("[{json}"));
    }
    serde_json::from_str(&out.replace(",]", "]").replace(", ]", "]")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, shape: &Shape) -> Option<Value> {
        value(&serde_json::from_str(text).expect("JSON"), shape)
    }

    #[test]
    fn models_write_values_in_many_ways() {
        let int = Shape::Int { min: -128, max: 127 };
        let ints = Shape::List(Box::new(int.clone()));
        assert_eq!(read("5", &int), Some(Value::Int(5)));
        assert_eq!(read("\"5\"", &int), Some(Value::Int(5)));
        assert_eq!(read("5.0", &int), Some(Value::Int(5)));
        assert_eq!(read("300", &int), None);
        assert_eq!(read("\"five\"", &int), None);
        let two = Some(Value::List(vec![Value::Int(1), Value::Int(2)]));
        for text in ["[1, 2]", "\"[1, 2]\"", "\"(1, 2)\"", "\"{1, 2}\"", "\"new int[]{1, 2}\"", "[\"1\", 2]"] {
            assert_eq!(read(text, &ints), two, "{text}");
        }
        assert_eq!(read("\"'a'\"", &Shape::Text), Some(Value::Text("a".into())));
        assert_eq!(read("\"None\"", &Shape::Optional(Box::new(int.clone()))), Some(Value::None));
        let map = Shape::Map(Box::new(Shape::Text), Box::new(int));
        assert_eq!(read("\"{'a': 1}\"", &map), Some(Value::Map(vec![(Value::Text("a".into()), Value::Int(1))])));
    }

    #[test]
    fn what_was_seen_is_told() {
        let seen = Observed::read("T783d31 F783d39 end=violated:").expect("an answer");
        assert_eq!(seen.told(), "at visit 2, Q is false with x=9");
        assert_eq!(
            Observed::read("T end=ended:").expect("an answer").told(),
            "Q is true; the program returned normally"
        );
        let pre = Observed::read("end=pre:30").expect("an answer");
        assert_eq!(pre.told(), "the program was given an input that P doesn't allow (0)");
    }
}
