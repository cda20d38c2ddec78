//! Where a host's request differs from the specification's, and why.
use super::HostProfile;
use super::rules::{CommandLineRule, OwnName, Reason, Rules};
use crate::cgi::meta_variable::MetaVariable;
use crate::cgi::request::CgiRequest;
use std::borrow::Cow;

/// One difference between what the specification asks for and what a host does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The variable, or `command line`, `argv[0]`, `working directory`, `standard input`,
    /// `inherited environment`.
    pub name: String,
    /// What a script gets here; none: nothing.
    pub here: Option<Vec<u8>>,
    /// What it gets there; none: nothing.
    pub there: Option<Vec<u8>>,
    /// Why, in one sentence about that host.
    pub why: Cow<'static, str>,
    /// The row of the behaviour matrix; 0 for what it has no row for.
    pub row: u8,
    /// The section of RFC 3875 with the MUST that this breaks.
    pub breaks: Option<Cow<'static, str>>,
}

/// An extension of the host that no rule speaks of.
const EXTENSION: &str = "an extension of this host; RFC 3875 does not know it";
/// Something of ours that the host has no such thing for.
const NOT_THERE: &str = "this host does not set it";
/// Set on both sides in different ways.
const OTHERWISE: &str = "this host makes it in another way";

/// The differences of the variables, those of the specification first.
pub(super) fn of_variables(
    rules: &Rules,
    here: &[MetaVariable],
    there: &[MetaVariable],
) -> Vec<Difference> {
    let value = |variables: &[MetaVariable], name: &str| {
        let found = variables.iter().find(|variable| variable.name == name);
        found.map(|variable| variable.value.clone())
    };
    let mut differences = Vec::new();
    for variable in here {
        let other = value(there, &variable.name);
        if other.as_ref() != Some(&variable.value) {
            differences.push(of(
                rules,
                &variable.name,
                Some(variable.value.clone()),
                other,
            ));
        }
    }
    for variable in there {
        if value(here, &variable.name).is_none() {
            differences.push(of(
                rules,
                &variable.name,
                None,
                Some(variable.value.clone()),
            ));
        }
    }
    differences
}

fn of(rules: &Rules, name: &str, here: Option<Vec<u8>>, there: Option<Vec<u8>>) -> Difference {
    let fits = |reason: &&Reason| {
        let named = match reason.name.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == reason.name,
        };
        named && reason.absent.is_none_or(|absent| absent == there.is_none())
    };
    let (why, row, breaks) = match rules.reasons.iter().find(fits) {
        Some(reason) => (reason.why, reason.row, reason.breaks),
        None if there.is_none() => (NOT_THERE, 0, None),
        None if here.is_none() => (EXTENSION, 0, None),
        None => (OTHERWISE, 0, None),
    };
    Difference {
        name: name.to_owned(),
        here,
        there,
        why: why.into(),
        row,
        breaks: breaks.map(Cow::Borrowed),
    }
}

/// The differences of the command line.
pub(super) fn of_command_line(
    rules: &Rules,
    here: &CgiRequest,
    there: &[Vec<u8>],
    script: &[u8],
) -> Vec<Difference> {
    let mut differences = Vec::new();
    if here.arguments != there {
        let (why, row, breaks) = match rules.command_line {
            CommandLineRule::Never => ("no query ever reaches the command line", 51, None),
            CommandLineRule::Words => (
                "any method counts, a word that cannot be decoded stays as it is, and a space is not escaped",
                55,
                Some("§4.4"),
            ),
            CommandLineRule::OneWord => (
                "the whole query is one word, not decoded, with spaces for its plus signs; without a query it is empty",
                52,
                Some("§4.4"),
            ),
        };
        differences.push(Difference {
            name: "command line".to_owned(),
            here: Some(quoted(&here.arguments)),
            there: Some(quoted(there)),
            why: why.into(),
            row,
            breaks: breaks.map(Cow::Borrowed),
        });
    }
    if rules.own_name == OwnName::Name {
        differences.push(Difference {
            name: "argv[0]".to_owned(),
            here: Some(script.to_vec()),
            there: Some(super::file_name(script).to_vec()),
            why: "a program finds its bare file name there; an interpreter is still given a path"
                .into(),
            row: 113,
            breaks: None,
        });
    }
    differences
}

/// Words, each between quotation marks, so that an empty one can be seen.
fn quoted(words: &[Vec<u8>]) -> Vec<u8> {
    let quoted: Vec<Vec<u8>> = words
        .iter()
        .map(|word| [&b"'"[..], word, b"'"].concat())
        .collect();
    quoted.join(&b' ')
}

/// A difference that is the same for every request.
pub(super) fn constant(
    name: &str,
    here: &[u8],
    there: &[u8],
    (why, row): (&'static str, u8),
) -> Difference {
    Difference {
        name: name.to_owned(),
        here: Some(here.to_vec()),
        there: Some(there.to_vec()),
        why: why.into(),
        row,
        breaks: None,
    }
}

impl Difference {
    /// One line: `SERVER_PORT 99 (here 8000): it takes …, breaks §4.1.15`, for the host's own heading.
    #[must_use]
    pub fn line(&self) -> String {
        let show = |value: &Option<Vec<u8>>| match value.as_deref() {
            None => "not set".to_owned(),
            Some(b"") => "empty".to_owned(),
            Some(value) => value.escape_ascii().to_string(),
        };
        let breaks = self
            .breaks
            .as_ref()
            .map(|section| format!(", breaks {section}"))
            .unwrap_or_default();
        format!(
            "{} {} (here {}): {}{breaks}",
            self.name,
            show(&self.there),
            show(&self.here),
            self.why
        )
    }
}

/// The heading that a host's differences stand under.
#[must_use]
pub fn heading(profile: HostProfile) -> String {
    format!("as {}", profile.label())
}
