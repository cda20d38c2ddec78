//! What goes when there is too much: the oldest, and never what is pinned.
//!
//! Over the bound on runs or age whole runs go. Over the bound on bytes bodies of the older half go first, as they are
//! large and their runs still tell the rest; then details of the oldest, whose rows stay; then the oldest rows.

use super::disk::{Change, Disk};
use super::{Retention, StoreError};
use crate::clock::Timestamp;

/// Runs that go in one transaction, so that new ones do not wait long.
const AT_ONCE: i64 = 200;
/// Uses of contents that are looked at in one step.
const LOOKED_AT: i64 = 500;

const OLDEST: &str = "SELECT id FROM rows WHERE id NOT IN (SELECT run FROM marks WHERE pinned)
    ORDER BY id LIMIT ?1";
const OLDEST_DETAILS: &str =
    "SELECT id FROM records WHERE id NOT IN (SELECT run FROM marks WHERE pinned)
    ORDER BY id LIMIT ?1";

/// How far the bound on bytes has come; begun anew whenever there is too much.
#[derive(Debug, Default)]
pub(super) struct Trimming {
    over: bool,
    /// Uses up to this run were looked at.
    bodies_seen: i64,
}

impl Trimming {
    /// Takes one small step; false when there is nothing too much.
    pub(super) fn step(
        &mut self,
        disk: &mut Disk,
        retention: &Retention,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(too_many(disk, retention)?
            || too_old(disk, retention, now)?
            || self.too_large(disk, retention)?)
    }

    fn too_large(&mut self, disk: &mut Disk, retention: &Retention) -> Result<bool, StoreError> {
        let bytes = disk
            .bytes()
            .map_err(|error| super::database::told(error, disk.path()))?;
        // A little more than needed goes at once, so that it does not begin again with the next run.
        let enough = retention.bytes - retention.bytes / 20;
        if bytes <= if self.over { enough } else { retention.bytes } {
            self.over = false;
            return Ok(false);
        }
        if !self.over {
            *self = Self {
                over: true,
                bodies_seen: 0,
            };
        }
        Ok(self.old_bodies(disk)? || old_details(disk)? || old_rows(disk)?)
    }

    /// Contents that only runs of the older half use.
    fn old_bodies(&mut self, disk: &mut Disk) -> Result<bool, StoreError> {
        const FIRST: &str = "SELECT id FROM rows ORDER BY id LIMIT 1";
        const USERS: &str =
            "SELECT DISTINCT run FROM uses WHERE run > ?1 AND run <= ?2 ORDER BY run LIMIT ?3";
        let seen = self.bodies_seen;
        self.bodies_seen = disk.change(|change| {
            let oldest = change.numbers(FIRST, [])?.first().copied().unwrap_or(0);
            let middle = oldest + (change.totals.last_run - oldest) / 2;
            let users = change.numbers(USERS, (seen, middle, LOOKED_AT))?;
            for run in &users {
                remove_bodies(change, *run, middle)?;
            }
            Ok(users.last().copied().unwrap_or(i64::MAX))
        })?;
        Ok(self.bodies_seen != i64::MAX)
    }
}

/// The contents of a run that nobody newer than `middle`, and nobody who is pinned, uses.
fn remove_bodies(change: &mut Change<'_>, run: i64, middle: i64) -> Result<(), StoreError> {
    const OLD: &str = "SELECT blob FROM uses AS mine WHERE run = ?1
        AND (SELECT max(run) FROM uses WHERE blob = mine.blob) <= ?2
        AND NOT EXISTS(SELECT 1 FROM uses JOIN marks ON marks.run = uses.run
            WHERE uses.blob = mine.blob AND marks.pinned)";
    for blob in change.numbers(OLD, (run, middle))? {
        change.remove_blob(blob)?;
    }
    Ok(())
}

fn old_details(disk: &mut Disk) -> Result<bool, StoreError> {
    disk.change(|change| {
        let runs = change.numbers(OLDEST_DETAILS, [AT_ONCE])?;
        change.evict(&runs)?;
        Ok(!runs.is_empty())
    })
}

fn old_rows(disk: &mut Disk) -> Result<bool, StoreError> {
    disk.change(|change| {
        let runs = change.numbers(OLDEST, [AT_ONCE])?;
        change.forget(&runs)?;
        Ok(!runs.is_empty())
    })
}

fn too_many(disk: &mut Disk, retention: &Retention) -> Result<bool, StoreError> {
    let bound = i64::try_from(retention.runs).unwrap_or(i64::MAX);
    if disk.totals.runs <= bound {
        return Ok(false);
    }
    disk.change(|change| {
        const PINNED: &str = "SELECT count(*) FROM marks WHERE pinned";
        let pinned = change.numbers(PINNED, [])?.first().copied().unwrap_or(0);
        let surplus = (change.totals.runs - pinned - bound).clamp(0, AT_ONCE);
        let runs = change.numbers(OLDEST, [surplus])?;
        change.forget(&runs)?;
        Ok(!runs.is_empty())
    })
}

fn too_old(disk: &mut Disk, retention: &Retention, now: Timestamp) -> Result<bool, StoreError> {
    const OLDEST_BEFORE: &str = "SELECT id FROM (SELECT id, started FROM rows
        WHERE id NOT IN (SELECT run FROM marks WHERE pinned) ORDER BY id LIMIT ?1) WHERE started < ?2";
    let Some(age) = retention.age else {
        return Ok(false);
    };
    let born = now.earlier_by(age).unix_millis();
    disk.change(|change| {
        let runs = change.numbers(OLDEST_BEFORE, (AT_ONCE, born))?;
        change.forget(&runs)?;
        Ok(!runs.is_empty())
    })
}
