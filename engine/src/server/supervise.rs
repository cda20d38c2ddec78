//! The watch over one run: one `select!` with every reason to end it, and then its last bytes and its reaping.

use super::activity::{Activity, time_limit};
use super::body::Delivery;
use super::connection::Connection;
use super::output::Decision;
use super::pump::Pump;
use super::run::{Flow, Outcome, RunLimits, after, client_gone, note};
use crate::exchange::{Moment, StopCause};
use crate::process::{Exit, Process, ProcessEnd, who_holds};
use crate::recorder::{Pen, SHORT};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// From TERM to KILL.
pub(super) const TERM_GRACE: Duration = Duration::from_secs(2);
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

/// A run whose process lives.
pub(super) struct Run<'a> {
    pub(super) process: Process,
    pub(super) pipe: Option<OwnedFd>,
    pub(super) stdin: Pump,
    pub(super) stdout: Pump,
    /// Standard output has reached its end; the pump may still be handing it on.
    pub(super) output_ended: oneshot::Receiver<()>,
    pub(super) stderr: Pump,
    pub(super) exit_known: watch::Sender<Option<Exit>>,
    pub(super) exited: bool,
    /// Known with the exit where the process was reaped at once.
    pub(super) usage: Option<ProcessEnd>,
    pub(super) index: usize,
    pub(super) limits: RunLimits,
    pub(super) activity: Arc<Activity>,
    /// The activity at the time when listeners were told last.
    pub(super) announced: Option<Duration>,
    pub(super) connection: &'a Connection,
    pub(super) pen: &'a Arc<Pen>,
}

/// What the gateway was told, or is to be told when the run is over.
pub(super) struct Told {
    pub(super) last_word: Option<(oneshot::Sender<Outcome>, Outcome)>,
    pub(super) delivered: Option<oneshot::Receiver<Delivery>>,
}

impl Run<'_> {
    /// Goes on until the script has ended and its output is read, whatever the reason.
    pub(super) async fn supervise(
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
            Decision::AsHost { answer, pieces } => {
                let (flow, receiver) = flow(pieces, None);
                (Outcome::AsHost(Box::new(answer), flow), receiver)
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
    pub(super) async fn finish(mut self) {
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
        let versions = &self.connection.host.versions;
        note(self.pen, self.index, |run, now| {
            if let Some(interpreter) = &mut run.interpreter {
                interpreter.version = versions.known(&interpreter.path);
            }
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
