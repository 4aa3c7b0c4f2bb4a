//! Input values: what a generator makes, a harness reads and a counter-example says.

use serde_json::Value as Json;
use std::fmt::Write;

/// One value of a program, whatever its language.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Tuple(Vec<Value>),
    Set(Vec<Value>),
    Map(Vec<(Value, Value)>),
    /// The fields of a structure, in the order of their declaration, with their names where they are known.
    Fields(Vec<(String, Value)>),
}

/// What a run is given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Input {
    /// One for each parameter.
    pub arguments: Vec<Value>,
    pub stdin: Stdin,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Stdin {
    #[default]
    Empty,
    Text(String),
    /// Made up while it is read, from these choices (`grammars/HARNESS.md`).
    Choices(Vec<u16>),
}

impl Value {
    /// The words of a request (`grammars/HARNESS.md`), each after a blank.
    pub fn words(&self, out: &mut String) {
        // Writing to a string can't fail.
        match self {
            Value::None => out.push_str(" n"),
            Value::Bool(b) => out.push_str(if *b { " b1" } else { " b0" }),
            Value::Int(i) => write!(out, " i{i}").unwrap_or_default(),
            Value::Float(f) => write!(out, " f{:016x}", f.to_bits()).unwrap_or_default(),
            Value::Text(t) => {
                out.push_str(" s");
                hex(t.as_bytes(), out);
            }
            Value::Bytes(b) => {
                out.push_str(" x");
                hex(b, out);
            }
            Value::List(items) => words_of('[', items, out),
            Value::Tuple(items) => words_of('(', items, out),
            Value::Set(items) => words_of('<', items, out),
            Value::Map(pairs) => {
                write!(out, " {{{}", pairs.len()).unwrap_or_default();
                pairs.iter().for_each(|(k, v)| {
                    k.words(out);
                    v.words(out);
                });
            }
            Value::Fields(fields) => {
                write!(out, " @{}", fields.len()).unwrap_or_default();
                fields.iter().for_each(|(_, v)| v.words(out));
            }
        }
    }

    /// As a counter-example tells it. What JSON has no form for is told as text.
    pub fn to_json(&self) -> Json {
        match self {
            Value::None => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::Int(i) => i64::try_from(*i).map_or_else(|_| Json::String(i.to_string()), Json::from),
            Value::Float(f) => {
                serde_json::Number::from_f64(*f).map_or_else(|| Json::String(f.to_string()), Json::Number)
            }
            Value::Text(t) => Json::String(t.clone()),
            Value::Bytes(b) => Json::String(String::from_utf8_lossy(b).into_owned()),
            Value::List(items) | Value::Tuple(items) | Value::Set(items) => {
                Json::Array(items.iter().map(Value::to_json).collect())
            }
            Value::Map(pairs) => {
                let key = |k: &Value| match k.to_json() {
                    Json::String(text) => text,
                    other => other.to_string(),
                };
                Json::Object(pairs.iter().map(|(k, v)| (key(k), v.to_json())).collect())
            }
            Value::Fields(fields) => Json::Object(fields.iter().map(|(n, v)| (n.clone(), v.to_json())).collect()),
        }
    }
}

impl Input {
    /// The line of a request to program `number`.
    pub fn request(&self, number: usize) -> String {
        let mut line = format!("{number} ");
        match &self.stdin {
            Stdin::Empty => line.push('-'),
            Stdin::Text(text) if text.is_empty() => line.push('-'),
            Stdin::Text(text) => hex(text.as_bytes(), &mut line),
            Stdin::Choices(choices) => {
                line.push('?');
                choices.iter().for_each(|c| write!(line, "{c:04x}").unwrap_or_default());
            }
        }
        self.arguments.iter().for_each(|a| a.words(&mut line));
        line.push('\n');
        line
    }
}

fn words_of(mark: char, items: &[Value], out: &mut String) {
    write!(out, " {mark}{}", items.len()).unwrap_or_default();
    items.iter().for_each(|item| item.words(out));
}

fn hex(bytes: &[u8], out: &mut String) {
    bytes.iter().for_each(|b| write!(out, "{b:02x}").unwrap_or_default());
}

/// The text that a hex word stands for; what is no hex or no UTF-8 is replaced.
pub fn unhex(word: &str) -> String {
    let digit = |b: u8| (b as char).to_digit(16).unwrap_or(0) as u8;
    let bytes: Vec<u8> =
        word.as_bytes().chunks(2).map(|p| digit(p[0]) * 16 + p.get(1).map_or(0, |b| digit(*b))).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_a_word_for_each_value() {
        let map = Value::Map(vec![(Value::Text("a".into()), Value::Int(-1))]);
        let arguments = vec![Value::List(vec![Value::Float(1.0), Value::None]), map, Value::Bool(true)];
        let input = Input { arguments, stdin: Stdin::Text("3\n".into()) };
        assert_eq!(input.request(2), "2 330a [2 f3ff0000000000000 n {1 s61 i-1 b1\n");
        let asked = Input { arguments: vec![], stdin: Stdin::Choices(vec![1, 255]) };
        assert_eq!(asked.request(0), "0 ?000100ff\n");
    }

    #[test]
    fn hex_comes_back() {
        let mut word = String::new();
        hex("grün".as_bytes(), &mut word);
        assert_eq!(unhex(&word), "grün");
        assert_eq!(unhex("4"), "@");
    }
}
