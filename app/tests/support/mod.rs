//! What the tests need that drive the studio from outside: real programs, a browser and a display.

#[path = "../cli/studio.rs"]
pub(crate) mod studio;

pub(crate) mod display;
pub(crate) mod program;
pub(crate) mod web_driver;
