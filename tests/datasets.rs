//! Our own data sets: they are read without complaint, each label has a proof that is about the program as it is, and a share of
//! the proofs is made again. All of them: `weiser dataset prove datasets/leetcode`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use weiser::dataset::proofs::{How, Proofs, key};
use weiser::dataset::prove::{Plan, Unproved, prove};
use weiser::dataset::{Dataset, Label, Subject, load};
use weiser::run::search::Effort;
use weiser::spec::ConditionKind;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets").join(name)
}

fn set(name: &str) -> Dataset {
    load(&folder(name)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_task_is_there_in_three_languages_and_two_ways_of_saying() {
    let set = set("leetcode");
    let mut forms: BTreeMap<&str, BTreeSet<(&str, bool)>> = BTreeMap::new();
    for subject in &set.subjects {
        let code = subject.kind == ConditionKind::Code;
        forms.entry(&subject.task).or_default().insert((&subject.language, code));
    }
    assert!(forms.len() >= 60, "{} tasks", forms.len());
    let short: Vec<_> = forms.iter().filter(|(_, forms)| forms.len() != 6).collect();
    assert!(short.is_empty(), "{short:?}");
}

#[test]
fn half_of_the_subjects_are_violated_and_say_what_is_wrong() {
    for name in ["leetcode", "heap"] {
        let set = set(name);
        let violated = set.subjects.iter().filter(|s| s.label == Some(Label::Violated)).count();
        let share = violated as f64 / set.subjects.len() as f64;
        assert!((0.45..=0.55).contains(&share), "{name}: {share}");
        let silent = set.subjects.iter().find(|s| s.label == Some(Label::Violated) && s.mistake.is_empty());
        assert!(silent.is_none(), "{silent:?}");
        assert!(set.subjects.iter().all(|s| s.label.is_some() && !s.origin.is_empty() && !s.licence.is_empty()));
    }
}

#[test]
fn every_label_has_a_proof_of_the_program_as_it_is() {
    for name in ["leetcode", "heap"] {
        let set = set(name);
        let proofs = Proofs::read(&set.path).unwrap();
        let without: Vec<&str> =
            set.subjects.iter().filter(|s| proofs.of(s).is_none()).map(|s| s.id.as_str()).collect();
        assert!(without.is_empty(), "{name}: run `weiser dataset prove`: {without:?}");
        let keys: BTreeSet<&str> = set.subjects.iter().map(key).collect();
        assert!(proofs.proofs.keys().all(|k| keys.contains(k.as_str())), "{name}: a proof of what isn't there");
        for subject in &set.subjects {
            assert_eq!(subject.witness.is_some(), subject.label == Some(Label::Violated), "{}", subject.id);
        }
    }
}

/// Every ninth program, with less effort than the proofs that are kept.
#[test]
fn a_share_of_the_labels_is_proved_again() {
    let plan = Plan { domain: 400, effort: Effort { inputs: 300, most: 6000, enough: 1 }, seed: 1 };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, first) in [("leetcode", 4), ("heap", 2)] {
        let set = set(name);
        let proofs = Proofs::read(&set.path).unwrap();
        let code: Vec<&Subject> = set.subjects.iter().filter(|s| s.kind == ConditionKind::Code).collect();
        for subject in code.into_iter().skip(first).step_by(9) {
            match prove(subject, proofs.of(subject), &plan) {
                Ok(_) => count += 1,
                Err(Unproved::NotRun(why)) => println!("skipped: {}: {why}", subject.id),
                Err(why) => wrong.push(format!("{}: {why}", subject.id)),
            }
        }
    }
    println!("{count} labels proved again");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_label_is_not_proved() {
    let set = set("leetcode");
    let plan = Plan { domain: 400, effort: Effort { inputs: 300, most: 6000, enough: 1 }, seed: 0 };
    let find = |id: &str| set.subjects.iter().find(|s| s.id == id).unwrap().clone();
    let stored = Proofs::read(&set.path).unwrap();
    let wrong = Subject { label: Some(Label::Holds), ..find("leap-days/python/code") };
    match prove(&wrong, None, &plan) {
        Err(Unproved::NotRun(why)) => return println!("skipped: {why}"),
        other => assert!(matches!(other, Err(Unproved::Violated(_))), "{other:?}"),
    }
    let wrong = Subject { label: Some(Label::Violated), ..find("digit-sum/python/code") };
    assert!(matches!(prove(&wrong, None, &plan), Err(Unproved::NoWitness(_))));
    // A stored witness that shows nothing isn't believed.
    let subject = find("leap-days/python/code");
    let mut proof = stored.of(&subject).unwrap().clone();
    assert_eq!(proof.how, How::Witness);
    proof.inputs.insert("year".into(), 2001.into());
    let again = prove(&subject, Some(&proof), &plan).unwrap();
    assert_ne!(again.inputs, proof.inputs);
    // A program that fails by itself proves nothing.
    let mut subject = find("digit-sum/python/code");
    subject.text = subject.text.replace("    if n < 10:", "    if n == 7:\n        n = n // 0\n    if n < 10:");
    assert!(matches!(prove(&subject, None, &plan), Err(Unproved::Fails(..))));
}

/// Id, label and Q of each subject of a layout in `tests/layouts`, and the notes.
fn layout(name: &str) -> (Vec<String>, Vec<String>) {
    let set = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts").join(name)).unwrap();
    let told = |s: &Subject| format!("{} {} {}", s.id, s.label.map_or("-", Label::word), s.request.post.join("; "));
    (set.subjects.iter().map(told).collect(), set.notes)
}

#[test]
fn the_layout_of_autoexe() {
    let (subjects, notes) = layout("autoexe");
    assert_eq!(
        subjects,
        [
            "RQ1/REval-Desc/task00_desc.py violated ",
            "RQ2/Bugs/small/PROMPT_FUNC.c violated ",
            "RQ3/C-REval-Desc/task00_desc.c - \"`result` is what this asks for: Give back the double of the number. \
             >>> twice(2) 4\"",
        ]
    );
    assert_eq!(
        notes,
        [
            "RQ3/C-REval-Desc/task02_desc.c: left out: it has no post-condition",
            "1 files state no condition: each got the description of the original of its number",
            "1 files are labelled NO_VIOLATION_FOUND, which is taken as no label",
            "RQ3/C-REval-Desc/task02_desc.c: has a label and gave no subject",
        ]
    );
    let set = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts/autoexe")).unwrap();
    let [python, bug, c] = &set.subjects[..] else { panic!("{set:?}") };
    assert_eq!(
        (python.task.as_str(), c.task.as_str(), bug.task.as_str()),
        ("REval-Desc/task00_desc", "REval-Desc/task00_desc", "small")
    );
    assert_eq!((python.kind, bug.kind, c.kind), (ConditionKind::Text, ConditionKind::Code, ConditionKind::Text));
    assert_eq!(python.witness.as_ref().unwrap().inputs["x"], 0);
    // The helper above is not what the description is about.
    assert_eq!(c.request.entry.as_deref(), Some("twice"));
}

#[test]
fn every_published_subject_that_is_here_is_loaded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/datasets/autoexe");
    if !folder.is_dir() {
        println!("skipped: the published subjects are not here");
        return;
    }
    let set = load(&folder).unwrap_or_else(|error| panic!("{error}"));
    let labels = std::fs::read_to_string(folder.join("labels.csv")).unwrap();
    let rows = labels.lines().filter(|l| l.starts_with("RQ")).count();
    let labelled = set.subjects.iter().filter(|s| !s.id.starts_with("RQ2")).count();
    println!("{} subjects; {}", set.subjects.len(), set.notes.join("; "));
    assert_eq!(labelled, rows);
    assert_eq!(set.subjects.len() - labelled, 15, "five real bugs, three files each");
    assert!(set.notes.iter().all(|n| !n.contains("left out")), "{:?}", set.notes);
}

#[test]
fn tasks_of_sv_comp() {
    let (subjects, notes) = layout("sv-comp");
    assert_eq!(
        subjects,
        [
            "heap/two-nodes/valid-memsafety violated \"only memory that was allocated and not yet freed is freed; only memory that is \
             allocated, and within its bounds, is read or written; memory that is allocated is freed, or still pointed to, at the end\"",
            "loops/countdown/unreach-call violated ",
            "loops/countdown/termination violated \"every run comes to an end\"",
            "loops/countdown/no-overflow - \"no operation on signed integers overflows\"",
            "loops/stairs/unreach-call holds ",
            "loops/stairs/no-overflow holds \"no operation on signed integers overflows\"",
            "loops/stairs/termination holds \"every run comes to an end\"",
        ]
    );
    assert_eq!(
        notes,
        [
            "heap/two-files: left out: it has 2 input files, and one at a time is read",
            "loops/stairs/coverage-branches: left out: this property isn't known",
        ]
    );
    let set = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts/sv-comp")).unwrap();
    assert_eq!(set.subjects[0].property, "valid-memtrack");
    let stairs = &set.subjects[4];
    assert_eq!((stairs.licence.as_str(), stairs.kind), ("MIT", ConditionKind::Code));
    let analysis = weiser::pipeline::analyze(
        "stairs.c",
        stairs.text.clone(),
        weiser::syntax::by_name(&stairs.language).unwrap(),
        &stairs.request,
        &weiser::pipeline::Options::default(),
    )
    .unwrap();
    let triples: Vec<_> = analysis.triples.iter().map(|t| (t.post.text.as_str(), t.post_line, t.pre.len())).collect();
    assert_eq!(triples, [("height == 2 * steps", 20, 1), ("0", 22, 1)]);
}

#[test]
fn a_task_that_cannot_be_read_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let task = folder.path().join("t.yml");
    let said = |text: &str| {
        std::fs::write(&task, text).unwrap();
        load(folder.path()).unwrap_err().to_string().rsplit_once("t.yml").unwrap().1.to_owned()
    };
    assert!(said("format_version: '2.0'\ninput_files: [a.c\nproperties: x\n").starts_with(":"));
    assert!(said("format_version: '2.0'\nproperties: []\n").contains("input_files"));
    assert!(said("input_files: 'no.c'\noptions:\n  language: C\n").starts_with(":1: `no.c` cannot be read"));
    std::fs::write(folder.path().join("a.c"), "int main(void) { return 0; }").unwrap();
    let missing = "input_files: 'a.c'\nproperties:\n  - property_file: no.prp\n";
    assert!(said(missing).starts_with(":3: `no.prp` cannot be read"));
}

#[test]
fn tokens_stand_beside_another_tools() {
    use weiser::dataset::tokens::{count, others, table};
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("other.csv");
    let set = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts/autoexe")).unwrap();
    let counted: Vec<_> = count(&set.subjects).into_iter().map(Result::unwrap).collect();
    let text = "file,status,distinct,file_tokens,slice_tokens_total,slice_tokens_min\n\
                RQ2/Bugs/small/PROMPT_FUNC.c,ok,2,61,100,40\nRQ1/REval-Desc/task00_desc.py,timeout,1,1,1,1\n";
    std::fs::write(&csv, text).unwrap();
    let shown = table(&counted, Some(&others(&csv).unwrap()));
    let last: Vec<&str> = shown.lines().last().unwrap().split_whitespace().collect();
    let bug = &counted[1];
    let own = |n: u64| n.to_string();
    assert_eq!(last[..4], ["all", "1", &own(bug.questions), "2"], "{shown}");
    assert_eq!(last[5], "40.0");
    assert_eq!(last[8..10], [own(bug.total), "100".into()]);
    assert_eq!(table(&counted, None).lines().last().unwrap().split_whitespace().nth(1), Some("3"));
    std::fs::write(&csv, "file,status\n").unwrap();
    assert!(others(&csv).unwrap_err().to_string().ends_with("other.csv:1: the table has no column `file_tokens`"));
}
