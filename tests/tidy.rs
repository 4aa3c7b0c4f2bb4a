//! What the compiler doesn't check inside one package: which room imports which, which room alone names a library, that
//! nothing after `syntax` asks for a language by its name, and that files stay small.
//!
//! Everything is looked up in the text of `src/`, comments left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, in the order in which data flows through them, each with those it may import besides itself. A room only ever
/// imports from above. Change this table together with ARCHITECTURE.md.
const ROOMS: [(&str, &[&str]); 19] = [
    ("text", &[]),
    ("syntax", &["text"]),
    ("project", &["text", "syntax"]),
    ("spec", &["text", "syntax"]),
    ("link", &["text", "syntax", "project", "spec"]),
    ("cfg", &["text", "syntax", "spec"]),
    ("deps", &["text", "syntax", "spec", "cfg"]),
    ("partition", &["text", "syntax", "spec", "cfg", "deps"]),
    ("slice", &["text", "syntax", "spec", "cfg", "deps", "partition"]),
    ("render", &["text", "syntax", "spec", "cfg", "deps", "slice"]),
    ("prompt", &["text", "syntax", "spec", "render"]),
    ("oracle", &["prompt"]),
    ("run", &["text", "syntax", "spec", "render"]),
    ("verdict", &["render", "prompt", "oracle", "run"]),
    (
        "pipeline",
        &[
            "text",
            "syntax",
            "spec",
            "cfg",
            "deps",
            "partition",
            "slice",
            "render",
            "prompt",
            "oracle",
            "run",
            "verdict",
        ],
    ),
    ("dataset", &["text", "syntax", "spec", "run", "verdict", "pipeline"]),
    ("report", &["text", "syntax", "project", "spec", "render", "prompt", "oracle", "run", "verdict", "pipeline"]),
    ("campaign", &["text", "syntax", "spec", "prompt", "oracle", "run", "verdict", "pipeline", "dataset", "report"]),
    (
        "cli",
        &[
            "text",
            "syntax",
            "project",
            "spec",
            "link",
            "cfg",
            "deps",
            "partition",
            "slice",
            "render",
            "prompt",
            "oracle",
            "run",
            "verdict",
            "pipeline",
            "dataset",
            "report",
            "campaign",
        ],
    ),
];

/// Libraries that only one room names, or those named with commas between.
const ONE_ROOM: [(&str, &str); 25] = [
    ("tree_sitter", "syntax"),
    ("tree_sitter_c", "syntax"),
    ("tree_sitter_python", "syntax"),
    ("tree_sitter_java", "syntax"),
    ("ignore", "project"),
    ("postcard", "project"),
    ("shlex", "project"),
    ("rust_lapper", "render"),
    ("minijinja", "prompt,report"),
    ("base64", "report"),
    ("tiktoken_rs", "prompt"),
    ("reqwest", "oracle"),
    ("rusqlite", "oracle"),
    ("httpdate", "oracle"),
    ("humantime", "oracle"),
    ("landlock", "run"),
    ("seccompiler", "run"),
    ("libc", "run"),
    ("plotters", "campaign"),
    ("csv", "dataset"),
    ("serde_saphyr", "dataset"),
    ("strsim", "dataset,cli"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("indicatif", "cli"),
];

/// Longest file, in lines.
const LONGEST: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under a folder of the project: its path from the root, and its text.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// The room of a file under `src/`; none for `lib.rs`, `main.rs` and other programs.
fn room(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let name = inside.split('/').next()?.trim_end_matches(".rs");
    (!["lib", "main", "bin"].contains(&name)).then_some(name)
}

/// Lines without comments, counted from 1.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(i, line)| (i + 1, line.find("//").map_or(line, |at| &line[..at])))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What follows each `word::` of a line.
fn paths<'a>(line: &'a str, word: &str) -> Vec<&'a str> {
    let pattern = format!("{word}::");
    let starts = line.match_indices(&pattern).map(|(at, _)| at);
    let whole = starts.filter(|at| !line[..*at].ends_with(|c: char| is_word(c) || c == ':'));
    whole.map(|at| &line[at + pattern.len()..]).collect()
}

/// The first names of `crate::` paths: `crate::a::B`, `crate::{a::B, c}`.
fn imports(text: &str) -> Vec<(usize, String)> {
    let flat: Vec<(usize, &str)> = code(text).collect();
    let mut found = Vec::new();
    for (i, (line, content)) in flat.iter().enumerate() {
        for rest in paths(content, "crate") {
            if !rest.starts_with('{') {
                found.push((*line, first_name(rest)));
                continue;
            }
            // A group may go on over several lines; only names at its outermost level are rooms.
            let later = flat[i + 1..].iter().map(|(_, l)| *l).collect::<Vec<_>>().join(" ");
            let mut depth = 0;
            let mut name_next = true;
            for (at, c) in format!("{rest} {later}").char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => name_next = true,
                    c if is_word(c) && depth == 1 && name_next => {
                        found.push((*line, first_name(&format!("{rest} {later}")[at..])));
                        name_next = false;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
        }
    }
    found
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|c| is_word(*c)).collect()
}

/// Modules declared in `lib.rs`.
fn declared() -> BTreeSet<String> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let modules = lib.lines().filter_map(|l| l.strip_prefix("pub mod ").or_else(|| l.strip_prefix("mod ")));
    modules.map(|m| m.trim_end_matches(';').to_owned()).collect()
}

#[test]
fn rooms_import_only_from_above() {
    let mut breaches = Vec::new();
    for (path, text) in sources("src") {
        let Some(own) = room(&path) else { continue };
        let allowed = ROOMS.iter().find(|(name, _)| *name == own).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("{path}: the table has no room `{own}`"));
        for (line, name) in imports(&text) {
            let known = ROOMS.iter().any(|(room, _)| *room == name);
            if known && name != own && !allowed.contains(&name.as_str()) {
                breaches.push(format!("{path}:{line}: `{own}` may not import `{name}`"));
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_table_is_ordered_and_complete() {
    let mut above = BTreeSet::new();
    for (name, allowed) in ROOMS {
        for import in allowed {
            assert!(above.contains(import), "`{name}` stands above `{import}`, which it may import");
        }
        above.insert(name);
    }
    assert_eq!(declared(), above.iter().map(|name| name.to_string()).collect());
}

#[test]
fn the_architecture_names_every_room() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (name, _) in ROOMS {
        assert!(text.contains(&format!("| `{name}`")) || text.contains(&format!("| `{name}/`")), "`{name}` is missing");
    }
}

#[test]
fn a_library_stays_in_its_room() {
    let mut breaches = Vec::new();
    for (path, text) in sources("src") {
        for (library, owner) in ONE_ROOM {
            if room(&path).is_some_and(|r| owner.split(',').any(|o| o == r)) {
                continue;
            }
            for (line, content) in code(&text) {
                if !paths(content, library).is_empty() || content.trim_start().starts_with(&format!("use {library};")) {
                    breaches.push(format!("{path}:{line}: only `{owner}` names {library}"));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// After `syntax`, differences between languages are data. Tests may name one.
#[test]
fn no_room_after_syntax_asks_for_a_language() {
    let mut breaches = Vec::new();
    for (path, text) in sources("src") {
        let testing = ["tests.rs", "fixtures.rs"].iter().any(|end| path.ends_with(end)) || path.contains("/tests/");
        if room(&path) == Some("syntax") || testing {
            continue;
        }
        let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (line, content) in code(product) {
            for name in ["\"c\"", "\"python\"", "\"java\"", "\"C\"", "\"Python\"", "\"Java\""] {
                // A calling convention is no language.
                if content.replace("extern \"C\"", "").contains(name) {
                    breaches.push(format!("{path}:{line}: {name}"));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn files_stay_small() {
    let mut breaches = Vec::new();
    for (path, text) in ["src", "tests", "benches"].iter().flat_map(|folder| sources(folder)) {
        let lines = text.lines().count();
        if lines > LONGEST {
            breaches.push(format!("{path}: {lines} lines, more than {LONGEST}"));
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// The checks above rest on this.
#[test]
fn imports_are_found() {
    let found = |text: &str| imports(text).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(found("use crate::a::B;\nlet x = crate::b::c(); // crate::no::no"), ["a", "b"]);
    assert_eq!(found("use crate::{a::{B, C}, b, c::D};"), ["a", "b", "c"]);
    assert_eq!(found("use crate::{\n    a::B,\n    b,\n};\nuse other::c;"), ["a", "b"]);
    assert_eq!(found("use mycrate::a;\n/// [`crate::b`]\nuse super::c;"), Vec::<String>::new());
    assert_eq!(paths("let x = reqwest::get(); my_reqwest::get()", "reqwest"), ["get(); my_reqwest::get()"]);
}
