//! Requests that leave the house or come in: what the view shows in the place of list and details.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::ExchangeId;
use cgi_engine::export::redact::{Chosen, Secret};

use crate::hand_on::Form;

/// More requests than this are not exported at once by the window.
const MOST: usize = 10_000;

/// What is shown.
#[derive(Debug)]
pub enum HandOn {
    /// Requests go out.
    Export(Export),
    /// Requests come in from a file; the outcome is none while a worker is at it or nothing was asked.
    Import {
        /// The file that is read.
        file: Option<PathBuf>,
        /// What came of it, in words.
        outcome: Option<Result<String, String>>,
    },
}

/// Requests on their way out.
#[derive(Debug, Default)]
pub struct Export {
    /// Which ones.
    pub ids: Vec<ExchangeId>,
    /// Their secrets, or why they cannot be read; none while a worker looks.
    pub secrets: Option<Result<Vec<Secret>, String>>,
    /// The worker that is at it.
    pub work: Option<Working>,
    /// What came of the last one.
    pub outcome: Option<Result<Done, Failed>>,
}

/// A worker that can be told to stop; it stops when nobody looks at it any more.
#[derive(Debug)]
pub struct Working {
    /// When it began: what is over at once is not worth a word.
    pub begun: Timestamp,
    /// Requests that are written.
    pub done: usize,
    /// Nobody wants it any more.
    pub cancelled: Arc<AtomicBool>,
}

impl Working {
    /// One that begins now.
    #[must_use]
    pub fn begin(now: Timestamp) -> Self {
        Self {
            begun: now,
            done: 0,
            cancelled: Arc::default(),
        }
    }
}

/// Something was handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What, and where it is now.
    pub words: String,
    /// A text for the clipboard, if that was the destination.
    pub text: Option<String>,
}

/// Nothing was handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Why not.
    pub words: String,
    /// A file is there already, and may be written over.
    pub exists: bool,
}

/// What to write, and where to.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Which requests.
    pub ids: Vec<ExchangeId>,
    /// In which form.
    pub form: Form,
    /// What is hidden.
    pub chosen: Chosen,
    /// The file or folder; none for the clipboard.
    pub file: Option<PathBuf>,
    /// Write over a file that is there.
    pub over: bool,
}

impl HandOn {
    /// The requests that go out, if any do.
    pub fn export(&mut self) -> Option<&mut Export> {
        match self {
            Self::Export(export) => Some(export),
            Self::Import { .. } => None,
        }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// Reads `3, 5-9`; of a range those that `exists` knows.
///
/// # Errors
/// In words, what cannot be understood or is not there.
pub fn numbers(text: &str, exists: impl Fn(ExchangeId) -> bool) -> Result<Vec<ExchangeId>, String> {
    let mut ids: Vec<ExchangeId> = Vec::new();
    let words = text.split([',', ' ', ';']).filter(|word| !word.is_empty());
    for word in words {
        let (from, to) = word.split_once('-').unwrap_or((word, word));
        let number = |text: &str| {
            let number = text.trim_start_matches('#').parse::<u64>();
            number.map_err(|_| format!("“{word}” is no number and no range such as 5-9"))
        };
        let (from, to) = (number(from)?, number(to)?);
        let before = ids.len();
        for id in (from..=to).map(ExchangeId).filter(|id| exists(*id)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
            if ids.len() > MOST {
                return Err(format!(
                    "more than {MOST} requests at once are a task for the command line"
                ));
            }
        }
        if ids.len() == before && !ids.iter().any(|id| (from..=to).contains(&id.0)) {
            return Err(format!("there is no request {word}"));
        }
    }
    match ids.is_empty() {
        true => Err("which requests? Their numbers stand in the list".to_owned()),
        false => Ok(ids),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[u64], &str>) {
        let found = numbers(text, |id| id.0 <= 20 && id.0 != 7);
        let found = found.map(|ids| ids.into_iter().map(|id| id.0).collect::<Vec<_>>());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{text}"),
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn requests_are_named_by_numbers_and_ranges() {
        check("3", Ok(&[3]));
        check("#3, 5-8 5", Ok(&[3, 5, 6, 8]));
        check("18-99", Ok(&[18, 19, 20]));
        check("7", Err("no request 7"));
        check("30-40", Err("no request 30-40"));
        check("x", Err("“x”"));
        check("3-", Err("“3-”"));
        check("", Err("which requests"));
    }
}
