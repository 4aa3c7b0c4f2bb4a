//! The buggy programs of `examples/`: running them finds each mistake, without any model.

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use weiser::run::toolchain::{RunError, Toolchain};
use weiser::syntax;

/// What is violated when it is run; the others there hold, or have conditions in plain language.
const BUGGY: [&str; 10] = [
    "brackets.py",
    "calendar.py",
    "discount.c",
    "Initials.java",
    "Intervals.java",
    "Limiter.java",
    "queue.c",
    "search.c",
    "shipping.py",
    "split.py",
];

fn examples(extension: &str) {
    let language = syntax::for_path(format!("x.{extension}").as_ref()).expect("a known language");
    if let Err(error) = Toolchain::of(language) {
        assert!(!matches!(error, RunError::Sandbox(_)), "{error}");
        println!("skipped: {error}");
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let of_language = BUGGY.iter().filter(|name| name.ends_with(&format!(".{extension}")));
    let mut count = 0;
    for name in of_language {
        let started = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_weiser"))
            .current_dir(&folder)
            .args(["check", name, "--oracle", "run", "--format", "json"])
            .output()
            .expect("weiser runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{name}: {e} {said}"));
        let triple = &document["files"][0]["triples"][0];
        assert_eq!((triple["outcome"].as_str(), output.status.code()), (Some("violated"), Some(1)), "{name}: {said}");
        let least = triple["least_failing"].as_str().expect("a violation has a least failing slice");
        let answers = triple["answers"].as_array().expect("answers");
        let answer = answers.iter().find(|a| a["slice"] == least).expect("the least failing slice was answered");
        assert_eq!(triple["confidence"], "confirmed", "{name}: {triple}");
        println!("{name}: {:.1?} {}", started.elapsed(), answer["counterexample"]);
        count += 1;
    }
    assert!(count >= 2, "at least two of each language");
}

#[test]
fn mistakes_in_c_are_found() {
    examples("c");
}

#[test]
fn mistakes_in_python_are_found() {
    examples("py");
}

#[test]
fn mistakes_in_java_are_found() {
    examples("java");
}
