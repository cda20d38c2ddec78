//! Exchanges and findings as terminal text: pure functions from facts to strings.

mod as_host;
mod finding;
mod log_line;
mod report;

pub(crate) use finding::{Detail, finding};
pub(crate) use log_line::{log_line, site_line};
pub(crate) use report::report;

/// Text for one line of a terminal: whatever could move the cursor, change colours or turn the writing
/// direction is written as an escape, because URLs, headers and output come from strangers.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\t' || !is_unsafe(character) {
            shown.push(character);
        } else {
            shown.extend(character.escape_default());
        }
    }
    shown
}

/// The same for bytes: those that are not UTF-8 are written as `\xFF`.
pub(crate) fn visible_bytes(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.push_str(&visible(chunk.valid()));
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02X}"));
        }
    }
    shown
}

/// Control characters, and the invisible ones that reorder what stands around them (UAX #9).
fn is_unsafe(character: char) -> bool {
    let reorders = matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    character.is_control() || reorders || matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// `1 line`, `2 lines`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// `1 error, 2 notes`: what there is of several things; nothing where there is none.
pub(crate) fn counts<const N: usize>(of: [(usize, &str); N]) -> String {
    let there = of.into_iter().filter(|(number, _)| *number > 0);
    let told: Vec<String> = there.map(|(number, noun)| count(number, noun)).collect();
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(visible_bytes(bytes), expected);
    }

    #[test]
    fn nothing_from_outside_commands_the_terminal() {
        check(b"/a\x1b[2Jb", "/a\\u{1b}[2Jb");
        check(b"a\r\nb\x07", "a\\r\\nb\\u{7}");
        check("a\u{9b}31mb".as_bytes(), "a\\u{9b}31mb");
        check("a\u{202e}txt.exe".as_bytes(), "a\\u{202e}txt.exe");
        check(b"\xFFa\xC3", "\\xFFa\\xC3");
        check("grüße 世界\t😀".as_bytes(), "grüße 世界\t😀");
    }
}
