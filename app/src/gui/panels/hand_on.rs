//! Requests on their way out: which, in what form, without which secrets, and where to. And those that come in.

use cgi_engine::exchange::ExchangeId;
use cgi_engine::export::redact::{Chosen, Secret};
use eframe::egui::{Align, Checkbox, Label, Layout, RichText, ScrollArea, TextEdit, Ui, Vec2};

use super::path_field::{self, Typed};
use super::{log, padded, words};
use crate::gui::command::Command;
use crate::gui::model::Model;
use crate::gui::model::hand_on::{Export, HandOn, Order, numbers};
use crate::gui::model::site::SiteModel;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::{button, chip};
use crate::hand_on::Form;

/// A value is shown up to here.
const VALUE_CHARACTERS: usize = 36;
/// What takes no longer than this is not worth a word.
const WORTH_A_WORD_MILLIS: i64 = 500;

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    which: String,
    /// The requests that `which` was last read as.
    ids: Vec<ExchangeId>,
    form: Form,
    /// Secrets that stay readable, by their place in the list.
    open: Vec<usize>,
    hide_lengths: bool,
    path: Typed,
    /// The user has typed a path: the form does not change it any more.
    own_path: bool,
    import: Typed,
}

/// Draws the view over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    shown: &HandOn,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    padded(ui, 24, 14, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        title_ui(ui, shown, commands);
        match shown {
            HandOn::Export(export) => export_ui(ui, model, site, export, state, commands),
            HandOn::Import { file, outcome } => {
                import_ui(ui, model, state, commands);
                match outcome {
                    Some(Ok(words)) => mark::ui(ui, Mark::Ok, words),
                    Some(Err(why)) => mark::ui(ui, Mark::Failed, why),
                    None if file.is_some() => ui.label(Theme::of(ui).weak("Reading …")),
                    None => ui.label(Theme::of(ui).weak(
                        "A bundle of another CGI Studio (.cgiruns), or an HTTP archive (.har) as browsers and other inspectors save it. A file can be dropped on the window, too.",
                    )),
                };
            }
        }
    });
}

fn title_ui(ui: &mut Ui, shown: &HandOn, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = ui.add(button::quiet("Close"));
            if close.on_hover_text("Back to the list (Esc)").clicked() {
                commands.push(Command::EndHandOn);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(theme::title_text(match shown {
                    HandOn::Export(_) => "Export requests",
                    HandOn::Import { .. } => "Import requests",
                }));
            });
        });
    });
}

fn export_ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    export: &Export,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    which_ui(ui, site, export, state, commands);
    form_ui(ui, state);
    let bottom = 78.0;
    let height = (ui.available_height() - bottom).max(90.0);
    ui.allocate_ui_with_layout(
        Vec2::new(ui.available_width(), height),
        Layout::top_down(Align::Min),
        |ui| match &export.secrets {
            None => {
                ui.label(Theme::of(ui).weak("Looking for secrets …"));
            }
            Some(Err(why)) => {
                mark::ui(ui, Mark::Failed, why);
            }
            Some(Ok(secrets)) => secrets_ui(ui, secrets, state),
        },
    );
    destination_ui(ui, model, export, state, commands);
    outcome_ui(ui, model, export, state, commands);
}

fn which_ui(
    ui: &mut Ui,
    site: &SiteModel,
    export: &Export,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    if state.ids != export.ids {
        state.ids.clone_from(&export.ids);
        state.which = in_words(&export.ids);
        state.open.clear();
    }
    ui.horizontal(|ui| {
        ui.label("Requests");
        let field = TextEdit::singleline(&mut state.which)
            .font(theme::mono())
            .desired_width(160.0);
        let field = ui.add(field);
        log::named(ui, &field, "Numbers of requests");
        // Read as it stands after this frame's edit.
        match &numbers(&state.which, |id| site.row(id).is_some()) {
            Ok(ids) if field.changed() => {
                state.ids.clone_from(ids);
                state.open.clear();
                commands.push(Command::ExportThese(ids.clone()));
            }
            Ok(_) => {
                ui.label(Theme::of(ui).weak("Numbers and ranges, such as 3, 5-9"));
            }
            Err(why) => {
                mark::ui(ui, Mark::Warning, why);
            }
        }
    });
}

/// `3, 5-9`.
fn in_words(ids: &[ExchangeId]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == id.0 => *last = id.0,
            _ => runs.push((id.0, id.0)),
        }
    }
    let words = runs.into_iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn form_ui(ui: &mut Ui, state: &mut State) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(6.0, 6.0);
        for form in Form::ALL {
            if chip::ui_with_state(ui, state.form == form, form.label(), None).clicked() {
                state.form = form;
            }
        }
    });
    ui.label(Theme::of(ui).weak(state.form.purpose()));
    if !state.own_path {
        let name = match state.ids.as_slice() {
            [one] => format!("request-{one}"),
            _ => "requests".to_owned(),
        };
        state.path.text = format!("~/{name}{}", state.form.ending());
    }
}

fn secrets_ui(ui: &mut Ui, secrets: &[Secret], state: &mut State) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        let hidden = secrets.len() - state.open.len().min(secrets.len());
        let title = match secrets.len() {
            0 => "No secrets were found".to_owned(),
            all => format!("{hidden} of {all} secrets are hidden"),
        };
        ui.label(theme::strong_text(title));
        if !secrets.is_empty() {
            if ui.add(button::quiet("Hide all")).clicked() {
                state.open.clear();
            }
            if ui.add(button::quiet("Show all")).clicked() {
                state.open = (0..secrets.len()).collect();
            }
            chip::toggle_ui(ui, &mut state.hide_lengths, "Hide their lengths, too", None);
        }
    });
    if secrets.is_empty() {
        let words = "Logins, cookies, passwords and keys are known by where they stand. Look for yourself before you hand it on.";
        ui.add(Label::new(theme.weak(words)).wrap());
        return;
    }
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        for (index, secret) in secrets.iter().enumerate() {
            secret_ui(ui, index, secret, state);
        }
    });
}

fn secret_ui(ui: &mut Ui, index: usize, secret: &Secret, state: &mut State) {
    let theme = Theme::of(ui);
    ui.horizontal_wrapped(|ui| {
        let mut hidden = !state.open.contains(&index);
        let name = format!("{} {}", secret.kind.label(), secret.name);
        if ui.add(Checkbox::new(&mut hidden, name)).changed() {
            state.open.retain(|open| *open != index);
            if !hidden {
                state.open.push(index);
            }
        }
        let mono = |text: String| RichText::new(text).font(theme::mono());
        let before = shortened(&words::text(&secret.value));
        ui.add(Label::new(mono(before).color(theme.weak)).selectable(true));
        if hidden {
            ui.label(theme.weak("→"));
            ui.label(mono(shortened(&secret.masked(!state.hide_lengths))).color(theme.ok));
        }
        ui.label(theme.weak(format!("in {}", secret.places_in_words())));
    });
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(VALUE_CHARACTERS).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

fn destination_ui(
    ui: &mut Ui,
    model: &Model,
    export: &Export,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let ready = matches!(export.secrets, Some(Ok(_))) && export.work.is_none();
    ui.horizontal(|ui| {
        let before = state.path.text.clone();
        let field = path_field::Field {
            name: "File to write",
            hint: "~/requests.har",
            note: "Tab completes the folder, Enter writes",
            width: (ui.available_width() - 400.0).clamp(200.0, 560.0),
        };
        let entered = path_field::ui(ui, model, &mut state.path, &field, commands);
        state.own_path |= state.path.text != before;
        if ui.add(button::quiet("Choose…")).clicked() {
            commands.push(Command::ChooseExport(name_of(&state.path.text)));
        }
        let write = ui.add(button::primary("Write").enabled(ready));
        if (write.clicked() || entered) && ready {
            commands.extend(order(export, state, true, false));
        }
        let copies = ready && !matches!(state.form, Form::Raw | Form::Bundle);
        if ui
            .add(button::quiet("Copy to clipboard").enabled(copies))
            .clicked()
        {
            commands.extend(order(export, state, false, false));
        }
    });
}

fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// None while the secrets are not known, or where the path is none.
fn order(export: &Export, state: &State, to_file: bool, over: bool) -> Option<Command> {
    let Some(Ok(secrets)) = &export.secrets else {
        return None;
    };
    let hidden = secrets
        .iter()
        .enumerate()
        .filter(|(index, _)| !state.open.contains(index));
    Some(Command::ExportNow(Box::new(Order {
        ids: export.ids.clone(),
        form: state.form,
        chosen: Chosen {
            secrets: hidden.map(|(_, secret)| secret.clone()).collect(),
            keep_lengths: !state.hide_lengths,
        },
        file: match to_file {
            true => Some(state.path.path()?),
            false => None,
        },
        over,
    })))
}

fn outcome_ui(
    ui: &mut Ui,
    model: &Model,
    export: &Export,
    state: &State,
    commands: &mut Vec<Command>,
) {
    ui.horizontal_wrapped(|ui| {
        if let Some(work) = &export.work {
            let took = model.now.unix_millis() - work.begun.unix_millis();
            if took >= WORTH_A_WORD_MILLIS {
                ui.spinner();
                ui.label(format!("{} of {} …", work.done, export.ids.len()));
                if ui.add(button::quiet("Cancel")).clicked() {
                    commands.push(Command::CancelExport);
                }
            }
            return;
        }
        match &export.outcome {
            None => {}
            Some(Ok(done)) => {
                mark::ui(ui, Mark::Ok, &done.words);
            }
            Some(Err(failed)) => {
                mark::ui(ui, Mark::Failed, &failed.words);
                if failed.exists && ui.add(button::quiet("Write over it")).clicked() {
                    commands.extend(order(export, state, true, true));
                }
            }
        }
    });
}

fn import_ui(ui: &mut Ui, model: &Model, state: &mut State, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let field = path_field::Field {
            name: "File to import",
            hint: "~/Downloads/site.har",
            note: "Tab completes the folder, Enter imports",
            width: (ui.available_width() - 220.0).clamp(200.0, 560.0),
        };
        let entered = path_field::ui(ui, model, &mut state.import, &field, commands);
        let path = state.import.path();
        let ready = path.is_some();
        let import = ui.add(button::primary("Import").enabled(ready));
        if import.clicked() || entered {
            commands.extend(path.map(Command::ImportRunsFrom));
        }
        if ui.add(button::quiet("Choose…")).clicked() {
            commands.push(Command::ChooseRuns);
        }
    });
}

impl State {
    /// The user chose a place in the system's dialog.
    pub(super) fn choose(&mut self, path: &std::path::Path) {
        self.path.text = words::path(path);
        self.own_path = true;
    }
}
