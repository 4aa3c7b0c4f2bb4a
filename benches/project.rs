//! How long a project takes to be indexed: `cargo bench --bench project`.
//!
//! - `cold/500`: 500 files of about 500 lines (250 000 lines), nothing kept: under 10 s on two cores.
//! - `warm/500`: the same with an index on disk and nothing changed: under 1 s.
//! - `one_changed/500`: one file of them changed.
//! - `x11_cold`, `x11_warm`: the sources that `eval/x11/fetch.sh` fetches, if they are in `target/x11`.
//! - `lookup`: what one called name means.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use weiser::project::{Options, Project, Query, Wanted};

fn main() {
    divan::main();
}

/// Files that include each other's headers and call each other.
fn tree(files: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for i in 0..files {
        let header = format!(
            "#ifndef M{i}_H\n#define M{i}_H\nstruct m{i} {{ int value; struct m{i} *next; }};\nint f{i}_0(int a, int b);\n#endif\n"
        );
        let mut text = format!("#include \"m{i}.h\"\n#include \"m{}.h\"\n", (i + 1) % files);
        for k in 0..35 {
            let _ = writeln!(
                text,
                "\n/* Adds up. */\n{}int f{i}_{k}(int a, int b)\n{{\n    int sum = 0;\n    for (int j = 0; j < a; j++) {{\n        if (j % 2 == 0)\n            sum += f{}_0(j, b);\n        else\n            sum -= b;\n    }}\n    return sum;\n}}",
                if k == 0 { "" } else { "static " },
                (i + 1) % files
            );
        }
        std::fs::write(folder.path().join(format!("m{i}.h")), header).expect("a header");
        std::fs::write(folder.path().join(format!("m{i}.c")), text).expect("a file");
    }
    folder
}

fn open(root: &Path, cache: Option<&Path>) -> Project {
    let options = Options { cache: cache.map(Path::to_path_buf), ..Options::default() };
    Project::open(root, &options, &|_, _| {}).expect("a folder").0
}

#[divan::bench(args = [50, 500], sample_count = 3)]
fn cold(bencher: divan::Bencher, files: usize) {
    let folder = tree(files);
    bencher.bench_local(|| assert_eq!(open(folder.path(), None).index().files().len(), 2 * files));
}

#[divan::bench(args = [50, 500], sample_count = 5)]
fn warm(bencher: divan::Bencher, files: usize) {
    let (folder, cache) = (tree(files), tempfile::tempdir().expect("a folder"));
    open(folder.path(), Some(cache.path()));
    bencher.bench_local(|| assert_eq!(open(folder.path(), Some(cache.path())).index().files().len(), 2 * files));
}

#[divan::bench(args = [50, 500], sample_count = 5)]
fn one_changed(bencher: divan::Bencher, files: usize) {
    let (folder, cache) = (tree(files), tempfile::tempdir().expect("a folder"));
    open(folder.path(), Some(cache.path()));
    let mut round = 0;
    bencher.bench_local(|| {
        round += 1;
        std::fs::write(folder.path().join("m0.c"), format!("int changed{round};\n")).expect("a file");
        let name = format!("changed{round}");
        assert_eq!(open(folder.path(), Some(cache.path())).index().named(&name).len(), 1);
    });
}

fn x11() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/x11");
    folder.is_dir().then_some(folder)
}

#[divan::bench(sample_count = 3)]
fn x11_cold(bencher: divan::Bencher) {
    if let Some(folder) = x11() {
        bencher.bench_local(|| open(&folder, None).index().files().len());
    }
}

#[divan::bench(sample_count = 5)]
fn x11_warm(bencher: divan::Bencher) {
    if let Some(folder) = x11() {
        let cache = tempfile::tempdir().expect("a folder");
        open(&folder, Some(cache.path()));
        bencher.bench_local(|| open(&folder, Some(cache.path())).index().files().len());
    }
}

#[divan::bench]
fn lookup(bencher: divan::Bencher) {
    let folder = tree(50);
    let project = open(folder.path(), None);
    let from = project.file_at(Path::new("m7.c"));
    bencher.bench_local(|| {
        let query = Query { arguments: Some(2), ..Query::new("f8_0", Wanted::Callable, from) };
        assert!(project.find(&query).certain().is_some());
    });
}
