//! The hosts tab: what other hosts would have made of this very run, derived from its record.

use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::diagnosis::host_view::{self, HostView};
use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, Ui, Vec2};

use super::inspector::Tabbed;
use super::{as_host, padded, words};
use crate::gui::command::Command;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::{button, chip, empty};

/// What the tab remembers.
pub(super) struct State {
    chosen: HostProfile,
    /// The views of this state of the details.
    views: Option<(u64, Vec<HostView>)>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            chosen: HostProfile::Apache,
            views: None,
        }
    }
}

/// Draws the tab over the place that is left.
pub(super) fn ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State, commands: &mut Vec<Command>) {
    let exchange = &tabbed.detail.exchange;
    let fresh = matches!(&state.views, Some((version, _)) if *version == tabbed.version);
    if !fresh {
        let views = HostProfile::ALL
            .into_iter()
            .filter_map(|host| host_view::view(exchange, host))
            .collect();
        state.views = Some((tabbed.version, views));
    }
    let views = state.views.as_ref().map_or(&[][..], |(_, views)| views);
    if views.is_empty() {
        empty::ui(
            ui,
            "No script was asked",
            "Other hosts differ in how they run scripts; this request never came to one",
            &[],
        );
        return;
    }
    padded(ui, 16, 12, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(6.0);
            for view in views {
                let on = view.profile == state.chosen;
                let count = breaks(view);
                let hint = "How often it breaks a MUST of RFC 3875 in this request";
                if chip::ui_with_state(ui, on, view.profile.short(), Some(count))
                    .on_hover_text(hint)
                    .clicked()
                {
                    state.chosen = view.profile;
                }
            }
        });
        if let Some(view) = views.iter().find(|view| view.profile == state.chosen) {
            view_ui(ui, view, commands);
        }
    });
}

/// What of the specification's MUSTs it would have broken, and whether it would have answered otherwise.
fn breaks(view: &HostView) -> u64 {
    let differences = view
        .differences
        .iter()
        .map(|difference| difference.breaks.as_deref());
    let deviations = view
        .deviations
        .iter()
        .map(|deviation| deviation.breaks.as_deref());
    differences.chain(deviations).flatten().count() as u64
}

fn view_ui(ui: &mut Ui, view: &HostView, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let run = ui.add(button::quiet("Run it so"));
            if run
                .on_hover_text("Send the request again, run as this host would run it")
                .clicked()
            {
                commands.push(Command::ReplayAs(view.profile));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let title = RichText::new(view.profile.label()).font(theme::heading());
                ui.add(Label::new(title).truncate());
            });
        });
    });
    let (mark, words) = outcome(view);
    mark::ui(ui, mark, &words);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 7.0;
        if let Some(refusal) = &view.refused {
            let words = format!(
                "It starts no script and answers {} itself: {}",
                refusal.status, refusal.why
            );
            ui.add(Label::new(words).wrap().selectable(true));
        }
        as_host::differences_ui(ui, &view.deviations, &view.differences);
        if view.differences.is_empty() && view.deviations.is_empty() && view.refused.is_none() {
            ui.label(
                Theme::of(ui).weak("For this request it does all that the specification asks for."),
            );
        }
    });
}

fn outcome(view: &HostView) -> (Mark, String) {
    let status = |status: Option<u16>| {
        status.map_or_else(|| "no answer".to_owned(), |status| status.to_string())
    };
    let (here, there) = (view.status_here, view.status_there());
    let count = view.differences.len() as u64;
    let differs = words::counted(count, "difference", "differences");
    if here == there {
        let words = format!(
            "The same status, {}; {differs} in what the script gets",
            status(here)
        );
        (Mark::Ok, words)
    } else {
        let words = format!(
            "{} there, {} here; {differs} in what the script gets",
            status(there),
            status(here)
        );
        (Mark::Warning, words)
    }
}
