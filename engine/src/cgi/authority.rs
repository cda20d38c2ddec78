//! The host a request is directed to, as `Host` or an absolute target writes it (RFC 9110 §7.2).
use std::net::Ipv6Addr;
use std::ops::Range;

use super::grammar::decimal;

/// A judged `uri-host [ ":" port ]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The bytes of the host, an IPv6 address with its brackets: fit for SERVER_NAME (RFC 3875 §4.1.14).
    pub host: Range<usize>,
    /// The port that the client wrote, if it wrote one.
    pub port: Option<u16>,
}

impl Authority {
    /// Reads `name`, `name:port`, `1.2.3.4:port` or `[v6]:port`; `None` if it is anything else.
    ///
    /// Narrower than the URI grammar on purpose: user information, escapes and sub-delimiters are
    /// refused, since SERVER_NAME can only be a host name or an address. An underscore is let
    /// through, because containers are named with it. The host may be empty (RFC 9112 §3.2).
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let host_end = match bytes.first() {
            Some(b'[') => end_of_address(bytes)?,
            _ => bytes.iter().take_while(|byte| is_name_byte(**byte)).count(),
        };
        let port = match bytes.get(host_end..)? {
            [] | [b':'] => None,
            [b':', digits @ ..] => Some(u16::try_from(decimal(digits)?).ok()?),
            _ => return None,
        };
        Some(Self {
            host: 0..host_end,
            port,
        })
    }
}

fn end_of_address(bytes: &[u8]) -> Option<usize> {
    let end = bytes.iter().position(|byte| *byte == b']')?;
    let address = std::str::from_utf8(bytes.get(1..end)?).ok()?;
    address.parse::<Ipv6Addr>().ok()?;
    Some(end + 1)
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Option<u16>)>) {
        let found = Authority::parse(text.as_bytes());
        let found = found
            .as_ref()
            .map(|authority| (&text[authority.host.clone()], authority.port));
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn names_and_addresses_are_read_with_and_without_a_port() {
        check("example.com", Some(("example.com", None)));
        check("my_box:8000", Some(("my_box", Some(8000))));
        check("127.0.0.1:65535", Some(("127.0.0.1", Some(65535))));
        check("[::1]", Some(("[::1]", None)));
        check("[::ffff:1.2.3.4]:99", Some(("[::ffff:1.2.3.4]", Some(99))));
        check("example.com:", Some(("example.com", None)));
        check("", Some(("", None)));
    }

    #[test]
    fn what_cannot_be_a_server_name_is_refused() {
        for text in [
            "a b",
            "a,b",
            "user@host",
            "host/path",
            "a\\b",
            "host:65536",
            "host:+1",
            "host:8x",
            "a:1:2",
            "[::1",
            "::1",
            "[::1]x",
            "[fe80::1%25eth0]",
            "[1.2.3.4]",
            "%61",
            "h\u{e9}",
            "<script>",
            "host:-1",
            "a?b",
            "a#b",
        ] {
            check(text, None);
        }
    }
}
