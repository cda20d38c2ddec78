//! What a request carries for its script: query, cookies, form fields and files, taken apart once.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use cgi_engine::cgi::form::cookies::Cookies;
use cgi_engine::cgi::form::part::Part;
use cgi_engine::cgi::form::urlencoded::{self, Pair, Urlencoded};
use cgi_engine::cgi::form::{BodyForm, FormLimits, ProblemKind, Problems};
use cgi_engine::cgi::request_head::RequestHead;
use cgi_engine::cgi::script_uri::RequestTarget;
use cgi_engine::exchange::{ExchangeId, RequestRecord};

/// So much of a name or value is kept for its row, in bytes; the whole stands in its source.
const ROW_BYTES: usize = 256;

/// What a request carries, and the bytes that it stands in.
#[derive(Debug, Default)]
pub struct Carried {
    /// The request head as it came.
    head: Bytes,
    /// The kept beginning of the body in one piece.
    pub body: Bytes,
    /// The body is longer than what was kept of it, so the end of a form is missing.
    pub body_is_cut: bool,
    /// What was found: the query, the cookies, the form.
    pub items: Vec<Item>,
    /// What is wrong with it, by its place; the first of them.
    pub problems: Vec<Misfit>,
    /// How many problems there are.
    pub problem_count: u64,
    of: Option<Stand>,
}

/// Which bytes were taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stand {
    id: ExchangeId,
    head_bytes: usize,
    body_bytes: u64,
}

/// Where an item comes from; each has a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The query of the target.
    Query,
    /// A `Cookie` field.
    Cookie,
    /// A field of a form in the body.
    Field,
    /// An upload in the body.
    File,
}

/// Which bytes a range counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The request head.
    Head,
    /// The request body.
    Body,
}

/// One name with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it comes from.
    pub kind: Kind,
    /// The decoded name, cut for its row.
    pub name: Vec<u8>,
    /// The decoded value, cut for its row; of an upload the name of the file.
    pub shown: Vec<u8>,
    /// The media type, if it has one of its own.
    pub media_type: Option<Vec<u8>>,
    /// The size of the decoded value in bytes.
    pub size: u64,
    /// Which bytes the ranges count in.
    pub source: Source,
    /// All that was written of it: name and value, or a whole part.
    pub written: Range<usize>,
    value: Range<usize>,
    encoded: bool,
}

/// A problem at its place in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What it is.
    pub kind: ProblemKind,
    /// Which bytes `at` counts in.
    pub source: Source,
    /// Where it is.
    pub at: usize,
}

impl Kind {
    /// In the order in which a request carries them.
    pub const ALL: [Self; 4] = [Self::Query, Self::Cookie, Self::Field, Self::File];

    /// As a tag and a switch name it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Cookie => "Cookie",
            Self::Field => "Form",
            Self::File => "File",
        }
    }
}

impl Carried {
    /// Takes a request apart, unless `old` is of the same bytes.
    #[must_use]
    pub fn of(id: ExchangeId, request: &RequestRecord, old: Option<Self>) -> Self {
        let stand = Stand {
            id,
            head_bytes: request.raw_head.len(),
            body_bytes: request.body.len(),
        };
        if let Some(old) = old.filter(|old| old.of == Some(stand)) {
            return old;
        }
        let mut carried = Self {
            head: request.raw_head.clone(),
            body: request.body.bytes(),
            of: Some(stand),
            ..Self::default()
        };
        carried.body_is_cut = request.body.len() > carried.body.len() as u64;
        if let Some(head) = &request.head {
            carried.take_query(head);
            carried.take_cookies(head);
            let content_type = head.first("content-type").unwrap_or_default();
            carried.take_body(content_type);
        }
        carried
    }

    /// The bytes that ranges of this source count in.
    #[must_use]
    pub fn source(&self, source: Source) -> &[u8] {
        match source {
            Source::Head => &self.head,
            Source::Body => &self.body,
        }
    }

    /// The value of an item as a program reads it.
    #[must_use]
    pub fn value(&self, item: &Item) -> Cow<'_, [u8]> {
        let written = self.source(item.source).get(item.value.clone());
        let written = written.unwrap_or_default();
        if item.encoded {
            urlencoded::decode(written)
        } else {
            Cow::Borrowed(written)
        }
    }

    fn take_query(&mut self, head: &RequestHead) {
        let Ok(target) = RequestTarget::parse(head.target()) else {
            return;
        };
        let (Some(range), Some(query)) = (target.query.clone(), target.query()) else {
            return;
        };
        let form = Urlencoded::parse(query, &FormLimits::default());
        let base = head.target.start + range.start;
        self.take_pairs(&form.pairs, Kind::Query, Source::Head, base);
        self.take_problems(&form.problems, Source::Head, base);
    }

    fn take_cookies(&mut self, head: &RequestHead) {
        for field in head.fields_named("cookie") {
            let value = head.value(field);
            let base = field.value.start;
            let cookies = Cookies::parse(value, &FormLimits::default());
            for cookie in &cookies.pairs {
                let part = |range: &Range<usize>| value.get(range.clone()).unwrap_or_default();
                self.items.push(Item {
                    kind: Kind::Cookie,
                    name: beginning(part(&cookie.name)),
                    shown: beginning(part(&cookie.value)),
                    media_type: None,
                    size: cookie.value.len() as u64,
                    source: Source::Head,
                    written: moved(&(cookie.name.start..cookie.value.end), base),
                    value: moved(&cookie.value, base),
                    encoded: false,
                });
            }
            self.take_problems(&cookies.problems, Source::Head, base);
        }
    }

    fn take_body(&mut self, content_type: &[u8]) {
        if self.body.is_empty() {
            return;
        }
        match BodyForm::read(content_type, &self.body, &FormLimits::default()) {
            BodyForm::Urlencoded(form) => {
                self.take_pairs(&form.pairs, Kind::Field, Source::Body, 0);
                self.take_problems(&form.problems, Source::Body, 0);
            }
            BodyForm::Multipart(form) => {
                for part in form.leaves() {
                    let item = of_part(part, &self.body);
                    self.items.push(item);
                }
                self.take_problems(&form.problems, Source::Body, 0);
            }
            BodyForm::Other => {}
        }
    }

    /// The pairs of a form that starts at `base`.
    fn take_pairs(&mut self, pairs: &[Pair], kind: Kind, source: Source, base: usize) {
        for pair in pairs {
            let form = self.source(source).get(base..).unwrap_or_default();
            let (name, value) = (pair.name(form), pair.value(form));
            let range = pair.value.clone().unwrap_or(pair.name.end..pair.name.end);
            let item = Item {
                kind,
                name: beginning(&name),
                shown: beginning(&value),
                media_type: None,
                size: value.len() as u64,
                source,
                written: moved(&(pair.name.start..range.end), base),
                value: moved(&range, base),
                encoded: true,
            };
            self.items.push(item);
        }
    }

    fn take_problems(&mut self, problems: &Problems, source: Source, base: usize) {
        self.problem_count += problems.total();
        let kept = problems.kept().iter().map(|problem| Misfit {
            kind: problem.kind,
            source,
            at: base + problem.at,
        });
        self.problems.extend(kept);
    }
}

fn of_part(part: &Part, body: &[u8]) -> Item {
    let name = part.name.as_ref();
    let filename = part.filename.as_ref().map(|name| name.value.as_slice());
    let extended = part.extended_filename.as_ref();
    let filename = filename.or(extended.map(|name| name.value.as_slice()));
    Item {
        kind: if part.is_upload() {
            Kind::File
        } else {
            Kind::Field
        },
        name: beginning(name.map_or(b"", |name| &name.value)),
        shown: beginning(filename.unwrap_or_else(|| part.content(body))),
        media_type: part.content_type(body).map(beginning),
        size: part.content.len() as u64,
        source: Source::Body,
        written: part.header.start..part.content.end,
        value: part.content.clone(),
        encoded: false,
    }
}

fn beginning(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..ROW_BYTES).unwrap_or(bytes).to_vec()
}

fn moved(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

#[cfg(test)]
mod tests {
    use super::super::testing::asked;
    use super::*;

    #[track_caller]
    fn check(head: &str, body: &str, expected: &[(Kind, &str, &str, &str)]) {
        let exchange = asked(7, head, body);
        let carried = Carried::of(exchange.id, &exchange.request, None);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let found: Vec<_> = carried
            .items
            .iter()
            .map(|item| {
                let written = &carried.source(item.source)[item.written.clone()];
                let value = text(&carried.value(item));
                assert_eq!(item.size, value.len() as u64);
                (item.kind, text(&item.name), value, text(written))
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(kind, name, value, written)| {
                let [name, value, written] = [name, value, written].map(|text| (*text).to_owned());
                (*kind, name, value, written)
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn everything_that_a_request_carries_is_found_at_its_place() {
        check(
            "POST /cgi-bin/a?q=1+2&q HTTP/1.1\r\nHost: h\r\nCookie: s=%20; t=2\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n",
            "name=S%41&b=",
            &[
                (Kind::Query, "q", "1 2", "q=1+2"),
                (Kind::Query, "q", "", "q"),
                (Kind::Cookie, "s", "%20", "s=%20"),
                (Kind::Cookie, "t", "2", "t=2"),
                (Kind::Field, "name", "SA", "name=S%41"),
                (Kind::Field, "b", "", "b="),
            ],
        );
        check(
            "GET http://h/cgi-bin/a?x=y HTTP/1.1\r\nHost: h\r\n\r\n",
            "",
            &[(Kind::Query, "x", "y", "x=y")],
        );
        check("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "not a form", &[]);
    }

    #[test]
    fn files_and_fields_of_an_upload_are_told_apart() {
        let body = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n\
            --b\r\nContent-Disposition: form-data; name=f; filename=n.txt\r\n\
            Content-Type: text/plain\r\n\r\nhello\r\n--b--\r\n";
        let head = "POST /a HTTP/1.1\r\nHost: h\r\n\
            Content-Type: multipart/form-data; boundary=b\r\n\r\n";
        let exchange = asked(7, head, body);
        let carried = Carried::of(exchange.id, &exchange.request, None);
        let [field, file] = carried.items.as_slice() else {
            panic!("{:?}", carried.items)
        };
        assert_eq!((field.kind, file.kind), (Kind::Field, Kind::File));
        assert_eq!((file.shown.as_slice(), file.size), (&b"n.txt"[..], 5));
        assert_eq!(file.media_type.as_deref(), Some(&b"text/plain"[..]));
        assert_eq!(&*carried.value(file), b"hello");
    }

    #[test]
    fn a_problem_has_its_place_in_the_request() {
        let head = "GET /a?b=%zz HTTP/1.1\r\nHost: h\r\n\r\n";
        let exchange = asked(7, head, "");
        let carried = Carried::of(exchange.id, &exchange.request, None);
        let at = head.find('%').unwrap();
        let expected = Misfit {
            kind: ProblemKind::BadEscape,
            source: Source::Head,
            at,
        };
        assert_eq!(carried.problems, [expected]);
        assert_eq!(carried.problem_count, 1);
    }

    #[test]
    fn the_same_bytes_are_taken_apart_once() {
        let exchange = asked(7, "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n", "");
        let mut first = Carried::of(exchange.id, &exchange.request, None);
        first.items.clear();
        let again = Carried::of(exchange.id, &exchange.request, Some(first));
        assert_eq!(again.items, []);
        let more = asked(7, "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n", "x");
        let again = Carried::of(more.id, &more.request, Some(again));
        assert_eq!(again.items.len(), 1);
    }
}
