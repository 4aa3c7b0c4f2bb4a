//! Reads and writes of a site.
//!
//! *strong*: the whole variable is certainly overwritten, earlier values die. *weak*: what the variable reaches may have
//! changed; earlier values live on. A weak write through one name is a weak write of every name that may share the object.

use super::sharing::{Collector, Sharing};
use super::summary::{Behaviour, Calls};
use super::{INPUT, Names, OUTPUT, Var};
use crate::cfg::joined::Call;
use crate::cfg::{Site, expressions};
use crate::syntax::ast::{Ast, ExprId, ExprKind, FunctionId, StmtKind};
use crate::syntax::language::Language;
use std::collections::{BTreeSet, HashMap};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    pub reads: BTreeSet<Var>,
    /// Pointers of which only the value is read, not what they point to. They may be among `reads` too.
    pub looks: BTreeSet<Var>,
    pub strong: BTreeSet<Var>,
    pub weak: BTreeSet<Var>,
    /// Of the weak ones: pointers whose own value stays as it is.
    pub beneath: BTreeSet<Var>,
    /// Of the weak ones: those of which nothing is known but that a callee receives them.
    pub passed: BTreeSet<Var>,
    /// Of the strong ones: what the value of some pointers is made from, and what must be read to make it.
    pub made: Vec<(Var, Effects)>,
    /// Of the strong ones: parameters, with what their own arguments read, and what is read to make their value only.
    pub arguments: Vec<(Var, [Effects; 2])>,
}

impl Effects {
    /// Whatever either reads and writes, without the finer distinctions.
    pub fn extend(&mut self, other: Effects) {
        self.reads.extend(other.reads);
        self.reads.extend(other.looks);
        self.strong.extend(other.strong);
        self.weak.extend(other.weak);
    }
}

/// The result of a call that is followed, as a variable. Not a name in any language.
pub fn got(call: ExprId) -> String {
    format!("<result of {}>", call.0)
}

pub struct Walker<'w, 'a> {
    pub ast: &'a Ast,
    pub language: &'a Language,
    pub calls: &'w Calls<'a>,
    pub names: &'w mut Names,
    pub sharing: &'w Sharing,
    /// Calls whose callees are built into the graph: what they do happens there.
    pub followed: &'w HashMap<ExprId, Call>,
    /// What a return writes, if anybody reads it.
    pub returns: Option<Var>,
    /// In the middle of what a call of a value may do, which may call values in turn.
    pub inside_value: bool,
}

impl Walker<'_, '_> {
    /// Effects of a site. Conditions of the triple have none here; what they read is the slicer's business.
    pub fn site(&mut self, site: Site) -> Effects {
        let mut out = Effects::default();
        let exprs = expressions(self.ast, site);
        let Some(stmt) = site.stmt() else { return out };
        let kind = &self.ast.stmt(stmt).kind;
        match (site, kind) {
            (Site::Declarator(_, i), StmtKind::Decl(d)) => {
                let d = &d.declarators[i as usize];
                let var = self.names.intern(&d.name);
                d.sizes.iter().for_each(|e| self.expr(*e, true, &mut out));
                d.init.iter().for_each(|e| self.valued(var, *e, true, &mut out));
                self.overwrite(var, true, &mut out);
            }
            (Site::Enter(_), StmtKind::Loop(_)) | (Site::Arm(..), StmtKind::Switch(_)) => {
                exprs.iter().for_each(|e| self.target(*e, true, &mut out));
            }
            (Site::Handler(_, i), StmtKind::Try(t)) => {
                let handler = &t.handlers[i as usize];
                handler.types.iter().for_each(|e| self.expr(*e, true, &mut out));
                handler.bind.iter().for_each(|e| self.target(*e, true, &mut out));
            }
            (Site::With(_), StmtKind::With(w)) => {
                for (item, bind) in &w.items {
                    self.expr(*item, true, &mut out);
                    for method in &self.language.types.manager_methods {
                        for f in self.calls.named(method).to_vec() {
                            self.known(f, &mut out);
                            self.change_roots(*item, &mut out);
                        }
                    }
                    bind.iter().for_each(|e| self.target(*e, true, &mut out));
                }
            }
            (Site::Stmt(_), StmtKind::Return { .. }) => {
                match self.returns {
                    Some(var) => exprs.iter().for_each(|e| self.valued(var, *e, true, &mut out)),
                    None => exprs.iter().for_each(|e| self.expr(*e, true, &mut out)),
                }
                out.strong.extend(self.returns);
            }
            (Site::Stmt(_), StmtKind::Function(f)) => {
                for word in self.calls.header_words(*f) {
                    self.read(word, &mut out);
                }
                let var = self.names.intern(&self.ast.function(*f).name.clone());
                out.strong.insert(var);
            }
            (Site::Stmt(_), StmtKind::Class { name, .. }) => {
                exprs.iter().for_each(|e| self.expr(*e, true, &mut out));
                let var = self.names.intern(name);
                out.strong.insert(var);
            }
            (Site::Stmt(_), StmtKind::Opaque { .. }) => {
                for e in &exprs {
                    self.expr(*e, false, &mut out);
                    let collector = Collector {
                        ast: self.ast,
                        language: self.language,
                        calls: self.calls,
                        followed: self.followed,
                    };
                    for root in collector.roots(*e, self.names) {
                        self.change(root.var, &mut out);
                    }
                }
            }
            (Site::Stmt(_), StmtKind::Context(decl)) => {
                for name in &self.ast.decls[*decl as usize].names {
                    let var = self.names.intern(name);
                    out.strong.insert(var);
                }
            }
            (Site::Cond(_), StmtKind::If(_)) => exprs.iter().for_each(|e| self.look(*e, true, &mut out)),
            (Site::Cond(_), StmtKind::Loop(l)) if l.iter.is_none() => {
                exprs.iter().for_each(|e| self.look(*e, true, &mut out));
            }
            (Site::Stmt(_), StmtKind::Assume { cond }) => self.look(*cond, true, &mut out),
            (Site::Stmt(_), StmtKind::Assert { cond, message }) => {
                self.look(*cond, true, &mut out);
                message.iter().for_each(|e| self.expr(*e, true, &mut out));
            }
            // Labels and guards of later arms are read only if earlier ones don't match.
            (Site::Cond(_), StmtKind::Switch(s)) => {
                self.expr(s.subject, true, &mut out);
                exprs.iter().skip(1).for_each(|e| self.expr(*e, false, &mut out));
            }
            _ => exprs.iter().for_each(|e| self.expr(*e, true, &mut out)),
        }
        out
    }

    /// Evaluates an expression; `certain` is false where it may not be reached.
    pub fn expr(&mut self, e: ExprId, certain: bool, out: &mut Effects) {
        if self.followed.contains_key(&e) {
            let got = self.names.intern(&got(e));
            out.reads.insert(got);
            return;
        }
        if matches!(
            self.ast.expr(e).kind,
            ExprKind::Operator { .. } | ExprKind::Index { .. } | ExprKind::Compound { .. }
        ) {
            for f in self.calls.operators().to_vec() {
                self.known(f, out);
                if self.calls.summary(f).is_some_and(|s| s.changes_receiver) {
                    self.ast.operands(e).into_iter().for_each(|o| self.change_roots(o, out));
                }
            }
        }
        match &self.ast.expr(e).kind {
            ExprKind::Name(name) => self.read(name, out),
            ExprKind::Literal(_) => {}
            ExprKind::Assign { targets, value } => {
                if let Some(value) = value {
                    match self.only_target(targets) {
                        Some(var) => self.valued(var, *value, certain, out),
                        None => self.expr(*value, certain, out),
                    }
                    targets.iter().for_each(|t| self.target(*t, certain, out));
                }
            }
            ExprKind::Compound { target, value } => {
                self.expr(*value, certain, out);
                self.expr(*target, certain, out);
                if self.language.types.compound_in_place {
                    self.change_roots(*target, out);
                }
                self.target(*target, certain, out);
            }
            ExprKind::Update { target } => {
                self.expr(*target, certain, out);
                self.target(*target, certain, out);
            }
            ExprKind::Field { object, name, .. } => {
                self.expr(*object, certain, out);
                if self.is_class(*object) {
                    self.read(name, out);
                }
                // A method that is named without being called: a property, or one that is called later.
                for f in self.calls.named(name).to_vec() {
                    self.known(f, out);
                    if self.calls.summary(f).is_some_and(|s| s.changes_receiver) {
                        self.change_roots(*object, out);
                    }
                }
            }
            ExprKind::Delete(targets) => {
                for t in targets {
                    if !matches!(self.ast.expr(*t).kind, ExprKind::Name(_)) {
                        self.expr(*t, certain, out);
                    }
                    self.target(*t, certain, out);
                }
            }
            ExprKind::Logical { left, right } => {
                self.expr(*left, certain, out);
                self.expr(*right, false, out);
            }
            ExprKind::Conditional { cond, then, els } => {
                self.expr(*cond, certain, out);
                self.expr(*then, false, out);
                self.expr(*els, false, out);
            }
            ExprKind::Call { callee, args } => self.call(*callee, args, certain, out),
            ExprKind::New { args, extra } => {
                args.iter().for_each(|a| self.expr(*a, certain, out));
                extra.iter().for_each(|x| self.expr(*x, false, out));
                for f in self.calls.constructors().to_vec() {
                    self.known(f, out);
                    let Some(summary) = self.calls.summary(f).cloned() else { continue };
                    for (arg, _) in args.iter().zip(&summary.changes).filter(|(_, changes)| **changes) {
                        self.change_roots(*arg, out);
                    }
                }
            }
            ExprKind::Comprehension { parts, .. } | ExprKind::Lambda { parts, .. } => {
                parts.iter().for_each(|p| self.expr(*p, false, out));
            }
            // What is suspended may be changed by whoever resumes.
            ExprKind::Other(parts) => {
                for p in parts {
                    self.expr(*p, false, out);
                }
            }
            _ => {
                for operand in self.ast.operands(e) {
                    self.expr(operand, certain, out);
                }
            }
        }
    }

    /// The variable that an assignment is to, if it is to one.
    fn only_target(&mut self, targets: &[ExprId]) -> Option<Var> {
        match targets {
            [one] => match &self.ast.expr(*one).kind {
                ExprKind::Name(name) => Some(self.names.intern(name)),
                _ => None,
            },
            _ => None,
        }
    }

    /// An expression becomes the value of a variable.
    fn valued(&mut self, var: Var, e: ExprId, certain: bool, out: &mut Effects) {
        if self.sharing.is_scalar(var) {
            return self.look(e, certain, out);
        }
        self.expr(e, certain, out);
        if self.sharing.is_pointer(var) {
            let mut made = Effects::default();
            self.look(e, certain, &mut made);
            out.made.push((var, made));
        }
    }

    /// An expression of which only the value counts: whether it is true, which number it is, which address. What pointers in it
    /// point to is read only where the expression itself goes there.
    pub fn look(&mut self, e: ExprId, certain: bool, out: &mut Effects) {
        if self.language.types.references {
            return self.expr(e, certain, out);
        }
        if self.followed.contains_key(&e) {
            let got = self.names.intern(&got(e));
            self.looked(got, out);
            return;
        }
        match &self.ast.expr(e).kind {
            ExprKind::Name(name) if self.calls.named(name).is_empty() && self.calls.assigning_macro(name).is_none() => {
                let var = self.names.intern(name);
                self.looked(var, out);
            }
            ExprKind::Operator { operands, .. } if self.calls.operators().is_empty() => {
                operands.iter().for_each(|o| self.look(*o, certain, out));
            }
            ExprKind::Logical { left, right } => {
                self.look(*left, certain, out);
                self.look(*right, false, out);
            }
            ExprKind::Conditional { cond, then, els } => {
                self.look(*cond, certain, out);
                self.look(*then, false, out);
                self.look(*els, false, out);
            }
            ExprKind::Cast { value, .. } => self.look(*value, certain, out),
            ExprKind::AddressOf(place) => self.place(*place, certain, out),
            _ => self.expr(e, certain, out),
        }
    }

    /// An expression of which only counts where it lies.
    fn place(&mut self, e: ExprId, certain: bool, out: &mut Effects) {
        match &self.ast.expr(e).kind {
            ExprKind::Name(name) if self.calls.named(name).is_empty() && self.calls.assigning_macro(name).is_none() => {
            }
            ExprKind::Deref(pointer) => self.look(*pointer, certain, out),
            ExprKind::Field { object, through: true, .. } => self.look(*object, certain, out),
            ExprKind::Field { object, through: false, .. } => self.place(*object, certain, out),
            ExprKind::Index { object, indices } => {
                self.look(*object, certain, out);
                indices.iter().for_each(|i| self.look(*i, certain, out));
            }
            _ => self.expr(e, certain, out),
        }
    }

    fn looked(&mut self, var: Var, out: &mut Effects) {
        let set = if self.sharing.is_pointer(var) { &mut out.looks } else { &mut out.reads };
        set.insert(var);
    }

    /// A name is read; a function's name may be called by whoever gets it.
    fn read(&mut self, name: &str, out: &mut Effects) {
        let var = self.names.intern(name);
        out.reads.insert(var);
        for f in self.calls.named(name).to_vec() {
            self.known(f, out);
        }
        if let Some(words) = self.calls.assigning_macro(name) {
            for word in words {
                let var = self.names.intern(word);
                out.reads.insert(var);
                self.change(var, out);
            }
        }
    }

    /// Whether an expression is the name of a class of the file.
    fn is_class(&self, e: ExprId) -> bool {
        matches!(&self.ast.expr(e).kind, ExprKind::Name(n) if self.ast.containers.iter().any(|c| c.name == *n))
    }

    fn known(&mut self, function: FunctionId, out: &mut Effects) {
        let Some(summary) = self.calls.summary(function) else { return };
        for name in &summary.reads {
            let var = self.names.intern(name);
            out.reads.insert(var);
        }
        for name in &summary.writes {
            let var = self.names.intern(name);
            self.change(var, out);
        }
        if summary.input {
            self.consume_input(out);
        }
        if summary.output {
            self.print(out);
        }
    }

    fn print(&mut self, out: &mut Effects) {
        let output = self.names.intern(OUTPUT);
        out.weak.insert(output);
    }

    fn consume_input(&mut self, out: &mut Effects) {
        let input = self.names.intern(INPUT);
        out.reads.insert(input);
        out.weak.insert(input);
    }

    fn call(&mut self, callee: ExprId, args: &[ExprId], certain: bool, out: &mut Effects) {
        self.expr(callee, certain, out);
        args.iter().for_each(|a| self.expr(*a, certain, out));
        let receiver = match &self.ast.expr(callee).kind {
            ExprKind::Field { object, .. } => Some(*object),
            _ => None,
        };
        if matches!(&self.ast.expr(callee).kind, ExprKind::Name(n) if self.calls.assigning_macro(n).is_some()) {
            // A macro's arguments are text: even a scalar may be assigned.
            for arg in args {
                let collector =
                    Collector { ast: self.ast, language: self.language, calls: self.calls, followed: self.followed };
                for root in collector.roots(*arg, self.names) {
                    self.change(root.var, out);
                }
            }
        }
        let (functions, otherwise) = self.calls.callee(callee);
        // A variable that is called hides the library's function of the same name.
        let variable = match &self.ast.expr(callee).kind {
            ExprKind::Name(name) => self.names.get(name).is_some_and(|v| self.sharing.is_assigned(v)),
            _ => false,
        };
        let otherwise = if variable { Behaviour::Unknown } else { otherwise };
        match otherwise {
            Behaviour::Pure => {}
            Behaviour::Output => self.print(out),
            Behaviour::Input => {
                self.consume_input(out);
                args.iter().chain(&receiver).for_each(|a| self.change_roots(*a, out));
            }
            Behaviour::ChangesFirst if self.calls.releases(callee) => {
                args.iter().take(1).for_each(|a| self.pass(*a, out));
            }
            Behaviour::ChangesFirst => args.iter().take(1).for_each(|a| self.change_roots(*a, out)),
            Behaviour::ChangesReceiver => receiver.iter().for_each(|r| self.change_roots(*r, out)),
            Behaviour::Unknown => {
                args.iter().chain(&receiver).for_each(|a| self.pass(*a, out));
                if self.calls.may_be_macro(callee) {
                    args.iter().for_each(|a| self.reassign(*a, out));
                }
                // What the called value was made from: a bound method, an object that can be called.
                self.change_roots(callee, out);
                self.call_value(out);
                for name in self.calls.shared_with(callee) {
                    let var = self.names.intern(name);
                    out.reads.insert(var);
                    self.change(var, out);
                }
            }
        }
        for f in functions {
            self.known(f, out);
            let Some(summary) = self.calls.summary(f).cloned() else { continue };
            // A method's first parameter may be its receiver; which it is, the name alone doesn't say.
            let shift = usize::from(receiver.is_some() && summary.changes.len() > args.len());
            for (i, arg) in args.iter().enumerate() {
                let spread = matches!(self.ast.expr(*arg).kind, ExprKind::Starred(_));
                if spread || *summary.changes.get(i + shift).unwrap_or(&true) {
                    self.change_roots(*arg, out);
                }
            }
            if summary.changes_receiver {
                receiver.iter().for_each(|r| self.change_roots(*r, out));
            }
        }
    }

    /// Somebody calls a function value: any that the program has.
    fn call_value(&mut self, out: &mut Effects) {
        if std::mem::replace(&mut self.inside_value, true) {
            return;
        }
        for f in self.calls.values().to_vec() {
            self.known(f, out);
        }
        for part in self.calls.lambdas().to_vec() {
            self.expr(part, false, out);
        }
        self.inside_value = false;
    }

    /// An assignment target.
    fn target(&mut self, e: ExprId, certain: bool, out: &mut Effects) {
        match &self.ast.expr(e).kind {
            ExprKind::Name(name) => {
                let var = self.names.intern(name);
                self.overwrite(var, certain, out);
            }
            ExprKind::Sequence(parts) => parts.iter().for_each(|p| self.target(*p, certain, out)),
            ExprKind::Starred(inner) => self.target(*inner, certain, out),
            // Where something is stored says a pointer's own value.
            ExprKind::Deref(_) | ExprKind::Field { through: true, .. } | ExprKind::Index { .. } => {
                self.place(e, certain, out);
                self.change_roots(e, out);
            }
            _ => {
                for operand in self.ast.operands(e) {
                    self.expr(operand, certain, out);
                }
                self.change_roots(e, out);
            }
        }
    }

    fn overwrite(&mut self, var: Var, certain: bool, out: &mut Effects) {
        if self.names.is_part(var) {
            // A field of one object, of several that have it.
            return self.change(var, out);
        }
        if certain && !self.sharing.is_shadowed(var) {
            out.strong.insert(var);
        } else {
            out.weak.insert(var);
        }
        // Through a pointer the new value is seen under other names.
        if self.sharing.is_address_taken(var) && !self.sharing.is_apart(var) {
            self.change(var, out);
        }
    }

    /// What `e` reaches may change.
    fn change_roots(&mut self, e: ExprId, out: &mut Effects) {
        let collector =
            Collector { ast: self.ast, language: self.language, calls: self.calls, followed: self.followed };
        for root in collector.roots(e, self.names) {
            if root.address || !self.sharing.knows(root.var) {
                self.change(root.var, out);
            } else if !self.sharing.is_scalar(root.var) {
                self.change_beneath(root.var, out);
            }
        }
    }

    /// A callee of which nothing is known receives `e`.
    fn pass(&mut self, e: ExprId, out: &mut Effects) {
        let collector =
            Collector { ast: self.ast, language: self.language, calls: self.calls, followed: self.followed };
        let roots = collector.roots(e, self.names);
        let addressed = |v: &Var| roots.iter().any(|root| root.address && root.var == *v);
        let surely: BTreeSet<Var> = out.weak.difference(&out.passed).copied().collect();
        self.change_roots(e, out);
        out.passed = out.weak.iter().copied().filter(|v| !surely.contains(v) && !addressed(v)).collect();
    }

    /// A macro that isn't seen may assign a pointer that it is given by name.
    fn reassign(&mut self, argument: ExprId, out: &mut Effects) {
        if let ExprKind::Name(name) = &self.ast.expr(argument).kind {
            let var = self.names.intern(name);
            if self.sharing.is_apart(var) {
                out.beneath.remove(&var);
            }
        }
    }

    /// What can be reached through a variable changes. Pointers keep their own value.
    fn change_beneath(&mut self, var: Var, out: &mut Effects) {
        for member in self.sharing.group(var) {
            out.passed.remove(member);
            if out.weak.insert(*member) && self.sharing.is_apart(*member) {
                out.beneath.insert(*member);
            }
        }
    }

    /// A variable may get another value, and others may be changed through it.
    fn change(&mut self, var: Var, out: &mut Effects) {
        if self.sharing.knows(var) {
            self.change_beneath(var, out);
        }
        out.passed.remove(&var);
        out.beneath.remove(&var);
        out.weak.insert(var);
    }
}
