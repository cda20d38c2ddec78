//! Where to listen: what was asked for, what the site asks for, and what to say about it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use cgi_engine::Listen;

/// Where the search for a free port begins when nobody names one.
pub(crate) const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8000);

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

/// The URL to type into a browser.
pub(crate) fn url(address: SocketAddr) -> String {
    format!("http://{}/", host(address))
}

/// The host and port of that URL: an address that means "all of them" is no address to go to.
pub(crate) fn host(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

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
