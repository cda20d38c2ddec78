//! The hosts that configuration is written for and that a site is checked against.

use std::fmt;

/// A host that people deploy CGI sites on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// Apache httpd 2.4 with mod_cgid.
    Apache,
    /// lighttpd 1.4 with mod_cgi.
    Lighttpd,
    /// nginx, which runs no scripts itself, with fcgiwrap behind it.
    Nginx,
    /// Caddy 2 with the `cgi` plugin, which is built on Go's net/http/cgi.
    Caddy,
}

impl Host {
    /// All of them, the most common first.
    pub const ALL: [Self; 4] = [Self::Apache, Self::Lighttpd, Self::Nginx, Self::Caddy];

    /// The name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apache => "apache",
            Self::Lighttpd => "lighttpd",
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
        }
    }

    /// The name in a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Self::Apache => "Apache (mod_cgid)",
            Self::Lighttpd => "lighttpd (mod_cgi)",
            Self::Nginx => "nginx with fcgiwrap",
            Self::Caddy => "Caddy with its cgi plugin",
        }
    }

    /// The host of this name, if there is one; `nginx-fcgiwrap` is nginx too.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "nginx-fcgiwrap" {
            return Some(Self::Nginx);
        }
        Self::ALL.into_iter().find(|host| host.name() == name)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_is_found_by_its_own_name() {
        for host in Host::ALL {
            assert_eq!(Host::parse(host.name()), Some(host));
        }
        assert_eq!(Host::parse("nginx-fcgiwrap"), Some(Host::Nginx));
        assert_eq!(Host::parse("iis"), None);
    }
}
