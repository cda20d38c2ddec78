//! What leaves and what comes in: exports, files of requests, configurations of other hosts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use cgi_engine::convert::Host;
use cgi_engine::exchange::ExchangeId;

use super::{Link, NO_DIALOG, News, Report, WAKE};
use crate::gui::model::hand_on::{Order, Working};
use crate::gui::{elsewhere, hand_on};

impl Link {
    /// Looks at every script of the site for what another host does differently.
    pub(in crate::gui) fn deploy_check(&self, host: Host) {
        let Some(site) = self.engine.as_ref().map(|engine| engine.site()) else {
            return;
        };
        self.report_from("deploy-check", move || {
            let report = elsewhere::report(&site, host);
            Report::Other(News::Deployed(host, Box::new(report)))
        });
    }

    /// Reads configuration of Apache for the open folder.
    pub(in crate::gui) fn import(&self, file: PathBuf, folder: PathBuf) {
        self.report_from("import", move || {
            let outcome = elsewhere::import(&file, &folder);
            Report::Other(News::Imported(file, Box::new(outcome)))
        });
    }

    /// Shows the system's dialog for files.
    pub(in crate::gui) fn pick_import(&self) {
        self.pick(News::PickedImport, || {
            let dialog = rfd::FileDialog::new().set_title("Configuration of Apache");
            dialog.pick_file()
        });
    }

    /// Looks for the secrets of these requests.
    pub(in crate::gui) fn find_secrets(&mut self, ids: Vec<ExchangeId>, work: &Working) {
        let cancelled = Arc::clone(&work.cancelled);
        self.ask_engine("secrets", move |engine| {
            let found = hand_on::secrets(engine, &ids, &cancelled);
            News::Secrets(ids, found)
        });
    }

    /// Writes requests for other tools; how far it is comes as news.
    pub(in crate::gui) fn export(&mut self, order: Order, work: &Working) {
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
    pub(in crate::gui) fn import_runs(&mut self, file: PathBuf) {
        self.ask_engine("import-requests", move |engine| {
            let outcome = hand_on::import(engine, &file);
            News::ImportedRuns(file, outcome)
        });
    }

    /// Shows the system's dialog for where an export goes.
    pub(in crate::gui) fn pick_export(&self, name: String) {
        self.pick(News::PickedExport, move || {
            let dialog = rfd::FileDialog::new().set_title("Export requests");
            dialog.set_file_name(name).save_file()
        });
    }

    /// Shows the system's dialog for a file of requests.
    pub(in crate::gui) fn pick_runs(&self) {
        self.pick(News::PickedRuns, || {
            let dialog = rfd::FileDialog::new().set_title("Import requests");
            dialog
                .add_filter("Bundle or HTTP archive", &[crate::hand_on::BUNDLE, "har"])
                .pick_file()
        });
    }

    pub(super) fn pick(
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
    pub(in crate::gui) fn write_configuration(&self, folder: PathBuf, text: String) {
        self.report_from("write-configuration", move || {
            Report::Other(News::Written(elsewhere::write_configuration(
                &folder, &text,
            )))
        });
    }
}
