//! What may follow as the filter is typed: fields, and values that were seen.

use std::collections::BTreeSet;

use cgi_engine::cgi::dictionary;
use cgi_engine::exchange::{Exchange, RowRef};
use cgi_engine::history::filter::Field;

/// So many of the newest rows are asked for values.
const ROWS: usize = 500;
/// So many words are offered at once.
const OFFERED: usize = 40;

/// A word that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The whole word, as it is put in.
    pub word: String,
    /// What it is, in a few words.
    pub description: &'static str,
}

/// What `word`, the part of the filter before the cursor, may become; `selected` has names of fields and variables.
pub fn offers<'r>(
    word: &str,
    newest: impl Iterator<Item = RowRef<'r>>,
    selected: Option<&Exchange>,
) -> Vec<Offer> {
    let negation = word.len() - word.trim_start_matches(['-', '!', '(']).len();
    let (before, word) = word.split_at(negation);
    if word.is_empty() {
        return Vec::new();
    }
    let offers = match word.split_once(':') {
        Some((field, value)) => values(field, value, newest),
        None => match word.split_once('.') {
            Some((field, key)) => keys(field, key, selected),
            None => fields(word),
        },
    };
    let whole = |offer: Offer| Offer {
        word: format!("{before}{}", offer.word),
        ..offer
    };
    offers
        .into_iter()
        .filter(|offer| offer.word != word)
        .take(OFFERED)
        .map(whole)
        .collect()
}

fn begins(text: &str, with: &str) -> bool {
    text.get(..with.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(with))
}

fn fields(word: &str) -> Vec<Offer> {
    let fields = Field::ALL
        .into_iter()
        .filter(|field| begins(field.name(), word));
    fields
        .map(|field| Offer {
            word: format!("{}:", field.name()),
            description: field.noun(),
        })
        .collect()
}

/// The names that may stand after a dot: those of the selected request, and of the environment those of the RFC.
fn keys(field: &str, key: &str, selected: Option<&Exchange>) -> Vec<Offer> {
    let mut names: BTreeSet<String> = match Field::named(field) {
        Some(Field::Env) => dictionary::STANDARD.map(str::to_owned).into(),
        _ => BTreeSet::new(),
    };
    names.extend(selected.map_or_else(Vec::new, |exchange| named_in(field, exchange)));
    let begun = names.into_iter().filter(|name| begins(name, key));
    begun
        .map(|name| Offer {
            word: format!("{field}.{name}:"),
            description: "",
        })
        .collect()
}

/// Names that can be typed as they are.
fn named_in(field: &str, exchange: &Exchange) -> Vec<String> {
    let names: Vec<String> = match (Field::named(field), &exchange.request.head) {
        (Some(Field::Env), _) => {
            let runs = exchange.invocations.iter();
            let variables = runs.flat_map(|run| &run.request.variables);
            variables.map(|variable| variable.name.clone()).collect()
        }
        (Some(Field::Header), Some(head)) => {
            let fields = head.fields.iter().map(|field| head.name(field));
            fields
                .map(|name| String::from_utf8_lossy(name).to_ascii_lowercase())
                .collect()
        }
        _ => Vec::new(),
    };
    let is_plain = |name: &String| {
        let mut characters = name.chars();
        characters.all(|one| one.is_ascii_alphanumeric() || one == '_' || one == '-')
    };
    names.into_iter().filter(is_plain).collect()
}

fn values<'r>(field: &str, value: &str, newest: impl Iterator<Item = RowRef<'r>>) -> Vec<Offer> {
    let Some(named) = Field::named(field) else {
        return Vec::new();
    };
    let seen: BTreeSet<String> = newest
        .take(ROWS)
        .filter_map(|row| value_of(named, row))
        .filter(|seen| begins(seen, value))
        .collect();
    seen.into_iter()
        .map(|seen| Offer {
            word: format!("{field}:{}", quoted(&seen)),
            description: "",
        })
        .collect()
}

fn value_of(field: Field, row: RowRef<'_>) -> Option<String> {
    match field {
        Field::Status => row.status.map(|status| status.to_string()),
        Field::Method => Some(row.method.to_owned()),
        Field::Script => Some(row.name.to_owned()).filter(|name| !name.is_empty()),
        Field::Path => row.target.split('?').next().map(str::to_owned),
        Field::Finding => row.headline.map(|(code, _)| format!("CGI{code:03}")),
        _ => None,
    }
}

/// The clause that asks for this very value of a field, as it is typed.
#[must_use]
pub fn clause(field: &str, value: &str) -> String {
    if value.is_empty() {
        format!("{field}=\"\"")
    } else {
        format!("{field}={}", quoted(value))
    }
}

fn quoted(value: &str) -> String {
    if value.contains(|c: char| c.is_whitespace() || "\"()\\".contains(c)) {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asked, row};
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &[&str]) {
        let rows = [row(1), row(2)];
        let offers = offers(word, rows.iter().map(RowRef::from), None);
        let words: Vec<&str> = offers.iter().map(|offer| offer.word.as_str()).collect();
        assert_eq!(words, expected, "{word:?}");
    }

    #[test]
    fn a_clause_reads_back_as_that_very_value() {
        for value in ["a", "a b", "(x", "say \"hi\"", "back\\slash", "-", "or"] {
            let text = clause("env.X", value);
            let parsed = cgi_engine::history::filter::parse(&text);
            assert_eq!(parsed.problems, [], "{text}");
            assert_eq!(
                parsed.filter.in_words(),
                format!("the variable X is “{value}”")
            );
        }
    }

    #[test]
    fn names_of_the_selected_request_are_offered() {
        let asked = asked(1, "GET / HTTP/1.1\r\nHost: h\r\nX-Try: 1\r\n\r\n", "");
        let offered = |word: &str| {
            let offers = offers(word, std::iter::empty(), Some(&asked));
            offers.into_iter().map(|offer| offer.word).collect()
        };
        let headers: Vec<String> = offered("header.");
        assert_eq!(headers, ["header.host:", "header.x-try:"]);
        let variables: Vec<String> = offered("env.PATH_I");
        assert_eq!(variables, ["env.PATH_INFO:"]);
    }

    #[test]
    fn fields_are_offered_by_their_beginning_and_values_as_they_were_seen() {
        check("", &[]);
        check("sta", &["status:"]);
        check("-STDO", &["-stdout:"]);
        check("status:", &["status:200"]);
        check("status:200", &[]);
        check("status:4", &[]);
        check("script:he", &["script:hello.py"]);
        check("env.path_t", &["env.PATH_TRANSLATED:"]);
        check("nothing", &[]);
        check("header.x", &[]);
    }
}
