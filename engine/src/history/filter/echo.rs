//! A filter in plain language, so that who typed it sees what it means.

use super::field::{Field, FieldKind};
use super::judge::is_script_path;
use super::token::Operator;
use super::value::{Moment, Test};
use super::{Clause, Expression, Filter, Flag};
use crate::process::Signal;
use std::ops::RangeInclusive;
use std::time::Duration;

impl Filter {
    /// The filter as a sentence without its full stop: "the status is 500 to 599 and stderr has “Traceback”".
    #[must_use]
    pub fn in_words(&self) -> String {
        words(&self.root)
    }
}

fn words(expression: &Expression) -> String {
    match expression {
        Expression::All => "everything".to_owned(),
        Expression::Not(inner) => format!("not ({})", words(inner)),
        Expression::And(parts) => joined(parts, " and "),
        Expression::Or(parts) => joined(parts, " or "),
        Expression::Word(needle) => format!("“{}” is somewhere in it", needle.text),
        Expression::Flag(flag) => flag_words(*flag).to_owned(),
        Expression::Clause(clause) => clause_words(clause),
    }
}

fn joined(parts: &[Expression], with: &str) -> String {
    let part = |part: &Expression| match part {
        Expression::And(_) | Expression::Or(_) => format!("({})", words(part)),
        _ => words(part),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(with)
}

pub(super) fn flag_words(flag: Flag) -> &'static str {
    match flag {
        Flag::Failed => "it failed",
        Flag::Slow => "it took a second or longer",
        Flag::Running => "it still runs",
        Flag::Static => "it is a file sent as it is",
        Flag::Nph => "it is an NPH script",
        Flag::Pinned => "it is pinned",
        Flag::Replayed => "it is a replay",
        Flag::Imported => "it came from a file",
        Flag::HungUp => "its client hung up",
    }
}

fn clause_words(clause: &Clause) -> String {
    let noun = match (&clause.key, clause.field) {
        (Some(key), Field::Env) => format!("the variable {key}"),
        (Some(key), Field::Cookie) => format!("the cookie {key}"),
        (Some(key), Field::Header) => format!("the request header {key}"),
        (Some(key), Field::Response) => format!("the response header {key}"),
        (_, field) => field.noun().to_owned(),
    };
    let kind = clause.field.kind();
    match &clause.test {
        Test::Present if clause.field == Field::Finding => "there is a finding".to_owned(),
        Test::Present => format!("there is something in {noun}"),
        Test::Has(needle) | Test::Whole { needle, is: true } if is_script_path(clause, needle) => {
            format!("the script is {}", needle.text)
        }
        Test::Whole { needle, is: false } if is_script_path(clause, needle) => {
            format!("the script is not {}", needle.text)
        }
        Test::Has(needle) if clause.field == Field::Method => {
            format!("{noun} is {}", needle.text)
        }
        Test::Has(needle) => format!("{noun} has “{}”", needle.text),
        Test::Whole { needle, is: true } => format!("{noun} is “{}”", needle.text),
        Test::Whole { needle, is: false } => format!("{noun} is not “{}”", needle.text),
        Test::Matches(regex) => format!("{noun} matches {}", regex.as_str()),
        Test::Number { operator, range } => {
            format!("{noun} is {}", number_words(kind, *operator, range))
        }
        Test::Began { moment, since } => {
            let when = if *since { "since" } else { "before" };
            format!("it began {when} {}", moment_words(*moment))
        }
    }
}

fn number_words(kind: FieldKind, operator: Operator, range: &RangeInclusive<u64>) -> String {
    let value = |number: &u64| value_words(kind, *number);
    let (low, high) = (range.start(), range.end());
    let all = if low == high {
        value(low)
    } else {
        format!("{} to {}", value(low), value(high))
    };
    match operator {
        Operator::IsNot => format!("not {all}"),
        Operator::Greater => format!("more than {}", value(high)),
        Operator::GreaterOrEqual => format!("{} or more", value(low)),
        Operator::Less => format!("less than {}", value(low)),
        Operator::LessOrEqual => format!("{} at most", value(high)),
        Operator::Has | Operator::Is | Operator::Matches => all,
    }
}

fn value_words(kind: FieldKind, number: u64) -> String {
    match kind {
        FieldKind::Duration => format!("{:?}", Duration::from_micros(number)),
        FieldKind::Bytes => format!("{number} B"),
        FieldKind::Code => format!("CGI{number:03}"),
        FieldKind::Signal => i32::try_from(number).map_or_else(
            |_| number.to_string(),
            |number| Signal::from_number(number).to_string(),
        ),
        FieldKind::Status | FieldKind::Number | FieldKind::Text | FieldKind::Moment => {
            number.to_string()
        }
    }
}

fn moment_words(moment: Moment) -> String {
    match moment {
        Moment::At(moment) => moment.date_and_time(),
        Moment::Ago(span) => format!("{} ago", span_words(span)),
        Moment::Clock { hour, minute } => format!("{hour:02}:{minute:02}"),
    }
}

fn span_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        0 => return format!("{span:?}"),
        s if s % 86_400 == 0 => (s / 86_400, "day"),
        s if s % 3_600 == 0 => (s / 3_600, "hour"),
        s if s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}
