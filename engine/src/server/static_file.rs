//! A file of the site, as it is: type, length, ranges and conditional requests by tower-http.

use super::body::{ReplyBody, Source};
use super::gateway::{Reply, Visit};
use super::own_answer::OwnAnswer;
use super::{reload, reply};
use crate::exchange::Author;
use bytes::Bytes;
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use std::path::Path;
use tower_http::services::ServeFile;

/// The request fields that bear on a file (RFC 9110 §13.1 and §14.2).
const FIELDS: [&str; 5] = [
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
];

/// Those that ask whether a copy is still good.
const CACHED: [&str; 2] = ["if-none-match", "if-modified-since"];

/// Sends the file, or says why not. `redirected`: a script named it, so the client's conditions were not meant for it.
pub(super) async fn send(visit: &Visit, file: &Path, redirected: bool) -> Result<Reply, OwnAnswer> {
    let mut request = hyper::Request::new(http_body_util::Empty::<Bytes>::new());
    if visit.head.method() == b"HEAD" {
        *request.method_mut() = hyper::Method::HEAD;
    }
    // A part is sent only of what the client has already; without judging If-Range, the whole is always right.
    let conditional = !redirected && visit.head.first("if-range").is_none();
    let mime = mime_type(file);
    // The copy that a browser has may be one without the script that reloads it.
    let whole =
        mime.essence_str() == "text/html" && reload::is_meant_for(&visit.connection, &visit.head);
    let counts = |field: &str| conditional && !(whole && CACHED.contains(&field));
    for field in FIELDS.into_iter().filter(|field| counts(field)) {
        // A list may come in several lines (RFC 9110 §5.2); what is no list becomes unreadable, and then counts for nothing.
        let values: Vec<&[u8]> = visit.head.values(field).collect();
        let value = HeaderValue::from_bytes(&values.join(&b", "[..]));
        if let (false, Ok(value)) = (values.is_empty(), value) {
            request
                .headers_mut()
                .insert(HeaderName::from_static(field), value);
        }
    }
    let mut service = ServeFile::new_with_mime(file, &mime);
    match service.try_call(request).await {
        Ok(response) if response.status().as_u16() != 404 => {
            let (mut parts, body) = response.into_parts();
            visit.begin_response(parts.status.as_u16(), Author::File, Bytes::new());
            reply::add_server(&mut parts.headers);
            let length = parts.headers.get(CONTENT_LENGTH);
            let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
            let source = Source::File(Box::new(body), length);
            let body = ReplyBody::new(source, &visit.connection, &visit.pen);
            let bodiless = visit.head.method() == b"HEAD" || parts.status == 304;
            let body = if bodiless { body.without_body() } else { body };
            Ok(Reply::from_parts(parts, body))
        }
        // It was there a moment ago.
        Ok(_) => Err(reply::not_found(visit, None)),
        Err(error) => Err(reply::forbidden(
            visit,
            &format!("the file cannot be read: {error}"),
        )),
    }
}

/// By suffix; text is UTF-8 here, as everything an editor of today writes.
fn mime_type(file: &Path) -> mime_guess::Mime {
    let guess = mime_guess::from_path(file).first_or_octet_stream();
    if guess.type_() == mime_guess::mime::TEXT && guess.get_param("charset").is_none() {
        format!("{guess}; charset=utf-8").parse().unwrap_or(guess)
    } else {
        guess
    }
}
