//! The front door: one open folder, served and recorded, on a thread of its own.

mod on_save;
mod repeat;

pub use repeat::{RepeatControl, RepeatError, RepeatPlan, RepeatSummary, Times};

use crate::cgi::profile::HostProfile;
use crate::debugger::DebugSession;
use crate::exchange::{Exchange, ExchangeId, Origin};
use crate::export::{NotResendable, resend};
use crate::history::store::{Archive, Recording};
use crate::history::{Found, Held, HistoryLimits, Index};
use crate::message::{Command, Event, MarkChange, RecordingStatus, Snapshot};
use crate::process::Spawner;
use crate::server::memory::Manner;
use crate::server::preview::{self, Preview};
use crate::server::{BindError, Guise, Host, Listen, Listener, memory};
use crate::server::{EarlierScripts, NoSource};
use crate::site::{Site, SiteError};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{broadcast, mpsc};

/// How long runs may go on when the engine is shut down, before they are ended.
const DRAIN: Duration = Duration::from_secs(1);
/// How long the ending of runs may take: TERM, two seconds, KILL, and a little.
const END_OF_RUNS: Duration = Duration::from_secs(4);

/// What to serve, and where.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The folder.
    pub folder: PathBuf,
    /// The address.
    pub listen: Listen,
    /// How much is kept in memory.
    pub history: HistoryLimits,
    /// Where runs are kept.
    pub recording: Recording,
}

/// Why an engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder cannot be served.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// The address cannot be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system gave no thread or no event queue.
    #[error("cannot start the engine's threads: {0}")]
    Runtime(std::io::Error),
}

/// Why a recorded request cannot be sent again.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReplayError {
    /// Its details are not kept any more.
    #[error("request {id} cannot be sent again: its details are not kept any more")]
    NotKept {
        /// The request.
        id: ExchangeId,
    },
    /// Not all of it is there.
    #[error("request {id} cannot be sent again: {reason}")]
    NotResendable {
        /// The request.
        id: ExchangeId,
        /// What is missing.
        reason: NotResendable,
    },
    /// The scripts are not there as they were.
    #[error("request {id} cannot be sent to the script as it was then: {reason}")]
    NoSource {
        /// The request.
        id: ExchangeId,
        /// What is missing.
        reason: NoSource,
    },
}

/// A folder that is served.
///
/// Dropping it ends every run at once; [`Engine::shut_down`] lets them finish first.
pub struct Engine {
    host: Arc<Host>,
    commands: mpsc::Sender<Command>,
    runtime: Option<Runtime>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Opens the folder, binds the address and begins to serve.
    ///
    /// # Errors
    /// When the folder cannot be read, or the address cannot be had: see [`StartError`].
    pub fn start(spawner: Spawner, options: &EngineOptions) -> Result<Self, StartError> {
        let site = Site::open(&options.folder)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("engine")
            .enable_all()
            .build()
            .map_err(StartError::Runtime)?;
        let listener = {
            let _inside = runtime.enter();
            Listener::bind(options.listen)?
        };
        let host = Host::new(
            spawner,
            site,
            options.history,
            &options.recording,
            listener.address(),
        );
        host.check_profile();
        let (commands, received) = mpsc::channel(64);
        let thread = std::thread::Builder::new()
            .name("engine-main".to_owned())
            .spawn({
                let (host, handle) = (Arc::clone(&host), runtime.handle().clone());
                move || {
                    handle.block_on(listener.serve(Arc::clone(&host), received));
                    // Nothing ends any more; whoever opens the folder next may write.
                    host.recorder.close_store();
                }
            })
            .map_err(StartError::Runtime)?;
        Ok(Self {
            host,
            commands,
            runtime: Some(runtime),
            thread: Some(thread),
        })
    }

    /// Asks for something; dropped when sixty-four requests wait already, which only a hung engine brings about.
    pub fn command(&self, command: Command) {
        let _ = self.commands.try_send(command);
    }

    /// Listens from now on. Take the [`Engine::snapshot`] afterwards, so that nothing falls between.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription {
            events: self.host.recorder.subscribe(),
        }
    }

    /// Everything as it stands.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.host.snapshot()
    }

    /// One exchange with all its details. May read the disk: not for the window's thread.
    #[must_use]
    pub fn find(&self, id: ExchangeId) -> Found {
        self.host.recorder.find(id)
    }

    /// One exchange, or what became of it, as far as that is known at once; none: only [`Engine::find`] can tell.
    #[must_use]
    pub fn find_at_hand(&self, id: ExchangeId) -> Option<Found> {
        self.host.recorder.find_at_hand(id)
    }

    /// Pins an exchange or writes a comment beside it; false when there is none of that number.
    pub fn mark(&self, id: ExchangeId, change: &MarkChange) -> bool {
        self.host.recorder.mark(id, change)
    }

    /// The recorded runs on disk, to search them; none where runs are kept in memory only.
    #[must_use]
    pub fn archive(&self) -> Option<Arc<Archive>> {
        self.host.recorder.archive()
    }

    /// Whether runs are kept on disk just now, and how much is there.
    #[must_use]
    pub fn recording(&self) -> RecordingStatus {
        self.host.recorder.recording()
    }

    /// The rows of all exchanges, as they stand. A copy costs nothing to speak of, and does not change.
    #[must_use]
    pub fn rows(&self) -> Index {
        self.host.recorder.history.rows()
    }

    /// What the history holds.
    #[must_use]
    pub fn held(&self) -> Held {
        self.host.recorder.history.held()
    }

    /// The open site.
    #[must_use]
    pub fn site(&self) -> Arc<Site> {
        self.host.site()
    }

    /// Sends one request, byte by byte as given, over a connection in memory, and waits for the whole answer,
    /// of which the first 16 MiB are given back.
    ///
    /// The number of its record comes with the bytes of the answer; no number when nothing is being recorded.
    /// The record itself may still be open for a moment when a script outlives its answer.
    pub fn submit(&self, request: Vec<u8>) -> (Option<ExchangeId>, Vec<u8>) {
        self.submit_as(request, None)
    }

    /// Sends the request of a recorded exchange again, byte by byte, and waits for the whole answer.
    /// The number of the new record; none when nothing is being recorded.
    ///
    /// # Errors
    /// When the record or its body is not whole any more: see [`ReplayError`].
    pub fn replay(&self, id: ExchangeId) -> Result<Option<ExchangeId>, ReplayError> {
        self.replay_as(id, None)
    }

    /// Does what [`Engine::replay`] does, run as that host would run it; none: as the engine and the site say.
    ///
    /// # Errors
    /// As [`Engine::replay`].
    pub fn replay_as(
        &self,
        id: ExchangeId,
        profile: Option<HostProfile>,
    ) -> Result<Option<ExchangeId>, ReplayError> {
        let Found::Exchange(exchange) = self.find(id) else {
            return Err(ReplayError::NotKept { id });
        };
        let request =
            resend(&exchange).map_err(|reason| ReplayError::NotResendable { id, reason })?;
        Ok(self.send(request, Origin::Replay(id), Guise::of(profile)).0)
    }

    /// Sends the request of a recorded exchange again to the scripts as they were in it, and waits for the whole
    /// answer. The number of the new record; none when nothing is being recorded.
    ///
    /// The scripts run from copies in a temporary folder, where everything else of the site is linked, with their
    /// own folder as the working directory; no file of the user is touched. The record says so: its origin is
    /// [`Origin::ReplayOfSource`], its source is the old one, and its command line and SCRIPT_FILENAME name the copy.
    /// A script that was not part of that run, and all else, is as it is now; a script that is no longer there is
    /// not found.
    ///
    /// # Errors
    /// As [`Engine::replay`], and when a source is not kept whole or cannot be copied.
    pub fn replay_with_source(&self, id: ExchangeId) -> Result<Option<ExchangeId>, ReplayError> {
        self.replay_with_source_of(id, id)
    }

    /// Does what [`Engine::replay_with_source`] does with the request of `id`, to the scripts as they were in `of`:
    /// what this request would have come to with that source.
    ///
    /// # Errors
    /// As [`Engine::replay_with_source`].
    pub fn replay_with_source_of(
        &self,
        id: ExchangeId,
        of: ExchangeId,
    ) -> Result<Option<ExchangeId>, ReplayError> {
        let find = |id| match self.find(id) {
            Found::Exchange(exchange) => Ok(exchange),
            Found::Evicted | Found::Unknown => Err(ReplayError::NotKept { id }),
        };
        let (exchange, earlier) = (find(id)?, find(of)?);
        let request =
            resend(&exchange).map_err(|reason| ReplayError::NotResendable { id, reason })?;
        let scripts = earlier.invocations.iter().map(|run| run.script.as_ref());
        let earlier = EarlierScripts::make(&self.site().root, scripts)
            .map_err(|reason| ReplayError::NoSource { id: of, reason })?;
        let guise = Guise {
            earlier: Some(earlier),
            ..Guise::default()
        };
        Ok(self.send(request, Origin::ReplayOfSource(id), guise).0)
    }

    /// Does what [`Engine::replay`] does, its Python scripts under the debugger of the session and without limits of
    /// time. Blocks until the answer is complete, which is for whoever has the session to bring about; not to be
    /// asked in the thread that does.
    ///
    /// # Errors
    /// As [`Engine::replay`].
    pub fn replay_under(
        &self,
        id: ExchangeId,
        session: &DebugSession,
    ) -> Result<Option<ExchangeId>, ReplayError> {
        let Found::Exchange(exchange) = self.find(id) else {
            return Err(ReplayError::NotKept { id });
        };
        let request =
            resend(&exchange).map_err(|reason| ReplayError::NotResendable { id, reason })?;
        let guise = Guise {
            begun: Some(Box::new(session.beginning())),
            debug: Some(session.hook()),
            ..Guise::default()
        };
        Ok(self.send(request, Origin::Replay(id), guise).0)
    }

    /// Does what [`Engine::submit`] does, run as that host would run it; none: as the engine and the site say.
    pub fn submit_as(
        &self,
        request: Vec<u8>,
        profile: Option<HostProfile>,
    ) -> (Option<ExchangeId>, Vec<u8>) {
        self.send(request, Origin::Studio, Guise::of(profile))
    }

    /// Does what [`Engine::submit`] does; `begun` is told the number of the record as soon as it begins, so that
    /// the run can be stopped. It must not wait. `manner` is how the request is sent.
    pub fn submit_telling(
        &self,
        request: Vec<u8>,
        manner: Manner,
        begun: impl FnOnce(ExchangeId) + Send + 'static,
    ) -> (Option<ExchangeId>, Vec<u8>) {
        let guise = Guise {
            begun: Some(Box::new(begun)),
            manner,
            ..Guise::default()
        };
        self.send(request, Origin::Studio, guise)
    }

    /// Does what [`Engine::submit`] does for a test: the request does not become the last one of its script, which
    /// runs again on save.
    pub fn submit_test(&self, request: Vec<u8>) -> (Option<ExchangeId>, Vec<u8>) {
        let recorder = Arc::clone(&self.host.recorder);
        self.submit_telling(request, Manner::default(), move |id| recorder.set_aside(id))
    }

    /// Takes in an exchange that was recorded elsewhere; `from` says where, for people. It gets a number of its own,
    /// is marked [`Origin::Imported`], and what it says of a login counts for nothing here.
    ///
    /// Waits while the disk is far behind: not for the window's thread.
    pub fn import(&self, exchange: Exchange, from: &str) -> ExchangeId {
        if let Some(runtime) = &self.runtime {
            let recorder = &self.host.recorder;
            runtime.block_on(std::future::poll_fn(|cx| recorder.poll_room(cx)));
        }
        self.host.recorder.import(exchange, from.into())
    }

    /// What would become of these bytes if they were submitted now, told by the very steps that would be taken:
    /// nothing is started, sent or recorded. Reads the disk, and hashes a password where a login is checked.
    pub fn preview(&self, request: &[u8]) -> Preview {
        match &self.runtime {
            Some(runtime) => runtime.block_on(preview::preview(&self.host, request)),
            None => Preview::without_head(0, None),
        }
    }

    fn send(
        &self,
        request: Vec<u8>,
        origin: Origin,
        mut guise: Guise,
    ) -> (Option<ExchangeId>, Vec<u8>) {
        if self.host.address.is_none() {
            guise.local = self.recorded_address(&origin);
        }
        let exchange = memory::exchange(Arc::clone(&self.host), request, origin, guise);
        match &self.runtime {
            Some(runtime) => runtime.block_on(exchange),
            None => (None, Vec::new()),
        }
    }

    /// Where the original of a replay came in: its script is told the same port again (§4.1.15).
    fn recorded_address(&self, origin: &Origin) -> Option<SocketAddr> {
        let (Origin::Replay(of) | Origin::ReplayOfSource(of)) = origin else {
            return None;
        };
        match self.find(*of) {
            Found::Exchange(exchange) => Some(exchange.connection.local),
            Found::Evicted | Found::Unknown => None,
        }
    }

    /// Runs every request from now on as that host would; none: as the site's own settings say.
    pub fn run_as(&self, profile: Option<HostProfile>) {
        self.host.set_profile(profile);
    }

    /// The address that it answers on; none without a socket.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.host.address
    }

    /// Pages that tell of a failure get a link from now on that brings the run up: as [`crate::Event::Show`], for a
    /// window that listens.
    ///
    /// # Errors
    /// The system gives no random bytes for it.
    pub fn offer_to_show(&self) -> std::io::Result<()> {
        self.host.show.offer()
    }

    /// Begins to shut down and returns at once, for whoever shares the engine: the address is free in a moment,
    /// and runs that still go on after a second are ended. [`Engine::shut_down`] waits for the end of it.
    pub fn begin_stop(&self) {
        self.host.stop(DRAIN);
    }

    /// Stops accepting, lets runs finish for a second, ends what is left, and returns when nothing is left.
    pub fn shut_down(mut self) {
        self.stop(DRAIN);
    }

    fn stop(&mut self, drain: Duration) {
        let Some(runtime) = self.runtime.take() else {
            return;
        };
        self.host.stop(drain);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        runtime.shutdown_timeout(END_OF_RUNS);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

/// A listener's end of the engine's news.
pub struct Subscription {
    events: broadcast::Receiver<Event>,
}

impl Subscription {
    /// Waits for the next event; none when the engine is gone. Blocks: not for an async task or the window's thread.
    pub fn wait(&mut self) -> Option<Event> {
        match self.events.blocking_recv() {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Event::Missed),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
