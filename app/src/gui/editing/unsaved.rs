//! Unsaved text on disk, so that it survives whatever happens to the studio.
//!
//! Each window has a folder of its own below the user's state folder and holds a lock in it. A folder whose lock is
//! free belongs to a session that ended without being asked; what it holds is offered to the next one.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use cgi_engine::clock::Timestamp;
use cgi_engine::whole_file::{self, Manner};
use serde::{Deserialize, Serialize};

use crate::gui::model::editor::Rescued;
use crate::gui::model::editor::charset::Charset;
use crate::gui::model::editor::contents::{Contents, Hash};
use crate::gui::model::editor::document::Document;
use crate::gui::model::editor::line_ends::LineEnds;

const LOCK: &str = "lock";
const ENDING: &str = "json";

/// The folder of this window.
#[derive(Debug)]
pub(super) struct Session {
    folder: PathBuf,
    /// Held as long as this lives; the system frees it when the process is gone, however it went.
    _lock: File,
}

/// An unsaved text, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The site's folder.
    site: OsString,
    /// The file; a path may hold any byte.
    file: OsString,
    kept_unix_millis: i64,
    text: String,
    base: String,
    charset: String,
    mark: bool,
    line_ends: LineEnds,
    hash: Hash,
}

impl Kept {
    /// The unsaved text of a document.
    #[must_use]
    pub(super) fn of(site: &Path, document: &Document, now: Timestamp) -> Self {
        let contents = &document.contents;
        Self {
            site: site.as_os_str().to_owned(),
            file: document.path.as_os_str().to_owned(),
            kept_unix_millis: now.unix_millis(),
            text: document.text().to_owned(),
            base: contents.text.to_string(),
            charset: contents.charset.name().to_owned(),
            mark: contents.charset.mark,
            line_ends: contents.line_ends.clone(),
            hash: contents.hash,
        }
    }

    fn rescued(self, kept_in: PathBuf) -> Option<Rescued> {
        Some(Rescued {
            path: self.file.into(),
            text: self.text,
            contents: Contents {
                text: self.base.into(),
                charset: Charset::named(&self.charset, self.mark)?,
                line_ends: self.line_ends,
                hash: self.hash,
            },
            kept: Timestamp::from_unix_millis(self.kept_unix_millis),
            kept_in,
        })
    }
}

/// Where sessions keep their unsaved text.
#[must_use]
pub(super) fn folder_in(state: &Path) -> PathBuf {
    state.join("unsaved")
}

impl Session {
    /// Makes the folder of a session and takes its lock.
    pub(super) fn begin(all: &Path) -> io::Result<Self> {
        fs::create_dir_all(all)?;
        // For its owner alone: a text may hold a password.
        let folder = tempfile::Builder::new()
            .prefix("session-")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(all)?
            .keep();
        let lock = File::create(folder.join(LOCK))?;
        lock.lock()?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// Keeps these texts and no others.
    pub(super) fn keep(&self, texts: &[Kept]) -> io::Result<()> {
        for (number, text) in texts.iter().enumerate() {
            let file = self.folder.join(number.to_string()).with_extension(ENDING);
            let manner = Manner {
                synced: true,
                ..Manner::PRIVATE
            };
            whole_file::write(&file, &serde_json::to_vec(text)?, manner)?;
        }
        let mut number = texts.len();
        loop {
            let file = self.folder.join(number.to_string()).with_extension(ENDING);
            match fs::remove_file(file) {
                Ok(()) => number += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Nothing is unsaved any more and the window closes.
    pub(super) fn end(self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!("cannot remove {:?}: {error}", self.folder);
        }
    }
}

/// The texts of this site that sessions left behind which are over, the newest first.
#[must_use]
pub(super) fn find(all: &Path, site: &Path) -> Vec<Rescued> {
    let mut found: Vec<Rescued> = folders(all)
        .filter(|folder| is_over(folder))
        .flat_map(|folder| left_in(&folder, site))
        .collect();
    found.sort_by_key(|rescued| std::cmp::Reverse(rescued.kept.unix_millis()));
    found
}

fn folders(all: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(all).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
}

fn is_over(folder: &Path) -> bool {
    // Without a lock it was left before it began.
    File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

fn left_in(folder: &Path, site: &Path) -> Vec<Rescued> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == ENDING));
    let mut is_empty = true;
    let mut texts = Vec::new();
    for file in files {
        is_empty = false;
        let kept = fs::read(&file).map(|bytes| serde_json::from_slice::<Kept>(&bytes));
        match kept {
            Ok(Ok(kept)) if kept.site == site.as_os_str() => texts.extend(kept.rescued(file)),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!("unsaved text is not read: {error}: {file:?}"),
            Err(error) => tracing::warn!("unsaved text is not read: {error}: {file:?}"),
        }
    }
    if is_empty {
        // Whoever crashed had nothing to lose.
        let _ = fs::remove_dir_all(folder);
    }
    texts
}

/// A text is in the editor again and kept by this session, or not wanted.
pub(super) fn forget(kept_in: &Path) {
    if let Err(error) = fs::remove_file(kept_in) {
        tracing::warn!("cannot remove {kept_in:?}: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str, base: &str, text: &str) -> Document {
        let contents = Contents::read(base.as_bytes()).unwrap();
        let mut document = Document::new(path.into(), contents, 0o755);
        document.edit((text.to_owned(), 0..0));
        document
    }

    fn now() -> Timestamp {
        Timestamp::from_unix_millis(1_700_000_000_000)
    }

    #[test]
    fn text_is_found_when_its_session_is_over_and_not_before() {
        let state = tempfile::tempdir().unwrap();
        let all = folder_in(state.path());
        let session = Session::begin(&all).unwrap();
        let site = Path::new("/srv/site");
        let unsaved = document("/srv/site/a.py", "a\r\n", "a\nmore 日本\n");
        session.keep(&[Kept::of(site, &unsaved, now())]).unwrap();
        assert_eq!(find(&all, site), []);
        // As if by kill -9: nothing is tidied up, only the lock is free.
        drop(session);
        assert_eq!(find(&all, Path::new("/srv/other")), []);
        let found = find(&all, site);
        let [rescued] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(rescued.text, "a\nmore 日本\n");
        assert_eq!(rescued.contents, unsaved.contents);
        forget(&rescued.kept_in);
        assert_eq!(find(&all, site), []);
        assert_eq!(fs::read_dir(&all).unwrap().count(), 0);
    }

    #[test]
    fn what_is_saved_is_kept_no_longer_and_nobody_else_may_read_the_rest() {
        let state = tempfile::tempdir().unwrap();
        let all = folder_in(state.path());
        let session = Session::begin(&all).unwrap();
        let site = Path::new("/s");
        let kept = |name: &str| Kept::of(site, &document(name, "", "x"), now());
        session.keep(&[kept("/s/a"), kept("/s/b")]).unwrap();
        session.keep(&[kept("/s/b")]).unwrap();
        let mode = fs::metadata(&session.folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        drop(session);
        let found = find(&all, site);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, Path::new("/s/b"));
    }

    #[test]
    fn a_damaged_text_is_left_where_it_is() {
        let state = tempfile::tempdir().unwrap();
        let all = folder_in(state.path());
        let session = Session::begin(&all).unwrap();
        let file = session.folder.join("0.json");
        fs::write(&file, "{").unwrap();
        drop(session);
        assert_eq!(find(&all, Path::new("/s")), []);
        assert!(file.exists());
    }
}
