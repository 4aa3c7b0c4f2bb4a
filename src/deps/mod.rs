//! What depends on what: reads and writes of each site, effects of calls, sharing between names, and slices over them.
//!
//! Everything is by name and over-approximate: a write may be assumed where there is none, never the other way round. A
//! definition is killed only by a certain overwrite of the whole variable.

pub mod effects;
mod sharing;
pub mod slicer;
mod summary;

use std::collections::HashMap;

/// Index of a name among those of the analysed function.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Var(pub u32);

/// Names of a function's variables, and of everything else its expressions mention.
#[derive(Debug, Default)]
pub struct Names {
    index: HashMap<String, Var>,
    names: Vec<String>,
}

impl Names {
    pub fn intern(&mut self, name: &str) -> Var {
        if let Some(var) = self.index.get(name) {
            return *var;
        }
        let var = Var(self.names.len() as u32);
        self.names.push(name.to_owned());
        self.index.insert(name.to_owned(), var);
        var
    }

    pub fn get(&self, name: &str) -> Option<Var> {
        self.index.get(name).copied()
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
