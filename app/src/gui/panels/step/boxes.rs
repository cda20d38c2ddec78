//! Who does what: browser, server, process and back, each with what it has done so far.

use std::sync::Arc;

use cgi_engine::exchange::Exchange;
use cgi_engine::steps::{Actor, Step, Stop};
use eframe::egui::text::LayoutJob;
use eframe::egui::{
    Align, Align2, Color32, Galley, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, pos2,
};

use super::super::words;
use crate::gui::model::stepping::Stepping;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::line;

const BOXES: f32 = 232.0;
/// The height of a line, and the room for its sign, in points.
const LINE: f32 = 17.0;
const SIGN: f32 = 16.0;
/// A long name has so many lines at most.
const MOST_LINES: usize = 3;

pub(super) fn boxes_ui(ui: &mut Ui, exchange: &Exchange, stepping: &Stepping) {
    let width = ui.available_width();
    let (place, _) = ui.allocate_exact_size(Vec2::new(width, BOXES), Sense::empty());
    let arrow = 28.0;
    let shares = [0.2, 0.3, 0.32, 0.18];
    let actors = [Actor::Browser, Actor::Server, Actor::Process, Actor::Page];
    let room = width - 3.0 * arrow;
    let mut left = place.left();
    for (index, (actor, share)) in actors.into_iter().zip(shares).enumerate() {
        let rect = Rect::from_min_size(pos2(left, place.top()), Vec2::new(room * share, BOXES));
        box_ui(ui, rect, actor, exchange, stepping);
        left = rect.right() + arrow;
        if index < 3 {
            let reached = acts(stepping, actors[index + 1]);
            let theme = Theme::of(ui);
            let color = if reached {
                theme.accent
            } else {
                theme.border_strong
            };
            let middle = pos2(rect.right() + arrow / 2.0, rect.center().y);
            ui.painter()
                .text(middle, Align2::CENTER_CENTER, "→", theme::heading(), color);
        }
    }
}

/// Whether the actor has had its turn by now.
fn acts(stepping: &Stepping, actor: Actor) -> bool {
    so_far(stepping, actor).next().is_some()
}

fn so_far(stepping: &Stepping, actor: Actor) -> impl DoubleEndedIterator<Item = &Step> {
    stepping
        .steps
        .iter()
        .take(stepping.at + 1)
        .filter(move |step| step.stop.actor() == actor)
}

fn box_ui(ui: &mut Ui, rect: Rect, actor: Actor, exchange: &Exchange, stepping: &Stepping) {
    let theme = Theme::of(ui);
    let now = stepping.step().map(|step| step.stop.actor());
    let stroke = if now == Some(actor) {
        Stroke::new(1.0, theme.accent)
    } else {
        theme.separator()
    };
    ui.painter()
        .rect(rect, 4.0, theme.panel, stroke, StrokeKind::Inside);
    let mut inner = ui.new_child(UiBuilder::new().max_rect(rect.shrink(12.0)));
    inner.spacing_mut().item_spacing.y = 4.0;
    let begun = acts(stepping, actor);
    let title = match actor {
        Actor::Browser => "Browser".to_owned(),
        Actor::Server => "Server".to_owned(),
        Actor::Process => process_title(exchange, stepping),
        Actor::Page => "Page".to_owned(),
    };
    let title = theme::strong_text(title);
    let title = if begun {
        title
    } else {
        title.color(theme.weak)
    };
    inner.add(eframe::egui::Label::new(title).truncate());
    inner.add_space(4.0);
    if !begun {
        let words = if stepping.is_last() {
            "not reached"
        } else {
            "not yet"
        };
        inner.label(theme.weak(words));
        return;
    }
    lines_ui(&mut inner, actor, stepping);
    if actor == Actor::Browser && !acts(stepping, Actor::Page) {
        inner.label(theme.weak("waiting for the answer"));
    }
}

/// The environment belongs to a process that does not exist yet.
fn process_title(exchange: &Exchange, stepping: &Stepping) -> String {
    let stop = stepping.step().map(|step| step.stop);
    let run = exchange.invocation();
    let started = run.and_then(|run| Some((run.pid?, run.program.as_ref()?)));
    match (stop, started) {
        (Some(stop), Some((pid, program))) if stop > Stop::Environment => {
            let words = program.arguments.iter().map(|word| {
                let path = std::path::Path::new(word);
                path.file_name().unwrap_or(word).to_string_lossy()
            });
            let words: Vec<_> = words.collect();
            format!("Process {pid}: {}", words.join(" "))
        }
        (Some(stop), None) if stop > Stop::Environment => "Process".to_owned(),
        _ => "Environment of the process".to_owned(),
    }
}

/// The newest lines that the box has room for. Once the process exists, its environment is folded.
fn lines_ui(ui: &mut Ui, actor: Actor, stepping: &Stepping) {
    let theme = Theme::of(ui);
    let in_environment = stepping.step().map(|step| step.stop) == Some(Stop::Environment);
    let all: Vec<&Step> = so_far(stepping, actor)
        .filter(|step| in_environment || step.stop != Stop::Environment)
        .collect();
    if actor == Actor::Process && !in_environment {
        let set = so_far(stepping, actor)
            .filter(|step| step.stop == Stop::Environment)
            .count();
        ui.label(theme.weak(words::counted(set as u64, "variable", "variables")));
    }
    let hidden = hidden(ui, &all);
    if hidden > 0 {
        ui.label(theme.weak(format!("… {hidden} before")));
    }
    let broken = stepping.steps.iter().find(|step| step.broken.is_some());
    for step in all.into_iter().skip(hidden) {
        // A page that comes of a broken chain is no success, nor are the checks that found it out.
        let checked = |broken: &Step| broken.stop == Stop::Checks && step.stop == Stop::Checks;
        let doubtful = broken.is_some_and(|broken| actor == Actor::Page || checked(broken));
        line_ui(ui, step, stepping.step() == Some(step), doubtful);
    }
}

/// How many of the oldest there is no room for, with a line that says so.
fn hidden(ui: &Ui, all: &[&Step]) -> usize {
    let gap = ui.spacing().item_spacing.y;
    let room = ui.available_height();
    let heights = all.iter().rev().map(|step| row_height(ui, step) + gap);
    let ends = heights.scan(0.0, |end, height| {
        *end += height;
        Some(*end)
    });
    let ends: Vec<f32> = ends.collect();
    if ends.last().is_none_or(|end| *end <= room) {
        return 0;
    }
    let shown = ends.iter().filter(|end| **end + LINE + gap <= room).count();
    all.len() - shown.max(1)
}

/// A name that is too long for its line has more of them.
fn row_height(ui: &Ui, step: &Step) -> f32 {
    let galley = name_galley(ui, step, ui.available_width());
    LINE * galley.rows.len().clamp(1, MOST_LINES) as f32
}

fn name_galley(ui: &Ui, step: &Step, width: f32) -> Arc<Galley> {
    let color = Color32::PLACEHOLDER;
    let mut job = LayoutJob::simple(step.line.0.clone(), theme::mono(), color, width - SIGN);
    job.wrap.max_rows = MOST_LINES;
    ui.painter().layout_job(job)
}

fn line_ui(ui: &mut Ui, step: &Step, is_now: bool, doubtful: bool) {
    let theme = Theme::of(ui);
    let width = ui.available_width();
    let galley = name_galley(ui, step, width);
    let height = row_height(ui, step);
    let (whole, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::hover());
    let place = whole.with_max_y(whole.top() + LINE);
    let color = match (&step.broken, is_now) {
        (Some(_), _) => theme.fail,
        (None, true) => theme.accent,
        (None, false) => theme.text,
    };
    let mark_place = place.with_max_x(place.left() + 14.0);
    let (mark, mark_color) = match (&step.broken, doubtful) {
        (Some(_), _) => ("×", theme.fail),
        (None, true) => ("!", theme.warn),
        (None, false) => ("✓", theme.ok),
    };
    line::paint(
        ui.painter(),
        mark_place,
        Align::Min,
        mark,
        theme::small(),
        mark_color,
    );
    let (name, value) = &step.line;
    let at = pos2(place.left() + SIGN, place.top());
    let has_one_row = galley.rows.len() < 2;
    let end = at.x + galley.size().x;
    ui.painter()
        .galley_with_override_text_color(at, galley, color);
    if has_one_row {
        let place = place.with_min_x((end + 10.0).min(place.right()));
        let font = theme::mono();
        line::paint(ui.painter(), place, Align::Min, value, font, theme.weak);
    }
    response.on_hover_text(format!("{name} {value}"));
}
