//! What the server makes of a header block: the kind of response, its status and the fields to send
//! (RFC 3875 §6.2, §6.3).
use std::ops::Range;

use super::grammar::{decimal, is_blank, trim};
use super::header_block::{HeaderBlock, ScriptField};
use super::location::{Destination, destination};
use super::reason_phrase::reason_phrase;
use super::violation::{Strictness, Verdict, Violation, ViolationKind};

/// The four kinds of response (RFC 3875 §6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseKind {
    /// A document, or an error with one.
    Document,
    /// The server answers as if the client had asked for this path.
    LocalRedirect {
        /// An absolute path with an optional query, still encoded.
        location: Vec<u8>,
    },
    /// The client is sent elsewhere.
    ClientRedirect {
        /// Where to, as the script wrote it.
        location: Vec<u8>,
    },
    /// The client is sent elsewhere and gets a page to show meanwhile.
    ClientRedirectWithDocument {
        /// Where to, as the script wrote it.
        location: Vec<u8>,
    },
}

/// A script's response, ready to be put into HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptResponse {
    /// Which kind it is.
    pub kind: ResponseKind,
    /// The status code: the script's, or the default of its kind.
    pub status: u16,
    /// The script named the status itself, by `Status`.
    pub status_given: bool,
    /// The reason phrase: the script's, or the registered one.
    pub reason: Vec<u8>,
    /// The fields to forward, in the script's order and spelling; several cookies stay several.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// The script's Content-Length. It is not among `fields`: the server sends a length of its own.
    pub declared_length: Option<u64>,
    /// Whether the client may get a body: not for HEAD, 204 and 304, nor before a local redirect.
    pub body_allowed: bool,
    /// What is wrong, the block's violations first. Those that the strictness allows are left out.
    pub violations: Vec<Violation>,
    /// The first violation that costs the response; the client gets an error then.
    pub refused: Option<Violation>,
    /// The client asked with HEAD.
    pub(crate) request_is_head: bool,
    /// The script's Content-Length, where it counts: its line, its place in the output, and the line itself.
    pub(crate) length_field: Option<(u32, Range<usize>, Vec<u8>)>,
}

/// Reads a header block as a response. Whether it may be sent is in [`ScriptResponse::refused`].
#[must_use]
pub fn interpret(
    block: &HeaderBlock,
    strictness: Strictness,
    request_is_head: bool,
) -> ScriptResponse {
    Interpreter::new(block, strictness).interpret(request_is_head)
}

/// Whether the file name asks for output to pass unparsed (RFC 3875 §5.1: here by the name).
#[must_use]
pub fn is_nph(file_name: &[u8]) -> bool {
    file_name.starts_with(b"nph-")
}

impl ScriptResponse {
    /// The difference between the script's Content-Length and the body it really printed, in bytes.
    #[must_use]
    pub fn length_violation(&self, actual: u64) -> Option<Violation> {
        let declared = self.declared_length?;
        let kind = match declared.cmp(&actual) {
            std::cmp::Ordering::Less => ViolationKind::LengthTooShort,
            std::cmp::Ordering::Greater => ViolationKind::LengthTooLong,
            std::cmp::Ordering::Equal => return None,
        };
        // A HEAD, 204 or 304 answer may well name the length of a body that it does not have.
        if !self.body_allowed && actual == 0 {
            return None;
        }
        let (line, span, evidence) = self.length_field.clone()?;
        Some(Violation::new(kind, line, span, &evidence))
    }

    /// The same response once it is known that no page follows the headers: beside a Status, that is a whole answer,
    /// and only a page has a type (§6.3.1).
    #[must_use]
    pub fn without_page(mut self, strictness: Strictness) -> Self {
        let refuses =
            |violation: &&Violation| violation.kind.verdict(strictness) == Verdict::Refuse;
        self.violations
            .retain(|violation| violation.kind != ViolationKind::NoContentTypeBesideStatus);
        self.refused = self.violations.iter().find(refuses).cloned();
        self
    }

    /// Whether only a page that may not follow makes it one that is refused.
    #[must_use]
    pub fn depends_on_page(&self) -> bool {
        let refused = self.refused.as_ref().map(|violation| violation.kind);
        refused == Some(ViolationKind::NoContentTypeBesideStatus)
    }

    /// A body that the client may not get, given how many bytes of one the script printed.
    #[must_use]
    pub fn body_violation(&self, actual: u64) -> Option<Violation> {
        if self.body_allowed
            || actual == 0
            || matches!(self.kind, ResponseKind::LocalRedirect { .. })
        {
            return None;
        }
        let kind = if self.request_is_head {
            ViolationKind::BodyForHead
        } else {
            ViolationKind::BodyNotAllowed
        };
        Some(Violation::new(kind, 0, 0..0, b""))
    }
}

struct Interpreter<'a> {
    block: &'a HeaderBlock,
    strictness: Strictness,
    violations: Vec<Violation>,
}

impl<'a> Interpreter<'a> {
    fn new(block: &'a HeaderBlock, strictness: Strictness) -> Self {
        Self {
            block,
            strictness,
            violations: block.violations.clone(),
        }
    }

    fn interpret(mut self, request_is_head: bool) -> ScriptResponse {
        let location = self.only("location");
        let status_field = self.only("status");
        let content_type = self.only("content-type");
        let status = status_field.and_then(|field| self.status(field));
        let kind = self.kind(location, status_field.is_some(), status, content_type);
        let default_status = match kind {
            ResponseKind::ClientRedirect { .. }
            | ResponseKind::ClientRedirectWithDocument { .. } => 302,
            ResponseKind::Document | ResponseKind::LocalRedirect { .. } => 200,
        };
        let code = status.unwrap_or(default_status);
        let length_field = self.length_field();
        let local = matches!(kind, ResponseKind::LocalRedirect { .. });
        let bodiless = matches!(code, 100..=199 | 204 | 304);
        if kind == ResponseKind::Document
            && content_type.is_none()
            && !bodiless
            && self.violations_allow_judging()
        {
            self.note_about_block(match status {
                Some(_) => ViolationKind::NoContentTypeBesideStatus,
                None => ViolationKind::NoContentType,
            });
        }
        let fields = self.forwarded(local);
        let (violations, refused) = self.judged();
        ScriptResponse {
            kind,
            status: code,
            status_given: status.is_some(),
            reason: status_field
                .filter(|_| status.is_some())
                .map_or_else(|| reason_phrase(code).into(), |field| reason(field, code)),
            fields,
            declared_length: length_field.and_then(|field| decimal(&field.value)),
            body_allowed: !(request_is_head || bodiless || local),
            violations,
            refused,
            request_is_head,
            length_field: length_field
                .map(|field| (field.line, field.span.clone(), line_of(field))),
        }
    }

    /// The first field of that name with a value; an empty one counts as not sent (§6.3).
    fn only(&mut self, name: &str) -> Option<&'a ScriptField> {
        let mut sent = self
            .block
            .fields
            .iter()
            .filter(|field| field.is(name) && !field.value.is_empty());
        let first = sent.next();
        for second in sent {
            self.note(ViolationKind::DuplicateCgiField, second);
        }
        first
    }

    /// Three digits, then a space or the end; `None` if the script's Status cannot be used.
    fn status(&mut self, field: &ScriptField) -> Option<u16> {
        let value = field.value.as_slice();
        let code = value
            .get(..3)
            .and_then(decimal)
            .and_then(|code| u16::try_from(code).ok());
        let after = value.get(3);
        let code = code.filter(|code| *code >= 100 && !after.is_some_and(u8::is_ascii_digit));
        let well_formed = code.is_some() && after.is_none_or(|byte| is_blank(*byte));
        if !well_formed {
            self.note(ViolationKind::BadStatus, field);
        }
        if code.is_some_and(|code| code < 200) {
            self.note(ViolationKind::InterimStatus, field);
        }
        code
    }

    fn kind(
        &mut self,
        location: Option<&ScriptField>,
        has_status: bool,
        status: Option<u16>,
        content_type: Option<&ScriptField>,
    ) -> ResponseKind {
        let Some(field) = location else {
            return ResponseKind::Document;
        };
        // A status that redirects nobody, 201 for instance, makes Location an ordinary field.
        if let Some(code) = status.filter(|code| !(300..=399).contains(code)) {
            if !matches!(code, 201 | 202) {
                self.note(ViolationKind::LocationWithoutRedirect, field);
            }
            return ResponseKind::Document;
        }
        let (destination, flaw) = destination(&field.value, has_status);
        if let Some(flaw) = flaw {
            self.note(flaw, field);
        }
        let location = field.value.clone();
        match (destination, content_type) {
            (Destination::Local, _) => {
                self.check_local_redirect();
                ResponseKind::LocalRedirect { location }
            }
            (Destination::Client, Some(document)) => {
                if !has_status {
                    self.note(ViolationKind::RedirectWithoutStatus, document);
                }
                ResponseKind::ClientRedirectWithDocument { location }
            }
            (Destination::Client, None) => {
                self.check_client_redirect(has_status);
                ResponseKind::ClientRedirect { location }
            }
        }
    }

    fn check_local_redirect(&mut self) {
        let other = self
            .block
            .fields
            .iter()
            .find(|field| !field.is("location") && !field.value.is_empty());
        if let Some(other) = other {
            self.note(ViolationKind::LocalRedirectWithFields, other);
        }
    }

    fn check_client_redirect(&mut self, has_status: bool) {
        let plain = |field: &&ScriptField| {
            !field.is("location") && !is_extension(field) && !field.value.is_empty()
        };
        if let Some(other) = self.block.fields.iter().find(plain).filter(|_| !has_status) {
            self.note(ViolationKind::ClientRedirectWithFields, other);
        }
    }

    fn length_field(&mut self) -> Option<&'a ScriptField> {
        let mut lengths = self
            .block
            .fields
            .iter()
            .filter(|field| field.is("content-length") && !field.value.is_empty());
        let first = lengths.next()?;
        if let Some(second) = lengths.find(|field| field.value != first.value) {
            self.note(ViolationKind::BadContentLength, second);
            return None;
        }
        if decimal(&first.value).is_none() {
            self.note(ViolationKind::BadContentLength, first);
            return None;
        }
        Some(first)
    }

    /// What the client gets of the fields: the server's own matters are taken out.
    fn forwarded(&mut self, local: bool) -> Vec<(Vec<u8>, Vec<u8>)> {
        let block = self.block;
        let mut content_type_seen = false;
        let mut location_seen = false;
        let mut fields = Vec::new();
        for field in block.fields.iter().filter(|field| !field.value.is_empty()) {
            let name = field.name.to_ascii_lowercase();
            let forward = match name.as_slice() {
                b"status" | b"content-length" => false,
                b"content-type" => !std::mem::replace(&mut content_type_seen, true),
                b"location" => !std::mem::replace(&mut location_seen, true),
                b"transfer-encoding" => self.drop_field(ViolationKind::TransferEncoding, field),
                b"connection" | b"keep-alive" | b"proxy-connection" | b"te" | b"trailer"
                | b"upgrade" => self.drop_field(ViolationKind::ConnectionField, field),
                b"date" | b"server" => self.drop_field(ViolationKind::ServerField, field),
                _ if is_extension(field) && self.strictness == Strictness::Strict => {
                    self.drop_field(ViolationKind::UnknownExtension, field)
                }
                _ => true,
            };
            if forward && (!local || name == b"set-cookie") {
                fields.push((field.name.clone(), field.value.clone()));
            }
        }
        fields
    }

    fn drop_field(&mut self, kind: ViolationKind, field: &ScriptField) -> bool {
        self.note(kind, field);
        false
    }

    /// Once the block itself cannot be used, a missing Content-Type is only a consequence.
    fn violations_allow_judging(&self) -> bool {
        self.block
            .violations
            .iter()
            .all(|violation| violation.kind.verdict(self.strictness) != Verdict::Refuse)
    }

    fn note(&mut self, kind: ViolationKind, field: &ScriptField) {
        self.violations.push(Violation::new(
            kind,
            field.line,
            field.span.clone(),
            &line_of(field),
        ));
    }

    fn note_about_block(&mut self, kind: ViolationKind) {
        self.violations
            .push(Violation::new(kind, 0, 0..self.block.length, b""));
    }

    fn judged(self) -> (Vec<Violation>, Option<Violation>) {
        let strictness = self.strictness;
        let mut violations = self.violations;
        violations.retain(|violation| violation.kind.verdict(strictness) != Verdict::Allow);
        let refused = violations
            .iter()
            .find(|violation| violation.kind.verdict(strictness) == Verdict::Refuse)
            .cloned();
        (violations, refused)
    }
}

fn is_extension(field: &ScriptField) -> bool {
    field
        .name
        .get(..6)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"x-cgi-"))
}

fn line_of(field: &ScriptField) -> Vec<u8> {
    [&field.name, &b": "[..], &field.value].concat()
}

/// The phrase after the code, or the registered one if the script wrote none (§6.3.3).
fn reason(field: &ScriptField, code: u16) -> Vec<u8> {
    let phrase = trim(field.value.get(3..).unwrap_or_default());
    if phrase.is_empty() {
        reason_phrase(code).into()
    } else {
        phrase.to_vec()
    }
}

#[cfg(test)]
mod tests;
