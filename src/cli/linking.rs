//! Which project a file is of, and its text with what it needs of other files.

use super::Failure;
use super::args::{CommonArgs, ProgramArgs};
use super::inputs::{self, Candidate, Input};
use super::output::Console;
use super::settings::Settings;
use crate::link::{self, Linked};
use crate::pipeline::Note;
use crate::project::{FileId, Project};
use crate::report::InputError;
use crate::spec::{self, Request};
use crate::syntax;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The projects of a run's inputs.
#[derive(Debug, Default)]
pub struct Projects {
    all: Vec<(PathBuf, Project)>,
    /// `--project` names one for all files.
    named: bool,
    depth: usize,
    /// POSTs that are asked about from another file, by the file that they stand in.
    elsewhere: BTreeMap<PathBuf, BTreeSet<u32>>,
}

impl Projects {
    /// Indexes the folders: the one of `--project`, else each that is to be searched.
    pub fn open(
        program: &ProgramArgs,
        candidates: &[Candidate],
        request: &Request,
        common: &CommonArgs,
        settings: &Settings,
        console: &mut Console,
    ) -> Result<Projects, Failure> {
        let depth = settings.call_depth;
        let roots: Vec<PathBuf> = match &program.linking.project {
            Some(folder) => vec![folder.clone()],
            None if program.linking.no_project || depth == 0 => Vec::new(),
            None => {
                let mut roots: Vec<PathBuf> = candidates.iter().filter_map(|c| c.root.clone()).collect();
                roots.dedup();
                // A file alone has no others.
                roots.retain(|r| candidates.iter().filter(|c| c.root.as_ref() == Some(r)).count() > 1);
                roots
            }
        };
        let mut all = Vec::new();
        for root in roots {
            let cache = if program.linking.no_index_cache { None } else { settings.index_cache.clone() };
            let paths = &program.linking.include_path;
            let (project, _) = super::project::open(&root, &program.search, paths, cache, common, console)?;
            all.push((root, project));
        }
        let named = program.linking.project.is_some();
        let mut projects = Projects { all, named, depth, elsewhere: BTreeMap::new() };
        if candidates.len() > 1 {
            projects.elsewhere = super::analysis::in_parallel(|| projects.asked_elsewhere(candidates, request));
        }
        Ok(projects)
    }

    /// The project of a file, the file in it, and the folder as the user wrote it.
    fn of(&self, candidate: &Candidate) -> Option<(&Path, &Project, FileId)> {
        let mut fits = self.all.iter().filter(|(root, _)| self.named || candidate.root.as_ref() == Some(root));
        let (root, project) = fits.next()?;
        Some((root, project, project.file_at(&candidate.path)?))
    }

    fn linked(&self, candidate: &Candidate, request: &Request) -> Option<Result<Linked, String>> {
        let (root, project, file) = self.of(candidate)?;
        let linked = link::link(project, file, &candidate.shown, request, self.depth);
        let linked = linked.map(|linked| renamed(linked, root)).map_err(|error| error.to_string());
        Some(linked)
    }

    /// POSTs that a PRE of another file belongs to.
    fn asked_elsewhere(&self, candidates: &[Candidate], request: &Request) -> BTreeMap<PathBuf, BTreeSet<u32>> {
        let of_one = |candidate: &Candidate| -> Vec<(PathBuf, u32)> {
            let Some((_, project, file)) = self.of(candidate) else { return vec![] };
            let Some(language) = syntax::by_name(&project.index().file(file).language) else { return vec![] };
            // What can't be read is told when it is its turn.
            let Ok(text) = project.text(file) else { return vec![] };
            if spec::surely_no_start(&text.text, request) {
                return vec![];
            }
            let Some(Ok(linked)) = self.linked(candidate, request) else { return vec![] };
            if linked.source.linkage.is_none() {
                return vec![];
            }
            let parsed = syntax::parse_source(linked.source, language);
            let Ok(found) = spec::triples(&parsed, request) else { return vec![] };
            let posts = found.triples.iter().filter_map(|t| t.post.condition.span);
            let places = posts.map(|span| parsed.source.place(parsed.source.line(span.start)));
            places.filter_map(|(path, line)| Some((PathBuf::from(path?), line))).collect()
        };
        let mut out: BTreeMap<PathBuf, BTreeSet<u32>> = BTreeMap::new();
        for (path, line) in candidates.par_iter().flat_map_iter(of_one).collect::<Vec<_>>() {
            out.entry(path).or_default().insert(line);
        }
        out
    }

    /// A file's input, linked with what it needs of its project, and the request as it concerns that file.
    pub fn link(&self, candidate: &Candidate, input: Input, request: &Request) -> Result<(Input, Request), InputError> {
        let failed = |message| InputError { path: candidate.shown.clone(), message };
        let mut request = request.clone();
        let nothing = spec::surely_no_start(&input.source.text, &request);
        if self.all.is_empty() || nothing && !candidate.named {
            return Ok((input, request));
        }
        request.elsewhere = self.elsewhere.get(Path::new(&candidate.shown)).cloned().unwrap_or_default();
        let Some(linked) = self.linked(candidate, &request) else {
            let root = self.all.first().map(|(root, _)| root.display().to_string()).unwrap_or_default();
            return match self.named && candidate.path != Path::new("-") && candidate.named {
                true => Err(failed(format!("is not in the project {root}"))),
                false => Ok((input, request)),
            };
        };
        let linked = linked.map_err(failed)?;
        if linked.source.linkage.is_none() && linked.notes.is_empty() {
            return Ok((input, request));
        }
        let mut notes = input.notes;
        let note = |n: link::Note| Note { severity: n.severity, line: n.line, message: n.message };
        notes.extend(linked.notes.into_iter().map(note));
        Ok((Input { source: linked.source, notes, ..input }, request))
    }
}

/// Paths of parts as the user would write them.
fn renamed(mut linked: Linked, root: &Path) -> Linked {
    if let Some(linkage) = &mut linked.source.linkage {
        for part in &mut linkage.parts {
            part.path = inputs::shown(&root.join(&part.path));
        }
        linkage.root = inputs::shown(&root.join("f"));
        linkage.root.pop();
    }
    linked
}
