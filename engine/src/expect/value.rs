//! Values that are compared: literal bytes, or a pattern in which `*` stands for anything; and how bytes are shown.

use std::fmt::Write as _;

/// A text to be equal to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// These bytes.
    Literal(Vec<u8>),
    /// These pieces in their order, with anything between them.
    Pattern(Vec<Vec<u8>>),
}

impl Value {
    /// A value without quotes.
    pub(super) fn unquoted(text: &str) -> Self {
        if text.contains('*') {
            Self::Pattern(
                text.split('*')
                    .map(|piece| piece.as_bytes().to_vec())
                    .collect(),
            )
        } else {
            Self::Literal(text.as_bytes().to_vec())
        }
    }

    /// Whether the bytes are so from the first to the last.
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Literal(literal) => literal == bytes,
            Self::Pattern(pieces) => matches(pieces, bytes),
        }
    }
}

/// The first piece at the beginning, the last at the end, the others in between as early as they come.
fn matches(pieces: &[Vec<u8>], bytes: &[u8]) -> bool {
    let [first, between @ .., last] = pieces else {
        return false;
    };
    let Some(mut rest) = bytes.strip_prefix(first.as_slice()) else {
        return false;
    };
    for piece in between {
        let Some(at) = memchr::memmem::find(rest, piece) else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

/// Bytes in quotes as an expectation has them, cut after so many characters.
pub(super) fn quoted(bytes: &[u8], most: usize) -> String {
    let mut text = "\"".to_owned();
    let mut written = 0;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if written == most {
                return text + "…\"";
            }
            written += 1;
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                control if control.is_control() => {
                    for byte in control.encode_utf8(&mut [0; 4]).bytes() {
                        let _ = write!(text, "\\x{byte:02x}");
                    }
                }
                plain => text.push(plain),
            }
        }
        for byte in chunk.invalid() {
            if written == most {
                return text + "…\"";
            }
            written += 1;
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text.push('"');
    text
}
