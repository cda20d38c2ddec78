//! What is said outside of all sections and is about the server as a whole.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::notes::Notes;
use super::paths::Paths;
use super::tree::Directive;

/// What the server, or a virtual host of it, is told.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) document_root: Option<PathBuf>,
    pub(super) hosts: Vec<String>,
    pub(super) listen: Option<SocketAddr>,
    /// Seconds; 0 is none.
    pub(super) timeout_seconds: Option<f64>,
    pub(super) script_timeout_seconds: Option<f64>,
    /// Names of access files; `None` is `.htaccess`.
    pub(super) access_files: Option<Vec<String>>,
    /// Whether `%2F` in a path is a slash; otherwise such a URL is 404.
    pub(super) encoded_slashes: Option<bool>,
    /// In the order in which httpd tries them.
    pub(super) aliases: Vec<Alias>,
}

/// An Alias or ScriptAlias, or the form of it that takes an expression.
#[derive(Debug)]
pub(super) struct Alias {
    pub(super) directive: Directive,
    /// A prefix, or an expression.
    pub(super) url: String,
    pub(super) to: String,
    pub(super) is_expression: bool,
    pub(super) runs_scripts: bool,
}

impl Server {
    /// Takes a directive; `false` when it is not about the server as a whole.
    pub(super) fn take(&mut self, directive: &Directive, paths: &Paths, notes: &mut Notes) -> bool {
        let first = directive.word(0).unwrap_or_default();
        match directive.key.as_str() {
            "documentroot" => self.document_root = Some(paths.absolute(first)),
            "servername" | "serveralias" => {
                self.add_hosts(directive, notes);
                return true;
            }
            "listen" => {
                self.listen(directive, notes);
                return true;
            }
            // With NoDecode Apache leaves it encoded, which nothing here says.
            "allowencodedslashes" if first.eq_ignore_ascii_case("nodecode") => return false,
            "allowencodedslashes" => {
                self.encoded_slashes = Some(first.eq_ignore_ascii_case("on"));
            }
            "timeout" => self.timeout_seconds = seconds(first),
            "cgiscripttimeout" | "cgidscripttimeout" => {
                self.script_timeout_seconds = seconds(first);
            }
            "accessfilename" => self.access_files = Some(directive.words.clone()),
            _ => match alias(directive, None) {
                // The note comes when all aliases are known.
                Some(alias) => {
                    self.aliases.push(alias);
                    return true;
                }
                None => return false,
            },
        }
        notes.taken(directive, "");
        true
    }

    /// What a virtual host says counts before what the main server says.
    pub(super) fn lay_over(self, main: Self) -> Self {
        let mut aliases = self.aliases;
        aliases.extend(main.aliases);
        Self {
            document_root: self.document_root.or(main.document_root),
            hosts: if self.hosts.is_empty() {
                main.hosts
            } else {
                self.hosts
            },
            listen: main.listen,
            timeout_seconds: self.timeout_seconds.or(main.timeout_seconds),
            script_timeout_seconds: self.script_timeout_seconds.or(main.script_timeout_seconds),
            access_files: self.access_files.or(main.access_files),
            encoded_slashes: self.encoded_slashes.or(main.encoded_slashes),
            aliases,
        }
    }

    fn add_hosts(&mut self, directive: &Directive, notes: &mut Notes) {
        let mut unusable = Vec::new();
        for word in &directive.words {
            let name = host_name(word);
            if name.is_empty() || name.contains(['*', '?']) {
                unusable.push(word.as_str());
            } else if !self.hosts.contains(&name) {
                self.hosts.push(name);
            }
        }
        match unusable.as_slice() {
            [] => notes.taken(
                directive,
                "browsers may ask for this site under that name; the name has to lead to this computer",
            ),
            names => notes.partly(
                directive,
                format!("{} is not taken: hosts are listed one by one here", names.join(", ")),
            ),
        }
    }

    /// Only this computer can reach the studio unless somebody says otherwise on purpose, and
    /// ports below 1024 are not for everybody.
    fn listen(&mut self, directive: &Directive, notes: &mut Notes) {
        let first = directive.word(0).unwrap_or_default();
        let port_alone = first.parse::<u16>().ok();
        let with_any = first.strip_prefix("*:").and_then(|port| port.parse().ok());
        let port = port_alone.or(with_any);
        let address = match (first.parse::<SocketAddr>().ok(), port) {
            (Some(address), _) => address,
            (None, Some(port)) => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port),
            (None, None) => {
                notes.partly_harmless(directive, "no address and port that we could listen on");
                return;
            }
        };
        if address.port() < 1024 {
            notes.harmless(
                directive,
                "ports below 1024 are for the system's own servers; this studio takes a free one, or say `serve --listen`",
            );
        } else if self.listen.is_some() {
            notes.harmless(
                directive,
                "this studio listens on one address only, the first",
            );
        } else {
            self.listen = Some(address);
            if port.is_some() {
                notes.taken(
                    directive,
                    "on 127.0.0.1, so that only this computer reaches it; `listen = \"0.0.0.0:PORT\"` opens it to others",
                );
            } else {
                notes.taken(directive, "");
            }
        }
    }
}

/// An alias directive; within `<Location>` its URL is the section's.
pub(super) fn alias(directive: &Directive, location: Option<&str>) -> Option<Alias> {
    let (is_expression, runs_scripts) = match directive.key.as_str() {
        "alias" => (false, false),
        "scriptalias" => (false, true),
        "aliasmatch" => (true, false),
        "scriptaliasmatch" => (true, true),
        _ => return None,
    };
    let (url, to) = match (location, directive.word(0), directive.word(1)) {
        (_, Some(url), Some(to)) => (url, to),
        (Some(url), Some(to), None) => (url, to),
        _ => ("", ""),
    };
    Some(Alias {
        directive: directive.clone(),
        url: url.to_owned(),
        to: to.to_owned(),
        is_expression,
        runs_scripts,
    })
}

fn seconds(word: &str) -> Option<f64> {
    let (number, factor) = match word.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => match (word.strip_suffix("min"), word.strip_suffix('s')) {
            (Some(number), _) => (number, 60.0),
            (None, Some(number)) => (number, 1.0),
            (None, None) => (word, 1.0),
        },
    };
    let number: u32 = number.parse().ok()?;
    Some(f64::from(number) * factor)
}

/// The name alone of `[scheme://]name[:port]`.
fn host_name(word: &str) -> String {
    let word = word.split_once("://").map_or(word, |(_, rest)| rest);
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match word.rsplit_once(':') {
        Some((name, port)) if is_port(port) && (name.ends_with(']') || !name.contains(':')) => {
            name.to_owned()
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_unless_they_say_otherwise() {
        for (word, expected) in [
            ("300", Some(300.0)),
            ("2min", Some(120.0)),
            ("500ms", Some(0.5)),
            ("5s", Some(5.0)),
            ("-1", None),
            ("x", None),
        ] {
            assert_eq!(seconds(word), expected, "{word}");
        }
    }

    #[test]
    fn names_of_hosts_lose_scheme_and_port() {
        for (word, expected) in [
            ("www.example.org", "www.example.org"),
            ("https://www.example.org:443", "www.example.org"),
            ("localhost:8080", "localhost"),
            ("[::1]:80", "[::1]"),
        ] {
            assert_eq!(host_name(word), expected);
        }
    }
}
