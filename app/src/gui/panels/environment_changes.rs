//! What is other in the environment than in the run before of the same request.

use cgi_engine::cgi::request::CgiRequest;
use cgi_engine::compare::is_volatile_variable;

use super::environment_rows::{Kind, VariableRow};

/// How a variable differs from the run before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It was not set.
    Added,
    /// It had this value.
    Changed(Vec<u8>),
    /// It was set to this, and is not any more.
    Removed(Vec<u8>),
}

impl Change {
    /// The sign beside the name.
    pub(super) fn sign(&self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Changed(_) => "~",
            Self::Removed(_) => "−",
        }
    }

    /// What a screen reader says.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed(_) => "changed",
            Self::Removed(_) => "removed",
        }
    }

    /// What it was set to before.
    pub(super) fn before(&self) -> Option<&[u8]> {
        match self {
            Self::Added => None,
            Self::Changed(before) | Self::Removed(before) => Some(before),
        }
    }
}

/// Marks in `rows` what differs from `before`; variables that are gone without a word of why get rows of their own.
pub(super) fn mark(rows: &mut Vec<VariableRow>, before: &CgiRequest) {
    for row in rows.iter_mut() {
        let earlier = before.get(&row.name).map(|variable| &variable.value);
        row.change = match (&row.value, earlier) {
            (Some(_), None) => Some(Change::Added),
            (Some(now), Some(then)) if now != then => Some(Change::Changed(then.clone())),
            (None, Some(then)) => Some(Change::Removed(then.clone())),
            _ => None,
        };
    }
    let gone: Vec<VariableRow> = before
        .variables
        .iter()
        .filter(|variable| !rows.iter().any(|row| row.name == variable.name))
        .map(|variable| VariableRow {
            change: Some(Change::Removed(variable.value.clone())),
            meaning: "It was set in the run before and is not there now.".to_owned(),
            ..VariableRow::absent(&variable.name)
        })
        .collect();
    rows.extend(gone);
}

/// The rows that differ, apart from those that do by their nature.
pub(super) fn count(rows: &[VariableRow]) -> usize {
    rows.iter().filter(|row| is_telling(row)).count()
}

/// Whether the row differs in a way that says something.
pub(super) fn is_telling(row: &VariableRow) -> bool {
    row.change.is_some() && !is_volatile_variable(&row.name)
}

/// Whether a row is of a variable that is not set.
pub(super) fn is_absent(row: &VariableRow) -> bool {
    row.kind == Kind::Absent
}

#[cfg(test)]
mod tests {
    use super::super::environment_rows::rows;
    use super::*;
    use crate::gui::model::testing::ran;

    #[test]
    fn what_is_new_other_or_gone_is_marked_with_the_old_value() {
        let exchange = ran(2, b"", b"");
        let now = &exchange.invocation().unwrap().request;
        let mut before = CgiRequest::clone(now);
        before.variables.retain(|variable| variable.name != "PATH");
        for variable in &mut before.variables {
            match variable.name.as_str() {
                "QUERY_STRING" => variable.value = b"a=z".to_vec(),
                "HTTP_COOKIE" => variable.name = "HTTP_OLD".into(),
                _ => {}
            }
        }
        let mut rows = rows(now);
        mark(&mut rows, &before);
        let told: Vec<(&str, &str)> = rows
            .iter()
            .filter_map(|row| Some((row.name.as_str(), row.change.as_ref()?.sign())))
            .collect();
        let expected = [
            ("QUERY_STRING", "~"),
            ("HTTP_COOKIE", "+"),
            ("PATH", "+"),
            ("HTTP_OLD", "−"),
        ];
        assert_eq!(told, expected);
        assert_eq!(rows[1].change.as_ref().unwrap().before(), Some(&b"a=z"[..]));
        assert!(is_absent(rows.last().unwrap()));
        assert_eq!(count(&rows), 4);
    }
}
