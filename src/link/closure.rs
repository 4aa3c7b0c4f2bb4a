//! Which definitions of a project a file's triples need.
//!
//! Functions and classes are taken one by one, nearest first; with each goes what it names besides functions and classes. It is
//! taken only if every name in that keeps its meaning: those that other parts of the text have given it.

use super::Note;
use super::meanings::{Doubt, Meaning, Meanings};
use crate::project::{DefinitionId, FileId, Kind, Project, SourceError};
use crate::spec::{self, Request};
use crate::syntax::ast::{FunctionId, Severity};
use crate::syntax::language::{Imports, Language};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Bytes of other files that are taken at most: what a reader of slices can never need, but a careless closure reach.
const MOST_BYTES: usize = 4 << 20;

/// What is taken.
pub struct Closure<'p> {
    pub language: &'static Language,
    pub meanings: Meanings<'p>,
    /// Of other files: whole definitions and declarations.
    pub taken: BTreeMap<FileId, BTreeSet<Span>>,
    /// Of other files: imports that what is taken needs.
    pub imports: BTreeSet<(FileId, usize)>,
    /// Of the file itself: imports that are still needed as they are.
    pub kept: BTreeSet<usize>,
    /// Files in the order in which something of them was first needed, the file itself first.
    pub order: Vec<FileId>,
    pub notes: BTreeSet<Note>,
    /// Names of modules all of whose members that are named are shown, with the imports of the file itself that make them known.
    pub modules: BTreeMap<String, Option<usize>>,
    /// Functions of the project that are called and not taken.
    pub unseen: BTreeSet<String>,
    /// That more was needed than is taken; empty where it wasn't.
    pub cut: String,
}

/// A function or class whose names are to be looked at.
struct Node {
    file: FileId,
    span: Span,
    /// Names besides those in the span: of conditions.
    words: BTreeSet<String>,
    definition: Option<DefinitionId>,
    depth: usize,
    /// The line of the file itself that leads here; 0 if none does directly.
    line: u32,
}

struct Linker<'p> {
    project: &'p Project,
    own: FileId,
    depth: usize,
    /// The file's own statements are what runs: what other files set is then set too late.
    script: bool,
    agreed: BTreeMap<String, Meaning>,
    seen: BTreeSet<DefinitionId>,
    /// Names of functions and classes that were taken, and of those of the file itself.
    taken: BTreeSet<String>,
    queue: VecDeque<Node>,
    bytes: usize,
    out: Closure<'p>,
}

/// What taking a node would add.
#[derive(Default)]
struct Step {
    meanings: BTreeMap<String, Meaning>,
    definitions: BTreeSet<DefinitionId>,
    imports: BTreeSet<(FileId, usize)>,
    /// Functions and classes that it names, with the place of the name.
    next: Vec<(DefinitionId, u32)>,
    doubts: Vec<(String, Doubt)>,
    modules: Vec<(String, FileId, usize)>,
}

/// Why a step can't be taken.
enum Clash {
    /// It means something else in another part of the text.
    Name(String),
    /// A variable that its module sets before the script runs.
    Late(String),
}

impl std::fmt::Display for Clash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Clash::Name(name) => write!(f, "`{name}` means something else elsewhere"),
            Clash::Late(name) => write!(f, "it needs `{name}`, which its module sets before the script runs"),
        }
    }
}

pub fn of<'p>(project: &'p Project, own: FileId, request: &Request, depth: usize) -> Result<Closure<'p>, SourceError> {
    let meanings = Meanings::new(project, own);
    let language = meanings.language;
    let out = Closure {
        language,
        meanings,
        taken: BTreeMap::new(),
        imports: BTreeSet::new(),
        kept: BTreeSet::new(),
        order: vec![own],
        notes: BTreeSet::new(),
        modules: BTreeMap::new(),
        unseen: BTreeSet::new(),
        cut: String::new(),
    };
    let mut linker = Linker {
        project,
        own,
        depth,
        script: false,
        agreed: BTreeMap::new(),
        seen: BTreeSet::new(),
        taken: BTreeSet::new(),
        queue: VecDeque::new(),
        bytes: 0,
        out,
    };
    linker.start(request)?;
    while let Some(node) = linker.queue.pop_front() {
        linker.take(node)?;
    }
    // A module that is named in another way too stays an import.
    let kept: BTreeSet<(FileId, usize)> =
        linker.out.kept.iter().map(|i| (own, *i)).chain(linker.out.imports.clone()).collect();
    let names = kept.iter().filter_map(|(file, i)| linker.out.meanings.imports(*file)[*i].alias.as_deref());
    let names: Vec<&str> = names.collect();
    linker.out.modules.retain(|name, _| !names.contains(&name.as_str()));
    let taken = std::mem::take(&mut linker.taken);
    linker.out.unseen.retain(|name| !taken.contains(name));
    Ok(linker.out)
}

impl Linker<'_> {
    /// The file's own definitions mean themselves; its triples' functions are looked at first.
    fn start(&mut self, request: &Request) -> Result<(), SourceError> {
        let open = self.out.meanings.open(self.own)?;
        let index = self.project.index();
        for (place, definition) in index.file(self.own).outline.definitions.iter().enumerate() {
            let id = DefinitionId { file: self.own, place: place as u32 };
            if definition.owner.is_none() {
                if !definition.declared_only {
                    self.taken.insert(definition.name.clone());
                }
                self.agreed.entry(definition.name.clone()).or_default().add(Meaning::of(id, definition.declared_only));
            }
        }
        for (function, words) in spec::starts(&open.parsed, request) {
            let node = self.start_node(&open.parsed, function, words);
            self.queue.push_back(node);
        }
        Ok(())
    }

    fn start_node(&mut self, parsed: &crate::syntax::Parsed, id: FunctionId, words: BTreeSet<String>) -> Node {
        let function = parsed.ast.function(id);
        let around = self.project.index().around(self.own, function.span.start);
        let definition = around.map(|d| self.out.meanings.outermost(d)).filter(|_| !function.head.is_empty());
        self.script |= function.head.is_empty();
        self.seen.extend(definition);
        let span = definition.map_or(function.span, |d| self.out.meanings.definition(d).span);
        Node { file: self.own, span, words, definition, depth: 0, line: parsed.source.line(function.span.start) }
    }

    fn take(&mut self, node: Node) -> Result<(), SourceError> {
        // The file's own functions are there whatever their names mean: a name that means two things is left alone.
        let mut ignored: BTreeSet<String> = BTreeSet::new();
        let mut step = self.step(&node, &ignored)?;
        while let Some(Clash::Name(name)) = self.clash(&step).filter(|_| node.file == self.own) {
            let message = format!("`{name}` of other files is not shown: it means something else here");
            if !ignored.insert(name) {
                // It comes with something that has another name.
                break;
            }
            self.out.notes.insert(Note { line: node.line, severity: Severity::Info, message });
            step = self.step(&node, &ignored)?;
        }
        let name = |d: DefinitionId| self.out.meanings.definition(d).name.clone();
        let mut notes = Vec::new();
        let mut note = |severity, message: String| notes.push(Note { line: node.line, severity, message });
        for (called, doubt) in &step.doubts {
            let why = match doubt {
                Doubt::Several(n) => format!("{n} definitions fit as well"),
                Doubt::Guess => {
                    "it takes a guess that the one that fits is meant (say where includes are, with -I)".into()
                }
                Doubt::Renamed => "it is imported under another name".into(),
                Doubt::Copied => "it is a variable that its module or this file sets again".into(),
            };
            note(Severity::Info, format!("`{called}` of the project is not shown: {why}"));
        }
        let clash = self.clash(&step);
        if let Some(clash) = &clash {
            let what = node.definition.map(|d| (name(d), self.project.index().file(node.file).path.clone()));
            note(
                Severity::Info,
                match what {
                    Some((name, _)) if node.file == self.own => {
                        format!("what `{name}` needs of other files is not shown: {clash}")
                    }
                    Some((name, path)) => {
                        format!("`{name}` of {path} is not shown, a call of it is one without source: {clash}")
                    }
                    None => format!("what the script needs of other files is not shown: {clash}"),
                },
            );
        }
        self.out.notes.extend(notes);
        self.out.unseen.extend(step.doubts.iter().map(|(name, _)| name.clone()));
        if clash.is_some() && node.file != self.own {
            self.out.unseen.extend(node.definition.map(|d| self.out.meanings.definition(d).name.clone()));
        }
        if clash.is_some() {
            return Ok(());
        }
        let room = self.bytes + self.size(&step, &node);
        if room > MOST_BYTES {
            let message =
                format!("more than {} MiB of other files are needed: the rest is not shown", MOST_BYTES >> 20);
            self.out.cut.clone_from(&message);
            self.out.notes.insert(Note { line: 0, severity: Severity::Warning, message });
            let left = std::mem::take(&mut self.queue);
            let names = left.iter().chain([&node]).filter_map(|n| n.definition);
            self.out.unseen.extend(names.map(|d| self.out.meanings.definition(d).name.clone()));
            return Ok(());
        }
        self.bytes = room;
        self.commit(step, &node);
        Ok(())
    }

    fn size(&self, step: &Step, node: &Node) -> usize {
        let other = |id: &&DefinitionId| id.file != self.own;
        let more = step.definitions.iter().filter(other).map(|id| self.out.meanings.definition(*id).span.len());
        more.sum::<usize>() + if node.file == self.own { 0 } else { node.span.len() }
    }

    /// Everything that a node names, and what that needs in turn.
    fn step(&mut self, node: &Node, ignored: &BTreeSet<String>) -> Result<Step, SourceError> {
        let mut step = Step::default();
        let mut stack = vec![(node.file, node.span, node.words.clone())];
        let mut looked = BTreeSet::new();
        if let Some(definition) = node.definition {
            self.known_by(definition, &mut step);
        }
        while let Some((file, span, words)) = stack.pop() {
            if !looked.insert((file, span)) {
                continue;
            }
            let open = self.out.meanings.open(file)?;
            let fields = self.fields(file, span);
            let conditions =
                words.into_iter().map(|name| super::names::Used { name, at: span.start, called: None, member: None });
            let conditions: Vec<_> = conditions.collect();
            for used in open.names.within(span).into_iter().chain(&conditions) {
                let field = used.called.is_none() && fields.contains(&used.name);
                if field || ignored.contains(&used.name) {
                    continue;
                }
                // Parameters of signatures, members of types: what means nothing there is no name of the project's.
                let declaration = (file, span) != (node.file, node.span);
                let (used, meaning) = match self.out.meanings.of_member(used, file)? {
                    Some(member) => {
                        let of = &self.out.meanings;
                        let module = of.module(&of.imports(file)[member.import]);
                        step.meanings.entry(used.name.clone()).or_default().add(module);
                        match member.shown {
                            true => step.modules.push((used.name.clone(), file, member.import)),
                            false => drop(step.imports.insert((file, member.import))),
                        }
                        (member.used, member.meaning)
                    }
                    None => (used.clone(), self.out.meanings.of(used, file)?),
                };
                if let (Some(doubt), Some(_)) = (meaning.doubt, used.called) {
                    step.doubts.push((used.name.clone(), doubt));
                }
                step.imports.extend(meaning.imports.iter().map(|i| (file, *i)));
                let shown = meaning.definitions.iter().chain(&meaning.declarations).copied();
                for id in shown.collect::<Vec<_>>() {
                    let definition = self.out.meanings.definition(id);
                    if self.is_node(id) {
                        step.next.push((id, used.at));
                    } else if step.definitions.insert(id) {
                        self.known_by(id, &mut step);
                        stack.push((id.file, definition.span, BTreeSet::new()));
                    }
                }
                if !(declaration && meaning.is_nothing()) {
                    step.meanings.entry(used.name.clone()).or_default().add(meaning);
                }
            }
        }
        Ok(step)
    }

    /// Functions and, where files don't share their text, classes.
    fn is_node(&self, id: DefinitionId) -> bool {
        let definition = self.out.meanings.definition(id);
        let classes = self.out.language.modules.imports != Imports::Text;
        !definition.declared_only && (definition.kind == Kind::Function || classes && definition.kind.is_type())
    }

    /// The names that a definition makes known at the level of its file, constants of an enumeration too.
    fn known_by(&self, id: DefinitionId, step: &mut Step) {
        let outline = &self.project.index().file(id.file).outline;
        let own = self.out.meanings.definition(id);
        for (place, definition) in outline.definitions.iter().enumerate() {
            let inside = own.span.contains(definition.span) && definition.owner.is_none();
            if inside {
                let id = DefinitionId { file: id.file, place: place as u32 };
                let meaning = Meaning::of(id, definition.declared_only);
                step.meanings.entry(definition.name.clone()).or_default().add(meaning);
            }
        }
    }

    /// Names of fields that are declared in a span.
    fn fields(&self, file: FileId, span: Span) -> BTreeSet<String> {
        let outline = &self.project.index().file(file).outline;
        let inside = outline.definitions.iter().filter(|d| d.kind == Kind::Field && span.contains(d.span));
        inside.map(|d| d.name.clone()).collect()
    }

    /// Why a step can't be taken.
    fn clash(&self, step: &Step) -> Option<Clash> {
        let late = |id: &&DefinitionId| {
            id.file != self.own && self.out.meanings.definition(**id).kind == Kind::Variable && self.script
        };
        if self.out.language.modules.imports == Imports::Modules
            && let Some(id) = step.definitions.iter().find(late)
        {
            let name = &self.out.meanings.definition(*id).name;
            return Some(Clash::Late(name.clone()));
        }
        let differs =
            |(name, meaning): &(&String, &Meaning)| self.agreed.get(*name).is_some_and(|m| !m.agrees(meaning));
        let (name, _) = step.meanings.iter().find(differs)?;
        Some(Clash::Name(name.clone()))
    }

    fn commit(&mut self, step: Step, node: &Node) {
        if let Some(definition) = node.definition {
            self.taken.insert(self.out.meanings.definition(definition).name.clone());
            self.show(definition);
        }
        step.definitions.into_iter().for_each(|id| self.show(id));
        for (file, import) in step.imports {
            match file == self.own {
                true => drop(self.out.kept.insert(import)),
                false => drop(self.out.imports.insert((file, import))),
            }
        }
        for (name, file, import) in step.modules {
            let own = (file == self.own).then_some(import);
            let known = self.out.modules.entry(name).or_default();
            *known = known.or(own);
        }
        for (name, meaning) in step.meanings {
            self.agreed.entry(name).or_default().add(meaning);
        }
        for (id, at) in step.next {
            if node.depth >= self.depth {
                // One that is nearer another way is taken all the same.
                self.out.unseen.insert(self.out.meanings.definition(id).name.clone());
            } else if self.seen.insert(id) {
                let line = self.line(node, at);
                let span = self.out.meanings.definition(id).span;
                let (words, definition) = (BTreeSet::new(), Some(id));
                self.queue.push_back(Node { file: id.file, span, words, definition, depth: node.depth + 1, line });
            }
        }
    }

    /// The line of the file itself at which a name stands, or which leads to the file that it stands in.
    fn line(&mut self, node: &Node, at: u32) -> u32 {
        match node.file == self.own {
            true => self.out.meanings.open(self.own).map_or(0, |open| open.parsed.source.line(at)),
            false => node.line,
        }
    }

    fn show(&mut self, id: DefinitionId) {
        if id.file == self.own {
            return;
        }
        if !self.out.order.contains(&id.file) {
            self.out.order.push(id.file);
        }
        let span = self.out.meanings.definition(id).span;
        self.out.taken.entry(id.file).or_default().insert(span);
    }
}
