//! Values that say less: what a counter-example is made smaller by where its strategy can't (an argument that was taken from
//! another input, a text that was made up while it was read).

use super::value::{Input, Stdin, Value};

/// Parts of a list that are tried one by one.
const PARTS: usize = 24;

/// Inputs that differ in one place, which is simpler there; the simplest first.
pub fn inputs(input: &Input) -> Vec<Input> {
    let mut out = Vec::new();
    for (at, argument) in input.arguments.iter().enumerate() {
        for value in values(argument) {
            let mut arguments = input.arguments.clone();
            arguments[at] = value;
            out.push(Input { arguments, stdin: input.stdin.clone() });
        }
    }
    if let Stdin::Text(text) = &input.stdin {
        let simpler = |text| Input { arguments: input.arguments.clone(), stdin: Stdin::Text(text) };
        out.extend(texts_of_words(text).into_iter().map(simpler));
    }
    out
}

fn values(value: &Value) -> Vec<Value> {
    match value {
        Value::None | Value::Bool(false) | Value::Bytes(_) => Vec::new(),
        Value::Bool(true) => vec![Value::Bool(false)],
        Value::Int(n) => ints(*n).into_iter().map(Value::Int).collect(),
        Value::Float(f) => {
            let some = [0.0, 1.0, f.trunc(), (f / 2.0).trunc()];
            let simpler =
                |c: &f64| *c != *f && (c.abs() < f.abs() || !f.is_finite() || f.fract() != 0.0 && c.fract() == 0.0);
            some.into_iter().filter(simpler).map(Value::Float).collect()
        }
        Value::Text(text) => {
            let chars: Vec<char> = text.chars().collect();
            shorter(&chars).into_iter().map(|c| Value::Text(c.into_iter().collect())).collect()
        }
        Value::List(items) => {
            let mut out: Vec<Value> = shorter(items).into_iter().map(Value::List).collect();
            out.extend(one_simpler(items).map(Value::List));
            out
        }
        Value::Tuple(items) => one_simpler(items).map(Value::Tuple).collect(),
        Value::Set(items) => shorter(items).into_iter().map(Value::Set).collect(),
        Value::Map(pairs) => {
            let mut out: Vec<Value> = shorter(pairs).into_iter().map(Value::Map).collect();
            for (at, (_, inner)) in pairs.iter().enumerate().take(PARTS) {
                out.extend(values(inner).into_iter().map(|v| {
                    let mut pairs = pairs.clone();
                    pairs[at].1 = v;
                    Value::Map(pairs)
                }));
            }
            out
        }
        Value::Fields(fields) => {
            let inner: Vec<Value> = fields.iter().map(|(_, v)| v.clone()).collect();
            let named = |values: Vec<Value>| Value::Fields(fields.iter().map(|(n, _)| n.clone()).zip(values).collect());
            one_simpler(&inner).map(named).collect()
        }
    }
}

/// Nearer to zero.
fn ints(n: i128) -> Vec<i128> {
    let mut out = vec![0, 1, n / 2, n - n.signum()];
    if n < 0 {
        out.push(-n);
    }
    out.retain(|c| c.abs() < n.abs() || (*c == -n && n < 0));
    out.dedup();
    out
}

/// Without all, half, or one of the parts.
fn shorter<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    let mut out = Vec::new();
    if !items.is_empty() {
        out.push(Vec::new());
    }
    if items.len() > 3 {
        out.push(items[..items.len() / 2].to_vec());
        out.push(items[items.len() / 2..].to_vec());
    }
    for at in 0..items.len().min(PARTS) {
        let mut rest = items.to_vec();
        rest.remove(at);
        out.push(rest);
    }
    out
}

fn one_simpler(items: &[Value]) -> impl Iterator<Item = Vec<Value>> + '_ {
    items.iter().enumerate().take(PARTS).flat_map(move |(at, item)| {
        values(item).into_iter().map(move |v| {
            let mut items = items.to_vec();
            items[at] = v;
            items
        })
    })
}

/// A text with one of its words simpler, or without what stands behind one.
fn texts_of_words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for word in text.split_whitespace() {
        let start = at + text[at..].find(word).unwrap_or(0);
        at = start + word.len();
        spans.push((start, at));
    }
    for keep in [spans.len() / 2, spans.len().saturating_sub(1)] {
        if let Some((_, end)) = keep.checked_sub(1).and_then(|k| spans.get(k)) {
            out.push(format!("{}\n", &text[..*end]));
        }
    }
    for (start, end) in spans.into_iter().take(PARTS) {
        let word = &text[start..end];
        let simpler: Vec<String> = match word.parse::<i128>() {
            Ok(n) => ints(n).into_iter().map(|n| n.to_string()).collect(),
            Err(_) => {
                let chars: Vec<char> = word.chars().collect();
                shorter(&chars).into_iter().map(String::from_iter).filter(|w| !w.is_empty()).collect()
            }
        };
        out.extend(simpler.into_iter().map(|w| format!("{}{w}{}", &text[..start], &text[end..])));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_leads_down() {
        // However one goes on, one comes to an end.
        let start = Value::List(vec![Value::Int(-7), Value::Text("abc".into()), Value::Float(2.5)]);
        let mut input = Input { arguments: vec![start], stdin: Stdin::Text("3 word\n-4\n".into()) };
        for _ in 0..200 {
            match inputs(&input).pop() {
                Some(next) => {
                    assert_ne!(next, input);
                    input = next;
                }
                None => return,
            }
        }
        panic!("no end: {input:?}");
    }

    #[test]
    fn words_of_a_text_get_simpler() {
        let all = texts_of_words("2 ab\n");
        assert!(
            all.contains(&"1 ab\n".to_owned()) && all.contains(&"2 a\n".to_owned()) && all.contains(&"2\n".to_owned())
        );
    }
}
