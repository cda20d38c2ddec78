//! One connection to one resident spawner: orders out, reports in.
//!
//! Orders are written by whoever has them, without waiting; a thread reads the reports and
//! completes what waits for them. So it does not matter which runtime asks, or whether one runs.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown, shutdown};
use rustix::process::{Pid, Signal as Number, kill_process_group};
use tokio::sync::{Semaphore, oneshot};

use super::control::{Inbox, Streams, send_all, send_some};
use super::exit::{Exit, ProcessEnd, Signal};
use super::wire::{Report, reap_after_exit_order, reap_order, signal_order};

/// How many launches may be on their way at once. Each has descriptors in flight, and Linux allows
/// a user no more of these than open files.
const LAUNCHES_AT_ONCE: usize = 64;

/// A spawner that is wanted. With the last holder gone it is told to leave, and it ends all its
/// programs; whoever holds a running program therefore holds this.
#[derive(Debug)]
pub(super) struct Link {
    wire: Arc<Wire>,
    pub(super) launches: Semaphore,
    next_id: AtomicU64,
}

/// What the reading thread shares with the holders of the link.
#[derive(Debug)]
struct Wire {
    socket: OwnedFd,
    outbox: Mutex<Outbox>,
    table: Mutex<Table>,
    reports: AtomicU64,
    stalled: AtomicBool,
}

/// Orders that the socket had no room for.
#[derive(Debug, Default)]
struct Outbox {
    waiting: VecDeque<Parcel>,
    /// A thread is writing them out; until it is done all orders queue behind.
    flushing: bool,
}

#[derive(Debug)]
struct Parcel {
    bytes: Vec<u8>,
    streams: Option<Arc<Streams>>,
}

/// What waits for reports.
#[derive(Debug, Default)]
struct Table {
    dead: bool,
    entries: HashMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Holds the link as long as the launch is undecided.
    launching: Option<(oneshot::Sender<LaunchReply>, Arc<Link>)>,
    group: Option<Pid>,
    exit: Option<oneshot::Sender<Exit>>,
    end: Option<oneshot::Sender<ProcessEnd>>,
}

/// A program was started, or the number of the error why not. Nothing when the spawner died.
pub(super) type LaunchReply = Result<Running, Errno>;

/// The receiving ends of a launch; each fails when the spawner dies.
#[derive(Debug)]
pub(super) struct Awaited {
    pub(super) id: u64,
    pub(super) launched: oneshot::Receiver<LaunchReply>,
    pub(super) exit: oneshot::Receiver<Exit>,
    pub(super) end: oneshot::Receiver<ProcessEnd>,
}

/// A program in the spawner's hands. Dropped, its group is killed and it is reaped.
#[derive(Debug)]
pub(super) struct Running {
    link: Arc<Link>,
    id: u64,
    pub(super) pid: u32,
    reap_ordered: bool,
    reap_after_exit_ordered: bool,
}

impl Link {
    /// The link over this socket to the spawner `child`.
    pub(super) fn new(socket: OwnedFd, child: Child) -> io::Result<Arc<Link>> {
        let wire = Arc::new(Wire {
            socket,
            outbox: Mutex::default(),
            table: Mutex::default(),
            reports: AtomicU64::new(0),
            stalled: AtomicBool::new(false),
        });
        let reader = wire.clone();
        thread::Builder::new()
            .name("spawner-reader".into())
            .spawn(move || reader.read(child))?;
        let launches = Semaphore::new(LAUNCHES_AT_ONCE);
        Ok(Arc::new(Link {
            wire,
            launches,
            next_id: AtomicU64::new(1),
        }))
    }

    /// Whether new programs should be started here.
    pub(super) fn usable(&self) -> bool {
        !self.wire.stalled.load(Ordering::Relaxed) && !lock(&self.wire.table).dead
    }

    /// How many launches are on their way.
    pub(super) fn launching(&self) -> usize {
        LAUNCHES_AT_ONCE - self.launches.available_permits().min(LAUNCHES_AT_ONCE)
    }

    /// How many reports have come: as long as this grows, the spawner is only busy.
    pub(super) fn reports(&self) -> u64 {
        self.wire.reports.load(Ordering::Relaxed)
    }

    /// The spawner hangs in the kernel: others must not wait behind it.
    pub(super) fn mark_stalled(&self) {
        self.wire.stalled.store(true, Ordering::Relaxed);
    }

    /// Prepares for the reports on a program to be launched. None when the spawner is dead.
    pub(super) fn expect_launch(self: &Arc<Link>) -> Option<Awaited> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (launched_sender, launched) = oneshot::channel();
        let (exit_sender, exit) = oneshot::channel();
        let (end_sender, end) = oneshot::channel();
        let entry = Entry {
            launching: Some((launched_sender, self.clone())),
            group: None,
            exit: Some(exit_sender),
            end: Some(end_sender),
        };
        let mut table = lock(&self.wire.table);
        if table.dead {
            // Released first: the entry holds a link.
            drop(table);
            return None;
        }
        table.entries.insert(id, entry);
        Some(Awaited {
            id,
            launched,
            exit,
            end,
        })
    }

    /// Sends an order, now or as soon as there is room, in the order of the calls.
    ///
    /// Errors are those of a launch whose descriptors cannot be sent. A spawner that has gone is
    /// no error here: the reader finds out and tells all who wait.
    pub(super) fn send(&self, bytes: Vec<u8>, streams: Option<Arc<Streams>>) -> io::Result<()> {
        self.wire.send(Parcel { bytes, streams })
    }

    /// Forgets a launch whose order could not be sent.
    pub(super) fn forget(&self, id: u64) {
        let entry = lock(&self.wire.table).entries.remove(&id);
        drop(entry);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // The spawner sees the end of its orders; the reading thread, the end of the reports.
        let _ = shutdown(&self.wire.socket, Shutdown::Write);
    }
}

impl Wire {
    fn send(self: &Arc<Wire>, mut parcel: Parcel) -> io::Result<()> {
        let mut outbox = lock(&self.outbox);
        if outbox.flushing {
            outbox.waiting.push_back(parcel);
            return Ok(());
        }
        match self.send_now(&mut parcel) {
            Ok(()) | Err(Errno::PIPE | Errno::CONNRESET) => return Ok(()),
            Err(Errno::AGAIN) => {}
            Err(errno) => return Err(errno.into()),
        }
        outbox.waiting.push_back(parcel);
        outbox.flushing = true;
        drop(outbox);
        // Rare: hundreds of orders while the spawner is held up, or a huge environment.
        let wire = self.clone();
        let flusher = thread::Builder::new().name("spawner-flush".into());
        if flusher.spawn(move || wire.flush()).is_err() {
            self.flush();
        }
        Ok(())
    }

    /// Sends what the socket takes at once. `AGAIN`: the rest is still in the parcel.
    fn send_now(&self, parcel: &mut Parcel) -> rustix::io::Result<()> {
        let mut sent = 0;
        let result = loop {
            let rest = parcel.bytes.get(sent..).unwrap_or_default();
            if rest.is_empty() {
                break Ok(());
            }
            let streams = parcel.streams.as_deref();
            match send_some(self.socket.as_fd(), rest, streams, SendFlags::DONTWAIT) {
                Ok(count) => sent += count,
                Err(errno) => break Err(errno),
            }
            parcel.streams = None;
        };
        parcel.bytes.drain(..sent);
        result
    }

    fn flush(&self) {
        loop {
            let mut outbox = lock(&self.outbox);
            let Some(parcel) = outbox.waiting.pop_front() else {
                outbox.flushing = false;
                return;
            };
            drop(outbox);
            // With the spawner gone, the reader tells those who wait.
            let _ = send_all(
                self.socket.as_fd(),
                &parcel.bytes,
                parcel.streams.as_deref(),
            );
        }
    }

    /// The reading thread: until the spawner has gone.
    fn read(&self, mut child: Child) {
        let mut inbox = Inbox::default();
        while let Ok(1..) = inbox.receive(self.socket.as_fd(), RecvFlags::empty()) {
            if self.take_reports(&mut inbox).is_none() {
                break;
            }
        }
        // With both ways shut it cannot wait for us while we wait for it.
        let _ = shutdown(&self.socket, Shutdown::Both);
        let status = child.wait();
        // One that left in order has ended its programs itself.
        self.die(status.is_ok_and(|status| status.signal().is_some()));
    }

    fn take_reports(&self, inbox: &mut Inbox) -> Option<()> {
        while let Some(body) = inbox.next_body().ok()? {
            let report = Report::decode(body).ok()?;
            self.reports.fetch_add(1, Ordering::Relaxed);
            self.dispatch(report);
        }
        Some(())
    }

    /// Completes what waits for this report. Nothing is sent or dropped under the lock: dropping
    /// a program or a link gives orders of its own.
    fn dispatch(&self, report: Report) {
        match report {
            Report::Launched { id, pid } => {
                let mut table = lock(&self.table);
                let Some(entry) = table.entries.get_mut(&id) else {
                    return;
                };
                entry.group = Pid::from_raw(pid);
                let launching = entry.launching.take();
                drop(table);
                if let Some((sender, link)) = launching {
                    let pid = pid.unsigned_abs();
                    // Nobody waits any more: the program is dropped, which reaps it.
                    let _ = sender.send(Ok(Running {
                        link,
                        id,
                        pid,
                        reap_ordered: false,
                        reap_after_exit_ordered: false,
                    }));
                }
            }
            Report::Refused { id, errno } => {
                let entry = lock(&self.table).entries.remove(&id);
                if let Some((sender, _link)) = entry.and_then(|entry| entry.launching) {
                    let _ = sender.send(Err(Errno::from_raw_os_error(errno)));
                }
            }
            Report::Exited { id, exit } => {
                let mut table = lock(&self.table);
                let waiting = table
                    .entries
                    .get_mut(&id)
                    .and_then(|entry| entry.exit.take());
                drop(table);
                if let Some(sender) = waiting {
                    let _ = sender.send(exit);
                }
            }
            Report::Ended { id, end } => {
                let Some(entry) = lock(&self.table).entries.remove(&id) else {
                    return;
                };
                if let Some(sender) = entry.exit {
                    let _ = sender.send(end.exit);
                }
                if let Some(sender) = entry.end {
                    let _ = sender.send(end);
                }
            }
        }
    }

    /// The spawner has gone: fails all that waits, and kills what a killed spawner left behind.
    fn die(&self, killed: bool) {
        let mut table = lock(&self.table);
        table.dead = true;
        let entries = std::mem::take(&mut table.entries);
        drop(table);
        for group in entries
            .values()
            .filter_map(|entry| entry.group)
            .filter(|_| killed)
        {
            // Nobody holds the number any more, but it was ours a moment ago.
            let _ = kill_process_group(group, Number::KILL);
        }
        drop(entries);
    }
}

impl Running {
    /// Sends a signal to the program's group. Pointless but harmless once it was reaped.
    pub(super) fn signal(&self, signal: Signal) {
        // Only a launch can fail to be sent.
        let _ = self.link.send(signal_order(self.id, signal.number()), None);
    }

    /// Has the same done as by [`order_reap`](Running::order_reap) once the main process ends.
    pub(super) fn order_reap_after_exit(&mut self) {
        if !std::mem::replace(&mut self.reap_after_exit_ordered, true) {
            let _ = self.link.send(reap_after_exit_order(self.id), None);
        }
    }

    /// Has the group killed and the main process waited for; asking again does nothing.
    pub(super) fn order_reap(&mut self) {
        if !std::mem::replace(&mut self.reap_ordered, true) {
            let _ = self.link.send(reap_order(self.id), None);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.order_reap();
    }
}

/// No code of ours can panic half way through a change under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
