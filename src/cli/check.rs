//! `weiser check`: ask, and say what came of it.

use super::Failure;
use super::analysis::{self, Totals};
use super::args::{self, CheckArgs, Format};
use super::emit::Emission;
use super::exit::Exit;
use super::output::Console;
use super::progress::Bar;
use super::recording::{self, Recording};
use super::run::{Asker, Engine, OpenError};
use super::settings::{Environment, Settings};
use crate::oracle::budget::Spent;
use crate::pipeline::{FileAnalysis, TripleAnalysis, TripleVerdict};
use crate::report::files::Files;
use crate::report::record::Planned;
use crate::report::terminal::{self, Detail};
use crate::report::{CheckedFile, OracleChoice, overall, strict, wire};
use crate::verdict::{Answer, Outcome};

pub fn check(
    args: &CheckArgs,
    environment: &Environment,
    engine: &dyn Engine,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let common = &args.common;
    let detail = common.detail();
    let settings = Settings::resolve(args::layer(&args.program, &args.asking, &args.cost), common, environment)?;
    if let (Detail::Verbose, Some(file)) = (detail, &settings.file) {
        console.note(&format!("settings from {file}\n"));
    }
    recording::possible(args)?;
    let mut survey = analysis::survey(&args.program, common, &settings, engine, console)?;
    if survey.totals.triples == 0 {
        return Ok(Exit::Usage);
    }
    let mut emission = Emission::open(args, &settings, engine)?;
    let oracle = open(engine, &settings, survey.totals)?;
    let choice = oracle.choice(&settings);
    if let Some(emission) = &mut emission {
        emission.spec.clone_from(&choice.spec);
    }
    oracle.warn(console);
    let planned = Planned { triples: survey.totals.triples, slices: survey.totals.slices };
    let mut recording = Recording::open(args, &settings, engine, (&choice, oracle.asker()), planned, &survey.errors)?;
    if let Some(path) = &common.output {
        console.redirect(path)?;
    }
    let human = common.format == Format::Human;
    if human && detail != Detail::Quiet {
        console.print(&terminal::check::oracle(&choice))?;
    }
    let gap = if detail == Detail::Quiet { "" } else { "\n" };

    let bar = Bar::new(common, survey.totals.slices, "slices");
    let mut before = 0;
    let mut checked = Vec::new();
    let mut cut_short = false;
    let mut document = if human { None } else { Some(Files::new()?) };
    for held in std::mem::take(&mut survey.files) {
        let Some(analysis) = bar.aside(|| survey.file(held, &settings, engine, console)) else { continue };
        let mut verdicts = Vec::new();
        for (number, triple) in analysis.triples.iter().enumerate() {
            if console.closed() {
                cut_short = true;
                break;
            }
            bar.say(&format!("{} {}", analysis.path, triple.function));
            let verdict = oracle.check(&analysis, number, &mut |n| bar.reach(before + n));
            let verdict = if settings.strict { strict(triple, verdict) } else { verdict };
            if let Some(recording) = &mut recording {
                recording.triple(&analysis, number, &verdict)?;
            }
            if let Some(emission) = &mut emission {
                emission.offer(engine, &analysis, number, &verdict);
            }
            before += triple.slices.len() as u64;
            bar.reach(before);
            if human {
                let text = terminal::check::triple(&analysis.path, triple, &verdict, detail);
                bar.aside(|| console.print(&format!("{gap}{text}")))?;
            }
            verdicts.push(verdict);
            bar.aside(|| oracle.remark(console));
        }
        if let Some(document) = &mut document {
            document.push(&analysis, Some(&verdicts))?;
        }
        // What was printed needn't be kept.
        checked.push(outcomes(CheckedFile { analysis, verdicts }));
    }
    drop(bar);
    oracle.remark(console);
    let (spent, errors) = (oracle.spent(), survey.errors);

    let outcomes = || checked.iter().flat_map(|f| f.verdicts.iter().map(|v| v.outcome));
    match document {
        None => {
            let summary = terminal::check::summary(&checked);
            let gap = if summary.is_empty() { "" } else { gap };
            console.print(&format!("{gap}{summary}"))?;
        }
        Some(files) => {
            let document = wire::check(&engine.tokenizer(), &choice, overall(outcomes()), &errors, spent);
            files.finish(&document, |piece| console.print(piece))?;
        }
    }
    if let Some(emission) = emission {
        emission.finish(console)?;
    }
    if let Some(recording) = recording {
        recording.finish(&errors, spent, cut_short, console)?;
    }
    let open = cut_short.then_some(Outcome::Undecided);
    let outcome = overall(outcomes().chain(open));
    Ok(Exit::of(outcome, !errors.is_empty()))
}

/// What the summary of a run needs of a file.
fn outcomes(mut file: CheckedFile) -> CheckedFile {
    file.analysis.triples = Vec::new();
    file.analysis.diagnostics = Vec::new();
    file.analysis.text = String::new();
    file.verdicts.iter_mut().for_each(|verdict| verdict.answers = Vec::new());
    file
}

/// Who answers.
enum Oracle {
    Open(Box<dyn Asker>),
    /// Named, but not to be reached: every question ends with this.
    Dead {
        code: String,
        message: String,
    },
    /// There are no questions.
    Idle,
}

fn open(engine: &dyn Engine, settings: &Settings, totals: Totals) -> Result<Oracle, Failure> {
    if totals.slices == 0 {
        return Ok(Oracle::Idle);
    }
    match engine.open(settings, totals.largest_prompt) {
        Ok(asker) => Ok(Oracle::Open(asker)),
        Err(OpenError::Failed { code, message }) => Ok(Oracle::Dead { code, message }),
        Err(OpenError::Usage(message)) => Err(Failure::Usage(message)),
    }
}

impl Oracle {
    fn choice(&self, settings: &Settings) -> OracleChoice {
        let named = |about: &str| {
            let spec = settings.asked().to_owned();
            OracleChoice { about: format!("{spec}, which {about}"), spec, why: settings.oracle_why.clone() }
        };
        match self {
            Oracle::Open(asker) => asker.choice(),
            Oracle::Dead { .. } => named("cannot be asked"),
            Oracle::Idle => named("has nothing to answer"),
        }
    }

    /// Who is really asked.
    fn asker(&self) -> Option<&dyn Asker> {
        match self {
            Oracle::Open(asker) => Some(asker.as_ref()),
            Oracle::Dead { .. } | Oracle::Idle => None,
        }
    }

    fn warn(&self, console: &mut Console) {
        match self {
            Oracle::Open(asker) => {
                for warning in asker.warnings() {
                    console.note(&format!("warning: {warning}\n"));
                }
            }
            Oracle::Dead { message, .. } => console.error(message),
            Oracle::Idle => {}
        }
    }

    /// Says what has come up meanwhile.
    fn remark(&self, console: &mut Console) {
        if let Oracle::Open(asker) = self {
            asker.remarks().iter().for_each(|remark| console.note(&format!("warning: {remark}\n")));
        }
    }

    fn spent(&self) -> Option<Spent> {
        match self {
            Oracle::Open(asker) => asker.spent(),
            Oracle::Dead { .. } | Oracle::Idle => None,
        }
    }

    fn check(&self, file: &FileAnalysis, number: usize, answered: &mut dyn FnMut(u64)) -> TripleVerdict {
        let triple = &file.triples[number];
        match self {
            Oracle::Open(asker) if !triple.slices.is_empty() => asker.check(file, number, answered),
            Oracle::Dead { code, message } => unanswered(triple, code, message),
            Oracle::Open(_) | Oracle::Idle => unanswered(triple, "", ""),
        }
    }
}

/// The verdict on a triple of which no slice was asked, each for the same reason. Without a slice it holds vacuously, or
/// else nothing is known of it.
pub fn unanswered(triple: &TripleAnalysis, code: &str, message: &str) -> TripleVerdict {
    let answer = |slice: &str| Answer { reason: message.into(), code: code.into(), ..Answer::blank(slice) };
    let holds = triple.vacuous && triple.slices.is_empty();
    TripleVerdict {
        outcome: if holds { Outcome::Holds } else { Outcome::Undecided },
        confidence: None,
        least_failing: None,
        answers: triple.slices.iter().map(|s| answer(&s.id)).collect(),
        questions: 0,
        tokens_in: 0,
        tokens_out: 0,
    }
}
