//! Votes, several models, a stronger one, and budgets, as a user sees them: the real program against the stand-in.

mod asking;
mod standin;

use serde_json::Value;
use standin::{Request, Standin, verdict};
use std::path::Path;
use std::process::Output;

const PROGRAM: &str = "\
int f(int a, int b) {
    int r = 0;
    if (a > 0)
        r = r + 1;
    if (b > 0)
        r = r + 2;
    assert(r >= 0); // POST
    return r;
}
";

fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("f.c"), PROGRAM).expect("the program is written");
    folder
}

fn weiser(folder: &Path, args: &[&str]) -> Output {
    asking::with_cache(folder, args).output().expect("the program starts")
}

/// The document, the status, what was said besides.
fn check(folder: &Path, server: &Standin, args: &[&str]) -> (Value, i32, String) {
    let base = ["check", "f.c", "--format", "json", "--base-url", &server.url];
    let output = weiser(folder, &[&base, args].concat());
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e} {err}"));
    let schema: Value = serde_json::from_str(weiser::report::schema::Format::Check.schema()).unwrap();
    let wrong: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    (document, output.status.code().unwrap_or(-1), err)
}

fn model(request: &Request) -> &str {
    request.body["model"].as_str().unwrap_or_default()
}

fn seed(request: &Request) -> u64 {
    request.body["options"]["seed"].as_u64().unwrap_or(99)
}

#[test]
fn votes_differ_by_seed_and_the_majority_counts() {
    let folder = scratch();
    let server = Standin::start(|r| verdict(r, if seed(r) == 1 { "fail" } else { "pass" }, &[("a", "1")]));
    let (document, status, _) = check(folder.path(), &server, &["--oracle", "ollama:m", "--votes", "3", "--jobs", "4"]);
    assert_eq!(status, 0);
    let triple = &document["files"][0]["triples"][0];
    let answers = triple["answers"].as_array().unwrap();
    for answer in answers {
        assert_eq!((&answer["votes"]["pass"], &answer["votes"]["fail"]), (&Value::from(2), &Value::from(1)));
        assert_eq!((answer["agreement"].as_f64(), answer["ballots"].as_array().map(Vec::len)), (Some(0.667), Some(3)));
    }
    assert_eq!(triple["cost"]["questions"].as_u64(), Some(3 * answers.len() as u64));
    let temperatures: Vec<bool> = server
        .questions()
        .iter()
        .map(|q| (q.body["options"]["temperature"].as_f64() > Some(0.0)) == (seed(q) > 0))
        .collect();
    assert!(temperatures.iter().all(|right| *right));
    // The first vote of three is the only vote of one: nothing is asked again.
    let before = server.questions().len();
    check(folder.path(), &server, &["--oracle", "ollama:m"]);
    assert_eq!(server.questions().len(), before);
}

#[test]
fn models_that_disagree_leave_it_open_and_a_stronger_one_settles_it() {
    let folder = scratch();
    let server = Standin::start(|r| verdict(r, if model(r) == "b" { "fail" } else { "pass" }, &[("a", "1")]));
    let two = ["--oracle", "ollama:a", "--oracle", "ollama:b", "--all"];
    let (document, status, _) = check(folder.path(), &server, &two);
    let answers = document["files"][0]["triples"][0]["answers"].as_array().unwrap().clone();
    assert_eq!(status, 3);
    assert!(answers.iter().all(|a| a["code"] == "split" && a["agreement"] == 0.5));
    assert_eq!(document["oracle"]["spec"], "ollama:a, ollama:b");

    let higher = [&two[..], &["--escalate", "ollama:strong"]].concat();
    let before = server.questions().len();
    let (document, status, _) = check(folder.path(), &server, &higher);
    assert_eq!((status, &document["files"][0]["triples"][0]["outcome"]), (0, &Value::from("holds")));
    let asked: Vec<Request> = server.questions().split_off(before);
    assert!(!asked.is_empty() && asked.iter().all(|r| model(r) == "strong"));
    assert_eq!(document["files"][0]["triples"][0]["answers"][0]["overruled"]["code"], "split");
}

#[test]
fn each_oracle_may_have_a_server_of_its_own() {
    let folder = scratch();
    let servers = [(); 3].map(|()| Standin::start(|r| verdict(r, if model(r) == "b" { "fail" } else { "pass" }, &[])));
    let urls: Vec<String> = servers.iter().map(|s| s.url.clone()).collect();
    let models = |server: &Standin| {
        let mut names: Vec<String> = server.questions().iter().map(|r| model(r).to_string()).collect();
        names.dedup();
        names
    };
    let seen = |args: &[&str]| {
        let before: Vec<usize> = servers.iter().map(|s| s.questions().len()).collect();
        let args =
            [&["check", "f.c", "--no-cache", "--all", "--oracle", "ollama:a", "--oracle", "ollama:b"], args].concat();
        let output = weiser(folder.path(), &args);
        let new = |(server, before): (&Standin, &usize)| {
            let mut names: Vec<String> =
                server.questions().split_off(*before).iter().map(|r| model(r).to_string()).collect();
            names.sort();
            names.dedup();
            names.concat()
        };
        let asked: Vec<String> = servers.iter().zip(&before).map(new).collect();
        (asked.join(" "), output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // In the order of the oracles.
    assert_eq!(seen(&["--base-url", &urls[0], "--base-url", &urls[1]]).0, "a b ");
    // By name: an oracle, the stronger one, a provider.
    let higher = ["--escalate", "ollama:c"];
    let named = [format!("ollama:c={}", urls[2]), format!("ollama={}", urls[0])];
    let by_name = seen(&[&higher[..], &["--base-url", &named[0], "--base-url", &named[1]]].concat());
    assert_eq!((by_name.0.as_str(), by_name.1), ("ab  c", Some(0)), "{}", by_name.2);
    assert_eq!(seen(&["--base-url", &urls[1]]).0, " ab ", "one address is for all of the provider");
    // The same in the file; a flag wins.
    let file =
        format!("[servers.\"ollama:a\"]\nbase_url = '{}'\n[servers.ollama]\nbase_url = '{}'\n", urls[0], urls[2]);
    std::fs::write(folder.path().join("weiser.toml"), file).unwrap();
    assert_eq!(seen(&[]).0, "a  b");
    assert_eq!(seen(&["--base-url", &format!("ollama:b={}", urls[1])]).0, "a b ");
    // What fits nobody is wrong usage, and nobody is asked.
    for (wrong, says) in [
        (
            vec!["--base-url", &urls[0], "--base-url", &urls[1], "--base-url", &urls[2]],
            "3 addresses are given for 2 oracles",
        ),
        (vec!["--base-url", "ollama:z=http://x"], "`ollama:z` is none of the oracles"),
        (vec!["--base-url", "ollama:a="], "has no address"),
    ] {
        let (asked, status, said) = seen(&wrong);
        assert_eq!((asked.trim(), status), ("", Some(2)), "{said}");
        assert!(said.contains(says), "{said}");
    }
    assert!(models(&servers[0]).contains(&"a".to_string()));
}

#[test]
fn running_has_no_vote() {
    let folder = scratch();
    for (first, second) in [("run", "ollama:a"), ("ollama:a", "run")] {
        let output = weiser(folder.path(), &["check", "f.c", "--oracle", first, "--oracle", second]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("`run` has no vote"), "{first}");
    }
}

#[test]
fn what_passes_is_not_escalated() {
    let folder = scratch();
    let server = Standin::start(|r| verdict(r, "pass", &[]));
    check(folder.path(), &server, &["--oracle", "ollama:a", "--escalate", "ollama:strong"]);
    assert!(server.questions().iter().all(|r| model(r) == "a"));
}

#[test]
fn votes_read_well() {
    let folder = scratch();
    let server = Standin::start(|r| verdict(r, if seed(r) < 2 { "fail" } else { "pass" }, &[("a", "1")]));
    let args = ["check", "f.c", "--oracle", "ollama:m", "--votes", "4", "--base-url", &server.url, "-v", "--jobs", "1"];
    let output = weiser(folder.path(), &args);
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout).replace(&server.url, "URL"));
}

#[test]
fn a_budget_stops_cleanly_and_the_next_run_goes_on() {
    let folder = scratch();
    let server = Standin::start(|r| verdict(r, "pass", &[]));
    let args = ["--oracle", "ollama:m", "--jobs", "1", "--budget-tokens", "1100"];
    let (document, status, err) = check(folder.path(), &server, &args);
    let answers = document["files"][0]["triples"][0]["answers"].as_array().unwrap().clone();
    let passed = answers.iter().filter(|a| a["answer"] == "pass").count();
    assert_eq!((status, passed, server.questions().len()), (3, 2, 2), "{err}");
    assert!(answers[passed..].iter().all(|a| a["answer"] == "unknown" && a["code"] == "budget"));
    assert!(err.contains("the budget (1100 tokens) is used up"), "{err}");
    let spent = &document["spent"];
    assert_eq!((spent["questions"].as_u64(), spent["refused"].as_u64()), (Some(2), Some((answers.len() - 2) as u64)));
    assert!(spent["tokens_in"].as_u64().unwrap() + spent["tokens_out"].as_u64().unwrap() <= 1100);
    let (document, status, _) = check(folder.path(), &server, &args);
    let outcome = document["files"][0]["triples"][0]["outcome"].as_str();
    assert_eq!((status, outcome, server.questions().len()), (0, Some("holds"), answers.len()));
}

#[test]
fn money_needs_a_price() {
    let folder = scratch();
    let server = Standin::start(|r| verdict(r, "pass", &[]));
    let url = format!("{}/v1", server.url);
    let args = ["check", "f.c", "--oracle", "openai:m", "--base-url", &url, "--jobs", "1", "--budget-usd", "0.012"];
    let output = weiser(folder.path(), &args);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no price of openai:m is known"));
    let prices = "[prices]\n\"openai:m\" = { input = 10.0, output = 10.0 }\n";
    std::fs::write(folder.path().join("weiser.toml"), prices).unwrap();
    let output = weiser(folder.path(), &[&args[..], &["--format", "json"]].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let usd = document["spent"]["usd"].as_f64().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(usd > 0.0 && usd <= 0.012, "{usd}");
}

#[test]
fn time_runs_out_for_what_is_in_flight() {
    let folder = scratch();
    let server = Standin::start(|r| if r.number == 0 { verdict(r, "pass", &[]) } else { standin::Act::Hang });
    let args = ["--oracle", "ollama:m", "--jobs", "1", "--budget-time", "3s"];
    let started = std::time::Instant::now();
    let (document, status, _) = check(folder.path(), &server, &args);
    let answers = document["files"][0]["triples"][0]["answers"].as_array().unwrap().clone();
    assert_eq!((status, &answers[0]["answer"], &answers[1]["code"]), (3, &Value::from("pass"), &Value::from("budget")));
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn an_estimate_names_questions_tokens_and_costs() {
    let folder = scratch();
    let args = ["slices", "f.c", "--estimate", "--oracle", "ollama:m", "--oracle", "openai:gpt-5-mini", "--votes", "2"];
    let output = weiser(folder.path(), &args);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout));
    let output = weiser(folder.path(), &[&args[..], &["--format", "json"]].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: Value = serde_json::from_str(weiser::report::schema::Format::Slices.schema()).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&document));
    assert_eq!(document["estimate"]["models"][1]["model"], "openai:gpt-5-mini");
}

#[test]
fn a_verdict_that_hangs_on_a_name_is_not_stable() {
    let folder = scratch();
    let program = "def f(sorted_list):\n    first = sorted_list[0]  # the least\n    assert first <= 0  # POST\n";
    std::fs::write(folder.path().join("f.py"), program).unwrap();
    let run = |server: &Standin| {
        let base = ["check", "f.py", "--format", "json", "--oracle", "ollama:m", "--base-url", &server.url];
        let output = weiser(folder.path(), &[&base[..], &["--probe", "--no-cache"]].concat());
        (serde_json::from_slice::<Value>(&output.stdout).unwrap(), output.status.code())
    };
    let naive = Standin::start(|r| verdict(r, if r.asks("sorted_list") { "pass" } else { "fail" }, &[]));
    let (document, status) = run(&naive);
    let answer = &document["files"][0]["triples"][0]["answers"][0];
    assert_eq!((status, &answer["code"], &answer["asked"]), (Some(3), &Value::from("unstable"), &Value::from(2)));
    let asked = naive.questions();
    let probe = asked.iter().find(|q| q.asks("v1") && !q.asks("sorted_list")).expect("it was probed");
    insta::assert_snapshot!(probe.user().split("=== CODE ").nth(1).unwrap().split_once('\n').unwrap().1);
    let sound = Standin::start(|r| verdict(r, "pass", &[]));
    assert_eq!(run(&sound).1, Some(0));
}
