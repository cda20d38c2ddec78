//! Recorded runs in one file, to be handed to somebody else and read again: environment, output, sources and all.
//!
//! A bundle is a zip archive, so that anybody can look into it without the studio:
//!
//! | entry | content |
//! |---|---|
//! | `manifest.json` | what it is, in which version, and a line for each run: number, record, method, target, status |
//! | `runs/1.record`, … | the runs as [`record::pack`](crate::record::pack) writes them |
//! | `blobs/SHA-256` | sources and big contents, each once, under the hash of their bytes |
//!
//! A bundle comes from somebody else, so nothing in it is believed. Only entries of these names are read, none
//! is ever written to a path, each content must have the hash that it goes by, each run must be the one that the
//! manifest announces, and sizes are held to limits while they are read, whatever they claim to be. What does
//! not fit refuses the bundle as a whole, with the entry and the reason.

mod error;
mod manifest;
mod reader;
mod writer;

pub use error::{BundleError, Why};
pub use reader::read;
pub use writer::write;

/// The version of the layout that is written, and the newest that is read.
pub const VERSION: u32 = 1;

const MANIFEST: &str = "manifest.json";

/// The most that a bundle may be.
mod limits {
    /// All entries together, unpacked.
    pub(super) const TOTAL_BYTES: u64 = 4 << 30;
    /// Bytes that one byte of the file may become: deflate reaches 1032.
    pub(super) const RATIO: u64 = 1100;
    /// One record.
    pub(super) const RECORD_BYTES: u64 = 16 << 20;
    /// The manifest.
    pub(super) const MANIFEST_BYTES: u64 = 64 << 20;
    /// Entries.
    pub(super) const ENTRIES: usize = 200_000;
}

#[cfg(test)]
mod tests;
