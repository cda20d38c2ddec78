//! What drafts ask of the disk: the files that they name, and the draft of a site between two sessions.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use cgi_engine::whole_file::{self, Manner};
use sha2::{Digest as _, Sha256};

use super::model::compose::Work;
use crate::preferences::state_folder;

/// A larger file is not put into a request.
const FILE_BYTES: u64 = 64 << 20;

/// Reads a file that a draft names; the words say why not.
pub(super) fn read_file(path: &str) -> Result<Vec<u8>, String> {
    if path.is_empty() {
        return Err("a part names no file".to_owned());
    }
    let path = match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    };
    let failed = |error: io::Error| format!("the file cannot be read: {error}");
    // A device or a pipe would never end; so it is not even opened.
    let facts = fs::metadata(&path).map_err(failed)?;
    if !facts.is_file() {
        return Err("it is no plain file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(&path).map_err(failed)?;
    file.take(FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(format!("the file is longer than {FILE_BYTES} bytes"));
    }
    Ok(bytes)
}

/// A longer draft lasts as long as its window.
const KEPT_BYTES: usize = 16 << 20;

/// Where the draft of the site in `folder` is kept.
#[must_use]
pub(super) fn file_of(folder: &Path) -> Option<PathBuf> {
    let digest = Sha256::digest(folder.as_os_str().as_bytes());
    let name: String = digest
        .iter()
        .take(10)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(
        state_folder()?
            .join("drafts")
            .join(name)
            .with_extension("json"),
    )
}

/// Writes the draft. Nobody else may read it: it may hold a password.
pub(super) fn save(file: &Path, work: &Work) -> io::Result<()> {
    let text = serde_json::to_vec(work)?;
    if text.len() > KEPT_BYTES {
        return Err(io::Error::other(format!(
            "it is longer than {KEPT_BYTES} bytes"
        )));
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    whole_file::write(file, &text, Manner::PRIVATE)
}

/// The draft that was kept; none where there is none, or none of this version.
#[must_use]
pub(super) fn load(file: &Path) -> Option<Work> {
    let bytes = fs::read(file).ok()?;
    serde_json::from_slice(&bytes)
        .inspect_err(|error| tracing::warn!("the kept draft is not read: {error}: {file:?}"))
        .ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::gui::model::compose::draft::Draft;

    #[test]
    fn a_draft_is_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/draft.json");
        assert_eq!(load(&file), None);
        let work = Work::new(Draft::blank("/a?b=c", "h"), None);
        save(&file, &work).unwrap();
        assert_eq!(load(&file), Some(work));
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&file, "{\"draft\":7}").unwrap();
        assert_eq!(load(&file), None);
    }

    #[test]
    fn only_plain_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, b"\0\xff").unwrap();
        assert_eq!(read_file(file.to_str().unwrap()).unwrap(), b"\0\xff");
        for path in [
            "",
            "/nonesuch",
            "/dev/zero",
            folder.path().to_str().unwrap(),
        ] {
            assert!(read_file(path).is_err(), "{path}");
        }
    }
}
