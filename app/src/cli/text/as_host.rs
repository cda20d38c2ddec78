//! The report of a run that was made as another host: what differs from the specification.

use std::fmt::Write as _;

use cgi_engine::cgi::profile::heading as host_heading;
use cgi_engine::diagnosis::host_view;
use cgi_engine::exchange::{AsHost, Exchange};

use super::super::ink::Ink;
use super::report::heading;
use super::visible;

/// The differences of the request, then those of the answer, then what the specification makes of the output.
pub(super) fn as_host(host: &AsHost, exchange: &Exchange, ink: Ink) -> String {
    let mut text = String::new();
    let count = super::count(host.differences.len(), "difference");
    heading(
        &mut text,
        &capitalized(&host_heading(host.profile)),
        &count,
        ink,
    );
    for difference in host.differences.iter() {
        let line = visible(&difference.line());
        let line = if difference.breaks.is_some() {
            ink.yellow(&line)
        } else {
            line
        };
        let _ = writeln!(text, "  {line}");
    }
    for deviation in host_view::deviations_of(exchange) {
        let _ = writeln!(text, "  {}", visible(&deviation.line()));
    }
    if let Some(line) = by_specification(exchange) {
        let _ = writeln!(text, "  {}", ink.dim(&line));
    }
    text
}

/// What the specification makes of the same output.
fn by_specification(exchange: &Exchange) -> Option<String> {
    let response = exchange.invocation()?.response.as_ref()?;
    Some(match &response.refused {
        Some(violation) => format!(
            "by RFC 3875: refused, as {}",
            visible(&violation.to_string())
        ),
        None => format!("by RFC 3875: status {}", response.status),
    })
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
