//! How long the offline part takes: `cargo bench`.
//!
//! - `one_relevant/64`: 64 independent branches of which one matters (two classes): under 50 ms.
//! - `all_relevant_first/20`: 2^20 classes, time to the first slice: under 50 ms.
//! - `all_relevant_run/20`: the same, everything that `weiser slices` does with its default limit: under 1 s.
//! - `examples`, `corpus`: every shipped example; every published subject, if its folder is there.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use weiser::cfg::build::build;
use weiser::cfg::joined::{CALL_DEPTH, Joined};
use weiser::deps::slicer::Facts;
use weiser::partition::Classes;
use weiser::pipeline::{Options, analyze};
use weiser::render::{Comments, Rendered, SliceKind, render};
use weiser::slice::{Program, Slicing, plan};
use weiser::spec::{Request, triples};
use weiser::syntax::{by_name, for_path, parse};

fn main() {
    // The tokenizer's tables are loaded once in a process: not part of what is measured here.
    weiser::prompt::tokens("warm");
    divan::main();
}

/// `k` branches; `relevant` of them change what Q is about.
fn branches(k: usize, relevant: usize) -> String {
    let mut out = String::from("int f(int *a) {\n    int r = 0, other = 0;\n");
    for i in 0..k {
        let target = if i < relevant { "r" } else { "other" };
        let _ = writeln!(out, "    if (a[{i}] > {i})\n        {target} += {};", i + 1);
    }
    out.push_str("    assert(r >= 0); // POST\n    return r;\n}\n");
    out
}

fn run(path: &str, text: String) -> usize {
    let language = for_path(Path::new(path)).or(by_name("c")).expect("C is built in");
    let result = analyze(path, text, language, &Request::default(), &Options::default());
    result.map_or(0, |file| file.triples.iter().map(|t| t.slices.len()).sum())
}

#[divan::bench(args = [8, 64, 512])]
fn one_relevant(bencher: divan::Bencher, k: usize) {
    bencher.with_inputs(|| branches(k, 1)).bench_values(|text| assert_eq!(run("k.c", text), 2));
}

#[divan::bench(args = [12, 20, 40])]
fn all_relevant_run(bencher: divan::Bencher, k: usize) {
    bencher.with_inputs(|| branches(k, k)).bench_values(|text| assert_eq!(run("k.c", text), 65));
}

#[divan::bench(args = [12, 20, 40])]
fn all_relevant_first(bencher: divan::Bencher, k: usize) {
    bencher.with_inputs(|| branches(k, k)).bench_values(first_slice);
}

/// From text to the first slice, as text.
fn first_slice(text: String) -> Rendered {
    let parsed = parse("k.c", text, by_name("c").expect("C is built in"));
    let found = triples(&parsed, &Request::default()).expect("the program has a triple");
    let triple = &found.triples[0];
    let cfg = build(&parsed, triple, Joined::new(&parsed, triple, CALL_DEPTH, false));
    let facts = Facts::new(&parsed, &cfg, triple, false);
    let program = Program::new(&parsed, triple, &cfg, &facts, Slicing::Exact);
    let class = Classes::new(&cfg, &program.relevant, 64).next().expect("a path leads to Q");
    render(&program, &plan(&program, &class, SliceKind::Class), Comments::Keep)
}

/// Source files below a folder, in a fixed order.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(next) else { continue };
        for entry in entries.flatten().map(|e| e.path()) {
            match entry.is_dir() {
                true => folders.push(entry),
                false if for_path(&entry).is_some() => files.push(entry),
                false => {}
            }
        }
    }
    files.sort();
    let read = |p: PathBuf| Some((p.to_string_lossy().into_owned(), std::fs::read_to_string(&p).ok()?));
    files.into_iter().filter_map(read).collect()
}

fn all_of(bencher: divan::Bencher, folder: &str) {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    if files.is_empty() {
        eprintln!("{folder}: not there, nothing measured");
    }
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    bencher
        .counter(divan::counter::BytesCount::new(bytes))
        .with_inputs(|| files.clone())
        .bench_values(|files| files.into_iter().map(|(path, text)| run(&path, text)).sum::<usize>());
}

#[divan::bench(sample_count = 10)]
fn examples(bencher: divan::Bencher) {
    all_of(bencher, "examples");
}

#[divan::bench(sample_count = 3)]
fn corpus(bencher: divan::Bencher) {
    all_of(bencher, "../shared/datasets/autoexe/RQ1");
}
