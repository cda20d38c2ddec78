//! The output of an NPH script on its way to the client: byte by byte as printed (RFC 3875 §5).

use super::body::{Delivery, Piece};
use super::gateway::Visit;
use super::run::Flow;
use crate::exchange::{Author, Moment, ResponseRecord};
use bytes::{Bytes, BytesMut};

/// So much of the script's own head is read to know its status.
const HEAD_KEPT: usize = 64 * 1024;

/// Writes everything past hyper, which has nothing to write meanwhile: its handler has not answered and never will.
/// hyper may still owe the client a `100 Continue`; that goes out first, then `head`, then what the script prints.
pub(super) async fn relay(visit: &Visit, head: Bytes, flow: Flow) {
    let Flow {
        mut pieces,
        delivered,
        ..
    } = flow;
    let connection = &visit.connection;
    connection
        .interim_written(visit.head.expects_continue())
        .await;
    let mut first = Some(head).filter(|head| !head.is_empty());
    let mut seen = BytesMut::new();
    let delivery = loop {
        let piece = match first.take() {
            Some(head) => Some(Piece::Bytes(head)),
            None => pieces.recv().await,
        };
        match piece {
            Some(Piece::Bytes(bytes)) => {
                record(visit, &mut seen, &bytes);
                if connection.transport.write_all(&bytes).await.is_err() {
                    break Delivery::Dropped;
                }
            }
            Some(Piece::Whole) => break Delivery::Whole,
            Some(Piece::CutOff) | None => break Delivery::CutOff,
        }
    };
    if delivery == Delivery::CutOff {
        connection.reset_on_close().await;
    } else {
        connection.transport.close_gently().await;
    }
    visit.pen.note(Moment::ResponseEnded);
    let _ = delivered.send(delivery);
}

/// The status is read off the script's own status line; the head is what it printed up to an empty line.
fn record(visit: &Visit, head: &mut BytesMut, bytes: &Bytes) {
    let known = visit
        .pen
        .snapshot()
        .response
        .as_ref()
        .is_some_and(|response| !response.sent_head.is_empty());
    if !known && head.len() < HEAD_KEPT {
        head.extend_from_slice(&bytes[..bytes.len().min(HEAD_KEPT)]);
    }
    let end = (!known).then(|| end_of_head(head)).flatten();
    let (status, sent_head) = (
        status(head),
        end.map(|end| Bytes::copy_from_slice(&head[..end])),
    );
    visit.pen.write(|exchange, now| {
        exchange.timeline.note(Moment::ResponseStarted, now);
        let response = exchange.response.get_or_insert_with(|| ResponseRecord {
            status,
            author: Author::NphScript,
            sent_head: Bytes::new(),
            own_body: Bytes::new(),
            body_bytes: 0,
        });
        response.body_bytes += bytes.len() as u64;
        if let Some(sent_head) = sent_head {
            response.status = status;
            response.body_bytes -= sent_head.len() as u64;
            response.sent_head = sent_head;
        }
    });
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let crlf = memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4);
    let lf = memchr::memmem::find(bytes, b"\n\n").map(|at| at + 2);
    crlf.into_iter().chain(lf).min()
}

/// `HTTP/1.1 404 …`: 404; nothing like it: 0.
fn status(head: &[u8]) -> u16 {
    let code = head
        .split(|&byte| byte == b' ')
        .nth(1)
        .and_then(|code| code.get(..3));
    code.and_then(|code| std::str::from_utf8(code).ok()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_off_the_scripts_own_line() {
        assert_eq!(
            [
                status(b"HTTP/1.0 404 Gone\r\n"),
                status(b"HTTP/1.1 200"),
                status(b"hello")
            ],
            [404, 200, 0]
        );
        assert_eq!(end_of_head(b"HTTP/1.0 200 OK\nA: b\n\nbody"), Some(22));
    }
}
