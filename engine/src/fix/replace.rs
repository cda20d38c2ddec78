//! A file replaced in one step: whoever opens it meanwhile sees the old content or the new, never a part.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// Puts `content` in the place of the file's, with the mode, owner and group that it had.
///
/// A link is followed: what it leads to is replaced, and the link stays.
pub(crate) fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let file = fs::canonicalize(file)?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    let old = fs::metadata(&file)?;
    let mut new = tempfile::Builder::new()
        .prefix(".cgi-studio-")
        .tempfile_in(folder)?;
    new.write_all(content)?;
    // The owner first: a change of owner takes the set-id bits away.
    keep_owner(new.as_file(), &old)?;
    new.as_file()
        .set_permissions(Permissions::from_mode(old.mode() & 0o7777))?;
    new.as_file().sync_all()?;
    new.persist(&file).map_err(|error| error.error)?;
    Ok(())
}

/// Gives the new file the owner and group of the old one where they differ, which only root may in general.
fn keep_owner(new: &File, old: &fs::Metadata) -> io::Result<()> {
    let own = new.metadata()?;
    if (own.uid(), own.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(new, Some(old.uid()), Some(old.gid()))
}
