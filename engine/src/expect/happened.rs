//! Expectations that a run has met: a beginning for whoever writes some.

use super::value::quoted;
use super::{check, observed, parse};
use crate::diagnosis::{self, Severity};
use crate::exchange::{Exchange, sent_fields};
use crate::process::Exit;

/// A longer piece of a body is not looked for.
const PIECE: usize = 100;

/// What happened, as expectations that this very run meets; times and dates are left out, since they change.
#[must_use]
pub fn happened(exchange: &Exchange) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(response) = &exchange.response {
        all.push(format!("status {}", response.status));
        for name in ["Content-Type", "Location"] {
            let field = sent_fields(&response.sent_head)
                .find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()));
            if let Some(field) = field {
                all.push(format!(
                    "header {name} = {}",
                    quoted(field.value, usize::MAX)
                ));
            }
        }
    }
    if let Some(piece) = observed::body(exchange)
        .ok()
        .and_then(|body| piece(&body.bytes))
    {
        all.push(format!("body contains {piece}"));
    }
    if let Some(run) = exchange.invocation() {
        all.extend(match run.exit {
            Some(Exit::Code(code)) => Some(format!("exit {code}")),
            Some(Exit::Signal { number, .. }) => {
                let name = crate::process::Signal::from_number(number).name();
                name.map(|name| format!("exit {name}"))
            }
            None => None,
        });
        if run.stderr.is_empty() {
            all.push("stderr empty".to_owned());
        }
    }
    let findings = diagnosis::after_run(exchange);
    let worst = findings
        .iter()
        .find(|finding| finding.severity == Severity::Error);
    all.push(match worst {
        Some(finding) => format!("finding {}", finding.code),
        None => "finding no errors".to_owned(),
    });
    // Only what this run meets is offered, whatever bytes it is made of.
    all.retain(|text| {
        parse(text)
            .is_ok_and(|expectation| check(exchange, &[expectation]).iter().all(|one| one.met))
    });
    all
}

/// The title of a page, else the first line that is not blank, in quotes.
fn piece(body: &[u8]) -> Option<String> {
    let title = memchr::memmem::find(body, b"<title>").and_then(|start| {
        let from = body.get(start..)?;
        let end = memchr::memmem::find(from, b"</title>")?;
        from.get(..end + "</title>".len())
    });
    let lines = || body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let line = || lines().find(|line| !line.is_empty());
    let piece = title.filter(|title| title.len() <= PIECE).or_else(line)?;
    let piece = std::str::from_utf8(piece).ok()?;
    let end = piece.floor_char_boundary(PIECE);
    Some(quoted(piece.get(..end)?.as_bytes(), usize::MAX))
}
