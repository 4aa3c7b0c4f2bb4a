//! `--save` and `--report`: the record of a run, and reports made of it when it has ended.

use super::Failure;
use super::args::{CheckArgs, Wanted};
use super::output::Console;
use super::run::{Asker, Engine};
use super::settings::Settings;
use crate::oracle::budget::Spent;
use crate::pipeline::{FileAnalysis, TripleVerdict};
use crate::prompt::{self, Style};
use crate::report::formats::{ReportFormat, report};
use crate::report::record::{self, Asking, Machine, Manifest, Planned, Record, RecordError, Writer};
use crate::report::{InputError, OracleChoice};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::TempDir;

/// A run that is recorded.
pub struct Recording {
    writer: Writer,
    folder: PathBuf,
    /// Reports without `--save` are made of a record that goes away.
    _passing: Option<TempDir>,
    reports: Vec<Wanted>,
    saved: bool,
    /// How many of the errors are in the record.
    told: usize,
}

/// Refuses what could not be written, before anything is asked.
pub fn possible(args: &CheckArgs) -> Result<(), Failure> {
    let mut names: Vec<&Path> = args.report.iter().map(|w| w.path.as_path()).collect();
    names.extend(args.common.output.as_deref());
    for (i, name) in names.iter().enumerate() {
        let folder = name.parent().filter(|p| !p.as_os_str().is_empty());
        if folder.is_some_and(|f| !f.is_dir()) || name.is_dir() {
            return Err(Failure::Usage(format!("--report: {}: there is no such folder", name.display())));
        }
        if names[..i].contains(name) {
            return Err(Failure::Usage(format!("--report: {} is to be written twice", name.display())));
        }
    }
    match &args.save {
        Some(folder) if Record::there(folder) => Err(RecordError::Taken(folder.clone()).into()),
        _ => Ok(()),
    }
}

impl Recording {
    /// `None` where nothing is to be recorded. `errors`: inputs that gave no analysis.
    pub fn open(
        args: &CheckArgs,
        settings: &Settings,
        engine: &dyn Engine,
        (choice, asker): (&OracleChoice, Option<&dyn Asker>),
        planned: Planned,
        errors: &[InputError],
    ) -> Result<Option<Recording>, Failure> {
        if args.save.is_none() && args.report.is_empty() {
            return Ok(None);
        }
        let passing = match &args.save {
            Some(_) => None,
            None => Some(tempfile::tempdir().map_err(|error| {
                let place = std::env::temp_dir().display().to_string();
                Failure::Write { place, error }
            })?),
        };
        let folder = args.save.clone().or_else(|| passing.as_ref().map(|p| p.path().to_owned())).unwrap_or_default();
        let manifest = Manifest {
            schema: record::RUN.into(),
            weiser: env!("CARGO_PKG_VERSION").into(),
            command: "check".into(),
            inputs: args.program.inputs.iter().map(|p| p.display().to_string()).collect(),
            settings: told(args, settings),
            tokenizer: engine.tokenizer(),
            oracle: choice.clone(),
            asking: asker.and_then(Asker::prompting).map(|options| Asking {
                style: match options.style {
                    Style::TwoPhase => "two-phase".into(),
                    Style::OnePhase => "one-phase".into(),
                },
                seed: options.seed,
                templates: prompt::version().into(),
            }),
            planned: Some(planned),
            started: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok().map(|d| d.as_secs()),
            machine: Some(Machine {
                os: std::env::consts::OS.into(),
                arch: std::env::consts::ARCH.into(),
                cores: std::thread::available_parallelism().map_or(0, |n| n.get() as u64),
            }),
        };
        let mut writer = Writer::create(&folder, &manifest)?;
        // Now, so that they are there whatever becomes of the run.
        errors.iter().try_for_each(|error| writer.error(error))?;
        let (reports, saved, told) = (args.report.clone(), args.save.is_some(), errors.len());
        Ok(Some(Recording { writer, folder, _passing: passing, reports, saved, told }))
    }

    pub fn triple(&mut self, file: &FileAnalysis, number: usize, verdict: &TripleVerdict) -> Result<(), Failure> {
        Ok(self.writer.triple(file, number, verdict)?)
    }

    /// Writes what came up meanwhile, the last line unless the run was cut short, and the reports.
    pub fn finish(
        mut self,
        errors: &[InputError],
        spent: Option<Spent>,
        cut_short: bool,
        console: &mut Console,
    ) -> Result<(), Failure> {
        errors.iter().skip(self.told).try_for_each(|error| self.writer.error(error))?;
        if !cut_short {
            self.writer.end(spent)?;
        }
        if self.saved {
            console.note(&format!("the run is recorded in {}\n", self.folder.display()));
        }
        if self.reports.is_empty() {
            return Ok(());
        }
        let record = Record::open(&self.folder)?;
        self.reports.iter().try_for_each(|wanted| write(&record, wanted, console))
    }
}

/// Writes one report to its file, and says so.
pub fn write(record: &Record, wanted: &Wanted, console: &mut Console) -> Result<(), Failure> {
    let place = wanted.path.display().to_string();
    let text = report(record, ReportFormat::from(wanted.format));
    std::fs::write(&wanted.path, text).map_err(|error| Failure::Write { place: place.clone(), error })?;
    console.note(&format!("{place}: written\n"));
    Ok(())
}

/// What of the settings may have changed the outcome. Neither addresses nor keys nor headers are in it.
fn told(args: &CheckArgs, settings: &Settings) -> BTreeMap<String, Value> {
    let program = &args.program;
    let mut out: BTreeMap<String, Value> = [
        ("votes", json!(settings.votes)),
        ("seed", json!(settings.seed)),
        ("all", json!(settings.all)),
        ("probe", json!(settings.probe)),
        ("strict", json!(settings.strict)),
        ("confirm", json!(settings.confirm)),
        ("max_partitions", json!(settings.max_partitions)),
        ("call_depth", json!(settings.call_depth)),
        ("slicing", json!(format!("{:?}", settings.slicing).to_lowercase())),
        ("timeout_s", json!(settings.timeout.as_secs())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let mut add = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    settings.escalate.iter().for_each(|e| add("escalate", json!(e)));
    program.entry.iter().for_each(|e| add("entry", json!(e)));
    if !program.pre.is_empty() {
        add("pre", json!(program.pre));
    }
    if !program.post.is_empty() {
        add("post", json!(program.post));
    }
    out
}
