//! Source text → unified AST. The only room that names tree-sitter.
//!
//! A language is data: `grammars/<lang>/language.toml` holds what other rooms may know about it ([`language::Language`])
//! and the tables by which its concrete tree is lowered (see the `rules` and `table` modules).

pub mod ast;
pub mod completes;
mod conditionals;
pub mod dump;
pub mod language;
mod lower;
pub mod outline;
mod rules;
pub mod running;
mod table;
pub mod test_form;
mod text_arguments;
mod tree;
pub use tree::words;
pub mod verify;

#[cfg(test)]
mod tests;

use crate::text::{SourceFile, Span};
use ast::{Ast, Diagnostic, ExprId, ExprKind, Severity};
use language::Language;
use lower::Lowerer;
use rules::ExprRule;
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::LazyLock;
use table::Grammar;
use tree::Survey;
use tree_sitter::{ParseOptions, Parser, Tree};

/// A file, its language and its tree.
#[derive(Debug)]
pub struct Parsed {
    pub source: SourceFile,
    pub language: &'static Language,
    pub ast: Ast,
}

impl Parsed {
    /// Where identifiers stand in a span, in order.
    pub fn identifiers(&self, span: Span) -> impl Iterator<Item = Span> + '_ {
        let first = self.ast.identifiers.partition_point(|i| i.start < span.start);
        self.ast.identifiers[first..].iter().copied().take_while(move |i| i.end <= span.end)
    }

    /// The identifiers in a span.
    pub fn words(&self, span: Span) -> impl Iterator<Item = &str> {
        self.identifiers(span).map(|i| self.source.slice(i))
    }
}

/// A text that is one expression. Spans are offsets in that text.
#[derive(Debug)]
pub struct ParsedExpr {
    pub ast: Ast,
    pub root: ExprId,
    /// The variables and functions that it names, in order, without duplicates and without what it binds itself.
    pub names: Vec<String>,
}

/// What is embedded of a language: its tables, its grammar, how its programs are run, and the harness for that.
type Embedded = (&'static str, tree_sitter::Language, &'static str, &'static [(&'static str, &'static str)]);

static GRAMMARS: LazyLock<Vec<Grammar>> = LazyLock::new(|| {
    let embedded: [Embedded; 3] = [
        (
            include_str!("../../grammars/c/language.toml"),
            tree_sitter_c::LANGUAGE.into(),
            include_str!("../../grammars/c/run.toml"),
            &[
                ("harness.c", include_str!("../../grammars/c/harness.c")),
                ("harness.h", include_str!("../../grammars/c/harness.h")),
                ("assert.h", include_str!("../../grammars/c/assert.h")),
                ("first.c", include_str!("../../grammars/c/first.c")),
                ("last.c", include_str!("../../grammars/c/last.c")),
                ("unit.c", include_str!("../../grammars/c/unit.c")),
            ],
        ),
        (
            include_str!("../../grammars/python/language.toml"),
            tree_sitter_python::LANGUAGE.into(),
            include_str!("../../grammars/python/run.toml"),
            &[("harness.py", include_str!("../../grammars/python/harness.py"))],
        ),
        (
            include_str!("../../grammars/java/language.toml"),
            tree_sitter_java::LANGUAGE.into(),
            include_str!("../../grammars/java/run.toml"),
            &[("Harness.java", include_str!("../../grammars/java/Harness.java"))],
        ),
    ];
    embedded
        .into_iter()
        .map(|(text, grammar, run, files)| match Grammar::load(text, grammar).and_then(|g| g.running(run, files)) {
            Ok(grammar) => grammar,
            // The files are part of this program, and a test loads them.
            Err(error) => panic!("{error}"),
        })
        .collect()
});

static LANGUAGES: LazyLock<Vec<&'static Language>> = LazyLock::new(|| GRAMMARS.iter().map(|g| &g.language).collect());

/// The texts that decide how files are read: what is kept of a file is good as long as they stay.
pub fn tables() -> [&'static str; 3] {
    [
        include_str!("../../grammars/c/language.toml"),
        include_str!("../../grammars/python/language.toml"),
        include_str!("../../grammars/java/language.toml"),
    ]
}

/// Every language that weiser knows.
pub fn languages() -> &'static [&'static Language] {
    &LANGUAGES
}

/// By its name (`c`, `python`, `java`).
pub fn by_name(name: &str) -> Option<&'static Language> {
    languages().iter().copied().find(|l| l.name == name)
}

/// By the file's extension.
pub fn for_path(path: &Path) -> Option<&'static Language> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    languages().iter().copied().find(|l| l.extensions.contains(&extension))
}

/// The grammar of a language that [`languages`] gave out.
fn grammar_of(language: &Language) -> &'static Grammar {
    GRAMMARS.iter().find(|g| g.language.name == language.name).unwrap_or(&GRAMMARS[0])
}

/// Reads a file. Never fails: what isn't understood becomes opaque statements and diagnostics.
///
/// Cost: linear in the text; text that makes the parser go astray is given up (an empty tree with an error) after a
/// number of steps that is proportional to its length.
pub fn parse(path: &str, text: String, language: &'static Language) -> Parsed {
    parse_source(SourceFile::new(path, text), language)
}

/// The same for a text that may be put together from several files.
pub fn parse_source(source: SourceFile, language: &'static Language) -> Parsed {
    let grammar = grammar_of(language);
    let ast = tree(grammar, &source.text).and_then(|tree| match straightened(grammar, &source, &tree) {
        Some((straight, tree, cut)) => lower(grammar, &straight, &tree).map(|ast| with_cuts(ast, cut)),
        None => lower(grammar, &source, &tree),
    });
    let mut ast = ast.unwrap_or_else(|| Ast {
        diagnostics: vec![Diagnostic {
            severity: Severity::Error,
            span: Span::default(),
            message: "the parser gave up on this file; is it really source text of this language?".into(),
        }],
        ..Ast::default()
    });
    text_arguments::unname(&mut ast, &source, language);
    // A macro named like a keyword (`#define int long long`) is used without ever being named.
    for decl in ast.decls.iter_mut().filter(|d| d.kind == ast::DeclKind::Macro) {
        decl.always |= decl.names.iter().any(|n| parse_expression(n, language).is_none());
    }
    Parsed { source, language, ast }
}

/// The text with conditionals that cut through statements taken out, its tree, and where they stand; `None` if it is
/// understood no better so. Costs a second parse of files that are damaged near a conditional.
fn straightened(grammar: &Grammar, source: &SourceFile, tree: &Tree) -> Option<(SourceFile, Tree, Vec<Span>)> {
    let troubles = |tree: &Tree, text: &str| Survey::of(tree.root_node(), text, grammar).troubles;
    if !tree.root_node().has_error() || grammar.language.conditionals.open.is_empty() {
        return None;
    }
    let before = troubles(tree, &source.text);
    let (text, cut) = conditionals::straightened(source, &before, &grammar.language.conditionals)?;
    let better = self::tree(grammar, &text)?;
    let fewer = troubles(&better, &text).len() < before.len();
    fewer.then(|| (SourceFile::new(source.path.clone(), text), better, cut))
}

fn with_cuts(mut ast: Ast, cut: Vec<Span>) -> Ast {
    let said = |span| Diagnostic {
        severity: Severity::Warning,
        span,
        message: "this conditional cuts through a statement: read as if its first branch were compiled".into(),
    };
    ast.diagnostics.extend(cut.into_iter().map(said));
    ast.diagnostics.sort_by_key(|d| d.span.start);
    ast
}

/// `None` if the tree is deep and no thread with room for it could be started.
fn lower(grammar: &Grammar, source: &SourceFile, tree: &Tree) -> Option<Ast> {
    let root = tree.root_node();
    let survey = Survey::of(root, &source.text, grammar);
    on_a_stack_for(survey.depth, || {
        let (lowerer, troubles) = Lowerer::new(grammar, source, survey);
        lowerer.file(root, troubles)
    })
}

/// Lowering recurses, if only so far ([`lower::MAX_STATEMENTS`], [`lower::MAX_EXPRESSIONS`]). What ordinary programs need
/// fits on any thread; for the rest there is a thread with room enough. `None` if it could not be started.
fn on_a_stack_for<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    const ORDINARY_DEPTH: usize = 80;
    const STACK: usize = 64 << 20;
    if depth <= ORDINARY_DEPTH {
        return Some(work());
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        Some(thread.ok()?.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Reads a text that must be exactly one well-formed expression.
pub fn parse_expression(text: &str, language: &Language) -> Option<ParsedExpr> {
    let grammar = grammar_of(language);
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    let framed = format!("{}{trimmed}{}", grammar.frame.before, grammar.frame.after);
    let start = grammar.frame.before.len();
    let tree = tree(grammar, &framed)?;
    let root = tree.root_node();
    if root.has_error() {
        return None;
    }
    // The node must be the text and nothing but the text: comments and closing brackets in it would show here.
    let node = root.named_descendant_for_byte_range(start, start + trimmed.len())?;
    let exact = node.start_byte() == start && node.end_byte() == start + trimmed.len();
    let rule = grammar.expression.get(node)?;
    if !exact || matches!(rule, ExprRule::As { .. } | ExprRule::Transparent { .. } | ExprRule::Splice { .. }) {
        return None;
    }
    let source = SourceFile::new("", framed.as_str());
    let survey = Survey::of(node, &source.text, grammar);
    let (mut ast, root) = on_a_stack_for(survey.depth, || Lowerer::new(grammar, &source, survey).0.single(node))?;
    let offset = text.len() - text.trim_start().len();
    let shift = |span: &mut Span| {
        span.start = span.start - start as u32 + offset as u32;
        span.end = span.end - start as u32 + offset as u32;
    };
    ast.exprs.iter_mut().for_each(|e| shift(&mut e.span));
    ast.identifiers.iter_mut().for_each(&shift);
    ast.verbatim.iter_mut().for_each(&shift);
    ast.comments.iter_mut().for_each(|c| shift(&mut c.span));
    ast.diagnostics.iter_mut().for_each(|d| shift(&mut d.span));
    let names = free_names(&ast, root);
    Some(ParsedExpr { ast, root, names })
}

/// Names that an expression uses and doesn't bind itself, in source order.
fn free_names(ast: &Ast, root: ExprId) -> Vec<String> {
    let mut found: Vec<(Span, String)> = Vec::new();
    let mut todo = vec![(root, Vec::<&String>::new())];
    while let Some((id, mut hidden)) = todo.pop() {
        match &ast.expr(id).kind {
            ExprKind::Name(name) if !hidden.contains(&name) => found.push((ast.expr(id).span, name.clone())),
            ExprKind::Lambda { bound, .. } | ExprKind::Comprehension { bound, .. } => hidden.extend(bound),
            _ => {}
        }
        todo.extend(ast.operands(id).into_iter().map(|o| (o, hidden.clone())));
    }
    found.sort();
    let mut names: Vec<String> = Vec::new();
    for (_, name) in found {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// How many places of a text the grammar stumbles over.
pub fn has_errors(text: &str, language: &Language) -> usize {
    let grammar = grammar_of(language);
    match tree(grammar, text) {
        Some(tree) => Survey::of(tree.root_node(), text, grammar).troubles.len(),
        None => 1,
    }
}

/// Steps (calls back from the parser, which come at a fixed distance) that any text may take, and that each byte adds.
/// Ordinary source text takes a step per 150 bytes; the worst text that tests try, a step per 18.
const STEPS: usize = 10_000;
const STEPS_PER_BYTE: usize = 1;

/// Runs the parser. `None` if the text is too long for it or makes it take too many steps.
fn tree(grammar: &Grammar, text: &str) -> Option<Tree> {
    tree_within(grammar, text, STEPS + STEPS_PER_BYTE * text.len())
}

fn tree_within(grammar: &Grammar, text: &str, steps: usize) -> Option<Tree> {
    if u32::try_from(text.len()).is_err() {
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(&grammar.grammar).ok()?;
    let text = readable(text);
    let bytes = text.as_bytes();
    let mut left = steps;
    let mut progress = |_: &tree_sitter::ParseState| {
        left = left.saturating_sub(1);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// The text with blanks for what would end or upset the lexer: NULs and a byte order mark. Offsets stay.
fn readable(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', '\u{feff}']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\0', " ").replace('\u{feff}', "   "))
}
