//! The filter language of the request log: this page is its grammar.
//!
//! ```text
//! filter = and { ("or" | "||") and }
//! and    = not { ["and" | "&&"] not }           standing side by side means "and"
//! not    = ("not" | "!" | "-") not | term
//! term   = "(" filter ")" | flag | clause | word
//! flag   = "failed" | "slow" | "running" | "static" | "nph" | "pinned" | "replayed" | "imported" | "hungup"
//! clause = field operator [value]
//! field  = one of [`Field::ALL`]; some take a name after a dot: env.PATH_INFO, header.cookie
//! operator = ":" has | "=" is | "!=" is not | "~" matches the regular expression | ">" | ">=" | "<" | "<="
//! value  = word | '"' { any | "\\" any } '"'
//! ```
//!
//! - A word that is no clause searches everything that was captured. Letter case of ASCII does not count.
//! - Quotes make a word of anything: `"failed"`, `"a b"`, `"status:500"`. A word may hold balanced parentheses: `main()`.
//! - `:` asks for a part of a text, and without a value whether there is anything at all: `stderr:`.
//!   `=` asks for the whole, in which `*` stands for anything. Numbers are compared by their worth:
//!   `status:5xx`, `time>100ms`, `size>=10k`, `exit!=0`, `since:10m`, `id>40`. `finding:` asks for any of the codes.
//! - `script:` asks for the script's name; a value that begins with a slash is the URL path that leads to it.
//! - Every string parses to something. What could not be understood is a [`Problem`] with its place,
//!   and stands for "no condition".
//!
//! A filter asks the row first ([`Filter::judge_row`]) and the whole record only where the row does not tell
//! ([`Filter::matches`]), so that a list narrows at once by what its rows know. Where an index of recorded texts
//! is at hand, it is asked in between ([`Narrowing`]).

mod echo;
mod edit;
mod field;
mod judge;
mod narrowing;
mod parser;
mod search;
mod token;
mod value;

pub use edit::{conditions, holds, toggled, with, without};
pub use field::{Field, FieldKind};
pub use judge::Verdict;
pub(in crate::history) use judge::values;
pub use narrowing::Narrowing;
pub use parser::{Parsed, Problem, parse};

use crate::clock::Timestamp;
use search::Needle;
use value::{Moment, Test};

/// Which exchanges to show; [`parse`] makes one. The default shows all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    root: Expression,
}

/// One node of a filter.
#[derive(Clone, Debug, Default)]
enum Expression {
    /// No condition.
    #[default]
    All,
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Word(Needle),
    Flag(Flag),
    Clause(Clause),
}

/// A word that stands for a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    Failed,
    Slow,
    Running,
    Static,
    Nph,
    Pinned,
    Replayed,
    Imported,
    HungUp,
}

impl Flag {
    const ALL: [(&str, Self); 9] = [
        ("failed", Self::Failed),
        ("slow", Self::Slow),
        ("running", Self::Running),
        ("static", Self::Static),
        ("nph", Self::Nph),
        ("pinned", Self::Pinned),
        ("replayed", Self::Replayed),
        ("imported", Self::Imported),
        ("hungup", Self::HungUp),
    ];
}

/// A field, the name after its dot, and what it must be like.
#[derive(Clone, Debug)]
struct Clause {
    field: Field,
    key: Option<String>,
    test: Test,
}

impl Filter {
    /// The words that stand for a property, as they are offered.
    pub fn flags() -> impl Iterator<Item = (&'static str, &'static str)> {
        Flag::ALL
            .into_iter()
            .map(|(name, flag)| (name, echo::flag_words(flag)))
    }

    /// The same with its spans of time counted from `now` once and for all, for judging many rows.
    #[must_use]
    pub fn fixed_at(&self, now: Timestamp) -> Self {
        let mut fixed = self.clone();
        fixed.root.fix(now);
        fixed
    }

    /// Whether everything is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.root, Expression::All)
    }
}

impl Expression {
    fn fix(&mut self, now: Timestamp) {
        match self {
            Self::Not(inner) => inner.fix(now),
            Self::And(parts) | Self::Or(parts) => parts.iter_mut().for_each(|part| part.fix(now)),
            Self::Clause(Clause {
                test: Test::Began { moment, .. },
                ..
            }) => *moment = Moment::At(moment.before(now)),
            Self::All | Self::Word(_) | Self::Flag(_) | Self::Clause(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
