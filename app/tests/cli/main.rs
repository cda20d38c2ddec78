//! The real binary as a user meets it: its arguments, output, exit codes and signals.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends where it stands"
)]

mod check;
mod convert;
mod convert_write;
mod deploy;
mod findings;
mod fix;
mod help;
mod interpreters;
mod recorded;
mod recording;
mod run;
mod saved_requests;
mod serve;
mod studio;
mod templates;
mod window;
