//! httpd's wild cards (`*`, `?`, `[…]`) as regular expressions.

use regex::bytes::{Regex, RegexBuilder};

/// A regular expression over bytes, as httpd's are; `None` when this one cannot be had: look-around
/// and back references are PCRE's own.
pub(super) fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

/// Whether the text holds a wild card at all (`apr_fnmatch_test`).
pub(super) fn is_glob(text: &str) -> bool {
    let has_class = text
        .split_once('[')
        .is_some_and(|(_, end)| end.contains(']'));
    has_class || text.contains(['*', '?'])
}

/// A regular expression for the whole of `pattern`, without anchors. Wild cards do not match `/`.
pub(super) fn regex_of_glob(pattern: &str) -> String {
    let mut regex = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '\\' => regex.push_str(&escaped(rest.next().unwrap_or('\\'))),
            '[' => match class(rest.as_str()) {
                Some((class, after)) => {
                    regex.push_str(&class);
                    rest = after.chars();
                }
                None => regex.push_str(r"\["),
            },
            _ => regex.push_str(&escaped(character)),
        }
    }
    regex
}

/// The class that `text`, what follows a `[`, begins with, and what comes after its end.
fn class(text: &str) -> Option<(String, &str)> {
    let (negation, members) = match text.strip_prefix(['!', '^']) {
        Some(members) => ("^/", members),
        None => ("", text),
    };
    // A `]` that comes first is a member.
    let from = members.chars().next().map_or(0, char::len_utf8);
    let end = from + members.get(from..)?.find(']')?;
    let mut class = format!("[{negation}");
    for character in members.get(..end)?.chars() {
        if character == '-' {
            class.push('-');
        } else {
            class.push_str(&escaped(character));
        }
    }
    class.push(']');
    Some((class, members.get(end + 1..)?))
}

fn escaped(character: char) -> String {
    regex::escape(character.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        let regex = regex(&format!("^(?:{})$", regex_of_glob(pattern))).unwrap();
        assert_eq!(regex.is_match(text.as_bytes()), expected, "{regex}");
    }

    #[test]
    fn wild_cards_stay_within_a_name() {
        check("/home/*/www", "/home/ann/www", true);
        check("/home/*/www", "/home/a/b/www", false);
        check("a?c", "abc", true);
        check("a?c", "a/c", false);
    }

    #[test]
    fn classes_are_taken_over() {
        check("[a-c]x", "bx", true);
        check("[!a-c]x", "bx", false);
        check("[^a-c]x", "/x", false);
        check("[]]", "]", true);
        check("[abc", "[abc", true);
        check("[a^]", "^", true);
    }

    #[test]
    fn other_characters_stand_for_themselves() {
        check("a.b+(c)", "a.b+(c)", true);
        check("a.b", "axb", false);
        check(r"\*", "*", true);
        check(r"\", r"\", true);
        check("é*", "éa", true);
    }

    #[test]
    fn wild_cards_are_known() {
        assert!(is_glob("*.cgi") && is_glob("a?") && is_glob("[ab]"));
        assert!(!is_glob("/var/www") && !is_glob("a[b") && !is_glob("a]b["));
    }
}
