//! `show`: all that was recorded of one request.

use std::io::{self, Write as _};

use cgi_engine::diagnosis;
use cgi_engine::exchange::{Exchange, ExchangeRow, Origin};
use cgi_engine::export::exchange_document;

use super::arguments::ShowArguments;
use super::{archive, exchange};
use crate::cli::arguments::Format;
use crate::cli::ink::Ink;
use crate::cli::{Outcome, text};

/// Prints the whole chain as it was, with the findings of today's rules.
pub(crate) fn show(asked: &ShowArguments) -> anyhow::Result<Outcome> {
    let archive = archive(&asked.folder)?;
    for row in asked.id.rows(&archive)? {
        let exchange = exchange(&archive, &row)?;
        let shown = match asked.format {
            Format::Text => report(&row, &exchange, Ink::of_stdout()),
            Format::Json => exchange_document(&exchange, Some(&row))?,
        };
        let mut stdout = io::stdout().lock();
        stdout.write_all(shown.as_bytes())?;
        stdout.flush()?;
    }
    Ok(Outcome::Fine)
}

fn report(row: &ExchangeRow, exchange: &Exchange, ink: Ink) -> String {
    let whence = match &exchange.origin {
        Origin::Socket => String::new(),
        Origin::Studio => ", sent by the studio".to_owned(),
        Origin::Replay(of) => format!(", request {of} sent again"),
        Origin::ReplayOfSource(of) => format!(", request {of} sent again to the source as it was"),
        Origin::Imported { from } => format!(", imported from {from}"),
    };
    let moment = exchange.started.date_and_time();
    let pinned = if row.pinned { ", pinned" } else { "" };
    let comment = row.comment.as_ref().map(|comment| format!(", {comment:?}"));
    let first = format!(
        "#{} {moment}{whence}{pinned}{}",
        exchange.id,
        comment.unwrap_or_default()
    );
    let findings = diagnosis::after_run(exchange);
    let rest = text::report(exchange, &findings, ink);
    format!("{}\n\n{rest}", ink.dim(&text::visible(&first)))
}
