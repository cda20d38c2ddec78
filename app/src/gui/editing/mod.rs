//! What the window does for the editor: the commands of the Code workspace and what workers bring for it.

mod files;
mod keeping;
mod leaving;
mod outside;
mod unsaved;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use cgi_engine::Event;
use cgi_engine::diagnosis;
use cgi_engine::exchange::{Exchange, ExchangeId, Progress};
use cgi_engine::history::Found;
use eframe::egui::Context;

use super::Studio;
use super::command::{Command, EditorCommand};
use super::model::Workspace;
use super::model::editor::contents::Hash;
use super::model::editor::document::{Standing, file_name};
use super::model::editor::outside::OutsideEditor;
use super::model::editor::{Body, Dialog, EditorNews, Leaving, Proved, SaveOutcome, lines};
use super::model::fixing::Question;
use super::widgets::mark::Mark;
use crate::preferences::state_folder;
use crate::templates::{self, TEMPLATES};
use files::SaveJob;
use unsaved::Session;

/// What the window remembers for the editor.
pub(super) struct Editing {
    /// Where unsaved text is kept; nowhere in a window without preferences of its own.
    unsaved: Option<PathBuf>,
    session: Arc<Mutex<Option<Session>>>,
    /// What is kept, or on its way there.
    kept: Vec<(PathBuf, u64, Hash)>,
    /// A worker keeps text at the moment.
    keeping: bool,
    /// Since when something is not kept, and when it last changed.
    waits: Option<(Instant, Instant)>,
    seen: Vec<(PathBuf, u64, Hash)>,
    /// Texts that are in the editor again.
    restored: Vec<PathBuf>,
    /// Go on with what was asked for as soon as everything is saved.
    leave_when_saved: bool,
    /// The question was answered: do not ask again.
    decided: bool,
    had_focus: bool,
}

impl Editing {
    /// Nothing is open; `keeps` says whether unsaved text outlives the window.
    pub(super) fn new(keeps: bool) -> Self {
        let unsaved = state_folder().filter(|_| keeps);
        Self {
            unsaved: unsaved.map(|state| unsaved::folder_in(&state)),
            session: Arc::default(),
            kept: Vec::new(),
            keeping: false,
            waits: None,
            seen: Vec::new(),
            restored: Vec::new(),
            leave_when_saved: false,
            decided: false,
            had_focus: true,
        }
    }
}

fn proved_by(exchange: &Exchange) -> Proved {
    let findings = diagnosis::after_run(exchange).into_iter();
    findings
        .map(|finding| {
            let question = Question::of_run(exchange, &finding).map(Arc::new);
            (finding, question)
        })
        .collect()
}

/// Whether a command is what was typed into the text that was shown.
pub(super) fn is_typed(command: &Command) -> bool {
    matches!(
        command,
        Command::Editor(EditorCommand::Typed(..) | EditorCommand::Selected(..))
    )
}

impl Studio {
    /// Reads the grammars and looks for other editors, while nobody waits for them.
    pub(super) fn prepare_editor(&mut self) {
        self.link.prepare(super::widgets::highlight::warm_up);
        self.find_outside();
    }

    /// Carries out a command of the editor.
    pub(super) fn run_editor(&mut self, ctx: &Context, command: EditorCommand) {
        match command {
            EditorCommand::Open(path, line) => self.open_file(&path, line),
            EditorCommand::OpenOutside(path, line) => self.open_outside(&path, line, 1),
            EditorCommand::OpenShownOutside => self.open_shown_outside(),
            EditorCommand::UseOutside(command) => {
                self.model.preferences.editor = command;
                self.save_preferences();
                self.find_outside();
            }
            EditorCommand::ChooseOutside => {
                self.model.choosing_editor = !self.model.choosing_editor;
                self.find_outside();
            }
            EditorCommand::Save => self.save_shown(),
            EditorCommand::SaveAll => self.save_all(),
            EditorCommand::Leave(leaving) => {
                self.may_leave(&leaving);
            }
            EditorCommand::SaveAndLeave => {
                self.editing.leave_when_saved = true;
                self.save_for_leaving();
            }
            EditorCommand::LeaveUnsaved => self.leave(ctx),
            EditorCommand::Stay => {
                self.editing.leave_when_saved = false;
                if let Some(site) = &mut self.model.site {
                    site.editor.leaving = None;
                }
            }
            EditorCommand::Close(_) | EditorCommand::CloseShown => self.close_file(&command),
            EditorCommand::Restore(place) => self.restore(place),
            EditorCommand::Forget(place) => self.forget_rescued(place),
            EditorCommand::ConfirmDialog => self.confirm_dialog(),
            other => self.edit_text(other),
        }
    }

    /// Commands that change only the text that is shown, or what is seen of it.
    fn edit_text(&mut self, command: EditorCommand) {
        if command.changes_text() && self.is_being_left() {
            return;
        }
        let site = self.model.site.as_mut();
        if let Some(words) = site.and_then(|site| site.editor.carry_out(command)) {
            self.notices.say(Mark::Ok, words);
        }
    }

    /// Shows a file in the Code workspace.
    fn open_file(&mut self, path: &Path, line: Option<usize>) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        self.model.workspace = Workspace::Code;
        site.uncover();
        if site.editor.open(path, line) {
            self.read_file(path);
        }
    }

    fn read_file(&mut self, path: &Path) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let (path, number) = (path.to_owned(), site.editor.begin_read());
        self.link.edit("read-file", move || {
            let read = files::read(&path);
            EditorNews::Read(path, number, read)
        });
    }

    fn save_shown(&mut self) {
        let site = self.model.site.as_ref();
        let path = site.and_then(|site| site.editor.document().map(|shown| shown.path.clone()));
        if let Some(path) = path {
            self.save_file(&path);
        }
    }

    fn save_all(&mut self) {
        let site = self.model.site.as_ref();
        let paths: Vec<PathBuf> = site.map_or_else(Vec::new, |site| {
            let unsaved = site.editor.unsaved();
            unsaved
                .iter()
                .map(|document| document.path.clone())
                .collect()
        });
        for path in paths {
            self.save_file(&path);
        }
    }

    fn save_file(&mut self, path: &Path) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let job = match site.editor.begin_save(path) {
            Ok(None) => {
                let is_parted = site
                    .editor
                    .document_of(path)
                    .is_some_and(|document| matches!(document.standing, Standing::Parted(_)));
                if is_parted {
                    self.editing.leave_when_saved = false;
                    site.editor.leaving = None;
                    let words = "Not saved: choose first which of the two texts is to stay";
                    self.notices.say(Mark::Warning, words.to_owned());
                }
                return;
            }
            Ok(Some((bytes, charset, known, mode))) => SaveJob {
                path: path.to_owned(),
                bytes,
                charset,
                known,
                mode,
            },
            Err(why) => {
                site.editor.leaving = None;
                self.editing.leave_when_saved = false;
                self.notices.say(Mark::Failed, format!("Not saved: {why}"));
                return;
            }
        };
        self.link.edit("save-file", move || {
            let outcome = files::save(&job);
            EditorNews::Saved(job.path, outcome)
        });
    }

    fn close_file(&mut self, command: &EditorCommand) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let editor = &mut site.editor;
        let page = match command {
            EditorCommand::Close(place) => editor.pages().get(*place),
            _ => editor.page(),
        };
        let Some(path) = page.map(|page| page.path.clone()) else {
            return;
        };
        if editor.has_unsaved(&path) {
            editor.leaving = Some(Leaving::File(path));
        } else {
            editor.close(&path);
        }
    }

    /// Takes what a worker brought.
    pub(super) fn take_editor(&mut self, ctx: &Context, news: EditorNews) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let editor = &mut site.editor;
        let words = match news {
            // What it says may be older than what is known: the file is asked once more.
            EditorNews::Read(path, number, _) if editor.is_late(&path, number) => {
                self.read_file(&path);
                None
            }
            EditorNews::Read(path, _, read) => editor.take_read(&path, read),
            EditorNews::Saved(path, outcome) => {
                let is_written = matches!(outcome, SaveOutcome::Written { .. });
                if !is_written {
                    editor.leaving = None;
                    self.editing.leave_when_saved = false;
                }
                let words = editor.take_saved(&path, outcome);
                if editor.take_save_again(&path) {
                    self.save_file(&path);
                }
                words
            }
            EditorNews::Run(run, proved) => {
                editor.take_run(run, proved);
                None
            }
            EditorNews::Rescued(folder, found) => {
                let is_open = site.state.folder == folder;
                let words = found.first().filter(|_| is_open).map(|rescued| {
                    let name = file_name(&rescued.path);
                    format!("The last session ended with unsaved text of {name}: see Code (Ctrl 2)")
                });
                if is_open {
                    editor.rescued = found;
                }
                words
            }
            EditorNews::Restored(rescued, number, _) if editor.is_late(&rescued.path, number) => {
                self.read_and_restore(*rescued);
                None
            }
            EditorNews::Restored(rescued, _, read) => match editor.restore(&rescued, read) {
                Ok(words) => {
                    self.editing.restored.push(rescued.kept_in);
                    words
                }
                Err(why) => {
                    editor.rescued.insert(0, *rescued);
                    Some(why)
                }
            },
            EditorNews::Kept(problem) => {
                self.editing.keeping = false;
                problem
            }
            EditorNews::OutsideFound(found) => {
                self.model.outside = found;
                None
            }
            EditorNews::OutsideOpened(problem) => problem,
            EditorNews::Made(Ok((path, request))) => {
                editor.dialog = None;
                self.open_file(&path, None);
                if let Some(request) = request {
                    self.link.send(request);
                }
                None
            }
            EditorNews::Made(Err(why)) => {
                if let Some(Dialog::NewScript { problem, .. }) = &mut editor.dialog {
                    *problem = Some(why);
                }
                None
            }
        };
        if let Some(words) = words {
            self.notices.say(Mark::Warning, words);
        }
        ctx.request_repaint();
    }

    /// A file that is open may have changed.
    pub(super) fn note_event(&mut self, event: &Event) {
        let (Event::Site(news), Some(site)) = (event, &self.model.site) else {
            return;
        };
        let path = site.state.folder.join(&news.change.path);
        let document = site.editor.document_of(&path);
        let is_other = document.is_some_and(|document| {
            // A hash of zeros or of a part says nothing.
            !document.saving && news.change.hash != Some(document.hash())
        });
        let is_shown = site.editor.pages().iter().any(|page| {
            page.path == path && matches!(page.body, Body::Failed(_) | Body::Bytes { .. })
        });
        if is_other || is_shown {
            self.read_file(&path);
        }
    }

    /// Looks at every open file again: what watches the folder may have missed something.
    fn look_again(&mut self) {
        let site = self.model.site.as_ref();
        let paths: Vec<PathBuf> = site.map_or_else(Vec::new, |site| {
            let documents = site.editor.documents();
            let idle = documents.filter(|document| !document.saving);
            idle.map(|document| document.path.clone()).collect()
        });
        for path in paths {
            self.read_file(&path);
        }
    }

    /// What has to be done whether or not anybody asks.
    pub(super) fn keep_editor(&mut self, ctx: &Context) {
        let has_focus = ctx.input(|input| input.focused);
        if has_focus && !std::mem::replace(&mut self.editing.had_focus, has_focus) {
            self.look_again();
        }
        self.editing.had_focus = has_focus;
        self.keep_marks();
        self.keep_unsaved(ctx);
        let site = self.model.site.as_ref();
        let is_saved = site.is_some_and(|site| {
            site.editor.leaving.is_some()
                && match &site.editor.leaving {
                    Some(Leaving::File(path)) => !site.editor.has_unsaved(path),
                    _ => site.editor.unsaved().is_empty(),
                }
        });
        if self.editing.leave_when_saved && is_saved {
            self.leave(ctx);
        }
    }

    /// The marks beside the lines: of the last look, and of the last run of this very source.
    fn keep_marks(&mut self) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let Some(path) = site.editor.document().map(|document| document.path.clone()) else {
            return;
        };
        let script = site.scripts.iter().find(|script| script.entry.path == path);
        let ended = |id: ExchangeId| {
            let row = site.row(id)?;
            (row.progress != Progress::Running).then_some(id)
        };
        let last = script.and_then(|script| site.last_run(script));
        let failed = last.filter(|row| row.has_failed()).map(|row| row.id);
        let run = match script {
            Some(script) => last
                .map(|row| row.id)
                .filter(|id| !site.saved_since(script, *id))
                .and_then(ended),
            // A module: what the selected run says of it.
            None => site.selected().and_then(ended),
        };
        if let Some(wanted) = site.editor.wants_run(run) {
            self.link.edit_with_engine("marks-of-run", move |engine| {
                let proved = match engine.find(wanted) {
                    Found::Exchange(exchange) => proved_by(&exchange),
                    Found::Evicted | Found::Unknown => Arc::from([]),
                };
                EditorNews::Run(wanted, proved)
            });
        }
        site.editor.mark(script, failed, run);
    }

    fn confirm_dialog(&mut self) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        match site.editor.dialog.clone() {
            Some(Dialog::GoToLine(text)) => {
                let line = text.trim().parse().ok();
                if let (Some(line), Some(document)) = (line, site.editor.document_mut()) {
                    document.go_to_line(line);
                    site.editor.dialog = None;
                }
            }
            Some(Dialog::NewScript { template, name, .. }) => self.make_script(template, name),
            None => {}
        }
    }

    fn make_script(&mut self, template: usize, name: String) {
        let Some(template) = TEMPLATES.get(template) else {
            return;
        };
        self.link.edit_with_engine("new-script", move |engine| {
            let site = engine.site();
            let made = templates::make(&site.root, &site.config, template, &name);
            EditorNews::Made(made.map_err(|error| error.to_string()).map(|path| {
                let scripts = site.scripts();
                let entry = scripts.into_iter().find(|entry| entry.path == path);
                let request =
                    entry.map(|entry| String::from_utf8_lossy(&entry.url_path).into_owned());
                (path, request)
            }))
        });
    }

    fn find_outside(&mut self) {
        let chosen = self.model.preferences.editor.clone();
        self.link.edit("find-editors", move || {
            EditorNews::OutsideFound(outside::find(chosen.as_deref()))
        });
    }

    fn open_shown_outside(&mut self) {
        let Some((path, line)) = super::command::code::target(&self.model) else {
            return;
        };
        let site = self.model.site.as_ref();
        let document = site.and_then(|site| site.editor.document_of(&path));
        let column = document.map_or(1, |document| {
            lines::column_at(document.text(), document.selection().start)
        });
        self.open_outside(&path, line, column);
    }

    fn open_outside(&mut self, path: &Path, line: usize, column: usize) {
        let site = self.model.site.as_ref();
        if site.is_some_and(|site| site.editor.has_unsaved(path)) {
            let words = "The file has unsaved text here, which the other editor does not see";
            self.notices.say(Mark::Warning, words.to_owned());
        }
        let (path, chosen) = (path.to_owned(), self.model.preferences.editor.clone());
        let known: Option<OutsideEditor> = self.model.outside.first().cloned();
        self.link.edit("open-outside", move || {
            let opened = outside::open(known, chosen.as_deref(), &path, line, column);
            EditorNews::OutsideOpened(opened.err())
        });
    }
}
