//! Which bytes of the original a slice shows: an interval map from byte ranges to the output lines that show them.

use crate::text::{SourceFile, Span};
use rust_lapper::{Interval, Lapper};

/// Byte ranges taken from the original, each with the index of the output line where it begins.
#[derive(Debug, Default)]
pub struct Pieces {
    taken: Vec<(Span, usize)>,
}

impl Pieces {
    pub fn take(&mut self, span: Span, line: usize) {
        if !span.is_empty() {
            self.taken.push((span, line));
        }
    }

    /// Takes back the piece that was taken last; `false` if it is another.
    pub fn give_back(&mut self, span: Span) -> bool {
        let last = self.taken.last().is_some_and(|(s, _)| *s == span);
        if last {
            self.taken.pop();
        }
        last
    }

    /// Whether a piece was taken already.
    pub fn has(&self, span: Span) -> bool {
        self.taken.iter().any(|(s, _)| s.contains(span))
    }

    fn map(&self) -> Lapper<u32, usize> {
        Lapper::new(self.taken.iter().map(|(s, line)| Interval { start: s.start, stop: s.end, val: *line }).collect())
    }

    /// No byte is shown twice.
    pub fn verify(&self) -> Result<(), String> {
        let map = self.map();
        for piece in map.iter() {
            if map.find(piece.start, piece.stop).count() > 1 {
                return Err(format!("bytes {}..{} are shown twice", piece.start, piece.stop));
            }
        }
        Ok(())
    }

    /// Original lines of which something is shown, as closed ranges.
    pub fn lines(&self, source: &SourceFile) -> Vec<(u32, u32)> {
        let mut out: Vec<(u32, u32)> = Vec::new();
        for piece in self.map().iter() {
            let (first, last) = (source.line(piece.start), source.line(piece.stop - 1));
            match out.last_mut() {
                Some(range) if first <= range.1 + 1 => range.1 = range.1.max(last),
                _ => out.push((first, last)),
            }
        }
        out
    }
}
