//! Lines and words of httpd's syntax.
//!
//! A backslash at the end of a line joins it with the next one, in comments too. A line is a
//! comment only when `#` is its first character. Words are parted by white space; quotes hold a
//! word together, and a backslash in a word stands for itself unless another backslash or the
//! word's own quote follows (server/util.c, `ap_getword_conf`).

/// A line after its continuations were joined, without the white space around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LogicalLine {
    /// Where it begins, from 1.
    pub(super) number: u32,
    pub(super) bytes: Vec<u8>,
}

/// The lines of a file that hold anything, comments left out.
pub(super) fn logical_lines(text: &[u8]) -> Vec<LogicalLine> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut lines = Vec::new();
    let mut open: Option<LogicalLine> = None;
    for (number, physical) in (1..).zip(text.split(|&byte| byte == b'\n')) {
        let physical = physical.strip_suffix(b"\r").unwrap_or(physical);
        let (content, goes_on) = match physical.strip_suffix(b"\\") {
            Some(content) => (content, true),
            None => (physical, false),
        };
        let mut line = open.take().unwrap_or(LogicalLine {
            number,
            bytes: Vec::new(),
        });
        line.bytes.extend_from_slice(content);
        if goes_on {
            open = Some(line);
        } else {
            lines.push(line);
        }
    }
    lines.extend(open);
    lines.retain_mut(|line| {
        line.bytes = line.bytes.trim_ascii().to_vec();
        !line.bytes.is_empty() && !line.bytes.starts_with(b"#")
    });
    lines
}

/// Takes the first word off `rest`; `None` when nothing but white space is left.
pub(super) fn next_word(rest: &mut &str) -> Option<String> {
    let text = rest.trim_ascii_start();
    let first = text.chars().next()?;
    let quote = matches!(first, '"' | '\'').then_some(first);
    let mut word = String::new();
    let mut characters = text.char_indices().peekable();
    if quote.is_some() {
        characters.next();
    }
    let mut end = text.len();
    while let Some((at, character)) = characters.next() {
        let following = characters.peek().map(|&(_, following)| following);
        match character {
            '\\' if following == Some('\\') || quote.is_some() && following == quote => {
                word.extend(following);
                characters.next();
            }
            _ if Some(character) == quote => {
                end = at + character.len_utf8();
                break;
            }
            _ if quote.is_none() && character.is_ascii_whitespace() => {
                end = at;
                break;
            }
            _ => word.push(character),
        }
    }
    *rest = text.get(end..).unwrap_or_default().trim_ascii_start();
    Some(word)
}

/// All words of `text`.
pub(super) fn words(mut text: &str) -> Vec<String> {
    std::iter::from_fn(|| next_word(&mut text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_lines(text: &[u8], expected: &[(u32, &[u8])]) {
        let lines = logical_lines(text);
        let found: Vec<(u32, &[u8])> = lines
            .iter()
            .map(|line| (line.number, &*line.bytes))
            .collect();
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn check_words(text: &str, expected: &[&str]) {
        assert_eq!(words(text), expected);
    }

    #[test]
    fn a_backslash_at_the_end_joins_lines_and_the_first_one_counts() {
        check_lines(b"a \\\n  b\\\r\nc\nd", &[(1, b"a   bc"), (4, b"d")]);
        check_lines(b"a\\", &[(1, b"a")]);
    }

    #[test]
    fn a_comment_goes_on_over_a_backslash() {
        check_lines(b"# one \\\nListen 80\nListen 81", &[(3, b"Listen 81")]);
        check_lines(b"Listen 80 # no comment", &[(1, b"Listen 80 # no comment")]);
    }

    #[test]
    fn any_bytes_are_lines() {
        check_lines(b"\xFF\0\r\n\n \t\n\xEF", &[(1, b"\xFF\0"), (4, b"\xEF")]);
        check_lines(b"", &[]);
        check_lines(b"\\\n\\\n\\", &[]);
        check_lines("\u{feff}Listen 80".as_bytes(), &[(1, b"Listen 80")]);
    }

    #[test]
    fn quotes_hold_words_together_and_their_own_kind_can_be_escaped() {
        check_words(r#"Alias "/a b" '/c d'"#, &["Alias", "/a b", "/c d"]);
        check_words(r#""a\"b" 'a\"b'"#, &["a\"b", "a\\\"b"]);
        check_words(r#"a"b" "c"d"#, &["a\"b\"", "c", "d"]);
        check_words(r#"404 "" x"#, &["404", "", "x"]);
    }

    #[test]
    fn a_backslash_stands_for_itself_in_expressions() {
        check_words(r"^\.ht a\\b \d+", &[r"^\.ht", r"a\b", r"\d+"]);
        check_words(r#""^\.ht""#, &[r"^\.ht"]);
    }

    #[test]
    fn what_is_left_open_ends_with_the_line() {
        check_words("\"abc d", &["abc d"]);
        check_words("a\\", &["a\\"]);
        check_words("\"a\\", &["a\\"]);
        check_words("\"", &[""]);
        check_words(" \t ", &[]);
    }
}
