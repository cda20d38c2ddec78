//! What a field must be like: from operator and value to a test.

use std::ops::RangeInclusive;
use std::time::Duration;

use regex::bytes::{Regex, RegexBuilder};

use super::field::FieldKind;
use super::search::Needle;
use super::token::Operator;
use crate::clock::Timestamp;
use crate::process::Signal;

/// A compiled regular expression may take so much memory.
const REGEX_BYTES: usize = 1 << 20;

/// What a field must be like.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// There is something.
    Present,
    /// The text is a part of it.
    Has(Needle),
    /// The text is all of it (or not).
    Whole { needle: Needle, is: bool },
    /// The expression is found in it.
    Matches(Regex),
    /// The number compares so with the value, which is a range where it was not typed to its end: `5xx`.
    /// Time spans count in microseconds.
    Number {
        operator: Operator,
        range: RangeInclusive<u64>,
    },
    /// It began since the moment, or before it.
    Began { moment: Moment, since: bool },
}

/// A moment as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// So long before now.
    Ago(Duration),
    /// The last time that the clock showed this hour and minute.
    Clock { hour: i8, minute: i8 },
    /// This very moment.
    At(Timestamp),
}

impl Moment {
    /// When that was, seen from `now`.
    pub(super) fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(span) => now.earlier_by(span),
            Self::Clock { hour, minute } => now.last_time_at(hour, minute),
        }
    }
}

/// Makes the test, or tells what is wrong with the value, as the end of a sentence that begins with the field.
pub(super) fn test(kind: FieldKind, operator: Operator, value: &str) -> Result<Test, String> {
    if kind == FieldKind::Text {
        return text(operator, value);
    }
    if value.is_empty() && operator == Operator::Has && kind != FieldKind::Moment {
        return Ok(Test::Present);
    }
    if operator == Operator::Matches {
        return Err("is no text, so it cannot match a regular expression".to_owned());
    }
    if kind == FieldKind::Moment {
        return moment(operator, value);
    }
    let range = numbers(kind, value)?;
    Ok(Test::Number { operator, range })
}

fn text(operator: Operator, value: &str) -> Result<Test, String> {
    match operator {
        Operator::Has if value.is_empty() => Ok(Test::Present),
        Operator::Has => Ok(Test::Has(Needle::new(value))),
        Operator::Is | Operator::IsNot => Ok(Test::Whole {
            needle: Needle::new(value),
            is: operator == Operator::Is,
        }),
        Operator::Matches => RegexBuilder::new(value)
            .size_limit(REGEX_BYTES)
            .dfa_size_limit(REGEX_BYTES)
            .build()
            .map(Test::Matches)
            .map_err(|error| format!("cannot be matched: {}", in_one_line(&error.to_string()))),
        Operator::Greater | Operator::GreaterOrEqual | Operator::Less | Operator::LessOrEqual => {
            Err("is a text, which is neither more nor less than another; use : or =".to_owned())
        }
    }
}

/// The regex crate draws the place over several lines; its last line says what is wrong.
fn in_one_line(message: &str) -> String {
    let last = message.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

fn moment(operator: Operator, value: &str) -> Result<Test, String> {
    if !matches!(operator, Operator::Has | Operator::Is) {
        return Err("takes a colon: since:10m".to_owned());
    }
    let moment = clock(value)
        .or_else(|| span(value, None).map(Moment::Ago))
        .ok_or("needs a time span or a time of day, such as 10m, 2h or 14:05")?;
    Ok(Test::Began {
        moment,
        since: true,
    })
}

fn clock(value: &str) -> Option<Moment> {
    let (hour, minute) = value.split_once(':')?;
    let part = |text: &str, limit: i8| {
        let digits =
            (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|&number: &i8| digits && number < limit)
    };
    Some(Moment::Clock {
        hour: part(hour, 24)?,
        minute: part(minute, 60)?,
    })
}

fn numbers(kind: FieldKind, value: &str) -> Result<RangeInclusive<u64>, String> {
    let one = |number: u64| number..=number;
    let found = match kind {
        FieldKind::Status => return status(value),
        FieldKind::Number | FieldKind::Text | FieldKind::Moment => {
            value.parse().ok().map(one).ok_or("needs a whole number")
        }
        FieldKind::Duration => span(value, Some("ms"))
            .and_then(|span| u64::try_from(span.as_micros()).ok())
            .map(one)
            .ok_or("needs a time span such as 100ms or 2s"),
        FieldKind::Bytes => bytes(value)
            .map(one)
            .ok_or("needs a count of bytes such as 500, 10k or 2M"),
        FieldKind::Code => code(value)
            .map(one)
            .ok_or("needs the code of a rule such as CGI023"),
        FieldKind::Signal => signal(value)
            .map(one)
            .ok_or("needs a signal such as KILL or 9"),
    };
    found.map_err(str::to_owned)
}

/// `404`, `4xx`, and what is not yet typed to its end: `4`, `40`.
fn status(value: &str) -> Result<RangeInclusive<u64>, String> {
    let digits = value.trim_end_matches(['x', 'X']);
    let places = u32::try_from(value.len())
        .ok()
        .filter(|&places| places <= 3);
    let number: Option<u64> = digits.parse().ok();
    let (Some(_), Some(number), true) = (places, number, digits.len() <= 3) else {
        return Err("needs three digits or a class such as 5xx".to_owned());
    };
    let width = 10_u64.pow(3 - u32::try_from(digits.len()).unwrap_or(3));
    Ok(number * width..=number * width + (width - 1))
}

fn split_unit(value: &str) -> (&str, &str) {
    let digits = value
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(value.len());
    value.split_at(digits)
}

/// A number and its unit. Without `usual` the unit must be there.
fn span(value: &str, usual: Option<&str>) -> Option<Duration> {
    let (number, unit) = split_unit(value);
    let unit = if unit.is_empty() { usual? } else { unit };
    let seconds = match unit {
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    Duration::try_from_secs_f64(number * seconds).ok()
}

fn bytes(value: &str) -> Option<u64> {
    let (number, unit) = split_unit(value);
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return None,
    };
    let number: f64 = number.parse().ok()?;
    // Where the product is too large for the type, the conversion stays at its largest value.
    Some((number * f64::from(1_u32 << shift)) as u64)
}

fn code(value: &str) -> Option<u64> {
    let digits = match value.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("cgi") => value.get(3..)?,
        _ => value,
    };
    digits.parse().ok()
}

fn signal(value: &str) -> Option<u64> {
    let number = value
        .parse()
        .ok()
        .or_else(|| Signal::named(value).map(Signal::number))?;
    u64::try_from(number).ok()
}
