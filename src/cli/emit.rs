//! `--emit-test`: the first violation that was seen to happen, as a regression test.

use super::Failure;
use super::args::{CheckArgs, ProgramArgs};
use super::output::Console;
use super::run::Engine;
use super::settings::Settings;
use crate::pipeline::{self, FileAnalysis, TripleVerdict};
use crate::run::regression::{MARK, Setting};
use crate::verdict::Outcome;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// A test that is to be written.
pub struct Emission<'a> {
    args: &'a CheckArgs,
    settings: &'a Settings,
    /// Who answers, as after `--oracle`.
    pub spec: String,
    path: &'a Path,
    /// The language that its name tells, if any.
    language: Option<String>,
    /// The text, and the violation that it is about.
    found: Option<(String, String)>,
    /// Confirmed violations of which no test could be made, and why.
    refused: Vec<String>,
    /// A violation that rests on somebody's word.
    claimed: bool,
}

impl<'a> Emission<'a> {
    /// What would keep the test from being written is said before anything is asked: a file that weiser hasn't written is
    /// somebody's own and stays.
    pub fn open(
        args: &'a CheckArgs,
        settings: &'a Settings,
        engine: &dyn Engine,
    ) -> Result<Option<Emission<'a>>, Failure> {
        let Some(path) = args.emit_test.as_deref() else { return Ok(None) };
        let place = path.display();
        let own = |bytes: &[u8]| {
            let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
            bytes.is_empty() || String::from_utf8_lossy(first).contains(MARK)
        };
        match std::fs::read(path) {
            Ok(bytes) if own(&bytes) => {}
            Ok(_) => {
                let why = format!(
                    "--emit-test: {place} is there and was not written by weiser; remove it, or name another file"
                );
                return Err(Failure::Usage(why));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::Usage(format!("--emit-test: {place}: {error}"))),
        }
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        if folder.is_some_and(|f| !f.is_dir()) || path.file_name().is_none() {
            return Err(Failure::Usage(format!("--emit-test: {place}: there is no such folder")));
        }
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        let language =
            engine.languages().into_iter().find(|l| l.extensions.iter().any(|e| Some(e) == extension.as_ref()));
        let Some(language) = language else {
            let known: Vec<String> = engine.languages().into_iter().flat_map(|l| l.extensions).collect();
            let why = format!("--emit-test: {place}: the name must tell the test's language (.{})", known.join(", ."));
            return Err(Failure::Usage(why));
        };
        let language = Some(language.name);
        let spec = settings.asked().to_owned();
        Ok(Some(Emission { args, settings, spec, path, language, found: None, refused: Vec::new(), claimed: false }))
    }

    /// Takes the first violation that a test can be made of.
    pub fn offer(&mut self, engine: &dyn Engine, file: &FileAnalysis, index: usize, verdict: &TripleVerdict) {
        if self.found.is_some() || verdict.outcome != Outcome::Violated {
            return;
        }
        let triple = &file.triples[index];
        let about = format!("{}:{}  {}", file.path, triple.post_line.max(triple.line), triple.function);
        let Some(replay) = pipeline::confirmed(verdict) else {
            self.claimed = true;
            return;
        };
        if self.language.as_ref() != Some(&file.language) {
            self.refused.push(format!("{about}: it is no violation in the language of the test's name"));
            return;
        }
        let setting = Setting {
            program: beside(self.path, &file.path),
            stem: self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            version: env!("CARGO_PKG_VERSION").into(),
            command: command(self.args, &self.spec, self.settings, &file.path, self.path),
            observed: String::new(),
        };
        match engine.regression(file, index, replay, &setting) {
            Ok(text) => self.found = Some((text, about)),
            Err(error) => self.refused.push(format!("{about}: {error}")),
        }
    }

    /// Writes the test, or says why there is none.
    pub fn finish(self, console: &mut Console) -> Result<(), Failure> {
        let place = self.path.display().to_string();
        for why in &self.refused {
            console.note(&format!("no test of {why}\n"));
        }
        if let Some((text, about)) = self.found {
            std::fs::write(self.path, text).map_err(|error| Failure::Write { place: place.clone(), error })?;
            console.note(&format!("{place}: a test that fails as long as {about} is violated\n"));
            return Ok(());
        }
        let why = match (self.claimed, self.refused.is_empty()) {
            (true, true) => "no violation was seen to happen (--confirm runs what a model claims)",
            (false, true) => "no violation was found",
            (_, false) => "no violation that was seen can be made a test",
        };
        console.note(&format!("{place}: not written: {why}\n"));
        Ok(())
    }
}

/// The program's file as a file beside the test names it, by the text of the paths; `None` for standard input.
fn beside(test: &Path, program: &str) -> Option<String> {
    if program == "<stdin>" {
        return None;
    }
    let plain = |path: &Path| -> Option<Vec<String>> {
        let mut out: Vec<String> = Vec::new();
        for part in std::path::absolute(path).ok()?.components() {
            match part {
                Component::ParentDir => {
                    out.pop();
                }
                Component::Normal(name) => out.push(name.to_string_lossy().into_owned()),
                Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        Some(out)
    };
    let mut folder = plain(test)?;
    folder.pop();
    let program = plain(&PathBuf::from(program))?;
    let same = folder.iter().zip(&program).take_while(|(a, b)| a == b).count();
    let up = folder[same..].iter().map(|_| "..".to_owned());
    Some(up.chain(program[same..].iter().cloned()).collect::<Vec<_>>().join("/"))
}

/// The command that writes the test again. Addresses of servers are left out: they are nobody's business.
fn command(args: &CheckArgs, spec: &str, settings: &Settings, program: &str, test: &Path) -> String {
    let ProgramArgs { entry, pre, post, at, language, .. } = &args.program;
    let from_input = program == "<stdin>";
    let mut words: Vec<String> = vec!["weiser".into(), "check".into(), if from_input { "-" } else { program }.into()];
    let mut flag = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    entry.iter().for_each(|e| flag("--entry", e));
    pre.iter().for_each(|p| flag("--pre", p));
    post.iter().for_each(|p| flag("--post", p));
    at.iter().for_each(|a| flag("--at", &format!("{program}:{}", a.line)));
    language.iter().for_each(|l| flag("--language", l));
    if settings.others.is_empty() {
        flag("--oracle", spec);
    } else {
        flag("--oracle", settings.asked());
        settings.others.iter().for_each(|o| flag("--oracle", o));
    }
    if settings.votes > 1 {
        flag("--votes", &settings.votes.to_string());
    }
    settings.escalate.iter().for_each(|o| flag("--escalate", o));
    if settings.seed != 0 {
        flag("--seed", &settings.seed.to_string());
    }
    flag("--emit-test", &test.display().to_string());
    if settings.probe {
        words.push("--probe".into());
    }
    if settings.confirm {
        words.push("--confirm".into());
    }
    words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_from_the_test() {
        let at = |test: &str, program: &str| beside(test.as_ref(), program);
        assert_eq!(at("test_f.py", "f.py").as_deref(), Some("f.py"));
        assert_eq!(at("tests/test_f.py", "src/a/f.py").as_deref(), Some("../src/a/f.py"));
        assert_eq!(at("./x/../t.c", "../f.c").as_deref().map(|p| p.starts_with("../")), Some(true));
        assert_eq!(at("/a/b/t.c", "/a/c/f.c").as_deref(), Some("../c/f.c"));
        assert_eq!(at("t.c", "<stdin>"), None);
    }

    #[test]
    fn the_command_names_everybody_who_was_asked() {
        use crate::cli::args::{self, Cli, Command};
        use crate::cli::settings::Environment;
        use clap::Parser;

        let said = |line: &str, spec: &str| {
            let Command::Check(args) = Cli::parse_from(line.split(' ')).command else { panic!("it is a check") };
            let layer = args::layer(&args.program, &args.asking, &args.cost);
            let settings = Settings::resolve(layer, &args.common, &Environment::default()).unwrap();
            command(&args, spec, &settings, "f.py", "t.py".as_ref())
        };
        assert_eq!(said("weiser check f.py --oracle auto", "run"), "weiser check f.py --oracle run --emit-test t.py");
        let panel = "weiser check f.py --oracle openai:a --oracle ollama:b --votes 3 --escalate openai:c --emit-test t.py \
                     --probe --confirm";
        assert_eq!(said(panel, "openai:a, ollama:b"), panel);
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("a.c:3"), "a.c:3");
        assert_eq!(quoted("x > 0"), "'x > 0'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
