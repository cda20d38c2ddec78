//! The text of a script, read for what it uses: lines of code without comments and docstrings.
//!
//! This is reading, not parsing: it serves every language that scripts are written in, prefers to
//! overlook a use rather than to invent one, and shows the line, so that everybody can judge.

/// One line that is code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u32,
    /// Without blanks around it.
    pub(super) text: String,
}

/// The lines of `source` that are code.
pub(super) fn code_lines(source: &[u8]) -> Vec<Line> {
    let text = String::from_utf8_lossy(source);
    let mut lines = Vec::new();
    let mut docstring: Option<&str> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if let Some(quote) = docstring {
            if line.contains(quote) {
                docstring = None;
            }
            continue;
        }
        if matches!(line, "__END__" | "__DATA__") {
            break;
        }
        if let Some((quote, rest)) = opens_docstring(line) {
            if !rest.contains(quote) {
                docstring = Some(quote);
            }
            continue;
        }
        if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
            continue;
        }
        lines.push(Line {
            number,
            text: line.to_owned(),
        });
    }
    lines
}

/// A string in three quotes that stands by itself: Python's documentation, not its output.
fn opens_docstring(line: &str) -> Option<(&'static str, &str)> {
    let line = line.strip_prefix(['r', 'R']).unwrap_or(line);
    ["\"\"\"", "'''"]
        .into_iter()
        .find_map(|quote| Some((quote, line.strip_prefix(quote)?)))
}

/// Whether the line reads the environment variable: its name, all of it, behind a quote, a `$` or a
/// `{`, as in `os.environ["X"]`, `$X`, `${X}`, `$ENV{X}`, `getenv("X")`, `$_SERVER['X']`.
pub(super) fn reads_variable(line: &str, name: &str) -> bool {
    occurrences(line, name).any(|(before, after)| {
        before.ends_with(['"', '\'', '`', '$', '{']) && !after.starts_with(is_word)
    })
}

/// Whether the word stands in the line, not as a part of a longer one.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    occurrences(line, word)
        .any(|(before, after)| !before.ends_with(is_word) && !after.starts_with(is_word))
}

/// What follows `name:` of a response header field that the line prints, in any letter case; blanks
/// in front are gone.
pub(super) fn printed_field<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let lower = line.to_ascii_lowercase();
    let field = format!("{}:", name.to_ascii_lowercase());
    let start = lower.find(&field)?;
    let before = line.get(..start)?;
    // A field begins a string or a line of one: a colon inside of prose is none.
    let begins = before.is_empty() || before.ends_with(['"', '\'', '`']) || before.ends_with("\\n");
    begins
        .then(|| line.get(start + field.len()..))?
        .map(str::trim_start)
}

fn occurrences<'l>(line: &'l str, word: &'l str) -> impl Iterator<Item = (&'l str, &'l str)> {
    line.match_indices(word)
        .filter_map(|(at, found)| Some((line.get(..at)?, line.get(at + found.len()..)?)))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_docstrings_are_no_code() {
        let source = b"#!/bin/sh\n\"\"\"doc\nmore\n\"\"\"\nr'''one line'''\n  a = 1 # kept\n// no\n\nprint(\"\"\"x\ny\"\"\")\n__END__\nz\n";
        let lines: Vec<(u32, String)> = code_lines(source)
            .into_iter()
            .map(|line| (line.number, line.text))
            .collect();
        let expected = [(6, "a = 1 # kept"), (9, "print(\"\"\"x"), (10, "y\"\"\")")]
            .map(|(number, text)| (number, text.to_owned()));
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_variable_is_known_in_every_language() {
        for (line, reads) in [
            ("os.environ[\"HTTPS\"]", true),
            ("os.environ.get('HTTPS')", true),
            ("if [ -n \"$HTTPS\" ]", true),
            ("echo ${HTTPS:-off}", true),
            ("$ENV{HTTPS}", true),
            ("$_SERVER['HTTPS']", true),
            ("use HTTPS only", false),
            ("$HTTPS_PORT", false),
            ("'X_HTTPS'", false),
            ("", false),
        ] {
            assert_eq!(reads_variable(line, "HTTPS"), reads, "{line}");
        }
    }

    #[test]
    fn a_printed_field_is_no_prose() {
        for (line, value) in [
            ("print(\"Location: /x\")", Some("/x\")")),
            ("echo 'location:/x'", Some("/x'")),
            ("print \"A: b\\nLocation: /x\\n\"", Some("/x\\n\"")),
            ("Location: /x", Some("/x")),
            ("<p>Your Location: /x", None),
            ("print(\"X-Location: /x\")", None),
        ] {
            assert_eq!(printed_field(line, "Location"), value, "{line}");
        }
    }

    #[test]
    fn words_have_borders_and_other_alphabets_do_no_harm() {
        assert!(has_word("é sys.argv[1]", "sys.argv"));
        assert!(!has_word("my_sys.argvs", "sys.argv"));
    }
}
