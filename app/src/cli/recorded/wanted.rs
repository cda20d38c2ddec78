//! Which requests are meant: by number, by range, or by what they are.

use cgi_engine::exchange::{ExchangeId, ExchangeRow};
use cgi_engine::history::store::Archive;

/// One request or several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    /// The newest.
    Last,
    /// The newest that has failed.
    LastFailed,
    /// That one.
    One(ExchangeId),
    /// All that there are of these numbers, both ends among them.
    Range(ExchangeId, ExchangeId),
}

impl Wanted {
    /// Reads a number, a range, `last` or `last-failed`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            let digits = text.strip_prefix('#').unwrap_or(text);
            let number = digits.parse().ok().filter(|number| *number > 0);
            number.map(ExchangeId)
        };
        let range = text.split_once("..").or_else(|| text.split_once('-'));
        match (text, number(text), range) {
            ("last", ..) => Ok(Self::Last),
            ("last-failed", ..) => Ok(Self::LastFailed),
            (_, Some(id), _) => Ok(Self::One(id)),
            (_, _, Some((from, to))) => match (number(from), number(to)) {
                (Some(from), Some(to)) if from <= to => Ok(Self::Range(from, to)),
                (Some(_), Some(_)) => Err("the range ends before it begins".to_owned()),
                _ => Err(EXPECTED.to_owned()),
            },
            _ => Err(EXPECTED.to_owned()),
        }
    }

    /// The same without ranges.
    pub(crate) fn parse_one(text: &str) -> Result<Self, String> {
        match Self::parse(text)? {
            Self::Range(..) => Err("only one request can be shown at a time".to_owned()),
            one => Ok(one),
        }
    }

    /// The rows that are meant, oldest first.
    pub(crate) fn rows(self, archive: &Archive) -> anyhow::Result<Vec<ExchangeRow>> {
        let newest = || archive.rows().next().transpose();
        let found = match self {
            Self::Last => newest()?.into_iter().collect(),
            Self::LastFailed => {
                let failed = |row: &Result<ExchangeRow, _>| match row {
                    Ok(row) => row.has_failed(),
                    Err(_) => true,
                };
                let row = archive.rows().find(failed).transpose()?;
                vec![row.ok_or_else(|| anyhow::anyhow!("no recorded request has failed"))?]
            }
            Self::One(id) => archive.row(id)?.into_iter().collect(),
            Self::Range(from, to) => {
                let rows = archive.rows_before(ExchangeId(to.0.saturating_add(1)));
                let within = rows.take_while(|row| row.as_ref().map_or(true, |row| row.id >= from));
                let mut rows = within.collect::<Result<Vec<_>, _>>()?;
                rows.reverse();
                rows
            }
        };
        match (found.is_empty(), newest()?) {
            (false, _) => Ok(found),
            (true, None) => anyhow::bail!("no request is recorded"),
            (true, Some(newest)) => anyhow::bail!("{}", self.absent(archive, &newest)?),
        }
    }

    /// Why there is none, and what there is near by.
    fn absent(self, archive: &Archive, newest: &ExchangeRow) -> anyhow::Result<String> {
        let (asked, first) = match self {
            Self::One(id) => (format!("there is no request {id}"), id),
            Self::Range(from, to) => (format!("there are no requests {from} to {to}"), from),
            Self::Last | Self::LastFailed => (String::new(), newest.id),
        };
        if first > newest.id {
            return Ok(format!("{asked}; the newest is {}", newest.id));
        }
        let before = archive.rows_before(first).next().transpose()?;
        Ok(match before {
            Some(before) => format!(
                "{asked} any more; the nearest before it is {}, the newest {}",
                before.id, newest.id
            ),
            None => format!("{asked} any more; what is left goes up to {}", newest.id),
        })
    }
}

const EXPECTED: &str = "wanted is a number, a range as 3-7, last, or last-failed";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Wanted>) {
        assert_eq!(Wanted::parse(text).ok(), expected, "{text}");
    }

    #[test]
    fn requests_are_named_by_number_range_or_word() {
        let id = ExchangeId;
        check("last", Some(Wanted::Last));
        check("last-failed", Some(Wanted::LastFailed));
        check("12", Some(Wanted::One(id(12))));
        check("#12", Some(Wanted::One(id(12))));
        check("3-7", Some(Wanted::Range(id(3), id(7))));
        check("3..7", Some(Wanted::Range(id(3), id(7))));
        for wrong in [
            "",
            "0",
            "-1",
            "7-3",
            "3-",
            "x",
            "last-x",
            "99999999999999999999",
        ] {
            check(wrong, None);
        }
        assert!(Wanted::parse_one("3-7").is_err() && Wanted::parse_one("3").is_ok());
    }
}
