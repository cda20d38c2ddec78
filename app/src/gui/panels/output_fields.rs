//! The header block of a script as rows: each line with its meaning, and what is wrong with it.

use cgi_engine::cgi::field_dictionary::describe_script_field;
use cgi_engine::cgi::header_block::HeaderBlock;
use cgi_engine::cgi::violation::Violation;

use super::meaning_table::NamedRow;
use super::{request_fields, words};

/// The rows in the order of the block; a violation that no field bears has a row of its own.
pub(super) fn rows(block: &HeaderBlock) -> Vec<NamedRow> {
    let mut rows: Vec<(u32, NamedRow)> = block
        .fields
        .iter()
        .map(|field| {
            let mut row = request_fields::row_of(&field.name, &field.value, describe_script_field);
            row.tag = format!("line {}", field.line);
            row.problem = problem(block.violations.iter(), field.line);
            (field.line, row)
        })
        .collect();
    let has_field = |line: u32| block.fields.iter().any(|field| field.line == line);
    let alone = block
        .violations
        .iter()
        .filter(|violation| !has_field(violation.line));
    rows.extend(alone.map(|violation| (violation.line, of_violation(violation))));
    // What is about the whole has no line and comes last.
    rows.sort_by_key(|(line, _)| if *line == 0 { u32::MAX } else { *line });
    rows.into_iter().map(|(_, row)| row).collect()
}

fn problem<'a>(violations: impl Iterator<Item = &'a Violation>, line: u32) -> Option<String> {
    let told: Vec<String> = violations
        .filter(|violation| violation.line == line)
        .map(|violation| words::as_title(violation.kind.title()))
        .collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn of_violation(violation: &Violation) -> NamedRow {
    NamedRow {
        name: "(no field)".to_owned(),
        value: words::text(&violation.excerpt),
        tag: match violation.line {
            0 => "the whole".to_owned(),
            line => format!("line {line}"),
        },
        problem: Some(words::as_title(violation.kind.title())),
        ..NamedRow::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::testing::ran;

    #[test]
    fn every_line_of_the_block_has_a_row_with_what_is_wrong() {
        let exchange = ran(
            1,
            b"Content-type: text/html\nno colon here\nX-A: 1\n\nbody",
            b"",
        );
        let run = exchange.invocation().unwrap();
        let rows = rows(run.header_block.as_deref().unwrap());
        assert_eq!(rows[0].authority, "RFC 3875 §6.3.1");
        assert_eq!((rows[0].tag.as_str(), &rows[0].problem), ("line 1", &None));
        assert!(
            rows.iter()
                .any(|row| row.name == "(no field)" && row.problem.is_some()),
            "{rows:?}"
        );
    }
}
