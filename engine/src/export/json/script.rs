//! The script as it was, and the surroundings it was started in, as JSON.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::Serialize;

use super::octets::{Octets, micros};
use crate::cgi::profile::HostVerdict;
use crate::exchange::{AppliedLimits, AsHost, Interpreter, Invocation};
use crate::site::script::{FileKind, InterpreterProblem, InterpreterState, ScriptFacts};

#[derive(Serialize)]
pub(super) struct ScriptView<'a> {
    path: Octets<'a>,
    kind: &'static str,
    errno: Option<i32>,
    bytes: u64,
    mode: String,
    uid: u32,
    gid: u32,
    executable: bool,
    mounted_noexec: Option<bool>,
    modified_unix_millis: Option<i64>,
    sha256: Option<String>,
    interpreter: InterpreterView<'a>,
    source: Octets<'a>,
    source_truncated: bool,
}

#[derive(Serialize)]
struct InterpreterView<'a> {
    kind: &'static str,
    path: Option<Octets<'a>>,
    through_env: Option<Octets<'a>>,
    env_found: Option<Octets<'a>>,
    problem: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct ProgramView<'a> {
    executable: Octets<'a>,
    argv: Vec<Octets<'a>>,
    cwd: Octets<'a>,
}

#[derive(Serialize)]
pub(super) struct ReaderView<'a> {
    path: Octets<'a>,
    version: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct LimitsView<'a> {
    silence_micros: Option<u64>,
    total_micros: Option<u64>,
    client_gone_micros: u64,
    capture_bytes: u64,
    cpu_seconds: Option<u64>,
    memory_bytes: Option<u64>,
    processes: Option<u64>,
    refused: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct HostView<'a> {
    name: &'static str,
    differences: Vec<DifferenceView<'a>>,
    verdict: Option<VerdictView<'a>>,
}

#[derive(Serialize)]
struct DifferenceView<'a> {
    name: &'a str,
    here: Option<Octets<'a>>,
    there: Option<Octets<'a>>,
    why: &'a str,
    breaks: Option<&'a str>,
}

#[derive(Serialize)]
struct VerdictView<'a> {
    kind: &'static str,
    status: Option<u16>,
    location: Option<Octets<'a>>,
    deviations: Vec<DeviationView<'a>>,
}

#[derive(Serialize)]
struct DeviationView<'a> {
    what: &'a str,
    does: &'a str,
    breaks: Option<&'a str>,
}

pub(super) fn path(path: &Path) -> Octets<'_> {
    path.as_os_str().as_bytes().into()
}

pub(super) fn script(script: &ScriptFacts) -> ScriptView<'_> {
    let (kind, errno) = match script.kind {
        FileKind::Regular => ("file", None),
        FileKind::Directory => ("folder", None),
        FileKind::Missing => ("missing", None),
        FileKind::Other => ("other", None),
        FileKind::Unreadable { errno } => ("unreadable", Some(errno)),
    };
    ScriptView {
        path: path(&script.path),
        kind,
        errno,
        bytes: script.size,
        mode: format!("{:04o}", script.mode),
        uid: script.uid,
        gid: script.gid,
        executable: script.executable,
        mounted_noexec: script.mounted_noexec,
        modified_unix_millis: script.modified.and_then(|modified| {
            let since = modified.duration_since(UNIX_EPOCH).ok()?;
            i64::try_from(since.as_millis()).ok()
        }),
        sha256: (script.hash != [0; 32]).then(|| hexadecimal(&script.hash)),
        interpreter: interpreter(&script.interpreter),
        source: script.source.as_ref().into(),
        source_truncated: script.source_truncated,
    }
}

fn hexadecimal(hash: &[u8]) -> String {
    hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn interpreter(state: &InterpreterState) -> InterpreterView<'_> {
    let mut view = InterpreterView {
        kind: "none",
        path: None,
        through_env: None,
        env_found: None,
        problem: None,
    };
    match state {
        InterpreterState::Mapped {
            path: file,
            problem,
        } => {
            view.kind = "mapped";
            view.path = Some(path(file));
            view.problem = problem.map(words);
        }
        InterpreterState::Shebang {
            path: file,
            through_env,
            env_found,
            problem,
            ..
        } => {
            view.kind = "shebang";
            view.path = Some(path(file));
            view.through_env = through_env.as_deref().map(Octets::from);
            view.env_found = env_found.as_deref().map(path);
            view.problem = problem.map(words);
        }
        InterpreterState::Native => view.kind = "native",
        InterpreterState::None => {}
    }
    view
}

fn words(problem: InterpreterProblem) -> &'static str {
    match problem {
        InterpreterProblem::Unnamed => "unnamed",
        InterpreterProblem::Missing => "missing",
        InterpreterProblem::NotAFile => "not_a_file",
        InterpreterProblem::NotExecutable => "not_executable",
    }
}

pub(super) fn program(run: &Invocation) -> Option<ProgramView<'_>> {
    let program = run.program.as_ref()?;
    Some(ProgramView {
        executable: path(&program.executable),
        argv: program
            .arguments
            .iter()
            .map(|word| word.as_bytes().into())
            .collect(),
        cwd: path(&program.directory),
    })
}

pub(super) fn reader(interpreter: &Interpreter) -> ReaderView<'_> {
    ReaderView {
        path: path(&interpreter.path),
        version: interpreter.version.as_deref(),
    }
}

pub(super) fn limits(limits: &AppliedLimits) -> LimitsView<'_> {
    LimitsView {
        silence_micros: limits.silence.map(micros),
        total_micros: limits.total.map(micros),
        client_gone_micros: micros(limits.client_gone),
        capture_bytes: limits.capture_bytes,
        cpu_seconds: limits.resources.cpu_seconds,
        memory_bytes: limits.resources.memory_bytes,
        processes: limits.resources.processes,
        refused: limits.refused.as_deref(),
    }
}

pub(super) fn host(host: &AsHost) -> HostView<'_> {
    let differences = host.differences.iter().map(|difference| DifferenceView {
        name: &difference.name,
        here: difference.here.as_deref().map(Octets::from),
        there: difference.there.as_deref().map(Octets::from),
        why: &difference.why,
        breaks: difference.breaks.as_deref(),
    });
    HostView {
        name: host.profile.name(),
        differences: differences.collect(),
        verdict: host.verdict.as_ref().map(verdict),
    }
}

fn verdict(verdict: &HostVerdict) -> VerdictView<'_> {
    let (kind, status, location) = match verdict {
        HostVerdict::Answer(answer) => ("answer", Some(answer.status), None),
        HostVerdict::LocalRedirect { location, .. } => {
            let location = Cow::Borrowed(location.as_slice());
            ("local_redirect", None, Some(location.into()))
        }
        HostVerdict::Silence { .. } => ("silence", None, None),
    };
    let deviations = verdict.deviations().iter().map(|deviation| DeviationView {
        what: &deviation.what,
        does: &deviation.does,
        breaks: deviation.breaks.as_deref(),
    });
    VerdictView {
        kind,
        status,
        location,
        deviations: deviations.collect(),
    }
}
