//! The filter language of the request log: this page is its grammar.
//!
//! ```text
//! filter = and { ("or" | "||") and }
//! and    = not { ["and" | "&&"] not }           standing side by side means "and"
//! not    = ("not" | "!" | "-") not | term
//! term   = "(" filter ")" | flag | clause | word
//! flag   = "failed" | "slow" | "running" | "static" | "nph"
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
//!   `status:5xx`, `time>100ms`, `size>=10k`, `exit!=0`, `since:10m`, `id>40`.
//! - Every string parses to something. What could not be understood is a [`Problem`] with its place,
//!   and stands for "no condition".
//!
//! A filter asks the row first ([`Filter::judge_row`]) and the whole record only where the row does not tell
//! ([`Filter::matches`]), so that a list narrows at once by what its rows know.

mod echo;
mod field;
mod judge;
mod parser;
mod search;
mod token;
mod value;

pub use field::{Field, FieldKind};
pub use judge::Verdict;
pub use parser::{Parsed, Problem, parse};

use search::Needle;
use value::Test;

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
}

impl Flag {
    const ALL: [(&str, Self); 5] = [
        ("failed", Self::Failed),
        ("slow", Self::Slow),
        ("running", Self::Running),
        ("static", Self::Static),
        ("nph", Self::Nph),
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
    /// Whether everything is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.root, Expression::All)
    }
}

#[cfg(test)]
mod tests;
