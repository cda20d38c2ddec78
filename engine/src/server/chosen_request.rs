//! Which request runs when a script is saved: the user's choice, or else the script's last one.

use super::Host;
use crate::exchange::{Exchange, ExchangeId, Origin, RowKind, RowOrigin};
use crate::history::Found;
use crate::message::MarkChange;
use crate::on_save::{Choice, Pin, Pins, SaveNews};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// So many of the newest rows are looked through for the last request of a script.
const ROWS_SEARCHED: usize = 20_000;
/// So many records are read for that.
const RECORDS_READ: usize = 5;

/// Why a request does not run on save.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChooseError {
    /// Its details are not kept any more.
    #[error("request {id} cannot be run on save: its details are not kept any more")]
    NotKept {
        /// The request.
        id: ExchangeId,
    },
    /// It ran no script of this site.
    #[error("request {id} cannot be run on save: it ran no script of this site")]
    NoScript {
        /// The request.
        id: ExchangeId,
    },
    /// It was chosen, and will be forgotten with the engine.
    #[error("{why}")]
    NotWritten {
        /// The reason.
        why: String,
    },
}

impl Host {
    /// The request that runs when the script is saved.
    pub(crate) fn choice(&self, script: &Path) -> Option<Choice> {
        if let Some(pin) = self.pin_of(script) {
            return Some(Choice {
                request: pin.request,
                pinned: true,
                runs: true,
            });
        }
        let request = self
            .recorder
            .last_request(script)
            .or_else(|| self.last_recorded(script))?;
        let rows = self.recorder.history.rows();
        let method = rows.get(request).map(|row| row.method);
        Some(Choice {
            request,
            pinned: false,
            runs: matches!(method, Some("GET" | "HEAD")),
        })
    }

    /// The last request of a script in an earlier session.
    fn last_recorded(&self, script: &Path) -> Option<ExchangeId> {
        let name = script.file_name()?.to_string_lossy();
        let rows = self.recorder.history.rows();
        let ran_here = |origin| {
            matches!(
                origin,
                RowOrigin::Client | RowOrigin::Studio | RowOrigin::Replay(_)
            )
        };
        rows.iter()
            .rev()
            .take(ROWS_SEARCHED)
            .filter(|row| row.kind == RowKind::Script && row.name == name && ran_here(row.origin))
            .take(RECORDS_READ)
            .find(|row| match self.recorder.find(row.id) {
                Found::Exchange(exchange) => script_of(&exchange) == Some(script),
                Found::Evicted | Found::Unknown => false,
            })
            .map(|row| row.id)
    }

    pub(super) fn pin_of(&self, script: &Path) -> Option<Pin> {
        self.with_pins(|pins| pins.of(script))
    }

    /// The pins, read when they are asked for first.
    fn with_pins<T>(&self, ask: impl FnOnce(&mut Pins) -> T) -> T {
        let mut pins = self
            .on_save
            .pins
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let pins = pins.get_or_insert_with(|| {
            let folder = self.recorder.site_folder();
            folder.map(|folder| Pins::read(&folder)).unwrap_or_default()
        });
        if pins.has_unknown() {
            pins.find_scripts(|pin| match self.recorder.find(pin.request) {
                Found::Exchange(exchange) if exchange.started == pin.started => {
                    script_of(&exchange).map(Path::to_owned)
                }
                _ => None,
            });
        }
        ask(pins)
    }

    /// Chooses this request for the script that it ran, which is given back.
    pub(crate) fn pin_on_save(&self, id: ExchangeId) -> Result<PathBuf, ChooseError> {
        let Found::Exchange(exchange) = self.recorder.find(id) else {
            return Err(ChooseError::NotKept { id });
        };
        let script = script_of(&exchange).ok_or(ChooseError::NoScript { id })?;
        let rows = self.recorder.history.rows();
        let pin = Pin {
            request: id,
            started: exchange.started,
            kept_before: rows.get(id).is_some_and(|row| row.pinned),
        };
        self.choose(script, Some(pin))?;
        Ok(script.to_owned())
    }

    /// Takes the choice for a script away: its last request is meant again.
    pub(crate) fn unpin_on_save(&self, script: &Path) -> Result<(), ChooseError> {
        self.choose(script, None)
    }

    fn choose(&self, script: &Path, pin: Option<Pin>) -> Result<(), ChooseError> {
        let before = self.with_pins(|pins| {
            let before = pins.of(script);
            let same = before.filter(|old| pin.is_some_and(|new| new.request == old.request));
            // Chosen once more, it is not one that the user wanted kept for itself.
            pins.choose(script.to_owned(), same.or(pin));
            before
        });
        let wanted = pin.map(|pin| pin.request);
        if let Some(old) = before.filter(|old| !old.kept_before && Some(old.request) != wanted) {
            self.recorder.mark(old.request, &MarkChange::Pin(false));
        }
        if let Some(id) = wanted {
            // It must be there for as long as it is meant.
            self.recorder.mark(id, &MarkChange::Pin(true));
        }
        self.tell_of_save(SaveNews::Chosen);
        let Some(folder) = self.recorder.site_folder() else {
            return Ok(());
        };
        let written = self.with_pins(|pins| pins.write(&folder));
        written.map_err(|error| ChooseError::NotWritten {
            why: error.to_string(),
        })
    }
}

/// The script that a request ran first: what came after it was its own doing.
fn script_of(exchange: &Exchange) -> Option<&Path> {
    match exchange.origin {
        Origin::Socket | Origin::Studio | Origin::Replay(_) => {}
        Origin::ReplayOfSource(_) | Origin::Imported { .. } => return None,
    }
    let first = exchange.invocations.first();
    first.map(|run| run.script.path.as_path())
}
