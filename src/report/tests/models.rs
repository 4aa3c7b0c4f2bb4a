use super::{plain, problems};
use crate::report::models::{AskedServer, OfferedModel, ServerError};
use crate::report::schema::Format;
use crate::report::terminal::models::servers;
use crate::report::wire::models::document;
use serde_json::Value;

fn asked() -> Vec<AskedServer> {
    let model =
        |spec: &str, context, loaded, thinks, bytes| OfferedModel { spec: spec.into(), context, loaded, thinks, bytes };
    vec![
        AskedServer {
            provider: "ollama".into(),
            address: "http://127.0.0.1:11434".into(),
            models: Ok(vec![
                model("ollama:llama3.1:8b", Some(131_072), Some(8192), false, Some(4_700_000_000)),
                model("ollama:qwen3:4b\u{1b}[2J", Some(40_960), None, true, None),
                model("ollama:x", None, None, false, None),
            ]),
        },
        AskedServer { provider: "openai".into(), address: "http://h/v1".into(), models: Ok(Vec::new()) },
        AskedServer {
            provider: "anthropic".into(),
            address: "https://api.anthropic.com/v1".into(),
            models: Err(ServerError { code: "auth".into(), message: "rejected the key".into() }),
        },
    ]
}

#[test]
fn for_people() {
    insta::assert_snapshot!(plain(&servers(&asked())));
}

#[test]
fn for_machines() {
    let document = document(&asked()).to_json();
    let value: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(problems(Format::Models, &value), Vec::<String>::new());
    insta::assert_snapshot!(document);
    for (at, wrong) in [("/schema", "weiser.models/2"), ("/servers/0/provider", "other"), ("/servers/2/error", "no")] {
        let mut broken = value.clone();
        *broken.pointer_mut(at).unwrap() = wrong.into();
        assert!(!problems(Format::Models, &broken).is_empty(), "{at}");
    }
}
