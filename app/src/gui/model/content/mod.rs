//! The body of a message, read once by a worker: as text, as a tree, as a picture, as the outline of a page.

pub mod html_outline;
pub mod json_tree;
pub mod picture;
pub mod text;

use std::sync::Arc;

use bytes::Bytes;
use cgi_engine::exchange::{Author, Exchange, ExchangeId, Invocation, ResponseRecord, sent_fields};

use html_outline::Outline;
use json_tree::JsonTree;
use picture::Picture;
use text::Decoded;

/// Which body of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// What the client sent.
    Request,
    /// What the client got.
    Response,
}

/// Which bytes were read: more may come while a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stand {
    /// The exchange.
    pub id: ExchangeId,
    /// Which of its bodies.
    pub side: Side,
    /// How many bytes it had.
    pub bytes: u64,
}

/// What a body is, by what is said of it and by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JSON, or a type that ends with `+json`.
    Json,
    /// A page.
    Html,
    /// A picture of a format that can be decoded here.
    Picture,
    /// Anything else.
    Other,
}

/// What is said of a body by the message that carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The value of `Content-Type`.
    pub content_type: Vec<u8>,
    /// The value of `Content-Encoding`; empty where the bytes are as they are.
    pub coding: Vec<u8>,
}

/// A body that was read.
#[derive(Debug)]
pub struct Content {
    /// Which bytes were read.
    pub stand: Stand,
    /// The bytes as text, where they are another character set than UTF-8.
    pub decoded: Decoded,
    /// What was made of them.
    pub form: Form,
}

/// What a body was made into.
#[derive(Debug)]
pub enum Form {
    /// The values of a JSON document.
    Tree(JsonTree),
    /// The outline of a page.
    Page(Outline),
    /// A picture.
    Picture(Picture),
    /// A picture that cannot be shown, and why.
    NoPicture(String),
    /// Nothing but bytes.
    Bytes,
}

impl Label {
    /// What the request says of its body.
    #[must_use]
    pub fn of_request(exchange: &Exchange) -> Self {
        let head = exchange.request.head.as_deref();
        let first = |name| {
            head.and_then(|head| head.first(name))
                .unwrap_or_default()
                .to_vec()
        };
        Self {
            content_type: first("content-type"),
            coding: first("content-encoding"),
        }
    }

    /// What the answer says of its body: in the head that went out, or before that in the script's own fields.
    #[must_use]
    pub fn of_response(exchange: &Exchange) -> Self {
        let head = exchange
            .response
            .as_ref()
            .map(|response| &response.sent_head);
        let block = exchange
            .invocation()
            .and_then(|run| run.header_block.as_deref());
        let first = |name: &str| {
            let sent = head.and_then(|head| {
                sent_fields(head)
                    .find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
                    .map(|field| field.value.to_vec())
            });
            let own = || {
                let field = block?.fields.iter().find(|field| field.is(name))?;
                Some(field.value.clone())
            };
            sent.or_else(own).unwrap_or_default()
        };
        Self {
            content_type: first("content-type"),
            coding: first("content-encoding"),
        }
    }

    /// The media type without its parameters, in lower case.
    #[must_use]
    pub fn media_type(&self) -> String {
        let end = memchr::memchr(b';', &self.content_type).unwrap_or(self.content_type.len());
        let essence = self.content_type.get(..end).unwrap_or_default();
        String::from_utf8_lossy(essence.trim_ascii()).to_ascii_lowercase()
    }

    /// What the body is; the beginning of its bytes is asked where the type says nothing, as it is for form data
    /// and for scripts that name every answer `text/plain`.
    #[must_use]
    pub fn kind(&self, beginning: &[u8]) -> Kind {
        if self.is_coded() {
            return Kind::Other;
        }
        let media_type = self.media_type();
        if picture::is_picture(beginning) {
            return Kind::Picture;
        }
        match media_type.as_str() {
            "text/html" | "application/xhtml+xml" => Kind::Html,
            "application/json" | "text/json" | "application/x-ndjson" => Kind::Json,
            other if other.ends_with("+json") => Kind::Json,
            "" | "text/plain" | "application/octet-stream" if looks_like_json(beginning) => {
                Kind::Json
            }
            _ => Kind::Other,
        }
    }

    /// The bytes are compressed, so they say nothing to anybody who does not undo that.
    #[must_use]
    pub fn is_coded(&self) -> bool {
        let coding = self.coding.trim_ascii();
        !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity")
    }
}

/// An object or an array, from its first letter to what may follow it.
fn looks_like_json(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_start();
    let next = bytes
        .get(1..)
        .unwrap_or_default()
        .trim_ascii_start()
        .first();
    match bytes.first() {
        Some(b'{') => matches!(next, Some(b'"' | b'}')),
        Some(b'[') => matches!(next, Some(b'{' | b'[' | b'"' | b']' | b'-' | b'0'..=b'9')),
        _ => false,
    }
}

impl Content {
    /// Reads a body of an exchange; slow for large ones.
    #[must_use]
    pub fn read(exchange: &Exchange, side: Side) -> Self {
        let (label, bytes) = match side {
            Side::Request => (Label::of_request(exchange), exchange.request.body.bytes()),
            Side::Response => (Label::of_response(exchange), response_body(exchange)),
        };
        let stand = Stand::of(exchange, side);
        let beginning = bytes.get(..bytes.len().min(512)).unwrap_or(&bytes);
        let kind = label.kind(beginning);
        let decoded = if label.is_coded() || kind == Kind::Picture {
            Decoded::none()
        } else {
            Decoded::of(&label.content_type, &bytes, kind)
        };
        let text: &[u8] = decoded.text.as_deref().map_or(&bytes, |text| text);
        let form = match kind {
            Kind::Json => Form::Tree(JsonTree::parse(text)),
            Kind::Html => Form::Page(Outline::of(&String::from_utf8_lossy(text))),
            Kind::Picture => Picture::read(&bytes).map_or_else(Form::NoPicture, Form::Picture),
            Kind::Other => Form::Bytes,
        };
        Self {
            stand,
            decoded,
            form,
        }
    }
}

impl Stand {
    /// The bytes as they stand now.
    #[must_use]
    pub fn of(exchange: &Exchange, side: Side) -> Self {
        let bytes = match side {
            Side::Request => exchange.request.body.len(),
            Side::Response => response_bytes(exchange),
        };
        Self {
            id: exchange.id,
            side,
            bytes,
        }
    }
}

/// The kept bytes of the body that went to the client.
#[must_use]
pub fn response_body(exchange: &Exchange) -> Bytes {
    let Some(response) = &exchange.response else {
        return Bytes::new();
    };
    if is_own(response) {
        return response.own_body.clone();
    }
    let run = exchange.invocation();
    let Some((run, offset)) = run.zip(run.and_then(body_offset)) else {
        return Bytes::new();
    };
    let output = run.stdout.bytes();
    output.slice(offset.min(output.len())..)
}

/// The record has the body apart from what a script printed.
#[must_use]
pub fn is_own(response: &ResponseRecord) -> bool {
    matches!(response.author, Author::Studio | Author::Elsewhere)
}

/// How many bytes the script's body has, kept or not.
fn response_bytes(exchange: &Exchange) -> u64 {
    match &exchange.response {
        Some(response) if is_own(response) => response.own_body.len() as u64,
        Some(_) => exchange
            .invocation()
            .zip(exchange.invocation().and_then(body_offset))
            .map_or(0, |(run, offset)| {
                run.stdout.len().saturating_sub(offset as u64)
            }),
        None => 0,
    }
}

/// Where the body begins in what the script printed; of an `nph-` script after its own head.
#[must_use]
pub fn body_offset(run: &Invocation) -> Option<usize> {
    if run.nph {
        let beginning = run.stdout.first(64 * 1024);
        let crlf = memchr::memmem::find(&beginning, b"\r\n\r\n").map(|at| at + 4);
        let lf = memchr::memmem::find(&beginning, b"\n\n").map(|at| at + 2);
        return Some(crlf.into_iter().chain(lf).min().unwrap_or(0));
    }
    usize::try_from(run.body_offset()?).ok()
}

/// What was read of the selected request; a worker reads more when a panel asks.
#[derive(Debug, Default)]
pub struct Contents {
    request: Slot,
    response: Slot,
}

#[derive(Debug, Default)]
struct Slot {
    asked: Option<Stand>,
    content: Option<Arc<Content>>,
}

impl Contents {
    fn slot(&mut self, side: Side) -> &mut Slot {
        match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        }
    }

    /// Notes that somebody reads these bytes now; `false` when somebody does already.
    pub fn ask(&mut self, stand: Stand) -> bool {
        let slot = self.slot(stand.side);
        let is_new = slot.asked != Some(stand);
        slot.asked = Some(stand);
        is_new
    }

    /// Takes what was read, unless other bytes were asked for since.
    pub fn take(&mut self, content: Content) {
        let slot = self.slot(content.stand.side);
        if slot.asked == Some(content.stand) {
            slot.content = Some(Arc::new(content));
        }
    }

    /// What was read of these bytes.
    #[must_use]
    pub fn of(&self, stand: Stand) -> Option<&Arc<Content>> {
        let slot = match stand.side {
            Side::Request => &self.request,
            Side::Response => &self.response,
        };
        slot.content
            .as_ref()
            .filter(|content| content.stand == stand)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::asked;
    use super::*;

    #[track_caller]
    fn check_kind(content_type: &str, coding: &str, beginning: &[u8], expected: Kind) {
        let label = Label {
            content_type: content_type.into(),
            coding: coding.into(),
        };
        assert_eq!(label.kind(beginning), expected, "{content_type}");
    }

    #[test]
    fn the_type_says_what_a_body_is_and_its_bytes_where_the_type_does_not() {
        check_kind("text/html; charset=utf-8", "", b"<p>", Kind::Html);
        check_kind("Application/JSON", "", b"", Kind::Json);
        check_kind("application/problem+json", "identity", b"{}", Kind::Json);
        check_kind("text/plain", "", b" {\"a\": 1}", Kind::Json);
        check_kind("text/plain", "", b"[1]", Kind::Json);
        check_kind("text/plain", "", b"[section]", Kind::Other);
        check_kind("text/plain", "", b"{ print $1 }", Kind::Other);
        check_kind("text/html", "", b"\x89PNG\r\n\x1a\n", Kind::Picture);
        check_kind("application/json", "gzip", b"\x1f\x8b", Kind::Other);
    }

    #[test]
    fn a_body_is_read_by_its_label() {
        let head = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\r\n";
        let exchange = asked(3, head, "{\"a\": [1]}");
        let content = Content::read(&exchange, Side::Request);
        assert!(matches!(&content.form, Form::Tree(tree) if tree.nodes.len() == 3));
        assert_eq!(content.stand, Stand::of(&exchange, Side::Request));
    }

    #[test]
    fn bytes_are_read_once_until_there_are_others() {
        let head = "POST /a HTTP/1.1\r\nHost: h\r\n\r\n";
        let (one, two) = (asked(1, head, "x"), asked(2, head, "y"));
        let (first, second) = (
            Stand::of(&one, Side::Request),
            Stand::of(&two, Side::Request),
        );
        let mut contents = Contents::default();
        assert!(contents.ask(first));
        assert!(!contents.ask(first));
        assert!(contents.ask(second));
        contents.take(Content::read(&one, Side::Request));
        assert!(contents.of(first).is_none(), "nobody waits for it any more");
        contents.take(Content::read(&two, Side::Request));
        assert!(contents.of(second).is_some());
    }
}
