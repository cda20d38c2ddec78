//! The editor of what the user writes beside a request.

use cgi_engine::exchange::ExchangeId;
use eframe::egui::{Frame, Id, Key, Modal, TextEdit, Ui};

use super::log;
use crate::gui::command::Command;
use crate::gui::model::site::SiteModel;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::button;

/// What is being typed, and for which request.
#[derive(Default)]
pub(super) struct State {
    of: Option<ExchangeId>,
    words: String,
}

/// Shows the editor over the window.
pub(super) fn ui(
    ui: &mut Ui,
    site: &SiteModel,
    id: ExchangeId,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let opened = state.of != Some(id);
    if opened {
        let row = site.row(id);
        let words = row.and_then(|row| row.comment.map(str::to_owned));
        *state = State {
            of: Some(id),
            words: words.unwrap_or_default(),
        };
    }
    let frame = Frame::popup(ui.style()).inner_margin(20);
    let modal = Modal::new(Id::unique("comment")).frame(frame);
    let shown = modal.show(ui.ctx(), |ui| {
        ui.set_width(420.0);
        ui.label(theme::title_text(format!("Comment on request {id}")));
        ui.add_space(8.0);
        let field = TextEdit::singleline(&mut state.words)
            .hint_text("What is worth remembering of it")
            .char_limit(1000)
            .desired_width(f32::INFINITY);
        let field = ui.add(field);
        log::named(ui, &field, "Comment");
        if opened {
            field.request_focus();
        }
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let saved = ui
                .add(button::primary("Save comment").key("Enter"))
                .clicked();
            if saved || entered {
                commands.push(Command::SetComment(state.words.clone()));
            }
            if ui.add(button::quiet("Cancel").key("Esc")).clicked() {
                commands.push(Command::EndComment);
            }
            let theme = Theme::of(ui);
            ui.label(theme.weak("Without words the comment goes."));
        });
    });
    if shown.should_close() {
        commands.push(Command::EndComment);
    }
}

/// The editor was closed: the next time it begins with what is there then.
pub(super) fn close(state: &mut State) {
    state.of = None;
}
