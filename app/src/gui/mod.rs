//! The window: what happens in a frame, and the only place where commands are carried out.
//!
//! A frame is this story: news comes in through the link, housekeeping is done, keys become
//! [`command`]s, [`panels`] draw the [`model`] and push more commands, and these are run at the end.

pub mod command;
mod composing;
mod debugging;
mod drafts;
mod editing;
mod elsewhere;
mod fixing;
mod hand_on;
mod handing_on;
mod interpreters;
mod keys;
mod link;
mod looping;
mod marking;
pub mod model;
pub mod panels;
mod repeating;
mod saved;
mod saved_files;
mod searching;
mod surroundings;
pub mod theme;
mod typed_path;
pub mod widgets;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{Exchange, ExchangeId};
use cgi_engine::export;
use cgi_engine::history::Found;
use cgi_engine::process::Spawner;
use cgi_engine::{Command as EngineCommand, Engine, Event};
use eframe::egui::{Context, OpenUrl, ThemePreference, Ui, ViewportBuilder, ViewportCommand};

use crate::preferences::columns;
use crate::preferences::{Preferences, ThemeChoice, data_folder, preferences_file};
use crate::{address, samples};
use command::{Command, EditorCommand, SavedCommand};
use link::{Link, News};
use model::content::{Side, Stand};
use model::details::Shown;
use model::editor::Leaving;
use model::elsewhere::Elsewhere;
use model::site::order::Order;
use model::site::{SiteModel, UNDO};
use model::{Model, Problem};
use widgets::find::Wish;
use widgets::mark::Mark;
use widgets::notice::Notices;

/// What the window begins with.
pub struct Start {
    /// Starts programs.
    pub spawner: Spawner,
    /// A folder to open; the first screen is shown without one.
    pub folder: Option<PathBuf>,
    /// The engine of that folder, when it serves already.
    pub engine: Option<Engine>,
}

/// There is no window.
#[derive(Debug, thiserror::Error)]
#[error("cannot open a window: {reason}")]
pub struct WindowError {
    /// What the window system said.
    pub reason: String,
}

/// Shows the window until the user closes it.
///
/// # Errors
/// There is no display or no OpenGL. An engine that no window took is still in `options` then.
pub fn run(options: &mut Start) -> Result<(), WindowError> {
    let native = eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("CGI Studio")
            .with_app_id("cgi-studio")
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([960.0, 600.0]),
        persistence_path: data_folder().map(|folder| folder.join("window.ron")),
        ..eframe::NativeOptions::default()
    };
    let make: eframe::AppCreator<'_> = Box::new(|creation| {
        let taken = Start {
            spawner: options.spawner.clone(),
            folder: options.folder.take(),
            engine: options.engine.take(),
        };
        Ok(Box::new(Studio::new(&creation.egui_ctx, taken)))
    });
    eframe::run_native("cgi-studio", native, make).map_err(|error| WindowError {
        reason: reason(&error),
    })
}

fn reason(error: &eframe::Error) -> String {
    match error {
        // Its own words list a dozen settings that nobody chose.
        eframe::Error::NoGlutinConfigs(_, why) => format!("there is no OpenGL: {why}"),
        other => other.to_string(),
    }
}

/// The window's state.
pub struct Studio {
    model: Model,
    panels: panels::State,
    link: Link,
    notices: Notices,
    undo_notice: Option<u64>,
    removed_notice: Option<u64>,
    fix_notice: fixing::FixNotice,
    /// The window's place was looked at.
    placed: bool,
    commands: Vec<Command>,
    preferences_file: Option<PathBuf>,
    saved: Preferences,
    editing: editing::Editing,
}

impl Studio {
    /// The window with the user's own preferences.
    pub fn new(ctx: &Context, options: Start) -> Self {
        let file = preferences_file();
        let (preferences, warnings) = file.as_deref().map(Preferences::read).unwrap_or_default();
        let mut studio = Self::with_preferences(ctx, options, preferences, file);
        for warning in warnings {
            tracing::warn!("{warning}");
            studio.notices.say(Mark::Warning, warning);
        }
        studio
    }

    /// The window with these preferences, kept in `file` if there is one.
    pub fn with_preferences(
        ctx: &Context,
        options: Start,
        preferences: Preferences,
        file: Option<PathBuf>,
    ) -> Self {
        theme::apply(ctx);
        ctx.set_theme(preference(preferences.theme));
        ctx.set_zoom_factor(preferences.zoom);
        // Zoom keys are verbs like all others.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let mut studio = Self {
            saved: preferences.clone(),
            model: Model::new(preferences, Timestamp::now()),
            panels: panels::State::default(),
            link: Link::new(ctx.clone(), options.spawner),
            notices: Notices::default(),
            undo_notice: None,
            removed_notice: None,
            fix_notice: fixing::FixNotice::default(),
            placed: false,
            commands: Vec::new(),
            editing: editing::Editing::new(file.is_some()),
            preferences_file: file,
        };
        studio.link.find_interpreters();
        studio.prepare_editor();
        match (options.engine, options.folder) {
            (Some(engine), _) => {
                let snapshot = studio.link.adopt(engine);
                studio.show_site(ctx, SiteModel::new(snapshot));
            }
            (None, Some(folder)) => studio.open(folder),
            (None, None) => {}
        }
        studio
    }

    /// What the window knows, for tests that drive it.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    fn show_site(&mut self, ctx: &Context, mut site: SiteModel) {
        site.set_order(Order::of_word(&self.model.preferences.order));
        self.model
            .preferences
            .remember(&site.state.folder, self.model.now);
        ctx.send_viewport_cmd(ViewportCommand::Title(format!(
            "{} – CGI Studio",
            site.state.name
        )));
        let exposure = site.state.address.and_then(address::exposure);
        if let Some(exposure) = exposure {
            self.notices.say(Mark::Warning, exposure);
        }
        self.save_draft();
        if self.preferences_file.is_some() {
            self.link.find_draft(site.state.folder.clone());
            self.find_rescued(site.state.folder.clone());
        }
        self.model.site = Some(site);
        self.model.opening = None;
        self.model.problem = None;
        self.panels = panels::State::default();
        self.save_preferences();
        self.find_undoable();
        self.begin_loop();
    }

    fn is_open(&self, folder: &Path) -> bool {
        let site = self.model.site.as_ref();
        site.is_some_and(|site| site.state.folder == folder)
    }

    fn open(&mut self, folder: PathBuf) {
        self.model.problem = None;
        self.model.opening = Some(folder.clone());
        self.link.open(folder);
    }

    fn take_news(&mut self, ctx: &Context) {
        for news in self.link.poll() {
            match news {
                News::Opened(snapshot) => self.show_site(ctx, SiteModel::new(*snapshot)),
                News::NotOpened { folder, text } => {
                    self.model.opening = None;
                    self.model.problem = Some(Problem { folder, text });
                }
                News::Picked(folder) => self.open_unless_unsaved(folder),
                News::PickedNothing => {}
                News::NoDialog => {
                    let words = "No file dialog answers on this computer. Type the path on the first screen, or drop a folder here";
                    self.notices.say(Mark::Warning, words.to_owned());
                }
                News::Interpreters(found) => self.model.interpreters = Some(found),
                News::Completed(completion) => self.model.completion = completion,
                News::Deployed(host, report) => {
                    if let Some(shown) = self.elsewhere() {
                        shown.take_report(host, *report);
                    }
                }
                News::Imported(file, outcome) => {
                    if let Some(shown) = self.elsewhere() {
                        shown.take_import(&file, *outcome);
                    }
                }
                News::PickedImport(file) => self.commands.push(Command::ImportFile(file)),
                News::PickedExport(file) => self.panels.choose_export(&file),
                News::PickedRuns(file) => self.commands.push(Command::ImportRunsFrom(file)),
                News::Secrets(ids, found) => self.take_secrets(&ids, found),
                News::Exporting(done) => self.take_progress(done),
                News::Exported(outcome) => self.take_exported(ctx, outcome),
                News::ImportedRuns(file, outcome) => self.take_imported(&file, outcome),
                News::Written(outcome) => self.take_written(outcome),
                News::Previewed {
                    folder,
                    number,
                    found,
                } if self.is_open(&folder) => self.take_preview(number, *found),
                News::Previewed { .. } => {}
                News::SendBegun(number, id) => self.take_begun(number, id),
                News::Sent(number, outcome) => self.take_sent(number, outcome),
                News::KeptDraft(folder, work) if self.is_open(&folder) => {
                    self.take_kept_draft(*work);
                }
                News::KeptDraft(..) => {}
                News::SavedListed(folder, listed) if self.is_open(&folder) => {
                    if let Some(site) = &mut self.model.site {
                        site.saved.take(listed);
                    }
                }
                News::SavedListed(..) => {}
                News::Saved(outcome) => self.take_saved(*outcome),
                News::SavedChanged(outcome) => self.take_changed(outcome),
                News::SavedRemoved(outcome) => self.take_removed(outcome),
                News::SavedOpened(outcome) => self.take_opened_request(*outcome),
                News::SavedRan {
                    place,
                    verdict,
                    alone,
                } => self.take_verdict(place, verdict, alone),
                News::Judgement(verdict) => self.take_judgement(&verdict),
                News::Happened(happened) => self.take_happened(happened),
                News::Debug(news) => self.take_debug(news),
                News::Surroundings(news) => self.take_surroundings(news),
                News::Fixing(news) => self.take_fixing(news),
                News::Loop(news) => self.take_loop(news),
                News::Repeated(number, outcome) => self.take_repeated(number, outcome),
                News::Replayed(outcome) => self.show_replayed(outcome),
                News::Compared { pair, outcome } => {
                    if let Some(site) = &mut self.model.site {
                        site.take_compared(pair, outcome);
                    }
                }
                News::ContentRead(content) => {
                    if let Some(site) = &mut self.model.site {
                        site.contents.take(*content);
                    }
                }
                News::Earlier(of, exchange) => {
                    if let Some(site) = &mut self.model.site {
                        site.earlier.take(of, exchange);
                    }
                }
                News::VersionRun(Ok(Some(id))) => {
                    if let Some(site) = &mut self.model.site {
                        site.version_begun(id);
                    }
                }
                News::VersionRun(Ok(None)) => self.say_unrecorded(),
                News::VersionRun(Err(why)) => {
                    self.notices.say(Mark::Warning, why);
                }
                News::Versions { pair, outcome } => {
                    if let Some(site) = &mut self.model.site {
                        site.take_versions(pair, outcome);
                    }
                }
                News::Judged(judged) => {
                    if let Some(site) = &mut self.model.site {
                        site.take_judged(judged);
                    }
                }
                News::Scanned(piece) => {
                    if let Some(site) = &mut self.model.site {
                        site.take_piece(piece);
                    }
                }
                News::Fetched(fetched) => {
                    if let Some(site) = &mut self.model.site {
                        site.cells.take(fetched);
                    }
                }
                News::ValuesRead(read) => {
                    if let Some(site) = &mut self.model.site {
                        site.take_values(read);
                    }
                }
                News::Read(id, found) => {
                    if let Some(site) = &mut self.model.site
                        && site.selected() == Some(id)
                    {
                        site.details.take(found, self.model.now);
                    }
                }
                News::Editor(news) => self.take_editor(ctx, news),
                News::Event(Event::RowsChanged) => {
                    if let (Some(site), Some(engine)) = (&mut self.model.site, self.link.engine()) {
                        site.take_rows(engine.rows());
                    }
                }
                News::Event(Event::Missed) => self.resync(),
                News::Event(Event::Show(id)) => self.bring_up(ctx, id),
                News::Event(event) => {
                    self.note_event(&event);
                    self.model.apply(event);
                }
            }
        }
    }

    fn serve_as(&mut self, host: Option<HostProfile>) {
        let (Some(site), Some(engine)) = (&mut self.model.site, self.link.engine()) else {
            return;
        };
        engine.run_as(host);
        site.serving_as = host;
        let words = host.map_or_else(
            || "Requests are run as RFC 3875 has it".to_owned(),
            |host| format!("Requests are run as {} would", host.label()),
        );
        self.notices.say(Mark::Ok, words);
    }

    /// Commands of the view of other hosts.
    fn look_elsewhere(&mut self, command: Command) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let folder = site.state.folder.clone();
        let import = |file| Elsewhere::Import {
            file,
            outcome: None,
            written: None,
        };
        match command {
            Command::DeployCheck(host) => {
                site.elsewhere = Some(Elsewhere::deploy(host));
                self.link.deploy_check(host);
            }
            Command::ImportApache => site.elsewhere = Some(import(None)),
            Command::ImportFile(file) => {
                site.elsewhere = Some(import(Some(file.clone())));
                self.link.import(file, folder);
            }
            Command::ChooseImport => self.link.pick_import(),
            Command::WriteImport(text) => self.link.write_configuration(folder, text),
            _ => {}
        }
    }

    fn elsewhere(&mut self) -> Option<&mut Elsewhere> {
        self.model.site.as_mut()?.elsewhere.as_mut()
    }

    fn take_written(&mut self, outcome: Result<String, String>) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let is_written = outcome.is_ok();
        if let Some(Elsewhere::Import { written, .. }) = &mut site.elsewhere {
            *written = Some(outcome);
        }
        if is_written {
            self.tell(EngineCommand::Restart);
        }
    }

    /// A panel wants a body as something else than bytes.
    fn read_content(&mut self, side: Side) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let Some(detail) = site.details.here() else {
            return;
        };
        let exchange = Arc::clone(&detail.exchange);
        if site.contents.ask(Stand::of(&exchange, side)) {
            self.link.read_content(exchange, side);
        }
    }

    /// A panel wants to know what is other than in the run before.
    fn find_earlier(&mut self) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let Some(id) = site.selected() else {
            return;
        };
        if site.earlier.ask(id)
            && let Some(before) = site.previous_like(id)
        {
            self.link.find_earlier(id, before);
        }
    }

    fn compare(&mut self) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        match site.pair_to_compare() {
            Ok((before, after)) => {
                site.begin_compare(before, after);
                if let Some(given_up) = site.compare_given_up() {
                    self.link.compare(before, after, given_up);
                }
            }
            Err(why) => {
                self.notices.say(Mark::Warning, why.to_owned());
            }
        }
    }

    fn say_unrecorded(&mut self) {
        let words = "The request was sent, but nothing is recorded now";
        self.notices.say(Mark::Warning, words.to_owned());
    }

    fn find_save(&mut self) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        match site.good_and_bad() {
            Ok((good, bad)) => {
                site.compared = None;
                if let Some(errand) = site.begin_versions(good, bad) {
                    self.link.find_save(errand);
                }
            }
            Err(why) => {
                self.notices.say(Mark::Warning, why.to_owned());
            }
        }
    }

    fn show_replayed(&mut self, outcome: Result<Option<ExchangeId>, String>) {
        match (outcome, &mut self.model.site) {
            (Ok(Some(id)), Some(site)) => site.select(Some(id)),
            (Ok(_), _) => self.say_unrecorded(),
            (Err(why), _) => {
                self.notices.say(Mark::Warning, why);
            }
        }
    }

    /// Puts the selected request on the clipboard in the form that `write` gives it, or says why it cannot.
    fn copy_request(
        &mut self,
        ctx: &Context,
        what: &str,
        write: impl Fn(&Exchange, &str) -> Result<String, String>,
    ) {
        let site = self.model.site.as_ref();
        let address = site
            .and_then(|site| site.state.address)
            .map_or_else(|| "localhost".to_owned(), address::host);
        let Some(Shown::Here(detail)) = site.map(|site| site.details.shown()) else {
            let words = "The details of this request are not kept any more";
            self.notices.say(Mark::Warning, words.to_owned());
            return;
        };
        match write(&detail.exchange, &address) {
            Ok(text) => self.copy(ctx, what, text),
            Err(why) => {
                self.notices
                    .say(Mark::Warning, format!("{what} was not copied: {why}"));
            }
        }
    }

    /// Somebody followed the link on a page: its run, and the window before all others.
    fn bring_up(&mut self, ctx: &Context, id: ExchangeId) {
        let site = self.model.site.as_mut();
        let Some(site) = site.filter(|site| site.row(id).is_some()) else {
            return;
        };
        site.uncover();
        (site.compared, site.versions) = (None, None);
        site.select(Some(id));
        self.model.workspace = model::Workspace::Inspect;
        self.model.tab = model::Tab::Overview;
        ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
        ctx.send_viewport_cmd(ViewportCommand::Focus);
        let asked = eframe::egui::UserAttentionType::Informational;
        ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(asked));
    }

    fn resync(&mut self) {
        if let (Some(site), Some(engine)) = (&mut self.model.site, self.link.engine()) {
            site.resync(engine.snapshot());
        }
    }

    /// What has to be done whether or not anybody asks: details of the selection, cleared lists that are due.
    fn keep_house(&mut self, ctx: &Context) {
        let (Some(site), Some(engine)) = (&mut self.model.site, self.link.engine()) else {
            return;
        };
        let now = self.model.now;
        let mut to_read = None;
        site.details.keep_fresh(now);
        if site.details.is_stale() {
            match site.selected() {
                None => site.details.take(Found::Unknown, now),
                Some(id) => match engine.find_at_hand(id) {
                    Some(found) => site.details.take(found, now),
                    // From the disk: a worker reads it.
                    None if site.details.wait_for(id) => to_read = Some(id),
                    None => {}
                },
            }
            site.held = engine.held();
            site.recording = engine.recording();
        }
        site.keep_steps_fresh();
        if site.details.is_live() {
            ctx.request_repaint_after(model::details::REFRESH);
        }
        if let Some(up_to) = site.take_forgettable(now) {
            engine.command(EngineCommand::Clear { up_to });
        }
        if let Some(hidden) = site.can_unhide(self.model.now) {
            let gone = model::site::since(hidden.since, self.model.now);
            ctx.request_repaint_after(UNDO.saturating_sub(gone) + Duration::from_millis(50));
        }
        site.settle();
        if site.wants_sharing() {
            site.share(engine.rows());
        }
        if let Some(scan) = site.take_scan() {
            self.link.scan(scan);
        }
        site.cells.show(&self.model.preferences.cells());
        if let Some(errand) = site.cells.take_errand() {
            self.link.fetch_cells(errand);
        }
        if let Some(errand) = site.take_value_errand() {
            self.link.read_values(errand);
        }
        let errand = site.take_errand();
        if let Some(id) = to_read {
            self.link.read(id);
        }
        if let Some(errand) = errand {
            self.link.search(errand);
        }
        if site.saved.take_errand() {
            self.link.list_saved(site.state.folder.clone());
        }
        if let Some(questions) = site.take_fix_errand() {
            fixing::look(&mut self.link, site.fixing.looks(), questions);
        }
        if let Some((good, bad)) = site.versions_to_renew()
            && let Some(errand) = site.begin_versions(good, bad)
        {
            self.link.find_save(errand);
        }
        self.keep_preview(ctx);
        self.keep_editor(ctx);
        self.keep_loop();
    }

    fn run(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::ChooseFolder => self.link.pick_folder(),
            Command::Open(folder) => self.open_unless_unsaved(folder),
            Command::CompletePath(text) => self.link.complete_path(text),
            Command::OpenSample(name) if self.may_leave(&Leaving::Sample(name)) => {
                self.open_sample(name);
            }
            Command::OpenSample(_) => {}
            Command::CloseSite if !self.may_leave(&Leaving::Site) => {}
            Command::Forget(folder) => self.model.preferences.forget(&folder),
            Command::CloseSite => {
                self.save_draft();
                self.link.close();
                self.model.site = None;
                self.panels = panels::State::default();
                ctx.send_viewport_cmd(ViewportCommand::Title("CGI Studio".to_owned()));
            }
            Command::CopyAddress => {
                if let Some(url) = self.model.site_url() {
                    self.copy(ctx, "Address", url);
                }
            }
            Command::OpenInBrowser => {
                if let Some(url) = self.model.site_url() {
                    ctx.open_url(OpenUrl::new_tab(url));
                }
            }
            Command::OpenUrl(url) => ctx.open_url(OpenUrl::new_tab(url)),
            Command::Copy { what, text } => self.copy(ctx, &what, text),
            Command::Pause => self.tell(EngineCommand::Pause(true)),
            Command::Resume => self.tell(EngineCommand::Pause(false)),
            Command::Restart => self.tell(EngineCommand::Restart),
            Command::Recheck => self.tell(EngineCommand::Recheck),
            Command::Send(path) => self.link.send(path),
            Command::Replay => {
                if let Some(id) = self.model.site.as_ref().and_then(SiteModel::selected) {
                    self.link.replay(id, None);
                }
            }
            Command::ReplayWithSource => {
                if let Some(id) = self.model.site.as_ref().and_then(SiteModel::selected) {
                    self.link.replay_with_source(id);
                }
            }
            Command::RunVersion { request, source } => self.link.run_version(request, source),
            Command::ReplayAs(host) => {
                if let Some(id) = self.model.site.as_ref().and_then(SiteModel::selected) {
                    self.link.replay(id, Some(host));
                }
            }
            Command::ReadContent(side) => self.read_content(side),
            Command::FindEarlier => self.find_earlier(),
            Command::ServeAs(host) => self.serve_as(host),
            Command::DeployCheck(_)
            | Command::ImportApache
            | Command::ImportFile(_)
            | Command::ChooseImport
            | Command::WriteImport(_) => self.look_elsewhere(command),
            Command::Compose
            | Command::ComposeTo(_)
            | Command::EditAndResend
            | Command::EditDraft(_)
            | Command::EditRaw
            | Command::LeaveRaw
            | Command::TakeCurl(_)
            | Command::TakeEdgeCase(_)
            | Command::ClearDraft
            | Command::UndoClearDraft
            | Command::SendDraft
            | Command::StopSending
            | Command::EndCompose => self.run_compose(command),
            Command::Saved(command) => self.run_saved(command),
            Command::Editor(command) => self.run_editor(ctx, command),
            Command::Repeat(command) => self.run_repeat(command),
            Command::Debug(command) => self.run_debug(command),
            Command::Surroundings(command) => self.run_surroundings(command),
            Command::Fix(command) => self.run_fix(command),
            Command::Loop(command) => self.run_loop(command),
            Command::Export
            | Command::ExportThese(_)
            | Command::ChooseExport(_)
            | Command::ExportNow(_)
            | Command::CancelExport
            | Command::ImportRuns
            | Command::ChooseRuns
            | Command::ImportRunsFrom(_)
            | Command::EndHandOn => self.hand_on(command),
            Command::Compare => self.compare(),
            Command::WhichSave => self.find_save(),
            Command::CopyAsCurl => {
                self.copy_request(ctx, "The curl command", |exchange, address| {
                    export::curl(exchange, address).map_err(|why| why.to_string())
                });
            }
            Command::CopyAsHttp => self.copy_request(ctx, "The request", |exchange, address| {
                export::http_file(exchange, address)
                    .ok_or_else(|| "an .http file holds text only, and this is none".to_owned())
            }),
            Command::Stop(id) => self.tell(EngineCommand::Stop(id)),
            Command::StopSelected => {
                if let Some(id) = self.model.site.as_ref().and_then(SiteModel::selected) {
                    self.tell(EngineCommand::Stop(id));
                }
            }
            Command::ClearList | Command::UndoClear => self.run_clear(&command),
            Command::Palette => {
                self.model.palette = !self.model.palette;
                self.panels.palette = widgets::palette::PaletteState::default();
            }
            Command::CheatSheet => self.model.cheat_sheet = !self.model.cheat_sheet,
            Command::Drawer => self.model.drawer = !self.model.drawer,
            Command::NextRegion => self.panels.regions.move_focus(ctx, true),
            Command::PreviousRegion => self.panels.regions.move_focus(ctx, false),
            Command::FocusFilter => self.panels.regions.focus_filter(ctx),
            Command::OpenDetail => self.panels.regions.focus_detail(ctx),
            Command::TogglePin
            | Command::EditComment
            | Command::SetComment(_)
            | Command::EndComment => self.mark_selected(command),
            Command::FindInPane => self.find(ctx, Wish::Open),
            Command::FindNext => self.find(ctx, Wish::Next),
            Command::FindPrevious => self.find(ctx, Wish::Previous),
            Command::Back if widgets::find::ask(ctx, Wish::Close) => {}
            Command::Back => self.go_back(ctx),
            other => self.run_in_model(ctx, other),
        }
    }

    /// Commands that change nothing but what the window shows.
    fn run_in_model(&mut self, ctx: &Context, command: Command) {
        let preferences = &mut self.model.preferences;
        match command {
            Command::Sidebar => preferences.sidebar = !preferences.sidebar,
            Command::SidebarWidth(points) => preferences.sidebar_width = points,
            Command::ListShare(share) => preferences.list_share = share,
            Command::CompareUnified(on) => preferences.compare_unified = on,
            Command::DrawerHeight(points) => preferences.drawer_height = points,
            Command::ToggleColumn(kind) => preferences.toggle_column(kind),
            Command::ColumnWidth(kind, points) => preferences.set_column_width(&kind, points),
            Command::UsualColumns => preferences.columns = columns::usual(),
            Command::ZoomIn => self.zoom(ctx, |zoom| zoom + 0.1),
            Command::ZoomOut => self.zoom(ctx, |zoom| zoom - 0.1),
            Command::ZoomReset => self.zoom(ctx, |_| 1.0),
            Command::Theme(theme) => {
                preferences.theme = theme;
                ctx.set_theme(preference(theme));
                self.save_preferences();
            }
            Command::ShowTab(tab) => self.model.tab = tab,
            Command::Show(workspace) => {
                self.model.workspace = workspace;
                if let Some(site) = &mut self.model.site {
                    site.uncover();
                }
            }
            Command::DetailAlone => self.model.detail_alone = !self.model.detail_alone,
            command => {
                if let Some(site) = &mut self.model.site {
                    select(site, command, self.model.now);
                    preferences.order = site.order().word();
                }
            }
        }
    }

    fn run_clear(&mut self, command: &Command) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        if let Some(number) = self.undo_notice.take() {
            self.notices.hide(number);
        }
        if *command == Command::UndoClear {
            site.unhide();
        } else {
            site.hide_all(self.model.now);
            self.undo_notice = Some(self.notices.offer(Mark::Ok, "The list was cleared", "Undo"));
        }
    }

    fn find(&mut self, ctx: &Context, wish: Wish) {
        if !widgets::find::ask(ctx, wish) {
            let words = "There is no text to search in what is shown";
            self.notices.say(Mark::Warning, words.to_owned());
        }
    }

    /// From a field or the inspector back to the list; from the list, the filter goes.
    fn go_back(&mut self, ctx: &Context) {
        if self.close_editor_dialog() {
            return;
        }
        let site = self.model.site.as_mut().filter(|_| !self.model.cheat_sheet);
        let closed = site.is_some_and(|site| {
            site.commenting.take().is_some()
                || site.saved.dialog.take().is_some()
                || site.fixing.dialog.take().is_some()
                || site.stepping.take().is_some()
                || site.elsewhere.take().is_some()
                || site.hand_on.take().is_some()
                || std::mem::take(&mut site.composer.open)
        });
        if closed || std::mem::take(&mut self.model.detail_alone) {
            return;
        }
        if self.model.shows_code() && !self.model.cheat_sheet {
            return self.run_editor(ctx, EditorCommand::CloseFind);
        }
        let site = self.model.site.as_mut();
        let was_covered = site
            .is_some_and(|site| site.compared.take().is_some() || site.versions.take().is_some());
        if self.model.cheat_sheet {
            self.model.cheat_sheet = false;
        } else if was_covered || self.panels.regions.is_away_from_list() {
            self.panels.regions.focus_list(ctx);
        } else if let Some(site) = &mut self.model.site {
            site.set_filter(model::filter::Filter::default(), self.model.now);
        }
    }

    fn zoom(&mut self, ctx: &Context, change: impl Fn(f32) -> f32) {
        let zoom = (change(self.model.preferences.zoom) * 10.0).round() / 10.0;
        self.model.preferences.zoom = zoom.clamp(0.5, 3.0);
        ctx.set_zoom_factor(self.model.preferences.zoom);
    }

    fn copy(&mut self, ctx: &Context, what: &str, text: String) {
        ctx.copy_text(text);
        self.notices.say(Mark::Ok, format!("{what} copied"));
    }

    /// Some window managers put a remembered window back by the height of its title bar too high, each time a little
    /// more. Looked at once, when the place is known.
    fn stay_on_screen(&mut self, ctx: &Context) {
        let Some(place) = ctx
            .input(|input| input.viewport().outer_rect)
            .filter(|_| !self.placed)
        else {
            return;
        };
        self.placed = true;
        if place.min.x < 0.0 || place.min.y < 0.0 {
            let reachable = place.min.max(eframe::egui::Pos2::ZERO);
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(reachable));
        }
    }

    fn tell(&self, command: EngineCommand) {
        if let Some(engine) = self.link.engine() {
            engine.command(command);
        }
    }

    fn open_sample(&mut self, name: &str) {
        let Ok(sample) = samples::sample(name) else {
            return;
        };
        let Some(data) = data_folder() else {
            let folder = PathBuf::from(sample.name);
            let text = samples::NOWHERE_TO_UNPACK.to_owned();
            self.model.problem = Some(Problem { folder, text });
            return;
        };
        let into = data.join("examples");
        self.model.problem = None;
        self.model.opening = Some(into.join(sample.name));
        self.link.open_sample(sample, into);
    }

    fn save_preferences(&mut self) {
        let Some(file) = self
            .preferences_file
            .as_deref()
            .filter(|_| self.saved != self.model.preferences)
        else {
            return;
        };
        match self.model.preferences.write(file) {
            Ok(None) => {}
            Ok(Some(aside)) => {
                let text = format!("the preferences that cannot be read are kept: {aside:?}");
                self.notices.say(Mark::Warning, text);
            }
            Err(error) => {
                tracing::warn!("{error}");
                self.notices.say(Mark::Warning, error.to_string());
            }
        }
        // A failure is said once; it is tried again when something changes.
        self.saved = self.model.preferences.clone();
    }

    fn take_dropped(&mut self, ctx: &Context) {
        let dropped: Vec<PathBuf> = ctx.input(|input| {
            input
                .raw
                .dropped_files
                .iter()
                .map(|file| file.path().to_owned())
                .collect()
        });
        if let Some(path) = dropped.into_iter().next() {
            let is_archive = path.extension().is_some_and(|ending| {
                let known = ["har", crate::hand_on::BUNDLE];
                known.iter().any(|known| ending.eq_ignore_ascii_case(known))
            });
            self.commands
                .push(match is_archive && self.model.site.is_some() {
                    true => Command::ImportRunsFrom(path),
                    false => Command::Open(folder_of(&path)),
                });
        }
    }
}

impl eframe::App for Studio {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.model.now = Timestamp::now();
        self.take_news(ctx);
        self.keep_house(ctx);
        self.stay_on_screen(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        if ctx.input(|input| input.viewport().close_requested()) && self.may_close(&ctx) {
            // Runs get a second or two to end; nobody should look at a window that no longer answers.
            ctx.send_viewport_cmd(ViewportCommand::Visible(false));
        }
        self.take_dropped(&ctx);
        keys::take(&ctx, &self.model, &mut self.commands);
        panels::ui(ui, &self.model, &mut self.panels, &mut self.commands);
        match self.notices.ui(ui) {
            Some((notice, _)) if Some(notice) == self.undo_notice => {
                self.commands.push(Command::UndoClear);
            }
            Some((notice, _)) if Some(notice) == self.removed_notice => {
                self.commands.push(Command::Saved(SavedCommand::UndoRemove));
            }
            Some((notice, action)) => {
                self.commands
                    .extend(self.fix_notice.command(notice, action));
            }
            None => {}
        }
        let mut commands = std::mem::take(&mut self.commands);
        // What was typed was typed into what was seen; keys were only read before.
        commands.sort_by_key(|command| !editing::is_typed(command));
        if !commands.is_empty() {
            for command in commands {
                self.run(&ctx, command);
            }
            self.keep_house(&ctx);
            // What was drawn in this frame is older than the commands.
            ctx.request_repaint();
        }
    }

    fn save(&mut self, _storage: &mut dyn eframe::Storage) {
        self.save_preferences();
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.save_preferences();
        self.link.close_and_wait();
        self.save_draft();
        self.end_editing();
    }

    /// Scroll positions and open menus are not worth keeping; the window's place is.
    fn persist_egui_memory(&self) -> bool {
        false
    }
}

fn select(site: &mut SiteModel, command: Command, now: Timestamp) {
    match command {
        Command::SetFilter(filter) => site.set_filter(filter, now),
        Command::Narrow(clause) => {
            let filter = site.filter().narrowed(&clause);
            site.set_filter(filter, now);
        }
        Command::SortBy(by) => {
            let order = site.order().clicked(by);
            site.set_order(order);
        }
        Command::UsualOrder => site.set_order(Order::default()),
        Command::StopSearch => site.stop_search(),
        Command::FetchCells(ids) => site.cells.want(ids),
        Command::ToggleSelected(id) => site.toggle_selected(id),
        Command::SelectUpTo(id) => site.select_up_to(id),
        Command::SelectBack => site.go(false),
        Command::SelectForward => site.go(true),
        Command::ClearFilter => site.set_filter(model::filter::Filter::default(), now),
        Command::StepThrough if site.stepping.is_some() => site.stepping = None,
        Command::StepThrough => site.begin_steps(),
        Command::Step(way) => site.step(way),
        Command::PlaySteps(on) => {
            if let Some(stepping) = &mut site.stepping {
                stepping.playing = on;
            }
        }
        Command::EndSteps => site.stepping = None,
        Command::EndElsewhere => site.elsewhere = None,
        Command::MarkToCompare => site.mark_selected(),
        Command::Unmark => site.unmark(),
        Command::EndCompare => site.compared = None,
        Command::EndVersions => site.versions = None,
        Command::NextDifference => site.walk_differences(true),
        Command::PreviousDifference => site.walk_differences(false),
        Command::Select(id) => site.select(Some(id)),
        Command::SelectBelow => site.move_selection(true),
        Command::SelectAbove => site.move_selection(false),
        Command::SelectNewest => site.select_end(true),
        Command::SelectOldest => site.select_end(false),
        Command::NextFailure | Command::PreviousFailure => {
            if let Some(id) = site.next_failure(command == Command::NextFailure) {
                site.select(Some(id));
            }
        }
        _ => {}
    }
}

fn preference(theme: ThemeChoice) -> ThemePreference {
    match theme {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Dark => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
    }
}

/// Somebody who drops a file means the folder that it is in.
fn folder_of(path: &Path) -> PathBuf {
    if path.is_dir() {
        path.to_owned()
    } else {
        path.parent().unwrap_or(path).to_owned()
    }
}
