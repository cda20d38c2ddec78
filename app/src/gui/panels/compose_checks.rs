//! What the run of a request is expected to be like, as rows.

use eframe::egui::{Popup, ScrollArea, Ui, Vec2};

use super::compose::field_ui;
use crate::gui::command::{Command, SavedCommand};
use crate::gui::model::compose::Composer;
use crate::gui::theme::Theme;
use crate::gui::widgets::button;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::mark::{self, Mark};

/// What an expectation can begin with, and what it asks.
const BEGINNINGS: [(&str, &str); 14] = [
    ("status 200", "The status of the response; 2xx, not 500"),
    (
        "header Content-Type: text/html*",
        "A field of the response; * stands for anything",
    ),
    ("header Location absent", "No such field"),
    ("body contains \"\"", "A part of the response body"),
    ("body matches ", "A regular expression"),
    ("body not contains \"Traceback\"", "No such part"),
    (
        "stdout contains \"\"",
        "A part of all that the script printed",
    ),
    ("stderr empty", "Nothing on standard error"),
    ("env PATH_INFO = /", "A variable of the script"),
    ("env AUTH_TYPE absent", "No such variable"),
    ("exit 0", "How the process ended; also SIGKILL"),
    (
        "time < 500ms",
        "From the first byte of the request to the last of the response",
    ),
    (
        "finding no errors",
        "No error in the diagnosis; also none, or no warnings",
    ),
    ("finding CGI023", "This very finding; also not CGI023"),
];

/// Draws the tab.
pub(super) fn ui(ui: &mut Ui, composer: &Composer, commands: &mut Vec<Command>) {
    let Some(work) = &composer.work else {
        return;
    };
    let mut texts = work.expectations.clone();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(6.0, 6.0);
        let add = ui.add(button::quiet("Add").icon(Icon::Down));
        Popup::menu(&add).show(|ui| {
            for (text, asks) in BEGINNINGS {
                if ui.button(text).on_hover_text(asks).clicked() {
                    texts.push(text.to_owned());
                }
            }
        });
        let can = composer.last_run().is_some();
        let happened = ui.add(button::quiet("Expect what happened").enabled(can));
        let hint = match composer.last_run() {
            Some(id) => format!("Fill from request {id}"),
            None => "Send the request once; then its run can be taken".to_owned(),
        };
        if happened.on_hover_text(hint).clicked() && can {
            commands.push(Command::Saved(SavedCommand::ExpectWhatHappened));
        }
    });
    if texts.is_empty() {
        let words = "Nothing is expected yet. What stands here is held to every run of this request, in the window and by cgi-studio test.";
        ui.label(Theme::of(ui).weak(words));
    }
    ScrollArea::vertical()
        .id_salt("expectations")
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing = Vec2::new(6.0, 6.0);
            rows_ui(ui, &mut texts);
        });
    if texts != work.expectations {
        commands.push(Command::Saved(SavedCommand::Expect(texts)));
    }
}

fn rows_ui(ui: &mut Ui, texts: &mut Vec<String>) {
    let mut gone = None;
    for (at, text) in texts.iter_mut().enumerate() {
        ui.push_id(at, |ui| {
            let label = format!("Expectation {}", at + 1);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let width = (ui.available_width() - 30.0).max(120.0);
                field_ui(ui, text, &label, "status 200", width);
                if button::icon_ui(ui, Icon::Cross, &format!("Remove {label}")).clicked() {
                    gone = Some(at);
                }
            });
            if text.trim().is_empty() {
                return;
            }
            if let Err(problem) = cgi_engine::expect::parse(text) {
                mark::ui(ui, Mark::Warning, &problem.to_string());
            }
        });
    }
    if let Some(at) = gone {
        texts.remove(at);
    }
}
