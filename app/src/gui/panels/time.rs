//! The time tab: when each thing happened, and when the bytes of each stream came.

use std::time::Duration;

use cgi_engine::exchange::{Exchange, Invocation, Moment, Timeline};
use eframe::egui::{Align, Rect, Sense, Ui, Vec2, WidgetInfo, pos2};

use super::inspector::Tabbed;
use super::time_chunks::{self, Chunk};
use super::words;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::line;

/// A stretch between two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Phase {
    name: &'static str,
    start: Duration,
    end: Duration,
}

/// The stretches that tell where time went, each where both of its ends came.
const PHASES: [(&str, Option<Moment>, Moment); 7] = [
    ("Reading the request head", None, Moment::HeadComplete),
    (
        "Choosing the script",
        Some(Moment::HeadComplete),
        Moment::Selected,
    ),
    (
        "Starting the process",
        Some(Moment::Selected),
        Moment::Spawned,
    ),
    (
        "Until the first output",
        Some(Moment::Spawned),
        Moment::FirstOutput,
    ),
    (
        "Reading the headers",
        Some(Moment::FirstOutput),
        Moment::HeadersComplete,
    ),
    (
        "Sending the body",
        Some(Moment::HeadersComplete),
        Moment::ResponseEnded,
    ),
    (
        "Ending the process",
        Some(Moment::OutputEnded),
        Moment::Reaped,
    ),
];

/// What the tab remembers.
#[derive(Default)]
pub(super) struct State {
    chunks: time_chunks::State,
}

/// Draws the tab; returns the read whose bytes are wanted.
pub(super) fn ui(ui: &mut Ui, tabbed: &Tabbed<'_>, state: &mut State) -> Option<Chunk> {
    let run = tabbed.detail.run(tabbed.run);
    let moments = moments(&tabbed.detail.exchange, run);
    let total = moments.iter().map(|(_, at)| *at).max().unwrap_or_default();
    ui.label(theme::strong_text(format!(
        "{} in all",
        words::duration(total)
    )));
    ui.spacing_mut().item_spacing.y = 0.0;
    for phase in phases(&moments) {
        phase_ui(ui, &phase, total);
    }
    ui.add_space(16.0);
    let chunks = time_chunks::chunks(&tabbed.detail.exchange, run);
    let last = chunks.last().map(|chunk| chunk.at).unwrap_or_default();
    let wanted = time_chunks::ui(ui, &chunks, total.max(last), &mut state.chunks);
    ui.add_space(16.0);
    ui.label(theme::strong_text(
        "Moments, from the first byte of the request",
    ));
    ui.add_space(8.0);
    for (moment, at) in &moments {
        moment_ui(ui, *moment, *at);
    }
    wanted
}

/// The moments of the exchange and of its run, in time.
fn moments(exchange: &Exchange, run: Option<&Invocation>) -> Vec<(Moment, Duration)> {
    let empty = Timeline::default();
    let of_run = run.map_or(&empty, |run| &run.timeline);
    let mut moments: Vec<(Moment, Duration)> = exchange.timeline.iter().collect();
    for (moment, at) in of_run.iter() {
        if !moments.iter().any(|(other, _)| *other == moment) {
            moments.push((moment, at));
        }
    }
    moments.sort_by_key(|(moment, at)| (*at, *moment));
    moments
}

fn phases(moments: &[(Moment, Duration)]) -> Vec<Phase> {
    let at = |moment: Moment| {
        moments
            .iter()
            .find(|(other, _)| *other == moment)
            .map(|(_, at)| *at)
    };
    let phase = |&(name, from, to): &(&'static str, Option<Moment>, Moment)| {
        let start = from.map_or(Some(Duration::ZERO), at)?;
        let end = at(to).filter(|end| *end >= start)?;
        Some(Phase { name, start, end })
    };
    PHASES.iter().filter_map(phase).collect()
}

fn phase_ui(ui: &mut Ui, phase: &Phase, total: Duration) {
    let theme = Theme::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), 26.0), Sense::hover());
    let took = words::duration(phase.end - phase.start);
    response.widget_info(|| {
        WidgetInfo::labeled(
            eframe::egui::Role::Label,
            true,
            format!("{}, {took}", phase.name),
        )
    });
    let name = rect.with_max_x(rect.left() + 180.0);
    line::paint(
        ui.painter(),
        name,
        Align::Min,
        phase.name,
        theme::body(),
        theme.weak,
    );
    let figure = rect.with_min_x(rect.right() - 80.0);
    line::paint(
        ui.painter(),
        figure,
        Align::Max,
        &took,
        theme::body(),
        theme.text,
    );
    let track = Rect::from_min_max(
        pos2(name.right() + 8.0, rect.top() + 8.0),
        pos2(figure.left() - 8.0, rect.bottom() - 8.0),
    );
    let scale = |at: Duration| {
        let share = if total.is_zero() {
            0.0
        } else {
            at.as_secs_f32() / total.as_secs_f32()
        };
        track.left() + track.width() * share
    };
    ui.painter().rect_filled(track, 2.0, theme.raised);
    let (left, right) = (scale(phase.start), scale(phase.end));
    let bar = Rect::from_x_y_ranges(left..=right.max(left + 2.0), track.y_range());
    ui.painter().rect_filled(bar, 2.0, theme.accent);
}

fn moment_ui(ui: &mut Ui, moment: Moment, at: Duration) {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(
        Vec2::new(ui.available_width().min(420.0), 22.0),
        Sense::hover(),
    );
    let time = format!("+{}", words::duration(at));
    response.widget_info(|| {
        WidgetInfo::labeled(
            eframe::egui::Role::Label,
            true,
            format!("{}, {time}", moment.label()),
        )
    });
    line::paint(
        ui.painter(),
        rect.with_max_x(rect.left() + 90.0),
        Align::Max,
        &time,
        theme::mono(),
        theme.weak,
    );
    line::paint(
        ui.painter(),
        rect.with_min_x(rect.left() + 108.0),
        Align::Min,
        moment.label(),
        theme::body(),
        theme.text,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_needs_both_of_its_ends() {
        let ms = Duration::from_millis;
        let moments = [
            (Moment::HeadComplete, ms(1)),
            (Moment::Selected, ms(2)),
            (Moment::FirstOutput, ms(9)),
        ];
        let names: Vec<&str> = phases(&moments).iter().map(|phase| phase.name).collect();
        assert_eq!(names, ["Reading the request head", "Choosing the script"]);
    }

    #[test]
    fn a_stretch_that_would_run_backwards_is_left_out() {
        let ms = Duration::from_millis;
        let moments = [(Moment::Selected, ms(5)), (Moment::Spawned, ms(4))];
        assert!(phases(&moments).is_empty());
    }
}
