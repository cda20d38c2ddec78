//! What waits to be written: bounded, so that a disk that cannot keep up slows intake instead of losing runs.
//!
//! Nobody who ends an exchange waits; whoever would begin one does ([`Queue::poll_room`]). So the bound may be
//! exceeded by the exchanges that were under way, and by no more.

use crate::exchange::{Exchange, ExchangeId, ExchangeRow};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// So many runs may wait, or so many bytes of them.
const RUNS: usize = 1024;
const BYTES: usize = 64 << 20;
/// So many runs are written together, or so many bytes of them.
const BATCH_RUNS: usize = 256;
const BATCH_BYTES: usize = 8 << 20;
/// A batch gathers for this time: one commit for all that end meanwhile.
const GATHER: Duration = Duration::from_millis(10);

/// An ended exchange on its way to the disk.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) exchange: Arc<Exchange>,
    pub(super) row: Arc<ExchangeRow>,
    pub(super) bytes: usize,
}

/// What the writer is asked for, in the order in which it was asked.
#[derive(Clone, Debug)]
pub(super) enum Task {
    /// Write a run.
    Record(Run),
    /// Write what the user marked a run with.
    Mark {
        run: ExchangeId,
        pinned: bool,
        comment: Option<String>,
    },
    /// Forget every run up to this number that is not pinned.
    Clear { up_to: ExchangeId },
    /// A reader found the database damaged.
    Damaged,
}

/// What the writer finds.
#[derive(Debug)]
pub(super) enum Taken {
    /// Something to do, in its order.
    Tasks(Vec<Task>),
    /// Nothing came in the time that it wanted to wait.
    Idle,
    /// Nothing more will come.
    Closed,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
    filled: Condvar,
    full: AtomicBool,
}

#[derive(Debug, Default)]
struct Inner {
    tasks: VecDeque<Task>,
    /// Runs that wait in `tasks`.
    queued: usize,
    /// Runs and bytes that wait or are being written.
    runs: usize,
    bytes: usize,
    waiting: Vec<Waker>,
    closed: bool,
}

impl Inner {
    fn is_full(&self) -> bool {
        self.runs >= RUNS || self.bytes >= BYTES
    }
}

impl Queue {
    /// Adds a task; false when the queue is closed.
    pub(super) fn push(&self, task: Task) -> bool {
        let mut inner = self.locked();
        if inner.closed {
            return false;
        }
        if let Task::Record(run) = &task {
            inner.queued += 1;
            inner.runs += 1;
            inner.bytes += run.bytes;
            self.full.store(inner.is_full(), Ordering::Release);
        }
        inner.tasks.push_back(task);
        // While a batch gathers nobody needs to be woken before it is large enough.
        if inner.tasks.len() == 1 || inner.queued == BATCH_RUNS || inner.is_full() {
            self.filled.notify_one();
        }
        true
    }

    /// Whether another exchange may begin; if not, the waker is woken when it may.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.full.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let mut inner = self.locked();
        if !inner.is_full() || inner.closed {
            return Poll::Ready(());
        }
        if !inner.waiting.iter().any(|one| one.will_wake(cx.waker())) {
            inner.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Takes the next tasks, and waits for them as long as `patience`; none: for ever.
    pub(super) fn take(&self, patience: Option<Duration>) -> Taken {
        let mut inner = self.locked();
        let begun = Instant::now();
        while inner.tasks.is_empty() && !inner.closed {
            let left = patience.map(|patience| patience.saturating_sub(begun.elapsed()));
            if left == Some(Duration::ZERO) {
                return Taken::Idle;
            }
            inner = self.wait(inner, left);
        }
        let gathering = Instant::now();
        while inner.queued < BATCH_RUNS && !inner.closed && !inner.is_full() {
            let left = GATHER.saturating_sub(gathering.elapsed());
            if left.is_zero() {
                break;
            }
            inner = self.wait(inner, Some(left));
        }
        match take_batch(&mut inner) {
            tasks if tasks.is_empty() => Taken::Closed,
            tasks => Taken::Tasks(tasks),
        }
    }

    fn wait<'a>(
        &self,
        inner: MutexGuard<'a, Inner>,
        time: Option<Duration>,
    ) -> MutexGuard<'a, Inner> {
        match time {
            Some(time) => {
                let waited = self.filled.wait_timeout(inner, time);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self
                .filled
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// The run waits no longer, whether it was written or not.
    pub(super) fn done(&self, run: &Run) {
        let wakers = {
            let mut inner = self.locked();
            inner.runs -= 1;
            inner.bytes -= run.bytes;
            if inner.is_full() {
                return;
            }
            self.full.store(false, Ordering::Release);
            std::mem::take(&mut inner.waiting)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Nothing more comes in; what waits can still be taken.
    pub(super) fn close(&self) {
        let wakers = {
            let mut inner = self.locked();
            inner.closed = true;
            self.full.store(false, Ordering::Release);
            std::mem::take(&mut inner.waiting)
        };
        self.filled.notify_one();
        wakers.into_iter().for_each(Waker::wake);
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        // Every change here is whole before anything could panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take_batch(inner: &mut Inner) -> Vec<Task> {
    let (mut runs, mut bytes) = (0, 0);
    let mut batch = Vec::new();
    while runs < BATCH_RUNS
        && bytes < BATCH_BYTES
        && let Some(task) = inner.tasks.pop_front()
    {
        if let Task::Record(run) = &task {
            runs += 1;
            bytes += run.bytes;
        }
        batch.push(task);
    }
    inner.queued -= runs;
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use std::sync::atomic::AtomicUsize;
    use std::task::Wake;

    fn run(id: u64, bytes: usize) -> Run {
        let started = Timestamp::from_unix_millis(0);
        Run {
            exchange: Arc::new(crate::recorder::blank(ExchangeId(id), started, 0)),
            row: Arc::new(ExchangeRow::begun(ExchangeId(id), started)),
            bytes,
        }
    }

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn has_room(queue: &Queue, woken: &Arc<Woken>) -> bool {
        let waker = Waker::from(Arc::clone(woken));
        queue.poll_room(&mut Context::from_waker(&waker)).is_ready()
    }

    fn taken(queue: &Queue) -> Vec<Run> {
        let Taken::Tasks(tasks) = queue.take(Some(Duration::ZERO)) else {
            return Vec::new();
        };
        tasks
            .into_iter()
            .filter_map(|task| match task {
                Task::Record(run) => Some(run),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_full_queue_has_room_again_when_runs_are_done() {
        let (queue, woken) = (Queue::default(), Arc::default());
        for id in 0..RUNS as u64 {
            assert!(has_room(&queue, &woken));
            assert!(queue.push(Task::Record(run(id, 1))));
        }
        assert!(!has_room(&queue, &woken) && !has_room(&queue, &woken));
        let batch = taken(&queue);
        assert_eq!(batch.len(), BATCH_RUNS);
        assert!(!has_room(&queue, &woken), "they are being written");
        queue.done(&batch[0]);
        assert_eq!(woken.0.load(Ordering::Relaxed), 1, "one wait is woken once");
        assert!(has_room(&queue, &woken));
    }

    #[test]
    fn large_runs_fill_the_queue_and_are_written_by_themselves() {
        let (queue, woken) = (Queue::default(), Arc::default());
        queue.push(Task::Record(run(1, BYTES)));
        queue.push(Task::Record(run(2, 1)));
        assert!(!has_room(&queue, &woken));
        assert_eq!(taken(&queue).len(), 1);
        assert_eq!(taken(&queue).len(), 1);
        assert!(taken(&queue).is_empty());
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_takes_nothing() {
        let queue = Queue::default();
        queue.push(Task::Record(run(1, 1)));
        queue.close();
        assert!(!queue.push(Task::Record(run(2, 1))));
        assert_eq!(taken(&queue).len(), 1);
        assert!(matches!(queue.take(None), Taken::Closed));
    }
}
