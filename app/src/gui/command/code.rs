//! The verbs of the Code workspace. They come before others that have the same key, and only there.

use std::ops::Range;
use std::path::PathBuf;

use eframe::egui::{Key, Modifiers};

use super::{Command, Shortcut, Verb, ctrl, ctrl_shift, plain, shift, verb};
use crate::gui::model::Model;
use crate::gui::model::editor::document::Document;
use crate::gui::model::editor::find::Question;
use crate::gui::model::editor::history::Change;
use crate::gui::model::editor::{Body, Dialog, Leaving};

/// The group of these verbs.
pub const GROUP: &str = "Code";

/// What can be done with files in the editor.
#[derive(Clone, Debug, PartialEq)]
pub enum EditorCommand {
    /// Show this file, at a line if one is named.
    Open(PathBuf, Option<usize>),
    /// Show this file in the user's other editor.
    OpenOutside(PathBuf, usize),
    /// Show the shown file there, at the line of the caret.
    OpenShownOutside,
    /// Show the open file at this place.
    Show(usize),
    /// Close the file at this place.
    Close(usize),
    /// Close the file that is shown.
    CloseShown,
    /// This was typed into that revision of the file; what is selected then.
    Typed(PathBuf, u64, Change, Range<usize>),
    /// This is selected.
    Selected(PathBuf, Range<usize>),
    /// Write the file.
    Save,
    /// Write all files that are not saved.
    SaveAll,
    /// Take the last change back.
    Undo,
    /// Make it again.
    Redo,
    /// Move the selected lines inwards.
    Indent,
    /// Move them outwards.
    Outdent,
    /// Make them comments, or lines again.
    ToggleComment,
    /// Open the search.
    Find,
    /// Open the search with the line to replace.
    Replace,
    /// Look for this.
    Ask(Question),
    /// Go to the next match.
    NextMatch,
    /// Go to the match before.
    PreviousMatch,
    /// Replace the match that is selected, and go to the next.
    ReplaceOne,
    /// Replace all matches.
    ReplaceAll,
    /// Close the search.
    CloseFind,
    /// Ask for a line's number.
    GoToLine,
    /// Ask for a new script's template and name.
    NewScript,
    /// What is typed in the dialog.
    TypeDialog(Dialog),
    /// Do what the dialog is for.
    ConfirmDialog,
    /// Close the dialog.
    CloseDialog,
    /// Go to the next line that something is wrong with.
    NextProblem,
    /// Go to the one before.
    PreviousProblem,
    /// Take what is on disk.
    TakeTheirs,
    /// Keep the text as it is here.
    KeepMine,
    /// Save what is unsaved, then go on with what was asked for.
    SaveAndLeave,
    /// Forget what is unsaved and go on.
    LeaveUnsaved,
    /// Do not go on.
    Stay,
    /// Ask whether this may be done with unsaved files.
    Leave(Leaving),
    /// Bring the unsaved text of an earlier session back.
    Restore(usize),
    /// Forget that text.
    Forget(usize),
    /// Choose the other editor.
    ChooseOutside,
    /// Use this command from now on; none: what is found.
    UseOutside(Option<String>),
}

impl EditorCommand {
    /// Whether it changes the text of a file.
    #[must_use]
    pub const fn changes_text(&self) -> bool {
        matches!(
            self,
            Self::Typed(..)
                | Self::Undo
                | Self::Redo
                | Self::Indent
                | Self::Outdent
                | Self::ToggleComment
                | Self::ReplaceOne
                | Self::ReplaceAll
                | Self::TakeTheirs
                | Self::KeepMine
                | Self::Restore(_)
        )
    }
}

const fn ctrl_plain(key: Key) -> Shortcut {
    Shortcut {
        modifiers: Modifiers::COMMAND,
        key,
    }
}

const fn code(command: EditorCommand) -> Command {
    Command::Editor(command)
}

/// The verbs.
#[rustfmt::skip]
pub static VERBS: &[Verb] = &[
    verb(code(EditorCommand::Save), GROUP, "Save the file", "Write the file, with its mode, charset and line ends", &[ctrl(Key::S)], with_text),
    verb(code(EditorCommand::SaveAll), GROUP, "Save all files", "Write every file that has unsaved text", &[ctrl_shift(Key::S)], with_unsaved),
    verb(code(EditorCommand::Undo), GROUP, "Undo", "Take the last change of the text back", &[ctrl(Key::Z)], with_undo),
    verb(code(EditorCommand::Redo), GROUP, "Redo", "Make the change again", &[ctrl_shift(Key::Z), ctrl(Key::Y)], with_redo),
    verb(code(EditorCommand::Find), GROUP, "Find in the file", "Find a text in the file that is edited", &[ctrl(Key::F)], with_text),
    verb(code(EditorCommand::Replace), GROUP, "Replace in the file", "Find a text and put another in its place", &[ctrl(Key::H)], with_text),
    verb(code(EditorCommand::NextMatch), GROUP, "Next match in the file", "Go to the next place where the text was found", &[plain(Key::F3)], with_text),
    verb(code(EditorCommand::PreviousMatch), GROUP, "Previous match in the file", "Go to the place before", &[shift(Key::F3)], with_text),
    verb(code(EditorCommand::GoToLine), GROUP, "Go to line…", "Go to a line by its number", &[ctrl(Key::G)], with_text),
    verb(code(EditorCommand::NextProblem), GROUP, "Next problem in the file", "Go to the next line that something is wrong with", &[plain(Key::F8)], with_marks),
    verb(code(EditorCommand::PreviousProblem), GROUP, "Previous problem in the file", "Go to the line before that something is wrong with", &[shift(Key::F8)], with_marks),
    verb(code(EditorCommand::ToggleComment), GROUP, "Comment or uncomment lines", "Make the selected lines comments, or lines again", &[ctrl_plain(Key::Slash)], with_comments),
    verb(code(EditorCommand::Indent), GROUP, "Indent lines", "Move the selected lines one step inwards", &[], with_text),
    verb(code(EditorCommand::Outdent), GROUP, "Outdent lines", "Move the selected lines one step outwards", &[], with_text),
    verb(code(EditorCommand::CloseShown), GROUP, "Close the file", "Close the file that is shown", &[ctrl(Key::W)], with_page),
    verb(code(EditorCommand::OpenShownOutside), GROUP, "Open in another editor", "Open the file in the other editor, at this line", &[ctrl(Key::E), plain(Key::O)], with_file),
    verb(code(EditorCommand::ChooseOutside), GROUP, "Choose the other editor…", "Which editor files are opened in outside of the studio", &[], super::always),
    verb(code(EditorCommand::Restore(0)), GROUP, "Restore unsaved text", "Bring back the text that the last session left unsaved", &[], with_rescued),
    verb(code(EditorCommand::NewScript), GROUP, "New script…", "A script from a template, right at once", &[], super::with_site),
];

fn with_page(model: &Model) -> Option<&'static str> {
    let is_open = model.shows_code()
        && model
            .site
            .as_ref()
            .is_some_and(|site| site.editor.page().is_some());
    (!is_open).then_some("no file is open")
}

fn document(model: &Model) -> Option<&Document> {
    model.site.as_ref()?.editor.document()
}

fn is_shown(model: &Model, holds: impl Fn(&Document) -> bool) -> bool {
    model.shows_code() && document(model).is_some_and(holds)
}

fn with_text(model: &Model) -> Option<&'static str> {
    (!is_shown(model, |_| true)).then_some("no text is being edited")
}

fn with_undo(model: &Model) -> Option<&'static str> {
    (!is_shown(model, Document::can_undo)).then_some("nothing was changed")
}

fn with_redo(model: &Model) -> Option<&'static str> {
    (!is_shown(model, Document::can_redo)).then_some("nothing was taken back")
}

fn with_marks(model: &Model) -> Option<&'static str> {
    let has = is_shown(model, |document| !document.marks.is_empty());
    (!has).then_some("nothing is wrong with a line of this file")
}

fn with_comments(model: &Model) -> Option<&'static str> {
    let has = is_shown(model, |document| document.language.comment().is_some());
    (!has).then_some("there are no comments in this language")
}

fn with_unsaved(model: &Model) -> Option<&'static str> {
    let site = model.site.as_ref();
    let has = site.is_some_and(|site| model.shows_code() && !site.editor.unsaved().is_empty());
    (!has).then_some("everything is saved")
}

fn with_rescued(model: &Model) -> Option<&'static str> {
    let site = model.site.as_ref();
    let has = site.is_some_and(|site| !site.editor.rescued.is_empty());
    (!has).then_some("no session left unsaved text behind")
}

/// In the editor, or of the selected run.
fn with_file(model: &Model) -> Option<&'static str> {
    target(model).is_none().then_some("no file is shown")
}

/// The file and line that another editor would open: of the editor, or where the selected run says it failed.
#[must_use]
pub fn target(model: &Model) -> Option<(PathBuf, usize)> {
    let site = model.site.as_ref()?;
    if model.shows_code() {
        let page = site.editor.page()?;
        let line = match &page.body {
            Body::Text(document) => document.line(),
            _ => 1,
        };
        return Some((page.path.clone(), line));
    }
    let detail = site.details.here()?;
    let place = detail
        .findings
        .iter()
        .find_map(|finding| finding.place.as_ref());
    if let Some((file, line)) = place {
        return Some((file.clone(), usize::try_from(*line).unwrap_or(1)));
    }
    let run = detail.exchange.invocations.last()?;
    Some((run.script.path.clone(), 1))
}
