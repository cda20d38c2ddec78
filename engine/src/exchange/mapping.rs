//! Files of our own as bytes in memory: read-only maps that count as [`Bytes`], and pages given back when they were read.
//!
//! A stream of a gibibyte is looked at without being copied. What a walk through all of it has touched would stay
//! resident, though, so whoever walks says [`release`] behind itself.

// Reading a file through memory is sound only while nobody cuts it short: each use says why nobody does.
#![allow(unsafe_code)]

use bytes::Bytes;
use memmap2::{Mmap, MmapOptions, UncheckedAdvice};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The maps that are alive, by the address at which they begin.
static ALIVE: Mutex<BTreeMap<usize, Weak<Mmap>>> = Mutex::new(BTreeMap::new());

/// The first `length` bytes of a file as memory. Nothing is read before it is looked at.
///
/// The file must be one that only the studio writes, and only by adding to its end or by removing its name:
/// a stream that was spilled, or a body in the store.
///
/// # Errors
/// The system has no room for the map (`ENOMEM`), or cannot map such a file (`ENODEV`).
pub fn map(file: &File, length: usize) -> io::Result<Bytes> {
    if length == 0 {
        return Ok(Bytes::new());
    }
    // SAFETY: the file is the studio's own, in a folder that only its user may write; the studio never shortens it
    // and never writes to what is mapped, only after it. A name that is removed leaves the mapped file whole.
    let map = Arc::new(unsafe { MmapOptions::new().len(length).map(file)? });
    alive().insert(map.as_ptr() as usize, Arc::downgrade(&map));
    Ok(Bytes::from_owner(Mapping(map)))
}

/// The pages of these bytes need not stay in memory, as they are not looked at again soon.
///
/// Bytes that are not from [`map`] are left alone. The bytes stay what they are; the next look reads them again.
pub fn release(bytes: &[u8]) {
    let start = bytes.as_ptr() as usize;
    let map = {
        let alive = alive();
        let below = alive.range(..=start).next_back();
        below.and_then(|(_, map)| map.upgrade())
    };
    let Some(map) = map else { return };
    let offset = start - map.as_ptr() as usize;
    if offset + bytes.len() > map.len() {
        return;
    }
    // Pages that are seen in part only stay.
    let page = rustix::param::page_size();
    let from = offset.next_multiple_of(page);
    let to = match offset + bytes.len() {
        end if end == map.len() => end,
        end => end - end % page,
    };
    if from < to {
        // SAFETY: the map is a read-only one of a file, so pages that are dropped hold nothing but what the file
        // holds, from which they come again when they are read.
        let advised =
            unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, from, to - from) };
        if let Err(error) = advised {
            tracing::debug!("pages of a map could not be given back: {error}");
        }
    }
}

/// What a [`Bytes`] of a map holds on to.
struct Mapping(Arc<Mmap>);

impl AsRef<[u8]> for Mapping {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // The address belongs to this map until after this.
        alive().remove(&(self.0.as_ptr() as usize));
    }
}

fn alive() -> MutexGuard<'static, BTreeMap<usize, Weak<Mmap>>> {
    ALIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_file_is_seen_without_a_copy_and_the_same_after_its_pages_went() {
        let mut file = tempfile::tempfile().unwrap();
        let content: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
        file.write_all(&content).unwrap();
        let bytes = map(&file, content.len()).unwrap();
        assert!(bytes == content);
        release(&bytes[17..2_000_001]);
        release(&bytes);
        assert!(bytes == content);
        assert_eq!(map(&file, 0).unwrap(), Bytes::new());
    }

    #[test]
    fn a_map_outlives_the_name_and_the_handle_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stream");
        std::fs::write(&path, vec![b'x'; 200_000]).unwrap();
        let bytes = map(&File::open(&path).unwrap(), 200_000).unwrap();
        std::fs::remove_file(&path).unwrap();
        let part = bytes.slice(100..300);
        drop(bytes);
        assert_eq!(part, vec![b'x'; 200]);
        release(&part);
    }

    #[test]
    fn other_memory_is_left_alone() {
        let mut owned = vec![b'y'; 1_000_000];
        release(&owned);
        owned[500_000] = b'z';
        release(&owned);
        assert_eq!((owned[499_999], owned[500_000]), (b'y', b'z'));
        release(&[]);
    }
}
