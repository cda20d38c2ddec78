//! Where the calls of libraries stand in Python's tracebacks, so that a reader can pass over them.

use std::ops::Range;

use super::is_library;

/// Calls in libraries that follow each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LibraryCalls {
    /// Their lines, in bytes of the stream.
    pub span: Range<usize>,
    /// How many calls they are.
    pub calls: usize,
}

/// The calls of libraries in this part of a standard error; `offset` is where it begins in the stream.
#[must_use]
pub fn library_calls(stderr: &[u8], offset: usize) -> Vec<LibraryCalls> {
    let mut found: Vec<LibraryCalls> = Vec::new();
    let mut at = offset;
    // Whether the lines belong to a call, and if so to one of a library.
    let mut within = None;
    for line in stderr.split_inclusive(|&byte| byte == b'\n') {
        let span = at..at + line.len();
        at = span.end;
        let file = file_of(line);
        within = match file {
            Some(file) => Some(is_library(file)),
            None if line.starts_with(b"    ") => within,
            None => None,
        };
        if within != Some(true) {
            continue;
        }
        let calls = usize::from(file.is_some());
        match found.last_mut().filter(|last| last.span.end == span.start) {
            Some(last) => {
                last.span.end = span.end;
                last.calls += calls;
            }
            None => found.push(LibraryCalls { span, calls }),
        }
    }
    found
}

/// The file of a line that begins a call: `  File "…", line 3, in f`.
fn file_of(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"  File \"")?;
    let end = memchr::memmem::find(rest, b"\", line ")?;
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stderr: &str, expected: &[(&str, usize)]) {
        let found = library_calls(stderr.as_bytes(), 0);
        let found: Vec<(&str, usize)> = found
            .iter()
            .map(|calls| (&stderr[calls.span.clone()], calls.calls))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn calls_of_libraries_are_found_with_their_lines() {
        let library = "  File \"/usr/lib/python3.11/json/__init__.py\", line 346, in loads\n    return d(s)\n           ^^^^\n  File \"<frozen x>\", line 1, in y\n";
        let text = format!(
            "before\nTraceback (most recent call last):\n  File \"/srv/a.py\", line 4, in <module>\n    f()\n{library}ValueError: x\n"
        );
        check(&text, &[(library, 2)]);
    }

    #[test]
    fn own_calls_between_part_them() {
        let one = "  File \"/lib/python3/a.py\", line 1, in a\n";
        let own = "  File \"own.py\", line 1, in b\n    c()\n";
        check(&format!("{one}{own}{one}"), &[(one, 1), (one, 1)]);
        check(own, &[]);
        check("", &[]);
        check("  File \"no end", &[]);
        check("    indented without a call\n", &[]);
    }
}
