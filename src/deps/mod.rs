//! What depends on what: reads and writes of each site, effects of calls, sharing between names, and slices over them.
//!
//! Everything is by name and over-approximate: a write may be assumed where there is none, never the other way round. A
//! definition is killed only by a certain overwrite of the whole variable.

pub mod backward;
mod declared;
pub mod effects;
pub mod lean;
mod linker;
mod sharing;
pub use linker::returned;
pub use sharing::all_statements;
pub mod slicer;
mod summary;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Index of a name among those of the analysed function.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Var(pub u32);

/// Names of a function's variables, and of everything else its expressions mention. Where other functions are built into its
/// graph, a name of theirs is another variable: which one a name means is said by the scope that was entered last.
#[derive(Debug, Default)]
pub struct Names {
    index: HashMap<String, Var>,
    names: Vec<String>,
    scope: Option<Scope>,
    /// Fields of other objects than the one that the entry belongs to, and the word for such an object.
    parts: HashSet<Var>,
}

/// The names of a function that is built in.
#[derive(Debug, Clone)]
pub struct Scope {
    pub number: u32,
    pub own: Arc<HashSet<String>>,
    /// The class of the objects that it is called on, with what it names of them as if it were its own. Such a name stands for
    /// the field of any object of the class.
    pub object: Option<(u32, Arc<HashSet<String>>)>,
}

impl Names {
    pub fn intern(&mut self, name: &str) -> Var {
        let key = self.key(name);
        if let Some(var) = self.index.get(&*key) {
            return *var;
        }
        let key = key.into_owned();
        let var = Var(self.names.len() as u32);
        if key.contains('@') {
            self.parts.insert(var);
        }
        self.names.push(name.to_owned());
        self.index.insert(key, var);
        var
    }

    pub fn get(&self, name: &str) -> Option<Var> {
        self.index.get(&*self.key(name)).copied()
    }

    /// Whether a variable stands for a field of several objects.
    pub fn is_part(&self, var: Var) -> bool {
        self.parts.contains(&var)
    }

    /// No identifier holds a blank.
    fn key<'n>(&self, name: &'n str) -> std::borrow::Cow<'n, str> {
        let Some(scope) = &self.scope else { return name.into() };
        if scope.own.contains(name) {
            return format!("{name} {}", scope.number).into();
        }
        match &scope.object {
            Some((class, fields)) if fields.contains(name) => format!("{name} @{class}").into(),
            _ => name.into(),
        }
    }

    /// From here on names are those of a function that is built in, or of the function itself. Gives whose they were.
    pub fn enter(&mut self, scope: Option<Scope>) -> Option<Scope> {
        std::mem::replace(&mut self.scope, scope)
    }

    pub fn name(&self, var: Var) -> &str {
        &self.names[var.0 as usize]
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// The value that a function returns, as conditions call it.
pub const RESULT: &str = "result";

/// The program's input, as a variable: what is read from it depends on what was read before. Not a name in any language.
pub const INPUT: &str = "<input>";

/// What the program prints, as a variable: conditions may speak of it.
pub const OUTPUT: &str = "<output>";

/// The object a method belongs to, in languages where that is a keyword.
pub const THIS: &str = "this";
