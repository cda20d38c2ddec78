//! Saved requests, read, changed and run by workers.

use std::path::PathBuf;

use cgi_engine::saved_request::folder;

use super::{Link, News, Report, end};
use crate::gui::model::saved::{Removed, SavedRow};
use crate::gui::saved_files::SaveJob;
use crate::gui::{saved, saved_files};

impl Link {
    /// Reads the saved requests of a site.
    pub(in crate::gui) fn list_saved(&self, site: PathBuf) {
        self.report_from("saved-requests", move || {
            let listed = folder::list(&site).map_err(|error| error.to_string());
            Report::Other(News::SavedListed(site, listed))
        });
    }

    /// Saves a draft.
    pub(in crate::gui) fn save_request(&self, job: SaveJob) {
        self.report_from("save-request", move || {
            Report::Other(News::Saved(Box::new(saved_files::save(&job))))
        });
    }

    /// Gives a saved request another name.
    pub(in crate::gui) fn rename_saved(&self, site: PathBuf, row: SavedRow, name: String) {
        self.report_from("rename-request", move || {
            let outcome = saved_files::rename(&site, &row, &name);
            Report::Other(News::SavedChanged(
                outcome.map(|()| format!("Renamed to {name}")),
            ))
        });
    }

    /// Takes a saved request away.
    pub(in crate::gui) fn remove_saved(&self, row: SavedRow) {
        self.report_from("remove-request", move || {
            Report::Other(News::SavedRemoved(saved_files::remove(&row)))
        });
    }

    /// Brings a saved request back.
    pub(in crate::gui) fn restore_saved(&self, removed: Removed) {
        self.report_from("restore-request", move || {
            let outcome = saved_files::restore(&removed);
            Report::Other(News::SavedChanged(
                outcome.map(|()| format!("{} is back", removed.name)),
            ))
        });
    }

    /// Makes a draft of a saved request.
    pub(in crate::gui) fn open_saved(&self, row: SavedRow) {
        self.report_from("open-request", move || {
            Report::Other(News::SavedOpened(Box::new(saved_files::open(&row))))
        });
    }

    /// Runs saved requests one after another; the verdict on each comes as news.
    pub(in crate::gui) fn run_saved(&mut self, rows: Vec<SavedRow>, alone: bool) {
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
}
