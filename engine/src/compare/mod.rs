//! Two recorded exchanges side by side: what was given, what ran, what came of it, and where they part.
//!
//! What differs from run to run by its nature (times, ports, process ids) is marked volatile, so that it can be
//! folded away; [`Comparison::first_difference`] is the first thing that is not.

mod fields;
mod json;
mod streams;
mod text;
mod unified;
pub mod versions;

pub use fields::{FieldChange, is_volatile_variable};
pub use text::{Gap, Line, Side, TextLine};
pub use unified::unified;

use crate::exchange::Exchange;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is compared, in the order of the chain from cause to effect.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// The script's source.
    Source,
    /// Request line and fields.
    Request,
    /// The meta-variables, the command line and the working directory.
    Environment,
    /// The request body.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Status and fields of the response, and how it ended.
    Response,
    /// When each thing happened, and what it cost.
    Time,
}

impl Part {
    /// All parts in order.
    pub const ALL: [Self; 8] = [
        Self::Source,
        Self::Request,
        Self::Environment,
        Self::Stdin,
        Self::Stdout,
        Self::Stderr,
        Self::Response,
        Self::Time,
    ];

    /// The part's name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Request => "Request",
            Self::Environment => "Environment",
            Self::Stdin => "stdin",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Response => "Response",
            Self::Time => "Time",
        }
    }
}

/// How alike two parts are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Likeness {
    /// Nothing differs.
    Same,
    /// Only what differs from run to run by its nature.
    Volatile,
    /// They differ.
    Different,
}

/// What differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// Nothing does.
    Nothing,
    /// Named values.
    Fields(Vec<FieldChange>),
    /// Lines of text, unchanged ones around the changes among them.
    Text(Vec<TextLine>),
    /// Bytes that are no text, or too many to compare line by line.
    Bytes {
        /// The first byte that differs, or where the shorter one ends.
        at: u64,
        /// The length of the earlier one.
        before: u64,
        /// The length of the later one.
        after: u64,
        /// What stands there in the earlier one, from the last offset before it that sixteen divides.
        old: Vec<u8>,
        /// What stands there in the later one.
        new: Vec<u8>,
    },
}

/// One part of a comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// Which part.
    pub part: Part,
    /// How alike.
    pub likeness: Likeness,
    /// What differs, in a few words.
    pub summary: String,
    /// What differs.
    pub content: Content,
}

/// A comparison was given up on request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the comparison was given up")]
pub struct Stopped;

/// Whether anybody still wants to know.
#[derive(Clone, Copy)]
struct Stop<'s>(&'s AtomicBool);

impl Stop<'_> {
    fn check(self) -> Result<(), Stopped> {
        if self.0.load(Ordering::Relaxed) {
            Err(Stopped)
        } else {
            Ok(())
        }
    }
}

/// Two exchanges, part by part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison {
    /// One section a part, in the order of [`Part::ALL`].
    pub sections: Vec<Section>,
}

impl Comparison {
    /// Compares the last runs of two exchanges, `before` being the earlier one.
    ///
    /// # Errors
    /// `stop` became true: nobody wants to know any more. Long streams take seconds.
    pub fn of(before: &Exchange, after: &Exchange, stop: &AtomicBool) -> Result<Self, Stopped> {
        let stop = Stop(stop);
        let sections = Part::ALL.into_iter().map(|part| {
            Ok(match part {
                Part::Source => streams::source(before, after, stop)?,
                Part::Request => fields::request(before, after),
                Part::Environment => fields::environment(before, after),
                Part::Stdin => streams::stdin(before, after, stop)?,
                Part::Stdout => streams::stdout(before, after, stop)?,
                Part::Stderr => streams::stderr(before, after, stop)?,
                Part::Response => fields::response(before, after),
                Part::Time => fields::time(before, after),
            })
        });
        let sections = sections.collect::<Result<_, Stopped>>()?;
        Ok(Self { sections })
    }

    /// The first part that differs by more than what always does.
    #[must_use]
    pub fn first_difference(&self) -> Option<Part> {
        let mut different = self
            .sections
            .iter()
            .filter(|section| section.likeness == Likeness::Different);
        different.next().map(|section| section.part)
    }
}

/// Two texts line by line, with a few unchanged lines around each change; none where either is too long for that.
#[must_use]
pub fn text_lines(before: &[u8], after: &[u8]) -> Option<Vec<TextLine>> {
    text::compare(before, after).map(|difference| difference.lines)
}

#[cfg(test)]
mod tests;
