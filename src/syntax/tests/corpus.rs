//! The samples and, where they are at hand, the data sets.

use super::*;
use std::path::PathBuf;

#[test]
fn samples_satisfy_the_invariants() {
    for (language, text) in SAMPLES {
        assert_eq!(verify::verify(&read(language, text)), Vec::<String>::new(), "{language}");
    }
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

#[test]
fn data_sets_are_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/datasets/autoexe");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let (mut count, mut said) = (0, Vec::new());
    for path in paths {
        let Some(language) = for_path(&path) else { continue };
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let parsed = parse(&path.display().to_string(), text, language);
        assert_eq!(verify::verify(&parsed), Vec::<String>::new(), "{}", path.display());
        count += 1;
        said.extend(parsed.ast.diagnostics.iter().map(|d| format!("{}: {}", path.display(), d.message)));
    }
    println!("{count} files\n{}", said.join("\n"));
    assert!(count > 200, "only {count} files in {}", folder.display());
}
