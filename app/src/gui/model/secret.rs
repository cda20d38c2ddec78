//! Which parts of a request are nobody else's business: passwords, cookies, keys.

use std::ops::Range;

use cgi_engine::cgi::request_head::RequestHead;

/// A name that has one of these words in it names a secret.
const WORDS: [&str; 9] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "CREDENTIAL",
];
/// What stands for a secret; its length tells nothing.
const MASK: &[u8] = b"********";

/// The parts of a field's value that are secret.
#[must_use]
pub fn in_field(name: &[u8], value: &[u8]) -> Vec<Range<usize>> {
    let variable: Vec<u8> = name
        .iter()
        .map(|byte| match byte {
            b'-' => b'_',
            byte => byte.to_ascii_uppercase(),
        })
        .collect();
    in_variable(
        &format!("HTTP_{}", String::from_utf8_lossy(&variable)),
        value,
    )
}

/// The parts of a variable's value that are secret.
#[must_use]
pub fn in_variable(name: &str, value: &[u8]) -> Vec<Range<usize>> {
    match name {
        "HTTP_COOKIE" => values_of_pairs(value, usize::MAX),
        // What follows the first pair of Set-Cookie says how long it is kept.
        "HTTP_SET_COOKIE" => values_of_pairs(value, 1),
        "HTTP_AUTHORIZATION" | "HTTP_PROXY_AUTHORIZATION" => after_scheme(value),
        name if is_secret_name(name) && !value.is_empty() => {
            std::iter::once(0..value.len()).collect()
        }
        _ => Vec::new(),
    }
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// What stands behind the equals signs, at most of so many pairs.
fn values_of_pairs(value: &[u8], most: usize) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut secrets = Vec::new();
    for pair in value.split(|&byte| byte == b';').take(most) {
        let equals = memchr::memchr(b'=', pair).map_or(0, |at| at + 1);
        if equals < pair.len() {
            secrets.push(start + equals..start + pair.len());
        }
        start += pair.len() + 1;
    }
    secrets
}

fn after_scheme(value: &[u8]) -> Vec<Range<usize>> {
    let start = memchr::memchr(b' ', value).map_or(0, |at| at + 1);
    let secret = start..value.len();
    Some(secret)
        .filter(|secret| !secret.is_empty())
        .into_iter()
        .collect()
}

/// The value with its secrets hidden, their lengths as well.
#[must_use]
pub fn masked(value: &[u8], secrets: &[Range<usize>]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(value.len());
    let mut at = 0;
    for secret in secrets {
        shown.extend_from_slice(value.get(at..secret.start).unwrap_or_default());
        shown.extend_from_slice(MASK);
        at = secret.end;
    }
    shown.extend_from_slice(value.get(at..).unwrap_or_default());
    shown
}

/// A request head with its secrets hidden byte by byte, so that all places stay what they are.
#[must_use]
pub fn masked_head(raw: &[u8], head: &RequestHead) -> Vec<u8> {
    let mut shown = raw.to_vec();
    for field in &head.fields {
        for secret in in_field(head.name(field), head.value(field)) {
            let place = field.value.start + secret.start..field.value.start + secret.end;
            if let Some(bytes) = shown.get_mut(place) {
                bytes.fill(b'*');
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::testing::asked;
    use super::*;

    #[track_caller]
    fn check(name: &str, value: &str, expected: &str) {
        let secrets = in_variable(name, value.as_bytes());
        let shown = masked(value.as_bytes(), &secrets);
        assert_eq!(String::from_utf8(shown).unwrap(), expected);
    }

    #[test]
    fn secrets_are_hidden_and_what_is_around_them_is_not() {
        check(
            "HTTP_COOKIE",
            "session=abc; theme=dark",
            "session=********; theme=********",
        );
        check("HTTP_COOKIE", "odd; empty=;", "********; empty=;");
        check("HTTP_AUTHORIZATION", "Basic Zm9v", "Basic ********");
        check("DB_PASSWORD", "hunter2", "********");
        check("HTTP_X_API_KEY", "k", "********");
        check("QUERY_STRING", "a=b", "a=b");
        check("DB_PASSWORD", "", "");
    }

    #[test]
    fn a_masked_head_keeps_all_places() {
        let text = "GET / HTTP/1.1\r\nHost: h\r\nCookie: a=bc; d=e\r\n\r\n";
        let exchange = asked(1, text, "");
        let head = exchange.request.head.as_deref().unwrap();
        let shown = masked_head(&exchange.request.raw_head, head);
        assert_eq!(
            String::from_utf8(shown).unwrap(),
            "GET / HTTP/1.1\r\nHost: h\r\nCookie: a=**; d=*\r\n\r\n"
        );
    }
}
