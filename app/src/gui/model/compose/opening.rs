//! How a draft begins: blank, as a recorded or saved request, as an edge case, or from a curl command.

use std::sync::Arc;

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::Exchange;

use super::super::details::Shown;
use super::super::filter::script_path;
use super::super::site::{SiteModel, url_path};
use super::deck::EdgeCase;
use super::draft::Draft;
use super::{Origin, Work, curl};

impl SiteModel {
    /// Opens the composer with what was written before, else with a GET of the selected request's script or the first one.
    pub fn compose(&mut self, host: &str, now: Timestamp) {
        // What is as it was taken over is not written yet: who asks for a new request gets one.
        let scripts = self.scripts.iter().map(url_path);
        let work = self.composer.work.as_ref();
        let is_written = work.is_some_and(|work| work.is_touched(host, scripts));
        if work.is_none() || !self.composer.open && !is_written {
            let work = Work::new(Draft::blank(&self.first_target(), host), None);
            self.composer.replace(work, now);
        }
        self.open_composer();
    }

    /// Puts a blank GET of the first script in the place of the draft.
    pub fn clear_draft(&mut self, host: &str, now: Timestamp) {
        let work = Work::new(Draft::blank(&self.first_target(), host), None);
        self.composer.replace(work, now);
    }

    /// Opens the composer with a GET of this target.
    pub fn compose_to(&mut self, target: &str, host: &str, now: Timestamp) {
        let work = Work::new(Draft::blank(target, host), None);
        self.composer.replace(work, now);
        self.open_composer();
    }

    /// Opens the composer with the selected request; false where its details are not there.
    pub fn edit_selected(&mut self, now: Timestamp) -> bool {
        let Shown::Here(detail) = self.details.shown() else {
            return false;
        };
        let exchange = Arc::clone(&detail.exchange);
        let (work, note) = of_exchange(&exchange);
        self.composer.replace(work, now);
        self.composer.note = note;
        self.open_composer();
        true
    }

    /// Opens the composer with a saved request.
    pub fn compose_saved(&mut self, work: Work, now: Timestamp) {
        self.composer.replace(work, now);
        self.open_composer();
    }

    fn open_composer(&mut self) {
        self.composer.open = true;
        self.stepping = None;
        self.elsewhere = None;
        self.hand_on = None;
        self.composer.look_again();
    }

    /// Makes the draft one of the edge cases.
    pub fn take_edge_case(&mut self, case: EdgeCase, now: Timestamp) {
        if let Some(work) = &self.composer.work {
            let work = Work {
                draft: case.of(&work.draft),
                ..work.clone()
            };
            self.composer.replace(work, now);
            self.composer.note = Some(case.question().to_owned());
        }
    }

    /// Makes a curl command the draft, and says what of it was left out.
    pub fn take_curl(&mut self, command: &str, now: Timestamp) {
        match curl::take(command) {
            Ok(taken) => {
                self.composer.replace(Work::new(taken.draft, None), now);
                self.composer.note = Some(if taken.left_out.is_empty() {
                    "The curl command was taken over".to_owned()
                } else {
                    format!("Taken over without: {}", taken.left_out.join(", "))
                });
            }
            Err(error) => self.composer.note = Some(format!("Not taken over: {error}")),
        }
    }

    fn first_target(&self) -> String {
        let selected = self.selected().and_then(|id| self.row(id));
        let of_selected = selected.and_then(script_path).filter(|path| {
            let mut scripts = self.scripts.iter();
            scripts.any(|script| url_path(script) == *path)
        });
        let first = || self.scripts.first().map(url_path);
        let target = of_selected.map(str::to_owned).or_else(first);
        target.unwrap_or_else(|| "/".to_owned())
    }
}

fn of_exchange(exchange: &Exchange) -> (Work, Option<String>) {
    let (draft, is_whole) = Draft::of_record(&exchange.request);
    let hides_password = draft
        .field("Authorization")
        .is_some_and(|field| field.value.contains("***"));
    let note = match (is_whole, hides_password) {
        (false, _) => Some("Only the beginning and the end of its body were kept"),
        (_, true) => Some("The record keeps no password: type it into Authorization again"),
        _ => None,
    };
    let origin = Origin {
        id: exchange.id.0,
        draft: draft.clone(),
        told: exchange
            .invocations
            .first()
            .map(|run| Arc::clone(&run.request)),
    };
    let work = Work::new(draft, Some(origin));
    (work, note.map(str::to_owned))
}
