//! One request from its head to its last byte: the story of the engine.
//!
//! Accepted head → may it be asked for here? → URL to something on disk → a file, a folder, or a script:
//! facts → body → meta-variables → process → header block → response, or the same again after a local redirect,
//! or a page that says why there is none.

use super::body::{ReplyBody, Source};
use super::connection::{Accepted, Connection};
use super::hop::Hop;
use super::launch::{Script, Terms};
use super::own_answer::{Course, OwnAnswer};
use super::run::{Flow, Outcome};
use super::{reload, reply, show, site_rules, static_file};
use crate::cgi::profile::HostProfile;
use crate::cgi::request_head::RequestHead;
use crate::cgi::response::{ResponseKind, ScriptResponse};
use crate::exchange::{
    Author, End, EndCause, Moment, Refusal, ResponseRecord, SelectedTarget, StopCause,
};
use crate::recorder::Pen;
use crate::site::{Resolution, Site, Target, resolve};
use bytes::Bytes;
use hyper::body::Incoming;
use std::sync::Arc;

/// Local redirects followed in one request before it is called a loop; Apache allows as many.
pub(super) const REDIRECTS: usize = 10;

/// RFC 3875 §4.1.5 lets a server refuse it; this one says what is lost.
const ENCODED_SLASH: &str =
    "the URL has an encoded slash (%2F), which counts as a slash from here on";

/// What hyper sends.
pub(crate) type Reply = hyper::Response<ReplyBody>;

/// Ends the connection without another byte: an NPH script has written the response itself, or nobody is left to read one.
#[derive(Debug, thiserror::Error)]
#[error("there is nothing more to write")]
pub(crate) struct TakenOver;

/// What comes after a hop.
pub(super) enum Next {
    /// The answer.
    Reply(Box<Reply>),
    /// Another path answers.
    Hop(Box<Hop>),
    /// There is nothing more to write.
    Over,
}

impl Next {
    pub(super) fn reply(reply: Reply) -> Self {
        Self::Reply(Box::new(reply))
    }
}

/// Who answers at a hop.
pub(super) enum Chosen {
    /// A script; the name of whoever had to log in for it.
    Script {
        script: Box<Script>,
        user: Option<String>,
    },
    /// Another path: the site hands this one to a script of its own.
    Another(Box<Hop>),
    /// The studio itself.
    Studio(Target),
}

/// What the rest of the story needs at every step.
pub(crate) struct Visit {
    pub(crate) connection: Arc<Connection>,
    /// The host that the request is run as; none: by the specification.
    pub(crate) profile: Option<HostProfile>,
    pub(crate) site: Arc<Site>,
    pub(crate) head: Arc<RequestHead>,
    pub(crate) pen: Arc<Pen>,
    /// Nobody sent it: it is looked at and never answered.
    pub(crate) rehearsed: bool,
}

/// Answers one request. Dropping the future means that the client has gone; a run that began goes on by itself.
pub(crate) async fn handle(
    connection: Arc<Connection>,
    request: hyper::Request<Incoming>,
) -> Result<Reply, TakenOver> {
    let Some(Accepted { head, pen }) = connection.take_accepted() else {
        return Err(TakenOver);
    };
    let own =
        reload::answer(&connection, &head, &pen).or_else(|| show::answer(&connection, &head, &pen));
    if let Some(reply) = own {
        return Ok(reply);
    }
    let site = connection.host.site();
    let visit = Visit {
        profile: connection.profile_for(&site),
        site,
        connection,
        head,
        pen,
        rehearsed: false,
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
        reload::add_to(&mut reply, &self.connection, &self.head);
        reply::tell_of_crash(&mut reply, &self.connection, &self.head);
        Ok(reply)
    }

    /// From the client's path, over what scripts and the site's settings make of it, to the one that answers.
    async fn follow(&self, incoming: Incoming) -> Result<Reply, TakenOver> {
        if let Err(refusal) =
            site_rules::may_be_asked(&self.head, self.connection.facts.local, &self.site.config)
        {
            return Ok(self.refuse(refusal));
        }
        // The server as a whole, not a path (RFC 9112 §3.2.4).
        if self.head.method() == b"OPTIONS" && self.head.target() == b"*" {
            return Ok(reply::options(self, reply::SERVER_METHODS));
        }
        let mut hop = match Hop::first(&self.head) {
            Ok(hop) => hop,
            Err(refusal) => return Ok(self.refuse(refusal)),
        };
        let mut course = Course {
            incoming: Some(incoming),
            unmet: None,
        };
        for _ in 0..=REDIRECTS {
            match self.take_hop(&hop, &mut course).await {
                Next::Reply(reply) => return Ok(*reply),
                Next::Hop(next) => hop = *next,
                Next::Over => return Err(TakenOver),
            }
        }
        Ok(reply::own(self, reply::redirect_loop(self, REDIRECTS)))
    }

    async fn take_hop(&self, hop: &Hop, course: &mut Course) -> Next {
        let resolution = self.select(hop);
        let settings = Arc::clone(&resolution.settings);
        match self.answer_at(hop, resolution, course).await {
            Ok(next) => next,
            Err(answer) => self.answer_or_document(answer, &settings, hop, course),
        }
    }

    /// URL and disk to a target, with the reasons.
    pub(super) fn select(&self, hop: &Hop) -> Resolution {
        let resolution = resolve(&self.site, &hop.path.bytes);
        let encoded_slash = hop.path.encoded_slash.then(|| ENCODED_SLASH.to_owned());
        let steps = resolution.steps.iter().map(ToString::to_string);
        let steps = encoded_slash.into_iter().chain(steps);
        self.pen.write(|exchange, now| {
            exchange.selection.target = selected(&resolution.target);
            exchange.selection.steps.extend(steps);
            exchange.timeline.note(Moment::Selected, now);
        });
        resolution
    }

    /// May this client have it → who answers → the answer.
    async fn answer_at(
        &self,
        hop: &Hop,
        resolution: Resolution,
        course: &mut Course,
    ) -> Result<Next, OwnAnswer> {
        let settings = Arc::clone(&resolution.settings);
        match self.choose(hop, resolution).await? {
            Chosen::Script { script, user } => {
                let terms = Terms {
                    settings: &settings,
                    user: user.as_deref(),
                };
                self.answer_by_script(&script, hop, terms, course).await
            }
            Chosen::Another(next) => Ok(Next::Hop(next)),
            Chosen::Studio(target) => self
                .answer_without_script(target, hop, course)
                .await
                .map(Next::reply),
        }
    }

    /// May this client have it → who answers.
    pub(super) async fn choose(
        &self,
        hop: &Hop,
        resolution: Resolution,
    ) -> Result<Chosen, OwnAnswer> {
        if hop.path.encoded_slash && !self.site.config.options.encoded_slashes {
            self.note_step("encoded_slashes is off, so such an address is never found".to_owned());
            return Err(reply::not_found(self, None));
        }
        let settings = &resolution.settings;
        let user = self.admit(settings, hop).await?.or(hop.user.clone());
        if let Some(next) = self.method_script(&resolution, hop, user.as_deref()) {
            return Ok(Chosen::Another(next));
        }
        match resolution.target {
            Target::Script {
                file,
                script_name_length,
                path_translated,
            } => {
                let script = Script {
                    facts: self.connection.facts_of(&file),
                    file,
                    script_name_length,
                    path_translated: hop.path_translated.clone().or(path_translated),
                    document_root: self.site.document_root(),
                };
                Ok(Chosen::Script {
                    script: Box::new(script),
                    user,
                })
            }
            Target::Action {
                handler,
                path_info,
                path_translated,
                ..
            } => {
                let user = user.as_deref();
                self.hand_to(&handler, &path_info, path_translated, hop, user)
                    .map(Chosen::Another)
            }
            other => Ok(Chosen::Studio(other)),
        }
    }

    async fn answer_by_script(
        &self,
        script: &Script,
        hop: &Hop,
        terms: Terms<'_>,
        course: &mut Course,
    ) -> Result<Next, OwnAnswer> {
        if let Some(refusal) = self.refused_by_host(script, hop, terms) {
            return Err(refusal);
        }
        let intake = match self.take_body(course.incoming.take()).await {
            Ok(intake) => intake,
            Err(refusal) => return Err(reply::refusal_and_close(self, refusal)),
        };
        match self.run(script, hop, terms, intake).await {
            Outcome::Respond(response, flow) => Ok(Next::reply(self.respond(
                &response,
                flow,
                course.unmet.take(),
            ))),
            Outcome::Nph(flow) => {
                // It goes out untouched, past hyper (RFC 3875 §5.2), and the connection is closed.
                super::nph::relay(self, Bytes::new(), flow).await;
                Ok(Next::Over)
            }
            Outcome::AsHost(answer, flow) => {
                self.answer_as_host(&answer, flow).await;
                Ok(Next::Over)
            }
            Outcome::Failed => self.fail(),
            Outcome::LocalRedirect(location) => match hop.to_location(&location) {
                Ok(next) => Ok(Next::Hop(Box::new(next))),
                Err(error) => Err(reply::bad_location(self, &location, &error)),
            },
        }
    }

    pub(super) async fn answer_without_script(
        &self,
        target: Target,
        hop: &Hop,
        course: &mut Course,
    ) -> Result<Reply, OwnAnswer> {
        let method = hop.method(&self.head);
        match target {
            // Neither a list of names nor another address says what went wrong.
            Target::Directory { .. } | Target::AddSlash { .. } if course.unmet.is_some() => {
                Err(reply::not_found(self, None))
            }
            Target::File { .. } | Target::Directory { .. }
                if !matches!(method, b"GET" | b"HEAD") =>
            {
                match method {
                    b"OPTIONS" => Ok(reply::options(self, reply::FILE_METHODS)),
                    _ => Err(reply::method_not_allowed(self)),
                }
            }
            Target::File { file } => {
                let reply = static_file::send(self, &file, hop.body_left).await?;
                Ok(match course.unmet.take() {
                    Some(unmet) => reply::as_document_for(self, reply, &unmet),
                    None => reply,
                })
            }
            Target::Directory {
                folder,
                listable: true,
                ..
            } => Ok(tokio::task::block_in_place(|| {
                reply::folder(self, &folder, &hop.path.bytes)
            })),
            Target::Directory { .. } => {
                Err(reply::forbidden(self, "a folder of scripts is not listed"))
            }
            Target::AddSlash { location } => {
                Ok(reply::add_slash(self, &location, hop.target.query()))
            }
            Target::NotFound { nearest } => Err(reply::not_found(self, nearest.as_deref())),
            Target::Forbidden { reason } => Err(reply::forbidden(self, &reason)),
            Target::Script { .. } | Target::Action { .. } => Err(reply::failure(self)),
        }
    }

    /// The script's response, its body still to come. As a document for an error it goes out under that status,
    /// unless it says another.
    fn respond(&self, response: &ScriptResponse, flow: Flow, unmet: Option<OwnAnswer>) -> Reply {
        let Flow {
            pieces,
            length,
            delivered,
        } = flow;
        let own_status = response.status_given || response.kind != ResponseKind::Document;
        let status = match &unmet {
            Some(unmet) if !own_status => unmet.status,
            _ => response.status,
        };
        self.begin_response(status, Author::Script, Bytes::new());
        let close_delimited = self.head.version == (1, 0);
        let source = Source::Script(pieces, length);
        let body = ReplyBody::of_run(
            source,
            &self.connection,
            &self.pen,
            delivered,
            close_delimited,
        );
        let head_request = self.head.method() == b"HEAD";
        let body = if head_request || !response.body_allowed {
            body.without_body()
        } else {
            body
        };
        let mut reply = reply::of_script(response, status, body, head_request);
        if let Some(unmet) = unmet {
            reply.headers_mut().extend(unmet.fields);
        }
        reply
    }

    /// The page that says why there is no response; a client that has hung up is not answered.
    fn fail(&self) -> Result<Next, OwnAnswer> {
        let exchange = self.pen.snapshot();
        if exchange.invocation().and_then(|run| run.stop) == Some(StopCause::ClientGone) {
            self.pen.end(End::Unanswered(EndCause::ClientGone));
            return Ok(Next::Over);
        }
        self.fail_as_host(&exchange)
            .unwrap_or_else(|| Err(reply::failure(self)))
    }

    /// A request that no script is asked about.
    fn refuse(&self, refusal: Refusal) -> Reply {
        self.pen
            .write(|exchange, _| exchange.request.refusal = Some(refusal.clone()));
        reply::own(self, reply::refusal_and_close(self, refusal))
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

fn selected(target: &Target) -> SelectedTarget {
    match target {
        Target::Script { file, .. } => SelectedTarget::Script(file.clone()),
        Target::File { file } | Target::Action { file, .. } => SelectedTarget::File(file.clone()),
        Target::Directory { folder, .. } => SelectedTarget::Folder(folder.clone()),
        Target::AddSlash { .. } => SelectedTarget::Undecided,
        Target::NotFound { nearest } => SelectedTarget::Nothing {
            nearest: nearest.clone(),
        },
        Target::Forbidden { reason } => SelectedTarget::Forbidden(reason.clone()),
    }
}
