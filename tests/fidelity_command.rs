//! `weiser fidelity` as a user runs it, with the tools of this machine; without them, what it says of that.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use weiser::report::schema::Format;
use weiser::run::sandbox::protections;

/// Runs the program with nothing of the user's own settings, and with its temporary files in a folder that must be empty when
/// it is done.
fn weiser(folder: &Path, args: &[&str], path: Option<&str>) -> Output {
    let rooms = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_weiser"));
    for (name, _) in std::env::vars() {
        if name.starts_with("WEISER_") || name == "NO_COLOR" || name == "CLICOLOR_FORCE" {
            command.env_remove(name);
        }
    }
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.env("TMPDIR", rooms.path());
    let output = command.current_dir(folder).arg("fidelity").args(args).output().expect("the program starts");
    let left: Vec<_> = std::fs::read_dir(rooms.path()).expect("the folder is still there").flatten().collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The document, valid against its schema, with the exit status.
fn document(output: &Output) -> (Value, Option<i32>) {
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}\n{}\n{}", text(&output.stdout), text(&output.stderr)));
    let schema: Value = serde_json::from_str(Format::Fidelity.schema()).expect("JSON");
    let valid = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<String> = valid.iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    (document, output.status.code())
}

/// Whether programs may be run here at all; says why not.
fn walls() -> bool {
    let complete = protections().complete();
    if !complete {
        println!("skipped: {}", protections());
    }
    complete
}

fn agrees(folder: &Path, file: &str) {
    let (document, status) = document(&weiser(folder, &[file, "--format", "json", "--inputs", "60"], None));
    let triple = &document["files"][0]["triples"][0];
    if let Some(error) = triple["error"].as_str() {
        assert!(error.contains("can't be run here"), "{file}: {error}");
        assert_eq!((triple["outcome"].as_str(), status), (Some("not-run"), Some(3)));
        println!("{file} skipped: {error}");
        return;
    }
    assert_eq!((triple["outcome"].as_str(), status), (Some("agrees"), Some(0)), "{file}: {document:#}");
    assert!(triple["inputs"]["accepted"].as_u64() >= Some(60), "{file}: {document:#}");
    assert!(!triple["toolchain"].as_str().unwrap_or("").is_empty());
}

#[test]
fn the_examples_agree() {
    if !walls() {
        return;
    }
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for file in ["shipping.py", "median.py", "queue.c", "Booking.java"] {
        agrees(&examples, file);
    }
}

/// PRE and POST in different functions, arguments by reference, globals, early returns, two calls of one function.
#[test]
fn triples_over_several_functions_agree() {
    if !walls() {
        return;
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for file in ["across.c", "callee_pre.c", "across.py", "Across.java"] {
        agrees(&fixtures, file);
    }
}

/// What random programs of several functions found: entries that call themselves, callees that are entered again, conditions
/// at the top of a body.
#[test]
fn callees_that_are_entered_again_agree() {
    if !walls() {
        return;
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for file in [
        "loop_called_again.c",
        "recursive_entry.c",
        "mutual_entry.py",
        "PointAtTop.java",
        "exit_and_callee_pre.py",
        "called_beside.py",
        "pre_not_followed.py",
        "call_fallen_into.c",
        "LoopEndsInCallee.java",
        "called_in_header.c",
        "called_in_do.c",
    ] {
        agrees(&fixtures, file);
    }
}

#[test]
fn java_is_run_too() {
    if !walls() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = "class F {\n    static int f(int x, boolean up) {\n        int r = x;\n        if (up)\n            r = r / 2;\n        \
        assert r <= x || x < 0; // POST\n        return r;\n    }\n}\n";
    std::fs::write(folder.path().join("F.java"), program).expect("written");
    agrees(folder.path(), "F.java");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    if !walls() {
        return;
    }
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let run = || weiser(&examples, &["median.py", "--inputs", "40", "--seed", "3"], None).stdout;
    assert_eq!(text(&run()), text(&run()));
}

#[test]
fn a_machine_without_tools_says_so() {
    if !walls() {
        return;
    }
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let output = weiser(&examples, &["queue.c", "--color", "never"], Some("/nowhere"));
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.starts_with("not run  queue.c:"), "{said}");
    assert!(said.contains("C programs can't be run here: no "), "{said}");
}
