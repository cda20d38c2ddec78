//! The pen: the only writer of a live exchange; announces each stage.
//!
//! Every exchange ends exactly once: [`Pen::end`] is called by whoever saw the end,
//! and a pen that is dropped without it (a task that panicked) ends its exchange with that reason.

mod keeping;

use crate::cgi::request::ConnectionFacts;
use crate::clock::Timestamp;
use crate::diagnosis;
use crate::exchange::{
    CapturedBody, End, EndCause, Exchange, ExchangeId, ExchangeRow, Moment, Origin, RequestRecord,
    Selection, SpillFolder, Timeline,
};
use crate::history::store::Store;
use crate::history::{History, HistoryLimits, LiveExchange};
use crate::message::{Event, Notice, SiteNews};
use crate::on_save::LastRequests;
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::broadcast;

/// Events that a slow listener may fall behind before it is told to take a new snapshot.
const EVENTS: usize = 8192;
/// An exchange that is over in this time is told of at its end only.
pub(crate) const SHORT: Duration = Duration::from_millis(30);
/// Lines kept of the folder's news and of the server's own log.
const LINES: usize = 1000;

/// Hands out pens, keeps the history and tells the listeners.
pub(crate) struct Recorder {
    pub(crate) history: History,
    /// Where ended exchanges are kept on disk, if they are.
    store: OnceLock<Store>,
    /// Where long streams go while there is no store to take them.
    spills: Arc<SpillFolder>,
    events: broadcast::Sender<Event>,
    last_id: AtomicU64,
    paused: AtomicBool,
    news: Mutex<VecDeque<Arc<SiteNews>>>,
    notices: Mutex<VecDeque<Arc<Notice>>>,
    requests: Mutex<LastRequests>,
}

impl Recorder {
    pub(crate) fn new(limits: HistoryLimits) -> Arc<Self> {
        Arc::new(Self {
            history: History::new(limits),
            store: OnceLock::new(),
            spills: SpillFolder::temporary(),
            events: broadcast::channel(EVENTS).0,
            last_id: AtomicU64::new(0),
            paused: AtomicBool::new(false),
            news: Mutex::default(),
            notices: Mutex::default(),
            requests: Mutex::default(),
        })
    }

    /// A stream of which so many bytes will be kept, in a file when it grows long.
    pub(crate) fn stream(&self, capture_bytes: usize) -> CapturedBody {
        let beside_store = self.store.get().and_then(Store::streams);
        let folder = beside_store.unwrap_or_else(|| Arc::clone(&self.spills));
        CapturedBody::spilling(capture_bytes, folder)
    }

    /// Begins the record of an exchange whose first byte has just come.
    pub(crate) fn begin(
        self: &Arc<Self>,
        connection: ConnectionFacts,
        origin: Origin,
        capture_bytes: usize,
    ) -> Pen {
        let recorded = !self.paused.load(Ordering::Relaxed);
        self.pen(connection, origin, capture_bytes, recorded)
    }

    /// Takes in an exchange that was recorded elsewhere, under a number of its own here.
    pub(crate) fn import(&self, mut exchange: Exchange, from: Arc<str>) -> ExchangeId {
        let id = ExchangeId(self.last_id.fetch_add(1, Ordering::Relaxed) + 1);
        exchange.id = id;
        exchange.origin = Origin::Imported { from };
        // Nothing of it runs here, whatever the file says.
        exchange.end.get_or_insert(End::Answered);
        let row = ExchangeRow {
            recorded: self.destination(),
            ..diagnosis::row_of(&exchange)
        };
        let live = Arc::new(LiveExchange::new(exchange));
        self.history.begin(&row, Arc::clone(&live));
        self.keep(&live.snapshot(), row);
        id
    }

    /// A pen for a request that nobody sends: what it writes is kept nowhere and told nobody.
    pub(crate) fn rehearse(self: &Arc<Self>, connection: ConnectionFacts, origin: Origin) -> Pen {
        self.pen(connection, origin, 0, false)
    }

    fn pen(
        self: &Arc<Self>,
        connection: ConnectionFacts,
        origin: Origin,
        capture_bytes: usize,
        recorded: bool,
    ) -> Pen {
        let id = ExchangeId(if recorded {
            self.last_id.fetch_add(1, Ordering::Relaxed) + 1
        } else {
            0
        });
        let mut exchange = blank(id, Timestamp::now(), capture_bytes);
        exchange.request.body = self.stream(capture_bytes);
        exchange.connection = connection;
        exchange.origin = origin;
        let row = ExchangeRow {
            recorded: self.destination(),
            ..ExchangeRow::of(&exchange, None)
        };
        let live = Arc::new(LiveExchange::new(exchange));
        if recorded {
            self.history.begin(&row, Arc::clone(&live));
        }
        Pen {
            live,
            begun: Instant::now(),
            recorder: Arc::clone(self),
            recorded,
            ended: AtomicBool::new(false),
        }
    }

    pub(crate) fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
    }

    pub(crate) fn paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Tells the listeners; nobody listening is fine.
    pub(crate) fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }

    pub(crate) fn notice(&self, failure: bool, text: impl Into<String>) {
        let notice = Arc::new(Notice {
            at: Timestamp::now(),
            failure,
            text: text.into(),
        });
        push_bounded(&self.notices, Arc::clone(&notice));
        self.tell(Event::Notice(notice));
    }

    pub(crate) fn site_changed(&self, change: crate::watch::SiteChange) {
        let after = ExchangeId(self.last_id.load(Ordering::Relaxed));
        let news = Arc::new(SiteNews {
            at: Timestamp::now(),
            after,
            change,
        });
        push_bounded(&self.news, Arc::clone(&news));
        self.tell(Event::Site(news));
    }

    pub(crate) fn news(&self) -> Vec<Arc<SiteNews>> {
        copied(&self.news)
    }

    pub(crate) fn notices(&self) -> Vec<Arc<Notice>> {
        copied(&self.notices)
    }

    pub(crate) fn clear(&self, up_to: ExchangeId) {
        self.history.clear(up_to);
        if let Some(store) = self.store.get() {
            store.clear(up_to);
        }
        self.news
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|news| news.after > up_to);
        self.tell(Event::Cleared { up_to });
    }
}

/// Writes one exchange.
pub(crate) struct Pen {
    live: Arc<LiveExchange>,
    begun: Instant,
    recorder: Arc<Recorder>,
    recorded: bool,
    ended: AtomicBool,
}

impl Pen {
    /// Time since the first byte of the request.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(crate) fn id(&self) -> ExchangeId {
        self.live.snapshot().id
    }

    /// The number that the history knows it by; none while recording is paused.
    pub(crate) fn recorded_id(&self) -> Option<ExchangeId> {
        self.recorded.then(|| self.id())
    }

    /// The exchange as it stands.
    pub(crate) fn snapshot(&self) -> Arc<Exchange> {
        self.live.snapshot()
    }

    /// Changes the record; the second argument is the time of the change.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Exchange, Duration) -> T) -> T {
        let now = self.elapsed();
        self.live.write(|exchange| change(exchange, now))
    }

    /// Notes a moment of the exchange.
    pub(crate) fn note(&self, moment: Moment) {
        self.write(|exchange, now| exchange.timeline.note(moment, now));
    }

    /// Brings the row up to date and tells the listeners how far it is.
    /// A short run is told of once, when it is over: nobody could see its stages.
    pub(crate) fn announce(&self) {
        if self.recorded {
            let row = ExchangeRow::of(&self.live.snapshot(), None);
            let row = self.recorder.history.update(row, None);
            if self.elapsed() >= SHORT {
                self.recorder.tell(Event::Exchange(row));
            }
        }
    }

    /// Nobody is to know of the exchange: it is the studio's own business. Its number is given to the next one,
    /// unless that has begun.
    pub(crate) fn forget(&self) {
        self.ended.store(true, Ordering::Release);
        if !self.recorded {
            return;
        }
        let id = self.id();
        self.recorder.history.forget_live(id);
        let last = &self.recorder.last_id;
        let _ = last.compare_exchange(id.0, id.0 - 1, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Ends the exchange; only the first call counts.
    pub(crate) fn end(&self, end: End) {
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        self.write(|exchange, now| {
            exchange.timeline.note(Moment::Finished, now);
            exchange.end = Some(end);
            exchange.request.body.settle();
            for run in &mut exchange.invocations {
                run.stdout.settle();
                run.stderr.settle();
            }
        });
        if self.recorded {
            let exchange = self.live.snapshot();
            let row = diagnosis::row_of(&exchange);
            self.recorder.keep(&exchange, row);
        }
    }
}

impl Drop for Pen {
    fn drop(&mut self) {
        self.end(End::Unanswered(EndCause::Internal(
            "the task that handled it stopped".to_owned(),
        )));
    }
}

/// An exchange of which nothing is known yet.
pub(crate) fn blank(id: ExchangeId, started: Timestamp, capture_bytes: usize) -> Exchange {
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Exchange {
        id,
        started,
        origin: Origin::Socket,
        connection: ConnectionFacts {
            local: nowhere,
            peer: nowhere,
            https: false,
            synthetic: true,
        },
        request: RequestRecord {
            raw_head: Bytes::new(),
            head: None,
            login: None,
            refusal: None,
            body: CapturedBody::new(capture_bytes),
            body_end: None,
        },
        selection: Selection::default(),
        invocations: Vec::new(),
        response: None,
        timeline: Timeline::default(),
        end: None,
    }
}

fn push_bounded<T>(lines: &Mutex<VecDeque<T>>, line: T) {
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() >= LINES {
        lines.pop_front();
    }
    lines.push_back(line);
}

fn copied<T: Clone>(lines: &Mutex<VecDeque<T>>) -> Vec<T> {
    lines
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter()
        .cloned()
        .collect()
}
