//! What a run consists of: which subjects of which data sets, in which cells, and what asking about them would take.

use super::experiment::{Experiment, Source, Voice};
use super::{Cell, Method, SubjectRow};
use crate::dataset::{Dataset, Label, Subject};
use crate::oracle::budget::USUAL_ANSWER;
use crate::pipeline::{self, FileAnalysis, Options, Show};
use crate::prompt::content_id;
use crate::syntax;
use crate::verdict::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

/// The oracle that runs programs. It asks nothing, so methods and votes make no difference to it.
pub const RUN: &str = "run";

/// A part of a run, for one of several machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    pub number: u32,
    pub of: u32,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/').map(|(number, of)| (number.trim().parse(), of.trim().parse()));
        match parts {
            Some((Ok(number), Ok(of))) if 1 <= number && number <= of => Ok(Shard { number, of }),
            _ => Err(format!("`{text}` is no part of a run; expected i/n, such as 2/5")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// A data set as far as an experiment takes it.
#[derive(Debug, Clone)]
pub struct Chosen {
    pub name: String,
    /// As the experiment names it.
    pub written: String,
    /// What was left out when it was loaded.
    pub notes: Vec<String>,
    /// By id.
    pub subjects: Vec<Subject>,
}

/// What an experiment takes of a data set. Errors: a group that it doesn't have, two subjects with one id, nothing left.
pub fn choose(source: &Source, dataset: Dataset) -> Result<Chosen, String> {
    let written = &source.written;
    let groups: BTreeSet<&str> = dataset.subjects.iter().map(|s| s.group.as_str()).collect();
    if let Some(missing) = source.groups.iter().find(|g| !groups.contains(g.as_str())) {
        let known = groups.into_iter().collect::<Vec<_>>().join(", ");
        return Err(format!("{written}: there is no group `{missing}`; its groups are {known}"));
    }
    let mut subjects = dataset.subjects;
    if !source.groups.is_empty() {
        subjects.retain(|s| source.groups.contains(&s.group));
    }
    if let Some(kind) = source.kind {
        subjects.retain(|s| s.kind == kind);
    }
    if let Some(most) = source.tasks {
        // By their hash, so that a small share is of all kinds; by their names, so that it is the same everywhere.
        let tasks: BTreeSet<(String, String)> =
            subjects.iter().map(|s| (content_id(&[&s.task]), s.task.clone())).collect();
        let taken: BTreeSet<String> = tasks.into_iter().take(most as usize).map(|(_, task)| task).collect();
        subjects.retain(|s| taken.contains(&s.task));
    }
    subjects.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some(two) = subjects.windows(2).find(|w| w[0].id == w[1].id) {
        return Err(format!("{written}: two subjects are called `{}`", two[0].id));
    }
    if subjects.is_empty() {
        return Err(format!("{written}: there are no subjects"));
    }
    let name = source.name.clone().unwrap_or(dataset.name);
    Ok(Chosen { name, written: written.clone(), notes: dataset.notes, subjects })
}

/// Every way of judging, data set by data set, oracle by oracle: a server that holds one model at a time changes it rarely.
pub fn cells(experiment: &Experiment, voices: &[Voice], datasets: &[Chosen]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for voice in voices {
        for dataset in datasets {
            let cell =
                |method, votes| Cell { dataset: dataset.name.clone(), oracle: voice.name.clone(), method, votes };
            if voice.spec == RUN {
                cells.push(cell(Method::Slices, 1));
                continue;
            }
            for method in &experiment.methods {
                cells.extend(experiment.votes.iter().map(|votes| cell(*method, *votes)));
            }
        }
    }
    cells
}

impl Method {
    pub fn show(self) -> Show {
        match self {
            Method::Slices => Show::Slices,
            Method::Functions => Show::Functions,
            Method::Baseline => Show::Program,
        }
    }
}

/// What one method asks about one subject.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    pub questions: u64,
    pub tokens_in: u64,
    pub largest_prompt: u64,
}

impl Load {
    fn and(self, other: Load) -> Load {
        Load {
            questions: self.questions + other.questions,
            tokens_in: self.tokens_in.saturating_add(other.tokens_in),
            largest_prompt: self.largest_prompt.max(other.largest_prompt),
        }
    }
}

/// A subject, looked at once with each method.
#[derive(Debug, Clone)]
pub struct Surveyed {
    pub row: SubjectRow,
    pub loads: BTreeMap<Method, Load>,
}

/// Analyses a subject as each method shows it. What goes wrong is its row's `problem`.
pub fn survey(dataset: &str, subject: &Subject, methods: &[Method], options: &Options) -> Surveyed {
    let label = subject.label.map(|label| match label {
        Label::Holds => Outcome::Holds,
        Label::Violated => Outcome::Violated,
    });
    let request = format!("{:?}", subject.request);
    let word = subject.label.map_or("", Label::word);
    let mut row = SubjectRow {
        dataset: dataset.into(),
        id: subject.id.clone(),
        group: subject.group.clone(),
        language: subject.language.clone(),
        label,
        program_tokens: 0,
        problem: None,
        hash: content_id(&[&subject.language, &subject.text, &request, word]),
    };
    let mut loads = BTreeMap::new();
    let also = [Method::Baseline].into_iter().filter(|m| !methods.contains(m));
    for method in methods.iter().copied().chain(also) {
        match analyze(subject, method, options) {
            Ok(file) => {
                if method == Method::Baseline {
                    // With its conditions in it, as a slice has them.
                    let whole = file.triples.first().and_then(|t| t.slices.first());
                    row.program_tokens = whole.map_or(0, |s| s.tokens);
                }
                let slices = || file.triples.iter().flat_map(|t| &t.slices);
                let load = Load {
                    questions: slices().count() as u64,
                    tokens_in: slices().map(|s| s.prompt_tokens).sum(),
                    largest_prompt: slices().map(|s| s.prompt_tokens).max().unwrap_or(0),
                };
                loads.insert(method, load);
            }
            Err(problem) => row.problem = Some(problem),
        }
    }
    Surveyed { row, loads }
}

/// A subject as a method shows it. Errors, in words: why there is nothing to judge.
pub fn analyze(subject: &Subject, method: Method, options: &Options) -> Result<FileAnalysis, String> {
    let path = shown(&subject.path);
    let language = syntax::by_name(&subject.language);
    let language = language.ok_or_else(|| format!("the language `{}` is not known", subject.language))?;
    let options = Options { show: method.show(), ..options.clone() };
    let file = pipeline::analyze(&path, subject.text.clone(), language, &subject.request, &options);
    let file = file.map_err(|error| {
        let text = error.to_string();
        text.strip_prefix(&format!("{path}: ")).unwrap_or(&text).to_owned()
    })?;
    if file.triples.is_empty() { Err("it has no post-condition".into()) } else { Ok(file) }
}

/// A path without `x/..`, as people would write it. Not for opening: `x` may be a link.
fn shown(path: &Path) -> String {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean.display().to_string()
}

/// What one cell takes at most: every slice asked, every vote cast, nothing known already.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    pub cell: Cell,
    pub subjects: u64,
    pub questions: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    pub largest_prompt: u64,
}

/// What is to be asked in a cell about some subjects of its data set.
pub fn estimate<'a>(cell: &Cell, asks: bool, subjects: impl Iterator<Item = &'a Surveyed>) -> Estimate {
    let mut count = 0;
    let mut load = Load::default();
    for subject in subjects.filter(|s| s.row.problem.is_none()) {
        count += 1;
        load = load.and(subject.loads.get(&cell.method).copied().unwrap_or_default());
    }
    let votes = u64::from(cell.votes) * u64::from(asks);
    Estimate {
        cell: cell.clone(),
        subjects: count,
        questions: load.questions * votes,
        tokens_in: load.tokens_in.saturating_mul(votes),
        tokens_out: (load.questions * votes).saturating_mul(USUAL_ANSWER),
        largest_prompt: load.largest_prompt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{ConditionKind, Request};

    fn subject(task: &str, group: &str) -> Subject {
        Subject {
            id: format!("{task}/{group}"),
            group: group.into(),
            task: task.into(),
            language: "python".into(),
            path: format!("eval/../data/{task}.py").into(),
            text: "def f(x):\n    if x > 0:\n        x = 1\n    return x\n".into(),
            request: Request { post: vec!["result > 0".into()], ..Request::default() },
            label: Some(Label::Violated),
            kind: ConditionKind::Code,
            property: String::new(),
            origin: String::new(),
            licence: String::new(),
            mistake: String::new(),
            witness: None,
        }
    }

    fn dataset(tasks: usize) -> Dataset {
        let subjects = (0..tasks).flat_map(|i| ["d/a", "d/b"].map(|g| subject(&format!("t{i}"), g))).collect();
        Dataset { name: "d".into(), about: String::new(), path: "d".into(), subjects, notes: vec![] }
    }

    fn source(groups: &[&str], tasks: Option<u32>) -> Source {
        let groups = groups.iter().map(|g| g.to_string()).collect();
        Source { path: "d".into(), written: "d".into(), name: None, groups, kind: None, tasks }
    }

    #[test]
    fn a_small_share_keeps_the_forms_of_a_task_together_and_is_the_same_in_any_order() {
        let few = choose(&source(&[], Some(3)), dataset(20)).unwrap();
        assert_eq!(few.subjects.len(), 6);
        let mut other = dataset(20);
        other.subjects.reverse();
        let ids = |chosen: &Chosen| chosen.subjects.iter().map(|s| s.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&choose(&source(&[], Some(3)), other).unwrap()), ids(&few));
        let one = choose(&source(&["d/b"], None), dataset(20)).unwrap();
        assert!(one.subjects.len() == 20 && one.subjects.iter().all(|s| s.group == "d/b"));
        let error = choose(&source(&["d/c"], None), dataset(1)).unwrap_err();
        assert_eq!(error, "d: there is no group `d/c`; its groups are d/a, d/b");
        assert_eq!(choose(&source(&[], None), dataset(0)).unwrap_err(), "d: there are no subjects");
    }

    #[test]
    fn running_is_judged_once_and_models_in_every_way() {
        let voice = |spec: &str| Voice { spec: spec.into(), name: spec.into(), position: None };
        let experiment = Experiment {
            name: "e".into(),
            about: String::new(),
            methods: vec![Method::Slices, Method::Baseline],
            votes: vec![1, 5],
            datasets: vec![],
            oracles: vec![],
        };
        let chosen = choose(&source(&[], None), dataset(1)).unwrap();
        let cells = cells(&experiment, &[voice(RUN), voice("ollama:m")], &[chosen]);
        assert_eq!(cells.len(), 5);
        assert_eq!((cells[0].oracle.as_str(), cells[0].votes), (RUN, 1));
    }

    #[test]
    fn a_survey_counts_questions_by_method_and_names_problems() {
        let subject = subject("t", "d/a");
        let surveyed = survey("d", &subject, &Method::ALL, &Options::default());
        assert_eq!(surveyed.loads[&Method::Slices].questions, 2);
        assert_eq!((surveyed.loads[&Method::Functions].questions, surveyed.loads[&Method::Baseline].questions), (1, 1));
        let cell = Cell { dataset: "d".into(), oracle: "m".into(), method: Method::Slices, votes: 5 };
        let estimate = estimate(&cell, true, [surveyed.clone()].iter());
        assert_eq!((estimate.questions, estimate.tokens_out), (10, 3000));
        assert_eq!(estimate.tokens_in, 5 * surveyed.loads[&Method::Slices].tokens_in);
        let broken = Subject { request: Request { entry: Some("g".into()), ..subject.request.clone() }, ..subject };
        let row = survey("d", &broken, &Method::ALL, &Options::default()).row;
        assert!(row.problem.as_deref().is_some_and(|p| p.contains('g') && !p.starts_with("data/")), "{row:?}");
        assert_ne!(row.hash, surveyed.row.hash);
    }

    #[test]
    fn what_the_baseline_and_functions_show() {
        let subject = subject("t", "d/a");
        let text = |method| {
            let file = analyze(&subject, method, &Options::default()).unwrap();
            assert_eq!(file.path, "data/t.py");
            file.triples[0].slices[0].rendered.text.clone()
        };
        let whole = "def f(x):\n    # POST: result > 0\n    if x > 0:\n        x = 1\n    return x\n";
        assert_eq!(text(Method::Baseline), whole);
        assert!(text(Method::Functions).contains("if x > 0:\n        x = 1\n"), "{}", text(Method::Functions));
    }

    #[test]
    fn parts_of_a_run() {
        assert_eq!("2/5".parse::<Shard>().unwrap().to_string(), "2/5");
        for wrong in ["0/5", "6/5", "2", "a/b", "-1/2", ""] {
            assert!(wrong.parse::<Shard>().unwrap_err().contains("is no part of a run"), "{wrong}");
        }
    }
}
