//! Text as a word of each host's configuration language.

use super::WriteError;
use crate::convert::Host;

/// Writes `text` as one word for `host`, quotes included; `what` names it in an error.
pub(super) fn quoted(host: Host, what: &'static str, text: &str) -> Result<String, WriteError> {
    refuse_controls(host, what, text)?;
    match host {
        Host::Apache => apache(what, text),
        Host::Lighttpd => lighttpd(what, text),
        Host::Nginx => Ok(nginx_literal(text)),
        Host::Caddy => caddy(what, text),
    }
}

/// Writes a regular expression as one word; its backslashes reach the expression as they are.
pub(super) fn expression(host: Host, what: &'static str, text: &str) -> Result<String, WriteError> {
    refuse_controls(host, what, text)?;
    match host {
        // nginx has no variables in expressions.
        Host::Nginx => Ok(nginx_quotes(text)),
        Host::Apache => apache(what, text),
        Host::Lighttpd => lighttpd(what, text),
        // In backquotes nothing has a meaning; placeholders are not replaced in expressions.
        Host::Caddy => match text.contains(['`', '{']) {
            true => Err(unwritable(
                host,
                what,
                "it has a backquote or a brace",
                text,
            )),
            false => Ok(format!("`{text}`")),
        },
    }
}

/// A text inside of a regular expression that stands for itself.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\.+*?()|[]{}^$#/-".contains(character) && character != '/' && character != '-' {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn unwritable(host: Host, what: &'static str, reason: &'static str, text: &str) -> WriteError {
    WriteError::Unwritable {
        host,
        what,
        reason,
        text: text.to_owned(),
    }
}

fn refuse_controls(host: Host, what: &'static str, text: &str) -> Result<(), WriteError> {
    match text.chars().any(char::is_control) {
        true => Err(unwritable(
            host,
            what,
            "it has a line end or another control character",
            text,
        )),
        false => Ok(()),
    }
}

/// `\\` and `\"` inside of double quotes; `${` would name a variable and cannot be escaped.
fn apache(what: &'static str, text: &str) -> Result<String, WriteError> {
    if text.contains("${") {
        return Err(unwritable(
            Host::Apache,
            what,
            "\"${\" would be replaced by a variable",
            text,
        ));
    }
    Ok(format!(
        "\"{}\"",
        text.replace('\\', "\\\\").replace('"', "\\\"")
    ))
}

/// Only `\"` is an escape, so a backslash at the end cannot be written.
fn lighttpd(what: &'static str, text: &str) -> Result<String, WriteError> {
    if text.ends_with('\\') {
        return Err(unwritable(
            Host::Lighttpd,
            what,
            "it ends with a backslash",
            text,
        ));
    }
    Ok(format!("\"{}\"", text.replace('"', "\\\"")))
}

/// A variable of ours holds the dollar sign, for which nginx has no escape.
pub(super) const NGINX_DOLLAR: &str = "${cgi_studio_dollar}";

fn nginx_literal(text: &str) -> String {
    nginx_quotes(&text.replace('$', NGINX_DOLLAR))
}

fn nginx_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Only `\"` is an escape; braces are placeholders, some of them replaced before anything is read.
fn caddy(what: &'static str, text: &str) -> Result<String, WriteError> {
    if text.contains(['{', '}']) {
        return Err(unwritable(
            Host::Caddy,
            what,
            "braces would be a placeholder",
            text,
        ));
    }
    if text.ends_with('\\') || text.contains("\\\"") {
        return Err(unwritable(
            Host::Caddy,
            what,
            "it has a backslash at the end of a quotation",
            text,
        ));
    }
    Ok(format!("\"{}\"", text.replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: [Option<&str>; 4]) {
        for (host, expected) in Host::ALL.into_iter().zip(expected) {
            assert_eq!(
                quoted(host, "a path", text).ok().as_deref(),
                expected,
                "{host} {text}"
            );
        }
    }

    #[test]
    fn hostile_text_is_one_word_or_refused() {
        check("/a b/c", [Some("\"/a b/c\""); 4]);
        check("a\"b", [Some("\"a\\\"b\""); 4]);
        check("a\nb", [None; 4]);
        check("a\0b", [None; 4]);
        check(
            "{x}",
            [Some("\"{x}\""), Some("\"{x}\""), Some("\"{x}\""), None],
        );
        check(
            "$x",
            [
                Some("\"$x\""),
                Some("\"$x\""),
                Some("\"${cgi_studio_dollar}x\""),
                Some("\"$x\""),
            ],
        );
        check(
            "${x}",
            [
                None,
                Some("\"${x}\""),
                Some("\"${cgi_studio_dollar}{x}\""),
                None,
            ],
        );
        check("a\\", [Some("\"a\\\\\""), None, Some("\"a\\\\\""), None]);
        check(
            "a\\\"b",
            [
                Some("\"a\\\\\\\"b\""),
                Some("\"a\\\\\"b\""),
                Some("\"a\\\\\\\"b\""),
                None,
            ],
        );
    }

    #[test]
    fn an_error_says_what_is_wrong_with_what() {
        let error = quoted(Host::Nginx, "a path", "/a\n}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot write a path for nginx with fcgiwrap: it has a line end or another control character: \"/a\\n}\""
        );
    }

    #[test]
    fn literals_in_expressions_stand_for_themselves() {
        assert_eq!(escaped("/a.b+(c)-$"), "/a\\.b\\+\\(c\\)-\\$");
    }
}
