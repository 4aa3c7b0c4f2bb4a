//! The tables of a campaign, in the order in which they are shown.

use super::published::{MeanSd, published};
use super::table::{Kind, Table, Value, column};
use super::{ALL, Became, Difference, Score, Scores};
use crate::campaign::{Cell, Method, SubjectRow, Verdict};

/// Columns that tell which score a row is of.
const WHICH: [super::table::Column; 5] = [
    column("data set", Kind::Text),
    column("group", Kind::Text),
    column("oracle", Kind::Text),
    column("method", Kind::Text),
    column("votes", Kind::Number),
];

fn which(cell: &Cell, group: &str) -> Vec<Value> {
    let text = |s: &str| Value::Text(s.to_owned());
    vec![
        text(&cell.dataset),
        text(group),
        text(&cell.oracle),
        text(cell.method.name()),
        Value::Count(cell.votes.into()),
    ]
}

/// All tables. `subjects` and `verdicts` are those that the scores are of.
pub fn tables(scores: &Scores, subjects: &[SubjectRow], verdicts: &[Verdict]) -> Vec<Table> {
    let all = &scores.scores;
    let mut tables = vec![
        accuracy(all, subjects),
        differences(&scores.differences),
        confusion(all),
        tokens(all, subjects),
        calibration(all),
        causes(all),
        problems(subjects),
    ];
    tables.extend(programs(subjects, verdicts));
    tables.push(beside(all, subjects));
    tables.push(found(all, subjects));
    tables
}

/// The one group that a row stands for: its own, or the data set's only one.
fn own_group<'a>(score: &'a Score, subjects: &'a [SubjectRow]) -> &'a str {
    if score.group != ALL {
        return &score.group;
    }
    let mut groups = subjects.iter().filter(|s| s.dataset == score.cell.dataset).map(|s| s.group.as_str());
    let first = groups.next().unwrap_or(ALL);
    if groups.all(|g| g == first) { first } else { ALL }
}

fn accuracy(scores: &[Score], subjects: &[SubjectRow]) -> Table {
    let columns = [
        column("labelled", Kind::Number),
        column("right", Kind::Number),
        column("accuracy, %", Kind::Rate),
        column("found, %", Kind::Rate),
        column("false alarms, %", Kind::Rate),
        column("undecided", Kind::Number),
        column("not analysed", Kind::Number),
        column("not judged", Kind::Number),
        column("published, %", Kind::Percent),
    ];
    let row = |score: &Score| {
        let sum = |became: Became| {
            let at = Became::ALL.iter().position(|b| *b == became).unwrap_or(0);
            Value::Count(score.confusion.iter().map(|row| row[at]).sum())
        };
        let own = [
            Value::Count(score.accuracy.of),
            Value::Count(score.accuracy.right),
            Value::Rate(score.accuracy),
            Value::Rate(score.found),
            Value::Rate(score.false_alarms),
            sum(Became::Undecided),
            sum(Became::NotAnalysed),
            sum(Became::NotJudged),
            published().accuracy_of(score, own_group(score, subjects)).into(),
        ];
        [which(&score.cell, &score.group), own.to_vec()].concat()
    };
    Table {
        name: "accuracy",
        title: "Accuracy".into(),
        note: "Right: the verdict is the label. Of all labelled subjects; undecided and not analysed ones are not right. Found: of \
               the violated ones. False alarms: of those that hold. In brackets the 95 % interval after Wilson."
            .into(),
        columns: [&WHICH[..], &columns].concat(),
        rows: scores.iter().map(row).collect(),
    }
}

fn differences(differences: &[Difference]) -> Table {
    let columns = [
        column("pairs", Kind::Number),
        column("this, %", Kind::Percent),
        column("baseline, %", Kind::Percent),
        column("points", Kind::Percent),
        column("only this right", Kind::Number),
        column("only baseline right", Kind::Number),
        column("p", Kind::Probability),
    ];
    let row = |d: &Difference| {
        let percent = |rate: super::Rate| rate.share().map(|s| s * 100.0);
        let points = percent(d.with).zip(percent(d.baseline)).map(|(a, b)| a - b);
        let own = vec![
            Value::Count(d.with.of),
            percent(d.with).into(),
            percent(d.baseline).into(),
            points.into(),
            Value::Count(d.only_with),
            Value::Count(d.only_baseline),
            Value::Real(d.p),
        ];
        [which(&d.cell, &d.group), own].concat()
    };
    Table {
        name: "differences",
        title: "Against the whole program in one question".into(),
        note: "On the same subjects, where both are judged. p: McNemar's exact test, two-sided.".into(),
        columns: [&WHICH[..], &columns].concat(),
        rows: differences.iter().map(row).collect(),
    }
}

fn confusion(scores: &[Score]) -> Table {
    let mut columns = WHICH.to_vec();
    columns.push(column("label", Kind::Text));
    columns.extend(Became::ALL.map(|b| column(b.name(), Kind::Number)));
    let mut rows = Vec::new();
    for score in scores.iter().filter(|s| s.group == ALL) {
        for (label, counts) in ["holds", "violated"].iter().zip(&score.confusion) {
            let mut row = which(&score.cell, &score.group);
            row.push(Value::Text((*label).into()));
            row.extend(counts.iter().map(|n| Value::Count(*n)));
            rows.push(row);
        }
    }
    let note = "Rows are labels, columns what was said.".into();
    Table { name: "confusion", title: "Labels and verdicts".into(), note, columns, rows }
}

fn tokens(scores: &[Score], subjects: &[SubjectRow]) -> Table {
    let columns = [
        column("counter-examples", Kind::Number),
        column("least slice", Kind::Spread),
        column("its program", Kind::Spread),
        column("published slice", Kind::Spread),
        column("published program", Kind::Spread),
        column("questions a subject", Kind::Spread),
        column("tokens a subject", Kind::Spread),
        column("tokens in all", Kind::Number),
    ];
    let row = |score: &Score| {
        let spread = |s: &Option<super::Spread>| Value::from(s.as_ref().map(MeanSd::from));
        let set = published().of_ours(own_group(score, subjects));
        let figures = set.and_then(|set| published().tokens.iter().find(|t| t.group == set.name));
        let own = vec![
            Value::Count(score.least.as_ref().map_or(0, |s| s.n)),
            spread(&score.least),
            spread(&score.least_programs),
            figures.map(|f| f.slice).into(),
            figures.map(|f| f.program).into(),
            spread(&score.questions),
            spread(&score.tokens),
            Value::Count(score.tokens.as_ref().map_or(0, |s| s.sum as u64)),
        ];
        [which(&score.cell, &score.group), own].concat()
    };
    Table {
        name: "tokens",
        title: "Tokens and questions".into(),
        note: "Mean ± standard deviation. Least slice: the code alone, of subjects rightly said to be violated. Tokens a subject: all \
               that was asked about it and answered."
            .into(),
        columns: [&WHICH[..], &columns].concat(),
        rows: scores.iter().map(row).collect(),
    }
}

fn calibration(scores: &[Score]) -> Table {
    let columns = [
        column("share of votes", Kind::Text),
        column("subjects", Kind::Number),
        column("mean share, %", Kind::Percent),
        column("right, %", Kind::Rate),
        column("Brier", Kind::Probability),
    ];
    let mut rows = Vec::new();
    for score in scores.iter().filter(|s| s.group == ALL) {
        for (number, bin) in score.calibration.iter().enumerate() {
            let mut row = which(&score.cell, &score.group);
            let unanimous = bin.from == bin.to;
            row.push(Value::Text(if unanimous { "all".into() } else { format!("{} to {}", bin.from, bin.to) }));
            row.extend([Value::Count(bin.rate.of), Value::Real(bin.shares * 100.0), Value::Rate(bin.rate)]);
            row.push(if number == 0 { score.brier.into() } else { Value::None });
            rows.push(row);
        }
    }
    Table {
        name: "calibration",
        title: "Votes against truth".into(),
        note: "Decided subjects with more than one vote. Share: of the votes cast on the least failing slice, or the least among the \
               slices of a subject said to hold. Voting ends once a majority is settled. Brier: mean of (share - right)²."
            .into(),
        columns: [&WHICH[..], &columns].concat(),
        rows,
    }
}

fn causes(scores: &[Score]) -> Table {
    let mut rows = Vec::new();
    for score in scores.iter().filter(|s| s.group == ALL) {
        for (cause, count) in &score.causes {
            let mut row = which(&score.cell, &score.group);
            row.extend([Value::Text(cause.clone()), Value::Count(*count)]);
            rows.push(row);
        }
    }
    let columns = [&WHICH[..], &[column("cause", Kind::Text), column("subjects", Kind::Number)]].concat();
    Table { name: "undecided", title: "Why subjects are undecided".into(), note: String::new(), columns, rows }
}

fn problems(subjects: &[SubjectRow]) -> Table {
    let row = |s: &SubjectRow| {
        let problem = s.problem.clone()?;
        Some([&s.dataset, &s.group, &s.id, &problem].map(|text| Value::Text(text.clone())).to_vec())
    };
    let mut found: Vec<&SubjectRow> = subjects.iter().collect();
    found.sort_by(|a, b| (&a.dataset, &a.id).cmp(&(&b.dataset, &b.id)));
    Table {
        name: "not-analysed",
        title: "Subjects that could not be analysed".into(),
        note: String::new(),
        columns: ["data set", "group", "subject", "why"].map(|name| column(name, Kind::Text)).to_vec(),
        rows: found.into_iter().filter_map(row).collect(),
    }
}

/// Tokens of single programs that others have published too; `None` if none is among the subjects.
fn programs(subjects: &[SubjectRow], verdicts: &[Verdict]) -> Option<Table> {
    let mut rows = Vec::new();
    for program in &published().program {
        let of_group = |s: &&SubjectRow| published().of_ours(&s.group).is_some_and(|g| g.name == program.group);
        let ours = subjects.iter().filter(of_group).filter(|s| s.id.contains(&program.subject));
        for subject in ours {
            let least = verdicts
                .iter()
                .filter(|v| {
                    v.subject == subject.id && v.cell.dataset == subject.dataset && v.cell.method == Method::Slices
                })
                .filter_map(|v| v.least)
                .min();
            rows.push(vec![
                Value::Text(subject.id.clone()),
                Value::Count(subject.program_tokens),
                least.map_or(Value::None, Value::Count),
                Value::Count(program.file),
                Value::Count(program.functions),
                Value::Count(program.slice),
            ]);
        }
    }
    (!rows.is_empty()).then(|| Table {
        name: "programs",
        title: "Tokens of single programs".into(),
        note: "Least slice: the least with a counter-example, of all oracles.".into(),
        columns: vec![
            column("subject", Kind::Text),
            column("file", Kind::Number),
            column("least slice", Kind::Number),
            column("published file", Kind::Number),
            column("published functions", Kind::Number),
            column("published slice", Kind::Number),
        ],
        rows,
    })
}

/// Every published accuracy, with ours where the same model judged the same set.
fn beside(scores: &[Score], subjects: &[SubjectRow]) -> Table {
    let mut rows = Vec::new();
    for figure in &published().accuracy {
        let ours = |method: Method| {
            let same = |s: &&Score| {
                let set = published().of_ours(own_group(s, subjects));
                s.cell.method == method && figure.is(&s.cell.oracle) && set.is_some_and(|g| g.name == figure.group)
            };
            // With as many votes as there are, as the published runs had five.
            scores.iter().filter(same).max_by_key(|s| s.cell.votes).map_or(Value::None, |s| Value::Rate(s.accuracy))
        };
        let group = published().group(&figure.group);
        rows.push(vec![
            Value::Text(figure.group.clone()),
            Value::Text(figure.model.clone()),
            group.map_or(Value::None, |g| Value::Count(g.subjects)),
            Value::Real(figure.slices),
            Value::Real(figure.baseline),
            ours(Method::Slices),
            ours(Method::Baseline),
        ]);
    }
    Table {
        name: "published",
        title: "Published accuracies, and ours of the same models on the same subjects".into(),
        note: sources(),
        columns: vec![
            column("set", Kind::Text),
            column("model", Kind::Text),
            column("subjects", Kind::Number),
            column("published slices, %", Kind::Percent),
            column("published baseline, %", Kind::Percent),
            column("our slices, %", Kind::Rate),
            column("our baseline, %", Kind::Rate),
        ],
        rows,
    }
}

/// Violations found: published shares, and ours on the same sets.
fn found(scores: &[Score], subjects: &[SubjectRow]) -> Table {
    let text = |s: &str| Value::Text(s.to_owned());
    let mut rows: Vec<Vec<Value>> = (published().found.iter())
        .map(|f| vec![text(&f.group), text(&f.model), text(&f.with), Value::Real(f.share), Value::None])
        .collect();
    for score in scores {
        let set = published().of_ours(own_group(score, subjects));
        if let Some(set) = set.filter(|g| published().found.iter().any(|f| f.group == g.name)) {
            let how = format!("{}, {} votes", score.cell.method.name(), score.cell.votes);
            rows.push(vec![
                text(&set.name),
                text(&score.cell.oracle),
                text(&how),
                Value::None,
                Value::Rate(score.found),
            ]);
        }
    }
    Table {
        name: "found",
        title: "Violations found".into(),
        note: "Share of the violated subjects.".into(),
        columns: vec![
            column("set", Kind::Text),
            column("model", Kind::Text),
            column("how", Kind::Text),
            column("published, %", Kind::Percent),
            column("ours, %", Kind::Rate),
        ],
        rows,
    }
}

fn sources() -> String {
    let told: Vec<String> = published().source.values().map(|s| format!("{}: {}.", s.title, s.setting)).collect();
    told.join(" ")
}
