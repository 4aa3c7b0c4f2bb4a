//! Properties of whole slices: slicing a slice changes nothing, whatever comes in nothing panics, and the same input gives
//! the same bytes.

use proptest::prelude::*;
use std::path::{Path, PathBuf};
use weiser::pipeline::{FileAnalysis, Options, analyze};
use weiser::spec::Request;
use weiser::syntax;
use weiser::syntax::ast::StmtKind;

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.join("tests/fixtures"), root.join("examples")];
    let mut out: Vec<PathBuf> = folders
        .iter()
        .flat_map(|f| std::fs::read_dir(f).expect("the folder is there"))
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| syntax::for_path(p).is_some())
        .collect();
    out.sort();
    out
}

fn slices(path: &Path, text: &str) -> Option<FileAnalysis> {
    let language = syntax::for_path(path)?;
    analyze("x", text.to_owned(), language, &Request::default(), &Options::default()).ok()
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A slice is a program with the same Q, and is its own largest slice: truncating and slicing it again takes nothing away.
/// Not so where an exception is caught: a slice whose handlers are gone no longer tells why a statement had to stay that
/// may raise.
#[test]
fn slicing_a_slice_changes_nothing() {
    let mut count = 0;
    for path in fixtures() {
        let text = std::fs::read_to_string(&path).expect("fixture is readable");
        let parsed = syntax::parse("x", text.clone(), syntax::for_path(&path).expect("a known extension"));
        if parsed.ast.stmts.iter().any(|s| matches!(s.kind, StmtKind::Try(_))) {
            continue;
        }
        let file = slices(&path, &text).expect("fixture has a triple");
        for slice in file.triples.iter().flat_map(|t| &t.slices) {
            let again = slices(&path, &slice.rendered.text)
                .unwrap_or_else(|| panic!("no triple in a slice of {}:\n{}", path.display(), slice.rendered.text));
            let all: Vec<&str> =
                again.triples.iter().flat_map(|t| &t.slices).map(|s| s.rendered.text.as_str()).collect();
            assert!(
                all.iter().any(|s| flat(s) == flat(&slice.rendered.text)),
                "{}: slicing\n{}\ngives\n{}",
                path.display(),
                slice.rendered.text,
                all.join("---\n")
            );
            count += 1;
        }
    }
    assert!(count > 100, "only {count} slices were looked at");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for path in fixtures() {
        let text = std::fs::read_to_string(&path).expect("fixture is readable");
        let show = |f: &FileAnalysis| weiser::report::wire::file_text(f, None);
        let (a, b) = (slices(&path, &text), slices(&path, &text));
        assert_eq!(a.as_ref().map(show), b.as_ref().map(show), "{}", path.display());
    }
}

/// What an editor or a transfer does to a file.
#[derive(Debug, Clone)]
enum Damage {
    Cut(usize),
    Delete(usize, usize),
    Insert(usize, String),
    Repeat(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "(",
        ")",
        ";",
        ":",
        "\n",
        "\t",
        "    ",
        "if",
        "else",
        "elif x:",
        "try:",
        "finally:",
        "break",
        "goto l;",
        "case 1:",
        "return",
        "// POST: x",
        "# POST",
        "'",
        "\"",
        "/*",
        "*/",
        "\\",
        "#if X",
        "#endif",
        "é",
        "\0",
        "\r",
        "lambda",
        "->",
        "@",
        "while (1)",
        "for (;;)",
        "do",
    ])
    .prop_map(str::to_owned);
    prop_oneof![
        any::<usize>().prop_map(Damage::Cut),
        (any::<usize>(), 0_usize..40).prop_map(|(a, n)| Damage::Delete(a, n)),
        (any::<usize>(), piece).prop_map(|(a, s)| Damage::Insert(a, s)),
        (any::<usize>(), 1_usize..80).prop_map(|(a, n)| Damage::Repeat(a, n)),
    ]
}

fn apply(text: &mut String, damage: &Damage) {
    let at = |text: &str, n: usize| {
        let mut i = n % (text.len() + 1);
        while !text.is_char_boundary(i) {
            i -= 1;
        }
        i
    };
    match damage {
        Damage::Cut(n) => text.truncate(at(text, *n)),
        Damage::Delete(n, len) => {
            let start = at(text, *n);
            let end = at(text, (start + len).min(text.len()));
            text.replace_range(start.min(end)..end, "");
        }
        Damage::Insert(n, piece) => text.insert_str(at(text, *n), piece),
        Damage::Repeat(n, len) => {
            let start = at(text, *n);
            let end = at(text, (start + len).min(text.len())).max(start);
            let piece = text[start..end].to_owned();
            text.insert_str(start, &piece);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_programs_never_panic(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let all = fixtures();
        let path = which.get(&all);
        let mut text = std::fs::read_to_string(path).expect("fixture is readable");
        damages.iter().for_each(|d| apply(&mut text, d));
        if let Some(file) = slices(path, &text) {
            for slice in file.triples.iter().flat_map(|t| &t.slices) {
                prop_assert_eq!(slice.rendered.text.lines().count(), slice.rendered.lines.len());
            }
        }
    }

    #[test]
    fn random_text_never_panics(text in "\\PC{0,200}", which in any::<prop::sample::Index>()) {
        let all = fixtures();
        let path = which.get(&all);
        slices(path, &text);
        slices(path, &format!("{text}\n// POST: x\n# POST: x\n"));
    }
}
