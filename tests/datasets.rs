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
    subject.text = subject.text.replace("    if n < 10:", "    if n == 7:\n        raise ValueError\n    if n < 10:");
    subject.text = subject.text.replace("raise ValueError", "n = n // 0");
    assert!(matches!(prove(&subject, None, &plan), Err(Unproved::Fails(..))));
}
