//! The store tried as the engine uses it: through its handle, its news and its archive.

mod damage;
mod keeping;
mod tidying;
mod trouble;

use super::queue::Run;
use super::*;
use crate::clock::Timestamp;
use crate::diagnosis;
use crate::exchange::{CapturedBody, End, Exchange, ExchangeRow};
use crate::history::Found;
use bytes::Bytes;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

/// Longer than anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A state folder and a site.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("site")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self) -> Opened {
        self.open_within(Retention::default())
    }

    fn open_within(&self, retention: Retention) -> Opened {
        let options = StoreOptions {
            folder: self.path("state"),
            retention,
        };
        let heard = Arc::new(Heard::default());
        let hears = Arc::clone(&heard);
        let store = Store::open(&options, &self.path("site"), move |news| hears.add(news));
        Opened { store, heard }
    }

    fn archive(&self) -> Archive {
        Archive::open(&self.path("state"), &self.path("site"))
            .unwrap()
            .unwrap()
    }

    /// The folder of the site's runs.
    fn kept(&self) -> PathBuf {
        site_folder::claim(&self.path("state"), &self.path("site")).unwrap()
    }

    fn disk(&self) -> disk::Disk {
        disk::Disk::open(&self.kept()).unwrap()
    }
}

/// What the store told.
#[derive(Default)]
struct Heard {
    news: Mutex<Vec<StoreNews>>,
    more: Condvar,
}

impl Heard {
    fn add(&self, news: StoreNews) {
        self.news.lock().unwrap().push(news);
        self.more.notify_all();
    }
}

struct Opened {
    store: Store,
    heard: Arc<Heard>,
}

impl Opened {
    fn record(&self, exchange: Exchange) {
        let run = run(exchange);
        assert!(self.store.record(run.exchange, run.row));
    }

    /// Records and waits until it is told to be on disk.
    #[track_caller]
    fn recorded(&self, exchange: Exchange) {
        let id = exchange.id;
        self.record(exchange);
        self.until(|news| matches!(news, StoreNews::Recorded(ids) if ids.contains(&id)));
    }

    /// Waits until this was told, now or earlier.
    #[track_caller]
    fn until(&self, told: impl Fn(&StoreNews) -> bool) {
        let begun = Instant::now();
        let mut news = self.heard.news.lock().unwrap();
        while !news.iter().any(&told) {
            assert!(begun.elapsed() < PATIENCE, "never told: {news:?}");
            news = self.heard.more.wait_timeout(news, PATIENCE).unwrap().0;
        }
    }

    /// How often this was told.
    fn count(&self, told: impl Fn(&StoreNews) -> bool) -> usize {
        let news = self.heard.news.lock().unwrap();
        news.iter().filter(|news| told(news)).count()
    }

    fn found(&self, id: u64) -> &'static str {
        match self.store.get(ExchangeId(id)) {
            Found::Exchange(_) => "here",
            Found::Evicted => "evicted",
            Found::Unknown => "unknown",
        }
    }
}

/// Waits for a condition that nobody tells of.
#[track_caller]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::yield_now();
    }
}

/// An ended exchange with this body, begun `id` seconds after 1970.
fn exchange(id: u64, body: &[u8]) -> Exchange {
    let started = Timestamp::from_unix_millis(i64::try_from(id).unwrap() * 1000);
    let mut exchange = crate::recorder::blank(ExchangeId(id), started, 0);
    exchange.request.raw_head = Bytes::from(format!("POST /{id} HTTP/1.1\r\n\r\n"));
    exchange.request.body = CapturedBody::new(body.len());
    exchange
        .request
        .body
        .push(&Bytes::copy_from_slice(body), Duration::ZERO);
    exchange.end = Some(End::Answered);
    exchange
}

fn run(exchange: Exchange) -> Run {
    let row = ExchangeRow {
        recorded: crate::exchange::Recorded::OnDisk,
        ..diagnosis::row_of(&exchange)
    };
    Run {
        bytes: exchange.held_bytes(),
        exchange: Arc::new(exchange),
        row: Arc::new(row),
    }
}

/// Bytes that look like nothing else and do not become smaller.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Every file below a folder, by its path there.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}
