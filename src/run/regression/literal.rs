//! Values as a language writes them (`[test.values]` in `run.toml`).

use crate::run::probe::fill;
use crate::run::shape::{Shape, split};
use crate::run::value::Value;
use crate::syntax::test_form::Values;

/// The expression that makes a value of a parameter; `None` where the language's forms have none for it.
pub fn written(forms: &Values, value: &Value, shape: &Shape, ty: &str) -> Option<String> {
    let ty = ty.trim();
    let name = ty.split('<').next().unwrap_or(ty).trim();
    let name = name.rsplit('.').next().unwrap_or(name);
    if *value == Value::None {
        return Some(forms.types.get(&format!("{name} none")).unwrap_or(&forms.none).clone());
    }
    if let (Some(element), false) = (ty.strip_suffix("[]"), forms.array.is_empty()) {
        let Value::List(items) = value else { return None };
        // Arrays of generic types can't be made.
        let items = (!element.contains('<')).then(|| each(forms, items, shape, element))??;
        return Some(fill(&forms.array, &[("type", element), ("items", &items)]));
    }
    match forms.types.get(name) {
        Some(form) => typed(forms, form, value, shape, ty),
        None if forms.closed => None,
        None => plain(forms, value, shape, ty),
    }
}

/// A value of a type that has a form of its own.
fn typed(forms: &Values, form: &str, value: &Value, shape: &Shape, ty: &str) -> Option<String> {
    let types = match (ty.find('<'), ty.rfind('>')) {
        (Some(open), Some(close)) => split(&ty[open + 1..close], ','),
        _ => Vec::new(),
    };
    let argument = |i: usize| types.get(i).copied().unwrap_or_default();
    let given = |name: &str, v: &str| Some(fill(form, &[(name, v), ("types", &types.join(", "))]));
    match value {
        _ if form.contains("{v}") && !types.is_empty() => {
            given("v", &written(forms, value, inside(shape), argument(0))?)
        }
        Value::Text(text) if form.contains("{char}") => given("char", &character(forms, text)?),
        Value::Int(i) => Some(fill(form, &[("v", &i.to_string()), ("char", &i.to_string())])),
        Value::List(items) | Value::Set(items) | Value::Tuple(items) => {
            // A null alone would be taken for the whole list.
            if items[..] == [Value::None] {
                return None;
            }
            given("items", &each(forms, items, shape, argument(0))?)
        }
        Value::Map(pairs) => {
            let (key, inner) = match shape {
                Shape::Map(key, inner) => (&**key, &**inner),
                _ => (&Shape::Any, &Shape::Any),
            };
            if pairs.iter().any(|(k, v)| *k == Value::None || *v == Value::None) {
                return None;
            }
            let pair = |(k, v): &(Value, Value)| {
                let (k, v) = (written(forms, k, key, argument(0))?, written(forms, v, inner, argument(1))?);
                Some(fill(&forms.pair, &[("k", &k), ("v", &v)]))
            };
            given("items", &pairs.iter().map(pair).collect::<Option<Vec<_>>>()?.join(", "))
        }
        other => given("v", &plain(forms, other, shape, "")?),
    }
}

/// A value whose kind says how it is written.
fn plain(forms: &Values, value: &Value, shape: &Shape, ty: &str) -> Option<String> {
    let text = match value {
        Value::None => forms.none.clone(),
        Value::Bool(b) => if *b { &forms.yes } else { &forms.no }.clone(),
        Value::Int(i) => integer(forms, *i),
        Value::Float(f) if f.is_nan() => forms.nan.clone(),
        Value::Float(f) if f.is_infinite() => if *f > 0.0 { &forms.infinity } else { &forms.minus_infinity }.clone(),
        Value::Float(f) => format!("{f:?}"),
        Value::Text(t) => return text_literal(forms, t),
        Value::Bytes(bytes) => {
            let characters: String = bytes
                .iter()
                .map(|b| match b {
                    b'"' | b'\\' => format!("\\{}", char::from(*b)),
                    b' '..=b'~' => char::from(*b).to_string(),
                    _ => format!("\\x{b:02x}"),
                })
                .collect();
            fill(some(&forms.bytes)?, &[("t", &characters)])
        }
        Value::List(items) => {
            // An array that its type's name hides has no element type here.
            let element = if ty.is_empty() { "" } else { ty.strip_suffix('*')?.trim_end() };
            let form = if items.is_empty() { &forms.empty_list } else { &forms.list };
            fill(some(form)?, &[("type", element), ("items", &each(forms, items, shape, element)?)])
        }
        Value::Tuple(items) => {
            let form = if items.len() == 1 { &forms.tuple_of_one } else { &forms.tuple };
            fill(some(form)?, &[("items", &each(forms, items, shape, "")?)])
        }
        Value::Set(items) if items.is_empty() => some(&forms.empty_set)?.to_owned(),
        Value::Set(items) => {
            let keys = items.iter().map(key).collect::<Option<Vec<_>>>()?;
            fill(some(&forms.set)?, &[("items", &each(forms, &keys, shape, "")?)])
        }
        Value::Map(pairs) => {
            let pair = |(k, v): &(Value, Value)| {
                let k = plain(forms, &key(k)?, &Shape::Any, "")?;
                Some(fill(&forms.pair, &[("k", &k), ("v", &plain(forms, v, &Shape::Any, "")?)]))
            };
            let items = pairs.iter().map(pair).collect::<Option<Vec<_>>>()?.join(", ");
            fill(some(&forms.map)?, &[("items", &items)])
        }
        Value::Fields(given) => {
            let (fields, pointer) = match shape {
                Shape::Fields(fields) => (fields, false),
                Shape::Pointer(inside) | Shape::Optional(inside) => match &**inside {
                    Shape::Fields(fields) => (fields, true),
                    _ => return None,
                },
                _ => return None,
            };
            let field = |((n, v), (_, shape, ty)): (&(String, Value), &(String, Shape, String))| {
                Some(fill(&forms.field, &[("n", n), ("v", &written(forms, v, shape, ty)?)]))
            };
            let items = given.iter().zip(fields).map(field).collect::<Option<Vec<_>>>()?.join(", ");
            let made = fill(some(&forms.fields)?, &[("items", &items)]);
            match (pointer, ty.strip_suffix('*')) {
                (true, Some(pointed)) => fill(&forms.pointer, &[("type", pointed.trim_end()), ("v", &made)]),
                (false, None) => made,
                // A pointer that its type hides.
                _ => return None,
            }
        }
    };
    Some(text)
}

/// Items separated by commas.
fn each(forms: &Values, items: &[Value], shape: &Shape, ty: &str) -> Option<String> {
    let one = |(i, item): (usize, &Value)| {
        let inner = match shape {
            Shape::Tuple(parts) => parts.get(i).unwrap_or(&Shape::Any),
            other => inside(other),
        };
        written(forms, item, inner, ty)
    };
    Some(items.iter().enumerate().map(one).collect::<Option<Vec<_>>>()?.join(", "))
}

fn inside(shape: &Shape) -> &Shape {
    match shape {
        Shape::List(inner) | Shape::Set(inner) | Shape::Optional(inner) | Shape::Pointer(inner) => inner,
        _ => &Shape::Any,
    }
}

/// An element of a set or a key as the harness makes it: lists are tuples there.
fn key(value: &Value) -> Option<Value> {
    Some(match value {
        Value::List(items) | Value::Tuple(items) => Value::Tuple(items.iter().map(key).collect::<Option<_>>()?),
        Value::Set(_) | Value::Map(_) => return None,
        other => other.clone(),
    })
}

fn integer(forms: &Values, i: i128) -> String {
    let digits = i.to_string();
    if let Some(special) = forms.special.get(&digits) {
        return special.clone();
    }
    let suffix = match (i32::try_from(i), i64::try_from(i)) {
        (Ok(_), _) => "",
        (_, Ok(_)) => &forms.long,
        _ => &forms.unsigned_long,
    };
    digits + suffix
}

/// A text in quotes.
pub fn text_literal(forms: &Values, text: &str) -> Option<String> {
    Some(fill(some(&forms.text)?, &[("t", &escaped(forms, text, '"'))]))
}

/// A single character; where characters are bytes, the first byte.
fn character(forms: &Values, text: &str) -> Option<String> {
    let all = escaped(forms, text, '\'');
    let first = match forms.beyond.as_str() {
        BYTES if !text.is_ascii() => &all[..4],
        _ => &all,
    };
    Some(fill(some(&forms.character)?, &[("t", first)]))
}

const BYTES: &str = "byte";
const UNITS: &str = "unit";

/// Escapes that all of these languages know; control characters in octal, always three digits, so that what follows can't be
/// taken for one more.
fn escaped(forms: &Values, text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // `??/` is a backslash in old C.
            '?' if forms.beyond == BYTES && out.ends_with('?') => out.push_str("\\077"),
            c if c == quote || c == '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c if c.is_ascii() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => match forms.beyond.as_str() {
                BYTES => c.encode_utf8(&mut [0; 4]).bytes().for_each(|b| out.push_str(&format!("\\{b:03o}"))),
                UNITS => c.encode_utf16(&mut [0; 2]).iter().for_each(|u| out.push_str(&format!("\\u{u:04x}"))),
                _ if c.is_alphanumeric() => out.push(c),
                _ => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            },
        }
    }
    out
}

/// A form, where the language has one.
fn some(form: &str) -> Option<&str> {
    (!form.is_empty()).then_some(form)
}
