//! Files as lowered text, on demand; the last ones are kept.

use super::Project;
use super::index::FileId;
use crate::syntax::ast::FunctionId;
use crate::syntax::outline::Definition;
use crate::syntax::{Parsed, by_name, parse};
use crate::text::{SourceFile, decode};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// A parsed file, shared.
pub type Loaded = Arc<Parsed>;

/// Bytes of source text that are kept parsed: what one region may reach, many times over.
const ROOM: usize = 16 << 20;

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{path}: {error}")]
    Unreadable { path: String, error: std::io::Error },
    #[error("{path}: has changed while it was being looked at; start again")]
    Changed { path: String },
}

/// The files that were asked for last, latest first.
#[derive(Debug, Default)]
pub struct Sources(Mutex<VecDeque<(FileId, Loaded)>>);

impl Sources {
    pub fn get(&self, project: &Project, file: FileId) -> Result<Loaded, SourceError> {
        if let Some(kept) = self.kept(file) {
            return Ok(kept);
        }
        // Not under the lock: others may parse meanwhile. Two may parse the same file; that costs time only.
        let parsed = Arc::new(read(project, file)?);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((file, parsed.clone()));
        let mut bytes = 0;
        let fits = |parsed: &Loaded| {
            bytes += parsed.source.text.len();
            bytes <= ROOM
        };
        let keep = kept.iter().map(|(_, p)| p).map(fits).take_while(|fits| *fits).count().max(1);
        kept.truncate(keep);
        Ok(parsed)
    }

    fn kept(&self, file: FileId) -> Option<Loaded> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(id, _)| *id == file)?;
        let found = kept.remove(at)?;
        kept.push_front(found.clone());
        Some(found.1)
    }
}

fn read(project: &Project, file: FileId) -> Result<Parsed, SourceError> {
    let SourceFile { path, text, .. } = text(project, file)?;
    match by_name(&project.index().file(file).language) {
        Some(language) => Ok(parse(&path, text, language)),
        None => Err(SourceError::Changed { path }),
    }
}

pub fn text(project: &Project, file: FileId) -> Result<SourceFile, SourceError> {
    let entry = project.index().file(file);
    let path = || entry.path.clone();
    let bytes = super::build::bounded(&project.root().join(&entry.path))
        .map_err(|error| SourceError::Unreadable { path: path(), error })?;
    if Sha256::digest(&bytes).as_slice() != entry.hash {
        return Err(SourceError::Changed { path: path() });
    }
    Ok(SourceFile::new(entry.path.as_str(), decode(bytes).0))
}

pub fn function(definition: &Definition, parsed: &Parsed) -> Option<FunctionId> {
    let same = |f: &crate::syntax::ast::Function| f.span == definition.span && f.name == definition.name;
    parsed.ast.functions.iter().position(same).map(|i| FunctionId(i as u32))
}
