//! What panels are built of; widgets know the values they draw and nothing of the engine.

pub mod button;
pub mod card;
pub mod chip;
pub mod empty;
pub mod evidence;
pub mod find;
pub mod fuzzy;
pub mod hex_view;
pub mod highlight;
pub mod icon;
pub mod key_cap;
pub mod line;
pub mod mark;
pub mod nav;
pub mod notice;
pub mod offer_room;
pub mod palette;
pub mod rows;
pub mod scroll;
pub mod strip;
pub mod table;
pub mod tabs;
pub mod tag;
pub mod text_view;
