//! The studio: command line and window over the engine.

pub mod cli;
pub mod gui;
pub mod preferences;
pub mod samples;
