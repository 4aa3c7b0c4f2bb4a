//! `weiser fidelity` on the toy engine, whose POSTs say what came of running.

use super::*;
use crate::run::fidelity::{Fidelity, Mismatch, Mismatches};
use crate::run::observed::{End, Observed};
use crate::run::toolchain::RunError;
use crate::run::value;

pub fn walls(all: bool) -> Protections {
    let wall = || if all { Ok(()) } else { Err("an old kernel".to_owned()) };
    Protections {
        files: wall().map(|()| 6),
        namespaces: wall(),
        mounts: wall(),
        calls: wall(),
        limits: true,
        tasks: true,
    }
}

pub fn tool(language: &str) -> Result<Tool, String> {
    match language {
        "toy" => Ok(Tool { version: "Toy 3".into(), without: "no eyes: nothing is seen".into() }),
        _ => Err(format!("{language} programs can't be run here")),
    }
}

pub fn tested(file: &FileAnalysis, plan: &Plan, progress: &mut dyn FnMut(usize)) -> Vec<TripleFidelity> {
    progress(plan.inputs);
    let ran = |post: &str| {
        let inputs = plan.inputs;
        let fine = Fidelity { tried: inputs, accepted: inputs, reached: inputs, agree: inputs, ..Fidelity::default() };
        match post {
            "agree" => Ok(fine),
            "differ" => {
                let seen = Observed::ended(End::Assume, "");
                let told = Mismatch {
                    input: value::Input::default(),
                    original: seen.clone(),
                    slice: Some(0),
                    slices: vec![seen],
                };
                let spurious = Mismatches { count: 1, told: vec![told] };
                Ok(Fidelity { agree: inputs - 1, spurious, ..fine })
            }
            "broken" => Ok(Fidelity { broken: vec![(0, "no such word".into())], ..fine }),
            "apart" => Ok(Fidelity { reached: 0, ..fine }),
            "vacuous" => Ok(Fidelity { reached: 0, ..fine }),
            _ => Err(RunError::Program("it doesn't compile".into())),
        }
    };
    let ran = |post: &str| match tool(&file.language) {
        Ok(_) => ran(post),
        Err(_) => Err(RunError::NoTool { language: "Other".into(), tool: "other".into() }),
    };
    let one = |triple: &TripleAnalysis| TripleFidelity {
        result: ran(&triple.post.text),
        judged: true,
        toolchain: "Toy 3".into(),
        without: String::new(),
        parameters: vec![],
    };
    file.triples.iter().map(one).collect()
}

/// A machine without walls.
struct Bare;

impl Engine for Bare {
    fn languages(&self) -> Vec<LanguageName> {
        Toy.languages()
    }

    fn tokenizer(&self) -> String {
        Toy.tokenizer()
    }

    fn analyze(
        &self,
        input: Input,
        request: &Request,
        graphs: Option<GraphFormat>,
        settings: &Settings,
    ) -> Result<Analyzed, Rejected> {
        Toy.analyze(input, request, graphs, settings)
    }

    fn open(&self, settings: &Settings, largest_prompt: u64) -> Result<Box<dyn Asker>, OpenError> {
        Toy.open(settings, largest_prompt)
    }

    fn protections(&self) -> Protections {
        walls(false)
    }

    fn tool(&self, language: &str) -> Result<Tool, String> {
        Toy.tool(language)
    }

    fn interruptible(&self) {}

    fn fidelity(
        &self,
        file: &FileAnalysis,
        settings: &Settings,
        plan: &Plan,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<TripleFidelity>, Rejected> {
        Toy.fidelity(file, settings, plan, progress)
    }
}

const FILES: [(&str, &str); 7] = [
    ("agree.toy", "POST agree\n"),
    ("differ.toy", "POST differ\n"),
    ("broken.toy", "POST broken\n"),
    ("apart.toy", "POST apart\n"),
    ("vacuous.toy", "POST vacuous\n"),
    ("unfit.toy", "POST unfit\n"),
    ("agree.alt", "POST agree\n"),
];

fn exit_of(names: &[&str]) -> Exit {
    let names: Vec<String> = names.iter().map(|n| format!("{{}}/{n}")).collect();
    let args: Vec<&str> = ["fidelity"].into_iter().chain(names.iter().map(String::as_str)).collect();
    run(&FILES, &args).exit
}

#[test]
fn exit_status_says_what_came_of_it() {
    assert_eq!(exit_of(&["agree.toy"]), Exit::Holds);
    assert_eq!(exit_of(&["vacuous.toy"]), Exit::Holds);
    assert_eq!(exit_of(&["differ.toy"]), Exit::Violated);
    assert_eq!(exit_of(&["broken.toy"]), Exit::Violated);
    assert_eq!(exit_of(&["apart.toy"]), Exit::Undecided);
    assert_eq!(exit_of(&["unfit.toy"]), Exit::Undecided);
    assert_eq!(exit_of(&["agree.alt"]), Exit::Undecided);
    assert_eq!(exit_of(&["agree.toy", "unfit.toy"]), Exit::Undecided);
    assert_eq!(exit_of(&["unfit.toy", "differ.toy"]), Exit::Violated);
    assert_eq!(exit_of(&["agree.toy", "gone.toy"]), Exit::Usage);
    assert_eq!(exit_of(&["gone.toy", "differ.toy"]), Exit::Usage);
}

#[test]
fn a_whole_report() {
    insta::assert_snapshot!(run(&FILES, &["fidelity", "{}", "--inputs", "7"]).out);
}

#[test]
fn in_short() {
    let ran = run(&FILES[..2], &["fidelity", "{}", "-q"]);
    let expected = "agrees  {}/agree.toy:1  f  200 inputs (200 reach Q), 1 slice\n\
        differs  {}/differ.toy:1  f  200 inputs (200 reach Q), 1 slice\n\
        2 triples: 1 differs, 1 agrees; 400 inputs\n";
    assert_eq!((ran.out.as_str(), ran.err.as_str()), (expected, ""));
}

/// What runs is said even where standard output is for a machine.
#[test]
fn json_follows_its_schema() {
    let ran = run(&FILES, &["fidelity", "{}", "{}/gone.toy", "--format", "json", "--inputs", "7", "--seed", "5"]);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    let schema: Value = serde_json::from_str(Format::Fidelity.schema()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let problems: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!((document["seed"].as_u64(), document["inputs"].as_u64()), (Some(5), Some(7)));
    assert_eq!(document["errors"][0]["path"], "{}/gone.toy");
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.err.contains("running 6 files and their slices with Toy 3 (files: Landlock"), "{}", ran.err);
    let quiet = run(&FILES[..1], &["fidelity", "{}/agree.toy", "--format", "json", "-q"]);
    assert_eq!(quiet.err, "");
}

#[test]
fn nothing_is_run_without_walls() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.toy"), "POST agree\n").unwrap();
    let ran = run_on(&Bare, folder.path(), &["fidelity", "{}/a.toy"], &[]);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""));
    insta::assert_snapshot!(ran.err);
    let ran = run_on(&Bare, folder.path(), &["fidelity", "{}/a.toy", "--unprotected"], &[]);
    assert_eq!(ran.exit, Exit::Holds);
    assert!(ran.out.contains("files: NOT PROTECTED (an old kernel)"), "{}", ran.out);
}

#[test]
fn settings_that_matter_here_come_from_the_file_too() {
    let files = [("a.toy", "POST agree\n"), ("weiser.toml", "seed = 9\n")];
    let seed = |args: &[&str]| {
        let ran = run(&files, &[&["fidelity", "{}/a.toy", "--format", "json"], args].concat());
        serde_json::from_str::<Value>(&ran.out).unwrap()["seed"].as_u64()
    };
    assert_eq!((seed(&[]), seed(&["--seed", "2"])), (Some(9), Some(2)));
}
