//! One text that is edited: what is typed, what is on disk, and how the two come together again.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cgi_engine::diagnosis::Severity;
use diffy::DiffOptions;

use super::super::fixing::Question;
use super::charset::{Charset, NoSuchCharacter};
use super::comparable::are_comparable;
use super::contents::{Contents, Hash};
use super::find::Search;
use super::history::{Change, History};
use super::language::Language;
use super::lines::{self, Edited};

/// Something that is wrong with a line.
#[derive(Clone, Debug, PartialEq)]
pub struct LineMark {
    /// The line, from 1. It moves with the text.
    pub line: usize,
    /// How bad.
    pub severity: Severity,
    /// The rule.
    pub code: String,
    /// What is wrong.
    pub title: String,
    /// Where it was seen: before a run, or in one.
    pub seen: String,
    /// What a fix would mend; none where no script of this site is known to be at fault.
    pub question: Option<Arc<Question>>,
}

/// What is known of the file beside the text as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It is as it was read or written last.
    #[default]
    Known,
    /// It is not there any more.
    Gone,
    /// It was changed by somebody else, and so was the text here, at the same place.
    Parted(Parted),
}

/// A file that says something else than the unsaved text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parted {
    /// What is on disk.
    pub theirs: Contents,
    /// From what is here to what is on disk.
    pub diff: Arc<str>,
}

/// What became of a change outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Nothing is different.
    Same,
    /// There was nothing unsaved, and the new text is shown.
    Taken,
    /// What was typed and what was written outside are both in the text.
    Merged,
    /// The user has to choose.
    Parted,
}

/// One text that is edited.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file.
    pub path: PathBuf,
    /// What it is written in.
    pub language: Language,
    /// The file as it was read or written last.
    pub contents: Contents,
    /// What is known of the file since.
    pub standing: Standing,
    /// What is wrong, by line.
    pub marks: Vec<LineMark>,
    /// An open search.
    pub search: Option<Search>,
    /// The permission bits of the file.
    pub mode: u32,
    /// Somebody writes it at the moment.
    pub saving: bool,
    /// It was to be saved meanwhile.
    pub save_again: bool,
    text: String,
    revision: u64,
    selection: Range<usize>,
    moved: u64,
    called: u64,
    history: History,
}

impl Document {
    /// The text of a file that was read.
    #[must_use]
    pub fn new(path: PathBuf, contents: Contents, mode: u32) -> Self {
        let text = contents.text.to_string();
        Self {
            language: Language::of(&path, &text),
            path,
            contents,
            standing: Standing::default(),
            marks: Vec::new(),
            search: None,
            mode,
            saving: false,
            save_again: false,
            text,
            revision: 0,
            selection: 0..0,
            moved: 0,
            called: 1,
            history: History::default(),
        }
    }

    /// The text as it stands.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Rises with every change of the text.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What is selected, in bytes; the caret when it is empty.
    #[must_use]
    pub fn selection(&self) -> &Range<usize> {
        &self.selection
    }

    /// Rises when the caret was put somewhere by other means than the keys and the pointer.
    #[must_use]
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// The line of the caret, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        lines::line_at(&self.text, self.selection.start)
    }

    /// Whether the text is other than the file was when it was read or written last.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        *self.text != *self.contents.text || self.standing == Standing::Gone
    }

    /// Rises when somebody wants to go on with the keyboard here.
    #[must_use]
    pub fn called(&self) -> u64 {
        self.called
    }

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> String {
        file_name(&self.path)
    }

    /// Takes what was typed into the text of this revision.
    pub fn type_in(&mut self, revision: u64, change: &Change, selection: Range<usize>) {
        if revision != self.revision {
            // What was seen when this was typed is not there any more.
            return;
        }
        self.make(change.clone(), self.fitted(selection), true);
    }

    /// Takes note of where the caret is.
    pub fn note_selection(&mut self, selection: Range<usize>) {
        let selection = self.fitted(selection);
        if selection != self.selection {
            self.selection = selection;
            self.history.close();
        }
    }

    /// Selects something and brings it into sight.
    pub fn select(&mut self, selection: Range<usize>) {
        self.selection = self.fitted(selection);
        self.history.close();
        self.moved += 1;
        self.called += 1;
    }

    /// Puts the caret at the beginning of a line and selects nothing.
    pub fn go_to_line(&mut self, line: usize) {
        let start = lines::range_of(&self.text, line).start;
        self.select(start..start);
    }

    /// Replaces the whole text by one command, which is taken back at once.
    pub fn edit(&mut self, edited: Edited) {
        let (text, selection) = edited;
        if let Some(change) = Change::between(&self.text, &text) {
            let selection = floor(&text, selection.start)..floor(&text, selection.end);
            self.make(change, selection, false);
        }
        self.moved += 1;
    }

    fn make(&mut self, change: Change, after: Range<usize>, typed: bool) {
        let before = self.selection.clone();
        shift(&mut self.marks, &self.text, &change);
        if !change.apply(&mut self.text) {
            return;
        }
        self.selection = floor(&self.text, after.start)..floor(&self.text, after.end);
        self.history
            .note(change, before, self.selection.clone(), typed);
        self.after_change();
    }

    fn after_change(&mut self) {
        self.revision += 1;
        if let Some(search) = &mut self.search {
            search.look(&self.text);
        }
    }

    /// Takes what is wrong with the file as it is on disk; the text may have other lines by now.
    pub fn set_marks(&mut self, marks: Vec<LineMark>) {
        self.marks = marks;
        if let Some(change) = Change::between(&self.contents.text, &self.text) {
            let disk = Arc::clone(&self.contents.text);
            shift(&mut self.marks, &disk, &change);
        }
    }

    /// Takes the last change back.
    pub fn undo(&mut self) {
        if let Some(selection) = self.history.undo(&mut self.text) {
            self.after_change();
            self.select(selection);
        }
    }

    /// Makes it again.
    pub fn redo(&mut self) {
        if let Some(selection) = self.history.redo(&mut self.text) {
            self.after_change();
            self.select(selection);
        }
    }

    /// Whether there is something to take back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.history.can_undo()
    }

    /// Whether there is something to do again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// The bytes that the file is to have, and in which charset they are.
    ///
    /// # Errors
    /// A character that the charset lacks.
    pub fn to_bytes(&self) -> Result<(Vec<u8>, Charset), NoSuchCharacter> {
        self.contents.write(&self.text)
    }

    /// The file was written and has these contents now.
    pub fn written(&mut self, contents: Contents) {
        self.contents = contents;
        self.standing = Standing::Known;
        self.language = Language::of(&self.path, &self.text);
        self.history.close();
    }

    /// The file on disk has these contents.
    pub fn meet(&mut self, theirs: Contents) -> Met {
        if theirs.hash == self.contents.hash {
            if self.standing == Standing::Gone {
                self.standing = Standing::Known;
            }
            return Met::Same;
        }
        let is_unsaved = *self.text != *self.contents.text;
        if !is_unsaved || *self.text == *theirs.text {
            self.take(theirs);
            return Met::Taken;
        }
        match merge(&self.contents.text, &self.text, &theirs.text) {
            Some(merged) => {
                self.contents = theirs;
                self.standing = Standing::Known;
                self.show(&merged);
                Met::Merged
            }
            None => {
                let diff = difference(&self.text, &theirs.text);
                self.standing = Standing::Parted(Parted { theirs, diff });
                Met::Parted
            }
        }
    }

    /// Text, file and standing of another document of the same file, as one change that can be taken back.
    pub fn become_like(&mut self, other: Self) {
        self.contents = other.contents;
        self.standing = other.standing;
        self.mode = other.mode;
        self.show(&other.text);
    }

    /// The text of the file in the place of what is here, which can be taken back.
    fn take(&mut self, theirs: Contents) {
        let text = Arc::clone(&theirs.text);
        self.contents = theirs;
        self.standing = Standing::Known;
        self.show(&text);
    }

    fn show(&mut self, text: &str) {
        if let Some(change) = Change::between(&self.text, text) {
            let carried = change.carry(self.selection.start)..change.carry(self.selection.end);
            self.edit((text.to_owned(), carried));
        }
    }

    /// The user wants the file's text.
    pub fn take_theirs(&mut self) {
        if let Standing::Parted(parted) = std::mem::take(&mut self.standing) {
            self.take(parted.theirs);
        }
    }

    /// The user wants the text as it is here; the next save writes it over the other.
    pub fn keep_mine(&mut self) {
        if let Standing::Parted(parted) = std::mem::take(&mut self.standing) {
            self.contents = parted.theirs;
        }
    }

    /// Of what is on disk, as far as is known.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.contents.hash
    }

    /// The next line that something is wrong with.
    #[must_use]
    pub fn next_mark(&self, forward: bool) -> Option<usize> {
        let here = self.line();
        let mut wrong: Vec<usize> = self.marks.iter().map(|mark| mark.line).collect();
        wrong.sort_unstable();
        let found = if forward {
            wrong.iter().find(|line| **line > here).or(wrong.first())
        } else {
            wrong.iter().rfind(|line| **line < here).or(wrong.last())
        };
        found.copied()
    }

    fn fitted(&self, selection: Range<usize>) -> Range<usize> {
        // What is typed moves the selection beyond the text of before.
        selection.start.min(selection.end)..selection.end.max(selection.start)
    }
}

/// A mark stays with its line when lines come or go above it.
fn shift(marks: &mut [LineMark], text: &str, change: &Change) {
    let first = lines::line_at(text, change.at);
    let gone = change.removed.matches('\n').count();
    let came = change.inserted.matches('\n').count();
    if gone == came {
        return;
    }
    let starts_line = lines::range_of(text, first).start == change.at;
    for mark in marks {
        let is_below = mark.line > first || mark.line == first && starts_line && came > gone;
        if is_below {
            mark.line = (mark.line + came).saturating_sub(gone).max(first);
        }
    }
}

/// The name of a file, for display.
#[must_use]
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// Both changes in one text; none where they meet, or where it would take too long to find out.
fn merge(base: &str, mine: &str, theirs: &str) -> Option<String> {
    let is_soon_done = are_comparable(base, mine) && are_comparable(base, theirs);
    let merged = is_soon_done.then(|| diffy::merge(base, mine, theirs))?;
    merged.ok()
}

/// A comparison of two texts with three lines around each change, or a sentence in its place where they differ in too
/// much of it.
#[must_use]
pub fn difference(old: &str, new: &str) -> Arc<str> {
    if !are_comparable(old, new) {
        return "The two texts differ in too many lines to be shown side by side.".into();
    }
    let mut options = DiffOptions::new();
    options.set_original_filename("unsaved, here");
    options.set_modified_filename("on disk");
    options.create_patch(old, new).to_string().into()
}

fn floor(text: &str, place: usize) -> usize {
    let mut place = place.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        let contents = Contents::read(text.as_bytes()).unwrap();
        Document::new("/srv/site/cgi-bin/form.py".into(), contents, 0o755)
    }

    fn contents(text: &str) -> Contents {
        Contents::read(text.as_bytes()).unwrap()
    }

    fn type_text(document: &mut Document, at: usize, text: &str) {
        let change = Change {
            at,
            removed: String::new(),
            inserted: text.to_owned(),
        };
        let end = at + text.len();
        document.type_in(document.revision(), &change, end..end);
    }

    #[test]
    fn what_was_typed_into_an_older_text_is_not_taken() {
        let mut document = document("ab\n");
        type_text(&mut document, 0, "x");
        let change = Change::between("ab\n", "aYb\n").unwrap();
        document.type_in(0, &change, 2..2);
        assert_eq!(document.text(), "xab\n");
    }

    #[test]
    fn a_change_outside_is_shown_when_nothing_is_unsaved_and_can_be_taken_back() {
        let mut document = document("a\nb\n");
        document.select(2..2);
        assert_eq!(document.meet(contents("a\nb\n")), Met::Same);
        assert_eq!(document.meet(contents("new\na\nb\n")), Met::Taken);
        assert_eq!(document.text(), "new\na\nb\n");
        assert_eq!(document.selection(), &(6..6));
        assert!(!document.is_unsaved());
        document.undo();
        assert_eq!(document.text(), "a\nb\n");
        assert!(document.is_unsaved());
    }

    #[test]
    fn changes_at_different_places_are_merged_and_stay_unsaved() {
        let mut document = document("a\nb\nc\nd\ne\n");
        type_text(&mut document, 0, "mine ");
        assert_eq!(
            document.meet(contents("a\nb\nc\nd\ntheirs e\n")),
            Met::Merged
        );
        assert_eq!(document.text(), "mine a\nb\nc\nd\ntheirs e\n");
        assert!(document.is_unsaved());
        assert_eq!(document.standing, Standing::Known);
    }

    #[test]
    fn changes_at_the_same_place_are_asked_about_and_nothing_is_lost() {
        let mut document = document("a\nb\n");
        type_text(&mut document, 1, "1");
        assert_eq!(document.meet(contents("a2\nb\n")), Met::Parted);
        assert_eq!(document.text(), "a1\nb\n");
        let Standing::Parted(parted) = document.standing.clone() else {
            panic!("{:?}", document.standing)
        };
        assert!(parted.diff.contains("-a1\n+a2\n"), "{}", parted.diff);
        let mut other = document.clone();
        document.keep_mine();
        assert_eq!(document.text(), "a1\nb\n");
        assert_eq!(document.hash(), contents("a2\nb\n").hash);
        other.take_theirs();
        assert_eq!((other.text(), other.is_unsaved()), ("a2\nb\n", false));
        other.undo();
        assert_eq!(other.text(), "a1\nb\n");
    }

    #[test]
    fn the_same_change_on_both_sides_is_saved() {
        let mut document = document("a\n");
        type_text(&mut document, 0, "x");
        assert_eq!(document.meet(contents("xa\n")), Met::Taken);
        assert!(!document.is_unsaved());
    }

    #[test]
    fn marks_stay_with_their_lines() {
        let mut document = document("one\ntwo\nthree\n");
        let mark = |line| LineMark {
            line,
            severity: Severity::Error,
            code: "CGI001".into(),
            title: String::new(),
            seen: String::new(),
            question: None,
        };
        document.marks = vec![mark(1), mark(2), mark(3)];
        let lines = |document: &Document| {
            let marks = document.marks.iter().map(|mark| mark.line);
            marks.collect::<Vec<_>>()
        };
        type_text(&mut document, 4, "new\nnew\n");
        assert_eq!(lines(&document), [1, 4, 5]);
        document.edit(("one\nthree\n".into(), 0..0));
        assert_eq!(lines(&document)[2], 2);
        document.select(0..0);
        assert_eq!(document.next_mark(true), Some(2));
        assert_eq!(document.next_mark(false), Some(2));
    }
}
