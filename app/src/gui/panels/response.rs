//! The response tab: the head as it was sent, who wrote which field, and the body.

use bytes::Bytes;
use cgi_engine::cgi::header_block::HeaderBlock;
use cgi_engine::exchange::{Author, Invocation, ResponseRecord};
use eframe::egui::{self, RichText, Ui};

use super::content_view::{self, Body};
use super::inspector::Tabbed;
use super::meaning_table::{self, Names};
use super::{bytes_view, padded, response_fields, words};
use crate::gui::command::Command;
use crate::gui::model::content::{self, Label, Side, Stand};
use crate::gui::theme;
use crate::gui::widgets::text_view::Highlight;
use crate::gui::widgets::{chip, empty};

/// What the tab remembers.
#[derive(Default)]
pub(super) struct State {
    part: Part,
    head: bytes_view::State,
    body: content_view::State,
    fields: meaning_table::State,
    /// The body in one piece, put together once.
    joined: Option<(Stand, Bytes)>,
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
    Head,
    Body,
}

/// Draws the tab over the place that is left.
pub(super) fn ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State, commands: &mut Vec<Command>) {
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
    padded(ui, 16, 10, |ui| {
        ui.spacing_mut().item_spacing.y = 8.0;
        if ui.available_height() >= bytes_view::LOW {
            let line = RichText::new(status_line(response)).font(theme::mono());
            ui.add(egui::Label::new(line).truncate().selectable(true));
        }
        parts_ui(ui, tabbed, response, run, state);
    });
    match state.part {
        Part::Fields => fields_ui(ui, response, run, state, commands),
        Part::Head if response.sent_head.is_empty() => {
            let sentence = "The client has got nothing so far";
            empty::ui(ui, "The head has not gone out", sentence, &[]);
        }
        Part::Head => head_ui(ui, tabbed, response, run, state),
        Part::Body => body_ui(ui, tabbed, response, run, state, commands),
    }
}

fn status_line(response: &ResponseRecord) -> String {
    let mut lines = response.sent_head.split(|&byte| byte == b'\n');
    match lines.next().unwrap_or_default().trim_ascii_end() {
        [] => response.status.to_string(),
        line => words::text(line),
    }
}

fn parts_ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    response: &ResponseRecord,
    run: Option<&Invocation>,
    state: &mut State,
) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let head = words::size(response.sent_head.len() as u64);
        let parts = [
            (Part::Fields, "Fields".to_owned()),
            (Part::Head, format!("Head as sent, {head}")),
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
            Part::Body => {
                let first = first_bytes(response, run);
                let label = Label::of_response(&tabbed.detail.exchange);
                content_view::switch_ui(ui, &label, &first, &mut state.body);
            }
            Part::Fields => {}
        }
    });
}

/// The beginning of the body, without joining all of it.
fn first_bytes(response: &ResponseRecord, run: Option<&Invocation>) -> Vec<u8> {
    if content::is_own(response) {
        let own = &response.own_body;
        return own.get(..own.len().min(2048)).unwrap_or_default().to_vec();
    }
    let offset = run.and_then(content::body_offset).unwrap_or_default();
    let first = run.map(|run| run.stdout.first(offset + 2048));
    first
        .as_deref()
        .and_then(|first| first.get(offset..))
        .unwrap_or_default()
        .to_vec()
}

/// The header block that the head was made from.
fn block_of<'a>(response: &ResponseRecord, run: Option<&'a Invocation>) -> Option<&'a HeaderBlock> {
    run.filter(|_| response.author == Author::Script)
        .and_then(|run| run.header_block.as_deref())
}

fn fields_ui(
    ui: &mut Ui,
    response: &ResponseRecord,
    run: Option<&Invocation>,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let rows = response_fields::rows(&response.sent_head, block_of(response, run));
    if rows.is_empty() {
        let sentence = "The head has not gone out, or is the script's own (nph-)";
        empty::ui(ui, "No fields", sentence, &[]);
        return;
    }
    let names = Names {
        table: "Fields of the response",
        name: "Name",
        tag: "Written by",
    };
    meaning_table::ui(ui, names, &rows, &mut state.fields, commands);
}

/// The head byte by byte, with what the server had a hand in.
fn head_ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    response: &ResponseRecord,
    run: Option<&Invocation>,
    state: &mut State,
) {
    let block = block_of(response, run);
    let marks: Vec<Highlight<'_>> = if block.is_some() {
        response_fields::marks(&response.sent_head, block)
    } else {
        Vec::new()
    };
    let (head, version) = (&response.sent_head, tabbed.version);
    bytes_view::ui(ui, "Response head", head, &marks, version, &mut state.head);
}

fn body_ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    response: &ResponseRecord,
    run: Option<&Invocation>,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    match response.author {
        Author::File => {
            let sentence = "It was sent as it is and is not kept a second time";
            empty::ui(ui, "A file of the site", sentence, &[]);
            return;
        }
        Author::Script | Author::NphScript => notes_ui(ui, response, run),
        Author::Studio | Author::Elsewhere => {}
    }
    let exchange = &tabbed.detail.exchange;
    let stand = Stand::of(exchange, Side::Response);
    if stand.bytes == 0 {
        empty::ui(ui, "No body", "Nothing follows the headers", &[]);
        return;
    }
    if state.joined.as_ref().is_none_or(|(of, _)| *of != stand) {
        state.joined = Some((stand, content::response_body(exchange)));
    }
    let joined = state.joined.as_ref().map(|(_, bytes)| &bytes[..]);
    let body = Body {
        side: Side::Response,
        name: "Response body",
        bytes: joined.unwrap_or_default(),
        label: &Label::of_response(exchange),
    };
    content_view::ui(ui, tabbed, &body, &mut state.body, commands);
}

/// What of the body did not go out, or was not kept.
fn notes_ui(ui: &mut Ui, response: &ResponseRecord, run: Option<&Invocation>) {
    let Some((run, offset)) = run.zip(run.and_then(Invocation::body_offset)) else {
        return;
    };
    let length = run.stdout.len().saturating_sub(offset);
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
}
