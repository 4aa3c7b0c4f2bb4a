//! The folder of a program: made for it, and removed whatever the program left there.

use super::{SandboxError, system};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use tempfile::TempDir;

/// An own folder for temporary files, removed with everything in it when the last clone is dropped; what runs in it holds one.
///
/// What is to be read there should be written before a program that may write there runs: later a name may be a symbolic
/// link to somewhere else.
#[derive(Clone, Debug)]
pub struct Room(Arc<Folder>);

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// Removes the folder itself.
    _made: TempDir,
}

/// Those that there are.
static ROOMS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn rooms() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    ROOMS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes every room that is still there: for the end of this process, which drops nothing that is static, and which may come
/// early. What still runs in one loses it. Where the system can be asked to, it calls this by itself.
pub fn sweep() {
    for path in std::mem::take(&mut *rooms()) {
        // As when a room is dropped.
        let _ = empty(&path);
        let _ = fs::remove_dir(&path);
    }
}

extern "C" fn swept() {
    sweep();
}

impl Room {
    /// An empty one, in the system's folder for temporary files. Only this user may enter it.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Room`].
    pub fn new() -> Result<Self, SandboxError> {
        let made = tempfile::Builder::new().prefix("weiser-").tempdir().map_err(SandboxError::Room)?;
        let path = made.path().canonicalize().map_err(SandboxError::Room)?;
        static AT_END: Once = Once::new();
        AT_END.call_once(|| system::at_end(swept));
        rooms().insert(path.clone());
        Ok(Room(Arc::new(Folder { path, _made: made })))
    }

    /// Its full path, without symbolic links.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Whether its files take more than `limit` bytes, 4 KiB for each at least, or can't be counted. Ends as soon as that is
    /// known.
    pub(super) fn holds_more_than(&self, limit: u64) -> bool {
        let mut open = vec![self.0.path.clone()];
        let mut sum = 0;
        while let Some(folder) = open.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                // Removed meanwhile.
                Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => {
                    continue;
                }
                // Locked, or nested too deep to be named: where anything may be hidden. To unlock it here would be to
                // change whatever the program has put in its place by then.
                Err(_) => return true,
            };
            for entry in entries.flatten() {
                let Ok(metadata) = entry.metadata() else { continue };
                sum += size(&metadata).max(4096);
                if sum > limit {
                    return true;
                }
                if metadata.is_dir() {
                    open.push(entry.path());
                }
            }
        }
        false
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        rooms().remove(&self.path);
        // What stays behind is met again by the removal of the folder; a failure has nobody to be told to.
        let _ = empty(&self.path);
    }
}

/// What a file takes on the disk: a sparse one takes less than its length.
#[cfg(unix)]
fn size(metadata: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    metadata.blocks() * 512
}

#[cfg(not(unix))]
fn size(metadata: &fs::Metadata) -> u64 {
    metadata.len()
}

/// Empties a folder in which a program may have done its worst: folders that nobody may enter, or nested deeper than a stack
/// or the table of open files would bear. So nothing recurs: folders inside folders are moved up until none is left.
fn empty(root: &Path) -> io::Result<()> {
    let mut moved = 0u64;
    loop {
        let entries = fs::read_dir(root)?.collect::<Result<Vec<_>, _>>()?;
        if entries.is_empty() {
            return Ok(());
        }
        for entry in entries {
            if !entry.file_type()?.is_dir() {
                fs::remove_file(entry.path())?;
                continue;
            }
            open_up(&entry.path())?;
            for inner in fs::read_dir(entry.path())?.collect::<Result<Vec<_>, _>>()? {
                if !inner.file_type()?.is_dir() {
                    fs::remove_file(inner.path())?;
                    continue;
                }
                open_up(&inner.path())?;
                let free = |moved: &mut u64| {
                    *moved += 1;
                    root.join(format!("weiser-{moved}"))
                };
                let mut target = free(&mut moved);
                while target.symlink_metadata().is_ok() {
                    target = free(&mut moved);
                }
                fs::rename(inner.path(), target)?;
            }
            fs::remove_dir(entry.path())?;
        }
    }
}

/// Gives back to the owner what removing the folder's entries needs.
#[cfg(unix)]
fn open_up(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn open_up(_: &Path) -> io::Result<()> {
    Ok(())
}
