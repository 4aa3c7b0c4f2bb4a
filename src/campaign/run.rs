//! Judges what is open: several subjects at once, a queue for each server.
//!
//! A queue has as many workers as its server takes questions at a time, and each worker has one subject and asks one question
//! at a time. So a server is never asked more than it takes, no question is asked that a smaller failing slice makes needless,
//! and what is asked doesn't depend on timing. Oracles that share a server share its queue and come one after the other.

use super::folder::{Folder, FolderError, about};
use super::plan::{self, Shard};
use super::{Cell, Verdict};
use crate::dataset::Subject;
use crate::pipeline::{FileAnalysis, Options, TripleVerdict};
use crate::report::{overall, strict};
use crate::verdict::ask::Stop;
use crate::verdict::{Answer, AnswerKind, Outcome};
use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// As for analysing many files: a deeply nested program is walked by recursion in places.
const STACK: usize = 64 << 20;

/// Who judges: an oracle that was seen to answer.
pub trait Judge: Send + Sync {
    /// Judges one triple with so many votes, a question at a time. Never fails: what went wrong is an answer.
    fn judge(&self, file: &FileAnalysis, triple: usize, votes: u32) -> TripleVerdict;
}

/// Opens an oracle when its turn has come. Errors: why nobody can be asked, in words.
pub type Open<'a> = Box<dyn Fn() -> Result<Box<dyn Judge + 'a>, String> + Send + Sync + 'a>;

/// An oracle's part of a run.
pub struct Voice<'a> {
    pub name: String,
    /// Whoever is asked there: oracles with the same server share a queue.
    pub server: String,
    /// Questions at a time.
    pub jobs: usize,
    pub open: Open<'a>,
}

/// A subject in a cell.
#[derive(Clone, Copy)]
pub struct Unit<'a> {
    pub cell: &'a Cell,
    pub subject: &'a Subject,
}

/// What happens meanwhile.
#[derive(Debug)]
pub enum Event {
    Began {
        subject: String,
    },
    Judged(Box<Verdict>),
    /// An oracle can't be asked; its part stays open.
    NotAsked {
        oracle: String,
        why: String,
    },
    /// The folder can't be written: the run ends.
    Failed(FolderError),
}

/// How subjects are judged.
pub struct How {
    pub options: Options,
    /// Vacuous triples are undecided.
    pub strict: bool,
}

/// The part of `n` subjects that a shard judges, by their numbers.
pub fn in_shard(shard: Option<Shard>, number: usize) -> bool {
    shard.is_none_or(|s| number % s.of as usize == (s.number - 1) as usize)
}

/// Judges every unit, in their order within each queue, and writes down what comes of each as soon as it is there. Returns when
/// all is done, or soon after `stop` is set. Tells of everything through `events`.
pub fn run(units: &[Unit], voices: &[Voice], how: &How, folder: &Mutex<Folder>, stop: &Stop, events: &Sender<Event>) {
    let mut queues: BTreeMap<&str, Vec<(&Voice, Unit)>> = BTreeMap::new();
    for voice in voices {
        let of_voice = units.iter().filter(|unit| unit.cell.oracle == voice.name);
        queues.entry(&voice.server).or_default().extend(of_voice.map(|unit| (voice, *unit)));
    }
    let judges: BTreeMap<&str, Seat> = voices.iter().map(|v| (v.name.as_str(), Seat::new())).collect();
    std::thread::scope(|scope| {
        for queue in queues.values() {
            let next = Arc::new(Mutex::new(queue.iter()));
            let jobs = queue.iter().map(|(voice, _)| voice.jobs).max().unwrap_or(1).clamp(1, queue.len().max(1));
            for _ in 0..jobs {
                let (next, judges, told, events) = (next.clone(), &judges, events, events.clone());
                let work = move || {
                    while !stop.is_set() {
                        let Some((voice, unit)) = locked(&next).next() else { break };
                        let Some(judge) = judges[voice.name.as_str()].judge(voice, &events) else { continue };
                        let _ = events.send(Event::Began { subject: unit.subject.id.clone() });
                        if !one(unit, judge, how, folder, stop, &events) {
                            stop.now();
                        }
                    }
                };
                // Where no further thread can be had, the others do its work.
                let started = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
                if let Err(error) = started {
                    let why = format!("a worker could not be started ({error})");
                    let _ = told.send(Event::NotAsked { oracle: queue[0].0.name.clone(), why });
                }
            }
        }
    });
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An oracle that is opened once, by whoever needs it first; the others wait.
struct Seat<'a>(OnceLock<Option<Box<dyn Judge + 'a>>>);

impl<'a> Seat<'a> {
    fn new() -> Seat<'a> {
        Seat(OnceLock::new())
    }

    fn judge(&self, voice: &Voice<'a>, events: &Sender<Event>) -> Option<&(dyn Judge + 'a)> {
        let opened = self.0.get_or_init(|| match (voice.open)() {
            Ok(judge) => Some(judge),
            Err(why) => {
                let _ = events.send(Event::NotAsked { oracle: voice.name.clone(), why });
                None
            }
        });
        opened.as_deref()
    }
}

/// Judges one subject. `false`: the folder can't be written any more.
fn one(unit: &Unit, judge: &dyn Judge, how: &How, folder: &Mutex<Folder>, stop: &Stop, events: &Sender<Event>) -> bool {
    // It was analysed before, so this can't fail unless the machine does.
    let Ok(file) = plan::analyze(unit.subject, unit.cell.method, &how.options) else { return true };
    let mut triples = Vec::new();
    for number in 0..file.triples.len() {
        let verdict = judge.judge(&file, number, unit.cell.votes);
        triples.push(if how.strict { strict(&file.triples[number], verdict) } else { verdict });
    }
    let verdict = verdict(unit.cell, &unit.subject.id, &file, &triples);
    if verdict.open && stop.is_set() {
        // It was cut off: nothing is known of it that the answers' file doesn't know.
        return true;
    }
    let kept = {
        let mut folder = locked(folder);
        let about = about(unit.cell, &unit.subject.id);
        let mut recorded = Ok(());
        if let Some(record) = folder.record() {
            for (number, triple) in triples.iter().enumerate() {
                recorded = recorded.and_then(|()| record.triple_about(&file, number, triple, about.clone()));
            }
        }
        recorded.map_err(FolderError::from).and_then(|()| folder.keep(&verdict))
    };
    let failed = kept.is_err();
    let _ = events.send(match kept {
        Ok(()) => Event::Judged(Box::new(verdict)),
        Err(error) => Event::Failed(error),
    });
    !failed
}

/// What the verdicts on a subject's triples come to.
pub fn verdict(cell: &Cell, subject: &str, file: &FileAnalysis, triples: &[TripleVerdict]) -> Verdict {
    let outcome = overall(triples.iter().map(|t| t.outcome));
    let answers = || triples.iter().flat_map(|t| &t.answers);
    let violated = || triples.iter().zip(&file.triples).filter(|(t, _)| t.outcome == Outcome::Violated);
    let tokens = |(verdict, analysis): (&TripleVerdict, &crate::pipeline::TripleAnalysis)| {
        let least = verdict.least_failing.as_ref()?;
        let leaner = verdict.answers.iter().find(|a| a.slice == *least).and_then(|a| a.leaner.as_ref());
        if let Some(leaner) = leaner {
            return Some(leaner.tokens);
        }
        analysis.slices.iter().find(|s| s.id == *least).map(|s| s.tokens)
    };
    let (share, cast) = share(outcome, triples);
    Verdict {
        cell: cell.clone(),
        subject: subject.to_owned(),
        outcome,
        confidence: violated().find_map(|(t, _)| t.confidence).or_else(|| triples.iter().find_map(|t| t.confidence)),
        cause: if outcome == Outcome::Undecided { cause(file, triples) } else { String::new() },
        share,
        cast,
        slices: file.triples.iter().map(|t| t.slices.len() as u64).sum(),
        questions: triples.iter().map(|t| t.questions).sum(),
        tokens_in: triples.iter().map(|t| t.tokens_in).sum(),
        tokens_out: triples.iter().map(|t| t.tokens_out).sum(),
        least: violated().filter_map(tokens).min(),
        open: answers().any(unasked),
    }
}

/// Nobody has answered, but somebody may yet.
fn unasked(answer: &Answer) -> bool {
    answer.answer == AnswerKind::Error || matches!(answer.code.as_str(), "budget" | "cancelled")
}

/// The cause that most of the answers have which keep a subject from being decided; of several the first by name.
fn cause(file: &FileAnalysis, triples: &[TripleVerdict]) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let undecided = || triples.iter().zip(&file.triples).filter(|(t, _)| t.outcome == Outcome::Undecided);
    for answer in undecided().flat_map(|(t, _)| &t.answers) {
        if !matches!(answer.answer, AnswerKind::Pass | AnswerKind::Fail | AnswerKind::Infeasible) {
            *counts.entry(if answer.code.is_empty() { "unknown" } else { &answer.code }).or_default() += 1;
        }
    }
    let most = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0)));
    let limited = undecided().any(|(_, t)| !t.limits.is_empty());
    let vacuous = undecided().any(|(_, t)| t.vacuous);
    match most {
        Some((code, _)) => code.to_owned(),
        // Every slice passed, and yet nothing can be said to hold.
        None if limited => "not_understood".into(),
        None if vacuous => "vacuous".into(),
        None => "unknown".into(),
    }
}

/// The share of the votes behind an outcome, and how many there were.
fn share(outcome: Outcome, triples: &[TripleVerdict]) -> (Option<f64>, u32) {
    let of = |answer: &Answer| Some((answer.agreement()?, answer.ballots.len() as u32));
    let all = triples.iter().flat_map(|t| &t.answers);
    let found = match outcome {
        Outcome::Violated => triples
            .iter()
            .filter(|t| t.outcome == Outcome::Violated)
            .filter_map(|t| t.answers.iter().find(|a| Some(&a.slice) == t.least_failing.as_ref()))
            .find_map(of),
        Outcome::Holds => all.filter_map(of).min_by(|a, b| a.0.total_cmp(&b.0)),
        Outcome::Undecided => None,
    };
    found.map_or((None, 0), |(share, cast)| (Some(share), cast))
}

#[cfg(test)]
mod tests;
