//! A request as the script gets it: its meta-variables and its command line (RFC 3875 §4).
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use super::command_line;
use super::environment::Environment;
use super::meta_variable::{AbsentVariable, MetaVariable};
use super::request_head::RequestHead;
use super::script_uri::{DecodedPath, RequestTarget};
use super::trailers::Trailer;

/// All that a CGI request is made from; read-only, and nothing else is looked at.
#[derive(Debug, Clone)]
pub struct RequestFacts<'a> {
    /// The head as the client sent it.
    pub head: &'a RequestHead,
    /// The target that names the script: the client's, or that of a local redirect.
    pub target: &'a RequestTarget,
    /// The decoded path of `target`.
    pub path: &'a DecodedPath,
    /// How many decoded bytes of `path` name the script; the rest is the extra path.
    pub script_name_length: usize,
    /// The script's file, absolute.
    pub script_filename: &'a [u8],
    /// The folder that `/` maps to, absolute.
    pub document_root: &'a [u8],
    /// The file that the extra path names as a URL path of its own; none: the extra path below `document_root`.
    pub path_translated: Option<&'a [u8]>,
    /// What is known of the body before the script starts.
    pub body: BodyFacts,
    /// The fields after a chunked body, all of them admissible.
    pub trailers: &'a [Trailer],
    /// The two ends of the connection.
    pub connection: &'a ConnectionFacts,
    /// Who logged in, if the server asked for it and checked it.
    pub authentication: Option<Authentication<'a>>,
    /// The site wants passwords passed on to this script (RFC 3875 §9.2).
    pub pass_authorization: bool,
    /// Name and version of the server, the same as in its `Server` field.
    pub server_software: &'a str,
    /// The value of PATH; empty sets none.
    pub path_variable: &'a [u8],
    /// What the site sets, or takes away (none), in its order; done last, so that it wins.
    pub site_variables: &'a [(String, Option<Vec<u8>>)],
    /// The local redirect that led here, if one did.
    pub redirect: Option<RedirectFacts<'a>>,
    /// The script is run by `php-cgi`, which refuses to start without REDIRECT_STATUS.
    pub php: bool,
}

/// What is known of a request body before the script starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFacts {
    /// There is none.
    None,
    /// The client announced that many bytes.
    Length(u64),
    /// It came in chunks and has that many bytes without them.
    Counted(u64),
}

/// The two ends of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// Where the request was received.
    pub local: SocketAddr,
    /// Where it came from.
    pub peer: SocketAddr,
    /// The connection was encrypted.
    pub https: bool,
    /// No socket was there: the composer or a replay sent the request.
    pub synthetic: bool,
}

/// A login that the server has checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authentication<'a> {
    /// The scheme, `Basic` for instance.
    pub scheme: &'a str,
    /// The user's name as it was sent.
    pub user: &'a [u8],
}

/// The request that a redirect within the server replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedirectFacts<'a> {
    /// The path that was asked for, decoded.
    pub url: &'a [u8],
    /// Its query, if it had one.
    pub query: Option<&'a [u8]>,
    /// The status of the step before: 200, or that of the error for which this is the error document.
    pub status: u16,
    /// The method from now on: HEAD stays HEAD, all else becomes GET, unless the body goes along.
    pub method: &'a [u8],
    /// The body and what describes it go along: the site has another script handle the same request (Action).
    pub keeps_body: bool,
}

/// What a script is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CgiRequest {
    /// The environment: standard variables in the order of the RFC, then `HTTP_*`, then extensions,
    /// then what only the site sets. A name that the site overrides keeps its place.
    pub variables: Vec<MetaVariable>,
    /// The standard variables that are not set, then the fields that were not passed on.
    pub absent: Vec<AbsentVariable>,
    /// The command line after the script's own name (§4.4), escaped as §7.2 wants it.
    pub arguments: Vec<Vec<u8>>,
    /// Why a query gave no arguments, or what was done to them.
    pub arguments_note: Option<Cow<'static, str>>,
    /// What the server would have set and the site set otherwise, or took away.
    pub overridden: Vec<MetaVariable>,
}

impl CgiRequest {
    /// Makes the request that the facts describe; no fact can make it fail.
    #[must_use]
    pub fn build(facts: &RequestFacts<'_>) -> Self {
        let mut environment = Environment::new(facts);
        environment.set_standard();
        environment.set_protocol_fields();
        environment.set_trailers();
        environment.set_extensions();
        environment.set_site_variables();
        let (variables, absent, overridden) = environment.into_parts();
        let query = facts.target.query().unwrap_or_default();
        let command_line = command_line::from_query(facts.method(), query);
        Self {
            variables,
            absent,
            arguments: command_line.arguments,
            arguments_note: command_line.note.map(Cow::Borrowed),
            overridden,
        }
    }

    /// The variable of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&MetaVariable> {
        self.variables.iter().find(|variable| variable.name == name)
    }
}

impl RequestFacts<'_> {
    /// The body stayed with the script that passed the request on.
    pub(crate) fn body_left(&self) -> bool {
        self.redirect.is_some_and(|redirect| !redirect.keeps_body)
    }

    /// The method that the script sees.
    #[must_use]
    pub fn method(&self) -> &[u8] {
        match &self.redirect {
            Some(redirect) => redirect.method,
            None => self.head.method(),
        }
    }

    /// The decoded path that leads to the script.
    #[must_use]
    pub fn script_name(&self) -> &[u8] {
        let length = self.script_name_length.min(self.path.bytes.len());
        self.path.bytes.get(..length).unwrap_or_default()
    }

    /// The decoded path after the script; empty if there is none.
    #[must_use]
    pub fn path_info(&self) -> &[u8] {
        self.path
            .bytes
            .get(self.script_name_length..)
            .unwrap_or_default()
    }
}

impl ConnectionFacts {
    /// The scheme of the URL that reached this end.
    #[must_use]
    pub const fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }
}

/// An address as REMOTE_ADDR shows it: no brackets, no port, and an IPv4 client that came over an
/// IPv6 socket as the IPv4 address it has (RFC 3875 §4.1.8).
#[must_use]
pub fn plain_address(address: IpAddr) -> String {
    address.to_canonical().to_string()
}

#[cfg(test)]
mod tests;
