//! The ways in which hosts rewrite paths, queries and field values.
use crate::cgi::grammar::octet_from_hex;

/// With one slash where there are several.
pub(super) fn merged(path: &[u8]) -> Vec<u8> {
    let mut merged = Vec::with_capacity(path.len());
    for byte in path {
        if *byte != b'/' || merged.last() != Some(&b'/') {
            merged.push(*byte);
        }
    }
    merged
}

/// A path that still has its escapes, with `.` and `..` resolved.
pub(super) fn without_dots(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut segments = path.split(|byte| *byte == b'/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            b"." => {}
            b".." => drop(kept.pop()),
            _ => {
                kept.push(segment);
                continue;
            }
        }
        if last {
            kept.push(b"");
        }
    }
    [b"/", kept.join(&b'/').as_slice()].concat()
}

/// Up to and with the last slash.
pub(super) fn folder(path: &[u8]) -> &[u8] {
    let end = memchr::memrchr(b'/', path).map_or(0, |at| at + 1);
    path.get(..end).unwrap_or_default()
}

/// Escapes of unreserved characters taken away, the others in capitals, and what a URL cannot hold escaped.
pub(super) fn normalized(text: &[u8]) -> Vec<u8> {
    normalized_with(text, false)
}

/// The same for a path, where an escaped slash becomes a slash.
pub(super) fn normalized_path(text: &[u8]) -> Vec<u8> {
    normalized_with(text, true)
}

fn normalized_with(text: &[u8], slashes: bool) -> Vec<u8> {
    let mut normalized = Vec::with_capacity(text.len());
    for (byte, escaped) in octets(text) {
        let plain = if escaped {
            is_unreserved(byte) || slashes && byte == b'/'
        } else {
            is_unreserved(byte) || b"!$&'()*+,;=:@/?".contains(&byte)
        };
        if plain {
            normalized.push(byte);
        } else {
            normalized.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    normalized
}

/// The octets that a text stands for, each with whether it was escaped; a sign that escapes nothing is itself.
fn octets(text: &[u8]) -> Vec<(u8, bool)> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let octet = match (first, tail) {
            (b'%', [high, low, ..]) => octet_from_hex(*high, *low),
            _ => None,
        };
        octets.push((octet.unwrap_or(*first), octet.is_some()));
        let length = if octet.is_some() { 3 } else { 1 };
        rest = rest.get(length..).unwrap_or_default();
    }
    octets
}

/// Escapes taken away; a sign that escapes nothing stays.
pub(super) fn decoded(text: &[u8]) -> Vec<u8> {
    octets(text).into_iter().map(|(byte, _)| byte).collect()
}

/// Made valid UTF-8, then decoded and made valid once more.
pub(super) fn decoded_again(path: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(path).into_owned();
    let bytes = decoded(text.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned().into_bytes()
}

/// ISO-8859-1 written as UTF-8.
pub(super) fn from_latin_1(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .map(|byte| char::from(*byte))
        .collect::<String>()
        .into_bytes()
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// The words of a query as Apache makes them: all of them, or none where there is an equals sign.
pub(super) fn words(query: &[u8]) -> Vec<Vec<u8>> {
    if query.is_empty() || query.contains(&b'=') {
        return Vec::new();
    }
    query
        .split(|byte| *byte == b'+')
        .map(|word| {
            let mut word = decoded(word);
            // To C, a NUL is the end of the word.
            if let Some(end) = word.iter().position(|byte| *byte == 0) {
                word.truncate(end);
            }
            shell_escaped(&word)
        })
        .collect()
}

fn shell_escaped(word: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(word.len());
    for byte in word {
        if b"&;`'\"|*?~<>^()[]{}$\\\n".contains(byte) {
            escaped.push(b'\\');
        }
        escaped.push(*byte);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: &[u8], expected: &str) {
        assert_eq!(
            found.escape_ascii().to_string(),
            expected.as_bytes().escape_ascii().to_string()
        );
    }

    #[test]
    fn escapes_are_rewritten_as_rfc_3986_section_6_asks() {
        check(
            &normalized(b"a=%6f%2F%20%c3%A9&b=%7E"),
            "a=o%2F%20%C3%A9&b=~",
        );
        check(&normalized(b"a%zz+b"), "a%25zz+b");
        check(&normalized(b"a[]='x'|{}^\\"), "a%5B%5D='x'%7C%7B%7D%5E%5C");
        check(&normalized_path(b"/%7ea%2fb%3b;"), "/~a/b%3B;");
        check(&normalized(b"%"), "%25");
    }

    #[test]
    fn paths_are_cleaned() {
        check(&merged(b"//a///b/"), "/a/b/");
        check(&without_dots(b"/a/../b/./c"), "/b/c");
        check(&without_dots(b"/a/.."), "/");
        check(&without_dots(b"/../.."), "/");
        check(folder(b"/cgi-bin/x"), "/cgi-bin/");
        check(folder(b""), "");
    }

    #[test]
    fn text_is_decoded_in_the_odd_ways_of_hosts() {
        check(&decoded_again(b"/%41"), "/A");
        check(&decoded_again(b"/\xff"), "/\u{fffd}");
        check(&from_latin_1(b"\xff"), "\u{ff}");
    }

    #[test]
    fn words_are_escaped_and_cut_at_nul() {
        assert_eq!(
            words(b"a%3Db+c%2Bd%20e"),
            [b"a=b".to_vec(), b"c+d e".to_vec()]
        );
        assert_eq!(words(b"a%00b+c;"), [b"a".to_vec(), b"c\\;".to_vec()]);
        assert_eq!(words(b"a++b"), [b"a".to_vec(), Vec::new(), b"b".to_vec()]);
        assert!(words(b"a=b").is_empty());
    }
}
