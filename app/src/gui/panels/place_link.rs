//! A place in a file, as a link into the editor.

use std::path::{Path, PathBuf};

use cgi_engine::diagnosis::traceback::Frame;
use cgi_engine::exchange::Invocation;
use eframe::egui::{Align, Id, Link, Rect, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo};

use super::words;
use crate::gui::command::{Command, EditorCommand};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::line;

/// Shows `form.py:14`; a click opens it here, with Ctrl held in the other editor.
pub(super) fn ui(ui: &mut Ui, file: &Path, line: u32, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let text = format!("{}:{line}", words::name_of(file));
    let text = RichText::new(text).font(theme::mono()).color(theme.accent);
    let link = ui.add(Link::new(text));
    if link.clicked() {
        commands.push(clicked(ui, file, Some(line)));
    }
    link.on_hover_text(hint(file));
}

fn hint(file: &Path) -> String {
    format!("Edit {}; with Ctrl in the other editor", words::path(file))
}

fn clicked(ui: &Ui, file: &Path, line: Option<u32>) -> Command {
    let elsewhere = ui.input(|input| input.modifiers.command);
    match elsewhere {
        false => open(file, line),
        true => {
            let line = line.map_or(1, number);
            Command::Editor(EditorCommand::OpenOutside(file.to_owned(), line))
        }
    }
}

/// Opens the file in the editor, at the line where one is known.
pub(super) fn open(file: &Path, line: Option<u32>) -> Command {
    Command::Editor(EditorCommand::Open(file.to_owned(), line.map(number)))
}

fn number(line: u32) -> usize {
    usize::try_from(line).unwrap_or(1)
}

/// The same at the end of a row, over the row's own click: the words in their place, from which the link stands left.
pub(super) struct RowLink<'l> {
    /// Where its words may stand; they end at its right edge.
    pub(super) place: Rect,
    /// What is to be seen of it.
    pub(super) clip: Rect,
    /// The words.
    pub(super) text: &'l str,
    /// The file.
    pub(super) file: &'l Path,
    /// The line, where one is known.
    pub(super) line: Option<u32>,
}

/// Shows a link in a row.
pub(super) fn row_ui(ui: &mut Ui, link: &RowLink<'_>, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let id = Id::unique("place").with(link.place.top().to_bits());
    let mut ui = ui.new_child(UiBuilder::new().id_salt(id).max_rect(link.place));
    ui.set_clip_rect(link.clip.intersect(ui.clip_rect()));
    let (rect, response) = ui.allocate_exact_size(link.place.size(), Sense::click());
    let name = format!("Edit {}", link.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, &name));
    let is_reached = response.hovered() || response.has_focus();
    let color = match is_reached {
        true => theme.accent_hover,
        false => theme.accent,
    };
    let words = line::paint(
        ui.painter(),
        rect,
        Align::Max,
        link.text,
        theme::mono(),
        color,
    );
    if is_reached {
        let stroke = eframe::egui::Stroke::new(1.0, color);
        ui.painter()
            .hline(words.x_range(), words.bottom() - 1.0, stroke);
    }
    if response.clicked() {
        commands.push(clicked(&ui, link.file, link.line));
    }
    response.on_hover_text(hint(link.file));
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
        ui.horizontal_wrapped(|ui| {
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
