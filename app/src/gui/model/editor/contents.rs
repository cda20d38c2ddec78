//! A file as text that can be edited and written back exactly, or the reason why not.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::charset::{Charset, NoSuchCharacter};
use super::line_ends::LineEnds;

/// A longer file is shown and not edited, in bytes.
pub const EDITABLE_BYTES: u64 = 1 << 20;

/// The SHA-256 of a file's bytes.
pub type Hash = [u8; 32];

/// Why a file is shown and cannot be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEditable {
    /// It is longer than a text that is edited comfortably.
    #[error("it is longer than 1 MB and is shown only; open it in another editor to change it")]
    TooLong,
    /// It is no text.
    #[error("it has zero bytes and so is no text")]
    Binary,
    /// Written back, it would have other bytes.
    #[error("it has bytes that are no characters of {charset}, and they would be lost")]
    NotOf {
        /// What it is most likely written in.
        charset: &'static str,
    },
}

/// The text of a file as it is on disk, and all that is needed to write another text in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The text; every line ends with a line feed.
    pub text: Arc<str>,
    /// How its characters are spelt.
    pub charset: Charset,
    /// How its lines end.
    pub line_ends: LineEnds,
    /// Of its bytes.
    pub hash: Hash,
}

/// The hash of a file with these bytes.
#[must_use]
pub fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

impl Contents {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// It cannot be edited.
    pub fn read(bytes: &[u8]) -> Result<Self, NotEditable> {
        if bytes.len() as u64 > EDITABLE_BYTES {
            return Err(NotEditable::TooLong);
        }
        let charset = Charset::of(bytes);
        let is_wide = charset.mark && charset.name().starts_with("UTF-16");
        if !is_wide && memchr::memchr(0, bytes).is_some() {
            return Err(NotEditable::Binary);
        }
        let charset_name = charset.name();
        let raw = charset.decode(bytes).ok_or(NotEditable::NotOf {
            charset: charset_name,
        })?;
        let (text, line_ends) = LineEnds::part(&raw);
        Ok(Self {
            text: text.into(),
            charset,
            line_ends,
            hash: hash(bytes),
        })
    }

    /// What was written just now, in this charset.
    #[must_use]
    pub fn written(bytes: &[u8], charset: Charset) -> Self {
        let raw = charset.decode(bytes).unwrap_or_default();
        let (text, line_ends) = LineEnds::part(&raw);
        Self {
            text: text.into(),
            charset,
            line_ends,
            hash: hash(bytes),
        }
    }

    /// The bytes of the file when its text is this, and the charset that they are written in: the file's, unless the
    /// text declares another now.
    ///
    /// # Errors
    /// The text has a character that the charset lacks.
    pub fn write(&self, text: &str) -> Result<(Vec<u8>, Charset), NoSuchCharacter> {
        let charset = self.charset.as_declared(&self.text, text);
        let bytes = charset.encode(&self.line_ends.join(&self.text, text))?;
        Ok((bytes, charset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_not_touched_is_written_byte_for_byte() {
        for bytes in [
            &b""[..],
            b"\xef\xbb\xbf#!/bin/sh\r\necho\r\n",
            b"a\r\nb\nc\rd",
            b"\xff\xfea\0\r\0\n\0",
            b"# coding: latin-1\r\n\xe9\r\n",
        ] {
            let contents = Contents::read(bytes).unwrap();
            let (written, charset) = contents.write(&contents.text).unwrap();
            assert_eq!(written, bytes);
            assert_eq!(Contents::written(&written, charset), contents);
        }
    }

    #[test]
    fn a_declaration_that_is_typed_decides_how_the_file_is_written() {
        let contents = Contents::read("é\n".as_bytes()).unwrap();
        let (bytes, charset) = contents.write("# coding: latin-1\né\n").unwrap();
        assert_eq!(bytes, b"# coding: latin-1\n\xe9\n");
        assert_eq!(charset.name(), "ISO-8859-1");
        assert!(contents.write("# coding: latin-1\n€\n").is_err());
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], why: NotEditable) {
        assert_eq!(Contents::read(bytes), Err(why));
    }

    #[test]
    fn what_cannot_be_kept_is_not_edited() {
        check_refused(&vec![b'a'; (1 << 20) + 1], NotEditable::TooLong);
        check_refused(b"\x7fELF\0\0", NotEditable::Binary);
        let charset = "Shift_JIS";
        check_refused(
            b"# coding: shift_jis\n\xff\xff",
            NotEditable::NotOf { charset },
        );
    }
}
