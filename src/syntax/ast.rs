//! The unified AST: what every language is lowered to.
//!
//! A node is its kind, its byte span and its children by role; no text is copied except names. Statements and expressions
//! live in two arenas and refer to each other by index, so that a hostile, deeply nested program never costs a deep
//! recursion when the tree is dropped. Differences of meaning between languages are variants and flags here (a switch that
//! falls through and one that doesn't); after this room nobody asks which language it is.

use crate::text::Span;
use std::collections::BTreeSet;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}
index!(/// Index into [`Ast::stmts`].
    StmtId);
index!(/// Index into [`Ast::exprs`].
    ExprId);
index!(/// Index into [`Ast::functions`].
    FunctionId);
index!(/// Index into [`Ast::containers`].
    ContainerId);

/// One parsed and lowered file.
#[derive(Debug, Default)]
pub struct Ast {
    pub stmts: Vec<Stmt>,
    pub exprs: Vec<Expr>,
    /// In source order. Nested functions and methods are here too. If the file has executable statements outside any
    /// function (a script), the last entry is a function named `<module>` whose body holds them.
    pub functions: Vec<Function>,
    /// Classes (and like) that enclose functions; in source order.
    pub containers: Vec<Container>,
    /// Declarations that a slice may show as context: imports, macros, types, globals, fields, prototypes, functions.
    /// In source order.
    pub decls: Vec<ContextDecl>,
    /// Every comment, in source order.
    pub comments: Vec<Comment>,
    /// Spans whose inner lines must not be re-indented (string literals over several lines), in source order.
    pub verbatim: Vec<Span>,
    /// Every identifier-like token (variables, types, fields, words of macros), in source order: what a span names.
    pub identifiers: Vec<Span>,
    pub diagnostics: Vec<Diagnostic>,
    /// Names that a test declares (`x instanceof T t`, lowered as an `Assign`): they live only where the test held.
    pub declared_by_tests: BTreeSet<ExprId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub span: Span,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Info,
    Warning,
    Error,
}

#[derive(Debug, Clone)]
pub struct Comment {
    /// With its delimiters (`//`, `#`, `/* */`).
    pub span: Span,
    /// A documentation comment (`/** */`, `///`).
    pub doc: bool,
}

#[derive(Debug, Clone)]
pub struct Stmt {
    /// From the first byte to the last, terminator (`;`, closing brace) included, trailing comment excluded.
    pub span: Span,
    pub kind: StmtKind,
}

/// How the text of a body is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyStyle {
    /// `{ ... }`; `Body::span` includes the braces.
    Braced,
    /// One statement without braces: `if (c) x = 1;`.
    Bare,
    /// Python's block; `Body::span` is from its first statement to its last. May stand on the header's line.
    Indented,
    /// `else if` written as a chain: the body is exactly one `If`, whose own text starts at its keyword. In C and Java the
    /// keyword is `if` (the `else` is in `else_head`); in Python it is `elif` and `else_head` is empty.
    Chain,
    /// The statements after a `case X:` label up to the next label.
    Group,
}

#[derive(Debug, Clone)]
pub struct Body {
    pub span: Span,
    pub style: BodyStyle,
    pub stmts: Vec<StmtId>,
}

#[derive(Debug, Clone)]
pub enum StmtKind {
    /// An expression evaluated for its effect.
    Expr(ExprId),
    /// A local variable declaration. Each declarator is executed in order, as if it stood alone.
    Decl(Decl),
    /// `assert(e)`, `assert e, m`, `assert e : m`: leaves the function when false.
    Assert {
        cond: ExprId,
        message: Option<ExprId>,
    },
    /// `assume(e)`: written by the user as a precondition at this point.
    Assume {
        cond: ExprId,
    },
    /// A free-standing block.
    Block(Body),
    If(If),
    /// while, do-while, C-style for, for-each.
    Loop(Loop),
    Switch(Switch),
    Break {
        label: Option<String>,
    },
    Continue {
        label: Option<String>,
    },
    Return {
        value: Option<ExprId>,
    },
    Goto {
        label: String,
    },
    /// `label: stmt` in C (goto target) and Java (target of labelled break and continue). `head` is `label:`.
    Labeled {
        label: String,
        head: Span,
        body: Option<StmtId>,
    },
    /// `throw e` / `raise e from f`; `None` re-raises.
    Throw {
        value: Option<ExprId>,
        cause: Option<ExprId>,
    },
    /// A call that never returns: `exit(1);`, `sys.exit()`, a function marked noreturn.
    Exit(ExprId),
    Try(Try),
    /// Python `with`, Java `synchronized`.
    With(With),
    /// `#if ... #elif ... #else ... #endif` around whole statements.
    Preproc(Preproc),
    /// A function defined inside a body; also binds its name. See [`Ast::functions`].
    Function(FunctionId),
    /// A class defined inside a body; its methods are in [`Ast::functions`]. Reads and may write every name in it.
    Class {
        name: String,
        names: Vec<ExprId>,
    },
    /// Does nothing when executed but declares names: an import, `global x`, a local `struct`/`typedef`, a macro.
    /// Index into [`Ast::decls`].
    Context(u32),
    /// `pass`, `;`.
    Empty,
    /// What was not understood: reads and may write every name in it, falls through. A diagnostic says why.
    Opaque {
        names: Vec<ExprId>,
    },
}

#[derive(Debug, Clone)]
pub struct Decl {
    pub declarators: Vec<Declarator>,
    /// The type with its qualifiers and modifiers: `const char` of `const char *p = 0, c;`.
    pub type_span: Span,
    /// C `static` or `extern` local: not executed where it stands.
    pub persistent: bool,
}

#[derive(Debug, Clone)]
pub struct Declarator {
    pub name: String,
    /// The declarator and its initialiser: `*p = 0`.
    pub span: Span,
    /// The declarator alone: `*p`.
    pub bare: Span,
    pub init: Option<ExprId>,
    /// Expressions in the declarator itself: array sizes.
    pub sizes: Vec<ExprId>,
    pub ty: TypeInfo,
    /// Whether `type declarator;` without the initialiser is still a declaration of the same type: false for
    /// `int a[] = ...`, `const`, `final`, `var`, `auto`, references.
    pub strippable: bool,
}

/// The little about a type that slicing needs. `Default` is "unknown", which is treated as a reference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeInfo {
    /// Text of the base type, without declarator marks, e.g. `int`, `List<String>`, `struct node`. Empty if unknown.
    pub name: String,
    /// A value without references inside, copied by assignment: numbers, booleans, immutable strings.
    pub scalar: bool,
    /// Number of pointer marks on the declarator.
    pub pointers: u8,
    /// Number of array dimensions (declarator or type).
    pub arrays: u8,
}

#[derive(Debug, Clone)]
pub struct If {
    pub cond: ExprId,
    /// The keyword token: `if` or `elif`.
    pub keyword: Span,
    /// From the start of the statement to the end of the last token before the body: `if (c)`, `if c:`.
    pub head: Span,
    pub then: Body,
    /// `else`, `else:`; empty where there is none or in a Python `elif` chain.
    pub else_head: Span,
    pub els: Option<Body>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopKind {
    While,
    /// The body runs before the first test.
    DoWhile,
    /// `for (init; cond; update)`.
    For,
    /// `for x in xs`, `for (T x : xs)`.
    ForEach,
}

#[derive(Debug, Clone)]
pub struct Loop {
    pub kind: LoopKind,
    /// `while (c)`, `do`, `for (...)`, `for x in xs:`.
    pub head: Span,
    /// For: the initialiser as statements (a `Decl` or `Expr`s); their spans exclude the `;`.
    pub init: Vec<StmtId>,
    /// While, DoWhile, For: `None` in `for (;;)`.
    pub cond: Option<ExprId>,
    /// For: the update expressions, each a statement of kind `Expr`.
    pub update: Vec<StmtId>,
    /// ForEach: what is assigned in each round, and from what.
    pub target: Option<ExprId>,
    pub iter: Option<ExprId>,
    /// ForEach: the declared type of the target, if written.
    pub target_type: TypeInfo,
    pub body: Body,
    /// Python `else` of a loop.
    pub else_head: Span,
    pub els: Option<Body>,
    /// DoWhile: `while (c);` after the body.
    pub tail: Span,
}

#[derive(Debug, Clone)]
pub struct Switch {
    pub subject: ExprId,
    /// `switch (x)`, `match x:` (without the opening brace).
    pub head: Span,
    /// The switch block: braces included, or Python's block.
    pub block: Span,
    pub arms: Vec<Arm>,
    /// Whether control falls from the end of one arm into the next.
    pub fallthrough: bool,
    /// Whether a plain `break` leaves the switch.
    pub breakable: bool,
    /// Whether the first arm that fits is taken, though others may fit too. Otherwise no two labels are equal.
    pub ordered: bool,
    /// Whether a value that matches no arm leaves the switch silently. False where the language says the arms are exhaustive.
    pub may_skip: bool,
}

#[derive(Debug, Clone)]
pub struct Arm {
    pub span: Span,
    /// The labels as written: `case 1: case 2:`, `case 1, 2 ->`, `case (a, b) if a > b:`.
    pub head: Span,
    /// Label values or patterns, `default`/`_` excluded. Consecutive empty labels of a falling switch are one arm.
    pub labels: Vec<ExprId>,
    /// The labels hold `default` or an irrefutable pattern without guard.
    pub is_default: bool,
    pub guard: Option<ExprId>,
    /// Names that a pattern binds.
    pub binds: Vec<ExprId>,
    /// Each label is a constant that `==` compares (a number or character), so that the arm can be written as an equation.
    pub comparable: bool,
    pub body: Body,
}

#[derive(Debug, Clone)]
pub struct Try {
    /// `try`, `try:`, `try (...)`.
    pub head: Span,
    /// try-with-resources: `Decl` or `Expr` statements, spans without `;`.
    pub resources: Vec<StmtId>,
    pub body: Body,
    pub handlers: Vec<Handler>,
    pub else_head: Span,
    pub els: Option<Body>,
    pub finally_head: Span,
    pub finally: Option<Body>,
}

#[derive(Debug, Clone)]
pub struct Handler {
    pub span: Span,
    /// `except ValueError as e:`, `catch (IOException e)`.
    pub head: Span,
    /// Exception types as written; empty for a bare `except:`.
    pub types: Vec<ExprId>,
    pub bind: Option<ExprId>,
    /// Catches everything: bare `except`, `BaseException`, `Exception`, `Throwable`.
    pub catch_all: bool,
    pub body: Body,
}

#[derive(Debug, Clone)]
pub struct With {
    pub head: Span,
    /// Managers with what `as` binds.
    pub items: Vec<(ExprId, Option<ExprId>)>,
    pub body: Body,
}

/// Branches of a preprocessor conditional, each with its directive line. Which one is compiled is not known here.
#[derive(Debug, Clone)]
pub struct Preproc {
    /// `(directive line, statements)`: `#if X`, `#elif Y`, `#else`. Bodies have style `Group`.
    pub arms: Vec<(Span, Body)>,
    /// The last directive is `#else`.
    pub has_else: bool,
    /// `#endif`.
    pub tail: Span,
}

#[derive(Debug, Clone)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A variable, function or constant by name. `this`, `self`, `super` are names.
    Name(String),
    /// A number, boolean, null, string without interpolation.
    Literal(LiteralKind),
    /// `a.b`, `p->f`; `through` is true for `->` and in languages where objects are references.
    Field { object: ExprId, name: String, through: bool },
    /// `a[i]`, `s[:k]` (a slice is its bounds).
    Index { object: ExprId, indices: Vec<ExprId> },
    /// `*p`.
    Deref(ExprId),
    /// `&x`.
    AddressOf(ExprId),
    /// `f(a)`; a method call has a `Field` as callee. Keyword arguments are their values, starred ones `Starred`.
    Call { callee: ExprId, args: Vec<ExprId> },
    /// `new T(a) {...}`; an anonymous class body is in `extra`.
    New { args: Vec<ExprId>, extra: Vec<ExprId> },
    /// `x = e`, `a, b = b, a`, `x := e`. One entry per target of a chain `a = b = e`. `value` is `None` for a bare annotation.
    Assign { targets: Vec<ExprId>, value: Option<ExprId> },
    /// `x += e`.
    Compound { target: ExprId, value: ExprId },
    /// `x++`, `--x`.
    Update { target: ExprId },
    /// `del x, a[i]`.
    Delete(Vec<ExprId>),
    /// Arithmetic, comparison, bit operations, `not`, unary minus. `faults` is true where the language may raise here:
    /// division and remainder; any operator in a dynamic language.
    Operator { operands: Vec<ExprId>, faults: bool },
    /// `&&`, `||`, `and`, `or`: the right side may not be evaluated.
    Logical { left: ExprId, right: ExprId },
    /// `c ? a : b`, `a if c else b`.
    Conditional { cond: ExprId, then: ExprId, els: ExprId },
    /// Tuple, list, set, dictionary, initialiser list, comma expression: all elements are evaluated.
    Sequence(Vec<ExprId>),
    /// `*xs` in a target, literal or argument list, `**kw`.
    Starred(ExprId),
    /// A cast; `scalar` if the target type is one, `pointer` if it is `T *`.
    Cast { value: ExprId, scalar: bool, pointer: bool },
    /// A comprehension or generator expression: `bound` names are its own, `parts` are evaluated in their scope.
    Comprehension { bound: Vec<String>, parts: Vec<ExprId> },
    /// A lambda or anonymous function: runs later, if at all. `parts` are all expressions of its body.
    Lambda { bound: Vec<String>, parts: Vec<ExprId> },
    /// Formatted string with its interpolations.
    Template(Vec<ExprId>),
    /// `yield e`, `await e`.
    Suspend(Vec<ExprId>),
    /// Anything else, e.g. a switch used as an expression, `sizeof`, a statement expression: its parts are read; what they
    /// assign is assigned.
    Other(Vec<ExprId>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiteralKind {
    Number,
    String,
    True,
    False,
    Null,
    Other,
}

#[derive(Debug, Clone)]
pub struct Param {
    pub name: String,
    /// The whole parameter as written.
    pub span: Span,
    pub ty: TypeInfo,
}

#[derive(Debug, Clone)]
pub struct Function {
    pub name: String,
    /// With its classes and enclosing functions: `Outer.Inner.method`.
    pub qualified: String,
    pub span: Span,
    /// Decorators, modifiers, signature, up to the last token before the body (`def f(x):`, `int f(int x)`).
    pub head: Span,
    pub params: Vec<Param>,
    /// As written; empty where none is.
    pub returns: TypeInfo,
    /// Falling off the end is an error in this language for this function (Java, not void, not a constructor).
    pub must_return: bool,
    pub body: Body,
    /// The docstring expression or the doc comment directly above (annotation lines are read by `spec`).
    pub doc: Option<Span>,
    /// The innermost enclosing class, if any.
    pub container: Option<ContainerId>,
    /// The function whose body this one stands in, if any.
    pub outer: Option<FunctionId>,
    /// Marked as never returning (`noreturn`, `_Noreturn`).
    pub noreturn: bool,
}

#[derive(Debug, Clone)]
pub struct Container {
    pub name: String,
    pub span: Span,
    /// `public class A extends B`, `class A(B):`, up to the last token before the body.
    pub head: Span,
    /// The body with its braces, or Python's block.
    pub body: Span,
    pub parent: Option<ContainerId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclKind {
    /// `#include`, `import`, `package`: `always` shown if a name it binds is used, or always where it binds none by name.
    Import,
    Macro,
    /// struct, union, enum, typedef, whole class, interface, record.
    Type,
    /// A global variable, or a field of a class.
    Variable,
    /// A function declared without a body.
    Prototype,
    /// A function with a body; `function` says which.
    Function,
    /// `global x`, `nonlocal x`.
    Scope,
}

/// A declaration that a slice shows if it uses one of its names.
#[derive(Debug, Clone)]
pub struct ContextDecl {
    pub kind: DeclKind,
    /// All names it makes known: a struct's tag and typedef names, enum constants, imported names.
    pub names: Vec<String>,
    /// Those of `names` that are pointers.
    pub pointers: Vec<String>,
    /// A variable that another declaration makes: `extern int n;`.
    pub elsewhere: bool,
    /// A field of the class and not of each object: `static int made;`.
    pub unbound: bool,
    /// It must be given its value elsewhere, once: `final int n;`.
    pub pending: bool,
    /// Shown whatever names are used: `#include`, `import pkg.*`, `from m import *`, `package`.
    pub always: bool,
    pub span: Span,
    /// The signature of a function, for showing it without its body.
    pub head: Span,
    pub function: Option<FunctionId>,
    /// The class it is a member of.
    pub container: Option<ContainerId>,
    /// The function in whose body it stands; `None` at file or class level.
    pub within: Option<FunctionId>,
    /// Identifiers that occur in it, sorted, without duplicates (what it needs in turn).
    pub uses: Vec<String>,
}

impl StmtKind {
    /// Whether it has bodies of its own.
    pub fn is_compound(&self) -> bool {
        use StmtKind as K;
        matches!(
            self,
            K::Block(_)
                | K::If(_)
                | K::Loop(_)
                | K::Switch(_)
                | K::Labeled { .. }
                | K::Try(_)
                | K::With(_)
                | K::Preproc(_)
        )
    }
}

impl Ast {
    pub fn stmt(&self, id: StmtId) -> &Stmt {
        &self.stmts[id.index()]
    }

    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()]
    }

    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    /// Statements directly inside `id`, in source order, with those of its bodies; not the bodies of nested functions.
    pub fn children(&self, id: StmtId) -> Vec<StmtId> {
        let mut out = Vec::new();
        let mut body = |b: &Body| out.extend_from_slice(&b.stmts);
        match &self.stmt(id).kind {
            StmtKind::Block(b) => body(b),
            StmtKind::If(s) => {
                body(&s.then);
                s.els.iter().for_each(body);
            }
            StmtKind::Loop(s) => {
                out.extend_from_slice(&s.init);
                out.extend_from_slice(&s.body.stmts);
                out.extend_from_slice(&s.update);
                s.els.iter().for_each(|b| out.extend_from_slice(&b.stmts));
            }
            StmtKind::Switch(s) => s.arms.iter().for_each(|a| body(&a.body)),
            StmtKind::Labeled { body, .. } => out.extend(*body),
            StmtKind::Try(s) => {
                out.extend_from_slice(&s.resources);
                out.extend_from_slice(&s.body.stmts);
                s.handlers.iter().for_each(|h| out.extend_from_slice(&h.body.stmts));
                s.els.iter().for_each(|b| out.extend_from_slice(&b.stmts));
                s.finally.iter().for_each(|b| out.extend_from_slice(&b.stmts));
            }
            StmtKind::With(s) => body(&s.body),
            StmtKind::Preproc(s) => s.arms.iter().for_each(|(_, b)| body(b)),
            _ => {}
        }
        out
    }

    /// Whether a test inside an expression declares a name.
    pub fn declares(&self, id: ExprId) -> bool {
        let mut stack = vec![id];
        while let Some(e) = stack.pop() {
            if self.declared_by_tests.contains(&e) {
                return true;
            }
            stack.extend(self.operands(e));
        }
        false
    }

    /// Direct subexpressions, in evaluation order as far as the language fixes it.
    pub fn operands(&self, id: ExprId) -> Vec<ExprId> {
        match &self.expr(id).kind {
            ExprKind::Name(_) | ExprKind::Literal(_) => vec![],
            ExprKind::Field { object, .. } => vec![*object],
            ExprKind::Index { object, indices } => std::iter::once(*object).chain(indices.iter().copied()).collect(),
            ExprKind::Deref(e) | ExprKind::AddressOf(e) | ExprKind::Starred(e) => vec![*e],
            ExprKind::Call { callee, args } => std::iter::once(*callee).chain(args.iter().copied()).collect(),
            ExprKind::New { args, extra } => args.iter().chain(extra).copied().collect(),
            ExprKind::Assign { targets, value } => value.iter().chain(targets).copied().collect(),
            ExprKind::Compound { target, value } => vec![*target, *value],
            ExprKind::Update { target } => vec![*target],
            ExprKind::Logical { left, right } => vec![*left, *right],
            ExprKind::Conditional { cond, then, els } => vec![*cond, *then, *els],
            ExprKind::Cast { value, .. } => vec![*value],
            ExprKind::Operator { operands: parts, .. }
            | ExprKind::Delete(parts)
            | ExprKind::Sequence(parts)
            | ExprKind::Comprehension { parts, .. }
            | ExprKind::Lambda { parts, .. }
            | ExprKind::Template(parts)
            | ExprKind::Suspend(parts)
            | ExprKind::Other(parts) => parts.clone(),
        }
    }
}
