//! Declarations that a slice shows because kept code names them.

use super::{Program, Shown};
use crate::cfg::bits::BitSet;
use crate::cfg::{Site, SiteId, expressions};
use crate::deps::slicer::View;
use crate::spec::Anchor;
use crate::syntax::ast::{Declarator, ExprKind, LiteralKind, StmtId, StmtKind};
use crate::text::Span;
use std::collections::HashMap;

/// Declarations of names that kept sites mention: sites that must be kept for it, and declarators to be shown.
pub(super) fn declarations(
    program: &Program,
    view: &View,
    kept: &BitSet,
) -> (Vec<SiteId>, HashMap<(StmtId, u32), Shown>) {
    let ast = &program.parsed.ast;
    let mut uses: HashMap<&str, Vec<Span>> = HashMap::new();
    for i in kept.iter() {
        let site = program.cfg.sites[i];
        let span = match site {
            Site::Post | Site::Pre(_) => point(program, site),
            _ => site.stmt().map(|s| ast.stmt(s).span),
        };
        let Some(span) = span else { continue };
        for name in names(program, site) {
            uses.entry(name).or_default().push(span);
        }
    }
    let mut must = Vec::new();
    let mut shown = HashMap::new();
    // Later declarations first: what a shown one needs stands before it.
    for stmt in program.stmts.iter().rev() {
        let StmtKind::Decl(decl) = &ast.stmt(*stmt).kind else { continue };
        let scope = scope(program, *stmt);
        for (i, d) in decl.declarators.iter().enumerate().rev() {
            let site = program.sites.get(&Site::Declarator(*stmt, i as u32)).copied();
            let used = uses
                .get(d.name.as_str())
                .is_some_and(|spans| spans.iter().any(|s| scope.contains(*s) && s.end > d.span.start));
            if site.is_some_and(|s| kept.contains(s.index())) || !used {
                continue;
            }
            let live = site.filter(|s| view.site_alive(program.cfg, *s));
            match (how(program, d, decl.persistent), live) {
                (None, Some(site)) => must.push(site),
                (None, None) => drop(shown.insert((*stmt, i as u32), Shown::Whole)),
                (Some(how), _) => drop(shown.insert((*stmt, i as u32), how)),
            }
        }
    }
    (must, shown)
}

/// How a declarator can be shown without being part of the slice; `None` if it must be part of it.
fn how(program: &Program, d: &Declarator, persistent: bool) -> Option<Shown> {
    let literal = |e| matches!(program.parsed.ast.expr(e).kind, ExprKind::Literal(k) if k != LiteralKind::Other);
    let fixed_size = d.sizes.iter().all(|e| literal(*e) || constant(program, *e));
    match d.init {
        _ if persistent => Some(Shown::Whole),
        _ if !fixed_size => None,
        None => Some(Shown::Whole),
        Some(init) if literal(init) => Some(Shown::Whole),
        Some(_) if d.strippable => Some(Shown::Bare),
        Some(_) => None,
    }
}

/// Whether an expression mentions no variable that the function assigns (a macro, an enumerator, arithmetic on those).
fn constant(program: &Program, e: crate::syntax::ast::ExprId) -> bool {
    let ast = &program.parsed.ast;
    let mut stack = vec![e];
    while let Some(e) = stack.pop() {
        match &ast.expr(e).kind {
            ExprKind::Name(name) => {
                let functions = program.cfg.joined.functions.iter().chain([&program.triple.entry]);
                let mut params = functions.flat_map(|f| &ast.function(*f).params);
                if params.any(|p| p.name == *name) || program.written.contains(name) {
                    return false;
                }
            }
            _ => stack.extend(ast.operands(e)),
        }
    }
    true
}

/// Names that a site mentions.
fn names<'p>(program: &'p Program, site: Site) -> Vec<&'p str> {
    let ast = &program.parsed.ast;
    let triple = program.triple;
    let mut out: Vec<&str> = Vec::new();
    match site {
        Site::Pre(i) => out.extend(triple.pre[i as usize].condition.names.iter().map(String::as_str)),
        Site::Post => out.extend(triple.post.condition.names.iter().map(String::as_str)),
        _ => {}
    }
    let mut stack = expressions(ast, site);
    while let Some(e) = stack.pop() {
        if let ExprKind::Name(name) = &ast.expr(e).kind {
            out.push(name);
        }
        stack.extend(ast.operands(e));
    }
    if let (Site::Stmt(s), true) = (site, site.stmt().is_some())
        && let StmtKind::Function(f) = ast.stmt(s).kind
    {
        // A nested function mentions what its body does.
        let inner = crate::syntax::ast::Ast::children;
        let mut stack: Vec<StmtId> = ast.function(f).body.stmts.clone();
        while let Some(id) = stack.pop() {
            stack.extend(inner(ast, id));
            let all = [Site::Stmt(id), Site::Cond(id), Site::Enter(id), Site::With(id)];
            let declared = (0..8).map(|i| Site::Declarator(id, i));
            for site in all.into_iter().chain(declared) {
                if !matches!((site, &ast.stmt(id).kind), (Site::Declarator(_, i), StmtKind::Decl(d)) if i as usize >= d.declarators.len())
                {
                    for e in expressions(ast, site) {
                        let mut stack = vec![e];
                        while let Some(e) = stack.pop() {
                            if let ExprKind::Name(name) = &ast.expr(e).kind {
                                out.push(name);
                            }
                            stack.extend(ast.operands(e));
                        }
                    }
                }
            }
        }
    }
    out
}

/// The point of the source where a condition that is no statement stands.
fn point(program: &Program, site: Site) -> Option<Span> {
    let ast = &program.parsed.ast;
    let anchor = match site {
        Site::Pre(i) => program.triple.pre[i as usize].anchor,
        _ => program.triple.post.anchor,
    };
    match anchor {
        Anchor::At(s) | Anchor::Before(s) | Anchor::After(s) => Some(ast.stmt(s).span),
        Anchor::Exit => {
            let body = ast.function(program.triple.entry).body.span;
            Some(Span { start: body.end.saturating_sub(1), end: body.end })
        }
        Anchor::Entry => None,
    }
}

/// Where a declaration's names are visible.
fn scope(program: &Program, decl: StmtId) -> Span {
    let ast = &program.parsed.ast;
    match program.parent.get(&decl) {
        Some(parent) => ast.stmt(*parent).span,
        None => ast.function(program.owner(decl)).body.span,
    }
}
