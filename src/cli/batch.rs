//! `weiser batch`: questions to files, results to answers.

use super::Failure;
use super::analysis;
use super::args::{self, BatchAction, BatchArgs, CommonArgs, ExportArgs, Format, ImportArgs, Without};
use super::exit::Exit;
use super::live::style;
use super::output::Console;
use super::run::Engine;
use super::settings::{Environment, Settings};
use crate::oracle::batch::{self, ANSWERS, Export, Exported, FileLimits, Imported};
use crate::oracle::spec::Spec;
use crate::oracle::{self, OracleError};
use crate::pipeline;
use crate::prompt::PromptOptions;
use crate::report::batch as report;
use crate::syntax;
use crate::verdict::ask::{AskOptions, Session, Stop};
use crate::verdict::panel::Voting;

pub fn batch(
    args: &BatchArgs,
    environment: &Environment,
    engine: &dyn Engine,
    console: &mut Console,
) -> Result<Exit, Failure> {
    match &args.action {
        BatchAction::Export(args) => export(args, environment, engine, console),
        BatchAction::Import(args) => import(args, console),
    }
}

fn usage(error: OracleError) -> Failure {
    Failure::Usage(error.to_string())
}

fn export(
    args: &ExportArgs,
    environment: &Environment,
    engine: &dyn Engine,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let common = &args.common;
    let layer = args::layer(&args.program, &args.asking, &args.cost);
    let settings = Settings::resolve(layer, common, environment)?;
    let model = model(&settings)?;
    let mut survey = analysis::survey(&args.program, common, &settings, engine, console)?;
    let limits = FileLimits { lines: args.lines, ..FileLimits::default() };
    let without = batch::Without {
        temperature: args.without.contains(&Without::Temperature),
        seed: args.without.contains(&Without::Seed),
        schema: args.without.contains(&Without::ResponseFormat),
    };
    let answer_tokens = settings.server.answer_tokens.unwrap_or(oracle::Settings::default().answer_tokens);
    let (export, note) = Export::open(&args.to, &model, answer_tokens, without, limits).map_err(usage)?;
    note.iter().for_each(|note| console.note(&format!("warning: {note}\n")));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Usage(format!("cannot start asking: {error}")))?;
    let prompt = PromptOptions { style: style(settings.reasoning, &export), seed: settings.seed };
    let options = AskOptions { jobs: 1, all: true, seed: settings.seed, ..AskOptions::default() };
    let voting = Voting { oracles: vec![(&export, prompt.style)], votes: settings.votes, escalate: None };
    for held in std::mem::take(&mut survey.files) {
        let Some(file) = survey.file(held, &settings, engine, console) else { continue };
        let Some(language) = syntax::by_name(&file.language) else { continue };
        for number in 0..file.triples.len() {
            let session = Session::new(&export, options, Stop::default()).voting(&voting);
            runtime.block_on(pipeline::check(&file, number, language, &session, &prompt, &mut |_| ()));
        }
    }
    drop(voting);
    let exported = export.finish().map_err(usage)?;
    redirect(common, console)?;
    console.print(&told(&exported, args, common))?;
    Ok(if survey.errors.is_empty() { Exit::Holds } else { Exit::Usage })
}

fn told(exported: &Exported, args: &ExportArgs, common: &CommonArgs) -> String {
    report::exported(exported, &args.to, common.format == Format::Json)
}

/// The one model that a batch asks.
fn model(settings: &Settings) -> Result<String, Failure> {
    if !settings.others.is_empty() || settings.escalate.is_some() {
        return Err(Failure::Usage("a batch asks one model; make one folder for each, and no --escalate".into()));
    }
    match settings.asked().parse::<Spec>() {
        Ok(Spec::OpenAi { model }) => Ok(model),
        Ok(_) => Err(Failure::Usage(
            "a batch is for a model that speaks OpenAI's protocol: name it with --oracle openai:MODEL".into(),
        )),
        Err(error) => Err(Failure::Usage(format!("--oracle: {error}"))),
    }
}

fn import(args: &ImportArgs, console: &mut Console) -> Result<Exit, Failure> {
    let (imported, note) = batch::import(&args.folder, &args.results).map_err(usage)?;
    note.iter().for_each(|note| console.note(&format!("warning: {note}\n")));
    warn(&imported, console);
    redirect(&args.common, console)?;
    let answers = args.folder.join(ANSWERS);
    console.print(&report::imported(&imported, &answers, args.common.format == Format::Json))?;
    let whole = imported.open == 0 && imported.unreadable.is_empty() && imported.strangers == 0;
    Ok(if whole { Exit::Holds } else { Exit::Undecided })
}

/// Lines shown of one kind of trouble.
const SHOWN: usize = 5;

fn warn(imported: &Imported, console: &mut Console) {
    let errors = imported.errors.iter().map(|(id, message)| format!("{}: {message}", id.get(..12).unwrap_or(id)));
    let unreadable = imported.unreadable.iter().map(|line| format!("can't be read: {line}"));
    for (total, lines) in [
        (imported.unreadable.len(), unreadable.take(SHOWN).collect::<Vec<_>>()),
        (imported.errors.len(), errors.take(SHOWN).collect()),
    ] {
        lines.iter().for_each(|line| console.note(&format!("warning: {line}\n")));
        if total > SHOWN {
            console.note(&format!("warning: and {} more\n", total - SHOWN));
        }
    }
}

fn redirect(common: &CommonArgs, console: &mut Console) -> Result<(), Failure> {
    common.output.as_ref().map_or(Ok(()), |path| console.redirect(path))
}
