//! How many rows of an index are what, kept up to date row by row.

use crate::exchange::{Progress, RowKind, RowRef};
use std::time::Duration;

/// From so long on a request is slow.
pub(in crate::history) const SLOW: Duration = Duration::from_secs(1);

/// How many rows are what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not ended yet.
    pub running: usize,
    /// Failed.
    pub failed: usize,
    /// Took a second or longer.
    pub slow: usize,
    /// With lines on standard error.
    pub stderr: usize,
    /// Files sent as they are.
    pub files: usize,
    /// Pinned by the user.
    pub pinned: usize,
}

impl Counts {
    pub(super) fn add(&mut self, row: RowRef<'_>) {
        self.change(row, |count| *count += 1);
    }

    pub(super) fn remove(&mut self, row: RowRef<'_>) {
        self.change(row, |count| *count = count.saturating_sub(1));
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            running: self.running + other.running,
            failed: self.failed + other.failed,
            slow: self.slow + other.slow,
            stderr: self.stderr + other.stderr,
            files: self.files + other.files,
            pinned: self.pinned + other.pinned,
        }
    }

    fn change(&mut self, row: RowRef<'_>, by: impl Fn(&mut usize)) {
        let of = [
            (&mut self.running, row.progress == Progress::Running),
            (&mut self.failed, row.has_failed()),
            (
                &mut self.slow,
                row.duration.is_some_and(|time| time >= SLOW),
            ),
            (&mut self.stderr, row.stderr_lines > 0),
            (&mut self.files, row.kind == RowKind::File),
            (&mut self.pinned, row.pinned),
        ];
        for (count, _) in of.into_iter().filter(|(_, is)| *is) {
            by(count);
        }
    }
}
