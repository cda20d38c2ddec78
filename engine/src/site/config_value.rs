//! The values in `cgi-studio.toml`: what each kind may be, and what is said of the rest.
//!
//! What is wrong with a value is said as the end of a sentence that starts with the key.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::DeValue;

use super::config::Strictness;

/// A year: longer limits are off.
const LONGEST_SECONDS: f64 = 31_536_000.0;

/// A value and where it stands.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

pub(super) fn expected(what: &str, value: &Value<'_>) -> String {
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

pub(super) fn string<'v>(value: &'v Value<'_>) -> Result<&'v str, String> {
    let text = value
        .get_ref()
        .as_str()
        .ok_or_else(|| expected("text in quotes", value))?;
    if text.contains('\0') {
        return Err("must not contain a NUL character".to_owned());
    }
    Ok(text)
}

pub(super) fn strings(value: &Value<'_>) -> Result<Vec<String>, String> {
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
    let pair = |(key, value): (&Spanned<Cow<'_, str>>, &Value<'_>)| {
        Ok((key.get_ref().to_string(), PathBuf::from(string(value)?)))
    };
    table.iter().map(pair).collect()
}

pub(super) fn prefixes(value: &Value<'_>) -> Result<BTreeMap<String, PathBuf>, String> {
    let table = table_of(value)?;
    match table.keys().find(|prefix| !prefix.starts_with('/')) {
        Some(prefix) => Err(format!(
            "has a URL prefix that does not start with \"/\": {prefix:?}"
        )),
        None => Ok(table),
    }
}

pub(super) fn path(value: &Value<'_>) -> Result<PathBuf, String> {
    match string(value)? {
        "" => Err("must name a folder".to_owned()),
        folder => Ok(PathBuf::from(folder)),
    }
}

pub(super) fn name(value: &Value<'_>) -> Result<String, String> {
    match string(value)? {
        "" => Err("must not be empty".to_owned()),
        name => Ok(name.to_owned()),
    }
}

pub(super) fn interpreters(value: &Value<'_>) -> Result<BTreeMap<String, PathBuf>, String> {
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

pub(super) fn suffixes(value: &Value<'_>) -> Result<Vec<String>, String> {
    let suffixes = strings(value)?;
    suffixes
        .iter()
        .try_for_each(|suffix| proper_suffix(suffix))?;
    Ok(suffixes)
}

pub(super) fn proper_suffix(suffix: &str) -> Result<(), String> {
    if suffix.starts_with('.') && suffix.len() > 1 && !suffix.contains('/') {
        return Ok(());
    }
    Err(format!(
        "has a suffix that is not a dot and letters: {suffix:?}"
    ))
}

pub(super) fn file_names(value: &Value<'_>) -> Result<Vec<String>, String> {
    let names = strings(value)?;
    match names
        .iter()
        .find(|name| name.is_empty() || name.contains('/') || name.starts_with('.'))
    {
        Some(name) => Err(format!("must hold plain file names, not {name:?}")),
        None => Ok(names),
    }
}

pub(super) fn variable(name: &str, value: &Value<'_>) -> Result<String, String> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(format!(
            "no variable can be called {name:?}; it is left out"
        ));
    }
    string(value)
        .map(str::to_owned)
        .map_err(|why| format!("`{name}` {why}; it is left out"))
}

pub(super) fn boolean(value: &Value<'_>) -> Result<bool, String> {
    value
        .get_ref()
        .as_bool()
        .ok_or_else(|| expected("true or false", value))
}

pub(super) fn whole_number(value: &Value<'_>) -> Result<u64, String> {
    let integer = value
        .get_ref()
        .as_integer()
        .ok_or_else(|| expected("a whole number", value))?;
    u64::from_str_radix(integer.as_str(), integer.radix())
        .ok()
        .filter(|&number| i64::try_from(number).is_ok())
        .ok_or_else(|| "must be a whole number from 0".to_owned())
}

/// A number of bytes, or the word that stands for no limit.
pub(super) fn bytes_or_all(value: &Value<'_>) -> Result<u64, String> {
    match value.get_ref() {
        DeValue::String(word) if word == "all" => Ok(u64::MAX),
        DeValue::Integer(_) => whole_number(value),
        _ => Err(expected("a whole number or \"all\"", value)),
    }
}

pub(super) fn seconds(value: &Value<'_>) -> Result<f64, String> {
    let number = match value.get_ref() {
        DeValue::Float(float) => float.as_str().parse().ok(),
        DeValue::Integer(_) => whole_number(value).ok().map(|whole| whole as f64),
        _ => return Err(expected("a number of seconds", value)),
    };
    number
        .filter(|seconds| (0.0..=LONGEST_SECONDS).contains(seconds))
        .ok_or_else(|| "must be a number of seconds from 0 to a year".to_owned())
}

pub(super) fn quiet(value: &Value<'_>) -> Result<u64, String> {
    let milliseconds = whole_number(value)?;
    match milliseconds {
        1..=60_000 => Ok(milliseconds),
        _ => Err("must be from 1 to 60000 milliseconds".to_owned()),
    }
}

pub(super) fn address(value: &Value<'_>) -> Result<SocketAddr, String> {
    let text = string(value)?;
    text.parse().map_err(|_| {
        format!("must be an address with a port such as \"127.0.0.1:8000\", not {text:?}")
    })
}

pub(super) fn strictness(value: &Value<'_>) -> Result<Strictness, String> {
    match string(value)? {
        "strict" => Ok(Strictness::Strict),
        "default" => Ok(Strictness::Default),
        "lenient" => Ok(Strictness::Lenient),
        other => Err(format!(
            "must be \"strict\", \"default\" or \"lenient\", not {other:?}"
        )),
    }
}
