//! Notices: what happened elsewhere, said in a corner without stopping anybody.
//!
//! A notice hides by itself, but its text stays in the list of past ones: what vanishes before it
//! was read would else be lost.

use std::{collections::VecDeque, time::Duration};

use eframe::egui::{
    Align, Align2, Area, Frame, Id, Label, Layout, Margin, Order, Ui, Vec2, accesskit::Live,
};

use super::{button, icon, icon::Icon, mark, mark::Mark};
use crate::gui::theme::Theme;

/// How long a notice stays that asks nothing.
const SHOWN: Duration = Duration::from_secs(6);
/// How long one stays that offers to do something.
const SHOWN_WITH_ACTION: Duration = Duration::from_secs(12);
const WIDTH: f32 = 340.0;
/// How many are seen at once; older ones make room.
const MOST_SHOWN: usize = 4;
/// How many are kept.
const MOST_KEPT: usize = 200;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Counts up from 1; names the notice in answers.
    pub number: u64,
    /// How it is meant.
    pub mark: Mark,
    /// One sentence.
    pub text: String,
    /// What can be done about it: the words on the buttons.
    pub actions: Vec<String>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// It has not been drawn yet.
    New,
    /// It hides at this second of the window's clock.
    Until(f64),
    /// It is only in the list.
    Past,
}

impl Notice {
    fn stays(&self) -> Duration {
        if self.actions.is_empty() {
            SHOWN
        } else {
            SHOWN_WITH_ACTION
        }
    }
}

/// Reasons come in small letters, to stand behind a colon; alone they begin as a sentence does. A file's name stays.
fn as_sentence(text: String) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    let is_word = first.len() < text.len() && first.bytes().all(|byte| byte.is_ascii_lowercase());
    match text.split_at_checked(1) {
        Some((initial, rest)) if is_word => initial.to_ascii_uppercase() + rest,
        _ => text,
    }
}

/// All notices of a window.
#[derive(Debug, Default)]
pub struct Notices {
    kept: VecDeque<Notice>,
    last: u64,
}

impl Notices {
    /// Says `text`; returns the number of the notice.
    pub fn say(&mut self, mark: Mark, text: impl Into<String>) -> u64 {
        self.push(mark, text.into(), Vec::new())
    }

    /// Says `text` and offers `action`; returns the number of the notice.
    pub fn offer(&mut self, mark: Mark, text: impl Into<String>, action: impl Into<String>) -> u64 {
        self.push(mark, text.into(), vec![action.into()])
    }

    /// Says `text` and offers each of the actions; returns the number of the notice.
    pub fn offer_each<'a>(
        &mut self,
        mark: Mark,
        text: impl Into<String>,
        actions: impl IntoIterator<Item = &'a str>,
    ) -> u64 {
        let actions = actions.into_iter().map(str::to_owned).collect();
        self.push(mark, text.into(), actions)
    }

    fn push(&mut self, mark: Mark, text: String, actions: Vec<String>) -> u64 {
        let text = as_sentence(text);
        // What is said once more while it is seen stays, and longer.
        let is_same = |other: &&mut Notice| {
            other.state != State::Past
                && (other.mark, &other.text, &other.actions) == (mark, &text, &actions)
        };
        if let Some(same) = self.kept.iter_mut().find(is_same) {
            same.state = State::New;
            return same.number;
        }
        self.last += 1;
        self.kept.push_front(Notice {
            number: self.last,
            mark,
            text,
            actions,
            state: State::New,
        });
        self.kept.truncate(MOST_KEPT);
        for hidden in self.kept.iter_mut().skip(MOST_SHOWN) {
            hidden.state = State::Past;
        }
        self.last
    }

    /// Takes back what is no longer so.
    pub fn hide(&mut self, number: u64) {
        for notice in self
            .kept
            .iter_mut()
            .filter(|notice| notice.number == number)
        {
            notice.state = State::Past;
        }
    }

    /// Everything that was said, the newest first.
    pub fn past(&self) -> impl Iterator<Item = &Notice> {
        self.kept.iter()
    }

    /// Shows the notices that are due; returns the number of the one with the button that was clicked, and the
    /// button's place among its actions.
    pub fn ui(&mut self, ui: &Ui) -> Option<(u64, usize)> {
        let due: Vec<Notice> = self
            .kept
            .iter()
            .filter(|notice| notice.state != State::Past)
            .cloned()
            .collect();
        if due.is_empty() {
            return None;
        }
        let area = Area::new(Id::unique("notices"))
            .order(Order::Foreground)
            .accessible_name("Notices");
        let area = area.anchor(Align2::RIGHT_BOTTOM, Vec2::new(-16.0, -40.0));
        let shown = area.show(ui.ctx(), |ui| {
            due.iter()
                .rev()
                .filter_map(|notice| notice_ui(ui, notice))
                .last()
        });
        self.let_time_pass(ui, shown.response.contains_pointer());
        let (number, acted) = shown.inner?;
        self.hide(number);
        Some((number, acted?))
    }

    /// Time stands still for notices while the pointer is on them.
    fn let_time_pass(&mut self, ui: &Ui, held: bool) {
        let now = ui.input(|input| input.time);
        let mut next = f64::INFINITY;
        for notice in &mut self.kept {
            let fresh = now + notice.stays().as_secs_f64();
            notice.state = match notice.state {
                State::Past => State::Past,
                State::Until(end) if end <= now && !held => State::Past,
                State::Until(end) if !held => State::Until(end),
                State::New | State::Until(_) => State::Until(fresh),
            };
            if let State::Until(end) = notice.state {
                next = next.min(end - now);
            }
        }
        if next.is_finite() {
            ui.ctx()
                .request_repaint_after(Duration::from_secs_f64(next.max(0.0)));
        }
    }
}

/// Returns the notice's number when it is done with, and which of its actions was clicked.
fn notice_ui(ui: &mut Ui, notice: &Notice) -> Option<(u64, Option<usize>)> {
    let theme = Theme::of(ui);
    let frame = Frame::popup(ui.style())
        .fill(theme.panel)
        .inner_margin(Margin::symmetric(12, 8));
    let shown = frame.show(ui, |ui| {
        ui.set_width(WIDTH);
        let size = Vec2::new(WIDTH, 28.0);
        let layout = Layout::right_to_left(Align::Center);
        // Two buttons beside the words would leave no room for them.
        let (beside, below) = match notice.actions.len() {
            0 | 1 => (notice.actions.as_slice(), &[][..]),
            _ => (&[][..], notice.actions.as_slice()),
        };
        let beside = ui.allocate_ui_with_layout(size, layout, |ui| {
            let close = button::icon_ui(ui, Icon::Cross, "Dismiss").clicked();
            let acted = actions_ui(ui, beside);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text_ui(ui, notice);
            });
            (acted.is_some() || close).then_some((notice.number, acted))
        });
        let below = (!below.is_empty()).then(|| ui.horizontal(|ui| actions_ui(ui, below)).inner);
        let acted = below.flatten().map(|action| (notice.number, Some(action)));
        acted.or(beside.inner)
    });
    shown.inner
}

fn actions_ui(ui: &mut Ui, actions: &[String]) -> Option<usize> {
    let clicked = |(index, action): (usize, &String)| {
        let clicked = ui.add(button::quiet(action)).clicked();
        clicked.then_some(index)
    };
    actions.iter().enumerate().filter_map(clicked).last()
}

fn text_ui(ui: &mut Ui, notice: &Notice) {
    let color = notice.mark.color(Theme::of(ui));
    icon::ui(ui, notice.mark.icon(), mark::SIZE, color);
    let text = ui.add(Label::new(&notice.text).wrap());
    ui.ctx()
        .accesskit_node_builder(text.id, |node| node.set_live(Live::Polite));
}

#[cfg(test)]
mod tests {
    use egui_kittest::{Harness, kittest::Queryable as _};

    use super::*;
    use crate::gui::theme;

    #[derive(Default)]
    struct Window {
        notices: Notices,
        acted: Option<(u64, usize)>,
    }

    fn window() -> Harness<'static, Window> {
        let builder = Harness::builder().with_size(Vec2::new(600.0, 300.0));
        builder.with_context_setup(theme::apply).build_ui_state(
            |ui, window: &mut Window| window.acted = window.notices.ui(ui).or(window.acted),
            Window::default(),
        )
    }

    #[test]
    fn an_action_names_its_notice_and_hides_it() {
        let mut harness = window();
        harness.state_mut().notices.say(Mark::Ok, "Copied");
        let number =
            harness
                .state_mut()
                .notices
                .offer(Mark::Warning, "The list was cleared", "Undo");
        harness.run_steps(2);
        harness.get_by_label("Undo").click();
        harness.run_steps(8);
        assert_eq!(harness.state().acted, Some((number, 0)));
        assert!(harness.query_by_label("Undo").is_none());
    }

    #[test]
    fn several_actions_are_told_apart() {
        let mut harness = window();
        let notices = &mut harness.state_mut().notices;
        let number = notices.offer_each(Mark::Ok, "Mended", ["Undo", "Run again"]);
        harness.run_steps(2);
        harness.get_by_label("Run again").click();
        harness.run_steps(8);
        assert_eq!(harness.state().acted, Some((number, 1)));
    }

    #[test]
    fn a_notice_hides_by_itself_and_is_kept() {
        let mut harness = window();
        harness.state_mut().notices.say(Mark::Ok, "Copied");
        harness.run_steps(2);
        assert!(harness.query_by_label("Dismiss").is_some());
        // Seven seconds.
        harness.run_steps(28);
        assert!(harness.query_by_label("Dismiss").is_none());
        let past: Vec<&str> = harness
            .state()
            .notices
            .past()
            .map(|notice| notice.text.as_str())
            .collect();
        assert_eq!(past, ["Copied"]);
    }

    #[track_caller]
    fn check_sentence(text: &str, expected: &str) {
        assert_eq!(as_sentence(text.to_owned()), expected);
    }

    #[test]
    fn a_reason_begins_as_a_sentence_and_a_name_as_it_is() {
        check_sentence("no request is selected", "No request is selected");
        check_sentence("form.py was changed", "form.py was changed");
        for same in ["", "x", "é fois", " a b", "Copied"] {
            check_sentence(same, same);
        }
    }

    #[test]
    fn what_is_said_once_more_is_seen_once() {
        let mut harness = window();
        for text in ["form.py was changed", "Copied", "form.py was changed"] {
            harness.state_mut().notices.say(Mark::Ok, text);
        }
        harness.run_steps(2);
        harness.get_by_label("form.py was changed");
        harness.get_by_label("Copied");
    }

    #[test]
    fn the_oldest_make_room() {
        let mut notices = Notices::default();
        for number in 0..300 {
            notices.say(Mark::Ok, format!("notice {number}"));
        }
        assert_eq!(notices.past().count(), MOST_KEPT);
        assert_eq!(
            notices
                .past()
                .filter(|notice| notice.state != State::Past)
                .count(),
            MOST_SHOWN
        );
    }
}
