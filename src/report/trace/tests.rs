use super::*;
use crate::report::fixtures::{checked, manifest};
use crate::report::record::{End, triple_line};

fn record() -> Record {
    let file = &checked()[0];
    let lines = (0..file.verdicts.len()).map(|i| triple_line(&manifest(), &file.analysis, i, &file.verdicts[i]));
    let triples: Vec<TripleLine> = lines.collect();
    let sources = [(triples[0].source.clone(), file.analysis.text.clone())].into();
    let end = Some(End { outcome: "violated".into(), triples: 5, spent: None });
    Record { manifest: manifest(), triples, errors: vec![], end, faults: vec![], sources }
}

#[test]
fn one_trace_for_each_answer_that_says_something_else() {
    let record = record();
    let found = traces(&record, &BTreeMap::new(), &Wanted::default());
    let answers: usize = record.triples.iter().map(|t| t.triple.answers.len()).sum();
    assert_eq!(found.traces.len() + found.duplicates, answers);
    let all = traces(&record, &BTreeMap::new(), &Wanted { duplicates: true, ..Wanted::default() });
    assert_eq!(all.traces.len(), answers);
    let ids: BTreeSet<&str> = found.traces.iter().map(|t| t.id.as_str()).collect();
    assert_eq!(ids.len(), found.traces.len());
}

#[test]
fn traces_follow_their_schema() {
    let schema: Value = serde_json::from_str(crate::report::schema::Format::Trace.schema()).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for trace in traces(&record(), &BTreeMap::new(), &Wanted::default()).traces {
        let value: Value = serde_json::from_str(&trace.to_jsonl()).unwrap();
        let problems: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(problems, Vec::<String>::new());
    }
}

#[test]
fn a_program_is_known_again_by_its_shape() {
    let own = "int f(int count) {\n    int sum = 0; // total\n    for (int i = 0; i < count; i++) { sum = sum + i * 3 - (i % 7); if (sum > 100 && i != 5) { sum -= 50; } }\n    return sum;\n}\n";
    let renamed = own.replace("count", "n").replace("sum", "s").replace("// total", "").replace("    ", "\t");
    let other = own.replace("sum + i", "sum - i");
    let key = |text: &str, entry: &str| overlap(text, "c", entry);
    assert_eq!(key(own, "f"), key(&renamed, "f"));
    assert_ne!(key(own, "f").program, key(&other, "f").program);
    assert_ne!(key(own, "f").function, key(&other, "f").function);
    // A function is known inside another file.
    let inside = format!("int g(void) {{ return 1; }}\n{renamed}");
    assert!(program(&inside, "c").contains(&key(own, "f").function));
    assert!(!program(&other, "c").contains(&key(own, "f").function));
    // Too short to know anything by.
    assert_eq!(key("int g(void) { return 1; }\nint h(void) { return 2; }\n", "g").function, "");
}

#[test]
fn what_is_excluded_is_left_out() {
    let record = record();
    let keys = program(&checked()[0].analysis.text, "python").into_iter().collect();
    let found = traces(&record, &BTreeMap::new(), &Wanted { excluded: keys, ..Wanted::default() });
    assert_eq!(found.traces.len(), 0);
    assert!(found.excluded > 0);
}
