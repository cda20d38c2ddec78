//! Taking the text of `cgi-studio.toml` apart: key by key, so that one mistake costs one key.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memchr::{memchr_iter, memrchr};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::alias_match::highest_group;
use super::config::{AliasMatch, CONFIG_FILE_NAME, ConfigProblem, SiteConfig};
use super::config_scopes::{SCOPE_KEYS, may_hold_rules, may_restrict};
use super::config_value::{
    Value, address, boolean, bytes_or_all, expected, file_names, interpreters, name, path,
    prefixes, quiet, seconds, strictness, string, strings, suffixes, variable, whole_number,
};
use super::near_name::nearest;
use super::pattern::{Pattern, PatternError, Wildcard};
use super::scope::ScopeConfig;

/// A file with more syntax errors than this is probably not TOML at all.
const MOST_SYNTAX_ERRORS: usize = 5;
/// More problems than this are only counted.
const MOST_PROBLEMS: usize = 100;
/// Each expression takes memory; nobody writes so many different ones.
const MOST_EXPRESSIONS: usize = 1_000;
/// The sections and their keys; `[environment]` takes any name.
const SECTIONS: [(&str, &[&str]); 8] = [
    ("server", &["listen", "hosts", "document_root"]),
    (
        "scripts",
        &[
            "script_aliases",
            "aliases",
            "script_alias_matches",
            "alias_matches",
            "suffixes",
            "interpreters",
            "index",
            "refuse_extra_path",
        ],
    ),
    ("environment", &[]),
    (
        "limits",
        &[
            "time_seconds",
            "total_seconds",
            "request_body_bytes",
            "capture_bytes",
            "grace_seconds",
            "cpu_seconds",
            "memory_bytes",
            "processes",
        ],
    ),
    (
        "options",
        &[
            "strictness",
            "pass_authorization",
            "allow_outside_root",
            "directory_listing",
            "encoded_slashes",
            "run_in_script_folder",
            "cut_off_crashed",
            "record_locals",
            "host_profile",
        ],
    ),
    ("watch", &["quiet_milliseconds", "ignore"]),
    ("history", &["runs", "days", "disk_bytes"]),
    ("scopes", &SCOPE_KEYS),
];

/// Reads the text of `file`; see [`SiteConfig::read`].
pub(super) fn parse(file: &Path, text: &str) -> (SiteConfig, Vec<ConfigProblem>) {
    let mut reader = Reader::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let mut config = reader.config(table.into_inner());
        anchor_interpreters(&mut config, file.parent().unwrap_or(Path::new("")));
        reader.tell_uncounted();
        return (config, reader.problems);
    }
    let may_restrict = may_hold_rules(text.as_bytes());
    for error in errors.iter().take(MOST_SYNTAX_ERRORS) {
        let message = without_settings(&format!("not TOML: {}", error.message()), may_restrict);
        reader.problem(error.span().unwrap_or(0..0), None, message);
    }
    (reader.without_settings(may_restrict), reader.problems)
}

/// What is left of a file that gives no text: all defaults, closed if it may hold rules of access.
pub(super) fn unread(
    file: &Path,
    reason: &str,
    may_restrict: bool,
) -> (SiteConfig, Vec<ConfigProblem>) {
    let mut reader = Reader::new(file, "");
    reader.problem(0..0, None, without_settings(reason, may_restrict));
    (reader.without_settings(may_restrict), reader.problems)
}

/// What follows of a file that cannot be used.
fn without_settings(reason: &str, may_restrict: bool) -> String {
    if may_restrict {
        return format!(
            "{reason}; it may hold rules of access, so nothing of this site is served until that is mended"
        );
    }
    format!("{reason}; every setting keeps its default")
}

/// Relative paths start at the site's folder; bare names stay, to be looked up on `PATH`.
fn anchor_interpreters(config: &mut SiteConfig, folder: &Path) {
    for interpreter in config.scripts.interpreters.values_mut() {
        if interpreter.components().count() > 1 {
            *interpreter = folder.join(&interpreter);
        }
    }
}

/// Takes a file apart and collects what is wrong with it.
pub(super) struct Reader<'t> {
    file: &'t Path,
    text: &'t str,
    problems: Vec<ConfigProblem>,
    /// Problems that are only counted, with where the first of them stands.
    uncounted: Option<(usize, Range<usize>)>,
    /// Expressions that were compiled already; `true` for wildcards.
    patterns: HashMap<(bool, String), Compiled>,
}

#[derive(Clone)]
enum Compiled {
    Pattern(Pattern),
    Wildcard(Wildcard),
}

impl<'t> Reader<'t> {
    fn new(file: &'t Path, text: &'t str) -> Self {
        Self {
            file,
            text,
            problems: Vec::new(),
            uncounted: None,
            patterns: HashMap::new(),
        }
    }

    /// All defaults; closed to everybody if rules of access are lost.
    fn without_settings(&self, may_restrict: bool) -> SiteConfig {
        let mut config = SiteConfig::default();
        if may_restrict {
            let line = self.problems.first().map_or(1, |problem| problem.line);
            config.scopes.push(self.closed_site(line));
        }
        config
    }

    fn closed_site(&self, line: u32) -> ScopeConfig {
        ScopeConfig {
            closed_because: Some(self.reason_to_close(line)),
            ..ScopeConfig::default()
        }
    }

    /// Why nobody may have something: for visitors, so without what the file says.
    pub(super) fn reason_to_close(&self, line: u32) -> String {
        format!(
            "a rule of access cannot be read, so nobody may have this until it is mended: {CONFIG_FILE_NAME}, line {line}"
        )
    }

    fn config(&mut self, table: DeTable<'_>) -> SiteConfig {
        let mut config = SiteConfig::default();
        for (key, value) in table {
            let (name, span, value_span) = (key.get_ref(), key.span(), value.span());
            let Some((section, keys)) = SECTIONS.iter().find(|(section, _)| section == name) else {
                let message = unknown("section", name, SECTIONS.map(|(section, _)| section));
                let message = self.close_if_meant(&mut config, name, &value, message);
                self.problem(span, Some(name.to_string()), message);
                continue;
            };
            if *section == "scopes" {
                config.scopes.extend(self.scopes(&value));
                continue;
            }
            let DeValue::Table(entries) = value.get_ref() else {
                let message =
                    format!("`{section}` is a section: write `[{section}]` on a line of its own");
                let message = self.close_if_meant(&mut config, section, &value, message);
                self.problem(value_span, Some((*section).to_owned()), message);
                continue;
            };
            for (key, value) in entries {
                self.entry(&mut config, section, keys, key, value);
            }
        }
        config
    }

    /// What nobody knows but looks like a rule of access closes the site.
    fn close_if_meant(
        &mut self,
        config: &mut SiteConfig,
        name: &str,
        value: &Value<'_>,
        message: String,
    ) -> String {
        if !may_restrict(name, value) {
            return message;
        }
        let line = self.line_of(value.span());
        config.scopes.push(self.closed_site(line));
        let end = message.trim_end_matches('?');
        format!(
            "{end}; it looks like a rule of access, so nothing of this site is served until that is mended"
        )
    }

    fn entry(
        &mut self,
        config: &mut SiteConfig,
        section: &str,
        keys: &[&str],
        key: &Spanned<Cow<'_, str>>,
        value: &Value<'_>,
    ) {
        let name = key.get_ref().as_ref();
        let full_name = Some(format!("{section}.{name}"));
        if section == "environment" {
            match variable(name, value) {
                Ok(text) => drop(config.environment.insert(name.to_owned(), text)),
                Err(message) => self.problem(key.span(), full_name, message),
            }
        } else if keys.contains(&name) {
            if let Err(message) = self.set(config, section, name, value) {
                let message = format!("`{name}` {message}; it keeps its default");
                self.problem(value.span(), full_name, message);
            }
        } else {
            let message = unknown("key", name, keys.iter().copied());
            let message = self.close_if_meant(config, name, value, message);
            self.problem(key.span(), full_name, message);
        }
    }

    pub(super) fn problem(&mut self, span: Range<usize>, key: Option<String>, message: String) {
        if self.problems.len() >= MOST_PROBLEMS {
            let (count, _) = self.uncounted.get_or_insert((0, span));
            *count += 1;
            return;
        }
        let (line, column) = self.place_of(span);
        self.problems.push(ConfigProblem {
            file: self.file.to_owned(),
            line,
            column,
            key,
            message,
        });
    }

    fn tell_uncounted(&mut self) {
        if let Some((count, span)) = self.uncounted.take() {
            let (line, column) = self.place_of(span);
            self.problems.push(ConfigProblem {
                file: self.file.to_owned(),
                line,
                column,
                key: None,
                message: format!("{count} more problems from here on are not told one by one"),
            });
        }
    }

    pub(super) fn line_of(&self, span: Range<usize>) -> u32 {
        self.place_of(span).0
    }

    /// Line and column in characters, both from 1.
    fn place_of(&self, span: Range<usize>) -> (u32, u32) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = memrchr(b'\n', before.as_bytes()).map_or(0, |newline| newline + 1);
        let line = memchr_iter(b'\n', before.as_bytes()).count() + 1;
        let column = before
            .get(line_start..)
            .map_or(0, |line| line.chars().count())
            + 1;
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        (number(line), number(column))
    }

    pub(super) fn pattern(&mut self, value: &Value<'_>) -> Result<Pattern, String> {
        let text = string(value)?;
        match self.compiled(false, text, |text| {
            Pattern::parse(text).map(Compiled::Pattern)
        })? {
            Compiled::Pattern(pattern) => Ok(pattern),
            Compiled::Wildcard(_) => Err("is no regular expression".to_owned()),
        }
    }

    pub(super) fn wildcard(&mut self, value: &Value<'_>) -> Result<Wildcard, String> {
        let text = string(value)?;
        match self.compiled(true, text, |text| {
            Wildcard::parse(text).map(Compiled::Wildcard)
        })? {
            Compiled::Wildcard(wildcard) => Ok(wildcard),
            Compiled::Pattern(_) => Err("is no wildcard".to_owned()),
        }
    }

    fn compiled(
        &mut self,
        wildcard: bool,
        text: &str,
        compile: impl FnOnce(&str) -> Result<Compiled, PatternError>,
    ) -> Result<Compiled, String> {
        let key = (wildcard, text.to_owned());
        if let Some(known) = self.patterns.get(&key) {
            return Ok(known.clone());
        }
        if self.patterns.len() >= MOST_EXPRESSIONS {
            return Err(format!(
                "is one expression too many: {MOST_EXPRESSIONS} different ones are the most"
            ));
        }
        let compiled = compile(text).map_err(|error| error.to_string())?;
        self.patterns.insert(key, compiled.clone());
        Ok(compiled)
    }

    fn alias_matches(&mut self, value: &Value<'_>) -> Result<Vec<AliasMatch>, String> {
        let wanted = "a list such as [ { url = \"^/apps/(.*)\", to = \"apps/$1\" } ]";
        let list = value.get_ref().as_array();
        let list = list.ok_or_else(|| expected(wanted, value))?;
        let entries = list.iter().map(|entry| {
            let table = entry.get_ref().as_table();
            let table = table.filter(|table| table.len() == 2);
            let text = |key: &str| table.and_then(|table| table.get(key));
            let (Some(url), Some(to)) = (text("url"), text("to")) else {
                return Err(format!("must be {wanted}"));
            };
            let (url, to) = (self.pattern(url)?, string(to)?.to_owned());
            if highest_group(&to) > url.groups() {
                return Err(format!(
                    "has {to:?}, which names a group that {:?} does not have",
                    url.as_str()
                ));
            }
            Ok(AliasMatch { url, to })
        });
        entries.collect()
    }

    /// The one table from key to field. What is wrong with a value is said as the end of a
    /// sentence that starts with the key.
    fn set(
        &mut self,
        config: &mut SiteConfig,
        section: &str,
        key: &str,
        value: &Value<'_>,
    ) -> Result<(), String> {
        let SiteConfig {
            server,
            scripts,
            limits,
            options,
            watch,
            history,
            ..
        } = config;
        match (section, key) {
            ("server", "listen") => server.listen = Some(address(value)?),
            ("server", "hosts") => server.hosts = strings(value)?,
            ("server", "document_root") => server.document_root = path(value)?,
            ("scripts", "script_aliases") => scripts.script_aliases = Some(prefixes(value)?),
            ("scripts", "aliases") => scripts.aliases = prefixes(value)?,
            ("scripts", "script_alias_matches") => {
                scripts.script_alias_matches = self.alias_matches(value)?;
            }
            ("scripts", "alias_matches") => scripts.alias_matches = self.alias_matches(value)?,
            ("scripts", "suffixes") => scripts.suffixes = suffixes(value)?,
            ("scripts", "interpreters") => scripts.interpreters = interpreters(value)?,
            ("scripts", "index") => scripts.index = file_names(value)?,
            ("scripts", "refuse_extra_path") => {
                scripts.refuse_extra_path =
                    strings(value)?.into_iter().map(PathBuf::from).collect();
            }
            ("limits", "time_seconds") => limits.time_seconds = seconds(value)?,
            ("limits", "total_seconds") => limits.total_seconds = seconds(value)?,
            ("limits", "request_body_bytes") => limits.request_body_bytes = whole_number(value)?,
            ("limits", "capture_bytes") => limits.capture_bytes = bytes_or_all(value)?,
            ("limits", "grace_seconds") => limits.grace_seconds = seconds(value)?,
            ("limits", "cpu_seconds") => limits.cpu_seconds = whole_number(value)?,
            ("limits", "memory_bytes") => limits.memory_bytes = whole_number(value)?,
            ("limits", "processes") => limits.processes = whole_number(value)?,
            ("options", "strictness") => options.strictness = strictness(value)?,
            ("options", "pass_authorization") => options.pass_authorization = boolean(value)?,
            ("options", "allow_outside_root") => options.allow_outside_root = boolean(value)?,
            ("options", "directory_listing") => options.directory_listing = boolean(value)?,
            ("options", "encoded_slashes") => options.encoded_slashes = boolean(value)?,
            ("options", "run_in_script_folder") => {
                options.run_in_script_folder = boolean(value)?;
            }
            ("options", "cut_off_crashed") => options.cut_off_crashed = boolean(value)?,
            ("options", "record_locals") => options.record_locals = boolean(value)?,
            ("options", "host_profile") => options.host_profile = Some(name(value)?),
            ("watch", "quiet_milliseconds") => watch.quiet_milliseconds = quiet(value)?,
            ("watch", "ignore") => watch.ignore = strings(value)?,
            ("history", "runs") => history.runs = Some(whole_number(value)?),
            ("history", "days") => history.days = Some(whole_number(value)?),
            ("history", "disk_bytes") => history.disk_bytes = Some(whole_number(value)?),
            _ => return Err("is not known".to_owned()),
        }
        Ok(())
    }
}

/// What is said of a name that is none of those known.
pub(super) fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`?"),
        None => {
            let known: Vec<&str> = known.into_iter().collect();
            format!("unknown {what} `{name}`; known are {}", known.join(", "))
        }
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
