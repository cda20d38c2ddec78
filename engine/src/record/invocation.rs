//! One run of a script, packed.

use super::RecordError;
use super::captured::PackedStream;
use super::content::{BlobSink, BlobSource};
use super::packed::{List, Octets, Text, nanos, packed};
use super::profile::PackedAsHost;
use super::response::{PackedBlock, PackedMeaning};
use super::script::PackedScript;
use super::silence::PackedSilence;
use super::surroundings::{PackedInterpreter, PackedLimits, PackedSpan};
use super::variables::PackedCgiRequest;
use super::whole::{packed_timeline, timeline};
use crate::exchange::{
    Debugger, Invocation, LaunchFailure, LocalsReport, ProgramRecord, StopCause,
};
use crate::process::{Exit, Member, ProcessEnd};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

packed! {
    /// One run.
    PackedInvocation<'a> {
        "f" script: PackedScript<'a>,
        "s" script_name: Text<'a>,
        "n" nph: bool,
        "q" request: PackedCgiRequest<'a>,
        "p" program: Option<PackedProgram<'a>>,
        "v" interpreter: Option<PackedInterpreter<'a>>,
        "b" limits: Option<PackedLimits<'a>>,
        "a" as_host: Option<PackedAsHost<'a>>,
        "x" launch_failure: Option<PackedFailure<'a>>,
        "i" pid: Option<u32>,
        "t" stdin_taken: u64,
        "r" stdin_refused: bool,
        "o" stdout: PackedStream<'a>,
        "e" stderr: PackedStream<'a>,
        "z" stdout_ended: bool,
        "h" header_block: Option<PackedBlock<'a>>,
        "m" response: Option<PackedMeaning<'a>>,
        "k" stop: Option<PackedStop>,
        "c" exit: Option<PackedExit>,
        "u" usage: Option<PackedUsage>,
        "w" holders: List<PackedMember<'a>>,
        "y" silence: Option<PackedSilence<'a>>,
        "d" debugged: u8,
        "g" locals: Option<Text<'a>>,
        "l" timeline: Vec<u64>,
    }
}

packed! {
    /// What was started.
    PackedProgram<'a> {
        "x" executable: Octets<'a>,
        "a" arguments: Vec<Octets<'a>>,
        "d" directory: Octets<'a>,
    }
}

packed! {
    /// Why nothing was started.
    PackedFailure<'a> {
        "m" message: Text<'a>,
        "e" errno: Option<i32>,
    }
}

packed! {
    /// A process that waits, is waited for, or held the output open.
    PackedMember<'a> {
        "p" pid: u32,
        "c" command: Octets<'a>,
    }
}

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Debug)]
pub(super) enum PackedStop {
    #[serde(rename = "c")]
    ClientGone,
    /// The limit, and whether it is that of the whole run.
    #[serde(rename = "t")]
    TimeLimit(PackedSpan, bool),
    #[serde(rename = "o")]
    OutputRefused,
    #[serde(rename = "u")]
    User,
    #[serde(rename = "s")]
    Shutdown,
}

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Debug)]
pub(super) enum PackedExit {
    #[serde(rename = "c")]
    Code(i32),
    #[serde(rename = "s")]
    Signal(i32, bool),
}

impl Default for PackedExit {
    fn default() -> Self {
        Self::Code(0)
    }
}

packed! {
    /// What a process used.
    PackedUsage {
        "x" exit: PackedExit,
        "u" user_nanos: u64,
        "s" system_nanos: u64,
        "m" peak_memory_bytes: u64,
        "f" minor_faults: u64,
        "j" major_faults: u64,
        "k" measured: bool,
    }
}

impl<'a> PackedInvocation<'a> {
    pub(super) fn of(run: &'a Invocation, blobs: &mut dyn BlobSink) -> Self {
        let Invocation {
            script,
            script_name,
            nph,
            request,
            program,
            interpreter,
            limits,
            as_host,
            launch_failure,
            pid,
            stdin_taken,
            stdin_refused,
            stdout,
            stderr,
            stdout_ended,
            header_block,
            response,
            stop,
            exit,
            usage,
            holders,
            silence,
            debugged,
            locals,
            timeline,
        } = run;
        Self {
            script: PackedScript::of(script, blobs),
            script_name: script_name.into(),
            nph: *nph,
            request: PackedCgiRequest::of(request),
            program: program.as_deref().map(PackedProgram::of),
            interpreter: interpreter.as_ref().map(PackedInterpreter::of),
            limits: limits.as_deref().map(PackedLimits::of),
            as_host: as_host.as_deref().map(PackedAsHost::of),
            launch_failure: launch_failure.as_ref().map(PackedFailure::of),
            pid: *pid,
            stdin_taken: *stdin_taken,
            stdin_refused: *stdin_refused,
            stdout: PackedStream::of(stdout, blobs),
            stderr: PackedStream::of(stderr, blobs),
            stdout_ended: *stdout_ended,
            header_block: header_block.as_deref().map(PackedBlock::of),
            response: response.as_deref().map(PackedMeaning::of),
            stop: stop.map(PackedStop::of),
            exit: exit.map(PackedExit::of),
            usage: usage.as_ref().map(PackedUsage::of),
            holders: holders.iter().map(PackedMember::of).collect(),
            silence: silence.as_deref().map(PackedSilence::of),
            debugged: packed_debugger(*debugged),
            // It has no key that is not text, so it can always be written.
            locals: locals
                .as_deref()
                .and_then(|report| serde_json::to_string(report).ok())
                .map(Text::from),
            timeline: packed_timeline(timeline),
        }
    }

    pub(super) fn restore(self, blobs: &dyn BlobSource) -> Result<Invocation, RecordError> {
        let header_block = self.header_block.map(PackedBlock::restore).transpose()?;
        let response = self.response.map(PackedMeaning::restore).transpose()?;
        let limits = self.limits.map(PackedLimits::restore).transpose()?;
        let as_host = self.as_host.map(PackedAsHost::restore).transpose()?;
        let silence = self.silence.map(PackedSilence::restore).transpose()?;
        let locals = self.locals.as_deref().map(locals).transpose()?;
        Ok(Invocation {
            script: Arc::new(self.script.restore(blobs)?),
            script_name: self.script_name.into_owned(),
            nph: self.nph,
            request: Arc::new(self.request.restore()?),
            program: self.program.map(|program| Arc::new(program.restore())),
            interpreter: self.interpreter.map(PackedInterpreter::restore),
            limits: limits.map(Box::new),
            as_host: as_host.map(Box::new),
            launch_failure: self.launch_failure.map(PackedFailure::restore),
            pid: self.pid,
            stdin_taken: self.stdin_taken,
            stdin_refused: self.stdin_refused,
            stdout: self.stdout.restore("standard output", blobs)?,
            stderr: self.stderr.restore("standard error", blobs)?,
            stdout_ended: self.stdout_ended,
            header_block: header_block.map(Arc::new),
            response: response.map(Arc::new),
            stop: self.stop.map(PackedStop::restore).transpose()?,
            exit: self.exit.map(PackedExit::restore),
            usage: self.usage.map(PackedUsage::restore),
            holders: self
                .holders
                .into_iter()
                .map(PackedMember::restore)
                .collect(),
            silence: silence.map(Box::new),
            debugged: debugger(self.debugged)?,
            locals: locals.map(Arc::new),
            timeline: timeline(&self.timeline),
        })
    }
}

/// The debuggers by their numbers in the record, from 1, which never change.
const DEBUGGERS: [Debugger; 3] = [Debugger::Locals, Debugger::Pdb, Debugger::Debugpy];

fn packed_debugger(debugger: Option<Debugger>) -> u8 {
    let known = DEBUGGERS
        .iter()
        .zip(1..)
        .find(|(one, _)| debugger == Some(**one));
    known.map_or(0, |(_, number)| number)
}

fn debugger(number: u8) -> Result<Option<Debugger>, RecordError> {
    let Some(index) = usize::from(number).checked_sub(1) else {
        return Ok(None);
    };
    let known = DEBUGGERS.get(index).copied();
    let known =
        known.ok_or_else(|| RecordError::impossible("debugger", format!("number {number}")))?;
    Ok(Some(known))
}

fn locals(text: &str) -> Result<LocalsReport, RecordError> {
    serde_json::from_str(text)
        .map_err(|error| RecordError::impossible("report of variables", error.to_string()))
}

impl<'a> PackedProgram<'a> {
    fn of(program: &'a ProgramRecord) -> Self {
        let ProgramRecord {
            executable,
            arguments,
            directory,
        } = program;
        Self {
            executable: Octets::of_path(executable),
            arguments: arguments.iter().map(|word| Octets::of_os(word)).collect(),
            directory: Octets::of_path(directory),
        }
    }

    fn restore(self) -> ProgramRecord {
        ProgramRecord {
            executable: self.executable.into_path(),
            arguments: self.arguments.into_iter().map(Octets::into_os).collect(),
            directory: self.directory.into_path(),
        }
    }
}

impl<'a> PackedFailure<'a> {
    fn of(failure: &'a LaunchFailure) -> Self {
        let LaunchFailure { message, errno } = failure;
        Self {
            message: message.into(),
            errno: *errno,
        }
    }

    fn restore(self) -> LaunchFailure {
        LaunchFailure {
            message: self.message.into_owned(),
            errno: self.errno,
        }
    }
}

impl<'a> PackedMember<'a> {
    pub(super) fn of(member: &'a Member) -> Self {
        let Member { pid, command } = member;
        Self {
            pid: *pid,
            command: Octets::of_os(command),
        }
    }

    pub(super) fn restore(self) -> Member {
        Member {
            pid: self.pid,
            command: self.command.into_os(),
        }
    }
}

impl PackedStop {
    pub(super) fn of(stop: StopCause) -> Self {
        match stop {
            StopCause::ClientGone => Self::ClientGone,
            StopCause::TimeLimit { limit, total } => Self::TimeLimit(PackedSpan::of(limit), total),
            StopCause::OutputRefused => Self::OutputRefused,
            StopCause::User => Self::User,
            StopCause::Shutdown => Self::Shutdown,
        }
    }

    pub(super) fn restore(self) -> Result<StopCause, RecordError> {
        Ok(match self {
            Self::ClientGone => StopCause::ClientGone,
            Self::TimeLimit(limit, total) => StopCause::TimeLimit {
                limit: limit.restore()?,
                total,
            },
            Self::OutputRefused => StopCause::OutputRefused,
            Self::User => StopCause::User,
            Self::Shutdown => StopCause::Shutdown,
        })
    }
}

impl PackedExit {
    fn of(exit: Exit) -> Self {
        match exit {
            Exit::Code(code) => Self::Code(code),
            Exit::Signal {
                number,
                core_dumped,
            } => Self::Signal(number, core_dumped),
        }
    }

    fn restore(self) -> Exit {
        match self {
            Self::Code(code) => Exit::Code(code),
            Self::Signal(number, core_dumped) => Exit::Signal {
                number,
                core_dumped,
            },
        }
    }
}

impl PackedUsage {
    fn of(end: &ProcessEnd) -> Self {
        let ProcessEnd {
            exit,
            user_time,
            system_time,
            peak_memory_bytes,
            minor_faults,
            major_faults,
            measured,
        } = *end;
        Self {
            exit: PackedExit::of(exit),
            user_nanos: nanos(user_time),
            system_nanos: nanos(system_time),
            peak_memory_bytes,
            minor_faults,
            major_faults,
            measured,
        }
    }

    fn restore(self) -> ProcessEnd {
        ProcessEnd {
            exit: self.exit.restore(),
            user_time: Duration::from_nanos(self.user_nanos),
            system_time: Duration::from_nanos(self.system_nanos),
            peak_memory_bytes: self.peak_memory_bytes,
            minor_faults: self.minor_faults,
            major_faults: self.major_faults,
            measured: self.measured,
        }
    }
}
