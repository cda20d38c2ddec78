//! The commands and the news of handing on: requests that leave the house, and those that come in.

use std::path::Path;
use std::sync::atomic::Ordering;

use cgi_engine::exchange::ExchangeId;
use cgi_engine::export::redact::Secret;
use eframe::egui::Context;

use super::Studio;
use super::command::Command;
use super::model::hand_on::{Done, Export, Failed, HandOn, Working};
use super::widgets::mark::Mark;

impl Studio {
    pub(super) fn hand_on(&mut self, command: Command) {
        let now = self.model.now;
        let Some(site) = &mut self.model.site else {
            return;
        };
        match command {
            Command::Export => {
                if let Some(id) = site.selected() {
                    self.begin_export(vec![id]);
                }
            }
            Command::ExportThese(ids) => self.begin_export(ids),
            Command::ChooseExport(name) => self.link.pick_export(name),
            Command::ExportNow(order) => {
                if let Some(export) = site.hand_on.as_mut().and_then(HandOn::export) {
                    let work = Working::begin(now);
                    export.outcome = None;
                    self.link.export(*order, &work);
                    export.work = Some(work);
                }
            }
            Command::CancelExport => {
                if let Some(Export {
                    work: Some(work), ..
                }) = site.hand_on.as_mut().and_then(HandOn::export)
                {
                    work.cancelled.store(true, Ordering::Relaxed);
                }
            }
            Command::ImportRuns => site.hand_on = Some(importing(None)),
            Command::ChooseRuns => self.link.pick_runs(),
            Command::ImportRunsFrom(file) => {
                site.hand_on = Some(importing(Some(file.clone())));
                self.link.import_runs(file);
            }
            Command::EndHandOn => site.hand_on = None,
            _ => {}
        }
    }

    fn begin_export(&mut self, ids: Vec<ExchangeId>) {
        let work = Working::begin(self.model.now);
        if let Some(site) = &mut self.model.site {
            self.link.find_secrets(ids.clone(), &work);
            site.hand_on = Some(HandOn::Export(Export {
                ids,
                work: Some(work),
                ..Export::default()
            }));
        }
    }

    fn exporting(&mut self) -> Option<&mut Export> {
        self.model.site.as_mut()?.hand_on.as_mut()?.export()
    }

    pub(super) fn take_secrets(&mut self, ids: &[ExchangeId], found: Result<Vec<Secret>, String>) {
        // What was asked for others is of no use any more.
        if let Some(export) = self.exporting().filter(|export| export.ids == ids) {
            export.secrets = Some(found);
            export.work = None;
        }
    }

    pub(super) fn take_progress(&mut self, done: usize) {
        if let Some(Export {
            work: Some(work), ..
        }) = self.exporting()
        {
            work.done = done;
        }
    }

    pub(super) fn take_exported(&mut self, ctx: &Context, outcome: Result<Done, Failed>) {
        if let Ok(Done {
            text: Some(text), ..
        }) = &outcome
        {
            ctx.copy_text(text.clone());
        }
        let (mark, words) = match &outcome {
            Ok(done) => (Mark::Ok, done.words.clone()),
            Err(failed) => (Mark::Failed, failed.words.clone()),
        };
        match self.exporting() {
            Some(export) => {
                export.work = None;
                export.outcome = Some(outcome);
            }
            None => {
                self.notices.say(mark, words);
            }
        }
    }

    pub(super) fn take_imported(
        &mut self,
        of: &Path,
        imported: Result<(Option<ExchangeId>, String), String>,
    ) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        if let Ok((Some(last), _)) = &imported {
            site.select(Some(*last));
        }
        let words = imported.map(|(_, words)| words);
        if let Some(HandOn::Import { file, outcome }) = &mut site.hand_on
            && file.as_deref() == Some(of)
        {
            *outcome = Some(words);
            return;
        }
        let (mark, words) = match words {
            Ok(words) => (Mark::Ok, words),
            Err(why) => (Mark::Failed, why),
        };
        self.notices.say(mark, words);
    }
}

fn importing(file: Option<std::path::PathBuf>) -> HandOn {
    HandOn::Import {
        file,
        outcome: None,
    }
}
