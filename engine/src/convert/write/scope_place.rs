//! Where a scope applies, as expressions on the URL path: for hosts that know no folders.

use std::path::Path;

use super::WriteError;
use super::plan::Plan;
use super::quote::escaped;
use crate::site::scope::{FileNames, Place, ScopeConfig};

/// The URLs of a scope.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Urls {
    /// One expression for all of them; `None` if no URL leads there.
    pub(super) expression: Option<String>,
    /// They hold for the folders that are there now only.
    pub(super) as_of_now: bool,
}

/// The URLs that a scope is about.
pub(super) fn urls(plan: &Plan<'_>, scope: &ScopeConfig) -> Result<Urls, WriteError> {
    let (places, as_of_now) = match &scope.place {
        Place::Site => (vec![String::new()], false),
        Place::Url(url) => (vec![escaped(url.trim_end_matches('/'))], false),
        Place::Folder(folder) => (prefixes(plan, &plan.site.root.join(folder)), false),
        Place::FolderMatch(pattern) => {
            let folders = plan.folders_like(pattern);
            (
                folders
                    .iter()
                    .flat_map(|folder| prefixes(plan, folder))
                    .collect(),
                true,
            )
        }
        Place::UrlMatch(pattern) if scope.files.is_none() => {
            return Ok(Urls {
                expression: Some(pattern.as_str().to_owned()),
                as_of_now: false,
            });
        }
        Place::UrlMatch(_) => return Err(unplaceable(plan, scope)),
    };
    if places.is_empty() {
        return Ok(Urls::default());
    }
    let name = match &scope.files {
        None => String::new(),
        Some(names) => format!("(?:/.*)?/{}", file_name(plan, scope, names)?),
    };
    let expression = format!("^(?:{}){name}(?:/|$)", places.join("|"));
    Ok(Urls {
        expression: Some(expression),
        as_of_now,
    })
}

fn prefixes(plan: &Plan<'_>, folder: &Path) -> Vec<String> {
    plan.urls_of(folder)
        .into_iter()
        .map(|(url, _)| escaped(&url))
        .collect()
}

pub(super) fn unplaceable(plan: &Plan<'_>, scope: &ScopeConfig) -> WriteError {
    WriteError::Unwritable {
        host: plan.host,
        what: "a scope",
        reason: "the host has no words for where it applies",
        text: match &scope.files {
            Some(files) => format!("{}, {files}", scope.place),
            None => scope.place.to_string(),
        },
    }
}

/// An expression for one name between slashes.
pub(super) fn file_name(
    plan: &Plan<'_>,
    scope: &ScopeConfig,
    names: &FileNames,
) -> Result<String, WriteError> {
    match names {
        FileNames::Like(wildcard) => Ok(wildcard_expression(wildcard.as_str())),
        FileNames::Match(pattern) => {
            let text = pattern.as_str();
            let start = text.strip_prefix('^');
            let inner = start.unwrap_or(text);
            let end = inner
                .strip_suffix('$')
                .filter(|inner| !inner.ends_with('\\'));
            let inner = end.unwrap_or(inner);
            // Anchors within, or behind an alternative, cannot be moved.
            if inner.contains(['^', '$'])
                || inner.contains('|') && (start.is_some() || end.is_some())
            {
                return Err(unplaceable(plan, scope));
            }
            let (before, after) = (start.map_or("[^/]*", |_| ""), end.map_or("[^/]*", |_| ""));
            Ok(format!("{before}(?:{inner}){after}"))
        }
    }
}

/// `*` and `?` within one name, classes as they are.
fn wildcard_expression(wildcard: &str) -> String {
    let mut expression = String::new();
    let mut rest = wildcard.chars();
    while let Some(character) = rest.next() {
        match character {
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '\\' => expression.push_str(&escaped(&rest.next().unwrap_or('\\').to_string())),
            '[' if rest.as_str().contains(']') => {
                expression.push('[');
                for member in rest.by_ref() {
                    match member {
                        '!' if expression.ends_with('[') => expression.push('^'),
                        '\\' => expression.push_str("\\\\"),
                        other => expression.push(other),
                    }
                    if member == ']' {
                        break;
                    }
                }
            }
            other => expression.push_str(&escaped(&other.to_string())),
        }
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stay_within_one_name() {
        for (wildcard, expression) in [
            ("*.cgi", "[^/]*\\.cgi"),
            ("a?[!0-9]", "a[^/][^0-9]"),
            ("a\\*", "a\\*"),
            ("[", "\\["),
        ] {
            assert_eq!(wildcard_expression(wildcard), expression);
        }
    }
}
