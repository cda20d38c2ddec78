//! `run`: one run of one script without a socket, shown from the command line to the response.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use cgi_engine::cgi::profile::HostProfile;
use cgi_engine::diagnosis::{self, Finding, Severity};
use cgi_engine::exchange::{Author, End, Exchange, ExchangeId};
use cgi_engine::history::store::Recording;
use cgi_engine::history::{Found, HistoryLimits};
use cgi_engine::process::{Exit, Spawner};
use cgi_engine::{Engine, EngineOptions, Listen};

use super::Outcome;
use super::arguments::RunArguments;
use super::ink::Ink;
use super::request::ScriptRequest;
use super::script_place::ScriptPlace;
use super::{talk, text};

/// How long a script may outlive its answer where the site sets no limit.
const PATIENCE: Duration = Duration::from_secs(30);
/// What ending a script takes: TERM, a grace, KILL, and a little.
const ENDING: Duration = Duration::from_secs(5);
/// Between two looks at a record that is still open.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Runs the script and prints what happened.
pub(crate) fn run(spawner: Spawner, asked: &RunArguments) -> anyhow::Result<Outcome> {
    let place = ScriptPlace::find(&asked.script)?;
    let body = asked.body.as_deref().map(read_body).transpose()?;
    let request = ScriptRequest {
        method: asked.method.as_deref(),
        url_path: &place.url_path,
        path_info: asked.path_info.as_deref(),
        query: asked.query.as_deref(),
        headers: &asked.headers,
        body: body.as_deref(),
    };
    let exchange = exchange(spawner, &place.folder, request.to_bytes(), asked.profile)?;
    report(&exchange)
}

/// Prints the whole chain; a script that failed makes the exit code 1.
pub(super) fn report(exchange: &Exchange) -> anyhow::Result<Outcome> {
    let findings = diagnosis::after_run(exchange);
    print(&text::report(exchange, &findings, Ink::of_stdout()))?;
    Ok(outcome(exchange, &findings))
}

/// The bytes that `--body` stands for.
fn read_body(body: &OsStr) -> anyhow::Result<Vec<u8>> {
    match body.as_bytes() {
        b"-" => {
            let mut bytes = Vec::new();
            io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .context("cannot read the body from standard input")?;
            Ok(bytes)
        }
        [b'@', file @ ..] => {
            let file = Path::new(OsStr::from_bytes(file));
            fs::read(file)
                .map_err(|error| anyhow::anyhow!("cannot read the body: {error}: {file:?}"))
        }
        bytes => Ok(bytes.to_vec()),
    }
}

/// One exchange, over.
fn exchange(
    spawner: Spawner,
    folder: &Path,
    request: Vec<u8>,
    profile: Option<HostProfile>,
) -> anyhow::Result<Arc<Exchange>> {
    let options = EngineOptions {
        folder: folder.to_owned(),
        listen: Listen::Nowhere,
        history: HistoryLimits::default(),
        recording: Recording::Memory,
    };
    let engine = Engine::start(spawner, &options)?;
    warn_of_configuration(&engine);
    let (recorded, _) = engine.submit_as(request, profile);
    let id = recorded.context("the engine kept no record of the run")?;
    let exchange = ended(&engine, id)?;
    engine.shut_down();
    Ok(exchange)
}

/// Says what is wrong in the site's configuration.
pub(super) fn warn_of_configuration(engine: &Engine) {
    for problem in &engine.site().problems {
        talk::warn(&text::visible(&problem.to_string()));
    }
}

/// The exchange once its script has ended, too, or has had all the time that the site gives it.
pub(super) fn ended(engine: &Engine, id: ExchangeId) -> anyhow::Result<Arc<Exchange>> {
    let limit = engine.site().config.limits.time_limit();
    wait_for_end(engine, id, limit.unwrap_or(PATIENCE) + ENDING)
}

/// The answer is complete, but a script may live on a little after it.
fn wait_for_end(
    engine: &Engine,
    id: ExchangeId,
    patience: Duration,
) -> anyhow::Result<Arc<Exchange>> {
    let begun = Instant::now();
    loop {
        let Found::Exchange(exchange) = engine.find(id) else {
            anyhow::bail!("the record of the run is too large to be kept");
        };
        if exchange.end.is_some() || begun.elapsed() > patience {
            return Ok(exchange);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn print(report: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(report.as_bytes())?;
    stdout.flush()
}

fn outcome(exchange: &Exchange, findings: &[Finding]) -> Outcome {
    let found = findings
        .iter()
        .any(|finding| finding.severity != Severity::Note);
    let exits_well = exchange
        .invocation()
        .and_then(|run| run.exit)
        .is_some_and(Exit::success);
    // Where the studio had to answer, the script did not.
    let by_studio = exchange
        .response
        .as_ref()
        .is_some_and(|response| response.author == Author::Studio);
    if found || by_studio || !exits_well || exchange.end != Some(End::Answered) {
        Outcome::Findings
    } else {
        Outcome::Fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_or_a_files_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("body");
        fs::write(&file, b"\xFF\0").unwrap();
        let at = format!("@{}", file.display());
        assert_eq!(read_body(OsStr::new(&at)).unwrap(), b"\xFF\0");
        assert_eq!(read_body(OsStr::new("a=1")).unwrap(), b"a=1");
        assert_eq!(read_body(OsStr::new("")).unwrap(), b"");
        assert!(
            read_body(OsStr::new("@/no/such"))
                .unwrap_err()
                .to_string()
                .contains("\"/no/such\"")
        );
    }
}
