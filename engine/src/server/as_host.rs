//! A run as another host would make it: its request, its reading of the output, and its answer, which goes past
//! hyper because most of these hosts send heads that hyper would mend.

use super::body::Piece;
use super::gateway::{Next, Visit};
use super::hop::Hop;
use super::intake::KnownBody;
use super::launch::{Script, Terms};
use super::nph;
use super::output::{Decision, Output, Reader};
use super::own_answer::OwnAnswer;
use super::reply;
use super::run::{Flow, note};
use super::unchunk::Unchunk;
use crate::cgi::header_block::{HeaderBlockParser, Progress};
use crate::cgi::profile::{
    DirectoryRule, HostAnswer, HostBody, HostProfile, HostReader, HostVerdict, Overrun,
    Surroundings,
};
use crate::cgi::request::CgiRequest;
use crate::exchange::{AsHost, Author, End, EndCause, Exchange};
use crate::process::Program;
use bytes::Bytes;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};

/// Some hosts bound neither the headers nor their number and read on while a script prints them; here they are taken
/// to have ended after so much, since it is all kept until then.
const UNDECIDED_BYTES: usize = 4 << 20;
/// Pieces on their way to the client.
const PIECES: usize = 4;

/// What a run as a host needs beside its request.
pub(super) struct Prepared {
    pub(super) record: AsHost,
    own_name: Vec<u8>,
    directory: Option<PathBuf>,
}

impl Prepared {
    /// The program as the host starts it. An interpreter of the site's keeps its own name.
    pub(super) fn start(&self, mut program: Program, script: &Script) -> Program {
        if let Some(first) = program.arguments.first_mut()
            && program.executable == script.facts.path
        {
            *first = OsString::from_vec(self.own_name.clone());
        }
        if let Some(directory) = &self.directory {
            program.directory.clone_from(directory);
        }
        program
    }
}

impl Visit {
    /// What the host that this request is run as answers instead of starting the script.
    pub(super) fn refused_by_host(
        &self,
        script: &Script,
        hop: &Hop,
        terms: Terms<'_>,
    ) -> Option<OwnAnswer> {
        let profile = self.profile?;
        let refusal = self.with_facts(script, hop, KnownBody::NOTHING, terms, |facts| {
            profile.refusal(facts)
        })?;
        Some(reply::refused_by_host(self, profile, &refusal))
    }

    /// What the script is told by that host, and the beginning of the record of it.
    pub(super) fn request_as_host(
        &self,
        profile: HostProfile,
        script: &Script,
        hop: &Hop,
        body: KnownBody<'_>,
        terms: Terms<'_>,
    ) -> (CgiRequest, Option<Prepared>) {
        let exchange = self.pen.snapshot();
        let before = exchange.invocation().map(|run| run.request.as_ref());
        let inherited = inherited(profile);
        let surroundings = Surroundings {
            inherited: &inherited,
            before: before.map_or(&[], |request| &request.variables),
        };
        let profiled = self.with_facts(script, hop, body, terms, |facts| {
            profile.request(facts, &surroundings)
        });
        let directory = match profiled.directory {
            DirectoryRule::ScriptFolder => None,
            DirectoryRule::ServerFolder => Some(script.document_root.clone()),
        };
        let prepared = Prepared {
            record: AsHost {
                profile,
                differences: profiled.differences.into(),
                verdict: None,
            },
            own_name: profiled.own_name,
            directory,
        };
        (profiled.request, Some(prepared))
    }

    /// Sends what the host sends; its connection is closed behind it.
    pub(super) async fn answer_as_host(&self, answer: &HostAnswer, flow: Flow) {
        self.begin_response(answer.status, Author::Script, Bytes::new());
        let mut answer = answer.clone();
        if !answer.as_printed {
            answer.fields.extend(self.cookies_on_the_way());
        }
        nph::relay(self, answer.head().into(), flow).await;
    }

    /// A page with the host's status and fields, or no answer at all; none where no host has a word in it.
    pub(super) fn fail_as_host(&self, exchange: &Exchange) -> Option<Result<Next, OwnAnswer>> {
        let host = exchange.invocation()?.as_host.as_ref()?;
        match host.verdict.as_ref()? {
            HostVerdict::Answer(answer) => {
                Some(Err(reply::page_of_host(self, host.profile, answer)))
            }
            HostVerdict::Silence { .. } => {
                self.pen.end(End::Unanswered(EndCause::ScriptFailed));
                Some(Ok(Next::Over))
            }
            HostVerdict::LocalRedirect { .. } => None,
        }
    }

    /// The cookies of scripts that passed the request on.
    fn cookies_on_the_way(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let exchange = self.pen.snapshot();
        let verdicts = exchange.invocations.iter().filter_map(|run| {
            match run.as_host.as_ref()?.verdict.as_ref()? {
                HostVerdict::LocalRedirect { cookies, .. } => Some(cookies.clone()),
                _ => None,
            }
        });
        verdicts
            .flatten()
            .map(|cookie| (b"Set-Cookie".to_vec(), cookie))
            .collect()
    }
}

/// What of the studio's own environment such a host would let through: all of it.
fn inherited(profile: HostProfile) -> Vec<(Vec<u8>, Vec<u8>)> {
    if !profile.inherits() {
        return Vec::new();
    }
    std::env::vars_os()
        .map(|(name, value)| (name.into_vec(), value.into_vec()))
        .collect()
}

impl Output {
    /// Reads to the end of the output as the host does; what the specification makes of it is recorded beside.
    pub(super) async fn pump_as_host(
        &mut self,
        profile: HostProfile,
        reader: &mut Reader,
        parser: HeaderBlockParser,
        decide: oneshot::Sender<Decision>,
    ) {
        let mut host = HostReader::new(profile, self.head_request);
        let mut parser = Some(parser);
        let mut output = Vec::new();
        let (verdict, mut ended) = loop {
            let Some(bytes) = self.read(reader).await else {
                break (host.finish(), true);
            };
            output.extend_from_slice(&bytes);
            self.parse_beside(&mut parser, Some(&bytes));
            if let Some(verdict) = host.feed(&bytes) {
                break (verdict, false);
            }
            if output.len() > UNDECIDED_BYTES {
                break (host.finish(), false);
            }
        };
        let mut client = self.decide_as_host(verdict, output, decide).await;
        while !ended {
            let bytes = self.read(reader).await;
            ended = bytes.is_none();
            self.parse_beside(&mut parser, bytes.as_deref());
            if let (Some(body), Some(bytes)) = (&mut client, bytes) {
                body.send(self, bytes).await;
            }
        }
        self.parse_beside(&mut parser, None);
        if let Some(body) = client {
            // No host tells a script that crashed from one that ended (row 118).
            let last = if self.was_stopped() {
                Piece::CutOff
            } else {
                Piece::Whole
            };
            let _ = self.send(&body.client, last).await;
        }
    }

    /// Tells what comes of the verdict; what is returned takes the body, whose beginning is in `output`.
    async fn decide_as_host(
        &self,
        verdict: HostVerdict,
        mut output: Vec<u8>,
        decide: oneshot::Sender<Decision>,
    ) -> Option<Body> {
        self.note_verdict(&verdict);
        match verdict {
            HostVerdict::LocalRedirect { location, .. } => {
                let _ = decide.send(Decision::LocalRedirect { location });
                None
            }
            HostVerdict::Answer(answer) if answer.body != HostBody::OwnPage => {
                let (sender, pieces) = mpsc::channel(PIECES);
                let mut body = Body::new(&answer, sender);
                let start = answer.taken.min(output.len());
                let _ = decide.send(Decision::AsHost { answer, pieces });
                body.send(self, Bytes::from(output.split_off(start))).await;
                Some(body)
            }
            _ => {
                let _ = decide.send(Decision::Refused);
                None
            }
        }
    }

    /// Feeds the specification's parser, until it has what it wants; none: the output has ended.
    fn parse_beside(&self, parser: &mut Option<HeaderBlockParser>, bytes: Option<&[u8]>) {
        let Some(open) = parser else {
            return;
        };
        let complete = match bytes {
            Some(bytes) => open.feed(bytes) == Progress::Complete,
            None => {
                open.finish();
                true
            }
        };
        if let Some(parser) = parser.take_if(|_| complete) {
            self.interpret(parser.into_block());
        }
    }

    fn note_verdict(&self, verdict: &HostVerdict) {
        note(&self.pen, self.run, |run, _| {
            if let Some(host) = &mut run.as_host {
                host.verdict = Some(verdict.clone());
            }
        });
    }

    fn was_stopped(&self) -> bool {
        let exchange = self.pen.snapshot();
        let run = exchange.invocations.get(self.run);
        run.is_none_or(|run| run.stop.is_some())
    }
}

/// A body on its way to the client, cut and taken apart as the host does it.
struct Body {
    client: mpsc::Sender<Piece>,
    gone: bool,
    dropped: bool,
    limit: Option<(u64, Overrun)>,
    chunks: Option<Unchunk>,
}

impl Body {
    fn new(answer: &HostAnswer, client: mpsc::Sender<Piece>) -> Self {
        let (dropped, limit, chunked) = match &answer.body {
            HostBody::Output { limit, chunked } => (false, *limit, *chunked),
            HostBody::Dropped | HostBody::OwnPage => (true, None, false),
        };
        Self {
            client,
            gone: false,
            dropped,
            limit,
            chunks: chunked.then(Unchunk::default),
        }
    }

    async fn send(&mut self, output: &Output, bytes: Bytes) {
        let bytes = self.fitting(bytes);
        if !(self.gone || bytes.is_empty()) {
            self.gone = !output.send(&self.client, Piece::Bytes(bytes)).await;
        }
    }

    fn fitting(&mut self, mut bytes: Bytes) -> Bytes {
        if self.dropped {
            return Bytes::new();
        }
        if let Some(chunks) = &mut self.chunks {
            bytes = chunks.take(&bytes).into();
        }
        if let Some((left, overrun)) = &mut self.limit {
            let length = bytes.len() as u64;
            if length > *left {
                match overrun {
                    Overrun::Cut => bytes.truncate(usize::try_from(*left).unwrap_or(usize::MAX)),
                    Overrun::LoseWrite => bytes.clear(),
                }
            }
            *left -= bytes.len() as u64;
        }
        bytes
    }
}
