//! What has to be decided about a text: it parted from its file, its file is gone, or it outlived a crash.

use eframe::egui::{Frame, Label, Margin, RichText, ScrollArea, Ui};

use crate::gui::command::{Command, EditorCommand};
use crate::gui::model::Model;
use crate::gui::model::editor::document::{Document, Parted, Standing, file_name};
use crate::gui::model::editor::{Editor, Rescued};
use crate::gui::model::site::since;
use crate::gui::panels::words;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::button;
use crate::gui::widgets::mark::{self, Mark};

fn frame_ui(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    let theme = Theme::of(ui);
    let frame = Frame::new()
        .fill(theme.panel)
        .stroke(theme.separator())
        .inner_margin(Margin::symmetric(12, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        contents(ui);
    });
}

fn button_ui(ui: &mut Ui, text: &str, command: EditorCommand, commands: &mut Vec<Command>) {
    if ui.add(button::quiet(text)).clicked() {
        commands.push(Command::Editor(command));
    }
}

/// Shows the texts that a session left behind which ended without being asked.
pub(super) fn rescued_ui(ui: &mut Ui, model: &Model, editor: &Editor, commands: &mut Vec<Command>) {
    // One after the other: the places change with every answer.
    let Some(rescued) = editor.rescued.first() else {
        return;
    };
    frame_ui(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            mark::ui(
                ui,
                Mark::Warning,
                &told(model, rescued, editor.rescued.len()),
            );
            button_ui(ui, "Restore", EditorCommand::Restore(0), commands);
            button_ui(ui, "Discard", EditorCommand::Forget(0), commands);
        });
    });
}

fn told(model: &Model, rescued: &Rescued, many: usize) -> String {
    let name = file_name(&rescued.path);
    let age = words::seconds(since(rescued.kept, model.now));
    let more = match many {
        1 => String::new(),
        many => format!(" (1 of {many})"),
    };
    format!("The last session ended with unsaved text of {name}, kept {age} ago{more}")
}

/// Shows what became of the file beside the text. True when the text is not to be shown meanwhile.
pub(super) fn standing_ui(ui: &mut Ui, document: &Document, commands: &mut Vec<Command>) -> bool {
    match &document.standing {
        Standing::Known => false,
        Standing::Gone => {
            frame_ui(ui, |ui| {
                mark::ui(
                    ui,
                    Mark::Warning,
                    "The file is gone; saving writes it again",
                );
            });
            false
        }
        Standing::Parted(parted) => {
            parted_ui(ui, parted, commands);
            true
        }
    }
}

fn parted_ui(ui: &mut Ui, parted: &Parted, commands: &mut Vec<Command>) {
    frame_ui(ui, |ui| {
        let words =
            "The file was changed outside at the same place as the text here. Nothing is lost yet";
        mark::ui(ui, Mark::Warning, words);
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            button_ui(ui, "Keep mine", EditorCommand::KeepMine, commands);
            button_ui(ui, "Take the file's", EditorCommand::TakeTheirs, commands);
            let hint = "The next save writes yours over the other; Undo brings back yours after taking the file's";
            ui.add(Label::new(Theme::of(ui).weak(hint)).truncate());
        });
    });
    diff_ui(ui, &parted.diff);
}

/// A unified comparison, its lines with sign and ground.
fn diff_ui(ui: &mut Ui, diff: &str) {
    let theme = Theme::of(ui);
    let area = ScrollArea::both().id_salt("parted").auto_shrink(false);
    let lines: Vec<&str> = diff.lines().collect();
    ui.spacing_mut().item_spacing.y = 0.0;
    area.show_rows(ui, theme::LINE_HEIGHT, lines.len(), |ui, range| {
        let first = range.start;
        let shown = lines.get(range).unwrap_or_default();
        for (number, line) in shown.iter().enumerate() {
            let ground = match line.as_bytes().first() {
                // The names of the two texts.
                _ if first + number < 2 => theme.base,
                Some(b'+') => theme.ok_ground,
                Some(b'-') => theme.fail_ground,
                _ => theme.base,
            };
            let frame = Frame::new()
                .fill(ground)
                .inner_margin(Margin::symmetric(12, 0));
            frame.show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.set_height(theme::LINE_HEIGHT);
                let text = RichText::new(*line).font(theme::mono()).color(theme.text);
                ui.add(Label::new(text).extend().selectable(true));
            });
        }
    });
}
