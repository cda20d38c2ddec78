//! The parts of the window that the keyboard walks through with F6.

use eframe::egui::{Context, Id};

/// The parts in the order in which they were drawn, by the widget that takes the keyboard.
#[derive(Debug, Default)]
pub struct Regions {
    sidebar: Option<Id>,
    filter: Option<Id>,
    list: Option<Id>,
    detail: Option<Id>,
    /// What had the keyboard at the end of this frame, and of the one before: Escape takes it away at once.
    focused: Option<Id>,
    focused_before: Option<Id>,
}

/// One part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    /// The scripts.
    Sidebar,
    /// The field over the list.
    Filter,
    /// The list of requests.
    List,
    /// The inspector's tabs.
    Detail,
}

impl Regions {
    /// Forgets what the last frame had; some of it may not be shown any more.
    pub(super) fn begin(&mut self) {
        *self = Self {
            focused: self.focused,
            focused_before: self.focused_before,
            ..Self::default()
        };
    }

    /// Notes what has the keyboard, when all is drawn.
    pub(super) fn end(&mut self, ctx: &Context) {
        self.focused_before = self.focused;
        self.focused = ctx.memory(|memory| memory.focused());
    }

    /// Says which widget takes the keyboard for this part.
    pub(super) fn note(&mut self, region: Region, id: Id) {
        let place = match region {
            Region::Sidebar => &mut self.sidebar,
            Region::Filter => &mut self.filter,
            Region::List => &mut self.list,
            Region::Detail => &mut self.detail,
        };
        *place = Some(id);
    }

    /// Gives the keyboard to the next part, or to the one before, round the ends.
    pub fn move_focus(&self, ctx: &Context, forward: bool) {
        let parts: Vec<Id> = [self.sidebar, self.filter, self.list, self.detail]
            .into_iter()
            .flatten()
            .collect();
        let focused = ctx.memory(|memory| memory.focused());
        let here = parts.iter().position(|id| Some(*id) == focused);
        let next = match (here, forward) {
            (Some(here), true) => (here + 1) % parts.len(),
            (Some(here), false) => (here + parts.len() - 1) % parts.len(),
            (None, true) => 0,
            (None, false) => parts.len().saturating_sub(1),
        };
        focus(ctx, parts.get(next).copied());
    }

    /// Gives the keyboard to the filter.
    pub fn focus_filter(&self, ctx: &Context) {
        focus(ctx, self.filter);
    }

    /// Gives the keyboard to the list.
    pub fn focus_list(&self, ctx: &Context) {
        focus(ctx, self.list);
    }

    /// Gives the keyboard to the inspector.
    pub fn focus_detail(&self, ctx: &Context) {
        focus(ctx, self.detail);
    }

    /// Whether something other than the list had the keyboard before this frame's keys were read.
    #[must_use]
    pub fn is_away_from_list(&self) -> bool {
        self.focused_before.is_some() && self.focused_before != self.list
    }
}

fn focus(ctx: &Context, id: Option<Id>) {
    if let Some(id) = id {
        ctx.memory_mut(|memory| memory.request_focus(id));
    }
}
