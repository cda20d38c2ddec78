//! Reading `cgi-studio.toml`: key by key, so that one mistake costs one key.

use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::config::{ConfigProblem, SiteConfig};
use super::config_value::{
    Value, address, boolean, file_names, interpreters, prefixes, quiet, seconds, strictness,
    strings, suffixes, variable, whole_number,
};
use super::near_name::nearest;

/// A larger file is no configuration.
const LARGEST_FILE_BYTES: u64 = 1 << 20;
/// A file with more syntax errors than this is probably not TOML at all.
const MOST_SYNTAX_ERRORS: usize = 5;
/// The sections and their keys; `[environment]` takes any name.
const SECTIONS: [(&str, &[&str]); 6] = [
    ("server", &["listen", "hosts"]),
    (
        "scripts",
        &[
            "script_aliases",
            "aliases",
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
        ],
    ),
    (
        "options",
        &[
            "strictness",
            "pass_authorization",
            "allow_outside_root",
            "directory_listing",
        ],
    ),
    ("watch", &["quiet_milliseconds", "ignore"]),
];

/// Reads `file`; see [`SiteConfig::read`].
pub(super) fn read(file: &Path) -> (SiteConfig, Vec<ConfigProblem>) {
    match text_of(file) {
        Ok(Some(text)) => parse(file, &text),
        Ok(None) => (SiteConfig::default(), Vec::new()),
        Err(reason) => {
            let message = format!("{reason}; every setting keeps its default");
            let problem = ConfigProblem {
                file: file.to_owned(),
                line: 1,
                column: 1,
                key: None,
                message,
            };
            (SiteConfig::default(), vec![problem])
        }
    }
}

fn text_of(file: &Path) -> Result<Option<String>, String> {
    let metadata = match file.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read the configuration: {error}")),
    };
    // A pipe of this name would hold up the start for ever.
    if !metadata.is_file() {
        return Err("the configuration is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|opened| opened.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot read the configuration: {error}"))?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Err("the configuration is larger than 1 MiB".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        format!(
            "the configuration is not UTF-8 from byte {}",
            error.utf8_error().valid_up_to()
        )
    })?;
    Ok(Some(
        text.strip_prefix('\u{feff}')
            .map(str::to_owned)
            .unwrap_or(text),
    ))
}

fn parse(file: &Path, text: &str) -> (SiteConfig, Vec<ConfigProblem>) {
    let mut reader = Reader {
        file,
        text,
        problems: Vec::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let mut config = reader.config(table.into_inner());
        anchor_interpreters(&mut config, file.parent().unwrap_or(Path::new("")));
        return (config, reader.problems);
    }
    for error in errors.iter().take(MOST_SYNTAX_ERRORS) {
        let message = format!(
            "not TOML: {}; every setting keeps its default",
            error.message()
        );
        reader.problem(error.span().unwrap_or(0..0), None, message);
    }
    (SiteConfig::default(), reader.problems)
}

/// Relative paths start at the site's folder; bare names stay, to be looked up on `PATH`.
fn anchor_interpreters(config: &mut SiteConfig, folder: &Path) {
    for interpreter in config.scripts.interpreters.values_mut() {
        if interpreter.components().count() > 1 {
            *interpreter = folder.join(&interpreter);
        }
    }
}

struct Reader<'t> {
    file: &'t Path,
    text: &'t str,
    problems: Vec<ConfigProblem>,
}

impl Reader<'_> {
    fn config(&mut self, table: DeTable<'_>) -> SiteConfig {
        let mut config = SiteConfig::default();
        for (key, value) in table {
            let (name, span, value_span) = (key.get_ref(), key.span(), value.span());
            let Some((section, keys)) = SECTIONS.iter().find(|(section, _)| section == name) else {
                let message = unknown(
                    "section",
                    name,
                    SECTIONS.iter().map(|(section, _)| *section),
                );
                self.problem(span, Some(name.to_string()), message);
                continue;
            };
            let DeValue::Table(entries) = value.into_inner() else {
                let message =
                    format!("`{section}` is a section: write `[{section}]` on a line of its own");
                self.problem(value_span, Some((*section).to_owned()), message);
                continue;
            };
            for (key, value) in entries {
                self.entry(&mut config, section, keys, &key, &value);
            }
        }
        config
    }

    fn entry(
        &mut self,
        config: &mut SiteConfig,
        section: &str,
        keys: &[&str],
        key: &Spanned<std::borrow::Cow<'_, str>>,
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
            if let Err(message) = set(config, section, name, value) {
                let message = format!("`{name}` {message}; it keeps its default");
                self.problem(value.span(), full_name, message);
            }
        } else {
            let message = unknown("key", name, keys.iter().copied());
            self.problem(key.span(), full_name, message);
        }
    }

    fn problem(&mut self, span: Range<usize>, key: Option<String>, message: String) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let column = before
            .get(line_start..)
            .map_or(0, |line| line.chars().count())
            + 1;
        self.problems.push(ConfigProblem {
            file: self.file.to_owned(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            key,
            message,
        });
    }
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`?"),
        None => {
            let known: Vec<&str> = known.collect();
            format!("unknown {what} `{name}`; known are {}", known.join(", "))
        }
    }
}

/// The one table from key to field. What is wrong with a value is said as the end of a sentence
/// that starts with the key.
fn set(config: &mut SiteConfig, section: &str, key: &str, value: &Value<'_>) -> Result<(), String> {
    let SiteConfig {
        server,
        scripts,
        limits,
        options,
        watch,
        ..
    } = config;
    match (section, key) {
        ("server", "listen") => server.listen = Some(address(value)?),
        ("server", "hosts") => server.hosts = strings(value)?,
        ("scripts", "script_aliases") => scripts.script_aliases = Some(prefixes(value)?),
        ("scripts", "aliases") => scripts.aliases = prefixes(value)?,
        ("scripts", "suffixes") => scripts.suffixes = suffixes(value)?,
        ("scripts", "interpreters") => scripts.interpreters = interpreters(value)?,
        ("scripts", "index") => scripts.index = file_names(value)?,
        ("scripts", "refuse_extra_path") => {
            scripts.refuse_extra_path = strings(value)?.into_iter().map(PathBuf::from).collect();
        }
        ("limits", "time_seconds") => limits.time_seconds = seconds(value)?,
        ("limits", "total_seconds") => limits.total_seconds = seconds(value)?,
        ("limits", "request_body_bytes") => limits.request_body_bytes = whole_number(value)?,
        ("limits", "capture_bytes") => limits.capture_bytes = whole_number(value)?,
        ("limits", "grace_seconds") => limits.grace_seconds = seconds(value)?,
        ("options", "strictness") => options.strictness = strictness(value)?,
        ("options", "pass_authorization") => options.pass_authorization = boolean(value)?,
        ("options", "allow_outside_root") => options.allow_outside_root = boolean(value)?,
        ("options", "directory_listing") => options.directory_listing = boolean(value)?,
        ("watch", "quiet_milliseconds") => watch.quiet_milliseconds = quiet(value)?,
        ("watch", "ignore") => watch.ignore = strings(value)?,
        _ => return Err("is not known".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
