//! The window's few icons, painted as strokes so that no font has to have them.

use eframe::egui::{
    Color32, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, epaint::PathShape,
};

/// A picture of one idea.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// It went well.
    Check,
    /// It failed; also: close.
    Cross,
    /// Look here.
    Bang,
    /// It goes on.
    Dots,
    /// It was not reached.
    Ring,
    /// It is on.
    Dot,
    /// On to the next, or elsewhere.
    Arrow,
    /// Add one.
    Plus,
    /// There is more below.
    Down,
    /// Runs and what happened in them.
    Inspect,
    /// Source text.
    Code,
    /// A request made by hand.
    Compose,
    /// Lessons.
    Learn,
    /// Search.
    Lens,
    /// Kept when others go.
    Pin,
}

/// Paints `icon` in the middle of `place`, as large as the shorter side allows.
pub fn paint(painter: &Painter, place: Rect, icon: Icon, color: Color32) {
    let side = place.width().min(place.height());
    let pen = Pen {
        painter,
        origin: place.center() - Vec2::splat(side / 2.0),
        side,
        stroke: Stroke::new((side / 8.0).max(1.2), color),
    };
    match icon {
        Icon::Check => pen.line(&[(0.14, 0.54), (0.4, 0.78), (0.86, 0.24)]),
        Icon::Cross => {
            pen.line(&[(0.2, 0.2), (0.8, 0.8)]);
            pen.line(&[(0.8, 0.2), (0.2, 0.8)]);
        }
        Icon::Bang => {
            pen.line(&[(0.5, 0.1), (0.5, 0.62)]);
            pen.dot((0.5, 0.86), 0.08);
        }
        Icon::Dots => [0.18, 0.5, 0.82]
            .into_iter()
            .for_each(|x| pen.dot((x, 0.72), 0.09)),
        Icon::Ring => pen.ring((0.5, 0.5), 0.36),
        Icon::Dot => pen.dot((0.5, 0.5), 0.4),
        Icon::Arrow => {
            pen.line(&[(0.05, 0.5), (0.93, 0.5)]);
            pen.line(&[(0.6, 0.2), (0.93, 0.5), (0.6, 0.8)]);
        }
        Icon::Plus => {
            pen.line(&[(0.5, 0.15), (0.5, 0.85)]);
            pen.line(&[(0.15, 0.5), (0.85, 0.5)]);
        }
        Icon::Down => pen.line(&[(0.15, 0.33), (0.5, 0.68), (0.85, 0.33)]),
        Icon::Inspect => {
            pen.ring((0.5, 0.5), 0.42);
            pen.dot((0.5, 0.5), 0.2);
        }
        Icon::Code => {
            pen.line(&[(0.3, 0.22), (0.04, 0.5), (0.3, 0.78)]);
            pen.line(&[(0.7, 0.22), (0.96, 0.5), (0.7, 0.78)]);
            pen.line(&[(0.58, 0.14), (0.42, 0.86)]);
        }
        Icon::Compose => pen.line(&[
            (0.06, 0.12),
            (0.96, 0.5),
            (0.06, 0.88),
            (0.26, 0.5),
            (0.06, 0.12),
        ]),
        Icon::Learn => [0.2, 0.5, 0.8]
            .into_iter()
            .for_each(|y| pen.line(&[(0.08, y), (0.92, y)])),
        Icon::Lens => {
            pen.ring((0.42, 0.42), 0.32);
            pen.line(&[(0.66, 0.66), (0.94, 0.94)]);
        }
        Icon::Pin => {
            pen.line(&[
                (0.3, 0.06),
                (0.7, 0.06),
                (0.64, 0.44),
                (0.84, 0.62),
                (0.16, 0.62),
                (0.36, 0.44),
                (0.3, 0.06),
            ]);
            pen.line(&[(0.5, 0.62), (0.5, 0.96)]);
        }
    }
}

/// Shows `icon` as part of a row of widgets, `size` points wide and high.
pub fn ui(ui: &mut Ui, icon: Icon, size: f32, color: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    paint(ui.painter(), rect, icon, color);
    response
}

/// Draws in a unit square.
struct Pen<'a> {
    painter: &'a Painter,
    origin: Pos2,
    side: f32,
    stroke: Stroke,
}

impl Pen<'_> {
    fn at(&self, (x, y): (f32, f32)) -> Pos2 {
        self.origin + Vec2::new(x, y) * self.side
    }

    fn line(&self, points: &[(f32, f32)]) {
        let points: Vec<Pos2> = points.iter().map(|&point| self.at(point)).collect();
        let path = match points.as_slice() {
            [first, middle @ .., last] if first == last => {
                let corners = std::iter::once(*first)
                    .chain(middle.iter().copied())
                    .collect();
                PathShape::closed_line(corners, self.stroke)
            }
            _ => PathShape::line(points, self.stroke),
        };
        self.painter.add(Shape::Path(path));
    }

    fn ring(&self, center: (f32, f32), radius: f32) {
        self.painter
            .circle_stroke(self.at(center), radius * self.side, self.stroke);
    }

    fn dot(&self, center: (f32, f32), radius: f32) {
        let radius = (radius * self.side).max(0.9);
        self.painter
            .circle_filled(self.at(center), radius, self.stroke.color);
    }
}
