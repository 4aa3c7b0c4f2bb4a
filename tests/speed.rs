//! How long asking takes, on a stand-in that answers after a fixed time. Measured, not judged: a machine that is busy with
//! something else would fail it.
//!
//! `cargo test --release --test speed -- --ignored --nocapture`

mod asking;
mod standin;

use standin::{Act, Says, Standin, says};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use weiser::oracle::{Settings, connect};
use weiser::prompt::{Prompt, Style};
use weiser::verdict::ask::{AskOptions, Item, Session, Stop};

const PASS: &str = r#"{"reason":"r","verdict":"pass","counterexample":[]}"#;
const QUESTIONS: usize = 500;

/// After a fixed time, without counting what was asked: the server is not what is measured.
fn answers(after: Duration) -> impl Fn(&standin::Request) -> Act + Send + Sync + 'static {
    move |_| Act::Later(after, Box::new(Act::Say(Says { prompt_tokens: Some(600), ..says(PASS) })))
}

fn prompt(number: usize) -> Prompt {
    asking::prompt(&format!("x = {number};\n"), Style::OnePhase)
}

/// Wall time over what `jobs` that are never idle would need.
#[test]
#[ignore = "measures"]
fn jobs_are_kept_in_flight() {
    let prompts: Vec<Prompt> = (0..QUESTIONS).map(prompt).collect();
    let items: Vec<Item> =
        prompts.iter().map(|prompt| Item { slice: "s", prompt, probe: None, leaning: None }).collect();
    println!("{QUESTIONS} questions; wall over ideal time");
    for provider in ["ollama", "openai", "anthropic"] {
        for (jobs, after) in [(1, 10), (8, 100), (32, 200), (100, 500)] {
            let after = Duration::from_millis(after);
            let server = Standin::start(answers(after));
            let url = format!("{}/v1", server.url);
            let settings = Settings {
                ollama_url: server.url.clone(),
                openai_url: url.clone(),
                anthropic_url: url,
                ..Settings::default()
            };
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let spec = format!("{provider}:test-model").parse().unwrap();
            let oracle = runtime.block_on(connect(&spec, &settings)).unwrap().oracle;
            let session = Session::new(oracle.as_ref(), AskOptions { jobs, ..AskOptions::default() }, Stop::default());
            let begun = Instant::now();
            let asked = runtime.block_on(session.ask_all(&items, &mut |_| {}));
            let wall = begun.elapsed().as_secs_f64();
            assert_eq!(asked.answers.len(), QUESTIONS);
            let ideal = QUESTIONS.div_ceil(jobs) as f64 * after.as_secs_f64();
            println!(
                "{provider:9} {jobs:3} jobs, {after:5.0?} each: {wall:6.2} s / {ideal:5.2} s = {:.3}",
                wall / ideal
            );
        }
    }
}

/// From the start of the program to its first question; and to the end of `slices`, which does everything up to the
/// question, and of `schema`, which does nothing. What lies between those two is the tokenizer, but for a small file's
/// analysis.
#[test]
#[ignore = "measures"]
fn start_to_first_question() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f.c"), "int f(int x) {\n    // POST: x > 0\n    return x;\n}\n").unwrap();
    let first: Arc<Mutex<Option<Instant>>> = Arc::default();
    let seen = first.clone();
    let server = Standin::start(move |request| {
        seen.lock().unwrap().get_or_insert_with(Instant::now);
        answers(Duration::ZERO)(request)
    });
    let url = format!("{}/v1", server.url);
    let best = |args: &[&str]| {
        let one = || {
            *first.lock().unwrap() = None;
            let begun = Instant::now();
            let mut command = Command::new(env!("CARGO_BIN_EXE_weiser"));
            command.env("WEISER_CACHE", "false");
            assert!(command.current_dir(folder.path()).args(args).output().unwrap().status.success());
            first.lock().unwrap().map_or(begun.elapsed(), |at| at - begun)
        };
        (0..20).map(|_| one()).min().unwrap()
    };
    let asking = best(&["check", "f.c", "--oracle", "openai:test-model", "--base-url", &url]);
    let slicing = best(&["slices", "f.c"]);
    let nothing = best(&["schema", "slices"]);
    let rest = asking - slicing.saturating_sub(nothing);
    println!("first question after {asking:.1?}, slices {slicing:.1?}, nothing {nothing:.1?} (best of 20 each)");
    println!("without the tokenizer: {rest:.1?}");
}
