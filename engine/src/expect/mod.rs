//! What a run is expected to be like, and what was found instead: this page is the grammar.
//!
//! ```text
//! expectation = status | header | variable | stream | exit | time | finding
//! status   = "status" ["not"] code { "," code }        code = 200, or 2xx
//! header   = "header" NAME ":" value | "header" NAME test
//! variable = "env" NAME test
//! stream   = ("body" | "stdout" | "stderr") test
//! exit     = "exit" ["not"] (NUMBER | SIGNAL)           SIGNAL = SIGKILL or KILL
//! time     = "time" ("<" | "<=" | ">" | ">=") span      span = 500ms, 2s, 1.5s
//! finding  = "finding" ("none" | "no errors" | "no warnings" | ["not"] CODE)
//! test     = ("=" | "!=") value | ["not"] ("contains" value | "matches" regex | "empty") | "absent" | "present"
//! value    = '"' { any | escape } '"' | the rest of the line
//! escape   = "\" ('"' | "\" | "n" | "r" | "t" | "x" HEX HEX)
//! ```
//!
//! - `header NAME: value` is `header NAME = value`. In a value without quotes `*` stands for anything.
//! - Of several fields of one name one has to be so; with `not` or `!=`, all of them.
//! - The body is what the client got; `stdout` is all that the script printed, its header block too.
//! - In the quotes of a regular expression only `\"` is an escape. Letter case counts but in names of fields.
//! - `finding no warnings` also means no errors; `finding none` no notes either.
//!
//! Judging is pure: the same recorded run always has the same outcomes.

mod happened;
mod judge;
mod observed;
mod parser;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

pub use happened::happened;
pub use parser::{Problem, parse};

use crate::diagnosis::RuleCode;
use crate::exchange::Exchange;
use crate::process::Exit;
use regex::bytes::Regex;
use value::Value;

/// Something that a run is expected to be like; [`parse()`] makes one.
#[derive(Clone, Debug)]
pub struct Expectation {
    text: String,
    subject: Subject,
}

impl Expectation {
    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Expectation {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Expectation {}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[derive(Clone, Debug)]
enum Subject {
    Status {
        codes: Vec<RangeInclusive<u16>>,
        is: bool,
    },
    Header {
        name: String,
        test: Test,
    },
    Variable {
        name: String,
        test: Test,
    },
    Stream {
        stream: Stream,
        test: Test,
    },
    Exit {
        how: Ending,
        is: bool,
    },
    Time {
        comparison: Comparison,
        limit: Duration,
    },
    Finding(Found),
}

#[derive(Clone, Debug)]
enum Test {
    Present,
    Absent,
    Empty { is: bool },
    Equals { value: Value, is: bool },
    Contains { value: Vec<u8>, is: bool },
    Matches { regex: Regex, is: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Body,
    Stdout,
    Stderr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Code(i32),
    Signal(i32),
}

impl Ending {
    fn is(self, exit: Exit) -> bool {
        match (self, exit) {
            (Self::Code(code), Exit::Code(found)) => code == found,
            (Self::Signal(wanted), Exit::Signal { number, .. }) => wanted == number,
            _ => false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    None,
    NoErrors,
    NoWarnings,
    Code { code: RuleCode, is: bool },
}

/// What became of an expectation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The expectation as it was written.
    pub expected: String,
    /// The run is like that.
    pub met: bool,
    /// What was found, in words.
    pub found: String,
    /// Where to look.
    pub place: Place,
}

/// A part of a recorded run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// The status of the response.
    Status,
    /// Fields of the response head of this name.
    Header(String),
    /// The response body, from this byte of it on.
    Body(Option<u64>),
    /// Standard output, from this byte on.
    Stdout(Option<u64>),
    /// Standard error, from this byte on.
    Stderr(Option<u64>),
    /// A meta-variable.
    Variable(String),
    /// The end of the process.
    Exit,
    /// The times.
    Time,
    /// What the diagnosis says.
    Findings,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stream, at) = match self {
            Self::Status => return f.write_str("status"),
            Self::Header(name) => return write!(f, "response field {name}"),
            Self::Variable(name) => return write!(f, "variable {name}"),
            Self::Exit => return f.write_str("end of the process"),
            Self::Time => return f.write_str("time"),
            Self::Findings => return f.write_str("findings"),
            Self::Body(at) => ("response body", at),
            Self::Stdout(at) => ("standard output", at),
            Self::Stderr(at) => ("standard error", at),
        };
        match at {
            Some(at) => write!(f, "{stream}, byte {at}"),
            None => f.write_str(stream),
        }
    }
}

/// What a run came to, expectation by expectation, in their order.
#[must_use]
pub fn check(exchange: &Exchange, expectations: &[Expectation]) -> Vec<Outcome> {
    expectations
        .iter()
        .map(|expectation| judge::judge(exchange, expectation))
        .collect()
}
