//! Room for the words that a field offers: egui's popup keeps the height of the first ones.

use eframe::egui::{AreaState, Context, Id, LayerId, Order};

/// More than the words may take, in points: the popup shrinks to what it shows by itself.
const HEIGHT: f32 = 320.0;

/// Lets the popup of the `CompletionPopup` with this id grow where more words are offered than in the frame before.
pub fn make(ctx: &Context, field: Id, offered: usize) {
    let known = field.with("offered");
    let before = ctx.data_mut(|data| {
        let before = data.get_temp(known).unwrap_or(0);
        data.insert_temp(known, offered);
        before
    });
    // Only an open popup may be touched: a closed one would be in the way of the pointer.
    let is_open = before > 0 && offered > before && ctx.memory(|memory| memory.has_focus(field));
    let popup = field.with("completion_popup");
    if let Some(mut state) = AreaState::load(ctx, popup).filter(|_| is_open)
        && let Some(size) = &mut state.size
    {
        size.y = size.y.max(HEIGHT);
        let layer = LayerId::new(Order::Foreground, popup);
        ctx.memory_mut(|memory| memory.areas_mut().set_state(layer, state));
    }
}
