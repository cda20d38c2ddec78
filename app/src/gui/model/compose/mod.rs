//! The composer: a request that is being written, what would become of it, and its sending.

pub mod changes;
pub mod curl;
pub mod deck;
pub mod draft;
pub mod kept;
pub mod login;
mod opening;
pub mod pair;
pub mod part;
mod read;
pub mod saving;
mod shell;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use cgi_engine::saved_request::escapes;

use cgi_engine::Preview;
use cgi_engine::cgi::request::CgiRequest;
use cgi_engine::clock::Timestamp;
use cgi_engine::exchange::ExchangeId;
use serde::{Deserialize, Serialize};

use super::site::since;
use draft::Draft;
use kept::Kept;

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
    /// What its run is expected to be like, as it is typed.
    #[serde(default)]
    pub expectations: Vec<String>,
    /// Where it is saved.
    #[serde(default)]
    pub saved: Option<SavedOrigin>,
}

/// The saved request that a draft is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedOrigin {
    /// What it is called.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Which request of the file, from 0.
    pub index: usize,
    /// The draft that was saved.
    pub draft: Draft,
    /// The expectations that were saved.
    pub expectations: Vec<String>,
    /// The file as it was then; another one was changed by somebody else.
    pub content: Kept,
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
    /// The run of the request that was sent last.
    pub sent: Option<ExchangeId>,
    /// Rises when the draft is replaced as a whole, so that views begin anew.
    pub replaced: u64,
    version: u64,
    previewed: u64,
    is_asked: bool,
    edited: Option<Timestamp>,
}

impl Work {
    /// A draft that is not saved and expects nothing.
    #[must_use]
    pub fn new(draft: Draft, origin: Option<Origin>) -> Self {
        Self {
            draft,
            origin,
            expectations: Vec::new(),
            saved: None,
        }
    }

    /// Whether it is something else than it began as: a recorded or saved request, or a blank GET of one of these scripts.
    #[must_use]
    pub fn is_touched(&self, host: &str, mut scripts: impl Iterator<Item = String>) -> bool {
        match (&self.saved, &self.origin) {
            (Some(saved), _) => {
                self.draft != saved.draft || self.expectations != saved.expectations
            }
            (None, Some(origin)) => self.draft != origin.draft || !self.expectations.is_empty(),
            (None, None) => {
                let target = &self.draft.target;
                self.draft != Draft::blank(target, host)
                    || !self.expectations.is_empty()
                    || !scripts.any(|script| script == *target)
            }
        }
    }

    /// What is edited, in words: "edited from request 12: method, 2 headers".
    #[must_use]
    pub fn in_words(&self) -> String {
        if let Some(saved) = &self.saved {
            let mut changes = changes::of(&self.draft, &saved.draft);
            if self.expectations != saved.expectations {
                changes.push("expectations".to_owned());
            }
            return match changes.is_empty() {
                true => format!("{}, saved", saved.name),
                false => format!("{}, not saved: {}", saved.name, changes.join(", ")),
            };
        }
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

    /// The run that tells what happens: of what was sent last, else of what the draft began as.
    #[must_use]
    pub fn last_run(&self) -> Option<ExchangeId> {
        let origin = self.work.as_ref().and_then(|work| work.origin.as_ref());
        // The numbers of an earlier session may be others' by now.
        let origin = origin.filter(|origin| origin.told.is_some());
        self.sent
            .or_else(|| origin.map(|origin| ExchangeId(origin.id)))
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
        self.sent = None;
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

#[cfg(test)]
mod tests {
    use cgi_engine::history::Found;

    use super::super::site::SiteModel;
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
