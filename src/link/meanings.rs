//! What a name means, as seen from a file.

use super::names::{Names, Used};
use crate::project::{
    Certainty, Definition, DefinitionId, FileId, Import, ImportForm, Kind, Loaded, Lookup, Project, Query, Reason,
    SourceError, Wanted,
};
use crate::syntax::ast::{DeclKind, ExprId, ExprKind};
use crate::syntax::by_name;
use crate::syntax::language::{Imports, Language};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What a name stands for. Two meanings of one name may stand in one text if they have something in common, or both are empty:
/// then neither is of the project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Definitions, each the outermost that it stands in.
    pub definitions: BTreeSet<DefinitionId>,
    /// Declarations of something that is defined nowhere in the project.
    pub declarations: BTreeSet<DefinitionId>,
    /// Imports of the file that make the name known; nothing of the project.
    pub imports: BTreeSet<usize>,
    /// The same for all files: what those imports name.
    outside: BTreeSet<String>,
    /// Something of the project may be meant; what, is not certain.
    pub doubt: Option<Doubt>,
    /// Types and macros that may be meant. Headers define such names twice for compilers that differ; where one of them is what
    /// the name means elsewhere in the text, it is taken to be that here too.
    maybe: BTreeSet<DefinitionId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// So many definitions are as good.
    Several(usize),
    /// It takes a guess.
    Guess,
    /// It is known here under another name.
    Renamed,
    /// A variable of another module, of which an import is a copy, and which is set later.
    Copied,
}

impl Meaning {
    pub fn is_empty(&self) -> bool {
        self.definitions.is_empty() && self.declarations.is_empty() && self.outside.is_empty()
    }

    /// Neither means nor may mean anything of the project, or what it imports.
    pub fn is_nothing(&self) -> bool {
        self.is_empty() && self.maybe.is_empty()
    }

    pub fn agrees(&self, other: &Meaning) -> bool {
        let maybe = |a: &Meaning, b: &Meaning| !a.maybe.is_disjoint(&b.definitions) || !a.maybe.is_disjoint(&b.maybe);
        self.is_empty() && other.is_empty()
            || maybe(self, other)
            || maybe(other, self)
            || !self.definitions.is_disjoint(&other.definitions)
            || !self.declarations.is_empty() && !other.declarations.is_empty()
            || !self.outside.is_disjoint(&other.outside)
    }

    pub fn add(&mut self, other: Meaning) {
        self.definitions.extend(other.definitions);
        self.declarations.extend(other.declarations);
        self.outside.extend(other.outside);
        self.maybe.extend(other.maybe);
    }

    pub fn of(definition: DefinitionId, declared_only: bool) -> Meaning {
        let (one, none) = (BTreeSet::from([definition]), BTreeSet::new());
        let (definitions, declarations) = if declared_only { (none, one) } else { (one, none) };
        Meaning { definitions, declarations, ..Meaning::default() }
    }
}

/// `m.f` of a module `m`.
pub struct Member {
    /// That makes `m` known.
    pub import: usize,
    /// `f`.
    pub used: Used,
    pub meaning: Meaning,
    /// It can be shown in one text with what names it.
    pub shown: bool,
}

/// A file that something is taken of.
pub struct Open {
    pub parsed: Loaded,
    pub names: Names,
}

pub struct Meanings<'p> {
    pub project: &'p Project,
    pub language: &'static Language,
    files: HashMap<FileId, Arc<Open>>,
    /// Of the definitions of a file, the ones that they are written in: `struct s` in `typedef struct s {...} t;`.
    written_in: RefCell<HashMap<FileId, Arc<Vec<u32>>>>,
}

impl<'p> Meanings<'p> {
    pub fn new(project: &'p Project, file: FileId) -> Self {
        let name = &project.index().file(file).language;
        // The index holds files of known languages only.
        let language = by_name(name).unwrap_or(crate::syntax::languages()[0]);
        Meanings { project, language, files: HashMap::new(), written_in: RefCell::default() }
    }

    pub fn open(&mut self, file: FileId) -> Result<Arc<Open>, SourceError> {
        if let Some(open) = self.files.get(&file) {
            return Ok(open.clone());
        }
        let parsed = self.project.parsed(file)?;
        let names = Names::of(&parsed);
        let open = Arc::new(Open { parsed, names });
        self.files.insert(file, open.clone());
        Ok(open)
    }

    pub fn definition(&self, id: DefinitionId) -> &'p Definition {
        self.project.index().definition(id)
    }

    /// The definition at the level of the file that holds one.
    pub fn outermost(&self, id: DefinitionId) -> DefinitionId {
        let mut at = id;
        while let Some(owner) = self.project.index().owner(at) {
            at = owner;
        }
        let mut known = self.written_in.borrow_mut();
        let places = known.entry(at.file).or_insert_with(|| Arc::new(written_in(self.project, at.file)));
        DefinitionId { place: places[at.place as usize], ..at }
    }

    /// What `m.f` means where `m` is a module of the project: `f`, if that is certain. A variable that is set through its module
    /// or later can't be `f` of the same text, and nothing else may be either.
    pub fn of_member(&mut self, used: &Used, file: FileId) -> Result<Option<Member>, SourceError> {
        let Some(member) = &used.member else { return Ok(None) };
        if self.language.modules.imports != Imports::Modules {
            return Ok(None);
        }
        let known = |i: &Import| i.alias.as_deref() == Some(&used.name);
        let Some(import) = self.imports(file).iter().position(known) else { return Ok(None) };
        let mut meaning = Meaning::default();
        let plain = Used { name: member.clone(), member: None, ..used.clone() };
        let query =
            Query { at: Some(used.at), receiver: Some(&used.name), ..Query::new(member, Wanted::Any, Some(file)) };
        let found = self.project.find(&query);
        let certain = found.certain().filter(|id| self.definition(*id).owner.is_none());
        let Some(id) = certain.filter(|id| self.definition(*id).name == *member) else { return Ok(None) };
        let variable = self.definition(id).kind == Kind::Variable && self.is_set(id, file)?;
        match variable {
            true => drop(meaning.outside.insert(format!("variable {member} of {}", self.imports(file)[import].path))),
            false => drop(meaning.definitions.insert(id)),
        }
        Ok(Some(Member { import, used: plain, meaning, shown: !variable }))
    }

    /// What a name means.
    pub fn of(&mut self, used: &Used, file: FileId) -> Result<Meaning, SourceError> {
        let mut meaning = Meaning::default();
        // What has a member isn't what is called.
        let called = used.called.filter(|_| used.member.is_none());
        let wanted: &[Wanted] = match (self.language.modules.imports, called) {
            (Imports::Classes, _) => &[Wanted::Type],
            (_, Some(_)) => &[Wanted::Callable, Wanted::Value],
            (_, None) => &[Wanted::Value, Wanted::Type, Wanted::Callable],
        };
        for wanted in wanted {
            let query = Query {
                at: Some(used.at),
                arguments: called.filter(|_| *wanted == Wanted::Callable),
                ..Query::new(&used.name, *wanted, Some(file))
            };
            let found = self.project.find(&query);
            self.take(&found, used, file, &mut meaning)?;
            if called.is_some() && !meaning.is_empty() {
                break;
            }
        }
        if meaning.definitions.is_empty() {
            self.imported(&used.name, file, &mut meaning);
        }
        if !meaning.is_empty() {
            meaning.doubt = None;
            // Where text was not understood, words of the language may look like names.
            if crate::syntax::parse_expression(&used.name, self.language).is_none() {
                return Ok(Meaning::default());
            }
        }
        Ok(meaning)
    }

    fn take(&mut self, found: &Lookup, used: &Used, file: FileId, into: &mut Meaning) -> Result<(), SourceError> {
        let near = |r: Reason| r <= Reason::Declared;
        // `typedef struct s s;` and `struct s {...};` are one thing.
        let again = |id: DefinitionId| {
            let definition = self.definition(id);
            definition.kind == Kind::Alias && definition.ty == definition.name && definition.name == used.name
        };
        let (aliases, others): (Vec<_>, Vec<_>) =
            found.candidates.iter().filter(|c| near(c.reason)).map(|c| c.definition).partition(|id| again(*id));
        let one_thing = !aliases.is_empty()
            && match others[..] {
                [] => true,
                [one] => self.definition(one).kind.is_type(),
                _ => false,
            };
        if one_thing {
            into.definitions.extend(aliases.into_iter().chain(others).map(|id| self.outermost(id)));
            return Ok(());
        }
        let doubt = match found.candidates.iter().filter(|c| near(c.reason)).count() {
            0 => None,
            1 => Some(Doubt::Guess),
            several => Some(Doubt::Several(several)),
        };
        match found.certainty {
            Certainty::Certain => {
                let first = found.candidates[0];
                if self.definition(first.definition).name != used.name {
                    into.doubt = Some(Doubt::Renamed);
                } else if self.is_copied(first.definition, first.reason, file)? {
                    into.doubt = Some(Doubt::Copied);
                } else {
                    into.definitions.insert(self.outermost(first.definition));
                }
            }
            _ => {
                into.doubt = into.doubt.or(doubt);
                let text = |id: &DefinitionId| {
                    let kind = self.definition(*id).kind;
                    kind.is_type() || kind == Kind::Macro
                };
                let near = found.candidates.iter().filter(|c| near(c.reason)).map(|c| c.definition);
                into.maybe.extend(near.filter(text).map(|id| self.outermost(id)));
            }
        }
        if let Some(declared) = found.declarations.iter().find(|c| near(c.reason)) {
            into.declarations.insert(declared.definition);
        }
        Ok(())
    }

    /// `from m import count` takes the value that it has then: a variable that is set later is another one.
    fn is_copied(&mut self, id: DefinitionId, reason: Reason, from: FileId) -> Result<bool, SourceError> {
        let definition = self.definition(id);
        let imported = matches!(reason, Reason::Imported | Reason::ImportedAll);
        if definition.kind != Kind::Variable || !imported || self.language.modules.imports != Imports::Modules {
            return Ok(false);
        }
        self.is_set(id, from)
    }

    /// Whether a variable is set other than where it is defined, as far as two files say.
    fn is_set(&mut self, id: DefinitionId, from: FileId) -> Result<bool, SourceError> {
        let name = &self.definition(id).name;
        let mut set = false;
        for file in [id.file, from] {
            let open = self.open(file)?;
            let ast = &open.parsed.ast;
            let scopes = ast.decls.iter().filter(|d| d.kind == DeclKind::Scope);
            set |= scopes.flat_map(|d| &d.names).any(|n| n == name);
            let target = |e: &ExprId| matches!(&ast.expr(*e).kind, ExprKind::Field { name: n, .. } if n == name);
            set |= ast.exprs.iter().any(|e| match &e.kind {
                ExprKind::Assign { targets, .. } | ExprKind::Delete(targets) => targets.iter().any(target),
                ExprKind::Compound { target: t, .. } | ExprKind::Update { target: t } => target(t),
                _ => false,
            });
        }
        Ok(set)
    }

    /// Imports of a file that make a name known without leading to a definition that can be linked.
    fn imported(&self, name: &str, file: FileId, into: &mut Meaning) {
        if self.language.modules.imports == Imports::Text {
            return;
        }
        for (i, import) in self.imports(file).iter().enumerate() {
            if import.alias.as_deref() == Some(name) {
                into.imports.insert(i);
                into.outside.insert(format!("{}:{:?}", import.path, import.form));
            }
        }
    }

    /// The meaning of a module's name.
    pub fn module(&self, import: &Import) -> Meaning {
        let outside = BTreeSet::from([format!("{}:{:?}", import.path, import.form)]);
        Meaning { outside, ..Meaning::default() }
    }

    pub fn imports(&self, file: FileId) -> &'p [Import] {
        &self.project.index().file(file).outline.imports
    }

    /// Imports that may make any name known: of what isn't in the project.
    pub fn open_imports(&self, file: FileId) -> Vec<usize> {
        let own = self.imports(file).iter().enumerate();
        let wide = own.filter(|(_, i)| !matches!(i.form, ImportForm::Member(_) | ImportForm::Whole));
        wide.map(|(i, _)| i).filter(|i| self.project.imported(file, *i).is_empty()).collect()
    }
}

/// For each definition of a file the place of the one around it that no other is around; its own where none is.
fn written_in(project: &Project, file: FileId) -> Vec<u32> {
    let definitions = &project.index().file(file).outline.definitions;
    let mut order: Vec<u32> = (0..definitions.len() as u32).collect();
    let span = |place: u32| definitions[place as usize].span;
    order.sort_by_key(|p| (span(*p).start, std::cmp::Reverse(span(*p).end), *p));
    let mut out: Vec<u32> = (0..definitions.len() as u32).collect();
    let mut around: Option<u32> = None;
    for place in order {
        match around.filter(|a| span(*a).contains(span(place))) {
            Some(a) => out[place as usize] = a,
            None => around = Some(place),
        }
    }
    out
}
