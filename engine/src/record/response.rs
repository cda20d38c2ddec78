//! What a script answered: its header block, what that means, and what went to the client, packed.

use super::RecordError;
use super::code::{Coded, decoded};
use super::content::{BlobSink, BlobSource, Content};
use super::packed::{List, Octets, flat, packed, range};
use crate::cgi::header_block::{HeaderBlock, ScriptField};
use crate::cgi::response::{ResponseKind, ScriptResponse};
use crate::cgi::violation::Violation;
use crate::exchange::ResponseRecord;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::slice;

const WHAT: &str = "place in the output";

packed! {
    /// One breach.
    PackedViolation<'a> {
        "k" kind: u8,
        "l" line: u32,
        "s" span: Vec<u64>,
        "e" excerpt: Octets<'a>,
    }
}

packed! {
    /// What stood before the body.
    PackedBlock<'a> {
        "f" fields: List<PackedField<'a>>,
        "l" length: u64,
        "v" violations: List<PackedViolation<'a>>,
        "e" end: u8,
    }
}

packed! {
    /// One field of a script.
    PackedField<'a> {
        "n" name: Octets<'a>,
        "v" value: Octets<'a>,
        "l" line: u32,
        "s" span: Vec<u64>,
    }
}

packed! {
    /// What the header block means.
    PackedMeaning<'a> {
        "k" kind: PackedKind<'a>,
        "s" status: u16,
        "g" status_given: bool,
        "r" reason: Octets<'a>,
        "f" fields: Vec<(Octets<'a>, Octets<'a>)>,
        "l" declared_length: Option<u64>,
        "b" body_allowed: bool,
        "v" violations: List<PackedViolation<'a>>,
        "x" refused: Option<PackedViolation<'a>>,
        "h" request_is_head: bool,
        "c" length_field: Option<(u32, Vec<u64>, Octets<'a>)>,
    }
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
pub(super) enum PackedKind<'a> {
    #[default]
    #[serde(rename = "d")]
    Document,
    #[serde(rename = "l")]
    LocalRedirect(Octets<'a>),
    #[serde(rename = "c")]
    ClientRedirect(Octets<'a>),
    #[serde(rename = "p")]
    ClientRedirectWithDocument(Octets<'a>),
}

packed! {
    /// What the client was answered.
    PackedAnswer<'a> {
        "s" status: u16,
        "a" author: u8,
        "h" sent_head: Octets<'a>,
        "b" own_body: Content<'a>,
        "n" body_bytes: u64,
    }
}

impl<'a> PackedViolation<'a> {
    fn of(violation: &'a Violation) -> Self {
        let Violation {
            kind,
            line,
            span,
            excerpt,
        } = violation;
        Self {
            kind: Coded::code(*kind),
            line: *line,
            span: flat(slice::from_ref(span)),
            excerpt: Octets::of(excerpt),
        }
    }

    fn restore(self) -> Result<Violation, RecordError> {
        Ok(Violation {
            kind: decoded(self.kind)?,
            line: self.line,
            span: range(&self.span, WHAT)?,
            excerpt: self.excerpt.into_vec(),
        })
    }
}

fn violations(packed: List<PackedViolation<'_>>) -> Result<Vec<Violation>, RecordError> {
    packed.into_iter().map(PackedViolation::restore).collect()
}

impl<'a> PackedBlock<'a> {
    pub(super) fn of(block: &'a HeaderBlock) -> Self {
        let HeaderBlock {
            fields,
            length,
            violations,
            end,
        } = block;
        Self {
            fields: fields.iter().map(PackedField::of).collect(),
            length: *length as u64,
            violations: violations.iter().map(PackedViolation::of).collect(),
            end: end.code(),
        }
    }

    pub(super) fn restore(self) -> Result<HeaderBlock, RecordError> {
        let fields = self.fields.into_iter().map(PackedField::restore);
        Ok(HeaderBlock {
            fields: fields.collect::<Result<_, _>>()?,
            length: range(&[0, self.length], WHAT)?.end,
            violations: violations(self.violations)?,
            end: decoded(self.end)?,
        })
    }
}

impl<'a> PackedField<'a> {
    fn of(field: &'a ScriptField) -> Self {
        let ScriptField {
            name,
            value,
            line,
            span,
        } = field;
        Self {
            name: Octets::of(name),
            value: Octets::of(value),
            line: *line,
            span: flat(slice::from_ref(span)),
        }
    }

    fn restore(self) -> Result<ScriptField, RecordError> {
        Ok(ScriptField {
            name: self.name.into_vec(),
            value: self.value.into_vec(),
            line: self.line,
            span: range(&self.span, WHAT)?,
        })
    }
}

impl<'a> PackedMeaning<'a> {
    pub(super) fn of(response: &'a ScriptResponse) -> Self {
        let ScriptResponse {
            kind,
            status,
            status_given,
            reason,
            fields,
            declared_length,
            body_allowed,
            violations,
            refused,
            request_is_head,
            length_field,
        } = response;
        let fields = fields
            .iter()
            .map(|(name, value)| (Octets::of(name), Octets::of(value)));
        let length_field = length_field.as_ref();
        Self {
            kind: PackedKind::of(kind),
            status: *status,
            status_given: *status_given,
            reason: Octets::of(reason),
            fields: fields.collect(),
            declared_length: *declared_length,
            body_allowed: *body_allowed,
            violations: violations.iter().map(PackedViolation::of).collect(),
            refused: refused.as_ref().map(PackedViolation::of),
            request_is_head: *request_is_head,
            length_field: length_field
                .map(|(line, span, text)| (*line, flat(slice::from_ref(span)), Octets::of(text))),
        }
    }

    pub(super) fn restore(self) -> Result<ScriptResponse, RecordError> {
        let fields = self
            .fields
            .into_iter()
            .map(|(name, value)| (name.into_vec(), value.into_vec()));
        let length_field = self
            .length_field
            .map(|(line, span, text)| range(&span, WHAT).map(|span| (line, span, text.into_vec())));
        Ok(ScriptResponse {
            kind: self.kind.restore(),
            status: self.status,
            status_given: self.status_given,
            reason: self.reason.into_vec(),
            fields: fields.collect(),
            declared_length: self.declared_length,
            body_allowed: self.body_allowed,
            violations: violations(self.violations)?,
            refused: self.refused.map(PackedViolation::restore).transpose()?,
            request_is_head: self.request_is_head,
            length_field: length_field.transpose()?,
        })
    }
}

impl<'a> PackedKind<'a> {
    fn of(kind: &'a ResponseKind) -> Self {
        match kind {
            ResponseKind::Document => Self::Document,
            ResponseKind::LocalRedirect { location } => Self::LocalRedirect(Octets::of(location)),
            ResponseKind::ClientRedirect { location } => Self::ClientRedirect(Octets::of(location)),
            ResponseKind::ClientRedirectWithDocument { location } => {
                Self::ClientRedirectWithDocument(Octets::of(location))
            }
        }
    }

    fn restore(self) -> ResponseKind {
        match self {
            Self::Document => ResponseKind::Document,
            Self::LocalRedirect(location) => ResponseKind::LocalRedirect {
                location: location.into_vec(),
            },
            Self::ClientRedirect(location) => ResponseKind::ClientRedirect {
                location: location.into_vec(),
            },
            Self::ClientRedirectWithDocument(location) => {
                ResponseKind::ClientRedirectWithDocument {
                    location: location.into_vec(),
                }
            }
        }
    }
}

impl<'a> PackedAnswer<'a> {
    pub(super) fn of(response: &'a ResponseRecord, blobs: &mut dyn BlobSink) -> Self {
        let ResponseRecord {
            status,
            author,
            sent_head,
            own_body,
            body_bytes,
        } = response;
        Self {
            status: *status,
            author: author.code(),
            sent_head: Octets::of(sent_head),
            own_body: Content::of(slice::from_ref(own_body), blobs),
            body_bytes: *body_bytes,
        }
    }

    pub(super) fn restore(self, blobs: &dyn BlobSource) -> Result<ResponseRecord, RecordError> {
        // A page of the studio's own that is gone is empty: `body_bytes` still tells how long it was.
        let own_body = self.own_body.restore("page of the studio", blobs)?;
        Ok(ResponseRecord {
            status: self.status,
            author: decoded(self.author)?,
            sent_head: Bytes::from(self.sent_head.into_vec()),
            own_body: own_body.unwrap_or_default(),
            body_bytes: self.body_bytes,
        })
    }
}
