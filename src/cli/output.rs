//! Where text goes: a report to standard output or a file, everything else to standard error.
//!
//! A reader that goes away (`weiser check ... | head`) is no error: nothing more is written and nothing is said.

use super::Failure;
use super::args::Color;
use crate::report::terminal::notes;
use anstream::{AutoStream, ColorChoice};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

pub struct Console {
    out: Sink,
    err: Sink,
}

/// Somewhere to write, with or without colours.
pub struct Sink {
    to: Box<dyn Write>,
    name: String,
    colours: bool,
    closed: bool,
}

impl Console {
    /// Standard output and standard error, each with colours if it is a terminal or they are asked for.
    pub fn standard(color: Color) -> Console {
        let out = colours(color, AutoStream::choice(&io::stdout()));
        let err = colours(color, AutoStream::choice(&io::stderr()));
        Console {
            out: Sink::new(Box::new(io::stdout()), "standard output", out),
            err: Sink::new(Box::new(io::stderr()), "standard error", err),
        }
    }

    #[cfg(test)]
    pub fn of(out: Sink, err: Sink) -> Console {
        Console { out, err }
    }

    /// From now on the report goes to a file, without colours. An existing file is replaced.
    pub fn redirect(&mut self, path: &Path) -> Result<(), Failure> {
        let place = path.display().to_string();
        match File::create(path) {
            Ok(file) => self.out = Sink::new(Box::new(file), &place, false),
            Err(error) => return Err(Failure::Write { place, error }),
        }
        Ok(())
    }

    /// A part of the report.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        let place = self.out.name.clone();
        self.out.write(text).map_err(|error| Failure::Write { place, error })
    }

    /// Something that is not part of the report. It is lost where standard error can't be written.
    pub fn note(&mut self, text: &str) {
        let _ = self.err.write(text);
    }

    pub fn error(&mut self, message: &str) {
        self.note(&notes::error(message));
    }

    /// Nobody reads the report any more.
    pub fn closed(&self) -> bool {
        self.out.closed
    }
}

impl Sink {
    pub fn new(to: Box<dyn Write>, name: &str, colours: bool) -> Sink {
        Sink { to, name: name.into(), colours, closed: false }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        if self.closed || text.is_empty() {
            return Ok(());
        }
        let plain;
        let text = if self.colours {
            text
        } else {
            plain = anstream::adapter::strip_str(text).to_string();
            &plain
        };
        match self.to.write_all(text.as_bytes()).and_then(|()| self.to.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            done => done,
        }
    }
}

fn colours(color: Color, terminal: ColorChoice) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal != ColorChoice::Never,
    }
}
