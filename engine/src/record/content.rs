//! Contents: small ones stand in the record, big and shared ones outside under their hash.

use super::RecordError;
use super::packed::{Octets, packed};
use crate::exchange::SpillFile;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::slice;

/// Contents up to this size stand in the record itself, sources of scripts aside: those are shared by many.
pub const INLINE_BYTES: usize = 16 << 10;

/// The name of a content: its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BlobId(pub [u8; 32]);

impl BlobId {
    /// The name of the content that these pieces are when joined.
    #[must_use]
    pub fn of(pieces: &[Bytes]) -> Self {
        let mut hasher = Sha256::new();
        for piece in pieces {
            hasher.update(piece);
        }
        Self(hasher.finalize().into())
    }

    /// The name that [`fmt::Display`] wrote: sixty-four hexadecimal digits in lower case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut id = Self::default();
        if !rest.is_empty() || pairs.len() != id.0.len() {
            return None;
        }
        for (byte, [high, low]) in id.0.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(id)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for BlobId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for BlobId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Octets::deserialize(deserializer)?.into_vec();
        let length = |bytes: Vec<u8>| {
            serde::de::Error::invalid_length(bytes.len(), &"the 32 bytes of a SHA-256")
        };
        bytes.try_into().map(Self).map_err(length)
    }
}

/// Takes the contents that stand outside of a record.
pub trait BlobSink {
    /// Takes a content in pieces and gives it its name. The same content may come many times.
    fn put(&mut self, pieces: &[Bytes]) -> BlobId;

    /// Takes a content whose name is known already, so that it need not be hashed for each run of a script.
    fn put_named(&mut self, id: BlobId, pieces: &[Bytes]) {
        let _ = id;
        self.put(pieces);
    }

    /// Takes a content that is in a file of its own, which may be renamed rather than copied; `content` is all of it.
    fn put_file(&mut self, file: &SpillFile, content: &Bytes) -> BlobId {
        let id = BlobId(file.sha256);
        self.put_named(id, slice::from_ref(content));
        id
    }
}

/// Gives the contents that stand outside of a record.
pub trait BlobSource {
    /// The content of that name; `None` when it is not kept any more.
    ///
    /// # Errors
    /// When that cannot be told, because the disk does not answer for instance.
    fn get(&self, id: &BlobId) -> io::Result<Option<Bytes>>;
}

/// Contents in memory.
#[derive(Clone, Debug, Default)]
pub struct Blobs(pub HashMap<BlobId, Bytes>);

impl BlobSink for Blobs {
    fn put(&mut self, pieces: &[Bytes]) -> BlobId {
        let id = BlobId::of(pieces);
        self.put_named(id, pieces);
        id
    }

    fn put_named(&mut self, id: BlobId, pieces: &[Bytes]) {
        self.0.entry(id).or_insert_with(|| joined(pieces));
    }
}

impl BlobSource for Blobs {
    fn get(&self, id: &BlobId) -> io::Result<Option<Bytes>> {
        Ok(self.0.get(id).cloned())
    }
}

/// The pieces as one; a single one is not copied.
fn joined(pieces: &[Bytes]) -> Bytes {
    match pieces {
        [] => Bytes::new(),
        [piece] => piece.clone(),
        pieces => pieces.concat().into(),
    }
}

packed! {
    /// A content, in the record or outside.
    Content<'a> {
        "b" inside: Octets<'a>,
        "h" outside: Option<BlobId>,
        "n" outside_bytes: u64,
    }
}

impl<'a> Content<'a> {
    /// A content that stands where its size wants it; one piece is not copied.
    pub(super) fn of(pieces: &'a [Bytes], blobs: &mut dyn BlobSink) -> Self {
        let bytes: usize = pieces.iter().map(Bytes::len).sum();
        if bytes > INLINE_BYTES {
            return Self::outside(blobs.put(pieces), bytes);
        }
        let inside = match pieces {
            [] => Octets::default(),
            [piece] => Octets::of(piece),
            pieces => Octets(pieces.concat().into()),
        };
        Self {
            inside,
            ..Self::default()
        }
    }

    /// A content that stands outside under this name.
    pub(super) fn outside(id: BlobId, bytes: usize) -> Self {
        Self {
            outside: Some(id),
            outside_bytes: bytes as u64,
            ..Self::default()
        }
    }

    pub(super) fn into_owned(self) -> Content<'static> {
        Content {
            inside: Octets(self.inside.into_vec().into()),
            outside: self.outside,
            outside_bytes: self.outside_bytes,
        }
    }

    /// How long the content was when it was packed.
    pub(super) fn recorded_bytes(&self) -> u64 {
        match self.outside {
            Some(_) => self.outside_bytes,
            None => self.inside.0.len() as u64,
        }
    }

    /// The content; `None` when it is gone.
    pub(super) fn restore(
        self,
        what: &'static str,
        blobs: &dyn BlobSource,
    ) -> Result<Option<Bytes>, RecordError> {
        let Some(id) = self.outside else {
            return Ok(Some(self.inside.into_vec().into()));
        };
        let content = blobs
            .get(&id)
            .map_err(|source| RecordError::Blob { what, id, source })?;
        match content {
            Some(content) if content.len() as u64 != self.outside_bytes => {
                Err(RecordError::BlobLength {
                    what,
                    id,
                    found: content.len() as u64,
                    recorded: self.outside_bytes,
                })
            }
            content => Ok(content),
        }
    }
}
