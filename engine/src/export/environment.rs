//! An environment as a shell command or a Python dictionary, whatever bytes it holds.

use std::fmt::Write as _;

use super::quoting::{python_text, shell_word};

/// `env -i NAME=VALUE … PROGRAM`: the same environment and command line in a shell.
#[must_use]
pub fn shell_line<'v>(
    variables: impl IntoIterator<Item = (&'v str, &'v [u8])>,
    arguments: &[Vec<u8>],
) -> String {
    let mut text = "env -i".to_owned();
    for (name, value) in variables {
        let assignment = [name.as_bytes(), b"=", value].concat();
        text.push_str(" \\\n  ");
        text.push_str(&shell_word(&assignment));
    }
    if !arguments.is_empty() {
        let words: Vec<String> = arguments.iter().map(|word| shell_word(word)).collect();
        text.push_str(" \\\n  ");
        text.push_str(&words.join(" "));
    }
    text
}

/// A Python dictionary from text to text, as `os.environ` is.
#[must_use]
pub fn python_environ<'v>(variables: impl IntoIterator<Item = (&'v str, &'v [u8])>) -> String {
    let mut text = "{\n".to_owned();
    for (name, value) in variables {
        let (name, value) = (python_text(name.as_bytes()), python_text(value));
        let _ = writeln!(text, "    {name}: {value},");
    }
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIABLES: [(&str, &[u8]); 2] = [("QUERY_STRING", b""), ("HTTP_COOKIE", b"a='b c'")];

    #[test]
    fn the_shell_line_has_every_variable_and_the_program() {
        let line = shell_line(
            VARIABLES,
            &[b"/usr/bin/python3".to_vec(), b"a b.py".to_vec()],
        );
        assert_eq!(
            line,
            "env -i \\\n  QUERY_STRING= \\\n  'HTTP_COOKIE=a='\\''b c'\\''' \\\n  /usr/bin/python3 'a b.py'"
        );
    }

    #[test]
    fn the_dictionary_has_a_line_for_each_variable() {
        assert_eq!(
            python_environ(VARIABLES),
            "{\n    'QUERY_STRING': '',\n    'HTTP_COOKIE': 'a=\\'b c\\'',\n}"
        );
    }
}
