//! The step in words, and the bytes that it is about.

use std::ops::Range;

use cgi_engine::diagnosis::StreamName;
use cgi_engine::exchange::Exchange;
use cgi_engine::steps::{Exhibit, Step};
use eframe::egui::{Frame, Label, Margin, Rect, RichText, StrokeKind, Ui, UiBuilder, pos2};

use super::State;
use crate::gui::model::stepping::Stepping;
use crate::gui::theme::{self, Theme};
use crate::gui::widgets::evidence::Tone;
use crate::gui::widgets::text_view::source::Text;
use crate::gui::widgets::text_view::{Gutter, Highlight, TextView};

pub(super) fn card_ui(ui: &mut Ui, exchange: &Exchange, stepping: &Stepping, state: &mut State) {
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
    if state.fresh {
        state.exhibit = exhibit(exchange, step);
    }
    let Some((name, bytes, lit)) = &state.exhibit else {
        return;
    };
    if bytes.is_empty() || ui.available_height() < 60.0 {
        return;
    }
    let theme = Theme::of(ui);
    ui.label(theme.weak(*name));
    if let Some(first) = lit.first().filter(|_| state.fresh) {
        state.bytes.reveal(first.start);
    }
    state.fresh = false;
    let highlights: Vec<Highlight> = lit
        .iter()
        .map(|range| Highlight {
            range: range.clone(),
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
    TextView::new(name, bytes)
        .gutter(Gutter::None)
        .highlights(&highlights)
        .revision(state.shows)
        .show(&mut child, &mut state.bytes);
}

/// A name, the bytes, and the parts of them that are lit.
pub(super) type Shown = (&'static str, Text, Vec<Range<usize>>);

fn exhibit(exchange: &Exchange, step: &Step) -> Option<Shown> {
    let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    Some(match step.exhibit.as_ref()? {
        Exhibit::Head(lit) => {
            let head = exchange.request.raw_head.clone();
            ("Request head", head.into(), lit.clone())
        }
        Exhibit::Body => {
            let body = exchange.request.body.bytes();
            ("Request body", body.into(), Vec::new())
        }
        Exhibit::Stream(stream, range) => {
            let run = exchange.invocation()?;
            let (name, stream) = match stream {
                StreamName::Stderr => ("Standard error of the script", &run.stderr),
                _ => ("Output of the script", &run.stdout),
            };
            let lit = place(range.start)..place(range.end);
            (name, stream.bytes().into(), vec![lit])
        }
        Exhibit::SentHead(added) => {
            let head = exchange.response.as_ref()?.sent_head.clone();
            let name = "Head of the response as it was sent";
            (name, head.into(), added.clone())
        }
    })
}
