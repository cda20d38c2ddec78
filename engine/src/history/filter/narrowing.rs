//! Which records can hold the texts that a filter looks for, asked of an index once, so that the rest stays unread.

use super::field::Field;
use super::judge::{self, Verdict};
use super::value::Test;
use super::{Clause, Expression, Filter};
use crate::clock::Timestamp;
use crate::exchange::{ExchangeId, Recorded, RowRef};

/// What an index of recorded texts told of the texts of one filter.
#[derive(Clone, Debug)]
pub struct Narrowing {
    /// Exchanges with larger numbers were not in the index yet.
    up_to: ExchangeId,
    texts: Vec<Held>,
}

/// The only exchanges that may hold this text, by number.
#[derive(Clone, Debug)]
struct Held {
    text: String,
    by: Vec<ExchangeId>,
}

impl Narrowing {
    /// Asks an index of recorded texts for each text that records have to hold to pass the filter. `holding` tells
    /// which recorded exchanges may hold a text, in the order of their numbers, or none if it cannot tell; exchanges
    /// up to `up_to` are known to it.
    ///
    /// # Errors
    /// Those of `holding`.
    pub fn of<E>(
        filter: &Filter,
        up_to: ExchangeId,
        mut holding: impl FnMut(&str) -> Result<Option<Vec<ExchangeId>>, E>,
    ) -> Result<Self, E> {
        let mut leaves = Vec::new();
        filter.root.leaves(&mut leaves);
        let mut texts: Vec<Held> = Vec::new();
        for text in leaves.into_iter().filter_map(needed) {
            if texts.iter().all(|held| held.text != text)
                && let Some(by) = holding(text)?
            {
                texts.push(Held {
                    text: text.to_owned(),
                    by,
                });
            }
        }
        Ok(Self { up_to, texts })
    }

    /// The record of this row does not hold what the leaf looks for.
    fn excludes(&self, leaf: &Expression, row: RowRef<'_>) -> bool {
        // Who runs still may print it yet, and who is only in memory is in no index.
        if row.recorded != Recorded::OnDisk || row.id > self.up_to {
            return false;
        }
        needed(leaf)
            .and_then(|text| self.texts.iter().find(|held| held.text == text))
            .is_some_and(|held| held.by.binary_search(&row.id).is_err())
    }
}

impl Filter {
    /// What the row tells together with the index; [`Verdict::Unknown`] where the record has to be read after all.
    #[must_use]
    pub fn judge_narrowed<'r>(
        &self,
        row: impl Into<RowRef<'r>>,
        narrowing: &Narrowing,
        now: Timestamp,
    ) -> Verdict {
        let row = row.into();
        judge::judge(&self.root, &|leaf| match judge::of_row(leaf, row, now) {
            Verdict::Unknown if narrowing.excludes(leaf, row) => Verdict::Fail,
            told => told,
        })
    }
}

impl Expression {
    fn leaves<'e>(&'e self, into: &mut Vec<&'e Self>) {
        match self {
            Self::Not(inner) => inner.leaves(into),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.leaves(into)),
            leaf => into.push(leaf),
        }
    }
}

/// A text without which no record passes this leaf.
fn needed(leaf: &Expression) -> Option<&str> {
    match leaf {
        Expression::Word(needle) => Some(&needle.text),
        Expression::Clause(clause) if is_text(clause) => match &clause.test {
            Test::Has(needle) => Some(&needle.text),
            Test::Whole { needle, is: true } => {
                needle.text.split('*').max_by_key(|part| part.len())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Fields whose text is in records as it was captured.
fn is_text(clause: &Clause) -> bool {
    matches!(
        clause.field,
        Field::Argv
            | Field::Cookie
            | Field::Env
            | Field::Header
            | Field::Response
            | Field::Source
            | Field::Stderr
            | Field::Stdin
            | Field::Stdout
    )
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::exchange::{ExchangeRow, Progress, RowKind};

    fn row(id: u64) -> ExchangeRow {
        ExchangeRow {
            kind: RowKind::Script,
            progress: Progress::Answered,
            recorded: Recorded::OnDisk,
            comment: Some("noted".into()),
            stderr_lines: 1,
            ..ExchangeRow::begun(ExchangeId(id), Timestamp::from_unix_millis(0))
        }
    }

    /// The verdicts of four rows, of which the index knows three; what it was asked.
    fn narrowed(text: &str) -> ([Verdict; 4], Vec<String>) {
        let filter = parse(text).filter;
        let now = Timestamp::from_unix_millis(0);
        let mut asked = Vec::new();
        let narrowing = Narrowing::of(&filter, ExchangeId(3), |text| {
            asked.push(text.to_owned());
            Ok::<_, ()>((text.len() > 2).then(|| vec![ExchangeId(2)]))
        });
        let narrowing = narrowing.unwrap();
        let judge = |row: &ExchangeRow| filter.judge_narrowed(row, &narrowing, now);
        let running = ExchangeRow {
            recorded: Recorded::NotYet,
            ..row(3)
        };
        let verdicts = [
            judge(&row(1)),
            judge(&row(2)),
            judge(&running),
            judge(&row(4)),
        ];
        (verdicts, asked)
    }

    #[track_caller]
    fn check(text: &str, asked: &[&str], expected: [Verdict; 4]) {
        let (verdicts, was_asked) = narrowed(text);
        assert_eq!(was_asked, asked, "{text}");
        assert_eq!(verdicts, expected, "{text}");
    }

    #[test]
    fn only_records_that_can_hold_the_text_are_left_to_read() {
        use Verdict::{Fail, Pass, Unknown};
        let read = [Fail, Unknown, Unknown, Unknown];
        check("trace", &["trace"], read);
        check("stdout:trace", &["trace"], read);
        check("env.PATH:trace stdin:trace", &["trace"], read);
        check("stdout=tr*trace*", &["trace"], read);
        check(
            "-stdout:trace",
            &["trace"],
            [Pass, Unknown, Unknown, Unknown],
        );
        check("-trace and trace", &["trace"], read);
        check("trace or stderr:other", &["trace", "other"], read);
    }

    #[test]
    fn what_no_index_can_tell_is_read() {
        let read = [Verdict::Unknown; 4];
        check("ab", &["ab"], read);
        check("stdout~trace", &[], read);
        check("stdout!=trace", &[], read);
        check("trace or stdout~x", &["trace"], read);
        check("exit:3", &[], read);
    }

    #[test]
    fn what_a_row_tells_counts_though_no_record_holds_it() {
        check("noted", &["noted"], [Verdict::Pass; 4]);
    }
}
