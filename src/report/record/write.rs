//! Writing a record while the run goes on: a line is on its way to the disk before the next triple is asked about.

use super::line::{Edge, Graph, Node, Prompt, Reply, Triple, TripleLine};
use super::read::{self, Record};
use super::{End, Failed, MANIFEST, Manifest, RecordError, SOURCES, Spent, TRIPLES, hash};
use crate::oracle::budget::Spent as Paid;
use crate::pipeline::graph::NodeKind;
use crate::pipeline::{self, FileAnalysis, TripleAnalysis, TripleVerdict};
use crate::prompt::{PromptOptions, Style};
use crate::report::wire;
use crate::report::{InputError, overall};
use crate::syntax;
use crate::verdict::Outcome;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Appends to a record.
pub struct Writer {
    folder: PathBuf,
    triples: File,
    manifest: Manifest,
    /// Hashes of the sources that are there.
    sources: BTreeSet<String>,
    outcome: Option<Outcome>,
    count: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Other<'a> {
    Error(&'a Failed),
    End(&'a End),
}

impl Writer {
    /// Makes the folder. One that holds a record already is refused; other files in it are left alone.
    pub fn create(folder: &Path, manifest: &Manifest) -> Result<Writer, RecordError> {
        if Record::there(folder) {
            return Err(RecordError::Taken(folder.to_owned()));
        }
        let sources = folder.join(SOURCES);
        fs::create_dir_all(&sources).map_err(|e| RecordError::Io(sources, e))?;
        let path = folder.join(MANIFEST);
        let mut text = serde_json::to_string_pretty(manifest).expect("keys are strings");
        text.push('\n');
        fs::write(&path, text).map_err(|e| RecordError::Io(path, e))?;
        Writer::open(folder, manifest.clone())
    }

    /// Goes on with the record of a run that was stopped, and says what is in it. A torn last line is cut off.
    pub fn resume(folder: &Path) -> Result<(Writer, Record), RecordError> {
        let record = Record::open(folder)?;
        let path = folder.join(TRIPLES);
        read::mend(&path).map_err(|e| RecordError::Io(path, e))?;
        let mut writer = Writer::open(folder, record.manifest.clone())?;
        for line in &record.triples {
            writer.count(read::outcome(&line.triple.outcome));
        }
        Ok((writer, record))
    }

    fn open(folder: &Path, manifest: Manifest) -> Result<Writer, RecordError> {
        let path = folder.join(TRIPLES);
        let triples = OpenOptions::new().create(true).append(true).open(&path).map_err(|e| RecordError::Io(path, e))?;
        let (folder, sources) = (folder.to_owned(), BTreeSet::new());
        Ok(Writer { folder, triples, manifest, sources, outcome: None, count: 0 })
    }

    /// A triple that was judged.
    pub fn triple(&mut self, file: &FileAnalysis, number: usize, verdict: &TripleVerdict) -> Result<(), RecordError> {
        self.triple_about(file, number, verdict, BTreeMap::new())
    }

    /// The same with what tells it from others of the run.
    pub fn triple_about(
        &mut self,
        file: &FileAnalysis,
        number: usize,
        verdict: &TripleVerdict,
        about: BTreeMap<String, String>,
    ) -> Result<(), RecordError> {
        let line = TripleLine { about, ..triple_line(&self.manifest, file, number, verdict) };
        if !self.sources.contains(&line.source) {
            let path = self.folder.join(SOURCES).join(&line.source);
            fs::write(&path, &file.text).map_err(|e| RecordError::Io(path, e))?;
            self.sources.insert(line.source.clone());
        }
        self.count(verdict.outcome);
        self.append(&line)
    }

    /// An input that gave no analysis.
    pub fn error(&mut self, error: &InputError) -> Result<(), RecordError> {
        self.append(&Other::Error(&Failed { path: error.path.clone(), message: error.message.clone() }))
    }

    /// The run has come to its end.
    pub fn end(mut self, spent: Option<Paid>) -> Result<(), RecordError> {
        let spent = spent.map(|s| Spent {
            questions: s.questions,
            tokens_in: s.tokens_in,
            tokens_out: s.tokens_out,
            usd: (s.usd * 1e6).round() / 1e6,
            refused: s.refused,
        });
        let outcome = wire::outcome_tag(overall(self.outcome)).to_owned();
        let end = End { outcome, triples: self.count, spent };
        self.append(&Other::End(&end))?;
        // Whoever reads the end may rely on what stands before it.
        self.triples.sync_all().map_err(|e| self.failed(e))
    }

    fn count(&mut self, outcome: Outcome) {
        self.count += 1;
        self.outcome = Some(overall(self.outcome.into_iter().chain([outcome])));
    }

    /// One write for a line, so that only the last can be torn.
    fn append(&mut self, line: &impl Serialize) -> Result<(), RecordError> {
        let mut text = serde_json::to_vec(line).expect("keys are strings");
        text.push(b'\n');
        self.triples.write_all(&text).and_then(|()| self.triples.flush()).map_err(|e| self.failed(e))
    }

    fn failed(&self, error: io::Error) -> RecordError {
        RecordError::Io(self.folder.join(TRIPLES), error)
    }
}

/// A triple as its line.
pub fn triple_line(manifest: &Manifest, file: &FileAnalysis, number: usize, verdict: &TripleVerdict) -> TripleLine {
    let analysis = &file.triples[number];
    // The line says what `weiser.check/1` says, whatever that will come to say.
    let wired = serde_json::to_value(wire::triple(analysis, Some(verdict))).expect("keys are strings");
    let mut triple: Triple = serde_json::from_value(wired).expect("a test holds the two to each other");
    for (wired, answer) in triple.answers.iter_mut().zip(&verdict.answers) {
        let reply = |said: &crate::verdict::Said| Reply {
            origin: super::Origin {
                oracle: said.origin.oracle.clone(),
                model: said.origin.model.clone(),
                digest: said.origin.digest.clone(),
            },
            phase: said.phase.clone(),
            probe: said.probe,
            thinking: said.thinking.clone(),
            text: said.text.clone(),
        };
        wired.replies = answer.replies.iter().map(reply).collect();
    }
    let (system, prompts) = prompts(manifest, file, analysis, verdict);
    TripleLine {
        path: file.path.clone(),
        language: file.language.clone(),
        source: hash(&file.text),
        about: BTreeMap::new(),
        diagnostics: file.diagnostics.iter().map(diagnostic).collect(),
        triple,
        system,
        prompts,
        graph: graph(analysis),
    }
}

fn diagnostic(note: &pipeline::Note) -> super::Diagnostic {
    let severity = wire::severity_tag(note.severity).to_owned();
    super::Diagnostic { severity, line: note.line, message: note.message.clone() }
}

/// What is asked first about each slice, and the instructions before it.
fn prompts(
    manifest: &Manifest,
    file: &FileAnalysis,
    triple: &TripleAnalysis,
    verdict: &TripleVerdict,
) -> (String, Vec<Prompt>) {
    let (Some(asking), Some(language)) = (&manifest.asking, syntax::by_name(&file.language)) else {
        return Default::default();
    };
    let style = if asking.style == "one-phase" { Style::OnePhase } else { Style::TwoPhase };
    let options = PromptOptions { style, seed: asking.seed };
    let asked = pipeline::prompts(triple, language, &options);
    let system = asked.first().map(|(prompt, _)| prompt.system.clone()).unwrap_or_default();
    let prompt = |(slice, (prompt, _)): (&pipeline::SliceAnalysis, &(crate::prompt::Prompt, _))| Prompt {
        slice: slice.id.clone(),
        user: prompt.user.clone(),
    };
    let leaner = verdict.answers.iter().filter_map(|answer| answer.leaner.as_deref()).map(|leaner| Prompt {
        slice: leaner.id.clone(),
        user: pipeline::leaner_prompt(triple, leaner, language, &options).user,
    });
    (system, triple.slices.iter().zip(&asked).map(prompt).chain(leaner).collect())
}

fn graph(triple: &TripleAnalysis) -> Graph {
    let kind = |kind| match kind {
        NodeKind::Entry => "entry",
        NodeKind::Exit => "exit",
        NodeKind::Pre => "pre",
        NodeKind::Post => "post",
        NodeKind::Condition => "condition",
        NodeKind::Marker => "marker",
        NodeKind::Call => "call",
        NodeKind::Statement => "statement",
    };
    let graph = &triple.graph;
    let nodes = graph.nodes.iter().enumerate().map(|(id, node)| Node {
        id: id as u32,
        kind: kind(node.kind).into(),
        text: node.text.clone(),
        span: node.place.map(|p| (p.line, p.column, p.end_line, p.end_column)),
        relevant: node.relevant,
        reads: node.reads.clone(),
        writes: node.writes.clone(),
    });
    let mut covering = vec![Vec::new(); graph.edges.len()];
    for (number, slice) in triple.slices.iter().enumerate() {
        for edge in &slice.edges {
            if let Some(slices) = covering.get_mut(*edge as usize) {
                slices.push(number as u32);
            }
        }
    }
    let edges = graph.edges.iter().zip(covering);
    let edges = edges.map(|(e, slices)| Edge { from: e.from, to: e.to, why: e.why.clone(), slices });
    Graph { nodes: nodes.collect(), edges: edges.collect(), omitted: graph.omitted.clone() }
}
