//! Classes that may be shown part by part: those that are nothing but a place for functions, and those that stand alone.

use crate::syntax::Parsed;
use crate::syntax::ast::{ContainerId, ExprKind, Function, FunctionId};
use crate::text::Span;

/// Whether a class is only ever named to name a member of it (`C.f(x)`), so that it may be shown part by part like the classes
/// around the entry. Cost: linear in the identifiers of the file.
pub fn is_apart(parsed: &Parsed, id: ContainerId) -> bool {
    let ast = &parsed.ast;
    let class = &ast.containers[id.index()];
    let types = &parsed.language.types;
    let source = &parsed.source;
    let word = |w: &str| types.class_words.contains(w);
    let plain = source.slice(class.head).split(|c: char| !c.is_alphanumeric() && c != '_').any(word);
    let single = ast.containers.iter().filter(|c| c.name == class.name).count() == 1;
    let members = || ast.functions.iter().filter(|f| f.container == Some(id));
    if !plain || !single || class.parent.is_some() || members().any(|f| types.constructors.contains(&f.name)) {
        return false;
    }
    // The class's own name, and that of what makes objects of it where those have the same.
    let constructors: Vec<Span> = members().filter(|f| f.name == class.name).map(|f| f.head).collect();
    let own = |s: &Span| class.head.contains(*s) || constructors.iter().any(|head| head.contains(*s));
    let named = ast.identifiers.iter().filter(|s| source.slice(**s) == class.name && !own(s));
    named.into_iter().all(|s| source.text[s.end as usize..].trim_start().starts_with('.'))
}

/// Whether a class of which objects are made may be shown part by part: it stands alone, nothing is built on it nor it on
/// anything, and there is nothing in it but its members. Cost: linear in the identifiers of the file.
pub fn of_objects(parsed: &Parsed, id: ContainerId) -> bool {
    let ast = &parsed.ast;
    let class = &ast.containers[id.index()];
    let types = &parsed.language.types;
    let source = &parsed.source;
    let single = ast.containers.iter().filter(|c| c.name == class.name).count() == 1;
    let nested = || ast.containers.iter().any(|c| c.parent == Some(id));
    let opens = source
        .slice(class.head)
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|w| types.class_words.contains(w));
    // By other files of its project.
    let elsewhere = || source.linkage.as_ref().is_some_and(|l| l.built_on.contains(&class.name));
    if types.only_data || elsewhere() || !opens || !single || class.parent.is_some() || nested() {
        return false;
    }
    // Its head names it and nothing else: no decorator, no class that it is built on.
    let head = Span { start: class.span.start, ..class.head };
    let alone = parsed.words(head).all(|w| w == class.name);
    let built_on =
        |c: &crate::syntax::ast::Container| c.span != class.span && parsed.words(c.head).any(|w| w == class.name);
    // Objects of a nameless class that is built on it.
    let anonymous = || {
        ast.exprs.iter().any(|e| match &e.kind {
            ExprKind::New { extra, .. } => {
                !extra.is_empty() && parsed.words(e.span).next() == Some(class.name.as_str())
            }
            _ => false,
        })
    };
    let starts = |f: &&Function| f.container == Some(id) && f.name != class.name && f.params.is_empty();
    let blocks = || ast.functions.iter().filter(starts).any(|f| f.name.starts_with('<'));
    let members: Vec<Span> = ast.decls.iter().filter(|d| d.container == Some(id)).map(|d| d.span).collect();
    let covered = |i: Span| members.iter().any(|m| m.contains(i));
    alone
        && !ast.containers.iter().any(built_on)
        && !anonymous()
        && !blocks()
        && parsed.identifiers(class.body).all(covered)
}

/// Classes of functions that are shown cut and don't stand around the entry.
pub fn opened<'a>(
    parsed: &'a Parsed,
    entry: FunctionId,
    shown: impl Iterator<Item = &'a FunctionId> + 'a,
) -> impl Iterator<Item = ContainerId> + 'a {
    let ast = &parsed.ast;
    let around = ast.function(entry).span;
    let classes = shown.filter_map(|f| ast.function(*f).container);
    classes.filter(move |c| !ast.containers[c.index()].span.contains(around))
}
