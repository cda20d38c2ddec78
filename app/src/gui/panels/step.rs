//! One request step by step: the line of stops, who does what, the step in words, and the buttons.

use std::time::{Duration, Instant};

use cgi_engine::exchange::Exchange;
use cgi_engine::steps::{Actor, Exhibit, Step, Stop};
use eframe::egui::{
    Align, Align2, Frame, Key, Label, Layout, Margin, Modifiers, Rect, RichText, Role, Sense,
    Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
};

use super::{padded, words};
use crate::gui::command::Command;
use crate::gui::model::details::Detail;
use crate::gui::model::stepping::{Move, Stepping};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::text_view::{Gutter, Highlight, TextView, TextViewState};
use crate::gui::widgets::{button, line};

/// How long a step stays when it plays.
const PACE: Duration = Duration::from_millis(1200);
const STOPS: f32 = 52.0;
const BOXES: f32 = 232.0;
/// Below this width the stops are numbers only.
const NAMED: f32 = 1000.0;

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    shown_since: Option<(usize, Instant)>,
    bytes: TextViewState,
    /// The step was not shown before.
    fresh: bool,
}

/// Draws the view over the place that is left.
pub(super) fn ui(
    ui: &mut Ui,
    detail: &Detail,
    stepping: &Stepping,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    take_keys(ui, stepping, commands);
    play(ui, stepping, state, commands);
    padded(ui, 24, 14, |ui| {
        ui.spacing_mut().item_spacing.y = 14.0;
        title_ui(ui, &detail.exchange, commands);
        stops_ui(ui, stepping, commands);
        boxes_ui(ui, stepping);
        buttons_ui(ui, stepping, commands);
        card_ui(ui, &detail.exchange, stepping, state);
    });
}

fn take_keys(ui: &Ui, stepping: &Stepping, commands: &mut Vec<Command>) {
    if ui.memory(|memory| memory.focused().is_some()) {
        return;
    }
    let keys = [
        (Key::ArrowRight, Command::Step(Move::Forward)),
        (Key::ArrowLeft, Command::Step(Move::Back)),
        (Key::Home, Command::Step(Move::First)),
        (Key::End, Command::Step(Move::Last)),
        (Key::Space, Command::PlaySteps(!stepping.playing)),
    ];
    for (key, command) in keys {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            commands.push(command);
        }
    }
}

fn play(ui: &Ui, stepping: &Stepping, state: &mut State, commands: &mut Vec<Command>) {
    let now = Instant::now();
    let since = match state.shown_since {
        Some((at, since)) if at == stepping.at => since,
        _ => {
            state.shown_since = Some((stepping.at, now));
            state.bytes = TextViewState::default();
            state.fresh = true;
            now
        }
    };
    if !stepping.playing {
        state.shown_since = Some((stepping.at, now));
        return;
    }
    let shown = now.duration_since(since);
    if shown >= PACE {
        commands.push(Command::Step(Move::Forward));
    } else {
        ui.ctx().request_repaint_after(PACE.saturating_sub(shown));
    }
}

fn title_ui(ui: &mut Ui, exchange: &Exchange, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .add(button::quiet("Close"))
                .on_hover_text("Back to the list (Esc)")
                .clicked()
            {
                commands.push(Command::EndSteps);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let title = format!("Request {}, step by step", exchange.id);
                ui.label(theme::title_text(title));
                let started = exchange.started.time_of_day();
                let (method, target) = (exchange.request.method(), exchange.request.target());
                let text = format!("{method} {target}  ·  {started}");
                ui.add(Label::new(Theme::of(ui).weak(text)).truncate());
            });
        });
    });
}

fn stops_ui(ui: &mut Ui, stepping: &Stepping, commands: &mut Vec<Command>) {
    let theme = Theme::of(ui);
    let width = ui.available_width();
    let (place, _) = ui.allocate_exact_size(Vec2::new(width, STOPS), Sense::empty());
    let now = stepping.step().map_or(Stop::Arrival, |step| step.stop);
    let each = width / Stop::ALL.len() as f32;
    let y = place.top() + 14.0;
    ui.painter()
        .hline(place.x_range(), y, Stroke::new(2.0, theme.border));
    let here = Stop::ALL
        .iter()
        .position(|stop| *stop == now)
        .unwrap_or_default();
    let done = place.left() + each * (here as f32 + 0.5);
    ui.painter()
        .hline(place.left()..=done, y, Stroke::new(2.0, theme.accent));
    for (index, stop) in Stop::ALL.into_iter().enumerate() {
        let middle = pos2(place.left() + each * (index as f32 + 0.5), y);
        let target =
            Rect::from_center_size(pos2(middle.x, place.center().y), Vec2::new(each, STOPS));
        let reached = stepping.reached(stop);
        let broken = stepping
            .steps
            .iter()
            .any(|step| step.stop == stop && step.broken.is_some());
        let response = ui.interact(target, ui.scope_id().with(("stop", index)), Sense::click());
        response
            .widget_info(|| WidgetInfo::selected(Role::Button, reached, stop == now, stop.label()));
        if response.clicked() && reached {
            commands.push(Command::Step(Move::To(stop)));
        }
        let (fill, ink) = match (broken && index <= here, reached && index <= here, reached) {
            (true, ..) => (theme.fail, theme.base),
            (_, true, _) => (theme.accent, theme.accent_text),
            (_, _, true) => (theme.raised, theme.text),
            _ => (theme.panel, theme.weak),
        };
        ui.painter()
            .circle(middle, 9.0, fill, Stroke::new(1.0, theme.border_strong));
        let number = (index + 1).to_string();
        ui.painter()
            .text(middle, Align2::CENTER_CENTER, number, theme::small(), ink);
        if width >= NAMED || stop == now {
            let color = if stop == now { theme.text } else { theme.weak };
            let label = pos2(
                middle.x.clamp(place.left() + 40.0, place.right() - 40.0),
                y + 22.0,
            );
            ui.painter().text(
                label,
                Align2::CENTER_CENTER,
                stop.label(),
                theme::small(),
                color,
            );
        }
        response.on_hover_text(if reached {
            stop.label()
        } else {
            "this request never came here"
        });
    }
}

fn boxes_ui(ui: &mut Ui, stepping: &Stepping) {
    let width = ui.available_width();
    let (place, _) = ui.allocate_exact_size(Vec2::new(width, BOXES), Sense::empty());
    let arrow = 28.0;
    let shares = [0.2, 0.3, 0.32, 0.18];
    let actors = [Actor::Browser, Actor::Server, Actor::Process, Actor::Page];
    let room = width - 3.0 * arrow;
    let mut left = place.left();
    for (index, (actor, share)) in actors.into_iter().zip(shares).enumerate() {
        let rect = Rect::from_min_size(pos2(left, place.top()), Vec2::new(room * share, BOXES));
        box_ui(ui, rect, actor, stepping);
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

fn box_ui(ui: &mut Ui, rect: Rect, actor: Actor, stepping: &Stepping) {
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
        Actor::Browser => "Browser",
        Actor::Server => "Server",
        Actor::Process => process_title(stepping),
        Actor::Page => "Page",
    };
    let title = theme::strong_text(title);
    inner.label(if begun {
        title
    } else {
        title.color(theme.weak)
    });
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
fn process_title(stepping: &Stepping) -> &'static str {
    match stepping.step().map(|step| step.stop) {
        Some(stop) if stop > Stop::Environment => "Process",
        _ => "Environment of the process",
    }
}

/// The newest lines that the box has room for. Once the process exists, its environment is folded.
fn lines_ui(ui: &mut Ui, actor: Actor, stepping: &Stepping) {
    let theme = Theme::of(ui);
    let lines = (ui.available_height() / 21.0).floor().max(1.0) as usize;
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
    let hidden = all.len().saturating_sub(lines.saturating_sub(1));
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

fn line_ui(ui: &mut Ui, step: &Step, is_now: bool, doubtful: bool) {
    let theme = Theme::of(ui);
    let width = ui.available_width();
    let (place, response) = ui.allocate_exact_size(Vec2::new(width, 17.0), Sense::hover());
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
    let name_place = place.with_min_x(place.left() + 16.0);
    let covered = line::paint(
        ui.painter(),
        name_place,
        Align::Min,
        name,
        theme::mono(),
        color,
    );
    let value_place = place.with_min_x((covered.right() + 10.0).min(place.right()));
    line::paint(
        ui.painter(),
        value_place,
        Align::Min,
        value,
        theme::mono(),
        theme.weak,
    );
    response.on_hover_text(format!("{name} {value}"));
}

fn buttons_ui(ui: &mut Ui, stepping: &Stepping, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let first = stepping.at == 0;
        let last = stepping.is_last();
        let play = if stepping.playing { "Pause" } else { "Play" };
        let buttons = [
            ("First", !first, Command::Step(Move::First), "Home"),
            ("Back", !first, Command::Step(Move::Back), "Left"),
            (play, !last, Command::PlaySteps(!stepping.playing), "Space"),
            ("Forward", !last, Command::Step(Move::Forward), "Right"),
            ("Last", !last, Command::Step(Move::Last), "End"),
        ];
        for (name, on, command, key) in buttons {
            if ui
                .add(button::quiet(name).enabled(on))
                .on_hover_text(key)
                .clicked()
            {
                commands.push(command);
            }
        }
        let place = format!("Step {} of {}", stepping.at + 1, stepping.steps.len());
        let at = stepping.step().and_then(|step| step.at);
        let when = at.map_or_else(String::new, |at| {
            format!("  ·  {} after the first byte", words::duration(at))
        });
        ui.label(Theme::of(ui).weak(format!("{place}{when}")));
    });
}

fn card_ui(ui: &mut Ui, exchange: &Exchange, stepping: &Stepping, state: &mut State) {
    let Some(step) = stepping.step() else {
        return;
    };
    let theme = Theme::of(ui);
    let tone = if step.broken.is_some() {
        theme.fail
    } else {
        theme.accent
    };
    let frame = Frame::new()
        .fill(theme.panel)
        .stroke(theme.separator())
        .inner_margin(Margin::symmetric(16, 12));
    let shown = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 6.0;
        let title = RichText::new(&step.title).font(theme::heading());
        let title = if step.broken.is_some() {
            title.color(theme.fail)
        } else {
            title
        };
        ui.add(Label::new(title).truncate());
        ui.label(&step.words);
        if let Some(finding) = &step.broken {
            ui.label(theme::strong_text(&finding.remedy));
        }
        let code = step.broken.as_ref().map(|finding| finding.code.to_string());
        let authority: Vec<&str> = [step.authority.as_str(), code.as_deref().unwrap_or_default()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect();
        if !authority.is_empty() {
            ui.label(theme.weak(authority.join("  ·  ")));
        }
    });
    let edge = shown.response.rect;
    let bar = Rect::from_min_max(edge.min, pos2(edge.left() + 3.0, edge.bottom()));
    ui.painter().rect_filled(bar, 0.0, tone);
    exhibit_ui(ui, exchange, step, state);
}

/// The bytes that the step is about, those that it was made from lit.
fn exhibit_ui(ui: &mut Ui, exchange: &Exchange, step: &Step, state: &mut State) {
    let Some((name, bytes, lit)) = exhibit(exchange, step) else {
        return;
    };
    if bytes.is_empty() || ui.available_height() < 60.0 {
        return;
    }
    let theme = Theme::of(ui);
    ui.label(theme.weak(name));
    if let Some(first) = lit.first().filter(|_| state.fresh) {
        state.bytes.reveal(first.start);
    }
    state.fresh = false;
    let highlights: Vec<Highlight> = lit
        .into_iter()
        .map(|range| Highlight {
            range,
            tone: Tone::Pointed,
            note: None,
        })
        .collect();
    let place = ui.available_rect_before_wrap();
    ui.painter().rect(
        place,
        2.0,
        theme.evidence,
        theme.separator(),
        StrokeKind::Inside,
    );
    let mut child = ui.new_child(UiBuilder::new().max_rect(place.shrink(1.0)));
    TextView::new(name, &bytes)
        .gutter(Gutter::None)
        .highlights(&highlights)
        .revision(exchange.id.0)
        .show(&mut child, &mut state.bytes);
}

type Shown = (&'static str, Vec<u8>, Vec<std::ops::Range<usize>>);

fn exhibit(exchange: &Exchange, step: &Step) -> Option<Shown> {
    const MOST: usize = 64 * 1024;
    let small = |range: &std::ops::Range<u64>| {
        let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(MOST);
        at(range.start)..at(range.end)
    };
    Some(match step.exhibit.as_ref()? {
        Exhibit::Head(lit) => (
            "Request head",
            exchange.request.raw_head.to_vec(),
            lit.clone(),
        ),
        Exhibit::Body => (
            "Request body",
            exchange.request.body.first(MOST),
            Vec::new(),
        ),
        Exhibit::Stream(stream, range) => {
            let run = exchange.invocation()?;
            let bytes = match stream {
                cgi_engine::diagnosis::StreamName::Stderr => run.stderr.first(MOST),
                _ => run.stdout.first(MOST),
            };
            ("Output of the script", bytes, vec![small(range)])
        }
        Exhibit::SentHead(added) => {
            let head = exchange.response.as_ref()?.sent_head.to_vec();
            ("Head of the response as it was sent", head, added.clone())
        }
    })
}
