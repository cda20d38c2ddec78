//! The composer: a request is written on the left, and what its script would be told stands on the right.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{
    Align, Event, FontSelection, Id, Key, Label, Layout, Margin, Popup, Rect, Response, RichText,
    TextEdit, Ui, UiBuilder, Vec2, pos2,
};

use super::{
    compose_checks, compose_login, compose_preview, compose_rows, compose_verdict, log, padded,
    words,
};
use crate::gui::command::{Command, RepeatCommand, SavedCommand};
use crate::gui::model::Model;
use crate::gui::model::compose::curl;
use crate::gui::model::compose::deck::EdgeCase;
use crate::gui::model::compose::draft::{Draft, Field};
use crate::gui::model::compose::login::Login;
use crate::gui::model::compose::{Composer, Work};
use crate::gui::model::site::since;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::{button, tabs};

/// The share of the width that the form takes, and what it takes where there is little.
const FORM: f32 = 0.54;
const FORM_NARROW: f32 = 0.56;
/// Below this width names are short.
const NARROW: f32 = 800.0;
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The tabs of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    /// The query as rows.
    #[default]
    Query,
    /// The header fields.
    Headers,
    /// The body.
    Body,
    /// The login.
    Login,
    /// What is expected of the run.
    Checks,
    /// The bytes themselves.
    Raw,
}

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    tab: Tab,
    /// In which frame it was drawn last: after a pause it has just been opened.
    drawn: u64,
    replaced: u64,
    preview: compose_preview::State,
}

/// Draws the view over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    model: &Model,
    composer: &Composer,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let Some(work) = &composer.work else {
        return;
    };
    let mut draft = work.draft.clone();
    let already = commands.len();
    let now = ui.ctx().cumulative_frame_nr();
    let is_new = state.drawn + 1 < now || state.drawn == 0 || state.replaced != composer.replaced;
    (state.drawn, state.replaced) = (now, composer.replaced);
    if is_new && draft.raw.is_some() {
        state.tab = Tab::Raw;
    } else if draft.raw.is_none() && state.tab == Tab::Raw {
        state.tab = Tab::Query;
    }
    padded(ui, 24, 14, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        title_ui(ui, model, composer, work, commands);
        if draft.raw.is_none() {
            line_ui(ui, &mut draft, is_new, commands);
        }
        compose_verdict::ui(ui, composer, &draft);
        columns_ui(ui, composer, &mut draft, state, commands);
    });
    draft.reconcile(&work.draft);
    if draft != work.draft {
        // Whatever else was asked for in this frame is done to the draft as it is by now.
        commands.insert(already, Command::EditDraft(Box::new(draft)));
    }
}

fn title_ui(
    ui: &mut Ui,
    model: &Model,
    composer: &Composer,
    work: &Work,
    commands: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            send_ui(ui, model, composer, commands);
            let close = ui.add(button::quiet("Close"));
            if close
                .on_hover_text("Back to the list; the draft is kept (Esc)")
                .clicked()
            {
                commands.push(Command::EndCompose);
            }
            save_ui(ui, work, commands);
            more_ui(ui, commands);
            edge_cases_ui(ui, commands);
            let clear = ui.add(button::quiet("Clear"));
            if clear.on_hover_text("Begin anew with a plain GET").clicked() {
                commands.push(Command::ClearDraft);
            }
            if composer.discarded.is_some() {
                let undo = ui.add(button::bare("Undo"));
                let hint = "Bring back the draft that was cleared or replaced";
                if undo.on_hover_text(hint).clicked() {
                    commands.push(Command::UndoClearDraft);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(theme::title_text("Compose"));
                ui.add(Label::new(Theme::of(ui).weak(work.in_words())).truncate());
            });
        });
    });
}

fn send_ui(ui: &mut Ui, model: &Model, composer: &Composer, commands: &mut Vec<Command>) {
    let Some(sending) = composer.sending else {
        let can = !matches!(composer.preview, Some(Err(_)));
        let send = button::primary("Send").key("Ctrl Enter").enabled(can);
        if ui.add(send).clicked() && can {
            commands.push(Command::SendDraft);
        }
        return;
    };
    let stop = button::primary("Stop").enabled(sending.id.is_some());
    if ui
        .add(stop)
        .on_hover_text("End the script; its record stays")
        .clicked()
    {
        commands.push(Command::StopSending);
    }
    let taken = since(sending.since, model.now);
    ui.label(Theme::of(ui).weak(format!("sending … {}", words::seconds(taken))));
    ui.ctx()
        .request_repaint_after(std::time::Duration::from_millis(250));
}

fn save_ui(ui: &mut Ui, work: &Work, commands: &mut Vec<Command>) {
    let (label, hint) = match &work.saved {
        Some(saved) => (
            "Save",
            format!("Into {} (Ctrl S)", words::path(&saved.path)),
        ),
        None => (
            if ui.ctx().content_rect().width() < 1100.0 {
                "Save…"
            } else {
                "Save as request…"
            },
            "Keep it with what it expects in the folder's requests/ (Ctrl S)".to_owned(),
        ),
    };
    if ui.add(button::quiet(label)).on_hover_text(hint).clicked() {
        commands.push(Command::Saved(SavedCommand::Save));
    }
}

fn more_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    let response = ui.add(button::quiet("Repeat…"));
    let hint = "Send it many times, several at once, and see what came of it";
    if response.on_hover_text(hint).clicked() {
        commands.push(Command::Repeat(RepeatCommand::AskForDraft));
    }
}

fn edge_cases_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    let response = ui
        .add(button::quiet("Edge cases").icon(Icon::Down))
        .on_hover_text("Make this request one that scripts stumble over");
    Popup::menu(&response).show(|ui| {
        for case in EdgeCase::ALL {
            if ui
                .button(case.label())
                .on_hover_text(case.question())
                .clicked()
            {
                commands.push(Command::TakeEdgeCase(case));
            }
        }
    });
}

/// Method, target and version: the first line as it is sent.
fn line_ui(ui: &mut Ui, draft: &mut Draft, is_new: bool, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        field_ui(ui, &mut draft.method, "Method", "GET", 84.0);
        let methods = button::icon_ui(ui, Icon::Down, "Common methods");
        Popup::menu(&methods).show(|ui| {
            for method in METHODS {
                if ui.button(method).clicked() {
                    method.clone_into(&mut draft.method);
                }
            }
        });
        let width = (ui.available_width() - 68.0).max(80.0);
        let id = ui.make_persistent_id("target");
        take_curl(ui, id, commands);
        let field = TextEdit::singleline(&mut draft.target)
            .id(id)
            .font(theme::mono())
            .hint_text("/path?query, or paste a curl command")
            .desired_width(width)
            .margin(Margin::symmetric(8, 6));
        let field = ui.add(field);
        log::named(ui, &field, "Target");
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if is_entered && curl::looks_like_one(&draft.target) {
            commands.push(Command::TakeCurl(draft.target.clone()));
        }
        if is_new {
            focus_path(ui, &field, &draft.target);
        }
        let version = RichText::new(draft.version.as_str()).font(theme::mono());
        ui.label(version.color(Theme::of(ui).weak));
    });
}

/// The cursor goes to the end of the path, before any query.
fn focus_path(ui: &Ui, field: &Response, target: &str) {
    field.request_focus();
    let path = target.split('?').next().unwrap_or_default();
    let cursor = CCursor::new(path.chars().count());
    let mut state = TextEditState::load(ui.ctx(), field.id).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::one(cursor)));
    state.store(ui.ctx(), field.id);
}

/// A curl command that is pasted into the target becomes the draft. It is taken before the field sees it, which
/// would make its lines one.
fn take_curl(ui: &Ui, field: Id, commands: &mut Vec<Command>) {
    if !ui.memory(|memory| memory.has_focus(field)) {
        return;
    }
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Paste(text) if curl::looks_like_one(text) => {
                commands.push(Command::TakeCurl(text.clone()));
                false
            }
            _ => true,
        });
    });
}

/// A field for one line of text.
pub(super) fn field_ui(
    ui: &mut Ui,
    text: &mut String,
    label: &str,
    hint: &str,
    width: f32,
) -> Response {
    let field = TextEdit::singleline(text)
        .font(FontSelection::FontId(theme::mono()))
        .hint_text(hint)
        .desired_width(width)
        .margin(Margin::symmetric(8, 6));
    let field = ui.add(field);
    log::named(ui, &field, label);
    field
}

fn columns_ui(
    ui: &mut Ui,
    composer: &Composer,
    draft: &mut Draft,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let place = ui.available_rect_before_wrap();
    ui.allocate_rect(place, eframe::egui::Sense::hover());
    let share = if place.width() < NARROW {
        FORM_NARROW
    } else {
        FORM
    };
    let middle = place.left() + place.width() * share;
    let form = Rect::from_min_max(place.min, pos2(middle - 12.0, place.bottom()));
    let right = Rect::from_min_max(pos2(middle + 12.0, place.top()), place.max);
    ui.painter()
        .vline(middle, place.y_range(), Theme::of(ui).separator());
    let mut child = ui.new_child(UiBuilder::new().id_salt("form").max_rect(form));
    child.set_clip_rect(form.expand2(Vec2::new(2.0, 0.0)).intersect(ui.clip_rect()));
    form_ui(&mut child, composer, draft, state, commands);
    let mut child = ui.new_child(UiBuilder::new().id_salt("preview").max_rect(right));
    child.set_clip_rect(right.intersect(ui.clip_rect()));
    let told = composer
        .work
        .as_ref()
        .and_then(|work| work.origin.as_ref()?.told.as_deref());
    compose_preview::ui(
        &mut child,
        composer
            .preview
            .as_ref()
            .and_then(|found| found.as_deref().ok()),
        told,
        &mut state.preview,
        commands,
    );
}

/// Nothing is counted while the bytes themselves are edited: the rows are not what is sent then.
fn tab_names(draft: &Draft, expectations: usize) -> [String; 6] {
    let checks = format!("Checks {expectations}");
    let [query, headers, body, login, raw] =
        ["Query", "Headers", "Body", "Login", "Raw"].map(str::to_owned);
    if draft.raw.is_some() {
        return [query, headers, body, login, checks, raw];
    }
    let typed = |field: &&Field| field.on && !field.automatic;
    let rows = draft.query.iter().filter(|row| row.on).count();
    let fields = draft.fields.iter().filter(typed).count();
    let login = match Login::of(draft) {
        Login::None => login,
        Login::Basic { .. } => "Login: Basic".to_owned(),
        Login::Bearer(_) => "Login: Bearer".to_owned(),
        Login::Other(_) => "Login: other".to_owned(),
    };
    [
        format!("{query} {rows}"),
        format!("{headers} {fields}"),
        format!("{body}: {}", draft.body.label()),
        login,
        checks,
        raw,
    ]
}

fn form_ui(
    ui: &mut Ui,
    composer: &Composer,
    draft: &mut Draft,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let expectations = composer
        .work
        .as_ref()
        .map_or(0, |work| work.expectations.len());
    let mut names = tab_names(draft, expectations);
    if ui.available_width() < NARROW * FORM {
        // The first word is what it is; counts and kinds are seen once it is open.
        for name in &mut names {
            let end = name.find([' ', ':']).unwrap_or(name.len());
            name.truncate(end);
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let all = [
        Tab::Query,
        Tab::Headers,
        Tab::Body,
        Tab::Login,
        Tab::Checks,
        Tab::Raw,
    ];
    let open = all.iter().position(|tab| *tab == state.tab);
    if let Some(tab) = tabs::ui(ui, &names, open.unwrap_or_default()).and_then(|at| all.get(at)) {
        match (*tab, &draft.raw) {
            (Tab::Raw, None) => commands.push(Command::EditRaw),
            (Tab::Raw | Tab::Checks, _) => {}
            (_, Some(_)) => commands.push(Command::LeaveRaw),
            (_, None) => {}
        }
        state.tab = *tab;
    }
    match (state.tab, &mut draft.raw) {
        (Tab::Checks, _) => compose_checks::ui(ui, composer, commands),
        (_, Some(raw)) => compose_rows::raw_ui(ui, raw),
        (Tab::Headers, None) => compose_rows::fields_ui(ui, draft),
        (Tab::Body, None) => compose_rows::body_ui(ui, draft),
        (Tab::Login, None) => compose_login::ui(ui, draft),
        (Tab::Query | Tab::Raw, None) => compose_rows::query_ui(ui, draft),
    }
}
