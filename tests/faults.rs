//! Every fault of a server, committed on purpose: the table `faults/rows.rs`, what becomes of each row with each provider,
//! `docs/faults.md` as written from it, and that each row would fail if its fault were not handled.

mod asking;
#[path = "faults/commit.rs"]
mod commit;
#[path = "faults/rows.rs"]
mod rows;
mod standin;

use commit::{Seen, commit};
use rows::{Row, rows};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use weiser::oracle::Fault;
use weiser::verdict::AnswerKind;

/// Runs `work` on every item, several at once.
fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(item) = items.get(at) else { break };
                    let result = work(item);
                    done.lock().unwrap().push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What is wrong with what was seen, if anything.
fn breach(row: &Row, seen: &Seen) -> Option<String> {
    let expected = (row.answer, row.code, row.requests, row.ends);
    let got = (seen.answer, seen.code.as_str(), seen.requests, seen.ends);
    if expected != got {
        return Some(format!("expected {expected:?}, got {got:?}: {}", seen.reason));
    }
    if !seen.reason.contains(row.says) {
        return Some(format!("the message doesn't say `{}`: {}", row.says, seen.reason));
    }
    (seen.took < row.least).then(|| format!("took {:?}, at least {:?} was due", seen.took, row.least))
}

fn cases(rows: &[Row]) -> Vec<(&Row, &'static str)> {
    rows.iter().flat_map(|row| row.providers.iter().map(move |provider| (row, *provider))).collect()
}

#[test]
fn every_fault_has_its_outcome_and_is_documented() {
    let rows = rows();
    let named: BTreeSet<Fault> = rows.iter().map(|row| row.fault).collect();
    assert_eq!(named, BTreeSet::from(Fault::ALL), "a fault without a row, or the other way round");
    let cases = cases(&rows);
    let seen = each(&cases, |(row, provider)| commit(row, provider, None));
    let breaches: Vec<String> = cases
        .iter()
        .zip(&seen)
        .filter_map(|((row, provider), seen)| {
            let seen = seen.as_ref()?;
            breach(row, seen).map(|breach| format!("{} ({provider}): {breach}", row.what))
        })
        .collect();
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    let skipped = seen.iter().filter(|seen| seen.is_none()).count();
    if skipped > 0 {
        println!("{skipped} cases can't be made on this machine, so docs/faults.md is not compared");
        return;
    }
    let messages: Vec<String> = rows
        .iter()
        .map(|row| {
            let at = cases.iter().position(|(other, _)| std::ptr::eq(*other, row)).unwrap();
            seen[at].as_ref().unwrap().reason.clone()
        })
        .collect();
    let text = document(&rows, &messages);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    if std::env::var_os("WEISER_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "docs/faults.md is stale: WEISER_WRITE_DOCS=1 cargo test --test faults writes it\n{text}");
}

/// The mutation check: an oracle that is blind to a fault fails every row of that fault.
#[test]
fn each_row_proves_something() {
    let rows = rows();
    let cases = cases(&rows);
    let survivors: Vec<String> = each(&cases, |(row, provider)| {
        let seen = commit(row, provider, Some(row.fault))?;
        breach(row, &seen).is_none().then(|| format!("{} ({provider}) passes also without {}", row.what, row.fault))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(survivors.is_empty(), "{}", survivors.join("\n"));
}

fn document(rows: &[Row], messages: &[String]) -> String {
    let mut text = String::from(
        "# What becomes of each fault of a server\n\n\
         Written by `tests/faults.rs`, which commits every fault on a stand-in for a server: don't edit it, change the table \
         there.\n\n\
         *Answer* is what the slice gets: `error(code)` where something failed, `unknown(code)` where the question was taken \
         and can't be answered. *Requests* are those sent for one question, further tries and repairs included; between \
         tries weiser waits 0.5 s, twice as long each time, less a part drawn from the question, up to a minute, and never \
         longer than `--timeout` in all. *Run* says whether further questions are asked. Where nothing else is said, all \
         providers behave alike.\n\n\
         | What happens | Answer | Requests | Run |\n|---|---|---|---|\n",
    );
    for row in rows {
        let answer = match row.answer {
            AnswerKind::Pass => "`pass`".to_string(),
            AnswerKind::Unknown => format!("`unknown({})`", row.code),
            _ => format!("`error({})`", row.code),
        };
        let only = match row.providers.len() {
            3 => String::new(),
            _ => format!(" ({})", row.providers.join(", ")),
        };
        let run = if row.ends { "ends" } else { "goes on" };
        writeln!(text, "| {}{only} | {answer} | {} | {run} |", row.what, row.requests).unwrap();
    }
    text += "\n## What is said\n\nThe words of the first provider, with its address left out.\n\n";
    for (row, message) in rows.iter().zip(messages).filter(|(row, _)| row.answer != AnswerKind::Pass) {
        writeln!(text, "- **{}**: {message}", row.what).unwrap();
    }
    text
}
