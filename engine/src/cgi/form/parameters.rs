//! Parameters behind a value, `; name=value`, as in Content-Type and Content-Disposition
//! (RFC 9110 §5.6.6, RFC 2045 §5.1).
use std::ops::Range;

use super::problem::{ProblemKind, Problems};
use crate::cgi::grammar::{is_blank, is_token, is_token_byte, trim};

/// One parameter; ranges count in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, in any case.
    pub name: Range<usize>,
    /// Its value as it was written, with its quotes.
    pub written: Range<usize>,
    /// Its value without quotes and escapes.
    pub value: Vec<u8>,
}

/// What a backslash in a quoted value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backslash {
    /// The next byte is meant, whatever it is (RFC 9110 §5.6.4).
    Escapes,
    /// It escapes a quote or another backslash and is itself before all else: browsers put paths of
    /// Windows into names as they are, other clients escape, and this reads both.
    MayEscape,
}

/// The parameters in `source` from `start` on, where a semicolon is due.
pub(super) fn parse(
    source: &[u8],
    start: usize,
    backslash: Backslash,
    problems: &mut Problems,
) -> Vec<Parameter> {
    let mut reader = Reader {
        source,
        at: start,
        backslash,
        problems,
    };
    let mut parameters = Vec::new();
    while reader.skip_separators() {
        parameters.extend(reader.parameter());
    }
    parameters
}

struct Reader<'a> {
    source: &'a [u8],
    at: usize,
    backslash: Backslash,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    /// Goes to the next parameter, which may stand on a line that continues the one before; false at the end.
    fn skip_separators(&mut self) -> bool {
        self.skip_while(|byte| is_blank(byte) || matches!(byte, b';' | b'\r' | b'\n'));
        self.at < self.source.len()
    }

    fn parameter(&mut self) -> Option<Parameter> {
        let start = self.at;
        self.skip_while(|byte| byte != b'=' && byte != b';');
        let written = self.source.get(start..self.at).unwrap_or_default();
        let name = start..start + trim(written).len();
        if self.peek() != Some(b'=') {
            self.problems
                .note(ProblemKind::ParameterWithoutValue, start);
            return None;
        }
        if !is_token(written) {
            self.problems.note(ProblemKind::BadParameterName, start);
        }
        self.at += 1;
        self.skip_while(is_blank);
        let start = self.at;
        // White space at the end of a quoted value belongs to it, even if nothing closes it.
        let (value, end) = if self.peek() == Some(b'"') {
            (self.quoted(), self.at)
        } else {
            let value = self.unquoted();
            let end = start + value.len();
            (value, end)
        };
        self.skip_to_separator();
        Some(Parameter {
            name,
            written: start..end,
            value,
        })
    }

    fn unquoted(&mut self) -> Vec<u8> {
        let start = self.at;
        self.skip_while(|byte| byte != b';');
        let value = trim(self.source.get(start..self.at).unwrap_or_default());
        match value.iter().position(|byte| !is_token_byte(*byte)) {
            Some(offset) => {
                let at = start + offset;
                self.problems.note(ProblemKind::BadParameterValue, at);
            }
            None if value.is_empty() => self.problems.note(ProblemKind::BadParameterValue, start),
            None => {}
        }
        value.to_vec()
    }

    fn quoted(&mut self) -> Vec<u8> {
        let start = self.at;
        let mut value = Vec::new();
        let mut doubtful = None;
        self.at += 1;
        loop {
            let rest = self.source.get(self.at..).unwrap_or_default();
            let (byte, length) = match rest {
                [] => {
                    self.problems.note(ProblemKind::UnclosedQuote, start);
                    break;
                }
                [b'"', ..] => {
                    self.at += 1;
                    break;
                }
                // A quote that nothing follows closes the value, so the backslash is the end of a path.
                [b'\\', b'"'] if self.backslash == Backslash::MayEscape => (b'\\', 1),
                [b'\\', next, ..] if self.escapes(*next) => (*next, 2),
                [byte, ..] => (*byte, 1),
            };
            if rest.first() == Some(&b'\\') && self.backslash == Backslash::MayEscape {
                doubtful = doubtful.or(Some(self.at));
            }
            value.push(byte);
            self.at += length;
        }
        if let Some(at) = doubtful {
            self.problems.note(ProblemKind::Backslash, at);
        }
        value
    }

    fn escapes(&self, next: u8) -> bool {
        self.backslash == Backslash::Escapes || matches!(next, b'"' | b'\\')
    }

    /// After a value only white space may come before the next semicolon.
    fn skip_to_separator(&mut self) {
        self.skip_while(is_blank);
        if self.peek().is_some_and(|byte| byte != b';') {
            self.problems.note(ProblemKind::TextAfterQuote, self.at);
            self.skip_while(|byte| byte != b';');
        }
    }

    fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    fn skip_while(&mut self, matches: impl Fn(u8) -> bool) {
        let rest = self.source.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| matches(**byte)).count();
    }
}
