//! Scripts as they were in an earlier run, in a shadow of the site, for a replay with the source of that time.
//!
//! The user's file is never touched, not for a moment: a person may have it open, and the next client must not get
//! the old one. So the old source goes into a copy, and the question is where. A copy beside the script would need a
//! name of its own, which the script sees (`$0`, `__file__`, tracebacks, the name that decides on `nph-` and on the
//! interpreter), and writes to a folder that is watched, served and perhaps not ours to write. A lone copy in another
//! folder loses its neighbours: what `import`, `require` and `dirname $0` look for beside the script.
//!
//! The shadow has neither fault. It is a temporary folder in which the folders on the way from the site's root to
//! the script are real, the script is the old one under its own name, and everything else is a symbolic link to what
//! really stands there. The run starts in the script's own folder, as ever. SCRIPT_FILENAME names the copy, since
//! `php-cgi` runs what that says; what it would have been stands among the overridden variables of the record.
//!
//! What remains different: a new file that the script makes beside `$0`, rather than in its working directory, is
//! gone with the shadow, and neighbours are as they are today.

use crate::site::script::{FileKind, ScriptFacts};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// Why there is no earlier script to run.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoSource {
    /// No script took part.
    #[error("no script was run")]
    NoScript,
    /// The record has not the whole source: it was too long, is a program in a binary format, or was given up.
    #[error("its source is not kept whole: {path:?}")]
    NotKept {
        /// The script.
        path: PathBuf,
    },
    /// The system did not let the copy be made.
    #[error("cannot make a copy of the script: {reason}: {path:?}")]
    NoCopy {
        /// The script.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// Copies of scripts as they were, which last as long as this value.
#[derive(Debug)]
pub(crate) struct EarlierScripts {
    copies: HashMap<PathBuf, PathBuf>,
    _folder: tempfile::TempDir,
}

impl EarlierScripts {
    /// Makes the copies of these scripts of a site. Where one script was another at its second run, the first counts.
    ///
    /// # Errors
    /// One of the sources is not there, or the temporary folder cannot be written.
    pub(crate) fn make<'s>(
        root: &Path,
        scripts: impl IntoIterator<Item = &'s ScriptFacts>,
    ) -> Result<Self, NoSource> {
        let no_copy = |path: &Path, error: &io::Error| NoSource::NoCopy {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let folder = tempfile::Builder::new()
            .prefix("earlier-")
            .tempdir()
            .map_err(|error| no_copy(root, &error))?;
        let mut shadow = Shadow {
            folder: folder.path().to_owned(),
            root: root.to_owned(),
            real: HashSet::new(),
        };
        let mut copies = HashMap::new();
        for script in scripts {
            let path = &script.path;
            if !is_whole(script) {
                return Err(NoSource::NotKept { path: path.clone() });
            }
            if !copies.contains_key(path) {
                let copy = shadow.copy(script).map_err(|error| no_copy(path, &error))?;
                copies.insert(path.clone(), copy);
            }
        }
        if copies.is_empty() {
            return Err(NoSource::NoScript);
        }
        Ok(Self {
            copies,
            _folder: folder,
        })
    }

    /// The script as it was; none: it had no part in that run.
    pub(crate) fn copy_of(&self, script: &Path) -> Option<&Path> {
        self.copies.get(script).map(PathBuf::as_path)
    }
}

fn is_whole(script: &ScriptFacts) -> bool {
    script.kind == FileKind::Regular && !script.source_truncated
}

struct Shadow {
    folder: PathBuf,
    root: PathBuf,
    /// Folders of the site that are real folders in the shadow.
    real: HashSet<PathBuf>,
}

impl Shadow {
    fn copy(&mut self, script: &ScriptFacts) -> io::Result<PathBuf> {
        let folder = script.path.parent().unwrap_or(Path::new("/"));
        self.make_real(folder)?;
        let copy = self.place(&script.path);
        remove_link(&copy)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&copy)?;
        file.write_all(&script.source)?;
        if let Some(modified) = script.modified {
            File::set_modified(&file, modified)?;
        }
        // Last, as the file may have been one that nobody may write.
        file.set_permissions(Permissions::from_mode(script.mode & 0o777))?;
        Ok(copy)
    }

    /// Where a path of the site stands in the shadow: below `site`, or, for what an alias leads to, in a folder that
    /// has the whole path.
    fn place(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.root) {
            Ok(within) => self.folder.join("site").join(within),
            Err(_) => {
                let whole = path.strip_prefix("/").unwrap_or(path);
                self.folder.join("elsewhere").join(whole)
            }
        }
    }

    /// Makes a folder with links to all that is in it; up to the site's root its parents are such folders, too.
    fn make_real(&mut self, folder: &Path) -> io::Result<()> {
        if !self.real.insert(folder.to_owned()) {
            return Ok(());
        }
        let shadow = self.place(folder);
        match folder.parent() {
            Some(parent) if parent.starts_with(&self.root) => {
                self.make_real(parent)?;
                remove_link(&shadow)?;
                fs::create_dir(&shadow)?;
            }
            _ => fs::create_dir_all(&shadow)?,
        }
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            symlink(folder.join(&name), shadow.join(&name))?;
        }
        Ok(())
    }
}

/// Where a link stands something real can be made.
fn remove_link(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::samples::{script, script_on_disk};

    #[test]
    fn the_shadow_has_the_old_script_and_links_to_all_else() {
        let site = tempfile::tempdir().unwrap();
        let root = site.path().canonicalize().unwrap();
        let deep = root.join("cgi-bin/deep");
        fs::create_dir_all(&deep).unwrap();
        fs::write(root.join("cgi-bin/lib.py"), "x = 1").unwrap();
        fs::write(deep.join("data"), "d").unwrap();
        let old = script_on_disk(&deep, "a.py", b"old", 0o755);
        let other = script_on_disk(&root.join("cgi-bin"), "b.py", b"other", 0o555);
        fs::write(&old.path, "new").unwrap();
        let earlier = EarlierScripts::make(&root, [&old, &other, &old]).unwrap();
        let copy = earlier.copy_of(&old.path).unwrap().to_owned();
        assert!(copy.ends_with("site/cgi-bin/deep/a.py") && !copy.starts_with(&root));
        assert_eq!(fs::read(&copy).unwrap(), b"old");
        assert_eq!(fs::read(&old.path).unwrap(), b"new");
        let facts = fs::metadata(&copy).unwrap();
        assert_eq!(facts.permissions().mode() & 0o777, 0o755);
        assert_eq!(facts.modified().ok(), old.modified);
        let beside = copy.parent().unwrap();
        assert_eq!(fs::read(beside.join("data")).unwrap(), b"d");
        assert_eq!(fs::read(beside.join("../lib.py")).unwrap(), b"x = 1");
        assert_eq!(fs::read(beside.join("../b.py")).unwrap(), b"other");
        assert!(earlier.copy_of(&deep.join("data")).is_none());
        drop(earlier);
        assert!(!copy.exists() && deep.join("data").exists());
    }

    #[test]
    fn a_script_that_an_alias_leads_to_keeps_its_neighbours() {
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("lib"), "l").unwrap();
        let script = script_on_disk(elsewhere.path(), "a.sh", b"old", 0o700);
        let earlier = EarlierScripts::make(Path::new("/nowhere"), [&script]).unwrap();
        let copy = earlier.copy_of(&script.path).unwrap();
        assert_eq!(fs::read(copy.with_file_name("lib")).unwrap(), b"l");
    }

    #[test]
    fn without_a_whole_source_there_is_no_copy() {
        let mut cut = script("/site/a.py", b"#!/bin/sh\n");
        cut.source_truncated = true;
        let path = cut.path.clone();
        let made = EarlierScripts::make(Path::new("/site"), [&cut]);
        assert_eq!(made.unwrap_err(), NoSource::NotKept { path });
        let made = EarlierScripts::make(Path::new("/site"), []);
        assert_eq!(made.unwrap_err(), NoSource::NoScript);
        let gone = script("/site/that/is/gone/a.py", b"#!/bin/sh\n");
        let made = EarlierScripts::make(Path::new("/site"), [&gone]).unwrap_err();
        assert!(made.to_string().starts_with("cannot make a copy"), "{made}");
    }
}
