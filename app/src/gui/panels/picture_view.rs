//! A picture, fitted to the place or at its own size, on a ground that shows where it can be seen through.

use eframe::egui::{
    Color32, ColorImage, Rect, Role, ScrollArea, Sense, TextureHandle, TextureOptions, Ui, Vec2,
    WidgetInfo, pos2,
};

use super::{padded, words};
use crate::gui::model::content::picture::Picture;
use crate::gui::theme::Theme;
use crate::gui::widgets::chip;

/// The side of a square of the ground, in points.
const SQUARE: f32 = 10.0;

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    own_size: bool,
    texture: Option<TextureHandle>,
}

/// Draws the picture over the place that is left.
pub(super) fn ui(ui: &mut Ui, picture: &Picture, state: &mut State) {
    let texture = state.texture.get_or_insert_with(|| {
        let size = picture.shown.map(|side| side as usize);
        let image = ColorImage::from_rgba_unmultiplied(size, &picture.pixels);
        ui.ctx()
            .load_texture("picture of a response", image, TextureOptions::LINEAR)
    });
    let texture = (texture.id(), texture.size_vec2());
    padded(ui, 16, 6, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for (own, word) in [(false, "Fit"), (true, "100 %")] {
                if chip::ui_with_state(ui, state.own_size == own, word, None).clicked() {
                    state.own_size = own;
                }
            }
            ui.label(Theme::of(ui).weak(told(picture)));
        });
    });
    let own = Vec2::new(picture.size[0] as f32, picture.size[1] as f32) / ui.pixels_per_point();
    let place = ui.available_rect_before_wrap();
    let size = if state.own_size {
        own
    } else {
        let room = place.size() - Vec2::splat(16.0);
        own * (room.x / own.x).min(room.y / own.y).clamp(0.001, 1.0)
    };
    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
        let room = ui.available_size().max(size + Vec2::splat(8.0));
        let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, told(picture)));
        let rect = Rect::from_center_size(rect.center(), size);
        ground(ui, rect);
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(texture.0, rect, whole, Color32::WHITE);
    });
}

fn told(picture: &Picture) -> String {
    let [width, height] = picture.size.map(|side| words::count(u64::from(side)));
    let smaller = if picture.shown == picture.size {
        ""
    } else {
        ", shown from a smaller copy"
    };
    let moving = if picture.format == "GIF" {
        ", the first picture of it"
    } else {
        ""
    };
    format!(
        "{} of {width} × {height} pixels{moving}{smaller}",
        picture.format
    )
}

/// Squares of two shades, as far as they are in sight.
fn ground(ui: &Ui, rect: Rect) {
    let theme = Theme::of(ui);
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 0.0, theme.panel);
    let seen = rect.intersect(ui.clip_rect());
    if !seen.is_positive() {
        return;
    }
    let first = ((seen.min - rect.min) / SQUARE).floor();
    let last = ((seen.max - rect.min) / SQUARE).ceil();
    for row in first.y as usize..last.y as usize {
        for column in (first.x as usize..last.x as usize).filter(|column| (row + column) % 2 == 0) {
            let corner = rect.min + Vec2::new(column as f32, row as f32) * SQUARE;
            let square = Rect::from_min_size(corner, Vec2::splat(SQUARE));
            painter.rect_filled(square, 0.0, theme.raised);
        }
    }
}
