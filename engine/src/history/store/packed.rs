//! Rows and records as they stand in the database: with a checksum, and compressed where that pays.
//!
//! SQLite notices a damaged structure, but not a damaged byte in a value; evidence must not change unseen.

/// Below this, compression gains less than it takes to read.
const COMPRESSED_FROM: usize = 512;
/// LZ4 makes at most so many bytes of one.
const MOST_EXPANSION: usize = 256;

const PLAIN: u8 = 0;
const LZ4: u8 = 1;

/// Why bytes of the database are not what was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum UnsealError {
    /// There are too few.
    #[error("it is cut off")]
    CutOff,
    /// Its first byte is none of ours.
    #[error("it is packed in an unknown way, {0}")]
    Unknown(u8),
    /// They cannot be decompressed.
    #[error("it cannot be decompressed")]
    Compression,
    /// They are others.
    #[error("its checksum is wrong")]
    Checksum,
}

/// Kind, checksum of the content, then the content; its length in between where it is compressed.
pub(super) fn seal(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).ok();
    let compressed = length
        .filter(|_| content.len() >= COMPRESSED_FROM)
        .map(|length| (length, lz4_flex::block::compress(content)))
        .filter(|(_, compressed)| compressed.len() + 4 < content.len());
    let sum = crc32fast::hash(content).to_le_bytes();
    match compressed {
        Some((length, compressed)) => {
            [&[LZ4][..], &sum, &length.to_le_bytes(), &compressed].concat()
        }
        None => [&[PLAIN][..], &sum, content].concat(),
    }
}

/// The content that was sealed.
pub(super) fn unseal(sealed: &[u8]) -> Result<Vec<u8>, UnsealError> {
    let (&kind, rest) = sealed.split_first().ok_or(UnsealError::CutOff)?;
    let (&sum, rest) = rest.split_first_chunk::<4>().ok_or(UnsealError::CutOff)?;
    let content = match kind {
        PLAIN => rest.to_vec(),
        LZ4 => {
            let (&length, rest) = rest.split_first_chunk::<4>().ok_or(UnsealError::CutOff)?;
            let length = u32::from_le_bytes(length) as usize;
            decompress(rest, length).ok_or(UnsealError::Compression)?
        }
        other => return Err(UnsealError::Unknown(other)),
    };
    if crc32fast::hash(&content) != u32::from_le_bytes(sum) {
        return Err(UnsealError::Checksum);
    }
    Ok(content)
}

/// Exactly `length` bytes, or nothing; a length that cannot be takes no memory.
pub(super) fn decompress(compressed: &[u8], length: usize) -> Option<Vec<u8>> {
    if length / MOST_EXPANSION > compressed.len() {
        return None;
    }
    let content = lz4_flex::block::decompress(compressed, length).ok()?;
    (content.len() == length).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &[u8]) {
        let sealed = seal(content);
        assert_eq!(unseal(&sealed).as_deref(), Ok(content));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 0x55;
            assert_ne!(unseal(&damaged).as_deref(), Ok(content), "byte {at}");
            assert!(unseal(&sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn what_is_sealed_comes_back_or_is_refused() {
        check(b"");
        check(b"short");
        check(&b"a text that says the same again and again; ".repeat(30));
        let noise: Vec<u8> = (0..2000_u32).flat_map(|n| (n * n).to_le_bytes()).collect();
        check(&noise[..1500]);
    }

    #[test]
    fn a_length_that_cannot_be_takes_no_memory() {
        let mut sealed = vec![LZ4, 0, 0, 0, 0];
        sealed.extend(u32::MAX.to_le_bytes());
        sealed.extend(b"abc");
        assert_eq!(unseal(&sealed), Err(UnsealError::Compression));
    }

    #[test]
    fn text_becomes_smaller() {
        assert!(seal(&b"HTTP_ACCEPT=*/*\n".repeat(100)).len() < 200);
    }
}
