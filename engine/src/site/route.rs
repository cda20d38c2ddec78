//! Where a URL path leads before anything is looked at: a folder, and names to walk from there.
//!
//! The order in which it is decided: the longest URL prefix among the aliases, then the expressions
//! for scripts, then those for ordinary files, each in the order they are written, and last `/`.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use super::Site;
use super::alias_match::PreparedMatch;
use super::mapping::Mapping;
use super::resolution::Step;
use super::scopes::plain;
use super::url_path::{Component, components, names_in};

/// Where a URL path leads.
pub(super) struct Route<'p> {
    /// The choice in words.
    pub(super) step: Step,
    /// Where the walk starts: a folder, or a file that the configuration names.
    pub(super) start: PathBuf,
    /// Whether every regular file there is a script.
    pub(super) runs_scripts: bool,
    /// The names to walk.
    pub(super) names: Vec<Cow<'p, [u8]>>,
    /// The components of the URL path.
    pub(super) components: Vec<Component<'p>>,
    /// For an expression: whether what it made ends in a slash.
    made: Option<bool>,
    url_path: &'p [u8],
}

impl Site {
    /// Where `url_path` leads; `None` if no prefix matches, which `/` always does.
    pub(super) fn route<'p>(&self, url_path: &'p [u8]) -> Option<Route<'p>> {
        let components = components(url_path);
        let mapping = self
            .mappings
            .iter()
            .find(|mapping| mapping.fits(&components))?;
        if mapping.is_root() && !self.matches.is_empty() {
            let plain_url = plain(url_path);
            let made = self.matches.iter().find_map(|alias| {
                let made = alias.expand(&plain_url)?;
                Some((alias, made))
            });
            if let Some((alias, made)) = made {
                return Some(Route::by_match(url_path, components, alias, &made));
            }
        }
        Some(Route::by_prefix(url_path, components, mapping))
    }

    /// The path that `extra_path`, decoded, stands for as a URL path of its own
    /// (`PATH_TRANSLATED`, RFC 3875 §4.1.6): found by the aliases alone, whether or not there is
    /// such a file. A `..` never leads above the folder that an alias names.
    pub fn translate(&self, extra_path: &[u8]) -> PathBuf {
        let Some(route) = self.route(extra_path) else {
            return self.document_root();
        };
        PathBuf::from(OsString::from_vec(route.translated()))
    }
}

impl<'p> Route<'p> {
    fn by_prefix(url_path: &'p [u8], components: Vec<Component<'p>>, mapping: &Mapping) -> Self {
        let used = mapping.components().count();
        let names = components.iter().skip(used);
        Self {
            step: Step::Alias {
                prefix: mapping.prefix.clone(),
                folder: mapping.folder.clone(),
                runs_scripts: mapping.runs_scripts,
            },
            start: mapping.folder.clone(),
            runs_scripts: mapping.runs_scripts,
            names: names
                .map(|component| Cow::Borrowed(component.name))
                .collect(),
            components,
            made: None,
            url_path,
        }
    }

    fn by_match(
        url_path: &'p [u8],
        components: Vec<Component<'p>>,
        alias: &PreparedMatch,
        made: &[u8],
    ) -> Self {
        let names = names_in(made);
        Self {
            step: Step::AliasMatch {
                expression: alias.url.as_str().to_owned(),
                file: names.clone().fold(alias.folder.clone(), |folder, name| {
                    folder.join(OsStr::from_bytes(name))
                }),
                runs_scripts: alias.runs_scripts,
            },
            start: alias.folder.clone(),
            runs_scripts: alias.runs_scripts,
            names: names.map(|name| Cow::Owned(name.to_vec())).collect(),
            components,
            made: Some(made.ends_with(b"/")),
            url_path,
        }
    }

    /// See [`Site::translate`].
    fn translated(self) -> Vec<u8> {
        let climbs = self.names.iter().any(|name| name.as_ref() == b"..");
        let start = self.start.into_os_string().into_vec();
        let rest = match self.made {
            None if !climbs => {
                let used = self.components.len() - self.names.len();
                let last = used
                    .checked_sub(1)
                    .and_then(|last| self.components.get(last));
                let end = last.map_or(0, |component| component.end);
                self.url_path.get(end..).unwrap_or_default().to_vec()
            }
            _ => below(
                &self.names,
                self.made.unwrap_or(self.url_path.ends_with(b"/")),
            ),
        };
        let slash: &[u8] = if rest.is_empty() || rest.starts_with(b"/") {
            b""
        } else {
            b"/"
        };
        let start = start.strip_suffix(b"/").unwrap_or(&start);
        [start, slash, &rest].concat()
    }

    /// How much of the URL path names the file, when `left` of the names were not walked.
    ///
    /// What an expression made need not end as the URL does; then all of the URL names the file,
    /// since its URL must be made of `SCRIPT_NAME` and `PATH_INFO` (RFC 3875 §3.3).
    pub(super) fn name_length(&self, left: usize) -> usize {
        let whole = self.url_path.len();
        let unwalked = self.names.iter().rev().take(left);
        let ends = self.components.iter().rev().take(left);
        let named_alike = left <= self.components.len()
            && unwalked
                .zip(ends)
                .all(|(name, component)| name.as_ref() == component.name);
        match self.made {
            Some(ends_in_slash) if !named_alike || left == 0 && !ends_in_slash => whole,
            _ => {
                let used = self.components.len().checked_sub(left + 1);
                used.and_then(|last| self.components.get(last))
                    .map_or(0, |component| component.end)
            }
        }
    }
}

/// The names as a path, in which `..` takes back the name before it.
fn below(names: &[Cow<'_, [u8]>], ends_in_slash: bool) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    for name in names {
        if name.as_ref() == b".." {
            kept.pop();
        } else {
            kept.push(name);
        }
    }
    let mut path = Vec::new();
    for name in kept {
        path.push(b'/');
        path.extend_from_slice(name);
    }
    if ends_in_slash && !path.is_empty() {
        path.push(b'/');
    }
    path
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
