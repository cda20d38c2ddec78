//! A place in a file, as a link into the editor.

use std::path::{Path, PathBuf};

use cgi_engine::diagnosis::traceback::Frame;
use cgi_engine::exchange::Invocation;
use eframe::egui::{Link, RichText, Ui};

use super::words;
use crate::gui::command::{Command, EditorCommand};
use crate::gui::theme::{self, Theme};

/// Shows `form.py:14`; a click opens it here, with Ctrl held in the other editor.
pub(super) fn ui(ui: &mut Ui, file: &Path, line: u32, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let text = format!("{}:{line}", words::name_of(file));
    let text = RichText::new(text).font(theme::mono()).color(theme.accent);
    let link = ui.add(Link::new(text));
    if link.clicked() {
        let line = usize::try_from(line).unwrap_or(1);
        let elsewhere = ui.input(|input| input.modifiers.command);
        commands.push(Command::Editor(if elsewhere {
            EditorCommand::OpenOutside(file.to_owned(), line)
        } else {
            EditorCommand::Open(file.to_owned(), Some(line))
        }));
    }
    let path = words::path(file);
    link.on_hover_text(format!("Edit {path}; with Ctrl in the other editor"));
}

/// Where a path that a run printed is: a relative one begins where the program ran.
pub(super) fn of_run(file: &Path, run: Option<&Invocation>) -> PathBuf {
    let program = run.and_then(|run| run.program.as_ref());
    match program {
        Some(program) if file.is_relative() => program.directory.join(file),
        _ => file.to_owned(),
    }
}

/// Shows the calls of an exception, the innermost first: the user's own as links, those of libraries as their number.
pub(super) fn calls_ui(
    ui: &mut Ui,
    frames: &[Frame],
    run: Option<&Invocation>,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let mut libraries = 0;
    for frame in frames.iter().rev() {
        if !frame.own {
            libraries += 1;
            continue;
        }
        folded_ui(ui, std::mem::take(&mut libraries));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            self::ui(ui, &of_run(&frame.file, run), frame.line, commands);
            if !frame.function.is_empty() {
                ui.label(theme.weak(format!("in {}", frame.function)));
            }
            if !frame.code.is_empty() {
                let code = RichText::new(frame.code.trim()).font(theme::mono());
                ui.add(eframe::egui::Label::new(code).truncate());
            }
        });
    }
    folded_ui(ui, libraries);
}

fn folded_ui(ui: &mut Ui, count: u64) {
    if count > 0 {
        let text = words::counted(count, "call in a library", "calls in libraries");
        ui.label(Theme::of(ui).weak(text));
    }
}
