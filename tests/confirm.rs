//! Claims that are run (`weiser check --confirm`), and the oracle that needs no model, as a user has them.

mod asking;
mod standin;

use serde_json::Value;
use standin::{Standin, verdict};
use std::process::Output;
use weiser::report::schema::Format;
use weiser::run::sandbox::protections;
use weiser::run::toolchain::Toolchain;
use weiser::syntax;

fn weiser(folder: &tempfile::TempDir, args: &[&str]) -> Output {
    asking::weiser(folder.path(), args).output().expect("the program starts")
}

fn check(folder: &tempfile::TempDir, args: &[&str]) -> (Value, i32) {
    let output = weiser(folder, &[&["check", "--format", "json"], args].concat());
    let said = || format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", said()));
    let schema: Value = serde_json::from_str(Format::Check.schema()).expect("the schema is JSON");
    let valid = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<String> = valid.iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    (document, output.status.code().unwrap_or(-1))
}

/// The same function in each language: false where `n` is 7, not an input where `n` is negative.
const PROGRAMS: [(&str, &str); 3] = [
    (
        "f.py",
        "def f(n: int) -> int:\n    assert n >= 0  # PRE\n    r = n\n    if n == 7:\n        r = -1\n    assert r >= 0  # POST\n    return r\n",
    ),
    (
        "f.c",
        "#include <assert.h>\nint f(int n) {\n    assert(n >= 0); // PRE\n    int r = n;\n    if (n == 7)\n        r = -1;\n    assert(r >= 0); // POST\n    return r;\n}\n",
    ),
    (
        "F.java",
        "class F {\n    static int f(int n) {\n        assert n >= 0; // PRE\n        int r = n;\n        if (n == 7) r = -1;\n        assert r >= 0; // POST\n        return r;\n    }\n}\n",
    ),
];

/// Those whose toolchains are here, each in a folder of its own.
fn programs() -> Vec<(tempfile::TempDir, &'static str)> {
    if !protections().complete() {
        println!("skipped: {}", protections());
        return Vec::new();
    }
    let here = |(name, text): &(&'static str, &str)| {
        let language = syntax::for_path((*name).as_ref()).expect("a known extension");
        if let Err(error) = Toolchain::of(language) {
            println!("skipped: {error}");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join(name), text).expect("the program is written");
        Some((folder, *name))
    };
    PROGRAMS.iter().filter_map(here).collect()
}

/// A claim of the stand-in, and what becomes of it: the answers to all slices that it fails.
fn claimed(claim: &'static [(&str, &str)], more: &[&str]) -> Vec<(String, i32, Value)> {
    let server = Standin::start(move |request| verdict(request, "fail", claim));
    let mut out = Vec::new();
    for (folder, name) in programs() {
        let args = [&[name, "--oracle", "ollama:m", "--base-url", &server.url, "--confirm"], more].concat();
        let (document, status) = check(&folder, &args);
        let triple = &document["files"][0]["triples"][0];
        out.push((format!("{} {}", triple["outcome"], triple["confidence"]), status, triple["answers"].clone()));
    }
    out
}

#[test]
fn a_right_claim_is_confirmed() {
    for (outcome, status, answers) in claimed(&[("n", "7")], &[]) {
        assert_eq!((outcome.as_str(), status), ("\"violated\" \"confirmed\"", 1), "{answers}");
        let answer = &answers[0];
        assert_eq!((&answer["answer"], &answer["replay"]["confirmed"]), (&"fail".into(), &true.into()));
        assert!(answer["replay"]["observed"].as_str().is_some_and(|o| o.contains("Q is false with r=-1")), "{answer}");
    }
}

#[test]
fn a_wrong_claim_decides_nothing() {
    for (outcome, status, answers) in claimed(&[("n", "3")], &[]) {
        assert_eq!((outcome.as_str(), status), ("\"undecided\" null", 3), "{answers}");
        for answer in answers.as_array().expect("answers") {
            assert_eq!(
                (&answer["answer"], &answer["code"]),
                (&"fail-unconfirmed".into(), &"post_true".into()),
                "{answer}"
            );
            assert!(answer["reason"].as_str().is_some_and(|r| r.contains("Q is true with r=3")), "{answer}");
        }
    }
}

#[test]
fn a_claim_that_p_excludes_decides_nothing() {
    for (outcome, status, answers) in claimed(&[("n", "-5")], &[]) {
        assert_eq!((outcome.as_str(), status), ("\"undecided\" null", 3), "{answers}");
        assert_eq!(answers[0]["code"], "pre_false", "{answers}");
    }
}

#[test]
fn inputs_that_cannot_be_read_are_said_to_be_that() {
    for (outcome, status, answers) in claimed(&[("n", "seven of them")], &[]) {
        assert_eq!((outcome.as_str(), status), ("\"undecided\" null", 3), "{answers}");
        assert_eq!(answers[0]["code"], "undecodable", "{answers}");
    }
    for (_, _, answers) in claimed(&[("m", "7")], &[]) {
        assert!(answers[0]["reason"].as_str().is_some_and(|r| r.contains("no value is given for")), "{answers}");
    }
}

#[test]
fn a_claim_may_be_trusted_all_the_same() {
    for (outcome, status, answers) in claimed(&[("n", "3")], &["--trust", "claimed"]) {
        assert_eq!((outcome.as_str(), status), ("\"violated\" \"claimed\"", 1), "{answers}");
        assert_eq!(answers[0]["replay"]["confirmed"], false, "{answers}");
    }
}

#[test]
fn a_condition_in_plain_language_stays_claimed() {
    let server = Standin::start(|request| verdict(request, "fail", &[("n", "3")]));
    for (folder, name) in programs() {
        let (document, status) = check(
            &folder,
            &[
                name,
                "--entry",
                "f",
                "--post",
                "`n` is pleasant",
                "--oracle",
                "ollama:m",
                "--base-url",
                &server.url,
                "--confirm",
            ],
        );
        let triple = &document["files"][0]["triples"][0];
        assert_eq!((&triple["outcome"], &triple["confidence"], status), (&"violated".into(), &"claimed".into(), 1));
        assert_eq!(triple["answers"][0]["replay"]["code"], "plain_language");
    }
}

#[test]
fn without_a_model_programs_are_run() {
    for (folder, name) in programs() {
        let (document, status) = check(&folder, &[name]);
        assert_eq!(document["oracle"]["spec"], "run");
        let triple = &document["files"][0]["triples"][0];
        assert_eq!((&triple["outcome"], &triple["confidence"], status), (&"violated".into(), &"confirmed".into(), 1));
        let answers = triple["answers"].as_array().expect("answers");
        let failing = answers.iter().find(|a| a["slice"] == triple["least_failing"]).expect("the least failing");
        assert_eq!(failing["counterexample"]["n"], 7, "{failing}");
        assert_eq!(check(&folder, &[name]).0, document, "the same seed gives the same bytes");
    }
}

#[test]
fn running_never_says_that_a_condition_holds() {
    for (folder, name) in programs() {
        let (document, status) = check(&folder, &[name, "--oracle", "run", "--entry", "f", "--post", "n == n"]);
        let triple = &document["files"][0]["triples"][0];
        assert_eq!((&triple["outcome"], status), (&"undecided".into(), 3));
        assert!(
            triple["answers"].as_array().expect("answers").iter().all(|a| a["code"] == "no_counterexample"),
            "{triple}"
        );
    }
}
