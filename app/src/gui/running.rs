//! The one place where commands are carried out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::Exchange;
use cgi_engine::{Command as EngineCommand, export};
use eframe::egui::{Context, OpenUrl, ViewportCommand};

use super::command::{Command, EditorCommand, RepeatCommand, SurroundingsCommand};
use super::model::content::{Side, Stand};
use super::model::details::Shown;
use super::model::editor::Leaving;
use super::model::elsewhere::Elsewhere;
use super::model::site::SiteModel;
use super::model::site::order::Order;
use super::model::surroundings::Dialog;
use super::model::{Problem, Workspace};
use super::preference;
use super::widgets::find::Wish;
use super::widgets::mark::Mark;
use super::{Studio, model, panels, widgets};
use crate::preferences::{columns, data_folder};
use crate::{address, samples};

impl Studio {
    pub(super) fn run(&mut self, ctx: &Context, command: Command) {
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
    pub(super) fn run_in_model(&mut self, ctx: &Context, command: Command) {
        let preferences = &mut self.model.preferences;
        match command {
            Command::Sidebar => preferences.sidebar = !preferences.sidebar,
            Command::SidebarWidth(points) => preferences.sidebar_width = points,
            Command::ListShare(share) => preferences.list_share = share,
            Command::CompareUnified(on) => preferences.compare_unified = on,
            Command::DrawerHeight(points) => preferences.drawer_height = points,
            Command::ToggleColumn(kind) => {
                preferences.toggle_column(kind);
                preferences.make_room_for_columns(ctx.content_rect().width());
            }
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
            Command::Show(workspace) => self.show_workspace(ctx, workspace),
            Command::DetailAlone => self.model.detail_alone = !self.model.detail_alone,
            command => {
                if let Some(site) = &mut self.model.site {
                    select(site, command, self.model.now);
                    preferences.order = site.order().word();
                }
            }
        }
    }

    /// The code comes with the script of the selected request, unless files are open already.
    fn show_workspace(&mut self, ctx: &Context, workspace: Workspace) {
        self.model.workspace = workspace;
        if let Some(site) = &mut self.model.site {
            site.uncover();
        }
        let script = self.model.script_to_open().map(Path::to_owned);
        if let Some(script) = script.filter(|_| workspace == Workspace::Code) {
            self.run_editor(ctx, EditorCommand::Open(script, None));
        }
    }

    pub(super) fn run_clear(&mut self, command: &Command) {
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

    pub(super) fn serve_as(&mut self, host: Option<HostProfile>) {
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
    pub(super) fn look_elsewhere(&mut self, command: Command) {
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

    pub(super) fn elsewhere(&mut self) -> Option<&mut Elsewhere> {
        self.model.site.as_mut()?.elsewhere.as_mut()
    }

    /// A panel wants a body as something else than bytes.
    pub(super) fn read_content(&mut self, side: Side) {
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
    pub(super) fn find_earlier(&mut self) {
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

    pub(super) fn compare(&mut self) {
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

    pub(super) fn find_save(&mut self) {
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

    /// Puts the selected request on the clipboard in the form that `write` gives it, or says why it cannot.
    pub(super) fn copy_request(
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

    pub(super) fn find(&mut self, ctx: &Context, wish: Wish) {
        if !widgets::find::ask(ctx, wish) {
            let words = "There is no text to search in what is shown";
            self.notices.say(Mark::Warning, words.to_owned());
        }
    }

    /// From a field or the inspector back to the list; from the list, the filter goes.
    pub(super) fn go_back(&mut self, ctx: &Context) {
        if self.close_editor_dialog() {
            return;
        }
        let site = self.model.site.as_ref();
        if site.is_some_and(|site| site.surroundings != Dialog::Closed) {
            return self.run_surroundings(SurroundingsCommand::Close);
        }
        if site.is_some_and(|site| site.repeating.is_some()) {
            return self.run_repeat(RepeatCommand::Close);
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

    pub(super) fn zoom(&mut self, ctx: &Context, change: impl Fn(f32) -> f32) {
        let zoom = (change(self.model.preferences.zoom) * 10.0).round() / 10.0;
        self.model.preferences.zoom = zoom.clamp(0.5, 3.0);
        ctx.set_zoom_factor(self.model.preferences.zoom);
    }

    pub(super) fn copy(&mut self, ctx: &Context, what: &str, text: String) {
        ctx.copy_text(text);
        self.notices.say(Mark::Ok, format!("{what} copied"));
    }

    pub(super) fn tell(&self, command: EngineCommand) {
        if let Some(engine) = self.link.engine() {
            engine.command(command);
        }
    }

    pub(super) fn open_sample(&mut self, name: &str) {
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
