//! Why a file is no bundle.

use crate::record::RecordError;
use std::io;

/// Why a bundle was refused, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file cannot be read.
    #[error("cannot read the bundle: {0}")]
    Io(#[from] io::Error),
    /// It is no zip archive, or a broken one.
    #[error("it is no bundle: {reason}")]
    NotAnArchive {
        /// What the reader of archives says.
        reason: String,
    },
    /// A later version of the studio wrote it.
    #[error("the bundle has version {found}; this studio reads up to version {newest}")]
    Newer {
        /// Its version.
        found: u32,
        /// The newest that can be read.
        newest: u32,
    },
    /// Entries share bytes, as in an archive that is made to grow without bound.
    #[error("entries of the bundle share bytes or have the same name")]
    Overlapping,
    /// The entries are more, or larger, than a bundle may have.
    #[error("the bundle has {found} {what}; {most} is the most")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many.
        found: u64,
        /// The limit.
        most: u64,
    },
    /// One entry is not what it should be.
    #[error("{why}: {entry:?}")]
    Entry {
        /// Its name, with bytes that are no text replaced.
        entry: String,
        /// What is wrong.
        why: Why,
    },
}

/// What is wrong with an entry.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// It is not there.
    #[error("an entry is missing")]
    Missing,
    /// `..`, an absolute path, a NUL or the like.
    #[error("the name leads out of the bundle")]
    HostileName,
    /// Nothing of that name belongs into a bundle.
    #[error("no part of a bundle")]
    Unknown,
    /// Its bytes cannot be read: the archive is damaged, encrypted, or packed in another way than by deflate.
    #[error("cannot be unpacked ({0})")]
    Unreadable(String),
    /// It is larger than it may be, or than it says.
    #[error("larger than {most} bytes")]
    TooLarge {
        /// The limit.
        most: u64,
    },
    /// The manifest is not what a manifest is.
    #[error("no manifest of a bundle ({0})")]
    Manifest(String),
    /// Its bytes have another hash than the one that it goes by.
    #[error("the content is another one than its hash says")]
    WrongHash,
    /// The record in it cannot be read.
    #[error("{0}")]
    Record(#[from] RecordError),
    /// It is not the run that the manifest announces.
    #[error("the run has another {what} than the manifest says")]
    Announced {
        /// What differs.
        what: &'static str,
    },
}

impl BundleError {
    pub(super) fn entry(entry: &str, why: impl Into<Why>) -> Self {
        Self::Entry {
            entry: entry.to_owned(),
            why: why.into(),
        }
    }
}
