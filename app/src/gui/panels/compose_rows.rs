//! The parts of a request as rows that are switched on and off, and as texts.

use eframe::egui::{
    Align, Align2, Checkbox, FontSelection, Label, Layout, Margin, RichText, ScrollArea, Sense,
    TextEdit, Ui, UiBuilder, Vec2, pos2,
};

use super::compose::field_ui;
use super::log;
use crate::gui::model::compose::draft::{BodyKind, Draft, Field};
use crate::gui::model::compose::pair::Pair;
use crate::gui::model::compose::part::{Content, Part};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::{button, chip};

/// What the cross at the end of a row takes, with the gaps between its parts.
const END: f32 = 24.0 + 2.0 * 6.0;
/// What the check box at the beginning of a row takes, with the gap behind it.
const CHECK: f32 = 34.0;
/// The share of a row that its name takes.
const NAME: f32 = 0.38;

fn scrolled(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical()
        .id_salt(name)
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing = Vec2::new(6.0, 6.0);
            ui.add_space(2.0);
            contents(ui);
        });
}

/// The query as rows.
pub(super) fn query_ui(ui: &mut Ui, draft: &mut Draft) {
    scrolled(ui, "query", |ui| {
        if draft.query.is_empty() {
            ui.label(Theme::of(ui).weak("No query. A row adds one behind a question mark."));
        }
        pairs_ui(ui, "Query", &mut draft.query);
    });
}

fn pairs_ui(ui: &mut Ui, what: &str, rows: &mut Vec<Pair>) {
    let mut gone = None;
    for (index, row) in rows.iter_mut().enumerate() {
        ui.push_id(index, |ui| {
            let number = index + 1;
            let label = format!("{what} {number}");
            let (name, value) = (&mut row.name, &mut row.value);
            if row_ui(ui, &label, &mut row.on, |ui, width| {
                field_ui(ui, name, &format!("{label} name"), "name", width * NAME);
                field_ui(
                    ui,
                    value,
                    &format!("{label} value"),
                    "value",
                    width * (1.0 - NAME),
                );
            }) {
                gone = Some(index);
            }
        });
    }
    if let Some(index) = gone {
        rows.remove(index);
    }
    if ui.add(button::bare("+ Add a row")).clicked() {
        rows.push(Pair::default());
    }
}

/// One row: whether it counts, its fields, and a cross; true when the cross was clicked.
fn row_ui(ui: &mut Ui, label: &str, on: &mut bool, fields: impl FnOnce(&mut Ui, f32)) -> bool {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let check = ui.add(Checkbox::without_text(on));
        log::named(ui, &check, &format!("{label} is sent"));
        let width = (ui.available_width() - END).max(120.0);
        ui.scope(|ui| {
            ui.set_opacity(if *on { 1.0 } else { 0.55 });
            fields(ui, width);
        });
        button::icon_ui(ui, Icon::Cross, &format!("Remove {label}")).clicked()
    })
    .inner
}

/// The header fields as rows. Those that follow the body say what they will be.
pub(super) fn fields_ui(ui: &mut Ui, draft: &mut Draft) {
    let computed: Vec<Option<String>> = draft
        .fields
        .iter()
        .map(|field| computed(draft, field))
        .collect();
    scrolled(ui, "fields", |ui| {
        let mut gone = None;
        for (index, (field, computed)) in draft.fields.iter_mut().zip(computed).enumerate() {
            ui.push_id(index, |ui| {
                let label = format!("Header {}", index + 1);
                let is_gone = match field.automatic {
                    true => {
                        automatic_ui(ui, &label, field, computed);
                        false
                    }
                    false => typed_ui(ui, &label, field),
                };
                if is_gone {
                    gone = Some(index);
                }
            });
        }
        if let Some(index) = gone {
            let removed = draft.fields.remove(index);
            // What follows the body comes back as such.
            for name in ["Content-Type", "Content-Length"] {
                if removed.is(name) && !draft.fields.iter().any(|field| field.is(name)) {
                    draft.fields.push(Field::automatic(name));
                }
            }
        }
        if ui.add(button::bare("+ Add a header")).clicked() {
            draft.fields.push(Field::new("", ""));
        }
    });
}

fn typed_ui(ui: &mut Ui, label: &str, field: &mut Field) -> bool {
    let (name, value) = (&mut field.name, &mut field.value);
    row_ui(ui, label, &mut field.on, |ui, width| {
        field_ui(ui, name, &format!("{label} name"), "Name", width * NAME);
        field_ui(
            ui,
            value,
            &format!("{label} value"),
            "value",
            width * (1.0 - NAME),
        );
    })
}

/// What the field will say; none where it is left out.
fn computed(draft: &Draft, field: &Field) -> Option<String> {
    if !field.automatic {
        return None;
    }
    let length = draft.body_length();
    let said = draft.computed(field, length.unwrap_or_default())?;
    match length {
        None if field.is("Content-Length") => Some("counted when it is sent".to_owned()),
        _ => Some(said),
    }
}

fn automatic_ui(ui: &mut Ui, label: &str, field: &mut Field, computed: Option<String>) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let check = ui.add(Checkbox::without_text(&mut field.on));
        log::named(ui, &check, &format!("{label} is sent"));
        let width = (ui.available_width() - END).max(120.0);
        let name = RichText::new(field.name.as_str()).font(theme::mono());
        let size = Vec2::new(width * NAME, 28.0);
        let (place, _) = ui.allocate_exact_size(size, Sense::hover());
        ui.painter().text(
            pos2(place.left() + 8.0, place.center().y),
            Align2::LEFT_CENTER,
            name.text(),
            theme::mono(),
            theme.weak,
        );
        let is_said = computed.is_some();
        let words = computed.unwrap_or_else(|| "left out: there is nothing to say".to_owned());
        let room = (ui.available_width() - 84.0).max(40.0);
        said_ui(ui, &words, room);
        let override_it = ui.add(button::bare("Override")).on_hover_text(
            "Say something else, right or wrong; removing the row makes it automatic again",
        );
        if override_it.clicked() {
            field.automatic = false;
            field.on = true;
            field.value = if is_said { words } else { String::new() };
        }
    });
}

/// Words in the place of a field.
fn said_ui(ui: &mut Ui, words: &str, width: f32) {
    let (place, _) = ui.allocate_exact_size(Vec2::new(width, 28.0), Sense::hover());
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(place.shrink2(Vec2::new(8.0, 0.0)))
            .layout(Layout::left_to_right(Align::Center)),
    );
    let words = Theme::of(ui).weak(words);
    child.add(Label::new(words).truncate());
}

/// The kinds of body, and the one that is sent.
pub(super) fn body_ui(ui: &mut Ui, draft: &mut Draft) {
    ui.add_space(2.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(6.0, 6.0);
        for kind in BodyKind::ALL {
            let is_offered = kind != BodyKind::Kept || !draft.kept.bytes().is_empty();
            if is_offered
                && chip::ui_with_state(ui, draft.body == kind, kind.label(), None).clicked()
            {
                draft.choose_body(kind);
            }
        }
    });
    match draft.body {
        BodyKind::None => {
            ui.label(Theme::of(ui).weak("No body, and no Content-Length."));
        }
        BodyKind::Form => scrolled(ui, "form", |ui| pairs_ui(ui, "Field", &mut draft.form)),
        BodyKind::Multipart => scrolled(ui, "parts", |ui| parts_ui(ui, &mut draft.parts)),
        BodyKind::Json => {
            json_problem_ui(ui, &draft.json);
            text_ui(ui, &mut draft.json, "JSON body");
        }
        BodyKind::Text => text_ui(ui, &mut draft.text, "Text body"),
        BodyKind::File => {
            let width = ui.available_width();
            field_ui(
                ui,
                &mut draft.file,
                "Body file",
                "path of a file",
                width - 16.0,
            );
            ui.label(Theme::of(ui).weak("Its bytes are the body, read when the request is sent."));
        }
        BodyKind::Kept => {
            let count = draft.body_length().unwrap_or_default() as u64;
            let count = super::words::counted(count, "byte", "bytes");
            let words = format!("{count} as they were recorded. Raw shows and edits them.");
            ui.label(Theme::of(ui).weak(words));
        }
    }
}

fn json_problem_ui(ui: &mut Ui, json: &str) {
    let theme = Theme::of(ui);
    let problem = serde_json::from_str::<serde::de::IgnoredAny>(json).err();
    let words = match problem {
        Some(problem) if !json.is_empty() => {
            RichText::new(format!("No JSON: {problem}")).color(theme.warn)
        }
        _ => theme.weak("Sent as it stands, valid or not"),
    };
    ui.label(words);
}

fn parts_ui(ui: &mut Ui, parts: &mut Vec<Part>) {
    let mut gone = None;
    for (index, part) in parts.iter_mut().enumerate() {
        ui.push_id(index, |ui| {
            let label = format!("Part {}", index + 1);
            let Part {
                on, name, content, ..
            } = part;
            let is_gone = row_ui(ui, &label, on, |ui, width| {
                field_ui(ui, name, &format!("{label} name"), "name", width * NAME);
                let rest = width * (1.0 - NAME);
                match content {
                    Content::Text(text) => {
                        field_ui(ui, text, &format!("{label} text"), "text", rest);
                    }
                    Content::File(path) => {
                        let hint = "path of a file";
                        field_ui(ui, path, &format!("{label} file"), hint, rest);
                    }
                    Content::Kept(_) => {
                        said_ui(ui, "the file as it was recorded", rest);
                    }
                }
            });
            if is_gone {
                gone = Some(index);
            }
            if !matches!(part.content, Content::Text(_)) {
                ui.horizontal(|ui| {
                    // Below the fields of the row itself.
                    ui.add_space(CHECK);
                    let half = (ui.available_width() - END) / 2.0;
                    let (name, kind) = (&mut part.filename, &mut part.media_type);
                    field_ui(
                        ui,
                        name,
                        &format!("{label} file name"),
                        "file name, if not its own",
                        half,
                    );
                    field_ui(
                        ui,
                        kind,
                        &format!("{label} type"),
                        "type, application/octet-stream",
                        half,
                    );
                });
            }
        });
    }
    if let Some(index) = gone {
        parts.remove(index);
    }
    ui.horizontal(|ui| {
        if ui.add(button::bare("+ Add a text")).clicked() {
            parts.push(Part::text("", ""));
        }
        if ui.add(button::bare("+ Add a file")).clicked() {
            parts.push(Part::file("", ""));
        }
    });
}

fn text_ui(ui: &mut Ui, text: &mut String, label: &str) {
    let height = ui.available_height();
    ScrollArea::vertical()
        .id_salt(label)
        .auto_shrink(false)
        .show(ui, |ui| {
            let field = TextEdit::multiline(text)
                .font(FontSelection::FontId(theme::mono()))
                .code_editor()
                .desired_width(f32::INFINITY)
                .margin(Margin::symmetric(8, 8));
            let field = ui.add_sized(Vec2::new(ui.available_width(), height - 4.0), field);
            log::named(ui, &field, label);
        });
}

/// The bytes as text; the line ends that are `\r\n` on the wire are shown as such.
pub(super) fn raw_ui(ui: &mut Ui, raw: &mut String) {
    let theme = Theme::of(ui);
    let words = "Every byte counts, and anything may be wrong. The end of a line is \\r\\n; \\n, \\r, \\t, \\\\ and \\xNN stand for single bytes.";
    ui.add(Label::new(theme.weak(words)).wrap());
    let height = ui.available_height();
    ScrollArea::vertical()
        .id_salt("raw")
        .auto_shrink(false)
        .show(ui, |ui| {
            let field = TextEdit::multiline(raw)
                .font(FontSelection::FontId(theme::mono()))
                .code_editor()
                .desired_width(f32::INFINITY)
                .min_size(Vec2::new(0.0, height - 4.0))
                .margin(Margin::symmetric(8, 8));
            let shown = field.show(ui);
            log::named(ui, &shown.response.response, "Raw request");
            for row in &shown.galley.rows {
                let is_escaped = row.row.text().ends_with('\\');
                if row.ends_with_newline && !is_escaped {
                    let end = shown.galley_pos + row.rect().right_center().to_vec2();
                    let place = end + Vec2::new(4.0, 0.0);
                    ui.painter().text(
                        place,
                        Align2::LEFT_CENTER,
                        "\\r\\n",
                        theme::small(),
                        theme.weak,
                    );
                }
            }
        });
}
