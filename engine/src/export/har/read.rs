//! An HTTP archive as exchanges, whichever program wrote it.
//!
//! What is no archive is refused with the reason and its place; an entry of an archive that no CGI host can have
//! answered (a WebSocket, an extension's page) is left out and named.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

use super::shape::{Document, Entry, Param, PostData, Request, Response};
use crate::cgi::grammar::{is_field_value_byte, is_token};
use crate::cgi::request::ConnectionFacts;
use crate::cgi::request_head::{HeadLimits, parse};
use crate::clock::Timestamp;
use crate::exchange::{
    Author, BodyEnd, CapturedBody, End, Exchange, ExchangeId, Moment, Origin, Refusal,
    RequestRecord, ResponseRecord, Selection, Timeline,
};

/// A larger archive is refused: reading takes several times its size.
pub const HAR_BYTES: u64 = 512 << 20;
/// More entries are refused.
pub const HAR_ENTRIES: usize = 100_000;

/// Why a file is no archive that can be read.
#[derive(Debug, thiserror::Error)]
pub enum HarError {
    /// It is too large.
    #[error("the archive has {bytes} bytes; at most {HAR_BYTES} are read")]
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// It is no JSON, or JSON of another shape; line and column are told.
    #[error("not an HTTP archive: {source}")]
    Malformed {
        /// What was expected, and where.
        #[from]
        source: serde_json::Error,
    },
    /// Another format with the same name.
    #[error("not an HTTP archive of version 1: its `log.version` is {version:?}")]
    Version {
        /// What it says.
        version: String,
    },
    /// It has too many entries.
    #[error("the archive has {entries} entries; at most {HAR_ENTRIES} are read")]
    TooManyEntries {
        /// How many.
        entries: usize,
    },
}

/// An archive that was read.
#[derive(Debug)]
pub struct ReadHar {
    /// The program that wrote it, as it names itself; empty where it does not.
    pub creator: String,
    /// The exchanges in the order of the archive. Their numbers are 0: who takes them in gives them others.
    pub exchanges: Vec<Exchange>,
    /// What was left out, and why, each in one sentence.
    pub left_out: Vec<String>,
}

/// Reads an archive.
///
/// # Errors
/// What is no archive of version 1, or too large: see [`HarError`].
pub fn read_har(bytes: &[u8]) -> Result<ReadHar, HarError> {
    if bytes.len() as u64 > HAR_BYTES {
        return Err(HarError::TooLarge {
            bytes: bytes.len() as u64,
        });
    }
    // Some programs write the mark of Unicode before their JSON, where it does not belong.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Document { log } = serde_json::from_slice(bytes)?;
    if !log.version.starts_with("1.") {
        return Err(HarError::Version {
            version: log.version,
        });
    }
    if log.entries.len() > HAR_ENTRIES {
        return Err(HarError::TooManyEntries {
            entries: log.entries.len(),
        });
    }
    let mut read = ReadHar {
        creator: format!("{} {}", log.creator.name, log.creator.version)
            .trim()
            .to_owned(),
        exchanges: Vec::with_capacity(log.entries.len()),
        left_out: Vec::new(),
    };
    for (index, entry) in log.entries.into_iter().enumerate() {
        match exchange(entry) {
            Ok(exchange) => read.exchanges.push(exchange),
            Err(why) => read
                .left_out
                .push(format!("entry {} is left out: {why}", index + 1)),
        }
    }
    Ok(read)
}

/// Why an entry is left out.
#[derive(Debug, thiserror::Error)]
enum LeftOut {
    #[error("its URL is not of http or https: {0:?}")]
    Url(String),
    #[error("its method is no token: {0:?}")]
    Method(String),
    #[error("its startedDateTime is no date: {0:?}")]
    Date(String),
    #[error("its {0} is not base64")]
    Base64(&'static str),
}

fn exchange(entry: Entry) -> Result<Exchange, LeftOut> {
    let started = Timestamp::parse(&entry.started_date_time)
        .ok_or_else(|| LeftOut::Date(entry.started_date_time.clone()))?;
    let url = Url::parse(&entry.request.url)?;
    let body = request_body(entry.request.post_data.as_ref())?;
    let raw_head = match exact_head(entry.cgi.as_ref()) {
        Some(head) => head,
        None => request_head(&entry.request, &url, body.len())?,
    };
    let response = response(&entry.response)?;
    let timeline = timeline(&entry, response.is_some());
    let raw_head = Bytes::from(raw_head);
    let head = parse(raw_head.clone(), &HeadLimits::default());
    Ok(Exchange {
        id: ExchangeId(0),
        started,
        origin: Origin::Imported { from: "".into() },
        connection: connection(&entry, &url),
        request: RequestRecord {
            refusal: head.as_ref().err().map(|error| Refusal {
                status: error.status(),
                reason: error.to_string(),
                authority: error.section().to_owned(),
                at: Some(error.at),
                excerpt: error.excerpt.clone(),
            }),
            head: head.ok().map(Arc::new),
            raw_head,
            login: None,
            body_end: (!body.is_empty()).then_some(BodyEnd::Complete),
            body: captured(&body),
        },
        selection: Selection::default(),
        invocations: Vec::new(),
        end: Some(match &response {
            Some(_) => End::Answered,
            None => End::Unanswered(crate::exchange::EndCause::Internal(
                entry
                    .response
                    .error
                    .unwrap_or_else(|| "the archive has no answer".to_owned()),
            )),
        }),
        response,
        timeline,
    })
}

/// An http URL in its parts, as written.
struct Url<'u> {
    https: bool,
    authority: &'u str,
    /// From the slash on, without a fragment.
    target: Cow<'u, str>,
}

impl<'u> Url<'u> {
    fn parse(url: &'u str) -> Result<Self, LeftOut> {
        let wrong = || LeftOut::Url(url.chars().take(200).collect());
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let https = scheme.eq_ignore_ascii_case("https");
        if !https && !scheme.eq_ignore_ascii_case("http") {
            return Err(wrong());
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let host = authority.rsplit('@').next().unwrap_or_default();
        if host.is_empty() || !host.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong());
        }
        Ok(Self {
            https,
            authority: host,
            target: match target.starts_with('/') {
                true => Cow::Borrowed(target),
                false => Cow::Owned(format!("/{target}")),
            },
        })
    }
}

/// The head byte by byte, where the studio itself wrote the archive.
fn exact_head(cgi: Option<&Value>) -> Option<Vec<u8>> {
    match cgi?.pointer("/request/raw_head")? {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Object(object) => STANDARD.decode(object.get("base64")?.as_str()?).ok(),
        _ => None,
    }
    .filter(|head| !head.is_empty())
}

/// The head as HTTP/1 has it. What frames the body is written anew: an archive holds bodies decoded.
fn request_head(request: &Request, url: &Url<'_>, body_bytes: usize) -> Result<Vec<u8>, LeftOut> {
    if !is_token(request.method.as_bytes()) {
        return Err(LeftOut::Method(request.method.clone()));
    }
    let version = match request.http_version.eq_ignore_ascii_case("HTTP/1.0") {
        true => "HTTP/1.0",
        false => "HTTP/1.1",
    };
    let target: String = url
        .target
        .split([' ', '\r', '\n', '\t', '\0'])
        .collect::<Vec<_>>()
        .join("%20");
    let mut head = format!("{} {target} {version}\r\n", request.method).into_bytes();
    let named = |name: &str| {
        let mut headers = request.headers.iter();
        headers.any(|pair| pair.name.eq_ignore_ascii_case(name))
    };
    if !named("host") {
        field(&mut head, "Host", url.authority);
    }
    for pair in &request.headers {
        let framing = ["content-length", "transfer-encoding"];
        // Pseudo-fields of HTTP/2 say what the first line says.
        let left_out = pair.name.starts_with(':')
            || framing
                .iter()
                .any(|name| pair.name.eq_ignore_ascii_case(name));
        if !left_out {
            field(&mut head, &pair.name, &pair.value);
        }
    }
    let typed = request.post_data.as_ref().map(|post| &post.mime_type);
    if let Some(media_type) = typed.filter(|name| !name.is_empty() && !named("content-type")) {
        field(&mut head, "Content-Type", media_type);
    }
    if body_bytes > 0 || named("content-length") {
        field(&mut head, "Content-Length", &body_bytes.to_string());
    }
    head.extend_from_slice(b"\r\n");
    Ok(head)
}

/// A line of a head; what could end it, and so forge another, becomes a space.
fn field(head: &mut Vec<u8>, name: &str, value: &str) {
    if !is_token(name.as_bytes()) {
        return;
    }
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend(value.bytes().map(|byte| {
        if is_field_value_byte(byte) {
            byte
        } else {
            b' '
        }
    }));
    head.extend_from_slice(b"\r\n");
}

fn request_body(post: Option<&PostData>) -> Result<Vec<u8>, LeftOut> {
    let Some(post) = post else {
        return Ok(Vec::new());
    };
    match (&post.text, &post.encoding) {
        (Some(text), Some(encoding)) if encoding == "base64" => STANDARD
            .decode(text)
            .map_err(|_| LeftOut::Base64("request body")),
        (Some(text), _) if !text.is_empty() || post.params.is_empty() => {
            Ok(text.clone().into_bytes())
        }
        _ => Ok(form(&post.params)),
    }
}

/// Some programs write the fields of a form and not its text.
fn form(params: &[Param]) -> Vec<u8> {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
            .to_string()
            .replace("%20", "+")
    };
    let pairs = params.iter();
    let pairs = pairs.map(|param| format!("{}={}", encoded(&param.name), encoded(&param.value)));
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}

/// None where the archive says that nothing was answered: browsers write the status 0 then.
fn response(response: &Response) -> Result<Option<ResponseRecord>, LeftOut> {
    let Some(status) = u16::try_from(response.status)
        .ok()
        .filter(|status| *status > 0)
    else {
        return Ok(None);
    };
    let body = match (&response.content.text, &response.content.encoding) {
        (Some(text), Some(encoding)) if encoding == "base64" => STANDARD
            .decode(text)
            .map_err(|_| LeftOut::Base64("response body"))?,
        (Some(text), _) => text.clone().into_bytes(),
        (None, _) => Vec::new(),
    };
    let phrase = response.status_text.bytes();
    let phrase = phrase.map(|byte| {
        if is_field_value_byte(byte) {
            byte
        } else {
            b' '
        }
    });
    let mut head = format!("HTTP/1.1 {status} ").into_bytes();
    head.extend(phrase);
    head.extend_from_slice(b"\r\n");
    for pair in &response.headers {
        field(&mut head, &pair.name, &pair.value);
    }
    head.extend_from_slice(b"\r\n");
    let sent = response.body_size.and_then(|size| u64::try_from(size).ok());
    Ok(Some(ResponseRecord {
        status,
        author: Author::Elsewhere,
        sent_head: head.into(),
        body_bytes: sent.unwrap_or(body.len() as u64).max(body.len() as u64),
        own_body: body.into(),
    }))
}

fn connection(entry: &Entry, url: &Url<'_>) -> ConnectionFacts {
    let address = entry.server_ip_address.as_deref().unwrap_or_default();
    let address = address.trim_matches(['[', ']']).parse::<IpAddr>();
    let named = url
        .authority
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok());
    let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    ConnectionFacts {
        local: SocketAddr::new(
            address.unwrap_or(nowhere),
            named.unwrap_or(if url.https { 443 } else { 80 }),
        ),
        peer: SocketAddr::new(nowhere, 0),
        https: url.https,
        synthetic: true,
    }
}

fn timeline(entry: &Entry, answered: bool) -> Timeline {
    let millis =
        |millis: f64| Duration::try_from_secs_f64(millis.max(0.0) / 1000.0).unwrap_or_default();
    let timings = &entry.timings;
    let sent = millis(timings.send);
    let started = sent.saturating_add(millis(timings.wait));
    let ended = started.saturating_add(millis(timings.receive));
    let ended = if ended.is_zero() {
        millis(entry.time.unwrap_or_default())
    } else {
        ended
    };
    let mut timeline = Timeline::default();
    timeline.note(Moment::HeadComplete, sent);
    timeline.note(Moment::BodyComplete, sent);
    if answered {
        timeline.note(Moment::ResponseStarted, started);
        timeline.note(Moment::ResponseEnded, ended);
    }
    timeline.note(Moment::Finished, ended);
    timeline
}

fn captured(body: &[u8]) -> CapturedBody {
    let mut captured = CapturedBody::new(body.len());
    captured.push(&Bytes::copy_from_slice(body), Duration::ZERO);
    captured
}
