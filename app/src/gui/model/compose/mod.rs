//! The composer: a request that is being written, what would become of it, and its sending.

pub mod changes;
pub mod curl;
pub mod deck;
pub mod draft;
pub mod kept;
pub mod pair;
pub mod part;
mod read;
mod shell;

use std::sync::Arc;
use std::time::Duration;

pub use cgi_engine::saved_request::escapes;

use cgi_engine::Preview;
use cgi_engine::cgi::request::CgiRequest;
use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::{Exchange, ExchangeId};
use serde::{Deserialize, Serialize};

use super::details::Shown;
use super::site::{SiteModel, since, url_path};
use deck::EdgeCase;
use draft::Draft;

/// So long after the last change a preview is asked for.
pub const PAUSE: Duration = Duration::from_millis(120);

/// More is not edited as one text.
const RAW_BYTES: usize = 256 * 1024;

/// A draft with what it began as: all that is kept when the window is closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// The request as it is now.
    pub draft: Draft,
    /// The request as it was recorded; none for one that began blank.
    pub origin: Option<Origin>,
}

/// The recorded request that a draft began as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Its number in its session.
    pub id: u64,
    /// The draft that sends the same.
    pub draft: Draft,
    /// What its script was told; known as long as the session lasts.
    #[serde(skip)]
    pub told: Option<Arc<CgiRequest>>,
}

/// What a worker found out about a draft.
#[derive(Clone, Debug)]
pub struct Previewed {
    /// The bytes that would be sent.
    pub sent: Vec<u8>,
    /// What would become of them.
    pub preview: Preview,
}

/// A request on its way.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    /// Which of the requests that were sent.
    pub number: u64,
    /// Since when.
    pub since: Timestamp,
    /// Its record, once it is begun.
    pub id: Option<ExchangeId>,
}

/// The composer of a site.
#[derive(Debug, Default)]
pub struct Composer {
    /// It is shown in the place of list and details.
    pub open: bool,
    /// What is written; none before the first time.
    pub work: Option<Work>,
    /// What would become of it, or why it cannot be sent.
    pub preview: Option<Result<Arc<Previewed>, String>>,
    /// Something to be said about what was taken over.
    pub note: Option<String>,
    /// The request that is on its way.
    pub sending: Option<Sending>,
    /// What was there before the draft was cleared or replaced.
    pub discarded: Option<Box<Work>>,
    /// Rises when the draft is replaced as a whole, so that views begin anew.
    pub replaced: u64,
    version: u64,
    previewed: u64,
    is_asked: bool,
    edited: Option<Timestamp>,
}

impl Work {
    /// What is edited, in words: "edited from request 12: method, 2 headers".
    #[must_use]
    pub fn in_words(&self) -> String {
        let Some(origin) = &self.origin else {
            return "a new request".to_owned();
        };
        let changes = changes::of(&self.draft, &origin.draft);
        if changes.is_empty() {
            format!("the same as request {}", origin.id)
        } else {
            format!("edited from request {}: {}", origin.id, changes.join(", "))
        }
    }
}

impl Composer {
    /// The draft.
    #[must_use]
    pub fn draft(&self) -> Option<&Draft> {
        self.work.as_ref().map(|work| &work.draft)
    }

    /// Takes the draft as it was edited.
    pub fn edit(&mut self, draft: Draft, now: Timestamp) {
        if let Some(work) = &mut self.work {
            work.draft = draft;
            self.touch(now);
        }
    }

    /// Puts another draft in the place of this one, which can be brought back.
    pub fn replace(&mut self, work: Work, now: Timestamp) {
        let before = self.work.replace(work);
        if before != self.work {
            self.discarded = before.map(Box::new);
        }
        self.note = None;
        self.preview = None;
        self.replaced += 1;
        self.touch(now);
    }

    /// Brings back what was cleared or replaced last; once more, and that is undone.
    pub fn undo(&mut self, now: Timestamp) {
        if let Some(before) = self.discarded.take() {
            self.replace(*before, now);
        }
    }

    fn touch(&mut self, now: Timestamp) {
        self.version += 1;
        self.edited = Some(now);
    }

    /// Looks again although nothing was edited: a script or a setting changed.
    pub fn look_again(&mut self) {
        self.version += 1;
    }

    /// The draft for a worker to look at, with its number, when it is time; one at a time.
    pub fn take_errand(&mut self, now: Timestamp) -> Option<(u64, Work)> {
        let is_due = self.open && !self.is_asked && self.previewed != self.version;
        if !is_due || self.edited.is_some_and(|edited| since(edited, now) < PAUSE) {
            return None;
        }
        self.is_asked = true;
        Some((self.version, self.work.clone()?))
    }

    /// A look is due, soon.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.open && self.previewed != self.version
    }

    /// Shows what a worker found out.
    pub fn take_preview(&mut self, number: u64, found: Result<Previewed, String>) {
        self.is_asked = false;
        self.previewed = number;
        self.preview = Some(found.map(Arc::new));
    }

    /// Begins to edit the bytes themselves, or says why not.
    pub fn edit_raw(&mut self, now: Timestamp) {
        let Some(work) = &self.work else {
            return;
        };
        // Files are read by a worker only, and it has read them when nothing changed since.
        let current = match &self.preview {
            Some(Ok(previewed)) if self.previewed == self.version => Some(previewed.sent.clone()),
            _ => None,
        };
        let no_files = |_: &str| Err("the file is not read yet; try again in a moment".to_owned());
        let sent = current.map_or_else(|| work.draft.to_bytes(&no_files), Ok);
        match sent {
            Ok(sent) if sent.len() <= RAW_BYTES => {
                let raw = Some(escapes::written(&sent));
                self.edit(
                    Draft {
                        raw,
                        ..work.draft.clone()
                    },
                    now,
                );
            }
            Ok(sent) => {
                let words = "bytes are too many to be edited as text";
                self.note = Some(format!("{} {words}", sent.len()));
            }
            Err(error) => self.note = Some(error.to_string()),
        }
    }

    /// From the bytes back to rows, where rows can stand for them.
    pub fn leave_raw(&mut self, now: Timestamp) {
        let raw = self.draft().and_then(|draft| draft.raw.as_deref());
        let Some(raw) = raw.map(escapes::bytes) else {
            return;
        };
        match raw.map(|bytes| Draft::of_bytes(&bytes)) {
            Ok(draft) if draft.raw.is_none() => {
                self.note = None;
                self.edit(draft, now);
            }
            Ok(_) => self.note = Some("Rows cannot stand for these very bytes".to_owned()),
            Err(error) => self.note = Some(error.to_string()),
        }
    }

    /// Why it cannot be sent now.
    #[must_use]
    pub fn not_sendable(&self) -> Option<&'static str> {
        if !self.open || self.work.is_none() {
            return Some("no request is being written");
        }
        self.sending
            .is_some()
            .then_some("one is on its way already")
    }
}

impl SiteModel {
    /// Opens the composer with what was written before, else with a GET of the first script.
    pub fn compose(&mut self, host: &str, now: Timestamp) {
        if self.composer.work.is_none() {
            let work = Work {
                draft: Draft::blank(&self.first_target(), host),
                origin: None,
            };
            self.composer.replace(work, now);
        }
        self.open_composer();
    }

    /// Puts a blank GET of the first script in the place of the draft.
    pub fn clear_draft(&mut self, host: &str, now: Timestamp) {
        let work = Work {
            draft: Draft::blank(&self.first_target(), host),
            origin: None,
        };
        self.composer.replace(work, now);
    }

    /// Opens the composer with a GET of this target.
    pub fn compose_to(&mut self, target: &str, host: &str, now: Timestamp) {
        let work = Work {
            draft: Draft::blank(target, host),
            origin: None,
        };
        self.composer.replace(work, now);
        self.open_composer();
    }

    /// Opens the composer with the selected request; false where its details are not there.
    pub fn edit_selected(&mut self, now: Timestamp) -> bool {
        let Shown::Here(detail) = self.details.shown() else {
            return false;
        };
        let exchange = Arc::clone(&detail.exchange);
        let (work, note) = of_exchange(&exchange);
        self.composer.replace(work, now);
        self.composer.note = note;
        self.open_composer();
        true
    }

    fn open_composer(&mut self) {
        self.composer.open = true;
        self.stepping = None;
        self.elsewhere = None;
        self.composer.look_again();
    }

    /// Makes the draft one of the edge cases.
    pub fn take_edge_case(&mut self, case: EdgeCase, now: Timestamp) {
        if let Some(work) = &self.composer.work {
            let work = Work {
                draft: case.of(&work.draft),
                origin: work.origin.clone(),
            };
            self.composer.replace(work, now);
            self.composer.note = Some(case.question().to_owned());
        }
    }

    /// Makes a curl command the draft, and says what of it was left out.
    pub fn take_curl(&mut self, command: &str, now: Timestamp) {
        match curl::take(command) {
            Ok(taken) => {
                let origin = None;
                self.composer.replace(
                    Work {
                        draft: taken.draft,
                        origin,
                    },
                    now,
                );
                self.composer.note = Some(if taken.left_out.is_empty() {
                    "The curl command was taken over".to_owned()
                } else {
                    format!("Taken over without: {}", taken.left_out.join(", "))
                });
            }
            Err(error) => self.composer.note = Some(format!("Not taken over: {error}")),
        }
    }

    fn first_target(&self) -> String {
        self.scripts
            .first()
            .map_or_else(|| "/".to_owned(), url_path)
    }
}

fn of_exchange(exchange: &Exchange) -> (Work, Option<String>) {
    let (draft, is_whole) = Draft::of_record(&exchange.request);
    let hides_password = draft
        .field("Authorization")
        .is_some_and(|field| field.value.contains("***"));
    let note = match (is_whole, hides_password) {
        (false, _) => Some("Only the beginning and the end of its body were kept"),
        (_, true) => Some("The record keeps no password: type it into Authorization again"),
        _ => None,
    };
    let origin = Origin {
        id: exchange.id.0,
        draft: draft.clone(),
        told: exchange
            .invocations
            .first()
            .map(|run| Arc::clone(&run.request)),
    };
    let work = Work {
        draft,
        origin: Some(origin),
    };
    (work, note.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use cgi_engine::history::Found;

    use super::super::testing::{asked, row, snapshot};
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis)
    }

    #[test]
    fn a_draft_is_kept_cleared_and_brought_back() {
        let mut site = SiteModel::new(snapshot((1..=1).map(row)));
        site.compose("h", at(0));
        let mut draft = site.composer.draft().unwrap().clone();
        draft.method = "PUT".into();
        site.composer.edit(draft.clone(), at(1));
        site.composer.open = false;
        site.compose("h", at(2));
        assert_eq!(site.composer.draft(), Some(&draft));
        site.clear_draft("h", at(3));
        assert_eq!(site.composer.draft().unwrap().method, "GET");
        site.composer.undo(at(4));
        assert_eq!(site.composer.draft(), Some(&draft));
    }

    #[test]
    fn an_edited_request_says_what_it_was() {
        let mut site = SiteModel::new(snapshot((7..=7).map(row)));
        site.select(Some(ExchangeId(7)));
        assert!(!site.edit_selected(at(0)), "there are no details yet");
        let head = "GET /a HTTP/1.1\r\nHost: h\r\nAuthorization: Basic ******\r\n\r\n";
        let found = Found::Exchange(asked(7, head, "").into());
        site.details.take(found, at(0));
        assert!(site.edit_selected(at(0)));
        assert!(site.composer.note.as_ref().unwrap().contains("no password"));
        let work = site.composer.work.clone().unwrap();
        assert_eq!(work.in_words(), "the same as request 7");
        let mut draft = work.draft;
        draft.method = "POST".into();
        site.composer.edit(draft, at(1));
        let words = site.composer.work.as_ref().unwrap().in_words();
        assert_eq!(words, "edited from request 7: method");
    }

    #[test]
    fn a_preview_is_asked_for_after_a_pause_and_one_at_a_time() {
        let mut site = SiteModel::new(snapshot([]));
        site.compose("h", at(0));
        let composer = &mut site.composer;
        assert!(composer.take_errand(at(10)).is_none());
        let (number, work) = composer.take_errand(at(1000)).unwrap();
        composer.edit(work.draft, at(1001));
        assert!(composer.take_errand(at(2000)).is_none(), "one is under way");
        composer.take_preview(number, Err("no".into()));
        assert!(composer.waits());
        let (number, _) = composer.take_errand(at(2001)).unwrap();
        composer.take_preview(number, Err("no".into()));
        assert!(!composer.waits());
        assert!(composer.take_errand(at(3000)).is_none());
    }

    #[test]
    fn a_curl_line_says_what_was_left_out() {
        let mut site = SiteModel::new(snapshot([]));
        site.compose("h", at(0));
        site.take_curl("curl -L http://h/x", at(1));
        assert_eq!(
            site.composer.note.as_deref(),
            Some("Taken over without: --location")
        );
        site.take_curl("curl 'x", at(1));
        assert!(
            site.composer
                .note
                .as_ref()
                .unwrap()
                .starts_with("Not taken over")
        );
        assert_eq!(site.composer.draft().unwrap().target, "/x");
    }

    #[test]
    fn work_is_read_again_as_it_was_written() {
        let mut site = SiteModel::new(snapshot([]));
        site.compose("h", at(0));
        let work = site.composer.work.unwrap();
        let text = serde_json::to_string(&work).unwrap();
        assert_eq!(serde_json::from_str::<Work>(&text).unwrap(), work);
    }
}
