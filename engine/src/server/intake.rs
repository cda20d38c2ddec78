//! The request body on its way in: counted and streamed, or spooled when its length is not known beforehand.

use super::activity::Activity;
use super::connection::Connection;
use super::gateway::Visit;
use crate::cgi::chunked::ChunkError;
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::request::BodyFacts;
use crate::cgi::trailers::Trailer;
use crate::exchange::{BodyEnd, Moment, Refusal};
use crate::recorder::Pen;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use std::io::SeekFrom;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe;

/// A chunked body is kept in memory up to this size and goes on in a temporary file.
const SPOOL_IN_MEMORY: usize = 1 << 20;

/// A client may leave so much time between two parts of a body.
pub(super) const CLIENT_SILENCE: Duration = Duration::from_secs(60);
/// How often listeners are told of a long upload.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// What a script will read from its standard input.
pub(crate) enum Intake {
    /// No body: standard input is the null device.
    Nothing,
    /// A body of known length, passed on as it comes.
    Stream {
        /// Where it comes from.
        incoming: Incoming,
        /// Its length in bytes.
        length: u64,
    },
    /// A whole body whose length is known by now.
    Spooled {
        /// Its beginning.
        memory: Vec<u8>,
        /// The rest, if there is one.
        file: Option<File>,
        /// Its length in bytes.
        length: u64,
        /// The fields that came after it.
        trailers: Vec<Trailer>,
    },
}

/// What is known of a body before the script that will read it starts.
#[derive(Clone, Copy)]
pub(super) struct KnownBody<'a> {
    pub(super) facts: BodyFacts,
    /// The fields that came after it.
    pub(super) trailers: &'a [Trailer],
}

impl KnownBody<'_> {
    /// There is none.
    pub(super) const NOTHING: Self = Self {
        facts: BodyFacts::None,
        trailers: &[],
    };
}

impl Intake {
    pub(super) fn known(&self) -> KnownBody<'_> {
        match self {
            Self::Nothing => KnownBody::NOTHING,
            Self::Stream { length, .. } => KnownBody {
                facts: BodyFacts::Length(*length),
                trailers: &[],
            },
            Self::Spooled {
                length, trailers, ..
            } => KnownBody {
                facts: BodyFacts::Counted(*length),
                trailers,
            },
        }
    }
}

impl Visit {
    /// What the script will read: nothing after a redirect, a stream of known length, or a spooled chunked body.
    pub(super) async fn take_body(&self, incoming: Option<Incoming>) -> Result<Intake, Refusal> {
        let Some(incoming) = incoming else {
            return Ok(Intake::Nothing);
        };
        let limit = self.site.config.limits.request_body_bytes;
        let end = match self.head.body_framing() {
            BodyFraming::None => return Ok(Intake::Nothing),
            BodyFraming::Length(length) if length <= limit => {
                return Ok(Intake::Stream { incoming, length });
            }
            BodyFraming::Length(_) => BodyEnd::TooLong { limit },
            BodyFraming::Chunked => {
                match spool(incoming, limit, &self.pen, &self.connection).await {
                    Ok(intake) => return Ok(intake),
                    Err(end) => end,
                }
            }
        };
        let refusal = refusal_of_body(&end);
        self.pen
            .write(|exchange, _| exchange.request.body_end = Some(end));
        Err(refusal)
    }
}

/// Why no script is asked about a request with a body that ended so.
pub(super) fn refusal_of_body(end: &BodyEnd) -> Refusal {
    let (status, reason, authority) = match end {
        BodyEnd::TooLong { limit } => (
            413,
            format!("the request body is over this site's limit of {limit} bytes"),
            "RFC 9110 §15.5.14",
        ),
        BodyEnd::Malformed(words) => (400, words.clone(), "RFC 9112 §7.1"),
        BodyEnd::Short { .. } | BodyEnd::Complete => (
            400,
            "the request body ended before its announced end".to_owned(),
            "RFC 9112 §8",
        ),
    };
    Refusal {
        status,
        reason,
        authority: authority.to_owned(),
        at: None,
        excerpt: Vec::new(),
    }
}

/// Reads a chunked body to its end, because CONTENT_LENGTH must be its length after decoding (RFC 3875 §4.2).
async fn spool(
    mut incoming: Incoming,
    limit: u64,
    pen: &Pen,
    connection: &Connection,
) -> Result<Intake, BodyEnd> {
    let mut told = Instant::now();
    let (mut memory, mut file, mut length) = (Vec::new(), None::<File>, 0_u64);
    while let Some(frame) = next_frame(&mut incoming, length, None).await {
        let frame = frame?;
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        pen.write(|exchange, now| exchange.request.body.push(&bytes, now));
        if told.elapsed() > TOLD_EVERY {
            told = Instant::now();
            pen.announce();
        }
        length += bytes.len() as u64;
        if length > limit {
            return Err(BodyEnd::TooLong { limit });
        }
        if file.is_none() && memory.len() + bytes.len() <= SPOOL_IN_MEMORY {
            memory.extend_from_slice(&bytes);
            continue;
        }
        let spool = match &mut file {
            Some(file) => file,
            none => none.insert(temporary_file().map_err(|error| spool_failed(&error))?),
        };
        spool
            .write_all(&bytes)
            .await
            .map_err(|error| spool_failed(&error))?;
    }
    if let Some(file) = &mut file {
        file.flush().await.map_err(|error| spool_failed(&error))?;
        file.seek(SeekFrom::Start(0))
            .await
            .map_err(|error| spool_failed(&error))?;
    }
    body_complete(pen);
    Ok(Intake::Spooled {
        memory,
        file,
        length,
        trailers: connection.take_trailers(),
    })
}

/// Writes the body to the script's standard input and closes it: after the body a script reads end-of-file.
///
/// A script that closes its end is within its rights (§4.2 does not oblige it to read);
/// the rest of the body is then still taken from the client, so that the connection can go on.
pub(crate) async fn feed(
    intake: Intake,
    stdin: Option<pipe::Sender>,
    run: usize,
    pen: Arc<Pen>,
    activity: Arc<Activity>,
) {
    let mut input = Input {
        stdin,
        run,
        pen: Arc::clone(&pen),
        activity: Arc::clone(&activity),
    };
    match intake {
        Intake::Nothing => {}
        Intake::Stream { incoming, length } => stream(incoming, length, &mut input).await,
        Intake::Spooled { memory, file, .. } => {
            input.write(&memory).await;
            if let Some(file) = file {
                pour(file, &mut input).await;
            }
        }
    }
    drop(input);
    pen.write(|exchange, now| {
        if let Some(invocation) = exchange.invocations.get_mut(run) {
            invocation.timeline.note(Moment::StdinClosed, now);
        }
    });
}

async fn stream(mut incoming: Incoming, length: u64, input: &mut Input) {
    let mut received = 0_u64;
    loop {
        let waiting = input.activity.wait_for_client();
        let frame = next_frame(&mut incoming, received, Some(length)).await;
        drop(waiting);
        match frame {
            None => return body_complete(&input.pen),
            Some(Err(end)) => {
                return input
                    .pen
                    .write(|exchange, _| exchange.request.body_end = Some(end));
            }
            Some(Ok(frame)) => {
                let Ok(bytes) = frame.into_data() else {
                    continue;
                };
                received += bytes.len() as u64;
                input
                    .pen
                    .write(|exchange, now| exchange.request.body.push(&bytes, now));
                input.write(&bytes).await;
            }
        }
        if received == length {
            return body_complete(&input.pen);
        }
    }
}

/// The next part of the body; a client that sends nothing for long is taken to have stopped.
async fn next_frame(
    incoming: &mut Incoming,
    received: u64,
    announced: Option<u64>,
) -> Option<Result<hyper::body::Frame<Bytes>, BodyEnd>> {
    match tokio::time::timeout(CLIENT_SILENCE, incoming.frame()).await {
        Ok(frame) => {
            frame.map(|frame| frame.map_err(|error| broken_body(&error, received, announced)))
        }
        Err(_) => Some(Err(BodyEnd::Short {
            received,
            announced,
        })),
    }
}

async fn pour(mut file: File, input: &mut Input) {
    let mut block = vec![0; 64 * 1024];
    while let Ok(count) = file.read(&mut block).await {
        if count == 0 || input.stdin.is_none() {
            return;
        }
        input.write(&block[..count]).await;
    }
}

/// The script's standard input, until the script closes it.
struct Input {
    stdin: Option<pipe::Sender>,
    run: usize,
    pen: Arc<Pen>,
    activity: Arc<Activity>,
}

impl Input {
    async fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some(stdin) = &mut self.stdin else { return };
            match stdin.write(rest).await {
                Ok(count) if count > 0 => {
                    rest = &rest[count..];
                    self.activity.touch();
                    self.note(|invocation| invocation.stdin_taken += count as u64);
                }
                // EPIPE: the script closed its standard input or ended.
                _ => {
                    self.stdin = None;
                    self.note(|invocation| invocation.stdin_refused = true);
                }
            }
        }
    }

    fn note(&self, change: impl FnOnce(&mut crate::exchange::Invocation)) {
        self.pen
            .write(|exchange, _| exchange.invocations.get_mut(self.run).map(change));
    }
}

fn body_complete(pen: &Pen) {
    pen.write(|exchange, now| {
        exchange.request.body_end = Some(BodyEnd::Complete);
        exchange.timeline.note(Moment::BodyComplete, now);
    });
}

/// What a failed read of the body means: broken chunk framing (our stream says so), or a client that stopped early.
fn broken_body(error: &hyper::Error, received: u64, announced: Option<u64>) -> BodyEnd {
    use std::error::Error as _;
    let framing = error
        .source()
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .and_then(|cause| cause.get_ref()?.downcast_ref::<ChunkError>());
    match framing {
        Some(framing) => BodyEnd::Malformed(framing.to_string()),
        None => BodyEnd::Short {
            received,
            announced,
        },
    }
}

fn spool_failed(error: &std::io::Error) -> BodyEnd {
    BodyEnd::Malformed(format!(
        "the body could not be kept until its length was known: {error}"
    ))
}

fn temporary_file() -> std::io::Result<File> {
    tempfile::tempfile().map(File::from_std)
}
