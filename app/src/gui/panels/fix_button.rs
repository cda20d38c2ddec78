//! The buttons at a finding that can be mended: each opens the view of what would be changed.

use std::sync::Arc;

use eframe::egui::{Id, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo};

use crate::gui::command::{Command, FixCommand};
use crate::gui::model::fixing::{Fixing, Offer, Question};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::{button, line};

/// The room for [`link_ui`] at the end of a row, in points.
pub(super) const WIDTH: f32 = 52.0;

/// What is to be shown at a finding; nothing where nothing can be done, or nobody has looked yet.
pub(super) fn offer<'f>(fixing: &'f Fixing, question: &Question) -> Option<&'f Offer> {
    let offer = fixing.offer(question)?;
    (*offer != Offer::Nothing).then_some(offer)
}

/// A button for each way to mend a finding, or why there is none.
pub(super) fn ui(ui: &mut Ui, question: Question, offer: &Offer, commands: &mut Vec<Command>) {
    let ways = match offer {
        Offer::Nothing => return,
        Offer::Changed => {
            let words = format!("{} has changed since this run", question.name());
            ui.label(Theme::of(ui).weak(words));
            return;
        }
        Offer::Ways(ways) => ways,
    };
    let mut opened = None;
    for (way, label) in ways.iter().enumerate() {
        let label = format!("{label}…");
        let shown = match way {
            0 => button::primary(&label),
            _ => button::quiet(&label),
        };
        if ui.add(shown).clicked() {
            opened = Some(way);
        }
    }
    if let Some(way) = opened {
        let question = Arc::new(question);
        commands.push(Command::Fix(FixCommand::Open { question, way }));
    }
}

/// The same as a word at the end of a row, over the row's own click.
pub(super) fn link_ui(
    ui: &mut Ui,
    place: Rect,
    clip: Rect,
    question: &Arc<Question>,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let id = Id::unique("fix").with(place.top().to_bits());
    let mut ui = ui.new_child(UiBuilder::new().id_salt(id).max_rect(place));
    ui.set_clip_rect(clip.intersect(ui.clip_rect()));
    let (rect, response) = ui.allocate_exact_size(place.size(), Sense::click());
    let name = format!("Fix {}: {}", question.name(), question.finding.title);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let color = match response.hovered() || response.has_focus() {
        true => theme.accent_hover,
        false => theme.accent,
    };
    let text = rect.shrink2(Vec2::new(4.0, 0.0));
    line::paint(
        ui.painter(),
        text,
        eframe::egui::Align::Max,
        "Fix…",
        theme::strong(),
        color,
    );
    if response.clicked() {
        let question = Arc::clone(question);
        commands.push(Command::Fix(FixCommand::Open { question, way: 0 }));
    }
}
