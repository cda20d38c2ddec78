//! The rows of up to millions of exchanges, each in little more than a hundred bytes.
//!
//! Rows stand in chunks of a thousand, and a chunk is shared until it changes: a clone of the index costs nothing to
//! speak of and stays as it was, so that a filter can walk a million rows while others come in.

mod chunk;
mod counts;
#[cfg(test)]
mod tests;

pub use counts::Counts;
pub(in crate::history) use counts::SLOW;

use crate::exchange::{ExchangeId, ExchangeRow, RowRef};
use chunk::Chunk;
use std::ops::Range;
use std::sync::Arc;

/// Rows in a chunk that is full.
const ROWS: usize = 1024;

/// Rows in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// None is empty.
    chunks: Vec<Arc<Chunk>>,
    /// The place of each chunk's first row.
    starts: Vec<usize>,
    len: usize,
    counts: Counts,
}

impl Index {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many rows are what.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Bytes of memory, shared ones included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.bytes()).sum()
    }

    /// The row with this number.
    #[must_use]
    pub fn get(&self, id: ExchangeId) -> Option<RowRef<'_>> {
        let (chunk, at) = self.find(id);
        let chunk = self.chunks.get(chunk)?;
        chunk.get(at).filter(|row| row.id == id)
    }

    /// The row at this place; 0 is the oldest.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<RowRef<'_>> {
        let chunk = self
            .starts
            .partition_point(|start| *start <= place)
            .checked_sub(1)?;
        self.chunks.get(chunk)?.get(place - self.starts.get(chunk)?)
    }

    /// How many rows have a lower number: the place of the row with this number, if it is there.
    #[must_use]
    pub fn rank(&self, id: ExchangeId) -> usize {
        let (chunk, at) = self.find(id);
        self.starts.get(chunk).map_or(self.len, |start| start + at)
    }

    /// The place of the row with this number.
    #[must_use]
    pub fn place(&self, id: ExchangeId) -> Option<usize> {
        let place = self.rank(id);
        self.at(place).filter(|row| row.id == id).map(|_| place)
    }

    /// The rows, oldest first; from the other end newest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = RowRef<'_>> {
        self.chunks
            .iter()
            .flat_map(|chunk| (0..chunk.len()).filter_map(|at| chunk.get(at)))
    }

    /// The rows at these places, oldest first; from the other end newest first.
    pub fn range(&self, places: Range<usize>) -> impl DoubleEndedIterator<Item = RowRef<'_>> {
        let (from, to) = (places.start, places.end.min(self.len));
        let first = self
            .starts
            .partition_point(|start| *start <= from)
            .saturating_sub(1);
        let end = self.starts.partition_point(|start| *start < to);
        let chunks = self.starts.iter().zip(&self.chunks).take(end).skip(first);
        chunks.flat_map(move |(start, chunk)| {
            let within = from.saturating_sub(*start)..to.saturating_sub(*start).min(chunk.len());
            within.filter_map(|at| chunk.get(at))
        })
    }

    /// The number of the newest row.
    #[must_use]
    pub fn last_id(&self) -> Option<ExchangeId> {
        self.chunks.last()?.last_id()
    }

    /// The number of the oldest row.
    #[must_use]
    pub fn first_id(&self) -> Option<ExchangeId> {
        self.chunks.first()?.id(0)
    }

    /// Takes a row in, or replaces the one with its number.
    pub fn put<'r>(&mut self, row: impl Into<RowRef<'r>>) {
        let row = row.into();
        let is_newest = self.last_id().is_none_or(|last| last < row.id);
        if is_newest && self.chunks.last().is_none_or(|last| last.len() >= ROWS) {
            self.begin_chunk();
        }
        let (mut number, mut at) = self.find(row.id);
        if let Some(last) = self.chunks.len().checked_sub(1)
            && number > last
        {
            (number, at) = (last, self.chunks[last].len());
        }
        let Some(chunk) = self.chunks.get_mut(number) else {
            return;
        };
        let old = chunk.get(at).filter(|old| old.id == row.id);
        let replace = old.is_some();
        if let Some(old) = old {
            self.counts.remove(old);
        }
        self.counts.add(row);
        Arc::make_mut(chunk).put(at, row, replace);
        if !replace {
            self.len += 1;
            self.grown(number);
        }
    }

    /// Takes in rows that may all be older than those that are there, in any order.
    pub fn put_older(&mut self, mut rows: Vec<ExchangeRow>) {
        rows.sort_by_key(|row| row.id);
        rows.dedup_by_key(|row| row.id);
        let first = self.first_id();
        let older = rows.partition_point(|row| first.is_none_or(|first| row.id < first));
        for row in rows.drain(older..) {
            self.put(&row);
        }
        let mut before = Self::default();
        for row in &rows {
            before.put(row);
        }
        before.seal_last();
        before.chunks.append(&mut self.chunks);
        self.chunks = before.chunks;
        self.counts = self.counts.plus(before.counts);
        self.count_starts(0);
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: ExchangeId) {
        let (number, at) = self.find(id);
        let Some(chunk) = self.chunks.get_mut(number) else {
            return;
        };
        if let Some(row) = chunk.get(at).filter(|row| row.id == id) {
            self.counts.remove(row);
            Arc::make_mut(chunk).remove(at);
            self.drop_empty_chunks(number);
        }
    }

    /// Takes the rows out that are not to be kept.
    pub fn retain(&mut self, mut keep: impl FnMut(RowRef<'_>) -> bool) {
        for chunk in &mut self.chunks {
            let gone: Vec<usize> = (0..chunk.len())
                .filter(|at| chunk.get(*at).is_some_and(|row| !keep(row)))
                .collect();
            if gone.is_empty() {
                continue;
            }
            let chunk = Arc::make_mut(chunk);
            for at in gone.into_iter().rev() {
                if let Some(row) = chunk.get(at) {
                    self.counts.remove(row);
                }
                chunk.remove(at);
            }
        }
        self.drop_empty_chunks(0);
    }

    /// Takes out so many of the oldest rows that may go; says which.
    pub fn forget_oldest(
        &mut self,
        count: usize,
        mut may_go: impl FnMut(RowRef<'_>) -> bool,
    ) -> Vec<ExchangeId> {
        let gone: Vec<ExchangeId> = self
            .iter()
            .filter(|row| may_go(*row))
            .take(count)
            .map(|row| row.id)
            .collect();
        if let [one] = gone.as_slice() {
            self.remove(*one);
        } else if let Some(last) = gone.last().copied() {
            self.retain(|row| row.id > last || gone.binary_search(&row.id).is_err());
        }
        gone
    }

    /// The chunk that holds a number or would take it in, and the place in it; beyond the last chunk for a newer one.
    fn find(&self, id: ExchangeId) -> (usize, usize) {
        let chunk = self
            .chunks
            .partition_point(|chunk| chunk.last_id().is_some_and(|last| last < id));
        let at = self.chunks.get(chunk).map_or(0, |chunk| chunk.rank(id));
        (chunk, at)
    }

    fn begin_chunk(&mut self) {
        self.seal_last();
        self.chunks.push(Arc::new(Chunk::with_capacity(ROWS)));
        self.starts.push(self.len);
    }

    fn seal_last(&mut self) {
        if let Some(last) = self.chunks.last_mut() {
            Arc::make_mut(last).seal();
        }
    }

    /// A chunk has one row more.
    fn grown(&mut self, number: usize) {
        if let Some(chunk) = self.chunks.get_mut(number)
            && chunk.len() > 2 * ROWS
        {
            let later = Arc::make_mut(chunk).split_off_half();
            self.chunks.insert(number + 1, Arc::new(later));
        }
        self.count_starts(number);
    }

    fn drop_empty_chunks(&mut self, from: usize) {
        self.chunks.retain(|chunk| chunk.len() > 0);
        self.count_starts(from);
    }

    fn count_starts(&mut self, from: usize) {
        self.starts.truncate(from);
        let mut start = match from.checked_sub(1) {
            None => 0,
            Some(before) => self
                .starts
                .get(before)
                .zip(self.chunks.get(before))
                .map_or(0, |(start, chunk)| start + chunk.len()),
        };
        for chunk in self.chunks.iter().skip(self.starts.len()) {
            self.starts.push(start);
            start += chunk.len();
        }
        self.len = start;
    }
}

impl<'r, R: Into<RowRef<'r>>> FromIterator<R> for Index {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        let mut index = Self::default();
        for row in rows {
            index.put(row);
        }
        index
    }
}
