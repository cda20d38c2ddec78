//! What the byte stream beneath hyper and the gateway above it share about one connection.

use super::body::{Delivery, Report};
use super::earlier::EarlierScripts;
use super::host::Host;
use super::send_queue::unacknowledged_bytes;
use super::transport::Transport;
use crate::cgi::profile::HostProfile;
use crate::cgi::request::ConnectionFacts;
use crate::cgi::request_head::RequestHead;
use crate::cgi::trailers::Trailer;
use crate::debugger::Hook;
use crate::exchange::{ExchangeId, Origin};
use crate::recorder::Pen;
use crate::site::Site;
use crate::site::script::ScriptFacts;
use bytes::{Bytes, BytesMut};
use rustix::net::sockopt::set_socket_linger;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// A response head larger than this is not kept whole for the Response tab.
const SENT_HEAD_KEPT: usize = 512 * 1024;
/// A client that asked for `100 Continue` may be this slow to take it before an NPH script's output goes out.
const INTERIM_PATIENCE: Duration = Duration::from_secs(1);

/// A client that takes nothing for so long loses what it has not taken when its connection is to be reset.
const STALLED: Duration = Duration::from_secs(10);
/// How often is looked whether the client has taken everything.
const QUEUE_LOOK: Duration = Duration::from_millis(5);

/// Is told the number of an exchange that begins; must not wait.
pub(crate) type Begun = Box<dyn FnOnce(ExchangeId) + Send>;

/// One connection.
pub(crate) struct Connection {
    pub(crate) host: Arc<Host>,
    pub(crate) transport: Transport,
    pub(crate) facts: ConnectionFacts,
    pub(crate) origin: Origin,
    /// The host that its requests are run as, where whoever made it said so.
    profile: OnceLock<HostProfile>,
    /// Scripts that are run as they were in an earlier run.
    earlier: OnceLock<EarlierScripts>,
    debug: OnceLock<Hook>,
    /// The first exchange on it that is recorded.
    first_exchange: OnceLock<ExchangeId>,
    /// Who wants to know of it as soon as it begins.
    begun: Mutex<Option<Begun>>,
    /// The client has gone, or the connection is over.
    pub(crate) gone: CancellationToken,
    state: Mutex<State>,
}

/// A request head that was judged fit and handed to hyper.
pub(crate) struct Accepted {
    pub(crate) head: Arc<RequestHead>,
    pub(crate) pen: Arc<Pen>,
}

#[derive(Default)]
struct State {
    accepted: Option<Accepted>,
    /// Bytes of the response head as they went out, until its empty line.
    sent_head: Option<(Arc<Pen>, BytesMut)>,
    /// hyper has taken or dropped the whole response body.
    reply_taken: bool,
    /// To be told when that is on the wire.
    report: Option<Report>,
    /// The reply to the last accepted request is on the wire: the next head may be looked at.
    reply_out: bool,
    /// Bytes that hyper wrote and had not flushed when asked last.
    unflushed: bool,
    /// `100 Continue` went out for the accepted request.
    interim_out: bool,
    /// The fields after the chunked body of the accepted request.
    trailers: Vec<Trailer>,
    reader: Option<Waker>,
    body: Option<Waker>,
}

impl Connection {
    pub(crate) fn new(
        host: Arc<Host>,
        transport: Transport,
        facts: ConnectionFacts,
        origin: Origin,
        gone: CancellationToken,
    ) -> Arc<Self> {
        let state = State {
            reply_out: true,
            ..State::default()
        };
        Arc::new(Self {
            host,
            transport,
            facts,
            origin,
            profile: OnceLock::new(),
            earlier: OnceLock::new(),
            debug: OnceLock::new(),
            first_exchange: OnceLock::new(),
            begun: Mutex::default(),
            gone,
            state: Mutex::new(state),
        })
    }

    /// Its requests are run as that host.
    pub(crate) fn run_as(&self, profile: HostProfile) {
        let _ = self.profile.set(profile);
    }

    /// These scripts are run instead of what stands on disk now.
    pub(crate) fn run_earlier(&self, scripts: EarlierScripts) {
        let _ = self.earlier.set(scripts);
    }

    /// Its scripts are run under a debugger.
    pub(crate) fn run_under(&self, hook: Hook) {
        let _ = self.debug.set(hook);
    }

    /// What its scripts are to do beside their work.
    pub(crate) fn hook(&self) -> Option<&Hook> {
        self.debug.get()
    }

    /// The facts of the script that is run for that path: of its own file, unless an earlier one is wanted. Then
    /// their path is that of the copy.
    pub(crate) fn facts_of(&self, script: &Path) -> Arc<ScriptFacts> {
        let earlier = self.earlier.get();
        let copy = earlier.and_then(|earlier| earlier.copy_of(script));
        self.host.facts_of(copy.unwrap_or(script))
    }

    /// The host that a request is run as: what the connection, the engine, or the site's settings say.
    pub(crate) fn profile_for(&self, site: &Site) -> Option<HostProfile> {
        let configured = || HostProfile::parse(site.config.options.host_profile.as_deref()?);
        let own = self.profile.get().copied();
        own.or_else(|| self.host.profile()).or_else(configured)
    }

    /// An exchange begins on it; none: it is not recorded.
    pub(crate) fn note_exchange(&self, id: Option<ExchangeId>) {
        let Some(id) = id else {
            return;
        };
        let _ = self.first_exchange.set(id);
        let begun = self
            .begun
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(begun) = begun {
            begun(id);
        }
    }

    /// The number of the first exchange that is recorded is told as soon as it begins.
    pub(crate) fn tell_when_begun(&self, begun: Begun) {
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) = Some(begun);
    }

    /// The first exchange on it that was recorded.
    pub(crate) fn first_exchange(&self) -> Option<ExchangeId> {
        self.first_exchange.get().copied()
    }

    /// The stream releases a head to hyper.
    pub(crate) fn accept(&self, accepted: Accepted) {
        let mut state = self.state();
        state.sent_head = Some((Arc::clone(&accepted.pen), BytesMut::new()));
        state.accepted = Some(accepted);
        state.reply_taken = false;
        state.interim_out = false;
        state.reply_out = false;
        state.trailers.clear();
    }

    /// The stream has seen the end of a chunked body.
    pub(crate) fn note_trailers(&self, trailers: Vec<Trailer>) {
        self.state().trailers = trailers;
    }

    /// The fields after the body; all of them once the body has ended.
    pub(crate) fn take_trailers(&self) -> Vec<Trailer> {
        std::mem::take(&mut self.state().trailers)
    }

    /// The gateway takes what the stream accepted.
    pub(crate) fn take_accepted(&self) -> Option<Accepted> {
        self.state().accepted.take()
    }

    /// Whether the reply to the last request is out; if not, the reader is woken when it is.
    pub(crate) fn reply_is_out(&self, reader: &Waker) -> bool {
        let mut state = self.state();
        if !state.reply_out {
            state.reader = Some(reader.clone());
        }
        state.reply_out
    }

    /// hyper has no further use for the response body; the report is told when all of it is on the wire.
    pub(crate) fn reply_taken(&self, report: Option<Report>) {
        let mut state = self.state();
        state.reply_taken = true;
        state.report = report;
    }

    /// The connection has ended; what is not on the wire by now never will be.
    pub(crate) fn over(&self) {
        self.gone.cancel();
        let report = self.state().report.take();
        if let Some(report) = report {
            report.tell(Delivery::Dropped);
        }
    }

    /// hyper wrote these bytes to the socket.
    pub(crate) fn wrote(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.unflushed = true;
        let Some((pen, head)) = &mut state.sent_head else {
            return;
        };
        let searched = head.len().saturating_sub(3);
        let room = SENT_HEAD_KEPT.saturating_sub(head.len());
        head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        // `100 Continue` (RFC 9110 §15.2.1) has a head of its own; the response's comes after it.
        let mut from = searched;
        let mut interim_out = false;
        while let Some(end) =
            memchr::memmem::find(&head[from..], b"\r\n\r\n").map(|at| from + at + 4)
        {
            if head.starts_with(b"HTTP/1.1 100") {
                let _ = head.split_to(end);
                interim_out = true;
                from = 0;
                continue;
            }
            let sent: Bytes = head.split_to(end).freeze();
            pen.write(|exchange, _| {
                if let Some(response) = &mut exchange.response {
                    response.sent_head = sent;
                }
            });
            state.sent_head = None;
            return;
        }
        let full = room == 0;
        state.interim_out |= interim_out;
        if full {
            state.sent_head = None;
        }
    }

    /// hyper has no bytes left to write and asked the socket to flush.
    pub(crate) fn flushed(&self) {
        let mut state = self.state();
        state.unflushed = false;
        let mut report = None;
        if state.reply_taken && !state.reply_out {
            state.reply_out = true;
            state.sent_head = None;
            report = state.report.take();
            wake(state.reader.take());
        }
        wake(state.body.take());
        drop(state);
        if let Some(report) = report {
            report.tell(Delivery::Whole);
        }
    }

    /// Whether everything that hyper was given is on the wire; if not, the body is woken when it is.
    pub(crate) fn all_flushed(&self, body: &Waker) -> bool {
        let mut state = self.state();
        if state.unflushed {
            state.body = Some(body.clone());
        }
        !state.unflushed
    }

    /// Waits until `100 Continue` is on the wire, if hyper owes it: it was told to write it when the body was read first.
    pub(crate) async fn interim_written(&self, expected: bool) {
        let _ = tokio::time::timeout(INTERIM_PATIENCE, async {
            while expected && !self.state().interim_out {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }

    /// hyper was handed a head or bytes of a body that it has not written yet.
    pub(crate) fn handed_to_hyper(&self) {
        self.state().unflushed = true;
    }

    /// The client is on this computer: it may be shown what went wrong.
    pub(crate) fn is_local(&self) -> bool {
        self.facts.peer.ip().to_canonical().is_loopback()
    }

    /// Asks the system whether the client has closed its side, though unread bytes may wait.
    ///
    /// hyper does not notice while bytes wait, with `half_close`, or with an unread body; so a run asks now and then.
    pub(crate) fn look_for_hang_up(&self) {
        use rustix::event::{PollFd, PollFlags};
        let Transport::Tcp(socket) = &self.transport else {
            return;
        };
        #[cfg(target_os = "linux")]
        let asked = PollFlags::RDHUP;
        #[cfg(not(target_os = "linux"))]
        let asked = PollFlags::empty();
        let mut polled = [PollFd::new(socket, asked)];
        let at_once = rustix::time::Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        if rustix::event::poll(&mut polled, Some(&at_once)).is_ok_and(|ready| ready > 0) {
            self.gone.cancel();
        }
    }

    /// Makes the close to come a reset, so that a response without any framing cannot look complete (HTTP/1.0).
    ///
    /// A reset throws away what the client has not taken yet, so that is waited for, while the client takes any of it.
    pub(crate) async fn reset_on_close(&self) {
        let Transport::Tcp(socket) = &self.transport else {
            return;
        };
        let (mut left, mut since) = (u64::MAX, Instant::now());
        while let Some(now) = unacknowledged_bytes(socket).filter(|&count| count > 0) {
            if now < left {
                (left, since) = (now, Instant::now());
            }
            if since.elapsed() > STALLED {
                break;
            }
            tokio::time::sleep(QUEUE_LOOK).await;
        }
        let _ = set_socket_linger(socket, Some(Duration::ZERO));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
