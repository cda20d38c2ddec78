//! Rows of the sidebar: places to go to, and group names over lists.

use eframe::egui::{Align, Color32, FontId, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};

use super::{button, icon, icon::Icon, line, mark::Mark};
use crate::gui::theme::{self, Theme};

const PADDING: f32 = 16.0;
const GLYPH: f32 = 11.0;

/// What stands before the text of a sidebar row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// A workspace.
    Place(Icon),
    /// How a script or a request did last.
    Mark(Mark),
    /// Nothing is known yet.
    Nothing,
}

/// Shows a row over the whole width; `bytes` sets the text in the face for names of files.
pub fn row_ui(ui: &mut Ui, lead: Lead, text: &str, selected: bool, bytes: bool) -> Response {
    let theme = Theme::of(ui);
    let height = if matches!(lead, Lead::Place(_)) {
        30.0
    } else {
        26.0
    };
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, ui.is_enabled(), selected, named(lead, text))
    });
    let painter = ui.painter();
    if selected {
        painter.rect_filled(rect, 0.0, theme.row_selected);
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.accent);
    } else if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, 0.0, theme.row_hover);
    }
    let glyph = Rect::from_center_size(
        rect.left_center() + Vec2::new(PADDING + GLYPH / 2.0, 0.0),
        Vec2::splat(GLYPH),
    );
    match lead {
        Lead::Place(place) => icon::paint(painter, glyph, place, theme.text),
        Lead::Mark(mark) => icon::paint(painter, glyph.shrink(0.5), mark.icon(), mark.color(theme)),
        Lead::Nothing => icon::paint(painter, glyph.shrink(3.5), Icon::Dot, theme.border_strong),
    }
    let font = match (bytes, selected) {
        (true, _) => theme::mono(),
        (false, true) => theme::strong(),
        (false, false) => theme::body(),
    };
    let place = rect
        .with_min_x(glyph.right() + 9.0)
        .with_max_x(rect.right() - 8.0);
    line::paint(painter, place, Align::Min, text, font, theme.text);
    if response.has_focus() {
        painter.rect_stroke(
            rect.shrink(1.0),
            2.0,
            theme.focus(),
            eframe::egui::StrokeKind::Inside,
        );
    }
    response
}

fn named(lead: Lead, text: &str) -> String {
    match lead {
        Lead::Mark(mark) => format!("{text}, {}", mark.word()),
        Lead::Place(_) | Lead::Nothing => text.to_owned(),
    }
}

/// Shows the name of a group in capitals and, named `add`, a button that adds to it.
///
/// Returns whether the button was clicked.
pub fn group_ui(ui: &mut Ui, name: &str, add: Option<&str>) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), 36.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    // Nearer to what is below, to which it belongs.
    let rect = rect.with_min_y(rect.top() + 6.0);
    let place = rect.with_min_x(rect.left() + PADDING);
    capitals(ui, place, name, theme.weak);
    let Some(add) = add else { return false };
    let place = Rect::from_center_size(
        rect.right_center() - Vec2::new(20.0, 0.0),
        Vec2::splat(24.0),
    );
    let mut child = ui.new_child(eframe::egui::UiBuilder::new().max_rect(place));
    button::icon_ui(&mut child, Icon::Plus, add).clicked()
}

/// Small capitals are read letter by letter, so they stand a little apart.
fn capitals(ui: &Ui, place: Rect, name: &str, color: Color32) {
    let mut job = eframe::egui::text::LayoutJob::default();
    let mut format =
        eframe::egui::TextFormat::simple(FontId::new(11.0, theme::fonts::medium()), color);
    format.extra_letter_spacing = 0.6;
    job.append(&name.to_uppercase(), 0.0, format);
    let galley = ui.painter().layout_job(job);
    let top = place.center().y - galley.size().y / 2.0;
    ui.painter()
        .galley(eframe::egui::pos2(place.left(), top), galley, color);
}
