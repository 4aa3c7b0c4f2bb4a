//! Members of classes, and how classes are built on each other.

use super::index::DefinitionId;
use super::lookup::{Query, Wanted};
use super::{Certainty, Project};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// Of every class of a project.
#[derive(Debug, Default)]
pub struct Members {
    of: HashMap<DefinitionId, Vec<DefinitionId>>,
    bases: HashMap<DefinitionId, (Vec<DefinitionId>, bool)>,
    derived: HashMap<DefinitionId, BTreeSet<DefinitionId>>,
    /// Last names of bases, as written.
    built_on: BTreeSet<String>,
}

/// A member that was found, and whether it is inherited.
#[derive(Debug, Default)]
pub struct Found {
    pub own: Vec<DefinitionId>,
    pub inherited: Vec<DefinitionId>,
    /// In classes built on this one.
    pub overrides: Vec<DefinitionId>,
    /// A class that it is built on is not in the project, or is not known for certain: it may have such a member.
    pub open: bool,
}

impl Members {
    /// Cost: a lookup for each base that is written.
    pub fn new(project: &Project) -> Members {
        let index = project.index();
        let mut members = Members::default();
        let mut direct: HashMap<DefinitionId, Vec<DefinitionId>> = HashMap::new();
        for (file, entry) in index.files() {
            for (place, definition) in entry.outline.definitions.iter().enumerate() {
                let id = DefinitionId { file, place: place as u32 };
                if let Some(owner) = index.owner(id) {
                    members.of.entry(owner).or_default().push(id);
                }
                if definition.bases.is_empty() {
                    continue;
                }
                let (mut bases, mut all) = (Vec::new(), true);
                for name in &definition.bases {
                    let (receiver, last) = match name.rsplit_once('.') {
                        Some((receiver, last)) => (Some(receiver), last),
                        None => (None, name.as_str()),
                    };
                    members.built_on.insert(last.to_owned());
                    let at = Some(definition.head.start.saturating_sub(1));
                    let query = Query { receiver, at, ..Query::new(last, Wanted::Type, Some(file)) };
                    let found = project.find(&query);
                    let base = found.candidates.first().map(|c| c.definition).filter(|base| *base != id);
                    all &= base.is_some() && found.certainty == Certainty::Certain;
                    if let Some(base) = base {
                        direct.entry(base).or_default().push(id);
                        bases.push(base);
                    }
                }
                members.bases.insert(id, (bases, all));
            }
        }
        for class in direct.keys().copied().collect::<Vec<_>>() {
            let mut seen = BTreeSet::new();
            let mut todo = vec![class];
            while let Some(next) = todo.pop() {
                let built_on = direct.get(&next).into_iter().flatten().copied();
                todo.extend(built_on.filter(|d| *d != class && seen.insert(*d)));
            }
            members.derived.insert(class, seen);
        }
        members
    }

    pub fn built_on(&self) -> &BTreeSet<String> {
        &self.built_on
    }

    /// Classes that are built on others.
    pub fn with_bases(&self) -> impl Iterator<Item = DefinitionId> + '_ {
        self.bases.keys().copied()
    }

    pub fn of(&self, class: DefinitionId) -> Vec<DefinitionId> {
        self.of.get(&class).cloned().unwrap_or_default()
    }

    pub fn bases(&self, class: DefinitionId) -> (Vec<DefinitionId>, bool) {
        self.bases.get(&class).cloned().unwrap_or((Vec::new(), true))
    }

    pub fn derived(&self, class: DefinitionId) -> Vec<DefinitionId> {
        self.derived.get(&class).into_iter().flatten().copied().collect()
    }

    /// The members of a name that an object of a class has. `parents`: only inherited ones.
    pub fn find(&self, project: &Project, class: DefinitionId, name: &str, parents: bool) -> Found {
        let index = project.index();
        let named = |class: DefinitionId| {
            let members = self.of.get(&class).into_iter().flatten().copied();
            members.filter(|m| index.definition(*m).name == name).collect::<Vec<_>>()
        };
        let mut found = Found::default();
        if !parents {
            found.own = named(class);
        }
        if found.own.is_empty() {
            let mut seen = HashSet::from([class]);
            let mut todo = VecDeque::from([class]);
            while let Some(next) = todo.pop_front() {
                let (bases, all) = self.bases(next);
                found.open |= !all;
                for base in bases.into_iter().filter(|b| seen.insert(*b)) {
                    let here = named(base);
                    if here.is_empty() {
                        todo.push_back(base);
                    }
                    found.inherited.extend(here);
                }
            }
        }
        let fixed = |id: &DefinitionId| index.definition(*id).is_final;
        if !parents && !found.own.iter().chain(&found.inherited).all(fixed) {
            found.overrides = self.derived(class).into_iter().flat_map(named).collect();
        }
        found
    }
}
