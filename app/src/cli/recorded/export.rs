//! `export`: recorded requests for other tools and for people, with their secrets hidden.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use cgi_engine::exchange::{Exchange, ExchangeRow};
use cgi_engine::export::redact;

use super::arguments::ExportArguments;
use super::{archive, exchange};
use crate::cli::{Outcome, talk, text};
use crate::hand_on::{self, Item, WriteError};

/// Writes them, and tells on standard error what was hidden.
pub(crate) fn export(asked: &ExportArguments) -> anyhow::Result<Outcome> {
    let archive = archive(&asked.folder)?;
    let mut rows: Vec<ExchangeRow> = Vec::new();
    for wanted in &asked.ids {
        for row in wanted.rows(&archive)? {
            if rows.iter().all(|known| known.id != row.id) {
                rows.push(row);
            }
        }
    }
    let mut exchanges = Vec::with_capacity(rows.len());
    for row in &rows {
        exchanges.push(exchange(&archive, row)?);
    }
    if !asked.no_redact {
        hide_secrets(&mut exchanges, !asked.hide_lengths);
    }
    let Some(form) = asked.format.form() else {
        let folder = asked.output.as_deref();
        let folder = folder.context("raw streams are files: --output names the folder for them")?;
        return raw(&exchanges, folder, asked.force);
    };
    let items: Vec<Item<'_>> = exchanges.iter().zip(rows.iter().map(Some)).collect();
    let written = hand_on::document(form, &items, asked.address.as_deref())?;
    match &asked.output {
        None => {
            let mut stdout = io::stdout().lock();
            stdout.write_all(&written)?;
            stdout.flush()?;
        }
        Some(file) => hand_on::write(file, &written, asked.force).map_err(with_remedy)?,
    }
    Ok(Outcome::Fine)
}

fn hide_secrets(exchanges: &mut [Exchange], keep_lengths: bool) {
    let secrets = redact::secrets_of(exchanges.iter());
    for secret in &secrets {
        let line = format!(
            "hidden: {} {} in {}",
            secret.kind.label(),
            secret.name,
            secret.places_in_words()
        );
        talk::say(&text::visible(&line));
    }
    if secrets.is_empty() {
        talk::say("no secrets were found; look for yourself before you hand it on");
        return;
    }
    let chosen = redact::Chosen {
        secrets,
        keep_lengths,
    };
    for exchange in exchanges {
        *exchange = redact::redacted(exchange, &chosen);
    }
}

fn raw(exchanges: &[Exchange], folder: &Path, force: bool) -> anyhow::Result<Outcome> {
    for exchange in exchanges {
        let folder = match exchanges.len() {
            1 => folder.to_owned(),
            _ => folder.join(exchange.id.to_string()),
        };
        let warnings = hand_on::write_raw(exchange, &folder, force).map_err(with_remedy)?;
        warnings.iter().for_each(|warning| talk::warn(warning));
    }
    Ok(Outcome::Fine)
}

fn with_remedy(error: WriteError) -> anyhow::Error {
    match error {
        WriteError::Exists { path } => {
            anyhow::anyhow!("the file is there already; --force writes over it: {path:?}")
        }
        error @ WriteError::System { .. } => error.into(),
    }
}
