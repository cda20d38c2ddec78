//! One process writes the runs of a site: whoever holds the lock on `writer.lock`.
//!
//! The system lets go of the lock when its holder dies, by whatever death, so a file that was left behind means nothing.

use super::StoreError;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

const FILE: &str = "writer.lock";
/// How long an engine of this very process may take to let go: it ends its runs first.
const OWN_PATIENCE: Duration = Duration::from_secs(6);
const ASK_AGAIN: Duration = Duration::from_millis(10);

/// The right to write, for as long as it is held.
#[derive(Debug)]
pub(super) struct WriterLock {
    _file: File,
}

/// What came of asking for the lock.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is ours.
    Ours(WriterLock),
    /// Another process has it; its number, where it could be read.
    Theirs(Option<u32>),
}

/// Asks for the lock. An engine of this process that is going down is waited for, another process is not.
pub(super) fn take(folder: &Path) -> Result<Taken, StoreError> {
    let begun = Instant::now();
    loop {
        match try_take(folder)? {
            Taken::Theirs(Some(pid))
                if pid == std::process::id() && begun.elapsed() < OWN_PATIENCE =>
            {
                std::thread::sleep(ASK_AGAIN);
            }
            taken => return Ok(taken),
        }
    }
}

fn try_take(folder: &Path) -> Result<Taken, StoreError> {
    let path = folder.join(FILE);
    let failed = |source| StoreError::Folder {
        doing: "lock the recordings",
        source,
        path: path.clone(),
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {
            // Only for whoever is kept out; a disk without room for it is no reason not to hold the lock.
            let _ = file.set_len(0);
            let _ = write!(file, "{}", std::process::id());
            Ok(Taken::Ours(WriterLock { _file: file }))
        }
        Err(Errno::WOULDBLOCK) => {
            let mut text = String::new();
            let _ = file.read_to_string(&mut text);
            Ok(Taken::Theirs(text.trim().parse().ok()))
        }
        Err(errno) => Err(failed(errno.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holds_it_and_then_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let first = try_take(folder.path()).unwrap();
        assert!(matches!(first, Taken::Ours(_)));
        let second = try_take(folder.path()).unwrap();
        assert!(matches!(second, Taken::Theirs(Some(pid)) if pid == std::process::id()));
        drop(first);
        assert!(matches!(take(folder.path()).unwrap(), Taken::Ours(_)));
    }

    #[test]
    fn an_engine_of_this_process_that_goes_down_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let first = try_take(folder.path()).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| take(folder.path()).unwrap());
            drop(first);
            assert!(matches!(waiting.join().unwrap(), Taken::Ours(_)));
        });
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error() {
        assert!(try_take(Path::new("/proc/self/fd")).is_err());
    }
}
