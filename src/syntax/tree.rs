//! Looking at the concrete tree: children by part, spans without trailing comments, and one survey of the whole tree.

use super::ast::Comment;
use super::rules::{Part, Pick};
use super::table::Grammar;
use crate::text::Span;
use tree_sitter::Node;

/// The children of a node, collected once (asking for the n-th child costs n).
pub struct Kids<'t>(Vec<Kid<'t>>);

#[derive(Clone, Copy)]
struct Kid<'t> {
    node: Node<'t>,
    field: Option<&'t str>,
    /// Position among the named children.
    nth: Option<i32>,
}

/// A comment or the like between the tokens. An error may count as one too, but is never skipped.
fn between(node: Node) -> bool {
    node.is_extra() && !node.is_error()
}

impl<'t> Kids<'t> {
    pub fn of(node: Node<'t>) -> Kids<'t> {
        let mut kids = Vec::with_capacity(node.child_count() as usize);
        let mut cursor = node.walk();
        let mut nth = 0;
        let mut more = cursor.goto_first_child();
        while more {
            let child = cursor.node();
            if !between(child) {
                let named = child.is_named();
                kids.push(Kid { node: child, field: cursor.field_name(), nth: named.then_some(nth) });
                nth += i32::from(named);
            }
            more = cursor.goto_next_sibling();
        }
        Kids(kids)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Node<'t>> + '_ {
        self.0.iter().map(|k| k.node)
    }

    /// The children that play a part, in source order.
    pub fn all<'a>(&'a self, part: &'a Part) -> impl Iterator<Item = Node<'t>> + 'a {
        let named = self.0.iter().filter(|k| k.nth.is_some()).count() as i32;
        self.0.iter().filter(move |kid| part.0.iter().any(|pick| kid.matches(pick, named))).map(|k| k.node)
    }

    pub fn one(&self, part: &Part) -> Option<Node<'t>> {
        self.all(part).next()
    }

    /// The last child before `node` that is really there.
    pub fn before(&self, node: Node) -> Option<Node<'t>> {
        self.iter().take_while(|k| k.id() != node.id()).filter(|k| !k.is_missing()).last()
    }

    pub fn after(&self, node: Node) -> Option<Node<'t>> {
        self.iter().skip_while(|k| k.id() != node.id()).nth(1)
    }

    /// Where the last token before `node` ends; where `node` starts if it is the first.
    pub fn end_before(&self, node: Node) -> usize {
        self.before(node).map_or(node.start_byte(), end_of)
    }
}

impl Kid<'_> {
    fn matches(&self, pick: &Pick, named: i32) -> bool {
        match pick {
            // A field spans the tokens between its nodes in some grammars: `designator`, `dimensions`, lists.
            Pick::Field(name) => self.field == Some(name) && self.node.kind() != ",",
            Pick::Kind(kind) => self.node.is_named() && self.node.kind() == kind,
            Pick::Token(token) => !self.node.is_named() && self.node.kind() == token,
            Pick::Nth(n) => self.nth == Some(if *n < 0 { named + n } else { *n }),
            Pick::Named => self.nth.is_some(),
        }
    }
}

/// Where a node ends, comments, line ends and missing tokens at its end not counted.
pub fn end_of(node: Node) -> usize {
    let mut node = node;
    loop {
        let last = (0..node.child_count()).rev().filter_map(|i| node.child(i));
        let last = last.into_iter().find(|c| !between(*c) && c.start_byte() < c.end_byte());
        match last {
            Some(last) => node = last,
            None => return node.end_byte(),
        }
    }
}

pub fn span_of(node: Node) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

/// A region that the grammar could not read, or a token that it had to imagine.
pub struct Trouble {
    pub span: Span,
    /// The missing token; `None` for text that was not understood.
    pub missing: Option<String>,
}

/// What one walk over the whole tree collects, in source order.
#[derive(Default)]
pub struct Survey {
    pub comments: Vec<Comment>,
    pub identifiers: Vec<Span>,
    pub verbatim: Vec<Span>,
    pub troubles: Vec<Trouble>,
    /// Nesting of the tree.
    pub depth: usize,
}

impl Survey {
    /// Cost: linear in the nodes, constant stack.
    pub fn of(root: Node, text: &str, grammar: &Grammar) -> Survey {
        let mut survey = Survey::default();
        let mut cursor = root.walk();
        // Errors inside errors are not reported again.
        let mut error_end = 0;
        let mut depth = 0;
        loop {
            let node = cursor.node();
            if node.is_missing() {
                survey.troubles.push(Trouble { span: span_of(node), missing: Some(node.kind().to_string()) });
            } else if node.is_error() && node.end_byte() > error_end {
                error_end = node.end_byte();
                survey.troubles.push(Trouble { span: span_of(node), missing: None });
            }
            if survey.visit(node, text, grammar) && cursor.goto_first_child() {
                depth += 1;
                survey.depth = survey.depth.max(depth);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return survey;
                }
                depth -= 1;
            }
        }
    }

    /// Notes one node; whether to look inside.
    fn visit(&mut self, node: Node, text: &str, grammar: &Grammar) -> bool {
        let tokens = &grammar.tokens;
        let (kind, span) = (node.kind(), span_of(node));
        if tokens.comments.contains(kind) {
            let text = text[span.range()].trim_end();
            let doc = tokens.doc_comments.iter().any(|d| text.starts_with(d.as_str())) && text != "/**/";
            self.comments.push(Comment { span: Span::new(node.start_byte(), node.start_byte() + text.len()), doc });
            return false;
        }
        if tokens.strings.contains(kind) && text[span.range()].contains('\n') {
            self.verbatim.push(span);
        }
        if tokens.identifiers.contains(kind) && node.child_count() == 0 && !node.is_missing() {
            self.identifiers.push(span);
        }
        if tokens.raw.contains(kind) {
            let found = words(&text[span.range()]);
            self.identifiers
                .extend(found.map(|(at, w)| Span::new(node.start_byte() + at, node.start_byte() + at + w.len())));
        }
        true
    }
}

/// Identifier-like words of a text with their offsets.
pub fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let base = text.as_ptr() as usize;
    text.split(move |c| !part(c))
        .filter(|w| w.starts_with(|c: char| !c.is_numeric()))
        .map(move |w| (w.as_ptr() as usize - base, w))
}
