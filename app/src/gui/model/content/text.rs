//! Bytes as text, by the character set that the message names.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::Kind;

/// Text that was decoded, and by which character set.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The text in UTF-8, where the bytes are something else; none: the bytes are what is shown.
    pub text: Option<Vec<u8>>,
    /// What to say of it: "decoded from windows-1252, as the Content-Type says".
    pub note: Option<String>,
}

impl Decoded {
    /// The bytes are no text.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Decodes bytes of this type.
    pub(super) fn of(content_type: &[u8], bytes: &[u8], kind: Kind) -> Self {
        if let Some((encoding, _)) = Encoding::for_bom(bytes) {
            return Self::by(encoding, bytes, "as its first bytes say");
        }
        let Some(label) = charset(content_type) else {
            return Self::without_name(bytes, kind);
        };
        match Encoding::for_label(&label) {
            Some(encoding) if encoding.name().as_bytes().eq_ignore_ascii_case(&label) => {
                Self::by(encoding, bytes, "as the Content-Type says")
            }
            Some(encoding) => {
                let label = String::from_utf8_lossy(&label);
                let why = format!("which is what the Content-Type means by {label}");
                Self::by(encoding, bytes, &why)
            }
            None => Self {
                text: None,
                note: Some(format!(
                    "The character set {:?} is not known; shown are the bytes as they are",
                    String::from_utf8_lossy(&label)
                )),
            },
        }
    }

    fn by(encoding: &'static Encoding, bytes: &[u8], why: &str) -> Self {
        if encoding == UTF_8 {
            return Self::utf_8(bytes);
        }
        let (text, _, broken) = encoding.decode(bytes);
        let broken = if broken {
            "; some bytes are none of it"
        } else {
            ""
        };
        Self {
            note: Some(format!("Decoded from {}, {why}{broken}", encoding.name())),
            text: Some(text.into_owned().into_bytes()),
        }
    }

    fn utf_8(bytes: &[u8]) -> Self {
        let note = std::str::from_utf8(bytes).err().map(|error| {
            let at = error.valid_up_to();
            format!("Byte {at} is the first that is not UTF-8; such bytes are shown as numbers")
        });
        Self { text: None, note }
    }

    /// Without a name browsers guess; a page that is not UTF-8 is windows-1252 to most of them.
    fn without_name(bytes: &[u8], kind: Kind) -> Self {
        if kind == Kind::Json || std::str::from_utf8(bytes).is_ok() {
            return Self::utf_8(bytes);
        }
        if kind == Kind::Html {
            let (text, ..) = WINDOWS_1252.decode(bytes);
            return Self {
                text: Some(text.into_owned().into_bytes()),
                note: Some(
                    "No character set is named and it is not UTF-8; decoded from windows-1252, as most browsers guess"
                        .to_owned(),
                ),
            };
        }
        Self::utf_8(bytes)
    }
}

/// The parameter `charset` of a media type, without quotation marks.
fn charset(content_type: &[u8]) -> Option<Vec<u8>> {
    content_type
        .split(|&byte| byte == b';')
        .skip(1)
        .find_map(|part| {
            let equals = memchr::memchr(b'=', part)?;
            let (name, value) = part.split_at_checked(equals)?;
            if !name.trim_ascii().eq_ignore_ascii_case(b"charset") {
                return None;
            }
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            let inner = value
                .strip_prefix(b"\"")
                .and_then(|value| value.strip_suffix(b"\""));
            Some(inner.unwrap_or(value).to_vec())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content_type: &str, bytes: &[u8], kind: Kind, text: Option<&str>, note: &str) {
        let decoded = Decoded::of(content_type.as_bytes(), bytes, kind);
        let found = decoded.text.map(|text| String::from_utf8(text).unwrap());
        assert_eq!(found.as_deref(), text, "{content_type}");
        let told = decoded.note.unwrap_or_default();
        assert!(
            told.contains(note) && told.is_empty() == note.is_empty(),
            "{told}"
        );
    }

    #[test]
    fn text_is_decoded_by_the_named_set_and_it_is_said_which() {
        let other = Kind::Other;
        check("text/plain; charset=utf-8", "é".as_bytes(), other, None, "");
        check(
            "text/plain; charset=ISO-8859-1",
            b"\xe9",
            other,
            Some("é"),
            "windows-1252",
        );
        check(
            "text/plain;a=b; CharSet=\"latin1\"",
            b"\xe9",
            other,
            Some("é"),
            "means by latin1",
        );
        check(
            "text/plain; charset=utf-16le",
            b"a\0",
            other,
            Some("a"),
            "UTF-16LE",
        );
        check(
            "text/plain",
            b"\xff\xfea\0",
            other,
            Some("a"),
            "as its first bytes say",
        );
        check(
            "text/plain; charset=shift_jis",
            b"\x82\xa0",
            other,
            Some("あ"),
            "Shift_JIS",
        );
    }

    #[test]
    fn what_cannot_be_decoded_is_said() {
        check(
            "text/plain; charset=utf-8",
            b"ab\xff",
            Kind::Other,
            None,
            "Byte 2 is the first",
        );
        check(
            "text/plain; charset=klingon",
            b"x",
            Kind::Other,
            None,
            "not known",
        );
        check(
            "text/html",
            b"\xe9",
            Kind::Html,
            Some("é"),
            "most browsers guess",
        );
        check(
            "application/json",
            b"\"\xe9\"",
            Kind::Json,
            None,
            "not UTF-8",
        );
    }
}
