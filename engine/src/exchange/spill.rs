//! Long streams in files instead of memory: written while they flow, hashed where they will be kept, seen through a map.

use super::mapping;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tempfile::TempPath;

/// A stream that is longer than this goes on in a file.
pub(crate) const IN_MEMORY: usize = 1 << 20;
/// Streams that only this process keeps take no more of the disk than this together.
const TEMPORARY_BYTES: u64 = 8 << 30;

/// Where long streams are written.
#[derive(Debug)]
pub struct SpillFolder {
    /// None: files without a name in the system's folder for temporary files, which are gone with the process.
    folder: Option<PathBuf>,
    limit: u64,
    held: AtomicU64,
}

impl SpillFolder {
    /// Files without a name, in the system's folder for temporary files: nothing is left of them when the process
    /// ends, however it does. They take 8 GiB together at most.
    #[must_use]
    pub fn temporary() -> Arc<Self> {
        Arc::new(Self {
            folder: None,
            limit: TEMPORARY_BYTES,
            held: AtomicU64::new(0),
        })
    }

    /// Files with a name in this folder, so that whoever keeps them need only rename them: [`SpillFile`].
    /// A name ends in `.part`; those that a crash has left behind may be removed by whoever owns the folder.
    #[must_use]
    pub fn within(folder: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            folder: Some(folder),
            limit: u64::MAX,
            held: AtomicU64::new(0),
        })
    }

    /// Bytes in the files now.
    #[must_use]
    pub fn held_bytes(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    fn create(&self) -> io::Result<(File, Option<TempPath>)> {
        match &self.folder {
            None => Ok((tempfile::tempfile()?, None)),
            Some(folder) => {
                let named = tempfile::Builder::new()
                    .prefix("stream-")
                    .suffix(".part")
                    .tempfile_in(folder);
                match named.map(tempfile::NamedTempFile::into_parts) {
                    Ok((file, path)) => Ok((file, Some(path))),
                    // The folder has gone, perhaps: the stream is kept as long as the process lives.
                    Err(_) => Ok((tempfile::tempfile()?, None)),
                }
            }
        }
    }

    /// Claims so many bytes of what may be held, or says why not.
    fn claim(&self, bytes: u64) -> io::Result<()> {
        let before = self.held.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) <= self.limit {
            return Ok(());
        }
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        let limit = self.limit >> 30;
        let reason = format!("recorded streams take {limit} GiB of temporary files already");
        Err(io::Error::other(reason))
    }
}

/// A finished stream in a file that has a name.
#[derive(Debug)]
pub struct SpillFile {
    /// Where it was written.
    pub path: PathBuf,
    /// Of its content.
    pub sha256: [u8; 32],
    /// Its content's length in bytes.
    pub length: u64,
    moved: AtomicBool,
}

impl SpillFile {
    /// Gives the file another name, in the same file system; it is not removed with the stream then. Maps of it hold.
    ///
    /// # Errors
    /// As rename(2): there is no such folder, or it is in another file system.
    pub fn rename(&self, to: &Path) -> io::Result<()> {
        std::fs::rename(&self.path, to)?;
        self.moved.store(true, Ordering::Release);
        Ok(())
    }
}

/// The file of one stream, shared by the states of its record.
#[derive(Debug)]
pub(crate) struct Spill {
    folder: Arc<SpillFolder>,
    file: File,
    path: Mutex<Option<TempPath>>,
    writing: Mutex<Writing>,
    /// No more than this is written.
    cap: u64,
    written: AtomicU64,
    finished: OnceLock<SpillFile>,
}

#[derive(Debug)]
struct Writing {
    /// Only a file that will be kept needs it.
    hash: Option<Sha256>,
    failure: Option<Arc<str>>,
}

impl Spill {
    /// A file for a stream of which `cap` bytes are kept.
    pub(crate) fn begin(folder: &Arc<SpillFolder>, cap: u64) -> io::Result<Arc<Self>> {
        let (file, path) = folder.create()?;
        Ok(Arc::new(Self {
            folder: Arc::clone(folder),
            writing: Mutex::new(Writing {
                hash: path.is_some().then(Sha256::new),
                failure: None,
            }),
            file,
            path: Mutex::new(path),
            cap,
            written: AtomicU64::new(0),
            finished: OnceLock::new(),
        }))
    }

    /// Bytes that are in the file.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Why no more is written.
    pub(crate) fn failure(&self) -> Option<Arc<str>> {
        self.writing().failure.clone()
    }

    /// Writes the next bytes of the stream, as far as they are kept. After a failure nothing more is written.
    pub(crate) fn write(&self, bytes: &[u8]) {
        let mut writing = self.writing();
        let room = self.cap - self.written();
        let mut rest = &bytes[..usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len())];
        while !rest.is_empty() && writing.failure.is_none() {
            match self.write_some(rest) {
                Ok(count) => {
                    if let Some(hash) = &mut writing.hash {
                        hash.update(&rest[..count]);
                    }
                    rest = &rest[count..];
                    self.written.fetch_add(count as u64, Ordering::Release);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => writing.failure = Some(error.to_string().into()),
            }
        }
    }

    fn write_some(&self, bytes: &[u8]) -> io::Result<usize> {
        let asked = bytes.len() as u64;
        self.folder.claim(asked)?;
        let written = match (&self.file).write(bytes) {
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            written => written,
        };
        let unused = asked - written.as_ref().map_or(0, |count| *count as u64);
        self.folder.held.fetch_sub(unused, Ordering::Relaxed);
        written
    }

    /// The stream is over: a file with a name can be taken over by whoever keeps it.
    pub(crate) fn finish(&self) {
        let hash = self.writing().hash.take();
        let path = self.path.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(hash), Some(path)) = (hash, path.as_ref()) {
            self.finished.get_or_init(|| SpillFile {
                path: path.to_path_buf(),
                sha256: hash.finalize().into(),
                length: self.written(),
                moved: AtomicBool::new(false),
            });
        }
    }

    /// The finished file, where it has a name.
    pub(crate) fn finished(&self) -> Option<&SpillFile> {
        self.finished.get()
    }

    /// The first `length` bytes, which have been written.
    pub(crate) fn bytes(&self, length: usize) -> Bytes {
        mapping::map(&self.file, length).unwrap_or_else(|error| {
            // A process can run out of maps or addresses; the bytes are there all the same.
            tracing::warn!("a recorded stream cannot be mapped: {error}");
            let mut copy = vec![0; length];
            if let Err(error) = self.file.read_exact_at(&mut copy, 0) {
                tracing::error!("a recorded stream cannot be read: {error}");
            }
            copy.into()
        })
    }

    fn writing(&self) -> std::sync::MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        self.folder
            .held
            .fetch_sub(self.written(), Ordering::Relaxed);
        let path = self.path.get_mut().unwrap_or_else(PoisonError::into_inner);
        let moved = self.finished.get();
        if moved.is_some_and(|file| file.moved.load(Ordering::Acquire))
            && let Some(path) = path.take()
        {
            // Another file may have the old name by now.
            let _ = path.keep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_file_knows_its_hash_and_is_gone_with_the_stream_unless_it_was_renamed() {
        let folder = tempfile::tempdir().unwrap();
        let spills = SpillFolder::within(folder.path().to_owned());
        let write = || {
            let spill = Spill::begin(&spills, 5).unwrap();
            spill.write(b"abc");
            assert!(spill.finished().is_none());
            spill.write(b"defg");
            spill.finish();
            spill
        };
        let (lost, kept) = (write(), write());
        let file = kept.finished().unwrap();
        assert_eq!(
            (file.length, kept.bytes(5)),
            (5, Bytes::from_static(b"abcde"))
        );
        assert_eq!(file.sha256[..], Sha256::digest(b"abcde")[..]);
        assert_eq!(spills.held_bytes(), 10);
        let name = folder.path().join("blob");
        file.rename(&name).unwrap();
        drop((lost, kept));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(std::fs::read(name).unwrap(), b"abcde");
        assert_eq!(spills.held_bytes(), 0);
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_the_reason_is_kept() {
        let spills = Arc::new(SpillFolder {
            folder: None,
            limit: 10,
            held: AtomicU64::new(0),
        });
        let spill = Spill::begin(&spills, u64::MAX).unwrap();
        spill.write(b"12345678");
        spill.write(b"9abcdef");
        spill.write(b"x");
        assert_eq!(spill.written(), 8);
        assert!(spill.failure().unwrap().contains("temporary files"));
        spill.finish();
        assert!(spill.finished().is_none(), "it has no name");
    }
}
