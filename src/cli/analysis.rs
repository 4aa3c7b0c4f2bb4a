//! All inputs of a command through the engine: in parallel, reported in order.

use super::args::{CommonArgs, ProgramArgs};
use super::inputs::{self, Candidate};
use super::output::Console;
use super::progress::Bar;
use super::run::{Analyzed, Engine, GraphFormat, Rejected};
use super::settings::Settings;
use super::values::At;
use super::{Failure, inputs::listed};
use crate::report::InputError;
use crate::report::terminal::{Detail, notes};
use crate::spec::Request;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// A deeply nested program is walked by recursion in places; the stack of a worker is made as large as it may need.
const STACK: usize = 64 << 20;

/// What became of the inputs, in their order.
#[derive(Default)]
pub struct Analysis {
    pub files: Vec<Analyzed>,
    pub errors: Vec<InputError>,
    /// Files of searched folders that hold no triple.
    pub skipped: usize,
}

impl Analysis {
    /// Tokens of the longest question.
    pub fn largest_prompt(&self) -> u64 {
        let slices = self.files.iter().flat_map(|f| &f.file.triples).flat_map(|t| &t.slices);
        slices.map(|s| s.prompt_tokens).max().unwrap_or(0)
    }

    pub fn triples(&self) -> usize {
        self.files.iter().map(|f| f.file.triples.len()).sum()
    }
}

enum Became {
    Analyzed(Analyzed),
    Skipped(String),
    Failed(InputError),
}

/// Reads and analyses everything that the arguments stand for, and says on standard error what is to be said of it.
pub fn analyze(
    program: &ProgramArgs,
    common: &CommonArgs,
    graphs: Option<GraphFormat>,
    settings: &Settings,
    engine: &dyn Engine,
    console: &mut Console,
) -> Result<Analysis, Failure> {
    let languages = engine.languages();
    if let Some(language) = &program.language
        && !languages.iter().any(|l| l.name == *language)
    {
        let known = listed(&languages);
        return Err(Failure::Usage(format!("--language: `{language}` is not known; known are {known}")));
    }
    let arguments = arguments(program)?;
    let (candidates, errors) = inputs::collect(&arguments, program.language.as_deref(), &languages);
    if program.at.is_some() && candidates.len() > 1 {
        return Err(Failure::Usage("--at names one line of one file; give that file alone".into()));
    }
    let request = Request {
        pre: program.pre.clone(),
        post: program.post.clone(),
        entry: program.entry.clone(),
        at: program.at.as_ref().map(|at| at.line),
        across: false,
    };
    let bar = Bar::new(common, candidates.len() as u64, "files");
    let all = in_parallel(|| {
        let one = |candidate: &Candidate| {
            let became = one(candidate, &request, graphs, settings, engine);
            bar.step();
            became
        };
        candidates.par_iter().map(one).collect::<Vec<_>>()
    });
    drop(bar);
    let mut analysis = Analysis { errors, ..Analysis::default() };
    for became in all {
        match became {
            Became::Analyzed(analyzed) => {
                console.note(&notes::file(&analyzed.file, common.detail()));
                analysis.files.push(analyzed);
            }
            Became::Skipped(why) => {
                if common.detail() == Detail::Verbose {
                    // What could be done about it is for those who named the file.
                    console.note(&format!("skipped: {}\n", why.split(';').next().unwrap_or(&why)));
                }
                analysis.skipped += 1;
            }
            Became::Failed(error) => analysis.errors.push(error),
        }
    }
    for error in &analysis.errors {
        console.error(&named(error));
    }
    if analysis.skipped > 0 && common.detail() != Detail::Quiet {
        let files = if analysis.skipped == 1 { "1 file" } else { &format!("{} files", analysis.skipped) };
        console.note(&format!("note: {files} without a post-condition skipped (-v names them)\n"));
    }
    if analysis.triples() == 0 && analysis.errors.is_empty() {
        let message = "nothing to judge: no file with a post-condition was found; write one as a comment where it must hold \
             (`POST: x > 0`), or name the file and give it with --post";
        return Err(Failure::Usage(message.into()));
    }
    Ok(analysis)
}

/// The inputs named, or the file that `--at` names where there are none.
fn arguments(program: &ProgramArgs) -> Result<Vec<PathBuf>, Failure> {
    let at = program.at.as_ref();
    match (program.inputs.as_slice(), at.and_then(|at| at.file.as_deref())) {
        ([], Some(file)) => Ok(vec![file.to_owned()]),
        ([], None) => Err(Failure::Usage("no file is named".into())),
        ([one], Some(file)) if !same(one, file) => {
            let At { line, .. } = at.cloned().unwrap_or(At { file: None, line: 0 });
            let (file, one) = (file.display(), one.display());
            Err(Failure::Usage(format!("--at {file}:{line} is not a line of {one}; name that file")))
        }
        (inputs, _) => Ok(inputs.to_vec()),
    }
}

fn same(a: &Path, b: &Path) -> bool {
    let plain = |path: &Path| path.strip_prefix(".").unwrap_or(path).to_owned();
    plain(a) == plain(b) || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn one(
    candidate: &Candidate,
    request: &Request,
    graphs: Option<GraphFormat>,
    settings: &Settings,
    engine: &dyn Engine,
) -> Became {
    let input = match inputs::read(candidate) {
        Ok(input) => input,
        Err(error) => return Became::Failed(error),
    };
    let notes = input.notes.clone();
    match engine.analyze(input, request, graphs, settings) {
        Ok(mut analyzed) => {
            analyzed.file.diagnostics.splice(0..0, notes);
            Became::Analyzed(analyzed)
        }
        Err(Rejected::Nothing(why)) if !candidate.named => Became::Skipped(why),
        Err(Rejected::Nothing(message) | Rejected::Wrong(message)) => {
            let path = candidate.shown.clone();
            let message = message.strip_prefix(&format!("{path}: ")).unwrap_or(&message).to_owned();
            Became::Failed(InputError { path, message })
        }
    }
}

/// `path: message`, the path once.
fn named(error: &InputError) -> String {
    if error.message.starts_with(&error.path) {
        error.message.clone()
    } else {
        format!("{}: {}", error.path, error.message)
    }
}

/// Runs `work` where its parallel parts have large stacks; on this thread if no other can be had.
pub fn in_parallel<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().stack_size(STACK).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}
