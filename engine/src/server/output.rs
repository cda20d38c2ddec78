//! What a script prints: read as it comes, recorded, and turned into a response.

use super::activity::Activity;
use super::body::Piece;
use super::run::note;
use crate::cgi::header_block::{HeaderBlock, HeaderBlockParser, Progress};
use crate::cgi::profile::{HostAnswer, HostProfile};
use crate::cgi::response::{self, ResponseKind, ScriptResponse};
use crate::cgi::violation::Strictness;
use crate::exchange::{Moment, Spill};
use crate::process::{Exit, is_ending, widen};
use crate::recorder::Pen;
use bytes::{Bytes, BytesMut};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot, watch};

/// Reads begin small and grow to this while the script fills them.
const READ_FIRST: usize = 16 * 1024;
const READ_MOST: usize = 64 * 1024;
/// Pieces on their way to the client; more would only hide how slow it is.
const PIECES: usize = 4;
/// When the output has ended, so long is waited for the exit, to tell a whole page from one that a crash cut off.
const EXIT_PATIENCE: Duration = Duration::from_millis(20);
/// The script is on its way out: on a busy machine the word of it may take this long.
const ENDING_PATIENCE: Duration = Duration::from_secs(2);
/// A script that failed is heard out for so long, as a child of it may hold its standard error open.
const STDERR_PATIENCE: Duration = Duration::from_millis(250);

/// What the header block decided.
#[derive(Debug)]
pub(crate) enum Decision {
    /// There is a response; its body comes in pieces.
    Respond {
        /// What the header block means.
        response: Arc<ScriptResponse>,
        /// The body.
        pieces: mpsc::Receiver<Piece>,
        /// The body's length, where the output has ended already.
        length: Option<u64>,
    },
    /// The output is the response.
    Nph {
        /// All of it.
        pieces: mpsc::Receiver<Piece>,
    },
    /// The host that the run is made as has an answer.
    AsHost {
        /// Its head.
        answer: HostAnswer,
        /// Its body.
        pieces: mpsc::Receiver<Piece>,
    },
    /// Another path of this server is to answer.
    LocalRedirect {
        /// Path and query.
        location: Vec<u8>,
    },
    /// The output cannot be used.
    Refused,
}

/// Standard output of one run.
pub(crate) struct Output {
    pub(crate) run: usize,
    pub(crate) nph: bool,
    pub(crate) head_request: bool,
    pub(crate) strictness: Strictness,
    pub(crate) profile: Option<HostProfile>,
    /// A crash must be seen by the client, too.
    pub(crate) cut_off_crashed: bool,
    pub(crate) pen: Arc<Pen>,
    pub(crate) activity: Arc<Activity>,
    /// The main process's end, once known.
    pub(crate) exit: watch::Receiver<Option<Exit>>,
    pub(crate) stderr_ended: watch::Receiver<bool>,
    /// To be told when the output has reached its end.
    pub(crate) ended: Option<oneshot::Sender<()>>,
    /// The file of an output that has grown long.
    pub(crate) spill: Option<Arc<Spill>>,
}

impl Output {
    /// Reads to the end of the output (RFC 3875 §6.4), whatever becomes of the response.
    pub(crate) async fn pump(
        mut self,
        stdout: pipe::Receiver,
        parser: HeaderBlockParser,
        decide: oneshot::Sender<Decision>,
    ) {
        let mut reader = Reader {
            stdout,
            size: READ_FIRST,
        };
        if self.nph {
            let (sender, pieces) = mpsc::channel(PIECES);
            let _ = decide.send(Decision::Nph { pieces });
            self.forward(&mut reader, Some(sender)).await;
        } else if let Some(profile) = self.profile {
            self.pump_as_host(profile, &mut reader, parser, decide)
                .await;
        } else {
            let body = self.header_block(&mut reader, parser, decide).await;
            self.forward(&mut reader, body).await;
        }
    }

    /// The script and whoever inherited its output have closed it.
    fn note_end(&mut self) {
        let Some(ended) = self.ended.take() else {
            return;
        };
        note(&self.pen, self.run, |run, now| {
            run.stdout_ended = true;
            run.timeline.note(Moment::OutputEnded, now);
        });
        let _ = ended.send(());
    }

    /// Reads the header block and decides. What is returned takes the body; none: it is only recorded.
    async fn header_block(
        &mut self,
        reader: &mut Reader,
        mut parser: HeaderBlockParser,
        decide: oneshot::Sender<Decision>,
    ) -> Option<mpsc::Sender<Piece>> {
        let (block, mut rest) = loop {
            let Some(bytes) = self.read(reader).await else {
                parser.finish();
                break (parser.into_block(), Bytes::new());
            };
            if parser.feed(&bytes) == Progress::Complete {
                let rest = bytes.slice(parser.taken()..);
                break (parser.into_block(), rest);
            }
        };
        let mut response = self.interpret(block);
        if response.depends_on_page() && rest.is_empty() {
            match self.read(reader).await {
                Some(bytes) => rest = bytes,
                None => response = self.without_page(&response),
            }
        }
        if response.refused.is_some() {
            let _ = decide.send(Decision::Refused);
            return None;
        }
        if let ResponseKind::LocalRedirect { location } = &response.kind {
            let _ = decide.send(Decision::LocalRedirect {
                location: location.clone(),
            });
            return None;
        }
        let (sender, pieces) = mpsc::channel(PIECES);
        let (mut body, ended) = self.read_what_is_there(reader, rest);
        let mut length = None;
        if ended {
            if self.is_whole().await {
                length = Some(body.iter().map(|bytes| bytes.len() as u64).sum());
            }
            reader.size = 0;
        }
        let _ = decide.send(Decision::Respond {
            response,
            pieces,
            length,
        });
        for bytes in body.drain(..) {
            self.send(&sender, Piece::Bytes(bytes)).await;
        }
        Some(sender)
    }

    pub(super) fn interpret(&self, block: HeaderBlock) -> Arc<ScriptResponse> {
        let response = Arc::new(response::interpret(
            &block,
            self.strictness,
            self.head_request,
        ));
        let recorded = Arc::clone(&response);
        note(&self.pen, self.run, |run, now| {
            run.header_block = Some(Arc::new(block));
            run.response = Some(recorded);
            run.timeline.note(Moment::HeadersComplete, now);
        });
        response
    }

    /// The output has ended with its headers.
    fn without_page(&self, response: &ScriptResponse) -> Arc<ScriptResponse> {
        let response = Arc::new(response.clone().without_page(self.strictness));
        let recorded = Arc::clone(&response);
        note(&self.pen, self.run, |run, _| run.response = Some(recorded));
        response
    }

    /// The body so far, without waiting: when the output has ended by now, its length can be told.
    fn read_what_is_there(&mut self, reader: &mut Reader, rest: Bytes) -> (Vec<Bytes>, bool) {
        let mut body: Vec<Bytes> = Vec::new();
        if !rest.is_empty() {
            body.push(rest);
        }
        for _ in 0..PIECES {
            match reader.try_next() {
                Some(bytes) if bytes.is_empty() => {
                    self.note_end();
                    return (body, true);
                }
                Some(bytes) => {
                    self.record(&bytes);
                    body.push(bytes);
                }
                None => break,
            }
        }
        (body, false)
    }

    /// Passes the rest on; when the client takes no more, it is still read and recorded.
    async fn forward(&mut self, reader: &mut Reader, mut client: Option<mpsc::Sender<Piece>>) {
        while let Some(bytes) = self.read(reader).await {
            if let Some(sender) = &client
                && !self.send(sender, Piece::Bytes(bytes)).await
            {
                client = None;
            }
        }
        if let Some(sender) = client {
            let last = if self.is_whole().await {
                Piece::Whole
            } else {
                Piece::CutOff
            };
            self.send(&sender, last).await;
        }
    }

    pub(super) async fn send(&self, client: &mpsc::Sender<Piece>, piece: Piece) -> bool {
        let _waiting = self.activity.wait_for_client();
        client.send(piece).await.is_ok()
    }

    pub(super) async fn read(&mut self, reader: &mut Reader) -> Option<Bytes> {
        let bytes = reader.next().await;
        match &bytes {
            Some(bytes) => self.record(bytes),
            None => self.note_end(),
        }
        bytes
    }

    fn record(&mut self, bytes: &Bytes) {
        self.activity.touch();
        // Before the record is locked: a window that looks at it does not wait for the disk.
        if let Some(spill) = &self.spill {
            spill.write(bytes);
        }
        let spill = &mut self.spill;
        note(&self.pen, self.run, |run, now| {
            run.timeline.note(Moment::FirstOutput, now);
            run.stdout.push(bytes, now);
            *spill = run.stdout.spill();
        });
    }

    /// Whether the output that has just ended is the script's whole output.
    ///
    /// A script that was killed, or that ended with a failure and a traceback, printed a part of its page:
    /// that part must not look whole (every other host lets it, and the site may want to see that). A mere exit code does not count.
    async fn is_whole(&mut self) -> bool {
        let mut exit = self.exit_within(EXIT_PATIENCE).await;
        if exit.is_none() && self.is_ending() {
            exit = self.exit_within(ENDING_PATIENCE).await;
        }
        if matches!(exit, Some(Exit::Code(code)) if code != 0) {
            let _ =
                tokio::time::timeout(STDERR_PATIENCE, self.stderr_ended.wait_for(|ended| *ended))
                    .await;
        }
        let exchange = self.pen.snapshot();
        let Some(run) = exchange.invocations.get(self.run) else {
            return true;
        };
        let crashed = match exit {
            Some(Exit::Signal { .. }) => true,
            Some(Exit::Code(code)) if code != 0 => {
                crate::diagnosis::shows_exception(&run.stderr.end().0)
            }
            _ => false,
        };
        !(crashed && self.cut_off_crashed) && run.stop.is_none()
    }

    async fn exit_within(&mut self, patience: Duration) -> Option<Exit> {
        let known = self.exit.wait_for(Option::is_some);
        let known = tokio::time::timeout(patience, known).await.ok()?.ok()?;
        *known
    }

    /// The output was closed by the end of the script, not by a script that goes on.
    fn is_ending(&self) -> bool {
        let exchange = self.pen.snapshot();
        let run = exchange.invocations.get(self.run);
        run.and_then(|run| run.pid).is_some_and(is_ending)
    }
}

pub(super) struct Reader {
    stdout: pipe::Receiver,
    /// Bytes asked for at once; nothing: the end was seen.
    size: usize,
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        if self.size == 0 {
            return None;
        }
        let mut buffer = BytesMut::with_capacity(self.size);
        let count = self.stdout.read_buf(&mut buffer).await.unwrap_or(0);
        self.grow(count);
        (count > 0).then(|| buffer.freeze())
    }

    /// What can be read without waiting: nothing yet (none), the end (empty), or bytes.
    fn try_next(&mut self) -> Option<Bytes> {
        let mut buffer = BytesMut::with_capacity(self.size);
        match self.stdout.try_read_buf(&mut buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => None,
            Err(_) => Some(Bytes::new()),
            Ok(count) => {
                self.grow(count);
                Some(buffer.freeze())
            }
        }
    }

    fn grow(&mut self, count: usize) {
        if count >= self.size {
            if self.size == READ_FIRST {
                widen(&self.stdout);
            }
            self.size = (self.size * 4).min(READ_MOST);
        }
    }
}

/// Reads standard error to its end; `over` is told then.
pub(crate) async fn pump_stderr(
    mut stderr: pipe::Receiver,
    run: usize,
    pen: Arc<Pen>,
    activity: Arc<Activity>,
    over: watch::Sender<bool>,
) {
    let mut buffer = BytesMut::new();
    loop {
        buffer.reserve(READ_FIRST);
        match stderr.read_buf(&mut buffer).await {
            Ok(count) if count > 0 => {
                activity.touch();
                let bytes = buffer.split().freeze();
                note(&pen, run, |run, now| run.stderr.push(&bytes, now));
            }
            _ => break,
        }
    }
    let _ = over.send(true);
}
