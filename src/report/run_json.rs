//! `weiser.report/1`: a recorded run as one document.

use super::record::{End, Failed, Manifest, Record, TripleLine};
use super::wire::{outcome_tag, pretty};
use serde::Serialize;

pub const REPORT: &str = "weiser.report/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    weiser: &'static str,
    run: &'a Manifest,
    /// Of the whole run: one that was cut short, or whose record is damaged, doesn't hold.
    outcome: &'static str,
    /// The run came to its end, and everything was read and recorded.
    complete: bool,
    /// Why it may say less than it seems to, for people.
    remarks: Vec<String>,
    triples: &'a [TripleLine],
    errors: &'a [Failed],
    end: Option<&'a End>,
}

pub fn document(record: &Record) -> String {
    let remarks = record.remarks();
    pretty(&Document {
        schema: REPORT,
        weiser: env!("CARGO_PKG_VERSION"),
        run: &record.manifest,
        outcome: outcome_tag(record.outcome()),
        complete: record.complete(),
        remarks,
        triples: &record.triples,
        errors: &record.errors,
        end: record.end.as_ref(),
    })
}
