//! The head that hyper is given in place of the client's own: what frames the message, and nothing else.

use crate::cgi::grammar::trim;
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::request_head::RequestHead;
use bytes::Bytes;

/// The head that hyper gets: what it needs to frame the message, and nothing that it could refuse.
pub(super) fn framing_head(head: &RequestHead) -> Bytes {
    let mut bytes = Vec::with_capacity(128);
    bytes.extend_from_slice(head.method());
    bytes.extend_from_slice(if head.version == (1, 0) {
        b" / HTTP/1.0\r\n"
    } else {
        b" / HTTP/1.1\r\n"
    });
    bytes.extend_from_slice(b"Host: studio\r\n");
    match head.body_framing() {
        BodyFraming::None => {}
        BodyFraming::Length(length) => {
            bytes.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
        }
        BodyFraming::Chunked => bytes.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
    }
    // All else that may stand there is nothing to hyper, and an upgrade, which is never taken up, it would wait for.
    let says = |wanted: &[u8]| {
        let options = head.values("connection");
        let mut options = options.flat_map(|value| value.split(|byte| *byte == b','));
        options.any(|option| trim(option).eq_ignore_ascii_case(wanted))
    };
    if says(b"close") {
        bytes.extend_from_slice(b"Connection: close\r\n");
    } else if says(b"keep-alive") {
        bytes.extend_from_slice(b"Connection: keep-alive\r\n");
    }
    if head.expects_continue() {
        bytes.extend_from_slice(b"Expect: 100-continue\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.into()
}
