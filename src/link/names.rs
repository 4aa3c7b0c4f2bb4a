//! The names that a stretch of a file uses and doesn't bind itself.

use crate::project::Loaded;
use crate::spec::bound;
use crate::syntax::ast::{ExprId, ExprKind, FunctionId};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A name at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub name: String,
    pub at: u32,
    /// How many arguments it is called with, where it is; the member of it that is, if it has one.
    pub called: Option<usize>,
    /// What of it is named: `f` of `m.f`.
    pub member: Option<String>,
}

/// Every use in a file, in the order of places.
#[derive(Debug)]
pub struct Names(Vec<Used>);

impl Names {
    /// Cost: linear in the file, times how deep functions are nested.
    pub fn of(file: &Loaded) -> Names {
        let ast = &file.ast;
        let mut called: BTreeMap<u32, usize> = BTreeMap::new();
        let mut fields: BTreeSet<u32> = BTreeSet::new();
        let mut members: BTreeMap<u32, &str> = BTreeMap::new();
        let is_name = |e: ExprId| matches!(ast.expr(e).kind, ExprKind::Name(_));
        for expr in &ast.exprs {
            match &expr.kind {
                ExprKind::Call { callee, args } => {
                    let plain = match &ast.expr(*callee).kind {
                        ExprKind::Field { object, .. } => is_name(*object),
                        _ => is_name(*callee),
                    };
                    if plain {
                        called.insert(ast.expr(*callee).span.start, args.len());
                    }
                }
                ExprKind::Field { object, name, .. } => {
                    fields.insert(expr.span.end);
                    if is_name(*object) {
                        members.insert(ast.expr(*object).span.start, name);
                    }
                }
                _ => {}
            }
        }
        let all: Vec<(Span, BTreeSet<&str>)> = (0..ast.functions.len() as u32)
            .map(FunctionId)
            .filter(|f| !ast.function(*f).head.is_empty())
            .map(|f| (ast.function(f).span, bound(file, f)))
            .collect();
        let mut used = Vec::new();
        for span in ast.identifiers.iter().filter(|span| !fields.contains(&span.end)) {
            let name = file.source.slice(*span);
            // Functions stand in the order of their starts; few are nested.
            let behind = all.partition_point(|(f, _)| f.start <= span.start);
            let around = all[..behind].iter().rev().take(NESTED).filter(|(f, _)| f.contains(*span));
            if !around.into_iter().any(|(_, names)| names.contains(name)) {
                let called = called.get(&span.start).copied();
                let member = members.get(&span.start).map(|m| (*m).to_owned());
                used.push(Used { name: name.to_owned(), at: span.start, called, member });
            }
        }
        used.sort_by_key(|u| u.at);
        Names(used)
    }

    /// The uses in a span, each name once as called and once as not, with each member.
    pub fn within(&self, span: Span) -> Vec<&Used> {
        let first = self.0.partition_point(|u| u.at < span.start);
        let mut seen = BTreeSet::new();
        let inside = self.0[first..].iter().take_while(|u| u.at < span.end);
        inside.filter(|u| seen.insert((u.name.as_str(), u.called.is_some(), &u.member))).collect()
    }
}

/// How many functions before a place are looked at for one that is around it.
const NESTED: usize = 64;
