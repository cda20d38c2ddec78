//! What handing on asks of engine and disk: secrets found, texts written, files read. Runs in workers.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cgi_engine::Engine;
use cgi_engine::exchange::{Exchange, ExchangeId};
use cgi_engine::export::redact::{self, Secret};

use super::model::hand_on::{Done, Failed, Order};
use super::searching::kept;
use crate::address;
use crate::hand_on::{Form, Item, WriteError, document, write, write_raw};

/// The secrets of these requests.
pub(super) fn secrets(
    engine: &Engine,
    ids: &[ExchangeId],
    cancelled: &AtomicBool,
) -> Result<Vec<Secret>, String> {
    let exchanges = exchanges(engine, ids, cancelled, |_| {})?;
    Ok(redact::secrets_of(exchanges.iter().map(Arc::as_ref)))
}

fn exchanges(
    engine: &Engine,
    ids: &[ExchangeId],
    cancelled: &AtomicBool,
    mut told: impl FnMut(usize),
) -> Result<Vec<Arc<Exchange>>, String> {
    let mut exchanges = Vec::with_capacity(ids.len());
    for id in ids {
        if cancelled.load(Ordering::Relaxed) {
            return Err("cancelled".to_owned());
        }
        exchanges.push(kept(engine, *id)?);
        told(exchanges.len());
    }
    Ok(exchanges)
}

/// Carries out an order; `told` hears how many requests are ready.
pub(super) fn carry_out(
    engine: &Engine,
    order: &Order,
    cancelled: &AtomicBool,
    told: impl FnMut(usize),
) -> Result<Done, Failed> {
    let failed = |words: String| Failed {
        words,
        exists: false,
    };
    let exchanges = exchanges(engine, &order.ids, cancelled, told).map_err(failed)?;
    let mut redacted = Vec::with_capacity(exchanges.len());
    for exchange in &exchanges {
        if cancelled.load(Ordering::Relaxed) {
            return Err(failed("cancelled".to_owned()));
        }
        redacted.push(redact::redacted(exchange, &order.chosen));
    }
    let count = match redacted.len() {
        1 => format!("Request {} is", redacted.first().map_or(0, |one| one.id.0)),
        count => format!("{count} requests are"),
    };
    if let (Form::Raw, Some(folder)) = (order.form, &order.file) {
        for exchange in &redacted {
            let folder = match redacted.len() {
                1 => folder.clone(),
                _ => folder.join(exchange.id.to_string()),
            };
            write_raw(exchange, &folder, order.over).map_err(|error| not_written(&error))?;
        }
        return Ok(Done {
            words: format!("{count} written to {}", folder.display()),
            text: None,
        });
    }
    let rows = engine.rows();
    let rows: Vec<_> = redacted
        .iter()
        .map(|exchange| rows.get(exchange.id).map(|row| row.to_row()))
        .collect();
    let items: Vec<Item<'_>> = redacted
        .iter()
        .zip(rows.iter().map(Option::as_ref))
        .collect();
    let served = engine.address().map(address::host);
    let text = document(order.form, &items, served.as_deref());
    let text = text.map_err(|error| failed(error.to_string()))?;
    match &order.file {
        None => Ok(Done {
            words: format!("{count} on the clipboard"),
            text: Some(String::from_utf8_lossy(&text).into_owned()),
        }),
        Some(file) => {
            write(file, &text, order.over).map_err(|error| not_written(&error))?;
            Ok(Done {
                words: format!("{count} written to {}", file.display()),
                text: None,
            })
        }
    }
}

fn not_written(error: &WriteError) -> Failed {
    Failed {
        exists: matches!(error, WriteError::Exists { .. }),
        words: error.to_string(),
    }
}

/// Takes in the requests of a bundle or an HTTP archive; says in words what came in and what did not.
pub(super) fn import(engine: &Engine, file: &Path) -> Result<(Option<ExchangeId>, String), String> {
    let read = crate::hand_on::read(file).map_err(|error| error.to_string())?;
    let mut words = match read.exchanges.len() {
        0 => "Nothing was imported".to_owned(),
        1 => "1 request was imported".to_owned(),
        count => format!("{count} requests were imported"),
    };
    if let Some(first) = read.left_out.first() {
        words.push_str(&format!("; {} left out: {first}", read.left_out.len()));
    }
    let mut last = None;
    for exchange in read.exchanges {
        last = Some(engine.import(exchange, &read.from));
    }
    Ok((last, words))
}
