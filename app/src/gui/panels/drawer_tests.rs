//! The saved requests in the drawer: how each of them went, and what was not as expected.

use eframe::egui::{Align, Ui, Vec2};

use crate::gui::command::Command;
use crate::gui::model::site::SiteModel;
use crate::gui::theme;
use crate::gui::widgets::empty;
use crate::gui::widgets::mark::{self, Mark};
use crate::gui::widgets::rows::Rows;
use crate::gui::widgets::scroll::Scroll;

/// The tab's name, with how they went.
pub(super) fn title(site: &SiteModel) -> String {
    match site.saved.line() {
        Some((_, words)) => format!("Saved requests: {words}"),
        None => "Saved requests".to_owned(),
    }
}

/// Draws the list over the place that is left.
pub(super) fn ui(ui: &mut Ui, site: &SiteModel, scroll: &mut Scroll, commands: &mut Vec<Command>) {
    let rows = &site.saved.rows;
    if rows.is_empty() {
        let sentence =
            "A request that is saved with what is expected of it is a test that runs on each save";
        empty::ui(ui, "No request is saved", sentence, &[]);
        return;
    }
    let answer = Rows::new("Saved requests", rows.len()).show(
        ui,
        scroll,
        |index| index as u64,
        |row| {
            let Some(saved) = rows.get(row.index) else {
                return String::new();
            };
            let verdict = site.saved.verdict(&saved.place);
            let (mark, words) = match verdict {
                None => (Mark::NotReached, "not run yet".to_owned()),
                Some(verdict) if verdict.passed => (Mark::Ok, "as expected".to_owned()),
                Some(verdict) => (Mark::Failed, verdict.words.join("; ")),
            };
            let place = row.rect.shrink2(Vec2::new(16.0, 0.0));
            let name = place.with_max_x(place.left() + 240.0);
            mark::paint(
                row.painter,
                name,
                mark,
                &saved.name,
                row.theme,
                Some(row.theme.text),
            );
            let rest = place.with_min_x(name.right() + 16.0);
            row.text(
                rest.x_range(),
                Align::Min,
                &words,
                theme::body(),
                row.weak(),
            );
            format!("{}, {}, {words}", saved.name, mark.word())
        },
    );
    let chosen = answer.chosen.and_then(|index| rows.get(index));
    let run = chosen.and_then(|saved| site.saved.verdict(&saved.place)?.id);
    commands.extend(run.map(Command::Select));
}
