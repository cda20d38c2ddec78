//! The fields of a request head as rows, each with what it means.

use cgi_engine::cgi::field_dictionary::{FieldDescription, describe_field};
use cgi_engine::cgi::request_head::RequestHead;

use super::meaning_table::NamedRow;
use super::words;
use crate::gui::model::secret;

/// The rows in the order of the head.
pub(super) fn rows(head: &RequestHead) -> Vec<NamedRow> {
    head.fields
        .iter()
        .map(|field| row_of(head.name(field), head.value(field), describe_field))
        .collect()
}

/// A field with what `describe` knows of it.
pub(super) fn row_of(
    name: &[u8],
    value: &[u8],
    describe: impl Fn(&[u8]) -> Option<FieldDescription>,
) -> NamedRow {
    let entry = describe(name);
    let secrets = secret::in_field(name, value);
    let masked = (!secrets.is_empty()).then(|| words::text(&secret::masked(value, &secrets)));
    NamedRow {
        name: words::text(name),
        value: words::text(value),
        masked,
        meaning: entry.map_or_else(
            || "No standard defines it.".to_owned(),
            |entry| entry.meaning.to_owned(),
        ),
        authority: entry.map_or_else(String::new, |entry| entry.authority.to_owned()),
        ..NamedRow::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::testing::asked;

    #[test]
    fn every_field_is_told_with_its_rule_and_secrets_are_hidden() {
        let text = "GET / HTTP/1.1\r\nhost: h\r\nCookie: a=b\r\nX-Mine: 1\r\n\r\n";
        let exchange = asked(1, text, "");
        let rows = rows(exchange.request.head.as_deref().unwrap());
        let told: Vec<(&str, &str)> = rows
            .iter()
            .map(|row| (row.name.as_str(), row.authority.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("host", "RFC 9110 §7.2"),
                ("Cookie", "RFC 6265 §4.2"),
                ("X-Mine", "")
            ]
        );
        assert_eq!(rows[1].masked.as_deref(), Some("a=********"));
        assert_eq!(rows[2].meaning, "No standard defines it.");
    }
}
