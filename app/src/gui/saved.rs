//! The window's side of saved requests: its commands carried out, and what workers do on the disk for them.

use std::path::{Path, PathBuf};

use cgi_engine::Engine;
use cgi_engine::exchange::ExchangeId;
use cgi_engine::expect::{self, Expectation};
use cgi_engine::saved_request::folder::{self, Before, ChangeError};
use cgi_engine::saved_request::{RequestFile, SavedRequest, parse, write};

use super::command::SavedCommand;
use super::model::compose::draft::Draft;
use super::model::compose::kept::Kept;
use super::model::compose::saving::{self, draft_of};
use super::model::compose::{SavedOrigin, Work};
use super::model::saved::{Dialog, Place, Purpose, Removed, SavedRow, Verdict, expectations};
use super::widgets::mark::Mark;
use super::{Studio, drafts};

/// A draft on its way to the disk.
#[derive(Clone, Debug)]
pub(super) struct SaveJob {
    /// The site's folder.
    pub site: PathBuf,
    /// What is saved.
    pub work: Work,
    /// A new name; none for the place that it came from.
    pub name: Option<String>,
    /// Write over whatever is there: the user was asked.
    pub anyway: bool,
}

/// Why a draft was not saved.
#[derive(Clone, Debug)]
pub(super) struct NotSaved {
    /// In words.
    pub words: String,
    /// It can be done all the same.
    pub can_replace: bool,
}

impl From<ChangeError> for NotSaved {
    fn from(error: ChangeError) -> Self {
        let can_replace = matches!(
            error,
            ChangeError::Changed { .. } | ChangeError::Exists { .. }
        );
        Self {
            words: error.to_string(),
            can_replace,
        }
    }
}

impl From<String> for NotSaved {
    fn from(words: String) -> Self {
        Self {
            words,
            can_replace: false,
        }
    }
}

/// Writes the draft to its file, with the files that it needs beside it.
pub(super) fn save(job: &SaveJob) -> Result<SavedOrigin, NotSaved> {
    let expected = expectations(&job.work.expectations)
        .map_err(|(at, why)| format!("expectation {}: {why}", at + 1))?;
    let old = job.work.saved.as_ref().filter(|_| job.name.is_none());
    let (path, name, index) = match (&job.name, old) {
        (Some(name), _) => (folder::path_of(&job.site, name)?, name.clone(), 0),
        (None, Some(old)) => (old.path.clone(), old.name.clone(), old.index),
        (None, None) => return Err("a name is wanted".to_owned().into()),
    };
    let home = std::env::home_dir();
    let own_stem = path.file_stem().unwrap_or_default().to_string_lossy();
    // A second request of a file has its own files beside it.
    let stem = match index {
        0 => own_stem.into_owned(),
        more => format!("{own_stem}-request-{}", more + 1),
    };
    let place = saving::Place {
        folder: path.parent().unwrap_or(&job.site),
        stem: &stem,
        home: home.as_deref(),
    };
    let saving = saving::request_of(&job.work.draft, place, &drafts::read_file)
        .map_err(|error| error.to_string())?;
    let mut file = match old {
        Some(old) => parse(old.content.bytes()).map_err(|error| error.to_string())?,
        None => RequestFile {
            requests: vec![SavedRequest::new(saving.request.clone())],
            end: Vec::new(),
        },
    };
    let request = file
        .requests
        .get_mut(index)
        .ok_or_else(|| "it is not in its file any more".to_owned())?;
    request.set_request(saving.request);
    request.set_expectations(expected);
    let content = write(&file);
    for (beside, bytes) in &saving.beside {
        let beside = place.folder.join(beside);
        put_beside(&beside, bytes, job.anyway || old.is_some())?;
    }
    let before = match old {
        _ if job.anyway => Before::Anything,
        Some(old) => Before::Is(old.content.bytes()),
        None => Before::Absent,
    };
    folder::put(&path, &content, before)?;
    Ok(SavedOrigin {
        name,
        path,
        index,
        draft: job.work.draft.clone(),
        expectations: job.work.expectations.clone(),
        content: Kept::new(&content),
    })
}

/// A file of that name is written over only where it is this request's own, or has the same bytes.
fn put_beside(path: &Path, bytes: &[u8], may_replace: bool) -> Result<(), NotSaved> {
    let is_same = folder::read(path).is_ok_and(|there| there == bytes);
    let before = if may_replace {
        Before::Anything
    } else {
        Before::Absent
    };
    match is_same {
        true => Ok(()),
        false => Ok(folder::put(path, bytes, before)?),
    }
}

/// Takes a request out of its file, and the file away when it was its last.
pub(super) fn remove(row: &SavedRow) -> Result<Removed, String> {
    let mut removed = Removed {
        path: row.place.path.clone(),
        before: row.content.to_vec(),
        after: None,
        name: row.name.clone(),
    };
    let file = parse(&row.content)
        .ok()
        .filter(|file| file.requests.len() > 1);
    if let Some(mut file) = file {
        if row.place.index < file.requests.len() {
            file.requests.remove(row.place.index);
        }
        let content = write(&file);
        folder::put(&row.place.path, &content, Before::Is(&row.content))
            .map_err(|error| error.to_string())?;
        removed.after = Some(content);
    } else {
        folder::remove(&row.place.path, &row.content).map_err(|error| error.to_string())?;
    }
    Ok(removed)
}

/// Puts a file back as it was.
pub(super) fn restore(removed: &Removed) -> Result<(), String> {
    let before = match &removed.after {
        Some(after) => Before::Is(after),
        None => Before::Absent,
    };
    folder::put(&removed.path, &removed.before, before).map_err(|error| error.to_string())
}

/// Gives a request another name: its file, or its own where it shares one.
pub(super) fn rename(site: &Path, row: &SavedRow, name: &str) -> Result<(), String> {
    let words = |error: ChangeError| error.to_string();
    let to = folder::path_of(site, name).map_err(words)?;
    let mut file = parse(&row.content).map_err(|error| error.to_string());
    if let Ok(file) = &mut file
        && let Some(request) = file.requests.get_mut(row.place.index)
        && request.name().is_some()
    {
        request.set_name(Some(name.to_owned()));
    }
    match file {
        Ok(mut file) if file.requests.len() > 1 => {
            if let Some(request) = file.requests.get_mut(row.place.index) {
                request.set_name(Some(name.to_owned()));
            }
            folder::put(&row.place.path, &write(&file), Before::Is(&row.content)).map_err(words)
        }
        Ok(file) => {
            let content = write(&file);
            if content != *row.content {
                folder::put(&row.place.path, &content, Before::Is(&row.content)).map_err(words)?;
            }
            if to == row.place.path {
                return Ok(());
            }
            folder::rename(&row.place.path, &to).map_err(words)
        }
        Err(_) => folder::rename(&row.place.path, &to).map_err(words),
    }
}

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
    let Some(id) = engine.submit(bytes).0 else {
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

/// The draft of a saved request. Reads the files that it names.
pub(super) fn open(row: &SavedRow) -> Result<Work, String> {
    let request = row.request.as_ref().map_err(Clone::clone)?;
    let folder = row.place.path.parent().unwrap_or(Path::new("."));
    let draft: Draft = draft_of(&request.request, folder).map_err(|error| error.to_string())?;
    let expectations: Vec<String> = request.expectations().map(ToString::to_string).collect();
    Ok(Work {
        saved: Some(SavedOrigin {
            name: row.name.clone(),
            path: row.place.path.clone(),
            index: row.place.index,
            draft: draft.clone(),
            expectations: expectations.clone(),
            content: Kept::new(&row.content),
        }),
        expectations,
        ..Work::new(draft, None)
    })
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
