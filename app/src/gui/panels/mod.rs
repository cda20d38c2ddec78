//! The rooms of the window and how they share the space.
//!
//! A panel draws what the [`Model`] says, keeps where it is scrolled to in its own state, and
//! pushes commands; it changes nothing else.

mod as_host;
mod bytes_view;
mod cheat_sheet;
mod code;
mod comment;
mod compare;
mod compose;
mod compose_checks;
mod compose_login;
mod compose_preview;
mod compose_rows;
mod compose_verdict;
mod content_view;
mod debug;
mod drawer;
mod drawer_tests;
mod elsewhere;
mod environment;
mod environment_changes;
mod environment_rows;
mod environment_source;
mod environment_table;
mod filter_box;
mod fix_button;
mod fix_dialog;
mod hand_on;
mod hosts_tab;
mod inspector;
mod json_view;
mod log;
mod log_columns;
mod log_row;
mod meaning_table;
mod output;
mod output_fields;
mod output_text;
mod overview;
mod page_view;
mod palette;
mod path_field;
mod picture_view;
mod place_link;
mod process;
mod regions;
mod repeat;
mod request_carried;
mod request_fields;
mod request_tab;
mod response;
mod response_fields;
mod saved_dialog;
mod sidebar;
mod sidebar_requests;
mod split;
mod start;
mod status_bar;
mod step;
mod surroundings;
#[cfg(test)]
mod tests;
mod time;
mod time_chunks;
mod top_bar;
mod versions;
mod words;

use eframe::egui::{Color32, Frame, Margin, Rect, Ui, UiBuilder, pos2};

use super::command::Command;
use super::model::details::Shown;
use super::model::site::SiteModel;
use super::model::{Model, Workspace};
use super::theme::Theme;
use super::widgets::palette::PaletteState;
use regions::Regions;
use split::Axis;

const TOP_BAR: f32 = 44.0;
const STATUS_BAR: f32 = 26.0;
/// Below this width the list stands above the detail.
const NARROW: f32 = 1100.0;
const LEAST_LIST: f32 = 420.0;
const LEAST_DETAIL: f32 = 480.0;
const LEAST_HEIGHT: f32 = 140.0;

/// What the panels remember from frame to frame.
#[derive(Default)]
pub struct State {
    /// Which part of the window has the keyboard.
    pub regions: Regions,
    /// The palette, while it is open.
    pub palette: PaletteState,
    start: start::State,
    log: log::State,
    inspector: inspector::State,
    step: step::State,
    elsewhere: elsewhere::State,
    hand_on: hand_on::State,
    compose: compose::State,
    drawer: drawer::State,
    comment: comment::State,
    code: code::State,
    fix_dialog: fix_dialog::State,
    dialogs: code::dialogs::State,
}

impl State {
    /// The drawer shows how the saved requests went.
    pub(super) fn show_tests(&mut self) {
        self.drawer.show_tests();
    }

    /// The user chose where an export goes.
    pub(super) fn choose_export(&mut self, path: &std::path::Path) {
        self.hand_on.choose(path);
    }
}

/// Draws the whole window.
pub fn ui(ui: &mut Ui, model: &Model, state: &mut State, commands: &mut Vec<Command>) {
    state.regions.begin();
    let whole = ui.max_rect();
    ui.painter().rect_filled(whole, 0.0, Theme::of(ui).base);
    match &model.site {
        None => start::ui(ui, model, &mut state.start, commands),
        Some(site) => site_ui(ui, whole, model, site, state, commands),
    }
    if let Some(site) = &model.site {
        if let Some(dialog) = &site.saved.dialog {
            saved_dialog::ui(ui, &site.state.folder, dialog, commands);
        }
        if let Some(repeating) = &site.repeating {
            repeat::ui(ui, repeating, commands);
        }
        surroundings::ui(ui, &site.surroundings, commands);
        fix_dialog::ui(ui, &site.fixing, &mut state.fix_dialog, commands);
    }
    code::dialogs::ui(ui, model, &mut state.dialogs, commands);
    match model.site.as_ref().map(|site| (site, site.commenting)) {
        Some((site, Some(id))) => comment::ui(ui, site, id, &mut state.comment, commands),
        _ => comment::close(&mut state.comment),
    }
    if model.palette {
        palette::ui(ui, model, &mut state.palette, commands);
    }
    if model.cheat_sheet {
        cheat_sheet::ui(ui, commands);
    }
    state.regions.end(ui.ctx());
}

fn site_ui(
    ui: &mut Ui,
    whole: Rect,
    model: &Model,
    site: &SiteModel,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    let (top, rest) = whole.split_top_bottom_at_y(whole.top() + TOP_BAR);
    let (rest, bottom) = rest.split_top_bottom_at_y(rest.bottom() - STATUS_BAR);
    room(ui, "top bar", top, theme.panel, |ui| {
        top_bar::ui(ui, model, site, commands);
    });
    room(ui, "status bar", bottom, theme.panel, |ui| {
        status_bar::ui(ui, model, site, commands);
    });
    ui.painter()
        .hline(whole.x_range(), top.bottom() - 0.5, theme.separator());
    ui.painter()
        .hline(whole.x_range(), bottom.top() + 0.5, theme.separator());
    let rest = with_drawer(ui, rest, model, site, state, commands);
    let rest = with_sidebar(ui, rest, model, site, state, commands);
    if let (Some(stepping), Shown::Here(detail)) = (&site.stepping, site.details.shown()) {
        room(ui, "steps", rest, theme.base, |ui| {
            step::ui(ui, detail, stepping, &mut state.step, commands);
        });
        return;
    }
    if let Some(shown) = &site.elsewhere {
        room(ui, "elsewhere", rest, theme.base, |ui| {
            elsewhere::ui(ui, site, shown, &mut state.elsewhere, commands);
        });
        return;
    }
    if let Some(shown) = &site.hand_on {
        room(ui, "hand on", rest, theme.base, |ui| {
            hand_on::ui(ui, model, site, shown, &mut state.hand_on, commands);
        });
        return;
    }
    if site.composer.open {
        room(ui, "compose", rest, theme.base, |ui| {
            compose::ui(ui, model, &site.composer, &mut state.compose, commands);
        });
        return;
    }
    if let Some(debugging) = site.debugging.as_ref().filter(|one| !one.aside) {
        room(ui, "debugger", rest, theme.base, |ui| {
            debug::ui(ui, debugging, commands);
        });
        return;
    }
    match model.workspace {
        Workspace::Inspect => list_and_detail(ui, rest, model, site, state, commands),
        Workspace::Code => code::ui(ui, rest, model, site, &mut state.code, commands),
    }
}

fn with_drawer(
    ui: &mut Ui,
    rest: Rect,
    model: &Model,
    site: &SiteModel,
    state: &mut State,
    commands: &mut Vec<Command>,
) -> Rect {
    if !model.drawer {
        return rest;
    }
    let height = model
        .preferences
        .drawer_height
        .clamp(80.0, (rest.height() - 2.0 * LEAST_HEIGHT).max(80.0));
    let (rest, drawer) = rest.split_top_bottom_at_y(rest.bottom() - height);
    room(ui, "drawer", drawer, Theme::of(ui).panel, |ui| {
        drawer::ui(ui, site, &mut state.drawer, commands);
    });
    if let Some(moved) = split::ui(ui, "drawer", drawer.top(), rest.x_range(), Axis::Horizontal) {
        let height = moved.to(height, -1.0, 220.0);
        commands.push(Command::DrawerHeight(height.clamp(80.0, 800.0)));
    }
    rest
}

fn with_sidebar(
    ui: &mut Ui,
    rest: Rect,
    model: &Model,
    site: &SiteModel,
    state: &mut State,
    commands: &mut Vec<Command>,
) -> Rect {
    if !model.preferences.sidebar {
        return rest;
    }
    let width = model.preferences.sidebar_width;
    let (sidebar, rest) = rest.split_left_right_at_x(rest.left() + width);
    room(ui, "sidebar", sidebar, Theme::of(ui).panel, |ui| {
        sidebar::ui(ui, model, site, &mut state.regions, commands);
    });
    if let Some(moved) = split::ui(
        ui,
        "sidebar",
        sidebar.right(),
        rest.y_range(),
        Axis::Vertical,
    ) {
        commands.push(Command::SidebarWidth(
            moved.to(width, 1.0, 220.0).clamp(160.0, 360.0),
        ));
    }
    rest
}

fn list_and_detail(
    ui: &mut Ui,
    rest: Rect,
    model: &Model,
    site: &SiteModel,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let theme = Theme::of(ui);
    if model.detail_alone && site.selected().is_some() {
        return room(ui, "detail", rest, theme.base, |ui| {
            inspector::ui(
                ui,
                model,
                site,
                &mut state.inspector,
                &mut state.regions,
                commands,
            );
        });
    }
    let narrow = ui.ctx().content_rect().width() < NARROW;
    let share = model.preferences.list_share;
    let (length, least_list, least_detail) = if narrow {
        (rest.height(), LEAST_HEIGHT, 2.0 * LEAST_HEIGHT)
    } else {
        (rest.width(), LEAST_LIST, LEAST_DETAIL)
    };
    let first = (length * share).min(length - least_detail).max(least_list);
    let (list, detail, at, range, axis) = if narrow {
        let (list, detail) = rest.split_top_bottom_at_y(rest.top() + first);
        (
            list,
            detail,
            list.bottom(),
            rest.x_range(),
            Axis::Horizontal,
        )
    } else {
        let (list, detail) = rest.split_left_right_at_x(rest.left() + first);
        (list, detail, list.right(), rest.y_range(), Axis::Vertical)
    };
    room(ui, "list", list, theme.base, |ui| {
        log::ui(
            ui,
            model,
            site,
            &mut state.log,
            &mut state.regions,
            commands,
        );
    });
    room(ui, "detail", detail, theme.base, |ui| {
        inspector::ui(
            ui,
            model,
            site,
            &mut state.inspector,
            &mut state.regions,
            commands,
        );
    });
    if let Some(moved) = split::ui(ui, "list", at, range, axis) {
        let first = moved.to(first, 1.0, length * 0.44);
        commands.push(Command::ListShare((first / length).clamp(0.15, 0.85)));
    }
}

/// A part of the window with its own ground; its name keeps what is in it apart from other parts.
fn room(ui: &mut Ui, name: &str, place: Rect, ground: Color32, contents: impl FnOnce(&mut Ui)) {
    let end = pos2(
        place.right().max(place.left()),
        place.bottom().max(place.top()),
    );
    let place = Rect::from_min_max(place.min, end);
    ui.painter().rect_filled(place, 0.0, ground);
    let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(place));
    child.set_clip_rect(place.intersect(ui.clip_rect()));
    contents(&mut child);
}

/// A margin around a part.
fn padded(ui: &mut Ui, x: i8, y: i8, contents: impl FnOnce(&mut Ui)) {
    Frame::new()
        .inner_margin(Margin::symmetric(x, y))
        .show(ui, contents);
}
