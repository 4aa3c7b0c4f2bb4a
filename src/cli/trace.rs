//! `weiser trace`: the path classes of a recorded run as stories.

use super::Failure;
use super::args::{TraceArgs, TraceName};
use super::exit::Exit;
use super::output::Console;
use crate::dataset;
use crate::report::record::{Record, hash};
use crate::report::terminal::safe;
use crate::report::trace::{Known, Traces, Wanted, program, traces};
use std::collections::{BTreeMap, BTreeSet};

pub fn trace(args: &TraceArgs, console: &mut Console) -> Result<Exit, Failure> {
    let record = Record::open(&args.run)?;
    for remark in record.remarks() {
        console.note(&format!("warning: {}\n", safe(&remark)));
    }
    let mut excluded = BTreeSet::new();
    for path in &args.exclude {
        let set = dataset::load(path).map_err(|error| Failure::Usage(error.to_string()))?;
        excluded.extend(set.subjects.iter().flat_map(|s| program(&s.text, &s.language)));
    }
    let mut known = BTreeMap::new();
    for path in &args.dataset {
        let set = dataset::load(path).map_err(|error| Failure::Usage(error.to_string()))?;
        for subject in set.subjects {
            let dataset::Subject { licence, origin, task, property, .. } = subject;
            known.insert(hash(&subject.text), Known { licence, origin, task, property });
        }
    }
    let wanted = Wanted { confirmed: args.only.is_some(), duplicates: args.duplicates, excluded };
    let found = traces(&record, &known, &wanted);
    if let Some(path) = &args.output {
        console.redirect(path)?;
    }
    for (number, trace) in found.traces.iter().enumerate() {
        match args.format {
            TraceName::Jsonl => console.print(&trace.to_jsonl())?,
            TraceName::Text => {
                let gap = if number == 0 { "" } else { "\n----\n\n" };
                console.print(&format!("{gap}{}", trace.text))?;
            }
        }
    }
    console.note(&summary(&found));
    Ok(Exit::Holds)
}

fn summary(found: &Traces) -> String {
    let mut parts = vec![format!("{} traces", found.traces.len())];
    let left_out = [
        (found.unwanted, "not confirmed"),
        (found.duplicates, "said already"),
        (found.excluded, "of an excluded data set"),
        (found.unknown, "without a source to compare"),
    ];
    parts.extend(left_out.iter().filter(|(n, _)| *n > 0).map(|(n, why)| format!("{n} left out ({why})")));
    parts.join(", ") + "\n"
}
