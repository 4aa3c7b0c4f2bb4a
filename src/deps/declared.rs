//! What declarations say of names: which hold scalars, which are pointers, and in whose own place something lies.

use super::sharing::Collector;
use super::{Names, Var};
use crate::syntax::ast::{DeclKind, ExprId, ExprKind, Function, StmtId, StmtKind, TypeInfo};
use std::collections::HashMap;

impl Collector<'_> {
    pub(super) fn declared_types(
        &self,
        function: &Function,
        stmts: &[StmtId],
        names: &mut Names,
    ) -> HashMap<Var, bool> {
        let mut typed: HashMap<Var, bool> = HashMap::new();
        let mut add = |var: Var, ty: &TypeInfo| {
            let known = !ty.name.is_empty();
            let scalar = ty.scalar && ty.pointers == 0 && ty.arrays == 0;
            if known {
                let entry = typed.entry(var).or_insert(true);
                *entry &= scalar;
            }
        };
        function.params.iter().for_each(|p| add(names.intern(&p.name), &p.ty));
        for s in stmts {
            match &self.ast.stmt(*s).kind {
                StmtKind::Decl(d) => d.declarators.iter().for_each(|d| add(names.intern(&d.name), &d.ty)),
                StmtKind::Loop(l) => {
                    for var in l.target.map(|t| self.names_in(t, names)).unwrap_or_default() {
                        add(var, &l.target_type);
                    }
                }
                _ => {}
            }
        }
        typed
    }

    /// Names in whose own place what an expression stands for may lie.
    pub(super) fn holder(&self, e: ExprId, names: &mut Names) -> Vec<Var> {
        match &self.ast.expr(e).kind {
            ExprKind::Field { object, through: false, .. } => self.holder(*object, names),
            ExprKind::Field { .. } | ExprKind::Deref(_) | ExprKind::Index { .. } => vec![],
            _ => self.roots(e, names).iter().map(|r| r.var).collect(),
        }
    }

    /// Declared names, and whether each is a pointer wherever it is declared.
    pub(super) fn pointers(&self, function: &Function, stmts: &[StmtId], names: &Names) -> HashMap<Var, bool> {
        let mut all: HashMap<Var, bool> = HashMap::new();
        let mut add = |name: &str, pointer: bool| {
            if let Some(var) = names.get(name) {
                *all.entry(var).or_insert(true) &= pointer;
            }
        };
        let plain = |ty: &TypeInfo| ty.pointers > 0 && ty.arrays == 0;
        for d in self.ast.decls.iter().filter(|d| d.kind == DeclKind::Variable && d.within.is_none()) {
            d.names.iter().for_each(|n| add(n, d.pointers.contains(n)));
        }
        function.params.iter().for_each(|p| add(&p.name, plain(&p.ty)));
        for s in stmts {
            if let StmtKind::Decl(d) = &self.ast.stmt(*s).kind {
                d.declarators.iter().for_each(|d| add(&d.name, plain(&d.ty)));
            }
        }
        all
    }
}
