//! A bundle into runs, distrusted throughout.

use super::error::{BundleError, Why};
use super::manifest::{FORMAT, Manifest};
use super::{MANIFEST, VERSION, limits};
use crate::exchange::{Exchange, mapping};
use crate::record::{BlobId, BlobSource, unpack};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::ops::Range;
use zip::ZipArchive;

/// Reads the runs of a bundle, in their order, with the numbers and origins that they had where they were
/// recorded. Contents go through a temporary file, so that what is large stays on disk.
///
/// # Errors
/// The bundle is not what it says, is larger than 4 GiB unpacked, is from a later version, or cannot be read.
/// Nothing of it is given back then.
pub fn read(input: impl Read + Seek) -> Result<Vec<Exchange>, BundleError> {
    let mut archive = opened(input)?;
    check_names(&archive)?;
    let manifest = manifest(&mut archive)?;
    check_parts(&archive, &manifest)?;
    let contents = contents(&mut archive)?;
    let mut exchanges = Vec::new();
    for run in &manifest.runs {
        let record = entry(&mut archive, &run.record, limits::RECORD_BYTES)?;
        let fail = |why: Why| BundleError::entry(&run.record, why);
        if BlobId::parse(&run.sha256) != Some(BlobId(Sha256::digest(&record).into())) {
            return Err(fail(Why::WrongHash));
        }
        let exchange = unpack(&record, &contents).map_err(|error| fail(error.into()))?;
        if let Some(what) = run.difference(&exchange) {
            return Err(fail(Why::Announced { what }));
        }
        exchanges.push(exchange);
    }
    Ok(exchanges)
}

/// Opens the archive and holds what it says of itself to the limits, before anything is unpacked.
fn opened<R: Read + Seek>(mut input: R) -> Result<ZipArchive<R>, BundleError> {
    let file_bytes = input.seek(SeekFrom::End(0))?;
    input.rewind()?;
    let mut archive = ZipArchive::new(input).map_err(no_archive)?;
    let entries = archive.len();
    let too_much = |what, found, most| Err(BundleError::TooMuch { what, found, most });
    if entries > limits::ENTRIES {
        return too_much("entries", entries as u64, limits::ENTRIES as u64);
    }
    if archive.has_duplicate_names() || archive.has_overlapping_entries().map_err(no_archive)? {
        return Err(BundleError::Overlapping);
    }
    let mut total = 0_u64;
    for index in 0..entries {
        let size = archive.by_index_raw(index).map_err(no_archive)?.size();
        total = total.saturating_add(size);
    }
    let most = limits::TOTAL_BYTES.min(file_bytes.saturating_mul(limits::RATIO));
    if total > most {
        return too_much("bytes unpacked", total, most);
    }
    Ok(archive)
}

fn no_archive(error: zip::result::ZipError) -> BundleError {
    match error {
        zip::result::ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            BundleError::Io(error)
        }
        error => BundleError::NotAnArchive {
            reason: error.to_string(),
        },
    }
}

/// Names that somebody might take for paths are refused, though nothing here does.
fn check_names<R: Read + Seek>(archive: &ZipArchive<R>) -> Result<(), BundleError> {
    for name in archive.file_names_raw() {
        let hostile = name.starts_with(b"/")
            || name.contains(&0)
            || name.contains(&b'\\')
            || name.contains(&b':')
            || name.split(|byte| *byte == b'/').any(|part| part == b"..");
        if hostile {
            let name = String::from_utf8_lossy(name);
            return Err(BundleError::entry(&name, Why::HostileName));
        }
    }
    Ok(())
}

fn manifest<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Manifest, BundleError> {
    let bytes = entry(archive, MANIFEST, limits::MANIFEST_BYTES)?;
    let fail = |words: String| BundleError::entry(MANIFEST, Why::Manifest(words));
    // The version first: a later one may say everything else in another way.
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| fail(error.to_string()))?;
    if value.get("format").and_then(|format| format.as_str()) != Some(FORMAT) {
        return Err(fail("its format is another one".to_owned()));
    }
    let version = value.get("version").and_then(serde_json::Value::as_u64);
    match version.and_then(|version| u32::try_from(version).ok()) {
        Some(VERSION) => serde_json::from_value(value).map_err(|error| fail(error.to_string())),
        Some(found) if found > VERSION => Err(BundleError::Newer {
            found,
            newest: VERSION,
        }),
        _ => Err(fail("it has no version".to_owned())),
    }
}

/// Every entry is one that a bundle has, and every run has an entry of its own.
fn check_parts<R: Read + Seek>(
    archive: &ZipArchive<R>,
    manifest: &Manifest,
) -> Result<(), BundleError> {
    let mut records = HashSet::new();
    for run in &manifest.runs {
        if !records.insert(run.record.as_str()) {
            let why = Why::Manifest(format!("{:?} stands for two runs", run.record));
            return Err(BundleError::entry(MANIFEST, why));
        }
    }
    for name in archive.file_names_raw() {
        let known = std::str::from_utf8(name).is_ok_and(|name| {
            name == MANIFEST || records.contains(name) || blob_named(name).is_some()
        });
        if !known {
            let name = String::from_utf8_lossy(name);
            return Err(BundleError::entry(&name, Why::Unknown));
        }
    }
    // The manifest and the contents are no runs, whatever the manifest says.
    let strange = |name: &&str| !name.starts_with("runs/");
    match records.into_iter().find(strange) {
        Some(name) => Err(BundleError::entry(name, Why::Unknown)),
        None => Ok(()),
    }
}

fn blob_named(name: &str) -> Option<BlobId> {
    BlobId::parse(name.strip_prefix("blobs/")?)
}

/// One whole entry of `most` bytes at the most.
fn entry<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    name: &str,
    most: u64,
) -> Result<Vec<u8>, BundleError> {
    let mut content = Vec::new();
    unpacked(archive, name, most, |bytes| {
        content.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(content)
}

/// Hands on what is in an entry, piece by piece, up to the limit and to the size that it claims.
fn unpacked<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    name: &str,
    most: u64,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), BundleError> {
    let fail = |why: Why| BundleError::entry(name, why);
    let unreadable = |words: String| fail(Why::Unreadable(words));
    let mut entry = match archive.by_name(name) {
        Ok(entry) => entry,
        Err(zip::result::ZipError::FileNotFound) => return Err(fail(Why::Missing)),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let most = most.min(entry.size());
    let mut buffer = vec![0; 64 << 10];
    let mut total = 0_u64;
    loop {
        let count = match entry.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) => return Err(unreadable(error.to_string())),
        };
        total += count as u64;
        if total > most {
            return Err(fail(Why::TooLarge { most }));
        }
        take(&buffer[..count])?;
    }
}

/// The contents of a bundle, one behind the other in a temporary file.
struct Contents {
    places: HashMap<BlobId, Range<usize>>,
    all: Bytes,
}

fn contents<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Contents, BundleError> {
    let names: Vec<(String, BlobId)> = archive
        .file_names_raw()
        .filter_map(|name| {
            let name = std::str::from_utf8(name).ok()?;
            Some((name.to_owned(), blob_named(name)?))
        })
        .collect();
    let mut file: File = tempfile::tempfile()?;
    let mut places = HashMap::new();
    let mut end = 0;
    for (name, id) in names {
        let start = end;
        let mut hasher = Sha256::new();
        unpacked(archive, &name, limits::TOTAL_BYTES, |bytes| {
            hasher.update(bytes);
            end += bytes.len();
            file.write_all(bytes)
        })?;
        if BlobId(hasher.finalize().into()) != id {
            return Err(BundleError::entry(&name, Why::WrongHash));
        }
        places.insert(id, start..end);
    }
    // Nobody writes to the file from here on, and it has no name by which anybody could.
    let all = mapping::map(&file, end)?;
    Ok(Contents { places, all })
}

impl BlobSource for Contents {
    /// A bundle has all that its records refer to: what was evicted is recorded as such.
    fn get(&self, id: &BlobId) -> io::Result<Option<Bytes>> {
        match self.places.get(id) {
            Some(place) => Ok(Some(self.all.slice(place.clone()))),
            None => Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the bundle does not have it",
            )),
        }
    }
}
