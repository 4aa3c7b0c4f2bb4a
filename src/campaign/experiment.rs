//! The experiment file: what is judged, by whom, and how.
//!
//! ```toml
//! schema = "weiser.experiment/1"
//! name = "own"
//! about = "One sentence."               # optional
//! methods = ["slices", "baseline"]      # or "functions"; left out: slices
//! votes = [1, 5]                        # left out: 1
//!
//! [[dataset]]
//! path = "../datasets/leetcode"         # relative to this file; a manifest, or a published layout
//! name = "own"                          # optional; left out: the data set's own
//! groups = ["leetcode/python"]          # optional: only these
//! kind = "code"                         # optional: only conditions in code, or in words ("text")
//! tasks = 20                            # optional: so many of its tasks, the same on every machine
//!
//! [[oracle]]
//! spec = "ollama:llama3:8b"
//! name = "Llama3-8B"                    # optional, for tables
//! base_url = "http://gpu:11434"         # and every other key of weiser.toml that says how a model is asked
//!
//! [settings]                            # optional: keys of weiser.toml
//! max_partitions = 64
//! ```
//!
//! Each data set is judged by each oracle with each method and each number of votes.

use super::Method;
use crate::dataset::DatasetError;
use crate::dataset::table::{self, At, Problem, Problems, Table, hint};
use crate::spec::ConditionKind;
use std::path::{Path, PathBuf};

const SCHEMA: &str = "weiser.experiment/1";

/// Keys of `[[oracle]]` that are no settings.
pub const ORACLE_KEYS: [&str; 2] = ["spec", "name"];

/// Most votes, as for `--votes`.
const MOST_VOTES: u32 = 99;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// Of letters, digits, dashes, dots and underscores: it names a folder.
    pub name: String,
    pub about: String,
    /// In the order of [`Method::ALL`]; at least one.
    pub methods: Vec<Method>,
    /// Ascending; at least one.
    pub votes: Vec<u32>,
    pub datasets: Vec<Source>,
    /// In the file's order. May be empty: then the command line names them.
    pub oracles: Vec<Voice>,
}

/// A data set that is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub path: PathBuf,
    /// As it stands in the file.
    pub written: String,
    /// `None`: the data set's own.
    pub name: Option<String>,
    /// Empty: all.
    pub groups: Vec<String>,
    pub kind: Option<ConditionKind>,
    /// At most so many tasks.
    pub tasks: Option<u32>,
}

/// An oracle that judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// As after `--oracle`.
    pub spec: String,
    /// For tables.
    pub name: String,
    /// Where it stands in the file's list of oracles; `None` where the command line named it.
    pub position: Option<usize>,
}

/// Reads an experiment. Errors: everything that is wrong with it but for settings, each with its line. Data sets are not
/// opened.
pub fn read(path: &Path, shown: &str, text: &str) -> Result<Experiment, DatasetError> {
    let mut problems = Problems::new(shown, text);
    let experiment = table::parse(text, &mut problems).map(|root| {
        let top = Table::new(root.get_ref(), "the experiment", 0);
        experiment(path.parent().unwrap_or(Path::new("")), top, &mut problems)
    });
    match experiment {
        Some(experiment) if problems.found.is_empty() => Ok(experiment),
        _ => {
            problems.found.sort();
            Err(DatasetError::Invalid(problems.found))
        }
    }
}

fn experiment(folder: &Path, mut top: Table, problems: &mut Problems) -> Experiment {
    if let Some(schema) = top.needed("schema", problems)
        && schema.value != SCHEMA
    {
        problems.add(schema.at, format!("`schema` is `{}`; this version of weiser reads `{SCHEMA}`", schema.value));
    }
    let name = top.needed("name", problems);
    if let Some(name) = &name
        && !is_name(&name.value)
    {
        let message = format!("the name `{}` may have letters, digits, dashes, dots and underscores only", name.value);
        problems.add(name.at, message);
    }
    let about = top.text("about", problems).map_or(String::new(), |t| t.value);
    let methods = methods(top.texts("methods", problems), problems);
    let mut votes: Vec<u32> = Vec::new();
    for vote in top.counts("votes", problems) {
        if vote.value > MOST_VOTES {
            problems.add(vote.at, format!("`votes` is {}; at most {MOST_VOTES} can be cast", vote.value));
        }
        votes.push(vote.value);
    }
    votes.sort_unstable();
    votes.dedup();
    if votes.is_empty() {
        votes.push(1);
    }
    let datasets: Vec<Source> =
        top.tables("dataset", problems).into_iter().filter_map(|t| source(t, folder, problems)).collect();
    if datasets.is_empty() && problems.found.is_empty() {
        problems.found.push(Problem {
            path: problems.path().into(),
            line: 0,
            message: "the experiment has no [[dataset]]".into(),
        });
    }
    let mut oracles: Vec<Voice> = Vec::new();
    for (position, mut table) in top.tables("oracle", problems).into_iter().enumerate() {
        let spec = table.needed("spec", problems);
        let name = table.text("name", problems);
        let Some(spec) = spec else { continue };
        let (name, at) = name.map_or((spec.value.clone(), spec.at), |n| (n.value, n.at));
        if oracles.iter().any(|o| o.name == name) {
            problems.add(at, format!("another oracle is called `{name}` too; give one a `name` of its own"));
        }
        oracles.push(Voice { spec: spec.value, name, position: Some(position) });
    }
    // Read with weiser.toml's keys by whoever knows them.
    top.leave("settings");
    top.done(problems);
    Experiment { name: name.map_or(String::new(), |n| n.value), about, methods, votes, datasets, oracles }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    name.chars().all(plain) && !name.starts_with('.')
}

fn methods(named: Vec<At<String>>, problems: &mut Problems) -> Vec<Method> {
    let mut found = Vec::new();
    for one in named {
        match method(&one.value) {
            Ok(method) => found.push(method),
            Err(message) => problems.add(one.at, message),
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() { vec![Method::Slices] } else { found }
}

/// A method by its name.
pub fn method(name: &str) -> Result<Method, String> {
    let names = Method::ALL.map(Method::name);
    let found = Method::ALL.into_iter().find(|m| m.name() == name);
    found.ok_or_else(|| format!("there is no method `{name}`; {}", hint(name, &names)))
}

fn source(mut table: Table, folder: &Path, problems: &mut Problems) -> Option<Source> {
    let path = table.needed("path", problems);
    let name = table.text("name", problems).map(|n| n.value);
    let groups = table.texts("groups", problems).into_iter().map(|g| g.value).collect();
    let kind = table.text("kind", problems).and_then(|kind| match kind.value.as_str() {
        "code" => Some(ConditionKind::Code),
        "text" => Some(ConditionKind::Text),
        other => {
            problems.add(kind.at, format!("`kind` is `{other}`; {}", hint(other, &["code", "text"])));
            None
        }
    });
    let tasks = table.count("tasks", problems).map(|t| t.value);
    table.done(problems);
    let written = path?.value;
    Some(Source { path: folder.join(&written), written, name, groups, kind, tasks })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "schema = \"weiser.experiment/1\"\nname = \"own\"\n";

    fn of(text: &str) -> Result<Experiment, DatasetError> {
        read(Path::new("eval/own.toml"), "eval/own.toml", text)
    }

    fn complaints(text: &str) -> Vec<String> {
        match of(text) {
            Err(DatasetError::Invalid(problems)) => problems.iter().map(Problem::to_string).collect(),
            other => panic!("no complaint: {other:?}"),
        }
    }

    #[test]
    fn an_experiment_in_full_and_in_short() {
        let text = format!(
            "{HEAD}methods = ['baseline', 'slices']\nvotes = [5, 1, 5]\n\
             [[dataset]]\npath = '../d'\ngroups = 'd/c'\nkind = 'code'\ntasks = 3\n\
             [[oracle]]\nspec = 'ollama:m'\nname = 'M'\nbase_url = 'http://gpu'\n[settings]\nmax_partitions = 3\n"
        );
        let full = of(&text).unwrap();
        assert_eq!(
            (full.methods.as_slice(), full.votes.as_slice()),
            (&[Method::Slices, Method::Baseline][..], &[1, 5][..])
        );
        assert_eq!((full.datasets[0].path.as_path(), full.datasets[0].tasks), (Path::new("eval/../d"), Some(3)));
        assert_eq!(
            (full.datasets[0].groups.as_slice(), full.datasets[0].kind),
            (&["d/c".into()][..], Some(ConditionKind::Code))
        );
        assert_eq!(full.oracles, [Voice { spec: "ollama:m".into(), name: "M".into(), position: Some(0) }]);
        let short = of(&format!("{HEAD}[[dataset]]\npath = 'd'\n")).unwrap();
        assert_eq!((short.methods, short.votes, short.oracles), (vec![Method::Slices], vec![1], vec![]));
    }

    #[test]
    fn every_mistake_is_named_with_its_line() {
        let text = "schema = \"weiser.experiment/2\"\nname = \"a/b\"\nmethod = 'slices'\nmethods = ['slice']\nvotes = [0]\n\
                    [[dataset]]\npaht = 'd'\nkind = 'cod'\n[[oracle]]\nspec = 'run'\n[[oracle]]\nspec = 'run'\n";
        let expected = [
            "eval/own.toml:1: `schema` is `weiser.experiment/2`; this version of weiser reads `weiser.experiment/1`",
            "eval/own.toml:2: the name `a/b` may have letters, digits, dashes, dots and underscores only",
            "eval/own.toml:3: the experiment has an unknown key `method`; is `methods` meant?",
            "eval/own.toml:4: there is no method `slice`; is `slices` meant?",
            "eval/own.toml:5: `votes` must be a whole number, 1 or more, or a list of such",
            "eval/own.toml:6: dataset has no `path`",
            "eval/own.toml:7: dataset has an unknown key `paht`; is `path` meant?",
            "eval/own.toml:8: `kind` is `cod`; is `code` meant?",
            "eval/own.toml:12: another oracle is called `run` too; give one a `name` of its own",
        ];
        assert_eq!(complaints(text), expected);
        assert_eq!(complaints(HEAD), ["eval/own.toml: the experiment has no [[dataset]]"]);
        assert!(complaints("name = \n")[0].starts_with("eval/own.toml:1: "));
    }
}
