//! Closing files, the folder or the window while text is not saved.

use std::path::PathBuf;

use eframe::egui::{Context, ViewportCommand};

use crate::gui::Studio;
use crate::gui::command::Command;
use crate::gui::model::editor::Leaving;
use crate::gui::widgets::mark::Mark;

impl Studio {
    /// Closes a dialog of the editor, if one is open.
    pub(in crate::gui) fn close_editor_dialog(&mut self) -> bool {
        if std::mem::take(&mut self.model.choosing_editor) {
            return true;
        }
        let Some(site) = &mut self.model.site else {
            return false;
        };
        self.editing.leave_when_saved = false;
        site.editor.leaving.take().is_some() || site.editor.dialog.take().is_some()
    }

    /// Whether this may be done now; with unsaved files the user is asked first.
    pub(in crate::gui) fn may_leave(&mut self, leaving: &Leaving) -> bool {
        if std::mem::take(&mut self.editing.decided) {
            return true;
        }
        let Some(site) = &mut self.model.site else {
            return true;
        };
        if site.editor.unsaved().is_empty() {
            return true;
        }
        site.editor.leaving = Some(leaving.clone());
        false
    }

    /// Whether another folder is being opened: then what is typed here would go with this one, unasked. It says so.
    pub(super) fn is_being_left(&mut self) -> bool {
        let (Some(folder), Some(_)) = (&self.model.opening, &self.model.site) else {
            return false;
        };
        let words = format!("{folder:?} is being opened, so nothing is typed here any more");
        self.notices.say(Mark::Warning, words);
        true
    }

    /// Opens a folder, unless something is unsaved in the one that is open.
    pub(in crate::gui) fn open_unless_unsaved(&mut self, folder: PathBuf) {
        if self.may_leave(&Leaving::Folder(folder.clone())) {
            self.open(folder);
        }
    }

    /// The window is to be closed.
    pub(in crate::gui) fn may_close(&mut self, ctx: &Context) -> bool {
        let may = self.may_leave(&Leaving::Window);
        if !may {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            ctx.send_viewport_cmd(ViewportCommand::Focus);
        }
        may
    }

    pub(super) fn save_for_leaving(&mut self) {
        let site = self.model.site.as_ref();
        match site.and_then(|site| site.editor.leaving.clone()) {
            Some(Leaving::File(path)) => self.save_file(&path),
            Some(_) => self.save_all(),
            None => {}
        }
    }

    /// Does what was asked for, whatever is unsaved.
    pub(super) fn leave(&mut self, ctx: &Context) {
        self.editing.leave_when_saved = false;
        let Some(site) = &mut self.model.site else {
            return;
        };
        let Some(leaving) = site.editor.leaving.take() else {
            return;
        };
        if let Leaving::File(path) = &leaving {
            site.editor.close(path);
            return;
        }
        self.editing.decided = true;
        match leaving {
            Leaving::File(_) => {}
            Leaving::Site => self.run(ctx, Command::CloseSite),
            Leaving::Folder(folder) => self.open_unless_unsaved(folder),
            Leaving::Sample(name) => self.run(ctx, Command::OpenSample(name)),
            Leaving::Window => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }
}
