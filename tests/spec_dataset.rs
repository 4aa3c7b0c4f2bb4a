//! The published subjects: every file gives triples, or says that it has no post-condition. Skipped where the data set
//! isn't at hand. `cargo test --test spec_dataset -- --nocapture` prints the table; with `WEISER_LIST=1` also each triple.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use weiser::spec::{Anchor, ConditionKind, Request, SpecError, triples};

#[derive(Default)]
struct Counts {
    files: usize,
    without_post: Vec<String>,
    triples: usize,
    pre: usize,
    code: usize,
    text: usize,
    point: usize,
    exit: usize,
    output: usize,
    nameless: usize,
}

fn subjects(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.join("RQ1"), root.join("RQ3"), root.join("RQ2")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let real_bug = path.components().any(|c| c.as_os_str() == "RQ2");
            if path.is_dir() {
                folders.push(path);
            } else if !real_bug
                || path.file_name().is_some_and(|n| n == "PROMPT_FUNC.c" || n == "PROMPT_FILE.c" || n == "SLICE.c")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_subject_gives_triples_or_says_that_it_has_none() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/datasets/autoexe");
    if !root.is_dir() {
        println!("skipped: no data set at {}", root.display());
        return;
    }
    let list = std::env::var_os("WEISER_LIST").is_some();
    let mut table: BTreeMap<String, Counts> = BTreeMap::new();
    for path in subjects(&root) {
        let Some(language) = weiser::syntax::for_path(&path) else { continue };
        let bytes = std::fs::read(&path).expect("a readable subject");
        let name = path.strip_prefix(&root).expect("a subject of the data set").display().to_string();
        let parsed = weiser::syntax::parse(&name, String::from_utf8_lossy(&bytes).into_owned(), language);
        let mut folder = name.split('/').take(2).collect::<Vec<_>>().join("/");
        folder.push_str(path.extension().map(|e| format!(" .{}", e.to_string_lossy())).unwrap_or_default().as_str());
        let counts = table.entry(folder).or_default();
        counts.files += 1;
        match triples(&parsed, &Request { across: true, ..Request::default() }) {
            Err(SpecError::NoPost { .. }) => counts.without_post.push(name),
            Err(e) => panic!("{e}"),
            Ok(found) => {
                assert!(!found.triples.is_empty());
                for d in &found.diagnostics {
                    if list {
                        println!("{name}:{}: {:?}: {}", parsed.source.line(d.span.start), d.severity, d.message);
                    }
                }
                for t in &found.triples {
                    counts.triples += 1;
                    counts.pre += t.pre.len();
                    let q = &t.post.condition;
                    match q.kind {
                        ConditionKind::Code => counts.code += 1,
                        ConditionKind::Text => counts.text += 1,
                    }
                    match t.post.anchor {
                        Anchor::Exit => counts.exit += 1,
                        _ => counts.point += 1,
                    }
                    counts.output += usize::from(t.post.output);
                    counts.nameless += usize::from(q.names.is_empty());
                    if list {
                        let point = |a: Anchor| match a {
                            Anchor::Entry => "entry".to_string(),
                            Anchor::Exit => "exit".to_string(),
                            Anchor::At(s) => format!("at {}", parsed.source.line(parsed.ast.stmt(s).span.start)),
                            Anchor::Before(s) => {
                                format!("before {}", parsed.source.line(parsed.ast.stmt(s).span.start))
                            }
                            Anchor::After(s) => format!("after {}", parsed.source.line(parsed.ast.stmt(s).span.start)),
                        };
                        let function = &parsed.ast.function(t.entry).qualified;
                        println!("{name} {function}: {} pre", t.pre.len());
                        for (role, p) in t.pre.iter().map(|p| ("pre", p)).chain([("POST", &t.post)]) {
                            let c = &p.condition;
                            let text: String = c.text.replace('\n', " / ").chars().take(110).collect();
                            let note: String = c.note.chars().take(40).collect();
                            println!(
                                "    {role} {:?} {} {text} ({note}) {:?}{} ignored {}",
                                c.kind,
                                point(p.anchor),
                                c.names,
                                if p.output { " +output" } else { "" },
                                t.ignored.len()
                            );
                        }
                    }
                }
            }
        }
    }
    println!("folder                          files no-POST triples  pre code text point exit output nameless");
    for (folder, c) in &table {
        println!(
            "{folder:32}{:5}{:8}{:8}{:5}{:5}{:5}{:6}{:5}{:7}{:9}",
            c.files,
            c.without_post.len(),
            c.triples,
            c.pre,
            c.code,
            c.text,
            c.point,
            c.exit,
            c.output,
            c.nameless
        );
    }
    for (folder, c) in &table {
        assert!(c.without_post.is_empty() || folder.starts_with("RQ3/C-"), "{folder}: {:?}", c.without_post);
    }
}
