//! Colours, type and spacing of the window: the only place where colours are made.
//!
//! The values are the tokens in `assets/theme/`; widgets name a role, never a value.

mod contrast;
pub mod fonts;

use std::{sync::LazyLock, time::Duration};

use eframe::egui::{
    self, Color32, Context, CornerRadius, FontId, Margin, RichText, Shadow, Stroke, Style,
    TextStyle, Ui, Vec2, Visuals,
};
use serde::{Deserialize, Deserializer, de::Error as _};

/// The grid that every distance is a multiple or a half of, in points.
pub const GRID: f32 = 8.0;
/// The height of one row of a list, in points.
pub const ROW_HEIGHT: f32 = 24.0;
/// The height of one line of bytes, in points.
pub const LINE_HEIGHT: f32 = 20.0;
/// The radius of every corner that is round, in points.
pub const RADIUS: u8 = 4;
/// How long a fade takes.
pub const FADE: Duration = Duration::from_millis(120);

/// The colours of one theme, by role.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// The ground of lists and details.
    #[serde(deserialize_with = "color")]
    pub base: Color32,
    /// The ground of the top bar, sidebar, cards and fields.
    #[serde(deserialize_with = "color")]
    pub panel: Color32,
    /// The ground of buttons and open menus.
    #[serde(deserialize_with = "color")]
    pub raised: Color32,
    /// A button under the pointer.
    #[serde(deserialize_with = "color")]
    pub raised_hover: Color32,
    /// A button held down.
    #[serde(deserialize_with = "color")]
    pub raised_press: Color32,
    /// A row under the pointer.
    #[serde(deserialize_with = "color")]
    pub row_hover: Color32,
    /// The selected row, and a chip that is on.
    #[serde(deserialize_with = "color")]
    pub row_selected: Color32,
    /// Separators and the outline of boxes.
    #[serde(deserialize_with = "color")]
    pub border: Color32,
    /// Outlines that must be seen without a fill: dashed boxes, scroll handles.
    #[serde(deserialize_with = "color")]
    pub border_strong: Color32,
    /// Text that is read.
    #[serde(deserialize_with = "color")]
    pub text: Color32,
    /// Text that goes with other text; on a selected row use `text`.
    #[serde(deserialize_with = "color")]
    pub weak: Color32,
    /// The one accent: links, primary buttons, focus.
    #[serde(deserialize_with = "color")]
    pub accent: Color32,
    /// A primary button under the pointer.
    #[serde(deserialize_with = "color")]
    pub accent_hover: Color32,
    /// Text on the accent.
    #[serde(deserialize_with = "color")]
    pub accent_text: Color32,
    /// Success, 2xx.
    #[serde(deserialize_with = "color")]
    pub ok: Color32,
    /// Redirects, 3xx.
    #[serde(deserialize_with = "color")]
    pub redirect: Color32,
    /// Warnings, 4xx.
    #[serde(deserialize_with = "color")]
    pub warn: Color32,
    /// Failures, 5xx.
    #[serde(deserialize_with = "color")]
    pub fail: Color32,
    /// A run that has not ended.
    #[serde(deserialize_with = "color")]
    pub running: Color32,
    /// Teaching and information.
    #[serde(deserialize_with = "color")]
    pub teach: Color32,
    /// The ground of a block of bytes.
    #[serde(deserialize_with = "color")]
    pub evidence: Color32,
    /// The ground behind a failing line or stage.
    #[serde(deserialize_with = "color")]
    pub fail_ground: Color32,
    /// The ground behind a line that is warned of.
    #[serde(deserialize_with = "color")]
    pub warn_ground: Color32,
    /// The ground behind a line that was added.
    #[serde(deserialize_with = "color")]
    pub ok_ground: Color32,
    /// The ground behind bytes that are pointed at.
    #[serde(deserialize_with = "color")]
    pub mark_ground: Color32,
    /// The outline around bytes that are pointed at.
    #[serde(deserialize_with = "color")]
    pub mark_border: Color32,
    /// The ground behind selected text.
    #[serde(deserialize_with = "color")]
    pub selection: Color32,
    /// In source text: comments.
    #[serde(deserialize_with = "color")]
    pub code_comment: Color32,
    /// In source text: strings.
    #[serde(deserialize_with = "color")]
    pub code_string: Color32,
    /// In source text: numbers and constants.
    #[serde(deserialize_with = "color")]
    pub code_number: Color32,
    /// In source text: keywords and tags.
    #[serde(deserialize_with = "color")]
    pub code_keyword: Color32,
    /// In source text: names of functions and attributes.
    #[serde(deserialize_with = "color")]
    pub code_name: Color32,
    /// In source text: names of types and classes.
    #[serde(deserialize_with = "color")]
    pub code_type: Color32,
}

static DARK: LazyLock<Theme> =
    LazyLock::new(|| compiled_in(include_str!("../../../assets/theme/dark.toml")));
static LIGHT: LazyLock<Theme> =
    LazyLock::new(|| compiled_in(include_str!("../../../assets/theme/light.toml")));

/// The tokens are part of the program; `both_themes_are_complete` proves that they parse.
fn compiled_in(tokens: &str) -> Theme {
    toml::from_str(tokens).expect("the tokens compiled in are complete, a test reads them")
}

fn color<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Color32, D::Error> {
    let text = String::deserialize(deserializer)?;
    Color32::from_hex(&text).map_err(|_| D::Error::custom(format!("not a colour: {text:?}")))
}

impl Theme {
    /// The theme that `ui` is drawn in now.
    pub fn of(ui: &Ui) -> &'static Self {
        Self::dark_or_light(ui.visuals().dark_mode)
    }

    /// The theme that the whole window is drawn in now.
    pub fn of_context(ctx: &Context) -> &'static Self {
        Self::dark_or_light(ctx.theme() == egui::Theme::Dark)
    }

    fn dark_or_light(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }

    /// The one-point line between things.
    pub fn separator(&self) -> Stroke {
        Stroke::new(1.0, self.border)
    }

    /// The outline around what has the keyboard.
    pub fn focus(&self) -> Stroke {
        Stroke::new(1.5, self.accent)
    }

    /// Text in the weak colour.
    pub fn weak(&self, text: impl Into<String>) -> RichText {
        RichText::new(text).color(self.weak)
    }
}

/// The font of running text, 13 points.
pub fn body() -> FontId {
    FontId::proportional(13.0)
}

/// The font of running text that stands out, 13 points.
pub fn strong() -> FontId {
    FontId::new(13.0, fonts::semibold())
}

/// The font of notes beside the text, 11.5 points.
pub fn small() -> FontId {
    FontId::proportional(11.5)
}

/// The font of bytes, paths and names of variables, 12.5 points.
pub fn mono() -> FontId {
    FontId::monospace(12.5)
}

/// The font of headings, 15 points.
pub fn heading() -> FontId {
    FontId::new(15.0, fonts::semibold())
}

/// The text style of a page's title.
pub fn title_style() -> TextStyle {
    TextStyle::Name("title".into())
}

/// The text style of the name on the first screen.
pub fn display_style() -> TextStyle {
    TextStyle::Name("display".into())
}

/// The text style of running text that stands out.
pub fn strong_style() -> TextStyle {
    TextStyle::Name("strong".into())
}

/// Running text that stands out.
pub fn strong_text(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(strong_style())
}

/// The title of a page.
pub fn title_text(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(title_style())
}

/// Gives the context fonts, text styles, spacing and the visuals of both themes.
pub fn apply(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    for (theme, tokens) in [(egui::Theme::Dark, &*DARK), (egui::Theme::Light, &*LIGHT)] {
        ctx.style_mut_of(theme, |style| {
            set_type(style);
            set_spacing(style);
            style.visuals = visuals(tokens, theme);
        });
    }
}

fn set_type(style: &mut Style) {
    style.text_styles = [
        (TextStyle::Body, body()),
        (TextStyle::Button, body()),
        (TextStyle::Small, small()),
        (TextStyle::Monospace, mono()),
        (TextStyle::Heading, heading()),
        (strong_style(), strong()),
        (title_style(), FontId::new(18.0, fonts::semibold())),
        (display_style(), FontId::new(28.0, fonts::semibold())),
    ]
    .into();
}

fn set_spacing(style: &mut Style) {
    style.animation_time = FADE.as_secs_f32();
    style.interaction.tooltip_delay = 0.4;
    style.interaction.selectable_labels = false;
    style.url_in_tooltip = true;
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::splat(GRID);
    spacing.button_padding = Vec2::new(10.0, 5.0);
    spacing.interact_size = Vec2::new(28.0, 28.0);
    spacing.menu_margin = Margin::same(4);
    spacing.window_margin = Margin::same(16);
    spacing.indent = 16.0;
    spacing.icon_width = 16.0;
    spacing.combo_width = 80.0;
    spacing.tooltip_width = 480.0;
    spacing.scroll = egui::style::ScrollStyle::solid();
    spacing.scroll.bar_width = 8.0;
    spacing.scroll.floating = true;
    spacing.scroll.floating_width = 4.0;
    spacing.scroll.fade.strength = 0.0;
}

fn visuals(tokens: &Theme, theme: egui::Theme) -> Visuals {
    let mut visuals = theme.default_visuals();
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(tokens.weak);
    visuals.hyperlink_color = tokens.accent;
    visuals.faint_bg_color = tokens.row_hover;
    visuals.extreme_bg_color = tokens.panel;
    visuals.text_edit_bg_color = Some(tokens.panel);
    visuals.code_bg_color = tokens.evidence;
    visuals.warn_fg_color = tokens.warn;
    visuals.error_fg_color = tokens.fail;
    visuals.panel_fill = tokens.base;
    visuals.window_fill = tokens.panel;
    visuals.window_stroke = tokens.separator();
    visuals.window_corner_radius = CornerRadius::same(RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS);
    visuals.window_shadow = one_shadow(theme);
    visuals.popup_shadow = one_shadow(theme);
    visuals.selection.bg_fill = tokens.selection;
    // egui also draws the outline of the field that has the keyboard with it.
    visuals.selection.stroke = Stroke::new(1.0, tokens.accent);
    visuals.text_cursor.stroke = Stroke::new(1.5, tokens.accent);
    visuals.text_cursor.blink = false;
    visuals.indent_has_left_vline = false;
    visuals.widgets = widgets(tokens);
    visuals
}

/// The only shadow: below menus, the palette and notices.
fn one_shadow(theme: egui::Theme) -> Shadow {
    let alpha = if theme == egui::Theme::Dark { 96 } else { 32 };
    Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(alpha),
    }
}

fn widgets(tokens: &Theme) -> egui::style::Widgets {
    let look = |fill, outline, text| egui::style::WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius: CornerRadius::same(RADIUS),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    egui::style::Widgets {
        noninteractive: look(tokens.panel, tokens.border, tokens.text),
        inactive: look(tokens.raised, tokens.border, tokens.text),
        hovered: look(tokens.raised_hover, tokens.border_strong, tokens.text),
        active: look(tokens.raised_press, tokens.border_strong, tokens.text),
        open: look(tokens.raised_press, tokens.border, tokens.text),
    }
}
