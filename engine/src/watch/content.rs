//! What is remembered of a file, so that only a real change counts as one.

use std::collections::hash_map::DefaultHasher;
use std::fs::Metadata;
use std::hash::Hasher as _;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::site::content::{Stamp, open_regular};

/// Larger files are compared by size and date alone.
const LARGEST_HASHED_BYTES: u64 = 4 << 20;
/// Files with more lines are compared without counting lines.
const MOST_LINES: usize = 20_000;

/// A file as it was when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    stamp: Stamp,
    /// Whether there was nothing to read, whatever size the stamp tells.
    pub(super) is_empty: bool,
    /// Permission bits.
    pub(super) mode: u32,
    /// SHA-256, unless the file was too large or could not be read.
    pub(super) hash: Option<[u8; 32]>,
    /// A hash for each line, sorted; only of a text of moderate size.
    lines: Option<Box<[u64]>>,
}

/// How two looks at the same file differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    /// Not in what matters.
    None,
    /// In its permission bits only.
    Mode,
    /// In its content. The counts are those of lines added and removed; a moved line is neither.
    Content { lines: Option<(u32, u32)> },
}

impl Content {
    /// Looks at a regular file; anything else is `None`. With `hashing` false, or for a large
    /// file, only its size and dates are taken.
    pub(super) fn of(file: &Path, metadata: &Metadata, hashing: bool) -> Option<Self> {
        if !metadata.is_file() {
            return None;
        }
        let mut content = Self {
            stamp: Stamp::of(metadata),
            is_empty: metadata.size() == 0,
            mode: metadata.mode() & 0o7777,
            hash: None,
            lines: None,
        };
        if hashing && metadata.size() <= LARGEST_HASHED_BYTES {
            // A file that cannot be read is told apart by its stamp.
            if let Ok(bytes) = read(file) {
                content.is_empty = bytes.is_empty();
                content.hash = Some(Sha256::digest(&bytes).into());
                content.lines = lines_of(&bytes);
            }
        }
        Some(content)
    }

    /// Whether nothing was written since, as far as the file system's dates tell.
    pub(super) fn is_current(&self, metadata: &Metadata) -> bool {
        self.stamp == Stamp::of(metadata)
    }

    pub(super) fn size(&self) -> u64 {
        self.stamp.size
    }

    /// How many line hashes are kept: what this costs in memory.
    pub(super) fn kept_lines(&self) -> usize {
        self.lines.as_ref().map_or(0, |lines| lines.len())
    }

    pub(super) fn forget_lines(&mut self) {
        self.lines = None;
    }

    pub(super) fn difference_to(&self, newer: &Self) -> Difference {
        let same_content = match (self.hash, newer.hash) {
            (Some(old), Some(new)) => old == new,
            _ => self.stamp.size == newer.stamp.size && self.stamp.modified == newer.stamp.modified,
        };
        if !same_content {
            let lines = self.lines.as_deref().zip(newer.lines.as_deref());
            let lines = lines.map(|(old, new)| (count_beyond(new, old), count_beyond(old, new)));
            Difference::Content { lines }
        } else if self.mode != newer.mode {
            Difference::Mode
        } else {
            Difference::None
        }
    }
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(file)?
        .take(LARGEST_HASHED_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn lines_of(bytes: &[u8]) -> Option<Box<[u64]>> {
    if bytes.contains(&0) || memchr::memchr_iter(b'\n', bytes).nth(MOST_LINES).is_some() {
        return None;
    }
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let lines = text
        .split(|&byte| byte == b'\n')
        .filter(|_| !bytes.is_empty());
    let mut hashes: Vec<u64> = lines.map(hash_of_line).collect();
    hashes.sort_unstable();
    Some(hashes.into_boxed_slice())
}

fn hash_of_line(line: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(line);
    hasher.finish()
}

/// How many of the sorted `lines` have no partner in the sorted `others`.
fn count_beyond(lines: &[u64], others: &[u64]) -> u32 {
    let mut others = others.iter().peekable();
    let alone = lines.iter().filter(|line| {
        while others.next_if(|other| other < line).is_some() {}
        others.next_if_eq(line).is_none()
    });
    u32::try_from(alone.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: &str, new: &str, expected: Difference) {
        let folder = tempfile::tempdir().unwrap();
        let content = |text: &str| {
            let file = folder.path().join("a");
            std::fs::write(&file, text).unwrap();
            Content::of(&file, &file.metadata().unwrap(), true).unwrap()
        };
        assert_eq!(content(old).difference_to(&content(new)), expected);
    }

    fn lines(added: u32, removed: u32) -> Difference {
        Difference::Content {
            lines: Some((added, removed)),
        }
    }

    #[test]
    fn lines_are_counted_as_a_multiset() {
        check("a\nb\n", "a\nb\n", Difference::None);
        check("a\nb\n", "a\nc\nb\n", lines(1, 0));
        check("a\nb\n", "x\nb\n", lines(1, 1));
        check("a\na\na\n", "a\n", lines(0, 2));
        check("", "a\nb", lines(2, 0));
        check("a\n", "", lines(0, 1));
        check("a\nb\n", "b\na\n", lines(0, 0));
        check("a\n", "a", lines(0, 0));
    }

    #[test]
    fn what_is_no_moderate_text_has_no_line_count() {
        check("a\0", "b\0", Difference::Content { lines: None });
        check(
            "a",
            &"\n".repeat(MOST_LINES + 1),
            Difference::Content { lines: None },
        );
    }
}
