//! One name with its value in a query or a form, as it stands encoded and as a person edits it.

use cgi_engine::cgi::form::urlencoded;
use serde::{Deserialize, Serialize};

/// A row of a query or of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// Whether it is sent.
    pub on: bool,
    /// The name, decoded.
    pub name: String,
    /// The value, decoded.
    pub value: String,
    /// As it stood where it came from; counts as long as nobody edits it.
    written: Option<String>,
}

impl Default for Pair {
    fn default() -> Self {
        Self::new("", "")
    }
}

impl Pair {
    /// A row that somebody typed.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            on: true,
            name: name.into(),
            value: value.into(),
            written: None,
        }
    }

    /// The row that stands encoded in a query.
    #[must_use]
    pub fn of(written: &str) -> Self {
        let (name, value) = decoded(written).unwrap_or_else(|| split(written));
        Self {
            written: Some(written.to_owned()),
            ..Self::new(name, value)
        }
    }

    /// As it stands in a query. What was not edited stays byte by byte.
    #[must_use]
    pub fn written(&self) -> String {
        let own = (self.name.clone(), self.value.clone());
        match &self.written {
            Some(written) => match decoded(written) {
                Some(before) if before == own => written.clone(),
                // Bytes that are no text were shown encoded, and are taken as they stand.
                None if split(written) == own => written.clone(),
                None => format!("{}={}", self.name, self.value),
                Some(_) => self.encoded(),
            },
            None => self.encoded(),
        }
    }

    fn encoded(&self) -> String {
        format!("{}={}", encoded(&self.name), encoded(&self.value))
    }

    /// Nothing was typed into it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.name.is_empty()
            && self.value.is_empty()
            && self.written.as_ref().is_none_or(String::is_empty)
    }
}

/// The rows of a query.
#[must_use]
pub fn rows(query: &str) -> Vec<Pair> {
    match query {
        "" => Vec::new(),
        query => query.split('&').map(Pair::of).collect(),
    }
}

/// The rows that are on, as a query.
#[must_use]
pub fn joined(rows: &[Pair]) -> String {
    let written: Vec<String> = rows
        .iter()
        .filter(|row| row.on)
        .map(Pair::written)
        .collect();
    written.join("&")
}

fn split(written: &str) -> (String, String) {
    let (name, value) = written.split_once('=').unwrap_or((written, ""));
    (name.to_owned(), value.to_owned())
}

/// Name and value; none where they are no text.
fn decoded(written: &str) -> Option<(String, String)> {
    let (name, value) = written.split_once('=').unwrap_or((written, ""));
    let text =
        |part: &str| String::from_utf8(urlencoded::decode(part.as_bytes()).into_owned()).ok();
    Some((text(name)?, text(value)?))
}

/// As forms encode it: a space as `+`, and what is no letter, digit or one of `*-._` by its bytes (WHATWG URL §5.2).
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_edits_stays_byte_by_byte() {
        for query in [
            "a=1&b=2",
            "a",
            "isindex+words",
            "a=%e3&b=%2f+%20",
            "&&",
            "a=b=c",
            "=",
            "%zz=%",
        ] {
            assert_eq!(joined(&rows(query)), query);
        }
        assert!(rows("").is_empty());
    }

    #[test]
    fn what_is_edited_is_encoded_as_forms_are() {
        let mut pair = Pair::of("city=S%c3%a3o+Paulo");
        assert_eq!(
            (pair.name.as_str(), pair.value.as_str()),
            ("city", "São Paulo")
        );
        pair.value = "a&b=c ü\n".into();
        assert_eq!(pair.written(), "city=a%26b%3Dc+%C3%BC%0A");
        assert_eq!(Pair::new("x y", "").written(), "x+y=");
    }

    #[test]
    fn bytes_that_are_no_text_are_edited_as_they_stand() {
        let mut pair = Pair::of("a=%E3x");
        assert_eq!(pair.value, "%E3x");
        pair.value = "%E3y".into();
        assert_eq!(pair.written(), "a=%E3y");
    }

    #[test]
    fn rows_that_are_off_are_not_sent() {
        let mut list = rows("a=1&b=2&c=3");
        list[1].on = false;
        assert_eq!(joined(&list), "a=1&c=3");
    }
}
