//! A CGI/1.1 host (RFC 3875) that records every request and explains what went wrong.
//!
//! [`Engine`] is the front door: it serves one folder, takes [`Command`]s, tells [`Event`]s,
//! and hands out recorded [`Exchange`](exchange::Exchange)s. It never waits for whoever listens.
//!
//! Modules in reading order, from the bottom up:
#![warn(missing_docs)]

pub mod clock;

pub mod cgi;
pub mod process;
pub mod python;
pub mod site;
pub mod whole_file;

pub mod exchange;
mod interpreter_version;

pub mod record;

pub mod bundle;
pub mod compare;
pub mod convert;
pub mod debugger;
pub mod diagnosis;
pub mod expect;
pub mod export;
pub mod fix;
pub mod history;
pub mod on_save;

pub mod saved_request;
pub mod steps;
pub mod terminal;

pub mod message;
pub mod watch;

pub mod check;
mod interpreter_word;
pub mod interpreters;

mod recorder;
mod server;

mod engine;
pub use engine::{
    Engine, EngineOptions, RepeatControl, RepeatError, RepeatPlan, RepeatSummary, ReplayError,
    StartError, Subscription, Times,
};
pub use message::{Command, Event, Snapshot};
pub use server::memory::Manner;
pub use server::preview::{Preview, PreviewedAnswer, PreviewedRun};
pub use server::{BindError, ChooseError, Listen, NoSource, limits_page};

/// Name and version as told to clients and scripts (the `Server` field and SERVER_SOFTWARE, RFC 3875 §4.1.17).
pub const SERVER_SOFTWARE: &str = concat!("CGI-Studio/", env!("CARGO_PKG_VERSION"));
