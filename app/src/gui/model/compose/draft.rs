//! A request that is being written: its parts as a person edits them, and the bytes that they make.

use cgi_engine::Manner;
use serde::{Deserialize, Serialize};

use super::escapes::{self, BadEscape};
use super::kept::Kept;
use super::pair::{self, Pair};
use super::part::{self, Part, ReadFile};

/// A request as it is edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Any token.
    pub method: String,
    /// The target as it is typed; what cannot stand in one is encoded when it is sent.
    pub target: String,
    /// `HTTP/1.1`, as a rule.
    pub version: String,
    /// The query of the target as rows, and rows that are not sent.
    pub query: Vec<Pair>,
    /// The header fields in their order.
    pub fields: Vec<Field>,
    /// Which of the bodies below is sent.
    pub body: BodyKind,
    /// A form, urlencoded.
    pub form: Vec<Pair>,
    /// A form in parts.
    pub parts: Vec<Part>,
    /// What separates them.
    pub boundary: String,
    /// A JSON text.
    pub json: String,
    /// Any text.
    pub text: String,
    /// Bytes as they were recorded.
    pub kept: Kept,
    /// The path of a file that is sent as it is.
    #[serde(default)]
    pub file: String,
    /// How it is sent.
    #[serde(default)]
    pub pace: Pace,
    /// The whole request as [`escapes::written`] writes it, where it is edited so; then nothing else counts.
    pub raw: Option<String>,
}

/// A header field as a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Whether it is sent.
    pub on: bool,
    /// The value follows the body; it is not sent when there is nothing to say.
    pub automatic: bool,
    /// The name.
    pub name: String,
    /// The colon and the white space behind it.
    pub separator: String,
    /// The value; of an automatic one it does not count.
    pub value: String,
}

/// How the bytes are sent; a saved request does not keep it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pace {
    /// All at once, and then the answer is waited for.
    #[default]
    AtOnce,
    /// The body in pieces over two seconds.
    SlowBody,
    /// The client is gone before the answer is complete.
    HangUp,
}

impl Pace {
    /// As the engine knows it.
    #[must_use]
    pub fn manner(self) -> Manner {
        match self {
            Self::AtOnce => Manner::Plain,
            Self::SlowBody => Manner::SlowBody,
            Self::HangUp => Manner::HangUp,
        }
    }

    /// What it means, where it is remarkable.
    #[must_use]
    pub fn in_words(self) -> Option<&'static str> {
        match self {
            Self::AtOnce => None,
            Self::SlowBody => Some("The body is sent in pieces over two seconds"),
            Self::HangUp => Some("The client hangs up 300 ms after it has sent this"),
        }
    }
}

/// What kind of body is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodyKind {
    /// None.
    #[default]
    None,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// `application/json`.
    Json,
    /// Any text.
    Text,
    /// The bytes of the recorded request.
    Kept,
    /// The bytes of a file, read when the request is made.
    File,
}

/// Why a draft cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// A file that it names.
    #[error("{reason}: \"{path}\"")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// The raw text.
    #[error(transparent)]
    Escape(#[from] BadEscape),
    /// A line end in a row would begin another field.
    #[error(
        "a line end in {part} would begin another line of the request; the Raw tab sends anything"
    )]
    LineEnd {
        /// Where it is.
        part: String,
    },
}

impl BodyKind {
    /// In the order of the switches.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Form,
        Self::Multipart,
        Self::Json,
        Self::Text,
        Self::File,
        Self::Kept,
    ];

    /// What it is called.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Form => "Form",
            Self::Multipart => "Multipart",
            Self::Json => "JSON",
            Self::Text => "Text",
            Self::Kept => "As recorded",
            Self::File => "File",
        }
    }
}

impl Field {
    /// A row that somebody typed.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            on: true,
            automatic: false,
            name: name.into(),
            separator: ": ".into(),
            value: value.into(),
        }
    }

    /// A row whose value follows the body.
    #[must_use]
    pub fn automatic(name: &str) -> Self {
        Self {
            automatic: true,
            ..Self::new(name, "")
        }
    }

    /// Whether it has this name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.trim().eq_ignore_ascii_case(name)
    }
}

impl Draft {
    /// A GET of this target.
    #[must_use]
    pub fn blank(target: &str, host: &str) -> Self {
        let mut draft = Self {
            method: "GET".into(),
            target: target.into(),
            version: "HTTP/1.1".into(),
            query: Vec::new(),
            fields: vec![
                Field::new("Host", host),
                Field::new(
                    "User-Agent",
                    concat!("CGI-Studio/", env!("CARGO_PKG_VERSION")),
                ),
                Field::new("Accept", "*/*"),
                Field::automatic("Content-Type"),
                Field::automatic("Content-Length"),
            ],
            body: BodyKind::None,
            form: Vec::new(),
            parts: Vec::new(),
            boundary: "----CGI-Studio-7f1c2d9a".into(),
            json: String::new(),
            text: String::new(),
            kept: Kept::default(),
            file: String::new(),
            pace: Pace::default(),
            raw: None,
        };
        draft.take_query_from_target();
        draft
    }

    /// The bytes that are sent.
    ///
    /// # Errors
    /// A file cannot be read, a row holds a line end, or the raw text has a mistake: see [`DraftError`].
    pub fn to_bytes(&self, read_file: ReadFile<'_>) -> Result<Vec<u8>, DraftError> {
        if let Some(raw) = &self.raw {
            return Ok(escapes::bytes(raw)?);
        }
        let body = self.body_bytes(read_file)?;
        let mut bytes = format!(
            "{} {} {}\r\n",
            self.method,
            sendable(&self.target),
            self.version
        );
        for field in self.fields.iter().filter(|field| field.on) {
            let computed = self.computed(field, body.len());
            let value = match (&computed, field.automatic) {
                (Some(value), true) => value,
                (None, true) => continue,
                (_, false) => &field.value,
            };
            bytes.push_str(&format!("{}{}{value}\r\n", field.name, field.separator));
        }
        self.refuse_line_ends()?;
        bytes.push_str("\r\n");
        let mut bytes = bytes.into_bytes();
        if self.is_chunked() {
            bytes.extend(chunked(&body));
        } else {
            bytes.extend(body);
        }
        Ok(bytes)
    }

    /// The body before any transfer coding.
    pub(super) fn body_bytes(&self, read_file: ReadFile<'_>) -> Result<Vec<u8>, DraftError> {
        Ok(match self.body {
            BodyKind::None => Vec::new(),
            BodyKind::Form => pair::joined(&self.form).into_bytes(),
            BodyKind::Multipart => part::body(&self.parts, &self.boundary, read_file)?,
            BodyKind::Json => self.json.clone().into_bytes(),
            BodyKind::Text => self.text.clone().into_bytes(),
            BodyKind::Kept => self.kept.bytes().to_vec(),
            BodyKind::File => read_file(&self.file).map_err(|reason| DraftError::File {
                path: self.file.clone(),
                reason,
            })?,
        })
    }

    /// What an automatic field of that name says about a body of so many bytes; none where it is left out.
    #[must_use]
    pub fn computed(&self, field: &Field, body_bytes: usize) -> Option<String> {
        let has_body = self.body != BodyKind::None;
        if field.is("Content-Length") {
            return (has_body && !self.is_chunked()).then(|| body_bytes.to_string());
        }
        if !field.is("Content-Type") {
            return None;
        }
        match self.body {
            BodyKind::Form => Some("application/x-www-form-urlencoded".to_owned()),
            BodyKind::Multipart => Some(format!("multipart/form-data; boundary={}", self.boundary)),
            BodyKind::Json => Some("application/json".to_owned()),
            BodyKind::Text => Some("text/plain; charset=utf-8".to_owned()),
            BodyKind::File => Some("application/octet-stream".to_owned()),
            BodyKind::None | BodyKind::Kept => None,
        }
    }

    /// A Transfer-Encoding field asks for chunks, and so the body is put into one.
    #[must_use]
    pub fn is_chunked(&self) -> bool {
        let asks = |field: &Field| {
            field.on
                && field.is("Transfer-Encoding")
                && field.value.to_ascii_lowercase().contains("chunked")
        };
        self.body != BodyKind::None && self.fields.iter().any(asks)
    }

    fn refuse_line_ends(&self) -> Result<(), DraftError> {
        let has_line_end = |text: &str| text.contains(['\r', '\n', '\0']);
        let fields = self.fields.iter().filter(|field| field.on);
        let bad_field = fields
            .filter(|field| has_line_end(&field.name) || has_line_end(&field.value))
            .map(|field| format!("the field {:?}", field.name))
            .next();
        let bad_line = (has_line_end(&self.method) || has_line_end(&self.version))
            .then(|| "the method".to_owned());
        match bad_line.or(bad_field) {
            Some(part) => Err(DraftError::LineEnd { part }),
            None => Ok(()),
        }
    }

    /// Brings target and query rows together again after one of them was edited.
    pub fn reconcile(&mut self, before: &Self) {
        if self.target != before.target {
            self.take_query_from_target();
        } else if self.query != before.query {
            self.put_query_into_target();
        }
    }

    pub(super) fn take_query_from_target(&mut self) {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let off = std::mem::take(&mut self.query);
        self.query = pair::rows(query);
        self.query.extend(off.into_iter().filter(|row| !row.on));
    }

    fn put_query_into_target(&mut self) {
        let path = self.target.split('?').next().unwrap_or_default();
        let query = pair::joined(&self.query);
        self.target = if self.query.iter().any(|row| row.on) {
            format!("{path}?{query}")
        } else {
            path.to_owned()
        };
    }

    /// The field of that name which is sent, if there is one.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.on && field.is(name))
    }

    /// Sends another kind of body. A body belongs to a POST, so a GET becomes one.
    pub fn choose_body(&mut self, kind: BodyKind) {
        if self.body == BodyKind::None && kind != BodyKind::None && self.method == "GET" {
            "POST".clone_into(&mut self.method);
        }
        self.body = kind;
        for name in ["Content-Type", "Content-Length"] {
            if !self.fields.iter().any(|field| field.is(name)) {
                self.fields.push(Field::automatic(name));
            }
        }
    }
}

/// One chunk and the end (RFC 9112 §7.1).
pub(super) fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if !body.is_empty() {
        bytes.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(body);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

/// The target with what would end it, or the request line, encoded by its bytes. `%` is left to whoever wrote it.
#[must_use]
pub fn sendable(target: &str) -> String {
    let mut sendable = String::with_capacity(target.len());
    for byte in target.bytes() {
        if byte.is_ascii_graphic() && !b"#\"<>`".contains(&byte) {
            sendable.push(char::from(byte));
        } else {
            sendable.push_str(&format!("%{byte:02X}"));
        }
    }
    sendable
}

impl Draft {
    /// The length of the body before any transfer coding; none where a file is to be read for it.
    #[must_use]
    pub fn body_length(&self) -> Option<usize> {
        if self.body == BodyKind::Kept {
            return Some(self.kept.bytes().len());
        }
        let no_files = |_: &str| Err(String::new());
        self.body_bytes(&no_files).ok().map(|body| body.len())
    }
}
