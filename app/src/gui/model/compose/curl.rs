//! A `curl` command as a draft: what it would send, and what of it was not understood.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::draft::{BodyKind, Draft};
use super::part::{Content, Part};
use super::shell;

/// A command that was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The request.
    pub draft: Draft,
    /// Words that were left out, as they stood.
    pub left_out: Vec<String>,
}

/// Why a text is no curl command that can be taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCommand {
    /// It does not begin with curl.
    #[error("it is no curl command")]
    NotCurl,
    /// A quotation mark that is never closed.
    #[error("a quotation mark is not closed")]
    Quotes,
    /// There is no address in it.
    #[error("it names no address")]
    NoAddress,
}

/// What the options come to.
#[derive(Default)]
struct Options {
    method: Option<String>,
    address: Option<String>,
    target: Option<String>,
    fields: Vec<(String, Option<String>)>,
    data: Vec<String>,
    json: bool,
    parts: Vec<Part>,
    head: bool,
    data_in_query: bool,
    old_version: bool,
    left_out: Vec<String>,
}

/// Whether a text that is pasted looks like one.
#[must_use]
pub fn looks_like_one(text: &str) -> bool {
    let text = text.trim_start();
    let text = text.strip_prefix('$').unwrap_or(text).trim_start();
    text.strip_prefix("curl")
        .is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_whitespace()))
}

/// Takes the command over.
///
/// # Errors
/// It is no curl command, or none with an address: see [`NoCommand`].
pub fn take(text: &str) -> Result<Taken, NoCommand> {
    if !looks_like_one(text) {
        return Err(NoCommand::NotCurl);
    }
    let words = shell_words::split(&shell::plain_quotes(text)).map_err(|_| NoCommand::Quotes)?;
    let mut words = words
        .into_iter()
        .skip_while(|word| word != "curl")
        .skip(1)
        .peekable();
    let mut options = Options::default();
    while let Some(word) = words.next() {
        if let Some(name) = word.strip_prefix("--") {
            options.take_long(name, &mut words);
        } else if word.len() > 1 && word.starts_with('-') {
            options.take_short(&word, &mut words);
        } else if options.address.is_none() {
            options.address = Some(word);
        } else {
            options.left_out.push(word);
        }
    }
    options.finish()
}

/// Short options and the long ones that they stand for.
const SHORT: [(char, &str); 23] = [
    ('X', "request"),
    ('H', "header"),
    ('d', "data"),
    ('b', "cookie"),
    ('u', "user"),
    ('F', "form"),
    ('I', "head"),
    ('G', "get"),
    ('A', "user-agent"),
    ('e', "referer"),
    ('0', "http1.0"),
    ('s', "silent"),
    ('S', "show-error"),
    ('v', "verbose"),
    ('i', "include"),
    ('k', "insecure"),
    ('f', "fail"),
    ('N', "no-buffer"),
    ('g', "globoff"),
    ('o', "output"),
    ('w', "write-out"),
    ('m', "max-time"),
    ('L', "location"),
];

/// Options that change nothing about what is sent, and whether a word follows them.
const QUIET: [(&str, bool); 17] = [
    ("silent", false),
    ("show-error", false),
    ("verbose", false),
    ("include", false),
    ("insecure", false),
    ("fail", false),
    ("fail-with-body", false),
    ("no-buffer", false),
    ("globoff", false),
    ("path-as-is", false),
    ("http1.1", false),
    ("no-progress-meter", false),
    ("output", true),
    ("write-out", true),
    ("max-time", true),
    ("connect-timeout", true),
    ("dump-header", true),
];

impl Options {
    fn take_short(&mut self, word: &str, words: &mut impl Iterator<Item = String>) {
        for (at, letter) in word.char_indices().skip(1) {
            let rest = word.get(at + letter.len_utf8()..).unwrap_or_default();
            let Some((_, name)) = SHORT.iter().find(|(short, _)| *short == letter) else {
                self.left_out.push(word.to_owned());
                return;
            };
            if takes_word(name) {
                let next = (!rest.is_empty()).then(|| rest.to_owned());
                let value = next.or_else(|| words.next()).unwrap_or_default();
                self.take(name, value);
                return;
            }
            self.take(name, String::new());
        }
    }

    fn take_long(&mut self, name: &str, words: &mut impl Iterator<Item = String>) {
        let (name, attached) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (name, None),
        };
        let value = match attached {
            Some(value) => value,
            None if takes_word(name) => words.next().unwrap_or_default(),
            None => String::new(),
        };
        self.take(name, value);
    }

    fn take(&mut self, name: &str, value: String) {
        match name {
            "request" => self.method = Some(value),
            "url" => self.address = Some(value),
            "request-target" => self.target = Some(value),
            "header" => self.take_field(&value),
            "user-agent" => self.set("User-Agent", value),
            "referer" => self.set("Referer", value),
            "user" => self.set(
                "Authorization",
                format!("Basic {}", STANDARD.encode(&value)),
            ),
            "oauth2-bearer" => self.set("Authorization", format!("Bearer {value}")),
            "compressed" => self.set("Accept-Encoding", "deflate, gzip".into()),
            "cookie" if value.contains('=') => self.set("Cookie", value),
            "head" => self.head = true,
            "get" => self.data_in_query = true,
            "http1.0" => self.old_version = true,
            "data-raw" => self.data.push(value),
            "data" | "data-ascii" | "data-binary" | "json" if !value.starts_with('@') => {
                self.json |= name == "json";
                self.data.push(value);
            }
            "data-urlencode" if !value.contains('@') => self.data.push(urlencoded(&value)),
            "form" | "form-string" => self.take_part(name, &value),
            quiet if QUIET.iter().any(|(known, _)| *known == quiet) => {}
            other => self
                .left_out
                .push(format!("--{other} {value}").trim_end().to_owned()),
        }
    }

    fn set(&mut self, name: &str, value: String) {
        self.fields.push((name.to_owned(), Some(value)));
    }

    /// `Name: value`, `Name;` for an empty one, `Name:` to leave out one that curl adds.
    fn take_field(&mut self, line: &str) {
        match (line.split_once(':'), line.strip_suffix(';')) {
            (Some((name, value)), _) => {
                let value = value.trim();
                let value = (!value.is_empty()).then(|| value.to_owned());
                self.fields.push((name.trim().to_owned(), value));
            }
            (None, Some(name)) => self.set(name, String::new()),
            (None, None) => self.left_out.push(format!("-H {line}")),
        }
    }

    /// `name=text`, `name=@file;type=…;filename=…`, or `name=<file`.
    fn take_part(&mut self, option: &str, value: &str) {
        let Some((name, content)) = value.split_once('=') else {
            return self.left_out.push(format!("-F {value}"));
        };
        let file = content.strip_prefix('@').filter(|_| option == "form");
        let Some(file) = file else {
            let is_read = option == "form" && content.starts_with('<');
            if is_read {
                return self.left_out.push(format!("-F {value}"));
            }
            return self.parts.push(Part::text(name, content));
        };
        let mut words = file.split(';');
        let mut part = Part::file(name, words.next().unwrap_or_default().trim_matches('"'));
        for word in words {
            match word.trim().split_once('=') {
                Some(("type", value)) => part.media_type = value.to_owned(),
                Some(("filename", value)) => value.trim_matches('"').clone_into(&mut part.filename),
                _ => self.left_out.push(format!("-F {name}: {word}")),
            }
        }
        self.parts.push(part);
    }

    fn finish(self) -> Result<Taken, NoCommand> {
        let address = self.address.as_deref().ok_or(NoCommand::NoAddress)?;
        let (host, mut target) = host_and_target(address);
        let has_data = !self.data.is_empty();
        let data = self.data.join("&");
        if has_data && self.data_in_query {
            let mark = if target.contains('?') { '&' } else { '?' };
            target = format!("{target}{mark}{data}");
        }
        let sends_data = has_data && !self.data_in_query;
        let usual = match (self.head, sends_data || !self.parts.is_empty()) {
            (true, _) => "HEAD",
            (false, true) => "POST",
            (false, false) => "GET",
        };
        let mut head = format!(
            "{} {} HTTP/1.{}\r\n",
            self.method.as_deref().unwrap_or(usual),
            super::draft::sendable(self.target.as_deref().unwrap_or(&target)),
            u8::from(!self.old_version)
        );
        for (name, value) in self.fields(host, sends_data, data.len()) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let body = if sends_data { data.as_bytes() } else { b"" };
        let mut draft = Draft::of(head.as_bytes(), body);
        if !self.parts.is_empty() && draft.raw.is_none() {
            draft.choose_body(BodyKind::Multipart);
            for field in &mut draft.fields {
                field.on |= field.automatic;
            }
            draft.parts = self.parts;
        }
        let mut left_out = self.left_out;
        let files = draft
            .parts
            .iter()
            .any(|part| matches!(&part.content, Content::File(path) if path == "-"));
        if files {
            left_out.push("-F …=@- (standard input)".to_owned());
        }
        Ok(Taken { draft, left_out })
    }

    /// The fields that curl sends: its own, unless they are given or taken away, then the given ones.
    fn fields(&self, host: &str, sends_data: bool, data_bytes: usize) -> Vec<(String, String)> {
        let accept = if self.json { "application/json" } else { "*/*" };
        let content_type = if self.json {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let mut own = vec![
            ("Host", host.to_owned()),
            (
                "User-Agent",
                concat!("CGI-Studio/", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
            ("Accept", accept.to_owned()),
        ];
        if sends_data {
            own.push(("Content-Type", content_type.to_owned()));
            let is_chunked = self
                .fields
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"));
            if !is_chunked {
                own.push(("Content-Length", data_bytes.to_string()));
            }
        }
        let is_given = |name: &str| {
            self.fields
                .iter()
                .any(|(given, _)| given.eq_ignore_ascii_case(name))
        };
        let own = own
            .into_iter()
            .filter(|(name, _)| !is_given(name))
            .map(|(name, value)| (name.to_owned(), value));
        let given = self
            .fields
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        own.chain(given).collect()
    }
}

fn takes_word(name: &str) -> bool {
    let known = [
        "request",
        "url",
        "request-target",
        "header",
        "user-agent",
        "referer",
        "user",
        "oauth2-bearer",
        "cookie",
        "data",
        "data-ascii",
        "data-raw",
        "data-binary",
        "data-urlencode",
        "json",
        "form",
        "form-string",
        "proxy",
        "cookie-jar",
        "cert",
        "key",
        "cacert",
        "resolve",
        "interface",
        "retry",
        "range",
        "upload-file",
        "config",
        "limit-rate",
        "unix-socket",
        "max-redirs",
    ];
    known.contains(&name) || QUIET.iter().any(|(quiet, word)| *quiet == name && *word)
}

/// `name=text` or `=text`; only the text is encoded.
fn urlencoded(value: &str) -> String {
    let (name, text) = value.split_once('=').unwrap_or(("", value));
    let written = super::pair::Pair::new("", text).written();
    if name.is_empty() {
        written.trim_start_matches('=').to_owned()
    } else {
        format!("{name}{written}")
    }
}

/// Host with port, and path with query; the part behind `#` is never sent.
fn host_and_target(address: &str) -> (&str, String) {
    let address = address.split('#').next().unwrap_or_default();
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, target) = rest.split_at(at);
    let host = host.rsplit('@').next().unwrap_or(host);
    let target = match target.chars().next() {
        None => "/".to_owned(),
        Some('?') => format!("/{target}"),
        Some(_) => target.to_owned(),
    };
    (host, target)
}

#[cfg(test)]
mod tests;
