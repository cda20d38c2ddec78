//! A recorded request as a draft. Where the rows would not make the very same bytes again, the bytes themselves are
//! what is edited.

use bytes::Bytes;
use cgi_engine::cgi::head_rules::BodyFraming;
use cgi_engine::cgi::request_head::{self, HeadLimits, RequestHead};
use cgi_engine::exchange::RequestRecord;

use super::draft::{BodyKind, Draft, Field};
use super::escapes;
use super::kept::Kept;
use super::pair;
use super::part;

/// A longer body is sent as it was recorded, not edited as text.
const EDITED_BYTES: usize = 128 * 1024;

impl Draft {
    /// The draft of a recorded request, and whether all of its body is there.
    #[must_use]
    pub fn of_record(request: &RequestRecord) -> (Self, bool) {
        let body = [request.body.head().as_ref(), &request.body.tail()].concat();
        let draft = Self::of(&request.raw_head, &body);
        (draft, request.body.cut_bytes() == 0)
    }

    /// The draft of these bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let end = request_head::find_end(bytes, 0, &HeadLimits::default());
        let (head, body) = match end {
            Ok(Some(end)) => bytes.split_at(end),
            _ => (bytes, &b""[..]),
        };
        Self::of(head, one_chunk(body).unwrap_or(body))
            .making(bytes)
            .unwrap_or_else(|| {
                Self::of(head, body)
                    .making(bytes)
                    .unwrap_or_else(|| raw(bytes))
            })
    }

    /// The draft of a head and of a body without its transfer coding.
    #[must_use]
    pub fn of(head: &[u8], body: &[u8]) -> Self {
        let raw_head = Bytes::copy_from_slice(head);
        let parsed = request_head::parse(raw_head, &HeadLimits::default()).ok();
        let draft = parsed.and_then(|parsed| {
            let draft = of_head(&parsed)?;
            let sent = match parsed.body_framing() {
                BodyFraming::Chunked => [head, &super::draft::chunked(body)].concat(),
                _ => [head, body].concat(),
            };
            kinds(&parsed, body)
                .find_map(|kind| with_body(&draft, kind, &parsed, body)?.making(&sent))
        });
        draft.unwrap_or_else(|| raw(&[head, body].concat()))
    }

    /// The draft, if it makes these very bytes.
    fn making(self, bytes: &[u8]) -> Option<Self> {
        let no_files = |_: &str| Err(String::new());
        (self.to_bytes(&no_files).ok()? == bytes).then_some(self)
    }
}

fn raw(bytes: &[u8]) -> Draft {
    Draft {
        raw: Some(escapes::written(bytes)),
        ..Draft::blank("/", "")
    }
}

/// The body in a single chunk without anything else, as this studio writes it.
fn one_chunk(bytes: &[u8]) -> Option<&[u8]> {
    if bytes == b"0\r\n\r\n" {
        return Some(b"");
    }
    let end = memchr::memmem::find(bytes, b"\r\n")?;
    let size = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let size = usize::from_str_radix(size, 16).ok()?;
    let body = bytes.get(end + 2..)?.get(..size)?;
    (bytes.get(end + 2 + size..)? == b"\r\n0\r\n\r\n").then_some(body)
}

fn of_head(head: &RequestHead) -> Option<Draft> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let fields = head.fields.iter().map(|field| {
        let part = |range| text(head.raw.get::<std::ops::Range<usize>>(range)?);
        Some(Field {
            separator: part(field.name.end..field.value.start)?,
            value: part(field.value.start..field.line.end)?,
            ..Field::new(part(field.name.clone())?, "")
        })
    });
    let (major, minor) = head.version;
    let mut draft = Draft {
        method: text(head.method())?,
        target: text(head.target())?,
        version: format!("HTTP/{major}.{minor}"),
        fields: fields.collect::<Option<_>>()?,
        ..Draft::blank("/", "")
    };
    draft.take_query_from_target();
    Some(draft)
}

/// The ways to edit such a body, the best first.
fn kinds(head: &RequestHead, body: &[u8]) -> impl Iterator<Item = BodyKind> {
    let media_type = head.first("content-type").unwrap_or_default();
    let media_type = String::from_utf8_lossy(media_type).to_ascii_lowercase();
    let editable = body.len() <= EDITED_BYTES;
    let wanted = [
        (BodyKind::None, head.body_framing() == BodyFraming::None),
        (
            BodyKind::Form,
            editable && media_type.starts_with("application/x-www-form-urlencoded"),
        ),
        (
            BodyKind::Multipart,
            editable && media_type.starts_with("multipart/"),
        ),
        (BodyKind::Json, editable && media_type.contains("json")),
        (BodyKind::Text, editable),
        (BodyKind::Kept, true),
    ];
    wanted
        .into_iter()
        .filter_map(|(kind, fits)| fits.then_some(kind))
}

fn with_body(draft: &Draft, kind: BodyKind, head: &RequestHead, body: &[u8]) -> Option<Draft> {
    let mut draft = Draft {
        body: kind,
        ..draft.clone()
    };
    let text = || String::from_utf8(body.to_vec()).ok();
    match kind {
        BodyKind::None => {}
        BodyKind::Form => draft.form = pair::rows(&text()?),
        BodyKind::Multipart => {
            (draft.boundary, draft.parts) = part::parts_of(head.first("content-type")?, body)?;
        }
        BodyKind::Json => draft.json = text()?,
        BodyKind::Text => draft.text = text()?,
        BodyKind::Kept => draft.kept = Kept::new(body),
        // No record tells of the file that its bytes came from.
        BodyKind::File => return None,
    }
    draft.take_over_computed(body.len());
    Some(draft)
}

impl Draft {
    /// Fields that say what the draft would say by itself are left to it from here on.
    fn take_over_computed(&mut self, body_bytes: usize) {
        for name in ["Content-Type", "Content-Length"] {
            let place = self.fields.iter().position(|field| field.is(name));
            let Some(field) = place.and_then(|at| self.fields.get(at)) else {
                let mut field = Field::automatic(name);
                // What the record does not have is not added to it.
                field.on = self.computed(&field, body_bytes).is_none();
                self.fields.push(field);
                continue;
            };
            let automatic = self.computed(field, body_bytes).as_deref() == Some(&field.value);
            if let Some(field) = place.and_then(|at| self.fields.get_mut(at)) {
                field.automatic = automatic;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "POST /cgi-bin/form.py/x%20y?a=1&b HTTP/1.1\r\nHost:h\r\nX-Odd:  v \r\n";

    #[track_caller]
    fn check(head: &str, body: &[u8], kind: BodyKind) -> Draft {
        let head = format!("{HEAD}{head}\r\n");
        let draft = Draft::of(head.as_bytes(), body);
        assert_eq!((draft.raw.as_deref(), draft.body), (None, kind));
        draft
    }

    #[test]
    fn a_body_is_edited_as_what_it_is_if_it_comes_back_byte_by_byte() {
        let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n";
        let draft = check(form, b"a=%e3+b&c", BodyKind::Form);
        assert!(draft.fields.iter().filter(|field| field.automatic).count() == 2);
        assert_eq!(draft.form.len(), 2);
        assert_eq!(draft.query.len(), 2);
        check(
            "Content-Type: application/json\r\nContent-Length: 2\r\n",
            b"{}",
            BodyKind::Json,
        );
        check("Content-Length: 2\r\n", b"hi", BodyKind::Text);
        check("Content-Length: 0\r\n", b"", BodyKind::Text);
        check("Content-Length: 2\r\n", b"\xff\0", BodyKind::Kept);
        check("", b"", BodyKind::None);
        let parts = b"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n";
        let multipart = format!(
            "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {}\r\n",
            parts.len()
        );
        check(&multipart, parts, BodyKind::Multipart);
        // Another client writes its parts otherwise: they are a text then.
        let odd = String::from_utf8(parts.to_vec())
            .unwrap()
            .replace("form-data; name", "form-data;name");
        let odd_head = multipart.replace(&parts.len().to_string(), &odd.len().to_string());
        check(&odd_head, odd.as_bytes(), BodyKind::Text);
    }

    #[test]
    fn lengths_that_are_wrong_stay_wrong() {
        let draft = check("Content-Length: 7\r\n", b"hi", BodyKind::Text);
        assert!(!draft.field("content-length").unwrap().automatic);
    }

    #[test]
    fn a_chunked_body_is_edited_without_its_chunks() {
        let draft = check("Transfer-Encoding: chunked\r\n", b"hello", BodyKind::Text);
        assert_eq!(draft.text, "hello");
        let whole = draft.to_bytes(&|_| Err(String::new())).unwrap();
        assert_eq!(Draft::of_bytes(&whole), draft);
    }

    #[test]
    fn any_bytes_make_a_draft_that_sends_them() {
        for bytes in [
            &b""[..],
            b"\r\n\r\n",
            b"GET / HTTP/1.1\nHost: h\n\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: h\r\nX: \xe3\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
            b"\x16\x03\x01\x00",
            b"POST / HTTP/1.0\r\nContent-Length: 99\r\n\r\nshort",
        ] {
            let draft = Draft::of_bytes(bytes);
            let sent = draft.to_bytes(&|_| Err(String::new())).unwrap();
            assert_eq!(sent, bytes);
        }
    }
}
