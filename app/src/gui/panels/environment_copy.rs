//! An environment as a shell command or a Python dictionary, whatever bytes it holds.

use std::fmt::Write as _;

use super::environment_rows::VariableRow;

/// `env -i NAME=VALUE … PROGRAM`: the same run in a shell.
pub(super) fn shell(rows: &[VariableRow], arguments: &[Vec<u8>]) -> String {
    let mut text = "env -i".to_owned();
    for row in rows {
        if let Some(value) = &row.value {
            let assignment = [row.name.as_bytes(), b"=", value].concat();
            text.push_str(" \\\n  ");
            text.push_str(&shell_word(&assignment));
        }
    }
    if !arguments.is_empty() {
        text.push_str(" \\\n  ");
        text.push_str(
            &arguments
                .iter()
                .map(|argument| shell_word(argument))
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    text
}

/// One word as a shell reads it: plain, in quotes, or as `$'…'` when it has bytes that do not print.
pub(super) fn shell_word(bytes: &[u8]) -> String {
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
    let mut word = "$'".to_owned();
    for &byte in bytes {
        match byte {
            b'\'' => word.push_str(r"\'"),
            b'\\' => word.push_str(r"\\"),
            b'\n' => word.push_str(r"\n"),
            b'\t' => word.push_str(r"\t"),
            b'\r' => word.push_str(r"\r"),
            b' '..=b'~' => word.push(char::from(byte)),
            // Three octal digits end by themselves; hexadecimal ones would swallow a digit that follows.
            _ => {
                let _ = write!(word, "\\{byte:03o}");
            }
        }
    }
    word.push('\'');
    word
}

/// A Python dictionary from text to text, as `os.environ` is.
pub(super) fn python(rows: &[VariableRow]) -> String {
    let mut text = "{\n".to_owned();
    for row in rows {
        if let Some(value) = &row.value {
            let _ = writeln!(
                text,
                "    {}: {},",
                python_text(row.name.as_bytes()),
                python_text(value)
            );
        }
    }
    text.push('}');
    text
}

/// Bytes that are no UTF-8 become the lone surrogates that Python itself shows for them.
fn python_text(bytes: &[u8]) -> String {
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
    use super::super::environment_rows::{rows, tests::request};
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
    fn the_shell_line_has_every_variable_that_is_set_and_the_program() {
        let line = shell(
            &rows(&request()),
            &[b"/usr/bin/python3".to_vec(), b"a b.py".to_vec()],
        );
        assert!(
            line.starts_with("env -i \\\n  QUERY_STRING= \\\n  REQUEST_METHOD=POST"),
            "{line}"
        );
        assert!(line.ends_with("/usr/bin/python3 'a b.py'"), "{line}");
        assert!(!line.contains("PATH_INFO"));
    }

    #[test]
    fn the_shell_reads_back_what_was_written() {
        // printf with octal escapes is what every shell has; the word itself needs bash or a newer sh.
        let every: Vec<u8> = (1..=255).collect();
        let word = shell_word(&every);
        assert!(
            word.starts_with(r"$'\001\002") && word.ends_with(r"\377'"),
            "{word}"
        );
    }

    #[test]
    fn python_gets_the_text_that_os_environ_would_have() {
        let text = python(&rows(&request()));
        assert!(
            text.contains(r"    'HTTP_COOKIE': 'a=\'S\udce3o\'',"),
            "{text}"
        );
        assert!(text.starts_with("{\n    'QUERY_STRING': '',\n") && text.ends_with('}'));
    }
}
