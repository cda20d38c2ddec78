//! A script's bytes: read once, bounded, from regular files only, and not again while unchanged.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use sha2::{Digest as _, Sha256};

use crate::clock::Timestamp;

use super::shebang::{BinaryFormat, FirstLine, LineEnds};

/// How much of a script's source is kept, in bytes.
pub const SOURCE_BYTES: usize = 4 << 20;
/// How much is kept of a program in a binary format: enough to know it by.
pub const BINARY_SOURCE_BYTES: usize = 4 << 10;
/// How much of a file goes into its hash, in bytes; longer files differ by their size, too.
pub const HASHED_BYTES: u64 = 64 << 20;

/// What a file's bytes say. A clone shares the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) size: u64,
    pub(super) hash: [u8; 32],
    pub(super) source: Arc<[u8]>,
    pub(super) first_line: FirstLine,
    pub(super) line_ends: LineEnds,
    pub(super) binary_format: Option<BinaryFormat>,
}

impl Content {
    pub(super) fn read(file: &Path) -> io::Result<Self> {
        Self::read_from(&open_regular(file)?)
    }

    /// Reads once from start to end: what is kept and what is hashed come from the same bytes.
    fn read_from(opened: &File) -> io::Result<Self> {
        let size_on_disk = opened.metadata()?.len();
        let expected = usize::try_from(size_on_disk).unwrap_or(SOURCE_BYTES);
        let mut source = Vec::with_capacity(expected.min(SOURCE_BYTES) + 1);
        let mut hasher = Sha256::new();
        opened.take(SOURCE_BYTES as u64).read_to_end(&mut source)?;
        hasher.update(&source);
        let mut size = source.len() as u64;
        if source.len() == SOURCE_BYTES {
            size += io::copy(&mut opened.take(HASHED_BYTES - size), &mut hasher)?;
        }
        // Beyond what is hashed only the size is known.
        if size == HASHED_BYTES {
            size = size.max(size_on_disk);
        }
        Ok(Self::of(source, size, hasher.finalize().into()))
    }

    fn of(mut source: Vec<u8>, size: u64, hash: [u8; 32]) -> Self {
        let binary_format = BinaryFormat::of(&source);
        let (first_line, line_ends) = if binary_format.is_some() {
            source.truncate(BINARY_SOURCE_BYTES);
            (FirstLine::default(), LineEnds::None)
        } else {
            (FirstLine::of(&source), LineEnds::of(&source))
        };
        Self {
            size,
            hash,
            source: source.into(),
            first_line,
            line_ends,
            binary_format,
        }
    }
}

/// Opens a file only if it is a regular one, also when it is exchanged for a pipe meanwhile.
pub(crate) fn open_regular(file: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let refused = || io::Error::from(io::ErrorKind::InvalidInput);
    // A device may act on being opened; so look first.
    if !file.metadata()?.is_file() {
        return Err(refused());
    }
    let opened = File::from(rustix::fs::open(file, flags, Mode::empty())?);
    if opened.metadata()?.is_file() {
        Ok(opened)
    } else {
        Err(refused())
    }
}

/// The first bytes of a regular file, `most` at most.
pub(crate) fn read_head(file: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    open_regular(file)?.take(most).read_to_end(&mut head)?;
    Ok(head)
}

/// More scripts than this are read anew each time.
const MOST_REMEMBERED: usize = 256;
/// More bytes of source than this are not held.
const MOST_REMEMBERED_BYTES: usize = 32 << 20;
/// No file system's dates are coarser: FAT counts in steps of two seconds.
const COARSEST_DATES: Duration = Duration::from_millis(2100);

/// The contents of scripts that were run lately, so that a program of many megabytes is not hashed
/// anew for each request.
#[derive(Debug)]
pub(super) struct ContentCache {
    remembered: Mutex<HashMap<PathBuf, Remembered>>,
    /// How long two writes may bear the same date.
    grain: Duration,
}

impl Default for ContentCache {
    fn default() -> Self {
        Self {
            remembered: Mutex::default(),
            grain: COARSEST_DATES,
        }
    }
}

#[derive(Debug)]
struct Remembered {
    stamp: Stamp,
    content: Content,
    first_read: Instant,
    /// Whether it was read again after the dates' own grain had passed: a write in the same grain
    /// as the first reading would not show in the stamp.
    confirmed: bool,
}

/// What changes with every write, and also without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    pub(crate) size: u64,
    pub(crate) modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// The last change is so long ago that no later one can bear the same dates.
    fn is_settled(&self, grain: Duration) -> bool {
        let (seconds, nanoseconds) = self.modified.max(self.changed);
        let millis = seconds * 1000 + nanoseconds / 1_000_000;
        let age = Timestamp::now().unix_millis().saturating_sub(millis);
        u64::try_from(age).is_ok_and(|age| u128::from(age) > grain.as_millis())
    }
}

impl ContentCache {
    /// The content of `file`, read only if it may have changed since the last time.
    pub(super) fn content(&self, file: &Path) -> io::Result<Content> {
        // Opening, rather than asking for the path's dates, makes network file systems look.
        let opened = open_regular(file)?;
        let stamp = Stamp::of(&opened.metadata()?);
        let known = self.known(file, stamp);
        if let Some((content, _, true)) = known {
            return Ok(content);
        }
        let now = Instant::now();
        let first_read = known.map_or(now, |(_, first_read, _)| first_read);
        let confirmed = stamp.is_settled(self.grain) || now.duration_since(first_read) > self.grain;
        let content = Content::read_from(&opened)?;
        self.remember(
            file,
            Remembered {
                stamp,
                content: content.clone(),
                first_read,
                confirmed,
            },
        );
        Ok(content)
    }

    fn known(&self, file: &Path, stamp: Stamp) -> Option<(Content, Instant, bool)> {
        let remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = remembered.get(file).filter(|known| known.stamp == stamp)?;
        Some((known.content.clone(), known.first_read, known.confirmed))
    }

    fn remember(&self, file: &Path, new: Remembered) {
        let mut remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let held: usize = remembered
            .values()
            .map(|known| known.content.source.len())
            .sum();
        if remembered.len() >= MOST_REMEMBERED
            || held + new.content.source.len() > MOST_REMEMBERED_BYTES
        {
            remembered.clear();
        }
        remembered.insert(file.to_owned(), new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fine enough for the file systems that tests run on.
    fn cache() -> ContentCache {
        ContentCache {
            grain: Duration::from_millis(20),
            ..ContentCache::default()
        }
    }

    /// Reads until the cache trusts its copy.
    fn settle(cache: &ContentCache, file: &Path) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let confirmed = || {
            cache
                .remembered
                .lock()
                .unwrap()
                .get(file)
                .is_some_and(|known| known.confirmed)
        };
        while !confirmed() && Instant::now() < deadline {
            cache.content(file).unwrap();
        }
        assert!(confirmed());
    }

    #[test]
    fn an_unchanged_file_is_read_no_more_and_a_changed_one_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        let cache = cache();
        std::fs::write(&file, "one").unwrap();
        settle(&cache, &file);
        let source = cache.content(&file).unwrap().source;
        assert!(Arc::ptr_eq(&source, &cache.content(&file).unwrap().source));
        std::fs::write(&file, "two").unwrap();
        assert_eq!(cache.content(&file).unwrap(), Content::read(&file).unwrap());
        assert_eq!(&*cache.content(&file).unwrap().source, b"two");
        std::fs::remove_file(&file).unwrap();
        assert!(cache.content(&file).is_err());
    }

    #[test]
    fn quick_saves_of_the_same_size_are_never_missed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        let cache = cache();
        for round in 0..500 {
            let text = format!("{round:05}");
            std::fs::write(&file, &text).unwrap();
            assert_eq!(&*cache.content(&file).unwrap().source, text.as_bytes());
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache();
        for number in 0..MOST_REMEMBERED + 10 {
            let file = folder.path().join(number.to_string());
            std::fs::write(&file, "").unwrap();
            cache.content(&file).unwrap();
        }
        assert!(cache.remembered.lock().unwrap().len() <= MOST_REMEMBERED);
    }
}
