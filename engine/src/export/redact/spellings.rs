//! The ways in which a script or server may write a value that it was given.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::{SecretKind, names};
use crate::cgi::credentials::Credentials;

/// Shorter values stand in too many places by chance; they are hidden only where they are named.
const LEAST_BYTES: usize = 4;
/// Cookies are many and mostly harmless: `lang=en-GB` must not blot every page.
const LEAST_COOKIE_BYTES: usize = 8;
/// A longer value is looked for as it is only.
const MOST_SPELLED_BYTES: usize = 1024;
/// A longer value, a whole file in a form, is hidden only where it is named.
const MOST_BYTES: usize = 16 * 1024;
/// Shorter ones than this are taken only where no letter or digit stands beside them.
const FREE_BYTES: usize = 8;

/// What browsers leave as it is in a form (WHATWG URL, application/x-www-form-urlencoded set).
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');
/// What RFC 3986 §2.3 leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Bytes to look for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Needle {
    pub(super) bytes: Vec<u8>,
    /// It counts only as a word of its own.
    pub(super) word: bool,
}

/// All that the value may look like elsewhere; none where it is too short to be looked for.
pub(super) fn of(kind: SecretKind, name: &str, value: &[u8]) -> Vec<Needle> {
    let mut plain = vec![value.to_vec()];
    if kind == SecretKind::Login
        && let Some(login) = Credentials::from_basic(&[b"Basic ", value].concat())
    {
        plain.push([login.user.as_bytes(), b":", &login.password].concat());
        plain.push(login.password);
    }
    let least = match kind {
        SecretKind::Cookie if !names::of_field(name.as_bytes()) => LEAST_COOKIE_BYTES,
        _ => LEAST_BYTES,
    };
    let mut spelled: Vec<Vec<u8>> = Vec::new();
    for value in plain.iter().filter(|value| value.len() >= least) {
        if value.len() <= MOST_SPELLED_BYTES {
            spelled.extend(spellings(value));
        } else if value.len() <= MOST_BYTES {
            spelled.push(value.clone());
        }
    }
    spelled.sort_by_key(|bytes| std::cmp::Reverse(bytes.len()));
    spelled.dedup();
    let needles = spelled.into_iter().map(|bytes| Needle {
        word: bytes.len() < FREE_BYTES,
        bytes,
    });
    needles.collect()
}

fn spellings(value: &[u8]) -> Vec<Vec<u8>> {
    let form = percent_encode(value, FORM).to_string().replace("%20", "+");
    let url = percent_encode(value, UNRESERVED).to_string();
    let mut all = vec![
        value.to_vec(),
        form.to_ascii_lowercase_escapes(),
        url.to_ascii_lowercase_escapes(),
        form.into_bytes(),
        url.into_bytes(),
        html(value, b"&#x27;"),
        html(value, b"&#39;"),
        html(value, b"'"),
        STANDARD.encode(value).into_bytes(),
        STANDARD_NO_PAD.encode(value).into_bytes(),
    ];
    if let Ok(text) = std::str::from_utf8(value) {
        let quoted = serde_json::to_string(text).unwrap_or_default();
        all.extend(
            quoted
                .get(1..quoted.len().saturating_sub(1))
                .map(|text| text.as_bytes().to_vec()),
        );
        all.push(ascii_json(text));
    }
    all
}

trait LowercaseEscapes {
    /// `%C3` as `%c3`, all else as it is.
    fn to_ascii_lowercase_escapes(&self) -> Vec<u8>;
}

impl LowercaseEscapes for String {
    fn to_ascii_lowercase_escapes(&self) -> Vec<u8> {
        let mut bytes = self.clone().into_bytes();
        let mut left = 0;
        for byte in &mut bytes {
            if *byte == b'%' {
                left = 3;
            }
            if left > 0 {
                byte.make_ascii_lowercase();
                left -= 1;
            }
        }
        bytes
    }
}

fn html(value: &[u8], apostrophe: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(value.len());
    for byte in value {
        match byte {
            b'&' => escaped.extend_from_slice(b"&amp;"),
            b'<' => escaped.extend_from_slice(b"&lt;"),
            b'>' => escaped.extend_from_slice(b"&gt;"),
            b'"' => escaped.extend_from_slice(b"&quot;"),
            b'\'' => escaped.extend_from_slice(apostrophe),
            _ => escaped.push(*byte),
        }
    }
    escaped
}

/// As Python's `json.dumps` writes it: all beyond ASCII as `\uXXXX`.
fn ascii_json(text: &str) -> Vec<u8> {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            ' '..='~' => escaped.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: SecretKind, value: &str, expected: &[&str]) {
        let needles = of(kind, "x", value.as_bytes());
        let texts: Vec<_> = needles
            .iter()
            .map(|needle| String::from_utf8_lossy(&needle.bytes))
            .collect();
        for text in expected {
            assert!(
                texts.iter().any(|found| found == text),
                "{text} in {texts:?}"
            );
        }
    }

    #[test]
    fn a_value_is_known_however_it_is_escaped() {
        check(
            SecretKind::Field,
            "Zo\u{eb} <&'\" 1",
            &[
                "Zo%C3%AB+%3C%26%27%22+1",
                "Zo%c3%ab%20%3c%26%27%22%201",
                "Zo\u{eb} &lt;&amp;&#x27;&quot; 1",
                "Zo\\u00eb <&'\\\" 1",
                "Zo\u{eb} <&'\\\" 1",
                "Wm/DqyA8JiciIDE=",
            ],
        );
    }

    #[test]
    fn a_basic_login_is_known_by_its_password() {
        check(
            SecretKind::Login,
            "YWxpY2U6c2VjcmV0IQ==",
            &["YWxpY2U6c2VjcmV0IQ==", "alice:secret!", "secret!"],
        );
    }

    #[test]
    fn short_values_are_not_looked_for() {
        assert_eq!(of(SecretKind::Field, "x", b"abc"), []);
        assert_eq!(of(SecretKind::Cookie, "lang", b"en-GB"), []);
        assert_ne!(of(SecretKind::Cookie, "PHPSESSIONID", b"en-GB"), []);
        assert!(
            of(SecretKind::Field, "x", b"abcd")
                .iter()
                .any(|needle| needle.word)
        );
    }
}
