//! Requests kept as plain text in a site's `requests/`, made to be read, edited and compared in git.
//!
//! The text is the one that editors' HTTP clients know, so that other tools can read most of it:
//!
//! ```text
//! # Any comment, kept as it is
//! # @name login
//! # @expect status 303
//! # @expect header Location: /welcome
//! POST /cgi-bin/login.py HTTP/1.1
//! Host: localhost
//! Content-Type: application/x-www-form-urlencoded
//!
//! user=zoe
//! &password=secret
//! ```
//!
//! - `###` at the beginning of a line separates several requests in one file. Comments begin with `#` or `//`.
//! - The request line is `METHOD target HTTP/1.1`; the method may be left out for a GET, the version always. The target is a
//!   path, or a URL, whose host becomes the `Host` field. Lines that are indented below it go on with it.
//! - An empty line ends the fields; the body goes on to the end. The last line end belongs to the file, not to the body.
//! - A line `< ./file` in a body is the content of that file, found from the folder of the request.
//! - In a `multipart/` body every line end is `\r\n`, the last one too; the lines of a urlencoded body are joined to one;
//!   in others a line end is `\n`.
//! - Content-Length is counted, and a body is put into one chunk where `Transfer-Encoding: chunked` asks for it.
//!   A field that is given is sent as it stands, right or wrong. Without a Host field `Host: localhost` is sent.
//! - `# @raw`, as the last line before the request, makes all that follows the very bytes, written with the escapes of
//!   [`escapes`]: a line end is `\r\n`, and the last one of the file does not count. A single line `< ./file` there is
//!   a request whose bytes are those of the file. So a request can be broken in any way.
//! - `# @expect` lines are [expectations](crate::expect). They stand before the request line.
//!
//! What cannot be read is an error with its line, and nothing of the file is sent.

pub mod escapes;
pub mod folder;
mod parse;
mod send;
#[cfg(test)]
mod tests;
mod write;

use std::path::PathBuf;

pub use parse::{ParseError, parse};
pub use send::{ReadFile, SendError};
pub use write::write;

use crate::expect::Expectation;

/// The file of saved requests, taken apart so that it can be written again with its comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFile {
    /// The requests, in their order; at least one.
    pub requests: Vec<SavedRequest>,
    /// Lines after the last one that belong to none, such as a last `###`.
    pub end: Vec<Vec<u8>>,
}

/// A request with what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRequest {
    /// The `###` line that begins it, as it stands.
    pub separator: Option<Vec<u8>>,
    /// The lines between that and the request line.
    pub notes: Vec<Note>,
    /// What is sent.
    pub request: RequestText,
}

/// A line before the request line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A comment or an empty line, as it stands.
    Comment(Vec<u8>),
    /// `# @name NAME`.
    Name(String),
    /// `# @expect …`.
    Expect {
        /// What is expected.
        expectation: Expectation,
        /// In which line of the file, from 1; 0 where it does not come from a file.
        line: usize,
    },
}

/// What is sent, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestText {
    /// By its parts.
    Parts(Parts),
    /// By its very bytes, with [`escapes`].
    Raw(String),
    /// By the very bytes of a file.
    RawFile(PathBuf),
}

/// A request by its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The method.
    pub method: Vec<u8>,
    /// A path with its query, or a URL.
    pub target: Vec<u8>,
    /// `HTTP/1.1`; none where the file does not say.
    pub version: Option<Vec<u8>>,
    /// The fields, and comments between them.
    pub head: Vec<HeadLine>,
    /// The lines of the body; none is no body.
    pub body: Vec<BodyLine>,
}

/// A line between request line and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadLine {
    /// A field.
    Field {
        /// Its name.
        name: Vec<u8>,
        /// The colon and the white space behind it.
        separator: Vec<u8>,
        /// Its value.
        value: Vec<u8>,
    },
    /// A comment, as it stands.
    Comment(Vec<u8>),
}

/// A line of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyLine {
    /// Any bytes without a line end.
    Text(Vec<u8>),
    /// The content of a file, found from the folder of the request.
    File(PathBuf),
}

impl SavedRequest {
    /// A request without notes.
    #[must_use]
    pub fn new(request: RequestText) -> Self {
        Self {
            separator: None,
            notes: Vec::new(),
            request,
        }
    }

    /// What it is called in its file: by `# @name`, else by what stands behind `###`.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let named = self.notes.iter().find_map(|note| match note {
            Note::Name(name) => Some(name.clone()),
            Note::Comment(_) | Note::Expect { .. } => None,
        });
        named.or_else(|| {
            let notes = self.notes.iter().filter_map(|note| match note {
                Note::Comment(line) => Some(line),
                Note::Name(_) | Note::Expect { .. } => None,
            });
            let mut lines = self.separator.iter().chain(notes);
            let line = lines.rfind(|line| line.starts_with(b"###"))?;
            let line = String::from_utf8_lossy(line);
            let title = line.trim_start_matches('#').trim();
            (!title.is_empty()).then(|| title.to_owned())
        })
    }

    /// Calls it so, or nothing at all.
    pub fn set_name(&mut self, name: Option<String>) {
        let place = self
            .notes
            .iter()
            .position(|note| matches!(note, Note::Name(_)));
        self.notes.retain(|note| !matches!(note, Note::Name(_)));
        if let Some(name) = name {
            let place = place.unwrap_or_default().min(self.notes.len());
            self.notes.insert(place, Note::Name(name));
        }
    }

    /// What is expected of its run.
    pub fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        self.notes.iter().filter_map(|note| match note {
            Note::Expect { expectation, .. } => Some(expectation),
            Note::Comment(_) | Note::Name(_) => None,
        })
    }

    /// Expects something else. Comments stay where they are; what is new comes last.
    pub fn set_expectations(&mut self, expectations: impl IntoIterator<Item = Expectation>) {
        let mut new = expectations.into_iter();
        let mut last = None;
        let mut notes = Vec::new();
        for note in self.notes.drain(..) {
            let kept = match note {
                Note::Expect { line, .. } => new
                    .next()
                    .map(|expectation| Note::Expect { expectation, line }),
                other => Some(other),
            };
            if let Some(kept) = kept {
                if matches!(kept, Note::Expect { .. }) {
                    last = Some(notes.len() + 1);
                }
                notes.push(kept);
            }
        }
        let place = last.unwrap_or(notes.len());
        let more = new.map(|expectation| Note::Expect {
            expectation,
            line: 0,
        });
        notes.splice(place..place, more);
        self.notes = notes;
    }

    /// Sends something else. Comments between the fields stay before the field that they stood before.
    pub fn set_request(&mut self, mut request: RequestText) {
        if let (RequestText::Parts(old), RequestText::Parts(new)) = (&self.request, &mut request) {
            carry_comments(&old.head, &mut new.head);
        }
        self.request = request;
    }
}

fn carry_comments(old: &[HeadLine], new: &mut Vec<HeadLine>) {
    let field_name = |line: &HeadLine| match line {
        HeadLine::Field { name, .. } => Some(name.to_ascii_lowercase()),
        HeadLine::Comment(_) => None,
    };
    for (at, comment) in old.iter().enumerate() {
        if !matches!(comment, HeadLine::Comment(_)) {
            continue;
        }
        let next = old.iter().skip(at).find_map(field_name);
        let place = next.and_then(|name| {
            new.iter()
                .position(|line| field_name(line).as_ref() == Some(&name))
        });
        new.insert(place.unwrap_or(new.len()), comment.clone());
    }
}
