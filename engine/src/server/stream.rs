//! The bytes beneath hyper: heads are judged and kept here, and hyper sees only what it needs for framing.
//!
//! hyper normalises what it parses, reads ahead and frames what it sends; a host that records the truth looks first.
//! Each request head is held until it is complete and judged fit (a request with both Content-Length and
//! Transfer-Encoding would reach the handler with the former already gone). A refused one is answered and recorded here.
//! For an accepted one hyper gets a head of our making: the method, `/`, and the fields that frame the message.
//! So nothing that hyper cannot carry (raw bytes in a target, a thousand fields) is lost to the script or the record.
//! Bytes of a following request stay here until the reply is on the wire.

use super::connection::{Accepted, Connection};
use super::framing_head::framing_head;
use super::linger::Linger;
use super::transport::{READ_BYTES, Transport};
use super::{pages, reply};
use crate::cgi::chunked::{ChunkLimits, ChunkedScanner};
use crate::cgi::credentials;
use crate::cgi::head_error::HeadError;
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::request_head::{self, HeadLimits, RequestHead};
use crate::cgi::trailers;
use crate::exchange::{Author, End, EndCause, Moment, Refusal, ResponseRecord};
use crate::recorder::Pen;
use bytes::{Buf as _, Bytes, BytesMut};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// A head must be complete within this time from its first byte on.
pub(super) const HEAD_TIME: Duration = Duration::from_secs(60);

/// The stream that hyper reads and writes.
pub(crate) struct ConnectionStream {
    connection: Arc<Connection>,
    /// Bytes that came and were not handed on.
    input: BytesMut,
    /// So many of them were searched for the end of a head.
    searched: usize,
    stage: Stage,
    /// The record of the head that is coming in.
    arriving: Option<Arc<Pen>>,
    /// The time for the head that is coming in.
    head_time: Option<Pin<Box<Sleep>>>,
    linger: Option<Linger>,
}

enum Stage {
    /// A head is coming in, or the reply to the request before is going out.
    Head,
    /// hyper is being handed the framing head; the body comes then.
    Release(Bytes, Box<Stage>),
    /// So many bytes of body are left.
    Counted(u64),
    /// A chunked body.
    Chunked(Box<ChunkedScanner>),
    /// The refusal is being written.
    Refusing(Bytes),
    /// Everything is written; what the client still sends is dropped.
    Lingering,
    /// Nothing more.
    Over,
}

impl ConnectionStream {
    pub(crate) fn new(connection: Arc<Connection>) -> hyper_util::rt::TokioIo<Self> {
        hyper_util::rt::TokioIo::new(Self {
            connection,
            input: BytesMut::new(),
            searched: 0,
            stage: Stage::Head,
            arriving: None,
            head_time: None,
            linger: None,
        })
    }

    /// Reads what has come into `input`; false at the end of the stream.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut block = [std::mem::MaybeUninit::uninit(); READ_BYTES];
        let mut buffer = ReadBuf::uninit(&mut block);
        ready!(self.connection.transport.poll_read(cx, &mut buffer))?;
        self.input.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(!buffer.filled().is_empty()))
    }

    /// Goes on until a head is judged. False: the client has closed the connection between requests.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            if !self.connection.reply_is_out(cx.waker()) {
                return Poll::Pending;
            }
            self.skip_empty_lines();
            if !self.input.is_empty() {
                if self.arriving.is_none() {
                    ready!(self.connection.host.recorder.poll_room(cx));
                }
                self.begin_record();
                match request_head::find_end(&self.input, self.searched, &HeadLimits::default()) {
                    Ok(Some(end)) => {
                        self.take_head(end);
                        return Poll::Ready(Ok(true));
                    }
                    Ok(None) => self.searched = self.input.len(),
                    Err(error) => {
                        let raw = self.input.split().freeze();
                        self.refuse(&raw, &error);
                        return Poll::Ready(Ok(true));
                    }
                }
            }
            match self.poll_fill(cx)? {
                Poll::Ready(true) => {}
                Poll::Ready(false) => return Poll::Ready(Ok(self.refuse_unfinished())),
                Poll::Pending => return self.poll_head_time(cx).map(Ok),
            }
        }
    }

    /// Refuses a head that takes too long (RFC 9110 §15.5.9); true as after any judged head.
    fn poll_head_time(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if self.arriving.is_none() {
            return Poll::Pending;
        }
        let timer = || Box::pin(tokio::time::sleep(HEAD_TIME));
        ready!(self.head_time.get_or_insert_with(timer).as_mut().poll(cx));
        let raw = self.input.split().freeze();
        let refusal = Refusal {
            status: 408,
            reason: format!(
                "the request head was not complete after {} s",
                HEAD_TIME.as_secs()
            ),
            authority: "RFC 9110 §15.5.9".to_owned(),
            at: Some(raw.len()),
            excerpt: Vec::new(),
        };
        self.answer_refusal(hide(raw), refusal);
        Poll::Ready(true)
    }

    fn skip_empty_lines(&mut self) {
        if self.searched == 0 {
            self.input.advance(empty_lines(&self.input));
        }
    }

    fn begin_record(&mut self) {
        if self.arriving.is_none() {
            let connection = &self.connection;
            let capture_bytes = connection.host.capture_bytes();
            let pen = connection.host.recorder.begin(
                connection.facts,
                connection.origin.clone(),
                capture_bytes,
            );
            connection.note_exchange(pen.recorded_id());
            self.arriving = Some(Arc::new(pen));
        }
    }

    fn take_head(&mut self, end: usize) {
        let raw = self.input.split_to(end).freeze();
        self.searched = 0;
        self.head_time = None;
        match request_head::parse(raw.clone(), &HeadLimits::default()) {
            Ok(head) => self.release(head),
            Err(error) => self.refuse(&raw, &error),
        }
    }

    fn release(&mut self, head: RequestHead) {
        let Some(pen) = self.arriving.take() else {
            return;
        };
        let head = Arc::new(head);
        // As it is recorded, nobody can read a password in it.
        let recorded = head
            .without_passwords()
            .map_or_else(|| Arc::clone(&head), Arc::new);
        let body = stage_of_body(&head);
        pen.write(|exchange, now| {
            exchange.request.raw_head = recorded.raw.clone();
            exchange.request.head = Some(recorded);
            exchange.timeline.note(Moment::HeadComplete, now);
        });
        let framing_head = framing_head(&head);
        self.connection.accept(Accepted { head, pen });
        self.stage = Stage::Release(framing_head, Box::new(body));
    }

    /// The client closed the connection in the middle of a head.
    fn refuse_unfinished(&mut self) -> bool {
        let raw = hide(self.input.split().freeze());
        if let Some(pen) = self.arriving.take() {
            pen.write(|exchange, _| exchange.request.raw_head = raw);
            let stopping = self.connection.host.stopping.is_cancelled();
            pen.end(End::Unanswered(if stopping {
                EndCause::Shutdown
            } else {
                EndCause::ClientGone
            }));
        }
        self.stage = Stage::Over;
        false
    }

    fn refuse(&mut self, raw: &Bytes, error: &HeadError) {
        let recorded = hide(raw.clone());
        // A line alone does not always tell whether it holds a password.
        let at = memchr::memmem::find(raw, &error.excerpt);
        let excerpt = at.and_then(|at| recorded.get(at..at + error.excerpt.len()));
        let refusal = Refusal {
            excerpt: excerpt.unwrap_or_default().to_vec(),
            ..refusal_of_head(error)
        };
        self.answer_refusal(recorded, refusal);
    }

    fn answer_refusal(&mut self, raw: Bytes, refusal: Refusal) {
        let Some(pen) = self.arriving.take() else {
            return;
        };
        let body = pages::refused(&refusal, self.connection.is_local());
        let whole = reply::plain_response(refusal.status, &body);
        let head_length = whole.len() - body.len();
        pen.write(|exchange, now| {
            exchange.request.raw_head = raw;
            exchange.response = Some(ResponseRecord {
                status: refusal.status,
                author: Author::Studio,
                sent_head: whole.slice(..head_length),
                body_bytes: body.len() as u64,
                own_body: body,
            });
            exchange.request.refusal = Some(refusal);
            exchange.timeline.note(Moment::ResponseStarted, now);
        });
        self.arriving = Some(pen);
        self.stage = Stage::Refusing(whole);
    }

    fn poll_refusal(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Stage::Refusing(rest) = &mut self.stage else {
            return Poll::Ready(Ok(()));
        };
        while !rest.is_empty() {
            let wrote = ready!(
                self.connection
                    .transport
                    .poll_write(cx, &[io::IoSlice::new(rest)])
            )?;
            rest.advance(wrote);
        }
        if let Some(pen) = self.arriving.take() {
            pen.note(Moment::ResponseEnded);
            pen.end(End::Answered);
        }
        ready!(self.connection.transport.poll_shutdown(cx))?;
        self.stage = Stage::Lingering;
        Poll::Ready(Ok(()))
    }

    /// Drops what still comes, until the client closes or the time is up.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.input.clear();
        let linger = self.linger.get_or_insert_with(Linger::new);
        linger.poll(cx, &self.connection.transport)
    }

    /// Body bytes, no more than the framing says belong to this request.
    fn poll_body(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.input.is_empty() && !ready!(self.poll_fill(cx))? {
            self.stage = Stage::Over;
            return Poll::Ready(Ok(()));
        }
        let offered = self.input.len().min(buffer.remaining());
        let (take, over) = match &mut self.stage {
            Stage::Counted(left) => {
                let take = usize::try_from(*left).unwrap_or(usize::MAX).min(offered);
                *left -= take as u64;
                (take, *left == 0)
            }
            Stage::Chunked(scanner) => {
                let scanned = scanner
                    .feed(&self.input[..offered])
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                (scanned.consumed, scanned.done)
            }
            _ => (0, true),
        };
        buffer.put_slice(&self.input.split_to(take));
        if over && let Stage::Chunked(scanner) = std::mem::replace(&mut self.stage, Stage::Head) {
            self.connection.note_trailers(scanner.into_trailers());
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for ConnectionStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            match &mut this.stage {
                Stage::Head => {
                    if !ready!(this.poll_head(cx))? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Stage::Release(head, body) => {
                    let take = head.len().min(buffer.remaining());
                    buffer.put_slice(&head.split_to(take));
                    if head.is_empty() {
                        this.stage = std::mem::replace(&mut **body, Stage::Head);
                    }
                    return Poll::Ready(Ok(()));
                }
                Stage::Counted(_) | Stage::Chunked(_) => return this.poll_body(cx, buffer),
                Stage::Refusing(_) => ready!(this.poll_refusal(cx))?,
                Stage::Lingering => {
                    ready!(this.poll_linger(cx));
                    this.stage = Stage::Over;
                }
                Stage::Over => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl AsyncWrite for ConnectionStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = ready!(self.connection.transport.poll_write(cx, buffers));
        match &wrote {
            Ok(count) => {
                let mut left = *count;
                for buffer in buffers {
                    let part = left.min(buffer.len());
                    self.connection.wrote(&buffer[..part]);
                    left -= part;
                }
            }
            Err(_) => self.connection.gone.cancel(),
        }
        Poll::Ready(wrote)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.connection.transport.poll_shutdown(cx))?;
        if matches!(this.connection.transport, Transport::Tcp(_)) {
            ready!(this.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for ConnectionStream {
    fn drop(&mut self) {
        if self.arriving.is_some() {
            self.refuse_unfinished();
        }
    }
}

/// Why no script is asked about a request with such a head.
pub(super) fn refusal_of_head(error: &HeadError) -> Refusal {
    Refusal {
        status: error.status(),
        reason: error.kind.to_string(),
        authority: error.section().to_owned(),
        at: Some(error.at),
        excerpt: hide(Bytes::copy_from_slice(&error.excerpt)).to_vec(),
    }
}

/// Empty lines before a request line are ignored (RFC 9112 §2.2).
pub(super) fn empty_lines(input: &[u8]) -> usize {
    let is_blank = |byte: &&u8| matches!(byte, b'\r' | b'\n');
    input.iter().take_while(is_blank).count()
}

/// Follows the chunked body of a request with this head.
pub(super) fn chunk_scanner(head: &RequestHead) -> ChunkedScanner {
    ChunkedScanner::new(ChunkLimits::default()).announcing(trailers::announced(head))
}

fn stage_of_body(head: &RequestHead) -> Stage {
    match head.body_framing() {
        BodyFraming::None | BodyFraming::Length(0) => Stage::Head,
        BodyFraming::Length(length) => Stage::Counted(length),
        BodyFraming::Chunked => Stage::Chunked(Box::new(chunk_scanner(head))),
    }
}

fn hide(raw: Bytes) -> Bytes {
    credentials::hidden(&raw).map_or(raw, Bytes::from)
}
