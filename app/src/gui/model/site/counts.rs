//! How many rows of the list are what, kept up to date row by row.

use cgi_engine::exchange::{ExchangeRow, Progress, RowKind};

/// How many rows are what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not ended yet.
    pub running: usize,
    /// Failed.
    pub failed: usize,
    /// With lines on standard error.
    pub stderr: usize,
    /// Files sent as they are.
    pub files: usize,
}

impl Counts {
    pub(super) fn add(&mut self, row: &ExchangeRow) {
        self.change(row, |count| *count += 1);
    }

    pub(super) fn remove(&mut self, row: &ExchangeRow) {
        self.change(row, |count| *count = count.saturating_sub(1));
    }

    fn change(&mut self, row: &ExchangeRow, by: impl Fn(&mut usize)) {
        let of = [
            (&mut self.running, row.progress == Progress::Running),
            (&mut self.failed, row.has_failed()),
            (&mut self.stderr, row.stderr_lines > 0),
            (&mut self.files, row.kind == RowKind::File),
        ];
        for (count, _) in of.into_iter().filter(|(_, is)| *is) {
            by(count);
        }
    }
}
