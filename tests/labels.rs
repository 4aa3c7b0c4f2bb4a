//! The `run` oracle against published subjects with labels: what is labelled VIOLATED with a condition that can be run is found,
//! and nothing that is labelled HOLDS is said to be violated.
//!
//! The subjects are not part of the project; without them the test is skipped. A part of them by default, all with
//! `WEISER_LABELS=all cargo nextest run --test labels --no-capture`, which prints the whole table.

use std::path::{Path, PathBuf};
use weiser::pipeline::{Options, analyze, run};
use weiser::run::search::Effort;
use weiser::run::toolchain::Toolchain;
use weiser::spec::{ConditionKind, Request};
use weiser::syntax;
use weiser::verdict::{AnswerKind, Outcome};

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/datasets/autoexe");
    folder.join("labels.csv").is_file().then_some(folder)
}

/// Path and label of each subject: the first and third of comma-separated fields, of which no earlier one is quoted.
fn labels(folder: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder.join("labels.csv")).expect("labels are readable");
    let row = |line: &str| {
        let mut fields = line.split(',');
        Some((fields.next()?.to_owned(), fields.nth(1)?.to_owned()))
    };
    let labels = ["HOLDS", "VIOLATED", "NO_VIOLATION_FOUND", "UNCLEAR"];
    text.lines().filter_map(row).filter(|(_, label)| labels.contains(&label.as_str())).collect()
}

#[test]
fn labelled_subjects() {
    let Some(folder) = folder() else {
        println!("skipped: the published subjects are not here");
        return;
    };
    let all = std::env::var("WEISER_LABELS").is_ok_and(|v| v == "all");
    let mut wrong = Vec::new();
    let (mut found, mut violated, mut unrunnable) = (0, 0, 0);
    for (path, label) in labels(&folder) {
        if !all && !path.contains("Mixed-Manual") {
            continue;
        }
        let file = folder.join(&path);
        let Some(language) = syntax::for_path(&file) else { continue };
        if let Err(error) = Toolchain::of(language) {
            println!("skipped: {path}: {error}");
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(&file).expect("a subject is readable")).into_owned();
        let Ok(analysis) = analyze(&path, text, language, &Request::default(), &Options::default()) else { continue };
        let effort = if all { Effort::default() } else { Effort { inputs: 400, most: 4000, enough: 40 } };
        let code: Vec<usize> =
            (0..analysis.triples.len()).filter(|i| analysis.triples[*i].post.kind == ConditionKind::Code).collect();
        let verdicts: Vec<_> = code.iter().map(|i| run(&analysis, *i, &effort, false, 0, &mut |_| ())).collect();
        let fails = verdicts.iter().any(|v| v.outcome == Outcome::Violated);
        let answers = || verdicts.iter().flat_map(|v| &v.answers);
        let witness = answers().find(|a| a.answer == AnswerKind::Fail);
        let reason = answers().next().map_or("", |a| a.reason.as_str());
        let runnable = answers().any(|a| a.code != "not_runnable");
        let told = match witness {
            Some(answer) => format!("violated: {:?}", answer.counterexample),
            None if verdicts.is_empty() => "plain language".to_owned(),
            None => reason.chars().take(100).collect(),
        };
        println!("{label:<19} {path:<46} {told}");
        // An observation of what isn't there (`func(x)`) is no condition that can be run.
        let judged = runnable && !told.contains("can't be evaluated") && !answers().all(|a| a.code == "not_runnable");
        if label == "VIOLATED" && !verdicts.is_empty() {
            violated += 1;
            found += usize::from(fails);
            unrunnable += usize::from(!judged);
            if judged && !fails && !path.contains("-Desc") {
                wrong.push(format!("{path}: labelled VIOLATED, and no counter-example was found: {reason}"));
            }
        }
        if label == "HOLDS" && fails {
            wrong.push(format!("{path}: labelled HOLDS, and violated with {:?}", witness.map(|w| &w.counterexample)));
        }
    }
    println!(
        "labelled VIOLATED with code: {violated}, of which {found} found and confirmed, {unrunnable} can't be run"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
