//! Where a variable came from: the request head as it was sent, and what is to be said of the variable.

use std::borrow::Cow;

use cgi_engine::cgi::request::CgiRequest;
use cgi_engine::exchange::Invocation;
use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, StrokeKind, Ui, UiBuilder, Vec2};

use super::environment_rows::VariableRow;
use super::inspector::Tabbed;
use super::{room, words};
use crate::gui::model::secret;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::button;
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::text_view::{Gutter, Highlight, TextView, TextViewState};

/// What the two views remember.
#[derive(Default)]
pub(super) struct State {
    source: TextViewState,
    revealed: Option<(u64, String)>,
    /// Values of many parts are shown a part a line.
    split: bool,
}

/// What the pointer is at in the head.
#[derive(Clone, Copy, Default)]
pub(super) struct Pointed {
    pub(super) hovered: Option<usize>,
    pub(super) clicked: Option<usize>,
}

/// What the two views show.
pub(super) struct Shown<'a> {
    pub(super) run: &'a Invocation,
    /// The variable whose bytes are lit: the one under the pointer, or the selected one.
    pub(super) lit: Option<&'a VariableRow>,
    pub(super) selected: Option<&'a VariableRow>,
    /// Secrets of the selected variable are to be read.
    pub(super) is_revealed: bool,
    /// Secrets in the head are to be read.
    pub(super) reveals_head: bool,
    /// The run that changes are counted from.
    pub(super) before: Option<u64>,
}

/// Draws both, beside each other.
pub(super) fn ui(
    ui: &mut Ui,
    tabbed: &Tabbed<'_>,
    shown: &Shown<'_>,
    state: &mut State,
) -> Pointed {
    let place = ui.available_rect_before_wrap();
    let line = Theme::of(ui).separator();
    ui.painter().hline(place.x_range(), place.top() + 0.5, line);
    let place = place.shrink2(Vec2::new(16.0, 10.0));
    let right = (place.width() * 0.42).clamp(180.0, 340.0);
    let (source, meaning) = place.split_left_right_at_x(place.right() - right);
    let source = source.with_max_x(source.right() - 16.0);
    let ground = Theme::of(ui).base;
    let mut pointed = Pointed::default();
    room(ui, "source", source, ground, |ui| {
        pointed = source_ui(ui, tabbed, shown, state);
    });
    room(ui, "meaning", meaning, ground, |ui| {
        meaning_ui(ui, shown, &mut state.split);
    });
    pointed
}

/// The request head as it came, with the bytes that the variable was made from.
fn source_ui(ui: &mut Ui, tabbed: &Tabbed<'_>, shown: &Shown<'_>, state: &mut State) -> Pointed {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.label(theme::strong_text("Where it came from"))
        .on_hover_text("Point at bytes to see which variables were made from them");
    let place = ui.available_rect_before_wrap();
    let line = theme.separator();
    ui.painter()
        .rect(place, 2.0, theme.evidence, line, StrokeKind::Inside);
    let exchange = &tabbed.detail.exchange;
    let highlights: Vec<Highlight<'_>> = shown
        .lit
        .into_iter()
        .flat_map(|row| &row.sources)
        .map(|range| Highlight {
            range: range.clone(),
            tone: Tone::Pointed,
            note: None,
        })
        .collect();
    let now = shown.selected.map(|row| (exchange.id.0, row.name.clone()));
    if now.is_some() && state.revealed != now {
        let first = shown.selected.and_then(|row| row.sources.first());
        if let Some(first) = first {
            state.source.reveal(first.start);
        }
        state.revealed = now;
    }
    let inner = place.shrink2(Vec2::new(12.0, 6.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    child.set_clip_rect(inner.intersect(ui.clip_rect()));
    let raw = &exchange.request.raw_head;
    let bytes = match &exchange.request.head {
        Some(head) if !shown.reveals_head => Cow::Owned(secret::masked_head(raw, head)),
        _ => Cow::Borrowed(&raw[..]),
    };
    let answer = TextView::new("Request head", &bytes[..])
        .gutter(Gutter::None)
        .highlights(&highlights)
        .revision(2 * exchange.id.0 + u64::from(shown.reveals_head))
        .show(&mut child, &mut state.source);
    Pointed {
        hovered: answer.hovered,
        clicked: answer.clicked,
    }
}

fn meaning_ui(ui: &mut Ui, shown: &Shown<'_>, split: &mut bool) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = 6.0;
    let Some(row) = shown.selected else {
        ui.label(theme.weak(arguments_words(&shown.run.request)));
        let sentence = "Point at a variable to see the bytes that it was made from, or at bytes to see what was made from them";
        ui.label(theme.weak(sentence));
        return;
    };
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let separator = row
            .value
            .as_deref()
            .and_then(|value| parts_of(&row.name, value));
        ui.horizontal(|ui| {
            ui.add(Label::new(theme::strong_text(row.name.as_str())).truncate());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if separator.is_some() {
                    let word = if *split { "As one" } else { "Split" };
                    if ui.add(button::bare(word)).clicked() {
                        *split = !*split;
                    }
                }
            });
        });
        value_ui(ui, row, shown.is_revealed, separator.filter(|_| *split));
        if let Some(change) = &row.change {
            change_ui(ui, row, change.word(), shown);
        }
        ui.add(Label::new(row.meaning.as_str()).wrap().selectable(true));
        described_ui(ui, row);
    });
}

fn value_ui(ui: &mut Ui, row: &VariableRow, is_revealed: bool, separator: Option<u8>) {
    let Some(value) = row.value.as_ref().filter(|value| !value.is_empty()) else {
        return;
    };
    let value = if is_revealed {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(secret::masked(value, &row.secrets))
    };
    let parts: Vec<&[u8]> = match separator {
        Some(separator) => value.split(|&byte| byte == separator).collect(),
        None => vec![&value[..]],
    };
    for part in parts {
        let text = RichText::new(words::text(part.trim_ascii_start())).font(theme::mono());
        ui.add(Label::new(text).wrap().selectable(true));
    }
}

fn change_ui(ui: &mut Ui, row: &VariableRow, word: &str, shown: &Shown<'_>) {
    let theme = Theme::of(ui);
    let since = shown
        .before
        .map_or_else(String::new, |id| format!(" since request {id}"));
    let before = row.change.as_ref().and_then(|change| change.before());
    let text = match before {
        Some([]) => format!("{}{since}; it was empty", words::as_title(word)),
        Some(before) => {
            let secrets = secret::in_variable(&row.name, before);
            let before = if shown.is_revealed {
                before.to_vec()
            } else {
                secret::masked(before, &secrets)
            };
            format!(
                "{}{since}; it was {}",
                words::as_title(word),
                words::text(&before)
            )
        }
        None => format!("{}{since}", words::as_title(word)),
    };
    let text = RichText::new(text).color(theme.warn);
    ui.add(Label::new(text).wrap().selectable(true));
}

fn described_ui(ui: &mut Ui, row: &VariableRow) {
    let theme = Theme::of(ui);
    if let Some(description) = row.description {
        if row.value.is_none() {
            ui.label(description.meaning);
        }
        ui.label(theme.weak(description.trap));
        let authority = match description.section {
            section if section.starts_with('§') => format!("RFC 3875 {section}"),
            section => section.to_owned(),
        };
        ui.label(theme.weak(authority));
    }
    if row.sources.is_empty() && row.value.is_some() {
        let sentence = format!(
            "No byte of the request stands for it, it is from: {}",
            row.from
        );
        ui.label(theme.weak(sentence));
    }
}

/// What parts a value that is made of many: folders, pairs, choices.
fn parts_of(name: &str, value: &[u8]) -> Option<u8> {
    let separator = match name {
        "QUERY_STRING" => b'&',
        "HTTP_COOKIE" => b';',
        name if name.starts_with("HTTP_ACCEPT") => b',',
        _ if value.starts_with(b"/") => b':',
        _ => return None,
    };
    let parts = value.split(|&byte| byte == separator);
    let is_list = separator != b':' || parts.clone().all(|part| part.starts_with(b"/"));
    (is_list && parts.count() > 1).then_some(separator)
}

/// The command line beside the environment: an ISINDEX query gives arguments (§4.4).
fn arguments_words(request: &CgiRequest) -> String {
    match (request.arguments.len(), request.arguments_note.as_deref()) {
        (0, None) => "No command-line arguments".to_owned(),
        (0, Some(note)) => format!("No command-line arguments: {note}"),
        (count, _) => {
            let words: Vec<String> = request
                .arguments
                .iter()
                .map(|argument| words::text(argument))
                .collect();
            format!(
                "{}: {}",
                words::counted(
                    count as u64,
                    "command-line argument",
                    "command-line arguments"
                ),
                words.join(" ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, value: &str, separator: Option<char>) {
        let found = parts_of(name, value.as_bytes());
        assert_eq!(found.map(char::from), separator, "{name}={value}");
    }

    #[test]
    fn values_of_many_parts_can_be_split() {
        check("PATH", "/usr/bin:/bin", Some(':'));
        check("PATH", "/bin", None);
        check("REQUEST_URI", "/a:b", None);
        check("SERVER_NAME", "::1", None);
        check("QUERY_STRING", "a=b&c=d", Some('&'));
        check("HTTP_COOKIE", "a=b; c=d", Some(';'));
        check("HTTP_ACCEPT", "a/b, c/d", Some(','));
        check("HTTP_ACCEPT", "*/*", None);
    }
}
