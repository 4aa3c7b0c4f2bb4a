//! Oracles against a server that does everything wrong that servers do: each case with its documented outcome.

mod standin;

use standin::{Act, Model, Request, Says, Standin, says, status, verdict};
use std::time::{Duration, Instant};
use weiser::oracle::{Oracle, OracleError, Settings, connect};
use weiser::prompt::{Prompt, PromptOptions, Style, Subject, build};
use weiser::verdict::ask::{AskOptions, Asked, Item, Session, Stop};
use weiser::verdict::{Answer, AnswerKind, Outcome, outcome};

const PROVIDERS: [&str; 2] = ["ollama", "openai"];
const PASS: &str = r#"{"reason":"r","verdict":"pass","counterexample":[]}"#;

fn settings(url: &str) -> Settings {
    Settings {
        timeout: Duration::from_secs(20),
        backoff: Duration::from_millis(1),
        ollama_url: url.to_string(),
        openai_url: format!("{url}/v1"),
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

fn prompt(slice: &str, style: Style) -> Prompt {
    let subject = Subject {
        language: "C",
        comment: "//",
        slice,
        pre: &[],
        post: "x > 0",
        post_is_code: true,
        at_exit: false,
        params: &["x".to_string()],
        remainder: false,
        baseline: false,
    };
    build(&subject, &PromptOptions { style, seed: 0 })
}

fn ask_slices(oracle: &dyn Oracle, slices: &[&str], style: Style, jobs: usize) -> Asked {
    let prompts: Vec<Prompt> = slices.iter().map(|slice| prompt(slice, style)).collect();
    let items: Vec<Item> =
        slices.iter().zip(&prompts).map(|(slice, prompt)| Item { slice, prompt, probe: None }).collect();
    let session = Session::new(oracle, AskOptions { jobs, all: false, seed: 0 }, Stop::default());
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
    let [first, second] = PROVIDERS.map(|provider| {
        let server = Standin::start(script.clone());
        let answer = ask(provider, &server);
        assert_eq!(answer.origin.oracle, provider);
        assert!(!answer.reason.contains('\n'), "{}", answer.reason);
        (answer.answer, answer.code, server.questions().len())
    });
    assert_eq!(first, second);
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

    let server = Standin::start(|r| verdict(r, "pass", &[]));
    ask("openai", &server);
    let body = &server.questions()[0].body;
    assert_eq!(body["response_format"]["json_schema"]["strict"], true);
    assert_eq!(
        (body["temperature"].as_f64(), body["seed"].as_u64(), body["max_tokens"].as_u64()),
        (Some(0.0), Some(0), Some(4096))
    );
}

#[test]
fn a_server_that_hangs_is_given_up() {
    for provider in PROVIDERS {
        let server = Standin::start(|_| Act::Hang);
        let started = Instant::now();
        let answer = ask_with(provider, &server, |s| s.timeout = Duration::from_millis(300), "x = 1;\n");
        assert_eq!((answer.answer, answer.code.as_str()), (Error, "timeout"));
        assert!(answer.reason.contains("0.3 s") && answer.reason.contains("--timeout"), "{}", answer.reason);
        assert!(started.elapsed() < Duration::from_secs(60));
    }
}

#[test]
fn what_is_no_answer_is_garbage() {
    let body = |kind: &'static str, body: &'static [u8]| {
        both(move |_| Act::Respond {
            status: 200,
            headers: vec![("content-type", kind.to_string())],
            body: body.to_vec(),
        })
    };
    assert_eq!(body("application/json", b"{\"choices\": [{]}\n"), code(Error, "garbage", 1));
    assert_eq!(body("application/json", b"PASS\n"), code(Error, "garbage", 1));
    assert_eq!(body("text/html", b"<html><body>Verdict: PASS</body></html>\n"), code(Error, "garbage", 1));
    assert_eq!(body("application/json", b"{\"choices\":[{\"message\":{\"content\":\"\xff\xfe\"}}],\"message\":{\"content\":\"\xff\"},\"done\":true}\n"), code(Error, "garbage", 1));
}

#[test]
fn the_content_is_read_whatever_its_type_says() {
    for provider in PROVIDERS {
        let server = Standin::start(|request| {
            let body = if request.path == "/api/chat" {
                serde_json::json!({"message": {"content": PASS}, "done": true, "prompt_eval_count": 500})
            } else {
                serde_json::json!({"choices": [{"message": {"content": PASS}}], "usage": {"prompt_tokens": 500}})
            };
            // Also without the line end that streams have.
            Act::Respond {
                status: 200,
                headers: vec![("content-type", "text/plain".into())],
                body: body.to_string().into(),
            }
        });
        assert_eq!(ask(provider, &server).answer, Pass);
    }
}

#[test]
fn what_breaks_off_is_tried_again() {
    assert_eq!(both(|_| Act::CutOff(says(PASS))), code(Error, "cut_stream", 5));
    assert_eq!(both(|r| if r.number < 2 { Act::CutOff(says(PASS)) } else { Act::Say(says(PASS)) }), code(Pass, "", 3));
    assert_eq!(both(|r| if r.number < 1 { Act::HangUp } else { Act::Say(says(PASS)) }), code(Pass, "", 2));
    let midway = |_: &Request| Act::FailMidway(says(PASS), "llama runner process has terminated".into());
    assert_eq!(both(midway), code(Error, "server", 5));
}

#[test]
fn failures_that_pass_are_tried_again_and_others_are_not() {
    for passing in [500, 502, 503] {
        let busy = move |_: &Request| status(passing, r#"{"error":"server busy"}"#);
        assert_eq!(both(busy), code(Error, "server", 5));
        assert_eq!(both(move |r| if r.number == 0 { busy(r) } else { Act::Say(says(PASS)) }), code(Pass, "", 2));
    }
    assert_eq!(both(|_| status(401, r#"{"error":{"message":"no key"}}"#)), code(Error, "auth", 1));
    assert_eq!(both(|_| status(404, r#"{"error":"model 'test-model' not found"}"#)), code(Error, "no_model", 1));
    assert_eq!(both(|_| status(404, "404 page not found")), code(Error, "garbage", 1));
    assert_eq!(both(|_| status(429, r#"{"error":"slow down"}"#)), code(Error, "rate_limited", 5));
    let long = r#"{"error":{"message":"exceeds the available context size","type":"exceed_context_size_error"}}"#;
    assert_eq!(both(move |_| status(400, long)), code(Unknown, "too_long", 1));
}

#[test]
fn a_server_that_names_a_time_is_given_it() {
    let limited = |seconds: &'static str| {
        move |request: &Request| match request.number {
            0 => {
                Act::Respond { status: 429, headers: vec![("retry-after", seconds.to_string())], body: b"{}".to_vec() }
            }
            _ => Act::Say(says(PASS)),
        }
    };
    let server = Standin::start(limited("1"));
    let started = Instant::now();
    assert_eq!(ask("openai", &server).answer, Pass);
    assert!(started.elapsed() >= Duration::from_secs(1));
    // Longer than anyone should wait.
    let server = Standin::start(limited("3600"));
    let answer = ask("openai", &server);
    assert_eq!((answer.code.as_str(), server.questions().len()), ("rate_limited", 1));
}

#[test]
fn a_spent_quota_ends_the_run() {
    let server = Standin::start(|_| {
        status(429, r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#)
    });
    let oracle = open("openai", &settings(&server.url)).unwrap();
    let asked = ask_slices(oracle.as_ref(), &["a", "b", "c"], Style::TwoPhase, 1);
    assert!(asked.answers.iter().all(|answer| answer.code == "quota" && answer.answer == Error));
    assert_eq!((asked.answers.len(), server.questions().len()), (3, 1));
}

#[test]
fn refusals_and_used_up_tokens_are_unknown() {
    let server = Standin::start(|_| Act::Say(Says { refusal: Some("I can't help with that".into()), ..says("") }));
    let answer = ask("openai", &server);
    assert_eq!((answer.answer, answer.code.as_str()), (Unknown, "refused"));
    assert!(answer.reason.contains("I can't help"));
    let server = Standin::start(|_| Act::Say(Says { finish: "content_filter", ..says(PASS) }));
    assert_eq!(ask("openai", &server).code, "refused");
    assert_eq!(
        both(|_| Act::Say(Says { finish: "length", thinking: Some("hm".into()), ..says("") })),
        code(Unknown, "out_of_tokens", 1)
    );
    assert_eq!(both(|_| Act::Say(Says { finish: "length", ..says(PASS) })), code(Unknown, "out_of_tokens", 1));
    assert_eq!(both(|_| Act::Say(says("It is unverifiable."))), code(Unknown, "unparsable", 1));
}

#[test]
fn an_endless_answer_is_read_up_to_a_bound() {
    for provider in PROVIDERS {
        let server = Standin::start(|_| Act::Endless);
        let answer = ask(provider, &server);
        assert_eq!((answer.answer, answer.code.as_str()), (Error, "too_much"));
        assert!(server.sent() < 32 << 20, "{}", server.sent());
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
    assert_eq!((ask("openai", &server).code.as_str(), server.questions().len()), ("server", 2));
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
