//! One request step by step: the line of stops, who does what, the step in words, and the buttons.

mod boxes;
mod card;
mod stops;

use std::time::{Duration, Instant};

use cgi_engine::exchange::Exchange;
use eframe::egui::{Align, Key, Label, Layout, Modifiers, Ui};

use super::{padded, words};
use crate::gui::command::Command;
use crate::gui::model::details::Detail;
use crate::gui::model::stepping::{Move, Stepping};
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::text_view::TextViewState;
use crate::gui::widgets::{button, chip};

/// How long a step stays when it plays.
const PACE: Duration = Duration::from_millis(1200);

/// What the view remembers.
#[derive(Default)]
pub(super) struct State {
    shown_since: Option<(usize, Instant)>,
    bytes: TextViewState,
    /// What the step is about.
    exhibit: Option<card::Shown>,
    /// The step was not shown before, or has changed since.
    fresh: bool,
    /// How many steps were shown, and the state of the run that they were made from.
    shows: u64,
    version: u64,
    pace: Pace,
}

/// How fast the steps play.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pace {
    Slow,
    #[default]
    Usual,
    Fast,
}

impl Pace {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Slow, "0.5×"),
        (Self::Usual, "1×"),
        (Self::Fast, "3×"),
    ];

    /// How long a step stays.
    fn stay(self) -> Duration {
        match self {
            Self::Slow => PACE * 2,
            Self::Usual => PACE,
            Self::Fast => PACE / 3,
        }
    }
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
        stops::stops_ui(ui, stepping, commands);
        boxes::boxes_ui(ui, &detail.exchange, stepping);
        buttons_ui(ui, stepping, state, commands);
        card::card_ui(ui, &detail.exchange, stepping, state);
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
            state.shows += 1;
            now
        }
    };
    if state.version != stepping.version() {
        // A run that goes on: what is shown may have grown.
        state.version = stepping.version();
        state.fresh = true;
    }
    if !stepping.playing {
        state.shown_since = Some((stepping.at, now));
        return;
    }
    let shown = now.duration_since(since);
    let stay = state.pace.stay();
    if shown < stay {
        ui.ctx().request_repaint_after(stay.saturating_sub(shown));
    } else if !stepping.is_last() {
        commands.push(Command::Step(Move::Forward));
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

fn buttons_ui(ui: &mut Ui, stepping: &Stepping, state: &mut State, commands: &mut Vec<Command>) {
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
        for (pace, name) in Pace::ALL {
            let shown = chip::ui_with_state(ui, state.pace == pace, name, None);
            if shown.on_hover_text("How fast the steps play").clicked() {
                state.pace = pace;
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
