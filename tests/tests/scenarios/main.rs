//! A served folder from outside: what goes over the wire, and what stands in the record afterwards.

// A test that panics has failed: that is all an unwrap means here.
#![allow(clippy::unwrap_used)]

mod access;
mod answers;
mod attached;
mod bodies;
mod crashes;
mod debugged;
mod earlier_source;
mod folder;
mod handed_on;
mod handlers;
mod hang_up;
mod hung;
mod in_memory;
mod interpreters;
mod limits;
mod nph;
mod on_save;
mod options;
mod packed;
mod preview;
mod records;
mod redirects;
mod refusals;
mod reload;
mod repeated;
mod shown;
mod shutdown;
mod smuggling;
mod streaming;
mod targets;
mod terminal;
mod unstartable;

use cgi_tests::{TempSite, TestEngine, query};
use std::path::Path;

fn child() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cgi-child"))
}

/// A site with the obedient child.
fn site() -> TempSite {
    TempSite::new(child())
}

fn serve() -> TestEngine {
    TestEngine::start(child(), site())
}

/// The same with a `cgi-studio.toml`.
fn serve_configured(configuration: &str) -> TestEngine {
    TestEngine::start(child(), TempSite::configured(child(), configuration))
}

/// The URL that makes the child obey these commands.
fn url(commands: &[&str]) -> String {
    format!("/cgi-bin/child?{}", query(commands))
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

fn post(target: &str, fields: &str, body: &str) -> String {
    format!("POST {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{body}")
}
