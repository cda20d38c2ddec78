//! Secrets by their place: what a head, a query, a form, JSON or a variable says of itself.

use std::ops::Range;

use super::SecretKind;
use super::json_scan;
use super::names;
use crate::cgi::form::content_type::ContentType;
use crate::cgi::form::cookies::Cookies;
use crate::cgi::form::urlencoded::{Urlencoded, decode};
use crate::cgi::form::{BodyForm, FormLimits};
use crate::cgi::grammar::is_blank;

/// A secret in some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: SecretKind,
    /// The field, cookie or variable, in small letters.
    pub(super) name: String,
    pub(super) range: Range<usize>,
    /// The value without what the place encodes.
    pub(super) plain: Vec<u8>,
    /// Asterisks would break the document: it is a number.
    pub(super) number: bool,
}

/// What bytes are, so that their secrets can be found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form<'a> {
    /// The head of a message, with or without its first line.
    Head,
    /// The value of a header field of this name.
    Field(&'a [u8]),
    /// The value of a variable of this name.
    Variable(&'a str),
    /// A body of this Content-Type.
    Body(&'a [u8]),
    /// What a script printed: a head of so many bytes, then a body.
    Output(usize),
    /// Anything else: it can only repeat what is a secret elsewhere.
    Text,
}

/// The secrets that the bytes name themselves, in their order.
pub(super) fn find(form: Form<'_>, bytes: &[u8]) -> Vec<Found> {
    let mut finder = Finder {
        bytes,
        found: Vec::new(),
    };
    match form {
        Form::Head => finder.head(0..bytes.len()),
        Form::Field(name) => finder.field(name, 0..bytes.len()),
        Form::Variable(name) => finder.variable(name),
        Form::Body(content_type) => finder.body(content_type, 0),
        Form::Output(head) => finder.output(head.min(bytes.len())),
        Form::Text => {}
    }
    finder.found
}

struct Finder<'a> {
    bytes: &'a [u8],
    found: Vec<Found>,
}

impl Finder<'_> {
    fn part(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// What is empty or hidden already is no secret.
    fn push(&mut self, kind: SecretKind, name: &[u8], range: Range<usize>, plain: Vec<u8>) {
        let hidden = self.part(range.clone()).iter().all(|byte| *byte == b'*');
        if !hidden {
            self.found.push(Found {
                kind,
                name: String::from_utf8_lossy(name).to_ascii_lowercase(),
                range,
                plain,
                number: false,
            });
        }
    }

    fn push_as_written(&mut self, kind: SecretKind, name: &[u8], range: Range<usize>) {
        let plain = self.part(range.clone()).to_vec();
        self.push(kind, name, range, plain);
    }

    /// Line by line; a refused head may end its lines with CR alone, and go on with a value on the next line.
    fn head(&mut self, within: Range<usize>) {
        let mut start = within.start;
        let mut name: Vec<u8> = Vec::new();
        let bytes = self.bytes;
        let text = bytes.get(within).unwrap_or_default();
        for line in text.split_inclusive(|byte| matches!(byte, b'\r' | b'\n')) {
            let length = line.strip_suffix(b"\r").or(line.strip_suffix(b"\n"));
            let content = length.unwrap_or(line);
            let range = start..start + content.len();
            start += line.len();
            match content.first() {
                // Between CR and LF.
                None => {}
                Some(first) if is_blank(*first) && !name.is_empty() => {
                    let value = trimmed(bytes, range);
                    self.continued(&name, value);
                }
                Some(_) => match field_name(content) {
                    Some((written, colon)) => {
                        name = written.to_vec();
                        let value = trimmed(bytes, range.start + colon + 1..range.end);
                        self.field(&name, value);
                    }
                    // A request line, or nothing that anybody could read.
                    None => self.url(range),
                },
            }
        }
    }

    /// A line that goes on with the value of a login has no scheme of its own.
    fn continued(&mut self, name: &[u8], value: Range<usize>) {
        if is_login(name) {
            self.push_as_written(SecretKind::Login, name, value);
        } else {
            self.field(name, value);
        }
    }

    fn field(&mut self, name: &[u8], value: Range<usize>) {
        let lower = name.to_ascii_lowercase();
        match lower.as_slice() {
            _ if is_login(&lower) => {
                let from = after_scheme(self.part(value.clone()));
                self.push_as_written(SecretKind::Login, &lower, value.start + from..value.end);
            }
            b"cookie" => self.cookies(value),
            b"set-cookie" => self.set_cookie(value),
            _ if std::str::from_utf8(&lower).is_ok_and(names::of_variable) => {
                self.push_as_written(SecretKind::Header, &lower, value);
            }
            _ => self.url(value),
        }
    }

    fn cookies(&mut self, value: Range<usize>) {
        let text = self.part(value.clone());
        let shift = |range: &Range<usize>| value.start + range.start..value.start + range.end;
        let cookies = Cookies::parse(text, &FormLimits::default());
        for cookie in cookies.pairs {
            let name = self.part(shift(&cookie.name)).to_vec();
            self.push_as_written(SecretKind::Cookie, &name, shift(&cookie.value));
        }
    }

    /// RFC 6265 §4.1.1: `name=value`, then attributes after semicolons.
    fn set_cookie(&mut self, value: Range<usize>) {
        let text = self.part(value.clone());
        let end = memchr::memchr(b';', text).unwrap_or(text.len());
        let equals = memchr::memchr(b'=', text).filter(|equals| *equals < end);
        let from = equals.map_or(0, |equals| equals + 1);
        let name = text
            .get(..from.saturating_sub(1))
            .unwrap_or_default()
            .trim_ascii()
            .to_vec();
        let secret = trimmed(self.bytes, value.start + from..value.start + end);
        self.push_as_written(SecretKind::Cookie, &name, secret);
    }

    fn variable(&mut self, name: &str) {
        let whole = 0..self.bytes.len();
        let mut name = name;
        while let Some(rest) = name.strip_prefix("REDIRECT_") {
            name = rest;
        }
        if let Some(field) = name.strip_prefix("HTTP_") {
            self.field(field.replace('_', "-").as_bytes(), whole);
        } else if name == "AUTHORIZATION" {
            self.field(b"authorization", whole);
        } else if name == "QUERY_STRING" {
            self.query(whole);
        } else if names::of_variable(name) {
            self.push_as_written(SecretKind::Variable, name.as_bytes(), whole);
        } else {
            self.url(whole);
        }
    }

    fn body(&mut self, content_type: &[u8], start: usize) {
        let bytes = self.bytes;
        let body = bytes.get(start..).unwrap_or_default();
        match BodyForm::read(content_type, body, &FormLimits::default()) {
            BodyForm::Urlencoded(_) => self.query(start..bytes.len()),
            BodyForm::Multipart(multipart) => {
                for part in multipart.leaves() {
                    let name = part.name.as_ref().map(|name| name.value.as_slice());
                    if let Some(name) = name.filter(|name| names::of_field(name)) {
                        let range = start + part.content.start..start + part.content.end;
                        self.push_as_written(SecretKind::Field, name, range);
                    }
                }
            }
            BodyForm::Other => {
                let media_type = ContentType::parse(content_type).media_type;
                if media_type.ends_with(b"json") || json_scan::looks_like_json(body) {
                    self.json(start);
                }
            }
        }
    }

    fn output(&mut self, head: usize) {
        self.head(0..head);
        if json_scan::looks_like_json(self.part(head..self.bytes.len())) {
            self.json(head);
        }
    }

    fn json(&mut self, start: usize) {
        let found = json_scan::secrets(self.part(start..self.bytes.len()));
        for secret in found {
            let range = start + secret.range.start..start + secret.range.end;
            let plain = json_scan::unescaped(self.part(range.clone()));
            let before = self.found.len();
            self.push(SecretKind::Field, &secret.name, range, plain);
            if let Some(pushed) = self.found.get_mut(before) {
                pushed.number = secret.number;
            }
        }
    }

    /// `name=value` pairs, percent-encoded.
    fn query(&mut self, within: Range<usize>) {
        let source = self.part(within.clone());
        let form = Urlencoded::parse(source, &FormLimits::default());
        let secret = form.pairs.into_iter().filter_map(|pair| {
            let name = pair.name(source).into_owned();
            let value = pair.value.filter(|_| names::of_field(&name))?;
            Some((name, within.start + value.start..within.start + value.end))
        });
        for (name, range) in secret.collect::<Vec<_>>() {
            let plain = decode(self.part(range.clone())).into_owned();
            self.push(SecretKind::Field, &name, range, plain);
        }
    }

    /// In a URL within the text: a password before its host, and what its query and fragment say.
    fn url(&mut self, within: Range<usize>) {
        let text = self.part(within.clone());
        let password = memchr::memmem::find(text, b"://").and_then(|scheme| {
            let start = scheme + 3;
            let rest = text.get(start..)?;
            let end = rest
                .iter()
                .position(|byte| b"/?# ".contains(byte))
                .unwrap_or(rest.len());
            let userinfo = memchr::memrchr(b'@', rest.get(..end)?)?;
            let colon = memchr::memchr(b':', rest.get(..userinfo)?)?;
            Some(within.start + start + colon + 1..within.start + start + userinfo)
        });
        let query = text.iter().position(|byte| *byte == b'?');
        let fragment = memchr::memchr(b'#', text);
        let end_from = |start: usize| {
            let rest = text.get(start..).unwrap_or_default();
            let length = rest.iter().position(|byte| b" #\"'<>".contains(byte));
            start + length.unwrap_or(rest.len())
        };
        let parts: Vec<Range<usize>> = [query, fragment]
            .into_iter()
            .flatten()
            .map(|at| within.start + at + 1..within.start + end_from(at + 1))
            .collect();
        if let Some(range) = password {
            let plain = decode(self.part(range.clone())).into_owned();
            self.push(SecretKind::Login, b"password in a URL", range, plain);
        }
        for part in parts {
            self.query(part);
        }
    }
}

/// The name before a colon, and where that stands; a request line has a space in what is before its first colon.
fn field_name(line: &[u8]) -> Option<(&[u8], usize)> {
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(..colon)?.trim_ascii();
    (!name.contains(&b' ')).then_some((name, colon))
}

fn is_login(name: &[u8]) -> bool {
    let login: [&[u8]; 2] = [b"authorization", b"proxy-authorization"];
    login.iter().any(|field| name.eq_ignore_ascii_case(field))
}

/// `Basic YTpi`: the scheme stays.
fn after_scheme(value: &[u8]) -> usize {
    value
        .iter()
        .position(|byte| is_blank(*byte))
        .map_or(0, |blank| {
            let rest = value.get(blank..).unwrap_or_default();
            blank + rest.iter().take_while(|byte| is_blank(**byte)).count()
        })
}

fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let text = bytes.get(range.clone()).unwrap_or_default();
    let start = range.start + (text.len() - text.trim_ascii_start().len());
    start..start + text.trim_ascii().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: Form<'_>, text: &str, expected: &[(&str, &str)]) {
        let found = find(form, text.as_bytes());
        let found: Vec<_> = found
            .iter()
            .map(|found| (found.name.as_str(), text.get(found.range.clone()).unwrap()))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_head_has_logins_cookies_and_keys() {
        let head = "GET /a?token=t%201&b=c HTTP/1.1\r\nHost: h:80\r\nAuthorization: Basic  YTpi\r\nCookie: a=1; b=\"2\"\r\nX-Api-Key: k\r\nReferer: http://u:p@h/?pass=x#key=y\r\n\r\n";
        check(
            Form::Head,
            head,
            &[
                ("token", "t%201"),
                ("authorization", "YTpi"),
                ("a", "1"),
                ("b", "\"2\""),
                ("x-api-key", "k"),
                ("password in a url", "p"),
                ("pass", "x"),
                ("key", "y"),
            ],
        );
        check(
            Form::Head,
            "Set-Cookie: sid=abc; Path=/\nset-cookie: x",
            &[("sid", "abc"), ("", "x")],
        );
    }

    #[test]
    fn what_is_hidden_or_empty_is_no_secret() {
        check(
            Form::Head,
            "Authorization: Basic ****\r\nCookie: a=\r\n",
            &[],
        );
    }

    #[test]
    fn a_malformed_head_hides_nothing_from_the_finder() {
        check(
            Form::Head,
            "X: y\rAuthorization: Basic\r\n YTpi\n\tOmM\r\n",
            &[
                ("authorization", "Basic"),
                ("authorization", "YTpi"),
                ("authorization", "OmM"),
            ],
        );
        check(Form::Head, ":\r\n\r\n \r\n?:=\r\n", &[]);
    }

    #[test]
    fn bodies_are_read_by_their_type() {
        let form = "application/x-www-form-urlencoded";
        check(
            Form::Body(form.as_bytes()),
            "user=a&pass%77ord=b+c",
            &[("password", "b+c")],
        );
        check(
            Form::Body(b"application/json"),
            "{\"token\":\"x\"}",
            &[("token", "x")],
        );
        check(
            Form::Body(b"multipart/form-data; boundary=b"),
            "--b\r\nContent-Disposition: form-data; name=secret\r\n\r\nx y\r\n--b--\r\n",
            &[("secret", "x y")],
        );
        check(Form::Body(b"text/plain"), "password=x", &[]);
    }

    #[test]
    fn variables_are_known_by_their_names() {
        check(Form::Variable("HTTP_COOKIE"), "a=1", &[("a", "1")]);
        check(
            Form::Variable("REDIRECT_QUERY_STRING"),
            "key=1",
            &[("key", "1")],
        );
        check(Form::Variable("REQUEST_URI"), "/x?key=1", &[("key", "1")]);
        check(
            Form::Variable("DB_PASSWORD"),
            "p w",
            &[("db_password", "p w")],
        );
        check(Form::Variable("PATH_INFO"), "/key", &[]);
    }

    #[test]
    fn output_is_a_head_and_a_body() {
        let head = "Set-Cookie: s=1\n\n";
        let text = format!("{head}{{\"token\": 12}}");
        check(
            Form::Output(head.len()),
            &text,
            &[("s", "1"), ("token", "12")],
        );
        check(Form::Output(999), head, &[("s", "1")]);
    }
}
