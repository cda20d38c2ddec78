//! The answer of a host to its client.
use std::borrow::Cow;

use super::output_rules::{Act, row};
use crate::cgi::violation::ViolationKind;

/// What a host answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostAnswer {
    /// The status, 0 where its status line holds no number.
    pub status: u16,
    /// The status line without its line end; empty where the script's own output begins with one.
    pub status_line: Vec<u8>,
    /// The fields, without those that frame the message and without Date.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// The script's output follows these fields at once, its headers unread.
    pub as_printed: bool,
    /// So many bytes of the output are not sent on.
    pub taken: usize,
    /// What the client gets behind the head.
    pub body: HostBody,
    /// What is worth knowing of the way to this answer.
    pub deviations: Vec<Deviation>,
}

/// What the client gets behind the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostBody {
    /// The rest of the script's output.
    Output {
        /// It ends after so many bytes at the latest, and how.
        limit: Option<(u64, Overrun)>,
        /// It comes in chunks, which the host takes apart.
        chunked: bool,
    },
    /// Nothing; what the script prints is dropped.
    Dropped,
    /// A page of the host's own.
    OwnPage,
}

/// What becomes of a body that is longer than its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overrun {
    /// It is cut.
    Cut,
    /// The write that passes the length is lost as a whole.
    LoseWrite,
}

/// Something a host does in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// What was met in the output.
    pub what: Cow<'static, str>,
    /// What the host does about it, to be read after its name.
    pub does: String,
    /// The row of the behaviour matrix.
    pub row: u8,
    /// The section of RFC 3875 with the MUST that this breaks.
    pub breaks: Option<Cow<'static, str>>,
}

impl Deviation {
    pub(super) fn of(kind: ViolationKind, act: Act) -> Self {
        Self {
            what: kind.title().into(),
            does: act.words(),
            row: row(kind),
            // A page where there should be an error misleads, but no MUST speaks of it; an empty output is one.
            breaks: None,
        }
    }

    pub(super) fn new(
        what: &'static str,
        does: &str,
        row: u8,
        breaks: Option<&'static str>,
    ) -> Self {
        Self {
            what: what.into(),
            does: does.to_owned(),
            row,
            breaks: breaks.map(Cow::Borrowed),
        }
    }

    /// One line for a report.
    #[must_use]
    pub fn line(&self) -> String {
        let breaks = self
            .breaks
            .as_ref()
            .map(|section| format!(", breaks {section}"))
            .unwrap_or_default();
        format!("{}: it {}{breaks}", self.what, self.does)
    }
}

impl HostAnswer {
    /// The bytes before the body, for a connection that is closed behind it.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        if !self.status_line.is_empty() {
            head.extend_from_slice(&self.status_line);
            // What is printed behind `Status: ` ends its line itself.
            if !(self.as_printed && self.status_line.ends_with(b" ")) {
                head.extend_from_slice(b"\r\n");
            }
        }
        for (name, value) in &self.fields {
            head.extend_from_slice(name);
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        if !self.as_printed {
            head.extend_from_slice(b"Connection: close\r\n\r\n");
        }
        head
    }

    /// What of a captured output would reach the client as the body, of so many bytes as one write.
    #[must_use]
    pub fn body_of(&self, output: &[u8]) -> Vec<u8> {
        let rest = output.get(self.taken..).unwrap_or_default();
        match &self.body {
            HostBody::Dropped | HostBody::OwnPage => Vec::new(),
            HostBody::Output { limit, .. } => match limit {
                Some((limit, Overrun::LoseWrite)) if rest.len() as u64 > *limit => Vec::new(),
                Some((limit, Overrun::Cut)) => {
                    let end = usize::try_from(*limit)
                        .unwrap_or(usize::MAX)
                        .min(rest.len());
                    rest.get(..end).unwrap_or_default().to_vec()
                }
                _ => rest.to_vec(),
            },
        }
    }
}
