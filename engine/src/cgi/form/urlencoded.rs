//! `application/x-www-form-urlencoded`: a query string or the body of a simple form (WHATWG URL §5).
//!
//! Pairs are separated by `&` alone; a semicolon is part of a value, as browsers and current
//! libraries have it.
use std::borrow::Cow;
use std::ops::Range;

use super::FormLimits;
use super::problem::{ProblemKind, Problems};
use crate::cgi::grammar::octet_from_hex;

/// A form of names and values, in the order they came and with duplicates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Urlencoded {
    /// The pairs; nothing stands between two `&` makes none.
    pub pairs: Vec<Pair>,
    /// What is wrong, by its place in the source.
    pub problems: Problems,
}

/// One name with its value; ranges count in the source and are still encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The name; it may be empty.
    pub name: Range<usize>,
    /// The value after the first `=`; none if there is no `=`, which most programs read as empty.
    pub value: Option<Range<usize>>,
}

impl Pair {
    /// The decoded name.
    #[must_use]
    pub fn name<'a>(&self, source: &'a [u8]) -> Cow<'a, [u8]> {
        decode(source.get(self.name.clone()).unwrap_or_default())
    }

    /// The decoded value; empty if there is none.
    #[must_use]
    pub fn value<'a>(&self, source: &'a [u8]) -> Cow<'a, [u8]> {
        let range = self.value.clone().unwrap_or_default();
        decode(source.get(range).unwrap_or_default())
    }
}

impl Urlencoded {
    /// Takes a query or a body apart; no bytes can make it fail.
    #[must_use]
    pub fn parse(source: &[u8], limits: &FormLimits) -> Self {
        let mut form = Self::default();
        let mut start = 0;
        while let Some(rest) = source.get(start..).filter(|rest| !rest.is_empty()) {
            let length = memchr::memchr(b'&', rest).unwrap_or(rest.len());
            if length > 0 {
                if form.pairs.len() == limits.pairs {
                    form.problems.note(ProblemKind::TooManyPairs, start);
                    break;
                }
                form.take_pair(source, start..start + length);
            }
            start += length + 1;
        }
        form
    }

    fn take_pair(&mut self, source: &[u8], range: Range<usize>) {
        let bytes = source.get(range.clone()).unwrap_or_default();
        let pair = match memchr::memchr(b'=', bytes) {
            Some(equals) => Pair {
                name: range.start..range.start + equals,
                value: Some(range.start + equals + 1..range.end),
            },
            None => Pair {
                name: range,
                value: None,
            },
        };
        if pair.name.is_empty() {
            self.problems.note(ProblemKind::EmptyName, pair.name.start);
        }
        self.judge(source, pair.name.clone());
        self.judge(source, pair.value.clone().unwrap_or_default());
        self.pairs.push(pair);
    }

    /// Notes the first byte that is not encoded, and every escape that is none.
    fn judge(&mut self, source: &[u8], range: Range<usize>) {
        let part = source.get(range.clone()).unwrap_or_default();
        if let Some(at) = part.iter().position(|byte| !byte.is_ascii_graphic()) {
            let at = range.start + at;
            self.problems.note(ProblemKind::UnencodedByte, at);
        }
        for at in memchr::memchr_iter(b'%', part) {
            if escaped_octet(part.get(at..).unwrap_or_default()).is_none() {
                self.problems.note(ProblemKind::BadEscape, range.start + at);
            }
        }
    }
}

/// A name or value without its encoding: `+` is a space, `%XX` an octet, a malformed escape stays as it is.
#[must_use]
pub fn decode(encoded: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'+', b'%', encoded).is_none() {
        return Cow::Borrowed(encoded);
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [first, tail @ ..] = rest {
        let (octet, length) = match (first, escaped_octet(rest)) {
            (b'+', _) => (b' ', 1),
            (_, Some(octet)) => (octet, 3),
            _ => (*first, 1),
        };
        decoded.push(octet);
        rest = tail.get(length - 1..).unwrap_or_default();
    }
    Cow::Owned(decoded)
}

/// The octet that the bytes start with, if they start with `%XX`.
pub(super) fn escaped_octet(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [b'%', high, low, ..] => octet_from_hex(*high, *low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::problem::noted;
    use super::*;
    use ProblemKind::{BadEscape, EmptyName, TooManyPairs, UnencodedByte};

    fn read(source: &[u8]) -> Vec<(String, Option<String>)> {
        let form = Urlencoded::parse(source, &FormLimits::default());
        let text = |bytes: Cow<'_, [u8]>| bytes.escape_ascii().to_string();
        let pairs = form.pairs.iter().map(|pair| {
            let value = pair.value.is_some().then(|| text(pair.value(source)));
            (text(pair.name(source)), value)
        });
        pairs.collect()
    }

    #[track_caller]
    fn check(source: &[u8], expected: &[(&str, Option<&str>)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)))
            .collect();
        assert_eq!(read(source), expected, "{}", source.escape_ascii());
    }

    #[track_caller]
    fn check_problems(source: &[u8], expected: &[(ProblemKind, usize)]) {
        let form = Urlencoded::parse(source, &FormLimits::default());
        assert_eq!(noted(&form.problems), expected, "{}", source.escape_ascii());
    }

    #[test]
    fn malformed_escapes_are_kept_and_noted() {
        check(b"a=%", &[("a", Some("%"))]);
        check(b"a=%4", &[("a", Some("%4"))]);
        check(b"a=%zz&%g=1", &[("a", Some("%zz")), ("%g", Some("1"))]);
        check(b"a=%%41", &[("a", Some("%A"))]);
        check(b"a=%u0041", &[("a", Some("%u0041"))]);
        check(b"a=%+1", &[("a", Some("% 1"))]);
        check_problems(b"a=%&b=%4", &[(BadEscape, 2), (BadEscape, 6)]);
        check_problems(b"%zz=%%41", &[(BadEscape, 0), (BadEscape, 4)]);
        // An escape does not reach into the next pair.
        check(b"a=%4&1=b", &[("a", Some("%4")), ("1", Some("b"))]);
    }

    #[test]
    fn what_should_have_been_encoded_is_noted_once_a_name_or_value() {
        check_problems(b"a=x\r\n", &[(UnencodedByte, 3)]);
        check_problems(b"\xe9=\xe9 \xe9", &[(UnencodedByte, 0), (UnencodedByte, 2)]);
        check_problems(b"a=b c\0", &[(UnencodedByte, 3)]);
        check_problems(b"a=!~*'()<>\"^`{|}/?:@", &[]);
    }

    #[test]
    fn a_flood_is_bounded() {
        let limits = FormLimits {
            pairs: 2,
            ..FormLimits::default()
        };
        let form = Urlencoded::parse(b"a&b&&c&d", &limits);
        assert_eq!(form.pairs.len(), 2);
        assert_eq!(noted(&form.problems), [(TooManyPairs, 5)]);
        // Nothing between the separators is no field, however often.
        check(&b"&".repeat(100_000), &[]);
        let form = Urlencoded::parse(&b"%".repeat(100_000), &FormLimits::default());
        assert_eq!(form.problems.total(), 100_000);
        assert!(form.problems.kept().len() <= 100);
    }

    #[test]
    fn empty_names_and_values_are_fields() {
        check(b"", &[]);
        check(b"=", &[("", Some(""))]);
        check(b"=a", &[("", Some("a"))]);
        check(b"a", &[("a", None)]);
        check(b"a=", &[("a", Some(""))]);
        check(b"a==b", &[("a", Some("=b"))]);
        check(b"&a&&b&", &[("a", None), ("b", None)]);
        check_problems(b"a&=b", &[(EmptyName, 2)]);
    }

    #[test]
    fn order_and_duplicates_are_kept() {
        check(
            b"b=1&a=2&b=3",
            &[("b", Some("1")), ("a", Some("2")), ("b", Some("3"))],
        );
    }

    #[test]
    fn a_semicolon_is_part_of_a_value() {
        check(b"a=1;b=2", &[("a", Some("1;b=2"))]);
        check(b"a;b", &[("a;b", None)]);
    }

    #[test]
    fn bytes_are_decoded_once_and_kept() {
        check(b"a+b=c+d%2B", &[("a b", Some("c d+"))]);
        check(b"a=%2541", &[("a", Some("%41"))]);
        check(b"q=%26%3D%00%FF%e4", &[("q", Some("&=\\x00\\xff\\xe4"))]);
        check(b"n=S%C3%A3o", &[("n", Some("S\\xc3\\xa3o"))]);
    }

    /// What CPython's tests of `parse_qs` and `FieldStorage` ask.
    #[test]
    fn the_vectors_of_cpython_give_the_same_fields() {
        check(b"a=a+b&b=b+c", &[("a", Some("a b")), ("b", Some("b c"))]);
        check(b"a=1&a=2", &[("a", Some("1")), ("a", Some("2"))]);
        check(
            b"key=value&foo=bar&key=%E9",
            &[
                ("key", Some("value")),
                ("foo", Some("bar")),
                ("key", Some("\\xe9")),
            ],
        );
        check(
            b"Cbid=&M=E&P=+&O=%28%29",
            &[
                ("Cbid", Some("")),
                ("M", Some("E")),
                ("P", Some(" ")),
                ("O", Some("()")),
            ],
        );
    }

    #[test]
    fn ranges_lead_back_to_the_source() {
        let source = b"x=1&n%61me=v%20";
        let form = Urlencoded::parse(source, &FormLimits::default());
        let pair = &form.pairs[1];
        assert_eq!(&source[pair.name.clone()], b"n%61me");
        assert_eq!(&source[pair.value.clone().unwrap()], b"v%20");
        // Nothing is copied where nothing is encoded.
        assert!(matches!(form.pairs[0].value(source), Cow::Borrowed(b"1")));
    }
}
