//! Bytes from strangers as text that can be read and that commands nobody: no terminal, no Markdown.

/// One line: what is not UTF-8, what moves a cursor and what turns the writing direction is an escape.
pub(super) fn visible_line(bytes: &[u8]) -> String {
    let mut shown = visible(bytes, |_| false);
    shown.truncate(shown.trim_end().len());
    shown
}

fn visible(bytes: &[u8], allowed: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '\t' || allowed(character) || !is_unsafe(character) {
                shown.push(character);
            } else {
                shown.extend(character.escape_default());
            }
        }
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02X}"));
        }
    }
    shown
}

/// Control characters, and the invisible ones that reorder what stands around them (UAX #9).
fn is_unsafe(character: char) -> bool {
    let reorders = matches!(
        character,
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || reorders || matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// A block of code that the content cannot end (CommonMark §4.5), ending in a line end.
pub(super) fn fenced(language: &str, bytes: &[u8]) -> String {
    let text = visible(bytes, |character| matches!(character, '\n' | '\r'));
    // CR LF is as good a line end as LF alone; a CR elsewhere is shown.
    let text = text.replace("\r\n", "\n").replace('\r', "\\r");
    let text = text.trim_end_matches('\n');
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

/// Code within a line (CommonMark §6.1).
pub(super) fn code_span(bytes: &[u8]) -> String {
    let text = visible_line(bytes);
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.is_empty() || text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Plain words in a line or a cell of a table: nothing in them is Markdown.
pub(super) fn cell(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for character in visible_line(bytes).chars() {
        if "\\`*_{}[]<>#|~&!".contains(character) {
            shown.push('\\');
        }
        shown.push(character);
    }
    shown
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|character| character != '`');
    runs.map(str::len).max().unwrap_or_default()
}

/// So many lines from the beginning, and how many bytes they are.
pub(super) fn lines_of(bytes: &[u8], lines: usize) -> (Vec<u8>, usize) {
    let mut shown = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n').take(lines) {
        shown.extend_from_slice(line);
    }
    let taken = shown.len();
    (shown, taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fenced("x", b"a\r\n"), "```x\na\n```\n");
        assert_eq!(fenced("", b"````"), "`````\n````\n`````\n");
        assert_eq!(fenced("", b"a\rb\xff"), "```\na\\rb\\xFF\n```\n");
    }

    #[test]
    fn words_are_no_markdown() {
        assert_eq!(cell(b"<b>*x*|`"), "\\<b\\>\\*x\\*\\|\\`");
        assert_eq!(code_span(b"a"), "`a`");
        assert_eq!(code_span(b"`a"), "`` `a ``");
        assert_eq!(code_span(b""), "`  `");
    }
}
