//! Bodies and sources, each kept once, by the SHA-256 of what is in it: in the database up to 1 MiB, else in a file.
//!
//! A file is whole before it gets its name, and has its name before the database tells of it. A file that is gone,
//! or not as long as it was, counts as evicted.

use super::packed::decompress;
use crate::exchange::{SpillFile, mapping};
use crate::record::{BlobId, BlobSink, BlobSource};
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Larger contents are files.
pub(super) const FILE_BYTES: usize = 1 << 20;
/// Larger files are not compressed, so that they can be looked into without reading them.
pub(super) const COMPRESSED_FILE_BYTES: u64 = 64 << 20;
/// Contents up to this size are hashed again when they are read.
const CHECKED_BYTES: usize = 16 << 20;

/// Compressed by LZ4.
pub(super) const COMPRESSED: i64 = 1;
/// As it came, for good.
pub(super) const INCOMPRESSIBLE: i64 = 2;

/// What the contents of one record are, on their way to the database.
#[derive(Debug, Default)]
pub(super) struct Gathered(pub(super) Vec<(BlobId, Vec<Bytes>)>);

impl BlobSink for Gathered {
    fn put(&mut self, pieces: &[Bytes]) -> BlobId {
        let id = BlobId::of(pieces);
        self.put_named(id, pieces);
        id
    }

    fn put_named(&mut self, id: BlobId, pieces: &[Bytes]) {
        if self.0.iter().all(|(other, _)| *other != id) {
            self.0.push((id, pieces.to_vec()));
        }
    }
}

/// Knows of contents and has none: what is read with it says of them all that they are gone.
pub(super) struct Nothing;

impl BlobSource for Nothing {
    fn get(&self, _: &BlobId) -> io::Result<Option<Bytes>> {
        Ok(None)
    }
}

/// The contents of a site.
pub(super) struct Kept<'a> {
    pub(super) connection: &'a Connection,
    pub(super) files: &'a Files,
}

impl BlobSource for Kept<'_> {
    fn get(&self, id: &BlobId) -> io::Result<Option<Bytes>> {
        const SELECT: &str = "SELECT bytes, state, content FROM blobs WHERE hash = ?1";
        let mut select = self
            .connection
            .prepare_cached(SELECT)
            .map_err(io::Error::other)?;
        let found = select
            .query_row([&id.0[..]], |row| {
                let (bytes, state): (i64, i64) = (row.get(0)?, row.get(1)?);
                let content: Option<Vec<u8>> = row.get(2)?;
                Ok((bytes, state, content))
            })
            .optional()
            .map_err(io::Error::other)?;
        let Some((bytes, state, content)) = found else {
            return Ok(None);
        };
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let content = match content {
            Some(content) if state == COMPRESSED && bytes <= FILE_BYTES => {
                decompress(&content, bytes).map(Bytes::from)
            }
            Some(content) => Some(Bytes::from(content)),
            None => self.files.read(id, bytes)?,
        };
        let content = content.filter(|content| {
            content.len() == bytes
                && (bytes > CHECKED_BYTES || BlobId::of(std::slice::from_ref(content)) == *id)
        });
        if content.is_none() {
            tracing::warn!("the recorded content {id} is damaged or gone");
        }
        Ok(content)
    }
}

/// The folder of the contents that are files.
#[derive(Clone, Debug)]
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    pub(super) fn of_site(folder: &Path) -> Self {
        Self {
            folder: folder.join("blobs"),
        }
    }

    /// Two digits for a folder, the others for the name.
    fn path(&self, id: &BlobId) -> PathBuf {
        let name = id.to_string();
        let (folder, file) = name.split_at(2);
        self.folder.join(folder).join(file)
    }

    fn compressed_path(&self, id: &BlobId) -> PathBuf {
        self.path(id).with_extension("lz4")
    }

    /// Whether the content is there, in one form or the other.
    pub(super) fn has(&self, id: &BlobId, bytes: usize) -> bool {
        fs::metadata(self.path(id)).is_ok_and(|facts| facts.len() == bytes as u64)
            || self.compressed_path(id).exists()
    }

    /// Writes a content.
    pub(super) fn write(&self, id: &BlobId, pieces: &[Bytes]) -> io::Result<()> {
        self.place(&self.path(id), |file| {
            pieces.iter().try_for_each(|piece| file.write_all(piece))
        })
    }

    /// Gives a stream that was written to a file beside these its name here; false when that cannot be.
    pub(super) fn adopt(&self, id: &BlobId, file: &SpillFile) -> bool {
        let path = self.path(id);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).is_ok() && file.rename(&path).is_ok()
    }

    /// Not by `whole_file`: what is kept comes in pieces, which nobody joins.
    fn place(
        &self,
        path: &Path,
        write: impl FnOnce(&mut fs::File) -> io::Result<()>,
    ) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .tempfile_in(folder)?;
        write(file.as_file_mut())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// The content in whichever form it is there: it may be compressed at this very moment.
    fn read(&self, id: &BlobId, bytes: usize) -> io::Result<Option<Bytes>> {
        for _ in 0..2 {
            if let Some(file) = existing(fs::File::open(self.path(id)))? {
                let is_whole = file.metadata()?.len() == bytes as u64;
                return is_whole.then(|| mapping::map(&file, bytes)).transpose();
            }
            if let Some(compressed) = existing(fs::read(self.compressed_path(id)))? {
                return Ok(decompress(&compressed, bytes).map(Bytes::from));
            }
        }
        Ok(None)
    }

    /// Compresses a content beside itself; the bytes that it takes now, or none where that does not pay.
    pub(super) fn compress(&self, id: &BlobId) -> io::Result<Option<u64>> {
        let Some(content) = existing(fs::read(self.path(id)))? else {
            return Ok(None);
        };
        let Some(compressed) = worth_it(&content) else {
            return Ok(None);
        };
        self.place(&self.compressed_path(id), |file| {
            file.write_all(&compressed)
        })?;
        Ok(Some(compressed.len() as u64))
    }

    /// Removes the form of a content that is not compressed, once the other is the one that counts.
    pub(super) fn remove_plain(&self, id: &BlobId) {
        let _ = fs::remove_file(self.path(id));
    }

    /// Removes a content that no run uses. A file that stays behind is found at the next start.
    pub(super) fn remove(&self, id: &BlobId) {
        let _ = fs::remove_file(self.path(id));
        let _ = fs::remove_file(self.compressed_path(id));
    }

    /// Every file there, with the content that it is named after; none where it is not named after any.
    pub(super) fn all(&self) -> Vec<(PathBuf, Option<BlobId>)> {
        let folders = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        folders
            .flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten())
            .map(|entry| {
                let path = entry.path();
                let id = named_after(&path);
                (path, id)
            })
            .collect()
    }
}

fn named_after(path: &Path) -> Option<BlobId> {
    let file = path.file_name()?.to_str()?;
    let folder = path.parent()?.file_name()?.to_str()?;
    BlobId::parse(&format!("{folder}{}", file.trim_end_matches(".lz4")))
}

/// The content compressed, where that saves an eighth at least.
pub(super) fn worth_it(content: &[u8]) -> Option<Vec<u8>> {
    let compressed = lz4_flex::block::compress(content);
    (compressed.len() < content.len() / 8 * 7).then_some(compressed)
}

fn existing<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::of_site(folder.path());
        (folder, files)
    }

    #[test]
    fn a_file_is_read_in_either_form_and_removed_in_both() {
        let (_folder, files) = files();
        let content = Bytes::from(b"the same again and again ".repeat(50_000));
        let id = BlobId::of(std::slice::from_ref(&content));
        files
            .write(&id, &[content.slice(..10), content.slice(10..)])
            .unwrap();
        assert!(files.has(&id, content.len()));
        assert_eq!(files.read(&id, content.len()).unwrap().unwrap(), content);
        assert!(files.compress(&id).unwrap().unwrap() < content.len() as u64 / 8);
        files.remove_plain(&id);
        assert!(files.has(&id, content.len()));
        assert_eq!(files.read(&id, content.len()).unwrap().unwrap(), content);
        assert_eq!(files.all().len(), 1);
        assert_eq!(files.all()[0].1, Some(id));
        files.remove(&id);
        assert!(files.read(&id, content.len()).unwrap().is_none() && files.all().is_empty());
    }

    #[test]
    fn what_does_not_become_smaller_stays_as_it_is() {
        let noise: Vec<u8> = (0..70_000_u64)
            .flat_map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes())
            .collect();
        assert!(worth_it(&noise).is_none());
        assert!(worth_it(&[b'a'; 1000]).is_some());
    }

    #[test]
    fn a_strangers_file_is_named_after_nothing() {
        let (_folder, files) = files();
        fs::create_dir_all(files.folder.join("ab")).unwrap();
        fs::write(files.folder.join("ab/notes.txt"), "").unwrap();
        fs::write(files.folder.join("loose"), "").unwrap();
        let all = files.all();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].1, None);
    }
}
