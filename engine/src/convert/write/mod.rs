//! Configuration of other hosts, written for a site: Apache, lighttpd, nginx with fcgiwrap, Caddy.
//!
//! What a host cannot say stands as a comment in the file and in [`Written::left_out`]. A rule about
//! who may have something is never left out: where a host cannot say it, nobody may.
//!
//! Reading order: this file, `plan` (what is to be said, host by host the same), `access` (who may
//! have it), `sheet` (text with comments), then a file for each host.

mod access;
mod apache;
mod apache_require;
mod apache_scope;
mod caddy;
mod caddy_scope;
mod lighttpd;
mod lighttpd_scope;
mod nginx;
mod nginx_access;
mod nginx_scope;
mod plan;
mod quote;
mod scope_place;
mod sheet;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::path::PathBuf;

use super::Host;
use crate::site::Site;
use plan::Plan;

/// Where the site is to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The host name of the site; `None` for any.
    pub server_name: Option<String>,
    /// The address to listen on; `None` for all.
    pub address: Option<IpAddr>,
    /// The port to listen on.
    pub port: u16,
    /// The site's folder over there; `None` for where it lies now. What the configuration says of
    /// the site's folder is said of this one.
    pub root: Option<PathBuf>,
    /// The socket of fcgiwrap, for nginx.
    pub fcgiwrap_socket: PathBuf,
}

impl Default for Deployment {
    fn default() -> Self {
        Self {
            server_name: None,
            address: None,
            port: 80,
            root: None,
            fcgiwrap_socket: PathBuf::from("/run/fcgiwrap.socket"),
        }
    }
}

/// A configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file, beginning with comments on what it is and how it is installed.
    pub text: String,
    /// What the host cannot say, a sentence each without its full stop; the same stands in the file.
    pub left_out: Vec<String>,
}

/// Why no configuration can be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A text with characters for which the host's configuration has no form.
    #[error("cannot write {what} for {host}: {reason}: {text:?}")]
    Unwritable {
        /// The host.
        host: Host,
        /// What it is, such as a path.
        what: &'static str,
        /// What is wrong with it.
        reason: &'static str,
        /// The text.
        text: String,
    },
}

/// The configuration of `host` that serves `site` as the studio does, as far as the host can.
pub fn write(site: &Site, host: Host, deployment: &Deployment) -> Result<Written, WriteError> {
    let plan = Plan::new(site, host, deployment)?;
    match host {
        Host::Apache => apache::write(&plan),
        Host::Lighttpd => lighttpd::write(&plan),
        Host::Nginx => nginx::write(&plan),
        Host::Caddy => caddy::write(&plan),
    }
}
