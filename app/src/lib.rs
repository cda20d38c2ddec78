//! The studio: command line and window over the engine.

mod address;
pub mod cli;
pub mod fixing;
pub mod gui;
pub mod hand_on;
pub mod legacy_cgi;
pub mod preferences;
pub mod recording;
pub mod samples;
pub mod templates;
