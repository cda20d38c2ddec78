//! Foreign names and numbers as a finding's sentences show them.

use std::path::Path;

/// A path for display, its control characters made visible.
pub(super) fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

/// Foreign text in one line: control characters as their pictures (U+2400 on), no change of writing direction.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(visible).collect()
}

fn visible(character: char) -> char {
    match character {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => '\u{fffd}',
        character => character,
    }
}

/// Foreign text in one line, no longer than a headline should be.
pub(super) fn short(text: &str, characters: usize) -> String {
    let text = one_line(text.trim());
    match text.char_indices().nth(characters) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// How a module comes to a Python. Many a system keeps its own Python closed to pip (PEP 668).
pub(super) fn pip_install(python: &str, module: &str) -> String {
    format!(
        "Install it for this Python: {python} -m pip install {module}. If the system forbids that, install it into an \
         environment ({python} -m venv .venv) and choose that environment's Python for the site."
    )
}

/// The text with a capital first letter, as a headline begins.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// `1,204`
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 byte`, `1,204 bytes`
pub(super) fn counted_bytes(number: u64) -> String {
    if number == 1 {
        "1 byte".to_owned()
    } else {
        format!("{} bytes", thousands(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1204, 1_000_000].map(thousands),
            ["0", "999", "1,204", "1,000,000"]
        );
        assert_eq!([1, 2].map(counted_bytes), ["1 byte", "2 bytes"]);
    }

    #[test]
    fn foreign_text_cannot_leave_its_line_or_turn_it_round() {
        assert_eq!(
            one_line("a\nb\u{1b}[0m\u{202e}c"),
            "a\u{240a}b\u{241b}[0m\u{fffd}c"
        );
        assert_eq!(short("  aé\r\n", 10), "aé");
        assert_eq!(short("ééé", 2), "éé…");
        assert_eq!(capitalised("éa"), "Éa");
    }
}
