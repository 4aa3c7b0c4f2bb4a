//! The index itself: which files, what is kept on disk, and input that no author wrote.

use std::fs;
use std::path::{Path, PathBuf};
use weiser::project::{CacheFound, CacheSaved, Opened, Options, Project, Query, SourceError, Trouble, Wanted};

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        put(folder.path(), path, text);
    }
    folder
}

fn put(folder: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn open(folder: &Path, options: &Options) -> (Project, Opened) {
    Project::open(folder, options, &|_, _| {}).unwrap()
}

fn paths(project: &Project) -> Vec<&str> {
    project.index().files().map(|(_, f)| f.path.as_str()).collect()
}

fn exclude(globs: &[&str]) -> Options {
    Options { exclude: globs.iter().map(|g| g.to_string()).collect(), ..Options::default() }
}

#[test]
fn which_files() {
    let folder = tree(&[
        (".gitignore", "/gen/\n*.tmp.c\n!keep.tmp.c\n"),
        ("a.c", ""),
        ("b.tmp.c", ""),
        ("keep.tmp.c", ""),
        ("gen/c.c", ""),
        ("sub/.gitignore", "d.py\n"),
        ("sub/d.py", ""),
        ("sub/e.PY", ""),
        ("vendor/f.c", ""),
        ("target/g.c", ""),
        (".hidden/h.c", ""),
        ("notes.txt", ""),
    ]);
    let with = |options: &Options| {
        let (project, opened) = open(folder.path(), options);
        assert_eq!(opened.unsearched, Vec::<String>::new());
        paths(&project).join(" ")
    };
    assert_eq!(with(&Options::default()), "a.c keep.tmp.c sub/e.PY vendor/f.c");
    assert_eq!(with(&exclude(&["vendor/", "*.PY"])), "a.c keep.tmp.c");
    let include = |glob: &str| Options { include: vec![glob.into()], ..Options::default() };
    assert_eq!(with(&include("*.c")), "a.c keep.tmp.c vendor/f.c");
    // What is ignored stays so.
    assert_eq!(with(&include("gen/**")), "");
    let all = Options { no_ignore: true, ..exclude(&["vendor/**"]) };
    assert_eq!(with(&all), "a.c b.tmp.c gen/c.c keep.tmp.c sub/d.py sub/e.PY");
    let error = Project::open(folder.path(), &include("{"), &|_, _| {}).unwrap_err().to_string();
    assert!(error.starts_with("`{` is no glob"), "{error}");
    let error = Project::open(&folder.path().join("a.c"), &Options::default(), &|_, _| {}).unwrap_err().to_string();
    assert!(error.ends_with("is no folder; a project is one"), "{error}");
    assert!(Project::open(&folder.path().join("gone"), &Options::default(), &|_, _| {}).is_err());
}

#[test]
fn the_index_is_kept() {
    let folder = tree(&[("a.c", "int a(void) { return 1; }\n"), ("b.c", "int b(void) { return 1; }\n")]);
    let cache = tempfile::tempdir().unwrap();
    let options = Options { cache: Some(cache.path().into()), ..Options::default() };
    let first = open(folder.path(), &options);
    assert_eq!((first.1.kept, first.1.read, &first.1.cache.found), (0, 2, &CacheFound::Missing));
    assert!(matches!(first.1.cache.saved, CacheSaved::Written(_)));

    let again = open(folder.path(), &options);
    assert_eq!((again.1.kept, again.1.read, &again.1.cache.found), (2, 0, &CacheFound::Good));
    assert_eq!(again.1.cache.saved, CacheSaved::No);
    assert_eq!(all(&first.0), all(&again.0));

    // A change, a new file, and one that goes away: as if there had never been another index.
    put(folder.path(), "a.c", "int changed(void) { return 2; }\n");
    put(folder.path(), "c.c", "int c(int word) { return word; }\n");
    fs::remove_file(folder.path().join("b.c")).unwrap();
    let updated = open(folder.path(), &options);
    assert_eq!((updated.1.kept, updated.1.read), (0, 2));
    assert_eq!(all(&updated.0), all(&open(folder.path(), &Options::default()).0));
    assert_eq!(updated.0.mentions("b"), []);
    assert_eq!(updated.0.mentions("word").len(), 1);

    // The same length at the same time: only the bytes tell.
    let time = fs::metadata(folder.path().join("a.c")).unwrap().modified().unwrap();
    put(folder.path(), "a.c", "int CHANGED(void) { return 2; }\n");
    fs::File::options().write(true).open(folder.path().join("a.c")).unwrap().set_modified(time).unwrap();
    assert_eq!(open(folder.path(), &options).0.index().named("CHANGED").len(), 1);

    // Touched, but the same: nothing is read anew.
    let later = time + std::time::Duration::from_secs(100);
    fs::File::options().write(true).open(folder.path().join("a.c")).unwrap().set_modified(later).unwrap();
    assert_eq!(open(folder.path(), &options).1.read, 0);
}

/// Everything that an index says.
fn all(project: &Project) -> String {
    let mut out = String::new();
    for (id, file) in project.index().files() {
        out += &format!("{id:?} {} {} {:?} {:?}\n", file.path, file.lines, file.outline, file.trouble);
    }
    for name in project.index().names() {
        out += &format!("{name} {:?} {:?}\n", project.index().named(name), project.mentions(name));
    }
    out
}

fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<PathBuf> = fs::read_dir(folder.join("index")).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[test]
fn a_broken_index_is_put_aside() {
    let folder = tree(&[("a.c", "int a(void) { return 1; }\n")]);
    let cache = tempfile::tempdir().unwrap();
    let options = Options { cache: Some(cache.path().into()), ..Options::default() };
    open(folder.path(), &options);
    let file = only_file(cache.path());
    let good = fs::read(&file).unwrap();
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for (bytes, expected) in [
        (b"what is this?".to_vec(), "it is no index"),
        (good[..20].to_vec(), "it is cut short"),
        (good[..good.len() - 1].to_vec(), "its checksum is wrong"),
        (flipped, "its checksum is wrong"),
        (vec![], "it is no index"),
    ] {
        fs::write(&file, bytes).unwrap();
        let (project, opened) = open(folder.path(), &options);
        let CacheFound::Broken { why, aside: Some(aside) } = &opened.cache.found else { panic!("{:?}", opened.cache) };
        assert_eq!(why, expected);
        assert!(aside.is_file());
        fs::remove_file(aside).unwrap();
        assert_eq!((opened.read, project.index().named("a").len()), (1, 1));
        assert_eq!(open(folder.path(), &options).1.cache.found, CacheFound::Good);
    }
    let mut other = good;
    other[10] ^= 1;
    fs::write(&file, other).unwrap();
    assert_eq!(open(folder.path(), &options).1.cache.found, CacheFound::Outdated);
    // One that can't be written costs time, nothing else.
    let nowhere = Options { cache: Some(folder.path().join("a.c")), ..Options::default() };
    let (project, opened) = open(folder.path(), &nowhere);
    assert!(matches!(opened.cache.saved, CacheSaved::Failed(_)));
    assert_eq!(project.index().named("a").len(), 1);
}

#[test]
fn several_at_once() {
    let files: Vec<(String, String)> =
        (0..40).map(|i| (format!("f{i}.c"), format!("int f{i}(void) {{ return {i}; }}\n"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let folder = tree(&files);
    let cache = tempfile::tempdir().unwrap();
    let options = Options { cache: Some(cache.path().into()), ..Options::default() };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..4 {
                    let (project, opened) = open(folder.path(), &options);
                    assert!(!matches!(opened.cache.found, CacheFound::Broken { .. }), "{:?}", opened.cache);
                    assert_eq!(project.index().files().len(), 40);
                }
            });
        }
    });
    only_file(cache.path());
}

#[test]
fn input_that_no_author_wrote() {
    let folder = tree(&[("good.c", "int good(void) { return 1; }\n"), ("empty.c", "")]);
    let root = folder.path();
    put(root, "latin.c", b"/* \xe4\xf6 */ int latin(void) { return 1; }\n");
    put(root, "wide.c", b"\xff\xfei\0n\0t\0 \0x\0;\0");
    put(root, "zeros.c", vec![0u8; 5000]);
    put(root, "deep.c", format!("int deep(int x) {{ return {}x{}; }}\n", "(".repeat(50_000), ")".repeat(50_000)));
    put(root, "nest.java", "class A { ".repeat(3_000));
    put(root, "stars.c", format!("int {}p;\n", "*".repeat(20_000)));
    put(root, "blocks.c", "{ } ".repeat(20_000));
    put(root, "calls.c", "f(x) { } ".repeat(5_000));
    put(root, "types.c", format!("{} x {};", "struct { int a; ".repeat(2_000), "} b; ".repeat(2_000)));
    put(root, "defs.py", (0..200).map(|i| format!("{}def f():\n", " ".repeat(i))).collect::<String>());
    fs::File::create(root.join("huge.c")).unwrap().set_len(17 << 20).unwrap();
    fs::create_dir(root.join("folder.c")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(root, root.join("loop")).unwrap();
        std::os::unix::fs::symlink(root.join("good.c"), root.join("again.c")).unwrap();
        std::os::unix::fs::symlink(root.join("gone.c"), root.join("dangling.c")).unwrap();
        std::os::unix::fs::symlink(root.join("self.c"), root.join("self.c")).unwrap();
    }
    let started = std::time::Instant::now();
    let (project, _) = open(root, &Options::default());
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    let found = paths(&project).join(" ");
    assert_eq!(
        found,
        "blocks.c calls.c deep.c defs.py empty.c good.c huge.c latin.c nest.java stars.c types.c wide.c zeros.c"
    );
    let entry = |path: &str| project.index().file(project.file_at(Path::new(path)).unwrap());
    assert_eq!(entry("huge.c").trouble, Some(Trouble::TooLarge));
    assert_eq!(entry("latin.c").trouble, Some(Trouble::BadBytes(2)));
    for name in ["good", "latin", "deep"] {
        assert_eq!(project.index().named(name).len(), 1, "{name}");
    }
    assert!(entry("nest.java").outline.damage.places > 0);
    let counts = project.index().counts();
    assert_eq!((counts.files, counts.lost), (13, 1));
    // Every name can be looked up from everywhere.
    for name in project.index().names() {
        for (file, _) in project.index().files() {
            project.find(&Query { at: Some(7), ..Query::new(name, Wanted::Any, Some(file)) });
            project.find(&Query {
                receiver: Some("A"),
                dynamic: true,
                ..Query::new(name, Wanted::Callable, Some(file))
            });
        }
    }
}

/// Root may read everything, so that this can't be shown there.
#[cfg(unix)]
#[test]
fn an_unreadable_file_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tree(&[("a.c", "int a;\n"), ("shut/b.c", "int b;\n")]);
    let shut =
        |path: &str, mode| fs::set_permissions(folder.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
    shut("a.c", 0);
    shut("shut", 0);
    let readable = fs::read(folder.path().join("a.c")).is_ok();
    let (project, opened) = open(folder.path(), &Options::default());
    shut("shut", 0o755);
    if !readable {
        let (_, entry) = project.index().files().next().unwrap();
        assert_eq!(entry.trouble, Some(Trouble::Unreadable("permission denied".into())));
        assert_eq!(opened.unsearched.len(), 1, "{:?}", opened.unsearched);
    }
}

#[test]
fn files_on_demand() {
    let text = "/* x */\nstatic int helper(int x) { return x; }\nint main(void) { return helper(1); }\n";
    let folder = tree(&[("a.c", text)]);
    let (project, _) = open(folder.path(), &Options::default());
    let helper = project.index().named("helper")[0];
    let parsed = project.parsed(helper.file).unwrap();
    let function = project.function(helper, &parsed).unwrap();
    assert_eq!(parsed.ast.function(function).name, "helper");
    assert_eq!(project.index().at_span(helper.file, "helper", parsed.ast.function(function).span), Some(helper));
    let around = project.index().around(helper.file, text.find("helper(1)").unwrap() as u32).unwrap();
    assert_eq!(project.index().qualified(around), "main");
    assert!(std::sync::Arc::ptr_eq(&parsed, &project.parsed(helper.file).unwrap()));

    let (project, _) = open(folder.path(), &Options::default());
    put(folder.path(), "a.c", "int other;\n");
    assert!(matches!(project.parsed(helper.file), Err(SourceError::Changed { .. })));
    fs::remove_file(folder.path().join("a.c")).unwrap();
    assert!(matches!(project.parsed(helper.file), Err(SourceError::Unreadable { .. })));
}

/// What the command prints for machines is what its schema says, twice the same but for time and where it came from.
#[test]
fn the_document_fits_its_schema() {
    let folder = tree(&[("a.c", "int a(void) { return 1; }\nint b( {\n"), ("b.py", "def a(): pass\n")]);
    put(folder.path(), "c.c", b"// \xff\n");
    let cache = tempfile::tempdir().unwrap();
    let run = || {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_weiser"))
            .args(["index", "--find", "a", "--format", "json"])
            .arg(folder.path())
            .env("WEISER_INDEX_CACHE", cache.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let schema = weiser::report::schema::Format::Index.schema();
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let (mut first, mut again) = (run(), run());
    for document in [&mut first, &mut again] {
        let problems: Vec<String> = schema.iter_errors(document).map(|e| e.to_string()).collect();
        assert_eq!(problems, Vec::<String>::new());
        document["ms"] = 0.into();
    }
    assert_eq!((&first["read"], &again["kept"], &again["cache"]["found"]), (&3.into(), &3.into(), &"good".into()));
    assert_eq!((&first["counts"], &first["find"]), (&again["counts"], &again["find"]));
    assert_eq!(first["find"]["candidates"].as_array().unwrap().len(), 2);
    assert_eq!(first["troubles"].as_array().unwrap().len(), 2);
}
