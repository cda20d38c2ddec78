//! Multipart bodies: `multipart/form-data` and others (RFC 7578, RFC 2046 §5.1).
//!
//! The parts are ranges of the body and nothing is copied, so an upload of any size costs one search
//! for its boundary.
use std::ops::Range;

use memchr::memmem::Finder;

use super::FormLimits;
use super::content_type::ContentType;
use super::part::Part;
use super::problem::{ProblemKind, Problems};
use crate::cgi::grammar::is_blank;

/// The longest boundary that RFC 2046 §5.1.1 allows, in bytes.
const BOUNDARY_BYTES: usize = 70;

/// A multipart body taken apart; all ranges count in the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Multipart {
    /// What separates the parts, without the dashes before it.
    pub boundary: Vec<u8>,
    /// What stands before the first boundary; programs ignore it.
    pub preamble: Range<usize>,
    /// The parts in the order they came.
    pub parts: Vec<Part>,
    /// What stands behind the final boundary; none if there is no final boundary.
    pub epilogue: Option<Range<usize>>,
    /// What is wrong, by its place in the body; a part's own problems and those of multipart bodies
    /// within it are among them. What is wrong with the Content-Type has the place 0.
    pub problems: Problems,
}

impl Multipart {
    /// Takes a body apart; no bytes can make it fail.
    #[must_use]
    pub fn parse(content_type: &ContentType, body: &[u8], limits: &FormLimits) -> Self {
        let mut reading = Reading {
            body,
            limits,
            parts: 0,
            problems: Problems::default(),
        };
        let mut multipart = reading.multipart(content_type, 0..body.len(), 1);
        multipart.problems = reading.problems;
        multipart
    }

    /// The parts that are no multipart bodies themselves, in the order they stand in the body.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Part> {
        let mut leaves = Vec::new();
        let mut left: Vec<&Part> = self.parts.iter().rev().collect();
        while let Some(part) = left.pop() {
            match &part.nested {
                Some(nested) => left.extend(nested.parts.iter().rev()),
                None => leaves.push(part),
            }
        }
        leaves
    }
}

/// What a multipart body and those within it share.
pub(super) struct Reading<'a> {
    pub(super) body: &'a [u8],
    pub(super) limits: &'a FormLimits,
    pub(super) problems: Problems,
    parts: usize,
}

/// A line that is the boundary; ranges count in the body.
struct Delimiter {
    /// From the line break before it, which is part of it, to the one that ends it.
    whole: Range<usize>,
    /// It has the two dashes that end the body.
    is_final: bool,
}

impl Reading<'_> {
    /// Reads the multipart body within the range; `depth` is 1 for the outermost.
    pub(super) fn multipart(
        &mut self,
        content_type: &ContentType,
        range: Range<usize>,
        depth: usize,
    ) -> Multipart {
        let mut multipart = Multipart {
            preamble: range.clone(),
            ..Multipart::default()
        };
        let Some(boundary) = self.boundary(content_type, range.start) else {
            return multipart;
        };
        let mut delimiters = Delimiters::new(boundary, self.body, &range);
        multipart.boundary = boundary.to_vec();
        let Some(mut open) = delimiters.next() else {
            self.problems.note(ProblemKind::NoParts, range.start);
            return multipart;
        };
        multipart.preamble = range.start..open.whole.start;
        self.note_line_feed(&open);
        while !open.is_final {
            if self.parts == self.limits.parts {
                let at = open.whole.end;
                self.problems.note(ProblemKind::TooManyParts, at);
                return multipart;
            }
            let next = delimiters.next();
            let start = open.whole.end;
            let end = next.as_ref().map_or(range.end, |next| next.whole.start);
            // Nothing after the last line: the body was cut there, and no part begins.
            if next.is_some() || start < range.end {
                self.parts += 1;
                // The line break before a boundary is the one after the boundary before if nothing is between.
                let part = self.part(start..end.max(start), depth);
                multipart.parts.push(part);
            }
            let Some(next) = next else {
                let at = range.end;
                self.problems.note(ProblemKind::NoFinalBoundary, at);
                return multipart;
            };
            open = next;
        }
        multipart.epilogue = Some(open.whole.end..range.end);
        multipart
    }

    fn boundary<'c>(&mut self, content_type: &'c ContentType, at: usize) -> Option<&'c [u8]> {
        let Some(boundary) = content_type.parameter("boundary") else {
            self.problems.note(ProblemKind::NoBoundary, at);
            return None;
        };
        let boundary = boundary.value.as_slice();
        if boundary.is_empty() {
            self.problems.note(ProblemKind::EmptyBoundary, at);
            return None;
        }
        if boundary.len() > BOUNDARY_BYTES {
            self.problems.note(ProblemKind::LongBoundary, at);
        }
        if boundary.ends_with(b" ") || !boundary.iter().copied().all(is_boundary_byte) {
            self.problems.note(ProblemKind::BadBoundary, at);
        }
        Some(boundary)
    }

    /// A form uses one kind of line end, so the first boundary tells for all.
    fn note_line_feed(&mut self, delimiter: &Delimiter) {
        let line = self.body.get(delimiter.whole.clone()).unwrap_or_default();
        if line.ends_with(b"\n") && !line.ends_with(b"\r\n") {
            let at = delimiter.whole.end - 1;
            self.problems.note(ProblemKind::LineFeedOnly, at);
        }
    }
}

/// `bchars` of RFC 2046 §5.1.1.
fn is_boundary_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte)
}

/// The boundary lines of a body, one after the other.
struct Delimiters<'a> {
    finder: Finder<'static>,
    dash_boundary_length: usize,
    body: &'a [u8],
    start: usize,
    at: usize,
}

impl<'a> Delimiters<'a> {
    fn new(boundary: &[u8], body: &'a [u8], range: &Range<usize>) -> Self {
        let dash_boundary = [b"--", boundary].concat();
        Self {
            finder: Finder::new(&dash_boundary).into_owned(),
            dash_boundary_length: dash_boundary.len(),
            body: body.get(..range.end).unwrap_or(body),
            start: range.start,
            at: range.start,
        }
    }

    /// The delimiter whose `--boundary` stands at `at`, if that is a line of its own: the boundary of
    /// one body may begin like that of another.
    fn delimiter(&self, at: usize) -> Option<Delimiter> {
        let before = self.body.get(self.start..at)?;
        let line_break = match before {
            [.., b'\r', b'\n'] => 2,
            [.., b'\n'] => 1,
            [] => 0,
            _ => return None,
        };
        let after = at + self.dash_boundary_length;
        let rest = self.body.get(after..)?;
        let dashes = if rest.starts_with(b"--") { 2 } else { 0 };
        let padding = rest.get(dashes..)?;
        let blanks = padding.iter().take_while(|byte| is_blank(**byte)).count();
        let line_end = match padding.get(blanks..)? {
            [] => 0,
            // A body that is cut within its last line break has the line all the same.
            [b'\n', ..] | [b'\r'] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return None,
        };
        Some(Delimiter {
            whole: at - line_break..after + dashes + blanks + line_end,
            is_final: dashes == 2,
        })
    }
}

impl Iterator for Delimiters<'_> {
    type Item = Delimiter;

    fn next(&mut self) -> Option<Delimiter> {
        loop {
            let rest = self.body.get(self.at..)?;
            let found = self.at + self.finder.find(rest)?;
            match self.delimiter(found) {
                Some(delimiter) => {
                    self.at = delimiter.whole.end;
                    return Some(delimiter);
                }
                None => self.at = found + 1,
            }
        }
    }
}

#[cfg(test)]
mod tests;
