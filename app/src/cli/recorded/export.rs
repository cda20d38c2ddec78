//! `export`: recorded requests for other tools and for people, with their secrets hidden.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use cgi_engine::exchange::{Exchange, ExchangeRow};
use cgi_engine::export::{self as engine, redact};

use super::arguments::{ExportArguments, ExportFormat};
use super::{archive, exchange};
use crate::cli::{Outcome, talk, text};

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
    if asked.format == ExportFormat::Raw {
        let folder = asked.output.as_deref();
        let folder = folder.context("raw streams are files: --output names the folder for them")?;
        return raw(&exchanges, folder, asked.force);
    }
    let written = document(&rows, &exchanges, asked)?;
    match &asked.output {
        None => {
            let mut stdout = io::stdout().lock();
            stdout.write_all(written.as_bytes())?;
            stdout.flush()?;
        }
        Some(file) => write(file, written.as_bytes(), asked.force)?,
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

/// All of them in one text.
fn document(
    rows: &[ExchangeRow],
    exchanges: &[Exchange],
    asked: &ExportArguments,
) -> anyhow::Result<String> {
    let each = |one: &dyn Fn(&Exchange) -> anyhow::Result<String>| {
        let texts: anyhow::Result<Vec<String>> = exchanges
            .iter()
            .map(|exchange| {
                one(exchange).with_context(|| format!("request {} cannot be written", exchange.id))
            })
            .collect();
        Ok::<_, anyhow::Error>(texts?.join("\n"))
    };
    let address = |exchange: &Exchange| match (&asked.address, exchange.connection.synthetic) {
        (Some(address), _) => address.clone(),
        (None, false) => exchange.connection.local.to_string(),
        (None, true) => "127.0.0.1:8000".to_owned(),
    };
    match asked.format {
        ExportFormat::Har => Ok(engine::har(&exchanges.iter().collect::<Vec<_>>())?),
        ExportFormat::Curl => {
            each(&|exchange| Ok(engine::curl(exchange, &address(exchange))? + "\n"))
        }
        ExportFormat::Shell => each(&|exchange| Ok(engine::shell_script(exchange)?)),
        ExportFormat::Http => each(&|exchange| {
            engine::http_file(exchange, &address(exchange))
                .context("its head is malformed, or its body is no text or not whole")
        }),
        ExportFormat::Markdown => each(&|exchange| Ok(engine::markdown(exchange))),
        ExportFormat::Json => json(rows, exchanges),
        ExportFormat::Raw => Ok(String::new()),
    }
}

/// One object, or an array of several.
fn json(rows: &[ExchangeRow], exchanges: &[Exchange]) -> anyhow::Result<String> {
    let objects: Result<Vec<String>, _> = exchanges
        .iter()
        .zip(rows)
        .map(|(exchange, row)| engine::exchange_document(exchange, Some(row)))
        .collect();
    let objects = objects?;
    Ok(match objects.as_slice() {
        [one] => one.clone(),
        several => {
            let several: Vec<&str> = several.iter().map(|text| text.trim_end()).collect();
            format!("[\n{}\n]\n", several.join(",\n"))
        }
    })
}

fn raw(exchanges: &[Exchange], folder: &Path, force: bool) -> anyhow::Result<Outcome> {
    for exchange in exchanges {
        let folder = match exchanges.len() {
            1 => folder.to_owned(),
            _ => folder.join(exchange.id.to_string()),
        };
        fs::create_dir_all(&folder)
            .map_err(|error| anyhow::anyhow!("cannot make the folder: {error}: {folder:?}"))?;
        for file in engine::raw_files(exchange) {
            write(&folder.join(&file.name), &file.bytes, force)?;
            if file.cut_bytes > 0 {
                let lacking = file.cut_bytes;
                let name = &file.name;
                talk::warn(&format!(
                    "{lacking} bytes in the middle of {name} were not recorded"
                ));
            }
        }
    }
    Ok(Outcome::Fine)
}

/// The file appears whole or not at all.
fn write(file: &Path, bytes: &[u8], force: bool) -> anyhow::Result<()> {
    let cannot = |error: io::Error| anyhow::anyhow!("cannot write: {error}: {file:?}");
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut whole = tempfile::NamedTempFile::new_in(folder).map_err(cannot)?;
    whole.write_all(bytes).map_err(cannot)?;
    if force {
        whole.persist(file).map_err(|error| cannot(error.error))?;
    } else {
        whole
            .persist_noclobber(file)
            .map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => {
                    anyhow::anyhow!("the file is there already; --force writes over it: {file:?}")
                }
                _ => cannot(error.error),
            })?;
    }
    Ok(())
}
