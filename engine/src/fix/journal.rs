//! What was fixed, kept so that it can be taken back, also after a restart.
//!
//! Each change has two files in the journal's folder: `N.before`, the content that was replaced, and `N.json`, which
//! says whose it was. Both are written before the change is made, so a crash in between leaves at worst an entry for
//! a change that never happened, and that is seen by the file's content.

use super::{Change, Fix};
use crate::clock::Timestamp;
use crate::diagnosis::RuleCode;
use crate::whole_file::{self, Before, Manner};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// More entries than this are forgotten, the oldest first.
const MOST_ENTRIES: usize = 200;

/// The changes that can be taken back.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: PathBuf,
}

/// A change that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// Its number in the journal, for [`Journal::undo`].
    pub entry: u64,
    /// The file that was changed.
    pub file: PathBuf,
}

/// A change that can be taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its number.
    pub number: u64,
    /// The rule that asked for it.
    pub rule: RuleCode,
    /// What the button said.
    pub label: String,
    /// The file.
    pub file: PathBuf,
    /// When it was made.
    pub at: Timestamp,
}

/// Why a change was not made, or not taken back. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Somebody else was faster.
    #[error("the file is not as it was when the change was shown: {file:?}")]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// Taking it back would lose what was written after.
    #[error("the file was changed after the fix, which cannot be taken back any more: {file:?}")]
    ChangedSince {
        /// The file.
        file: PathBuf,
    },
    /// No such change is known.
    #[error("no change {number} can be taken back")]
    Unknown {
        /// The number that was asked for.
        number: u64,
    },
    /// What stands in the journal cannot be read.
    #[error("the journal of fixes cannot be read: {reason}: {file:?}")]
    Damaged {
        /// The journal's file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system refused.
    #[error("cannot {doing}: {source}: {file:?}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// An entry as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    rule: u16,
    label: String,
    /// Percent-encoded, as a path may hold any byte.
    file: String,
    unix_millis: i64,
    change: WrittenChange,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenChange {
    Mode {
        before: u32,
        after: u32,
    },
    Content {
        after_sha256: [u8; 32],
        after_bytes: usize,
    },
}

impl Journal {
    /// The journal in this folder, which is made when the first change is.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Makes the change, if the file is still as it was when the fix was made.
    ///
    /// # Errors
    /// [`JournalError::Changed`] if it is not, [`JournalError::System`] if the journal or the file cannot be written.
    pub fn apply(&self, fix: &Fix, now: Timestamp) -> Result<Applied, JournalError> {
        if state_of(&fix.file, &fix.change)? != State::Before {
            return Err(JournalError::Changed {
                file: fix.file.clone(),
            });
        }
        let entry = self.write(fix, now)?;
        let made = match &fix.change {
            Change::Mode { after, .. } => set_mode(&fix.file, *after),
            Change::Content { after, .. } => replace(&fix.file, after),
        };
        if let Err(source) = made {
            self.forget(entry);
            return Err(system("change the file", &fix.file, source));
        }
        self.forget_the_oldest();
        Ok(Applied {
            entry,
            file: fix.file.clone(),
        })
    }

    /// What can be taken back in this folder and beneath it, the newest first.
    #[must_use]
    pub fn entries(&self, site: &Path) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self
            .numbers()
            .into_iter()
            .filter_map(|number| Some(self.read(number).ok()?.0))
            .filter(|entry| entry.file.starts_with(site))
            .collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.number));
        entries
    }

    /// Takes a change back, if the file is still as the change left it.
    ///
    /// # Errors
    /// [`JournalError::ChangedSince`] if it is not, [`JournalError::Unknown`] without such an entry, and what the
    /// system refuses.
    pub fn undo(&self, number: u64) -> Result<PathBuf, JournalError> {
        let (entry, change) = self.read(number)?;
        let file = entry.file;
        let undone = match change {
            WrittenChange::Mode { before, after } => {
                let mode = mode_of(&file)?;
                match state(mode == before, mode == after) {
                    State::Before => Ok(()),
                    State::After => set_mode(&file, before),
                    State::Other => return Err(JournalError::ChangedSince { file }),
                }
            }
            WrittenChange::Content {
                after_sha256,
                after_bytes,
            } => {
                let before = self.before(number)?;
                let content = content_of(&file, before.len().max(after_bytes))?;
                let is_after = Sha256::digest(&content).as_slice() == after_sha256.as_slice();
                match state(content == before, is_after) {
                    // It was never made: a crash came before.
                    State::Before => Ok(()),
                    State::After => replace(&file, &before),
                    State::Other => return Err(JournalError::ChangedSince { file }),
                }
            }
        };
        undone.map_err(|source| system("change the file back", &file, source))?;
        self.forget(number);
        Ok(file)
    }

    fn write(&self, fix: &Fix, now: Timestamp) -> Result<u64, JournalError> {
        let made = fs::create_dir_all(&self.folder);
        made.map_err(|source| system("make the journal's folder", &self.folder, source))?;
        let change = match &fix.change {
            Change::Mode { before, after } => WrittenChange::Mode {
                before: *before,
                after: *after,
            },
            Change::Content { after, .. } => WrittenChange::Content {
                after_sha256: Sha256::digest(after).into(),
                after_bytes: after.len(),
            },
        };
        let written = Written {
            rule: fix.rule.0,
            label: fix.label.clone(),
            file: percent_encode(fix.file.as_os_str().as_bytes(), NON_ALPHANUMERIC).to_string(),
            unix_millis: now.unix_millis(),
            change,
        };
        let before: &[u8] = match &fix.change {
            Change::Content { before, .. } => before,
            Change::Mode { .. } => &[],
        };
        let number = self.reserve(before)?;
        let path = self.path(number, "json");
        let text = serde_json::to_vec_pretty(&written).map_err(io::Error::other);
        let done = text.and_then(|text| write_new(&path, &text));
        done.map_err(|source| {
            self.forget(number);
            system("write the journal", &path, source)
        })?;
        Ok(number)
    }

    /// Takes the next free number by writing the old content under it.
    fn reserve(&self, before: &[u8]) -> Result<u64, JournalError> {
        let mut number = self.numbers().into_iter().max().unwrap_or(0) + 1;
        loop {
            let path = self.path(number, "before");
            match write_new(&path, before) {
                Ok(()) => return Ok(number),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(source) => return Err(system("write the journal", &path, source)),
            }
        }
    }

    fn read(&self, number: u64) -> Result<(Entry, WrittenChange), JournalError> {
        let path = self.path(number, "json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(JournalError::Unknown { number });
            }
            Err(source) => return Err(system("read the journal", &path, source)),
        };
        let written: Written =
            serde_json::from_slice(&text).map_err(|error| JournalError::Damaged {
                file: path,
                reason: error.to_string(),
            })?;
        let file: Vec<u8> = percent_decode_str(&written.file).collect();
        let entry = Entry {
            number,
            rule: RuleCode(written.rule),
            label: written.label,
            file: OsString::from_vec(file).into(),
            at: Timestamp::from_unix_millis(written.unix_millis),
        };
        Ok((entry, written.change))
    }

    fn before(&self, number: u64) -> Result<Vec<u8>, JournalError> {
        let path = self.path(number, "before");
        fs::read(&path).map_err(|source| system("read the journal", &path, source))
    }

    /// The numbers of all entries, whole or not.
    fn numbers(&self) -> Vec<u64> {
        let Ok(folder) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let names = folder.flatten().map(|entry| entry.file_name());
        let json = names.filter_map(|name| {
            let name = name.to_str()?.strip_suffix(".json")?;
            name.parse().ok()
        });
        json.collect()
    }

    fn forget_the_oldest(&self) {
        let mut numbers = self.numbers();
        numbers.sort_unstable();
        let many = numbers.len().saturating_sub(MOST_ENTRIES);
        for number in &numbers[..many] {
            self.forget(*number);
        }
    }

    /// What cannot be deleted is seen again next time, and does no harm.
    fn forget(&self, number: u64) {
        let _ = fs::remove_file(self.path(number, "json"));
        let _ = fs::remove_file(self.path(number, "before"));
    }

    fn path(&self, number: u64, suffix: &str) -> PathBuf {
        self.folder.join(format!("{number}.{suffix}"))
    }
}

/// How a file stands to a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Before,
    After,
    Other,
}

fn state_of(file: &Path, change: &Change) -> Result<State, JournalError> {
    match change {
        Change::Mode { before, after } => {
            let mode = mode_of(file)?;
            Ok(state(mode == *before, mode == *after))
        }
        Change::Content { before, after } => {
            let content = content_of(file, before.len().max(after.len()))?;
            Ok(state(content == *before, content == *after))
        }
    }
}

fn state(is_before: bool, is_after: bool) -> State {
    if is_before {
        State::Before
    } else if is_after {
        State::After
    } else {
        State::Other
    }
}

fn mode_of(file: &Path) -> Result<u32, JournalError> {
    let facts = fs::metadata(file).map_err(|source| system("look at the file", file, source))?;
    Ok(facts.permissions().mode() & 0o7777)
}

fn set_mode(file: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(file, Permissions::from_mode(mode))
}

/// The file's content, read one byte further than it should be long.
fn content_of(file: &Path, expected: usize) -> Result<Vec<u8>, JournalError> {
    let mut content = Vec::new();
    let opened = crate::site::content::open_regular(file);
    let read = opened.and_then(|opened| opened.take(expected as u64 + 1).read_to_end(&mut content));
    read.map_err(|source| system("read the file", file, source))?;
    Ok(content)
}

fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    whole_file::write(file, content, Manner::USUAL.before(Before::HandsOnAll))
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let manner = Manner {
        before: Before::Stays,
        synced: true,
        ..Manner::PRIVATE
    };
    whole_file::write(path, content, manner)
}

fn system(doing: &'static str, file: &Path, source: io::Error) -> JournalError {
    JournalError::System {
        doing,
        file: file.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests;
