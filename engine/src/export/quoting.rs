//! Bytes as words of a shell and as texts of Python.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One word as a shell reads it: plain, in quotes, or as `$'…'` when it has bytes that do not print.
/// A NUL cannot stand in a word and ends it.
#[must_use]
pub fn shell_word(bytes: &[u8]) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./=:,@%+".contains(byte);
    match std::str::from_utf8(bytes) {
        Ok(text) if !bytes.is_empty() && bytes.iter().all(is_plain) => text.to_owned(),
        Ok(text) if !text.chars().any(char::is_control) => {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
        _ => dollar_word(bytes),
    }
}

/// Understood by bash, zsh, ksh and, since POSIX.1-2024, any shell.
fn dollar_word(bytes: &[u8]) -> String {
    escaped("$'", bytes, |byte| match byte {
        b'\'' => Some(r"\'"),
        b'\t' => Some(r"\t"),
        _ => None,
    })
}

/// The argument of a `printf` that writes these bytes, NUL among them (POSIX printf knows octal escapes).
#[must_use]
pub fn printf_format(bytes: &[u8]) -> String {
    escaped("'", bytes, |byte| match byte {
        b'%' => Some("%%"),
        b'\'' => Some(r"\047"),
        _ => None,
    })
}

/// The rest of a command that begins with `base64 -d <<'BODY' | …`: the bytes in lines, and the end of them.
#[must_use]
pub(super) fn base64_document(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut document = String::with_capacity(text.len() + text.len() / 76 + 8);
    for chunk in text.as_bytes().chunks(76) {
        document.push('\n');
        document.push_str(&String::from_utf8_lossy(chunk));
    }
    document.push_str("\nBODY");
    document
}

/// The bytes between quotes, with backslash escapes; `special` knows what is written in a way of its own.
fn escaped(open: &str, bytes: &[u8], special: impl Fn(u8) -> Option<&'static str>) -> String {
    let mut word = open.to_owned();
    for &byte in bytes {
        match (special(byte), byte) {
            (Some(text), _) => word.push_str(text),
            (None, b'\\') => word.push_str(r"\\"),
            (None, b'\n') => word.push_str(r"\n"),
            (None, b'\r') => word.push_str(r"\r"),
            (None, b' '..=b'~') => word.push(char::from(byte)),
            // Three octal digits end by themselves; hexadecimal ones would swallow a digit that follows.
            (None, _) => {
                let _ = write!(word, "\\{byte:03o}");
            }
        }
    }
    word.push('\'');
    word
}

/// Bytes as a Python `str`. What is no UTF-8 becomes the lone surrogates that Python itself shows for it.
#[must_use]
pub fn python_text(bytes: &[u8]) -> String {
    let mut text = "'".to_owned();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' => text.push_str(r"\'"),
                '\\' => text.push_str(r"\\"),
                '\n' => text.push_str(r"\n"),
                '\t' => text.push_str(r"\t"),
                '\r' => text.push_str(r"\r"),
                _ if character.is_control() => {
                    let _ = write!(text, "\\u{:04x}", u32::from(character));
                }
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\udc{byte:02x}");
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_shell(bytes: &[u8], expected: &str) {
        assert_eq!(shell_word(bytes), expected);
    }

    #[test]
    fn a_shell_word_is_quoted_as_little_as_it_needs() {
        check_shell(b"QUERY_STRING=a=b", "QUERY_STRING=a=b");
        check_shell(b"", "''");
        check_shell(b"a b&c", "'a b&c'");
        check_shell(b"it's", r"'it'\''s'");
        check_shell("Zo\u{eb}".as_bytes(), "'Zo\u{eb}'");
        check_shell(b"S\xe31", r"$'S\3431'");
        check_shell(b"a\nb\\'", r"$'a\nb\\\''");
        check_shell(b"\x1b[0m$(rm)", r"$'\033[0m$(rm)'");
    }

    #[test]
    fn every_byte_but_nul_can_stand_in_a_word() {
        let every: Vec<u8> = (1..=255).collect();
        let word = shell_word(&every);
        assert!(
            word.starts_with(r"$'\001\002") && word.ends_with(r"\377'"),
            "{word}"
        );
    }

    #[test]
    fn printf_writes_nul_and_percent() {
        assert_eq!(printf_format(b"50%\0'\n\\"), r"'50%%\000\047\n\\'");
    }

    #[test]
    fn python_gets_the_text_that_os_environ_would_have() {
        assert_eq!(python_text(b"a='S\xe3o'\n"), r"'a=\'S\udce3o\'\n'");
    }
}
