//! Pages that reload by themselves after a save: which pages get the script for it, and what the script listens to.
//!
//! It is off at first. A page that gets the script says so in a field of its own, so that the record of the response
//! lists it under what the server added; the output of the script that made the page is recorded as it was.

use super::body::{Piece, ReplyBody, Source};
use super::browser_page;
use super::connection::Connection;
use super::gateway::Reply;
use super::{Host, reply, site_rules};
use crate::cgi::request_head::RequestHead;
use crate::exchange::Origin;
use crate::recorder::Pen;
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
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
    connection.host.reload.is_on() && connection.origin == Origin::Socket && is_asked_again(head)
}

/// Puts the script into the page, if it is one that a browser shows.
pub(super) fn add_to(reply: &mut Reply, connection: &Connection, head: &RequestHead) {
    let host = &connection.host;
    if !is_meant_for(connection, head)
        || !browser_page::takes_a_tag(reply.status(), reply.headers())
    {
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

/// Neither what a script asks for, nor what a form sent: it would be sent again.
fn is_asked_again(head: &RequestHead) -> bool {
    head.method() == b"GET" && browser_page::is_shown(head)
}
