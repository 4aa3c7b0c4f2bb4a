use super::*;
use crate::report::fixtures::*;
use crate::report::{InputError, wire};
use crate::verdict::{Origin as From, Outcome, Said};
use serde_json::json;
use std::fs;
use std::io::Write;

fn manifest() -> Manifest {
    let asking = Asking { style: "two-phase".into(), seed: 0, templates: "4".into() };
    Manifest { asking: Some(asking), ..crate::report::fixtures::manifest() }
}

/// A run of the fixtures' triples in a folder.
fn written(end: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(folder.path(), &manifest()).unwrap();
    for file in checked() {
        for (number, verdict) in file.verdicts.iter().enumerate() {
            writer.triple(&file.analysis, number, verdict).unwrap();
        }
    }
    writer.error(&InputError { path: "gone.c".into(), message: "no such file".into() }).unwrap();
    if end {
        writer.end(None).unwrap();
    }
    folder
}

#[test]
fn what_is_written_is_read_again() {
    let folder = written(true);
    let record = Record::open(folder.path()).unwrap();
    assert_eq!(record.manifest, manifest());
    let file = &checked()[0];
    let lines: Vec<TripleLine> =
        (0..5).map(|i| triple_line(&manifest(), &file.analysis, i, &file.verdicts[i])).collect();
    assert_eq!(record.triples, lines);
    assert_eq!(record.end, Some(End { outcome: "violated".into(), triples: 5, spent: None }));
    assert_eq!(record.errors, [Failed { path: "gone.c".into(), message: "no such file".into() }]);
    assert_eq!(record.faults, Vec::<String>::new());
    assert_eq!(record.source(&record.triples[0]), file.analysis.text);
    assert_eq!(record.outcome(), Outcome::Violated);
}

/// Nothing of `weiser.check/1` is lost on the way.
#[test]
fn a_line_says_what_check_says() {
    let file = &checked()[0];
    for (number, verdict) in file.verdicts.iter().enumerate() {
        let line = triple_line(&manifest(), &file.analysis, number, verdict);
        let mut ours = serde_json::to_value(&line.triple).unwrap();
        for answer in ours["answers"].as_array_mut().unwrap() {
            answer.as_object_mut().unwrap().remove("replies").unwrap();
        }
        assert_eq!(ours, serde_json::to_value(wire::triple(&file.analysis.triples[number], Some(verdict))).unwrap());
    }
}

#[test]
fn prompts_replies_and_the_graph_are_kept() {
    let mut verdict = violated();
    let origin = From { oracle: "ollama".into(), model: "m".into(), digest: String::new() };
    let (thinking, text) = ("hm".to_owned(), "I think so.\nVerdict: FAIL".to_owned());
    verdict.answers[1].replies =
        vec![Said { origin, phase: "reasoning".into(), probe: false, thinking, text: text.clone() }];
    let line = triple_line(&manifest(), &checked()[0].analysis, 0, &verdict);
    assert_eq!(line.triple.answers[1].replies[0].text, text);
    assert!(line.prompts[0].user.contains("assume(not (value.count('.') == 1))") && !line.system.is_empty());
    assert_eq!(line.prompts.iter().map(|p| &p.slice).collect::<Vec<_>>(), ["ab12cd34ef567890", "ff00ff00ff00ff00"]);
    let covering: Vec<&[u32]> = line.graph.edges.iter().map(|e| &e.slices[..]).collect();
    assert_eq!(covering, [&[0, 1][..], &[1], &[0, 1], &[1], &[]]);
}

#[test]
fn a_run_without_its_end_was_cut_short() {
    let folder = written(false);
    let path = folder.path().join(TRIPLES);
    let whole = fs::read(&path).unwrap();
    let record = Record::open(folder.path()).unwrap();
    assert_eq!((record.end.as_ref(), record.triples.len()), (None, 5));
    assert_eq!(record.remarks()[0], "the run was cut short: 5 of 7 triples were judged");

    // Torn in its last line, and with a line that is none.
    let cut = [b"what?\n", &whole[..whole.len() - 9]].concat();
    fs::write(&path, cut).unwrap();
    let torn = Record::open(folder.path()).unwrap();
    assert_eq!((torn.triples.len(), torn.errors.len()), (5, 0));
    insta::assert_snapshot!(torn.remarks().join("\n"), @r"
    the run was cut short: 5 of 7 triples were judged
    the record of the run is damaged: triples.jsonl:1: left out: expected value at line 1 column 1
    the record of the run is damaged: triples.jsonl:7: torn, the run ended while it was written: left out
    ");

    // An end in the middle is that of an earlier sitting.
    let again = [br#"{"end":{"outcome":"holds","triples":0}}"#, &b"\n"[..], &whole].concat();
    fs::write(&path, again).unwrap();
    assert_eq!(Record::open(folder.path()).unwrap().end, None);
}

#[test]
fn nothing_that_is_not_whole_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(folder.path(), &manifest()).unwrap();
    writer.triple(&checked()[0].analysis, 2, &holds()).unwrap();
    assert_eq!(Record::open(folder.path()).unwrap().outcome(), Outcome::Undecided);
    writer.end(None).unwrap();
    assert_eq!(Record::open(folder.path()).unwrap().outcome(), Outcome::Holds);
    fs::OpenOptions::new().append(true).open(folder.path().join(TRIPLES)).unwrap().write_all(b"{").unwrap();
    assert_eq!(Record::open(folder.path()).unwrap().outcome(), Outcome::Undecided);
}

#[test]
fn a_stopped_run_goes_on() {
    let folder = written(false);
    let path = folder.path().join(TRIPLES);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(b"{\"path\": \"torn");
    fs::write(&path, bytes).unwrap();
    let (mut writer, before) = Writer::resume(folder.path()).unwrap();
    assert_eq!(before.triples.len(), 5);
    let about = [("model".to_owned(), "m".to_owned())].into();
    writer.triple_about(&checked()[0].analysis, 2, &holds(), about).unwrap();
    writer.end(None).unwrap();
    let record = Record::open(folder.path()).unwrap();
    assert_eq!((record.triples.len(), record.faults.len()), (6, 0));
    assert_eq!(record.end, Some(End { outcome: "violated".into(), triples: 6, spent: None }));
    assert_eq!(record.triples[5].about["model"], "m");
}

#[test]
fn a_record_is_not_overwritten_and_reads_no_other_files() {
    let folder = written(true);
    assert!(matches!(Writer::create(folder.path(), &manifest()), Err(RecordError::Taken(_))));
    assert!(matches!(Record::open(&folder.path().join("sources")), Err(RecordError::None(_))));

    let path = folder.path().join(TRIPLES);
    let mut line: Value = serde_json::from_str(fs::read_to_string(&path).unwrap().lines().next().unwrap()).unwrap();
    line["source"] = json!("../manifest.json");
    fs::write(&path, format!("{line}\n")).unwrap();
    let record = Record::open(folder.path()).unwrap();
    assert_eq!((record.sources.len(), record.faults.len()), (0, 1));

    fs::write(folder.path().join(MANIFEST), "{}").unwrap();
    assert!(matches!(Record::open(folder.path()), Err(RecordError::Manifest(..))));
}

#[test]
fn changed_sources_are_not_shown() {
    let folder = written(true);
    let source = fs::read_dir(folder.path().join(SOURCES)).unwrap().next().unwrap().unwrap().path();
    fs::write(source, "int main(void) { return 0; }\n").unwrap();
    let record = Record::open(folder.path()).unwrap();
    assert_eq!(record.source(&record.triples[0]), "");
    assert!(record.faults[0].contains("was changed"), "{:?}", record.faults);
}
