//! The files that this program's own output goes to: a log that is kept in the served folder is no news of it.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Standard output and standard error where they are regular files, by device and inode.
pub(crate) struct OwnOutput(Vec<(u64, u64)>);

impl OwnOutput {
    pub(crate) fn of_process() -> Self {
        let files = [identity(&io::stdout()), identity(&io::stderr())];
        Self(files.into_iter().flatten().collect())
    }

    /// Whether this file is one of them. Telling of a change in it would change it.
    pub(crate) fn is(&self, file: &Path) -> bool {
        // Without such a file, as on a terminal, nothing is looked up.
        let named = || file.metadata().ok().as_ref().and_then(regular);
        !self.0.is_empty() && named().is_some_and(|named| self.0.contains(&named))
    }
}

fn identity(stream: &impl AsFd) -> Option<(u64, u64)> {
    let copy = stream.as_fd().try_clone_to_owned().ok()?;
    regular(&File::from(copy).metadata().ok()?)
}

fn regular(file: &Metadata) -> Option<(u64, u64)> {
    file.is_file().then(|| (file.dev(), file.ino()))
}
