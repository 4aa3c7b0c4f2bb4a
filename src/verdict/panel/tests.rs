use super::*;
use crate::oracle::{About, Finish, OracleError, Question, Reply};
use crate::prompt::sample;
use crate::verdict::Leaner;
use crate::verdict::ask::{AskOptions, Lean, Leaning, Stop};
use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Answers its votes in turn: `p`, `f`, `u`, `e` (an error), `d` (an error that ends the run); the probe as in `probe`.
struct Says {
    about: About,
    votes: &'static str,
    probe: char,
    asked: AtomicUsize,
}

fn oracle(model: &str, votes: &'static str) -> Says {
    let about = About { oracle: "test".into(), model: model.into(), ..About::default() };
    Says { about, votes, probe: 'p', asked: 0.into() }
}

impl Oracle for Says {
    fn about(&self) -> &About {
        &self.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let vote = self.votes.chars().nth(question.vote as usize).unwrap_or('u');
        let vote = if question.prompt.user.contains("other words") { self.probe } else { vote };
        let (verdict, value) = match vote {
            'p' => ("pass", String::new()),
            'f' => ("fail", format!(r#"{{"name":"x","value":"{}"}}"#, question.vote)),
            _ => ("unknown", String::new()),
        };
        let reply = match vote {
            'e' => Err(OracleError::Garbage { url: "u".into(), why: "w".into() }),
            'd' => Err(OracleError::NoServer { url: "u".into(), why: "w".into() }),
            _ => Ok(Reply {
                text: format!(
                    r#"{{"reason":"{}","verdict":"{verdict}","counterexample":[{value}]}}"#,
                    self.about.model
                ),
                thinking: String::new(),
                finish: Finish::Stop,
                tokens_in: 100,
                tokens_out: 10,
                oracle: "test".into(),
                model: self.about.model.clone(),
                digest: String::new(),
                prompt_cut: false,
                ms: 1,
                cached: vote == 'p',
            }),
        };
        Box::pin(std::future::ready(reply))
    }
}

fn run(oracles: &[&Says], votes: u32, escalate: Option<&Says>, probe: bool) -> Answer {
    let oracles: Vec<(&dyn Oracle, Style)> = oracles.iter().map(|o| (*o as &dyn Oracle, Style::OnePhase)).collect();
    let escalate = escalate.map(|o| (o as &dyn Oracle, Style::OnePhase));
    let voting = Voting { oracles: oracles.clone(), votes, escalate };
    let options = AskOptions { jobs: 2, ..AskOptions::default() };
    let session = Session::new(oracles[0].0, options, Stop::default()).voting(&voting);
    let (asked, other) = (sample("words", Style::OnePhase), sample("other words", Style::OnePhase));
    let items = [Item { slice: "s", prompt: &asked, probe: probe.then_some(&other), leaning: None }];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(session.ask_all(&items, &mut |_| ())).answers.swap_remove(0)
}

fn votes(script: &'static str) -> (Answer, usize) {
    let says = oracle("m", script);
    let answer = run(&[&says], script.len() as u32, None, false);
    (answer, says.asked.load(Ordering::SeqCst))
}

#[test]
fn the_majority_decides_and_no_vote_is_asked_in_vain() {
    use AnswerKind::*;
    for (script, kind, code, asked, agreement) in [
        ("p", Pass, "", 1, None),
        ("ppfff", Fail, "", 5, Some(0.6)),
        ("pfpfp", Pass, "", 5, Some(0.6)),
        ("pppff", Pass, "", 3, Some(1.0)),
        ("ffp", Fail, "", 2, Some(1.0)),
        ("pf", Unknown, "split", 2, Some(0.5)),
        ("ppff", Unknown, "split", 4, Some(0.5)),
        ("pfu", Unknown, "split", 3, Some(0.333)),
        ("ppu", Pass, "", 2, Some(1.0)),
        ("pup", Pass, "", 3, Some(0.667)),
        ("uup", Unknown, "unsure", 2, Some(1.0)),
        ("epp", Pass, "", 3, Some(0.667)),
        ("eef", Error, "garbage", 2, Some(1.0)),
        ("ufeup", Unknown, "unsure", 4, Some(0.75)),
    ] {
        let (answer, times) = votes(script);
        assert_eq!((answer.answer, answer.code.as_str(), times), (kind, code, asked), "{script}");
        assert_eq!((answer.agreement(), answer.asked as usize), (agreement, asked), "{script}");
    }
}

/// Every vote, then the probe's, then the stronger model's, each once.
#[test]
fn all_replies_are_kept() {
    let told = |answer: Answer| -> Vec<(String, bool)> {
        answer.replies.into_iter().map(|said| (said.origin.model, said.probe)).collect()
    };
    let name = |n: &str, probe| (n.to_owned(), probe);
    assert_eq!(told(votes("p").0), [name("m", false)]);
    assert_eq!(told(votes("pf").0), [name("m", false), name("m", false)]);
    let (small, large) = (oracle("small", "fp"), Says { probe: 'f', ..oracle("large", "f") });
    let small = Says { probe: 'f', ..small };
    let answer = run(&[&small], 1, Some(&large), true);
    assert_eq!(told(answer), [name("small", false), name("small", true), name("large", false), name("large", true)]);
}

#[test]
fn what_votes_took_is_added_up() {
    let (answer, _) = votes("pfp");
    assert_eq!((answer.tokens_in, answer.tokens_out, answer.ms, answer.cached), (300, 30, 3, false));
    assert_eq!(answer.votes, Votes { pass: 2, fail: 1, unknown: 0 });
    assert_eq!(answer.ballots.len(), 3);
    assert!(votes("pp").0.cached);
    let (answer, _) = votes("uff");
    assert_eq!(answer.counterexample["x"], serde_json::json!(1));
}

#[test]
fn models_vote_in_turn() {
    let (a, b, c) = (oracle("a", "pp"), oracle("b", "ff"), oracle("c", "pp"));
    let answer = run(&[&a, &b], 1, None, false);
    assert_eq!((answer.answer, answer.code.as_str()), (AnswerKind::Unknown, "split"));
    assert_eq!(answer.reason, "no majority among 2 votes: 1 for pass (test:a), 1 for fail (test:b)");
    let answer = run(&[&a, &b, &c], 1, None, false);
    assert_eq!((answer.answer, answer.agreement()), (AnswerKind::Pass, Some(0.667)));
    let answer = run(&[&c, &a], 2, None, false);
    assert_eq!((answer.answer, answer.ballots.len()), (AnswerKind::Pass, 3));
    assert_eq!(answer.ballots[1].origin.model, "a", "each model votes before one votes again");
}

#[test]
fn a_dead_model_does_not_end_the_run_while_another_lives() {
    let (dead, alive) = (oracle("dead", "d"), oracle("b", "p"));
    assert_eq!(run(&[&dead, &alive], 1, None, false).code, "split");
    let gone = run(&[&dead], 3, None, false);
    assert_eq!((gone.answer, gone.code.as_str()), (AnswerKind::Error, "no_server"));
}

#[test]
fn fails_and_splits_go_to_the_stronger_model_and_nothing_else() {
    for (script, strong, kind, asked) in [
        ("f", "p", AnswerKind::Pass, 1),
        ("f", "f", AnswerKind::Fail, 1),
        ("f", "u", AnswerKind::Unknown, 1),
        ("f", "e", AnswerKind::Error, 1),
        ("pf", "f", AnswerKind::Fail, 1),
        ("p", "f", AnswerKind::Pass, 0),
        ("u", "f", AnswerKind::Unknown, 0),
        ("e", "f", AnswerKind::Error, 0),
    ] {
        let (weak, strong) = (oracle("weak", script), oracle("strong", strong));
        let answer = run(&[&weak], script.len() as u32, Some(&strong), false);
        assert_eq!((answer.answer, strong.asked.load(Ordering::SeqCst)), (kind, asked), "{script}");
        assert_eq!(answer.overruled.is_some(), asked == 1);
        if asked == 1 {
            assert_eq!((answer.origin.model.as_str(), answer.asked as usize), ("strong", script.len() + 1));
        }
    }
}

#[test]
fn a_verdict_that_changes_with_the_words_is_unstable() {
    for (script, probe, kind, code) in [
        ("p", 'p', AnswerKind::Pass, ""),
        ("f", 'f', AnswerKind::Fail, ""),
        ("p", 'f', AnswerKind::Unknown, "unstable"),
        ("f", 'p', AnswerKind::Unknown, "unstable"),
        ("p", 'u', AnswerKind::Unknown, "unstable"),
        ("p", 'e', AnswerKind::Unknown, "garbage"),
        ("u", 'p', AnswerKind::Unknown, "unsure"),
    ] {
        let says = Says { probe, ..oracle("m", script) };
        let answer = run(&[&says], 1, None, true);
        assert_eq!((answer.answer, answer.code.as_str()), (kind, code), "{script} {probe}");
        assert_eq!(answer.asked, if script == "u" { 1 } else { 2 });
        assert_eq!(answer.counterexample.is_empty(), kind != AnswerKind::Fail);
    }
    let says = oracle("m", "p");
    assert_eq!(run(&[&says], 1, None, false).asked, 1);
}

#[test]
fn the_stronger_model_is_probed_too() {
    let (weak, mut strong) = (oracle("weak", "f"), oracle("strong", "p"));
    let weak = Says { probe: 'f', ..weak };
    let answer = run(&[&weak], 1, Some(&strong), true);
    assert_eq!(answer.answer, AnswerKind::Pass);
    assert_eq!(answer.probe.map(|b| b.origin.model), Some("strong".into()));
    strong.probe = 'f';
    let answer = run(&[&weak], 1, Some(&strong), true);
    assert_eq!((answer.answer, answer.code.as_str()), (AnswerKind::Unknown, "unstable"));
}

/// A lean question, however it comes to be asked.
struct Shorter(Lean);

impl Leaning for Shorter {
    fn lean(&self) -> Option<&Lean> {
        Some(&self.0)
    }
}

fn shorter(probe: bool) -> Shorter {
    let rendered = crate::render::Rendered {
        left_out: vec![],
        kind: crate::render::SliceKind::Class,
        text: "lean words".into(),
        lines: vec![None],
        kept: vec![],
        assumptions: vec![],
    };
    Shorter(Lean {
        leaner: Leaner { id: "l".into(), rendered, tokens: 2, prompt_tokens: 10 },
        prompt: sample("lean words", Style::OnePhase),
        probe: probe.then(|| sample("lean other words", Style::OnePhase)),
    })
}

/// For whom everything but what is lean is too long, and who answers as another does.
struct Small(Says);

impl Oracle for Small {
    fn about(&self) -> &About {
        &self.0.about
    }

    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, OracleError>> {
        match question.prompt.user.contains("lean") {
            true => self.0.ask(question),
            false => Box::pin(std::future::ready(Err(OracleError::TooLong { needed: 9, available: 8 }))),
        }
    }
}

fn lean_run(oracles: &[&dyn Oracle], votes: u32, escalate: Option<&dyn Oracle>, probe: bool) -> Answer {
    let voting = Voting {
        oracles: oracles.iter().map(|o| (*o, Style::OnePhase)).collect(),
        votes,
        escalate: escalate.map(|o| (o, Style::OnePhase)),
    };
    let options = AskOptions { jobs: 2, ..AskOptions::default() };
    let session = Session::new(oracles[0], options, Stop::default()).voting(&voting);
    let (asked, other) = (sample("words", Style::OnePhase), sample("other words", Style::OnePhase));
    let lean = shorter(probe);
    let items = [Item { slice: "s", prompt: &asked, probe: probe.then_some(&other), leaning: Some(&lean) }];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(session.ask_all(&items, &mut |_| ())).answers.swap_remove(0)
}

#[test]
fn votes_about_a_lean_slice_count_for_no_pass() {
    use AnswerKind::*;
    // Exact votes of a model that holds the slice, beside those of one that doesn't.
    for (large, small, kind, code) in [
        ("p", "p", Unknown, "split"),
        ("f", "p", Unknown, "split"),
        ("f", "f", Fail, ""),
        ("p", "f", Unknown, "split"),
        ("u", "p", Unknown, "leaner_passes"),
    ] {
        let (large_model, small_model) = (oracle("large", large), Small(oracle("small", small)));
        let answer = lean_run(&[&large_model, &small_model], 1, None, false);
        assert_eq!((answer.answer, answer.code.as_str()), (kind, code), "{large} {small}");
        assert!(answer.leaner.is_some(), "{large} {small}: part of it is about the lean slice");
        assert_eq!(answer.ballots.iter().map(|b| b.lean).collect::<Vec<_>>(), [false, true]);
    }
    // Who holds the exact slice may settle what a lean one left open.
    let (small, higher) = (Small(oracle("small", "f")), oracle("large", "p"));
    let answer = lean_run(&[&small], 1, Some(&higher), false);
    assert_eq!((answer.answer, answer.leaner.is_some()), (Pass, false));
    assert!(answer.overruled.is_some_and(|b| b.lean && b.answer == Fail));
}

#[test]
fn a_probe_is_of_what_the_answer_is_about() {
    let probed = |says: char| {
        let small = Small(Says { probe: says, ..oracle("small", "f") });
        lean_run(&[&small], 1, None, true)
    };
    let same = probed('f');
    assert_eq!((same.answer, same.probe.map(|b| b.lean)), (AnswerKind::Fail, Some(true)));
    let other = probed('p');
    assert_eq!((other.answer, other.code.as_str()), (AnswerKind::Unknown, "unstable"));
}

proptest::proptest! {
    /// Whatever is voted, probed and escalated: where only the lean slice was asked about, nothing passes and nothing holds.
    #[test]
    fn nothing_that_is_said_of_a_lean_slice_ends_in_holds(
        votes in "[pfue]{1,4}", probe in "[pfu]", higher in "[pfu]?", first in 1_u32..4, probing: bool,
    ) {
        let votes: &'static str = votes.leak();
        let higher: &'static str = higher.leak();
        let small = Small(Says { probe: probe.chars().next().unwrap_or('p'), ..oracle("small", votes) });
        let above = Small(Says { probe: 'p', ..oracle("above", higher) });
        let escalate = (!higher.is_empty()).then_some(&above as &dyn Oracle);
        let answer = lean_run(&[&small], first, escalate, probing);
        proptest::prop_assert_ne!(answer.answer, AnswerKind::Pass);
        let (outcome, ..) = crate::verdict::outcome(std::slice::from_ref(&answer), 1, true, false);
        proptest::prop_assert_ne!(outcome, crate::verdict::Outcome::Holds);
        // Were it mistaken for a pass, the outcome would still not be one.
        let mistaken = Answer { answer: AnswerKind::Pass, leaner: Some(Box::new(shorter(false).0.leaner)), ..answer };
        let (outcome, ..) = crate::verdict::outcome(&[mistaken], 1, true, false);
        proptest::prop_assert_ne!(outcome, crate::verdict::Outcome::Holds);
    }
}
