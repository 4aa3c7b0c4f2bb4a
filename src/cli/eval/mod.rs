//! `weiser eval`: data sets with known answers, judged and scored.

mod told;
mod voices;

use super::Failure;
use super::analysis::in_parallel;
use super::args::{EvalArgs, Format};
use super::exit::Exit;
use super::output::Console;
use super::progress::Bar;
use super::run::{clear, engine_options};
use super::settings::{Environment, Settings};
use crate::campaign::Cell;
use crate::campaign::experiment::{self, Experiment};
use crate::campaign::folder::{self, CAMPAIGN, Campaign, DatasetLine, Folder, FolderError, Held, OracleLine};
use crate::campaign::plan::{self, Chosen, Estimate, RUN, Shard, Surveyed};
use crate::campaign::run::{self, Event, How, Unit, in_shard};
use crate::campaign::scores::{self, output::Output};
use crate::dataset;
use crate::oracle::budget::Budget;
use crate::pipeline::Options;
use crate::prompt;
use crate::report::OracleChoice;
use crate::report::record::{Machine, Manifest, RUN as RECORD};
use crate::report::terminal::{Detail, safe};
use crate::verdict::ask::Stop;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use told::Progress;
use voices::{Settled, Speaker};

/// A run that is being planned.
struct Planned {
    experiment: Experiment,
    speakers: Vec<Speaker>,
    datasets: Vec<Chosen>,
    cells: Vec<Cell>,
    /// By data set, in the subjects' order.
    surveyed: Vec<Vec<Surveyed>>,
    options: Options,
    base: Settings,
    shard: Option<Shard>,
}

pub fn eval(args: &EvalArgs, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
    let Some(path) = &args.experiment else { return merge(args, console) };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Failure::Usage(format!("{name}: {error}")))?;
    let experiment = experiment::read(path, &name, &text).map_err(|error| Failure::Usage(error.to_string()))?;
    let experiment = with_flags(experiment, args);
    let Settled { base, speakers } = voices::settled(&experiment, path, &name, &text, args, environment)?;
    let plan = plan(experiment, base, speakers, args, console)?;
    if args.dry_run {
        let estimates = plan.estimates();
        let text = match args.common.format {
            Format::Human => told::estimates(&estimates, &plan.speakers, &plan.base.prices),
            Format::Json => told::estimates_as_json(&estimates, &plan.speakers, &plan.base.prices),
        };
        return output(args, console, &text).map(|()| Exit::Holds);
    }
    let to = args.to.clone().unwrap_or_else(|| default_folder(&plan.experiment.name, plan.shard));
    let complete = judge(&plan, &to, args, console)?;
    let held = Held::read(&to).map_err(failure)?;
    score(&held, Some(&to), args, console)?;
    Ok(if complete { Exit::Holds } else { Exit::Undecided })
}

fn failure(error: FolderError) -> Failure {
    Failure::Usage(error.to_string())
}

fn default_folder(name: &str, shard: Option<Shard>) -> PathBuf {
    let part = shard.map(|s| format!("-{}-of-{}", s.number, s.of)).unwrap_or_default();
    Path::new("runs").join(format!("{name}{part}"))
}

/// The experiment as the command line wants it.
fn with_flags(mut experiment: Experiment, args: &EvalArgs) -> Experiment {
    if !args.method.is_empty() {
        experiment.methods.clone_from(&args.method);
        experiment.methods.sort_unstable();
        experiment.methods.dedup();
    }
    if let Some(votes) = args.asking.votes {
        experiment.votes = vec![votes.clamp(1, 99) as u32];
    }
    if args.tasks.is_some() {
        experiment.datasets.iter_mut().for_each(|d| d.tasks = args.tasks);
    }
    if !args.asking.oracle.is_empty() {
        let voice = |spec: &String| experiment::Voice { spec: spec.clone(), name: spec.clone(), position: None };
        experiment.oracles = args.asking.oracle.iter().map(voice).collect();
    }
    experiment
}

fn plan(
    experiment: Experiment,
    base: Settings,
    speakers: Vec<Speaker>,
    args: &EvalArgs,
    console: &mut Console,
) -> Result<Planned, Failure> {
    let detail = args.common.detail();
    let mut datasets: Vec<Chosen> = Vec::new();
    for source in &experiment.datasets {
        let loaded = dataset::load(&source.path).map_err(|error| Failure::Usage(error.to_string()))?;
        let chosen = plan::choose(source, loaded).map_err(Failure::Usage)?;
        if datasets.iter().any(|d| d.name == chosen.name) {
            let message =
                format!("{}: another data set is called `{}` too; give it a `name`", chosen.written, chosen.name);
            return Err(Failure::Usage(message));
        }
        match (detail, chosen.notes.len()) {
            (_, 0) | (Detail::Quiet, _) => {}
            (Detail::Verbose, _) => {
                chosen.notes.iter().for_each(|note| console.note(&format!("note: {}: {}\n", chosen.name, safe(note))));
            }
            (Detail::Normal, n) => {
                let what = if n == 1 { "1 note" } else { &format!("{n} notes") };
                console.note(&format!("note: {}: {what} on what was left out (-v tells)\n", chosen.name));
            }
        }
        datasets.push(chosen);
    }
    let voices: Vec<_> = speakers.iter().map(|s| s.voice.clone()).collect();
    let cells = plan::cells(&experiment, &voices, &datasets);
    let mut methods: Vec<_> = cells.iter().map(|c| c.method).collect();
    methods.sort_unstable();
    methods.dedup();
    let options = engine_options(&base);
    let bar = Bar::new(&args.common, datasets.iter().map(|d| d.subjects.len() as u64).sum(), "subjects");
    let surveyed = in_parallel(|| {
        let of_set = |set: &Chosen| -> Vec<Surveyed> {
            let one = |subject| {
                let surveyed = plan::survey(&set.name, subject, &methods, &options);
                bar.step();
                surveyed
            };
            set.subjects.par_iter().map(one).collect()
        };
        datasets.iter().map(of_set).collect()
    });
    drop(bar);
    Ok(Planned { experiment, speakers, datasets, cells, surveyed, options, base, shard: args.shard })
}

impl Planned {
    /// What is judged in a cell, here.
    fn subjects(&self, cell: &Cell) -> impl Iterator<Item = (&dataset::Subject, &Surveyed)> {
        let set = self.datasets.iter().position(|d| d.name == cell.dataset).unwrap_or(0);
        let all = self.datasets[set].subjects.iter().zip(&self.surveyed[set]).enumerate();
        let here = move |(number, _): &(usize, _)| in_shard(self.shard, *number);
        all.filter(here).map(|(_, both)| both).filter(|(_, surveyed)| surveyed.row.problem.is_none())
    }

    fn speaker(&self, cell: &Cell) -> Option<&Speaker> {
        self.speakers.iter().find(|s| s.voice.name == cell.oracle)
    }

    fn estimates(&self) -> Vec<Estimate> {
        let asks = |cell: &Cell| self.speaker(cell).is_some_and(|s| s.voice.spec != RUN);
        self.cells.iter().map(|c| plan::estimate(c, asks(c), self.subjects(c).map(|(_, s)| s))).collect()
    }

    fn campaign(&self) -> Campaign {
        let line = |(set, surveyed): (&Chosen, &Vec<Surveyed>)| {
            let hashes: Vec<&str> = surveyed.iter().flat_map(|s| [s.row.id.as_str(), s.row.hash.as_str()]).collect();
            DatasetLine {
                name: set.name.clone(),
                path: set.written.clone(),
                subjects: set.subjects.len() as u64,
                hash: prompt::content_id(&hashes),
                notes: set.notes.clone(),
            }
        };
        let oracle = |s: &Speaker| OracleLine {
            name: s.voice.name.clone(),
            spec: s.voice.spec.clone(),
            settings: voices::said(&s.settings),
        };
        Campaign {
            schema: CAMPAIGN.into(),
            weiser: env!("CARGO_PKG_VERSION").into(),
            templates: prompt::version().into(),
            tokenizer: prompt::TOKENIZER.into(),
            name: self.experiment.name.clone(),
            about: self.experiment.about.clone(),
            datasets: self.datasets.iter().zip(&self.surveyed).map(line).collect(),
            oracles: self.speakers.iter().map(oracle).collect(),
            cells: self.cells.clone(),
            shard: self.shard.map_or(String::new(), |s| s.to_string()),
            settings: voices::engine_said(&self.base),
        }
    }

    fn manifest(&self, campaign: &Campaign) -> Manifest {
        let spec = self.speakers.iter().map(|s| s.voice.spec.as_str()).collect::<Vec<_>>().join(", ");
        Manifest {
            schema: RECORD.into(),
            weiser: campaign.weiser.clone(),
            command: "eval".into(),
            inputs: self.datasets.iter().map(|d| d.written.clone()).collect(),
            settings: campaign.settings.clone(),
            tokenizer: campaign.tokenizer.clone(),
            oracle: OracleChoice { spec, about: String::new(), why: format!("named by {}", self.experiment.name) },
            // The oracles may be asked in different ways; the whole questions are in the answers' files.
            asking: None,
            planned: None,
            started: SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|d| d.as_secs()),
            machine: Some(Machine {
                os: std::env::consts::OS.into(),
                arch: std::env::consts::ARCH.into(),
                cores: std::thread::available_parallelism().map_or(1, |n| n.get() as u64),
            }),
        }
    }
}

/// Judges what is open. Whether then all is judged.
fn judge(plan: &Planned, to: &Path, args: &EvalArgs, console: &mut Console) -> Result<bool, Failure> {
    let campaign = plan.campaign();
    let rows: Vec<_> = plan.surveyed.iter().flatten().map(|s| s.row.clone()).collect();
    let folder = Folder::open(to, &campaign, &rows, &plan.manifest(&campaign)).map_err(failure)?;
    let quiet = args.common.detail() == Detail::Quiet;
    if folder.mended {
        console.note("note: the last run was ended in the middle of a line, which is judged again\n");
    }
    let all = plan.cells.iter().flat_map(|cell| plan.subjects(cell).map(move |(subject, _)| Unit { cell, subject }));
    let all: Vec<Unit> = all.collect();
    let open = |unit: &&Unit| !folder.done.contains(&(unit.cell.clone(), unit.subject.id.clone()));
    let units: Vec<Unit> = all.iter().filter(open).copied().collect();
    if !quiet {
        let known = all.len() - units.len();
        let before = if known > 0 { format!(", {known} of them before") } else { String::new() };
        console.note(&format!(
            "{}: {} verdicts to come to{before}; in {}\n",
            plan.experiment.name,
            all.len(),
            to.display()
        ));
    }
    if units.is_empty() {
        return Ok(true);
    }
    let stop = Stop::default();
    let _waiting = on_ctrl_c(&stop);
    let budget = Budget::new(plan.base.limits);
    let notes = Mutex::new(Vec::new());
    let needed = |speaker: &&Speaker| units.iter().any(|u| u.cell.oracle == speaker.voice.name);
    let largest = |speaker: &Speaker| {
        let estimates = plan.estimates();
        estimates.iter().filter(|e| e.cell.oracle == speaker.voice.name).map(|e| e.largest_prompt).max().unwrap_or(0)
    };
    let mut speaking = Vec::new();
    for speaker in plan.speakers.iter().filter(needed) {
        let answers = folder.answers(&speaker.voice.name).map_err(failure)?;
        let shared = super::live::Shared { budget: budget.clone(), stop: stop.clone() };
        speaking.push(voices::voice(speaker, answers, largest(speaker), shared, &notes));
    }
    let how = How { options: plan.options.clone(), strict: plan.base.strict };
    let folder = Mutex::new(folder);
    let (events, heard) = std::sync::mpsc::channel();
    let mut progress = Progress::new(&args.common, units.len());
    let mut failed = None;
    std::thread::scope(|scope| {
        let (units, speaking, how, folder, stop) = (&units, &speaking, &how, &folder, &stop);
        scope.spawn(move || run::run(units, speaking, how, folder, stop, &events));
        for event in heard {
            match event {
                Event::Failed(error) => failed = Some(error),
                other => progress.hear(other, budget.spent(), console),
            }
            let said = std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner));
            said.iter().for_each(|note| progress.aside(console, &format!("warning: {note}\n")));
        }
    });
    drop(progress);
    if let Some(error) = failed {
        return Err(failure(error));
    }
    if let Some(told) = budget.told() {
        console.note(&format!("warning: {told}\n"));
    }
    let mut folder = folder.into_inner().unwrap_or_else(PoisonError::into_inner);
    let left = all.iter().filter(|u| !folder.done.contains(&(u.cell.clone(), u.subject.id.clone()))).count();
    if left > 0 {
        let verdicts = if left == 1 { "1 verdict is" } else { &format!("{left} verdicts are") };
        console.note(&format!("{verdicts} still open; the same command goes on\n"));
        return Ok(false);
    }
    let spent = Some(budget.spent()).filter(|spent| spent.questions > 0);
    folder.end(spent).map_err(failure)?;
    Ok(true)
}

/// The first Ctrl-C ends the asking; the second ends the process. `None`: it always does.
fn on_ctrl_c(stop: &Stop) -> Option<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().ok()?;
    let stop = stop.clone();
    runtime.spawn(async move {
        for again in [false, true] {
            if tokio::signal::ctrl_c().await.is_err() {
                return;
            }
            if again {
                clear();
                std::process::exit(130);
            }
            stop.now();
        }
    });
    Some(runtime)
}

/// Puts parts of a run together.
fn merge(args: &EvalArgs, console: &mut Console) -> Result<Exit, Failure> {
    let parts = args.merge.iter().map(|path| Held::read(path)).collect::<Result<Vec<_>, _>>().map_err(failure)?;
    for (path, part) in args.merge.iter().zip(&parts).filter(|(_, part)| part.torn) {
        console.note(&format!("note: {}: a torn last line of {} is left out\n", path.display(), part.campaign.name));
    }
    let held = folder::merged(&args.merge, parts).map_err(failure)?;
    let to = args.to.as_deref().or(args.merge.first().filter(|_| args.merge.len() == 1).map(PathBuf::as_path));
    score(&held, to, args, console)?;
    let missing = scores::not_judged(&held.campaign.cells, &held.subjects, &held.verdicts);
    if missing > 0 {
        console.note(&format!("{missing} verdicts are missing\n"));
    }
    Ok(if missing == 0 { Exit::Holds } else { Exit::Undecided })
}

/// Scores a run, writes its tables into `to`, and prints them.
fn score(held: &Held, to: Option<&Path>, args: &EvalArgs, console: &mut Console) -> Result<(), Failure> {
    let output_of = Output::of(held);
    if let Some(to) = to {
        for (name, content) in output_of.files() {
            folder::table(to, &name, &content).map_err(failure)?;
        }
    }
    let text = match (args.common.format, args.common.detail()) {
        (Format::Json, _) => output_of.json(),
        (Format::Human, Detail::Quiet) => String::new(),
        (Format::Human, Detail::Normal) => safe(&output_of.short()),
        (Format::Human, Detail::Verbose) => safe(&output_of.markdown()),
    };
    output(args, console, &text)
}

fn output(args: &EvalArgs, console: &mut Console, text: &str) -> Result<(), Failure> {
    if let Some(path) = &args.common.output {
        console.redirect(path)?;
    }
    console.print(text)
}
