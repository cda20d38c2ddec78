//! Bind, accept, drain.
//!
//! The path of a request: `mod` accepts, `stream` judges the head beneath hyper, `gateway` tells the whole story,
//! `run` carries one script from start to reaping, `body` moves bytes, `reply` answers what no script answered.

mod access;
mod activity;
mod added_script;
mod as_host;
mod body;
mod browser_page;
mod chosen_request;
mod connection;
mod earlier;
mod framing_head;
mod gateway;
mod handlers;
mod hop;
mod host;
mod intake;
mod launch;
mod limits;
mod linger;
mod login;
pub(crate) mod memory;
mod nph;
mod on_save;
mod onlook;
mod output;
mod own_answer;
mod pages;
pub(crate) mod preview;
mod pump;
mod reload;
mod reply;
mod run;
mod send_queue;
mod show;
mod site_rules;
mod static_file;
mod stream;
mod supervise;
mod transport;
mod unchunk;

pub use chosen_request::ChooseError;
pub(crate) use earlier::EarlierScripts;
pub use earlier::NoSource;
pub(crate) use host::Host;
pub use limits::limits_page;

use crate::cgi::profile::HostProfile;
use crate::cgi::request::ConnectionFacts;
use crate::debugger::Hook;
use crate::exchange::{ExchangeId, Origin};
use crate::message::{Command, Phase};
use connection::{Begun, Connection};
use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use stream::ConnectionStream;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use transport::Transport;

/// An idle connection is closed after this time.
const IDLE_TIME: Duration = Duration::from_secs(120);
/// So many ports after the asked one are tried.
const PORTS_TRIED: u16 = 100;

/// Where to listen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listen {
    /// On no socket at all: only [`Engine::submit`](crate::Engine::submit) makes requests.
    Nowhere,
    /// On this address and no other.
    Exactly(SocketAddr),
    /// On this address, or on the next free port after it when the port is busy.
    From(SocketAddr),
}

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program has it.
    #[error("port {} is in use by another program; name another port, or 0 for any free one: \"{address}\"", address.port())]
    Busy {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The system refuses, for instance a port below 1024 or an address that is not this computer's.
    #[error("cannot listen: {source}: \"{address}\"")]
    Refused {
        /// The address that was asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// A bound address, or none.
pub(crate) struct Listener {
    socket: Option<TcpListener>,
    address: Option<SocketAddr>,
    /// The address that was asked for, where another program had it.
    busy: Option<SocketAddr>,
}

impl Listener {
    /// Binds; must be called inside the runtime.
    pub(crate) fn bind(listen: Listen) -> Result<Self, BindError> {
        let (socket, wanted) = match listen {
            Listen::Nowhere => (None, None),
            Listen::Exactly(address) => (Some(bind(address)?), None),
            Listen::From(address) => (Some(bind_from(address)?), Some(address)),
        };
        let address = socket.as_ref().and_then(|socket| socket.local_addr().ok());
        let took_another = |wanted: &SocketAddr| {
            wanted.port() != 0 && address.is_some_and(|address| address.port() != wanted.port())
        };
        Ok(Self {
            socket,
            address,
            busy: wanted.filter(took_another),
        })
    }

    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Serves until the host is stopped, then waits until every connection and every run is over.
    pub(crate) async fn serve(self, host: Arc<Host>, mut commands: mpsc::Receiver<Command>) {
        if let Some(busy) = self.busy {
            let words = format!(
                "port {} is in use by another program, so another one was taken",
                busy.port()
            );
            host.recorder.notice(false, words);
        }
        host.tasks.spawn(Arc::clone(&host).keep_looking());
        host.tasks.spawn(Arc::clone(&host).keep_running());
        let stopping = host.stopping.clone();
        loop {
            tokio::select! {
                () = stopping.cancelled() => break,
                Some(command) = commands.recv() => host.obey(command),
                socket = accept(self.socket.as_ref(), &host) => {
                    let host = Arc::clone(&host);
                    host.tasks.clone().spawn(serve_socket(host, socket));
                }
            }
        }
        drop(self.socket);
        host.drain().await;
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    let bound = std::net::TcpListener::bind(address).and_then(|socket| {
        socket.set_nonblocking(true)?;
        TcpListener::from_std(socket)
    });
    bound.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => BindError::Busy { address },
        _ => BindError::Refused { address, source },
    })
}

fn bind_from(address: SocketAddr) -> Result<TcpListener, BindError> {
    let first = bind(address);
    if !matches!(first, Err(BindError::Busy { .. })) {
        return first;
    }
    let others = (1..PORTS_TRIED).filter_map(|offset| address.port().checked_add(offset));
    let mut tried = others.map(|port| bind(SocketAddr::new(address.ip(), port)));
    tried.find(Result::is_ok).unwrap_or(first)
}

/// The next connection. It never fails: what goes wrong is told once, and tried again after a pause
/// (a process out of descriptors would spin otherwise).
async fn accept(socket: Option<&TcpListener>, host: &Host) -> TcpStream {
    let Some(socket) = socket else {
        return std::future::pending().await;
    };
    let (mut pause, mut told) = (Duration::from_millis(10), None);
    loop {
        match socket.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                let words = format!("cannot accept a connection: {error}");
                if told.as_ref() != Some(&words) {
                    host.recorder.notice(true, words.clone());
                    told = Some(words);
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(1));
            }
        }
    }
}

/// What the studio wants for a connection of its own.
#[derive(Default)]
pub(crate) struct Guise {
    /// Its requests are run as this host.
    pub(crate) profile: Option<HostProfile>,
    /// It runs these scripts instead of what stands on disk.
    pub(crate) earlier: Option<EarlierScripts>,
    /// Its scripts are run under this debugger.
    pub(crate) debug: Option<Hook>,
    /// Is told when its first exchange begins.
    pub(crate) begun: Option<Begun>,
    /// The address that it seems to come in on where the site has none.
    pub(crate) local: Option<SocketAddr>,
    /// How its request is sent.
    pub(crate) manner: memory::Manner,
    /// Is cancelled when its client hangs up: nobody can look whether one in memory has.
    pub(crate) gone: CancellationToken,
}

impl Guise {
    /// Run as that host; none: as the engine and the site say.
    pub(crate) fn of(profile: Option<HostProfile>) -> Self {
        Self {
            profile,
            ..Self::default()
        }
    }
}

async fn serve_socket(host: Arc<Host>, socket: TcpStream) {
    let (Ok(local), Ok(peer)) = (socket.local_addr(), socket.peer_addr()) else {
        return;
    };
    // A response in two writes must not wait for the acknowledgement of the first (Nagle).
    let _ = socket.set_nodelay(true);
    let facts = ConnectionFacts {
        local,
        peer,
        https: false,
        synthetic: false,
    };
    serve_transport(
        host,
        Transport::Tcp(socket),
        facts,
        Origin::Socket,
        Guise::default(),
    )
    .await;
}

/// Serves one connection to its end; the composer and the command line enter here over memory.
/// Gives the number of the first exchange on it that was recorded.
pub(crate) async fn serve_transport(
    host: Arc<Host>,
    transport: Transport,
    facts: ConnectionFacts,
    origin: Origin,
    guise: Guise,
) -> Option<ExchangeId> {
    let connection = Connection::new(Arc::clone(&host), transport, facts, origin, guise.gone);
    if let Some(profile) = guise.profile {
        connection.run_as(profile);
    }
    if let Some(scripts) = guise.earlier {
        connection.run_earlier(scripts);
    }
    if let Some(hook) = guise.debug {
        connection.run_under(hook);
    }
    if let Some(begun) = guise.begun {
        connection.tell_when_begun(begun);
    }
    let stream = ConnectionStream::new(Arc::clone(&connection));
    let service = hyper::service::service_fn({
        let connection = Arc::clone(&connection);
        move |request| gateway::handle(Arc::clone(&connection), request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        // `stream` sees to a head that takes too long; this is for connections that lie idle.
        .header_read_timeout(IDLE_TIME)
        // A request followed by the end of the stream is a whole request; `hang_up` decides who has gone.
        .half_close(true)
        .title_case_headers(true)
        .serve_connection(stream, service);
    let mut served = std::pin::pin!(served);
    let stopping = host.stopping.clone();
    let outcome = tokio::select! {
        outcome = served.as_mut() => outcome,
        () = stopping.cancelled() => {
            served.as_mut().graceful_shutdown();
            tokio::select! {
                outcome = served.as_mut() => outcome,
                // A client that does not read its answer is not waited for.
                () = host.ending.cancelled() => Ok(()),
            }
        }
    };
    if let Err(error) = outcome {
        tracing::debug!("connection ended: {error}");
    }
    connection.over();
    connection.first_exchange()
}

impl Phase {
    pub(crate) fn of(host: &Host) -> Self {
        if host.stopping.is_cancelled() {
            Self::Stopping
        } else if host.folder_gone() {
            Self::FolderGone
        } else if host.recorder.paused() {
            Self::Paused
        } else {
            Self::Serving
        }
    }
}
