//! The way to a server as a user sets it: certificates, headers, proxies, keys; and what servers offer. The real program
//! against the stand-in.

mod asking;
mod standin;

use serde_json::{Value, json};
use standin::{Act, Model, Request, Says, Standin, says, status, verdict};
use std::path::Path;
use std::process::Output;
use weiser::report::schema::Format;

const PROVIDERS: [&str; 3] = ["ollama", "openai", "anthropic"];
const PROGRAM: &str = "def f(x):\n    if x > 0:\n        x = -x\n    assert x <= 0  # POST\n";

/// A folder with a program and a `weiser.toml`.
fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f.py"), PROGRAM).unwrap();
    std::fs::write(folder.path().join("weiser.toml"), config).unwrap();
    folder
}

fn weiser(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = asking::weiser(folder, args);
    command.envs(variables.iter().copied()).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn address(provider: &str, server: &Standin) -> String {
    if provider == "ollama" { server.url.clone() } else { format!("{}/v1", server.url) }
}

/// Asks about the program; the exit status, and everything that was printed.
fn check(folder: &Path, provider: &str, url: &str, variables: &[(&str, &str)]) -> (i32, String) {
    let oracle = format!("{provider}:test-model");
    let output = weiser(folder, &["check", "f.py", "--oracle", &oracle, "--base-url", url], variables);
    (output.status.code().unwrap_or(-1), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn a_certificate_of_one_s_own_is_trusted_where_its_authority_is_named() {
    let (server, pem) = Standin::secure(|request| verdict(request, "pass", &[]));
    for provider in PROVIDERS {
        let folder = folder("ca_file = 'ca.pem'\n");
        std::fs::write(folder.path().join("ca.pem"), &pem).unwrap();
        let (status, said) = check(folder.path(), provider, &address(provider, &server), &[]);
        assert_eq!(status, 0, "{said}");
    }
    let other = folder("");
    let (status, said) = check(other.path(), "openai", &format!("{}/v1", server.url), &[]);
    assert!(status == 3 && said.contains("ca_file"), "{said}");
    let file = other.path().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    let named = [("WEISER_CA_FILE", file.to_str().unwrap())];
    assert_eq!(check(other.path(), "openai", &format!("{}/v1", server.url), &named).0, 0);
}

#[test]
fn headers_of_one_s_own_are_sent() {
    for provider in PROVIDERS {
        let server = Standin::start(|request| verdict(request, "pass", &[]));
        let url = address(provider, &server);
        let folder = folder("headers = { X-Team = 'blue' }\n");
        assert_eq!(check(folder.path(), provider, &url, &[]).0, 0);
        assert_eq!(check(folder.path(), provider, &url, &[("WEISER_HEADERS", "X-Team: red\nX-Two: 2")]).0, 0);
        let requests = server.requests();
        assert!(requests.iter().all(|request| request.header("x-team").is_some()));
        let last = requests.last().unwrap();
        assert_eq!((last.header("x-team"), last.header("x-two")), (Some("red"), Some("2")));
    }
}

#[test]
fn proxies_of_the_environment_are_used() {
    let proxy = Standin::start(|request| verdict(request, "pass", &[]));
    let folder = folder("");
    let ask = |url: &str, variables: &[(&str, &str)]| check(folder.path(), "openai", url, variables);
    let (status, said) = ask("http://model.invalid/v1", &[("HTTP_PROXY", &proxy.url)]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(proxy.questions()[0].header("host"), Some("model.invalid"));
    // The way to a server with TLS is asked for by its name, and nothing else is told.
    ask("https://model.invalid/v1", &[("HTTPS_PROXY", &proxy.url)]);
    assert_eq!(proxy.requests().last().unwrap().path, "model.invalid:443");
    // This machine is never reached through a proxy.
    let near = Standin::start(|request| verdict(request, "pass", &[]));
    assert_eq!(ask(&format!("{}/v1", near.url), &[("HTTP_PROXY", "http://proxy.invalid:1")]).0, 0);
    let before = proxy.requests().len();
    let host = format!("{}.invalid", "a".repeat(64));
    let (status, said) = ask(&format!("http://{host}/v1"), &[("HTTP_PROXY", &proxy.url), ("NO_PROXY", &host)]);
    assert!(status == 3 && said.contains("can't be found"), "{said}");
    assert_eq!(proxy.requests().len(), before);
}

#[test]
fn what_servers_offer() {
    let model = Model { context: 8192, allocated: Some(4096), thinks: true, ..Model::default() };
    let server = Standin::with_model(model, |_| Act::HangUp);
    let folder = folder("");
    let schema: Value = serde_json::from_str(Format::Models.schema()).unwrap();
    for provider in PROVIDERS {
        let url = address(provider, &server);
        let args = ["models", "--oracle", provider, "--base-url", &url, "--format", "json"];
        let output = weiser(folder.path(), &args, &[]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(jsonschema::is_valid(&schema, &document), "{document}");
        let models = document["servers"][0]["models"].as_array().unwrap();
        let tag = if provider == "ollama" { ":latest" } else { "" };
        let spec = format!("{provider}:test-model{tag}");
        let found = models.iter().find(|model| model["spec"] == spec).unwrap_or_else(|| panic!("{document}"));
        assert_eq!(found["context"], 8192, "{found}");
        assert_eq!(found["thinks"], provider != "openai", "{found}");
        assert_eq!(found["loaded"], if provider == "anthropic" { Value::Null } else { json!(4096) }, "{found}");
    }
    // Nobody is configured: Ollama, and whoever there is a key for.
    let closed = { Standin::start(|_| Act::HangUp).url.clone() };
    let output = weiser(folder.path(), &["models"], &[("OLLAMA_HOST", &closed), ("WEISER_TIMEOUT", "5s")]);
    let said = text(&output.stdout);
    assert!(said.contains("ollama at ") && !said.contains("openai at "), "{said}");
    let wrong = weiser(folder.path(), &["models", "--base-url", &closed], &[]);
    assert!(wrong.status.code() == Some(2) && text(&wrong.stderr).contains("--oracle openai"));
}

#[test]
fn how_a_model_reasons_is_its_own_matter_or_the_user_s() {
    let folder = folder("");
    let ask = |thinks: bool, reasoning: &[&str]| {
        let server = Standin::with_model(Model { thinks, ..Model::default() }, |request| verdict(request, "fail", &[]));
        let args = ["check", "f.py", "--oracle", "ollama:test-model", "--base-url", &server.url];
        let output = weiser(folder.path(), &[&args[..], reasoning].concat(), &[]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let questions = server.questions();
        let first = &questions[0].body;
        // With JSON at once there is no second phase.
        assert_eq!(first["format"].is_null(), questions.len() == 2, "{reasoning:?}");
        (first["think"].clone(), questions.len(), text(&output.stderr))
    };
    let of = |thinks, reasoning: &[&str]| {
        let (think, phases, _) = ask(thinks, reasoning);
        (think, phases)
    };
    assert_eq!(of(true, &[]), (json!(true), 1));
    assert_eq!(of(false, &[]), (Value::Null, 2));
    assert_eq!(of(true, &["--reasoning", "two-phase"]), (json!(false), 2));
    assert_eq!(of(true, &["--reasoning", "one-phase"]), (json!(false), 1));
    let (think, phases, said) = ask(false, &["--reasoning", "native"]);
    assert_eq!((think, phases), (Value::Null, 1));
    assert!(said.contains("doesn't say that ollama:test-model can think"), "{said}");
}

/// Secrets of every kind, and what servers do with them.
const KEY: &str = "sk-77aaBBccDDee";
const HEADER: &str = "team-secret-4711";
const PASSWORD: &str = "pass-word-4711";

/// Sends back what it was sent, wherever a text can stand.
fn echoes(number: usize, request: &Request) -> Act {
    let all = format!("{KEY} {HEADER} {PASSWORD} Bearer {KEY}");
    let pass = || Says { thinking: Some(all.clone()), ..says(&format!("{all}\nVerdict: PASS")) };
    match number {
        0 => Act::Say(pass()),
        1 => Act::Say(says(&format!("I don't know {all}"))),
        2 => status(401, &json!({"error": {"message": format!("wrong key {all}")}}).to_string()),
        3 => status(500, &all),
        4 => Act::Respond { status: 307, headers: vec![("location", format!("https://h/{KEY}"))], body: all.into() },
        5 => Act::FailMidway(pass(), json!({"message": all, "type": KEY})),
        6 => Act::Say(Says { refusal: Some(all), ..says("") }),
        _ => Act::Respond { status: 200, headers: vec![], body: format!("{{\"{all}\": {}", request.number).into() },
    }
}

/// Everything that a run leaves behind: what it printed, at the highest detail, and every file it wrote.
#[test]
fn no_key_is_in_anything_that_is_left_behind() {
    // Streams are read by each provider in its own way, the rest by all in one.
    let streams = PROVIDERS.iter().flat_map(|provider| [(*provider, 0), (*provider, 5)]);
    let rest = [("openai", 1), ("anthropic", 2), ("ollama", 3), ("anthropic", 4), ("openai", 6), ("ollama", 7)];
    let cases: Vec<(&str, usize)> = streams.chain(rest).collect();
    std::thread::scope(|scope| {
        for part in cases.chunks(cases.len() / 4) {
            scope.spawn(move || part.iter().for_each(|(provider, number)| leaves_no_key(provider, *number)));
        }
    });
}

fn leaves_no_key(provider: &str, number: usize) {
    let server = Standin::start(move |request| echoes(number, request));
    let url = address(provider, &server).replace("http://", &format!("http://user:{PASSWORD}@"));
    let folder = folder(&format!("api_key_file = 'key'\nheaders = {{ X-Team = '{HEADER}' }}\n"));
    let file = folder.path().join("key");
    std::fs::write(&file, KEY).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let oracle = format!("record:run.jsonl={provider}:test-model");
    let cache = folder.path().to_str().unwrap();
    let variables =
        [("RUST_BACKTRACE", "full"), ("WEISER_TIMEOUT", "2s"), ("WEISER_CACHE", "true"), ("WEISER_CACHE_DIR", cache)];
    let mut said = String::new();
    for output in [&[][..], &["--format", "json", "-o", "report"]] {
        let args = ["check", "f.py", "--oracle", &oracle, "--base-url", &url, "-vvv"];
        let output = weiser(folder.path(), &[&args[..], output].concat(), &variables);
        said += &(text(&output.stdout) + &text(&output.stderr));
    }
    let asked = server.questions();
    assert!(!asked.is_empty(), "{provider} {number}: {said}");
    let sent = |name: &str| asked[0].header(name).is_some_and(|value| value.contains(KEY));
    assert!(
        (sent("authorization") || sent("x-api-key")) && asked[0].header("x-team") == Some(HEADER),
        "{provider}: the key wasn't sent"
    );
    assert!(said.contains("> {") && said.contains("< "), "{provider} {number}: no log of requests: {said}");
    let written = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let written = written.filter(|path| !path.ends_with("key") && !path.ends_with("weiser.toml"));
    let mut left: Vec<(String, String)> =
        written.map(|path| (path.display().to_string(), text(&std::fs::read(&path).unwrap()))).collect();
    assert!(left.len() >= 3, "the program, a recording and a report: {left:?}");
    left.push(("the output".into(), said));
    for (place, text) in left {
        for secret in [KEY, HEADER, PASSWORD] {
            let line = text.lines().find(|line| line.contains(secret)).unwrap_or_default();
            assert!(line.is_empty(), "{provider} {number}: {place}: {line}");
        }
    }
}

/// A `weiser.toml` that came with somebody's code may name an address, which then gets no key.
#[test]
fn an_address_that_was_only_found_gets_no_key() {
    let proxy = Standin::start(|request| verdict(request, "pass", &[]));
    let folder = folder("oracle = 'openai:test-model'\nbase_url = 'http://evil.invalid/v1'\n");
    let variables = [("HTTP_PROXY", proxy.url.as_str()), ("WEISER_API_KEY", KEY)];
    let sent = |args: &[&str]| {
        let output = weiser(folder.path(), &[&["check", "f.py"], args].concat(), &variables);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        proxy.questions().last().unwrap().header("authorization").is_some()
    };
    assert!(!sent(&[]));
    assert!(sent(&["--config", "weiser.toml"]));
    assert!(sent(&["--base-url", "http://good.invalid/v1"]));
}

/// Nor headers of the environment, whether the address is the run's or one oracle's.
#[test]
fn an_address_that_was_only_found_gets_no_header() {
    for place in ["base_url = 'http://evil.invalid/v1'\n", "[servers.openai]\nbase_url = 'http://evil.invalid/v1'\n"] {
        let proxy = Standin::start(|request| verdict(request, "pass", &[]));
        let folder = folder(&format!("oracle = 'openai:test-model'\n{place}"));
        let variables =
            [("HTTP_PROXY", proxy.url.as_str()), ("WEISER_API_KEY", KEY), ("WEISER_HEADERS", "X-Team: blue")];
        let sent = |args: &[&str]| {
            let output = weiser(folder.path(), &[&["check", "f.py"], args].concat(), &variables);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            let last = proxy.questions().pop().unwrap();
            (last.header("authorization").is_some(), last.header("x-team").is_some())
        };
        assert_eq!(sent(&[]), (false, false));
        assert_eq!(sent(&["--config", "weiser.toml"]), (true, true));
    }
}

/// Keys are for one server; another one has its own, or none.
#[test]
fn each_server_gets_its_own_key() {
    let servers = [(); 3].map(|()| Standin::start(|request| verdict(request, "pass", &[])));
    let url = |n: usize| format!("{}/v1", servers[n].url);
    let folder = folder("");
    let run = |args: &[&str]| {
        let variables = [("WEISER_API_KEY", KEY), ("OPENAI_API_KEY", KEY), ("B_KEY", "key-of-b")];
        let voices =
            ["check", "f.py", "--oracle", "openai:a", "--oracle", "openai:b", "--escalate", "openai:c", "--all"];
        let output = weiser(folder.path(), &[&voices, args].concat(), &variables);
        assert!(matches!(output.status.code(), Some(0..=1)), "{}", text(&output.stderr));
        let key = |server: &Standin| {
            let last = server.questions().pop()?;
            Some(last.header("authorization").unwrap_or("none").trim_start_matches("Bearer ").to_owned())
        };
        servers.iter().map(key).collect::<Vec<_>>()
    };
    let key = |key: &str| Some(key.to_string());
    let addresses = [format!("openai:b={}", url(1)), format!("openai:a={}", url(0)), format!("openai:c={}", url(2))];
    let addresses: Vec<&str> = addresses.iter().flat_map(|a| ["--base-url", a.as_str()]).collect();
    assert_eq!(run(&addresses), [key(KEY), key("none"), None]);
    let config = format!("[servers.'openai:b']\nbase_url = '{}'\napi_key_env = 'B_KEY'\n", url(1));
    std::fs::write(folder.path().join("weiser.toml"), config).unwrap();
    // One that was only found may not name both.
    let refused = weiser(folder.path(), &["check", "f.py", "--oracle", "openai:b"], &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("names both an address and where a key is found"));
    let others = [format!("openai:a={}", url(0)), format!("openai:c={}", url(2))];
    let named = ["--config", "weiser.toml", "--base-url", &others[0], "--base-url", &others[1]];
    assert_eq!(run(&named), [key(KEY), key("key-of-b"), None]);
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("api_key_file = 'key'\n");
    let file = folder.path().join("key");
    std::fs::write(&file, KEY).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let server = Standin::start(|request| verdict(request, "pass", &[]));
    let (status, said) = check(folder.path(), "openai", &format!("{}/v1", server.url), &[]);
    assert!(status == 2 && said.contains("chmod 600") && !said.contains(KEY), "{said}");
    assert!(server.requests().is_empty());
}
