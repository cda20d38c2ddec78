//! A recorded request as the bytes that a replay sends.

use crate::cgi::head_rules::BodyFraming;
use crate::exchange::{BodyEnd, CapturedBody, Exchange};

/// Why a recorded request cannot be sent again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotResendable {
    /// The body was longer than what is kept of one.
    #[error("{missing} bytes of its body were not kept; `limits.capture_bytes` says how much is")]
    BodyCut {
        /// Bytes that are missing.
        missing: u64,
    },
    /// The body was kept, and had to make room since.
    #[error("its body was recorded and had to make room for newer ones")]
    BodyEvicted,
    /// The body was refused before all of it had come.
    #[error("its body was never received in full")]
    BodyRefused,
    /// It still comes in.
    #[error("it is still being received")]
    NotComplete,
}

/// The request byte by byte as it came. Only chunks are made anew: the record holds the body without them.
///
/// # Errors
/// When the record does not hold the whole body: see [`NotResendable`].
pub fn resend(exchange: &Exchange) -> Result<Vec<u8>, NotResendable> {
    let request = &exchange.request;
    let body = whole(&request.body)?;
    let framing = request
        .head
        .as_ref()
        .map_or(BodyFraming::None, |head| head.body_framing());
    match (&request.body_end, exchange.end.is_some()) {
        (Some(BodyEnd::TooLong { .. } | BodyEnd::Malformed(_)), _) => {
            return Err(NotResendable::BodyRefused);
        }
        (None, false) if framing != BodyFraming::None => return Err(NotResendable::NotComplete),
        _ => {}
    }
    let mut bytes = request.raw_head.to_vec();
    if framing == BodyFraming::Chunked {
        if !body.is_empty() {
            bytes.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
            bytes.extend_from_slice(&body);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
    } else {
        bytes.extend_from_slice(&body);
    }
    Ok(bytes)
}

/// The bytes of a body of which nothing is missing.
pub(super) fn whole(body: &CapturedBody) -> Result<Vec<u8>, NotResendable> {
    if body.missing().is_some() {
        return Err(NotResendable::BodyEvicted);
    }
    match body.cut_bytes() {
        0 => Ok([body.head().as_ref(), &body.tail()].concat()),
        missing => Err(NotResendable::BodyCut { missing }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cgi::request_head::{HeadLimits, parse};
    use crate::diagnosis::samples;
    use bytes::Bytes;
    use std::sync::Arc;
    use std::time::Duration;

    fn exchange(head: &'static [u8], body: &[u8]) -> Exchange {
        let mut exchange = samples::exchange(Vec::new());
        let raw = Bytes::from_static(head);
        exchange.request.raw_head = raw.clone();
        exchange.request.head = parse(raw, &HeadLimits::default()).ok().map(Arc::new);
        exchange.request.body = samples::captured(body);
        exchange.request.body_end = Some(BodyEnd::Complete);
        exchange
    }

    #[test]
    fn a_request_is_sent_again_byte_by_byte() {
        let head = b"POST /a%20b?x HTTP/1.1\r\nHost: h\r\nX-Odd:  v \r\nContent-Length: 3\r\n\r\n";
        let again = resend(&exchange(head, b"\0\xff=")).unwrap();
        assert_eq!(again, [&head[..], b"\0\xff="].concat());
    }

    #[test]
    fn a_chunked_body_gets_chunks_again() {
        let head = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        let again = resend(&exchange(head, b"hello hello hello")).unwrap();
        assert!(again.ends_with(b"\r\n\r\n11\r\nhello hello hello\r\n0\r\n\r\n"));
        let empty = resend(&exchange(head, b"")).unwrap();
        assert!(empty.ends_with(b"\r\n\r\n0\r\n\r\n"));
    }

    #[test]
    fn a_refused_head_is_sent_again_as_it_was() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";
        assert_eq!(resend(&exchange(head, b"")).unwrap(), head);
    }

    #[test]
    fn a_body_that_was_not_kept_whole_is_not_sent() {
        let head = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n";
        let mut cut = exchange(head, b"");
        cut.request.body = CapturedBody::new(10);
        cut.request
            .body
            .push(&Bytes::from(vec![b'x'; 200_000]), Duration::ZERO);
        let missing = cut.request.body.cut_bytes();
        assert!(missing > 0);
        assert_eq!(resend(&cut), Err(NotResendable::BodyCut { missing }));
        let mut refused = exchange(head, b"");
        refused.request.body_end = Some(BodyEnd::TooLong { limit: 1 });
        assert_eq!(resend(&refused), Err(NotResendable::BodyRefused));
    }
}
