//! A JSON document as rows that fold, of which only those in sight are drawn.

use std::collections::HashSet;
use std::ops::Range;

use eframe::egui::{
    Align, Color32, Event, Key, Layout, Modifiers, Pos2, Rangef, Shape, Stroke, Ui, Vec2,
};

use super::{bytes_view, padded, words};
use crate::gui::command::Command;
use crate::gui::model::content::json_tree::{JsonTree, Node, ValueKind};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::button;
use crate::gui::widgets::rows::{Row, Rows};
use crate::gui::widgets::scroll::Scroll;
use crate::gui::widgets::text_view::selection::LONGEST_COPY;

const ROW: f32 = 22.0;
/// One level further in, in points.
const INDENT: f32 = 16.0;
/// Deeper than this nothing is moved further in.
const DEEPEST: u32 = 24;
/// Lists of more values than this are folded at first, apart from the document itself.
const LONG: u32 = 100;
/// So much of a text stands in its row.
const SHOWN_BYTES: usize = 400;

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    /// The nodes that are not as they are at first.
    turned: HashSet<u32>,
    rows: Vec<u32>,
    made: bool,
    selected: Option<u32>,
    scroll: Scroll,
}

impl State {
    fn is_open(&self, number: u32, node: &Node) -> bool {
        opens(node) != self.turned.contains(&number)
    }

    fn turn(&mut self, number: u32) {
        if !self.turned.remove(&number) {
            self.turned.insert(number);
        }
        self.made = false;
    }

    /// Lists the nodes that are in no folded one.
    fn make_rows(&mut self, tree: &JsonTree) {
        if std::mem::replace(&mut self.made, true) {
            return;
        }
        self.rows.clear();
        let mut number = 0;
        while let Some(node) = tree.nodes.get(number as usize) {
            self.rows.push(number);
            let folded = node.children > 0 && !self.is_open(number, node);
            number = if folded { node.end } else { number + 1 };
        }
    }

    fn turn_all(&mut self, tree: &JsonTree, open: bool) {
        let nodes = (0_u32..).zip(&tree.nodes);
        let other = nodes.filter(|(_, node)| node.children > 0 && opens(node) != open);
        self.turned = other.map(|(number, _)| number).collect();
        self.made = false;
    }
}

/// Whether a node is open at first.
fn opens(node: &Node) -> bool {
    node.depth == 0 || (node.depth < 4 && node.children <= LONG)
}

/// Draws the tree over the place that is left; `text` is the document.
pub(super) fn ui(
    ui: &mut Ui,
    tree: &JsonTree,
    text: &[u8],
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    if let Some(broken) = &tree.broken {
        let at = words::count(broken.at as u64);
        let sentence = format!(
            "At byte {at} it stops to be JSON: expected was {}",
            broken.expected
        );
        bytes_view::note_ui(ui, &sentence);
    }
    padded(ui, 16, 4, |ui| {
        ui.horizontal(|ui| {
            let values = words::counted(tree.nodes.len() as u64, "value", "values");
            ui.label(Theme::of(ui).weak(values));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(button::bare("Fold all")).clicked() {
                    state.turn_all(tree, false);
                }
                if ui.add(button::bare("Unfold all")).clicked() {
                    state.turn_all(tree, true);
                }
            });
        });
    });
    state.make_rows(tree);
    rows_ui(ui, tree, text, state, commands);
}

fn rows_ui(
    ui: &mut Ui,
    tree: &JsonTree,
    text: &[u8],
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let mut scroll = std::mem::take(&mut state.scroll);
    let selected = state
        .selected
        .and_then(|number| state.rows.binary_search(&number).ok());
    let at = |index: usize| {
        let number = *state.rows.get(index)?;
        Some((number, tree.nodes.get(number as usize)?))
    };
    let mut turned = None;
    let answer = Rows::new("JSON", state.rows.len())
        .row_height(ROW)
        .selected(selected)
        .show(
            ui,
            &mut scroll,
            |index| at(index).map_or(0, |(number, _)| u64::from(number)),
            |row| {
                let Some((number, node)) = at(row.index) else {
                    return String::new();
                };
                let is_open = state.is_open(number, node);
                let handle = paint(row, node, text, is_open);
                let pointer = row.response.interact_pointer_pos();
                let on_handle = pointer.is_some_and(|at| at.x <= handle);
                if row.response.double_clicked() || (row.response.clicked() && on_handle) {
                    turned = Some(number);
                }
                row.response
                    .context_menu(|ui| menu_ui(ui, tree, text, number, commands));
                spoken(node, text, is_open)
            },
        );
    state.scroll = scroll;
    if let Some(number) = answer.chosen.and_then(|index| state.rows.get(index)) {
        state.selected = Some(*number);
    }
    if answer.response.has_focus() {
        turned = turned.or_else(|| turned_by_key(ui, tree, state));
        let copies = ui.input(|input| input.events.contains(&Event::Copy));
        if let Some(number) = state.selected.filter(|_| copies) {
            commands.extend(copy_value(tree, text, number));
        }
    }
    if let Some(number) = turned.or(answer
        .opened
        .and_then(|index| state.rows.get(index).copied()))
    {
        state.turn(number);
    }
}

/// Left folds, or goes to what the value is in; Right unfolds.
fn turned_by_key(ui: &Ui, tree: &JsonTree, state: &mut State) -> Option<u32> {
    let number = state.selected?;
    let node = tree.nodes.get(number as usize)?;
    let (left, right) = ui.input_mut(|input| {
        (
            input.consume_key(Modifiers::NONE, Key::ArrowLeft),
            input.consume_key(Modifiers::NONE, Key::ArrowRight),
        )
    });
    let is_open = node.children > 0 && state.is_open(number, node);
    if left && !is_open {
        state.selected = parent(tree, number).or(Some(number));
        return None;
    }
    ((left && is_open) || (right && !is_open && node.children > 0)).then_some(number)
}

/// The object or array that a value is in.
fn parent(tree: &JsonTree, number: u32) -> Option<u32> {
    let depth = tree.nodes.get(number as usize)?.depth.checked_sub(1)?;
    (0..number).rev().find(|other| {
        tree.nodes
            .get(*other as usize)
            .is_some_and(|node| node.depth == depth)
    })
}

fn part<'a>(text: &'a [u8], range: &Range<u32>) -> &'a [u8] {
    text.get(range.start as usize..range.end as usize)
        .unwrap_or_default()
}

/// The name of a value: its key, or its place in an array.
fn name(node: &Node, text: &[u8]) -> Option<String> {
    match &node.key {
        Some(key) => {
            let key = part(text, key);
            let inner = key
                .strip_prefix(b"\"")
                .and_then(|key| key.strip_suffix(b"\""));
            Some(words::text(inner.unwrap_or(key)))
        }
        None if node.depth > 0 => Some(node.index.to_string()),
        None => None,
    }
}

/// What stands for a value in its row.
fn shown(node: &Node, text: &[u8], is_open: bool) -> String {
    let counted = |one, many| words::counted(u64::from(node.children), one, many);
    match node.kind {
        ValueKind::Object if node.children == 0 => "{ }".to_owned(),
        ValueKind::Array if node.children == 0 => "[ ]".to_owned(),
        ValueKind::Object if is_open => format!("{{  {}", counted("member", "members")),
        ValueKind::Array if is_open => format!("[  {}", counted("value", "values")),
        ValueKind::Object => format!("{{ … }}  {}", counted("member", "members")),
        ValueKind::Array => format!("[ … ]  {}", counted("value", "values")),
        _ => {
            let value = part(text, &node.value);
            let cut = value.get(..SHOWN_BYTES).unwrap_or(value);
            let more = if cut.len() < value.len() { "…" } else { "" };
            format!("{}{more}", words::text(cut))
        }
    }
}

fn spoken(node: &Node, text: &[u8], is_open: bool) -> String {
    let fold = match (node.children, is_open) {
        (0, _) => "",
        (_, true) => ", unfolded",
        (_, false) => ", folded",
    };
    let name = name(node, text).map_or_else(String::new, |name| format!("{name}: "));
    format!("{name}{}{fold}", shown(node, text, is_open))
}

fn color(kind: ValueKind, theme: &Theme) -> Color32 {
    match kind {
        ValueKind::Object | ValueKind::Array => theme.weak,
        ValueKind::Text => theme.ok,
        ValueKind::Number => theme.redirect,
        ValueKind::Word => theme.teach,
    }
}

/// Paints the row; returns where its handle ends.
fn paint(row: &Row<'_>, node: &Node, text: &[u8], is_open: bool) -> f32 {
    let left = row.rect.left() + 12.0 + INDENT * node.depth.min(DEEPEST) as f32;
    if node.children > 0 {
        let color = row.weak();
        handle(
            row,
            Pos2::new(left + 5.0, row.rect.center().y),
            is_open,
            color,
        );
    }
    let mut x = left + 16.0;
    let right = row.rect.right() - theme::GRID;
    if let Some(name) = name(node, text) {
        let is_key = node.key.is_some();
        let color = if is_key { row.theme.accent } else { row.weak() };
        let color = if row.selected { row.theme.text } else { color };
        let cell = Rangef::new(x, (x + 0.5 * (right - x)).max(x));
        let painted = row.text(cell, Align::Min, &name, theme::mono(), color);
        x = painted.right() + 12.0;
    }
    let color = if row.selected {
        row.theme.text
    } else {
        color(node.kind, row.theme)
    };
    let cell = Rangef::new(x, right.max(x));
    row.text(
        cell,
        Align::Min,
        &shown(node, text, is_open),
        theme::mono(),
        color,
    );
    left + 14.0
}

fn handle(row: &Row<'_>, center: Pos2, is_open: bool, color: Color32) {
    let points = if is_open {
        [(-4.0, -2.0), (4.0, -2.0), (0.0, 3.0)]
    } else {
        [(-2.0, -4.0), (3.0, 0.0), (-2.0, 4.0)]
    };
    let points = points.map(|(x, y)| center + Vec2::new(x, y)).to_vec();
    row.painter
        .add(Shape::convex_polygon(points, color, Stroke::NONE));
}

fn copy_value(tree: &JsonTree, text: &[u8], number: u32) -> Option<Command> {
    let node = tree.nodes.get(number as usize)?;
    let value = part(text, &node.value);
    (value.len() <= LONGEST_COPY).then(|| Command::Copy {
        what: "Value".to_owned(),
        text: words::text(value),
    })
}

fn menu_ui(ui: &mut Ui, tree: &JsonTree, text: &[u8], number: u32, commands: &mut Vec<Command>) {
    let mut copy = |what: &str, text: String| {
        commands.push(Command::Copy {
            what: what.to_owned(),
            text,
        });
    };
    if ui.button("Copy path").clicked() {
        copy("Path", path(tree, text, number));
    }
    if let Some(name) = tree
        .nodes
        .get(number as usize)
        .and_then(|node| name(node, text))
        && ui.button("Copy name").clicked()
    {
        copy("Name", name);
    }
    if let Some(command) = copy_value(tree, text, number)
        && ui.button("Copy value").clicked()
    {
        commands.push(command);
    }
}

/// How a program would get at a value: `a.b[3]`.
fn path(tree: &JsonTree, text: &[u8], number: u32) -> String {
    let mut steps = Vec::new();
    let mut at = Some(number);
    while let Some(number) = at {
        let Some(node) = tree.nodes.get(number as usize) else {
            break;
        };
        if let Some(name) = name(node, text) {
            let is_word = name
                .bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
            steps.push(match (&node.key, is_word) {
                (None, _) => format!("[{name}]"),
                (Some(_), true) => format!(".{name}"),
                (Some(_), false) => format!("[\"{name}\"]"),
            });
        }
        at = parent(tree, number);
    }
    steps.reverse();
    steps.concat().trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = br#"{"a": {"b c": [1, "x"]}, "d": []}"#;

    fn told(state: &mut State, tree: &JsonTree) -> Vec<String> {
        state.make_rows(tree);
        let node = |number: &u32| {
            let node = &tree.nodes[*number as usize];
            spoken(node, TEXT, state.is_open(*number, node))
        };
        state.rows.iter().map(node).collect()
    }

    #[test]
    fn rows_fold_and_unfold() {
        let tree = JsonTree::parse(TEXT);
        let mut state = State::default();
        let all = [
            "{  2 members, unfolded",
            "a: {  1 member, unfolded",
            "b c: [  2 values, unfolded",
            "0: 1",
            "1: \"x\"",
            "d: [ ]",
        ];
        assert_eq!(told(&mut state, &tree), all);
        state.turn(1);
        let folded = [
            "{  2 members, unfolded",
            "a: { … }  1 member, folded",
            "d: [ ]",
        ];
        assert_eq!(told(&mut state, &tree), folded);
        state.turn_all(&tree, false);
        assert_eq!(told(&mut state, &tree), ["{ … }  2 members, folded"]);
        state.turn_all(&tree, true);
        assert_eq!(told(&mut state, &tree), all);
    }

    #[test]
    fn a_path_leads_to_its_value() {
        let tree = JsonTree::parse(TEXT);
        assert_eq!(path(&tree, TEXT, 4), "a[\"b c\"][1]");
        assert_eq!(path(&tree, TEXT, 0), "");
        assert_eq!(parent(&tree, 4), Some(2));
        assert_eq!(parent(&tree, 5), Some(0));
    }

    #[test]
    fn long_lists_are_folded_at_first() {
        let many = format!("{{\"a\": [{}]}}", vec!["1"; 500].join(","));
        let tree = JsonTree::parse(many.as_bytes());
        let mut state = State::default();
        state.make_rows(&tree);
        assert_eq!(state.rows.len(), 2);
    }
}
