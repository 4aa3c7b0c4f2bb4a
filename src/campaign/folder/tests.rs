//! What is left of a run after any end.

use super::*;
use crate::campaign::Method;
use crate::report::OracleChoice;
use crate::verdict::Outcome;

fn cell() -> Cell {
    Cell { dataset: "d".into(), oracle: "m".into(), method: Method::Slices, votes: 1 }
}

fn row(id: &str, problem: Option<&str>) -> SubjectRow {
    SubjectRow {
        dataset: "d".into(),
        id: id.into(),
        group: "g".into(),
        language: "c".into(),
        label: Some(Outcome::Holds),
        program_tokens: 9,
        problem: problem.map(str::to_owned),
        hash: "h".into(),
    }
}

fn verdict(subject: &str, open: bool) -> Verdict {
    Verdict {
        cell: cell(),
        subject: subject.into(),
        outcome: if open { Outcome::Undecided } else { Outcome::Holds },
        confidence: None,
        cause: String::new(),
        share: Some(0.667),
        cast: 3,
        slices: 1,
        questions: 1,
        tokens_in: 2,
        tokens_out: 3,
        least: None,
        open,
    }
}

fn campaign() -> Campaign {
    Campaign {
        schema: CAMPAIGN.into(),
        weiser: "1".into(),
        templates: "1".into(),
        tokenizer: "t".into(),
        name: "n".into(),
        about: String::new(),
        datasets: vec![],
        oracles: vec![],
        cells: vec![cell()],
        shard: String::new(),
        settings: BTreeMap::new(),
    }
}

fn manifest() -> Manifest {
    Manifest {
        schema: crate::report::record::RUN.into(),
        weiser: "1".into(),
        command: "eval".into(),
        inputs: vec![],
        settings: BTreeMap::new(),
        tokenizer: "t".into(),
        oracle: OracleChoice { spec: "m".into(), about: String::new(), why: String::new() },
        asking: None,
        planned: None,
        started: None,
        machine: None,
    }
}

fn open(path: &Path) -> Result<Folder, FolderError> {
    Folder::open(path, &campaign(), &[row("a", None), row("b", Some("broken"))], &manifest())
}

#[test]
fn verdicts_come_back_and_open_ones_are_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    {
        let mut run = open(&path).unwrap();
        run.keep(&verdict("a", true)).unwrap();
        run.keep(&verdict("c", false)).unwrap();
        assert!(matches!(open(&path), Err(FolderError::Busy { .. })));
    }
    let mut again = open(&path).unwrap();
    assert_eq!(again.done, [(cell(), "c".to_owned())].into());
    again.keep(&verdict("a", false)).unwrap();
    drop(again);
    assert_eq!(open(&path).unwrap().done.len(), 2);
    let held = Held::read(&path).unwrap();
    assert_eq!(held.verdicts, [verdict("a", true), verdict("c", false), verdict("a", false)]);
    assert_eq!((held.campaign, held.subjects.len(), held.torn), (campaign(), 2, false));
}

/// Cut at each byte, as a kill or a full disk may do.
#[test]
fn a_file_that_ends_anywhere_is_read_and_continued() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let mut run = open(&path).unwrap();
    for subject in ["a", "c"] {
        run.keep(&verdict(subject, false)).unwrap();
    }
    drop(run);
    let file = path.join(VERDICTS);
    let whole = fs::read(&file).unwrap();
    let first = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    for end in 0..=whole.len() {
        fs::write(&file, &whole[..end]).unwrap();
        let lines = usize::from(end >= first) + usize::from(end == whole.len());
        let torn = end != 0 && end != first && end != whole.len();
        assert_eq!(Held::read(&path).unwrap().torn, torn, "{end}");
        let mut run = open(&path).unwrap();
        assert_eq!((run.done.len(), run.mended), (lines, torn), "{end}");
        run.keep(&verdict("z", false)).unwrap();
        drop(run);
        assert_eq!(Held::read(&path).unwrap().verdicts.len(), lines + 1, "{end}");
    }
}

#[test]
fn a_damaged_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    drop(open(&path).unwrap());
    fs::write(path.join(VERDICTS), "{}\n").unwrap();
    let error = Held::read(&path).unwrap_err().to_string();
    assert!(error.contains("verdicts.jsonl:1: can't be read"), "{error}");
    assert!(open(&path).is_err());
}

#[test]
fn what_was_being_begun_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    drop(open(&path).unwrap());
    for (name, content) in [("manifest.json", "{\"sch"), (SUBJECTS, "{\"data"), ("triples.jsonl", "")] {
        fs::write(path.join(name), content).unwrap();
        drop(open(&path).unwrap_or_else(|e| panic!("{name}: {e}")));
        assert_eq!(Held::read(&path).unwrap().subjects.len(), 2, "{name}");
    }
    let record = fs::read_to_string(path.join("triples.jsonl")).unwrap();
    assert_eq!(record, "{\"error\":{\"path\":\"d b\",\"message\":\"broken\"}}\n");
}

#[test]
fn the_record_goes_on_without_what_is_judged_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let mut run = open(&path).unwrap();
    run.keep(&verdict("a", false)).unwrap();
    run.keep(&verdict("c", true)).unwrap();
    drop(run);
    let of = |subject: &str| format!("{{\"about\":{}}}\n", serde_json::to_string(&about(&cell(), subject)).unwrap());
    let error = "{\"error\":{\"path\":\"x\",\"message\":\"y\"}}\n";
    let lines = [error.to_owned(), of("a"), of("c"), of("never"), "{\"end\":{}}\n".into(), "{\"torn".into()].concat();
    fs::write(path.join("triples.jsonl"), lines).unwrap();
    let record = record(&path, &manifest(), &[], &[(cell(), "a".to_owned())].into());
    // The lines are no triples, which the record's reader says; what is kept is what counts.
    drop(record);
    assert_eq!(fs::read_to_string(path.join("triples.jsonl")).unwrap(), format!("{error}{}", of("a")));
}

#[test]
fn other_runs_and_no_runs_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    assert!(Held::read(&path).unwrap_err().to_string().contains("holds no campaign"));
    drop(open(&path).unwrap());
    let other = Campaign { templates: "2".into(), cells: vec![], ..campaign() };
    let error = Folder::open(&path, &other, &[], &manifest()).err().unwrap().to_string();
    assert!(error.contains("holds another run (cells, templates differ)"), "{error}");
}

#[test]
fn names_of_oracles_make_names_of_files_that_stay_apart() {
    assert_eq!(file_name("Llama3-8B"), "Llama3-8B");
    let names = ["ollama:a/b", "ollama:a:b", "ollama-a-b", "../../x"].map(file_name);
    assert!(names.iter().all(|n| !n.contains('/') && !n.contains(':')), "{names:?}");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 4);
}
