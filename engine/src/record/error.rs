//! Why bytes are no record.

use super::BlobId;
use std::io;

/// Why an exchange cannot be made of a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// There are no bytes.
    #[error("the record is empty")]
    Empty,
    /// A later version of the studio wrote it, or it is no record at all.
    #[error("the record has format {found}; this version reads format {newest}")]
    Format {
        /// Its first byte.
        found: u8,
        /// The newest format that can be read.
        newest: u8,
    },
    /// The bytes are not what a record consists of.
    #[error("the record cannot be read at byte {at}: {reason}")]
    Malformed {
        /// Bytes of the record that were read.
        at: u64,
        /// What is wrong there.
        reason: String,
    },
    /// Something follows the end of the record.
    #[error("{bytes} bytes follow the end of the record")]
    Trailing {
        /// How many.
        bytes: u64,
    },
    /// A value that no exchange can have.
    #[error("the record's {what} cannot be {found}")]
    Impossible {
        /// What it is about.
        what: &'static str,
        /// The value.
        found: String,
    },
    /// A content outside of the record could not be fetched.
    #[error("cannot fetch the {what} of the record, content {id}: {source}")]
    Blob {
        /// What it is.
        what: &'static str,
        /// Its name.
        id: BlobId,
        /// What the store said.
        source: io::Error,
    },
    /// A content outside of the record is another one than was recorded.
    #[error("the {what} of the record, content {id}, has {found} bytes instead of {recorded}")]
    BlobLength {
        /// What it is.
        what: &'static str,
        /// Its name.
        id: BlobId,
        /// Its length in bytes.
        found: u64,
        /// The length that the record tells.
        recorded: u64,
    },
}

impl RecordError {
    pub(super) fn impossible(what: &'static str, found: impl Into<String>) -> Self {
        Self::Impossible {
            what,
            found: found.into(),
        }
    }
}
