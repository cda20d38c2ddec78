//! An exchange as bytes: packed for the store and for bundles, and made again of them, exactly.
//!
//! A record is one format byte and then MessagePack. Every structure is a map with short names that are never
//! given another meaning; a field that has its empty value is left out. So an older version reads a newer
//! record without the fields that it does not know, and a newer version reads an older one with empty values
//! for what was not kept then. Only what cannot be read in that way will raise the format byte.
//!
//! **Facts are stored, not derived again.** The request head, the header block and the response could be parsed
//! anew from the bytes beside them; but then a parser that learns something would change what an old run *was*.
//! A record holds what the engine understood at the time. Findings are not part of an exchange and not stored.
//! Words that the engine chooses itself are stored as words where they stand alone, and as the number of their
//! kind where an enum has them.
//!
//! **Big and shared contents stand outside.** The sources of scripts, and other contents over [`INLINE_BYTES`],
//! go to a [`BlobSink`] and leave their SHA-256 in the record. A content that is gone when the record is read
//! makes an exchange that says so ([`CapturedBody::missing`](crate::exchange::CapturedBody::missing),
//! [`ScriptFacts::source_is_missing`](crate::site::script::ScriptFacts::source_is_missing)), not an error.
//!
//! Nothing in a record is believed: lengths, places and numbers are checked when it is unpacked, and memory is
//! taken for bytes that are there, never for those that are announced.

mod captured;
mod code;
mod content;
mod error;
mod invocation;
mod packed;
mod profile;
mod request;
mod response;
mod script;
mod silence;
mod surroundings;
mod variables;
mod whole;

pub use content::{BlobId, BlobSink, BlobSource, Blobs, INLINE_BYTES};
pub use error::RecordError;

use crate::exchange::Exchange;
use std::io::Cursor;
use whole::PackedExchange;

/// The format that [`pack`] writes and the newest that [`unpack`] reads.
pub const FORMAT: u8 = 1;

/// Packs an exchange; contents that stand outside of the record go to `blobs`.
#[must_use]
pub fn pack(exchange: &Exchange, blobs: &mut dyn BlobSink) -> Vec<u8> {
    let packed = PackedExchange::of(exchange, blobs);
    let mut record = Vec::with_capacity(4096);
    record.push(FORMAT);
    let mut serializer = rmp_serde::Serializer::new(&mut record).with_struct_map();
    // Writing to memory cannot fail, and no mirror has a Serialize of its own that could. A record that is cut
    // short would be refused by `unpack`, not believed.
    let written = serde::Serialize::serialize(&packed, &mut serializer);
    debug_assert!(written.is_ok());
    record
}

/// Makes the exchange again that was packed; `blobs` has the contents that stand outside.
///
/// # Errors
/// The bytes are no record, or one of a later format: see [`RecordError`]. Any bytes may be given.
pub fn unpack(record: &[u8], blobs: &dyn BlobSource) -> Result<Exchange, RecordError> {
    packed_exchange(record)?.restore(blobs)
}

fn packed_exchange(record: &[u8]) -> Result<PackedExchange<'static>, RecordError> {
    let Some((&format, body)) = record.split_first() else {
        return Err(RecordError::Empty);
    };
    if format != FORMAT {
        return Err(RecordError::Format {
            found: format,
            newest: FORMAT,
        });
    }
    let mut deserializer = rmp_serde::Deserializer::new(Cursor::new(body));
    deserializer.set_max_depth(MOST_NESTED);
    let packed = serde::Deserialize::deserialize(&mut deserializer);
    let read = deserializer.position();
    let packed = packed.map_err(|error: rmp_serde::decode::Error| RecordError::Malformed {
        at: read + 1,
        reason: error.to_string(),
    })?;
    match (body.len() as u64).saturating_sub(read) {
        0 => Ok(packed),
        bytes => Err(RecordError::Trailing { bytes }),
    }
}

/// Structures within structures that are followed. Ours are nested ten deep; what is deeper is not ours.
const MOST_NESTED: usize = 64;

#[cfg(test)]
mod tests;
