//! The response tab: the head as it was sent, who wrote which field, and the body.

use cgi_engine::exchange::{Author, Invocation, ResponseRecord};
use eframe::egui::{Label, RichText, Ui};

use super::inspector::Tabbed;
use super::response_fields::{kept_back, sent_fields};
use super::{bytes_view, padded, request_tab, words};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::{chip, empty, tag};

/// What the tab remembers.
#[derive(Default)]
pub(super) struct State {
    part: Part,
    head: bytes_view::State,
    body: bytes_view::State,
    joined: bytes_view::Joined,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Fields,
    Head,
    Body,
}

/// Draws the tab over the place that is left.
pub(super) fn ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State) {
    let exchange = &tabbed.detail.exchange;
    let Some(response) = &exchange.response else {
        let (title, sentence) = if exchange.end.is_some() {
            ("Nothing was answered", "The overview says why")
        } else {
            (
                "No answer yet",
                "The response starts when the header block is complete",
            )
        };
        empty::ui(ui, title, sentence, &[]);
        return;
    };
    let run = exchange.invocation();
    padded(ui, 16, 12, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        let line = response
            .sent_head
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let line = if line.is_empty() {
            response.status.to_string()
        } else {
            words::text(line.trim_ascii_end())
        };
        ui.add(
            Label::new(RichText::new(line).font(theme::mono()))
                .truncate()
                .selectable(true),
        );
        parts_ui(ui, response, run, state);
    });
    match state.part {
        Part::Fields => fields_ui(ui, response, run),
        Part::Head if response.sent_head.is_empty() => {
            empty::ui(
                ui,
                "The head has not gone out",
                "The client has got nothing so far",
                &[],
            );
        }
        Part::Head => bytes_view::ui(
            ui,
            "Response head",
            &response.sent_head,
            &[],
            tabbed.version,
            &mut state.head,
        ),
        Part::Body => body_ui(ui, tabbed, response, run, state),
    }
}

fn parts_ui(ui: &mut Ui, response: &ResponseRecord, run: Option<&Invocation>, state: &mut State) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let parts = [
            (Part::Fields, "Fields".to_owned()),
            (
                Part::Head,
                format!(
                    "Head as sent, {}",
                    words::size(response.sent_head.len() as u64)
                ),
            ),
            (
                Part::Body,
                format!("Body, {}", words::size(response.body_bytes)),
            ),
        ];
        for (part, text) in parts {
            if chip::ui_with_state(ui, state.part == part, &text, None).clicked() {
                state.part = part;
            }
        }
        match state.part {
            Part::Head => bytes_view::switch_ui(ui, &response.sent_head, &mut state.head),
            Part::Body if matches!(response.author, Author::Studio | Author::Elsewhere) => {
                bytes_view::switch_ui(ui, &response.own_body, &mut state.body);
            }
            Part::Body => {
                let first = run.map(|run| run.stdout.first(2048)).unwrap_or_default();
                bytes_view::switch_ui(ui, &first, &mut state.body);
            }
            Part::Fields => {}
        }
    });
}

fn fields_ui(ui: &mut Ui, response: &ResponseRecord, run: Option<&Invocation>) {
    let block = run
        .filter(|_| response.author == Author::Script)
        .and_then(|run| run.header_block.as_deref());
    let fields = sent_fields(&response.sent_head, block);
    if fields.is_empty() {
        empty::ui(
            ui,
            "No fields",
            "The head has not gone out, or is the script's own (nph-)",
            &[],
        );
        return;
    }
    request_tab::fields_area(ui, |ui| {
        for field in &fields {
            let value = words::text(&field.value);
            let top = ui.cursor().top();
            request_tab::field_ui(ui, &words::text(&field.name), &value);
            writer_ui(ui, top, field.writer.label());
        }
        let kept = kept_back(&response.sent_head, block);
        if !kept.is_empty() {
            padded(ui, 0, 10, |ui| {
                ui.label(Theme::of(ui).weak("Written by the script and not sent as a field"));
            });
        }
        for (name, value) in &kept {
            request_tab::field_ui(ui, &words::text(name), &words::text(value));
        }
    });
}

/// At the right end of the row that was just drawn.
fn writer_ui(ui: &mut Ui, top: f32, label: &str) {
    let theme = Theme::of(ui);
    let right = ui.max_rect().right();
    let place = eframe::egui::Rect::from_min_max(
        eframe::egui::pos2(right - 96.0, top),
        eframe::egui::pos2(right, ui.cursor().top()),
    );
    tag::paint(ui.painter(), place, label, theme, theme.weak);
}

fn body_ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    response: &ResponseRecord,
    run: Option<&Invocation>,
    state: &mut State,
) {
    match response.author {
        Author::Studio | Author::Elsewhere => {
            bytes_view::ui(
                ui,
                "Response body",
                &response.own_body,
                &[],
                tabbed.version,
                &mut state.body,
            );
        }
        Author::File => {
            empty::ui(
                ui,
                "A file of the site",
                "It was sent as it is and is not kept a second time",
                &[],
            );
        }
        Author::Script | Author::NphScript => script_body_ui(ui, tabbed, response, run, state),
    }
}

fn script_body_ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    response: &ResponseRecord,
    run: Option<&Invocation>,
    state: &mut State,
) {
    let offset = run.and_then(Invocation::body_offset);
    let Some((run, offset)) = run
        .zip(offset)
        .filter(|(run, offset)| run.stdout.len() > *offset)
    else {
        empty::ui(
            ui,
            "No body",
            "The script printed nothing after its headers",
            &[],
        );
        return;
    };
    let length = run.stdout.len() - offset;
    if response.body_bytes < length {
        let reached = words::count(response.body_bytes);
        let sentence = format!(
            "{reached} of {} bytes reached the client",
            words::count(length)
        );
        bytes_view::note_ui(ui, &sentence);
    }
    if let Some(sentence) = bytes_view::cut_sentence(&run.stdout) {
        bytes_view::note_ui(ui, &format!("Shown is the beginning; {sentence}"));
    }
    let exchange = &tabbed.detail.exchange;
    let bytes = state
        .joined
        .get(exchange.id, exchange.invocations.len(), length, || {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let output = run.stdout.bytes();
            output.slice(start.min(output.len())..)
        });
    bytes_view::ui(ui, "Response body", bytes, &[], 0, &mut state.body);
}
