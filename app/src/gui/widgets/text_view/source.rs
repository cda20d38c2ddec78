//! Bytes to be shown, of any length: borrowed for a moment, or shared pieces that are never joined.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

/// Bytes in pieces, of which copies share the bytes: what a worker may read while the window shows them.
#[derive(Clone, Debug, Default)]
pub struct Text {
    pieces: Arc<Vec<Piece>>,
    length: usize,
}

#[derive(Clone, Debug)]
struct Piece {
    /// Where it begins in the text.
    start: usize,
    bytes: Bytes,
}

impl Text {
    /// Puts pieces behind each other.
    pub fn of(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let mut placed = Vec::new();
        let mut length = 0;
        for bytes in pieces.into_iter().filter(|bytes| !bytes.is_empty()) {
            let start = length;
            length += bytes.len();
            placed.push(Piece { start, bytes });
        }
        Self {
            pieces: Arc::new(placed),
            length,
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The rest of the piece that the byte at `at` is in.
    fn from(&self, at: usize) -> &[u8] {
        let after = self.pieces.partition_point(|piece| piece.start <= at);
        let piece = after
            .checked_sub(1)
            .and_then(|index| self.pieces.get(index));
        piece.map_or(&[], |piece| {
            piece.bytes.get(at - piece.start..).unwrap_or_default()
        })
    }

    /// Walks over the bytes of a range piece by piece.
    pub fn parts(&self, range: Range<usize>) -> impl Iterator<Item = &[u8]> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let rest = self.from(at);
            let part = rest.get(..rest.len().min(range.end.checked_sub(at)?))?;
            at += part.len();
            (!part.is_empty()).then_some(part)
        })
    }
}

impl From<Bytes> for Text {
    fn from(bytes: Bytes) -> Self {
        Self::of([bytes])
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self::of([Bytes::from(bytes)])
    }
}

/// What a viewer shows in a frame.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// Bytes that are there for this frame only, and so are not many.
    Slice(&'a [u8]),
    /// Bytes that may be many.
    Text(&'a Text),
}

impl<'a> Source<'a> {
    /// How many bytes there are.
    pub fn len(self) -> usize {
        match self {
            Self::Slice(bytes) => bytes.len(),
            Self::Text(text) => text.length,
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The bytes of a range, as far as they are there; copied only where the range is in several pieces.
    pub fn slice(self, range: Range<usize>) -> Cow<'a, [u8]> {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        match self {
            Self::Slice(bytes) => Cow::Borrowed(bytes.get(start..end).unwrap_or_default()),
            Self::Text(text) => match text.from(start).get(..end - start) {
                Some(whole) => Cow::Borrowed(whole),
                None => Cow::Owned(text.parts(start..end).collect::<Vec<_>>().concat()),
            },
        }
    }

    /// The byte at `at`; NUL beyond the end.
    pub fn byte(self, at: usize) -> u8 {
        let byte = match self {
            Self::Slice(bytes) => bytes.get(at),
            Self::Text(text) => text.from(at).first(),
        };
        byte.copied().unwrap_or_default()
    }

    /// What a worker can hold on to.
    pub fn shared(self) -> Text {
        match self {
            Self::Slice(bytes) => bytes.to_vec().into(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl<'a> From<&'a [u8]> for Source<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Slice(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Source<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Slice(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Source<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Slice(bytes)
    }
}

impl<'a> From<&'a Bytes> for Source<'a> {
    fn from(bytes: &'a Bytes) -> Self {
        Self::Slice(bytes)
    }
}

impl<'a> From<&'a Text> for Source<'a> {
    fn from(text: &'a Text) -> Self {
        Self::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pieces: &[&'static str]) -> Text {
        Text::of(
            pieces
                .iter()
                .map(|piece| Bytes::from_static(piece.as_bytes())),
        )
    }

    #[test]
    fn pieces_are_read_as_one_text() {
        let text = text(&["ab", "", "cde", "f"]);
        let source = Source::from(&text);
        assert_eq!(source.len(), 6);
        for start in 0..7 {
            for end in start..8 {
                let expected = "abcdef".get(start..end.min(6)).unwrap_or_default();
                assert_eq!(
                    *source.slice(start..end),
                    *expected.as_bytes(),
                    "{start}..{end}"
                );
            }
        }
        assert_eq!((source.byte(2), source.byte(6)), (b'c', 0));
        assert!(matches!(source.slice(2..5), Cow::Borrowed(b"cde")));
        assert_eq!(*Source::from(&Text::default()).slice(0..9), *b"");
    }
}
