//! Every input within small bounds: what "bounded exhaustive" means.
//!
//! Bounds are how long lists and texts get, and how far numbers go. They start at one and grow in turn as long as the number of inputs
//! stays within what is allowed; that number is computed before anything is made. `f(int x, int y)` with 4 000 inputs allowed
//! gives both numbers from -21 to 41, `f(char *s)` all texts of up to 7 letters `a`, `b`, `c`.

use super::inputs::{Literals, length};
use super::shape::{Parameter, Shape};
use super::value::{Input, Stdin, Value};

/// All inputs within bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    pub inputs: Vec<Input>,
    /// The bounds, for people.
    pub bounds: String,
}

#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// Items of a list, letters of a text.
    length: u32,
    /// The largest number; the smallest is minus half of it.
    reach: i128,
}

impl Bounds {
    fn low(self) -> i128 {
        -(self.reach / 2).max(1)
    }
}

/// Letters that texts are made of.
const LETTERS: usize = 3;

/// The largest domain of at most `most` inputs; `None` where a parameter has values that can't be enumerated (floating-point
/// numbers, structures), or where there are no parameters.
pub fn bounded(parameters: &[Parameter], literals: &Literals, most: usize) -> Option<Domain> {
    let shapes: Vec<&Shape> = parameters.iter().map(|p| &p.shape).collect();
    let most = most as u128;
    let size = |bounds: Bounds| {
        shapes.iter().try_fold(1u128, |all, shape| all.checked_mul(count(shape, bounds)?).filter(|n| *n <= most))
    };
    let mut bounds = Bounds { length: 1, reach: 1 };
    if shapes.is_empty() {
        return None;
    }
    size(bounds)?;
    let sized = shapes.iter().any(|s| holds(s, &|s| matches!(s, Shape::List(_) | Shape::Text | Shape::Set(_))));
    let numbers = shapes.iter().any(|s| holds(s, &|s| matches!(s, Shape::Int { .. })));
    let mut numbers_next = false;
    loop {
        let longer = Bounds { length: bounds.length + 1, ..bounds };
        let wider = Bounds { reach: bounds.reach + 1, ..bounds };
        let fits = |wanted: bool, b: Bounds| wanted && b.reach < 1000 && size(b).is_some();
        let (first, second) =
            if numbers_next { ((numbers, wider), (sized, longer)) } else { ((sized, longer), (numbers, wider)) };
        bounds = match (fits(first.0, first.1), fits(second.0, second.1)) {
            (true, _) => first.1,
            (false, true) => second.1,
            (false, false) => break,
        };
        numbers_next = !numbers_next;
    }
    let letters = letters(literals);
    let mut all: Vec<Vec<Value>> = vec![vec![]];
    for shape in &shapes {
        let domain = values(shape, bounds, &letters);
        let with = |row: &Vec<Value>| domain.iter().map(|v| extended(row, v)).collect::<Vec<_>>();
        all = all.iter().flat_map(with).collect();
    }
    let arrange = |mut arguments: Vec<Value>| {
        for (at, shape) in shapes.iter().enumerate() {
            if let Shape::Length(of) = shape {
                arguments[at] = Value::Int(length(&arguments[*of]));
            }
        }
        Input { arguments, stdin: Stdin::Empty }
    };
    let inputs = all.into_iter().map(arrange).collect();
    Some(Domain { inputs, bounds: told(&shapes, bounds, &letters) })
}

fn told(shapes: &[&Shape], bounds: Bounds, letters: &[char]) -> String {
    let has = |is: &dyn Fn(&Shape) -> bool| shapes.iter().any(|s| holds(s, is));
    let mut parts = Vec::new();
    if has(&|s| matches!(s, Shape::Int { .. })) {
        parts.push(format!("numbers from {} to {}", bounds.low(), bounds.reach));
    }
    if has(&|s| matches!(s, Shape::List(_) | Shape::Set(_))) {
        parts.push(format!("lists of up to {}", bounds.length));
    }
    if has(&|s| matches!(s, Shape::Text)) {
        let letters: String = letters.iter().collect();
        parts.push(format!("texts of up to {} of {letters:?}", bounds.length));
    }
    if has(&|s| matches!(s, Shape::Bool)) {
        parts.push("both truth values".into());
    }
    if has(&|s| matches!(s, Shape::Char)) {
        parts.push(format!("characters {:?}", letters.iter().collect::<String>()));
    }
    parts.join(", ")
}

/// The first characters that the program names, then letters.
fn letters(literals: &Literals) -> Vec<char> {
    let mut out: Vec<char> = literals.chars.iter().copied().take(LETTERS).collect();
    for letter in ['a', 'b', 'c'] {
        if out.len() < LETTERS && !out.contains(&letter) {
            out.push(letter);
        }
    }
    out
}

fn holds(shape: &Shape, is: &dyn Fn(&Shape) -> bool) -> bool {
    is(shape)
        || match shape {
            Shape::List(s) | Shape::Set(s) | Shape::Optional(s) | Shape::Pointer(s) => holds(s, is),
            Shape::Tuple(parts) => parts.iter().any(|s| holds(s, is)),
            _ => false,
        }
}

/// How many values there are; `None`: they can't be enumerated, or are far too many.
fn count(shape: &Shape, bounds: Bounds) -> Option<u128> {
    let sequences = |of: u128| (0..=bounds.length).try_fold(0u128, |sum, n| sum.checked_add(of.checked_pow(n)?));
    Some(match shape {
        Shape::Length(_) | Shape::None => 1,
        Shape::Bool => 2,
        Shape::Int { min, max } => {
            let (low, high) = (bounds.low().max(*min), bounds.reach.min(*max));
            u128::try_from(high - low + 1).ok()?
        }
        Shape::Char => LETTERS as u128,
        Shape::Text => sequences(LETTERS as u128)?,
        Shape::List(element) => sequences(count(element, bounds)?)?,
        Shape::Set(element) => {
            let of = count(element, bounds)?;
            let choose = |k: u32| {
                (0..u128::from(k)).try_fold(1u128, |all, i| Some(all.checked_mul(of.saturating_sub(i))? / (i + 1)))
            };
            (0..=bounds.length).try_fold(0u128, |sum, k| sum.checked_add(choose(k)?))?
        }
        Shape::Optional(inner) | Shape::Pointer(inner) => 1 + count(inner, bounds)?,
        Shape::Tuple(parts) => parts.iter().try_fold(1u128, |all, part| all.checked_mul(count(part, bounds)?))?,
        _ => return None,
    })
}

fn values(shape: &Shape, bounds: Bounds, letters: &[char]) -> Vec<Value> {
    let inner = |shape: &Shape| values(shape, bounds, letters);
    match shape {
        Shape::Length(_) | Shape::None => vec![Value::None],
        Shape::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Shape::Int { min, max } => (bounds.low().max(*min)..=bounds.reach.min(*max)).map(Value::Int).collect(),
        Shape::Char => letters.iter().map(|c| Value::Text(c.to_string())).collect(),
        Shape::Text => {
            let texts = sequences(letters, bounds.length);
            texts.into_iter().map(|t| Value::Text(t.into_iter().collect())).collect()
        }
        Shape::List(element) => sequences(&inner(element), bounds.length).into_iter().map(Value::List).collect(),
        Shape::Set(element) => subsets(&inner(element), bounds.length).into_iter().map(Value::Set).collect(),
        Shape::Optional(some) | Shape::Pointer(some) => std::iter::once(Value::None).chain(inner(some)).collect(),
        Shape::Tuple(parts) => {
            let mut all: Vec<Vec<Value>> = vec![vec![]];
            for part in parts {
                let domain = inner(part);
                all = all.iter().flat_map(|row| domain.iter().map(|v| extended(row, v))).collect();
            }
            all.into_iter().map(Value::Tuple).collect()
        }
        _ => Vec::new(),
    }
}

fn extended<T: Clone>(row: &[T], by: &T) -> Vec<T> {
    row.iter().chain([by]).cloned().collect()
}

/// All sequences of up to `length` items, the shortest first.
fn sequences<T: Clone>(items: &[T], length: u32) -> Vec<Vec<T>> {
    let mut all: Vec<Vec<T>> = vec![vec![]];
    let mut last = all.clone();
    for _ in 0..length {
        last = last.iter().flat_map(|row| items.iter().map(|v| extended(row, v))).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// All choices of up to `length` different items.
fn subsets(items: &[Value], length: u32) -> Vec<Vec<Value>> {
    let mut all: Vec<Vec<Value>> = vec![vec![]];
    for item in items {
        let with: Vec<_> = all.iter().filter(|s| s.len() < length as usize).map(|s| extended(s, item)).collect();
        all.extend(with);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn domain(shapes: &[Shape], most: usize) -> Option<Domain> {
        let parameter = |shape: &Shape| Parameter { name: "x".into(), shape: shape.clone(), ty: String::new() };
        bounded(&shapes.iter().map(parameter).collect::<Vec<_>>(), &Literals::default(), most)
    }

    const INT: Shape = Shape::Int { min: -1000, max: 1000 };

    #[test]
    fn counted_before_they_are_made() {
        let list = Shape::List(Box::new(INT));
        let set = Shape::Set(Box::new(INT));
        let pair = Shape::Tuple(vec![INT, Shape::Bool]);
        for shapes in [
            vec![INT],
            vec![INT, INT],
            vec![list.clone()],
            vec![list, Shape::Length(0), INT],
            vec![Shape::Text],
            vec![set],
            vec![pair],
        ] {
            for most in [10, 100, 1000] {
                let Some(found) = domain(&shapes, most) else { panic!("{shapes:?}") };
                let distinct: BTreeSet<String> = found.inputs.iter().map(|i| format!("{i:?}")).collect();
                assert_eq!(distinct.len(), found.inputs.len(), "{shapes:?}");
                assert!(
                    found.inputs.len() <= most && found.inputs.len() * 12 > most,
                    "{} of {most}: {shapes:?}",
                    found.inputs.len()
                );
            }
        }
    }

    #[test]
    fn bounds_are_told() {
        let of = |shapes: &[Shape]| domain(shapes, 1000).map(|d| d.bounds);
        assert_eq!(of(&[INT]).unwrap(), "numbers from -333 to 666");
        assert_eq!(of(&[Shape::Text, Shape::Bool]).unwrap(), "texts of up to 4 of \"abc\", both truth values");
        assert_eq!(of(&[Shape::Float { single: false }]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn arrays_have_their_lengths() {
        let found = domain(&[Shape::List(Box::new(INT)), Shape::Length(0)], 100).unwrap();
        let fits =
            |i: &Input| matches!(&i.arguments[0], Value::List(l) if i.arguments[1] == Value::Int(l.len() as i128));
        assert!(found.inputs.iter().all(fits));
    }
}
