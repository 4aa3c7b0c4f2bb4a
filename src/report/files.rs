//! The files of a document, kept on disk as they come: what stands before them in it, such as the outcome of all, is known
//! only at the end, and memory must not grow with the questions. Cost: the document is written twice.

use super::wire::{Document, file_text};
use crate::pipeline::{FileAnalysis, TripleVerdict};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::PathBuf;

/// What can't be kept until it is printed.
#[derive(Debug, thiserror::Error)]
#[error("what is to be printed can't be kept in {}: {error}; set TMPDIR to a folder with room", .folder.display())]
pub struct NotKept {
    folder: PathBuf,
    error: io::Error,
}

impl From<io::Error> for NotKept {
    fn from(error: io::Error) -> Self {
        NotKept { folder: std::env::temp_dir(), error }
    }
}

/// Files of one document.
pub struct Files {
    /// Goes away with this process, however that ends.
    kept: BufWriter<File>,
    count: u64,
}

impl Files {
    /// Errors: no file can be made in the system's folder for such.
    pub fn new() -> Result<Files, NotKept> {
        Ok(Files { kept: BufWriter::new(tempfile::tempfile()?), count: 0 })
    }

    /// The next file, with its verdicts for `check`.
    pub fn push(&mut self, file: &FileAnalysis, verdicts: Option<&[TripleVerdict]>) -> Result<(), NotKept> {
        let before = if self.count == 0 { "\n" } else { ",\n" };
        self.count += 1;
        self.kept.write_all(before.as_bytes())?;
        self.kept.write_all(file_text(file, verdicts).as_bytes())?;
        Ok(())
    }

    /// The whole document, a piece after another.
    pub fn finish<E: From<NotKept>>(
        self,
        document: &Document,
        mut print: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let (before, behind) = document.around();
        print(&before)?;
        let mut kept = self.kept.into_inner().map_err(|error| NotKept::from(error.into_error()))?;
        kept.rewind().map_err(NotKept::from)?;
        let mut reader = BufReader::with_capacity(PIECE, kept);
        let mut piece = String::new();
        while reader.read_line(&mut piece).map_err(NotKept::from)? > 0 {
            if piece.len() >= PIECE {
                print(&piece)?;
                piece.clear();
            }
        }
        print(&piece)?;
        if self.count > 0 {
            print("\n  ")?;
        }
        print(&behind)
    }
}

/// Bytes printed at once, or a line more.
const PIECE: usize = 64 << 10;
