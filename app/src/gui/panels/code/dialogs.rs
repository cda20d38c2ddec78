//! The questions of the editor: which line, which new script, which other editor, what of unsaved text.

use eframe::egui::{Frame, Id, Key, Label, Modal, ScrollArea, Ui};

use crate::gui::command::{Command, EditorCommand};
use crate::gui::model::Model;
use crate::gui::model::editor::{Dialog, Editor, Leaving};
use crate::gui::panels::compose::field_ui;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::button;
use crate::gui::widgets::mark::{self, Mark};
use crate::templates::TEMPLATES;

/// What the dialogs remember.
#[derive(Default)]
pub(in crate::gui::panels) struct State {
    /// The command that is typed for another editor.
    command: Option<String>,
}

/// Draws whatever is asked over the window.
pub(in crate::gui::panels) fn ui(
    ui: &mut Ui,
    model: &Model,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let editor = model.site.as_ref().map(|site| &site.editor);
    if model.choosing_editor {
        outside_ui(ui, model, state, commands);
    } else if let Some((editor, leaving)) =
        editor.and_then(|editor| Some((editor, editor.leaving.as_ref()?)))
    {
        leaving_ui(ui, editor, leaving, commands);
    } else if let Some(dialog) = editor.and_then(|editor| editor.dialog.as_ref()) {
        match dialog {
            Dialog::GoToLine(text) => line_ui(ui, text, commands),
            Dialog::NewScript {
                template,
                name,
                problem,
            } => new_script_ui(ui, *template, name, problem.as_deref(), commands),
        }
    }
    if !model.choosing_editor {
        state.command = None;
    }
}

/// True when the dialog was dismissed.
fn modal_ui(ui: &Ui, name: &str, width: f32, contents: impl FnOnce(&mut Ui)) -> bool {
    let frame = Frame::popup(ui.style()).inner_margin(24);
    let modal = Modal::new(Id::unique(("editor dialog", name))).frame(frame);
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 10.0;
        contents(ui);
    });
    shown.should_close()
}

fn push(commands: &mut Vec<Command>, command: EditorCommand) {
    commands.push(Command::Editor(command));
}

fn line_ui(ui: &Ui, text: &str, commands: &mut Vec<Command>) {
    let is_closed = modal_ui(ui, "line", 240.0, |ui| {
        ui.label(theme::title_text("Go to line"));
        let mut typed = text.to_owned();
        let field = field_ui(ui, &mut typed, "Line", "14", 180.0);
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if !is_entered {
            field.request_focus();
        }
        typed.retain(|letter| letter.is_ascii_digit());
        if typed != text {
            push(
                commands,
                EditorCommand::TypeDialog(Dialog::GoToLine(typed.clone())),
            );
        }
        ui.horizontal(|ui| {
            let go = ui.add(button::primary("Go").enabled(!typed.is_empty()));
            if go.clicked() || is_entered {
                push(commands, EditorCommand::ConfirmDialog);
            }
            if ui.add(button::quiet("Cancel")).clicked() {
                push(commands, EditorCommand::CloseDialog);
            }
        });
    });
    if is_closed {
        push(commands, EditorCommand::CloseDialog);
    }
}

fn new_script_ui(
    ui: &Ui,
    template: usize,
    name: &str,
    problem: Option<&str>,
    commands: &mut Vec<Command>,
) {
    let is_closed = modal_ui(ui, "new script", 480.0, |ui| {
        ui.label(theme::title_text("New script"));
        let mut chosen = template;
        let area = ScrollArea::vertical().max_height(344.0);
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for (at, offered) in TEMPLATES.iter().enumerate() {
                let text = format!("{}: {}", offered.title, offered.description);
                if ui.selectable_label(at == template, text).clicked() {
                    chosen = at;
                }
            }
        });
        let mut typed = name.to_owned();
        let field = field_ui(ui, &mut typed, "Name", "hello.py", 400.0);
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if !is_entered && problem.is_none() {
            field.request_focus();
        }
        let usual = |at: usize| TEMPLATES.get(at).map_or("", |template| template.file);
        if chosen != template && (name == usual(template) || name.is_empty()) {
            typed = usual(chosen).to_owned();
        }
        if chosen != template || typed != name {
            let dialog = Dialog::NewScript {
                template: chosen,
                name: typed.clone(),
                problem: None,
            };
            push(commands, EditorCommand::TypeDialog(dialog));
        }
        let hint = "It is made runnable, with UTF-8 and line feeds, opened here and asked for once";
        ui.add(Label::new(Theme::of(ui).weak(hint)).wrap());
        if let Some(problem) = problem {
            mark::ui(ui, Mark::Warning, problem);
        }
        ui.horizontal(|ui| {
            let is_named = !typed.trim().is_empty();
            let make = ui.add(button::primary("Make").enabled(is_named));
            if (make.clicked() || is_entered) && is_named {
                push(commands, EditorCommand::ConfirmDialog);
            }
            if ui.add(button::quiet("Cancel")).clicked() {
                push(commands, EditorCommand::CloseDialog);
            }
        });
    });
    if is_closed {
        push(commands, EditorCommand::CloseDialog);
    }
}

fn leaving_ui(ui: &Ui, editor: &Editor, leaving: &Leaving, commands: &mut Vec<Command>) {
    let names: Vec<String> = match leaving {
        Leaving::File(path) => vec![crate::gui::model::editor::document::file_name(path)],
        _ => editor
            .unsaved()
            .iter()
            .map(|document| document.name())
            .collect(),
    };
    let is_closed = modal_ui(ui, "unsaved", 420.0, |ui| {
        ui.label(theme::title_text("Save before closing?"));
        let text = format!("Not saved: {}", names.join(", "));
        ui.add(Label::new(text).wrap());
        ui.horizontal(|ui| {
            let save = ui.add(button::primary("Save"));
            if save.clicked() || ui.input(|input| input.key_pressed(Key::Enter)) {
                push(commands, EditorCommand::SaveAndLeave);
            }
            if ui.add(button::quiet("Do not save")).clicked() {
                push(commands, EditorCommand::LeaveUnsaved);
            }
            if ui.add(button::quiet("Cancel")).clicked() {
                push(commands, EditorCommand::Stay);
            }
        });
    });
    if is_closed {
        push(commands, EditorCommand::Stay);
    }
}

fn outside_ui(ui: &Ui, model: &Model, state: &mut State, commands: &mut Vec<Command>) {
    let is_closed = modal_ui(ui, "other editor", 480.0, |ui| {
        ui.label(theme::title_text("The other editor"));
        let chosen = model.preferences.editor.as_deref();
        for (at, editor) in model.outside.iter().enumerate() {
            let around = if editor.in_terminal {
                ", in a terminal"
            } else {
                ""
            };
            let text = format!("{}{around}", editor.name);
            let label = ui.selectable_label(at == 0, text);
            if label.clicked() {
                let command = Some(editor.command.clone());
                push(commands, EditorCommand::UseOutside(command));
            }
            label.on_hover_text(&editor.command);
        }
        if model.outside.is_empty() {
            ui.label("None was found on this computer");
        }
        let typed = state
            .command
            .get_or_insert_with(|| chosen.unwrap_or_default().to_owned());
        let hint = "my-editor --line {line} {file}";
        let field = field_ui(ui, typed, "Command", hint, 440.0);
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let words = "Any command; {file}, {line} and {column} are filled in. Empty: VISUAL, EDITOR, or what is found";
        ui.add(Label::new(Theme::of(ui).weak(words)).wrap());
        ui.horizontal(|ui| {
            if ui.add(button::primary("Use this command")).clicked() || is_entered {
                let command = Some(typed.trim().to_owned());
                let command = command.filter(|command| !command.is_empty());
                push(commands, EditorCommand::UseOutside(command));
                push(commands, EditorCommand::ChooseOutside);
            }
            if ui.add(button::quiet("Close")).clicked() {
                push(commands, EditorCommand::ChooseOutside);
            }
        });
    });
    if is_closed {
        push(commands, EditorCommand::ChooseOutside);
    }
}
