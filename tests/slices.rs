//! What slices look like: source in, slices out. Each fixture is a file under `tests/fixtures/`; its snapshot stands beside
//! it. Read the two side by side: a fixture is a claim about what the engine must get right.

use std::fmt::Write;
use std::path::Path;
use weiser::pipeline::{FileAnalysis, Options, analyze};
use weiser::render::SliceKind;
use weiser::spec::Request;
use weiser::syntax;

fn slices_of(path: &Path) -> FileAnalysis {
    let text = std::fs::read_to_string(path).expect("fixture is readable");
    let language = syntax::for_path(path).expect("fixture has a known extension");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let request = Request { across: true, ..Request::default() };
    analyze(&name, text, language, &request, &Options::default()).expect("fixture has a triple")
}

fn show(file: &FileAnalysis) -> String {
    let mut out = String::new();
    for d in &file.diagnostics {
        let _ = writeln!(out, "{:?} line {}: {}", d.severity, d.line, d.message);
    }
    for triple in &file.triples {
        let total = triple.total.map_or("?".into(), |t| t.to_string());
        let vacuous = if triple.vacuous { ", vacuous" } else { "" };
        let criterion = triple.criterion.join(" ");
        let _ = writeln!(out, "=== {} [{}] classes {}/{total}{vacuous}", triple.post.text, criterion, triple.asked);
        for slice in &triple.slices {
            let kind = if slice.rendered.kind == SliceKind::Remainder { " remainder" } else { "" };
            let _ = writeln!(out, "---{kind} {} tokens", slice.tokens);
            out.push_str(&slice.rendered.text);
        }
    }
    out
}

#[test]
fn fixtures() {
    insta::glob!("fixtures/*.{c,py,java}", |path| {
        let file = slices_of(path);
        for slice in file.triples.iter().flat_map(|t| &t.slices) {
            let language = syntax::for_path(path).expect("fixture has a known extension");
            let errors = syntax::has_errors(&slice.rendered.text, language);
            assert_eq!(errors, 0, "a slice of {} doesn't parse:\n{}", path.display(), slice.rendered.text);
        }
        insta::with_settings!({ prepend_module_to_snapshot => false }, { insta::assert_snapshot!(show(&file)) });
    });
}

/// Code of a callee that was read in one of several ways keeps the triple from being said to hold, shown or not.
#[test]
fn what_was_not_understood_in_a_callee_is_a_limit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cut_callee.c");
    let limits = &slices_of(&path).triples[0].limits;
    assert_eq!(limits.len(), 3, "{limits:?}");
    assert!(limits.iter().all(|l| l.contains("cuts through a statement")), "{limits:?}");
}
