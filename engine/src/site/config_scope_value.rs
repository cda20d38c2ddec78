//! The values in `[[scopes]]`: what each kind may be, and what is said of the rest.
//!
//! What is wrong with a value is said as the end of a sentence that starts with the key.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::config_value::{Value, expected, proper_suffix, string, strings};
use super::requirement::Requirement;
use super::scope::{AcceptPathInfo, AuthenticationSettings, ErrorDocument, ScriptsRule};

pub(super) fn url_prefix(value: &Value<'_>) -> Result<String, String> {
    url_path(string(value)?)
}

fn url_path(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        return Ok(text.to_owned());
    }
    Err(format!(
        "must be a URL path that starts with \"/\", not {text:?}"
    ))
}

pub(super) fn scripts_rule(value: &Value<'_>) -> Result<ScriptsRule, String> {
    match string(value)? {
        "by-name" => Ok(ScriptsRule::ByName),
        "all" => Ok(ScriptsRule::All),
        "none" => Ok(ScriptsRule::None),
        other => Err(format!(
            "must be \"by-name\", \"all\" or \"none\", not {other:?}"
        )),
    }
}

pub(super) fn accept_path_info(value: &Value<'_>) -> Result<AcceptPathInfo, String> {
    match string(value)? {
        "default" => Ok(AcceptPathInfo::Default),
        "on" => Ok(AcceptPathInfo::On),
        "off" => Ok(AcceptPathInfo::Off),
        other => Err(format!(
            "must be \"default\", \"on\" or \"off\", not {other:?}"
        )),
    }
}

pub(super) fn requirement(value: &Value<'_>) -> Result<Requirement, String> {
    Requirement::parse(string(value)?).map_err(|error| error.to_string())
}

pub(super) fn authentication(value: &Value<'_>) -> Result<AuthenticationSettings, String> {
    let wanted = "a table such as { realm = \"Members\", user_file = \".htpasswd\" }";
    let mut texts = texts(value, wanted)?;
    let (realm, user_file) = (texts.remove("realm"), texts.remove("user_file"));
    match (realm, user_file, texts.keys().next()) {
        (Some(realm), Some(user_file), None) if !user_file.is_empty() => {
            Ok(AuthenticationSettings {
                realm,
                user_file: PathBuf::from(user_file),
            })
        }
        (_, _, Some(key)) => Err(format!("must be {wanted}, without {key:?}")),
        _ => Err(format!("must be {wanted}, with both")),
    }
}

pub(super) fn error_documents(value: &Value<'_>) -> Result<BTreeMap<u16, ErrorDocument>, String> {
    let texts = texts(value, "a table such as { \"404\" = \"/missing.html\" }")?;
    let pair = |(status, document): (String, String)| {
        let number = status.parse().ok().filter(|n| (400..=599).contains(n));
        let number =
            number.ok_or_else(|| format!("has a status that is not 400 to 599: {status:?}"))?;
        Ok((number, error_document(&document)?))
    };
    texts.into_iter().map(pair).collect()
}

fn error_document(text: &str) -> Result<ErrorDocument, String> {
    let is_url = ["http://", "https://"].iter().any(|scheme| {
        let start = text.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    match text.strip_prefix("text:") {
        Some(text) => Ok(ErrorDocument::Text(text.to_owned())),
        None if text.starts_with('/') => Ok(ErrorDocument::Path(text.to_owned())),
        None if is_url => Ok(ErrorDocument::Url(text.to_owned())),
        None => Err(format!(
            "must be a URL path such as \"/missing.html\", a URL, or \"text:\" with a text, not {text:?}"
        )),
    }
}

pub(super) fn actions(value: &Value<'_>) -> Result<BTreeMap<String, String>, String> {
    let texts = texts(value, "a table such as { \".md\" = \"/cgi-bin/show.py\" }")?;
    for (name, handler) in &texts {
        if !name.contains('/') {
            proper_suffix(name)?;
        }
        url_path(handler)?;
    }
    Ok(texts)
}

pub(super) fn method_scripts(value: &Value<'_>) -> Result<BTreeMap<String, String>, String> {
    let texts = texts(value, "a table such as { \"PUT\" = \"/cgi-bin/put.py\" }")?;
    for (method, handler) in &texts {
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!("has a method that cannot be one: {method:?}"));
        }
        url_path(handler)?;
    }
    Ok(texts)
}

pub(super) fn environment(value: &Value<'_>) -> Result<BTreeMap<String, String>, String> {
    let texts = texts(value, "a table such as { NAME = \"value\" }")?;
    texts.keys().try_for_each(|name| proper_variable(name))?;
    Ok(texts)
}

pub(super) fn variables(value: &Value<'_>) -> Result<Vec<String>, String> {
    let names = strings(value)?;
    names.iter().try_for_each(|name| proper_variable(name))?;
    Ok(names)
}

fn proper_variable(name: &str) -> Result<(), String> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(format!("has a name that no variable can have: {name:?}"));
    }
    Ok(())
}

/// A table from name to text.
fn texts(value: &Value<'_>, wanted: &str) -> Result<BTreeMap<String, String>, String> {
    let table = value
        .get_ref()
        .as_table()
        .ok_or_else(|| expected(wanted, value))?;
    let pairs = table.iter().map(|(key, value)| {
        let name = key.get_ref();
        let text = string(value).map_err(|why| format!("has {name:?}, which {why}"))?;
        Ok((name.to_string(), text.to_owned()))
    });
    pairs.collect()
}
