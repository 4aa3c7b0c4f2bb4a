//! What asking about a data set would take: questions and tokens of each subject, and another tool's figures beside them.

use super::{DatasetError, Problem, Subject};
use crate::pipeline::{Options, analyze};
use crate::syntax;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Of one subject, all its triples together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    pub id: String,
    pub group: String,
    /// Of the whole program.
    pub program: u64,
    pub questions: u64,
    /// Of the smallest slice, and of all.
    pub least: u64,
    pub total: u64,
}

/// Of one file, as another tool gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Others {
    pub program: u64,
    pub questions: u64,
    pub least: u64,
    pub total: u64,
}

/// Counts; a subject that gives no slice is an error by its id.
pub fn count(subjects: &[Subject]) -> Vec<Result<Tokens, (String, String)>> {
    let one = |subject: &Subject| {
        let lost = |why: String| (subject.id.clone(), why);
        let language = syntax::by_name(&subject.language).ok_or_else(|| lost("its language isn't known".into()))?;
        let path = subject.path.display().to_string();
        let file = analyze(&path, subject.text.clone(), language, &subject.request, &Options::default())
            .map_err(|error| lost(error.to_string()))?;
        let slices = || file.triples.iter().flat_map(|t| &t.slices);
        Ok(Tokens {
            id: subject.id.clone(),
            group: subject.group.clone(),
            program: file.triples.first().map_or(0, |t| t.program_tokens),
            questions: slices().count() as u64,
            least: slices().map(|s| s.tokens).min().ok_or_else(|| lost("no path leads to its Q".into()))?,
            total: slices().map(|s| s.tokens).sum(),
        })
    };
    subjects.par_iter().map(one).collect()
}

/// Reads a table with the columns `file`, `status`, `distinct`, `file_tokens`, `slice_tokens_total`, `slice_tokens_min`, by file. Rows whose
/// status isn't `ok`, or without a slice, are left out.
pub fn others(path: &Path) -> Result<BTreeMap<String, Others>, DatasetError> {
    let shown = path.display().to_string();
    let wrong = |line: u64, message: String| {
        DatasetError::Invalid(vec![Problem { path: shown.clone(), line: line as usize, message }])
    };
    let mut reader = csv::Reader::from_path(path)
        .map_err(|error| DatasetError::Unreadable { path: shown.clone(), why: error.to_string() })?;
    let columns = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
    let column = |name: &str| {
        let at = columns.iter().position(|c| c == name);
        at.ok_or_else(|| wrong(1, format!("the table has no column `{name}`")))
    };
    let [file, status] = [column("file")?, column("status")?];
    let numbers =
        [column("file_tokens")?, column("distinct")?, column("slice_tokens_min")?, column("slice_tokens_total")?];
    let mut rows = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong(error.position().map_or(0, |p| p.line()), error.to_string()))?;
        let field = |at: usize| record.get(at).unwrap_or_default();
        let values: Vec<u64> = numbers.iter().filter_map(|at| field(*at).parse().ok()).collect();
        if let (true, [program, questions, least, total]) = (field(status) == "ok", &values[..])
            && *questions > 0
        {
            let others = Others { program: *program, questions: *questions, least: *least, total: *total };
            rows.insert(field(file).to_owned(), others);
        }
    }
    Ok(rows)
}

/// One line of the table: sums over the subjects of a group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    pub files: usize,
    pub questions: u64,
    pub program: u64,
    pub total: u64,
    leasts: Vec<u64>,
    /// The least slice's share of its program.
    shares: Vec<f64>,
}

impl Row {
    fn add(&mut self, program: u64, questions: u64, least: u64, total: u64) {
        self.files += 1;
        self.questions += questions;
        self.program += program;
        self.total += total;
        self.leasts.push(least);
        self.shares.push(least as f64 / program.max(1) as f64);
    }

    /// Mean tokens of the least slice.
    pub fn least(&self) -> f64 {
        self.leasts.iter().sum::<u64>() as f64 / self.leasts.len().max(1) as f64
    }

    /// Median share of the least slice in its program.
    pub fn share(&self) -> f64 {
        let mut shares = self.shares.clone();
        shares.sort_by(f64::total_cmp);
        shares.get(shares.len() / 2).copied().unwrap_or_default()
    }

    /// Tokens of all slices over those of the programs.
    pub fn all(&self) -> f64 {
        self.total as f64 / self.program.max(1) as f64
    }
}

/// The table: ours, and where there are others, both over the files that both have.
pub fn table(counted: &[Tokens], others: Option<&BTreeMap<String, Others>>) -> String {
    let mut groups: BTreeMap<&str, [Row; 2]> = BTreeMap::new();
    for tokens in counted {
        let other = others.map(|o| o.get(&tokens.id));
        if let Some(None) = other {
            continue;
        }
        for name in [tokens.group.as_str(), "~ all"] {
            let [ours, theirs] = groups.entry(name).or_default();
            ours.add(tokens.program, tokens.questions, tokens.least, tokens.total);
            if let Some(Some(o)) = other {
                theirs.add(o.program, o.questions, o.least, o.total);
            }
        }
    }
    let mut out = String::new();
    let both = others.is_some();
    let cells = |label: &str, files: &str, cells: &[(String, String)]| {
        let mut line = format!("{label:30}{files:>6}");
        for (ours, theirs) in cells {
            line.push_str(&if both { format!("  {ours:>8}{theirs:>9}") } else { format!("  {ours:>10}") });
        }
        line.trim_end().to_owned() + "\n"
    };
    let head = ["questions", "least", "least/file", "tokens", "all/file"];
    let twice = |h: &&str| if both { (format!("{h} "), String::new()) } else { ((*h).to_owned(), String::new()) };
    out.push_str(&cells("group", "files", &head.iter().map(twice).collect::<Vec<_>>()));
    if both {
        out.push_str(&cells("", "", &head.map(|_| ("ours".to_owned(), "theirs".to_owned()))));
    }
    for (name, [ours, theirs]) in &groups {
        let pair = |of: &dyn Fn(&Row) -> String| (of(ours), of(theirs));
        let row = [
            pair(&|r| r.questions.to_string()),
            pair(&|r| format!("{:.1}", r.least())),
            pair(&|r| format!("{:.2}", r.share())),
            pair(&|r| r.total.to_string()),
            pair(&|r| format!("{:.2}", r.all())),
        ];
        out.push_str(&cells(name.trim_start_matches("~ "), &ours.files.to_string(), &row));
    }
    out
}
