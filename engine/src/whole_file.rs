//! Files written whole: whoever opens one meanwhile finds the old content or the new, never a part.
//!
//! A new file is written beside the place, under a hidden name that neither the server nor the watcher of a site
//! minds, and then gets its name. What fails leaves nothing behind.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

/// What becomes of a file that stands in the place already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Before {
    /// It stays, and so does a link: the new one fails with [`io::ErrorKind::AlreadyExists`].
    Stays,
    /// It goes with all that it was.
    Goes,
    /// Its permission bits pass to the new one. A link is followed, and stays.
    HandsOnMode,
    /// Its permission bits, owner and group pass to the new one. A link is followed, and stays.
    ///
    /// A foreign owner can in general be kept by root only: for others the write fails (EPERM).
    HandsOnAll,
}

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// What becomes of one that is there.
    pub before: Before,
    /// The permission bits of one that is made anew, less the user's umask.
    pub mode: u32,
    /// Whether it is on the disk when it has its name; else a power cut may cost the change.
    pub synced: bool,
}

impl Manner {
    /// For the studio's own notes, which are nobody else's business.
    pub const PRIVATE: Self = Self {
        before: Before::Goes,
        mode: 0o600,
        synced: false,
    };
    /// For files that belong to the user.
    pub const USUAL: Self = Self {
        before: Before::HandsOnMode,
        mode: 0o644,
        synced: true,
    };

    /// The same, but this becomes of a file that is there.
    #[must_use]
    pub const fn before(self, before: Before) -> Self {
        Self { before, ..self }
    }
}

/// A file that is complete and has no name yet. Dropped, it is gone.
#[must_use]
#[derive(Debug)]
pub struct Unnamed {
    new: tempfile::NamedTempFile,
    place: PathBuf,
    before: Before,
}

/// Writes a file into a folder that is there.
///
/// # Errors
/// The system's reason; what stood there stands there still.
pub fn write(file: &Path, content: &[u8], manner: Manner) -> io::Result<()> {
    prepare(file, content, manner)?.name()
}

/// The same but for the name: for whoever has to look once more at what is there.
///
/// # Errors
/// The system's reason.
pub fn prepare(file: &Path, content: &[u8], manner: Manner) -> io::Result<Unnamed> {
    let hands_on = matches!(manner.before, Before::HandsOnMode | Before::HandsOnAll);
    let (place, old) = match hands_on {
        true => followed(file)?,
        false => (file.to_owned(), None),
    };
    // What was nobody else's to read is not so for a moment either.
    let first_mode = old.as_ref().map_or(manner.mode, |_| 0o600);
    let mut new = tempfile::Builder::new()
        .prefix(".cgi-studio-")
        .permissions(Permissions::from_mode(first_mode))
        .tempfile_in(folder_of(&place))?;
    new.write_all(content)?;
    if let Some(old) = old {
        if manner.before == Before::HandsOnAll {
            keep_owner(new.as_file(), &old)?;
        }
        // After the owner, whose change takes the set-id bits away.
        let mode = Permissions::from_mode(old.mode() & 0o7777);
        new.as_file().set_permissions(mode)?;
    }
    if manner.synced {
        new.as_file().sync_all()?;
    }
    Ok(Unnamed {
        new,
        place,
        before: manner.before,
    })
}

impl Unnamed {
    /// Gives it the name that it was made for.
    ///
    /// # Errors
    /// The system's reason; what stood there stands there still.
    pub fn name(self) -> io::Result<()> {
        let named = match self.before {
            Before::Stays => self.new.persist_noclobber(&self.place),
            Before::Goes | Before::HandsOnMode | Before::HandsOnAll => {
                self.new.persist(&self.place)
            }
        };
        named.map(drop).map_err(|error| error.error)
    }
}

/// Where a link leads to, and what stands there. One that leads nowhere counts as the place itself.
fn followed(file: &Path) -> io::Result<(PathBuf, Option<Metadata>)> {
    match fs::canonicalize(file) {
        Ok(place) => fs::metadata(&place).map(|old| (place, Some(old))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((file.to_owned(), None)),
        Err(error) => Err(error),
    }
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn keep_owner(new: &File, old: &Metadata) -> io::Result<()> {
    let own = new.metadata()?;
    if (own.uid(), own.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    fchown(new, Some(old.uid()), Some(old.gid()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    const ALL: [Before; 4] = [
        Before::Stays,
        Before::Goes,
        Before::HandsOnMode,
        Before::HandsOnAll,
    ];

    fn manner(before: Before) -> Manner {
        Manner::PRIVATE.before(before)
    }

    fn mode_of(file: &Path) -> u32 {
        fs::metadata(file).unwrap().mode() & 0o7777
    }

    fn names_in(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_new_file_has_the_mode_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        for before in ALL {
            let file = folder.path().join(format!("{before:?}"));
            write(&file, b"one", manner(before)).unwrap();
            assert_eq!(
                (fs::read(&file).unwrap(), mode_of(&file)),
                (b"one".to_vec(), 0o600)
            );
        }
        assert_eq!(names_in(folder.path()), ALL.len());
    }

    /// What writing over a file of mode 4751, through a link to it, leaves: content and mode behind the link, and
    /// whether the link is one still.
    #[track_caller]
    fn check_over(before: Before, written: bool, expected: (&[u8], u32, bool)) {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, b"old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o4751)).unwrap();
        symlink("file", &link).unwrap();
        let done = write(&link, b"new", manner(before));
        assert_eq!(done.is_ok(), written, "{done:?}");
        let (content, mode, is_link) = expected;
        assert_eq!(fs::read(&link).unwrap(), content);
        assert_eq!(mode_of(&link), mode);
        assert_eq!(link.is_symlink(), is_link);
        assert_eq!(names_in(folder.path()), 2);
    }

    #[test]
    fn what_is_there_stays_goes_or_hands_on_what_it_is() {
        check_over(Before::Stays, false, (b"old", 0o4751, true));
        check_over(Before::Goes, true, (b"new", 0o600, false));
        check_over(Before::HandsOnMode, true, (b"new", 0o4751, true));
        check_over(Before::HandsOnAll, true, (b"new", 0o4751, true));
    }

    #[test]
    fn a_link_to_nowhere_keeps_its_name_only_where_nothing_is_to_go() {
        for before in ALL {
            let folder = tempfile::tempdir().unwrap();
            let link = folder.path().join("link");
            symlink("nowhere", &link).unwrap();
            let done = write(&link, b"new", manner(before));
            assert_eq!(done.is_err(), before == Before::Stays);
            assert_eq!(link.is_symlink(), before == Before::Stays);
            assert_eq!(names_in(folder.path()), 1);
        }
    }

    #[test]
    fn what_fails_or_is_not_wanted_any_more_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("folder");
        fs::create_dir(&taken).unwrap();
        for before in ALL {
            assert!(write(&taken, b"x", manner(before)).is_err());
            let nowhere = folder.path().join("none/file");
            assert!(write(&nowhere, b"x", manner(before)).is_err());
            drop(prepare(&folder.path().join("file"), b"x", manner(before)).unwrap());
        }
        assert_eq!(names_in(folder.path()), 1);
    }

    #[test]
    fn a_name_alone_is_one_in_this_folder() {
        assert_eq!(folder_of(Path::new("file")), Path::new("."));
        assert_eq!(folder_of(Path::new("/file")), Path::new("/"));
    }
}
