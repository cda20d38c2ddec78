//! The sidebar: every script of the site with how it stands, and the saved requests below.

use cgi_engine::diagnosis::Severity;
use cgi_engine::exchange::Progress;
use cgi_engine::message::{Phase, ScriptStatus};
use eframe::egui::{ScrollArea, Ui, UiBuilder};

use super::log_row::outcome;
use super::regions::{Region, Regions};
use super::{debug, padded, sidebar_requests, words};
use crate::gui::command::{Command, DebugCommand, EditorCommand, Verb, verb_of};
use crate::gui::model::site::{SiteModel, url_path};
use crate::gui::model::{Model, Workspace};
use crate::gui::theme::Theme;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::mark::Mark;
use crate::gui::widgets::nav::{self, Lead};

/// Draws the sidebar over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    regions: &mut Regions,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = 0.0;
    workspaces_ui(ui, model, commands);
    let place = ui.available_rect_before_wrap();
    let requests = sidebar_requests::height(&site.saved, place.height());
    let (scripts, requests) = place.split_top_bottom_at_y(place.bottom() - requests);
    for (name, place) in [("scripts", scripts), ("requests", requests)] {
        let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(place));
        child.set_clip_rect(place.intersect(ui.clip_rect()));
        match name {
            "scripts" => scripts_ui(&mut child, model, site, regions, commands),
            _ => sidebar_requests::ui(&mut child, site, commands),
        }
    }
}

fn workspaces_ui(ui: &mut Ui, model: &Model, commands: &mut Vec<Command>) {
    ui.add_space(8.0);
    let is_covered = model.site.as_ref().is_some_and(SiteModel::is_covered);
    for workspace in Workspace::ALL {
        let icon = match workspace {
            Workspace::Inspect => Icon::Inspect,
            Workspace::Code => Icon::Code,
        };
        let chosen = model.workspace == workspace && !is_covered;
        let show = Command::Show(workspace);
        let hint = verb_of(&show).map(Verb::hint).unwrap_or_default();
        let row = nav::row_ui(ui, Lead::Place(icon), workspace.label(), chosen, false);
        if row.on_hover_text(hint).clicked() {
            commands.push(show);
        }
    }
    let debugging = model.site.as_ref().and_then(|site| site.debugging.as_ref());
    if let Some(debugging) = debugging {
        let lead = Lead::Mark(debug::mark_of(&debugging.phase));
        let row = nav::row_ui(ui, lead, "Debugger", !debugging.aside, false);
        if row.on_hover_text(debugging.in_words()).clicked() {
            commands.push(Command::Debug(DebugCommand::Show));
        }
    }
}

fn scripts_ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    regions: &mut Regions,
    commands: &mut Vec<Command>,
) {
    ui.add_space(8.0);
    if nav::group_ui(ui, "Scripts", Some("New script…")) {
        commands.push(Command::Editor(EditorCommand::NewScript));
    }
    if site.scripts.is_empty() {
        let words = if site.state.phase == Phase::FolderGone {
            "The folder is gone. Put it back, or open another one."
        } else {
            "No scripts here yet. Begin one with the sign above."
        };
        padded(ui, 16, 0, |ui| {
            ui.label(Theme::of(ui).weak(words));
        });
        return;
    }
    let area = ScrollArea::vertical().auto_shrink(false);
    area.show_rows(ui, 26.0, site.scripts.len(), |ui, range| {
        for index in range {
            let Some(script) = site.scripts.get(index) else {
                continue;
            };
            let response = script_ui(ui, model, site, script, commands);
            if index == 0 {
                regions.note(Region::Sidebar, response.id);
            }
        }
    });
}

fn script_ui(
    ui: &mut Ui,
    model: &Model,
    site: &SiteModel,
    script: &ScriptStatus,
    commands: &mut Vec<Command>,
) -> eframe::egui::Response {
    let in_code = model.shows_code();
    let shown = site.editor.page().map(|page| &page.path);
    let chosen = match in_code {
        true => shown == Some(&script.entry.path),
        false => site.is_narrowed_to(script),
    };
    let lead = standing(model, site, script).map_or(Lead::Nothing, Lead::Mark);
    let name = script
        .entry
        .name
        .strip_prefix("cgi-bin/")
        .unwrap_or(&script.entry.name);
    let response = nav::row_ui(ui, lead, name, chosen, true);
    let response = response.on_hover_text(told(script));
    if response.clicked() && in_code {
        let path = script.entry.path.clone();
        commands.push(Command::Editor(EditorCommand::Open(path, None)));
    } else if response.clicked() {
        commands.push(Command::SetFilter(site.toggled_script(script)));
        if let Some(last) = site.last_run(script).filter(|_| !chosen) {
            commands.push(Command::Select(last.id));
        }
    }
    response.context_menu(|ui| {
        let file = &script.entry.path;
        if ui.button("Edit").clicked() {
            let open = EditorCommand::Open(file.clone(), None);
            commands.push(Command::Editor(open));
        }
        if ui.button("Open in another editor").clicked() {
            let open = EditorCommand::OpenOutside(file.clone(), 1);
            commands.push(Command::Editor(open));
        }
        let path = url_path(script);
        let url = model
            .site_url()
            .map(|site| format!("{}{path}", site.trim_end_matches('/')));
        if let Some(url) = url {
            if ui.button("Open in browser").clicked() {
                commands.push(Command::OpenUrl(url.clone()));
            }
            if ui.button("Copy URL").clicked() {
                commands.push(Command::Copy {
                    what: "URL".to_owned(),
                    text: url,
                });
            }
        }
        if ui.button("Send a GET").clicked() {
            commands.push(Command::Send(path.clone()));
        }
        if ui.button("Write a request…").clicked() {
            commands.push(Command::ComposeTo(path));
        }
        if ui.button("Copy file path").clicked() {
            let text = script.entry.path.display().to_string();
            commands.push(Command::Copy {
                what: "Path".to_owned(),
                text,
            });
        }
    });
    response
}

/// What is known before a run counts more than how the last one went.
fn standing(model: &Model, site: &SiteModel, script: &ScriptStatus) -> Option<Mark> {
    // What the script was before it was saved says nothing of what it is now.
    let last = site
        .last_run(script)
        .filter(|row| row.progress == Progress::Running || !site.saved_since(script, row.id))
        .map(|row| (row.progress, outcome(row, model.now).0));
    if let Some((Progress::Running, mark)) = last {
        return Some(mark);
    }
    match script.findings.iter().map(|finding| finding.severity).min() {
        Some(Severity::Error) => Some(Mark::Failed),
        Some(Severity::Warning) if last.is_none_or(|(_, mark)| mark != Mark::Failed) => {
            Some(Mark::Warning)
        }
        _ => last.map(|(_, mark)| {
            if mark == Mark::Redirect {
                Mark::Ok
            } else {
                mark
            }
        }),
    }
}

/// What the tooltip says of a script.
fn told(script: &ScriptStatus) -> String {
    let mut lines = vec![words::path(&script.entry.path)];
    lines.extend(script.findings.iter().map(|finding| finding.title.clone()));
    lines.join("\n")
}
