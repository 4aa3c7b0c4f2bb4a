//! Oracles against a server: what is sent, what is read, what is given up. `faults.rs` has everything that goes wrong.

mod asking;
mod standin;

use asking::prompt;
use standin::{Act, Model, Request, Says, Standin, says, status, verdict};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use weiser::oracle::{Oracle, OracleError, Settings, connect};
use weiser::prompt::{Prompt, Style};
use weiser::verdict::ask::{AskOptions, Asked, Item, Session, Stop};
use weiser::verdict::{Answer, AnswerKind, Outcome, outcome};

const PROVIDERS: [&str; 3] = ["ollama", "openai", "anthropic"];
const PASS: &str = r#"{"reason":"r","verdict":"pass","counterexample":[]}"#;

fn settings(url: &str) -> Settings {
    Settings {
        timeout: Duration::from_secs(20),
        backoff: Duration::from_millis(1),
        ollama_url: url.to_string(),
        openai_url: format!("{url}/v1"),
        anthropic_url: format!("{url}/v1"),
        ..Settings::default()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn open(provider: &str, settings: &Settings) -> Result<Box<dyn Oracle>, OracleError> {
    open_model(&format!("{provider}:test-model"), settings)
}

fn open_model(spec: &str, settings: &Settings) -> Result<Box<dyn Oracle>, OracleError> {
    let spec = spec.parse().unwrap();
    Ok(runtime().block_on(connect(&spec, settings))?.oracle)
}

fn ask_slices(oracle: &dyn Oracle, slices: &[&str], style: Style, jobs: usize) -> Asked {
    let prompts: Vec<Prompt> = slices.iter().map(|slice| prompt(slice, style)).collect();
    let items: Vec<Item> =
        slices.iter().zip(&prompts).map(|(slice, prompt)| Item { slice, prompt, probe: None, leaning: None }).collect();
    let session = Session::new(oracle, AskOptions { jobs, ..AskOptions::default() }, Stop::default());
    runtime().block_on(session.ask_all(&items, &mut |_| {}))
}

/// A slice whose question is too large for the smallest contexts.
fn long_slice() -> String {
    "if (x > 3) { y = x + 1; total += y; }\n".repeat(300)
}

fn ask_with(provider: &str, server: &Standin, change: impl Fn(&mut Settings), slice: &str) -> Answer {
    let mut settings = settings(&server.url);
    change(&mut settings);
    let oracle = open(provider, &settings).unwrap();
    ask_slices(oracle.as_ref(), &[slice], Style::OnePhase, 1).answers.remove(0)
}

fn ask(provider: &str, server: &Standin) -> Answer {
    ask_with(provider, server, |_| {}, "x = 1;\n")
}

/// Kind and code of the answer, the same with both providers, and how many questions were sent for it.
fn both(script: impl Fn(&Request) -> Act + Send + Sync + Clone + 'static) -> (AnswerKind, String, usize) {
    let [first, second, third] = PROVIDERS.map(|provider| {
        let server = Standin::start(script.clone());
        let answer = ask(provider, &server);
        assert_eq!(answer.origin.oracle, provider);
        assert!(!answer.reason.contains('\n'), "{}", answer.reason);
        (answer.answer, answer.code, server.questions().len())
    });
    assert_eq!(first, second);
    assert_eq!(first, third);
    first
}

fn code(kind: AnswerKind, code: &str, questions: usize) -> (AnswerKind, String, usize) {
    (kind, code.to_string(), questions)
}

use AnswerKind::{Error, Fail, Pass, Unknown};

#[test]
fn right_answers_quick_or_slow() {
    for (word, kind, expected) in [("pass", Pass, ""), ("fail", Fail, ""), ("unknown", Unknown, "unsure")] {
        assert_eq!(both(move |request| verdict(request, word, &[])), code(kind, expected, 1));
        let later =
            move |request: &Request| Act::Later(Duration::from_millis(50), Box::new(verdict(request, word, &[])));
        assert_eq!(both(later), code(kind, expected, 1));
    }
    for provider in PROVIDERS {
        let server = Standin::start(|request| verdict(request, "fail", &[("x", "-1")]));
        let answer = ask(provider, &server);
        assert_eq!(answer.counterexample["x"], serde_json::json!(-1));
        assert_eq!((answer.origin.model.as_str(), answer.votes.fail), ("test-model", 1));
        assert_eq!(answer.tokens_in, prompt("x = 1;\n", Style::OnePhase).tokens + 12);
        assert!(answer.tokens_out > 5);
    }
}

#[test]
fn what_is_sent() {
    let server =
        Standin::with_model(Model { thinks: true, context: 8000, ..Model::default() }, |r| verdict(r, "fail", &[]));
    let oracle = open("ollama", &settings(&server.url)).unwrap();
    assert_eq!((oracle.about().digest.as_str(), oracle.about().thinks), ("sha-of-the-model", true));
    ask_slices(oracle.as_ref(), &["x = 1;\n"], Style::TwoPhase, 1);
    let questions = server.questions();
    assert_eq!(questions.len(), 2);
    for (question, constrained) in questions.iter().zip([false, true]) {
        let body = &question.body;
        assert_eq!(body["truncate"], false);
        assert_eq!(body["shift"], false);
        assert_eq!(body["think"], false, "two phases do the thinking");
        assert_eq!(
            (body["options"]["num_ctx"].as_u64(), body["options"]["temperature"].as_f64()),
            (Some(8000), Some(0.0))
        );
        assert_eq!(question.schema().is_some(), constrained);
    }
    assert!(questions[1].asks("Step 1") && !questions[1].asks("x = 1;"));
    ask_slices(oracle.as_ref(), &["x = 1;\n"], Style::OnePhase, 1);
    assert_eq!(server.questions()[2].body["think"], true);

    // One phase without thinking.
    let quiet = Settings { native_thinking: false, ..settings(&server.url) };
    ask_slices(open("ollama", &quiet).unwrap().as_ref(), &["x = 1;\n"], Style::OnePhase, 1);
    assert_eq!(server.questions()[3].body["think"], false);

    let server =
        Standin::with_model(Model { thinks: true, context: 8000, ..Model::default() }, |r| verdict(r, "pass", &[]));
    let oracle = open("anthropic", &settings(&server.url)).unwrap();
    assert_eq!((oracle.about().context, oracle.about().thinks), (Some(8000), true));
    ask_slices(oracle.as_ref(), &["x = 1;\n"], Style::OnePhase, 1);
    ask_slices(
        open("anthropic", &Settings { native_thinking: false, ..settings(&server.url) }).unwrap().as_ref(),
        &["x = 1;\n"],
        Style::OnePhase,
        1,
    );
    let questions = server.questions();
    assert_eq!(questions[0].header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(
        (&questions[0].body["thinking"]["type"], &questions[0].body["temperature"]),
        (&"adaptive".into(), &serde_json::Value::Null)
    );
    assert_eq!(questions[0].body["output_config"]["format"]["type"], "json_schema");
    assert_eq!(
        (&questions[1].body["thinking"], questions[1].body["temperature"].as_f64()),
        (&serde_json::Value::Null, Some(0.0))
    );
    assert_eq!(questions[1].body["max_tokens"], 4096);

    let server = Standin::start(|r| verdict(r, "pass", &[]));
    ask("openai", &server);
    let body = &server.questions()[0].body;
    assert_eq!(body["response_format"]["json_schema"]["strict"], true);
    assert_eq!(body["stream_options"]["include_usage"], true);
    assert_eq!(
        (body["temperature"].as_f64(), body["seed"].as_u64(), body["max_tokens"].as_u64()),
        (Some(0.0), Some(0), Some(4096))
    );
}

#[test]
fn the_content_is_read_whatever_its_type_says() {
    for provider in PROVIDERS {
        for kind in ["text/plain", "application/octet-stream", ""] {
            let server = Standin::start(move |request| {
                let body = request.protocol().unwrap().whole(&says(PASS), request).to_string();
                // Also without the line end that streams have.
                Act::Respond { status: 200, headers: vec![("content-type", kind.into())], body: body.into() }
            });
            assert_eq!(ask(provider, &server).answer, Pass, "{provider} {kind}");
        }
    }
}

#[test]
fn a_passing_failure_costs_a_try_and_no_answer() {
    let after = |tries: usize, fault: fn() -> Act| {
        both(move |request| if request.number < tries { fault() } else { Act::Say(says(PASS)) })
    };
    assert_eq!(after(2, || Act::CutOff(says(PASS))), code(Pass, "", 3));
    assert_eq!(after(1, || Act::HangUp), code(Pass, "", 2));
    assert_eq!(after(1, || status(503, r#"{"error":"server busy"}"#)), code(Pass, "", 2));
    assert_eq!(after(4, || status(429, "{}")), code(Pass, "", 5));
}

#[test]
fn an_unreadable_reply_is_asked_about_once_more() {
    let unreadable = |request: &Request| match request.number {
        0 => Act::Say(says("It is unverifiable.")),
        _ => verdict(request, "fail", &[("x", "-1")]),
    };
    assert_eq!(both(unreadable), code(Fail, "", 2));
    for provider in PROVIDERS {
        let server = Standin::start(unreadable);
        ask(provider, &server);
        let questions = server.questions();
        assert!(questions[1].user().starts_with(questions[0].user()));
        assert!(questions[1].asks("\nIt is unverifiable.\n=== END") && questions[1].schema().is_some());
        // What stays unreadable keeps everything that was said.
        let server = Standin::start(|request| Act::Say(says(["one", "two"][request.number.min(1)])));
        let answer = ask(provider, &server);
        assert_eq!((answer.answer, answer.code.as_str()), (Unknown, "unparsable"));
        assert_eq!(answer.raw.as_deref(), Some("one\n\ntwo"));
        // In two phases: the reasoning, its extraction, and that once more.
        let server = Standin::start(|request| match request.number {
            0 => Act::Say(says("It fails for -1.")),
            1 => Act::Say(says("{")),
            _ => verdict(request, "fail", &[("x", "-1")]),
        });
        let oracle = open(provider, &settings(&server.url)).unwrap();
        let answer = ask_slices(oracle.as_ref(), &["x = 1;\n"], Style::TwoPhase, 1).answers.remove(0);
        assert_eq!((answer.answer, server.questions().len()), (Fail, 3));
        assert_eq!(answer.counterexample["x"], serde_json::json!(-1));
    }
}

#[test]
fn a_question_that_does_not_fit_is_not_sent() {
    let slice = long_slice();
    for provider in PROVIDERS {
        let server = Standin::start(|r| verdict(r, "pass", &[]));
        let answer = ask_with(provider, &server, |s| s.context = Some(4096), &slice);
        assert_eq!((answer.answer, answer.code.as_str()), (Unknown, "too_long"));
        assert!(answer.reason.contains("has 4096"), "{}", answer.reason);
        assert_eq!(server.questions().len(), 0);
    }
}

#[test]
fn a_prompt_that_may_have_been_cut_never_passes() {
    let slice = long_slice();
    let tokens = prompt(&slice, Style::OnePhase).tokens;
    let answer = |provider: &str, model: Model, counted: Option<u64>| {
        let uncounted = counted.is_none();
        let server =
            Standin::with_model(model, move |_| Act::Say(Says { prompt_tokens: counted, uncounted, ..says(PASS) }));
        ask_with(provider, &server, |s| s.context = Some(16_384), &slice)
    };
    for provider in PROVIDERS {
        for counted in [Some(2048), Some(tokens / 2), Some(1), Some(16_384), None] {
            // What Anthropic says of a model is what it gives it.
            if provider == "anthropic" && counted.is_none() {
                continue;
            }
            let answer = answer(provider, Model::default(), counted);
            assert_eq!((answer.answer, answer.code.as_str()), (Unknown, "prompt_cut"), "{provider} {counted:?}");
        }
        assert_eq!(answer(provider, Model::default(), Some(tokens)).answer, Pass);
    }
    // What is missing was cached, where the server says that it allocated enough.
    let allocated = |allocated| Model { allocated: Some(allocated), ..Model::default() };
    assert_eq!(answer("ollama", allocated(16_384), Some(1)).answer, Pass);
    assert_eq!(answer("ollama", allocated(2048), Some(1)).code, "prompt_cut");
    assert_eq!(answer("openai", allocated(16_384), None).answer, Pass);
    assert_eq!(answer("openai", allocated(16_384), Some(1)).code, "prompt_cut");
    // LM Studio tells its context elsewhere.
    let studio = |loaded| Model { studio: Some(loaded), ..Model::default() };
    assert_eq!(answer("openai", studio(16_384), None).answer, Pass);
    assert_eq!(answer("openai", studio(4096), None).code, "too_long");
    // The model holds less than was asked for.
    assert_eq!(answer("openai", allocated(4096), Some(4096)).code, "too_long");
    assert_eq!(answer("ollama", Model { context: 4096, ..Model::default() }, Some(4096)).code, "too_long");
}

#[test]
fn a_small_prompt_that_was_cached_passes() {
    let server = Standin::start(|_| Act::Say(Says { prompt_tokens: Some(1), ..says(PASS) }));
    assert_eq!(ask("ollama", &server).answer, Pass);
}

#[test]
fn what_a_server_does_not_understand_is_left_out() {
    let server = Standin::start(|request| match request.schema() {
        Some(schema) if schema.to_string().contains("maxLength") => {
            status(400, r#"{"error":{"message":"'maxLength' is not permitted","param":"response_format"}}"#)
        }
        Some(_) => status(400, r#"{"error":"response_format is not supported"}"#),
        None => Act::Say(says(&format!("Sure:\n```json\n{PASS}\n```"))),
    });
    let oracle = open("openai", &settings(&server.url)).unwrap();
    let asked = ask_slices(oracle.as_ref(), &["a", "b"], Style::OnePhase, 1);
    assert!(asked.answers.iter().all(|answer| answer.answer == Pass));
    assert_eq!(server.questions().len(), 4, "the second question knows what the first learned");
    let server = Standin::start(|_| status(400, r#"{"error":"no"}"#));
    assert_eq!((ask("openai", &server).code.as_str(), server.questions().len()), ("rejected", 2));
    // A server that doesn't stream.
    let server = Standin::start(|request| match request.body["stream"] == true {
        true => status(422, r#"{"detail":"stream is not supported"}"#),
        false => Act::Say(says(PASS)),
    });
    assert_eq!((ask("openai", &server).answer, server.questions().len()), (Pass, 2));
}

#[test]
fn a_missing_server_or_model_is_told_before_anything_is_asked() {
    let closed = { Standin::start(|_| Act::Hang).url.clone() };
    for provider in PROVIDERS {
        let error = open(provider, &settings(&closed)).err().unwrap();
        assert_eq!(error.code(), "no_server");
        assert!(error.to_string().contains(&closed), "{error}");
    }
    let server = Standin::with_model(Model { installed: false, ..Model::default() }, |_| Act::Hang);
    let error = open("ollama", &settings(&server.url)).err().unwrap();
    assert_eq!(error.code(), "no_model");
    assert!(error.to_string().contains("`ollama pull test-model`"), "{error}");
    let auto = |configured: Option<&str>| {
        let settings = Settings { configured: configured.map(str::to_string), ..settings(&closed) };
        runtime().block_on(connect(&"auto".parse().unwrap(), &settings)).err().unwrap()
    };
    assert_eq!(auto(None).code(), "usage");
    assert_eq!(auto(Some("auto")).code(), "usage");
    assert_eq!(auto(Some("ollama:m")).code(), "no_server");
    let server = Standin::start(|_| Act::Hang);
    let settings = Settings { configured: Some("ollama:m".into()), ..settings(&server.url) };
    let note = runtime().block_on(connect(&"auto".parse().unwrap(), &settings)).unwrap().note;
    assert!(note.starts_with("ollama:m at http://127.0.0.1") && note.ends_with("(configured)"), "{note}");
}

#[test]
fn a_server_that_dies_ends_the_run_undecided() {
    for provider in PROVIDERS {
        let server = Standin::start(|r| verdict(r, "pass", &[]));
        let oracle = open(provider, &settings(&server.url)).unwrap();
        drop(server);
        let asked = ask_slices(oracle.as_ref(), &["a"; 20], Style::TwoPhase, 4);
        assert!(asked.answers.iter().all(|answer| answer.code == "no_server" && answer.answer == Error));
        assert_eq!(outcome(&asked.answers, 20, true, false).0, Outcome::Undecided);
    }
}

#[test]
fn larger_questions_in_flight_are_given_up() {
    for provider in PROVIDERS {
        let server = Standin::start(|request| match request.user() {
            user if user.contains("slow") => {
                Act::Later(Duration::from_millis(200), Box::new(verdict(request, "pass", &[])))
            }
            user if user.contains("wrong") => verdict(request, "fail", &[]),
            _ => Act::Hang,
        });
        let oracle = open(provider, &settings(&server.url)).unwrap();
        let asked =
            ask_slices(oracle.as_ref(), &["slow", "wrong", "hangs", "hangs too", "never asked"], Style::OnePhase, 4);
        assert_eq!(asked.answers.iter().map(|answer| answer.answer).collect::<Vec<_>>(), [Pass, Fail]);
        assert_eq!(outcome(&asked.answers, 5, true, false).2.as_deref(), Some("wrong"));
        assert_eq!(server.questions().len(), 4);
        drop(oracle);
        for _ in 0..100 {
            if server.hung_up() == 2 {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(server.hung_up(), 2);
    }
}

#[test]
fn a_recorded_run_replays_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let slices = ["a", "b", "odd", "c"];
    for provider in PROVIDERS {
        let path = folder.path().join(provider);
        let model = Model { thinks: provider == "ollama", ..Model::default() };
        let server = Standin::with_model(model, |request| match request.asks("odd") {
            true => Act::Say(says("no verdict")),
            false => verdict(request, "pass", &[]),
        });
        let spec = format!("record:{}={provider}:test-model", path.display()).parse().unwrap();
        let recorder = runtime().block_on(connect(&spec, &settings(&server.url))).unwrap().oracle;
        let recorded = ask_slices(recorder.as_ref(), &slices, Style::TwoPhase, 2);
        drop((recorder, server));
        let spec = format!("replay:{}", path.display()).parse().unwrap();
        let replay = runtime().block_on(connect(&spec, &Settings::default())).unwrap();
        assert!(replay.note.contains(&format!("{provider}:test-model")), "{}", replay.note);
        assert_eq!(replay.oracle.about().thinks, provider == "ollama");
        assert_eq!(ask_slices(replay.oracle.as_ref(), &slices, Style::TwoPhase, 3), recorded);
        let other = ask_slices(replay.oracle.as_ref(), &["z"], Style::TwoPhase, 1).answers.remove(0);
        assert_eq!((other.answer, other.code.as_str()), (Unknown, "not_recorded"));
    }
}

/// Streams that end early without any sign of it but their content.
#[test]
fn an_answer_that_is_cut_anywhere_is_no_pass() {
    for provider in PROVIDERS {
        let cut = Arc::new(AtomicUsize::new(0));
        let at = cut.clone();
        let server = Standin::start(move |request| {
            let protocol = request.protocol().unwrap();
            let mut body = protocol.stream(&says(PASS), request).concat();
            body.truncate(at.load(Ordering::SeqCst));
            Act::Respond { status: 200, headers: vec![("content-type", protocol.stream_type().into())], body }
        });
        let oracle = open(provider, &Settings { retries: 0, ..settings(&server.url) }).unwrap();
        let mut passed = false;
        for length in (0..4000).step_by(9) {
            cut.store(length, Ordering::SeqCst);
            let answer = ask_slices(oracle.as_ref(), &["x = 1;\n"], Style::OnePhase, 1).answers.remove(0);
            // From where the reason to finish is there, and with it the whole text, on.
            passed |= answer.answer == Pass;
            let whole = length > 2 * PASS.len() + 200;
            assert!(whole || !passed, "{provider}: {length} bytes are enough for a pass");
            assert!(!passed || answer.answer == Pass, "{provider} at {length}: {answer:?}");
        }
        assert!(passed, "{provider}");
    }
}

#[test]
fn a_server_in_trouble_is_not_stormed() {
    let slices: Vec<String> = (0..60).map(|number| format!("x = {number};\n")).collect();
    let slices: Vec<&str> = slices.iter().map(String::as_str).collect();
    for provider in PROVIDERS {
        // Eight jobs, five tries each; the run ends after five questions in a row, and those in flight are the last.
        let server = Standin::start(|_| status(503, r#"{"error":"busy"}"#));
        let oracle = open(provider, &settings(&server.url)).unwrap();
        let asked = ask_slices(oracle.as_ref(), &slices, Style::OnePhase, 8);
        assert!(asked.answers.iter().all(|answer| answer.answer == Error));
        assert!(server.questions().len() <= (8 + 5) * 5, "{}", server.questions().len());
        // Whoever is told to wait tells the others.
        let begun = Instant::now();
        let server = Standin::start(move |request| match begun.elapsed() < Duration::from_millis(900) {
            true => Act::Respond { status: 429, headers: vec![("retry-after", "1".into())], body: b"{}".to_vec() },
            false => verdict(request, "pass", &[]),
        });
        let oracle = open(provider, &settings(&server.url)).unwrap();
        let asked = ask_slices(oracle.as_ref(), &slices, Style::OnePhase, 8);
        assert!(asked.answers.iter().all(|answer| answer.answer == Pass));
        assert!(server.questions().len() <= 60 + 8, "{}", server.questions().len());
    }
}

#[test]
fn a_server_is_asked_at_the_pace_that_it_and_the_user_set() {
    let took = |server: &Standin, change: fn(&mut Settings)| {
        let mut settings = settings(&server.url);
        change(&mut settings);
        let oracle = open("openai", &settings).unwrap();
        let begun = Instant::now();
        let asked = ask_slices(oracle.as_ref(), &["a", "b", "c"], Style::OnePhase, 3);
        assert!(asked.answers.iter().all(|answer| answer.answer == Pass));
        begun.elapsed()
    };
    let server = Standin::start(|request| verdict(request, "pass", &[]));
    // The time one's own pace takes is none of the question's.
    let slow = took(&server, |s| {
        s.rates.requests = Some(120);
        s.timeout = Duration::from_millis(700);
    });
    assert!(slow >= Duration::from_millis(990), "{slow:?}");
    // Good answers tell too that nothing is left.
    let server = Standin::start(|request| {
        let body = request.protocol().unwrap().whole(&says(PASS), request).to_string().into_bytes();
        let left = [("x-ratelimit-remaining-tokens", "0".to_string()), ("x-ratelimit-reset-tokens", "600ms".into())];
        Act::Respond { status: 200, headers: left.to_vec(), body }
    });
    let oracle = open("openai", &settings(&server.url)).unwrap();
    let begun = Instant::now();
    ask_slices(oracle.as_ref(), &["a", "b", "c"], Style::OnePhase, 1);
    assert!(begun.elapsed() >= Duration::from_millis(1200), "{:?}", begun.elapsed());
}

/// The key is a variable that cargo sets, since tests can't set one safely.
#[test]
fn the_key_goes_to_the_server_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let key = env!("CARGO_MANIFEST_DIR");
    let server = Standin::start(move |request| match request.number {
        0 => status(401, &format!(r#"{{"error":{{"message":"Incorrect API key provided: {key}"}}}}"#)),
        _ => verdict(request, "pass", &[]),
    });
    let settings = Settings { key_variable: Some("CARGO_MANIFEST_DIR".into()), ..settings(&server.url) };
    let spec = format!("record:{}=openai:test-model", path.display()).parse().unwrap();
    let connected = runtime().block_on(connect(&spec, &settings)).unwrap();
    let asked = ask_slices(connected.oracle.as_ref(), &["a"], Style::TwoPhase, 1);
    assert!(asked.answers[0].reason.contains("provided: [key]"), "{}", asked.answers[0].reason);
    ask_slices(connected.oracle.as_ref(), &["b"], Style::TwoPhase, 1);
    assert_eq!(server.questions()[0].header("authorization"), Some(format!("Bearer {key}").as_str()));
    let recording = std::fs::read_to_string(path).unwrap();
    assert!(recording.lines().count() == 3 && !recording.contains(key));
    assert!(!format!("{asked:?} {settings:?} {}", connected.note).contains(key));
}

/// `STANDIN_PORT=11434 cargo test --test oracle serve -- --ignored --nocapture`: a server to try the program with by hand.
/// It answers FAIL to what holds the word in `STANDIN_FAILS`, else PASS.
#[test]
#[ignore = "serves until it is stopped"]
fn serve() {
    let port = std::env::var("STANDIN_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(0);
    let fails = std::env::var("STANDIN_FAILS").unwrap_or_default();
    let server = Standin::on_port(port, Model::default(), move |request| {
        let failing = !fails.is_empty() && request.asks(&fails);
        verdict(request, if failing { "fail" } else { "pass" }, &[])
    });
    println!("--oracle ollama:test-model at {0}, openai:test-model at {0}/v1", server.url);
    std::thread::park();
}

/// `REAL_SERVER=http://127.0.0.1:18081/v1 cargo test --test oracle real -- --ignored --nocapture`: asks a
/// llama.cpp server whose model is called `tiny-random`, in both styles, and shows what it made of it.
#[test]
#[ignore = "needs a server with a model"]
fn a_real_server() {
    let url = std::env::var("REAL_SERVER").expect("REAL_SERVER holds the address of a server");
    let settings = Settings { openai_url: url, answer_tokens: 900, ..Settings::default() };
    let oracle = open_model("openai:tiny-random", &settings).unwrap();
    println!("{:?}", oracle.about());
    for style in [Style::OnePhase, Style::TwoPhase] {
        let asked = ask_slices(oracle.as_ref(), &["int f(int x) {\n    return x + 1;\n}\n", &long_slice()], style, 2);
        for answer in &asked.answers {
            println!("{style:?}: {:#?}", Answer { slice: String::new(), ..answer.clone() });
        }
        assert!(asked.answers.iter().all(|answer| answer.answer != Error));
    }
}
