//! Which responses are pages that a person looks at in a browser, so that the studio may put something into them.

use crate::cgi::request_head::RequestHead;
use hyper::StatusCode;
use hyper::header::{self, HeaderMap};

/// What a browser shows as a page of its own; whatever a script asks for is none.
pub(super) fn is_shown(head: &RequestHead) -> bool {
    match head.first("sec-fetch-dest") {
        Some(place) => matches!(place, b"document" | b"iframe" | b"frame"),
        None => head
            .values("accept")
            .any(|accept| memchr::memmem::find(accept, b"text/html").is_some()),
    }
}

/// A page whose bytes are text in which a tag can stand.
pub(super) fn takes_a_tag(status: StatusCode, headers: &HeaderMap) -> bool {
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
    use hyper::header::HeaderValue;

    #[track_caller]
    fn check_head(fields: &str, expected: bool) {
        let (method, fields) = fields.split_once(' ').unwrap();
        let raw = format!("{method} / HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        let head = request_head::parse(raw.into(), &HeadLimits::default()).unwrap();
        assert_eq!(is_shown(&head), expected, "{method} {fields}");
    }

    #[test]
    fn only_what_a_browser_shows_as_a_page_is_one() {
        check_head("GET Accept: text/html,*/*\r\n", true);
        check_head("GET Sec-Fetch-Dest: document\r\n", true);
        check_head("GET Sec-Fetch-Dest: iframe\r\n", true);
        check_head("GET Accept: text/html\r\nSec-Fetch-Dest: empty\r\n", false);
        check_head("GET Accept: */*\r\n", false);
        check_head("POST Accept: text/html\r\n", true);
    }

    #[track_caller]
    fn check_page(status: u16, fields: &[(&'static str, &'static str)], expected: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(takes_a_tag(status, &headers), expected, "{fields:?}");
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
