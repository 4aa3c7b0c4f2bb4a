//! A return is not always the last that a function does: what a `finally` or a `with` does then comes before the condition at
//! return, which no probe at the return may miss.

use std::process::Command;

const LOCK: &str = "\
held = [0]


def use(n: int):
    \"\"\"
    post: held[0] == 0
    \"\"\"
    held[0] = 1
    try:
        if n > 3:
            return n
    finally:
        held[0] = 0
    return n
";

/// Exit status and output of `check --oracle run`.
fn check(text: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("t.py");
    std::fs::write(&file, text).expect("it can be written");
    let out = Command::new(env!("CARGO_BIN_EXE_weiser"))
        .args(["check", "--oracle", "run"])
        .arg(&file)
        .current_dir(folder.path())
        .output()
        .expect("weiser runs");
    (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned())
}

#[test]
fn what_a_finally_does_is_not_missed() {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: there is no python3");
        return;
    }
    let (status, told) = check(LOCK);
    assert_eq!(status, Some(3), "{told}");
    assert!(told.contains("not_runnable") && told.contains("returns from inside a `try`"), "{told}");
    // What is returned is made by then.
    let (status, told) = check(&LOCK.replace("held[0] == 0", "result < 4"));
    assert_eq!(status, Some(1), "{told}");
    // A `finally` that returns itself overrides it.
    let (status, told) =
        check(&LOCK.replace("held[0] == 0", "result < 4").replace("        held[0] = 0", "        return 0"));
    assert_eq!(status, Some(3), "{told}");
}
