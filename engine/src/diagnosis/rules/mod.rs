//! The registry of rules: one row each with code, severity, blame, stage, words, authority, remedy and lesson.
//!
//! The numbers are stable for ever: searches, tests and lessons name them. 1 to 78 are the rows of the catalogue of what
//! goes wrong with CGI scripts; from 101 on a violation of RFC 3875 that no row names (the table in `cgi::violation`);
//! 100 and from 201 on the studio's own.
//!
//! A new rule is a row in `catalogue` or `own`, a number in `code`, and the function that proves it: in `preflight`
//! from the script's file, in `postmortem` from the record. A rule that can be wrong on a correct script is a note.

mod catalogue;
pub(crate) mod code;
mod own;

use super::finding::{Blame, Finding, RuleCode, Severity, Stage};

/// What is known of a rule without any evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The stable code.
    pub code: RuleCode,
    /// How much it usually matters; a finding may say otherwise.
    pub severity: Severity,
    /// Whose side it usually is on.
    pub blame: Blame,
    /// The stage that it breaks.
    pub stage: Stage,
    /// From what it can be told.
    pub when: When,
    /// What has happened, in general.
    pub title: &'static str,
    /// The rule's source; empty where there is none.
    pub authority: &'static str,
    /// What usually helps.
    pub remedy: &'static str,
    /// The short name of the lesson that teaches it.
    pub lesson: &'static str,
}

/// From what a rule can be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// From the script's file, before it runs.
    Before,
    /// From the record of a run.
    After,
    /// From either.
    Both,
}

impl When {
    /// As a page of the guide says it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Before => "before a run",
            Self::After => "after a run",
            Self::Both => "before and after a run",
        }
    }
}

/// A row of the catalogue that no finding is made for, and why.
pub type LeftOut = (u16, &'static str);

/// Rows of the catalogue without a rule.
pub const LEFT_OUT: [LeftOut; 1] = catalogue::LEFT_OUT;

/// All rules in the order of their codes.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    catalogue::RULES.iter().chain(own::RULES)
}

/// The rule of that code.
#[must_use]
pub fn rule(code: RuleCode) -> Option<&'static Rule> {
    all().find(|rule| rule.code == code)
}

/// A finding of this rule with what the registry knows of it; the evidence is filled in by who has it.
pub(super) fn finding(number: u16, title: String) -> Finding {
    let code = RuleCode(number);
    let known = rule(code);
    Finding {
        code,
        severity: known.map_or(Severity::Warning, |rule| rule.severity),
        blame: known.map_or(Blame::Script, |rule| rule.blame),
        stage: known.map_or(Stage::Output, |rule| rule.stage),
        title,
        explanation: String::new(),
        remedy: known.map_or("", |rule| rule.remedy).to_owned(),
        authority: known.map_or("", |rule| rule.authority).to_owned(),
        evidence: None,
        place: None,
        consequences: Vec::new(),
        exception: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_of_the_catalogue_is_a_rule_or_left_out_for_a_reason() {
        for number in 1..=78 {
            let ruled = rule(RuleCode(number)).is_some();
            let left_out = LEFT_OUT.iter().find(|(row, _)| *row == number);
            assert!(ruled != left_out.is_some(), "row {number}");
            assert!(left_out.is_none_or(|(_, reason)| reason.ends_with('.')));
        }
    }

    #[test]
    fn the_codes_are_in_order_and_none_is_there_twice() {
        let codes: Vec<RuleCode> = all().map(|rule| rule.code).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    }

    #[test]
    fn every_rule_has_words_that_fit_their_places() {
        for rule in all() {
            let code = rule.code;
            assert!(
                !rule.title.is_empty() && !rule.title.ends_with('.'),
                "{code}"
            );
            assert!(!rule.remedy.is_empty(), "{code}");
            let slug =
                |byte: u8| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit();
            assert!(
                !rule.lesson.is_empty() && rule.lesson.bytes().all(slug),
                "{code}"
            );
        }
    }

    #[test]
    fn a_lesson_is_about_a_handful_of_rules() {
        let lessons: BTreeSet<&str> = all().map(|rule| rule.lesson).collect();
        assert!((10..40).contains(&lessons.len()), "{lessons:?}");
    }

    /// The kinds of breach have numbers of their own table, and each stands here too.
    #[test]
    fn every_violation_has_a_rule_of_its_section() {
        use crate::cgi::violation::ViolationKind as Kind;
        for kind in [
            Kind::EmptyOutput,
            Kind::NoBlankLine,
            Kind::PageInsideHeaders,
            Kind::PageBeforeHeaders,
            Kind::TextBeforeHeaders,
            Kind::TracebackInHeaders,
            Kind::NoContentType,
            Kind::LengthTooShort,
            Kind::HttpStatusLine,
            Kind::BadStatus,
            Kind::TransferEncoding,
            Kind::ConnectionField,
            Kind::LineWithoutColon,
            Kind::BadFieldName,
            Kind::ControlInValue,
            Kind::BlankLineFirst,
            Kind::SpaceBeforeColon,
            Kind::ContinuationLine,
            Kind::IndentedFirstLine,
            Kind::BlankLineNotEmpty,
            Kind::BareCarriageReturn,
            Kind::ByteOrderMark,
            Kind::LineTooLong,
            Kind::BlockTooLarge,
            Kind::TooManyFields,
            Kind::DuplicateCgiField,
            Kind::InterimStatus,
            Kind::BadContentLength,
            Kind::ServerField,
            Kind::UnknownExtension,
            Kind::LocalRedirectWithFields,
            Kind::NetworkPathLocation,
            Kind::RelativeLocation,
            Kind::LocalFragment,
            Kind::BadLocation,
            Kind::RedirectWithoutStatus,
            Kind::ClientRedirectWithFields,
            Kind::LocationWithoutRedirect,
            Kind::BodyNotAllowed,
            Kind::BodyForHead,
        ] {
            let rule = rule(RuleCode(kind.code())).unwrap_or_else(|| panic!("{kind:?}"));
            assert!(
                rule.authority.contains(kind.section()),
                "{kind:?}: {}",
                rule.authority
            );
        }
    }
}
