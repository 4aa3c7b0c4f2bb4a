//! Members of types that hold nothing but data, so that a slice can show those that it uses.

use crate::syntax::Parsed;
use crate::syntax::ast::{DeclKind, ExprKind};
use crate::syntax::outline::{Kind, outline};
use crate::text::Span;
use std::collections::BTreeMap;

/// The members of a type, in order.
#[derive(Debug)]
pub struct Members {
    pub members: Vec<Member>,
    /// Nothing but comments stands between them.
    pub plain: bool,
    /// Of an enumeration.
    pub constants: Vec<String>,
}

#[derive(Debug)]
pub struct Member {
    pub span: Span,
    /// With those of types that are declared inside.
    pub names: Vec<String>,
}

impl Members {
    /// The declaration without its members: what stands before them, and behind.
    pub fn around(&self, whole: Span) -> [Span; 2] {
        let first = self.members.first().map_or(whole.end, |m| m.span.start);
        let last = self.members.last().map_or(whole.end, |m| m.span.end);
        [Span { start: whole.start, end: first }, Span { start: last, end: whole.end }]
    }
}

/// By declaration. Cost: one walk over the file.
pub fn of_types(parsed: &Parsed) -> BTreeMap<u32, Members> {
    let mut out = BTreeMap::new();
    if !parsed.language.types.only_data {
        return out;
    }
    let outline = outline(&parsed.source, parsed.language);
    let all = &outline.definitions;
    for (i, decl) in parsed.ast.decls.iter().enumerate() {
        if decl.kind != DeclKind::Type || decl.container.is_some() || decl.within.is_some() {
            continue;
        }
        let first = all.partition_point(|d| d.span.start < decl.span.start);
        let inside = || all[first..].iter().take_while(|d| d.span.start < decl.span.end);
        // The type itself, or the name it is given where it has none.
        let is_owner = |o: u32| all[o as usize].owner.is_none() && all[o as usize].span.start >= decl.span.start;
        let mut owners = inside().filter(|d| d.kind == Kind::Field).filter_map(|d| d.owner);
        let Some(owner) = owners.find(|o| is_owner(*o)).map(|o| o as usize) else {
            let constants = inside().filter(|d| d.kind == Kind::Constant).map(|d| d.name.clone()).collect::<Vec<_>>();
            if !constants.is_empty() {
                out.insert(i as u32, Members { members: Vec::new(), plain: false, constants });
            }
            continue;
        };
        let mut members: Vec<Member> = Vec::new();
        for (place, field) in inside().enumerate().filter(|(_, d)| d.kind == Kind::Field) {
            let direct = field.owner == Some(owner as u32);
            match members.last_mut() {
                // One of several of a declaration, or one inside the type of a member.
                Some(last) if last.span.contains(field.span) => last.names.push(field.name.clone()),
                _ if direct => members.push(Member { span: field.span, names: vec![field.name.clone()] }),
                // The member itself comes behind what is inside its type.
                _ => members.push(Member { span: around(all, first + place, owner), names: vec![field.name.clone()] }),
            }
        }
        let strange = inside().any(|d| d.kind == Kind::Function);
        let ordered = members.windows(2).all(|w| w[0].span.end <= w[1].span.start);
        if ordered && !strange && all[owner].span.end <= decl.span.end {
            let plain = plain(parsed, &members);
            out.insert(i as u32, Members { members, plain, constants: Vec::new() });
        }
    }
    out
}

/// The span of the member that a field inside its type belongs to: that of the innermost type around it whose owner is `owner`.
fn around(all: &[crate::syntax::outline::Definition], place: usize, owner: usize) -> Span {
    let mut at = place;
    while let Some(above) = all[at].owner {
        if above as usize == owner {
            break;
        }
        at = above as usize;
    }
    // The declaration of the member holds the type.
    let own = all[at].span;
    let holder = all.iter().find(|d| d.kind == Kind::Field && d.owner == Some(owner as u32) && d.span.contains(own));
    holder.map_or(own, |d| d.span)
}

fn plain(parsed: &Parsed, members: &[Member]) -> bool {
    let source = &parsed.source;
    let comments = &parsed.ast.comments;
    members.windows(2).all(|w| {
        let between = Span { start: w[0].span.end, end: w[1].span.start };
        let mut text = source.slice(between).to_owned();
        for comment in comments.iter().filter(|c| between.contains(c.span)) {
            text = text.replacen(source.slice(comment.span), "", 1);
        }
        text.trim().is_empty()
    })
}

/// Where it is told how data lie: sizes, lists of values. (Running puts whole types in: a cast finds what it would.)
pub fn layout(parsed: &Parsed) -> Vec<Span> {
    let at = |e: &&crate::syntax::ast::Expr| matches!(e.kind, ExprKind::Other(_) | ExprKind::Sequence(_));
    parsed.ast.exprs.iter().filter(at).map(|e| e.span).collect()
}
