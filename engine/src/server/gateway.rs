//! One request from its head to its last byte: the story of the engine.
//!
//! Accepted head → may it be asked for here? → URL to something on disk → a file, a folder, or a script:
//! facts → body → meta-variables → process → header block → response, or the same again after a local redirect,
//! or a page that says why there is none.

use super::body::{ReplyBody, Source};
use super::connection::{Accepted, Connection};
use super::intake::{self, Intake};
use super::run::{self, Flow, Outcome, Plan, RunLimits};
use super::{reply, site_rules, static_file};
use crate::SERVER_SOFTWARE;
use crate::cgi::head_rules::BodyFraming;
use crate::cgi::header_block::HeaderLimits;
use crate::cgi::request::{BodyFacts, CgiRequest, RedirectFacts, RequestFacts};
use crate::cgi::request_head::RequestHead;
use crate::cgi::response::{self, ScriptResponse};
use crate::cgi::script_uri::{DecodedPath, RequestTarget, TargetError};
use crate::exchange::{
    Author, BodyEnd, CapturedBody, End, EndCause, Invocation, LaunchFailure, Moment, ProgramRecord,
    Refusal, ResponseRecord, SelectedTarget, Selection, StopCause, Timeline,
};
use crate::process::Program;
use crate::recorder::Pen;
use crate::site::Site;
use crate::site::config::SiteConfig;
use crate::site::script::ScriptFacts;
use crate::site::{Resolution, Target, resolve};
use bytes::Bytes;
use hyper::body::Incoming;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Local redirects followed in one request before it is called a loop; Apache allows as many.
const REDIRECTS: usize = 10;

/// What hyper sends.
pub(crate) type Reply = hyper::Response<ReplyBody>;

/// Ends the connection without another byte: an NPH script has written the response itself, or nobody is left to read one.
#[derive(Debug, thiserror::Error)]
#[error("there is nothing more to write")]
pub(crate) struct TakenOver;

/// What the rest of the story needs at every step.
pub(crate) struct Visit {
    pub(crate) connection: Arc<Connection>,
    pub(crate) site: Arc<Site>,
    pub(crate) head: Arc<RequestHead>,
    pub(crate) pen: Arc<Pen>,
}

/// A path of this server that is to answer: the client's, or a script's local redirect.
struct Hop {
    target: RequestTarget,
    path: DecodedPath,
    /// What the client asked for, when a script passed the request on.
    from: Option<RedirectedFrom>,
}

/// The path and query that a local redirect replaced.
struct RedirectedFrom {
    url: Vec<u8>,
    query: Option<Vec<u8>>,
}

/// Answers one request. Dropping the future means that the client has gone; a run that began goes on by itself.
pub(crate) async fn handle(
    connection: Arc<Connection>,
    request: hyper::Request<Incoming>,
) -> Result<Reply, TakenOver> {
    let Some(Accepted { head, pen }) = connection.take_accepted() else {
        return Err(TakenOver);
    };
    let visit = Visit {
        site: connection.host.site(),
        connection,
        head,
        pen,
    };
    let mut leaving = Leaving {
        pen: &visit.pen,
        answered: false,
    };
    let reply = visit.answer(request.into_body()).await;
    leaving.answered = true;
    drop(leaving);
    reply
}

impl Visit {
    async fn answer(&self, incoming: Incoming) -> Result<Reply, TakenOver> {
        let mut reply = self.follow(incoming).await?;
        reply::carry_cookies(&mut reply, &self.pen.snapshot());
        Ok(reply)
    }

    /// From the client's path over local redirects to the one that answers.
    async fn follow(&self, incoming: Incoming) -> Result<Reply, TakenOver> {
        if let Err(refusal) =
            site_rules::may_be_asked(&self.head, self.connection.facts.local, &self.site.config)
        {
            return Ok(self.refuse(refusal));
        }
        let mut hop = match first_hop(&self.head) {
            Ok(hop) => hop,
            Err(refusal) => return Ok(self.refuse(refusal)),
        };
        let mut incoming = Some(incoming);
        for _ in 0..=REDIRECTS {
            let resolution = self.select(&hop);
            let Target::Script {
                file,
                script_name_length,
                document_root,
            } = resolution.target
            else {
                return Ok(self.answer_without_script(resolution.target, &hop).await);
            };
            let script = Script {
                facts: self.connection.host.facts_of(&file),
                file,
                script_name_length,
                document_root,
            };
            let intake = match self.take_body(incoming.take()).await {
                Ok(intake) => intake,
                Err(refusal) => return Ok(self.refuse(refusal)),
            };
            match self.run(&script, &hop, intake).await {
                Outcome::Respond(response, flow) => return Ok(self.respond(&response, flow)),
                Outcome::Nph(flow) => return self.relay(flow).await,
                Outcome::Failed => return self.fail(),
                Outcome::LocalRedirect(location) => match next_hop(&location, &hop) {
                    Ok(next) => hop = next,
                    Err(error) => return Ok(reply::bad_location(self, &location, &error)),
                },
            }
        }
        Ok(reply::redirect_loop(self, REDIRECTS))
    }

    /// URL and disk to a target, with the reasons.
    fn select(&self, hop: &Hop) -> Resolution {
        let resolution = resolve(&self.site, &hop.path.bytes);
        let selection = Selection {
            target: selected(&resolution.target),
            steps: resolution.steps.iter().map(ToString::to_string).collect(),
        };
        self.pen.write(|exchange, now| {
            exchange.selection = selection;
            exchange.timeline.note(Moment::Selected, now);
        });
        resolution
    }

    async fn answer_without_script(&self, target: Target, hop: &Hop) -> Reply {
        // A request that a script passed on is a GET (RFC 3875 §6.2.2), whatever it was.
        let redirected = hop.from.is_some();
        let readable = redirected || matches!(self.head.method(), b"GET" | b"HEAD");
        match target {
            Target::File { .. } | Target::Directory { .. } if !readable => {
                reply::method_not_allowed(self)
            }
            Target::File { file } => static_file::send(self, &file, redirected).await,
            Target::Directory {
                folder,
                listable: true,
                ..
            } => tokio::task::block_in_place(|| reply::folder(self, &folder, &hop.path.bytes)),
            Target::Directory { .. } => reply::forbidden(self, "a folder of scripts is not listed"),
            Target::AddSlash { location } => reply::add_slash(self, &location, hop.target.query()),
            Target::NotFound { nearest } => reply::not_found(self, nearest.as_deref()),
            Target::Forbidden { reason } => reply::forbidden(self, &reason),
            Target::Script { .. } => reply::failure(self),
        }
    }

    /// What the script will read: nothing after a redirect, a stream of known length, or a spooled chunked body.
    async fn take_body(&self, incoming: Option<Incoming>) -> Result<Intake, Refusal> {
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
            BodyFraming::Chunked => match intake::spool(incoming, limit, &self.pen).await {
                Ok(intake) => return Ok(intake),
                Err(end) => end,
            },
        };
        let refusal = refusal_of_body(&end);
        self.pen
            .write(|exchange, _| exchange.request.body_end = Some(end));
        Err(refusal)
    }

    /// Prepares one run, records how it was prepared, and starts it.
    async fn run(&self, script: &Script, hop: &Hop, intake: Intake) -> Outcome {
        let host = &self.connection.host;
        let request = Arc::new(self.cgi_request(script, hop, &intake));
        let program = script
            .facts
            .launch_plan()
            .map(|plan| script.program(plan, &request));
        let nph = script
            .file
            .file_name()
            .is_some_and(|name| response::is_nph(name.as_bytes()));
        let limits = self.limits();
        let invocation = invocation(
            script,
            hop,
            request,
            program.as_ref(),
            nph,
            limits.capture_bytes,
        );
        let index = self.pen.write(|exchange, _| {
            exchange.invocations.push(invocation);
            exchange.invocations.len() - 1
        });
        let program = match program {
            Ok(program) => program,
            Err(reason) => {
                let failure = LaunchFailure {
                    message: reason.to_string(),
                    errno: None,
                };
                run::note(&self.pen, index, |run, _| {
                    run.launch_failure = Some(failure);
                });
                return Outcome::Failed;
            }
        };
        let head_request = self.head.method() == b"HEAD";
        let strictness = site_rules::strictness(&self.site.config);
        let plan = Plan {
            program,
            intake,
            nph,
            head_request,
            strictness,
            limits,
            index,
        };
        if host.stopping.is_cancelled() {
            run::note(&self.pen, index, |run, _| {
                run.stop = Some(StopCause::Shutdown);
            });
            return Outcome::Failed;
        }
        run::start(plan, &self.connection, &self.pen)
            .await
            .unwrap_or(Outcome::Failed)
    }

    fn cgi_request(&self, script: &Script, hop: &Hop, intake: &Intake) -> CgiRequest {
        let config = &self.site.config;
        CgiRequest::build(&RequestFacts {
            head: &self.head,
            target: &hop.target,
            path: &hop.path,
            script_name_length: script.script_name_length,
            script_filename: script.file.as_os_str().as_bytes(),
            document_root: script.document_root.as_os_str().as_bytes(),
            body: match intake {
                Intake::Nothing if self.head.body_framing() == BodyFraming::Length(0) => {
                    BodyFacts::Length(0)
                }
                Intake::Nothing => BodyFacts::None,
                Intake::Stream { length, .. } => BodyFacts::Length(*length),
                Intake::Spooled { length, .. } => BodyFacts::Counted(*length),
            },
            connection: &self.connection.facts,
            authentication: None,
            pass_authorization: config.options.pass_authorization,
            server_software: SERVER_SOFTWARE,
            path_variable: config.path().as_bytes(),
            site_variables: &site_variables(config),
            redirect: hop.from.as_ref().map(|from| RedirectFacts {
                url: &from.url,
                query: from.query.as_deref(),
                status: 200,
                method: if self.head.method() == b"HEAD" {
                    b"HEAD"
                } else {
                    b"GET"
                },
            }),
            php: site_rules::runs_php(&script.facts),
        })
    }

    fn limits(&self) -> RunLimits {
        let limits = &self.site.config.limits;
        RunLimits {
            silence: limits.time_limit(),
            total: limits.total_limit(),
            client_gone: limits.grace(),
            capture_bytes: self.connection.host.capture_bytes(),
            header: HeaderLimits::default(),
        }
    }

    /// The script's response, its body still to come.
    fn respond(&self, response: &ScriptResponse, flow: Flow) -> Reply {
        let Flow {
            pieces,
            length,
            delivered,
        } = flow;
        self.begin_response(response.status, Author::Script, Bytes::new());
        let close_delimited = self.head.version == (1, 0);
        let source = Source::Script(pieces, length);
        let body = ReplyBody::of_run(
            source,
            &self.connection,
            &self.pen,
            delivered,
            close_delimited,
        );
        let bodiless = self.head.method() == b"HEAD" || !response.body_allowed;
        reply::of_script(
            response,
            if bodiless { body.without_body() } else { body },
            self.head.method() == b"HEAD",
        )
    }

    /// An NPH script's output goes out untouched, past hyper (RFC 3875 §5.2), and the connection is closed.
    async fn relay(&self, flow: Flow) -> Result<Reply, TakenOver> {
        super::nph::relay(self, flow).await;
        Err(TakenOver)
    }

    /// The page that says why there is no response; a client that has hung up is not answered.
    fn fail(&self) -> Result<Reply, TakenOver> {
        let exchange = self.pen.snapshot();
        if exchange.invocation().and_then(|run| run.stop) == Some(StopCause::ClientGone) {
            self.pen.end(End::Unanswered(EndCause::ClientGone));
            return Err(TakenOver);
        }
        Ok(reply::failure(self))
    }

    /// A request that no script is asked about.
    fn refuse(&self, refusal: Refusal) -> Reply {
        reply::refused(self, refusal)
    }

    /// Records the response that is about to begin.
    pub(crate) fn begin_response(&self, status: u16, author: Author, own_body: Bytes) {
        let sent_head = Bytes::new();
        self.pen.write(|exchange, now| {
            exchange.response = Some(ResponseRecord {
                status,
                author,
                sent_head,
                own_body,
                body_bytes: 0,
            });
            exchange.timeline.note(Moment::ResponseStarted, now);
        });
        self.pen.announce();
    }
}

/// Ends the exchange when the future is dropped before there is an answer and no run lives that will end it.
/// (After a local redirect to a file there was a run, but it is over.)
struct Leaving<'a> {
    pen: &'a Arc<Pen>,
    answered: bool,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let run_lives = || {
            let exchange = self.pen.snapshot();
            let begun = exchange.response.is_some();
            exchange
                .invocation()
                .is_some_and(|run| begun || run.usage.is_none() && run.launch_failure.is_none())
        };
        if !self.answered && !run_lives() {
            self.pen.end(End::Unanswered(EndCause::ClientGone));
        }
    }
}

/// The script that was chosen.
struct Script {
    file: PathBuf,
    facts: Arc<ScriptFacts>,
    script_name_length: usize,
    /// The folder that the extra path is mapped to.
    document_root: PathBuf,
}

impl Script {
    fn program(&self, plan: crate::site::script::LaunchPlan, request: &CgiRequest) -> Program {
        let mut arguments = vec![plan.executable.clone().into_os_string()];
        arguments.extend(plan.leading_arguments);
        arguments.extend(
            request
                .arguments
                .iter()
                .map(|word| std::ffi::OsString::from_vec(word.clone())),
        );
        let environment = request
            .variables
            .iter()
            .map(|variable| {
                (
                    variable.name.clone().into(),
                    std::ffi::OsString::from_vec(variable.value.clone()),
                )
            })
            .collect();
        let directory = self.file.parent().unwrap_or(Path::new("/")).to_owned();
        Program {
            executable: plan.executable,
            arguments,
            environment,
            directory,
        }
    }
}

fn invocation<E>(
    script: &Script,
    hop: &Hop,
    request: Arc<CgiRequest>,
    program: Result<&Program, &E>,
    nph: bool,
    capture_bytes: usize,
) -> Invocation {
    let name = &hop.path.bytes[..script.script_name_length.min(hop.path.bytes.len())];
    Invocation {
        script: Arc::clone(&script.facts),
        script_name: String::from_utf8_lossy(name).into_owned(),
        nph,
        request,
        program: program.ok().map(|program| {
            Arc::new(ProgramRecord {
                executable: program.executable.clone(),
                arguments: program.arguments.clone(),
                directory: program.directory.clone(),
            })
        }),
        launch_failure: None,
        pid: None,
        stdin_taken: 0,
        stdin_refused: false,
        stdout: CapturedBody::new(capture_bytes),
        stderr: CapturedBody::new(capture_bytes),
        stdout_ended: false,
        header_block: None,
        response: None,
        stop: None,
        exit: None,
        usage: None,
        holders: Vec::new(),
        timeline: Timeline::default(),
    }
}

/// The site's own variables; PATH has a place of its own.
fn site_variables(config: &SiteConfig) -> Vec<(String, Vec<u8>)> {
    let others = config
        .environment
        .iter()
        .filter(|(name, _)| *name != "PATH");
    others
        .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
        .collect()
}

fn first_hop(head: &RequestHead) -> Result<Hop, Refusal> {
    hop(head.target(), None).map_err(|error| Refusal {
        status: 400,
        reason: error.kind.to_string(),
        authority: "RFC 3986 §3.3".to_owned(),
        at: Some(head.target.start + error.at),
        excerpt: error.excerpt,
    })
}

/// The path that a script's `Location: /path` names, with what was asked for before (the script finds it in REDIRECT_*).
fn next_hop(location: &[u8], from: &Hop) -> Result<Hop, TargetError> {
    let url = from.path.bytes.clone();
    let query = from.target.query().map(<[u8]>::to_vec);
    hop(location, Some(RedirectedFrom { url, query }))
}

fn hop(target: &[u8], from: Option<RedirectedFrom>) -> Result<Hop, TargetError> {
    let target = RequestTarget::parse(target)?;
    let path = target.decode_path()?;
    Ok(Hop { target, path, from })
}

fn refusal_of_body(end: &BodyEnd) -> Refusal {
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

fn selected(target: &Target) -> SelectedTarget {
    match target {
        Target::Script { file, .. } => SelectedTarget::Script(file.clone()),
        Target::File { file } => SelectedTarget::File(file.clone()),
        Target::Directory { folder, .. } => SelectedTarget::Folder(folder.clone()),
        Target::AddSlash { .. } => SelectedTarget::Undecided,
        Target::NotFound { nearest } => SelectedTarget::Nothing {
            nearest: nearest.clone(),
        },
        Target::Forbidden { reason } => SelectedTarget::Forbidden(reason.clone()),
    }
}
