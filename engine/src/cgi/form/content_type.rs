//! A media type with its parameters (RFC 9110 §8.3.1).
use std::ops::Range;

use super::parameters::{self, Backslash, Parameter};
use super::problem::{ProblemKind, Problems};
use crate::cgi::grammar::{is_blank, is_token, trim};

/// The value of a Content-Type field taken apart; ranges count in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype` in small letters.
    pub media_type: Vec<u8>,
    /// The parameters in the order they came.
    pub parameters: Vec<ContentTypeParameter>,
    /// What is wrong, by its place in the value.
    pub problems: Problems,
}

/// A parameter of a media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentTypeParameter {
    /// Its name in small letters.
    pub name: Vec<u8>,
    /// Its value without quotes and escapes.
    pub value: Vec<u8>,
    /// Its value as it was written.
    pub written: Range<usize>,
}

impl ContentType {
    /// Takes a value apart; no bytes can make it fail.
    #[must_use]
    pub fn parse(source: &[u8]) -> Self {
        let mut problems = Problems::default();
        let end = memchr::memchr(b';', source).unwrap_or(source.len());
        let written = source.get(..end).unwrap_or_default();
        let media_type = trim(written);
        let is_media_type = media_type
            .iter()
            .position(|byte| *byte == b'/')
            .is_some_and(|slash| {
                let (kind, rest) = media_type.split_at(slash);
                is_token(kind) && rest.get(1..).is_some_and(is_token)
            });
        if !is_media_type {
            let at = written.iter().take_while(|byte| is_blank(**byte)).count();
            problems.note(ProblemKind::BadMediaType, at);
        }
        let parameters = parameters::parse(source, end, Backslash::Escapes, &mut problems);
        Self {
            media_type: media_type.to_ascii_lowercase(),
            parameters: parameters
                .into_iter()
                .map(|parameter| lower_cased(source, parameter))
                .collect(),
            problems,
        }
    }

    /// Whether it is that media type, written in small letters.
    #[must_use]
    pub fn is(&self, media_type: &str) -> bool {
        self.media_type == media_type.as_bytes()
    }

    /// Whether it is of the type `multipart`.
    #[must_use]
    pub fn is_multipart(&self) -> bool {
        self.media_type.starts_with(b"multipart/")
    }

    /// The first parameter of that name, written in small letters.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&ContentTypeParameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name.as_bytes())
    }
}

fn lower_cased(source: &[u8], parameter: Parameter) -> ContentTypeParameter {
    let name = source.get(parameter.name).unwrap_or_default();
    ContentTypeParameter {
        name: name.to_ascii_lowercase(),
        value: parameter.value,
        written: parameter.written,
    }
}

#[cfg(test)]
mod tests {
    use super::super::problem::noted;
    use super::*;
    use ProblemKind::{
        BadMediaType, BadParameterName, BadParameterValue, ParameterWithoutValue, TextAfterQuote,
        UnclosedQuote,
    };

    #[track_caller]
    fn check(
        source: &str,
        media_type: &str,
        expected: &[(&str, &str)],
        problems: &[(ProblemKind, usize)],
    ) {
        let read = ContentType::parse(source.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let parameters: Vec<_> = read
            .parameters
            .iter()
            .map(|parameter| (text(&parameter.name), text(&parameter.value)))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(
            (text(&read.media_type).as_str(), parameters),
            (media_type, expected),
            "{source:?}"
        );
        assert_eq!(noted(&read.problems), problems, "{source:?}");
    }

    #[test]
    fn what_is_malformed_is_read_as_far_as_it_goes() {
        check("", "", &[], &[(BadMediaType, 0)]);
        check(" text", "text", &[], &[(BadMediaType, 1)]);
        check("a/b/c", "a/b/c", &[], &[(BadMediaType, 0)]);
        check("/b; c=d", "/b", &[("c", "d")], &[(BadMediaType, 0)]);
        check("a/b; c", "a/b", &[], &[(ParameterWithoutValue, 5)]);
        check(
            "a/b; c; d=e",
            "a/b",
            &[("d", "e")],
            &[(ParameterWithoutValue, 5)],
        );
        check(
            "a/b; c d=e",
            "a/b",
            &[("c d", "e")],
            &[(BadParameterName, 5)],
        );
        check("a/b; c = e", "a/b", &[("c", "e")], &[(BadParameterName, 5)]);
        check("a/b; =e", "a/b", &[("", "e")], &[(BadParameterName, 5)]);
        check("a/b; c=", "a/b", &[("c", "")], &[(BadParameterValue, 7)]);
        check(
            "a/b; c=d e",
            "a/b",
            &[("c", "d e")],
            &[(BadParameterValue, 8)],
        );
        check("a/b; c=\"d", "a/b", &[("c", "d")], &[(UnclosedQuote, 7)]);
        check(
            "a/b; c=\"d\\",
            "a/b",
            &[("c", "d\\")],
            &[(UnclosedQuote, 7)],
        );
        check(
            "a/b; c=\"d\"e; f=g",
            "a/b",
            &[("c", "d"), ("f", "g")],
            &[(TextAfterQuote, 10)],
        );
    }

    #[test]
    fn a_value_stands_where_it_was_written_with_its_quotes() {
        for (source, expected) in [
            ("a/b; c=d ;", "d"),
            ("a/b; c=\" d \" ;", "\" d \""),
            // Found by fuzzing: the blanks are within the quotes that do not end.
            ("a/b; c=\"d\t ", "\"d\t "),
        ] {
            let read = ContentType::parse(source.as_bytes());
            let written = read.parameters[0].written.clone();
            assert_eq!(&source[written], expected, "{source:?}");
        }
    }

    #[test]
    fn names_are_compared_in_any_case_and_values_are_kept() {
        check(
            "Text/HTML;Charset=UTF-8",
            "text/html",
            &[("charset", "UTF-8")],
            &[],
        );
        check(
            "multipart/form-data; boundary=\"a b;c\\\"\" ; x=y;",
            "multipart/form-data",
            &[("boundary", "a b;c\""), ("x", "y")],
            &[],
        );
        check("a/b ;; c=\"\" ;", "a/b", &[("c", "")], &[]);
        check("a/b; c=\"\\d\\\\\"", "a/b", &[("c", "d\\")], &[]);
        let read = ContentType::parse(b"a/b; c=1; C=2");
        assert_eq!(read.parameter("c").unwrap().value, b"1");
        assert!(read.is("a/b") && !read.is_multipart() && read.parameter("d").is_none());
    }
}
