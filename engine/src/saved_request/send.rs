//! The bytes that a saved request sends.

use std::io;
use std::path::{Path, PathBuf};

use super::{BodyLine, HeadLine, Parts, RequestText, escapes};

/// Why a saved request cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// A file that it names.
    #[error("cannot read the file: {reason}: {path:?}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The raw text.
    #[error(transparent)]
    Escape(#[from] escapes::BadEscape),
}

/// What reads the files that a request names, by the path as it stands there.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

impl RequestText {
    /// The bytes to be sent, with the files that it names read from `folder` on.
    ///
    /// # Errors
    /// A file cannot be read: see [`SendError`].
    pub fn to_bytes(&self, folder: &Path) -> Result<Vec<u8>, SendError> {
        self.to_bytes_with(&|path| super::folder::read(&folder.join(path)))
    }

    /// Does what [`RequestText::to_bytes`] does, with files from elsewhere.
    ///
    /// # Errors
    /// As [`RequestText::to_bytes`].
    pub fn to_bytes_with(&self, read: ReadFile<'_>) -> Result<Vec<u8>, SendError> {
        match self {
            Self::Parts(parts) => parts.to_bytes(read),
            Self::Raw(text) => Ok(escapes::bytes(text)?),
            Self::RawFile(path) => content(path, read),
        }
    }
}

fn content(path: &Path, read: ReadFile<'_>) -> Result<Vec<u8>, SendError> {
    read(path).map_err(|error| SendError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

impl Parts {
    /// The first field of that name.
    #[must_use]
    pub fn field(&self, wanted: &str) -> Option<&[u8]> {
        self.head.iter().find_map(|line| match line {
            HeadLine::Field { name, value, .. } if name.eq_ignore_ascii_case(wanted.as_bytes()) => {
                Some(value.as_slice())
            }
            HeadLine::Field { .. } | HeadLine::Comment(_) => None,
        })
    }

    fn to_bytes(&self, read: ReadFile<'_>) -> Result<Vec<u8>, SendError> {
        let (host, target) = host_and_target(&self.target);
        let version = self.version.as_deref().unwrap_or(b"HTTP/1.1");
        let mut bytes = [
            &self.method,
            &b" "[..],
            &sendable(target),
            b" ",
            version,
            b"\r\n",
        ]
        .concat();
        if self.field("Host").is_none() {
            let host = host.unwrap_or(b"localhost");
            bytes.extend_from_slice(&[b"Host: ", host, b"\r\n"].concat());
        }
        for line in &self.head {
            if let HeadLine::Field {
                name,
                separator,
                value,
            } = line
            {
                bytes.extend_from_slice(&[&name[..], separator, value, b"\r\n"].concat());
            }
        }
        let body = self.body(read)?;
        let coding = self
            .field("Transfer-Encoding")
            .map(<[u8]>::to_ascii_lowercase);
        let is_chunked =
            coding.is_some_and(|coding| memchr::memmem::find(&coding, b"chunked").is_some());
        if !self.body.is_empty() && !is_chunked && self.field("Content-Length").is_none() {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        if is_chunked {
            chunked(&mut bytes, &body);
        } else {
            bytes.extend(body);
        }
        Ok(bytes)
    }

    /// The body before any transfer coding.
    fn body(&self, read: ReadFile<'_>) -> Result<Vec<u8>, SendError> {
        let media_type = self
            .field("Content-Type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_multipart = media_type.starts_with(b"multipart/");
        let line_end: &[u8] = match is_multipart {
            true => b"\r\n",
            false if media_type.starts_with(b"application/x-www-form-urlencoded") => b"",
            false => b"\n",
        };
        let mut body = Vec::new();
        for (at, line) in self.body.iter().enumerate() {
            if at > 0 {
                body.extend_from_slice(line_end);
            }
            match line {
                BodyLine::Text(text) => body.extend_from_slice(text),
                BodyLine::File(path) => body.extend(content(path, read)?),
            }
        }
        if is_multipart && !self.body.is_empty() {
            body.extend_from_slice(line_end);
        }
        Ok(body)
    }
}

/// One chunk and the end (RFC 9112 §7.1).
fn chunked(bytes: &mut Vec<u8>, body: &[u8]) {
    if !body.is_empty() {
        bytes.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(body);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
}

/// Host with port where the target is a URL, and path with query; the part behind `#` is never sent.
fn host_and_target(target: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let rest = [&b"http://"[..], b"https://"]
        .iter()
        .find_map(|scheme| target.strip_prefix(*scheme));
    let Some(rest) = rest else {
        return (None, target);
    };
    let rest = rest.split(|byte| *byte == b'#').next().unwrap_or(rest);
    let at = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?'))
        .unwrap_or(rest.len());
    let (host, target) = rest.split_at(at);
    let host = host.rsplit(|byte| *byte == b'@').next().unwrap_or(host);
    let target = if target.is_empty() { b"/" } else { target };
    (Some(host), target)
}

/// The target with what would end it, or the request line, encoded by its bytes. `%` is left to whoever wrote it.
fn sendable(target: &[u8]) -> Vec<u8> {
    let mut sendable = Vec::with_capacity(target.len());
    if target.starts_with(b"?") {
        sendable.push(b'/');
    }
    for &byte in target {
        if byte.is_ascii_graphic() && !b"#\"<>`".contains(&byte) {
            sendable.push(byte);
        } else {
            sendable.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    sendable
}
