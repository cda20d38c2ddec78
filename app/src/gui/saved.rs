//! The window's side of saved requests: its commands carried out, and their runs.

use std::path::Path;

use cgi_engine::Engine;
use cgi_engine::exchange::ExchangeId;
use cgi_engine::expect::{self, Expectation};

use super::Studio;
use super::command::SavedCommand;
use super::model::compose::{SavedOrigin, Work};
use super::model::saved::{Dialog, Place, Purpose, Removed, SavedRow, Verdict};
use super::saved_files::{NotSaved, SaveJob};
use super::widgets::mark::Mark;

/// Sends a saved request and holds its run to what is expected. Blocks.
pub(super) fn run(engine: &Engine, row: &SavedRow) -> Verdict {
    let request = match &row.request {
        Ok(request) => request,
        Err(why) => return Verdict::not_sent(why.clone()),
    };
    let folder = row.place.path.parent().unwrap_or(Path::new("."));
    let bytes = match request.request.to_bytes(folder) {
        Ok(bytes) => bytes,
        Err(why) => return Verdict::not_sent(why.to_string()),
    };
    let Some(id) = engine.submit_test(bytes).0 else {
        return Verdict::not_sent("nothing is recorded now".to_owned());
    };
    let expectations: Vec<Expectation> = request.expectations().cloned().collect();
    judge(engine, id, &expectations)
}

/// Holds a run to what is expected, as soon as it is over. Blocks.
pub(super) fn judge(engine: &Engine, id: ExchangeId, expectations: &[Expectation]) -> Verdict {
    match engine.wait_for_end(id) {
        Some(exchange) => {
            let has_failed = cgi_engine::diagnosis::row_of(&exchange).has_failed();
            Verdict::of(id, has_failed, &expect::check(&exchange, expectations))
        }
        None => Verdict::not_sent("its record is not kept any more".to_owned()),
    }
}

impl Studio {
    /// Carries out a command of saved requests.
    pub(super) fn run_saved(&mut self, command: SavedCommand) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let row = |place: &Place| site.saved.row(place).cloned();
        match command {
            SavedCommand::Save => match &site.composer.work {
                Some(work) if work.saved.is_some() => self.save_request(None, false),
                Some(_) => self.ask_name(Purpose::Save, String::new()),
                None => {}
            },
            SavedCommand::SaveAs => self.ask_name(Purpose::Save, String::new()),
            SavedCommand::Rename(place) => {
                let name = row(&place).map(|row| row.file).unwrap_or_default();
                self.ask_name(Purpose::Rename(place), name);
            }
            SavedCommand::TypeName(name) => {
                if let Some(dialog) = &mut site.saved.dialog {
                    *dialog = Dialog {
                        name,
                        problem: None,
                        can_replace: false,
                        purpose: dialog.purpose.clone(),
                    };
                }
            }
            SavedCommand::Confirm { anyway } => self.confirm_name(anyway),
            SavedCommand::CloseDialog => site.saved.dialog = None,
            SavedCommand::Open(place) => {
                if let Some(row) = row(&place) {
                    self.link.open_saved(row);
                }
            }
            SavedCommand::Send(place) => {
                if let Some(row) = row(&place) {
                    site.saved.to_come = 1;
                    self.link.run_saved(vec![row], true);
                }
            }
            SavedCommand::RunAll if site.saved.to_come == 0 => {
                let rows = site.saved.rows.clone();
                site.saved.to_come = rows.len();
                self.link.run_saved(rows, false);
            }
            SavedCommand::RunAll => {}
            SavedCommand::Remove(place) => {
                if let Some(row) = row(&place) {
                    self.link.remove_saved(row);
                }
            }
            SavedCommand::UndoRemove => {
                if let Some(removed) = site.saved.removed.take() {
                    self.link.restore_saved(removed);
                }
            }
            SavedCommand::Expect(texts) => {
                if let Some(work) = &mut site.composer.work {
                    work.expectations = texts;
                }
            }
            SavedCommand::ExpectWhatHappened => match site.composer.last_run() {
                Some(id) => self.link.happened(id),
                None => {
                    let words = "Nothing has happened yet: send the request once";
                    self.notices.say(Mark::Warning, words.to_owned());
                }
            },
        }
    }

    fn ask_name(&mut self, purpose: Purpose, name: String) {
        if let Some(site) = &mut self.model.site {
            site.saved.dialog = Some(Dialog {
                purpose,
                name,
                problem: None,
                can_replace: false,
            });
        }
    }

    fn confirm_name(&mut self, anyway: bool) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let Some(dialog) = &site.saved.dialog else {
            return;
        };
        let name = dialog.name.trim().to_owned();
        match dialog.purpose.clone() {
            // A request that was changed elsewhere is saved where it was.
            Purpose::Save if name.is_empty() && anyway => self.save_request(None, true),
            Purpose::Save => self.save_request(Some(name), anyway),
            Purpose::Rename(place) => {
                if let Some(row) = site.saved.row(&place).cloned() {
                    self.link.rename_saved(site.state.folder.clone(), row, name);
                }
            }
        }
    }

    fn save_request(&mut self, name: Option<String>, anyway: bool) {
        let Some(site) = &self.model.site else {
            return;
        };
        if let Some(work) = &site.composer.work {
            self.link.save_request(SaveJob {
                site: site.state.folder.clone(),
                work: work.clone(),
                name,
                anyway,
            });
        }
    }

    /// A draft was saved, or not.
    pub(super) fn take_saved(&mut self, outcome: Result<SavedOrigin, NotSaved>) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        site.saved.look_again();
        match outcome {
            Ok(origin) => {
                let words = format!("Saved as {}", origin.path.display());
                site.saved.dialog = None;
                if let Some(work) = &mut site.composer.work {
                    work.saved = Some(origin);
                }
                self.notices.say(Mark::Ok, words);
            }
            Err(why) => {
                let dialog = site.saved.dialog.get_or_insert_with(|| Dialog {
                    purpose: Purpose::Save,
                    name: String::new(),
                    problem: None,
                    can_replace: false,
                });
                dialog.problem = Some(why.words);
                dialog.can_replace = why.can_replace;
            }
        }
    }

    /// A file was renamed, or put back, or not.
    pub(super) fn take_changed(&mut self, outcome: Result<String, String>) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        site.saved.look_again();
        match (outcome, &mut site.saved.dialog) {
            (Ok(words), _) => {
                site.saved.dialog = None;
                self.notices.say(Mark::Ok, words);
            }
            (Err(why), Some(dialog)) => dialog.problem = Some(why),
            (Err(why), None) => {
                self.notices.say(Mark::Warning, why);
            }
        }
    }

    /// A request was removed, or not.
    pub(super) fn take_removed(&mut self, outcome: Result<Removed, String>) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        site.saved.look_again();
        match outcome {
            Ok(removed) => {
                let words = format!("{} was deleted", removed.name);
                site.saved.removed = Some(removed);
                self.removed_notice = Some(self.notices.offer(Mark::Ok, &words, "Undo"));
            }
            Err(why) => {
                self.notices.say(Mark::Warning, why);
            }
        }
    }

    /// A saved request was run; one that was sent alone is shown.
    pub(super) fn take_verdict(&mut self, place: Place, verdict: Verdict, alone: bool) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        if alone {
            if let Some(id) = verdict.id {
                site.composer.open = false;
                site.select(Some(id));
            }
            let mark = if verdict.passed {
                Mark::Ok
            } else {
                Mark::Failed
            };
            self.notices.say(mark, verdict_words(&verdict));
        }
        site.saved.judge(place, verdict);
    }

    /// The draft of a saved request is there.
    pub(super) fn take_opened_request(&mut self, outcome: Result<Work, String>) {
        let now = self.model.now;
        match (outcome, &mut self.model.site) {
            (Ok(work), Some(site)) => site.compose_saved(work, now),
            (Err(why), _) => {
                self.notices.say(Mark::Warning, why);
            }
            (Ok(_), None) => {}
        }
    }

    /// The run of a draft was held to what the draft expects.
    pub(super) fn take_judgement(&mut self, verdict: &Verdict) {
        let mark = if verdict.passed {
            Mark::Ok
        } else {
            Mark::Failed
        };
        self.notices.say(mark, verdict_words(verdict));
    }
}

fn verdict_words(verdict: &Verdict) -> String {
    match (verdict.passed, &verdict.words[..]) {
        (true, _) => "As expected".to_owned(),
        (false, []) => "The run failed".to_owned(),
        (false, [one]) => format!("Not as expected: {one}"),
        (false, [one, more @ ..]) => format!("Not as expected: {one}, and {} more", more.len()),
    }
}
