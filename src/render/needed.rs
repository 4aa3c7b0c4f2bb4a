//! Which declarations a slice needs, and which members of their types.

use super::writer::Writer;
use crate::cfg::apart;
use crate::slice::members::Members;
use crate::syntax::ast::{ContainerId, ContextDecl, DeclKind, ExprKind, FunctionId};
use crate::syntax::language::Imports;
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a slice shows beside its functions' bodies.
#[derive(Debug, Default)]
pub(super) struct Needed {
    pub declarations: BTreeSet<u32>,
    /// Types that are not shown whole, with the members that are.
    pub cut: BTreeMap<u32, Vec<Span>>,
    /// Functions of other files that are too large to be shown beside.
    pub left_out: BTreeSet<u32>,
}

/// Bytes of other files' functions that a slice shows whole: those that are called and can't be cut, nearest first. What is
/// beyond is a call without source, and keeps the triple from being said to hold.
const WHOLE_FUNCTIONS: usize = 1600;

impl<'a> Writer<'a> {
    /// Declarations that the words written so far need, transitively, by name.
    pub(super) fn needed_declarations(&self) -> Needed {
        let entry = self.program.triple.entry;
        let function = self.ast.function(entry);
        let chain = self.chain(function.container);
        let opened = self.opened();
        let places: BTreeSet<ContainerId> =
            opened.iter().copied().filter(|c| apart::is_apart(self.program.parsed, *c)).collect();
        let mut by_name: HashMap<&str, Vec<u32>> = HashMap::new();
        let types = self.program.members();
        let mut needed = Needed::default();
        let mut stack: Vec<u32> = Vec::new();
        let mut always: Vec<u32> = Vec::new();
        for (i, decl) in self.ast.decls.iter().enumerate() {
            // Members of other classes come with their class, if that isn't shown part by part; locals of other functions with
            // theirs.
            let reachable = decl.container.is_none_or(|c| chain.contains(&c) || opened.contains(&c))
                && decl
                    .within
                    .is_none_or(|w| w == entry || Some(w) == function.outer || self.plan.functions.contains(&w))
                && decl.function != Some(entry);
            let makes = |c: &ContainerId| decl.names.contains(&self.ast.containers[c.index()].name);
            if !reachable || decl.container.is_some_and(|c| places.contains(&c) && makes(&c)) {
                // Of a class that is nothing but a place for functions no object is made.
                continue;
            }
            if self.shown(decl).is_some() {
                // Its own words have been written.
                needed.declarations.insert(i as u32);
                continue;
            }
            if decl.container.is_some_and(|c| opened.contains(&c) && !places.contains(&c)) && self.is_implicit(decl) {
                // What makes an object of a class that is shown part by part, and what the language does with one.
                stack.push(i as u32);
            }
            if self.left_out(decl, types, i as u32) {
                continue;
            }
            // A lean slice shows an enumeration for its values' sake.
            let values =
                types.get(&(i as u32)).map(|m| &m.constants).filter(|c| self.program.is_lean() && !c.is_empty());
            values.unwrap_or(&decl.names).iter().for_each(|n| by_name.entry(n).or_default().push(i as u32));
            if decl.always {
                always.push(i as u32);
            }
        }
        // What another file takes in counts if something else of that file is shown; of text that it takes in what is needed is
        // here.
        let own = |i: &u32| self.is_own_decl(*i);
        let (here, elsewhere): (Vec<u32>, Vec<u32>) = always.into_iter().partition(own);
        stack.extend(here);
        let textual = self.program.parsed.language.modules.imports == Imports::Text;
        let hidden = |i: &&u32| self.hidden_by_parameter(&self.ast.decls[**i as usize]);
        stack.extend(self.words.iter().filter_map(|w| by_name.get(w.as_str())).flatten().filter(|i| !hidden(i)));
        let mut setters = self.setters(&chain);
        let mut room = if self.program.is_lean() { 0 } else { WHOLE_FUNCTIONS };
        let mut called: BTreeSet<(usize, u32)> = BTreeSet::new();
        loop {
            while let Some(i) = stack.pop() {
                let decl = &self.ast.decls[i as usize];
                if decl.kind == DeclKind::Function && decl.container.is_none() && !own(&i) {
                    called.insert((decl.span.len(), i));
                    continue;
                }
                if needed.declarations.insert(i) {
                    let decl = &self.ast.decls[i as usize];
                    // What encloses the entry is written as its header; its parts are chosen one by one.
                    let parts = opened.iter().any(|c| decl.span == self.ast.containers[c.index()].span);
                    if !decl.span.contains(function.span) && !parts && !self.is_cut(types, i) {
                        stack.extend(decl.uses.iter().filter_map(|u| by_name.get(u.as_str())).flatten());
                    }
                }
            }
            let shown = |name: &&str| {
                let used =
                    |i: &u32| self.ast.decls[*i as usize].uses.binary_search_by(|u| u.as_str().cmp(name)).is_ok();
                self.words.contains(*name) || needed.declarations.iter().any(used)
            };
            let more = setters.extract_if(.., |(fields, _)| fields.iter().any(&shown));
            stack.extend(more.flat_map(|(_, constructors)| constructors));
            needed.cut = self.cut_types(types, &needed.declarations);
            for (i, kept) in &needed.cut {
                let head_and_tail = types[i].around(self.ast.decls[*i as usize].span);
                let named = kept.iter().chain(&head_and_tail).flat_map(|span| self.named_in(*span));
                stack.extend(named.filter_map(|w| by_name.get(w)).flatten());
            }
            stack.retain(|i| !needed.declarations.contains(i));
            if stack.is_empty() {
                // A wave of functions that are called from what is shown so far.
                for (size, i) in std::mem::take(&mut called) {
                    if size <= room && needed.declarations.insert(i) {
                        room -= size;
                        stack.extend(
                            self.ast.decls[i as usize].uses.iter().filter_map(|u| by_name.get(u.as_str())).flatten(),
                        );
                    } else if !needed.declarations.contains(&i) && !self.program.is_lean() {
                        // What a lean slice leaves out is said of all of them.
                        needed.left_out.insert(i);
                    }
                }
                stack.retain(|i| !needed.declarations.contains(i));
            }
            if stack.is_empty() {
                // Of what other files declare, data of which nothing is used are left to the reader.
                let Needed { declarations, cut, .. } = &mut needed;
                cut.retain(|i, kept| !kept.is_empty() || !declarations.remove(i));
                let files: BTreeSet<&str> = needed.declarations.iter().map(|i| self.file_of_decl(*i)).collect();
                let with_others = elsewhere.iter().filter(|i| !textual && files.contains(self.file_of_decl(**i)));
                needed.declarations.extend(with_others);
                let repeated: Vec<u32> = needed
                    .declarations
                    .iter()
                    .copied()
                    .filter(|i| self.is_repeated_by(*i, &needed.declarations))
                    .collect();
                needed.declarations.retain(|i| !repeated.contains(i));
                return needed;
            }
        }
    }

    /// Whether the language uses a member by itself, in the making of an object or later.
    fn is_implicit(&self, decl: &ContextDecl) -> bool {
        let types = &self.program.parsed.language.types;
        let class = decl.container.map(|c| &self.ast.containers[c.index()].name);
        let used = |n: &String| {
            Some(n) == class
                || types.constructors.contains(n)
                || types.operator_methods.contains(n)
                || types.is_implicit(n)
        };
        decl.names.iter().any(used)
    }

    /// Whether all that a declaration announces is made by others that are shown, before somebody shown uses it.
    fn is_repeated_by(&self, i: u32, shown: &BTreeSet<u32>) -> bool {
        let decl = &self.ast.decls[i as usize];
        if !decl.elsewhere || decl.within.is_some() {
            return false;
        }
        let place = |span: Span| (self.program.parsed.source.stretch(span.start), span.start);
        let here = place(decl.span);
        let entry = self.ast.function(self.program.triple.entry);
        let others = || shown.iter().map(|j| &self.ast.decls[*j as usize]).filter(|d| d.within.is_none());
        let makes = |d: &&ContextDecl, name: &String| {
            d.kind == DeclKind::Variable && d.container.is_none() && !d.elsewhere && d.names.contains(name)
        };
        decl.names.iter().all(|name| {
            let Some(made) = others().filter(|d| makes(d, name)).map(|d| place(d.span)).min() else { return false };
            let between = |span: Span| here < place(span) && place(span) < made;
            let user = |d: &ContextDecl| between(d.span) && d.span != decl.span && d.uses.contains(name);
            made < here || !(between(entry.span) || others().any(user))
        })
    }

    fn file_of_decl(&self, i: u32) -> &'a str {
        self.file_of(self.ast.decls[i as usize].span)
    }

    fn is_own_decl(&self, i: u32) -> bool {
        self.program.parsed.source.is_own(self.ast.decls[i as usize].span.start)
    }

    /// Identifiers in a span.
    fn named_in(&self, span: Span) -> impl Iterator<Item = &'a str> {
        self.program.parsed.words(span)
    }

    /// What a lean slice does without, where files share their text: what they take in, signatures, and types that only say which
    /// data go together.
    fn left_out(&self, decl: &ContextDecl, members: &BTreeMap<u32, Members>, i: u32) -> bool {
        if !self.program.is_lean() || self.program.parsed.language.modules.imports != Imports::Text {
            return false;
        }
        match decl.kind {
            DeclKind::Function => decl.function.is_some_and(|f| self.program.cfg.joined.aside.contains(&f)),
            DeclKind::Import => decl.always,
            DeclKind::Prototype => true,
            DeclKind::Type => members.get(&i).is_some_and(|m| !m.members.is_empty()),
            _ => false,
        }
    }

    fn is_cut(&self, types: &BTreeMap<u32, Members>, i: u32) -> bool {
        types.get(&i).is_some_and(|members| {
            members.members.len() > 1 && (self.program.is_lean() || members.plain && !self.layout_matters())
        })
    }

    /// For each type that is needed and may be cut, the members that something else names.
    fn cut_types(&self, types: &BTreeMap<u32, Members>, needed: &BTreeSet<u32>) -> BTreeMap<u32, Vec<Span>> {
        let code = |i: &&u32| self.ast.decls[**i as usize].kind != DeclKind::Type;
        let mut used: BTreeSet<&str> = self.words.iter().map(String::as_str).collect();
        used.extend(needed.iter().filter(code).flat_map(|i| &self.ast.decls[*i as usize].uses).map(String::as_str));
        let cut = needed.iter().filter(|i| self.is_cut(types, **i));
        let kept = |i: &u32| {
            let members = types[i].members.iter().filter(|m| m.names.iter().any(|n| used.contains(n.as_str())));
            members.map(|m| m.span).collect::<Vec<_>>()
        };
        let cut = cut.map(|i| (*i, kept(i)));
        // One whose every member is used stays as it is; so does one of the file itself of which none is: its size may matter.
        cut.filter(|(i, kept)| kept.len() < types[i].members.len() && !(kept.is_empty() && self.is_own_decl(*i)))
            .collect()
    }

    /// Whether some shown code says how its data lie: their sizes, their order.
    fn layout_matters(&self) -> bool {
        self.program.layout().iter().any(|span| self.pieces.has(*span))
    }

    /// For each class around the entry the fields that its constructors set, and the constructors: they make the object that
    /// the entry is called on.
    fn setters(&self, chain: &[ContainerId]) -> Vec<(BTreeSet<&'a str>, Vec<u32>)> {
        let types = &self.program.parsed.language.types;
        let entry = self.program.triple.entry;
        let mut out = Vec::new();
        for class in chain {
            let name = &self.ast.containers[class.index()].name;
            let makes = |d: &ContextDecl| {
                let constructor = |n: &String| n == name || types.constructors.contains(n);
                d.container == Some(*class) && d.function.is_some() && d.names.iter().any(constructor)
            };
            let makers = self.ast.decls.iter().enumerate().filter(|(_, d)| makes(d));
            let constructors: Vec<(u32, FunctionId)> =
                makers.filter_map(|(i, d)| Some((i as u32, d.function?))).collect();
            if constructors.iter().any(|(_, f)| *f == entry) {
                continue;
            }
            let fields = constructors.iter().flat_map(|(_, f)| self.fields_set(*f)).collect();
            out.push((fields, constructors.into_iter().map(|(i, _)| i).collect()));
        }
        out
    }

    /// Names of fields that a function assigns.
    fn fields_set(&self, function: FunctionId) -> BTreeSet<&'a str> {
        let bare = !self.program.parsed.language.types.implicit_locals;
        let mut out = BTreeSet::new();
        let mut stmts = self.ast.function(function).body.stmts.clone();
        while let Some(id) = stmts.pop() {
            stmts.extend(self.ast.children(id));
            let mut exprs = crate::cfg::statement_expressions(self.ast, id);
            while let Some(e) = exprs.pop() {
                exprs.extend(self.ast.operands(e));
                let targets = match &self.ast.expr(e).kind {
                    ExprKind::Assign { targets, .. } => targets.clone(),
                    ExprKind::Compound { target, .. } | ExprKind::Update { target } => vec![*target],
                    _ => continue,
                };
                for target in targets {
                    match &self.ast.expr(target).kind {
                        ExprKind::Field { name, .. } => drop(out.insert(name.as_str())),
                        ExprKind::Name(name) if bare => drop(out.insert(name.as_str())),
                        _ => {}
                    }
                }
            }
        }
        out
    }

    /// A variable of the file that the entry's code can't mean, because a parameter has its name. Where the head says the
    /// name again, the variable may be meant there (`def f(n=n)`).
    fn hidden_by_parameter(&self, decl: &ContextDecl) -> bool {
        if !self.plan.functions.is_empty() {
            // The others may mean it.
            return false;
        }
        let function = self.ast.function(self.program.triple.entry);
        let head = self.source(function.head);
        let once =
            |name: &str| head.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| *w == name).count() == 1;
        decl.kind == DeclKind::Variable
            && decl.container.is_none()
            && decl.within.is_none()
            && decl.names.iter().all(|n| function.params.iter().any(|p| p.name == *n) && once(n))
    }
}
