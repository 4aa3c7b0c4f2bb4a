//! The tree as S-expressions, one statement per line, for tests and people.

use super::ast::*;
use std::fmt::Write;

impl Ast {
    /// Every function with its statements. `text` is the source, from which literals are shown.
    pub fn dump(&self, text: &str) -> String {
        let mut dump = Dump { ast: self, text, out: String::new() };
        for function in &self.functions {
            dump.function(function);
        }
        dump.out
    }

    /// One expression.
    pub fn dump_expr(&self, text: &str, id: ExprId) -> String {
        Dump { ast: self, text, out: String::new() }.expr(id)
    }
}

struct Dump<'a> {
    ast: &'a Ast,
    text: &'a str,
    out: String,
}

impl Dump<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(depth));
    }

    fn function(&mut self, f: &Function) {
        let params: Vec<String> = f.params.iter().map(|p| format!("{}{}", p.name, ty(&p.ty))).collect();
        let mut marks = String::new();
        if f.must_return {
            marks.push_str(" must-return");
        }
        if f.noreturn {
            marks.push_str(" noreturn");
        }
        self.line(0, &format!("fn {}({}){}{marks}", f.qualified, params.join(", "), ty(&f.returns)));
        self.body(1, &f.body);
    }

    fn body(&mut self, depth: usize, body: &Body) {
        for id in &body.stmts {
            self.stmt(depth, *id);
        }
    }

    fn titled(&mut self, depth: usize, title: &str, body: &Body) {
        let style = match body.style {
            BodyStyle::Braced | BodyStyle::Indented => "",
            BodyStyle::Bare => " bare",
            BodyStyle::Chain => " chain",
            BodyStyle::Group => " group",
        };
        self.line(depth, &format!("{title}{style}"));
        self.body(depth + 1, body);
    }

    fn stmt(&mut self, depth: usize, id: StmtId) {
        let ast = self.ast;
        match &ast.stmt(id).kind {
            StmtKind::Block(body) => self.titled(depth, "block", body),
            StmtKind::If(s) => {
                let cond = self.expr(s.cond);
                self.titled(depth, &format!("if {cond}"), &s.then);
                if let Some(els) = &s.els {
                    self.titled(depth, "else", els);
                }
            }
            StmtKind::Loop(s) => self.looping(depth, s),
            StmtKind::Switch(s) => {
                let subject = self.expr(s.subject);
                let falls = if s.fallthrough { " falls" } else { "" };
                let skips = if s.may_skip { "" } else { " exhaustive" };
                self.line(depth, &format!("switch {subject}{falls}{skips}"));
                for arm in &s.arms {
                    let mut title = format!("case{}", self.list(&arm.labels));
                    if arm.is_default {
                        title.push_str(" default");
                    }
                    if let Some(guard) = arm.guard {
                        let _ = write!(title, " when {}", self.expr(guard));
                    }
                    if !arm.binds.is_empty() {
                        let _ = write!(title, " binds{}", self.list(&arm.binds));
                    }
                    if arm.comparable {
                        title.push_str(" ==");
                    }
                    self.titled(depth + 1, &title, &arm.body);
                }
            }
            StmtKind::Labeled { label, body, .. } => {
                self.line(depth, &format!("{label}:"));
                body.iter().for_each(|b| self.stmt(depth + 1, *b));
            }
            StmtKind::Try(s) => self.trying(depth, s),
            StmtKind::With(s) => {
                let mut title = "with".to_string();
                for (value, target) in &s.items {
                    let _ = write!(title, " {}", self.expr(*value));
                    if let Some(target) = target {
                        let _ = write!(title, " as {}", self.expr(*target));
                    }
                }
                self.titled(depth, &title, &s.body);
            }
            StmtKind::Preproc(s) => {
                for (directive, body) in &s.arms {
                    self.titled(depth, &self.text[directive.range()], body);
                }
                self.line(depth, if s.has_else { "#endif" } else { "#endif (no else)" });
            }
            _ => {
                let text = self.leaf(id);
                self.line(depth, &text);
            }
        }
    }

    fn looping(&mut self, depth: usize, s: &Loop) {
        let mut title = match s.kind {
            LoopKind::While => "while",
            LoopKind::DoWhile => "do-while",
            LoopKind::For => "for",
            LoopKind::ForEach => "for-each",
        }
        .to_string();
        if let (Some(target), Some(iter)) = (s.target, s.iter) {
            let _ = write!(title, " {}{} in {}", self.expr(target), ty(&s.target_type), self.expr(iter));
        }
        if s.kind == LoopKind::For {
            let init: Vec<String> = s.init.iter().map(|i| self.leaf(*i)).collect();
            let _ = write!(title, " [{}]", init.join("; "));
        }
        if let Some(cond) = s.cond {
            let _ = write!(title, " {}", self.expr(cond));
        }
        if s.kind == LoopKind::For {
            let update: Vec<String> = s.update.iter().map(|i| self.leaf(*i)).collect();
            let _ = write!(title, " [{}]", update.join("; "));
        }
        self.titled(depth, &title, &s.body);
        if let Some(els) = &s.els {
            self.titled(depth, "else", els);
        }
    }

    fn trying(&mut self, depth: usize, s: &Try) {
        let resources: Vec<String> = s.resources.iter().map(|r| self.leaf(*r)).collect();
        let title = if resources.is_empty() { "try".into() } else { format!("try [{}]", resources.join("; ")) };
        self.titled(depth, &title, &s.body);
        for handler in &s.handlers {
            let mut title = format!("catch{}", self.list(&handler.types));
            if let Some(bind) = handler.bind {
                let _ = write!(title, " as {}", self.expr(bind));
            }
            if handler.catch_all {
                title.push_str(" all");
            }
            self.titled(depth, &title, &handler.body);
        }
        if let Some(els) = &s.els {
            self.titled(depth, "else", els);
        }
        if let Some(finally) = &s.finally {
            self.titled(depth, "finally", finally);
        }
    }

    /// A statement without statements inside.
    fn leaf(&self, id: StmtId) -> String {
        let with = |word: &str, e: &Option<ExprId>| match e {
            Some(e) => format!("{word} {}", self.expr(*e)),
            None => word.to_string(),
        };
        let label = |word: &str, l: &Option<String>| match l {
            Some(l) => format!("{word} {l}"),
            None => word.to_string(),
        };
        match &self.ast.stmt(id).kind {
            StmtKind::Expr(e) => self.expr(*e),
            StmtKind::Decl(decl) => {
                let mut out = if decl.persistent { "persistent decl" } else { "decl" }.to_string();
                for d in &decl.declarators {
                    let _ = write!(out, " {}{}{}", d.name, ty(&d.ty), self.list(&d.sizes));
                    if let Some(init) = d.init {
                        let _ = write!(out, " = {}", self.expr(init));
                    }
                    if !d.strippable {
                        out.push_str(" fixed");
                    }
                }
                out
            }
            StmtKind::Assert { cond, message } => {
                format!(
                    "assert {}{}",
                    self.expr(*cond),
                    message.map_or(String::new(), |m| format!(" {}", self.expr(m)))
                )
            }
            StmtKind::Assume { cond } => format!("assume {}", self.expr(*cond)),
            StmtKind::Break { label: l } => label("break", l),
            StmtKind::Continue { label: l } => label("continue", l),
            StmtKind::Return { value } => with("return", value),
            StmtKind::Goto { label } => format!("goto {label}"),
            StmtKind::Throw { value, cause } => format!(
                "{}{}",
                with("throw", value),
                cause.map_or(String::new(), |c| format!(" from {}", self.expr(c)))
            ),
            StmtKind::Exit(e) => format!("exit {}", self.expr(*e)),
            StmtKind::Function(f) => format!("def {}", self.ast.function(*f).qualified),
            StmtKind::Class { name, .. } => format!("class {name}"),
            StmtKind::Context(decl) => {
                let decl = &self.ast.decls[*decl as usize];
                format!("context {:?} {}", decl.kind, decl.names.join(" "))
            }
            StmtKind::Empty => "empty".into(),
            StmtKind::Opaque { names } => format!("opaque{}", self.list(names)),
            // The statements that `stmt` shows over several lines.
            _ => "...".into(),
        }
    }

    fn list(&self, ids: &[ExprId]) -> String {
        ids.iter().fold(String::new(), |out, id| format!("{out} {}", self.expr(*id)))
    }

    fn expr(&self, id: ExprId) -> String {
        let e = self.ast.expr(id);
        let tag = match &e.kind {
            ExprKind::Name(name) => return name.clone(),
            ExprKind::Literal(_) => return self.text[e.span.range()].to_string(),
            ExprKind::Field { object, name, through } => {
                return format!("{}{}{name}", self.expr(*object), if *through { "->" } else { "." });
            }
            ExprKind::Index { .. } => "index",
            ExprKind::Deref(_) => "deref",
            ExprKind::AddressOf(_) => "addr",
            ExprKind::Call { .. } => "call",
            ExprKind::New { .. } => "new",
            ExprKind::Assign { targets, value } => {
                let value = value.map_or("?".into(), |v| self.expr(v));
                return format!("(={} <- {value})", self.list(targets));
            }
            ExprKind::Compound { .. } => "op=",
            ExprKind::Update { .. } => "update",
            ExprKind::Delete(_) => "del",
            ExprKind::Operator { faults: true, .. } => "op!",
            ExprKind::Operator { .. } => "op",
            ExprKind::Logical { .. } => "logic",
            ExprKind::Conditional { .. } => "cond",
            ExprKind::Sequence(_) => "seq",
            ExprKind::Starred(_) => "star",
            ExprKind::Cast { scalar: true, .. } => "cast-scalar",
            ExprKind::Cast { .. } => "cast",
            ExprKind::Comprehension { bound, .. } => &format!("for[{}]", bound.join(" ")),
            ExprKind::Lambda { bound, .. } => &format!("lambda[{}]", bound.join(" ")),
            ExprKind::Template(_) => "template",
            ExprKind::Suspend(_) => "suspend",
            ExprKind::Other(_) => "other",
        };
        format!("({tag}{})", self.list(&self.ast.operands(id)))
    }
}

/// `: name` with a `*` per pointer, `[]` per dimension and `!` if it is a scalar.
fn ty(ty: &TypeInfo) -> String {
    if *ty == TypeInfo::default() {
        return String::new();
    }
    let scalar = if ty.scalar { "!" } else { "" };
    format!(": {}{}{}{scalar}", ty.name, "*".repeat(ty.pointers as usize), "[]".repeat(ty.arrays as usize))
}
