//! The parts that are named values: request, environment, response, times.

use std::time::Duration;

use super::{Content, Likeness, Part, Section};
use crate::exchange::{End, Exchange, Moment, sent_fields};
use std::os::unix::ffi::OsStrExt as _;

/// Meta-variables that differ from request to request by their nature.
const VOLATILE_VARIABLES: [&str; 6] = [
    "REMOTE_PORT",
    "SERVER_PORT",
    "UNIQUE_ID",
    "REQUEST_TIME",
    "REQUEST_TIME_FLOAT",
    "HTTP_X_REQUEST_ID",
];
/// Response fields that do.
const VOLATILE_FIELDS: [&str; 5] = ["date", "age", "expires", "last-modified", "x-request-id"];

/// What holds the address of the server; another port says only that it was started again.
const ADDRESSES: [&str; 7] = [
    "host",
    "origin",
    "referer",
    "location",
    "HTTP_HOST",
    "HTTP_ORIGIN",
    "HTTP_REFERER",
];

/// A value of this name before and after; absent is not empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldChange {
    /// The name.
    pub name: String,
    /// The earlier value.
    pub before: Option<Vec<u8>>,
    /// The later value.
    pub after: Option<Vec<u8>>,
    /// It differs from run to run by its nature.
    pub volatile: bool,
}

/// Named values in order; a name may come more than once.
type Named = Vec<(String, Vec<u8>)>;

pub(super) fn request(before: &Exchange, after: &Exchange) -> Section {
    let of = |exchange: &Exchange| {
        let mut named = Named::new();
        match &exchange.request.head {
            Some(head) => {
                let (major, minor) = head.version;
                named.push(("method".into(), head.method().to_vec()));
                named.push(("target".into(), head.target().to_vec()));
                named.push(("version".into(), format!("HTTP/{major}.{minor}").into()));
                named.extend(head.fields.iter().map(|field| {
                    let name = String::from_utf8_lossy(head.name(field)).into_owned();
                    (name, head.value(field).to_vec())
                }));
            }
            None => named.push(("head".into(), exchange.request.raw_head.to_vec())),
        }
        named
    };
    section(Part::Request, of(before), of(after), |_| false)
}

pub(super) fn environment(before: &Exchange, after: &Exchange) -> Section {
    let of = |exchange: &Exchange| {
        let mut named = Named::new();
        if let Some(run) = exchange.invocation() {
            let variables = run.request.variables.iter();
            named.extend(variables.map(|variable| (variable.name.clone(), variable.value.clone())));
            if let Some(program) = &run.program {
                let arguments = program.arguments.iter().enumerate();
                named.extend(
                    arguments
                        .map(|(index, word)| (format!("argv[{index}]"), word.as_bytes().to_vec())),
                );
                let directory = program.directory.as_os_str().as_bytes().to_vec();
                named.push(("working directory".into(), directory));
            }
        }
        named
    };
    section(Part::Environment, of(before), of(after), |name| {
        is_volatile_variable(name)
    })
}

/// Whether a variable differs from request to request by its nature.
#[must_use]
pub fn is_volatile_variable(name: &str) -> bool {
    VOLATILE_VARIABLES.contains(&name)
}

pub(super) fn response(before: &Exchange, after: &Exchange) -> Section {
    let of = |exchange: &Exchange| {
        let mut named = Named::new();
        if let Some(response) = &exchange.response {
            named.push(("status".into(), response.status.to_string().into()));
            named.extend(sent_fields(&response.sent_head).map(|field| {
                let name = String::from_utf8_lossy(field.name).into_owned();
                (name, field.value.to_vec())
            }));
        }
        named.push(("ending".into(), ending(exchange.end.as_ref()).into()));
        named
    };
    let mut section = section(Part::Response, of(before), of(after), |name| {
        VOLATILE_FIELDS
            .iter()
            .any(|volatile| name.eq_ignore_ascii_case(volatile))
    });
    let status = |exchange: &Exchange| {
        let response = exchange.response.as_ref();
        response.map_or_else(|| "none".to_owned(), |response| response.status.to_string())
    };
    let (old, new) = (status(before), status(after));
    if old != new {
        section.summary = format!("{old} → {new}, {}", section.summary);
    }
    section
}

fn ending(end: Option<&End>) -> String {
    match end {
        None => "still open".to_owned(),
        Some(End::Answered) => "whole".to_owned(),
        Some(End::CutOff(cause)) => format!("cut off: {cause}"),
        Some(End::Unanswered(cause)) => format!("no response: {cause}"),
    }
}

/// Times differ always; they are given all the same, for one that is ten times as long is news.
pub(super) fn time(before: &Exchange, after: &Exchange) -> Section {
    const MOMENTS: [(&str, Moment); 4] = [
        ("spawned", Moment::Spawned),
        ("first output", Moment::FirstOutput),
        ("exited", Moment::Exited),
        ("response ended", Moment::ResponseEnded),
    ];
    let of = |exchange: &Exchange| {
        let run = exchange.invocation();
        let at = |moment| {
            run.and_then(|run| run.timeline.at(moment))
                .or_else(|| exchange.timeline.at(moment))
        };
        let mut named: Named = MOMENTS
            .into_iter()
            .filter_map(|(name, moment)| Some((name.to_owned(), millis(at(moment)?).into())))
            .collect();
        if let Some(usage) = run.and_then(|run| run.usage) {
            let cpu = usage.user_time + usage.system_time;
            named.push(("processor time".into(), millis(cpu).into()));
            let memory = format!("{} KiB", usage.peak_memory_bytes / 1024);
            named.push(("peak memory".into(), memory.into()));
        }
        named
    };
    let mut section = section(Part::Time, of(before), of(after), |_| true);
    if let Content::Fields(changes) = &section.content {
        let words = changes.iter().take(3).map(|change| {
            let text = |value: &Option<Vec<u8>>| {
                value.as_ref().map_or_else(
                    || "none".to_owned(),
                    |value| String::from_utf8_lossy(value).into_owned(),
                )
            };
            format!(
                "{} {} → {}",
                change.name,
                text(&change.before),
                text(&change.after)
            )
        });
        section.summary = words.collect::<Vec<_>>().join(", ");
    }
    section
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn section(part: Part, before: Named, after: Named, volatile: impl Fn(&str) -> bool) -> Section {
    let changes = changes(before, after, volatile);
    let (steady, fleeting): (Vec<&FieldChange>, Vec<&FieldChange>) =
        changes.iter().partition(|change| !change.volatile);
    let likeness = match (steady.len(), fleeting.len()) {
        (0, 0) => Likeness::Same,
        (0, _) => Likeness::Volatile,
        _ => Likeness::Different,
    };
    let summary = match likeness {
        Likeness::Same => "same".to_owned(),
        Likeness::Volatile => "same but for what always differs".to_owned(),
        Likeness::Different => words(&steady),
    };
    Section {
        part,
        likeness,
        summary,
        content: if changes.is_empty() {
            Content::Nothing
        } else {
            Content::Fields(changes)
        },
    }
}

/// The names that changed; only the first few of many.
fn words(changes: &[&FieldChange]) -> String {
    let named = changes
        .iter()
        .take(3)
        .map(|change| match (&change.before, &change.after) {
            (None, _) => format!("{} is new", change.name),
            (_, None) => format!("{} is gone", change.name),
            _ => format!("{} changed", change.name),
        });
    let mut text = named.collect::<Vec<_>>().join(", ");
    if changes.len() > 3 {
        text.push_str(&format!(", {} more", changes.len() - 3));
    }
    text
}

/// The same host with another port, as a server that was started again has it: `localhost:8000`, `http://[::1]:80/`.
fn differs_in_port_only(before: &[u8], after: &[u8]) -> bool {
    let without = |value: &[u8]| {
        let at = value.iter().rposition(|&byte| byte == b':')?;
        let (host, port) = (value.get(..at)?, value.get(at + 1..)?);
        let digits = port.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let rest = port.get(digits..)?;
        let is_place = digits > 0 && !host.is_empty() && matches!(rest.first(), None | Some(b'/'));
        is_place.then(|| [host, b":", rest].concat())
    };
    without(before).is_some_and(|host| without(after) == Some(host))
}

/// What differs, in the order of the later one, then what is gone. The same names are matched in their order.
pub(super) fn changes(
    mut before: Named,
    after: Named,
    volatile: impl Fn(&str) -> bool,
) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    for (name, new) in after {
        let at = before
            .iter()
            .position(|(other, _)| other.eq_ignore_ascii_case(&name));
        let old = at.map(|at| before.remove(at).1);
        if old.as_ref() != Some(&new) {
            let holds_address = ADDRESSES
                .iter()
                .any(|known| known.eq_ignore_ascii_case(&name));
            let moved = |old: &Vec<u8>| holds_address && differs_in_port_only(old, &new);
            let moved = old.as_ref().is_some_and(moved);
            changes.push(FieldChange {
                volatile: volatile(&name) || moved,
                name,
                before: old,
                after: Some(new),
            });
        }
    }
    changes.extend(before.into_iter().map(|(name, old)| FieldChange {
        volatile: volatile(&name),
        name,
        before: Some(old),
        after: None,
    }));
    changes
}
