//! The JSON Schema of a reply.
//!
//! It keeps to what every server that constrains decoding understands: every property required, no other allowed, no
//! `pattern`, every string and list bounded (a small model may never end an unbounded one). Properties are written in the
//! order reason, verdict, counterexample, because a constrained model fills them in that order and should reason before
//! it commits; so the schema is serialised directly and never through a map that sorts its keys.

use serde::Serialize;

/// Longest name and value of an input, in characters.
const NAME_LENGTH: u32 = 64;
const VALUE_LENGTH: u32 = 200;
/// Inputs of a counter-example where the parameters are not known.
const MAX_INPUTS: u32 = 8;

/// What a reply has to look like. Serialises as the JSON Schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplySchema {
    /// Names a counter-example may speak of; any name if empty.
    pub params: Vec<String>,
    /// Longest `reason`, in characters.
    pub reason_length: u32,
    /// With `maxLength` and `maxItems`; some hosted servers reject these.
    pub bounded: bool,
}

impl ReplySchema {
    pub fn without_bounds(&self) -> Self {
        ReplySchema { bounded: false, ..self.clone() }
    }

    fn text(&self, length: u32) -> Text<'_> {
        Text { kind: "string", choices: None, max_length: self.bounded.then_some(length) }
    }
}

#[derive(Serialize)]
struct Object<P> {
    #[serde(rename = "type")]
    kind: &'static str,
    properties: P,
    required: &'static [&'static str],
    #[serde(rename = "additionalProperties")]
    additional_properties: bool,
}

#[derive(Serialize)]
struct Reply<'a> {
    reason: Text<'a>,
    verdict: Text<'a>,
    counterexample: List<Object<Input<'a>>>,
}

#[derive(Serialize)]
struct Input<'a> {
    name: Text<'a>,
    value: Text<'a>,
}

#[derive(Serialize)]
struct Text<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    choices: Option<Vec<&'a str>>,
    #[serde(rename = "maxLength", skip_serializing_if = "Option::is_none")]
    max_length: Option<u32>,
}

#[derive(Serialize)]
struct List<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    items: T,
    #[serde(rename = "maxItems", skip_serializing_if = "Option::is_none")]
    max_items: Option<u32>,
}

fn choice(choices: Vec<&str>) -> Text<'_> {
    Text { kind: "string", choices: Some(choices), max_length: None }
}

impl Serialize for ReplySchema {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut names: Vec<&str> = self.params.iter().map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        let max_items = if names.is_empty() { MAX_INPUTS } else { names.len() as u32 };
        let name = if names.is_empty() { self.text(NAME_LENGTH) } else { choice(names) };
        Object {
            kind: "object",
            properties: Reply {
                reason: self.text(self.reason_length),
                verdict: choice(vec!["pass", "fail", "unknown"]),
                counterexample: List {
                    kind: "array",
                    items: Object {
                        kind: "object",
                        properties: Input { name, value: self.text(VALUE_LENGTH) },
                        required: &["name", "value"],
                        additional_properties: false,
                    },
                    max_items: self.bounded.then_some(max_items),
                },
            },
            required: &["reason", "verdict", "counterexample"],
            additional_properties: false,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(params: &[&str]) -> ReplySchema {
        ReplySchema { params: params.iter().map(|p| p.to_string()).collect(), reason_length: 300, bounded: true }
    }

    #[test]
    fn properties_come_in_the_order_in_which_they_are_to_be_written() {
        let text = serde_json::to_string(&schema(&["value"])).unwrap();
        let at = |name: &str| text.find(&format!("\"{name}\":{{")).unwrap();
        assert!(at("reason") < at("verdict") && at("verdict") < at("counterexample"), "{text}");
    }

    #[test]
    fn it_accepts_a_reply_and_nothing_else() {
        let value = serde_json::to_value(schema(&["value"])).unwrap();
        let validator = jsonschema::validator_for(&value).unwrap();
        let valid =
            serde_json::json!({"reason": "r", "verdict": "fail", "counterexample": [{"name": "value", "value": "3"}]});
        assert!(validator.is_valid(&valid));
        for (property, wrong) in [
            ("verdict", serde_json::json!("perhaps")),
            ("reason", serde_json::json!("x".repeat(301))),
            ("counterexample", serde_json::json!([{"name": "other", "value": "3"}])),
            ("more", serde_json::json!(1)),
        ] {
            let mut reply = valid.clone();
            reply[property] = wrong;
            assert!(!validator.is_valid(&reply), "{reply}");
        }
    }

    #[test]
    fn strict_everywhere() {
        fn walk(value: &serde_json::Value) {
            if value["type"] == "object" {
                let mut names: Vec<_> = value["properties"].as_object().unwrap().keys().cloned().collect();
                let mut required: Vec<_> =
                    value["required"].as_array().unwrap().iter().map(|r| r.as_str().unwrap().to_string()).collect();
                names.sort();
                required.sort();
                assert_eq!(names, required);
                assert_eq!(value["additionalProperties"], false);
                value["properties"].as_object().unwrap().values().for_each(walk);
            }
            if value["type"] == "array" {
                walk(&value["items"]);
            }
        }
        walk(&serde_json::to_value(schema(&[])).unwrap());
        let plain = serde_json::to_string(&schema(&[]).without_bounds()).unwrap();
        assert!(!plain.contains("max"), "{plain}");
    }
}
