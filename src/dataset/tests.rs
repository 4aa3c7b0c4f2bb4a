//! What a manifest may say, and what is said of one that is wrong.

use super::*;
use std::fs;

const HEAD: &str = "schema = \"weiser.dataset/1\"\nname = \"small\"\nlicence = \"MIT\"\n";

/// Loads a manifest beside a few programs.
fn manifest(text: &str) -> Result<Dataset, DatasetError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("double.py"), "def double(x):\n    return x + x\n").unwrap();
    fs::write(folder.path().join("double.c"), "int twice(int x) {\n    return x + x;\n}\n").unwrap();
    fs::write(folder.path().join("own.py"), "def f(x):\n    y = x\n    assert y > 0  # POST\n    return y\n").unwrap();
    fs::write(folder.path().join("dataset.toml"), text).unwrap();
    load(folder.path())
}

/// The complaints, without the folder.
fn complaints(text: &str) -> Vec<String> {
    match manifest(text) {
        Err(DatasetError::Invalid(problems)) => {
            problems.iter().map(|p| p.to_string().rsplit_once("dataset.toml").unwrap().1.to_owned()).collect()
        }
        other => panic!("no complaint: {other:?}"),
    }
}

#[test]
fn a_task_gives_a_subject_for_each_language_and_way_of_saying() {
    let text = format!(
        "{HEAD}[[subject]]\nid = 'double'\nlabel = 'violated'\nmistake = 'none'\n\
         words = {{ pre = ['`x` is small'], post = '`result` is twice `x`' }}\n\
         [subject.python]\npath = 'double.py'\npre = ['x < 10']\npost = 'result == 2 * x'\n\
         [subject.c]\npath = 'double.c'\nentry = 'twice'\npost = 'result == 2 * x'\n\
         [[subject]]\nid = 'own'\norigin = 'elsewhere'\n[subject.python]\npath = 'own.py'\n"
    );
    let set = manifest(&text).unwrap();
    let ids: Vec<&str> = set.subjects.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids, ["double/c/code", "double/c/text", "double/python/code", "double/python/text", "own/python"]);
    let python = &set.subjects[2];
    assert_eq!((python.group.as_str(), python.task.as_str()), ("small/python", "double"));
    assert_eq!((python.label, python.licence.as_str()), (Some(Label::Violated), "MIT"));
    assert_eq!(
        (python.request.pre.as_slice(), python.request.post.as_slice()),
        (&["x < 10".to_owned()][..], &["result == 2 * x".to_owned()][..])
    );
    assert_eq!(set.subjects[3].request.post, ["`result` is twice `x`"]);
    assert_eq!(set.subjects[0].request.entry.as_deref(), Some("twice"));
    let own = &set.subjects[4];
    assert_eq!((own.kind, own.label, own.origin.as_str()), (ConditionKind::Code, None, "elsewhere"));
    assert_eq!(manifest(&text).unwrap().subjects.len(), 5);
}

#[test]
fn a_misspelt_key_is_named_with_its_line_and_what_may_be_meant() {
    let text = format!(
        "{HEAD}[[subject]]\nid = 'double'\nlable = 'holds'\n[subject.python]\npath = 'double.py'\npots = 'result > 0'\n"
    );
    let found = complaints(&text);
    assert_eq!(found[0], ":6: subject has an unknown key `lable`; is `label` meant?");
    assert!(
        found.contains(&":9: [subject.python] has an unknown key `pots`; is `post` meant?".to_owned()),
        "{found:?}"
    );
}

#[test]
fn every_mistake_is_named_at_once() {
    let text = format!(
        "{HEAD}[[subject]]\nid = 'Double'\nlabel = 'hold'\n[subject.python]\npath = 'missing.py'\n\
         [[subject]]\nid = 'a'\nmistake = 'x'\n\
         [[subject]]\nid = 'a'\n[subject.c]\npath = 'double.c'\npost = 'result = = x'\n"
    );
    let found = complaints(&text).join("\n");
    for wanted in [
        ":5: the id `Double` may have small letters, digits and dashes only",
        ":6: `label` is `hold`; is `holds` meant?",
        ":8: `missing.py` cannot be read: ",
        ":11: a `mistake` belongs to the label `violated`",
        ":9: subject has no program: none of [subject.",
        ":13: the id `a` is that of line 10 too",
        ":16: a/c/code: `result = = x` is no condition in C",
    ] {
        assert!(found.contains(wanted), "{wanted}\n{found}");
    }
}

#[test]
fn conditions_must_fit_the_program() {
    let subject = |rest: &str| format!("{HEAD}[[subject]]\nid = 'd'\n[subject.python]\npath = 'double.py'\n{rest}");
    assert!(
        complaints(&subject("entry = 'trouble'\npost = 'result > 0'\n"))[0].contains("no function is named `trouble`")
    );
    assert!(complaints(&subject("pre = 'x > 0'\n"))[0].starts_with(":8: `pre` has no `post`"));
    assert!(complaints(&subject("words = { post = 'result > 0' }\n"))[0].contains("reads as code"));
    assert!(complaints(&subject("post = ''\n"))[0].starts_with(":8: `post` is empty"));
    assert!(complaints(&subject("at = 0\npost = 'x > 0'\n"))[0].starts_with(":8: `at` must be a whole number"));
    assert!(complaints(&subject("post = ['x > 0']\n"))[0].starts_with(":8: `post` is array"));
}

#[test]
fn what_is_no_manifest_is_said() {
    assert_eq!(complaints("schema = \n")[0].split(": ").next(), Some(":1"));
    assert!(complaints("name = 'x'\n")[0].contains("has no `schema`"));
    assert!(complaints("schema = 'weiser.dataset/2'\nname = 'x'\n")[0].contains("reads `weiser.dataset/1`"));
    assert!(complaints(HEAD)[0].contains("no [[subject]]"));
    let nowhere = load(Path::new("/nowhere/at/all")).unwrap_err().to_string();
    assert!(nowhere.starts_with("/nowhere/at/all: no data set"), "{nowhere}");
}
