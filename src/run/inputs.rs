//! Making inputs: strategies of a property-testing library (proptest) over the shapes of the parameters.
//!
//! Small values are likelier than large ones; boundaries, literals of the program and their neighbours are mixed in, since that
//! is where programs change their minds. Before random inputs come all inputs of small domains ([`exhaustive`]).

use super::shape::{Parameter, Shape};
use super::value::{Input, Stdin, Value};
use crate::syntax::Parsed;
use crate::syntax::ast::{ExprKind, LiteralKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::Union;
use std::collections::BTreeSet;

/// Literals of a program, sorted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Literals {
    pub ints: Vec<i128>,
    pub floats: Vec<f64>,
    pub texts: Vec<String>,
    /// Characters that stand alone, then those of the texts.
    pub chars: Vec<char>,
}

/// Longest text that is taken as a value as it is.
const LONG_TEXT: usize = 40;

impl Literals {
    /// Of a file and of conditions that are written elsewhere.
    pub fn of(parsed: &Parsed, conditions: &[&str]) -> Literals {
        let mut found = Literals::default();
        for expr in &parsed.ast.exprs {
            if let ExprKind::Literal(kind) = expr.kind {
                found.add(kind, parsed.source.slice(expr.span));
            }
        }
        for condition in conditions {
            for word in condition.split(|c: char| !(c.is_alphanumeric() || c == '.')) {
                found.add(LiteralKind::Number, word);
            }
        }
        let alone: BTreeSet<char> = found.chars.drain(..).collect();
        let chars: BTreeSet<char> = found.texts.iter().flat_map(|t| t.chars()).filter(|c| !c.is_control()).collect();
        found.chars = alone.iter().chain(chars.difference(&alone)).copied().take(64).collect();
        found.ints.sort_unstable();
        found.ints.dedup();
        found.floats.sort_by(f64::total_cmp);
        found.floats.dedup();
        found.texts.sort();
        found.texts.dedup();
        found
    }

    fn add(&mut self, kind: LiteralKind, text: &str) {
        match kind {
            LiteralKind::Number if text.starts_with('\'') => {
                let inner = text.trim_matches('\'');
                let mut chars = inner.chars();
                if let (Some(c), None) = (chars.next(), chars.next()) {
                    self.chars.push(c);
                    self.ints.push(i128::from(u32::from(c)));
                }
            }
            LiteralKind::Number => {
                let plain = text.trim_end_matches(['u', 'U', 'l', 'L']).replace('_', "");
                let radix = |prefix: &str, base| {
                    plain.to_ascii_lowercase().strip_prefix(prefix).and_then(|d| i128::from_str_radix(d, base).ok())
                };
                if let Some(int) = radix("0x", 16).or_else(|| radix("0b", 2)).or_else(|| plain.parse().ok()) {
                    self.ints.push(int);
                } else if let Ok(float) = plain.trim_end_matches(['f', 'F', 'd', 'D']).parse::<f64>() {
                    self.floats.push(float);
                }
            }
            LiteralKind::String => {
                let inner = text.trim_start_matches(|c: char| c.is_alphabetic()).trim_matches(['"', '\'']);
                if inner.chars().count() <= LONG_TEXT && !inner.contains('\n') {
                    self.texts.push(inner.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\"));
                }
            }
            _ => {}
        }
    }
}

/// Inputs of a function, and of a program that reads its standard input if `reads`.
///
/// `known`: arguments that are worth being tried again, for each parameter, with others of the rest.
pub fn strategy(
    parameters: &[Parameter],
    literals: &Literals,
    reads: bool,
    known: &[Vec<Value>],
) -> BoxedStrategy<Input> {
    let one = |(i, p): (usize, &Parameter)| match known.get(i).filter(|k| !k.is_empty()) {
        Some(known) => {
            prop_oneof![3 => values(&p.shape, literals, 3), 2 => prop::sample::select(known.clone())].boxed()
        }
        None => values(&p.shape, literals, 3),
    };
    let each: Vec<BoxedStrategy<Value>> = parameters.iter().enumerate().map(one).collect();
    let shapes: Vec<Shape> = parameters.iter().map(|p| p.shape.clone()).collect();
    let stdin =
        if reads { vec(any::<u16>(), 0..120).prop_map(Stdin::Choices).boxed() } else { Just(Stdin::Empty).boxed() };
    (each, stdin)
        .prop_map(move |(mut arguments, stdin)| {
            for (at, shape) in shapes.iter().enumerate() {
                if let Shape::Length(of) = shape {
                    arguments[at] = Value::Int(length(&arguments[*of]));
                }
            }
            Input { arguments, stdin }
        })
        .boxed()
}

/// What a length parameter says of a value.
pub(super) fn length(value: &Value) -> i128 {
    match value {
        Value::List(items) => items.len() as i128,
        Value::Text(text) => text.len() as i128,
        _ => 0,
    }
}

fn values(shape: &Shape, literals: &Literals, depth: u32) -> BoxedStrategy<Value> {
    let inner = |s: &Shape| values(s, literals, depth.saturating_sub(1));
    let long = if depth >= 3 { 9 } else { 5 };
    match shape {
        Shape::None | Shape::Length(_) => Just(Value::None).boxed(),
        Shape::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Shape::Int { min, max } => ints(*min, *max, literals),
        Shape::Float { single } => floats(*single, literals),
        Shape::Char => chars(literals).prop_map(|c| Value::Text(c.to_string())).boxed(),
        Shape::Text => texts(literals),
        Shape::Bytes => vec(any::<u8>(), 0..8).prop_map(Value::Bytes).boxed(),
        Shape::List(element) => lists(inner(element), long),
        Shape::Tuple(parts) => parts.iter().map(inner).collect::<Vec<_>>().prop_map(Value::Tuple).boxed(),
        Shape::Set(element) => vec(inner(element), 0..long).prop_map(|v| Value::Set(distinct(v, |v| v))).boxed(),
        Shape::Map(key, value) => vec((inner(&keys(key)), inner(value)), 0..5)
            .prop_map(|pairs| Value::Map(distinct(pairs, |(k, _)| k)))
            .boxed(),
        Shape::Optional(some) => prop_oneof![1 => Just(Value::None), 4 => inner(some)].boxed(),
        Shape::Either(some) if some.is_empty() => Just(Value::None).boxed(),
        Shape::Either(some) => Union::new(some.iter().map(inner)).boxed(),
        Shape::Fields(fields) => {
            let names: Vec<String> = fields.iter().map(|(name, ..)| name.clone()).collect();
            let parts: Vec<BoxedStrategy<Value>> = fields.iter().map(|(_, shape, _)| inner(shape)).collect();
            parts.prop_map(move |v| Value::Fields(names.iter().cloned().zip(v).collect())).boxed()
        }
        Shape::Pointer(to) if **to == Shape::None => Just(Value::None).boxed(),
        Shape::Pointer(to) => prop_oneof![1 => Just(Value::None), 6 => inner(to)].boxed(),
        Shape::Any => {
            let some = candidates().into_iter().map(|s| values(&s, literals, depth.min(1)));
            if depth == 0 { ints(-100, 100, literals) } else { Union::new(some).boxed() }
        }
    }
}

/// What a parameter may be of which nothing is known, the likeliest first.
pub fn candidates() -> Vec<Shape> {
    let int = Shape::Int { min: i128::from(i32::MIN), max: i128::from(i32::MAX) };
    let list = |s: &Shape| Shape::List(Box::new(s.clone()));
    vec![
        int.clone(),
        list(&int),
        Shape::Text,
        list(&Shape::Text),
        Shape::Bool,
        Shape::Float { single: false },
        list(&list(&int)),
        Shape::Map(Box::new(Shape::Text), Box::new(int.clone())),
        Shape::Tuple(vec![int.clone(), int]),
        Shape::None,
    ]
}

/// Keys must be values that can be one.
fn keys(shape: &Shape) -> Shape {
    match shape {
        Shape::Any | Shape::List(_) | Shape::Set(_) | Shape::Map(..) => Shape::Text,
        other => other.clone(),
    }
}

fn distinct<T>(items: Vec<T>, key: impl Fn(&T) -> &Value) -> Vec<T> {
    let mut out: Vec<T> = Vec::new();
    for item in items {
        if !out.iter().any(|o| key(o) == key(&item)) {
            out.push(item);
        }
    }
    out
}

/// Lists in which values come twice, in order, or not at all.
fn lists(element: BoxedStrategy<Value>, long: usize) -> BoxedStrategy<Value> {
    let free = vec(element.clone(), 0..long);
    let few = (vec(element, 1..4), vec(any::<prop::sample::Index>(), 0..long))
        .prop_map(|(pool, picks)| picks.iter().map(|i| i.get(&pool).clone()).collect::<Vec<_>>());
    prop_oneof![2 => free, 1 => few].prop_map(Value::List).boxed()
}

fn ints(min: i128, max: i128, literals: &Literals) -> BoxedStrategy<Value> {
    let fits = move |v: i128| v.clamp(min, max);
    let near: Vec<i128> = literals.ints.iter().flat_map(|i| [*i, *i - 1, *i + 1, -*i]).collect();
    let near: Vec<i128> = near.into_iter().filter(|v| (min..=max).contains(v)).collect();
    let (low, high) = (min.max(-12), max.min(20));
    let (low, high) = if low <= high { (low, high) } else { (min, max) };
    // The first are the simplest.
    let bounds = vec![fits(0), fits(1), fits(-1), fits(255), fits(256), fits(65_535), fits(1_000_000_007), max, min];
    let mut some = vec![
        (12, (low..=high).boxed()),
        (3, (fits(-1000)..=fits(1000)).boxed()),
        (1, (min..=max).boxed()),
        (1, prop::sample::select(bounds).boxed()),
    ];
    if !near.is_empty() {
        some.push((6, prop::sample::select(near).boxed()));
    }
    Union::new_weighted(some).prop_map(Value::Int).boxed()
}

fn floats(single: bool, literals: &Literals) -> BoxedStrategy<Value> {
    let near: Vec<f64> = literals
        .floats
        .iter()
        .copied()
        .chain(literals.ints.iter().map(|i| *i as f64))
        .flat_map(|f| [f, -f, f + 1.0, f - 1.0, f + 0.01, f - 0.01])
        .chain([0.0, 0.5, -0.5, 1.5, 2.5, 1e6, -1e6, 0.1])
        .collect();
    let tenths = (-200i32..=400).prop_map(|i| f64::from(i) / 10.0);
    let whole = (-20i32..=40).prop_map(f64::from);
    let odd = prop::sample::select(vec![f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0, f64::MAX, f64::MIN_POSITIVE]);
    prop_oneof![8 => whole, 8 => tenths, 6 => prop::sample::select(near), 1 => odd]
        .prop_map(move |f| Value::Float(if single { f64::from(f as f32) } else { f }))
        .boxed()
}

fn chars(literals: &Literals) -> BoxedStrategy<char> {
    let plain = prop_oneof![4 => prop::char::range('a', 'c'), 2 => prop::char::range('a', 'z'), 1 => prop::char::range('A', 'Z'),
        2 => prop::char::range('0', '9'), 1 => prop::sample::select(vec![' ', '.', ',', '-', '_', '(', ')', '!', '?', '\'', '/'])];
    if literals.chars.is_empty() {
        return plain.boxed();
    }
    prop_oneof![2 => plain, 3 => prop::sample::select(literals.chars.clone())].boxed()
}

fn texts(literals: &Literals) -> BoxedStrategy<Value> {
    let of_chars = vec(chars(literals), 0..9).prop_map(String::from_iter);
    let few = (vec(chars(literals), 1..3), vec(any::<prop::sample::Index>(), 0..12))
        .prop_map(|(pool, picks)| picks.iter().map(|i| *i.get(&pool)).collect::<String>());
    let number = prop_oneof![
        (0i32..100).prop_map(|i| i.to_string()),
        (-200i32..200).prop_map(|i| format!("{:.1}", f64::from(i) / 10.0))
    ];
    let mut some = vec![(5, of_chars.boxed()), (3, few.boxed()), (1, number.boxed())];
    if !literals.texts.is_empty() {
        // Single words are values more often than sentences, which are messages.
        let words: Vec<String> = literals.texts.iter().filter(|t| !t.contains(' ')).cloned().collect();
        if !words.is_empty() {
            some.push((8, prop::sample::select(words).boxed()));
        }
        let one = prop::sample::select(literals.texts.clone());
        some.push((2, one.clone().boxed()));
        let joined = vec(prop_oneof![2 => one, 1 => vec(chars(literals), 0..3).prop_map(String::from_iter)], 1..5);
        some.push((
            2,
            (joined, prop::sample::select(vec!["", " ", "."])).prop_map(|(parts, by)| parts.join(by)).boxed(),
        ));
    }
    Union::new_weighted(some).prop_map(Value::Text).boxed()
}

/// Every input of a small domain, at most `most`: all numbers from -3 to 8, both booleans, the shortest texts and lists.
/// Empty where a parameter has no such domain.
pub fn exhaustive(parameters: &[Parameter], most: usize) -> Vec<Input> {
    let mut all: Vec<Vec<Value>> = vec![vec![]];
    for parameter in parameters {
        let domain = small(&parameter.shape);
        if domain.is_empty() || all.len() * domain.len() > most {
            return Vec::new();
        }
        all = all
            .iter()
            .flat_map(|row| domain.iter().map(|v| [row.as_slice(), std::slice::from_ref(v)].concat()))
            .collect();
    }
    let arrange = |mut arguments: Vec<Value>| {
        for (at, parameter) in parameters.iter().enumerate() {
            if let Shape::Length(of) = parameter.shape {
                arguments[at] = Value::Int(length(&arguments[of]));
            }
        }
        Input { arguments, stdin: Stdin::Empty }
    };
    if parameters.is_empty() { Vec::new() } else { all.into_iter().map(arrange).collect() }
}

fn small(shape: &Shape) -> Vec<Value> {
    match shape {
        Shape::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Shape::Length(_) => vec![Value::None],
        Shape::Int { min, max } => (-3..=8).filter(|i| (min..=max).contains(&i)).map(Value::Int).collect(),
        Shape::List(element) => {
            let inner = small(element);
            let one = inner.iter().take(6).map(|v| Value::List(vec![v.clone()]));
            let two = inner
                .iter()
                .take(5)
                .flat_map(|a| inner.iter().take(5).map(|b| Value::List(vec![a.clone(), b.clone()])));
            std::iter::once(Value::List(vec![])).chain(one).chain(two).collect()
        }
        Shape::Text => {
            ["", "a", "b", "ab", "aa", "aba", "A", "1"].iter().map(|t| Value::Text((*t).to_owned())).collect()
        }
        Shape::Char => ['a', 'b', 'A', '0', ' '].iter().map(|c| Value::Text(c.to_string())).collect(),
        _ => Vec::new(),
    }
}
