//! The files that are open in the editor.
//!
//! Nothing here reads or writes a file: workers do, and bring what they found as [`EditorNews`].

mod carry_out;
pub mod charset;
mod comparable;
pub mod contents;
pub mod document;
pub mod find;
pub mod history;
pub mod language;
pub mod line_ends;
pub mod lines;
pub mod news;
pub mod outside;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cgi_engine::diagnosis::Finding;
use cgi_engine::exchange::ExchangeId;
use cgi_engine::message::ScriptStatus;

use super::fixing::Question;
use charset::{Charset, NoSuchCharacter};
use contents::{Contents, Hash};
use document::{Document, Met, Standing, file_name};
pub use news::{EditorNews, FileRead, Proved, Rescued, SaveOutcome};

/// An open file.
#[derive(Debug)]
pub struct Page {
    /// The file.
    pub path: PathBuf,
    /// What is shown of it.
    pub body: Body,
    /// The line to go to as soon as the file is read.
    go_to: Option<usize>,
    /// What reads up to this number say is older than what is known.
    settled: u64,
}

/// What is shown of a file.
#[derive(Debug)]
pub enum Body {
    /// It is being read.
    Reading,
    /// Its text, to be edited.
    Text(Box<Document>),
    /// Its bytes, only to be seen.
    Bytes {
        /// Why it cannot be edited.
        why: String,
        /// The bytes, or their beginning.
        bytes: bytes::Bytes,
        /// How many there are.
        length: u64,
    },
    /// Nothing, for this reason.
    Failed(String),
}

/// What is to be done when the question for unsaved files is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Close this file.
    File(PathBuf),
    /// Close the folder.
    Site,
    /// Open another folder.
    Folder(PathBuf),
    /// Open an example.
    Sample(&'static str),
    /// End the program.
    Window,
}

/// The question for a line's number, or for a new script's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// Which line to go to, as typed.
    GoToLine(String),
    /// Which template by which name.
    NewScript {
        /// The place of the template in the list.
        template: usize,
        /// The name as typed.
        name: String,
        /// Why there is no such script yet.
        problem: Option<String>,
    },
}

/// Bytes to write, their charset, the hash of what is there, and the mode of a new file.
pub type Save = (Vec<u8>, Charset, Hash, u32);

/// The files that are open.
#[derive(Debug, Default)]
pub struct Editor {
    pages: Vec<Page>,
    active: usize,
    /// Unsaved files have to be decided about before this is done.
    pub leaving: Option<Leaving>,
    /// A small dialog over the editor.
    pub dialog: Option<Dialog>,
    /// Unsaved text of a session that ended without being asked.
    pub rescued: Vec<Rescued>,
    marked: Option<Marked>,
    /// The run that was asked for last, and what the last one proved.
    asked_run: Option<ExchangeId>,
    run: Option<(ExchangeId, Proved)>,
    /// Rises whenever unsaved text has changed.
    touched: u64,
    /// The number of the read that was asked last.
    reads: u64,
}

impl Editor {
    /// The open files, in the order of their tabs.
    #[must_use]
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// The place of the file that is shown.
    #[must_use]
    pub fn active(&self) -> usize {
        self.active
    }

    /// The file that is shown.
    #[must_use]
    pub fn page(&self) -> Option<&Page> {
        self.pages.get(self.active)
    }

    /// The text that is shown, if it is one that can be edited.
    #[must_use]
    pub fn document(&self) -> Option<&Document> {
        match &self.page()?.body {
            Body::Text(document) => Some(document),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn document_mut(&mut self) -> Option<&mut Document> {
        self.touched += 1;
        match &mut self.pages.get_mut(self.active)?.body {
            Body::Text(document) => Some(document),
            _ => None,
        }
    }

    /// The text of this file, if it is open.
    #[must_use]
    pub fn document_of(&self, path: &Path) -> Option<&Document> {
        self.documents().find(|document| document.path == path)
    }

    fn document_of_mut(&mut self, path: &Path) -> Option<&mut Document> {
        self.touched += 1;
        let page = self.pages.iter_mut().find(|page| page.path == path)?;
        match &mut page.body {
            Body::Text(document) => Some(document),
            _ => None,
        }
    }

    /// All texts that are open.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.pages.iter().filter_map(|page| match &page.body {
            Body::Text(document) => Some(&**document),
            _ => None,
        })
    }

    /// Whether the text of this file is other here than on disk.
    #[must_use]
    pub fn has_unsaved(&self, path: &Path) -> bool {
        self.document_of(path).is_some_and(Document::is_unsaved)
    }

    /// The files with text that is not saved.
    #[must_use]
    pub fn unsaved(&self) -> Vec<&Document> {
        let documents = self.documents();
        documents.filter(|document| document.is_unsaved()).collect()
    }

    /// Rises whenever a text may have changed.
    #[must_use]
    pub fn touched(&self) -> u64 {
        self.touched
    }

    /// Shows a file, at a line if one is named. True when it has to be read first.
    pub fn open(&mut self, path: &Path, line: Option<usize>) -> bool {
        self.touched += 1;
        if let Some(at) = self.pages.iter().position(|page| page.path == path) {
            self.active = at;
            let Some(page) = self.pages.get_mut(at) else {
                return false;
            };
            return match (&mut page.body, line) {
                (Body::Text(document), Some(line)) => {
                    document.go_to_line(line);
                    false
                }
                (Body::Failed(_), _) => {
                    page.body = Body::Reading;
                    page.go_to = line;
                    true
                }
                _ => false,
            };
        }
        let at = (self.active + 1).min(self.pages.len());
        let page = Page {
            path: path.to_owned(),
            body: Body::Reading,
            go_to: line,
            settled: self.reads,
        };
        self.pages.insert(at, page);
        self.active = at;
        true
    }

    /// Shows the open file at this place.
    pub fn show(&mut self, at: usize) {
        self.active = at.min(self.pages.len().saturating_sub(1));
    }

    /// Closes a file without asking.
    pub fn close(&mut self, path: &Path) {
        self.touched += 1;
        if let Some(at) = self.pages.iter().position(|page| page.path == path) {
            self.pages.remove(at);
            if at < self.active || self.active == self.pages.len() {
                self.active = self.active.saturating_sub(1);
            }
        }
    }

    /// A file is going to be read: the number of this read.
    pub fn begin_read(&mut self) -> u64 {
        self.reads += 1;
        self.reads
    }

    /// Whether the read of this number was asked before what is known of the file by now, and so may be older than it;
    /// a read that is not late is known from here on.
    #[must_use]
    pub fn is_late(&mut self, path: &Path, read: u64) -> bool {
        let mut pages = self.pages.iter_mut();
        let Some(page) = pages.find(|page| page.path == path) else {
            return false;
        };
        let is_late = read <= page.settled;
        page.settled = page.settled.max(read);
        is_late
    }

    /// Takes what a worker read of a file that is opened or that changed outside; the words are for the user.
    pub fn take_read(&mut self, path: &Path, read: FileRead) -> Option<String> {
        self.touched += 1;
        let name = file_name(path);
        let page = self.pages.iter_mut().find(|page| page.path == path)?;
        if let Body::Text(document) = &mut page.body {
            return match read {
                FileRead::Text { contents, mode } => {
                    document.mode = mode;
                    meet(document, contents, &name)
                }
                FileRead::Missing => {
                    document.standing = Standing::Gone;
                    None
                }
                // What stands there now cannot be edited; the text here is worth more.
                FileRead::Bytes { why, .. } | FileRead::Failed(why) => {
                    Some(format!("{name} was changed outside: {why}"))
                }
            };
        }
        page.body = match read {
            FileRead::Text { contents, mode } => {
                let mut document = Document::new(path.to_owned(), contents, mode);
                if let Some(line) = page.go_to.take() {
                    document.go_to_line(line);
                }
                Body::Text(Box::new(document))
            }
            FileRead::Bytes { why, bytes, length } => Body::Bytes { why, bytes, length },
            FileRead::Missing => Body::Failed("there is no such file".to_owned()),
            FileRead::Failed(why) => Body::Failed(why),
        };
        self.marked = None;
        None
    }

    /// What is to be written of this file, and what it holds as far as is known; none when it is in question, or is
    /// being written: then it is noted that it is to be written once more.
    ///
    /// # Errors
    /// The text has a character that the file's charset lacks.
    pub fn begin_save(&mut self, path: &Path) -> Result<Option<Save>, NoSuchCharacter> {
        let Some(document) = self.document_of_mut(path) else {
            return Ok(None);
        };
        if document.saving {
            document.save_again = true;
            return Ok(None);
        }
        if matches!(document.standing, Standing::Parted(_)) {
            return Ok(None);
        }
        let (bytes, charset) = document.to_bytes()?;
        document.saving = true;
        Ok(Some((bytes, charset, document.hash(), document.mode)))
    }

    /// Takes what became of a save; the words say what went wrong.
    pub fn take_saved(&mut self, path: &Path, outcome: SaveOutcome) -> Option<String> {
        let name = file_name(path);
        let reads = self.reads;
        let mut pages = self.pages.iter_mut();
        if let Some(page) = pages.find(|page| page.path == path) {
            page.settled = reads;
        }
        let document = self.document_of_mut(path)?;
        document.saving = false;
        document.save_again &= matches!(outcome, SaveOutcome::Written { .. });
        match outcome {
            SaveOutcome::Written { contents, mode } => {
                document.mode = mode;
                document.written(contents);
                None
            }
            SaveOutcome::ChangedOutside(contents) => {
                let words = meet(document, contents, &name);
                let words = words.unwrap_or_else(|| format!("{name} was changed outside"));
                Some(format!("Not saved yet: {words}"))
            }
            SaveOutcome::Failed(why) => {
                self.leaving = None;
                Some(format!("{name} was not saved: {why}"))
            }
        }
    }

    /// Whether a save was asked for while the last one was under way, and is to be made now; told once.
    #[must_use]
    pub fn take_save_again(&mut self, path: &Path) -> bool {
        self.document_of_mut(path).is_some_and(|document| {
            std::mem::take(&mut document.save_again) && document.is_unsaved()
        })
    }

    /// Unsaved text of an earlier session comes back as an open file; what is on disk was read just now. In a text
    /// that is open it is one change, which can be taken back. The words are for the user.
    ///
    /// # Errors
    /// The file has other unsaved text here, which would be lost; in words.
    pub fn restore(&mut self, rescued: &Rescued, read: FileRead) -> Result<Option<String>, String> {
        self.open(&rescued.path, None);
        if self.has_unsaved(&rescued.path) {
            let name = file_name(&rescued.path);
            return Err(format!(
                "{name} has unsaved text here: save it or close it, then restore the other"
            ));
        }
        Ok(self.put_rescued(rescued, read))
    }

    fn put_rescued(&mut self, rescued: &Rescued, read: FileRead) -> Option<String> {
        let path = &rescued.path;
        let name = file_name(path);
        let FileRead::Text { contents, mode } = read else {
            // The file is gone or is no text any more: what was typed is shown as it was.
            return self.restore_alone(rescued);
        };
        let mut document = Document::new(path.clone(), rescued.contents.clone(), mode);
        document.edit((rescued.text.clone(), 0..0));
        let met = document.meet(contents);
        self.put(document);
        match met {
            Met::Parted => Some(format!("{name} was changed since; choose what is to stay")),
            Met::Merged => Some(format!(
                "{name} was changed since; both changes are in the text"
            )),
            Met::Same | Met::Taken => None,
        }
    }

    fn restore_alone(&mut self, rescued: &Rescued) -> Option<String> {
        let contents = rescued.contents.clone();
        let mut document = Document::new(rescued.path.clone(), contents, 0o644);
        document.edit((rescued.text.clone(), 0..0));
        document.standing = Standing::Gone;
        self.put(document);
        let name = file_name(&rescued.path);
        Some(format!("{name} is gone; saving writes it again"))
    }

    fn put(&mut self, document: Document) {
        let path = document.path.clone();
        if let Some(page) = self.pages.iter_mut().find(|page| page.path == path) {
            match &mut page.body {
                Body::Text(open) => open.become_like(document),
                body => *body = Body::Text(Box::new(document)),
            }
        }
        self.marked = None;
    }

    /// The run whose findings are wanted for the marks of the shown text, when they are not known yet.
    #[must_use]
    pub fn wants_run(&mut self, run: Option<ExchangeId>) -> Option<ExchangeId> {
        let run = run.filter(|run| self.asked_run != Some(*run))?;
        self.asked_run = Some(run);
        Some(run)
    }

    /// Takes what a run proved.
    pub fn take_run(&mut self, run: ExchangeId, proved: Proved) {
        self.run = Some((run, proved));
    }

    /// The run of which it is known what it proved.
    #[must_use]
    pub fn known_run(&self) -> Option<ExchangeId> {
        self.run.as_ref().map(|(run, _)| *run)
    }

    /// What fixes would mend of what that run proved.
    pub fn questions_of_run(&self) -> impl Iterator<Item = &Question> {
        let proved = self.run.iter().flat_map(|(_, proved)| proved.iter());
        proved.filter_map(|(_, question)| question.as_deref())
    }

    /// Marks the shown text with what was found before a run of its script, and with what `run` proved, if that is
    /// known; `failed` is the script's last run if that failed.
    pub fn mark(
        &mut self,
        before: Option<&ScriptStatus>,
        failed: Option<ExchangeId>,
        run: Option<ExchangeId>,
    ) {
        let Some(document) = self.document() else {
            return;
        };
        let known = self.run.as_ref();
        let known = known.filter(|(known, _)| Some(*known) == run);
        let stand = Marked {
            path: document.path.clone(),
            hash: document.hash(),
            before: before.map(|script| Arc::clone(&script.findings)),
            failed,
            run: known.map(|(run, _)| *run),
        };
        if self
            .marked
            .as_ref()
            .is_some_and(|marked| marked.is_same(&stand))
        {
            return;
        }
        let marks = news::marks(&document.path, before, failed, known);
        if let Some(document) = self.document_mut() {
            document.set_marks(marks);
        }
        self.marked = Some(stand);
    }
}

/// What the marks of a text were made of.
#[derive(Debug)]
struct Marked {
    path: PathBuf,
    hash: Hash,
    before: Option<Arc<[Finding]>>,
    failed: Option<ExchangeId>,
    run: Option<ExchangeId>,
}

impl Marked {
    fn is_same(&self, other: &Self) -> bool {
        let same_findings = match (&self.before, &other.before) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        same_findings
            && self.path == other.path
            && self.hash == other.hash
            && (self.failed, self.run) == (other.failed, other.run)
    }
}

fn meet(document: &mut Document, contents: Contents, name: &str) -> Option<String> {
    match document.meet(contents) {
        Met::Same => None,
        Met::Taken => Some(format!("{name} was changed outside and is shown anew")),
        Met::Merged => Some(format!(
            "{name} was changed outside; both changes are in the text, which is not saved"
        )),
        Met::Parted => Some(format!(
            "{name} was changed outside; choose what is to stay"
        )),
    }
}

#[cfg(test)]
mod tests;
