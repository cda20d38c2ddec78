//! The folder of saved requests: what is in it, and how it is changed without losing what somebody else wrote.
//!
//! A change is told what the file was when it was read. Is it something else by now, nothing is written, and whoever
//! asked decides. Files are replaced as a whole, so that a reader never sees half of one.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{ParseError, RequestFile, parse};
use crate::whole_file::{self, Manner};

/// The folder's name in a site.
pub const FOLDER: &str = "requests";
/// What the files end in.
pub const SUFFIX: &str = "http";

/// A larger file of requests is not read: it would be no text that people edit.
const TEXT_BYTES: u64 = 4 << 20;
/// A larger file is not put into a request.
const FILE_BYTES: u64 = 64 << 20;
/// So many files are listed, and so deep are folders looked into.
const FILES: usize = 2000;
const DEPTH: usize = 8;

/// A file of the folder.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name from the folder on, without its suffix.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes when it was read; what a change is told.
    pub content: Vec<u8>,
    /// The requests in it, or why it cannot be read.
    pub read: Result<RequestFile, BrokenFile>,
}

/// Why a file of requests cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenFile {
    /// What stands in it.
    #[error(transparent)]
    Text(#[from] ParseError),
    /// The file itself.
    #[error("cannot read the file: {reason}")]
    File {
        /// Why not.
        reason: String,
    },
}

/// Why a file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// It is something else than when it was read.
    #[error("the file was changed by somebody else: {path:?}")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// There is one of that name.
    #[error("there is a file of that name: {path:?}")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The name cannot be one of a file here.
    #[error("{why}: {name:?}")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        why: &'static str,
    },
    /// The system says no.
    #[error("cannot change the file: {source}: {path:?}")]
    System {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What a file has to be for a change to be made.
#[derive(Clone, Copy, Debug)]
pub enum Before<'c> {
    /// There is none.
    Absent,
    /// It has this content.
    Is(&'c [u8]),
    /// Anything: somebody was asked.
    Anything,
}

/// The files of the site's folder by their names; none where there is no such folder.
///
/// # Errors
/// The folder is there and cannot be read.
pub fn list(site: &Path) -> io::Result<Vec<Listed>> {
    let root = site.join(FOLDER);
    let mut paths = Vec::new();
    match collect(&root, DEPTH, &mut paths) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    }
    let mut listed: Vec<Listed> = paths.into_iter().map(|path| listed(&root, path)).collect();
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(listed)
}

fn collect(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_hidden || paths.len() >= FILES {
            continue;
        }
        if kind.is_dir() && depth > 0 {
            // A folder that cannot be read hides its own requests only.
            let _ = collect(&path, depth - 1, paths);
        } else if path.extension() == Some(OsStr::new(SUFFIX)) && path.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

fn listed(root: &Path, path: PathBuf) -> Listed {
    let relative = path.strip_prefix(root).unwrap_or(&path).with_extension("");
    let content = read_bounded(&path, TEXT_BYTES);
    let read = match &content {
        Ok(content) => parse(content).map_err(BrokenFile::from),
        Err(error) => Err(BrokenFile::File {
            reason: error.to_string(),
        }),
    };
    Listed {
        name: relative.to_string_lossy().into_owned(),
        path,
        content: content.unwrap_or_default(),
        read,
    }
}

/// Reads a file that a request names.
///
/// # Errors
/// It is no plain file, too large, or cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_bounded(path, FILE_BYTES)
}

fn read_bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // A device or a pipe would never end; so it is not even opened.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is longer than {most} bytes")));
    }
    Ok(bytes)
}

/// Where a request of that name is kept.
///
/// # Errors
/// The name cannot be one of a file here.
pub fn path_of(site: &Path, name: &str) -> Result<PathBuf, ChangeError> {
    let why = match name {
        "" => Some("a name is wanted"),
        _ if name.len() > 200 => Some("the name is too long"),
        _ if name.chars().any(char::is_control) => Some("a name has no control characters"),
        _ => None,
    };
    let is_bad_part = |part: &str| part.is_empty() || part.starts_with('.') || part.trim() != part;
    let why = why.or_else(|| {
        let is_bad = name.split('/').any(is_bad_part);
        is_bad.then_some("no part of a name is empty, begins with a dot or ends with a space")
    });
    match why {
        Some(why) => Err(ChangeError::Name {
            name: name.to_owned(),
            why,
        }),
        None => Ok(site.join(FOLDER).join(format!("{name}.{SUFFIX}"))),
    }
}

/// Writes a file as a whole, with the folders that it is in.
///
/// # Errors
/// It is not what it was, or the system says no: see [`ChangeError`].
pub fn put(path: &Path, content: &[u8], before: Before<'_>) -> Result<(), ChangeError> {
    let system = |source| ChangeError::System {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(system)?;
    }
    let manner = match before {
        Before::Absent => Manner::USUAL.before(whole_file::Before::Stays),
        Before::Is(_) | Before::Anything => Manner::USUAL,
    };
    let new = whole_file::prepare(path, content, manner).map_err(system)?;
    // As late as can be.
    expect_before(path, before)?;
    new.name().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => ChangeError::Exists {
            path: path.to_owned(),
        },
        _ => system(error),
    })
}

fn expect_before(path: &Path, before: Before<'_>) -> Result<(), ChangeError> {
    let now = match read_bounded(path, TEXT_BYTES) {
        Ok(content) => Some(content),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(source) => {
            return Err(ChangeError::System {
                path: path.to_owned(),
                source,
            });
        }
    };
    let path = path.to_owned();
    match (before, now) {
        (Before::Absent, Some(_)) => Err(ChangeError::Exists { path }),
        (Before::Is(content), now) if now.as_deref() != Some(content) => {
            Err(ChangeError::Changed { path })
        }
        _ => Ok(()),
    }
}

/// Takes a file away that has this content.
///
/// # Errors
/// It is not what it was, or the system says no: see [`ChangeError`].
pub fn remove(path: &Path, content: &[u8]) -> Result<(), ChangeError> {
    expect_before(path, Before::Is(content))?;
    fs::remove_file(path).map_err(|source| ChangeError::System {
        path: path.to_owned(),
        source,
    })
}

/// Gives a file another name that no file has.
///
/// # Errors
/// There is one of that name, or the system says no: see [`ChangeError`].
pub fn rename(from: &Path, to: &Path) -> Result<(), ChangeError> {
    let system = |source| ChangeError::System {
        path: from.to_owned(),
        source,
    };
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(system)?;
    }
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => Err(ChangeError::Exists {
            path: to.to_owned(),
        }),
        // Not every file system can promise it; a look before is the next best.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) if !to.exists() => {
            fs::rename(from, to).map_err(system)
        }
        Err(error) => Err(system(error.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_file_is_listed_by_its_name_with_what_is_wrong_in_it() {
        let site = tempfile::tempdir().unwrap();
        assert!(list(site.path()).unwrap().is_empty());
        let root = site.path().join(FOLDER);
        fs::create_dir_all(root.join("admin")).unwrap();
        fs::write(root.join("login.http"), "GET /a").unwrap();
        fs::write(root.join("admin/new.http"), "no request line").unwrap();
        fs::write(root.join(".hidden.http"), "GET /a").unwrap();
        fs::write(root.join("notes.txt"), "GET /a").unwrap();
        symlink("/dev/zero", root.join("zero.http")).unwrap();
        symlink("..", root.join("loop")).unwrap();
        let listed = list(site.path()).unwrap();
        let names: Vec<&str> = listed.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["admin/new", "login"]);
        assert!(
            listed[0]
                .read
                .as_ref()
                .unwrap_err()
                .to_string()
                .starts_with("line 1: ")
        );
        assert_eq!(listed[1].read.as_ref().unwrap().requests.len(), 1);
    }

    #[test]
    fn a_name_leads_into_the_folder_and_nowhere_else() {
        let site = Path::new("/site");
        let path = path_of(site, "admin/sign in").unwrap();
        assert_eq!(path, Path::new("/site/requests/admin/sign in.http"));
        for bad in ["", "/a", "a/", "../a", "a/../b", ".a", "a ", "a\nb", "a//b"] {
            assert!(path_of(site, bad).is_err(), "{bad:?}");
        }
        assert!(path_of(site, &"x".repeat(300)).is_err());
    }

    #[test]
    fn what_somebody_else_wrote_is_not_written_over() {
        let site = tempfile::tempdir().unwrap();
        let path = path_of(site.path(), "deep/a").unwrap();
        put(&path, b"one", Before::Absent).unwrap();
        let refused = put(&path, b"two", Before::Absent).unwrap_err();
        assert!(matches!(refused, ChangeError::Exists { .. }));
        put(&path, b"two", Before::Is(b"one")).unwrap();
        fs::write(&path, b"theirs").unwrap();
        for refused in [
            put(&path, b"three", Before::Is(b"two")),
            remove(&path, b"two"),
        ] {
            assert!(matches!(refused, Err(ChangeError::Changed { .. })));
        }
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        put(&path, b"four", Before::Anything).unwrap();
        remove(&path, b"four").unwrap();
        let gone = put(&path, b"five", Before::Is(b"four")).unwrap_err();
        assert!(matches!(gone, ChangeError::Changed { .. }));
        let left = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 0, "nothing half written is left");
    }

    #[test]
    fn permissions_and_links_stay() {
        let site = tempfile::tempdir().unwrap();
        let (path, link) = (site.path().join("a.http"), site.path().join("b.http"));
        fs::write(&path, b"one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        put(&link, b"two", Before::Is(b"one")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_new_name_is_never_somebody_elses() {
        let site = tempfile::tempdir().unwrap();
        let path = |name: &str| site.path().join(name);
        fs::write(path("a"), b"a").unwrap();
        fs::write(path("b"), b"b").unwrap();
        let refused = rename(&path("a"), &path("b")).unwrap_err();
        assert!(matches!(refused, ChangeError::Exists { .. }));
        rename(&path("a"), &path("c/d")).unwrap();
        assert_eq!(fs::read(path("c/d")).unwrap(), b"a");
        assert!(!path("a").exists());
    }
}
