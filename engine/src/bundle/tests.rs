//! Bundles that are what they say, and bundles that are not.

use super::*;
use crate::diagnosis::samples::{exchange, run};
use crate::exchange::{Exchange, ExchangeId};
use crate::process::Exit;
use bytes::Bytes;
use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;
use zip::write::{SimpleFileOptions, ZipWriter};

fn sample(id: u64) -> Arc<Exchange> {
    let mut exchange = exchange(vec![run(b"A: b\n\nhello", b"", Exit::Code(0))]);
    exchange.id = ExchangeId(id);
    let long = Bytes::from(vec![b'x'; 50_000]);
    exchange.invocations[0].stdout.push(&long, Duration::ZERO);
    Arc::new(exchange)
}

fn bundle() -> Vec<u8> {
    let mut bundle = Vec::new();
    write(&[sample(7), sample(9)], &mut bundle).unwrap();
    bundle
}

type Entries = Vec<(String, Vec<u8>)>;

fn entries(bundle: &[u8]) -> Entries {
    let mut archive = zip::ZipArchive::new(Cursor::new(bundle)).unwrap();
    let entry = |index| {
        let mut entry = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.name().unwrap().into_owned(), content)
    };
    (0..5).map(entry).collect()
}

fn zipped(entries: &Entries) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[track_caller]
fn refused(bundle: &[u8], expected: &str) {
    let error = read(Cursor::new(bundle)).unwrap_err().to_string();
    assert!(error.starts_with(expected), "{error}");
}

/// Refused, with the entries changed in this way.
#[track_caller]
fn check(change: impl FnOnce(&mut Entries), expected: &str) {
    let mut entries = entries(&bundle());
    change(&mut entries);
    refused(&zipped(&entries), expected);
}

/// Refused, with the manifest's text changed in this way.
#[track_caller]
fn check_manifest(from: &str, to: &str, expected: &str) {
    let change = |entries: &mut Entries| {
        let text = String::from_utf8(entries[0].1.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        entries[0].1 = text.replacen(from, to, 1).into_bytes();
    };
    check(change, expected);
}

#[test]
fn runs_come_back_from_a_bundle_as_they_were() {
    let bundle = bundle();
    let runs = read(Cursor::new(&bundle)).unwrap();
    for (run, original) in runs.iter().zip([sample(7), sample(9)]) {
        assert_eq!(format!("{run:#?}"), format!("{original:#?}"));
    }
    assert_eq!(runs.len(), 2);
    let names: Vec<String> = entries(&bundle).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names[..3],
        ["manifest.json", "runs/1.record", "runs/2.record"]
    );
    assert!(names[3..].iter().all(|name| name.starts_with("blobs/")));
    let mut empty = Vec::new();
    write(&[], &mut empty).unwrap();
    assert!(read(Cursor::new(&empty)).unwrap().is_empty());
}

#[test]
fn what_is_no_archive_is_refused() {
    refused(b"", "it is no bundle: ");
    refused(b"PK\x03\x04", "it is no bundle: ");
    let bundle = bundle();
    refused(&bundle[..bundle.len() - 30], "it is no bundle: ");
    refused(
        &zipped(&Vec::new()),
        "an entry is missing: \"manifest.json\"",
    );
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in ["../x", "/etc/passwd", "runs/../../x", "C:x", "a\\b", "a\0b"] {
        check(
            |entries| entries.push((name.to_owned(), Vec::new())),
            "the name leads out of the bundle: ",
        );
    }
    for name in ["x", "runs/3.record", "blobs/00", "runs/", "./manifest.json"] {
        check(
            |entries| entries.push((name.to_owned(), Vec::new())),
            "no part of a bundle: ",
        );
    }
}

#[test]
fn what_is_missing_or_another_is_refused() {
    check(
        |entries| drop(entries.remove(0)),
        "an entry is missing: \"manifest.json\"",
    );
    check(
        |entries| drop(entries.remove(2)),
        "an entry is missing: \"runs/2.record\"",
    );
    check(|entries| drop(entries.remove(3)), "cannot fetch the ");
    check(
        |entries| entries[3].1.push(0),
        "the content is another one than its hash says: \"blobs/",
    );
    check(
        |entries| entries[1].1[1] ^= 1,
        "the content is another one than its hash says: \"runs/1.record\"",
    );
    check(
        |entries| entries[0].1.clear(),
        "no manifest of a bundle (EOF while parsing",
    );
}

#[test]
fn a_manifest_that_lies_is_refused() {
    check_manifest(
        "\"id\": 7",
        "\"id\": 8",
        "the run has another number than the manifest says: \"runs/1.record\"",
    );
    check_manifest(
        "\"status\": 500",
        "\"status\": 200",
        "the run has another status",
    );
    check_manifest("/cgi-bin", "/other", "the run has another target");
    check_manifest(
        "cgi-studio-bundle",
        "cgi-studio-zip",
        "no manifest of a bundle (its format",
    );
    check_manifest(
        "\"version\": 1",
        "\"version\": 2",
        "the bundle has version 2; this studio reads up to version 1",
    );
    check_manifest(
        "\"version\": 1",
        "\"version\": -1",
        "no manifest of a bundle (it has no version)",
    );
    check_manifest(
        "runs/2",
        "runs/1",
        "no manifest of a bundle (\"runs/1.record\" stands for two runs)",
    );
    check_manifest("runs/2.record", "manifest.json", "no part of a bundle: ");
}

#[test]
fn an_archive_that_grows_without_bound_is_refused() {
    // The directory claims a size that no deflate of so few bytes can have.
    let mut bundle = bundle();
    let central = bundle
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    bundle[central + 24..central + 28].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    refused(&bundle, "the bundle has 2147");
    // It claims less than there is.
    let mut bundle = self::bundle();
    bundle[central + 24..central + 28].copy_from_slice(&10_u32.to_le_bytes());
    refused(
        &bundle,
        "cannot be unpacked (File is larger than its declared",
    );
}

#[test]
fn two_entries_of_one_name_or_in_one_place_are_refused() {
    let mut entries = entries(&bundle());
    entries.push(("runs/3.record".to_owned(), Vec::new()));
    let mut doubled = zipped(&entries);
    // Renamed where it stands: in its own header and in the directory.
    while let Some(at) = doubled.windows(6).position(|bytes| bytes == b"runs/3") {
        doubled[at + 5] = b'2';
    }
    refused(
        &doubled,
        "entries of the bundle share bytes or have the same name",
    );
}

#[test]
fn a_bundle_with_one_wrong_byte_is_refused_or_means_the_same() {
    let bundle = bundle();
    let same = format!("{:?}", read(Cursor::new(&bundle)).unwrap());
    for at in 0..bundle.len() {
        let mut broken = bundle.clone();
        broken[at] ^= 0x41;
        // Dates and attributes in the archive mean nothing here.
        match read(Cursor::new(&broken)) {
            Ok(runs) => assert_eq!(format!("{runs:?}"), same, "byte {at}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn a_record_that_is_too_large_is_refused() {
    let huge = vec![0; usize::try_from(limits::RECORD_BYTES).unwrap() + 1];
    check(
        |entries| entries[1].1 = huge,
        "larger than 16777216 bytes: \"runs/1.record\"",
    );
}
