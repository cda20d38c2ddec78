//! The report of one run: the whole chain from the request to the response, from top to bottom.

use std::fmt::Write as _;
use std::time::Duration;

use cgi_engine::diagnosis::Finding;
use cgi_engine::diagnosis::units::{human_bytes, human_duration};
use cgi_engine::exchange::{CapturedBody, End, Exchange, Interpreter, Invocation, Moment};
use cgi_engine::process::ProcessEnd;

use super::super::ink::Ink;
use super::as_host::as_host;
use super::{Detail, count, finding, visible, visible_bytes};

/// Names and values up to these columns leave what follows them aligned.
const NAME_COLUMNS: usize = 24;
const VALUE_COLUMNS: usize = 36;
/// A body that is not text is shown up to here; it would fill the screen with escapes.
const BINARY_SHOWN_BYTES: usize = 256;

/// The whole chain, ending in a line end.
pub(crate) fn report(exchange: &Exchange, findings: &[Finding], ink: Ink) -> String {
    let mut text = String::new();
    request(&mut text, exchange, ink);
    for (index, run) in exchange.invocations.iter().enumerate() {
        if index > 0 {
            heading(
                &mut text,
                "Local redirect",
                "the script's answer was another script's URL (RFC 3875 §6.2.2)",
                ink,
            );
        }
        invocation(&mut text, run, ink);
    }
    response(&mut text, exchange, ink);
    times(&mut text, exchange, ink);
    if let Some(host) = exchange.invocation().and_then(|run| run.as_host.as_ref()) {
        text.push_str(&as_host(host, exchange, ink));
    }
    if !findings.is_empty() {
        heading(&mut text, "Findings", &findings.len().to_string(), ink);
        for one in findings {
            text.push_str(&finding(one, Detail::Full, 2, ink));
        }
    }
    text
}

fn request(text: &mut String, exchange: &Exchange, ink: Ink) {
    let line = format!(
        "{} {}",
        exchange.request.method(),
        exchange.request.target()
    );
    let _ = writeln!(text, "{}  {}", ink.bold("Request"), visible(&line));
    let request = &exchange.request;
    if let Some(head) = &request.head {
        for field in &head.fields {
            let (name, value) = (head.name(field), head.value(field));
            let _ = writeln!(text, "  {}: {}", visible_bytes(name), visible_bytes(value));
        }
    }
    if !request.body.is_empty() {
        heading(text, "Request body", &amount(&request.body), ink);
        block(text, &request.body.head(), ink);
        rest(text, &request.body, ink);
    }
}

fn invocation(text: &mut String, run: &Invocation, ink: Ink) {
    command(text, run, ink);
    environment(text, run, ink);
    output(text, run, ink);
    stderr(text, run, ink);
    process(text, run, ink);
}

fn command(text: &mut String, run: &Invocation, ink: Ink) {
    heading(text, "Command", "", ink);
    match (&run.program, &run.launch_failure) {
        (Some(program), _) => {
            let words: Vec<String> = program
                .arguments
                .iter()
                .map(|word| quoted(&word.to_string_lossy()))
                .collect();
            let _ = writeln!(text, "  {}", words.join(" "));
            let _ = writeln!(
                text,
                "  {} {}",
                ink.dim("in"),
                visible(&program.directory.to_string_lossy())
            );
        }
        (None, _) => {
            let _ = writeln!(text, "  {}", ink.dim("none was started"));
        }
    }
    if let Some(failure) = &run.launch_failure {
        let _ = writeln!(text, "  {}", ink.red(&visible(&failure.message)));
    }
    if let Some(note) = run.request.arguments_note.as_deref() {
        let _ = writeln!(text, "  {}", ink.dim(note));
    }
}

/// A word of a command line so that its borders can be seen.
fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "/._-+:=@%,".contains(character);
    let shown = visible(word);
    if !shown.is_empty() && shown.chars().all(plain) {
        shown
    } else {
        format!("'{shown}'")
    }
}

fn environment(text: &mut String, run: &Invocation, ink: Ink) {
    let request = &run.request;
    heading(
        text,
        "Environment",
        &count(request.variables.len(), "variable"),
        ink,
    );
    let longest = request
        .variables
        .iter()
        .map(|variable| variable.name.len())
        .max()
        .unwrap_or_default();
    let width = longest.min(NAME_COLUMNS);
    for variable in &request.variables {
        let (name, value) = (visible(&variable.name), visible_bytes(&variable.value));
        let origin = ink.dim(&visible(&variable.provenance.label()));
        let _ = writeln!(text, "  {name:<width$}  {value:<VALUE_COLUMNS$}  {origin}");
    }
    for absent in &request.absent {
        let line = format!(
            "  {:<width$}  absent: {}",
            visible(&absent.name),
            absent.reason
        );
        let _ = writeln!(text, "{}", ink.dim(&line));
    }
}

fn output(text: &mut String, run: &Invocation, ink: Ink) {
    heading(text, "Standard output", &amount(&run.stdout), ink);
    let bytes = run.stdout.head();
    let border = run
        .body_offset()
        .and_then(|offset| usize::try_from(offset).ok());
    let (head, body) = bytes.split_at(border.unwrap_or(bytes.len()).min(bytes.len()));
    block(text, head, ink);
    if border.is_some() && !run.nph && !bytes.is_empty() {
        let _ = writeln!(
            text,
            "  {}",
            ink.dim("──────── headers above, body below ────────")
        );
    }
    block(text, body, ink);
    rest(text, &run.stdout, ink);
}

fn stderr(text: &mut String, run: &Invocation, ink: Ink) {
    heading(text, "Standard error", &amount(&run.stderr), ink);
    block(text, &run.stderr.head(), ink);
    rest(text, &run.stderr, ink);
}

fn amount(stream: &CapturedBody) -> String {
    if stream.is_empty() {
        "nothing".to_owned()
    } else {
        human_bytes(stream.len())
    }
}

/// Bytes as indented lines; a few of them only where they are no text.
fn block(text: &mut String, bytes: &[u8], ink: Ink) {
    let shown = if is_binary(bytes) {
        bytes.get(..BINARY_SHOWN_BYTES).unwrap_or(bytes)
    } else {
        bytes
    };
    for line in shown.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        // CR LF is as good a line end as LF alone and need not be looked at.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let _ = writeln!(text, "  {}", visible_bytes(line));
    }
    let hidden = bytes.len() - shown.len();
    if hidden > 0 {
        let note = format!(
            "… {} more of binary data, not shown",
            human_bytes(hidden as u64)
        );
        let _ = writeln!(text, "  {}", ink.dim(&note));
    }
}

fn is_binary(bytes: &[u8]) -> bool {
    let start = bytes.get(..1024).unwrap_or(bytes);
    start.contains(&0)
        || start
            .utf8_chunks()
            .filter(|chunk| !chunk.invalid().is_empty())
            .count()
            > start.len() / 16
}

/// What a stream longer than its cap has after its beginning.
fn rest(text: &mut String, stream: &CapturedBody, ink: Ink) {
    if stream.cut_bytes() > 0 {
        let note = format!("… {} not kept", human_bytes(stream.cut_bytes()));
        let _ = writeln!(text, "  {}", ink.dim(&note));
    }
    block(text, &stream.tail(), ink);
}

fn process(text: &mut String, run: &Invocation, ink: Ink) {
    if run.program.is_none() {
        return;
    }
    heading(text, "Process", "", ink);
    let exit = match run.exit {
        Some(exit) if exit.success() => exit.to_string(),
        Some(exit) => ink.red(&exit.to_string()),
        None => ink.yellow("still running"),
    };
    let mut facts = Vec::new();
    facts.extend(run.interpreter.as_ref().map(interpreter));
    facts.extend(run.pid.map(|pid| format!("process {pid}")));
    facts.push(exit);
    facts.extend(
        run.timeline
            .between(Moment::Spawned, Moment::Exited)
            .map(|time| format!("{} in all", human_duration(time))),
    );
    facts.extend(run.usage.as_ref().filter(|usage| usage.measured).map(usage));
    let _ = writeln!(text, "  {}", facts.join(", "));
    if let Some(stop) = run.stop {
        let _ = writeln!(
            text,
            "  {}",
            ink.red(&format!("ended by the studio: {stop}"))
        );
    }
}

fn interpreter(interpreter: &Interpreter) -> String {
    let path = visible(&interpreter.path.to_string_lossy());
    match &interpreter.version {
        Some(version) => format!("{path} {}", visible(version)),
        None => path,
    }
}

fn usage(usage: &ProcessEnd) -> String {
    let (user, system) = (
        human_duration(usage.user_time),
        human_duration(usage.system_time),
    );
    format!(
        "{} of memory at most, CPU {user} user and {system} system",
        human_bytes(usage.peak_memory_bytes)
    )
}

fn response(text: &mut String, exchange: &Exchange, ink: Ink) {
    heading(text, "Response", "", ink);
    match &exchange.response {
        None => {
            let _ = writeln!(text, "  {}", ink.red("none"));
        }
        Some(response) => {
            let first = response
                .sent_head
                .split(|&byte| byte == b'\n')
                .next()
                .unwrap_or_default();
            let line = visible_bytes(first.trim_ascii_end());
            let line = if line.is_empty() {
                response.status.to_string()
            } else {
                line
            };
            let line = if response.status < 400 {
                ink.green(&line)
            } else {
                ink.red(&line)
            };
            let _ = writeln!(
                text,
                "  {line}, {} of body",
                human_bytes(response.body_bytes)
            );
        }
    }
    if let Some(End::CutOff(cause) | End::Unanswered(cause)) = &exchange.end {
        let _ = writeln!(text, "  {}", ink.red(&visible(&cause.to_string())));
    }
}

/// Every moment of the request and of its runs, from its first byte on.
fn times(text: &mut String, exchange: &Exchange, ink: Ink) {
    let runs = exchange.invocations.iter().map(|run| &run.timeline);
    let timelines = std::iter::once(&exchange.timeline).chain(runs);
    let mut moments: Vec<(Duration, Moment)> = timelines
        .flat_map(|timeline| timeline.iter().map(|(moment, at)| (at, moment)))
        .collect();
    if moments.is_empty() {
        return;
    }
    moments.sort();
    heading(text, "Time", "from the first byte of the request", ink);
    for (at, moment) in moments {
        let at = format!("+{}", human_duration(at));
        let _ = writeln!(text, "  {at:>10}  {}", moment.label());
    }
}

pub(super) fn heading(text: &mut String, title: &str, figure: &str, ink: Ink) {
    let title = ink.bold(title);
    let _ = if figure.is_empty() {
        writeln!(text, "\n{title}")
    } else {
        writeln!(text, "\n{title}  {}", ink.dim(figure))
    };
}
