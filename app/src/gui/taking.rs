//! News from behind the window, taken into what it knows.

use cgi_engine::exchange::ExchangeId;
use cgi_engine::{Command as EngineCommand, Event};
use eframe::egui::{Context, ViewportCommand};

use super::command::Command;
use super::link::News;
use super::model::Problem;
use super::model::elsewhere::Elsewhere;
use super::model::site::SiteModel;
use super::widgets::mark::Mark;
use super::{Studio, model};

impl Studio {
    pub(super) fn take_news(&mut self, ctx: &Context) {
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
                News::Debug(number, news) => self.take_debug(number, news),
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
                    let site = self.model.site.as_ref();
                    if let Some(failure) = site.and_then(|site| site.failure_told(&event)) {
                        self.notices.say(Mark::Warning, failure);
                    }
                    self.model.apply(event);
                }
            }
        }
    }

    pub(super) fn take_written(&mut self, outcome: Result<String, String>) {
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

    pub(super) fn show_replayed(&mut self, outcome: Result<Option<ExchangeId>, String>) {
        match (outcome, &mut self.model.site) {
            (Ok(Some(id)), Some(site)) => site.select(Some(id)),
            (Ok(_), _) => self.say_unrecorded(),
            (Err(why), _) => {
                self.notices.say(Mark::Warning, why);
            }
        }
    }

    pub(super) fn say_unrecorded(&mut self) {
        let words = "The request was sent, but nothing is recorded now";
        self.notices.say(Mark::Warning, words.to_owned());
    }

    /// Somebody followed the link on a page: its run, and the window before all others.
    pub(super) fn bring_up(&mut self, ctx: &Context, id: ExchangeId) {
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

    pub(super) fn resync(&mut self) {
        if let (Some(site), Some(engine)) = (&mut self.model.site, self.link.engine()) {
            site.resync(engine.snapshot());
        }
    }
}
