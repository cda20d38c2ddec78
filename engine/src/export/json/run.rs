//! One run of a script as JSON: environment, command line, streams, header block, end.

use std::os::unix::ffi::OsStrExt as _;

use serde::Serialize;

use super::moments::{MomentView, moments};
use super::octets::{Octets, Span, Stream, micros, span, spans};
use super::script::{
    HostView, LimitsView, ProgramView, ReaderView, ScriptView, host, limits, program, reader,
    script,
};
use super::silence::SilenceView;
use crate::cgi::dictionary::describe;
use crate::cgi::header_block::{BlockEnd, HeaderBlock};
use crate::cgi::meta_variable::{AbsentVariable, MetaVariable, Provenance};
use crate::cgi::response::{ResponseKind, ScriptResponse};
use crate::cgi::violation::Violation;
use crate::exchange::{Debugger, Invocation, LocalsReport, StopCause};
use crate::process::{Exit, Member, ProcessEnd, Signal};

#[derive(Serialize)]
pub(super) struct RunView<'a> {
    script: ScriptView<'a>,
    script_name: &'a str,
    nph: bool,
    as_host: Option<HostView<'a>>,
    variables: Vec<VariableView<'a>>,
    absent: Vec<AbsentView<'a>>,
    overridden: Vec<VariableView<'a>>,
    arguments: Vec<Octets<'a>>,
    arguments_note: Option<&'a str>,
    program: Option<ProgramView<'a>>,
    interpreter: Option<ReaderView<'a>>,
    limits: Option<LimitsView<'a>>,
    launch_failure: Option<FailureView<'a>>,
    pid: Option<u32>,
    stdin: StdinView,
    stdout: Stream<'a>,
    stdout_ended: bool,
    stderr: Stream<'a>,
    header_block: Option<BlockView<'a>>,
    body_offset: Option<u64>,
    response: Option<ScriptResponseView<'a>>,
    stop: Option<StopView>,
    exit: Option<ExitView>,
    usage: Option<UsageView>,
    holders: Vec<HolderView<'a>>,
    silence: Option<SilenceView<'a>>,
    debugger: Option<&'static str>,
    locals: Option<&'a LocalsReport>,
    timeline: Vec<MomentView>,
}

#[derive(Serialize)]
struct VariableView<'a> {
    name: &'a str,
    value: Octets<'a>,
    provenance: ProvenanceView<'a>,
    sources: Vec<Span>,
    meaning: Option<&'static str>,
    section: Option<&'static str>,
}

#[derive(Serialize)]
struct ProvenanceView<'a> {
    kind: &'static str,
    field: Option<&'a str>,
    label: String,
}

#[derive(Serialize)]
struct AbsentView<'a> {
    name: &'a str,
    reason: String,
    sources: Vec<Span>,
    meaning: Option<&'static str>,
    section: Option<&'static str>,
}

#[derive(Serialize)]
struct FailureView<'a> {
    message: &'a str,
    errno: Option<i32>,
}

#[derive(Serialize)]
struct StdinView {
    taken_bytes: u64,
    refused: bool,
}

#[derive(Serialize)]
struct BlockView<'a> {
    fields: Vec<BlockFieldView<'a>>,
    bytes: usize,
    end: &'static str,
    violations: Vec<ViolationView<'a>>,
}

#[derive(Serialize)]
struct BlockFieldView<'a> {
    name: Octets<'a>,
    value: Octets<'a>,
    line: u32,
    span: Span,
}

#[derive(Serialize)]
struct ViolationView<'a> {
    code: u16,
    title: &'static str,
    section: &'static str,
    line: u32,
    span: Span,
    excerpt: Octets<'a>,
}

#[derive(Serialize)]
struct ScriptResponseView<'a> {
    kind: &'static str,
    location: Option<Octets<'a>>,
    status: u16,
    status_given: bool,
    reason: Octets<'a>,
    fields: Vec<PairView<'a>>,
    declared_length: Option<u64>,
    body_allowed: bool,
    refused: Option<ViolationView<'a>>,
    violations: Vec<ViolationView<'a>>,
}

#[derive(Serialize)]
struct PairView<'a> {
    name: Octets<'a>,
    value: Octets<'a>,
}

#[derive(Serialize)]
struct StopView {
    cause: &'static str,
    words: String,
}

#[derive(Serialize)]
struct ExitView {
    code: Option<i32>,
    signal: Option<i32>,
    signal_name: Option<&'static str>,
    core_dumped: bool,
}

#[derive(Serialize)]
struct UsageView {
    measured: bool,
    user_micros: u64,
    system_micros: u64,
    peak_memory_bytes: u64,
    minor_faults: u64,
    major_faults: u64,
}

#[derive(Serialize)]
struct HolderView<'a> {
    pid: u32,
    command: Octets<'a>,
}

impl<'a> RunView<'a> {
    pub(super) fn of(run: &'a Invocation) -> Self {
        let request = &run.request;
        Self {
            script: script(&run.script),
            script_name: &run.script_name,
            nph: run.nph,
            as_host: run.as_host.as_deref().map(host),
            variables: request.variables.iter().map(variable).collect(),
            absent: request.absent.iter().map(absent).collect(),
            overridden: request.overridden.iter().map(variable).collect(),
            arguments: request
                .arguments
                .iter()
                .map(|word| word.as_slice().into())
                .collect(),
            arguments_note: request.arguments_note.as_deref(),
            program: program(run),
            interpreter: run.interpreter.as_ref().map(reader),
            limits: run.limits.as_deref().map(limits),
            launch_failure: run.launch_failure.as_ref().map(|failure| FailureView {
                message: &failure.message,
                errno: failure.errno,
            }),
            pid: run.pid,
            stdin: StdinView {
                taken_bytes: run.stdin_taken,
                refused: run.stdin_refused,
            },
            stdout: Stream::of(&run.stdout),
            stdout_ended: run.stdout_ended,
            stderr: Stream::of(&run.stderr),
            header_block: run.header_block.as_deref().map(block),
            body_offset: run.body_offset(),
            response: run.response.as_deref().map(response),
            stop: run.stop.map(stop),
            exit: run.exit.map(exit),
            usage: run.usage.as_ref().map(usage),
            holders: run.holders.iter().map(holder).collect(),
            silence: run.silence.as_deref().map(SilenceView::of),
            debugger: run.debugged.map(Debugger::name),
            locals: run.locals.as_deref(),
            timeline: moments(&run.timeline),
        }
    }
}

fn variable(variable: &MetaVariable) -> VariableView<'_> {
    let description = describe(&variable.name);
    VariableView {
        name: &variable.name,
        value: variable.value.as_slice().into(),
        provenance: provenance(&variable.provenance),
        sources: spans(&variable.sources),
        meaning: description.map(|description| description.meaning),
        section: description.map(|description| description.section),
    }
}

fn provenance(provenance: &Provenance) -> ProvenanceView<'_> {
    let (kind, field) = match provenance {
        Provenance::RequestLine => ("request_line", None),
        Provenance::ScriptPath => ("script_path", None),
        Provenance::ExtraPath => ("extra_path", None),
        Provenance::Query => ("query", None),
        Provenance::Header { name } => ("header", Some(name.as_str())),
        Provenance::Trailer { name } => ("trailer", Some(name.as_str())),
        Provenance::Connection => ("connection", None),
        Provenance::Body => ("body", None),
        Provenance::Server => ("server", None),
        Provenance::Site => ("site", None),
        Provenance::Authentication => ("authentication", None),
        Provenance::Redirect => ("redirect", None),
    };
    ProvenanceView {
        kind,
        field,
        label: provenance.label(),
    }
}

fn absent(absent: &AbsentVariable) -> AbsentView<'_> {
    let description = describe(&absent.name);
    AbsentView {
        name: &absent.name,
        reason: absent.reason.to_string(),
        sources: spans(&absent.sources),
        meaning: description.map(|description| description.meaning),
        section: description.map(|description| description.section),
    }
}

fn block(block: &HeaderBlock) -> BlockView<'_> {
    let fields = block.fields.iter().map(|field| BlockFieldView {
        name: field.name.as_slice().into(),
        value: field.value.as_slice().into(),
        line: field.line,
        span: span(&field.span),
    });
    BlockView {
        fields: fields.collect(),
        bytes: block.length,
        end: match block.end {
            BlockEnd::BlankLine => "blank_line",
            BlockEnd::EndOfOutput => "end_of_output",
            BlockEnd::Stopped => "stopped",
        },
        violations: block.violations.iter().map(violation).collect(),
    }
}

fn violation(violation: &Violation) -> ViolationView<'_> {
    ViolationView {
        code: violation.kind.code(),
        title: violation.kind.title(),
        section: violation.kind.section(),
        line: violation.line,
        span: span(&violation.span),
        excerpt: violation.excerpt.as_slice().into(),
    }
}

fn response(response: &ScriptResponse) -> ScriptResponseView<'_> {
    let (kind, location) = match &response.kind {
        ResponseKind::Document => ("document", None),
        ResponseKind::LocalRedirect { location } => ("local_redirect", Some(location)),
        ResponseKind::ClientRedirect { location } => ("client_redirect", Some(location)),
        ResponseKind::ClientRedirectWithDocument { location } => {
            ("client_redirect_with_document", Some(location))
        }
    };
    ScriptResponseView {
        kind,
        location: location.map(|location| location.as_slice().into()),
        status: response.status,
        status_given: response.status_given,
        reason: response.reason.as_slice().into(),
        fields: response
            .fields
            .iter()
            .map(|(name, value)| PairView {
                name: name.as_slice().into(),
                value: value.as_slice().into(),
            })
            .collect(),
        declared_length: response.declared_length,
        body_allowed: response.body_allowed,
        refused: response.refused.as_ref().map(violation),
        violations: response.violations.iter().map(violation).collect(),
    }
}

fn stop(stop: StopCause) -> StopView {
    let cause = match stop {
        StopCause::ClientGone => "client_gone",
        StopCause::TimeLimit { total: false, .. } => "silence_limit",
        StopCause::TimeLimit { total: true, .. } => "time_limit",
        StopCause::OutputRefused => "output_refused",
        StopCause::User => "user",
        StopCause::Shutdown => "shutdown",
    };
    StopView {
        cause,
        words: stop.to_string(),
    }
}

fn exit(exit: Exit) -> ExitView {
    match exit {
        Exit::Code(code) => ExitView {
            code: Some(code),
            signal: None,
            signal_name: None,
            core_dumped: false,
        },
        Exit::Signal {
            number,
            core_dumped,
        } => ExitView {
            code: None,
            signal: Some(number),
            signal_name: Signal::from_number(number).name(),
            core_dumped,
        },
    }
}

fn usage(usage: &ProcessEnd) -> UsageView {
    UsageView {
        measured: usage.measured,
        user_micros: micros(usage.user_time),
        system_micros: micros(usage.system_time),
        peak_memory_bytes: usage.peak_memory_bytes,
        minor_faults: usage.minor_faults,
        major_faults: usage.major_faults,
    }
}

fn holder(member: &Member) -> HolderView<'_> {
    HolderView {
        pid: member.pid,
        command: member.command.as_bytes().into(),
    }
}
