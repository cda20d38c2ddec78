//! The window's side of the composer: its commands carried out, and what workers bring back for it.

use cgi_engine::Command as EngineCommand;
use cgi_engine::exchange::ExchangeId;
use eframe::egui::Context;

use super::command::Command;
use super::model::compose::{PAUSE, Previewed, Sending, Work};
use super::model::saved::expectations;
use super::widgets::mark::Mark;
use super::{Studio, drafts};
use crate::address;

impl Studio {
    /// Carries out a command of the composer.
    pub(super) fn run_compose(&mut self, command: Command) {
        let now = self.model.now;
        let Some(site) = &mut self.model.site else {
            return;
        };
        let host = site
            .state
            .address
            .map_or_else(|| "localhost".to_owned(), address::host);
        match command {
            Command::Compose => site.compose(&host, now),
            Command::ComposeTo(target) => site.compose_to(&target, &host, now),
            Command::EditAndResend => self.edit_selected(),
            Command::EditDraft(draft) => site.composer.edit(*draft, now),
            Command::EditRaw => site.composer.edit_raw(now),
            Command::LeaveRaw => site.composer.leave_raw(now),
            Command::TakeCurl(text) => site.take_curl(&text, now),
            Command::TakeEdgeCase(case) => site.take_edge_case(case, now),
            Command::ClearDraft => site.clear_draft(&host, now),
            Command::UndoClearDraft => site.composer.undo(now),
            Command::EndCompose => site.composer.open = false,
            Command::SendDraft => self.send_draft(),
            Command::StopSending => {
                if let Some(id) = site.composer.sending.and_then(|sending| sending.id) {
                    self.tell(EngineCommand::Stop(id));
                }
            }
            _ => {}
        }
    }

    fn edit_selected(&mut self) {
        let now = self.model.now;
        let (Some(site), Some(engine)) = (&mut self.model.site, self.link.engine()) else {
            return;
        };
        // It may have been selected in this very frame.
        if let Some(id) = site.selected().filter(|_| site.details.is_stale()) {
            site.details.take(engine.find(id), now);
        }
        if !site.edit_selected(now) {
            let words = "The details of this request are not kept any more";
            self.notices.say(Mark::Warning, words.to_owned());
        }
    }

    fn send_draft(&mut self) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let composer = &mut site.composer;
        if let (None, Some(work)) = (composer.not_sendable(), &composer.work) {
            let number = self.link.submit(work.draft.clone());
            composer.sending = number.map(|number| Sending {
                number,
                since: self.model.now,
                id: None,
            });
        }
    }

    /// The record of the request that was sent has begun.
    pub(super) fn take_begun(&mut self, number: u64, id: ExchangeId) {
        let site = self.model.site.as_mut();
        if let Some(sending) = site.and_then(|site| site.composer.sending.as_mut())
            && sending.number == number
        {
            sending.id = Some(id);
        }
    }

    /// The answer is there: its row is shown, and the draft is kept.
    pub(super) fn take_sent(&mut self, number: u64, outcome: Result<Option<ExchangeId>, String>) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        if site
            .composer
            .sending
            .is_none_or(|sending| sending.number != number)
        {
            return;
        }
        site.composer.sending = None;
        if let Ok(Some(id)) = outcome {
            site.composer.open = false;
            site.composer.sent = Some(id);
            let texts = site
                .composer
                .work
                .as_ref()
                .map(|work| work.expectations.as_slice());
            let expected = expectations(texts.unwrap_or_default()).unwrap_or_default();
            if !expected.is_empty() {
                self.link.judge(id, expected);
            }
        }
        self.show_replayed(outcome);
    }

    /// A worker has looked at a draft.
    pub(super) fn take_preview(&mut self, number: u64, found: Result<Previewed, String>) {
        if let Some(site) = &mut self.model.site {
            site.composer.take_preview(number, found);
        }
    }

    /// What the last run of the draft was like becomes what is expected; what was written stays first.
    pub(super) fn take_happened(&mut self, happened: Result<Vec<String>, String>) {
        let work = self
            .model
            .site
            .as_mut()
            .and_then(|site| site.composer.work.as_mut());
        match (happened, work) {
            (Ok(texts), Some(work)) => {
                work.expectations.retain(|text| !text.trim().is_empty());
                for text in texts {
                    if !work.expectations.contains(&text) {
                        work.expectations.push(text);
                    }
                }
            }
            (Err(why), _) => {
                self.notices.say(Mark::Warning, why);
            }
            (Ok(_), None) => {}
        }
    }

    /// The draft of the last session.
    pub(super) fn take_kept_draft(&mut self, work: Work) {
        if let Some(site) = &mut self.model.site
            && site.composer.work.is_none()
        {
            site.composer.work = Some(work);
        }
    }

    /// Has a worker look at the draft once nobody types.
    pub(super) fn keep_preview(&mut self, ctx: &Context) {
        let now = self.model.now;
        let keeps = self.preferences_file.is_some();
        let Some(site) = &mut self.model.site else {
            return;
        };
        if let Some((number, work)) = site.composer.take_errand(now) {
            let folder = site.state.folder.clone();
            let file = keeps.then(|| drafts::file_of(&folder)).flatten();
            self.link.preview(folder, number, work, file);
        } else if site.composer.waits() {
            ctx.request_repaint_after(PAUSE);
        }
    }

    /// Keeps the draft for the next session.
    pub(super) fn save_draft(&mut self) {
        let Some(site) = self
            .model
            .site
            .as_ref()
            .filter(|_| self.preferences_file.is_some())
        else {
            return;
        };
        let (Some(work), Some(file)) = (&site.composer.work, drafts::file_of(&site.state.folder))
        else {
            return;
        };
        if let Err(error) = drafts::save(&file, work) {
            let words = format!("the draft cannot be kept: {error}: {file:?}");
            tracing::warn!("{words}");
            self.notices.say(Mark::Warning, words);
        }
    }
}
