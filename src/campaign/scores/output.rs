//! Everything that is written of a run's scores.

use super::table::Table;
use super::tables::tables;
use super::{Scores, not_judged, plots, scores, wire};
use crate::campaign::folder::Held;

pub struct Output {
    name: String,
    /// What a reader must know first.
    head: String,
    scores: Scores,
    tables: Vec<Table>,
    json: String,
}

/// Tables that are shown without being asked for.
const SHORT: [&str; 3] = ["accuracy", "differences", "tokens"];

impl Output {
    pub fn of(held: &Held) -> Output {
        let Held { campaign, subjects, verdicts, .. } = held;
        let scores = scores(&campaign.cells, subjects, verdicts);
        let open = not_judged(&campaign.cells, subjects, verdicts);
        let mut head = format!("# {}\n\n", campaign.name);
        if !campaign.about.is_empty() {
            head.push_str(&format!("{}\n\n", campaign.about));
        }
        let sets: Vec<String> =
            campaign.datasets.iter().map(|d| format!("{} ({} subjects, {})", d.name, d.subjects, d.hash)).collect();
        head.push_str(&format!(
            "weiser {}, templates {}, tokens of {}. Data sets: {}.\n",
            campaign.weiser,
            campaign.templates,
            campaign.tokenizer,
            sets.join(", ")
        ));
        if !campaign.shard.is_empty() {
            head.push_str(&format!("\nPart {} of the run; the others are not judged here.\n", campaign.shard));
        }
        if open > 0 {
            head.push_str(&format!("\n**Not whole: {open} verdicts are still open.**\n"));
        }
        let tables = tables(&scores, subjects, verdicts);
        let json = wire::scores(campaign, &scores, open);
        Output { name: campaign.name.clone(), head, scores, tables, json }
    }

    /// Files of `tables/`, by name.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = vec![("scores.md".to_owned(), self.markdown()), ("scores.json".to_owned(), self.json())];
        files.extend(self.tables.iter().map(|t| (format!("{}.csv", t.name), t.csv())));
        files.extend(plots::plots(&self.name, &self.scores));
        files
    }

    /// All tables.
    pub fn markdown(&self) -> String {
        self.of_tables(|_| true)
    }

    /// The tables that say most, and whatever there is of subjects that could not be analysed.
    pub fn short(&self) -> String {
        self.of_tables(|t| {
            SHORT.contains(&t.name) && !t.rows.is_empty() || t.name == "not-analysed" && !t.rows.is_empty()
        })
    }

    fn of_tables(&self, wanted: impl Fn(&Table) -> bool) -> String {
        let tables = self.tables.iter().filter(|t| wanted(t)).map(|t| format!("\n{}", t.markdown()));
        format!("{}{}", self.head, tables.collect::<String>())
    }

    /// `weiser.scores/1`.
    pub fn json(&self) -> String {
        self.json.clone()
    }
}
