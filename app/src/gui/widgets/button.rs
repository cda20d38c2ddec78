//! Buttons: the primary one of a view, quiet ones with their key, and the pill that floats over a list.

use eframe::egui::{
    Color32, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo,
};

use super::{icon, icon::Icon, key_cap, key_cap::KeyCap, line};
use crate::gui::theme::{self, Theme};

const HEIGHT: f32 = 28.0;
const PADDING: f32 = 10.0;
const GAP: f32 = 8.0;
const ICON: f32 = 12.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    Quiet,
    Bare,
    Pill,
}

/// A button with a text and, if there are, an icon and a key.
#[must_use = "a button is shown by `ui.add`"]
pub struct Button<'a> {
    text: &'a str,
    icon: Option<Icon>,
    key: Option<&'a str>,
    kind: Kind,
    enabled: bool,
    large: bool,
}

/// The one button of a view that does what the user most likely wants next.
pub fn primary(text: &str) -> Button<'_> {
    Button::new(text, Kind::Primary)
}

/// Any other button.
pub fn quiet(text: &str) -> Button<'_> {
    Button::new(text, Kind::Quiet)
}

/// A button without a box, for places where boxes would be noise.
pub fn bare(text: &str) -> Button<'_> {
    Button::new(text, Kind::Bare)
}

/// A round button over a list: "3 new".
pub fn pill(text: &str) -> Button<'_> {
    Button::new(text, Kind::Pill)
}

/// A button that shows only an icon; `name` is its tooltip and accessible name.
pub fn icon_ui(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(24.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if response.hovered() || response.has_focus() {
        ui.painter()
            .rect_filled(rect, f32::from(theme::RADIUS), theme.raised_hover);
    }
    let color = if response.hovered() {
        theme.text
    } else {
        theme.weak
    };
    icon::paint(
        ui.painter(),
        Rect::from_center_size(rect.center(), Vec2::splat(10.0)),
        icon,
        color,
    );
    response.on_hover_text(name)
}

impl<'a> Button<'a> {
    fn new(text: &'a str, kind: Kind) -> Self {
        Self {
            text,
            icon: None,
            key: None,
            kind,
            enabled: true,
            large: false,
        }
    }

    /// Shows an icon: before the text, or behind it on a pill.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Shows the key that does the same.
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// A button that is off is shown, and says no.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// A higher button, for the first screen.
    pub fn large(mut self) -> Self {
        self.large = true;
        self
    }

    fn font(&self) -> FontId {
        match self.kind {
            Kind::Primary | Kind::Pill => theme::strong(),
            Kind::Quiet | Kind::Bare => theme::body(),
        }
    }

    fn fill(&self, theme: &Theme, response: &Response) -> Color32 {
        let accented = matches!(self.kind, Kind::Primary | Kind::Pill);
        match (
            accented,
            response.is_pointer_button_down_on(),
            response.hovered(),
        ) {
            (true, false, false) => theme.accent,
            (true, ..) => theme.accent_hover,
            (false, true, _) => theme.raised_press,
            (false, false, true) => theme.raised_hover,
            (false, false, false) if self.kind == Kind::Bare => Color32::TRANSPARENT,
            (false, false, false) => theme.raised,
        }
    }

    fn text_color(&self, theme: &Theme) -> Color32 {
        match self.kind {
            Kind::Primary | Kind::Pill => theme.accent_text,
            Kind::Quiet => theme.text,
            Kind::Bare => theme.weak,
        }
    }

    fn outline(&self, theme: &Theme, response: &Response) -> Stroke {
        if response.has_focus() {
            return theme.focus();
        }
        match self.kind {
            Kind::Quiet => theme.separator(),
            Kind::Primary | Kind::Bare | Kind::Pill => Stroke::NONE,
        }
    }

    fn show(&self, ui: &mut Ui) -> Response {
        let theme = Theme::of(ui);
        let color = self.text_color(theme);
        let text = line::galley(ui.painter(), self.text, self.font(), color, f32::INFINITY);
        let key_color = if self.kind == Kind::Primary {
            color
        } else {
            theme.weak
        };
        let key = self
            .key
            .map(|key| KeyCap::new(ui.painter(), key, key_color));
        let height = match (self.kind, self.large) {
            (_, true) => 36.0,
            (Kind::Pill, _) => 24.0,
            (..) => HEIGHT,
        };
        let padding = if self.large { 18.0 } else { PADDING };
        let icon = self.icon.map_or(0.0, |_| ICON + GAP - 2.0);
        let key_width = key.as_ref().map_or(0.0, |key| key.size().x + GAP);
        let width = 2.0 * padding + icon + text.size().x + key_width;
        let (rect, response) =
            ui.allocate_exact_size(Vec2::new(width.ceil(), height), Sense::click());
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let radius = if self.kind == Kind::Pill {
            height / 2.0
        } else {
            f32::from(theme::RADIUS)
        };
        let painter = ui.painter();
        painter.rect(
            rect,
            radius,
            self.fill(theme, &response),
            self.outline(theme, &response),
            StrokeKind::Inside,
        );
        let mut rest = rect.shrink2(Vec2::new(padding, 0.0));
        if let Some(icon) = self.icon {
            let place = if self.kind == Kind::Pill {
                rest.with_min_x(rest.right() - ICON)
            } else {
                let place = rest.with_max_x(rest.left() + ICON);
                rest.min.x += ICON + GAP - 2.0;
                place
            };
            icon::paint(
                painter,
                Rect::from_center_size(place.center(), Vec2::splat(ICON)),
                icon,
                color,
            );
        }
        let left = rest.left_center();
        let text_width = text.size().x;
        painter.galley(left - Vec2::new(0.0, text.size().y / 2.0), text, color);
        if let Some(key) = key {
            let place = Rect::from_min_size(
                left + Vec2::new(text_width + GAP, -key_cap::HEIGHT / 2.0),
                key.size(),
            );
            key.paint(painter, place, theme, key_color);
        }
        response
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let enabled = self.enabled && ui.is_enabled();
        let response = ui.add_enabled_ui(enabled, |ui| self.show(ui)).inner;
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, self.text));
        response
    }
}
