//! Where to listen: what was asked for, what the site asks for, and what to say about it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use cgi_engine::Listen;

/// Where the search for a free port begins when nobody names one.
const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);

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

/// An address that somebody named is taken or refused; without one the next free port will do.
pub(crate) fn choose(asked: Option<SocketAddr>, configured: Option<SocketAddr>) -> Listen {
    match asked.or(configured) {
        Some(address) => Listen::Exactly(address),
        None => Listen::From(USUAL),
    }
}

/// What a user must know about an address that others can reach.
pub(crate) fn exposure(address: SocketAddr) -> Option<String> {
    let here = address.ip().to_canonical().is_loopback();
    (!here).then(|| format!("OTHER COMPUTERS can reach {address} and run the scripts of this folder; 127.0.0.1 keeps them out"))
}

/// The URL to type into a browser: an address that means "all of them" is no address to go to.
pub(crate) fn url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}/", SocketAddr::new(ip, address.port()))
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

    #[test]
    fn the_command_line_wins_over_the_site_and_both_over_the_usual_port() {
        let [a, b] = ["127.0.0.1:1", "127.0.0.1:2"].map(|text| text.parse().unwrap());
        assert_eq!(choose(Some(a), Some(b)), Listen::Exactly(a));
        assert_eq!(choose(None, Some(b)), Listen::Exactly(b));
        assert_eq!(choose(None, None), Listen::From(USUAL));
    }

    #[test]
    fn only_addresses_that_others_reach_are_warned_of() {
        let exposed = |text: &str| exposure(text.parse().unwrap()).is_some();
        assert!(exposed("0.0.0.0:80") && exposed("[::]:80") && exposed("192.168.1.2:80"));
        assert!(
            !exposed("127.0.0.2:80") && !exposed("[::1]:80") && !exposed("[::ffff:127.0.0.1]:80")
        );
    }

    #[test]
    fn the_url_is_one_that_a_browser_can_open() {
        assert_eq!(url("0.0.0.0:81".parse().unwrap()), "http://127.0.0.1:81/");
        assert_eq!(url("[::]:81".parse().unwrap()), "http://[::1]:81/");
        assert_eq!(
            url("192.168.1.2:81".parse().unwrap()),
            "http://192.168.1.2:81/"
        );
    }
}
