//! Exchanges as an HTTP archive.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

use super::document::{
    Cache, Content, Cookie, Creator, Document, Entry, Log, Pair, PostData, Request, Response,
    Timings,
};
use super::facts::facts;
use crate::cgi::form::FormLimits;
use crate::cgi::form::content_type::ContentType;
use crate::cgi::form::cookies::Cookies;
use crate::cgi::form::urlencoded::Urlencoded;
use crate::cgi::request_head::RequestHead;
use crate::exchange::{CapturedBody, End, Exchange, Moment, sent_fields};
use crate::export::response_body;

/// What a URL in an archive may not hold as it is; brackets and braces stay, as browsers leave them in a query.
const NOT_IN_URLS: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'#');

/// The exchanges in their order as one archive, indented, ending in a line end.
///
/// What HAR cannot say stands in `_cgi` of each entry: the environment, the processes, standard error, findings, and
/// the request head byte by byte. Bodies that are not UTF-8 are base64.
///
/// # Errors
/// None that the data can cause; `serde_json` reports the writer's.
pub fn har(exchanges: &[&Exchange]) -> serde_json::Result<String> {
    let entries = exchanges.iter().map(|exchange| entry(exchange));
    let document = Document {
        log: Log {
            version: "1.2",
            creator: Creator {
                name: "CGI Studio",
                version: env!("CARGO_PKG_VERSION"),
            },
            pages: [],
            entries: entries.collect::<Result<_, _>>()?,
        },
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

fn entry(exchange: &Exchange) -> serde_json::Result<Entry> {
    let timings = timings(exchange);
    Ok(Entry {
        started_date_time: exchange.started.to_string(),
        time: timings.send + timings.wait + timings.receive,
        request: request(exchange),
        response: response(exchange),
        cache: Cache {},
        timings,
        server_ip_address: exchange.connection.local.ip().to_string(),
        connection: exchange.connection.peer.port().to_string(),
        cgi: facts(exchange)?,
    })
}

/// From the first byte that came: the request, the wait for the answer, the answer. The connection stood already.
fn timings(exchange: &Exchange) -> Timings {
    let at = |moment| exchange.timeline.at(moment);
    let last = exchange.timeline.last().unwrap_or_default();
    let ended = at(Moment::ResponseEnded).unwrap_or(last);
    let started = at(Moment::ResponseStarted).unwrap_or(ended).min(ended);
    let sent = at(Moment::BodyComplete).or(at(Moment::HeadComplete));
    // An answer may begin before the request is complete.
    let sent = sent.unwrap_or_default().min(started);
    let millis = |time: std::time::Duration| time.as_micros() as f64 / 1000.0;
    Timings {
        blocked: -1.0,
        dns: -1.0,
        connect: -1.0,
        ssl: -1.0,
        send: millis(sent),
        wait: millis(started - sent),
        receive: millis(ended - started),
    }
}

fn request(exchange: &Exchange) -> Request {
    let record = &exchange.request;
    let head = record.head.as_deref();
    let version = head.map_or((1, 1), |head| head.version);
    Request {
        method: record.method(),
        url: url(exchange),
        http_version: format!("HTTP/{}.{}", version.0, version.1),
        cookies: head.map(request_cookies).unwrap_or_default(),
        headers: head.map(request_headers).unwrap_or_default(),
        query_string: head.map(query).unwrap_or_default(),
        post_data: head.and_then(|head| post_data(head, &record.body)),
        headers_size: size(record.raw_head.len() as u64),
        body_size: size(record.body.len()),
    }
}

/// Absolute, as the client would have written it.
fn url(exchange: &Exchange) -> String {
    let Some(head) = exchange.request.head.as_deref() else {
        return format!("http://{}/", exchange.connection.local);
    };
    let target = percent_encode(head.target(), NOT_IN_URLS).to_string();
    if target.contains("://") && !target.starts_with('/') {
        return target;
    }
    let scheme = exchange.connection.scheme();
    let host = head.first("host").filter(|host| !host.is_empty());
    let host = match host {
        // Brackets are part of an IPv6 address here.
        Some(host) => percent_encode(host, CONTROLS)
            .to_string()
            .replace([' ', '/', '?', '#'], ""),
        None => exchange.connection.local.to_string(),
    };
    let slash = if target.starts_with('/') { "" } else { "/" };
    format!("{scheme}://{host}{slash}{target}")
}

/// Bytes as text; those that are not UTF-8 as Latin-1, as browsers show fields.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

fn pair(name: &[u8], value: &[u8]) -> Pair {
    Pair {
        name: text(name),
        value: text(value),
    }
}

fn request_headers(head: &RequestHead) -> Vec<Pair> {
    let fields = head.fields.iter();
    fields
        .map(|field| pair(head.name(field), head.value(field)))
        .collect()
}

fn request_cookies(head: &RequestHead) -> Vec<Cookie> {
    let of_field = |value| {
        let cookies = Cookies::parse(value, &FormLimits::default());
        let part = |range| {
            text(
                value
                    .get::<std::ops::Range<usize>>(range)
                    .unwrap_or_default(),
            )
        };
        let cookies = cookies.pairs.into_iter().map(|cookie| Cookie {
            name: part(cookie.name),
            value: part(cookie.value),
            path: None,
            domain: None,
            http_only: false,
            secure: false,
        });
        cookies.collect::<Vec<_>>()
    };
    head.values("cookie").flat_map(of_field).collect()
}

fn query(head: &RequestHead) -> Vec<Pair> {
    let target = head.target();
    let Some(mark) = memchr::memchr(b'?', target) else {
        return Vec::new();
    };
    pairs(target.get(mark + 1..).unwrap_or_default())
}

fn pairs(source: &[u8]) -> Vec<Pair> {
    let form = Urlencoded::parse(source, &FormLimits::default());
    let pairs = form.pairs.iter();
    pairs
        .map(|one| pair(&one.name(source), &one.value(source)))
        .collect()
}

fn post_data(head: &RequestHead, body: &CapturedBody) -> Option<PostData> {
    if body.is_empty() {
        return None;
    }
    let content_type = head.first("content-type").unwrap_or_default();
    let bytes = body.head();
    let (text_of_body, encoding) = text_or_base64(&bytes);
    let lacking = body.len() - bytes.len() as u64;
    let is_form = ContentType::parse(content_type).is("application/x-www-form-urlencoded");
    Some(PostData {
        mime_type: text(content_type),
        params: if is_form { pairs(&bytes) } else { Vec::new() },
        text: text_of_body,
        encoding,
        comment: (lacking > 0)
            .then(|| format!("{lacking} bytes of its end are not here: they were not recorded")),
    })
}

fn text_or_base64(bytes: &[u8]) -> (String, Option<&'static str>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (STANDARD.encode(bytes), Some("base64")),
    }
}

/// A size that HAR counts in, -1 where it is not known.
fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(-1)
}

fn response(exchange: &Exchange) -> Response {
    let record = exchange.response.as_ref();
    let head = record.map_or(&b""[..], |response| &response.sent_head);
    let line = head
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default()
        .trim_ascii();
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let version = words.next().filter(|word| word.starts_with(b"HTTP/"));
    let field = |name: &str| {
        sent_fields(head)
            .find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|field| text(field.value))
    };
    let body = response_body(exchange);
    let size_of_body = record.map_or(0, |response| response.body_bytes);
    let known = body
        .as_ref()
        .filter(|body| body.missing.is_empty() || !body.bytes.is_empty());
    let written = known.map(|body| text_or_base64(&body.bytes));
    Response {
        status: record.map_or(0, |response| response.status),
        status_text: text(words.nth(1).unwrap_or_default()),
        http_version: text(version.unwrap_or(b"HTTP/1.1")),
        cookies: set_cookies(head),
        headers: sent_fields(head)
            .map(|field| pair(field.name, field.value))
            .collect(),
        content: Content {
            size: size_of_body,
            mime_type: field("content-type").unwrap_or_else(|| "x-unknown".to_owned()),
            encoding: written.as_ref().and_then(|(_, encoding)| *encoding),
            text: written.map(|(text, _)| text),
            comment: body
                .map(|body| body.missing)
                .filter(|missing| !missing.is_empty()),
        },
        redirect_url: field("location").unwrap_or_default(),
        headers_size: if head.is_empty() {
            -1
        } else {
            size(head.len() as u64)
        },
        body_size: size(size_of_body),
        error: match &exchange.end {
            Some(End::CutOff(cause) | End::Unanswered(cause)) => Some(cause.to_string()),
            Some(End::Answered) | None => None,
        },
    }
}

fn set_cookies(head: &[u8]) -> Vec<Cookie> {
    let named = sent_fields(head).filter(|field| field.name.eq_ignore_ascii_case(b"set-cookie"));
    named.map(|field| set_cookie(&text(field.value))).collect()
}

/// RFC 6265 §5.2: a pair, then attributes.
fn set_cookie(value: &str) -> Cookie {
    let mut parts = value.split(';').map(str::trim);
    let (name, value) = parts
        .next()
        .unwrap_or_default()
        .split_once('=')
        .unwrap_or_default();
    let mut cookie = Cookie {
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
        path: None,
        domain: None,
        http_only: false,
        secure: false,
    };
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match name.to_ascii_lowercase().as_str() {
            "path" => cookie.path = Some(value.to_owned()),
            "domain" => cookie.domain = Some(value.to_owned()),
            "httponly" => cookie.http_only = true,
            "secure" => cookie.secure = true,
            _ => {}
        }
    }
    cookie
}
