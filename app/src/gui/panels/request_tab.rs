//! The request tab: its first line, its fields, what it carries, its head byte by byte, its body.

use std::sync::Arc;

use cgi_engine::cgi::request_head::RequestHead;
use cgi_engine::exchange::BodyEnd;
use eframe::egui::{RichText, Ui};

use super::content_view::{self, Body};
use super::inspector::Tabbed;
use super::meaning_table::{self, Names};
use super::{bytes_view, padded, request_carried, request_fields, words};
use crate::gui::command::Command;
use crate::gui::model::content::{Label, Side};
use crate::gui::theme;
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::text_view::Highlight;
use crate::gui::widgets::{chip, empty};

/// What the tab remembers.
#[derive(Default)]
pub(super) struct State {
    part: Part,
    head: bytes_view::State,
    body: content_view::State,
    fields: meaning_table::State,
    carried: request_carried::State,
}

impl State {
    /// Of another request the same part is shown, from its beginning.
    pub(super) fn of_another(&self) -> Self {
        Self {
            part: self.part,
            body: self.body.of_another(),
            ..Self::default()
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Fields,
    Carried,
    Head,
    Body,
}

/// Draws the tab over the place that is left.
pub(super) fn ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State, commands: &mut Vec<Command>) {
    let carried = &tabbed.detail.carried;
    let request = &tabbed.detail.exchange.request;
    padded(ui, 16, 12, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        if let Some(refusal) = &request.refusal {
            mark::ui(
                ui,
                Mark::Failed,
                &format!("Refused with {}: {}", refusal.status, refusal.reason),
            );
        }
        // In a low window the title above, which says nearly the same, has to do.
        if ui.available_height() >= bytes_view::LOW {
            let line = request_line(&request.raw_head);
            let line = RichText::new(words::text(line)).font(theme::mono());
            ui.add(eframe::egui::Label::new(line).truncate().selectable(true));
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let fields = request.head.as_ref().map_or(0, |head| head.fields.len());
            let parts = [
                (Part::Fields, "Fields".to_owned(), Some(fields as u64)),
                (
                    Part::Carried,
                    "Data".to_owned(),
                    Some(carried.items.len() as u64),
                ),
                (
                    Part::Head,
                    format!(
                        "Head as sent, {}",
                        words::size(request.raw_head.len() as u64)
                    ),
                    None,
                ),
                (
                    Part::Body,
                    format!("Body, {}", words::size(request.body.len())),
                    None,
                ),
            ];
            for (part, text, count) in parts {
                if chip::ui_with_state(ui, state.part == part, &text, count).clicked() {
                    state.part = part;
                }
            }
            match state.part {
                Part::Fields | Part::Carried => {}
                Part::Head => bytes_view::switch_ui(ui, &request.raw_head, &mut state.head),
                Part::Body => {
                    let label = Label::of_request(&tabbed.detail.exchange);
                    content_view::switch_ui(ui, &label, &request.body.first(2048), &mut state.body);
                }
            }
        });
    });
    match state.part {
        Part::Fields => fields_ui(ui, request.head.as_ref(), state, commands),
        Part::Carried => {
            let id = tabbed.detail.exchange.id;
            request_carried::ui(ui, id, carried, &mut state.carried, commands);
        }
        Part::Head => head_ui(ui, tabbed, state),
        Part::Body => body_ui(ui, tabbed, state, commands),
    }
}

/// The first line of a head, without its end.
fn request_line(raw: &[u8]) -> &[u8] {
    let line = raw.split(|&byte| byte == b'\n').next().unwrap_or_default();
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn fields_ui(
    ui: &mut Ui,
    head: Option<&Arc<RequestHead>>,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let Some(head) = head else {
        empty::ui(
            ui,
            "The head could not be understood",
            "“Head as sent” shows its bytes",
            &[],
        );
        return;
    };
    if head.fields.is_empty() {
        empty::ui(
            ui,
            "No header fields",
            "The request is its first line alone",
            &[],
        );
        return;
    }
    let names = Names {
        table: "Fields of the request",
        name: "Name",
        tag: "",
    };
    let rows = request_fields::rows(head);
    meaning_table::ui(ui, names, &rows, &mut state.fields, commands);
}

fn head_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State) {
    let request = &tabbed.detail.exchange.request;
    let refusal = request
        .refusal
        .as_ref()
        .and_then(|refusal| Some((refusal.at?, refusal)));
    let marked: Vec<Highlight<'_>> = refusal
        .map(|(at, refusal)| Highlight {
            range: at..at + refusal.excerpt.len().max(1),
            tone: Tone::Fail,
            note: Some(&refusal.authority),
        })
        .into_iter()
        .collect();
    bytes_view::ui(
        ui,
        "Request head",
        &request.raw_head,
        &marked,
        0,
        &mut state.head,
    );
}

fn body_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State, commands: &mut Vec<Command>) {
    let request = &tabbed.detail.exchange.request;
    if let Some(sentence) = body_sentence(request.body_end.as_ref()) {
        bytes_view::note_ui(ui, &sentence);
    }
    if request.body.is_empty() {
        empty::ui(
            ui,
            "No body",
            "A GET usually has none; forms send theirs with POST",
            &[],
        );
        return;
    }
    if let Some(sentence) = bytes_view::cut_sentence(&request.body) {
        bytes_view::note_ui(ui, &format!("Shown is the beginning; {sentence}"));
    }
    let body = Body {
        side: Side::Request,
        name: "Request body",
        bytes: &tabbed.detail.carried.body,
        label: &Label::of_request(&tabbed.detail.exchange),
    };
    content_view::ui(ui, tabbed, &body, &mut state.body, commands);
}

/// What was wrong with the body, in a sentence.
fn body_sentence(end: Option<&BodyEnd>) -> Option<String> {
    match end? {
        BodyEnd::Complete => None,
        BodyEnd::Short {
            received,
            announced: Some(announced),
        } => Some(format!(
            "The client announced {} bytes and stopped after {}",
            words::count(*announced),
            words::count(*received)
        )),
        BodyEnd::Short {
            received,
            announced: None,
        } => Some(format!(
            "The client stopped after {} bytes, before the last chunk",
            words::count(*received)
        )),
        BodyEnd::TooLong { limit } => Some(format!(
            "The body is over the limit of {} bytes",
            words::count(*limit)
        )),
        BodyEnd::Malformed(why) => Some(format!("The chunks of the body are broken: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_ends_where_the_line_ends() {
        assert_eq!(
            request_line(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            b"GET / HTTP/1.1"
        );
        assert_eq!(request_line(b"GET /\n"), b"GET /");
        assert_eq!(request_line(b""), b"");
    }

    #[test]
    fn a_body_that_did_not_come_whole_is_explained() {
        assert_eq!(body_sentence(Some(&BodyEnd::Complete)), None);
        let short = BodyEnd::Short {
            received: 10,
            announced: Some(2000),
        };
        assert_eq!(
            body_sentence(Some(&short)).unwrap(),
            "The client announced 2,000 bytes and stopped after 10"
        );
    }
}
