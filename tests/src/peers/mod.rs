//! The CGI hosts that people use today, started live over a folder on a free port of loopback.
//!
//! ```no_run
//! use cgi_tests::peers::{Peer, PeerKind};
//! let peer = Peer::start(PeerKind::Apache, std::path::Path::new("/srv/site")).unwrap();
//! println!("{} at {}", peer.version(), peer.address());
//! ```
//!
//! A peer that is dropped is stopped with all that it started. Each runs in the foreground, in a process group of
//! its own, with a clean environment and a temporary folder for its sockets, logs and configuration.

pub mod configuration;
mod go_host;
mod program;

pub use configuration::{Configuration, Place, Protected};

use program::{Program, find, said_by};
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use thiserror::Error;

/// How long a host may take to listen.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How often another port is tried when the one chosen was taken meanwhile.
const TRIES: usize = 5;

/// A CGI host of other people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeerKind {
    /// Apache httpd with the event MPM and mod_cgid.
    Apache,
    /// lighttpd with mod_cgi.
    Lighttpd,
    /// nginx in front of fcgiwrap.
    NginxFcgiwrap,
    /// CPython's `http.server --cgi`.
    Cpython,
    /// busybox's httpd.
    Busybox,
    /// Go's net/http/cgi in a small program of ours.
    Go,
}

impl PeerKind {
    /// Every one, in the order of the tables.
    pub const ALL: [Self; 6] = [
        Self::Apache,
        Self::Lighttpd,
        Self::NginxFcgiwrap,
        Self::Cpython,
        Self::Busybox,
        Self::Go,
    ];

    /// The name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apache => "apache",
            Self::Lighttpd => "lighttpd",
            Self::NginxFcgiwrap => "nginx-fcgiwrap",
            Self::Cpython => "cpython",
            Self::Busybox => "busybox",
            Self::Go => "go",
        }
    }

    /// The programs that it takes, the server first.
    pub fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Apache => &["apache2"],
            Self::Lighttpd => &["lighttpd"],
            Self::NginxFcgiwrap => &["nginx", "fcgiwrap"],
            Self::Cpython => &["python3"],
            Self::Busybox => &["busybox"],
            Self::Go => &["go"],
        }
    }

    /// The first of its programs that is not installed.
    pub fn missing(self) -> Option<&'static str> {
        let mut programs = self.programs().iter().copied();
        programs.find(|name| find(name).is_none())
    }

    /// For tests: whether it is installed; says on stderr that it is not.
    ///
    /// # Panics
    /// It is missing where all have to be there: `CGI_STUDIO_CI=1`.
    pub fn is_here(self) -> bool {
        let Some(program) = self.missing() else {
            return true;
        };
        let required = std::env::var_os("CGI_STUDIO_CI").is_some_and(|value| value == "1");
        assert!(!required, "{program} is not installed");
        // Written past the capture of a test that passes: nobody shall take it for one that has looked.
        let _ = writeln!(io::stderr(), "skipped: {program} is not installed");
        false
    }
}

impl fmt::Display for PeerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a peer does not run.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say it
pub enum PeerError {
    #[error("cannot start {kind}: {program} is not installed")]
    NotInstalled {
        kind: PeerKind,
        program: &'static str,
    },
    #[error("cannot start {kind}: it takes no configuration")]
    NotConfigurable { kind: PeerKind },
    #[error("cannot start {kind}: {program} ended or does not listen; it said {log:?}")]
    NotListening {
        kind: PeerKind,
        program: &'static str,
        log: String,
    },
    #[error("cannot start {kind}: {source}")]
    System { kind: PeerKind, source: io::Error },
}

impl PeerError {
    /// The host is not on this computer, which is no failure of anybody.
    pub fn is_not_installed(&self) -> bool {
        matches!(self, Self::NotInstalled { .. })
    }

    /// Every one of them says so in these words.
    fn is_port_taken(&self) -> bool {
        let said = "address already in use";
        matches!(self, Self::NotListening { log, .. } if log.to_ascii_lowercase().contains(said))
    }
}

/// A host that runs. Dropped, it is stopped.
#[derive(Debug)]
pub struct Peer {
    kind: PeerKind,
    version: String,
    address: SocketAddr,
    /// Stopped in this order, before their folder goes.
    programs: Vec<Program>,
    state: tempfile::TempDir,
}

impl Peer {
    /// Serves the folder, which has a `cgi-bin/`, with the host's usual settings.
    ///
    /// Run by root, some hosts start scripts as another user: the folder itself is then made readable for all.
    ///
    /// # Errors
    /// It is not installed, or does not listen in time.
    pub fn start(kind: PeerKind, folder: &Path) -> Result<Self, PeerError> {
        Self::start_with(kind, folder, &Configuration::Shipped)
    }

    /// Serves the folder with a configuration of the caller's choice.
    ///
    /// # Errors
    /// As [`Peer::start`]; or the host takes no configuration.
    pub fn start_with(
        kind: PeerKind,
        folder: &Path,
        configuration: &Configuration<'_>,
    ) -> Result<Self, PeerError> {
        if let Some(program) = kind.missing() {
            return Err(PeerError::NotInstalled { kind, program });
        }
        let system = |source| PeerError::System { kind, source };
        let folder = folder.canonicalize().map_err(system)?;
        open_to_all(&folder).map_err(system)?;
        let mut tries = 0;
        loop {
            tries += 1;
            match Self::try_once(kind, &folder, configuration) {
                // The port was free when it was chosen, and is somebody's by now.
                Err(error) if error.is_port_taken() && tries < TRIES => {}
                outcome => return outcome,
            }
        }
    }

    fn try_once(
        kind: PeerKind,
        folder: &Path,
        configuration: &Configuration<'_>,
    ) -> Result<Self, PeerError> {
        let system = |source| PeerError::System { kind, source };
        let state = tempfile::Builder::new()
            .prefix(kind.name())
            .tempdir()
            .map_err(system)?;
        open_to_all(state.path()).map_err(system)?;
        let place = Place {
            address: free_address().map_err(system)?,
            state: state.path().to_owned(),
            folder: folder.to_owned(),
        };
        let mut peer = Self {
            kind,
            version: version(kind).map_err(system)?,
            address: place.address,
            programs: Vec::new(),
            state,
        };
        let commands = configuration::commands(kind, &place, configuration)?;
        for (program, command) in commands {
            let log = place.state.join(format!("{program}.log"));
            let started = Program::start(command, &log).map_err(system)?;
            peer.programs.insert(0, started);
            peer.wait_for(program, &place, &log)?;
        }
        Ok(peer)
    }

    /// Returns when the program that was started last accepts connections.
    fn wait_for(
        &mut self,
        program: &'static str,
        place: &Place,
        log: &Path,
    ) -> Result<(), PeerError> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let Some(started) = self.programs.first_mut() else {
                return Ok(());
            };
            let ended = started.has_ended();
            let listening = match program {
                "fcgiwrap" => UnixStream::connect(place.fcgiwrap_socket()).is_ok(),
                // Somebody else may have taken the port: one that answers need not be ours.
                _ => TcpStream::connect(place.address).is_ok() && started.listens_on(place.address),
            };
            if listening && !ended {
                return Ok(());
            }
            if ended || Instant::now() > deadline {
                return Err(PeerError::NotListening {
                    kind: self.kind,
                    program,
                    log: fs::read_to_string(log).unwrap_or_default(),
                });
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Which host it is.
    pub fn kind(&self) -> PeerKind {
        self.kind
    }

    /// Name and version as the host itself tells them, such as `Apache/2.4.71 (Debian)`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the host has logged, and what scripts wrote to stderr where it passes that on.
    pub fn log(&self) -> String {
        let files = fs::read_dir(self.state.path()).into_iter().flatten();
        let logs = files
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|suffix| suffix == "log"));
        let paths: BTreeSet<PathBuf> = logs.collect();
        let texts = paths.iter().filter_map(|path| fs::read(path).ok());
        texts
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        for program in &mut self.programs {
            program.stop();
        }
    }
}

/// The host's own words about its version.
fn version(kind: PeerKind) -> io::Result<String> {
    let after = |text: String, mark: &str| {
        let line = text.lines().find_map(|line| line.split_once(mark));
        line.map_or_else(String::new, |(_, rest)| rest.trim().to_owned())
    };
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    Ok(match kind {
        PeerKind::Apache => after(said_by("apache2", &["-v"])?, "Server version: "),
        PeerKind::Lighttpd => {
            let said = first(said_by("lighttpd", &["-v"])?);
            said.split(' ').next().unwrap_or_default().to_owned()
        }
        PeerKind::NginxFcgiwrap => format!(
            "{} + fcgiwrap {}",
            after(said_by("nginx", &["-v"])?, "nginx version: "),
            after(said_by("fcgiwrap", &["-h"])?, "fcgiwrap version ")
        ),
        PeerKind::Cpython => {
            let said = first(said_by("python3", &["--version"])?);
            format!("{said} http.server --cgi")
        }
        PeerKind::Busybox => {
            let said = first(said_by("busybox", &[])?);
            said.split(" (").next().unwrap_or_default().to_owned()
        }
        PeerKind::Go => {
            let said = said_by("go", &["version"])?;
            let version = said.split(' ').nth(2).unwrap_or_default();
            format!("{version} net/http/cgi")
        }
    })
}

/// An address on loopback that nobody listened on a moment ago and that no other peer of this process was given.
fn free_address() -> io::Result<SocketAddr> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        if given.insert(address.port()) {
            return Ok(address);
        }
    }
}

/// Lets other users in, as hosts that are started by root give that up.
fn open_to_all(folder: &Path) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let mode = fs::metadata(folder)?.permissions().mode();
    if mode & 0o055 == 0o055 {
        return Ok(());
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o055))
}
