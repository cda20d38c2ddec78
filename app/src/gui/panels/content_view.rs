//! A body as text, as digits, or as what it is: a tree of JSON, a picture, the outline of a page.

use std::sync::Arc;

use eframe::egui::{Align, Ui};

use super::inspector::Tabbed;
use super::{bytes_view, json_view, page_view, picture_view};
use crate::gui::command::Command;
use crate::gui::model::content::{Content, Form, Kind, Label, Side, Stand};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::{chip, empty, line};

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    /// What the user chose; none until then.
    chosen: Option<View>,
    bytes: bytes_view::State,
    tree: json_view::State,
    page: page_view::State,
    picture: picture_view::State,
    of: Option<Stand>,
}

/// How a body is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Made,
    Text,
    Hex,
}

/// A body and what is said of it.
pub(super) struct Body<'a> {
    pub(super) side: Side,
    pub(super) name: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) label: &'a Label,
}

impl State {
    /// Of another request the same view is shown, from its beginning.
    pub(super) fn of_another(&self) -> Self {
        Self {
            chosen: self.chosen,
            ..Self::default()
        }
    }

    fn view(&self, kind: Kind, bytes: &[u8]) -> View {
        let usual = match kind {
            Kind::Json | Kind::Picture => View::Made,
            Kind::Html | Kind::Other if self.bytes.is_hex(bytes) => View::Hex,
            Kind::Html | Kind::Other => View::Text,
        };
        match self.chosen {
            // Of bytes that nothing can be made of.
            Some(View::Made) if kind == Kind::Other => usual,
            Some(view) => view,
            None => usual,
        }
    }
}

fn beginning(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len().min(512)).unwrap_or(bytes)
}

/// Shows the switches; `first` is the beginning of the body.
pub(super) fn switch_ui(ui: &mut Ui, label: &Label, first: &[u8], state: &mut State) {
    if first.is_empty() {
        return;
    }
    let kind = label.kind(beginning(first));
    let made = match kind {
        Kind::Json => Some(("Tree", "The values of the document, to be folded")),
        Kind::Html => Some((
            "Page",
            "What stands in the page: headings, texts, links, forms",
        )),
        Kind::Picture => Some(("Picture", "The picture itself")),
        Kind::Other => None,
    };
    let view = state.view(kind, first);
    let made = made.map(|(word, hint)| (View::Made, word, hint));
    let others = [
        (
            View::Text,
            "Text",
            "The bytes as text, control characters as signs",
        ),
        (View::Hex, "Hex", "The bytes as hexadecimal digits"),
    ];
    ui.add_space(6.0);
    for (this, word, hint) in made.into_iter().chain(others) {
        if chip::ui_with_state(ui, view == this, word, None)
            .on_hover_text(hint)
            .clicked()
        {
            state.chosen = Some(this);
        }
    }
}

/// Shows the body over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    body: &Body<'_>,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    if body.label.is_coded() {
        let coding = String::from_utf8_lossy(&body.label.coding).into_owned();
        note_ui(
            ui,
            &format!(
                "Compressed with {coding}, as the Content-Encoding says; shown are the bytes as they went, which the studio does not undo"
            ),
        );
    }
    let exchange = &tabbed.detail.exchange;
    let stand = Stand::of(exchange, body.side);
    if state.of != Some(stand) {
        *state = state.of_another();
        state.of = Some(stand);
    }
    let kind = body.label.kind(beginning(body.bytes));
    let view = state.view(kind, body.bytes);
    // While more comes, only the bytes are shown: what would be made of them is old at once.
    let content = if exchange.end.is_some() {
        let content = tabbed.contents.of(stand);
        if content.is_none() {
            commands.push(Command::ReadContent(body.side));
        }
        content
    } else {
        None
    };
    if let Some(note) = content.and_then(|content| content.decoded.note.as_deref())
        && view != View::Hex
    {
        note_ui(ui, note);
    }
    match (view, content) {
        (View::Made, Some(content)) => made_ui(ui, tabbed, body, content, state, commands),
        (View::Made, None) => {
            let why = if exchange.end.is_some() {
                "A worker is at it"
            } else {
                "It is read when the run has ended; “Text” shows what came so far"
            };
            empty::ui(ui, "The body is being read", why, &[]);
        }
        (View::Text | View::Hex, content) => {
            let text = content.and_then(|content| content.decoded.text.as_deref());
            let bytes = text.filter(|_| view == View::Text).unwrap_or(body.bytes);
            // Text that was decoded is other text; bytes that only grow are the same.
            let version = u64::from(text.is_some());
            state.bytes.show_hex(view == View::Hex);
            bytes_view::ui(ui, body.name, bytes, &[], version, &mut state.bytes);
        }
    }
}

fn made_ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    body: &Body<'_>,
    content: &Arc<Content>,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    match &content.form {
        Form::Tree(tree) => {
            let text = content.decoded.text.as_deref().unwrap_or(body.bytes);
            json_view::ui(ui, tree, text, &mut state.tree, commands);
        }
        Form::Page(outline) => page_view::ui(ui, tabbed, outline, &mut state.page, commands),
        Form::Picture(picture) => picture_view::ui(ui, picture, &mut state.picture),
        Form::NoPicture(why) => {
            empty::ui(ui, "The picture cannot be shown", why, &[]);
        }
        Form::Bytes => {
            empty::ui(
                ui,
                "Nothing can be made of these bytes",
                "“Text” and “Hex” show them",
                &[],
            );
        }
    }
}

/// A line over the view that says something about it, without alarm.
fn note_ui(ui: &mut Ui, text: &str) {
    let theme = Theme::of(ui);
    let size = eframe::egui::Vec2::new(ui.available_width(), 24.0);
    let (rect, response) = ui.allocate_exact_size(size, eframe::egui::Sense::hover());
    response
        .widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::Role::Label, true, text));
    ui.painter().rect_filled(rect, 0.0, theme.panel);
    let place = rect.shrink2(eframe::egui::Vec2::new(16.0, 0.0));
    line::paint(
        ui.painter(),
        place,
        Align::Min,
        text,
        theme::body(),
        theme.weak,
    );
    response.on_hover_text(text);
}
