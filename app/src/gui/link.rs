//! The engine seen from the window: its news over a bounded channel, and slow things on threads of their own.
//!
//! Nothing here waits in a frame. A thread reads the engine's events and wakes the window at most
//! thirty times a second; folders are opened, examples unpacked and dialogs shown by workers.

mod handing_on;
mod looking;
mod news;
mod opening;
mod saved;
mod sending;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use cgi_engine::message::Snapshot;
use cgi_engine::process::Spawner;
use cgi_engine::{Engine, Event};
use eframe::egui::Context;

use super::model::editor::EditorNews;
pub(super) use news::News;
use news::Report;

/// The window is woken no more often than this for news.
const WAKE: Duration = Duration::from_millis(33);
/// So much news waits for a window that is busy; then the engine's own buffer fills, and then news is missed.
const WAITING: usize = 4096;
/// A dialog does not tell a cancel from its own absence; nobody cancels this fast.
const NO_DIALOG: Duration = Duration::from_millis(300);

struct Opened {
    engine: Engine,
    first_request: Option<String>,
}

/// The connection between the window and what runs behind it.
pub(super) struct Link {
    ctx: Context,
    spawner: Spawner,
    engine: Option<Arc<Engine>>,
    events: Option<Receiver<Event>>,
    reports: Receiver<Report>,
    reporter: SyncSender<Report>,
    /// The engine's thread has asked for a frame that did not come yet.
    woken: Arc<AtomicBool>,
    /// Of several folders asked for, only the last is shown.
    opening: u64,
    /// A worker looks for the folders that complete a path; what was typed meanwhile comes next.
    completing: bool,
    complete_next: Option<String>,
    /// So many numbers were given to what was sent, so that its news finds it.
    sent: u64,
    /// Workers that hold an engine; the program does not end before them.
    holders: Vec<JoinHandle<()>>,
}

impl Link {
    /// A link that serves nothing yet.
    #[must_use]
    pub(super) fn new(ctx: Context, spawner: Spawner) -> Self {
        let (reporter, reports) = sync_channel(64);
        Self {
            ctx,
            spawner,
            engine: None,
            events: None,
            reports,
            reporter,
            woken: Arc::default(),
            opening: 0,
            completing: false,
            complete_next: None,
            sent: 0,
            holders: Vec::new(),
        }
    }

    /// The engine of the open folder.
    #[must_use]
    pub(super) fn engine(&self) -> Option<&Arc<Engine>> {
        self.engine.as_ref()
    }

    /// Takes an engine that serves already, and lets go of the one before.
    pub(super) fn adopt(&mut self, engine: Engine) -> Snapshot {
        self.close();
        let engine = Arc::new(engine);
        let (sender, events) = sync_channel(WAITING);
        let mut subscription = engine.subscribe();
        let (ctx, woken) = (self.ctx.clone(), Arc::clone(&self.woken));
        self.worker("engine-news", move || {
            while let Some(event) = subscription.wait() {
                if sender.send(event).is_err() {
                    return;
                }
                if !woken.swap(true, Ordering::AcqRel) {
                    ctx.request_repaint_after(WAKE);
                }
            }
        });
        // After the subscription, so that nothing falls between the two.
        let snapshot = engine.snapshot();
        if let Err(error) = engine.offer_to_show() {
            tracing::warn!("pages have no link to the window: {error}");
        }
        self.engine = Some(engine);
        self.events = Some(events);
        snapshot
    }

    /// Stops serving. Runs get their time to end, but the window does not wait for them.
    pub(super) fn close(&mut self) {
        self.opening += 1;
        self.events = None;
        if let Some(engine) = self.engine.take() {
            engine.begin_stop();
            self.holder("engine-end", move || end(engine));
        }
    }

    /// Stops serving and waits until nothing runs any more: for the end of the program.
    pub(super) fn close_and_wait(&mut self) {
        self.close();
        // Nobody takes news any more: a worker that has much to tell must not wait for room.
        let (_, nobody) = sync_channel(0);
        for report in std::mem::replace(&mut self.reports, nobody).try_iter() {
            if let Report::Opened { outcome, .. } = report {
                self.drop_unwanted(outcome);
            }
        }
        for holder in self.holders.drain(..) {
            // A worker that panicked holds nothing any more.
            let _ = holder.join();
        }
    }

    /// Everything new since the last frame.
    pub(super) fn poll(&mut self) -> Vec<News> {
        self.woken.store(false, Ordering::Release);
        let mut news = Vec::new();
        // A worker that tells faster than this reads must not keep the frame for ever.
        for _ in 0..WAITING {
            let Ok(report) = self.reports.try_recv() else {
                break;
            };
            match report {
                Report::Other(other) => {
                    if matches!(other, News::Completed(_)) {
                        self.completed();
                    }
                    news.push(other);
                }
                Report::Opened {
                    number,
                    folder,
                    outcome,
                } if number == self.opening => {
                    news.push(self.take_opened(folder, outcome));
                }
                Report::Opened { outcome, .. } => self.drop_unwanted(outcome),
            }
        }
        if let Some(events) = &self.events {
            news.extend(events.try_iter().take(WAITING).map(News::Event));
        }
        news
    }

    /// Does slow work for the editor; what comes of it comes as news, and the end of the program waits for it.
    pub(super) fn edit(&mut self, name: &str, work: impl FnOnce() -> EditorNews + Send + 'static) {
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.holder(name, move || {
            if reporter.send(Report::Other(News::Editor(work()))).is_ok() {
                ctx.request_repaint();
            }
        });
    }

    /// Does what is only done to be done already when it is wanted.
    pub(super) fn prepare(&self, work: impl FnOnce() + Send + 'static) {
        self.worker("prepare", work);
    }

    /// The same for work that needs the engine; without an open folder nothing is done.
    pub(super) fn edit_with_engine(
        &mut self,
        name: &str,
        work: impl FnOnce(&Engine) -> EditorNews + Send + 'static,
    ) {
        self.ask_engine(name, move |engine| News::Editor(work(engine)));
    }

    fn report_from(&self, name: &str, work: impl FnOnce() -> Report + Send + 'static) {
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.worker(name, move || {
            if reporter.send(work()).is_ok() {
                ctx.request_repaint();
            }
        });
    }

    /// Asks the engine something that takes a while; the answer comes as news. Without an open folder nothing is asked.
    pub(super) fn ask_engine(
        &mut self,
        name: &str,
        ask: impl FnOnce(&Engine) -> News + Send + 'static,
    ) {
        let Some(engine) = self.engine.clone() else {
            return;
        };
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.holder(name, move || {
            let news = ask(&engine);
            end(engine);
            if reporter.send(Report::Other(news)).is_ok() {
                ctx.request_repaint();
            }
        });
    }

    /// Has much to tell of the engine, one piece of news after another; told that nobody listens any more, it ends.
    pub(super) fn tell_from_engine(
        &mut self,
        name: &str,
        work: impl FnOnce(&Engine, &dyn Fn(News) -> bool) + Send + 'static,
    ) {
        let Some(engine) = self.engine.clone() else {
            return;
        };
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.holder(name, move || {
            work(&engine, &|news| {
                let told = reporter.send(Report::Other(news)).is_ok();
                ctx.request_repaint();
                told
            });
            end(engine);
        });
    }

    /// A worker that the end of the program waits for.
    fn holder(&mut self, name: &str, work: impl FnOnce() + Send + 'static) {
        self.holders.retain(|holder| !holder.is_finished());
        let holder = self.worker(name, work);
        self.holders.extend(holder);
    }

    /// A number for what is sent next.
    pub(super) fn number(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    /// What starts programs.
    pub(super) fn spawner(&self) -> Spawner {
        self.spawner.clone()
    }

    /// Somebody who tells news as they come; false when nobody takes them any more.
    pub(super) fn teller(&self) -> impl Fn(News) -> bool + Send + 'static {
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        move |news| {
            let told = reporter.send(Report::Other(news)).is_ok();
            ctx.request_repaint();
            told
        }
    }

    /// Without a thread nothing can be done and nobody told: the system is out of everything then.
    pub(super) fn worker(
        &self,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> Option<JoinHandle<()>> {
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .inspect_err(|error| tracing::error!("cannot start thread {name:?}: {error}"))
            .ok()
    }
}

/// Lets go of an engine; whoever holds it last waits for its end, for a request of our own may still be on its way.
fn end(engine: Arc<Engine>) {
    if let Some(engine) = Arc::into_inner(engine) {
        engine.shut_down();
    }
}
