//! What happened in one request, as facts: no verdicts.
//!
//! An [`Exchange`] is written by the recorder while it happens and never changes after its [`End`].
//! Findings are derived from it whenever they are asked for, so an old recording profits from new rules.
//! Times inside are offsets from the first byte of the request (the wall clock is read once, in `started`).

mod captured;
mod locals;
pub mod mapping;
mod row;
mod sent_head;
mod silence;
mod spill;
mod surroundings;
mod timeline;

pub use captured::{CapturedBody, CapturedParts, Mark, Missing};
pub use locals::{Debugger, ExceptionLocals, FrameLocals, Local, LocalsReport};
pub use row::{ExchangeRow, Progress, Recorded, RowError, RowKind, RowOrigin, RowRef};
pub(crate) use row::{host_number, host_numbered};
pub use sent_head::{SentField, sent_fields};
pub use silence::Silence;
pub(crate) use spill::Spill;
pub use spill::{SpillFile, SpillFolder};
pub use surroundings::{AppliedLimits, Interpreter};
pub use timeline::{Moment, Timeline};

use crate::cgi::header_block::HeaderBlock;
use crate::cgi::profile::{Difference, HostProfile, HostVerdict};
use crate::cgi::request::{CgiRequest, ConnectionFacts};
use crate::cgi::request_head::RequestHead;
use crate::cgi::response::ScriptResponse;
use crate::clock::Timestamp;
use crate::process::{Exit, Member, ProcessEnd};
use crate::site::script::ScriptFacts;
use bytes::Bytes;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The running number of an exchange in its site, from 1; it never changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ExchangeId(pub u64);

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One request and everything that came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The running number.
    pub id: ExchangeId,
    /// When the first byte of the request arrived.
    pub started: Timestamp,
    /// Who asked.
    pub origin: Origin,
    /// The addresses of the connection.
    pub connection: ConnectionFacts,
    /// What the client sent.
    pub request: RequestRecord,
    /// How the URL was turned into something on disk.
    pub selection: Selection,
    /// The runs of scripts: none for a file, one for a script, more after local redirects (RFC 3875 §6.2.2).
    pub invocations: Vec<Invocation>,
    /// What the client was answered; absent while nothing was decided, or when nothing could be sent.
    pub response: Option<ResponseRecord>,
    /// When each thing happened.
    pub timeline: Timeline,
    /// How it ended; absent while it lives.
    pub end: Option<End>,
}

impl Exchange {
    /// The run that made the answer: the last one.
    #[must_use]
    pub fn invocation(&self) -> Option<&Invocation> {
        self.invocations.last()
    }

    /// Bytes of memory that the recording holds, near enough for a bound.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let runs: usize = self.invocations.iter().map(Invocation::held_bytes).sum();
        let reply = self.response.as_ref().map_or(0, |response| {
            response.sent_head.len() + response.own_body.len()
        });
        size_of::<Self>()
            + self.request.raw_head.len()
            + self.request.body.held_bytes()
            + runs
            + reply
    }
}

/// Who asked for an exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A client on a socket.
    Socket,
    /// The studio itself, over a connection in memory (the command line's `run`, a first request).
    Studio,
    /// The studio again, with the request of this earlier exchange.
    Replay(ExchangeId),
    /// The studio again, with the request of this earlier exchange and the scripts as they were in it.
    ReplayOfSource(ExchangeId),
    /// Nobody asked here: it was recorded elsewhere and read from a file.
    Imported {
        /// The file and the program that wrote it, in words for display.
        from: Arc<str>,
    },
}

/// What the client sent.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    /// The head byte by byte, with its empty line; what had come of it when it was refused.
    pub raw_head: Bytes,
    /// The head understood; absent when it was refused.
    pub head: Option<Arc<RequestHead>>,
    /// Who has logged in with a password that was right, where the site asked for a login.
    pub login: Option<String>,
    /// Why the studio refused the request before any script was considered.
    pub refusal: Option<Refusal>,
    /// The body as the script would get it, transfer codings removed.
    pub body: CapturedBody,
    /// How the body ended; absent while it may still come, and when there is none.
    pub body_end: Option<BodyEnd>,
}

impl RequestRecord {
    /// The method as sent, or `?` where no head could be understood.
    #[must_use]
    pub fn method(&self) -> String {
        self.head.as_ref().map_or_else(
            || "?".to_owned(),
            |head| String::from_utf8_lossy(head.method()).into_owned(),
        )
    }

    /// The request target as sent; the first line of the raw head where it could not be understood.
    #[must_use]
    pub fn target(&self) -> String {
        match &self.head {
            Some(head) => String::from_utf8_lossy(head.target()).into_owned(),
            None => {
                let line = self
                    .raw_head
                    .split(|&byte| byte == b'\n')
                    .next()
                    .unwrap_or_default();
                String::from_utf8_lossy(&line[..line.len().min(200)])
                    .trim()
                    .to_owned()
            }
        }
    }
}

/// A request that the studio refused itself: bad syntax, a limit, a rule of the site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The status that was answered.
    pub status: u16,
    /// What was wrong, in one sentence.
    pub reason: String,
    /// The rule's source, as `RFC 9112 §6.1`; empty where it is the site's own setting.
    pub authority: String,
    /// Where in the raw head, in bytes.
    pub at: Option<usize>,
    /// The offending bytes, cut to a line.
    pub excerpt: Vec<u8>,
}

/// How a request body ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BodyEnd {
    /// All of it came.
    Complete,
    /// The client stopped before the length that it had announced.
    Short {
        /// Bytes that came.
        received: u64,
        /// Bytes that Content-Length named; absent for a chunked body.
        announced: Option<u64>,
    },
    /// It was over the site's limit of so many bytes.
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// The chunk framing was broken (RFC 9112 §7.1), in these words.
    Malformed(String),
}

/// How the URL was turned into something on disk, and why.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// What was chosen.
    pub target: SelectedTarget,
    /// The steps that led there, each in words.
    pub steps: Vec<String>,
}

/// What a URL stands for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum SelectedTarget {
    /// Not decided yet, or never.
    #[default]
    Undecided,
    /// A script.
    Script(PathBuf),
    /// A file, sent as it is.
    File(PathBuf),
    /// A folder without an index file.
    Folder(PathBuf),
    /// Nothing is there.
    Nothing {
        /// A name that is nearly the same and exists.
        nearest: Option<String>,
    },
    /// There, but not to be had; why, in words.
    Forbidden(String),
}

/// One run of a script.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The script as it was on disk, source included.
    pub script: Arc<ScriptFacts>,
    /// SCRIPT_NAME for display.
    pub script_name: String,
    /// The name begins with `nph-`: its output is the response, untouched (RFC 3875 §5).
    pub nph: bool,
    /// The meta-variables, with where each came from, and the command line.
    pub request: Arc<CgiRequest>,
    /// The program that was started; absent when the script could not be run at all.
    pub program: Option<Arc<ProgramRecord>>,
    /// What ran the script; absent for a program of its own, and where nothing could.
    pub interpreter: Option<Interpreter>,
    /// What the run was held to; absent in records that do not say.
    pub limits: Option<Box<AppliedLimits>>,
    /// The host that the run was made as, and what was different; absent for a run by the specification.
    pub as_host: Option<Box<AsHost>>,
    /// Why no process was started.
    pub launch_failure: Option<LaunchFailure>,
    /// The process id.
    pub pid: Option<u32>,
    /// Bytes of the body that the script took from its standard input before it ended or closed it.
    pub stdin_taken: u64,
    /// The script closed its standard input before the end of the body.
    pub stdin_refused: bool,
    /// What came from standard output.
    pub stdout: CapturedBody,
    /// What came from standard error.
    pub stderr: CapturedBody,
    /// Standard output reached its end.
    pub stdout_ended: bool,
    /// The header block, once it was complete or given up.
    pub header_block: Option<Arc<HeaderBlock>>,
    /// What the header block means; absent for NPH.
    pub response: Option<Arc<ScriptResponse>>,
    /// Why the studio ended the script, if it did.
    pub stop: Option<StopCause>,
    /// The main process ended in this way; known before it is reaped.
    pub exit: Option<Exit>,
    /// What it used, known after it was reaped.
    pub usage: Option<ProcessEnd>,
    /// Processes that kept standard output open after the script itself had ended.
    pub holders: Vec<Member>,
    /// What it was seen to do when nothing had come or gone for two seconds; the last look.
    pub silence: Option<Box<Silence>>,
    /// What was in the process beside the script; absent in most runs.
    pub debugged: Option<Debugger>,
    /// The variables at an exception that nobody caught, where they were asked for.
    pub locals: Option<Arc<LocalsReport>>,
    /// Offsets of this run.
    pub timeline: Timeline,
}

impl Invocation {
    fn held_bytes(&self) -> usize {
        // Runs of the same source share it, and each bears its part.
        let source = self.script.source.len() / Arc::strong_count(&self.script.source).max(1);
        let variables: usize = self
            .request
            .variables
            .iter()
            .map(|variable| variable.name.len() + variable.value.len() + 96)
            .sum();
        size_of::<Self>() + self.stdout.held_bytes() + self.stderr.held_bytes() + source + variables
    }

    /// The offset of the body in standard output: where the header block ended.
    #[must_use]
    pub fn body_offset(&self) -> Option<u64> {
        if self.nph {
            return Some(0);
        }
        self.header_block.as_ref().map(|block| block.length as u64)
    }
}

/// A run that was made as another host would make it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsHost {
    /// The host.
    pub profile: HostProfile,
    /// Where the script's environment, command line and surroundings differ from the specification's.
    pub differences: Arc<[Difference]>,
    /// What the host makes of the output; absent until that is decided. What the specification makes of it
    /// stands in [`Invocation::response`] as ever.
    pub verdict: Option<HostVerdict>,
}

/// The command line and surroundings of a started program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProgramRecord {
    /// The file that was executed.
    pub executable: PathBuf,
    /// The command line, its own name first.
    pub arguments: Vec<OsString>,
    /// The working directory: the script's folder (RFC 3875 §7.2).
    pub directory: PathBuf,
}

/// Why no process was started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LaunchFailure {
    /// What failed, in words.
    pub message: String,
    /// The system's error number, where the system was asked.
    pub errno: Option<i32>,
}

/// Why the studio ended a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopCause {
    /// The client hung up.
    ClientGone,
    /// Nothing came from the script for so long, or it ran so long in all.
    TimeLimit {
        /// The limit.
        limit: Duration,
        /// It is the limit of the whole run, not of silence.
        total: bool,
    },
    /// Its header block was refused, so nothing that follows can be used.
    OutputRefused,
    /// Somebody pressed Stop.
    User,
    /// The studio is closing.
    Shutdown,
}

impl fmt::Display for StopCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientGone => f.write_str("the client hung up"),
            Self::TimeLimit {
                limit,
                total: false,
            } => write!(f, "no output for {} s", limit.as_secs_f64()),
            Self::TimeLimit { limit, total: true } => {
                write!(f, "ran longer than {} s", limit.as_secs_f64())
            }
            Self::OutputRefused => f.write_str("its header block could not be used"),
            Self::User => f.write_str("stopped by hand"),
            Self::Shutdown => f.write_str("the studio closed"),
        }
    }
}

/// What the client was answered.
#[derive(Clone, Debug)]
pub struct ResponseRecord {
    /// The status code.
    pub status: u16,
    /// Who made it.
    pub author: Author,
    /// The head as it went out on the wire, with what the server added; empty until it went.
    pub sent_head: Bytes,
    /// The body where the studio wrote it itself (a failure page, a folder page) or it was imported; else empty.
    pub own_body: Bytes,
    /// Bytes of body handed to the connection, before chunk framing.
    pub body_bytes: u64,
}

/// Who made a response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Author {
    /// The script: its output from the header block's end on.
    Script,
    /// A script whose name begins with `nph-`: its output is the whole response.
    NphScript,
    /// A file of the site.
    File,
    /// The studio: a failure page, a folder page, a redirect to the folder.
    Studio,
    /// Another server, as an imported recording tells; its body stands in [`ResponseRecord::own_body`].
    Elsewhere,
}

/// How an exchange ended: with a response, or with the reason why there is none (or only a part).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// The response went out whole.
    Answered,
    /// The response began and was cut off.
    CutOff(EndCause),
    /// Nothing was answered.
    Unanswered(EndCause),
}

/// Why a response is missing or cut off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EndCause {
    /// The client hung up.
    ClientGone,
    /// The script failed after its headers were sent: ending the response cleanly would make half a page look whole.
    ScriptFailed,
    /// The script was stopped.
    Stopped(StopCause),
    /// The studio closed.
    Shutdown,
    /// The studio itself failed, in these words.
    Internal(String),
}

impl fmt::Display for EndCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClientGone => f.write_str("the client hung up"),
            Self::ScriptFailed => f.write_str("the script failed after its headers"),
            Self::Stopped(cause) => cause.fmt(f),
            Self::Shutdown => f.write_str("the studio closed"),
            Self::Internal(words) => f.write_str(words),
        }
    }
}
