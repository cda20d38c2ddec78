//! The parts of a multipart form as rows, and the body that they make (RFC 7578).

use cgi_engine::cgi::form::FormLimits;
use cgi_engine::cgi::form::content_type::ContentType;
use cgi_engine::cgi::form::multipart::Multipart;
use serde::{Deserialize, Serialize};

use super::draft::DraftError;
use super::kept::Kept;

/// What reads the files that a draft names; the words say why one cannot be read.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

/// One part of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Whether it is sent.
    pub on: bool,
    /// The name of the field.
    pub name: String,
    /// What it holds.
    pub content: Content,
    /// The name of the file that the script is told; empty for that of the file itself.
    pub filename: String,
    /// The media type of a file.
    pub media_type: String,
}

/// What a part holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// A text.
    Text(String),
    /// The file of this path, read when the request is made.
    File(String),
    /// The bytes of an upload as they were recorded.
    Kept(Kept),
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Part {
    /// A row for a text.
    #[must_use]
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            on: true,
            name: name.into(),
            content: Content::Text(text.into()),
            ..Self::default()
        }
    }

    /// A row for a file.
    #[must_use]
    pub fn file(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            on: true,
            name: name.into(),
            content: Content::File(path.into()),
            ..Self::default()
        }
    }

    fn bytes(&self, read_file: ReadFile<'_>) -> Result<Vec<u8>, DraftError> {
        match &self.content {
            Content::Text(text) => Ok(text.clone().into_bytes()),
            Content::Kept(kept) => Ok(kept.bytes().to_vec()),
            Content::File(path) => read_file(path).map_err(|reason| DraftError::File {
                path: path.clone(),
                reason,
            }),
        }
    }

    /// The fields of the part, each with its line end.
    pub(super) fn header(&self) -> String {
        let name = quoted(&self.name);
        let mut header = format!("Content-Disposition: form-data; name=\"{name}\"");
        let own_name = match &self.content {
            Content::Text(_) => None,
            Content::File(path) => Some(path.rsplit('/').next().unwrap_or(path)),
            Content::Kept(_) => Some(""),
        };
        if let Some(own_name) = own_name {
            let filename = if self.filename.is_empty() {
                own_name
            } else {
                &self.filename
            };
            header.push_str(&format!("; filename=\"{}\"", quoted(filename)));
        }
        header.push_str("\r\n");
        let usual = own_name.map_or("", |_| "application/octet-stream");
        let media_type = match self.media_type.as_str() {
            "" if matches!(self.content, Content::Kept(_)) => "",
            "" => usual,
            named => named,
        };
        if !media_type.is_empty() {
            let line: String = media_type.chars().filter(|c| !c.is_control()).collect();
            header.push_str(&format!("Content-Type: {line}\r\n"));
        }
        header
    }
}

/// As browsers write a name (WHATWG HTML §4.10.21.8): what would end it is percent-encoded.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The body of these parts.
///
/// # Errors
/// A file cannot be read.
pub fn body(
    parts: &[Part],
    boundary: &str,
    read_file: ReadFile<'_>,
) -> Result<Vec<u8>, DraftError> {
    let mut body = Vec::new();
    for part in parts.iter().filter(|part| part.on) {
        body.extend_from_slice(format!("--{boundary}\r\n{}\r\n", part.header()).as_bytes());
        body.extend(part.bytes(read_file)?);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(body)
}

/// The boundary and the parts of a recorded body; whether they make the very body again is for the caller to see.
#[must_use]
pub fn parts_of(content_type: &[u8], bytes: &[u8]) -> Option<(String, Vec<Part>)> {
    let content_type = ContentType::parse(content_type);
    if !content_type.is_multipart() {
        return None;
    }
    let multipart = Multipart::parse(&content_type, bytes, &FormLimits::default());
    let boundary = String::from_utf8(multipart.boundary.clone()).ok()?;
    let parts = multipart.parts.iter().map(|part| {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        let content = part.content(bytes);
        let filename = part.filename.as_ref();
        Some(Part {
            on: true,
            name: text(&part.name.as_ref()?.value)?,
            content: match (filename, std::str::from_utf8(content)) {
                (None, Ok(content)) => Content::Text(content.to_owned()),
                _ => Content::Kept(Kept::new(content)),
            },
            filename: text(filename.map_or(&[], |name| &name.value))?,
            media_type: text(part.content_type(bytes).unwrap_or_default())?,
        })
    });
    Some((boundary, parts.collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::super::escapes;
    use super::*;

    fn read(path: &str) -> Result<Vec<u8>, String> {
        match path {
            "/tmp/a b.png" => Ok(b"\x89PNG\0".to_vec()),
            _ => Err("there is no such file".to_owned()),
        }
    }

    #[test]
    fn parts_are_written_as_browsers_write_them() {
        let parts = [
            Part::text("na\"me", "São\r\n"),
            Part::file("f", "/tmp/a b.png"),
        ];
        let expected =
            b"--B\r\nContent-Disposition: form-data; name=\"na%22me\"\r\n\r\nS\xc3\xa3o\r\n\r\n\
            --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a b.png\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n\x89PNG\0\r\n--B--\r\n";
        let body = body(&parts, "B", &read).unwrap();
        assert_eq!(escapes::written(&body), escapes::written(expected));
    }

    #[test]
    fn recorded_parts_make_the_same_body_again() {
        let parts = [
            Part::text("a", ""),
            Part {
                filename: "x.bin".into(),
                media_type: "image/png".into(),
                content: Content::Kept(Kept::new(b"\x89\0")),
                ..Part::file("f", "")
            },
        ];
        let sent = body(&parts, "xyz", &read).unwrap();
        let (boundary, again) = parts_of(b"multipart/form-data; boundary=xyz", &sent).unwrap();
        assert_eq!((boundary.as_str(), &again[..]), ("xyz", &parts[..]));
        assert_eq!(body(&again, &boundary, &read).unwrap(), sent);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let error = body(&[Part::file("f", "/no")], "B", &read).unwrap_err();
        assert_eq!(error.to_string(), "there is no such file: \"/no\"");
    }

    #[test]
    fn what_is_no_multipart_has_no_parts() {
        assert!(parts_of(b"text/plain", b"--B").is_none());
        assert!(parts_of(b"multipart/form-data; boundary=B", b"--B\r\n\r\nx\r\n--B--").is_none());
    }
}
