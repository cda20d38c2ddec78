//! Pages that reload by themselves after a save: which pages get the script for it, and what the script listens to.
//!
//! It is off at first. A page that gets the script says so in a field of its own, so that the record of the response
//! lists it under what the server added; the output of the script that made the page is recorded as it was.

use super::body::{Piece, ReplyBody, Source};
use super::connection::Connection;
use super::gateway::Reply;
use super::{Host, reply, site_rules};
use crate::cgi::request_head::RequestHead;
use crate::exchange::Origin;
use crate::recorder::Pen;
use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Names with a dot in front are never served, so no file of a site has this path.
const PATH: &[u8] = b"/.cgi-studio/reload";
/// The number of saves comes first, and again after each save. A page that is hidden lets go of its connection, of
/// which a browser has six, and asks again when it is seen.
const SCRIPT: &[u8] = br#"<!-- added by CGI Studio: reloads this page after a save --><script>(()=>{let n,s;const o=()=>{s=new EventSource("/.cgi-studio/reload");s.onmessage=e=>{if(n===undefined)n=e.data;else if(n!==e.data){s.close();location.reload()}}};document.addEventListener("visibilitychange",()=>{if(document.hidden){if(s)s.close()}else o()});if(!document.hidden)o()})()</script>
"#;
/// Tells who looks at the response what was put in.
const ADDED: HeaderName = HeaderName::from_static("cgi-studio-added");
/// A page whose connection was lost asks again after so many milliseconds.
const RETRY: &str = "retry: 1000\n";
/// A connection on which nothing can be written any more is noticed by writing.
const STILL_THERE: Duration = Duration::from_secs(15);

/// Whether pages get the script.
#[derive(Default)]
pub(crate) struct Reload {
    on: watch::Sender<bool>,
    /// It was told that a page cannot have it.
    told: AtomicBool,
}

impl Reload {
    pub(crate) fn switch(&self, on: bool) {
        self.on.send_replace(on);
    }

    pub(crate) fn is_on(&self) -> bool {
        *self.on.borrow()
    }
}

/// Answers a page that asks whether something was saved; none: the request is for something else. It is not recorded.
pub(super) fn answer(
    connection: &Arc<Connection>,
    head: &RequestHead,
    pen: &Arc<Pen>,
) -> Option<Reply> {
    let host = &connection.host;
    let is_asked = head.target() == PATH && head.method() == b"GET";
    let may = || site_rules::may_be_asked(head, connection.facts.local, &host.site().config);
    if !is_asked || may().is_err() {
        return None;
    }
    pen.forget();
    let (sender, pieces) = mpsc::channel(1);
    if host.reload.is_on() {
        host.tasks.spawn(tell_saves(Arc::clone(host), sender));
    }
    let source = Source::Script(pieces, (!host.reload.is_on()).then_some(0));
    let mut reply = Reply::new(ReplyBody::new(source, connection, pen));
    if !host.reload.is_on() {
        // A page of before the switch asks no more (WHATWG HTML, server-sent events).
        *reply.status_mut() = StatusCode::NO_CONTENT;
        return Some(reply);
    }
    let headers = reply.headers_mut();
    let stream = HeaderValue::from_static("text/event-stream");
    headers.insert(header::CONTENT_TYPE, stream);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply::add_server(headers);
    Some(reply)
}

async fn tell_saves(host: Arc<Host>, page: mpsc::Sender<Piece>) {
    let mut saves = host.on_save.saves.subscribe();
    let mut on = host.reload.on.subscribe();
    let mut words = format!("{RETRY}data: {}\n\n", *saves.borrow_and_update());
    while page.send(Piece::Bytes(words.into())).await.is_ok() {
        words = tokio::select! {
            // A page of before the switch must not reload at the next save.
            biased;
            _ = on.wait_for(|on| !on) => break,
            changed = saves.changed() => match changed {
                Ok(()) => format!("data: {}\n\n", *saves.borrow_and_update()),
                Err(_) => break,
            },
            () = tokio::time::sleep(STILL_THERE) => ":\n\n".to_owned(),
            () = page.closed() => break,
            () = host.stopping.cancelled() => break,
        };
    }
    let _ = page.send(Piece::Whole).await;
}

/// Whether a page would get the script, as far as the request tells.
pub(super) fn is_meant_for(connection: &Connection, head: &RequestHead) -> bool {
    connection.host.reload.is_on() && connection.origin == Origin::Socket && is_for_browser(head)
}

/// Puts the script into the page, if it is one that a browser shows.
pub(super) fn add_to(reply: &mut Reply, connection: &Connection, head: &RequestHead) {
    let host = &connection.host;
    if !is_meant_for(connection, head) || !is_whole_page(reply.status(), reply.headers()) {
        return;
    }
    if reply
        .headers()
        .contains_key(header::CONTENT_SECURITY_POLICY)
    {
        if !host.reload.told.swap(true, Ordering::Relaxed) {
            let target = head.target().escape_ascii();
            let words = format!(
                "a page with a Content-Security-Policy does not reload by itself: {target}"
            );
            host.recorder.notice(false, words);
        }
        return;
    }
    if !reply.body_mut().add_script(SCRIPT) {
        return;
    }
    let headers = reply.headers_mut();
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if let Some(length) = length {
        headers.insert(
            header::CONTENT_LENGTH,
            (length + SCRIPT.len() as u64).into(),
        );
    }
    let words = format!("a script that reloads the page, {} bytes", SCRIPT.len());
    if let Ok(words) = HeaderValue::from_str(&words) {
        headers.insert(ADDED, words);
    }
}

/// What a browser shows as a page of its own. Whatever a script asks for is none, nor what a form sent: it would be
/// sent again.
fn is_for_browser(head: &RequestHead) -> bool {
    let shown = match head.first("sec-fetch-dest") {
        Some(place) => matches!(place, b"document" | b"iframe" | b"frame"),
        None => head
            .values("accept")
            .any(|accept| memchr::memmem::find(accept, b"text/html").is_some()),
    };
    head.method() == b"GET" && shown
}

/// A page whose bytes are text in which a tag can stand.
fn is_whole_page(status: StatusCode, headers: &HeaderMap) -> bool {
    let whole = status != StatusCode::PARTIAL_CONTENT
        && !headers.contains_key(header::CONTENT_RANGE)
        && headers
            .get(header::CONTENT_ENCODING)
            .is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next(), types.next()) else {
        return false;
    };
    whole && kind.to_str().is_ok_and(is_html_in_ascii)
}

/// HTML in an encoding that has the letters of ASCII where ASCII has them.
fn is_html_in_ascii(kind: &str) -> bool {
    let mut parts = kind.split(';').map(str::trim);
    let is_html = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    is_html
        && charset.is_none_or(|charset| {
            let families = ["iso-8859-", "windows-125", "koi8-"];
            matches!(
                &*charset,
                "utf-8" | "utf8" | "us-ascii" | "ascii" | "latin1"
            ) || families.iter().any(|family| charset.starts_with(family))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cgi::request_head::{self, HeadLimits};

    #[track_caller]
    fn check_head(fields: &str, expected: bool) {
        let (method, fields) = fields.split_once(' ').unwrap();
        let raw = format!("{method} / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        let head = request_head::parse(raw.into(), &HeadLimits::default()).unwrap();
        assert_eq!(is_for_browser(&head), expected, "{method} {fields}");
    }

    #[test]
    fn only_what_a_browser_shows_as_a_page_is_one() {
        check_head("GET Accept: text/html,*/*\r\n", true);
        check_head("GET Sec-Fetch-Dest: document\r\n", true);
        check_head("GET Sec-Fetch-Dest: iframe\r\n", true);
        check_head("GET Accept: text/html\r\nSec-Fetch-Dest: empty\r\n", false);
        check_head("GET Accept: */*\r\n", false);
        check_head("HEAD Accept: text/html\r\n", false);
        check_head("POST Accept: text/html\r\n", false);
    }

    #[track_caller]
    fn check_page(status: u16, fields: &[(&'static str, &'static str)], expected: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(is_whole_page(status, &headers), expected, "{fields:?}");
    }

    #[test]
    fn only_whole_pages_in_plain_html_can_take_a_tag() {
        check_page(200, &[("content-type", "text/html")], true);
        check_page(500, &[("content-type", "text/html; charset=utf-8")], true);
        check_page(
            200,
            &[("content-type", "Text/HTML;charset=\"ISO-8859-1\"")],
            true,
        );
        check_page(200, &[("content-type", "text/html; charset=utf-16")], false);
        check_page(200, &[("content-type", "text/html; charset=utf-7")], false);
        check_page(200, &[("content-type", "text/htmlx")], false);
        check_page(200, &[("content-type", "text/plain")], false);
        check_page(200, &[], false);
        let html = ("content-type", "text/html");
        check_page(200, &[html, ("content-encoding", "gzip")], false);
        check_page(200, &[html, ("content-encoding", "identity")], true);
        check_page(206, &[html], false);
        check_page(200, &[html, ("content-range", "bytes 0-1/9")], false);
        check_page(200, &[html, ("content-type", "text/plain")], false);
    }
}
