//! `weiser check --save`, `--report` and `weiser report` as a user runs them, and the page in a real browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn weiser(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weiser"));
    command.current_dir(folder).args(args).env("WEISER_CACHE", "false").env("WEISER_INDEX_CACHE", "off");
    for variable in ["WEISER_ORACLE", "WEISER_BASE_URL", "WEISER_CONFIG", "WEISER_JOBS", "OLLAMA_HOST"] {
        command.env_remove(variable);
    }
    command.output().unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const SHIPPING: [&str; 4] = ["check", "examples/shipping.py", "--oracle", "replay:examples/shipping.py.answers.jsonl"];

/// The recorded example in a folder.
fn saved(folder: &Path) -> PathBuf {
    let run = folder.join("run");
    let done = weiser(root(), &[&SHIPPING[..], &["--save", run.to_str().unwrap()]].concat());
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    run
}

#[test]
fn a_report_of_a_saved_run_is_the_one_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let run = saved(folder.path());
    for format in ["html", "sarif", "json", "junit", "md", "gcc"] {
        let (direct, later) = (folder.path().join("direct"), folder.path().join("later"));
        let wanted = format!("{format}={}", direct.display());
        let done = weiser(root(), &[&SHIPPING[..], &["--report", &wanted]].concat());
        assert_eq!(done.status.code(), Some(1), "{}", said(&done));
        let later = later.to_str().unwrap();
        let done = weiser(root(), &["report", run.to_str().unwrap(), "--format", format, "--output", later]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let printed = weiser(root(), &["report", run.to_str().unwrap(), "--format", format]);
        let (direct, later) = (fs::read_to_string(&direct).unwrap(), fs::read_to_string(later).unwrap());
        assert_eq!(String::from_utf8(printed.stdout).unwrap(), later);
        // Only the clock differs.
        let timeless = |text: &str| -> String {
            text.lines().filter(|l| !l.contains("\"started\":") && !l.contains("<dt>started</dt>")).collect()
        };
        assert_eq!(timeless(&direct), timeless(&later), "{format}");
        assert!(direct.contains("shipping"), "{format}");
    }
}

#[test]
fn several_reports_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (md, gcc) = (format!("md={}", file("a.md")), format!("gcc={}", file("a.txt")));
    let done = weiser(root(), &[&SHIPPING[..], &["--report", &md, "--report", &gcc]].concat());
    assert_eq!(done.status.code(), Some(1));
    assert!(fs::read_to_string(file("a.txt")).unwrap().starts_with("examples/shipping.py:26:5: warning: "));
    assert!(fs::read_to_string(file("a.md")).unwrap().starts_with("## weiser"));
    assert!(said(&done).contains("a.md: written"), "{}", said(&done));
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let run = saved(folder.path());
    let refused = |args: &[&str], why: &str| {
        let done = weiser(root(), &[&SHIPPING[..], args].concat());
        assert_eq!((done.status.code(), done.stdout.is_empty()), (Some(2), true), "{args:?}");
        assert!(said(&done).contains(why), "{}", said(&done));
    };
    refused(&["--save", run.to_str().unwrap()], "holds the record of a run already");
    refused(&["--report", "html=/no/such/folder/a.html"], "there is no such folder");
    refused(&["--report", "html=a", "--report", "md=a"], "to be written twice");
    refused(&["--report", "pdf=a.pdf"], "no report is named `pdf`");
    refused(&["--report", "a.html"], "expected a format and a file");
    let done = weiser(root(), &["report", folder.path().to_str().unwrap(), "--format", "md"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(said(&done).contains("is no record of a run"), "{}", said(&done));
}

/// What is really recorded follows the schema that is printed.
#[test]
fn records_follow_their_schema() {
    let folder = tempfile::tempdir().unwrap();
    let run = saved(folder.path());
    let other = folder.path().join("other");
    let nobody = ["--oracle", "ollama:m", "--base-url", "http://127.0.0.1:9", "--save", other.to_str().unwrap()];
    weiser(root(), &[&["check", "examples/", "gone.c"][..], &nobody].concat());
    let schema = weiser(root(), &["schema", "run"]).stdout;
    let validator = jsonschema::draft202012::new(&serde_json::from_slice(&schema).unwrap()).unwrap();
    for run in [run, other] {
        let lines = fs::read_to_string(run.join("triples.jsonl")).unwrap();
        let manifest = fs::read_to_string(run.join("manifest.json")).unwrap();
        for line in lines.lines().chain([manifest.as_str()]) {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(validator.is_valid(&value), "{:?}", validator.iter_errors(&value).next());
        }
        assert!(lines.lines().last().unwrap().starts_with("{\"end\":"));
    }
}

#[test]
fn a_run_that_was_killed_can_be_reported() {
    let folder = tempfile::tempdir().unwrap();
    let run = saved(folder.path());
    let lines = run.join("triples.jsonl");
    let text = fs::read_to_string(&lines).unwrap();
    let (first, _) = text.split_once('\n').unwrap();
    fs::write(&lines, format!("{first}\n{{\"path\": \"exam")).unwrap();
    for format in ["html", "sarif", "json", "junit", "md", "gcc"] {
        let done = weiser(root(), &["report", run.to_str().unwrap(), "--format", format]);
        assert_eq!(done.status.code(), Some(0));
        let text = String::from_utf8_lossy(&done.stdout);
        assert!(text.contains("cut short"), "{format}: {text}");
        assert!(said(&done).contains("warning: the run was cut short"), "{}", said(&done));
    }
}

/// Keys are in no record.
#[test]
fn no_key_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root().join("examples/shipping.py"), folder.path().join("f.py")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_weiser"));
    let done = command
        .current_dir(folder.path())
        .args(["check", "f.py", "--oracle", "openai:m", "--base-url", "http://127.0.0.1:9/v1", "--save", "run"])
        .args(["--report", "html=f.html", "--report", "json=f.json"])
        .env("WEISER_CACHE", "false")
        .env("WEISER_API_KEY", "sk-very-secret-4711")
        .env("WEISER_HEADERS", "X-Team: hush-4712")
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(3), "{}", said(&done));
    let files = ["run/manifest.json", "run/triples.jsonl", "f.html", "f.json"];
    for file in files {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(!text.contains("4711") && !text.contains("4712"), "{file}");
    }
}

/// A program whose text, names and conditions were written to get out of the page.
fn hostile(folder: &Path) -> PathBuf {
    let evil = "</script><script>window.ran=1</script><img src=x onerror='window.ran=1'>";
    let source = format!(
        "def f(x):\n    \"\"\"{evil} \u{1b}[31m \u{202e}gnp.\u{2066}\n\n    pre: `x` is {evil}\n    \"\"\"\n    y = \"{evil}\" + str(x)\n    \
         z = \"{}\"\n    if y == \"]]>-->&lt;\":\n        y = z\n    return y  # POST: `y` isn't {evil} | `````` {{{{ 7 * 7 }}}}\n",
        "w".repeat(1 << 20)
    );
    let file = folder.join("ho<b>stile' \"&.py");
    fs::write(&file, source).unwrap();
    file
}

/// Chromium, and a folder with the packages that drive it; or why not.
fn browser() -> Result<(String, PathBuf), String> {
    let found = |name: &str| {
        let found = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().ok()?;
        found.status.success().then(|| String::from_utf8_lossy(&found.stdout).trim().to_owned())
    };
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let chromium = names.into_iter().find_map(found).ok_or("no Chromium on the search path")?;
    found("node").ok_or("no node on the search path")?;
    let modules = root().join("target/browser");
    if !modules.join("node_modules/axe-core").is_dir() || !modules.join("node_modules/playwright-core").is_dir() {
        fs::create_dir_all(&modules).unwrap();
        let packages = ["playwright-core@1", "axe-core@4"];
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&modules).args(packages);
        let done = npm.output().map_err(|e| format!("no npm: {e}"))?;
        if !done.status.success() {
            return Err(format!("npm can't install {packages:?}: {}", said(&done)));
        }
    }
    Ok((chromium, modules))
}

#[test]
fn the_page_works_in_a_browser() {
    let (chromium, modules) = match browser() {
        Ok(found) => found,
        Err(why) => {
            eprintln!("skipped: {why}");
            return;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let reported = |args: &[&str], name: &str| {
        let wanted = format!("html={}", file(name).display());
        let done = weiser(root(), &[args, &["--report", &wanted]].concat());
        assert!(file(name).is_file(), "{}", said(&done));
    };
    reported(&SHIPPING, "shipping.html");
    let examples = ["check", "examples/queue.c", "examples/median.py", "examples/Limiter.java", "gone.c"];
    let nobody = ["--oracle", "ollama:m", "--base-url", "http://127.0.0.1:9"];
    reported(&[&examples[..], &nobody].concat(), "open.html");
    let hostile = hostile(folder.path());
    reported(&[&["check", hostile.to_str().unwrap()][..], &nobody].concat(), "hostile.html");

    let pictures = root().join("target/browser/pictures");
    fs::create_dir_all(&pictures).unwrap();
    let pages = ["shipping", "open", "hostile"].map(|n| format!("{n}={}", file(&format!("{n}.html")).display()));
    let mut node = Command::new("node");
    node.arg(root().join("tests/browser/drive.mjs")).arg(&modules).arg(&pictures).args(&pages);
    let done = node.env("CHROMIUM", chromium).output().unwrap();
    let out = String::from_utf8_lossy(&done.stdout);
    assert_eq!(out, "shipping: ok\nopen: ok\nhostile: ok\n", "{}", said(&done));
}
