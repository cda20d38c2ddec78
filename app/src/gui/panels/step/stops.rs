//! The line of stops: where the request came by, where it broke, and where the user is.

use cgi_engine::steps::Stop;
use eframe::egui::{Align2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

use crate::gui::command::Command;
use crate::gui::model::stepping::{Move, Stepping};
use crate::gui::theme::{self, Theme};

const STOPS: f32 = 52.0;
/// Below this width the stops are numbers only.
const NAMED: f32 = 1000.0;

pub(super) fn stops_ui(ui: &mut Ui, stepping: &Stepping, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let width = ui.available_width();
    let (place, _) = ui.allocate_exact_size(Vec2::new(width, STOPS), Sense::empty());
    let now = stepping.step().map_or(Stop::Arrival, |step| step.stop);
    let each = width / Stop::ALL.len() as f32;
    let y = place.top() + 14.0;
    ui.painter()
        .hline(place.x_range(), y, Stroke::new(2.0, theme.border));
    let here = Stop::ALL
        .iter()
        .position(|stop| *stop == now)
        .unwrap_or_default();
    let done = place.left() + each * (here as f32 + 0.5);
    ui.painter()
        .hline(place.left()..=done, y, Stroke::new(2.0, theme.accent));
    for (index, stop) in Stop::ALL.into_iter().enumerate() {
        let middle = pos2(place.left() + each * (index as f32 + 0.5), y);
        let target =
            Rect::from_center_size(pos2(middle.x, place.center().y), Vec2::new(each, STOPS));
        let reached = stepping.reached(stop);
        let broken = stepping
            .steps
            .iter()
            .any(|step| step.stop == stop && step.broken.is_some());
        let response = ui.interact(target, ui.scope_id().with(("stop", index)), Sense::click());
        response
            .widget_info(|| WidgetInfo::selected(Role::Button, reached, stop == now, stop.label()));
        if response.clicked() && reached {
            commands.push(Command::Step(Move::To(stop)));
        }
        let (fill, ink) = match (broken && index <= here, reached && index <= here, reached) {
            (true, ..) => (theme.fail, theme.base),
            (_, true, _) => (theme.accent, theme.accent_text),
            (_, _, true) => (theme.raised, theme.text),
            _ => (theme.panel, theme.weak),
        };
        ui.painter()
            .circle(middle, 9.0, fill, Stroke::new(1.0, theme.border_strong));
        let number = (index + 1).to_string();
        ui.painter()
            .text(middle, Align2::CENTER_CENTER, number, theme::small(), ink);
        if width >= NAMED || stop == now {
            let color = if stop == now { theme.text } else { theme.weak };
            let label = pos2(
                middle.x.clamp(place.left() + 40.0, place.right() - 40.0),
                y + 22.0,
            );
            ui.painter().text(
                label,
                Align2::CENTER_CENTER,
                stop.label(),
                theme::small(),
                color,
            );
        }
        response.on_hover_text(if reached {
            stop.label()
        } else {
            "this request never came here"
        });
    }
}
