//! Commands on a toy engine: a file's lines starting with `POST` are triples, what follows is the answer.

mod fidelity;

use super::inputs::Input;
use super::output::{Console, Sink};
use super::run::{Analyzed, Asker, Engine, GraphFormat, LanguageName, OpenError, Rejected};
use super::settings::{Environment, Settings};
use super::{Exit, run_from};
use crate::pipeline::{FileAnalysis, SliceAnalysis, TripleAnalysis, TripleFidelity, TripleVerdict};
use crate::render::{Rendered, SliceKind};
use crate::report::OracleChoice;
use crate::report::fidelity::Tool;
use crate::report::schema::Format;
use crate::run::fidelity::Plan;
use crate::run::sandbox::Protections;
use crate::spec::{Condition, ConditionKind, Request};
use crate::verdict::{Answer, AnswerKind, Confidence, Outcome};
use serde_json::Value;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

pub fn languages() -> Vec<LanguageName> {
    [("toy", "toy"), ("other", "alt")]
        .map(|(name, extension)| LanguageName { name: name.into(), extensions: vec![extension.into()] })
        .to_vec()
}

struct Toy;

impl Engine for Toy {
    fn languages(&self) -> Vec<LanguageName> {
        languages()
    }

    fn tokenizer(&self) -> String {
        "words".into()
    }

    fn analyze(
        &self,
        input: Input,
        request: &Request,
        graphs: Option<GraphFormat>,
        settings: &Settings,
    ) -> Result<Analyzed, Rejected> {
        if request.entry.as_deref() == Some("gone") {
            return Err(Rejected::Wrong(format!("{}: no function is named `gone`", input.source.path)));
        }
        let mut posts: Vec<(u32, &str)> = input
            .source
            .text
            .lines()
            .enumerate()
            .filter_map(|(i, line)| Some((i as u32 + 1, line.strip_prefix("POST ")?)))
            .collect();
        posts.extend(request.post.iter().map(|post| (request.at.unwrap_or(0), post.as_str())));
        if posts.is_empty() {
            return Err(Rejected::Nothing(format!("{}: no post-condition found", input.source.path)));
        }
        let triples = posts.into_iter().map(|(line, post)| triple(line, post, settings)).collect::<Vec<_>>();
        let graph = match graphs {
            Some(GraphFormat::Dot) => "digraph {}\n",
            Some(GraphFormat::Mermaid) => "flowchart TD\n",
            None => "",
        };
        let graphs = triples.iter().filter(|_| !graph.is_empty()).map(|_| graph.to_owned()).collect();
        let file = FileAnalysis {
            path: input.source.path,
            language: input.language,
            diagnostics: vec![],
            triples,
            text: input.source.text,
            linkage: None,
            request: request.clone(),
            options: crate::pipeline::Options::default(),
        };
        Ok(Analyzed { file, graphs })
    }

    fn open(&self, settings: &Settings, largest_prompt: u64) -> Result<Box<dyn Asker>, OpenError> {
        let choice = OracleChoice {
            spec: settings.oracle.clone(),
            about: format!("{}, prompts up to {largest_prompt}", settings.asked()),
            why: settings.oracle_why.clone(),
        };
        match settings.oracle.as_str() {
            "auto" if settings.configured.is_none() => Err(OpenError::Usage("no oracle is configured".into())),
            "dead" => Err(OpenError::Failed { code: "no_server".into(), message: "no server answers".into() }),
            _ => Ok(Box::new(ToyOracle(choice))),
        }
    }

    fn protections(&self) -> Protections {
        fidelity::walls(true)
    }

    fn tool(&self, language: &str) -> Result<Tool, String> {
        fidelity::tool(language)
    }

    fn interruptible(&self) {}

    fn fidelity(
        &self,
        file: &FileAnalysis,
        _: &Settings,
        plan: &Plan,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<TripleFidelity>, Rejected> {
        Ok(fidelity::tested(file, plan, progress))
    }
}

fn triple(line: u32, post: &str, settings: &Settings) -> TripleAnalysis {
    let vacuous = post == "vacuous";
    let slice = SliceAnalysis {
        id: format!("{line:02x}"),
        rendered: Rendered {
            left_out: vec![],
            kind: SliceKind::Class,
            text: format!("POST {post}\n"),
            lines: vec![Some(line.max(1))],
            kept: vec![(line.max(1), line.max(1))],
            assumptions: vec![],
        },
        tokens: 5,
        prompt_tokens: 20 + u64::from(line),
        classes: 1,
        class: 0,
        probe: None,
        edges: vec![],
    };
    TripleAnalysis {
        parts: vec![],
        id: format!("{line:02x}"),
        function: "f".into(),
        line: 1,
        params: vec![],
        pre: vec![],
        post: Condition {
            text: post.into(),
            kind: ConditionKind::Code,
            note: String::new(),
            span: None,
            names: vec![],
        },
        post_line: line,
        at_exit: false,
        criterion: vec!["x".into()],
        whole: false,
        program_tokens: 50,
        baseline_prompt_tokens: 70,
        asked: settings.max_partitions as u64,
        total: Some(settings.max_partitions as u64),
        vacuous,
        limits: vec![],
        slicing: crate::pipeline::Slicing::Exact,
        slices: if vacuous { vec![] } else { vec![slice] },
        diagnostics: vec![],
        graph: Default::default(),
    }
}

struct ToyOracle(OracleChoice);

impl Asker for ToyOracle {
    fn choice(&self) -> OracleChoice {
        self.0.clone()
    }

    fn warnings(&self) -> Vec<String> {
        vec!["a toy answers".into()]
    }

    fn check(&self, file: &FileAnalysis, triple: usize, answered: &mut dyn FnMut(u64)) -> TripleVerdict {
        let triple = &file.triples[triple];
        answered(1);
        let (kind, outcome) = match triple.post.text.as_str() {
            "pass" => (AnswerKind::Pass, Outcome::Holds),
            "fail" => (AnswerKind::Fail, Outcome::Violated),
            _ => (AnswerKind::Unknown, Outcome::Undecided),
        };
        let id = triple.slices[0].id.clone();
        let answer = Answer {
            answer: kind,
            reason: "so it says".into(),
            code: if outcome == Outcome::Undecided { "unparsable".into() } else { String::new() },
            tokens_in: 20,
            tokens_out: 3,
            ms: 1,
            ..Answer::blank(&id)
        };
        TripleVerdict {
            outcome,
            confidence: (outcome != Outcome::Undecided).then_some(Confidence::Claimed),
            least_failing: (outcome == Outcome::Violated).then_some(id),
            answers: vec![answer],
            questions: 1,
            tokens_in: 20,
            tokens_out: 3,
        }
    }
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A reader that has gone away.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Ran {
    exit: Exit,
    out: String,
    err: String,
}

/// Runs a command line in a folder with these files; `{}` in an argument stands for the folder.
fn run_with(files: &[(&str, &str)], args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    run_in(folder.path(), args, variables)
}

fn run_in(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    run_on(&Toy, folder, args, variables)
}

fn run_on(engine: &dyn Engine, folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let base = folder.display().to_string();
    let (out, err) = (Buffer::default(), Buffer::default());
    let (to_out, to_err) = (out.clone(), err.clone());
    let environment = Environment {
        variables: variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        folder: Some(folder.to_owned()),
    };
    let args = std::iter::once("weiser".to_owned()).chain(args.iter().map(|a| a.replace("{}", &base)));
    let exit = run_from(args.map(Into::into), &environment, engine, |_| {
        Console::of(Sink::new(Box::new(to_out), "out", false), Sink::new(Box::new(to_err), "err", false))
    });
    Ran { exit, out: out.text().replace(&base, "{}"), err: err.text().replace(&base, "{}") }
}

fn run(files: &[(&str, &str)], args: &[&str]) -> Ran {
    run_with(files, args, &[])
}

fn exit(files: &[(&str, &str)], args: &[&str]) -> Exit {
    let ran = run(files, &[&["check", "--oracle", "toy:x"], args].concat());
    ran.exit
}

#[test]
fn exit_status_says_what_came_of_it() {
    let files = [
        ("pass.toy", "POST pass\n"),
        ("fail.toy", "POST fail\n"),
        ("open.toy", "POST what\n"),
        ("vacuous.toy", "POST vacuous\n"),
        ("none.toy", "nothing\n"),
    ];
    assert_eq!(exit(&files, &["{}/pass.toy"]), Exit::Holds);
    assert_eq!(exit(&files, &["{}/fail.toy"]), Exit::Violated);
    assert_eq!(exit(&files, &["{}/open.toy"]), Exit::Undecided);
    assert_eq!(exit(&files, &["{}/open.toy", "{}/fail.toy", "{}/pass.toy"]), Exit::Violated);
    assert_eq!(exit(&files, &["{}/open.toy", "{}/pass.toy"]), Exit::Undecided);
    assert_eq!(exit(&files, &["{}/vacuous.toy"]), Exit::Holds);
    assert_eq!(exit(&files, &["{}/vacuous.toy", "--strict"]), Exit::Undecided);
    assert_eq!(exit(&files, &["{}/none.toy"]), Exit::Usage);
    assert_eq!(exit(&files, &["{}/none.toy", "{}/fail.toy"]), Exit::Usage);
    assert_eq!(exit(&files, &["{}/gone.toy"]), Exit::Usage);
    assert_eq!(exit(&files, &["{}/pass.toy", "--entry", "gone"]), Exit::Usage);
    assert_eq!(exit(&files, &["{}"]), Exit::Violated);
    assert_eq!(exit(&files[4..], &["{}"]), Exit::Usage);
}

#[test]
fn the_rest_is_reported_beside_an_unreadable_input() {
    let ran = run(&[("fail.toy", "POST fail\n")], &["check", "--oracle", "toy:x", "{}/gone.toy", "{}/fail.toy"]);
    assert_eq!(ran.exit, Exit::Usage);
    assert_eq!(ran.err, "error: {}/gone.toy: no such file or folder\nwarning: a toy answers\n");
    assert!(ran.out.contains("violated  {}/fail.toy:1  f  claimed by weiser"), "{}", ran.out);
}

#[test]
fn a_folder_passes_over_files_without_a_condition() {
    let ran = run(&[("a.toy", "-"), ("b.toy", "POST pass\n")], &["check", "--oracle", "toy:x", "{}"]);
    assert_eq!(ran.exit, Exit::Holds);
    assert_eq!(ran.err, "note: 1 file without a post-condition skipped (-v names them)\nwarning: a toy answers\n");
    let ran = run(&[("a.toy", "-"), ("b.toy", "POST pass\n")], &["check", "--oracle", "toy:x", "{}", "-v"]);
    assert!(ran.err.starts_with("skipped: {}/a.toy: no post-condition found\n"), "{}", ran.err);
}

#[test]
fn a_whole_report() {
    let files = [("a.toy", "POST fail\nPOST pass\n")];
    insta::assert_snapshot!(run(&files, &["check", "--oracle", "toy:x", "{}/a.toy"]).out);
    insta::assert_snapshot!(run(&files, &["slices", "{}/a.toy"]).out);
}

#[test]
fn json_follows_its_schema() {
    let files = [("a.toy", "POST fail\nPOST vacuous\nPOST what\n")];
    for (format, args) in [
        (Format::Check, vec!["check", "--oracle", "toy:x"]),
        (Format::Check, vec!["check", "--oracle", "dead"]),
        (Format::Slices, vec!["slices"]),
    ] {
        let ran = run(&files, &[args.as_slice(), &["--format", "json", "{}/a.toy", "{}/gone.toy"]].concat());
        let document: Value = serde_json::from_str(&ran.out).unwrap();
        let schema: Value = serde_json::from_str(format.schema()).unwrap();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let problems: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(document["errors"][0]["path"], "{}/gone.toy");
        assert_eq!(ran.exit, Exit::Usage);
    }
}

/// A server that is down is an outcome of every triple, not the end of the program.
#[test]
fn an_oracle_that_cannot_be_asked_leaves_everything_undecided() {
    let files = [("a.toy", "POST fail\nPOST vacuous\n")];
    let ran = run(&files, &["check", "--oracle", "dead", "{}/a.toy"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Undecided, "error: no server answers\n"));
    insta::assert_snapshot!(ran.out);
}

#[test]
fn an_oracle_that_is_not_named_is_wrong_usage() {
    let files = [("a.toy", "POST fail\n")];
    let ran = run(&files, &["check", "{}/a.toy"]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Usage, "error: no oracle is configured\n"));
    assert_eq!(run_with(&files, &["check", "{}/a.toy"], &[("WEISER_ORACLE", "toy:e")]).exit, Exit::Violated);
    let files = [("a.toy", "POST vacuous\n")];
    assert_eq!(run(&files, &["check", "{}/a.toy"]).exit, Exit::Holds);
}

#[test]
fn settings_come_from_flags_environment_and_file() {
    let files = [("a.toy", "POST pass\n"), ("weiser.toml", "oracle = 'toy:f'\nmax_partitions = 3\n")];
    let first = |args: &[&str], variables: &[(&str, &str)]| {
        let ran = run_with(&files, &[&["check", "{}/a.toy", "-v"], args].concat(), variables);
        assert!(ran.err.starts_with("settings from weiser.toml\n"));
        ran.out.lines().next().unwrap().to_owned()
    };
    assert_eq!(first(&[], &[]), "oracle: toy:f, prompts up to 21 (configured in weiser.toml)");
    let variable = [("WEISER_ORACLE", "toy:e")];
    assert_eq!(first(&[], &variable), "oracle: toy:e, prompts up to 21 (named by WEISER_ORACLE)");
    let flag = ["--oracle", "toy:x"];
    assert_eq!(first(&flag, &variable), "oracle: toy:x, prompts up to 21 (named by --oracle)");
    let slices = |args: &[&str]| run(&files, &[&["slices", "{}/a.toy"], args].concat()).out;
    assert!(slices(&[]).contains("3 classes"));
    assert!(slices(&["--max-partitions", "9"]).contains("9 classes"));
    assert!(slices(&["--config", "/dev/null"]).contains("64 classes"));
}

#[test]
fn wrong_settings_are_wrong_usage() {
    let files = [("a.toy", "POST pass\n"), ("weiser.toml", "\noracel = 'toy:f'\n")];
    let ran = run(&files, &["slices", "{}/a.toy"]);
    assert_eq!(
        (ran.exit, ran.err.as_str()),
        (Exit::Usage, "error: weiser.toml:2: unknown key `oracel`; is `oracle` meant?\n")
    );
    let ran = run_with(&files[..1], &["slices", "{}/a.toy"], &[("WEISER_JOBS", "x")]);
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Usage, "error: WEISER_JOBS: `x` is no number\n"));
    let ran = run(&files[..1], &["slices", "{}/a.toy", "--config", "{}/none.toml"]);
    assert!(ran.err.starts_with("error: none.toml: cannot be read"), "{}", ran.err);
}

/// Else a folder of somebody's code could have our keys sent to its author.
#[test]
fn a_file_that_was_only_found_cannot_send_a_key_somewhere() {
    let files = [("a.toy", "POST pass\n"), ("weiser.toml", "base_url = 'http://evil'\napi_key_file = '/etc/key'\n")];
    let ran = run(&files, &["check", "{}/a.toy"]);
    assert_eq!((ran.exit, ran.err.contains("names both an address and where a key is found")), (Exit::Usage, true));
    let ran = run(&files, &["check", "{}/a.toy", "--oracle", "toy:x", "--config", "{}/weiser.toml"]);
    assert_eq!(ran.exit, Exit::Holds);
}

#[test]
fn at_names_a_line_of_the_one_file() {
    let files = [("a.toy", "-\n"), ("b.toy", "-\n")];
    let with = |args: &[&str]| run(&files, &[&["slices", "--post", "x"], args].concat());
    assert!(with(&["{}/a.toy", "--at", "{}/a.toy:7"]).out.starts_with("{}/a.toy:7"));
    assert!(with(&["--at", "{}/a.toy:7"]).out.starts_with("{}/a.toy:7"));
    assert!(with(&["{}/a.toy", "--at", "7"]).out.starts_with("{}/a.toy:7"));
    let wrong = with(&["{}/a.toy", "--at", "{}/b.toy:7"]);
    assert_eq!((wrong.exit, wrong.err.contains("is not a line of")), (Exit::Usage, true));
    let wrong = with(&["{}", "--at", "7"]);
    assert_eq!((wrong.exit, wrong.err.contains("give that file alone")), (Exit::Usage, true));
    assert_eq!(with(&["--at", "7"]).exit, Exit::Usage);
}

#[test]
fn graphs_take_the_place_of_the_listing() {
    let files = [("a.toy", "POST pass\nPOST fail\n")];
    assert_eq!(run(&files, &["slices", "{}/a.toy", "--dot"]).out, "digraph {}\ndigraph {}\n");
    assert_eq!(run(&files, &["slices", "{}/a.toy", "--mermaid"]).out, "flowchart TD\nflowchart TD\n");
}

#[test]
fn a_report_goes_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.toy"), "POST pass\n").unwrap();
    let ran = run_in(folder.path(), &["slices", "{}/a.toy", "-q", "-o", "{}/out.txt", "--color", "always"], &[]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Holds, ""));
    let written = std::fs::read_to_string(folder.path().join("out.txt")).unwrap();
    assert!(written.ends_with("a.toy:1  f  1 slice of 5 tokens; the whole program has 50\n"), "{written}");
    let ran = run_in(folder.path(), &["slices", "{}/a.toy", "-o", "{}/no/out.txt"], &[]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.err.starts_with("error: cannot write to {}/no/out.txt: "), "{}", ran.err);
}

#[test]
fn the_language_is_known_or_named() {
    let files = [("a.txt", "POST pass\n")];
    assert_eq!(run(&files, &["slices", "{}/a.txt", "--language", "toy"]).exit, Exit::Holds);
    assert_eq!(run(&files, &["slices", "{}/a.txt"]).exit, Exit::Usage);
    let ran = run(&files, &["slices", "{}/a.txt", "--language", "cobol"]);
    assert_eq!(ran.err, "error: --language: `cobol` is not known; known are toy, other\n");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toy");
    std::fs::write(&path, "POST pass\nPOST pass\n").unwrap();
    let args = ["weiser", "check", "--oracle", "toy:x", path.to_str().unwrap()];
    let err = Buffer::default();
    let to_err = err.clone();
    let exit = run_from(args.map(Into::into), &Environment::default(), &Toy, |_| {
        Console::of(Sink::new(Box::new(Gone), "out", false), Sink::new(Box::new(to_err), "err", false))
    });
    // What nobody reads is not asked, and what is not asked does not hold.
    assert_eq!((exit, err.text().as_str()), (Exit::Undecided, "warning: a toy answers\n"));
}

/// What is too much to hold is analysed again when it is its turn, and comes out the same.
#[test]
fn a_large_run_holds_no_more_than_it_should() {
    use super::analysis::{Held, Keep, gather};
    use super::args::{self, Cli, Command};
    use clap::Parser;

    let folder = tempfile::tempdir().unwrap();
    for name in ["a.toy", "b.toy", "c.toy"] {
        std::fs::write(folder.path().join(name), "POST pass\nPOST fail\n").unwrap();
    }
    let path = folder.path().display().to_string();
    let Command::Check(args) = Cli::parse_from(["weiser", "check", &path]).command else { panic!("it is a check") };
    let layer = args::layer(&args.program, &args.asking, &args.cost);
    let settings = Settings::resolve(layer, &args.common, &Environment::default()).unwrap();
    let err = Buffer::default();
    let console = || {
        let sink = |buffer: &Buffer| Sink::new(Box::new(buffer.clone()), "", false);
        Console::of(sink(&Buffer::default()), sink(&err))
    };
    let all =
        |most| gather(&args.program, &args.common, None, &settings, &Toy, &mut console(), Keep::Slices(most)).unwrap();
    let mut held = all(u64::MAX);
    let mut again = all(2);
    assert_eq!((held.totals, again.totals.slices), (again.totals, 6));
    let kept = again.files.iter().filter(|h| matches!(h, Held::Whole(_))).count();
    assert_eq!(kept, 1);
    let (whole, anew) = (std::mem::take(&mut held.files), std::mem::take(&mut again.files));
    for (one, other) in whole.into_iter().zip(anew) {
        let one = held.file(one, &settings, &Toy, &mut console()).unwrap();
        let other = again.file(other, &settings, &Toy, &mut console()).unwrap();
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }
    let mut gone = all(0);
    std::fs::remove_file(folder.path().join("a.toy")).unwrap();
    let first = gone.files.remove(0);
    assert!(gone.file(first, &settings, &Toy, &mut console()).is_none());
    assert_eq!(gone.errors.len(), 1);
    assert!(err.text().contains("it was changed during the run"), "{}", err.text());
}
