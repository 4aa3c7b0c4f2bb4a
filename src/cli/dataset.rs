//! `weiser dataset`: reading data sets, and proving their labels.

use super::Failure;
use super::args::{DatasetAction, DatasetArgs, ProveArgs, TokensArgs, ValidateArgs};
use super::exit::Exit;
use super::output::Console;
use super::run::Engine;
use crate::dataset::proofs::{How, Proof, Proofs, key, place};
use crate::dataset::prove::{Plan, Unproved, prove};
use crate::dataset::tokens;
use crate::dataset::{self, Dataset, Label, Subject};
use crate::report::terminal::Detail;
use crate::run::search::Effort;
use crate::spec::ConditionKind;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

pub fn dataset(args: &DatasetArgs, engine: &dyn Engine, console: &mut Console) -> Result<Exit, Failure> {
    if let Some(path) = &args.common().output {
        console.redirect(path)?;
    }
    match &args.action {
        DatasetAction::Validate(args) => validate(args, console),
        DatasetAction::Prove(args) => proved(args, engine, console),
        DatasetAction::Tokens(args) => counted(args, console),
    }
}

fn validate(args: &ValidateArgs, console: &mut Console) -> Result<Exit, Failure> {
    let mut wrong = false;
    for path in &args.paths {
        match dataset::load(path) {
            Ok(set) if args.common.detail() != Detail::Quiet => {
                console.print(&summary(&set, args.common.detail() == Detail::Verbose))?;
            }
            Ok(_) => {}
            Err(error) => {
                wrong = true;
                error.to_string().lines().for_each(|line| console.error(line));
            }
        }
    }
    Ok(if wrong { Exit::Usage } else { Exit::Holds })
}

/// A line for each group, and what was left out.
fn summary(set: &Dataset, each: bool) -> String {
    let mut out = format!("{} ({}): {} subjects\n", set.name, set.path.display(), set.subjects.len());
    let mut groups: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for subject in &set.subjects {
        let counts = groups.entry(&subject.group).or_default();
        counts[0] += 1;
        counts[1] += usize::from(subject.label == Some(Label::Holds));
        counts[2] += usize::from(subject.label == Some(Label::Violated));
        counts[3] += usize::from(subject.witness.is_some());
        counts[4] += usize::from(subject.kind == ConditionKind::Code);
    }
    for (group, [all, holds, violated, witnesses, code]) in groups {
        let open = all - holds - violated;
        let open = if open > 0 { format!(", {open} without a label") } else { String::new() };
        // Writing to a string can't fail.
        let _ = writeln!(
            out,
            "  {group:30} {all:4}: {holds} hold, {violated} violated ({witnesses} with a witness){open}; {code} in code, {} in words",
            all - code
        );
    }
    for subject in set.subjects.iter().filter(|_| each) {
        let label = subject.label.map_or("-", Label::word);
        let _ = writeln!(out, "  {label:9}{} {}", subject.id, subject.request.post.join("; "));
    }
    for note in &set.notes {
        let _ = writeln!(out, "  note: {note}");
    }
    out
}

fn proved(args: &ProveArgs, engine: &dyn Engine, console: &mut Console) -> Result<Exit, Failure> {
    let set = dataset::load(&args.path).map_err(|error| Failure::Usage(error.to_string()))?;
    let walls = engine.protections();
    if !walls.complete() && !args.unprotected {
        return Err(Failure::Usage(format!(
            "this machine can't keep the programs it runs away from your files and network ({walls}); nothing was run. \
             --unprotected runs them all the same: do that only with code you trust, or in a container"
        )));
    }
    engine.interruptible();
    let stored = Proofs::read(&set.path).map_err(|error| Failure::Usage(error.to_string()))?;
    let wanted = |s: &&Subject| {
        let named = args.only.is_empty() || args.only.iter().any(|o| s.id.contains(o.as_str()));
        s.kind == ConditionKind::Code && named && !(args.stale && stored.of(s).is_some())
    };
    let subjects: Vec<&Subject> = set.subjects.iter().filter(wanted).collect();
    if subjects.is_empty() && !args.stale {
        return Err(Failure::Usage("no subject with a post-condition in code is named".into()));
    }
    let effort = Effort { inputs: args.inputs as usize, most: (args.inputs as usize).saturating_mul(10), enough: 1 };
    let plan = Plan { domain: args.domain as usize, effort, seed: args.seed };
    let detail = args.common.detail();
    // What is printed is printed by this thread, in the order in which it is done.
    let (tell, told) = mpsc::channel();
    let became: Vec<Result<Proof, Unproved>> = thread::scope(|scope| {
        let work = scope.spawn(|| {
            super::analysis::in_parallel(|| {
                let one = |subject: &&Subject, tell: &mut mpsc::Sender<String>| {
                    let done = prove(subject, stored.proofs.get(key(subject)), &plan);
                    if detail != Detail::Quiet || done.is_err() {
                        // Nobody listens any more once this thread has gone.
                        let _ = tell.send(line(subject, &done));
                    }
                    done
                };
                subjects.par_iter().map_with(tell, |tell, subject| one(subject, tell)).collect()
            })
        });
        told.iter().for_each(|text| console.note(&text));
        work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let mut proofs = stored.clone();
    let current: BTreeSet<&str> = set.subjects.iter().map(key).collect();
    proofs.proofs.retain(|name, _| current.contains(name.as_str()));
    let mut counts = BTreeMap::new();
    for (subject, done) in subjects.iter().zip(&became) {
        let what = match done {
            Ok(proof) => {
                proofs.proofs.insert(key(subject).to_owned(), proof.clone());
                proof.how.word()
            }
            Err(Unproved::NotRun(_)) => "not run",
            Err(_) => {
                proofs.proofs.remove(key(subject));
                "NOT PROVED"
            }
        };
        *counts.entry(what).or_insert(0) += 1;
    }
    if !args.dry_run && proofs != stored {
        write(&set.path, &proofs)?;
    }
    let counts: Vec<String> = counts.iter().map(|(what, n)| format!("{n} {what}")).collect();
    console.print(&format!("{}: {} programs: {}\n", set.name, became.len(), counts.join(", ")))?;
    let failed = became.iter().any(|b| !matches!(b, Ok(_) | Err(Unproved::NotRun(_))));
    let open = became.iter().any(|b| matches!(b, Err(Unproved::NotRun(_))));
    Ok(if failed {
        Exit::Violated
    } else if open {
        Exit::Undecided
    } else {
        Exit::Holds
    })
}

fn write(manifest: &Path, proofs: &Proofs) -> Result<(), Failure> {
    let path = place(manifest);
    std::fs::write(&path, proofs.to_json()).map_err(|error| Failure::Write { place: path.display().to_string(), error })
}

fn line(subject: &Subject, done: &Result<Proof, Unproved>) -> String {
    let id = key(subject);
    match done {
        Err(why) => format!("NOT PROVED  {id}: {why}\n"),
        Ok(proof) => {
            let what = match proof.how {
                How::Witness => {
                    let inputs = serde_json::to_string(&proof.inputs).unwrap_or_default();
                    format!("{inputs}: {}", proof.observed)
                }
                How::Exhaustive => format!(
                    "{} of {} inputs ({}), {} of {} generated",
                    proof.exhaustive_accepted,
                    proof.exhaustive,
                    proof.bounds,
                    proof.generated_accepted,
                    proof.generated
                ),
                How::Generated => format!("{} of {} generated inputs", proof.generated_accepted, proof.generated),
            };
            format!("{:<11} {id}: {what}\n", proof.how.word())
        }
    }
}

fn counted(args: &TokensArgs, console: &mut Console) -> Result<Exit, Failure> {
    let wrong = |error: dataset::DatasetError| Failure::Usage(error.to_string());
    let set = dataset::load(&args.path).map_err(wrong)?;
    let others = args.beside.as_deref().map(tokens::others).transpose().map_err(wrong)?;
    let counted = super::analysis::in_parallel(|| tokens::count(&set.subjects));
    let mut good = Vec::new();
    for one in counted {
        match one {
            Ok(tokens) => good.push(tokens),
            Err((id, why)) => console.note(&format!("left out: {id}: {why}\n")),
        }
    }
    if args.common.detail() == Detail::Verbose {
        for one in &good {
            console.print(&format!(
                "{}  {} questions, least {}, all {}, program {}\n",
                one.id, one.questions, one.least, one.total, one.program
            ))?;
        }
    }
    console.print(&tokens::table(&good, others.as_ref()))?;
    Ok(Exit::Holds)
}
