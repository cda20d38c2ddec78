//! The response body on its way out, counted, with an end that tells whole from cut off.

use super::added_script::Adder;
use super::connection::Connection;
use crate::exchange::{End, EndCause, Exchange, Moment};
use crate::recorder::Pen;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::{mpsc, oneshot};
use tower_http::services::fs::ServeFileSystemResponseBody;

/// What comes through the channel from a run.
#[derive(Debug)]
pub(crate) enum Piece {
    /// The next bytes.
    Bytes(Bytes),
    /// The end of a body that is whole.
    Whole,
    /// The body must not look whole: the script failed after its headers.
    CutOff,
}

/// How much of the response went out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Delivery {
    /// All that was to go.
    Whole,
    /// hyper dropped it: the client has gone.
    Dropped,
    /// It was cut off on purpose.
    CutOff,
}

/// Where the bytes are from.
pub(crate) enum Source {
    /// The studio's own bytes.
    Own(Option<Bytes>),
    /// A file of the site, and its length, which the body itself does not tell.
    File(Box<ServeFileSystemResponseBody>, Option<u64>),
    /// A run, as it prints; the length where it is known already.
    Script(mpsc::Receiver<Piece>, Option<u64>),
}

impl Source {
    /// Bytes in all, where that is known beforehand.
    fn length(&self) -> Option<u64> {
        match self {
            Self::Own(bytes) => Some(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::File(_, length) | Self::Script(_, length) => *length,
        }
    }
}

/// The body that hyper sends.
pub(crate) struct ReplyBody {
    source: Source,
    connection: Arc<Connection>,
    pen: Arc<Pen>,
    /// Whoever must know how it went; without one, this body ends the exchange.
    delivered: Option<oneshot::Sender<Delivery>>,
    state: State,
    /// Bytes to come, where hyper was told how many.
    left: Option<u64>,
    close_delimited: bool,
    /// Puts a script of the studio's own into the page.
    adder: Option<Adder>,
    /// What a reader is told at the end of a page that a crash cut short.
    told_of_crash: Option<OfCrash>,
    /// A cut that is being made, where it takes a reset.
    reset: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// Words for the end of a page that a crash cut short; none where the record names no cause.
pub(crate) type OfCrash = fn(&Connection, &Exchange) -> Option<Bytes>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Flowing,
    /// To be cut off as soon as what was handed over is on the wire: an error in the same poll would lose it.
    Cutting,
    Ended(Delivery),
}

impl ReplyBody {
    /// A body that ends the exchange.
    pub(crate) fn new(source: Source, connection: &Arc<Connection>, pen: &Arc<Pen>) -> Self {
        let (connection, pen) = (Arc::clone(connection), Arc::clone(pen));
        // The head comes first: a body that fails at once would make hyper drop it unwritten.
        connection.handed_to_hyper();
        let left = source.length();
        let state = if left == Some(0) {
            State::Ended(Delivery::Whole)
        } else {
            State::Flowing
        };
        Self {
            left,
            source,
            connection,
            pen,
            delivered: None,
            state,
            close_delimited: false,
            adder: None,
            told_of_crash: None,
            reset: None,
        }
    }

    /// A body whose run ends the exchange. `close_delimited`: HTTP/1.0, where only the close tells the end.
    pub(crate) fn of_run(
        source: Source,
        connection: &Arc<Connection>,
        pen: &Arc<Pen>,
        delivered: oneshot::Sender<Delivery>,
        close_delimited: bool,
    ) -> Self {
        let mut body = Self::new(source, connection, pen);
        body.delivered = Some(delivered);
        body.close_delimited = close_delimited;
        body
    }

    /// The client gets no body (HEAD, 204, 304): the head alone is the whole response.
    pub(crate) fn without_body(mut self) -> Self {
        self.state = State::Ended(Delivery::Whole);
        self
    }

    /// Puts a script into the page; false when there is no page to put it into.
    pub(crate) fn add_script(&mut self, script: &'static [u8]) -> bool {
        if self.state != State::Flowing {
            return false;
        }
        self.left = self.left.map(|left| left + script.len() as u64);
        self.adder = Some(Adder::new(script));
        true
    }

    /// Lets the page say so itself when a crash cuts it short: of a connection that breaks off, browsers show nothing.
    pub(crate) fn tell_of_crash(&mut self, of_crash: OfCrash) {
        self.told_of_crash = Some(of_crash);
    }

    /// The end of a page that was cut short, with words about why; none where it cannot have them. What broke off and
    /// says so does not look whole, and ends as a response should.
    fn end_in_words(&mut self) -> Option<Frame<Bytes>> {
        let told = self.told_of_crash.filter(|_| self.left.is_none())?;
        let words = told(&self.connection, &self.pen.snapshot())?;
        let held = self.adder.take().map(Adder::end).unwrap_or_default();
        let frame = self.hand_over([held, words].concat().into());
        self.state = State::Ended(Delivery::CutOff);
        Some(frame)
    }

    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Piece, BoxError>>> {
        match &mut self.source {
            Source::Own(bytes) => {
                Poll::Ready(Some(Ok(bytes.take().map_or(Piece::Whole, Piece::Bytes))))
            }
            Source::Script(pieces, _) => pieces
                .poll_recv(cx)
                .map(|piece| Some(Ok(piece.unwrap_or(Piece::CutOff)))),
            Source::File(file, _) => match ready!(Pin::new(file).poll_frame(cx)) {
                None => Poll::Ready(Some(Ok(Piece::Whole))),
                Some(Err(error)) => Poll::Ready(Some(Err(error.into()))),
                Some(Ok(frame)) => {
                    Poll::Ready(frame.into_data().ok().map(|bytes| Ok(Piece::Bytes(bytes))))
                }
            },
        }
    }

    /// Counts what the page itself has, and gives what may go out of it now.
    fn take(&mut self, bytes: Bytes) -> Bytes {
        self.pen.write(|exchange, _| {
            if let Some(response) = &mut exchange.response {
                response.body_bytes += bytes.len() as u64;
            }
        });
        match &mut self.adder {
            Some(adder) => adder.feed(&bytes),
            None => bytes,
        }
    }

    fn hand_over(&mut self, bytes: Bytes) -> Frame<Bytes> {
        self.connection.handed_to_hyper();
        // hyper does not come back for the end of a body whose length it was told.
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(bytes.len() as u64);
            if *left == 0 {
                self.state = State::Ended(Delivery::Whole);
            }
        }
        Frame::data(bytes)
    }

    /// Tells how it went: of a whole response only when its last byte has left, as hyper may still hold all of it.
    fn finish(&mut self) {
        let report = Report {
            pen: Arc::clone(&self.pen),
            delivered: self.delivered.take(),
        };
        match self.state {
            State::Ended(Delivery::Whole) => return self.connection.reply_taken(Some(report)),
            State::Ended(delivery) => report.tell(delivery),
            State::Cutting => report.tell(Delivery::CutOff),
            State::Flowing => report.tell(Delivery::Dropped),
        }
        self.connection.reply_taken(None);
    }
}

/// Who must know how a response went: its run, which ends the exchange itself, or without one the record.
pub(crate) struct Report {
    pen: Arc<Pen>,
    delivered: Option<oneshot::Sender<Delivery>>,
}

impl Report {
    pub(crate) fn tell(self, delivery: Delivery) {
        if delivery != Delivery::Dropped {
            self.pen.note(Moment::ResponseEnded);
        }
        if let Some(delivered) = self.delivered {
            let _ = delivered.send(delivery);
            return;
        }
        self.pen.end(match delivery {
            Delivery::Whole => End::Answered,
            Delivery::Dropped => End::CutOff(EndCause::ClientGone),
            Delivery::CutOff => End::CutOff(EndCause::Internal(
                "the file could not be read to its end".to_owned(),
            )),
        });
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let State::Ended(_) = this.state {
            return Poll::Ready(None);
        }
        while this.state == State::Flowing {
            let piece = ready!(this.poll_source(cx));
            if let Some(Ok(Piece::Bytes(bytes))) = piece {
                let bytes = this.take(bytes);
                if bytes.is_empty() {
                    continue;
                }
                return Poll::Ready(Some(Ok(this.hand_over(bytes))));
            }
            if let Some(Ok(Piece::CutOff)) = piece
                && let Some(words) = this.end_in_words()
            {
                return Poll::Ready(Some(Ok(words)));
            }
            let added = this
                .adder
                .take()
                .map(Adder::end)
                .map(|last| this.hand_over(last));
            match piece {
                // A file that shrank while it was sent.
                Some(Ok(Piece::Whole)) | None if this.left.is_some_and(|left| left > 0) => {
                    this.state = State::Cutting;
                }
                Some(Ok(Piece::Whole)) | None => {
                    this.state = State::Ended(Delivery::Whole);
                    return Poll::Ready(added.map(Ok));
                }
                // Half a page that failed is to reload, too, when it is mended.
                Some(Ok(Piece::Bytes(_) | Piece::CutOff) | Err(_)) => this.state = State::Cutting,
            }
            if let Some(added) = added {
                return Poll::Ready(Some(Ok(added)));
            }
        }
        if !this.connection.all_flushed(cx.waker()) {
            return Poll::Pending;
        }
        if this.close_delimited {
            let connection = &this.connection;
            let reset = this.reset.get_or_insert_with(|| {
                let connection = Arc::clone(connection);
                Box::pin(async move { connection.reset_on_close().await })
            });
            ready!(reset.as_mut().poll(cx));
        }
        this.state = State::Ended(Delivery::CutOff);
        Poll::Ready(Some(Err("the response was cut off".into())))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    fn size_hint(&self) -> SizeHint {
        self.left
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for ReplyBody {
    fn drop(&mut self) {
        self.finish();
    }
}
