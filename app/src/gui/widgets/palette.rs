//! The palette: a field over the window in which a few letters find any command.
//!
//! Up and Down choose, Enter runs, Escape closes; these are taken before the field sees them.

use eframe::egui::{
    Align, Align2, Area, Color32, FontId, Frame, Id, Key, Margin, Modal, Modifiers, Order, Rangef,
    TextEdit, Ui, UiKind, Vec2,
};

use super::{
    fuzzy, key_cap,
    key_cap::KeyCap,
    rows::{Row, Rows},
    scroll::{Extent, Scroll},
};
use crate::gui::theme::{self, Theme};

const WIDTH: f32 = 560.0;
const ROW: f32 = 30.0;
const MOST_ROWS: usize = 10;

/// One thing to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaletteItem<'a> {
    /// What it is called, and what is searched.
    pub title: &'a str,
    /// A few more words, in the weak colour.
    pub hint: &'a str,
    /// What it belongs to: "Run", "View", "Script".
    pub group: &'a str,
    /// The keys that do the same, if any.
    pub key: &'a str,
    /// Why it cannot be chosen now, if it cannot.
    pub disabled: Option<&'a str>,
}

/// What the palette remembers while it is open.
#[derive(Clone, Debug, Default)]
pub struct PaletteState {
    query: String,
    cursor: usize,
    scroll: Scroll,
}

/// What became of the palette in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaletteAnswer {
    /// It stays open.
    Open,
    /// The user left it.
    Closed,
    /// The user chose the item of this number.
    Chosen(usize),
}

/// Shows the palette over the window; the caller shows it as long as the answer is `Open`.
pub fn ui(ui: &Ui, state: &mut PaletteState, items: &[PaletteItem<'_>]) -> PaletteAnswer {
    let theme = Theme::of(ui);
    let keys = Keys::take(ui);
    let id = Id::unique("palette");
    let area = Area::new(id).kind(UiKind::Modal).order(Order::Foreground);
    let area = area
        .anchor(Align2::CENTER_TOP, Vec2::new(0.0, 56.0))
        .accessible_name("Command palette");
    let frame = Frame::popup(ui.style())
        .fill(theme.panel)
        .inner_margin(Margin::same(8));
    let modal = Modal::new(id)
        .area(area)
        .frame(frame)
        .backdrop_color(Color32::TRANSPARENT);
    let shown = modal.show(ui.ctx(), |ui| contents_ui(ui, state, items, &keys));
    if keys.escape || shown.backdrop_response.clicked() {
        return PaletteAnswer::Closed;
    }
    shown
        .inner
        .map_or(PaletteAnswer::Open, PaletteAnswer::Chosen)
}

/// What was pressed, before the field could take it.
struct Keys {
    down: usize,
    up: usize,
    enter: bool,
    escape: bool,
}

impl Keys {
    fn take(ui: &Ui) -> Self {
        ui.input_mut(|input| Self {
            down: input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown),
            up: input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp),
            enter: input.consume_key(Modifiers::NONE, Key::Enter),
            escape: input.consume_key(Modifiers::NONE, Key::Escape),
        })
    }
}

fn contents_ui(
    ui: &mut Ui,
    state: &mut PaletteState,
    items: &[PaletteItem<'_>],
    keys: &Keys,
) -> Option<usize> {
    ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 48.0));
    let field = TextEdit::singleline(&mut state.query)
        .hint_text("Search or run a command")
        .desired_width(f32::INFINITY);
    let field = ui.add(field.margin(Margin::symmetric(10, 8)));
    if !field.has_focus() {
        field.request_focus();
    }
    if field.changed() {
        (state.cursor, state.scroll) = (0, Scroll::default());
    }
    let found = fuzzy::ranked(&state.query, items.iter().map(|item| item.title));
    let last = found.len().saturating_sub(1);
    state.cursor = (state.cursor + keys.down).saturating_sub(keys.up).min(last);
    let height = found.len().clamp(1, MOST_ROWS) as f32 * ROW;
    if found.is_empty() {
        ui.allocate_ui(Vec2::new(ui.available_width(), height), |ui| {
            ui.label(Theme::of(ui).weak("No command fits"));
        });
        return None;
    }
    let chosen = list_ui(ui, state, items, &found, height, keys);
    let allowed = |index: &usize| {
        items
            .get(*index)
            .is_some_and(|item| item.disabled.is_none())
    };
    chosen
        .and_then(|row| found.get(row).copied())
        .filter(allowed)
}

fn list_ui(
    ui: &mut Ui,
    state: &mut PaletteState,
    items: &[PaletteItem<'_>],
    found: &[usize],
    height: f32,
    keys: &Keys,
) -> Option<usize> {
    if keys.down + keys.up > 0 {
        let extent = Extent {
            count: found.len(),
            row_height: ROW,
            view_height: height,
        };
        state.scroll.reveal(extent, state.cursor);
    }
    let grouped = state.query.trim().is_empty();
    let rows = Rows::new("Commands", found.len())
        .row_height(ROW)
        .selected(Some(state.cursor));
    let group_of = |row: usize| {
        found
            .get(row)
            .and_then(|&index| items.get(index))
            .map(|item| item.group)
    };
    let shown = ui.allocate_ui(Vec2::new(ui.available_width(), height), |ui| {
        ui.set_min_height(height);
        let id_of = |row: usize| found.get(row).map_or(0, |&index| index as u64);
        rows.show(ui, &mut state.scroll, id_of, |row| {
            let Some(item) = found.get(row.index).and_then(|&index| items.get(index)) else {
                return String::new();
            };
            let first = row
                .index
                .checked_sub(1)
                .is_none_or(|before| group_of(before) != Some(item.group));
            paint_item(row, item, first || !grouped)
        })
    });
    let clicked = shown.inner.chosen;
    clicked.or(keys.enter.then_some(state.cursor))
}

fn paint_item(row: &Row<'_>, item: &PaletteItem<'_>, with_group: bool) -> String {
    let color = if item.disabled.is_some() {
        row.weak()
    } else {
        row.theme.text
    };
    let (left, right) = (row.rect.left() + 10.0, row.rect.right() - 12.0);
    let mut rest = Rangef::new(left, right);
    if !item.key.is_empty() {
        let cap = KeyCap::new(row.painter, item.key, row.weak());
        let place = row.rect.with_min_x(right - cap.size().x);
        rest.max = place.left() - theme::GRID;
        cap.paint(row.painter, place, row.theme, row.weak());
    }
    if with_group && !item.group.is_empty() {
        let font = FontId::proportional(11.0);
        let shown = row.text(
            Rangef::new(rest.max - 120.0, rest.max),
            Align::Max,
            item.group,
            font,
            row.weak(),
        );
        rest.max = shown.left() - theme::GRID;
    }
    let title = row.text(rest, Align::Min, item.title, theme::body(), color);
    let hint = item.disabled.unwrap_or(item.hint);
    let place = Rangef::new(title.right() + 12.0, rest.max);
    if place.span() > key_cap::HEIGHT {
        row.text(place, Align::Min, hint, theme::small(), row.weak());
    }
    [item.title, hint, item.group, item.key]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use eframe::egui::Role;
    use egui_kittest::{Harness, kittest::Queryable as _};

    use super::*;

    struct Window {
        state: PaletteState,
        answer: PaletteAnswer,
    }

    fn items() -> [PaletteItem<'static>; 3] {
        [
            PaletteItem {
                title: "Open a folder…",
                group: "Site",
                key: "Ctrl O",
                ..PaletteItem::default()
            },
            PaletteItem {
                title: "Replay",
                group: "Run",
                key: "R",
                ..PaletteItem::default()
            },
            PaletteItem {
                title: "Stop",
                group: "Run",
                disabled: Some("nothing runs"),
                ..PaletteItem::default()
            },
        ]
    }

    fn palette() -> Harness<'static, Window> {
        let builder = Harness::builder().with_size(Vec2::new(800.0, 600.0));
        let window = Window {
            state: PaletteState::default(),
            answer: PaletteAnswer::Open,
        };
        let mut harness = builder.with_context_setup(theme::apply).build_ui_state(
            |ui, window| {
                if window.answer == PaletteAnswer::Open {
                    window.answer = super::ui(ui, &mut window.state, &items());
                }
            },
            window,
        );
        harness.run();
        harness
    }

    fn press(harness: &mut Harness<'_, Window>, key: Key) {
        harness.key_press(key);
        harness.run();
    }

    #[test]
    fn letters_and_enter_choose_the_best() {
        let mut harness = palette();
        harness.event(eframe::egui::Event::Text("rep".to_owned()));
        harness.run();
        press(&mut harness, Key::Enter);
        assert_eq!(harness.state().answer, PaletteAnswer::Chosen(1));
    }

    #[test]
    fn down_goes_to_the_next_and_does_not_move_the_text_cursor() {
        let mut harness = palette();
        press(&mut harness, Key::ArrowDown);
        press(&mut harness, Key::Enter);
        assert_eq!(harness.state().answer, PaletteAnswer::Chosen(1));
    }

    #[test]
    fn escape_closes() {
        let mut harness = palette();
        press(&mut harness, Key::Escape);
        assert_eq!(harness.state().answer, PaletteAnswer::Closed);
    }

    #[test]
    fn a_click_chooses() {
        let mut harness = palette();
        harness
            .get_by_role_and_label(Role::ListBoxOption, "Replay, Run, R")
            .click();
        harness.run();
        assert_eq!(harness.state().answer, PaletteAnswer::Chosen(1));
    }

    #[test]
    fn what_cannot_be_done_now_is_not_chosen() {
        let mut harness = palette();
        press(&mut harness, Key::ArrowDown);
        press(&mut harness, Key::ArrowDown);
        press(&mut harness, Key::Enter);
        assert_eq!(harness.state().answer, PaletteAnswer::Open);
    }
}
