//! One run of a script, from start to reaping. It belongs to a task of its own and outlives its connection.
//!
//! Standard input, output and error are pumped at the same time (a full pipe that nobody empties is a deadlock).
//! Whatever ends the run is one branch of one `select!`, and its cause stands in the record.

use super::body::{Delivery, Piece};
use super::connection::Connection;
use super::host::Host;
use super::intake::{self, Intake};
use super::output::{self, Decision, Output};
use crate::cgi::header_block::{HeaderBlockParser, HeaderLimits};
use crate::cgi::response::ScriptResponse;
use crate::cgi::violation::Strictness;
use crate::exchange::{End, EndCause, Exchange, Invocation, LaunchFailure, Moment, StopCause};
use crate::process::{Exit, Process, ProcessEnd, Program, Stdin, who_holds};
use crate::recorder::{Pen, SHORT};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// From TERM to KILL.
const TERM_GRACE: Duration = Duration::from_secs(2);
/// A script whose header block was refused may go on printing evidence for this long.
const REFUSED_GRACE: Duration = Duration::from_secs(2);
/// After the script ended, standard error is read for this long even when somebody still holds it.
const STDERR_GRACE: Duration = Duration::from_millis(500);
/// The script ended and its standard output stays open for this long: look who holds it.
const HOLDER_AFTER: Duration = Duration::from_secs(1);
/// The script ended; what the client still sends of its body is taken for this long.
const BODY_GRACE: Duration = Duration::from_secs(5);
/// How often a run looks whether its client has gone, and tells how far it is.
const LOOK: Duration = Duration::from_millis(100);

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
    /// The header block's bounds.
    pub(crate) header: HeaderLimits,
}

/// Everything that one run needs.
pub(crate) struct Plan {
    pub(crate) program: Program,
    pub(crate) intake: Intake,
    pub(crate) nph: bool,
    pub(crate) head_request: bool,
    pub(crate) strictness: Strictness,
    pub(crate) limits: RunLimits,
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
    let (_entry, mut stop) = host.enter_run(pen.id());
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
        pen: Arc::clone(pen),
        activity: Arc::clone(&activity),
        exit,
        stderr_ended,
        ended: Some(ended),
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
    run.finish().await;
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

/// A run whose process lives.
struct Run<'a> {
    process: Process,
    pipe: Option<OwnedFd>,
    stdin: Pump,
    stdout: Pump,
    /// Standard output has reached its end; the pump may still be handing it on.
    output_ended: oneshot::Receiver<()>,
    stderr: Pump,
    exit_known: watch::Sender<Option<Exit>>,
    exited: bool,
    /// Known with the exit where the process was reaped at once.
    usage: Option<ProcessEnd>,
    index: usize,
    limits: RunLimits,
    activity: Arc<Activity>,
    /// The activity at the time when listeners were told last.
    announced: Option<Duration>,
    connection: &'a Connection,
    pen: &'a Arc<Pen>,
}

/// What the gateway was told, or is to be told when the run is over.
struct Told {
    last_word: Option<(oneshot::Sender<Outcome>, Outcome)>,
    delivered: Option<oneshot::Receiver<Delivery>>,
}

impl Run<'_> {
    /// Goes on until the script has ended and its output is read, whatever the reason.
    async fn supervise(
        &mut self,
        mut stop: mpsc::Receiver<StopCause>,
        mut decided: oneshot::Receiver<Decision>,
        outcome: oneshot::Sender<Outcome>,
    ) -> Told {
        let mut told = Told {
            last_word: Some((outcome, Outcome::Failed)),
            delivered: None,
        };
        let (mut undecided, mut settled, mut whole, mut holders_known) =
            (true, false, false, false);
        let mut output_ended = false;
        let (mut refused_at, mut exited_at) = (None, None);
        let mut look = tokio::time::interval_at(tokio::time::Instant::now() + SHORT, LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let silence = time_limit(
            Arc::clone(&self.activity),
            self.limits.silence,
            self.limits.total,
        );
        let gone = client_gone(self.connection, self.limits.client_gone);
        tokio::pin!(silence, gone);
        while !(self.exited && self.stdout.over) {
            let cause = tokio::select! {
                decision = &mut decided, if undecided => {
                    undecided = false;
                    if matches!(decision, Ok(Decision::Refused)) {
                        refused_at = Some(tokio::time::Instant::now());
                    }
                    self.tell(decision.unwrap_or(Decision::Refused), &mut told);
                    continue;
                }
                (exit, usage) = end_of(&mut self.process, output_ended), if !self.exited => {
                    exited_at = Some(tokio::time::Instant::now());
                    self.usage = usage;
                    self.note_exit(exit);
                    continue;
                }
                _ = &mut self.output_ended, if !output_ended => {
                    output_ended = true;
                    continue;
                }
                () = self.stdout.end(), if !self.stdout.over => continue,
                delivery = delivery(&mut told.delivered), if !settled => {
                    (settled, whole) = (true, delivery == Delivery::Whole);
                    told.delivered = Some(known(delivery));
                    if delivery == Delivery::Dropped {
                        self.connection.gone.cancel();
                    }
                    continue;
                }
                _ = look.tick() => {
                    if !whole {
                        self.connection.look_for_hang_up();
                    }
                    self.announce();
                    continue;
                }
                () = after(exited_at, HOLDER_AFTER), if self.exited && !holders_known => {
                    holders_known = true;
                    self.note_holders();
                    continue;
                }
                () = after(refused_at, REFUSED_GRACE), if refused_at.is_some() => StopCause::OutputRefused,
                Some(cause) = stop.recv() => cause,
                cause = &mut silence => cause,
                () = &mut gone, if !whole => StopCause::ClientGone,
            };
            self.stop(cause).await;
            break;
        }
        // The decision may have come in the same moment as the end.
        if undecided && let Ok(decision) = decided.try_recv() {
            self.tell(decision, &mut told);
        }
        told
    }

    /// Passes on what the header block decided: at once where there is a response to begin, else when the run is over.
    fn tell(&self, decision: Decision, told: &mut Told) {
        let Some((outcome, _)) = told.last_word.take() else {
            return;
        };
        let flow = |pieces, length| {
            let (delivered, receiver) = oneshot::channel();
            (
                Flow {
                    pieces,
                    length,
                    delivered,
                },
                receiver,
            )
        };
        let (word, receiver) = match decision {
            Decision::Respond {
                response,
                pieces,
                length,
            } => {
                let (flow, receiver) = flow(pieces, length);
                (Outcome::Respond(response, flow), receiver)
            }
            Decision::Nph { pieces } => {
                let (flow, receiver) = flow(pieces, None);
                (Outcome::Nph(flow), receiver)
            }
            Decision::LocalRedirect { location } => {
                told.last_word = Some((outcome, Outcome::LocalRedirect(location)));
                return;
            }
            Decision::Refused => {
                told.last_word = Some((outcome, Outcome::Failed));
                return;
            }
        };
        told.delivered = Some(receiver);
        // A gateway that has gone drops the flow, and with it `delivered`: the receiver learns of it.
        let _ = outcome.send(word);
    }

    /// Ends the whole group: TERM, two seconds, KILL; the pumps read on meanwhile.
    async fn stop(&mut self, cause: StopCause) {
        note(self.pen, self.index, |run, _| run.stop = Some(cause));
        self.process.end_group(TERM_GRACE).await;
    }

    /// Reads what is left, reaps, and records what the process used.
    async fn finish(mut self) {
        if !self.exited {
            let exit = self.process.exited().await;
            self.note_exit(exit);
        }
        self.stdout.end_within(STDERR_GRACE).await;
        self.stderr.end_within(STDERR_GRACE).await;
        let usage = match self.usage {
            Some(usage) => usage,
            None => self.process.reap().await,
        };
        note(self.pen, self.index, |run, now| {
            run.usage = Some(usage);
            run.timeline.note(Moment::Reaped, now);
        });
        if !self.connection.gone.is_cancelled() {
            self.stdin.end_within(BODY_GRACE).await;
        }
    }

    fn note_exit(&mut self, exit: Exit) {
        self.exited = true;
        note(self.pen, self.index, |run, now| {
            run.exit = Some(exit);
            run.timeline.note(Moment::Exited, now);
        });
        let _ = self.exit_known.send(Some(exit));
    }

    /// Tells the listeners that the run goes on, if anything came or went since it was told last.
    fn announce(&mut self) {
        let active = Some(self.activity.last());
        if self.announced != active {
            self.announced = active;
            self.pen.announce();
        }
    }

    fn note_holders(&self) {
        // It reads all of /proc, which takes milliseconds.
        let holders = self
            .pipe
            .as_ref()
            .map(|pipe| tokio::task::block_in_place(|| who_holds(pipe)));
        let holders = holders.unwrap_or_default();
        note(self.pen, self.index, |run, _| run.holders = holders);
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

async fn delivery(delivered: &mut Option<oneshot::Receiver<Delivery>>) -> Delivery {
    match delivered {
        Some(receiver) => receiver.await.unwrap_or(Delivery::Dropped),
        None => std::future::pending().await,
    }
}

/// A receiver that knows already.
fn known(delivery: Delivery) -> oneshot::Receiver<Delivery> {
    let (sender, receiver) = oneshot::channel();
    let _ = sender.send(delivery);
    receiver
}

/// Waits for the main process. With its output read to the end nobody will ask who else is in its group,
/// so that it can be reaped in the same step.
async fn end_of(process: &mut Process, output_over: bool) -> (Exit, Option<ProcessEnd>) {
    if output_over {
        let end = process.finished().await;
        (end.exit, Some(end))
    } else {
        (process.exited().await, None)
    }
}

async fn after(since: Option<tokio::time::Instant>, wait: Duration) {
    match since {
        Some(since) => tokio::time::sleep_until(since + wait).await,
        None => std::future::pending().await,
    }
}

async fn client_gone(connection: &Connection, grace: Duration) {
    connection.gone.cancelled().await;
    tokio::time::sleep(grace).await;
}

/// Waits until a limit is passed. Time in which the script waits for the client does not count as its silence.
async fn time_limit(
    activity: Arc<Activity>,
    silence: Option<Duration>,
    total: Option<Duration>,
) -> StopCause {
    loop {
        let silent = silence.map(|limit| (limit.saturating_sub(activity.silent()), limit, false));
        let whole =
            total.map(|limit| (limit.saturating_sub(activity.begun.elapsed()), limit, true));
        let Some((left, limit, total)) = silent.into_iter().chain(whole).min() else {
            return std::future::pending().await;
        };
        if left.is_zero() {
            return StopCause::TimeLimit { limit, total };
        }
        tokio::time::sleep(left).await;
    }
}

/// When the script last gave or took a byte.
pub(crate) struct Activity {
    begun: Instant,
    last_micros: AtomicU64,
    waiting_for_client: AtomicUsize,
}

impl Activity {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            last_micros: AtomicU64::new(0),
            waiting_for_client: AtomicUsize::new(0),
        })
    }

    /// The script gave or took bytes just now.
    pub(crate) fn touch(&self) {
        let now = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last_micros.store(now, Ordering::Relaxed);
    }

    /// The client is being waited for, until the guard is dropped.
    pub(crate) fn wait_for_client(self: &Arc<Self>) -> WaitingForClient {
        self.waiting_for_client.fetch_add(1, Ordering::Relaxed);
        WaitingForClient(Arc::clone(self))
    }

    /// When that was, from the start of the run on.
    fn last(&self) -> Duration {
        Duration::from_micros(self.last_micros.load(Ordering::Relaxed))
    }

    fn silent(&self) -> Duration {
        if self.waiting_for_client.load(Ordering::Relaxed) > 0 {
            return Duration::ZERO;
        }
        self.begun.elapsed().saturating_sub(self.last())
    }
}

/// See [`Activity::wait_for_client`].
pub(crate) struct WaitingForClient(Arc<Activity>);

impl Drop for WaitingForClient {
    fn drop(&mut self) {
        self.0.waiting_for_client.fetch_sub(1, Ordering::Relaxed);
        self.0.touch();
    }
}

/// A task that ends with its owner.
struct Pump {
    task: JoinHandle<()>,
    over: bool,
}

impl Pump {
    fn start(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            task: tokio::spawn(work),
            over: false,
        }
    }

    async fn end(&mut self) {
        if !self.over {
            let _ = (&mut self.task).await;
            self.over = true;
        }
    }

    async fn end_within(&mut self, patience: Duration) {
        let _ = tokio::time::timeout(patience, self.end()).await;
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Writes into the record of one run.
pub(crate) fn note(pen: &Pen, index: usize, change: impl FnOnce(&mut Invocation, Duration)) {
    pen.write(|exchange: &mut Exchange, now| {
        if let Some(run) = exchange.invocations.get_mut(index) {
            change(run, now);
        }
    });
}
