//! Reading `cgi-studio.toml`: key by key, so that one mistake costs one key.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::config::{ConfigProblem, SiteConfig, Strictness};
use super::near_name::nearest;

/// A larger file is no configuration.
const LARGEST_FILE_BYTES: u64 = 1 << 20;
/// A file with more syntax errors than this is probably not TOML at all.
const MOST_SYNTAX_ERRORS: usize = 5;
/// A year: longer limits are off.
const LONGEST_SECONDS: f64 = 31_536_000.0;

/// The sections and their keys; `[environment]` takes any name.
const SECTIONS: [(&str, &[&str]); 6] = [
    ("server", &["listen"]),
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

/// A value and where it stands.
type Value<'i> = Spanned<DeValue<'i>>;

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

fn expected(what: &str, value: &Value<'_>) -> String {
    format!("must be {what}, not {}", in_words(value.get_ref()))
}

fn in_words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn string<'v>(value: &'v Value<'_>) -> Result<&'v str, String> {
    let text = value
        .get_ref()
        .as_str()
        .ok_or_else(|| expected("text in quotes", value))?;
    if text.contains('\0') {
        return Err("must not contain a NUL character".to_owned());
    }
    Ok(text)
}

fn strings(value: &Value<'_>) -> Result<Vec<String>, String> {
    let list = value
        .get_ref()
        .as_array()
        .ok_or_else(|| expected("a list of texts", value))?;
    list.iter()
        .map(|item| string(item).map(str::to_owned))
        .collect()
}

fn table_of(value: &Value<'_>) -> Result<BTreeMap<String, PathBuf>, String> {
    let table = value
        .get_ref()
        .as_table()
        .ok_or_else(|| expected("a table such as { \"name\" = \"path\" }", value))?;
    let pair = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Value<'_>)| {
        Ok((key.get_ref().to_string(), PathBuf::from(string(value)?)))
    };
    table.iter().map(pair).collect()
}

fn prefixes(value: &Value<'_>) -> Result<BTreeMap<String, PathBuf>, String> {
    let table = table_of(value)?;
    match table.keys().find(|prefix| !prefix.starts_with('/')) {
        Some(prefix) => Err(format!(
            "has a URL prefix that does not start with \"/\": {prefix:?}"
        )),
        None => Ok(table),
    }
}

fn interpreters(value: &Value<'_>) -> Result<BTreeMap<String, PathBuf>, String> {
    let table = table_of(value)?;
    table.keys().try_for_each(|suffix| proper_suffix(suffix))?;
    match table
        .iter()
        .find(|(_, interpreter)| interpreter.as_os_str().is_empty())
    {
        Some((suffix, _)) => Err(format!("names no interpreter for {suffix:?}")),
        None => Ok(table),
    }
}

fn suffixes(value: &Value<'_>) -> Result<Vec<String>, String> {
    let suffixes = strings(value)?;
    suffixes
        .iter()
        .try_for_each(|suffix| proper_suffix(suffix))?;
    Ok(suffixes)
}

fn proper_suffix(suffix: &str) -> Result<(), String> {
    if suffix.starts_with('.') && suffix.len() > 1 && !suffix.contains('/') {
        return Ok(());
    }
    Err(format!(
        "has a suffix that is not a dot and letters: {suffix:?}"
    ))
}

fn file_names(value: &Value<'_>) -> Result<Vec<String>, String> {
    let names = strings(value)?;
    match names
        .iter()
        .find(|name| name.is_empty() || name.contains('/') || name.starts_with('.'))
    {
        Some(name) => Err(format!("must hold plain file names, not {name:?}")),
        None => Ok(names),
    }
}

fn variable(name: &str, value: &Value<'_>) -> Result<String, String> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(format!(
            "no variable can be called {name:?}; it is left out"
        ));
    }
    string(value)
        .map(str::to_owned)
        .map_err(|why| format!("`{name}` {why}; it is left out"))
}

fn boolean(value: &Value<'_>) -> Result<bool, String> {
    value
        .get_ref()
        .as_bool()
        .ok_or_else(|| expected("true or false", value))
}

fn whole_number(value: &Value<'_>) -> Result<u64, String> {
    let integer = value
        .get_ref()
        .as_integer()
        .ok_or_else(|| expected("a whole number", value))?;
    u64::from_str_radix(integer.as_str(), integer.radix())
        .ok()
        .filter(|&number| i64::try_from(number).is_ok())
        .ok_or_else(|| "must be a whole number from 0".to_owned())
}

fn seconds(value: &Value<'_>) -> Result<f64, String> {
    let number = match value.get_ref() {
        DeValue::Float(float) => float.as_str().parse().ok(),
        DeValue::Integer(_) => whole_number(value).ok().map(|whole| whole as f64),
        _ => return Err(expected("a number of seconds", value)),
    };
    number
        .filter(|seconds| (0.0..=LONGEST_SECONDS).contains(seconds))
        .ok_or_else(|| "must be a number of seconds from 0 to a year".to_owned())
}

fn quiet(value: &Value<'_>) -> Result<u64, String> {
    let milliseconds = whole_number(value)?;
    match milliseconds {
        1..=60_000 => Ok(milliseconds),
        _ => Err("must be from 1 to 60000 milliseconds".to_owned()),
    }
}

fn address(value: &Value<'_>) -> Result<SocketAddr, String> {
    let text = string(value)?;
    text.parse().map_err(|_| {
        format!("must be an address with a port such as \"127.0.0.1:8000\", not {text:?}")
    })
}

fn strictness(value: &Value<'_>) -> Result<Strictness, String> {
    match string(value)? {
        "strict" => Ok(Strictness::Strict),
        "default" => Ok(Strictness::Default),
        "lenient" => Ok(Strictness::Lenient),
        other => Err(format!(
            "must be \"strict\", \"default\" or \"lenient\", not {other:?}"
        )),
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
