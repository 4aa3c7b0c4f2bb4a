//! Against the real llama.cpp server, with a model of random weights: what a stand-in written by the same hand can't prove.

mod asking;
#[path = "llama/server.rs"]
mod server;

use asking::prompt;
use server::{Server, server};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use weiser::oracle::{Level, Log, Oracle, Settings, connect};
use weiser::prompt::{Prompt, Style};
use weiser::verdict::ask::{AskOptions, Asked, Item, Progress, Session, Stop};
use weiser::verdict::{Answer, AnswerKind};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn settings(server: &Server) -> Settings {
    let url = server.url.clone();
    Settings { openai_url: url.clone(), anthropic_url: url, answer_tokens: 600, ..Settings::default() }
}

fn open(spec: &str, settings: &Settings) -> Box<dyn Oracle> {
    runtime().block_on(connect(&spec.parse().unwrap(), settings)).unwrap().oracle
}

fn ask(oracle: &dyn Oracle, slices: &[String], jobs: usize, mut progress: impl FnMut(Progress<'_>)) -> Asked {
    let prompts: Vec<Prompt> = slices.iter().map(|slice| prompt(slice, Style::OnePhase)).collect();
    let items: Vec<Item> =
        slices.iter().zip(&prompts).map(|(slice, prompt)| Item { slice, prompt, probe: None, leaning: None }).collect();
    let session = Session::new(oracle, AskOptions { jobs, all: true, ..AskOptions::default() }, Stop::default());
    runtime().block_on(session.ask_all(&items, &mut progress))
}

fn one(oracle: &dyn Oracle, slice: &str) -> Answer {
    ask(oracle, &[slice.to_string()], 1, |_| {}).answers.remove(0)
}

fn several(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("x = {number};\n")).collect()
}

#[test]
fn verdicts_are_constrained_and_streamed() {
    for (word, kind) in [("pass", AnswerKind::Pass), ("fail", AnswerKind::Fail), ("unknown", AnswerKind::Unknown)] {
        let Some(server) = server(word) else { return };
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = lines.clone();
        let log = Log::new(Level::Bodies, move |line| kept.lock().unwrap().push(line.to_string()));
        let oracle = open("openai:random", &Settings { log: Some(log), ..settings(&server) });
        assert_eq!(oracle.about().context, Some(4096));
        let answer = one(oracle.as_ref(), "x = 1;\n");
        assert_eq!(answer.answer, kind, "{answer:?}");
        assert!(["", "unsure"].contains(&answer.code.as_str()), "{answer:?}");
        assert!(answer.tokens_in > 600 && answer.tokens_out > 10, "{answer:?}");
        let pieces = lines.lock().unwrap().iter().filter(|line| line.starts_with("< data:")).count();
        assert!(pieces > 10, "{pieces} pieces of a stream");
    }
}

/// It speaks Anthropic's messages too, without their way to constrain an answer.
#[test]
fn messages_are_streamed_with_their_counts() {
    let Some(server) = server("pass") else { return };
    let oracle = open("anthropic:random", &Settings { context: Some(4096), ..settings(&server) });
    let answer = one(oracle.as_ref(), "x = 1;\n");
    assert_eq!((answer.answer, answer.code.as_str()), (AnswerKind::Unknown, "out_of_tokens"), "{answer:?}");
    assert_eq!(answer.tokens_out, 600);
    assert!(answer.tokens_in > 600 && answer.raw.is_some_and(|raw| raw.len() > 100));
}

#[test]
fn a_question_beyond_the_context_is_too_long_before_and_after_sending() {
    let Some(server) = server("pass") else { return };
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    let log = Log::new(Level::Requests, move |line| {
        counter.fetch_add(usize::from(line.contains("/chat/completions")), Ordering::SeqCst);
    });
    let oracle = open("openai:random", &Settings { log: Some(log), ..settings(&server) });
    let lines = |count: usize| "if (x > 3) { y = x + 1; total += y; }\n".repeat(count);
    let unsent = one(oracle.as_ref(), &lines(300));
    assert_eq!((unsent.answer, unsent.code.as_str()), (AnswerKind::Unknown, "too_long"), "{unsent:?}");
    assert!(unsent.reason.contains("has 4096") && requests.load(Ordering::SeqCst) == 0, "{unsent:?}");
    // By our count it fits; this model has a token for each letter.
    let sent = one(oracle.as_ref(), &lines(90));
    assert_eq!((sent.answer, sent.code.as_str()), (AnswerKind::Unknown, "too_long"), "{sent:?}");
    assert!(sent.reason.contains("says that the question is too long"), "{sent:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[test]
fn many_questions_are_in_flight() {
    let Some(server) = server("pass") else { return };
    let oracle = open("openai:random", &settings(&server));
    let asked = ask(oracle.as_ref(), &several(40), 16, |_| {});
    assert_eq!(asked.answers.len(), 40);
    assert!(asked.answers.iter().all(|answer| answer.answer == AnswerKind::Pass), "{:?}", asked.answers);
}

#[test]
fn a_server_that_is_killed_and_comes_back_costs_no_answer() {
    let Some(server) = server("pass") else { return };
    let retried = Arc::new(AtomicUsize::new(0));
    let counter = retried.clone();
    let log = Log::new(Level::Requests, move |line| {
        counter.fetch_add(usize::from(line.contains("trying again")), Ordering::SeqCst);
    });
    let oracle = open("openai:random", &Settings { log: Some(log), ..settings(&server) });
    let server = Arc::new(Mutex::new(server));
    let mut restarts = Vec::new();
    let asked = ask(oracle.as_ref(), &several(40), 4, |progress| {
        if progress.done == 5 {
            server.lock().unwrap().kill();
            let server = server.clone();
            restarts.push(std::thread::spawn(move || server.lock().unwrap().start_again()));
        }
    });
    restarts.into_iter().for_each(|restart| restart.join().unwrap());
    assert!(asked.answers.iter().all(|answer| answer.answer == AnswerKind::Pass), "{:?}", asked.answers);
    let retried = retried.load(Ordering::SeqCst);
    assert!(retried > 0, "nobody noticed");
    assert!(retried <= 16, "{retried} retries of four questions");
}
