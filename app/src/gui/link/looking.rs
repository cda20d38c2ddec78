//! What workers look up in the records: for the filter, the list, the details and comparisons.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cgi_engine::Engine;
use cgi_engine::compare::versions::{Versions, Witness};
use cgi_engine::compare::{Comparison, versions};
use cgi_engine::exchange::{Exchange, ExchangeId};
use cgi_engine::history::Found;

use super::{Link, News, Report};
use crate::gui::model::cells;
use crate::gui::model::cells::Fetched;
use crate::gui::model::content::{Content, Side};
use crate::gui::model::search::Errand;
use crate::gui::model::site::by_value::ValueErrand;
use crate::gui::model::site::scan::Scan;
use crate::gui::model::versions::VersionErrand;
use crate::gui::searching::{kept, look_through, read_values};

impl Link {
    /// Looks through records for what a filter asks; what was found within a moment comes as news, so that a long
    /// search shows its matches as it goes and is given up when another filter is typed.
    pub(in crate::gui) fn search(&mut self, errand: Errand) {
        self.ask_engine("search", move |engine| {
            News::Judged(look_through(engine, &errand))
        });
    }

    /// Reads a recorded request from the disk.
    pub(in crate::gui) fn read(&mut self, id: ExchangeId) {
        self.ask_engine("read", move |engine| News::Read(id, engine.find(id)));
    }

    /// Reads what the list is ordered by.
    pub(in crate::gui) fn read_values(&mut self, errand: ValueErrand) {
        self.ask_engine("order", move |engine| {
            News::ValuesRead(read_values(engine, &errand))
        });
    }

    /// Looks up what columns show of some requests.
    pub(in crate::gui) fn fetch_cells(&mut self, errand: cells::Errand) {
        self.ask_engine("cells", move |engine| {
            let value = |id: ExchangeId| match engine.find(id) {
                Found::Exchange(exchange) => errand.values_of(&exchange),
                Found::Evicted | Found::Unknown => Vec::new(),
            };
            let values = errand.requests.iter().map(|id| (*id, value(*id)));
            News::Fetched(Fetched {
                number: errand.number,
                values: values.collect(),
            })
        });
    }

    /// Goes through the rows; what was found comes as news, piece by piece.
    pub(in crate::gui) fn scan(&self, mut scan: Scan) {
        let (reporter, ctx) = (self.reporter.clone(), self.ctx.clone());
        self.worker("scan", move || {
            while let Some(piece) = scan.next_piece() {
                if reporter.send(Report::Other(News::Scanned(piece))).is_err() {
                    return;
                }
                ctx.request_repaint();
            }
        });
    }

    /// Reads a body of a request: as a tree, a picture, the outline of a page.
    pub(in crate::gui) fn read_content(&self, exchange: Arc<Exchange>, side: Side) {
        self.report_from("read-content", move || {
            Report::Other(News::ContentRead(Box::new(Content::read(&exchange, side))))
        });
    }

    /// Fetches the run before a request.
    pub(in crate::gui) fn find_earlier(&mut self, of: ExchangeId, before: ExchangeId) {
        self.ask_engine("earlier-run", move |engine| match engine.find(before) {
            Found::Exchange(exchange) => News::Earlier(of, Some(exchange)),
            Found::Evicted | Found::Unknown => News::Earlier(of, None),
        });
    }

    /// Compares two recorded requests.
    pub(in crate::gui) fn compare(
        &mut self,
        before: ExchangeId,
        after: ExchangeId,
        given_up: Arc<AtomicBool>,
    ) {
        self.ask_engine("compare", move |engine| News::Compared {
            pair: (before, after),
            outcome: compared(engine, before, after, &given_up),
        });
    }

    /// Looks for the save that broke a request.
    pub(in crate::gui) fn find_save(&mut self, errand: VersionErrand) {
        self.ask_engine("which-save", move |engine| News::Versions {
            pair: (errand.good, errand.bad),
            outcome: versions_between(engine, &errand),
        });
    }
}

fn compared(
    engine: &Engine,
    before: ExchangeId,
    after: ExchangeId,
    given_up: &AtomicBool,
) -> Result<Arc<Comparison>, String> {
    let (before, after) = (kept(engine, before)?, kept(engine, after)?);
    let comparison = Comparison::of(&before, &after, given_up);
    comparison.map(Arc::new).map_err(|error| error.to_string())
}

fn versions_between(engine: &Engine, errand: &VersionErrand) -> Result<Arc<Versions>, String> {
    let (good, bad) = (kept(engine, errand.good)?, kept(engine, errand.bad)?);
    let mut runs = Vec::new();
    for (id, failed) in &errand.runs {
        if errand.given_up.load(Ordering::Relaxed) {
            return Err("it was given up".to_owned());
        }
        // A run whose details are gone cannot say which version it ran.
        if let Ok(exchange) = kept(engine, *id) {
            runs.extend(Witness::of(&exchange, &bad, *failed));
        }
    }
    let found = versions::between(&good, &bad, runs);
    found.map(Arc::new).map_err(|error| error.to_string())
}
