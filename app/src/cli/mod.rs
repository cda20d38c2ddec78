//! The command line: what was asked for, who does it, and what the exit code is.
//!
//! Reading order: `arguments`, this file, then one file a command (`window`, `serve`, `run`, `test`, `check`, `fix`, `deploy`).
//! Output goes to standard output, talk to standard error.

mod arguments;
mod check;
mod convert;
mod deploy;
mod display;
mod fix;
mod header;
mod ink;
mod interpreters;
mod listen;
mod live_log;
mod own_output;
mod preflight;
mod recorded;
mod request;
mod run;
mod script_place;
mod serve;
mod signals;
mod talk;
mod test;
mod text;
mod window;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use cgi_engine::process::{Spawner, SpawnerError};
use clap::Parser as _;

use arguments::{Arguments, Command};

/// What a command came to, when it could do its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    /// Nothing to complain of.
    Fine,
    /// The script failed, or findings say that it is wrong.
    Findings,
}

/// The exit code for mistakes in the arguments and for what we could not do.
const EXIT_OWN_FAILURE: u8 = 2;

/// Does what the arguments say, the program's own name first among them.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    spawner: Result<Spawner, SpawnerError>,
) -> ExitCode {
    start_tracing();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => return answer_of_clap(&refusal),
    };
    exit_code(&obey(arguments, spawner))
}

fn obey(arguments: Arguments, spawner: Result<Spawner, SpawnerError>) -> anyhow::Result<Outcome> {
    match arguments.command {
        Some(Command::Serve(asked)) => serve::serve(spawner?, &asked),
        Some(Command::Run(asked)) => run::run(spawner?, &asked),
        Some(Command::Test(asked)) => test::test(spawner?, &asked),
        Some(Command::Log(asked)) => recorded::log(&asked),
        Some(Command::Show(asked)) => recorded::show(&asked),
        Some(Command::Replay(asked)) => recorded::replay(spawner?, &asked),
        Some(Command::Export(asked)) => recorded::export(&asked),
        Some(Command::Import(asked)) => recorded::import(spawner?, &asked),
        Some(Command::Check(asked)) => check::check(&spawner?, &asked),
        Some(Command::Interpreters(asked)) => interpreters::interpreters(&spawner?, &asked),
        Some(Command::Fix(asked)) => fix::fix(&spawner?, &asked),
        Some(Command::Deploy(asked)) => deploy::deploy(&asked),
        Some(Command::Convert(asked)) => convert::convert(&asked),
        None if arguments.open.limits => limits(),
        None => window::open(spawner?, &arguments.open),
    }
}

/// The page that RFC 3875 §8.1 asks for.
fn limits() -> anyhow::Result<Outcome> {
    io::stdout().write_all(cgi_engine::limits_page().as_bytes())?;
    Ok(Outcome::Fine)
}

/// The one place that decides the exit code: 0 fine, 1 findings or a failed script, 2 usage or our own failure.
fn exit_code(result: &anyhow::Result<Outcome>) -> ExitCode {
    match result {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        // Whoever read our output has seen enough; that is no failure.
        Err(error) if is_broken_pipe(error) => ExitCode::SUCCESS,
        Err(error) => {
            talk::error(&message(error));
            ExitCode::from(EXIT_OWN_FAILURE)
        }
    }
}

/// The error and its causes, but for those that it already tells of.
fn message(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Help and version are answers (0); everything else is a mistake in the arguments (2).
fn answer_of_clap(refusal: &clap::Error) -> ExitCode {
    // A closed pipe is all that can go wrong here, and then nobody listens.
    let _ = refusal.print();
    if refusal.use_stderr() {
        ExitCode::from(EXIT_OWN_FAILURE)
    } else {
        ExitCode::SUCCESS
    }
}

/// The program's own log, for whoever debugs the studio itself: `CGI_STUDIO_LOG=debug`.
fn start_tracing() {
    let Ok(filter) = std::env::var("CGI_STUDIO_LOG") else {
        return;
    };
    // A second subscriber is refused, which leaves the first: just what is wanted.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(io::stderr)
        .with_ansi(ink::Ink::of_stderr().is_coloured())
        .try_init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(result: &anyhow::Result<Outcome>, expected: ExitCode) {
        let code = exit_code(result);
        assert_eq!(format!("{code:?}"), format!("{expected:?}"));
    }

    #[test]
    fn the_exit_code_tells_findings_from_our_own_failures() {
        check(&Ok(Outcome::Fine), ExitCode::SUCCESS);
        check(&Ok(Outcome::Findings), ExitCode::from(1));
        check(&Err(anyhow::anyhow!("no such folder")), ExitCode::from(2));
    }

    #[test]
    fn an_error_is_told_once() {
        let cause = || io::Error::from_raw_os_error(2);
        let told = anyhow::Error::new(cause()).context(format!("cannot read: {}: \"/x\"", cause()));
        assert_eq!(message(&told), format!("cannot read: {}: \"/x\"", cause()));
        let untold = anyhow::Error::new(cause()).context("cannot read");
        assert_eq!(message(&untold), format!("cannot read: {}", cause()));
    }

    #[test]
    fn a_reader_that_has_seen_enough_is_no_failure() {
        let closed = || io::Error::from(io::ErrorKind::BrokenPipe);
        check(&Err(closed().into()), ExitCode::SUCCESS);
        let full = io::Error::from(io::ErrorKind::StorageFull);
        check(&Err(full.into()), ExitCode::from(2));
    }
}
