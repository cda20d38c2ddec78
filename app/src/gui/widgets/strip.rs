//! The pipeline strip: five stages from request to response, with the broken one marked.

use eframe::egui::{
    Align, Color32, FontId, Painter, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo,
};

use super::{icon, icon::Icon, line, mark::Mark};
use crate::gui::theme::{self, Theme};

/// One stage of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage<'a> {
    /// What the stage is called: "Output".
    pub name: &'a str,
    /// The one number or word that tells most: "38 variables".
    pub value: &'a str,
    /// How it went.
    pub mark: Mark,
}

const HEIGHT: f32 = 54.0;
/// Below this width all of it is smaller, in points.
const NARROW: f32 = 560.0;
/// No box is narrower, in points.
const LEAST: f32 = 24.0;

/// Shows the stages over the whole width and returns the one that was clicked.
///
/// Tab goes from box to box; Enter and Space click.
pub fn ui(ui: &mut Ui, stages: &[Stage<'_>]) -> Option<usize> {
    let theme = Theme::of(ui);
    let needed: Vec<f32> = stages
        .iter()
        .map(|stage| needed_width(ui.painter(), stage))
        .collect();
    let measure = Measure::new(ui.available_width(), &needed);
    let (whole, _) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), Sense::hover());
    let first_failed = stages.iter().position(|stage| stage.mark == Mark::Failed);
    let mut clicked = None;
    let mut left = whole.left();
    for ((index, stage), width) in stages.iter().enumerate().zip(&measure.widths) {
        let rect = Rect::from_min_size(
            eframe::egui::pos2(left.round(), whole.top()),
            Vec2::new(width.floor(), HEIGHT),
        );
        left += width + measure.gap;
        if index > 0 {
            let place = Rect::from_center_size(
                rect.left_center() - Vec2::new(measure.gap / 2.0, 0.0),
                Vec2::splat(11.0_f32.min(measure.gap - 4.0)),
            );
            icon::paint(ui.painter(), place, Icon::Arrow, theme.weak);
        }
        let response = ui.interact(rect, ui.scope_id().with(("stage", index)), Sense::click());
        let name = format!("{}: {}, {}", stage.name, stage.value, stage.mark.word());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &name));
        let broken = first_failed == Some(index);
        paint_stage(
            ui.painter(),
            rect,
            stage,
            broken,
            &response,
            measure.narrow,
            theme,
        );
        if response.clicked() {
            clicked = Some(index);
        }
    }
    clicked
}

/// How wide the boxes are and how far apart.
struct Measure {
    widths: Vec<f32>,
    gap: f32,
    narrow: bool,
}

impl Measure {
    fn new(width: f32, needed: &[f32]) -> Self {
        let narrow = width < NARROW;
        let gap = if narrow { 11.0 } else { 22.0 };
        let gaps = gap * needed.len().saturating_sub(1) as f32;
        Self {
            widths: shared(width - gaps, needed),
            gap,
            narrow,
        }
    }
}

/// Shares a width out: the same for each where that is enough; else those that need less have what they need, and the
/// others what is left.
fn shared(width: f32, needed: &[f32]) -> Vec<f32> {
    let count = needed.len().max(1) as f32;
    if needed.iter().all(|need| need * count <= width) {
        return vec![width / count; needed.len()];
    }
    let mut in_order = needed.to_vec();
    in_order.sort_by(f32::total_cmp);
    let (mut left, mut boxes) = (width, count);
    for need in in_order {
        if need * boxes > left {
            let most = left / boxes;
            let least = |need: &f32| need.min(most).max(LEAST);
            return needed.iter().map(least).collect();
        }
        left -= need;
        boxes -= 1.0;
    }
    needed.iter().map(|need| need + left / count).collect()
}

/// How much a narrow box needs for its words.
fn needed_width(painter: &Painter, stage: &Stage<'_>) -> f32 {
    let width = |text: &str, font| {
        let galley = painter.layout_no_wrap(text.to_owned(), font, Color32::WHITE);
        galley.size().x
    };
    let value = stage.value.split(" · ").next().unwrap_or_default();
    let name = width(stage.name, FontId::proportional(11.0)) + 11.0;
    name.max(width(value, theme::strong())) + 2.0 * 5.0 + 1.0
}

fn paint_stage(
    painter: &Painter,
    rect: Rect,
    stage: &Stage<'_>,
    broken: bool,
    response: &Response,
    narrow: bool,
    theme: &Theme,
) {
    let hollow = stage.mark == Mark::NotReached;
    paint_box(painter, rect, theme, stage.mark, broken, response);
    let padding = if narrow { 5.0 } else { 11.0 };
    let inner = rect.shrink2(Vec2::new(padding, 0.0));
    let upper = Rect::from_min_max(
        inner.min + Vec2::new(0.0, 7.0),
        inner.right_top() + Vec2::new(0.0, 27.0),
    );
    let lower = Rect::from_min_max(
        inner.min + Vec2::new(0.0, 27.0),
        inner.right_top() + Vec2::new(0.0, 48.0),
    );
    let (name, value) = match (broken, hollow) {
        (true, _) => (theme.fail, theme.fail),
        (false, true) => (theme.weak, theme.weak),
        (false, false) => (theme.weak, theme.text),
    };
    let side = if narrow { 7.0 } else { 9.0 };
    let glyph = Rect::from_center_size(
        upper.right_center() - Vec2::new(side / 2.0, 0.0),
        Vec2::splat(side),
    );
    icon::paint(painter, glyph, stage.mark.icon(), stage.mark.color(theme));
    let size = if narrow { 11.0 } else { 11.5 };
    let place = upper.with_max_x(glyph.left() - 2.0);
    line::paint(
        painter,
        place,
        Align::Min,
        stage.name,
        FontId::proportional(size),
        name,
    );
    line::paint(
        painter,
        lower,
        Align::Min,
        fitting(painter, stage.value, lower.width()),
        theme::strong(),
        value,
    );
}

/// The value, or where it is too wide what stands before its last dot: "exit 0" rather than
/// "exit 0 · 341 …".
fn fitting<'v>(painter: &Painter, value: &'v str, width: f32) -> &'v str {
    let mut shown = value;
    while let Some((before, _)) = shown.rsplit_once(" · ") {
        let galley = painter.layout_no_wrap(shown.to_owned(), theme::strong(), Color32::WHITE);
        if galley.size().x <= width {
            break;
        }
        shown = before;
    }
    shown
}

fn paint_box(
    painter: &Painter,
    rect: Rect,
    theme: &Theme,
    mark: Mark,
    broken: bool,
    response: &Response,
) {
    let radius = f32::from(theme::RADIUS) - 1.0;
    let hollow = mark == Mark::NotReached;
    let fill = match (broken, hollow, response.hovered()) {
        (true, ..) => theme.fail_ground,
        (false, _, true) => theme.raised,
        (false, true, false) => Color32::TRANSPARENT,
        (false, false, false) => theme.panel,
    };
    let stroke = match mark {
        _ if broken => Stroke::new(1.0, theme.fail),
        Mark::Warning => Stroke::new(1.0, theme.warn),
        Mark::Running => Stroke::new(1.0, theme.running),
        Mark::NotReached => Stroke::NONE,
        Mark::Ok | Mark::Redirect | Mark::Failed => theme.separator(),
    };
    painter.rect(rect, radius, fill, stroke, StrokeKind::Inside);
    if hollow {
        paint_dashes(
            painter,
            rect.shrink(0.5),
            Stroke::new(1.0, theme.border_strong),
        );
    }
    if response.has_focus() {
        painter.rect_stroke(rect, radius, theme.focus(), StrokeKind::Outside);
    }
}

fn paint_dashes(painter: &Painter, rect: Rect, stroke: Stroke) {
    let corners = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
        rect.left_top(),
    ];
    painter.extend(Shape::dashed_line(&corners, stroke, 3.0, 3.0));
}

#[cfg(test)]
mod tests {
    use egui_kittest::{Harness, kittest::Queryable as _};

    use super::*;

    const STAGES: [Stage<'static>; 5] = [
        Stage {
            name: "Request",
            value: "214 B",
            mark: Mark::Ok,
        },
        Stage {
            name: "Environment",
            value: "38 variables",
            mark: Mark::Ok,
        },
        Stage {
            name: "Process",
            value: "exit 0 · 41 ms",
            mark: Mark::Ok,
        },
        Stage {
            name: "Output",
            value: "header line 1",
            mark: Mark::Failed,
        },
        Stage {
            name: "Response",
            value: "500",
            mark: Mark::NotReached,
        },
    ];

    fn strip(width: f32) -> Harness<'static, Option<usize>> {
        let builder = Harness::builder().with_size(Vec2::new(width, 80.0));
        let builder = builder.with_context_setup(theme::apply);
        builder.build_ui_state(
            |ui, clicked| {
                if let Some(stage) = super::ui(ui, &STAGES) {
                    *clicked = Some(stage);
                }
            },
            None,
        )
    }

    #[test]
    fn a_click_on_a_stage_names_it() {
        let mut harness = strip(700.0);
        harness
            .get_by_role_and_label(Role::Button, "Output: header line 1, failed")
            .click();
        harness.run();
        assert_eq!(*harness.state(), Some(3));
    }

    #[test]
    fn tab_and_enter_reach_a_stage() {
        let mut harness = strip(700.0);
        harness.key_press(eframe::egui::Key::Tab);
        harness.run();
        harness.key_press(eframe::egui::Key::Tab);
        harness.run();
        harness.key_press(eframe::egui::Key::Enter);
        harness.run();
        assert_eq!(*harness.state(), Some(1));
    }

    #[test]
    fn a_value_that_is_too_wide_loses_its_last_part_and_no_letter() {
        let mut harness = Harness::builder()
            .with_context_setup(theme::apply)
            .build_ui_state(
                |ui, found: &mut Vec<String>| {
                    let shown = |width| fitting(ui.painter(), "exit 0 · 341 ms", width).to_owned();
                    *found = vec![shown(200.0), shown(90.0)];
                },
                Vec::new(),
            );
        harness.run();
        assert_eq!(*harness.state(), ["exit 0 · 341 ms", "exit 0"]);
    }

    #[track_caller]
    fn check_shared(width: f32, needed: [f32; 3], expected: [f32; 3]) {
        assert_eq!(shared(width, &needed), expected);
    }

    #[test]
    fn boxes_are_alike_where_that_is_enough_and_else_as_wide_as_their_words() {
        check_shared(90.0, [30.0, 10.0, 20.0], [30.0, 30.0, 30.0]);
        check_shared(90.0, [40.0, 10.0, 25.0], [45.0, 15.0, 30.0]);
        check_shared(90.0, [60.0, 10.0, 70.0], [40.0, 24.0, 40.0]);
        check_shared(0.0, [60.0, 10.0, 70.0], [24.0, 24.0, 24.0]);
    }

    #[test]
    fn five_boxes_fit_into_480_points() {
        let mut harness = strip(480.0);
        harness.run();
        let last = harness.get_by_label("Response: 500, not reached").rect();
        assert!(last.right() <= 480.0, "{last}");
        assert!(last.width() > 60.0, "{last}");
    }
}
