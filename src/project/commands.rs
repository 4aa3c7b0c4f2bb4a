//! `compile_commands.json`: where the compiler looks for included files, for each file that it compiles.
//!
//! Both forms of an entry are read: `arguments`, a list, and `command`, a line for the shell. Only paths are taken from it.

use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// Where it is looked for, from the root of the project.
const PLACES: [&str; 4] = [
    "compile_commands.json",
    "build/compile_commands.json",
    "builddir/compile_commands.json",
    "out/compile_commands.json",
];

/// Flags that name a folder, in the next argument or in the same.
const FLAGS: [&str; 4] = ["-I", "-iquote", "-isystem", "-idirafter"];

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct CommandsError {
    pub path: PathBuf,
    pub why: String,
}

/// Absolute folders to look in.
#[derive(Debug, Default)]
pub struct Commands {
    pub of_file: HashMap<PathBuf, Vec<PathBuf>>,
    /// Of all files together, for files that aren't compiled by themselves.
    pub all: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Entry {
    directory: PathBuf,
    file: PathBuf,
    command: Option<String>,
    arguments: Option<Vec<String>>,
}

/// What the first database that is there says. An entry that can't be read is left out and told.
pub fn find(root: &Path) -> (Commands, Option<CommandsError>) {
    for place in PLACES {
        let path = root.join(place);
        match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return (Commands::default(), Some(CommandsError { path, why: crate::text::said(&error) }));
            }
            Ok(bytes) => {
                let (commands, why) = read(&bytes, root);
                return (commands, why.map(|why| CommandsError { path, why }));
            }
        }
    }
    (Commands::default(), None)
}

fn read(bytes: &[u8], root: &Path) -> (Commands, Option<String>) {
    let values: Vec<serde_json::Value> = match serde_json::from_slice(bytes) {
        Ok(values) => values,
        Err(error) => return (Commands::default(), Some(format!("is no compilation database: {error}"))),
    };
    let (mut commands, mut wrong, mut first) = (Commands::default(), 0, None);
    for (i, value) in values.into_iter().enumerate() {
        match serde_json::from_value(value).map_err(|e| e.to_string()).and_then(|entry| folders(entry, root)) {
            Ok((file, folders)) => {
                for folder in &folders {
                    if !commands.all.contains(folder) {
                        commands.all.push(folder.clone());
                    }
                }
                commands.of_file.entry(file).or_default().extend(folders);
            }
            Err(why) => {
                wrong += 1;
                first.get_or_insert(format!("entry {}: {why}", i + 1));
            }
        }
    }
    let more = if wrong > 1 { format!(" (and {} more)", wrong - 1) } else { String::new() };
    (commands, first.map(|first| format!("{first}{more}")))
}

fn folders(entry: Entry, root: &Path) -> Result<(PathBuf, Vec<PathBuf>), String> {
    let directory = root.join(entry.directory);
    let arguments = match (entry.arguments, entry.command) {
        (Some(arguments), _) => arguments,
        (None, Some(command)) => shlex::split(&command).ok_or("a quote in `command` is not closed")?,
        (None, None) => return Err("has neither `command` nor `arguments`".into()),
    };
    let mut found = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let Some(flag) = FLAGS.iter().find(|f| argument.starts_with(**f)) else { continue };
        let folder = match &argument[flag.len()..] {
            "" => arguments.next().map_or("", String::as_str),
            folder => folder,
        };
        if !folder.is_empty() {
            found.push(plain(&directory.join(folder)));
        }
    }
    Ok((plain(&directory.join(entry.file)), found))
}

/// Without `.` and `..`, by the text of the path alone.
pub fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let text = r#"[
            {"directory": "/p/build", "file": "../a.c", "command": "cc -I../inc -I 'with space' -DX=\"a b\" -isystem /usr/x -c ../a.c"},
            {"directory": "/p", "file": "b.c", "arguments": ["cc", "-iquote", "q", "-Iinc", "b.c"]}
        ]"#;
        let (found, wrong) = read(text.as_bytes(), Path::new("/p"));
        assert_eq!(wrong, None);
        let of =
            |file: &str| found.of_file[Path::new(file)].iter().map(|p| p.display().to_string()).collect::<Vec<_>>();
        assert_eq!(of("/p/a.c"), ["/p/inc", "/p/build/with space", "/usr/x"]);
        assert_eq!(of("/p/b.c"), ["/p/q", "/p/inc"]);
        assert_eq!(found.all.len(), 4);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let why = |text: &str| read(text.as_bytes(), Path::new("/p")).1.unwrap_or_default();
        assert!(why("{").starts_with("is no compilation database"));
        assert_eq!(why(r#"[{"directory": "/", "file": "a"}]"#), "entry 1: has neither `command` nor `arguments`");
        let half = r#"[{"directory": "/", "file": "a", "command": "cc 'x"}, 7, {"directory": "/", "file": "b", "arguments": ["-Ix"]}]"#;
        let (found, wrong) = read(half.as_bytes(), Path::new("/p"));
        assert_eq!(wrong.unwrap(), "entry 1: a quote in `command` is not closed (and 1 more)");
        assert_eq!(found.all, [Path::new("/x")]);
        assert_eq!(why("[]"), "");
    }
}
