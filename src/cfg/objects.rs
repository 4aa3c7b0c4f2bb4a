//! Which class the object is of that a method is called on.

use super::joined::Finder;
use crate::syntax::ast::{
    ContainerId, ContextDecl, DeclKind, ExprId, ExprKind, Function, FunctionId, Param, StmtKind, TypeInfo,
};

impl<'a> Finder<'a> {
    /// The class that an expression is certainly an object of: declared so, or made so wherever it gets a value. Only classes that
    /// nothing is built on count, see [`super::apart::of_objects`]. Cost: linear in the function, for members in the file.
    pub(super) fn class_of(&self, f: FunctionId, e: ExprId) -> Option<ContainerId> {
        match &self.ast.expr(e).kind {
            ExprKind::Name(name) => match self.declared(f, name) {
                Some(ty) => self.class(&ty),
                None if self.parsed.language.types.implicit_locals => self.made(f, name),
                None => self.class(self.member_type(name)?),
            },
            ExprKind::Field { object, name, .. } if self.parsed.language.types.implicit_locals => {
                self.stored(name).filter(|_| matches!(self.ast.expr(*object).kind, ExprKind::Name(_)))
            }
            ExprKind::Field { object, name, .. } => {
                let own = matches!(&self.ast.expr(*object).kind, ExprKind::Name(n) if self.is_receiver(n));
                self.class(self.member_type(name).filter(|_| own)?)
            }
            ExprKind::New { .. } | ExprKind::Call { .. } => self.makes(e),
            _ => None,
        }
    }

    /// Whether a class of another file may have a method of that name in place of this class's.
    pub(super) fn may_be_replaced(&self, class: &str, method: &str) -> bool {
        let linkage = self.parsed.source.linkage.as_ref();
        linkage.is_some_and(|l| l.built_on.contains(class) && l.replaced.contains(method))
    }

    pub(super) fn is_receiver(&self, name: &str) -> bool {
        self.parsed.language.types.receivers.contains(name)
    }

    /// The class of that name, if its objects have no other methods than its own.
    pub(super) fn class(&self, name: &str) -> Option<ContainerId> {
        self.objects.iter().find(|c| self.name(**c) == name).copied()
    }

    /// What is run to make an object of a class, if it is one function, and nobody but the program's text makes one.
    pub(super) fn maker(&self, class: ContainerId) -> Option<FunctionId> {
        let types = &self.parsed.language.types;
        let name = self.name(class);
        let runs =
            |f: &&Function| f.container == Some(class) && (f.name == name || types.constructors.contains(&f.name));
        let mut all = self.ast.functions.iter().enumerate().filter(|(_, f)| runs(f));
        let (Some((i, f)), None) = (all.next(), all.next()) else { return None };
        let receives = f.params.first().is_some_and(|p| self.is_receiver(&p.name));
        // A field that must be set by it can't do without any part of it.
        let pending = self.ast.decls.iter().any(|d| d.container == Some(class) && d.pending);
        let given = self.ast.function(self.entry).params.iter().any(|p| self.words(p.span).any(|w| w == name));
        let fits = self.objects.contains(&class) && !pending && !given && receives == types.implicit_locals;
        fits.then_some(FunctionId(i as u32))
    }

    /// The class that an expression makes an object of.
    pub(super) fn makes(&self, e: ExprId) -> Option<ContainerId> {
        match &self.ast.expr(e).kind {
            ExprKind::New { extra, .. } if extra.is_empty() => self.class(self.words(self.ast.expr(e).span).next()?),
            ExprKind::Call { callee, .. } => match &self.ast.expr(*callee).kind {
                ExprKind::Name(name) => self.class(name),
                // A class of a module that stands in this text.
                ExprKind::Field { object, name, .. } => match &self.ast.expr(*object).kind {
                    ExprKind::Name(module) if self.parsed.source.is_module(module) => self.class(name),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// The type that a parameter or local is declared with; that of what it is made from where the declaration leaves it open.
    fn declared(&self, f: FunctionId, name: &str) -> Option<String> {
        let plain = |ty: &TypeInfo| if ty.arrays == 0 && ty.pointers == 0 { ty.name.clone() } else { String::new() };
        let params = self.ast.function(f).params.iter().filter(|p| p.name == name).map(|p| plain(&p.ty));
        let mut found: Vec<String> = params.collect();
        for stmt in self.statements(f) {
            match &self.ast.stmt(stmt).kind {
                StmtKind::Decl(d) => {
                    for d in d.declarators.iter().filter(|d| d.name == name) {
                        let made = d.init.filter(|_| !d.strippable).and_then(|e| self.makes(e));
                        let class = made.map(|c| self.name(c).to_owned());
                        found.push(class.unwrap_or_else(|| plain(&d.ty)));
                    }
                }
                StmtKind::Loop(l) if l.target.is_some_and(|t| self.is_name(t, name)) => {
                    found.push(plain(&l.target_type))
                }
                _ => {}
            }
        }
        let first = found.first()?.clone();
        Some(if found.iter().all(|t| *t == first) { first } else { String::new() })
    }

    fn is_name(&self, e: ExprId, name: &str) -> bool {
        matches!(&self.ast.expr(e).kind, ExprKind::Name(n) if n == name)
    }

    /// For names that need no declaration: the class that each value of the name in a function is made of.
    fn made(&self, f: FunctionId, name: &str) -> Option<ContainerId> {
        let mut class = None;
        let known = self.values(f, name, |value| {
            let made = self.makes(value);
            made.is_some() && (class.is_none() || class == made) && {
                class = made;
                true
            }
        });
        class.filter(|_| known)
    }

    /// Whether a function gives a name only such values, by plain assignments.
    fn values(&self, f: FunctionId, name: &str, mut allowed: impl FnMut(ExprId) -> bool) -> bool {
        let mut other = self.ast.function(f).params.iter().any(|p| p.name == name);
        for stmt in self.statements(f) {
            let mut stack = super::statement_expressions(self.ast, stmt);
            // Nested functions and whole declarations of scope may bind it in other ways.
            other |= matches!(self.ast.stmt(stmt).kind, StmtKind::Function(_) | StmtKind::Class { .. });
            other |= self.binds(&self.ast.stmt(stmt).kind, name);
            while let Some(e) = stack.pop() {
                match &self.ast.expr(e).kind {
                    ExprKind::Assign { targets, value: Some(value) } => {
                        for target in targets {
                            other |= match self.is_name(*target, name) {
                                true => !allowed(*value),
                                false => self.mentions(*target, name) && !self.is_place(*target),
                            };
                        }
                    }
                    ExprKind::Compound { target, .. } | ExprKind::Update { target } => {
                        other |= self.is_name(*target, name)
                    }
                    ExprKind::Delete(targets) => other |= targets.iter().any(|t| self.is_name(*t, name)),
                    ExprKind::Comprehension { bound, .. } | ExprKind::Lambda { bound, .. } => {
                        other |= bound.iter().any(|b| b == name);
                    }
                    _ => {}
                }
                stack.extend(self.ast.operands(e));
            }
        }
        let outward = |d: &&ContextDecl| d.kind == DeclKind::Scope && d.within == Some(f);
        other |= self.ast.decls.iter().filter(outward).any(|d| d.names.iter().any(|n| n == name));
        !other
    }

    /// For names that need no declaration: whether each value of a local is one of the language itself, as `[]` and `set()` are.
    fn never_an_object(&self, f: FunctionId, name: &str) -> bool {
        let mut made = false;
        let plain = |e: ExprId| match &self.ast.expr(e).kind {
            ExprKind::Literal(_) | ExprKind::Template(_) | ExprKind::Sequence(_) | ExprKind::Comprehension { .. } => {
                true
            }
            ExprKind::Call { callee, args } if args.is_empty() => match &self.ast.expr(*callee).kind {
                ExprKind::Name(n) => {
                    self.parsed.language.calls.pure.contains(n) && !self.by_name.contains_key(n.as_str())
                }
                _ => false,
            },
            _ => false,
        };
        let known = self.values(f, name, |value| {
            made = true;
            plain(value)
        });
        known && made
    }

    /// Whether a statement gives a name a value other than by an assignment.
    pub(super) fn binds(&self, kind: &StmtKind, name: &str) -> bool {
        let bound: Vec<ExprId> = match kind {
            StmtKind::Loop(l) => l.target.into_iter().collect(),
            StmtKind::With(w) => w.items.iter().filter_map(|i| i.1).collect(),
            StmtKind::Try(t) => t.handlers.iter().filter_map(|h| h.bind).collect(),
            StmtKind::Switch(s) => s.arms.iter().flat_map(|a| a.binds.iter().copied()).collect(),
            StmtKind::Opaque { .. } => return true,
            StmtKind::Context(d) => return self.ast.decls[*d as usize].names.iter().any(|n| n == name),
            _ => return false,
        };
        bound.into_iter().any(|e| self.mentions(e, name))
    }

    fn mentions(&self, e: ExprId, name: &str) -> bool {
        self.is_name(e, name) || self.below(e).iter().any(|e| self.is_name(*e, name))
    }

    /// Whether an assignment to the expression leaves all names as they are.
    fn is_place(&self, e: ExprId) -> bool {
        matches!(self.ast.expr(e).kind, ExprKind::Field { .. } | ExprKind::Index { .. })
    }

    /// For members that need no declaration: the class that each value of a member of this name is made of, in all of the text.
    fn stored(&self, name: &str) -> Option<ContainerId> {
        let is_member = |e: ExprId| matches!(&self.ast.expr(e).kind, ExprKind::Field { name: n, .. } if n == name);
        if self.ast.decls.iter().any(|d| d.container.is_some() && d.names.iter().any(|n| n == name)) {
            return None;
        }
        let mut class = None;
        for e in (0..self.ast.exprs.len() as u32).map(ExprId) {
            let (targets, value) = match &self.ast.expr(e).kind {
                ExprKind::Assign { targets, value } => (targets.clone(), *value),
                ExprKind::Compound { target, .. } | ExprKind::Update { target } => (vec![*target], None),
                ExprKind::Delete(targets) => (targets.clone(), None),
                _ => continue,
            };
            for target in targets {
                if is_member(target) {
                    let made = value.and_then(|v| self.makes(v));
                    if made.is_none() || class.is_some_and(|c| Some(c) != made) {
                        return None;
                    }
                    class = made;
                } else if !self.is_place(target) && self.below(target).iter().any(|e| is_member(*e)) {
                    return None;
                }
            }
        }
        class
    }

    /// The type of a field of that name, as written, if all fields of the name have the same: `Engine engine`.
    fn member_type(&self, name: &str) -> Option<&'a str> {
        let source = &self.parsed.source;
        let mut fields = self
            .ast
            .decls
            .iter()
            .filter(|d| d.kind == DeclKind::Variable && d.container.is_some() && d.names.iter().any(|n| n == name));
        let (field, None) = (fields.next()?, fields.next()) else { return None };
        let first = self.ast.identifiers.partition_point(|i| i.start < field.span.start);
        let mut words = self.ast.identifiers[first..].iter().take_while(|i| i.end <= field.span.end);
        let (ty, own) = (words.next()?, words.next()?);
        let between = source.text.get(ty.end as usize..own.start as usize)?;
        let behind = source.text[own.end as usize..].trim_start();
        let plain = between.trim().is_empty() && source.slice(*own) == name && !behind.starts_with('[');
        plain.then(|| source.slice(*ty))
    }

    /// Whether a mention of a method's name is surely one of something else: a class may have a method `add` that adds to a list.
    /// `given`: how many arguments it is called with, if it is.
    pub(super) fn is_of_another_class(
        &self,
        f: FunctionId,
        target: FunctionId,
        e: ExprId,
        given: Option<usize>,
    ) -> bool {
        let target = self.ast.function(target);
        let (ExprKind::Field { object, name, .. }, Some(given)) = (&self.ast.expr(e).kind, given) else { return false };
        if *name != target.name {
            return false;
        }
        let said = match &self.ast.expr(*object).kind {
            ExprKind::Name(n) => Some(n),
            _ => None,
        };
        let Some(id) = target.container else { return said.is_none_or(|n| !self.parsed.source.is_module(n)) };
        let class = &self.ast.containers[id.index()];
        let any_number = |p: &Param| self.parsed.source.slice(p.span).contains(['=', '*', '.']);
        let params = &target.params;
        let own = usize::from(params.first().is_some_and(|p| self.is_receiver(&p.name)));
        if !params.iter().any(any_number) && given != params.len() && given + own != params.len() {
            return true;
        }
        if self.class_of(f, *object).is_some_and(|c| c != id) {
            return true;
        }
        let Some(object) = said else { return false };
        if self.parsed.language.types.implicit_locals && self.never_an_object(f, object) {
            return true;
        }
        // A type that isn't of the file and that the class doesn't say it is.
        let word = |c: char| !c.is_alphanumeric() && c != '_';
        let known = |ty: &str| self.ast.containers.iter().any(|c| c.name == ty);
        let head = self.parsed.source.slice(class.head);
        let foreign = |ty: &str| !known(ty) && !head.split(word).any(|w| w == ty);
        let mut declared = self.ast.function(f).params.iter().filter(|p| p.name == *object).map(|p| p.ty.name.as_str());
        let statements = self.statements(f);
        let mut local = statements.iter().filter_map(|s| match &self.ast.stmt(*s).kind {
            StmtKind::Decl(d) => d.declarators.iter().find(|d| d.name == *object).map(|d| d.ty.name.as_str()),
            _ => None,
        });
        if let Some(ty) = declared.next_back().or_else(|| local.next()) {
            let base = ty.split(word).next().unwrap_or_default();
            return !base.is_empty() && foreign(base);
        }
        let field = self.ast.decls.iter().find(|d| d.kind == DeclKind::Variable && d.names.contains(object));
        field.is_some_and(|d| !d.uses.is_empty() && d.uses.iter().all(|u| u == object || foreign(u)))
    }
}
