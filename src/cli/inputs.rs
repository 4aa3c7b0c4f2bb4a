//! From the arguments to source text: folders are searched, files are read as text whatever their bytes.
//!
//! A byte that is not UTF-8 becomes one `?`, so that every span stays what it is in the file; it is told as a warning.
//! Cost: one pass over each file; nothing over [`LARGEST`] is read.

use super::run::LanguageName;
use crate::pipeline::Note;
use crate::project::{Options, scan};
use crate::report::InputError;
use crate::syntax::ast::Severity;
use crate::text::{BadBytes, SourceFile, decode, said};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Most bytes of a file.
pub const LARGEST: u64 = 64 << 20;

/// A file to analyse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub path: PathBuf,
    /// As it is shown; `<stdin>` for standard input.
    pub shown: String,
    /// Name of its language.
    pub language: String,
    /// The user named this file, rather than a folder above it.
    pub named: bool,
    /// The folder in which it was found, as it was named.
    pub root: Option<PathBuf>,
}

/// Source text.
#[derive(Debug, Clone)]
pub struct Input {
    pub source: SourceFile,
    pub language: String,
    pub notes: Vec<Note>,
}

/// The files that the arguments stand for, in the order of the arguments, those of a folder in the order of paths; each
/// once. `language` is what `--language` says, `options` which files of a folder are wanted.
pub fn collect(
    arguments: &[PathBuf],
    language: Option<&str>,
    options: &Options,
    languages: &[LanguageName],
) -> (Vec<Candidate>, Vec<InputError>) {
    let mut search =
        Search { language, options, languages, found: Vec::new(), seen: BTreeSet::new(), errors: Vec::new() };
    for argument in arguments {
        if argument.as_os_str() == "-" {
            search.standard_input();
        } else {
            match std::fs::metadata(argument) {
                Ok(meta) if meta.is_dir() => search.folder(argument),
                Ok(_) => search.file(argument),
                Err(error) => search.fail(argument, said(&error)),
            }
        }
    }
    (search.found, search.errors)
}

struct Search<'a> {
    language: Option<&'a str>,
    options: &'a Options,
    languages: &'a [LanguageName],
    found: Vec<Candidate>,
    seen: BTreeSet<PathBuf>,
    errors: Vec<InputError>,
}

impl Search<'_> {
    fn standard_input(&mut self) {
        match self.language {
            Some(language) => self.take(PathBuf::from("-"), "<stdin>".into(), language.to_owned(), None),
            None => {
                let known = listed(self.languages);
                self.fail(Path::new("-"), format!("say the language of standard input with --language: {known}"));
            }
        }
    }

    fn file(&mut self, path: &Path) {
        match self.language.or_else(|| self.by_extension(path)).map(str::to_owned) {
            Some(language) => self.take(path.to_owned(), path.display().to_string(), language, None),
            None => {
                let known = listed(self.languages);
                self.fail(path, format!("the extension tells no language; say it with --language: {known}"));
            }
        }
    }

    fn folder(&mut self, root: &Path) {
        let language = |path: &Path| {
            let found = self.by_extension(path)?;
            self.language.is_none_or(|wanted| wanted == found).then(|| found.to_owned())
        };
        let (found, unsearched) = match scan(root, self.options, language) {
            Ok(searched) => searched,
            Err(error) => return self.fail(root, error.to_string()),
        };
        for file in found {
            let shown = shown(&file.path);
            self.take(file.path, shown, file.language, Some(root.to_owned()));
        }
        for (path, why) in unsearched {
            self.fail(&path, why);
        }
    }

    fn by_extension(&self, path: &Path) -> Option<&str> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        let known = self.languages.iter().find(|l| l.extensions.contains(&extension));
        known.map(|l| l.name.as_str())
    }

    fn take(&mut self, path: PathBuf, shown: String, language: String, root: Option<PathBuf>) {
        let named = root.is_none();
        let key = path.strip_prefix(".").unwrap_or(&path).to_owned();
        if self.seen.insert(key.clone()) {
            self.found.push(Candidate { path, shown, language, named, root });
        } else if named
            && let Some(earlier) = self.found.iter_mut().find(|c| c.path.strip_prefix(".").unwrap_or(&c.path) == key)
        {
            earlier.named = true;
        }
    }

    fn fail(&mut self, path: &Path, message: String) {
        self.errors.push(InputError { path: path.display().to_string(), message });
    }
}

/// A path that was found, as it is shown.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// `c, python, java`
pub fn listed(languages: &[LanguageName]) -> String {
    languages.iter().map(|l| l.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Reads a file.
pub fn read(candidate: &Candidate) -> Result<Input, InputError> {
    let failed = |message| InputError { path: candidate.shown.clone(), message };
    let bytes = if candidate.path.as_os_str() == "-" {
        bounded(io::stdin().lock())
    } else {
        File::open(&candidate.path).and_then(bounded)
    };
    let bytes = bytes.map_err(|error| failed(said(&error)))?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed(format!("more than {} MiB; split it, or cut out the functions that matter", LARGEST >> 20)));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(failed("is UTF-16; convert it: iconv -f UTF-16 -t UTF-8".into()));
    }
    let (text, bad) = decode(bytes);
    let notes = bad.map(noted).into_iter().collect();
    Ok(Input { source: SourceFile::new(candidate.shown.as_str(), text), language: candidate.language.clone(), notes })
}

/// All bytes, or one more than [`LARGEST`].
fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What is said of bytes that are no text.
fn noted(bad: BadBytes) -> Note {
    let bytes = if bad.count == 1 { "1 byte is".into() } else { format!("{} bytes are", bad.count) };
    let message = format!("{bytes} not UTF-8 and read as `?`, here first; convert the file if that matters");
    Note { severity: Severity::Warning, line: bad.line, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::languages;
    use std::fs;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    fn names(folder: &Path, arguments: &[&str], language: Option<&str>) -> (Vec<String>, Vec<String>) {
        let arguments: Vec<PathBuf> = arguments.iter().map(|a| folder.join(a)).collect();
        let (found, errors) = collect(&arguments, language, &Options::default(), &languages());
        let relative = |path: &str| Path::new(path).strip_prefix(folder).unwrap().display().to_string();
        (
            found.iter().map(|c| format!("{} {}", relative(&c.shown), c.language)).collect(),
            errors.iter().map(|e| format!("{}: {}", relative(&e.path), e.message)).collect(),
        )
    }

    #[test]
    fn a_folder_is_searched_in_the_order_of_names() {
        let folder =
            tree(&["b.toy", "a/z.toy", "a/y.alt", "a.txt", ".hid/x.toy", "target/x.toy", "c/node_modules/x.toy"]);
        let all = ["a/y.alt other", "a/z.toy toy", "b.toy toy"].map(str::to_owned).to_vec();
        assert_eq!(names(folder.path(), &[""], None), (all.clone(), vec![]));
        assert_eq!(names(folder.path(), &["", "b.toy", "a"], None), (all, vec![]));
        assert_eq!(names(folder.path(), &[""], Some("other")).0, ["a/y.alt other"]);
    }

    #[test]
    fn a_named_file_needs_a_language() {
        let folder = tree(&["a.txt", "b.TOY"]);
        let (found, errors) = names(folder.path(), &["a.txt", "b.TOY", "gone.toy"], None);
        assert_eq!(found, ["b.TOY toy"]);
        assert_eq!(
            errors,
            [
                "a.txt: the extension tells no language; say it with --language: toy, other",
                "gone.toy: no such file or folder"
            ]
        );
        assert_eq!(names(folder.path(), &["a.txt"], Some("toy")).0, ["a.txt toy"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_folder_is_not_followed() {
        let folder = tree(&["a/x.toy"]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
        assert_eq!(names(folder.path(), &[""], None).0, ["a/x.toy toy"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_told() {
        let note = noted(BadBytes { count: 2, line: 3 });
        assert_eq!(note.line, 3);
        assert!(note.message.starts_with("2 bytes are not UTF-8"));
        assert!(noted(BadBytes { count: 1, line: 1 }).message.starts_with("1 byte is not"));
    }

    #[test]
    fn what_cannot_be_source_text_is_refused() {
        let folder = tree(&[]);
        let candidate = |name: &str| Candidate {
            path: folder.path().join(name),
            shown: name.into(),
            language: "toy".into(),
            named: true,
            root: None,
        };
        fs::write(folder.path().join("wide.toy"), b"\xff\xfea\0").unwrap();
        assert!(read(&candidate("wide.toy")).unwrap_err().message.contains("UTF-16"));
        File::create(folder.path().join("big.toy")).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(read(&candidate("big.toy")).unwrap_err().message.contains("more than 64 MiB"));
        assert_eq!(read(&candidate("gone.toy")).unwrap_err().message, "no such file or folder");
    }
}
