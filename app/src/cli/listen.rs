//! Reads the address that `--listen` names.

use std::net::SocketAddr;

use crate::address::USUAL;

/// `ADDR:PORT`, `localhost:PORT` or `PORT` alone, which means this computer only.
pub(crate) fn parse(text: &str) -> Result<SocketAddr, String> {
    let (host, port) = match text.strip_prefix("localhost:") {
        Some(port) => (None, port),
        None => (Some(text), text),
    };
    let address = host.and_then(|host| host.parse().ok());
    let port = || {
        port.parse()
            .ok()
            .map(|port| SocketAddr::new(USUAL.ip(), port))
    };
    address.or_else(port).ok_or_else(|| {
        "an address is written as 127.0.0.1:8000 or [::1]:8000, and port 0 takes any free one"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let parsed = parse(text).ok().map(|address| address.to_string());
        assert_eq!(parsed.as_deref(), expected);
    }

    #[test]
    fn a_port_alone_means_this_computer_only() {
        check("8080", Some("127.0.0.1:8080"));
        check("localhost:0", Some("127.0.0.1:0"));
        check("0.0.0.0:80", Some("0.0.0.0:80"));
        check("[::1]:8000", Some("[::1]:8000"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            ":",
            "localhost",
            "localhost:",
            "::1",
            "example.org:80",
            "65536",
            "127.0.0.1",
            "-1",
        ] {
            check(text, None);
        }
    }
}
