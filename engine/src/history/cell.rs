//! One value of a record that a list may show beside its row: a field of a head, or a variable.

use crate::exchange::Exchange;
use std::fmt;

use super::filter::{Field, values};

/// Which value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cell {
    field: Field,
    name: String,
}

impl Cell {
    /// The value that is called so in a filter: `header.Host`, `response.Content-Type`, `cookie.id`, `env.PATH_INFO`.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let (field, name) = word.split_once('.')?;
        let field = Field::named(field).filter(|field| field.takes_key())?;
        let is_word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
        is_word.then(|| Self {
            field,
            name: name.to_owned(),
        })
    }

    /// Its own name: `PATH_INFO`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was in this exchange, for display: several values with commas between; none where it was absent.
    #[must_use]
    pub fn value(&self, exchange: &Exchange) -> Option<String> {
        let mut found = Vec::new();
        values(self.field, &self.name, exchange, &mut |value| {
            found.push(String::from_utf8_lossy(value).into_owned());
        });
        (!found.is_empty()).then(|| found.join(", "))
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.field.name(), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::samples;

    #[test]
    fn a_value_is_named_as_in_a_filter() {
        for word in ["header.Host", "env.PATH_INFO", "response.x.y", "cookie.id"] {
            assert_eq!(
                Cell::named(word).map(|cell| cell.to_string()).as_deref(),
                Some(word)
            );
        }
        for word in ["host", "env", "env.", "status.x", "env.a b", "nothing.x"] {
            assert_eq!(Cell::named(word), None, "{word}");
        }
    }

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        let mut exchange = samples::exchange(Vec::new());
        exchange.request.raw_head =
            (&b"GET / HTTP/1.1\r\nAccept: a\r\naccept: b\r\nCookie: id=4; x=y\r\n\r\n"[..]).into();
        let value = Cell::named(word).and_then(|cell| cell.value(&exchange));
        assert_eq!(value.as_deref(), expected, "{word}");
    }

    #[test]
    fn all_values_of_a_name_are_told_and_what_was_absent_has_none() {
        check("header.Accept", Some("a, b"));
        check("cookie.id", Some("4"));
        check("header.X-None", None);
        check("env.PATH_INFO", None);
    }
}
