//! When a script last gave or took a byte, and how long it may be silent or run.

use crate::exchange::StopCause;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Waits until a limit is passed. Time in which the script waits for the client does not count as its silence.
pub(super) async fn time_limit(
    activity: Arc<Activity>,
    silence: Option<Duration>,
    total: Option<Duration>,
) -> StopCause {
    loop {
        let silent = silence.map(|limit| (limit.saturating_sub(activity.silent()), limit, false));
        let whole =
            total.map(|limit| (limit.saturating_sub(activity.begun.elapsed()), limit, true));
        let Some((left, limit, total)) = silent.into_iter().chain(whole).min() else {
            return std::future::pending().await;
        };
        if left.is_zero() {
            return StopCause::TimeLimit { limit, total };
        }
        tokio::time::sleep(left).await;
    }
}

/// When the script last gave or took a byte.
pub(crate) struct Activity {
    begun: Instant,
    last_micros: AtomicU64,
    waiting_for_client: AtomicUsize,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            last_micros: AtomicU64::new(0),
            waiting_for_client: AtomicUsize::new(0),
        })
    }

    /// The script gave or took bytes just now.
    pub(crate) fn touch(&self) {
        let now = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last_micros.store(now, Ordering::Relaxed);
    }

    /// The client is being waited for, until the guard is dropped.
    pub(crate) fn wait_for_client(self: &Arc<Self>) -> WaitingForClient {
        self.waiting_for_client.fetch_add(1, Ordering::Relaxed);
        WaitingForClient(Arc::clone(self))
    }

    /// When that was, from the start of the run on.
    pub(super) fn last(&self) -> Duration {
        Duration::from_micros(self.last_micros.load(Ordering::Relaxed))
    }

    /// How long nothing came or went, whoever is waited for.
    pub(super) fn quiet(&self) -> Duration {
        self.begun.elapsed().saturating_sub(self.last())
    }

    fn silent(&self) -> Duration {
        if self.waiting_for_client.load(Ordering::Relaxed) > 0 {
            return Duration::ZERO;
        }
        self.quiet()
    }
}

/// See [`Activity::wait_for_client`].
pub(crate) struct WaitingForClient(Arc<Activity>);

impl Drop for WaitingForClient {
    fn drop(&mut self) {
        self.0.waiting_for_client.fetch_sub(1, Ordering::Relaxed);
        self.0.touch();
    }
}
