//! Which viewer a key means: the one with the keyboard, or the one that searches, or the first that is shown.

use eframe::egui::{Context, Id};

/// What a key asks of a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Type what to find.
    Open,
    /// Go to the next match.
    Next,
    /// Go to the match before.
    Previous,
    /// No more searching.
    Close,
}

/// A viewer that is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pane {
    pub(super) id: Id,
    pub(super) has_keyboard: bool,
    pub(super) searches: bool,
}

#[derive(Clone, Debug, Default)]
struct Panes {
    frame: u64,
    shown: Vec<Pane>,
    wish: Option<(Id, Wish)>,
}

fn with_panes<T>(ctx: &Context, change: impl FnOnce(&mut Panes) -> T) -> T {
    ctx.data_mut(|data| change(data.get_temp_mut_or_default(Id::NULL)))
}

/// A viewer says that it is shown in this frame, and gets what was asked of it.
pub(super) fn meet(ctx: &Context, pane: Pane) -> Option<Wish> {
    let frame = ctx.cumulative_frame_nr();
    with_panes(ctx, |panes| {
        if panes.frame != frame {
            panes.frame = frame;
            panes.shown.clear();
        }
        panes.shown.push(pane);
        let wish = panes.wish.take_if(|(id, _)| *id == pane.id);
        wish.map(|(_, wish)| wish)
    })
}

/// Asks the viewer that is meant. False when none is shown, or none that searches has to be closed.
pub fn ask(ctx: &Context, wish: Wish) -> bool {
    let frame = ctx.cumulative_frame_nr();
    with_panes(ctx, |panes| {
        // Viewers of an earlier frame may be gone.
        let shown = panes.shown.iter().filter(|_| panes.frame + 1 >= frame);
        let meant = shown.filter(|pane| wish != Wish::Close || pane.searches);
        let meant = meant.max_by_key(|pane| (pane.has_keyboard, pane.searches));
        panes.wish = meant.map(|pane| (pane.id, wish));
        panes.wish.is_some()
    })
}
