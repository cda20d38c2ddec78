//! The order of the list: by what a column tells, up or down.

use std::cmp::Ordering;
use std::collections::HashMap;

use cgi_engine::exchange::{ExchangeId, RowRef};
use cgi_engine::history::Index;
use cgi_engine::history::cell::Cell;

use super::by_value::{self, Values};

/// What rows are ordered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Their numbers, which is the order in which they began.
    #[default]
    Number,
    /// The method.
    Method,
    /// The script's or file's name, or the target where nothing was found.
    Script,
    /// The whole target.
    Target,
    /// The status.
    Status,
    /// The time taken.
    Time,
    /// Bytes answered.
    Size,
    /// Lines on standard error.
    Stderr,
    /// The headline finding.
    Finding,
    /// The user's own words; rows without any come last.
    Comment,
    /// A value of the records.
    Cell(Cell),
}

/// An order and its direction. The usual one has the newest request on top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: SortBy,
    /// The smallest is on top.
    pub ascending: bool,
}

/// What is told of a row before rows are compared: a number, or the place of its text among all texts.
type Key = (u64, ExchangeId);

impl SortBy {
    /// All orders with the words that preferences keep them by.
    pub const WORDS: [(&'static str, Self); 10] = [
        ("number", Self::Number),
        ("method", Self::Method),
        ("script", Self::Script),
        ("target", Self::Target),
        ("status", Self::Status),
        ("time", Self::Time),
        ("size", Self::Size),
        ("stderr", Self::Stderr),
        ("finding", Self::Finding),
        ("comment", Self::Comment),
    ];

    /// How two rows stand to each other; rows that are alike stand by their numbers.
    #[must_use]
    pub fn compare(&self, a: RowRef<'_>, b: RowRef<'_>, values: &Values) -> Ordering {
        let told = match (self.text(a, values), self.text(b, values)) {
            (Some(a), Some(b)) => self.compare_texts(a, b),
            _ => self.number(a).cmp(&self.number(b)),
        };
        told.then(a.id.cmp(&b.id))
    }

    /// Puts rows into order, the smallest first.
    pub fn sort(&self, rows: &Index, ids: &mut [ExchangeId], values: &Values) {
        if *self == Self::Number {
            return ids.sort_unstable();
        }
        let row = |id: &ExchangeId| rows.get(*id);
        let keys: Vec<Key> = if self.has_texts() {
            let text = |id| row(id).and_then(|row| self.text(row, values));
            let texts = ids.iter().map(|id| text(id).unwrap_or_default());
            let ranks = ranks(texts.clone(), |a, b| self.compare_texts(a, b));
            let of = |text| ranks.get(text).copied().unwrap_or_default();
            ids.iter()
                .copied()
                .zip(texts)
                .map(|(id, text)| (of(text), id))
                .collect()
        } else {
            let number = |id: &ExchangeId| row(id).map_or(0, |row| self.number(row));
            ids.iter().map(|id| (number(id), *id)).collect()
        };
        let mut keys = keys;
        keys.sort_unstable();
        for (place, (_, id)) in ids.iter_mut().zip(keys) {
            *place = id;
        }
    }

    fn has_texts(&self) -> bool {
        matches!(
            self,
            Self::Method | Self::Script | Self::Target | Self::Comment | Self::Cell(_)
        )
    }

    fn compare_texts(&self, a: &str, b: &str) -> Ordering {
        match self {
            Self::Cell(_) => by_value::compare(a, b),
            Self::Comment => compare_comments(a, b),
            _ => a.cmp(b),
        }
    }

    fn text<'t>(&self, row: RowRef<'t>, values: &'t Values) -> Option<&'t str> {
        match self {
            Self::Method => Some(row.method),
            Self::Script if row.name.is_empty() => Some(row.target),
            Self::Script => Some(row.name),
            Self::Target => Some(row.target),
            Self::Comment => Some(row.comment.unwrap_or_default()),
            Self::Cell(_) => Some(values.of(row.id)),
            _ => None,
        }
    }

    /// What is not there yet is smaller than everything that is.
    fn number(&self, row: RowRef<'_>) -> u64 {
        match self {
            Self::Status => row.status.map_or(0, u64::from),
            Self::Time => row.duration.map_or(0, |time| {
                u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1)
            }),
            Self::Size => row.response_bytes,
            Self::Stderr => u64::from(row.stderr_lines),
            Self::Finding => row.headline.map_or(0, |(code, _)| u64::from(code)),
            Self::Number
            | Self::Method
            | Self::Script
            | Self::Target
            | Self::Comment
            | Self::Cell(_) => row.id.0,
        }
    }
}

/// How two comments stand to each other: by their letters, large or small; none comes after all, as the few rows that
/// have one are looked for.
fn compare_comments(a: &str, b: &str) -> Ordering {
    fn small(text: &str) -> impl Iterator<Item = char> {
        text.chars().flat_map(char::to_lowercase)
    }
    let unsaid = a.is_empty().cmp(&b.is_empty());
    unsaid
        .then_with(|| small(a).cmp(small(b)))
        .then_with(|| a.cmp(b))
}

/// The place of each text among all of them, so that a million rows are ordered by numbers.
fn ranks<'t>(
    texts: impl Iterator<Item = &'t str>,
    compare: impl Fn(&str, &str) -> Ordering,
) -> HashMap<&'t str, u64> {
    let mut ranks: HashMap<&str, u64> = texts.map(|text| (text, 0)).collect();
    let mut sorted: Vec<&str> = ranks.keys().copied().collect();
    sorted.sort_unstable_by(|a, b| compare(a, b));
    for (rank, text) in (0..).zip(sorted) {
        ranks.insert(text, rank);
    }
    ranks
}

impl Order {
    /// How preferences keep it: `status`, or `-status` where the largest is on top.
    #[must_use]
    pub fn word(&self) -> String {
        let sign = if self.ascending { "" } else { "-" };
        if let SortBy::Cell(cell) = &self.by {
            return format!("{sign}{cell}");
        }
        let known = SortBy::WORDS.into_iter().find(|(_, by)| *by == self.by);
        let word = known.map_or("number", |(word, _)| word);
        format!("{sign}{word}")
    }

    /// The order of this word; the usual one for a word that is none.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        let ascending = !word.starts_with('-');
        let name = word.trim_start_matches('-');
        let known = SortBy::WORDS.into_iter().find(|(other, _)| *other == name);
        let by = known.map(|(_, by)| by);
        let by = by.or_else(|| Cell::named(name).map(SortBy::Cell));
        by.map_or_else(Self::default, |by| Self { by, ascending })
    }

    /// Whether it is the usual one, or that the other way round: the rows as they stand in the index.
    #[must_use]
    pub fn is_by_number(&self) -> bool {
        self.by == SortBy::Number
    }

    /// The order after a click on the column that is ordered by this: from its usual direction to the other, and
    /// back to the usual order of the list.
    #[must_use]
    pub fn clicked(&self, by: SortBy) -> Self {
        let usual = Self {
            ascending: by.has_texts(),
            by,
        };
        let other = Self {
            ascending: !usual.ascending,
            ..usual.clone()
        };
        match self {
            order if *order == usual => other,
            order if *order == other => Self::default(),
            _ => usual,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::row;
    use super::*;
    use cgi_engine::exchange::ExchangeRow;
    use std::time::Duration;

    fn rows() -> Index {
        let of = |id, name: &str, status, millis| ExchangeRow {
            name: name.into(),
            status,
            duration: Some(Duration::from_millis(millis)),
            ..row(id)
        };
        let said = |comment: &str| Some(comment.to_owned());
        let rows = [
            of(1, "b.py", Some(200), 30),
            ExchangeRow {
                comment: said("before"),
                ..of(2, "a.py", Some(502), 10)
            },
            of(3, "b.py", None, 20),
            ExchangeRow {
                comment: said("After"),
                ..of(4, "", Some(200), 30)
            },
        ];
        rows.iter().collect()
    }

    #[track_caller]
    fn check(by: &SortBy, expected: [u64; 4]) {
        let rows = rows();
        let mut ids: Vec<ExchangeId> = rows.iter().map(|row| row.id).collect();
        let values = Values::default();
        by.sort(&rows, &mut ids, &values);
        assert_eq!(ids, expected.map(ExchangeId), "{by:?}");
        let in_order = ids.is_sorted_by(|a, b| {
            let pair = rows.get(*a).zip(rows.get(*b));
            pair.is_some_and(|(a, b)| by.compare(a, b, &values) == Ordering::Less)
        });
        assert!(in_order, "{by:?}");
    }

    #[test]
    fn rows_stand_by_what_the_column_tells_and_then_by_number() {
        check(&SortBy::Number, [1, 2, 3, 4]);
        check(&SortBy::Status, [3, 1, 4, 2]);
        check(&SortBy::Time, [2, 3, 1, 4]);
        check(&SortBy::Script, [4, 2, 1, 3]);
        check(&SortBy::Stderr, [1, 2, 3, 4]);
        check(&SortBy::Comment, [4, 2, 1, 3]);
    }

    #[test]
    fn preferences_keep_every_order() {
        let cell = Cell::named("env.PATH_INFO").map(SortBy::Cell);
        for by in SortBy::WORDS.into_iter().map(|(_, by)| by).chain(cell) {
            for ascending in [false, true] {
                let by = by.clone();
                let order = Order { by, ascending };
                assert_eq!(Order::of_word(&order.word()), order);
            }
        }
        for word in ["", "-", "colour"] {
            assert_eq!(Order::of_word(word), Order::default(), "{word}");
        }
    }

    #[test]
    fn three_clicks_lead_back_to_the_usual_order() {
        let first = Order::default().clicked(SortBy::Status);
        let second = first.clicked(SortBy::Status);
        assert_eq!((first.ascending, second.ascending), (false, true));
        assert_eq!(second.clicked(SortBy::Status), Order::default());
        assert!(first.clicked(SortBy::Script).ascending);
        assert!(Order::default().clicked(SortBy::Number).ascending);
    }
}
