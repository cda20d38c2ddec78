//! A header field and a method as they are given on the command line (RFC 9110 §5, §9.1).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

/// One header field to send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    /// A token.
    pub(crate) name: String,
    /// Without white space around it.
    pub(crate) value: Vec<u8>,
}

/// Why an argument cannot be sent as part of a request head.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error("a header is written as 'Name: value'")]
    NoColon,
    #[error("a header's name has only letters, digits and !#$%&'*+-.^_`|~")]
    BadName,
    #[error("a header's value cannot hold a line end or a NUL")]
    BadValue,
    #[error("a method has only letters, digits and !#$%&'*+-.^_`|~")]
    BadMethod,
}

impl Header {
    pub(crate) fn parse(text: &OsStr) -> Result<Self, HeaderError> {
        let bytes = text.as_bytes();
        let colon = bytes.iter().position(|&byte| byte == b':');
        let (name, rest) = bytes.split_at(colon.ok_or(HeaderError::NoColon)?);
        let value = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii();
        let name = token(name).ok_or(HeaderError::BadName)?;
        if value.iter().any(|byte| b"\r\n\0".contains(byte)) {
            return Err(HeaderError::BadValue);
        }
        Ok(Self {
            name,
            value: value.to_vec(),
        })
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

pub(crate) fn parse_method(text: &str) -> Result<String, HeaderError> {
    token(text.as_bytes()).ok_or(HeaderError::BadMethod)
}

/// RFC 9110 §5.6.2.
fn token(bytes: &[u8]) -> Option<String> {
    let allowed = |&byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let text = std::str::from_utf8(bytes).ok()?;
    (!bytes.is_empty() && bytes.iter().all(allowed)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &[u8], expected: Result<(&str, &[u8]), HeaderError>) {
        let parsed = Header::parse(OsStr::from_bytes(text));
        let expected = expected.map(|(name, value)| Header {
            name: name.to_owned(),
            value: value.to_vec(),
        });
        assert_eq!(parsed, expected);
    }

    #[test]
    fn nothing_smuggles_a_second_field_into_the_head() {
        check(b"X-A: 1\r\nX-B: 2", Err(HeaderError::BadValue));
        check(b"X-A: 1\nX-B: 2", Err(HeaderError::BadValue));
        check(b"X\n: 1", Err(HeaderError::BadName));
        check(b"X-A : 1", Err(HeaderError::BadName));
        check(b": 1", Err(HeaderError::BadName));
        check(b"no colon", Err(HeaderError::NoColon));
        assert_eq!(parse_method("GET /"), Err(HeaderError::BadMethod));
        assert_eq!(parse_method(""), Err(HeaderError::BadMethod));
    }

    #[test]
    fn a_value_keeps_its_bytes_and_loses_the_space_around_it() {
        check(b"Accept: text/html", Ok(("Accept", b"text/html")));
        check(b"Referer:http://a:1/", Ok(("Referer", b"http://a:1/")));
        check(b"X-Raw: \xFF\xFE ", Ok(("X-Raw", b"\xFF\xFE")));
        check(b"X-Empty:", Ok(("X-Empty", b"")));
        assert_eq!(parse_method("PROPFIND").as_deref(), Ok("PROPFIND"));
    }
}
