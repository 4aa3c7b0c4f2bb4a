//! `weiser report`: a recorded run in another form.

use super::Failure;
use super::args::{ReportArgs, Wanted};
use super::exit::Exit;
use super::output::Console;
use super::recording::write;
use crate::report::formats::{ReportFormat, report as made};
use crate::report::record::Record;

pub fn report(args: &ReportArgs, console: &mut Console) -> Result<Exit, Failure> {
    let record = Record::open(&args.run)?;
    for remark in record.remarks() {
        console.note(&format!("warning: {}\n", crate::report::terminal::safe(&remark)));
    }
    match (args.format, &args.output) {
        (Some(format), Some(path)) => write(&record, &Wanted { format, path: path.clone() }, console)?,
        (Some(format), None) => console.print(&made(&record, ReportFormat::from(format)))?,
        (None, _) => {}
    }
    args.report.iter().try_for_each(|wanted| write(&record, wanted, console))?;
    Ok(Exit::Holds)
}
