//! The palette's items: every verb, and every script of the site.

use eframe::egui::Ui;

use crate::gui::command::{Command, verbs};
use crate::gui::model::Model;
use crate::gui::model::site::url_path;
use crate::gui::widgets::palette::{self, PaletteAnswer, PaletteItem, PaletteState};

/// Shows the palette and pushes what was chosen.
pub(super) fn ui(
    ui: &mut Ui,
    model: &Model,
    state: &mut PaletteState,
    commands: &mut Vec<Command>,
) {
    let verbs: Vec<_> = verbs()
        .filter(|verb| verb.command != Command::Palette)
        .collect();
    let keys: Vec<String> = verbs.iter().map(|verb| verb.key_text()).collect();
    let mut items: Vec<PaletteItem<'_>> = verbs
        .iter()
        .zip(&keys)
        .map(|(verb, key)| PaletteItem {
            title: verb.label,
            hint: verb.tooltip,
            group: verb.group,
            key,
            disabled: (verb.disabled)(model),
        })
        .collect();
    let scripts = model
        .site
        .as_ref()
        .map(|site| &*site.scripts)
        .unwrap_or_default();
    items.extend(scripts.iter().map(|script| PaletteItem {
        title: &script.entry.name,
        hint: "Send a GET to this script",
        group: "Script",
        ..PaletteItem::default()
    }));
    match palette::ui(ui, state, &items) {
        PaletteAnswer::Open => {}
        PaletteAnswer::Closed => commands.push(Command::Palette),
        PaletteAnswer::Chosen(index) => {
            commands.push(Command::Palette);
            let script = index
                .checked_sub(verbs.len())
                .and_then(|index| scripts.get(index));
            let chosen = verbs.get(index).map(|verb| verb.command.clone());
            commands
                .extend(chosen.or_else(|| script.map(|script| Command::Send(url_path(script)))));
        }
    }
}
