//! Our own data sets judged by running them: a small share of them here, all with `weiser eval eval/own.toml`.

mod asking;

use serde_json::Value;
use std::path::Path;

#[test]
fn running_our_data_sets_finds_violations_and_none_where_a_condition_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("run");
    let args = ["eval", "eval/smoke.toml", "--to", to.to_str().unwrap(), "--format", "json"];
    let output = asking::weiser(root, &args).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    if err.contains("programs are not run here") {
        println!("skipped: {err}");
        return;
    }
    assert_eq!(output.status.code(), Some(0), "{err}");
    let scores: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = scores["scores"].as_array().unwrap();
    assert!(rows.len() >= 2);
    let mut found = 0;
    for row in rows.iter().filter(|r| r["group"] == "all") {
        assert_eq!(row["false_alarms"]["right"], 0, "a condition that holds is said to be violated: {row}");
        assert_eq!(row["confusion"]["holds"]["holds"], 0, "running never says that a condition holds");
        let analysed = |label: &str| row["confusion"][label]["not analysed"].as_u64().unwrap();
        assert_eq!((analysed("holds"), analysed("violated")), (0, 0), "{row}");
        found += row["found"]["right"].as_u64().unwrap();
    }
    // Without a toolchain for any of the languages, nothing is run and nothing found.
    let tools = ["python3", "cc"].iter().any(|tool| std::process::Command::new(tool).arg("--version").output().is_ok());
    assert!(found > 0 || !tools, "{scores}");
    for name in ["scores.md", "accuracy.csv", "accuracy-leetcode.svg"] {
        assert!(to.join("tables").join(name).is_file(), "{name}");
    }
}
