//! What would become of a request if it were sent now: the gateway's own steps, up to the start of a script.
//!
//! Nothing is started, recorded or told. The steps are those of a request that comes in (`gateway.rs`), not a copy
//! of them, so that a preview cannot say anything else than the record will.

use super::connection::Connection;
use super::gateway::{Chosen, Next, REDIRECTS, Visit};
use super::hop::Hop;
use super::host::Host;
use super::intake::{KnownBody, refusal_of_body};
use super::launch::{Script, Terms};
use super::own_answer::{Course, OwnAnswer};
use super::transport::Transport;
use super::{memory, reply, site_rules, stream};
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::request::{BodyFacts, CgiRequest};
use crate::cgi::request_head::{self, HeadLimits, RequestHead};
use crate::cgi::trailers::Trailer;
use crate::exchange::{BodyEnd, Origin, ProgramRecord, Refusal, SelectedTarget};
use crate::site::script::ScriptFacts;
use crate::site::{Settings, Target};
use bytes::Bytes;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

/// What would become of a request.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The head; none while its end is missing, and when it is refused for what it is.
    pub head: Option<Arc<RequestHead>>,
    /// Empty lines before the head, in bytes; all places in the head count from behind them.
    pub head_start: usize,
    /// Why the URL is not answered by what it stands for: a damaged head, a rule of access, a body that is too long.
    pub refusal: Option<Refusal>,
    /// What the URL stands for.
    pub target: SelectedTarget,
    /// The steps that led there, each in words.
    pub steps: Vec<String>,
    /// Who would answer.
    pub answer: PreviewedAnswer,
    /// Bytes that the head announces and that are not there: a server waits for them.
    pub body_missing_bytes: u64,
    /// Bytes after the end of this request: a server takes them for the next one.
    pub left_over_bytes: usize,
}

/// Who would answer.
#[derive(Clone, Debug)]
pub enum PreviewedAnswer {
    /// Nobody: the head has no end, and a server waits for the rest of it.
    Nobody,
    /// The studio.
    Studio {
        /// The status; none for a file, where it depends on the file.
        status: Option<u16>,
    },
    /// A script.
    Script(Box<PreviewedRun>),
}

/// A run that would be made.
#[derive(Clone, Debug)]
pub struct PreviewedRun {
    /// The script as it is on disk.
    pub script: Arc<ScriptFacts>,
    /// How many bytes of `path` name the script; what follows is the extra path.
    pub script_name_length: usize,
    /// The decoded path that leads to it: the client's, or the one that the site hands it to.
    pub path: Vec<u8>,
    /// The meta-variables, with where each comes from, and the command line.
    pub request: Arc<CgiRequest>,
    /// The program with its arguments and its working directory, or why it cannot be started.
    pub program: Result<Arc<ProgramRecord>, String>,
    /// Its output goes to the client untouched (RFC 3875 §5).
    pub nph: bool,
}

/// The body of a request as far as its bytes are there.
struct SentBody {
    facts: Result<BodyFacts, BodyEnd>,
    trailers: Vec<Trailer>,
    missing: u64,
    left_over: usize,
}

/// Goes through the request as if it had come over a connection in memory.
pub(crate) async fn preview(host: &Arc<Host>, request: &[u8]) -> Preview {
    let head_start = stream::empty_lines(request);
    let bytes = request.get(head_start..).unwrap_or_default();
    let limits = HeadLimits::default();
    let head = match request_head::find_end(bytes, 0, &limits) {
        Ok(None) => return Preview::without_head(head_start, None),
        Ok(Some(end)) => {
            let raw = Bytes::copy_from_slice(bytes.get(..end).unwrap_or(bytes));
            request_head::parse(raw, &limits)
        }
        Err(error) => Err(error),
    };
    match head {
        Ok(head) => of_head(host, head, head_start, bytes).await,
        Err(error) => Preview::without_head(head_start, Some(stream::refusal_of_head(&error))),
    }
}

async fn of_head(host: &Arc<Host>, head: RequestHead, head_start: usize, bytes: &[u8]) -> Preview {
    let visit = Visit::rehearsal(host, head);
    let head = Arc::clone(&visit.head);
    let limit = visit.site.config.limits.request_body_bytes;
    let body = SentBody::read(
        &head,
        bytes.get(head.raw.len()..).unwrap_or_default(),
        limit,
    );
    let answer = visit.rehearse(&body).await;
    let written = visit.pen.snapshot();
    Preview {
        head: Some(head),
        head_start,
        refusal: written.request.refusal.clone(),
        target: written.selection.target.clone(),
        steps: written.selection.steps.clone(),
        answer,
        body_missing_bytes: body.missing,
        left_over_bytes: body.left_over,
    }
}

impl Preview {
    /// Of a request without a head that can be read.
    pub(crate) fn without_head(head_start: usize, refusal: Option<Refusal>) -> Self {
        let status = refusal.as_ref().map(|refusal| refusal.status);
        Self {
            head: None,
            head_start,
            target: SelectedTarget::Undecided,
            steps: Vec::new(),
            answer: match refusal {
                Some(_) => PreviewedAnswer::Studio { status },
                None => PreviewedAnswer::Nobody,
            },
            refusal,
            body_missing_bytes: 0,
            left_over_bytes: 0,
        }
    }

    /// The run that would be made, if one would.
    #[must_use]
    pub fn run(&self) -> Option<&PreviewedRun> {
        match &self.answer {
            PreviewedAnswer::Script(run) => Some(run),
            PreviewedAnswer::Nobody | PreviewedAnswer::Studio { .. } => None,
        }
    }
}

impl SentBody {
    fn read(head: &RequestHead, bytes: &[u8], limit: u64) -> Self {
        match head.body_framing() {
            BodyFraming::None => Self::counted(BodyFacts::None, 0, bytes, limit),
            BodyFraming::Length(length) => {
                Self::counted(BodyFacts::Length(length), length, bytes, limit)
            }
            BodyFraming::Chunked => Self::chunked(head, bytes, limit),
        }
    }

    fn counted(facts: BodyFacts, length: u64, bytes: &[u8], limit: u64) -> Self {
        let there = bytes.len() as u64;
        let taken = usize::try_from(length).unwrap_or(usize::MAX);
        Self {
            facts: if length > limit {
                Err(BodyEnd::TooLong { limit })
            } else {
                Ok(facts)
            },
            trailers: Vec::new(),
            missing: length.saturating_sub(there),
            left_over: bytes.len().saturating_sub(taken),
        }
    }

    fn chunked(head: &RequestHead, bytes: &[u8], limit: u64) -> Self {
        let mut scanner = stream::chunk_scanner(head);
        let scanned = scanner.feed(bytes);
        let length = scanner.data_bytes();
        let facts = match &scanned {
            _ if length > limit => Err(BodyEnd::TooLong { limit }),
            Err(error) => Err(BodyEnd::Malformed(error.to_string())),
            Ok(progress) if progress.done => Ok(BodyFacts::Counted(length)),
            Ok(_) => Err(BodyEnd::Short {
                received: length,
                announced: None,
            }),
        };
        let consumed = scanned.map_or(bytes.len(), |progress| progress.consumed);
        Self {
            facts,
            trailers: scanner.into_trailers(),
            missing: 0,
            left_over: bytes.len() - consumed,
        }
    }
}

impl Visit {
    fn rehearsal(host: &Arc<Host>, head: RequestHead) -> Self {
        let facts = memory::facts(host);
        // Nothing is read from it or written to it.
        let (nobody, _) = tokio::io::duplex(1);
        let transport = Transport::Memory(Mutex::new(nobody));
        let connection = Connection::new(
            Arc::clone(host),
            transport,
            facts,
            Origin::Studio,
            CancellationToken::new(),
        );
        let site = host.site();
        Self {
            profile: connection.profile_for(&site),
            site,
            head: Arc::new(head),
            pen: Arc::new(host.recorder.rehearse(facts, Origin::Studio)),
            connection,
            rehearsed: true,
        }
    }

    /// The steps of [`super::gateway`] without an answer at their end.
    async fn rehearse(&self, body: &SentBody) -> PreviewedAnswer {
        let facts = &self.connection.facts;
        if let Err(refusal) = site_rules::may_be_asked(&self.head, facts.local, &self.site.config) {
            return self.refuse_rehearsed(refusal);
        }
        if self.head.method() == b"OPTIONS" && self.head.target() == b"*" {
            let status = Some(
                reply::options(self, reply::SERVER_METHODS)
                    .status()
                    .as_u16(),
            );
            return PreviewedAnswer::Studio { status };
        }
        let mut hop = match Hop::first(&self.head) {
            Ok(hop) => hop,
            Err(refusal) => return self.refuse_rehearsed(refusal),
        };
        let mut course = Course {
            incoming: None,
            unmet: None,
        };
        for _ in 0..=REDIRECTS {
            match self.rehearse_hop(&hop, body, &mut course).await {
                Step::Answer(answer) => return answer,
                Step::Hop(next) => hop = *next,
            }
        }
        let status = Some(reply::redirect_loop(self, REDIRECTS).status);
        PreviewedAnswer::Studio { status }
    }

    fn refuse_rehearsed(&self, refusal: Refusal) -> PreviewedAnswer {
        let status = Some(refusal.status);
        self.pen
            .write(|exchange, _| exchange.request.refusal = Some(refusal));
        PreviewedAnswer::Studio { status }
    }

    async fn rehearse_hop(&self, hop: &Hop, body: &SentBody, course: &mut Course) -> Step {
        let resolution = self.select(hop);
        let settings = Arc::clone(&resolution.settings);
        let step = match self.choose(hop, resolution).await {
            Ok(chosen) => {
                self.rehearse_chosen(chosen, &settings, hop, body, course)
                    .await
            }
            Err(answer) => Err(answer),
        };
        let answer = match step {
            Ok(step) => return step,
            Err(answer) => answer,
        };
        match self.answer_or_document(answer, &settings, hop, course) {
            Next::Hop(next) => Step::Hop(next),
            Next::Reply(reply) => Step::studio(reply.status().as_u16()),
            Next::Over => Step::Answer(PreviewedAnswer::Nobody),
        }
    }

    async fn rehearse_chosen(
        &self,
        chosen: Chosen,
        settings: &Settings,
        hop: &Hop,
        body: &SentBody,
        course: &mut Course,
    ) -> Result<Step, OwnAnswer> {
        match chosen {
            Chosen::Another(next) => Ok(Step::Hop(next)),
            Chosen::Script { script, user } => {
                let terms = Terms {
                    settings,
                    user: user.as_deref(),
                };
                let run = self.rehearse_run(&script, hop, terms, body)?;
                Ok(Step::Answer(PreviewedAnswer::Script(Box::new(run))))
            }
            // What is sent as it is would have to be opened; its status is that of the document's error, if it is one.
            Chosen::Studio(Target::File { .. })
                if matches!(hop.method(&self.head), b"GET" | b"HEAD") =>
            {
                let status = course.unmet.take().map(|unmet| unmet.status);
                Ok(Step::Answer(PreviewedAnswer::Studio { status }))
            }
            Chosen::Studio(Target::Directory { listable: true, .. })
                if matches!(hop.method(&self.head), b"GET" | b"HEAD") && course.unmet.is_none() =>
            {
                Ok(Step::Answer(PreviewedAnswer::Studio { status: None }))
            }
            Chosen::Studio(target) => self
                .answer_without_script(target, hop, course)
                .await
                .map(|reply| Step::studio(reply.status().as_u16())),
        }
    }

    fn rehearse_run(
        &self,
        script: &Script,
        hop: &Hop,
        terms: Terms<'_>,
        body: &SentBody,
    ) -> Result<PreviewedRun, OwnAnswer> {
        if let Some(refusal) = self.refused_by_host(script, hop, terms) {
            return Err(refusal);
        }
        let known = match &body.facts {
            _ if hop.body_left => KnownBody::NOTHING,
            Ok(facts) => KnownBody {
                facts: *facts,
                trailers: &body.trailers,
            },
            Err(end) => return Err(reply::refusal_and_close(self, refusal_of_body(end))),
        };
        let prepared = self.prepare(script, hop, terms, known);
        Ok(PreviewedRun {
            script: Arc::clone(&script.facts),
            script_name_length: script.script_name_length,
            path: hop.path.bytes.clone(),
            request: prepared.request,
            program: match prepared.program {
                Ok(program) => Ok(Arc::new(ProgramRecord {
                    executable: program.executable,
                    arguments: program.arguments,
                    directory: program.directory,
                })),
                Err(reason) => Err(reason.to_string()),
            },
            nph: prepared.nph,
        })
    }
}

/// What comes after a hop.
enum Step {
    Answer(PreviewedAnswer),
    Hop(Box<Hop>),
}

impl Step {
    fn studio(status: u16) -> Self {
        Self::Answer(PreviewedAnswer::Studio {
            status: Some(status),
        })
    }
}
