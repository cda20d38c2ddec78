//! Starts the studio.

use std::process::ExitCode;

use cgi_engine::process::{Spawner, serve_if_spawner};
use cgi_studio::cli;

fn main() -> ExitCode {
    // The same executable starts every script; the process that does so goes no further than this line.
    serve_if_spawner();
    // While this process is small and has one thread: scripts inherit what holds now.
    let spawner = Spawner::start_self();
    cli::run(std::env::args_os(), spawner)
}
