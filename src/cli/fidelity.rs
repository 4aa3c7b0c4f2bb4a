//! `weiser fidelity`: run programs beside their slices, and say where they part.

use super::Failure;
use super::analysis::{self, Analysis};
use super::args::{self, FidelityArgs, Format};
use super::exit::Exit;
use super::output::Console;
use super::progress::Bar;
use super::run::{Engine, Rejected};
use super::settings::{Environment, Settings};
use crate::report::fidelity::{TestedFile, Trial, agreement};
use crate::report::terminal::{self, Detail};
use crate::report::{InputError, overall, wire};
use crate::run::fidelity::Plan;
use crate::verdict::Outcome;

/// Inputs made up at most for one that is wanted: P may refuse many.
const MOST: usize = 30;

pub fn fidelity(
    args: &FidelityArgs,
    environment: &Environment,
    engine: &dyn Engine,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let common = &args.common;
    let detail = common.detail();
    let settings = Settings::resolve(args::testing_layer(args), common, environment)?;
    if let (Detail::Verbose, Some(file)) = (detail, &settings.file) {
        console.note(&format!("settings from {file}\n"));
    }
    let Analysis { files, mut errors, .. } =
        analysis::analyze(&args.program, common, None, &settings, engine, console)?;
    let triples: usize = files.iter().map(|f| f.file.triples.len()).sum();
    if triples == 0 {
        return Ok(Exit::Usage);
    }
    let wanted = args.wanted as usize;
    let plan = Plan { inputs: wanted, most: wanted.saturating_mul(MOST), ..Plan::default() };
    let trial = Trial { seed: settings.seed, inputs: wanted, most: plan.most, protections: engine.protections() };
    if !trial.protections.complete() && !args.unprotected {
        let walls = &trial.protections;
        return Err(Failure::Usage(format!(
            "this machine can't keep the programs it runs away from your files and network ({walls}); nothing was run. \
             --unprotected runs them all the same: do that only with code you trust, or in a container"
        )));
    }
    engine.interruptible();
    let mut tools = Vec::new();
    let mut run = Vec::new();
    for file in &files {
        if let Ok(tool) = engine.tool(&file.file.language) {
            run.push(file.file.path.as_str());
            if !tools.contains(&tool) {
                tools.push(tool);
            }
        }
    }
    if let Some(path) = &common.output {
        console.redirect(path)?;
    }
    let human = common.format == Format::Human;
    if !run.is_empty() && detail != Detail::Quiet {
        let what = terminal::fidelity::running(&run, &tools, &trial.protections);
        if human { console.print(&what)? } else { console.note(&what) }
    }
    let gap = if detail == Detail::Quiet { "" } else { "\n" };
    let mut first = run.is_empty();

    let bar = Bar::new(common, (triples * wanted) as u64, "inputs");
    let mut before = 0;
    let mut tested = Vec::new();
    let mut cut_short = false;
    for file in files {
        if console.closed() {
            cut_short = true;
            break;
        }
        let analysis = file.file;
        let path = &analysis.path;
        bar.say(path);
        let done = analysis::in_parallel(|| {
            let mut position = before;
            engine.fidelity(&analysis, &settings, &plan, &mut |accepted| {
                position += accepted as u64;
                bar.reach(position);
            })
        });
        before += (analysis.triples.len() * wanted) as u64;
        bar.reach(before);
        match done {
            Ok(done) => {
                if human {
                    for (triple, one) in analysis.triples.iter().zip(&done) {
                        let text = terminal::fidelity::triple(path, triple, one, &trial, detail);
                        let gap = if std::mem::take(&mut first) { "" } else { gap };
                        bar.aside(|| console.print(&format!("{gap}{text}")))?;
                    }
                }
                tested.push(TestedFile { analysis, tested: done });
            }
            Err(Rejected::Nothing(message) | Rejected::Wrong(message)) => {
                console.error(&message);
                errors.push(InputError { path: path.clone(), message });
            }
        }
    }
    drop(bar);

    match common.format {
        Format::Human => {
            let summary = terminal::fidelity::summary(&tested);
            let gap = if summary.is_empty() { "" } else { gap };
            console.print(&format!("{gap}{summary}"))?;
        }
        Format::Json => console.print(&wire::fidelity::document(&trial, &tested, &errors).to_json())?,
    }
    let outcomes = tested.iter().flat_map(|f| f.analysis.triples.iter().zip(&f.tested));
    let outcomes = outcomes.map(|(triple, one)| agreement(triple, one).outcome());
    let open = cut_short.then_some(Outcome::Undecided);
    Ok(Exit::of(overall(outcomes.chain(open)), !errors.is_empty()))
}
