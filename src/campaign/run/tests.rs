//! What verdicts on triples come to, and that each server has its own queue.

use super::*;
use crate::campaign::folder::Campaign;
use crate::campaign::plan::analyze;
use crate::campaign::{Method, SubjectRow};
use crate::dataset::Subject;
use crate::report::record::Manifest;
use crate::spec::{ConditionKind, Request};
use crate::verdict::{Ballot, Origin, outcome};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn cell(oracle: &str) -> Cell {
    Cell { dataset: "d".into(), oracle: oracle.into(), method: Method::Slices, votes: 5 }
}

fn subject(id: &str) -> Subject {
    Subject {
        id: id.into(),
        group: "g".into(),
        task: id.into(),
        language: "python".into(),
        path: "f.py".into(),
        text: "def f(x):\n    if x > 0:\n        x = 1\n    return x\n".into(),
        request: Request { post: vec!["result > 0".into()], ..Request::default() },
        label: None,
        kind: ConditionKind::Code,
        property: String::new(),
        origin: String::new(),
        licence: String::new(),
        mistake: String::new(),
        witness: None,
    }
}

fn answer(slice: &str, kind: AnswerKind, code: &str, votes: (usize, usize)) -> Answer {
    let ballot = |answer| {
        let (code, reason) = (String::new(), String::new());
        Ballot { origin: Origin::default(), answer, code, reason, lean: false }
    };
    let (with, against) = votes;
    let other = if kind == AnswerKind::Pass { AnswerKind::Fail } else { AnswerKind::Pass };
    let ballots: Vec<Ballot> = (0..with).map(|_| ballot(kind)).chain((0..against).map(|_| ballot(other))).collect();
    let mut answer = Answer { code: code.into(), tokens_in: 7, ..Answer::blank(slice) }.of_kind(kind);
    let count = |kind| ballots.iter().filter(|b| b.answer == kind).count() as u32;
    answer.votes.pass = count(AnswerKind::Pass);
    answer.votes.fail = count(AnswerKind::Fail);
    Answer { ballots, ..answer }
}

fn judged(file: &FileAnalysis, answers: Vec<Answer>) -> TripleVerdict {
    let (outcome, confidence, least_failing) = outcome(&answers, file.triples[0].slices.len(), true, false);
    let tokens_in = answers.iter().map(|a| a.tokens_in).sum();
    let questions = answers.len() as u64;
    TripleVerdict { outcome, confidence, least_failing, answers, questions, tokens_in, tokens_out: 0 }
}

/// The verdict on a file whose two slices are so answered.
fn of(answers: [(AnswerKind, &str, (usize, usize)); 2]) -> Verdict {
    let file = analyze(&subject("s"), Method::Slices, &Options::default()).unwrap();
    let slices = &file.triples[0].slices;
    assert_eq!(slices.len(), 2);
    let answers = slices.iter().zip(answers).map(|(s, (kind, code, votes))| answer(&s.id, kind, code, votes)).collect();
    verdict(&cell("m"), "s", &file, &[judged(&file, answers)])
}

use AnswerKind::{Error, Fail, Pass, Unknown};

#[test]
fn the_votes_behind_an_outcome() {
    let holds = of([(Pass, "", (3, 0)), (Pass, "", (3, 2))]);
    assert_eq!((holds.outcome, holds.share, holds.cast, holds.tokens_in), (Outcome::Holds, Some(0.6), 5, 14));
    let violated = of([(Pass, "", (3, 2)), (Fail, "", (3, 1))]);
    assert_eq!((violated.outcome, violated.share, violated.cast), (Outcome::Violated, Some(0.75), 4));
    let file = analyze(&subject("s"), Method::Slices, &Options::default()).unwrap();
    assert_eq!(violated.least, Some(file.triples[0].slices[1].tokens));
    assert_eq!(of([(Pass, "", (0, 0)), (Pass, "", (0, 0))]).share, None);
}

#[test]
fn what_is_undecided_has_its_commonest_cause_and_what_was_not_asked_is_open() {
    let unsure = of([(Unknown, "unsure", (0, 0)), (Pass, "", (0, 0))]);
    assert_eq!((unsure.outcome, unsure.cause.as_str(), unsure.open), (Outcome::Undecided, "unsure", false));
    assert_eq!(unsure.share, None);
    for (kind, code) in [(Error, "timeout"), (Unknown, "budget"), (Unknown, "cancelled")] {
        let open = of([(kind, code, (0, 0)), (Pass, "", (0, 0))]);
        assert_eq!((open.outcome, open.cause.as_str(), open.open), (Outcome::Undecided, code, true));
    }
    assert!(of([(Error, "timeout", (0, 0)), (Fail, "", (0, 0))]).open, "a smaller slice may fail too");
    assert_eq!(of([(Unknown, "split", (0, 0)), (Unknown, "budget", (0, 0))]).cause, "budget", "the first by name");
}

/// Passes everything, and notes who was at work at the same time.
struct Slow<'a> {
    name: &'a str,
    busy: &'a AtomicUsize,
    most: &'a AtomicUsize,
    order: &'a Mutex<Vec<String>>,
}

impl Judge for Slow<'_> {
    fn judge(&self, file: &FileAnalysis, triple: usize, _: u32) -> TripleVerdict {
        let now = self.busy.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        locked(self.order).push(self.name.to_owned());
        std::thread::sleep(Duration::from_millis(20));
        self.busy.fetch_sub(1, Ordering::SeqCst);
        let slices = &file.triples[triple].slices;
        judged(file, slices.iter().map(|s| answer(&s.id, Pass, "", (0, 0))).collect())
    }
}

#[test]
fn a_server_is_asked_as_much_as_it_takes_and_one_oracle_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let subjects: Vec<Subject> = (0..6).map(|i| subject(&format!("s{i}"))).collect();
    let cells = [cell("one"), cell("two"), cell("gone")];
    let campaign = Campaign { cells: cells.to_vec(), ..serde_json::from_str(EMPTY).unwrap() };
    let manifest: Manifest = serde_json::from_str(MANIFEST).unwrap();
    let rows: Vec<SubjectRow> = Vec::new();
    let open = Folder::open(&folder.path().join("run"), &campaign, &rows, &manifest).unwrap();
    let units: Vec<Unit> =
        cells.iter().flat_map(|cell| subjects.iter().map(move |subject| Unit { cell, subject })).collect();
    let (busy, most, order) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let opened = AtomicUsize::new(0);
    let voice = |name: &'static str| Voice {
        name: name.into(),
        server: "same".into(),
        jobs: 2,
        open: Box::new({
            let (busy, most, order, opened) = (&busy, &most, &order, &opened);
            move || {
                opened.fetch_add(1, Ordering::SeqCst);
                match name {
                    "gone" => Err("no server".into()),
                    name => Ok(Box::new(Slow { name, busy, most, order })),
                }
            }
        }),
    };
    let voices = [voice("one"), voice("two"), voice("gone")];
    let (events, heard) = std::sync::mpsc::channel();
    let folder = Mutex::new(open);
    let how = How { options: Options::default(), strict: false };
    run(&units, &voices, &how, &folder, &Stop::default(), &events);
    drop(events);
    let heard: Vec<Event> = heard.iter().collect();
    let judged: BTreeSet<(String, String)> = heard
        .iter()
        .filter_map(|e| match e {
            Event::Judged(v) => Some((v.cell.oracle.clone(), v.subject.clone())),
            _ => None,
        })
        .collect();
    assert_eq!((judged.len(), locked(&folder).done.len()), (12, 12));
    let lost: Vec<&str> = heard
        .iter()
        .filter_map(|e| match e {
            Event::NotAsked { oracle, .. } => Some(oracle.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(lost, ["gone"], "told once");
    assert_eq!((most.load(Ordering::SeqCst), opened.load(Ordering::SeqCst)), (2, 3));
    let order = locked(&order).clone();
    // With two at a time, the last of the one may be beside the first of the other.
    assert!(order[..5].iter().all(|n| n == "one") && order[7..].iter().all(|n| n == "two"), "{order:?}");
}

#[test]
fn nothing_is_begun_after_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let stop = Stop::default();
    stop.now();
    let subject = subject("s");
    let cell = cell("m");
    let campaign = Campaign { cells: vec![cell.clone()], ..serde_json::from_str(EMPTY).unwrap() };
    let manifest: Manifest = serde_json::from_str(MANIFEST).unwrap();
    let open = Folder::open(&folder.path().join("run"), &campaign, &[], &manifest).unwrap();
    let voice = Voice { name: "m".into(), server: "m".into(), jobs: 1, open: Box::new(|| Err("never".into())) };
    let (events, heard) = std::sync::mpsc::channel();
    let how = How { options: Options::default(), strict: false };
    run(&[Unit { cell: &cell, subject: &subject }], &[voice], &how, &Mutex::new(open), &stop, &events);
    drop(events);
    assert_eq!(heard.iter().count(), 0);
}

const EMPTY: &str = r#"{"schema":"weiser.campaign/1","weiser":"","templates":"","tokenizer":"","name":"","datasets":[],
    "oracles":[],"cells":[]}"#;
const MANIFEST: &str = r#"{"schema":"weiser.run/1","weiser":"","command":"eval","tokenizer":"",
    "oracle":{"spec":"","about":"","why":""}}"#;

#[test]
fn a_shard_takes_every_nth() {
    let third = Some(Shard { number: 2, of: 3 });
    let taken: Vec<usize> = (0..7).filter(|n| in_shard(third, *n)).collect();
    assert_eq!(taken, [1, 4]);
    assert!((0..7).all(|n| in_shard(None, n)));
}
