//! placeholder
use super::record::Record;
pub fn page(_: &Record) -> String {
    String::new()
}
