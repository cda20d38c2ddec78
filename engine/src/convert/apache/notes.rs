//! The notes as they come in.

use std::path::Path;

use crate::convert::{Grade, Note};

use super::tree::{Directive, Place};

/// Collects what becomes of each directive.
#[derive(Debug, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
}

impl Notes {
    /// The directive was taken; `meaning` says how, or is empty.
    pub(super) fn taken(&mut self, directive: &Directive, meaning: impl Into<String>) {
        self.add(directive, Grade::Taken, false, meaning);
    }

    /// Something of the directive was left behind.
    pub(super) fn partly(&mut self, directive: &Directive, meaning: impl Into<String>) {
        self.add(directive, Grade::Partly, true, meaning);
    }

    /// Something was left behind that changes nothing for the site.
    pub(super) fn partly_harmless(&mut self, directive: &Directive, meaning: impl Into<String>) {
        self.add(directive, Grade::Partly, false, meaning);
    }

    /// Nothing was taken, and the site behaves differently.
    pub(super) fn not_taken(&mut self, directive: &Directive, meaning: impl Into<String>) {
        self.add(directive, Grade::NotTaken, true, meaning);
    }

    /// Nothing was taken, and that changes nothing for the site.
    pub(super) fn harmless(&mut self, directive: &Directive, meaning: impl Into<String>) {
        self.add(directive, Grade::NotTaken, false, meaning);
    }

    fn add(
        &mut self,
        directive: &Directive,
        grade: Grade,
        matters: bool,
        meaning: impl Into<String>,
    ) {
        self.add_at(&directive.place, directive.label(), grade, matters, meaning);
    }

    /// A note on something that is no directive of the tree.
    pub(super) fn add_at(
        &mut self,
        place: &Place,
        directive: String,
        grade: Grade,
        matters: bool,
        meaning: impl Into<String>,
    ) {
        self.notes.push(Note {
            file: place.file.to_path_buf(),
            line: place.line,
            directive,
            grade,
            matters,
            meaning: meaning.into(),
        });
    }

    /// A file as a whole could not be read.
    pub(super) fn add_file(&mut self, file: &Path, meaning: String) {
        self.notes.push(Note {
            file: file.to_owned(),
            line: 1,
            directive: "the whole file".to_owned(),
            grade: Grade::NotTaken,
            matters: true,
            meaning,
        });
    }

    /// All notes: files in the order in which they were met, lines in theirs.
    pub(super) fn into_sorted(self) -> Vec<Note> {
        let mut files: Vec<_> = Vec::new();
        for note in &self.notes {
            if !files.contains(&note.file) {
                files.push(note.file.clone());
            }
        }
        let mut notes = self.notes;
        notes.sort_by_cached_key(|note| {
            let file = files.iter().position(|file| *file == note.file);
            (file, note.line)
        });
        notes
    }
}
