//! The rows of the environment table: what the script was told, and what it was not.

use std::ops::Range;

use cgi_engine::cgi::dictionary::{Description, describe};
use cgi_engine::cgi::meta_variable::Provenance;
use cgi_engine::cgi::request::CgiRequest;

use super::environment_changes::Change;
use super::words;
use crate::gui::model::secret;

/// What kind of variable it is; each has a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Defined by RFC 3875 by name.
    Standard,
    /// Made from a request field.
    Http,
    /// Common, but in no standard.
    Extension,
    /// Set by the site's configuration.
    Site,
    /// Not there, and why.
    Absent,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [
        Self::Standard,
        Self::Http,
        Self::Extension,
        Self::Site,
        Self::Absent,
    ];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Http => "HTTP_*",
            Self::Extension => "Extension",
            Self::Site => "Site",
            Self::Absent => "Absent",
        }
    }
}

/// One variable, set or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VariableRow {
    pub(super) name: String,
    /// None when it is not set, which is not the same as empty.
    pub(super) value: Option<Vec<u8>>,
    pub(super) kind: Kind,
    pub(super) from: String,
    /// What it means; for an absent one, why it is.
    pub(super) meaning: String,
    pub(super) description: Option<Description>,
    /// The bytes of the request head that it was made from, or would have been.
    pub(super) sources: Vec<Range<usize>>,
    /// The parts of the value that are nobody else's business.
    pub(super) secrets: Vec<Range<usize>>,
    /// How it differs from the run before.
    pub(super) change: Option<Change>,
}

impl VariableRow {
    /// A variable that is not set, of which nothing more is known.
    pub(super) fn absent(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: None,
            kind: Kind::Absent,
            from: String::new(),
            meaning: String::new(),
            description: describe(name),
            sources: Vec::new(),
            secrets: Vec::new(),
            change: None,
        }
    }

    /// The value as one line: empty and absent are words, told apart; secrets are hidden unless they are revealed.
    pub(super) fn shown_value(&self, is_revealed: bool) -> String {
        match &self.value {
            None => "absent".to_owned(),
            Some(value) if value.is_empty() => "(empty)".to_owned(),
            Some(value) if is_revealed || self.secrets.is_empty() => words::text(value),
            Some(value) => words::text(&secret::masked(value, &self.secrets)),
        }
    }

    /// The value is a word of ours, not the script's.
    pub(super) fn is_told(&self) -> bool {
        self.value.as_ref().is_none_or(Vec::is_empty)
    }

    /// The section of RFC 3875, short enough for a column; every `HTTP_` variable has the same.
    pub(super) fn section(&self) -> &'static str {
        let section = self
            .description
            .and_then(|description| description.section.strip_prefix('§'));
        let of_headers = self.name.starts_with("HTTP_").then_some("4.1.18");
        section.or(of_headers).unwrap_or("—")
    }

    /// Whether all words are somewhere in name, value or meaning.
    pub(super) fn matches(&self, text: &str) -> bool {
        let hay =
            format!("{} {} {}", self.name, self.shown_value(false), self.meaning).to_lowercase();
        text.to_lowercase()
            .split_whitespace()
            .all(|word| hay.contains(word))
    }
}

/// All rows, in the order of the environment; the absent ones come last.
pub(super) fn rows(request: &CgiRequest) -> Vec<VariableRow> {
    let set = request.variables.iter().map(|variable| {
        let description = describe(&variable.name);
        VariableRow {
            name: variable.name.clone(),
            value: Some(variable.value.clone()),
            kind: kind(&variable.name, &variable.provenance, description),
            from: variable.provenance.label(),
            meaning: description
                .map_or_else(String::new, |description| description.meaning.to_owned()),
            description,
            sources: variable.sources.clone(),
            secrets: secret::in_variable(&variable.name, &variable.value),
            change: None,
        }
    });
    let absent = request.absent.iter().map(|variable| VariableRow {
        meaning: variable.reason.to_string(),
        sources: variable.sources.clone(),
        ..VariableRow::absent(&variable.name)
    });
    set.chain(absent).collect()
}

fn kind(name: &str, provenance: &Provenance, description: Option<Description>) -> Kind {
    if *provenance == Provenance::Site {
        Kind::Site
    } else if description.is_some_and(|description| description.standard) {
        Kind::Standard
    } else if name.starts_with("HTTP_") {
        Kind::Http
    } else {
        Kind::Extension
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgi_engine::cgi::meta_variable::{AbsenceReason, AbsentVariable, MetaVariable};

    fn request() -> CgiRequest {
        let variable = |name: &str, value: &[u8], provenance| MetaVariable {
            name: name.into(),
            value: value.to_vec(),
            provenance,
            sources: Vec::new(),
        };
        CgiRequest {
            variables: vec![
                variable("QUERY_STRING", b"", Provenance::Query),
                variable("REQUEST_METHOD", b"POST", Provenance::RequestLine),
                variable(
                    "HTTP_COOKIE",
                    b"a='S\xe3o'",
                    Provenance::Header {
                        name: "Cookie".into(),
                    },
                ),
                variable("DOCUMENT_ROOT", b"/srv", Provenance::Server),
                variable("DB", b"x y", Provenance::Site),
            ],
            absent: vec![AbsentVariable {
                name: "PATH_INFO".into(),
                reason: AbsenceReason::NoExtraPath,
                sources: Vec::new(),
            }],
            arguments: Vec::new(),
            arguments_note: None,
            overridden: Vec::new(),
        }
    }

    #[test]
    fn every_variable_has_its_kind_and_the_absent_come_last() {
        let kinds: Vec<Kind> = rows(&request()).iter().map(|row| row.kind).collect();
        assert_eq!(
            kinds,
            [
                Kind::Standard,
                Kind::Standard,
                Kind::Http,
                Kind::Extension,
                Kind::Site,
                Kind::Absent
            ]
        );
    }

    #[test]
    fn empty_and_absent_are_told_apart() {
        let rows = rows(&request());
        let shown: Vec<String> = rows.iter().map(|row| row.shown_value(false)).collect();
        assert_eq!(
            (shown[0].as_str(), shown[1].as_str(), shown[5].as_str()),
            ("(empty)", "POST", "absent")
        );
        assert!(rows[5].meaning.contains("ends with the script"));
    }

    #[test]
    fn words_are_found_in_name_value_and_meaning() {
        let rows = rows(&request());
        let found = |text: &str| rows.iter().filter(|row| row.matches(text)).count();
        assert_eq!(
            [
                found(""),
                found("cookie"),
                found("post method"),
                found("nonesuch")
            ],
            [6, 1, 1, 0]
        );
    }

    #[test]
    fn a_section_of_the_rfc_is_shown_by_its_number() {
        let sections: Vec<&str> = rows(&request()).iter().map(VariableRow::section).collect();
        assert_eq!(sections, ["4.1.7", "4.1.12", "4.1.18", "—", "—", "4.1.5"]);
    }
}
