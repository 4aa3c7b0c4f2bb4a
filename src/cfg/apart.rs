//! Classes that are nothing but a place for functions: no object is made of them, and nothing is built on them.

use crate::syntax::Parsed;
use crate::syntax::ast::{ContainerId, FunctionId};
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
