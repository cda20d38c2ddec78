//! The engine seen from the window: its news over a bounded channel, and slow things on threads of their own.
//!
//! Nothing here waits in a frame. A thread reads the engine's events and wakes the window at most
//! thirty times a second; folders are opened, examples unpacked and dialogs shown by workers.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::compare::Comparison;
use cgi_engine::compare::versions::{self, Versions, Witness};
use cgi_engine::convert::Host;
use cgi_engine::exchange::{Exchange, ExchangeId};
use cgi_engine::expect::{self, Expectation};
use cgi_engine::export;
use cgi_engine::export::redact::Secret;
use cgi_engine::history::{Found, HistoryLimits};
use cgi_engine::message::Snapshot;
use cgi_engine::process::Spawner;
use cgi_engine::saved_request::folder::{self, Listed};
use cgi_engine::site::SiteConfig;
use cgi_engine::{
    BindError, Engine, EngineOptions, Event, Listen, RepeatControl, RepeatPlan, RepeatSummary,
    StartError,
};
use eframe::egui::Context;

use super::debugging::DebugNews;
use super::drafts;
use super::elsewhere;
use super::fixing::FixNews;
use super::hand_on;
use super::interpreters;
use super::looping::LoopNews;
use super::model::cells::{self, Fetched};
use super::model::compose::draft::Draft;
use super::model::compose::{Previewed, SavedOrigin, Work};
use super::model::content::{Content, Side};
use super::model::editor::EditorNews;
use super::model::elsewhere::{DeployReport, Import};
use super::model::hand_on::{Done, Failed, Order, Working};
use super::model::repeating::Repeated;
use super::model::saved::{Place, Removed, SavedRow, Verdict};
use super::model::search::{Errand, Judged};
use super::model::site::by_value::{ValueErrand, ValuesRead};
use super::model::site::scan::{Piece, Scan};
use super::model::versions::VersionErrand;
use super::model::{Completion, Interpreter};
use super::saved;
use super::saved_files::{self, NotSaved, SaveJob};
use super::searching::{look_through, read_values};
use super::surroundings::SurroundingsNews;
use super::typed_path;
use crate::address;
use crate::recording;
use crate::samples::{self, Sample};

/// The window is woken no more often than this for news.
const WAKE: Duration = Duration::from_millis(33);
/// So much news waits for a window that is busy; then the engine's own buffer fills, and then news is missed.
const WAITING: usize = 4096;
/// How long an engine of ours may take to give its port back, and how often it is asked for meanwhile.
const PORT_FREED: Duration = Duration::from_secs(2);
const ASK_AGAIN: Duration = Duration::from_millis(10);
/// A dialog does not tell a cancel from its own absence; nobody cancels this fast.
const NO_DIALOG: Duration = Duration::from_millis(300);

/// What came from outside since the last frame.
pub(super) enum News {
    /// A folder is open and served.
    Opened(Box<Snapshot>),
    /// A folder could not be opened.
    NotOpened {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        text: String,
    },
    /// The user picked a folder.
    Picked(PathBuf),
    /// The dialog was closed without a folder, or there is none on this system.
    PickedNothing,
    /// There is no dialog for folders on this computer.
    NoDialog,
    /// These interpreters are there.
    Interpreters(Vec<Interpreter>),
    /// A recorded request was read from the disk, or what became of it.
    Read(ExchangeId, Found),
    /// These folders complete a typed path.
    Completed(Completion),
    /// A worker looked up what columns show.
    Fetched(Fetched),
    /// What the list is ordered by was read of some records.
    ValuesRead(ValuesRead),
    /// A worker went through rows.
    Scanned(Piece),
    /// A worker looked through these records.
    Judged(Judged),
    /// A worker read a body.
    ContentRead(Box<Content>),
    /// The run before this one, if there is one.
    Earlier(ExchangeId, Option<Arc<Exchange>>),
    /// Two requests were compared, or why they could not be.
    Compared {
        /// The earlier and the later one.
        pair: (ExchangeId, ExchangeId),
        /// What came of it.
        outcome: Result<Arc<Comparison>, String>,
    },
    /// The saves between a good run and a failed one were looked into, or why they could not be.
    Versions {
        /// The good and the bad one.
        pair: (ExchangeId, ExchangeId),
        /// What was found.
        outcome: Result<Arc<Versions>, String>,
    },
    /// A request was sent to an earlier version of its script, to see whether that was good.
    VersionRun(Result<Option<ExchangeId>, String>),
    /// A site was looked at for another host.
    Deployed(Host, Box<DeployReport>),
    /// A file of Apache's was read.
    Imported(PathBuf, Box<Result<Import, String>>),
    /// The user picked a file of Apache's.
    PickedImport(PathBuf),
    /// The secrets of these requests, or why they cannot be read.
    Secrets(Vec<ExchangeId>, Result<Vec<Secret>, String>),
    /// So many requests of an export are ready.
    Exporting(usize),
    /// What came of an export.
    Exported(Result<Done, Failed>),
    /// The user picked where an export goes.
    PickedExport(PathBuf),
    /// The user picked a file of requests.
    PickedRuns(PathBuf),
    /// What came of taking in this file: the last request, and words.
    ImportedRuns(PathBuf, Result<(Option<ExchangeId>, String), String>),
    /// A configuration was written, or why not.
    Written(Result<String, String>),
    /// A request was sent again: the number of its record, none when nothing is recorded, or why it was not sent.
    Replayed(Result<Option<ExchangeId>, String>),
    /// A worker has looked at a draft of the site in this folder.
    Previewed {
        /// The folder.
        folder: PathBuf,
        /// The number of the look.
        number: u64,
        /// What would become of the draft, or why it cannot be sent.
        found: Box<Result<Previewed, String>>,
    },
    /// The record of a request that was sent has begun.
    SendBegun(u64, ExchangeId),
    /// A request that was sent is answered: the number of its record, or why it was not sent.
    Sent(u64, Result<Option<ExchangeId>, String>),
    /// The draft of the site in this folder was kept.
    KeptDraft(PathBuf, Box<Work>),
    /// The saved requests of the site in this folder were read.
    SavedListed(PathBuf, Result<Vec<Listed>, String>),
    /// A draft was saved, or not.
    Saved(Box<Result<SavedOrigin, NotSaved>>),
    /// A saved request was renamed or brought back, in words, or not.
    SavedChanged(Result<String, String>),
    /// A saved request was taken away, or not.
    SavedRemoved(Result<Removed, String>),
    /// The draft of a saved request.
    SavedOpened(Box<Result<Work, String>>),
    /// A saved request was run, alone or among others.
    SavedRan {
        /// Which.
        place: Place,
        /// What it came to.
        verdict: Verdict,
        /// It was sent by itself.
        alone: bool,
    },
    /// The run of a draft was held to what is expected.
    Judgement(Verdict),
    /// What a run was like, as expectations.
    Happened(Result<Vec<String>, String>),
    /// Something about fixes.
    Fixing(FixNews),
    /// Something about what saves set off.
    Loop(LoopNews),
    /// Something about interpreters or the terminal.
    Surroundings(SurroundingsNews),
    /// Something of a run under a debugger.
    Debug(DebugNews),
    /// A repetition is over.
    Repeated(u64, Result<Box<RepeatSummary>, String>),
    /// Something came for the editor.
    Editor(EditorNews),
    /// The engine tells this.
    Event(Event),
}

/// What workers send.
enum Report {
    Opened {
        number: u64,
        folder: PathBuf,
        outcome: Result<Opened, String>,
    },
    Other(News),
}

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
    /// Drafts that were sent, and requests that were repeated.
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
        for holder in self.holders.drain(..) {
            // A worker that panicked holds nothing any more.
            let _ = holder.join();
        }
    }

    /// Everything new since the last frame.
    pub(super) fn poll(&mut self) -> Vec<News> {
        self.woken.store(false, Ordering::Release);
        let mut news = Vec::new();
        while let Ok(report) = self.reports.try_recv() {
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

    fn take_opened(&mut self, folder: PathBuf, outcome: Result<Opened, String>) -> News {
        match outcome {
            Ok(opened) => {
                let snapshot = self.adopt(opened.engine);
                if let Some(path) = opened.first_request {
                    self.send(path);
                }
                News::Opened(Box::new(snapshot))
            }
            Err(text) => News::NotOpened { folder, text },
        }
    }

    /// The user asked for another folder meanwhile.
    fn drop_unwanted(&mut self, outcome: Result<Opened, String>) {
        if let Ok(opened) = outcome {
            self.holder("engine-end", move || opened.engine.shut_down());
        }
    }

    /// Starts to open a folder; what became of it comes as news.
    pub(super) fn open(&mut self, folder: PathBuf) {
        let (spawner, open) = (
            self.spawner.clone(),
            self.engine.as_ref().map(Arc::downgrade),
        );
        self.open_by("open-folder", folder.clone(), move || {
            Ok(Opened {
                engine: start(&spawner, &folder, open.as_ref())?,
                first_request: None,
            })
        });
    }

    /// Starts to unpack an example and to open it; its first request follows.
    pub(super) fn open_sample(&mut self, sample: &'static Sample, into: PathBuf) {
        let (spawner, open) = (
            self.spawner.clone(),
            self.engine.as_ref().map(Arc::downgrade),
        );
        self.open_by("open-example", into.join(sample.name), move || {
            let folder = samples::unpack(sample, &into).map_err(|error| error.to_string())?;
            let first_request = Some(sample.first_request.clone());
            Ok(Opened {
                engine: start(&spawner, &folder, open.as_ref())?,
                first_request,
            })
        });
    }

    fn open_by(
        &mut self,
        name: &str,
        folder: PathBuf,
        open: impl FnOnce() -> Result<Opened, String> + Send + 'static,
    ) {
        self.opening += 1;
        let number = self.opening;
        self.report_from(name, move || Report::Opened {
            number,
            folder,
            outcome: open(),
        });
    }

    /// Shows the system's dialog for folders.
    pub(super) fn pick_folder(&self) {
        self.report_from("folder-dialog", || {
            let begun = Instant::now();
            let picked = rfd::FileDialog::new()
                .set_title("Open a folder of scripts")
                .pick_folder();
            Report::Other(match picked {
                Some(folder) => News::Picked(folder),
                None if begun.elapsed() < NO_DIALOG => News::NoDialog,
                None => News::PickedNothing,
            })
        });
    }

    /// Looks for interpreters and asks each for its version.
    pub(super) fn find_interpreters(&self) {
        let spawner = self.spawner.clone();
        self.report_from("interpreters", move || {
            Report::Other(News::Interpreters(interpreters::find(&spawner)))
        });
    }

    /// Looks for folders that complete a path. One folder is read at a time, for a network may be slow to answer;
    /// of what is typed meanwhile only the last counts.
    pub(super) fn complete_path(&mut self, typed: String) {
        if self.completing {
            self.complete_next = Some(typed);
            return;
        }
        self.completing = true;
        self.report_from("path-completion", move || {
            let folders = typed_path::complete(&typed, std::env::home_dir().as_deref());
            Report::Other(News::Completed(Completion { typed, folders }))
        });
    }

    fn completed(&mut self) {
        self.completing = false;
        if let Some(typed) = self.complete_next.take() {
            self.complete_path(typed);
        }
    }

    /// Looks through records for what a filter asks; what was found within a moment comes as news, so that a long
    /// search shows its matches as it goes and is given up when another filter is typed.
    pub(super) fn search(&mut self, errand: Errand) {
        self.ask_engine("search", move |engine| {
            News::Judged(look_through(engine, &errand))
        });
    }

    /// Reads a recorded request from the disk.
    pub(super) fn read(&mut self, id: ExchangeId) {
        self.ask_engine("read", move |engine| News::Read(id, engine.find(id)));
    }

    /// Reads what the list is ordered by.
    pub(super) fn read_values(&mut self, errand: ValueErrand) {
        self.ask_engine("order", move |engine| {
            News::ValuesRead(read_values(engine, &errand))
        });
    }

    /// Looks up what columns show of some requests.
    pub(super) fn fetch_cells(&mut self, errand: cells::Errand) {
        self.ask_engine("cells", move |engine| {
            let value = |id: ExchangeId| match engine.find(id) {
                Found::Exchange(exchange) => errand.values_of(&exchange),
                Found::Evicted | Found::Unknown => Vec::new(),
            };
            let values = errand.requests.iter().map(|id| (*id, value(*id)));
            News::Fetched(Fetched {
                number: errand.number,
                values: values.collect(),
            })
        });
    }

    /// Goes through the rows; what was found comes as news, piece by piece.
    pub(super) fn scan(&self, mut scan: Scan) {
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.worker("scan", move || {
            while let Some(piece) = scan.next_piece() {
                if reporter.send(Report::Other(News::Scanned(piece))).is_err() {
                    return;
                }
                ctx.request_repaint();
            }
        });
    }

    /// Looks at every script of the site for what another host does differently.
    pub(super) fn deploy_check(&self, host: Host) {
        let Some(site) = self.engine.as_ref().map(|engine| engine.site()) else {
            return;
        };
        self.report_from("deploy-check", move || {
            let report = elsewhere::report(&site, host);
            Report::Other(News::Deployed(host, Box::new(report)))
        });
    }

    /// Reads configuration of Apache for the open folder.
    pub(super) fn import(&self, file: PathBuf, folder: PathBuf) {
        self.report_from("import", move || {
            let outcome = elsewhere::import(&file, &folder);
            Report::Other(News::Imported(file, Box::new(outcome)))
        });
    }

    /// Shows the system's dialog for files.
    pub(super) fn pick_import(&self) {
        self.pick(News::PickedImport, || {
            let dialog = rfd::FileDialog::new().set_title("Configuration of Apache");
            dialog.pick_file()
        });
    }

    /// Looks for the secrets of these requests.
    pub(super) fn find_secrets(&mut self, ids: Vec<ExchangeId>, work: &Working) {
        let cancelled = Arc::clone(&work.cancelled);
        self.ask_engine("secrets", move |engine| {
            let found = hand_on::secrets(engine, &ids, &cancelled);
            News::Secrets(ids, found)
        });
    }

    /// Writes requests for other tools; how far it is comes as news.
    pub(super) fn export(&mut self, order: Order, work: &Working) {
        let cancelled = Arc::clone(&work.cancelled);
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.ask_engine("export", move |engine| {
            let mut told = Instant::now();
            let outcome = hand_on::carry_out(engine, &order, &cancelled, |done| {
                if told.elapsed() >= WAKE {
                    told = Instant::now();
                    // A window that is busy hears of the next one.
                    if reporter
                        .try_send(Report::Other(News::Exporting(done)))
                        .is_ok()
                    {
                        ctx.request_repaint();
                    }
                }
            });
            News::Exported(outcome)
        });
    }

    /// Takes in the requests of a file.
    pub(super) fn import_runs(&mut self, file: PathBuf) {
        self.ask_engine("import-requests", move |engine| {
            let outcome = hand_on::import(engine, &file);
            News::ImportedRuns(file, outcome)
        });
    }

    /// Shows the system's dialog for where an export goes.
    pub(super) fn pick_export(&self, name: String) {
        self.pick(News::PickedExport, move || {
            let dialog = rfd::FileDialog::new().set_title("Export requests");
            dialog.set_file_name(name).save_file()
        });
    }

    /// Shows the system's dialog for a file of requests.
    pub(super) fn pick_runs(&self) {
        self.pick(News::PickedRuns, || {
            let dialog = rfd::FileDialog::new().set_title("Import requests");
            dialog
                .add_filter("Bundle or HTTP archive", &[crate::hand_on::BUNDLE, "har"])
                .pick_file()
        });
    }

    fn pick(
        &self,
        picked: fn(PathBuf) -> News,
        ask: impl FnOnce() -> Option<PathBuf> + Send + 'static,
    ) {
        self.report_from("file-dialog", move || {
            let begun = Instant::now();
            Report::Other(match ask() {
                Some(file) => picked(file),
                None if begun.elapsed() < NO_DIALOG => News::NoDialog,
                None => News::PickedNothing,
            })
        });
    }

    /// Writes the site's configuration.
    pub(super) fn write_configuration(&self, folder: PathBuf, text: String) {
        self.report_from("write-configuration", move || {
            Report::Other(News::Written(elsewhere::write_configuration(
                &folder, &text,
            )))
        });
    }

    /// Reads a body of a request: as a tree, a picture, the outline of a page.
    pub(super) fn read_content(&self, exchange: Arc<Exchange>, side: Side) {
        self.report_from("read-content", move || {
            Report::Other(News::ContentRead(Box::new(Content::read(&exchange, side))))
        });
    }

    /// Fetches the run before a request.
    pub(super) fn find_earlier(&mut self, of: ExchangeId, before: ExchangeId) {
        self.ask_engine("earlier-run", move |engine| match engine.find(before) {
            Found::Exchange(exchange) => News::Earlier(of, Some(exchange)),
            Found::Evicted | Found::Unknown => News::Earlier(of, None),
        });
    }

    /// Compares two recorded requests.
    pub(super) fn compare(
        &mut self,
        before: ExchangeId,
        after: ExchangeId,
        given_up: Arc<AtomicBool>,
    ) {
        self.ask_engine("compare", move |engine| News::Compared {
            pair: (before, after),
            outcome: compared(engine, before, after, &given_up),
        });
    }

    /// Looks for the save that broke a request.
    pub(super) fn find_save(&mut self, errand: VersionErrand) {
        self.ask_engine("which-save", move |engine| News::Versions {
            pair: (errand.good, errand.bad),
            outcome: versions_between(engine, &errand),
        });
    }

    /// Sends a request to the scripts as they were in another run.
    pub(super) fn run_version(&mut self, request: ExchangeId, source: ExchangeId) {
        self.ask_engine("run-version", move |engine| {
            let outcome = engine.replay_with_source_of(request, source);
            News::VersionRun(outcome.map_err(|error| error.to_string()))
        });
    }

    /// Sends a recorded request again, to the scripts as they were in it.
    pub(super) fn replay_with_source(&mut self, id: ExchangeId) {
        self.ask_engine("replay-source", move |engine| {
            let outcome = engine.replay_with_source(id);
            News::Replayed(outcome.map_err(|error| error.to_string()))
        });
    }

    /// Sends a recorded request again; what became of it comes as news when the answer is there.
    pub(super) fn replay(&mut self, id: ExchangeId, profile: Option<HostProfile>) {
        self.ask_engine("replay", move |engine| {
            let outcome = engine.replay_as(id, profile);
            News::Replayed(outcome.map_err(|error| error.to_string()))
        });
    }

    /// Looks what would become of a draft, and keeps the draft in `file`.
    pub(super) fn preview(
        &mut self,
        folder: PathBuf,
        number: u64,
        work: Work,
        file: Option<PathBuf>,
    ) {
        self.ask_engine("preview", move |engine| {
            let found = work.draft.to_bytes(&drafts::read_file);
            let found = found.map_err(|error| error.to_string()).map(|sent| {
                let preview = engine.preview(&sent);
                Previewed { sent, preview }
            });
            if let Some(Err(error)) = file.map(|file| drafts::save(&file, &work)) {
                tracing::warn!("the draft cannot be kept: {error}");
            }
            News::Previewed {
                folder,
                number,
                found: Box::new(found),
            }
        });
    }

    /// Sends a draft; its number comes back with the news of it.
    pub(super) fn submit(&mut self, draft: Draft) -> Option<u64> {
        let engine = self.engine.clone()?;
        self.sent += 1;
        let number = self.sent;
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.holder("send", move || {
            let begun = {
                let (reporter, ctx) = (reporter.clone(), ctx.clone());
                // The engine does not wait for the window: without this news the request cannot be stopped from
                // the composer, and still can from its row.
                move |id| {
                    let _ = reporter.try_send(Report::Other(News::SendBegun(number, id)));
                    ctx.request_repaint();
                }
            };
            let request = draft.to_bytes(&drafts::read_file);
            let outcome = request
                .map_err(|error| error.to_string())
                .map(|request| engine.submit_telling(request, draft.pace.manner(), begun).0);
            end(engine);
            let news = News::Sent(number, outcome);
            if reporter.send(Report::Other(news)).is_ok() {
                ctx.request_repaint();
            }
        });
        Some(number)
    }

    /// Reads the saved requests of a site.
    pub(super) fn list_saved(&self, site: PathBuf) {
        self.report_from("saved-requests", move || {
            let listed = folder::list(&site).map_err(|error| error.to_string());
            Report::Other(News::SavedListed(site, listed))
        });
    }

    /// Saves a draft.
    pub(super) fn save_request(&self, job: SaveJob) {
        self.report_from("save-request", move || {
            Report::Other(News::Saved(Box::new(saved_files::save(&job))))
        });
    }

    /// Gives a saved request another name.
    pub(super) fn rename_saved(&self, site: PathBuf, row: SavedRow, name: String) {
        self.report_from("rename-request", move || {
            let outcome = saved_files::rename(&site, &row, &name);
            Report::Other(News::SavedChanged(
                outcome.map(|()| format!("Renamed to {name}")),
            ))
        });
    }

    /// Takes a saved request away.
    pub(super) fn remove_saved(&self, row: SavedRow) {
        self.report_from("remove-request", move || {
            Report::Other(News::SavedRemoved(saved_files::remove(&row)))
        });
    }

    /// Brings a saved request back.
    pub(super) fn restore_saved(&self, removed: Removed) {
        self.report_from("restore-request", move || {
            let outcome = saved_files::restore(&removed);
            Report::Other(News::SavedChanged(
                outcome.map(|()| format!("{} is back", removed.name)),
            ))
        });
    }

    /// Makes a draft of a saved request.
    pub(super) fn open_saved(&self, row: SavedRow) {
        self.report_from("open-request", move || {
            Report::Other(News::SavedOpened(Box::new(saved_files::open(&row))))
        });
    }

    /// Runs saved requests one after another; the verdict on each comes as news.
    pub(super) fn run_saved(&mut self, rows: Vec<SavedRow>, alone: bool) {
        let Some(engine) = self.engine.clone() else {
            return;
        };
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.holder("run-saved", move || {
            for row in rows {
                let verdict = saved::run(&engine, &row);
                let place = row.place;
                let news = News::SavedRan {
                    place,
                    verdict,
                    alone,
                };
                if reporter.send(Report::Other(news)).is_err() {
                    break;
                }
                ctx.request_repaint();
            }
            end(engine);
        });
    }

    /// Holds the run of a draft to what is expected of it.
    pub(super) fn judge(&mut self, id: ExchangeId, expectations: Vec<Expectation>) {
        self.ask_engine("judge", move |engine| {
            News::Judgement(saved::judge(engine, id, &expectations))
        });
    }

    /// Tells what a run was like, as expectations.
    pub(super) fn happened(&mut self, id: ExchangeId) {
        self.ask_engine("what-happened", move |engine| {
            let exchange = engine.wait_for_end(id);
            let gone = || format!("the details of request {id} are not kept any more");
            News::Happened(
                exchange
                    .map(|exchange| expect::happened(&exchange))
                    .ok_or_else(gone),
            )
        });
    }

    /// Sends a request many times; the summary comes as news with the number that is given back.
    pub(super) fn repeat(
        &mut self,
        what: Repeated,
        plan: RepeatPlan,
        control: Arc<RepeatControl>,
    ) -> u64 {
        self.sent += 1;
        let number = self.sent;
        self.ask_engine("repeat", move |engine| {
            let (request, origin) = match what {
                Repeated::Draft(draft) => {
                    let request = draft.to_bytes(&drafts::read_file);
                    (request.map_err(|error| error.to_string()), None)
                }
                Repeated::Run(id) => (recorded(engine, id), Some(id)),
            };
            let summary =
                request.map(|request| Box::new(engine.repeat(&request, origin, plan, &control)));
            News::Repeated(number, summary)
        });
        number
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

    /// Looks for the draft of a site that was kept.
    pub(super) fn find_draft(&self, folder: PathBuf) {
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.worker("kept-draft", move || {
            let work = drafts::file_of(&folder).and_then(|file| drafts::load(&file));
            let Some(work) = work else {
                return;
            };
            let news = News::KeptDraft(folder, Box::new(work));
            if reporter.send(Report::Other(news)).is_ok() {
                ctx.request_repaint();
            }
        });
    }

    /// Sends a GET to the site, as a client without a socket; its record comes as an event.
    pub(super) fn send(&mut self, path: String) {
        let Some(engine) = self.engine.clone() else {
            return;
        };
        let host = engine
            .address()
            .map_or_else(|| "localhost".to_owned(), address::host);
        self.holder("first-request", move || {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: CGI-Studio\r\nConnection: close\r\n\r\n");
            let _ = engine.submit(request.into_bytes());
            end(engine);
        });
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

/// The bytes of a recorded request.
fn recorded(engine: &Engine, id: ExchangeId) -> Result<Vec<u8>, String> {
    match engine.find(id) {
        Found::Exchange(exchange) => export::resend(&exchange).map_err(|reason| reason.to_string()),
        Found::Evicted | Found::Unknown => {
            Err(format!("the details of request {id} are not kept any more"))
        }
    }
}

fn compared(
    engine: &Engine,
    before: ExchangeId,
    after: ExchangeId,
    given_up: &AtomicBool,
) -> Result<Arc<Comparison>, String> {
    let find = |id| match engine.find(id) {
        Found::Exchange(exchange) => Ok(exchange),
        Found::Evicted | Found::Unknown => {
            Err(format!("the details of request {id} are not kept any more"))
        }
    };
    let (before, after) = (find(before)?, find(after)?);
    let comparison = Comparison::of(&before, &after, given_up);
    comparison.map(Arc::new).map_err(|error| error.to_string())
}

fn versions_between(engine: &Engine, errand: &VersionErrand) -> Result<Arc<Versions>, String> {
    let find = |id| match engine.find(id) {
        Found::Exchange(exchange) => Ok(exchange),
        Found::Evicted | Found::Unknown => {
            Err(format!("the details of request {id} are not kept any more"))
        }
    };
    let (good, bad) = (find(errand.good)?, find(errand.bad)?);
    let mut runs = Vec::new();
    for (id, failed) in &errand.runs {
        if errand.given_up.load(Ordering::Relaxed) {
            return Err("it was given up".to_owned());
        }
        // A run whose details are gone cannot say which version it ran.
        if let Ok(exchange) = find(*id) {
            runs.extend(Witness::of(&exchange, &bad, *failed));
        }
    }
    let found = versions::between(&good, &bad, runs);
    found.map(Arc::new).map_err(|error| error.to_string())
}

/// Starts to serve a folder. A fixed address that the open folder has is taken over from it.
fn start(spawner: &Spawner, folder: &Path, open: Option<&Weak<Engine>>) -> Result<Engine, String> {
    let configured = SiteConfig::read(folder).0.server.listen;
    let options = EngineOptions {
        folder: folder.to_owned(),
        listen: address::choose(None, configured),
        history: HistoryLimits::default(),
        recording: recording::of_user(),
    };
    let begun = Instant::now();
    let is_freed = give_up_place(&options, open);
    loop {
        match Engine::start(spawner.clone(), &options) {
            Err(StartError::Bind(BindError::Busy { .. }))
                if is_freed && begun.elapsed() < PORT_FREED =>
            {
                std::thread::sleep(ASK_AGAIN);
            }
            started => return started.map_err(|error| error.to_string()),
        }
    }
}

/// Stops the open folder's engine when another needs its very port, or the right to record the same folder's runs.
/// True when it was the port.
fn give_up_place(wanted: &EngineOptions, open: Option<&Weak<Engine>>) -> bool {
    let Some(engine) = open.and_then(Weak::upgrade) else {
        return false;
    };
    let held = engine.address().map_or(0, |held| held.port());
    let is_port =
        matches!(wanted.listen, Listen::Exactly(address) if address.port() == held && held != 0);
    let is_folder = wanted
        .folder
        .canonicalize()
        .is_ok_and(|folder| folder == engine.site().root);
    if is_port || is_folder {
        engine.begin_stop();
    }
    end(engine);
    is_port
}

/// Lets go of an engine; whoever holds it last waits for its end, for a request of our own may still be on its way.
fn end(engine: Arc<Engine>) {
    if let Some(engine) = Arc::into_inner(engine) {
        engine.shut_down();
    }
}
