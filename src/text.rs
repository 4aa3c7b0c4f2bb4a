//! Source text: files, byte spans, lines and columns.
//!
//! Everything downstream speaks in byte spans of one [`SourceFile`]; text is never copied into the tree, so a slice can
//! give back the author's own bytes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::{fmt, io};

/// A half-open byte range `start..end` of a source file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }

    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    pub fn len(self) -> usize {
        (self.end.saturating_sub(self.start)) as usize
    }

    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    pub fn contains_offset(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }

    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// One file: its path as the user gave it, its text, and where its lines start.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub path: String,
    pub text: String,
    /// Where the text goes on behind the file's own with what it needs of others.
    pub linkage: Option<Linkage>,
    line_starts: Vec<u32>,
}

/// What stands in a text beside one file's own. The file's own lines come first and keep their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linkage {
    /// In the order in which they stand.
    pub parts: Vec<Part>,
    /// The file as its project names it, and what stands before such names in the paths of the parts: a slice names files so that
    /// its text is the same from wherever weiser is called.
    pub name: String,
    pub root: String,
    /// Bytes of the file's own text.
    pub own: u32,
    /// Where the parts belong in the file's own text for a reader and a compiler: they stand behind it only for the sake of its
    /// line numbers.
    pub seam: u32,
    /// Names of modules whose members stand in this text, so that `m.f` is what is called `f` here.
    pub modules: BTreeSet<String>,
    /// Functions of the program that are called here and don't stand in this text: they may change what its files share.
    pub unseen: BTreeSet<String>,
    /// Names of classes in this text on which others of the program are built, by name: an object may be one of those.
    pub built_on: BTreeSet<String>,
    /// Names of methods of such others.
    pub replaced: BTreeSet<String>,
    /// What was needed and is not in this text because it would be too much; empty where nothing is lacking.
    pub cut: String,
}

/// Lines of another file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub path: String,
    /// 1-based, in the text put together.
    pub first: u32,
    pub lines: u32,
    /// 1-based line of `path` with which it begins.
    pub line: u32,
}

impl SourceFile {
    /// Cost: one pass over the text. Files over 4 GiB are rejected by the caller (`cli` reads the size first).
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        SourceFile { path: path.into(), text, linkage: None, line_starts }
    }

    /// The same with what is known of its parts.
    pub fn linked(self, linkage: Option<Linkage>) -> Self {
        SourceFile { linkage, ..self }
    }

    /// The file of a line, if it isn't this one, and the line's number in it.
    pub fn place(&self, line: u32) -> (Option<&str>, u32) {
        place(self.linkage.as_ref(), line)
    }

    /// The file's own text is one stretch or two, with that of other files between: the number of the stretch for a reader.
    pub fn stretch(&self, offset: u32) -> u8 {
        match &self.linkage {
            None => 0,
            Some(linkage) if offset >= linkage.own => 1,
            Some(linkage) => {
                if offset < linkage.seam {
                    0
                } else {
                    2
                }
            }
        }
    }

    /// The file of a line, as its project names it.
    pub fn name(&self, line: u32) -> &str {
        match (&self.linkage, self.place(line).0) {
            (Some(linkage), Some(path)) => path.strip_prefix(linkage.root.as_str()).unwrap_or(path),
            (Some(linkage), None) => &linkage.name,
            (None, _) => &self.path,
        }
    }

    /// Whether a name is one of a module whose members stand in this text.
    pub fn is_module(&self, name: &str) -> bool {
        self.linkage.as_ref().is_some_and(|linkage| linkage.modules.contains(name))
    }

    /// Whether an offset is of the file's own text.
    pub fn is_own(&self, offset: u32) -> bool {
        self.linkage.as_ref().is_none_or(|linkage| offset < linkage.own)
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.range()]
    }

    /// 1-based line of a byte offset.
    pub fn line(&self, offset: u32) -> u32 {
        self.line_starts.partition_point(|s| *s <= offset) as u32
    }

    /// 1-based column, in bytes, of a byte offset.
    pub fn column(&self, offset: u32) -> u32 {
        offset - self.line_starts[self.line(offset) as usize - 1] + 1
    }

    /// Byte offset where a 1-based line starts; the end of the text for a line past the last.
    pub fn line_start(&self, line: u32) -> u32 {
        let index = (line.max(1) - 1) as usize;
        self.line_starts.get(index).copied().unwrap_or(self.text.len() as u32)
    }

    pub fn line_count(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// The span of a 1-based line without its line break.
    pub fn line_span(&self, line: u32) -> Span {
        let start = self.line_start(line) as usize;
        let end = self.line_start(line + 1) as usize;
        let text = &self.text[start..end];
        Span::new(start, start + text.trim_end_matches(['\n', '\r']).len())
    }

    /// The white space that opens the line on which `offset` stands.
    pub fn indent_of(&self, offset: u32) -> &str {
        let start = self.line_start(self.line(offset)) as usize;
        let line = &self.text[start..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// Whether only white space stands before `offset` on its line.
    pub fn first_on_line(&self, offset: u32) -> bool {
        let start = self.line_start(self.line(offset)) as usize;
        self.text[start..offset as usize].trim().is_empty()
    }
}

/// The other file that a line of a text is from, and its number there.
pub fn place(linkage: Option<&Linkage>, line: u32) -> (Option<&str>, u32) {
    place_in(linkage.map_or(&[], |l| &l.parts), line)
}

/// The same by the parts themselves.
pub fn place_in(parts: &[Part], line: u32) -> (Option<&str>, u32) {
    let behind = parts.partition_point(|p| p.first <= line);
    match parts[..behind].last().filter(|p| line < p.first.saturating_add(p.lines)) {
        Some(part) => (Some(&part.path), part.line.saturating_add(line - part.first)),
        None => (None, line),
    }
}

/// `line 12`, or `shape.c:12` where that is another file.
pub fn spot(parts: &[Part], line: u32) -> String {
    match place_in(parts, line) {
        (Some(path), line) => format!("{path}:{line}"),
        (None, line) => format!("line {line}"),
    }
}

/// Bytes that were no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadBytes {
    pub count: u32,
    /// 1-based line of the first.
    pub line: u32,
}

/// Bytes as text; a `?` for each byte that is no part of a UTF-8 character, so that every span stays what it is in the file.
pub fn decode(bytes: Vec<u8>) -> (String, Option<BadBytes>) {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error.into_bytes(),
    };
    let mut text = String::with_capacity(bytes.len());
    let mut bad: Option<BadBytes> = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            let bad = bad.get_or_insert_with(|| BadBytes { count: 0, line: text.matches('\n').count() as u32 + 1 });
            bad.count = bad.count.saturating_add(chunk.invalid().len() as u32);
            text.extend(chunk.invalid().iter().map(|_| '?'));
        }
    }
    (text, bad)
}

/// An I/O error without its number.
pub fn said(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_keep_their_places() {
        let (text, bad) = decode(b"ab\n\xe4\xf6c\n\xc3\xa4".to_vec());
        assert_eq!(text, "ab\n??c\n\u{e4}");
        assert_eq!(bad, Some(BadBytes { count: 2, line: 2 }));
        assert_eq!(decode(b"plain".to_vec()), ("plain".into(), None));
    }
}
