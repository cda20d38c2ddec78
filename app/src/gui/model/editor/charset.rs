//! How a file spells its characters: found from its bytes, and written back the same way.

use encoding_rs::{EncoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The characters of a file as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset {
    kind: Kind,
    /// The file begins with a byte order mark.
    pub mark: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One that browsers know, too.
    Known(&'static Encoding),
    /// ISO 8859-1 itself; browsers take windows-1252 for it, Python does not.
    Latin1,
}

/// A character that the file's charset does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{charset} has no {character:?} (U+{:04X}), line {line}; change the character, or save the file as UTF-8",
    u32::from(*character)
)]
pub struct NoSuchCharacter {
    /// The charset.
    pub charset: &'static str,
    /// The character.
    pub character: char,
    /// Its line, from 1.
    pub line: usize,
}

impl Default for Charset {
    fn default() -> Self {
        Self::UTF_8
    }
}

impl Charset {
    /// UTF-8 without a byte order mark.
    pub const UTF_8: Self = Self {
        kind: Kind::Known(UTF_8),
        mark: false,
    };

    /// The charset that these bytes are most likely written in: by their mark, by what the first two lines declare
    /// (PEP 263), by being UTF-8; else by the one of Western Europe.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        if let Some((encoding, _)) = Encoding::for_bom(bytes) {
            return Self {
                kind: Kind::Known(encoding),
                mark: true,
            };
        }
        let kind = match declared(bytes) {
            Some(Kind::Known(encoding)) if encoding == UTF_8 => None,
            declared => declared,
        };
        let kind = kind.unwrap_or_else(|| {
            if std::str::from_utf8(bytes).is_ok() {
                Kind::Known(UTF_8)
            } else if bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) {
                Kind::Known(WINDOWS_1252)
            } else {
                Kind::Latin1
            }
        });
        Self { kind, mark: false }
    }

    /// This charset, or the one that the text declares when it did not before; a mark says more than a declaration.
    #[must_use]
    pub fn as_declared(self, before: &str, now: &str) -> Self {
        match declared(now.as_bytes()) {
            Some(kind) if !self.mark && declared(before.as_bytes()) != Some(kind) => {
                Self { kind, mark: false }
            }
            _ => self,
        }
    }

    /// The charset with this name.
    #[must_use]
    pub fn named(name: &str, mark: bool) -> Option<Self> {
        kind_named(name).map(|kind| Self { kind, mark })
    }

    /// Its name, as declarations have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.kind {
            Kind::Known(encoding) => encoding.name(),
            Kind::Latin1 => "ISO-8859-1",
        }
    }

    /// The name and whether there is a mark.
    #[must_use]
    pub fn label(self) -> String {
        let mark = if self.mark { " with BOM" } else { "" };
        format!("{}{mark}", self.name())
    }

    fn bom(self) -> &'static [u8] {
        match self.kind {
            Kind::Known(encoding) if self.mark && encoding == UTF_16LE => b"\xff\xfe",
            Kind::Known(encoding) if self.mark && encoding == UTF_16BE => b"\xfe\xff",
            Kind::Known(_) if self.mark => b"\xef\xbb\xbf",
            _ => b"",
        }
    }

    /// The characters of the bytes; none when there are bytes that no character of this charset is written with, or
    /// that would be written back otherwise.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        let rest = bytes.strip_prefix(self.bom())?;
        let text = match self.kind {
            Kind::Latin1 => encoding_rs::mem::decode_latin1(rest).into_owned(),
            Kind::Known(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(rest)?
                .into_owned(),
        };
        let again = self.encode(&text).ok()?;
        (again == bytes).then_some(text)
    }

    /// The bytes of the characters.
    ///
    /// # Errors
    /// The charset does not have one of them.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, NoSuchCharacter> {
        let mut bytes = self.bom().to_vec();
        match self.kind {
            Kind::Latin1 => {
                for (at, character) in text.char_indices() {
                    let byte = u8::try_from(u32::from(character));
                    bytes.push(byte.map_err(|_| self.lacks(text, at, character))?);
                }
            }
            Kind::Known(encoding) if encoding == UTF_16LE => {
                bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
            }
            Kind::Known(encoding) if encoding == UTF_16BE => {
                bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            }
            Kind::Known(encoding) if encoding == UTF_8 => bytes.extend_from_slice(text.as_bytes()),
            Kind::Known(encoding) => self.encode_by(encoding, text, &mut bytes)?,
        }
        Ok(bytes)
    }

    fn encode_by(
        self,
        encoding: &'static Encoding,
        text: &str,
        bytes: &mut Vec<u8>,
    ) -> Result<(), NoSuchCharacter> {
        let mut encoder = encoding.new_encoder();
        let mut at = 0;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            bytes.reserve(rest.len() + 64);
            let (result, read) =
                encoder.encode_from_utf8_to_vec_without_replacement(rest, bytes, true);
            at += read;
            match result {
                EncoderResult::InputEmpty => return Ok(()),
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(character) => {
                    let place = at.saturating_sub(character.len_utf8());
                    return Err(self.lacks(text, place, character));
                }
            }
        }
    }

    fn lacks(self, text: &str, at: usize, character: char) -> NoSuchCharacter {
        let before = text.as_bytes().get(..at).unwrap_or_default();
        NoSuchCharacter {
            charset: self.name(),
            character,
            line: 1 + memchr::memchr_iter(b'\n', before).count(),
        }
    }
}

/// What a comment in the first two lines says, as Python, Perl's and Ruby's habits and editors have it.
fn declared(bytes: &[u8]) -> Option<Kind> {
    let head = bytes.split(|byte| *byte == b'\n').take(2);
    let mut found = head.filter_map(|line| {
        let line = line.trim_ascii_start();
        if !line.starts_with(b"#") {
            return None;
        }
        let at = memchr::memmem::find(line, b"coding")? + b"coding".len();
        let rest = line.get(at..)?;
        let rest = rest
            .strip_prefix(b":")
            .or_else(|| rest.strip_prefix(b"="))?;
        let rest = rest.trim_ascii_start();
        let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let end = rest.iter().position(|byte| !is_of_name(byte));
        let name = rest.get(..end.unwrap_or(rest.len()))?;
        kind_named(std::str::from_utf8(name).ok()?)
    });
    found.next()
}

fn kind_named(name: &str) -> Option<Kind> {
    // Python's spellings beside those of the web.
    let name = name.to_ascii_lowercase().replace('_', "-");
    match name.as_str() {
        "latin-1" | "iso-8859-1" | "latin1" | "iso8859-1" | "iso-latin-1" | "l1" => {
            Some(Kind::Latin1)
        }
        "utf8" | "utf-8" | "utf-8-sig" => Some(Kind::Known(UTF_8)),
        "cp932" | "sjis" => Some(Kind::Known(encoding_rs::SHIFT_JIS)),
        other => Encoding::for_label(other.as_bytes()).map(Kind::Known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], label: &str, text: &str) {
        let charset = Charset::of(bytes);
        assert_eq!(charset.label(), label);
        assert_eq!(charset.decode(bytes).as_deref(), Some(text));
        assert_eq!(charset.encode(text).as_deref(), Ok(bytes));
        assert_eq!(Charset::named(charset.name(), charset.mark), Some(charset));
    }

    #[test]
    fn a_charset_is_found_and_written_back_byte_for_byte() {
        check(b"", "UTF-8", "");
        check("Zoë 日本 🐍".as_bytes(), "UTF-8", "Zoë 日本 🐍");
        check(b"\xef\xbb\xbfa", "UTF-8 with BOM", "a");
        check(b"\xff\xfea\0\x3d\xd8\x0d\xdc", "UTF-16LE with BOM", "a🐍");
        check(b"\xfe\xff\0a", "UTF-16BE with BOM", "a");
        check(b"caf\xe9", "ISO-8859-1", "café");
        check(b"\x93caf\xe9\x94", "windows-1252", "“café”");
        check(
            b"# -*- coding: latin-1 -*-\n\xe9",
            "ISO-8859-1",
            "# -*- coding: latin-1 -*-\né",
        );
        check(
            b"#!/usr/bin/python3\n# vim: set fileencoding=shift_jis :\n\x93\xfa\x96\x7b",
            "Shift_JIS",
            "#!/usr/bin/python3\n# vim: set fileencoding=shift_jis :\n日本",
        );
        check(
            b"# coding=koi8-r\n\xf0",
            "KOI8-R",
            "# coding=koi8-r\n\u{41f}",
        );
        // What is declared on the third line counts for nobody.
        check(
            b"\n\n# coding: latin-1\n",
            "UTF-8",
            "\n\n# coding: latin-1\n",
        );
    }

    #[test]
    fn a_declaration_of_latin_1_wins_over_bytes_that_happen_to_be_utf_8() {
        check(
            b"# coding: latin-1\n\xc3\xa9",
            "ISO-8859-1",
            "# coding: latin-1\n\u{c3}\u{a9}",
        );
    }

    #[test]
    fn bytes_that_would_come_back_otherwise_are_refused() {
        for bytes in [
            &b"# coding: shift_jis\n\xff"[..],
            b"\xff\xfea",
            b"# coding: euc-jp\n\x8e",
            b"\xef\xbb\xbf\xff",
        ] {
            assert_eq!(Charset::of(bytes).decode(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_character_that_the_charset_lacks_is_named_with_its_line() {
        let lacks = |charset: &str, text: &str| {
            let charset = Charset::named(charset, false).unwrap();
            charset.encode(text).unwrap_err().to_string()
        };
        assert_eq!(
            lacks("latin-1", "a\nb\n€"),
            "ISO-8859-1 has no '€' (U+20AC), line 3; change the character, or save the file as UTF-8"
        );
        assert!(
            lacks("shift_jis", "日本\n🐍").starts_with("Shift_JIS has no '🐍' (U+1F40D), line 2")
        );
        assert!(lacks("koi8-r", "é").contains("line 1"));
    }
}
