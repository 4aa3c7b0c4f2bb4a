//! The shape of a function's inputs: what its signature says, and what may be told from literals.
//!
//! Types are read from their text by the language's table of names (`[shapes]` in `run.toml`): `Map<String, List<Integer>>`
//! and `dict[str, list[int]]` are the same shape. What no table knows is [`Shape::Any`] where values carry their own type, and
//! [`Unfit`] where they don't.

use crate::syntax::Parsed;
use crate::syntax::ast::{ContextDecl, DeclKind, FunctionId, Param, StmtKind, TypeInfo};
use crate::syntax::language::Imports;
use crate::syntax::running::Shapes;
use std::collections::{BTreeMap, BTreeSet};

/// What values of a parameter look like.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    None,
    Bool,
    /// Within closed bounds.
    Int {
        min: i128,
        max: i128,
    },
    Float {
        single: bool,
    },
    Char,
    Text,
    Bytes,
    List(Box<Shape>),
    Tuple(Vec<Shape>),
    Set(Box<Shape>),
    Map(Box<Shape>, Box<Shape>),
    Optional(Box<Shape>),
    /// One of several.
    Either(Vec<Shape>),
    /// A structure: each field with its name and its type's text.
    Fields(Vec<(String, Shape, String)>),
    /// A pointer to one value, or null if it may be.
    Pointer(Box<Shape>),
    /// As long as the argument of that number.
    Length(usize),
    /// Nothing is known of it.
    Any,
}

/// A parameter that gets a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    pub name: String,
    pub shape: Shape,
    /// The type as a variable of it is declared; empty where the language needs none.
    pub ty: String,
}

/// Why a parameter can't be given a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no values are known for `{parameter}` of type `{ty}`")]
pub struct Unfit {
    pub parameter: String,
    pub ty: String,
}

/// Nesting of types beyond which nothing is made up.
const DEPTH: usize = 4;

/// The parameters of a function that get values, in order.
pub fn parameters(parsed: &Parsed, entry: FunctionId) -> Result<Vec<Parameter>, Unfit> {
    let shapes = &parsed.language.running.shapes;
    let function = parsed.ast.function(entry);
    let reader = Reader { parsed, shapes };
    let mut params: Vec<&Param> = function.params.iter().filter(|p| !p.name.is_empty() && p.name != "void").collect();
    let method = function.container.is_some() && function.outer.is_none();
    if method && params.first().is_some_and(|p| shapes.receivers.contains(&p.name)) {
        params.remove(0);
    }
    let mut out = Vec::new();
    for param in &params {
        let unfit = || Unfit { parameter: param.name.clone(), ty: parsed.source.slice(param.span).to_owned() };
        let shape = reader.of_param(param).ok_or_else(unfit)?;
        out.push(Parameter { name: param.name.clone(), shape, ty: reader.declared(&param.ty) });
    }
    if shapes.lengths {
        relate_lengths(&mut out);
    }
    Ok(out)
}

/// Declarations of well-known types that the program names and doesn't declare: it is often shown without them.
pub fn missing_types(parsed: &Parsed) -> String {
    let known = &parsed.language.running.shapes.known;
    let named = |name: &str| parsed.ast.identifiers.iter().any(|s| parsed.source.slice(*s) == name);
    let declared =
        |name: &str| parsed.ast.decls.iter().any(|d| d.kind == DeclKind::Type && d.names.iter().any(|n| n == name));
    let missing = known.iter().filter(|(name, _)| named(name) && !declared(name));
    let missing = missing.map(|(_, text)| format!("{text}\n"));
    // Modules whose members stand in the text itself.
    let modules = parsed.source.linkage.iter().flat_map(|l| &l.modules);
    let this =
        |name: &String| format!("{}\n", super::probe::fill(&parsed.language.running.shapes.module, &[("n", name)]));
    missing.chain(modules.map(this)).collect()
}

/// A slice with the program's types as they are, where it shows some members of them.
pub fn with_whole_types(parsed: &Parsed, slice: &str) -> String {
    if !parsed.language.types.only_data {
        return slice.to_owned();
    }
    let level = |d: &&ContextDecl| d.kind == DeclKind::Type && d.within.is_none() && !d.names.is_empty();
    let whole: BTreeMap<&Vec<String>, &ContextDecl> =
        parsed.ast.decls.iter().filter(level).map(|d| (&d.names, d)).collect();
    let file = crate::syntax::parse("", slice.to_owned(), parsed.language);
    let mut out = slice.to_owned();
    for decl in file.ast.decls.iter().rev().filter(level) {
        let Some(original) = whole.get(&decl.names).map(|d| parsed.source.slice(d.span)) else { continue };
        if original != file.source.slice(decl.span) {
            out.replace_range(decl.span.range(), original);
        }
    }
    out
}

/// Declarations of a program that one of its slices names and doesn't show. A lean slice leaves them to the reader: text that is
/// taken in, types, signatures. Of functions of other files that can't be cut not all are shown.
pub fn left_out(parsed: &Parsed, slice: &Parsed) -> String {
    let textual = parsed.language.modules.imports == Imports::Text;
    let linked = parsed.source.linkage.is_some();
    if parsed.language.modules.imports == Imports::Classes || !textual && !linked {
        return String::new();
    }
    // A signature stands for no function.
    let shown = |kind: DeclKind, name: &str| {
        let stands = |d: &ContextDecl| d.kind != DeclKind::Prototype || kind != DeclKind::Function;
        slice.ast.decls.iter().any(|d| stands(d) && d.names.iter().any(|n| n == name))
    };
    let lines: BTreeSet<&str> = slice.source.text.lines().map(str::trim).collect();
    let mut named: BTreeSet<&str> = slice.ast.identifiers.iter().map(|s| slice.source.slice(*s)).collect();
    let types = [DeclKind::Type, DeclKind::Prototype];
    let others = [DeclKind::Function, DeclKind::Macro, DeclKind::Variable];
    let kind = |k: DeclKind| types.contains(&k) || others.contains(&k);
    let level = |d: &&ContextDecl| d.within.is_none() && d.container.is_none();
    let mut wanted: BTreeSet<usize> = BTreeSet::new();
    loop {
        let missing =
            |d: &ContextDecl| kind(d.kind) && d.names.iter().any(|n| named.contains(n.as_str()) && !shown(d.kind, n));
        let all = parsed.ast.decls.iter().enumerate().filter(|(_, d)| level(d));
        let more: Vec<usize> = all.filter(|(i, d)| missing(d) && !wanted.contains(i)).map(|(i, _)| i).collect();
        if more.is_empty() {
            break;
        }
        for i in more {
            named.extend(parsed.ast.decls[i].uses.iter().map(String::as_str));
            wanted.insert(i);
        }
    }
    let text = |d: &ContextDecl| parsed.source.slice(d.span).trim_end();
    let taken = |(i, d): &(usize, &ContextDecl)| {
        level(d) && (wanted.contains(i) || d.kind == DeclKind::Import && d.always && !lines.contains(text(d).trim()))
    };
    let mut all: Vec<&ContextDecl> = parsed.ast.decls.iter().enumerate().filter(taken).map(|(_, d)| d).collect();
    all.sort_by_key(|d| (parsed.source.stretch(d.span.start), d.span.start));
    all.into_iter().map(|d| format!("{}\n", text(d))).collect()
}

struct Reader<'a> {
    parsed: &'a Parsed,
    shapes: &'a Shapes,
}

impl Reader<'_> {
    fn of_param(&self, param: &Param) -> Option<Shape> {
        let text = self.parsed.source.slice(param.span);
        let ty = &param.ty;
        if self.shapes.lengths {
            return self.of_info(ty, DEPTH);
        }
        let starred = text.starts_with('*') || text.contains("...");
        let mut shape = if ty.name.is_empty() { Shape::Any } else { self.of_text(&ty.name, DEPTH) };
        for _ in 0..ty.arrays {
            shape = Shape::List(Box::new(shape));
        }
        // What takes any number of arguments is given none by a harness that binds by position.
        (!starred || ty.arrays > 0).then_some(shape)
    }

    /// A type with pointers, where arrays have no length of their own.
    fn of_info(&self, ty: &TypeInfo, depth: usize) -> Option<Shape> {
        let base = self.plain(&ty.name);
        let mut levels = usize::from(ty.pointers) + usize::from(ty.arrays);
        let mut shape = match self.shapes.names.get(&base) {
            Some(kind) if kind == "char" && levels > 0 => {
                levels -= 1;
                Shape::Text
            }
            Some(kind) => self.of_kind(kind, &[], depth),
            None if base == "void" => return None,
            None => self.declared_type(&base, depth)?,
        };
        let structure = matches!(shape, Shape::Fields(_));
        for level in 0..levels {
            // A pointer to a structure points to one; any other is an array.
            let one = structure && level == 0 && ty.arrays == 0;
            shape = if one { Shape::Pointer(Box::new(shape)) } else { Shape::List(Box::new(shape)) };
        }
        Some(shape)
    }

    /// How a variable of the type is declared: arrays as pointers.
    fn declared(&self, ty: &TypeInfo) -> String {
        if !self.shapes.lengths {
            return String::new();
        }
        let levels = usize::from(ty.pointers) + usize::from(ty.arrays);
        format!("{} {}", self.plain(&ty.name), "*".repeat(levels)).trim_end().to_owned()
    }

    fn plain(&self, text: &str) -> String {
        let words = text.split_whitespace().filter(|w| !self.shapes.qualifiers.iter().any(|q| q == w));
        words.collect::<Vec<_>>().join(" ")
    }

    /// A structure or another name for a type that the file declares.
    fn declared_type(&self, base: &str, depth: usize) -> Option<Shape> {
        let depth = depth.checked_sub(1)?;
        let name = base.rsplit(' ').next()?;
        let decl = self.parsed.ast.decls.iter().find(|d| d.kind == DeclKind::Type && d.names.iter().any(|n| n == name));
        let text = match decl {
            Some(decl) => self.parsed.source.slice(decl.span),
            None => self.shapes.known.get(name)?,
        };
        let Some((open, close)) = text.find('{').zip(text.rfind('}')) else {
            // `typedef long long ll;`
            let before = text.trim_start_matches("typedef").trim_end_matches(';').trim();
            let target = before.strip_suffix(name)?.trim();
            let pointers = target.matches('*').count() as u8;
            let name = target.replace('*', " ");
            return self.of_info(&TypeInfo { name, pointers, ..TypeInfo::default() }, depth);
        };
        if text[..open].contains("enum") {
            return Some(Shape::Int { min: 0, max: text[open..close].matches(',').count() as i128 });
        }
        if text[..open].contains("union") {
            return None;
        }
        // Its members read like local variables.
        let framed = format!("void f(void) {}", &text[open..=close]);
        let parsed = crate::syntax::parse("", framed, self.parsed.language);
        let mut fields = Vec::new();
        for stmt in parsed.ast.functions.first()?.body.stmts.iter() {
            let StmtKind::Decl(decl) = &parsed.ast.stmt(*stmt).kind else { return None };
            for declarator in &decl.declarators {
                let ty = &declarator.ty;
                let shape = match (self.plain(&ty.name) == base, ty.arrays) {
                    // A list of such structures ends here.
                    (true, 0) if ty.pointers == 1 => {
                        self.declared_type(base, depth).map_or(Shape::None, |s| Shape::Optional(Box::new(s)))
                    }
                    (_, 0) => self.of_info(ty, depth)?,
                    // An array inside a structure keeps its zeros.
                    _ => continue,
                };
                let shape = if shape == Shape::None { Shape::Pointer(Box::new(Shape::None)) } else { shape };
                fields.push((declarator.name.clone(), shape, self.declared(ty)));
            }
        }
        Some(Shape::Fields(fields))
    }

    /// A type whose text may have arguments: `List<Integer>`, `dict[str, int]`, `int[]`, `int | None`.
    fn of_text(&self, text: &str, depth: usize) -> Shape {
        let text = text.trim().trim_matches(['"', '\'']);
        let Some(depth) = depth.checked_sub(1) else { return Shape::Any };
        if let Some(element) = text.strip_suffix("[]") {
            return Shape::List(Box::new(self.of_text(element, depth)));
        }
        let choices = split(text, '|');
        if choices.len() > 1 {
            return either(choices.into_iter().map(|c| self.of_text(c, depth)).collect());
        }
        let (name, arguments) = match text.find(['<', '[']) {
            Some(at) => (&text[..at], split(text[at + 1..].trim_end_matches(['>', ']']), ',')),
            None => (text, Vec::new()),
        };
        let last = name.rsplit('.').next().unwrap_or(name).trim();
        let arguments: Vec<Shape> = arguments.into_iter().map(|a| self.of_text(a, depth)).collect();
        match self.shapes.names.get(last) {
            Some(kind) if kind == "any" && !arguments.is_empty() => either(arguments),
            Some(kind) => self.of_kind(kind, &arguments, depth),
            None => Shape::Any,
        }
    }

    fn of_kind(&self, kind: &str, arguments: &[Shape], _depth: usize) -> Shape {
        let argument = |n: usize| Box::new(arguments.get(n).cloned().unwrap_or(Shape::Any));
        if let Some((sign, bits)) = kind.split_at_checked(1)
            && let Ok(bits) = bits.parse::<u32>()
            && sign != "f"
        {
            let half = 1i128 << (bits - 1);
            return if sign == "u" {
                Shape::Int { min: 0, max: 2 * half - 1 }
            } else {
                Shape::Int { min: -half, max: half - 1 }
            };
        }
        match kind {
            "int" => Shape::Int { min: i128::from(i64::MIN), max: i128::from(i64::MAX) },
            "f64" => Shape::Float { single: false },
            "f32" => Shape::Float { single: true },
            "bool" => Shape::Bool,
            "char" => Shape::Char,
            "text" => Shape::Text,
            "bytes" => Shape::Bytes,
            "list" => Shape::List(argument(0)),
            "tuple" => match arguments {
                // `tuple[int, ...]`
                [one, Shape::Any] => Shape::Tuple(vec![one.clone(), one.clone()]),
                [] => Shape::Tuple(vec![Shape::Any, Shape::Any]),
                many => Shape::Tuple(many.to_vec()),
            },
            "set" => Shape::Set(argument(0)),
            "map" => Shape::Map(argument(0), argument(1)),
            "optional" => Shape::Optional(argument(0)),
            "none" => Shape::None,
            _ => Shape::Any,
        }
    }
}

fn either(mut shapes: Vec<Shape>) -> Shape {
    let all = shapes.len();
    shapes.retain(|s| *s != Shape::None);
    let one = match shapes.len() {
        1 => shapes.remove(0),
        _ => Shape::Either(shapes.clone()),
    };
    if shapes.len() < all && all > 1 { Shape::Optional(Box::new(one)) } else { one }
}

/// Splits at a separator that stands outside of brackets.
pub fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0i32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '<' | '[' | '(' => depth += 1,
            '>' | ']' | ')' => depth -= 1,
            c if c == separator && depth == 0 => {
                parts.push(text[from..at].trim());
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[from..].trim());
    parts.retain(|p| !p.is_empty());
    parts
}

/// Finds for each array the parameter that tells its length, by place and name.
fn relate_lengths(parameters: &mut [Parameter]) {
    let whole = |p: &Parameter| matches!(p.shape, Shape::Int { max, .. } if max > 255);
    let says_length = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["len", "size", "count", "num", "length"].iter().any(|w| name.contains(w))
            || ["n", "m", "sz", "cnt"].contains(&&*name)
    };
    let mut taken = vec![false; parameters.len()];
    for array in 0..parameters.len() {
        let (list, text) = match parameters[array].shape {
            Shape::List(_) => (true, false),
            Shape::Text => (false, true),
            _ => continue,
        };
        let own = |p: &Parameter| {
            let (p, a) = (p.name.to_ascii_lowercase(), parameters[array].name.to_ascii_lowercase());
            p.contains(&a) && p.len() > a.len()
        };
        let fits = |i: &usize| !taken[*i] && whole(&parameters[*i]) && *i != array;
        let candidates: Vec<usize> = (0..parameters.len()).filter(fits).collect();
        let named = candidates.iter().copied().find(|i| own(&parameters[*i]) && says_length(&parameters[*i].name));
        let next = candidates.iter().copied().find(|i| *i == array + 1 && says_length(&parameters[*i].name));
        let any = candidates.iter().copied().find(|i| list && says_length(&parameters[*i].name));
        let after = candidates.iter().copied().find(|i| list && *i == array + 1);
        let text_next = next.filter(|i| text && parameters[*i].name.to_ascii_lowercase().contains("len"));
        let found = if text { named.or(text_next) } else { named.or(next).or(any).or(after) };
        if let Some(found) = found {
            taken[found] = true;
            parameters[found].shape = Shape::Length(array);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{by_name, parse};

    fn shapes(language: &str, text: &str) -> Vec<String> {
        let parsed = parse("x", text.to_owned(), by_name(language).expect("a known language"));
        match parameters(&parsed, FunctionId(0)) {
            Ok(all) => all.into_iter().map(|p| format!("{}: {:?}", p.name, p.shape)).collect(),
            Err(unfit) => vec![unfit.to_string()],
        }
    }

    #[test]
    fn annotations_are_read() {
        let text = "def f(self, a: int, b: list[dict[str, int]], c: Optional[str], d, e: int | None):\n    pass\n";
        let int = "Int { min: -9223372036854775808, max: 9223372036854775807 }";
        assert_eq!(
            shapes("python", text)[1..],
            [
                format!("a: {int}"),
                format!("b: List(Map(Text, {int}))"),
                "c: Optional(Text)".to_owned(),
                "d: Any".to_owned(),
                format!("e: Optional({int})"),
            ]
        );
    }

    #[test]
    fn arrays_know_their_lengths() {
        let text = "int f(const int *nums, int k, char *s, int numsSize, double grades[], int length) { return 0; }";
        assert_eq!(
            shapes("c", text),
            [
                "nums: List(Int { min: -2147483648, max: 2147483647 })",
                "k: Int { min: -2147483648, max: 2147483647 }",
                "s: Text",
                "numsSize: Length(0)",
                "grades: List(Float { single: false })",
                "length: Length(4)",
            ]
        );
    }

    #[test]
    fn structures_have_fields() {
        let text =
            "struct p { int x, y; struct p *next; };\ntypedef unsigned char u;\nint f(struct p q, u c) { return 0; }";
        let found = shapes("c", text);
        assert!(found[0].starts_with("q: Fields([(\"x\", Int"), "{found:?}");
        assert_eq!(found[1], "c: Int { min: 0, max: 255 }");
        assert_eq!(shapes("c", "int f(FILE *in) { return 0; }"), ["no values are known for `in` of type `FILE *in`"]);
    }

    #[test]
    fn generic_types_are_read() {
        let text = "class A { static int f(int[] a, Map<String, List<Long>> m, char c, Object o) { return 0; } }";
        let found = shapes("java", text);
        assert_eq!(found[1], "m: Map(Text, List(Int { min: -9223372036854775808, max: 9223372036854775807 }))");
        assert_eq!(found[2..], ["c: Char", "o: Any"]);
    }
}
