//! Any bytes as text that can be edited, and back: what the Raw tab shows.
//!
//! A line end of the text is `\r\n` on the wire. Every other byte that is no visible text is written as an escape:
//! `\r`, `\n`, `\t`, `\xNN`, and `\\` for the backslash itself. A backslash before a line end stands for nothing, so
//! that a lone line feed can end a line on the screen as well.

use std::fmt::Write as _;

/// A backslash that begins nothing known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: \"{found}\" is no escape; a backslash itself is \\\\")]
pub struct BadEscape {
    /// In which line of the text, counted from 1.
    pub line: usize,
    /// What stands there.
    pub found: String,
}

/// The bytes as text.
#[must_use]
pub fn written(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        write_text(&mut text, chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

fn write_text(text: &mut String, valid: &str) {
    let mut characters = valid.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {
                characters.next();
                text.push('\n');
            }
            '\r' => text.push_str("\\r"),
            '\n' => text.push_str("\\n\\\n"),
            '\t' => text.push_str("\\t"),
            '\\' => text.push_str("\\\\"),
            control if control.is_control() => {
                let mut buffer = [0; 4];
                for byte in control.encode_utf8(&mut buffer).bytes() {
                    let _ = write!(text, "\\x{byte:02x}");
                }
            }
            visible => text.push(visible),
        }
    }
}

/// The bytes that the text stands for.
///
/// # Errors
/// A backslash begins nothing known.
pub fn bytes(text: &str) -> Result<Vec<u8>, BadEscape> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\n']) {
        let (before, from) = rest.split_at(at);
        bytes.extend_from_slice(before.as_bytes());
        if let Some(after) = from.strip_prefix('\n') {
            bytes.extend_from_slice(b"\r\n");
            rest = after;
            continue;
        }
        let Some((found, length)) = escape(from) else {
            let line = 1 + text
                .get(..text.len() - from.len())
                .unwrap_or_default()
                .matches('\n')
                .count();
            let found = from.chars().take_while(|c| *c != '\n').take(4).collect();
            return Err(BadEscape { line, found });
        };
        bytes.extend(found);
        rest = from.get(length..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// The byte of the escape at the beginning of `text`, if it stands for one, and its length in the text.
fn escape(text: &str) -> Option<(Option<u8>, usize)> {
    let byte = match text.as_bytes().get(1)? {
        b'\n' => return Some((None, 2)),
        b'r' => b'\r',
        b'n' => b'\n',
        b't' => b'\t',
        b'0' => 0,
        b'\\' => b'\\',
        b'x' => {
            let digits = text.get(2..4)?;
            let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            let byte = u8::from_str_radix(digits, 16).ok()?;
            return are_digits.then_some((Some(byte), 4));
        }
        _ => return None,
    };
    Some((Some(byte), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &[u8], text: &str) {
        assert_eq!(written(raw), text);
        assert_eq!(bytes(text).unwrap(), raw);
    }

    #[test]
    fn a_line_end_is_a_line_and_the_rest_is_escaped() {
        check(
            b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\nHost: h\n\n",
        );
        check(b"a\nb\rc\td", "a\\n\\\nb\\rc\\td");
        check(b"C:\\x41", "C:\\\\x41");
        check("São\u{85}".as_bytes(), "São\\xc2\\x85");
        check(b"\0\xff\x1b[0m", "\\x00\\xff\\x1b[0m");
        check(b"\r\r\n", "\\r\n");
        check(b"", "");
    }

    #[test]
    fn any_bytes_come_back() {
        let all: Vec<u8> = (0..=255).collect();
        for window in 1..=6 {
            for bytes_ in all.windows(window).chain(all.rchunks(window)) {
                assert_eq!(bytes(&written(bytes_)).unwrap(), bytes_);
            }
        }
        for odd in [
            &b"\r\n\n\r\\\n\\\r\n"[..],
            b"\xe3\x81\r\n\x82",
            b"\\x4\\xzz\\",
        ] {
            assert_eq!(bytes(&written(odd)).unwrap(), odd);
        }
    }

    #[test]
    fn what_is_no_escape_is_named_with_its_line() {
        for (text, line, found) in [
            ("\\q", 1, "\\q"),
            ("a\nb\\x4", 2, "\\x4"),
            ("\\x+1", 1, "\\x+1"),
            ("a\\", 1, "\\"),
            ("\\xé", 1, "\\xé"),
        ] {
            let error = bytes(text).unwrap_err();
            assert_eq!(
                (error.line, error.found.as_str()),
                (line, found),
                "{text:?}"
            );
        }
    }
}
