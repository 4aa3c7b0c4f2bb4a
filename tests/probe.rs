//! Slices in other words mean what they meant: compiled, a renamed slice is the same program to the byte, since the names of
//! variables are nothing to a compiler. C by the assembly that cc writes, Python by its bytecode, Java by whether it compiles.

mod compilers;

use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use weiser::pipeline::{Options, analyze};
use weiser::render::Comments;
use weiser::spec::Request;
use weiser::syntax;

/// Each slice without comments, and the same renamed: of the language's fixtures, examples and hostile programs.
fn pairs(extension: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = ["tests/fixtures", "examples", "tests/injections"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).expect("the folder is there"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    let mut pairs = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("it is readable");
        let language = syntax::for_path(&path).expect("its language is known");
        let options = Options { comments: Comments::Strip, probe: true, ..Options::default() };
        let Ok(file) = analyze("x", text, language, &Request::default(), &options) else { continue };
        for slice in file.triples.iter().flat_map(|t| &t.slices) {
            if let Some(probe) = &slice.probe {
                pairs.push((slice.rendered.text.clone(), probe.text.clone()));
            }
        }
    }
    pairs
}

/// Comments with conditions are no part of the program.
fn assembly(text: &str) -> Result<String, String> {
    let mut cc = Command::new("cc")
        .args(["-w", "-O1", "-g0", "-S", "-x", "c", "-", "-o", "-"])
        .args(["-Dassume(...)=do{if(!(__VA_ARGS__))__builtin_trap();}while(0)", "-DNDEBUG", "-fno-ident"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    // An assertion's text is data of the program, so it is left out with NDEBUG.
    cc.stdin.take().expect("a pipe").write_all(text.as_bytes()).map_err(|error| error.to_string())?;
    let output = cc.wait_with_output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn c_compiles_to_the_same_code() {
    if assembly("int x;").is_err() {
        return eprintln!("skipped: no C compiler");
    }
    let pairs = pairs("c");
    let mut same = 0;
    for (plain, renamed) in &pairs {
        // What is no program by itself has no meaning to compare.
        let Ok(expected) = assembly(plain) else { continue };
        match assembly(renamed) {
            Ok(found) => assert!(found == expected, "another program:\n{plain}\nrenamed:\n{renamed}"),
            Err(error) => panic!("{error}\n{plain}\nrenamed:\n{renamed}"),
        }
        same += 1;
    }
    println!("{same} of {} slices compiled", pairs.len());
    assert!(same * 2 > pairs.len(), "{same} of {} slices compiled", pairs.len());
}

const BYTECODE: &str = r#"
import json, sys, types
def code(c):
    # Cells are numbered in the order of names, so with several of them numbers differ.
    cells = len(c.co_cellvars) + len(c.co_freevars) > 1
    # Annotations are kept by the name of their parameter.
    variables = [n for k in c.co_consts if isinstance(k, types.CodeType) for n in k.co_varnames]
    name = lambda k: "variable" if k in variables else repr(k)
    consts = [code(k) if isinstance(k, types.CodeType) else name(k) for k in c.co_consts]
    return [c.co_name, None if cells else c.co_code.hex(), list(c.co_names), len(c.co_varnames), consts]
def compiled(text):
    try:
        return code(compile(text, "x", "exec"))
    except SyntaxError as error:
        return str(error)
json.dump([[compiled(a), compiled(b)] for a, b in json.load(sys.stdin)], sys.stdout)
"#;

#[test]
fn python_compiles_to_the_same_code() {
    let pairs = pairs("py");
    let python = Command::new("python3").args(["-c", BYTECODE]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut python) = python else { return eprintln!("skipped: no python3") };
    python.stdin.take().expect("a pipe").write_all(json!(pairs).to_string().as_bytes()).expect("it reads");
    let output = python.wait_with_output().expect("it ends");
    let compiled: Vec<(Value, Value)> = serde_json::from_slice(&output.stdout).expect("a list");
    assert_eq!(compiled.len(), pairs.len());
    for ((plain, renamed), (expected, found)) in pairs.iter().zip(&compiled) {
        assert!(expected.is_array(), "{expected}:\n{plain}");
        assert!(expected == found, "another program:\n{plain}\nrenamed:\n{renamed}\n{expected}\n{found}");
    }
    println!("{} slices", pairs.len());
    assert!(pairs.len() > 40, "{}", pairs.len());
}

#[test]
fn java_compiles_where_it_did() {
    let pairs = pairs("java");
    let of = |renamed: bool| -> Vec<&str> {
        pairs.iter().map(|(plain, other)| if renamed { other.as_str() } else { plain.as_str() }).collect()
    };
    let generous = compilers::settings("java") - 1;
    let (plain, renamed) =
        match (compilers::complaints("java", generous, &of(false)), compilers::complaints("java", generous, &of(true)))
        {
            (Ok(plain), Ok(renamed)) => (plain, renamed),
            (Err(why), _) | (_, Err(why)) => return eprintln!("skipped: {why}"),
        };
    for (i, (before, after)) in plain.iter().zip(&renamed).enumerate() {
        assert!(before.is_some() || after.is_none(), "{after:?}\n{}\nrenamed:\n{}", pairs[i].0, pairs[i].1);
    }
    assert!(plain.iter().filter(|c| c.is_none()).count() > 20);
}
