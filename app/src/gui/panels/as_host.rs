//! A run that was made as another host would make it: what that host does otherwise, and what the RFC says.

use cgi_engine::cgi::profile::{Deviation, Difference};
use cgi_engine::diagnosis::host_view;
use cgi_engine::exchange::{Exchange, Invocation};
use eframe::egui::{Label, RichText, Ui};

use super::words;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::card;

/// Draws the card, if the run was made as another host.
pub(super) fn ui(ui: &mut Ui, exchange: &Exchange, run: Option<&Invocation>) {
    let Some((run, host)) = run.and_then(|run| Some((run, run.as_host.as_deref()?))) else {
        return;
    };
    let theme = Theme::of(ui);
    card::edged_ui(ui, theme.teach, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let title = format!("Run as {}", host.profile.label());
        ui.label(
            RichText::new(title)
                .font(theme::heading())
                .color(theme.teach),
        );
        ui.add(Label::new(by_specification(run)).wrap().selectable(true));
        let deviations = host_view::deviations_of(exchange);
        differences_ui(ui, &deviations, &host.differences);
        if host.differences.is_empty() && deviations.is_empty() {
            ui.label(theme.weak("For this request it does all that the specification asks for."));
        }
    });
}

/// What a host does in its own way: the answer first, then what the script gets, what breaks the specification first.
pub(super) fn differences_ui(ui: &mut Ui, deviations: &[Deviation], differences: &[Difference]) {
    for deviation in deviations {
        line_ui(ui, &deviation.line(), deviation.breaks.is_some());
    }
    let mut differences: Vec<&Difference> = differences.iter().collect();
    differences.sort_by_key(|difference| difference.breaks.is_none());
    for difference in differences {
        difference_ui(ui, difference);
    }
}

fn difference_ui(ui: &mut Ui, difference: &Difference) {
    let theme = Theme::of(ui);
    let value = |value: &Option<Vec<u8>>| match value.as_deref() {
        None => "not set".to_owned(),
        Some(b"") => "(empty)".to_owned(),
        Some(value) => words::text(value),
    };
    let mono = |text: String| RichText::new(text).font(theme::mono());
    let color = if difference.breaks.is_some() {
        theme.warn
    } else {
        theme.text
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = eframe::egui::vec2(8.0, 2.0);
        let label = |ui: &mut Ui, text: RichText| ui.add(Label::new(text).wrap().selectable(true));
        label(ui, mono(difference.name.clone()).color(color));
        label(ui, mono(value(&difference.there)).color(color));
        label(ui, theme.weak(format!("here {}", value(&difference.here))));
        let breaks = difference
            .breaks
            .as_deref()
            .map_or_else(String::new, |section| {
                format!("; it breaks RFC 3875 {section}")
            });
        label(ui, RichText::new(format!("{}{breaks}", difference.why)));
    });
}

fn line_ui(ui: &mut Ui, text: &str, breaks_a_must: bool) {
    let theme = Theme::of(ui);
    let color = if breaks_a_must {
        theme.warn
    } else {
        theme.text
    };
    let text = RichText::new(text).color(color);
    ui.add(Label::new(text).wrap().selectable(true));
}

/// What the specification makes of the same output.
fn by_specification(run: &Invocation) -> String {
    match run
        .response
        .as_ref()
        .map(|response| (&response.refused, response.status))
    {
        Some((Some(violation), _)) => format!("By RFC 3875 the output is refused: {violation}."),
        Some((None, status)) => format!("By RFC 3875 the answer has the status {status}."),
        None => "The specification has nothing to say of it yet.".to_owned(),
    }
}
