//! Answers: the head of a script's response, and whole responses that no script wrote.

use super::body::{ReplyBody, Source};
use super::browser_page;
use super::connection::Connection;
use super::gateway::{Reply, Visit};
use super::own_answer::OwnAnswer;
use super::pages::{self, EntryKind, FolderEntry};
use crate::SERVER_SOFTWARE;
use crate::cgi::profile::{Deviation, HostAnswer, HostProfile, HostRefusal};
use crate::cgi::request_head::RequestHead;
use crate::cgi::response::{ResponseKind, ScriptResponse};
use crate::cgi::script_uri::TargetError;
use crate::exchange::{Author, Exchange, Origin, Refusal, StopCause};
use crate::site::{Settings, Target, resolve};
use bytes::Bytes;
use hyper::StatusCode;
use hyper::ext::ReasonPhrase;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// What is left as it is in a path segment of a URL (RFC 3986 §3.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What a file or a folder answers.
pub(super) const FILE_METHODS: &str = "GET, HEAD, OPTIONS";
/// What the server as a whole answers: scripts take every method there is, and these are the registered ones.
pub(super) const SERVER_METHODS: &str = "GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH";
/// A folder page lists no more than this.
const ENTRIES: usize = 2000;

/// The response that a script's header block asks for, under this status.
pub(super) fn of_script(
    response: &ScriptResponse,
    status: u16,
    body: ReplyBody,
    head_request: bool,
) -> Reply {
    let mut reply = Reply::new(body);
    *reply.status_mut() = status_code(status);
    if status == response.status
        && let Ok(reason) = ReasonPhrase::try_from(response.reason.clone())
    {
        reply.extensions_mut().insert(reason);
    }
    for (name, value) in &response.fields {
        // Names and values were judged with the header block; what hyper cannot carry was refused there.
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            reply.headers_mut().append(name, value);
        }
    }
    if let (true, Some(length)) = (head_request, response.declared_length) {
        reply
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length.into());
    }
    add_server(reply.headers_mut());
    reply
}

/// A script that passes the request on may set cookies on the way (Apache keeps them, too).
pub(super) fn carry_cookies(reply: &mut Reply, exchange: &Exchange) {
    let passed_on = exchange.invocations.iter().filter_map(|run| {
        let response = run.response.as_ref()?;
        matches!(response.kind, ResponseKind::LocalRedirect { .. }).then_some(response)
    });
    for (name, value) in passed_on.flat_map(|response| &response.fields) {
        if name.eq_ignore_ascii_case(b"set-cookie")
            && let Ok(value) = HeaderValue::from_bytes(value)
        {
            reply.headers_mut().append(header::SET_COOKIE, value);
        }
    }
}

/// Names the server as scripts are told it is called (RFC 3875 §4.1.17).
pub(super) fn add_server(headers: &mut HeaderMap) {
    headers.insert(header::SERVER, HeaderValue::from_static(SERVER_SOFTWARE));
}

/// The page for a script that gave nothing to forward.
pub(super) fn failure(visit: &Visit) -> OwnAnswer {
    let exchange = visit.pen.snapshot();
    let status = failure_status(&exchange);
    let local = visit.connection.is_local();
    let show = visit.connection.host.show.to(exchange.id);
    let page = pages::failure(&exchange, status, local, show.as_deref());
    OwnAnswer::new(status, page)
}

/// A page that a person looks at on this computer says itself what a crash cut it short by.
pub(super) fn tell_of_crash(reply: &mut Reply, connection: &Connection, head: &RequestHead) {
    let shown = connection.origin == Origin::Socket && browser_page::is_shown(head);
    if shown && connection.is_local() && browser_page::takes_a_tag(reply.status(), reply.headers())
    {
        reply.body_mut().tell_of_crash(|connection, exchange| {
            let show = connection.host.show.to(exchange.id);
            pages::crash(exchange, show.as_deref())
        });
    }
}

/// 504 for a script that was too slow, 500 for the rest; the studio closing is its own fault: 503.
fn failure_status(exchange: &Exchange) -> u16 {
    match exchange.invocation().and_then(|run| run.stop) {
        Some(StopCause::TimeLimit { .. }) => 504,
        Some(StopCause::Shutdown) => 503,
        _ => 500,
    }
}

/// A request that the studio refuses.
pub(super) fn refusal(visit: &Visit, refusal: Refusal) -> OwnAnswer {
    let page = pages::refused(&refusal, visit.connection.is_local());
    let status = refusal.status;
    OwnAnswer {
        refusal: Some(Box::new(refusal)),
        ..OwnAnswer::new(status, page)
    }
}

/// The same; the connection is closed, as its framing may be in doubt.
pub(super) fn refusal_and_close(visit: &Visit, refused: Refusal) -> OwnAnswer {
    refusal(visit, refused).with(header::CONNECTION, HeaderValue::from_static("close"))
}

/// A request that the host does not hand to a script.
pub(super) fn refused_by_host(
    visit: &Visit,
    host: HostProfile,
    refused: &HostRefusal,
) -> OwnAnswer {
    refusal_and_close(
        visit,
        Refusal {
            status: refused.status,
            reason: format!("as {}: {}", host.short(), refused.why),
            authority: String::new(),
            at: None,
            excerpt: Vec::new(),
        },
    )
}

/// The page that stands for one of the host's own, with the fields that the host sends beside it.
pub(super) fn page_of_host(visit: &Visit, host: HostProfile, answer: &HostAnswer) -> OwnAnswer {
    let title = format!("{} answers with a page of its own", host.short());
    let reasons: Vec<String> = answer.deviations.iter().map(Deviation::line).collect();
    let mut page = message(visit, answer.status, &title, &reasons.join("; "));
    for (name, value) in &answer.fields {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
            && name != header::SERVER
        {
            page = page.with(name, value);
        }
    }
    page
}

pub(super) fn not_found(visit: &Visit, nearest: Option<&str>) -> OwnAnswer {
    let sentence = match nearest {
        Some(name) => format!("Nothing is there by that name; {name} is nearly the same"),
        None => "Nothing is there by that name".to_owned(),
    };
    message(visit, 404, "Not found", &sentence)
}

pub(super) fn forbidden(visit: &Visit, reason: &str) -> OwnAnswer {
    message(visit, 403, "Not to be had", reason)
}

pub(super) fn method_not_allowed(visit: &Visit) -> OwnAnswer {
    message(
        visit,
        405,
        "A file cannot do that",
        "Files answer GET, HEAD and OPTIONS; only scripts take other methods",
    )
    .with(header::ALLOW, HeaderValue::from_static(FILE_METHODS))
}

/// What can be asked of a file or a folder, or of the server as a whole (RFC 9110 §9.3.7).
pub(super) fn options(visit: &Visit, methods: &'static str) -> Reply {
    visit.begin_response(200, Author::Studio, Bytes::new());
    let nothing = Source::Own(Some(Bytes::new()));
    let mut reply = Reply::new(ReplyBody::new(nothing, &visit.connection, &visit.pen));
    let headers = reply.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(methods));
    headers.insert(header::CONTENT_LENGTH, 0.into());
    add_server(headers);
    reply
}

pub(super) fn redirect_loop(visit: &Visit, limit: usize) -> OwnAnswer {
    let sentence = format!(
        "Scripts passed this request on {limit} times by Location; that is taken for a loop"
    );
    message(visit, 500, "The redirects go round in a circle", &sentence)
}

/// A script passed the request on to something that is no path.
pub(super) fn bad_location(visit: &Visit, location: &[u8], error: &TargetError) -> OwnAnswer {
    let location = location.escape_ascii();
    let sentence = format!(
        "The script's \"Location: {location}\" cannot be followed: {}",
        error.kind
    );
    message(visit, 500, "The script's Location leads nowhere", &sentence)
}

/// A folder's address ends with a slash, or the relative links in its page lead astray.
pub(super) fn add_slash(visit: &Visit, location: &str, query: Option<&[u8]>) -> Reply {
    // Two slashes at the front would name another host (RFC 3986 §4.2).
    let mut target = format!("/{}", location.trim_start_matches('/')).into_bytes();
    if let Some(query) = query {
        target.push(b'?');
        target.extend_from_slice(query);
    }
    let mut answer = message(
        visit,
        301,
        "A folder",
        "The address of a folder ends with a slash",
    );
    if let Ok(value) = HeaderValue::from_bytes(&target) {
        answer = answer.with(header::LOCATION, value);
    }
    own(visit, answer)
}

/// The page of a folder that has no index file.
pub(super) fn folder(visit: &Visit, folder: &Path, url_path: &[u8]) -> Reply {
    let path = String::from_utf8_lossy(url_path).into_owned();
    let title = if path == "/" {
        visit.site.name.clone()
    } else {
        file_name(folder)
    };
    let page = pages::folder(&title, &path, &entries(visit, folder, url_path));
    own(visit, OwnAnswer::new(200, page))
}

/// What the folder holds for whoever may have its page: names whose own rule of access differs are left out.
fn entries(visit: &Visit, folder: &Path, url_path: &[u8]) -> Vec<FolderEntry> {
    let here = visit.site.settings(url_path, folder);
    let open = |settings: &Settings| settings.are_as_open_as(&here);
    let Ok(listed) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut entries: Vec<FolderEntry> = listed
        .flatten()
        .filter(|entry| !entry.file_name().as_bytes().starts_with(b"."))
        .take(ENTRIES)
        .filter_map(|entry| folder_entry(visit, &entry, url_path, open))
        .collect();
    if url_path == b"/" {
        // A folder may hold no file of its own and many scripts below: the way to each stands on the first page.
        entries.extend(
            visit
                .site
                .scripts()
                .into_iter()
                .filter(|script| {
                    let url_path: Vec<u8> = percent_decode(&script.url_path).collect();
                    open(&visit.site.settings(&url_path, &script.path))
                })
                .take(ENTRIES)
                .map(|script| FolderEntry {
                    name: script.name,
                    url: String::from_utf8_lossy(&script.url_path).into_owned(),
                    kind: EntryKind::Script,
                }),
        );
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    entries.dedup_by(|one, other| one.url == other.url);
    entries
}

/// What the entry is to a visitor is asked of the same resolver that answers a request for it.
fn folder_entry(
    visit: &Visit,
    entry: &std::fs::DirEntry,
    url_path: &[u8],
    open: impl Fn(&Settings) -> bool,
) -> Option<FolderEntry> {
    let mut decoded = url_path.to_vec();
    decoded.extend_from_slice(entry.file_name().as_bytes());
    let resolution = resolve(&visit.site, &decoded);
    if !open(&resolution.settings) {
        return None;
    }
    let kind = match resolution.target {
        Target::Script { .. } => EntryKind::Script,
        Target::File { .. } | Target::Action { .. } => EntryKind::File,
        Target::AddSlash { .. } | Target::Directory { listable: true, .. } => EntryKind::Folder,
        _ => return None,
    };
    let name = entry.file_name().to_string_lossy().into_owned();
    let mut url = percent_encode(entry.file_name().as_bytes(), SEGMENT).to_string();
    if url_path == b"/" {
        url.insert(0, '/');
    }
    Some(FolderEntry { name, url, kind })
}

fn message(visit: &Visit, status: u16, title: &str, sentence: &str) -> OwnAnswer {
    let page = pages::message(
        &visit.pen.snapshot(),
        status,
        title,
        sentence,
        visit.connection.is_local(),
    );
    OwnAnswer::new(status, page)
}

/// Sends an answer of the studio's own.
pub(super) fn own(visit: &Visit, answer: OwnAnswer) -> Reply {
    let OwnAnswer {
        status,
        page,
        fields,
        ..
    } = answer;
    visit.begin_response(status, Author::Studio, page.clone());
    let body = ReplyBody::new(Source::Own(Some(page)), &visit.connection, &visit.pen);
    let mut reply = Reply::new(if visit.head.method() == b"HEAD" {
        body.without_body()
    } else {
        body
    });
    *reply.status_mut() = status_code(status);
    let headers = reply.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(fields);
    add_server(headers);
    reply
}

/// A file of the site as the document for an error: under its status, with the fields that must go with it.
pub(super) fn as_document_for(visit: &Visit, mut reply: Reply, unmet: &OwnAnswer) -> Reply {
    *reply.status_mut() = status_code(unmet.status);
    reply.headers_mut().extend(unmet.fields.clone());
    visit.pen.write(|exchange, _| {
        if let Some(response) = &mut exchange.response {
            response.status = unmet.status;
        }
    });
    reply
}

/// A whole response by hand, for a request that hyper never sees.
pub(super) fn plain_response(status: u16, page: &Bytes) -> Bytes {
    let reason = status_code(status).canonical_reason().unwrap_or("Refused");
    let mut bytes = format!(
        "HTTP/1.1 {status} {reason}\r\nServer: {SERVER_SOFTWARE}\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n",
        page.len()
    )
    .into_bytes();
    bytes.extend_from_slice(page);
    bytes.into()
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
