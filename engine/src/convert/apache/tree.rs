//! Directives with the place where they stand.

use std::path::Path;
use std::sync::Arc;

/// A file and a line in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: Arc<Path>,
    /// From 1.
    pub(super) line: u32,
}

/// A directive, or a section with what it encloses. Sections that only ask whether to read what
/// is in them (`<IfModule>` and the like) are gone: their content stands in their stead.
#[derive(Debug, Clone)]
pub(super) struct Directive {
    pub(super) place: Place,
    /// As it was written; for a section without the angle brackets.
    pub(super) name: String,
    /// In lower case, to compare.
    pub(super) key: String,
    pub(super) words: Vec<String>,
    /// The arguments as they were written.
    pub(super) raw: String,
    /// What a section encloses; `None` for a plain directive.
    pub(super) body: Option<Vec<Directive>>,
}

impl Directive {
    /// The name as notes show it: `Options`, `<Directory>`.
    pub(super) fn label(&self) -> String {
        match self.body {
            Some(_) => format!("<{}>", self.name),
            None => self.name.clone(),
        }
    }

    /// The argument at `index`, counted from 0.
    pub(super) fn word(&self, index: usize) -> Option<&str> {
        self.words.get(index).map(String::as_str)
    }

    /// What a section encloses.
    pub(super) fn children(&self) -> &[Directive] {
        self.body.as_deref().unwrap_or_default()
    }
}
