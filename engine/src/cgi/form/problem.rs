//! What is wrong in a form, and where.
use std::fmt;

/// Something that a program which reads the form may stumble over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// Where, counted in bytes from the first byte of the source.
    pub at: usize,
}

/// What can be wrong in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ProblemKind {
    /// A `%` that two hexadecimal digits do not follow; it is kept as it is.
    #[error("a percent sign is not followed by two hexadecimal digits")]
    BadEscape,
    /// A space, a control or a byte beyond ASCII that should have been percent-encoded.
    #[error("a byte that has to be percent-encoded stands as it is")]
    UnencodedByte,
    /// A name or value is there, and nothing before the `=`.
    #[error("a value has no name")]
    EmptyName,
    /// [`super::FormLimits::pairs`] is passed.
    #[error("there are more fields than are taken apart here")]
    TooManyPairs,

    /// A cookie without `=`; some programs then drop all cookies.
    #[error("a cookie has no equals sign")]
    CookieWithoutEquals,
    /// Nothing between two semicolons.
    #[error("there is an empty cookie between two semicolons")]
    EmptyCookie,
    /// A name that is no `token` (RFC 6265 §4.1.1).
    #[error("a cookie's name has a byte that names do not have")]
    BadCookieName,
    /// A byte that is no `cookie-octet` (RFC 6265 §4.1.1).
    #[error("a cookie's value has a byte that values do not have")]
    BadCookieValue,

    /// Not `type/subtype` (RFC 9110 §8.3.1).
    #[error("the media type is not of the form type/subtype")]
    BadMediaType,
    /// A parameter without `=`.
    #[error("a parameter has no value")]
    ParameterWithoutValue,
    /// A parameter's name that is no `token`.
    #[error("a parameter's name has a byte that names do not have")]
    BadParameterName,
    /// A value without quotes that is no `token`.
    #[error("a parameter's value needs quotes and has none")]
    BadParameterValue,
    /// A quoted value that does not end.
    #[error("a quoted value is not closed")]
    UnclosedQuote,
    /// Something other than a semicolon after a quoted value.
    #[error("something stands behind a quoted value")]
    TextAfterQuote,
    /// One program takes a backslash for the start of an escape, the next for part of a path.
    #[error("a backslash in a quoted name is an escape to some programs and a backslash to others")]
    Backslash,
    /// RFC 7578 §4.2 forbids `filename*` in a form.
    #[error("a name of the extended kind (filename*) must not be used in a form")]
    ExtendedName,
    /// An extended name that is not `charset'language'percent-encoded` (RFC 8187 §3.2).
    #[error("an extended name (filename*) is malformed")]
    BadExtendedName,

    /// Without a boundary nobody can tell the parts.
    #[error("the Content-Type names no boundary")]
    NoBoundary,
    /// A boundary of no byte.
    #[error("the boundary is empty")]
    EmptyBoundary,
    /// More than 70 bytes (RFC 2046 §5.1.1).
    #[error("the boundary is longer than 70 bytes")]
    LongBoundary,
    /// A byte that is no `bchars`, or a space at the end (RFC 2046 §5.1.1).
    #[error("the boundary has a byte that boundaries do not have")]
    BadBoundary,
    /// Not one line is the boundary.
    #[error("the boundary is nowhere in the body")]
    NoParts,
    /// The last part may have been cut.
    #[error("the body ends without the final boundary")]
    NoFinalBoundary,
    /// Lines end with a line feed alone.
    #[error("a line of the framing ends with a line feed alone")]
    LineFeedOnly,
    /// [`super::FormLimits::parts`] is passed.
    #[error("there are more parts than are taken apart here")]
    TooManyParts,
    /// [`super::FormLimits::depth`] is passed.
    #[error("multipart bodies are within each other more deeply than is taken apart here")]
    TooDeep,

    /// [`super::FormLimits::part_header_bytes`] is passed.
    #[error("the header of a part is longer than is read here")]
    LongPartHeader,
    /// The header of a part is not followed by an empty line.
    #[error("no empty line ends the header of a part")]
    NoEmptyLine,
    /// A line of a part's header without a colon, or with a name that is no `token`.
    #[error("a line in the header of a part is no field")]
    BadPartField,
    /// RFC 7578 §4.2 asks for it in each part.
    #[error("a part has no Content-Disposition")]
    NoDisposition,
    /// Another disposition than `form-data`.
    #[error("a part's disposition is not form-data")]
    OtherDisposition,
    /// RFC 7578 §4.2 asks for a name in each part.
    #[error("a part has no name")]
    NoName,
    /// Deprecated by RFC 7578 §4.7; hardly any program undoes it.
    #[error("a part's content is encoded once more (Content-Transfer-Encoding)")]
    TransferEncoding,
    /// A part's own Content-Length that is wrong.
    #[error("a part's Content-Length is not its length")]
    WrongPartLength,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at byte {}", self.kind, self.at)
    }
}

/// So many problems are kept; of hostile input with a million the first tell enough.
const KEPT: usize = 100;

/// The problems of one form: the first hundred, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    total: u64,
}

impl Problems {
    /// The first of them, in the order they were found.
    #[must_use]
    pub fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    pub(super) fn note(&mut self, kind: ProblemKind, at: usize) {
        self.total += 1;
        if self.kept.len() < KEPT {
            self.kept.push(Problem { kind, at });
        }
    }
}

/// Kind and place of each problem, for tests.
#[cfg(test)]
pub(super) fn noted(problems: &Problems) -> Vec<(ProblemKind, usize)> {
    let kept = problems.kept().iter();
    kept.map(|problem| (problem.kind, problem.at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_what_and_where() {
        let problem = Problem {
            kind: ProblemKind::NoFinalBoundary,
            at: 7,
        };
        let text = "the body ends without the final boundary at byte 7";
        assert_eq!(problem.to_string(), text);
    }

    #[test]
    fn a_flood_of_problems_is_counted_and_not_kept() {
        let mut problems = Problems::default();
        for at in 0..1000 {
            problems.note(ProblemKind::BadEscape, at);
        }
        assert_eq!((problems.kept().len(), problems.total()), (KEPT, 1000));
        assert_eq!(problems.kept().first().map(|problem| problem.at), Some(0));
    }
}
