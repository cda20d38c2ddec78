//! What would become of a request that is being written, in a line or two.

use cgi_engine::exchange::SelectedTarget;
use cgi_engine::{Preview, PreviewedAnswer};
use eframe::egui::{Label, RichText, Ui};

use super::words;
use crate::gui::model::compose::draft::{Draft, sendable};
use crate::gui::model::compose::{Composer, Previewed};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};

/// One line that says where the request goes, and one for whatever is remarkable about it.
pub(super) fn ui(ui: &mut Ui, composer: &Composer, draft: &Draft) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        match &composer.preview {
            None => {
                ui.label(Theme::of(ui).weak("Looking where it goes …"));
            }
            Some(Err(why)) => {
                mark::ui(ui, Mark::Failed, &format!("Cannot be sent: {why}"));
            }
            Some(Ok(previewed)) => split_ui(ui, previewed),
        }
        let sent = sendable(&draft.target);
        if draft.raw.is_none() && sent != draft.target {
            ui.add(Label::new(Theme::of(ui).weak(format!("Sent as {sent}"))).truncate());
        }
        if let Some(words) = draft.pace.in_words() {
            mark::ui(ui, Mark::Warning, words);
        }
        if let Some(note) = &composer.note {
            mark::ui(ui, Mark::Warning, note);
        }
    });
}

/// The target taken apart, or who answers instead of a script.
fn split_ui(ui: &mut Ui, previewed: &Previewed) {
    let preview = &previewed.preview;
    if let Some(refusal) = &preview.refusal {
        let at = refusal
            .at
            .map_or_else(String::new, |at| format!(" at byte {at}"));
        let text = format!(
            "{} is answered{at}: {} ({})",
            refusal.status, refusal.reason, refusal.authority
        );
        mark::ui(ui, Mark::Failed, &text);
    }
    match &preview.answer {
        PreviewedAnswer::Script(run) => {
            let (script, extra) = run
                .path
                .split_at_checked(run.script_name_length)
                .unwrap_or((&run.path, b""));
            let query = run.request.get("QUERY_STRING").map(|query| &*query.value);
            let parts = [
                ("script", Some(script)),
                ("extra path", Some(extra).filter(|extra| !extra.is_empty())),
                ("query", query.filter(|query| !query.is_empty())),
            ];
            parts_ui(ui, &parts);
            if let Err(why) = &run.program {
                mark::ui(ui, Mark::Failed, &format!("It cannot be started: {why}"));
            }
        }
        PreviewedAnswer::Studio { status } if preview.refusal.is_none() => {
            let text = studio_words(preview, *status);
            let mark = if status.is_some_and(|status| status >= 400) {
                Mark::Warning
            } else {
                Mark::Ok
            };
            mark::ui(ui, mark, &text);
        }
        PreviewedAnswer::Studio { .. } => {}
        PreviewedAnswer::Nobody => {
            let words =
                "The head has no end: a server waits for its empty line, and nobody answers";
            mark::ui(ui, Mark::Warning, words);
        }
    }
    if preview.body_missing_bytes > 0 {
        let count = words::counted(preview.body_missing_bytes, "byte", "bytes");
        mark::ui(
            ui,
            Mark::Warning,
            &format!("{count} of the announced body are missing: the script may wait for them"),
        );
    }
    if preview.left_over_bytes > 0 {
        let count = words::counted(preview.left_over_bytes as u64, "byte", "bytes");
        let text = format!("{count} after its end are taken for the next request");
        mark::ui(ui, Mark::Warning, &text);
    }
}

fn studio_words(preview: &Preview, status: Option<u16>) -> String {
    let status = status.map_or_else(String::new, |status| format!(", with {status}"));
    match &preview.target {
        SelectedTarget::File(file) => format!("No script: the file {file:?} is sent{status}"),
        SelectedTarget::Folder(folder) => format!("No script: {folder:?} is a folder{status}"),
        SelectedTarget::Nothing { nearest } => {
            let nearest = nearest
                .as_ref()
                .map_or_else(String::new, |name| format!("; {name} is nearly the same"));
            format!("Nothing is there{nearest}{status}")
        }
        SelectedTarget::Forbidden(reason) => format!("Not to be had: {reason}{status}"),
        SelectedTarget::Script(_) | SelectedTarget::Undecided => {
            format!("The studio answers itself{status}")
        }
    }
}

fn parts_ui(ui: &mut Ui, parts: &[(&str, Option<&[u8]>)]) {
    let theme = Theme::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for (name, value) in parts {
            ui.label(theme.weak(*name));
            match value {
                Some(value) => {
                    let value = RichText::new(words::text(value)).font(theme::mono());
                    ui.label(value);
                }
                None => {
                    ui.label(theme.weak("none"));
                }
            }
            ui.add_space(8.0);
        }
    });
}
