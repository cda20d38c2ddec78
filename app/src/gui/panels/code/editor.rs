//! The editor: the open files, the text of one of them, and what is wrong with it.

use std::path::PathBuf;

use eframe::egui::{Align, Rect, Ui, UiBuilder, Vec2};

use super::{banner, find_bar, pages, problems, text};
use crate::gui::command::{Command, EditorCommand};
use crate::gui::model::Model;
use crate::gui::model::editor::document::Document;
use crate::gui::model::editor::{Body, Page, lines};
use crate::gui::model::fixing::Fixing;
use crate::gui::model::site::SiteModel;
use crate::gui::panels::{bytes_view, words};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::text_view::source::Text;
use crate::gui::widgets::{empty, line};

const FOOTER: f32 = 24.0;
/// The text stays at least so high, whatever is wrong with it.
const LEAST_TEXT: f32 = 120.0;

/// What the editor remembers.
#[derive(Default)]
pub(super) struct State {
    text: text::State,
    find: find_bar::State,
    problems: problems::State,
    bytes: Option<Viewed>,
}

/// A file that is only shown.
struct Viewed {
    path: PathBuf,
    text: Text,
    /// Which bytes these are; other ones at the same place begin elsewhere in memory.
    version: u64,
    view: bytes_view::State,
}

/// Draws the editor over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let editor = &site.editor;
    banner::rescued_ui(ui, model, editor, commands);
    let Some(page) = editor.page() else {
        return nothing_ui(ui, site, commands);
    };
    let place = ui.available_rect_before_wrap();
    let (top, rest) = place.split_top_bottom_at_y(place.top() + pages::HEIGHT);
    part(ui, "pages", top, |ui| {
        pages::ui(ui, model, editor, commands);
    });
    part(ui, "page", rest, |ui| {
        page_ui(ui, page, &site.fixing, state, commands);
    });
}

fn part(ui: &mut Ui, name: &str, place: Rect, contents: impl FnOnce(&mut Ui)) {
    let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(place));
    child.set_clip_rect(place.intersect(ui.clip_rect()));
    contents(&mut child);
}

fn nothing_ui(ui: &mut Ui, site: &SiteModel, commands: &mut Vec<Command>) {
    let sentence = if site.scripts.is_empty() {
        "There are no scripts here yet"
    } else {
        "Choose a script in the sidebar, or begin a new one"
    };
    if empty::ui(ui, "No file is open", sentence, &["New script…"]).is_some() {
        commands.push(Command::Editor(EditorCommand::NewScript));
    }
}

fn page_ui(
    ui: &mut Ui,
    page: &Page,
    fixing: &Fixing,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    match &page.body {
        Body::Reading => {
            empty::ui(ui, "Reading", &words::path(&page.path), &[]);
        }
        Body::Failed(why) => failed_ui(ui, page, why, commands),
        Body::Bytes { why, bytes, length } => {
            bytes_ui(ui, page, (why, bytes, *length), state);
        }
        Body::Text(document) => text_ui(ui, document, fixing, state, commands),
    }
}

fn failed_ui(ui: &mut Ui, page: &Page, why: &str, commands: &mut Vec<Command>) {
    let name = crate::gui::model::editor::document::file_name(&page.path);
    let title = format!("{name} cannot be shown");
    if empty::ui(ui, &title, why, &["Try again"]).is_some() {
        commands.push(Command::Editor(EditorCommand::Open(
            page.path.clone(),
            None,
        )));
    }
}

/// A file that is shown and not edited, as text or as digits.
fn bytes_ui(
    ui: &mut Ui,
    page: &Page,
    (why, bytes, length): (&str, &bytes::Bytes, u64),
    state: &mut State,
) {
    let version = bytes.as_ptr() as u64;
    let is_same = |viewed: &Viewed| viewed.path == page.path && viewed.version == version;
    state.bytes = state.bytes.take().filter(is_same);
    let viewed = state.bytes.get_or_insert_with(|| Viewed {
        path: page.path.clone(),
        text: Text::of([bytes.clone()]),
        version,
        view: bytes_view::State::default(),
    });
    super::super::padded(ui, 12, 8, |ui| {
        let cut = match bytes.len() as u64 {
            shown if shown < length => format!(", of which {} are shown", words::size(shown)),
            _ => String::new(),
        };
        let text = format!("Only shown, {}{cut}: {why}", words::size(length));
        ui.horizontal(|ui| {
            bytes_view::switch_ui(ui, &viewed.text, &mut viewed.view);
            mark::ui(ui, Mark::Warning, &text);
        });
    });
    bytes_view::ui(ui, "File", &viewed.text, &[], version, &mut viewed.view);
}

fn text_ui(
    ui: &mut Ui,
    document: &Document,
    fixing: &Fixing,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    if banner::standing_ui(ui, document, commands) {
        return;
    }
    let place = ui.available_rect_before_wrap();
    let (rest, footer) = place.split_top_bottom_at_y(place.bottom() - FOOTER);
    part(ui, "footer", footer, |ui| footer_ui(ui, document));
    let most = (rest.height() - LEAST_TEXT).max(0.0);
    let height = problems::height(document).min(most);
    let (mut rest, below) = rest.split_top_bottom_at_y(rest.bottom() - height);
    if height > 0.0 {
        part(ui, "problems", below, |ui| {
            problems::ui(ui, document, fixing, &mut state.problems, commands);
        });
    }
    if let Some(search) = &document.search {
        let (bar, text) = rest.split_top_bottom_at_y(rest.top() + find_bar::height(search));
        rest = text;
        find_bar::ui(ui, bar, document, search, &mut state.find, commands);
    }
    part(ui, "text", rest, |ui| {
        text::ui(ui, document, &mut state.text, commands);
    });
}

/// Where the caret is, and how the file is written.
fn footer_ui(ui: &mut Ui, document: &Document) {
    let theme = Theme::of(ui);
    let place = ui.max_rect();
    ui.painter().rect_filled(place, 0.0, theme.panel);
    ui.painter()
        .hline(place.x_range(), place.top() + 0.5, theme.separator());
    let inner = place.shrink2(Vec2::new(12.0, 0.0));
    let column = lines::column_at(document.text(), document.selection().start);
    let at = format!("Line {}, column {column}", document.line());
    let left = line::paint(
        ui.painter(),
        inner,
        Align::Min,
        &at,
        theme::small(),
        theme.weak,
    );
    let saved = if document.saving {
        "saving"
    } else if document.is_unsaved() {
        "not saved"
    } else {
        "saved"
    };
    let facts = [
        document.language.label().to_owned(),
        document.contents.charset.label(),
        document.contents.line_ends.label().to_owned(),
        format!("mode {:o}", document.mode),
        saved.to_owned(),
    ];
    let rest = inner.with_min_x(left.right() + 16.0);
    let facts = facts.join("  ·  ");
    line::paint(
        ui.painter(),
        rest,
        Align::Max,
        &facts,
        theme::small(),
        theme.weak,
    );
    let id = ui.scope_id().with("facts");
    let told = ui.interact(place, id, eframe::egui::Sense::hover());
    told.widget_info(|| {
        let role = eframe::egui::Role::Label;
        eframe::egui::WidgetInfo::labeled(role, true, format!("{at}, {facts}"))
    });
}
