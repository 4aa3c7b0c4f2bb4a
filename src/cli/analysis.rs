//! All inputs of a command through the engine: in parallel, reported in order.
//!
//! Asking about many files takes long and needs one at a time, so beyond [`MOST_HELD`] slices an analysis is dropped again and
//! made anew when it is its turn ([`survey`]): the memory of a run doesn't grow with its questions, and analysing twice costs
//! little beside asking. What needs no file twice gives each away at once ([`each`]).

use super::args::{CommonArgs, Format, ProgramArgs};
use super::inputs::{self, Candidate};
use super::linking::Projects;
use super::output::Console;
use super::progress::Bar;
use super::run::{Analyzed, Engine, GraphFormat, Rejected};
use super::settings::Settings;
use super::values::At;
use super::{Failure, inputs::listed};
use crate::pipeline::{FileAnalysis, TripleAnalysis};
use crate::report::InputError;
use crate::report::terminal::{Detail, notes};
use crate::spec::{Condition, ConditionKind, Request};
use crate::syntax;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A deeply nested program is walked by recursion in places; the stack of a worker is made as large as it may need.
const STACK: usize = 64 << 20;

/// Files analysed together where each is given away.
const AT_ONCE: usize = 64;

/// Slices held in memory for asking later; each takes about 2 kB.
const MOST_HELD: u64 = 10_000;

/// What became of the inputs, in their order.
#[derive(Default)]
pub struct Analysis {
    pub files: Vec<Analyzed>,
    pub errors: Vec<InputError>,
}

/// The same, for a command that needs a file at a time.
pub struct Survey {
    pub files: Vec<Held>,
    pub errors: Vec<InputError>,
    pub totals: Totals,
    request: Request,
    projects: Projects,
}

/// A file's analysis, or what it takes to make it again.
pub enum Held {
    Whole(Box<Analyzed>),
    Again(Box<Candidate>),
}

/// Of all inputs together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub triples: u64,
    pub slices: u64,
    /// Tokens of the longest question.
    pub largest_prompt: u64,
}

impl Totals {
    fn of(file: &FileAnalysis) -> Totals {
        let slices = || file.triples.iter().flat_map(|t| &t.slices);
        Totals {
            triples: file.triples.len() as u64,
            slices: slices().count() as u64,
            largest_prompt: slices().map(|s| s.prompt_tokens).max().unwrap_or(0),
        }
    }

    fn and(self, other: Totals) -> Totals {
        Totals {
            triples: self.triples + other.triples,
            slices: self.slices + other.slices,
            largest_prompt: self.largest_prompt.max(other.largest_prompt),
        }
    }
}

impl Survey {
    /// The analysis of one of the files. Errors, which are told: it can't be read or understood any more.
    pub fn file(
        &mut self,
        held: Held,
        settings: &Settings,
        engine: &dyn Engine,
        console: &mut Console,
    ) -> Option<FileAnalysis> {
        let candidate = match held {
            Held::Whole(analyzed) => return Some(analyzed.file),
            Held::Again(candidate) => candidate,
        };
        let became = in_parallel(|| one(&candidate, &self.request, &self.projects, None, settings, engine));
        let error = match became {
            Became::Analyzed(analyzed) => return Some(analyzed.file),
            Became::Skipped(message) => InputError { path: candidate.shown, message },
            Became::Failed(error) => error,
        };
        console.error(&format!("{} (it was changed during the run)", named(&error)));
        self.errors.push(error);
        None
    }
}

enum Became {
    Analyzed(Box<Analyzed>),
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
    let survey = gather(program, common, graphs, settings, engine, console, Keep::Slices(u64::MAX))?;
    let whole = |held| match held {
        Held::Whole(analyzed) => Some(*analyzed),
        Held::Again(_) => None,
    };
    Ok(Analysis { files: survey.files.into_iter().filter_map(whole).collect(), errors: survey.errors })
}

/// The same without holding more than memory should.
pub fn survey(
    program: &ProgramArgs,
    common: &CommonArgs,
    settings: &Settings,
    engine: &dyn Engine,
    console: &mut Console,
) -> Result<Survey, Failure> {
    gather(program, common, None, settings, engine, console, Keep::Slices(MOST_HELD))
}

/// The same, each file given away as soon as it is its turn; the survey has none of them.
pub fn each(
    program: &ProgramArgs,
    common: &CommonArgs,
    settings: &Settings,
    engine: &dyn Engine,
    console: &mut Console,
    take: &mut Take,
) -> Result<Survey, Failure> {
    gather(program, common, None, settings, engine, console, Keep::Nothing(take))
}

/// What is done with a file, one after another.
pub type Take<'a> = dyn FnMut(FileAnalysis, &mut Console) -> Result<(), Failure> + 'a;

/// What becomes of analyses.
pub enum Keep<'a> {
    /// As many as have so many slices are held.
    Slices(u64),
    Nothing(&'a mut Take<'a>),
}

/// What these have in common.
pub fn gather(
    program: &ProgramArgs,
    common: &CommonArgs,
    graphs: Option<GraphFormat>,
    settings: &Settings,
    engine: &dyn Engine,
    console: &mut Console,
    mut keep: Keep,
) -> Result<Survey, Failure> {
    let languages = engine.languages();
    if let Some(language) = &program.language
        && !languages.iter().any(|l| l.name == *language)
    {
        let known = listed(&languages);
        return Err(Failure::Usage(format!("--language: `{language}` is not known; known are {known}")));
    }
    let arguments = arguments(program)?;
    let (candidates, errors) =
        inputs::collect(&arguments, program.language.as_deref(), &program.search.options(), &languages);
    if program.at.is_some() && candidates.len() > 1 {
        return Err(Failure::Usage("--at names one line of one file; give that file alone".into()));
    }
    let request = Request {
        pre: program.pre.clone(),
        post: program.post.clone(),
        entry: program.entry.clone(),
        at: program.at.as_ref().map(|at| at.line),
        across: settings.call_depth > 0,
        elsewhere: BTreeSet::new(),
    };
    let projects = Projects::open(program, &candidates, &request, common, settings, console)?;
    let bar = Bar::new(common, candidates.len() as u64, "files");
    let held = AtomicU64::new(0);
    let detail = common.detail();
    let (most, at_once) = match &keep {
        Keep::Slices(most) => (*most, candidates.len().max(1)),
        Keep::Nothing(_) => (u64::MAX, AT_ONCE),
    };
    let mut survey = Survey { files: Vec::new(), errors, totals: Totals::default(), request, projects };
    let mut told = Told::default();
    let one = |candidate: &Candidate, survey: &Survey| {
        let became = one(candidate, &survey.request, &survey.projects, graphs, settings, engine);
        bar.step();
        match became {
            Became::Analyzed(analyzed) => {
                let (totals, note) = (Totals::of(&analyzed.file), notes::file(&analyzed.file, detail));
                let words = words_by_mistake(&analyzed.file);
                let before = held.fetch_add(totals.slices, Ordering::Relaxed);
                // Standard input can't be read a second time.
                let again = before.saturating_add(totals.slices) > most && candidate.path != Path::new("-");
                let held = if again { Held::Again(Box::new(candidate.clone())) } else { Held::Whole(analyzed) };
                Ok((held, totals, note, words))
            }
            other => Err(other),
        }
    };
    let mut parts = candidates.chunks(at_once);
    loop {
        let part = parts.next().unwrap_or_default();
        let all = in_parallel(|| part.par_iter().map(|candidate| one(candidate, &survey)).collect::<Vec<_>>());
        let mut files = Vec::new();
        bar.aside(|| {
            for became in all {
                match became {
                    Ok((held, totals, note, doubtful)) => {
                        told.words.extend(doubtful);
                        console.note(&note);
                        files.push(held);
                        survey.totals = survey.totals.and(totals);
                    }
                    Err(Became::Skipped(why)) => {
                        if detail == Detail::Verbose {
                            // What could be done about it is for those who named the file.
                            console.note(&format!("skipped: {}\n", why.split(';').next().unwrap_or(&why)));
                        }
                        told.skipped += 1;
                    }
                    Err(Became::Failed(error)) => survey.errors.push(error),
                    Err(Became::Analyzed(_)) => {}
                }
            }
            told.tell(&survey.errors, parts.len() == 0, common, console);
        });
        for held in files {
            match (&mut keep, held) {
                (Keep::Nothing(take), Held::Whole(analyzed)) => bar.aside(|| take(analyzed.file, console))?,
                (_, held) => survey.files.push(held),
            }
        }
        if parts.len() == 0 || console.closed() {
            break;
        }
    }
    drop(bar);
    if survey.totals.triples == 0 && survey.errors.is_empty() {
        let message = "nothing to judge: no file with a post-condition was found; write one as a comment where it must hold \
             (`POST: x > 0`), or name the file and give it with --post";
        return Err(Failure::Usage(message.into()));
    }
    Ok(survey)
}

/// What is to be said of inputs together, each thing once.
#[derive(Default)]
struct Told {
    /// Of conditions of the command line: the same for many files.
    words: BTreeSet<String>,
    words_said: BTreeSet<String>,
    skipped: u64,
    errors_said: usize,
}

impl Told {
    /// What is new since the last time; `all`: nothing more comes.
    fn tell(&mut self, errors: &[InputError], all: bool, common: &CommonArgs, console: &mut Console) {
        let quiet = common.detail() == Detail::Quiet;
        for text in std::mem::take(&mut self.words) {
            if common.format == Format::Human && !quiet && !self.words_said.contains(&text) {
                console.note(&text);
            }
            self.words_said.insert(text);
        }
        errors.iter().skip(self.errors_said).for_each(|error| console.error(&named(error)));
        self.errors_said = errors.len();
        if all && self.skipped > 0 && !quiet {
            let files = if self.skipped == 1 { "1 file" } else { &format!("{} files", self.skipped) };
            console.note(&format!("note: {files} without a post-condition skipped (-v names them)\n"));
        }
    }
}

/// What is to be said of conditions of the command line that look like code and are none: plain language is asked about in
/// another way, and can't be run.
fn words_by_mistake(file: &FileAnalysis) -> Vec<String> {
    let language = syntax::by_name(&file.language).map_or("its language", |l| l.title.as_str());
    let said = |flag: &str, condition: &Condition| {
        let text = &condition.text;
        let doubtful = condition.kind == ConditionKind::Text && condition.span.is_none() && text.contains(OPERATORS);
        doubtful
            .then(|| format!("note: {flag} `{text}` is taken as plain language: it isn't a condition in {language}\n"))
    };
    let of_triple = |triple: &TripleAnalysis| {
        let pre = triple.pre.iter().filter_map(|(p, _)| said("--pre", p));
        pre.chain(said("--post", &triple.post)).collect::<Vec<_>>()
    };
    file.triples.iter().flat_map(of_triple).collect()
}

/// Characters of code that plain language has few of.
const OPERATORS: [char; 10] = ['<', '>', '=', '+', '*', '%', '&', '|', '[', ']'];

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
    projects: &Projects,
    graphs: Option<GraphFormat>,
    settings: &Settings,
    engine: &dyn Engine,
) -> Became {
    let input = match inputs::read(candidate) {
        Ok(input) => input,
        Err(error) => return Became::Failed(error),
    };
    let (input, request) = match projects.link(candidate, input, request) {
        Ok(linked) => linked,
        Err(error) => return Became::Failed(error),
    };
    let notes = input.notes.clone();
    match engine.analyze(input, &request, graphs, settings) {
        Ok(mut analyzed) => {
            analyzed.file.diagnostics.splice(0..0, notes);
            Became::Analyzed(Box::new(analyzed))
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
