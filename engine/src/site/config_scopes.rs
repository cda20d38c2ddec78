//! Reading `[[scopes]]`: what cannot be read never opens what it would have closed.

use std::ops::Range;

use memchr::memmem;

use super::config_reader::{Reader, unknown};
use super::config_scope_value::{
    accept_path_info, actions, authentication, environment, error_documents, method_scripts,
    requirement, scripts_rule, url_prefix, variables,
};
use super::config_value::{Value, boolean, file_names, path, strictness, suffixes};
use super::near_name::nearest;
use super::requirement::Requirement;
use super::scope::{FileNames, Place, ScopeConfig, ScriptsRule};

/// The keys of a scope.
pub(super) const SCOPE_KEYS: [&str; 21] = [
    "folder",
    "folder_match",
    "url",
    "url_match",
    "files",
    "files_match",
    "scripts",
    "suffixes",
    "index",
    "accept_path_info",
    "directory_listing",
    "pass_authorization",
    "strictness",
    "require",
    "authentication",
    "error_documents",
    "actions",
    "method_scripts",
    "set_environment",
    "pass_environment",
    "unset_environment",
];
const PLACE_KEYS: [&str; 4] = ["folder", "folder_match", "url", "url_match"];
const NAME_KEYS: [&str; 2] = ["files", "files_match"];
/// The keys that can keep something from being seen: who may have it, and what would be run.
const GUARD_KEYS: [&str; 5] = [
    "require",
    "authentication",
    "scripts",
    "suffixes",
    "actions",
];

/// A mistake in a scope; its message still lacks what follows of it.
struct Fault {
    span: Range<usize>,
    key: String,
    message: String,
}

/// A scope as far as it was read, with what is in doubt.
#[derive(Default)]
struct Draft {
    scope: ScopeConfig,
    faults: Vec<Fault>,
    /// The keys of places that were given.
    places: Vec<&'static str>,
    /// The keys of names that were given.
    names: Vec<&'static str>,
    place_in_doubt: bool,
    names_in_doubt: bool,
    guards_in_doubt: bool,
    /// There is a key that nobody knows.
    unknown_key: bool,
}

/// What follows of the mistakes in a scope.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Consequence {
    /// The scope applies without the keys that are wrong.
    Applied,
    /// It is not applied.
    Dropped,
    /// Nobody may have what is in its place.
    Closed,
    /// Nobody may have anything, because its place is in doubt.
    ClosedSite,
}

impl Reader<'_> {
    pub(super) fn scopes(&mut self, value: &Value<'_>) -> Vec<ScopeConfig> {
        if let Some(list) = value.get_ref().as_array() {
            let scopes = list.iter().enumerate();
            return scopes
                .filter_map(|(index, value)| self.scope(index, value, Draft::default()))
                .collect();
        }
        let draft = Draft {
            faults: vec![Fault {
                span: value.span(),
                key: "scopes".to_owned(),
                message: "`scopes` is a list: write `[[scopes]]` on a line of its own".to_owned(),
            }],
            place_in_doubt: true,
            ..Draft::default()
        };
        self.scope(0, value, draft).into_iter().collect()
    }

    fn scope(&mut self, index: usize, value: &Value<'_>, mut draft: Draft) -> Option<ScopeConfig> {
        let name = format!("scopes[{index}]");
        let Some(table) = value.get_ref().as_table() else {
            if draft.faults.is_empty() {
                let message = "a scope is a table: write `[[scopes]]` on a line of its own";
                draft.fault(value.span(), name, message.to_owned());
            }
            draft.place_in_doubt = true;
            return self.finish(value, draft);
        };
        for (key, value) in table {
            let full_name = format!("{name}.{}", key.get_ref());
            let known = SCOPE_KEYS.iter().find(|known| *known == key.get_ref());
            let Some(&known) = known else {
                draft.unknown_key(key.get_ref());
                draft.fault(
                    key.span(),
                    full_name,
                    unknown("key", key.get_ref(), SCOPE_KEYS),
                );
                continue;
            };
            if let Err(message) = self.set_scope(&mut draft, known, value) {
                draft.doubt(known);
                draft.fault(value.span(), full_name, format!("`{known}` {message}"));
            }
        }
        draft.check_counts(value.span(), &name);
        self.finish(value, draft)
    }

    /// The one table from key to field; as [`super::config_reader`] has it for the sections.
    fn set_scope(
        &mut self,
        draft: &mut Draft,
        key: &'static str,
        value: &Value<'_>,
    ) -> Result<(), String> {
        if PLACE_KEYS.contains(&key) {
            draft.places.push(key);
        }
        if NAME_KEYS.contains(&key) {
            draft.names.push(key);
        }
        let scope = &mut draft.scope;
        match key {
            "folder" => scope.place = Place::Folder(path(value)?),
            "folder_match" => scope.place = Place::FolderMatch(self.pattern(value)?),
            "url" => scope.place = Place::Url(url_prefix(value)?),
            "url_match" => scope.place = Place::UrlMatch(self.pattern(value)?),
            "files" => scope.files = Some(FileNames::Like(self.wildcard(value)?)),
            "files_match" => scope.files = Some(FileNames::Match(self.pattern(value)?)),
            "scripts" => scope.scripts = Some(scripts_rule(value)?),
            "suffixes" => scope.suffixes = Some(suffixes(value)?),
            "index" => scope.index = Some(file_names(value)?),
            "accept_path_info" => scope.accept_path_info = Some(accept_path_info(value)?),
            "directory_listing" => scope.directory_listing = Some(boolean(value)?),
            "pass_authorization" => scope.pass_authorization = Some(boolean(value)?),
            "strictness" => scope.strictness = Some(strictness(value)?),
            "require" => scope.require = Some(requirement(value)?),
            "authentication" => scope.authentication = Some(authentication(value)?),
            "error_documents" => scope.error_documents = error_documents(value)?,
            "actions" => scope.actions = actions(value)?,
            "method_scripts" => scope.method_scripts = method_scripts(value)?,
            "set_environment" => scope.set_environment = environment(value)?,
            "pass_environment" => scope.pass_environment = variables(value)?,
            "unset_environment" => scope.unset_environment = variables(value)?,
            _ => return Err("is not known".to_owned()),
        }
        Ok(())
    }

    /// Reports the mistakes with what follows of them.
    fn finish(&mut self, value: &Value<'_>, draft: Draft) -> Option<ScopeConfig> {
        let consequence = draft.consequence();
        for fault in draft.faults {
            let message = consequence.said_after(&fault.message);
            self.problem(fault.span, Some(fault.key), message);
        }
        let place = match consequence {
            Consequence::Applied => return Some(draft.scope),
            Consequence::Dropped => return None,
            Consequence::Closed => draft.scope.place,
            Consequence::ClosedSite => Place::Site,
        };
        Some(ScopeConfig {
            place,
            closed_because: Some(self.reason_to_close(self.line_of(value.span()))),
            ..ScopeConfig::default()
        })
    }
}

impl Draft {
    fn fault(&mut self, span: Range<usize>, key: String, message: String) {
        self.faults.push(Fault { span, key, message });
    }

    fn doubt(&mut self, key: &str) {
        self.place_in_doubt |= PLACE_KEYS.contains(&key);
        self.names_in_doubt |= NAME_KEYS.contains(&key);
        self.guards_in_doubt |= GUARD_KEYS.contains(&key);
    }

    fn unknown_key(&mut self, name: &str) {
        self.unknown_key = true;
        if let Some(near) = nearest(name, SCOPE_KEYS) {
            self.doubt(near);
        }
    }

    fn check_counts(&mut self, span: Range<usize>, name: &str) {
        for (given, known, in_doubt) in [
            (&self.places, &PLACE_KEYS[..], &mut self.place_in_doubt),
            (&self.names, &NAME_KEYS[..], &mut self.names_in_doubt),
        ] {
            if given.len() > 1 {
                *in_doubt = true;
                self.faults.push(Fault {
                    span: span.clone(),
                    key: name.to_owned(),
                    message: format!(
                        "a scope has at most one of `{}`, not both `{}`",
                        known.join("`, `"),
                        given.join("` and `")
                    ),
                });
            }
        }
    }

    fn consequence(&self) -> Consequence {
        let scope = &self.scope;
        let restricts = self.guards_in_doubt
            || scope.authentication.is_some()
            || scope.scripts == Some(ScriptsRule::None)
            || matches!(&scope.require, Some(require) if *require != Requirement::Granted);
        let guards = restricts || scope.require.is_some();
        // What nobody knows may have been meant to narrow the place.
        let place_in_doubt =
            self.place_in_doubt || self.unknown_key && guards && self.places.is_empty();
        let in_doubt = place_in_doubt || self.names_in_doubt || self.unknown_key && guards;
        match (in_doubt || self.guards_in_doubt, restricts, place_in_doubt) {
            (false, ..) => Consequence::Applied,
            (true, false, _) => Consequence::Dropped,
            (true, true, false) if scope.place != Place::Site => Consequence::Closed,
            (true, true, _) => Consequence::ClosedSite,
        }
    }
}

impl Consequence {
    fn said_after(self, message: &str) -> String {
        let told = match self {
            Self::Applied if message.ends_with('?') => return message.to_owned(),
            Self::Applied => "it is left out",
            Self::Dropped => "until that is mended, this scope is not applied",
            Self::Closed => "until that is mended, nothing in this scope is served",
            Self::ClosedSite => "until that is mended, nothing of this site is served",
        };
        if message.ends_with('?') {
            let (first, rest) = told.split_at(1);
            return format!("{message} {}{rest}", first.to_ascii_uppercase());
        }
        format!("{message}; {told}")
    }
}

/// Whether a text that cannot be read as a whole may hold rules of access; comments hold none.
pub(super) fn may_hold_rules(text: &[u8]) -> bool {
    let says = |line: &[u8], word: &str| memmem::find(line, word.as_bytes()).is_some();
    // Text in UTF-16 has a NUL beside each letter; old editors end lines with CR alone.
    let text: Vec<u8> = text.iter().copied().filter(|&byte| byte != 0).collect();
    text.split(|&byte| byte == b'\n' || byte == b'\r')
        .filter(|line| !line.trim_ascii_start().starts_with(b"#"))
        .any(|line| says(line, "scopes") || says(line, "require"))
}

/// Whether a name that nobody knows, or a part of its value, was probably meant to restrict.
pub(super) fn may_restrict(name: &str, value: &Value<'_>) -> bool {
    let guards = ["scopes", "require", "authentication"];
    nearest(name, guards).is_some() || holds_guard(value)
}

fn holds_guard(value: &Value<'_>) -> bool {
    let value = value.get_ref();
    if let Some(list) = value.as_array() {
        return list.iter().any(holds_guard);
    }
    value.as_table().is_some_and(|table| {
        table.iter().any(|(key, value)| {
            let is_guard = |guard: &&str| guard == key.get_ref();
            ["require", "authentication"].iter().any(is_guard) || holds_guard(value)
        })
    })
}

#[cfg(test)]
#[path = "config_scopes_tests.rs"]
mod tests;
