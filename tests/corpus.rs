//! The published subjects of AutoExe: every file gives slices; each slice parses, holds its post-condition and compiles where
//! its original does. Skipped where the data set isn't at hand. `cargo test --test corpus -- --nocapture` prints the tables.

mod compilers;

use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use weiser::pipeline::{FileAnalysis, Options, SliceAnalysis, TripleAnalysis, analyze};
use weiser::spec::{Request, SpecError};
use weiser::syntax::{self, language::Language};

/// What a file without any condition is asked.
const ASKED: &str = "`result` is what the function's name promises";

/// Tokens of the published slices of the real bugs, and of the prototype's; it doesn't end on two.
const REAL_BUGS: [(&str, u64, Option<u64>); 5] = [
    ("xinput", 178, Some(894)),
    ("xlsclients", 229, None),
    ("xmodmap", 279, Some(724)),
    ("xset", 506, Some(1027)),
    ("xwininfo", 597, None),
];

struct Subject {
    /// Relative to the data set: `RQ1/Mixed-Manual/x.c`.
    name: String,
    text: String,
    language: &'static Language,
    /// It states no condition, so [`ASKED`] was asked.
    asked: bool,
    file: FileAnalysis,
    compiles: Compiles,
}

impl Subject {
    fn folder(&self) -> String {
        let folder: Vec<&str> = self.name.split('/').take(2).collect();
        format!("{} {}", folder.join("/"), self.language.name)
    }

    fn slices(&self) -> impl Iterator<Item = (&TripleAnalysis, &SliceAnalysis)> {
        self.file.triples.iter().flat_map(|t| t.slices.iter().map(move |s| (t, s)))
    }

    fn file_tokens(&self) -> u64 {
        self.file.triples.first().map_or(0, |t| t.program_tokens)
    }

    /// Tokens of the least slice and of all slices.
    fn tokens(&self) -> Option<(u64, u64)> {
        Some((self.slices().map(|(_, s)| s.tokens).min()?, self.slices().map(|(_, s)| s.tokens).sum()))
    }
}

/// Whether the original compiles.
#[derive(Clone, Copy, PartialEq)]
enum Compiles {
    /// The toolchain isn't there.
    Unknown,
    No,
    /// With this setting of the compiler.
    With(usize),
}

/// The files under `root` that are asked about, in order of their names.
fn paths(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["RQ1", "RQ2/X11", "RQ3"].iter().map(|f| root.join(f)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let whole = path.strip_prefix(root).is_ok_and(|p| p.starts_with("RQ2"));
            if path.is_dir() {
                folders.push(path);
            } else if !whole || path.ends_with("PROMPT_FUNC.c") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Analyses one file; where it states no condition, asks a sentence about its result. `None`: not a source file.
fn subject(root: &Path, path: &Path) -> Option<Result<Subject, String>> {
    let language = syntax::for_path(path)?;
    let name = path.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/");
    let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
    let ask = |request: &Request| analyze(&name, text.clone(), language, request, &Options::default());
    let mut asked = false;
    let mut found = ask(&Request::default());
    if let Err(SpecError::NoPost { .. }) = found {
        asked = true;
        let mut request = Request { post: vec![ASKED.into()], ..Request::default() };
        found = ask(&request);
        if let Err(SpecError::NeedEntry { functions, .. }) = &found {
            request.entry = functions.0.last().map(|(name, _)| name.clone());
            found = ask(&request);
        }
    }
    Some(match found {
        Ok(file) => Ok(Subject { name, text, language, asked, file, compiles: Compiles::Unknown }),
        Err(e) => Err(e.to_string()),
    })
}

/// Without white space and the marks of comments, which a condition's text doesn't have.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"#*/".contains(*c)).collect()
}

/// Whether a slice shows its triple's post-condition, as what it is.
fn holds_post(triple: &TripleAnalysis, slice: &SliceAnalysis) -> bool {
    let text = &slice.rendered.text;
    let condition = squeezed(text).contains(&squeezed(&triple.post.text));
    let marked = text.contains("POST") || text.contains("assert");
    let in_place = triple.post_line == 0 || slice.rendered.lines.contains(&Some(triple.post_line));
    condition && marked && in_place
}

/// Compiles the originals, and with the same setting the slices of those that compile. Gives the slices that don't.
fn compile(subjects: &mut [Subject]) -> Vec<String> {
    let mut failures = Vec::new();
    for language in ["c", "python", "java"] {
        let mut ours: Vec<&mut Subject> = subjects.iter_mut().filter(|s| s.language.name == language).collect();
        for setting in 0..compilers::settings(language) {
            let open: Vec<usize> =
                (0..ours.len()).filter(|i| !matches!(ours[*i].compiles, Compiles::With(_))).collect();
            let texts: Vec<&str> = open.iter().map(|i| ours[*i].text.as_str()).collect();
            let complaints = match compilers::complaints(language, setting, &texts) {
                Ok(complaints) => complaints,
                Err(why) => {
                    println!("{language}: not compiled: {why}");
                    break;
                }
            };
            let mut slices: Vec<(String, &str)> = Vec::new();
            for (i, complaint) in open.iter().zip(complaints) {
                let s = &mut *ours[*i];
                s.compiles = if complaint.is_none() { Compiles::With(setting) } else { Compiles::No };
            }
            for s in ours.iter().filter(|s| s.compiles == Compiles::With(setting)) {
                slices.extend(s.slices().map(|(_, slice)| (s.name.clone(), slice.rendered.text.as_str())));
            }
            let texts: Vec<&str> = slices.iter().map(|(_, t)| *t).collect();
            let complaints = compilers::complaints(language, setting, &texts).expect("the toolchain answered before");
            for ((name, text), complaint) in slices.iter().zip(complaints) {
                failures.extend(complaint.map(|c| format!("{name}: a slice doesn't compile: {c}\n{text}")));
            }
        }
    }
    failures
}

/// One line of the table.
#[derive(Default)]
struct Row {
    files: usize,
    asked: usize,
    triples: usize,
    vacuous: usize,
    slices: usize,
    compiled: usize,
    broken: usize,
    /// Least slice over file, for each file.
    least: Vec<f64>,
    total: u64,
    file: u64,
}

impl Row {
    fn add(&mut self, s: &Subject) {
        self.files += 1;
        self.asked += usize::from(s.asked);
        self.triples += s.file.triples.len();
        self.vacuous += s.file.triples.iter().filter(|t| t.vacuous).count();
        self.slices += s.slices().count();
        self.compiled += if matches!(s.compiles, Compiles::With(_)) { s.slices().count() } else { 0 };
        self.broken += usize::from(s.compiles == Compiles::No);
        if let Some((least, total)) = s.tokens() {
            self.least.push(ratio(least, s.file_tokens()));
            self.total += total;
        }
        self.file += s.file_tokens();
    }

    fn print(&mut self, folder: &str, wrong: [usize; 3]) {
        println!(
            "{folder:32}{:5}{:6}{:8}{:8}{:7}{:4}{:5}{:9}{:5}{:7}{:11.2}{:6.2}",
            self.files,
            self.asked,
            self.triples,
            self.vacuous,
            self.slices,
            wrong[0],
            wrong[1],
            self.compiled,
            wrong[2],
            self.broken,
            median(&mut self.least),
            ratio(self.total, self.file)
        );
    }
}

fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b.max(1) as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The files of each folder on which the prototype ended, with its figures beside ours. Its slices are counted per file.
fn beside_the_prototype(root: &Path, subjects: &[Subject]) {
    let Ok(table) = std::fs::read_to_string(root.join("prototype_results.csv")) else { return };
    let by_name: HashMap<&str, &Subject> = subjects.iter().map(|s| (s.name.as_str(), s)).collect();
    let mut rows: BTreeMap<String, [Row; 2]> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [name, "ok", _, distinct, _, _, file, total, least, _] = cells[..] else { continue };
        let (Some(subject), Ok(slices)) = (by_name.get(name), distinct.parse::<usize>()) else { continue };
        let (Ok(file), Ok(total), Ok(least)) = (file.parse::<u64>(), total.parse::<u64>(), least.parse::<u64>()) else {
            continue;
        };
        let [ours, theirs] = rows.entry(subject.folder()).or_default();
        ours.add(subject);
        theirs.files += 1;
        theirs.slices += slices;
        theirs.least.push(ratio(least, file));
        theirs.total += total;
        theirs.file += file;
    }
    println!("\nwhere the prototype ended:              slices       least/file      all/file");
    println!("folder                          files   ours  proto   ours  proto   ours  proto");
    for (folder, [ours, theirs]) in &mut rows {
        println!(
            "{folder:32}{:5}{:7}{:7}{:7.2}{:7.2}{:7.2}{:7.2}",
            ours.files,
            ours.slices,
            theirs.slices,
            median(&mut ours.least),
            median(&mut theirs.least),
            ratio(ours.total, ours.file),
            ratio(theirs.total, theirs.file)
        );
    }
}

/// The region of these spans functions; while calls aren't followed, it begins at the start of the function that holds POST.
fn real_bugs(subjects: &[Subject]) {
    println!("\nreal bug    least  published  prototype  slices  file");
    for (bug, published, prototype) in REAL_BUGS {
        let name = format!("RQ2/X11/{bug}/PROMPT_FUNC.c");
        if let Some((s, (least, _))) = subjects.iter().find(|s| s.name == name).and_then(|s| Some((s, s.tokens()?))) {
            let prototype = prototype.map_or("-".into(), |t| t.to_string());
            let (slices, file) = (s.slices().count(), s.file_tokens());
            println!("{bug:10}{least:7}{published:11}{prototype:>11}{slices:8}{file:6}");
        }
    }
}

#[test]
fn compilers_tell_texts_apart() {
    let cases = [
        ("c", "int f(int x) { assume(x); return x; }", "int f(int x) { assume(x); return y; }"),
        ("c", "int g(int x) { return x; }", "int f(int x) { return g(x); }"),
        ("python", "def f(x):\n    assume(x)\n", "def f(x):\n    # x\n"),
        ("java", "public class A { void f(int x) { assume(x > 0); } }", "class A { int f(int x) { assume(x > 0); } }"),
        ("java", "class A { boolean f(int x) { return func(x); } }", "class A { int f(int x) { return x } }"),
    ];
    for (language, good, bad) in cases {
        for setting in 0..compilers::settings(language).min(2) {
            match compilers::complaints(language, setting, &[bad, good, bad, good]) {
                Ok(found) => {
                    let told: Vec<bool> = found.iter().map(Option::is_some).collect();
                    assert_eq!(told, [true, false, true, false], "{language}: {found:?}");
                }
                Err(why) => println!("{language}: not compiled: {why}"),
            }
        }
    }
}

#[test]
fn every_subject_gives_slices_that_parse_hold_their_condition_and_compile() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/datasets/autoexe");
    if !root.is_dir() {
        println!("skipped: no data set at {}", root.display());
        return;
    }
    let found: Vec<_> = paths(&root).par_iter().filter_map(|p| subject(&root, p)).collect();
    let mut failures: Vec<String> = Vec::new();
    let mut subjects: Vec<Subject> = Vec::new();
    for s in found {
        match s {
            Ok(s) => subjects.push(s),
            Err(e) => failures.push(e),
        }
    }
    let silent = subjects.iter().filter(|s| s.file.triples.iter().any(|t| t.slices.is_empty() && !t.vacuous));
    failures.extend(silent.map(|s| format!("{}: a triple has no slice and isn't said to be vacuous", s.name)));
    let of_parsing: Vec<String> = subjects
        .par_iter()
        .flat_map_iter(|s| {
            let before = syntax::has_errors(&s.text, s.language);
            let ill = s.slices().filter(move |(_, x)| syntax::has_errors(&x.rendered.text, s.language) > before);
            ill.map(|(_, x)| format!("{}: a slice doesn't parse:\n{}", s.name, x.rendered.text))
        })
        .collect();
    let of_posts: Vec<String> = subjects
        .iter()
        .flat_map(|s| s.slices().map(move |(t, x)| (s, t, x)))
        .filter(|(_, t, x)| !holds_post(t, x))
        .map(|(s, t, x)| format!("{}: a slice lost its POST {}:\n{}", s.name, t.post.text, x.rendered.text))
        .collect();
    let of_compilers = compile(&mut subjects);

    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for s in &subjects {
        rows.entry(s.folder()).or_default().add(s);
    }
    println!(
        "asked: nothing stated, so --post was given; ill, lost, fail: slices that don't parse, hold POST, compile"
    );
    println!(
        "folder                          files asked triples vacuous slices ill lost compiled fail broken least/file all"
    );
    for (folder, row) in &mut rows {
        let ours = |failure: &&String| subjects.iter().any(|s| s.folder() == *folder && failure.starts_with(&s.name));
        let of = |list: &[String]| list.iter().filter(ours).count();
        row.print(folder, [of(&of_parsing), of(&of_posts), of(&of_compilers)]);
    }
    beside_the_prototype(&root, &subjects);
    real_bugs(&subjects);

    failures.extend(of_parsing.into_iter().chain(of_posts).chain(of_compilers));
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
