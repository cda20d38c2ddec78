//! One run of a script, from start to reaping. It belongs to a task of its own and outlives its connection.
//!
//! Standard input, output and error are pumped at the same time (a full pipe that nobody empties is a deadlock).
//! Whatever ends the run is one branch of one `select!`, and its cause stands in the record.

use super::activity::Activity;
use super::body::{Delivery, Piece};
use super::connection::Connection;
use super::host::Host;
use super::intake::{self, Intake};
use super::on_save::Watched;
use super::onlook;
use super::output::{self, Output};
use super::pump::Pump;
use super::supervise::{Run, Told};
use crate::cgi::header_block::{HeaderBlockParser, HeaderLimits};
use crate::cgi::profile::{HostAnswer, HostProfile};
use crate::cgi::response::ScriptResponse;
use crate::cgi::violation::Strictness;
use crate::debugger::Hook;
use crate::exchange::{
    AppliedLimits, Debugger, End, EndCause, Exchange, Invocation, LaunchFailure, Moment, StopCause,
};
use crate::process::{Program, Resources, Stdin};
use crate::recorder::Pen;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// Limits of one run.
#[derive(Clone, Debug)]
pub(crate) struct RunLimits {
    /// Nothing was read from or written to the script for so long; none: no limit.
    pub(crate) silence: Option<Duration>,
    /// It ran so long in all; none: no limit.
    pub(crate) total: Option<Duration>,
    /// The client hung up: so long until the script is ended.
    pub(crate) client_gone: Duration,
    /// Bytes kept of each stream.
    pub(crate) capture_bytes: usize,
    /// What the script and all that it starts may use.
    pub(crate) resources: Resources,
    /// The header block's bounds.
    pub(crate) header: HeaderLimits,
}

impl RunLimits {
    /// As the record has them.
    pub(crate) fn record(&self) -> AppliedLimits {
        AppliedLimits {
            silence: self.silence,
            total: self.total,
            client_gone: self.client_gone,
            capture_bytes: self.capture_bytes as u64,
            resources: self.resources,
            refused: None,
        }
    }
}

/// Everything that one run needs.
pub(crate) struct Plan {
    pub(crate) program: Program,
    pub(crate) intake: Intake,
    pub(crate) nph: bool,
    pub(crate) head_request: bool,
    /// A crash must be seen by the client, too.
    pub(crate) cut_off_crashed: bool,
    pub(crate) strictness: Strictness,
    /// The host that the output is read as.
    pub(crate) profile: Option<HostProfile>,
    pub(crate) limits: RunLimits,
    /// What the script does beside its work.
    pub(crate) hook: Option<Hook>,
    /// The place of its record among the exchange's invocations.
    pub(crate) index: usize,
}

/// What a run has to say to the gateway, once.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A response with its body to come. The run goes on and ends the exchange itself.
    Respond(Arc<ScriptResponse>, Flow),
    /// The output is the response, byte by byte. The run goes on and ends the exchange itself.
    Nph(Flow),
    /// The answer of the host that the run was made as, past hyper. The run goes on and ends the exchange itself.
    AsHost(Box<HostAnswer>, Flow),
    /// The header block asks for another path of this server (RFC 3875 §6.2.2). The run is over.
    LocalRedirect(Vec<u8>),
    /// There is nothing to forward; the record says why. The run is over.
    Failed,
}

/// The body of a response as it comes.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) pieces: mpsc::Receiver<Piece>,
    /// Its whole length, where the end came before anything was sent.
    pub(crate) length: Option<u64>,
    /// Tell how it went.
    pub(crate) delivered: oneshot::Sender<Delivery>,
}

/// Starts the run; the task lives until the process is reaped, whether or not anybody waits for the outcome.
pub(crate) fn start(
    plan: Plan,
    connection: &Arc<Connection>,
    pen: &Arc<Pen>,
) -> oneshot::Receiver<Outcome> {
    let (outcome, received) = oneshot::channel();
    let host = Arc::clone(&connection.host);
    let (connection, pen) = (Arc::clone(connection), Arc::clone(pen));
    host.tasks
        .clone()
        .spawn(async move { drive(plan, &host, &connection, &pen, outcome).await });
    received
}

async fn drive(
    plan: Plan,
    host: &Arc<Host>,
    connection: &Connection,
    pen: &Arc<Pen>,
    outcome: oneshot::Sender<Outcome>,
) {
    let script = pen
        .snapshot()
        .invocations
        .get(plan.index)
        .map(|run| run.script.path.clone());
    let watched = Watched {
        script: script.unwrap_or_default(),
        pen: Arc::downgrade(pen),
    };
    let (_entry, mut stop) = host.enter_run(pen.id(), watched);
    let stdin = if matches!(plan.intake, Intake::Nothing) {
        Stdin::Null
    } else {
        Stdin::Pipe
    };
    let launched = tokio::select! {
        launched = host.spawner.launch(plan.program, stdin) => launched,
        // A file system that hangs may hold up the start for ever; whoever wants it to end need not wait.
        cause = unwanted(&mut stop, connection, &plan.limits) => {
            note(pen, plan.index, |run, _| run.stop = Some(cause));
            return answer(outcome, Outcome::Failed, pen);
        }
    };
    let (process, pipes) = match launched {
        Ok(started) => started,
        Err(error) => {
            let failure = LaunchFailure {
                errno: error.errno(),
                message: error.to_string(),
            };
            note(pen, plan.index, |run, _| run.launch_failure = Some(failure));
            return answer(outcome, Outcome::Failed, pen);
        }
    };
    if let Err(error) = process.limit(&plan.limits.resources) {
        note(pen, plan.index, |run, _| {
            if let Some(limits) = &mut run.limits {
                limits.refused = Some(error.to_string());
            }
        });
        let words = format!("a script runs without the limits on what it may use: {error}");
        host.recorder.notice(true, words);
    }
    note(pen, plan.index, |run, now| {
        run.pid = Some(process.pid());
        run.timeline.note(Moment::Spawned, now);
    });
    let activity = Activity::new();
    let (exit_known, exit) = watch::channel(None);
    let (stderr_over, stderr_ended) = watch::channel(false);
    let (decide, decided) = oneshot::channel();
    // Only to ask later who else holds the pipe.
    let pipe = pipes.stdout.as_fd().try_clone_to_owned().ok();
    let (ended, output_ended) = oneshot::channel();
    let output = Output {
        run: plan.index,
        nph: plan.nph,
        head_request: plan.head_request,
        strictness: plan.strictness,
        profile: plan.profile,
        cut_off_crashed: plan.cut_off_crashed,
        pen: Arc::clone(pen),
        activity: Arc::clone(&activity),
        exit,
        stderr_ended,
        ended: Some(ended),
        spill: None,
    };
    let stderr = output::pump_stderr(
        pipes.stderr,
        plan.index,
        Arc::clone(pen),
        Arc::clone(&activity),
        stderr_over,
    );
    let stdin = intake::feed(
        plan.intake,
        pipes.stdin,
        plan.index,
        Arc::clone(pen),
        Arc::clone(&activity),
    );
    let stands = plan.limits.silence.is_none()
        && plan
            .hook
            .as_ref()
            .is_some_and(|hook| hook.what() != Debugger::Locals);
    let onlooker = (!stands).then(|| onlook::start(process.pid(), plan.index, &activity, pen));
    let mut run = Run {
        process,
        pipe,
        stdin: Pump::start(stdin),
        stdout: Pump::start(output.pump(
            pipes.stdout,
            HeaderBlockParser::new(plan.limits.header.clone()),
            decide,
        )),
        stderr: Pump::start(stderr),
        output_ended,
        exit_known,
        exited: false,
        usage: None,
        index: plan.index,
        limits: plan.limits,
        activity,
        announced: None,
        connection,
        pen,
    };
    let Told {
        last_word,
        delivered,
    } = run.supervise(stop, decided, outcome).await;
    // From here on the process is reaped, and its number may be another's.
    drop(onlooker);
    run.finish().await;
    if let Some(hook) = plan.hook {
        take_report(hook, plan.index, pen).await;
    }
    match (last_word, delivered) {
        (_, Some(delivered)) => end(
            pen,
            plan.index,
            delivered.await.unwrap_or(Delivery::Dropped),
        ),
        (Some((outcome, word)), None) => answer(outcome, word, pen),
        (None, None) => {}
    }
}

/// Keeps what a script that failed told of its variables.
async fn take_report(hook: Hook, index: usize, pen: &Pen) {
    let report = tokio::task::spawn_blocking(move || hook.report()).await;
    if let Ok(Some(report)) = report {
        note(pen, index, |run, _| run.locals = Some(Arc::new(report)));
    }
}

/// Waits until nobody wants a run any more that has not started yet.
async fn unwanted(
    stop: &mut mpsc::Receiver<StopCause>,
    connection: &Connection,
    limits: &RunLimits,
) -> StopCause {
    let limit = limits.silence.or(limits.total);
    let too_late = after(
        limit.map(|_| tokio::time::Instant::now()),
        limit.unwrap_or_default(),
    );
    tokio::select! {
        Some(cause) = stop.recv() => cause,
        () = client_gone(connection, limits.client_gone) => StopCause::ClientGone,
        () = too_late => StopCause::TimeLimit { limit: limit.unwrap_or_default(), total: false },
    }
}

/// The exchange of a run whose response began.
fn end(pen: &Pen, index: usize, delivery: Delivery) {
    let exchange = pen.snapshot();
    let stop = exchange.invocations.get(index).and_then(|run| run.stop);
    pen.end(match (delivery, stop) {
        (Delivery::Whole, _) => End::Answered,
        (_, Some(StopCause::ClientGone)) => End::CutOff(EndCause::ClientGone),
        (_, Some(StopCause::Shutdown)) => End::CutOff(EndCause::Shutdown),
        (_, Some(cause)) => End::CutOff(EndCause::Stopped(cause)),
        (Delivery::CutOff, None) => End::CutOff(EndCause::ScriptFailed),
        (Delivery::Dropped, None) => End::CutOff(EndCause::ClientGone),
    });
}

/// Tells the gateway; when there is none any more, the client has gone and this is the end.
fn answer(outcome: oneshot::Sender<Outcome>, word: Outcome, pen: &Pen) {
    if outcome.send(word).is_err() {
        pen.end(End::Unanswered(EndCause::ClientGone));
    }
}

pub(super) async fn after(since: Option<tokio::time::Instant>, wait: Duration) {
    match since {
        Some(since) => tokio::time::sleep_until(since + wait).await,
        None => std::future::pending().await,
    }
}

pub(super) async fn client_gone(connection: &Connection, grace: Duration) {
    connection.gone.cancelled().await;
    tokio::time::sleep(grace).await;
}

/// Writes into the record of one run.
pub(crate) fn note(pen: &Pen, index: usize, change: impl FnOnce(&mut Invocation, Duration)) {
    pen.write(|exchange: &mut Exchange, now| {
        if let Some(run) = exchange.invocations.get_mut(index) {
            change(run, now);
        }
    });
}
