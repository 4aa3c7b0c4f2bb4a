//! Declarations: declarators, types, parameters.

use super::Lowerer;
use crate::syntax::ast::*;
use crate::syntax::rules::{DeclaratorRule, Part};
use crate::syntax::tree::{Kids, end_of, words};
use crate::text::Span;
use tree_sitter::Node;

/// A declarator, unwrapped from the outside in.
#[derive(Default)]
pub(in crate::syntax) struct Shape<'a> {
    pub name: Option<Node<'a>>,
    pub params: Option<Node<'a>>,
    /// Declares a function, not a variable.
    pub prototype: bool,
    pub pointers: u8,
    arrays: u8,
    sizes: Vec<Node<'a>>,
    /// An array whose size its initialiser gives.
    unsized_array: bool,
    pub init: Option<Node<'a>>,
    bare: Option<Span>,
}

impl Shape<'_> {
    /// Declares a plain pointer.
    pub fn is_pointer(&self) -> bool {
        !self.prototype && self.params.is_none() && self.pointers > 0 && self.arrays == 0
    }
}

impl<'a> Lowerer<'a> {
    pub(in crate::syntax) fn shape(&self, node: Node<'a>) -> Shape<'a> {
        let mut shape = Shape::default();
        let mut next = Some(node);
        while let Some(node) = next {
            let kids = Kids::of(node);
            next = match self.g.declarator.get(node) {
                Some(DeclaratorRule::Name) => {
                    shape.name = Some(node);
                    None
                }
                Some(DeclaratorRule::Pointer { inner }) => {
                    // `(*f)(int)` points to a function; `*f(int)` is a function that returns a pointer.
                    shape.prototype = false;
                    shape.pointers = shape.pointers.saturating_add(1);
                    kids.one(inner)
                }
                Some(DeclaratorRule::Array { inner, size }) => {
                    shape.arrays = shape.arrays.saturating_add(1);
                    match kids.one(size) {
                        Some(size) => shape.sizes.push(size),
                        None => shape.unsized_array = true,
                    }
                    kids.one(inner)
                }
                Some(DeclaratorRule::Function { inner, params }) => {
                    shape.prototype = true;
                    shape.params = kids.one(params);
                    kids.one(inner)
                }
                Some(DeclaratorRule::Paren { inner }) => kids.one(inner),
                Some(DeclaratorRule::Init { inner, value }) => {
                    shape.init = kids.one(value);
                    shape.bare = kids.one(inner).map(|i| self.span(i));
                    kids.one(inner)
                }
                Some(DeclaratorRule::Variable { name, dims, value }) => {
                    shape.init = kids.one(value);
                    let dims: Vec<Node> = kids.all(dims).collect();
                    shape.arrays = shape.arrays.saturating_add(count_dims(&dims));
                    let name = kids.one(name);
                    let last = dims.last().copied().or(name);
                    shape.bare = last.map(|l| self.span_from(node.start_byte(), l));
                    name
                }
                None => None,
            };
        }
        shape
    }

    /// `None` if a name is missing.
    pub(super) fn local_declaration(
        &mut self,
        node: Node<'a>,
        kids: &Kids<'a>,
        ty: &Part,
        declarators: &Part,
        span: Span,
    ) -> Option<StmtKind> {
        let nodes: Vec<Node> = kids.all(declarators).collect();
        let shapes: Vec<Shape> = nodes.iter().map(|d| self.shape(*d)).collect();
        if shapes.iter().all(|s| s.prototype && s.init.is_none()) {
            let decl = self.variable_declaration(node, kids, declarators, span);
            return Some(StmtKind::Context(decl));
        }
        let base = kids.one(ty).map(|t| self.type_info(t)).unwrap_or_default();
        let type_span = Span::new(span.start as usize, kids.end_before(nodes[0]));
        let type_words: Vec<&str> = words(self.src.slice(type_span)).map(|(_, w)| w).collect();
        let persistent = type_words.iter().any(|w| self.g.words.persistent.contains(*w));
        let fixed_type = type_words.iter().any(|w| self.g.words.fixed.contains(*w));
        let mut lowered = Vec::new();
        for (node, shape) in nodes.into_iter().zip(shapes) {
            lowered.push(self.declarator(node, &shape, &base, fixed_type)?);
        }
        Some(StmtKind::Decl(Decl { declarators: lowered, type_span, persistent }))
    }

    fn declarator(&mut self, node: Node<'a>, shape: &Shape<'a>, base: &TypeInfo, fixed: bool) -> Option<Declarator> {
        let name = self.text(shape.name?).to_string();
        let span = self.span(node);
        let bare = shape.bare.unwrap_or(span);
        // In `const char *p` what is constant is pointed to; in `char *const p` it is `p`.
        let fixed_name = words(self.src.slice(bare)).any(|(_, w)| self.g.words.fixed.contains(w));
        let strippable = !(fixed_name || (fixed && shape.pointers == 0) || shape.unsized_array);
        Some(Declarator {
            name,
            span,
            bare,
            sizes: shape.sizes.iter().rev().map(|s| self.expr(*s)).collect(),
            init: self.optional(shape.init),
            ty: with_marks(base, shape.pointers, shape.arrays),
            strippable,
        })
    }

    /// A type node with its dimensions and marks.
    pub(in crate::syntax) fn type_info(&self, node: Node<'a>) -> TypeInfo {
        let mut node = node;
        let (mut pointers, mut arrays) = (0u8, 0u8);
        while let Some(rule) = self.g.ty.get(node) {
            let kids = Kids::of(node);
            if let Some(dims) = &rule.dims {
                arrays = arrays.saturating_add(count_dims(&kids.all(dims).collect::<Vec<_>>()));
            }
            if let Some(declarator) = rule.declarator.as_ref().and_then(|d| kids.one(d)) {
                let shape = self.shape(declarator);
                pointers = pointers.saturating_add(shape.pointers);
                arrays = arrays.saturating_add(shape.arrays);
            }
            match kids.one(&rule.inner) {
                Some(inner) => node = inner,
                None => break,
            }
        }
        let text = self.text(node);
        // A type defined where it is used goes by its name alone.
        let text = text.split('{').next().unwrap_or_default();
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.g.words.inferred.contains(&name) {
            return with_marks(&TypeInfo::default(), pointers, arrays);
        }
        let known = &self.g.language.types.scalar;
        let scalar = known.contains(&name) || (!name.is_empty() && name.split(' ').all(|w| known.contains(w)));
        with_marks(&TypeInfo { name, scalar, pointers: 0, arrays: 0 }, pointers, arrays)
    }

    /// `old`: declarations that type the parameters from outside the list.
    pub(super) fn params(&mut self, list: Option<Node<'a>>, old: &[Node<'a>]) -> Vec<Param> {
        let Some(list) = list else { return vec![] };
        let mut out = Vec::new();
        let kids = Kids::of(list);
        // A lone parameter may stand without a list.
        let nodes: Vec<Node> = if kids.iter().next().is_none() { vec![list] } else { kids.iter().collect() };
        for node in nodes {
            // Rules may stand inside each other: a typed parameter around a starred one.
            let (mut ty, mut marks, mut dims) = (None, (0, 0), 0u8);
            let mut inner = Some(node);
            while let Some((rule, node)) = inner.and_then(|n| Some((self.g.parameter.get(n)?, n))) {
                let kids = Kids::of(node);
                ty = ty.or_else(|| rule.ty.as_ref().and_then(|t| kids.one(t)).map(|t| self.type_info(t)));
                let starred = rule.dims.as_ref().map_or(0, |d| count_dims(&kids.all(d).collect::<Vec<_>>()));
                dims = dims.saturating_add(starred);
                inner = kids.one(&rule.name);
                if let Some(declarator) = inner {
                    let shape = self.shape(declarator);
                    marks = (shape.pointers, shape.arrays);
                }
            }
            for name in self.param_names(node) {
                let name_text = self.text(name).to_string();
                let old_type = || old.iter().find_map(|o| self.old_type(*o, &name_text));
                let base = ty.clone().or_else(old_type).unwrap_or_default();
                let ty = with_marks(&base, marks.0, dims.saturating_add(marks.1));
                out.push(Param { name: name_text, span: self.span(node), ty });
            }
        }
        out
    }

    fn old_type(&self, declaration: Node<'a>, name: &str) -> Option<TypeInfo> {
        let Some(crate::syntax::rules::StmtRule::Decl { ty, declarators }) = self.g.statement.get(declaration) else {
            return None;
        };
        let kids = Kids::of(declaration);
        let base = self.type_info(kids.one(ty)?);
        let mut shapes = kids.all(declarators).map(|d| self.shape(d));
        let shape = shapes.find(|s| s.name.is_some_and(|n| self.text(n) == name))?;
        Some(with_marks(&base, shape.pointers, shape.arrays))
    }

    /// The names that a parameter binds.
    pub(super) fn param_names(&self, node: Node<'a>) -> Vec<Node<'a>> {
        let mut out = Vec::new();
        let mut todo = vec![node];
        while let Some(node) = todo.pop() {
            let kids = Kids::of(node);
            if let Some(rule) = self.g.parameter.get(node) {
                todo.extend(kids.all(&rule.name).collect::<Vec<_>>().into_iter().rev());
            } else if self.g.declarator.get(node).is_some() {
                out.extend(self.shape(node).name);
            } else if node.child_count() == 0 && self.g.tokens.identifiers.contains(node.kind()) {
                out.push(node);
            }
        }
        out
    }
}

pub(super) fn with_marks(base: &TypeInfo, pointers: u8, arrays: u8) -> TypeInfo {
    let pointers = base.pointers.saturating_add(pointers);
    let arrays = base.arrays.saturating_add(arrays);
    TypeInfo { name: base.name.clone(), scalar: base.scalar && pointers == 0 && arrays == 0, pointers, arrays }
}

/// Dimensions are nodes with one `[` each or more, or a mark like `...`.
fn count_dims(dims: &[Node]) -> u8 {
    let opened: usize = dims.iter().map(|d| Kids::of(*d).iter().filter(|k| k.kind() == "[").count().max(1)).sum();
    opened.min(u8::MAX as usize) as u8
}

/// Where the text before a body ends, for a body that may be missing.
pub(in crate::syntax) fn head_end(kids: &Kids, body: Option<Node>, span: Span) -> usize {
    match body {
        Some(body) => kids.end_before(body),
        None => kids.iter().rfind(|k| k.is_named()).map_or(span.end as usize, end_of),
    }
}
