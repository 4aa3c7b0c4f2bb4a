//! How candidates are found and ranked, and when the first of them is certain.

use super::Project;
use super::index::{DefinitionId, FileId};
use super::lookup::{Candidate, Certainty, Lookup, Query, Reason, Wanted};
use super::resolve::{outermost, shared};
use crate::syntax::by_name;
use crate::syntax::language::{Imports, Modules};
use crate::syntax::outline::{Definition, ImportForm, Kind, Visibility};
use std::collections::BTreeMap;

impl Wanted {
    fn takes(self, kind: Kind) -> bool {
        match self {
            Wanted::Any => true,
            Wanted::Callable => kind.is_callable(),
            Wanted::Type => kind.is_type(),
            Wanted::Value => matches!(kind, Kind::Variable | Kind::Field | Kind::Constant | Kind::Macro),
            Wanted::Macro => kind == Kind::Macro,
        }
    }
}

/// How far modules that only pass names on are followed.
const PASSED_ON: usize = 8;

/// What is known of a candidate while others are still looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    reason: Reason,
    guessed: bool,
}

struct Search<'p, 'q> {
    project: &'p Project,
    query: &'q Query<'q>,
    found: BTreeMap<DefinitionId, Found>,
    /// Something that can't be seen might be meant as well.
    open: bool,
}

pub fn find(project: &Project, query: &Query) -> Lookup {
    let mut search = Search { project, query, found: BTreeMap::new(), open: false };
    let modules = query.from.and_then(|f| by_name(&project.index.file(f).language)).map(|l| &l.modules);
    match (query.from, modules, query.receiver) {
        (Some(from), Some(modules), Some(receiver)) => search.member(from, modules, receiver),
        (Some(from), Some(modules), None) => search.plain(from, modules),
        _ => search.anywhere(),
    }
    search.done()
}

impl<'p> Search<'p, '_> {
    fn add(&mut self, id: DefinitionId, reason: Reason, guessed: bool) {
        if self.query.wanted.takes(self.definition(id).kind) {
            let found = Found { reason, guessed };
            self.found.entry(id).and_modify(|f| *f = (*f).min(found)).or_insert(found);
        }
    }

    fn definition(&self, id: DefinitionId) -> &'p Definition {
        self.project.index.definition(id)
    }

    /// Of the language of the file that asks.
    fn named(&self) -> Vec<DefinitionId> {
        let index = &self.project.index;
        let language = self.query.from.map(|f| &index.file(f).language);
        let same = |id: &&DefinitionId| language.is_none_or(|l| *l == index.file(id.file).language);
        index.named(self.query.name).iter().filter(same).copied().collect()
    }

    fn anywhere(&mut self) {
        for id in self.named() {
            self.add(id, Reason::Elsewhere, true);
        }
    }

    fn plain(&mut self, from: FileId, modules: &Modules) {
        if modules.implicit_receiver && self.query.wanted != Wanted::Macro {
            self.own_members(from);
        }
        self.imported(from, self.query.name);
        for id in self.named() {
            match self.plain_reason(id, from, modules) {
                Some((reason, guessed)) => self.add(id, reason, guessed),
                None if self.query.wanted == Wanted::Any => self.add(id, Reason::Elsewhere, true),
                None => {}
            }
        }
    }

    /// Members of the classes around the place, the innermost that has one.
    fn own_members(&mut self, from: FileId) {
        let index = &self.project.index;
        let mut at = self.query.at.and_then(|at| index.around(from, at));
        while let Some(around) = at {
            at = index.owner(around);
            // Types are looked for here while it is found out what classes are built on.
            if !self.definition(around).kind.is_type() || self.query.wanted == Wanted::Type {
                continue;
            }
            if self.members_of(around, false, false) {
                return;
            }
        }
    }

    /// Adds the members of a class that have the name; whether there are any.
    fn members_of(&mut self, class: DefinitionId, parents: bool, guessed: bool) -> bool {
        let found = self.project.inheritance().find(self.project, class, self.query.name, parents);
        let before = self.found.len();
        found.own.iter().for_each(|m| self.add(*m, Reason::Member, guessed));
        found.inherited.iter().for_each(|m| self.add(*m, Reason::Inherited, guessed || found.open));
        if self.query.dynamic || self.query.receiver.is_none() {
            found.overrides.iter().for_each(|m| self.add(*m, Reason::Override, guessed));
        }
        self.open |= found.open && found.own.is_empty();
        self.found.len() > before
    }

    /// What imports of a file make known under a name.
    fn imported(&mut self, from: FileId, name: &str) {
        let index = &self.project.index;
        let imports = &index.file(from).outline.imports;
        for (import, target) in imports.iter().zip(self.project.resolved.targets(from)) {
            let known = import.alias.as_deref() == Some(name);
            match &import.form {
                ImportForm::Beside | ImportForm::OnPath => {}
                ImportForm::Member(member) if known => {
                    self.open |= target.files.is_empty();
                    self.exported(&target.files, member, Reason::Imported, target.guessed, PASSED_ON);
                }
                ImportForm::Whole if known => {
                    let last = import.path.rsplit('.').next().unwrap_or_default();
                    self.open |= target.files.is_empty();
                    for id in index.named(last).iter().filter(|id| target.files.contains(&id.file)) {
                        if self.definition(*id).kind.is_type() {
                            self.add(*id, Reason::Imported, target.guessed);
                        }
                    }
                }
                ImportForm::All => {
                    self.exported(&target.files, name, Reason::ImportedAll, target.guessed, PASSED_ON);
                }
                ImportForm::Member(_) | ImportForm::Whole => {}
            }
        }
    }

    /// Names that modules, packages or classes give to others; what they only pass on is followed.
    fn exported(&mut self, files: &[FileId], name: &str, reason: Reason, guessed: bool, depth: usize) {
        let index = &self.project.index;
        let outer: Vec<DefinitionId> = outermost(index, files, name).collect();
        let before = self.found.len();
        outer.iter().for_each(|id| self.add(*id, reason, guessed));
        // Static members, where a class is what was imported.
        let members = index.named(name).iter().filter(|id| files.contains(&id.file));
        let members = members.filter(|id| {
            let owner = index.owner(**id).map(|o| self.definition(o));
            owner.is_some_and(|o| o.kind.is_type() && o.owner.is_none()) && self.definition(**id).is_static
        });
        if self.by_classes(files) {
            let members: Vec<DefinitionId> = members.copied().collect();
            members.into_iter().for_each(|id| self.add(id, reason, guessed));
        }
        if self.found.len() > before || depth == 0 {
            return;
        }
        for &file in files {
            let imports = &index.file(file).outline.imports;
            for (import, target) in imports.iter().zip(self.project.resolved.targets(file)) {
                let guessed = guessed || target.guessed;
                let next: Vec<FileId> = target.files.iter().copied().filter(|f| !files.contains(f)).collect();
                match &import.form {
                    ImportForm::Member(member) if import.alias.as_deref() == Some(name) => {
                        self.exported(&next, member, reason, guessed, depth - 1);
                    }
                    ImportForm::All if !self.by_classes(files) => {
                        self.exported(&next, name, reason, guessed, depth - 1)
                    }
                    _ => {}
                }
            }
        }
    }

    fn by_classes(&self, files: &[FileId]) -> bool {
        let language = files.first().and_then(|f| by_name(&self.project.index.file(*f).language));
        language.is_some_and(|l| l.modules.imports == Imports::Classes)
    }

    /// Why a definition of the name may be meant without a receiver. `None`: it can't be.
    fn plain_reason(&self, id: DefinitionId, from: FileId, modules: &Modules) -> Option<(Reason, bool)> {
        let index = &self.project.index;
        let definition = self.definition(id);
        if let Some(owner) = index.owner(id) {
            let around = self.definition(owner);
            // Inside a function, or a type inside a class: only from there.
            let inside = self.query.at.is_some_and(|at| around.span.contains_offset(at));
            let nested = around.kind == Kind::Function || definition.kind.is_type();
            return (id.file == from && nested && inside).then_some((Reason::SameFile, false));
        }
        if id.file == from {
            return Some((Reason::SameFile, false));
        }
        let folder = match index.file(id.file).folder() == index.file(from).folder() {
            true => Reason::SameFolder,
            false => Reason::Elsewhere,
        };
        match modules.imports {
            Imports::Text => {
                let reached = self.project.resolved.reached(from);
                if let Some(reached) = reached.iter().find(|r| r.file == id.file) {
                    return Some((Reason::Included, reached.guessed));
                }
                if definition.visibility == Visibility::File {
                    return None;
                }
                let declares = |d: &DefinitionId| {
                    let other = self.definition(*d);
                    other.declared_only && other.kind == definition.kind && other.owner.is_none()
                };
                let declared: Vec<_> = index.named(self.query.name).iter().filter(|d| declares(d)).collect();
                let seen = reached.iter().filter(|r| declared.iter().any(|d| d.file == r.file));
                match seen.map(|r| r.guessed).min() {
                    Some(guessed) if modules.linked => Some((Reason::Declared, guessed)),
                    _ => Some((folder, true)),
                }
            }
            Imports::Modules => Some((folder, true)),
            Imports::Classes => match self.project.resolved.package(index, from).contains(&id.file) {
                true => Some((Reason::SamePackage, false)),
                false => Some((Reason::Elsewhere, true)),
            },
        }
    }

    fn member(&mut self, from: FileId, modules: &Modules, receiver: &str) {
        let index = &self.project.index;
        if receiver.is_empty() {
            return self.of_any_class(from, modules);
        }
        let parents = modules.parents.contains(receiver);
        if parents || modules.receivers.contains(receiver) {
            let mut at = self.query.at.and_then(|at| index.around(from, at));
            while let Some(around) = at.filter(|a| !self.definition(*a).kind.is_type()) {
                at = index.owner(around);
            }
            if let Some(class) = at {
                self.members_of(class, parents, false);
            }
            return;
        }
        // A module under the name by which the file knows it.
        let imports = &index.file(from).outline.imports;
        for (import, target) in imports.iter().zip(self.project.resolved.targets(from)) {
            if import.alias.as_deref() != Some(receiver) || modules.imports != Imports::Modules {
                continue;
            }
            match &import.form {
                ImportForm::Whole => {
                    self.exported(&target.files, self.query.name, Reason::Imported, target.guessed, PASSED_ON);
                }
                ImportForm::Member(_) => {
                    self.exported(&target.submodule, self.query.name, Reason::Imported, target.guessed, PASSED_ON);
                }
                _ => {}
            }
        }
        if !self.found.is_empty() {
            return;
        }
        let (before, class) = match receiver.rsplit_once(&*modules.separator) {
            Some((before, class)) => (Some(before), class),
            None => (None, receiver),
        };
        let classes = find(
            self.project,
            &Query { at: self.query.at, receiver: before, ..Query::new(class, Wanted::Type, Some(from)) },
        );
        let Some(first) = classes.candidates.first() else {
            return self.qualified(from, receiver, modules);
        };
        let guessed = classes.certainty != Certainty::Certain;
        let class = self.meant(first.definition, from);
        self.members_of(class, false, guessed);
    }

    /// What a second name of a type stands for.
    fn meant(&self, class: DefinitionId, from: FileId) -> DefinitionId {
        let definition = self.definition(class);
        if definition.kind != Kind::Alias || definition.ty.is_empty() {
            return class;
        }
        let of = self.project.index.named(&definition.ty).iter().filter(|id| {
            let other = self.definition(**id);
            other.kind.is_type() && other.kind != Kind::Alias
        });
        let near = |id: &&DefinitionId| (id.file == class.file, id.file == from);
        of.max_by_key(near).copied().unwrap_or(class)
    }

    /// `package.Class` without an import.
    fn qualified(&mut self, from: FileId, receiver: &str, modules: &Modules) {
        let index = &self.project.index;
        if modules.imports != Imports::Classes {
            return;
        }
        let Some((package, class)) = receiver.rsplit_once(&*modules.separator) else { return };
        let of_package = |id: &&DefinitionId| {
            let file = index.file(id.file);
            file.outline.package.as_deref() == Some(package) && self.definition(**id).owner.is_none()
        };
        let mut classes: Vec<DefinitionId> = index.named(class).iter().filter(of_package).copied().collect();
        classes.retain(|c| self.definition(*c).kind.is_type());
        for class in &classes {
            self.members_of(self.meant(*class, from), false, classes.len() > 1);
        }
    }

    /// A receiver of unknown class: any member of that name.
    fn of_any_class(&mut self, from: FileId, modules: &Modules) {
        let index = &self.project.index;
        for id in self.named() {
            let owner = index.owner(id).filter(|o| self.definition(*o).kind.is_type());
            if owner.is_none() {
                continue;
            }
            let reached = || self.project.resolved.reached(from).iter().any(|r| r.file == id.file);
            let package =
                || modules.imports == Imports::Classes && self.project.resolved.package(index, from).contains(&id.file);
            let imports = || self.project.resolved.targets(from).iter().any(|t| t.files.contains(&id.file));
            let reason = match () {
                () if id.file == from => Reason::SameFile,
                () if reached() => Reason::Included,
                () if imports() => Reason::Imported,
                () if package() => Reason::SamePackage,
                () if index.file(id.file).folder() == index.file(from).folder() => Reason::SameFolder,
                () => Reason::Elsewhere,
            };
            self.add(id, reason, true);
        }
    }

    fn done(self) -> Lookup {
        let index = &self.project.index;
        let fits = |d: &Definition| match (self.query.arguments, d.arity) {
            (Some(arguments), Some(arity)) => arity.takes(arguments),
            // A macro without a list stands for a name, which may well be called.
            _ => true,
        };
        let distance = |id: DefinitionId| {
            let from = self.query.from.map_or("", |f| index.file(f).path.as_str());
            std::cmp::Reverse(shared(from, &index.file(id.file).path))
        };
        let mut all: Vec<(Candidate, bool)> = self
            .found
            .iter()
            .map(|(id, f)| {
                let fits = fits(self.definition(*id));
                (Candidate { definition: *id, reason: f.reason, fits }, f.guessed)
            })
            .collect();
        all.sort_by_key(|(c, _)| (c.reason, !c.fits, distance(c.definition), c.definition));
        let (declarations, candidates): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(c, _)| self.definition(c.definition).declared_only);
        let from_somewhere = self.query.from.is_some() && self.query.wanted != Wanted::Any;
        let declarations =
            declarations.into_iter().filter(|(c, _)| !from_somewhere || c.reason <= Reason::Declared).collect();
        let certainty = self.certainty(&candidates, &distance);
        let plain = |all: Vec<(Candidate, bool)>| all.into_iter().map(|(c, _)| c).collect();
        Lookup { candidates: plain(candidates), declarations: plain(declarations), certainty }
    }

    fn certainty<D: Ord>(&self, found: &[(Candidate, bool)], distance: &dyn Fn(DefinitionId) -> D) -> Certainty {
        let Some((first, guessed)) = found.first().copied() else { return Certainty::Open };
        // `typedef struct s s;` is one thing under one name.
        let again = |c: &Candidate| {
            let definition = self.definition(c.definition);
            definition.kind == Kind::Alias && definition.ty == definition.name
        };
        let rivals: Vec<&Candidate> =
            found.iter().map(|(c, _)| c).filter(|c| c.definition != first.definition && !again(c)).collect();
        let alike = |c: &&&Candidate| (c.reason, c.fits) == (first.reason, first.fits);
        // Text that replaces the name before anything else looks at it.
        let kind = |c: &Candidate| self.definition(c.definition).kind;
        let replaced = |c: &&&Candidate| {
            kind(c) == Kind::Macro
                && kind(&first) != Kind::Macro
                && c.reason <= Reason::Included
                && self.query.wanted != Wanted::Type
        };
        let overridden = rivals.iter().any(|c| c.reason == Reason::Override);
        if again(&first) && rivals.is_empty() && !guessed {
            return Certainty::Certain;
        }
        let unknown = self.query.receiver == Some("") && !rivals.is_empty();
        if unknown || overridden || rivals.iter().any(|c| replaced(&c)) {
            return Certainty::Open;
        }
        let equal: Vec<&&Candidate> = rivals.iter().filter(alike).collect();
        if !equal.is_empty() {
            let nearest = equal.iter().all(|c| distance(c.definition) > distance(first.definition));
            let by_place = matches!(first.reason, Reason::Declared | Reason::SameFolder | Reason::Elsewhere);
            return if nearest && by_place { Certainty::Likely } else { Certainty::Open };
        }
        let binding = first.reason <= Reason::Declared;
        if binding && first.fits && !guessed && !self.open { Certainty::Certain } else { Certainty::Likely }
    }
}
