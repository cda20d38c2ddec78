//! What the editor asks of the disk: a file read whole, and written whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use cgi_engine::whole_file::{self, Before, Manner};

use crate::gui::model::editor::charset::Charset;
use crate::gui::model::editor::contents::{self, Contents, Hash};
use crate::gui::model::editor::{FileRead, SaveOutcome};

/// So much of a file that is only shown is read.
const SHOWN_BYTES: u64 = 64 << 20;

/// Reads a file for the editor.
#[must_use]
pub(super) fn read(path: &Path) -> FileRead {
    let facts = match fs::metadata(path) {
        Ok(facts) => facts,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return FileRead::Missing,
        Err(error) => return FileRead::Failed(error.to_string()),
    };
    // A device or a pipe would never end; so it is not even opened.
    if !facts.is_file() {
        let what = if facts.is_dir() {
            "it is a folder"
        } else {
            "it is no plain file"
        };
        return FileRead::Failed(what.to_owned());
    }
    let bytes = match read_bytes(path) {
        Ok(bytes) => bytes,
        Err(error) => return FileRead::Failed(error.to_string()),
    };
    let length = facts.len().max(bytes.len() as u64);
    match Contents::read(&bytes) {
        Ok(contents) => FileRead::Text {
            contents,
            mode: facts.mode() & 0o7777,
        },
        Err(why) => FileRead::Bytes {
            why: why.to_string(),
            bytes: Bytes::from(bytes),
            length,
        },
    }
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(SHOWN_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A text that is to be written.
#[derive(Clone, Debug)]
pub(super) struct SaveJob {
    /// The file.
    pub(super) path: PathBuf,
    /// What it is to hold.
    pub(super) bytes: Vec<u8>,
    /// In which charset.
    pub(super) charset: Charset,
    /// Of what it holds as far as is known.
    pub(super) known: Hash,
    /// The permission bits of a file that is made anew.
    pub(super) mode: u32,
}

/// Writes a file, unless it holds something that nobody here has seen.
#[must_use]
pub(super) fn save(job: &SaveJob) -> SaveOutcome {
    // A link stays a link.
    let target = fs::canonicalize(&job.path).unwrap_or_else(|_| job.path.clone());
    let failed = |error: io::Error| SaveOutcome::Failed(error.to_string());
    let facts = match fs::metadata(&target) {
        Ok(facts) if !facts.is_file() => {
            return SaveOutcome::Failed("it is no plain file any more".to_owned());
        }
        Ok(facts) => Some(facts),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return failed(error),
    };
    if facts.is_some() {
        match read_bytes(&target) {
            Ok(bytes) if contents::hash(&bytes) == job.known => {}
            Ok(bytes) if bytes == job.bytes => {}
            Ok(bytes) => {
                return match Contents::read(&bytes) {
                    Ok(contents) => SaveOutcome::ChangedOutside(contents),
                    Err(why) => SaveOutcome::Failed(format!("it was changed outside: {why}")),
                };
            }
            Err(error) => return failed(error),
        }
    }
    match write(&target, facts.as_ref(), job) {
        Ok(mode) => SaveOutcome::Written {
            contents: Contents::written(&job.bytes, job.charset),
            mode,
        },
        Err(error) => failed(error),
    }
}

/// The mode that the file has then.
fn write(target: &Path, facts: Option<&Metadata>, job: &SaveJob) -> io::Result<u32> {
    let manner = Manner {
        mode: job.mode,
        ..Manner::USUAL.before(Before::HandsOnAll)
    };
    match facts {
        // A name beside this one would go on naming the old file.
        Some(facts) if facts.nlink() > 1 => write_in_place(target, &job.bytes)?,
        Some(_) => match whole_file::write(target, &job.bytes, manner) {
            // The folder, or the owner, cannot be had by us; the file itself may well be.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                write_in_place(target, &job.bytes)?;
            }
            done => done?,
        },
        None => whole_file::write(target, &job.bytes, manner)?,
    }
    Ok(fs::metadata(target)?.mode() & 0o7777)
}

fn write_in_place(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).open(target)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn job(path: &Path, known: &[u8], bytes: &[u8]) -> SaveJob {
        SaveJob {
            path: path.to_owned(),
            bytes: bytes.to_vec(),
            charset: Charset::UTF_8,
            known: contents::hash(known),
            mode: 0o755,
        }
    }

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_save_keeps_the_mode_and_the_links_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o4751)).unwrap();
        let link = folder.path().join("link.py");
        std::os::unix::fs::symlink("a.py", &link).unwrap();
        let saved = save(&job(&link, b"old", b"new"));
        assert!(
            matches!(saved, SaveOutcome::Written { mode: 0o4751, .. }),
            "{saved:?}"
        );
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(mode_of(&file), 0o4751);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let hard = folder.path().join("hard.py");
        fs::hard_link(&file, &hard).unwrap();
        assert!(matches!(
            save(&job(&file, b"new", b"n")),
            SaveOutcome::Written { .. }
        ));
        assert_eq!(fs::read(&hard).unwrap(), b"n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_nobody_has_seen_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        fs::write(&file, "theirs").unwrap();
        let saved = save(&job(&file, b"old", b"mine"));
        let SaveOutcome::ChangedOutside(contents) = saved else {
            panic!("{saved:?}")
        };
        assert_eq!(&*contents.text, "theirs");
        assert_eq!(fs::read(&file).unwrap(), b"theirs");
        fs::write(&file, b"\0").unwrap();
        assert!(matches!(
            save(&job(&file, b"old", b"mine")),
            SaveOutcome::Failed(_)
        ));
        assert_eq!(fs::read(&file).unwrap(), b"\0");
    }

    #[test]
    fn a_file_that_is_gone_is_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        assert!(matches!(
            save(&job(&file, b"old", b"mine")),
            SaveOutcome::Written { .. }
        ));
        assert_eq!(
            (fs::read(&file).unwrap(), mode_of(&file)),
            (b"mine".to_vec(), 0o755)
        );
        let nowhere = folder.path().join("none/a.py");
        let SaveOutcome::Failed(why) = save(&job(&nowhere, b"", b"x")) else {
            panic!()
        };
        assert!(why.contains("No such file"), "{why}");
    }

    #[test]
    fn what_is_no_text_of_ours_is_shown_or_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        assert_eq!(read(&file), FileRead::Missing);
        assert!(matches!(read(folder.path()), FileRead::Failed(why) if why == "it is a folder"));
        assert!(matches!(read(Path::new("/dev/zero")), FileRead::Failed(_)));
        fs::write(&file, vec![b'a'; (50 << 20) + 3]).unwrap();
        let FileRead::Bytes { why, bytes, length } = read(&file) else {
            panic!()
        };
        assert!(why.contains("1 MB"), "{why}");
        assert_eq!(bytes.len() as u64, length);
        fs::write(&file, b"\x7fELF\0").unwrap();
        assert!(matches!(read(&file), FileRead::Bytes { length: 5, .. }));
    }
}
