//! Unsaved text on its way to the disk, and back from a session that ended without being asked.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::files;
use super::unsaved::{self, Kept, Session};
use crate::gui::Studio;
use crate::gui::model::Workspace;
use crate::gui::model::editor::document::Document;
use crate::gui::model::editor::{EditorNews, Rescued};

/// Unsaved text is kept when nothing was typed for so long, and while typing goes on, after so long.
const QUIET: Duration = Duration::from_millis(300);
const AT_LEAST: Duration = Duration::from_secs(2);

impl Studio {
    /// Keeps unsaved text on disk a moment after it changed.
    pub(super) fn keep_unsaved(&mut self, ctx: &Context) {
        let (Some(all), Some(site)) = (self.editing.unsaved.clone(), &self.model.site) else {
            return;
        };
        let stand =
            |document: &&Document| (document.path.clone(), document.revision(), document.hash());
        let now: Vec<_> = site.editor.unsaved().iter().map(stand).collect();
        if now == self.editing.kept && self.editing.restored.is_empty() {
            self.editing.waits = None;
            return;
        }
        let instant = Instant::now();
        let (since, changed) = self.editing.waits.unwrap_or((instant, instant));
        let changed = if now == self.editing.seen {
            changed
        } else {
            instant
        };
        self.editing.waits = Some((since, changed));
        self.editing.seen.clone_from(&now);
        let due = (changed + QUIET).min(since + AT_LEAST);
        if self.editing.keeping || instant < due {
            ctx.request_repaint_after(due.saturating_duration_since(instant).max(QUIET / 4));
            return;
        }
        let folder = site.state.folder.clone();
        let texts: Vec<Kept> = site
            .editor
            .unsaved()
            .iter()
            .map(|document| Kept::of(&folder, document, self.model.now))
            .collect();
        self.editing.kept = now;
        self.editing.waits = None;
        self.editing.keeping = true;
        let restored = std::mem::take(&mut self.editing.restored);
        let session = Arc::clone(&self.editing.session);
        self.link.edit("keep-unsaved", move || {
            let kept = keep(&session, &all, &texts);
            if kept.is_ok() {
                restored.iter().for_each(|kept_in| unsaved::forget(kept_in));
            }
            let problem = kept.err();
            EditorNews::Kept(problem.map(|error| format!("Unsaved text cannot be kept: {error}")))
        });
    }

    /// Looks for text that an earlier session left unsaved.
    pub(in crate::gui) fn find_rescued(&mut self, folder: PathBuf) {
        let Some(all) = self.editing.unsaved.clone() else {
            return;
        };
        self.link.edit("find-unsaved", move || {
            let found = unsaved::find(&all, &folder);
            EditorNews::Rescued(folder, found)
        });
    }

    fn take_rescued(&mut self, place: usize) -> Option<Rescued> {
        let rescued = &mut self.model.site.as_mut()?.editor.rescued;
        (place < rescued.len()).then(|| rescued.remove(place))
    }

    pub(super) fn restore(&mut self, place: usize) {
        if self.is_being_left() {
            return;
        }
        let Some(rescued) = self.take_rescued(place) else {
            return;
        };
        self.model.workspace = Workspace::Code;
        self.read_and_restore(rescued);
    }

    pub(super) fn read_and_restore(&mut self, rescued: Rescued) {
        let Some(site) = &mut self.model.site else {
            return;
        };
        let number = site.editor.begin_read();
        self.link.edit("restore-unsaved", move || {
            let read = files::read(&rescued.path);
            EditorNews::Restored(Box::new(rescued), number, read)
        });
    }

    pub(super) fn forget_rescued(&mut self, place: usize) {
        let Some(rescued) = self.take_rescued(place) else {
            return;
        };
        self.link.edit("forget-unsaved", move || {
            unsaved::forget(&rescued.kept_in);
            EditorNews::Kept(None)
        });
    }

    /// The window closes by the user's will: what is unsaved now is not wanted.
    pub(in crate::gui) fn end_editing(&mut self) {
        let mut session = self.editing.session.lock();
        let session = session.as_mut().map_or(None, |session| session.take());
        if let Some(session) = session {
            session.end();
        }
    }
}

fn keep(session: &Mutex<Option<Session>>, all: &Path, texts: &[Kept]) -> std::io::Result<()> {
    let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
    if session.is_none() {
        if texts.is_empty() {
            return Ok(());
        }
        *session = Some(Session::begin(all)?);
    }
    session
        .as_ref()
        .map_or(Ok(()), |session| session.keep(texts))
}
