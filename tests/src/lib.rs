//! The harness of the scenarios: a site in a temporary folder, an engine over it, and a client that sees every byte.
//!
//! Nothing here sleeps for a guessed time: what must come about is waited for by [`eventually`],
//! and every read of a [`Client`] has the same patience.

// A scenario that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

mod client;
pub mod conformance;
mod engine;
pub mod invariants;
pub mod made_up;
pub mod peers;
mod site;
pub mod system;

pub use client::{Answer, Client, Ending, Head};
pub use engine::{TestEngine, start_spawner};
pub use site::{TempSite, query};

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long anything may take before the scenario fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until the condition holds; panics with `what` when it does not come about.
#[track_caller]
pub fn eventually(what: &str, condition: impl FnMut() -> bool) {
    let mut condition = condition;
    eventually_some(what, || condition().then_some(()));
}

/// Waits until there is a value; panics with `what` when none comes.
#[track_caller]
pub fn eventually_some<T>(what: &str, mut value: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = value() {
            return value;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Held while a spawner is started, and while a file is open for writing.
fn starting() -> MutexGuard<'static, ()> {
    static STARTING: Mutex<()> = Mutex::new(());
    STARTING.lock().unwrap_or_else(PoisonError::into_inner)
}
