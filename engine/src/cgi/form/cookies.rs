//! The `Cookie` field of a request: `name=value` pairs (RFC 6265 §4.2).
use std::ops::Range;

use super::FormLimits;
use super::problem::{ProblemKind, Problems};
use crate::cgi::grammar::{is_blank, is_token, trim};

/// The cookies of one field, in the order they came and with duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cookies {
    /// The cookies.
    pub pairs: Vec<Cookie>,
    /// What is wrong, by its place in the field's value.
    pub problems: Problems,
}

/// One cookie; ranges count in the field's value. Nothing is decoded: what a value means is the
/// affair of the program that set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// The name; empty if there is no `=`, as browsers have it.
    pub name: Range<usize>,
    /// The value with its quotes, if it has any.
    pub value: Range<usize>,
}

impl Cookies {
    /// Takes the value of a `Cookie` field apart; no bytes can make it fail.
    #[must_use]
    pub fn parse(source: &[u8], limits: &FormLimits) -> Self {
        let mut cookies = Self::default();
        let mut start = 0;
        if trim(source).is_empty() {
            return cookies;
        }
        while let Some(rest) = source.get(start..) {
            let length = memchr::memchr(b';', rest).unwrap_or(rest.len());
            let range = trimmed(source, start..start + length);
            if range.is_empty() {
                cookies.problems.note(ProblemKind::EmptyCookie, start);
            } else if cookies.pairs.len() == limits.pairs {
                cookies.problems.note(ProblemKind::TooManyPairs, start);
                break;
            } else {
                cookies.take_pair(source, range);
            }
            start += length + 1;
        }
        cookies
    }

    fn take_pair(&mut self, source: &[u8], range: Range<usize>) {
        let bytes = source.get(range.clone()).unwrap_or_default();
        let Some(equals) = memchr::memchr(b'=', bytes) else {
            let kind = ProblemKind::CookieWithoutEquals;
            self.problems.note(kind, range.start);
            return self.pairs.push(Cookie {
                name: range.start..range.start,
                value: range,
            });
        };
        let at = range.start + equals;
        let cookie = Cookie {
            name: trimmed(source, range.start..at),
            value: trimmed(source, at + 1..range.end),
        };
        let name = source.get(range.start..at).unwrap_or_default();
        if cookie.name.is_empty() {
            self.problems.note(ProblemKind::EmptyName, range.start);
        } else if !is_token(name) {
            self.problems.note(ProblemKind::BadCookieName, range.start);
        }
        let value = source.get(at + 1..range.end).unwrap_or_default();
        if let Some(offset) = first_bad_octet(value) {
            let kind = ProblemKind::BadCookieValue;
            self.problems.note(kind, at + 1 + offset);
        }
        self.pairs.push(cookie);
    }
}

/// The first byte of a value that is no `cookie-octet`; one pair of quotes may stand around them.
fn first_bad_octet(value: &[u8]) -> Option<usize> {
    let unquoted = value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    let (octets, before) = unquoted.map_or((value, 0), |octets| (octets, 1));
    let is_octet =
        |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    octets
        .iter()
        .position(|byte| !is_octet(byte))
        .map(|at| before + at)
}

fn trimmed(source: &[u8], range: Range<usize>) -> Range<usize> {
    let bytes = source.get(range.clone()).unwrap_or_default();
    let leading = bytes.iter().take_while(|byte| is_blank(**byte)).count();
    let start = range.start + leading;
    start..start + trim(bytes).len()
}

#[cfg(test)]
mod tests {
    use super::super::problem::noted;
    use super::*;
    use ProblemKind::{
        BadCookieName, BadCookieValue, CookieWithoutEquals, EmptyCookie, EmptyName, TooManyPairs,
    };

    #[track_caller]
    fn check(source: &str, expected: &[(&str, &str)], problems: &[(ProblemKind, usize)]) {
        let cookies = Cookies::parse(source.as_bytes(), &FormLimits::default());
        let pairs = cookies.pairs.iter();
        let pairs: Vec<_> = pairs
            .map(|pair| (&source[pair.name.clone()], &source[pair.value.clone()]))
            .collect();
        assert_eq!(pairs, expected, "{source:?}");
        assert_eq!(noted(&cookies.problems), problems, "{source:?}");
    }

    #[test]
    fn what_is_no_cookie_is_kept_and_noted() {
        check(
            "a=1; ; b",
            &[("a", "1"), ("", "b")],
            &[(EmptyCookie, 4), (CookieWithoutEquals, 7)],
        );
        check(";", &[], &[(EmptyCookie, 0), (EmptyCookie, 1)]);
        check("=x", &[("", "x")], &[(EmptyName, 0)]);
        check("a b=1", &[("a b", "1")], &[(BadCookieName, 0)]);
        check("a =1", &[("a", "1")], &[(BadCookieName, 0)]);
        check("a= 1", &[("a", "1")], &[(BadCookieValue, 2)]);
        check("a=1,b=2", &[("a", "1,b=2")], &[(BadCookieValue, 3)]);
        check("a=\"b", &[("a", "\"b")], &[(BadCookieValue, 2)]);
        check("a=\"", &[("a", "\"")], &[(BadCookieValue, 2)]);
        check("a=S\u{e3}o", &[("a", "S\u{e3}o")], &[(BadCookieValue, 3)]);
    }

    #[test]
    fn a_flood_is_bounded() {
        let limits = FormLimits {
            pairs: 1,
            ..FormLimits::default()
        };
        let cookies = Cookies::parse(b"a=1; b=2; c=3", &limits);
        assert_eq!(cookies.pairs.len(), 1);
        assert_eq!(noted(&cookies.problems), [(TooManyPairs, 4)]);
    }

    #[test]
    fn cookies_keep_their_order_and_their_duplicates() {
        check("", &[], &[]);
        check(" ", &[], &[]);
        check("a=1", &[("a", "1")], &[]);
        check("b=1; a=2;b=3", &[("b", "1"), ("a", "2"), ("b", "3")], &[]);
        check("a=", &[("a", "")], &[]);
        check("a=b=c==", &[("a", "b=c==")], &[]);
        check("a=\"quoted\"", &[("a", "\"quoted\"")], &[]);
        check("n=%20+x", &[("n", "%20+x")], &[]);
    }
}
