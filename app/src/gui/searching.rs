//! What workers read in the records for the list: what a filter asks that neither rows nor the index of texts can
//! tell, and what the list is ordered by.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use cgi_engine::Engine;
use cgi_engine::exchange::{Exchange, ExchangeId, RowRef};
use cgi_engine::history::Found;
use cgi_engine::history::filter::{Narrowing, Verdict};

use super::model::search::{Errand, Judged};
use super::model::site::by_value::{ValueErrand, ValuesRead};

/// A worker tells what it found after this time, and goes on.
const PORTION: Duration = Duration::from_millis(60);

/// Looks through records until a moment is over or another filter is typed.
pub(super) fn look_through(engine: &Engine, errand: &Errand) -> Judged {
    let begun = Instant::now();
    let narrowing = errand.narrowing.get_or_init(|| {
        // Where the index cannot be asked, records are read one by one.
        engine.archive()?.narrow(&errand.filter).ok()
    });
    let mut requests = Vec::new();
    for id in &errand.requests {
        let row = errand.rows.get(*id);
        let passes = row.is_some_and(|row| passes(engine, errand, narrowing.as_ref(), row));
        requests.push((*id, passes));
        let is_given_up = errand.newest.load(Ordering::Relaxed) != errand.number;
        if is_given_up || begun.elapsed() > PORTION {
            break;
        }
    }
    Judged {
        number: errand.number,
        requests,
    }
}

fn passes(
    engine: &Engine,
    errand: &Errand,
    narrowing: Option<&Narrowing>,
    row: RowRef<'_>,
) -> bool {
    let verdict = narrowing.map_or(Verdict::Unknown, |narrowing| {
        errand.filter.judge_narrowed(row, narrowing, errand.now)
    });
    match verdict {
        Verdict::Pass => true,
        Verdict::Fail => false,
        Verdict::Unknown => match engine.find(row.id) {
            Found::Exchange(exchange) => errand.filter.matches(row, &exchange, errand.now),
            // What was dropped cannot be searched any more.
            Found::Evicted | Found::Unknown => false,
        },
    }
}

/// A recorded request, or in words that it is gone.
pub(super) fn kept(engine: &Engine, id: ExchangeId) -> Result<Arc<Exchange>, String> {
    match engine.find(id) {
        Found::Exchange(exchange) => Ok(exchange),
        Found::Evicted | Found::Unknown => Err(gone(id)),
    }
}

pub(super) fn gone(id: ExchangeId) -> String {
    format!("the details of request {id} are not kept any more")
}

/// Reads what the list is ordered by, until a moment is over.
pub(super) fn read_values(engine: &Engine, errand: &ValueErrand) -> ValuesRead {
    let begun = Instant::now();
    let mut values = Vec::new();
    for id in &errand.requests {
        let value = match engine.find(*id) {
            Found::Exchange(exchange) => errand.value_of(&exchange),
            Found::Evicted | Found::Unknown => None,
        };
        values.push((*id, value));
        if begun.elapsed() > PORTION {
            break;
        }
    }
    ValuesRead {
        number: errand.number,
        values,
    }
}
