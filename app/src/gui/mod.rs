//! The window: what happens in a frame.
//!
//! A frame is this story: news comes in through the link (`taking`), housekeeping is done, keys become
//! [`command`]s, [`panels`] draw the [`model`] and push more commands, and these are run at the end (`running`).

pub mod command;
mod composing;
mod debugging;
mod drafts;
mod editing;
mod elsewhere;
mod fixing;
mod hand_on;
mod handing_on;
mod keys;
mod link;
mod looping;
mod marking;
pub mod model;
pub mod panels;
mod repeating;
mod running;
mod saved;
mod saved_files;
mod searching;
mod surroundings;
mod taking;
pub mod theme;
mod typed_path;
pub mod widgets;

use std::path::{Path, PathBuf};
use std::time::Duration;

use cgi_engine::clock::Timestamp;
use cgi_engine::history::Found;
use cgi_engine::process::Spawner;
use cgi_engine::{Command as EngineCommand, Engine};
use eframe::egui::{Context, ThemePreference, Ui, ViewportBuilder, ViewportCommand};

use crate::address;
use crate::preferences::{Preferences, ThemeChoice, data_folder, preferences_file};
use command::{Command, SavedCommand};
use link::Link;
use model::Model;
use model::site::order::Order;
use model::site::{SiteModel, UNDO};
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

/// So long after something was written the figures of memory and disk are asked for: under load not at every run.
const FIGURES: Duration = Duration::from_millis(500);

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
    /// Since when the figures of memory and disk are known to be old.
    figures_old_since: Option<Timestamp>,
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
            figures_old_since: None,
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
        for failure in site.failures_before() {
            self.notices.say(Mark::Warning, failure);
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
        if site.figures_are_old {
            let since = *self.figures_old_since.get_or_insert(now);
            let left = FIGURES.saturating_sub(model::site::since(since, now));
            if left.is_zero() {
                (site.held, site.recording) = (engine.held(), engine.recording());
                (site.figures_are_old, self.figures_old_since) = (false, None);
            } else {
                ctx.request_repaint_after(left);
            }
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
        // An installation ends as soon as its dialog does; else its worker would be waited for.
        if let Some(site) = &mut self.model.site {
            site.fixing.dialog = None;
        }
        self.link.close_and_wait();
        self.save_draft();
        self.end_editing();
    }

    /// Scroll positions and open menus are not worth keeping; the window's place is.
    fn persist_egui_memory(&self) -> bool {
        false
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

fn preference(theme: ThemeChoice) -> ThemePreference {
    match theme {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Dark => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
    }
}

#[cfg(test)]
mod tests;
