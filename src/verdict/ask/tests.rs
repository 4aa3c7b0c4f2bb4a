use super::*;
use crate::oracle::{About, Finish, Question, Reply};
use crate::prompt::{Form, Style, sample};
use crate::verdict::{Outcome, outcome};
use futures_util::future::BoxFuture;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Answers by what the code says: `slice 3` is looked up in the script.
struct Scripted {
    about: About,
    script: Vec<Script>,
    asked: AtomicUsize,
    most: AtomicUsize,
    flying: AtomicUsize,
}

#[derive(Debug, Clone)]
struct Script {
    after: u64,
    says: Result<&'static str, OracleError>,
    finish: Finish,
    then: Result<&'static str, OracleError>,
}

const PASS: &str = r#"{"reason":"holds","verdict":"pass","counterexample":[]}"#;
const FAIL: &str = r#"{"reason":"breaks","verdict":"fail","counterexample":[{"name":"x","value":"3"}]}"#;
const UNSURE: &str = r#"{"reason":"hm","verdict":"unknown","counterexample":[]}"#;

fn says(text: &'static str) -> Script {
    Script { after: 0, says: Ok(text), finish: Finish::Stop, then: Ok("nothing") }
}

fn fails(error: OracleError) -> Script {
    Script { says: Err(error), ..says("") }
}

fn refused_connection() -> OracleError {
    OracleError::NoServer { url: "http://127.0.0.1:1".into(), why: "connection refused".into() }
}

impl Scripted {
    fn new(script: Vec<Script>) -> Self {
        let about = About { oracle: "test".into(), model: "m".into(), ..About::default() };
        Scripted { about, script, asked: 0.into(), most: 0.into(), flying: 0.into() }
    }
}

/// Counts down also when the question is given up.
struct Landing<'a>(&'a AtomicUsize);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Oracle for Scripted {
    fn about(&self) -> &About {
        &self.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let flying = self.flying.fetch_add(1, Ordering::SeqCst) + 1;
            let _landing = Landing(&self.flying);
            self.most.fetch_max(flying, Ordering::SeqCst);
            let user = &question.prompt.user;
            let digits =
                |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<usize>();
            let script = match user.split("slice ").nth(1).map(digits) {
                Some(Ok(number)) => &self.script[number],
                _ => &self.script[0],
            };
            tokio::time::sleep(Duration::from_millis(script.after)).await;
            let text = if question.prompt.form == Form::Extract { script.then.clone() } else { script.says.clone() }?;
            Ok(Reply {
                text: text.to_string(),
                thinking: String::new(),
                finish: script.finish.clone(),
                tokens_in: 100,
                tokens_out: 10,
                oracle: "test".into(),
                model: "m".into(),
                digest: String::new(),
                prompt_cut: text.starts_with("cut"),
                ms: 1,
                cached: false,
            })
        })
    }
}

fn prompts(count: usize, style: Style) -> Vec<(String, Prompt)> {
    (0..count).map(|number| (format!("s{number}"), sample(&format!("slice {number}\n"), style))).collect()
}

fn run(oracle: &Scripted, style: Style, jobs: usize, all: bool, stop: Stop) -> Asked {
    let prompts = prompts(oracle.script.len(), style);
    let items: Vec<Item> =
        prompts.iter().map(|(slice, prompt)| Item { slice, prompt, probe: None, leaning: None }).collect();
    let session = Session::new(oracle, AskOptions { jobs, all, ..AskOptions::default() }, stop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(session.ask_all(&items, &mut |_| {}))
}

fn json(script: Vec<Script>, jobs: usize, all: bool) -> (Asked, Scripted) {
    let oracle = Scripted::new(script);
    (run(&oracle, Style::OnePhase, jobs, all, Stop::default()), oracle)
}

fn one(style: Style, script: Script) -> Answer {
    run(&Scripted::new(vec![script]), style, 1, false, Stop::default()).answers.remove(0)
}

fn kinds(asked: &Asked) -> Vec<AnswerKind> {
    asked.answers.iter().map(|answer| answer.answer).collect()
}

use AnswerKind::*;

#[test]
fn questions_end_with_the_first_failure() {
    let (asked, oracle) = json(vec![says(PASS), says(FAIL), says(PASS), says(FAIL)], 1, false);
    assert_eq!(kinds(&asked), [Pass, Fail]);
    assert_eq!(oracle.asked.load(Ordering::SeqCst), 2);
    assert_eq!(asked.answers[1].counterexample["x"], serde_json::json!(3));
    assert_eq!(kinds(&json(vec![says(PASS), says(FAIL), says(PASS), says(FAIL)], 2, true).0), [Pass, Fail, Pass, Fail]);
}

#[test]
fn a_smaller_failure_in_flight_wins_over_a_larger_that_came_first() {
    let slow = |script: Script, after| Script { after, ..script };
    let (asked, oracle) =
        json(vec![slow(says(PASS), 30), slow(says(FAIL), 20), says(FAIL), slow(says(PASS), 900)], 4, false);
    assert_eq!(kinds(&asked), [Pass, Fail]);
    assert_eq!(asked.dropped, Spent { questions: 1, tokens_in: 100, tokens_out: 10 });
    assert_eq!(oracle.flying.load(Ordering::SeqCst), 0, "the question in flight was given up");
}

#[test]
fn jobs_are_kept_and_one_is_the_least() {
    let (_, oracle) = json(vec![Script { after: 5, ..says(PASS) }; 9], 3, false);
    assert_eq!(oracle.most.load(Ordering::SeqCst), 3);
    let (asked, oracle) = json(vec![says(PASS); 3], 0, false);
    assert_eq!((asked.answers.len(), oracle.most.load(Ordering::SeqCst)), (3, 1));
}

#[test]
fn one_question_that_goes_wrong_does_not_stop_the_others() {
    let garbage = OracleError::Garbage { url: "u".into(), why: "w".into() };
    let long = OracleError::TooLong { needed: 9, available: 8 };
    let (asked, _) = json(vec![fails(garbage), fails(long), says("?"), says(UNSURE), says(PASS)], 2, false);
    assert_eq!(kinds(&asked), [Error, Unknown, Unknown, Unknown, Pass]);
    let codes: Vec<_> = asked.answers.iter().map(|answer| answer.code.as_str()).collect();
    assert_eq!(codes, ["garbage", "too_long", "unparsable", "unsure", ""]);
    assert_eq!(asked.answers[2].raw.as_deref(), Some("?\n\n?"));
}

#[test]
fn an_unreachable_server_is_asked_once() {
    let (asked, oracle) = json(vec![fails(refused_connection()); 50], 1, false);
    assert_eq!(oracle.asked.load(Ordering::SeqCst), 1);
    assert_eq!(asked.answers.len(), 50);
    assert!(asked.answers.iter().all(|answer| answer.code == "no_server" && answer.reason == asked.answers[0].reason));
    assert_eq!(outcome(&asked.answers, 50, true, false).0, Outcome::Undecided);
}

#[test]
fn a_stopped_run_keeps_what_was_answered() {
    let stop = Stop::default();
    stop.now();
    let oracle = Scripted::new(vec![says(PASS); 3]);
    let asked = run(&oracle, Style::OnePhase, 1, false, stop);
    assert_eq!(oracle.asked.load(Ordering::SeqCst), 0);
    assert!(asked.answers.iter().all(|answer| answer.code == "cancelled" && answer.answer == Error));

    let stop = Stop::default();
    let hanging = Script { after: u64::MAX >> 24, ..says(PASS) };
    let oracle = Scripted::new(vec![says(PASS), hanging]);
    let prompts = prompts(2, Style::OnePhase);
    let items: Vec<Item> =
        prompts.iter().map(|(slice, prompt)| Item { slice, prompt, probe: None, leaning: None }).collect();
    let session = Session::new(&oracle, AskOptions { jobs: 2, ..AskOptions::default() }, stop.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asked = runtime.block_on(session.ask_all(&items, &mut |progress| {
        assert_eq!((progress.done, progress.total), (1, 2));
        stop.now();
    }));
    assert_eq!(kinds(&asked), [Pass, Error]);
    assert_eq!(asked.answers[1].code, "cancelled");
}

/// Whatever was said stays, in the order in which it was asked.
#[test]
fn replies_are_kept() {
    let told = |style, script: Script| -> Vec<(String, String)> {
        one(style, script).replies.into_iter().map(|said| (said.phase, said.text)).collect()
    };
    let pairs = |list: &[(&str, &str)]| list.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect::<Vec<_>>();
    assert_eq!(told(Style::OnePhase, says(PASS)), pairs(&[("json", PASS)]));
    assert_eq!(told(Style::OnePhase, says("hm")), pairs(&[("json", "hm"), ("repair", "hm")]));
    let failed = "x = 3 breaks it\nVerdict: FAIL";
    let two = |then| told(Style::TwoPhase, Script { then, ..says(failed) });
    assert_eq!(two(Ok(FAIL)), pairs(&[("reasoning", failed), ("extract", FAIL)]));
    assert_eq!(two(Ok(PASS)), pairs(&[("reasoning", failed), ("extract", PASS)]));
    assert_eq!(two(Err(refused_connection())), pairs(&[("reasoning", failed)]));
    let lost = Script { then: Err(refused_connection()), ..says("I can't say") };
    assert_eq!(told(Style::TwoPhase, lost), pairs(&[("reasoning", "I can't say")]));
}

#[test]
fn two_phases_are_two_questions_only_where_something_is_left_to_read() {
    let passed = one(Style::TwoPhase, says("All paths set x to 1.\nVerdict: PASS"));
    assert_eq!((passed.answer, passed.tokens_in), (Pass, 100));
    assert_eq!(passed.reason, "All paths set x to 1.");

    let failed = one(Style::TwoPhase, Script { then: Ok(FAIL), ..says("x = 3 breaks it\nVerdict: FAIL") });
    assert_eq!((failed.answer, failed.tokens_in, failed.tokens_out, failed.ms), (Fail, 200, 20, 2));
    assert_eq!((failed.reason.as_str(), failed.counterexample["x"].clone()), ("breaks", serde_json::json!(3)));

    let understood = one(Style::TwoPhase, Script { then: Ok(PASS), ..says("So the answer is PASS.") });
    assert_eq!((understood.answer, understood.tokens_in), (Pass, 200));

    assert_eq!(one(Style::TwoPhase, says(FAIL)).tokens_in, 100);
}

#[test]
fn the_second_phase_never_changes_a_verdict() {
    let fail = "x = 3 breaks it\nVerdict: FAIL";
    for text in [PASS, UNSURE] {
        let answer = one(Style::TwoPhase, Script { then: Ok(text), ..says(fail) });
        assert_eq!((answer.answer, answer.code.as_str(), answer.tokens_in), (Unknown, "contradiction", 200));
        assert!(answer.raw.unwrap().contains("x = 3"));
    }
    for then in [Ok("no json"), Err(refused_connection())] {
        let answer = one(Style::TwoPhase, Script { then, ..says(fail) });
        assert_eq!((answer.answer, answer.reason.as_str()), (Fail, "x = 3 breaks it"));
    }
    let nothing = one(Style::TwoPhase, Script { then: Ok("hm"), ..says("I can't say") });
    assert_eq!((nothing.answer, nothing.code.as_str()), (Unknown, "unparsable"));
    assert_eq!(nothing.raw.as_deref(), Some("I can't say\n\nhm\n\nhm"));
    let lost = one(Style::TwoPhase, Script { then: Err(refused_connection()), ..says("I can't say") });
    assert_eq!((lost.answer, lost.code.as_str(), lost.tokens_in), (Error, "no_server", 100));
}

#[test]
fn what_was_cut_refused_or_used_up_is_unknown_whatever_the_text_says() {
    for (finish, text, code) in [
        (Finish::Length, PASS, "out_of_tokens"),
        (Finish::Length, "", "out_of_tokens"),
        (Finish::Length, "Verdict: PASS", "out_of_tokens"),
        (Finish::Refused("no".into()), PASS, "refused"),
        (Finish::Stop, "cut\nVerdict: PASS", "prompt_cut"),
        (Finish::Stop, "", "unparsable"),
    ] {
        for style in [Style::OnePhase, Style::TwoPhase] {
            let answer = one(style, Script { finish: finish.clone(), ..says(text) });
            assert_eq!((answer.answer, answer.code.as_str()), (Unknown, code), "{text} {style:?}");
            assert!(!answer.reason.is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn the_answers_do_not_depend_on_timing(
        slices in proptest::collection::vec((0_usize..4, 0_u64..50), 1..8), jobs in 1_usize..5, all: bool,
    ) {
        let garbage = OracleError::Garbage { url: "u".into(), why: "w".into() };
        let kinds_of = [says(PASS), says(FAIL), says("?"), fails(garbage)];
        let timed = |with_time: bool| slices.iter()
            .map(|(kind, after)| Script { after: if with_time { *after } else { 0 }, ..kinds_of[*kind].clone() })
            .collect::<Vec<_>>();
        let (asked, _) = json(timed(true), jobs, all);
        let (alone, _) = json(timed(false), 1, all);
        prop_assert_eq!(&asked.answers, &alone.answers);
        let first = slices.iter().position(|(kind, _)| *kind == 1);
        let expected = if all { slices.len() } else { first.map_or(slices.len(), |at| at + 1) };
        prop_assert_eq!(asked.answers.len(), expected);
        prop_assert_eq!(outcome(&asked.answers, slices.len(), true, false).2, first.map(|at| format!("s{at}")));
    }
}
