//! A table as Markdown and CSV.

use super::published::MeanSd;
use super::stats::Rate;
use std::fmt::Write;

#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Names its CSV file.
    pub name: &'static str,
    pub title: String,
    /// What a reader must know; may be empty.
    pub note: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Value>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

/// How a column's values are written. In CSV a rate is three columns and a mean two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    /// In per cent.
    Percent,
    /// In per cent, with its interval.
    Rate,
    /// Mean and standard deviation.
    Spread,
    /// A probability.
    Probability,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Count(u64),
    Real(f64),
    Rate(Rate),
    Spread(f64, f64),
    /// There is none.
    None,
}

impl From<Option<MeanSd>> for Value {
    fn from(value: Option<MeanSd>) -> Value {
        value.map_or(Value::None, |v| Value::Spread(v.mean, v.sd))
    }
}

impl From<Option<f64>> for Value {
    fn from(value: Option<f64>) -> Value {
        value.map_or(Value::None, Value::Real)
    }
}

pub const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

impl Table {
    /// With a heading, columns of even width.
    pub fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n", self.title);
        if !self.note.is_empty() {
            let _ = writeln!(out, "{}\n", self.note);
        }
        if self.rows.is_empty() {
            out.push_str("None.\n");
            return out;
        }
        let cell = |(value, column): (&Value, &Column)| said(value, column.kind).replace('|', "\\|").replace('\n', " ");
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().zip(&self.columns).map(cell).collect()).collect();
        let width = |i: usize| {
            let cells = rows.iter().map(|row| row[i].chars().count());
            cells.chain([self.columns[i].name.chars().count(), 3]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let left = |i: usize| self.columns[i].kind == Kind::Text;
        let mut line = |cells: Vec<&str>| {
            for (i, cell) in cells.iter().enumerate() {
                let gap = " ".repeat(widths[i] - cell.chars().count());
                let _ = if left(i) { write!(out, "| {cell}{gap} ") } else { write!(out, "| {gap}{cell} ") };
            }
            out.push_str("|\n");
        };
        line(self.columns.iter().map(|c| c.name).collect());
        let rules: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(i, w)| if left(i) { "-".repeat(*w) } else { format!("{}:", "-".repeat(w - 1)) })
            .collect();
        line(rules.iter().map(String::as_str).collect());
        for row in &rows {
            line(row.iter().map(String::as_str).collect());
        }
        out
    }

    /// RFC 4180 with bare line feeds. Shares are between 0 and 100.
    pub fn csv(&self) -> String {
        let mut out = String::new();
        let mut line = |fields: Vec<String>| {
            let quoted = |field: &String| match field.contains([',', '"', '\n', '\r']) {
                true => format!("\"{}\"", field.replace('"', "\"\"")),
                false => field.clone(),
            };
            out.push_str(&fields.iter().map(quoted).collect::<Vec<_>>().join(","));
            out.push('\n');
        };
        let head = self.columns.iter().flat_map(|c| match c.kind {
            Kind::Rate => vec![c.name.to_owned(), format!("{} low", c.name), format!("{} high", c.name)],
            Kind::Spread => vec![format!("{} mean", c.name), format!("{} sd", c.name)],
            _ => vec![c.name.to_owned()],
        });
        line(head.collect());
        for row in &self.rows {
            line(row.iter().zip(&self.columns).flat_map(|(value, column)| fields(value, column.kind)).collect());
        }
        out
    }
}

/// A value for people.
fn said(value: &Value, kind: Kind) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Count(n) => n.to_string(),
        Value::Real(n) if kind == Kind::Probability && *n < 0.001 => "< 0.001".into(),
        Value::Real(n) if kind == Kind::Probability => format!("{n:.3}"),
        Value::Real(n) => format!("{n:.1}"),
        Value::Rate(rate) => match (rate.share(), rate.interval()) {
            (Some(share), Some((low, high))) => {
                format!("{:.1} [{:.1}, {:.1}]", share * 100.0, low * 100.0, high * 100.0)
            }
            _ => NOTHING.into(),
        },
        Value::Spread(mean, sd) => format!("{mean:.1} ± {sd:.1}"),
        Value::None => NOTHING.into(),
    }
}

const NOTHING: &str = "–";

fn fields(value: &Value, kind: Kind) -> Vec<String> {
    let count = match kind {
        Kind::Rate => 3,
        Kind::Spread => 2,
        _ => 1,
    };
    let exact = |n: f64| {
        let text = format!("{n:.6}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let mut out = match value {
        Value::Text(text) => vec![text.clone()],
        Value::Count(n) => vec![n.to_string()],
        // A tiny probability must not become 0.
        Value::Real(n) if kind == Kind::Probability => vec![format!("{n:e}")],
        Value::Real(n) => vec![exact(*n)],
        Value::Rate(rate) => {
            let interval = rate.interval();
            let all = [rate.share(), interval.map(|i| i.0), interval.map(|i| i.1)];
            all.into_iter().map(|n| n.map_or(String::new(), |n| exact(n * 100.0))).collect()
        }
        Value::Spread(mean, sd) => vec![exact(*mean), exact(*sd)],
        Value::None => Vec::new(),
    };
    out.resize(count, String::new());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_for_people_and_for_machines() {
        let table = Table {
            name: "t",
            title: "Things".into(),
            note: "A note.".into(),
            columns: vec![
                column("name", Kind::Text),
                column("n", Kind::Number),
                column("right", Kind::Rate),
                column("tokens", Kind::Spread),
                column("p", Kind::Probability),
            ],
            rows: vec![
                vec![
                    Value::Text("a|b, \"c\"".into()),
                    Value::Count(10),
                    Value::Rate(Rate { right: 8, of: 10 }),
                    Value::Spread(203.44, 75.5),
                    Value::Real(0.00001),
                ],
                vec![
                    Value::Text("d".into()),
                    Value::Count(0),
                    Value::Rate(Rate::default()),
                    Value::None,
                    Value::Real(1.0),
                ],
            ],
        };
        let markdown = "## Things\n\nA note.\n\n\
            | name        |   n |             right |       tokens |       p |\n\
            | ----------- | --: | ----------------: | -----------: | ------: |\n\
            | a\\|b, \"c\"   |  10 | 80.0 [49.0, 94.3] | 203.4 ± 75.5 | < 0.001 |\n\
            | d           |   0 |                 – |            – |   1.000 |\n";
        // The bar is escaped, which takes one character.
        assert_eq!(
            table.markdown(),
            markdown
                .replace("name        ", "name      ")
                .replace("----------- |", "--------- |")
                .replace("\"c\"   |", "\"c\" |")
                .replace("| d           |", "| d         |")
        );
        let csv = "name,n,right,right low,right high,tokens mean,tokens sd,p\n\
            \"a|b, \"\"c\"\"\",10,80,49.016247,94.331785,203.44,75.5,1e-5\n\
            d,0,,,,,,1e0\n";
        assert_eq!(table.csv(), csv);
        assert!(Table { rows: vec![], ..table }.markdown().ends_with("None.\n"));
    }
}
