//! The site on other hosts: what breaks or differs there and the configuration for it, or Apache's read for ours.

use cgi_engine::convert::deploy::{Difference, Severity};
use cgi_engine::convert::{Grade, Host, Note};
use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, Sense, TextEdit, Ui, Vec2};

use super::{log, padded, words};
use crate::gui::command::Command;
use crate::gui::model::elsewhere::{DeployReport, Elsewhere, Import};
use crate::gui::model::site::SiteModel;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::{button, card, chip, empty, line};

/// Below this width the configuration stands under the report.
const WIDE: f32 = 900.0;

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    path: String,
    general: bool,
    /// The pass in which the field for a file was drawn last: it gets the keyboard when it appears.
    field_drawn: Option<u64>,
}

/// Draws the view over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    site: &SiteModel,
    shown: &Elsewhere,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    padded(ui, 24, 14, |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        title_ui(ui, shown, commands);
        hosts_ui(ui, shown, commands);
        match shown {
            Elsewhere::Deploy { host, report } => match report {
                Some(report) => deploy_ui(ui, *host, report, state, commands),
                None => {
                    ui.label(Theme::of(ui).weak("Looking at every script of the site …"));
                }
            },
            Elsewhere::Import { .. } => import_ui(ui, site, shown, state, commands),
        }
    });
}

fn title_ui(ui: &mut Ui, shown: &Elsewhere, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = ui.add(button::quiet("Close"));
            if close.on_hover_text("Back to the list (Esc)").clicked() {
                commands.push(Command::EndElsewhere);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let title = match shown {
                    Elsewhere::Deploy { .. } => "This site on another host",
                    Elsewhere::Import { .. } => "Configuration of Apache for this site",
                };
                ui.label(theme::title_text(title));
            });
        });
    });
}

fn hosts_ui(ui: &mut Ui, shown: &Elsewhere, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::new(6.0, 6.0);
        for host in Host::ALL {
            let on = matches!(shown, Elsewhere::Deploy { host: other, .. } if *other == host);
            if chip::ui_with_state(ui, on, host.label(), None).clicked() {
                commands.push(Command::DeployCheck(host));
            }
        }
        ui.label(Theme::of(ui).weak("or"));
        let on = matches!(shown, Elsewhere::Import { .. });
        if chip::ui_with_state(ui, on, "Import from Apache", None).clicked() {
            commands.push(Command::ImportApache);
        }
    });
}

fn deploy_ui(
    ui: &mut Ui,
    host: Host,
    report: &DeployReport,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let configuration = |ui: &mut Ui, commands: &mut Vec<Command>| match &report.configuration {
        Ok(text) => text_ui(ui, &format!("Configuration for {host}"), text, commands),
        Err(why) => {
            mark::ui(ui, Mark::Failed, why);
        }
    };
    if ui.available_width() < WIDE {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            differences_ui(ui, host, &report.differences, state);
            configuration(ui, commands);
        });
        return;
    }
    let height = ui.available_height();
    ui.horizontal_top(|ui| {
        let half = (ui.available_width() - 24.0) / 2.0;
        let column = |ui: &mut Ui, name: &str, contents: &mut dyn FnMut(&mut Ui)| {
            ui.allocate_ui_with_layout(
                Vec2::new(half, height),
                Layout::top_down(Align::Min),
                |ui| {
                    ScrollArea::vertical()
                        .id_salt(name)
                        .auto_shrink(false)
                        .show(ui, |ui| contents(ui));
                },
            );
        };
        column(ui, "differences", &mut |ui| {
            differences_ui(ui, host, &report.differences, state);
        });
        ui.add_space(24.0);
        column(ui, "configuration", &mut |ui| configuration(ui, commands));
    });
}

fn differences_ui(ui: &mut Ui, host: Host, differences: &[Difference], state: &mut State) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = 10.0;
    let (touching, general): (Vec<&Difference>, Vec<&Difference>) = differences
        .iter()
        .partition(|difference| !difference.touched.is_empty());
    if touching.is_empty() {
        mark::ui(
            ui,
            Mark::Ok,
            &format!("Nothing in this site behaves differently on {host}"),
        );
    } else {
        let count = |severity| {
            touching
                .iter()
                .filter(|difference| difference.severity == severity)
                .count() as u64
        };
        let parts = [
            (count(Severity::Breaks), "thing breaks", "things break"),
            (count(Severity::Differs), "thing differs", "things differ"),
            (count(Severity::Note), "note", "notes"),
        ];
        let line: Vec<String> = parts
            .into_iter()
            .filter(|(number, ..)| *number > 0)
            .map(|(number, one, many)| words::counted(number, one, many))
            .collect();
        ui.label(theme::strong_text(line.join(", ")));
    }
    for difference in touching {
        difference_ui(ui, difference);
    }
    let name = "Good to know";
    if chip::toggle_ui(ui, &mut state.general, name, Some(general.len() as u64)).changed() {
        ui.ctx().request_repaint();
    }
    if state.general {
        ui.label(theme.weak("Nothing in this site shows that these matter here."));
        for difference in general {
            difference_ui(ui, difference);
        }
    }
}

fn difference_ui(ui: &mut Ui, difference: &Difference) {
    let theme = Theme::of(ui);
    let color = match difference.severity {
        Severity::Breaks => theme.fail,
        Severity::Differs => theme.warn,
        Severity::Note => theme.teach,
    };
    card::edged_ui(ui, color, |ui| {
        ui.spacing_mut().item_spacing.y = 5.0;
        let title = RichText::new(words::as_title(difference.title))
            .font(theme::heading())
            .color(color);
        ui.add(Label::new(title).wrap().selectable(true));
        for (name, text) in [
            ("Here", difference.here),
            ("There", difference.there),
            ("Remedy", difference.remedy),
        ] {
            ui.horizontal_top(|ui| {
                let (place, _) = ui.allocate_exact_size(Vec2::new(54.0, 17.0), Sense::empty());
                line::paint(
                    ui.painter(),
                    place,
                    Align::Min,
                    name,
                    theme::body(),
                    theme.weak,
                );
                ui.add(Label::new(text).wrap().selectable(true));
            });
        }
        for touched in &difference.touched {
            let line = touched
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            let place = format!("{}{line}", words::path(&touched.path));
            ui.horizontal_wrapped(|ui| {
                let place = RichText::new(place).font(theme::mono()).color(theme.accent);
                ui.add(Label::new(place).selectable(true));
                ui.add(
                    Label::new(theme.weak(touched.evidence.clone()))
                        .wrap()
                        .selectable(true),
                );
            });
        }
    });
}

/// A text to be read, selected and copied.
fn text_ui(ui: &mut Ui, name: &str, text: &str, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 8.0;
    ui.horizontal(|ui| {
        ui.label(theme::strong_text(name));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(button::quiet("Copy")).clicked() {
                commands.push(Command::Copy {
                    what: name.to_owned(),
                    text: text.to_owned(),
                });
            }
        });
    });
    let mut shown = text;
    let field = TextEdit::multiline(&mut shown)
        .font(theme::mono())
        .desired_width(f32::INFINITY)
        .desired_rows(12);
    let field = ui.add(field);
    log::named(ui, &field, name);
}

fn import_ui(
    ui: &mut Ui,
    site: &SiteModel,
    shown: &Elsewhere,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let Elsewhere::Import {
        file,
        outcome,
        written,
    } = shown
    else {
        return;
    };
    file_ui(ui, state, commands);
    match outcome {
        None if file.is_some() => {
            ui.label(Theme::of(ui).weak("Reading …"));
        }
        None => {
            empty::ui(
                ui,
                "Which file?",
                "Type or choose a configuration file of Apache, such as /etc/apache2/apache2.conf. Files that it includes and the .htaccess files in the folders it names are read as well.",
                &[],
            );
        }
        Some(Err(why)) => {
            mark::ui(ui, Mark::Failed, why);
        }
        Some(Ok(import)) => {
            written_ui(ui, site, import, written.as_ref(), commands);
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                notes_ui(ui, import, true);
                text_ui(ui, "cgi-studio.toml", &import.text, commands);
                notes_ui(ui, import, false);
            });
        }
    }
}

fn file_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut state.path)
            .hint_text("/etc/apache2/apache2.conf")
            .font(theme::mono())
            .desired_width((ui.available_width() - 220.0).clamp(160.0, 560.0));
        let field = ui.add(field);
        log::named(ui, &field, "Configuration file");
        let now = ui.ctx().cumulative_pass_nr();
        if state.field_drawn.is_none_or(|drawn| drawn + 1 < now) {
            field.request_focus();
        }
        state.field_drawn = Some(now);
        let entered =
            field.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
        let ready = !state.path.trim().is_empty();
        if (ui.add(button::primary("Read").enabled(ready)).clicked() || entered) && ready {
            commands.push(Command::ImportFile(state.path.trim().into()));
        }
        if ui.add(button::quiet("Choose…")).clicked() {
            commands.push(Command::ChooseImport);
        }
    });
}

fn written_ui(
    ui: &mut Ui,
    site: &SiteModel,
    import: &Import,
    written: Option<&Result<String, String>>,
    commands: &mut Vec<Command>,
) {
    ui.horizontal_wrapped(|ui| {
        let label = format!("Write cgi-studio.toml into {}", site.state.name);
        let hint = "One that is there is kept beside it under another name; the site is read again at once";
        if ui.add(button::primary(&label)).on_hover_text(hint).clicked() {
            commands.push(Command::WriteImport(import.text.clone()));
        }
        match written {
            Some(Ok(words)) => mark::ui(ui, Mark::Ok, words),
            Some(Err(why)) => mark::ui(ui, Mark::Failed, why),
            None => ui.label(Theme::of(ui).weak(verdict(import))),
        };
    });
}

fn verdict(import: &Import) -> String {
    let count = |wanted: fn(&Note) -> bool| {
        let notes = import.conversion.notes.iter();
        notes.filter(|note| wanted(note)).count() as u64
    };
    let changes = count(|note| note.grade != Grade::Taken && note.matters);
    format!(
        "{} taken, {} left out without effect, {} that {} what the site does",
        words::counted(
            count(|note| note.grade == Grade::Taken),
            "directive",
            "directives"
        ),
        words::count(count(|note| note.grade != Grade::Taken && !note.matters)),
        words::count(changes),
        if changes == 1 { "changes" } else { "change" },
    )
}

/// What was not taken first: that is what one has to know.
/// What was not taken: what changes the site, with the remarks; or, last, what has no effect on it.
fn notes_ui(ui: &mut Ui, import: &Import, that_matter: bool) {
    let theme = Theme::of(ui);
    let notes = import.conversion.notes.iter();
    let mut notes: Vec<&Note> = notes
        .filter(|note| note.grade != Grade::Taken && note.matters == that_matter)
        .collect();
    notes.sort_by_key(|note| std::cmp::Reverse(note.grade));
    ui.spacing_mut().item_spacing.y = 4.0;
    if !that_matter && !notes.is_empty() {
        ui.add_space(8.0);
        ui.label(theme::strong_text("Left out without effect on the site"));
    }
    for note in notes {
        let mark = if note.matters {
            Mark::Warning
        } else {
            Mark::NotReached
        };
        ui.horizontal_wrapped(|ui| {
            mark::ui(ui, mark, note.grade.label());
            let place = format!("{}:{}", words::name_of(&note.file), note.line);
            ui.add(
                Label::new(RichText::new(place).font(theme::mono()).color(theme.accent))
                    .selectable(true),
            );
            ui.label(RichText::new(&note.directive).font(theme::mono()));
            ui.add(
                Label::new(theme.weak(note.meaning.clone()))
                    .wrap()
                    .selectable(true),
            );
        });
    }
    let remarks = import.conversion.remarks.iter();
    for remark in remarks.filter(|_| that_matter) {
        ui.add(Label::new(theme.weak(remark.clone())).wrap());
    }
    ui.add_space(8.0);
}
