//! The request of an exchange as JSON: as it was sent, and taken apart.

use std::borrow::Cow;

use serde::Serialize;

use super::octets::{Octets, Span, Stream, span};
use crate::cgi::form::cookies::Cookies;
use crate::cgi::form::part::Part;
use crate::cgi::form::urlencoded::Urlencoded;
use crate::cgi::form::{BodyForm, FormLimits, Problems};
use crate::cgi::request_head::RequestHead;
use crate::exchange::{BodyEnd, Refusal, RequestRecord};

#[derive(Serialize)]
pub(super) struct RequestView<'a> {
    method: Octets<'a>,
    target: Octets<'a>,
    version: Option<String>,
    raw_head: Octets<'a>,
    fields: Vec<FieldView<'a>>,
    query: Option<FormView<'a>>,
    cookies: Vec<FormView<'a>>,
    body: Stream<'a>,
    body_end: Option<BodyEndView<'a>>,
    form: Option<FormView<'a>>,
    login: Option<&'a str>,
    refusal: Option<RefusalView<'a>>,
}

#[derive(Serialize)]
struct FieldView<'a> {
    name: Octets<'a>,
    value: Octets<'a>,
    span: Span,
}

/// Pairs or parts in their order, and what is wrong with them.
#[derive(Serialize)]
struct FormView<'a> {
    kind: &'static str,
    fields: Vec<PairView<'a>>,
    problems: Vec<ProblemView>,
}

#[derive(Serialize, Default)]
struct PairView<'a> {
    name: Option<Octets<'a>>,
    value: Option<Octets<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<Octets<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<Octets<'a>>,
}

#[derive(Serialize)]
struct ProblemView {
    problem: String,
    at: usize,
}

#[derive(Serialize)]
struct BodyEndView<'a> {
    kind: &'static str,
    received_bytes: Option<u64>,
    announced_bytes: Option<u64>,
    limit_bytes: Option<u64>,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct RefusalView<'a> {
    status: u16,
    reason: &'a str,
    authority: &'a str,
    at: Option<usize>,
    excerpt: Octets<'a>,
}

impl<'a> RequestView<'a> {
    pub(super) fn of(request: &'a RequestRecord) -> Self {
        let head = request.head.as_deref();
        Self {
            method: match head {
                Some(head) => head.method().into(),
                None => owned(request.method().into_bytes()),
            },
            target: match head {
                Some(head) => head.target().into(),
                None => owned(request.target().into_bytes()),
            },
            version: head.map(|head| format!("HTTP/{}.{}", head.version.0, head.version.1)),
            raw_head: request.raw_head.as_ref().into(),
            fields: head.map(fields).unwrap_or_default(),
            query: head.and_then(query),
            cookies: head.map(cookies).unwrap_or_default(),
            body: Stream::of(&request.body),
            body_end: request.body_end.as_ref().map(body_end),
            form: head.and_then(|head| form(head, request)),
            login: request.login.as_deref(),
            refusal: request.refusal.as_ref().map(refusal),
        }
    }
}

fn owned<'a>(bytes: Vec<u8>) -> Octets<'a> {
    Cow::<[u8]>::Owned(bytes).into()
}

fn fields(head: &RequestHead) -> Vec<FieldView<'_>> {
    let view = head.fields.iter().map(|field| FieldView {
        name: head.name(field).into(),
        value: head.value(field).into(),
        span: span(&field.line),
    });
    view.collect()
}

fn query(head: &RequestHead) -> Option<FormView<'_>> {
    let target = head.target();
    let mark = memchr::memchr(b'?', target)?;
    Some(urlencoded("query", target.get(mark + 1..)?))
}

fn urlencoded<'a>(kind: &'static str, source: &[u8]) -> FormView<'a> {
    let form = Urlencoded::parse(source, &FormLimits::default());
    let pairs = form.pairs.iter().map(|pair| PairView {
        name: Some(owned(pair.name(source).into_owned())),
        value: pair
            .value
            .is_some()
            .then(|| owned(pair.value(source).into_owned())),
        ..PairView::default()
    });
    FormView {
        kind,
        fields: pairs.collect(),
        problems: problems(&form.problems),
    }
}

fn cookies(head: &RequestHead) -> Vec<FormView<'_>> {
    let of_field = |value| {
        let cookies = Cookies::parse(value, &FormLimits::default());
        let part = |range: &std::ops::Range<usize>| value.get(range.clone()).map(Octets::from);
        let pairs = cookies.pairs.iter().map(|cookie| PairView {
            name: part(&cookie.name),
            value: part(&cookie.value),
            ..PairView::default()
        });
        FormView {
            kind: "cookies",
            fields: pairs.collect(),
            problems: problems(&cookies.problems),
        }
    };
    head.values("cookie").map(of_field).collect()
}

/// None where the body is no form, or where a part of it is missing.
fn form<'a>(head: &RequestHead, request: &RequestRecord) -> Option<FormView<'a>> {
    let content_type = head.first("content-type")?;
    if request.body.cut_bytes() > 0 {
        return None;
    }
    let body = request.body.head();
    match BodyForm::read(content_type, &body, &FormLimits::default()) {
        BodyForm::Urlencoded(_) => Some(urlencoded("urlencoded", &body)),
        BodyForm::Multipart(multipart) => Some(FormView {
            kind: "multipart",
            fields: multipart
                .leaves()
                .into_iter()
                .map(|part| part_view(part, &body))
                .collect(),
            problems: problems(&multipart.problems),
        }),
        BodyForm::Other => None,
    }
}

fn part_view<'a>(part: &Part, body: &[u8]) -> PairView<'a> {
    let value = |bytes: &[u8]| owned(bytes.to_vec());
    PairView {
        name: part.name.as_ref().map(|name| value(&name.value)),
        value: Some(value(part.content(body))),
        filename: part.filename.as_ref().map(|name| value(&name.value)),
        content_type: part.content_type(body).map(value),
    }
}

fn problems(problems: &Problems) -> Vec<ProblemView> {
    let view = problems.kept().iter().map(|problem| ProblemView {
        problem: problem.kind.to_string(),
        at: problem.at,
    });
    view.collect()
}

fn body_end(end: &BodyEnd) -> BodyEndView<'_> {
    let mut view = BodyEndView {
        kind: "complete",
        received_bytes: None,
        announced_bytes: None,
        limit_bytes: None,
        reason: None,
    };
    match end {
        BodyEnd::Complete => {}
        BodyEnd::Short {
            received,
            announced,
        } => {
            view.kind = "short";
            view.received_bytes = Some(*received);
            view.announced_bytes = *announced;
        }
        BodyEnd::TooLong { limit } => {
            view.kind = "too_long";
            view.limit_bytes = Some(*limit);
        }
        BodyEnd::Malformed(reason) => {
            view.kind = "malformed";
            view.reason = Some(reason);
        }
    }
    view
}

fn refusal(refusal: &Refusal) -> RefusalView<'_> {
    RefusalView {
        status: refusal.status,
        reason: &refusal.reason,
        authority: &refusal.authority,
        at: refusal.at,
        excerpt: refusal.excerpt.as_slice().into(),
    }
}
