//! Looking at a run that says nothing, so that its record tells what it waits for.

use super::activity::Activity;
use super::run::note;
use crate::exchange::Silence;
use crate::process::{Onlook, Waiting};
use crate::recorder::Pen;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Nothing came or went for so long: look.
pub(super) const QUIET: Duration = Duration::from_secs(2);
/// Between the two looks that tell computing from waiting.
const BETWEEN: Duration = Duration::from_millis(250);
/// From one verdict to the next, at first and in the long run.
const AGAIN: Duration = Duration::from_secs(1);
const AGAIN_LATE: Duration = Duration::from_secs(5);
/// So many verdicts come in short intervals.
const EARLY: u32 = 10;

/// A run that is looked at until this is dropped.
pub(super) struct Onlooker(JoinHandle<()>);

impl Drop for Onlooker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins to look at the process group of a run.
pub(super) fn start(
    group: u32,
    index: usize,
    activity: &Arc<Activity>,
    pen: &Arc<Pen>,
) -> Onlooker {
    let (activity, pen) = (Arc::clone(activity), Arc::clone(pen));
    Onlooker(tokio::spawn(async move {
        let mut verdicts = 0;
        loop {
            let quiet = activity.quiet();
            if quiet < QUIET {
                tokio::time::sleep(QUIET.saturating_sub(quiet)).await;
                continue;
            }
            if let Some(waiting) = look(group).await {
                tell(&pen, index, &activity, waiting);
            }
            verdicts += 1;
            let pause = if verdicts < EARLY { AGAIN } else { AGAIN_LATE };
            tokio::time::sleep(pause).await;
        }
    }))
}

async fn look(group: u32) -> Option<Waiting> {
    let first = tokio::task::spawn_blocking(move || Onlook::at(group));
    let first = first.await.ok()??;
    tokio::time::sleep(BETWEEN).await;
    let second = tokio::task::spawn_blocking(move || first.again(group));
    second.await.ok()?
}

/// Listeners are told when it is something new, and otherwise take it from the next look at the record.
fn tell(pen: &Pen, index: usize, activity: &Activity, waiting: Waiting) {
    let quiet = activity.quiet();
    // It went on while it was looked at.
    if quiet < QUIET {
        return;
    }
    note(pen, index, |run, now| {
        run.silence = Some(Box::new(Silence {
            since: now.saturating_sub(quiet),
            seen: now,
            waiting,
        }));
    });
    pen.announce();
}
