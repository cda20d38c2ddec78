//! What stands in a page, as a reader finds it; scripts were not run and nothing was loaded.

use eframe::egui::{
    Align, Label, Layout, Rect, RichText, Role, ScrollArea, Sense, Ui, UiBuilder, Vec2, WidgetInfo,
};

use super::inspector::Tabbed;
use super::{padded, words};
use crate::gui::command::Command;
use crate::gui::model::content::html_outline::{Field, Item, Outline, Part};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::{button, empty, tag};

/// Lines of running text are no longer than this, in points.
const MEASURE: f32 = 720.0;
/// One list or form further in, in points.
const INDENT: f32 = 20.0;
/// Deeper than this nothing is moved further in.
const DEEPEST: usize = 8;

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    /// The heights of the items at this width, so that those out of sight need not be laid out.
    heights: Vec<f32>,
    width: f32,
}

/// Draws the outline over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    outline: &Outline,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    padded(ui, 16, 4, |ui| {
        ui.horizontal(|ui| {
            let scripts = match outline.scripts {
                0 => String::new(),
                count => format!(
                    "; {} not run",
                    words::counted(count as u64, "script was", "scripts were")
                ),
            };
            let parts = words::counted(outline.items.len() as u64, "part", "parts");
            ui.label(Theme::of(ui).weak(format!("{parts} as written{scripts}")));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(button::bare("Copy as text")).clicked() {
                    commands.push(Command::Copy {
                        what: "Outline".to_owned(),
                        text: as_text(outline),
                    });
                }
                browser_ui(ui, tabbed, commands);
            });
        });
    });
    if outline.items.is_empty() {
        let sentence =
            "It has no text, no links and no forms; a script may make them in the browser";
        empty::ui(ui, "Nothing to read in this page", sentence, &[]);
        return;
    }
    items_ui(ui, outline, state, commands);
}

/// A page that was asked for by GET can be asked for again.
fn browser_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, commands: &mut Vec<Command>) {
    let request = &tabbed.detail.exchange.request;
    let Some(site) = tabbed
        .model
        .site_url()
        .filter(|_| request.method() == "GET")
    else {
        return;
    };
    let hint = "Asks the site for the same URL again and shows the answer in the browser";
    if ui
        .add(button::bare("Open in browser"))
        .on_hover_text(hint)
        .clicked()
    {
        let target = request.target();
        let target = target.strip_prefix('/').unwrap_or(&target);
        commands.push(Command::OpenUrl(format!(
            "{}/{target}",
            site.trim_end_matches('/')
        )));
    }
}

fn items_ui(ui: &mut Ui, outline: &Outline, state: &mut State, commands: &mut Vec<Command>) {
    let width = ui.available_width();
    if (state.width - width).abs() > 0.5 || state.heights.len() != outline.items.len() {
        state.width = width;
        state.heights = vec![f32::NAN; outline.items.len()];
    }
    let heights = &mut state.heights;
    let area = ScrollArea::vertical().auto_shrink(false);
    area.show_viewport(ui, |ui, viewport| {
        let left = ui.max_rect().left() + 16.0;
        let top = ui.max_rect().top();
        ui.spacing_mut().item_spacing = Vec2::new(6.0, 0.0);
        let mut y = 0.0;
        for (item, height) in outline.items.iter().zip(heights) {
            let is_known = height.is_finite();
            if is_known && (y + *height < viewport.top() || y > viewport.bottom()) {
                y += *height;
                continue;
            }
            let indent = INDENT * item.depth.min(DEEPEST) as f32;
            let width = (width - 48.0 - indent).clamp(120.0, MEASURE);
            let min = eframe::egui::pos2(left + indent, top + y);
            let place = Rect::from_min_size(min, Vec2::new(width, f32::INFINITY));
            let builder = UiBuilder::new()
                .max_rect(place)
                .id_salt(("part", y.to_bits()));
            let mut child = ui.new_child(builder);
            child.spacing_mut().item_spacing.y = 2.0;
            part_ui(&mut child, item, commands);
            *height = child.min_rect().height() + 8.0;
            y += *height;
        }
        if let Some(cut) = outline.cut {
            let min = eframe::egui::pos2(left, top + y);
            let place = Rect::from_min_size(min, Vec2::new(width - 48.0, 24.0));
            let mut child = ui.new_child(UiBuilder::new().max_rect(place));
            let words = Theme::of(&child).weak(cut);
            child.label(words);
            y += 24.0;
        }
        ui.allocate_space(Vec2::new(width - 32.0, y + 16.0));
    });
}

fn part_ui(ui: &mut Ui, item: &Item, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    match &item.part {
        Part::Title(text) => tagged_ui(ui, "title", RichText::new(text)),
        Part::Heading(level, text) => heading_ui(ui, *level, text),
        Part::Paragraph(text) => {
            ui.add(Label::new(text).wrap().selectable(true));
        }
        Part::Entry(text) => {
            ui.horizontal_top(|ui| {
                ui.label(theme.weak("•"));
                ui.add(Label::new(text).wrap().selectable(true));
            });
        }
        Part::Preformatted(text) => {
            let text = RichText::new(text).font(theme::mono());
            ui.add(Label::new(text).extend().selectable(true));
        }
        Part::Link { text, target } => link_ui(ui, text, target, commands),
        Part::Image { alt, source } => {
            let words = match alt.as_deref() {
                None => theme.weak("no words instead of it").italics(),
                Some("") => theme.weak("for decoration").italics(),
                Some(alt) => RichText::new(alt),
            };
            tagged_ui(ui, "picture", words);
            ui.add(Label::new(theme.weak(source).font(theme::mono())).truncate());
        }
        Part::Form { method, action } => {
            let action = if action.is_empty() {
                "this page"
            } else {
                action
            };
            let text = RichText::new(format!("{method} to {action}")).font(theme::mono());
            tagged_ui(ui, "form", text);
        }
        Part::Field(field) => field_ui(ui, field),
        Part::Row { cells, is_heading } => row_ui(ui, cells, *is_heading),
        Part::Rule => {
            let size = Vec2::new(ui.available_width(), 9.0);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            ui.painter()
                .hline(rect.x_range(), rect.center().y, theme.separator());
        }
        Part::Frame(source) => {
            tagged_ui(ui, "frame", RichText::new(source).font(theme::mono()));
        }
    }
}

fn heading_ui(ui: &mut Ui, level: u8, text: &str) {
    let size = [22.0, 18.0, 16.0, 15.0, 14.0, 13.0]
        .get(usize::from(level) - 1)
        .copied()
        .unwrap_or(13.0);
    let font = eframe::egui::FontId::new(size, theme::fonts::semibold());
    let response = ui.add(
        Label::new(RichText::new(text).font(font))
            .wrap()
            .selectable(true),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
}

fn tagged_ui(ui: &mut Ui, word: &str, text: RichText) {
    ui.horizontal(|ui| {
        tag::ui(ui, word);
        ui.add(Label::new(text).truncate().selectable(true));
    });
}

fn link_ui(ui: &mut Ui, text: &str, target: &str, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let words = if text.is_empty() { "(no words)" } else { text };
    ui.horizontal(|ui| {
        tag::ui(ui, "link");
        ui.add(Label::new(RichText::new(words).color(theme.accent)).truncate());
        let target_text = theme.weak(target).font(theme::mono());
        let response = ui.add(Label::new(target_text).truncate().sense(Sense::click()));
        response.context_menu(|ui| {
            if ui.button("Copy link").clicked() {
                commands.push(Command::Copy {
                    what: "Link".to_owned(),
                    text: target.to_owned(),
                });
            }
        });
    });
}

/// What a field is, under which name it is sent, and what it holds.
fn field_words(field: &Field) -> (String, String) {
    let name = if field.name.is_empty() {
        "(no name, not sent)".to_owned()
    } else {
        field.name.clone()
    };
    let mut rest = Vec::new();
    if !field.value.is_empty() {
        rest.push(format!("= {}", field.value));
    }
    if !field.text.is_empty() {
        rest.push(format!("“{}”", field.text));
    }
    if !field.flags.is_empty() {
        rest.push(field.flags.join(", "));
    }
    (name, rest.join("  "))
}

fn field_ui(ui: &mut Ui, field: &Field) {
    let (name, rest) = field_words(field);
    ui.horizontal(|ui| {
        tag::ui(ui, &field.kind);
        ui.add(Label::new(RichText::new(name).font(theme::mono())).selectable(true));
        ui.add(
            Label::new(
                RichText::new(rest)
                    .font(theme::mono())
                    .color(Theme::of(ui).weak),
            )
            .truncate(),
        );
    });
}

fn row_ui(ui: &mut Ui, cells: &[String], is_heading: bool) {
    let width = ui.available_width() / cells.len().max(1) as f32;
    let top = ui.cursor().min;
    let height = ui
        .horizontal_top(|ui| {
            for (index, cell) in cells.iter().enumerate() {
                let left = top + Vec2::new(width * index as f32, 0.0);
                let place = Rect::from_min_size(left, Vec2::new((width - 8.0).max(8.0), 400.0));
                let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(index));
                let text = if is_heading {
                    theme::strong_text(cell.as_str())
                } else {
                    RichText::new(cell)
                };
                child.add(Label::new(text).wrap().selectable(true));
                ui.advance_cursor_after_rect(child.min_rect());
            }
        })
        .response
        .rect
        .height();
    let line = top.y + height + 3.0;
    let range = top.x..=top.x + width * cells.len() as f32;
    ui.painter().hline(range, line, Theme::of(ui).separator());
}

/// The outline as lines of text.
fn as_text(outline: &Outline) -> String {
    let mut text = String::new();
    for item in &outline.items {
        let indent = "  ".repeat(item.depth.min(DEEPEST));
        let line = match &item.part {
            Part::Title(words) => format!("Title: {words}"),
            Part::Heading(level, words) => format!("{} {words}", "#".repeat(usize::from(*level))),
            Part::Paragraph(words) | Part::Preformatted(words) => words.clone(),
            Part::Entry(words) => format!("- {words}"),
            Part::Link { text, target } => format!("[{text}]({target})"),
            Part::Image { alt, source } => {
                format!("Picture: {} {source}", alt.as_deref().unwrap_or_default())
            }
            Part::Form { method, action } => format!("Form: {method} {action}"),
            Part::Field(field) => {
                let (name, rest) = field_words(field);
                format!("{} {name} {rest}", field.kind)
            }
            Part::Row { cells, .. } => cells.join(" | "),
            Part::Rule => "---".to_owned(),
            Part::Frame(source) => format!("Frame: {source}"),
        };
        text.push_str(&format!("{indent}{line}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_is_copied_as_text() {
        let outline = Outline::of(
            "<h2>Hi</h2><ul><li>a</ul><a href=/x>y</a><form><input name=n value=v></form><p>end",
        );
        let expected = "## Hi\n  - a\n[y](/x)\nForm: GET \n  text n = v\nend\n";
        assert_eq!(as_text(&outline), expected);
    }

    #[test]
    fn a_field_without_a_name_says_that_it_is_not_sent() {
        let field = Field {
            kind: "button".into(),
            text: "Go".into(),
            flags: vec!["disabled"],
            ..Field::default()
        };
        let expected = (
            "(no name, not sent)".to_owned(),
            "“Go”  disabled".to_owned(),
        );
        assert_eq!(field_words(&field), expected);
    }
}
