//! An engine over a temporary site, with what scenarios ask of it again and again.

use crate::{Answer, Client, TempSite, eventually_some, starting};
use cgi_engine::exchange::{Exchange, ExchangeId, Invocation};
use cgi_engine::history::store::Recording;
use cgi_engine::history::{Found, HistoryLimits};
use cgi_engine::process::Spawner;
use cgi_engine::{Engine, EngineOptions, Event, Listen, Subscription};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

/// Starts the program as a spawner.
pub fn start_spawner(program: &Path) -> Spawner {
    let _no_file_is_open_for_writing = starting();
    Spawner::start(program).unwrap()
}

/// A served site; the engine goes before its folder.
pub struct TestEngine {
    /// The engine.
    pub engine: Engine,
    /// Its site.
    pub site: TempSite,
}

impl TestEngine {
    /// Serves the site on a free port; `child` starts the scripts.
    pub fn start(child: &Path, site: TempSite) -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::start_with(
            child,
            site,
            Listen::Exactly(anywhere),
            HistoryLimits::default(),
        )
    }

    /// Serves the site where `listen` says and keeps what `history` allows.
    pub fn start_with(
        child: &Path,
        site: TempSite,
        listen: Listen,
        history: HistoryLimits,
    ) -> Self {
        Self::recording(child, site, listen, history, Recording::Memory)
    }

    /// The same, and keeps runs where `recording` says.
    pub fn recording(
        child: &Path,
        site: TempSite,
        listen: Listen,
        history: HistoryLimits,
        recording: Recording,
    ) -> Self {
        let options = EngineOptions {
            folder: site.root(),
            listen,
            history,
            recording,
        };
        let engine = Engine::start(start_spawner(child), &options).unwrap();
        Self { engine, site }
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.engine.snapshot().state.address.unwrap()
    }

    /// A new connection.
    pub fn connect(&self) -> Client {
        Client::connect(self.address())
    }

    /// Sends the request over a connection of its own and reads the answer.
    pub fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut client = self.connect();
        client.send(request);
        client.answer()
    }

    /// Asks for the target and reads the answer.
    pub fn get(&self, target: &str) -> Answer {
        self.ask(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    /// The exchange as it stands, if there is one of that number.
    pub fn exchange(&self, number: u64) -> Option<Arc<Exchange>> {
        match self.engine.find(ExchangeId(number)) {
            Found::Exchange(exchange) => Some(exchange),
            Found::Evicted | Found::Unknown => None,
        }
    }

    /// The exchange of that number when it has ended.
    #[track_caller]
    pub fn ended(&self, number: u64) -> Arc<Exchange> {
        eventually_some("the exchange ends", || {
            self.exchange(number)
                .filter(|exchange| exchange.end.is_some())
        })
    }

    /// Waits until the last run of the exchange is in the state.
    #[track_caller]
    pub fn run_when(&self, number: u64, state: impl Fn(&Invocation) -> bool) -> Invocation {
        eventually_some("the run comes into the state", || {
            let exchange = self.exchange(number)?;
            exchange.invocation().filter(|run| state(run)).cloned()
        })
    }

    /// The process of the exchange's script, once there is one.
    #[track_caller]
    pub fn pid(&self, number: u64) -> u32 {
        self.run_when(number, |run| run.pid.is_some()).pid.unwrap()
    }

    /// Ends the engine and returns all that it told this listener.
    pub fn told_until_the_end(self, mut listener: Subscription) -> Vec<Event> {
        self.engine.shut_down();
        std::iter::from_fn(|| listener.wait()).collect()
    }
}
