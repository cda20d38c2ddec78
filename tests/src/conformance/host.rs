//! The hosts that are asked: ours, the live peers, and any other by its URL.

use super::case::Suite;
use super::site::{InstalledSite, MEMBERS, PASSWORD, USER};
use crate::peers::{Configuration, Peer, PeerError, PeerKind, Protected};
use cgi_engine::history::HistoryLimits;
use cgi_engine::history::store::Recording;
use cgi_engine::process::Spawner;
use cgi_engine::{Engine, EngineOptions, Listen};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A host that serves the suite's folder.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its column in the table.
    pub name: String,
    /// What it says of its version, as far as it is known.
    pub version: String,
    /// Where to connect to.
    pub address: SocketAddr,
    /// Host and port as clients name them.
    pub authority: String,
    /// The served folder, where it is on this computer.
    pub folder: Option<PathBuf>,
}

/// Why a host cannot be asked.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say it
pub enum HostError {
    #[error("a host is written as NAME=http://HOST:PORT: {text:?}")]
    Url { text: String },
    #[error("cannot find {host}: {source}")]
    Unknown { host: String, source: io::Error },
    #[error("cannot write the site: {0}")]
    Site(io::Error),
    #[error("our engine does not start: {0}")]
    Ours(String),
    #[error(transparent)]
    Peer(#[from] PeerError),
}

impl Host {
    /// A host given as `NAME=http://HOST:PORT`.
    ///
    /// # Errors
    /// The text has another form, or the name does not resolve.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let mistaken = || HostError::Url {
            text: text.to_owned(),
        };
        let (name, url) = text.split_once('=').ok_or_else(mistaken)?;
        let authority = url.strip_prefix("http://").ok_or_else(mistaken)?;
        let authority = authority.trim_end_matches('/');
        if name.is_empty() || authority.is_empty() || authority.contains('/') {
            return Err(mistaken());
        }
        let with_port = if authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok())
        {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        let unknown = |source| HostError::Unknown {
            host: authority.to_owned(),
            source,
        };
        let mut addresses = with_port.to_socket_addrs().map_err(unknown)?;
        Ok(Self {
            name: name.to_owned(),
            version: String::new(),
            address: addresses.next().ok_or_else(mistaken)?,
            authority: authority.to_owned(),
            folder: None,
        })
    }

    /// The host part of its authority.
    pub fn host_name(&self) -> &str {
        match self.authority.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => name,
            _ => &self.authority,
        }
    }

    /// A peer that serves the site with its best settings.
    pub fn of_peer(peer: &Peer, site: &InstalledSite) -> Self {
        Self {
            name: peer.kind().name().to_owned(),
            version: peer.version().to_owned(),
            address: peer.address(),
            authority: peer.address().to_string(),
            folder: Some(site.folder.clone()),
        }
    }

    /// Starts the peer for the suite.
    ///
    /// # Errors
    /// It is not installed, or does not start.
    pub fn start_peer(kind: PeerKind, site: &InstalledSite) -> Result<Peer, PeerError> {
        let protected = Protected {
            url: MEMBERS.to_owned(),
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            user_file: site.user_file.clone(),
        };
        Peer::start_with(kind, &site.folder, &Configuration::Best(Some(protected)))
    }
}

/// Our engine over a site of its own.
pub struct Ours {
    engine: Engine,
    host: Host,
    _folder: tempfile::TempDir,
}

impl Ours {
    /// Starts it; `spawner` is the program that starts the scripts.
    ///
    /// # Errors
    /// The site cannot be written, or the engine does not start.
    pub fn start(suite: &Suite, spawner: &Path) -> Result<Self, HostError> {
        let folder = tempfile::Builder::new().prefix("conformance-").tempdir();
        let folder = folder.map_err(HostError::Site)?;
        let site = InstalledSite::write(suite, folder.path()).map_err(HostError::Site)?;
        let failed = |error: String| HostError::Ours(error);
        let options = EngineOptions {
            folder: site.folder.clone(),
            listen: Listen::Exactly(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            history: HistoryLimits::default(),
            recording: Recording::Memory,
        };
        let spawner = Spawner::start(spawner).map_err(|error| failed(error.to_string()))?;
        let engine = Engine::start(spawner, &options).map_err(|error| failed(error.to_string()))?;
        let address = engine.snapshot().state.address;
        let address = address.ok_or_else(|| failed("it does not listen".to_owned()))?;
        let host = Host {
            name: "ours".to_owned(),
            version: format!("CGI Studio {}", env!("CARGO_PKG_VERSION")),
            address,
            authority: address.to_string(),
            folder: Some(site.folder),
        };
        Ok(Self {
            engine,
            host,
            _folder: folder,
        })
    }

    /// The host to ask.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The engine, which has a record of every case.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}
